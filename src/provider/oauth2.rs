//! OAuth 2.0, the client credentials grant. <https://www.rfc-editor.org/rfc/rfc6749#section-4.4>
//!
//! A refresh token is used where one came (§6), although the grant should give none (§4.4.3). The access token is opaque:
//! its life is what `expires_in` says, and if that is missing it is used until the service refuses it. The endpoint is
//! configured, or found in the issuer's document (RFC 8414, OpenID Connect Discovery).

use super::{Acquire, Given, Provider, Service, told};
use crate::base64;
use crate::config::table::fields;
use crate::config::{ParseUrl, refuse_url};
use crate::error::{Code, Error, Result};
use crate::http::{self, Answer, Form, Method, Request, form_encode};
use crate::json::NO_LIST;
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::{Grant, Secret};

pub(super) const SERVICE: Service = Service {
    fields: fields![
        "clientId" needs Credential,
        "clientSecret" needs Credential,
        "issuer" may Url,
        "scope" may Texts,
        "audience" may Text,
        "resource" may Texts,
        "clientAuth" may Choice("basic, post"),
    ],
    check: |_, fields| {
        if fields.has("issuer") == fields.has("tokenUrl") {
            fields.issue("tokenUrl", "give either tokenUrl or issuer, where it is discovered");
        }
    },
    acquire,
    response: r#"{"token":"/access_token","expiresIn":"/expires_in","scope":"/scope","refreshToken":"/refresh_token"}"#,
    read_token,
    read_error,
    ..Service::USUAL
};

fn acquire(oauth2: &Provider, given: &Given<'_>) -> Result<Acquire> {
    let options = &oauth2.given;
    let Some(url) = given.token_url else {
        return Ok(Acquire::Discover(options.text("issuer").into()));
    };
    let (id, secret) = (given.reveal("clientId"), given.reveal("clientSecret"));
    let mut request = Request::new(Method::Post, url.into());
    let refresh_token = given.refresh_token.map_or(&NO_TEXT, Secret::reveal);
    let grant_type = if refresh_token.is_empty() { "client_credentials" } else { "refresh_token" };
    let scope = asked_scope(oauth2).unwrap_or_default();
    let mut form = Form::default();
    form.add("grant_type", grant_type);
    // What is not asked for is not there.
    for (name, value) in &[("refresh_token", refresh_token), ("scope", scope.as_string())] {
        if !value.is_empty() {
            form.add(name, value);
        }
    }
    for name in &["audience", "resource"] {
        for text in options.get(name).unwrap_or(&NO_LIST).items() {
            form.add(name, text.as_str().unwrap_or(&NO_TEXT));
        }
    }
    if options.says("clientAuth", "post") {
        form.add("client_id", id);
        form.add("client_secret", secret);
    } else {
        request = request.header("authorization", basic(id, secret));
    }
    Ok(Acquire::Request(request.form(form)))
}

/// The scopes that are asked for, separated by spaces, and nothing besides: as those of an answer are kept.
fn asked_scope(oauth2: &Provider) -> Option<Text> {
    oauth2.given.get("scope").and_then(told::scopes)
}

fn read_token(oauth2: &Provider, answer: &Answer) -> Result<Box<Grant>> {
    let body = answer.told();
    match answer.status {
        200 if body.text_of("error").is_none() => {}
        201..300 => return Err(answer.wrong("no token: one comes with 200")),
        _ => return Err(read_error(answer)),
    }
    let kind = http::text_at(answer, answer.json()?, "/token_type")?;
    if !kind.eq_ignore_ascii_case("bearer") {
        let what = text!["a token of the type \"", kind, "\": only Bearer is known"];
        return Err(answer.wrong(&what));
    }
    let mut grant = told::read(&oauth2.response, answer)?;
    if grant.token.scopes.is_none() {
        grant.token.scopes = asked_scope(oauth2);
    }
    Ok(grant)
}

/// RFC 6749 §5.2: the error's name says more than the status, which is 400 for nearly all.
fn read_error(answer: &Answer) -> Error {
    let mut error = http::error_of(answer);
    error.code = match answer.told().text("error").as_str() {
        "invalid_client" => Code::Unauthorized,
        "unauthorized_client" | "access_denied" => Code::Forbidden,
        "server_error" | "temporarily_unavailable" => Code::Server,
        _ if error.code == Code::Response && answer.told().text_of("error").is_some() => Code::InvalidRequest,
        _ => error.code,
    };
    error
}

/// RFC 6749 §2.3.1: id and secret are encoded as in a form before they are joined, which most hand-written code forgets.
fn basic(id: &str, secret: &str) -> Secret {
    let pair = text![form_encode(id), ":", form_encode(secret)];
    Secret::new(text!["Basic ", base64::encode(pair.as_bytes())])
}

/// Where an issuer's document may stand: the places in the order in which it is looked for.
fn document(issuer: &str, place: usize) -> Option<Text> {
    let issuer = text::without_slash(issuer);
    // OpenID Connect Discovery §4 puts the well-known part after the path, RFC 8414 §3 between host and path.
    let (scheme, mut rest) = text::split_once(issuer, "://").unwrap_or((issuer, ""));
    let host = text::take_until(&mut rest, b'/');
    let slash = if rest.is_empty() { "" } else { "/" };
    match place {
        0 => Some(text![issuer, "/.well-known/openid-configuration"]),
        1 => Some(text![scheme, "://", host, "/.well-known/oauth-authorization-server", slash, rest]),
        _ => None,
    }
}

/// Asks for an issuer's document: for the next one, where so many were not there. `instead` is what could be given.
///
/// # Errors
/// `ERR_RESPONSE` if none was.
pub(crate) fn document_request(issuer: &str, missing: usize, instead: &str) -> Result<Request> {
    match document(issuer, missing) {
        Some(url) => Ok(Request::new(Method::Get, url)),
        None => {
            let message = text![issuer, " has no discovery document: give ", instead, " instead of issuer"];
            Err(Error::new(Code::Response, message).with_status(404))
        }
    }
}

/// The endpoint of this name in an issuer's document, whose own `issuer` must be the same to the letter (RFC 8414 §3.3).
///
/// A document decides where a secret goes, or whose keys are believed, so what it names must be as safe as the issuer: https, and
/// on this machine or a private network only if the issuer is.
///
/// # Errors
/// `ERR_RESPONSE` if it is somebody else's document, or names no such endpoint.
pub(crate) fn read_document(
    answer: &Answer,
    issuer: &str,
    name: &str,
    allow_http: bool,
    parse_url: ParseUrl<'_>,
) -> Result<Text> {
    let body = answer.json()?;
    let said = http::text_at(answer, body, "/issuer")?;
    if said != issuer {
        return Err(answer.wrong(&text!["a discovery document of the issuer ", said, ", not of ", issuer]));
    }
    let endpoint = http::text_at(answer, body, &text!["/", name])?;
    let (that, what) = match (parse_url(endpoint, None), parse_url(issuer, None)) {
        (Some(url), Some(issuer)) => match refuse_url(&url, allow_http) {
            Some(message) => ("that ", message),
            None if url.is_private() && !issuer.is_private() => {
                ("", "on a private network, where the issuer is not")
            }
            None => return Ok(endpoint.into()),
        },
        _ => ("", "that is no URL"),
    };
    Err(answer.wrong(&text!["a ", name, " ", that, what]))
}

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use super::*;
    use crate::clock::Span;
    use crate::config::tests::parse_url;
    use ::base64::{Engine, engine::general_purpose::STANDARD};

    const ENDPOINT: &str = "https://auth.example/token";

    /// RFC 6749 §4.4.2, with its id and secret.
    #[test]
    fn the_request_of_the_rfc() {
        let oauth2 = provider(
            ProviderName::OAuth2,
            r#"{"clientId":"s6BhdRkqt3","clientSecret":"gX1fBat3bV","issuer":"https://auth.example"}"#,
        );
        let secrets = secrets(&[("clientId", "s6BhdRkqt3"), ("clientSecret", "gX1fBat3bV")]);
        let mut given = given("https://api.example", &secrets);
        let endpoint = ENDPOINT.to_owned();
        given.token_url = Some(&endpoint);
        let first = request(&oauth2, &given);
        assert_eq!(header(&first, "authorization"), Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"));
        assert_eq!(body(&first), "grant_type=client_credentials");

        let refresh_token = Secret::new("tGzv3JOkF0XG5Qx2TlKWIA");
        given.refresh_token = Some(&refresh_token);
        let next = request(&oauth2, &given);
        assert_eq!(body(&next), "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
    }

    #[test]
    fn what_basic_needs_is_form_encoded_first() {
        let value = basic("a b:c", "p%ü");
        let decoded = STANDARD.decode(value.reveal().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "a+b%3Ac:p%25%C3%BC");
    }

    #[test]
    fn everything_that_can_be_asked_for_is_in_the_form() {
        let config = r#"{"clientId":"i","clientSecret":"s","issuer":"https://auth.example","scope":["a","b"],
            "audience":"api","resource":["https://r1.example","https://r2.example"],"clientAuth":"post"}"#;
        let oauth2 = provider(ProviderName::OAuth2, config);
        let secrets = secrets(&[("clientId", "i"), ("clientSecret", "s")]);
        let mut given = given("https://api.example", &secrets);
        assert!(
            matches!(oauth2.token_request(&given), Ok(Acquire::Discover(issuer)) if issuer == "https://auth.example")
        );
        let endpoint = ENDPOINT.to_owned();
        given.token_url = Some(&endpoint);
        let request = request(&oauth2, &given);
        assert_eq!(
            body(&request),
            "grant_type=client_credentials&scope=a+b&audience=api&resource=https%3A%2F%2Fr1.example\
             &resource=https%3A%2F%2Fr2.example&client_id=i&client_secret=s"
        );
        assert_eq!(header(&request, "authorization"), None);
    }

    #[test]
    fn a_success_without_a_token_says_that_one_was_expected() {
        let config = r#"{"clientId":"i","clientSecret":"s","issuer":"https://auth.example"}"#;
        let error = provider(ProviderName::OAuth2, config).read_token(&answer(204, "")).unwrap_err();
        assert_eq!((error.code, error.status), (Code::Response, Some(204)));
        assert!(error.message.contains("204 with no token"), "{error}");
    }

    /// RFC 6749 §5.1 and §5.2.
    #[test]
    fn the_answers_of_the_rfc() {
        let oauth2 = provider(
            ProviderName::OAuth2,
            r#"{"clientId":"i","clientSecret":"s","issuer":"https://auth.example","scope":"a b"}"#,
        );
        let grant = oauth2.read_token(&answer(
            200,
            r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bEaReR","expires_in":3600,"refresh_token":"r"}"#,
        ));
        let grant = grant.unwrap();
        assert_eq!(grant.expires_in, Some(Span::from_seconds(3600)));
        assert_eq!(grant.token.scopes.as_deref(), Some("a b"), "as asked (§5.1)");
        assert!(!grant.readable);
        for (status, name, code) in [
            (400, "invalid_client", Code::Unauthorized),
            (401, "invalid_client", Code::Unauthorized),
            (400, "invalid_grant", Code::InvalidRequest),
            (400, "unauthorized_client", Code::Forbidden),
            (503, "temporarily_unavailable", Code::Server),
            (200, "invalid_scope", Code::InvalidRequest),
        ] {
            let error = oauth2.read_token(&answer(status, &format!(r#"{{"error":"{name}"}}"#))).unwrap_err();
            assert_eq!(error.code, code, "{status} {name}");
            assert!(error.message.contains(name));
        }
    }

    #[test]
    fn a_token_of_another_type_is_not_sent_as_bearer() {
        let oauth2 = provider(
            ProviderName::OAuth2,
            r#"{"clientId":"i","clientSecret":"s","issuer":"https://auth.example"}"#,
        );
        let error =
            oauth2.read_token(&answer(200, r#"{"access_token":"t","token_type":"mac"}"#)).unwrap_err();
        assert_eq!(error.code, Code::Response);
    }

    #[test]
    fn the_issuers_document_is_looked_for_in_both_places() {
        let document = |issuer, place| document(issuer, place).unwrap();
        assert_eq!(
            (document("https://a.example/tenant/", 0), document("https://a.example/tenant/", 1)),
            (
                "https://a.example/tenant/.well-known/openid-configuration".into(),
                "https://a.example/.well-known/oauth-authorization-server/tenant".into()
            )
        );
        let bare = document("https://a.example", 1);
        assert_eq!(bare, "https://a.example/.well-known/oauth-authorization-server");
    }

    #[test]
    fn somebody_elses_document_is_not_believed() {
        let document =
            answer(200, r#"{"issuer":"https://evil.example","token_endpoint":"https://evil.example/token"}"#);
        let read = |issuer| read_document(&document, issuer, "token_endpoint", false, &parse_url);
        assert_eq!(read("https://a.example").unwrap_err().code, Code::Response);
        assert_eq!(read("https://evil.example").unwrap(), "https://evil.example/token");
    }
}
