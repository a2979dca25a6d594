//! Where a key set comes from: an address, or the discovery document of an issuer. One request at a time, for all who wait.

use super::cache::{Cache, Poll, max_age};
use super::jwks::{Named, Set, Wanted};
use crate::clock::{Span, Timestamp};
use crate::config::{Fields, ParseUrl, refuse_url};
use crate::error::{Code, Error, Result};
use crate::http::{self, Answer, Method, Request};
use crate::platform::Platform;
use crate::provider::oauth2;
use crate::task::{Effect, Port, Step, Task};
use crate::text::{self, text};
use std::cell::RefCell;
use std::rc::Rc;

/// A key set at its endpoint. Clones share everything.
#[derive(Clone)]
pub struct Jwks(Rc<Inner>);

struct Inner {
    platform: Rc<dyn Platform>,
    issuer: Option<String>,
    timeout: Span,
    /// Where the set is; of an issuer's, nothing until its document told.
    url: RefCell<Option<String>>,
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
        if url.is_none() && issuer.is_none() {
            given.miss("url");
        }
        let timeout = given.seconds("timeout", 0.001, 600.0).unwrap_or(Span::from_seconds(10));
        given.done()?;
        let cache = RefCell::default();
        Ok(Jwks(Rc::new(Inner { platform, issuer, timeout, url: RefCell::new(url), cache })))
    }

    /// Gives the request up that is out: in an edge isolate, the request that drove it may have ended.
    pub fn overtake(&self) {
        self.0.cache.borrow_mut().overtake();
    }

    /// The key of a token, or what it takes before it is asked for again.
    ///
    /// # Errors
    /// `ERR_SIGNATURE` if there is none, or why none could be had.
    pub fn find(&self, wanted: &Wanted, now: Timestamp) -> Result<Step<Named>> {
        let poll = self.0.cache.borrow_mut().poll(wanted, now)?;
        Ok(match poll {
            Poll::Use(named) => Step::Done(named),
            Poll::Fetch(flight) => {
                let port = Rc::default();
                Step::Needs(Effect::Fly(Task::new(&port, self.clone().fly(Rc::clone(&port), flight))))
            }
            Poll::Wait => Step::Needs(Effect::Join),
        })
    }

    async fn fly(self, port: Rc<Port>, flight: u64) -> Result<String> {
        let mut missing = 0;
        loop {
            let came = match self.request(missing) {
                Ok(request) => {
                    let outcome = port.perform(Effect::Send(request.clone(), self.0.timeout)).await;
                    outcome.and_then(|outcome| self.read_answer(&*Answer::of(&request, outcome, port.now())?))
                }
                Err(error) => Err(error),
            };
            missing += 1;
            if let Some(came) = came.transpose() {
                self.land(flight, came, port.now());
                return Ok(String::new());
            }
        }
    }

    fn land(&self, flight: u64, came: Result<(Set, Option<Span>)>, now: Timestamp) {
        if came.is_err() && self.0.issuer.is_some() {
            // The issuer may name another one the next time.
            self.0.url.replace(None);
        }
        self.0.cache.borrow_mut().land(flight, came, now, self.0.platform.random());
    }

    /// What is to be asked, where so many documents of the issuer were not there.
    fn request(&self, missing: usize) -> Result<Request> {
        match (&*self.0.url.borrow(), &self.0.issuer) {
            (None, Some(issuer)) => oauth2::document_request(issuer, missing, "jwksUrl"),
            (url, _) => Ok(Request::new(Method::Get, url.clone().unwrap_or_default())),
        }
    }

    /// The set, and how long its answer may be kept; nothing where something else is to be asked next.
    fn read_answer(&self, answer: &Answer) -> Result<Option<(Set, Option<Span>)>> {
        let mut url = self.0.url.borrow_mut();
        let Some(issuer) = self.0.issuer.as_deref().filter(|_| url.is_none()) else {
            return read(answer).map(Some);
        };
        // Another of its documents may be there.
        if answer.status != 404 {
            check(answer)?;
            let parse_url = |text: &str, base: Option<&str>| self.0.platform.parse_url(text, base);
            *url = Some(oauth2::read_document(answer, issuer, "jwks_uri", false, &parse_url)?);
        }
        Ok(None)
    }
}

/// An address that keys may come from: https, or this machine (RFC 8725 §3.8: whoever is on the way could change them).
fn address(given: &mut Fields<'_>, name: &str, parse_url: ParseUrl<'_>) -> Option<String> {
    let text = given.text(name)?;
    if parse_url(&text, None).is_none_or(|url| refuse_url(&url, false).is_some()) {
        given.issue(
            name,
            "must be an absolute https URL without a user name: over http anyone could change the keys",
        );
    }
    Some(text)
}

fn check(answer: &Answer) -> Result<()> {
    if answer.status == 200 {
        return Ok(());
    }
    let mut error = http::error_of(answer);
    let status = text::digits(answer.status.into());
    error.message = text!["the key set could not be had: ", answer.asked, " answered ", status];
    Err(error)
}

fn read(answer: &Answer) -> Result<(Set, Option<Span>)> {
    check(answer)?;
    let set = Set::read(&answer.body).map_err(|why| {
        Error::new(Code::Response, text!["the answer to ", answer.asked, ", a key set, ", why])
            .with_status(200)
    })?;
    let kept = answer.header("cache-control").and_then(|said| max_age(said, answer.header("age")));
    Ok((set, kept))
}
