//! Masumi's keys on the wire: what each call sends and what it is answered, in both generations of the API.
//!
//! 0.27 and later say `NetworkLimit`, `take` and `cursorId`, and show a key's text once; 0.10 to 0.25 say `networkLimit`,
//! `limit` and `cursorToken`, and show it in every answer. A name that a server does not know is silently ignored, so a
//! wrong one would grant too much: nothing is sent before [`check_generation`] has looked at an answer.

use crate::error::{Code, Error, Result};
use crate::http::members::{self, Members, read_members};
use crate::http::{self, Answer, Method, Request, form_encode};
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
            kept.value(name, current.told.get(name).unwrap_or(&Json::Null));
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
pub fn read_key(generation: Generation, answer: &Answer) -> Result<ApiKey> {
    let body = answer.json()?;
    let row = body.get("data").ok_or_else(|| answer.wrong("JSON that has nothing at /data"))?;
    read_row(generation, answer, row)
}

/// Reads the answer that is a page of a list.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_page(generation: Generation, list: List, answer: &Answer) -> Result<Vec<ApiKey>> {
    let body = answer.json()?;
    let pointer = if list == List::Keys { "/data/ApiKeys" } else { "/data/RpcProviderKeys" };
    let mut rows = Vec::new();
    for row in http::list_at(answer, body, pointer)? {
        rows.push(match list {
            List::Keys => read_row(generation, answer, row)?,
            List::RpcKeys => {
                ApiKey { told: read_members(answer, row, RPC_MEMBERS)?, secret: Secret::new("") }
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
    let message = text!["the server speaks another version of the API: set apiVersion: \"", version, "\""];
    Err(Error::new(Code::Unsupported, message))
}

const MEMBERS: Members = &[
    ("id", "id", members::id),
    ("permission", "permission", members::text),
    ("status", "status", members::text),
    ("usageLimited", "usageLimited", members::flag),
    ("credits", "RemainingUsageCredits", credits),
    ("chains", "ChainIdLimit", members::any_texts),
    ("canRead", "canRead", members::any_flag),
    ("canPay", "canPay", members::any_flag),
    ("canAdmin", "canAdmin", members::any_flag),
    ("walletScopeEnabled", "walletScopeEnabled", members::any_flag),
    ("walletScopes", "WalletScopes", wallets),
    ("hint", "token", hint),
];

const RPC_MEMBERS: Members = &[
    ("id", "id", members::id),
    ("provider", "rpcProvider", members::text),
    ("network", "network", members::text),
    ("rpcProviderApiKey", "rpcProviderApiKey", members::text),
    ("createdAt", "createdAt", members::instant),
    ("updatedAt", "updatedAt", members::instant),
];

fn read_row(generation: Generation, answer: &Answer, row: &Json) -> Result<ApiKey> {
    check_generation(generation, row)?;
    let mut told = read_members(answer, row, MEMBERS)?;
    let limit = read_members(answer, row, &[("networks", generation.networks(), members::texts)])?;
    told.set("networks", limit.get("networks").cloned().unwrap_or_default());
    let secret = Secret::new(row.text("token").unwrap_or_default());
    Ok(ApiKey { told, secret })
}

/// Amounts of 64 bits in decimal digits; none where they are missing.
fn credits(value: &Json) -> Option<Json> {
    if *value == Json::Null {
        return Some(Json::List(Vec::new()));
    }
    for item in value.as_list()? {
        item.get("unit")?.as_str()?;
        text::whole(item.get("amount")?.as_str()?)?;
    }
    Some(value.clone())
}

/// The ids of wallets, which come bare, or each in an object of its own.
fn wallets(value: &Json) -> Option<Json> {
    let Json::List(items) = value else { return Some(Json::Null) };
    let mut ids = Vec::new();
    for item in items {
        ids.push(item.get("hotWalletId").unwrap_or(item).clone());
    }
    Some(Json::List(ids))
}

/// A key's text as 0.28 shows it, whichever server it came from: its last four characters.
fn hint(value: &Json) -> Option<Json> {
    Some(Json::Text(text!["*****", text::last(value.as_str()?, 4)]))
}

#[cfg(test)]
mod tests;
