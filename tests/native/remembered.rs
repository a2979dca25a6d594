//! A refusal for good is remembered: nobody asks again until something has changed.

use std::collections::BTreeMap;

use latchkey::error::Code;
use latchkey::event::EventKind;
use latchkey_sandbox::{Kind, Service};
use serde_json::json;

use crate::common::{FORCED, run, token, token_with};

fn refusal(status: u16) -> Kind {
    Kind::Status { status, headers: Default::default(), body: Some(json!({ "message": "No entry" })) }
}

#[test]
fn a_refusal_is_the_answer_to_everyone_for_a_minute() {
    for (status, code) in [(400, Code::InvalidRequest), (401, Code::Unauthorized), (403, Code::Forbidden)] {
        run(async |scene| {
            let client = scene.client(Service::Masivo);
            scene.spoil(Service::Masivo, refusal(status));
            for _ in 0..3 {
                let error = scene.fails(token(&client).await, code, "No entry");
                assert_eq!(error.status, Some(status));
            }
            scene.fails(token_with(&client, FORCED).await, code, "No entry");
            scene.pass(59);
            scene.fails(token(&client).await, code, "No entry");
            assert_eq!((scene.count("masivo.token"), scene.waits()), (1, vec![]));
            assert!(matches!(scene.events()[..], [EventKind::Backoff { code: why, .. }] if why == code));

            scene.pass(1);
            assert!(token(&client).await.is_ok());
            assert_eq!(scene.count("masivo.token"), 2);
        });
    }
}

#[test]
fn invalidate_lets_the_next_call_ask_again() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        scene.spoil(Service::Masivo, refusal(403));
        scene.fails(token(&client).await, Code::Forbidden, "No entry");
        client.invalidate();
        assert!(token(&client).await.is_ok());
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn a_credential_function_that_gives_another_answer_lets_the_next_call_ask_again() {
    run(async |scene| {
        let vault = std::rc::Rc::new(std::cell::Cell::new("canary-old-key"));
        let held = vault.clone();
        let key = scene.credential(move || Ok(latchkey::token::Secret::new(held.get())));
        let client = scene.client_with(Service::Masivo, json!({ "apiKey": key }));
        for _ in 0..2 {
            scene.fails(token(&client).await, Code::Unauthorized, "Invalid API key");
        }
        assert_eq!(scene.count("masivo.token"), 1);
        vault.set("canary-masivo-key");
        assert!(token(&client).await.is_ok());
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn a_wrong_key_is_told_in_each_services_own_words() {
    let wrong = |name: &str| BTreeMap::from([(name.to_owned(), "canary-another".to_owned())]);
    for (service, name, code, said) in [
        (Service::Masivo, "apiKey", Code::Unauthorized, "Invalid API key"),
        (Service::Masv, "password", Code::Unauthorized, "Invalid email or password (invalid_credentials)"),
        (Service::Login, "apiKey", Code::Unauthorized, "Invalid credentials (40101)"),
        (Service::Brifle, "secret", Code::Unauthorized, "Invalid key or secret (40101)"),
        (Service::OAuth2, "clientSecret", Code::Unauthorized, "authentication failed (invalid_client)"),
        (Service::Custom, "secret", Code::Unauthorized, "the service answered 401"),
    ] {
        run(async |scene| {
            let client = scene.client(service);
            scene.world.change_credentials(service, wrong(name)).unwrap();
            let error = scene.fails(token(&client).await, code, said);
            assert_eq!(error.provider, Some(client.config().name));
        });
    }
}
