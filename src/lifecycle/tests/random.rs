//! Long schedules by chance: what the exhaustive search cannot reach for their length, with times to the millisecond.
//!
//! Each schedule is one seed, and a failure tells it: `LATCHKEY_SEED=<seed> cargo test` plays that one alone.

use super::model::{Answer, Checked, Event, Wish, World};
use crate::clock::Span;
use crate::error::Code;
use fastrand::Rng;

/// Schedules in a run; half of them are the same in each.
const SCHEDULES: u64 = 1000;
const EVENTS: usize = 2000;
const DAY: i64 = 86_400_000;

const CODES: &[Code] = &[
    Code::Network,
    Code::Timeout,
    Code::RateLimited,
    Code::Server,
    Code::Response,
    Code::Unauthorized,
    Code::Forbidden,
    Code::InvalidRequest,
    Code::Credential,
    Code::TokenExpired,
];

/// A span that is as likely to be short as long.
fn span(rng: &mut Rng, longest: i64) -> i64 {
    let scale = rng.i64(1..=longest.ilog2().into());
    rng.i64(1..=1 << scale).min(longest)
}

struct Schedule {
    rng: Rng,
    world: World,
    is_key: bool,
    /// How often the service fails.
    failing: f64,
    /// How often it gives the last token again.
    again: f64,
    /// How long a token lives at most.
    life: i64,
    crowd: usize,
    recent: Vec<Event>,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let refresh_before = rng.bool().then(|| Span::from_millis(span(&mut rng, 3_600_000)));
        Schedule {
            world: World::new(refresh_before),
            is_key: rng.u8(0..8) == 0,
            failing: rng.f64() * rng.f64(),
            again: if rng.bool() { rng.f64() } else { 0.0 },
            life: span(&mut rng, 30 * DAY).max(2000),
            crowd: rng.usize(1..12),
            recent: Vec::new(),
            rng,
        }
    }

    fn answer(&mut self) -> Answer {
        let rng = &mut self.rng;
        if rng.f64() < self.failing {
            let asked = (rng.u8(0..4) == 0).then(|| span(rng, 300_000));
            return Answer::Failure(CODES[rng.usize(..CODES.len())], asked, rng.f64());
        }
        if rng.f64() < self.again && self.world.can_land(Answer::Again) {
            return Answer::Again;
        }
        match rng.u8(0..20) {
            _ if self.is_key => Answer::Key,
            0 => Answer::Endless,
            1 => Answer::Token(span(rng, self.life)),
            2..5 => {
                let found = Answer::Found(span(rng, self.life));
                if self.world.can_land(found) { found } else { Answer::Token(self.life) }
            }
            _ => Answer::Token(self.life),
        }
    }

    fn clock(&mut self) -> Event {
        let rng = &mut self.rng;
        Event::Clock(match rng.u8(0..40) {
            0 => -span(rng, DAY / 2),
            1 => span(rng, DAY / 2),
            2..10 => span(rng, self.life),
            _ => span(rng, 30_000),
        })
    }

    /// What happens next, if that can happen now.
    fn event(&mut self) -> Option<Event> {
        let callers = self.world.callers.len();
        let at = if callers > 0 { self.rng.usize(..callers) } else { 0 };
        let caller = self.world.callers.get(at);
        Some(match self.rng.u8(0..100) {
            0..30 if callers < self.crowd => Event::Ask(match self.rng.u8(0..10) {
                0 => Wish::Forced,
                1 => Wish::ForAtLeast(span(&mut self.rng, self.life * 2)),
                _ => Wish::Any,
            }),
            30..50 => Event::Poll(caller.filter(|caller| caller.using.is_none()).map(|_| at)?),
            50..60 => Event::Refused(caller.filter(|caller| caller.using.is_some()).map(|_| at)?),
            60..65 => Event::Leave(caller.map(|_| at)?),
            65..80 if self.world.flight.is_some() => Event::Land(self.answer()),
            80..82 if !self.world.late.is_empty() => {
                Event::Late(self.rng.usize(..self.world.late.len()), self.answer())
            }
            82..96 => self.clock(),
            96 => Event::Invalidate,
            97 if self.rng.bool() => Event::LogOut,
            98 => Event::Forgive,
            99 if self.world.flight.is_some() => Event::Overtake,
            _ => return None,
        })
    }

    fn play(&mut self) -> Checked {
        for step in 0..EVENTS {
            let Some(event) = self.event() else { continue };
            self.recent.push(event);
            self.world.apply(event)?;
            if step % 25 == 0 {
                self.world.ends_fairly()?;
            }
        }
        self.world.ends_fairly()?;
        self.recent.push(Event::Close);
        self.world.apply(Event::Close)?;
        self.world.ends_fairly()
    }
}

/// Plays one schedule; gives how often something happened.
fn play(seed: u64) -> usize {
    let mut schedule = Schedule::new(seed);
    if let Err(why) = schedule.play() {
        let last = schedule.recent.len().saturating_sub(30);
        panic!("LATCHKEY_SEED={seed}: {why}\nafter {:?}\n{:#?}", &schedule.recent[last..], schedule.world);
    }
    schedule.recent.len()
}

#[test]
fn whatever_happens_for_however_long() {
    if let Ok(seed) = std::env::var("LATCHKEY_SEED") {
        play(seed.parse().expect("LATCHKEY_SEED is a number"));
        return;
    }
    let first = fastrand::u64(..u64::MAX / 2);
    println!("seeds 0 to {} and from {first} on", SCHEDULES / 2);
    let events: usize = (0..SCHEDULES / 2).chain(first..first + SCHEDULES / 2).map(play).sum();
    assert!(events >= EVENTS * SCHEDULES as usize / 3, "only {events} events happened");
}
