//! Requests over `fetch`: Latchkey's own, which are values, and the user's, which pass through as JavaScript made them.

use super::convert::{self, object};
use super::platform::JsPlatform;
use super::signal::AbortOnDrop;
use crate::client::{Hop, Outgoing, RedirectMode, Reply};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::http::{Answer, MAX_ANSWER, Request};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, RequestRedirect, Response};

/// What a `Request` says of itself that a request to another address keeps.
const REQUEST_MEMBERS: &[&str] = &[
    "method",
    "credentials",
    "mode",
    "cache",
    "referrer",
    "referrerPolicy",
    "integrity",
    "keepalive",
    "signal",
];
/// Headers that may hold a credential, of any service that is known here.
const CREDENTIAL_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
    "token",
    "x-user-token",
    "x-package-token",
    "x-transfer-token",
    "x-link-password",
];
/// What Fetch takes off a request that has become a GET ("request-body-header name").
const BODY_HEADERS: &[&str] =
    &["content-encoding", "content-language", "content-location", "content-type", "content-length"];
/// The kinds of body that can be sent again.
const REPEATABLE: &[&str] =
    &["String", "ArrayBuffer", "SharedArrayBuffer", "URLSearchParams", "FormData", "Blob", "File"];

async fn call(fetch: &Function, input: &JsValue, init: &JsValue) -> Result<Response> {
    let promise = fetch.call2(&JsValue::UNDEFINED, input, init).map_err(convert::thrown(Code::Network))?;
    let response =
        JsFuture::from(Promise::resolve(&promise)).await.map_err(convert::thrown(Code::Network))?;
    if !is_response(&response) {
        let message = format!("fetch gave {}, not a Response", convert::kind(&response));
        return Err(Error::new(Code::Response, message));
    }
    Ok(response.unchecked_into())
}

/// Not every `fetch` gives the global Response: what counts is that it has what is used of one here. What a stand-in lacks
/// would be an exception in the midst of the core, where nothing catches it.
fn is_response(value: &JsValue) -> bool {
    let body = get(value, "body");
    let streams = body.is_undefined() || body.is_null() || get(&body, "getReader").is_function();
    streams && get(value, "status").as_f64().is_some() && get(&get(value, "headers"), "get").is_function()
}

/// Sends one of Latchkey's own requests and reads the answer, within bounds.
pub async fn send(fetch: &Function, request: Request) -> Result<Answer> {
    let abort = AbortOnDrop::new().map_err(convert::thrown(Code::Unsupported))?;
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(abort.signal().as_ref());
    init.set_headers(&object(
        request.headers.iter().map(|(name, value)| (name.as_str(), value.reveal().into())),
    ));
    if let Some(body) = &request.body {
        init.set_body(&body.reveal().into());
    }
    let response = call(fetch, &request.url.as_str().into(), &init).await?;
    if response.status() == 0 {
        return Err(Error::new(
            Code::Redirect,
            "the service redirects, which a request that carries a credential does not follow: correct baseUrl",
        ));
    }
    let headers = response.headers();
    let read = |name: &&str| Some(((*name).to_owned(), headers.get(name).ok()??));
    let mut answer = Answer {
        status: response.status(),
        headers: Answer::HEADERS.iter().filter_map(read).collect(),
        body: String::new(),
        sent_at: Timestamp::from_seconds(0),
        arrived_at: Timestamp::from_seconds(0),
    };
    let bytes = read_body(&response, &answer).await?;
    answer.body = String::from_utf8(bytes).map_err(|_| answer.wrong("a body that is not UTF-8"))?;
    abort.done();
    Ok(answer)
}

async fn read_body(response: &Response, answer: &Answer) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(body) = response.body() else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(convert::thrown(Code::Network))?;
        match Reflect::get(&chunk, &"value".into()) {
            Ok(value) if !value.is_undefined() => {
                let value: Uint8Array = value.unchecked_into();
                if bytes.len() + value.length() as usize > MAX_ANSWER {
                    return Err(answer.wrong("more than 1 MiB, which no answer of it has"));
                }
                let start = bytes.len();
                bytes.resize(start + value.length() as usize, 0);
                if let Some(room) = bytes.get_mut(start..) {
                    value.copy_to(room);
                }
            }
            _ => return Ok(bytes),
        }
    }
}

/// A request of the user's: what was given to `fetch`, and what it comes to.
pub struct JsRequest {
    fetch: Function,
    target: String,
    /// The `Request`, where one was given.
    request: Option<JsValue>,
    init: Object,
    method: String,
    body: Body,
    signal: Option<AbortSignal>,
    attached: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Body {
    None,
    Repeatable,
    Stream,
}

impl JsRequest {
    /// Reads what was given to `fetch(input, init)`.
    pub fn read(
        input: JsValue,
        init: JsValue,
        platform: &JsPlatform,
        config: &Config,
    ) -> core::result::Result<Self, JsValue> {
        let init = match init {
            init if init.is_undefined() || init.is_null() => Object::new(),
            init if init.is_object() => init.unchecked_into(),
            _ => return Err(convert::error(Error::field("init", "must be an object"))),
        };
        let is_request = convert::tag(&input) == "Request";
        let target = if is_request { get(&input, "url").as_string() } else { convert::text_or_url(&input) };
        let Some(target) = target else {
            let message = "must be a path, a URL or a Request";
            return Err(convert::error(Error::field("input", message)));
        };
        let own = |name: &str| Some(get(&init, name)).filter(|value| !value.is_undefined());
        let either = |name: &str| {
            own(name).or_else(|| is_request.then(|| get(&input, name))).unwrap_or(JsValue::UNDEFINED)
        };
        let method =
            either("method").as_string().map_or_else(|| "GET".into(), |method| method.to_ascii_uppercase());
        let body = match own("body") {
            Some(body) => Body::of(&body),
            None if !is_request || get(&input, "body").is_null() || method == "GET" || method == "HEAD" => {
                Body::None
            }
            // Its source cannot be told from outside, and where `body` is missing, not even whether there is one.
            None => Body::Stream,
        };
        let signal = convert::signal("init.signal", &either("signal"))?;
        Ok(JsRequest {
            fetch: platform.fetch().map_err(convert::error)?,
            target,
            request: is_request.then_some(input),
            init,
            method,
            body,
            signal,
            attached: config.provider.attach().header.clone(),
        })
    }

    /// The caller's signal.
    pub fn signal(&self) -> Option<&AbortSignal> {
        self.signal.as_ref()
    }

    fn headers(&self, hop: &Hop<'_>) -> core::result::Result<Headers, JsValue> {
        let given = match (get(&self.init, "headers"), &self.request) {
            (own, _) if !own.is_undefined() => own,
            (_, Some(request)) => get(request, "headers"),
            (none, None) => none,
        };
        let headers = if given.is_undefined() {
            Headers::new()?
        } else {
            Headers::new_with_str_sequence_sequence(&given)?
        };
        let drop = |names: &[&str]| names.iter().try_for_each(|name| headers.delete(name));
        match &hop.credential {
            Some((name, value)) => headers.set(name, value.reveal())?,
            None => drop(CREDENTIAL_HEADERS).and_then(|()| headers.delete(&self.attached))?,
        }
        if hop.as_get {
            drop(BODY_HEADERS)?;
        }
        Ok(headers)
    }

    /// The arguments of `fetch` for this hop.
    fn arguments(&self, hop: &Hop<'_>) -> core::result::Result<(JsValue, JsValue), JsValue> {
        let init = Object::new();
        let stays = hop.url == self.target && !hop.as_get;
        if let Some(request) = self.request.as_ref().filter(|_| !stays) {
            for name in REQUEST_MEMBERS {
                let value = get(request, name);
                if !value.is_undefined() {
                    set(&init, name, &value);
                }
            }
        }
        Object::assign(&init, &self.init);
        set(&init, "headers", self.headers(hop)?.as_ref());
        set(&init, "redirect", &"manual".into());
        if hop.as_get {
            set(&init, "method", &"GET".into());
            Reflect::delete_property(&init, &"body".into())?;
        }
        match &self.request {
            // A request that goes where it says goes as it is, so that its body is sent as it was made.
            Some(request) if stays => Ok((new_request(request, &init)?, JsValue::UNDEFINED)),
            _ => Ok((hop.url.into(), init.into())),
        }
    }
}

impl Body {
    fn of(body: &JsValue) -> Self {
        match convert::tag(body) {
            tag if tag == "Null" || tag == "Undefined" => Body::None,
            tag if REPEATABLE.contains(&tag.as_str()) || js_sys::ArrayBuffer::is_view(body) => {
                Body::Repeatable
            }
            _ => Body::Stream,
        }
    }
}

fn new_request(request: &JsValue, init: &Object) -> core::result::Result<JsValue, JsValue> {
    let constructor: Function = get(&js_sys::global(), "Request").dyn_into()?;
    Reflect::construct(&constructor, &Array::of2(request, init))
}

fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn set(target: &Object, name: &str, value: &JsValue) {
    // It cannot fail: the object is our own and is not frozen.
    let _ = Reflect::set(target, &name.into(), value);
}

impl Outgoing for JsRequest {
    type Reply = JsReply;

    fn target(&self) -> &str {
        &self.target
    }

    fn method(&self) -> &str {
        &self.method
    }

    fn has_body(&self) -> bool {
        self.body != Body::None
    }

    fn is_repeatable(&self) -> bool {
        self.body != Body::Stream
    }

    fn redirect(&self) -> RedirectMode {
        let own = get(&self.init, "redirect");
        let given = if own.is_undefined() {
            self.request.as_ref().map(|request| get(request, "redirect"))
        } else {
            Some(own)
        };
        match given.and_then(|mode| mode.as_string()).as_deref() {
            Some("error") => RedirectMode::Error,
            Some("manual") => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        }
    }

    async fn send(&self, hop: Hop<'_>) -> Result<JsReply> {
        let (input, init) = self.arguments(&hop).map_err(convert::thrown(Code::InvalidRequest))?;
        call(&self.fetch, &input, &init).await.map(JsReply)
    }
}

/// The answer to it.
pub struct JsReply(pub Response);

impl Reply for JsReply {
    fn status(&self) -> u16 {
        self.0.status()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    fn discard(self) {
        if let Some(body) = self.0.body() {
            // Whether the other side notices is of no interest, and must not end as an unhandled rejection.
            let cancelled = body.cancel();
            wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(cancelled).await) });
        }
    }
}
