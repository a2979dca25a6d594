//! How long a set is good, in every order of events that matters.

use super::*;
use crate::json::Json;
use crate::verify::cache::{COOL_DOWN, Cache, FRESH, Poll, STALE, max_age};
use crate::verify::jwks::{Set, Wanted};

fn set(kids: &[&str]) -> Set {
    let keys: Vec<_> =
        kids.iter().map(|kid| format!(r#"{{"kty":"EC","crv":"P-256","kid":"{kid}"}}"#)).collect();
    Set::read(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).unwrap()
}

fn wanted(kid: &String) -> Wanted<'_> {
    let allowed = Algorithms::NONE;
    Wanted { kid: Some(kid), algorithm: Algorithms::named("ES256"), allowed }
}

/// A cache, and the clock that it is asked by.
struct Played {
    cache: Cache,
    now: Timestamp,
}

impl Played {
    fn new() -> Self {
        Played { cache: Cache::default(), now: NOW }
    }

    /// With this set at hand, fresh for as long as the answer says.
    fn holding(kids: &[&str], age: Option<Span>) -> Self {
        let mut played = Self::new();
        played.comes(kids, age);
        played
    }

    fn pass(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// One of: the key, `fetch`, `wait`, or the code of the error.
    fn asks(&mut self, kid: &str) -> String {
        match self.cache.poll(&wanted(&kid.to_owned()), self.now) {
            Ok(Poll::Use(named)) => {
                Json::parse(&named.text).unwrap().get("kid").and_then(Json::as_str).unwrap().to_owned()
            }
            Ok(Poll::Fetch(_)) => "fetch".into(),
            Ok(Poll::Wait) => "wait".into(),
            Err(error) => error.code.as_str().into(),
        }
    }

    fn flies(&mut self, came: Result<(Set, Option<Span>)>) {
        match self.cache.poll(&wanted(&"new".to_owned()), self.now) {
            Ok(Poll::Fetch(flight)) => self.cache.land(flight, came, self.now, 1.0),
            other => panic!("no request is due, but {other:?}"),
        }
    }

    fn comes(&mut self, kids: &[&str], age: Option<Span>) {
        self.flies(Ok((set(kids), age)));
    }

    fn fails(&mut self) {
        self.flies(Err(Error::new(Code::Network, "down")));
    }
}

const SECOND: Span = Span::from_seconds(1);

#[test]
fn a_set_is_asked_for_once_and_kept_as_long_as_it_says() {
    let mut played = Played::new();
    assert_eq!([played.asks("a"), played.asks("a"), played.asks("b")], ["fetch", "wait", "wait"]);
    for (said, fresh) in [
        (None, FRESH.2),
        (Some(Span::ZERO), FRESH.0),
        (Some(Span::from_seconds(-5)), FRESH.0),
        (Some(Span::from_seconds(3600)), Span::from_seconds(3600)),
        (Some(Span::from_seconds(i64::MAX)), FRESH.1),
    ] {
        let mut played = Played::holding(&["a"], said);
        played.pass(fresh - Span::from_millis(1));
        assert_eq!(played.asks("a"), "a", "{said:?}");
        played.pass(Span::from_millis(1));
        assert_eq!(played.asks("a"), "fetch", "{said:?}");
    }
}

impl core::ops::Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span::from_millis(self.as_millis() - other.as_millis())
    }
}

#[test]
fn a_flood_of_unknown_ids_makes_one_request() {
    let mut played = Played::holding(&["a"], None);
    assert_eq!(played.asks("forged"), "ERR_SIGNATURE", "the set has just come");
    played.pass(COOL_DOWN);
    assert_eq!(played.asks("forged-1"), "fetch");
    for at in 2..1000 {
        assert_eq!(played.asks(&format!("forged-{at}")), "wait");
    }
    assert_eq!(played.asks("a"), "a", "whose key is there does not wait");
    played.cache.land(2, Ok((set(&["a"]), None)), played.now, 1.0);
    for at in 1..1000 {
        played.pass(Span::from_millis(20));
        assert_eq!(played.asks(&format!("forged-{at}")), "ERR_SIGNATURE");
    }
}

#[test]
fn keys_are_rolled_over_with_and_without_overlap() {
    let mut played = Played::holding(&["a"], None);
    played.pass(COOL_DOWN);
    played.comes(&["a", "new"], None);
    assert_eq!([played.asks("a"), played.asks("new")], ["a", "new"]);
    played.pass(FRESH.2);
    played.comes(&["new"], None);
    assert_eq!([played.asks("a"), played.asks("new")], ["ERR_SIGNATURE", "new"]);
}

#[test]
fn old_keys_are_used_for_a_while_when_the_endpoint_is_down() {
    let mut played = Played::holding(&["a"], None);
    played.pass(FRESH.2);
    for _ in 0..8 {
        played.fails();
        assert_eq!([played.asks("a"), played.asks("b")], ["a", "ERR_NETWORK"]);
        played.pass(COOL_DOWN);
    }
    played.pass(STALE);
    assert_eq!(played.asks("a"), "fetch");
    let mut played = Played::holding(&["a"], None);
    played.pass(FRESH.2 + STALE);
    played.fails();
    assert_eq!(played.asks("a"), "ERR_NETWORK", "too old");
    played.pass(SECOND);
    played.comes(&["a"], None);
    assert_eq!(played.asks("a"), "a");
}

#[test]
fn a_failure_is_remembered_for_longer_each_time() {
    let mut played = Played::new();
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        played.fails();
        assert_eq!(played.asks("a"), "ERR_NETWORK");
        played.pass(Span::from_seconds(seconds) - Span::from_millis(1));
        assert_eq!(played.asks("a"), "ERR_NETWORK", "{seconds}");
        played.pass(Span::from_millis(1));
    }
    let mut error = Error::new(Code::RateLimited, "slowly");
    error.retry_after = Some(Span::from_seconds(3600));
    played.flies(Err(error));
    played.pass(FRESH.0);
    assert_eq!(played.asks("a"), "fetch", "no endpoint keeps a verifier waiting for an hour");
}

#[test]
fn what_comes_late_replaces_nothing() {
    let mut played = Played::new();
    assert_eq!(played.asks("a"), "fetch");
    played.cache.overtake();
    assert_eq!(played.asks("a"), "fetch");
    played.cache.land(2, Ok((set(&["a"]), None)), played.now, 0.5);
    played.cache.land(1, Ok((set(&["old"]), None)), played.now, 0.5);
    played.cache.land(1, Err(Error::new(Code::Network, "late")), played.now, 0.5);
    assert_eq!([played.asks("a"), played.asks("old")], ["a", "ERR_SIGNATURE"]);
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_alive() {
    let mut played = Played::holding(&["a"], None);
    played.now = NOW - Span::from_seconds(86_400);
    assert_eq!(played.asks("a"), "fetch");
}

#[test]
fn what_an_answer_says_of_its_age_is_read() {
    let seconds = |said: &str, age: Option<&str>| max_age(said, age).map(|span| span.as_millis() / 1000);
    assert_eq!(seconds("public, max-age=19845, must-revalidate", None), Some(19_845));
    assert_eq!(seconds("MAX-AGE=60", Some("45")), Some(15));
    assert_eq!(seconds("s-maxage=9,max-age=0", Some("soon")), Some(0));
    assert_eq!([seconds("no-store", None), seconds("No-Cache, max-age=5", None)], [Some(0), Some(0)]);
    for said in ["", "public", "max-age", "max-age=soon", "max-age=-5", "stale-if-error=5"] {
        assert_eq!(seconds(said, None), None, "{said}");
    }
}
