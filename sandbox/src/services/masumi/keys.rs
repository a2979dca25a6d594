//! What can be done with API keys: `/api-key`.

use std::time::SystemTime;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::input::Input;
use super::store::{ApiKey, Credit, NETWORKS, Store, page};
use super::{Refusal, internal};
use crate::world::timestamp;

type Body = Map<String, Value>;

/// The networks in the order in which the service's messages name them.
const NETWORK_NAMES: [&str; 2] = ["Preprod", "Mainnet"];

pub(super) fn list(store: &Store, query: &Body, old: bool) -> Result<Value, Refusal> {
    let mut input = Input::new(query);
    let (take, cursor) = if old {
        (input.number("limit", 10), input.string("cursorToken", 0, 550))
    } else {
        (input.number("take", 10), input.string("cursorId", 0, 550))
    };
    input.finish()?;
    let is_cursor = cursor.filter(|cursor| !cursor.is_empty());
    let is_cursor =
        is_cursor.map(|cursor| move |key: &ApiKey| cursor == if old { &key.token } else { &key.id });
    let rows = page(&store.keys, is_cursor, take).iter().map(|key| key.show(old, old));
    Ok(json!({ "ApiKeys": rows.collect::<Vec<_>>() }))
}

pub(super) fn create(store: &mut Store, body: &Body, old: bool) -> Result<Value, Refusal> {
    let mut input = Input::new(body);
    let usage_limited = input.string("usageLimited", 0, usize::MAX).is_none_or(is_true);
    let credits = input.required_credits("UsageCredits");
    let networks = input.options(network_field(old), &NETWORK_NAMES, 3);
    let chains = if old { None } else { input.strings("ChainIdLimit", 100) };
    let permission = input.one_of("permission", &["Read", "ReadAndPay", "Admin"]);
    let flags = if old { [None; 3] } else { flags(&mut input) };
    let (wallet_scope, wallets) = if old {
        (false, None)
    } else {
        (
            input.string("walletScopeEnabled", 0, usize::MAX).is_some_and(is_true),
            input.strings("WalletScopeHotWalletIds", 100),
        )
    };
    input.finish()?;

    let (can_read, can_pay, can_admin) = if flags.iter().any(Option::is_some) {
        (flags[0].unwrap_or(true), flags[1].unwrap_or(false), flags[2].unwrap_or(false))
    } else {
        (true, matches!(permission, Some("ReadAndPay" | "Admin")), permission == Some("Admin"))
    };
    // The older service makes an admin's key unlimited without a word.
    if can_admin && !old {
        refuse_limits(wallet_scope, usage_limited)?;
    }
    let mut held = Vec::new();
    for (unit, amount) in credits {
        let amount = big_int(amount).ok_or_else(internal)?;
        if amount < 0 {
            return Err((StatusCode::BAD_REQUEST, "Invalid amount".to_owned()));
        }
        held.push(Credit { unit: unit.to_owned(), amount: i64::try_from(amount).map_err(|_| internal())? });
    }
    let wallets = wallets.filter(|_| wallet_scope).unwrap_or_default();
    if !store.knows_wallets(&wallets) {
        return Err(internal());
    }
    let (id, token) = store.next_names(can_admin);
    let networks = networks.unwrap_or_else(|| NETWORKS.map(|(name, _)| name).to_vec());
    let key = ApiKey {
        id,
        token,
        can_read,
        can_pay,
        can_admin,
        usage_limited: usage_limited && !can_admin,
        chains: if can_admin { Vec::new() } else { merged(&networks, &chains.unwrap_or_default()) },
        credits: held,
        revoked: false,
        wallet_scope: wallet_scope && !can_admin,
        wallets: wallets.into_iter().map(str::to_owned).collect(),
        deleted_at: None,
    };
    let shown = key.show(old, true);
    store.keys.push(key);
    Ok(shown)
}

pub(super) fn update(store: &mut Store, body: &Body, old: bool) -> Result<Value, Refusal> {
    let mut input = Input::new(body);
    let id = input.required_string("id", 150);
    let token = input.string("token", 15, 550);
    let changes = input.credits("UsageCreditsToAddOrRemove", Some(25)).unwrap_or_default();
    // What is not named is set to these defaults all the same.
    let usage_limited = input.boolean("usageLimited").unwrap_or(true);
    let status = input.one_of("status", &["Active", "Revoked"]).unwrap_or("Active");
    let networks = input.options(network_field(old), &NETWORK_NAMES, 3);
    let chains = if old { None } else { input.strings("ChainIdLimit", 100) };
    let wallet_scope = if old { None } else { input.boolean("walletScopeEnabled") };
    let wallets = if old { None } else { input.strings("WalletScopeHotWalletIds", 100) };
    let flags = if old { [None; 3] } else { flags(&mut input) };
    input.finish()?;

    let taken = |key: &ApiKey| token == Some(&key.token) && key.id != id;
    let token_taken = store.keys.iter().any(taken);
    let wallets_known = wallets.as_deref().is_none_or(|wallets| store.knows_wallets(wallets));
    let held = store.with_id(id);
    let held = held.ok_or_else(|| (StatusCode::NOT_FOUND, "API key not found".to_owned()))?;
    // A copy, so that a change that fails changes nothing.
    let mut key = held.clone();
    for (unit, amount) in changes {
        key.add_credit(unit, big_int(amount).ok_or_else(internal)?)?;
    }
    key.can_read = flags[0].unwrap_or(key.can_read);
    key.can_pay = flags[1].unwrap_or(key.can_pay);
    key.can_admin = flags[2].unwrap_or(key.can_admin);
    key.wallet_scope = wallet_scope.unwrap_or(key.wallet_scope);
    if key.can_admin && !old {
        refuse_limits(key.wallet_scope, usage_limited)?;
    }
    if token_taken || !wallets_known {
        return Err(internal());
    }
    if let Some(wallets) = wallets {
        key.wallets = wallets.into_iter().map(str::to_owned).collect();
    }
    key.usage_limited = usage_limited && !key.can_admin;
    key.revoked = status == "Revoked";
    key.chains = if key.can_admin { Vec::new() } else { changed(&key.chains, networks, chains) };
    if let Some(token) = token {
        key.token = token.to_owned();
    }
    *held = key;
    Ok(held.show(old, old))
}

pub(super) fn delete(store: &mut Store, body: &Body, old: bool, now: SystemTime) -> Result<Value, Refusal> {
    let mut input = Input::new(body);
    let id = input.required_string("id", 150);
    input.finish()?;
    let key = store.with_id(id).ok_or_else(internal)?;
    key.revoked = true;
    key.deleted_at = Some(timestamp(now));
    Ok(key.show(old, old))
}

fn network_field(old: bool) -> &'static str {
    if old { "networkLimit" } else { "NetworkLimit" }
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn flags(input: &mut Input<'_>) -> [Option<bool>; 3] {
    ["canRead", "canPay", "canAdmin"].map(|name| input.boolean(name))
}

fn refuse_limits(wallet_scope: bool, usage_limited: bool) -> Result<(), Refusal> {
    let refused =
        |limits: &str| Err((StatusCode::BAD_REQUEST, format!("Admin API keys cannot have {limits}")));
    match (wallet_scope, usage_limited) {
        (true, _) => refused("wallet scope enabled"),
        (_, true) => refused("usage limits"),
        _ => Ok(()),
    }
}

fn is_cardano(chain: &str) -> bool {
    NETWORKS.iter().any(|(_, own)| *own == chain)
}

/// The chain ids of networks, and further ones: each once.
fn merged(networks: &[&str], chains: &[&str]) -> Vec<String> {
    let cardano = networks.iter().filter_map(|name| NETWORKS.iter().find(|(own, _)| own == name));
    let mut all: Vec<String> = Vec::new();
    for chain in cardano.map(|(_, chain)| *chain).chain(chains.iter().copied()) {
        if !all.iter().any(|had| had == chain) {
            all.push(chain.to_owned());
        }
    }
    all
}

/// Each half of the limit is replaced if it is named: Cardano's networks, and the other chains.
fn changed(held: &[String], networks: Option<Vec<&str>>, chains: Option<Vec<&str>>) -> Vec<String> {
    let (cardano, others): (Vec<&str>, Vec<&str>) =
        held.iter().map(String::as_str).partition(|chain| is_cardano(chain));
    let others = chains
        .map(|chains| chains.into_iter().filter(|chain| !is_cardano(chain)).collect())
        .unwrap_or(others);
    match networks {
        Some(networks) => merged(&networks, &others),
        None => merged(&[], &[cardano, others].concat()),
    }
}

/// JavaScript's `BigInt(text)`: nothing is zero, and there are other bases than ten.
fn big_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let based = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, base)| {
        let digits = text.to_ascii_lowercase();
        digits.strip_prefix(prefix).map(|digits| i128::from_str_radix(digits, base).ok())
    });
    match based {
        Some(number) => number,
        None if text.is_empty() => Some(0),
        None => text.parse().ok(),
    }
}
