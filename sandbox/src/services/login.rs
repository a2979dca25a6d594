//! The login service: a session's token of two hours, which is given again while it is valid.

use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::resources::{self, Holder};
use super::{Call, INVALID_TOKEN, after_scheme, challenge, coded_error, sent, unreadable};
use crate::tokens::Token;

pub(super) fn router() -> Router {
    Router::new()
        .route("/auth/login", post(log_in))
        .route("/auth/logout", post(log_out))
        .merge(resources::router("", authenticate))
        .fallback(async || coded_error(StatusCode::NOT_FOUND, 40400, "Not found"))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Login {
    api_key: String,
    username: String,
    password: String,
    session_id: String,
}

async fn log_in(call: Call, body: Result<Json<Login>, JsonRejection>) -> Result<Response, Response> {
    let login = sent(body, unreadable)?;
    let user = [("username", login.username.as_str()), ("password", &login.password)];
    if !call.knows(&[("apiKey", &login.api_key)]) && !call.knows(&user) {
        return Err(coded_error(StatusCode::UNAUTHORIZED, 40101, "Invalid credentials"));
    }
    let token = session_token(&call, "account-demo", &login.session_id);
    let mut answer = json!({
        "access_token": token.text,
        "expires_in": token.expires_at - token.issued_at,
        "token_type": "bearer",
    });
    if let Some(scope) = call.world.with(|state| state.settings.login_scope.clone()) {
        answer["scope"] = scope.into();
    }
    Ok(Json(answer).into_response())
}

/// The session's token if it is still valid, else a new one. The answer's `expires_in` is its whole life either way,
/// so it counts from when the token was made.
pub(super) fn session_token(call: &Call, subject: &str, session: &str) -> Token {
    call.world.with(|state| {
        let held = state.tokens.of_session(call.service, session, state.now()).cloned();
        held.filter(|_| !call.expired).unwrap_or_else(|| {
            let token = state.issue(call, subject, json!({ "sid": session }));
            state.tokens.keep_session(session, &token);
            token
        })
    })
}

async fn log_out(call: Call, headers: HeaderMap) -> Result<StatusCode, Response> {
    authenticate(&call, &headers)?;
    let token = after_scheme(&headers, "authorization", "Bearer").unwrap_or_default();
    call.world.with(|state| state.tokens.end(call.service, token));
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    resources::bearer(call, headers).ok_or_else(|| {
        let error = coded_error(StatusCode::UNAUTHORIZED, 40100, "Invalid or expired token");
        challenge(error, INVALID_TOKEN)
    })
}
