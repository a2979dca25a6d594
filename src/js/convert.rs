//! Values, in and out.

use super::platform::parse_url;
use crate::clock::{Span, Timestamp};
use crate::config::{Field, Fields};
use crate::error::{Code, Error};
use crate::event::{Event, EventKind};
use crate::keys::{ApiKey, Credit, RpcKey};
use crate::platform::FunctionId;
use crate::token::{Grant, Secret};
use js_sys::{Array, BigInt, Date, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// The deepest nesting of a configuration that is read.
const MAX_DEPTH: usize = 16;

#[wasm_bindgen(raw_module = "./values.js")]
extern "C" {
    /// `pkg/src/values.js`, where the classes of what is given out are.
    #[wasm_bindgen(js_name = LatchkeyError)]
    type JsError;
    #[wasm_bindgen(constructor, js_class = LatchkeyError)]
    fn new(code: &str, message: &str, details: &Object) -> JsError;
    #[wasm_bindgen(js_name = Secret)]
    type JsSecret;
    #[wasm_bindgen(constructor, js_class = Secret)]
    fn new(text: &str) -> JsSecret;
    #[wasm_bindgen(js_name = withJson)]
    fn with_json(fields: &JsValue) -> JsValue;
}

/// An object of these members, in this order.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, JsValue)>) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // It cannot fail: the object is our own and is not frozen.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object
}

/// An array of what each item becomes.
pub fn list<T>(items: &[T], convert: impl Fn(&T) -> JsValue) -> JsValue {
    items.iter().map(convert).collect::<Array>().into()
}

/// A `LatchkeyError`.
pub fn error(error: Error) -> JsValue {
    let error = error.into_details();
    let issue =
        |issue: crate::error::Issue| object([("path", issue.path.into()), ("message", issue.message.into())]);
    let mut details = vec![("retryable", error.code.is_retryable().into())];
    details.extend(error.provider.map(|name| ("provider", name.as_str().into())));
    details.extend(error.status.map(|status| ("status", status.into())));
    details.extend(error.retry_after.map(|wait| ("retryAfter", wait.as_seconds_f64().into())));
    if !error.issues.is_empty() {
        details.push(("issues", error.issues.into_iter().map(issue).collect::<Array>().into()));
    }
    if let Some(cause) = error.cause {
        let copy = js_sys::Error::new(&cause.message);
        copy.set_name(&cause.name);
        details.push(("cause", copy.into()));
    }
    JsError::new(error.code.as_str(), &error.message, &object(details)).into()
}

/// Makes an error of this code of what was thrown.
pub fn thrown(code: Code) -> impl Fn(JsValue) -> Error {
    move |thrown| {
        let (name, message) = describe(&thrown);
        Error::new(code, message.clone()).with_cause(name, message)
    }
}

/// The name and the words of what was thrown, and of what lay behind it: Node's `fetch failed` says why only there.
pub fn describe(thrown: &JsValue) -> (String, String) {
    let text =
        |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().and_then(|text| text.as_string());
    let Some(message) = text(thrown, "message") else {
        return (
            kind(thrown).to_owned(),
            thrown.as_string().unwrap_or_else(|| "no error was thrown, but something else".into()),
        );
    };
    let name = text(thrown, "name").unwrap_or_else(|| "Error".into());
    let cause = Reflect::get(thrown, &"cause".into()).unwrap_or(JsValue::UNDEFINED);
    match text(&cause, "message").filter(|said| !said.is_empty()).or_else(|| text(&cause, "code")) {
        Some(behind) => (name, format!("{message}: {behind}")),
        None => (name, message),
    }
}

/// What a value is, for a message.
pub fn kind(value: &JsValue) -> &'static str {
    match tag(value).as_str() {
        "Undefined" => "undefined",
        "Null" => "null",
        "Boolean" => "a boolean",
        "Number" => "a number",
        "BigInt" => "a bigint",
        "String" => "a string",
        "Symbol" => "a symbol",
        "Array" => "an array",
        "Date" => "a Date",
        "Promise" => "a promise",
        "Map" => "a Map",
        "Set" => "a Set",
        "Function" | "AsyncFunction" => "a function",
        _ => "an object of another class",
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn object_to_string(value: &JsValue) -> String;
}

/// What `Object.prototype.toString` says between its brackets, which holds across realms where `instanceof` does not.
pub fn tag(value: &JsValue) -> String {
    object_to_string(value).trim_start_matches("[object ").trim_end_matches(']').to_owned()
}

/// The text of a string or of a `URL`.
pub fn text_or_url(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| {
        let is_url = tag(value) == "URL";
        is_url.then(|| Reflect::get(value, &"href".into()).ok()?.as_string()).flatten()
    })
}

/// A configuration: its own members, and the functions among them.
pub fn config(value: &JsValue) -> Result<(Field, Vec<Function>), JsValue> {
    let mut functions = Vec::new();
    let field = field(value, &mut functions, MAX_DEPTH)?;
    Ok((field, functions))
}

fn field(value: &JsValue, functions: &mut Vec<Function>, depth: usize) -> Result<Field, JsValue> {
    if let Some(text) = text_or_url(value) {
        return Ok(Field::Text(text));
    }
    if let Some(number) = value.as_f64() {
        return Ok(Field::Number(number, js_sys::JsString::from(value.clone()).into()));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Field::Bool(flag));
    }
    if let Some(function) = value.dyn_ref::<Function>() {
        functions.push(function.clone());
        return Ok(Field::Function(FunctionId(functions.len() - 1)));
    }
    Ok(match tag(value).as_str() {
        "Null" => Field::Null,
        "BigInt" => {
            Field::BigInt(value.unchecked_ref::<BigInt>().to_string(10).map_err(JsValue::from)?.into())
        }
        "Date" => timestamp(value.unchecked_ref()).map_or(Field::Other("an invalid Date"), Field::Date),
        _ if depth == 0 => Field::Other("nested deeper than any configuration is"),
        "Array" => {
            let items = value.unchecked_ref::<Array>().iter();
            Field::List(items.map(|item| field(&item, functions, depth - 1)).collect::<Result<_, _>>()?)
        }
        "Object" => {
            let mut members = Vec::new();
            for entry in Object::entries(value.unchecked_ref()).iter() {
                let entry: Array = entry.unchecked_into();
                if !entry.get(1).is_undefined() {
                    let name = entry.get(0).as_string().unwrap_or_default();
                    members.push((name, field(&entry.get(1), functions, depth - 1)?));
                }
            }
            Field::Map(members)
        }
        _ => Field::Other(kind(value)),
    })
}

/// The options of a call: their fields, and what of them is no plain value.
pub struct Call {
    pub fields: Fields<'static>,
    name: &'static str,
    apart: Vec<(String, JsValue)>,
}

impl Call {
    /// Reads the options of a call; those that are named in `apart` are kept as they are.
    pub fn read(name: &'static str, value: &JsValue, apart: &[&str]) -> Result<Self, JsValue> {
        let (given, _) =
            if value.is_undefined() { (Field::Map(Vec::new()), Vec::new()) } else { config(value)? };
        let mut kept = Vec::new();
        let given = match given {
            Field::Map(mut members) => {
                members.retain(|(member, _)| !apart.contains(&member.as_str()));
                for member in apart {
                    kept.push((
                        (*member).to_owned(),
                        Reflect::get(value, &(*member).into()).unwrap_or(JsValue::UNDEFINED),
                    ));
                }
                Field::Map(members)
            }
            _ => {
                let message = format!("must be an object, not {}", kind(value));
                return Err(error(Error::field(name, &message)));
            }
        };
        Ok(Call { fields: Fields::new("", given, &parse_url), name, apart: kept })
    }

    /// The `AbortSignal` among what was kept apart.
    pub fn signal(&self, name: &str) -> Result<Option<AbortSignal>, JsValue> {
        let kept = self.apart.iter().find(|(kept, _)| kept == name);
        kept.map_or(Ok(None), |(_, value)| signal(&format!("{}.{name}", self.name), value))
    }

    /// Throws if anything was wrong.
    pub fn finish(self) -> Result<(), JsValue> {
        match self.fields.finish() {
            issues if issues.is_empty() => Ok(()),
            issues => Err(error(Error::config(issues))),
        }
    }
}

/// An `AbortSignal`, or nothing.
pub fn signal(name: &str, value: &JsValue) -> Result<Option<AbortSignal>, JsValue> {
    match tag(value).as_str() {
        "Undefined" | "Null" => Ok(None),
        "AbortSignal" => Ok(Some(value.clone().unchecked_into())),
        _ => Err(error(Error::field(name, &format!("must be an AbortSignal, not {}", kind(value))))),
    }
}

/// The id of a key.
pub fn id(name: &str, value: &JsValue) -> Result<String, JsValue> {
    let wrong = || error(Error::field(name, &format!("must be a string, not {}", kind(value))));
    value.as_string().ok_or_else(wrong)
}

/// The id of a key, or nothing.
pub fn optional_id(name: &str, value: &JsValue) -> Result<Option<String>, JsValue> {
    if value.is_undefined() { Ok(None) } else { id(name, value).map(Some) }
}

/// The instant of a `Date`; nothing of an invalid one.
pub fn timestamp(date: &Date) -> Option<Timestamp> {
    let millis = date.get_time();
    millis.is_finite().then(|| Timestamp::from_millis(millis as i64))
}

/// A `Date`.
pub fn date(instant: Timestamp) -> Date {
    Date::new(&(instant.as_millis() as f64).into())
}

/// What `acquire` gave: `{ token, expiresIn? }`.
pub fn grant(value: &JsValue) -> Result<Grant, Error> {
    let wrong = |what: &str| {
        Error::new(Code::Credential, format!("acquire gave {what}; it must give {{ token, expiresIn? }}"))
    };
    let member = |name: &str| Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if !value.is_object() {
        return Err(wrong(kind(value)));
    }
    let token = member("token").as_string().filter(|token| crate::http::is_header_value(token));
    let mut grant =
        Grant::new(Secret::new(token.ok_or_else(|| wrong("no token that can stand in a header"))?));
    let expires_in = member("expiresIn");
    if expires_in.is_undefined() {
        grant.readable = true;
    } else {
        let seconds = expires_in.as_f64().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        grant.expires_in = Some(Span::from_seconds_f64(
            seconds.ok_or_else(|| wrong("an expiresIn that is no number of seconds"))?,
        ));
    }
    Ok(grant)
}

/// What `onEvent` is told.
pub fn event(event: Event) -> JsValue {
    let seconds = |span: Span| JsValue::from(span.as_seconds_f64());
    let (kind, rest) = match event.kind {
        EventKind::Token { reason, expires_at, took } => {
            let mut rest = vec![("reason", reason.as_str().into()), ("took", seconds(took))];
            rest.extend(expires_at.map(|end| ("expiresAt", date(end).into())));
            ("token", rest)
        }
        EventKind::Retry { attempt, delay, status, code } => {
            let mut rest =
                vec![("attempt", attempt.into()), ("delay", seconds(delay)), ("code", code.as_str().into())];
            rest.extend(status.map(|status| ("status", status.into())));
            ("retry", rest)
        }
        EventKind::Backoff { until, code } => {
            ("backoff", vec![("until", date(until).into()), ("code", code.as_str().into())])
        }
        EventKind::Unauthorized { replayed } => ("unauthorized", vec![("replayed", replayed.into())]),
        EventKind::Key { action, id } => ("key", vec![("action", action.as_str().into()), ("id", id.into())]),
    };
    let head =
        [("type", kind.into()), ("provider", event.provider.as_str().into()), ("at", date(event.at).into())];
    object(head.into_iter().chain(rest)).into()
}

/// A key, with its text if it was just made.
pub fn api_key(key: &ApiKey, secret: Option<&Secret>) -> JsValue {
    let texts = |texts: &Vec<String>| texts.iter().map(JsValue::from).collect::<Array>().into();
    let credit = |credit: &Credit| {
        object([("unit", credit.unit.as_str().into()), ("amount", BigInt::from(credit.amount).into())])
    };
    let mut members = vec![
        ("id", key.id.as_str().into()),
        ("permission", key.permission.as_str().into()),
        ("status", key.status.as_str().into()),
        ("usageLimited", key.usage_limited.into()),
        ("credits", key.credits.iter().map(credit).collect::<Array>().into()),
        ("networks", texts(&key.networks)),
    ];
    members.extend(key.chains.as_ref().map(|chains| ("chains", texts(chains))));
    members.extend(key.can_read.map(|can| ("canRead", can.into())));
    members.extend(key.can_pay.map(|can| ("canPay", can.into())));
    members.extend(key.can_admin.map(|can| ("canAdmin", can.into())));
    members.extend(key.wallet_scope_enabled.map(|enabled| ("walletScopeEnabled", enabled.into())));
    members.extend(key.wallet_scopes.as_ref().map(|wallets| ("walletScopes", texts(wallets))));
    members.extend(key.hint.as_ref().map(|hint| ("hint", hint.as_str().into())));
    members.extend(secret.map(|secret| ("secret", JsSecret::new(secret.reveal()).into())));
    with_json(&object(members))
}

/// A key to somebody else's service.
pub fn rpc_key(key: &RpcKey) -> JsValue {
    let instant = |text: &str| Date::new(&text.into()).into();
    let fields = object([
        ("id", key.id.as_str().into()),
        ("provider", key.provider.as_str().into()),
        ("network", key.network.as_str().into()),
        ("rpcProviderApiKey", JsSecret::new(key.rpc_provider_api_key.reveal()).into()),
        ("createdAt", instant(&key.created_at)),
        ("updatedAt", instant(&key.updated_at)),
    ]);
    with_json(&fields)
}
