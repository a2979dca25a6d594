//! Reads a configuration: every wrong field is named at once, and unknown ones are wrong.
//!
//! What JavaScript gave arrives as [`Json`], with [`marked`] for what JSON does not know. What each member has to be stands in
//! tables: those that all services have here, and those of a service in its own file. Once nothing was found wrong, it
//! stays the object that it is, and what is needed of it is looked up.

use self::table::{fields, kind};
use crate::clock::Span;
use crate::error::{Code, Error, Result};
use crate::http::without_query;
use crate::json::{Json, NO_LIST, Value};
use crate::platform::{FunctionId, Url};
use crate::provider::{Given, Provider, ProviderName};
use crate::store;
use crate::text::{self, Text, text};
use crate::token::Secret;
use std::rc::Rc;

mod check;
mod fields;
pub(crate) mod mark;
pub(crate) mod table;
pub(crate) use check::{item_of, refuse_credential};
pub use fields::Fields;
pub use mark::marked;

/// The platform's URL parser: a text, and what it may be relative to.
pub type ParseUrl<'p> = &'p dyn Fn(&str, Option<&str>) -> Option<Rc<Url>>;

/// A credential as it was configured.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Its text.
    Known(Secret),
    /// A function of the user's, which is asked for it before each token request.
    Ask(FunctionId),
}

/// A configuration that was read and found good.
pub struct Config {
    /// The service.
    pub name: ProviderName,
    /// How it gives tokens.
    pub provider: Rc<Provider>,
    /// Where it is.
    pub base: Rc<Url>,
    /// The refresh window, if it was set.
    pub refresh_before: Option<Span>,
    /// How long one try of a request of Latchkey's own may take.
    pub timeout: Span,
    /// How often such a request is made again.
    pub retries: u32,
    /// Whether plain http may go to another machine.
    pub allow_http: bool,
    /// Whether there is a store that other machines share the token by; and if so, whether it says whose turn it is to ask.
    pub store: Option<bool>,
    /// The id of the session that the client is for, where it was made for one.
    pub session: Option<Text>,
    given: Rc<Value>,
}

/// How long one try takes at most, if nothing else is said.
const TIMEOUT: Span = Span::from_seconds(10);

/// What all services have. Of the functions it is only seen to that they are some: whoever performs effects keeps them, and
/// calls them.
const FIELDS: &str = fields![
    "allowHttp" may Flag,
    "baseUrl" may Text,
    "tokenUrl" may Url,
    "refreshBefore" may Seconds("0 to 1000000000 seconds"),
    "timeout" may Seconds("0.001 to 600 seconds"),
    "retries" may Count("0 to 20"),
    "allowedOrigins" may Origins,
    "encryptionKey" may StoreKeys,
    "plaintext" may Flag,
    "store" may Store,
    "partition" may Text,
    "fetch" may Function,
    "now" may Function,
    "onEvent" may Function,
    "waitUntil" may Function,
];

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(given: Value, parse_url: ParseUrl<'_>) -> Result<Self> {
        let mut fields = Fields::new("config", given, parse_url);
        let mut names = Text::new();
        for name in ProviderName::ALL {
            text::append(&mut names, ", ", name.as_str());
        }
        let named = fields.needed("provider", kind!(Choice), &names).and_then(Json::as_str);
        let Some(name) = named.and_then(|named| ProviderName::parse(named)) else {
            // Which other fields are right depends on it.
            return Err(Error::config(fields.issues()));
        };
        fields.read(FIELDS);
        let provider = Provider::read(name.service(), &mut fields);
        let base = fields.base_url("baseUrl", name.service().base_url);
        let given = fields.given();
        if fields.has("store") {
            if !fields.has("encryptionKey") && !given.is_set("plaintext") {
                fields.issue("encryptionKey", "is required with a store, unless plaintext is true");
            }
            if !fields.has("partition") && store::is_vague(name, &provider) {
                fields.issue(
                    "partition",
                    "is required with a store: this credential does not say whose the token is",
                );
            }
        }
        let issues = fields.finish();
        let number = |name| given.get(name).and_then(Json::to_number);
        let Some(base) = base.filter(|_| issues.item(0).is_none()) else {
            return Err(Error::config(issues).with_provider(name));
        };
        Ok(Config {
            name,
            provider: Rc::new(provider),
            base,
            refresh_before: number("refreshBefore").map(Span::from_seconds_f64),
            timeout: number("timeout").map_or(TIMEOUT, Span::from_seconds_f64),
            retries: number("retries").map_or(3, |number| number as u32),
            allow_http: given.is_set("allowHttp"),
            store: given.get("store").map(|store| matches!(mark::value_of(store), Some(Json::Bool(true)))),
            session: None,
            given,
        })
    }

    /// The same for another provider, that of something which belongs to the same service.
    pub(crate) fn derive(&self, provider: Rc<Provider>, session: Option<Text>) -> Self {
        Config {
            provider,
            // What is not a session is opened with secrets of its own, which the service is to look at each time.
            store: self.store.filter(|_| session.is_some()),
            session,
            base: Rc::clone(&self.base),
            given: Rc::clone(&self.given),
            ..*self
        }
    }

    /// The base URL without a slash at its end, for paths to be appended to.
    pub fn base_url(&self) -> &str {
        text::without_slash(&self.base.href)
    }

    /// Where tokens are asked for, if not there.
    pub fn token_url(&self) -> Option<&String> {
        self.given.text_of("tokenUrl")
    }

    /// What a token request is made from: these credentials, and where tokens are asked for if that is not configured.
    pub fn given<'a>(
        &'a self,
        credentials: &'a [(Text, Secret)],
        discovered: Option<&'a String>,
    ) -> Given<'a> {
        Given {
            base_url: self.base_url(),
            token_url: self.token_url().or(discovered),
            credentials,
            refresh_token: None,
            fresh: None,
            session: self.session.as_ref().map(Text::as_string),
        }
    }

    /// The tenant in the store.
    pub fn partition(&self) -> Option<&String> {
        self.given.text_of("partition")
    }

    /// What Masumi's server speaks, if it was said.
    pub fn api_version(&self) -> Option<&String> {
        self.given.text_of("apiVersion")
    }

    /// Whether the credential may go to this origin.
    pub fn allows(&self, origin: &str) -> bool {
        let allowed = self.given.get("allowedOrigins").unwrap_or(&NO_LIST);
        self.base.origin == origin
            || allowed.items().any(|one| one.as_str().is_some_and(|one| text::without_slash(one) == origin))
    }
}

/// The address that a path of the user's means, appended to `base`.
///
/// # Errors
/// `ERR_ORIGIN` if it would leave the origin or the path of `base`.
pub fn append_path(base: &Url, path: &str, parse_url: ParseUrl<'_>) -> Result<Rc<Url>> {
    let is_home = |url: &Url| {
        let within = url.pathname.strip_prefix(text::without_slash(&base.pathname));
        url.origin == base.origin && !url.has_credentials && within.is_some_and(|path| path.starts_with("/"))
    };
    let how = if path.starts_with("//") || path.starts_with("/\\") {
        "starts with two slashes, which names a host"
    } else {
        match parse_url(&text![text::without_slash(&base.href), path], None) {
            Some(url) if is_home(&url) => return Ok(url),
            Some(_) => "goes up",
            None => "is none",
        }
    };
    let path = without_query(path);
    Err(Error::new(Code::Origin, text!["the path \"", path, "\" ", how, ": it would leave ", base.href]))
}

/// What is wrong with sending a credential to this URL, if anything is.
pub(crate) fn refuse_url(url: &Url, allow_http: bool) -> Option<&'static str> {
    match url.protocol.as_str() {
        _ if url.has_credentials => Some("must hold no user name or password: logs keep them"),
        "https:" => None,
        "http:" if allow_http || url.is_loopback() => None,
        "http:" => Some("must be https: over http anyone reads the credential (allowHttp allows it)"),
        _ => Some("must be an http or https URL"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
