//! Gives the exports of the module names of a letter, on both sides: nobody reads them, and words are more to download.

/// What `pkg/src/core.js` calls of the module stands after this.
const CALLED: &str = "wasm.";

/// Tools that look how much memory there is know it by its name.
const KEPT: &str = "memory";

/// What the module's export of a name is called where the script is shipped.
pub(crate) fn of_export(name: &str, script: &str) -> String {
    let at = called(script).into_iter().position(|called| called == name);
    at.map_or_else(|| name.to_owned(), |at| short(at).to_string())
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
        assert_eq!(
            ["memory", "output_length", "output"].map(|name| of_export(name, script)),
            ["memory", "b", "a"]
        );
    }
}
