//! Where a request of the user's may go, and what comes back of it.

use latchkey::error::Code;
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::json;

use crate::common::{elsewhere, run};

#[test]
fn a_path_is_appended_to_the_base_url() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let reply = client.fetch(&scene.post("/whoami?page=2", "hello")).await.unwrap();
        assert_eq!(reply.status(), 200);
        let said = reply.json().await;
        assert_eq!(
            (&said["method"], &said["query"], &said["body"]),
            (&json!("POST"), &json!("page=2"), &json!("hello"))
        );
        assert_eq!(scene.world.log().pop().unwrap().path, "/api/storefront/v1/whoami");
    });
}

#[test]
fn an_absolute_url_of_the_same_origin_is_as_good() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let url = format!("{}/whoami", scene.world.service_url(Service::Masivo));
        assert_eq!(client.fetch(&scene.get(&url)).await.unwrap().status(), 200);
    });
}

#[test]
fn another_origin_is_refused_before_a_byte_leaves() {
    run(async |scene| {
        let other = elsewhere();
        let client = scene.client(Service::Masivo);
        let url = format!("{}/whoami", other.service_url(Service::Masivo));
        scene.fails(client.fetch(&scene.get(&url)).await, Code::Origin, "add it to allowedOrigins");
        assert_eq!((other.log().len(), scene.count("masivo.token")), (0, 0));
        scene.whoami(&client).await;
    });
}

#[test]
fn another_origin_gets_the_credential_if_it_is_allowed() {
    run(async |scene| {
        let other = elsewhere();
        let url = format!("{}/whoami", other.service_url(Service::Masivo));
        let origin = other.url.split("/w/").next().unwrap();
        let client = scene.client_with(Service::Masivo, json!({ "allowedOrigins": [origin] }));
        client.fetch(&scene.get(&url)).await.unwrap();
        assert!(other.log()[0].headers.contains_key("authorization"));
    });
}

#[test]
fn a_path_that_would_leave_the_base_url_is_refused() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let host = elsewhere().url.split("//").nth(1).unwrap().to_owned();
        for (target, said) in [
            ("/../v2/whoami".to_owned(), "goes up"),
            ("/a/%2e%2e/../..".to_owned(), "goes up"),
            (format!("//{host}/whoami"), "two slashes"),
            (format!("/\\{host}/whoami"), "two slashes"),
            (format!("@{host}/whoami"), "neither a path"),
            (format!("https://a@{host}/whoami"), "a user name or password"),
            ("whoami".to_owned(), "neither a path"),
            (String::new(), "neither a path"),
            ("data:text/plain,x".to_owned(), "may not have the credential"),
        ] {
            scene.fails(client.fetch(&scene.get(&target)).await, Code::Origin, said);
        }
        assert_eq!(scene.world.log().len(), 0);
        scene.whoami(&client).await;
    });
}

#[test]
fn an_at_sign_in_a_path_names_no_host() {
    run(async |scene| {
        // A base URL without a path, to which an "@host" would be joined as one.
        let client = scene.client(Service::Login);
        let reply = client.fetch(&scene.get("/@evil.example/whoami")).await.unwrap();
        assert_eq!((reply.status(), scene.count("login.resource")), (404, 1));
    });
}

#[test]
fn a_missing_scope_invalidates_nothing() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        assert_eq!(client.fetch(&scene.get("/scoped")).await.unwrap().status(), 403);
        let headers = json!({ "www-authenticate": "Bearer error=\"insufficient_scope\", scope=\"admin\"" });
        let headers = headers.as_object().unwrap().clone();
        scene.spoil_whoami(Service::Masivo, Kind::Status { status: 401, headers, body: None });
        assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), 401);
        assert_eq!((scene.count("masivo.token"), scene.count("masivo.resource")), (1, 2));
        assert!(client.cached().is_some());
    });
}

#[test]
fn a_key_without_the_right_is_sent_once() {
    run(async |scene| {
        // Masumi says 401 where others say 403.
        let client = scene.client(Service::Masumi);
        assert_eq!(client.fetch(&scene.get("/scoped")).await.unwrap().status(), 401);
        assert_eq!(scene.count("masumi.resource"), 1);
        scene.whoami(&client).await;
    });
}

#[test]
fn nothing_of_the_users_is_tried_again() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        for (kind, status) in [
            (Kind::Status { status: 500, headers: Default::default(), body: None }, 500),
            (Kind::RetryAfter { status: 429, seconds: Some(1), date: None, text: None }, 429),
        ] {
            scene.spoil_whoami(Service::Masivo, kind);
            assert_eq!(client.fetch(&scene.get("/whoami")).await.unwrap().status(), status);
        }
        scene.spoil_whoami(Service::Masivo, Kind::Cut);
        scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Network, "the connection failed");
        assert_eq!((scene.count("masivo.resource"), scene.waits()), (3, vec![]));
        scene.whoami(&client).await;
    });
}

#[test]
fn a_request_that_gets_no_token_is_not_sent() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.world.fault(Fault::once(Service::Masivo, "token", Kind::Html));
        scene.fails(client.fetch(&scene.get("/whoami")).await, Code::Response, "text/html");
        assert_eq!(scene.count("masivo.resource"), 0);
    });
}
