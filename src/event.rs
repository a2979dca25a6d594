//! What a client tells `onEvent`. No event holds a secret.

use crate::clock::{Span, Timestamp};
use crate::error::Code;
use crate::provider::ProviderName;
use crate::text::{Text, named};

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
        expires_at: Timestamp,
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
        id: Text,
    },
}

impl EventKind {
    /// Its name.
    pub fn as_str(&self) -> &'static str {
        match self {
            EventKind::Token { .. } => "token",
            EventKind::Retry { .. } => "retry",
            EventKind::Backoff { .. } => "backoff",
            EventKind::Unauthorized { .. } => "unauthorized",
            EventKind::Store => "store",
            EventKind::Key { .. } => "key",
        }
    }
}

named! {
    /// Why a token was asked for.
    Reason:
    /// There was none.
    First = "first",
    /// Its end is near.
    Early = "early",
    /// It has ended.
    Expired = "expired",
    /// The caller wanted another: `forceRefresh`, or a `minValidity` that the one held does not reach.
    Forced = "forced",
    /// The service answered 401 to it.
    Unauthorized = "unauthorized",
    /// It was not asked for: another machine had, and it lay in the store.
    Store = "store",
}

named! {
    /// What was done to a key.
    KeyAction:
    /// It was made.
    Create = "create",
    /// It was changed.
    Update = "update",
    /// It was ended.
    Revoke = "revoke",
    /// It was made to take the place of another.
    Rotate = "rotate",
}
