//! A request of the user's and its answer, over the HTTP client of the tests.

use latchkey::client::{Outgoing, RedirectMode};
use latchkey::error::Result;
use latchkey::http::Answer;
use latchkey::task::Hop;
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
        let (target, method) = (self.target.as_str().into(), self.method.into());
        let is_stream = self.streamed && self.body.is_some();
        Outgoing { target, method, is_stream, redirect: self.redirect }
    }

    /// Sends it there.
    pub(crate) async fn send(&self, hop: &Hop) -> Result<Got> {
        let method = if hop.as_get { "GET" } else { self.method };
        let mut sending = self.http.request(method.parse().unwrap(), &*hop.url.href);
        if let Some(value) = &hop.credential {
            sending = sending.header(&*hop.header, value.reveal());
        }
        if let Some(body) = self.body.filter(|_| !hop.as_get) {
            sending = sending.body(body);
        }
        sending.send().await.map(Got).map_err(network)
    }
}

/// An answer.
pub(crate) struct Got(reqwest::Response);

/// What the core reads of an answer, without the body.
pub(crate) fn head(response: &reqwest::Response) -> Answer {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let headers = Answer::HEADERS.map(|name| header(name).unwrap_or_default()).join("\n");
    Answer { status: response.status().as_u16(), headers: headers.into(), ..Answer::default() }
}

impl Got {
    /// Its status.
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// What the core decides by.
    pub(crate) fn reply(&self) -> Answer {
        head(&self.0)
    }

    /// Its body.
    pub(crate) async fn json(self) -> Value {
        serde_json::from_str(&self.0.text().await.unwrap()).unwrap()
    }
}
