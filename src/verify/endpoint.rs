//! Where a key set comes from: an address, or the discovery document of an issuer. One request at a time, for all who wait.

use super::cache::{Cache, Poll, max_age};
use super::jwks::{Named, Set, Wanted, refuse};
use crate::clock::Span;
use crate::config::{Fields, ParseUrl, refuse_url};
use crate::error::{Code, Error, Result};
use crate::http::{self, Answer, Method, Request};
use crate::platform::Platform;
use crate::provider::oauth2;
use crate::task::{Effect, Port, Task};
use crate::text::{self, text};
use std::cell::RefCell;
use std::rc::Rc;

/// How many requests a caller waits for. More than two in a row have all been taken over by another.
const MAX_ROUNDS: usize = 8;

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
        let timeout = given.seconds("timeout", "0.001 to 600 seconds").unwrap_or(Span::from_seconds(10));
        given.done()?;
        let cache = RefCell::default();
        Ok(Jwks(Rc::new(Inner { platform, issuer, timeout, url: RefCell::new(url), cache })))
    }

    /// Gives the request up that is out: in an edge isolate, the request that drove it may have ended.
    pub fn overtake(&self) {
        self.0.cache.borrow_mut().overtake();
    }

    /// The key of a token.
    ///
    /// # Errors
    /// `ERR_SIGNATURE` if there is none, or why none could be had.
    pub async fn find(&self, port: &Rc<Port>, wanted: &Wanted) -> Result<Named> {
        for _ in 0..MAX_ROUNDS {
            let poll = self.0.cache.borrow_mut().poll(wanted, port.now())?;
            match poll {
                Poll::Use(named) => return Ok(named),
                Poll::Fetch(flight) => {
                    let (set, own) = (self.clone(), Rc::<Port>::default());
                    let inner = Rc::clone(&own);
                    let fly = Task::new(&own, async move { set.fly(&inner, flight).await });
                    port.perform(Effect::Fly(fly)).await?;
                }
                Poll::Wait => {}
            }
            port.perform(Effect::Join).await?;
        }
        Err(refuse("the key set changes faster than it can be asked for"))
    }

    async fn fly(&self, port: &Port, flight: u64) -> Result<String> {
        let came = self.load(port).await;
        if came.is_err() && self.0.issuer.is_some() {
            // The issuer may name another one the next time.
            self.0.url.replace(None);
        }
        let random = self.0.platform.random();
        self.0.cache.borrow_mut().land(flight, came, port.now(), random);
        Ok(String::new())
    }

    async fn load(&self, port: &Port) -> Result<(Set, Option<Span>)> {
        let mut missing = 0;
        loop {
            let url = self.0.url.borrow().clone();
            let issuer = self.0.issuer.as_deref().filter(|_| url.is_none());
            let request = match issuer {
                Some(issuer) => oauth2::document_request(issuer, missing, "jwksUrl")?,
                None => Request::new(Method::Get, url.unwrap_or_default()),
            };
            let sent_at = port.now();
            let outcome = port.perform(Effect::Send(request.clone(), self.0.timeout)).await?;
            let answer = Answer::of(&request, sent_at, outcome, port.now())?;
            match issuer {
                None => return read(&answer),
                // Another of its documents may be there.
                Some(_) if answer.status == 404 => missing += 1,
                Some(issuer) => {
                    check(&answer)?;
                    let parse_url = |text: &str, base: Option<&str>| self.0.platform.parse_url(text, base);
                    let url = oauth2::read_document(&answer, issuer, "jwks_uri", false, &parse_url)?;
                    self.0.url.replace(Some(url));
                }
            }
        }
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
