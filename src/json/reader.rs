//! Reads JSON value by value, by the bounds of its parent.

use super::{Json, MAX_DEPTH, MAX_MEMBERS, Problem, Result, number};
use crate::text::{self, text};

/// Reads a text value by value.
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// Stands at the start of the text.
    pub fn new(text: &'t str) -> Self {
        Reader { text, at: 0, depth: 0 }
    }

    /// That it is wrong here.
    pub fn problem<T>(&self, what: &str) -> Result<T> {
        Err(Problem { what: what.to_owned(), at: self.at })
    }

    /// The next byte that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    /// Nothing but white space is left.
    pub fn end(&mut self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { self.problem("something after the end of the JSON,") }
    }

    /// Reads a value.
    pub fn value(&mut self) -> Result<Json> {
        Ok(match self.peek() {
            Some(b'{') => {
                let mut members = Vec::new();
                self.members(&mut |reader, name| {
                    members.push((name.to_owned(), reader.value()?));
                    Ok(())
                })?;
                Json::Object(members)
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.items(&mut |reader| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Json::List(items)
            }
            Some(b'"') => {
                let raw = self.string()?;
                Json::Text(self.unescape(raw)?)
            }
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?.to_owned()),
            _ if self.word("true") => Json::Bool(true),
            _ if self.word("false") => Json::Bool(false),
            _ if self.word("null") => Json::Null,
            None => return self.problem("the JSON ends too early,"),
            Some(_) => return self.problem("no JSON value"),
        })
    }

    /// Reads a value and keeps nothing of it.
    pub fn skip(&mut self) -> Result<()> {
        match self.peek() {
            Some(b'{') => self.members(&mut |reader, _| reader.skip()),
            Some(b'[') => self.items(&mut Reader::skip),
            Some(b'"') => {
                let raw = self.string()?;
                self.unescape(raw).map(drop)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => self.value().map(drop),
        }
    }

    /// Reads an object; `each` reads the value of the member that it is given the name of.
    pub fn members(&mut self, each: &mut dyn FnMut(&mut Self, &str) -> Result<()>) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        self.enclosed(b'{', b'}', &mut |reader| {
            if reader.peek() != Some(b'"') {
                return reader.problem("no name of a member");
            }
            let raw = reader.string()?;
            let name = reader.unescape(raw)?;
            if names.contains(&name) {
                return reader.problem(&text!["the member \"", name, "\" stands twice,"]);
            }
            if names.len() == MAX_MEMBERS {
                return reader.problem(&text![
                    "an object of more than ",
                    text::digits(MAX_MEMBERS as i64),
                    " members"
                ]);
            }
            if !reader.take(b':') {
                return reader.problem("no colon after a name");
            }
            each(reader, &name)?;
            names.push(name);
            Ok(())
        })
    }

    fn items(&mut self, each: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.enclosed(b'[', b']', each)
    }

    /// Reads what stands between brackets, separated by commas.
    fn enclosed(&mut self, open: u8, close: u8, each: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if !self.take(open) {
            return self.problem("no opening bracket");
        }
        if self.depth == MAX_DEPTH {
            return self.problem(&text!["nested more than ", text::digits(MAX_DEPTH as i64), " deep,"]);
        }
        if self.take(close) {
            return Ok(());
        }
        self.depth += 1;
        loop {
            each(self)?;
            if self.take(close) {
                self.depth -= 1;
                return Ok(());
            }
            if !self.take(b',') {
                return self.problem("no comma and no closing bracket");
            }
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Reads a number: its text, which a double can hold.
    pub fn number(&mut self) -> Result<&'t str> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let start = reader.at;
            while reader.text.as_bytes().get(reader.at).is_some_and(u8::is_ascii_digit) {
                reader.at += 1;
            }
            reader.at - start
        };
        self.word("-");
        let leads_with_zero = self.text.as_bytes().get(self.at) == Some(&b'0');
        let whole = digits(self);
        let is_whole = whole == 1 || (whole > 1 && !leads_with_zero);
        let has_fraction = !self.word(".") || digits(self) > 0;
        let has_exponent = if self.word("e") || self.word("E") {
            let _ = self.word("+") || self.word("-");
            digits(self) > 0
        } else {
            true
        };
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !(is_whole && has_fraction && has_exponent) {
            return self.problem("no number as JSON writes it,");
        }
        if number(text).is_none() { self.problem("a number out of range") } else { Ok(text) }
    }

    /// Reads a string: what stands between its quotes.
    fn string(&mut self) -> Result<&'t str> {
        let start = self.at + 1;
        let mut escaped = false;
        self.at = start;
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at += 1;
                    return Ok(self.text.get(start..self.at - 1).unwrap_or_default());
                }
                0..b' ' => return self.problem("a control character in a string"),
                _ => {}
            }
            self.at += 1;
        }
        self.problem("a string that does not end")
    }

    fn unescape(&self, raw: &str) -> Result<String> {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = text::split_once(rest, "\\") {
            text.push_str(before);
            let (c, after) = match unescape_one(after) {
                Some(read) => read,
                None => return self.problem("a wrong escape in the string before the one"),
            };
            text.push(c);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The character that an escape stands for, and what comes after.
fn unescape_one(after: &str) -> Option<(char, &str)> {
    let mut chars = after.chars();
    let c = match chars.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        c @ ('"' | '\\' | '/') => c,
        'u' => {
            let (first, rest) = hex4(chars.as_str())?;
            if !(0xd800..0xe000).contains(&first) {
                return Some((char::from_u32(first)?, rest));
            }
            let (second, rest) = hex4(rest.strip_prefix("\\u")?)?;
            let is_pair = first < 0xdc00 && (0xdc00..0xe000).contains(&second);
            let code = is_pair.then(|| 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?;
            return Some((char::from_u32(code)?, rest));
        }
        _ => return None,
    };
    Some((c, chars.as_str()))
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let mut number = 0;
    for digit in digits.chars() {
        number = number << 4 | digit.to_digit(16)?;
    }
    Some((number, rest))
}
