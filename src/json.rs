//! Reads and writes JSON (RFC 8259), strictly and in little code.
//!
//! Why not serde_json, which reads as well: it would be a third of the download. Its parser, the map it fills, and the
//! tables by which it reads and writes floating-point numbers came to 60 KB of the module. The tests hold this reader
//! against it, over everything that they can think of.
//!
//! Stricter than the standard asks, because two readers that disagree are a security hole (RFC 8725 §2): a member that
//! stands twice is refused, and so are numbers beyond a double, half of a surrogate pair, and what is beyond the bounds.

use crate::text;
use core::fmt::Write;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 32;
/// The most members of one object that are read.
pub const MAX_MEMBERS: usize = 1000;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order in which it is written.
    Object(Vec<(String, Json)>),
}

/// What is wrong with a text that is no JSON, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    what: String,
    at: usize,
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} at character {}", self.what, self.at)
    }
}

type Result<T> = core::result::Result<T, Problem>;

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// Where it is not, or breaks a bound.
    pub fn parse(text: &str) -> Result<Json> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// An object of these members.
    pub fn object(members: Vec<(&str, Json)>) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A list of these texts.
    pub fn texts(texts: &[String]) -> Json {
        Json::List(texts.iter().map(|text| Json::from(text.as_str())).collect())
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(given, _)| given == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a JSON pointer (RFC 6901).
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let mut value = self;
        for token in pointer.split('/').skip(1) {
            value = match value {
                Json::List(items) => items.get(token.parse::<usize>().ok()?)?,
                value if token.contains('~') => {
                    value.get(&text::replace(&text::replace(token, "~1", "/"), "~0", "~"))?
                }
                value => value.get(token)?,
            };
        }
        Some(value)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Json]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The number, or the number that a text is.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Json::Number(text) => number(text),
            Json::Text(text) => {
                Json::parse(text).ok().filter(|inner| matches!(inner, Json::Number(_)))?.to_number()
            }
            _ => None,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => write_text(text, out),
            Json::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl core::fmt::Display for Json {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

/// Writes a text as a JSON string.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '.. => out.push(c),
            // Writing into a String cannot fail.
            _ => drop(write!(out, "\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
}

/// The double that a JSON number is nearest to, or next to that: whole numbers of up to 19 digits are as near as can be.
pub fn number(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.trim_start_matches('+').parse().ok()?;
    let (mut digits, mut dropped, mut after_point) = (0u64, 0i32, false);
    for byte in mantissa.bytes() {
        match byte {
            b'.' => after_point = true,
            b'0'..=b'9' => {
                let next = digits.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(byte - b'0')));
                match next {
                    Some(next) if dropped == 0 => {
                        digits = next;
                        exponent = exponent.saturating_sub(i32::from(after_point));
                    }
                    // What no longer fits is beyond a double's precision; only where the point stands still counts.
                    _ => dropped += i32::from(!after_point),
                }
            }
            _ => {}
        }
    }
    let exponent = exponent.saturating_add(dropped);
    let mut value = digits as f64;
    // By steps, as ten to the power of 400 is no double but 1e-90 times that is.
    for _ in 0..exponent.unsigned_abs().min(700) {
        value = if exponent < 0 { value / 10.0 } else { value * 10.0 };
    }
    value.is_finite().then_some(if text.starts_with('-') { -value } else { value })
}

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
    pub fn problem<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(Problem { what: what.into(), at: self.at })
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
                if raw.contains('\\') { self.unescape(raw).map(drop) } else { Ok(()) }
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
                return reader.problem(format!("the member \"{name}\" stands twice,"));
            }
            if names.len() == MAX_MEMBERS {
                return reader.problem(format!("an object of more than {MAX_MEMBERS} members"));
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
            return self.problem(format!("nested more than {MAX_DEPTH} deep,"));
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
        for (offset, byte) in self.text.bytes().enumerate().skip(start) {
            self.at = offset;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at += 1;
                    return Ok(self.text.get(start..offset).unwrap_or_default());
                }
                0..b' ' => return self.problem("a control character in a string"),
                _ => {}
            }
        }
        self.problem("a string that does not end")
    }

    fn unescape(&self, raw: &str) -> Result<String> {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('\\') {
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
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex.then_some((u32::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests;
