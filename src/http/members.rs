//! What the objects of a service have in them, as tables: the names of each member, and how it is read.

use super::{Answer, is_header_value};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::json::{Json, Value};
use crate::text::{self, text};

/// A member that is read of an object: our name, those of the service, each behind a slash, unless ours is its name as well; and
/// how it is read. A reader is given `null` where there is none. It gives `null` for what is left out, and nothing for what is wrong.
pub type Member = (&'static str, fn(&Json) -> Option<Value>);

/// Reads an object by such a table: one of our names.
///
/// # Errors
/// `ERR_RESPONSE`, naming the member that is missing or wrong.
pub fn read_members(answer: &Answer, row: &Json, wanted: &[Member]) -> Result<Value> {
    read_row(row, wanted)
        .map_err(|theirs| answer.wrong(&text!["JSON whose ", theirs, " is missing or wrong"]))
}

/// The same; if that fails, it tells the name of the member.
pub fn read_row(row: &Json, wanted: &[Member]) -> core::result::Result<Value, &'static str> {
    let mut members = Value::object();
    for (names, read) in wanted {
        let mut theirs = *names;
        let ours = text::take_until(&mut theirs, b'/');
        if theirs.is_empty() {
            theirs = ours;
        }
        let (mut names, mut given) = (theirs, None);
        while given.is_none() && !names.is_empty() {
            given = row.get(text::take_until(&mut names, b'/'));
        }
        match read(given.unwrap_or(&Json::Null)) {
            Some(value) if value.is_null() => {}
            Some(value) => members.set(ours, value),
            None => return Err(theirs),
        }
    }
    Ok(members)
}

/// A text that names something, so it is not empty.
pub fn id(value: &Json) -> Option<Value> {
    text(value).filter(|id| !id.is(""))
}

/// A text.
pub fn text(value: &Json) -> Option<Value> {
    value.as_str().map(Value::from)
}

/// A text that can stand in a header.
pub fn token(value: &Json) -> Option<Value> {
    value.as_str().filter(|text| is_header_value(text)).map(Value::from)
}

/// A text that tells an instant: its milliseconds, of which `values.js` makes a `Date`.
pub fn instant(value: &Json) -> Option<Value> {
    let instant = Timestamp::from_rfc3339(value.as_str()?)?;
    Some(Json::Number(text::digits(instant.as_millis()).into_string()).into())
}

/// A boolean.
pub fn flag(value: &Json) -> Option<Value> {
    value.as_bool().map(Value::from)
}

/// Texts.
pub fn texts(value: &Json) -> Option<Value> {
    let all = value.as_list()?.iter().all(|item| item.as_str().is_some());
    all.then(|| value.own())
}

/// A text, or nothing.
pub fn any_text(value: &Json) -> Option<Value> {
    Some(text(value).unwrap_or_default())
}

/// A boolean, or nothing.
pub fn any_flag(value: &Json) -> Option<Value> {
    Some(flag(value).unwrap_or_default())
}

/// Texts, or nothing.
pub fn any_texts(value: &Json) -> Option<Value> {
    Some(texts(value).unwrap_or_default())
}
