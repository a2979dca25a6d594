//! What SECURITY.md says that a test keeps: each file that it names is there, each test is in it, and each point of a standard that
//! is followed names one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::repo::Repo;

const WORDS: &str = "SECURITY.md";

/// Every breach, one a line: the line of SECURITY.md and what is wrong with it.
pub(crate) fn check(repo: &Repo) -> Result<Vec<String>> {
    let words = fs::read_to_string(repo.root.join(WORDS)).with_context(|| format!("cannot read {WORDS}"))?;
    let read = |path: &str| {
        let path = repo.root.join(path);
        if path.is_dir() { Some(String::new()) } else { fs::read_to_string(path).ok() }
    };
    let (breaches, named) = check_words(&words, &read);
    // Fewer would be a table that is read no more.
    ensure!(named > 20, "{WORDS} names {named} tests only");
    Ok(breaches)
}

/// The same of a text, with a reader of files; tells how many tests are named too.
fn check_words(words: &str, read: &dyn Fn(&str) -> Option<String>) -> (Vec<String>, usize) {
    let (mut breaches, mut named) = (Vec::new(), 0);
    for (at, line) in words.lines().enumerate() {
        let mut breach = |what: String| breaches.push(format!("{WORDS}:{}: {what}", at + 1));
        if line.contains("| followed") && tests(line).next().is_none() {
            breach("what is followed names no test that keeps it".into());
        }
        for path in line.split('`').skip(1).step_by(2).filter(|text| is_path(text)) {
            if read(path).is_none() {
                breach(format!("there is no {path}"));
            }
        }
        for (path, title) in tests(line) {
            named += 1;
            if read(path).is_some_and(|text| !text.contains(title)) {
                breach(format!("no test of {path} has the words “{title}”"));
            }
        }
    }
    (breaches, named)
}

/// The tests that a line names, as `` `file` (“words”) ``.
fn tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices("` (“").filter_map(|(at, quote)| {
        let path = line[..at].rsplit('`').next()?;
        let title = line[at + quote.len()..].split('”').next()?;
        Some((path, title))
    })
}

/// Whether it names a file or a folder of the repository.
fn is_path(text: &str) -> bool {
    text.contains('/') && Path::new(text).is_relative() && !text.contains(['{', ' ', ':', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(line: &str) -> Vec<String> {
        let read = |path: &str| (path == "tests/a.rs").then(|| "fn it_holds() {}".to_owned());
        check_words(line, &read).0
    }

    #[test]
    fn a_test_that_is_there_is_no_breach() {
        assert!(breaches("| 2.1 | says | followed: so | `tests/a.rs` (“it_holds”) |").is_empty());
        assert!(breaches("| 2.2 | says | not applicable | |").is_empty());
    }

    #[test]
    fn a_file_that_is_gone_and_a_test_that_is_gone_are_told() {
        assert_eq!(breaches("| a | `tests/b.rs` |"), ["SECURITY.md:1: there is no tests/b.rs"]);
        let gone = breaches("| followed | `tests/a.rs` (“it_held”) |");
        assert_eq!(gone, ["SECURITY.md:1: no test of tests/a.rs has the words “it_held”"]);
    }

    #[test]
    fn what_is_followed_names_a_test() {
        let none = breaches("| 2.1 | says | followed: so | |");
        assert_eq!(none, ["SECURITY.md:1: what is followed names no test that keeps it"]);
    }
}
