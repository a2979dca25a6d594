//! Values that JSON does not know, as objects that stand for them.

use crate::clock::Timestamp;
use crate::json::{Json, Value};
use crate::platform::FunctionId;
use crate::text::{self, NO_TEXT, text};

/// Starts the name of the one member of an object that stands for a value which JSON does not know: `function` (its
/// number), `bigint` (its digits), `date` (its milliseconds, and it as RFC 3339 has it), `store` (whether it leases) or
/// `other` (what it is). No configuration has such a name.
const MARK: &str = "\0";

/// A value that JSON does not know, as an object that stands for it.
pub fn marked(kind: &str, value: Value) -> Value {
    Value::object().with(&text![MARK, kind], value)
}

/// What such an object stands for: the kind and the value.
fn unmark(json: &Json) -> Option<(&str, &Json)> {
    match json.members().as_slice() {
        [(name, value)] => name.strip_prefix(MARK).map(|kind| (kind, &**value)),
        _ => None,
    }
}

/// The value that an object stands for, whatever its kind.
pub(crate) fn value_of(json: &Json) -> Option<&Json> {
    unmark(json).map(|(_, value)| value)
}

/// The function that an object stands for.
pub(crate) fn function_of(json: &Json) -> Option<FunctionId> {
    match unmark(json)? {
        ("function", number) => number.to_number().map(|number| FunctionId(number as usize)),
        _ => None,
    }
}

/// The instant that an object stands for, which was found to be one.
pub(crate) fn instant_of(json: &Json) -> Option<Timestamp> {
    Some(Timestamp::from_millis(value_of(json)?.as_list()?.first()?.to_number()? as i64))
}

/// The same as RFC 3339 has it, in UTC and with milliseconds; nothing beyond the years of four digits.
pub(crate) fn written_of(json: &Json) -> Option<&String> {
    // The year of any other has a sign, and two digits more.
    value_of(json)?.as_list()?.last()?.as_str().filter(|written| written.len() == 24)
}

/// The number of 64 bits that an object stands for, which was found to be one.
pub(crate) fn bigint_of(json: &Json) -> Option<i64> {
    text::whole(value_of(json)?.as_str()?)
}

/// What is said of the kinds that are known; of any other, the value says it.
const KINDS: &str = "function:a function\nbigint:a bigint\ndate:a Date\nstore:a TokenStore";

pub(super) fn kind_of(json: &Json) -> &str {
    if let Some((kind, value)) = unmark(json) {
        return text::entry(KINDS, kind).unwrap_or(value.as_str().unwrap_or(&NO_TEXT));
    }
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::Text(_) => "a string",
        Json::List(_) => "an array",
        Json::Object(_) => "an object",
    }
}

/// Whether a value and all that is in it is JSON.
pub(super) fn is_json(json: &Json) -> bool {
    match json {
        Json::List(items) => items.iter().all(|item| is_json(item)),
        Json::Object(members) => unmark(json).is_none() && members.iter().all(|(_, value)| is_json(value)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_the_years_of_four_digits() {
        for (millis, written, is_told) in [
            ("-62167219200001", "-000001-12-31T23:59:59.999Z", false),
            ("-62167219200000", "0000-01-01T00:00:00.000Z", true),
            ("253402300799999", "9999-12-31T23:59:59.999Z", true),
            ("253402300800000", "+010000-01-01T00:00:00.000Z", false),
        ] {
            let said = vec![Json::Number(millis.into()).into(), written.into()];
            let date = marked("date", Json::List(said).into());
            assert_eq!(instant_of(&date), Some(Timestamp::from_millis(millis.parse().unwrap())));
            assert_eq!(written_of(&date).map(String::as_str), is_told.then_some(written));
        }
    }
}
