//! What of a state matters from now on, as bytes: two states of the same key do the same for ever.
//!
//! The counters and the clock only ever grow, and the machine only ever compares them. So a key holds the outcomes of those
//! comparisons, and spans from now where the future depends on them; else no two ways would lead to the same state.

use super::super::*;
use super::model::{Caller, Wish, World};

/// Appends a span in milliseconds; whatever is over is over.
fn span(span: Option<Span>, key: &mut Vec<u8>) {
    let left = span.map_or(u32::MAX, |span| span.as_millis().clamp(0, 1 << 31) as u32);
    key.extend(left.to_le_bytes());
}

impl Lifecycle {
    /// The key of this life and of one generation in it.
    pub(super) fn key(&self, generation: u32) -> Vec<u8> {
        let mut key = Vec::with_capacity(96);
        let now = self.latest.unwrap_or(Timestamp::from_seconds(0));
        if let Some(current) = &self.current {
            key.push(
                1 + u8::from(current.token.generation == generation) + 2 * u8::from(current.token.is_key),
            );
            key.push(u8::from(current.reason == Reason::Unauthorized));
            span(Some(current.token.expires_at - now), &mut key);
            span(Some(current.stale_at - now), &mut key);
            span(Some(current.confirmed_at + LAST_WORD - now), &mut key);
        } else {
            key.push(0);
        }
        key.push(self.rejected.as_ref().map_or(0, |held| 1 + u8::from(held.generation == generation)));
        if let Some(rejected) = &self.rejected {
            span(Some(rejected.expires_at - now), &mut key);
        }
        key.push(u8::from(generation <= self.logged_out));
        if let Some(ticket) = self.flight {
            let flags =
                1 + u8::from(ticket.in_window) + 2 * u8::from(ticket.fresh) + 4 * u8::from(ticket.newer);
            key.extend([flags, ticket.reason as u8]);
            span(Some(ticket.min_validity), &mut key);
        } else {
            key.push(0);
        }
        if let Some(failure) = &self.failure {
            key.extend([
                1,
                failure.error.code as u8,
                failure.count.min(7) as u8,
                u8::from(failure.answers.is_some()) + 2 * u8::from(failure.gentle),
            ]);
            span(Some(failure.until - now), &mut key);
        } else {
            key.push(0);
        }
        key.push(u8::from(self.fresh_next) + 2 * u8::from(self.set_back > Span::ZERO));
        key
    }

    /// What this caller is to this life.
    pub(super) fn caller_key(&self, caller: &Caller) -> [u8; 3] {
        let confirmed = self.current.as_ref().map_or(0, |current| current.confirmed);
        let failed = self.failure.as_ref().and_then(|failure| failure.answers);
        let wish = match caller.wish {
            Wish::Any => 0,
            Wish::ForAtLeast(_) => 1,
            Wish::Forced => 2,
        };
        let since = caller.want.since.map_or(0, |since| {
            1 + u8::from(since.session == self.sessions)
                + 2 * u8::from(confirmed > since.landed)
                + 4 * u8::from(failed > Some(since.landed))
        });
        let newer = caller.want.newer_than.is_some_and(|flight| confirmed > flight);
        let role = |generation: Option<u32>| match generation {
            None => 0,
            Some(generation) if generation <= self.logged_out => 1,
            Some(generation)
                if self.current.as_ref().is_some_and(|current| current.token.generation == generation) =>
            {
                2
            }
            Some(generation) if self.rejected.as_ref().is_some_and(|held| held.generation == generation) => 3,
            Some(_) => 4,
        };
        [wish + 4 * u8::from(newer), since, role(caller.using) + 8 * role(caller.refused)]
    }
}

impl World {
    /// The key of the machine, of the callers, in any order, and of what the books alone know; `others` is how often
    /// something can still happen to a caller who has a token.
    pub(super) fn key(&self, others: u8) -> Vec<u8> {
        let mut key = self.life.key(0);
        let mut callers: Vec<_> = self.callers.iter().map(|caller| self.life.caller_key(caller)).collect();
        callers.sort_unstable();
        let mut same = (None, 0);
        for caller in callers {
            same = if same.0 == Some(caller) { (same.0, same.1 + 1) } else { (Some(caller), 1) };
            // Whether more of the same have a token than can still make something of it makes no difference.
            if caller[2] % 8 == 0 || same.1 <= others {
                key.extend(caller);
            }
        }
        key.extend([0xff, u8::from(self.closed), self.late.len() as u8]);
        self.books(&mut key);
        key
    }
}
