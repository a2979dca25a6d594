//! Credentials that a function gives.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use latchkey::error::{Code, Error};
use latchkey::token::Secret;
use latchkey_sandbox::Service;
use serde_json::{Value, json};

use crate::common::{Scene, TestClient, run, token};

/// A function that gives these one after the other, and the last one from then on.
fn gives(scene: &Scene, answers: &[&'static str]) -> Value {
    let left = RefCell::new(answers.to_vec());
    scene.credential(move || {
        let mut left = left.borrow_mut();
        let next = if left.len() > 1 { left.remove(0) } else { left[0] };
        Ok(Secret::new(next))
    })
}

#[test]
fn a_function_is_asked_for_each_token() {
    run(async |scene| {
        let key = gives(scene, &["canary-masivo-key", "canary-rotated-key"]);
        let client = scene.client_with(Service::Masivo, json!({ "apiKey": key }));
        assert!(token(&client).await.is_ok());
        assert!(token(&client).await.is_ok());
        let rotated = BTreeMap::from([("apiKey".to_owned(), "canary-rotated-key".to_owned())]);
        scene.world.change_credentials(Service::Masivo, rotated).unwrap();
        scene.pass(3600);
        assert!(token(&client).await.is_ok());
        assert_eq!(scene.count("masivo.token"), 2, "the old key was not tried again");
    });
}

#[test]
fn a_function_that_throws_is_named_and_asked_again() {
    run(async |scene| {
        let calls = Cell::new(0);
        let secret = scene.credential(move || {
            calls.set(calls.get() + 1);
            match calls.get() {
                1 => Err(Error::new(Code::Credential, "the function threw")
                    .with_cause("VaultError", "the vault is sealed")),
                _ => Ok(Secret::new("canary-brifle-secret")),
            }
        });
        let client = scene.client_with(Service::Brifle, json!({ "secret": secret }));
        let error = scene.fails(token(&client).await, Code::Credential, "secret: the function threw");
        assert_eq!(error.cause.text("name"), "VaultError");
        assert_eq!(scene.count("brifle.token"), 0);
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn what_a_function_read_from_a_file_has_to_be_trimmed() {
    for (given, said) in [
        ("canary-masivo-key\n", "apiKey: what the function gave has a line break"),
        ("", "apiKey: what the function gave is empty"),
        ("canary-schlüssel", "only visible ASCII can be sent"),
    ] {
        run(async |scene| {
            let key = gives(scene, &[given, "canary-masivo-key"]);
            let client = scene.client_with(Service::Masivo, json!({ "apiKey": key }));
            scene.fails(token(&client).await, Code::Credential, said);
            assert_eq!(scene.count("masivo.token"), 0);
            assert!(token(&client).await.is_ok());
        });
    }
}

#[test]
fn a_function_may_call_back_into_the_client() {
    run(async |scene| {
        let client = Rc::new(OnceCell::<TestClient>::new());
        let own = client.clone();
        let key = scene.credential(move || {
            let own = own.get().unwrap();
            assert!(own.cached().is_none() && own.expires_at().is_none() && own.scopes().is_none());
            Ok(Secret::new("canary-masivo-key"))
        });
        client.set(scene.client_with(Service::Masivo, json!({ "apiKey": key }))).ok().unwrap();
        assert!(token(client.get().unwrap()).await.is_ok());
    });
}

#[test]
fn a_function_that_forgets_the_token_it_is_asked_for_starts_over() {
    run(async |scene| {
        let client = Rc::new(OnceCell::<TestClient>::new());
        let (own, calls) = (client.clone(), Rc::new(Cell::new(0)));
        let asked = calls.clone();
        let key = scene.credential(move || {
            calls.set(calls.get() + 1);
            if calls.get() == 1 {
                own.get().unwrap().invalidate();
            }
            Ok(Secret::new("canary-masivo-key"))
        });
        client.set(scene.client_with(Service::Masivo, json!({ "apiKey": key }))).ok().unwrap();
        assert!(token(client.get().unwrap()).await.is_ok());
        assert_eq!((asked.get(), scene.count("masivo.token")), (2, 1));
    });
}

#[test]
fn a_function_that_never_answers_is_a_timeout() {
    run(async |scene| {
        let base_url = scene.world.service_url(Service::Masivo);
        let acquire =
            json!({ "provider": "token", "apiKey": null, "acquire": scene.silent(), "baseUrl": base_url });
        for (changes, said) in [
            (json!({ "apiKey": scene.silent() }), "apiKey: the function gave nothing within 10000 ms"),
            (acquire, "acquire gave no token within 10000 ms"),
        ] {
            let client = scene.client_with(Service::Masivo, changes);
            let time = async {
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                scene.pass(10);
            };
            let (result, ()) = futures_util::future::join(token(&client), time).await;
            scene.fails(result, Code::Timeout, said);
        }
        assert_eq!(scene.world.log().len(), 0);
    });
}
