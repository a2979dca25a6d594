//! What a service wants: how its token is asked for, how its answer is read, where the token goes.
//!
//! All of that is synchronous and pure: it makes requests and reads answers, and sends nothing. Each service is one small file that
//! opens with the address of its guide and reads like it: a [`Service`], which is constants, and a function for what is its own.

mod attach;
mod brifle;
mod custom;
mod login;
mod masivo;
pub mod masumi;
pub(crate) mod masv;
pub(crate) mod oauth2;
pub(crate) mod token;
mod told;

pub use attach::Attach;

use crate::config::mark::function_of;
use crate::config::table::fields;
use crate::config::{Credential, Fields};
use crate::error::{Error, Result};
use crate::http::{self, Answer, Method, Request};
use crate::json::{Json, Value, Writer};
use crate::platform::FunctionId;
use crate::text::{NO_TEXT, Text, named, text};
use crate::token::{Grant, Secret};
use std::rc::Rc;

macro_rules! providers {
    ($($(#[$doc:meta])* $variant:ident = $text:literal in $module:ident,)*) => {
        named! {
            /// The services that are known, by the name that the configuration gives.
            ProviderName:
            $($(#[$doc])* $variant = $text,)*
        }

        impl ProviderName {
            /// What its guide says.
            pub fn service(self) -> &'static Service {
                match self { $(ProviderName::$variant => &$module::SERVICE,)* }
            }
        }
    };
}

providers! {
    /// Masivo's storefront.
    Masivo = "masivo" in masivo,
    /// MASV, as a user or with an API key.
    Masv = "masv" in masv,
    /// Services with an `/auth/login` that gives a token for a session.
    Login = "login" in login,
    /// Brifle.
    Brifle = "brifle" in brifle,
    /// The Masumi payment service.
    Masumi = "masumi" in masumi,
    /// Any service with an OAuth 2 token endpoint.
    OAuth2 = "oauth2" in oauth2,
    /// Any service whose token request the configuration describes.
    Custom = "custom" in custom,
    /// Any service whose token a function of the user's gets.
    Token = "token" in token,
}

/// What a service's guide says, as far as tokens go.
pub struct Service {
    /// The base URL, if it is one for everybody.
    pub base_url: Option<&'static str>,
    /// What its configuration has besides what all have. The credentials among it are asked for before each token request.
    pub fields: &'static str,
    /// What is to be seen to in the configuration besides that.
    pub check: fn(&mut Provider, &mut Fields<'_>),
    /// The header that a token travels in, and what stands in it before the token.
    pub header: (&'static str, &'static str),
    /// How the next token is had.
    pub acquire: fn(&Provider, &Given<'_>) -> Result<Acquire>,
    /// The request for it, described as in the configuration of [`custom`].
    pub request: &'static str,
    /// Where in the answer what is, described likewise: see [`told`].
    pub response: &'static str,
    /// The token in the answer.
    pub read_token: fn(&Provider, &Answer) -> Result<Box<Grant>>,
    /// What an answer means that is no success.
    pub read_error: fn(&Answer) -> Error,
    /// Whether a client can have a session of its own.
    pub sessions: bool,
    /// The path that ends a token's session; nothing where there is none, or the configuration says it.
    pub logout: &'static str,
    /// What belongs to the service and has a token of its own.
    pub parts: &'static [(&'static str, &'static Service)],
    /// What its token is for, where that is one thing; nothing where there is none, or the configuration says it.
    pub access: &'static str,
}

impl Service {
    /// What is so where the guide says nothing else: a bearer token (RFC 6750 §2.1).
    const USUAL: Service = Service {
        base_url: None,
        fields: "",
        check: |_, _| {},
        header: ("Authorization", "Bearer "),
        acquire: |provider, given| Ok(Acquire::Request(provider.request(given))),
        request: "",
        response: "",
        read_token: |provider, answer| told::read(&provider.response, answer),
        read_error: http::error_of,
        sessions: false,
        logout: "",
        parts: &[],
        access: "",
    };
}

/// A service as it was configured.
pub struct Provider {
    service: &'static Service,
    /// The configuration, in which what was read is right, and no credential is left.
    given: Rc<Value>,
    credentials: Vec<(Text, Credential)>,
    attach: Attach,
    /// The descriptions of request and response, as configured or as the service has them.
    request: Value,
    response: Value,
}

impl Provider {
    /// Reads the service's own part of a configuration; what is wrong is noted there.
    pub(crate) fn read(service: &'static Service, fields: &mut Fields<'_>) -> Self {
        fields.read(service.fields);
        let credentials = fields.credentials(service.fields);
        let given = fields.given();
        let attach = Attach::of(service, given.get("attach"));
        let described = |name: &str, usual: &str| match given.get(name) {
            Some(described) => described.own(),
            None => Json::parse(usual).unwrap_or_default(),
        };
        let request = described("request", service.request);
        let response = described("response", service.response);
        let mut provider = Provider { service, given, credentials, attach, request, response };
        (service.check)(&mut provider, fields);
        provider
    }

    /// The credentials that the token request needs, by name. They are asked for before each one.
    pub fn credentials(&self) -> &Vec<(Text, Credential)> {
        &self.credentials
    }

    /// The header that a token travels in.
    pub fn attach(&self) -> &Attach {
        &self.attach
    }

    /// How the next token is had.
    ///
    /// # Errors
    /// `ERR_CREDENTIAL` if a credential cannot be sent.
    pub fn token_request(&self, given: &Given<'_>) -> Result<Acquire> {
        (self.service.acquire)(self, given)
    }

    /// The token in the answer to that request.
    ///
    /// # Errors
    /// What the answer means, as [`Provider::read_error`]; `ERR_RESPONSE` if there is no token in it.
    pub fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        (self.service.read_token)(self, answer)
    }

    /// What an answer means that is no success.
    pub fn read_error(&self, answer: &Answer) -> Error {
        (self.service.read_error)(answer)
    }

    /// The provider of something that belongs to the service and has a token of its own, where it has such a thing.
    pub(crate) fn derive(self: &Rc<Self>, what: &str, fields: &mut Fields<'_>) -> Option<Rc<Provider>> {
        if what == "session" && self.service.sessions {
            fields.read(SESSION);
            return Some(Rc::clone(self));
        }
        let (_, part) = self.service.parts.iter().find(|(name, _)| *name == what)?;
        Some(Rc::new(Provider::read(part, fields)))
    }

    /// What its token is for, where that is one thing.
    pub fn access(&self) -> Option<Access<'_>> {
        masv::packages::access(self.said("access", self.service.access), self.given.text_of("id"))
    }

    /// What the configuration says there, or the service has.
    fn said<'s>(&'s self, name: &str, usual: &'s str) -> &'s str {
        self.given.text_of(name).map_or(usual, String::as_str)
    }

    /// The request that ends the token's session at the service, where it has one.
    pub fn logout_request(&self, base_url: &str, token: &Secret) -> Option<Request> {
        let path = self.said("logoutPath", self.service.logout);
        if path.is_empty() {
            return None;
        }
        let request = Request::new(Method::Post, text![base_url, path]);
        let request = request.header(&self.attach.header, self.attach.value(token));
        Some(request.json(Writer::new().text("token", token.reveal()).end()))
    }

    /// Asks the function that the configuration has for it.
    fn ask(&self, _: &Given<'_>) -> Result<Acquire> {
        let function = self.given.get("acquire").and_then(function_of);
        Ok(Acquire::Ask(function.ok_or_else(|| Error::field("acquire", "must be a function"))?))
    }
}

const SESSION: &str = fields!["id" needs Text];

/// What a token request is made from.
#[derive(Debug)]
pub struct Given<'a> {
    /// Where the service is; no slash at its end.
    pub base_url: &'a str,
    /// Where tokens are asked for, if not there: as configured, or as discovered.
    pub token_url: Option<&'a String>,
    /// The credentials of [`Provider::credentials`], in that order.
    pub credentials: &'a [(Text, Secret)],
    /// The refresh token that came with the last one.
    pub refresh_token: Option<&'a Secret>,
    /// A random text, where the service must be kept from giving its last token again.
    pub fresh: Option<&'a String>,
    /// The session that the client is for, where it was made for one.
    pub session: Option<&'a String>,
}

impl Given<'_> {
    /// Where tokens are asked for: as configured, else at this path of the service.
    pub fn token_url(&self, path: &str) -> Text {
        self.token_url.map_or_else(|| text![self.base_url, path], Text::from)
    }

    /// An API key that is its own token.
    fn key(&self) -> Acquire {
        Acquire::Key(Secret::new(self.reveal("apiKey")), None)
    }

    /// The text of the credential of this name; nothing where the provider has none such.
    fn reveal(&self, name: &str) -> &String {
        for (given, secret) in self.credentials {
            if given == name {
                return secret.reveal();
            }
        }
        &NO_TEXT
    }
}

/// How a token is had.
#[derive(Debug)]
pub enum Acquire {
    /// By a request, whose answer [`Provider::read_token`] reads.
    Request(Request),
    /// It is known already: a static key. Or it ends when it says, and cannot be asked for again; then this is what to do.
    Key(Secret, Option<&'static str>),
    /// By a function of the user's.
    Ask(FunctionId),
    /// By a request to a token endpoint that has to be discovered first, in the document of this issuer.
    Discover(Text),
}

/// What a token is for that is for one thing.
#[derive(Debug, PartialEq)]
pub struct Access<'a> {
    /// Its name, as the service has it.
    pub name: &'a str,
    /// The id of the thing, where it is known.
    pub id: Option<&'a String>,
    /// What may be done with the token, with spaces between.
    pub may: &'static str,
    /// What to do when it has expired, where it was given and cannot be asked for again.
    pub cure: &'static str,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::config::tests::parse_url;

    /// A provider from the text of its configuration.
    pub(crate) fn provider(name: ProviderName, config: &str) -> Rc<Provider> {
        let mut fields = Fields::new("config", crate::json::Json::parse(config).unwrap(), &parse_url);
        let provider = Provider::read(name.service(), &mut fields);
        assert_eq!(fields.finish(), Value::list(), "{config}");
        Rc::new(provider)
    }

    /// What a provider's request is made from, with plain credentials.
    pub(crate) fn given<'a>(base_url: &'a str, credentials: &'a [(Text, Secret)]) -> Given<'a> {
        Given { base_url, token_url: None, credentials, refresh_token: None, fresh: None, session: None }
    }

    pub(crate) fn secrets(pairs: &[(&str, &str)]) -> Vec<(Text, Secret)> {
        pairs.iter().map(|(name, text)| (Text::from(*name), Secret::new(*text))).collect()
    }

    /// The request that a provider makes.
    pub(crate) fn request(provider: &Provider, given: &Given) -> Request {
        match provider.token_request(given).unwrap() {
            Acquire::Request(request) => request,
            other => panic!("expected a request, not {other:?}"),
        }
    }

    pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
        request
            .headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.reveal().as_str())
    }

    pub(crate) fn body(request: &Request) -> &str {
        request.body.as_ref().map_or("", |body| body.reveal())
    }

    /// The body as JSON, whose members have no order.
    pub(crate) fn json(request: &Request) -> serde_json::Value {
        serde_json::from_str(body(request)).unwrap()
    }

    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        let now = Timestamp::from_seconds(1_800_000_000);
        Answer {
            status,
            headers: Default::default(),
            body: body.into(),
            asked: "GET /".into(),
            arrived_at: now,
            read: Default::default(),
            seen: Default::default(),
        }
    }

    #[test]
    fn every_description_is_json() {
        for name in ProviderName::ALL {
            let whole = name.service();
            for service in whole.parts.iter().map(|(_, part)| *part).chain([whole]) {
                for described in [service.request, service.response] {
                    assert!(described.is_empty() || Json::parse(described).is_ok(), "{described}");
                }
            }
        }
    }

    #[test]
    fn every_name_is_read_back() {
        for name in ProviderName::ALL {
            assert_eq!(ProviderName::parse(name.as_str()), Some(*name));
        }
        assert_eq!(ProviderName::parse("Masivo"), None);
    }
}
