//! Faults: what can be made to go wrong, and how often.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::server::Cut;
use crate::services::{PURPOSES, Service};
use crate::world::{State, moved};

/// Something that goes wrong. As JSON: `{"service": "masivo", "on": "token", "times": 2, "kind": "status", "status": 503}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The service; every one if it is not named.
    #[serde(default)]
    pub service: Option<Service>,
    /// `token`, `resource` or another purpose, `any`, or the beginning of a path without the service's base.
    #[serde(default = "any")]
    pub on: String,
    /// The method; any but a preflight's if it is not named.
    #[serde(default)]
    pub method: Option<String>,
    /// How often it strikes: once if it is not named, until it is cleared if it is null.
    #[serde(default = "once")]
    pub times: Option<u64>,
    /// What happens.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What happens. `Delay`, `DelayAfter`, `Date` and `Expired` go with an answer, the service's own or another fault's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Kind {
    /// The service takes its time, and does not act for a client that goes away meanwhile.
    Delay {
        /// So long.
        seconds: f64,
    },
    /// The service acts at once, and its answer takes its time: a client that loses patience has had its way unseen.
    DelayAfter {
        /// So long.
        seconds: f64,
    },
    /// The `Date` header is wrong, and nothing else.
    Date {
        /// By so many seconds.
        offset: i64,
    },
    /// The token that is issued has expired already.
    Expired,
    /// Another answer, and the service does not act.
    Status {
        /// Its status.
        status: u16,
        /// Its headers.
        #[serde(default)]
        headers: Map<String, Value>,
        /// Its body: a text, or JSON.
        #[serde(default)]
        body: Option<Value>,
    },
    /// "Come back later."
    RetryAfter {
        /// 429 if it is not named.
        #[serde(default = "too_many")]
        status: u16,
        /// As seconds,
        #[serde(default)]
        seconds: Option<i64>,
        /// or as a date so many seconds ahead of the world's clock,
        #[serde(default)]
        date: Option<i64>,
        /// or as any text.
        #[serde(default)]
        text: Option<String>,
    },
    /// The connection is closed before an answer, and the service does not act. A browser may try once more by itself
    /// if the connection has served it before.
    Cut,
    /// The service acts, and the connection is closed before the answer.
    CutAfter,
    /// The service acts; of its answer half arrives, then the connection is closed.
    Truncated,
    /// 200 with another body.
    Body {
        /// A text, or JSON.
        body: Value,
        /// `application/json` if it is not named.
        #[serde(default = "json_type")]
        content_type: String,
    },
    /// 200 with a page of HTML.
    Html,
    /// 200 with no body.
    Empty,
    /// 204.
    NoContent,
    /// 200 with a JSON object of so many bytes.
    Big {
        /// How many.
        bytes: usize,
    },
    /// A redirect.
    Redirect {
        /// Where to.
        location: String,
        /// 302 if it is not named.
        #[serde(default = "found")]
        status: u16,
    },
}

fn any() -> String {
    "any".into()
}

fn once() -> Option<u64> {
    Some(1)
}

fn too_many() -> u16 {
    429
}

fn found() -> u16 {
    302
}

fn json_type() -> String {
    "application/json".into()
}

impl Fault {
    /// A fault that strikes once: `Fault::once(Service::Masivo, "token", Kind::Cut)`.
    pub fn once(service: Service, on: &str, kind: Kind) -> Self {
        Self { service: Some(service), on: on.into(), method: None, times: once(), kind }
    }

    /// The same fault, so many times; `None`: until it is cleared.
    pub fn times(self, times: Option<u64>) -> Self {
        Self { times, ..self }
    }

    /// Reads a fault. One with a member that it does not know, or on a place that is none, would strike never.
    pub(crate) fn read(given: &Value) -> Result<Self, String> {
        let fault: Self = serde_json::from_value(given.clone()).map_err(|why| why.to_string())?;
        let known = serde_json::to_value(&fault).map_err(|why| why.to_string())?;
        if let Some((name, _)) =
            given.as_object().into_iter().flatten().find(|(name, _)| known.get(name).is_none())
        {
            return Err(format!("unknown field {name}"));
        }
        let on = fault.on.as_str();
        if on != "any" && !on.starts_with('/') && !PURPOSES.contains(&on) {
            return Err(format!("\"on\" is none of any, {}, and no path", PURPOSES.join(", ")));
        }
        Ok(fault)
    }

    fn strikes(&self, service: Service, purpose: &str, method: &Method, path: &str) -> bool {
        let method_fits = match &self.method {
            Some(wanted) => method.as_str().eq_ignore_ascii_case(wanted),
            None => purpose != "preflight",
        };
        let on = self.on.as_str();
        let place_fits =
            if on.starts_with('/') { path.starts_with(on) } else { on == "any" || on == purpose };
        self.service.is_none_or(|wanted| wanted == service) && method_fits && place_fits
    }
}

impl Kind {
    /// Whether it is an answer of its own, or what becomes of the answer: one request has one such fault.
    fn answers(&self) -> bool {
        !matches!(self, Self::Delay { .. } | Self::DelayAfter { .. } | Self::Date { .. } | Self::Expired)
    }

    pub(crate) fn name(&self) -> String {
        let kind = serde_json::to_value(self).unwrap_or_default();
        kind["kind"].as_str().unwrap_or_default().to_owned()
    }
}

/// The faults that strike a request, each counted once less from now on.
pub(crate) fn strike(
    state: &mut State,
    service: Service,
    purpose: &str,
    method: &Method,
    path: &str,
) -> Vec<Kind> {
    let mut struck: Vec<Kind> = Vec::new();
    for fault in &mut state.faults {
        let second = fault.kind.answers() && struck.iter().any(Kind::answers);
        if second || !fault.strikes(service, purpose, method, path) {
            continue;
        }
        fault.times = fault.times.map(|times| times.saturating_sub(1));
        struck.push(fault.kind.clone());
    }
    state.faults.retain(|fault| fault.times != Some(0));
    struck
}

/// The answer of a fault that takes the place of the service's.
pub(crate) fn answer(kind: &Kind, state: &State) -> Option<Response> {
    let json = |body: Vec<u8>| (typed("application/json"), body).into_response();
    Some(match kind {
        Kind::Delay { .. }
        | Kind::DelayAfter { .. }
        | Kind::Date { .. }
        | Kind::Expired
        | Kind::CutAfter
        | Kind::Truncated => return None,
        Kind::Cut => Cut::response(),
        Kind::Status { status, headers, body } => {
            let mut response = match body {
                Some(Value::String(text)) => text.clone().into_response(),
                Some(body) => axum::Json(body).into_response(),
                None => ().into_response(),
            };
            for (name, value) in headers {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                insert(response.headers_mut(), name, &value);
            }
            with_status(response, *status)
        }
        Kind::RetryAfter { status, seconds, date, text } => {
            let mut response = with_status(().into_response(), *status);
            let after = match (seconds, date, text) {
                (Some(seconds), ..) => seconds.to_string(),
                (_, Some(ahead), _) => httpdate::fmt_http_date(moved(state.time(), *ahead)),
                (.., text) => text.clone().unwrap_or_default(),
            };
            insert(response.headers_mut(), "retry-after", &after);
            response
        }
        Kind::Body { body: Value::String(text), content_type } => {
            (typed(content_type), text.clone()).into_response()
        }
        Kind::Body { body, content_type } => (typed(content_type), body.to_string()).into_response(),
        Kind::Html => {
            (typed("text/html"), "<!doctype html><title>Error</title><h1>Something went wrong</h1>")
                .into_response()
        }
        Kind::Empty => ().into_response(),
        Kind::NoContent => StatusCode::NO_CONTENT.into_response(),
        Kind::Big { bytes } => {
            let around = br#"{"padding":""}"#;
            let padding = "x".repeat(bytes.saturating_sub(around.len()));
            json(format!(r#"{{"padding":"{padding}"}}"#).into_bytes())
        }
        Kind::Redirect { location, status } => {
            let mut response = with_status(().into_response(), *status);
            insert(response.headers_mut(), "location", location);
            response
        }
    })
}

/// Half of the body, under the length of the whole; then the connection breaks.
pub(crate) async fn truncate(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len().max(2)));
    let half = body.slice(..body.len() / 2);
    // The pause between the half and the break lets what is written so far leave.
    let chunks = stream::unfold(Some(half), |half| async {
        match half {
            Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
            _ => {
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

fn typed(content_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    insert(&mut headers, "content-type", content_type);
    headers
}

/// A header that cannot be is left out.
fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}

fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}
