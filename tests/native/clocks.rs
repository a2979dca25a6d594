//! Clocks that are wrong: the client's, and the one that the service shows.

use latchkey_sandbox::{Kind, Service};
use serde_json::json;

use crate::common::{Scene, TestClient, run, token};

const HALF_A_DAY: i64 = 12 * 3600;

#[track_caller]
fn lives(scene: &Scene, client: &TestClient, lifetime: i64) {
    let left = (client.expires_at().unwrap() - scene.now()).whole_seconds();
    assert!((lifetime - 2..=lifetime).contains(&left), "it lives {left} s of {lifetime}");
}

#[test]
fn a_local_clock_that_is_hours_off_shortens_no_token() {
    for hours in [-12, -1, 1, 12] {
        run(async |scene| {
            scene.set_local_clock(hours * 3600);
            for service in [Service::Masivo, Service::Masv, Service::Login, Service::Brifle] {
                let client = scene.client(service);
                token(&client).await.unwrap();
                lives(scene, &client, service.lifetime());
            }
        });
    }
}

#[test]
fn without_a_date_an_hour_of_the_service_is_an_hour_here() {
    for ahead in [-HALF_A_DAY, HALF_A_DAY] {
        run(async |scene| {
            scene.set(json!({ "sendDate": false }));
            scene.set_local_clock(ahead);
            let client = scene.client(Service::Masivo);
            token(&client).await.unwrap();
            lives(scene, &client, 3600);
        });
    }
}

#[test]
fn a_wrong_date_does_not_end_a_token() {
    for offset in [-HALF_A_DAY, HALF_A_DAY] {
        run(async |scene| {
            scene.spoil(Service::Masivo, Kind::Date { offset });
            let client = scene.client(Service::Masivo);
            token(&client).await.unwrap();
            lives(scene, &client, 3600);
            assert_eq!(scene.whoami(&client).await["tokenNumber"], 1);
        });
    }
}

#[test]
fn a_local_clock_that_is_set_back_lengthens_no_life() {
    run(async |scene| {
        let client = scene.client(Service::Masivo);
        let first = token(&client).await.unwrap();
        scene.pass(3000);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.set_local_clock(-3000);
        assert_eq!(token(&client).await.unwrap(), first);
        scene.pass(601);
        assert_ne!(token(&client).await.unwrap(), first);
    });
}
