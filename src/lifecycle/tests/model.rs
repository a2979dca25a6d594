//! A small client of a lifecycle, with callers that are values, and a second opinion on every answer of the machine.
//!
//! The [`World`] keeps its own books, by other means than the machine does: what is held and until when, which flight is
//! out, before when nothing may be asked, in which session somebody asked. Each [`Event`] goes to the machine, and what the
//! machine says is held against the books. What differs is an `Err` that says how.

mod flights;

use super::super::*;
use crate::error::Code;
use crate::token::Secret;

pub(super) type Checked<T = ()> = std::result::Result<T, String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
pub(super) use ensure;

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    Any,
    ForAtLeast(i64),
    Forced,
}

/// What a token request is answered. Times are milliseconds, as everywhere in here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    /// A new token that lives so long.
    Token(i64),
    /// A token of which nobody says when it ends.
    Endless,
    /// A static key, which costs no request.
    Key,
    /// The token that is held, or was refused, once more.
    Again,
    /// One that another machine asked for, and that lives so long still: it was found in a store.
    Found(i64),
    /// A failure, with the wait that the service asks for, and the chance that spreads the next tries.
    Failure(Code, Option<i64>, f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    /// A new caller asks.
    Ask(Wish),
    /// A caller who waits polls again, woken or not.
    Poll(usize),
    /// A caller goes: it is answered by the service, aborted, or out of time. The machine is told nothing.
    Leave(usize),
    /// The service answers 401 to a caller who was given a token.
    Refused(usize),
    /// The flight that is out is answered.
    Land(Answer),
    /// A flight that was forgotten is answered after all.
    Late(usize, Answer),
    /// The request of an edge isolate that drove the flight has ended, and another gives it up.
    Overtake,
    Invalidate,
    LogOut,
    Close,
    /// A credential function gives something else.
    Forgive,
    /// The local clock moves by so much.
    Clock(i64),
}

#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) want: Want,
    pub(super) wish: Wish,
    /// The session that it asked in.
    pub(super) session: u32,
    /// How many flights had landed when it asked.
    pub(super) asked: u32,
    /// The generation of the token that it was given, once it was.
    pub(super) using: Option<u32>,
    /// The generation that a 401 refused to it.
    pub(super) refused: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Kept {
    text: u32,
    pub(super) generation: u32,
    end: Option<i64>,
    /// The flight that last brought it, and when.
    flight: u32,
    landed: u32,
    came: i64,
    session: u32,
    for_401: bool,
    is_key: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) ticket: Ticket,
    number: u32,
    session: u32,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) life: Lifecycle,
    now: Timestamp,
    pub(super) callers: Vec<Caller>,
    pub(super) flight: Option<Flight>,
    pub(super) late: Vec<Flight>,
    pub(super) closed: bool,
    /// How far time has moved on, and the local time when that was last looked at.
    elapsed: i64,
    seen: Timestamp,
    pub(super) held: Option<Kept>,
    pub(super) rejected: Option<Kept>,
    /// Nothing may be asked before then.
    quiet_until: i64,
    failures: u32,
    /// The flight that failed last and is the answer to whoever joined it.
    failed: u32,
    pub(super) permanent: bool,
    /// It was one of a refresh ahead of time, and may pass.
    gentle: bool,
    /// When a flight for a 401 last brought a token that is still the one.
    renewed: Option<i64>,
    /// Whether the service may have a good token that is not held here.
    forgotten: bool,
    session: u32,
    last_logged_out: u32,
    landed: u32,
    flights: u32,
    generations: u32,
    /// The newest flight whose token was ever held.
    newest: u32,
}

impl World {
    pub(super) fn new(refresh_before: Option<Span>) -> Self {
        let now = Timestamp::from_seconds(1_800_000_000);
        World {
            life: Lifecycle::new(refresh_before),
            now,
            callers: Vec::new(),
            flight: None,
            late: Vec::new(),
            closed: false,
            elapsed: 0,
            seen: now,
            held: None,
            rejected: None,
            quiet_until: 0,
            failures: 0,
            failed: 0,
            permanent: false,
            gentle: false,
            renewed: None,
            forgotten: false,
            session: 0,
            last_logged_out: 0,
            landed: 0,
            flights: 0,
            generations: 0,
            newest: 0,
        }
    }

    /// Does what happens, and checks what the machine makes of it.
    pub(super) fn apply(&mut self, event: Event) -> Checked {
        match event {
            Event::Ask(wish) => self.ask(wish),
            Event::Poll(at) => self.poll(at),
            Event::Leave(at) => {
                self.callers.remove(at);
                Ok(())
            }
            Event::Refused(at) => self.refuse(at),
            Event::Land(answer) => match self.flight.take() {
                Some(flight) => self.land(&flight, answer),
                None => Err("no flight is out".into()),
            },
            Event::Late(at, answer) => {
                let flight = self.late.remove(at);
                self.land_late(&flight, answer)
            }
            Event::Overtake => {
                self.life.overtake();
                self.late.extend(self.flight.take());
                Ok(())
            }
            Event::Invalidate => {
                self.life.invalidate();
                self.forget();
                Ok(())
            }
            Event::LogOut => {
                self.life.log_out();
                self.forget();
                self.forgotten = false;
                self.session += 1;
                self.last_logged_out = self.generations;
                Ok(())
            }
            Event::Close => {
                // As `Client::close` does; whoever waits is told by the client.
                self.life = Lifecycle::default();
                self.forget();
                self.closed = true;
                self.callers.retain(|caller| caller.using.is_some());
                Ok(())
            }
            Event::Forgive => {
                self.life.forgive();
                // What a credential has no part in, another one does not mend.
                if self.permanent {
                    self.make_peace();
                }
                Ok(())
            }
            Event::Clock(by) => {
                self.now = self.now + Span::from_millis(by);
                Ok(())
            }
        }?;
        self.check_held()
    }

    /// What the books say, for a key: where machine and books part, the two ways to one state of the machine are not one.
    pub(super) fn books(&self, key: &mut Vec<u8>) {
        key.extend((self.quiet_until - self.elapsed).max(0).to_le_bytes());
        key.extend(self.renewed.map_or(0, |at| 30_000 - (self.elapsed - at)).max(0).to_le_bytes());
        key.extend([&self.held, &self.rejected].map(|kept| u8::from(kept.is_some())));
        key.extend([self.gentle, self.permanent, self.forgotten, self.failed > 0].map(u8::from));
        key.push(self.failures.min(7) as u8);
    }

    /// Whether nothing may be asked now.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet_until > self.elapsed
    }

    /// Time, as far as it can be told: what a clock that is set back takes away does not count.
    fn observe(&mut self) {
        self.elapsed += (self.now - self.seen).as_millis().max(0);
        self.seen = self.now;
    }

    pub(super) fn is_alive(&self, kept: &Kept, span: i64) -> bool {
        kept.end.is_none_or(|end| end > self.elapsed + span)
    }

    /// Nothing that has ended, was logged out or is older than what was there before is ever held.
    fn check_held(&mut self) -> Checked {
        if self.closed {
            ensure!(self.life.held(self.now).is_none(), "a closed life holds a token");
            return Ok(());
        }
        self.observe();
        let held = self.life.held(self.now);
        let known = self.held.as_ref().filter(|kept| self.is_alive(kept, 0));
        match (held, known) {
            (None, None) => {
                ensure!(self.life.fresh(self.now).is_none(), "nothing is held and something is fresh")
            }
            (Some(held), Some(known)) => {
                ensure!(text(&held) == known.text, "held is {}, not {known:?}", text(&held));
                ensure!(held.generation == known.generation, "of generation {}: {known:?}", held.generation);
                ensure!(known.session == self.session, "a token of a session that was logged out: {known:?}");
                ensure!(
                    known.flight >= self.newest,
                    "an older answer than {} replaced it: {known:?}",
                    self.newest
                );
                let end = self.life.end_of(&held);
                let end = (!end.is_never()).then(|| (end - self.now).as_millis());
                let expected = known.end.map(|end| end - self.elapsed);
                ensure!(end == expected, "it says that it ends in {end:?} ms, and does in {expected:?}");
                self.newest = known.flight;
            }
            (held, known) => return Err(format!("held is {held:?}, and should be {known:?}")),
        }
        Ok(())
    }

    fn ask(&mut self, wish: Wish) -> Checked {
        let want = match wish {
            Wish::Any => Want::default(),
            Wish::ForAtLeast(millis) => Want::for_at_least(Span::from_millis(millis)),
            Wish::Forced => self.life.force(Span::ZERO),
        };
        self.callers.push(Caller {
            want,
            wish,
            session: self.session,
            asked: self.landed,
            using: None,
            refused: None,
        });
        self.poll(self.callers.len() - 1)
    }

    fn poll(&mut self, at: usize) -> Checked {
        self.observe();
        let mut caller = self.callers.remove(at);
        let said = self.life.poll(self.now, &mut caller.want);
        if let Poll::LoggedOut = said {
            ensure!(caller.session != self.session, "logged out, says the machine to one who asked after it");
            return Ok(());
        }
        ensure!(caller.session == self.session, "{said:?} to one who asked before the logout");
        let usable = self.held.as_ref().is_some_and(|kept| self.suits(kept, &caller));
        match said {
            Poll::Use(held) => self.hand_out(caller, &held),
            Poll::UseAndRefresh(held, ticket) => {
                ensure!(
                    ticket.in_window && ticket.reason == Reason::Early,
                    "a refresh behind a good token: {ticket:?}"
                );
                self.hand_out(caller, &held)?;
                self.take_off(ticket)
            }
            _ if usable => Err(format!("{said:?}, and a token is at hand that suits: {:?}", self.held)),
            Poll::Refresh(ticket) => {
                ensure!(!ticket.in_window, "somebody waits for this flight: {ticket:?}");
                ensure!(
                    self.failed <= caller.asked,
                    "its flight failed, and it asks again instead of being told"
                );
                self.callers.push(caller);
                self.take_off(ticket)
            }
            Poll::Wait => {
                ensure!(self.flight.is_some(), "to wait for nothing");
                self.callers.push(caller);
                Ok(())
            }
            Poll::Backoff(_) => {
                let told = (self.life.quiet_until() - self.now).as_millis();
                ensure!(
                    told == self.quiet_until - self.elapsed,
                    "quiet for {told} ms: {}",
                    self.quiet_until - self.elapsed
                );
                ensure!(
                    self.is_quiet() || self.failed > caller.asked,
                    "an old failure to one who asked after it"
                );
                Ok(())
            }
            Poll::TooShort(end) => {
                ensure!(
                    matches!(caller.wish, Wish::ForAtLeast(_)),
                    "too short for one who did not say how long"
                );
                let held =
                    self.held.as_ref().filter(|held| held.landed > caller.asked && self.is_alive(held, 0));
                let left = held.and_then(|held| held.end).map(|end| end - self.elapsed);
                ensure!(
                    left == Some((end - self.now).as_millis()),
                    "too short, of what did not come since: {left:?}"
                );
                Ok(())
            }
            Poll::LoggedOut => Ok(()),
        }
    }

    /// Whether this token is what the caller wants.
    fn suits(&self, kept: &Kept, caller: &Caller) -> bool {
        let least = if let Wish::ForAtLeast(millis) = caller.wish { millis } else { 0 };
        self.is_alive(kept, least)
            && self.is_alive(kept, 0)
            && (caller.wish != Wish::Forced || kept.landed > caller.asked)
    }

    fn hand_out(&mut self, mut caller: Caller, held: &Held) -> Checked {
        let kept =
            self.held.as_ref().filter(|kept| kept.generation == held.generation && kept.text == text(held));
        let Some(kept) = kept else {
            return Err(format!("{held:?} is given, and {:?} is held", self.held));
        };
        ensure!(self.suits(kept, &caller), "{kept:?} is given at {} to {caller:?}", self.elapsed);
        ensure!(kept.session == caller.session, "{kept:?} is given across a logout to {caller:?}");
        caller.using = Some(held.generation);
        // The same token again: nothing is sent a second time, and the 401 is handed back.
        if caller.refused != caller.using {
            self.callers.push(caller);
        }
        Ok(())
    }
}

fn text(held: &Held) -> u32 {
    held.secret.reveal().parse().expect("the model names tokens by numbers")
}
