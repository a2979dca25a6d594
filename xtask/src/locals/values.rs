//! What a function keeps in its locals.
//!
//! In one local the compiler keeps many things, one after the other. Each is a value of its own here: what is written in one
//! place, and all else that may be read where that may be. It can be kept in any local of its type that nothing else is
//! written to while it may still be read.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::flow::{Follow, follow, outwards};
use super::{Does, Function};

/// The values of a function.
pub(super) struct Values {
    /// Which one each instruction reads or writes. An instruction that is never reached has none.
    pub(super) at: Vec<Option<usize>>,
    /// Where each is kept. Those that come as parameters are first, and stay where they are.
    pub(super) locals: Vec<usize>,
    /// Which others each is kept beside, and so in another local than they.
    pub(super) beside: Vec<BTreeSet<usize>>,
    /// Which may be read before they are written: the zero that a local starts as, and a parameter does not.
    pub(super) unwritten: Vec<bool>,
}

impl Values {
    pub(super) fn of(function: &Function<'_>) -> Result<Self> {
        let (start, live) = live(function)?;
        let all = function.kinds.len();
        let mut found = Found {
            function,
            live: &live,
            at: vec![None; function.code.len()],
            locals: (0..all).collect(),
            same: (0..all).collect(),
            beside: Vec::new(),
        };
        follow(function, (0..all).collect(), &mut found)?;
        Ok(found.values(&start))
    }

    /// The local that an instruction is to read or write.
    pub(super) fn local(&self, function: &Function<'_>, at: usize) -> Option<usize> {
        let own = function.local(at)?;
        Some(self.at[at].map_or(own, |value| self.locals[value]))
    }
}

/// What was found so far: first, for each local, what it starts as, and then what is written. Some turn out to be the same.
struct Found<'f> {
    function: &'f Function<'f>,
    live: &'f [Live],
    at: Vec<Option<usize>>,
    /// The local of each.
    locals: Vec<usize>,
    /// One before each that is the same value, or itself.
    same: Vec<usize>,
    beside: Vec<(usize, usize)>,
}

impl Follow for Found<'_> {
    /// What each local holds.
    type Known = Vec<usize>;

    fn see(&mut self, at: usize, held: &mut Vec<usize>) -> Result<()> {
        if let Does::Write(local) = self.function.code[at].does {
            let value = self.locals.len();
            self.locals.push(local);
            self.same.push(value);
            held[local] = value;
            let live = held.iter().zip(&self.live[at]).filter(|(other, live)| **live && **other != value);
            self.beside.extend(live.map(|(other, _)| (value, *other)));
        }
        self.at[at] = self.function.local(at).map(|local| held[local]);
        Ok(())
    }

    /// What may be read from here on is one value, wherever it was written.
    fn meet(&mut self, at: usize, held: &mut Vec<usize>, comes: &Vec<usize>) {
        for local in (0..held.len()).filter(|local| self.live[at][*local]) {
            let (one, other) = (self.first(held[local]), self.first(comes[local]));
            self.same[one.max(other)] = one.min(other);
        }
    }
}

impl Found<'_> {
    /// The first that is the same.
    fn first(&self, mut value: usize) -> usize {
        while self.same[value] != value {
            value = self.same[value];
        }
        value
    }

    /// Those that are read or written, and the parameters.
    fn values(self, start: &Live) -> Values {
        let (mut numbers, mut firsts) = (HashMap::new(), Vec::new());
        let mut number = |value: usize| {
            let first = self.first(value);
            *numbers.entry(first).or_insert_with(|| {
                firsts.push(first);
                firsts.len() - 1
            })
        };
        for param in 0..self.function.params {
            number(param);
        }
        let at = self.at.iter().map(|value| value.map(&mut number)).collect();
        let mut beside = vec![BTreeSet::new(); firsts.len()];
        for (one, other) in &self.beside {
            let pair = [one, other].map(|value| numbers.get(&self.first(*value)));
            if let [Some(one), Some(other)] = pair {
                beside[*one].insert(*other);
                beside[*other].insert(*one);
            }
        }
        let own = self.function.params..start.len();
        let unwritten = firsts.iter().map(|first| own.contains(first) && start[*first]).collect();
        Values { at, locals: firsts.iter().map(|first| self.locals[*first]).collect(), beside, unwritten }
    }
}

/// Which locals may be read before they are written anew.
type Live = Vec<bool>;

/// Those at the start, and those after each instruction.
fn live(function: &Function<'_>) -> Result<(Live, Vec<Live>)> {
    /// Those where whoever leaves to a block comes to, those after its end, and those at the start of its other arm.
    struct Block {
        target: Live,
        after: Live,
        other: Option<Live>,
    }
    let none = vec![false; function.kinds.len()];
    let mut after = vec![none.clone(); function.code.len()];
    // It goes backwards, and so comes to the end of a loop before it knows of the start, where that goes on. So it goes until
    // it finds no more.
    loop {
        let (mut live, mut blocks, mut finds) = (none.clone(), Vec::new(), false);
        for (at, instruction) in function.code.iter().enumerate().rev() {
            finds |= after[at] != live;
            after[at].clone_from(&live);
            match &instruction.does {
                Does::Read(local) => live[*local] = true,
                Does::Write(local) => live[*local] = false,
                Does::End => {
                    let start = function.partners[at];
                    let is_loop = function.code[start].does == Does::Loop;
                    let target = if is_loop { after[start].clone() } else { live.clone() };
                    blocks.push(Block { target, after: live.clone(), other: None });
                }
                Does::Else => {
                    let block = outwards(&mut blocks, 0)?;
                    block.other = Some(live);
                    live = block.after.clone();
                }
                Does::If => {
                    let block = blocks.pop();
                    add(&mut live, block.map(|block| block.other.unwrap_or(block.after)).as_ref());
                }
                Does::Block | Does::Loop => drop(blocks.pop()),
                Does::Leave { to, stays } => {
                    live = if *stays { live } else { none.clone() };
                    for to in to {
                        add(&mut live, Some(&outwards(&mut blocks, *to)?.target));
                    }
                }
                Does::Other => {}
            }
        }
        if !finds {
            return Ok((live, after));
        }
    }
}

fn add(live: &mut Live, more: Option<&Live>) {
    live.iter_mut().zip(more.into_iter().flatten()).for_each(|(live, more)| *live |= more);
}
