//! Brifle: a key and its secret become a token of two hours, which is given again while it is valid, always.
//! <https://docs.brifle.de>

use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::login::{authenticate, session_token};
use super::{Call, coded_error, resources, sent, unreadable};
use crate::log::hashed;

pub(super) fn router() -> Router {
    Router::new()
        .route("/v1/auth/login", post(log_in))
        .route("/v1/auth/logout", post(log_out))
        .merge(resources::router("", authenticate))
        .fallback(async || coded_error(StatusCode::NOT_FOUND, 40400, "Not found"))
}

#[derive(Deserialize)]
struct Login {
    key: String,
    secret: String,
}

async fn log_in(call: Call, body: Result<Json<Login>, JsonRejection>) -> Result<Response, Response> {
    let login = sent(body, unreadable)?;
    if !call.knows(&[("key", &login.key), ("secret", &login.secret)]) {
        return Err(coded_error(StatusCode::UNAUTHORIZED, 40101, "Invalid key or secret"));
    }
    let token = session_token(&call, "tenant-demo", "");
    Ok(Json(json!({
        "access_token": token.text,
        "created_at": token.issued_at,
        "expires_in": token.expires_at - token.issued_at,
        "refresh_token": hashed(&token.text),
        "scope": "content:read content:write",
        "token_type": "bearer",
    }))
    .into_response())
}

#[derive(Deserialize)]
struct Logout {
    token: String,
}

async fn log_out(call: Call, body: Result<Json<Logout>, JsonRejection>) -> Result<Response, Response> {
    let logout = sent(body, unreadable)?;
    if call.world.with(|state| state.tokens.end(call.service, &logout.token)) {
        Ok(Json(json!({ "message": "logged out", "status": 200 })).into_response())
    } else {
        Err(coded_error(StatusCode::UNAUTHORIZED, 40100, "Invalid or expired token"))
    }
}
