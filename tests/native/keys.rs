//! Masumi's keys: status, list, create, update, revoke, in both generations of the API.

use latchkey::error::Code;
use latchkey::event::{EventKind, KeyAction};
use latchkey_sandbox::Service;
use serde_json::json;

use crate::common::{ApiKey, Credit, RpcKey, Scene, TestKeys, run};

const BOTH: [Service; 2] = [Service::Masumi, Service::Masumi025];

/// The keys of a service, by its admin's key.
pub(crate) fn keys(scene: &Scene, service: Service) -> TestKeys {
    scene.client(service).keys().ok().unwrap()
}

/// The ids of all keys, page by page.
pub(crate) async fn ids(keys: &TestKeys, size: u32) -> Vec<String> {
    let mut next = keys.list::<ApiKey>("list", Some(size));
    let mut ids = Vec::new();
    loop {
        let page = next().await.unwrap();
        if page.is_empty() {
            return ids;
        }
        assert!(page.len() <= size as usize);
        ids.extend(page.into_iter().map(|key| key.id));
    }
}

fn lovelace(amount: i64) -> Vec<Credit> {
    vec![Credit { unit: String::new(), amount }]
}

#[test]
fn status_is_of_the_key_in_use() {
    for service in BOTH {
        run(async |scene| {
            let own = keys(scene, service).status().await.unwrap();
            assert_eq!((own.permission.as_str(), own.status.as_str()), ("Admin", "Active"));
            assert_eq!((own.usage_limited, own.hint.as_deref()), (false, Some("*****-key")));
        });
    }
}

#[test]
fn a_key_that_was_made_works_and_is_what_was_asked_for() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let new = json!({
                "permission": "ReadAndPay", "networks": ["Preprod"],
                "credits": [{ "unit": "", "amount": i64::MAX }],
            });
            let (made, secret) = keys.create(new).await.unwrap();
            assert_eq!((made.permission.as_str(), made.usage_limited), ("ReadAndPay", true));
            assert_eq!(
                (made.networks.as_slice(), &made.credits),
                (["Preprod".to_owned()].as_slice(), &lovelace(i64::MAX))
            );
            assert_eq!(
                scene.events().last(),
                Some(&EventKind::Key { action: KeyAction::Create, id: made.id.as_str().into() })
            );

            let client = scene.client_with(service, json!({ "apiKey": secret.reveal() }));
            let own = client.keys().ok().unwrap().status().await.unwrap();
            assert_eq!((own.id, own.credits), (made.id, lovelace(i64::MAX)));
        });
    }
}

#[test]
fn a_key_may_do_least_unless_more_is_asked_for() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let (made, _) = keys.create(json!({})).await.unwrap();
            assert_eq!((made.permission.as_str(), made.usage_limited, made.credits.len()), ("Read", true, 0));
            let (admin, _) = keys.create(json!({ "permission": "Admin" })).await.unwrap();
            assert_eq!((admin.permission.as_str(), admin.usage_limited), ("Admin", false));
        });
    }
}

#[test]
fn every_key_is_listed_once_however_long_the_pages_are() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let mut known = vec![keys.status().await.unwrap().id];
            for size in [1, 2, 100] {
                assert_eq!(ids(&keys, size).await, known, "one key in pages of {size}");
            }
            for _ in 0..6 {
                known.push(keys.create(json!({})).await.unwrap().0.id);
            }
            for size in [1, 2, 3, 6, 7, 8, 100] {
                assert_eq!(ids(&keys, size).await, known, "seven keys in pages of {size}");
            }
        });
    }
}

#[test]
fn more_keys_than_fit_on_the_longest_page_are_listed_once() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let mut known = vec![keys.status().await.unwrap().id];
        for _ in 0..120 {
            known.push(keys.create(json!({})).await.unwrap().0.id);
        }
        for size in [99, 100] {
            assert_eq!(ids(&keys, size).await, known, "pages of {size}");
        }
    });
}

#[test]
fn a_page_starts_after_the_key_that_is_named() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let own = keys.status().await.unwrap().id;
            let (first, _) = keys.create(json!({})).await.unwrap();
            let (second, _) = keys.create(json!({})).await.unwrap();
            let page = async |after: Option<&str>, size: u32| {
                let page = keys.page(after, Some(size.into())).await.unwrap();
                page.into_iter().map(|key| key.id).collect::<Vec<_>>()
            };
            assert_eq!(page(None, 2).await, [own.as_str(), &first.id]);
            assert_eq!(page(Some(&own), 1).await, [first.id.as_str()]);
            assert_eq!(page(Some(&own), 10).await, [first.id.as_str(), &second.id]);
            assert_eq!(page(Some(&second.id), 10).await, Vec::<String>::new());
            let unknown = keys.page(Some("nobody"), None).await;
            scene.fails(unknown, Code::NotFound, "nobody");
        });
    }
}

#[test]
fn an_update_changes_what_is_named() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let new = json!({ "usageLimited": false, "networks": ["Mainnet"], "credits": [{ "unit": "", "amount": 5 }] });
            let (made, _) = keys.create(new).await.unwrap();
            let changes =
                json!({ "addCredits": [{ "unit": "", "amount": -2 }, { "unit": "aa", "amount": 7 }] });
            let changed = keys.update(&made.id, changes).await.unwrap();
            assert_eq!(changed.credits.iter().map(|credit| credit.amount).collect::<Vec<_>>(), [3, 7]);
            assert_eq!((changed.usage_limited, &changed.networks), (false, &made.networks));
            let networks = json!({ "networks": ["Preprod", "Mainnet"] });
            let changed = keys.update(&made.id, networks).await.unwrap();
            assert_eq!((changed.networks.len(), changed.usage_limited, changed.credits.len()), (2, false, 2));
            assert_eq!(
                scene.events().last(),
                Some(&EventKind::Key { action: KeyAction::Update, id: made.id.into() })
            );
        });
    }
}

#[test]
fn an_update_without_a_status_revives_no_key() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let (made, _) = keys.create(json!({})).await.unwrap();
            let revoked = keys.revoke(&made.id, false).await.unwrap();
            assert_eq!((revoked.status.as_str(), &revoked.id), ("Revoked", &made.id));
            let changes = json!({ "addCredits": [{ "unit": "", "amount": 1 }] });
            assert_eq!(keys.update(&made.id, changes).await.unwrap().status, "Revoked");
            let revived = keys.update(&made.id, json!({ "status": "Active" })).await.unwrap();
            assert_eq!(revived.status, "Active");
        });
    }
}

#[test]
fn a_revoked_key_is_refused_and_can_be_revoked_again() {
    for service in BOTH {
        run(async |scene| {
            let keys = keys(scene, service);
            let (made, secret) = keys.create(json!({})).await.unwrap();
            keys.revoke(&made.id, false).await.unwrap();
            assert_eq!(keys.revoke(&made.id, false).await.unwrap().status, "Revoked");
            let client = scene.client_with(service, json!({ "apiKey": secret.reveal() }));
            let own = client.keys().ok().unwrap();
            scene.fails(own.status().await, Code::Unauthorized, "API key is revoked");
        });
    }
}

#[test]
fn a_key_without_the_right_is_forbidden_to_manage_keys() {
    run(async |scene| {
        let (_, secret) = keys(scene, Service::Masumi).create(json!({})).await.unwrap();
        let client = scene.client_with(Service::Masumi, json!({ "apiKey": secret.reveal() }));
        let own = client.keys().ok().unwrap();
        assert_eq!(own.status().await.unwrap().permission, "Read");
        scene.fails(own.page(None, None).await, Code::Forbidden, "admin access required");
        scene.fails(own.create(json!({})).await, Code::Forbidden, "admin access required");
    });
}

/// The ids of all keys to other people's services, page by page.
async fn rpc_ids(keys: &TestKeys, size: u32) -> Vec<String> {
    let mut next = keys.list::<RpcKey>("rpc", Some(size));
    let mut ids: Vec<String> = Vec::new();
    loop {
        let page = next().await.unwrap();
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.into_iter().map(|key| key.id));
    }
}

#[test]
fn keys_to_other_services_are_listed_with_their_secret() {
    run(async |scene| {
        let keys = keys(scene, Service::Masumi);
        let page = keys.list::<RpcKey>("rpc", None)().await.unwrap();
        assert_eq!((page[0].provider.as_str(), page[0].network.as_str()), ("Blockfrost", "Preprod"));
        assert_eq!(page[0].rpc_provider_api_key, "preprodBlockfrostKey1");
        for many in [0, 1, 5] {
            let row = |n: u32| {
                json!({
                    "id": format!("rpc{n}"), "rpcProviderApiKey": "canary", "rpcProvider": "Blockfrost",
                    "network": "Preprod", "createdAt": "2026-11-22T00:21:06.924Z", "updatedAt": "2026-11-22T00:21:06.924Z",
                })
            };
            scene.world.set_rpc_keys(&(0..many).map(row).collect::<Vec<_>>());
            let known: Vec<_> = (0..many).map(|n| format!("rpc{n}")).collect();
            for size in [1, 2, 100] {
                assert_eq!(rpc_ids(&keys, size).await, known, "{many} in pages of {size}");
            }
        }
    });
}
