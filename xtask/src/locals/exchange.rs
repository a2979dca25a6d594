//! Keeps the values of a function where most votes are for.

use super::Function;
use super::likeness::Votes;
use super::values::Values;

/// A vote is a sum that was rounded: what gains less than this gains nothing.
const LEAST: f64 = 1e-9;

/// As long as it gains votes, two locals exchange what they hold: any value of the one with all that stand in its way in the
/// other, and with what stands in their way. So no two values are ever kept where they cannot be.
pub(super) fn settle(function: &Function<'_>, values: &mut Values, votes: &Votes) -> bool {
    let all = function.kinds.len();
    let mut any = false;
    loop {
        let mut gains = false;
        for one in 0..all {
            for other in (one + 1..all).filter(|other| function.kinds[*other] == function.kinds[one]) {
                gains |= exchange(function.params, values, votes, [one, other]);
            }
        }
        if !gains {
            return any;
        }
        any = true;
    }
}

/// Two locals exchange as much as gains votes.
fn exchange(params: usize, values: &mut Values, votes: &Votes, pair: [usize; 2]) -> bool {
    let mut gains = false;
    let mut seen = vec![false; values.locals.len()];
    let to = |local: usize| pair[usize::from(local == pair[0])];
    for value in 0..values.locals.len() {
        if seen[value] || !pair.contains(&values.locals[value]) {
            continue;
        }
        let together = together(values, pair, value, &mut seen);
        let stays =
            |value: &usize| *value < params || values.unwritten[*value] && to(values.locals[*value]) < params;
        if together.iter().any(stays) {
            continue;
        }
        let gain =
            |value: &usize| votes[*value][to(values.locals[*value])] - votes[*value][values.locals[*value]];
        if together.iter().map(gain).sum::<f64>() > LEAST {
            together.iter().for_each(|value| values.locals[*value] = to(values.locals[*value]));
            gains = true;
        }
    }
    gains
}

/// What two locals hold that can only be exchanged together, of which a value is part.
fn together(values: &Values, pair: [usize; 2], value: usize, seen: &mut [bool]) -> Vec<usize> {
    let (mut together, mut next) = (vec![value], 0);
    seen[value] = true;
    while let Some(value) = together.get(next) {
        let beside =
            values.beside[*value].iter().copied().filter(|other| pair.contains(&values.locals[*other]));
        let found: Vec<usize> = beside.filter(|other| !std::mem::replace(&mut seen[*other], true)).collect();
        together.extend(found);
        next += 1;
    }
    together
}
