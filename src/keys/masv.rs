//! The API keys of MASV's teams, its account and its packages: what takes a user's token, as scripts.
//!
//! A change replaces the whole key, so it is read first and sent with what is not named. The service shows a key's text once.

use super::Script;
use crate::client::{Client, Repeat};
use crate::clock::Timestamp;
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::members::{self, Members, read_list, read_members};
use crate::http::{self, Answer, Method, Request};
use crate::json::{Json, Writer};
use crate::provider::masv::packages::{TOKENED, in_portal, path_part, read_managed};
use crate::provider::masv::takes_user_token;
use crate::text::{self, text};

/// What the service has for "never".
const NEVER: &str = "0001-01-01T00:00:00.000Z";
const STATES: &[&str] = &["active", "inactive"];

/// The most pages of packages that are looked through: a list that goes on for longer repeats itself.
const MAX_PAGES: i64 = 500;

/// What is sent of a key, and what the service has where nothing is said.
const SENT: &[(&str, Option<&str>)] =
    &[("name", None), ("description", None), ("state", Some("active")), ("expiry", Some(NEVER))];

/// What is read of a key, of an account, and of each of its teams.
const KEY: Members = &[
    ("id", "id", members::id),
    ("name", "name", members::any_text),
    ("description", "description", members::any_text),
    ("state", "state", state),
    ("expiry", "expiry", expiry),
    ("createdAt", "created_at", created),
];
const ACCOUNT: Members =
    &[("id", "id", members::id), ("name", "name", members::id), ("email", "email", members::id)];
const TEAM: Members = &[("id", "id", members::any_text), ("name", "name", members::any_text)];

const KEYS: &str = "/v1/api_keys/";

/// What is called.
#[derive(Clone, Copy)]
enum Call {
    List,
    Create,
    Update,
    Delete,
    Account,
    PortalPackage,
    ManagedToken,
    Transfers,
}

/// Each call by its name: the method, and the path around an id, with what that is of. That of a key to be changed begins with the
/// list in which it stands.
const CALLS: &[(&str, Call, Method, &str, &str, &str)] = &[
    ("masvList", Call::List, Method::Get, "/v1/teams/", "team", "/api_keys"),
    ("masvCreate", Call::Create, Method::Post, "/v1/teams/", "team", "/api_keys"),
    ("masvUpdate", Call::Update, Method::Get, "/v1/teams/", "team", "/api_keys"),
    ("masvDelete", Call::Delete, Method::Delete, KEYS, "id", ""),
    ("account", Call::Account, Method::Get, "/v1/", "user", ""),
    ("portalPackage", Call::PortalPackage, Method::Post, "/v1/portals/", "portal", "/packages"),
    ("managedToken", Call::ManagedToken, Method::Get, "/v1.1/teams/", "team", "/packages?limit=50&page="),
    ("transfers", Call::Transfers, Method::Get, "/v1/packages/", "package", "/transfer"),
];

/// Does what only MASV has, by its name and what it is about, and gives JSON text.
pub fn call(
    client: &Client,
    script: &mut Script,
    name: &str,
    id: &str,
    mut given: Fields<'_>,
) -> Result<String> {
    let Some((_, call, method, before, what, after)) = CALLS.iter().find(|(known, ..)| *known == name) else {
        return Err(Error::new(Code::Unsupported, text!["there is no ", name]));
    };
    if name.starts_with("masv") && !takes_user_token(client.config()) {
        let message = "MASV's keys are managed by a user: make the client with email and password";
        return Err(Error::new(Code::Unsupported, message));
    }
    let base_url = client.config().base_url();
    let request = Request::new(*method, text![base_url, before, path_part(what, id)?, after]);
    let told = match call {
        Call::List => {
            let answer = script.read(request)?;
            read_list(answer, list_of(answer, answer.json()?)?, KEY)?
        }
        Call::Create => {
            let answer = script.change(request.json(body(&read_key(given)?, &Json::Null)))?;
            let row = answer.json()?;
            let secret = http::text_at(answer, row, "/value");
            let secret = secret.or_else(|_| http::text_at(answer, row, "/key"))?;
            let mut key = read_members(answer, row, KEY)?;
            script.tell(KeyAction::Create, http::text_at(answer, row, "/id")?)?;
            key.set("secret", secret.into());
            key
        }
        Call::Update => {
            let named = given.required_text("id");
            let wanted = read_key(given)?;
            let answer = script.read(request)?;
            let list = answer.json()?;
            let current = list_of(answer, list)?.iter();
            let current = current.rev().find(|row| row.text("id") == Some(&named));
            let Some(current) = current else {
                return Err(Error::new(Code::NotFound, text!["the team has no key \"", named, "\""]));
            };
            let asked = body(&wanted, current);
            let url = text![base_url, KEYS, path_part("id", &named)?];
            let answer = script.change(Request::new(Method::Put, url).json(asked.clone()))?;
            script.tell(KeyAction::Update, &named)?;
            // Some answers have no body; then it is as it was asked.
            let mut row = if answer.body.is_empty() {
                Json::parse(&asked).unwrap_or_default()
            } else {
                answer.json()?.clone()
            };
            row.set("id", named.as_str().into());
            read_members(answer, &row, KEY)?
        }
        Call::Delete => {
            script.change(request)?;
            script.tell(KeyAction::Revoke, id)?;
            Json::object(Vec::new())
        }
        Call::Account => {
            let answer = script.read(request)?;
            let body = answer.json()?;
            let mut account = read_members(answer, body, ACCOUNT)?;
            let teams = body.get("teams").and_then(Json::as_list).unwrap_or_default();
            account.set("teams", read_list(answer, teams, TEAM)?);
            account
        }
        Call::PortalPackage => {
            let answer = script.ask(request.json(in_portal(given)?), false, Repeat::Never)?;
            let mut package = read_members(answer, answer.json()?, TOKENED)?;
            package.set("access", "write".into());
            package
        }
        Call::ManagedToken => {
            let named = given.required_text("package");
            given.done()?;
            managed_token(script, &request.url, &named)?
        }
        Call::Transfers => {
            let answer = script.read(request)?;
            let body = answer.json()?;
            read_list(answer, body.as_list().unwrap_or(core::slice::from_ref(body)), TOKENED)?
        }
    };
    Ok(told.to_text())
}

fn managed_token(script: &mut Script, url: &str, package: &str) -> Result<Json> {
    for page in 1..=MAX_PAGES {
        let request = Request::new(Method::Get, text![url, text::digits(page)]);
        if let Some(found) = read_managed(script.read(request)?, package)? {
            return Ok(found);
        }
    }
    let message = "the team's list of packages does not end: is it one page again and again?";
    Err(Error::new(Code::Response, message))
}

fn list_of<'b>(answer: &Answer, body: &'b Json) -> Result<&'b [Json]> {
    body.as_list().ok_or_else(|| answer.wrong("JSON that is no list of keys"))
}

/// Reads what a caller wants a key to be: an object of what is named.
fn read_key(mut fields: Fields<'_>) -> Result<Json> {
    let mut wanted = Vec::new();
    for name in &["name", "description"] {
        if let Some(text) = fields.any_text(name) {
            wanted.push((*name, Json::Text(text)));
        }
    }
    if let Some(state) = fields.choice("state", STATES) {
        wanted.push(("state", state.into()));
    }
    if let Some(expiry) = fields.date_or("expiry", "never") {
        let written = expiry.map_or(Some(NEVER.to_owned()), Timestamp::to_rfc3339);
        if written.is_none() {
            fields.issue("expiry", "must be from the year 0 to 9999");
        }
        wanted.push(("expiry", Json::Text(written.unwrap_or_default())));
    }
    fields.done()?;
    Ok(Json::object(wanted))
}

/// What is sent: what is wanted, else what is, else what the service has by default.
fn body(wanted: &Json, current: &Json) -> String {
    let mut body = Writer::new();
    for (name, default) in SENT {
        let mut text = *default;
        for key in &[current, wanted] {
            text = key.text(name).or(text);
        }
        if let Some(text) = text {
            body.text(name, text);
        }
    }
    body.end()
}

/// A state that is known, where one is told.
fn state(value: &Json) -> Option<Json> {
    match value.as_str() {
        Some(state) if !STATES.contains(&state) => None,
        _ => members::any_text(value),
    }
}

/// When a key ends, if it does.
fn expiry(value: &Json) -> Option<Json> {
    if value.as_str()?.starts_with("0001-") { Some("never".into()) } else { members::instant(value) }
}

/// When a key was made, where that is told.
fn created(value: &Json) -> Option<Json> {
    if value.as_str().is_some() { members::instant(value) } else { Some(Json::Null) }
}
