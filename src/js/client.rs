//! What JavaScript calls. Each method is a few lines: convert, call the core, convert back.

use super::convert::{self, Call};
use super::fetch::JsRequest;
use super::platform::{JsPlatform, parse_url};
use super::signal::with_signal;
use crate::client::{Client, TokenOptions};
use crate::clock;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::jwt;
use crate::keys::{self, ApiKeyChanges, Keys, NewApiKey, Pages};
use js_sys::{Array, Date, JSON, Object, Promise};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Reads a token: `{ header, claims }`.
#[wasm_bindgen]
pub fn decode(token: &JsValue) -> Result<Object, JsValue> {
    let decoded = jwt::decode(&text(token)?).map_err(convert::error)?;
    let parts = [("header", JSON::parse(&decoded.header)?), ("claims", JSON::parse(&decoded.claims)?)];
    Ok(convert::object(parts))
}

/// When a token expires.
#[wasm_bindgen(js_name = expiresAt)]
pub fn expires_at(token: &JsValue) -> Result<Option<Date>, JsValue> {
    let times = jwt::times(&text(token)?).map_err(convert::error)?;
    Ok(times.expires_at().map(convert::date))
}

/// Whether a token has expired.
#[wasm_bindgen(js_name = isExpired)]
pub fn is_expired(token: &JsValue, options: &JsValue) -> Result<bool, JsValue> {
    let times = jwt::times(&text(token)?).map_err(convert::error)?;
    let mut call = Call::read("options", options, &[])?;
    let leeway = call.fields.number("leeway", 0.0, clock::Timestamp::MAX_SECONDS).unwrap_or(0.0);
    let now = call.fields.date("now");
    call.finish()?;
    Ok(times.is_expired(now.unwrap_or_else(clock::system), leeway))
}

fn text(token: &JsValue) -> Result<String, JsValue> {
    token.as_string().ok_or_else(|| {
        let kind = convert::kind(token);
        convert::error(Error::new(Code::TokenMalformed, format!("the token must be a string, not {kind}")))
    })
}

/// A promise of what comes of this. Boxed, so that the machinery of promises is compiled once and not for each method.
fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let work: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(work);
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
    pub fn new(config: &JsValue) -> Result<Core, JsValue> {
        let (fields, functions) = convert::config(config)?;
        let config = Config::read(fields, &parse_url).map_err(convert::error)?;
        let platform = JsPlatform::new(config.functions, functions);
        Ok(Core { client: Client::new(config, platform), kept: RefCell::new(None) })
    }

    /// As configured.
    #[wasm_bindgen(getter)]
    pub fn provider(&self) -> String {
        self.client.config().name.as_str().to_owned()
    }

    /// When the token now held ends.
    #[wasm_bindgen(getter, js_name = expiresAt)]
    pub fn expires_at(&self) -> Option<Date> {
        self.client.expires_at().map(convert::date)
    }

    /// What the token now held may be used for.
    #[wasm_bindgen(getter)]
    pub fn scopes(&self) -> Option<Vec<String>> {
        self.client.scopes()
    }

    /// A token.
    pub fn token(&self, options: &JsValue) -> Promise {
        if options.is_undefined()
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
        self.with_options(options, async move |options| {
            let held = client.token(options).await.map_err(convert::error)?;
            Ok(held.token.secret.reveal().into())
        })
    }

    /// What to put on a request.
    pub fn headers(&self, options: &JsValue) -> Promise {
        let client = self.client.clone();
        self.with_options(options, async move |options| {
            let held = client.token(options).await.map_err(convert::error)?;
            let (name, value) = client.header(&held);
            Ok(convert::object([(name, value.reveal().into())]).into())
        })
    }

    /// A request of the user's.
    pub fn fetch(&self, input: JsValue, init: JsValue) -> Promise {
        let client = self.client.clone();
        promise(async move {
            let request = JsRequest::read(input, init, client.platform(), client.config())?;
            let work =
                async { client.fetch(&request).await.map(|reply| reply.0.into()).map_err(convert::error) };
            with_signal(request.signal(), work).await
        })
    }

    /// Forgets the token.
    pub fn invalidate(&self) {
        self.client.invalidate();
    }

    /// Ends the session.
    pub fn logout(&self) -> Promise {
        let client = self.client.clone();
        promise(async move {
            client.logout().await.map_err(convert::error)?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Ends the client.
    pub fn close(&self) {
        self.kept.take();
        self.client.close();
    }

    /// The keys of the service.
    pub fn keys(&self) -> Result<CoreKeys, JsValue> {
        Ok(CoreKeys(Rc::new(Keys::of(self.client.clone()).map_err(convert::error)?)))
    }

    fn with_options(
        &self,
        options: &JsValue,
        work: impl AsyncFnOnce(TokenOptions) -> Result<JsValue, JsValue> + 'static,
    ) -> Promise {
        let options = options.clone();
        promise(async move {
            let mut call = Call::read("options", &options, &["signal"])?;
            let signal = call.signal("signal")?;
            let options = TokenOptions {
                force_refresh: call.fields.flag("forceRefresh").unwrap_or(false),
                min_validity: call.fields.seconds("minValidity", 0.0, 1e9).unwrap_or_default(),
            };
            call.finish()?;
            with_signal(signal.as_ref(), work(options)).await
        })
    }
}

/// The keys of a service.
#[wasm_bindgen]
pub struct CoreKeys(Rc<Keys<JsPlatform>>);

#[wasm_bindgen]
impl CoreKeys {
    /// The key in use.
    pub fn status(&self) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move { Ok(convert::api_key(&keys.status().await.map_err(convert::error)?, None)) })
    }

    /// Keys page by page.
    pub fn pages(&self, options: &JsValue) -> Result<CorePages, JsValue> {
        let size = page_size(options)?;
        Ok(CorePages { keys: Rc::clone(&self.0), pages: Rc::new(RefCell::new(Some(self.0.pages(size)))) })
    }

    /// One page of keys.
    pub fn page(&self, after: JsValue, options: JsValue) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move {
            let (after, size) = (convert::optional_id("after", &after)?, page_size(&options)?);
            let page = keys.page(after, size).await.map_err(convert::error)?;
            Ok(convert::list(&page, |key| convert::api_key(key, None)))
        })
    }

    /// Makes a key.
    pub fn create(&self, new: JsValue) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move {
            let new = NewApiKey::read(Call::read("options", &new, &[])?.fields).map_err(convert::error)?;
            let (key, secret) = keys.create(new).await.map_err(convert::error)?;
            Ok(convert::api_key(&key, Some(&secret)))
        })
    }

    /// Changes a key.
    pub fn update(&self, id: JsValue, changes: JsValue) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move {
            let id = convert::id("id", &id)?;
            let changes =
                ApiKeyChanges::read(Call::read("changes", &changes, &[])?.fields).map_err(convert::error)?;
            Ok(convert::api_key(&keys.update(&id, changes).await.map_err(convert::error)?, None))
        })
    }

    /// Ends a key.
    pub fn revoke(&self, id: JsValue, options: JsValue) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move {
            let id = convert::id("id", &id)?;
            let mut call = Call::read("options", &options, &[])?;
            let even_if_in_use = call.fields.flag("evenIfInUse").unwrap_or(false);
            call.finish()?;
            Ok(convert::api_key(&keys.revoke(&id, even_if_in_use).await.map_err(convert::error)?, None))
        })
    }

    /// One page of the keys to other people's services.
    #[wasm_bindgen(js_name = rpcPage)]
    pub fn rpc_page(&self, after: JsValue, options: JsValue) -> Promise {
        let keys = Rc::clone(&self.0);
        promise(async move {
            let (after, size) = (convert::optional_id("after", &after)?, page_size(&options)?);
            let page = keys.rpc_page(after, size).await.map_err(convert::error)?;
            Ok(convert::list(&page, convert::rpc_key))
        })
    }
}

/// A listing that goes on page by page.
#[wasm_bindgen]
pub struct CorePages {
    keys: Rc<Keys<JsPlatform>>,
    pages: Rc<RefCell<Option<Pages>>>,
}

#[wasm_bindgen]
impl CorePages {
    /// The next page; `undefined` after the last.
    pub fn next(&self) -> Promise {
        let (keys, place) = (Rc::clone(&self.keys), Rc::clone(&self.pages));
        promise(async move {
            // Taken out while the request is on its way: nothing stays borrowed over an await.
            let Some(mut pages) = place.take() else {
                return Err(convert::error(Error::new(
                    Code::Conflict,
                    "the last page is still on its way: await it first",
                )));
            };
            let page = keys.next_page(&mut pages).await;
            place.replace(Some(pages));
            match page.map_err(convert::error)? {
                Some(page) => Ok(convert::list(&page, |key| convert::api_key(key, None))),
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }
}

fn page_size(options: &JsValue) -> Result<Option<u32>, JsValue> {
    keys::read_page_size(Call::read("options", options, &[])?.fields).map_err(convert::error)
}

/// The names of the providers and codes, for the test that holds the declarations against them.
#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> Array {
    Code::ALL.iter().map(|code| JsValue::from(code.as_str())).collect()
}
