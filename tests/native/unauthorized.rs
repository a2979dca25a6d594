//! A 401: one refresh, one replay, and an end.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use latchkey::error::Code;
use latchkey::event::EventKind;
use latchkey::token::Secret;
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::json;

use crate::common::{Scene, run, token};

fn unauthorized() -> Kind {
    Kind::Status { status: 401, headers: Default::default(), body: None }
}

/// Token requests, and requests for a resource.
fn counts(scene: &Scene, service: Service) -> (u64, u64) {
    let count = |what| scene.count(&format!("{}.{what}", service.name()));
    (count("token"), count("resource"))
}

#[test]
fn a_401_is_answered_by_one_refresh_and_one_replay() {
    for service in [Service::Masivo, Service::Masv, Service::Login, Service::OAuth2, Service::Custom] {
        run(async |scene| {
            let client = scene.client(service);
            token(&client).await.unwrap();
            scene.world.revoke(service, false);
            let reply = client.fetch(&scene.post("/whoami", "hello")).await.unwrap();
            assert_eq!(reply.status(), 200);
            let said = reply.json().await;
            assert_eq!((&said["tokenNumber"], &said["body"]), (&json!(2), &json!("hello")), "{service:?}");
            assert_eq!(counts(scene, service), (2, 2));
            assert_eq!(scene.reasons(), ["first", "unauthorized"]);
            assert!(scene.events().contains(&EventKind::Unauthorized { replayed: true }));
        });
    }
}

#[test]
fn ten_parallel_401s_make_one_refresh() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Masivo, false);
        let request = scene.get("/whoami");
        for reply in join_all((0..10).map(|_| client.fetch(&request))).await {
            assert_eq!(reply.unwrap().json().await["tokenNumber"], 2);
        }
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn a_late_401_does_not_take_the_new_token_away() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Masivo, false);
        // The first to be sent is the last to be answered.
        scene.spoil_whoami(Service::Masivo, Kind::Delay { seconds: 0.05 });
        let request = scene.get("/whoami");
        let late = client.fetch(&request);
        let others = async {
            scene.until(|| scene.count("masivo.resource") == 1).await;
            join_all((0..3).map(|_| client.fetch(&request))).await
        };
        let (late, others) = futures_util::future::join(late, others).await;
        for reply in others.into_iter().chain([late]) {
            assert_eq!(reply.unwrap().json().await["tokenNumber"], 2);
        }
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn a_body_that_cannot_be_sent_again_is_not() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Masivo, false);
        let reply = client.fetch(&scene.post("/whoami", "hello").streamed()).await.unwrap();
        assert_eq!((reply.status(), counts(scene, Service::Masivo)), (401, (1, 1)));
        assert!(client.cached().is_none(), "the token has been dropped");
        assert!(scene.events().contains(&EventKind::Unauthorized { replayed: false }));
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
    });
}

#[test]
fn a_401_to_a_token_that_a_401_brought_is_the_last_word() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.world.fault(Fault::once(Service::Masivo, "/whoami", unauthorized()).times(None));
        for _ in 0..3 {
            assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        }
        assert_eq!(counts(scene, Service::Masivo), (2, 4), "one refresh and one replay for all three");
        scene.pass(31);
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        assert_eq!(counts(scene, Service::Masivo), (3, 6));
    });
}

#[test]
fn login_forces_another_token_where_the_service_would_give_the_refused_one_again() {
    run(async |scene| {
        let client = scene.client_with(Service::Login, json!({ "session": "chat" }));
        token(&client).await.unwrap();
        scene.world.revoke(Service::Login, true);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
        assert_eq!(counts(scene, Service::Login), (2, 2));
    });
}

#[test]
fn brifle_gives_the_refused_token_again_and_nothing_is_replayed() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Brifle, true);
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        assert_eq!((counts(scene, Service::Brifle), scene.reasons()), ((2, 1), vec!["first"]));
        assert!(scene.events().contains(&EventKind::Unauthorized { replayed: false }));
    });
}

#[test]
fn a_static_key_is_asked_for_again_and_sent_again_only_if_it_changed() {
    run(async |scene| {
        let vault = std::rc::Rc::new(std::cell::Cell::new("canary-masv-key"));
        let held = vault.clone();
        let key = scene.credential(move || Ok(Secret::new(held.get())));
        let changes = json!({ "email": null, "password": null, "apiKey": key });
        let client = scene.client_with(Service::Masv, changes);
        scene.whoami(&client).await;

        let rotated = BTreeMap::from([("apiKey".to_owned(), "canary-new-key".to_owned())]);
        scene.world.change_credentials(Service::Masv, rotated).unwrap();
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        assert_eq!(counts(scene, Service::Masv), (0, 2), "the same key is not sent again");
        vault.set("canary-new-key");
        // At once: to ask the vault costs no request.
        scene.whoami(&client).await;
        assert_eq!(counts(scene, Service::Masv), (0, 4));
    });
}

#[test]
fn a_refresh_that_fails_is_what_the_request_fails_with() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Masivo, false);
        let another = BTreeMap::from([("apiKey".to_owned(), "canary-another".to_owned())]);
        scene.world.change_credentials(Service::Masivo, another).unwrap();
        scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Unauthorized, "Invalid API key");
        assert_eq!(counts(scene, Service::Masivo), (2, 1));
    });
}
