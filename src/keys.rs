//! The API keys of a service: status, list, create, update, revoke, rotate.
//!
//! Masumi's, so far; what stands on the wire is in [`crate::provider::masumi::keys`]. Everything that changes something
//! reads first, is sent once, and is checked before it is sent. What takes several requests is a [`Script`].

pub mod masv;
mod model;
mod rotation;
mod script;

pub use model::{ApiKey, ApiKeyChanges, Credit, NewApiKey, RpcKey};
pub use rotation::Rotation;
pub use script::{Script, Step, play};

use crate::client::Client;
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::provider::ProviderName;
use crate::provider::masumi::keys::{self as wire, Generation, Row};
use crate::text::{self, text};
use crate::token::Secret;
use std::cell::RefCell;

/// The most rows that the service gives at once.
const MAX_PAGE: u32 = 100;
const DEFAULT_PAGE: u32 = 10;
const DEFAULT_RPC_PAGE: u32 = 100;
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
        let generation = Generation::of(config.api_version);
        Ok(Keys { client, generation })
    }

    /// The client that they are managed through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The key in use.
    pub fn status(&self, script: &mut Script) -> Step<ApiKey> {
        let answer = script.read(wire::status(self.base_url()))?;
        Ok(wire::read_key(self.generation, answer)?.key)
    }

    /// Keys page by page, oldest first.
    pub fn list(self, size: Option<u32>) -> Listing {
        Listing { keys: self, pages: RefCell::new(Pages::new(size)) }
    }

    fn next_rows(&self, script: &mut Script, pages: &mut Pages) -> Step<Option<Vec<Row>>> {
        if pages.ended {
            return Ok(None);
        }
        // The row at the cursor comes again, so one more is asked for; a full page has room for one less.
        let take = if pages.cursor.is_some() { (pages.size + 1).min(MAX_PAGE) } else { pages.size };
        let cursor = pages.cursor.as_ref().map(|cursor| &cursor.at);
        let request = wire::page(self.generation, self.base_url(), take, cursor);
        let answer = script.read(request).map_err(|stop| match cursor {
            // In 0.25 it is another key's text, and a `fetch` may name the whole URL when it fails.
            Some(cursor) => stop.scrub(cursor),
            None => stop,
        })?;
        let cursor = pages.cursor.as_ref().map(|cursor| cursor.id.as_str());
        let rows = wire::read_page(self.generation, answer, cursor)?;
        pages.ended = rows.len() + usize::from(cursor.is_some()) < take as usize;
        match rows.last() {
            Some(last) => pages.cursor = Some(self.cursor(last)),
            None => return Ok(None),
        }
        Ok(Some(rows))
    }

    /// The keys after the one with this id; from the first without one.
    pub fn page(&self, script: &mut Script, after: Option<&str>, size: Option<u32>) -> Step<Vec<ApiKey>> {
        let mut pages = Pages::new(size);
        if let Some(id) = after {
            check_length("after", id, MAX_CURSOR_ID)?;
            pages.cursor = Some(self.cursor(&self.find(script, id)?));
        }
        Ok(keys_of(self.next_rows(script, &mut pages)?.unwrap_or_default()))
    }

    /// The keys to other people's services after the one with this id.
    pub fn rpc_page(&self, script: &mut Script, after: Option<&str>, size: Option<u32>) -> Step<Vec<RpcKey>> {
        let size = size.unwrap_or(DEFAULT_RPC_PAGE).clamp(1, MAX_PAGE);
        let limit = if after.is_some() { (size + 1).min(MAX_PAGE) } else { size };
        let answer = script.read(wire::rpc_page(self.base_url(), limit, after))?;
        Ok(wire::read_rpc_page(answer, after)?)
    }

    /// Makes a key, and gives its text, which the service shows once.
    pub fn create(&self, script: &mut Script, new: &NewApiKey) -> Step<(ApiKey, Secret)> {
        // A name that the server does not know would be ignored, and every network granted.
        self.status(script)?;
        let answer = script.change(wire::create(self.generation, self.base_url(), new))?;
        let Row { mut key, token } = wire::read_key(self.generation, answer)?;
        if self.generation == Generation::V25 {
            key.0.set("credits", new.0.get("credits").cloned().unwrap_or_default());
        }
        script.tell(KeyAction::Create, key.id())?;
        Ok((key, token))
    }

    /// Changes what is named of a key, and nothing else.
    pub fn update(&self, script: &mut Script, id: &str, changes: &ApiKeyChanges) -> Step<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let current = self.find(script, id)?.key;
        changes.check(&current)?;
        let answer = script.change(wire::update(self.generation, self.base_url(), &current, changes))?;
        let mut key = wire::read_key(self.generation, answer)?.key;
        if self.generation == Generation::V25 {
            key = self.find(script, id)?.key;
        }
        script.tell(KeyAction::Update, id)?;
        Ok(key)
    }

    /// Ends a key. The one in use is ended only if the caller says so.
    pub fn revoke(&self, script: &mut Script, id: &str, even_if_in_use: bool) -> Step<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let found = self.find(script, id)?.key;
        if !even_if_in_use && self.status(script)?.id() == id {
            let message = "this client uses the key itself: revoke it with another, or say evenIfInUse";
            return Err(Error::new(Code::Conflict, message).into());
        }
        let mut key = self.end(script, id)?;
        if self.generation == Generation::V25 {
            key.0.set("credits", found.0.get("credits").cloned().unwrap_or_default());
        }
        Ok(key)
    }

    /// Ends a key, whichever it is. Ending it twice is ending it once, so this change may be repeated.
    fn end(&self, script: &mut Script, id: &str) -> Step<ApiKey> {
        let answer = script.read(wire::revoke(self.base_url(), id))?;
        let key = wire::read_key(self.generation, answer)?.key;
        script.tell(KeyAction::Revoke, id)?;
        Ok(key)
    }

    /// The key with this id. 0.28 finds it as the row at its own cursor; 0.25, whose cursor is the key's text, is searched.
    fn find(&self, script: &mut Script, id: &str) -> Step<Row> {
        let mut pages = Pages::new(Some(MAX_PAGE));
        if self.generation == Generation::V28 {
            let request = wire::page(self.generation, self.base_url(), 1, Some(&Secret::new(id)));
            for row in wire::read_page(self.generation, script.read(request)?, None)? {
                if row.key.id() == id {
                    return Ok(row);
                }
            }
            pages.ended = true;
        }
        while let Some(rows) = self.next_rows(script, &mut pages)? {
            for row in rows {
                if row.key.id() == id {
                    return Ok(row);
                }
            }
        }
        Err(Error::new(Code::NotFound, text!["there is no key \"", id, "\""]).into())
    }

    /// The ids of all keys.
    fn ids(&self, script: &mut Script) -> Step<Vec<String>> {
        let (mut pages, mut ids) = (Pages::new(Some(MAX_PAGE)), Vec::new());
        while let Some(rows) = self.next_rows(script, &mut pages)? {
            for row in rows {
                ids.push(row.key.id().to_owned());
            }
        }
        Ok(ids)
    }

    /// The key of this text, asked for with it.
    fn status_of(&self, script: &mut Script, text: &Secret) -> Step<ApiKey> {
        let header = &self.client.config().provider.attach().header;
        let request = wire::status(self.base_url()).header(header, text.clone());
        let answer = script.read_bare(request).map_err(|stop| stop.scrub(text))?;
        Ok(wire::read_key(self.generation, answer)?.key)
    }

    /// The text of a key as a list has it: in 0.28 it is masked there.
    fn shown(&self, token: Secret) -> Option<Secret> {
        (self.generation == Generation::V25).then_some(token)
    }

    fn cursor(&self, row: &Row) -> Cursor {
        let id = row.key.id().to_owned();
        let at = if self.generation == Generation::V28 { Secret::new(&*id) } else { row.token.clone() };
        Cursor { id, at }
    }

    fn base_url(&self) -> &str {
        self.client.config().base_url()
    }
}

fn keys_of(rows: Vec<Row>) -> Vec<ApiKey> {
    let mut keys = Vec::new();
    for row in rows {
        keys.push(row.key);
    }
    keys
}

/// Keys page by page.
pub struct Listing {
    keys: Keys,
    pages: RefCell<Pages>,
}

impl Listing {
    /// The client that it speaks through.
    pub fn client(&self) -> &Client {
        &self.keys.client
    }

    /// The next page; nothing after the last.
    pub fn next(&self, script: &mut Script) -> Step<Option<Vec<ApiKey>>> {
        let mut pages = self.pages.borrow().clone();
        let rows = self.keys.next_rows(script, &mut pages)?;
        self.pages.replace(pages);
        Ok(rows.map(keys_of))
    }
}

/// Where a listing stands.
#[derive(Clone)]
struct Pages {
    size: u32,
    cursor: Option<Cursor>,
    ended: bool,
}

impl Pages {
    fn new(size: Option<u32>) -> Self {
        Pages { size: size.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE), cursor: None, ended: false }
    }
}

#[derive(Clone)]
struct Cursor {
    id: String,
    at: Secret,
}

/// Checks a page size, as a caller gave it.
///
/// # Errors
/// `ERR_CONFIG` if it is not a whole number from 1 to 100.
pub fn read_page_size(mut fields: Fields<'_>) -> Result<Option<u32>> {
    let size = fields.count("pageSize", MAX_PAGE);
    if size == Some(0) {
        fields.issue("pageSize", "must be from 1 to 100");
    }
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
