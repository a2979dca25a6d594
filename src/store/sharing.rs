//! What a flight has to do with a store: a state machine of values, as [`crate::lifecycle`] is.
//!
//! ```text
//!  get ──▶ a token that will do ──────────────▶ land with it
//!   ▲ │ none                                          │
//!   │ ▼                                               │
//!   │ lease ──▶ nobody leases, or it fails ──▶ land   │
//!   │ │  └────▶ somebody else's ──▶ sleep ──┐   │     │
//!   │ ▼ ours: what came meanwhile?          │   ▼     ▼
//!   └─┴◀────────────────────────────────────┘  get, set, release
//! ```
//!
//! To land without a token is to ask the service first. Who holds the lease has read once more before that. Whoever does not
//! looks again after a while, and tries the lease again: a holder that died is succeeded when its lease ends. A store that says
//! for ever that somebody else is asking is believed for two leases.
//!
//! Before it writes, a flight looks whether there is a newer record, for it may have slept: that one stays.

use super::{Call, Memory, Record};
use crate::clock::{Span, Timestamp};
use crate::error::Result;
use crate::http;
use crate::lifecycle::Ticket;
use crate::task::Effect;
use crate::text::{NO_TEXT, Text};
use crate::token::{Secret, Token};

/// The first wait for somebody else's token, and the longest, before chance shortens it.
const WAIT: (Span, Span) = (Span::from_millis(250), Span::from_seconds(1));
/// The longest lease, however long a token request may take: who waits for one that died waits so long.
const LONGEST_LEASE: Span = Span::from_seconds(30);

/// What is to be done. What came of it is told when the next is asked for.
pub enum Next {
    /// This.
    Do(Box<Effect>),
    /// Land with this token; without one, ask the service first.
    Land(Option<Box<Token>>),
    /// Write the token that came.
    Set,
    /// Tell that the store has lied.
    Tell,
    /// Nothing more.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    Start,
    Get,
    Lease,
    Sleep,
    Erase,
    Land,
    Wake,
    Check,
    Set,
    Undo,
    Release,
    End,
}

/// The way of one flight to the store and back; where there is none, to the service alone.
pub struct Sharing {
    /// The name of the record, if the token is shared.
    name: Option<Text>,
    /// Its ticket.
    pub ticket: Ticket,
    /// The token that a 401 refused.
    refused: Option<Secret>,
    /// Whether the store says whose turn it is to ask the service.
    leases: bool,
    /// How long a lease lasts.
    lease: Span,
    step: Step,
    /// The generation that was there first.
    first: Option<i64>,
    waits: u32,
    wait_until: Timestamp,
    leased: bool,
    /// Whether what lies there is what was refused.
    is_refused: bool,
    /// How often something had been given up when it began.
    forgotten: u32,
    /// Whether the store has lied.
    is_faulty: bool,
    /// Whether there is something to write: it was asked for, and the store answers.
    pub writes: bool,
}

impl Sharing {
    /// For a flight of this ticket, whose request may take so long. `name` is that of the record, and `refused` the token that a
    /// 401 took away.
    pub fn new(
        name: Option<Text>,
        ticket: Ticket,
        refused: Option<Secret>,
        leases: bool,
        timeout: Span,
        memory: &Memory,
    ) -> Self {
        Sharing {
            name,
            ticket,
            refused,
            leases,
            lease: (timeout + Span::from_seconds(1)).min(LONGEST_LEASE),
            step: Step::Start,
            first: None,
            waits: 0,
            wait_until: Timestamp::NEVER,
            leased: false,
            is_refused: false,
            forgotten: memory.forgotten,
            is_faulty: false,
            writes: true,
        }
    }

    /// What is to be done next, after this came of the last.
    pub fn next(
        &mut self,
        came: &Result<Text>,
        memory: &mut Memory,
        now: Timestamp,
        ahead: Span,
        random: f64,
    ) -> Next {
        let text = came.as_ref().map_or(&NO_TEXT, Text::as_string);
        let is_forgotten = memory.forgotten != self.forgotten;
        let step = self.step;
        match step {
            Step::Start | Step::Sleep if self.is_shared() => return self.ask(Step::Get, "get"),
            // Nothing is known of it, and so nothing is written to it either.
            Step::Get if came.is_err() => self.writes = false,
            Step::Get => {
                let token = self.read(text, memory, now, ahead);
                if token.is_some() {
                    self.step = Step::Land;
                    self.writes = false;
                    return Next::Land(token);
                }
                if self.leases && !self.leased {
                    return self.ask(Step::Lease, "lease");
                }
            }
            Step::Lease if text == "1" => {
                self.leased = true;
                return self.ask(Step::Get, "get");
            }
            Step::Lease if came.is_ok() => {
                self.wait_until = self.wait_until.min(now + self.lease + self.lease);
                if now < self.wait_until {
                    self.step = Step::Sleep;
                    self.waits += 1;
                    let wait = http::backoff(self.waits, WAIT.0, WAIT.1, None, random);
                    return Next::Do(Box::new(Effect::Sleep(wait)));
                }
                self.is_faulty = true;
            }
            Step::Land if self.is_shared() => {
                self.step = Step::Wake;
                return Next::Do(Box::new(Effect::Land));
            }
            Step::Wake if self.writes => return self.ask(Step::Check, "get"),
            Step::Check if !is_forgotten => {
                let there = Record::read(text, now, ahead);
                if there.is_none_or(|there| there.generation <= memory.seen) {
                    self.step = Step::Set;
                    return Next::Set;
                }
            }
            Step::Set if is_forgotten => return self.ask(Step::Undo, "erase"),
            _ => {}
        }
        if step < Step::Land {
            if core::mem::take(&mut self.is_refused) {
                return self.ask(Step::Erase, "erase");
            }
            self.step = Step::Land;
            return Next::Land(None);
        }
        if step < Step::Release && self.leased {
            return self.ask(Step::Release, "release");
        }
        self.step = Step::End;
        if step != Step::End && self.is_faulty { Next::Tell } else { Next::End }
    }

    /// Whether there is a store for the token.
    pub fn is_shared(&self) -> bool {
        self.name.is_some()
    }

    /// To ask this of the store.
    pub fn store(&self, call: Call) -> Next {
        Next::Do(Box::new(Effect::Store(self.name.clone().unwrap_or_default(), call)))
    }

    /// Whether there was a record, be it good or not.
    pub fn was_there(&self) -> bool {
        self.first > Some(0)
    }

    fn ask(&mut self, step: Step, op: &'static str) -> Next {
        self.step = step;
        self.store(Call::new(op, self.lease))
    }

    /// The token in what was read, if it will do.
    fn read(&mut self, text: &str, memory: &mut Memory, now: Timestamp, ahead: Span) -> Option<Box<Token>> {
        self.is_refused = false;
        let record = Record::read(text, now, ahead).filter(|record| record.generation >= memory.seen);
        let Some(Record { generation, token }) = record else {
            // It is none, or an old one that somebody put back.
            self.is_faulty |= !text.is_empty();
            self.first.get_or_insert(memory.seen);
            return None;
        };
        memory.see(generation);
        let first = *self.first.get_or_insert(generation);
        self.is_refused = self.refused.as_ref() == Some(&token.secret);
        let least = now + self.ticket.min_validity;
        let will_do = !self.is_refused
            && generation > memory.revoked
            && token.expires_at > least
            // Who holds a good token wants one that somebody has asked for since.
            && (!self.ticket.in_window || generation > memory.held)
            // Who wants none but a new one wants one that came while this flight was out.
            && (!self.ticket.newer || generation > first);
        if !will_do {
            return None;
        }
        memory.held = generation;
        Some(token)
    }
}
