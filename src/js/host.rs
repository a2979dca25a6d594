//! The functions of `pkg/src/host.js`. Each says there what it does; what may throw is caught here.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./host.js")]
extern "C" {
    pub fn error(text: &str) -> JsValue;
    pub fn describe(thrown: &JsValue) -> String;
    pub fn time(now: &Function) -> f64;
    pub fn emit(on_event: &Function, text: &str);
    #[wasm_bindgen(js_name = parseUrl)]
    pub fn parse_url(text: &str, base: Option<&str>) -> Option<String>;
    #[wasm_bindgen(js_name = freshId)]
    pub fn fresh_id() -> String;
    pub fn credential(ask: &Function) -> Promise;
    pub fn acquire(ask: &Function, signal: &JsValue) -> Promise;
    #[allow(
        clippy::too_many_arguments,
        reason = "each is one part of a request, and an object would cost more"
    )]
    pub fn send(
        fetch: Option<&Function>,
        signal: &JsValue,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        wanted: &str,
        limit: usize,
    ) -> Promise;
    #[wasm_bindgen(js_name = headerOf)]
    pub fn header_of(response: &JsValue, name: &str) -> Option<String>;
    pub fn discard(response: &JsValue);

    /// A request of the user's.
    pub type Outgoing;
    #[wasm_bindgen(method)]
    pub fn describe(this: &Outgoing) -> String;
    #[wasm_bindgen(method, catch)]
    pub fn send(
        this: &Outgoing,
        fetch: Option<&Function>,
        url: &str,
        name: &str,
        value: Option<&str>,
        as_get: bool,
    ) -> Result<Promise, JsValue>;

    /// An answer to it.
    pub type Response;
    #[wasm_bindgen(method, getter)]
    pub fn status(this: &Response) -> u16;
}

#[wasm_bindgen]
extern "C" {
    /// What aborts a request.
    pub type AbortController;
    #[wasm_bindgen(constructor)]
    pub fn new() -> AbortController;
    #[wasm_bindgen(method)]
    pub fn abort(this: &AbortController);
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &AbortController) -> JsValue;
}

/// A signal that is aborted when this is dropped before its end: with whatever was on its way.
pub struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    pub fn new() -> Self {
        AbortOnDrop(Some(AbortController::new()))
    }

    pub fn signal(&self) -> JsValue {
        self.0.as_ref().map_or(JsValue::UNDEFINED, AbortController::signal)
    }

    /// It has come to its end.
    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}
