//! What a token's end is worth under clocks that are wrong: from the answer, through [`Grant::accept`], into a life.
//!
//! There is one true time here, which nobody knows. The server's clock is right; the local one is off by up to twelve hours
//! and may be set during the exchange; `Date` is right, wrong or missing. What is asked is until when, in true time, a token
//! is given out.

use super::super::*;
use crate::clock::ServerClock;
use crate::token::{Grant, Secret};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastrand::Rng;

const HALF_A_DAY: i64 = 12 * 3_600_000;
const CASES: u64 = 20_000;
/// `Date` and the claims of a token are whole seconds.
const RESOLUTION: i64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Date {
    Right,
    /// It is off by so much.
    Wrong(i64),
    Missing,
}

/// What tells the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    ExpiresIn,
    CreatedAt,
    Exp,
    ExpAndIat,
}

#[derive(Debug)]
struct Case {
    /// By how much the local clock is ahead when the request is sent, and when the answer comes.
    local: (i64, i64),
    date: Date,
    told: Told,
    lifetime: i64,
    /// How long the answer takes; the token is made in the middle.
    took: i64,
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

impl Case {
    fn new(rng: &mut Rng) -> Self {
        let skew = |rng: &mut Rng| if rng.bool() { 0 } else { rng.i64(-HALF_A_DAY..=HALF_A_DAY) };
        let before = skew(rng);
        let after = if rng.u8(0..8) == 0 { skew(rng) } else { before };
        let scale = rng.i64(1..=21);
        Case {
            local: (before, after),
            date: match rng.u8(0..3) {
                0 => Date::Right,
                1 => Date::Wrong(skew(rng)),
                _ => Date::Missing,
            },
            told: [Told::ExpiresIn, Told::CreatedAt, Told::Exp, Told::ExpAndIat][rng.usize(0..4)],
            lifetime: 1000 * rng.i64(2..=1 << scale).clamp(2, 30 * 86_400),
            took: rng.i64(0..1000),
        }
    }

    /// Until when the token is given out, in true milliseconds after it was made; `None` if it is refused.
    fn given_for(&self) -> Option<i64> {
        let sent = 1_800_000_000_000;
        let (made, arrived) = (sent + self.took / 2, sent + self.took);
        let local_arrival = instant(arrived + self.local.1);
        let mut clock = ServerClock::default();
        let said = |offset| instant((made + offset) / 1000 * 1000);
        match self.date {
            Date::Right => clock.learn(said(0), instant(sent + self.local.0), local_arrival),
            Date::Wrong(offset) => clock.learn(said(offset), instant(sent + self.local.0), local_arrival),
            Date::Missing => {}
        }
        let (iat, lifetime) = (made / 1000, self.lifetime / 1000);
        let claims = match self.told {
            Told::Exp => format!("{{\"exp\":{}}}", iat + lifetime),
            _ => format!("{{\"iat\":{iat},\"exp\":{}}}", iat + lifetime),
        };
        let mut grant = Grant::new(Secret::new(format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims))));
        grant.readable = matches!(self.told, Told::Exp | Told::ExpAndIat);
        if !grant.readable {
            grant.expires_in = Some(Span::from_millis(self.lifetime));
            grant.created_at = (self.told == Told::CreatedAt).then(|| Timestamp::from_seconds(iat));
        }
        let token = grant.accept(local_arrival, &clock).ok()?;
        let end = token.expires_at;
        let mut life = Lifecycle::new(None);
        // The life has seen the clock as it was before the exchange.
        let Poll::Refresh(ticket) = life.poll(instant(sent + self.local.0), &mut Want::default()) else {
            panic!("there is nothing to use");
        };
        life.succeeded(&ticket, token, local_arrival, 0.0);
        let last = end - Span::from_millis(1);
        assert!(life.held(last).is_some(), "not given just before its end");
        assert!(life.held(end).is_none(), "given at its end");
        Some((end - local_arrival).as_millis() + arrived - made)
    }
}

#[test]
fn a_token_is_given_for_as_long_as_it_lives_and_no_longer() {
    let only = std::env::var("LATCHKEY_SEED").ok().map(|seed| seed.parse::<u64>().expect("a number"));
    let seeds = only.map_or(0..CASES, |seed| seed..seed + 1);
    let (mut exact, mut bounded) = (0_u64, 0_u64);
    for seed in seeds {
        let case = Case::new(&mut Rng::with_seed(seed));
        let given = case.given_for();
        let why = format!("LATCHKEY_SEED={seed}: {case:?} is given for {given:?}");
        let (lifetime, blur) = (case.lifetime, 2 * RESOLUTION + case.took);
        let counts_from_arrival = case.told == Told::ExpiresIn;
        let says_when_made = matches!(case.told, Told::CreatedAt | Told::ExpAndIat);
        // A clock that is set forward during the exchange looks like an exchange that took long.
        let forward = (case.local.1 - case.local.0).max(0);
        // However wrong the clocks: what says how long it lives is given for no longer.
        if counts_from_arrival || says_when_made || (case.date == Date::Right && forward == 0) {
            let given = given.unwrap_or(0);
            assert!(given <= lifetime + blur, "{why}");
            bounded += 1;
        }
        // And with a right `Date`, or none needed, it is given for that long.
        if counts_from_arrival || case.date == Date::Right {
            let forward = if counts_from_arrival { 0 } else { forward };
            // A token that lives shorter than the clocks blur may be taken for ended.
            assert!(given.unwrap_or(0) >= lifetime - blur - forward, "{why}");
            exact += 1;
        }
        // Without a date, the local clock is believed, and it alone is to blame.
        if case.told == Told::Exp && case.date == Date::Missing {
            assert!(given.is_none_or(|given| (given - (lifetime - case.local.1)).abs() <= blur), "{why}");
        }
    }
    // Chance is to make enough cases of each sort.
    assert!(
        only.is_some() || (exact > CASES / 3 && bounded > CASES / 2),
        "{exact} are exact, {bounded} bounded"
    );
}
