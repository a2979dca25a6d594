//! Takes an object that a caller gave apart, and notes what is wrong.

use super::check::{Notes, join};
use super::mark::function_of;
use super::table::{Field, LINE, kind, know, next_field};
use super::{Credential, ParseUrl};
use crate::clock::Span;
use crate::error::{Error, Issue, Result};
use crate::json::Json;
use crate::platform::Url;
use crate::text::{self, text};
use crate::token::Secret;
use std::rc::Rc;

/// The members of an object. Whoever knows what they have to be reads them, by tables or one by one; what is wrong is noted, and
/// [`Fields::finish`] tells it. It is one pointer wide, as it goes through many hands.
pub struct Fields<'p>(Box<State<'p>>);

/// How far the members were read.
pub struct State<'p> {
    given: Rc<Json>,
    path: String,
    known: String,
    notes: Notes<'p>,
}

impl<'p> Fields<'p> {
    /// The members of this object; `what` names it where it is none.
    pub fn new(what: &str, given: Json, parse_url: ParseUrl<'p>) -> Self {
        let allow_http = given.is_set("allowHttp");
        let mut notes = Notes { issues: Vec::new(), parse_url, allow_http, silent: false };
        notes.check_whole(what, &given);
        Fields(Box::new(State { given: Rc::new(given), path: String::new(), known: String::new(), notes }))
    }

    /// The object itself. What is wrong in it stays there, until it is refused.
    pub fn given(&self) -> Rc<Json> {
        Rc::clone(&self.0.given)
    }

    /// Reads the members of a table.
    pub fn read(&mut self, table: &str) {
        let State { given, path, known, notes } = &mut *self.0;
        notes.read(path, given, table, LINE, known);
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
        let State { given, path, known, notes } = &mut *self.0;
        know(known, name);
        notes.member(path, given, &Field { needed, kind, name, more })
    }

    /// What was wrong, and each member that nobody asked for.
    pub fn finish(mut self) -> Vec<Issue> {
        self.0.notes.refuse_others(&self.0.path, &self.0.given, &self.0.known);
        self.issues()
    }

    /// What was wrong so far.
    pub fn issues(mut self) -> Vec<Issue> {
        core::mem::take(&mut self.0.notes.issues)
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

    /// Notes that what stands there is wrong.
    pub fn issue(&mut self, name: &str, message: &str) {
        let path = join(&self.0.path, name);
        self.0.notes.issue(&path, message);
    }

    /// Whether there is such a member.
    pub fn has(&self, name: &str) -> bool {
        self.0.given.get(name).is_some()
    }

    /// What stands there as a string; an empty one for anything else.
    pub fn known_text(&self, name: &str) -> String {
        self.0.given.text(name).to_owned()
    }

    /// Notes that a member is missing, unless it is there and wrong.
    pub fn miss(&mut self, name: &str) {
        if !self.has(name) {
            self.0.notes.miss(name, kind!(Text), "");
        }
    }

    /// A string that is not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        Some(self.value(name, kind!(Text), "")?.as_str()?.to_owned())
    }

    /// A string, or an array of them.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for item in self.value(name, kind!(Texts), "")?.one_or_more() {
            texts.push(item.as_str()?.to_owned());
        }
        Some(texts)
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
        let (mut rest, mut given) = (said, Vec::new());
        while !rest.is_empty() {
            let set = text::take_until(&mut rest, ",");
            let mut names = set;
            while let Some(name) = next_name(&mut names) {
                if self.has(name) {
                    given.push(set);
                    break;
                }
            }
        }
        for set in &given {
            let mut names = *set;
            while let Some(name) = next_name(&mut names) {
                match (self.has(name), given.len() == 1) {
                    (false, true) => self.0.notes.miss(name, kind!(Credential), ""),
                    (true, false) => self.issue(name, &text!["give ", said, ", not both"]),
                    _ => {}
                }
            }
        }
        if given.is_empty() {
            let first = text::take_until(&mut { said }, ",");
            self.issue(first, &text!["is required: give ", said, " (is the environment variable set?)"]);
        }
    }

    /// The credentials among the members of a table. Their texts are taken, and are secrets from here on.
    pub fn credentials(&mut self, table: &str) -> Vec<(String, Credential)> {
        let (mut credentials, mut rest) = (Vec::new(), table);
        let Some(Json::Object(members)) = Rc::get_mut(&mut self.0.given) else { return credentials };
        while let Some(field) = next_field(&mut rest, LINE) {
            for (name, given) in &mut *members {
                match (field.kind, given) {
                    _ if name != field.name => {}
                    (kind!(Credential), given) => credentials.push((name.clone(), credential(given))),
                    (kind!(Credentials), Json::Object(members)) => {
                        for (name, given) in members {
                            credentials.push((name.clone(), credential(given)));
                        }
                    }
                    _ => {}
                }
            }
        }
        credentials
    }

    /// The URL of this text that paths are appended to.
    pub fn base_url(&mut self, name: &str, default: Option<&str>) -> Option<Rc<Url>> {
        let given = Rc::clone(&self.0.given);
        let text = match given.text_of(name).or(default) {
            Some("") => return None,
            Some(text) => text,
            None => {
                self.miss(name);
                return None;
            }
        };
        let wanted =
            "must be an absolute URL, as https://api.example.com (only a page can be relative to its own)";
        let url = self.0.notes.url(name, text, wanted)?;
        if !url.search.is_empty() || text::contains(&url.href, "#") {
            self.issue(name, "must end with its path: paths are appended to it");
        }
        Some(url)
    }
}

/// The next name in a set of them, as it is said.
fn next_name<'t>(set: &mut &'t str) -> Option<&'t str> {
    while !set.is_empty() {
        let word = text::take_until(set, " ");
        if !matches!(word, "" | "or" | "and") {
            return Some(word);
        }
    }
    None
}

fn credential(given: &mut Json) -> Credential {
    match (function_of(given), given) {
        (Some(function), _) => Credential::Ask(function),
        (None, Json::Text(text)) => Credential::Known(Secret::new(core::mem::take(text))),
        // It was refused.
        _ => Credential::Known(Secret::new("")),
    }
}
