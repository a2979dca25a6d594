//! A flight: one token request, and what there is to do with a store before and after it. It runs on its own, so that a caller
//! who leaves takes nobody's token away.

use super::Client;
use super::acquire::Acquire;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::event::{EventKind, Reason};
use crate::lifecycle::{Landing, Ticket};
use crate::store::{self, Call, Sharing};
use crate::task::{Next, Outcome, Task, Work};
use crate::text::Text;

/// First what the store has, then what the service gives, then what others are to have of it.
struct Flight {
    client: Client,
    started: Timestamp,
    sharing: Sharing,
    asks_service: bool,
}

impl Client {
    /// The token request that this ticket stands for.
    pub(super) fn flight(&self, ticket: Ticket) -> Task {
        let config = &self.0.config;
        let kept = self.kept();
        let refused = kept.life.last_token().filter(|_| ticket.reason == Reason::Unauthorized);
        let refused = refused.map(|token| token.secret.clone());
        let leases = config.store == Some(true);
        let sharing = Sharing::new(self.stored_as(), ticket, refused, leases, config.timeout, &kept.memory);
        let (client, started) = (self.clone(), self.now());
        let flight = Flight { client, started, sharing, asks_service: false };
        Task::new(&self.0.port, Box::new(flight))
    }

    /// By how much of the refresh window this machine is early, so that they do not all ask at once. Where there is a lease, it
    /// is late by up to half: the first renews it for the others. Where there is none, what keeps them apart is that few are
    /// much earlier than the rest: the distribution is exponential, and so the first is ahead of the second by as much, however
    /// many there are.
    fn spread(&self, mut random: f64) -> f64 {
        if self.0.config.store == Some(true) {
            return random / -2.0;
        }
        // The logarithm to the base of 2, by its whole part and a line between: it is near enough, and a few bytes.
        let mut halvings = 0.0;
        while random < 0.5 && halvings < 30.0 {
            random *= 2.0;
            halvings += 1.0;
        }
        (halvings + 2.0 - 2.0 * random) * 0.173
    }
}

impl Work for Flight {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        if core::mem::take(&mut self.asks_service) {
            return self.land(came);
        }
        self.share(&came.map(Outcome::into_text))
    }
}

impl Flight {
    /// What is next with the store, after this came of the last.
    fn share(&mut self, came: &Result<Text>) -> Result<Next> {
        Ok(match self.next_shared(came) {
            store::Next::Do(effect) => Next::Do(effect),
            store::Next::Land(Some(token)) => return self.land(Ok(Outcome::Token(token))),
            store::Next::Land(None) => {
                // What was in the store and would not do is what the service may have for good still.
                self.sharing.ticket.fresh |= self.sharing.was_there();
                self.asks_service = true;
                Next::First(Box::new(Acquire::new(&self.client, &self.sharing.ticket)))
            }
            _ => Next::Done(Outcome::Done),
        })
    }

    fn next_shared(&mut self, came: &Result<Text>) -> store::Next {
        let client = &self.client;
        let kept = &mut *client.kept();
        let (now, ahead) = (client.now(), kept.clock.ahead());
        match self.sharing.next(came, &mut kept.memory, now, ahead, client.0.platform.random()) {
            store::Next::Set => match kept.life.last_token() {
                Some(token) => {
                    self.sharing.store(Call::set(kept.memory.next(now + ahead), token, now, ahead))
                }
                None => store::Next::End,
            },
            // Unless nobody listens any more.
            store::Next::Tell if client.open().is_ok() => store::Next::Do(client.event(EventKind::Store)),
            next => next,
        }
    }

    /// Tells the lifecycle what came of it, and then `onEvent` what there is to tell.
    fn land(&mut self, came: Result<Outcome>) -> Result<Next> {
        let client = &self.client;
        let (now, random) = (client.now(), client.0.platform.random());
        let told = match came {
            Ok(Outcome::Token(token)) => {
                let (found, expires_at) = (token.found, token.expires_at);
                let spread = if self.sharing.is_shared() { client.spread(random) } else { 0.0 };
                let landing = client.kept().life.succeeded(&self.sharing.ticket, token, now, spread);
                self.sharing.writes &= landing != Landing::Late;
                let reason = if found { Reason::Store } else { self.sharing.ticket.reason };
                let took = now - self.started;
                (landing == Landing::New).then_some(EventKind::Token { reason, expires_at, took })
            }
            Ok(_) => None,
            Err(error) => {
                self.sharing.writes = false;
                let error = client.dress(error);
                let code = error.code;
                let until = client.kept().life.failed(&self.sharing.ticket, error, now, random);
                until.map(|until| EventKind::Backoff { until, code })
            }
        };
        match told {
            Some(kind) => Ok(Next::Do(client.event(kind))),
            None => self.share(&Ok(Text::new())),
        }
    }
}
