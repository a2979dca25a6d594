//! A team's API keys.

use latchkey_sandbox::Service;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Scene, code, text};
use crate::common::whoami;

const KEYS: &str = "/v1/teams/team-demo/api_keys";
const NEVER: &str = "0001-01-01T00:00:00.000Z";

/// The status with which a key sees the account.
async fn works(scene: &Scene, value: &str) -> u16 {
    scene.send(Method::GET, "/v1/user", ("X-API-KEY", value), Value::Null).await.status().as_u16()
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_deleted() {
    let scene = Scene::new().await;
    let wanted = json!({ "name": "ci", "description": "builds", "state": "active" });
    let made = scene.ask(201, Method::POST, KEYS, scene.user(), wanted).await;
    let value = text(&made, "value");
    assert_eq!((&made["name"], &made["description"]), (&json!("ci"), &json!("builds")));
    assert_eq!((&made["expiry"], &made["state"]), (&json!(NEVER), &json!("active")));
    assert_eq!(works(&scene, value).await, 200);

    let listed = scene.ask(200, Method::GET, KEYS, scene.user(), Value::Null).await;
    assert_eq!(listed[0]["id"], made["id"]);
    assert!(!listed.to_string().contains(value), "{listed}");
    assert!(listed[0].get("value").is_none(), "{listed}");

    let own = format!("/v1/api_keys/{}", text(&made, "id"));
    let deleted = scene.send(Method::DELETE, &own, scene.user(), Value::Null).await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(deleted.text().await.expect("no body"), "");
    assert_eq!(works(&scene, value).await, 401);
    scene.ask(404, Method::DELETE, &own, scene.user(), Value::Null).await;
    assert_eq!(scene.ask(200, Method::GET, KEYS, scene.user(), Value::Null).await, json!([]));
    assert_eq!(scene.world.count("masv.keys"), 5);
}

#[tokio::test]
async fn a_key_rests_and_expires() {
    let scene = Scene::new().await;
    let made = scene.ask(201, Method::POST, KEYS, scene.user(), json!({ "state": "inactive" })).await;
    let value = text(&made, "value");
    assert_eq!(works(&scene, value).await, 401, "inactive");
    let own = format!("/v1/api_keys/{}", text(&made, "id"));
    let expiry = "2099-01-01T00:00:00.000Z";
    let changes = json!({ "name": "later", "state": "active", "expiry": expiry });
    let changed = scene.ask(200, Method::PUT, &own, scene.user(), changes).await;
    assert_eq!((&changed["name"], &changed["expiry"]), (&json!("later"), &json!(expiry)));
    assert!(changed.get("value").is_none(), "{changed}");
    assert_eq!(works(&scene, value).await, 200);

    // PUT leaves nothing of what it does not name.
    let replaced = scene.ask(200, Method::PUT, &own, scene.user(), json!({ "state": "active" })).await;
    assert_eq!((&replaced["name"], &replaced["expiry"]), (&json!(""), &json!(NEVER)));

    let past = json!({ "state": "active", "expiry": "2020-01-01T00:00:00Z" });
    scene.ask(200, Method::PUT, &own, scene.user(), past).await;
    assert_eq!(works(&scene, value).await, 401, "expired");
}

#[tokio::test]
async fn keys_are_made_by_a_user_and_as_the_guide_has_them() {
    let scene = Scene::new().await;
    let key = scene.world.credential(Service::Masv, "apiKey");
    let active = || json!({ "state": "active" });
    let refused = scene.send(Method::POST, KEYS, ("X-API-KEY", &key), active()).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(code(refused).await, "forbidden");
    scene.ask(401, Method::POST, KEYS, ("X-API-KEY", "unknown"), active()).await;
    scene.ask(401, Method::POST, KEYS, super::NOBODY, active()).await;
    scene.ask(403, Method::POST, "/v1/teams/another/api_keys", scene.user(), active()).await;
    for wrong in
        [json!({}), json!({ "state": "Active" }), json!({ "state": "active", "expiry": "soon" }), json!([])]
    {
        let refused = scene.send(Method::POST, KEYS, scene.user(), wrong.clone()).await;
        assert_eq!(refused.status(), 400, "{wrong}");
        assert_eq!(code(refused).await, "bad_request", "{wrong}");
    }
    assert_eq!(scene.ask(200, Method::GET, KEYS, scene.user(), Value::Null).await, json!([]));
    assert_eq!(whoami(&scene.world, Service::Masv, &scene.user).await.status(), 200);
}
