//! Services with `POST /auth/login`, as conversational APIs have it: a key and a session for a token of two hours, after
//! the shape of RFC 6749 §5.1. <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
//!
//! While a token is good, the service gives the same one again, unless a session is named that it has not seen. So a
//! refresh before the end names a fresh one, with the configured session as its prefix.

use super::{Acquire, Given, Provider, Service};
use crate::config::table::fields;
use crate::error::Result;
use crate::http::{Method, Request};
use crate::json::Writer;
use crate::text::{NO_TEXT, text};

const LOGIN: &str = "/auth/login";

pub(super) const SERVICE: Service = Service {
    fields: fields![
        "apiKey" may Credential,
        "username" may Credential,
        "password" may Credential,
        "credentials" may Credentials,
        "session" may Text,
        "loginPath" may Path,
        "logoutPath" may Path,
    ],
    check: |_, fields| {
        fields.one_of("apiKey, or username and password, or credentials");
    },
    acquire,
    response: RESPONSE,
    sessions: true,
    ..Service::USUAL
};

/// The answer to a login, here and at [`super::brifle`]: the token may be an old one, so its life counts from `created_at`
/// where that is told.
pub(super) const RESPONSE: &str = r#"{"token":"/access_token","expiresIn":"/expires_in","createdAt":"/created_at","scope":"/scope","readable":true}"#;

fn acquire(login: &Provider, given: &Given<'_>) -> Result<Acquire> {
    let mut body = Writer::new();
    for (name, secret) in given.credentials {
        body = body.text(if name == "apiKey" { "api_key" } else { name }, secret.reveal());
    }
    let session = given.session.or(login.given.text_of("session"));
    let dash = if session.is_some() && given.fresh.is_some() { "-" } else { "" };
    let session = text![session.unwrap_or(&NO_TEXT), dash, given.fresh.unwrap_or(&NO_TEXT)];
    if !session.is_empty() {
        body = body.text("session_id", &session);
    }
    let url = given.token_url(login.said("loginPath", LOGIN));
    Ok(Acquire::Request(Request::new(Method::Post, url).json(body.end())))
}

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use crate::clock::Span;
    use crate::token::Secret;
    use serde_json::json;

    #[test]
    fn a_key_is_sent_alone_until_a_token_must_be_a_new_one() {
        let login = provider(ProviderName::Login, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let mut given = given("https://a.example/api", &secrets);
        assert_eq!(request(&login, &given).url, "https://a.example/api/auth/login");
        assert_eq!(body(&request(&login, &given)), r#"{"api_key":"key"}"#);
        let fresh = "f00".to_owned();
        given.fresh = Some(&fresh);
        assert_eq!(body(&request(&login, &given)), r#"{"api_key":"key","session_id":"f00"}"#);
    }

    #[test]
    fn the_configured_session_is_the_prefix_of_the_fresh_ones() {
        let config =
            r#"{"username":"u","password":"p","session":"chat","loginPath":"/in","logoutPath":"/out"}"#;
        let login = provider(ProviderName::Login, config);
        let secrets = secrets(&[("username", "u"), ("password", "p")]);
        let mut given = given("https://a.example", &secrets);
        assert_eq!(request(&login, &given).url, "https://a.example/in");
        let first = json!({"username": "u", "password": "p", "session_id": "chat"});
        assert_eq!(json(&request(&login, &given)), first);
        let fresh = "f00".to_owned();
        given.fresh = Some(&fresh);
        assert!(body(&request(&login, &given)).contains(r#""session_id":"chat-f00""#));
        let logout = login.logout_request("https://a.example", &Secret::new("tok")).unwrap();
        assert_eq!(
            (logout.url.as_str(), header(&logout, "authorization")),
            ("https://a.example/out", Some("Bearer tok"))
        );
    }

    #[test]
    fn any_credentials_are_sent_by_their_own_names() {
        let login = provider(ProviderName::Login, r#"{"credentials":{"pin":"1234"}}"#);
        let secrets = secrets(&[("pin", "1234")]);
        assert_eq!(body(&request(&login, &given("https://a.example", &secrets))), r#"{"pin":"1234"}"#);
    }

    #[test]
    fn the_answer_is_read() {
        let login = provider(ProviderName::Login, r#"{"apiKey":"key"}"#);
        let grant =
            login.read_token(&answer(200, r#"{"access_token":"t","expires_in":7200,"token_type":"bearer"}"#));
        let grant = grant.unwrap();
        assert_eq!(
            (grant.token.secret.reveal().as_str(), grant.expires_in),
            ("t", Some(Span::from_seconds(7200)))
        );
    }
}
