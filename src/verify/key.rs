//! Which algorithm a key serves: it is one, told by the key and the caller, and never by a token (RFC 8725 §3.1).

use super::algorithm::Algorithms;
use super::jwks::Named;
use crate::base64::read_url;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::text::{self, NO_TEXT, Text, text};

/// The shortest RSA key that is taken, in bits (RFC 7518 §3.3, RFC 8725 §3.5).
const LEAST_RSA: f64 = 2048.0;

/// A key as the caller gave it.
pub enum Key {
    /// A secret, for HMAC.
    Secret(Vec<u8>, Algorithms),
    /// A public key, as PEM or as the JSON text of a JWK, for the platform to import; an empty text if it has the key.
    Public(Text, Algorithms),
}

impl Key {
    /// A secret of these bytes.
    ///
    /// # Errors
    /// `ERR_CONFIG` if they are the text of a public key, which anybody may have (RFC 8725 §2.1).
    pub fn secret(bytes: Vec<u8>) -> Result<Self> {
        if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(refuse("holds PEM, which is no secret: give it as a string"));
        }
        Ok(Key::Secret(bytes, Algorithms::HMAC))
    }

    /// A key by its text: PEM, the JSON of a JWK, or the JSON of what the platform says of one.
    ///
    /// # Errors
    /// `ERR_CONFIG` if it is none that verifies.
    pub fn read(text: &str) -> Result<Self> {
        let mut given = text;
        let can = if text.starts_with("{") {
            let key = Json::parse(text).map_err(|problem| refuse(&problem))?;
            if key.get("platform").is_some() {
                given = "";
                judge_platform(&key)?
            } else {
                let can = judge(&key).map_err(refuse)?;
                if can.and(Algorithms::HMAC) == can {
                    let bytes = key.text_of("k").and_then(|k| read_url(k).ok());
                    return Ok(Key::Secret(bytes.ok_or_else(|| refuse("has no k in base64url"))?, can));
                }
                can
            }
        } else {
            judge_pem(text)?
        };
        Ok(Key::Public(given.into(), can))
    }

    /// It for a platform's verification, where the caller allows these algorithms.
    ///
    /// # Errors
    /// `ERR_CONFIG` if it is a secret, or as of [`algorithm`].
    pub fn named(&self, allowed: Algorithms) -> Result<Named> {
        match self {
            Key::Secret(..) => Err(refuse("is a secret")),
            Key::Public(text, can) => Ok(Named { algorithm: algorithm(*can, allowed)?, text: text.clone() }),
        }
    }
}

/// `ERR_CONFIG` of the key.
pub fn refuse(why: &str) -> Error {
    Error::field("key", why)
}

/// The one algorithm of a key that can serve these, where the caller allows those; if none are named, all.
///
/// # Errors
/// `ERR_CONFIG` if there is none, or more than one.
pub fn algorithm(can: Algorithms, allowed: Algorithms) -> Result<Algorithms> {
    let left = if allowed == Algorithms::NONE { can } else { can.and(allowed) };
    if left.is_one() {
        return Ok(left);
    }
    let why = match left {
        Algorithms::NONE => "names none that the key can serve",
        _ => "must name one: the key does not say which it serves",
    };
    Err(Error::field("algorithms", why))
}

/// What the platform's key can serve, by its algorithm and its length in bits.
///
/// # Errors
/// `ERR_CONFIG` if it is too short, or serves nothing here.
pub fn judge_platform(key: &Json) -> Result<Algorithms> {
    let can = Algorithms::named(key.text("platform"));
    if can == Algorithms::NONE {
        return Err(refuse("is of an unknown algorithm"));
    }
    let bits = key.get("bits").and_then(Json::to_number).unwrap_or_default();
    if can.and(Algorithms::RSA) == can && bits < LEAST_RSA {
        return Err(refuse("is an RSA key of fewer than 2048 bits (RFC 7518 §3.3)"));
    }
    if can.and(Algorithms::HMAC) == can {
        check_secret(can, bits as usize / 8)?;
    }
    Ok(can)
}

/// That a secret has as many bytes as the hash gives (RFC 7518 §3.2, RFC 8725 §3.5).
///
/// # Errors
/// `ERR_CONFIG` if it has fewer.
pub fn check_secret(algorithm: Algorithms, length: usize) -> Result<()> {
    if length < mac_length(algorithm) {
        return Err(refuse(&text![
            "has ",
            #length as i64,
            " bytes: ",
            algorithm.name(),
            " needs ",
            #mac_length(algorithm) as i64
        ]));
    }
    Ok(())
}

/// The bytes of a signature of this HMAC.
pub fn mac_length(algorithm: Algorithms) -> usize {
    match algorithm {
        Algorithms::HS256 => 32,
        Algorithms::HS384 => 48,
        _ => 64,
    }
}

/// What a JWK can serve, by its kind, its curve and what it says of itself (RFC 7517 §4, RFC 8037 §2).
///
/// # Errors
/// Why it serves nothing.
pub fn judge(jwk: &Json) -> core::result::Result<Algorithms, &'static str> {
    let curve = jwk.text("crv");
    let of_kind = match jwk.text("kty").as_str() {
        "oct" => Algorithms::HMAC,
        "RSA" => Algorithms::RSA,
        "EC" => Algorithms::named(&text!["ECDSA ", curve]),
        "OKP" if curve == "Ed25519" => Algorithms::named(curve),
        _ => Algorithms::NONE,
    };
    if of_kind == Algorithms::NONE {
        return Err("is of an unknown kind: known are oct, RSA, EC (P-256, P-384, P-521) and Ed25519");
    }
    if jwk.get("d").is_some() {
        return Err("is a private key: give the public one");
    }
    let ops = jwk.get("key_ops").and_then(Json::as_list);
    if jwk.text_of("use").is_some_and(|purpose| purpose != "sig")
        || ops.is_some_and(|ops| !ops.iter().any(|op| op.is("verify")))
    {
        return Err("is not meant to verify (use, key_ops)");
    }
    match jwk.get("alg").map(|name| Algorithms::named(name.as_str().unwrap_or(&NO_TEXT)).and(of_kind)) {
        None => Ok(of_kind),
        Some(Algorithms::NONE) => Err("names an algorithm (alg) that its kind does not serve"),
        Some(one) => Ok(one),
    }
}

/// The object identifiers by which a public key says what it is (RFC 3279 §2.3.1, RFC 5480 §2.1.1.1, RFC 8410 §3), as base64 has
/// them: by where they stand, which depends on the lengths before them.
const IDENTIFIERS: [(&str, Algorithms); 8] = [
    ("BgkqhkiG9w0BAQE", Algorithms::RSA),
    ("CSqGSIb3DQEBAQ", Algorithms::RSA),
    ("YJKoZIhvcNAQEB", Algorithms::RSA),
    ("KoZIzj0DAQc", Algorithms::ES256),
    ("K4EEACI", Algorithms::ES384),
    ("BSuBBAAj", Algorithms::ES512),
    ("K4EEACM", Algorithms::ES512),
    ("BQYDK2Vw", Algorithms::EDDSA),
];
/// So far from the start of a key they end, in characters.
const HEAD: usize = 44;

/// What a public key in PEM can serve (RFC 7468 §13): `SubjectPublicKeyInfo`. The platform reads it in full.
fn judge_pem(pem: &str) -> Result<Algorithms> {
    const WHAT: &str =
        "must be PEM of a public key: -----BEGIN PUBLIC KEY-----, not of a certificate or private key";
    let inner = pem.trim_ascii().strip_prefix("-----BEGIN PUBLIC KEY-----");
    let inner =
        inner.and_then(|inner| inner.strip_suffix("-----END PUBLIC KEY-----")).ok_or_else(|| refuse(WHAT))?;
    let (mut rest, mut body) = (inner, Text::new());
    while !rest.is_empty() {
        body.push_str(text::take_until_any(&mut rest, "\r\n ="));
    }
    if !text::all(&body, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
        return Err(refuse("is PEM whose base64 is broken"));
    }
    let head = body.get(..HEAD).unwrap_or(&body);
    for (identifier, can) in &IDENTIFIERS {
        if text::contains(head, identifier) {
            return Ok(*can);
        }
    }
    Err(refuse("is PEM of an unknown kind: known are RSA, EC (P-256, P-384, P-521) and Ed25519"))
}
