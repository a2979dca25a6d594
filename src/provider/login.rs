//! Services with `POST /auth/login`, as conversational APIs have it: a key and a session for a token of two hours, after
//! the shape of RFC 6749 §5.1. <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
//!
//! While a token is good, the service gives the same one again, unless a session is named that it has not seen. So a
//! refresh before the end names a fresh one, with the configured session as its prefix.

use super::{Acquire, Attach, Given, Provider};
use crate::config::{Credential, Fields};
use crate::error::Result;
use crate::http::{self, Answer, Method, Request};
use crate::json::Writer;
use crate::text::text;
use crate::token::{Grant, Secret};

pub(super) const BASE_URL: Option<&str> = None;
const LOGIN: &str = "/auth/login";

#[derive(Clone)]
struct Login {
    credentials: Vec<(String, Credential)>,
    attach: Attach,
    session: Option<String>,
    login_path: String,
    logout_path: Option<String>,
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    let credentials = match fields.credentials("credentials") {
        Some(credentials) => {
            fields.refuse_beside("credentials", &["apiKey", "username", "password"]);
            credentials
        }
        None => fields.one_of(&[&["apiKey"], &["username", "password"]]),
    };
    Login {
        credentials,
        attach: Attach::bearer(),
        session: fields.text("session"),
        login_path: fields.path("loginPath").unwrap_or_else(|| LOGIN.into()),
        logout_path: fields.path("logoutPath"),
    }
}

impl Provider for Login {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        let mut body = Writer::new();
        for (name, secret) in given.credentials {
            let name = if name == "apiKey" { "api_key" } else { name };
            body.text(name, secret.reveal());
        }
        let session = match (&self.session, given.fresh) {
            (Some(session), Some(fresh)) => Some(text![session, "-", fresh]),
            (session, fresh) => session.clone().or(fresh.map(str::to_owned)),
        };
        if let Some(session) = session {
            body.text("session_id", &session);
        }
        let request = Request::new(Method::Post, given.token_url(&self.login_path));
        Ok(Acquire::Request(request.json(body.end())))
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        read_login(answer)
    }

    fn derive(&self, what: &str, fields: &mut Fields) -> Option<Box<dyn Provider>> {
        (what == "session").then(|| Box::new(Login { session: fields.text("id"), ..self.clone() }) as _)
    }

    fn logout_request(&self, base_url: &str, token: &Secret) -> Option<Request> {
        Some(logout(text![base_url, self.logout_path.as_ref()?], token))
    }
}

/// Ends the session of a token, here and at [`super::brifle`].
pub(super) fn logout(url: String, token: &Secret) -> Request {
    let attach = Attach::bearer();
    let request = Request::new(Method::Post, url).header(&attach.header, attach.value(token));
    request.json(Writer::new().text("token", token.reveal()).end())
}

/// The answer to a login, here and at [`super::brifle`]: the token may be an old one, so its life counts from `created_at`
/// where that is told.
pub(super) fn read_login(answer: &Answer) -> Result<Box<Grant>> {
    let body = answer.json()?;
    let mut grant = Grant::new(http::token_at(answer, body, "/access_token")?);
    grant.expires_in = http::seconds_at(body, "/expires_in");
    grant.created_at = http::instant_at(body, "/created_at");
    grant.token.scopes = http::scopes_at(body, "/scope");
    grant.readable = true;
    Ok(grant)
}

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use super::*;
    use crate::clock::Span;
    use serde_json::json;

    #[test]
    fn a_key_is_sent_alone_until_a_token_must_be_a_new_one() {
        let login = provider(ProviderName::Login, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let mut given = given("https://a.example/api", &secrets);
        assert_eq!(request(&*login, &given).url, "https://a.example/api/auth/login");
        assert_eq!(body(&request(&*login, &given)), r#"{"api_key":"key"}"#);
        given.fresh = Some("f00");
        assert_eq!(body(&request(&*login, &given)), r#"{"api_key":"key","session_id":"f00"}"#);
    }

    #[test]
    fn the_configured_session_is_the_prefix_of_the_fresh_ones() {
        let config =
            r#"{"username":"u","password":"p","session":"chat","loginPath":"/in","logoutPath":"/out"}"#;
        let login = provider(ProviderName::Login, config);
        let secrets = secrets(&[("username", "u"), ("password", "p")]);
        let mut given = given("https://a.example", &secrets);
        assert_eq!(request(&*login, &given).url, "https://a.example/in");
        let first = json!({"username": "u", "password": "p", "session_id": "chat"});
        assert_eq!(json(&request(&*login, &given)), first);
        given.fresh = Some("f00");
        assert!(body(&request(&*login, &given)).contains(r#""session_id":"chat-f00""#));
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
        assert_eq!(body(&request(&*login, &given("https://a.example", &secrets))), r#"{"pin":"1234"}"#);
    }

    #[test]
    fn the_answer_is_read() {
        let login = provider(ProviderName::Login, r#"{"apiKey":"key"}"#);
        let grant =
            login.read_token(&answer(200, r#"{"access_token":"t","expires_in":7200,"token_type":"bearer"}"#));
        let grant = grant.unwrap();
        assert_eq!((grant.token.secret.reveal(), grant.expires_in), ("t", Some(Span::from_seconds(7200))));
    }
}
