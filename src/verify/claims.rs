//! What is asked of a token besides its signature, and whether its header and claims are so.

use super::algorithm::Algorithms;
use crate::clock::Timestamp;
use crate::config::Fields;
use crate::config::table::SECONDS;
use crate::error::{Code, Error, Result};
use crate::json::Json;
use crate::jwt::Decoded;
use crate::text::text;

/// What the caller asks: `VerifyOptions` without the key.
#[derive(Debug, Default)]
pub struct Policy {
    /// The algorithms that are allowed; none where the key tells.
    pub algorithms: Algorithms,
    issuers: Option<Vec<String>>,
    audiences: Option<Vec<String>>,
    subject: Option<String>,
    typ: Option<String>,
    max_age: Option<f64>,
    leeway: f64,
    required: Vec<String>,
    now: Option<Timestamp>,
}

impl Policy {
    /// Reads the options of `verify`.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every one that is wrong.
    pub fn read(mut given: Fields<'_>) -> Result<Self> {
        let mut algorithms = Algorithms::NONE;
        if let Some(names) = given.texts("algorithms") {
            for name in &names {
                let named = Algorithms::named(name);
                if named == Algorithms::NONE || name.len() > 5 {
                    given.issue("algorithms", &text!["\"", name, "\" is not known here"]);
                }
                algorithms = algorithms.or(named);
            }
            if names.is_empty() {
                given.issue("algorithms", "is empty");
            }
        }
        let policy = Policy {
            algorithms,
            issuers: given.texts("issuer"),
            audiences: given.texts("audience"),
            subject: given.text("subject"),
            typ: given.text("typ"),
            max_age: given.number("maxAge", SECONDS),
            leeway: given.number("leeway", SECONDS).unwrap_or_default(),
            required: given.texts("required").unwrap_or_default(),
            now: given.date("now"),
        };
        given.done()?;
        Ok(policy)
    }

    /// Checks the claims of a token whose signature is good, at this instant if the caller named none.
    ///
    /// # Errors
    /// `ERR_CLAIM` or `ERR_TOKEN_EXPIRED`, naming the first that is not as asked.
    pub fn check(&self, token: &Decoded, header: &Json, now: Timestamp) -> Result<()> {
        let now = self.now.unwrap_or(now).as_millis() as f64 / 1000.0;
        // Read once already, so they are an object.
        let wanted = |name: &str| matches!(name, "iss" | "sub" | "aud") || has(&self.required, name);
        let claims = Json::parse_for(token.claims(), &wanted).unwrap_or_default();
        let text = |name| claims.text_of(name);
        for name in &self.required {
            if claims.get(name).is_none() {
                return Err(claim(name, "is missing"));
            }
        }
        // RFC 8725 §3.11: a token of one kind is not taken for another.
        if let Some(wanted) = &self.typ {
            let typ = header.text_of("typ").unwrap_or_default();
            if !media_type(typ).eq_ignore_ascii_case(media_type(wanted)) {
                return Err(claim("typ", "is not as asked"));
            }
        }
        // RFC 8725 §3.8: the key has to be that of the issuer.
        if self.issuers.as_ref().is_some_and(|wanted| !text("iss").is_some_and(|iss| has(wanted, iss))) {
            return Err(claim("iss", "is not as asked"));
        }
        if self.subject.as_deref().is_some_and(|wanted| text("sub") != Some(wanted)) {
            return Err(claim("sub", "is not as asked"));
        }
        self.check_audience(claims.get("aud"))?;
        let times = token.times;
        if times.exp + self.leeway <= now {
            return Err(Error::new(Code::TokenExpired, "the token has expired (exp)"));
        }
        if times.nbf - self.leeway > now {
            return Err(claim("nbf", "is in the future"));
        }
        if times.iat - self.leeway > now {
            return Err(claim("iat", "is in the future"));
        }
        if let Some(most) = self.max_age {
            if times.iat.is_infinite() {
                return Err(claim("iat", "is missing"));
            }
            if times.iat + most + self.leeway <= now {
                return Err(Error::new(Code::TokenExpired, "the token is older than maxAge (iat)"));
            }
        }
        Ok(())
    }

    /// RFC 8725 §3.9, and RFC 7519 §4.1.3: a token that is for somebody is refused by whoever does not say to be that.
    fn check_audience(&self, aud: Option<&Json>) -> Result<()> {
        let Some(wanted) = &self.audiences else {
            return match aud {
                None => Ok(()),
                Some(_) => Err(claim("aud", "is there: name yourself as options.audience")),
            };
        };
        let named = aud.map(|aud| aud.as_list().unwrap_or(core::slice::from_ref(aud))).unwrap_or_default();
        if named.iter().any(|one| one.as_str().is_some_and(|one| has(wanted, one))) {
            return Ok(());
        }
        Err(claim("aud", "is not as asked"))
    }
}

fn claim(name: &str, what: &str) -> Error {
    Error::new(Code::Claim, text!["the claim ", name, " ", what])
}

fn has(wanted: &[String], given: &str) -> bool {
    wanted.iter().any(|one| one == given)
}

/// A media type as RFC 7515 §4.1.9 has it: `application/` may be left out.
fn media_type(typ: &str) -> &str {
    match typ.split_at_checked(12) {
        Some((start, rest)) if start.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    }
}
