//! Masivo's storefront: an API key becomes a token of an hour. <https://docs.masivo.ai>

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::resources::{self, Holder};
use super::{Call, INVALID_TOKEN, challenge, header_value};

pub(super) const BASE: &str = "/api/storefront/v1";
pub(super) const EXPOSED: &str = "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

/// Requests a minute, as the headers say; only a fault enforces it.
const LIMIT: u64 = 1000;

pub(super) fn router() -> Router {
    Router::new()
        .route(&format!("{BASE}/auth/authorize"), get(authorize))
        .merge(resources::router(BASE, authenticate))
        .fallback(async || {
            (StatusCode::NOT_FOUND, Html("<!doctype html><title>404</title><h1>Not found</h1>"))
        })
        .layer(middleware::from_fn(rate_limit))
}

async fn authorize(call: Call, headers: HeaderMap) -> Response {
    let key = header_value(&headers, "x-api-key").unwrap_or_default();
    if !call.knows(&[("apiKey", key)]) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key");
    }
    let token = call.world.with(|state| state.issue(&call, "storefront-demo", json!({})));
    Json(json!({ "data": token.text })).into_response()
}

fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    resources::bearer(call, headers)
        .ok_or_else(|| challenge(error(StatusCode::UNAUTHORIZED, "Unauthorized"), INVALID_TOKEN))
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "statusCode": status.as_u16(), "message": message }))).into_response()
}

async fn rate_limit(call: Call, request: Request, next: Next) -> Response {
    let counters = call.world.counters();
    let used: u64 = counters.iter().filter(|(name, _)| name.starts_with("masivo.")).map(|(_, n)| n).sum();
    let mut response = next.run(request).await;
    let left = LIMIT.saturating_sub(used);
    for (name, value) in
        [("x-ratelimit-limit", LIMIT), ("x-ratelimit-remaining", left), ("x-ratelimit-reset", 60)]
    {
        response.headers_mut().insert(name, HeaderValue::from(value));
    }
    response
}
