//! What is asked of a token besides its signature, and whether its header and claims are so.

use super::algorithm::Algorithms;
use crate::clock::Timestamp;
use crate::config::Fields;
use crate::config::table::fields;
use crate::error::{Code, Error, Result};
use crate::json::{Json, NO_LIST, Value};
use crate::jwt::{self, Decoded};
use crate::text::text;
use std::rc::Rc;

/// What the caller asks: `VerifyOptions` without the key, and without [`jwt::WHEN`].
const OPTIONS: &str = fields![
    "algorithms" may Texts,
    "issuer" may Texts,
    "audience" may Texts,
    "subject" may Text,
    "typ" may Text,
    "maxAge" may Seconds("0 to 8640000000000 seconds"),
    "required" may Texts,
];

/// What the caller asks, as it was read.
#[derive(Debug, Default)]
pub struct Policy {
    /// The algorithms that are allowed; none where the key tells.
    pub algorithms: Algorithms,
    asked: Rc<Value>,
}

impl Policy {
    /// Reads the options of `verify`.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every one that is wrong.
    pub fn read(mut given: Fields<'_>) -> Result<Self> {
        given.read(OPTIONS);
        given.read(jwt::WHEN);
        let mut algorithms = Algorithms::NONE;
        let asked = given.given();
        let names = asked.get("algorithms").unwrap_or(&NO_LIST);
        for name in names.items() {
            let Some(name) = name.as_str() else { continue };
            let named = Algorithms::named(name);
            if named == Algorithms::NONE || name.len() > 5 {
                given.issue("algorithms", &text!["\"", name, "\" is not known here"]);
            }
            algorithms = algorithms.or(named);
        }
        if given.has("algorithms") && names.item(0).is_none() {
            given.issue("algorithms", "is empty");
        }
        given.done()?;
        Ok(Policy { algorithms, asked })
    }

    /// Checks the claims of a token whose signature is good, at this instant if the caller named none.
    ///
    /// # Errors
    /// `ERR_CLAIM` or `ERR_TOKEN_EXPIRED`, naming the first that is not as asked.
    pub fn check(&self, token: &Decoded, header: &Json, now: Timestamp) -> Result<()> {
        let required = self.asked.get("required").unwrap_or(&NO_LIST);
        let wanted = |name: &[u8]| {
            matches!(name, b"iss" | b"sub" | b"aud")
                || required.items().any(|one| one.as_str().is_some_and(|one| one.as_bytes() == name))
        };
        // Read once already, so they are an object.
        let claims = Json::parse_for(token.claims(), &wanted).unwrap_or_default();
        for name in required.items().filter_map(Json::as_str) {
            if claims.get(name).is_none() {
                return Err(claim(name, "is missing"));
            }
        }
        // RFC 8725 §3.11: a token of one kind is not taken for another.
        if let Some(wanted) = self.asked.text_of("typ")
            && !media_type(header.text("typ")).eq_ignore_ascii_case(media_type(wanted))
        {
            return Err(claim("typ", NOT_AS_ASKED));
        }
        // RFC 8725 §3.8 and §3.9: the key has to be that of the issuer, and the token for whoever asks.
        for (option, name) in [("issuer", "iss"), ("subject", "sub"), ("audience", "aud")] {
            match (self.asked.get(option), claims.get(name)) {
                (Some(asked), Some(said))
                    if (name == "aud" || said.as_str().is_some()) && have_one(asked, said) => {}
                // RFC 7519 §4.1.3: a token that is for somebody is refused by whoever does not say to be that.
                (None, Some(_)) if name == "aud" => {
                    return Err(claim(name, "is there: name yourself as options.audience"));
                }
                (None, _) => {}
                _ => return Err(claim(name, NOT_AS_ASKED)),
            }
        }
        self.check_times(token, now)
    }

    fn check_times(&self, token: &Decoded, now: Timestamp) -> Result<()> {
        let (now, leeway) = jwt::when(&self.asked, now);
        let (times, now) = (token.times, now.as_millis() as f64 / 1000.0);
        if times.exp + leeway <= now {
            return Err(Error::new(Code::TokenExpired, "the token has expired (exp)"));
        }
        for (name, time) in [("nbf", times.nbf), ("iat", times.iat)] {
            if time - leeway > now {
                return Err(claim(name, "is in the future"));
            }
        }
        if let Some(most) = self.asked.get("maxAge").and_then(Json::to_number) {
            if times.iat.is_infinite() {
                return Err(claim("iat", "is missing"));
            }
            if times.iat + most + leeway <= now {
                return Err(Error::new(Code::TokenExpired, "the token is older than maxAge (iat)"));
            }
        }
        Ok(())
    }
}

/// Whether one of these is one of those.
fn have_one(these: &Json, those: &Json) -> bool {
    these.items().any(|one| those.items().any(|other| one == other))
}

const NOT_AS_ASKED: &str = "is not as asked";

fn claim(name: &str, what: &str) -> Error {
    Error::new(Code::Claim, text!["the claim ", name, " ", what])
}

/// A media type as RFC 7515 §4.1.9 has it: `application/` may be left out.
fn media_type(typ: &str) -> &str {
    match typ.split_at_checked(12) {
        Some((start, rest)) if start.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    }
}
