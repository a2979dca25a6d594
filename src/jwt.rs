//! Reads a JSON Web Token (RFC 7519) in its compact form (RFC 7515 §3.1), and is strict about it.
//!
//! Two readers that disagree about a token are a security hole (RFC 8725 §2), so what is ambiguous is refused: members
//! that stand twice, base64 that could be written in another way, numbers that no date can hold, more or less than three
//! parts. Nothing is verified here: a signature is not looked at, beyond its alphabet.
//!
//! Reading makes one pass over the JSON of most tokens, and takes nothing of it apart but the three times; [`decode`] gives it as
//! text, for JavaScript's own parser.

use crate::base64::{Wrong, take_url};
use crate::clock::Timestamp;
use crate::config::mark::instant_of;
use crate::config::table::fields;
use crate::error::{Code, Error, Result};
use crate::json::{self, Json, MAX_DEPTH};
use crate::text::{self, Text, text};

/// The longest token that is read, in characters. Servers refuse headers of a fraction of that.
pub const MAX_LENGTH: usize = 65_536;

/// What the text of header and claims has besides them, and what reading leaves beyond.
const SPACE: usize = 192;

/// What whoever judges the times of a token is asked: how much longer it may live than it says, and at which instant.
pub const WHEN: &str = fields!["leeway" may Seconds("0 to 8640000000000 seconds"), "now" may Date];

/// The instant, which is this one if none was named, and the leeway.
pub fn when(asked: &Json, now: Timestamp) -> (Timestamp, f64) {
    let leeway = asked.get("leeway").and_then(Json::to_number).unwrap_or_default();
    (asked.get("now").and_then(instant_of).unwrap_or(now), leeway)
}

/// The times of a token (RFC 7519 §4.1.4 to §4.1.6), in seconds after 1970, each at most [`Timestamp::MAX_SECONDS`]. One that
/// is not said is infinitely far, on the side where it refuses nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// Expiration time.
    pub exp: f64,
    /// Not before.
    pub nbf: f64,
    /// Issued at.
    pub iat: f64,
}

impl Default for Times {
    fn default() -> Self {
        Times { exp: f64::INFINITY, nbf: f64::NEG_INFINITY, iat: f64::NEG_INFINITY }
    }
}

impl Times {
    /// `exp` as an instant.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_numeric_date(self.exp)
    }

    /// `iat` as an instant.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.iat.is_finite().then(|| Timestamp::from_numeric_date(self.iat))
    }

    /// The one of this name.
    fn named(&mut self, name: &[u8]) -> Option<&mut f64> {
        match name {
            // Most names need no closer look.
            _ if name.len() != 3 => None,
            b"exp" => Some(&mut self.exp),
            b"nbf" => Some(&mut self.nbf),
            b"iat" => Some(&mut self.iat),
            _ => None,
        }
    }

    /// Whether `exp` has come at `now` (RFC 7519 §4.1.4: "on or after"), given so many seconds more to live.
    pub fn is_expired(&self, now: Timestamp, leeway: f64) -> bool {
        Timestamp::from_numeric_date(self.exp + leeway) <= now
    }
}

/// A token that was read.
#[derive(Debug, Default, PartialEq)]
pub struct Decoded {
    /// The JSON text of `{ header, claims }`, in which header and claims stand as they stood in the token.
    text: Text,
    /// Where the claims begin.
    claims: usize,
    /// The times among the claims.
    pub times: Times,
    /// How much of the token was signed: its header and its claims as they are written, with the dot between them.
    pub signed: usize,
}

/// What stands before the header in a [`Decoded`], and before the claims.
const HEADER: &str = "{\"header\":";
const CLAIMS: &str = ",\"claims\":";

impl Decoded {
    /// The JOSE header: the JSON text of an object.
    pub fn header(&self) -> &str {
        self.text.get(HEADER.len()..self.claims.saturating_sub(CLAIMS.len())).unwrap_or_default()
    }

    /// The claims: the JSON text of an object.
    pub fn claims(&self) -> &str {
        self.text.get(self.claims..self.text.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The JSON text of `{ header, claims }`.
    pub fn into_text(self) -> Text {
        self.text
    }
}

/// Reads a token and gives its header and claims.
///
/// # Errors
/// `ERR_TOKEN_MALFORMED`, saying what is wrong and where.
pub fn decode(token: &str) -> Result<Decoded> {
    if token.len() > MAX_LENGTH {
        return Err(malformed("token", " has \0 characters: more than 65536", token.len()));
    }
    // What is wrong with the token as a whole is looked for only once a part of it is wrong.
    read(token).map_err(|error| whole(token).unwrap_or(error))
}

fn read(token: &str) -> Result<Decoded> {
    let mut rest = token;
    // All of it in one piece, in which what is read of a part is added to.
    let mut bytes = Vec::with_capacity(token.len() + SPACE);
    bytes.extend_from_slice(HEADER.as_bytes());
    take("header", &mut rest, true, &mut bytes)?;
    bytes.extend_from_slice(CLAIMS.as_bytes());
    let claims = bytes.len();
    take(PAYLOAD, &mut rest, true, &mut bytes)?;
    let signed = token.len().saturating_sub(rest.len() + 1);
    let end = bytes.len();
    take("signature", &mut rest, false, &mut bytes)?;
    bytes.truncate(end);
    bytes.push(b'}');
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let (part, start) = if at < claims { ("header", HEADER.len()) } else { (PAYLOAD, claims) };
        malformed(part, " is not UTF-8: wrong byte at \0", at - start)
    })?;
    let mut decoded = Decoded { text: text.into(), claims, times: Times::default(), signed };
    check("header", decoded.header())?;
    decoded.times = check(PAYLOAD, decoded.claims())?;
    Ok(decoded)
}

/// Reads a token and gives its times alone. It refuses what [`decode`] refuses.
///
/// # Errors
/// `ERR_TOKEN_MALFORMED`, as [`decode`].
pub fn times(token: &str) -> Result<Times> {
    decode(token).map(|decoded| decoded.times)
}

/// `ERR_TOKEN_MALFORMED`: that a part of the token is wrong in this way, with the number in the place of a NUL.
fn malformed(part: &str, what: &str, number: usize) -> Error {
    let what = text::replace(what, "\0", &text::digits(number as i64));
    Error::new(Code::TokenMalformed, text!["the ", part, what])
}

/// What is wrong with a token of which a part is wrong, if it says more than that: it has not three, or something got into it by
/// copying it.
fn whole(token: &str) -> Option<Error> {
    // A byte order mark among it.
    let is_space = |c| matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{3000}' | '\u{feff}');
    let space = token.char_indices().find(|(_, c)| is_space(*c));
    let parts = token.bytes().filter(|byte| *byte == b'.').count() + 1;
    let (what, number) = match space {
        _ if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) => {
            (" starts with \"Bearer \": give it without", 0)
        }
        Some((at, _)) => (" has white space at character \0", at),
        None => match parts {
            _ if token.is_empty() => (" is empty", 0),
            1 => (" has no dot: it is opaque, not a JWT", 0),
            3 => return None,
            5 => (" has five parts: it is encrypted (JWE), and only its receiver can read it", 0),
            _ => (" has \0 parts: a JWT has three", parts),
        },
    };
    Some(malformed("token", what, number))
}

/// The part that tells the times.
const PAYLOAD: &str = "payload";

/// Takes a part from the rest of the token, with the dot after it, if there is to be one, and adds what it stands for.
fn take(part: &str, rest: &mut &str, up_to_dot: bool, bytes: &mut Vec<u8>) -> Result<()> {
    take_url(rest, up_to_dot, bytes).map_err(|wrong| {
        let (what, at) = match wrong {
            Wrong::Character(at, b'=') => (" is padded with '=' at \0: base64url in a JWT is not", at),
            Wrong::Character(at, b'+' | b'/') => {
                (" is not base64url: wrong character at \0 (the standard alphabet, not base64url)", at)
            }
            Wrong::Character(at, _) => (" is not base64url: wrong character at \0", at),
            Wrong::Length(length) => (" is not base64url: \0 characters cannot be whole bytes", length),
            Wrong::LastBits(at) => {
                (" is not base64url: the last character, at \0, has bits that mean nothing", at)
            }
        };
        malformed(part, what, at)
    })
}

/// That a part is right, and its times.
fn check(part: &str, json: &str) -> Result<Times> {
    // Most tokens are plain, and read at once. What is wrong with another one is found member by member.
    if let Some(times) = plain_times(part, json) {
        return Ok(times);
    }
    if json.starts_with("\u{feff}") {
        return Err(malformed(part, " starts with a byte order mark", 0));
    }
    if !json.trim_ascii_start().starts_with("{") {
        return Err(malformed(part, ": it is not an object", 0));
    }
    let wrong = |problem: &str| Error::new(Code::TokenMalformed, text!["the ", part, ": ", problem]);
    let mut times = Times::default();
    let is_time = |name: &[u8]| Times::default().named(name).is_some();
    for (name, value) in Json::parse_closely(json, &is_time).map_err(|problem| wrong(&problem))?.members() {
        if let Some(time) = times.named(name.as_bytes()).filter(|_| part == PAYLOAD) {
            let date = match &**value {
                Json::Number(written) => numeric_date(written),
                _ => None,
            };
            let wrong =
                || wrong(&text!["\"", name, "\" is no date: it must be a number of seconds, up to 8.64e12"]);
            *time = date.ok_or_else(wrong)?;
        }
    }
    Ok(times)
}

/// What [`check`] gives, if nothing is wrong or unusual.
fn plain_times(part: &str, json: &str) -> Option<Times> {
    let (mut times, mut is_plain) = (Times::default(), true);
    let is_read = latchkey_scan::json::object(json.as_bytes(), MAX_DEPTH, &mut |name, value| {
        if let Some(time) = times.named(name).filter(|_| part == PAYLOAD) {
            match json.get(value).and_then(numeric_date) {
                Some(seconds) => *time = seconds,
                None => is_plain = false,
            }
        }
    });
    (is_read && is_plain).then_some(times)
}

/// A NumericDate (RFC 7519 §2) that a `Date` can hold, if that is written there.
fn numeric_date(json: &str) -> Option<f64> {
    let is_number = matches!(json.as_bytes(), [b'-' | b'0'..=b'9', ..]);
    json::number(json).filter(|seconds| is_number && (0.0..=Timestamp::MAX_SECONDS).contains(seconds))
}

#[cfg(test)]
mod tests;
