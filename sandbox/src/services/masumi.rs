//! Masumi's payment service as `tests/contracts/masumi-0.28.jsonl` recorded it, and the older 0.25 of its guide.
//!
//! A request passes, in this order: is there such a route and method, can its body be read, is its key good, is its
//! input. Only an answer of the first has no CORS headers.

mod input;
mod keys;
mod rpc;
mod store;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use self::store::ApiKey;
pub(crate) use self::store::Store;
use super::resources::{self, Holder};
use super::{Call, Service, header_value};

pub(super) const BASE: &str = "/api/v1";

/// The largest body that the service takes.
const BODY_LIMIT: usize = 100 << 10;

/// A refusal: its status and message.
type Refusal = (StatusCode, String);

/// What a key must be allowed to.
#[derive(Clone, Copy, PartialEq)]
enum Right {
    Read,
    Admin,
}

pub(super) fn router() -> Router {
    Router::new().fallback(answer)
}

pub(super) fn allow_origins(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE, PATCH"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_MAX_AGE, "5000"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Range, X-Total-Count"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The routes: a path beneath the base, and its methods in the order of the service's `Allow` header.
const ROUTES: [(&str, &[&str]); 7] = [
    ("/health", &["GET"]),
    ("/api-key-status", &["GET"]),
    ("/api-key", &["DELETE", "GET", "PATCH", "POST"]),
    ("/rpc-api-keys", &["GET"]),
    // These three are the sandbox's own.
    ("/whoami", &["DELETE", "GET", "PATCH", "POST", "PUT"]),
    ("/scoped", &["GET"]),
    ("/echo", &["POST"]),
];

async fn answer(call: Call, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let beneath = path.strip_prefix(BASE).map(|rest| rest.trim_end_matches('/'));
    let Some((route, methods)) = ROUTES.iter().find(|(route, _)| Some(*route) == beneath) else {
        return failure((StatusCode::NOT_FOUND, format!("Can not {method} {path}")));
    };
    let asked = if method == Method::HEAD { "GET" } else { method.as_str() };
    let mut response = if method == Method::OPTIONS {
        ().into_response()
    } else if methods.contains(&asked) {
        route_answer(call, route, asked, request).await
    } else {
        let mut refused = failure((StatusCode::METHOD_NOT_ALLOWED, format!("{method} is not allowed")));
        let allow = format!("{}, HEAD, OPTIONS", methods.join(", "));
        refused
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::try_from(allow).unwrap_or(HeaderValue::from_static("")));
        return refused;
    };
    allow_origins(response.headers_mut());
    response
}

async fn route_answer(call: Call, route: &str, method: &str, request: Request) -> Response {
    match route {
        "/health" => success(json!({ "status": "ok" })),
        "/whoami" => resources::whoami(call, request, authenticate).await.into_response(),
        "/echo" => match authenticate(&call, request.headers()) {
            Ok(_) => resources::echo(request),
            Err(refused) => refused,
        },
        _ => {
            let delay = call.world.with(|state| state.settings.auth_delay);
            let answer = api(&call, route, method, request).await;
            if matches!(answer, Err((StatusCode::UNAUTHORIZED, _))) {
                tokio::time::sleep(Duration::try_from_secs_f64(delay).unwrap_or_default()).await;
            }
            answer.map_or_else(failure, success)
        }
    }
}

async fn api(call: &Call, route: &str, method: &str, request: Request) -> Result<Value, Refusal> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    let body = body.map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "request entity too large".to_owned()))?;
    let body = read_body(&parts.headers, &body)?;
    let query = parts.uri.query().unwrap_or_default();
    let query: Map<String, Value> = serde_urlencoded::from_str::<Vec<(String, String)>>(query)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();

    let old = call.service == Service::Masumi025;
    call.world.with(|state| {
        let now = state.time();
        let store = state.masumi.entry(call.service).or_default();
        let right = if route == "/api-key-status" { Right::Read } else { Right::Admin };
        let holder = permit(store, &parts.headers, right)?;
        match (route, method) {
            ("/api-key-status", _) => Ok(holder.show(old, old)),
            ("/api-key", "GET") => keys::list(store, &query, old),
            ("/api-key", "POST") => keys::create(store, &body, old),
            ("/api-key", "PATCH") => keys::update(store, &body, old),
            ("/api-key", "DELETE") => keys::delete(store, &body, old, now),
            ("/rpc-api-keys", _) => rpc::list(store, &query),
            // The sandbox's `scoped`: what a key without the right would hear.
            _ => Err(unauthorized("admin access required")),
        }
    })
}

/// A body that is not called JSON is not looked at; one that is no object counts as empty.
fn read_body(headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    let json =
        header_value(headers, "content-type").is_some_and(|given| given.starts_with("application/json"));
    if !json || body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err((StatusCode::BAD_REQUEST, syntax_error(&error, body))),
    }
}

/// The message of V8's `JSON.parse`, for texts short enough that it quotes them whole.
fn syntax_error(error: &serde_json::Error, body: &Bytes) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    match line.chars().nth(error.column().saturating_sub(1)) {
        Some(found) if !error.is_eof() => format!("Unexpected token '{found}', \"{text}\" is not valid JSON"),
        _ => "Unexpected end of JSON input".to_owned(),
    }
}

/// The key of a request, if it is good for this.
fn permit<'a>(store: &'a Store, headers: &HeaderMap, right: Right) -> Result<&'a ApiKey, Refusal> {
    let token = header_value(headers, "token").unwrap_or_default();
    if token.is_empty() {
        return Err(unauthorized("no authentication token provided"));
    }
    let key = store.with_token(token).ok_or_else(|| unauthorized("invalid authentication token provided"))?;
    match right {
        _ if key.revoked => Err(unauthorized("API key is revoked")),
        Right::Admin if !key.can_admin => Err(unauthorized("admin access required")),
        Right::Read if !key.can_read && !key.can_admin => Err(unauthorized("read access required")),
        _ => Ok(key),
    }
}

fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    call.world.with(|state| {
        let store = state.masumi.entry(call.service).or_default();
        let key = permit(store, headers, Right::Read).map_err(failure)?;
        Ok(Holder { subject: key.id.clone(), number: None })
    })
}

fn unauthorized(why: &str) -> Refusal {
    (StatusCode::UNAUTHORIZED, format!("Unauthorized, {why}"))
}

/// What the service makes of anything that it did not expect: a number that is none, a wallet that is not there.
fn internal() -> Refusal {
    (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error".to_owned())
}

fn success(data: Value) -> Response {
    as_json(StatusCode::OK, json!({ "status": "success", "data": data }))
}

fn failure((status, message): Refusal) -> Response {
    as_json(status, json!({ "status": "error", "error": { "message": message } }))
}

fn as_json(status: StatusCode, body: Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}
