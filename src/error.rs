//! What can go wrong, as a closed set of codes that a program can rely on.
//!
//! A message says what was wrong, where, and what to do. It is written for the person who reads it and may change; the
//! [`Code`] is written for their program and does not. No error holds a secret: [`Error::scrub`] takes out of a service's
//! own words whatever the client knows to be one.

use crate::clock::Span;
use crate::json::Value;
use crate::provider::ProviderName;
use crate::text::{self, Text, named, text};
use crate::token::Secret;

/// The result of everything in this crate that can fail.
pub type Result<T> = core::result::Result<T, Error>;

named! {
    /// Why something failed, as JavaScript sees it. The set is closed: a new reason is a new major version.
    Code:
    /// The configuration, or an argument, is wrong: `issues` names every wrong field at once.
    Config = "ERR_CONFIG",
    /// A credential function threw, or gave something that is no credential.
    Credential = "ERR_CREDENTIAL",
    /// No connection, or it broke before the answer was whole.
    Network = "ERR_NETWORK",
    /// No whole answer within `timeout`.
    Timeout = "ERR_TIMEOUT",
    /// The service does not accept the credential or the token.
    Unauthorized = "ERR_UNAUTHORIZED",
    /// The credential is known, and may not do this.
    Forbidden = "ERR_FORBIDDEN",
    /// There is no such thing at the service.
    NotFound = "ERR_NOT_FOUND",
    /// The request contradicts the state of things, at the service or here.
    Conflict = "ERR_CONFLICT",
    /// The service finds the request wrong: `issues` says where, if it told.
    InvalidRequest = "ERR_INVALID_REQUEST",
    /// The service asks to wait longer than a caller would: `retryAfter` says how long.
    RateLimited = "ERR_RATE_LIMITED",
    /// The service failed.
    Server = "ERR_SERVER",
    /// The service answered something that is not what it documents.
    Response = "ERR_RESPONSE",
    /// A redirect that is not followed.
    Redirect = "ERR_REDIRECT",
    /// The request would take the credential to another origin.
    Origin = "ERR_ORIGIN",
    /// A request that changes something was sent, and no answer came. It was not repeated.
    OutcomeUnknown = "ERR_OUTCOME_UNKNOWN",
    /// The text is not a JWT.
    TokenMalformed = "ERR_TOKEN_MALFORMED",
    /// The token has expired, or lives shorter than was asked.
    TokenExpired = "ERR_TOKEN_EXPIRED",
    /// The signature is not that of the key.
    Signature = "ERR_SIGNATURE",
    /// A claim is missing or is not what was asked.
    Claim = "ERR_CLAIM",
    /// The service, or the platform, cannot do this.
    Unsupported = "ERR_UNSUPPORTED",
    /// The store failed.
    Store = "ERR_STORE",
    /// The client was freed.
    Closed = "ERR_CLOSED",
}

impl Code {
    /// Whether the same call may succeed later with nothing changed.
    pub fn is_retryable(self) -> bool {
        matches!(self, Code::Network | Code::Timeout | Code::RateLimited | Code::Server)
    }

    /// Whether asking the token service again is pointless until something changes (400, 401, 403 of a token request).
    pub fn is_permanent(self) -> bool {
        matches!(self, Code::Unauthorized | Code::Forbidden | Code::InvalidRequest)
    }
}

/// A failure: a [`Code`] for the program, a message for the reader. It is one pointer wide, as nearly everything here can
/// return one, and derefs to its [`Details`].
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Details>);

/// What is known of a failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// What a program decides by.
    pub code: Code,
    /// What was wrong, where, and what to do.
    pub message: Text,
    /// What is to be said besides: see [`Error::saying`].
    pub more: Text,
    /// The service concerned.
    pub provider: Option<ProviderName>,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// How long the service asks to wait.
    pub retry_after: Option<Span>,
    /// Each wrong field, an [`issue`]: a list of them, or null.
    pub issues: Value,
    /// What lay behind it: `{ name, message }`, the name of what was thrown, `TypeError` say, and what that said; or null.
    pub cause: Value,
}

impl core::ops::Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl core::ops::DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Error {
    /// An error of this code that says this.
    pub fn new(code: Code, message: impl Into<Text>) -> Self {
        Error::of(code, message.into())
    }

    fn of(code: Code, message: Text) -> Self {
        Error(Box::new(Details {
            code,
            message,
            more: Text::new(),
            provider: None,
            status: None,
            retry_after: None,
            issues: Value::default(),
            cause: Value::default(),
        }))
    }

    /// `ERR_CONFIG` for one field.
    pub fn field(path: &str, message: &str) -> Self {
        let mut issues = Value::list();
        issues.push(issue(path, message));
        Error::config(issues)
    }

    /// `ERR_CONFIG` for these fields, each an [`issue`]; the message lists them all.
    pub fn config(issues: Value) -> Self {
        let mut message = Text::new();
        for issue in issues.items() {
            text::append(&mut message, "; ", &text![issue.text("path"), ": ", issue.text("message")]);
        }
        let mut error = Error::new(Code::Config, message);
        error.issues = issues;
        error
    }

    /// The same that says this too: words of ours, which stay when those of a service are cut off.
    pub fn saying(mut self, more: &str) -> Self {
        self.more.push_str(more);
        self
    }

    /// The same of this provider.
    pub fn with_provider(mut self, provider: ProviderName) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The same with the status of the answer that it came from; 0, of a redirect that a browser hides, is none.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = (status > 0).then_some(status);
        self
    }

    /// The same with what lay behind it.
    pub fn with_cause(mut self, name: &str, message: &str) -> Self {
        self.cause = pair("name", name, message);
        self
    }

    /// The same with this secret taken out of its texts.
    pub fn scrub(mut self, secret: &Secret) -> Self {
        let redact = |text: &str| secret.redact(text);
        self.message = redact(&self.message);
        self.more = redact(&self.more);
        self.issues.each_text(&redact);
        self.cause.each_text(&redact);
        self
    }
}

/// One wrong field: of a configuration, of an argument, or of a request as the service judged it. Where it is, as `request.path` or
/// `credits[0].amount`; and what is wrong there, and what is wanted.
pub fn issue(path: &str, message: &str) -> Value {
    pair("path", path, message)
}

/// What this is called, and its message.
fn pair(called: &str, name: &str, message: &str) -> Value {
    Value::object().with(called, name.into()).with("message", message.into())
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code.as_str())?;
        f.write_str(": ")?;
        f.write_str(&self.message)?;
        f.write_str(&self.more)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_error_names_every_wrong_field() {
        let mut issues = Value::list();
        issues.push(issue("apiKey", "is wrong"));
        issues.push(issue("timeout", "is wrong"));
        let error = Error::config(issues);
        assert_eq!(error.to_string(), "ERR_CONFIG: apiKey: is wrong; timeout: is wrong");
    }

    #[test]
    fn scrub_takes_a_secret_out_of_every_text() {
        let error = Error::field("hunter22", "no hunter22 here").with_cause("hunter22", "hunter22");
        let scrubbed = format!("{:?}", error.scrub(&Secret::new("hunter22")));
        assert!(!scrubbed.contains("hunter22"), "{scrubbed}");
        assert_eq!(scrubbed.matches("[redacted]").count(), 6, "{scrubbed}");
    }

    #[test]
    fn a_code_is_either_permanent_or_worth_another_try() {
        assert!(Code::ALL.iter().all(|code| !(code.is_permanent() && code.is_retryable())));
        assert_eq!(Code::ALL.len(), 22);
    }
}
