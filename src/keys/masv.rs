//! The API keys of MASV's teams, its account and its packages: what takes a user's token, as scripts.
//!
//! A change replaces the whole key, so it is read first and sent with what is not named. The service shows a key's text once.

use super::script::{Script, Step};
use crate::client::{Client, Repeat};
use crate::clock::Timestamp;
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::{self, Answer, Method, Request};
use crate::json::{Json, Writer};
use crate::provider::masv::packages::{self, path_part};
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

/// The names of a key's other members than its id: ours and the service's.
const MEMBERS: &[(&str, &str)] = &[
    ("name", "name"),
    ("description", "description"),
    ("state", "state"),
    ("expiry", "expiry"),
    ("createdAt", "created_at"),
];

const KEYS: &str = "/v1/api_keys/";

/// A call: its name, its method, and its path around an id, with what that is of.
type Call = (&'static str, Method, &'static str, &'static str, &'static str);

/// The calls. That of a key to be changed begins with the list in which it stands.
const CALLS: &[Call] = &[
    ("masvList", Method::Get, "/v1/teams/", "team", "/api_keys"),
    ("masvCreate", Method::Post, "/v1/teams/", "team", "/api_keys"),
    ("masvUpdate", Method::Get, "/v1/teams/", "team", "/api_keys"),
    ("masvDelete", Method::Delete, KEYS, "id", ""),
    ("account", Method::Get, "/v1/", "user", ""),
    ("portalPackage", Method::Post, "/v1/portals/", "portal", "/packages"),
    ("managedToken", Method::Get, "/v1.1/teams/", "team", "/packages?limit=50&page="),
    ("transfers", Method::Get, "/v1/packages/", "package", "/transfer"),
];

/// Does what only MASV has, by its name and what it is about, and gives JSON text.
pub fn call(
    client: &Client,
    script: &mut Script,
    name: &str,
    id: &str,
    mut given: Fields<'_>,
) -> Step<String> {
    let Some((_, method, before, what, after)) = CALLS.iter().find(|(known, ..)| *known == name) else {
        return Err(Error::new(Code::Unsupported, text!["there is no ", name]).into());
    };
    if name.starts_with("masv") && !takes_user_token(client.config()) {
        let message = "MASV's keys are managed with a user's token: make the client with email and password";
        return Err(Error::new(Code::Unsupported, message).into());
    }
    let base_url = client.config().base_url();
    let mut request = Request::new(*method, text![base_url, before, path_part(what, id)?, after]);
    // What is looked for, and what a key is to be.
    let (mut named, mut wanted) = (String::new(), Json::Null);
    match name {
        "masvCreate" => request = request.json(body(&read_key(given)?, &Json::Null)),
        "portalPackage" => request = request.json(packages::in_portal(given)?),
        "masvUpdate" => {
            named = given.required_text("id");
            wanted = read_key(given)?;
        }
        "managedToken" => {
            named = given.required_text("package");
            given.done()?;
            return managed_token(script, &request.url, &named);
        }
        _ => {}
    }
    let repeat = if *method == Method::Get { Repeat::Safe } else { Repeat::Never };
    let answer = script.ask(request, name != "portalPackage", repeat)?;
    if name == "masvDelete" {
        script.tell(KeyAction::Revoke, id)?;
        return Ok(String::new());
    }
    let row = answer.json()?;
    Ok(match name {
        "masvList" => {
            let mut keys = Vec::new();
            for row in list_of(answer, &row)? {
                keys.push(shown(answer, http::text_at(answer, row, "/id")?, row)?.end());
            }
            text!["[", text::join(&keys, ","), "]"]
        }
        "masvCreate" => {
            let secret = http::text_at(answer, &row, "/value");
            let secret = secret.or_else(|_| http::text_at(answer, &row, "/key"))?;
            let id = http::text_at(answer, &row, "/id")?;
            let mut key = shown(answer, id, &row)?;
            script.tell(KeyAction::Create, id)?;
            key.text("secret", secret).end()
        }
        "masvUpdate" => {
            let current = list_of(answer, &row)?.iter();
            let current = current.rev().find(|row| row.get("id").and_then(Json::as_str) == Some(&named));
            let Some(current) = current else {
                return Err(Error::new(Code::NotFound, text!["the team has no key \"", named, "\""]).into());
            };
            let asked = body(&wanted, current);
            let url = text![base_url, KEYS, path_part("id", &named)?];
            let answer = script.change(Request::new(Method::Put, url).json(asked.clone()))?;
            script.tell(KeyAction::Update, &named)?;
            // Some answers have no body; then it is as it was asked.
            let row = if answer.body.is_empty() {
                Json::parse(&asked).unwrap_or_default()
            } else {
                answer.json()?
            };
            shown(answer, &named, &row)?.end()
        }
        "account" => account(answer, &row)?,
        "portalPackage" => packages::read_made(answer, &row)?,
        _ => packages::read_transfers(answer, &row)?,
    })
}

fn account(answer: &Answer, body: &Json) -> Result<String> {
    let mut account = Writer::new();
    for name in &["id", "name", "email"] {
        account.text(name, http::text_at(answer, body, &text!["/", name])?);
    }
    let teams = body.get("teams").and_then(Json::as_list).unwrap_or_default();
    account.list("teams", teams, |team, out| {
        let mut shown = Writer::new();
        for name in &["id", "name"] {
            shown.value(name, team.get(name).unwrap_or(&Json::Null));
        }
        out.push_str(&shown.end());
    });
    Ok(account.end())
}

fn managed_token(script: &mut Script, url: &str, package: &str) -> Step<String> {
    for page in 1..=MAX_PAGES {
        let request = Request::new(Method::Get, text![url, text::digits(page)]);
        if let Some(found) = packages::read_managed(script.read(request)?, package)? {
            return Ok(found);
        }
    }
    let message = "the team's list of packages does not end: is it the same page again and again?";
    Err(Error::new(Code::Response, message).into())
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
            text = key.get(name).and_then(Json::as_str).or(text);
        }
        if let Some(text) = text {
            body.text(name, text);
        }
    }
    body.end()
}

/// A key as a caller sees it: instants in milliseconds, of which `values.js` makes a `Date`.
fn shown(answer: &Answer, id: &str, row: &Json) -> Result<Writer> {
    let mut key = Writer::new();
    key.text("id", id);
    for (ours, theirs) in MEMBERS {
        let told = row.get(theirs).and_then(Json::as_str);
        match (*ours, told) {
            ("expiry", Some(text)) if text.starts_with("0001-") => {
                key.text(ours, "never");
            }
            ("expiry", told) | ("createdAt", told @ Some(_)) => {
                let instant = told.and_then(Timestamp::from_rfc3339).map(Timestamp::as_millis);
                let wrong = || answer.wrong(&text!["JSON of a key whose ", theirs, " is no instant"]);
                key.integer(ours, instant.ok_or_else(wrong)?);
            }
            ("state", Some(text)) if !STATES.contains(&text) => {
                return Err(answer.wrong("JSON of a key whose state is neither active nor inactive"));
            }
            (_, Some(text)) => {
                key.text(ours, text);
            }
            _ => {}
        }
    }
    Ok(key)
}
