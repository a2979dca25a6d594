//! Token requests that are answered badly: each says what was wrong, and the next call works.

use latchkey::clock::Span;
use latchkey::error::Code;
use latchkey::event::EventKind;
use latchkey_sandbox::{Kind, Service};
use serde_json::{Value, json};

use crate::common::{Scene, elsewhere, run, token};

/// Expects a refusal without another try, and then a token.
async fn refuses(scene: &Scene, kind: Kind, code: Code, said: &str) {
    let client = scene.client(Service::Masivo);
    scene.spoil(Service::Masivo, kind);
    scene.fails(token(&client).await, code, said);
    assert_eq!((scene.count("masivo.token"), client.cached().is_none()), (1, true));
    assert!(token(&client).await.is_ok());
    assert_eq!(scene.count("masivo.token"), 2);
}

/// Expects that whatever happens is tried again, once after half of the first wait.
async fn tries_again(scene: &Scene, kind: Kind, code: Code) {
    let client = scene.client(Service::Masivo);
    scene.spoil(Service::Masivo, kind);
    assert!(token(&client).await.is_ok());
    assert_eq!((scene.count("masivo.token"), scene.waits()), (2, vec![Span::from_millis(250)]));
    let retried =
        |event: &EventKind| matches!(event, EventKind::Retry { attempt: 1, code: why, .. } if *why == code);
    assert!(scene.events().iter().any(retried), "{:?}", scene.events());
}

fn json_body(body: Value) -> Kind {
    Kind::Body { body, content_type: "application/json".into() }
}

fn status(status: u16) -> Kind {
    Kind::Status { status, headers: Default::default(), body: None }
}

fn retry_after(seconds: i64) -> Kind {
    Kind::RetryAfter { status: 429, seconds: Some(seconds), date: None, text: None }
}

#[test]
fn html_is_no_token() {
    run(async |scene| refuses(scene, Kind::Html, Code::Response, "text/html where JSON was expected").await);
}

#[test]
fn nothing_is_no_token() {
    run(async |scene| refuses(scene, Kind::Empty, Code::Response, "200 with an empty body").await);
}

#[test]
fn no_content_is_no_token() {
    run(async |scene| refuses(scene, Kind::NoContent, Code::Response, "204 with an empty body").await);
}

#[test]
fn an_empty_object_has_no_token() {
    run(async |scene| refuses(scene, json_body(json!({})), Code::Response, "nothing at /data").await);
}

#[test]
fn a_token_is_a_text() {
    run(async |scene| refuses(scene, json_body(json!({ "data": 7 })), Code::Response, "no text").await);
}

#[test]
fn a_token_can_stand_in_a_header() {
    run(async |scene| {
        let split = json_body(json!({ "data": "canary\r\nx-evil: 1" }));
        refuses(scene, split, Code::Response, "cannot stand in a header").await;
    });
}

#[test]
fn a_token_that_has_expired_is_none() {
    run(async |scene| refuses(scene, Kind::Expired, Code::TokenExpired, "expired 6").await);
}

#[test]
fn a_body_of_five_megabytes_is_not_read_to_its_end() {
    run(async |scene| refuses(scene, Kind::Big { bytes: 5 << 20 }, Code::Response, "more than 1 MiB").await);
}

#[test]
fn a_redirect_of_a_token_request_is_not_followed() {
    run(async |scene| {
        let other = elsewhere();
        let location = format!("{}/auth/authorize", other.service_url(Service::Masivo));
        refuses(scene, Kind::Redirect { location, status: 307 }, Code::Redirect, "correct baseUrl").await;
        assert_eq!(other.log().len(), 0);
    });
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    run(async |scene| tries_again(scene, Kind::Truncated, Code::Network).await);
}

#[test]
fn a_connection_that_is_cut_is_tried_again() {
    run(async |scene| tries_again(scene, Kind::Cut, Code::Network).await);
}

#[test]
fn a_server_that_fails_is_asked_again() {
    run(async |scene| tries_again(scene, status(500), Code::Server).await);
}

#[test]
fn tries_end_with_the_last_error_and_waits_that_double() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil_all(Service::Masivo, Kind::Cut);
        let error = scene.fails(token(&client).await, Code::Network, "the connection failed");
        assert!(!error.cause.text("name").is_empty());
        assert_eq!(scene.count("masivo.token"), 4);
        assert_eq!(scene.waits(), [250, 500, 1000].map(Span::from_millis));
        scene.world.clear_faults();
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn retries_can_be_forbidden() {
    run(async |scene| {
        let client = scene.client_with(Service::Masivo, json!({ "retries": 0 }));
        scene.spoil(Service::Masivo, status(502));
        let error = scene.fails(token(&client).await, Code::Server, "answered 502");
        assert_eq!((error.status, scene.waits()), (Some(502), vec![]));
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn a_short_retry_after_is_waited_for() {
    for kind in [retry_after(7), Kind::RetryAfter { status: 503, seconds: None, date: Some(7), text: None }] {
        run(async |scene| {
            let client = scene.client(Service::Masivo);
            scene.spoil(Service::Masivo, kind.clone());
            assert!(token(&client).await.is_ok());
            // A date has whole seconds, and may be told just before the next one begins.
            let waits = scene.waits();
            assert_eq!(waits.len(), 1);
            assert!((6..=7).contains(&waits[0].whole_seconds()), "{waits:?}");
        });
    }
}

#[test]
fn a_retry_after_that_says_nothing_is_a_wait_like_any_other() {
    run(async |scene| {
        let nonsense = Some("soon".to_owned());
        let kind = Kind::RetryAfter { status: 429, seconds: None, date: None, text: nonsense };
        tries_again(scene, kind, Code::RateLimited).await;
    });
}

#[test]
fn a_long_retry_after_is_the_callers_to_wait_for() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil(Service::Masivo, retry_after(90));
        for _ in 0..2 {
            let error = scene.fails(token(&client).await, Code::RateLimited, "answered 429");
            assert_eq!(error.retry_after, Some(Span::from_seconds(90)));
        }
        assert_eq!((scene.count("masivo.token"), scene.waits()), (1, vec![]));
        scene.pass(90);
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn an_answer_that_takes_too_long_is_a_timeout() {
    run(async |scene| {
        let client = scene.client_with(Service::Masivo, json!({ "timeout": 4, "retries": 0 }));
        scene.spoil(Service::Masivo, Kind::Delay { seconds: 600.0 });
        let call = scene.in_flight(&client, "masivo.token").await;
        scene.pass(4);
        scene.fails(call.await, Code::Timeout, "no whole answer within 4000 ms");
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn after_a_timeout_the_request_is_made_again() {
    run(async |scene| {
        let client = scene.client_with(Service::Masivo, json!({ "timeout": 4 }));
        scene.spoil(Service::Masivo, Kind::Delay { seconds: 600.0 });
        let call = scene.in_flight(&client, "masivo.token").await;
        scene.pass(4);
        assert!(call.await.is_ok());
        assert_eq!((scene.count("masivo.token"), scene.waits().len()), (2, 1));
    });
}

#[test]
fn a_service_that_is_not_there_is_a_failure_of_the_network() {
    run(async |scene| {
        // Nothing listens on port 1.
        let client = scene.client_with(Service::Masivo, json!({ "baseUrl": "http://127.0.0.1:1" }));
        scene.fails(token(&client).await, Code::Network, "the connection failed");
        assert_eq!(scene.waits().len(), 3);
    });
}
