mod exhaustive;
mod key;
mod model;
mod random;
mod skew;

use super::*;
use crate::error::Code;
use crate::token::Secret;

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A life with a clock that is set by hand.
struct Scene {
    life: Lifecycle,
    now: Timestamp,
}

impl Lifecycle {
    /// When the wait after the last failure ends, by the local clock.
    fn quiet_until(&self) -> Timestamp {
        self.local(self.failure.as_ref().expect("it has failed").until)
    }
}

impl Scene {
    fn new() -> Self {
        Scene { life: Lifecycle::new(None), now: START }
    }

    fn with_token(text: &str, life: i64) -> Self {
        let mut scene = Scene::new();
        let ticket = scene.refresh();
        assert_eq!(scene.land(ticket, text, life), Landing::New);
        scene
    }

    fn poll(&mut self) -> Poll {
        self.life.poll(self.now, &mut Want::default())
    }

    #[track_caller]
    fn refresh(&mut self) -> Ticket {
        self.refresh_for(&mut Want::default())
    }

    #[track_caller]
    fn refresh_for(&mut self, want: &mut Want) -> Ticket {
        match self.life.poll(self.now, want) {
            Poll::Refresh(ticket) => ticket,
            other => panic!("expected Refresh, not {other:?}"),
        }
    }

    #[track_caller]
    fn used(&mut self) -> Held {
        match self.poll() {
            Poll::Use(held) => held,
            other => panic!("expected Use, not {other:?}"),
        }
    }

    #[track_caller]
    fn early(&mut self) -> Ticket {
        match self.poll() {
            Poll::UseAndRefresh(_, ticket) => ticket,
            other => panic!("expected UseAndRefresh, not {other:?}"),
        }
    }

    #[track_caller]
    fn backoff(&mut self) -> (i64, Code) {
        match self.poll() {
            Poll::Backoff(error) => ((self.life.quiet_until() - self.now).whole_seconds(), error.code),
            other => panic!("expected Backoff, not {other:?}"),
        }
    }

    fn land(&mut self, ticket: Ticket, text: &str, life: i64) -> Landing {
        let mut token = Box::new(Token::of(Secret::new(text)));
        token.expires_at = self.now + Span::from_seconds(life);
        self.life.succeeded(&ticket, token, self.now, 0.0)
    }

    fn fail(&mut self, ticket: Ticket, code: Code) -> Option<Timestamp> {
        self.life.failed(&ticket, Error::new(code, "as the test says"), self.now, 1.0)
    }

    fn pass(&mut self, seconds: i64) {
        self.now = self.now + Span::from_seconds(seconds);
    }
}

#[test]
fn one_flight_however_many_callers() {
    let mut scene = Scene::new();
    let ticket = scene.refresh();
    assert_eq!(ticket.reason, Reason::First);
    assert!(!ticket.fresh);
    for _ in 0..10 {
        assert!(matches!(scene.poll(), Poll::Wait));
    }
    scene.land(ticket, "one", 3600);
    assert_eq!(scene.used().secret.reveal(), "one");
}

#[test]
fn inside_the_window_the_token_is_used_while_one_refresh_is_made() {
    let mut scene = Scene::with_token("one", 3600);
    scene.pass(3299);
    scene.used();
    scene.pass(1);
    let ticket = scene.early();
    assert!(ticket.in_window && ticket.fresh);
    assert_eq!(ticket.reason, Reason::Early);
    assert_eq!(scene.used().secret.reveal(), "one", "no second flight");
    scene.land(ticket, "two", 3600);
    assert_eq!(scene.used().secret.reveal(), "two");
}

#[test]
fn the_window_is_a_fifth_of_a_short_life_and_never_more_than_half() {
    let mut scene = Scene::with_token("short", 10);
    scene.pass(7);
    scene.used();
    scene.pass(1);
    scene.early();

    let mut greedy = Scene { life: Lifecycle::new(Some(Span::from_seconds(9999))), now: START };
    let ticket = greedy.refresh();
    greedy.land(ticket, "one", 100);
    greedy.pass(49);
    greedy.used();
    greedy.pass(1);
    greedy.early();
}

#[test]
fn at_its_very_end_a_token_is_not_given_out() {
    let mut scene = Scene::with_token("one", 100);
    scene.pass(100);
    let ticket = scene.refresh();
    assert_eq!(ticket.reason, Reason::Expired);
    assert!(!ticket.fresh, "the service has no old token to give");
}

#[test]
fn a_failed_refresh_in_the_window_is_seen_by_nobody_and_backs_off() {
    let mut scene = Scene::with_token("one", 3600);
    scene.pass(3300);
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        let ticket = scene.early();
        let until = scene.fail(ticket, Code::Server).expect("a wait");
        assert_eq!((until - scene.now).whole_seconds(), wait);
        scene.used();
        scene.pass(wait);
    }
}

#[test]
fn the_wait_of_the_window_ends_with_the_token() {
    let mut scene = Scene::with_token("one", 10);
    scene.pass(9);
    for _ in 0..2 {
        let ticket = match scene.poll() {
            Poll::UseAndRefresh(_, ticket) => ticket,
            _ => break,
        };
        scene.fail(ticket, Code::Server);
    }
    scene.pass(1);
    assert_eq!(scene.refresh().reason, Reason::Expired);
}

#[test]
fn a_caller_who_needs_the_token_is_not_answered_by_a_failure_of_the_window() {
    let mut scene = Scene::with_token("one", 10);
    scene.pass(9);
    let ticket = scene.early();
    scene.pass(1);
    let mut want = Want::default();
    assert!(matches!(scene.life.poll(scene.now, &mut want), Poll::Wait));
    scene.fail(ticket, Code::Server);
    let ticket = scene.refresh_for(&mut want);
    assert!(!ticket.in_window, "this one is made with every retry");
}

#[test]
fn whoever_joined_a_failed_flight_gets_its_error_and_the_next_caller_may_try() {
    let mut scene = Scene::new();
    let (mut first, mut second) = (Want::default(), Want::default());
    let ticket = scene.refresh_for(&mut first);
    assert!(matches!(scene.life.poll(scene.now, &mut second), Poll::Wait));
    assert_eq!(scene.fail(ticket, Code::Response), None);
    for want in [&mut first, &mut second] {
        assert!(
            matches!(scene.life.poll(scene.now, want), Poll::Backoff(error) if error.code == Code::Response)
        );
    }
    let ticket = scene.refresh();
    assert!(scene.fail(ticket, Code::Response).is_some(), "the second failure in a row is waited after");
    assert_eq!(scene.backoff(), (2, Code::Response));
}

#[test]
fn a_permanent_failure_is_remembered_until_the_cool_down_or_invalidate() {
    for code in [Code::InvalidRequest, Code::Unauthorized, Code::Forbidden] {
        let mut scene = Scene::new();
        let ticket = scene.refresh();
        scene.fail(ticket, code);
        scene.pass(59);
        assert_eq!(scene.backoff(), (1, code));
        scene.pass(1);
        let ticket = scene.refresh();
        scene.fail(ticket, code);
        assert_eq!(scene.backoff(), (60, code));
        scene.life.invalidate();
        let ticket = scene.refresh();
        scene.fail(ticket, code);
        scene.life.forgive();
        scene.refresh();
    }
}

#[test]
fn retry_after_is_obeyed() {
    let mut scene = Scene::new();
    let ticket = scene.refresh();
    let mut error = Error::new(Code::RateLimited, "later");
    error.retry_after = Some(Span::from_seconds(90));
    scene.life.failed(&ticket, error, scene.now, 0.0);
    // Whatever the credentials are by then.
    scene.life.forgive();
    scene.pass(89);
    assert_eq!(scene.backoff(), (1, Code::RateLimited));
    scene.pass(1);
    scene.refresh();
}

#[test]
fn ten_401s_early_or_late_cause_one_refresh() {
    let mut scene = Scene::with_token("one", 3600);
    let sent = scene.used().generation;
    for _ in 0..5 {
        assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::Renew);
    }
    let ticket = scene.refresh();
    assert_eq!(ticket.reason, Reason::Unauthorized);
    assert!(ticket.fresh);
    scene.land(ticket, "two", 3600);
    for _ in 0..5 {
        assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::Renew);
        assert_eq!(scene.used().secret.reveal(), "two");
    }
}

#[test]
fn a_401_on_what_a_401_fetched_is_the_last_word_for_thirty_seconds() {
    let mut scene = Scene::with_token("one", 3600);
    let sent = scene.used().generation;
    scene.life.unauthorized(sent, scene.now);
    let ticket = scene.refresh();
    scene.land(ticket, "two", 3600);
    let sent = scene.used().generation;
    scene.pass(29);
    assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::HandBack);
    scene.used();
    scene.pass(1);
    assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::Renew);
}

#[test]
fn a_token_given_again_keeps_its_generation_and_is_not_asked_for_at_once() {
    let mut scene = Scene::with_token("one", 3600);
    let sent = scene.used().generation;
    scene.life.unauthorized(sent, scene.now);
    let ticket = scene.refresh();
    scene.pass(10);
    assert_eq!(scene.land(ticket, "one", 3590), Landing::Same);
    assert_eq!(scene.used().generation, sent, "so nothing is replayed");
    assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::HandBack);
    scene.pass(1794);
    scene.used();
    scene.pass(1);
    let ticket = scene.early();
    assert_eq!(scene.land(ticket, "one", 1795), Landing::Same);
    scene.pass(890);
    scene.used();
}

#[test]
fn a_forced_refresh_that_gives_the_same_token_ends() {
    let mut scene = Scene::with_token("one", 3600);
    let mut want = scene.life.force(Span::ZERO);
    let ticket = scene.refresh_for(&mut want);
    assert_eq!(ticket.reason, Reason::Forced);
    scene.land(ticket, "one", 3600);
    assert!(matches!(scene.life.poll(scene.now, &mut want), Poll::Use(_)));
}

#[test]
fn a_forced_refresh_joins_the_flight_that_is_out() {
    let mut scene = Scene::with_token("one", 3600);
    scene.pass(3400);
    let ticket = scene.early();
    let mut want = scene.life.force(Span::ZERO);
    assert!(matches!(scene.life.poll(scene.now, &mut want), Poll::Wait));
    scene.land(ticket, "two", 3600);
    assert!(
        matches!(scene.life.poll(scene.now, &mut want), Poll::Use(held) if held.secret.reveal() == "two")
    );
}

#[test]
fn min_validity_refreshes_once_and_then_says_that_it_cannot_be_had() {
    let mut scene = Scene::with_token("one", 100);
    let mut want = Want::for_at_least(Span::from_seconds(200));
    let ticket = scene.refresh_for(&mut want);
    scene.land(ticket, "two", 100);
    assert!(
        matches!(scene.life.poll(scene.now, &mut want), Poll::TooShort(end) if end == scene.now + Span::from_seconds(100))
    );
    scene.used();
}

#[test]
fn a_late_answer_replaces_nothing() {
    let mut scene = Scene::new();
    let late = scene.refresh();
    scene.life.invalidate();
    let ticket = scene.refresh();
    assert!(ticket.fresh, "the service may have a token from the flight that was forgotten");
    scene.land(ticket, "newer", 3600);
    assert_eq!(scene.land(late, "older", 3600), Landing::Late);
    assert_eq!(scene.fail(late, Code::Server), None);
    assert_eq!(scene.used().secret.reveal(), "newer");
}

#[test]
fn a_session_that_was_logged_out_stays_out() {
    let mut scene = Scene::with_token("one", 3600);
    let sent = scene.used().generation;
    let mut waiting = scene.life.force(Span::ZERO);
    let ticket = scene.refresh_for(&mut waiting);
    scene.life.log_out();
    assert_eq!(scene.land(ticket, "two", 3600), Landing::Late);
    assert!(scene.life.held(scene.now).is_none());
    assert!(matches!(scene.life.poll(scene.now, &mut waiting), Poll::LoggedOut));
    assert_eq!(scene.life.unauthorized(sent, scene.now), Verdict::HandBack, "a 401 on it logs nobody in");
    assert_eq!(scene.refresh().reason, Reason::First);
}

#[test]
fn a_clock_that_is_set_back_lengthens_no_life() {
    let mut scene = Scene::with_token("one", 3600);
    scene.pass(1000);
    scene.used();
    scene.pass(-12 * 3600);
    let held = scene.used();
    assert_eq!(scene.life.end_of(&held), scene.now + Span::from_seconds(2600), "as the clock is set now");
    scene.pass(2599);
    assert!(matches!(scene.poll(), Poll::UseAndRefresh(..)));
    scene.pass(1);
    assert!(matches!(scene.poll(), Poll::Wait), "not given out past its end");
}

#[test]
fn a_clock_that_leaps_forward_costs_one_request() {
    let mut scene = Scene::with_token("one", 3600);
    scene.pass(12 * 3600);
    let ticket = scene.refresh();
    scene.land(ticket, "two", 3600);
    scene.pass(-12 * 3600);
    scene.pass(3000);
    scene.used();
}

#[test]
fn a_flight_that_was_taken_over_is_late_when_it_comes() {
    let mut scene = Scene::new();
    let orphan = scene.refresh();
    let mut waiting = Want::default();
    assert!(matches!(scene.life.poll(scene.now, &mut waiting), Poll::Wait));
    scene.life.overtake();
    let flight = scene.refresh_for(&mut waiting);
    assert_eq!(scene.land(flight, "new", 3600), Landing::New);
    assert_eq!(scene.land(orphan, "old", 3600), Landing::Late);
    assert_eq!(scene.used().secret.reveal(), "new");
}
