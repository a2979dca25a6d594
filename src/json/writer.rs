//! Writes JSON, member by member: what goes out is text at once, and no tree that is written later.

use crate::text::{self, Text};

/// The text of an object, written member by member. What is missing is left out, as JavaScript has it.
pub struct Writer(Text);

impl Writer {
    /// An object that has no members yet.
    #[allow(clippy::new_without_default, reason = "an object is begun, and ended by `end`")]
    pub fn new() -> Self {
        Writer("{".into())
    }

    /// A member whose value is JSON text already.
    pub fn raw(mut self, name: &str, value: &str) -> Self {
        write_name(name, &mut self.0);
        self.0.push_str(value);
        self
    }

    /// A text.
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self = self.raw(name, "");
        write_text(value, &mut self.0);
        self
    }

    /// A boolean, where it is one.
    pub fn flag(self, name: &str, value: Option<bool>) -> Self {
        match value {
            Some(true) => self.raw(name, "true"),
            Some(false) => self.raw(name, "false"),
            None => self,
        }
    }

    /// A whole number.
    pub fn integer(self, name: &str, value: i64) -> Self {
        self.raw(name, &text::digits(value))
    }

    /// The text.
    pub fn end(mut self) -> Text {
        self.0.push('}');
        self.0
    }
}

/// Writes a text as a JSON string.
pub fn write_text(text: &str, out: &mut Text) {
    out.push('"');
    let mut at = 0;
    while at <= text.len() {
        // What needs no escape is copied as a whole.
        let end = latchkey_scan::json::plain(text.as_bytes(), at);
        out.push_str(text.get(at..end).unwrap_or_default());
        match text.as_bytes().get(end) {
            Some(&byte) if byte < b' ' => {
                out.push_str("\\u00");
                text::push_hex(byte, b'a', out);
            }
            Some(&byte) => {
                out.push('\\');
                out.push(char::from(byte));
            }
            None => {}
        }
        at = end + 1;
    }
    out.push('"');
}

/// Writes the name of a member, with what stands before and after it.
pub fn write_name(name: &str, out: &mut Text) {
    separate(out);
    write_text(name, out);
    out.push(':');
}

/// Writes the comma before an item or a member, unless it is the first.
pub fn separate(out: &mut Text) {
    if !matches!(out.as_bytes(), [.., b'[' | b'{']) {
        out.push(',');
    }
}
