//! Any service whose token request the configuration describes: method, path, headers and body with `{{name}}` for a
//! credential, and JSON pointers into the answer. <https://www.rfc-editor.org/rfc/rfc6901>

use super::{Acquire, Attach, Given, Provider};
use crate::config::{Credential, Fields};
use crate::error::Result;
use crate::http::{self, Answer, Form, Method, Request};
use crate::json::Json;
use crate::text::{self, text};
use crate::token::{Grant, Secret};

pub(super) const BASE_URL: Option<&str> = None;

struct Custom {
    credentials: Vec<(String, Credential)>,
    attach: Attach,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
    token: String,
    expires_in: Option<String>,
    expires_at: Option<String>,
}

enum Body {
    None,
    Json(Json),
    Form(Vec<(String, String)>),
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    let credentials = fields.required_credentials("credentials");
    let attach = fields.required_attach("attach");
    let mut custom = Custom {
        credentials,
        attach,
        method: Method::Post,
        path: String::new(),
        headers: Vec::new(),
        body: Body::None,
        token: String::new(),
        expires_in: None,
        expires_at: None,
    };
    fields.within("request", &mut |request| custom.read_request(request));
    fields.within("response", &mut |response| {
        custom.token = response.required_pointer("token");
        custom.expires_in = response.pointer("expiresIn");
        custom.expires_at = response.pointer("expiresAt");
    });
    custom
}

impl Custom {
    fn read_request(&mut self, request: &mut Fields) {
        let method = request.required_text("method");
        match Method::parse(&method) {
            Some(method) => self.method = method,
            None if method.is_empty() => {}
            None => request.issue("method", "must be GET, POST, PUT, PATCH or DELETE"),
        }
        self.path = request.path("path").unwrap_or_else(|| {
            request.issue("path", "is required");
            String::new()
        });
        if text::contains(&self.path, "{{") {
            request.issue(
                "path",
                "a credential does not belong in a path, where logs keep it: use a header or the body",
            );
        }
        self.headers = request.headers("headers");
        let encoding = request.choice("encoding", &["json", "form"]);
        let body = request.json("body");
        self.body = match (encoding, body) {
            (_, None) => Body::None,
            (_, Some(_)) if self.method == Method::Get => {
                request.issue("body", "a GET has none");
                Body::None
            }
            (Some("form"), Some(Json::Object(members))) => {
                if !members.iter().all(|(_, value)| value.as_str().is_some()) {
                    request.issue("body", "a form holds texts only");
                }
                let mut fields = Vec::new();
                for (name, value) in members {
                    if let Json::Text(text) = value {
                        fields.push((name, text));
                    }
                }
                Body::Form(fields)
            }
            (Some("form"), Some(_)) => {
                request.issue("body", "must be an object, as encoding is \"form\"");
                Body::None
            }
            (_, Some(body)) => Body::Json(body),
        };
        for name in self.unknown_names() {
            request.issue("", &text!["{{", name, "}} is none of the credentials"]);
        }
    }

    /// The names in `{{…}}` that no credential has.
    fn unknown_names(&self) -> Vec<String> {
        let mut unknown = Vec::new();
        // Filling in knows the syntax; here it is asked only which names it meets.
        let mut look = |template: &str| {
            fill(template, &mut |name| {
                if !self.credentials.iter().any(|(known, _)| known == name) {
                    unknown.push(name.to_owned());
                }
                None
            })
        };
        for (_, value) in &self.headers {
            look(value);
        }
        match &self.body {
            Body::None => {}
            Body::Form(fields) => {
                for (_, value) in fields {
                    look(value);
                }
            }
            Body::Json(body) => {
                fill_texts(body, &mut look);
            }
        }
        unknown
    }
}

impl Provider for Custom {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        let mut fill = |template: &str| fill(template, &mut |name| Some(given.secret(name)));
        let mut request = Request::new(self.method, given.token_url(&self.path));
        for (name, template) in &self.headers {
            request = request.header(name, fill(template));
        }
        Ok(Acquire::Request(match &self.body {
            Body::None => request,
            Body::Json(body) => request.json(fill_texts(body, &mut fill).to_text()),
            Body::Form(fields) => {
                let mut form = Form::default();
                for (name, value) in fields {
                    form.add(name, fill(value).reveal());
                }
                request.form(form)
            }
        }))
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let mut grant = Grant::new(http::token_at(answer, &body, &self.token)?);
        grant.expires_in = self.expires_in.as_deref().and_then(|pointer| http::seconds_at(&body, pointer));
        grant.expires_at = self.expires_at.as_deref().and_then(|pointer| http::instant_at(&body, pointer));
        // Nobody else says when it ends.
        grant.readable = self.expires_in.is_none() && self.expires_at.is_none();
        Ok(grant)
    }
}

/// The template with each `{{name}}` replaced; what `secret` does not know stays as it is.
fn fill(template: &str, secret: &mut dyn FnMut(&str) -> Option<Secret>) -> Secret {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = text::split_once(rest, "{{") {
        let Some((name, after)) = text::split_once(after, "}}") else { break };
        filled.push_str(before);
        if let Some(secret) = secret(name.trim_ascii()) {
            filled.push_str(secret.reveal());
        }
        rest = after;
    }
    filled.push_str(rest);
    Secret::new(filled)
}

/// The value with each text in it filled in.
fn fill_texts(value: &Json, fill: &mut dyn FnMut(&str) -> Secret) -> Json {
    match value {
        Json::Null => Json::Null,
        Json::Bool(value) => Json::Bool(*value),
        Json::Number(number) => Json::Number(number.clone()),
        Json::Text(text) => fill(text).reveal().into(),
        Json::List(items) => {
            let mut filled = Vec::new();
            for item in items {
                filled.push(fill_texts(item, fill));
            }
            Json::List(filled)
        }
        Json::Object(members) => {
            let mut filled = Vec::new();
            for (name, member) in members {
                filled.push((name.clone(), fill_texts(member, fill)));
            }
            Json::Object(filled)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use crate::clock::{Span, Timestamp};
    use crate::config::Fields;
    use crate::config::tests::parse_url;

    const REST: &str = r#""credentials":{"user":"u","secret":"s"},"response":{"token":"/r/tok","expiresIn":"/r/ttl"},
        "attach":{"header":"X-Session","scheme":"Token"}"#;

    fn custom(request: &str) -> Box<dyn crate::provider::Provider> {
        provider(ProviderName::Custom, &format!(r#"{{"request":{request},{REST}}}"#))
    }

    fn issues(config: &str) -> String {
        let mut fields = Fields::new("config", crate::json::Json::parse(config).unwrap(), &parse_url);
        ProviderName::Custom.read(&mut fields);
        fields.finish().iter().map(|issue| format!("{}: {}\n", issue.path, issue.message)).collect()
    }

    #[test]
    fn credentials_are_put_where_they_are_named() {
        let custom = custom(
            r#"{"method":"put","path":"/in","headers":{"X-Id":"id {{ user }}"},"encoding":"json",
                "body":{"a":["{{secret}}",7,"x{{user}}{{secret}}y"]}}"#,
        );
        let secrets = secrets(&[("user", "u\""), ("secret", "s{{user}}")]);
        let request = request(&*custom, &given("https://a.example", &secrets));
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
        assert_eq!(body(&request(&*custom, &given("https://a.example", &secrets))), "u=a%26b%3Dc");
    }

    #[test]
    fn the_answer_is_read_by_pointers() {
        let custom = custom(r#"{"method":"POST","path":"/in","encoding":"json"}"#);
        let grant = custom.read_token(&answer(200, r#"{"r":{"tok":"t","ttl":"60"}}"#)).unwrap();
        assert_eq!((grant.token.reveal(), grant.expires_in), ("t", Some(Span::from_seconds(60))));
        assert_eq!(custom.attach().value(&grant.token).reveal(), "Token t");
    }

    #[test]
    fn an_instant_is_a_number_or_a_text() {
        let config = r#"{"credentials":{"k":"v"},"request":{"method":"GET","path":"/in"},"attach":{"header":"X"},
            "response":{"token":"/t","expiresAt":"/until"}}"#;
        let custom = provider(ProviderName::Custom, config);
        for until in ["1800000000", "\"2027-01-15T08:00:00Z\"", "\"1800000000\""] {
            let grant = custom.read_token(&answer(200, &format!(r#"{{"t":"t","until":{until}}}"#))).unwrap();
            assert_eq!(grant.expires_at, Some(Timestamp::from_seconds(1_800_000_000)), "{until}");
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
