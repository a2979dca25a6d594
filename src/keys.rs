//! The API keys of a service: status, list, create, update, revoke, rotate.
//!
//! Masumi's, so far; what stands on the wire is in [`crate::provider::masumi::keys`]. Everything that changes something
//! reads first, is sent once, and is checked before it is sent. What takes several requests is a [`Script`].

pub mod masv;
mod model;
mod rotation;

pub use crate::provider::masumi::keys::List;
pub use model::{ApiKey, ApiKeyChanges, Credit, NewApiKey};
pub use rotation::Rotation;

use crate::client::{Client, Repeat, Script};
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::Request;
use crate::json::Json;
use crate::provider::ProviderName;
use crate::provider::masumi::keys::{self as wire, Generation};
use crate::text::{self, text};
use crate::token::Secret;
use std::cell::RefCell;

/// The most rows that the service gives at once.
const MAX_PAGE: u32 = 100;
const DEFAULT_PAGE: u32 = 10;
/// More requests than it takes to go back to the beginning of any list.
const MAX_TRIES: usize = 32;
/// The longest id of a key, and the longest one that can be a cursor.
const MAX_ID: usize = 150;
const MAX_CURSOR_ID: usize = 250;

/// The keys of the service that a client is for.
#[derive(Clone)]
pub struct Keys {
    client: Client,
    generation: Generation,
}

impl Keys {
    /// The keys, where the service has any that can be managed.
    ///
    /// # Errors
    /// `ERR_UNSUPPORTED`, saying where it is done.
    pub fn of(client: Client) -> Result<Self> {
        let config = client.config();
        if config.name != ProviderName::Masumi {
            return Err(unsupported(config.name));
        }
        let generation = Generation::of(config.api_version());
        Ok(Keys { client, generation })
    }

    /// The client that they are managed through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The key in use.
    pub fn status(&self, script: &mut Script) -> Result<ApiKey> {
        wire::read_key(self.generation, script.read(wire::status(self.base_url()))?)
    }

    /// The keys after the one with this id; from the first without one.
    pub fn page(&self, script: &mut Script, after: Option<&str>, size: Option<u32>) -> Result<Vec<ApiKey>> {
        let size = size.unwrap_or(DEFAULT_PAGE);
        let Some(id) = after else {
            return Ok(self.rows(script, List::Keys, None, size)?.unwrap_or_default());
        };
        check_length("after", id, MAX_CURSOR_ID)?;
        // 0.28 is asked at once; the text that is the cursor in 0.25 has to be found first.
        let cursor = match self.generation {
            Generation::V28 => Cursor { id: id.to_owned(), at: Secret::new(id) },
            Generation::V25 => self.cursor(List::Keys, &self.find(script, id)?),
        };
        let rows = self.rows(script, List::Keys, Some(&cursor), (size + 1).min(MAX_PAGE))?;
        let mut rows = rows.ok_or_else(|| unknown(id))?;
        // The first is the one at the cursor: without it there would be none.
        rows.remove(0);
        Ok(rows)
    }

    /// So many rows of a list, from the one at the cursor on, which is the first of them; nothing where the service has none there.
    fn rows(
        &self,
        script: &mut Script,
        list: List,
        cursor: Option<&Cursor>,
        take: u32,
    ) -> Result<Option<Vec<ApiKey>>> {
        let at = cursor.map(|cursor| &cursor.at);
        let answer = script.read(wire::page(self.generation, list, self.base_url(), take, at));
        let answer = answer.map_err(|error| match at {
            // In 0.25 it is another key's text, and a `fetch` may name the whole URL when it fails.
            Some(at) => error.scrub(at),
            None => error,
        })?;
        let rows = wire::read_page(self.generation, list, answer)?;
        Ok(match cursor {
            // An unknown cursor answers an empty list, as if that were all.
            Some(cursor) if rows.first().is_none_or(|row| row.id() != cursor.id) => None,
            _ => Some(rows),
        })
    }

    /// Makes a key, and gives it with its text, which the service shows once.
    pub fn create(&self, script: &mut Script, new: &NewApiKey) -> Result<ApiKey> {
        // A name that the server does not know would be ignored, and every network granted.
        self.status(script)?;
        let answer = script.change(wire::create(self.generation, self.base_url(), new))?;
        let mut key = wire::read_key(self.generation, answer)?;
        self.keep_credits(&mut key, &new.0);
        script.tell(KeyAction::Create, key.id())?;
        Ok(key)
    }

    /// Changes what is named of a key, and nothing else.
    pub fn update(&self, script: &mut Script, id: &str, changes: &ApiKeyChanges) -> Result<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let current = self.find(script, id)?;
        changes.check(&current)?;
        if changes.ends() {
            self.refuse_in_use(script, id)?;
        }
        let answer = script.change(wire::update(self.generation, self.base_url(), &current, changes))?;
        let mut key = wire::read_key(self.generation, answer)?;
        if self.generation == Generation::V25 {
            key = self.find(script, id)?;
        }
        script.tell(KeyAction::Update, id)?;
        Ok(key)
    }

    /// Ends a key. The one in use is ended only if the caller says so.
    pub fn revoke(&self, script: &mut Script, id: &str, even_if_in_use: bool) -> Result<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let found = self.find(script, id)?;
        if !even_if_in_use {
            self.refuse_in_use(script, id)?;
        }
        let mut key = self.end(script, id)?;
        self.keep_credits(&mut key, &found.told);
        Ok(key)
    }

    /// Refuses what would end the key in use.
    fn refuse_in_use(&self, script: &mut Script, id: &str) -> Result<()> {
        if self.status(script)?.id() == id {
            let message =
                "this client uses the key itself: revoke it with another, or by revoke() with evenIfInUse";
            return Err(Error::new(Code::Conflict, message));
        }
        Ok(())
    }

    /// Ends a key, whichever it is. Ending it twice is ending it once, so whoever hears nothing of it may call again.
    fn end(&self, script: &mut Script, id: &str) -> Result<ApiKey> {
        let answer = script.change(wire::revoke(self.base_url(), id))?;
        let key = wire::read_key(self.generation, answer)?;
        script.tell(KeyAction::Revoke, id)?;
        Ok(key)
    }

    /// What 0.25 answers to a change does not tell the credits: they are as they were said to be.
    fn keep_credits(&self, key: &mut ApiKey, said: &Json) {
        if self.generation == Generation::V25 {
            key.told.set("credits", said.get("credits").cloned().unwrap_or_default());
        }
    }

    /// The key with this id. 0.28 finds it as the row at its own cursor; 0.25, whose cursor is the key's text, is searched.
    fn find(&self, script: &mut Script, id: &str) -> Result<ApiKey> {
        if self.generation == Generation::V28 {
            let cursor = Cursor { id: id.to_owned(), at: Secret::new(id) };
            let rows = self.rows(script, List::Keys, Some(&cursor), 1)?;
            return rows.unwrap_or_default().pop().ok_or_else(|| unknown(id));
        }
        let mut pages = Pages::new(List::Keys, MAX_PAGE);
        while !pages.ended {
            for row in pages.next(self, script)? {
                if row.id() == id {
                    return Ok(row);
                }
            }
        }
        Err(unknown(id))
    }

    /// The ids of all keys.
    fn ids(&self, script: &mut Script) -> Result<Vec<String>> {
        let mut pages = Pages::new(List::Keys, MAX_PAGE);
        let mut ids = Vec::new();
        while !pages.ended {
            for row in pages.next(self, script)? {
                ids.push(row.id().to_owned());
            }
        }
        Ok(ids)
    }

    /// The key of this text, asked for with it.
    fn status_of(&self, script: &mut Script, text: &Secret) -> Result<ApiKey> {
        let request = self.signed(wire::status(self.base_url()), text);
        let answer = script.ask(request, false, Repeat::Safe).map_err(|error| error.scrub(text))?;
        wire::read_key(self.generation, answer)
    }

    /// A request with the text of another key than the client's.
    fn signed(&self, request: Request, text: &Secret) -> Request {
        request.header(&self.client.config().provider.attach().header, text.clone())
    }

    /// The text of a key as a list has it: in 0.28 it is masked there.
    fn shown(&self, key: &ApiKey) -> Option<Secret> {
        (self.generation == Generation::V25).then(|| key.secret.clone())
    }

    fn cursor(&self, list: List, row: &ApiKey) -> Cursor {
        let id = row.id();
        let by_id = self.generation == Generation::V28 || list == List::RpcKeys;
        Cursor { id: id.to_owned(), at: if by_id { Secret::new(id) } else { row.secret.clone() } }
    }

    fn base_url(&self) -> &str {
        self.client.config().base_url()
    }
}

/// Keys page by page, oldest first: each that is there from beginning to end comes once, whichever others are deleted meanwhile.
pub struct Listing {
    keys: Keys,
    pages: RefCell<Pages>,
}

impl Listing {
    /// A list from its first page on, of so many keys each. This asks for nothing.
    pub fn new(keys: Keys, list: List, size: Option<u32>) -> Self {
        let default = if list == List::Keys { DEFAULT_PAGE } else { MAX_PAGE };
        Listing { keys, pages: RefCell::new(Pages::new(list, size.unwrap_or(default))) }
    }

    /// The next page; an empty one after the last.
    pub fn next(&self, script: &mut Script) -> Result<Vec<ApiKey>> {
        self.pages.borrow_mut().next(&self.keys, script)
    }
}

/// Where a listing stands.
struct Pages {
    list: List,
    size: u32,
    /// The rows that were given.
    seen: Vec<Cursor>,
    ended: bool,
}

impl Pages {
    fn new(list: List, size: u32) -> Self {
        Pages { list, size, seen: Vec::new(), ended: false }
    }

    /// The next rows; none after the last. It goes on at the last row that was given. Where that one was deleted, at one before
    /// it, going back in steps that double, and in the end at the beginning: what comes again from there on is left out.
    fn next(&mut self, keys: &Keys, script: &mut Script) -> Result<Vec<ApiKey>> {
        let count = self.seen.len();
        let mut back = 1;
        // Going back takes few requests, and coming forward again one for each hundred: a list that takes more is none.
        for _ in 0..count / 64 + MAX_TRIES {
            if self.ended {
                return Ok(Vec::new());
            }
            let known = self.seen.get(count.saturating_sub(back)..).unwrap_or_default();
            let cursor = if back <= count { known.first() } else { None };
            let take = (self.size as usize + known.len()).min(MAX_PAGE as usize);
            let Some(rows) = keys.rows(script, self.list, cursor, take as u32)? else {
                back *= 2;
                continue;
            };
            let is_last = rows.len() < take;
            let mut new = Vec::new();
            back = 1;
            for row in rows {
                // How far back the last of them is.
                back = known.iter().rev().take_while(|known| known.id != row.id()).count() + 1;
                if back > known.len() {
                    back = 1;
                    new.push(row);
                }
            }
            if is_last || !new.is_empty() {
                for row in &new {
                    self.seen.push(keys.cursor(self.list, row));
                }
                self.ended = is_last;
                return Ok(new);
            }
        }
        Err(Error::new(Code::Response, "the service's list of keys does not end: does it know its cursor?"))
    }
}

/// A row at which a list can go on.
struct Cursor {
    id: String,
    at: Secret,
}

fn unknown(id: &str) -> Error {
    Error::new(Code::NotFound, text!["there is no key \"", id, "\""])
}

/// Checks a page size, as a caller gave it.
///
/// # Errors
/// `ERR_CONFIG` if it is not a whole number from 1 to 100.
pub fn read_page_size(mut fields: Fields<'_>) -> Result<Option<u32>> {
    let size = fields.count("pageSize", "1 to 100");
    fields.done()?;
    Ok(size)
}

/// Reads the options of [`Keys::revoke`].
///
/// # Errors
/// `ERR_CONFIG`, naming every field that is wrong.
pub fn read_even_if_in_use(mut fields: Fields<'_>) -> Result<bool> {
    let even_if_in_use = fields.flag("evenIfInUse").unwrap_or(false);
    fields.done()?;
    Ok(even_if_in_use)
}

fn check_length(name: &str, id: &str, most: usize) -> Result<()> {
    if id.is_empty() || id.len() > most {
        return Err(Error::field(
            name,
            &text!["must have from 1 to ", text::digits(most as i64), " characters"],
        ));
    }
    Ok(())
}

fn unsupported(provider: ProviderName) -> Error {
    let place = match provider {
        ProviderName::Masivo => "in Masivo's dashboard",
        ProviderName::Masv => "with the client of a user, not with that of a package",
        ProviderName::Brifle => "in Brifle's business portal",
        ProviderName::OAuth2 => "at the authorization server",
        _ => "at the service itself",
    };
    let message =
        text![provider.as_str(), " has no API for its keys that is known here: they are managed ", place];
    Error::new(Code::Unsupported, message).with_provider(provider)
}
