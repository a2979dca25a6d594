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
    body: Option<Json>,
    is_form: bool,
    token: String,
    expires_in: Option<String>,
    expires_at: Option<String>,
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    let credentials = fields.required_credentials("credentials");
    let attach = fields.required_attach("attach");
    let mut request = fields.enter("request");
    let method = request.required_text("method");
    let custom = Custom {
        credentials,
        attach,
        method: Method::parse(&method).unwrap_or_else(|| {
            if !method.is_empty() {
                request.issue("method", "must be GET, POST, PUT, PATCH or DELETE");
            }
            Method::Post
        }),
        path: request.path("path").unwrap_or_else(|| {
            request.issue("path", "is required");
            String::new()
        }),
        headers: request.headers("headers"),
        is_form: request.choice("encoding", &["json", "form"]) == Some("form"),
        body: request.json("body"),
        token: String::new(),
        expires_in: None,
        expires_at: None,
    };
    custom.check(&mut request);
    fields.leave(request);
    let mut response = fields.enter("response");
    let custom = Custom {
        token: response.required_pointer("token"),
        expires_in: response.pointer("expiresIn"),
        expires_at: response.pointer("expiresAt"),
        ..custom
    };
    fields.leave(response);
    custom
}

impl Custom {
    /// Notes what is wrong with the request, each of whose fields is right by itself.
    fn check(&self, request: &mut Fields) {
        if text::contains(&self.path, "{{") {
            request.issue("path", "must hold no credential, as logs keep it: use a header or the body");
        }
        let wrong = match &self.body {
            Some(_) if self.method == Method::Get => Some("a GET has none"),
            Some(Json::Object(members)) if self.is_form => {
                let all = members.iter().all(|(_, value)| value.as_str().is_some());
                (!all).then_some("a form holds texts only")
            }
            Some(_) if self.is_form => Some("must be an object, as encoding is \"form\""),
            _ => None,
        };
        if let Some(message) = wrong {
            request.issue("body", message);
        }
        let mut credentials = Vec::new();
        for (name, _) in &self.credentials {
            credentials.push((name.clone(), Secret::new("")));
        }
        let mut filling = Filling { credentials: &credentials, unknown: Vec::new() };
        self.request(String::new(), &mut filling);
        for name in &filling.unknown {
            request.issue("", &text!["{{", name, "}} is none of the credentials"]);
        }
    }

    fn request(&self, url: String, filling: &mut Filling) -> Request {
        let mut request = Request::new(self.method, url);
        for (name, template) in &self.headers {
            request = request.header(name, Secret::new(filling.text(template)));
        }
        let Some(mut body) = self.body.clone() else { return request };
        filling.json(&mut body);
        if !self.is_form {
            return request.json(body.to_text());
        }
        let mut form = Form::default();
        for (name, value) in body.members() {
            form.add(name, value.as_str().unwrap_or_default());
        }
        request.form(form)
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
        let mut filling = Filling { credentials: given.credentials, unknown: Vec::new() };
        Ok(Acquire::Request(self.request(given.token_url(&self.path), &mut filling)))
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let mut grant = Grant::new(http::token_at(answer, body, &self.token)?);
        grant.expires_in = self.expires_in.as_deref().and_then(|pointer| http::seconds_at(body, pointer));
        grant.expires_at = self.expires_at.as_deref().and_then(|pointer| http::instant_at(body, pointer));
        // Nobody else says when it ends.
        grant.readable = self.expires_in.is_none() && self.expires_at.is_none();
        Ok(grant)
    }
}

/// Puts credentials where templates name them as `{{name}}`.
struct Filling<'c> {
    credentials: &'c [(String, Secret)],
    /// The names that no credential has; nothing is put there.
    unknown: Vec<String>,
}

impl Filling<'_> {
    /// A template, filled in.
    fn text(&mut self, template: &str) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = text::split_once(rest, "{{") {
            let Some((name, after)) = text::split_once(after, "}}") else { break };
            let name = name.trim_ascii();
            filled.push_str(before);
            match self.credentials.iter().find(|(known, _)| known == name) {
                Some((_, secret)) => filled.push_str(secret.reveal()),
                None => self.unknown.push(name.to_owned()),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Fills in each text in a value.
    fn json(&mut self, value: &mut Json) {
        match value {
            Json::Text(text) => *text = self.text(text),
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
        assert_eq!((grant.token.secret.reveal(), grant.expires_in), ("t", Some(Span::from_seconds(60))));
        assert_eq!(custom.attach().value(&grant.token.secret).reveal(), "Token t");
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
