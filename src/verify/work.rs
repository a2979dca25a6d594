//! The verification of a token by a key that the platform has to import, or by a key set: a state machine of values.

use super::cache::Poll;
use super::{Algorithms, Policy, Source, Unverified, check_signed, jwks, key};
use crate::error::{Code, Result};
use crate::json::{Json, Value};
use crate::task::{Effect, Next, Outcome, Port, Task, Work};
use crate::text::{self, Text};
use std::rc::Rc;

/// How many requests for a key set a caller waits for. More than two in a row have all been taken over by another.
const MAX_ROUNDS: usize = 8;

struct Verifying {
    port: Rc<Port>,
    unverified: Unverified,
    policy: Rc<Policy>,
    source: Source,
    rounds: usize,
    algorithm: Algorithms,
    waits_for: WaitsFor,
}

#[derive(Clone, Copy)]
enum WaitsFor {
    /// Nothing, or that the request for the key set has landed.
    Set,
    /// That the request for the key set goes on.
    Flight,
    Import,
    Check,
}

/// Verifies a token by a key that the platform has to import, or by a key set: the JSON text of `{ header, claims }`. The effects
/// [`Effect::Import`] and [`Effect::Check`] concern this token and the last key that was imported.
///
/// # Errors
/// What is wrong with the token already. The task fails as [`super::verify_secret`], or says why no key could be had.
pub fn verify(token: &str, policy: Rc<Policy>, source: Source) -> Result<Task> {
    let (unverified, port) = (Unverified::read(token)?, Rc::<Port>::default());
    let (rounds, algorithm, waits_for) = (0, Algorithms::NONE, WaitsFor::Set);
    let verifying =
        Verifying { port: Rc::clone(&port), unverified, policy, source, rounds, algorithm, waits_for };
    Ok(Task::new(&port, Box::new(verifying)))
}

impl Verifying {
    /// Has the key imported, once it is known.
    fn import(&mut self) -> Result<Next> {
        let allowed = self.policy.algorithms;
        let named = match &self.source {
            Source::Key(key) => key.named(allowed)?,
            Source::Set(set) => {
                self.rounds += 1;
                if self.rounds > MAX_ROUNDS {
                    return Err(jwks::refuse("the key set changes faster than it can be asked for"));
                }
                match set.poll(&self.unverified.wanted(allowed)?, self.port.now())? {
                    Poll::Use(named) => named,
                    Poll::Fetch(flight) => {
                        self.waits_for = WaitsFor::Flight;
                        return Ok(Next::effect(Effect::Fly(set.flight(flight))));
                    }
                    Poll::Wait => return Ok(Next::effect(Effect::Join)),
                }
            }
        };
        self.unverified.check_algorithm(named.algorithm)?;
        self.algorithm = named.algorithm;
        if named.text.is_empty() {
            return Ok(self.check());
        }
        self.waits_for = WaitsFor::Import;
        Ok(Next::effect(Effect::Import(self.algorithm, named.text)))
    }

    fn check(&mut self) -> Next {
        self.waits_for = WaitsFor::Check;
        Next::effect(Effect::Check(self.algorithm))
    }

    /// What was told, if the key that it concerns is good.
    fn told(&self, came: Result<Outcome>) -> Result<Text> {
        let told = came?.into_text();
        if let WaitsFor::Import = self.waits_for {
            key::judge_platform(&Json::parse(&told).unwrap_or_default())?;
        }
        Ok(told)
    }
}

impl Work for Verifying {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        let told = self.told(came).map_err(|mut error| {
            // The key of a set is the endpoint's business, and not the caller's.
            if matches!(self.source, Source::Set(_)) && error.code == Code::Config {
                error.code = Code::Response;
                error.issues = Value::default();
                error.message = text::replace(&error.message, "key: ", "the key of the set: ");
            }
            error
        })?;
        match self.waits_for {
            WaitsFor::Set => self.import(),
            WaitsFor::Flight => {
                self.waits_for = WaitsFor::Set;
                Ok(Next::effect(Effect::Join))
            }
            WaitsFor::Import => Ok(self.check()),
            WaitsFor::Check => {
                check_signed(told == "true")?;
                Ok(Next::Done(Outcome::Text(self.unverified.accept(&self.policy, self.port.now())?)))
            }
        }
    }
}
