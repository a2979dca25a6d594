use super::*;
use crate::http::Answer;
use crate::json::{Json, Value as Owned};
use crate::provider::tests::answer;
use serde_json::{Value, json};

/// Reads an answer as a client of this version does.
fn read_as(version: &str, what: &Read, answer: &Answer) -> Result<Owned> {
    let config = json!({ "provider": "masumi", "apiKey": "k", "apiVersion": version });
    let config = Config::read(ours(config), &crate::config::tests::parse_url).ok().unwrap();
    what.read(&config, answer)
}

fn read(what: &Read, answer: &Answer) -> Result<Owned> {
    read_as("0.28", what, answer)
}

/// A value as the reference has it, in which members have no order.
fn value(json: &Json) -> Value {
    serde_json::from_str(&json.to_text()).unwrap()
}

/// A value of ours.
fn ours(value: Value) -> Owned {
    Json::parse(&value.to_string()).unwrap()
}

/// What the recorded exchange of this number was answered.
fn recorded(number: &str) -> Answer {
    let lines = include_str!("../../../../tests/contracts/masumi-0.28.jsonl").lines();
    let exchanges = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let exchange = exchanges
        .into_iter()
        .find(|exchange| exchange["name"].as_str().unwrap().starts_with(number))
        .unwrap();
    answer(exchange["response"]["status"].as_u64().unwrap() as u16, &exchange["response"]["body"].to_string())
}

#[test]
fn a_key_is_read_as_it_was_recorded() {
    let row = read(KEY, &recorded("015")).unwrap();
    assert_eq!(row.text("secret"), "masumi-payment-o86o7ar2q5dcgscgfjprxkiy");
    assert_eq!(row.text("permission"), "ReadAndPay");
    let texts = |texts: &[&str]| Some(Json::List(texts.iter().map(|text| Owned::from(*text)).collect()));
    assert_eq!(row.get("networks").cloned(), texts(&["Preprod"]));
    assert_eq!(row.get("chains").cloned(), texts(&["cardano:preprod", "eip155:84532"]));
    let credits = json!([{ "unit": "", "amount": "10000000" }, { "unit": "abc", "amount": "5" }]);
    assert_eq!(row.get("credits").map(value), Some(credits));
    assert_eq!(row.text("hint"), "*****xkiy");
}

#[test]
fn pages_are_read_as_they_were_recorded() {
    let page = read(PAGE, &recorded("055")).unwrap();
    let page = page.as_list().unwrap();
    assert_eq!(page.len(), 3);
    assert_eq!(page[0].text("permission"), "Admin");
    let rpc = read(RPC_PAGE, &recorded("201")).unwrap();
    let rpc = rpc.as_list().unwrap();
    assert_eq!(
        (rpc[0].text("provider").as_str(), rpc[1].text("network").as_str()),
        ("Blockfrost", "Mainnet")
    );
}

#[test]
fn a_new_key_names_everything_in_the_words_of_the_generation() {
    let new = ours(json!({
        "permission": "ReadAndPay", "usageLimited": true,
        "credits": [{ "unit": "", "amount": "9223372036854775807" }], "networks": ["Preprod"],
    }));
    let mut wanted = json!({
        "permission": "ReadAndPay", "usageLimited": "true",
        "UsageCredits": [{ "unit": "", "amount": "9223372036854775807" }], "NetworkLimit": ["Preprod"],
    });
    assert_eq!(value(&to_make(Generation::V28, &new)), wanted);
    let networks = wanted.as_object_mut().unwrap().remove("NetworkLimit").unwrap();
    wanted["networkLimit"] = networks;
    assert_eq!(value(&to_make(Generation::V25, &new)), wanted);
}

#[test]
fn an_update_never_leaves_out_what_the_server_would_reset() {
    let current = read(KEY, &recorded("092")).unwrap();
    assert_eq!(current.text("status"), "Revoked");
    let changes = ours(json!({ "canRead": true, "walletScopes": null }));
    let wanted = json!({
        "id": current.text("id"), "status": "Revoked", "usageLimited": true, "canRead": true, "walletScopeEnabled": false,
    });
    assert_eq!(value(&to_change(Generation::V28, &current, &changes)), wanted);
}

#[test]
fn a_cursor_is_named_as_the_generation_wants_it() {
    let cursor = "a&b".to_owned();
    let cursor = Some(&cursor);
    assert_eq!(page(Generation::V28, List::Keys, 11, cursor), "/api-key?take=11&cursorId=a%26b");
    assert_eq!(page(Generation::V25, List::Keys, 10, None), "/api-key?limit=10");
    assert_eq!(page(Generation::V25, List::Keys, 10, cursor), "/api-key?limit=10&cursorToken=a%26b");
    assert_eq!(page(Generation::V25, List::RpcKeys, 10, cursor), "/rpc-api-keys?limit=10&cursorId=a%26b");
}

#[test]
fn the_other_generation_is_noticed() {
    let old = answer(200, &recorded("002").body.replace("NetworkLimit", "networkLimit"));
    let error = read(KEY, &old).err().unwrap();
    assert_eq!(error.code, Code::Unsupported);
    assert!(error.message.contains("apiVersion: \"0.25\""));
    assert!(read_as("0.25", KEY, &old).is_ok());
    assert!(read_as("0.25", KEY, &recorded("002")).err().unwrap().message.contains("\"0.28\""));
}

#[test]
fn what_is_no_key_is_refused() {
    for body in ["{}", r#"{"data":{}}"#, r#"{"data":{"id":1,"token":"t"}}"#] {
        assert_eq!(read(KEY, &answer(200, body)).err().unwrap().code, Code::Response, "{body}");
    }
    assert_eq!(read(PAGE, &answer(200, r#"{"data":{"ApiKeys":{}}}"#)).err().unwrap().code, Code::Response);
}
