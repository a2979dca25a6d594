//! Reads JSON value by value, by the bounds of its parent.

use super::{Json, MAX_DEPTH, MAX_MEMBERS, Problem, Result, number};
use crate::text::text;
use latchkey_scan::json::{self as scan, Number, Text};

/// Reads a text value by value.
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// Stands at the start of the text.
    pub fn new(text: &'t str) -> Self {
        Reader::new_at(text, 0)
    }

    /// Stands at this byte of the text.
    pub fn new_at(text: &'t str, at: usize) -> Self {
        Reader { text, at, depth: 0 }
    }

    /// That it is wrong here.
    pub fn problem<T>(&self, what: &str) -> Result<T> {
        Err(Problem { what: what.to_owned(), at: self.at })
    }

    /// The next byte that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes this byte, if it is the next one that is no white space.
    pub fn take(&mut self, byte: u8) -> bool {
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
                self.enclosed(b'[', &mut |reader| {
                    items.push(reader.value()?);
                    Ok(())
                })?;
                Json::List(items)
            }
            Some(b'"') => Json::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?.to_owned()),
            _ => self.literal()?.map_or(Json::Null, Json::Bool),
        })
    }

    /// Reads a value and keeps nothing of it.
    pub fn skip(&mut self) -> Result<()> {
        self.peek();
        match scan::value(self.text.as_bytes(), self.at, MAX_DEPTH - self.depth) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            // It is wrong, which has to be told, or out of the ordinary.
            None => self.value().map(drop),
        }
    }

    /// Reads an object, and keeps the members that are wanted of it.
    pub fn some_members(&mut self, wanted: &dyn Fn(&str) -> bool) -> Result<Json> {
        let mut members = Vec::new();
        // Most are plain, and looked through at once.
        let is_plain = scan::object(self.text.as_bytes(), MAX_DEPTH, &mut |name, at| {
            let name = core::str::from_utf8(name).unwrap_or_default();
            if wanted(name)
                && let Ok(value) = Reader::new_at(self.text, at).value()
            {
                members.push((name.to_owned(), value));
            }
        });
        if !is_plain {
            members.clear();
            self.members(&mut |reader, name| {
                if !wanted(name) {
                    return reader.skip();
                }
                members.push((name.to_owned(), reader.value()?));
                Ok(())
            })?;
        }
        Ok(Json::Object(members))
    }

    /// Reads `true`, `false` or `null`, which is none.
    pub fn literal(&mut self) -> Result<Option<bool>> {
        let first = self.peek();
        let Some(end) = scan::literal(self.text.as_bytes(), self.at) else {
            return self.problem(if first.is_some() { "no JSON value" } else { "the JSON ends too early," });
        };
        self.at = end;
        Ok((first != Some(b'n')).then_some(first == Some(b't')))
    }

    /// Reads an object; `each` reads the value of the member that it is given the name of.
    pub fn members(&mut self, each: &mut dyn FnMut(&mut Self, &str) -> Result<()>) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        self.enclosed(b'{', &mut |reader| {
            if reader.peek() != Some(b'"') {
                return reader.problem("no name of a member");
            }
            let name = reader.string()?;
            if names.contains(&name) {
                return reader.problem(&text!["the member \"", name, "\" stands twice,"]);
            }
            if names.len() == MAX_MEMBERS {
                return reader.problem("an object of more than 1000 members");
            }
            if !reader.take(b':') {
                return reader.problem("no colon after a name");
            }
            each(reader, &name)?;
            names.push(name);
            Ok(())
        })
    }

    /// Reads what stands between brackets, separated by commas.
    fn enclosed(&mut self, open: u8, each: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        // In ASCII it stands two after the one that opens.
        let close = open + 2;
        if !self.take(open) {
            return self.problem("no opening bracket");
        }
        if self.depth == MAX_DEPTH {
            return self.problem("nested more than 32 deep,");
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

    /// Reads a number: its text, which a double can hold.
    pub fn number(&mut self) -> Result<&'t str> {
        let start = self.at;
        let (end, kind) = scan::number(self.text.as_bytes(), start);
        self.at = end;
        let text = self.text.get(start..end).unwrap_or_default();
        match kind {
            Number::Wrong => self.problem("no number as JSON writes it,"),
            Number::Far if number(text).is_none() => self.problem("a number out of range"),
            _ => Ok(text),
        }
    }

    /// Reads a string.
    fn string(&mut self) -> Result<String> {
        let start = self.at + 1;
        let (end, kind) = scan::string(self.text.as_bytes(), self.at);
        self.at = end;
        if kind == Text::Wrong {
            return self.problem(match self.byte() {
                Some(_) => "a control character in a string",
                None => "a string that does not end",
            });
        }
        self.at += 1;
        let mut rest = self.text.get(start..end).unwrap_or_default();
        if kind == Text::Plain {
            return Ok(rest.to_owned());
        }
        let mut text = String::with_capacity(rest.len());
        while let Some(at) = rest.bytes().position(|byte| byte == b'\\') {
            text.push_str(rest.get(..at).unwrap_or_default());
            match rest.get(at + 1..).and_then(unescape) {
                Some((c, after)) => {
                    text.push(c);
                    rest = after;
                }
                None => return self.problem("a wrong escape in the string before the one"),
            }
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The character that an escape stands for, and what comes after.
fn unescape(after: &str) -> Option<(char, &str)> {
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
