//! Filling Masumi with keys, taking them away, and spending.

use std::sync::Arc;

use latchkey_sandbox::{Fault, Kind, Service, World};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{body, client, world};

const BOTH: [Service; 2] = [Service::Masumi, Service::Masumi025];

async fn call(world: &World, service: Service, method: Method, path: &str, sent: Value) -> Response {
    let request = client().request(method, format!("{}{path}", world.service_url(service)));
    let request = request.header("token", world.credential(service, "apiKey"));
    let request = if sent.is_null() { request } else { request.json(&sent) };
    request.send().await.expect("an answer")
}

async fn control(world: &World, method: Method, path: &str, sent: Value) -> Response {
    let request = client().request(method, format!("{}/_sandbox/masumi/{path}", world.url)).json(&sent);
    request.send().await.expect("an answer")
}

/// A limited key with 100 of nothing in particular, and its token.
async fn limited(world: &Arc<World>, service: Service) -> (String, String) {
    let wanted = json!({ "usageLimited": "true", "UsageCredits": [{ "unit": "", "amount": "100" }] });
    let made = body(call(world, service, Method::POST, "/api-key", wanted).await).await["data"].take();
    (text(&made["id"]), text(&made["token"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

async fn credits(world: &World, service: Service, token: &str) -> Value {
    let status = client().get(format!("{}/api-key-status", world.service_url(service)));
    let answer = status.header("token", token).send().await.expect("an answer");
    body(answer).await["data"]["RemainingUsageCredits"].take()
}

#[tokio::test]
async fn a_thousand_keys_are_made_at_once_and_deleted_between_pages() {
    let world = world();
    for service in BOTH {
        let made = control(&world, Method::POST, "keys", json!({ "service": service, "count": 999 })).await;
        assert_eq!(made.status(), 201);
        let made = body(made).await;
        let mut ids: Vec<String> = made["ids"].as_array().expect("ids").iter().map(text).collect();
        let (size, cursor, of_row) = if service == Service::Masumi {
            ("take", "cursorId", "id")
        } else {
            ("limit", "cursorToken", "token")
        };
        let page = |after: Option<String>| {
            let after = after.map(|after| format!("&{cursor}={after}")).unwrap_or_default();
            let path = format!("/api-key?{size}=100{after}");
            let world = &world;
            async move {
                body(call(world, service, Method::GET, &path, Value::Null).await).await["data"]["ApiKeys"]
                    .take()
            }
        };
        let first = page(None).await;
        assert_eq!(first.as_array().map(Vec::len), Some(100));
        assert_eq!(first[99]["id"], ids[98], "the admin's own is the first row");

        // The next of them goes, and then the cursor itself.
        let gone =
            control(&world, Method::DELETE, "keys", json!({ "service": service, "ids": [ids[99]] })).await;
        assert_eq!(body(gone).await, json!({ "deleted": 1 }));
        let second = page(Some(text(&first[99][of_row]))).await;
        assert_eq!((&second[0]["id"], &second[1]["id"]), (&json!(ids[98]), &json!(ids[100])));
        let gone = world.delete_masumi_keys(service, &[ids.swap_remove(98)]).expect("a Masumi");
        assert_eq!(gone, 1);
        assert_eq!(page(Some(text(&first[99][of_row]))).await, json!([]), "an unknown cursor");
        assert_eq!(world.delete_masumi_keys(service, &ids).expect("a Masumi"), 997, "one of them was gone");
        assert_eq!(page(None).await.as_array().map(Vec::len), Some(1));
    }
    assert!(world.add_masumi_keys(Service::Masivo, 1).is_err());
}

#[tokio::test]
async fn a_key_spends_what_it_has() {
    let world = world();
    for service in BOTH {
        let (id, token) = limited(&world, service).await;
        let spend = |amount: &str| {
            let sent = json!({ "service": service, "id": id, "amount": amount });
            let world = &world;
            async move { control(world, Method::POST, "spend", sent).await.status().as_u16() }
        };
        assert_eq!(spend("30").await, 204);
        assert_eq!(credits(&world, service, &token).await, json!([{ "unit": "", "amount": "70" }]));
        assert_eq!([spend("71").await, spend("0").await, spend("many").await], [400; 3]);
        assert_eq!(credits(&world, service, &token).await, json!([{ "unit": "", "amount": "70" }]));
        assert_eq!(spend("70").await, 204);
        assert_eq!(credits(&world, service, &token).await, json!([]));
        assert!(world.spend(service, "nobody", "", 1).is_err());

        // What is there no more can not be taken away by a change of the key either.
        let change = json!({ "id": id, "UsageCreditsToAddOrRemove": [{ "unit": "", "amount": "-1" }] });
        let refused = call(&world, service, Method::PATCH, "/api-key", change).await;
        assert_eq!(refused.status(), 400);
        assert_eq!(body(refused).await["error"]["message"], "Invalid amount");

        let free = json!({ "id": id, "usageLimited": false });
        assert_eq!(call(&world, service, Method::PATCH, "/api-key", free).await.status(), 200);
        world.spend(service, &id, "", 5).expect("it is not limited");
    }
}

#[tokio::test]
async fn a_changed_token_or_status_is_there_though_the_answer_was_lost() {
    let world = world();
    for service in BOTH {
        let (id, old) = limited(&world, service).await;
        let status = |token: &str| {
            let request = client().get(format!("{}/api-key-status", world.service_url(service)));
            let request = request.header("token", token);
            async move { request.send().await.expect("an answer").status().as_u16() }
        };
        let new = format!("{}-a-rotated-token", service.name());
        let change = json!({ "id": id, "token": new, "usageLimited": true, "status": "Active" });
        let patch = || {
            let request = client().patch(format!("{}/api-key", world.service_url(service)));
            request.header("token", world.credential(service, "apiKey")).json(&change).send()
        };
        world.fault(Fault { method: Some("PATCH".into()), ..Fault::once(service, "/api-key", Kind::Cut) });
        patch().await.expect_err("cut before");
        assert_eq!([status(&old).await, status(&new).await], [200, 401], "nothing has happened");
        world.fault(Fault {
            method: Some("PATCH".into()),
            ..Fault::once(service, "/api-key", Kind::CutAfter)
        });
        patch().await.expect_err("cut after");
        assert_eq!([status(&old).await, status(&new).await], [401, 200], "it has, unseen");

        let revoke = json!({ "id": id, "status": "Revoked" });
        assert_eq!(call(&world, service, Method::PATCH, "/api-key", revoke).await.status(), 200);
        assert_eq!(status(&new).await, 401);
        let unnamed = json!({ "id": id, "usageLimited": true });
        assert_eq!(call(&world, service, Method::PATCH, "/api-key", unnamed).await.status(), 200);
        assert_eq!(status(&new).await, 200, "a change that names no status revives");
    }
}

#[tokio::test]
async fn wallet_scopes_name_wallets_that_are_there() {
    let world = world();
    let put = control(&world, Method::PUT, "wallets", json!(["hot-1", "hot-2"])).await;
    assert_eq!(put.status(), 204);
    let wanted = |wallets: Value| json!({ "UsageCredits": [], "walletScopeEnabled": "true", "WalletScopeHotWalletIds": wallets });
    let create = |wallets| call(&world, Service::Masumi, Method::POST, "/api-key", wanted(wallets));
    let made = body(create(json!(["hot-1"])).await).await["data"].take();
    assert_eq!(made["WalletScopes"], json!([{ "hotWalletId": "hot-1" }]));
    assert_eq!(create(json!(["hot-1", "nope"])).await.status(), 500);
    let patch = |wallets: Value| {
        let change = json!({ "id": made["id"], "WalletScopeHotWalletIds": wallets });
        call(&world, Service::Masumi, Method::PATCH, "/api-key", change)
    };
    let changed = body(patch(json!(["hot-2"])).await).await["data"].take();
    assert_eq!(changed["WalletScopes"], json!([{ "hotWalletId": "hot-2" }]));
    assert_eq!(patch(json!(["nope"])).await.status(), 500);
    let list = body(call(&world, Service::Masumi, Method::GET, "/api-key", Value::Null).await).await;
    assert_eq!(list["data"]["ApiKeys"][1]["WalletScopes"], json!([{ "hotWalletId": "hot-2" }]));
}
