//! What the core asks of the world, asked of JavaScript.

use super::convert;
use super::fetch::send;
use super::signal::AbortOnDrop;
use crate::clock::{self, Span, Timestamp};
use crate::config::Functions;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::http::{Answer, Request};
use crate::platform::{FunctionId, Platform, Url};
use crate::token::{Grant, Secret};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The longest that `setTimeout` can wait, in milliseconds.
const MAX_TIMER: i64 = i32::MAX as i64;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]) -> core::result::Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(said: &str);
}

/// The functions that a configuration gave, and the globals.
pub struct JsPlatform {
    functions: Functions,
    all: Vec<Function>,
}

impl JsPlatform {
    pub fn new(functions: Functions, all: Vec<Function>) -> Self {
        JsPlatform { functions, all }
    }

    fn function(&self, id: Option<FunctionId>) -> Option<&Function> {
        id.and_then(|FunctionId(at)| self.all.get(at))
    }

    /// What requests are sent with: the configured function, else the global one as it is now.
    pub fn fetch(&self) -> Result<Function> {
        let global = || Reflect::get(&js_sys::global(), &"fetch".into()).ok()?.dyn_into().ok();
        let found = self.function(self.functions.fetch).cloned().or_else(global);
        found.ok_or_else(|| {
            Error::new(Code::Unsupported, "there is no global fetch here: give one as config.fetch")
        })
    }

    /// Calls a function of the user's and awaits what it gives, whether that is a promise or not.
    async fn ask(&self, id: FunctionId, argument: &JsValue) -> Result<JsValue> {
        let threw = |thrown: JsValue| {
            let (name, message) = convert::describe(&thrown);
            Error::new(Code::Credential, "the function threw").with_cause(name, message)
        };
        let Some(function) = self.function(Some(id)) else {
            return Err(Error::new(Code::Credential, "the function is not there"));
        };
        let given = function.call1(&JsValue::UNDEFINED, argument).map_err(threw)?;
        JsFuture::from(Promise::resolve(&given)).await.map_err(threw)
    }
}

/// The platform's URL parser. In a page, a URL may be relative to it.
pub fn parse_url(text: &str, base: Option<&str>) -> Option<Url> {
    let url = match base.map(str::to_owned).or_else(page) {
        Some(base) => web_sys::Url::new_with_base(text, &base),
        None => web_sys::Url::new(text),
    };
    let url = url.ok()?;
    Some(Url {
        href: url.href(),
        origin: url.origin(),
        protocol: url.protocol(),
        hostname: url.hostname(),
        pathname: url.pathname(),
        search: url.search(),
        has_credentials: !url.username().is_empty() || !url.password().is_empty(),
    })
}

/// The address of the page or worker, in a browser.
fn page() -> Option<String> {
    let location = Reflect::get(&js_sys::global(), &"location".into()).ok()?;
    let href = Reflect::get(&location, &"href".into()).ok()?.as_string()?;
    href.starts_with("http").then_some(href)
}

impl Platform for JsPlatform {
    fn now(&self) -> Timestamp {
        let given = self.function(self.functions.now).and_then(|now| now.call0(&JsValue::UNDEFINED).ok());
        // A clock that throws or gives no Date is no clock; the machine's own is.
        given
            .and_then(|date| date.dyn_into::<Date>().ok())
            .and_then(|date| convert::timestamp(&date))
            .unwrap_or_else(clock::system)
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn entropy(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        if get_random_values(&mut bytes).is_err() {
            // Without Web Crypto a session is still told from the last one; it guards nothing.
            bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
        }
        bytes
    }

    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Url> {
        parse_url(text, base)
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + 'static {
        TimeoutFuture::new(span.as_millis().clamp(0, MAX_TIMER) as u32)
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(work);
    }

    async fn send(&self, request: Request) -> Result<Answer> {
        let sent_at = self.now();
        let mut answer = send(&self.fetch()?, request).await?;
        (answer.sent_at, answer.arrived_at) = (sent_at, self.now());
        Ok(answer)
    }

    async fn credential(&self, function: FunctionId) -> Result<Secret> {
        let given = self.ask(function, &JsValue::UNDEFINED).await?;
        let kind = || {
            Error::new(Code::Credential, format!("the function gave {}, not a string", convert::kind(&given)))
        };
        given.as_string().map(Secret::new).ok_or_else(kind)
    }

    async fn acquire(&self, function: FunctionId) -> Result<Grant> {
        let abort = AbortOnDrop::new().map_err(convert::thrown(Code::Unsupported))?;
        let given = self.ask(function, &abort.signal().into()).await?;
        abort.done();
        convert::grant(&given)
    }

    fn emit(&self, event: Event) {
        let Some(on_event) = self.function(self.functions.on_event) else { return };
        match on_event.call1(&JsValue::UNDEFINED, &convert::event(event)).map(JsCast::dyn_into::<Promise>) {
            Ok(Ok(promise)) => wasm_bindgen_futures::spawn_local(async move {
                JsFuture::from(promise).await.map_or_else(report, drop);
            }),
            Ok(Err(_)) => {}
            Err(thrown) => report(thrown),
        }
    }
}

/// What `onEvent` throws is nobody's error, and must not end as an unhandled rejection.
fn report(thrown: JsValue) {
    let (name, message) = convert::describe(&thrown);
    console_error(&format!("latchkey: onEvent threw {name}: {message}"));
}
