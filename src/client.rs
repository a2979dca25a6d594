//! A client: one configuration, one token and whoever needs it.
//!
//! It drives [`crate::lifecycle`]: polls it, has the token request made that it asks for, and waits for that where it must.
//! What takes time is work for a [`Task`], whose effects are somebody else's to perform. Nothing is borrowed while one is, so
//! a function of the user's may call back in.

mod adopted;
mod dress;
mod end;
mod fetch;
mod flight;
mod repeat;

pub use adopted::Adoption;
pub use fetch::{Body, Outgoing, RedirectMode};
pub use repeat::Repeat;

use self::adopted::Adopted;
use self::dress::with_scopes;
use crate::clock::{ServerClock, Span, Timestamp};
use crate::config::{Config, Fields, append_path};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::{Answer, Request, without_query};
use crate::lifecycle::{Held, Lifecycle, Poll, Verdict, Want};
use crate::platform::{Platform, Url};
use crate::store::{self, Call, Memory, Record};
use crate::task::{Awaited, Doing, Effect, Outcome, Port, Task};
use crate::text::{self, text};
use crate::token::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How many flights a caller waits for. More than two in a row have all been forgotten as soon as they had landed.
const MAX_ROUNDS: usize = 8;

/// A client. Clones share everything.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    platform: Rc<dyn Platform>,
    port: Rc<Port>,
    config: Config,
    life: RefCell<Lifecycle>,
    clock: Cell<ServerClock>,
    /// The token endpoint, where it had to be discovered.
    discovered: RefCell<Option<String>>,
    /// Keys in place of the configured one: the last that is in use is used, and those before it may still work.
    adopted: RefCell<Vec<Adopted>>,
    /// What of a store is remembered.
    memory: Cell<Memory>,
    /// What the credentials were at the last token request, to notice that a function gives others.
    credentials: RefCell<Vec<(String, Secret)>>,
}

/// What a call wants of the token: `TokenOptions` without its signal.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenOptions {
    /// Ask for another one, whatever is held.
    pub force_refresh: bool,
    /// The least that it must live on.
    pub min_validity: Span,
}

impl Client {
    /// A client. This asks for nothing: no clock, no chance, no request.
    pub fn new(config: Config, platform: Rc<dyn Platform>) -> Self {
        let life = RefCell::new(Lifecycle::new(config.refresh_before));
        Client(Rc::new(Inner {
            platform,
            port: Rc::default(),
            config,
            life,
            clock: Cell::default(),
            discovered: RefCell::default(),
            adopted: RefCell::default(),
            memory: Cell::default(),
            credentials: RefCell::default(),
        }))
    }

    /// What it was made from.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Work of this client's, for whoever performs its effects.
    pub fn task<T>(&self, work: impl Future<Output = T> + 'static) -> Task<T> {
        Task::new(&self.0.port, work)
    }

    /// The token that can be used at that instant without a request or a wait, if there is one and none is due, and the
    /// instant up to which that stays so.
    pub fn cached(&self, now: Timestamp) -> Option<(Held, Option<Timestamp>)> {
        self.0.life.borrow_mut().fresh(now)
    }

    /// When the token held at that instant ends, by the local clock.
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        let mut life = self.0.life.borrow_mut();
        let held = life.held(now)?;
        life.end_of(&held.token)
    }

    /// The token held at that instant.
    pub fn held(&self, now: Timestamp) -> Option<Held> {
        self.0.life.borrow_mut().held(now)
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

    /// Forgets the token; the next call acquires. Whoever drives the flight is to end it, and to take the token out of the
    /// store where it lies.
    pub fn invalidate(&self) {
        self.0.life.borrow_mut().invalidate();
        self.give_up();
    }

    /// Gives the flight up that is out: in an edge isolate, the request that drove it may have ended.
    pub fn overtake(&self) {
        self.0.life.borrow_mut().overtake();
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
        self.give_up();
        self.have_done(Effect::Abandon).await?;
        let mut token = held.map(|held| held.token);
        if let Some(name) = self.stored_as() {
            let there = self.perform(Effect::Store(name.clone(), Call::new("get", Span::ZERO))).await;
            let there = there.map(Outcome::into_text).unwrap_or_default();
            // What is in the store is the session of all who share it, and newer than what is held here.
            let shared = Record::read(&there, now, self.0.clock.get().ahead());
            token = shared.map(|record| Rc::new(*record.token)).or(token);
            let _ = self.perform(Effect::Store(name, Call::new("erase", Span::ZERO))).await;
        }
        let base_url = self.0.config.base_url();
        let Some(token) = token else { return Ok(()) };
        let Some(request) = self.0.config.provider.logout_request(base_url, &token.secret) else {
            return Ok(());
        };
        match self.call(request, false, Repeat::Safe).await {
            // The service has ended it before, or never knew it.
            Err(error) if !matches!(error.code, Code::Unauthorized | Code::NotFound) => {
                // It is held no longer.
                Err(self.dress(with_scopes(error, &token).scrub(&token.secret)))
            }
            _ => Ok(()),
        }
    }

    /// Under which name the token lies in a store, if it does.
    pub fn stored_as(&self) -> Option<String> {
        self.0.config.store?;
        store::name_of(&self.0.config)
    }

    /// Forgets what was seen in a store.
    fn give_up(&self) {
        let mut memory = self.0.memory.get();
        memory.forget();
        self.0.memory.set(memory);
    }

    /// Sends a request of Latchkey's own, with the token or as it is, and gives the answer if it is a success. An error is for
    /// [`Client::dress`].
    ///
    /// # Errors
    /// What the provider makes of any other answer; `ERR_OUTCOME_UNKNOWN` if a request that changes something was sent and
    /// nothing came back.
    pub async fn call(&self, mut request: Request, with_token: bool, repeat: Repeat) -> Result<Box<Answer>> {
        let mut refused = None;
        let mut chances = CHANCES;
        loop {
            let held = if with_token { Some(self.hold(Want::default()).await?) } else { None };
            let generation = held.as_ref().map(|held| held.generation);
            match refused {
                Some((last, error)) if last == generation => return Err(error),
                _ => {}
            }
            if let Some(held) = &held {
                let (name, value) = self.header(held);
                request = request.header(name, value);
            }
            let answer = self.repeat(repeat, &request).await?;
            let error = match self.succeed(answer) {
                Err(error)
                    if error.code == Code::Unauthorized && is_worth_another(&mut chances, held.as_ref()) =>
                {
                    error
                }
                other => return other,
            };
            // A 401 means that nothing was done, so even what changes something may be sent again.
            match &held {
                Some(held) if self.is_refused(held) => refused = Some((generation, error)),
                _ => return Err(error),
            }
        }
    }

    /// A client of something that belongs to this one's service, with a token of its own: a session, a package.
    ///
    /// # Errors
    /// `ERR_UNSUPPORTED` where the service has no such thing; `ERR_CONFIG`, naming every field that is wrong; `ERR_CLOSED`.
    pub fn derive(&self, what: &str, mut fields: Fields<'_>) -> Result<Client> {
        self.open()?;
        let config = &self.0.config;
        let session = (what == "session").then(|| fields.known_text("id"));
        let Some(provider) = config.provider.derive(what, &mut fields) else {
            let message = text![config.name.as_str(), " has no ", what, " of its own"];
            return Err(Error::new(Code::Unsupported, message).with_provider(config.name));
        };
        fields.done().map_err(|error| error.with_provider(config.name))?;
        Ok(Client::new(config.derive(provider, session), Rc::clone(&self.0.platform)))
    }

    /// A text of 128 bits that nobody can guess.
    ///
    /// # Errors
    /// `ERR_UNSUPPORTED` where the platform has no such chance.
    pub fn fresh_id(&self) -> Result<String> {
        let id = self.0.platform.fresh_id();
        if id.is_empty() {
            return Err(Error::new(Code::Unsupported, "there is no crypto.getRandomValues here"));
        }
        Ok(id)
    }

    /// Tells `onEvent`. What comes of it is nothing, as what a listener throws is not for the client.
    pub fn tell(&self, kind: EventKind) -> Doing<'_> {
        self.have_done(self.event(kind))
    }

    fn event(&self, kind: EventKind) -> Effect {
        Effect::Tell(Box::new(Event { provider: self.0.config.name, at: self.now(), kind }))
    }

    /// Has something done by whoever drives the task.
    fn perform(&self, effect: Effect) -> Awaited<'_> {
        self.0.port.perform(effect)
    }

    /// The same of what comes to nothing but that it is done.
    fn have_done(&self, effect: Effect) -> Doing<'_> {
        self.0.port.have_done(effect)
    }

    fn now(&self) -> Timestamp {
        self.0.port.now()
    }

    fn open(&self) -> Result<()> {
        self.0.port.open()
    }

    /// Polls the lifecycle until there is a token, or a reason why there is none.
    async fn hold(&self, mut want: Want) -> Result<Held> {
        let mut waited = false;
        for _ in 0..MAX_ROUNDS {
            self.open()?;
            let now = self.now();
            let poll = self.0.life.borrow_mut().poll(now, &mut want);
            let (held, ticket) = match poll {
                Poll::Use(held) => return Ok(held),
                Poll::UseAndRefresh(held, ticket) => (Some(held), Some(ticket)),
                Poll::Refresh(ticket) => (None, Some(ticket)),
                Poll::Wait => (None, None),
                Poll::Backoff(_, error) => {
                    if waited || !error.code.is_permanent() || !self.credentials_changed().await? {
                        return Err(error);
                    }
                    self.0.life.borrow_mut().forgive();
                    waited = true;
                    continue;
                }
                Poll::TooShort(end) => {
                    let left = (end - now).whole_seconds();
                    let message = text![
                        "the service's token lives ",
                        text::digits(left),
                        " s more: shorter than minValidity asks"
                    ];
                    return Err(Error::new(Code::TokenExpired, message));
                }
                Poll::LoggedOut => {
                    return Err(Error::new(
                        Code::Unauthorized,
                        "the session was logged out while this call waited for it",
                    ));
                }
            };
            if let Some(ticket) = ticket {
                self.have_done(Effect::Fly(self.flight(ticket))).await?;
            }
            if let Some(held) = held {
                return Ok(held);
            }
            self.have_done(Effect::Join).await?;
            waited = true;
        }
        Err(Error::new(
            Code::Conflict,
            "the token is invalidated as fast as it comes: is invalidate() called by onEvent?",
        ))
    }

    /// After a 401: whether another token than this one is worth asking for.
    fn is_refused(&self, refused: &Held) -> bool {
        let now = self.now();
        if self.0.life.borrow_mut().unauthorized(refused.generation, now) == Verdict::HandBack {
            return false;
        }
        if self.doubt_key(&refused.token.secret) {
            // The same text may be on its way again, or be there as another generation.
            self.invalidate();
        }
        true
    }

    /// The address that `fetch` was given: a path is appended to the base URL, anything else must go to an origin that may
    /// have the credential.
    fn target(&self, target: &str) -> Result<Rc<Url>> {
        let config = &self.0.config;
        let parse_url = |text: &str, base: Option<&str>| self.0.platform.parse_url(text, base);
        if target.starts_with("/") {
            return append_path(&config.base, target, &parse_url);
        }
        let refuse = |why: String| Err(Error::new(Code::Origin, why));
        match parse_url(target, None) {
            None => refuse(text![
                "\"",
                without_query(target),
                "\" is neither a path that starts with / nor an absolute URL"
            ]),
            Some(url) if url.has_credentials => refuse("a URL with a user name or password in it".into()),
            Some(url) if url.origin == config.base.origin || config.allowed_origins.contains(&url.origin) => {
                Ok(url)
            }
            Some(url) => refuse(text![
                url.origin,
                " may not have the credential of ",
                config.base.origin,
                ": add it to allowedOrigins if it should"
            ]),
        }
    }
}

/// How often a request is sent again after a 401: once. And once more, where what was refused the second time was found in a
/// store, as then nobody has asked the service yet.
const CHANCES: u32 = 2;

/// Whether a request that was refused with this token is to be sent again.
fn is_worth_another(chances: &mut u32, held: Option<&Held>) -> bool {
    let first = *chances == CHANCES;
    *chances = chances.saturating_sub(1);
    first || (*chances == 0 && held.is_some_and(|held| held.token.found))
}
