//! Masumi's keys on the wire: what each call sends and what it is answered, in both generations of the API.
//!
//! 0.27 and later say `NetworkLimit`, `take` and `cursorId`, and show a key's text once; 0.10 to 0.25 say `networkLimit`,
//! `limit` and `cursorToken`, and show it in every answer. A name that a server does not know is silently ignored, so a
//! wrong one would grant too much: nothing is sent before [`check_generation`] has looked at an answer.

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::http::{Answer, Method, Request, form_encode};
use crate::json::{Json, Writer};
use crate::keys::{ApiKey, ApiKeyChanges, NewApiKey};
use crate::text::{self, text};
use crate::token::Secret;

const STATUS: &str = "/api-key-status";
const KEYS: &str = "/api-key";
const RPC_KEYS: &str = "/rpc-api-keys";

/// Whether a key is for some wallets only, and which these are, as a request says it.
const SCOPED: &str = "walletScopeEnabled";
const WALLETS: &str = "WalletScopeHotWalletIds";

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// 0.27 and later.
    V28,
    /// 0.10 to 0.25.
    V25,
}

impl Generation {
    /// The generation that `apiVersion` names.
    pub fn of(api_version: Option<&str>) -> Self {
        if api_version == Some("0.25") { Generation::V25 } else { Generation::V28 }
    }

    const fn networks(self) -> &'static str {
        match self {
            Generation::V28 => "NetworkLimit",
            Generation::V25 => "networkLimit",
        }
    }
}

/// What there is a list of; both generations have the second alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// The keys.
    Keys,
    /// Those that the service has for blockchain providers.
    RpcKeys,
}

/// A key as it is read, and its text where the server shows it.
pub struct Row {
    /// What a user sees.
    pub key: ApiKey,
    /// Its text, masked or not.
    pub token: Secret,
}

/// Asks which key is in use.
pub fn status(base_url: &str) -> Request {
    Request::new(Method::Get, text![base_url, STATUS])
}

/// Asks for a list from the one at the cursor on, which comes again as the first.
pub fn page(
    generation: Generation,
    list: List,
    base_url: &str,
    take: u32,
    cursor: Option<&Secret>,
) -> Request {
    let (path, size, at) = match (list, generation) {
        (List::RpcKeys, _) => (RPC_KEYS, "limit", "cursorId"),
        (_, Generation::V28) => (KEYS, "take", "cursorId"),
        (_, Generation::V25) => (KEYS, "limit", "cursorToken"),
    };
    let cursor = cursor.map_or_else(String::new, |cursor| text!["&", at, "=", form_encode(cursor.reveal())]);
    Request::new(Method::Get, text![base_url, path, "?", size, "=", text::digits(take.into()), cursor])
}

/// Makes a key. Here two of the booleans are texts, and the credits are required.
pub fn create(generation: Generation, base_url: &str, new: &NewApiKey) -> Request {
    let mut body = Writer::new();
    for (name, value) in new.0.members() {
        match (name.as_str(), value) {
            ("usageLimited", Json::Bool(is)) => {
                body.text(name, if *is { "true" } else { "false" });
            }
            ("walletScopes", Json::List(_)) => {
                body.text(SCOPED, "true").value(WALLETS, value);
            }
            _ => write(generation, &mut body, name, value),
        }
    }
    Request::new(Method::Post, text![base_url, KEYS]).json(body.end())
}

/// Changes a key. `status` and `usageLimited` always go along: left out, the one would bring a revoked key back and the
/// other would limit an unlimited one (103 and 070 of the recordings in `tests/contracts`).
pub fn update(generation: Generation, base_url: &str, current: &ApiKey, changes: &ApiKeyChanges) -> Request {
    let mut body = kept(current, &changes.0);
    for (name, value) in changes.0.members() {
        write(generation, &mut body, name, value);
    }
    Request::new(Method::Patch, text![base_url, KEYS]).json(body.end())
}

/// What every change has to name: as it is, but for what is changed.
fn kept(current: &ApiKey, changes: &Json) -> Writer {
    let mut kept = Writer::new();
    for name in &["id", "status", "usageLimited"] {
        if changes.get(name).is_none() {
            kept.value(name, current.0.get(name).unwrap_or(&Json::Null));
        }
    }
    kept
}

/// Writes a member of a body under the name that the service has for it.
fn write(generation: Generation, body: &mut Writer, name: &str, value: &Json) {
    let name = match name {
        "networks" => generation.networks(),
        "chains" => "ChainIdLimit",
        "credits" => "UsageCredits",
        "addCredits" => "UsageCreditsToAddOrRemove",
        "walletScopes" => {
            let is_enabled = *value != Json::Null;
            body.flag(SCOPED, Some(is_enabled));
            if !is_enabled {
                return;
            }
            WALLETS
        }
        same => same,
    };
    body.value(name, value);
}

/// Gives a key another text, and changes nothing else of it.
pub fn set_text(base_url: &str, current: &ApiKey, text: &Secret) -> Request {
    let body = kept(current, &Json::Null).text("token", text.reveal()).end();
    Request::new(Method::Patch, text![base_url, KEYS]).json(body)
}

/// Ends a key. A second time it changes nothing, and is answered 200 as well.
pub fn revoke(base_url: &str, id: &str) -> Request {
    Request::new(Method::Delete, text![base_url, KEYS]).json(Writer::new().text("id", id).end())
}

/// Reads the answer that is one key.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_key(generation: Generation, answer: &Answer) -> Result<Row> {
    let body = answer.json()?;
    let row = body.get("data").ok_or_else(|| answer.wrong("JSON that has nothing at /data"))?;
    read_row(generation, answer, row)
}

/// Reads the answer that is a page of a list.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_page(generation: Generation, list: List, answer: &Answer) -> Result<Vec<Row>> {
    let body = answer.json()?;
    let pointer = if list == List::Keys { "/data/ApiKeys" } else { "/data/RpcProviderKeys" };
    let items = body.pointer(pointer).and_then(Json::as_list);
    let items = items.ok_or_else(|| answer.wrong(&text!["JSON that has no list at ", pointer]))?;
    let mut rows = Vec::new();
    for item in items {
        rows.push(match list {
            List::Keys => read_row(generation, answer, item)?,
            List::RpcKeys => {
                let key = ApiKey(Json::Object(read_members(answer, item, RPC_MEMBERS)?));
                Row { key, token: Secret::new("") }
            }
        });
    }
    Ok(rows)
}

/// Refuses an answer that the other generation gives.
///
/// # Errors
/// `ERR_UNSUPPORTED`, saying what to configure.
pub fn check_generation(generation: Generation, row: &Json) -> Result<()> {
    let (other, version) = match generation {
        Generation::V28 => (Generation::V25, "0.25"),
        Generation::V25 => (Generation::V28, "0.28"),
    };
    if row.get(generation.networks()).is_some() || row.get(other.networks()).is_none() {
        return Ok(());
    }
    let message =
        text!["this Masumi server speaks the other generation of the API: set apiVersion: \"", version, "\""];
    Err(Error::new(Code::Unsupported, message))
}

/// What a member is, and whether it has to be there.
enum Kind {
    /// A text that has to be there, and one that tells an instant.
    Text,
    Instant,
    /// A boolean that has to be there, and one that may be missing.
    Flag,
    OptionalFlag,
    /// Texts that have to be there, and some that may be missing.
    Texts,
    OptionalTexts,
    /// Amounts of 64 bits in decimal digits; none where they are missing.
    Credits,
    /// The ids of wallets, bare or each in an object of its own.
    Wallets,
}

/// A key's members: our name, the service's, and what it is.
type Members = &'static [(&'static str, &'static str, Kind)];

const MEMBERS: Members = &[
    ("id", "id", Kind::Text),
    ("permission", "permission", Kind::Text),
    ("status", "status", Kind::Text),
    ("usageLimited", "usageLimited", Kind::Flag),
    ("credits", "RemainingUsageCredits", Kind::Credits),
    ("chains", "ChainIdLimit", Kind::OptionalTexts),
    ("canRead", "canRead", Kind::OptionalFlag),
    ("canPay", "canPay", Kind::OptionalFlag),
    ("canAdmin", "canAdmin", Kind::OptionalFlag),
    ("walletScopeEnabled", "walletScopeEnabled", Kind::OptionalFlag),
    ("walletScopes", "WalletScopes", Kind::Wallets),
];
const NETWORKS_28: Members = &[("networks", Generation::V28.networks(), Kind::Texts)];
const NETWORKS_25: Members = &[("networks", Generation::V25.networks(), Kind::Texts)];
const TOKEN: Members = &[("token", "token", Kind::Text)];

const RPC_MEMBERS: Members = &[
    ("id", "id", Kind::Text),
    ("provider", "rpcProvider", Kind::Text),
    ("network", "network", Kind::Text),
    ("rpcProviderApiKey", "rpcProviderApiKey", Kind::Text),
    ("createdAt", "createdAt", Kind::Instant),
    ("updatedAt", "updatedAt", Kind::Instant),
];

fn read_row(generation: Generation, answer: &Answer, row: &Json) -> Result<Row> {
    check_generation(generation, row)?;
    let token = Json::Object(read_members(answer, row, TOKEN)?);
    let token = Secret::new(token.get("token").and_then(Json::as_str).unwrap_or_default());
    let networks = if generation == Generation::V28 { NETWORKS_28 } else { NETWORKS_25 };
    let mut members = read_members(answer, row, MEMBERS)?;
    members.append(&mut read_members(answer, row, networks)?);
    members.push(("hint".to_owned(), Json::Text(mask(token.reveal()))));
    Ok(Row { key: ApiKey(Json::Object(members)), token })
}

fn read_members(answer: &Answer, row: &Json, wanted: Members) -> Result<Vec<(String, Json)>> {
    let mut members = Vec::new();
    for (name, theirs, kind) in wanted {
        let value = row.get(theirs);
        let read = match (kind, value) {
            (Kind::Text, Some(Json::Text(_))) | (Kind::Flag | Kind::OptionalFlag, Some(Json::Bool(_))) => {
                value.cloned()
            }
            (Kind::Instant, Some(Json::Text(text))) if Timestamp::from_rfc3339(text).is_some() => {
                value.cloned()
            }
            (Kind::Texts | Kind::OptionalTexts, Some(Json::List(items))) if texts(items) => value.cloned(),
            (Kind::Wallets, Some(Json::List(items))) => Some(wallets(items)),
            (Kind::Credits, Some(Json::List(items))) if credits(items) => value.cloned(),
            (Kind::Credits, Some(_)) => {
                return Err(answer.wrong("an amount of credits that is no number of 64 bits"));
            }
            (Kind::Credits, None) => Some(Json::List(Vec::new())),
            _ => None,
        };
        match read {
            Some(read) => members.push(((*name).to_owned(), read)),
            None if matches!(kind, Kind::Text | Kind::Instant | Kind::Flag | Kind::Texts) => {
                return Err(answer.wrong(&text!["a key without ", theirs]));
            }
            None => {}
        }
    }
    Ok(members)
}

fn texts(items: &[Json]) -> bool {
    items.iter().all(|item| item.as_str().is_some())
}

fn credits(items: &[Json]) -> bool {
    items.iter().all(|item| {
        let part = |name| item.get(name).and_then(Json::as_str);
        part("unit").is_some() && part("amount").is_some_and(|amount| text::whole(amount).is_some())
    })
}

fn wallets(items: &[Json]) -> Json {
    let mut ids = Vec::new();
    for item in items {
        ids.push(item.get("hotWalletId").unwrap_or(item).clone());
    }
    Json::List(ids)
}

/// A key as 0.28 shows it, whichever server it came from: its last four characters.
fn mask(token: &str) -> String {
    text!["*****", text::last(token, 4)]
}

#[cfg(test)]
mod tests;
