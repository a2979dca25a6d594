//! Masumi's keys on the wire: what each call sends and what it is answered, in both generations of the API.
//!
//! 0.27 and later say `NetworkLimit`, `take` and `cursorId`, and show a key's text once; 0.10 to 0.25 say `networkLimit`,
//! `limit` and `cursorToken`, and show it in every answer. A name that a server does not know is silently ignored, so a
//! wrong one would grant too much: nothing is sent before [`check_generation`] has looked at an answer.

use crate::error::{Code, Error, Result};
use crate::http::{Answer, Method, Request, form_encode};
use crate::json::Json;
use crate::keys::{ApiKey, ApiKeyChanges, Credit, NewApiKey, RpcKey};
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
    Request::new(Method::Get, format!("{base_url}{STATUS}"))
}

/// Asks for keys from the one at the cursor on, which comes again as the first.
pub fn page(generation: Generation, base_url: &str, take: u32, cursor: Option<&Secret>) -> Request {
    let (size, at) = match generation {
        Generation::V28 => ("take", "cursorId"),
        Generation::V25 => ("limit", "cursorToken"),
    };
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&{at}={}", form_encode(cursor.reveal())));
    Request::new(Method::Get, format!("{base_url}{KEYS}?{size}={take}{cursor}"))
}

/// Asks for the keys to other people's services; both generations say `limit` and `cursorId`.
pub fn rpc_page(base_url: &str, limit: u32, cursor: Option<&str>) -> Request {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursorId={}", form_encode(cursor)));
    Request::new(Method::Get, format!("{base_url}{RPC_KEYS}?limit={limit}{cursor}"))
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
    Request::new(Method::Post, format!("{base_url}{KEYS}")).json(&Json::object(body))
}

/// Changes a key. `status` and `usageLimited` always go along: left out, the one would bring a revoked key back and the
/// other would limit an unlimited one (recordings 103 and 070).
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
    Request::new(Method::Patch, format!("{base_url}{KEYS}")).json(&Json::object(body))
}

/// Ends a key. A second time it changes nothing (DESIGN: "of a deleted one 200").
pub fn revoke(base_url: &str, id: &str) -> Request {
    Request::new(Method::Delete, format!("{base_url}{KEYS}")).json(&Json::object([("id", id.into())]))
}

/// Amounts go as decimal digits: a JavaScript number could not hold them.
fn credits(credits: &[Credit]) -> Json {
    let credit = |credit: &Credit| {
        Json::object([
            ("unit", credit.unit.as_str().into()),
            ("amount", credit.amount.to_string().as_str().into()),
        ])
    };
    Json::List(credits.iter().map(credit).collect())
}

/// `data` of a success.
fn data(answer: &Answer) -> Result<Json> {
    let body = answer.json()?;
    body.get("data").cloned().ok_or_else(|| answer.wrong("JSON that has nothing at /data"))
}

/// Reads the answer that is one key.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_key(generation: Generation, answer: &Answer) -> Result<Row> {
    read_row(generation, answer, &data(answer)?)
}

/// Reads the answer that is a page of keys.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_page(generation: Generation, answer: &Answer) -> Result<Vec<Row>> {
    rows(answer, &data(answer)?, "ApiKeys")?.iter().map(|row| read_row(generation, answer, row)).collect()
}

/// Reads the answer that is a page of keys to other people's services.
///
/// # Errors
/// `ERR_RESPONSE` for anything else.
pub fn read_rpc_page(answer: &Answer) -> Result<Vec<RpcKey>> {
    let read = |row: &Json| {
        Ok(RpcKey {
            id: text(answer, row, "id")?,
            provider: text(answer, row, "rpcProvider")?,
            network: text(answer, row, "network")?,
            rpc_provider_api_key: Secret::new(text(answer, row, "rpcProviderApiKey")?),
            created_at: text(answer, row, "createdAt")?,
            updated_at: text(answer, row, "updatedAt")?,
        })
    };
    rows(answer, &data(answer)?, "RpcProviderKeys")?.iter().map(read).collect()
}

/// Refuses an answer that the other generation gives.
///
/// # Errors
/// `ERR_UNSUPPORTED`, saying what to configure.
pub fn check_generation(generation: Generation, row: &Json) -> Result<()> {
    let other = match generation {
        Generation::V28 => Generation::V25,
        Generation::V25 => Generation::V28,
    };
    if row.get(generation.networks()).is_some() || row.get(other.networks()).is_none() {
        return Ok(());
    }
    let version = if other == Generation::V25 { "0.25" } else { "0.28" };
    let message =
        format!("this Masumi server speaks the other generation of the API: set apiVersion: \"{version}\"");
    Err(Error::new(Code::Unsupported, message))
}

fn rows<'a>(answer: &Answer, data: &'a Json, name: &str) -> Result<&'a [Json]> {
    data.get(name)
        .and_then(Json::as_list)
        .ok_or_else(|| answer.wrong(&format!("JSON that has no list at /data/{name}")))
}

fn read_row(generation: Generation, answer: &Answer, row: &Json) -> Result<Row> {
    check_generation(generation, row)?;
    let texts = |name: &str| {
        let items = row.get(name)?.as_list()?;
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    };
    let flag = |name: &str| row.get(name).and_then(Json::as_bool);
    let scopes =
        |item: &Json| item.get("hotWalletId").or(Some(item)).and_then(Json::as_str).map(str::to_owned);
    let token = Secret::new(text(answer, row, "token")?);
    let key = ApiKey {
        id: text(answer, row, "id")?,
        permission: text(answer, row, "permission")?,
        status: text(answer, row, "status")?,
        usage_limited: flag("usageLimited").ok_or_else(|| answer.wrong("a key without usageLimited"))?,
        credits: read_credits(answer, row)?,
        networks: texts(generation.networks()).ok_or_else(|| answer.wrong("a key without its networks"))?,
        chains: texts("ChainIdLimit"),
        can_read: flag("canRead"),
        can_pay: flag("canPay"),
        can_admin: flag("canAdmin"),
        wallet_scope_enabled: flag("walletScopeEnabled"),
        wallet_scopes: row
            .get("WalletScopes")
            .and_then(Json::as_list)
            .map(|all| all.iter().filter_map(scopes).collect()),
        hint: Some(mask(token.reveal())),
    };
    Ok(Row { key, token })
}

fn text(answer: &Answer, row: &Json, name: &str) -> Result<String> {
    match row.get(name) {
        Some(Json::Text(text)) => Ok(text.clone()),
        _ => Err(answer.wrong(&format!("a key without {name}"))),
    }
}

fn read_credits(answer: &Answer, row: &Json) -> Result<Vec<Credit>> {
    let Some(credits) = row.get("RemainingUsageCredits").and_then(Json::as_list) else {
        return Ok(Vec::new());
    };
    let read = |credit: &Json| {
        let amount = text(answer, credit, "amount")?;
        let amount =
            amount.parse().map_err(|_| answer.wrong("an amount of credits that is no number of 64 bits"))?;
        Ok(Credit { unit: text(answer, credit, "unit")?, amount })
    };
    credits.iter().map(read).collect()
}

/// A key as 0.28 shows it, whichever server it came from: its last four characters.
fn mask(token: &str) -> String {
    let last: Vec<char> = token.chars().rev().take(4).collect();
    format!("*****{}", last.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests;
