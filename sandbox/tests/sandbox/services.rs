//! Each service, as its guide has it.

use crate::common::{attach, body, claims, client, login, token, whoami, world};
use std::time::Duration;

use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, UntrustedToken};
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::{Value, json};

const WITH_LOGIN: [Service; 6] =
    [Service::Masivo, Service::Masv, Service::Login, Service::Brifle, Service::OAuth2, Service::Custom];

#[tokio::test]
async fn each_service_gives_a_token_that_its_resources_take() {
    let world = world();
    for service in WITH_LOGIN {
        let token = token(&world, service).await;
        let claims = claims(&token);
        let expiry = claims["exp"].as_i64().expect("exp");
        assert!(expiry > 1_700_000_000, "{service:?}: {expiry}");

        let url = format!("{}/whoami?a=b", world.service_url(service));
        let request = attach(client().put(url).body("hällo"), service, &token);
        let seen = body(request.send().await.expect("an answer")).await;
        assert_eq!(seen["service"], service.name());
        assert_eq!(seen["tokenNumber"], 1, "{service:?}");
        assert_eq!(seen["subject"], claims["sub"], "{service:?}");
        assert_eq!((&seen["method"], &seen["query"]), (&json!("PUT"), &json!("a=b")));
        assert_eq!(seen["body"], "hällo");
        let shown = seen["headers"].to_string();
        assert!(shown.contains("present") && !shown.contains(&token), "{service:?}: {shown}");

        let counted =
            [".token", ".resource"].map(|purpose| world.count(&(service.name().to_owned() + purpose)));
        assert_eq!(counted, [1, 1], "{service:?}");
    }
}

#[tokio::test]
async fn resources_refuse_what_is_no_good() {
    let world = world();
    for service in Service::ALL {
        assert_eq!(whoami(&world, service, "nonsense").await.status(), 401, "{service:?}");
        let url = format!("{}/whoami", world.service_url(service));
        assert_eq!(client().get(url).send().await.expect("an answer").status(), 401, "{service:?}");
    }
    for service in WITH_LOGIN {
        let token = token(&world, service).await;
        world.set(&json!({ "clockOffset": 10 * 24 * 3600 })).expect("settings");
        assert_eq!(whoami(&world, service, &token).await.status(), 401, "{service:?}: expired");
        world.set(&json!({ "clockOffset": 0 })).expect("settings");
        assert_eq!(whoami(&world, service, &token).await.status(), 200, "{service:?}: valid again");
        world.revoke(service, false);
        assert_eq!(whoami(&world, service, &token).await.status(), 401, "{service:?}: revoked");
    }
    let answer = whoami(&world, Service::Masivo, "nonsense").await;
    assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn a_wrong_credential_is_401_until_it_is_the_right_one() {
    let world = world();
    for service in WITH_LOGIN {
        let (request, place) = login(&world, service);
        let name = match service {
            Service::Masivo | Service::Login => "apiKey",
            Service::Masv => "password",
            Service::Brifle | Service::Custom => "secret",
            _ => "clientSecret",
        };
        let changes = [(name.to_owned(), "rotated".to_owned())].into();
        world.change_credentials(service, changes).expect("a credential of that name");
        let refused = request.send().await.expect("an answer");
        assert_eq!(refused.status(), 401, "{service:?}");
        let answer = body(login(&world, service).0.send().await.expect("an answer")).await;
        assert!(answer.pointer(place).is_some(), "{service:?}: {answer}");
    }
}

#[tokio::test]
async fn a_token_may_lack_the_scope_and_bodies_stream_back() {
    let world = world();
    for service in WITH_LOGIN {
        let token = token(&world, service).await;
        let url = world.service_url(service);
        let scoped = attach(client().get(format!("{url}/scoped")), service, &token);
        let scoped = scoped.send().await.expect("an answer");
        assert_eq!(scoped.status(), 403, "{service:?}");
        assert_eq!(
            scoped.headers()["www-authenticate"],
            "Bearer error=\"insufficient_scope\", scope=\"admin\""
        );
        let echoed = attach(client().post(format!("{url}/echo")).body("x".repeat(100_000)), service, &token);
        let echoed = echoed.send().await.expect("an answer").text().await.expect("a body");
        assert_eq!(echoed.len(), 100_000, "{service:?}");
    }
    let admin = world.credential(Service::Masumi, "apiKey");
    let scoped = client().get(format!("{}/scoped", world.service_url(Service::Masumi)));
    let scoped = scoped.header("token", admin).send().await.expect("an answer");
    assert_eq!(scoped.status(), 401);
    assert_eq!(body(scoped).await["error"]["message"], "Unauthorized, admin access required");
}

#[tokio::test]
async fn masivo_limits_its_rate_and_answers_html_to_a_wrong_path() {
    let world = world();
    let answer = login(&world, Service::Masivo).0.send().await.expect("an answer");
    assert_eq!(answer.headers()["x-ratelimit-limit"], "1000");
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "999");
    let wrong = client().get(format!("{}/masivo/auth/authorize", world.url)).send().await.expect("an answer");
    assert_eq!(wrong.status(), 404);
    assert!(wrong.text().await.expect("a body").starts_with("<!doctype html>"));
}

#[tokio::test]
async fn masv_takes_a_token_or_a_key_and_not_both() {
    let world = world();
    let token = token(&world, Service::Masv).await;
    let url = format!("{}/v1/user", world.service_url(Service::Masv));
    let key = world.credential(Service::Masv, "apiKey");
    let keyed = client().get(&url).header("X-API-KEY", &key);
    assert_eq!(body(keyed.send().await.expect("an answer")).await["email"], "demo@example.com");
    let both = client().get(&url).header("X-API-KEY", &key).header("X-User-Token", &token);
    assert_eq!(both.send().await.expect("an answer").status(), 400);
    let mut names: Vec<_> = claims(&token).as_object().expect("claims").keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["exp", "ext", "imp", "jti", "sub"]);
}

#[tokio::test]
async fn login_gives_a_valid_token_again_until_a_new_session_is_named() {
    let world = world();
    let first = token(&world, Service::Login).await;
    world.set(&json!({ "clockOffset": 3600 })).expect("settings");
    let (request, _) = login(&world, Service::Login);
    let again = body(request.send().await.expect("an answer")).await;
    assert_eq!(again["access_token"], first);
    assert_eq!(again["expires_in"], 7200, "counted from when it was made");

    let url = format!("{}/auth/login", world.service_url(Service::Login));
    let session = json!({ "username": "demo", "password": "login-demo-password", "session_id": "new" });
    let forced = body(client().post(&url).json(&session).send().await.expect("an answer")).await;
    assert_ne!(forced["access_token"], first);
    assert_eq!(whoami(&world, Service::Login, &first).await.status(), 200, "the other session goes on");

    let logout = format!("{}/auth/logout", world.service_url(Service::Login));
    let ended = client().post(logout).bearer_auth(&first).send().await.expect("an answer");
    assert_eq!(ended.status(), 204);
    assert_eq!(whoami(&world, Service::Login, &first).await.status(), 401);
    assert_ne!(token(&world, Service::Login).await, first);
}

#[tokio::test]
async fn brifle_gives_a_valid_token_again_always() {
    let world = world();
    let first = token(&world, Service::Brifle).await;
    let (request, _) = login(&world, Service::Brifle);
    let again = body(request.send().await.expect("an answer")).await;
    assert_eq!(again["access_token"], first);
    assert_eq!(again["created_at"], claims(&first)["iat"]);
    assert!(again["refresh_token"].is_string() && again["scope"].is_string(), "{again}");

    world.revoke(Service::Brifle, true);
    assert_eq!(whoami(&world, Service::Brifle, &first).await.status(), 401);
    assert_eq!(token(&world, Service::Brifle).await, first, "sticky: refused, and given again");

    let logout = format!("{}/v1/auth/logout", world.service_url(Service::Brifle));
    world.revoke(Service::Brifle, false);
    let second = token(&world, Service::Brifle).await;
    assert_ne!(second, first);
    let out = || client().post(&logout).json(&json!({ "token": second })).send();
    assert_eq!(out().await.expect("an answer").status(), 200);
    assert_eq!(out().await.expect("an answer").status(), 401);
    assert_ne!(token(&world, Service::Brifle).await, second);
}

#[tokio::test]
async fn the_old_masumi_has_its_own_names() {
    let world = world();
    let url = format!("{}/api-key", world.service_url(Service::Masumi025));
    let admin = world.credential(Service::Masumi025, "apiKey");
    let call = |request: reqwest::RequestBuilder| {
        let request = request.header("token", &admin);
        async move { body(request.send().await.expect("an answer")).await["data"].clone() }
    };
    let wanted = json!({ "UsageCredits": [], "networkLimit": ["Preprod"], "permission": "ReadAndPay" });
    let made = call(client().post(&url).json(&wanted)).await;
    assert_eq!(made["networkLimit"], json!(["Preprod"]));
    assert_eq!(made["deletedAt"], Value::Null);
    let listed = call(client().get(format!("{url}?limit=1"))).await;
    assert_eq!(listed["ApiKeys"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["ApiKeys"][0]["token"], admin);
    let made_token = made["token"].as_str().expect("a token");
    let from = call(client().get(format!("{url}?cursorToken={made_token}"))).await;
    assert_eq!(from["ApiKeys"], json!([made]));
    let unknown = call(client().get(format!("{url}?cursorToken=unknown"))).await;
    assert_eq!(unknown["ApiKeys"], json!([]));
    let deleted = call(client().delete(&url).json(&json!({ "id": made["id"] }))).await;
    assert!(deleted["deletedAt"].is_string(), "{deleted}");
}

#[tokio::test]
async fn masumi_refuses_for_a_while_if_told_and_knows_a_rotated_key() {
    let world = world();
    let status = format!("{}/api-key-status", world.service_url(Service::Masumi));
    let wrong = || client().get(&status).header("token", "wrong");
    world.set(&json!({ "authDelay": 3600 })).expect("settings");
    let impatient = wrong().timeout(Duration::from_millis(50));
    assert!(impatient.send().await.expect_err("an hour is long").is_timeout());
    world.set(&json!({ "authDelay": 0 })).expect("settings");
    assert_eq!(wrong().send().await.expect("an answer").status(), 401);
    let changes = [("apiKey".to_owned(), "a-rotated-masumi-key".to_owned())].into();
    world.change_credentials(Service::Masumi, changes).expect("a credential of that name");
    assert_eq!(whoami(&world, Service::Masumi, "a-rotated-masumi-key").await.status(), 200);
    assert_eq!(whoami(&world, Service::Masumi, "abcdef_this_should_be_very_secure").await.status(), 401);
    world.set_rpc_keys(&[json!({ "id": "one" })]);
    let rpc = client().get(format!("{}/rpc-api-keys", world.service_url(Service::Masumi)));
    let rpc = rpc.header("token", "a-rotated-masumi-key").send().await.expect("an answer");
    assert_eq!(body(rpc).await["data"]["RpcProviderKeys"], json!([{ "id": "one" }]));
}

#[tokio::test]
async fn oauth2_signs_what_its_keys_verify() {
    let world = world();
    let url = world.service_url(Service::OAuth2);
    let get = |url: String| async move { body(client().get(url).send().await.expect("an answer")).await };
    for document in ["openid-configuration", "oauth-authorization-server"] {
        let found = get(format!("{url}/.well-known/{document}")).await;
        assert_eq!(found["issuer"], url);
        assert_eq!(found["token_endpoint"], format!("{url}/token"));
        assert_eq!(found["jwks_uri"], format!("{url}/jwks"));
    }
    let jwks = get(format!("{url}/jwks")).await;
    let keys = jwks["keys"].as_array().expect("keys");
    assert!(keys.iter().all(|key| key.get("d").is_none() && key["kty"] != "oct"), "nothing private: {jwks}");
    let key = |alg: &str| keys.iter().find(|key| key["alg"] == alg).expect("a key").to_string();

    for algorithm in ["ES256", "RS256", "EdDSA"] {
        world.set(&json!({ "algorithm": algorithm })).expect("settings");
        let token = token(&world, Service::OAuth2).await;
        assert_eq!(claims(&token)["iss"], url);
        match algorithm {
            "ES256" => verify(&jwt_compact::alg::Es256, &key(algorithm), &token),
            "RS256" => verify(&jwt_compact::alg::Rsa::rs256(), &key(algorithm), &token),
            _ => verify(&jwt_compact::alg::Ed25519, &key(algorithm), &token),
        }
    }
    world.set(&json!({ "algorithm": "opaque" })).expect("settings");
    let opaque = token(&world, Service::OAuth2).await;
    assert!(!opaque.contains('.'), "{opaque}");
    assert_eq!(whoami(&world, Service::OAuth2, &opaque).await.status(), 200);
}

fn verify<A: Algorithm>(algorithm: &A, jwk: &str, token: &str)
where
    A::VerifyingKey: for<'a> TryFrom<&'a JsonWebKey<'a>>,
{
    let jwk: JsonWebKey<'_> = serde_json::from_str(jwk).expect("a JWK");
    let Ok(key) = A::VerifyingKey::try_from(&jwk) else { panic!("no key for {}", algorithm.name()) };
    let token = UntrustedToken::new(token).expect("a JWT");
    algorithm.validator::<Value>(&key).validate(&token).expect("the signature is good");
}

#[tokio::test]
async fn oauth2_wants_basic_encoded_and_hands_out_refresh_tokens_if_told() {
    let world = world();
    let url = format!("{}/token", world.service_url(Service::OAuth2));
    let ask = |form: Vec<(&'static str, String)>| {
        // Form-encoded by hand: that it is not the plain text is the point.
        let request =
            client().post(&url).basic_auth("demo%3Aclient", Some("demo+secret+%2B%2F%25%26%3D%C3%A9"));
        async move { request.form(&form).send().await.expect("an answer") }
    };
    let grant = || vec![("grant_type", "client_credentials".to_owned())];
    let mut scoped = grant();
    scoped.extend([
        ("scope", "a b".to_owned()),
        ("resource", "r1".to_owned()),
        ("resource", "r2".to_owned()),
    ]);
    let answer = body(ask(scoped).await).await;
    assert_eq!(answer["scope"], "a b");
    assert_eq!(claims(answer["access_token"].as_str().expect("a token"))["aud"], json!(["r1", "r2"]));
    assert!(answer.get("refresh_token").is_none(), "{answer}");

    let plain = client().post(&url).basic_auth("demo:client", Some("demo secret +/%&=é")).form(&grant());
    let plain = plain.send().await.expect("an answer");
    assert_eq!(plain.status(), 401);
    assert_eq!(plain.headers()["www-authenticate"], "Basic realm=\"sandbox\"");
    assert_eq!(body(plain).await["error"], "invalid_client");
    let unknown = ask(vec![("grant_type", "password".to_owned())]).await;
    assert_eq!(body(unknown).await["error"], "unsupported_grant_type");
    let forbidden = ask([grant(), vec![("scope", "forbidden".to_owned())]].concat()).await;
    assert_eq!(body(forbidden).await["error"], "invalid_scope");

    let changes = json!({ "refreshTokens": true, "rotateRefreshTokens": true, "sendExpiresIn": false });
    world.set(&changes).expect("settings");
    let answer = body(ask(grant()).await).await;
    assert!(answer.get("expires_in").is_none(), "{answer}");
    let first = answer["refresh_token"].as_str().expect("a refresh token").to_owned();
    let refresh = || vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", first.clone())];
    let refreshed = body(ask(refresh()).await).await;
    assert_ne!(refreshed["refresh_token"], first);
    let used = ask(refresh()).await;
    assert_eq!(used.status(), 400);
    assert_eq!(body(used).await["error"], "invalid_grant");
}

#[tokio::test]
async fn logins_that_cannot_be_read_are_refused_in_the_services_words() {
    let world = world();
    for (path, status) in [
        ("login/auth/login", 422),
        ("brifle/v1/auth/login", 422),
        ("brifle/v1/auth/logout", 422),
        ("masv/v1/auth", 400),
    ] {
        let answer =
            client().post(format!("{}/{path}", world.url)).body("{").send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
        assert!(body(answer).await["message"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn custom_takes_a_form_too() {
    let world = world();
    world.set(&json!({ "lifetime": { "custom": 60 } })).expect("settings");
    let url = format!("{}/session", world.service_url(Service::Custom));
    let form = [("user", "demo"), ("secret", "custom-demo-secret")];
    let opened = body(client().post(url).form(&form).send().await.expect("an answer")).await;
    let token = opened["result"]["tok"].as_str().expect("a token");
    assert_eq!(opened["result"]["ttl"], 60);
    assert_eq!(opened["result"]["until"], claims(token)["exp"]);
    assert_eq!(whoami(&world, Service::Custom, token).await.status(), 200);
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let world = world();
    for service in Service::ALL {
        let url = format!("{}/whoami", world.service_url(service));
        let preflight = client().request(reqwest::Method::OPTIONS, &url);
        let preflight = preflight.header("Origin", "http://page.example");
        let preflight = preflight.header("Access-Control-Request-Method", "GET");
        let answer = preflight.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{service:?}: {}", answer.status());
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        // A fault keeps the headers, or the page would see nothing of it.
        world.fault(Fault::once(service, "any", Kind::Html));
        let answer = client().get(&url).send().await.expect("an answer");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{service:?}");
    }
    assert_eq!(world.count("masivo.preflight"), 1);
}
