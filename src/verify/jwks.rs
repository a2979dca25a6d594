//! A JWK Set (RFC 7517 §5): read within bounds, and the key of a token chosen from it by `kid`.

use super::algorithm::Algorithms;
use super::key;
use crate::error::{Code, Error, Result};
use crate::json::Json;
use crate::text::text;

/// The most keys of a set. Those of the large issuers have up to ten.
pub const MAX_KEYS: usize = 100;

/// A key of a set.
#[derive(Debug)]
struct Member {
    kid: Option<String>,
    /// What it can serve, or why it serves nothing.
    can: core::result::Result<Algorithms, &'static str>,
    text: String,
}

/// The keys of a set.
#[derive(Debug)]
pub struct Set(Vec<Member>);

/// What a token says of its key, and what the caller allows.
#[derive(Debug)]
pub struct Wanted {
    /// The id of the key.
    pub kid: Option<String>,
    /// The algorithm of the signature.
    pub algorithm: Algorithms,
    /// The algorithms that are allowed; none where the key tells.
    pub allowed: Algorithms,
}

/// The key of a token.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// The one algorithm that it serves.
    pub algorithm: &'static str,
    /// The JSON text of the JWK.
    pub text: String,
}

impl Set {
    /// Reads a set. A key that serves nothing here is kept with the reason, for the token that names it: sets hold keys of other
    /// kinds (§5).
    ///
    /// # Errors
    /// What is wrong with the whole.
    pub fn read(body: &str) -> core::result::Result<Self, String> {
        let json = Json::parse(body).map_err(|problem| text!["is no JSON: ", problem.words()])?;
        let Some(keys) = json.get("keys").and_then(Json::as_list) else {
            return Err("has no list of keys".into());
        };
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err("has no keys, or more than 100".into());
        }
        let mut members = Vec::new();
        for jwk in keys {
            let secret = jwk.get("k").is_some();
            members.push(Member {
                kid: jwk.get("kid").and_then(Json::as_str).map(str::to_owned),
                can: if secret { Err("is a secret, which no set may tell") } else { key::judge(jwk) },
                text: jwk.to_text(),
            });
        }
        Ok(Set(members))
    }

    /// The key of a token; nothing if it may come with another set.
    ///
    /// # Errors
    /// Why this set has a key that does not do, which another set would not change.
    pub fn choose(&self, wanted: &Wanted) -> Result<Option<Named>> {
        let mut found = None;
        for member in &self.0 {
            // A token that names no key is that of the only one that serves its algorithm.
            if wanted.kid.is_some() && member.kid != wanted.kid {
                continue;
            }
            let can = match member.can {
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
            let algorithm = key::algorithm(can, wanted.allowed)?;
            found = Some(Named { algorithm, text: member.text.clone() });
        }
        Ok(found)
    }
}

/// `ERR_SIGNATURE` for want of a key.
pub fn refuse(why: &str) -> Error {
    Error::new(Code::Signature, why)
}
