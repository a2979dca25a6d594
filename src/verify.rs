//! Verifies a JWT: its header, its signature, its claims, in this order. Each check names the part of RFC 8725 (JSON Web Token
//! Best Current Practices) or of the standard that asks for it; what fails says which check, and no more.
//!
//! | module | what it is |
//! |---|---|
//! | [`algorithm`] | the algorithms, in sets |
//! | [`key`] | which algorithm a key serves |
//! | [`claims`] | what is asked of header and claims |
//! | [`jwks`] | a key set: read, and the key of a token chosen from it |
//! | [`cache`] | how long a key set is good: a state machine of values |
//! | [`endpoint`] | where a key set comes from |
//! | [`work`] | by a key that the platform imports, or by a set |
//!
//! HMAC is computed here, by the `jwt-compact` crate; the other algorithms are the platform's own, as effects of a task.

pub mod algorithm;
pub mod cache;
pub mod claims;
pub mod endpoint;
pub mod jwks;
pub mod key;
mod work;

pub use algorithm::Algorithms;
pub use claims::Policy;
pub use endpoint::Jwks;
pub use key::Key;
pub use work::verify;

use crate::base64::read_url;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::json::{Json, Value};
use crate::jwt::{self, Decoded};
use crate::text::{Text, text};
use jwks::Wanted;
use jwt_compact::alg::{Hs256, Hs384, Hs512};
use jwt_compact::{Algorithm, AlgorithmSignature};

/// Where the key of a token comes from.
pub enum Source {
    /// It was given.
    Key(Key),
    /// It is in a set, by the token's `kid`.
    Set(Jwks),
}

/// A token that was read and not verified.
struct Unverified {
    decoded: Decoded,
    header: Value,
}

impl Unverified {
    /// Reads a token, and refuses what its header must not say.
    fn read(token: &str) -> Result<Self> {
        let decoded = jwt::decode(token)?;
        // RFC 7515 §4.1.11 and RFC 7797: what a verifier must understand is understood by none here. RFC 8725 §3.10: no key that a
        // token brings along or points to is believed.
        let is_refused = |name: &[u8]| matches!(name, b"crit" | b"b64" | b"jwk" | b"jku" | b"x5u" | b"x5c");
        // Read once already, so it is an object.
        let wanted = |name: &[u8]| matches!(name, b"alg" | b"kid" | b"typ") || is_refused(name);
        let header = Json::parse_for(decoded.header(), &wanted).unwrap_or_default();
        if let Some((name, _)) = header.members().iter().find(|(name, _)| is_refused(name.as_bytes())) {
            let message = text!["the header has \"", *name, "\", which is refused"];
            return Err(Error::new(Code::TokenMalformed, message));
        }
        Ok(Unverified { decoded, header })
    }

    /// That the token says to be signed as its key signs (RFC 8725 §3.1).
    fn check_algorithm(&self, algorithm: Algorithms) -> Result<()> {
        if self.header.text_of("alg").is_some_and(|alg| alg == algorithm.name()) {
            return Ok(());
        }
        Err(Error::new(Code::Signature, "the token's alg is not that of the key"))
    }

    /// What the token says of its key, for a set to choose by. An algorithm that no key of a set could serve asks for none.
    fn wanted(&self, allowed: Algorithms) -> Result<Wanted<'_>> {
        let algorithm = Algorithms::named(self.header.text("alg"));
        let left = if allowed == Algorithms::NONE { algorithm } else { algorithm.and(allowed) };
        if left == Algorithms::NONE || left.and(Algorithms::HMAC) == left {
            return Err(jwks::refuse("the token's alg is not allowed"));
        }
        Ok(Wanted { kid: self.header.text_of("kid"), algorithm, allowed })
    }

    /// What the caller gets of a token whose signature is good: the JSON text of `{ header, claims }`.
    fn accept(&mut self, policy: &Policy, now: Timestamp) -> Result<Text> {
        policy.check(&self.decoded, &self.header, now)?;
        Ok(core::mem::take(&mut self.decoded).into_text())
    }
}

/// `ERR_SIGNATURE`, unless it is good.
fn check_signed(good: bool) -> Result<()> {
    if good { Ok(()) } else { Err(Error::new(Code::Signature, "the signature is not that of the key")) }
}

/// Verifies a token that a secret signed, at this instant if the caller named none: the JSON text of `{ header, claims }`.
///
/// # Errors
/// `ERR_TOKEN_MALFORMED`, `ERR_SIGNATURE`, `ERR_TOKEN_EXPIRED` or `ERR_CLAIM` for the token; `ERR_CONFIG` for the key.
pub fn verify_secret(token: &str, policy: &Policy, key: &Key, now: Timestamp) -> Result<Text> {
    let Key::Secret(secret, can) = key else { return Err(key::refuse("is no secret")) };
    let algorithm = key::algorithm(*can, policy.algorithms)?;
    key::check_secret(algorithm, secret.len())?;
    let mut unverified = Unverified::read(token)?;
    unverified.check_algorithm(algorithm)?;
    let (message, signature) = token.split_at_checked(unverified.decoded.signed).unwrap_or_default();
    let signature = read_url(signature.get(1..).unwrap_or_default()).unwrap_or_default();
    check_signed(is_signed(algorithm, secret, message.as_bytes(), &signature))?;
    unverified.accept(policy, now)
}

/// Whether the HMAC of a message is that of the secret, compared in constant time.
fn is_signed(algorithm: Algorithms, secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // The crate takes nothing of another length.
    if signature.len() != key::mac_length(algorithm) {
        return false;
    }
    match algorithm {
        Algorithms::HS256 => is_mac(&Hs256, &secret.into(), message, signature),
        Algorithms::HS384 => is_mac(&Hs384, &secret.into(), message, signature),
        _ => is_mac(&Hs512, &secret.into(), message, signature),
    }
}

fn is_mac<A: Algorithm>(algorithm: &A, key: &A::VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    A::Signature::try_from_slice(signature)
        .is_ok_and(|signature| algorithm.verify_signature(&signature, key, message))
}

#[cfg(test)]
mod tests;
