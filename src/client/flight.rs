//! A flight: one token request, from the credentials to the token, with what it takes in between. It runs on its own, so
//! that a caller who leaves takes nobody's token away.

use super::{Client, Repeat};
use crate::config::{Credential, refuse_credential, refuse_url};
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::{Answer, Method, Request};
use crate::lifecycle::{Landing, Ticket};
use crate::provider::{self, Acquire, Given, oauth2};
use crate::task::{Effect, Outcome, Task};
use crate::text::text;
use crate::token::{Grant, Secret, Token};

impl Client {
    /// The token request that this ticket stands for.
    pub(super) fn flight(&self, ticket: Ticket) -> Task<()> {
        let client = self.clone();
        self.task(async move { client.fly(ticket).await })
    }

    async fn fly(&self, ticket: Ticket) {
        let started = self.now();
        let result = self.acquire(ticket).await.map_err(|error| self.dress(error));
        let now = self.now();
        let happened = match result {
            Ok(token) => {
                let expires_at = token.expires_at;
                let landing = self.0.life.borrow_mut().succeeded(ticket, token, now);
                (landing == Landing::New).then_some(EventKind::Token {
                    reason: ticket.reason,
                    expires_at,
                    took: now - started,
                })
            }
            Err(error) => {
                let code = error.code;
                let random = self.0.platform.random();
                let until = self.0.life.borrow_mut().failed(ticket, error, now, random);
                until.map(|until| EventKind::Backoff { until, code })
            }
        };
        if let Some(kind) = happened {
            self.tell(kind).await;
        }
    }

    async fn acquire(&self, ticket: Ticket) -> Result<Token> {
        let credentials = self.resolve().await?;
        *self.0.credentials.borrow_mut() = credentials.clone();
        let mut refresh_with =
            self.0.life.borrow().last_token().and_then(|token| token.refresh_token.clone());
        let retries = if ticket.in_window { Repeat::Never } else { Repeat::Safe };
        let fresh = if ticket.fresh { Some(self.fresh_id()?) } else { None };

        let (grant, arrival) = loop {
            match self.request_token(&credentials, refresh_with.as_ref(), fresh.clone(), retries).await {
                // A refresh token that is no longer good leaves the credential, which asks anew (RFC 6749 §5.2).
                Err(error) if refresh_with.is_some() && error.code.is_permanent() => refresh_with = None,
                other => break other?,
            }
        };
        let mut token = grant.accept(arrival, &self.0.clock.get())?;
        // RFC 6749 §6: an answer without a new refresh token keeps the old one good.
        token.refresh_token = token.refresh_token.or(refresh_with);
        Ok(token)
    }

    async fn request_token(
        &self,
        credentials: &[(String, Secret)],
        refresh_token: Option<&Secret>,
        fresh: Option<String>,
        retries: Repeat,
    ) -> Result<(Grant, crate::clock::Timestamp)> {
        let config = &self.0.config;
        let mut token_url = config.token_url.clone().or_else(|| self.0.discovered.borrow().clone());
        loop {
            let base_url = config.base_url();
            let fresh = fresh.clone();
            let given =
                Given { base_url, token_url: token_url.as_deref(), credentials, refresh_token, fresh };
            match config.provider.token_request(&given)? {
                Acquire::Key(key) => return Ok((Grant::key(key), self.now())),
                Acquire::Given(token, cure) => {
                    let mut grant = Grant::key(token);
                    grant.readable = true;
                    // It ends when it says, and another one cannot be asked for.
                    grant.gone = Some(cure);
                    return Ok((grant, self.now()));
                }
                Acquire::Ask(function) => {
                    let given = self.ask(Effect::Acquire(function, config.timeout)).await?;
                    return Ok((provider::token::read_given(&given)?, self.now()));
                }
                Acquire::Request(request) => {
                    let answer = self.try_tokens(retries, request).await?;
                    return Ok((config.provider.read_token(&answer)?, answer.arrived_at));
                }
                Acquire::Discover(issuer) => {
                    let endpoint = self.discover(&issuer, retries).await?;
                    *self.0.discovered.borrow_mut() = Some(endpoint.clone());
                    token_url = Some(endpoint);
                }
            }
        }
    }

    /// A token request is safe to repeat: one that was answered to nobody does no harm. In the refresh window the
    /// lifecycle spaces the tries instead.
    async fn try_tokens(&self, retries: Repeat, request: Request) -> Result<Answer> {
        match retries {
            Repeat::Safe => self.repeat(Repeat::Safe, &request).await,
            Repeat::Never => self.send(request).await,
        }
    }

    /// The token endpoint of an issuer (RFC 8414 §3, OpenID Connect Discovery §4).
    async fn discover(&self, issuer: &str, retries: Repeat) -> Result<String> {
        let mut missing = None;
        for url in oauth2::documents(issuer) {
            let answer = self.try_tokens(retries, Request::new(Method::Get, url)).await?;
            if answer.status == 404 {
                missing = Some(answer.status);
                continue;
            }
            let endpoint = oauth2::read_document(&answer, issuer)?;
            self.check_endpoint(&answer, &endpoint, issuer)?;
            return Ok(endpoint);
        }
        let message = text![issuer, " has no discovery document: give tokenUrl instead of issuer"];
        let mut error = Error::new(Code::Response, message);
        error.status = missing;
        Err(error)
    }

    /// A document decides where a secret goes, so what it names must be as safe as the issuer: https, and on this machine
    /// or a private network only if the issuer is.
    fn check_endpoint(&self, answer: &Answer, endpoint: &str, issuer: &str) -> Result<()> {
        let parse = |text| self.0.platform.parse_url(text, None);
        let (Some(url), Some(issuer)) = (parse(endpoint), parse(issuer)) else {
            return Err(answer.wrong("a token_endpoint that is no URL"));
        };
        if let Some(message) = refuse_url(&url, self.0.config.allow_http) {
            return Err(answer.wrong(&text!["a token_endpoint that ", message]));
        }
        if url.is_private() && !issuer.is_private() {
            return Err(answer.wrong("a token_endpoint on a private network, where the issuer is not"));
        }
        Ok(())
    }

    /// What the credentials are now: functions are asked.
    async fn resolve(&self) -> Result<Vec<(String, Secret)>> {
        let mut resolved = Vec::new();
        if let (Some(adopted), [(name, _)]) =
            (self.0.adopted.borrow().last(), self.0.config.provider.credentials())
        {
            return Ok(vec![(name.clone(), adopted.key.clone())]);
        }
        for (name, credential) in self.0.config.provider.credentials() {
            let secret = match credential {
                Credential::Known(secret) => secret.clone(),
                Credential::Ask(function) => {
                    let asked = self.ask(Effect::Credential(*function, self.0.config.timeout)).await;
                    Secret::new(asked.map_err(|mut error| {
                        error.message = text![name, ": ", error.message];
                        error
                    })?)
                }
            };
            if let Some(message) = refuse_credential(secret.reveal()) {
                return Err(Error::new(Code::Credential, text![name, ": what the function gave ", message]));
            }
            resolved.push((name.clone(), secret));
        }
        Ok(resolved)
    }

    /// What a function of the user's gives.
    async fn ask(&self, effect: Effect) -> Result<String> {
        match self.perform(effect).await? {
            Outcome::Text(text) => Ok(text),
            _ => Ok(String::new()),
        }
    }

    /// Whether a credential function gives something else than at the last token request.
    pub(super) async fn credentials_changed(&self) -> Result<bool> {
        let functions =
            self.0.config.provider.credentials().iter().any(|(_, known)| matches!(known, Credential::Ask(_)));
        Ok(functions && self.resolve().await? != *self.0.credentials.borrow())
    }
}
