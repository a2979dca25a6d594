//! What is wrong with a value that is not as it has to be.

use super::mark::{bigint_of, function_of, is_json, kind_of};
use super::table::{Field, WITHIN, is_among, kind, next_field, words};
use super::{ParseUrl, refuse_url};
use crate::error::issue;
use crate::http::is_header_value;
use crate::json::{self, Json, Value};
use crate::platform::Url;
use crate::text::{self, NO_TEXT, Text, text};
use std::rc::Rc;

/// What was found to be wrong, and what it is judged by.
pub struct Notes<'p> {
    pub(super) issues: Value,
    /// Where what is looked at stands.
    pub(super) path: Text,
    pub(super) parse_url: ParseUrl<'p>,
    pub(super) allow_http: bool,
    /// Where the whole is no object, that is all there is to say of it.
    pub(super) silent: bool,
}

impl Notes<'_> {
    /// Notes that what is looked at is wrong.
    pub fn issue(&mut self, message: &str) {
        if !self.silent {
            self.issues.push(issue(&self.path, message));
        }
    }

    /// Looks at a member of what was looked at. Tells what takes [`Notes::leave`] back there.
    pub fn enter(&mut self, name: &str) -> usize {
        let back = self.path.len();
        if !name.is_empty() {
            text::append(&mut self.path, ".", name);
        }
        back
    }

    /// Looks at what was looked at before.
    pub fn leave(&mut self, back: usize) {
        self.path.truncate(back);
    }

    /// Reads the members of an object; the names of all are known from then on.
    pub fn read(&mut self, object: &Json, table: &str, end: u8, known: &mut Text) {
        let mut rest = table;
        while let Some(field) = next_field(&mut rest, end) {
            text::append(known, ", ", field.name);
            self.member(object, &field);
        }
    }

    /// A member of an object, if it is there and as it has to be.
    pub fn member<'j>(&mut self, object: &'j Json, field: &Field<'_>) -> Option<&'j Json> {
        let back = self.enter(field.name);
        let before = self.count();
        let given = object.get(field.name);
        match given {
            Some(given) => self.check(given, field.kind, field.more),
            None if field.needed => self.miss(field.kind, field.more),
            None => {}
        }
        self.leave(back);
        given.filter(|_| self.count() == before)
    }

    fn count(&self) -> usize {
        self.issues.as_list().map_or(0, Vec::len)
    }

    /// Notes that something is missing.
    pub fn miss(&mut self, kind: char, more: &str) {
        let (said, more) = match kind {
            kind!(Object) => return self.check(&Value::object(), kind, more),
            kind!(Choice) => (": one of ", more),
            kind!(AnyText) => ("; ", more),
            kind!(Credential) => (": is the environment variable set?", ""),
            _ => ("", ""),
        };
        self.issue(&text!["is required", said, more]);
    }

    /// Notes each member of an object that is none of those that are known.
    pub fn refuse_others(&mut self, object: &Json, known: &str) {
        for (name, _) in object.members() {
            if !is_among(known, name) {
                let back = self.enter(name);
                self.issue(&text!["is unknown; known are ", known]);
                self.leave(back);
            }
        }
    }

    /// Notes what is wrong with a value, if anything is.
    pub fn check(&mut self, given: &Json, kind: char, more: &str) {
        let (wanted, mut rule) = words(kind);
        let fits = match kind {
            kind!(Json) => is_json(given),
            kind!(DateOrNever) if given.is("never") => true,
            _ => text::contains(wanted, kind_of(given)),
        };
        if !fits {
            return self.refuse(wanted, given);
        }
        let text = given.as_str().unwrap_or(&NO_TEXT);
        let holds = match kind {
            // These may be empty.
            kind!(AnyText) | kind!(Json) => true,
            kind!(Texts) | kind!(TextsOrNull) => {
                if given.as_list().is_some() {
                    self.each(given, kind!(AnyText), "");
                }
                true
            }
            kind!(Credential) if function_of(given).is_none() => {
                rule = refuse_credential(text).unwrap_or_default();
                rule.is_empty()
            }
            _ if given.is("") => {
                rule = "is empty";
                false
            }
            kind!(Choice) => {
                if !is_among(more, text) {
                    self.issue(&text!["must be one of ", more, ", not \"", text, "\""]);
                }
                true
            }
            kind!(Seconds) | kind!(Count) => {
                let number = given.to_number().unwrap_or(f64::NAN);
                let is_within = is_within(more, number);
                if !is_within {
                    self.issue(&text!["must be from ", more]);
                }
                !is_within || kind == kind!(Seconds) || number.fract() == 0.0
            }
            kind!(BigInt) => bigint_of(given).is_some(),
            kind!(Path) => text.starts_with("/") && !text.starts_with("//"),
            kind!(Pointer) => text.starts_with("/"),
            kind!(HeaderName) => is_header_name(text),
            kind!(HeaderValue) => is_header_value(text),
            kind!(Url) => {
                self.url(text, rule);
                true
            }
            kind!(Origin) => {
                let url = self.url(text, rule);
                url.is_none_or(|url| url.origin == text::without_slash(text))
            }
            kind!(Origins) => {
                self.each(given, kind!(Origin), "");
                true
            }
            kind!(List) => {
                self.each(given, kind!(Object), more);
                true
            }
            kind!(Credentials) => {
                for (name, value) in given.members() {
                    let back = self.enter(name);
                    self.check(value, kind!(Credential), "");
                    self.leave(back);
                }
                !given.members().is_empty()
            }
            kind!(Headers) => {
                for (name, value) in given.members() {
                    let back = self.enter(name);
                    if is_header_name(name) {
                        self.check(value, kind!(HeaderValue), "");
                    } else {
                        self.issue(rule);
                    }
                    self.leave(back);
                }
                true
            }
            kind!(Object) => {
                let mut known = Text::new();
                self.read(given, more, WITHIN, &mut known);
                self.refuse_others(given, &known);
                true
            }
            _ => true,
        };
        if !holds {
            self.issue(rule);
        }
    }

    /// The same of each item of a list.
    fn each(&mut self, items: &Json, kind: char, more: &str) {
        for (at, item) in items.items().enumerate() {
            let back = self.path.len();
            self.path.push_str(&item_of("", at));
            self.check(item, kind, more);
            self.leave(back);
        }
    }

    fn refuse(&mut self, wanted: &str, given: &Json) {
        self.issue(&text!["must be ", wanted, ", not ", kind_of(given)]);
    }

    /// That the whole is an object.
    pub(super) fn check_whole(&mut self, what: &str, given: &Json) {
        if kind_of(given) != "an object" {
            self.path.push_str(what);
            self.refuse("an object", given);
            self.silent = true;
        }
    }

    /// Reads a URL, and notes what is wrong with it: that it is none, or that no credential may be sent there.
    pub fn url(&mut self, text: &str, wanted: &str) -> Option<Rc<Url>> {
        let url = (self.parse_url)(text, None);
        let allow_http = self.allow_http;
        if let Some(message) = url.as_ref().map_or(Some(wanted), |url| refuse_url(url, allow_http)) {
            self.issue(message);
        }
        url
    }
}

/// Whether a number is from the one to the other of these: `"0 to 600 seconds"`.
fn is_within(bounds: &str, number: f64) -> bool {
    let (least, most) = text::split_once(bounds, " to ").unwrap_or_default();
    let most = text::take_until(&mut { most }, b' ');
    let bound = |text| json::number(text).unwrap_or_default();
    (bound(least)..=bound(most)).contains(&number)
}

/// The name of an item of a list.
pub(crate) fn item_of(name: &str, at: usize) -> Text {
    text![name, "[", #at as i64, "]"]
}

/// What is wrong with a credential, if anything is: what no service gives out, and files and environments add.
pub(crate) fn refuse_credential(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("is empty: is the environment variable set?")
    } else if text::all(text, |byte| !matches!(byte, b'\r' | b'\n' | b'\0')) {
        None
    } else {
        Some("has a line break or NUL: trim what was read from a file")
    }
}

/// Whether this is a token of RFC 9110 §5.6.2.
fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text::all(text, |byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
        })
}
