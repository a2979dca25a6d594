//! How the service is asked for a token: by the credentials as they are now, and by as many requests as it takes.

use super::send::Send;
use super::{Client, Repeat};
use crate::clock::Timestamp;
use crate::config::{Credential, refuse_credential};
use crate::error::{Code, Error, Result};
use crate::http::Answer;
use crate::lifecycle::Ticket;
use crate::provider::{self, Acquire as How, oauth2};
use crate::task::{Effect, Next, Outcome, Work};
use crate::text::{Text, text};
use crate::token::{Grant, Secret};

/// A token request. It comes to the token.
pub(super) struct Acquire {
    client: Client,
    repeat: Repeat,
    /// Whether the service must be kept from giving its last token again.
    is_fresh: bool,
    refresh_with: Option<Secret>,
    documents: usize,
    /// The issuer whose document is asked for, which says where tokens are.
    issuer: Text,
    waits_for: WaitsFor,
}

#[derive(Clone, Copy)]
enum WaitsFor {
    Nothing,
    Credentials,
    /// What a function of the user's gives.
    Function,
    /// The answer with the token.
    Token,
    /// A document of the issuer's.
    Document,
}

impl Acquire {
    pub(super) fn new(client: &Client, ticket: &Ticket) -> Self {
        let kept = client.kept();
        let last = kept.life.last_token();
        Acquire {
            client: client.clone(),
            // A token request is safe to repeat: one that was answered to nobody does no harm. In the refresh window the lifecycle
            // spaces the tries instead.
            repeat: if ticket.in_window { Repeat::Later } else { Repeat::Safe },
            is_fresh: ticket.fresh,
            refresh_with: last.and_then(|token| token.refresh_token.clone()),
            documents: 0,
            issuer: Text::new(),
            waits_for: WaitsFor::Nothing,
        }
    }

    /// The next request, or the token where it takes none.
    fn ask(&mut self) -> Result<Next> {
        let client = &self.client;
        let config = &client.0.config;
        let fresh = if self.is_fresh { client.fresh_id()? } else { Text::new() };
        let kept = client.kept();
        let mut given = config.given(&kept.credentials, kept.discovered.as_ref().map(Text::as_string));
        given.refresh_token = self.refresh_with.as_ref();
        given.fresh = Some(fresh.as_string()).filter(|_| self.is_fresh);
        let how = config.provider.token_request(&given)?;
        drop(kept);
        let request = match how {
            How::Request(request) => {
                self.waits_for = WaitsFor::Token;
                request
            }
            How::Discover(issuer) => {
                let request = oauth2::document_request(&issuer, self.documents, "tokenUrl")?;
                self.documents += 1;
                self.waits_for = WaitsFor::Document;
                self.issuer = issuer;
                request
            }
            How::Ask(function) => {
                self.waits_for = WaitsFor::Function;
                return Ok(Next::effect(Effect::Acquire(function, config.timeout)));
            }
            How::Key(key, cure) => {
                let mut grant = Grant::key(key);
                grant.readable = cure.is_some();
                grant.gone = cure;
                return self.accept(grant, client.now());
            }
        };
        Ok(Next::First(Box::new(Send::new(client, request, self.repeat))))
    }

    fn accept(&self, grant: Box<Grant>, arrival: Timestamp) -> Result<Next> {
        let mut token = grant.accept(arrival, &self.client.kept().clock)?;
        // RFC 6749 §6: an answer without a new refresh token keeps the old one good.
        token.refresh_token = token.refresh_token.take().or_else(|| self.refresh_with.clone());
        Ok(Next::Done(Outcome::Token(token)))
    }

    /// Notes where tokens are asked for, as a document of the issuer says.
    fn discover(&self, answer: &Answer) -> Result<()> {
        let client = &self.client.0;
        let parse_url = |text: &str, base: Option<&str>| client.platform.parse_url(text, base);
        let allow_http = client.config.allow_http;
        let endpoint = oauth2::read_document(answer, &self.issuer, "token_endpoint", allow_http, &parse_url)?;
        self.client.kept().discovered = Some(endpoint);
        Ok(())
    }

    /// What is next, after this came.
    fn go_on(&mut self, came: Outcome) -> Result<Next> {
        match self.waits_for {
            WaitsFor::Nothing => {
                self.waits_for = WaitsFor::Credentials;
                return Ok(Next::First(Box::new(Resolve::new(&self.client))));
            }
            WaitsFor::Credentials => {}
            WaitsFor::Function => {
                let grant = provider::token::read_given(&came.into_text())?;
                return self.accept(grant, self.client.now());
            }
            WaitsFor::Token => {
                let answer = came.into_answer()?;
                let grant = self.client.0.config.provider.read_token(&answer)?;
                return self.accept(grant, answer.arrived_at);
            }
            WaitsFor::Document => {
                let answer = came.into_answer()?;
                // Another of its documents may be there.
                if answer.status != 404 {
                    self.discover(&answer)?;
                }
            }
        }
        self.ask()
    }
}

impl Work for Acquire {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        match came.and_then(|came| self.go_on(came)) {
            // A refresh token that is no longer good leaves the credential, which asks anew (RFC 6749 §5.2).
            Err(error) if error.code.is_permanent() && self.refresh_with.take().is_some() => self.ask(),
            next => next,
        }
    }
}

/// The credentials as they are now: functions are asked. It leaves them with the client.
pub(super) struct Resolve {
    client: Client,
    resolved: Vec<(Text, Secret)>,
}

impl Resolve {
    pub(super) fn new(client: &Client) -> Self {
        Resolve { client: client.clone(), resolved: Vec::new() }
    }
}

impl Work for Resolve {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        let client = self.client.clone();
        let credentials = client.0.config.provider.credentials();
        // Unless it has only begun, what comes is what the next function gave.
        if !matches!(came, Ok(Outcome::Done))
            && let Some((name, _)) = credentials.get(self.resolved.len())
        {
            let given = came.map_err(|mut error| {
                error.message = text![name, ": ", error.message];
                error
            })?;
            let given = given.into_text();
            if let Some(message) = refuse_credential(&given) {
                let message = text![name, ": what the function gave ", message];
                return Err(Error::new(Code::Credential, message));
            }
            self.resolved.push((name.clone(), Secret::new(given)));
        }
        let mut kept = client.kept();
        if let (Some(adopted), [(name, _)]) =
            (kept.adopted.iter().rfind(|adopted| adopted.in_use), credentials.as_slice())
        {
            // Whatever a function gave meanwhile.
            self.resolved = vec![(name.clone(), adopted.key.clone())];
        }
        while let Some((name, credential)) = credentials.get(self.resolved.len()) {
            match credential {
                Credential::Known(secret) => self.resolved.push((name.clone(), secret.clone())),
                Credential::Ask(function) => {
                    return Ok(Next::effect(Effect::Credential(*function, client.0.config.timeout)));
                }
            }
        }
        if kept.credentials != self.resolved {
            kept.credentials = core::mem::take(&mut self.resolved);
            kept.life.forgive();
        }
        Ok(Next::Done(Outcome::Done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Adoption;
    use crate::config::{Config, marked, tests::parse_url};
    use crate::json::Json;
    use crate::platform::tests::Nowhere;
    use std::rc::Rc;

    /// It would be beside what the function gave, and a credential more than there is.
    #[test]
    fn a_key_that_is_adopted_while_a_function_is_asked_takes_the_place_of_what_that_gives() {
        let mut given = Json::parse(r#"{"provider":"masumi"}"#).unwrap();
        given.set("apiKey", marked("function", Json::Number("0".into()).into()));
        let config = Config::read(given, &parse_url).ok().unwrap();
        let client = Client::new(config, Rc::new(Nowhere));
        let mut resolve = Resolve::new(&client);
        let asked = resolve.next(Ok(Outcome::Done)).unwrap();
        assert!(matches!(asked, Next::Do(effect) if matches!(*effect, Effect::Credential(..))));
        client.adopt(Secret::new("adopted"), Adoption::Use);
        assert!(matches!(resolve.next(Ok(Outcome::Text("old".into()))), Ok(Next::Done(_))));
        let adopted = ("apiKey".into(), Secret::new("adopted"));
        assert_eq!(client.kept().credentials, [adopted]);
    }
}
