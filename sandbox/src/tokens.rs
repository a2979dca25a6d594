//! Tokens: signed with the keys in `tokens/keys.json`, remembered and numbered.
//!
//! A credential is checked against the tokens that were issued, by its whole text: that is stricter than its signature,
//! and makes a token of one world worthless in another.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use jwt_compact::alg::{Ed25519, Es256, Hs256, Hs256Key, Rsa};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{AlgorithmExt, Claims, Header};
use serde_json::{Map, Value, json};

use crate::log::hashed;
use crate::services::Service;
use crate::settings::Algorithm;

/// A token that was issued.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) service: Service,
    pub(crate) subject: String,
    pub(crate) number: u64,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) claims: Map<String, Value>,
    pub(crate) revoked: bool,
}

/// A token that is asked for.
pub(crate) struct Request {
    pub(crate) service: Service,
    pub(crate) subject: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) typ: &'static str,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    /// Claims besides `sub`, `exp`, `iat` and `jti`.
    pub(crate) claims: Map<String, Value>,
}

/// The tokens of a world.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// The world's id, which is in each token: else two worlds could issue the same.
    pub(crate) world: String,
    issued: HashMap<String, Token>,
    numbers: BTreeMap<Service, u64>,
    /// The token of each session that gives the same one again while it is valid.
    sessions: HashMap<(Service, String), String>,
    /// OAuth refresh tokens, with the scope that they were issued for.
    pub(crate) refresh: HashMap<String, Option<String>>,
}

impl Tokens {
    pub(crate) fn issue(&mut self, request: Request) -> Token {
        let Request { service, subject, algorithm, typ, issued_at, expires_at, mut claims } = request;
        let number = self.numbers.entry(service).or_default();
        *number += 1;
        let number = *number;
        claims.insert("sub".into(), subject.as_str().into());
        claims.insert("exp".into(), expires_at.into());
        // A MASV token does not say when it was issued.
        if service != Service::Masv {
            claims.insert("iat".into(), issued_at.into());
        }
        claims.insert("jti".into(), format!("{}/{}-{number}", self.world, service.name()).into());
        let text = sign(claims.clone(), algorithm, typ);
        let token = Token { text, service, subject, number, issued_at, expires_at, claims, revoked: false };
        self.issued.insert(token.text.clone(), token.clone());
        token
    }

    /// The token of that text, if it is good at that time at that service.
    pub(crate) fn check(&self, service: Service, text: &str, now: i64) -> Option<&Token> {
        let token = self.issued.get(text)?;
        (token.service == service && !token.revoked && now < token.expires_at).then_some(token)
    }

    /// The token of a session that is still valid, refused by the resources or not.
    pub(crate) fn of_session(&self, service: Service, session: &str, now: i64) -> Option<&Token> {
        let text = self.sessions.get(&(service, session.to_owned()))?;
        self.issued.get(text).filter(|token| now < token.expires_at)
    }

    pub(crate) fn keep_session(&mut self, session: &str, token: &Token) {
        self.sessions.insert((token.service, session.to_owned()), token.text.clone());
    }

    /// Ends one token and its session.
    pub(crate) fn end(&mut self, service: Service, text: &str) -> bool {
        self.sessions.retain(|_, held| held != text);
        match self.issued.get_mut(text).filter(|token| token.service == service) {
            Some(token) => !std::mem::replace(&mut token.revoked, true),
            None => false,
        }
    }

    /// Refuses all tokens that a service has issued; with `sticky` its sessions go on giving them.
    pub(crate) fn revoke(&mut self, service: Service, sticky: bool) {
        for token in self.issued.values_mut().filter(|token| token.service == service) {
            token.revoked = true;
        }
        if !sticky {
            self.sessions.retain(|(of, _), _| *of != service);
        }
    }

    /// Another one for each access token.
    pub(crate) fn next_refresh_token(&self) -> String {
        format!("refresh-{}", hashed(&format!("{} {:?}", self.world, self.numbers)))
    }
}

/// What anyone may know of the keys, as RFC 7517 has it.
pub(crate) fn jwks() -> Value {
    let public = KEYS.iter().filter(|key| key["kty"] != "oct").map(|key| {
        let key = key.as_object().into_iter().flatten();
        let private = ["d", "p", "q", "dp", "dq", "qi"];
        key.filter(|(name, _)| !private.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>()
    });
    json!({ "keys": public.collect::<Vec<_>>() })
}

static KEYS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let file: Value = serde_json::from_str(include_str!("tokens/keys.json")).expect("the key file is JSON");
    file["keys"].as_array().cloned().expect("the key file has keys")
});

/// Parsing an RSA key checks its primes, so each key is read once and not before it is needed.
fn key<K: for<'a> TryFrom<&'a JsonWebKey<'a>>>(algorithm: &str) -> K {
    let jwk = KEYS.iter().find(|key| key["alg"] == algorithm).expect("there is a key for each algorithm");
    let jwk: JsonWebKey<'_> = serde_json::from_value(jwk.clone()).expect("the keys are well-formed");
    K::try_from(&jwk).ok().expect("the keys are good")
}

fn sign(claims: Map<String, Value>, algorithm: Algorithm, typ: &str) -> String {
    static ES256: LazyLock<<Es256 as jwt_compact::Algorithm>::SigningKey> = LazyLock::new(|| key("ES256"));
    static RS256: LazyLock<<Rsa as jwt_compact::Algorithm>::SigningKey> = LazyLock::new(|| key("RS256"));
    static EDDSA: LazyLock<<Ed25519 as jwt_compact::Algorithm>::SigningKey> = LazyLock::new(|| key("EdDSA"));
    static HS256: LazyLock<Hs256Key> = LazyLock::new(|| key("HS256"));

    let header = |kid: &str| Header::empty().with_token_type(typ).with_key_id(kid);
    let claims = Claims::new(claims);
    match algorithm {
        Algorithm::ES256 => Es256.token(&header("sandbox-es256"), &claims, &ES256),
        Algorithm::RS256 => Rsa::rs256().token(&header("sandbox-rs256"), &claims, &RS256),
        Algorithm::EdDSA => Ed25519.token(&header("sandbox-eddsa"), &claims, &EDDSA),
        Algorithm::HS256 => Hs256.token(&header("sandbox-hs256"), &claims, &HS256),
        Algorithm::Opaque => {
            return format!("opaque-{}", hashed(&Value::from(claims.custom).to_string()));
        }
    }
    .expect("claims of JSON can be signed")
}
