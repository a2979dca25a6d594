//! Where a key set comes from.

use super::*;
use crate::http::tests::answer;
use crate::json::Json;
use crate::platform::tests::Nowhere;
use crate::task::{Effect, Outcome, Step, Task};
use crate::text::Text;
use crate::verify::cache::Poll;
use std::rc::Rc;

const DOCUMENT: &str = r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#;

fn wanted(kid: &String) -> Wanted<'_> {
    Wanted { kid: Some(kid), algorithm: Algorithms::named("ES256"), allowed: Algorithms::NONE }
}

/// The address of what a flight asks for, after this body came; or nothing, when it has landed.
fn asks(flight: &mut Task, came: Option<&str>) -> Text {
    let came = came.map_or(Outcome::Done, |body| Outcome::Answer(Box::new(answer(200, &[], body))));
    match flight.resume(Ok(came), NOW) {
        Step::Needs(Effect::Send(request, _)) => request.url.clone(),
        _ => Text::new(),
    }
}

/// A caller in an edge isolate does not wait for the request of another for long.
#[test]
fn a_document_is_one_though_another_request_was_told_where_the_set_is() {
    let kid = "a".to_owned();
    let given = Json::parse(r#"{"issuer":"https://a.example"}"#).unwrap();
    let set = Jwks::read(Fields::new("options", given, &parse_url), Rc::new(Nowhere)).ok().unwrap();
    let mut flights = [1, 2].map(|_| {
        set.overtake();
        let Ok(Poll::Fetch(number)) = set.poll(&wanted(&kid), NOW) else { panic!("there is a set") };
        set.flight(number)
    });
    for flight in &mut flights {
        assert_eq!(asks(flight, None), "https://a.example/.well-known/openid-configuration");
    }
    for flight in &mut flights {
        assert_eq!(asks(flight, Some(DOCUMENT)), "https://a.example/keys");
    }
    let [_, last] = &mut flights;
    assert_eq!(asks(last, Some(r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a"}]}"#)), "");
    assert!(matches!(set.poll(&wanted(&kid), NOW), Ok(Poll::Use(_))));
}
