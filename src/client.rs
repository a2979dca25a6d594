//! A client: one configuration, one token and whoever needs it.
//!
//! It drives [`crate::lifecycle`] over a [`Platform`]: polls it, makes the token request that it asks for, wakes those who
//! wait. Nothing is borrowed while a future is awaited or a function of the user's runs, so either may call back in.

mod fetch;
mod flight;
mod repeat;

pub use fetch::{Hop, Outgoing, RedirectMode, Reply};
pub use repeat::Repeat;

use crate::clock::{ServerClock, Span, Timestamp};
use crate::config::{Config, Credential, append_path};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::{Answer, Request, without_query};
use crate::lifecycle::{Held, Lifecycle, Poll, Verdict, Want};
use crate::platform::{Platform, Url};
use crate::token::Secret;
use core::pin::pin;
use futures_channel::oneshot;
use futures_util::future::{AbortHandle, Either, select};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The longest message of an error, in characters: a service's own words may be a whole page.
const MAX_MESSAGE: usize = 500;

/// How many flights a caller waits for. More than two in a row have all been forgotten as soon as they had landed.
const MAX_ROUNDS: usize = 8;

/// A client. Clones share everything.
pub struct Client<P: Platform>(Rc<Inner<P>>);

impl<P: Platform> Clone for Client<P> {
    fn clone(&self) -> Self {
        Client(Rc::clone(&self.0))
    }
}

struct Inner<P> {
    platform: P,
    config: Config,
    life: RefCell<Lifecycle>,
    /// Whoever waits for the flight that is out.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    flight: RefCell<Option<AbortHandle>>,
    clock: Cell<ServerClock>,
    /// The token endpoint, where it had to be discovered.
    discovered: RefCell<Option<String>>,
    /// What the credentials were at the last token request, to notice that a function gives others.
    credentials: RefCell<Vec<(String, Secret)>>,
    closed: Cell<bool>,
}

/// What a call wants of the token: `TokenOptions` without its signal.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenOptions {
    /// Ask for another one, whatever is held.
    pub force_refresh: bool,
    /// The least that it must live on.
    pub min_validity: Span,
}

impl<P: Platform> Client<P> {
    /// A client. This asks for nothing: no clock, no chance, no request.
    pub fn new(config: Config, platform: P) -> Self {
        let life = RefCell::new(Lifecycle::new(config.refresh_before));
        Client(Rc::new(Inner {
            platform,
            config,
            life,
            waiting: RefCell::default(),
            flight: RefCell::default(),
            clock: Cell::default(),
            discovered: RefCell::default(),
            credentials: RefCell::default(),
            closed: Cell::new(false),
        }))
    }

    /// What it was made from.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The world around it.
    pub fn platform(&self) -> &P {
        &self.0.platform
    }

    /// The token that would be used right now without a request or a wait, if there is one and none is due.
    pub fn cached(&self) -> Option<Held> {
        if self.0.closed.get() {
            return None;
        }
        let now = self.now();
        self.0.life.borrow_mut().fresh(now)
    }

    /// When the token now held ends, by the local clock.
    pub fn expires_at(&self) -> Option<Timestamp> {
        let now = self.now();
        let mut life = self.0.life.borrow_mut();
        let held = life.held(now)?;
        life.end_of(&held.token)
    }

    /// What the token now held may be used for.
    pub fn scopes(&self) -> Option<Vec<String>> {
        let now = self.now();
        self.0.life.borrow_mut().held(now)?.token.scopes.clone()
    }

    /// A token that is good for as long as was asked.
    ///
    /// # Errors
    /// Why none can be had.
    pub async fn token(&self, options: TokenOptions) -> Result<Held> {
        let want = if options.force_refresh {
            self.0.life.borrow().force(options.min_validity)
        } else {
            Want::for_at_least(options.min_validity)
        };
        self.hold(want).await.map_err(|error| self.dress(error))
    }

    /// The header that this token travels in: its name and its value.
    pub fn header(&self, held: &Held) -> (&str, Secret) {
        let attach = self.0.config.provider.attach();
        (&attach.header, attach.value(&held.token.secret))
    }

    /// Forgets the token; the next call acquires.
    pub fn invalidate(&self) {
        self.0.life.borrow_mut().invalidate();
        self.abandon_flight();
    }

    /// Ends the session here, and then at the service where it can be ended.
    ///
    /// # Errors
    /// Why the service did not end it. Here it has ended all the same.
    pub async fn logout(&self) -> Result<()> {
        self.open()?;
        let now = self.now();
        let held = self.0.life.borrow_mut().held(now);
        self.0.life.borrow_mut().log_out();
        self.abandon_flight();
        let base_url = self.0.config.base_url();
        let Some(token) = held.map(|held| held.token) else { return Ok(()) };
        let Some(request) = self.0.config.provider.logout_request(base_url, &token.secret) else {
            return Ok(());
        };
        let result = self.repeat(Repeat::Safe, &request).await;
        match result.and_then(|answer| self.succeed(answer)) {
            // The service has ended it before, or never knew it.
            Err(error) if !matches!(error.code, Code::Unauthorized | Code::NotFound) => {
                Err(self.dress(error.scrub(core::slice::from_ref(&token.secret))))
            }
            _ => Ok(()),
        }
    }

    /// Ends the client. Whoever waits is told, and the token and what credential functions gave are wiped. What the
    /// configuration holds goes with the last clone.
    pub fn close(&self) {
        self.0.closed.set(true);
        *self.0.life.borrow_mut() = Lifecycle::default();
        self.0.credentials.borrow_mut().clear();
        self.abandon_flight();
    }

    /// Sends a request of Latchkey's own with the token, and gives the answer if it is a success.
    ///
    /// # Errors
    /// What the provider makes of any other answer; `ERR_OUTCOME_UNKNOWN` if a request that changes something was sent and
    /// nothing came back.
    pub async fn call(&self, request: Request, repeat: Repeat) -> Result<Answer> {
        let result = async {
            let held = self.hold(Want::default()).await?;
            let answer = self.call_with(&request, &held, repeat).await?;
            let error = match self.succeed(answer) {
                Err(error) if error.code == Code::Unauthorized => error,
                other => return other,
            };
            match self.renewed(&held).await? {
                // A 401 means that nothing was done, so even what changes something may be sent again.
                Some(renewed) => self.succeed(self.call_with(&request, &renewed, repeat).await?),
                None => Err(error),
            }
        };
        result.await.map_err(|error| self.dress(error))
    }

    async fn call_with(&self, request: &Request, held: &Held, repeat: Repeat) -> Result<Answer> {
        let (name, value) = self.header(held);
        let request = request.clone().header(name, value);
        self.repeat(repeat, &request).await
    }

    /// Tells `onEvent`.
    pub fn emit(&self, kind: EventKind) {
        let at = self.now();
        self.0.platform.emit(Event { provider: self.0.config.name, at, kind });
    }

    fn now(&self) -> Timestamp {
        self.0.platform.now()
    }

    fn open(&self) -> Result<()> {
        if self.0.closed.get() { Err(closed()) } else { Ok(()) }
    }

    /// Polls the lifecycle until there is a token, or a reason why there is none.
    async fn hold(&self, mut want: Want) -> Result<Held> {
        let mut waited = false;
        for _ in 0..MAX_ROUNDS {
            self.open()?;
            // First the clock, which may be the user's, and only then the borrow.
            let now = self.now();
            let poll = self.0.life.borrow_mut().poll(now, &mut want);
            match poll {
                Poll::Use(held) => return Ok(held),
                Poll::UseAndRefresh(held, ticket) => {
                    self.take_off(ticket);
                    return Ok(held);
                }
                Poll::Refresh(ticket) => {
                    let landing = self.landing();
                    self.take_off(ticket);
                    let _ = landing.await;
                    waited = true;
                }
                Poll::Wait => {
                    let _ = self.landing().await;
                    waited = true;
                }
                Poll::Backoff(_, error) => {
                    if waited || !error.code.is_permanent() || !self.credentials_changed().await? {
                        return Err(error);
                    }
                    self.0.life.borrow_mut().forgive();
                    waited = true;
                }
                Poll::TooShort(end) => {
                    let left = (end - now).whole_seconds();
                    let message =
                        format!("the service's token lives {left} s more: shorter than minValidity asks");
                    return Err(Error::new(Code::TokenExpired, message));
                }
                Poll::LoggedOut => {
                    return Err(Error::new(
                        Code::Unauthorized,
                        "the session was logged out while this call waited for it",
                    ));
                }
            }
        }
        Err(Error::new(
            Code::Conflict,
            "the token is invalidated as fast as it comes: is invalidate() called by onEvent?",
        ))
    }

    /// After a 401: another token than the one that was refused, if one can be had.
    async fn renewed(&self, refused: &Held) -> Result<Option<Held>> {
        let now = self.now();
        let verdict = self.0.life.borrow_mut().unauthorized(refused.generation, now);
        if verdict == Verdict::HandBack {
            return Ok(None);
        }
        let held = self.hold(Want::default()).await?;
        Ok((held.generation != refused.generation).then_some(held))
    }

    /// Ends when the flight that is out does.
    fn landing(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.waiting.borrow_mut();
        // Whoever has left is cleared out before the list grows, since a token may be good for days.
        if waiting.len() == waiting.capacity() {
            waiting.retain(|sender| !sender.is_canceled());
        }
        waiting.push(sender);
        receiver
    }

    /// Does this to its end, or until the client is closed.
    async fn until_closed<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let closing = async {
            while !self.0.closed.get() {
                let _ = self.landing().await;
            }
        };
        match select(pin!(work), pin!(closing)).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(closed()),
        }
    }

    fn wake_all(&self) {
        let waiting = core::mem::take(&mut *self.0.waiting.borrow_mut());
        for sender in waiting {
            // Who does not wait any more needs no waking.
            let _ = sender.send(());
        }
    }

    fn abandon_flight(&self) {
        let flight = self.0.flight.borrow_mut().take();
        if let Some(flight) = flight {
            flight.abort();
        }
        self.wake_all();
    }

    /// An error as it leaves: with the provider's name, without any secret, and short.
    pub fn dress(&self, mut error: Error) -> Error {
        error.provider = Some(self.0.config.name);
        let mut error = error.scrub(&self.secrets());
        // Not before: half a secret would not have been found.
        if let Some((end, _)) = error.message.char_indices().nth(MAX_MESSAGE) {
            error.message.truncate(end);
        }
        error
    }

    /// Every secret that is held here.
    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        let mut add = |name: &str, secret: &Secret| {
            if !IDENTITIES.contains(&name) {
                secrets.push(secret.clone());
            }
        };
        for (name, secret) in self.0.credentials.borrow().iter() {
            add(name, secret);
        }
        for (name, credential) in self.0.config.provider.credentials() {
            if let Credential::Known(secret) = credential {
                add(name, secret);
            }
        }
        if let Some(token) = self.0.life.borrow().last_token() {
            secrets.push(token.secret.clone());
            secrets.extend(token.refresh_token.clone());
        }
        secrets
    }

    /// The address that `fetch` was given: a path is appended to the base URL, anything else must go to an origin that may
    /// have the credential.
    fn target(&self, target: &str) -> Result<Url> {
        let config = &self.0.config;
        let parse_url = |text: &str, base: Option<&str>| self.0.platform.parse_url(text, base);
        if target.starts_with('/') {
            return append_path(&config.base, target, &parse_url);
        }
        let refuse = |why: String| Err(Error::new(Code::Origin, why));
        match parse_url(target, None) {
            None => refuse(format!(
                "\"{}\" is neither a path that starts with / nor an absolute URL",
                without_query(target)
            )),
            Some(url) if url.has_credentials => refuse("a URL with a user name or password in it".into()),
            Some(url) if url.origin == config.base.origin || config.allowed_origins.contains(&url.origin) => {
                Ok(url)
            }
            Some(url) => refuse(format!(
                "{} may not have the credential of {}: add it to allowedOrigins if it should",
                url.origin, config.base.origin
            )),
        }
    }
}

/// Credentials that are no secrets: an error may name who was refused.
const IDENTITIES: &[&str] = &["email", "username", "clientId"];

fn closed() -> Error {
    Error::new(Code::Closed, "the client was freed: make a new one")
}
