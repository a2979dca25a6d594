//! How a token is kept: refreshed early, forced, and asked to live long enough.

use latchkey::client::TokenOptions;
use latchkey::clock::Span;
use latchkey::error::Code;
use latchkey_sandbox::{Kind, Service};
use serde_json::json;

use crate::common::{FORCED, run, token, token_with};

#[test]
fn near_its_end_a_token_is_used_while_the_next_one_comes() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let first = token(&client).await.unwrap();
        scene.pass(3600 - 310);
        assert_eq!(token(&client).await.unwrap(), first);
        assert_eq!(scene.count("masivo.token"), 1, "the window has not begun");

        scene.pass(20);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.until(|| scene.reasons() == ["first", "early"]).await;
        assert_ne!(token(&client).await.unwrap(), first);
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn the_window_can_be_configured() {
    run(async |scene| {
        let client = scene.client_with(Service::Masivo, json!({ "refreshBefore": 1000 }));
        token(&client).await.unwrap();
        scene.pass(3600 - 990);
        token(&client).await.unwrap();
        scene.until(|| scene.reasons() == ["first", "early"]).await;
    });
}

#[test]
fn a_failed_early_refresh_leaves_the_token_until_it_ends() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let first = token(&client).await.unwrap();
        scene.spoil_all(
            Service::Masivo,
            Kind::Status { status: 503, headers: Default::default(), body: None },
        );
        scene.pass(3600 - 290);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.until(|| scene.events().len() == 2).await;
        // It is backed off from, so a second use asks for nothing.
        assert_eq!(token(&client).await.unwrap(), first);
        assert_eq!(scene.count("masivo.token"), 2);
        scene.pass(1);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.until(|| scene.events().len() == 3).await;
        assert_eq!((scene.count("masivo.token"), scene.waits()), (3, vec![]), "nobody waits for it");

        scene.pass(290);
        scene.fails(token(&client).await, Code::Server, "answered 503");
        scene.world.clear_faults();
        scene.pass(60);
        assert_ne!(token(&client).await.unwrap(), first);
    });
}

#[test]
fn a_forced_refresh_brings_another_token() {
    run(async |scene| {
        for service in [Service::Masivo, Service::Login, Service::OAuth2] {
            let client = scene.client(service);
            let first = token(&client).await.unwrap();
            let second = token_with(&client, FORCED).await.unwrap();
            assert_ne!(second, first, "{service:?}");
            assert_eq!(token(&client).await.unwrap(), second);
            assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
            assert_eq!(scene.count(&format!("{}.token", service.name())), 2);
        }
    });
}

#[test]
fn brifle_gives_the_same_token_again_and_that_makes_no_loop() {
    run(async |scene| {
        let client = scene.client(Service::Brifle);
        let first = token(&client).await.unwrap();
        assert_eq!(token_with(&client, FORCED).await.unwrap(), first);
        assert_eq!((scene.count("brifle.token"), scene.reasons()), (2, vec!["first"]));

        // In the window, each try comes after half of what is left.
        scene.pass(7000);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.until(|| client.cached().is_some()).await;
        assert_eq!(token(&client).await.unwrap(), first);
        assert_eq!(scene.count("brifle.token"), 3);
        scene.pass(110);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.until(|| client.cached().is_some()).await;
        assert_eq!(scene.count("brifle.token"), 4);

        scene.pass(90);
        assert_ne!(token(&client).await.unwrap(), first);
    });
}

#[test]
fn a_token_given_again_ends_when_the_first_one_would_have() {
    run(async |scene| {
        let first = scene.client(Service::Brifle);
        token(&first).await.unwrap();
        scene.pass(7000);
        // A server that has started anew: `expires_in` is 7200 in this answer too.
        let second = scene.client(Service::Brifle);
        token(&second).await.unwrap();
        let left = (second.expires_at().unwrap() - scene.now()).whole_seconds();
        assert!((198..=200).contains(&left), "{left} s");
    });
}

#[test]
fn a_token_given_again_that_tells_nothing_itself_lives_from_when_it_was_made() {
    run(async |scene| {
        let made = scene.now().as_millis() / 1000 - 7000;
        let body = json!({
            "access_token": "canary-opaque", "token_type": "bearer", "expires_in": 7200, "created_at": made,
        });
        scene.spoil(Service::Brifle, Kind::Body { body, content_type: "application/json".into() });
        let client = scene.client(Service::Brifle);
        token(&client).await.unwrap();
        let left = (client.expires_at().unwrap() - scene.now()).whole_seconds();
        assert!((198..=200).contains(&left), "{left} s");
    });
}

#[test]
fn a_token_that_is_too_short_for_the_caller_is_replaced() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let first = token(&client).await.unwrap();
        scene.pass(1800);
        let wanted = TokenOptions { min_validity: Span::from_seconds(3000), ..TokenOptions::default() };
        assert_ne!(token_with(&client, wanted).await.unwrap(), first);
        assert_eq!(scene.reasons(), ["first", "forced"]);
    });
}

#[test]
fn a_service_whose_tokens_are_all_too_short_is_asked_once() {
    run(async |scene| {
        scene.set(json!({ "lifetime": { "masivo": 60 } }));
        let client = scene.client(Service::Masivo);
        let wanted = TokenOptions { min_validity: Span::from_seconds(120), ..TokenOptions::default() };
        scene.fails(token_with(&client, wanted).await, Code::TokenExpired, "less than minValidity");
        assert_eq!(scene.count("masivo.token"), 1);
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn invalidate_forgets_the_token() {
    run(async |scene| {
        let client = scene.client(Service::Login);
        let first = token(&client).await.unwrap();
        client.invalidate();
        assert_eq!((client.expires_at(), client.cached().is_none()), (None, true));
        assert_ne!(token(&client).await.unwrap(), first, "a session of its own, or it would come again");
    });
}
