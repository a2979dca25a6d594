//! The request log: what arrived and what became of it, with digests in place of credentials.

use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::services::Service;

/// A request to a service, in the order of arrival.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number in the world, from 1.
    pub n: u64,
    /// When it arrived, by this machine's clock: RFC 3339.
    pub at: String,
    /// The service.
    pub service: Service,
    /// `token`, `resource`, `logout`, `keys`, `package`, `discovery` or `preflight`.
    pub purpose: String,
    /// The method.
    pub method: String,
    /// The path, without the world and the service's name.
    pub path: String,
    /// The query, with digests in place of credentials.
    pub query: Option<String>,
    /// The headers, by lower-case name, with digests in place of credentials.
    pub headers: Map<String, Value>,
    /// Which of the headers carried a credential. Two in one request are one too many, at any service.
    pub credentials: Vec<String>,
    /// The faults that struck it, by kind.
    pub faults: Vec<String>,
    /// The status of the answer; nothing while there is none, and when the connection was cut.
    pub status: Option<u16>,
}

/// Headers that carry a credential at one service or another.
const CREDENTIAL_HEADERS: [&str; 10] = [
    "authorization",
    "x-api-key",
    "x-user-token",
    "x-package-token",
    "x-transfer-token",
    "x-link-password",
    "x-session",
    "token",
    "cookie",
    "proxy-authorization",
];

/// Query parameters that do.
const CREDENTIAL_PARAMETERS: [&str; 2] = ["cursorToken", "secret"];

/// The headers by lower-case name, with something else in place of credentials.
pub(crate) fn headers(headers: &HeaderMap, in_place: impl Fn(&str) -> String) -> Map<String, Value> {
    let shown = headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let secret = CREDENTIAL_HEADERS.contains(&name.as_str());
        let shown = if secret { in_place(&text) } else { text.into_owned() };
        (name.to_string(), shown.into())
    });
    shown.collect()
}

/// The names of the headers that carry a credential; a header that is there twice counts twice.
pub(crate) fn credentials(headers: &HeaderMap) -> Vec<String> {
    let names = headers.iter().map(|(name, _)| name.to_string());
    names.filter(|name| CREDENTIAL_HEADERS.contains(&name.as_str())).collect()
}

/// The query with digests in place of credentials.
pub(crate) fn query(uri: &Uri) -> Option<String> {
    let shown = uri.query()?.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if CREDENTIAL_PARAMETERS.contains(&name) => format!("{name}={}", digest(value)),
        _ => pair.to_owned(),
    });
    Some(shown.collect::<Vec<_>>().join("&"))
}

/// A short text that is equal for equal secrets and does not give them away.
pub(crate) fn digest(secret: &str) -> String {
    format!("sha256:{}", hashed(secret))
}

/// 96 bits of a text's hash, in characters that a token may have.
pub(crate) fn hashed(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..12])
}
