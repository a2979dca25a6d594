//! Takes a tree of plain values apart by name, and notes what is wrong.

use super::{ParseUrl, wrong};
use crate::clock::{Span, Timestamp};
use crate::error::{Error, Issue, Result};
use crate::json::Json;
use crate::platform::FunctionId;
use crate::text::{self, text};

mod credentials;
use credentials::item_of;
pub(crate) use credentials::refuse_credential;

/// Starts the name of the one member of an object that stands for a value which JSON does not know: `function` (its
/// number), `bigint` (its digits), `date` (its milliseconds) or `other` (what it is). No configuration has such a name.
const MARK: &str = "\0";

/// A value that JSON does not know, as an object that stands for it.
pub fn marked(kind: &str, value: Json) -> Json {
    Json::Object(vec![(text![MARK, kind], value)])
}

/// What such an object stands for: the kind and the value.
fn unmark(json: &Json) -> Option<(&str, &Json)> {
    match json {
        Json::Object(members) => match members.as_slice() {
            [(name, value)] => name.strip_prefix(MARK).map(|kind| (kind, value)),
            _ => None,
        },
        _ => None,
    }
}

fn of_kind<'j>(json: &'j Json, wanted: &str) -> Option<&'j Json> {
    unmark(json).filter(|(kind, _)| *kind == wanted).map(|(_, value)| value)
}

fn kind(json: &Json) -> &str {
    match (json, unmark(json)) {
        (_, Some(("function", _))) => "a function",
        (_, Some(("bigint", _))) => "a bigint",
        (_, Some(("date", _))) => "a Date",
        (_, Some((_, what))) => what.as_str().unwrap_or_default(),
        (Json::Null, _) => "null",
        (Json::Bool(_), _) => "a boolean",
        (Json::Number(_), _) => "a number",
        (Json::Text(_), _) => "a string",
        (Json::List(_), _) => "an array",
        (Json::Object(_), _) => "an object",
    }
}

/// Whether a value and all that is in it is JSON.
fn is_json(json: &Json) -> bool {
    match json {
        Json::List(items) => items.iter().all(is_json),
        Json::Object(members) => unmark(json).is_none() && members.iter().all(|(_, value)| is_json(value)),
        _ => true,
    }
}

/// The members of an object, taken out one by one. Each method takes one member; a member that is wrong is noted, and
/// something harmless stands in its place until [`Fields::finish`] tells. It is one pointer wide, as it is handed on to whoever
/// knows what the members mean.
pub struct Fields<'p>(Box<State<'p>>);

/// How far the members were read.
pub struct State<'p> {
    path: String,
    members: Vec<(String, Json)>,
    known: Vec<String>,
    issues: Vec<Issue>,
    parse_url: ParseUrl<'p>,
    allow_http: bool,
    /// Where the whole is no object, that is all there is to say of it.
    is_object: bool,
}

impl<'p> core::ops::Deref for Fields<'p> {
    type Target = State<'p>;

    fn deref(&self) -> &State<'p> {
        &self.0
    }
}

impl<'p> core::ops::DerefMut for Fields<'p> {
    fn deref_mut(&mut self) -> &mut State<'p> {
        &mut self.0
    }
}

impl<'p> Fields<'p> {
    /// The members of this object; `what` names it where it is none.
    pub fn new(what: &str, given: Json, parse_url: ParseUrl<'p>) -> Self {
        Fields::at(String::new(), what, given, parse_url)
    }

    /// The members of an object that stands at `path`.
    fn at(path: String, what: &str, given: Json, parse_url: ParseUrl<'p>) -> Self {
        let mut fields = Fields(Box::new(State {
            path,
            members: Vec::new(),
            known: Vec::new(),
            issues: Vec::new(),
            parse_url,
            allow_http: false,
            is_object: true,
        }));
        match given {
            Json::Object(members) if !members.iter().any(|(name, _)| name.starts_with(MARK)) => {
                fields.members = members
            }
            other => {
                fields.is_object = false;
                fields.issues.push(wrong(what, &text!["must be an object, not ", kind(&other)]));
            }
        }
        fields
    }

    /// Where a member stands.
    fn path_of(&self, name: &str) -> String {
        let dot = if self.path.is_empty() || name.is_empty() { "" } else { "." };
        text![self.path, dot, name]
    }

    /// What was wrong so far.
    pub fn issues(mut self) -> Vec<Issue> {
        core::mem::take(&mut self.issues)
    }

    /// What was wrong, and each member that nobody asked for.
    pub fn finish(mut self) -> Vec<Issue> {
        for (name, _) in core::mem::take(&mut self.members) {
            let known = text::join(&self.known, ", ");
            self.issue(&name, &text!["is unknown; known are ", known]);
        }
        self.issues()
    }

    /// That nothing was wrong.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming each member that was.
    pub fn done(self) -> Result<()> {
        match self.finish() {
            issues if issues.is_empty() => Ok(()),
            issues => Err(Error::config(issues)),
        }
    }

    /// Notes that a member is wrong; without a name, that the whole is.
    pub fn issue(&mut self, name: &str, message: &str) {
        if self.is_object {
            let issue = wrong(&self.path_of(name), message);
            self.issues.push(issue);
        }
    }

    /// A member, which stays.
    fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(given, _)| given == name).map(|(_, field)| field)
    }

    /// Whether there is such a member.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What stands there as a string, which stays; an empty one for anything else.
    pub fn known_text(&self, name: &str) -> String {
        self.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.to_owned());
        }
        let at = self.members.iter().position(|(given, _)| given == name)?;
        Some(self.members.swap_remove(at).1)
    }

    /// Takes a member whose kind is named in what is wanted.
    fn take_as(&mut self, name: &str, wanted: &str) -> Option<Json> {
        let given = self.take(name)?;
        if text::contains(wanted, kind(&given)) {
            return Some(given);
        }
        self.refuse(name, wanted, &given);
        None
    }

    fn refuse(&mut self, name: &str, wanted: &str, given: &Json) {
        self.issue(name, &text!["must be ", wanted, ", not ", kind(given)]);
    }

    fn require<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.miss(name);
        }
        value
    }

    /// Notes that a member is missing, unless it is there and wrong.
    pub fn miss(&mut self, name: &str) {
        let path = self.path_of(name);
        if !self.issues.iter().any(|issue| issue.path.starts_with(&path)) {
            self.issue(name, "is required");
        }
    }

    /// A string that is not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.any_text(name)?;
        if text.is_empty() {
            self.issue(name, "is empty");
            return None;
        }
        Some(text)
    }

    /// A string that may be empty.
    pub fn any_text(&mut self, name: &str) -> Option<String> {
        let Json::Text(text) = self.take_as(name, "a string")? else { return None };
        Some(text)
    }

    /// A string that has to be there.
    pub fn required_text(&mut self, name: &str) -> String {
        let text = self.text(name);
        self.require(name, text).unwrap_or_default()
    }

    /// A string, or an array of them.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let wanted = "a string or an array of strings";
        let given = self.take_as(name, wanted)?;
        let mut texts = Vec::new();
        for item in given.as_list().unwrap_or(core::slice::from_ref(&given)) {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    self.refuse(name, wanted, &given);
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// One of these strings.
    pub fn choice<'c>(&mut self, name: &str, choices: &[&'c str]) -> Option<&'c str> {
        let text = self.text(name)?;
        for choice in choices {
            if *choice == text {
                return Some(choice);
            }
        }
        self.issue(name, &text!["must be one of ", text::join(choices, ", "), ", not \"", text, "\""]);
        None
    }

    /// One of these strings, which has to be there.
    pub fn required_choice<'c>(&mut self, name: &str, choices: &[&'c str]) -> Option<&'c str> {
        let choice = self.choice(name, choices);
        if choice.is_none() && self.issues.is_empty() {
            self.issue(name, &text!["is required: one of ", text::join(choices, ", ")]);
        }
        choice
    }

    /// A boolean.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.take_as(name, "a boolean")?.as_bool()
    }

    /// A number of seconds within bounds.
    pub fn number(&mut self, name: &str, least: f64, most: f64) -> Option<f64> {
        self.bounded(name, least, most, " seconds")
    }

    fn bounded(&mut self, name: &str, least: f64, most: f64, unit: &str) -> Option<f64> {
        let number = self.take_as(name, "a number")?.to_number()?;
        if (least..=most).contains(&number) {
            return Some(number);
        }
        let least = (least * 1000.0) as i64;
        let least = if least % 1000 == 0 {
            text::digits(least / 1000)
        } else {
            text!["0.", text::digits(1000 + least).get(1..).unwrap_or_default()]
        };
        self.issue(name, &text!["must be from ", least, " to ", text::digits(most as i64), unit]);
        None
    }

    /// A length of time in seconds.
    pub fn seconds(&mut self, name: &str, least: f64, most: f64) -> Option<Span> {
        self.number(name, least, most).map(Span::from_seconds_f64)
    }

    /// A whole number from 0.
    pub fn count(&mut self, name: &str, most: u32) -> Option<u32> {
        let number = self.bounded(name, 0.0, most.into(), "")?;
        if number.fract() != 0.0 {
            self.issue(name, "must be a whole number");
            return None;
        }
        Some(number as u32)
    }

    /// An instant.
    pub fn date(&mut self, name: &str) -> Option<Timestamp> {
        let given = self.take_as(name, "a Date")?;
        let (_, millis) = unmark(&given)?;
        Some(Timestamp::from_millis(millis.to_number()? as i64))
    }

    /// An instant, or this word for none.
    pub fn date_or(&mut self, name: &str, word: &str) -> Option<Option<Timestamp>> {
        if self.get(name).and_then(Json::as_str) == Some(word) {
            self.take(name);
            return Some(None);
        }
        self.date(name).map(Some)
    }

    /// A bigint of 64 bits.
    pub fn bigint(&mut self, name: &str) -> Option<i64> {
        let given = self.take_as(name, "a bigint, as 5n");
        let given = self.require(name, given)?;
        let number = unmark(&given).and_then(|(_, digits)| text::whole(digits.as_str()?));
        if number.is_none() {
            self.issue(name, "must fit in 64 bits");
        }
        number
    }

    /// The members of an array of objects, each read by `read`.
    pub fn list<T>(&mut self, name: &str, mut read: impl FnMut(&mut Fields<'p>) -> T) -> Option<Vec<T>> {
        let mut values = Vec::new();
        for item in self.take_as(name, "an array")?.take_items() {
            let name = item_of(name, values.len());
            let mut fields = self.object(&name, item);
            values.push(read(&mut fields));
            self.leave(fields);
        }
        Some(values)
    }

    /// Whether a member is there and is `null`, which is then taken.
    pub fn null(&mut self, name: &str) -> bool {
        self.get(name) == Some(&Json::Null) && self.take(name).is_some()
    }

    /// A function.
    pub fn function(&mut self, name: &str) -> Option<FunctionId> {
        function(&self.take_as(name, "a function")?)
    }

    /// A function that has to be there.
    pub fn required_function(&mut self, name: &str) -> FunctionId {
        let function = self.function(name);
        self.require(name, function).unwrap_or(FunctionId(0))
    }

    /// Any JSON.
    pub fn json(&mut self, name: &str) -> Option<Json> {
        let given = self.take(name)?;
        if is_json(&given) {
            return Some(given);
        }
        self.refuse(name, "JSON", &given);
        None
    }

    /// The members of an object in this one, none if it is missing. Once they were read, [`Fields::leave`] is told.
    pub fn enter(&mut self, name: &str) -> Fields<'p> {
        let field = self.take(name).unwrap_or_else(|| Json::Object(Vec::new()));
        self.object(name, field)
    }

    /// The members of an object in this one.
    fn object(&self, name: &str, given: Json) -> Fields<'p> {
        let path = self.path_of(name);
        Fields::at(path.clone(), &path, given, self.parse_url)
    }

    /// Notes what was wrong in an object in this one.
    pub fn leave(&mut self, inner: Fields<'p>) {
        for issue in inner.finish() {
            self.issues.push(issue);
        }
    }
}

fn function(json: &Json) -> Option<FunctionId> {
    of_kind(json, "function")?.to_number().map(|number| FunctionId(number as usize))
}
