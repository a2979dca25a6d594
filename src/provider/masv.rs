//! MASV, file delivery. Guide: <https://developer.massive.io/masv-api/latest/>
//!
//! A user logs in with e-mail and password (which needs MFA off) and gets a JWT that lives "a few days", so its `exp` is
//! relied on. A team's API key is sent as it is. The one travels in `X-User-Token`, the other in `X-API-KEY`, never both.

pub(crate) mod packages;

use super::{Acquire, Service};
use crate::config::Config;
use crate::config::table::fields;

const USER_TOKEN: &str = "X-User-Token";
const API_KEY: &str = "X-API-KEY";

pub(super) const SERVICE: Service = Service {
    base_url: Some("https://api.massive.app"),
    fields: fields!["apiKey" may Credential, "email" may Credential, "password" may Credential],
    check: |masv, fields| {
        fields.one_of("apiKey, or email and password");
        if fields.has("apiKey") {
            masv.attach.header = API_KEY.into();
        }
    },
    header: (USER_TOKEN, ""),
    acquire: |masv, given| {
        Ok(if masv.attach.header == API_KEY { given.key() } else { Acquire::Request(masv.request(given)) })
    },
    request: r#"{"method":"POST","path":"/v1/auth","body":{"email":"{{email}}","password":"{{password}}"}}"#,
    response: r#"{"token":"/token"}"#,
    parts: packages::PARTS,
    ..Service::USUAL
};

/// Whether a client's credential is a user's, and not an API key or the token of a package.
pub(crate) fn takes_user_token(config: &Config) -> bool {
    config.provider.attach().header == USER_TOKEN
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::super::{Acquire, ProviderName};

    #[test]
    fn a_user_logs_in() {
        let masv = provider(ProviderName::Masv, r#"{"email":"a@b.example","password":"p\"w"}"#);
        let secrets = secrets(&[("email", "a@b.example"), ("password", "p\"w")]);
        let request = request(&masv, &given("https://api.massive.app", &secrets));
        assert_eq!(request.url, "https://api.massive.app/v1/auth");
        assert_eq!(body(&request), r#"{"email":"a@b.example","password":"p\"w"}"#);

        let grant = masv.read_token(&answer(200, r#"{"token":"a.b.c","teams":[],"user":{}}"#)).unwrap();
        assert_eq!(masv.attach().header, "X-User-Token");
        assert_eq!(masv.attach().value(&grant.token.secret).reveal(), "a.b.c");
    }

    #[test]
    fn an_api_key_needs_no_exchange() {
        let masv = provider(ProviderName::Masv, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let acquired = masv.token_request(&given("https://api.massive.app", &secrets)).unwrap();
        assert!(matches!(acquired, Acquire::Key(key, None) if key.reveal() == "key"));
        assert_eq!(masv.attach().header, "X-API-KEY");
    }
}
