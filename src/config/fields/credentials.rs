//! What a configuration holds besides plain values: credentials, headers, paths and URLs.

use super::{Fields, function, of_kind};
use crate::config::{Credential, refuse_url};
use crate::http;
use crate::json::Json;
use crate::platform::Url;
use crate::provider::Attach;
use crate::text::{self, text};
use crate::token::Secret;
use std::rc::Rc;

impl Fields<'_> {
    /// A credential that has to be there, with its name.
    pub fn credential(&mut self, name: &str) -> (String, Credential) {
        let credential = match self.take(name) {
            Some(field) => self.read_credential(name, &field),
            None => {
                self.issue(name, "is required: is the environment variable set?");
                absent()
            }
        };
        (name.to_owned(), credential)
    }

    fn read_credential(&mut self, name: &str, given: &Json) -> Credential {
        match (function(given), given.as_str()) {
            (Some(function), _) => return Credential::Ask(function),
            (_, Some(text)) => match refuse_credential(text) {
                None => return Credential::Known(Secret::new(text)),
                Some(message) => self.issue(name, message),
            },
            _ => self.refuse(name, "a string or a function that gives one", given),
        }
        absent()
    }

    /// Credentials that all have to be there.
    pub fn all_of(&mut self, names: &[&str]) -> Vec<(String, Credential)> {
        let mut credentials = Vec::new();
        for name in names {
            credentials.push(self.credential(name));
        }
        credentials
    }

    /// The credentials of whichever of these sets is there; exactly one has to be.
    pub fn one_of(&mut self, sets: &[&[&str]]) -> Vec<(String, Credential)> {
        let (mut given, mut count, mut said) = (None, 0, Vec::new());
        for set in sets {
            said.push(text::join(set, " and "));
            if set.iter().any(|name| self.has(name)) {
                given = Some(*set);
                count += 1;
            }
        }
        let said = text::join(&said, ", or ");
        let mut credentials = Vec::new();
        match (given, sets) {
            (Some(set), _) if count == 1 => credentials = self.all_of(set),
            (None, [[first, ..], ..]) => {
                self.issue(first, &text!["is required: give ", said, " (is the environment variable set?)"]);
            }
            _ => {
                for set in sets {
                    for name in *set {
                        if self.take(name).is_some() {
                            self.issue(name, &text!["give ", said, ", not both"]);
                        }
                    }
                }
            }
        }
        credentials
    }

    /// An object whose members are credentials.
    pub fn credentials(&mut self, name: &str) -> Option<Vec<(String, Credential)>> {
        let mut credentials = Vec::new();
        let given = self.has(name);
        let mut fields = self.enter(name);
        for (name, field) in core::mem::take(&mut fields.members) {
            let credential = fields.read_credential(&name, &field);
            credentials.push((name, credential));
        }
        self.leave(fields);
        if given && credentials.is_empty() {
            self.issue(name, "must be an object of credentials by name");
        }
        given.then_some(credentials)
    }

    /// The same, which has to be there.
    pub fn required_credentials(&mut self, name: &str) -> Vec<(String, Credential)> {
        let credentials = self.credentials(name);
        self.require(name, credentials).unwrap_or_default()
    }

    /// Members that cannot stand beside another one.
    pub fn refuse_beside(&mut self, name: &str, others: &[&str]) {
        for other in others {
            if self.take(other).is_some() {
                self.issue(other, &text!["cannot stand beside ", name]);
            }
        }
    }

    /// A path of the service, which starts with a slash.
    pub fn path(&mut self, name: &str) -> Option<String> {
        let path = self.text(name)?;
        if !path.starts_with("/") || path.starts_with("//") {
            self.issue(name, "must start with one slash: it is appended to baseUrl");
        }
        Some(path)
    }

    /// A JSON pointer.
    pub fn pointer(&mut self, name: &str) -> Option<String> {
        let pointer = self.text(name)?;
        if !pointer.starts_with("/") {
            self.issue(name, "must be a JSON pointer, as /data/token");
        }
        Some(pointer)
    }

    /// A JSON pointer that has to be there.
    pub fn required_pointer(&mut self, name: &str) -> String {
        let pointer = self.pointer(name);
        self.require(name, pointer).unwrap_or_default()
    }

    /// An object of headers.
    pub fn headers(&mut self, name: &str) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        let mut fields = self.enter(name);
        for (name, field) in core::mem::take(&mut fields.members) {
            match field.as_str() {
                Some(value) if is_header_name(&name) && http::is_header_value(value) => {
                    headers.push((name, value.to_owned()));
                }
                Some(_) => fields.issue(&name, "has characters that no header can (a line break, say)"),
                None => fields.refuse(&name, "a string", &field),
            }
        }
        self.leave(fields);
        headers
    }

    /// The header that a token travels in.
    pub fn attach(&mut self, name: &str) -> Option<Attach> {
        self.has(name).then(|| self.required_attach(name))
    }

    /// The same, which has to be there.
    pub fn required_attach(&mut self, name: &str) -> Attach {
        let mut fields = self.enter(name);
        let attach = Attach { header: fields.required_text("header"), scheme: fields.text("scheme") };
        if !attach.header.is_empty() && !is_header_name(&attach.header) {
            fields.issue("header", "is no name of a header");
        }
        if attach.scheme.as_deref().is_some_and(|scheme| !http::is_header_value(scheme)) {
            fields.issue("scheme", "has characters that no header can");
        }
        self.leave(fields);
        attach
    }

    /// Whether there is a store, and if so, whether it leases; with the key that goes with it.
    pub fn store(&mut self) -> Option<bool> {
        let key =
            self.take_as("encryptionKey", "a key of 32 bytes, a CryptoKey for AES-GCM, or a list of such");
        let plaintext = self.flag("plaintext") == Some(true);
        let store = self.take("store")?;
        let leases = of_kind(&store, "store");
        if leases.is_none() {
            self.refuse("store", "a TokenStore, with get, set and delete", &store);
        } else if key.is_none() && !plaintext {
            self.issue("encryptionKey", "is required with a store, unless plaintext is true");
        }
        leases.map(|leases| leases.as_bool() == Some(true))
    }

    /// Whether plain http may leave this machine. To be read before the first URL.
    pub fn allow_http(&mut self) -> bool {
        if let Some(allow) = self.flag("allowHttp") {
            self.allow_http = allow;
        }
        self.allow_http
    }

    /// A URL that a credential may be sent to, as it was written.
    pub fn url(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        self.parse(name, &text, "must be an absolute URL, as https://api.example.com");
        Some(text)
    }

    /// The URL that paths are appended to.
    pub fn base_url(&mut self, name: &str, default: Option<&str>) -> Option<Rc<Url>> {
        let given = self.text(name);
        let text = self.require(name, given.or(default.map(str::to_owned)))?;
        let wanted =
            "must be an absolute URL, as https://api.example.com (only a page can be relative to its own)";
        let url = self.parse(name, &text, wanted)?;
        if !url.search.is_empty() || text::contains(&url.href, "#") {
            self.issue(name, "must end with its path: paths are appended to it");
        }
        Some(url)
    }

    /// Origins that a credential may be sent to.
    pub fn origins(&mut self, name: &str) -> Vec<String> {
        let mut origins = Vec::new();
        for text in self.texts(name).unwrap_or_default() {
            let (name, wanted) =
                (item_of(name, origins.len()), "must be an origin, as https://files.example.com");
            let origin = text::without_slash(&text);
            if self.parse(&name, &text, wanted).is_some_and(|url| url.origin != origin) {
                self.issue(&name, wanted);
            }
            origins.push(origin.to_owned());
        }
        origins
    }

    /// Reads a URL, and notes what is wrong with it: that it is none, or that no credential may be sent there.
    fn parse(&mut self, name: &str, text: &str, wanted: &str) -> Option<Rc<Url>> {
        let url = (self.parse_url)(text, None);
        let allow_http = self.allow_http;
        if let Some(message) = url.as_ref().map_or(Some(wanted), |url| refuse_url(url, allow_http)) {
            self.issue(name, message);
        }
        url
    }
}

/// The name of an item of a list.
pub(super) fn item_of(name: &str, at: usize) -> String {
    text![name, "[", text::digits(at as i64), "]"]
}

/// What stands in for a credential that is wrong, until the configuration is refused.
fn absent() -> Credential {
    Credential::Known(Secret::new(""))
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
