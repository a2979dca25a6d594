//! Every service, from its credentials to its header: one life of a token at each.

use latchkey::error::Code;
use latchkey_sandbox::Service;
use serde_json::{Value, json};

use crate::common::{Scene, run, token};

/// Acquires, uses the token twice, and acquires again when it has ended.
async fn lives_a_life(scene: &Scene, service: Service, changes: Value, lifetime: i64) {
    let requests = format!("{}.token", service.name());
    let client = scene.client_with(service, changes);
    assert_eq!((scene.count(&requests), client.expires_at()), (0, None), "a client asks for nothing");

    let first = token(&client).await.unwrap();
    assert_eq!(token(&client).await.unwrap(), first);
    let who = scene.whoami(&client).await;
    assert_eq!(who["tokenNumber"], 1, "{who}");
    assert_eq!(scene.count(&requests), 1);

    let left = (client.expires_at().unwrap() - scene.now()).whole_seconds();
    assert!((lifetime - 2..=lifetime).contains(&left), "it lives {left} s of {lifetime}");

    scene.pass(lifetime);
    assert_eq!(client.expires_at(), None);
    assert_ne!(token(&client).await.unwrap(), first);
    assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
    assert_eq!((scene.count(&requests), scene.reasons()), (2, vec!["first", "expired"]));
}

#[test]
fn masivo_exchanges_its_key_for_an_hour() {
    run(async |scene| lives_a_life(scene, Service::Masivo, json!({}), 3600).await);
}

#[test]
fn masv_logs_a_user_in_until_the_end_that_the_token_tells() {
    run(async |scene| {
        lives_a_life(scene, Service::Masv, json!({}), 3 * 86_400).await;
        let entry = scene.world.log().pop().unwrap();
        assert!(entry.headers.contains_key("x-user-token") && !entry.headers.contains_key("x-api-key"));
    });
}

#[test]
fn masv_takes_an_api_key_without_an_exchange() {
    run(async |scene| {
        let key = scene.world.credential(Service::Masv, "apiKey");
        let changes = json!({ "email": null, "password": null, "apiKey": key });
        let client = scene.client_with(Service::Masv, changes);
        assert_eq!(token(&client).await.unwrap(), key);
        let who = scene.whoami(&client).await;
        assert_eq!((&who["headers"]["x-api-key"], &who["tokenNumber"]), (&json!("present"), &Value::Null));
        scene.pass(10 * 365 * 86_400);
        assert_eq!((token(&client).await.unwrap(), client.expires_at()), (key, None));
        assert_eq!(scene.count("masv.token"), 0);
    });
}

#[test]
fn login_exchanges_its_key_for_two_hours() {
    run(async |scene| lives_a_life(scene, Service::Login, json!({}), 7200).await);
}

#[test]
fn login_takes_a_user_name_and_a_password() {
    run(async |scene| {
        let password = scene.world.credential(Service::Login, "password");
        let changes = json!({ "apiKey": null, "username": "demo", "password": password, "session": "chat" });
        lives_a_life(scene, Service::Login, changes, 7200).await;
    });
}

#[test]
fn login_takes_credentials_of_any_names() {
    run(async |scene| {
        let key = scene.world.credential(Service::Login, "apiKey");
        let changes = json!({ "apiKey": null, "credentials": { "api_key": key } });
        lives_a_life(scene, Service::Login, changes, 7200).await;
    });
}

#[test]
fn brifle_exchanges_key_and_secret_for_a_token_with_its_scopes() {
    run(async |scene| {
        lives_a_life(scene, Service::Brifle, json!({}), 7200).await;
        let client = scene.client(Service::Brifle);
        assert_eq!(client.scopes(), None);
        token(&client).await.unwrap();
        assert_eq!(client.scopes().unwrap(), ["content:read", "content:write"]);
    });
}

#[test]
fn masumi_sends_its_key_as_it_is() {
    run(async |scene| {
        let client = scene.client(Service::Masumi);
        let who = scene.whoami(&client).await;
        assert_eq!(who["headers"]["token"], "present");
        assert_eq!(who["headers"].get("authorization"), None);
        assert_eq!((client.expires_at(), client.scopes()), (None, None));
    });
}

#[test]
fn oauth2_exchanges_what_needs_encoding_in_basic() {
    run(async |scene| lives_a_life(scene, Service::OAuth2, json!({}), 3600).await);
}

#[test]
fn custom_sends_json_and_reads_by_pointers() {
    run(async |scene| lives_a_life(scene, Service::Custom, json!({}), 3600).await);
}

#[test]
fn custom_sends_a_form_and_reads_an_end_as_a_number_or_a_text() {
    for until in ["/result/until", "/result/untilText"] {
        run(async |scene| {
            let changes = json!({
                "request": {
                    "method": "POST", "path": "/session", "encoding": "form",
                    "body": { "user": "{{user}}", "secret": "{{secret}}" },
                },
                "response": { "token": "/result/tok", "expiresAt": until },
            });
            lives_a_life(scene, Service::Custom, changes, 3600).await;
        });
    }
}

/// A client of the `token` provider that talks to Masivo with what `acquire` gives.
fn by_function(scene: &Scene, acquire: Value) -> Value {
    let base_url = scene.world.service_url(Service::Masivo);
    json!({ "provider": "token", "apiKey": null, "acquire": acquire, "baseUrl": base_url })
}

#[test]
fn token_comes_from_a_function_as_often_as_it_ends() {
    run(async |scene| {
        // The page's backend, which holds the key.
        let backend = scene.client(Service::Masivo);
        let at_hand = token(&backend).await.unwrap();
        let acquire = scene.acquire(move || Ok(json!({ "token": at_hand, "expiresIn": 60 })));
        let client = scene.client_with(Service::Masivo, by_function(scene, acquire));
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
        assert_eq!((client.expires_at().unwrap() - scene.now()).whole_seconds(), 60);
        scene.pass(61);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
        assert_eq!(scene.count("masivo.token"), 1, "only the backend's own");
    });
}

#[test]
fn token_says_what_its_function_threw_and_asks_it_again() {
    run(async |scene| {
        let calls = std::cell::Cell::new(0);
        let acquire = scene.acquire(move || {
            calls.set(calls.get() + 1);
            match calls.get() {
                1 => Err(latchkey::error::Error::new(Code::Credential, "the backend is away")),
                _ => Ok(json!({ "token": "canary-token" })),
            }
        });
        let client = scene.client_with(Service::Masivo, by_function(scene, acquire));
        scene.fails(token(&client).await, Code::Credential, "the backend is away");
        assert_eq!(token(&client).await.unwrap(), "canary-token");
    });
}
