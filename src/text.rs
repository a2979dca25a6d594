//! Texts, in little code: put together, searched, and numbers in them. The standard library's own ways are quicker with long
//! texts; what it takes to format, to join and to search would be a tenth of the download, and here it is a line or two.

/// A text of pieces, each a literal, a `&str` or a `String`: `text!["no key \"", id, "\""]`. The literals become one, with a NUL
/// for each piece that is none, as that is less code than a list of them all.
macro_rules! text {
    (@ [$($known:tt)*] [$($given:expr,)*]) => {
        $crate::text::fill(concat!($($known,)*), &[$(AsRef::<str>::as_ref(&$given)),*])
    };
    (@ [$($known:tt)*] [$($given:expr,)*] $piece:literal $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* $piece] [$($given,)*] $($($rest)*)?)
    };
    (@ [$($known:tt)*] [$($given:expr,)*] $piece:expr $(, $($rest:tt)*)?) => {
        $crate::text::text!(@ [$($known)* "\0"] [$($given,)* $piece,] $($($rest)*)?)
    };
    ($($pieces:tt)*) => {
        $crate::text::text!(@ [] [] $($pieces)*)
    };
}
pub(crate) use text;

/// An enum whose values have names. They lie in one text: a table of them would be heavier by where each is and how long.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident: $($(#[$about:meta])* $variant:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            const NAMES: &'static str = concat!($($text, " "),*);

            /// All that there are.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                $crate::text::word(Self::NAMES, self as usize)
            }

            /// The one of this name.
            pub fn parse(name: &str) -> Option<Self> {
                let mut names = Self::NAMES;
                for known in Self::ALL {
                    if $crate::text::take_until(&mut names, " ") == name {
                        return Some(*known);
                    }
                }
                None
            }
        }
    };
}
pub(crate) use named;

/// One of the words that have a space after each, by its number from 0 on.
pub(crate) fn word(words: &str, number: usize) -> &str {
    let mut rest = words;
    for _ in 0..number {
        take_until(&mut rest, " ");
    }
    take_until(&mut rest, " ")
}

/// Whether this holds of one of the words, which have a space between them.
pub(crate) fn any(words: &str, holds: impl Fn(&str) -> bool) -> bool {
    let mut rest = words;
    while !rest.is_empty() {
        if holds(take_until(&mut rest, " ")) {
            return true;
        }
    }
    false
}

/// What a list has for this name, where it has a line for it: `name:what`.
pub(crate) fn entry<'t>(list: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = list;
    while !rest.is_empty() {
        let mut line = take_until(&mut rest, "\n");
        if take_until(&mut line, ":") == name {
            return Some(line);
        }
    }
    None
}

/// The template with the pieces in the places of its NULs.
pub(crate) fn fill(template: &str, pieces: &[&str]) -> String {
    let mut text = String::new();
    // In one piece: a text that grows leaves copies of itself, each of which is wiped.
    text.reserve(pieces.iter().fold(template.len(), |length, piece| length + piece.len()));
    let mut rest = template;
    for piece in pieces {
        text.push_str(take_until(&mut rest, "\0"));
        text.push_str(piece);
    }
    text.push_str(rest);
    text
}

/// Adds an item to a list, with this between it and those before.
pub(crate) fn append(list: &mut String, between: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(between);
    }
    list.push_str(item);
}

/// A whole number in digits.
pub(crate) fn digits(number: i64) -> String {
    let mut text = String::new();
    push_digits(number.unsigned_abs(), &mut text);
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

fn push_digits(number: u64, text: &mut String) {
    if number > 9 {
        push_digits(number / 10, text);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Writes a byte in two hexadecimal digits, of which those after nine are letters from `ten` on.
pub(crate) fn push_hex(byte: u8, ten: u8, text: &mut String) {
    for digit in &[byte >> 4, byte & 15] {
        text.push(char::from(if *digit < 10 { b'0' + digit } else { ten + digit - 10 }));
    }
}

/// The whole number that the text is, with nothing but digits and a minus before them.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix("-").unwrap_or(text);
    let mut number = 0_i64;
    for byte in unsigned.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        let digit = i64::from(byte - b'0');
        // Downwards, where there is room for one more.
        if number < i64::MIN / 10 {
            return None;
        }
        number = (number * 10).checked_sub(digit)?;
    }
    match unsigned {
        "" => None,
        _ if unsigned.len() < text.len() => Some(number),
        _ => number.checked_neg(),
    }
}

/// The number that the text is, with nothing but digits.
pub(crate) fn natural(text: &str) -> Option<i64> {
    whole(text).filter(|_| !text.starts_with("-"))
}

/// The text, unless it is empty.
pub(crate) fn optional(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

/// Whether this holds of every byte.
pub(crate) fn all(text: &str, holds: fn(u8) -> bool) -> bool {
    for byte in text.bytes() {
        if !holds(byte) {
            return false;
        }
    }
    true
}

/// What stands before the first of these ASCII characters, or all. Both are taken from the rest.
pub(crate) fn take_until<'t>(rest: &mut &'t str, ends: &str) -> &'t str {
    for (at, byte) in rest.bytes().enumerate() {
        for end in ends.bytes() {
            if end == byte
                && let Some((before, after)) = rest.split_at_checked(at)
            {
                *rest = after.get(1..).unwrap_or_default();
                return before;
            }
        }
    }
    core::mem::take(rest)
}

/// An address without the slashes at its end.
pub(crate) fn without_slash(mut address: &str) -> &str {
    while let Some(shorter) = address.strip_suffix("/") {
        address = shorter;
    }
    address
}

/// Cuts off what is beyond so many characters.
pub(crate) fn shorten(text: &mut String, most: usize) {
    let mut left = most;
    for (at, byte) in text.bytes().enumerate() {
        // The other bytes of a character in UTF-8 are 10……….
        if byte >> 6 != 0b10 {
            if left == 0 {
                return text.truncate(at);
            }
            left -= 1;
        }
    }
}

/// The last characters, so many of them.
pub(crate) fn last(text: &str, count: usize) -> &str {
    let (mut at, mut left) = (text.len(), count);
    for byte in text.bytes().rev() {
        if left == 0 {
            break;
        }
        at -= 1;
        left -= usize::from(byte >> 6 != 0b10);
    }
    text.get(at..).unwrap_or_default()
}

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
    fn numbers_are_written_and_read_as_the_standard_library_does() {
        for number in [0, 1, -1, 9, 10, -10, 1_800_000_000_000, i64::MAX, i64::MIN] {
            assert_eq!(digits(number), number.to_string());
            assert_eq!(whole(&number.to_string()), Some(number));
        }
        for text in ["", "-", "+1", "1 ", "0x1", "9223372036854775808", "-9223372036854775809", "1.0", "é"] {
            assert_eq!(whole(text), None, "{text}");
        }
        assert_eq!((whole("007"), natural("7"), natural("-7")), (Some(7), Some(7), None));
    }

    #[test]
    fn a_text_is_taken_piece_by_piece() {
        let mut rest = "é/b?c/";
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            pieces.push(take_until(&mut rest, "?/"));
        }
        assert_eq!((pieces, take_until(&mut rest, "/")), (vec!["é", "b", "c"], ""));
        assert_eq!(
            (without_slash("https://a.example/b//"), without_slash("/"), without_slash("")),
            ("https://a.example/b", "", "")
        );
    }

    #[test]
    fn characters_are_counted() {
        for text in ["", "a", "abcde", "é", "aéb\u{1f511}", "\u{1f511}\u{1f511}\u{1f511}"] {
            for count in 0..6 {
                let mut short = text.to_owned();
                shorten(&mut short, count);
                assert_eq!(short, text.chars().take(count).collect::<String>(), "{text}");
                let skipped = text.chars().count().saturating_sub(count);
                assert_eq!(last(text, count), text.chars().skip(skipped).collect::<String>(), "{text}");
            }
        }
    }

    #[test]
    fn a_byte_has_two_digits() {
        let mut text = String::new();
        push_hex(0x0f, b'a', &mut text);
        push_hex(0xa9, b'A', &mut text);
        assert_eq!(text, "0fA9");
    }

    #[test]
    fn pieces_are_put_together() {
        let owned = String::from("b");
        assert_eq!(text!["a", owned, "c"], "abc");
        assert_eq!(text![owned, "", owned, owned, "c\n", "d",], "bbbc\nd");
        assert_eq!(text!["\0".to_owned(), "a"], "\0a", "what is put in is not looked into");
        let mut list = String::new();
        append(&mut list, ", ", "a");
        append(&mut list, ", ", "b");
        assert_eq!(list, "a, b");
    }

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
