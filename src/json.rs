//! Reads and writes JSON (RFC 8259), strictly and in little code.
//!
//! Why not serde_json, which reads as well: it would be a third of the download. Its parser, the map it fills, and the
//! tables by which it reads and writes floating-point numbers came to 60 KB of the module. The tests hold this reader
//! against it, over everything that they can think of.
//!
//! Stricter than the standard asks, because two readers that disagree are a security hole (RFC 8725 §2): a member that
//! stands twice is refused, and so are numbers beyond a double, half of a surrogate pair, and what is beyond the bounds.

mod reader;
mod writer;

pub use writer::{Writer, separate, write_name, write_text};

use crate::text::{self, NO_TEXT, Text};
use latchkey_scan::json as scan;
use reader::Reader;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 32;
/// The most members of one object that are read.
pub const MAX_MEMBERS: usize = 1000;

/// What is referred to where there is nothing of the kind. These and what else is given as `&Vec` or `&String` would be a slice if
/// that were one pointer wide as well.
pub(crate) static NO_LIST: Json = Json::List(Vec::new());
pub(crate) static NO_ITEMS: Vec<Value> = Vec::new();
static NO_MEMBERS: Vec<(Text, Value)> = Vec::new();

/// A JSON value, as it is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
#[repr(u32)]
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
    List(Vec<Value>),
    /// An object, in the order in which it is written.
    Object(Vec<(Text, Value)>),
}

/// A JSON value, as it is kept and handed on: one pointer wide, for the reasons of [`Text`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value(Box<Json>);

impl Value {
    /// An array that has no items yet.
    pub fn list() -> Self {
        Json::List(Vec::new()).into()
    }

    /// An object that has no members yet.
    pub fn object() -> Self {
        Json::Object(Vec::new()).into()
    }

    /// The object with this member.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.set(name, value);
        self
    }
}

impl From<Json> for Value {
    #[inline(never)]
    fn from(json: Json) -> Self {
        Value(Box::new(json))
    }
}

impl core::ops::Deref for Value {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.0
    }
}

impl core::ops::DerefMut for Value {
    fn deref_mut(&mut self) -> &mut Json {
        &mut self.0
    }
}

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// What is wrong, and where, if it is not or breaks a bound.
    pub fn parse(text: &str) -> Result<Value, Text> {
        Json::parse_closely(text, &|_| true)
    }

    /// The same of an object, of which these members are wanted: the others are only looked through.
    ///
    /// # Errors
    /// As [`Json::parse`].
    pub fn parse_for(text: &str, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Value, Text> {
        let mut read = Value::object();
        let is_plain = scan::object(text.as_bytes(), MAX_DEPTH, &mut |name, value| {
            if wanted(name)
                && let (Ok(name), Some(value)) = (core::str::from_utf8(name), text.get(value))
            {
                read.set(name, Json::parse(value).unwrap_or_default());
            }
        });
        if is_plain { Ok(read) } else { Json::parse_closely(text, wanted) }
    }

    /// The same, where it is known that the object is not plain, or wrong.
    ///
    /// # Errors
    /// As [`Json::parse`].
    pub fn parse_closely(text: &str, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Value, Text> {
        Reader::new(text, wanted).whole()
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => {
                members.iter().find(|(given, _)| given == name).map(|(_, value)| &**value)
            }
            _ => None,
        }
    }

    /// The member of this name that is a text; an empty one where there is none.
    pub fn text(&self, name: &str) -> &String {
        self.text_of(name).unwrap_or(&NO_TEXT)
    }

    /// Whether the member of this name is this text, or there is none and that is empty.
    pub fn says(&self, name: &str, text: &str) -> bool {
        self.text(name) == text
    }

    /// The items of the member of this name that is a list; none where it is none.
    pub fn list(&self, name: &str) -> &Vec<Value> {
        self.get(name).and_then(Json::as_list).unwrap_or(&NO_ITEMS)
    }

    /// The value at a JSON pointer (RFC 6901).
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let (mut value, mut rest) = (self, pointer);
        text::take_until(&mut rest, b'/');
        for _ in pointer.bytes().filter(|byte| *byte == b'/') {
            let token = text::take_until(&mut rest, b'/');
            value = match value {
                Json::List(items) => items.get(text::natural(token)? as usize)?,
                value => value.get(&text::replace(&text::replace(token, "~1", "/"), "~0", "~"))?,
            };
        }
        Some(value)
    }

    /// The members of an object.
    pub fn members(&self) -> &Vec<(Text, Value)> {
        match self {
            Json::Object(members) => members,
            _ => &NO_MEMBERS,
        }
    }

    /// The same, to be changed.
    pub fn members_mut(&mut self) -> &mut [(Text, Value)] {
        match self {
            Json::Object(members) => members,
            _ => &mut [],
        }
    }

    /// Sets a member of an object.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Json::Object(members) = self {
            for (given, old) in members.iter_mut() {
                if given == name {
                    *old = value;
                    return;
                }
            }
            members.push((name.into(), value));
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&String> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// Whether it is this text.
    pub fn is(&self, text: &str) -> bool {
        self.as_str().is_some_and(|own| own == text)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of this member, if it is one.
    pub fn text_of(&self, name: &str) -> Option<&String> {
        self.get(name)?.as_str()
    }

    /// Whether this member is `true`.
    pub fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Json::Bool(true)))
    }

    /// A copy, as a value of its own.
    pub fn own(&self) -> Value {
        self.clone().into()
    }

    /// The item at this place of a list; what is no list is the only one of its own.
    pub fn item(&self, at: usize) -> Option<&Json> {
        match self {
            Json::List(items) => items.get(at).map(|item| &**item),
            one => Some(one).filter(|_| at == 0),
        }
    }

    /// All of them.
    pub fn items(&self) -> impl Iterator<Item = &Json> {
        (0..).map_while(|at| self.item(at))
    }

    /// Adds an item to a list.
    pub fn push(&mut self, item: Value) {
        if let Json::List(items) = self {
            items.push(item);
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&Vec<Value>> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list, taken out of it.
    pub fn take_items(&mut self) -> Vec<Value> {
        match self {
            Json::List(items) => core::mem::take(items),
            _ => Vec::new(),
        }
    }

    /// Has this done to each text that is a value in it.
    pub fn each_text(&mut self, change: &dyn Fn(&str) -> Text) {
        match self {
            Json::Text(text) => *text = change(text).into_string(),
            Json::List(items) => {
                for item in items {
                    item.each_text(change);
                }
            }
            Json::Object(members) => {
                for (_, value) in members {
                    value.each_text(change);
                }
            }
            _ => {}
        }
    }

    /// The number, or the number that a text is, whatever ASCII calls white space around it.
    pub fn to_number(&self) -> Option<f64> {
        let text = match self {
            Json::Number(text) | Json::Text(text) => text.trim_ascii(),
            _ => return None,
        };
        let (end, kind) = scan::number(text.as_bytes(), 0);
        number(text).filter(|_| end == text.len() && kind != scan::Number::Wrong)
    }

    /// Its text.
    pub fn to_text(&self) -> Text {
        let mut out = Text::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Text) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => out.push_str(text),
            Json::Text(text) => write_text(text, out),
            Json::List(items) => {
                out.push('[');
                for item in items {
                    separate(out);
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (name, value) in members {
                    write_name(name, out);
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Json::Text(text.to_owned()).into()
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Value {
        Json::Text(text.into_string()).into()
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        text.as_str().into()
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Json::Bool(value).into()
    }
}

/// From here on, 64 bits may not hold one more digit.
const FULL: u64 = 1_000_000_000_000_000_000;
/// An exponent that no text has digits enough to make up for.
const FAR: i64 = 1 << 40;
/// The most places that a step goes: a double holds that power of ten exactly, and one step is enough for all but strange numbers.
const STEP: u64 = 22;

/// The double that a JSON number is nearest to, for whole numbers of up to 19 digits, and for up to 15 digits and 22 places
/// after the point; for others one close to that. Nothing if it is beyond a double.
pub fn number(text: &str) -> Option<f64> {
    let (mut digits, mut exponent, mut after_point) = (0_u64, 0, 0);
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        at += 1;
        match byte {
            b'.' => after_point = 1,
            b'0'..=b'9' if digits < FULL => {
                digits = digits * 10 + u64::from(byte - b'0');
                exponent -= after_point;
            }
            // It is beyond a double's precision; only where the point stands still counts.
            b'0'..=b'9' => exponent += 1 - after_point,
            b'e' | b'E' => {
                let written = text.get(at..).unwrap_or_default();
                let far = if written.starts_with("-") { -FAR } else { FAR };
                let written = text::whole(written.strip_prefix("+").unwrap_or(written));
                exponent += written.unwrap_or(far).clamp(-FAR, FAR);
                break;
            }
            _ => {}
        }
    }
    let (mut value, mut power) = (digits as f64, 1.0);
    for places in (0..exponent.unsigned_abs().min(700)).rev() {
        power *= 10.0;
        if places % STEP == 0 {
            value = if exponent < 0 { value / power } else { value * power };
            power = 1.0;
        }
    }
    value.is_finite().then_some(if text.starts_with("-") { -value } else { value })
}

#[cfg(test)]
mod tests;
