//! The API keys of a service: status, list, create, update, revoke.
//!
//! Masumi's, so far; what stands on the wire is in [`crate::provider::masumi::keys`]. Everything that changes something
//! reads first, is sent once, and is checked before it is sent.

mod model;

pub use model::{ApiKey, ApiKeyChanges, Credit, NewApiKey, RpcKey};

use crate::client::{Client, Repeat};
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, KeyAction};
use crate::http::{Answer, Request};
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

    /// The key in use.
    pub async fn status(&self) -> Result<ApiKey> {
        let answer = self.read(wire::status(self.base_url())).await?;
        Ok(wire::read_key(self.generation, &answer)?.key)
    }

    /// Keys page by page, oldest first.
    pub fn list(self, size: Option<u32>) -> Listing {
        let pages = RefCell::new(Some(self.pages(size)));
        Listing { keys: self, pages }
    }

    fn pages(&self, size: Option<u32>) -> Pages {
        Pages { size: size.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE), cursor: None, ended: false }
    }

    async fn next_page(&self, pages: &mut Pages) -> Result<Option<Vec<ApiKey>>> {
        let rows = self.next_rows(pages).await?;
        Ok(rows.map(|rows| rows.into_iter().map(|row| row.key).collect()))
    }

    async fn next_rows(&self, pages: &mut Pages) -> Result<Option<Vec<Row>>> {
        if pages.ended {
            return Ok(None);
        }
        // The row at the cursor comes again, so one more is asked for; a full page has room for one less.
        let take = if pages.cursor.is_some() { (pages.size + 1).min(MAX_PAGE) } else { pages.size };
        let request = wire::page(
            self.generation,
            self.base_url(),
            take,
            pages.cursor.as_ref().map(|cursor| &cursor.at),
        );
        let answer = self.read(request).await.map_err(|error| match &pages.cursor {
            // In 0.25 it is another key's text, and a `fetch` may name the whole URL when it fails.
            Some(cursor) => error.scrub(core::slice::from_ref(&cursor.at)),
            None => error,
        })?;
        let mut rows = wire::read_page(self.generation, &answer)?;
        pages.ended = rows.len() < take as usize;
        if let Some(cursor) = &pages.cursor {
            match rows.first() {
                Some(row) if row.key.id == cursor.id => drop(rows.remove(0)),
                // An unknown cursor answers an empty list, as if that were all.
                _ => return Err(gone()),
            }
        }
        match rows.last() {
            Some(last) => pages.cursor = Some(self.cursor(last)),
            None => return Ok(None),
        }
        Ok(Some(rows))
    }

    /// The keys after the one with this id; from the first without one.
    pub async fn page(&self, after: Option<String>, size: Option<u32>) -> Result<Vec<ApiKey>> {
        let mut pages = self.pages(size);
        if let Some(id) = after {
            check_length("after", &id, MAX_CURSOR_ID)?;
            pages.cursor = Some(self.cursor(&self.find(&id).await?));
        }
        Ok(self.next_page(&mut pages).await?.unwrap_or_default())
    }

    /// The keys to other people's services after the one with this id.
    pub async fn rpc_page(&self, after: Option<String>, size: Option<u32>) -> Result<Vec<RpcKey>> {
        let size = size.unwrap_or(DEFAULT_RPC_PAGE).clamp(1, MAX_PAGE);
        let limit = if after.is_some() { (size + 1).min(MAX_PAGE) } else { size };
        let answer = self.read(wire::rpc_page(self.base_url(), limit, after.as_deref())).await?;
        let mut rows = wire::read_rpc_page(&answer)?;
        if let Some(after) = after {
            match rows.first() {
                Some(row) if row.id == after => drop(rows.remove(0)),
                _ => return Err(gone()),
            }
        }
        Ok(rows)
    }

    /// Makes a key, and gives its text, which the service shows once.
    pub async fn create(&self, new: NewApiKey) -> Result<(ApiKey, Secret)> {
        // A name that the server does not know would be ignored, and every network granted.
        self.status().await?;
        let answer = self.change(wire::create(self.generation, self.base_url(), &new)).await?;
        let Row { mut key, token } = wire::read_key(self.generation, &answer)?;
        if self.generation == Generation::V25 {
            key.credits = new.credits;
        }
        self.client.tell(EventKind::Key { action: KeyAction::Create, id: key.id.clone() }).await;
        Ok((key, token))
    }

    /// Changes what is named of a key, and nothing else.
    pub async fn update(&self, id: &str, changes: ApiKeyChanges) -> Result<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let current = self.find(id).await?.key;
        changes.check(&current)?;
        let answer = self.change(wire::update(self.generation, self.base_url(), &current, &changes)).await?;
        let mut key = wire::read_key(self.generation, &answer)?.key;
        if self.generation == Generation::V25 {
            key = self.find(id).await?.key;
        }
        self.client.tell(EventKind::Key { action: KeyAction::Update, id: key.id.clone() }).await;
        Ok(key)
    }

    /// Ends a key. The one in use is ended only if the caller says so.
    pub async fn revoke(&self, id: &str, even_if_in_use: bool) -> Result<ApiKey> {
        check_length("id", id, MAX_ID)?;
        let credits = self.find(id).await?.key.credits;
        if !even_if_in_use && self.status().await?.id == id {
            let message = "this client uses the key itself: revoke it with another, or say evenIfInUse";
            return Err(Error::new(Code::Conflict, message));
        }
        // Ending it twice is ending it once, so this change may be repeated.
        let answer = self.client.call(wire::revoke(self.base_url(), id), Repeat::Safe).await?;
        let mut key = wire::read_key(self.generation, &answer)?.key;
        if self.generation == Generation::V25 {
            key.credits = credits;
        }
        self.client.tell(EventKind::Key { action: KeyAction::Revoke, id: key.id.clone() }).await;
        Ok(key)
    }

    /// The key with this id. 0.28 finds it as the row at its own cursor; 0.25, whose cursor is the key's text, is searched.
    async fn find(&self, id: &str) -> Result<Row> {
        let unknown = || Error::new(Code::NotFound, text!["there is no key \"", id, "\""]);
        if self.generation == Generation::V28 {
            let request = wire::page(self.generation, self.base_url(), 1, Some(&Secret::new(id)));
            let rows = wire::read_page(self.generation, &self.read(request).await?)?;
            return rows.into_iter().find(|row| row.key.id == id).ok_or_else(unknown);
        }
        let mut pages = self.pages(Some(MAX_PAGE));
        while let Some(rows) = self.next_rows(&mut pages).await? {
            if let Some(row) = rows.into_iter().find(|row| row.key.id == id) {
                return Ok(row);
            }
        }
        Err(unknown())
    }

    fn cursor(&self, row: &Row) -> Cursor {
        let id = row.key.id.clone();
        let at = if self.generation == Generation::V28 { Secret::new(&*id) } else { row.token.clone() };
        Cursor { id, at }
    }

    fn base_url(&self) -> &str {
        self.client.config().base_url()
    }

    async fn read(&self, request: Request) -> Result<Answer> {
        self.client.call(request, Repeat::Safe).await
    }

    async fn change(&self, request: Request) -> Result<Answer> {
        self.client.call(request, Repeat::Never).await
    }
}

/// Keys page by page.
pub struct Listing {
    keys: Keys,
    /// Taken out while a page is on its way.
    pages: RefCell<Option<Pages>>,
}

impl Listing {
    /// The client that it speaks through.
    pub fn client(&self) -> &Client {
        &self.keys.client
    }

    /// The next page; nothing after the last.
    ///
    /// # Errors
    /// `ERR_CONFLICT` while the last one is still on its way.
    pub async fn next(&self) -> Result<Option<Vec<ApiKey>>> {
        let Some(mut pages) = self.pages.take() else {
            return Err(Error::new(Code::Conflict, "the last page is still on its way: await it first"));
        };
        let page = self.keys.next_page(&mut pages).await;
        self.pages.replace(Some(pages));
        page
    }
}

/// Where a listing stands.
struct Pages {
    size: u32,
    cursor: Option<Cursor>,
    ended: bool,
}

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

fn gone() -> Error {
    Error::new(Code::Conflict, "the key at which the list goes on was deleted: list again")
}

fn unsupported(provider: ProviderName) -> Error {
    let place = match provider {
        ProviderName::Masivo => "in Masivo's dashboard",
        ProviderName::Masv => "in MASV's web app, under the team's API keys",
        ProviderName::Brifle => "in Brifle's business portal",
        ProviderName::OAuth2 => "at the authorization server",
        _ => "at the service itself",
    };
    let message =
        text![provider.as_str(), " has no API for its keys that is known here: they are managed ", place];
    Error::new(Code::Unsupported, message).with_provider(provider)
}
