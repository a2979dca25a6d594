//! Brifle, digital letters. Guide: <https://docs.brifle.de/>
//!
//! Key and secret are exchanged for a token. One that is still good is given again, so `expires_in` counts from
//! `created_at`, and nothing can force another.

use super::login::{logout, read_login};
use super::{Acquire, Attach, Given, Provider};
use crate::config::{Credential, Fields};
use crate::error::Result;
use crate::http::{Answer, Method, Request};
use crate::json::Writer;
use crate::text::text;
use crate::token::{Grant, Secret};

pub(super) const BASE_URL: Option<&str> = Some("https://api.brifle.de");
const LOGIN: &str = "/v1/auth/login";
const LOGOUT: &str = "/v1/auth/logout";

#[derive(Clone)]
struct Brifle {
    credentials: Vec<(String, Credential)>,
    attach: Attach,
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    Brifle { credentials: fields.all_of(&["key", "secret"]), attach: Attach::bearer() }
}

impl Provider for Brifle {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        let (key, secret) = (given.secret("key"), given.secret("secret"));
        let request = Request::new(Method::Post, given.token_url(LOGIN));
        let body = Writer::new().text("key", key.reveal()).text("secret", secret.reveal()).end();
        Ok(Acquire::Request(request.json(body)))
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        read_login(answer)
    }

    /// The service knows no sessions: what a client of its own has of its own is when it asks, and what it ends.
    fn derive(&self, what: &str, fields: &mut Fields) -> Option<Box<dyn Provider>> {
        (what == "session").then(|| {
            fields.text("id");
            Box::new(self.clone()) as _
        })
    }

    fn logout_request(&self, base_url: &str, token: &Secret) -> Option<Request> {
        Some(logout(text![base_url, LOGOUT], token))
    }
}

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
        let request = request(&*brifle, &given("https://api.brifle.de", &secrets));
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
