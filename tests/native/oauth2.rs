//! OAuth 2: ways to authenticate, discovery, refresh tokens, and answers that leave things out.

use latchkey::client::TokenOptions;
use latchkey::error::Code;
use latchkey_sandbox::{Fault, Kind, Service};
use serde_json::{Value, json};

use crate::common::{Scene, TestClient, run, token};

const TOKENS: &str = "oauth2.token";

async fn refresh_token(client: &TestClient) -> String {
    let held = client.token(TokenOptions::default()).await.unwrap();
    held.refresh_token.as_ref().unwrap().reveal().to_owned()
}

fn by_issuer(scene: &Scene) -> Value {
    json!({ "tokenUrl": null, "issuer": scene.world.service_url(Service::OAuth2) })
}

#[test]
fn the_secret_can_go_in_the_body() {
    run(async |scene| {
        let client = scene.client_with(Service::OAuth2, json!({ "clientAuth": "post" }));
        assert_eq!(scene.whoami(&client).await["subject"], "demo:client");
        let login = &scene.world.log()[0];
        assert!(!login.headers.contains_key("authorization"));
    });
}

#[test]
fn the_scopes_are_those_that_were_granted() {
    run(async |scene| {
        let client = scene.client_with(Service::OAuth2, json!({ "scope": ["read", "write"] }));
        token(&client).await.unwrap();
        assert_eq!(client.scopes().unwrap(), ["read", "write"]);
    });
}

#[test]
fn an_endpoint_is_discovered_once() {
    run(async |scene| {
        let client = scene.client_with(Service::OAuth2, by_issuer(scene));
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
        scene.pass(3600);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
        assert_eq!((scene.count("oauth2.discovery"), scene.count(TOKENS)), (1, 2));
    });
}

#[test]
fn the_second_place_of_a_document_is_tried_when_the_first_has_none() {
    run(async |scene| {
        let missing = Kind::Status { status: 404, headers: Default::default(), body: None };
        scene.world.fault(Fault::once(Service::OAuth2, "/.well-known/openid-configuration", missing));
        // RFC 8414's place is at the root of the host, where the sandbox has nothing.
        let client = scene.client_with(Service::OAuth2, by_issuer(scene));
        scene.fails(token(&client).await, Code::Response, "has no discovery document: give tokenUrl");
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn somebody_elses_document_sends_no_secret_anywhere() {
    run(async |scene| {
        let body =
            json!({ "issuer": "https://evil.example", "token_endpoint": "https://evil.example/token" });
        let lie = Kind::Body { body, content_type: "application/json".into() };
        scene.world.fault(Fault::once(Service::OAuth2, "discovery", lie));
        let client = scene.client_with(Service::OAuth2, by_issuer(scene));
        scene.fails(token(&client).await, Code::Response, "https://evil.example");
        assert_eq!(scene.count(TOKENS), 0);
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn an_endpoint_over_plain_http_elsewhere_is_refused() {
    run(async |scene| {
        let issuer = scene.world.service_url(Service::OAuth2);
        let body = json!({ "issuer": issuer, "token_endpoint": "http://auth.example/token" });
        let downgrade = Kind::Body { body, content_type: "application/json".into() };
        scene.world.fault(Fault::once(Service::OAuth2, "discovery", downgrade));
        let client = scene.client_with(Service::OAuth2, by_issuer(scene));
        scene.fails(token(&client).await, Code::Response, "must be https");
    });
}

#[test]
fn a_refresh_token_stays_good_until_another_comes() {
    run(async |scene| {
        scene.set(json!({ "refreshTokens": true }));
        let client = scene.client(Service::OAuth2);
        let first = refresh_token(&client).await;
        scene.pass(3600);
        // The credential would have brought another refresh token.
        assert_eq!(refresh_token(&client).await, first);
        scene.pass(3600);
        assert_eq!(refresh_token(&client).await, first);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 3);
    });
}

#[test]
fn a_rotated_refresh_token_replaces_the_old_one() {
    run(async |scene| {
        scene.set(json!({ "refreshTokens": true, "rotateRefreshTokens": true }));
        let client = scene.client(Service::OAuth2);
        let mut seen = vec![refresh_token(&client).await];
        for _ in 0..3 {
            scene.pass(3600);
            let next = refresh_token(&client).await;
            assert!(!seen.contains(&next));
            seen.push(next);
        }
        // A used one would have been refused first.
        assert_eq!(scene.count(TOKENS), 4);
    });
}

#[test]
fn a_refresh_token_that_is_refused_leaves_the_credential() {
    run(async |scene| {
        scene.set(json!({ "refreshTokens": true }));
        let client = scene.client(Service::OAuth2);
        let first = refresh_token(&client).await;
        scene.pass(3600);
        let body = Some(json!({ "error": "invalid_grant", "error_description": "It was revoked" }));
        scene.spoil(Service::OAuth2, Kind::Status { status: 400, headers: Default::default(), body });
        assert_ne!(refresh_token(&client).await, first);
        assert_eq!((scene.count(TOKENS), scene.reasons()), (3, vec!["first", "expired"]));
    });
}

#[test]
fn without_expires_in_a_token_is_used_until_it_is_refused() {
    run(async |scene| {
        scene.set(json!({ "sendExpiresIn": false, "algorithm": "opaque" }));
        let client = scene.client(Service::OAuth2);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
        assert_eq!(client.expires_at(), None);
        scene.pass(3600);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 2);
        assert_eq!(scene.reasons(), ["first", "unauthorized"]);
    });
}

#[test]
fn an_access_token_is_not_looked_into() {
    run(async |scene| {
        // Its `exp` is there to be read, and is the service's own affair.
        scene.set(json!({ "sendExpiresIn": false, "algorithm": "RS256" }));
        let client = scene.client(Service::OAuth2);
        token(&client).await.unwrap();
        assert_eq!(client.expires_at(), None);
    });
}

#[test]
fn the_type_of_a_token_is_bearer_in_any_case() {
    run(async |scene| {
        scene.set(json!({ "tokenType": "bEARER" }));
        let client = scene.client(Service::OAuth2);
        assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
    });
}

#[test]
fn a_token_of_another_type_is_refused() {
    run(async |scene| {
        scene.set(json!({ "tokenType": "DPoP" }));
        let client = scene.client(Service::OAuth2);
        scene.fails(token(&client).await, Code::Response, "DPoP");
        scene.set(json!({ "tokenType": "Bearer" }));
        assert!(token(&client).await.is_ok());
    });
}

#[test]
fn a_scope_that_is_not_granted_is_told_in_the_servers_words() {
    run(async |scene| {
        let client = scene.client_with(Service::OAuth2, json!({ "scope": "read forbidden" }));
        scene.fails(token(&client).await, Code::InvalidRequest, "is never granted (invalid_scope)");
    });
}
