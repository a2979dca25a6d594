//! Every route takes the credentials that are its own, one at a time.

use latchkey_sandbox::{Access, MasvRoute, Service, masv_routes};
use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, Scene, code, text};
use crate::common::{body, claims, client};

const HEADERS: [&str; 4] = ["x-user-token", "x-api-key", "x-package-token", "x-transfer-token"];

/// A route's path for the demo's own package, link and transfer, or for one that is not there.
fn path(route: &MasvRoute) -> String {
    let id = if route.path.contains("/transfers/") { "transfer-demo" } else { "package-demo" };
    route
        .path
        .replace("{id}", id)
        .replace("{team}", "team-demo")
        .replace("{portal}", "portal-demo")
        .replace("{link}", "link-none")
        .replace("{file}", "file-none")
        .replace("{key}", "key-none")
        .replace("{package}", "package-demo")
}

fn method(route: &MasvRoute) -> Method {
    route.method.parse().expect("a method")
}

/// A good token of each kind, for the demo's own package and transfer.
async fn tokens(scene: &Scene) -> Vec<(Access, &'static str, String)> {
    let packages = "/v1.1/teams/team-demo/packages";
    let managed = scene.ask(200, Method::GET, packages, scene.user(), Value::Null).await;
    let manage = text(&managed["records"][0], "access_token").to_owned();
    let link = "/v1/links/link-demo?secret=link-demo-secret";
    let read = scene.ask(200, Method::GET, link, NOBODY, Value::Null).await;
    let transfers = "/v1/packages/package-demo/transfer";
    let transfer = scene.ask(200, Method::GET, transfers, ("X-Package-Token", &manage), Value::Null).await;
    let created = json!({ "sender": "a@example.com", "name": "n" });
    let write = scene.ask(201, Method::POST, "/v1/portals/portal-demo/packages", NOBODY, created).await;
    vec![
        (Access::Manage, "x-package-token", manage),
        (Access::Read, "x-package-token", text(&read, "package_token").to_owned()),
        (Access::Write, "x-package-token", text(&write, "access_token").to_owned()),
        (Access::Transfer, "x-transfer-token", text(&transfer[0], "access_token").to_owned()),
    ]
}

#[tokio::test]
async fn every_route_refuses_two_credentials() {
    let scene = Scene::new().await;
    let url = scene.world.service_url(Service::Masv);
    let routes = masv_routes();
    assert!(routes.len() > 25, "{routes:?}");
    for route in &routes {
        for (n, one) in HEADERS.iter().enumerate() {
            // The last pair is one header twice.
            for other in &HEADERS[n..] {
                let request = client().request(method(route), format!("{url}{}", path(route)));
                let request = request.header(*one, "a").header(*other, "b").json(&json!({}));
                let answer = request.send().await.expect("an answer");
                assert_eq!(answer.status(), 400, "{route:?}: {one} and {other}");
                assert_eq!(code(answer).await, "ambiguous_credentials", "{route:?}: {one} and {other}");
            }
        }
    }
    let log = scene.world.log();
    let ambiguous = log.iter().filter(|entry| entry.credentials.len() == 2).count();
    assert_eq!(ambiguous, routes.len() * 10, "the log tells which requests had two");
}

#[tokio::test]
async fn every_route_refuses_a_credential_that_is_not_its_own() {
    let scene = Scene::new().await;
    let tokens = tokens(&scene).await;
    let key = scene.world.credential(Service::Masv, "apiKey");
    let mut given: Vec<(Option<Access>, &str, &str)> =
        vec![(None, "x-user-token", &scene.user), (None, "x-api-key", &key)];
    given.extend(tokens.iter().map(|(access, header, token)| (Some(*access), *header, token.as_str())));
    for route in masv_routes().iter().filter(|route| !route.takes.is_empty()) {
        let nobody = scene.send(method(route), &path(route), NOBODY, json!({})).await;
        assert_eq!(nobody.status(), 401, "{route:?}");
        for (access, header, value) in &given {
            let fits = route.takes.contains(header)
                && (route.access.is_empty() || access.is_some_and(|access| route.access.contains(&access)));
            if fits {
                continue;
            }
            let answer = scene.send(method(route), &path(route), (header, value), json!({})).await;
            let status = answer.status().as_u16();
            let wrong_access = route.takes.contains(header);
            let key_for_user = *header == "x-api-key" && route.takes == ["x-user-token"];
            let expected = if wrong_access || key_for_user { 403 } else { 401 };
            assert_eq!(status, expected, "{route:?}: {access:?} in {header}");
        }
    }
    // A good token in another's header is none, so that a client can not mix them up unseen.
    for (_, header, token) in &tokens {
        for other in HEADERS.iter().filter(|other| *other != header) {
            let answer = scene.send(Method::GET, "/whoami", (other, token), Value::Null).await;
            assert_eq!(answer.status(), 401, "{header} in {other}");
        }
        let answer = scene.send(Method::GET, "/whoami", (header, token), Value::Null).await;
        assert_eq!(answer.status(), 200, "{header}");
    }
}

#[tokio::test]
async fn every_route_is_reached_with_what_it_takes() {
    for route in masv_routes() {
        // A new one for each route, since some of them end what they are about.
        let scene = Scene::new().await;
        let tokens = tokens(&scene).await;
        let fitting = tokens.iter().find(|(access, ..)| route.access.contains(access));
        let (credential, path) = match (route.takes.first(), fitting) {
            (None, _) => (NOBODY, path(&route)),
            (Some(header), Some((_, _, token))) => {
                // The one that writes is for a package of its own.
                let id = claims(token)["sub"].as_str().expect("sub").to_owned();
                ((*header, token.as_str()), path(&route).replace("package-demo", &id))
            }
            (Some(_), None) => (scene.user(), path(&route)),
        };
        let status = scene.send(method(&route), &path, credential, json!({})).await.status().as_u16();
        match route.path {
            "/v1/auth" => assert_eq!(status, 401, "without a password"),
            "/scoped" => assert_eq!(status, 403, "that is what it is for"),
            _ => assert!(![401, 403, 405].contains(&status), "{route:?}: {status}"),
        }
    }
    let scene = Scene::new().await;
    let listed = client().get(format!("{}/_sandbox/masv/routes", scene.world.url));
    let listed = body(listed.send().await.expect("an answer")).await;
    assert_eq!(listed, serde_json::to_value(masv_routes()).expect("JSON"));
}
