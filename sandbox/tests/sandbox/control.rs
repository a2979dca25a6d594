//! Worlds, and what can be seen and changed of one.

use latchkey_sandbox::Service;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{body, claims, client, login, token, whoami, world};

async fn control(url: &str, method: Method, path: &str, sent: Value) -> Response {
    let request = client().request(method, format!("{url}{path}"));
    request.json(&sent).send().await.expect("an answer")
}

#[tokio::test]
async fn worlds_are_apart_and_end() {
    let one = world();
    let origin = one.url.rsplit_once("/w/").expect("a world's URL").0;
    let made = control(origin, Method::POST, "/worlds", Value::Null).await;
    assert_eq!(made.status(), 201);
    let other = body(made).await["url"].as_str().expect("a URL").to_owned();
    assert_ne!(other, one.url);

    let token = token(&one, Service::Masivo).await;
    one.set(&json!({ "clockOffset": 60 })).expect("settings");
    let elsewhere = client().get(format!("{other}/masivo/api/storefront/v1/whoami")).bearer_auth(&token);
    assert_eq!(elsewhere.send().await.expect("an answer").status(), 401);
    let seen = body(control(&other, Method::GET, "/_sandbox", Value::Null).await).await;
    assert_eq!(seen["settings"]["clockOffset"], 0);
    assert_eq!(seen["services"]["masumi-0.25"], format!("{other}/masumi-0.25/api/v1"));
    let counters = body(control(&other, Method::GET, "/_sandbox/counters", Value::Null).await).await;
    assert_eq!(counters, json!({ "masivo.resource": 1 }));

    assert_eq!(control(&other, Method::DELETE, "", Value::Null).await.status(), 204);
    assert_eq!(control(&other, Method::GET, "/_sandbox", Value::Null).await.status(), 404);
    let demo = control(origin, Method::GET, "/w/demo/_sandbox", Value::Null).await;
    assert_eq!(demo.status(), 200);
}

#[tokio::test]
async fn settings_change_what_is_named_and_nothing_else() {
    let world = world();
    let patch = |changes: Value| control(&world.url, Method::PATCH, "/_sandbox/settings", changes);
    let changed = body(patch(json!({ "lifetime": { "masivo": 1 }, "sendDate": false })).await).await;
    assert_eq!((&changed["lifetime"]["masivo"], &changed["lifetime"]["login"]), (&json!(1), &json!(7200)));
    let answer = login(&world, Service::Masivo).0.send().await.expect("an answer");
    assert!(answer.headers().get("date").is_none());
    let token = body(answer).await["data"].as_str().expect("a token").to_owned();
    let life = |claims: Value| claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat);
    assert_eq!(life(claims(&token)), Some(1));
    assert_eq!(body(patch(json!({ "lifetime": 5 })).await).await["lifetime"]["login"], 5);

    for wrong in
        [json!({ "lifetme": 1 }), json!({ "sendDate": "no" }), json!({ "lifetime": { "x": 1 } }), json!(1)]
    {
        assert_eq!(patch(wrong.clone()).await.status(), 400, "{wrong}");
    }
    let now = body(control(&world.url, Method::GET, "/_sandbox", Value::Null).await).await;
    assert_eq!(now["settings"]["lifetime"]["masv"], 5, "what was refused changed nothing");
}

#[tokio::test]
async fn the_clock_moves_dates_and_tokens_together() {
    let world = world();
    world.set(&json!({ "clockOffset": -100_000 })).expect("settings");
    let answer = login(&world, Service::OAuth2).0.send().await.expect("an answer");
    let date = httpdate::parse_http_date(answer.headers()["date"].to_str().expect("text")).expect("a date");
    let date = date.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let token = body(answer).await["access_token"].as_str().expect("a token").to_owned();
    let issued_at = claims(&token)["iat"].as_u64().expect("iat");
    assert!(date.abs_diff(issued_at) < 1000, "{date} and {issued_at}");
    assert_eq!(whoami(&world, Service::OAuth2, &token).await.status(), 200);
    // However far: a clock that panics would take the connection with it.
    for far in [i64::MAX, i64::MIN] {
        world.set(&json!({ "clockOffset": far, "lifetime": far })).expect("settings");
        let answer = login(&world, Service::Custom).0.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{far}");
    }
}

#[tokio::test]
async fn the_log_has_every_request_and_no_secret() {
    let world = world();
    let token = token(&world, Service::Masivo).await;
    whoami(&world, Service::Masivo, &token).await;
    let rows =
        client().get(format!("{}/api-key?cursorToken=secret-cursor", world.service_url(Service::Masumi025)));
    rows.header("token", world.credential(Service::Masumi025, "apiKey")).send().await.expect("an answer");

    let log = body(control(&world.url, Method::GET, "/_sandbox/log", Value::Null).await).await;
    let shown = log.to_string();
    for secret in [&token, "masivo-demo-key", "secret-cursor", "abcdef_this_should_be_very_secure"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!(log[0]["path"], "/api/storefront/v1/auth/authorize");
    assert_eq!(
        (&log[0]["n"], &log[0]["purpose"], &log[0]["status"]),
        (&json!(1), &json!("token"), &json!(200))
    );
    assert!(log[0]["headers"]["x-api-key"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
    assert!(log[2]["query"].as_str().is_some_and(|query| query.starts_with("cursorToken=sha256:")), "{log}");

    assert_eq!(control(&world.url, Method::DELETE, "/_sandbox/log", Value::Null).await.status(), 204);
    assert_eq!((world.log().len(), world.count("masivo.token")), (0, 0));
    whoami(&world, Service::Masivo, &token).await;
    assert_eq!(world.log()[0].n, 4, "numbers go on");
    assert_eq!(world.log()[0].status, Some(200));
}

#[tokio::test]
async fn tokens_are_revoked_and_secrets_rotated_over_http() {
    let world = world();
    let token = token(&world, Service::Masivo).await;
    let post = |path: &'static str, sent: Value| control(&world.url, Method::POST, path, sent);
    assert_eq!(post("/_sandbox/revoke", json!({ "service": "masivo" })).await.status(), 204);
    assert_eq!(whoami(&world, Service::Masivo, &token).await.status(), 401);

    let rotation = |name: &str| json!({ "service": "masivo", "credentials": { name: "new" } });
    assert_eq!(post("/_sandbox/credentials", rotation("apiKey")).await.status(), 204);
    assert_eq!(world.credential(Service::Masivo, "apiKey"), "new");
    assert_eq!(post("/_sandbox/credentials", rotation("apiKy")).await.status(), 400);
    assert_eq!(post("/_sandbox/revoke", json!({ "service": "nobody" })).await.status(), 400);
    let rpc = control(&world.url, Method::PUT, "/_sandbox/rpc-keys", json!([])).await;
    assert_eq!(rpc.status(), 204);
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let world = world();
    let origin = world.url.rsplit_once("/w/").expect("a world's URL").0;
    for url in
        [format!("{origin}/w/nowhere/masivo/x"), format!("{}/nobody/x", world.url), format!("{origin}/x")]
    {
        assert_eq!(client().get(&url).send().await.expect("an answer").status(), 404, "{url}");
    }
}
