//! Masumi, payments between agents. Guide: <https://docs.masumi.network/api-reference/payment-service>
//!
//! A static key in the header `token`: nothing is exchanged and nothing expires. An admin's key manages keys: see
//! [`keys`], and [`crate::keys`] for what a client does with them.

pub mod keys;

use super::Service;
use crate::config::table::fields;
use crate::error::{self, Code, Error};
use crate::http::{self, Answer};
use crate::json::{Json, Value};
use crate::text::{self, NO_TEXT};

pub(super) const SERVICE: Service = Service {
    base_url: Some("http://localhost:3001/api/v1"),
    fields: fields!["apiKey" needs Credential, "apiVersion" may Choice("0.28, 0.25")],
    header: ("token", ""),
    acquire: |_, given| Ok(given.key()),
    read_error,
    ..Service::USUAL
};

/// The service knows no 403, and puts what is wrong with a body into one line: `path: message; path: message`.
fn read_error(answer: &Answer) -> Error {
    let mut error = http::error_of(answer);
    let body = answer.told();
    let said = body.pointer("/error/message").and_then(Json::as_str).unwrap_or(&NO_TEXT);
    match error.code {
        Code::Unauthorized if said.ends_with("access required") => error.code = Code::Forbidden,
        Code::InvalidRequest => {
            let (mut rest, mut issues) = (said.as_str(), Value::list());
            while !rest.is_empty() {
                let (one, others) = text::split_once(rest, "; ").unwrap_or((rest, ""));
                if let Some(issue) = issue(one) {
                    issues.push(issue);
                }
                rest = others;
            }
            if issues.item(0).is_some() {
                error.issues = issues;
            }
        }
        _ => {}
    }
    error
}

fn issue(said: &str) -> Option<Value> {
    let (path, message) = text::split_once(said, ": ")?;
    let is_path = !path.is_empty() && !text::contains(path, " ");
    is_path.then(|| error::issue(path, message))
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::super::{Acquire, ProviderName};
    use crate::error::Code;
    use crate::json::Json;

    #[test]
    fn the_key_is_the_token() {
        let masumi = provider(ProviderName::Masumi, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let acquired = masumi.token_request(&given("http://localhost:3001/api/v1", &secrets)).unwrap();
        assert!(matches!(acquired, Acquire::Key(key, None) if key.reveal() == "key"));
        assert_eq!(masumi.attach().header, "token");
    }

    /// Recordings 037, 093, 035 and 013.
    #[test]
    fn errors_as_they_were_recorded() {
        let masumi = provider(ProviderName::Masumi, r#"{"apiKey":"key"}"#);
        let error = |status, message: &str| {
            masumi.read_error(&answer(
                status,
                &format!(r#"{{"status":"error","error":{{"message":"{message}"}}}}"#),
            ))
        };
        assert_eq!(error(401, "Unauthorized, admin access required").code, Code::Forbidden);
        assert_eq!(error(401, "Unauthorized, API key is revoked").code, Code::Unauthorized);
        let several = error(
            400,
            "UsageCredits: Invalid input: expected array, received undefined; canRead: Invalid input",
        );
        let issues = several.issues.as_list().unwrap();
        let paths: Vec<_> = issues.iter().map(|issue| issue.text("path")).collect();
        assert_eq!(paths, ["UsageCredits", "canRead"]);
        assert_eq!(issues[0].text("message"), "Invalid input: expected array, received undefined");
        assert_eq!(*error(400, "Admin API keys cannot have usage limits").issues, Json::Null);
    }
}
