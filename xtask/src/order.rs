//! Puts the functions of a module in an order in which like stands beside like, as brotli finds best what it has just seen.
//! Whoever runs the module does not notice, and the download is a fiftieth lighter.
//!
//! Those of a type stand together: the module lists the types of its functions apart from their bodies, and so that is a list
//! of few runs.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};

/// How many bytes in a row two functions have in common, or not.
const RUN: usize = 6;

/// How much each function before the last still counts, as a part of the one after it.
const FADING: f64 = 0.7;

/// What starts a function in the text that wasm-dis writes.
const FUNCTION: &str = "\n (func ";

/// The module's text with its functions in such an order: each is followed by the one of those left of its type that has the
/// most in common with those just before. The type that most have comes first.
pub(crate) fn by_likeness(module: &[u8], text: &str) -> Result<String> {
    let bodies = bodies(module)?;
    let text = text.trim_end().strip_suffix("\n)").context("the text of a module ends with a bracket")?;
    let (head, functions) = text.split_once(FUNCTION).context("its text has no functions")?;
    let functions: Vec<&str> = functions.split(FUNCTION).collect();
    ensure!(functions.len() == bodies.len(), "the module and its text have not the same functions");
    let mut ordered = head.to_owned();
    for at in order(module, &bodies)? {
        ordered.push_str(FUNCTION);
        ordered.push_str(functions[at]);
    }
    ordered.push_str("\n)\n");
    Ok(ordered)
}

/// The body of each function.
pub(crate) fn bodies(module: &[u8]) -> Result<Vec<&[u8]>> {
    let mut bodies = Vec::new();
    for part in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = part? {
            bodies.push(body.as_bytes());
        }
    }
    ensure!(!bodies.is_empty(), "the module has no functions");
    Ok(bodies)
}

/// The type of each function, as a number that is the less the more have it.
fn types(module: &[u8]) -> Result<Vec<usize>> {
    let mut types = Vec::new();
    for part in Parser::new(0).parse_all(module) {
        if let Payload::FunctionSection(section) = part? {
            types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        }
    }
    let mut ranks: Vec<u32> = types.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    ranks.sort_by_key(|rank| Reverse(types.iter().filter(|kind| *kind == rank).count()));
    Ok(types.iter().filter_map(|kind| ranks.iter().position(|rank| rank == kind)).collect())
}

/// Which of them stands first, which next.
pub(crate) fn order(module: &[u8], bodies: &[&[u8]]) -> Result<Vec<usize>> {
    let types = types(module)?;
    ensure!(types.len() == bodies.len(), "the functions and their types are not as many");
    let runs: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|body| body.windows(RUN).collect()).collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, own) in runs.iter().enumerate() {
        for run in own {
            holders.entry(run).or_default().push(at);
        }
    }
    let mut left: BTreeSet<usize> = (0..runs.len()).collect();
    let mut order = Vec::new();
    let mut shared = vec![0.0; runs.len()];
    let mut next = (0..runs.len()).max_by_key(|at| (Reverse(types[*at]), runs[*at].len()));
    while let Some(last) = next {
        left.remove(&last);
        order.push(last);
        shared.iter_mut().for_each(|shared| *shared *= FADING);
        // What nearly all have says nothing.
        for holders in runs[last].iter().map(|run| &holders[run]).filter(|all| all.len() * 2 < runs.len()) {
            for at in holders {
                shared[*at] += 1.0;
            }
        }
        let likeness = |at: usize| shared[at] / (runs[last].len() + runs[at].len()).max(1) as f64;
        let kind = left.iter().map(|at| types[*at]).min();
        let of_kind = left.iter().rev().copied().filter(|at| Some(types[*at]) == kind);
        // Of those that are as like, the first.
        next = of_kind.max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of a module that have the types of its functions, and their bodies (WebAssembly §5.5).
    const FUNCTIONS: u8 = 3;
    const CODE: u8 = 10;

    /// A module with these sections.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, content) in sections {
            module.extend([*id, content.len() as u8]);
            module.extend(*content);
        }
        module
    }

    #[test]
    fn like_stands_beside_like_and_nothing_else_changes() {
        let bodies: [&[u8]; 6] =
            [b"some of it", b"another thing", b"some of it!", b"another thing here", b"", b""];
        let mut code = vec![bodies.len() as u8];
        for body in bodies {
            code.push(body.len() as u8);
            code.extend(body);
        }
        let functions =
            ["$a", "$b", "$c", "$d", "$e", "$f"].map(|name| format!("{FUNCTION}{name}\n  (nop)\n )"));
        let text = format!("(module\n (memory 1){}\n)\n", functions.concat());
        let of_types = |types: [u8; 6]| {
            let types = [&[bodies.len() as u8][..], &types].concat();
            module(&[(1, b"\0"), (FUNCTIONS, &types), (CODE, &code), (11, b"\0")])
        };
        let ordered = |types| by_likeness(&of_types(types), &text).unwrap();
        let [a, b, c, d, e, f] = &functions;
        assert_eq!(ordered([0; 6]), format!("(module\n (memory 1){d}{b}{a}{c}{e}{f}\n)\n"));
        // Those of the type that most have come first.
        assert_eq!(ordered([2, 2, 1, 0, 2, 2]), format!("(module\n (memory 1){b}{a}{e}{f}{d}{c}\n)\n"));
        assert!(by_likeness(&of_types([0; 6]), "(module\n (func $a)\n)\n").is_err());
        assert!(by_likeness(&module(&[(1, b"\0")]), &text).is_err());
    }
}
