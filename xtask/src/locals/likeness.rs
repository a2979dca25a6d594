//! Which local is read or written where much the same stands before and after.

use std::collections::HashMap;

use super::Function;
use super::values::Values;

/// How many instructions before and after are looked at, and whether also at which locals those use. The more there are the
/// surer is what they tell, and the more seldom they tell anything.
const NEIGHBOURS: [(usize, usize, bool); 9] = [
    (0, 0, true),
    (0, 1, false),
    (1, 0, false),
    (1, 1, false),
    (1, 1, true),
    (2, 0, true),
    (0, 2, true),
    (3, 0, true),
    (0, 3, true),
];

/// What was seen a few times says less: as if it had been seen so often besides with no local at all.
const DOUBT: f64 = 2.0;

/// An instruction as its neighbours see it, and such a place where a local is used: how the neighbours are looked at, by which
/// instruction, and they. As there are millions of them, they are numbers.
type Seen = u32;
type Place = u128;

/// Before the first instruction, and after the last.
const NOTHING: Seen = 0;

/// What uses a local that is not looked at, or the one that it is about. No function has as many.
const ANY: usize = 0xff_ffff;
const ITSELF: usize = 0xff_fffe;

/// What is known of all places.
#[derive(Default)]
pub(super) struct Uses {
    numbers: HashMap<Place, usize>,
    /// For each place, by its number, how often each local is used there.
    counts: Vec<Vec<u32>>,
}

/// A value is used in a place of such a number.
pub(super) struct Use {
    value: usize,
    place: usize,
}

/// How much each value of a function should be kept in each local.
pub(super) type Votes = Vec<Vec<f64>>;

impl Uses {
    /// The places where a function uses its values as they are kept now.
    pub(super) fn places(&mut self, function: &Function<'_>, values: &Values) -> Vec<Use> {
        let mut uses = Vec::new();
        for (at, value) in values.at.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
            for (how, (before, after, is_exact)) in NEIGHBOURS.into_iter().enumerate() {
                let before = (1..=before).map(|by| at.checked_sub(by));
                let mut place = (how as Place) << 8 | Place::from(function.code[at].bytes[0]);
                for at in before.chain((1..=after).map(|by| Some(at + by))) {
                    let seen = at.map_or(NOTHING, |at| look(function, values, at, value, is_exact));
                    place = place << Seen::BITS | Place::from(seen);
                }
                let next = self.counts.len();
                let number = *self.numbers.entry(place).or_insert(next);
                if number == next {
                    self.counts.push(Vec::new());
                }
                uses.push(Use { value, place: number });
            }
        }
        uses
    }

    /// Takes note of how a function uses its values.
    pub(super) fn learn(&mut self, values: &Values, uses: &[Use]) {
        for Use { value, place } in uses {
            let (counts, local) = (&mut self.counts[*place], values.locals[*value]);
            counts.resize(counts.len().max(local + 1), 0);
            counts[local] += 1;
        }
    }

    /// Forgets how a function uses its values, as it is to be no witness of itself, and says what all others do. Where half of
    /// them do one thing, that is worth more than half of what it is worth where all do it: hence the root.
    pub(super) fn others(&mut self, function: &Function<'_>, values: &Values, uses: &[Use]) -> Votes {
        for Use { value, place } in uses {
            self.counts[*place][values.locals[*value]] -= 1;
        }
        let mut votes = vec![vec![0.0; function.kinds.len()]; values.locals.len()];
        for Use { value, place } in uses {
            let counts = &self.counts[*place];
            let all = f64::from(counts.iter().sum::<u32>());
            for (vote, count) in votes[*value].iter_mut().zip(counts).filter(|(_, count)| **count > 0) {
                *vote += (f64::from(*count) / (all + DOUBT)).sqrt();
            }
        }
        votes
    }
}

/// How an instruction looks to one that uses a value.
fn look(function: &Function<'_>, values: &Values, at: usize, value: usize, is_exact: bool) -> Seen {
    let Some(instruction) = function.code.get(at) else { return NOTHING };
    let Some(local) = values.local(function, at) else { return instruction.word };
    let local = match values.at[at] {
        Some(other) if !is_exact && other >= function.params => ANY,
        Some(other) if other == value => ITSELF,
        _ => local,
    };
    Seen::from(instruction.bytes[0]) << 24 | local as Seen
}
