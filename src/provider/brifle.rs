//! Brifle, digital letters. Guide: <https://docs.brifle.de/>
//!
//! Key and secret are exchanged for a token. One that is still good is given again, so `expires_in` counts from
//! `created_at`, and nothing can force another.

use super::{Service, login};
use crate::config::table::fields;

pub(super) const SERVICE: Service = Service {
    base_url: Some("https://api.brifle.de"),
    fields: fields!["key" needs Credential, "secret" needs Credential],
    request: r#"{"method":"POST","path":"/v1/auth/login","body":{"key":"{{key}}","secret":"{{secret}}"}}"#,
    response: login::RESPONSE,
    // The service knows no sessions: what a client of its own has of its own is when it asks, and what it ends.
    sessions: true,
    logout: "/v1/auth/logout",
    ..Service::USUAL
};

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use crate::clock::{Span, Timestamp};
    use crate::error::Code;
    use crate::token::Secret;

    #[test]
    fn key_and_secret_are_exchanged() {
        let brifle = provider(ProviderName::Brifle, r#"{"key":"k","secret":"s"}"#);
        let secrets = secrets(&[("key", "k"), ("secret", "s")]);
        let request = request(&brifle, &given("https://api.brifle.de", &secrets));
        assert_eq!(request.url, "https://api.brifle.de/v1/auth/login");
        assert_eq!(body(&request), r#"{"key":"k","secret":"s"}"#);

        let grant = brifle.read_token(&answer(
            200,
            r#"{"access_token":"t","created_at":1799999000,"expires_in":3600,"refresh_token":"r","scope":"content:send tenant:read","token_type":"Bearer"}"#,
        ));
        let grant = grant.unwrap();
        assert_eq!(grant.created_at, Some(Timestamp::from_seconds(1_799_999_000)));
        assert_eq!(grant.expires_in, Some(Span::from_seconds(3600)));
        assert_eq!(grant.token.scopes.unwrap(), "content:send tenant:read");
        assert!(grant.token.refresh_token.is_none(), "the guide names no use for it");
    }

    #[test]
    fn an_error_keeps_its_number() {
        let brifle = provider(ProviderName::Brifle, r#"{"key":"k","secret":"s"}"#);
        let error =
            brifle.read_token(&answer(401, r#"{"code":40102,"message":"no access to tenant","status":401}"#));
        let error = error.unwrap_err();
        assert_eq!(error.code, Code::Unauthorized);
        assert!(error.message.ends_with("no access to tenant (40102)"), "{error}");
    }

    #[test]
    fn logout_names_the_token() {
        let brifle = provider(ProviderName::Brifle, r#"{"key":"k","secret":"s"}"#);
        let request = brifle.logout_request("https://api.brifle.de", &Secret::new("tok")).unwrap();
        assert_eq!(request.url, "https://api.brifle.de/v1/auth/logout");
        assert_eq!(body(&request), r#"{"token":"tok"}"#);
    }
}
