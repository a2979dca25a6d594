//! Holds a module against what it was made from: each local that is read surely holds what the one held that was read there
//! before. That asks nothing of how the locals were chosen; where an instruction goes, both have from `does`.

use std::collections::HashMap;
use std::hash::Hash;

use anyhow::{Context, Result, ensure};
use wasmparser::ValType;

use super::flow::{Follow, follow};
use super::{Does, Function};

/// Fails where it is not so.
pub(super) fn check(before: &[Function<'_>], now: &[Function<'_>]) -> Result<()> {
    ensure!(before.len() == now.len(), "there are not as many functions as before");
    for (at, (before, now)) in before.iter().zip(now).enumerate() {
        check_function(before, now).with_context(|| format!("function {at} is not as before"))?;
    }
    Ok(())
}

fn check_function(before: &Function<'_>, now: &Function<'_>) -> Result<()> {
    ensure!(before.kinds[..before.params] == now.kinds[..now.params], "it has other parameters");
    ensure!(before.code.len() == now.code.len(), "it is not as long");
    for (at, (before, now)) in before.code.iter().zip(&now.code).enumerate() {
        let is_same = match (&before.does, &now.does) {
            (Does::Read(_), Does::Read(_)) | (Does::Write(_), Does::Write(_)) => {
                before.bytes[0] == now.bytes[0]
            }
            _ => before.bytes == now.bytes,
        };
        ensure!(is_same, "instruction {at} is another");
    }
    let start = numbered(start(before).chain(start(now)));
    let mut held = Held { before, now, loops: HashMap::new(), learns: true };
    while std::mem::take(&mut held.learns) {
        follow(before, start.clone(), &mut held)?;
    }
    Ok(())
}

/// What a function starts with: its parameters, and the zeros of each type.
fn start(function: &Function<'_>) -> impl Iterator<Item = (Option<usize>, ValType)> {
    let kinds = function.kinds.iter().enumerate();
    kinds.map(|(local, kind)| (Some(local).filter(|local| *local < function.params), *kind))
}

/// A number for each local, of those before and then of those now. Those that surely hold the same have the same.
type Alike = Vec<usize>;

/// The numbers for what is the same: where it stands first.
fn numbered<T: Eq + Hash>(items: impl IntoIterator<Item = T>) -> Alike {
    let mut firsts = HashMap::new();
    items.into_iter().enumerate().map(|(at, item)| *firsts.entry(item).or_insert(at)).collect()
}

struct Held<'f> {
    before: &'f Function<'f>,
    now: &'f Function<'f>,
    /// What is alike at the start of a loop, whoever comes back to it, as far as was seen.
    loops: HashMap<usize, Alike>,
    /// It saw that less is than it had believed.
    learns: bool,
}

impl Follow for Held<'_> {
    type Known = Alike;

    fn see(&mut self, at: usize, alike: &mut Alike) -> Result<()> {
        let (Some(before), Some(now)) = (self.before.local(at), self.now.local(at)) else { return Ok(()) };
        ensure!(
            self.before.kinds[before] == self.now.kinds[now],
            "instruction {at} uses one of another type"
        );
        let now = self.before.kinds.len() + now;
        if self.before.code[at].does == Does::Read(before) {
            ensure!(alike[before] == alike[now], "instruction {at} reads another");
        } else {
            let written = alike.len() + at;
            (alike[before], alike[now]) = (written, written);
        }
        Ok(())
    }

    fn enter(&mut self, at: usize, alike: Alike) -> Alike {
        let known = self.loops.get(&at).unwrap_or(&alike);
        numbered(known.iter().zip(&alike))
    }

    fn meet(&mut self, at: usize, alike: &mut Alike, comes: &Alike) {
        let less = numbered(alike.iter().zip(comes));
        if self.before.code[at].does == Does::Loop && less != *alike {
            self.loops.insert(at, less.clone());
            self.learns = true;
        }
        *alike = less;
    }
}
