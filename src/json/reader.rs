//! Reads JSON value by value, by the bounds of its parent.

use super::{Json, MAX_DEPTH, MAX_MEMBERS, number};
use crate::json::Value;
use crate::text::{Text, text};
use latchkey_scan::json::{self as scan, Number};

/// Reads a text value by value. What reads gives nothing once something is wrong, and why is noted.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Which members of the whole are wanted, by name, and whether what is read now is of one.
    wanted: &'t dyn Fn(&[u8]) -> bool,
    is_wanted: bool,
    problem: Text,
}

impl<'t> Reader<'t> {
    /// Stands at the start of the text.
    pub(super) fn new(text: &'t str, wanted: &'t dyn Fn(&[u8]) -> bool) -> Self {
        Reader { text, at: 0, depth: 0, wanted, is_wanted: true, problem: Text::new() }
    }

    /// Notes that it is wrong here, where it stands from then on.
    fn problem<T>(&mut self, what: &str) -> Option<T> {
        self.problem.push_str(what);
        None
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Takes this byte, if it is the next one that is no white space.
    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    /// Reads a text that is one value; or tells what is wrong, and where.
    pub(super) fn whole(mut self) -> Result<Value, Text> {
        if let Some(value) = self.value() {
            if self.peek().is_none() {
                return Ok(value);
            }
            self.problem.push_str("something after the end of the JSON,");
        }
        Err(text![self.problem, " at character ", #self.at as i64])
    }

    fn value(&mut self) -> Option<Value> {
        let first = self.peek();
        // What is not wanted is passed over: the whole of it, or else what it is made of, but not at each of its depths.
        let is_passed = self.depth == 1 || !matches!(first, Some(b'{' | b'['));
        if !self.is_wanted
            && is_passed
            && let Some(end) = scan::value(self.text.as_bytes(), self.at, MAX_DEPTH - self.depth)
        {
            self.at = end;
            return Some(Value::default());
        }
        match first {
            Some(b'{') => self.enclosed(Value::object(), b'}'),
            Some(b'[') => self.enclosed(Value::list(), b']'),
            Some(b'"') => self.string().map(Value::from),
            Some(b'-' | b'0'..=b'9') => self.number(),
            first => self.literal(first),
        }
    }

    /// Reads what stands between brackets, separated by commas.
    fn enclosed(&mut self, mut json: Value, close: u8) -> Option<Value> {
        if self.depth == MAX_DEPTH {
            return self.problem("nested more than 32 deep,");
        }
        self.at += 1;
        self.depth += 1;
        let mut is_over = self.take(close);
        while !is_over {
            match &mut *json {
                Json::Object(members) => {
                    let name = self.name(members)?;
                    let was_wanted = self.is_wanted;
                    self.is_wanted &= self.depth > 1 || (self.wanted)(name.as_bytes());
                    members.push((name, self.value()?));
                    self.is_wanted = was_wanted;
                }
                Json::List(items) => {
                    let item = self.value()?;
                    if self.is_wanted {
                        items.push(item);
                    }
                }
                _ => {}
            }
            is_over = self.take(close);
            if !is_over && !self.take(b',') {
                return self.problem("no comma and no closing bracket");
            }
        }
        self.depth -= 1;
        Some(json)
    }

    /// Reads the name of a member, after these, and the colon.
    fn name(&mut self, before: &[(Text, Value)]) -> Option<Text> {
        if self.peek() != Some(b'"') {
            return self.problem("no name of a member");
        }
        let name = self.string()?;
        for (other, _) in before {
            if *other == name {
                return self.problem(&text!["the member \"", name, "\" stands twice,"]);
            }
        }
        if before.len() == MAX_MEMBERS {
            return self.problem("an object of more than 1000 members");
        }
        if self.take(b':') { Some(name) } else { self.problem("no colon after a name") }
    }

    /// Reads `true`, `false` or `null`.
    fn literal(&mut self, first: Option<u8>) -> Option<Value> {
        let Some(end) = scan::literal(self.text.as_bytes(), self.at) else {
            return self.problem(if first.is_some() { "no JSON value" } else { "the JSON ends too early," });
        };
        self.at = end;
        Some(if first == Some(b'n') { Value::default() } else { Value::from(first == Some(b't')) })
    }

    /// Reads a number: its text, which a double can hold.
    fn number(&mut self) -> Option<Value> {
        let (end, kind) = scan::number(self.text.as_bytes(), self.at);
        let text = self.text.get(self.at..end).unwrap_or_default();
        self.at = end;
        match kind {
            Number::Wrong => self.problem("no number as JSON writes it,"),
            Number::Far if number(text).is_none() => self.problem("a number out of range"),
            _ => Some(Json::Number(text.to_owned()).into()),
        }
    }

    /// Reads a string.
    fn string(&mut self) -> Option<Text> {
        let mut string = Text::new();
        loop {
            // After the quote that opens it, or the end of an escape.
            let start = self.at + 1;
            self.at = scan::plain(self.text.as_bytes(), start);
            string.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => match self.escaped() {
                    Some(c) => string.push(c),
                    None if self.byte().is_some() => return self.problem("a wrong escape"),
                    None => return self.problem("a string that does not end"),
                },
                Some(_) => return self.problem("a control character in a string"),
                None => return self.problem("a string that does not end"),
            }
        }
        self.at += 1;
        Some(string)
    }

    /// The character that the escape stands for whose backslash is here, up to the last of its own.
    fn escaped(&mut self) -> Option<char> {
        self.at += 1;
        match self.byte()? {
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            byte @ (b'"' | b'\\' | b'/') => Some(char::from(byte)),
            b'u' => self.unit().and_then(|unit| self.character(unit)),
            _ => None,
        }
    }

    /// The character of this unit of UTF-16, or of the pair that it begins.
    fn character(&mut self, unit: u32) -> Option<char> {
        if unit >> 10 != 0xd800 >> 10 {
            return char::from_u32(unit);
        }
        if !self.text.get(self.at + 1..)?.starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let second = self.unit()?;
        if second >> 10 != 0xdc00 >> 10 {
            return None;
        }
        char::from_u32(0x10000 + ((unit & 0x3ff) << 10 | second & 0x3ff))
    }

    /// The four digits after the `u` that is here.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            unit = unit << 4 | char::from(self.byte()?).to_digit(16)?;
        }
        Some(unit)
    }
}
