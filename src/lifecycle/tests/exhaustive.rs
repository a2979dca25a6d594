//! Every order of events within stated bounds.
//!
//! A search through all states that can be reached: from each one every event that can happen does, and the books of the
//! [`World`] are compared with the machine after it. Two states of the same key are one, and callers have no names, so the
//! search ends. From each state, too, a fair schedule is played to its end: nobody may be left waiting.

use super::model::{Answer, Checked, Event, Wish, World, ensure};
use crate::error::Code;
use std::collections::HashSet;
use std::rc::Rc;

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
/// A token whose window opens after 120 s, and one that is too short for who wants 90 s.
const LONG: i64 = 150 * SECOND;
const SHORT: i64 = 60 * SECOND;

/// What may happen, and how often.
struct Bounds {
    callers: u8,
    wishes: &'static [Wish],
    /// How many token requests are answered.
    landings: u8,
    answers: &'static [Answer],
    /// How many 401s come.
    refusals: u8,
    /// How often anything else happens: a late answer, a flight that is given up, `invalidate`, `logout`, `free`, an abort, a move of the clock.
    others: u8,
}

const WISHES: &[Wish] = &[Wish::Any, Wish::ForAtLeast(90 * SECOND), Wish::Forced];
const ANSWERS: &[Answer] = &[
    Answer::Token(LONG),
    Answer::Token(SHORT),
    Answer::Again,
    Answer::Failure(Code::Timeout, None, 1.0),
    Answer::Failure(Code::RateLimited, Some(90 * SECOND), 1.0),
    Answer::Failure(Code::Response, None, 1.0),
    Answer::Failure(Code::Unauthorized, None, 1.0),
];
/// One of each kind.
const MAIN: &[Answer] = &[ANSWERS[0], ANSWERS[2], ANSWERS[3], ANSWERS[6]];
/// A hit, of a token that lives long or short, and a miss.
const STORE: &[Answer] = &[Answer::Found(LONG), Answer::Found(SHORT), ANSWERS[0], ANSWERS[2], ANSWERS[6]];
const STATIC: &[Answer] =
    &[Answer::Key, Answer::Endless, Answer::Again, Answer::Failure(Code::Forbidden, None, 1.0)];
/// Past the last word of a 401, into the window or past the cool-down, past everything, and back.
const CLOCKS: &[i64] = &[30 * SECOND, 120 * SECOND, 12 * HOUR, -12 * HOUR];

/// One state, what may still happen from there, and the way that led there.
#[derive(Clone)]
struct Node {
    world: World,
    asks: u8,
    landings: u8,
    refusals: u8,
    others: u8,
    way: Option<Rc<Way>>,
}

struct Way {
    event: Event,
    before: Option<Rc<Way>>,
}

impl Node {
    fn key(&self) -> Vec<u8> {
        let mut key = self.world.key(self.refusals);
        key.extend([self.asks, self.landings, self.refusals, self.others]);
        key
    }

    /// Everything that can happen now.
    fn events(&self, bounds: &Bounds) -> Vec<Event> {
        let world = &self.world;
        let mut events = Vec::new();
        let mut seen = HashSet::new();
        for (at, caller) in world.callers.iter().enumerate() {
            // Of callers who are the same to the machine, one is enough.
            if seen.insert(world.life.caller_key(caller)) {
                match caller.using {
                    None => events.push(Event::Poll(at)),
                    Some(_) if self.refusals > 0 => events.push(Event::Refused(at)),
                    Some(_) => {}
                }
                if self.others > 0 && caller.using.is_none() {
                    events.push(Event::Leave(at));
                }
            }
        }
        if self.asks > 0 && !world.closed {
            events.extend(bounds.wishes.iter().map(|wish| Event::Ask(*wish)));
        }
        if self.landings > 0 && world.flight.is_some() {
            let answers = bounds.answers.iter().filter(|answer| world.can_land(**answer));
            events.extend(answers.map(|answer| Event::Land(*answer)));
        }
        if self.others > 0 {
            events.extend(CLOCKS.iter().map(|by| Event::Clock(*by)));
            if world.flight.is_some() {
                events.push(Event::Overtake);
            }
            if !world.late.is_empty() {
                events.push(Event::Late(0, Answer::Token(LONG)));
                events.push(Event::Late(0, Answer::Failure(Code::Unauthorized, None, 1.0)));
            }
            if !world.closed {
                events.extend([Event::Invalidate, Event::LogOut, Event::Close]);
            }
            if world.permanent || world.is_quiet() {
                events.push(Event::Forgive);
            }
        }
        events
    }

    /// The state after an event.
    fn after(&self, event: Event) -> Checked<Node> {
        let mut next = self.clone();
        next.way = Some(Rc::new(Way { event, before: self.way.clone() }));
        match event {
            Event::Ask(_) => next.asks -= 1,
            Event::Land(_) => next.landings -= 1,
            Event::Refused(_) => next.refusals -= 1,
            Event::Poll(_) => {}
            _ => next.others -= 1,
        }
        next.world.apply(event).map_err(|why| next.told(&why))?;
        Ok(next)
    }

    fn told(&self, why: &str) -> String {
        let mut events = Vec::new();
        let mut way = self.way.as_ref();
        while let Some(step) = way {
            events.push(format!("{:?}", step.event));
            way = step.before.as_ref();
        }
        events.reverse();
        format!("{why}\nafter {}\n{:#?}", events.join(", "), self.world)
    }
}

/// Searches all states within these bounds; tells how many there are, and how many ways from one to another. There were so
/// many when this was written: fewer would be a search that has lost part of its ground.
#[track_caller]
fn explore(name: &str, bounds: &Bounds, at_least: (usize, usize)) {
    let Bounds { callers: asks, landings, refusals, others, .. } = *bounds;
    let first = Node { world: World::new(None), asks, landings, refusals, others, way: None };
    let mut seen = HashSet::from([first.key()]);
    let mut open = vec![first];
    let mut transitions = 0;
    let mut step = || -> Checked {
        while let Some(node) = open.pop() {
            let key = node.key();
            let mut at_rest = true;
            for event in node.events(bounds) {
                let next = node.after(event)?;
                let next_key = next.key();
                transitions += 1;
                at_rest &= !matches!(event, Event::Poll(_)) || next_key == key;
                if seen.insert(next_key) {
                    open.push(next);
                }
            }
            // Where a poll changes something, the states that it leads to are looked at.
            if at_rest {
                node.world.ends_fairly().map_err(|why| node.told(&why))?;
            }
        }
        Ok(())
    };
    if let Err(why) = step() {
        panic!("{name}: {why}");
    }
    println!("{name}: {} states, {transitions} transitions", seen.len());
    assert!(
        seen.len() >= at_least.0 && transitions >= at_least.1,
        "{name}: less was searched than {at_least:?}"
    );
}

impl World {
    /// Whether the flight that is out can be answered so.
    pub(super) fn can_land(&self, answer: Answer) -> bool {
        if let Answer::Found(life) = answer {
            // What lives too short for the caller in front is not taken from a store: see `Sharing`.
            return self.flight.as_ref().is_some_and(|flight| flight.ticket.min_validity.as_millis() < life);
        }
        answer != Answer::Again
            || self.held.as_ref().or(self.rejected.as_ref()).is_some_and(|kept| self.is_alive(kept, 0))
    }

    /// From here on nothing happens but what has to: callers poll, the flight that is out is answered. All come to an end,
    /// and it takes no more than two requests.
    pub(super) fn ends_fairly(&self) -> Checked {
        for answer in [
            Answer::Token(HOUR),
            Answer::Token(SHORT),
            Answer::Found(SHORT),
            Answer::Again,
            Answer::Failure(Code::Timeout, None, 1.0),
            Answer::Failure(Code::Response, None, 1.0),
            Answer::Failure(Code::Unauthorized, None, 1.0),
        ] {
            if self.callers.iter().all(|caller| caller.using.is_some()) {
                return Ok(());
            }
            let mut world = self.clone();
            let mut landings = 0;
            while world.callers.iter().any(|caller| caller.using.is_none()) {
                // Whoever polls and stays stands last afterwards, so each has its turn.
                for _ in 0..world.callers.len() {
                    world.apply(if world.callers[0].using.is_none() {
                        Event::Poll(0)
                    } else {
                        Event::Leave(0)
                    })?;
                }
                if world.flight.is_none() {
                    break;
                }
                let answer = if world.can_land(answer) { answer } else { Answer::Token(HOUR) };
                world.apply(Event::Land(answer))?;
                landings += 1;
                ensure!(
                    landings <= 3,
                    "{landings} requests, each answered {answer:?}, and somebody waits still"
                );
            }
            let waiting = world.callers.iter().filter(|caller| caller.using.is_none()).count();
            ensure!(waiting == 0, "{waiting} wait for ever");
        }
        Ok(())
    }
}

#[test]
fn five_callers() {
    let bounds = Bounds { callers: 5, wishes: WISHES, landings: 3, answers: MAIN, refusals: 0, others: 1 };
    explore("five callers", &bounds, (78_310, 395_333));
}

#[test]
fn five_callers_of_one_kind() {
    let bounds =
        Bounds { callers: 5, wishes: &[Wish::Any], landings: 3, answers: ANSWERS, refusals: 1, others: 2 };
    explore("five callers of one kind", &bounds, (141_125, 711_719));
}

#[test]
fn ten_401s() {
    let bounds =
        Bounds { callers: 5, wishes: &[Wish::Any], landings: 3, answers: MAIN, refusals: 10, others: 1 };
    explore("ten 401s", &bounds, (164_925, 567_680));
}

#[test]
fn three_callers() {
    let bounds = Bounds { callers: 3, wishes: WISHES, landings: 3, answers: ANSWERS, refusals: 1, others: 1 };
    explore("three callers", &bounds, (73_609, 315_374));
}

#[test]
fn two_callers() {
    let bounds = Bounds { callers: 2, wishes: WISHES, landings: 3, answers: ANSWERS, refusals: 1, others: 3 };
    explore("two callers", &bounds, (114_663, 661_569));
}

#[test]
fn a_store() {
    let bounds = Bounds { callers: 3, wishes: WISHES, landings: 3, answers: STORE, refusals: 2, others: 1 };
    explore("a store", &bounds, (73_586, 298_092));
}

#[test]
fn a_static_key() {
    let bounds = Bounds { callers: 3, wishes: WISHES, landings: 3, answers: STATIC, refusals: 2, others: 1 };
    explore("a static key", &bounds, (34_233, 135_163));
}
