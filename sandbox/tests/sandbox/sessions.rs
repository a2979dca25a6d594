//! Sessions of the login service, side by side.

use latchkey_sandbox::{Service, World};
use serde_json::{Value, json};

use crate::common::{attach, body, claims, client, whoami, world};

async fn log_in(world: &World, session: Value) -> Value {
    let mut sent = json!({ "api_key": world.credential(Service::Login, "apiKey") });
    if !session.is_null() {
        sent["session_id"] = session;
    }
    let request = client().post(format!("{}/auth/login", world.service_url(Service::Login))).json(&sent);
    body(request.send().await.expect("an answer")).await
}

async fn token(world: &World, session: &str) -> String {
    let answer = log_in(world, session.into()).await;
    answer["access_token"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
}

async fn status(world: &World, token: &str) -> u16 {
    whoami(world, Service::Login, token).await.status().as_u16()
}

#[tokio::test]
async fn each_session_has_a_token_of_its_own_and_keeps_it() {
    let world = world();
    let (one, two) = (token(&world, "one").await, token(&world, "two").await);
    assert_ne!(one, two);
    world.set(&json!({ "clockOffset": 3600 })).expect("settings");
    assert_eq!((token(&world, "one").await, token(&world, "two").await), (one.clone(), two.clone()));
    assert_eq!(log_in(&world, "one".into()).await["expires_in"], 7200, "counted from when it was made");
    assert_eq!((&claims(&one)["sid"], &claims(&two)["sid"]), (&json!("one"), &json!("two")));
    assert_ne!(log_in(&world, Value::Null).await["access_token"], one, "no session is one too");

    let url = format!("{}/auth/logout", world.service_url(Service::Login));
    let ended = client().post(&url).bearer_auth(&one).send().await.expect("an answer");
    assert_eq!(ended.status(), 204);
    assert_eq!([status(&world, &one).await, status(&world, &two).await], [401, 200]);
    assert_eq!(client().post(&url).bearer_auth(&one).send().await.expect("an answer").status(), 401);
    let next = token(&world, "one").await;
    assert_ne!(next, one);
    assert_eq!([status(&world, &next).await, status(&world, &two).await], [200, 200]);

    world.set(&json!({ "clockOffset": 3600 + 7200 })).expect("settings");
    assert_ne!(token(&world, "two").await, two, "an expired one is not given again");
}

#[tokio::test]
async fn the_answer_has_a_scope_if_it_is_told_to() {
    let world = world();
    assert!(log_in(&world, Value::Null).await.get("scope").is_none());
    world.set(&json!({ "loginScope": "orders:read orders:write" })).expect("settings");
    let answer = log_in(&world, Value::Null).await;
    assert_eq!(answer["scope"], "orders:read orders:write");
    let token = answer["access_token"].as_str().expect("a token");
    let scoped = client().get(format!("{}/scoped", world.service_url(Service::Login)));
    let refused = attach(scoped, Service::Login, token).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
    let said = refused.headers()["www-authenticate"].to_str().expect("text");
    assert_eq!(said, r#"Bearer error="insufficient_scope", scope="admin""#);
    world.set(&json!({ "loginScope": null })).expect("settings");
    assert!(log_in(&world, Value::Null).await.get("scope").is_none());
}
