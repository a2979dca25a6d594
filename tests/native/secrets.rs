//! Nobody sees a secret. Each scene looks for its marks in all that errors and events said; here is where they try.

use latchkey::client::TokenOptions;
use latchkey::error::{Code, Error};
use latchkey_sandbox::{Kind, Service};
use serde_json::json;

use crate::common::{run, token};

fn echo(status: u16, text: &str) -> Kind {
    Kind::Status { status, headers: Default::default(), body: Some(json!({ "message": text })) }
}

#[test]
fn a_service_that_repeats_its_key_is_not_repeated() {
    run(async |scene| {
        for (service, name) in [
            (Service::Masivo, "apiKey"),
            (Service::Masv, "password"),
            (Service::Login, "apiKey"),
            (Service::Brifle, "secret"),
            (Service::OAuth2, "clientSecret"),
            (Service::Custom, "secret"),
        ] {
            let secret = scene.world.credential(service, name);
            scene.spoil(service, echo(401, &format!("I do not know {secret}")));
            let error = token(&scene.client(service)).await;
            scene.fails(error, Code::Unauthorized, "I do not know [redacted]");
        }
    });
}

#[test]
fn a_secret_is_known_again_as_json_and_percent_encoding_write_it() {
    run(async |scene| {
        let secret = scene.world.credential(Service::Masv, "password");
        let as_json = json!(secret).to_string();
        let in_a_query = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
        for written in [as_json.trim_matches('"'), &in_a_query, &in_a_query.replace('+', "%20")] {
            let client = scene.client(Service::Masv);
            scene.spoil(Service::Masv, echo(400, &format!("I cannot read {written}.")));
            scene.fails(token(&client).await, Code::InvalidRequest, "I cannot read [redacted].");
        }
    });
}

#[test]
fn a_secret_at_the_end_of_what_is_repeated_is_not_cut_into_something_unknown() {
    run(async |scene| {
        let key = scene.world.credential(Service::Masivo, "apiKey");
        for dots in (360..400).step_by(4) {
            // What is taken out before it moves the last key away from where the words were cut.
            let keys = format!("{key} ").repeat(6);
            let long = format!("{keys}{}{key}{}", ".".repeat(dots), ".".repeat(10_000));
            scene.spoil(Service::Masivo, echo(401, &long));
            let result = token(&scene.client(Service::Masivo)).await;
            let error = scene.fails(result, Code::Unauthorized, "[redacted] [redacted]");
            assert_eq!(error.message.len(), 500);
        }
    });
}

#[test]
fn a_service_that_repeats_its_token_is_not_repeated() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let held = token(&client).await.unwrap();
        scene.pass(3600);
        scene.spoil(Service::Masivo, echo(403, &format!("{held} has ended")));
        scene.fails(token(&client).await, Code::Forbidden, "[redacted] has ended");
    });
}

#[test]
fn what_a_function_gave_and_what_it_threw_are_not_shown() {
    run(async |scene| {
        let calls = std::cell::Cell::new(0);
        let key = scene.credential(move || {
            calls.set(calls.get() + 1);
            match calls.get() {
                1 => Ok(latchkey::token::Secret::new("canary-masivo-key")),
                _ => Err(Error::new(Code::Credential, "the function threw")
                    .with_cause("Error", "canary-masivo-key is no longer good")),
            }
        });
        let client = scene.client_with(Service::Masivo, json!({ "apiKey": key }));
        token(&client).await.unwrap();
        scene.pass(3600);
        let error = scene.fails(token(&client).await, Code::Credential, "apiKey: the function threw");
        assert_eq!(error.cause.text("message"), "[redacted] is no longer good");
    });
}

#[test]
fn a_token_that_is_held_does_not_print() {
    run(async |scene| {
        scene.set(json!({ "refreshTokens": true }));
        let held = scene.client(Service::OAuth2).token(TokenOptions::default()).await.unwrap();
        let printed = format!("{held:?}");
        assert!(!printed.contains("eyJ") && !printed.contains("refresh-"), "{printed}");
    });
}
