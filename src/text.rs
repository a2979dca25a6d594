//! Texts, in little code: put together, searched, and numbers in them. The standard library's own ways are quicker with long
//! texts; what it takes to format, to join and to search would be a tenth of the download, and here it is a line or two.

mod filling;
mod own;

pub(crate) use filling::{fill, text};
pub use own::Text;
pub(crate) use own::{NO_TEXT, or_nothing};

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
                    if $crate::text::take_until(&mut names, b' ') == name {
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
        take_until(&mut rest, b' ');
    }
    take_until(&mut rest, b' ')
}

/// Whether this holds of one of the words, which have a space between them.
pub(crate) fn any(words: &str, holds: impl Fn(&str) -> bool) -> bool {
    let mut rest = words;
    while !rest.is_empty() {
        if holds(take_until(&mut rest, b' ')) {
            return true;
        }
    }
    false
}

/// What a list has for this name, where it has a line for it: `name:what`.
pub(crate) fn entry<'t>(list: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = list;
    while !rest.is_empty() {
        let mut line = take_until(&mut rest, b'\n');
        if take_until(&mut line, b':') == name {
            return Some(line);
        }
    }
    None
}

/// Adds an item to a list, with this between it and those before.
pub(crate) fn append(list: &mut Text, between: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(between);
    }
    list.push_str(item);
}

/// A whole number in digits.
pub(crate) fn digits(number: i64) -> Text {
    Text::new().number(number)
}

/// Writes a byte in two hexadecimal digits, of which those after nine are letters from `ten` on.
pub(crate) fn push_hex(byte: u8, ten: u8, text: &mut Text) {
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
pub(crate) fn optional(text: &str) -> Option<Text> {
    if text.is_empty() { None } else { Some(text.into()) }
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

/// What stands before the first of this ASCII character, or all. Both are taken from the rest.
pub(crate) fn take_until<'t>(rest: &mut &'t str, end: u8) -> &'t str {
    let mut at = 0;
    while rest.as_bytes().get(at).is_some_and(|byte| *byte != end) {
        at += 1;
    }
    take(rest, at)
}

/// The same with the first of any of these.
pub(crate) fn take_until_any<'t>(rest: &mut &'t str, ends: &str) -> &'t str {
    let mut at = 0;
    while rest.as_bytes().get(at).is_some_and(|byte| !ends.as_bytes().contains(byte)) {
        at += 1;
    }
    take(rest, at)
}

/// What stands before this place, and the character there: both are taken from the rest.
fn take<'t>(rest: &mut &'t str, at: usize) -> &'t str {
    let before = rest.get(..at).unwrap_or_default();
    *rest = rest.get(at + 1..).unwrap_or_default();
    before
}

/// An address without the slashes at its end.
pub(crate) fn without_slash(mut address: &str) -> &str {
    while let Some(shorter) = address.strip_suffix("/") {
        address = shorter;
    }
    address
}

/// Cuts off what is beyond so many characters.
pub(crate) fn shorten(text: &mut Text, most: usize) {
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
pub(crate) fn replace(text: &str, wanted: &str, by: &str) -> Text {
    let mut replaced = Text::with_capacity(text.len());
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
    fn nothing_is_an_empty_text_where_one_is_told() {
        assert_eq!((optional(""), optional("a")), (None, Some("a".into())));
        assert_eq!((or_nothing(&None), or_nothing(&optional("a"))), (&String::new(), &"a".to_owned()));
    }

    #[test]
    fn numbers_are_written_and_read_as_the_standard_library_does() {
        for number in [0, 1, -1, 9, 10, -10, 1_800_000_000_000, i64::MAX, i64::MIN] {
            assert_eq!(digits(number).as_str(), number.to_string());
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
            pieces.push(take_until_any(&mut rest, "?/"));
        }
        assert_eq!((pieces, take_until(&mut rest, b'/')), (vec!["é", "b", "c"], ""));
        assert_eq!(
            (without_slash("https://a.example/b//"), without_slash("/"), without_slash("")),
            ("https://a.example/b", "", "")
        );
    }

    #[test]
    fn characters_are_counted() {
        for text in ["", "a", "abcde", "é", "aéb\u{1f511}", "\u{1f511}\u{1f511}\u{1f511}"] {
            for count in 0..6 {
                let mut short = Text::from(text);
                shorten(&mut short, count);
                assert_eq!(short.as_str(), text.chars().take(count).collect::<String>(), "{text}");
                let skipped = text.chars().count().saturating_sub(count);
                assert_eq!(last(text, count), text.chars().skip(skipped).collect::<String>(), "{text}");
            }
        }
    }

    #[test]
    fn a_byte_has_two_digits() {
        let mut text = Text::new();
        push_hex(0x0f, b'a', &mut text);
        push_hex(0xa9, b'A', &mut text);
        assert_eq!(text, "0fA9");
    }

    #[test]
    fn pieces_are_put_together() {
        let owned = String::from("b");
        assert_eq!(text!["a", owned, "c"], "abc");
        assert_eq!(text![owned, "", owned, owned, "c\n", "d",], "bbbc\nd");
        assert_eq!(text![], "");
        // Each kind of piece, itself and borrowed.
        let (text, borrowed) = (Text::from("t"), owned.as_str());
        assert_eq!(text![text, "-", &text, "-", &owned, "-", borrowed, *borrowed], "t-t-b-bb");
        assert_eq!(text![Text::new(), String::new(), "x", ""], "x");
        assert_eq!(
            (Text::of("\0\0!").with(&text).with(&owned), fill("<\0>", &[&text])),
            ("tb!".into(), "<t>".into())
        );
        assert_eq!(Text::of("a\0b\0"), "a", "up to the first that was not filled");
        assert_eq!(text!["\0".to_owned(), "a"], "\0a", "what is put in is not looked into");
        let mut list = Text::new();
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
                assert_eq!(
                    replace(text, wanted, "-").as_str(),
                    text.replace(wanted, "-"),
                    "{text:?} {wanted:?}"
                );
            }
        }
    }
}
