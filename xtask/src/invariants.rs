//! The rules of ARCHITECTURE.md that the compiler does not know, checked on the sources of the crate.
//!
//! Read as tokens and not as text, so that a comment or a string may name what code may not.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::repo::Repo;

const LONGEST: usize = 400;

/// What a longer file says on one of its first lines, with its reason.
const LONG: &str = "Long because";

/// What it takes to export, to import and to speak JavaScript: only the boundary may name these.
const BOUNDARY: [&str; 7] =
    ["extern", "no_mangle", "unsafe", "wasm_bindgen", "wasm_bindgen_futures", "web_sys", "js_sys"];

const PANICKING_METHODS: [&str; 4] = ["unwrap", "expect", "unwrap_err", "expect_err"];

const PANICKING_MACROS: [&str; 4] = ["panic", "todo", "unreachable", "unimplemented"];

/// Where headers, bodies, records for a store and the answers to JavaScript are made: only there may a secret's text leave `Secret`.
const REVEALERS: [&str; 7] = ["client", "http", "js", "keys", "provider", "store", "token"];

/// Every breach in `src/`, one a line: file, line and rule.
pub(crate) fn check(repo: &Repo) -> Result<Vec<String>> {
    let src = repo.root.join("src");
    let mut breaches = Vec::new();
    // What the core is made of besides is held to the same.
    let scan = src.join("../scan/src");
    for file in [rust_files(&src)?, rust_files(&scan)?].concat() {
        let name = file.strip_prefix(&src)?.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file)?;
        breaches.extend(check_file(&name, &text).with_context(|| format!("cannot read src/{name}"))?);
    }
    Ok(breaches)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Checks one file, named by its path in `src/`.
fn check_file(name: &str, text: &str) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    let length = text.lines().count();
    if length > LONGEST && !text.lines().take(10).any(|line| line.contains(LONG)) {
        breaches
            .push(format!("src/{name}: {length} lines, more than {LONGEST}, and no “{LONG} …” at its top"));
    }
    if is_provider(name) && !opens_with_address(text) {
        breaches.push(format!("src/{name}: does not open with `//!` and the address of the service's guide"));
    }
    // Tests may do what the rest may not, and no module of this name is anything else: the scan below sees to it.
    if name.ends_with("/tests.rs") || name.contains("/tests/") {
        return Ok(breaches);
    }
    let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{error}"))?;
    let mut scan =
        Scan { name, boundary: module(name) == "js", revealer: REVEALERS.contains(&module(name)), breaches };
    scan.stream(tokens);
    Ok(scan.breaches)
}

/// The module of the crate's root that a file belongs to.
fn module(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or(name)
}

/// A file for each of them lies in `provider/` itself; deeper ones are parts of such a file.
fn is_provider(name: &str) -> bool {
    name.strip_prefix("provider/").is_some_and(|file| !file.contains('/'))
}

fn opens_with_address(text: &str) -> bool {
    let mut opening = text.lines().take_while(|line| line.starts_with("//!"));
    opening.any(|line| line.contains("https://"))
}

struct Scan<'a> {
    name: &'a str,
    /// This file is the boundary to JavaScript.
    boundary: bool,
    /// This file may take a secret's text.
    revealer: bool,
    breaches: Vec<String>,
}

impl Scan<'_> {
    /// Looks at the tokens of one level.
    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => match attribute(&tokens, at) {
                    Some(cfg) if cfg.starts_with("cfg (test") => at = end_of_item(&tokens, at),
                    _ => self.stream(group.stream()),
                },
                TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    if word == "mod" && tokens.get(at + 1).is_some_and(|name| name.to_string() == "tests") {
                        self.breach(ident.span(), "`mod tests` without `#[cfg(test)]`");
                    }
                    let before = at.checked_sub(1).and_then(|before| punct(tokens.get(before)));
                    let after = punct(tokens.get(at + 1));
                    self.word(&word, before, after, ident.span());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    fn word(&mut self, word: &str, before: Option<char>, after: Option<char>, span: Span) {
        if PANICKING_METHODS.contains(&word) && matches!(before, Some('.' | ':')) {
            self.breach(span, &format!("`{word}` panics"));
        }
        if PANICKING_MACROS.contains(&word) && after == Some('!') {
            self.breach(span, &format!("`{word}!` panics"));
        }
        if word == "reveal" && before.is_some() && !self.revealer {
            self.breach(span, "only what makes a header or a body may take a secret's text");
        }
        let foreign = BOUNDARY.contains(&word) || word.starts_with("gloo_");
        if foreign && !self.boundary {
            self.breach(span, &format!("only js/ may name `{word}`"));
        }
    }

    fn breach(&mut self, span: Span, rule: &str) {
        self.breaches.push(format!("src/{}:{}: {rule}", self.name, span.start().line));
    }
}

/// The text of the attribute whose brackets are at this place.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<String> {
    let hash = tokens.get(at.checked_sub(1)?);
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if punct(hash) == Some('#') && is(group, Delimiter::Bracket) => {
            Some(group.stream().to_string())
        }
        _ => None,
    }
}

/// Where the item ends that starts after this place: at its braces or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => is(group, Delimiter::Brace),
        token => punct(Some(token)) == Some(';'),
    };
    tokens.iter().skip(at).position(ends).map_or(tokens.len(), |length| at + length)
}

fn is(group: &Group, delimiter: Delimiter) -> bool {
    group.delimiter() == delimiter
}

fn punct(token: Option<&TokenTree>) -> Option<char> {
    match token {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(name: &str, text: &str) -> Vec<String> {
        check_file(name, text).unwrap_or_else(|error| vec![format!("{error:#}")])
    }

    const CLEAN: [&str; 0] = [];

    #[test]
    fn a_panic_is_a_breach() {
        let text =
            "fn f() {\n    let a = b.unwrap();\n    g(|| c.expect(\"x\"));\n    vec![Option::unwrap(d)];\n}";
        assert_eq!(
            breaches("jwt.rs", text),
            [
                "src/jwt.rs:2: `unwrap` panics",
                "src/jwt.rs:3: `expect` panics",
                "src/jwt.rs:4: `unwrap` panics"
            ]
        );
        assert_eq!(breaches("jwt.rs", "fn f() { panic!() }"), ["src/jwt.rs:1: `panic!` panics"]);
        assert_eq!(breaches("js/fetch.rs", "fn f() { todo!() }"), ["src/js/fetch.rs:1: `todo!` panics"]);
        assert_eq!(breaches("jwt.rs", "fn f() { unreachable!() }"), ["src/jwt.rs:1: `unreachable!` panics"]);
    }

    #[test]
    fn what_only_looks_like_a_panic_is_none() {
        let text = "/// Do not `a.unwrap()`.\nfn unwrap() { f(\"panic!\"); a.unwrap_or(b); /* todo!() */ }";
        assert_eq!(breaches("jwt.rs", text), CLEAN);
    }

    #[test]
    fn a_test_may_panic_and_what_follows_it_may_not() {
        let test = "#[cfg(test)]\nmod tests { #[test] fn f() { a.unwrap() } }\n";
        assert_eq!(breaches("jwt.rs", test), CLEAN);
        assert_eq!(breaches("jwt.rs", "#[cfg(test)]\nmod tests;\n"), CLEAN);
        assert_eq!(breaches("jwt/tests.rs", "fn f() { a.unwrap() }"), CLEAN);
        assert_eq!(breaches("jwt/tests/model.rs", "fn f() { a.unwrap() }"), CLEAN);
        assert_eq!(breaches("jwt.rs", "mod tests;"), ["src/jwt.rs:1: `mod tests` without `#[cfg(test)]`"]);
        let more = format!("{test}fn g() {{ a.unwrap() }}");
        assert_eq!(breaches("jwt.rs", &more), ["src/jwt.rs:3: `unwrap` panics"]);
        let not = "#[cfg(not(test))]\nfn g() { a.unwrap() }";
        assert_eq!(breaches("jwt.rs", not), ["src/jwt.rs:2: `unwrap` panics"]);
    }

    #[test]
    fn only_the_boundary_names_the_platform() {
        let text = "use web_sys::Request;\nfn f() -> wasm_bindgen::JsValue { gloo_net::g() }";
        assert_eq!(
            breaches("http.rs", text),
            [
                "src/http.rs:1: only js/ may name `web_sys`",
                "src/http.rs:2: only js/ may name `wasm_bindgen`",
                "src/http.rs:2: only js/ may name `gloo_net`"
            ]
        );
        assert_eq!(breaches("js.rs", text), CLEAN);
        assert_eq!(breaches("js/fetch.rs", text), CLEAN);
    }

    #[test]
    fn only_the_boundary_exports_and_imports() {
        let text = "#[unsafe(no_mangle)]\nextern \"C\" fn f() {}";
        let rules = [
            "1: only js/ may name `unsafe`",
            "1: only js/ may name `no_mangle`",
            "2: only js/ may name `extern`",
        ];
        assert_eq!(breaches("jwt.rs", text), rules.map(|rule| format!("src/jwt.rs:{rule}")));
        assert_eq!(breaches("js/jwt.rs", text), CLEAN);
    }

    #[test]
    fn a_secret_leaves_only_for_a_request() {
        let text = "fn f(s: &Secret) { g(s.reveal(), Secret::reveal) }";
        let rule = "src/error.rs:1: only what makes a header or a body may take a secret's text";
        assert_eq!(breaches("error.rs", text), [rule, rule]);
        assert_eq!(breaches("http.rs", text), CLEAN);
        assert_eq!(breaches("client/flight.rs", text), CLEAN);
    }

    #[test]
    fn a_long_file_says_why() {
        let long = "//! A table.\n".repeat(LONGEST + 1);
        assert_eq!(breaches("jwt.rs", &long).len(), 1);
        assert_eq!(breaches("jwt.rs", &long.replacen("A table", "Long because of its table", 1)), CLEAN);
        assert_eq!(breaches("jwt.rs", &"//! A table.\n".repeat(LONGEST)), CLEAN);
    }

    #[test]
    fn a_provider_names_its_guide() {
        let rule = "src/provider/masv.rs: does not open with `//!` and the address of the service's guide";
        assert_eq!(breaches("provider/masv.rs", "//! MASV.\n\nuse a; // https://example.org"), [rule]);
        assert_eq!(breaches("provider/masv.rs", "//! MASV.\n//!\n//! <https://example.org>\n"), CLEAN);
        assert_eq!(breaches("token.rs", "//! No service.\n"), CLEAN);
        assert_eq!(breaches("provider/masumi/keys.rs", "//! A part of Masumi.\n"), CLEAN);
    }
}
