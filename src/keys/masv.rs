//! The API keys of MASV's teams, its account and its packages: what takes a user's token, as scripts.
//!
//! A change replaces the whole key, so it is read first and sent with what is not named. The service shows a key's text once.

use super::model::{NONE, Options, plain};
use super::script::{Form, Read};
use super::{Act, Talk, act};
use crate::client::Script;
use crate::config::Fields;
use crate::config::mark::{instant_of, written_of};
use crate::config::table::{fields, is_among};
use crate::error::Code;
use crate::event::KeyAction;
use crate::http::Method;
use crate::http::members::{self, Member, read_row};
use crate::json::{Json, NO_ITEMS, Value};
use crate::provider::masv::packages::{TOKENED, path_part};
use crate::text::{self, Text, text};

/// What the service has for "never".
const NEVER: &str = "0001-01-01T00:00:00.000Z";
const STATES: &str = "active, inactive";

/// The most packages that a page of a team's list has, and the most pages that are looked through: a list that goes on for longer
/// repeats itself.
const PAGE: usize = 50;
const MAX_PAGES: i64 = 500;

/// What is read of a key; of one that was made its text as well, under whichever name; of an account, and each of its teams; and
/// of a package that was made.
const KEY: &[Member] = &[ID, NAME, DESCRIPTION, STATE, EXPIRY, CREATED];
const MADE: &[Member] = &[ID, NAME, DESCRIPTION, STATE, EXPIRY, CREATED, ("secret/value/key", members::id)];
const ACCOUNT: &[Member] = &[ID, ("name", members::id), ("email", members::id), ("teams", teams)];
const TEAM: &[Member] = &[("id", members::any_text), NAME];
const PACKAGE: &[Member] =
    &[ID, ("token/access_token", members::token), ("access", |_| Some("write".into()))];

const ID: Member = ("id", members::id);
const NAME: Member = ("name", members::any_text);
const DESCRIPTION: Member = ("description", members::any_text);
const STATE: Member = ("state", state);
const EXPIRY: Member = ("expiry", expiry);
const CREATED: Member = ("createdAt/created_at", created);

const fn read(form: Form, members: &'static [Member]) -> Read {
    Read { at: "", form, members, check: |_, _| Ok(()) }
}

const LIST: &Read = &read(Form::List, KEY);
const ONE_MADE: &Read = &read(Form::One, MADE);
const ONE_PACKAGE: &Read = &read(Form::One, PACKAGE);
const NOTHING: &Read = &read(Form::Nothing, &[]);
const WHO: &Read = &read(Form::One, ACCOUNT);
const TRANSFERS: &Read = &read(Form::OneOrList, TOKENED);
const PACKAGES: &Read = &Read { at: "/records", ..read(Form::List, &[]) };
const WHOLE: &Read = &read(Form::OneIfAny, &[]);
const WHOLE_LIST: &Read = &read(Form::List, &[]);

/// A key to be made, what is to be changed of one, and the others' options.
const NEW: Options = (
    fields![
        "name" may AnyText,
        "description" may AnyText,
        "state" may Choice("active, inactive"),
        "expiry" may DateOrNever,
    ],
    |fields, new| {
        finish(fields, new);
        *new = whole(&[new]);
    },
);
const CHANGES: Options = (
    fields![
        "id" needs Text,
        "name" may AnyText,
        "description" may AnyText,
        "state" may Choice("active, inactive"),
        "expiry" may DateOrNever,
    ],
    finish,
);
const NEW_PACKAGE: Options = plain(fields!["sender" needs Text, "name" needs Text, "description" may Text]);
const NAMED: Options = plain(fields!["package" needs Text]);

/// What the service has where nothing is said.
const DEFAULTS: &[(&str, &str)] = &[("state", "active"), ("expiry", NEVER)];

/// A key as it is sent, of what is told of it: each of these says what it says in place of those before.
fn whole(told: &[&Json]) -> Value {
    let mut key = Value::object();
    for (name, default) in DEFAULTS {
        key.set(name, (*default).into());
    }
    for told in told {
        for name in &["name", "description", "state", "expiry"] {
            if let Some(text @ Json::Text(_)) = told.get(name) {
                key.set(name, text.own());
            }
        }
    }
    key
}

/// Reads when a key is to end.
fn finish(fields: &mut Fields<'_>, given: &mut Value) {
    let Some(expiry) = given.get("expiry") else { return };
    // What is no instant is "never", or was refused.
    let written =
        if instant_of(expiry).is_none() { Some(NEVER.into()) } else { written_of(expiry).map(Value::from) };
    match written {
        Some(written) => given.set("expiry", written),
        None => fields.issue("expiry", "must be from the year 0 to 9999"),
    }
}

/// Where a team's keys are, and where one is: with a NUL where an id stands.
const KEYS_OF_TEAM: &str = "/v1/teams/\0/api_keys";
const KEY_OF_ID: &str = "/v1/api_keys/\0";

/// What only MASV has.
pub(super) const ACTS: &[Act] = &[
    act("masvList", NONE, |talk, script, _| get(talk, script, KEYS_OF_TEAM, "team", LIST)),
    act("masvCreate", NEW, create),
    act("masvUpdate", CHANGES, update),
    act("masvDelete", NONE, delete),
    act("account", NONE, |talk, script, _| get(talk, script, "/v1/\0", "user", WHO)),
    act("portalPackage", NEW_PACKAGE, visit),
    act("managedToken", NAMED, search),
    act("transfers", NONE, |talk, script, _| {
        get(talk, script, "/v1/packages/\0/transfer", "package", TRANSFERS)
    }),
];

/// Where this is, of something of this id.
fn at(script: &mut Script, path: &'static str, what: &str, id: &str) -> Text {
    let part = script.hold(path_part(what, id));
    text::fill(path, &[&part])
}

fn get(talk: &Talk, script: &mut Script, path: &'static str, what: &str, read: &'static Read) -> Value {
    let path = at(script, path, what, talk.id());
    script.get(&path, read).own()
}

fn create(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let path = at(script, KEYS_OF_TEAM, "team", talk.id());
    let made = script.send(Method::Post, &path, &talk.given, ONE_MADE);
    script.tell(KeyAction::Create, made.text("id"));
    made.own()
}

fn delete(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let path = at(script, KEY_OF_ID, "id", talk.id());
    let request = script.request(Method::Delete, &path);
    script.ask(request, true, NOTHING);
    script.tell(KeyAction::Revoke, talk.id());
    Value::object()
}

/// Makes a package in somebody's portal, which takes no credential of ours.
fn visit(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let path = at(script, "/v1/portals/\0/packages", "portal", talk.id());
    let request = script.request(Method::Post, &path).json(talk.given.to_text());
    script.ask(request, false, ONE_PACKAGE).own()
}

/// Changes what is named of a key: the rest of it is sent as it is, or as the service has it by default.
fn update(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let (changes, id) = (&talk.given, talk.given.text("id"));
    let path = at(script, KEYS_OF_TEAM, "team", talk.id());
    let list = script.get(&path, WHOLE_LIST).as_list().unwrap_or(&NO_ITEMS);
    let Some(current) = list.iter().rev().find(|row| row.says("id", id)) else {
        script.refuse(Code::NotFound, &text!["the team has no key \"", id, "\""]);
        return Value::default();
    };
    let asked = whole(&[current, changes]);
    let path = at(script, KEY_OF_ID, "id", id);
    let told = script.send(Method::Put, &path, &asked, WHOLE);
    script.tell(KeyAction::Update, id);
    // Some answers have no body; then it is as it was asked.
    let mut key = if told.is_null() { asked } else { told.own() };
    key.set("id", id.into());
    script.read(&key, KEY)
}

/// Looks for a package in a team's list.
fn search(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let package = talk.given.text("package");
    let path = at(script, "/v1.1/teams/\0/packages?limit=50&page=", "team", talk.id());
    for page in 1..=MAX_PAGES {
        let packages = script.get(&text![path, #page], PACKAGES).as_list().unwrap_or(&NO_ITEMS);
        if let Some(found) = packages.iter().find(|found| found.says("id", package)) {
            return script.read(found, TOKENED);
        }
        if packages.len() < PAGE {
            script
                .refuse(Code::NotFound, &text!["the team has no package \"", package, "\" that is finished"]);
            return Value::default();
        }
    }
    let message = "the team's list of packages does not end: is it one page again and again?";
    script.refuse(Code::Response, message);
    Value::default()
}

/// The teams of an account, where it has any.
fn teams(value: &Json) -> Option<Value> {
    let mut teams = Value::list();
    for team in value.as_list().unwrap_or(&NO_ITEMS) {
        teams.push(read_row(team, TEAM).ok()?);
    }
    Some(teams)
}

/// A state that is known, where one is told.
fn state(value: &Json) -> Option<Value> {
    match value.as_str() {
        Some(state) if !is_among(STATES, state) => None,
        _ => members::any_text(value),
    }
}

/// When a key ends, if it does.
fn expiry(value: &Json) -> Option<Value> {
    if value.as_str()?.starts_with("0001-") { Some("never".into()) } else { members::instant(value) }
}

/// When a key was made, where that is told.
fn created(value: &Json) -> Option<Value> {
    if value.as_str().is_some() { members::instant(value) } else { Some(Value::default()) }
}
