//! What is wrong with a value that is not as it has to be.

use super::mark::{bigint_of, function_of, is_json, kind_of};
use super::table::{Field, WITHIN, is_among, kind, know, next_field};
use super::{ParseUrl, refuse_url};
use crate::error::issue;
use crate::http::is_header_value;
use crate::json::{self, Json};
use crate::platform::Url;
use crate::text::{self, text};
use std::rc::Rc;

/// What was found to be wrong, and what it is judged by.
pub struct Notes<'p> {
    pub(super) issues: Vec<Json>,
    pub(super) parse_url: ParseUrl<'p>,
    pub(super) allow_http: bool,
    /// Where the whole is no object, that is all there is to say of it.
    pub(super) silent: bool,
}

impl Notes<'_> {
    /// Notes that what stands there is wrong.
    pub fn issue(&mut self, path: &str, message: &str) {
        if !self.silent {
            self.issues.push(issue(path, message));
        }
    }

    /// Reads the members of the object at this path; the names of all are known from then on.
    pub fn read(&mut self, path: &str, object: &Json, table: &str, end: &str, known: &mut String) {
        let mut rest = table;
        while let Some(field) = next_field(&mut rest, end) {
            know(known, field.name);
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
        let wanted = wanted(kind);
        let fits = match kind {
            kind!(Json) => is_json(given),
            kind!(DateOrNever) if given.as_str() == Some("never") => true,
            _ => text::contains(wanted, kind_of(given)),
        };
        if !fits {
            return self.refuse(path, wanted, given);
        }
        let text = given.as_str().unwrap_or_default();
        let message = match kind {
            kind!(AnyText) | kind!(Json) => "",
            kind!(Texts) | kind!(TextsOrNull) if given.as_list().is_none() => "",
            kind!(Credential) if function_of(given).is_none() => refuse_credential(text).unwrap_or_default(),
            _ if matches!(given.as_str(), Some("")) => "is empty",
            kind!(Path) if !text.starts_with("/") || text.starts_with("//") => {
                "must start with one slash: it is appended to baseUrl"
            }
            kind!(Pointer) if !text.starts_with("/") => "must be a JSON pointer, as /data/token",
            kind!(HeaderName) if !is_header_name(text) => "is no name of a header",
            kind!(HeaderValue) if !is_header_value(text) => {
                "has characters that no header can (a line break, say)"
            }
            kind!(BigInt) if bigint_of(given).is_none() => "must fit in 64 bits",
            kind!(Credentials) if given.members().is_empty() => "must be an object of credentials by name",
            _ => return self.check_within(path, given, kind, more),
        };
        if !message.is_empty() {
            self.issue(path, message);
        }
    }

    /// The same of what has bounds, or members.
    fn check_within(&mut self, path: &str, given: &Json, kind: char, more: &str) {
        let text = given.as_str().unwrap_or_default();
        match kind {
            kind!(Choice) if !is_among(more, text) => {
                self.issue(path, &text!["must be one of ", more, ", not \"", text, "\""]);
            }
            kind!(Seconds) | kind!(Count) => {
                let (least, most) = text::split_once(more, " to ").unwrap_or_default();
                let most = text::take_until(&mut { most }, " ");
                let number = given.to_number().unwrap_or(f64::NAN);
                let bound = |text| json::number(text).unwrap_or_default();
                if !(bound(least)..=bound(most)).contains(&number) {
                    self.issue(path, &text!["must be from ", more]);
                } else if kind == kind!(Count) && number.fract() != 0.0 {
                    self.issue(path, "must be a whole number");
                }
            }
            kind!(Url) => {
                self.url(path, text, "must be an absolute URL, as https://api.example.com");
            }
            kind!(Origin) => {
                let wanted = "must be an origin, as https://api.example.com";
                let url = self.url(path, text, wanted);
                if url.is_some_and(|url| url.origin != text::without_slash(text)) {
                    self.issue(path, wanted);
                }
            }
            kind!(Texts) | kind!(TextsOrNull) | kind!(Origins) | kind!(List) => {
                let each = match kind {
                    kind!(Origins) => kind!(Origin),
                    kind!(List) => kind!(Object),
                    _ => kind!(AnyText),
                };
                for (at, item) in given.one_or_more().iter().enumerate() {
                    self.check(&item_of(path, at), item, each, more);
                }
            }
            kind!(Credentials) | kind!(Headers) => {
                for (name, value) in given.members() {
                    let path = join(path, name);
                    if kind == kind!(Credentials) {
                        self.check(&path, value, kind!(Credential), "");
                    } else if is_header_name(name) {
                        self.check(&path, value, kind!(HeaderValue), "");
                    } else {
                        self.issue(&path, "is no name of a header");
                    }
                }
            }
            kind!(Object) => {
                let mut known = String::new();
                self.read(path, given, more, WITHIN, &mut known);
                self.refuse_others(path, given, &known);
            }
            _ => {}
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

/// What a member has to be in words, in which each [`kind_of`] what it may be is named.
fn wanted(kind: char) -> &'static str {
    match kind {
        kind!(Texts) | kind!(Origins) => "a string or an array of strings",
        kind!(TextsOrNull) => "a string, an array of strings or null",
        kind!(Flag) => "a boolean",
        kind!(Seconds) | kind!(Count) => "a number",
        kind!(Date) => "a Date",
        kind!(DateOrNever) => "a Date or \"never\"",
        kind!(BigInt) => "a bigint, as 5n",
        kind!(Function) => "a function",
        kind!(Json) => "JSON",
        kind!(Credential) => "a string or a function that gives one",
        kind!(Credentials) | kind!(Headers) | kind!(Object) => "an object",
        kind!(List) => "an array",
        kind!(StoreKeys) => "a key of 32 bytes, a CryptoKey for AES-GCM, or a list of such",
        kind!(Store) => "a TokenStore, with get, set and delete",
        _ => "a string",
    }
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
