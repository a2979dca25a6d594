//! Finds a text in a text, by looking everywhere. The standard library's search is quicker in long texts and a fortieth of
//! the download; what is searched here is a line or two.

/// What stands before and after the first place where `wanted` stands.
pub(crate) fn split_once<'t>(text: &'t str, wanted: &str) -> Option<(&'t str, &'t str)> {
    let mut at = 0;
    while let Some(rest) = text.as_bytes().get(at..at + wanted.len()) {
        if rest == wanted.as_bytes() {
            return Some((text.get(..at)?, text.get(at + wanted.len()..)?));
        }
        at += 1;
    }
    None
}

/// Whether `wanted` stands somewhere.
pub(crate) fn contains(text: &str, wanted: &str) -> bool {
    split_once(text, wanted).is_some()
}

/// The text with `by` wherever `wanted` stood.
pub(crate) fn replace(text: &str, wanted: &str, by: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = split_once(rest, wanted) {
        replaced.push_str(before);
        replaced.push_str(by);
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_the_standard_library_finds() {
        let texts = ["", "a", "aa", "aaab", "ab", "bab", "{{a}}", "é", "aé", "\u{1f511}ab", "a\u{1f511}é"];
        for text in texts {
            for wanted in texts.into_iter().filter(|wanted| !wanted.is_empty()) {
                assert_eq!(split_once(text, wanted), text.split_once(wanted), "{text:?} {wanted:?}");
                assert_eq!(contains(text, wanted), text.contains(wanted), "{text:?} {wanted:?}");
                assert_eq!(replace(text, wanted, "-"), text.replace(wanted, "-"), "{text:?} {wanted:?}");
            }
        }
    }
}
