use super::*;
use crate::keys::Credit;
use crate::provider::tests::{answer, json};
use serde_json::{Value, json};

const BASE: &str = "http://localhost:3001/api/v1";

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
    let row = read_key(Generation::V28, &recorded("015")).unwrap();
    assert_eq!(row.secret.reveal(), "masumi-payment-o86o7ar2q5dcgscgfjprxkiy");
    assert_eq!(row.text("permission"), "ReadAndPay");
    let texts = |texts: &[&str]| Some(Json::List(texts.iter().map(|text| Json::from(*text)).collect()));
    assert_eq!(row.told.get("networks").cloned(), texts(&["Preprod"]));
    assert_eq!(row.told.get("chains").cloned(), texts(&["cardano:preprod", "eip155:84532"]));
    let credits = [Credit { unit: "".into(), amount: 10_000_000 }, Credit { unit: "abc".into(), amount: 5 }];
    assert_eq!(row.credits(), credits);
    assert_eq!(row.text("hint"), "*****xkiy");
}

#[test]
fn pages_are_read_as_they_were_recorded() {
    let page = read_page(Generation::V28, List::Keys, &recorded("055")).unwrap();
    assert_eq!(page.len(), 3);
    assert_eq!(page[0].text("permission"), "Admin");
    let rpc = read_page(Generation::V28, List::RpcKeys, &recorded("201")).unwrap();
    assert_eq!((rpc[0].text("provider"), rpc[1].text("network")), ("Blockfrost", "Mainnet"));
}

#[test]
fn a_new_key_names_everything_in_the_words_of_the_generation() {
    let credit = Credit { unit: "".into(), amount: i64::MAX };
    let new = NewApiKey(Json::object(vec![
        ("permission", "ReadAndPay".into()),
        ("usageLimited", true.into()),
        ("credits", Json::List(vec![credit.to_json()])),
        ("networks", Json::texts(&["Preprod".to_owned()])),
    ]));
    let mut wanted = json!({
        "permission": "ReadAndPay", "usageLimited": "true",
        "UsageCredits": [{ "unit": "", "amount": "9223372036854775807" }], "NetworkLimit": ["Preprod"],
    });
    assert_eq!(json(&create(Generation::V28, BASE, &new)), wanted);
    let networks = wanted.as_object_mut().unwrap().remove("NetworkLimit").unwrap();
    wanted["networkLimit"] = networks;
    assert_eq!(json(&create(Generation::V25, BASE, &new)), wanted);
}

#[test]
fn an_update_never_leaves_out_what_the_server_would_reset() {
    let current = read_key(Generation::V28, &recorded("092")).unwrap();
    assert_eq!(current.text("status"), "Revoked");
    let changes = ApiKeyChanges(Json::object(vec![("canRead", true.into()), ("walletScopes", Json::Null)]));
    let wanted = json!({
        "id": current.id(), "status": "Revoked", "usageLimited": true, "canRead": true, "walletScopeEnabled": false,
    });
    assert_eq!(json(&update(Generation::V28, BASE, &current, &changes)), wanted);
}

#[test]
fn a_cursor_is_named_as_the_generation_wants_it() {
    let cursor = Secret::new("a&b");
    assert_eq!(
        page(Generation::V28, List::Keys, BASE, 11, Some(&cursor)).url,
        format!("{BASE}/api-key?take=11&cursorId=a%26b")
    );
    assert_eq!(page(Generation::V25, List::Keys, BASE, 10, None).url, format!("{BASE}/api-key?limit=10"));
    assert!(page(Generation::V25, List::Keys, BASE, 10, Some(&cursor)).url.ends_with("&cursorToken=a%26b"));
}

#[test]
fn the_other_generation_is_noticed() {
    let old = answer(200, &recorded("002").body.replace("NetworkLimit", "networkLimit"));
    let error = read_key(Generation::V28, &old).err().unwrap();
    assert_eq!(error.code, Code::Unsupported);
    assert!(error.message.contains("apiVersion: \"0.25\""));
    assert!(read_key(Generation::V25, &old).is_ok());
    assert!(read_key(Generation::V25, &recorded("002")).err().unwrap().message.contains("\"0.28\""));
}

#[test]
fn what_is_no_key_is_refused() {
    for body in ["{}", r#"{"data":{}}"#, r#"{"data":{"id":1,"token":"t"}}"#] {
        assert_eq!(
            read_key(Generation::V28, &answer(200, body)).err().unwrap().code,
            Code::Response,
            "{body}"
        );
    }
    assert_eq!(
        read_page(Generation::V28, List::Keys, &answer(200, r#"{"data":{"ApiKeys":{}}}"#))
            .err()
            .unwrap()
            .code,
        Code::Response
    );
}
