//! What the objects of a service have in them, as tables: our name of each member, the service's, and how it is read.

use super::{Answer, is_header_value};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::json::Json;
use crate::text::{self, text};

/// The members that are read of an object: our name, the service's, and how it is read. A reader is given `null` where there is
/// none. It gives `null` for what is left out, and nothing for what is wrong.
pub type Members<'m> = &'m [(&'static str, &'static str, fn(&Json) -> Option<Json>)];

/// Reads an object by such a table: one of our names.
///
/// # Errors
/// `ERR_RESPONSE`, naming the member that is missing or wrong.
pub fn read_members(answer: &Answer, row: &Json, wanted: Members) -> Result<Json> {
    let mut members = Vec::new();
    for (ours, theirs, read) in wanted {
        match read(row.get(theirs).unwrap_or(&Json::Null)) {
            Some(Json::Null) => {}
            Some(value) => members.push(((*ours).to_owned(), value)),
            None => return Err(answer.wrong(&text!["JSON whose ", theirs, " is missing or wrong"])),
        }
    }
    Ok(Json::Object(members))
}

/// The same of a list of objects.
///
/// # Errors
/// As [`read_members`].
pub fn read_list(answer: &Answer, rows: &[Json], wanted: Members) -> Result<Json> {
    let mut list = Vec::new();
    for row in rows {
        list.push(read_members(answer, row, wanted)?);
    }
    Ok(Json::List(list))
}

/// A text that names something, so it is not empty.
pub fn id(value: &Json) -> Option<Json> {
    text(value).filter(|id| id.as_str() != Some(""))
}

/// A text.
pub fn text(value: &Json) -> Option<Json> {
    value.as_str().map(Json::from)
}

/// A text that can stand in a header.
pub fn token(value: &Json) -> Option<Json> {
    value.as_str().filter(|text| is_header_value(text)).map(Json::from)
}

/// A text that tells an instant: its milliseconds, of which `values.js` makes a `Date`.
pub fn instant(value: &Json) -> Option<Json> {
    let instant = Timestamp::from_rfc3339(value.as_str()?)?;
    Some(Json::Number(text::digits(instant.as_millis())))
}

/// A boolean.
pub fn flag(value: &Json) -> Option<Json> {
    value.as_bool().map(Json::Bool)
}

/// Texts.
pub fn texts(value: &Json) -> Option<Json> {
    let all = value.as_list()?.iter().all(|item| item.as_str().is_some());
    all.then(|| value.clone())
}

/// A text, or nothing.
pub fn any_text(value: &Json) -> Option<Json> {
    Some(text(value).unwrap_or_default())
}

/// A boolean, or nothing.
pub fn any_flag(value: &Json) -> Option<Json> {
    Some(flag(value).unwrap_or_default())
}

/// Texts, or nothing.
pub fn any_texts(value: &Json) -> Option<Json> {
    Some(texts(value).unwrap_or_default())
}
