//! What JavaScript calls. Each method is a few lines: convert, call the core, convert back.

use super::convert::{self, error, fields};
use super::host;
use super::platform::{JsPlatform, JsRequest, parse_url};
use crate::client::{Client, TokenOptions};
use crate::clock::{self, Timestamp};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::jwt;
use crate::keys::{self, ApiKeyChanges, Keys, NewApiKey, Pages};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

type Result<T> = core::result::Result<T, JsValue>;

/// Reads a token: the JSON text of `{ header, claims }`.
#[wasm_bindgen]
pub fn decode(token: &str) -> Result<String> {
    let read = jwt::decode(token).map_err(error)?;
    Ok(format!("{{\"header\":{},\"claims\":{}}}", read.header, read.claims))
}

/// When a token expires, in milliseconds.
#[wasm_bindgen(js_name = expiresAt)]
pub fn expires_at(token: &str) -> Result<Option<f64>> {
    let end = jwt::times(token).map_err(error)?.expires_at();
    Ok(end.map(|end| end.as_millis() as f64))
}

/// Whether a token has expired.
#[wasm_bindgen(js_name = isExpired)]
pub fn is_expired(token: &str, options: Option<String>) -> Result<bool> {
    let times = jwt::times(token).map_err(error)?;
    let (mut leeway, mut now) = (0.0, None);
    if options.is_some() {
        let mut given = fields("options", options.as_deref())?;
        leeway = given.number("leeway", 0.0, Timestamp::MAX_SECONDS).unwrap_or(0.0);
        now = given.date("now");
        convert::finish(given)?;
    }
    Ok(times.is_expired(now.unwrap_or_else(clock::system), leeway))
}

/// A promise of what comes of this. Boxed, so that the machinery of promises is compiled once and not for each method.
fn promise(work: impl Future<Output = Result<JsValue>> + 'static) -> Promise {
    let work: Pin<Box<dyn Future<Output = Result<JsValue>>>> = Box::pin(work);
    future_to_promise(work)
}

/// A client of one configuration.
#[wasm_bindgen]
pub struct Core {
    client: Client<JsPlatform>,
    /// The promise that was last given for the token held, so that a cached token costs no new one.
    kept: RefCell<Option<(u64, Promise)>>,
}

#[wasm_bindgen]
impl Core {
    /// Reads the configuration; asks for nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, functions: Vec<Function>) -> Result<Core> {
        let config = Config::read(convert::parse("config", config)?, &parse_url).map_err(error)?;
        let platform = JsPlatform::new(config.functions, functions);
        Ok(Core { client: Client::new(config, platform), kept: RefCell::new(None) })
    }

    /// What it shows of itself: the JSON text of `{ provider, expiresAt?, scopes? }`.
    pub fn state(&self) -> String {
        let provider = self.client.config().name.as_str();
        convert::state(provider, self.client.expires_at(), self.client.scopes().as_ref())
    }

    /// A token.
    pub fn token(&self, options: Option<String>) -> Promise {
        if options.is_none()
            && let Some(held) = self.client.cached()
        {
            let mut kept = self.kept.borrow_mut();
            if let Some((_, promise)) = kept.as_ref().filter(|(generation, _)| *generation == held.generation)
            {
                return promise.clone();
            }
            let promise = Promise::resolve(&JsValue::from(held.token.secret.reveal()));
            *kept = Some((held.generation, promise.clone()));
            return promise;
        }
        let client = self.client.clone();
        promise(async move {
            let held = client.token(token_options(options)?).await.map_err(error)?;
            Ok(held.token.secret.reveal().into())
        })
    }

    /// What to put on a request, as JSON text.
    pub fn headers(&self, options: Option<String>) -> Promise {
        let client = self.client.clone();
        promise(async move {
            let held = client.token(token_options(options)?).await.map_err(error)?;
            let (name, value) = client.header(&held);
            Ok(convert::header(name, &value).into())
        })
    }

    /// A request of the user's.
    pub fn fetch(&self, outgoing: host::Outgoing) -> Promise {
        let client = self.client.clone();
        promise(async move {
            let attached = &client.config().provider.attach().header;
            let request = JsRequest::read(&outgoing, attached, client.platform());
            client.fetch(&request).await.map(|reply| reply.0.into()).map_err(error)
        })
    }

    /// Forgets the token.
    pub fn invalidate(&self) {
        self.kept.take();
        self.client.invalidate();
    }

    /// Ends the session.
    pub fn logout(&self) -> Promise {
        self.kept.take();
        let client = self.client.clone();
        promise(async move { client.logout().await.map(|()| JsValue::UNDEFINED).map_err(error) })
    }

    /// Ends the client.
    pub fn close(&self) {
        self.kept.take();
        self.client.close();
    }

    /// Throws where the service has no keys that can be managed.
    #[wasm_bindgen(js_name = checkKeys)]
    pub fn check_keys(&self) -> Result<()> {
        Keys::of(self.client.clone()).map(drop).map_err(error)
    }

    /// Does something with the keys of the service, and gives the JSON text of a key or of a list of keys.
    pub fn keys(&self, method: String, id: Option<String>, options: Option<String>) -> Promise {
        let client = self.client.clone();
        promise(async move {
            let keys = Keys::of(client.clone()).map_err(error)?;
            let given = fields(if method == "update" { "changes" } else { "options" }, options.as_deref())?;
            let result = call(&keys, &method, id, given).await;
            result.map(JsValue::from).map_err(|failed| error(client.dress(failed)))
        })
    }

    /// Lists keys page by page.
    pub fn pages(&self, options: Option<String>) -> Result<CorePages> {
        let keys = Keys::of(self.client.clone()).map_err(error)?;
        let size = keys::read_page_size(fields("options", options.as_deref())?).map_err(error)?;
        let place = RefCell::new(Some(keys.pages(size)));
        Ok(CorePages(Rc::new((keys, place))))
    }
}

fn token_options(given: Option<String>) -> Result<TokenOptions> {
    let mut given = fields("options", given.as_deref())?;
    let options = TokenOptions {
        force_refresh: given.flag("forceRefresh").unwrap_or(false),
        min_validity: given.seconds("minValidity", 0.0, 1e9).unwrap_or_default(),
    };
    convert::finish(given)?;
    Ok(options)
}

async fn call(
    keys: &Keys<JsPlatform>,
    method: &str,
    id: Option<String>,
    given: crate::config::Fields<'_>,
) -> crate::error::Result<String> {
    let named = id.as_deref().unwrap_or_default();
    Ok(match method {
        "create" => {
            let (key, secret) = keys.create(NewApiKey::read(given)?).await?;
            convert::api_key(&key, Some(&secret))
        }
        "update" => convert::api_key(&keys.update(named, ApiKeyChanges::read(given)?).await?, None),
        "revoke" => convert::api_key(&keys.revoke(named, keys::read_even_if_in_use(given)?).await?, None),
        "page" => convert::page(&keys.page(id, keys::read_page_size(given)?).await?),
        "rpc" => convert::rpc_page(&keys.rpc_page(id, keys::read_page_size(given)?).await?),
        _ => convert::api_key(&keys.status().await?, None),
    })
}

/// A listing that goes on page by page.
#[wasm_bindgen]
pub struct CorePages(Rc<(Keys<JsPlatform>, RefCell<Option<Pages>>)>);

#[wasm_bindgen]
impl CorePages {
    /// The JSON text of the next page; `undefined` after the last.
    pub fn next(&self) -> Promise {
        let shared = Rc::clone(&self.0);
        promise(async move {
            let (keys, place) = &*shared;
            // Taken out while the request is on its way: nothing stays borrowed over an await.
            let Some(mut pages) = place.take() else {
                return Err(error(Error::new(
                    Code::Conflict,
                    "the last page is still on its way: await it first",
                )));
            };
            let page = keys.next_page(&mut pages).await;
            place.replace(Some(pages));
            let page = page.map_err(|failed| error(keys.client().dress(failed)))?;
            Ok(page.map_or(JsValue::UNDEFINED, |page| convert::page(&page).into()))
        })
    }
}
