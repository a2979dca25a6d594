use super::*;
use crate::config::Config;
use crate::event::Reason;
use crate::json::Json;
use crate::lifecycle::{Lifecycle, Poll, Ticket, Want};
use crate::task::Effect;
use crate::text::Text;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const HOUR: Span = Span::from_seconds(3600);

fn token(text: &str, life: Option<Span>) -> Box<Token> {
    let mut token = Box::new(Token::of(Secret::new(text)));
    token.expires_at = life.map_or(Timestamp::NEVER, |life| NOW + life);
    token.refresh_token = Some(Secret::new("r"));
    token.scopes = Some("a b".into());
    token.id = Some("p1".into());
    token
}

fn record(generation: i64, text: &str) -> String {
    Call::set(generation, &token(text, Some(HOUR)), NOW, Span::ZERO).record.reveal().to_owned()
}

#[test]
fn what_is_written_is_read() {
    for life in [Some(HOUR), None] {
        let call = Call::set(7, &token("t", life), NOW, Span::ZERO);
        assert_eq!(call.time, life.unwrap_or(UNKNOWN_LIFE));
        let Record { generation, token } = Record::read(call.record.reveal(), NOW, Span::ZERO).unwrap();
        assert_eq!((generation, token.secret.reveal().as_str(), token.found), (7, "t", true));
        assert_eq!(token.expires_at, life.map_or(Timestamp::NEVER, |life| NOW + life));
        assert_eq!(token.refresh_token, Some(Secret::new("r")));
        assert_eq!(token.scopes.as_deref(), Some("a b"));
        assert_eq!(token.id.as_deref(), Some("p1"));
    }
}

#[test]
fn times_are_told_by_the_clock_of_the_service() {
    // The writer's clock is an hour behind, and the reader's three ahead.
    let (written_at, ahead) = (NOW - HOUR, HOUR);
    let mut fresh = token("t", None);
    fresh.expires_at = written_at + HOUR;
    let text = Call::set(1, &fresh, written_at, ahead).record;
    let three = HOUR + HOUR + HOUR;
    let read = |now, ahead| Record::read(text.reveal(), now, ahead).unwrap().token.expires_at;
    assert_eq!(read(NOW + three, Span::from_seconds(-3 * 3600)), NOW + three + HOUR);
    // One that knows nothing of the service's clock believes no life longer than the token's.
    assert_eq!(read(NOW - three, Span::ZERO), NOW - three + HOUR);
}

fn name(config: &str) -> Option<String> {
    let config = Config::read(Json::parse(config).unwrap(), &crate::config::tests::parse_url);
    name_of(&config.ok().unwrap()).map(Text::into_string)
}

#[test]
fn a_name_tells_whose_the_token_is_and_no_secret() {
    let store = "\"store\":{\"\\u0000store\":true},\"plaintext\":true";
    let login = |more: &str| {
        name(&format!(
            r#"{{"provider":"login","baseUrl":"https://a.example",{store},"username":"u","password":"hunter22"{more}}}"#
        ))
        .unwrap()
    };
    let own = login("");
    assert!(!own.contains("hunter22") && own.contains("\"username\":\"u\""), "{own}");
    assert_eq!(own, login(r#","timeout":3"#));
    for more in [r#","partition":"p""#, r#","session":"s""#, r#","tokenUrl":"https://b.example/in""#] {
        assert_ne!(own, login(more), "{more}");
    }
    assert_eq!(name(&format!(r#"{{"provider":"masumi","apiKey":"k",{store}}}"#)), None, "a static key");
    assert_eq!(name(r#"{"provider":"masivo","apiKey":"k"}"#).map(drop), Some(()), "with or without a store");
    let issuer = |issuer: &str| {
        name(&format!(
            r#"{{"provider":"oauth2","baseUrl":"https://a.example","clientId":"i","clientSecret":"hunter22","issuer":"{issuer}","scope":"a",{store}}}"#
        ))
        .unwrap()
    };
    assert_ne!(issuer("https://one.example"), issuer("https://two.example"));
    assert!(issuer("https://one.example").contains("scope=a"));
}

/// A flight with the store, as a driver sees it.
struct Trip {
    sharing: Sharing,
    memory: Memory,
    now: Timestamp,
}

impl Trip {
    fn new(want: &mut Want, memory: Memory, refused: Option<&str>) -> Self {
        let mut life = Lifecycle::new(None);
        let Poll::Refresh(ticket) = life.poll(NOW, want) else { panic!("nothing is held") };
        Trip::of(ticket, memory, refused)
    }

    fn of(ticket: Ticket, memory: Memory, refused: Option<&str>) -> Self {
        let sharing = Sharing::new(
            Some("name".into()),
            ticket,
            refused.map(Secret::new),
            true,
            Span::from_seconds(10),
            &memory,
        );
        Trip { sharing, memory, now: NOW }
    }

    fn came(&mut self, came: &str) -> Next {
        self.sharing.next(&Ok(came.into()), &mut self.memory, self.now, Span::ZERO, 1.0)
    }

    #[track_caller]
    fn does(&mut self, came: &str, op: &str) {
        let next = self.came(came);
        let is_of_store = matches!(&next, Next::Do(effect) if matches!(**effect, Effect::Store(..)));
        assert!(is_of_store && said(&next) == op, "not {op} but {}", said(&next));
    }

    #[track_caller]
    fn lands(&mut self, came: &str, token: Option<&str>) {
        match self.came(came) {
            Next::Land(found) => {
                assert_eq!(found.as_ref().map(|token| token.secret.reveal().as_str()), token);
            }
            other => panic!("it does not land: {}", said(&other)),
        }
    }

    #[track_caller]
    fn says(&mut self, came: &str, what: &str) {
        let next = self.came(came);
        assert_eq!(said(&next), what);
    }
}

fn said(next: &Next) -> &'static str {
    match next {
        Next::Do(effect) => match &**effect {
            Effect::Store(_, call) => call.op,
            Effect::Sleep(_) => "sleep",
            Effect::Land => "wake",
            _ => panic!("no other effect is of a store"),
        },
        Next::Land(_) => "land",
        Next::Set => "write",
        Next::Tell => "tell",
        Next::End => "end",
    }
}

#[test]
fn a_token_that_is_there_is_used() {
    let mut trip = Trip::new(&mut Want::default(), Memory::default(), None);
    trip.does("", "get");
    trip.lands(&record(5, "t"), Some("t"));
    trip.says("", "wake");
    trip.says("", "end");
    assert_eq!((trip.memory.seen, trip.memory.held), (5, 5));
}

#[test]
fn whoever_has_the_lease_looks_again_then_asks_then_writes_then_gives_it_back() {
    let mut trip = Trip::new(&mut Want::default(), Memory::default(), None);
    trip.does("", "get");
    trip.does("", "lease");
    trip.does("1", "get");
    trip.lands("", None);
    trip.says("", "wake");
    trip.does("", "get");
    trip.says("", "write");
    trip.does("", "release");
    trip.says("", "end");
}

#[test]
fn one_that_slept_keeps_what_is_newer() {
    let mut trip = Trip::new(&mut Want::default(), Memory::default(), None);
    for (came, op) in [("", "get"), ("", "lease"), ("1", "get")] {
        trip.does(came, op);
    }
    trip.lands("", None);
    trip.says("", "wake");
    trip.does("", "get");
    trip.does(&record(9, "newer"), "release");
    trip.says("", "end");
}

#[test]
fn a_holder_that_dies_is_succeeded_and_a_store_that_lies_is_not_believed_for_ever() {
    let mut trip = Trip::new(&mut Want::default(), Memory::default(), None);
    trip.does("", "get");
    trip.does("", "lease");
    let began = trip.now;
    let mut waits = 0;
    while let Next::Do(effect) = trip.came("0") {
        let Effect::Sleep(span) = *effect else { break };
        assert!(span <= Span::from_seconds(1));
        trip.now = trip.now + span;
        waits += 1;
        trip.does("", "get");
        trip.does("", "lease");
    }
    assert!((22..24).contains(&(trip.now - began).whole_seconds()), "two leases of 11 s");
    assert!(waits < 30);
    trip.says("", "wake");
    trip.does("", "get");
    trip.says("", "write");
    trip.says("", "tell");
    trip.says("", "end");
}

#[test]
fn what_was_refused_is_taken_out_before_another_is_asked_for() {
    let memory = Memory { seen: 5, held: 5, ..Memory::default() };
    let mut trip = Trip::new(&mut Want::default(), memory, Some("t"));
    trip.does("", "get");
    trip.does(&record(5, "t"), "lease");
    trip.does("1", "get");
    trip.does(&record(5, "t"), "erase");
    trip.lands("", None);
}

#[test]
fn what_is_old_given_up_too_short_or_not_new_enough_will_not_do() {
    let seen = Memory { seen: 9, held: 9, ..Memory::default() };
    let mut old = Trip::new(&mut Want::default(), seen, None);
    old.does("", "get");
    old.does(&record(8, "t"), "lease");

    let mut memory = seen;
    memory.forget();
    let mut given_up = Trip::new(&mut Want::default(), memory, None);
    given_up.does("", "get");
    given_up.does(&record(9, "t"), "lease");

    // Before anything was seen.
    let mut memory = Memory::default();
    memory.forget();
    let mut given_up = Trip::new(&mut Want::default(), memory, None);
    given_up.does("", "get");
    given_up.does(&record(9, "t"), "lease");
    given_up.does("1", "get");
    given_up.lands(&record(10, "u"), Some("u"));

    let mut short = Trip::new(&mut Want::for_at_least(HOUR), Memory::default(), None);
    short.does("", "get");
    short.does(&record(9, "t"), "lease");

    let mut forced = Trip::new(&mut Lifecycle::new(None).force(Span::ZERO), Memory::default(), None);
    forced.does("", "get");
    forced.does(&record(9, "t"), "lease");
    forced.does("1", "get");
    forced.lands(&record(10, "u"), Some("u"));
}

#[test]
fn in_the_window_only_what_is_newer_will_do() {
    let mut life = Lifecycle::new(None);
    let Poll::Refresh(ticket) = life.poll(NOW, &mut Want::default()) else { panic!() };
    life.succeeded(&ticket, token("t", Some(HOUR)), NOW, 0.0);
    let late = NOW + Span::from_seconds(3400);
    let Poll::UseAndRefresh(_, ticket) = life.poll(late, &mut Want::default()) else { panic!() };
    assert_eq!(ticket.reason, Reason::Early);
    let memory = Memory { seen: 5, held: 5, ..Memory::default() };
    let mut trip = Trip::of(ticket, memory, None);
    trip.does("", "get");
    trip.does(&record(5, "t"), "lease");
    trip.does("1", "get");
    // The same token, of which somebody was told that it is still the one: that is an answer too.
    trip.lands(&record(6, "t"), Some("t"));
}

#[test]
fn generations_grow_even_where_the_record_before_is_gone() {
    let mut memory = Memory { seen: 5, ..Memory::default() };
    assert_eq!(memory.next(NOW), NOW.as_millis());
    assert_eq!(memory.next(NOW), NOW.as_millis() + 1);
    assert_eq!(memory.next(NOW - HOUR), NOW.as_millis() + 2);
}
