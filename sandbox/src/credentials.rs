//! The credentials of the demo: one place that the services, the tests and the demo read.

use std::collections::BTreeMap;

use crate::services::Service;

/// What each service knows its one account by. Values can be changed, names can not.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Credentials(BTreeMap<Service, BTreeMap<String, String>>);

impl Default for Credentials {
    fn default() -> Self {
        let known = Service::ALL.map(|service| {
            let pairs = demo(service).iter().map(|(name, value)| (name.to_string(), value.to_string()));
            (service, pairs.collect())
        });
        Self(known.into_iter().collect())
    }
}

impl Credentials {
    /// The value of one credential; empty where the service has none of that name.
    pub fn get(&self, service: Service, name: &str) -> &str {
        self.0.get(&service).and_then(|known| known.get(name)).map_or("", String::as_str)
    }

    /// Changes some of a service's credentials.
    pub fn change(&mut self, service: Service, changes: BTreeMap<String, String>) -> Result<(), String> {
        let known = self.0.entry(service).or_default();
        if let Some(name) = changes.keys().find(|name| !known.contains_key(*name)) {
            return Err(format!("{} has no credential {name}", service.name()));
        }
        known.extend(changes);
        Ok(())
    }
}

/// The OAuth client's id and secret need the form encoding that RFC 6749 asks for before Basic.
fn demo(service: Service) -> &'static [(&'static str, &'static str)] {
    match service {
        Service::Masivo => &[("apiKey", "masivo-demo-key")],
        Service::Masv => {
            &[("email", "demo@example.com"), ("password", "masv-demo-password"), ("apiKey", "masv-demo-key")]
        }
        Service::Login => {
            &[("apiKey", "login-demo-key"), ("username", "demo"), ("password", "login-demo-password")]
        }
        Service::Brifle => &[("key", "brifle-demo-key"), ("secret", "brifle-demo-secret")],
        Service::Masumi | Service::Masumi025 => &[("apiKey", "abcdef_this_should_be_very_secure")],
        Service::OAuth2 => &[("clientId", "demo:client"), ("clientSecret", "demo secret +/%&=é")],
        Service::Custom => &[("user", "demo"), ("secret", "custom-demo-secret")],
    }
}
