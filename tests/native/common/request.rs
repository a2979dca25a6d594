//! A request of the user's and its answer, over the HTTP client of the tests.

use latchkey::client::{Body, Outgoing, RedirectMode};
use latchkey::error::Result;
use latchkey::task::{Hop, Reply};
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

impl Ask {
    /// What the core decides by.
    pub(crate) fn outgoing(&self) -> Outgoing {
        let body = match self.body {
            None => Body::None,
            Some(_) if self.streamed => Body::Stream,
            Some(_) => Body::Repeatable,
        };
        let (target, method) = (self.target.clone(), self.method.to_owned());
        Outgoing { target, method, body, redirect: self.redirect }
    }

    /// Sends it there.
    pub(crate) async fn send(&self, hop: &Hop) -> Result<Got> {
        let method = if hop.as_get { "GET" } else { self.method };
        let mut sending = self.http.request(method.parse().unwrap(), &hop.url);
        if let Some(value) = &hop.credential {
            sending = sending.header(&hop.header, value.reveal());
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

    /// What the core decides by.
    pub(crate) fn reply(&self) -> Reply {
        let header = |name: &str| Some(self.0.headers().get(name)?.to_str().ok()?.to_owned());
        Reply {
            status: self.status(),
            location: header("location"),
            www_authenticate: header("www-authenticate"),
        }
    }

    /// Its body.
    pub(crate) async fn json(self) -> Value {
        serde_json::from_str(&self.0.text().await.unwrap()).unwrap()
    }
}
