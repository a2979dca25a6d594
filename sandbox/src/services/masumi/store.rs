//! The API keys of one Masumi service.

use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Refusal, internal};

/// The networks of Cardano: how the service names them, and their chain ids.
pub(super) const NETWORKS: [(&str, &str); 2] =
    [("Mainnet", "cardano:mainnet"), ("Preprod", "cardano:preprod")];

/// The key that is there from the start has the id of the recorded one.
const ADMIN_ID: &str = "cmwr3ahlr0000dy7dlby9ugq9";

/// A key as the service holds it.
#[derive(Clone, Debug)]
pub(super) struct ApiKey {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) can_read: bool,
    pub(super) can_pay: bool,
    pub(super) can_admin: bool,
    pub(super) usage_limited: bool,
    /// Chain ids, of Cardano's networks and others; empty for an admin, who is not limited.
    pub(super) chains: Vec<String>,
    pub(super) credits: Vec<Credit>,
    pub(super) revoked: bool,
    pub(super) wallet_scope: bool,
    /// The hot wallets that it is limited to, if its scope is enabled.
    pub(super) wallets: Vec<String>,
    pub(super) deleted_at: Option<String>,
}

/// So much of something that a key may still spend.
#[derive(Clone, Debug)]
pub(super) struct Credit {
    pub(super) unit: String,
    pub(super) amount: i64,
}

impl ApiKey {
    /// The key as an answer shows it: masked unless `plain`, and in the older shape if `old`.
    pub(super) fn show(&self, old: bool, plain: bool) -> Value {
        let token = if plain { self.token.clone() } else { mask(&self.token) };
        let permission = match self {
            Self { can_admin: true, .. } => "Admin",
            Self { can_pay: true, .. } => "ReadAndPay",
            _ => "Read",
        };
        let limits_network = |chain: &str| self.can_admin || self.chains.iter().any(|own| own == chain);
        let networks = NETWORKS.iter().filter(|(_, chain)| limits_network(chain));
        let networks: Vec<_> = networks.map(|(name, _)| *name).collect();
        let credits = self
            .credits
            .iter()
            .map(|Credit { unit, amount }| json!({ "unit": unit, "amount": amount.to_string() }));
        let credits: Vec<_> = credits.collect();
        let wallets = self.wallets.iter().map(|id| json!({ "hotWalletId": id }));
        let status = if self.revoked { "Revoked" } else { "Active" };
        if old {
            return json!({
                "id": self.id, "token": token, "permission": permission, "usageLimited": self.usage_limited,
                "networkLimit": networks, "RemainingUsageCredits": credits, "status": status,
                "deletedAt": self.deleted_at,
            });
        }
        json!({
            "id": self.id, "token": token, "permission": permission, "canRead": self.can_read,
            "canPay": self.can_pay, "canAdmin": self.can_admin, "usageLimited": self.usage_limited,
            "NetworkLimit": networks, "ChainIdLimit": self.chains, "RemainingUsageCredits": credits,
            "status": status, "walletScopeEnabled": self.wallet_scope, "WalletScopes": wallets.collect::<Vec<_>>(),
        })
    }

    /// Adds to a credit, or takes from it. The changed one comes last, as a row does that PostgreSQL has written anew.
    pub(super) fn add_credit(&mut self, unit: &str, change: i128) -> Result<(), Refusal> {
        let invalid = || (StatusCode::BAD_REQUEST, "Invalid amount".to_owned());
        let held = self.credits.iter().position(|credit| credit.unit == unit);
        let amount = match held {
            Some(index) => i128::from(self.credits[index].amount) + change,
            None if change <= 0 => return Err(invalid()),
            None => change,
        };
        if amount < 0 {
            return Err(invalid());
        }
        let amount = i64::try_from(amount).map_err(|_| internal())?;
        if let Some(index) = held {
            self.credits.remove(index);
        }
        if amount > 0 {
            self.credits.push(Credit { unit: unit.to_owned(), amount });
        }
        Ok(())
    }
}

fn mask(token: &str) -> String {
    let shown: Vec<char> = token.chars().rev().take(4).collect();
    format!("*****{}", shown.into_iter().rev().collect::<String>())
}

/// All keys of a service, in the order of their making.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(super) keys: Vec<ApiKey>,
    pub(crate) rpc_keys: Vec<Value>,
    /// The ids of the hot wallets that there are.
    pub(crate) wallets: Vec<String>,
    seed: String,
    made: usize,
}

impl Store {
    /// A store with one admin key.
    pub(crate) fn new(seed: &str, admin: &str) -> Self {
        let admin = ApiKey {
            id: ADMIN_ID.to_owned(),
            token: admin.to_owned(),
            can_read: true,
            can_pay: true,
            can_admin: true,
            usage_limited: false,
            chains: Vec::new(),
            credits: Vec::new(),
            revoked: false,
            wallet_scope: false,
            wallets: Vec::new(),
            deleted_at: None,
        };
        let rpc_keys = super::rpc::recorded();
        Self { keys: vec![admin], rpc_keys, wallets: Vec::new(), seed: seed.to_owned(), made: 0 }
    }

    pub(crate) fn rename_admin(&mut self, token: &str) {
        if let Some(admin) = self.with_id(ADMIN_ID) {
            admin.token = token.to_owned();
        }
    }

    pub(super) fn with_token(&self, token: &str) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.token == token)
    }

    pub(super) fn with_id(&mut self, id: &str) -> Option<&mut ApiKey> {
        self.keys.iter_mut().find(|key| key.id == id)
    }

    /// Makes a key that may read, as an empty `POST` does, and tells its id.
    pub(crate) fn add_reader(&mut self) -> String {
        let (id, token) = self.next_names(false);
        self.keys.push(ApiKey {
            id: id.clone(),
            token,
            can_read: true,
            can_pay: false,
            can_admin: false,
            usage_limited: true,
            chains: NETWORKS.map(|(_, chain)| chain.to_owned()).to_vec(),
            credits: Vec::new(),
            revoked: false,
            wallet_scope: false,
            wallets: Vec::new(),
            deleted_at: None,
        });
        id
    }

    /// Takes rows out of the list, and tells how many there were.
    pub(crate) fn delete_rows(&mut self, ids: &[String]) -> usize {
        let before = self.keys.len();
        self.keys.retain(|key| !ids.contains(&key.id));
        before - self.keys.len()
    }

    /// Takes from a key's credit what it pays with.
    pub(crate) fn spend(&mut self, id: &str, unit: &str, amount: i64) -> Result<(), String> {
        let key = self.with_id(id).ok_or_else(|| format!("there is no key {id}"))?;
        if !key.usage_limited {
            return Ok(());
        }
        if amount < 1 {
            return Err("what is spent is more than nothing".to_owned());
        }
        key.add_credit(unit, -i128::from(amount)).map_err(|_| format!("{id} has not so much of \"{unit}\""))
    }

    /// Whether all of these hot wallets are there.
    pub(super) fn knows_wallets(&self, ids: &[&str]) -> bool {
        ids.iter().all(|id| self.wallets.iter().any(|known| known == id))
    }

    /// An id and a token for a new key: the same in each run, so that no test depends on chance.
    pub(super) fn next_names(&mut self, admin: bool) -> (String, String) {
        self.made += 1;
        let hash = Sha256::digest(format!("{} {}", self.seed, self.made));
        let text = BASE64_STANDARD_NO_PAD.encode(hash).to_lowercase().replace(['+', '/'], "0");
        let kind = if admin { "admin-" } else { "" };
        (format!("cmwr3{:04}{}", self.made, &text[..16]), format!("masumi-payment-{kind}{}", &text[16..40]))
    }
}

/// The rows of a page: from the cursor on, which is in it. A cursor that nobody knows is followed by nothing.
pub(super) fn page<T>(rows: &[T], is_cursor: Option<impl Fn(&T) -> bool>, take: usize) -> &[T] {
    let from = match is_cursor {
        Some(is_cursor) => rows.iter().position(is_cursor).unwrap_or(rows.len()),
        None => 0,
    };
    let rows = &rows[from..];
    &rows[..take.min(rows.len())]
}
