//! Takes an object that a caller gave apart, and notes what is wrong.

use super::check::Notes;
use super::mark::function_of;
use super::table::{Field, LINE, kind, next_field};
use super::{Credential, ParseUrl};
use crate::clock::Span;
use crate::error::{Error, Result};
use crate::json::{Json, Value};
use crate::platform::Url;
use crate::text::{self, Text, text};
use crate::token::Secret;
use std::rc::Rc;

/// The members of an object. Whoever knows what they have to be reads them, by tables or one by one; what is wrong is noted, and
/// [`Fields::finish`] tells it. It is one pointer wide, as it goes through many hands.
pub struct Fields<'p>(Box<State<'p>>);

/// How far the members were read.
pub struct State<'p> {
    given: Rc<Value>,
    known: Text,
    notes: Notes<'p>,
}

impl<'p> Fields<'p> {
    /// The members of this object; `what` names it where it is none.
    pub fn new(what: &str, given: Value, parse_url: ParseUrl<'p>) -> Self {
        let allow_http = given.is_set("allowHttp");
        let mut notes =
            Notes { issues: Value::list(), path: Text::new(), parse_url, allow_http, silent: false };
        notes.check_whole(what, &given);
        Fields(Box::new(State { given: Rc::new(given), known: Text::new(), notes }))
    }

    /// The object itself. What is wrong in it stays there, until it is refused.
    pub fn given(&self) -> Rc<Value> {
        Rc::clone(&self.0.given)
    }

    /// Reads the members of a table.
    pub fn read(&mut self, table: &str) {
        let State { given, known, notes } = &mut *self.0;
        notes.read(given, table, LINE, known);
    }

    /// A member that may be there, and has to be of this [`kind`].
    fn value(&mut self, name: &str, kind: char, more: &str) -> Option<&Json> {
        self.member(name, kind, more, false)
    }

    /// A member that has to be there.
    pub(super) fn needed(&mut self, name: &str, kind: char, more: &str) -> Option<&Json> {
        self.member(name, kind, more, true)
    }

    fn member(&mut self, name: &str, kind: char, more: &str, needed: bool) -> Option<&Json> {
        let State { given, known, notes } = &mut *self.0;
        text::append(known, ", ", name);
        notes.member(given, &Field { needed, kind, name, more })
    }

    /// What was wrong, and each member that nobody asked for.
    pub fn finish(mut self) -> Value {
        self.0.notes.refuse_others(&self.0.given, &self.0.known);
        self.issues()
    }

    /// What was wrong so far.
    pub fn issues(mut self) -> Value {
        core::mem::take(&mut self.0.notes.issues)
    }

    /// That nothing was wrong.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming each member that was.
    pub fn done(self) -> Result<()> {
        let issues = self.finish();
        if issues.item(0).is_none() { Ok(()) } else { Err(Error::config(issues)) }
    }

    /// Notes that what stands there is wrong.
    pub fn issue(&mut self, name: &str, message: &str) {
        let notes = &mut self.0.notes;
        let back = notes.enter(name);
        notes.issue(message);
        notes.leave(back);
    }

    /// Whether there is such a member.
    pub fn has(&self, name: &str) -> bool {
        self.0.given.get(name).is_some()
    }

    /// What stands there as a string; an empty one for anything else.
    pub fn known_text(&self, name: &str) -> Text {
        self.0.given.text(name).into()
    }

    /// Notes that a member is missing, unless it is there and wrong.
    pub fn miss(&mut self, name: &str) {
        self.miss_one(name, kind!(Text));
    }

    fn miss_one(&mut self, name: &str, kind: char) {
        if !self.has(name) {
            let notes = &mut self.0.notes;
            let back = notes.enter(name);
            notes.miss(kind, "");
            notes.leave(back);
        }
    }

    /// A string that is not empty.
    pub fn text(&mut self, name: &str) -> Option<Text> {
        Some(self.value(name, kind!(Text), "")?.as_str()?.into())
    }

    /// A boolean.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.value(name, kind!(Flag), "")?.as_bool()
    }

    /// A length of time within bounds: `"0 to 600 seconds"`.
    pub fn seconds(&mut self, name: &str, bounds: &str) -> Option<Span> {
        self.value(name, kind!(Seconds), bounds)?.to_number().map(Span::from_seconds_f64)
    }

    /// That exactly one of these sets of credentials is there, and no half of it: `"apiKey, or email and password"`.
    pub fn one_of(&mut self, said: &str) {
        let (mut rest, mut count) = (said, 0);
        while !rest.is_empty() {
            count += u32::from(self.has_any(text::take_until(&mut rest, b',')));
        }
        if count == 0 {
            let first = text::take_until(&mut { said }, b',');
            self.issue(first, &text!["is required: give ", said, " (is the environment variable set?)"]);
        }
        rest = said;
        while !rest.is_empty() {
            let mut set = text::take_until(&mut rest, b',');
            let is_the_one = count == 1 && self.has_any(set);
            while !set.is_empty() {
                let name = text::take_until(&mut set, b' ');
                match self.has(name) {
                    _ if !is_name(name) => {}
                    true if count > 1 => self.issue(name, &text!["give ", said, ", not both"]),
                    false if is_the_one => self.miss_one(name, kind!(Credential)),
                    _ => {}
                }
            }
        }
    }

    fn has_any(&self, names: &str) -> bool {
        text::any(names, |name| is_name(name) && self.has(name))
    }

    /// The credentials among the members of a table. Their texts are taken, and are secrets from here on.
    pub fn credentials(&mut self, table: &str) -> Vec<(Text, Credential)> {
        let (mut credentials, mut rest) = (Vec::new(), table);
        let Some(given) = Rc::get_mut(&mut self.0.given) else { return credentials };
        while let Some(field) = next_field(&mut rest, LINE) {
            for member in given.members_mut() {
                let given = match (field.kind, member) {
                    (_, (name, _)) if name != field.name => continue,
                    (kind!(Credential), member) => core::slice::from_mut(member),
                    (kind!(Credentials), (_, members)) => members.members_mut(),
                    _ => continue,
                };
                for (name, given) in given {
                    credentials.push((name.clone(), credential(given)));
                }
            }
        }
        credentials
    }

    /// The URL of this text that paths are appended to.
    pub fn base_url(&mut self, name: &str, default: Option<&str>) -> Option<Rc<Url>> {
        let given = Rc::clone(&self.0.given);
        let text = match given.text_of(name).map(String::as_str).or(default) {
            Some("") => return None,
            Some(text) => text,
            None => {
                self.miss(name);
                return None;
            }
        };
        let wanted =
            "must be an absolute URL, as https://api.example.com (only a page can be relative to its own)";
        let notes = &mut self.0.notes;
        let back = notes.enter(name);
        let url = notes.url(text, wanted);
        notes.leave(back);
        let url = url?;
        if !url.search.is_empty() || text::contains(&url.href, "#") {
            self.issue(name, "must end with its path: paths are appended to it");
        }
        Some(url)
    }
}

fn credential(given: &mut Json) -> Credential {
    match (function_of(given), given) {
        (Some(function), _) => Credential::Ask(function),
        (None, Json::Text(text)) => Credential::Known(Secret::new(core::mem::take(text))),
        // It was refused.
        _ => Credential::Known(Secret::new("")),
    }
}

/// Whether a word of those that say which credentials there are is the name of one.
fn is_name(word: &str) -> bool {
    !matches!(word, "" | "or" | "and")
}
