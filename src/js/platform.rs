//! What the core asks of the world, asked of JavaScript.

use super::{convert, host};
use crate::client::{Hop, Outgoing, RedirectMode, Reply};
use crate::clock::{self, Span, Timestamp};
use crate::config::Functions;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::http::{Answer, MAX_ANSWER, Request, is_header_value, seconds_at};
use crate::json::Json;
use crate::platform::{FunctionId, Platform, Url};
use crate::token::{Grant, Secret};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The longest that `setTimeout` can wait, in milliseconds.
const MAX_TIMER: i64 = i32::MAX as i64;

/// The functions that a configuration gave, and the globals.
pub struct JsPlatform {
    functions: Functions,
    all: Vec<Function>,
}

impl JsPlatform {
    pub fn new(functions: Functions, all: Vec<Function>) -> Self {
        JsPlatform { functions, all }
    }

    fn function(&self, id: Option<FunctionId>) -> Option<&Function> {
        id.and_then(|FunctionId(at)| self.all.get(at))
    }

    fn asked(&self, id: FunctionId) -> Result<&Function> {
        self.function(Some(id)).ok_or_else(|| Error::new(Code::Credential, "the function is not there"))
    }
}

/// What a promise comes to, as text.
async fn text_of(promise: Promise, code: Code) -> Result<String> {
    match JsFuture::from(promise).await {
        Ok(value) => Ok(value.as_string().unwrap_or_default()),
        Err(thrown) => Err(convert::thrown(code, &thrown)),
    }
}

/// The platform's URL parser. In a page, a URL may be relative to it.
pub fn parse_url(text: &str, base: Option<&str>) -> Option<Url> {
    let parts = host::parse_url(text, base)?;
    let mut parts = parts.split('\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    Some(Url {
        href: part(),
        origin: part(),
        protocol: part(),
        hostname: part(),
        pathname: part(),
        search: part(),
        has_credentials: !part().is_empty(),
    })
}

impl Platform for JsPlatform {
    fn now(&self) -> Timestamp {
        let told = self.function(self.functions.now).map(host::time).filter(|told| told.is_finite());
        // A clock that tells no time is no clock; the machine's own is.
        told.map_or_else(clock::system, |millis| Timestamp::from_millis(millis as i64))
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn fresh_id(&self) -> String {
        host::fresh_id()
    }

    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Url> {
        parse_url(text, base)
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + 'static {
        TimeoutFuture::new(span.as_millis().clamp(0, MAX_TIMER) as u32)
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(work);
    }

    async fn send(&self, request: Request) -> Result<Answer> {
        let sent_at = self.now();
        let headers =
            request.headers.iter().map(|(name, value)| (name.clone(), value.reveal().into())).collect();
        let abort = host::AbortOnDrop::new();
        let sending = host::send(
            self.function(self.functions.fetch),
            &abort.signal(),
            request.method.as_str(),
            &request.url,
            &Json::Object(headers).to_string(),
            request.body.as_ref().map(Secret::reveal),
            &Answer::HEADERS.join(","),
            MAX_ANSWER,
        );
        let answer = text_of(sending, Code::Network).await?;
        abort.done();
        let mut lines = answer.splitn(Answer::HEADERS.len() + 2, '\n');
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let status = line().parse().unwrap_or_default();
        let headers = Answer::HEADERS.iter().map(|name| ((*name).to_owned(), line()));
        let headers = headers.filter(|(_, value)| !value.is_empty()).collect();
        Ok(Answer { status, headers, body: line(), asked: request.name(), sent_at, arrived_at: self.now() })
    }

    async fn credential(&self, function: FunctionId) -> Result<Secret> {
        text_of(host::credential(self.asked(function)?), Code::Credential).await.map(Secret::new)
    }

    async fn acquire(&self, function: FunctionId) -> Result<Grant> {
        let abort = host::AbortOnDrop::new();
        let given = text_of(host::acquire(self.asked(function)?, &abort.signal()), Code::Credential).await?;
        abort.done();
        let body = Json::parse(&given).unwrap_or_default();
        let token = body.get("token").and_then(Json::as_str).filter(|token| is_header_value(token));
        let mut grant = Grant::new(token.map(Secret::new).ok_or_else(|| {
            Error::new(Code::Credential, "acquire gave no token that can stand in a header")
        })?);
        grant.expires_in = seconds_at(&body, "/expiresIn");
        grant.readable = grant.expires_in.is_none();
        Ok(grant)
    }

    fn emit(&self, event: Event) {
        if let Some(on_event) = self.function(self.functions.on_event) {
            host::emit(on_event, &convert::event(event));
        }
    }
}

/// A request of the user's, and what the core decides by.
pub struct JsRequest<'p> {
    platform: &'p JsPlatform,
    attached: &'p str,
    outgoing: &'p host::Outgoing,
    target: String,
    method: String,
    body: String,
    redirect: String,
}

impl<'p> JsRequest<'p> {
    /// Reads it; `attached` is the header that the credential travels in.
    pub fn read(outgoing: &'p host::Outgoing, attached: &'p str, platform: &'p JsPlatform) -> Self {
        let told = outgoing.describe();
        // The target stands first and may hold anything, so what comes after is taken from the end.
        let mut parts = told.rsplitn(4, '\n').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (redirect, body, method) = (part(), part(), part());
        JsRequest { platform, attached, outgoing, target: part(), method, body, redirect }
    }
}

impl Outgoing for JsRequest<'_> {
    type Reply = JsReply;

    fn target(&self) -> &str {
        &self.target
    }

    fn method(&self) -> &str {
        &self.method
    }

    fn has_body(&self) -> bool {
        self.body != "none"
    }

    fn is_repeatable(&self) -> bool {
        self.body != "stream"
    }

    fn redirect(&self) -> RedirectMode {
        match self.redirect.as_str() {
            "error" => RedirectMode::Error,
            "manual" => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        }
    }

    async fn send(&self, hop: Hop<'_>) -> Result<JsReply> {
        let (name, value) = match &hop.credential {
            Some((name, value)) => (*name, Some(value.reveal())),
            None => (self.attached, None),
        };
        let fetch = self.platform.function(self.platform.functions.fetch);
        let sent = self.outgoing.send(fetch, hop.url, name, value, hop.as_get);
        let sent = sent.map_err(|thrown| convert::thrown(Code::InvalidRequest, &thrown))?;
        let reply = JsFuture::from(sent).await.map_err(|thrown| convert::thrown(Code::Network, &thrown))?;
        Ok(JsReply(reply.unchecked_into()))
    }
}

/// The answer to it.
pub struct JsReply(pub host::Response);

impl Reply for JsReply {
    fn status(&self) -> u16 {
        self.0.status()
    }

    fn header(&self, name: &str) -> Option<String> {
        host::header_of(&self.0, name)
    }

    fn discard(self) {
        host::discard(&self.0);
    }
}
