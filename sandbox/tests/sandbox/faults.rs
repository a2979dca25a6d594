//! Each kind of fault does what it says.

use std::time::{Duration, SystemTime};

use latchkey_sandbox::{Fault, Kind, Service, World};
use reqwest::Response;
use serde_json::{Value, json};

use crate::common::{body, claims, client, login, token, whoami, world};

async fn ask(world: &World) -> reqwest::Result<Response> {
    login(world, Service::Masivo).0.send().await
}

/// The answer of masivo's login under one fault; the next one has to be good again.
async fn under(world: &World, kind: Kind) -> reqwest::Result<Response> {
    world.fault(Fault::once(Service::Masivo, "token", kind));
    let answer = ask(world).await;
    assert_eq!(ask(world).await.expect("an answer").status(), 200, "once is once");
    answer
}

fn date(answer: &Response) -> SystemTime {
    let text = answer.headers()["date"].to_str().expect("text");
    httpdate::parse_http_date(text).expect("a date")
}

#[tokio::test]
async fn status_has_the_headers_and_body_that_it_is_given() {
    let world = world();
    let headers = json!({ "X-Why": "because" }).as_object().cloned().unwrap_or_default();
    let kind = Kind::Status { status: 503, headers, body: Some(json!({ "a": 1 })) };
    let answer = under(&world, kind).await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["x-why"], "because");
    assert_eq!(body(answer).await, json!({ "a": 1 }));
}

#[tokio::test]
async fn retry_after_is_seconds_or_a_date_or_any_text() {
    let world = world();
    let retry = |seconds, date, text| Kind::RetryAfter { status: 429, seconds, date, text };
    let answer = under(&world, retry(Some(7), None, None)).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"7".parse().expect("a value"))
    );
    let answer = under(&world, retry(None, None, Some("soon".into()))).await.expect("an answer");
    assert_eq!(answer.headers()["retry-after"], "soon");

    world.set(&json!({ "clockOffset": -1_000_000 })).expect("settings");
    let answer = under(&world, retry(None, Some(60), None)).await.expect("an answer");
    let until = answer.headers()["retry-after"].to_str().expect("text");
    let ahead = httpdate::parse_http_date(until).expect("a date").duration_since(date(&answer));
    assert!((30..=60).contains(&ahead.expect("it is ahead").as_secs()), "by the world's clock: {until}");
}

#[tokio::test]
async fn a_cut_connection_has_no_answer_and_did_or_did_not_act() {
    let world = world();
    let broken = under(&world, Kind::Cut).await.expect_err("no answer");
    assert!(broken.is_request(), "{broken:?}");
    let seen = whoami(&world, Service::Masivo, &token(&world, Service::Masivo).await).await;
    assert_eq!(body(seen).await["tokenNumber"], 2, "cut: nothing was issued");

    let broken = under(&world, Kind::CutAfter).await.expect_err("no answer");
    assert!(broken.is_request(), "{broken:?}");
    let seen = whoami(&world, Service::Masivo, &token(&world, Service::Masivo).await).await;
    assert_eq!(body(seen).await["tokenNumber"], 5, "cutAfter: one was issued that nobody got");
    let statuses: Vec<_> = world.log().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses.iter().filter(|status| status.is_none()).count(), 2, "{statuses:?}");
}

#[tokio::test]
async fn a_truncated_answer_arrives_by_half() {
    let world = world();
    let mut answer = under(&world, Kind::Truncated).await.expect("the head arrives");
    let whole = answer.content_length().expect("a length");
    let mut arrived = 0;
    let broken = loop {
        match answer.chunk().await {
            Ok(chunk) => arrived += chunk.expect("it does not end well").len() as u64,
            Err(broken) => break broken,
        }
    };
    assert_eq!(arrived, whole / 2, "{broken:?}");
}

#[tokio::test]
async fn bodies_can_be_of_any_shape() {
    let world = world();
    let kind = |body: Value, content_type: &str| Kind::Body { body, content_type: content_type.into() };
    let answer = under(&world, kind(json!({ "data": 5 }), "application/json")).await.expect("an answer");
    assert_eq!(body(answer).await, json!({ "data": 5 }));
    let answer = under(&world, kind(json!("data"), "text/plain")).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.text().await.expect("a body"), "data");

    let answer = under(&world, Kind::Html).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/html");
    let answer = under(&world, Kind::Empty).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, Some(0)));
    let answer = under(&world, Kind::NoContent).await.expect("an answer");
    assert_eq!(answer.status(), 204);
    let answer = under(&world, Kind::Big { bytes: 5_000_000 }).await.expect("an answer");
    assert_eq!(answer.content_length(), Some(5_000_000));
    assert!(body(answer).await["padding"].is_string());
}

#[tokio::test]
async fn a_wrong_date_is_wrong_and_nothing_else_is() {
    let world = world();
    let wrong = under(&world, Kind::Date { offset: 86_400 }).await.expect("an answer");
    let ahead = date(&wrong).duration_since(SystemTime::now()).expect("it is ahead");
    assert!(ahead > Duration::from_secs(80_000), "{ahead:?}");
    let token = body(wrong).await["data"].as_str().expect("a token").to_owned();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let issued_at = claims(&token)["iat"].as_u64().expect("iat");
    assert!(now.abs_diff(issued_at) < 60, "{issued_at}");
}

#[tokio::test]
async fn a_redirect_leads_away() {
    let world = world();
    let kind = Kind::Redirect { location: "http://127.0.0.1:1/elsewhere".into(), status: 307 };
    let answer = under(&world, kind).await.expect("an answer");
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/elsewhere");
}

#[tokio::test]
async fn an_expired_token_is_issued_by_any_service() {
    let world = world();
    for service in [Service::Masivo, Service::Login, Service::OAuth2] {
        token(&world, service).await;
        world.fault(Fault::once(service, "token", Kind::Expired));
        let expired = token(&world, service).await;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        assert!(claims(&expired)["exp"].as_u64().expect("exp") < now, "{service:?}");
        assert_eq!(whoami(&world, service, &expired).await.status(), 401, "{service:?}");
        let good = token(&world, service).await;
        assert_eq!(whoami(&world, service, &good).await.status(), 200, "{service:?}");
    }
}

#[tokio::test]
async fn a_delay_goes_with_another_fault() {
    let world = world();
    world.fault(Fault::once(Service::Masivo, "token", Kind::Delay { seconds: 0.02 }));
    let answer = under(&world, Kind::Html).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/html");
    assert_eq!(world.log()[0].faults, ["delay", "html"]);

    world.fault(Fault::once(Service::Masivo, "token", Kind::Delay { seconds: 3600.0 }));
    let impatient = login(&world, Service::Masivo).0.timeout(Duration::from_millis(50));
    assert!(impatient.send().await.expect_err("an hour is long").is_timeout());
}

#[tokio::test]
async fn who_goes_away_has_or_has_not_had_his_way() {
    let world = world();
    for (kind, number) in [(Kind::Delay { seconds: 3600.0 }, 1), (Kind::DelayAfter { seconds: 3600.0 }, 3)] {
        world.fault(Fault::once(Service::Masivo, "token", kind));
        let impatient = login(&world, Service::Masivo).0.timeout(Duration::from_millis(500));
        assert!(impatient.send().await.expect_err("an hour is long").is_timeout());
        let seen = whoami(&world, Service::Masivo, &token(&world, Service::Masivo).await).await;
        assert_eq!(body(seen).await["tokenNumber"], number);
    }
    world.fault(Fault::once(Service::Masivo, "token", Kind::DelayAfter { seconds: 0.02 }));
    let answer = under(&world, Kind::Html).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/html", "it goes with another fault");
}

#[tokio::test]
async fn faults_strike_where_and_as_often_as_they_say() {
    let world = world();
    let good = token(&world, Service::Masivo).await;
    let url = format!("{}/_sandbox/faults", world.url);
    let faults = json!([
        { "service": "masivo", "on": "/whoami", "method": "GET", "times": 2, "kind": "noContent" },
        { "on": "token", "times": null, "kind": "empty" },
    ]);
    assert_eq!(client().post(&url).json(&faults).send().await.expect("an answer").status(), 204);

    let base = world.service_url(Service::Masivo);
    let put = client().put(format!("{base}/whoami")).bearer_auth(&good).send().await.expect("an answer");
    assert_eq!(put.status(), 200, "another method");
    let scoped = client().get(format!("{base}/scoped")).bearer_auth(&good).send().await.expect("an answer");
    assert_eq!(scoped.status(), 403, "another path");
    for expected in [204, 204, 200] {
        assert_eq!(whoami(&world, Service::Masivo, &good).await.status(), expected);
    }
    for service in [Service::Masivo, Service::Custom, Service::Masivo] {
        let answer = login(&world, service).0.send().await.expect("an answer");
        assert_eq!(answer.content_length(), Some(0), "{service:?}: until it is cleared");
    }
    let left = body(client().get(&url).send().await.expect("an answer")).await;
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(client().delete(&url).send().await.expect("an answer").status(), 204);
    token(&world, Service::Masivo).await;

    for wrong in [
        json!({ "kind": "earthquake" }),
        json!({ "service": "nobody", "kind": "cut" }),
        json!({ "on": "tokens", "kind": "cut" }),
        json!({ "kind": "cut", "tims": 2 }),
        json!(5),
    ] {
        let answer = client().post(&url).json(&wrong).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{wrong}");
    }
}
