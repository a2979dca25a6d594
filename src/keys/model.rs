//! Keys as values: what is told of one, what makes one and what changes one. Each is an object under the names that
//! `pkg/types/keys.d.cts` has, so that what is the same for a service and for a caller is not taken apart on its way.

use super::MAX_ID;
use crate::client::Script;
use crate::config::mark::bigint_of;
use crate::config::table::{fields, is_among, object};
use crate::config::{Fields, item_of};
use crate::error::Error;
use crate::json::{Json, Value};
use crate::text::{self, text};

/// The most changes of credits in one update.
pub(super) const MAX_CREDITS: usize = 25;
const NETWORKS: &str = "Preprod, Mainnet";
const NO_LIMITS: &str = "must be false: an Admin key has no usage limits";

/// The options that a call takes: a table of them, and how what was read is finished.
pub(super) type Options = (&'static str, fn(&mut Fields<'_>, &mut Value));

/// Reads the options that a caller gave: an object of those that are there, or go without saying.
pub(super) fn read_options(fields: &mut Fields<'_>, (table, finish): Options) -> Value {
    fields.read(table);
    let mut given = Value::clone(&fields.given());
    finish(fields, &mut given);
    given
}

/// Options that are what they are.
pub(super) const fn plain(table: &'static str) -> Options {
    (table, |_, _| {})
}

pub(super) const NONE: Options = plain("");
pub(super) const REVOKE: Options = plain(fields!["evenIfInUse" may Flag]);
pub(super) const ROTATE: Options = plain(fields!["adopt" may Flag, "inPlace" may Flag]);
pub(super) const PAGES: Options = plain(fields!["pageSize" may Count("1 to 100")]);

/// What an amount is.
macro_rules! credits {
    () => {
        object!["unit" needs AnyText("\"\" is lovelace"), "amount" needs BigInt]
    };
}

/// A key to be made.
pub(super) const NEW: Options = (
    fields![
        "permission" may Choice("Read, ReadAndPay, Admin"),
        "usageLimited" may Flag,
        "credits" may List(credits!()),
        "networks" may Texts,
        "chains" may Texts,
        "walletScopes" may Texts,
    ],
    |fields, new| {
        finish(fields, new, "credits", 0);
        let is_admin = new.says("permission", "Admin");
        let is_limited = new.get("usageLimited").map_or(!is_admin, |_| new.is_set("usageLimited"));
        if is_admin && is_limited {
            fields.issue("usageLimited", NO_LIMITS);
        }
        new.set("usageLimited", is_limited.into());
        if new.get("permission").is_none() {
            new.set("permission", "Read".into());
        }
    },
);

/// What is to be changed of a key, and nothing else is.
pub(super) const CHANGES: Options = (
    fields![
        "canRead" may Flag,
        "canPay" may Flag,
        "canAdmin" may Flag,
        "usageLimited" may Flag,
        "status" may Choice("Active, Revoked"),
        "networks" may Texts,
        "chains" may Texts,
        "walletScopes" may TextsOrNull,
        "addCredits" may List(credits!()),
    ],
    |fields, changes| finish(fields, changes, "addCredits", i64::MIN),
);

/// Takes what may be one text or a list of them to a list, and reads amounts.
fn finish(fields: &mut Fields<'_>, given: &mut Value, credits: &str, least: i64) {
    for name in &["networks", "chains", "walletScopes"] {
        if let Some(text @ Json::Text(_)) = given.get(name) {
            let mut list = Value::list();
            list.push(text.own());
            given.set(name, list);
        }
    }
    let is_unknown = |network: &Value| network.as_str().is_some_and(|network| !is_among(NETWORKS, network));
    if given.list("networks").iter().any(is_unknown) {
        fields.issue("networks", "must be of Preprod, Mainnet");
    }
    // The service wants them of a new key in any case.
    if given.get(credits).is_some() || least == 0 {
        let amounts = read_credits(fields, given, credits, least);
        given.set(credits, amounts);
    }
}

/// Reads amounts, of which none is less than this.
fn read_credits(fields: &mut Fields<'_>, given: &Json, name: &str, least: i64) -> Value {
    let mut amounts = Value::list();
    for (at, given) in given.list(name).iter().enumerate() {
        let path = item_of(name, at);
        let unit = given.text("unit");
        if unit.len() > MAX_ID {
            fields.issue(&text![path, ".unit"], "has more than 150 characters");
        }
        let amount = given.get("amount").and_then(bigint_of).unwrap_or_default();
        if amount < least {
            fields.issue(&text![path, ".amount"], "must not be negative");
        }
        amounts.push(credit(unit, amount));
    }
    if amounts.item(MAX_CREDITS).is_some() {
        fields.issue(name, "has more than 25 amounts: make several changes");
    }
    amounts
}

/// An amount of something that a key may spend: of what (policy id and asset name joined, or nothing for lovelace), and how much,
/// in the unit's smallest part. In digits, as a JavaScript number could not hold it.
pub(super) fn credit(unit: &str, amount: i64) -> Value {
    Value::object().with("unit", unit.into()).with("amount", text::digits(amount).into())
}

/// How much it is.
pub(super) fn amount(credit: &Json) -> i64 {
    text::whole(credit.text("amount")).unwrap_or_default()
}

/// How much of a unit there is among these. The service tells each once; where one is added here, the last is so now.
pub(super) fn amount_of(credits: &[Value], unit: &str) -> i64 {
    credits.iter().rfind(|credit| credit.says("unit", unit)).map_or(0, |credit| amount(credit))
}

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

/// Whether this key may do just what the other may. What a list holds has no order.
pub(super) fn is_like(key: &Json, other: &Json) -> bool {
    LIMITS.iter().all(|name| match (key.get(name), other.get(name)) {
        (Some(Json::List(own)), Some(Json::List(others))) => {
            own.len() == others.len() && own.iter().all(|item| others.contains(item))
        }
        (own, others) => own == others,
    })
}

/// A key to be made that may do just what this one may.
pub(super) fn like(key: &Json) -> Value {
    let mut new = Value::object();
    for name in LIMITS {
        // Whether there are wallet scopes is told by whether they are there.
        let is_told = match *name {
            "walletScopeEnabled" => false,
            "walletScopes" => key.is_set("walletScopeEnabled"),
            _ => true,
        };
        if let Some(value) = key.get(name).filter(|_| is_told) {
            new.set(name, value.own());
        }
    }
    new
}

/// Refuses changes that would fail at the service, or leave the key with less than nothing.
pub(super) fn check(script: &mut Script, current: &Json, changes: &Json) {
    // One after the other, as the service does: several may be of one unit.
    let mut then = current.list("credits").to_vec();
    for change in changes.list("addCredits") {
        let (unit, amount) = (change.text("unit"), amount(change));
        let held = amount_of(&then, unit);
        match held.checked_add(amount) {
            Some(left) if left >= 0 => then.push(credit(unit, left)),
            _ => {
                let message =
                    text!["of \"", unit, "\" the key has ", #held, ": ", #amount, " cannot be added"];
                script.fail(Error::field("addCredits", &message));
            }
        }
    }
    let is_then =
        |name| if changes.get(name).is_some() { changes.is_set(name) } else { current.is_set(name) };
    let was_admin = current.says("permission", "Admin") && changes.get("canAdmin").is_none();
    if (was_admin || is_then("canAdmin")) && is_then("usageLimited") {
        script.fail(Error::field("usageLimited", NO_LIMITS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::parse_url;

    #[test]
    fn texts_may_be_one_and_null_only_where_that_says_something() {
        let read = |changes: &str| {
            let mut fields = Fields::new("changes", Json::parse(changes).unwrap(), &parse_url);
            let read = read_options(&mut fields, CHANGES).to_text();
            fields.done().map(|()| read).map_err(|error| error.message.clone())
        };
        let wanted = r#"{"networks":["Mainnet"],"walletScopes":null}"#;
        assert_eq!(read(r#"{"networks":"Mainnet","walletScopes":null}"#), Ok(wanted.into()));
        let refused = read(r#"{"networks":null,"chains":["a",1],"walletScopes":[null]}"#).unwrap_err();
        let wrong: Vec<_> = refused.split("; ").map(|issue| issue.split(':').next().unwrap()).collect();
        assert_eq!(wrong, ["networks", "chains[1]", "walletScopes[0]"]);
    }
}
