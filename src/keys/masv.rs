//! The API keys of MASV's teams, its account and its packages: what takes a user's token, as scripts.
//!
//! A change replaces the whole key, so it is read first and sent with what is not named. The service shows a key's text once.

use super::script::{Script, Step};
use crate::client::Client;
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

/// Does what only MASV has, by its name, and gives JSON text.
pub fn call(client: &Client, script: &mut Script, name: &str, id: &str, given: Fields<'_>) -> Step<String> {
    let masv = Masv { client, script };
    match name {
        "masvList" => masv.list(id),
        "masvCreate" => masv.create(id, given),
        "masvUpdate" => masv.update(id, given),
        "masvDelete" => masv.delete(id),
        "account" => masv.account(),
        "portalPackage" => masv.portal_package(given),
        "managedToken" => masv.managed_token(given),
        _ => masv.transfers(id),
    }
}

struct Masv<'c, 'j, 's> {
    client: &'c Client,
    script: &'s mut Script<'j>,
}

impl<'j> Masv<'_, 'j, '_> {
    fn keys_of(&self, team: &str) -> Result<String> {
        if !takes_user_token(self.client.config()) {
            let message =
                "MASV's keys are managed with a user's token: make the client with email and password";
            return Err(Error::new(Code::Unsupported, message));
        }
        Ok(text![self.base_url(), "/v1/teams/", path_part("team", team)?, "/api_keys"])
    }

    fn key(&self, id: &str) -> Result<String> {
        // For the check alone.
        self.keys_of("any")?;
        Ok(text![self.base_url(), "/v1/api_keys/", path_part("id", id)?])
    }

    fn rows(&mut self, team: &str) -> Step<&'j Answer> {
        let request = Request::new(Method::Get, self.keys_of(team)?);
        self.script.read(request)
    }

    fn list(mut self, team: &str) -> Step<String> {
        let answer = self.rows(team)?;
        let mut keys = Vec::new();
        for row in list_of(answer, &answer.json()?)? {
            keys.push(shown(answer, http::text_at(answer, row, "/id")?, row)?.end());
        }
        Ok(text!["[", text::join(&keys, ","), "]"])
    }

    fn create(self, team: &str, given: Fields<'_>) -> Step<String> {
        let wanted = read_key(given)?;
        let request = Request::new(Method::Post, self.keys_of(team)?).json(body(&wanted, &Json::Null));
        let answer = self.script.change(request)?;
        let row = answer.json()?;
        let secret =
            http::text_at(answer, &row, "/value").or_else(|_| http::text_at(answer, &row, "/key"))?;
        let id = http::text_at(answer, &row, "/id")?;
        let mut key = shown(answer, id, &row)?;
        self.script.tell(KeyAction::Create, id)?;
        Ok(key.text("secret", secret).end())
    }

    /// `id` is the team's; the key's is among what is given.
    fn update(mut self, team: &str, mut given: Fields<'_>) -> Step<String> {
        let id = given.required_text("id");
        let wanted = read_key(given)?;
        let answer = self.rows(team)?;
        let rows = answer.json()?;
        let mut found = None;
        for row in list_of(answer, &rows)? {
            if row.get("id").and_then(Json::as_str) == Some(&id) {
                found = Some(row);
            }
        }
        let Some(current) = found else {
            return Err(Error::new(Code::NotFound, text!["the team has no key \"", id, "\""]).into());
        };
        let asked = body(&wanted, current);
        let request = Request::new(Method::Put, self.key(&id)?).json(asked.clone());
        let answer = self.script.change(request)?;
        self.script.tell(KeyAction::Update, &id)?;
        // Some answers have no body; then it is as it was asked.
        let row =
            if answer.body.is_empty() { Json::parse(&asked).unwrap_or_default() } else { answer.json()? };
        Ok(shown(answer, &id, &row)?.end())
    }

    fn delete(self, id: &str) -> Step<String> {
        let request = Request::new(Method::Delete, self.key(id)?);
        self.script.change(request)?;
        self.script.tell(KeyAction::Revoke, id)?;
        Ok(String::new())
    }

    fn account(self) -> Step<String> {
        let answer = self.script.read(Request::new(Method::Get, text![self.base_url(), "/v1/user"]))?;
        let body = answer.json()?;
        let mut account = Writer::new();
        for name in &["id", "name", "email"] {
            account.text(name, http::text_at(answer, &body, &text!["/", name])?);
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

    fn portal_package(self, given: Fields<'_>) -> Step<String> {
        let request = packages::in_portal(self.base_url(), given)?;
        Ok(packages::read_made(self.script.change_bare(request)?)?)
    }

    fn managed_token(self, mut given: Fields<'_>) -> Step<String> {
        let (team, package) = (given.required_text("team"), given.required_text("package"));
        given.done()?;
        for page in 1..=MAX_PAGES {
            let request = packages::of_team(self.base_url(), &team, page)?;
            if let Some(found) = packages::read_managed(self.script.read(request)?, &package)? {
                return Ok(found);
            }
        }
        let message = "the team's list of packages does not end: is it the same page again and again?";
        Err(Error::new(Code::Response, message).into())
    }

    fn transfers(self, package: &str) -> Step<String> {
        let request = packages::transfers(self.base_url(), package)?;
        Ok(packages::read_transfers(self.script.read(request)?)?)
    }

    fn base_url(&self) -> &str {
        self.client.config().base_url()
    }
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
