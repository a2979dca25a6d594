//! A request of Latchkey's own and the answer to it, as values; what HTTP says of waiting and of errors.
//!
//! Who sends them is not known here: see [`crate::platform::Platform`]. The requests of the user pass through untouched,
//! and are not values of these types.

use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::json::Json;
use crate::text;
use crate::token::Secret;

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
        [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
    }
}

/// A request of Latchkey's own. Header values and the body may hold secrets, so both are kept as such.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// Where, an absolute URL.
    pub url: String,
    /// Name and value of each header.
    pub headers: Vec<(String, Secret)>,
    /// The body, UTF-8.
    pub body: Option<Secret>,
}

impl Request {
    /// A request without a body, that asks for JSON.
    pub fn new(method: Method, url: String) -> Self {
        Request { method, url, headers: Vec::new(), body: None }
            .header("accept", Secret::new("application/json"))
    }

    /// The same with one more header.
    pub fn header(mut self, name: &str, value: Secret) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// The same with a JSON body.
    pub fn json(mut self, body: &Json) -> Self {
        self.body = Some(Secret::new(body.to_string()));
        self.header("content-type", Secret::new("application/json"))
    }

    /// The same with a body as HTML forms and RFC 6749 write it.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(&form_encode(name));
            body.push('=');
            body.push_str(&form_encode(value));
        }
        self.body = Some(Secret::new(body));
        self.header("content-type", Secret::new("application/x-www-form-urlencoded"))
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5.2), of one name or value.
pub fn form_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte as char),
            b' ' => encoded.push('+'),
            _ => {
                encoded.push('%');
                for digit in [byte >> 4, byte & 15] {
                    encoded.push(char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }));
                }
            }
        }
    }
    encoded
}

/// The answer to a [`Request`], whole.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter here, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// When the request was sent.
    pub sent_at: Timestamp,
    /// When the answer was whole.
    pub arrived_at: Timestamp,
}

impl Answer {
    /// The headers that [`Answer::headers`] has to hold, if they were sent and can be read.
    pub const HEADERS: &'static [&'static str] =
        &["content-type", "date", "age", "retry-after", "www-authenticate", "location"];

    /// The value of a header of [`Answer::HEADERS`].
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// What the server's clock said, unless a cache may have kept the answer (RFC 9111 §5.1).
    pub fn date(&self) -> Option<Timestamp> {
        self.header("date").filter(|_| self.header("age").is_none()).and_then(Timestamp::from_http_date)
    }

    /// How long the service asks to wait (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<Span> {
        let value = self.header("retry-after")?.trim();
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            return value.parse().ok().map(Span::from_seconds);
        }
        let now = self.date().unwrap_or(self.arrived_at);
        Timestamp::from_http_date(value).map(|until| (until - now).max(Span::ZERO))
    }

    /// The body of a success as JSON.
    ///
    /// # Errors
    /// What [`error_of`] says of another status; `ERR_RESPONSE` for a body that is no JSON.
    pub fn json(&self) -> Result<Json> {
        if !(200..300).contains(&self.status) {
            return Err(error_of(self));
        }
        if self.body.is_empty() {
            return Err(self.wrong("an empty body where JSON was expected"));
        }
        Json::parse(&self.body).map_err(|_| match self.header("content-type") {
            Some(kind) if !text::contains(kind, "json") => {
                self.wrong(&format!("{kind} where JSON was expected: is baseUrl that of the API?"))
            }
            _ => self.wrong("a body that is no JSON"),
        })
    }

    /// `ERR_RESPONSE`: the service answered this, and should not have.
    pub fn wrong(&self, what: &str) -> Error {
        Error::new(Code::Response, format!("the service answered {} with {what}", self.status))
            .with_status(self.status)
    }
}

/// The text at a JSON pointer (RFC 6901).
///
/// # Errors
/// `ERR_RESPONSE` if there is none, or if it is empty.
pub fn text_at(answer: &Answer, body: &Json, pointer: &str) -> Result<String> {
    match body.pointer(pointer) {
        Some(Json::Text(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Json::Text(_)) => Err(answer.wrong(&format!("an empty text at {pointer}"))),
        Some(_) => Err(answer.wrong(&format!("something at {pointer} that is no text"))),
        None => Err(answer.wrong(&format!("JSON that has nothing at {pointer}"))),
    }
}

/// A token at a JSON pointer: a text that can stand in a header.
///
/// # Errors
/// `ERR_RESPONSE` if there is none.
pub fn token_at(answer: &Answer, body: &Json, pointer: &str) -> Result<Secret> {
    let token = text_at(answer, body, pointer)?;
    if is_header_value(&token) {
        Ok(Secret::new(token))
    } else {
        Err(answer.wrong(&format!("a text at {pointer} that cannot stand in a header")))
    }
}

/// A length of time at a JSON pointer: a number of seconds, or the text of one (Azure's endpoints give text).
pub fn seconds_at(body: &Json, pointer: &str) -> Option<Span> {
    let seconds = body.pointer(pointer)?.to_number()?;
    (seconds >= 0.0).then(|| Span::from_seconds_f64(seconds))
}

/// An instant at a JSON pointer: a NumericDate or RFC 3339.
pub fn instant_at(body: &Json, pointer: &str) -> Option<Timestamp> {
    let value = body.pointer(pointer)?;
    let written = value.as_str().and_then(Timestamp::from_rfc3339);
    written.or_else(|| value.to_number().map(Timestamp::from_numeric_date))
}

/// The scopes at a JSON pointer: separated by spaces (RFC 6749 §3.3), or an array.
pub fn scopes_at(body: &Json, pointer: &str) -> Option<Vec<String>> {
    match body.pointer(pointer)? {
        Json::Text(scopes) => Some(split_scopes(scopes)),
        Json::List(list) => {
            let mut scopes = Vec::new();
            for scope in list {
                scopes.extend(scope.as_str().map(str::to_owned));
            }
            Some(scopes)
        }
        _ => None,
    }
}

/// Scopes that are separated by spaces.
pub fn split_scopes(scopes: &str) -> Vec<String> {
    scopes.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Whether Fetch takes this as the value of a header: what it could not send, or would send as two headers, is refused.
pub fn is_header_value(text: &str) -> bool {
    !text.is_empty()
        && text.trim_matches([' ', '\t']).len() == text.len()
        && text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

/// What the status of an answer means, in the words of the service where it has any.
pub fn error_of(answer: &Answer) -> Error {
    let code = match answer.status {
        300..400 => Code::Redirect,
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
    let mut message = format!("the service answered {}", answer.status);
    if code == Code::Redirect {
        message.push_str(
            ", a redirect, which a request that carries a credential does not follow: correct baseUrl",
        );
    }
    if let Some(said) = said(answer) {
        message.push_str(": ");
        message.push_str(&said);
    }
    let mut error = Error::new(code, message).with_status(answer.status);
    error.retry_after = answer.retry_after();
    if error.retry_after.is_some_and(|wait| wait > LONGEST_WAIT) && code.is_retryable() {
        error.code = Code::RateLimited;
    }
    error
}

/// What a service says of an error, in any of the shapes that the services are known to use.
fn said(answer: &Answer) -> Option<String> {
    let body = Json::parse(&answer.body).ok()?;
    let text = |pointer| body.pointer(pointer).and_then(Json::as_str);
    let message = text("/error_description")
        .or(text("/error/message"))
        .or(text("/message"))
        .or(text("/detail"))
        .or(text("/error"))?;
    let code = match body.pointer("/code") {
        Some(Json::Number(code)) => Some(code.clone()),
        Some(Json::Text(code)) => Some(code.clone()),
        _ => text("/error").filter(|code| *code != message).map(str::to_owned),
    };
    Some(match code {
        Some(code) => format!("{message} ({code})"),
        None => message.to_owned(),
    })
}

/// Whether a `WWW-Authenticate` says that the token is good and may not do this (RFC 6750 §3.1).
pub fn is_insufficient_scope(www_authenticate: &str) -> bool {
    text::contains(www_authenticate, "insufficient_scope")
}

/// How long to wait before try number `attempt` (from 1): what the service asked for, else a random part of a span that
/// doubles. `random` is from 0 to 1.
pub fn backoff(attempt: u32, base: Span, longest: Span, asked: Option<Span>, random: f64) -> Span {
    let doubled = Span::from_millis(base.as_millis().saturating_mul(1 << attempt.saturating_sub(1).min(20)));
    asked.unwrap_or_else(|| doubled.min(longest).scale(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let now = Timestamp::from_seconds(1_800_000_000);
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Answer { status, headers, body: body.into(), sent_at: now, arrived_at: now }
    }

    #[test]
    fn a_form_is_encoded_as_the_url_standard_says() {
        let request =
            Request::new(Method::Post, "https://a.example".into()).form(&[("a b", "ü&="), ("c", "*-._~")]);
        assert_eq!(request.body.unwrap().reveal(), "a+b=%C3%BC%26%3D&c=*-._%7E");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_servers_clock() {
        let wait = |value, date| answer(429, &[("retry-after", value), ("date", date)], "").retry_after();
        let date = "Fri, 15 Jan 2027 05:00:00 GMT";
        assert_eq!(wait("7", date), Some(Span::from_seconds(7)));
        assert_eq!(wait("Fri, 15 Jan 2027 05:00:09 GMT", date), Some(Span::from_seconds(9)));
        assert_eq!(wait("Fri, 15 Jan 2027 04:00:00 GMT", date), Some(Span::ZERO));
        assert_eq!(wait("Fri, 15 Jan 2027 08:00:09 GMT", "wrong"), Some(Span::from_seconds(9)));
        for nonsense in ["", "-1", "1.5", "soon", "99999999999999999999"] {
            assert!(wait(nonsense, date).is_none_or(|span| span == Span::ZERO), "{nonsense}");
        }
    }

    #[test]
    fn a_date_that_a_cache_kept_is_not_believed() {
        let date = ("date", "Fri, 15 Jan 2027 08:00:00 GMT");
        assert!(answer(200, &[date], "").date().is_some());
        assert!(answer(200, &[date, ("age", "3")], "").date().is_none());
    }

    #[test]
    fn an_error_says_what_the_service_said_in_each_known_shape() {
        for (body, said) in [
            (
                r#"{"error":"invalid_client","error_description":"no such client"}"#,
                "no such client (invalid_client)",
            ),
            (r#"{"status":"error","error":{"message":"API key is revoked"}}"#, "API key is revoked"),
            (r#"{"code":40102,"message":"no access","status":401}"#, "no access (40102)"),
            (r#"{"error":"nope"}"#, "nope"),
        ] {
            assert_eq!(
                error_of(&answer(401, &[], body)).message,
                format!("the service answered 401: {said}")
            );
        }
        assert_eq!(error_of(&answer(500, &[], "<h1>")).message, "the service answered 500");
    }

    #[test]
    fn a_wait_beyond_thirty_seconds_is_the_callers_to_decide() {
        let error = error_of(&answer(503, &[("retry-after", "31")], ""));
        assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(Span::from_seconds(31))));
        assert_eq!(error_of(&answer(503, &[("retry-after", "30")], "")).code, Code::Server);
    }

    #[test]
    fn a_success_that_is_no_json_says_what_it_is() {
        let html = answer(200, &[("content-type", "text/html")], "<html>").json().unwrap_err();
        assert_eq!(html.code, Code::Response);
        assert!(html.message.contains("text/html where JSON was expected"), "{html}");
        assert!(answer(204, &[], "").json().unwrap_err().message.contains("empty body"));
    }

    #[test]
    fn backoff_doubles_up_to_its_bound_and_obeys_the_service() {
        let second = Span::from_seconds(1);
        let wait = |attempt, asked, random| backoff(attempt, second, LONGEST_WAIT, asked, random);
        assert_eq!(wait(1, None, 1.0), second);
        assert_eq!(wait(3, None, 0.5), Span::from_seconds(2));
        assert_eq!(wait(30, None, 1.0), LONGEST_WAIT);
        assert_eq!(wait(1, Some(Span::from_seconds(9)), 0.0), Span::from_seconds(9));
    }

    #[test]
    fn a_value_that_would_be_two_headers_is_none() {
        for bad in ["", "a\r\nb", "a\nb", " a", "a ", "ü", "a\0"] {
            assert!(!is_header_value(bad), "{bad:?}");
        }
        assert!(is_header_value("Bearer a.b-c_d=="));
    }
}
