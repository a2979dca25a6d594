//! A secret, a grant (what a service gave) and a token (what is held of it).

use crate::clock::{ServerClock, Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::json::Value;
use crate::jwt;
use crate::text::{self, Text, text};
use std::rc::Rc;

/// The shortest secret that is taken out of other people's words: one of three characters would take out half of them.
const SHORTEST_REDACTED: usize = 4;

/// A text that must not be seen: a password, an API key, a token. It prints as `[redacted]`. In the module that is shipped it is
/// wiped when it is dropped, as all is that was in memory (`js/allocator.rs`). Its clones share the text, so that each is one
/// pointer.
#[derive(PartialEq, Eq)]
pub struct Secret(Rc<String>);

impl Clone for Secret {
    // By hand, to be one function and not a copy of it wherever a secret is shared.
    #[inline(never)]
    fn clone(&self) -> Self {
        Secret(Rc::clone(&self.0))
    }
}

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<Text>) -> Self {
        Secret(Rc::new(text.into().into_string()))
    }

    /// Lets the text out: only where a header, a body or the answer to the caller is made.
    pub fn reveal(&self) -> &String {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with `[redacted]` wherever this secret stands in it: as it is, percent-encoded, or as JSON writes it.
    #[must_use]
    pub(crate) fn redact(&self, text: &str) -> Text {
        let mut text = Text::from(text);
        if self.0.len() < SHORTEST_REDACTED {
            return text;
        }
        let as_json = Value::from(self.reveal()).to_text();
        let within_quotes = as_json.strip_prefix("\"").and_then(|json| json.strip_suffix("\""));
        let mut redact = |form: &str| text = text::replace(&text, form, "[redacted]");
        redact(self.reveal());
        redact(within_quotes.unwrap_or(&as_json));
        let mut encoded = crate::http::form_encode(self.reveal());
        redact(&encoded);
        // By the first of these a form becomes what stands in a URL, and by all of them what `encodeURIComponent` writes.
        for (wanted, by) in
            &[("+", "%20"), ("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%7E", "~")]
        {
            encoded = text::replace(&encoded, wanted, by);
            redact(&encoded);
        }
        text
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a service gave for a credential, in its own terms. In a box, as it goes through many hands.
#[derive(Debug)]
pub struct Grant {
    /// The token, of which no end is known yet.
    pub token: Box<Token>,
    /// How long it lives, from its arrival (RFC 6749 §5.1).
    pub expires_in: Option<Span>,
    /// When it ends, by the service's clock.
    pub expires_at: Timestamp,
    /// When it was made, by the service's clock, where `expires_in` counts from then.
    pub created_at: Option<Timestamp>,
    /// Whether the token is a JWT of which `exp` is to be believed. An OAuth 2 token is opaque.
    pub readable: bool,
    /// What to do when it has expired, where it cannot be asked for again.
    pub gone: Option<&'static str>,
}

impl Grant {
    /// A grant of this token, and nothing else known of it.
    pub fn new(token: Secret) -> Box<Self> {
        Box::new(Grant {
            token: Box::new(Token::of(token)),
            expires_in: None,
            expires_at: Timestamp::NEVER,
            created_at: None,
            readable: false,
            gone: None,
        })
    }

    /// The grant of a static key: the credential itself.
    pub fn key(key: Secret) -> Box<Self> {
        let mut grant = Grant::new(key);
        grant.token.is_key = true;
        grant
    }

    /// The token that this grant gives, its end told by the local clock: the earliest of all that the service says.
    ///
    /// # Errors
    /// `ERR_TOKEN_EXPIRED` if by every reading its end has passed already.
    #[expect(clippy::boxed_local, reason = "out of its box it would be moved once more")]
    pub fn accept(mut self: Box<Self>, arrival: Timestamp, clock: &ServerClock) -> Result<Box<Token>> {
        let mut earliest = clock.local(self.expires_at, None, arrival);
        let mut add = |end: Timestamp| earliest = earliest.min(end);
        if let Some(lifetime) = self.expires_in {
            add(arrival + lifetime);
            if let Some(made) = self.created_at {
                add(clock.local(made + lifetime, Some(made), arrival));
            }
        }
        if self.readable
            && let Ok(times) = jwt::times(self.token.secret.reveal())
        {
            add(clock.local(times.expires_at(), times.issued_at(), arrival));
        }
        if earliest <= arrival {
            let message = match self.gone {
                Some(cure) => text!["the token has expired, and cannot be asked for again: ", cure],
                None => {
                    let late = (arrival - earliest).whole_seconds();
                    text![
                        "the service gave a token that expired ",
                        #late,
                        " s ago: check its clock, or ask for a new session"
                    ]
                }
            };
            return Err(Error::new(Code::TokenExpired, message));
        }
        self.token.expires_at = earliest;
        Ok(self.token)
    }
}

/// A token that is held.
#[derive(Debug)]
pub struct Token {
    /// Its text.
    pub secret: Secret,
    /// Which of a client's tokens it is, so that a 401 can be told to be of this one: the lifecycle numbers their texts.
    pub generation: u32,
    /// Whether it is a static key, which costs no request.
    pub is_key: bool,
    /// Whether it was found in a store, and the service not asked.
    pub found: bool,
    /// When it ends, by the local clock.
    pub expires_at: Timestamp,
    /// What asks for the next one.
    pub refresh_token: Option<Secret>,
    /// What it may be used for, separated by spaces (RFC 6749 §3.3).
    pub scopes: Option<Text>,
    /// The id of what it is for, where it is for one thing.
    pub id: Option<Text>,
}

impl Token {
    /// One of which nothing is known but its text.
    pub fn of(secret: Secret) -> Self {
        Token {
            secret,
            generation: 0,
            is_key: false,
            found: false,
            expires_at: Timestamp::NEVER,
            refresh_token: None,
            scopes: None,
            id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn jwt(claims: &str) -> Secret {
        use base64::Engine;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        Secret::new(format!("{}.{}.c2ln", part(r#"{"alg":"HS256"}"#), part(claims)))
    }

    #[test]
    fn a_secret_prints_as_redacted_and_is_found_in_every_form() {
        let secret = Secret::new("a+b&c d\"");
        let text = "plain a+b&c d\", form a%2Bb%26c+d%22, URL a%2Bb%26c%20d%22, JSON a+b&c d\\\"";
        assert_eq!(secret.redact(text), "plain [redacted], form [redacted], URL [redacted], JSON [redacted]");
        assert_eq!(format!("{secret:?}"), "[redacted]");
    }

    #[test]
    fn the_earliest_end_wins() {
        let mut grant = Grant::new(jwt(r#"{"exp":1800000050}"#));
        grant.readable = true;
        grant.expires_in = Some(Span::from_seconds(100));
        grant.created_at = Some(NOW - Span::from_seconds(30));
        let token = grant.accept(NOW, &ServerClock::default()).unwrap();
        assert_eq!(token.expires_at, NOW + Span::from_seconds(50));
    }

    #[test]
    fn a_token_given_again_counts_from_its_creation() {
        let mut grant = Grant::new(Secret::new("opaque"));
        grant.expires_in = Some(Span::from_seconds(7200));
        grant.created_at = Some(NOW - Span::from_seconds(7000));
        let token = grant.accept(NOW, &ServerClock::default()).unwrap();
        assert_eq!(token.expires_at, NOW + Span::from_seconds(200));
    }

    #[test]
    fn an_opaque_token_is_not_looked_into() {
        let token = Grant::new(jwt(r#"{"exp":1}"#)).accept(NOW, &ServerClock::default()).unwrap();
        assert_eq!(token.expires_at, Timestamp::NEVER);
    }

    #[test]
    fn a_token_that_has_expired_by_every_reading_is_refused() {
        let mut grant = Grant::new(jwt(r#"{"exp":1799999990}"#));
        grant.readable = true;
        let error = grant.accept(NOW, &ServerClock::default()).unwrap_err();
        assert_eq!(error.code, Code::TokenExpired);
        assert!(error.message.contains("10 s ago"), "{error}");
    }
}
