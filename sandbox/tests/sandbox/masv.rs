//! MASV's keys, packages, links and transfers.

mod credentials;
mod keys;
mod packages;

use std::sync::Arc;

use latchkey_sandbox::{Service, World};
use reqwest::{Method, Response};
use serde_json::Value;

use crate::common::{body, client, token, world};

/// A world and a user's token in it.
struct Scene {
    world: Arc<World>,
    user: String,
}

impl Scene {
    async fn new() -> Self {
        let world = world();
        let user = token(&world, Service::Masv).await;
        Self { world, user }
    }

    /// Sends a request with one credential; `Null` is no body.
    async fn send(&self, method: Method, path: &str, (header, value): (&str, &str), sent: Value) -> Response {
        let url = format!("{}{path}", self.world.service_url(Service::Masv));
        let mut request = client().request(method, url);
        if !header.is_empty() {
            request = request.header(header, value);
        }
        if !sent.is_null() {
            request = request.json(&sent);
        }
        request.send().await.expect("an answer")
    }

    /// The JSON of an answer that has to have that status.
    async fn ask(
        &self,
        status: u16,
        method: Method,
        path: &str,
        credential: (&str, &str),
        sent: Value,
    ) -> Value {
        let answer = self.send(method, path, credential, sent).await;
        let found = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(found, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn user(&self) -> (&str, &str) {
        ("X-User-Token", &self.user)
    }
}

/// No credential.
const NOBODY: (&str, &str) = ("", "");

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The code of a refusal, whose message has to be there too.
async fn code(answer: Response) -> String {
    let refused = body(answer).await;
    assert!(refused["message"].is_string(), "{refused}");
    text(&refused, "code").to_owned()
}
