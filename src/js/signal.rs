//! A caller's `AbortSignal`, and a signal of our own for what is dropped.

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

/// Does this until the signal is aborted, and then rejects with the signal's own reason. The work is dropped; what others
/// share of it goes on.
pub async fn with_signal(
    signal: Option<&AbortSignal>,
    work: impl Future<Output = Result<JsValue, JsValue>>,
) -> Result<JsValue, JsValue> {
    let Some(signal) = signal else { return work.await };
    if signal.aborted() {
        return Err(signal.reason());
    }
    let (sender, aborted) = oneshot::channel();
    let _listener = Listener::new(signal, sender);
    match select(core::pin::pin!(work), aborted).await {
        // The work may fail because of the signal: then its reason is the answer, and not what became of it.
        Either::Left((Err(_), _)) if signal.aborted() => Err(signal.reason()),
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(signal.reason()),
    }
}

/// A listener for `abort`, which is taken off when it is dropped: a signal may outlive thousands of calls.
struct Listener<'s> {
    signal: &'s AbortSignal,
    closure: Closure<dyn FnMut()>,
}

impl<'s> Listener<'s> {
    fn new(signal: &'s AbortSignal, sender: oneshot::Sender<()>) -> Self {
        let mut sender = Some(sender);
        let closure = Closure::new(move || {
            if let Some(sender) = sender.take() {
                // Whoever waited may have gone.
                let _ = sender.send(());
            }
        });
        let listener = Listener { signal, closure };
        // A signal always takes a listener; without one, the work would go on to its own end.
        let _ = signal.add_event_listener_with_callback("abort", listener.function());
        listener
    }

    fn function(&self) -> &js_sys::Function {
        self.closure.as_ref().unchecked_ref()
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.function());
    }
}

/// A signal that is aborted when this is dropped before [`AbortOnDrop::done`].
pub struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    /// A new one.
    pub fn new() -> Result<Self, JsValue> {
        AbortController::new().map(|controller| AbortOnDrop(Some(controller)))
    }

    /// Its signal.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
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
