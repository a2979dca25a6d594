//! A client: one configuration, one token and whoever needs it.
//!
//! It drives [`crate::lifecycle`]: polls it, has the token request made that it asks for, and waits for that where it must.
//! What takes time is work for a [`crate::task::Task`], whose effects are somebody else's to perform. Nothing is borrowed while one is, so
//! a function of the user's may call back in.

mod acquire;
mod adopted;
mod dress;
mod end;
mod fetch;
mod flight;
mod hold;
mod script;
mod send;

pub use adopted::Adoption;
pub use fetch::{Outgoing, RedirectMode};
pub(crate) use script::State;
pub use script::{Run, Script};
pub use send::Repeat;

use self::adopted::Adopted;
use self::dress::with_scopes;
use crate::clock::{ServerClock, Span, Timestamp};
use crate::config::{Config, Credential, Fields, append_path};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventKind};
use crate::http::without_query;
use crate::lifecycle::{Held, Lifecycle, Verdict, Want};
use crate::platform::{Platform, Url};
use crate::store::{self, Call, Memory, Record};
use crate::task::{Effect, Next, Outcome, Port};
use crate::text::{Text, text};
use crate::token::Secret;
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

/// A client. Clones share everything.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    platform: Rc<dyn Platform>,
    port: Rc<Port>,
    config: Config,
    kept: RefCell<Kept>,
}

/// What of a client changes. It is borrowed for as long as nothing is asked of anybody.
struct Kept {
    life: Lifecycle,
    clock: ServerClock,
    /// The token endpoint, where it had to be discovered.
    discovered: Option<Text>,
    /// Keys in place of the configured one: the last that is in use is used, and those before it may still work.
    adopted: Vec<Adopted>,
    /// What of a store is remembered.
    memory: Memory,
    /// What the credentials were when they were last asked for, to notice that a function gives others.
    credentials: Vec<(Text, Secret)>,
}

impl Kept {
    /// Forgets the token, and what was seen of it in a store.
    fn invalidate(&mut self) {
        self.life.invalidate();
        self.memory.forget();
    }
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
        let kept = Kept {
            life: Lifecycle::new(config.refresh_before),
            clock: ServerClock::default(),
            discovered: None,
            adopted: Vec::new(),
            memory: Memory::default(),
            credentials: Vec::new(),
        };
        Client(Rc::new(Inner { platform, port: Rc::default(), config, kept: RefCell::new(kept) }))
    }

    fn kept(&self) -> RefMut<'_, Kept> {
        self.0.kept.borrow_mut()
    }

    /// What it was made from.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The token that can be used at that instant without a request or a wait, if there is one and none is due, and the
    /// instant up to which that stays so.
    pub fn cached(&self, now: Timestamp) -> Option<(Held, Timestamp)> {
        self.kept().life.fresh(now)
    }

    /// The token held at that instant, and when it ends by the local clock.
    pub fn held(&self, now: Timestamp) -> Option<(Held, Timestamp)> {
        let life = &mut self.kept().life;
        let held = life.held(now)?;
        let end = life.end_of(&held);
        Some((held, end))
    }

    /// A token that is good for as long as was asked.
    ///
    /// # Errors
    /// Why none can be had.
    pub fn token<'j>(&self, script: &mut Script<'j>, options: TokenOptions) -> Result<&'j Held> {
        let want = if options.force_refresh {
            self.kept().life.force(options.min_validity)
        } else {
            Want::for_at_least(options.min_validity)
        };
        script.token_for(want, None)
    }

    /// The header that this token travels in: its name and its value.
    pub fn header(&self, held: &Held) -> (&str, Secret) {
        let attach = self.0.config.provider.attach();
        (&attach.header, attach.value(&held.secret))
    }

    /// Forgets the token; the next call acquires. Whoever drives the flight is to end it, and to take the token out of the
    /// store where it lies.
    pub fn invalidate(&self) {
        self.kept().invalidate();
    }

    /// Gives the flight up that is out: in an edge isolate, the request that drove it may have ended.
    pub fn overtake(&self) {
        self.kept().life.overtake();
    }

    /// Ends the session here, and then at the service where it can be ended.
    ///
    /// # Errors
    /// Why the service did not end it. Here it has ended all the same.
    pub fn logout(&self, script: &mut Script) -> Result<()> {
        let held = if script.is_news() { self.log_out() } else { Outcome::Done };
        let held = script.have(Next::Done(held))?;
        script.perform(Effect::Abandon)?;
        let mut token = match held {
            Outcome::Held(held) => Some(&**held),
            _ => None,
        };
        let shared;
        if let Some(name) = self.stored_as() {
            let there = script.perform(Effect::Store(name.clone(), Call::new("get", Span::ZERO)));
            if let Ok(Outcome::Text(there)) = there {
                // What is in the store is the session of all who share it, and newer than what is held here.
                shared = Record::read(there, self.now(), self.kept().clock.ahead());
                token = shared.as_ref().map(|record| &*record.token).or(token);
            }
            script.pass(Box::new(Effect::Store(name, Call::new("erase", Span::ZERO))))?;
        }
        let base_url = self.0.config.base_url();
        let Some(token) = token else { return Ok(()) };
        let Some(request) = self.0.config.provider.logout_request(base_url, &token.secret) else {
            return Ok(());
        };
        match script.call(request, false, Repeat::Safe) {
            // The service has ended it before, or never knew it.
            Err(error) if !matches!(error.code, Code::Unauthorized | Code::NotFound) => {
                // It is held no longer.
                Err(with_scopes(error, token).scrub(&token.secret))
            }
            _ => Ok(()),
        }
    }

    /// Ends the session here, and gives the token that was held.
    fn log_out(&self) -> Outcome {
        let mut kept = self.kept();
        let held = kept.life.held(self.now());
        kept.life.log_out();
        kept.memory.forget();
        held.map_or(Outcome::Done, Outcome::Held)
    }

    /// Under which name the token lies in a store, if it does.
    pub fn stored_as(&self) -> Option<Text> {
        self.0.config.store?;
        store::name_of(&self.0.config)
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
    pub fn fresh_id(&self) -> Result<Text> {
        let id = self.0.platform.fresh_id();
        if id.is_empty() {
            return Err(Error::new(Code::Unsupported, "there is no crypto.getRandomValues here"));
        }
        Ok(id)
    }

    /// What there is to tell `onEvent`.
    fn event(&self, kind: EventKind) -> Box<Effect> {
        Box::new(Effect::Tell(Box::new(Event { provider: self.0.config.name, at: self.now(), kind })))
    }

    fn now(&self) -> Timestamp {
        self.0.port.now()
    }

    fn open(&self) -> Result<()> {
        self.0.port.open()
    }

    /// Whether a credential is a function, which may give another one.
    fn asks(&self) -> bool {
        let credentials = self.0.config.provider.credentials();
        credentials.iter().any(|(_, credential)| matches!(credential, Credential::Ask(_)))
    }

    /// After a 401: whether another token than this one is worth asking for.
    fn is_refused(&self, refused: &Held) -> bool {
        let mut kept = self.kept();
        if kept.life.unauthorized(refused.generation, self.now()) == Verdict::HandBack {
            return false;
        }
        if self.doubt_key(&mut kept.adopted, &refused.secret) {
            // The same text may be on its way again, or be there as another generation.
            kept.invalidate();
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
        let refuse = |why: Text| Err(Error::new(Code::Origin, why));
        match parse_url(target, None) {
            None => refuse(text![
                "\"",
                without_query(target),
                "\" is neither a path that starts with / nor an absolute URL"
            ]),
            Some(url) if url.has_credentials => refuse("a URL with a user name or password in it".into()),
            Some(url) if config.allows(&url.origin) => Ok(url),
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
fn is_worth_another(chances: &mut u32, held: &Held) -> bool {
    let first = *chances == CHANCES;
    *chances = chances.saturating_sub(1);
    first || (*chances == 0 && held.found)
}
