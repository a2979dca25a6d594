//! The simulation: a heap of instants, and at each of them one isolate goes on. Each has a [`Client`], the one that is shipped, with
//! the lifecycle, the jitter and the policy of stores that are in it; here its effects are performed, in no time but by the clock.
//!
//! An isolate calls at random, each time so long after the last call as chance has it ([`BETWEEN_CALLS`] on average). A call that is
//! given the token at hand changes nothing; so that they need not be simulated, the next one that matters is drawn from when the token
//! becomes stale: such a process has no memory.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use latchkey::client::{Client, Script, TokenOptions};
use latchkey::clock::{Span, Timestamp};
use latchkey::config::{Config, marked};
use latchkey::http::Answer;
use latchkey::json::Value;
use latchkey::platform::{Platform, Url};
use latchkey::store::Call;
use latchkey::task::{Effect, Outcome, Step, Task};
use latchkey::text::Text;

use crate::store::{Kind, Store};

/// How long a token of Masivo's lives.
pub(crate) const LIFE: Span = Span::from_seconds(3600);
/// How long a call of one isolate is after the one before, on average: ms.
const BETWEEN_CALLS: f64 = 10_000.0;
/// How long a request to the service takes: ms.
const SERVICE: core::ops::RangeInclusive<i64> = 150..=450;
/// How long a store takes, there or back: ms.
const STORE: core::ops::RangeInclusive<i64> = 1..=4;
/// The longest between the first isolate's look into the store and the instant at which its token lies there: back, the request,
/// one more look, and there.
#[cfg(test)]
pub(crate) const LONGEST_TRIP: Span = Span::from_millis(4 * *STORE.end() + *SERVICE.end());

/// What is not measured: the start, at which nobody has a token, and the lifetime after it.
const WARM_UP: usize = 2;

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A lifetime of the fleet's token: from the request for it to the request for the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    began: Timestamp,
    /// How often the service was asked for a token.
    pub(crate) requests: u64,
    /// How often the store was asked for anything.
    pub(crate) operations: u64,
}

/// What came of a simulation.
pub(crate) struct Run {
    /// The start of a fleet that has no token: as a lifetime of its own.
    pub(crate) start: Lifetime,
    /// Those after the warm-up.
    pub(crate) lifetimes: Vec<Lifetime>,
    /// How long one of them was on average: seconds.
    pub(crate) length: f64,
}

impl Run {
    /// The average of what is counted in a lifetime.
    pub(crate) fn mean(&self, count: impl Fn(&Lifetime) -> u64) -> f64 {
        self.lifetimes.iter().map(count).sum::<u64>() as f64 / self.lifetimes.len() as f64
    }
}

/// Simulates a fleet for so many lifetimes after the warm-up.
pub(crate) fn simulate(isolates: usize, kind: Kind, lifetimes: usize, seed: u64) -> Run {
    let mut fleet = Fleet::new(isolates, kind, seed);
    // Of the last one only the beginning was seen.
    while fleet.lifetimes.len() <= WARM_UP + lifetimes {
        fleet.go_on();
    }
    let ended = fleet.lifetimes.pop().map(|unfinished| unfinished.began);
    let start = fleet.lifetimes[0];
    let measured = fleet.lifetimes.split_off(WARM_UP);
    let time = ended.zip(measured.first()).map(|(end, first)| end - first.began).unwrap_or_default();
    Run { start, length: time.as_millis() as f64 / 1000.0 / measured.len() as f64, lifetimes: measured }
}

/// Chance for all: one seed makes the whole run.
struct Chance(RefCell<fastrand::Rng>);

impl Platform for Chance {
    fn random(&self) -> f64 {
        self.0.borrow_mut().f64()
    }

    fn fresh_id(&self) -> Text {
        format!("{:032x}", self.0.borrow_mut().u128(..)).into()
    }

    fn parse_url(&self, text: &str, _: Option<&str>) -> Option<Rc<Url>> {
        parse_url(text)
    }
}

impl Chance {
    fn millis(&self, range: core::ops::RangeInclusive<i64>) -> Span {
        Span::from_millis(self.0.borrow_mut().i64(range))
    }

    /// How long it is to the next call.
    fn until_call(&self) -> Span {
        Span::from_millis((-(1.0 - self.random()).ln() * BETWEEN_CALLS) as i64)
    }
}

/// The only address here is that of the service.
fn parse_url(text: &str) -> Option<Rc<Url>> {
    let origin = "https://app.masivo.ai";
    text.starts_with(origin).then(|| {
        Rc::new(Url {
            href: text.to_owned(),
            origin: origin.to_owned(),
            protocol: "https:".to_owned(),
            hostname: "app.masivo.ai".to_owned(),
            pathname: text[origin.len()..].to_owned(),
            search: String::new(),
            has_credentials: false,
        })
    })
}

fn config(kind: Kind) -> Config {
    let given = Value::object()
        .with("provider", "masivo".into())
        .with("apiKey", "key".into())
        .with("store", marked("store", (kind == Kind::Leases).into()))
        .with("plaintext", true.into());
    Config::read(given, &|text, _| parse_url(text)).expect("it is right")
}

/// What an isolate does at an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// It calls.
    Call,
    /// What it asks of the store arrives there.
    Arrive,
    /// What it asked for has come.
    Come,
}

struct Isolate {
    client: Client,
    flight: Option<Task>,
    /// The call that waits for it. Others would wait likewise.
    caller: Option<Task>,
    /// What is on its way to the store.
    asked: Option<Call>,
    /// What is on its way back.
    came: Option<Outcome>,
}

struct Fleet {
    isolates: Vec<Isolate>,
    store: Store,
    chance: Rc<Chance>,
    /// When, in which order within a millisecond, who, and what.
    events: BinaryHeap<Reverse<(Timestamp, u64, usize, Event)>>,
    scheduled: u64,
    now: Timestamp,
    tokens: u64,
    lifetimes: Vec<Lifetime>,
}

impl Fleet {
    fn new(isolates: usize, kind: Kind, seed: u64) -> Self {
        let chance = Rc::new(Chance(RefCell::new(fastrand::Rng::with_seed(seed))));
        let isolate = |_| Isolate {
            client: Client::new(config(kind), Rc::clone(&chance) as _),
            flight: None,
            caller: None,
            asked: None,
            came: None,
        };
        let mut fleet = Fleet {
            isolates: (0..isolates).map(isolate).collect(),
            store: Store::new(kind),
            chance,
            events: BinaryHeap::new(),
            scheduled: 0,
            now: START,
            tokens: 0,
            lifetimes: Vec::new(),
        };
        for who in 0..isolates {
            fleet.schedule(fleet.chance.until_call(), who, Event::Call);
        }
        fleet
    }

    fn schedule(&mut self, after: Span, who: usize, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((self.now + after, self.scheduled, who, event)));
    }

    /// Does what is next.
    fn go_on(&mut self) {
        let Reverse((now, _, who, event)) = self.events.pop().expect("everybody calls for ever");
        self.now = now;
        match event {
            Event::Call => {
                let client = self.isolates[who].client.clone();
                let calling = client.clone();
                let token = move |script: &mut Script| {
                    calling.token(script, TokenOptions::default()).map(|_| Text::new())
                };
                self.call(who, client.task(Box::new(token)), Outcome::Done);
            }
            Event::Arrive => {
                let call = self.isolates[who].asked.take().expect("something was asked");
                let text = self.store.answer(&call, who, now);
                self.isolates[who].came = Some(Outcome::Text(text.into()));
                let back = self.chance.millis(STORE);
                self.schedule(back, who, Event::Come);
            }
            Event::Come => {
                let came = self.isolates[who].came.take().expect("something was asked");
                self.fly(who, came);
            }
        }
    }

    /// Goes on with a call as far as it can.
    fn call(&mut self, who: usize, mut task: Task, mut came: Outcome) {
        loop {
            match task.resume(Ok(came), self.now) {
                Step::Done(came) => {
                    came.expect("nothing fails here");
                    break;
                }
                Step::Needs(Effect::Fly(flight)) => {
                    self.isolates[who].flight = Some(flight);
                    self.fly(who, Outcome::Done);
                }
                Step::Needs(Effect::Join) if self.isolates[who].flight.is_some() => {
                    self.isolates[who].caller = Some(task);
                    return;
                }
                Step::Needs(_) => {}
            }
            came = Outcome::Done;
        }
        let client = &self.isolates[who].client;
        // While a flight is out, a call is given the old token, and so it is until the flight has ended.
        let fresh_for = client.cached(self.now).map_or(Span::ZERO, |(_, stale_at)| stale_at - self.now);
        let next = fresh_for + self.chance.until_call();
        self.schedule(next, who, Event::Call);
    }

    /// Goes on with a flight as far as it can.
    fn fly(&mut self, who: usize, mut came: Outcome) {
        let mut flight = self.isolates[who].flight.take().expect("it is out");
        loop {
            match flight.resume(Ok(came), self.now) {
                Step::Done(_) => return self.land(who),
                Step::Needs(Effect::Land) => self.land(who),
                Step::Needs(Effect::Store(_, call)) => {
                    self.lifetimes.last_mut().into_iter().for_each(|lifetime| lifetime.operations += 1);
                    self.isolates[who].asked = Some(call);
                    let there = self.chance.millis(STORE);
                    self.schedule(there, who, Event::Arrive);
                    break;
                }
                Step::Needs(Effect::Send(..)) => {
                    let answer = self.ask_service();
                    self.isolates[who].came = Some(answer);
                    let there_and_back = self.chance.millis(SERVICE);
                    self.schedule(there_and_back, who, Event::Come);
                    break;
                }
                Step::Needs(Effect::Sleep(span)) => {
                    self.isolates[who].came = Some(Outcome::Done);
                    self.schedule(span, who, Event::Come);
                    break;
                }
                Step::Needs(_) => {}
            }
            came = Outcome::Done;
        }
        self.isolates[who].flight = Some(flight);
    }

    /// Lets the call go on that waits for the flight.
    fn land(&mut self, who: usize) {
        if let Some(caller) = self.isolates[who].caller.take() {
            self.call(who, caller, Outcome::Done);
        }
    }

    /// Counts a token request, and answers it.
    fn ask_service(&mut self) -> Outcome {
        // No token is renewed in the first quarter of its life: until then, a request is one too many for the same.
        if self.lifetimes.last().is_none_or(|last| self.now - last.began >= LIFE / 4) {
            self.lifetimes.push(Lifetime { began: self.now, requests: 0, operations: 0 });
        }
        self.lifetimes.last_mut().into_iter().for_each(|lifetime| lifetime.requests += 1);
        self.tokens += 1;
        let body = format!("{{\"data\":\"token-{}\"}}", self.tokens);
        Outcome::Answer(Box::new(Answer { status: 200, body: body.into(), ..Answer::default() }))
    }
}
