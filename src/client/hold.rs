//! Getting hold of a token: the lifecycle is polled until there is one, or a reason why there is none.

use super::Client;
use super::acquire::Resolve;
use crate::error::{Code, Error, Result};
use crate::lifecycle::{Held, Poll, Ticket, Want};
use crate::task::{Effect, Next, Outcome, Work};
use crate::text::text;

/// How many flights a caller waits for. More than two in a row have all been forgotten as soon as they had landed.
const MAX_ROUNDS: u32 = 8;

/// A caller who wants a token. It comes to one.
pub(super) struct Hold {
    client: Client,
    want: Want,
    /// The token that a 401 refused, if one did.
    refused: Option<Held>,
    /// How often life was polled.
    rounds: u32,
    /// Whether it waits for a flight to go on, and not to land.
    flies: bool,
    /// What is used while the flight goes on.
    held: Option<Held>,
}

impl Hold {
    /// One who wants this, or in place of a token that a 401 refused another; the same one, if another is not worth asking for.
    pub(super) fn new(client: &Client, want: Want, refused: Option<&Held>) -> Self {
        Hold { client: client.clone(), want, refused: refused.cloned(), rounds: 0, flies: false, held: None }
    }

    fn poll(&mut self) -> Result<Next> {
        let client = &self.client;
        client.open()?;
        let now = client.now();
        let poll = client.kept().life.poll(now, &mut self.want);
        match poll {
            Poll::Use(held) => Ok(Next::Done(Outcome::Held(held))),
            Poll::UseAndRefresh(held, ticket) => {
                self.held = Some(held);
                Ok(self.fly(ticket))
            }
            Poll::Refresh(ticket) => Ok(self.fly(ticket)),
            Poll::Wait => Ok(Next::effect(Effect::Join)),
            Poll::Backoff(error) => {
                // What fails after this caller has waited, for a flight or for the credentials, is the answer.
                if self.rounds > 1 || !error.code.is_permanent() || !client.asks() {
                    return Err(error);
                }
                // If they are others now, it is forgotten why.
                Ok(Next::First(Box::new(Resolve::new(client))))
            }
            Poll::TooShort(end) => {
                let left = (end - now).whole_seconds();
                let message = text!["the token lives ", #left, " s more: less than minValidity"];
                Err(Error::new(Code::TokenExpired, message))
            }
            Poll::LoggedOut => {
                let message = "the session was logged out while this call waited for it";
                Err(Error::new(Code::Unauthorized, message))
            }
        }
    }

    fn fly(&mut self, ticket: Ticket) -> Next {
        self.flies = true;
        Next::effect(Effect::Fly(self.client.flight(ticket)))
    }
}

impl Work for Hold {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        came?;
        if core::mem::take(&mut self.flies) {
            return Ok(match self.held.take() {
                Some(held) => Next::Done(Outcome::Held(held)),
                None => Next::effect(Effect::Join),
            });
        }
        if let Some(refused) = self.refused.take()
            && !self.client.is_refused(&refused)
        {
            return Ok(Next::Done(Outcome::Held(refused)));
        }
        self.rounds += 1;
        if self.rounds > MAX_ROUNDS {
            let message = "the token is invalidated as fast as it comes: is invalidate() called by onEvent?";
            return Err(Error::new(Code::Conflict, message));
        }
        self.poll()
    }
}
