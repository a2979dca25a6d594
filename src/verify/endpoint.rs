//! Where a key set comes from: an address, or the discovery document of an issuer. One request at a time, for all who wait.

use super::cache::{Cache, Loaded, Poll, max_age};
use super::jwks::{Set, Wanted};
use crate::clock::{Span, Timestamp};
use crate::config::{Fields, ParseUrl, refuse_url};
use crate::error::Result;
use crate::http::{self, Answer, Header, Method, Request};
use crate::platform::Platform;
use crate::provider::oauth2;
use crate::task::{Effect, Next, Outcome, Port, Task, Work};
use crate::text::{Text, text};
use std::cell::RefCell;
use std::rc::Rc;

/// A key set at its endpoint. Clones share everything.
#[derive(Clone)]
pub struct Jwks(Rc<Inner>);

struct Inner {
    platform: Rc<dyn Platform>,
    /// Whose document tells where the set is; nobody's if the address was given.
    issuer: Text,
    timeout: Span,
    /// Where the set is; of an issuer's, nothing until its document told.
    url: RefCell<Text>,
    cache: RefCell<Cache>,
}

impl Jwks {
    /// Reads where a set is: `{ url, timeout? }`, or `{ issuer }`. This asks for nothing.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn read(mut given: Fields<'_>, platform: Rc<dyn Platform>) -> Result<Self> {
        let parse_url = |text: &str, base: Option<&str>| platform.parse_url(text, base);
        let url = address(&mut given, "url", &parse_url);
        let issuer = address(&mut given, "issuer", &parse_url);
        if url.is_empty() && issuer.is_empty() {
            given.miss("url");
        }
        let timeout = given.seconds("timeout", "0.001 to 600 seconds").unwrap_or(Span::from_seconds(10));
        given.done()?;
        let cache = RefCell::default();
        Ok(Jwks(Rc::new(Inner { platform, issuer, timeout, url: RefCell::new(url), cache })))
    }

    /// Gives the request up that is out: in an edge isolate, the request that drove it may have ended.
    pub fn overtake(&self) {
        self.0.cache.borrow_mut().overtake();
    }

    /// What a caller who wants this key is to do now.
    ///
    /// # Errors
    /// `ERR_SIGNATURE` if there is none, or why none could be had.
    pub fn poll(&self, wanted: &Wanted, now: Timestamp) -> Result<Poll> {
        self.0.cache.borrow_mut().poll(wanted, now)
    }

    /// The request for the set of this number.
    pub fn flight(&self, number: u32) -> Task {
        let port = Rc::<Port>::default();
        let set = self.clone();
        let loading =
            Loading { set, port: Rc::clone(&port), number, missing: 0, asked: None, is_document: false };
        Task::new(&port, Box::new(loading))
    }
}

/// A request for a set, and before it, where the set has to be found, for the document of its issuer.
struct Loading {
    set: Jwks,
    port: Rc<Port>,
    number: u32,
    /// How many of the issuer's documents were not there.
    missing: usize,
    /// What was asked.
    asked: Option<Request>,
    /// Whether that is a document. Where the set is may have been told meanwhile, to a request that this one overtook.
    is_document: bool,
}

impl Loading {
    /// The next request, if the set has not come.
    fn step(&mut self, came: Result<Outcome>) -> Result<Option<Request>> {
        let set = &self.set.0;
        let mut url = set.url.borrow_mut();
        if let Some(request) = self.asked.take() {
            let answer = Answer::of(&request, came?, self.port.now())?;
            if !self.is_document {
                self.land(Ok(read(&answer)?));
                return Ok(None);
            }
            // Another of its documents may be there.
            if answer.status == 404 {
                self.missing += 1;
            } else {
                check(&answer)?;
                let parse_url = |text: &str, base: Option<&str>| set.platform.parse_url(text, base);
                *url = oauth2::read_document(&answer, &set.issuer, "jwks_uri", false, &parse_url)?;
            }
        }
        self.is_document = url.is_empty();
        Ok(Some(if self.is_document {
            oauth2::document_request(&set.issuer, self.missing, "jwksUrl")?
        } else {
            Request::new(Method::Get, url.clone())
        }))
    }

    fn land(&self, came: Result<Loaded>) {
        let set = &self.set.0;
        set.cache.borrow_mut().land(self.number, came, self.port.now(), set.platform.random());
    }
}

impl Work for Loading {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        match self.step(came) {
            Ok(Some(request)) => {
                self.asked = Some(request.clone());
                return Ok(Next::effect(Effect::Send(request, self.set.0.timeout)));
            }
            Ok(None) => {}
            Err(error) => {
                if !self.set.0.issuer.is_empty() {
                    // The issuer may name another one the next time.
                    self.set.0.url.take();
                }
                self.land(Err(error));
            }
        }
        Ok(Next::Done(Outcome::Done))
    }
}

/// An address that keys may come from, if it is given: https, or this machine (RFC 8725 §3.8: whoever is on the way could change them).
fn address(given: &mut Fields<'_>, name: &str, parse_url: ParseUrl<'_>) -> Text {
    let Some(text) = given.text(name) else { return Text::new() };
    if parse_url(&text, None).is_none_or(|url| refuse_url(&url, false).is_some()) {
        given.issue(
            name,
            "must be an absolute https URL without a user name: over http anyone could change the keys",
        );
    }
    text
}

fn check(answer: &Answer) -> Result<()> {
    if answer.status == 200 {
        return Ok(());
    }
    let mut error = http::error_of(answer);
    let status = answer.status.into();
    error.message = text!["the key set could not be had: ", answer.asked, " answered ", #status];
    Err(error)
}

fn read(answer: &Answer) -> Result<Loaded> {
    check(answer)?;
    let set = Set::read(&answer.body).map_err(|why| answer.wrong(&text!["a key set that ", why]))?;
    let kept = answer.header(Header::CacheControl).and_then(|said| max_age(said, answer.header(Header::Age)));
    Ok((set, kept))
}
