//! A service that nobody has: for the `custom` provider, so everything is somewhere else than usual.

use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;
use serde_json::json;

use super::resources::{self, Holder};
use super::{Call, after_scheme, header_value};

pub(super) fn router() -> Router {
    Router::new().route("/session", post(open)).merge(resources::router("", authenticate))
}

#[derive(Deserialize)]
struct Login {
    user: String,
    secret: String,
}

async fn open(call: Call, headers: HeaderMap, request: Request) -> Result<Response, Response> {
    let form = header_value(&headers, header::CONTENT_TYPE.as_str())
        .is_some_and(|given| given.starts_with("application/x-www-form-urlencoded"));
    let Login { user, secret } = if form {
        Form::from_request(request, &()).await.map_err(FormRejection::into_response)?.0
    } else {
        Json::from_request(request, &()).await.map_err(JsonRejection::into_response)?.0
    };
    if !call.knows(&[("user", &user), ("secret", &secret)]) {
        return Err(error(StatusCode::UNAUTHORIZED, "Who are you?"));
    }
    let token = call.world.with(|state| state.issue(&call, &user, json!({})));
    let until = DateTime::from_timestamp(token.expires_at, 0).unwrap_or_default();
    Ok(Json(json!({
        "result": {
            "tok": token.text,
            "ttl": token.expires_at - token.issued_at,
            "until": token.expires_at,
            "untilText": until.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }))
    .into_response())
}

fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    let token = after_scheme(headers, "x-session", "Token").unwrap_or_default();
    resources::holder(call, token).ok_or_else(|| error(StatusCode::UNAUTHORIZED, "No session"))
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "problem": { "text": message } }))).into_response()
}
