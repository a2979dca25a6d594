//! Reads JSON value by value, by the bounds of its parent.

use super::{Json, MAX_DEPTH, MAX_MEMBERS, Problem, Result, number};
use latchkey_scan::json::plain;
use std::borrow::Cow;

/// Reads a text value by value.
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// A string as it is written: what stands between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'t> {
    text: &'t str,
    has_escapes: bool,
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

    /// Takes this word, if it stands right here.
    pub fn word(&mut self, word: &str) -> bool {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if found { word.len() } else { 0 };
        found
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
                Json::Text(self.unescape(raw)?.into_owned())
            }
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?.to_owned()),
            _ => self.literal()?.map_or(Json::Null, Json::Bool),
        })
    }

    /// Reads a value and keeps nothing of it.
    pub fn skip(&mut self) -> Result<()> {
        match self.peek() {
            Some(b'"') => {
                let raw = self.string()?;
                self.unescape(raw).map(drop)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            Some(b'{') => self.members(&mut |reader, _| reader.skip()),
            Some(b'[') => self.items(&mut Reader::skip),
            _ => self.literal().map(drop),
        }
    }

    /// Reads `true`, `false` or `null`, which is none.
    pub fn literal(&mut self) -> Result<Option<bool>> {
        match self.peek() {
            _ if self.word("true") => Ok(Some(true)),
            _ if self.word("false") => Ok(Some(false)),
            _ if self.word("null") => Ok(None),
            None => self.problem("the JSON ends too early,"),
            Some(_) => self.problem("no JSON value"),
        }
    }

    /// Reads an object; `each` reads the value of the member that it is given the name of.
    pub fn members(&mut self, each: &mut dyn FnMut(&mut Self, &str) -> Result<()>) -> Result<()> {
        let mut names: Vec<Cow<'t, str>> = Vec::with_capacity(16);
        let mut marks = 0_u64;
        self.enclosed(b'{', b'}', |reader| {
            if reader.peek() != Some(b'"') {
                return reader.problem("no name of a member");
            }
            let raw = reader.string()?;
            let name = reader.unescape(raw)?;
            // A name with a mark that none has had stands here for the first time.
            let mark = 1 << (mark(name.as_bytes()) & 63);
            if marks & mark != 0 && names.contains(&name) {
                return reader.problem(&["the member \"", &name, "\" stands twice,"].concat());
            }
            if names.len() == MAX_MEMBERS {
                return reader.problem("an object of more than 1000 members");
            }
            if !reader.take(b':') {
                return reader.problem("no colon after a name");
            }
            each(reader, &name)?;
            marks |= mark;
            names.push(name);
            Ok(())
        })
    }

    /// Reads an array; `each` reads an item.
    pub fn items(&mut self, each: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.enclosed(b'[', b']', each)
    }

    /// Reads what stands between brackets, separated by commas.
    fn enclosed(&mut self, open: u8, close: u8, mut each: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
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

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a number: its text, which a double can hold.
    pub fn number(&mut self) -> Result<&'t str> {
        let start = self.at;
        self.word("-");
        let leads_with_zero = self.byte() == Some(b'0');
        let whole = self.digits();
        let is_whole = whole == 1 || (whole > 1 && !leads_with_zero);
        let has_fraction = !self.word(".") || self.digits() > 0;
        let (mut has_exponent, mut is_right) = (false, true);
        if self.word("e") || self.word("E") {
            let _ = self.word("+") || self.word("-");
            has_exponent = true;
            is_right = self.digits() > 0;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !(is_whole && has_fraction && is_right) {
            return self.problem("no number as JSON writes it,");
        }
        // Only by an exponent, or by more digits than a double has, can it be out of range.
        let may_be_far = has_exponent || whole > 300;
        if may_be_far && number(text).is_none() { self.problem("a number out of range") } else { Ok(text) }
    }

    /// Reads a string.
    pub fn string(&mut self) -> Result<Raw<'t>> {
        let start = self.at + 1;
        self.at = plain(self.text.as_bytes(), start);
        if self.byte() == Some(b'"') { self.raw(start, false) } else { self.strange_string(start) }
    }

    /// The string that ends here.
    fn raw(&mut self, start: usize, has_escapes: bool) -> Result<Raw<'t>> {
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(Raw { text, has_escapes })
    }

    /// Reads on in a string that has more in it than plain characters.
    fn strange_string(&mut self, start: usize) -> Result<Raw<'t>> {
        loop {
            match self.byte() {
                Some(b'"') => return self.raw(start, true),
                // What is escaped is looked at where it is unescaped.
                Some(b'\\') => self.at = self.text.len().min(self.at + 2),
                Some(_) => return self.problem("a control character in a string"),
                None => return self.problem("a string that does not end"),
            }
            self.at = plain(self.text.as_bytes(), self.at);
        }
    }

    /// What the string that was just read stands for.
    pub fn unescape(&self, raw: Raw<'t>) -> Result<Cow<'t, str>> {
        if raw.has_escapes { self.unescape_all(raw.text) } else { Ok(Cow::Borrowed(raw.text)) }
    }

    fn unescape_all(&self, raw: &str) -> Result<Cow<'t, str>> {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.bytes().position(|byte| byte == b'\\') {
            text.push_str(rest.get(..at).unwrap_or_default());
            match rest.get(at + 1..).and_then(unescape_one) {
                Some((c, after)) => {
                    text.push(c);
                    rest = after;
                }
                None => return self.problem("a wrong escape in the string before the one"),
            }
        }
        text.push_str(rest);
        Ok(Cow::Owned(text))
    }
}

/// A number by which most names differ.
fn mark(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).copied().map_or(0, usize::from);
    byte(0) + 5 * byte(2) + 11 * name.len()
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
