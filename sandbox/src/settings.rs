//! What can be set of a world.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::services::Service;

/// The settings of a world, as `GET W/_sandbox` shows them and `PATCH W/_sandbox/settings` changes them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// How long a token of each service lives, in seconds. A number sets it for all of them.
    #[serde(deserialize_with = "lifetimes")]
    pub lifetime: BTreeMap<Service, i64>,
    /// `masv`: how long a token for one package or transfer lives, in seconds.
    pub package_lifetime: i64,
    /// Seconds that the world's clock is ahead of this machine's: it moves tokens and the `Date` header.
    pub clock_offset: i64,
    /// Whether answers have a `Date` header.
    pub send_date: bool,
    /// Seconds that a refused Masumi key waits for its answer. The real service takes up to one.
    pub auth_delay: f64,
    /// `login`: the `scope` of its answers; they have none if it is null.
    pub login_scope: Option<String>,
    /// `oauth2`: what signs its access tokens: `ES256`, `RS256`, `EdDSA` or `HS256`, or `opaque` for no JWT at all.
    pub algorithm: Algorithm,
    /// `oauth2`: whether a refresh token comes with an access token.
    pub refresh_tokens: bool,
    /// `oauth2`: whether a refresh token is good for one use and is replaced by it.
    pub rotate_refresh_tokens: bool,
    /// `oauth2`: whether the answer has `expires_in`.
    pub send_expires_in: bool,
    /// `oauth2`: the `token_type` of the answer.
    pub token_type: String,
}

/// What signs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256.
    ES256,
    /// RSA, PKCS #1 1.5.
    RS256,
    /// Ed25519.
    EdDSA,
    /// HMAC.
    HS256,
    /// A random-looking text that says nothing.
    #[serde(rename = "opaque")]
    Opaque,
}

impl Default for Settings {
    fn default() -> Self {
        let lifetime = Service::ALL.map(|service| (service, service.lifetime()));
        Self {
            lifetime: lifetime.into_iter().collect(),
            package_lifetime: 24 * 3600,
            clock_offset: 0,
            send_date: true,
            auth_delay: 0.0,
            login_scope: None,
            algorithm: Algorithm::ES256,
            refresh_tokens: false,
            rotate_refresh_tokens: false,
            send_expires_in: true,
            token_type: "Bearer".into(),
        }
    }
}

impl Settings {
    /// These settings with some of them changed.
    pub(crate) fn changed(&self, changes: &Value) -> Result<Self, String> {
        let changes = changes.as_object().ok_or("settings are an object")?;
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (name, value) in changes {
            match (&mut all[name], value) {
                (Value::Object(old), Value::Object(new)) => old.extend(new.clone()),
                (old, new) => *old = new.clone(),
            }
        }
        serde_json::from_value(all).map_err(|error| error.to_string())
    }
}

fn lifetimes<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<Service, i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lifetimes {
        All(i64),
        Each(BTreeMap<Service, i64>),
    }
    Ok(match Lifetimes::deserialize(input)? {
        Lifetimes::All(seconds) => Service::ALL.map(|service| (service, seconds)).into_iter().collect(),
        Lifetimes::Each(each) => each,
    })
}
