//! Any service whose token request the configuration describes: method, path, headers and body with `{{name}}` for a
//! credential, and JSON pointers into the answer. <https://www.rfc-editor.org/rfc/rfc6901>

use super::{Given, Provider, Service};
use crate::config::Fields;
use crate::config::table::{fields, object};
use crate::http::{Form, Method, Request};
use crate::json::{Json, Value};
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::Secret;

pub(super) const SERVICE: Service = Service {
    fields: fields![
        "credentials" needs Credentials,
        "attach" needs Object(super::attach::attach!()),
        "request" needs Object(object![
            "method" needs Text,
            "path" needs Path,
            "headers" may Headers,
            "encoding" may Choice("json, form"),
            "body" may Json,
        ]),
        "response" needs Object(object![
            "token" needs Pointer,
            "expiresIn" may Pointer,
            "expiresAt" may Pointer,
        ]),
    ],
    check,
    ..Service::USUAL
};

/// Notes what is wrong with the request, each of whose fields is right by itself.
fn check(custom: &mut Provider, fields: &mut Fields<'_>) {
    let method = custom.request.text("method");
    if !method.is_empty() && Method::parse(method).is_none() {
        fields.issue("request.method", "must be GET, POST, PUT, PATCH or DELETE");
    }
    if text::contains(custom.request.text("path"), "{{") {
        fields.issue("request.path", "must hold no credential: logs keep it; use a header or the body");
    }
    let body = custom.request.get("body");
    let is_form = custom.request.says("encoding", "form");
    let wrong = match body {
        Some(_) if method.eq_ignore_ascii_case("GET") => "a GET has none",
        Some(Json::Object(members)) if is_form => {
            let all = members.iter().all(|(_, value)| value.as_str().is_some());
            if all { "" } else { "a form holds texts only" }
        }
        Some(_) if is_form => "must be an object, as encoding is \"form\"",
        _ => "",
    };
    if !wrong.is_empty() {
        fields.issue("request.body", wrong);
    }
    // With no credentials at hand it finds the names of all.
    let mut filling = Filling { credentials: &[], unknown: Vec::new() };
    custom.fill(&mut filling);
    for name in &filling.unknown {
        if !custom.credentials.iter().any(|(known, _)| known == name) {
            fields.issue("request", &text!["{{", name, "}} is none of the credentials"]);
        }
    }
}

impl Provider {
    /// The description of the request, with the credentials in their places.
    fn fill(&self, filling: &mut Filling<'_>) -> Value {
        let mut described = self.request.clone();
        filling.json(&mut described);
        described
    }

    /// The request that is described, with the credentials in their places.
    pub(super) fn request(&self, given: &Given<'_>) -> Request {
        let described = self.fill(&mut Filling { credentials: given.credentials, unknown: Vec::new() });
        let url = given.token_url(self.request.text("path"));
        let mut request = Request::new(Method::parse(described.text("method")).unwrap_or(Method::Post), url);
        for (name, value) in described.get("headers").unwrap_or(&Json::Null).members() {
            request = request.header(name, Secret::new(value.as_str().unwrap_or(&NO_TEXT)));
        }
        let Some(body) = described.get("body") else { return request };
        if !described.says("encoding", "form") {
            return request.json(body.to_text());
        }
        let mut form = Form::default();
        for (name, value) in body.members() {
            form.add(name, value.as_str().unwrap_or(&NO_TEXT));
        }
        request.form(form)
    }
}

/// Puts credentials where templates name them as `{{name}}`.
struct Filling<'c> {
    credentials: &'c [(Text, Secret)],
    /// The names that no credential has; nothing is put there.
    unknown: Vec<Text>,
}

impl Filling<'_> {
    /// A template, filled in.
    fn text(&mut self, template: &str) -> Text {
        let mut filled = Text::new();
        let mut rest = template;
        while let Some((before, after)) = text::split_once(rest, "{{") {
            let Some((name, after)) = text::split_once(after, "}}") else { break };
            let name = name.trim_ascii();
            filled.push_str(before);
            match self.credentials.iter().find(|(known, _)| known == name) {
                Some((_, secret)) => filled.push_str(secret.reveal()),
                None => self.unknown.push(name.into()),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Fills in each text in a value.
    fn json(&mut self, value: &mut Json) {
        match value {
            Json::Text(text) => *text = self.text(text).into_string(),
            Json::List(items) => {
                for item in items {
                    self.json(item);
                }
            }
            Json::Object(members) => {
                for (_, member) in members {
                    self.json(member);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::super::{Provider, ProviderName};
    use crate::clock::{Span, Timestamp};
    use crate::config::Fields;
    use crate::config::tests::parse_url;

    const REST: &str = r#""credentials":{"user":"u","secret":"s"},"response":{"token":"/r/tok","expiresIn":"/r/ttl"},
        "attach":{"header":"X-Session","scheme":"Token"}"#;

    fn custom(request: &str) -> std::rc::Rc<Provider> {
        provider(ProviderName::Custom, &format!(r#"{{"request":{request},{REST}}}"#))
    }

    fn issues(config: &str) -> String {
        let mut fields = Fields::new("config", crate::json::Json::parse(config).unwrap(), &parse_url);
        Provider::read(ProviderName::Custom.service(), &mut fields);
        fields
            .finish()
            .as_list()
            .unwrap()
            .iter()
            .map(|issue| format!("{}: {}\n", issue.text("path"), issue.text("message")))
            .collect()
    }

    #[test]
    fn credentials_are_put_where_they_are_named() {
        let custom = custom(
            r#"{"method":"put","path":"/in","headers":{"X-Id":"id {{ user }}"},"encoding":"json",
                "body":{"a":["{{secret}}",7,"x{{user}}{{secret}}y"]}}"#,
        );
        let secrets = secrets(&[("user", "u\""), ("secret", "s{{user}}")]);
        let request = request(&custom, &given("https://a.example", &secrets));
        assert_eq!((request.method.as_str(), request.url.as_str()), ("PUT", "https://a.example/in"));
        assert_eq!(header(&request, "x-id"), Some("id u\""));
        assert_eq!(
            body(&request),
            r#"{"a":["s{{user}}",7,"xu\"s{{user}}y"]}"#,
            "what comes in is not read again"
        );
    }

    #[test]
    fn a_form_is_encoded_after_it_is_filled() {
        let custom = custom(r#"{"method":"POST","path":"/in","encoding":"form","body":{"u":"{{user}}"}}"#);
        let secrets = secrets(&[("user", "a&b=c"), ("secret", "s")]);
        assert_eq!(body(&request(&custom, &given("https://a.example", &secrets))), "u=a%26b%3Dc");
    }

    #[test]
    fn the_answer_is_read_by_pointers() {
        let custom = custom(r#"{"method":"POST","path":"/in","encoding":"json"}"#);
        let grant = custom.read_token(&answer(200, r#"{"r":{"tok":"t","ttl":"60"}}"#)).unwrap();
        assert_eq!(
            (grant.token.secret.reveal().as_str(), grant.expires_in),
            ("t", Some(Span::from_seconds(60)))
        );
        assert_eq!(custom.attach().value(&grant.token.secret).reveal(), "Token t");
    }

    #[test]
    fn an_instant_is_a_number_or_a_text() {
        let config = r#"{"credentials":{"k":"v"},"request":{"method":"GET","path":"/in"},"attach":{"header":"X"},
            "response":{"token":"/t","expiresAt":"/until"}}"#;
        let custom = provider(ProviderName::Custom, config);
        for until in ["1800000000", "\"2027-01-15T08:00:00Z\"", "\"1800000000\""] {
            let grant = custom.read_token(&answer(200, &format!(r#"{{"t":"t","until":{until}}}"#))).unwrap();
            assert_eq!(grant.expires_at, Timestamp::from_seconds(1_800_000_000), "{until}");
        }
    }

    #[test]
    fn what_is_wrong_in_the_description_is_said_all_at_once() {
        let said = issues(
            r#"{"credentials":{"k":"v"},"attach":{"header":"bad header"},"response":{"token":"t"},
                "request":{"method":"BREW","path":"in/{{k}}","headers":{"X":"{{nobody}}"},"encoding":"form","body":[1]}}"#,
        );
        for path in [
            "attach.header:",
            "response.token:",
            "request.method:",
            "request.path:",
            "request: {{nobody}}",
            "request.body:",
        ] {
            assert!(said.contains(path), "{path} in {said}");
        }
    }
}
