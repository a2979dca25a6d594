//! What a service wants: how its token is asked for, how its answer is read, where the token goes.
//!
//! A provider is synchronous and pure: it makes requests and reads answers, and sends nothing. Each is one small file that
//! opens with the address of the service's guide and reads like it.

mod brifle;
mod custom;
mod login;
mod masivo;
pub mod masumi;
pub(crate) mod masv;
pub(crate) mod oauth2;
pub(crate) mod token;

use crate::config::{Credential, Fields};
use crate::error::{Error, Result};
use crate::http::{self, Answer, Request};
use crate::platform::FunctionId;
use crate::text::text;
use crate::token::{Grant, Secret};

macro_rules! providers {
    ($($(#[$doc:meta])* $variant:ident = $text:literal in $module:ident,)*) => {
        /// The services that are known, by the name that the configuration gives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProviderName { $($(#[$doc])* $variant,)* }

        impl ProviderName {
            /// Every one of them.
            pub const ALL: &'static [ProviderName] = &[$(ProviderName::$variant,)*];

            /// The name of each.
            pub const NAMES: &'static [&'static str] = &[$($text,)*];

            /// As the configuration names it.
            pub fn as_str(self) -> &'static str {
                match self { $(ProviderName::$variant => $text,)* }
            }

            /// The base URL that its guide gives, if it is one for everybody.
            pub fn default_base_url(self) -> Option<&'static str> {
                match self { $(ProviderName::$variant => $module::BASE_URL,)* }
            }

            /// Reads the provider's own part of a configuration; what is wrong is noted in `fields`.
            pub(crate) fn read(self, fields: &mut Fields) -> Box<dyn Provider> {
                match self { $(ProviderName::$variant => Box::new($module::read(fields)),)* }
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

impl ProviderName {
    /// The provider of this name.
    pub fn parse(text: &str) -> Option<Self> {
        for name in ProviderName::ALL {
            if name.as_str() == text {
                return Some(*name);
            }
        }
        None
    }
}

/// A service, as far as tokens go.
pub trait Provider {
    /// The credentials that the token request needs, by name. They are asked for before each one.
    fn credentials(&self) -> &[(String, Credential)];

    /// The header that a token travels in.
    fn attach(&self) -> &Attach;

    /// How the next token is had.
    ///
    /// # Errors
    /// `ERR_CREDENTIAL` if a credential cannot be sent.
    fn token_request(&self, given: &Given) -> Result<Acquire>;

    /// The token in the answer to that request.
    ///
    /// # Errors
    /// What the answer means, as [`Provider::read_error`]; `ERR_RESPONSE` if there is no token in it.
    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>>;

    /// What an answer means that is no success.
    fn read_error(&self, answer: &Answer) -> Error {
        http::error_of(answer)
    }

    /// The provider of something that belongs to the service and has a token of its own, where it has such a thing.
    fn derive(&self, _what: &str, _fields: &mut Fields) -> Option<Box<dyn Provider>> {
        None
    }

    /// What its token is for, where that is one thing.
    fn access(&self) -> Option<Access<'_>> {
        None
    }

    /// The request that ends the token's session at the service, where it has one.
    fn logout_request(&self, _base_url: &str, _token: &Secret) -> Option<Request> {
        None
    }
}

/// What a token request is made from.
#[derive(Debug)]
pub struct Given<'a> {
    /// Where the service is; no slash at its end.
    pub base_url: &'a str,
    /// Where tokens are asked for, if not there: as configured, or as discovered.
    pub token_url: Option<&'a str>,
    /// The credentials of [`Provider::credentials`], in that order.
    pub credentials: &'a [(String, Secret)],
    /// The refresh token that came with the last one.
    pub refresh_token: Option<&'a Secret>,
    /// A random text, where the service must be kept from giving its last token again.
    pub fresh: Option<&'a str>,
}

impl Given<'_> {
    /// Where tokens are asked for: as configured, else at this path of the service.
    pub fn token_url(&self, path: &str) -> String {
        self.token_url.map_or_else(|| text![self.base_url, path], str::to_owned)
    }

    /// The credential of this name; nothing where the provider has none such.
    pub fn secret(&self, name: &str) -> Secret {
        for (given, secret) in self.credentials {
            if given == name {
                return secret.clone();
            }
        }
        Secret::new("")
    }
}

/// How a token is had.
#[derive(Debug)]
pub enum Acquire {
    /// By a request, whose answer [`Provider::read_token`] reads.
    Request(Request),
    /// It is known already: a static key.
    Key(Secret),
    /// It is known already, ends when it says, and cannot be asked for again; then this is what to do.
    Given(Secret, &'static str),
    /// By a function of the user's.
    Ask(FunctionId),
    /// By a request to a token endpoint that has to be discovered first, in the document of this issuer.
    Discover(String),
}

/// What a token is for that is for one thing.
#[derive(Debug, PartialEq)]
pub struct Access<'a> {
    /// Its name, as the service has it.
    pub name: &'static str,
    /// The id of the thing, where it is known.
    pub id: Option<&'a str>,
    /// What may be done with the token.
    pub may: &'static [&'static str],
}

/// The header that a token travels in, and the word before it.
#[derive(Clone, Debug)]
pub struct Attach {
    /// Its name.
    pub header: String,
    /// `Bearer`, say.
    pub scheme: Option<String>,
}

impl Attach {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn bearer() -> Self {
        Attach { header: "Authorization".into(), scheme: Some("Bearer".into()) }
    }

    /// This header with the token alone.
    pub fn plain(header: &str) -> Self {
        Attach { header: header.into(), scheme: None }
    }

    /// The header's value for this token.
    pub fn value(&self, token: &Secret) -> Secret {
        match &self.scheme {
            Some(scheme) => Secret::new(text![scheme, " ", token.reveal()]),
            None => token.clone(),
        }
    }

    /// The token in the header's value.
    pub fn token(&self, value: &str) -> Secret {
        let before = self.scheme.as_ref().map_or(0, |scheme| scheme.len() + 1);
        Secret::new(value.get(before..).unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::config::tests::parse_url;

    /// A provider from the text of its configuration.
    pub(crate) fn provider(name: ProviderName, config: &str) -> Box<dyn Provider> {
        let mut fields = Fields::new("config", crate::json::Json::parse(config).unwrap(), &parse_url);
        let provider = name.read(&mut fields);
        assert_eq!(fields.finish(), [], "{config}");
        provider
    }

    /// What a provider's request is made from, with plain credentials.
    pub(crate) fn given<'a>(base_url: &'a str, credentials: &'a [(String, Secret)]) -> Given<'a> {
        Given { base_url, token_url: None, credentials, refresh_token: None, fresh: None }
    }

    pub(crate) fn secrets(pairs: &[(&str, &str)]) -> Vec<(String, Secret)> {
        pairs.iter().map(|(name, text)| (name.to_string(), Secret::new(*text))).collect()
    }

    /// The request that a provider makes.
    pub(crate) fn request(provider: &dyn Provider, given: &Given) -> Request {
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
            .map(|(_, value)| value.reveal())
    }

    pub(crate) fn body(request: &Request) -> &str {
        request.body.as_ref().map_or("", Secret::reveal)
    }

    /// The body as JSON, whose members have no order.
    pub(crate) fn json(request: &Request) -> serde_json::Value {
        serde_json::from_str(body(request)).unwrap()
    }

    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        let now = Timestamp::from_seconds(1_800_000_000);
        Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
            asked: "GET /".into(),
            arrived_at: now,
            read: Default::default(),
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
