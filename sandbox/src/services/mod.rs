//! The services: one file each, and what they have in common.

mod brifle;
mod custom;
mod login;
mod masivo;
pub(crate) mod masumi;
pub(crate) mod masv;
mod oauth2;
mod resources;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::rejection::JsonRejection;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::world::World;

/// A service that the sandbox speaks. In JSON it goes by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Service {
    Masivo,
    Masv,
    Login,
    Brifle,
    Masumi,
    #[serde(rename = "masumi-0.25")]
    Masumi025,
    OAuth2,
    Custom,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Masivo,
        Self::Masv,
        Self::Login,
        Self::Brifle,
        Self::Masumi,
        Self::Masumi025,
        Self::OAuth2,
        Self::Custom,
    ];

    /// Its name, which is the first part of its paths too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Masivo => "masivo",
            Self::Masv => "masv",
            Self::Login => "login",
            Self::Brifle => "brifle",
            Self::Masumi => "masumi",
            Self::Masumi025 => "masumi-0.25",
            Self::OAuth2 => "oauth2",
            Self::Custom => "custom",
        }
    }

    /// What follows its name in its base URL.
    pub const fn base(self) -> &'static str {
        match self {
            Self::Masivo => masivo::BASE,
            Self::Masumi | Self::Masumi025 => masumi::BASE,
            _ => "",
        }
    }

    /// How long its tokens live, in seconds.
    pub const fn lifetime(self) -> i64 {
        match self {
            Self::Login | Self::Brifle => 7200,
            Self::Masv => 3 * 24 * 3600,
            _ => 3600,
        }
    }

    /// The service of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// What a request to this path (without the service's name and base) is for, as counters and faults name it.
    pub(crate) fn purpose(self, path: &str) -> &'static str {
        match (self, path) {
            (Self::Masivo, "/auth/authorize")
            | (Self::Masv, "/v1/auth")
            | (Self::Login, "/auth/login")
            | (Self::Brifle, "/v1/auth/login")
            | (Self::OAuth2, "/token")
            | (Self::Custom, "/session") => "token",
            (Self::Login, "/auth/logout") | (Self::Brifle, "/v1/auth/logout") => "logout",
            (Self::OAuth2, "/jwks") => "keys",
            (Self::Masv, path) => masv::purpose(path),
            (Self::OAuth2, path) if path.starts_with("/.well-known/") => "discovery",
            _ => "resource",
        }
    }

    pub(crate) fn router(self) -> Router {
        match self {
            Self::Masivo => masivo::router(),
            Self::Masv => masv::router(),
            Self::Login => login::router(),
            Self::Brifle => brifle::router(),
            Self::Masumi | Self::Masumi025 => masumi::router(),
            Self::OAuth2 => oauth2::router(),
            Self::Custom => custom::router(),
        }
    }

    /// The headers that let a page of another origin read the answers.
    pub(crate) fn allow_origins(self, headers: &mut HeaderMap) {
        // A "*" does not stand for Authorization, so services that take it have to name it.
        let (allowed, methods, exposed) = match self {
            Self::Masumi | Self::Masumi025 => return masumi::allow_origins(headers),
            Self::Masivo => ("*, Authorization", METHODS, masivo::EXPOSED),
            _ => ("*, Authorization", METHODS, ""),
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        if !exposed.is_empty() {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
        }
    }
}

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// The parameters of a challenge to a token that is no good.
const INVALID_TOKEN: &str = r#"error="invalid_token""#;

/// What requests are for.
pub(crate) const PURPOSES: [&str; 7] =
    ["token", "resource", "logout", "keys", "package", "discovery", "preflight"];

/// What a handler knows of the request besides its HTTP: where it arrived, and a fault that it has to play along with.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) world: Arc<World>,
    pub(crate) service: Service,
    /// The token to be issued has to be an expired one.
    pub(crate) expired: bool,
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Call {
    /// Whether these are the service's own credentials, all of them.
    fn knows(&self, given: &[(&str, &str)]) -> bool {
        self.world.with(|state| {
            given
                .iter()
                .all(|(name, value)| !value.is_empty() && state.credentials.get(self.service, name) == *value)
        })
    }
}

/// The value of a header, if it is there and is text.
fn header_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The credential after `scheme` in a header: `Authorization: Bearer …`, say.
fn after_scheme<'a>(headers: &'a HeaderMap, name: &str, scheme: &str) -> Option<&'a str> {
    let (given, rest) = header_value(headers, name)?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// The JSON of a request, or the service's own words about what is wrong with it.
fn sent<T>(body: Result<Json<T>, JsonRejection>, refuse: fn(&str) -> Response) -> Result<T, Response> {
    body.map(|Json(body)| body).map_err(|why| refuse(&why.body_text()))
}

/// A login that `login` or `brifle` cannot read.
fn unreadable(why: &str) -> Response {
    coded_error(StatusCode::UNPROCESSABLE_ENTITY, 42203, why)
}

/// The errors that `login` and `brifle` share.
fn coded_error(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({ "code": code, "message": message, "status": status.as_u16() });
    (status, Json(body)).into_response()
}

/// A refusal with the challenge that RFC 6750 describes.
fn challenge(mut response: Response, parameters: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("Bearer {parameters}")) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
