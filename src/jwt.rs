//! Reads a JSON Web Token (RFC 7519) in its compact form (RFC 7515 §3.1), and is strict about it.
//!
//! Two readers that disagree about a token are a security hole (RFC 8725 §2), so what is ambiguous is refused: members
//! that stand twice, base64 that could be written in another way, numbers that no date can hold, more or less than three
//! parts. Nothing is verified here: a signature is not looked at, beyond its alphabet.
//!
//! Reading makes one pass over the JSON and takes nothing of it apart but the three times; [`decode`] gives it as text, for
//! JavaScript's own parser.

use crate::base64::{Wrong, take_url};
use crate::clock::Timestamp;
use crate::config::mark::instant_of;
use crate::config::table::fields;
use crate::error::{Code, Error, Result};
use crate::json::{self, Json, MAX_DEPTH};
use crate::text::{self, text};
use core::ops::Range;

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

    /// Whether `exp` has come at `now` (RFC 7519 §4.1.4: "on or after"), given so many seconds more to live.
    pub fn is_expired(&self, now: Timestamp, leeway: f64) -> bool {
        Timestamp::from_numeric_date(self.exp + leeway) <= now
    }
}

/// A token that was read.
#[derive(Debug, Default, PartialEq)]
pub struct Decoded {
    /// The JSON text of `{ header, claims }`, in which header and claims stand as they stood in the token.
    text: String,
    header: Range<usize>,
    claims: Range<usize>,
    /// The times among the claims.
    pub times: Times,
    /// How much of the token was signed: its header and its claims as they are written, with the dot between them.
    pub signed: usize,
}

impl Decoded {
    /// The JOSE header: the JSON text of an object.
    pub fn header(&self) -> &str {
        self.text.get(self.header.clone()).unwrap_or_default()
    }

    /// The claims: the JSON text of an object.
    pub fn claims(&self) -> &str {
        self.text.get(self.claims.clone()).unwrap_or_default()
    }

    /// The JSON text of `{ header, claims }`.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Reads a token and gives its header and claims.
///
/// # Errors
/// `ERR_TOKEN_MALFORMED`, saying what is wrong and where.
pub fn decode(token: &str) -> Result<Decoded> {
    if token.len() > MAX_LENGTH {
        return Err(malformed(&text![
            "the token has ",
            text::digits(token.len() as i64),
            " characters: more than ",
            text::digits(MAX_LENGTH as i64)
        ]));
    }
    // What is wrong with the token as a whole is looked for only once a part of it is wrong.
    read(token).map_err(|error| whole(token).unwrap_or(error))
}

fn read(token: &str) -> Result<Decoded> {
    let mut rest = token;
    // All of it in one piece, in which what is read of a part is added to.
    let mut bytes = Vec::with_capacity(token.len() + SPACE);
    let header = Part::Header.take(&mut rest, "{\"header\":", &mut bytes)?;
    let claims = Part::Claims.take(&mut rest, ",\"claims\":", &mut bytes)?;
    let signed = token.len().saturating_sub(rest.len() + 1);
    let end = bytes.len();
    let signature = Part::Signature.take(&mut rest, "", &mut bytes);
    bytes.truncate(end);
    bytes.push(b'}');
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let (part, start) =
            if at < claims.start { (Part::Header, header.start) } else { (Part::Claims, claims.start) };
        part.malformed(&text![" is not UTF-8: wrong byte at ", text::digits(at as i64 - start as i64)])
    })?;
    let mut decoded = Decoded { text, header, claims, times: Times::default(), signed };
    Part::Header.check(decoded.header())?;
    decoded.times = Part::Claims.check(decoded.claims())?;
    signature?;
    Ok(decoded)
}

/// Reads a token and gives its times alone. It refuses what [`decode`] refuses.
///
/// # Errors
/// `ERR_TOKEN_MALFORMED`, as [`decode`].
pub fn times(token: &str) -> Result<Times> {
    decode(token).map(|decoded| decoded.times)
}

fn malformed(message: &str) -> Error {
    Error::new(Code::TokenMalformed, message)
}

/// What is wrong with a token of which a part is wrong, if it says more than that: it has not three, or something got into it by
/// copying it.
fn whole(token: &str) -> Option<Error> {
    if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Some(malformed("the token starts with \"Bearer \": give it without"));
    }
    // A byte order mark among it.
    let is_space = |c| matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{3000}' | '\u{feff}');
    if let Some((at, _)) = token.char_indices().find(|(_, c)| is_space(*c)) {
        return Some(malformed(&text![
            "white space at character ",
            text::digits(at as i64),
            " of the token"
        ]));
    }
    Some(malformed(&match token.bytes().filter(|byte| *byte == b'.').count() {
        2 => return None,
        _ if token.is_empty() => "the token is empty".to_owned(),
        0 => "the token has no dot: it is opaque, not a JWT".to_owned(),
        4 => "the token has five parts: it is encrypted (JWE), and only its receiver can read it".to_owned(),
        dots => text!["the token has ", text::digits(dots as i64 + 1), " parts: a JWT has three"],
    }))
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Header,
    Claims,
    Signature,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Claims => "payload",
            Part::Signature => "signature",
        }
    }

    /// That it is wrong in this way.
    fn malformed(self, what: &str) -> Error {
        malformed(&text!["the ", self.name(), what])
    }

    /// Takes it from the rest of the token, with the dot after it, and adds what it stands for, after what stands before it there.
    /// Where that is.
    fn take(self, rest: &mut &str, before: &str, bytes: &mut Vec<u8>) -> Result<Range<usize>> {
        bytes.extend_from_slice(before.as_bytes());
        let start = bytes.len();
        if let Err(wrong) = take_url(rest, self != Part::Signature, bytes) {
            let (what, at, why) = match wrong {
                Wrong::Character(at, b'=') => (" is padded with '=' at ", at, ": base64url in a JWT is not"),
                Wrong::Character(at, b'+' | b'/') => {
                    (" is not base64url: wrong character at ", at, " (the standard alphabet, not base64url)")
                }
                Wrong::Character(at, _) => (" is not base64url: wrong character at ", at, ""),
                Wrong::Length(length) => (" is not base64url: ", length, " characters cannot be whole bytes"),
                Wrong::LastBits(at) => {
                    (" is not base64url: the last character, at ", at, ", has bits that mean nothing")
                }
            };
            return Err(self.malformed(&text![what, text::digits(at as i64), why]));
        }
        if bytes.get(start..).unwrap_or_default().starts_with(b"\xef\xbb\xbf") && self != Part::Signature {
            return Err(self.malformed(" starts with a byte order mark"));
        }
        Ok(start..bytes.len())
    }

    fn check(self, json: &str) -> Result<Times> {
        // Most tokens are plain, and read at once. What is wrong with another one is found member by member.
        if let Some(times) = self.plain_times(json) {
            return Ok(times);
        }
        if !json.trim_ascii_start().starts_with("{") {
            return Err(self.malformed(": it is not an object"));
        }
        let mut times = Times::default();
        let read = Json::parse(json).map_err(|problem| self.malformed(&text![": ", problem]))?;
        for (name, value) in read.members() {
            let Some(time) = self.time(&mut times, name.as_bytes()) else { continue };
            *time = match value {
                Json::Number(written) => numeric_date(written),
                _ => None,
            }
            .ok_or_else(|| {
                self.malformed(&text![
                    ": \"",
                    name,
                    "\" is no date: it must be a number of seconds, up to 8.64e12"
                ])
            })?;
        }
        Ok(times)
    }

    /// What [`Part::check`] gives, if nothing is wrong or unusual.
    fn plain_times(self, json: &str) -> Option<Times> {
        let (mut times, mut is_plain) = (Times::default(), true);
        let is_read = latchkey_scan::json::object(json.as_bytes(), MAX_DEPTH, &mut |name, value| {
            if let Some(time) = self.time(&mut times, name) {
                match core::str::from_utf8(value).ok().and_then(numeric_date) {
                    Some(seconds) => *time = seconds,
                    None => is_plain = false,
                }
            }
        });
        (is_read && is_plain).then_some(times)
    }

    /// The time of this name, if it is one of those of the token.
    fn time<'t>(self, times: &'t mut Times, name: &[u8]) -> Option<&'t mut f64> {
        match name {
            // Most names need no closer look.
            _ if name.len() != 3 || self != Part::Claims => None,
            b"exp" => Some(&mut times.exp),
            b"nbf" => Some(&mut times.nbf),
            b"iat" => Some(&mut times.iat),
            _ => None,
        }
    }
}

/// A NumericDate (RFC 7519 §2) that a `Date` can hold, if that is written there.
fn numeric_date(json: &str) -> Option<f64> {
    let is_number = matches!(json.as_bytes(), [b'-' | b'0'..=b'9', ..]);
    json::number(json).filter(|seconds| is_number && (0.0..=Timestamp::MAX_SECONDS).contains(seconds))
}

#[cfg(test)]
mod tests;
