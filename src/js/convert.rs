//! Values, in and out, as JSON text: `pkg/src/host.js` makes of it what JavaScript wants.

use super::host;
use super::platform::parse_url;
use crate::clock::{Span, Timestamp};
use crate::config::Fields;
use crate::error::{Code, Error, Issue};
use crate::event::{Event, EventKind};
use crate::json::Json;
use crate::keys::{ApiKey, Credit, RpcKey};
use crate::token::Secret;
use wasm_bindgen::prelude::*;

/// Members that may be missing, which JavaScript then does not see.
type Members<'a> = Vec<(&'a str, Option<Json>)>;

fn object(members: Members<'_>) -> Json {
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(given.collect())
}

fn text(text: &str) -> Option<Json> {
    Some(text.into())
}

fn texts(texts: Option<&Vec<String>>) -> Option<Json> {
    texts.map(|texts| Json::texts(texts))
}

fn flag(value: Option<bool>) -> Option<Json> {
    value.map(Json::from)
}

fn integer(number: i64) -> Option<Json> {
    Some(Json::Number(number.to_string()))
}

/// Seconds with three digits after the point, which milliseconds are without loss.
fn seconds(span: Span) -> Option<Json> {
    let millis = span.as_millis().max(0);
    Some(Json::Number(format!("{}.{:03}", millis / 1000, millis % 1000)))
}

/// Milliseconds, of which `host.js` makes a `Date`.
fn date(instant: Timestamp) -> Option<Json> {
    integer(instant.as_millis())
}

/// The fields of the options of a call.
pub fn fields(what: &str, given: Option<&str>) -> Result<Fields<'static>, JsValue> {
    let given = Json::parse(given.unwrap_or("{}"));
    let given = given.map_err(|problem| error(Error::new(Code::Config, problem.to_string())))?;
    Ok(Fields::new(what, given, &parse_url))
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
    let issue = |issue: &Issue| object(vec![("path", text(&issue.path)), ("message", text(&issue.message))]);
    let issues = (!error.issues.is_empty()).then(|| Json::List(error.issues.iter().map(issue).collect()));
    let cause = error
        .cause
        .as_ref()
        .map(|cause| object(vec![("name", text(&cause.name)), ("message", text(&cause.message))]));
    let details = object(vec![
        ("code", text(error.code.as_str())),
        ("message", text(&error.message)),
        ("retryable", flag(Some(error.code.is_retryable()))),
        ("provider", error.provider.and_then(|name| text(name.as_str()))),
        ("status", error.status.and_then(|status| integer(status.into()))),
        ("retryAfter", error.retry_after.and_then(seconds)),
        ("issues", issues),
        ("cause", cause),
    ]);
    host::error(&details.to_string())
}

/// An error of what was thrown: of its own code if it has one, else of this.
pub fn thrown(code: Code, thrown: &JsValue) -> Error {
    let told = Json::parse(&host::describe(thrown)).unwrap_or_default();
    let part = |at: usize| told.as_list().and_then(|parts| parts.get(at)?.as_str()).unwrap_or_default();
    let (own, name, message, behind) = (part(0), part(1), part(2), part(3));
    match Code::ALL.iter().find(|code| code.as_str() == own) {
        Some(code) if name.is_empty() => Error::new(*code, message),
        Some(code) => Error::new(*code, message).with_cause(name, behind),
        None => Error::new(code, message).with_cause(name, message),
    }
}

/// What `onEvent` is told.
pub fn event(event: Event) -> String {
    let mut members =
        vec![("type", None), ("provider", text(event.provider.as_str())), ("at", date(event.at))];
    let (kind, rest) = match event.kind {
        EventKind::Token { reason, expires_at, took } => {
            let expires_at = expires_at.and_then(date);
            (
                "token",
                vec![("reason", text(reason.as_str())), ("expiresAt", expires_at), ("took", seconds(took))],
            )
        }
        EventKind::Retry { attempt, delay, status, code } => (
            "retry",
            vec![
                ("attempt", integer(attempt.into())),
                ("delay", seconds(delay)),
                ("status", status.and_then(|status| integer(status.into()))),
                ("code", text(code.as_str())),
            ],
        ),
        EventKind::Backoff { until, code } => {
            ("backoff", vec![("until", date(until)), ("code", text(code.as_str()))])
        }
        EventKind::Unauthorized { replayed } => ("unauthorized", vec![("replayed", flag(Some(replayed)))]),
        EventKind::Key { action, id } => ("key", vec![("action", text(action.as_str())), ("id", text(&id))]),
    };
    members.extend(rest);
    if let Some((_, first)) = members.first_mut() {
        *first = text(kind);
    }
    object(members).to_string()
}

/// A key, with its text if it was just made.
pub fn api_key(key: &ApiKey, secret: Option<&Secret>) -> Json {
    let credit = |credit: &Credit| {
        object(vec![("unit", text(&credit.unit)), ("amount", text(&credit.amount.to_string()))])
    };
    object(vec![
        ("id", text(&key.id)),
        ("permission", text(&key.permission)),
        ("status", text(&key.status)),
        ("usageLimited", flag(Some(key.usage_limited))),
        ("credits", Some(Json::List(key.credits.iter().map(credit).collect()))),
        ("networks", texts(Some(&key.networks))),
        ("chains", texts(key.chains.as_ref())),
        ("canRead", flag(key.can_read)),
        ("canPay", flag(key.can_pay)),
        ("canAdmin", flag(key.can_admin)),
        ("walletScopeEnabled", flag(key.wallet_scope_enabled)),
        ("walletScopes", texts(key.wallet_scopes.as_ref())),
        ("hint", key.hint.as_ref().and_then(|hint| text(hint))),
        ("secret", secret.and_then(|secret| text(secret.reveal()))),
    ])
}

/// A page of keys.
pub fn page(keys: &[ApiKey]) -> Json {
    Json::List(keys.iter().map(|key| api_key(key, None)).collect())
}

/// A key to somebody else's service.
pub fn rpc_key(key: &RpcKey) -> Json {
    object(vec![
        ("id", text(&key.id)),
        ("provider", text(&key.provider)),
        ("network", text(&key.network)),
        ("rpcProviderApiKey", text(key.rpc_provider_api_key.reveal())),
        ("createdAt", text(&key.created_at)),
        ("updatedAt", text(&key.updated_at)),
    ])
}
