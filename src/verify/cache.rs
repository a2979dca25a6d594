//! How long a key set is good: a state machine of values, as [`crate::lifecycle`] is. It makes no request, and `now` is an
//! argument.
//!
//! - A set is **fresh** for as long as `Cache-Control` says, within [`FRESH`].
//! - Once it is not, it is asked for again before it is used; while that fails, the old keys are used for [`STALE`] more, and
//!   after that for nothing.
//! - A token whose key is not there has the set asked for again, since its keys may have been rolled over; but not within
//!   [`COOL_DOWN`] of the last time, so that a flood of forged ids makes one request.
//! - One request is out at a time. What comes back late replaces nothing.

use super::jwks::{Named, Set, Wanted, refuse};
use crate::clock::{Span, Timestamp};
use crate::error::{Error, Result};
use crate::{http, text};

/// The least and the most of the time that a set is fresh, and what it is where nothing is said.
pub const FRESH: (Span, Span, Span) =
    (Span::from_seconds(60), Span::from_seconds(86_400), Span::from_seconds(600));
/// How long its keys are used beyond that, while no other set can be had.
pub const STALE: Span = Span::from_seconds(4 * 3600);
/// A set is not asked for again this soon for a key that it has not.
pub const COOL_DOWN: Span = Span::from_seconds(30);
/// After a failure it is asked for again after a wait that doubles from the first to the second.
const BACKOFF: (Span, Span) = (Span::from_seconds(1), COOL_DOWN);

/// What a caller is to do.
#[derive(Debug)]
pub enum Poll {
    /// Use this key.
    Use(Named),
    /// Ask for the set: the number of this request.
    Fetch(u32),
    /// Wait for the request that is out.
    Wait,
}

/// A set, and how long it is fresh as its answer says.
pub type Loaded = (Set, Option<Span>);

/// A key set, and what is known of the endpoint.
#[derive(Debug, Default)]
pub struct Cache {
    held: Option<Held>,
    failure: Option<Failure>,
    /// When the set was last asked for.
    asked_at: Option<Timestamp>,
    flight: Option<u32>,
    flights: u32,
}

#[derive(Debug)]
struct Held {
    set: Set,
    since: Timestamp,
    fresh_until: Timestamp,
}

#[derive(Debug)]
struct Failure {
    error: Error,
    count: u32,
    since: Timestamp,
    until: Timestamp,
}

impl Cache {
    /// What a caller who wants this key is to do now.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn poll(&mut self, wanted: &Wanted, now: Timestamp) -> Result<Poll> {
        // Before it was noted, an instant is no more: the clock was set back.
        let backing_off =
            self.failure.as_ref().filter(|failure| (failure.since..failure.until).contains(&now));
        let held = self.held.as_ref().filter(|held| {
            let until = if backing_off.is_some() { held.fresh_until + STALE } else { held.fresh_until };
            (held.since..until).contains(&now)
        });
        if let Some(held) = held {
            if let Some(named) = held.set.choose(wanted)? {
                return Ok(Poll::Use(named));
            }
            if self.asked_at.is_some_and(|asked| (asked..asked + COOL_DOWN).contains(&now)) {
                let missing = || refuse("no key of the set has the token's kid and alg");
                return Err(backing_off.map_or_else(missing, |failure| failure.error.clone()));
            }
        } else if let Some(failure) = backing_off {
            return Err(failure.error.clone());
        }
        Ok(self.fetch())
    }

    fn fetch(&mut self) -> Poll {
        if self.flight.is_some() {
            return Poll::Wait;
        }
        self.flights += 1;
        self.flight = Some(self.flights);
        Poll::Fetch(self.flights)
    }

    /// Gives the request up that is out.
    pub fn overtake(&mut self) {
        self.flight = None;
    }

    /// What came of a request.
    pub fn land(&mut self, flight: u32, came: Result<Loaded>, now: Timestamp, random: f64) {
        if self.flight != Some(flight) {
            return;
        }
        self.flight = None;
        self.asked_at = Some(now);
        match came {
            Ok((set, age)) => {
                let (least, most, usual) = FRESH;
                let fresh = age.unwrap_or(usual).clamp(least, most);
                self.held = Some(Held { set, since: now, fresh_until: now + fresh });
                self.failure = None;
            }
            Err(error) => {
                let count = self.failure.as_ref().map_or(0, |failure| failure.count) + 1;
                // Never none at all, or who has waited for this answer would ask again.
                let wait = http::backoff(count, BACKOFF.0, BACKOFF.1, error.retry_after, random);
                let wait = wait.clamp(BACKOFF.0, FRESH.0);
                self.failure = Some(Failure { error, count, since: now, until: now + wait });
            }
        }
    }
}

/// How long an answer may be kept, by its `Cache-Control` and its age (RFC 9111 §5.2.2.1, §4.2.3).
pub fn max_age(cache_control: &str, age: Option<&str>) -> Option<Span> {
    let said = cache_control.to_ascii_lowercase();
    if text::contains(&said, "no-store") || text::contains(&said, "no-cache") {
        return Some(Span::ZERO);
    }
    let (_, mut rest) = text::split_once(&said, "max-age=")?;
    let seconds = text::natural(text::take_until_any(&mut rest, ", "))?;
    Some(Span::from_seconds(seconds - age.and_then(text::natural).unwrap_or(0)))
}
