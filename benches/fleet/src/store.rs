//! A store that the whole fleet has, and when what is written to it shows.

use std::collections::VecDeque;

use latchkey::clock::{Span, Timestamp};
use latchkey::store::Call;

/// How a store shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It leases: Redis, a Durable Object.
    Leases,
    /// It does not: Keyv, unstorage.
    Plain,
    /// It does not either, and what is written shows a minute later, as late as Workers KV says: the worst of it.
    Late,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Leases, Kind::Plain, Kind::Late];

    /// What a reader of the table and the plot knows it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Leases => "leases",
            Kind::Plain => "no lease",
            Kind::Late => "no lease, a minute late",
        }
    }

    /// How long after it was written a record shows.
    pub(crate) fn lag(self) -> Span {
        if self == Kind::Late { Span::from_seconds(60) } else { Span::ZERO }
    }
}

/// One record, and the lease of it.
pub(crate) struct Store {
    lag: Span,
    shown: String,
    /// What was written and does not show yet, and when it will.
    coming: VecDeque<(Timestamp, String)>,
    /// Who has it, and until when.
    lease: Option<(usize, Timestamp)>,
}

impl Store {
    pub(crate) fn new(kind: Kind) -> Self {
        Store { lag: kind.lag(), shown: String::new(), coming: VecDeque::new(), lease: None }
    }

    /// What comes of a call that arrives from this isolate.
    pub(crate) fn answer(&mut self, call: &Call, isolate: usize, now: Timestamp) -> String {
        while self.coming.front().is_some_and(|(shows_at, _)| *shows_at <= now) {
            self.shown = self.coming.pop_front().map(|(_, record)| record).unwrap_or_default();
        }
        match call.op {
            "get" => return self.shown.clone(),
            "set" => self.write(call.record.reveal(), now),
            "erase" => self.write("", now),
            "lease" => {
                if self.lease.is_some_and(|(holder, end)| holder != isolate && end > now) {
                    return "0".to_owned();
                }
                self.lease = Some((isolate, now + call.time));
                return "1".to_owned();
            }
            "release" => self.lease = self.lease.filter(|(holder, _)| *holder != isolate),
            other => panic!("a store knows no {other}"),
        }
        String::new()
    }

    fn write(&mut self, record: &str, now: Timestamp) {
        if self.lag == Span::ZERO {
            self.shown = record.to_owned();
        } else {
            self.coming.push_back((now + self.lag, record.to_owned()));
        }
    }
}
