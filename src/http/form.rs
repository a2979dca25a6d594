//! Forms, as HTML and RFC 6749 write them.

use crate::text::{self, Text, text};

/// The fields of a form, as they are written.
#[derive(Debug, Default)]
pub struct Form(pub(super) Text);

impl Form {
    /// One more field.
    pub fn add(&mut self, name: &str, value: &str) {
        let separator = if self.0.is_empty() { "" } else { "&" };
        self.0 = text![self.0, separator, form_encode(name), "=", form_encode(value)];
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5.2), of one name or value.
pub fn form_encode(text: &str) -> Text {
    let mut encoded = Text::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte as char),
            b' ' => encoded.push('+'),
            _ => {
                encoded.push('%');
                text::push_hex(byte, b'A', &mut encoded);
            }
        }
    }
    encoded
}
