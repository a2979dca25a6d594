//! Keys as values: what is told of one, what makes one and what changes one, as a caller gave it.

use super::MAX_ID;
use crate::config::Fields;
use crate::error::{Error, Result};
use crate::text::{self, text};
use crate::token::Secret;

/// The most changes of credits in one update.
const MAX_CREDITS: usize = 25;
const PERMISSIONS: &[&str] = &["Read", "ReadAndPay", "Admin"];
const NETWORKS: &[&str] = &["Preprod", "Mainnet"];
const STATUSES: &[&str] = &["Active", "Revoked"];

/// An amount of something that a key may spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Of what: policy id and asset name joined, or nothing for lovelace.
    pub unit: String,
    /// How much, in the unit's smallest part.
    pub amount: i64,
}

/// A key, without its text.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the declarations in pkg/types/keys.d.cts say what each is")]
pub struct ApiKey {
    pub id: String,
    pub permission: String,
    pub status: String,
    pub usage_limited: bool,
    pub credits: Vec<Credit>,
    pub networks: Vec<String>,
    pub chains: Option<Vec<String>>,
    pub can_read: Option<bool>,
    pub can_pay: Option<bool>,
    pub can_admin: Option<bool>,
    pub wallet_scope_enabled: Option<bool>,
    pub wallet_scopes: Option<Vec<String>>,
    pub hint: Option<String>,
}

/// A key that the service has for somebody else's service.
#[derive(Debug)]
pub struct RpcKey {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub provider: String,
    /// For which network.
    pub network: String,
    /// Its text.
    pub rpc_provider_api_key: Secret,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
}

/// A key to be made.
#[derive(Debug)]
#[allow(missing_docs, reason = "the declarations in pkg/types/keys.d.cts say what each is")]
pub struct NewApiKey {
    pub permission: String,
    pub usage_limited: bool,
    pub credits: Vec<Credit>,
    pub networks: Option<Vec<String>>,
    pub chains: Option<Vec<String>>,
    pub wallet_scopes: Option<Vec<String>>,
}

impl NewApiKey {
    /// Reads what a caller gave.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(mut fields: Fields<'_>) -> Result<Self> {
        let permission = fields.choice("permission", PERMISSIONS).unwrap_or("Read");
        let is_admin = permission == "Admin";
        let new = NewApiKey {
            permission: permission.to_owned(),
            usage_limited: fields.flag("usageLimited").unwrap_or(!is_admin),
            credits: read_credits(&mut fields, "credits").unwrap_or_default(),
            networks: read_networks(&mut fields),
            chains: fields.texts("chains"),
            wallet_scopes: fields.texts("walletScopes"),
        };
        if is_admin && new.usage_limited {
            fields.issue("usageLimited", "must be false: an Admin key cannot have usage limits");
        }
        if let Some(at) = new.credits.iter().position(|credit| credit.amount < 0) {
            fields.issue(&text!["credits[", text::digits(at as i64), "].amount"], "must not be negative");
        }
        fields.done()?;
        Ok(new)
    }
}

/// What is to be changed of a key, and nothing else is.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "the declarations in pkg/types/keys.d.cts say what each is")]
pub struct ApiKeyChanges {
    pub can_read: Option<bool>,
    pub can_pay: Option<bool>,
    pub can_admin: Option<bool>,
    pub usage_limited: Option<bool>,
    pub add_credits: Option<Vec<Credit>>,
    pub networks: Option<Vec<String>>,
    pub chains: Option<Vec<String>>,
    pub status: Option<String>,
    /// Some(None) lifts the restriction.
    pub wallet_scopes: Option<Option<Vec<String>>>,
}

impl ApiKeyChanges {
    /// Reads what a caller gave.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(mut fields: Fields<'_>) -> Result<Self> {
        let wallet_scopes =
            if fields.null("walletScopes") { Some(None) } else { fields.texts("walletScopes").map(Some) };
        let changes = ApiKeyChanges {
            can_read: fields.flag("canRead"),
            can_pay: fields.flag("canPay"),
            can_admin: fields.flag("canAdmin"),
            usage_limited: fields.flag("usageLimited"),
            add_credits: read_credits(&mut fields, "addCredits"),
            networks: read_networks(&mut fields),
            chains: fields.texts("chains"),
            status: fields.choice("status", STATUSES).map(str::to_owned),
            wallet_scopes,
        };
        fields.done()?;
        Ok(changes)
    }

    /// What would fail at the service, or leave the key with less than nothing.
    pub(super) fn check(&self, current: &ApiKey) -> Result<()> {
        // One after the other, as the service does: several may be of one unit.
        let mut credits = current.credits.clone();
        for Credit { unit, amount } in self.add_credits.iter().flatten() {
            let known = credits.iter().position(|credit| credit.unit == *unit);
            let held = known.map_or(0, |at| credits.swap_remove(at).amount);
            let Some(left) = held.checked_add(*amount).filter(|left| *left >= 0) else {
                let message = text![
                    "of \"",
                    unit,
                    "\" the key has ",
                    text::digits(held),
                    ": ",
                    text::digits(*amount),
                    " cannot be added"
                ];
                return Err(Error::field("addCredits", &message));
            };
            credits.push(Credit { unit: unit.clone(), amount: left });
        }
        let admin = self.can_admin.or(current.can_admin).unwrap_or(current.permission == "Admin");
        if admin && self.usage_limited.unwrap_or(current.usage_limited) {
            return Err(Error::field("usageLimited", "must be false: an Admin key cannot have usage limits"));
        }
        Ok(())
    }
}

fn read_credits(fields: &mut Fields<'_>, name: &str) -> Option<Vec<Credit>> {
    let credits = fields.list(name, |credit| {
        // Lovelace has an empty unit, so `text`, which refuses that, is not it.
        let unit = credit.texts("unit").and_then(|mut units| units.pop());
        if unit.is_none() {
            credit.issue("unit", "is required; \"\" is lovelace");
        }
        let unit = unit.unwrap_or_default();
        if unit.len() > MAX_ID {
            credit.issue("unit", "has more than 150 characters");
        }
        Credit { unit, amount: credit.bigint("amount").unwrap_or_default() }
    })?;
    if credits.len() > MAX_CREDITS {
        fields.issue(name, "has more than 25 amounts: make several changes of it");
    }
    Some(credits)
}

fn read_networks(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let networks = fields.texts("networks")?;
    if networks.iter().any(|network| !NETWORKS.contains(&network.as_str())) {
        fields.issue("networks", "must be of Preprod, Mainnet");
    }
    Some(networks)
}
