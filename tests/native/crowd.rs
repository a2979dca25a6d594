//! Many callers, one token request.

use futures_util::FutureExt;
use futures_util::future::join_all;
use latchkey::error::Code;
use latchkey_sandbox::{Kind, Service};
use serde_json::json;

use crate::common::{FORCED, run, token, token_with};

#[test]
fn a_thousand_callers_make_one_token_request() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let tokens = join_all((0..1000).map(|_| token(&client))).await;
        let first = tokens[0].as_deref().unwrap();
        assert!(tokens.iter().all(|token| token.as_deref() == Ok(first)));
        assert_eq!((scene.count("masivo.token"), scene.events().len()), (1, 1));

        let forced = join_all((0..1000).map(|_| token_with(&client, FORCED))).await;
        assert!(forced.iter().all(|token| token.as_deref().is_ok_and(|token| token != first)));
        assert_eq!(scene.count("masivo.token"), 2);
    });
}

#[test]
fn a_caller_who_leaves_takes_nothing_from_the_others() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        assert!(token(&client).now_or_never().is_none());
        let others = join_all((0..10).map(|_| token(&client))).await;
        assert!(others.iter().all(Result::is_ok));
        assert_eq!(scene.count("masivo.token"), 1);
    });
}

#[test]
fn when_every_caller_has_left_the_token_comes_all_the_same() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        assert!(token(&client).now_or_never().is_none());
        scene.until(|| client.cached().is_some()).await;
        assert_eq!(scene.count("masivo.token"), 1);
    });
}

#[test]
fn a_failed_request_answers_everyone_who_joined_it() {
    run(async |scene| {
        let client = scene.client_with(Service::Masivo, json!({ "retries": 0 }));
        scene.spoil(Service::Masivo, Kind::Status { status: 500, headers: Default::default(), body: None });
        for result in join_all((0..100).map(|_| token(&client))).await {
            scene.fails(result, Code::Server, "answered 500");
        }
        assert_eq!(scene.count("masivo.token"), 1);
        assert!(token(&client).await.is_ok());
    });
}
