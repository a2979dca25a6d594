//! A token that many machines share, by way of a store that somebody else runs: under which name it lies there, how it is
//! written and read, and what of the store a client remembers.
//!
//! A store is not believed. What it gives was perhaps truncated, is another client's, or is long since refused; what comes of
//! that is one token request more, and never an error. [`sharing`] has the rules.
//!
//! No cryptography is here: the platform's Web Crypto hashes the name and encrypts the [`Record`] (`pkg/src/store.js`).

mod sharing;

pub use sharing::{Next, Sharing};

use crate::clock::{Span, Timestamp};
use crate::config::{Config, Credential};
use crate::http::is_header_value;
use crate::provider::{Acquire, Provider, ProviderName};
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::{Secret, Token};

/// How long a token is kept of which nobody says when it ends.
const UNKNOWN_LIFE: Span = Span::from_seconds(86_400);

/// What is asked of a store. Each comes to a text.
pub struct Call {
    /// - `get`: the record that lies there; an empty text if there is none.
    /// - `set`: write the record, for so long.
    /// - `erase`: take it away.
    /// - `lease`: be the one who asks the service, for so long at most. Comes to `1` if so, and to `0` if somebody
    ///   else is.
    /// - `release`: be that no longer.
    pub op: &'static str,
    /// The record; empty where none is written.
    pub record: Secret,
    /// For how long.
    pub time: Span,
}

impl Call {
    /// One that writes nothing.
    pub fn new(op: &'static str, time: Span) -> Self {
        Call { op, record: Secret::new(""), time }
    }

    /// Writes a token that came at this local time, where the server's clock is so far ahead.
    pub fn set(generation: i64, token: &Token, came: Timestamp, ahead: Span) -> Self {
        let ends = !token.expires_at.is_never();
        let life = if ends { token.expires_at - came } else { UNKNOWN_LIFE };
        let lives = if ends { text::digits(life.as_millis()) } else { Text::new() };
        let refresh_token = token.refresh_token.as_ref().map_or(&NO_TEXT, Secret::reveal);
        let record = text![
            #generation,
            "\n",
            #(came + ahead).as_millis(),
            "\n",
            lives,
            "\n",
            token.secret.reveal(),
            "\n",
            refresh_token,
            "\n",
            text::or_nothing(&token.id),
            "\n",
            text::or_nothing(&token.scopes)
        ];
        Call { op: "set", record: Secret::new(record), time: life }
    }
}

/// A token as it lies in a store: a text of seven lines, which are the generation, when it was made, how long it lives, the
/// token, what asks for the next, the id of what it is for, and its scopes. Times are milliseconds by the server's clock, as far
/// as the writer knew it.
#[derive(Debug)]
pub struct Record {
    /// It grows with each token that is written. Milliseconds of the writer's clock, so that it grows even where the record
    /// before is gone; one more than the last one, where that is not enough.
    pub generation: i64,
    /// The token; its end is told by the local clock.
    pub token: Box<Token>,
}

impl Record {
    /// Reads a record; nothing if it is none.
    pub fn read(text: &str, now: Timestamp, ahead: Span) -> Option<Self> {
        let mut rest = text;
        let mut line = || text::take_until(&mut rest, b'\n');
        let generation = text::natural(line())?;
        let made_at = Timestamp::from_millis(text::natural(line())?);
        let (life, secret) = (line(), line());
        let mut expires_at = Timestamp::NEVER;
        if !life.is_empty() {
            let life = Span::from_millis(text::natural(life)?);
            // It lives no longer than from its making to its end, whatever a clock says.
            expires_at = (made_at + life - ahead).min(now + life);
        }
        let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
        if breaks != 6 || !is_header_value(secret) {
            return None;
        }
        let token = Token {
            found: true,
            expires_at,
            refresh_token: text::optional(line()).map(Secret::new),
            id: text::optional(line()),
            scopes: text::optional(line()),
            ..Token::of(Secret::new(secret))
        };
        Some(Record { generation, token: Box::new(token) })
    }
}

/// What a client remembers of its store, so that an old record is known for one. All are generations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// The newest that was ever seen.
    pub seen: i64,
    /// That of the token now held.
    pub held: i64,
    /// This one and those before it were given up: by `invalidate`, or by `logout`.
    pub revoked: i64,
    /// Whether what is seen next was given up too, as nothing had been seen yet.
    revokes: bool,
    /// How often something was given up.
    pub forgotten: u32,
}

impl Memory {
    /// Gives up what was seen so far.
    pub fn forget(&mut self) {
        self.revoked = self.seen;
        self.revokes = self.seen == 0;
        self.forgotten = self.forgotten.wrapping_add(1);
    }

    /// Notes a generation that was seen.
    pub fn see(&mut self, generation: i64) {
        self.seen = generation;
        if core::mem::take(&mut self.revokes) {
            self.revoked = generation;
        }
    }

    /// The generation of what is written now.
    pub fn next(&mut self, now: Timestamp) -> i64 {
        self.seen = self.seen.saturating_add(1).max(now.as_millis());
        self.held = self.seen;
        self.seen
    }
}

/// Credentials that say whose the token is, and are part of its name.
const IDENTITIES: &[&str] = &["email", "username", "clientId", "apiKey", "key"];
/// Credentials that are in no name: they may be guessed, and a hash can be tried at leisure.
const SECRETS: &[&str] = &["password", "secret", "clientSecret"];

/// Whether only a partition says whose the tokens of this provider are: a credential is a function, or has a name that says
/// nothing here.
pub fn is_vague(name: ProviderName, provider: &Provider) -> bool {
    let mut is_vague = name == ProviderName::Token;
    for (name, credential) in provider.credentials() {
        let name = name.as_str();
        is_vague |= matches!(credential, Credential::Ask(_))
            || !(IDENTITIES.contains(&name) || SECRETS.contains(&name));
    }
    is_vague
}

/// What tells a client's token from any other, before it is hashed; nothing if it is not to be shared, as a static key is not.
///
/// It is the request for the token, with a dash for each credential that says nothing or has to stay secret: so a scope, a
/// session or whatever else is asked for is in it. The parts have their lengths before them, so no two lists make one name.
pub fn name_of(config: &Config) -> Option<Text> {
    let mut name = Text::new();
    let mut add = |text: &str| {
        name.push_str(&text::digits(text.len() as i64));
        name.push(':');
        name.push_str(text);
    };
    add(config.name.as_str());
    add(config.partition().unwrap_or(&NO_TEXT));
    add(text::or_nothing(&config.session));
    let mut credentials = Vec::new();
    for (name, credential) in config.provider.credentials() {
        let secret = match credential {
            Credential::Known(secret) if IDENTITIES.contains(&name.as_str()) => secret.clone(),
            _ => Secret::new("-"),
        };
        credentials.push((name.clone(), secret));
    }
    let mut discovered = None;
    let acquire = loop {
        match config
            .provider
            .token_request(&config.given(&credentials, discovered.as_ref().map(Text::as_string)))
            .ok()?
        {
            // As good as what it would lead to.
            Acquire::Discover(issuer) => discovered = Some(issuer),
            acquire => break acquire,
        }
    };
    match acquire {
        Acquire::Request(request) => {
            add(&request.url);
            for (header, value) in &request.headers {
                add(header);
                add(value.reveal());
            }
            add(request.body.as_ref().map_or("", |body| body.reveal()));
        }
        Acquire::Ask(_) => add(config.base_url()),
        _ => return None,
    }
    Some(name)
}

#[cfg(test)]
mod tests;
