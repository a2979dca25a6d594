//! Configurations: of each service as its world knows it, and how JSON stands for what JavaScript gives.

use std::collections::BTreeMap;

use latchkey::json::{Json, Value as Owned};
use latchkey_sandbox::{Service, World};
use serde_json::{Value, json};

/// Gives a world credentials that can be told from any other text. Who is named stays: that is no secret.
pub(crate) fn plant(world: &World) {
    for (service, secrets) in [
        (Service::Masivo, vec![("apiKey", "canary-masivo-key")]),
        (Service::Masv, vec![("password", "canary \"masv\" p\\ssword é"), ("apiKey", "canary-masv-key")]),
        (Service::Login, vec![("apiKey", "canary-login-key"), ("password", "canary login password")]),
        (Service::Brifle, vec![("key", "canary-brifle-key"), ("secret", "canary-brifle-secret")]),
        (Service::Masumi, vec![("apiKey", "canary-masumi-admin-key")]),
        (Service::Masumi025, vec![("apiKey", "canary-masumi-old-admin-key")]),
        (Service::OAuth2, vec![("clientSecret", "canary secret +/%&=é")]),
        (Service::Custom, vec![("user", "canary-user"), ("secret", "canary-custom & secret")]),
    ] {
        let secrets = secrets.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        world.change_credentials(service, secrets.collect::<BTreeMap<_, _>>()).unwrap();
    }
}

/// What a user of this service configures.
pub(crate) fn of(world: &World, service: Service) -> Value {
    let base_url = world.service_url(service);
    let known = |name: &str| world.credential(service, name);
    let mut config = match service {
        Service::Masivo => json!({ "provider": "masivo", "apiKey": known("apiKey") }),
        Service::Masv => {
            json!({ "provider": "masv", "email": known("email"), "password": known("password") })
        }
        Service::Login => json!({ "provider": "login", "apiKey": known("apiKey") }),
        Service::Brifle => json!({ "provider": "brifle", "key": known("key"), "secret": known("secret") }),
        Service::Masumi => json!({ "provider": "masumi", "apiKey": known("apiKey") }),
        Service::Masumi025 => {
            json!({ "provider": "masumi", "apiKey": known("apiKey"), "apiVersion": "0.25" })
        }
        Service::OAuth2 => json!({
            "provider": "oauth2", "clientId": known("clientId"), "clientSecret": known("clientSecret"),
            "tokenUrl": format!("{base_url}/token"),
        }),
        Service::Custom => json!({
            "provider": "custom",
            "credentials": { "user": known("user"), "secret": known("secret") },
            "request": {
                "method": "POST", "path": "/session", "encoding": "json",
                "body": { "user": "{{user}}", "secret": "{{secret}}" },
            },
            "response": { "token": "/result/tok", "expiresIn": "/result/ttl" },
            "attach": { "header": "X-Session", "scheme": "Token" },
        }),
    };
    config["baseUrl"] = base_url.into();
    config
}

/// Stands for a function, as the boundary writes it.
pub(crate) fn function(id: usize) -> Value {
    json!({ "\u{0}function": id })
}

/// What a value of JavaScript arrives as. JSON has no bigint: whole numbers under `amount` stand for one.
pub(crate) fn given(mut value: Value) -> Owned {
    mark_amounts(&mut value);
    Json::parse(&value.to_string()).unwrap()
}

fn mark_amounts(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mark_amounts),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::Number(digits) if name == "amount" => {
                        *member = json!({ "\u{0}bigint": digits.to_string() })
                    }
                    member => mark_amounts(member),
                }
            }
        }
        _ => {}
    }
}
