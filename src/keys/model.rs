//! Keys as values: what is told of one, what makes one and what changes one. Each is an object under the names that
//! `pkg/types/keys.d.cts` has, so that what is the same for a service and for a caller is not taken apart on its way.

use super::MAX_ID;
use crate::config::Fields;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::text::{self, text};
use crate::token::Secret;

/// The most changes of credits in one update.
pub(super) const MAX_CREDITS: usize = 25;
const PERMISSIONS: &[&str] = &["Read", "ReadAndPay", "Admin"];
const NETWORKS: &[&str] = &["Preprod", "Mainnet"];
const STATUSES: &[&str] = &["Active", "Revoked"];

/// What a key may do, and what it may do it with: the members by which two keys are alike.
const LIMITS: &[&str] = &[
    "permission",
    "canRead",
    "canPay",
    "canAdmin",
    "usageLimited",
    "credits",
    "networks",
    "chains",
    "walletScopeEnabled",
    "walletScopes",
];

/// A key, or one to somebody else's service. It is not printed.
#[derive(Clone)]
pub struct ApiKey {
    /// What is told of it: an object, in which one to somebody else's service has its text.
    pub told: Json,
    /// Its text as the service shows it, masked or not. A caller is given it once, when it was made.
    pub secret: Secret,
}

impl ApiKey {
    /// Its id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// One of its members that are texts.
    pub fn text(&self, name: &str) -> &str {
        self.told.text(name).unwrap_or_default()
    }

    /// Whether one of its members that are booleans is true.
    pub fn is(&self, name: &str) -> bool {
        self.told.get(name).and_then(Json::as_bool) == Some(true)
    }

    /// What is left for it to spend.
    pub fn credits(&self) -> Vec<Credit> {
        Credit::all(self.told.get("credits"))
    }

    /// Whether this key may do just what the other may. What a list holds has no order.
    pub(super) fn is_like(&self, other: &ApiKey) -> bool {
        LIMITS.iter().all(|name| match (self.told.get(name), other.told.get(name)) {
            (Some(Json::List(own)), Some(Json::List(others))) => {
                own.len() == others.len() && own.iter().all(|item| others.contains(item))
            }
            (own, others) => own == others,
        })
    }
}

/// An amount of something that a key may spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Of what: policy id and asset name joined, or nothing for lovelace.
    pub unit: String,
    /// How much, in the unit's smallest part.
    pub amount: i64,
}

impl Credit {
    /// The amounts of a list of `{ unit, amount }`, where an amount is decimal digits: a JavaScript number could not hold it.
    pub fn all(list: Option<&Json>) -> Vec<Credit> {
        let mut credits = Vec::new();
        for item in list.and_then(Json::as_list).unwrap_or_default() {
            let part = |name| item.text(name).unwrap_or_default();
            credits.push(Credit {
                unit: part("unit").to_owned(),
                amount: text::whole(part("amount")).unwrap_or_default(),
            });
        }
        credits
    }

    /// How much there is of this unit.
    pub fn of(credits: &[Credit], unit: &str) -> i64 {
        credits.iter().find(|credit| credit.unit == unit).map_or(0, |credit| credit.amount)
    }

    /// Sets how much there is of a unit.
    pub(super) fn set(credits: &mut Vec<Credit>, unit: String, amount: i64) {
        for credit in credits.iter_mut() {
            if credit.unit == unit {
                credit.amount = amount;
                return;
            }
        }
        credits.push(Credit { unit, amount });
    }

    /// As it stands in a list.
    pub fn to_json(&self) -> Json {
        let amount = Json::Text(text::digits(self.amount));
        Json::object(vec![("unit", self.unit.as_str().into()), ("amount", amount)])
    }
}

/// A key to be made: an object.
#[derive(Debug)]
pub struct NewApiKey(pub Json);

impl NewApiKey {
    /// Reads what a caller gave.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(mut fields: Fields<'_>) -> Result<Self> {
        let permission = fields.choice("permission", PERMISSIONS).unwrap_or("Read");
        let is_admin = permission == "Admin";
        let usage_limited = fields.flag("usageLimited").unwrap_or(!is_admin);
        if is_admin && usage_limited {
            fields.issue("usageLimited", "must be false: an Admin key cannot have usage limits");
        }
        let credits = read_credits(&mut fields, "credits", 0).unwrap_or(Json::List(Vec::new()));
        let mut new = vec![
            ("permission", permission.into()),
            ("usageLimited", usage_limited.into()),
            ("credits", credits),
        ];
        read_limits(&mut fields, &mut new);
        fields.done()?;
        Ok(NewApiKey(Json::object(new)))
    }

    /// A key that may do just what this one may.
    pub(super) fn like(key: &ApiKey) -> Self {
        let mut new = Vec::new();
        for name in LIMITS {
            // Whether there are wallet scopes is told by whether they are there.
            let is_told = match *name {
                "walletScopeEnabled" => false,
                "walletScopes" => key.is("walletScopeEnabled"),
                _ => true,
            };
            if let Some(value) = key.told.get(name).filter(|_| is_told) {
                new.push((*name, value.clone()));
            }
        }
        NewApiKey(Json::object(new))
    }
}

/// What is to be changed of a key, and nothing else is: an object.
#[derive(Debug)]
pub struct ApiKeyChanges(pub Json);

impl ApiKeyChanges {
    /// Reads what a caller gave.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(mut fields: Fields<'_>) -> Result<Self> {
        let mut changes = Vec::new();
        for name in &["canRead", "canPay", "canAdmin", "usageLimited"] {
            if let Some(flag) = fields.flag(name) {
                changes.push((*name, flag.into()));
            }
        }
        if let Some(status) = fields.choice("status", STATUSES) {
            changes.push(("status", status.into()));
        }
        if let Some(credits) = read_credits(&mut fields, "addCredits", i64::MIN) {
            changes.push(("addCredits", credits));
        }
        if fields.null("walletScopes") {
            changes.push(("walletScopes", Json::Null));
        }
        read_limits(&mut fields, &mut changes);
        fields.done()?;
        Ok(ApiKeyChanges(Json::object(changes)))
    }

    /// These amounts are added, or taken where they are negative.
    pub(super) fn of_credits(credits: &[Credit]) -> Self {
        let mut list = Vec::new();
        for credit in credits {
            list.push(credit.to_json());
        }
        ApiKeyChanges(Json::object(vec![("addCredits", Json::List(list))]))
    }

    /// Whether they end the key.
    pub(super) fn ends(&self) -> bool {
        self.0.text("status") == Some("Revoked")
    }

    /// What would fail at the service, or leave the key with less than nothing.
    pub(super) fn check(&self, current: &ApiKey) -> Result<()> {
        // One after the other, as the service does: several may be of one unit.
        let mut credits = current.credits();
        for Credit { unit, amount } in Credit::all(self.0.get("addCredits")) {
            let held = Credit::of(&credits, &unit);
            let Some(left) = held.checked_add(amount).filter(|left| *left >= 0) else {
                let (held, amount) = (text::digits(held), text::digits(amount));
                let message = text!["of \"", unit, "\" the key has ", held, ": ", amount, " cannot be added"];
                return Err(Error::field("addCredits", &message));
            };
            Credit::set(&mut credits, unit, left);
        }
        let then = |name| match self.0.get(name) {
            Some(changed) => changed.as_bool() == Some(true),
            None => current.is(name),
        };
        let was_admin = current.text("permission") == "Admin" && self.0.get("canAdmin").is_none();
        if (was_admin || then("canAdmin")) && then("usageLimited") {
            return Err(Error::field("usageLimited", "must be false: an Admin key cannot have usage limits"));
        }
        Ok(())
    }
}

/// Reads the limits that both a new key and a change may name.
fn read_limits(fields: &mut Fields<'_>, into: &mut Vec<(&'static str, Json)>) {
    for name in &["networks", "chains", "walletScopes"] {
        let Some(texts) = fields.texts(name) else { continue };
        if *name == "networks" && texts.iter().any(|network| !NETWORKS.contains(&network.as_str())) {
            fields.issue(name, "must be of Preprod, Mainnet");
        }
        into.push((*name, Json::texts(&texts)));
    }
}

/// Reads amounts, of which none is less than this.
fn read_credits(fields: &mut Fields<'_>, name: &str, least: i64) -> Option<Json> {
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
        let amount = credit.bigint("amount").unwrap_or_default();
        if amount < least {
            credit.issue("amount", "must not be negative");
        }
        Credit { unit, amount }.to_json()
    })?;
    if credits.len() > MAX_CREDITS {
        fields.issue(name, "has more than 25 amounts: make several changes of it");
    }
    Some(Json::List(credits))
}
