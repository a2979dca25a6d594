//! Getting hold of a token: the lifecycle is polled until there is one, or a reason why there is none.

use super::Client;
use super::acquire::Resolve;
use crate::error::{Code, Error, Result};
use crate::lifecycle::{Held, Poll, Want};
use crate::task::{Effect, Next, Outcome, Work};
use crate::text::{self, text};
use crate::token::Secret;

/// How many flights a caller waits for. More than two in a row have all been forgotten as soon as they had landed.
const MAX_ROUNDS: usize = 8;

/// A caller who wants a token. It comes to one.
pub(super) struct Hold {
    client: Client,
    want: Want,
    /// The token that a 401 refused, if one did.
    refused: Option<Held>,
    rounds: usize,
    /// Whether this caller has waited for a flight, or asked for the credentials: what fails then is the answer.
    waited: bool,
    waits_for: WaitsFor,
}

enum WaitsFor {
    Nothing,
    /// That the flight goes on, with this token in hand.
    Use(Held),
    /// That the flight goes on, of which the token is to come.
    Flight,
    /// What the credentials are now. They were these when this error came.
    Credentials(Vec<(String, Secret)>, Error),
}

impl Hold {
    /// One who wants this, or in place of a token that a 401 refused another; the same one, if another is not worth asking for.
    pub(super) fn new(client: &Client, want: Want, refused: Option<Held>) -> Self {
        let client = client.clone();
        Hold { client, want, refused, rounds: 0, waited: false, waits_for: WaitsFor::Nothing }
    }

    fn poll(&mut self) -> Result<Next> {
        let client = &self.client;
        client.open()?;
        let now = client.now();
        let poll = client.0.life.borrow_mut().poll(now, &mut self.want);
        let ticket = match poll {
            Poll::Use(held) => return Ok(Next::Done(Outcome::Held(held))),
            Poll::UseAndRefresh(held, ticket) => {
                self.waits_for = WaitsFor::Use(held);
                ticket
            }
            Poll::Refresh(ticket) => {
                self.waits_for = WaitsFor::Flight;
                ticket
            }
            Poll::Wait => return Ok(self.join()),
            Poll::Backoff(_, error) => {
                if self.waited || !error.code.is_permanent() || !client.asks() {
                    return Err(error);
                }
                let known = client.0.credentials.borrow().clone();
                self.waits_for = WaitsFor::Credentials(known, error);
                self.waited = true;
                return Ok(Next::First(Box::new(Resolve::new(client))));
            }
            Poll::TooShort(end) => {
                let left = text::digits((end - now).whole_seconds());
                let message =
                    text!["the service's token lives ", left, " s more: shorter than minValidity asks"];
                return Err(Error::new(Code::TokenExpired, message));
            }
            Poll::LoggedOut => {
                let message = "the session was logged out while this call waited for it";
                return Err(Error::new(Code::Unauthorized, message));
            }
        };
        Ok(Next::Do(Effect::Fly(client.flight(ticket))))
    }

    fn join(&mut self) -> Next {
        self.waited = true;
        Next::Do(Effect::Join)
    }
}

impl Work for Hold {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        came?;
        match core::mem::replace(&mut self.waits_for, WaitsFor::Nothing) {
            WaitsFor::Use(held) => return Ok(Next::Done(Outcome::Held(held))),
            WaitsFor::Flight => return Ok(self.join()),
            WaitsFor::Credentials(known, error) => {
                if *self.client.0.credentials.borrow() == known {
                    return Err(error);
                }
                self.client.0.life.borrow_mut().forgive();
            }
            WaitsFor::Nothing => {}
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
