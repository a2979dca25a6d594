//! MASV: a user's token for days, or an API key that needs no exchange. <https://developer.massive.io>
//!
//! Team keys, packages, links and transfers are further routes of this file's `router`.

use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::resources::{self, Holder};
use super::{Call, header_value, sent};

const USER: &str = "user-demo";

pub(super) fn router() -> Router {
    Router::new()
        .route("/v1/auth", post(log_in))
        .route("/v1/user", get(user))
        .merge(resources::router("", authenticate))
        .fallback(async || error(StatusCode::NOT_FOUND, "not_found", "No such resource"))
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

async fn log_in(call: Call, body: Result<Json<Login>, JsonRejection>) -> Result<Response, Response> {
    let login = sent(body, |why| error(StatusCode::BAD_REQUEST, "bad_request", why))?;
    if !call.knows(&[("email", &login.email), ("password", &login.password)]) {
        return Err(error(StatusCode::UNAUTHORIZED, "invalid_credentials", "Invalid email or password"));
    }
    let token = call.world.with(|state| state.issue(&call, USER, json!({ "ext": false, "imp": false })));
    Ok(Json(json!({
        "token": token.text,
        "teams": [{ "id": "team-demo", "name": "Demo", "subdomain": "demo" }],
        "user": account(&login.email),
    }))
    .into_response())
}

async fn user(call: Call, headers: HeaderMap) -> Result<Json<Value>, Response> {
    authenticate(&call, &headers)?;
    let email = call.world.credential(call.service, "email");
    Ok(Json(account(&email)))
}

fn account(email: &str) -> Value {
    json!({ "id": USER, "name": "Demo", "email": email })
}

fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    let known = match (header_value(headers, "x-user-token"), header_value(headers, "x-api-key")) {
        (Some(_), Some(_)) => {
            return Err(error(
                StatusCode::BAD_REQUEST,
                "ambiguous_credentials",
                "X-User-Token and X-API-KEY at once",
            ));
        }
        (Some(token), None) => resources::holder(call, token),
        (None, Some(key)) if call.knows(&[("apiKey", key)]) => {
            Some(Holder { subject: USER.into(), number: None })
        }
        _ => None,
    };
    known.ok_or_else(|| error(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid or expired token"))
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}
