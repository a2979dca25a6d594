//! What the sandbox's own tests share: one server, a world for each test, a client that follows nothing.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use latchkey_sandbox::{Sandbox, Service, World};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().expect("the sandbox starts"));

/// A world of its own for a test.
pub(crate) fn world() -> Arc<World> {
    SANDBOX.world()
}

/// A client that follows no redirect.
pub(crate) fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

/// A login that answers with a token, and where in the answer it is.
pub(crate) fn login(world: &World, service: Service) -> (RequestBuilder, &'static str) {
    let url = world.service_url(service);
    let known = |name| world.credential(service, name);
    let post = |path: &str, body: Value| client().post(format!("{url}{path}")).json(&body);
    match service {
        Service::Masivo => {
            (client().get(format!("{url}/auth/authorize")).header("x-api-key", known("apiKey")), "/data")
        }
        Service::Masv => {
            (post("/v1/auth", json!({ "email": known("email"), "password": known("password") })), "/token")
        }
        Service::Login => (post("/auth/login", json!({ "api_key": known("apiKey") })), "/access_token"),
        Service::Brifle => {
            let body = json!({ "key": known("key"), "secret": known("secret") });
            (post("/v1/auth/login", body), "/access_token")
        }
        Service::OAuth2 => {
            let form = [
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", known("clientId")),
                ("client_secret", known("clientSecret")),
            ];
            (client().post(format!("{url}/token")).form(&form), "/access_token")
        }
        Service::Custom => {
            (post("/session", json!({ "user": known("user"), "secret": known("secret") })), "/result/tok")
        }
        Service::Masumi | Service::Masumi025 => panic!("{} has no login", service.name()),
    }
}

/// Logs in and gives the token.
pub(crate) async fn token(world: &World, service: Service) -> String {
    let (request, place) = login(world, service);
    let answer = body(request.send().await.expect("an answer")).await;
    answer.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
}

/// Puts a token on a request as the service wants it.
pub(crate) fn attach(request: RequestBuilder, service: Service, token: &str) -> RequestBuilder {
    match service {
        Service::Masv => request.header("X-User-Token", token),
        Service::Masumi | Service::Masumi025 => request.header("token", token),
        Service::Custom => request.header("X-Session", format!("Token {token}")),
        _ => request.bearer_auth(token),
    }
}

/// Asks the protected resource with a token.
pub(crate) async fn whoami(world: &World, service: Service, token: &str) -> Response {
    let request = client().get(format!("{}/whoami", world.service_url(service)));
    attach(request, service, token).send().await.expect("an answer")
}

/// The JSON of an answer.
pub(crate) async fn body(answer: Response) -> Value {
    answer.json().await.expect("the answer is JSON")
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}
