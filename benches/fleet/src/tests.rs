use super::*;
use fleet::{LIFE, LONGEST_TRIP};

/// Simulates the fleets that are quick to simulate, and has each looked at. What holds however a store shares is seen to here: each
/// isolate asks the store about once a lifetime, and so much of a token's life is used at least.
fn look_at(kind: Kind, least_used: f64, look: impl Fn(usize, &Run)) {
    for isolates in [10, 100, 1_000] {
        let lifetimes = 20_000 / isolates;
        let run = simulate(isolates, kind, lifetimes, SEED);
        assert_eq!(run.lifetimes.len(), lifetimes);
        let more = run.mean(|lifetime| lifetime.operations) - isolates as f64;
        // What asking takes besides: a lease, two looks, the record, the release; and who comes meanwhile looks again.
        assert!((0.0..15.0).contains(&more), "{isolates}, {kind:?}: {more} store operations more");
        let used = run.length * 1000.0 / LIFE.as_millis() as f64;
        assert!((least_used..1.0).contains(&used), "{isolates}, {kind:?}: {used} of its life");
        look(isolates, &run);
    }
}

/// The most token requests a lifetime that are to be expected without a lease, in a fleet of any size.
///
/// How much earlier than the rest an isolate is, is exponential: a quarter of the refresh window on average. Of many such, the first
/// is ahead of the second by as much on average, the second of the third by half of that, and so on: a Yule process, seen from its
/// beginning. So where a token shows `gap` after it was first asked for, e^(gap / average) ask.
fn expected(kind: Kind) -> f64 {
    let window = 300_000.0;
    let average = window * 0.173 / core::f64::consts::LN_2;
    ((kind.lag() + LONGEST_TRIP).as_millis() as f64 / average).exp()
}

#[test]
fn with_a_lease_each_lifetime_has_one_token_request_however_many_share_it() {
    look_at(Kind::Leases, 0.91, |isolates, run| {
        assert_eq!(run.start.requests, 1, "{isolates} at the start");
        for lifetime in &run.lifetimes {
            assert_eq!(lifetime.requests, 1, "{isolates}: {lifetime:?}");
        }
    });
}

#[test]
fn without_a_lease_the_jitter_keeps_them_few_however_many_share_it() {
    for kind in [Kind::Plain, Kind::Late] {
        let expected = expected(kind);
        look_at(kind, 0.75, |isolates, run| {
            let mean = run.mean(|lifetime| lifetime.requests);
            // The number is geometric, as it is in a Yule process: three standard errors of its mean.
            let blur = 3.0 * (expected * (expected - 1.0) / run.lifetimes.len() as f64).sqrt();
            assert!((1.0..=expected + blur).contains(&mean), "{isolates}, {kind:?}: {mean} of {expected}");
        });
    }
}

#[test]
fn a_seed_makes_the_same_run_again_and_another_another() {
    let run = |seed| format!("{:?}", simulate(100, Kind::Late, 3, seed).lifetimes);
    assert_eq!(run(SEED), run(SEED));
    assert_ne!(run(SEED), run(SEED + 1));
}
