//! The API keys of a service: status, list, create, update, revoke, rotate.
//!
//! Masumi's are here, and what stands on the wire is in [`crate::provider::masumi::keys`]; MASV's are in [`masv`]. Everything that
//! changes something reads first, is sent once, and is checked before it is sent. It is all written as scripts: see [`Script`].

mod masv;
mod model;
mod pages;
mod rotation;
mod script;

pub use script::{Form, Read};

use self::model::{CHANGES, NEW, NONE, Options, PAGES, REVOKE, ROTATE, read_options};
use self::pages::{Pages, all, by_id, rows};
use self::rotation::Rotation;
use crate::client::{Client, Script};
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::{Method, Request};
use crate::json::{Json, NO_ITEMS, Value};
use crate::provider::ProviderName;
use crate::provider::masumi::keys::{self as wire, Generation, List};
use crate::provider::masv::takes_user_token;
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::Secret;
use std::cell::RefCell;
use std::rc::Rc;

/// The most rows that the service gives at once.
const MAX_PAGE: usize = 100;
const DEFAULT_PAGE: usize = 10;
/// The longest id of a key, and the longest one that can be a cursor.
const MAX_ID: usize = 150;
const MAX_CURSOR_ID: usize = 250;

/// Something that is done with the keys, a step of it at a time: it gives what a caller is given.
type Run = fn(&Talk, &mut Script, u32) -> Value;

/// What can be asked.
struct Act {
    name: &'static str,
    options: Options,
    /// The most characters that its id may have, and what that is called; 0 where it has none, or none that is limited.
    most: usize,
    called: &'static str,
    run: Run,
}

const fn act(name: &'static str, options: Options, run: Run) -> Act {
    Act { name, options, most: 0, called: "", run }
}

const fn act_on(name: &'static str, options: Options, run: Run) -> Act {
    Act { name, options, most: MAX_ID, called: "id", run }
}

/// What Masumi has.
const ACTS: &[Act] = &[
    act("status", NONE, |_, script, _| shown(status(script).own())),
    Act { name: "page", options: PAGES, most: MAX_CURSOR_ID, called: "after", run: page },
    act("list", PAGES, |talk, script, _| talk.next(script, List::Keys, DEFAULT_PAGE)),
    act("rpc", PAGES, |talk, script, _| talk.next(script, List::RpcKeys, MAX_PAGE)),
    act("create", NEW, create),
    act_on("update", CHANGES, update),
    act_on("revoke", REVOKE, revoke),
    act_on("rotation", ROTATE, |talk, script, step| match step {
        0 => talk.rotation.begin(script, talk.id(), &talk.given),
        1 => talk.rotation.end(script, Rotation::finish),
        _ => talk.rotation.end(script, Rotation::abort),
    }),
];

/// What is asked of the keys that a client's service has: done in one script, or in several that share something, which are the
/// pages of a list and the steps of a rotation.
pub struct Talk {
    /// Whose keys they are.
    pub client: Client,
    run: Run,
    id: Value,
    given: Value,
    pages: RefCell<Pages>,
    rotation: Rotation,
}

impl Talk {
    /// What has this name, about the key (or the team, say) of this id, with these options. This asks for nothing.
    ///
    /// # Errors
    /// `ERR_UNSUPPORTED` where there is no such thing, saying where it is done; `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(client: &Client, name: &str, id: Value, given: Fields<'_>) -> Result<Rc<Talk>> {
        Talk::of(client, name, id, given).map_err(|error| client.dress(error))
    }

    fn of(client: &Client, name: &str, id: Value, mut fields: Fields<'_>) -> Result<Rc<Talk>> {
        let config = client.config();
        let acts = match config.name {
            ProviderName::Masumi => ACTS,
            ProviderName::Masv => masv::ACTS,
            _ => &[],
        };
        let Some(act) = acts.iter().find(|act| act.name == name) else {
            return Err(unsupported(config.name));
        };
        if name.starts_with("masv") && !takes_user_token(config) {
            let message = "MASV's keys are managed by a user: make the client with email and password";
            return Err(Error::new(Code::Unsupported, message));
        }
        let given = read_options(&mut fields, act.options);
        let length = id.as_str().map_or(1, String::len);
        if act.most > 0 && (length == 0 || length > act.most) {
            let message = text!["must have from 1 to ", #act.most as i64, " characters"];
            fields.issue(act.called, &message);
        }
        fields.done()?;
        Ok(Rc::new(Talk {
            client: client.clone(),
            run: act.run,
            id,
            given,
            pages: RefCell::default(),
            rotation: Rotation::default(),
        }))
    }

    /// Does it, or a step of it: the next page of a list, which is empty after the last; of a rotation 0 to begin it, 1 to finish it
    /// and 2 to abort it. What it comes to is JSON text, or nothing.
    pub fn say(&self, script: &mut Script, step: u32) -> Text {
        let told = (self.run)(self, script, step);
        if told.is_null() { Text::new() } else { told.to_text() }
    }

    fn id(&self) -> &String {
        self.id.as_str().unwrap_or(&NO_TEXT)
    }

    fn size(&self, default: usize) -> usize {
        self.given.get("pageSize").and_then(Json::to_number).map_or(default, |size| size as usize)
    }

    fn next(&self, script: &mut Script, list: List, default: usize) -> Value {
        let mut page = Vec::new();
        self.pages.borrow_mut().next(script, list, self.size(default), &mut page);
        shown(to_list(page))
    }
}

/// These, as a list.
fn to_list<'j>(rows: impl IntoIterator<Item = &'j Json>) -> Value {
    let mut list = Value::list();
    for row in rows {
        list.push(row.own());
    }
    list
}

/// A key, or a list of them, without their texts: a caller is given that once, when a key was made.
fn shown(mut told: Value) -> Value {
    hide(&mut told);
    told
}

fn hide(told: &mut Json) {
    match told {
        Json::List(keys) => {
            for key in keys {
                hide(key);
            }
        }
        // The text is what was read of it last.
        Json::Object(members) if members.last().is_some_and(|(name, _)| name == "secret") => {
            members.pop();
        }
        _ => {}
    }
}

fn generation(script: &Script) -> Generation {
    Generation::of(script.client.config())
}

/// The key in use.
fn status<'j>(script: &mut Script<'j>) -> &'j Json {
    script.get(wire::STATUS, wire::KEY)
}

/// The key of this text, asked for with it.
fn status_of<'j>(script: &mut Script<'j>, text: &str) -> &'j Json {
    let request = signed(script, script.request(Method::Get, wire::STATUS), text);
    let status = script.ask(request, false, wire::KEY);
    script.scrub(text);
    status
}

/// A request with the text of another key than the client's.
fn signed(script: &Script, request: Request, text: &str) -> Request {
    request.header(&script.client.config().provider.attach().header, Secret::new(text))
}

/// The keys after the one with this id; from the first without one.
fn page(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let named = Value::object().with("id", talk.id().into());
    // 0.28 is asked at once; the text that is the cursor in 0.25 has to be found first.
    let cursor = match (&*talk.id, generation(script)) {
        (Json::Null, _) => None,
        (_, Generation::V28) => Some(&*named),
        (_, Generation::V25) => Some(find(script, talk.id())),
    };
    // The first is the one at the cursor.
    let before = usize::from(cursor.is_some());
    let size = talk.size(DEFAULT_PAGE) + before;
    let rows = rows(script, List::Keys, cursor, size.min(MAX_PAGE));
    if rows.is_none() {
        script.fail(unknown(talk.id()));
    }
    shown(to_list(rows.unwrap_or(&NO_ITEMS).iter().skip(before).map(|row| &**row)))
}

/// Makes a key, and gives it with its text, which the service shows once.
fn create(talk: &Talk, script: &mut Script, _: u32) -> Value {
    // A name that the server does not know would be ignored, and every network granted.
    status(script);
    let mut key = make(script, &talk.given).own();
    keep_credits(script, &mut key, &talk.given);
    script.tell(KeyAction::Create, key.text("id"));
    key
}

fn make<'j>(script: &mut Script<'j>, new: &Json) -> &'j Json {
    let body = wire::to_make(generation(script), new);
    script.send(Method::Post, wire::KEYS, &body, wire::KEY)
}

/// Changes what is named of a key, and nothing else.
fn update(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let (id, changes) = (talk.id(), &talk.given);
    let current = find(script, id);
    model::check(script, current, changes);
    if changes.says("status", "Revoked") {
        refuse_in_use(script, id);
    }
    let mut key = change(script, current, changes);
    if generation(script) == Generation::V25 {
        key = find(script, id);
    }
    script.tell(KeyAction::Update, id);
    shown(key.own())
}

/// Sends a change of a key that is so now.
fn change<'j>(script: &mut Script<'j>, current: &Json, changes: &Json) -> &'j Json {
    let body = wire::to_change(generation(script), current, changes);
    script.send(Method::Patch, wire::KEYS, &body, wire::KEY)
}

/// Ends a key. The one in use is ended only if the caller says so.
fn revoke(talk: &Talk, script: &mut Script, _: u32) -> Value {
    let id = talk.id();
    let found = find(script, id);
    if !talk.given.is_set("evenIfInUse") {
        refuse_in_use(script, id);
    }
    let mut key = end(script, id).own();
    keep_credits(script, &mut key, found);
    shown(key)
}

/// Refuses what would end the key in use.
fn refuse_in_use(script: &mut Script, id: &str) {
    if status(script).says("id", id) {
        let message = "this client uses the key itself: revoke it with another, or with evenIfInUse";
        script.refuse(Code::Conflict, message);
    }
}

/// Ends a key, whichever it is. Ending it twice is ending it once, so whoever hears nothing of it may call again.
fn end<'j>(script: &mut Script<'j>, id: &str) -> &'j Json {
    let body = Value::object().with("id", id.into());
    let key = script.send(Method::Delete, wire::KEYS, &body, wire::KEY);
    script.tell(KeyAction::Revoke, id);
    key
}

/// What 0.25 answers to a change does not tell the credits: they are as they were said to be.
fn keep_credits(script: &Script, key: &mut Json, said: &Json) {
    if generation(script) == Generation::V25 {
        key.set("credits", said.get("credits").map_or_else(Value::list, Json::own));
    }
}

/// The key with this id. 0.28 finds it as the row at its own cursor; 0.25, whose cursor is the key's text, is searched.
fn find<'j>(script: &mut Script<'j>, id: &str) -> &'j Json {
    let found = match generation(script) {
        Generation::V28 => {
            let cursor = Value::object().with("id", id.into());
            rows(script, List::Keys, Some(&cursor), 1).and_then(|rows| rows.first()).map(|row| &**row)
        }
        Generation::V25 => by_id(&all(script, Some(id)), id),
    };
    if found.is_none() {
        script.fail(unknown(id));
    }
    found.unwrap_or(&Json::Null)
}

fn unknown(id: &str) -> Error {
    Error::new(Code::NotFound, text!["there is no key \"", id, "\""])
}

/// Where the keys of the services are managed that have no API for it.
const PLACES: &str = "\
masivo:in Masivo's dashboard
masv:with the client of a user, not of a package
brifle:in Brifle's business portal
oauth2:at the authorization server";

fn unsupported(provider: ProviderName) -> Error {
    let place = text::entry(PLACES, provider.as_str()).unwrap_or("at the service itself");
    let message =
        text![provider.as_str(), " has no API for its keys that is known here: they are managed ", place];
    Error::new(Code::Unsupported, message).with_provider(provider)
}
