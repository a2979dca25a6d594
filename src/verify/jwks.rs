//! A JWK Set (RFC 7517 §5): read within bounds, and the key of a token chosen from it by `kid`.

use super::algorithm::Algorithms;
use super::key;
use crate::error::{Code, Error, Result};
use crate::json::{Json, NO_ITEMS, Value};
use crate::text::{Text, text};

/// The most keys of a set. Those of the large issuers have up to ten.
pub const MAX_KEYS: usize = 100;

/// A set as it was read. What its keys can serve is judged when one is chosen, since sets hold keys of other kinds (§5).
#[derive(Debug)]
pub struct Set(Value);

/// What a token says of its key, and what the caller allows.
#[derive(Debug)]
pub struct Wanted<'t> {
    /// The id of the key.
    pub kid: Option<&'t String>,
    /// The algorithm of the signature.
    pub algorithm: Algorithms,
    /// The algorithms that are allowed; none where the key tells.
    pub allowed: Algorithms,
}

/// The key of a token.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// The one algorithm that it serves.
    pub algorithm: Algorithms,
    /// What the platform is to import, PEM or the JSON text of a JWK; empty if it has the key.
    pub text: Text,
}

impl Set {
    /// Reads a set.
    ///
    /// # Errors
    /// What is wrong with the whole.
    pub fn read(body: &str) -> core::result::Result<Self, Text> {
        let set = Set(Json::parse(body).map_err(|problem| text!["is no JSON: ", problem])?);
        match set.keys().map(Vec::len) {
            None => Err("has no list of keys".into()),
            Some(1..=MAX_KEYS) => Ok(set),
            _ => Err("has no keys, or more than 100".into()),
        }
    }

    fn keys(&self) -> Option<&Vec<Value>> {
        self.0.get("keys").and_then(Json::as_list)
    }

    /// The key of a token; nothing if it may come with another set.
    ///
    /// # Errors
    /// Why this set has a key that does not do, which another set would not change.
    pub fn choose(&self, wanted: &Wanted) -> Result<Option<Named>> {
        let mut found: Option<(&Json, Algorithms)> = None;
        for jwk in self.keys().unwrap_or(&NO_ITEMS) {
            // A token that names no key is that of the only one that serves its algorithm.
            if wanted.kid.is_some() && jwk.text_of("kid") != wanted.kid {
                continue;
            }
            let is_secret = jwk.get("k").is_some();
            let judged = if is_secret { Err("is a secret, which no set may tell") } else { key::judge(jwk) };
            let can = match judged {
                Ok(can) => can,
                Err(why) if wanted.kid.is_some() => {
                    return Err(refuse(&text!["the key of the token's kid ", why]));
                }
                Err(_) => continue,
            };
            // Keys of two kinds may have one id (RFC 7517 §4.5).
            if can.and(wanted.algorithm) == Algorithms::NONE {
                continue;
            }
            if found.is_some() {
                return Err(refuse("more than one key of the set could be that of the token (kid)"));
            }
            found = Some((jwk, can));
        }
        let Some((jwk, can)) = found else { return Ok(None) };
        Ok(Some(Named { algorithm: key::algorithm(can, wanted.allowed)?, text: jwk.to_text() }))
    }
}

/// `ERR_SIGNATURE` for want of a key.
pub fn refuse(why: &str) -> Error {
    Error::new(Code::Signature, why)
}
