//! Writes JSON, member by member: what goes out is text at once, and no tree that is written later.

use super::Json;
use crate::text;

/// The text of an object, written member by member. What is missing is left out, as JavaScript has it.
pub struct Writer(String);

impl Writer {
    /// An object that has no members yet.
    #[allow(clippy::new_without_default, reason = "an object is begun, and ended by `end`")]
    pub fn new() -> Self {
        Writer("{".into())
    }

    /// A member whose value is JSON text already.
    pub fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_text(name, &mut self.0);
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    /// A text.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(name, "");
        write_text(value, &mut self.0);
        self
    }

    /// A boolean, where it is one.
    pub fn flag(&mut self, name: &str, value: Option<bool>) -> &mut Self {
        match value {
            Some(true) => self.raw(name, "true"),
            Some(false) => self.raw(name, "false"),
            None => self,
        }
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str, value: i64) -> &mut Self {
        self.raw(name, &text::digits(value))
    }

    /// A value that was read.
    pub fn value(&mut self, name: &str, value: &Json) -> &mut Self {
        self.raw(name, "");
        value.write(&mut self.0);
        self
    }

    /// The text.
    pub fn end(&mut self) -> String {
        self.0.push('}');
        core::mem::take(&mut self.0)
    }
}

/// Writes a text as a JSON string.
pub fn write_text(text: &str, out: &mut String) {
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

/// Writes a list, each item of it as `write` does.
pub fn write_list<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}
