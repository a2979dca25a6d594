//! What is refused before it is sent, and what is not repeated after it was.

use latchkey::error::Code;
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::{Value, json};

use crate::common::{Scene, run, token};
use crate::keys::{ids, keys};

/// How many requests could have changed something.
fn changes(scene: &Scene) -> usize {
    scene.world.log().iter().filter(|entry| entry.method != "GET").count()
}

#[test]
fn other_services_say_where_their_keys_are_managed() {
    run(async |scene| {
        let masivo = scene.client(Service::Masivo).keys();
        scene.fails(masivo, Code::Unsupported, "in Masivo's dashboard");
        scene.fails(scene.client(Service::Brifle).keys(), Code::Unsupported, "business portal");
    });
}

#[test]
fn lengths_beyond_the_services_limits_are_not_sent() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        for id in [String::new(), "x".repeat(151)] {
            let said = "id: must have from 1 to 150 characters";
            scene.fails(keys.update(&id, json!({})).await, Code::Config, said);
            scene.fails(keys.revoke(&id, true).await, Code::Config, said);
        }
        let after = "x".repeat(251);
        scene.fails(
            keys.page(Some(&after), None).await,
            Code::Config,
            "after: must have from 1 to 250 characters",
        );
        for size in [0.0, 101.0, 1.5, -1.0] {
            scene.fails(keys.page(None, Some(size)).await, Code::Config, "pageSize: must be");
        }
        let many: Vec<Value> = (0..26).map(|n| json!({ "unit": format!("{n}"), "amount": 1 })).collect();
        let result = keys.update("id", json!({ "addCredits": many })).await;
        scene.fails(result, Code::Config, "addCredits: has more than 25 amounts");
        assert_eq!(scene.world.log().len(), 0);
    });
}

#[test]
fn a_new_key_that_the_service_would_refuse_or_mistake_is_not_sent() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        for (new, said) in [
            (json!({ "permission": "Admin", "usageLimited": true }), "usageLimited: must be false"),
            (json!({ "credits": [{ "unit": "", "amount": -1 }] }), "credits[0].amount: must not be negative"),
            (json!({ "networks": ["Testnet"] }), "networks: must be of Preprod, Mainnet"),
            (json!({ "networkLimit": ["Preprod"] }), "networkLimit: is unknown"),
            (json!({ "permission": "read" }), "permission: must be one of Read, ReadAndPay, Admin"),
            (json!({ "usageLimited": "false" }), "usageLimited: must be a boolean"),
        ] {
            scene.fails(keys.create(new).await, Code::Config, said);
        }
        assert_eq!(scene.world.log().len(), 0);
        assert!(keys.create(json!({})).await.is_ok());
    });
}

#[test]
fn an_admin_gets_no_limits_by_an_update() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let (made, _) = keys.create(json!({})).await.unwrap();
        let before = changes(scene);
        let result = keys.update(&made.id, json!({ "canAdmin": true })).await;
        scene.fails(result, Code::Config, "an Admin key has no usage limits");
        assert_eq!(changes(scene), before);
        let both = json!({ "canAdmin": true, "usageLimited": false });
        assert_eq!(keys.update(&made.id, both).await.unwrap().permission, "Admin");
    });
}

#[test]
fn an_id_that_nobody_has_is_not_found() {
    for service in [Service::Masumi, Service::Masumi025] {
        run(async |scene| {
            let keys = keys(scene, service);
            let said = "nobody";
            scene.fails(keys.update("nobody", json!({})).await, Code::NotFound, said);
            scene.fails(keys.revoke("nobody", false).await, Code::NotFound, said);
            assert_eq!(changes(scene), 0);
        });
    }
}

#[test]
fn the_key_in_use_is_revoked_only_on_purpose() {
    for service in [Service::Masumi, Service::Masumi025] {
        run(async |scene| {
            let keys = keys(scene, service);
            let own = keys.status().await.unwrap().id;
            let said = "or with evenIfInUse";
            scene.fails(keys.revoke(&own, false).await, Code::Conflict, said);
            let ending = json!({ "status": "Revoked", "canRead": true });
            scene.fails(keys.update(&own, ending.clone()).await, Code::Conflict, said);
            assert_eq!(changes(scene), 0);
            let (other, _) = keys.create(json!({})).await.unwrap();
            assert_eq!(keys.update(&other.id, ending).await.unwrap().status, "Revoked");
            let same = json!({ "status": "Active" });
            assert_eq!(keys.update(&own, same).await.unwrap().status, "Active");
            assert_eq!(keys.revoke(&own, true).await.unwrap().status, "Revoked");
            scene.fails(keys.status().await, Code::Unauthorized, "API key is revoked");
        });
    }
}

#[test]
fn credits_do_not_fall_below_nothing() {
    for service in [Service::Masumi, Service::Masumi025] {
        run(async |scene| {
            let keys = keys(scene, service);
            let new = json!({ "credits": [{ "unit": "", "amount": 5 }] });
            let (made, _) = keys.create(new).await.unwrap();
            let before = changes(scene);
            for (unit, amount, said) in [
                ("", -6, "the key has 5: -6 cannot be added"),
                ("aa", -1, "the key has 0: -1 cannot be added"),
                ("", i64::MAX, "the key has 5"),
            ] {
                let changes = json!({ "addCredits": [{ "unit": unit, "amount": amount }] });
                scene.fails(keys.update(&made.id, changes).await, Code::Config, said);
            }
            assert_eq!(changes(scene), before);
            let all = json!({ "addCredits": [{ "unit": "", "amount": -5 }] });
            assert_eq!(keys.update(&made.id, all).await.unwrap().credits.len(), 0);
        });
    }
}

#[test]
fn two_changes_of_one_unit_are_added_up_before_they_are_judged() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let new = json!({ "credits": [{ "unit": "", "amount": 5 }] });
        let (made, _) = keys.create(new).await.unwrap();
        let before = changes(scene);
        let twice = json!({ "addCredits": [{ "unit": "", "amount": -3 }, { "unit": "", "amount": -3 }] });
        scene.fails(keys.update(&made.id, twice).await, Code::Config, "cannot be added");
        assert_eq!(changes(scene), before);
        let up_and_down =
            json!({ "addCredits": [{ "unit": "", "amount": 3 }, { "unit": "", "amount": -6 }] });
        assert_eq!(keys.update(&made.id, up_and_down).await.unwrap().credits[0].amount, 2);
    });
}

fn cut(scene: &Scene, method: &str, kind: Kind) {
    let fault = Fault::once(Service::Masumi, "/api-key", kind);
    scene.world.fault(Fault { method: Some(method.to_owned()), ..fault });
}

#[test]
fn a_key_whose_making_was_not_answered_is_not_made_twice() {
    for (kind, more) in [(Kind::CutAfter, 1), (Kind::Truncated, 1), (Kind::Cut, 0)] {
        run(async |scene| {
            let keys = keys(scene, Service::Masumi);
            cut(scene, "POST", kind.clone());
            let result = keys.create(json!({})).await;
            scene.fails(result, Code::OutcomeUnknown, "whether it was done is not known");
            assert_eq!((changes(scene), scene.waits()), (1, vec![]));
            assert_eq!(ids(&keys, 10).await.len(), 1 + more, "{kind:?}");
            assert!(keys.create(json!({})).await.is_ok());
        });
    }
}

#[test]
fn a_key_that_takes_too_long_to_make_is_not_made_twice() {
    run(async |scene| {
        let client = scene.client_with(Service::Masumi, json!({ "timeout": 4 }));
        let keys = client.keys().ok().unwrap();
        cut(scene, "POST", Kind::Delay { seconds: 600.0 });
        let making = keys.create(json!({}));
        let time = async {
            scene.until(|| changes(scene) == 1).await;
            scene.pass(4);
        };
        let (result, ()) = futures_util::future::join(making, time).await;
        scene.fails(result, Code::OutcomeUnknown, "no whole answer within 4000 ms");
        assert_eq!(changes(scene), 1);
    });
}

#[test]
fn a_server_that_fails_at_a_change_is_not_asked_again() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        cut(scene, "POST", Kind::Status { status: 500, headers: Default::default(), body: None });
        scene.fails(keys.create(json!({})).await, Code::Server, "answered 500");
        assert_eq!((changes(scene), scene.waits()), (1, vec![]));
    });
}

#[test]
fn reading_is_repeated_and_revoking_is_not() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let (made, _) = keys.create(json!({})).await.unwrap();
        let before = changes(scene);
        cut(scene, "DELETE", Kind::CutAfter);
        cut(scene, "GET", Kind::Cut);
        scene.fails(keys.revoke(&made.id, false).await, Code::OutcomeUnknown, "read before you repeat it");
        assert_eq!((changes(scene) - before, scene.waits().len()), (1, 1));
        assert_eq!(keys.revoke(&made.id, false).await.unwrap().status, "Revoked");
    });
}

#[test]
fn the_other_generation_is_noticed_before_anything_is_made() {
    for (service, version, said) in [
        (Service::Masumi025, "0.28", "set apiVersion: \"0.25\""),
        (Service::Masumi, "0.25", "set apiVersion: \"0.28\""),
    ] {
        run(async |scene| {
            let client = scene.client_with(service, json!({ "apiVersion": version }));
            let mistaken = client.keys().ok().unwrap();
            let new = json!({ "networks": ["Preprod"] });
            scene.fails(mistaken.create(new).await, Code::Unsupported, said);
            scene.fails(mistaken.page(None, None).await, Code::Unsupported, said);
            let changed = mistaken.update("anyone", json!({ "networks": ["Preprod"] })).await;
            scene.fails(changed, Code::Unsupported, said);
            scene.fails(mistaken.revoke("anyone", false).await, Code::Unsupported, said);
            assert_eq!((changes(scene), ids(&keys(scene, service), 10).await.len()), (0, 1));
        });
    }
}

#[test]
fn what_the_service_finds_wrong_is_told_field_by_field() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let message = "UsageCredits: Invalid input; permission: Invalid option";
        let body = Some(json!({ "status": "error", "error": { "message": message } }));
        cut(scene, "POST", Kind::Status { status: 400, headers: Default::default(), body });
        let error = scene.fails(keys.create(json!({})).await, Code::InvalidRequest, message);
        let issues = error.issues.as_list().unwrap();
        let paths: Vec<_> = issues.iter().map(|issue| issue.text("path")).collect();
        assert_eq!(paths, ["UsageCredits", "permission"]);
    });
}

#[test]
fn a_closed_client_has_no_keys_to_manage() {
    run(async |scene| {
        let client = scene.client(Service::Masumi);
        token(&client).await.unwrap();
        client.close();
        let keys = client.keys().ok().unwrap();
        scene.fails(keys.status().await, Code::Closed, "the client was freed");
    });
}
