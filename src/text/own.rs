//! A text as it is kept and handed on.

use super::take_until;

/// What is made room for besides a template: most texts grow no further.
const ROOM: usize = 64;

/// What is referred to where there is no text. It is a `String`, as all texts are that are referred to in what is returned:
/// a reference to one is one pointer, and a `&str` two words.
pub(crate) static NO_TEXT: String = String::new();

/// A text of its own, one pointer wide. A function can give and take it in a register, where the three words of a `String`
/// go through memory; and most texts here go through many hands.
#[derive(Clone, Debug, Default)]
pub struct Text(Box<Filling>);

/// The text, and what of its template is still to come: see [`text!`](super::text).
#[derive(Clone, Debug, Default)]
struct Filling {
    text: String,
    rest: &'static str,
}

impl Text {
    /// An empty one.
    pub fn new() -> Self {
        Text::default()
    }

    /// An empty one, with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Text::from(String::with_capacity(bytes))
    }

    /// What it says.
    pub fn as_str(&self) -> &str {
        self
    }

    /// The same, behind one pointer.
    pub fn as_string(&self) -> &String {
        &self.0.text
    }

    /// The same, no longer behind it.
    pub fn into_string(self) -> String {
        self.0.text
    }

    /// Adds this at its end.
    #[inline(never)]
    pub fn push_str(&mut self, text: &str) {
        self.0.text.push_str(text);
    }

    /// Adds this character at its end.
    pub fn push(&mut self, character: char) {
        self.0.text.push(character);
    }

    /// Cuts off what is beyond so many bytes.
    pub fn truncate(&mut self, bytes: usize) {
        self.0.text.truncate(bytes);
    }
}

impl Text {
    /// A template up to the first of its NULs, in whose places come the pieces.
    pub(crate) fn of(template: &'static str) -> Self {
        let text = String::with_capacity(template.len() + ROOM);
        Text(Box::new(Filling { text, rest: template })).with("")
    }

    /// The same with this piece, and what of the template comes after it.
    pub(crate) fn with(mut self, piece: &str) -> Self {
        self.push_str(piece);
        let more = take_until(&mut self.0.rest, b'\0');
        self.push_str(more);
        self
    }

    /// The same with this number in digits.
    pub(crate) fn number(mut self, number: i64) -> Self {
        if number < 0 {
            self.push('-');
        }
        self.push_digits(number.unsigned_abs());
        self.with("")
    }

    fn push_digits(&mut self, number: u64) {
        if number > 9 {
            self.push_digits(number / 10);
        }
        self.push(char::from(b'0' + (number % 10) as u8));
    }
}

impl core::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(Box::new(Filling { text, rest: "" }))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::from(text.to_owned())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Text::from(text.as_str())
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

/// What it says; nothing where it is not there.
pub(crate) fn or_nothing(text: &Option<Text>) -> &String {
    text.as_ref().map_or(&NO_TEXT, Text::as_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_was_made_of() {
        let (empty, given) = (Text::new(), String::from("a\u{1f511}"));
        assert!(empty.is_empty() && empty == Text::default() && *empty.as_string() == NO_TEXT);
        for text in [Text::from(given.as_str()), Text::from(&given), Text::from(given.clone())] {
            assert_eq!((text.as_str(), text.as_ref(), text.as_string()), (&*given, &*given, &given));
            assert_eq!(text.into_string(), given);
        }
        assert_eq!(size_of::<Option<Text>>(), size_of::<usize>());
    }

    #[test]
    fn a_clone_is_a_text_of_its_own() {
        let text = Text::from("ab");
        let mut other = text.clone();
        assert_eq!(other, text);
        other.push('c');
        other.push_str("de");
        assert!(text == "ab" && other == "abcde" && other != text);
        other.truncate(2);
        assert!(other == text && other == *"ab" && other != "a" && other != "AB");
        let roomy = Text::with_capacity(100);
        assert!(roomy.is_empty() && roomy.as_string().capacity() >= 100);
    }
}
