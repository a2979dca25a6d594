//! How a token lives: a state machine of values. It makes no request, awaits nothing and reads no clock; it is told what
//! happened and says what to do. [`crate::client`] drives it.
//!
//! ```text
//!             poll → Refresh(ticket)                succeeded
//!   empty ─────────────────────────────▶ in flight ───────────▶ fresh ──┐ refresh window
//!     ▲                                    │    ▲                       ▼
//!     │ invalidated,                failed │    └── UseAndRefresh ─── stale
//!     │ unauthorized,                      ▼                            │ end of life
//!     └──── expired ◀──────────── backing off ◀── (failed, if empty) ◀──┘
//! ```
//!
//! The states are not an enum, because they overlap: a stale token is used while a flight is on its way and while a
//! failed one is backed off from. Three independent facts make them: the `current` token, the `flight` that is out, and the
//! last `failure`.
//!
//! Three counters keep late news from doing harm:
//! - a **generation** names one token text. A 401 concerns the generation that it was sent with, and no other.
//! - a **ticket** names one flight. What comes back with another ticket than the one that is out is ignored, so a late
//!   answer replaces nothing, and a session that was logged out stays out.
//! - **confirmed** is the number of the flight that last brought the held token. A caller who wants something newer
//!   compares with that and not with the generation, so a service that gives the same token again makes no loop.
//!
//! Time only moves forward here: when the local clock is set back, every instant that was noted moves with it, so that no
//! token lives longer for it (see `Lifecycle::steady`).

mod answer;

pub use answer::{Held, Landing, Poll, Ticket, Verdict};

use crate::clock::{Span, Timestamp};
use crate::error::Error;
use crate::event::Reason;
use crate::http;
use crate::token::Token;
use std::rc::Rc;

/// The refresh window where the configuration names none: this long before the end, or a fifth of the token's life.
const REFRESH_BEFORE: Span = Span::from_seconds(300);
/// A permanent failure (400, 401, 403 of a token request) is not asked about again for this long.
pub const COOL_DOWN: Span = Span::from_seconds(60);
/// The first of the waits that double after transient failures, and the longest.
const BACKOFF: (Span, Span) = (Span::from_seconds(1), Span::from_seconds(60));
/// A 401 on a token that was itself fetched for a 401 less than this ago is the service's last word. A static key is
/// asked for again all the same: that costs no request, and it may have been rotated meanwhile.
const LAST_WORD: Span = Span::from_seconds(30);

/// What a caller wants: by default any token that is alive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Want {
    min_validity: Span,
    /// A token confirmed after this flight: set by [`Lifecycle::force`].
    newer_than: Option<u32>,
    /// Where life stood when the caller first polled: what has failed since is this caller's answer too, and a token that
    /// came since and lives too short is not asked for again.
    since: Option<Since>,
}

impl Want {
    /// A token that lives on for at least this long.
    pub fn for_at_least(min_validity: Span) -> Self {
        Want { min_validity, ..Want::default() }
    }
}

#[derive(Clone, Copy, Debug)]
struct Since {
    landed: u32,
    session: u32,
}

#[derive(Clone, Debug)]
struct Current {
    token: Held,
    reason: Reason,
    confirmed: u32,
    confirmed_at: Timestamp,
    stale_at: Timestamp,
}

#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    until: Timestamp,
    /// The wait is there to be gentle while nobody needs the answer. When the token has ended or was refused somebody does.
    gentle: bool,
    count: u32,
    /// The flight that failed, where its callers have had all the tries that they can expect.
    answers: Option<u32>,
}

/// The life of one client's token.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    refresh_before: Option<Span>,
    current: Option<Current>,
    /// The token that a 401 took away, in case that the service gives it again.
    rejected: Option<Held>,
    flight: Option<Ticket>,
    failure: Option<Failure>,
    generations: u32,
    tickets: u32,
    landed: u32,
    /// How many sessions were logged out, and the last generation of those.
    sessions: u32,
    logged_out: u32,
    /// Whether the service may hold a token for good that is not held here any more.
    fresh_next: bool,
    latest: Option<Timestamp>,
    set_back: Span,
}

impl Lifecycle {
    /// An empty life. `refresh_before` is the configured refresh window.
    pub fn new(refresh_before: Option<Span>) -> Self {
        Lifecycle { refresh_before, ..Lifecycle::default() }
    }

    /// What a caller who wants this is to do now.
    pub fn poll(&mut self, now: Timestamp, want: &mut Want) -> Poll {
        let now = self.steady(now);
        let since = *want.since.get_or_insert(Since { landed: self.landed, session: self.sessions });
        if since.session != self.sessions {
            return Poll::LoggedOut;
        }
        if let Some(current) = &self.current
            && current.outlives(now)
            && want.newer_than.is_none_or(|flight| current.confirmed > flight)
        {
            if current.outlives(now + want.min_validity) {
                let held = current.token.clone();
                let is_due = current.stale_at <= now;
                return if is_due && self.flight.is_none() && !self.is_backing_off(now) {
                    Poll::UseAndRefresh(held, self.start(now, Reason::Early, &Want::default()))
                } else {
                    Poll::Use(held)
                };
            }
            if current.confirmed > since.landed {
                return Poll::TooShort(self.end_of(&current.token));
            }
        }
        if self.flight.is_some() {
            return Poll::Wait;
        }
        match &self.failure {
            Some(failure) if failure.until > now || failure.answers > Some(since.landed) => {
                Poll::Backoff(failure.error.clone())
            }
            _ => {
                let reason = self.reason(now);
                Poll::Refresh(self.start(now, reason, want))
            }
        }
    }

    /// What a caller wants who accepts only a token that is asked for from now on.
    pub fn force(&self, min_validity: Span) -> Want {
        Want { min_validity, newer_than: Some(self.landed), since: None }
    }

    /// A flight brought a token. Where many machines share it, `spread` is so many parts of the refresh window by which this
    /// one is to be early or, if negative, late; so that one of them is the first.
    #[allow(clippy::boxed_local, reason = "it came in a box, and is moved once less so")]
    pub fn succeeded(
        &mut self,
        ticket: &Ticket,
        mut token: Box<Token>,
        now: Timestamp,
        spread: f64,
    ) -> Landing {
        let now = self.steady(now);
        if !self.is_out(ticket) {
            return Landing::Late;
        }
        self.land();
        token.expires_at = token.expires_at + self.set_back;
        let rejected = self.rejected.take();
        let known = self.current.take().map(|current| current.token).or(rejected);
        let same = known.filter(|known| known.secret == token.secret);
        let landing = if same.is_some() { Landing::Same } else { Landing::New };
        let life = token.expires_at - now;
        let window = match landing {
            // It will be given again for as long as it lives, so there is no hurry: half of what is left, then half of that.
            Landing::Same => life / 2,
            _ => {
                let window = self.window(life);
                let spread = Span::from_millis((window.as_millis() as f64 * spread) as i64);
                // It is used for a quarter of its life, however many share it.
                (window + spread).min(life / 2 + life / 4)
            }
        };
        self.generations += u32::from(same.is_none());
        token.generation = same.map_or(self.generations, |known| known.generation);
        let stale_at = token.expires_at - window;
        // What was found in a store is not the service's word: it is nothing new, and no last word on a 401.
        let found = token.found;
        self.current = Some(Current {
            token: Rc::new(*token),
            reason: if found { Reason::Store } else { ticket.reason },
            confirmed: if found && !ticket.newer { 0 } else { self.landed },
            confirmed_at: now,
            stale_at,
        });
        self.failure = None;
        self.fresh_next = false;
        landing
    }

    /// A flight failed. `random`, from 0 to 1, spreads the next tries of many clients. Gives the instant before which
    /// nothing is asked again, if there is a wait.
    pub fn failed(
        &mut self,
        ticket: &Ticket,
        error: Error,
        now: Timestamp,
        random: f64,
    ) -> Option<Timestamp> {
        let now = self.steady(now);
        if !self.is_out(ticket) {
            return None;
        }
        self.land();
        let count = self.failure.as_ref().map_or(0, |failure| failure.count).saturating_add(1);
        let wait = if error.code.is_permanent() {
            COOL_DOWN
        } else if let Some(asked) = error.retry_after {
            asked
        } else if ticket.in_window || count > 1 {
            http::backoff(count, BACKOFF.0, BACKOFF.1, None, random)
        } else {
            // The first failure in front of a caller: the next one may try at once.
            Span::ZERO
        };
        let mut until = now + wait;
        let gentle = ticket.in_window && error.code.is_retryable() && error.retry_after.is_none();
        if gentle {
            until = until.min(self.current.as_ref().map_or(now, |current| current.token.expires_at));
        }
        let answers = (!ticket.in_window).then_some(self.landed);
        self.failure = Some(Failure { error, until, gentle, count, answers });
        (until > now).then(|| self.local(until))
    }

    /// A credential function gives another answer: what the last was refused for is no reason any more to ask nothing.
    pub fn forgive(&mut self) {
        self.failure.take_if(|failure| failure.error.code.is_permanent());
    }

    /// A request of this generation was answered 401.
    pub fn unauthorized(&mut self, generation: u32, now: Timestamp) -> Verdict {
        let now = self.steady(now);
        if generation <= self.logged_out {
            return Verdict::HandBack;
        }
        let Some(current) = self.current.as_ref().filter(|current| current.token.generation == generation)
        else {
            return Verdict::Renew;
        };
        if current.reason == Reason::Unauthorized
            && !current.token.is_key
            && now - current.confirmed_at < LAST_WORD
        {
            return Verdict::HandBack;
        }
        self.rejected = self.current.take().map(|current| current.token);
        self.fresh_next = true;
        if let Some(failure) = self.failure.as_mut().filter(|failure| failure.gentle) {
            failure.until = now;
        }
        Verdict::Renew
    }

    /// Forgets the token, the flight that is out and the failure: the next caller asks anew.
    pub fn invalidate(&mut self) {
        let had = self.current.is_some() || self.rejected.is_some() || self.flight.is_some();
        self.current = None;
        self.rejected = None;
        self.flight = None;
        self.failure = None;
        self.fresh_next |= had;
    }

    /// Gives the flight up that is out: it is not heard of any more, and the next caller asks anew. If its answer comes all
    /// the same, it is late.
    pub fn overtake(&mut self) {
        self.flight = None;
    }

    /// Ends the session: as [`Lifecycle::invalidate`], and whoever asked before stays without a token.
    pub fn log_out(&mut self) {
        self.invalidate();
        self.sessions += 1;
        self.logged_out = self.generations;
        // The service ended its session too, so it has no old token to give again.
        self.fresh_next = false;
    }

    /// The token now held, if it is alive.
    pub fn held(&mut self, now: Timestamp) -> Option<Held> {
        let now = self.steady(now);
        self.current.as_ref().filter(|current| current.outlives(now)).map(|current| current.token.clone())
    }

    /// The token now held, if it is alive and no refresh of it is due, and when one is by the local clock.
    pub fn fresh(&mut self, now: Timestamp) -> Option<(Held, Timestamp)> {
        let now = self.steady(now);
        let current = self.current.as_ref().filter(|current| current.outlives(now))?;
        (current.stale_at > now).then(|| (current.token.clone(), self.local(current.stale_at)))
    }

    /// When a token of this life ends by the local clock, as it is set now.
    pub fn end_of(&self, token: &Token) -> Timestamp {
        self.local(token.expires_at)
    }

    /// The token that is held, or the one that a 401 took away: it may have brought what the next is asked for with.
    pub fn last_token(&self) -> Option<&Held> {
        self.current.as_ref().map(|current| &current.token).or(self.rejected.as_ref())
    }

    fn start(&mut self, now: Timestamp, reason: Reason, want: &Want) -> Ticket {
        let alive = self.current.as_ref().is_some_and(|current| current.outlives(now));
        self.tickets += 1;
        let ticket = Ticket {
            number: self.tickets,
            reason,
            in_window: alive && reason == Reason::Early,
            fresh: alive || self.fresh_next,
            newer: want.newer_than.is_some(),
            min_validity: want.min_validity,
        };
        self.flight = Some(ticket);
        ticket
    }

    fn reason(&self, now: Timestamp) -> Reason {
        match &self.current {
            _ if self.rejected.is_some() => Reason::Unauthorized,
            Some(current) if current.outlives(now) => Reason::Forced,
            Some(_) => Reason::Expired,
            None => Reason::First,
        }
    }

    /// Whether it is this flight that is out.
    fn is_out(&self, ticket: &Ticket) -> bool {
        self.flight.is_some_and(|flight| flight.number == ticket.number)
    }

    fn land(&mut self) {
        self.flight = None;
        self.landed += 1;
    }

    fn is_backing_off(&self, now: Timestamp) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.until > now)
    }

    /// The refresh window of a token that lives so long. It is never more than half of that, or every use would refresh.
    fn window(&self, life: Span) -> Span {
        match self.refresh_before {
            Some(configured) => configured.min(life / 2),
            None => REFRESH_BEFORE.min(life / 5),
        }
    }

    /// The local time, made steady: a clock that was set back does not lengthen a life, because what it was set back by
    /// is added from then on.
    fn steady(&mut self, now: Timestamp) -> Timestamp {
        let mut steady = now + self.set_back;
        if let Some(latest) = self.latest.filter(|latest| *latest > steady) {
            self.set_back = self.set_back + (latest - steady);
            steady = latest;
        }
        self.latest = Some(steady);
        steady
    }

    /// A steady instant as the local clock tells it.
    fn local(&self, steady: Timestamp) -> Timestamp {
        steady - self.set_back
    }
}

impl Current {
    /// Whether the token is good at that instant.
    fn outlives(&self, instant: Timestamp) -> bool {
        self.token.expires_at > instant
    }
}

#[cfg(test)]
mod tests;
