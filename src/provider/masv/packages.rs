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

use crate::config::table::fields;
use crate::error::{Error, Result};
use crate::http::members::{self, Member};
use crate::http::{Method, Request, form_encode};
use crate::provider::{Access, Acquire, Given, Provider, Service};
use crate::text::{self, Text, text};
use crate::token::Secret;

const PACKAGE_TOKEN: (&str, &str) = ("X-Package-Token", "");
const TRANSFER_TOKEN: (&str, &str) = ("X-Transfer-Token", "");
const LINK_PASSWORD: &str = "x-link-password";
const LINKS: &str = "/v1/links/";

/// What a client of its own is made for, by the name of the call.
pub(super) const PARTS: &[(&str, &Service)] =
    &[("linked", &LINKED), ("managed", &MANAGED), ("package", &PACKAGE), ("transfer", &TRANSFER)];

const LINKED: Service = Service {
    fields: fields![
        "link" needs Text,
        "secret" needs Credential,
        "password" may Credential,
        "id" may Text,
    ],
    header: PACKAGE_TOKEN,
    acquire: open_link,
    response: r#"{"token":"/package_token","id":"/package_id"}"#,
    access: "read",
    ..Service::USUAL
};

const MANAGED: Service = Service {
    fields: fields!["acquire" needs Function, "id" may Text],
    header: PACKAGE_TOKEN,
    acquire: Provider::ask,
    parts: &[("transfer", &TRANSFER)],
    access: "manage",
    ..Service::USUAL
};

const PACKAGE: Service = Service {
    fields: fields![
        "id" needs Text,
        "access" needs Choice("write, read, manage"),
        "token" needs Credential,
    ],
    header: PACKAGE_TOKEN,
    acquire: as_given,
    ..Service::USUAL
};

const TRANSFER: Service = Service {
    fields: fields!["token" needs Credential, "id" may Text],
    header: TRANSFER_TOKEN,
    acquire: as_given,
    access: "transfer",
    ..Service::USUAL
};

/// What each kind of token may do, by the name of its access; and what to do once one has expired that was given.
const ACCESSES: &str = "\
write:upload finalize:send the package anew
read:list download:ask for another link, or use managedPackage
manage:list download edit delete expire link transfer:ask for another link, or use managedPackage
transfer:status retry cancel:ask its package for its transfers again";

/// The access of this name, to what has this id.
pub(crate) fn access<'p>(name: &'p str, id: Option<&'p String>) -> Option<Access<'p>> {
    let mut cure = text::entry(ACCESSES, name)?;
    let may = text::take_until(&mut cure, b':');
    Some(Access { name, id, may, cure })
}

/// The token is the credential.
fn as_given(package: &Provider, given: &Given<'_>) -> Result<Acquire> {
    let cure = package.access().map_or("", |access| access.cure);
    Ok(Acquire::Key(Secret::new(given.reveal("token")), Some(cure)))
}

fn open_link(package: &Provider, given: &Given<'_>) -> Result<Acquire> {
    let link = path_part("link", package.given.text("link"))?;
    let secret = form_encode(given.reveal("secret"));
    let request = Request::new(Method::Get, text![given.base_url, LINKS, link, "?secret=", secret]);
    Ok(Acquire::Request(match given.reveal("password").as_str() {
        "" => request,
        password => request.header(LINK_PASSWORD, Secret::new(password)),
    }))
}

/// What is read of a thing that has a token of its own, of which a client is made.
pub(crate) const TOKENED: &[Member] = &[("id", members::id), ("token/access_token", members::token)];

/// An id as one part of a path, whatever is in it.
///
/// # Errors
/// `ERR_CONFIG` for what no encoding keeps from leading elsewhere: nothing, and the dots that a URL resolves.
pub(crate) fn path_part(name: &str, id: &str) -> Result<Text> {
    if matches!(id, "" | "." | "..") {
        return Err(Error::field(name, "is empty, or nothing but dots"));
    }
    Ok(text::replace(&form_encode(id), "+", "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Fields;
    use crate::json::{Json, Value};
    use crate::provider::ProviderName;
    use crate::provider::tests::*;
    use std::rc::Rc;

    fn package(kind: &str, config: &str) -> Rc<Provider> {
        let parse = crate::config::tests::parse_url;
        let mut fields = Fields::new("options", Json::parse(config).unwrap(), &parse);
        let masv = provider(ProviderName::Masv, r#"{"apiKey":"k"}"#);
        let package = masv.derive(kind, &mut fields).unwrap();
        assert_eq!(fields.finish(), Value::list(), "{config}");
        package
    }

    #[test]
    fn a_link_is_opened_with_its_secret_and_password() {
        let linked = package("linked", r#"{"link":"a/b","secret":"s&t","password":"p"}"#);
        let secrets = secrets(&[("secret", "s&t"), ("password", "p")]);
        let request = request(&linked, &given("https://api.massive.app", &secrets));
        assert_eq!(request.url, "https://api.massive.app/v1/links/a%2Fb?secret=s%26t");
        assert_eq!(request.name(), "GET https://api.massive.app/v1/links/a%2Fb", "without the secret");
        assert_eq!(header(&request, "X-Link-Password"), Some("p"));

        let grant =
            linked.read_token(&answer(200, r#"{"package_token":"a.b.c","package_id":"p1"}"#)).unwrap();
        assert_eq!(
            (linked.attach().header.as_str(), grant.token.id.as_deref()),
            ("X-Package-Token", Some("p1"))
        );
        let access = linked.access().unwrap();
        assert_eq!((access.name, access.id, access.may), ("read", None, "list download"));
    }

    #[test]
    fn a_token_that_was_given_is_no_request() {
        let given_token = package("transfer", r#"{"token":"a.b.c"}"#);
        let secrets = [("token".into(), Secret::new("a.b.c"))];
        let acquired = given_token.token_request(&given("https://api.massive.app", &secrets)).unwrap();
        assert!(matches!(acquired, Acquire::Key(token, Some(_)) if token.reveal() == "a.b.c"));
        assert_eq!(given_token.attach().header, "X-Transfer-Token");
    }
}
