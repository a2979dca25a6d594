//! What is wrong with a value that is not as it has to be.

use super::mark::{bigint_of, function_of, is_json, kind_of};
use super::table::{Field, WITHIN, is_among, kind, next_field, words};
use super::{ParseUrl, refuse_url};
use crate::error::Issue;
use crate::http::is_header_value;
use crate::json::{self, Json};
use crate::platform::Url;
use crate::text::{self, text};
use std::rc::Rc;

/// What was found to be wrong, and what it is judged by.
pub struct Notes<'p> {
    pub(super) issues: Vec<Issue>,
    pub(super) parse_url: ParseUrl<'p>,
    pub(super) allow_http: bool,
    /// Where the whole is no object, that is all there is to say of it.
    pub(super) silent: bool,
}

impl Notes<'_> {
    /// Notes that what stands there is wrong.
    pub fn issue(&mut self, path: &str, message: &str) {
        if !self.silent {
            self.issues.push(Issue { path: path.into(), message: message.into() });
        }
    }

    /// Reads the members of the object at this path; the names of all are known from then on.
    pub fn read(&mut self, path: &str, object: &Json, table: &str, end: &str, known: &mut String) {
        let mut rest = table;
        while let Some(field) = next_field(&mut rest, end) {
            text::append(known, ", ", field.name);
            self.member(path, object, &field);
        }
    }

    /// A member of the object at this path, if it is there and as it has to be.
    pub fn member<'j>(&mut self, path: &str, object: &'j Json, field: &Field<'_>) -> Option<&'j Json> {
        let path = join(path, field.name);
        let before = self.issues.len();
        let given = object.get(field.name);
        match given {
            Some(given) => self.check(&path, given, field.kind, field.more),
            None if field.needed => self.miss(&path, field.kind, field.more),
            None => {}
        }
        given.filter(|_| self.issues.len() == before)
    }

    /// Notes that something is missing.
    pub fn miss(&mut self, path: &str, kind: char, more: &str) {
        let (said, more) = match kind {
            kind!(Object) => return self.check(path, &Json::Object(Vec::new()), kind, more),
            kind!(Choice) => (": one of ", more),
            kind!(AnyText) => ("; ", more),
            kind!(Credential) => (": is the environment variable set?", ""),
            _ => ("", ""),
        };
        self.issue(path, &text!["is required", said, more]);
    }

    /// Notes each member of the object at this path that is none of those that are known.
    pub fn refuse_others(&mut self, path: &str, object: &Json, known: &str) {
        for (name, _) in object.members() {
            if !is_among(known, name) {
                self.issue(&join(path, name), &text!["is unknown; known are ", known]);
            }
        }
    }

    /// Notes what is wrong with a value, if anything is.
    pub fn check(&mut self, path: &str, given: &Json, kind: char, more: &str) {
        let (wanted, mut rule) = words(kind);
        let fits = match kind {
            kind!(Json) => is_json(given),
            kind!(DateOrNever) if given.as_str() == Some("never") => true,
            _ => text::contains(wanted, kind_of(given)),
        };
        if !fits {
            return self.refuse(path, wanted, given);
        }
        let text = given.as_str().unwrap_or_default();
        let holds = match kind {
            // These may be empty.
            kind!(AnyText) | kind!(Json) => true,
            kind!(Texts) | kind!(TextsOrNull) => {
                self.each(path, given.as_list().unwrap_or_default(), kind!(AnyText), "");
                true
            }
            kind!(Credential) if function_of(given).is_none() => {
                rule = refuse_credential(text).unwrap_or_default();
                rule.is_empty()
            }
            _ if matches!(given.as_str(), Some("")) => {
                rule = "is empty";
                false
            }
            kind!(Choice) => {
                if !is_among(more, text) {
                    self.issue(path, &text!["must be one of ", more, ", not \"", text, "\""]);
                }
                true
            }
            kind!(Seconds) | kind!(Count) => {
                let number = given.to_number().unwrap_or(f64::NAN);
                let is_within = is_within(more, number);
                if !is_within {
                    self.issue(path, &text!["must be from ", more]);
                }
                !is_within || kind == kind!(Seconds) || number.fract() == 0.0
            }
            kind!(BigInt) => bigint_of(given).is_some(),
            kind!(Path) => text.starts_with("/") && !text.starts_with("//"),
            kind!(Pointer) => text.starts_with("/"),
            kind!(HeaderName) => is_header_name(text),
            kind!(HeaderValue) => is_header_value(text),
            kind!(Url) => {
                self.url(path, text, rule);
                true
            }
            kind!(Origin) => {
                let url = self.url(path, text, rule);
                url.is_none_or(|url| url.origin == text::without_slash(text))
            }
            kind!(Origins) => {
                self.each(path, given.one_or_more(), kind!(Origin), "");
                true
            }
            kind!(List) => {
                self.each(path, given.one_or_more(), kind!(Object), more);
                true
            }
            kind!(Credentials) => {
                for (name, value) in given.members() {
                    self.check(&join(path, name), value, kind!(Credential), "");
                }
                !given.members().is_empty()
            }
            kind!(Headers) => {
                for (name, value) in given.members() {
                    let path = join(path, name);
                    if is_header_name(name) {
                        self.check(&path, value, kind!(HeaderValue), "");
                    } else {
                        self.issue(&path, rule);
                    }
                }
                true
            }
            kind!(Object) => {
                let mut known = String::new();
                self.read(path, given, more, WITHIN, &mut known);
                self.refuse_others(path, given, &known);
                true
            }
            _ => true,
        };
        if !holds {
            self.issue(path, rule);
        }
    }

    /// The same of each item of a list.
    fn each(&mut self, path: &str, items: &[Json], kind: char, more: &str) {
        for (at, item) in items.iter().enumerate() {
            self.check(&item_of(path, at), item, kind, more);
        }
    }

    fn refuse(&mut self, path: &str, wanted: &str, given: &Json) {
        self.issue(path, &text!["must be ", wanted, ", not ", kind_of(given)]);
    }

    /// That the whole is an object.
    pub(super) fn check_whole(&mut self, what: &str, given: &Json) {
        if kind_of(given) != "an object" {
            self.refuse(what, "an object", given);
            self.silent = true;
        }
    }

    /// Reads a URL, and notes what is wrong with it: that it is none, or that no credential may be sent there.
    pub fn url(&mut self, path: &str, text: &str, wanted: &str) -> Option<Rc<Url>> {
        let url = (self.parse_url)(text, None);
        let allow_http = self.allow_http;
        if let Some(message) = url.as_ref().map_or(Some(wanted), |url| refuse_url(url, allow_http)) {
            self.issue(path, message);
        }
        url
    }
}

/// Whether a number is from the one to the other of these: `"0 to 600 seconds"`.
fn is_within(bounds: &str, number: f64) -> bool {
    let (least, most) = text::split_once(bounds, " to ").unwrap_or_default();
    let most = text::take_until(&mut { most }, " ");
    let bound = |text| json::number(text).unwrap_or_default();
    (bound(least)..=bound(most)).contains(&number)
}

/// Where a member of the object at this path stands.
pub(super) fn join(path: &str, name: &str) -> String {
    let dot = if path.is_empty() || name.is_empty() { "" } else { "." };
    text![path, dot, name]
}

/// The name of an item of a list.
pub(crate) fn item_of(name: &str, at: usize) -> String {
    text![name, "[", text::digits(at as i64), "]"]
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
