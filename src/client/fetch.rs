//! A request of the user's: the token is attached, a 401 renews it and sends the request once more, and redirects are
//! followed without taking a credential to another origin.

use super::Client;
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::is_insufficient_scope;
use crate::lifecycle::Held;
use crate::platform::{Platform, Url};
use crate::token::Secret;

/// How many redirects are followed (Fetch §4.4, "HTTP-redirect fetch").
const MAX_REDIRECTS: usize = 20;

/// What the user wants done with a redirect (Fetch, `RequestRedirect`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectMode {
    /// Go where it says.
    Follow,
    /// Fail.
    Error,
    /// Hand it back.
    Manual,
}

/// A request of the user's, in whatever form the platform has it.
pub trait Outgoing {
    /// The platform's answer.
    type Reply: Reply;
    /// Where to, as the user gave it.
    fn target(&self) -> &str;
    /// The method, in capitals.
    fn method(&self) -> &str;
    /// Whether there is a body.
    fn has_body(&self) -> bool;
    /// Whether the body, if there is one, can be sent again.
    fn is_repeatable(&self) -> bool;
    /// What is to be done with a redirect.
    fn redirect(&self) -> RedirectMode;
    /// Sends it and follows no redirect.
    fn send(&self, hop: Hop<'_>) -> impl Future<Output = Result<Self::Reply>>;
}

/// What of a request changes from one hop to the next.
#[derive(Debug)]
pub struct Hop<'a> {
    /// Where to.
    pub url: &'a str,
    /// The header of the credential; without one, every header that may hold a credential is dropped.
    pub credential: Option<(&'a str, Secret)>,
    /// Whether the method has become GET, and the body and what describes it are gone.
    pub as_get: bool,
}

/// The platform's answer to a request of the user's.
pub trait Reply {
    /// The HTTP status; 0 for a redirect that the platform hides.
    fn status(&self) -> u16;
    /// The value of a header, if it can be read.
    fn header(&self, name: &str) -> Option<String>;
    /// Frees the connection: the body will not be read.
    fn discard(self);
}

impl<P: Platform> Client<P> {
    /// Sends a request with the token. A 401 is answered by one refresh and one replay, where the body can be sent again.
    ///
    /// # Errors
    /// Why the request was not sent, or why no answer came. An answer of any status is no error.
    pub async fn fetch<O: Outgoing>(&self, outgoing: &O) -> Result<O::Reply> {
        let result = async {
            let url = self.target(outgoing.target())?;
            let held = self.hold(super::Want::default()).await?;
            let (reply, at_home) = self.follow(outgoing, &url, &held).await?;
            // A 401 of somebody else is about no token of ours, and one for a missing scope would come again.
            let is_ours = at_home && reply.status() == 401;
            if !is_ours || reply.header("www-authenticate").is_some_and(|said| is_insufficient_scope(&said)) {
                return Ok(reply);
            }
            if !outgoing.is_repeatable() {
                let now = self.now();
                self.0.life.borrow_mut().unauthorized(held.generation, now);
                self.emit(EventKind::Unauthorized { replayed: false });
                return Ok(reply);
            }
            let renewed = self.renewed(&held).await;
            self.emit(EventKind::Unauthorized { replayed: matches!(renewed, Ok(Some(_))) });
            let Some(renewed) = renewed.transpose() else { return Ok(reply) };
            // Nobody reads it any more, also where the renewal failed: its connection would stay taken.
            reply.discard();
            Ok(self.follow(outgoing, &url, &renewed?).await?.0)
        };
        self.until_closed(result).await.map_err(|error| self.dress(error))
    }

    /// Sends a request and goes where its redirects say, by Fetch's rules. Tells whether the answer is from where the
    /// credential belongs.
    async fn follow<O: Outgoing>(&self, outgoing: &O, first: &Url, held: &Held) -> Result<(O::Reply, bool)> {
        let mut url = first.clone();
        let mut as_get = false;
        let mut at_home = true;
        for _ in 0..=MAX_REDIRECTS {
            self.open()?;
            let credential = at_home.then(|| self.header(held));
            let reply = outgoing.send(Hop { url: &url.href, credential, as_get }).await?;
            let status = reply.status();
            let is_redirect = matches!(status, 0 | 301 | 302 | 303 | 307 | 308);
            let location = if is_redirect { reply.header("location") } else { None };
            if !is_redirect
                || outgoing.redirect() == RedirectMode::Manual
                || (location.is_none() && status != 0)
            {
                return Ok((reply, at_home));
            }
            reply.discard();
            let next = self.next_hop(outgoing, &url, status, location.as_deref(), as_get)?;
            let becomes_get = match status {
                301 | 302 => outgoing.method() == "POST",
                303 => !matches!(outgoing.method(), "GET" | "HEAD"),
                _ => false,
            };
            as_get |= becomes_get;
            // Once it has left, the credential does not come back: a redirect home could be somebody else's idea.
            at_home &= next.origin == url.origin;
            url = next;
        }
        Err(Error::new(
            Code::Redirect,
            format!("more than {MAX_REDIRECTS} redirects, from {} on", first.origin),
        ))
    }

    fn next_hop<O: Outgoing>(
        &self,
        outgoing: &O,
        from: &Url,
        status: u16,
        location: Option<&str>,
        as_get: bool,
    ) -> Result<Url> {
        let refuse =
            |why: &str| Err(Error::new(Code::Redirect, format!("a redirect from {}: {why}", from.origin)));
        let Some(location) = location else {
            return refuse("a page is not told where to, so the credential could not be kept back");
        };
        if outgoing.redirect() == RedirectMode::Error {
            return refuse("the request wants none followed (redirect: \"error\")");
        }
        let Some(next) = self.0.platform.parse_url(location, Some(&from.href)) else {
            return refuse("to something that is no URL");
        };
        match next.protocol.as_str() {
            "https:" => {}
            "http:" if from.protocol == "http:" => {}
            "http:" => return refuse("from https to http, where anyone on the way could read it"),
            _ => return refuse("to something that is neither https nor http"),
        }
        if next.has_credentials && next.origin != from.origin {
            return refuse("to a URL with a user name or password in it");
        }
        let resends_body = outgoing.has_body() && !as_get && matches!(status, 307 | 308);
        if resends_body && !outgoing.is_repeatable() {
            return refuse("that wants the body sent again, which was a stream");
        }
        Ok(next)
    }
}
