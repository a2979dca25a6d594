//! Redirects of a user's request: followed as Fetch does, and the credential stays at home.

use latchkey::client::RedirectMode;
use latchkey::error::Code;
use latchkey_sandbox::{Fault, Kind, Service, World};
use serde_json::json;

use crate::common::{Scene, elsewhere, run};

fn whoami(world: &World) -> String {
    format!("{}/whoami", world.service_url(Service::Masivo))
}

fn redirect(world: &World, status: u16, location: String) {
    world.fault(Fault::once(Service::Masivo, "/whoami", Kind::Redirect { location, status }));
}

#[test]
fn within_the_origin_the_credential_goes_along() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        for status in [301, 302, 303, 307, 308] {
            redirect(&scene.world, status, "whoami?moved".to_owned());
            let said = scene.whoami(&client).await;
            assert_eq!((&said["query"], &said["tokenNumber"]), (&json!("moved"), &json!(1)), "{status}");
        }
        assert_eq!(scene.count("masivo.token"), 1);
    });
}

#[test]
fn another_origin_gets_no_credential() {
    run(async |scene| {
        let other = elsewhere();
        redirect(&scene.world, 302, whoami(&other));
        let client = scene.client(Service::Masivo);
        let reply = client.fetch(&scene.get("/whoami")).await.unwrap();
        assert_eq!(reply.status(), 401);
        let arrived = other.log();
        assert_eq!(arrived.len(), 1);
        assert!(!arrived[0].headers.contains_key("authorization"), "{:?}", arrived[0].headers);
        assert_eq!(scene.count("masivo.token"), 1, "somebody else's 401 is about no token of ours");
    });
}

#[test]
fn a_credential_that_was_left_behind_does_not_come_back() {
    run(async |scene| {
        let other = elsewhere();
        redirect(&scene.world, 302, whoami(&other));
        redirect(&other, 302, whoami(&scene.world));
        let client = scene.client(Service::Masivo);
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        assert!(!scene.world.log().pop().unwrap().headers.contains_key("authorization"));
        assert_eq!(scene.count("masivo.resource"), 2);
    });
}

#[test]
fn a_loop_has_an_end() {
    run(async |scene| {
        let location = "whoami".to_owned();
        let kind = Kind::Redirect { location, status: 302 };
        scene.world.fault(Fault::once(Service::Masivo, "/whoami", kind).times(None));
        let client = scene.client(Service::Masivo);
        scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Redirect, "more than 20 redirects");
        assert_eq!(scene.count("masivo.resource"), 21);
        scene.world.clear_faults();
        scene.whoami(&client).await;
    });
}

#[test]
fn a_request_that_wants_no_redirect_fails() {
    run(async |scene| {
        redirect(&scene.world, 302, "whoami".to_owned());
        let client = scene.client(Service::Masivo);
        let request = scene.get("/whoami").redirect(RedirectMode::Error);
        scene.fails(client.fetch(&request).await, Code::Redirect, "redirect: \"error\"");
        assert_eq!(scene.count("masivo.resource"), 1);
    });
}

#[test]
fn a_request_that_follows_by_itself_gets_the_redirect() {
    run(async |scene| {
        redirect(&scene.world, 302, "whoami".to_owned());
        let client = scene.client(Service::Masivo);
        let request = scene.get("/whoami").redirect(RedirectMode::Manual);
        assert_eq!(client.fetch(&request).await.unwrap().status(), 302);
    });
}

/// The method and the body with which a POST arrives.
async fn arrives(scene: &Scene, status: u16) -> (String, String) {
    redirect(&scene.world, status, "whoami?moved".to_owned());
    let client = scene.client(Service::Masivo);
    let reply = client.fetch(&scene.post("/whoami", "hello")).await.unwrap();
    let said = reply.json().await;
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (text("method"), text("body"))
}

#[test]
fn a_post_becomes_a_get_or_stays_what_it_is_as_the_status_says() {
    for (status, method, body) in
        [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "hello"), (308, "POST", "hello")]
    {
        run(async |scene| {
            assert_eq!(arrives(scene, status).await, (method.to_owned(), body.to_owned()), "{status}");
        });
    }
}

#[test]
fn a_stream_cannot_be_sent_to_another_place() {
    run(async |scene| {
        redirect(&scene.world, 307, "whoami".to_owned());
        let client = scene.client(Service::Masivo);
        let request = scene.post("/whoami", "hello").streamed();
        scene.fails(client.fetch(&request).await, Code::Redirect, "which was a stream");
        redirect(&scene.world, 303, "whoami".to_owned());
        assert_eq!(client.fetch(&request).await.unwrap().status(), 200, "a GET has no body");
    });
}

#[test]
fn a_redirect_to_something_that_is_no_web_page_is_refused() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        for (location, said) in [
            ("ftp://files.example/", "neither https nor http"),
            ("data:text/plain,x", "neither https nor http"),
            ("http://[", "no URL"),
            ("https://user:canary@files.example/", "a user name or password"),
        ] {
            redirect(&scene.world, 302, location.to_owned());
            scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Redirect, said);
        }
    });
}

#[test]
fn a_redirect_that_leads_nowhere_is_an_answer() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let nowhere = Kind::Status { status: 304, headers: Default::default(), body: None };
        scene.spoil_whoami(Service::Masivo, nowhere);
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 304);
    });
}

#[test]
fn a_401_after_a_redirect_at_home_is_answered_by_a_refresh() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.whoami(&client).await;
        scene.world.revoke(Service::Masivo, false);
        redirect(&scene.world, 307, "whoami?moved".to_owned());
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
    });
}
