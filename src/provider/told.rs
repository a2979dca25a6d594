//! Where an answer tells what, by JSON pointers. <https://www.rfc-editor.org/rfc/rfc6901>

use crate::clock::{Span, Timestamp};
use crate::error::Result;
use crate::http::{self, Answer, is_header_value};
use crate::json::Json;
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::{Grant, Secret};

/// Reads the answer to a token request, of which is told by JSON pointers where the token is (`token`), and where what else it tells
/// of it: how long it lives (`expiresIn`) or when it ends (`expiresAt`), when it was made (`createdAt`, where it may be an old one, so
/// that its life counts from then), what it may be used for (`scope`), what asks for the next one (`refreshToken`), and the `id` of
/// what it is for. Besides, how many seconds it lives where nothing in the answer says so (`lifetime`), and whether it is `readable`,
/// a JWT of which `exp` is to be believed; which it is in any case where nothing else tells its end.
///
/// # Errors
/// What another status than that of a success means; `ERR_RESPONSE` if there is no token.
pub(super) fn read(told: &Json, answer: &Answer) -> Result<Box<Grant>> {
    let body = answer.json()?;
    let pointer = told.text("token");
    let token = http::text_at(answer, body, pointer)?;
    if !is_header_value(token) {
        return Err(answer.wrong(&text!["a text at ", pointer, " that cannot stand in a header"]));
    }
    let at = |name: &str| body.pointer(told.text_of(name)?);
    let mut grant = Grant::new(Secret::new(token));
    grant.expires_in = at("expiresIn").or(told.get("lifetime")).and_then(seconds);
    grant.expires_at = at("expiresAt").and_then(instant).unwrap_or(Timestamp::NEVER);
    grant.created_at = at("createdAt").and_then(instant);
    grant.token.scopes = at("scope").and_then(scopes);
    grant.token.refresh_token = at("refreshToken").and_then(Json::as_str).map(Secret::new);
    grant.token.id = at("id").and_then(Json::as_str).map(Text::from);
    grant.readable = told.is_set("readable") || told.get("expiresIn").or(told.get("expiresAt")).is_none();
    Ok(grant)
}

/// A length of time: a number of seconds, or the text of one (Azure's endpoints give text).
pub(super) fn seconds(told: &Json) -> Option<Span> {
    told.to_number().filter(|seconds| *seconds >= 0.0).map(Span::from_seconds_f64)
}

/// An instant: a NumericDate or RFC 3339.
fn instant(told: &Json) -> Option<Timestamp> {
    let written = told.as_str().and_then(|written| Timestamp::from_rfc3339(written));
    written.or_else(|| told.to_number().map(Timestamp::from_numeric_date))
}

/// Scopes, separated by spaces (RFC 6749 §3.3), which may be an array there. None has a line of its own.
pub(super) fn scopes(told: &Json) -> Option<Text> {
    let mut scopes = Text::new();
    for scope in told.items() {
        text::append(&mut scopes, " ", scope.as_str().unwrap_or(&NO_TEXT));
    }
    text::optional(&text::replace(scopes.trim_ascii(), "\n", " "))
}
