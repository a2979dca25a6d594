//! MASV, file delivery. Guide: <https://developer.massive.io/masv-api/latest/>
//!
//! A user logs in with e-mail and password (which needs MFA off) and gets a JWT that lives "a few days", so its `exp` is
//! relied on. A team's API key is sent as it is. The one travels in `X-User-Token`, the other in `X-API-KEY`, never both.

pub(crate) mod packages;

use super::{Acquire, Attach, Given, Provider};
use crate::config::{Config, Credential, Fields};
use crate::error::Result;
use crate::http::{self, Answer, Method, Request};
use crate::json::Writer;
use crate::token::Grant;

pub(super) const BASE_URL: Option<&str> = Some("https://api.massive.app");
const AUTH: &str = "/v1/auth";
const USER_TOKEN: &str = "X-User-Token";
const API_KEY: &str = "X-API-KEY";

struct Masv {
    credentials: Vec<(String, Credential)>,
    attach: Attach,
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    let credentials = fields.one_of(&[&["apiKey"], &["email", "password"]]);
    let header = if credentials.iter().any(|(name, _)| name == "apiKey") { API_KEY } else { USER_TOKEN };
    Masv { credentials, attach: Attach::plain(header) }
}

impl Provider for Masv {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        if self.attach.header == API_KEY {
            return Ok(Acquire::Key(given.secret("apiKey")));
        }
        let (email, password) = (given.secret("email"), given.secret("password"));
        let request = Request::new(Method::Post, given.token_url(AUTH));
        let body = Writer::new().text("email", email.reveal()).text("password", password.reveal()).end();
        Ok(Acquire::Request(request.json(body)))
    }

    fn derive(&self, what: &str, fields: &mut Fields) -> Option<Box<dyn Provider>> {
        packages::read(what, fields)
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let mut grant = Grant::new(http::token_at(answer, body, "/token")?);
        grant.readable = true;
        Ok(grant)
    }
}

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
        let request = request(&*masv, &given("https://api.massive.app", &secrets));
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
        assert!(matches!(acquired, Acquire::Key(key) if key.reveal() == "key"));
        assert_eq!(masv.attach().header, "X-API-KEY");
    }
}
