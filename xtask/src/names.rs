//! Gives the exports of the module names of a letter, on both sides: nobody reads them, and words are more to download.

/// What `pkg/src/core.js` calls of the module stands after this.
const CALLED: &str = "wasm.";

/// Tools that look how much memory there is know it by its name.
const KEPT: &str = "memory";

/// The module's text with short names of its exports.
pub(crate) fn of_module(text: &str, script: &str) -> String {
    let mut text = text.to_owned();
    for (at, name) in called(script).into_iter().enumerate() {
        text = text.replace(&format!("(export \"{name}\" "), &format!("(export \"{}\" ", short(at)));
    }
    text
}

/// The script that calls them by these.
pub(crate) fn of_script(script: &str) -> String {
    let names = called(script);
    let mut parts = script.split(CALLED);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_at(length(part));
        renamed.push_str(CALLED);
        match names.iter().position(|called| *called == name) {
            Some(at) => renamed.push(short(at)),
            None => renamed.push_str(name),
        }
        renamed.push_str(rest);
    }
    renamed
}

/// All that are called, the first first.
pub(crate) fn called(script: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for part in script.split(CALLED).skip(1) {
        let name = &part[..length(part)];
        if name != KEPT && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// How long the name is that this starts with.
fn length(text: &str) -> usize {
    text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(text.len())
}

fn short(at: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(at).expect("no more exports than letters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_have_the_same_names() {
        let script = "wasm.output(wasm.output_length(), wasm.memory.buffer); wasm.output()";
        assert_eq!(of_script(script), "wasm.a(wasm.b(), wasm.memory.buffer); wasm.a()");
        let text = "(export \"memory\" (memory $0))(export \"output_length\" (func $1))(export \"output\" (func $2))";
        let renamed = "(export \"memory\" (memory $0))(export \"b\" (func $1))(export \"a\" (func $2))";
        assert_eq!(of_module(text, script), renamed);
    }
}
