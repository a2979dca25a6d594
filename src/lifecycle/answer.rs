//! What a lifecycle says is to be done, and what it knows of tokens and flights by name.

use crate::clock::{Span, Timestamp};
use crate::error::Error;
use crate::event::Reason;
use crate::token::Token;
use std::rc::Rc;

/// The right to make one token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub(super) number: u32,
    /// Why it is made.
    pub reason: Reason,
    /// Whether a good token is held meanwhile: then there is time, and the backoff here spaces the tries.
    pub in_window: bool,
    /// Whether the service may still hold the last token for good, so that a new one must be forced from it.
    pub fresh: bool,
    /// Whether only a token will do that is asked for from now on.
    pub newer: bool,
    /// How long the token has to live on, for the caller in front.
    pub min_validity: Span,
}

/// What a caller is to do.
#[derive(Debug)]
pub enum Poll {
    /// Use this token.
    Use(Held),
    /// Use this token, and let the request be made meanwhile.
    UseAndRefresh(Held, Ticket),
    /// Make the request, then poll again.
    Refresh(Ticket),
    /// A request is on its way: poll again when it has ended.
    Wait,
    /// Nothing is asked now; this is why.
    Backoff(Error),
    /// The token that came lives shorter than was wanted, until then.
    TooShort(Timestamp),
    /// The session was logged out after the caller had asked.
    LoggedOut,
}

/// A token in use.
pub type Held = Rc<Token>;

/// What a 401 calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ask for a token again and, if it is another one, send the request again.
    Renew,
    /// It is the service's last word: hand the answer to the caller.
    HandBack,
}

/// What became of a flight.
#[derive(Debug, PartialEq, Eq)]
pub enum Landing {
    /// There is a new token.
    New,
    /// The service gave the token that was held already.
    Same,
    /// Nobody waits for it any more.
    Late,
}
