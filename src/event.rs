//! What a client tells `onEvent`. No event holds a secret.

use crate::clock::{Span, Timestamp};
use crate::error::Code;
use crate::provider::ProviderName;

/// Something that a client did.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The client's provider.
    pub provider: ProviderName,
    /// When, by the local clock.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What a client did.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A token came.
    Token {
        /// Why it was asked for.
        reason: Reason,
        /// When it ends, by the local clock.
        expires_at: Option<Timestamp>,
        /// How long it took.
        took: Span,
    },
    /// A request of Latchkey's own failed and is made again.
    Retry {
        /// Which try comes, from 1.
        attempt: u32,
        /// After how long.
        delay: Span,
        /// What the last try was answered.
        status: Option<u16>,
        /// What became of it.
        code: Code,
    },
    /// A token request failed; the next one is not made before then.
    Backoff {
        /// Until when.
        until: Timestamp,
        /// Why.
        code: Code,
    },
    /// A request of the user's was answered 401.
    Unauthorized {
        /// Whether it was sent again with another token.
        replayed: bool,
    },
    /// The store failed, or what it gave was wrong. That costs a token request, and nobody's call.
    Store,
    /// A key of the service was changed.
    Key {
        /// What was done.
        action: KeyAction,
        /// To which.
        id: String,
    },
}

/// Why a token was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There was none.
    First,
    /// Its end is near.
    Early,
    /// It has ended.
    Expired,
    /// The caller wanted another: `forceRefresh`, or a `minValidity` that the one held does not reach.
    Forced,
    /// The service answered 401 to it.
    Unauthorized,
    /// It was not asked for: another machine had, and it lay in the store.
    Store,
}

impl Reason {
    /// As events name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::First => "first",
            Reason::Early => "early",
            Reason::Expired => "expired",
            Reason::Forced => "forced",
            Reason::Unauthorized => "unauthorized",
            Reason::Store => "store",
        }
    }
}

/// What was done to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAction {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was ended.
    Revoke,
    /// It was made to take the place of another.
    Rotate,
}

impl KeyAction {
    /// As events name it.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyAction::Create => "create",
            KeyAction::Update => "update",
            KeyAction::Revoke => "revoke",
            KeyAction::Rotate => "rotate",
        }
    }
}
