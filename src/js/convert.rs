//! Values, in and out, as JSON text: `pkg/src/host.js` makes of it what JavaScript wants.

use super::host;
use super::platform::parse_url;
use crate::clock::{Span, Timestamp};
use crate::config::Fields;
use crate::error::{Code, Error, Issue};
use crate::event::{Event, EventKind};
use crate::json::{Json, write_list, write_text};
use crate::keys::{ApiKey, Credit, RpcKey};
use crate::token::Secret;
use wasm_bindgen::prelude::*;

/// The text of an object, written member by member. What is missing is left out, as JavaScript has it.
struct Writer(String);

impl Writer {
    fn new() -> Self {
        Writer("{".into())
    }

    /// A member whose value is JSON text already.
    fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_text(name, &mut self.0);
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(name, "");
        write_text(value, &mut self.0);
        self
    }

    fn texts(&mut self, name: &str, values: Option<&Vec<String>>) -> &mut Self {
        match values {
            Some(values) => self.list(name, values, |value, out| write_text(value, out)),
            None => self,
        }
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut String)) -> &mut Self {
        self.raw(name, "");
        write_list(items, &mut self.0, write);
        self
    }

    fn flag(&mut self, name: &str, value: Option<bool>) -> &mut Self {
        match value {
            Some(true) => self.raw(name, "true"),
            Some(false) => self.raw(name, "false"),
            None => self,
        }
    }

    fn integer(&mut self, name: &str, value: i64) -> &mut Self {
        self.raw(name, &value.to_string())
    }

    /// In thousandths, which `host.js` takes to seconds; milliseconds are so without loss.
    fn span(&mut self, name: &str, span: Span) -> &mut Self {
        self.integer(name, span.as_millis())
    }

    /// Milliseconds, of which `host.js` makes a `Date`.
    fn date(&mut self, name: &str, instant: Timestamp) -> &mut Self {
        self.integer(name, instant.as_millis())
    }

    fn end(&mut self) -> String {
        self.0.push('}');
        core::mem::take(&mut self.0)
    }
}

/// The fields of the options of a call.
pub fn fields(what: &str, given: Option<&str>) -> Result<Fields<'static>, JsValue> {
    Ok(Fields::new(what, parse(what, given.unwrap_or("{}"))?, &parse_url))
}

/// What `host.js` encoded. It is JSON, but may break a bound or hold half of a surrogate pair.
pub fn parse(what: &str, given: &str) -> Result<Json, JsValue> {
    Json::parse(given).map_err(|problem| error(Error::field(what, &problem.to_string())))
}

/// Throws if anything was wrong.
pub fn finish(fields: Fields<'_>) -> Result<(), JsValue> {
    match fields.finish() {
        issues if issues.is_empty() => Ok(()),
        issues => Err(error(Error::config(issues))),
    }
}

/// A `LatchkeyError`.
pub fn error(error: Error) -> JsValue {
    let mut out = Writer::new();
    out.text("code", error.code.as_str()).text("message", &error.message);
    out.flag("retryable", Some(error.code.is_retryable()));
    if let Some(provider) = error.provider {
        out.text("provider", provider.as_str());
    }
    if let Some(status) = error.status {
        out.integer("status", status.into());
    }
    if let Some(wait) = error.retry_after {
        out.span("retryAfter", wait);
    }
    if !error.issues.is_empty() {
        out.list("issues", &error.issues, |issue: &Issue, out| {
            out.push_str(&Writer::new().text("path", &issue.path).text("message", &issue.message).end());
        });
    }
    if let Some(cause) = &error.cause {
        out.raw("cause", &Writer::new().text("name", &cause.name).text("message", &cause.message).end());
    }
    host::error(&out.end())
}

/// An error of what was thrown: of its own code if it has one, else of this.
pub fn thrown(code: Code, thrown: &JsValue) -> Error {
    let told = Json::parse(&host::describe(thrown)).unwrap_or_default();
    let part = |at: usize| told.as_list().and_then(|parts| parts.get(at)?.as_str()).unwrap_or_default();
    let (own, name, message, behind) = (part(0), part(1), part(2), part(3));
    let mut error = match Code::ALL.iter().find(|code| code.as_str() == own) {
        Some(code) if name.is_empty() => Error::new(*code, message),
        Some(code) => Error::new(*code, message).with_cause(name, behind),
        None => Error::new(code, message).with_cause(name, message),
    };
    error.status = told.pointer("/4").and_then(Json::to_number).map(|status| status as u16);
    error
}

/// What `onEvent` is told.
pub fn event(event: Event) -> String {
    let mut out = Writer::new();
    let kind = match event.kind {
        EventKind::Token { reason, expires_at, took } => {
            if let Some(end) = expires_at {
                out.date("expiresAt", end);
            }
            out.text("reason", reason.as_str()).span("took", took);
            "token"
        }
        EventKind::Retry { attempt, delay, status, code } => {
            if let Some(status) = status {
                out.integer("status", status.into());
            }
            out.integer("attempt", attempt.into()).span("delay", delay).text("code", code.as_str());
            "retry"
        }
        EventKind::Backoff { until, code } => {
            out.date("until", until).text("code", code.as_str());
            "backoff"
        }
        EventKind::Unauthorized { replayed } => {
            out.flag("replayed", Some(replayed));
            "unauthorized"
        }
        EventKind::Key { action, id } => {
            out.text("action", action.as_str()).text("id", &id);
            "key"
        }
    };
    out.text("type", kind).text("provider", event.provider.as_str()).date("at", event.at).end()
}

/// A key, with its text if it was just made.
pub fn api_key(key: &ApiKey, secret: Option<&Secret>) -> String {
    let mut out = Writer::new();
    out.text("id", &key.id).text("permission", &key.permission).text("status", &key.status);
    out.flag("usageLimited", Some(key.usage_limited));
    out.list("credits", &key.credits, |credit: &Credit, out| {
        out.push_str(
            &Writer::new().text("unit", &credit.unit).text("amount", &credit.amount.to_string()).end(),
        );
    });
    out.texts("networks", Some(&key.networks)).texts("chains", key.chains.as_ref());
    out.flag("canRead", key.can_read).flag("canPay", key.can_pay).flag("canAdmin", key.can_admin);
    out.flag("walletScopeEnabled", key.wallet_scope_enabled)
        .texts("walletScopes", key.wallet_scopes.as_ref());
    if let Some(hint) = &key.hint {
        out.text("hint", hint);
    }
    if let Some(secret) = secret {
        out.text("secret", secret.reveal());
    }
    out.end()
}

/// A page of keys.
pub fn page(keys: &[ApiKey]) -> String {
    let mut out = String::new();
    write_list(keys, &mut out, |key, out| out.push_str(&api_key(key, None)));
    out
}

/// A page of keys to other people's services.
pub fn rpc_page(keys: &[RpcKey]) -> String {
    let mut out = String::new();
    write_list(keys, &mut out, |key, out| {
        let mut row = Writer::new();
        row.text("id", &key.id).text("provider", &key.provider).text("network", &key.network);
        row.text("rpcProviderApiKey", key.rpc_provider_api_key.reveal());
        out.push_str(&row.text("createdAt", &key.created_at).text("updatedAt", &key.updated_at).end());
    });
    out
}

/// One header, as an object.
pub fn header(name: &str, value: &Secret) -> String {
    Writer::new().text(name, value.reveal()).end()
}

/// What a client shows of itself.
pub fn state(provider: &str, expires_at: Option<Timestamp>, scopes: Option<&Vec<String>>) -> String {
    let mut out = Writer::new();
    if let Some(end) = expires_at {
        out.date("expiresAt", end);
    }
    out.text("provider", provider).texts("scopes", scopes).end()
}
