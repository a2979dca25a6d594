//! The protected resources that every service has: they show what arrived, and with which token.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Json, Router};
use serde_json::json;

use super::{Call, after_scheme, challenge};
use crate::log;

/// A resource's body of more than this is not taken in.
const LIMIT: usize = 16 << 20;

/// Who a credential stands for.
pub(crate) struct Holder {
    pub(crate) subject: String,
    /// The number of the token; none for a static key.
    pub(crate) number: Option<u64>,
}

/// Says who a request's credential stands for, or refuses it as the service does.
pub(crate) type Authenticate = fn(&Call, &HeaderMap) -> Result<Holder, Response>;

/// The resources, beneath the base of a service. Masumi, which has no 403, brings its own `scoped`.
pub(crate) fn router(base: &str, authenticate: Authenticate) -> Router {
    Router::new()
        .route(
            &format!("{base}/whoami"),
            any(move |call: Call, request: Request| whoami(call, request, authenticate)),
        )
        .route(
            &format!("{base}/scoped"),
            any(move |call: Call, headers: HeaderMap| async move {
                authenticate(&call, &headers).map(|_| insufficient_scope())
            }),
        )
        .route(
            &format!("{base}/echo"),
            post(move |call: Call, request: Request| async move {
                authenticate(&call, request.headers()).map(|_| echo(request))
            }),
        )
}

pub(crate) async fn whoami(
    call: Call,
    request: Request,
    authenticate: Authenticate,
) -> Result<Response, Response> {
    let holder = authenticate(&call, request.headers())?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LIMIT).await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    Ok(Json(json!({
        "service": call.service,
        "subject": holder.subject,
        "tokenNumber": holder.number,
        "method": parts.method.as_str(),
        "query": log::query(&parts.uri),
        "headers": log::headers(&parts.headers, |_| "present".into()),
        "body": String::from_utf8_lossy(&body),
    }))
    .into_response())
}

/// The body comes back while it still arrives.
pub(crate) fn echo(request: Request) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE).cloned();
    let mut response = Response::new(Body::new(request.into_body()));
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response
}

fn insufficient_scope() -> Response {
    let body = Json(json!({ "error": "insufficient_scope" }));
    // Which scope would be enough is what the second says: RFC 6750 §3.1.
    let parameters = r#"error="insufficient_scope", scope="admin""#;
    challenge((StatusCode::FORBIDDEN, body).into_response(), parameters)
}

/// Whose token it is, if it is good.
pub(crate) fn holder(call: &Call, token: &str) -> Option<Holder> {
    call.world.with(|state| {
        let token = state.tokens.check(call.service, token, state.now())?;
        Some(Holder { subject: token.subject.clone(), number: Some(token.number) })
    })
}

/// Whose bearer token a request has, if it is good.
pub(crate) fn bearer(call: &Call, headers: &HeaderMap) -> Option<Holder> {
    holder(call, after_scheme(headers, "authorization", "Bearer")?)
}
