//! Where an answer tells what, by JSON pointers. <https://www.rfc-editor.org/rfc/rfc6901>

use crate::clock::{Span, Timestamp};
use crate::error::Result;
use crate::http::{self, Answer, is_header_value};
use crate::json::Json;
use crate::text::{self, text};
use crate::token::{Grant, Secret};

/// Where an answer has the token, and what else it tells of it. An empty pointer stands for what is not told.
#[derive(Debug)]
pub struct Told<'a> {
    /// The token: a text that can stand in a header.
    pub token: &'a str,
    /// How long it lives.
    pub expires_in: &'a str,
    /// When it ends.
    pub expires_at: &'a str,
    /// When it was made, where it may be an old one, so that its life counts from then.
    pub created_at: &'a str,
    /// What it may be used for.
    pub scope: &'a str,
    /// What asks for the next one.
    pub refresh_token: &'a str,
    /// The id of what it is for.
    pub id: &'a str,
    /// How long it lives where nothing in the answer says so.
    pub lifetime: Option<Span>,
    /// Whether it is a JWT of which `exp` is to be believed.
    pub readable: bool,
}

impl Told<'_> {
    pub(super) const NOTHING: Self = Told {
        token: "",
        expires_in: "",
        expires_at: "",
        created_at: "",
        scope: "",
        refresh_token: "",
        id: "",
        lifetime: None,
        readable: false,
    };

    /// Reads the answer.
    ///
    /// # Errors
    /// What another status than that of a success means; `ERR_RESPONSE` if there is no token.
    pub fn read(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let token = http::text_at(answer, body, self.token)?;
        if !is_header_value(token) {
            return Err(answer.wrong(&text!["a text at ", self.token, " that cannot stand in a header"]));
        }
        let at = |pointer: &str| body.pointer(pointer).filter(|_| !pointer.is_empty());
        let text_at = |pointer: &str| at(pointer).and_then(Json::as_str);
        let mut grant = Grant::new(Secret::new(token));
        grant.expires_in = at(self.expires_in).and_then(seconds).or(self.lifetime);
        grant.expires_at = at(self.expires_at).and_then(instant).unwrap_or(Timestamp::NEVER);
        grant.created_at = at(self.created_at).and_then(instant);
        grant.token.scopes = at(self.scope).and_then(scopes);
        grant.token.refresh_token = text_at(self.refresh_token).map(Secret::new);
        grant.token.id = text_at(self.id).map(str::to_owned);
        grant.readable = self.readable;
        Ok(grant)
    }
}

/// A length of time: a number of seconds, or the text of one (Azure's endpoints give text).
pub(super) fn seconds(told: &Json) -> Option<Span> {
    told.to_number().filter(|seconds| *seconds >= 0.0).map(Span::from_seconds_f64)
}

/// An instant: a NumericDate or RFC 3339.
fn instant(told: &Json) -> Option<Timestamp> {
    let written = told.as_str().and_then(Timestamp::from_rfc3339);
    written.or_else(|| told.to_number().map(Timestamp::from_numeric_date))
}

/// Scopes, separated by spaces (RFC 6749 §3.3), which may be an array there. None has a line of its own.
fn scopes(told: &Json) -> Option<String> {
    let mut scopes = String::new();
    for scope in told.one_or_more() {
        scopes.push_str(scope.as_str().unwrap_or_default());
        scopes.push(' ');
    }
    text::optional(&text::replace(scopes.trim_ascii(), "\n", " "))
}
