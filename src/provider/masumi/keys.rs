//! Masumi's keys on the wire: what each call sends and what it is answered, in both generations of the API.
//!
//! 0.27 and later say `NetworkLimit`, `take` and `cursorId`, and show a key's text once; 0.10 to 0.25 say `networkLimit`,
//! `limit` and `cursorToken`, and show it in every answer. A name that a server does not know is silently ignored, so a
//! wrong one would grant too much: nothing is sent before [`check`] has looked at an answer.

use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::http::form_encode;
use crate::http::members::{self, Member};
use crate::json::{Json, Value};
use crate::keys::{Form, Read};
use crate::text::{self, NO_TEXT, Text, text};

/// Where a key is asked for with its own text.
pub const STATUS: &str = "/api-key-status";
/// Where keys are listed, made, changed and ended. The last is answered 200 the second time as well, when it changes nothing.
pub const KEYS: &str = "/api-key";

/// Whether a key is for some wallets only, as a request says it.
const SCOPED: &str = "walletScopeEnabled";

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
    pub fn of(config: &Config) -> Self {
        if config.api_version().is_some_and(|version| version == "0.25") {
            Generation::V25
        } else {
            Generation::V28
        }
    }

    fn networks(self) -> &'static str {
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

/// Where a list is, from the one at the cursor on, which comes again as the first.
pub fn page(generation: Generation, list: List, take: usize, cursor: Option<&String>) -> Text {
    let (first, more) = match (list, generation) {
        (List::RpcKeys, _) => ("/rpc-api-keys?limit=", "&cursorId="),
        (_, Generation::V28) => ("/api-key?take=", "&cursorId="),
        (_, Generation::V25) => ("/api-key?limit=", "&cursorToken="),
    };
    let more = if cursor.is_some() { more } else { "" };
    text![first, #take as i64, more, form_encode(cursor.unwrap_or(&NO_TEXT))]
}

/// What makes a key. Here two of the booleans are texts, and the credits are required.
pub fn to_make(generation: Generation, new: &Json) -> Value {
    let mut body = translate(generation, new);
    for name in &["usageLimited", SCOPED] {
        if let Some(value) = body.get(name) {
            let text = value.to_text().into();
            body.set(name, text);
        }
    }
    body
}

/// What changes a key that is so now. `status` and `usageLimited` always go along: left out, the one would bring a revoked key back
/// and the other would limit an unlimited one (103 and 070 of the recordings in `tests/contracts`).
pub fn to_change(generation: Generation, current: &Json, changes: &Json) -> Value {
    let mut body = translate(generation, changes);
    for name in &["id", "status", "usageLimited"] {
        if changes.get(name).is_none() {
            body.set(name, current.get(name).map(Json::own).unwrap_or_default());
        }
    }
    body
}

/// The names that the service has for what a caller calls otherwise; that of the networks is another one in each generation.
const NAMES: &str = "\
chains:ChainIdLimit
credits:UsageCredits
addCredits:UsageCreditsToAddOrRemove
walletScopes:WalletScopeHotWalletIds";

/// The members of a request, under the names that the service has for them.
fn translate(generation: Generation, ours: &Json) -> Value {
    let mut theirs = Value::object();
    for (name, value) in ours.members() {
        if name == "walletScopes" {
            theirs.set(SCOPED, (!value.is_null()).into());
            if value.is_null() {
                continue;
            }
        }
        let name = match name.as_str() {
            "networks" => generation.networks(),
            name => text::entry(NAMES, name).unwrap_or(name),
        };
        theirs.set(name, value.clone());
    }
    theirs
}

/// The answer that is one key.
pub const KEY: &Read = &Read { at: "/data", form: Form::One, members: MEMBERS, check };
/// The answer that is a page of a list of keys.
pub const PAGE: &Read = &Read { at: "/data/ApiKeys", form: Form::List, members: MEMBERS, check };
/// The answer that is a page of the list of those for blockchain providers, which both generations have alike.
pub const RPC_PAGE: &Read =
    &Read { at: "/data/RpcProviderKeys", form: Form::List, members: RPC_MEMBERS, check };

/// Refuses a key that the other generation tells of.
fn check(config: &Config, row: &Json) -> Result<()> {
    let generation = Generation::of(config);
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

/// What is read of a key; its text last, which is not for everybody.
const MEMBERS: &[Member] = &[
    ("id", members::id),
    ("permission", members::text),
    ("status", members::text),
    ("usageLimited", members::flag),
    ("credits/RemainingUsageCredits", credits),
    ("networks/NetworkLimit/networkLimit", members::texts),
    ("chains/ChainIdLimit", members::any_texts),
    ("canRead", members::any_flag),
    ("canPay", members::any_flag),
    ("canAdmin", members::any_flag),
    ("walletScopeEnabled", members::any_flag),
    ("walletScopes/WalletScopes", wallets),
    ("hint/token", hint),
    ("secret/token", members::any_text),
];

const RPC_MEMBERS: &[Member] = &[
    ("id", members::id),
    ("provider/rpcProvider", members::text),
    ("network", members::text),
    ("rpcProviderApiKey", members::text),
    ("createdAt", members::instant),
    ("updatedAt", members::instant),
];

/// Amounts of 64 bits in decimal digits; none where they are missing.
fn credits(value: &Json) -> Option<Value> {
    if value.is_null() {
        return Some(Value::list());
    }
    for item in value.as_list()? {
        item.text_of("unit")?;
        text::whole(item.text_of("amount")?)?;
    }
    Some(value.own())
}

/// The ids of wallets, which come bare, or each in an object of its own.
fn wallets(value: &Json) -> Option<Value> {
    let Json::List(items) = value else { return Some(Value::default()) };
    let mut ids = Value::list();
    for item in items {
        ids.push(item.get("hotWalletId").unwrap_or(item).own());
    }
    Some(ids)
}

/// A key's text as 0.28 shows it, whichever server it came from: its last four characters.
fn hint(value: &Json) -> Option<Value> {
    Some(text!["*****", text::last(value.as_str()?, 4)].into())
}

#[cfg(test)]
mod tests;
