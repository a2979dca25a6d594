//! Packages, links and transfers: how each token comes, and what it may do.

use latchkey_sandbox::{Fault, Kind, Service};
use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, Scene, code, text};
use crate::common::{body, claims, client};

const PACKAGES: &str = "/v1.1/teams/team-demo/packages";

fn names(token: &str) -> Vec<String> {
    let mut names: Vec<_> = claims(token).as_object().expect("claims").keys().cloned().collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_portal_gives_a_token_that_finishes_the_upload() {
    let scene = Scene::new().await;
    let wanted = json!({ "sender": "a@example.com", "name": "rushes", "description": "day 1" });
    let made = scene.ask(201, Method::POST, "/v1/portals/portal-demo/packages", NOBODY, wanted).await;
    let (id, token) = (text(&made, "id"), text(&made, "access_token"));
    assert_eq!((&made["name"], &made["sender"]), (&json!("rushes"), &json!("a@example.com")));
    assert_eq!((&claims(token)["sub"], &claims(token)["typ"]), (&json!(id), &json!("package")));

    let write = ("X-Package-Token", token);
    let package = format!("/v1/packages/{id}");
    let (files, finalize) = (format!("{package}/files"), format!("{package}/finalize"));
    let empty = scene.ask(400, Method::POST, &finalize, write, Value::Null).await;
    assert_eq!(empty["message"], "package must have at least 1 file");
    let file = scene.ask(201, Method::POST, &files, write, json!({ "name": "a.mov", "size": 7 })).await;
    let spare = scene.ask(201, Method::POST, &files, write, json!({ "name": "b.mov" })).await;
    let spare = format!("{files}/{}", text(&spare["file"], "id"));
    scene.ask(204, Method::DELETE, &spare, write, Value::Null).await;
    let done = scene.ask(200, Method::POST, &finalize, write, Value::Null).await;
    assert_eq!(done["state"], "finalized");
    scene.ask(403, Method::POST, &files, write, json!({ "name": "c.mov" })).await;
    let seen = scene.ask(200, Method::GET, &package, write, Value::Null).await;
    assert_eq!((&seen["size"], &seen["total_files"]), (&json!(7), &json!(1)));
    assert_eq!(text(&file["create_blueprint"], "method"), "POST");

    for (portal, wanted) in [
        ("portal-demo", json!({ "name": "no sender" })),
        ("portal-demo", json!({ "sender": "a@example.com" })),
    ] {
        scene.ask(400, Method::POST, &format!("/v1/portals/{portal}/packages"), NOBODY, wanted).await;
    }
    let wanted = json!({ "sender": "a@example.com", "name": "n" });
    scene.ask(404, Method::POST, "/v1/portals/another/packages", NOBODY, wanted).await;
    assert_eq!(scene.world.count("masv.package"), 4);
}

#[tokio::test]
async fn a_link_gives_a_token_that_reads_to_who_has_secret_and_password() {
    let scene = Scene::new().await;
    let sent = scene.world.add_masv_package("secret", Some("open sesame"));
    let link = |secret: &str| format!("/v1/links/{}?secret={secret}", text(&sent, "link"));
    let good = link(text(&sent, "secret"));
    for password in [NOBODY, ("X-Link-Password", "wrong")] {
        let refused = scene.send(Method::GET, &good, password, Value::Null).await;
        assert_eq!(refused.status(), 401);
        assert_eq!(code(refused).await, "invalid_password");
    }
    let password = ("X-Link-Password", "open sesame");
    scene.ask(404, Method::GET, &link("wrong"), password, Value::Null).await;
    let opened = scene.ask(200, Method::GET, &good, password, Value::Null).await;
    let token = text(&opened, "package_token");
    assert_eq!(opened["package_id"], sent["package"]);
    assert_eq!(names(token), ["exp", "imp", "jti", "lid", "lvl", "sub", "typ"]);
    assert_eq!((&claims(token)["lvl"], &claims(token)["lid"]), (&json!("d"), &sent["link"]));

    let read = ("X-Package-Token", token);
    let files = format!("/v1/packages/{}/files", text(&sent, "package"));
    let listed = scene.ask(200, Method::GET, &files, read, Value::Null).await;
    let download = format!("{files}/{}/download", text(&listed[0], "id"));
    assert!(scene.ask(200, Method::GET, &download, read, Value::Null).await["url"].is_string());

    let log = scene.world.log();
    let shown = serde_json::to_string(&log).expect("JSON");
    assert!(!shown.contains("sesame") && !shown.contains(text(&sent, "secret")), "{shown}");

    // The one that is there from the start has no password.
    let demo = "/v1/links/link-demo?secret=link-demo-secret";
    assert_eq!(scene.ask(200, Method::GET, demo, NOBODY, Value::Null).await["package_id"], "package-demo");
}

#[tokio::test]
async fn a_team_lists_its_packages_with_tokens_that_manage() {
    let scene = Scene::new().await;
    let key = scene.world.credential(Service::Masv, "apiKey");
    for n in 0..60 {
        scene.world.add_masv_package(&format!("package {n}"), None);
    }
    let listed = |query: &str| {
        let (path, scene, key) = (format!("{PACKAGES}{query}"), &scene, &key);
        async move { scene.ask(200, Method::GET, &path, ("X-API-KEY", key), Value::Null).await }
    };
    let first = listed("").await;
    assert_eq!(
        (first["records"].as_array().map(Vec::len), &first["metadata"]["total"]),
        (Some(50), &json!(61))
    );
    assert_eq!(listed("?page=2").await["records"].as_array().map(Vec::len), Some(11));
    assert_eq!(listed("?status=new").await["records"], json!([]));
    scene.ask(400, Method::GET, &format!("{PACKAGES}?limit=51"), scene.user(), Value::Null).await;

    let demo = &first["records"][0];
    assert_eq!(demo["id"], "package-demo");
    let token = text(demo, "access_token");
    assert_eq!(names(token), ["exp", "imp", "jti", "lvl", "sub", "typ", "uid"]);
    assert_eq!(claims(token)["lvl"], "f");
    let alone = format!("{PACKAGES}/package-demo");
    let alone = scene.ask(200, Method::GET, &alone, scene.user(), Value::Null).await;
    assert_eq!(claims(text(&alone, "access_token"))["lvl"], "f");
    let manage = ("X-Package-Token", text(demo, "access_token"));

    let package = "/v1/packages/package-demo";
    let renamed = scene.ask(200, Method::PUT, package, manage, json!({ "name": "new" })).await;
    assert_eq!(renamed["name"], "new");
    let expiry = format!("{package}/expiry");
    let endless = json!({ "unlimited_storage": true });
    assert_eq!(scene.ask(200, Method::PUT, &expiry, manage, endless).await["unlimited_storage"], true);
    scene.ask(400, Method::PUT, &expiry, manage, json!({ "expiry": "soon" })).await;

    let links = format!("{package}/links");
    let link = scene.ask(201, Method::POST, &links, manage, json!({ "password": "p" })).await;
    assert_eq!(link["password"], "****");
    let opening = format!("/v1/links/{}?secret={}", text(&link, "id"), text(&link, "download_secret"));
    let password = ("X-Link-Password", "p");
    scene.ask(200, Method::GET, &opening, password, Value::Null).await;
    let closed = format!("{links}/{}", text(&link, "id"));
    scene.ask(204, Method::DELETE, &closed, manage, Value::Null).await;
    scene.ask(404, Method::GET, &opening, password, Value::Null).await;
    assert_eq!(scene.ask(200, Method::GET, &links, manage, Value::Null).await[1]["active"], false);

    scene.ask(204, Method::DELETE, package, manage, Value::Null).await;
    scene.ask(404, Method::GET, package, manage, Value::Null).await;
}

#[tokio::test]
async fn a_transfer_is_seen_retried_and_cancelled_with_its_own_token() {
    let scene = Scene::new().await;
    let managed = scene.ask(200, Method::GET, PACKAGES, scene.user(), Value::Null).await;
    let manage = ("X-Package-Token", text(&managed["records"][0], "access_token"));
    let of_package = "/v1/packages/package-demo/transfer";
    let listed = scene.ask(200, Method::GET, of_package, manage, Value::Null).await;
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&json!("transfer-demo"), &json!("error")));
    let token = ("X-Transfer-Token", text(&listed[0], "access_token"));
    let own = "/v1/transfers/transfer-demo";
    assert_eq!(scene.ask(200, Method::GET, own, token, Value::Null).await["state"], "error");
    let (retry, cancel) = (format!("{own}/retry"), format!("{own}/cancel"));
    scene.ask(409, Method::POST, &cancel, token, Value::Null).await;
    assert_eq!(scene.ask(200, Method::POST, &retry, token, Value::Null).await["state"], "transferring");
    assert_eq!(scene.ask(200, Method::POST, &cancel, token, Value::Null).await["state"], "cancelled");

    let made = scene.ask(201, Method::POST, of_package, manage, json!({})).await;
    let other = format!("/v1/transfers/{}", text(&made, "id"));
    scene.ask(403, Method::GET, &other, token, Value::Null).await;
    scene.ask(200, Method::GET, &other, ("X-Transfer-Token", text(&made, "access_token")), Value::Null).await;
}

#[tokio::test]
async fn package_tokens_end_before_a_users() {
    let scene = Scene::new().await;
    scene.world.set(&json!({ "packageLifetime": 60 })).expect("settings");
    let demo = "/v1/links/link-demo?secret=link-demo-secret";
    let files = "/v1/packages/package-demo/files";
    let opened = scene.ask(200, Method::GET, demo, NOBODY, Value::Null).await;
    let read = ("X-Package-Token", text(&opened, "package_token"));
    scene.ask(200, Method::GET, files, read, Value::Null).await;
    scene.world.set(&json!({ "clockOffset": 61 })).expect("settings");
    let ended = scene.send(Method::GET, files, read, Value::Null).await;
    assert_eq!(ended.status(), 401);
    assert_eq!(code(ended).await, "unauthorized");
    scene.ask(200, Method::GET, "/v1/user", scene.user(), Value::Null).await;
    let again = scene.ask(200, Method::GET, demo, NOBODY, Value::Null).await;
    scene.ask(200, Method::GET, files, ("X-Package-Token", text(&again, "package_token")), Value::Null).await;

    scene.world.fault(Fault::once(Service::Masv, "package", Kind::Expired));
    let url = format!("{}{demo}", scene.world.service_url(Service::Masv));
    let expired = body(client().get(url).send().await.expect("an answer")).await;
    let token = ("X-Package-Token", text(&expired, "package_token"));
    scene.ask(401, Method::GET, files, token, Value::Null).await;
}
