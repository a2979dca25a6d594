//! A request of the user's and its answer, over the HTTP client of the tests.

use latchkey::client::{Hop, Outgoing, RedirectMode, Reply};
use latchkey::error::Result;
use serde_json::Value;

use super::platform::network;

/// A request.
pub(crate) struct Ask {
    http: reqwest::Client,
    method: &'static str,
    target: String,
    body: Option<&'static str>,
    streamed: bool,
    redirect: RedirectMode,
}

impl Ask {
    pub(crate) fn new(
        http: reqwest::Client,
        method: &'static str,
        target: &str,
        body: Option<&'static str>,
    ) -> Self {
        let target = target.to_owned();
        Ask { http, method, target, body, streamed: false, redirect: RedirectMode::Follow }
    }

    /// The same with a body that can be sent only once.
    pub(crate) fn streamed(self) -> Self {
        Ask { streamed: true, ..self }
    }

    /// The same that wants this done with a redirect.
    pub(crate) fn redirect(self, redirect: RedirectMode) -> Self {
        Ask { redirect, ..self }
    }
}

impl Outgoing for Ask {
    type Reply = Got;

    fn target(&self) -> &str {
        &self.target
    }

    fn method(&self) -> &str {
        self.method
    }

    fn has_body(&self) -> bool {
        self.body.is_some()
    }

    fn is_repeatable(&self) -> bool {
        !self.streamed
    }

    fn redirect(&self) -> RedirectMode {
        self.redirect
    }

    async fn send(&self, hop: Hop<'_>) -> Result<Got> {
        let method = if hop.as_get { "GET" } else { self.method };
        let mut sending = self.http.request(method.parse().unwrap(), hop.url);
        if let Some((name, value)) = &hop.credential {
            sending = sending.header(*name, value.reveal());
        }
        if let Some(body) = self.body.filter(|_| !hop.as_get) {
            sending = sending.body(body);
        }
        sending.send().await.map(Got).map_err(network)
    }
}

/// An answer.
pub(crate) struct Got(reqwest::Response);

impl Got {
    /// Its status.
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// Its body.
    pub(crate) async fn json(self) -> Value {
        serde_json::from_str(&self.0.text().await.unwrap()).unwrap()
    }
}

impl Reply for Got {
    fn status(&self) -> u16 {
        Got::status(self)
    }

    fn header(&self, name: &str) -> Option<String> {
        Some(self.0.headers().get(name)?.to_str().ok()?.to_owned())
    }

    fn discard(self) {}
}
