//! Masumi's keys on the wire: what each call sends and what it is answered, in both generations of the API.
//!
//! 0.27 and later say `NetworkLimit`, `take` and `cursorId`, and show a key's text once; 0.10 to 0.25 say `networkLimit`,
//! `limit` and `cursorToken`, and show it in every answer. A name that a server does not know is silently ignored, so a
//! wrong one would grant too much: nothing is sent before [`check_generation`] has looked at an answer.

use crate::error::{Code, Error, Result};
use crate::http::{Answer, Method, Request, form_encode};
use crate::json::Json;
use crate::keys::{ApiKey, ApiKeyChanges, Credit, NewApiKey, RpcKey};
use crate::text::{self, text};
use crate::token::Secret;

const STATUS: &str = "/api-key-status";
const KEYS: &str = "/api-key";
const RPC_KEYS: &str = "/rpc-api-keys";

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

    fn networks(self) -> &'static str {
        match self {
            Generation::V28 => "NetworkLimit",
            Generation::V25 => "networkLimit",
        }
    }
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

/// Asks for keys from the one at the cursor on, which comes again as the first.
pub fn page(generation: Generation, base_url: &str, take: u32, cursor: Option<&Secret>) -> Request {
    let (size, at) = match generation {
        Generation::V28 => ("take", "cursorId"),
        Generation::V25 => ("limit", "cursorToken"),
    };
    let cursor = cursor.map_or_else(String::new, |cursor| text!["&", at, "=", form_encode(cursor.reveal())]);
    Request::new(Method::Get, text![base_url, KEYS, "?", size, "=", text::digits(take.into()), cursor])
}

/// Asks for the keys to other people's services; both generations say `limit` and `cursorId`.
pub fn rpc_page(base_url: &str, limit: u32, cursor: Option<&str>) -> Request {
    let cursor = cursor.map_or_else(String::new, |cursor| text!["&cursorId=", form_encode(cursor)]);
    Request::new(Method::Get, text![base_url, RPC_KEYS, "?limit=", text::digits(limit.into()), cursor])
}

/// Makes a key. Here the booleans are texts, and the credits are required.
pub fn create(generation: Generation, base_url: &str, new: &NewApiKey) -> Request {
    let mut body = Vec::new();
    body.push(("permission", new.permission.as_str().into()));
    body.push(("usageLimited", if new.usage_limited { "true" } else { "false" }.into()));
    body.push(("UsageCredits", credits(&new.credits)));
    body.extend(new.networks.as_ref().map(|networks| (generation.networks(), Json::texts(networks))));
    body.extend(new.chains.as_ref().map(|chains| ("ChainIdLimit", Json::texts(chains))));
    if let Some(wallets) = &new.wallet_scopes {
        body.push(("walletScopeEnabled", "true".into()));
        body.push(("WalletScopeHotWalletIds", Json::texts(wallets)));
    }
    Request::new(Method::Post, text![base_url, KEYS]).json(&Json::object(body))
}

/// Changes a key. `status` and `usageLimited` always go along: left out, the one would bring a revoked key back and the
/// other would limit an unlimited one (103 and 070 of the recordings in `tests/contracts`).
pub fn update(generation: Generation, base_url: &str, current: &ApiKey, changes: &ApiKeyChanges) -> Request {
    let mut body = Vec::new();
    body.push(("id", current.id.as_str().into()));
    body.push(("status", changes.status.as_ref().unwrap_or(&current.status).as_str().into()));
    body.push(("usageLimited", changes.usage_limited.unwrap_or(current.usage_limited).into()));
    for (name, value) in
        [("canRead", changes.can_read), ("canPay", changes.can_pay), ("canAdmin", changes.can_admin)]
    {
        body.extend(value.map(|value| (name, value.into())));
    }
    if let Some(added) = &changes.add_credits {
        body.push(("UsageCreditsToAddOrRemove", credits(added)));
    }
    body.extend(changes.networks.as_ref().map(|networks| (generation.networks(), Json::texts(networks))));
    body.extend(changes.chains.as_ref().map(|chains| ("ChainIdLimit", Json::texts(chains))));
    match &changes.wallet_scopes {
        None => {}
        Some(None) => {
            body.push(("walletScopeEnabled", false.into()));
        }
        Some(Some(wallets)) => {
            body.push(("walletScopeEnabled", true.into()));
            body.push(("WalletScopeHotWalletIds", Json::texts(wallets)));
        }
    }
    Request::new(Method::Patch, text![base_url, KEYS]).json(&Json::object(body))
}

/// Ends a key. A second time it changes nothing, and is answered 200 as well.
pub fn revoke(base_url: &str, id: &str) -> Request {
    Request::new(Method::Delete, text![base_url, KEYS]).json(&Json::object(vec![("id", id.into())]))
}

/// Amounts go as decimal digits: a JavaScript number could not hold them.
fn credits(credits: &[Credit]) -> Json {
    let mut list = Vec::new();
    for Credit { unit, amount } in credits {
        list.push(Json::object(vec![
            ("unit", unit.as_str().into()),
            ("amount", Json::Text(text::digits(*amount))),
        ]));
    }
    Json::List(list)
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

/// Reads the answer that is a page of keys.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_page(generation: Generation, answer: &Answer) -> Result<Vec<Row>> {
    let body = answer.json()?;
    let mut rows = Vec::new();
    for row in list(answer, &body, "/data/ApiKeys")? {
        rows.push(read_row(generation, answer, row)?);
    }
    Ok(rows)
}

/// Reads the answer that is a page of keys to other people's services.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_rpc_page(answer: &Answer) -> Result<Vec<RpcKey>> {
    let body = answer.json()?;
    let mut rows = Vec::new();
    for row in list(answer, &body, "/data/RpcProviderKeys")? {
        let mut row = Object::new(row);
        rows.push(RpcKey {
            id: row.text("id"),
            provider: row.text("rpcProvider"),
            network: row.text("network"),
            rpc_provider_api_key: Secret::new(row.text("rpcProviderApiKey")),
            created_at: row.text("createdAt"),
            updated_at: row.text("updatedAt"),
        });
        row.check(answer)?;
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

fn list<'a>(answer: &Answer, body: &'a Json, pointer: &str) -> Result<&'a [Json]> {
    let list = body.pointer(pointer).and_then(Json::as_list);
    list.ok_or_else(|| answer.wrong(&text!["JSON that has no list at ", pointer]))
}

fn read_row(generation: Generation, answer: &Answer, row: &Json) -> Result<Row> {
    check_generation(generation, row)?;
    let mut row = Object::new(row);
    let token = Secret::new(row.text("token"));
    let key = ApiKey {
        id: row.text("id"),
        permission: row.text("permission"),
        status: row.text("status"),
        usage_limited: row.required("usageLimited", Object::flag),
        credits: row.credits("RemainingUsageCredits"),
        networks: row.required(generation.networks(), Object::texts),
        chains: row.texts("ChainIdLimit"),
        can_read: row.flag("canRead"),
        can_pay: row.flag("canPay"),
        can_admin: row.flag("canAdmin"),
        wallet_scope_enabled: row.flag("walletScopeEnabled"),
        wallet_scopes: row.wallets("WalletScopes"),
        hint: Some(mask(token.reveal())),
    };
    row.check(answer)?;
    Ok(Row { key, token })
}

/// An object that is taken apart member by member. What is missing is noted, and something harmless stands in its place
/// until [`Object::check`] tells.
struct Object<'a> {
    members: &'a Json,
    wrong: Option<String>,
}

impl<'a> Object<'a> {
    fn new(members: &'a Json) -> Self {
        Object { members, wrong: None }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.members.get(name)?.as_bool()
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for item in self.members.get(name)?.as_list()? {
            texts.push(item.as_str()?.to_owned());
        }
        Some(texts)
    }

    /// The ids of wallets, bare or each in an object of its own.
    fn wallets(&self, name: &str) -> Option<Vec<String>> {
        let mut wallets = Vec::new();
        for item in self.members.get(name)?.as_list()? {
            wallets.extend(item.get("hotWalletId").unwrap_or(item).as_str().map(str::to_owned));
        }
        Some(wallets)
    }

    fn required<T: Default>(&mut self, name: &str, read: fn(&Self, &str) -> Option<T>) -> T {
        let value = read(self, name);
        if value.is_none() {
            self.wrong.get_or_insert_with(|| text!["a key without ", name]);
        }
        value.unwrap_or_default()
    }

    fn text(&mut self, name: &str) -> String {
        self.required(name, |object, name| Some(object.members.get(name)?.as_str()?.to_owned()))
    }

    fn credits(&mut self, name: &str) -> Vec<Credit> {
        let mut credits = Vec::new();
        for credit in self.members.get(name).and_then(Json::as_list).unwrap_or_default() {
            let mut credit = Object::new(credit);
            let amount = credit.text("amount").parse().unwrap_or_else(|_| {
                credit
                    .wrong
                    .get_or_insert_with(|| "an amount of credits that is no number of 64 bits".into());
                0
            });
            credits.push(Credit { unit: credit.text("unit"), amount });
            self.wrong = self.wrong.take().or(credit.wrong);
        }
        credits
    }

    fn check(self, answer: &Answer) -> Result<()> {
        self.wrong.map_or(Ok(()), |wrong| Err(answer.wrong(&wrong)))
    }
}

/// A key as 0.28 shows it, whichever server it came from: its last four characters.
fn mask(token: &str) -> String {
    let last = token.char_indices().rev().take(4).last().and_then(|(at, _)| token.get(at..));
    text!["*****", last.unwrap_or_default()]
}

#[cfg(test)]
mod tests;
