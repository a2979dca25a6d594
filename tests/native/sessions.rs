//! The end of a session, and the end of a client.

use latchkey::error::Code;
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::json;

use crate::common::{run, token};

fn slow() -> Kind {
    Kind::Delay { seconds: 600.0 }
}

#[test]
fn brifle_ends_the_session_at_the_service() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        let first = token(&client).await.unwrap();
        client.logout().await.unwrap();
        assert_eq!((scene.count("brifle.logout"), client.cached().is_none()), (1, true));
        assert_ne!(token(&client).await.unwrap(), first, "while its session lasted it would come again");
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
    });
}

#[test]
fn login_ends_the_session_where_its_path_is_known() {
    run(async |scene| {
        let client = scene.client_with(Service::Login, json!({ "logoutPath": "/auth/logout" }));
        let first = token(&client).await.unwrap();
        client.logout().await.unwrap();
        assert_eq!(scene.count("login.logout"), 1);
        assert_ne!(token(&client).await.unwrap(), first);
    });
}

#[test]
fn without_a_way_to_end_it_there_a_session_ends_here() {
    run(async |scene| {
        for service in [Service::Login, Service::Masivo] {
            let client = scene.client(service);
            token(&client).await.unwrap();
            let requests = scene.world.log().len();
            client.logout().await.unwrap();
            assert_eq!((scene.world.log().len(), client.cached().is_none()), (requests, true));
        }
    });
}

#[test]
fn without_a_token_there_is_nothing_to_end() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        client.logout().await.unwrap();
        assert_eq!(scene.world.log().len(), 0);
    });
}

#[test]
fn a_session_that_the_service_has_forgotten_is_ended() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Brifle, false);
        client.logout().await.unwrap();
        assert_eq!(scene.count("brifle.logout"), 1);
    });
}

#[test]
fn a_service_that_fails_to_end_it_is_reported_and_here_it_has_ended() {
    run(async |scene| {
        let client = scene.client_with(Service::Brifle, json!({ "retries": 1 }));
        let held = token(&client).await.unwrap();
        let body = Some(json!({ "message": format!("cannot end {held}"), "code": 50000 }));
        let kind = Kind::Status { status: 500, headers: Default::default(), body };
        scene.world.fault(Fault::once(Service::Brifle, "logout", kind).times(None));
        scene.fails(client.logout().await, Code::Server, "cannot end [redacted] (50000)");
        assert_eq!((scene.count("brifle.logout"), client.cached().is_none()), (2, true));
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn whoever_waits_when_the_session_ends_stays_out() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil(Service::Masivo, slow());
        let call = scene.in_flight(&client, "masivo.token").await;
        client.logout().await.unwrap();
        scene.fails(call.await, Code::Unauthorized, "was logged out while this call waited");
        assert!(client.cached().is_none());
        assert!(token(&client).await.is_ok(), "a call that comes later is a new session");
    });
}

#[test]
fn a_401_on_a_session_that_was_logged_out_brings_it_not_back() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        token(&client).await.unwrap();
        scene.world.revoke(Service::Masivo, false);
        scene.spoil_whoami(Service::Masivo, Kind::Delay { seconds: 0.05 });
        let request = scene.get("/whoami");
        let ended = async {
            scene.until(|| scene.count("masivo.resource") == 1).await;
            client.logout().await
        };
        let (reply, ended) = futures_util::future::join(client.fetch(&request), ended).await;
        assert_eq!((reply.unwrap().status(), ended), (401, Ok(())));
        assert_eq!((scene.count("masivo.token"), client.cached().is_none()), (1, true));
    });
}

#[test]
fn invalidate_while_a_token_is_on_its_way_asks_for_another() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil(Service::Masivo, slow());
        let call = scene.in_flight(&client, "masivo.token").await;
        client.invalidate();
        assert!(call.await.is_ok());
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn closing_a_client_answers_whoever_waits() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil(Service::Masivo, slow());
        let call = scene.in_flight(&client, "masivo.token").await;
        client.close();
        scene.fails(call.await, Code::Closed, "make a new one");
    });
}

#[test]
fn a_closed_client_does_nothing_any_more() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        token(&client).await.unwrap();
        client.close();
        client.close();
        scene.world.clear_log();
        scene.fails(token(&client).await, Code::Closed, "the client was freed");
        scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Closed, "the client was freed");
        scene.fails(client.logout().await, Code::Closed, "the client was freed");
        assert!(client.cached().is_none() && client.expires_at().is_none());
        assert_eq!(scene.world.log().len(), 0);
    });
}
