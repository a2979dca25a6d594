//! Reads a configuration: every wrong field is named at once, and unknown ones are wrong.
//!
//! What JavaScript gave arrives as [`Json`], with [`marked`] for what JSON does not know. [`Fields`] takes it apart by
//! name, notes what is wrong and goes on, so that a provider reads like a list of what it wants.

use crate::clock::Span;
use crate::error::{Code, Error, Issue, Result};
use crate::http::without_query;
use crate::json::Json;
use crate::platform::{FunctionId, Url};
use crate::provider::{Provider, ProviderName};
use crate::store;
use crate::text::{self, text};
use crate::token::Secret;
use std::rc::Rc;

mod fields;
pub(crate) use fields::refuse_credential;
pub use fields::{Fields, marked};

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
    pub provider: Box<dyn Provider>,
    /// Where it is.
    pub base: Rc<Url>,
    /// Where tokens are asked for, if not there.
    pub token_url: Option<String>,
    /// The refresh window, if it was set.
    pub refresh_before: Option<Span>,
    /// How long one try of a request of Latchkey's own may take.
    pub timeout: Span,
    /// How often such a request is made again.
    pub retries: u32,
    /// The origins, besides that of `base`, to which the credential may go.
    pub allowed_origins: Vec<String>,
    /// Whether plain http may go to another machine.
    pub allow_http: bool,
    /// What Masumi's server speaks; nothing elsewhere.
    pub api_version: Option<&'static str>,
    /// Whether there is a store that other machines share the token by; and if so, whether it says whose turn it is to ask.
    pub store: Option<bool>,
    /// The tenant in that store.
    pub partition: Option<String>,
    /// The id of the session that the client is for, where it was made for one.
    pub session: String,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(given: Json, parse_url: ParseUrl<'_>) -> Result<Self> {
        let mut fields = Fields::new("config", given, parse_url);
        let Some(name) =
            fields.required_choice("provider", ProviderName::NAMES).and_then(ProviderName::parse)
        else {
            // Which other fields are right depends on it.
            return Err(Error::config(fields.issues()));
        };
        fields.allow_http();
        let provider = name.read(&mut fields);
        let api_version = (name == ProviderName::Masumi)
            .then(|| fields.choice("apiVersion", &["0.28", "0.25"]).unwrap_or("0.28"));
        let base = fields.base_url("baseUrl", name.default_base_url());
        let token_url = fields.url("tokenUrl");
        let refresh_before = fields.seconds("refreshBefore", 0.0, 1e9);
        let timeout = fields.seconds("timeout", 0.001, 600.0).unwrap_or(Span::from_seconds(10));
        let retries = fields.count("retries", 20).unwrap_or(3);
        let allowed_origins = fields.origins("allowedOrigins");
        let allow_http = fields.allow_http();
        let store = fields.store();
        let partition = fields.text("partition");
        if store.is_some() && partition.is_none() && store::is_vague(name, &*provider) {
            fields.issue(
                "partition",
                "is required with a store: this credential does not say whose the token is",
            );
        }
        // Whoever performs effects calls them, and keeps them too: here it is only seen to that they are what they have to be.
        for name in &["fetch", "now", "onEvent", "waitUntil"] {
            fields.function(name);
        }
        match (base, fields.finish()) {
            (Some(base), issues) if issues.is_empty() => Ok(Config {
                name,
                provider,
                base,
                token_url,
                refresh_before,
                timeout,
                retries,
                allowed_origins,
                allow_http,
                api_version,
                store,
                partition,
                session: String::new(),
            }),
            (_, issues) => Err(Error::config(issues).with_provider(name)),
        }
    }

    /// The same for another provider, that of something which belongs to the same service.
    pub(crate) fn derive(&self, provider: Box<dyn Provider>, session: Option<String>) -> Self {
        Config {
            provider,
            // What is not a session is opened with secrets of its own, which the service is to look at each time.
            store: self.store.filter(|_| session.is_some()),
            partition: self.partition.clone(),
            session: session.unwrap_or_default(),
            base: Rc::clone(&self.base),
            token_url: self.token_url.clone(),
            allowed_origins: self.allowed_origins.clone(),
            ..*self
        }
    }

    /// The base URL without a slash at its end, for paths to be appended to.
    pub fn base_url(&self) -> &str {
        text::without_slash(&self.base.href)
    }
}

/// The address that a path of the user's means, appended to `base`.
///
/// # Errors
/// `ERR_ORIGIN` if it would leave the origin or the path of `base`.
pub fn append_path(base: &Url, path: &str, parse_url: ParseUrl<'_>) -> Result<Rc<Url>> {
    let leaves = |how: &str| {
        let path = without_query(path);
        Error::new(Code::Origin, text!["the path \"", path, "\" ", how, ": it would leave ", base.href])
    };
    if path.starts_with("//") || path.starts_with("/\\") {
        return Err(leaves("starts with two slashes, which names a host"));
    }
    let prefix = text::without_slash(&base.href);
    let url = parse_url(&text![prefix, path], None).ok_or_else(|| leaves("is none"))?;
    let within = text![text::without_slash(&base.pathname), "/"];
    if url.origin != base.origin || url.has_credentials || !url.pathname.starts_with(&within) {
        return Err(leaves("goes up"));
    }
    Ok(url)
}

/// What is wrong with sending a credential to this URL, if anything is.
pub(crate) fn refuse_url(url: &Url, allow_http: bool) -> Option<&'static str> {
    match url.protocol.as_str() {
        _ if url.has_credentials => Some("must not hold a user name or password: logs keep them"),
        "https:" => None,
        "http:" if allow_http || url.is_loopback() => None,
        "http:" => Some("must be https: over http anyone reads the credential (allowHttp allows it)"),
        _ => Some("must be an http or https URL"),
    }
}

fn wrong(path: &str, message: &str) -> Issue {
    Issue { path: path.into(), message: message.into() }
}

#[cfg(test)]
pub(crate) mod tests;
