//! Values, in and out, as JSON text: `pkg/src/values.js` makes of it what JavaScript wants.

use super::host::Host;
use crate::client::{Client, Outgoing, RedirectMode};
use crate::clock::{Span, Timestamp};
use crate::config::{Config, Fields};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::{Answer, MAX_ANSWER};
use crate::json::{Json, Value, Writer, write_text};
use crate::lifecycle::Held;
use crate::platform::{FunctionId, Platform, Url};
use crate::task::{Effect, Kind, Outcome};
use crate::text::{self, NO_TEXT, Text};
use crate::token::{Secret, Token};
use std::rc::Rc;

impl Writer {
    /// In thousandths, which `values.js` takes to seconds; milliseconds are so without loss.
    fn span(self, name: &str, span: Span) -> Self {
        self.integer(name, span.as_millis())
    }

    /// Milliseconds, of which `values.js` makes a `Date`.
    fn date(self, name: &str, instant: Timestamp) -> Self {
        self.integer(name, instant.as_millis())
    }
}

/// The fields of the options of a call, from their text.
pub fn fields(what: &str, given: &str) -> Result<Fields<'static>> {
    Ok(fields_of(what, parse(what, given)?))
}

/// The fields of the options of a call; none were given if there is nothing.
pub fn fields_of(what: &str, given: Value) -> Fields<'static> {
    Fields::new(what, given, &parse_url)
}

/// What a call is given, one after the other.
#[derive(Default)]
pub struct Arguments(Vec<Value>);

impl Arguments {
    /// From the text of their list.
    pub fn read(given: &str) -> Result<Self> {
        Ok(Arguments(parse("arguments", given)?.take_items()))
    }

    /// The one at this place, if it is there.
    pub fn json(&self, at: usize) -> &Json {
        self.0.get(at).map_or(&Json::Null, |json| json)
    }

    /// The same, if it is a text; an empty one if it is none.
    pub fn text(&self, at: usize) -> &String {
        self.json(at).as_str().unwrap_or(&NO_TEXT)
    }

    /// The same, whatever it is, taken out.
    pub fn take(&mut self, at: usize) -> Value {
        self.0.get_mut(at).map(core::mem::take).unwrap_or_default()
    }
}

/// What `encode.js` wrote. It is JSON, but may break a bound or hold half of a surrogate pair.
pub fn parse(what: &str, given: &str) -> Result<Value> {
    Json::parse(given).map_err(|problem| Error::field(what, &problem))
}

/// The platform's URL parser.
pub fn parse_url(text: &str, base: Option<&str>) -> Option<Rc<Url>> {
    Host.parse_url(text, base)
}

/// What a `LatchkeyError` is made of.
pub fn error(error: &Error) -> Text {
    let mut out = Writer::new();
    out = out.text("code", error.code.as_str()).text("message", &error.message);
    out = out.flag("retryable", Some(error.code.is_retryable()));
    if let Some(provider) = error.provider {
        out = out.text("provider", provider.as_str());
    }
    if let Some(status) = error.status {
        out = out.integer("status", status.into());
    }
    if let Some(wait) = error.retry_after {
        out = out.span("retryAfter", wait);
    }
    if let Json::List(_) = *error.issues {
        out = out.raw("issues", &error.issues.to_text());
    }
    if let Json::Object(_) = *error.cause {
        out = out.raw("cause", &error.cause.to_text());
    }
    out.end()
}

/// What a task needs, as it is written: a list of what there is to know, and the effect's name at its end.
struct Needs(Text);

impl Needs {
    fn new() -> Self {
        Needs("[".into())
    }

    /// JSON text.
    fn raw(mut self, value: &str) -> Self {
        self.0.push_str(value);
        self.0.push(',');
        self
    }

    fn text(mut self, value: &str) -> Self {
        write_text(value, &mut self.0);
        self.raw("")
    }

    fn integer(self, value: i64) -> Self {
        self.raw(&text::digits(value))
    }

    fn end(mut self, name: &str) -> Text {
        write_text(name, &mut self.0);
        self.0.push(']');
        self.0
    }
}

/// The end of a task, with the JSON text that it comes to, if any.
pub fn done(result: Result<Text>) -> Text {
    let out = Needs::new();
    match result {
        Ok(value) if value.is_empty() => out,
        Ok(value) => out.raw(&value),
        Err(failure) => return out.raw(&error(&failure)).end("fail"),
    }
    .end("done")
}

/// That a task needs the flight of this number to go on on its own.
pub fn fly(number: usize) -> Text {
    Needs::new().integer(number as i64).end("fly")
}

/// What a task needs.
pub fn effect(effect: &Effect) -> Text {
    let mut out = Needs::new();
    let name = match effect {
        Effect::Send(request, timeout) => {
            let mut headers = Writer::new();
            for (name, value) in &request.headers {
                headers = headers.text(name, value.reveal());
            }
            out = out.integer(timeout.as_millis()).text(request.method.as_str()).text(&request.url);
            out = out.raw(&headers.end()).integer(MAX_ANSWER as i64);
            if let Some(body) = &request.body {
                out = out.text(body.reveal());
            }
            "send"
        }
        Effect::Hop(hop) => {
            out = out.text(&hop.url.href).text(&hop.header).integer(hop.as_get.into());
            if let Some(value) = &hop.credential {
                out = out.text(value.reveal());
            }
            "hop"
        }
        Effect::Credential(FunctionId(id), timeout) | Effect::Acquire(FunctionId(id), timeout) => {
            out = out.integer(timeout.as_millis()).integer(*id as i64);
            if matches!(effect, Effect::Credential(..)) { "credential" } else { "acquire" }
        }
        Effect::Import(algorithm, key) => {
            out = out.text(algorithm.names()).text(key);
            "import"
        }
        Effect::Check(algorithm) => {
            out = out.text(algorithm.names());
            "check"
        }
        Effect::Sleep(span) => {
            out = out.integer(span.as_millis());
            "sleep"
        }
        Effect::Store(name, call) => {
            out = out.text(name).text(call.op).text(call.record.reveal()).integer(call.time.as_millis());
            "store"
        }
        Effect::Land => "land",
        // Whoever holds the flight tells its number: see [`fly`].
        Effect::Fly(_) | Effect::Join => "join",
        Effect::Abandon => "abandon",
        Effect::Tell(happened) => {
            out = out.raw(&event(happened));
            "tell"
        }
    };
    out.end(name)
}

/// What came of an effect, as `driver.js` tells it.
pub fn outcome(awaited: Kind, text: Text, failed: bool) -> Result<Outcome> {
    if failed {
        return Err(thrown(&text));
    }
    Ok(match awaited {
        Kind::Done => Outcome::Done,
        Kind::Text => Outcome::Text(text),
        Kind::Answer | Kind::Reply => {
            let mut rest = text.as_str();
            let mut answer = Box::<Answer>::default();
            answer.status = text::natural(text::take_until(&mut rest, b'\n')).unwrap_or_default() as u16;
            answer.headers = text::take_until(&mut rest, b'\0').into();
            answer.body = rest.into();
            if awaited == Kind::Reply { Outcome::Reply(answer) } else { Outcome::Answer(answer) }
        }
    })
}

/// A request of the user's: after the name of the call its target, its method, whether its body is a stream, and its redirect mode.
pub fn outgoing(given: &Arguments) -> Outgoing {
    Outgoing {
        target: given.text(1).into(),
        method: given.text(2).into(),
        is_stream: given.json(3).as_bool() == Some(true),
        redirect: match given.text(4).as_str() {
            "error" => RedirectMode::Error,
            "manual" => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        },
    }
}

/// The token that a request was already sent with, if it was: the header's value and its generation come after the request.
pub fn sent(client: &Client, given: &Arguments) -> Option<Held> {
    let generation = given.json(6).to_number()? as u32;
    let secret = client.config().provider.attach().token(given.text(5));
    Some(Rc::new(Token { generation, ..Token::of(secret) }))
}

/// An error of what was thrown: its code, its name, its words, those of what lay behind it, and a status if it has one.
fn thrown(told: &str) -> Error {
    let told = Arguments::read(told).unwrap_or_default();
    let mut error = Error::new(Code::parse(told.text(0)).unwrap_or(Code::Network), told.text(2));
    if !told.text(1).is_empty() {
        error = error.with_cause(told.text(1), told.text(3));
    }
    error.status = told.json(4).to_number().map(|status| status as u16);
    error
}

/// What `onEvent` is told.
fn event(event: &Event) -> Text {
    let mut out = Writer::new();
    out =
        out.text("type", event.kind.as_str()).text("provider", event.provider.as_str()).date("at", event.at);
    match &event.kind {
        EventKind::Token { reason, expires_at, took } => {
            if !expires_at.is_never() {
                out = out.date("expiresAt", *expires_at);
            }
            out = out.text("reason", reason.as_str()).span("took", *took);
        }
        EventKind::Retry { attempt, delay, status, code } => {
            if let Some(status) = status {
                out = out.integer("status", (*status).into());
            }
            out = out.integer("attempt", (*attempt).into()).span("delay", *delay).text("code", code.as_str());
        }
        EventKind::Backoff { until, code } => {
            out = out.date("until", *until).text("code", code.as_str());
        }
        EventKind::Unauthorized { replayed } => {
            out = out.flag("replayed", Some(*replayed));
        }
        EventKind::Store => {
            out = out.text("code", Code::Store.as_str());
        }
        EventKind::Key { action, id } => {
            out = out.text("action", action.as_str()).text("id", id);
        }
    }
    out.end()
}

/// One header, as an object.
pub fn header(name: &str, value: &Secret) -> Text {
    Writer::new().text(name, value.reveal()).end()
}

/// What a client shows of itself.
pub fn state(config: &Config, held: Option<(Held, Timestamp)>) -> Text {
    let mut out = Writer::new();
    let token = held.as_ref().map(|(token, _)| token);
    if let Some((_, end)) = held
        && !end.is_never()
    {
        out = out.date("expiresAt", end);
    }
    out = out.text("provider", config.name.as_str());
    if let Some(scopes) = token.and_then(|token| token.scopes.as_ref()) {
        out = out.text("scopes", scopes);
    }
    if let Some(access) = config.provider.access() {
        out = out.text("access", access.name);
        if let Some(id) = access.id.or(token.and_then(|token| token.id.as_ref().map(Text::as_string))) {
            out = out.text("id", id);
        }
        out = out.text("may", access.may);
    }
    out.end()
}
