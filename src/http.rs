//! A request of Latchkey's own and the answer to it, as values; what HTTP says of waiting and of errors.
//!
//! Who sends them is not known here: see [`crate::task`]. The requests of the user pass through untouched,
//! and are not values of these types.

mod form;
pub mod members;

pub use form::{Form, form_encode};

use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::json::{Json, Value};
use crate::task::Outcome;
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::Secret;
use std::cell::OnceCell;

/// The longest answer that is read, in bytes. A page of a hundred keys is a tenth of it.
pub const MAX_ANSWER: usize = 1 << 20;
/// The longest that a caller is made to wait before a try is made again.
pub const LONGEST_WAIT: Span = Span::from_seconds(30);

/// The methods that the services use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what RFC 9110 §9 says")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it stands in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// The method of this name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        for method in &[Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
            if method.as_str().eq_ignore_ascii_case(text) {
                return Some(*method);
            }
        }
        None
    }
}

/// A request of Latchkey's own. It is one pointer wide, as it goes through many hands, and derefs to its [`Parts`].
#[derive(Clone, Debug)]
pub struct Request(Box<Parts>);

/// What a request says. Header values and the body may hold secrets, so both are kept as such.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What is done.
    pub method: Method,
    /// Where, an absolute URL.
    pub url: Text,
    /// Name and value of each header.
    pub headers: Vec<(Text, Secret)>,
    /// The body, UTF-8.
    pub body: Option<Secret>,
}

impl core::ops::Deref for Request {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Request {
    /// A request without a body, that asks for JSON.
    pub fn new(method: Method, url: Text) -> Self {
        Request(Box::new(Parts { method, url, headers: Vec::new(), body: None }))
            .header("accept", Secret::new("application/json"))
    }

    /// Method and address, for messages: without the query, which may hold a secret.
    pub fn name(&self) -> Text {
        text![self.method.as_str(), " ", without_query(&self.url)]
    }

    /// The same with this header, in place of one of the same name.
    pub fn header(mut self, name: &str, value: Secret) -> Self {
        for (given, old) in &mut self.0.headers {
            if given.eq_ignore_ascii_case(name) {
                *old = value;
                return self;
            }
        }
        self.0.headers.push((name.into(), value));
        self
    }

    /// The same with a JSON body.
    pub fn json(mut self, body: Text) -> Self {
        self.0.body = Some(Secret::new(body));
        self.header("content-type", Secret::new("application/json"))
    }

    /// The same with a body as HTML forms and RFC 6749 write it.
    pub fn form(mut self, form: Form) -> Self {
        self.0.body = Some(Secret::new(form.0));
        self.header("content-type", Secret::new("application/x-www-form-urlencoded"))
    }
}

/// An address as a message may show it.
pub fn without_query(url: &str) -> &str {
    text::take_until_any(&mut { url }, "?#")
}

/// The headers of an answer that matter here.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "each is what RFC 9110 and RFC 9111 say")]
pub enum Header {
    ContentType,
    Date,
    Age,
    RetryAfter,
    CacheControl,
    Location,
    WwwAuthenticate,
}

/// The answer to a [`Request`], whole.
#[derive(Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The values of the headers that matter here, each on the line of its [`Header`], which is empty where it was not sent or
    /// cannot be read.
    pub headers: Text,
    /// The body.
    pub body: Text,
    /// What it answers, as errors name it: [`Request::name`].
    pub asked: Text,
    /// When the answer was whole.
    pub arrived_at: Timestamp,
    /// What the body was read as, once it was.
    pub read: OnceCell<Value>,
    /// What of it is seen by a script, once it was read for that.
    pub seen: OnceCell<Value>,
}

impl Answer {
    /// The names of the headers that matter here, in the order of [`Header`]; `pkg/src/effects.js` has the same.
    pub const HEADERS: [&'static str; 7] =
        ["content-type", "date", "age", "retry-after", "cache-control", "location", "www-authenticate"];

    /// The answer to a request, of what came of it.
    ///
    /// # Errors
    /// `ERR_NETWORK` if it is none.
    pub fn of(request: &Request, outcome: Outcome, arrived_at: Timestamp) -> Result<Box<Self>> {
        let mut answer = outcome.into_answer()?;
        answer.asked = request.name();
        answer.arrived_at = arrived_at;
        Ok(answer)
    }

    /// The value of a header, if it was sent.
    pub fn header(&self, header: Header) -> Option<&str> {
        let mut lines = self.headers.as_str();
        for _ in 0..header as usize {
            text::take_until(&mut lines, b'\n');
        }
        Some(text::take_until(&mut lines, b'\n')).filter(|value| !value.is_empty())
    }

    /// What the server's clock said, unless a cache may have kept the answer (RFC 9111 §5.1).
    pub fn date(&self) -> Option<Timestamp> {
        self.header(Header::Date)
            .filter(|_| self.header(Header::Age).is_none())
            .and_then(Timestamp::from_http_date)
    }

    /// How long the service asks to wait (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<Span> {
        let value = self.header(Header::RetryAfter)?.trim_ascii();
        if let Some(seconds) = text::natural(value) {
            return Some(Span::from_seconds(seconds));
        }
        let now = self.date().unwrap_or(self.arrived_at);
        Timestamp::from_http_date(value).map(|until| (until - now).max(Span::ZERO))
    }

    /// The body as JSON, of whatever status; null for what is none.
    pub fn told(&self) -> &Json {
        self.read.get_or_init(|| Json::parse(&self.body).unwrap_or_default())
    }

    /// The body of a success as JSON.
    ///
    /// # Errors
    /// What [`error_of`] says of another status; `ERR_RESPONSE` for a body that is no JSON, or null.
    pub fn json(&self) -> Result<&Json> {
        if !(200..300).contains(&self.status) {
            return Err(error_of(self));
        }
        match (self.told(), self.header(Header::ContentType)) {
            (Json::Null, _) if self.body.is_empty() => {
                Err(self.wrong("an empty body where JSON was expected"))
            }
            (Json::Null, Some(kind)) if !text::contains(kind, "json") => {
                Err(self.wrong(&text![kind, " where JSON was expected: is baseUrl right?"]))
            }
            (Json::Null, _) => Err(self.wrong("a body that is no JSON, or null")),
            (told, _) => Ok(told),
        }
    }

    /// `ERR_RESPONSE`: the service answered this, and should not have.
    pub fn wrong(&self, what: &str) -> Error {
        Error::new(
            Code::Response,
            text![
                "the service answered ",
                #self.status.into(),
                " with ",
                what,
                " (",
                self.asked,
                ")"
            ],
        )
        .with_status(self.status)
    }
}

/// The text at a JSON pointer (RFC 6901).
///
/// # Errors
/// `ERR_RESPONSE` if there is none, or if it is empty.
pub fn text_at<'b>(answer: &Answer, body: &'b Json, pointer: &str) -> Result<&'b String> {
    let (what, why) = match body.pointer(pointer) {
        Some(Json::Text(text)) if !text.is_empty() => return Ok(text),
        Some(Json::Text(_)) => ("an empty text at ", ""),
        Some(_) => ("something at ", " that is no text"),
        None => ("JSON that has nothing at ", ""),
    };
    Err(answer.wrong(&text![what, pointer, why]))
}

/// The list at a JSON pointer (RFC 6901).
///
/// # Errors
/// `ERR_RESPONSE` if there is none.
pub fn list_at<'b>(answer: &Answer, body: &'b Json, pointer: &str) -> Result<&'b Vec<Value>> {
    let list = body.pointer(pointer).and_then(Json::as_list);
    list.ok_or_else(|| answer.wrong(&text!["JSON that has no list at ", pointer]))
}

/// Whether Fetch takes this as the value of a header: what it could not send, or would send as two headers, is refused.
pub fn is_header_value(text: &str) -> bool {
    !text.is_empty()
        && text.trim_ascii().len() == text.len()
        && text::all(text, |byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// What the status of an answer means, in the words of the service where it has any.
pub fn error_of(answer: &Answer) -> Error {
    let code = match answer.status {
        // A browser hides a redirect behind 0.
        0 | 300..400 => Code::Redirect,
        401 => Code::Unauthorized,
        403 => Code::Forbidden,
        404 | 410 => Code::NotFound,
        408 => Code::Timeout,
        409 => Code::Conflict,
        429 => Code::RateLimited,
        400..500 => Code::InvalidRequest,
        500..600 => Code::Server,
        _ => Code::Response,
    };
    let redirects = if code == Code::Redirect { ", a redirect: correct baseUrl" } else { "" };
    let said = said(answer);
    let colon = if said.is_empty() { "" } else { ": " };
    // Who words a refusal is the service that was meant; who does not, or knows no such path, may be somebody else.
    let (open, asked, close) = match code {
        Code::NotFound => (" (", answer.asked.as_str(), "): is baseUrl right?"),
        _ if said.is_empty() => (" (", answer.asked.as_str(), ")"),
        _ => ("", "", ""),
    };
    let status = answer.status.into();
    let message = text!["the service answered ", #status, redirects, colon, said, open, asked, close];
    let mut error = Error::new(code, message).with_status(answer.status);
    error.retry_after = answer.retry_after();
    if error.retry_after.is_some_and(|wait| wait > LONGEST_WAIT) && code.is_retryable() {
        error.code = Code::RateLimited;
    }
    error
}

/// What a service says of an error, in any of the shapes that the services are known to use; nothing if it says none.
fn said(answer: &Answer) -> Text {
    let body = answer.told();
    let error = body.text_of("error");
    let mut message = error;
    for pointer in &["/detail", "/message", "/error/message", "/error_description"] {
        message = body.pointer(pointer).and_then(Json::as_str).or(message);
    }
    let message = message.unwrap_or(&NO_TEXT);
    let code = match body.get("code") {
        Some(Json::Number(code) | Json::Text(code)) => code,
        _ => error.unwrap_or(message),
    };
    if message.is_empty() || code == message {
        return message.into();
    }
    text![message, " (", code, ")"]
}

/// Whether a `WWW-Authenticate` says that the token is good and may not do this (RFC 6750 §3.1).
pub fn is_insufficient_scope(www_authenticate: &str) -> bool {
    text::contains(www_authenticate, "insufficient_scope")
}

/// How long to wait before try number `attempt` (from 1): what the service asked for, else a random part of a span that
/// doubles. `random` is from 0 to 1.
pub fn backoff(attempt: u32, base: Span, longest: Span, asked: Option<Span>, random: f64) -> Span {
    let doubled = Span::from_millis(base.as_millis() << attempt.saturating_sub(1).min(20));
    asked.unwrap_or_else(|| doubled.min(longest).scale(random))
}

#[cfg(test)]
pub(crate) mod tests;
