//! MASV's tokens for one package or one transfer, each in a client of its own. Links:
//! <https://developer.massive.io/masv-api/latest/>
//!
//! | what | how the token comes | header |
//! |---|---|---|
//! | a link | `GET /v1/links/{id}?secret=`, again when it has expired | `X-Package-Token` |
//! | a package that is managed | from a list of the team's packages, again when it has expired | `X-Package-Token` |
//! | any other package, a transfer | it was given, and cannot be asked for again | `X-Package-Token`, `X-Transfer-Token` |
//!
//! What one has a package token for, MASV's guide says in so many words for each of its pages: uploading, downloading, managing.

use crate::config::{Credential, Fields};
use crate::error::{Code, Error, Result};
use crate::http::members::{self, Members, read_members};
use crate::http::{self, Answer, Method, Request, form_encode};
use crate::json::{Json, Writer};
use crate::platform::FunctionId;
use crate::provider::{Access, Acquire, Attach, Given, Provider};
use crate::text::{self, text};
use crate::token::Grant;

const PACKAGE_TOKEN: &str = "X-Package-Token";
const TRANSFER_TOKEN: &str = "X-Transfer-Token";
const LINK_PASSWORD: &str = "x-link-password";
const LINKS: &str = "/v1/links/";

/// What each kind of token may do, by the name of its access.
const MAY: &[(&str, &[&str])] = &[
    ("write", &["upload", "finalize"]),
    ("read", &["list", "download"]),
    ("manage", &["list", "download", "edit", "delete", "expire", "link", "transfer"]),
    ("transfer", &["status", "retry", "cancel"]),
];

struct Package {
    access: &'static str,
    id: Option<String>,
    source: Source,
    credentials: Vec<(String, Credential)>,
    attach: Attach,
}

enum Source {
    /// The token is the credential.
    Given,
    /// The id of a link, whose secret and password are credentials.
    Link(String),
    /// A function that finds it in the team's list.
    List(FunctionId),
}

/// Reads what a client of this kind is made from: `linked`, `managed`, `package` or `transfer`.
pub(super) fn read(kind: &str, fields: &mut Fields) -> Option<Box<dyn Provider>> {
    let (access, source, credentials) = match kind {
        "linked" => {
            let names: &[&str] = if fields.has("password") { &["secret", "password"] } else { &["secret"] };
            let credentials = fields.all_of(names);
            ("read", Source::Link(fields.required_text("link")), credentials)
        }
        "managed" => ("manage", Source::List(fields.required_function("acquire")), Vec::new()),
        "package" => {
            let access = fields.required_choice("access", &["write", "read", "manage"]).unwrap_or("read");
            (access, Source::Given, fields.all_of(&["token"]))
        }
        "transfer" => ("transfer", Source::Given, fields.all_of(&["token"])),
        _ => return None,
    };
    let id = if kind == "package" { Some(fields.required_text("id")) } else { fields.text("id") };
    let attach = Attach::plain(if access == "transfer" { TRANSFER_TOKEN } else { PACKAGE_TOKEN });
    Some(Box::new(Package { access, id, source, credentials, attach }))
}

impl Provider for Package {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        match &self.source {
            Source::Given => Ok(Acquire::Given(
                given.secret("token"),
                match self.access {
                    "write" => "send the package anew",
                    "transfer" => "ask its package for its transfers again",
                    _ => "ask for another link, or use managedPackage",
                },
            )),
            Source::List(function) => Ok(Acquire::Ask(*function)),
            Source::Link(link) => {
                let secret = form_encode(given.secret("secret").reveal());
                let path = text![given.base_url, LINKS, path_part("link", link)?, "?secret=", secret];
                let password = given.secret("password");
                let request = Request::new(Method::Get, path);
                Ok(Acquire::Request(if password.is_empty() {
                    request
                } else {
                    request.header(LINK_PASSWORD, password)
                }))
            }
        }
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let mut grant = Grant::new(http::token_at(answer, body, "/package_token")?);
        grant.readable = true;
        grant.token.id = body.text("package_id").map(str::to_owned);
        Ok(grant)
    }

    fn access(&self) -> Option<Access<'_>> {
        let (name, may) = *MAY.iter().find(|(name, _)| *name == self.access)?;
        Some(Access { name, id: self.id.as_deref(), may })
    }

    fn derive(&self, what: &str, fields: &mut Fields) -> Option<Box<dyn Provider>> {
        if what == "transfer" && self.access == "manage" { read(what, fields) } else { None }
    }
}

/// The body that makes a package in somebody's portal, which takes no credential of ours.
pub(crate) fn in_portal(mut fields: Fields<'_>) -> Result<String> {
    let mut body = Writer::new();
    for name in &["sender", "name"] {
        body.text(name, &fields.required_text(name));
    }
    if let Some(description) = fields.text("description") {
        body.text("description", &description);
    }
    fields.done()?;
    Ok(body.end())
}

/// What is read of a thing that has a token of its own, of which a client is made.
pub(crate) const TOKENED: Members = &[("id", "id", members::id), ("token", "access_token", members::token)];

/// An id as one part of a path, whatever is in it.
///
/// # Errors
/// `ERR_CONFIG` for what no encoding keeps from leading elsewhere: nothing, and the dots that a URL resolves.
pub(crate) fn path_part(name: &str, id: &str) -> Result<String> {
    if matches!(id, "" | "." | "..") {
        return Err(Error::field(name, "is empty, or nothing but dots"));
    }
    Ok(text::replace(&form_encode(id), "+", "%20"))
}

/// The most packages that a page of a team's list has.
const PAGE: usize = 50;

/// Looks for a package in the answer that is a page of a team's packages: what is read of it, nothing if it is on a later page.
pub(crate) fn read_managed(answer: &Answer, package: &str) -> Result<Option<Json>> {
    let body = answer.json()?;
    let records = http::list_at(answer, body, "/records")?;
    for record in records {
        if record.text("id") == Some(package) {
            return read_members(answer, record, TOKENED).map(Some);
        }
    }
    if records.len() < PAGE {
        return Err(Error::new(
            Code::NotFound,
            text!["the team has no package \"", package, "\" that is finished"],
        ));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::*;
    use crate::token::Secret;

    fn package(kind: &str, config: &str) -> Box<dyn Provider> {
        let parse = crate::config::tests::parse_url;
        let mut fields = Fields::new("options", Json::parse(config).unwrap(), &parse);
        let package = read(kind, &mut fields).unwrap();
        assert_eq!(fields.finish(), [], "{config}");
        package
    }

    #[test]
    fn a_link_is_opened_with_its_secret_and_password() {
        let linked = package("linked", r#"{"link":"a/b","secret":"s&t","password":"p"}"#);
        let secrets = secrets(&[("secret", "s&t"), ("password", "p")]);
        let request = request(&*linked, &given("https://api.massive.app", &secrets));
        assert_eq!(request.url, "https://api.massive.app/v1/links/a%2Fb?secret=s%26t");
        assert_eq!(request.name(), "GET https://api.massive.app/v1/links/a%2Fb", "without the secret");
        assert_eq!(header(&request, "X-Link-Password"), Some("p"));

        let grant =
            linked.read_token(&answer(200, r#"{"package_token":"a.b.c","package_id":"p1"}"#)).unwrap();
        assert_eq!(
            (linked.attach().header.as_str(), grant.token.id.as_deref()),
            ("X-Package-Token", Some("p1"))
        );
        assert_eq!(linked.access(), Some(Access { name: "read", id: None, may: &["list", "download"] }));
    }

    #[test]
    fn a_token_that_was_given_is_no_request() {
        let given_token = package("transfer", r#"{"token":"a.b.c"}"#);
        let secrets = [("token".to_owned(), Secret::new("a.b.c"))];
        let acquired = given_token.token_request(&given("https://api.massive.app", &secrets)).unwrap();
        assert!(matches!(acquired, Acquire::Given(token, _) if token.reveal() == "a.b.c"));
        assert_eq!(given_token.attach().header, "X-Transfer-Token");
    }

    #[test]
    fn a_package_is_looked_for_to_the_last_page() {
        let page = |count: usize| {
            let records: Vec<_> =
                (0..count).map(|n| format!(r#"{{"id":"p{n}","access_token":"t{n}"}}"#)).collect();
            answer(200, &format!(r#"{{"records":[{}]}}"#, records.join(",")))
        };
        assert_eq!(read_managed(&page(3), "p2").unwrap().unwrap().to_text(), r#"{"id":"p2","token":"t2"}"#);
        assert_eq!(read_managed(&page(50), "other").unwrap(), None);
        assert_eq!(read_managed(&page(49), "other").unwrap_err().code, Code::NotFound);
    }
}
