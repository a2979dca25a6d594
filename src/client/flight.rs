//! A flight: one token request, from the credentials to the token, with what it takes in between. It runs on its own, so
//! that a caller who leaves takes nobody's token away.

use super::{Client, Repeat};
use crate::clock::Timestamp;
use crate::config::{Credential, refuse_credential};
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, Reason};
use crate::http::Answer;
use crate::lifecycle::{Landing, Ticket};
use crate::provider::{self, Acquire, Given, oauth2};
use crate::store::{Call, Next, Sharing};
use crate::task::{Effect, Outcome, Task};
use crate::text::text;
use crate::token::{Grant, Secret, Token};

impl Client {
    /// The token request that this ticket stands for.
    pub(super) fn flight(&self, ticket: Ticket) -> Task<Result<String>> {
        let client = self.clone();
        self.task(async move {
            client.fly(ticket).await;
            Ok(String::new())
        })
    }

    /// One loop here too: first what the store has, then what the service gives, then what others are to have of it.
    async fn fly(&self, ticket: Ticket) {
        let started = self.now();
        let mut sharing = self.sharing(ticket);
        let mut landed = false;
        let mut came = Ok(String::new());
        loop {
            let next = match &mut sharing {
                Some((_, sharing)) => self.next(sharing, &came),
                None if landed => Next::End,
                None => Next::Land(None),
            };
            let name = || sharing.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
            let effect = match next {
                Next::Do(call) => Effect::Store(name(), call),
                Next::Sleep(time) => Effect::Sleep(time),
                Next::Wake => Effect::Land,
                Next::Tell => self.event(EventKind::Store),
                Next::End | Next::Set => return,
                Next::Land(found) => {
                    let result = match found {
                        Some(token) => Ok(token),
                        None => {
                            // What was in the store and would not do is what the service may have for good still.
                            let mut asked = ticket;
                            asked.fresh |= sharing.as_ref().is_some_and(|(_, sharing)| sharing.was_there());
                            self.acquire(asked).await.map_err(|error| self.dress(error))
                        }
                    };
                    landed = true;
                    came = Ok(String::new());
                    match self.land(ticket, result, started, sharing.as_mut().map(|(_, sharing)| sharing)) {
                        Some(kind) => self.event(kind),
                        None => continue,
                    }
                }
            };
            came = self.perform(effect).await.map(Outcome::into_text);
        }
    }

    /// Tells the lifecycle what came of it; gives what there is to tell.
    fn land(
        &self,
        ticket: Ticket,
        result: Result<Box<Token>>,
        started: Timestamp,
        sharing: Option<&mut Sharing>,
    ) -> Option<EventKind> {
        let now = self.now();
        let random = self.0.platform.random();
        match result {
            Ok(token) => {
                let (found, expires_at) = (token.found, token.expires_at);
                let spread = if sharing.is_some() { self.spread(random) } else { 0.0 };
                let landing = self.0.life.borrow_mut().succeeded(ticket, token, now, spread);
                if let Some(sharing) = sharing {
                    sharing.writes &= landing != Landing::Late;
                }
                let reason = if found { Reason::Store } else { ticket.reason };
                (landing == Landing::New).then_some(EventKind::Token {
                    reason,
                    expires_at,
                    took: now - started,
                })
            }
            Err(error) => {
                if let Some(sharing) = sharing {
                    sharing.writes = false;
                }
                let code = error.code;
                let until = self.0.life.borrow_mut().failed(ticket, error, now, random);
                until.map(|until| EventKind::Backoff { until, code })
            }
        }
    }

    /// What this flight has to do with a store, and the name of the record; nothing where there is nothing to share.
    fn sharing(&self, ticket: Ticket) -> Option<(String, Sharing)> {
        let name = self.stored_as()?;
        let config = &self.0.config;
        let life = self.0.life.borrow();
        let refused = life.last_token().filter(|_| ticket.reason == Reason::Unauthorized);
        let refused = refused.map(|token| token.secret.clone());
        Some((
            name,
            Sharing::new(ticket, refused, config.store == Some(true), config.timeout, &self.0.memory.get()),
        ))
    }

    /// What is next in the store, after this came of the last.
    fn next(&self, sharing: &mut Sharing, came: &Result<String>) -> Next {
        let (now, ahead) = (self.now(), self.0.clock.get().ahead());
        let mut memory = self.0.memory.get();
        let next = match sharing.next(came, &mut memory, now, ahead, self.0.platform.random()) {
            Next::Set => match self.0.life.borrow().last_token() {
                Some(token) => Next::Do(Call::set(memory.next(now + ahead), token, now, ahead)),
                None => Next::End,
            },
            // Nobody listens any more.
            Next::Tell if self.open().is_err() => Next::End,
            next => next,
        };
        self.0.memory.set(memory);
        next
    }

    /// By how much of the refresh window this machine is early, so that they do not all ask at once. Where there is a lease, it
    /// is late by up to half: the first renews it for the others. Where there is none, what keeps them apart is that few are
    /// much earlier than the rest: the distribution is exponential, and so the first is ahead of the second by as much, however
    /// many there are.
    fn spread(&self, mut random: f64) -> f64 {
        if self.0.config.store == Some(true) {
            return random / -2.0;
        }
        // The logarithm to the base of 2, by its whole part and a line between: it is near enough, and a few bytes.
        let mut halvings = 0.0;
        while random < 0.5 && halvings < 30.0 {
            random *= 2.0;
            halvings += 1.0;
        }
        (halvings + 2.0 - 2.0 * random) * 0.173
    }

    /// One loop with one place that waits for a service, whatever is asked of it: each such place has its own copy of what is
    /// alive there.
    async fn acquire(&self, ticket: Ticket) -> Result<Box<Token>> {
        let config = &self.0.config;
        let credentials = self.resolve().await?;
        *self.0.credentials.borrow_mut() = credentials.clone();
        let mut refresh_with =
            self.0.life.borrow().last_token().and_then(|token| token.refresh_token.clone());
        // A token request is safe to repeat: one that was answered to nobody does no harm. In the refresh window the lifecycle
        // spaces the tries instead.
        let repeat = if ticket.in_window { Repeat::Later } else { Repeat::Safe };
        let fresh = if ticket.fresh { Some(self.fresh_id()?) } else { None };
        let mut documents = 0;

        let (grant, arrival) = loop {
            let (request, issuer) = match self.token_request(&credentials, &refresh_with, &fresh)? {
                Acquire::Request(request) => (request, None),
                Acquire::Discover(issuer) => {
                    let request = oauth2::document_request(&issuer, documents, "tokenUrl")?;
                    documents += 1;
                    (request, Some(issuer))
                }
                Acquire::Ask(function) => {
                    let given = self.perform(Effect::Acquire(function, config.timeout)).await?;
                    break (provider::token::read_given(&given.into_text())?, self.now());
                }
                Acquire::Key(key) => break (Grant::key(key), self.now()),
                Acquire::Given(token, cure) => {
                    let mut grant = Grant::key(token);
                    grant.readable = true;
                    // It ends when it says, and another one cannot be asked for.
                    grant.gone = Some(cure);
                    break (grant, self.now());
                }
            };
            let answer = self.repeat(repeat, &request).await;
            match answer.and_then(|answer| self.read_answer(&answer, issuer.as_deref())) {
                Ok(Some(granted)) => break granted,
                Ok(None) => {}
                // A refresh token that is no longer good leaves the credential, which asks anew (RFC 6749 §5.2).
                Err(error) if refresh_with.is_some() && error.code.is_permanent() => refresh_with = None,
                Err(error) => return Err(error),
            }
        };
        let mut token = grant.accept(arrival, &self.0.clock.get())?;
        // RFC 6749 §6: an answer without a new refresh token keeps the old one good.
        token.refresh_token = token.refresh_token.take().or(refresh_with);
        Ok(token)
    }

    fn token_request(
        &self,
        credentials: &[(String, Secret)],
        refresh_with: &Option<Secret>,
        fresh: &Option<String>,
    ) -> Result<Acquire> {
        let config = &self.0.config;
        let discovered = self.0.discovered.borrow();
        config.provider.token_request(&Given {
            base_url: config.base_url(),
            token_url: config.token_url.as_deref().or(discovered.as_deref()),
            credentials,
            refresh_token: refresh_with.as_ref(),
            fresh: fresh.as_deref(),
        })
    }

    /// What was granted, and when; nothing where the answer is about this issuer's token endpoint, and something else is to be
    /// asked next.
    fn read_answer(&self, answer: &Answer, issuer: Option<&str>) -> Result<Option<(Box<Grant>, Timestamp)>> {
        match issuer {
            None => Ok(Some((self.0.config.provider.read_token(answer)?, answer.arrived_at))),
            // Another of its documents may be there.
            Some(_) if answer.status == 404 => Ok(None),
            Some(issuer) => {
                let parse_url = |text: &str, base: Option<&str>| self.0.platform.parse_url(text, base);
                let allow_http = self.0.config.allow_http;
                let endpoint =
                    oauth2::read_document(answer, issuer, "token_endpoint", allow_http, &parse_url)?;
                *self.0.discovered.borrow_mut() = Some(endpoint);
                Ok(None)
            }
        }
    }

    /// What the credentials are now: functions are asked.
    async fn resolve(&self) -> Result<Vec<(String, Secret)>> {
        let mut resolved = Vec::new();
        if let (Some(adopted), [(name, _)]) = (
            self.0.adopted.borrow().iter().rfind(|adopted| adopted.in_use),
            self.0.config.provider.credentials(),
        ) {
            return Ok(vec![(name.clone(), adopted.key.clone())]);
        }
        for (name, credential) in self.0.config.provider.credentials() {
            let secret = match credential {
                Credential::Known(secret) => secret.clone(),
                Credential::Ask(function) => {
                    let asked = self.perform(Effect::Credential(*function, self.0.config.timeout)).await;
                    let asked = asked.map_err(|mut error| {
                        error.message = text![name, ": ", error.message];
                        error
                    })?;
                    Secret::new(asked.into_text())
                }
            };
            if let Some(message) = refuse_credential(secret.reveal()) {
                return Err(Error::new(Code::Credential, text![name, ": what the function gave ", message]));
            }
            resolved.push((name.clone(), secret));
        }
        Ok(resolved)
    }

    /// Whether a credential function gives something else than at the last token request.
    pub(super) async fn credentials_changed(&self) -> Result<bool> {
        let functions =
            self.0.config.provider.credentials().iter().any(|(_, known)| matches!(known, Credential::Ask(_)));
        Ok(functions && self.resolve().await? != *self.0.credentials.borrow())
    }
}
