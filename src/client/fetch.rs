//! A request of the user's: the token is attached, a 401 renews it and sends the request once more, and redirects are
//! followed without taking a credential to another origin.

use super::{CHANCES, Client, Script, is_worth_another};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::{Answer, Header, is_insufficient_scope};
use crate::lifecycle::Held;
use crate::platform::Url;
use crate::task::{Effect, Hop, Outcome, closed};
use crate::text::{Text, text};
use std::rc::Rc;

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

/// A request of the user's, as far as anything is decided by it. The request itself stays where it was made.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where to, as the user gave it.
    pub target: Text,
    /// The method, in capitals.
    pub method: Text,
    /// Whether it has a body that can be sent only once.
    pub is_stream: bool,
    /// What is to be done with a redirect.
    pub redirect: RedirectMode,
}

impl Client {
    /// Sends a request with the token. A 401 is answered by one refresh and one replay, where the body can be sent again.
    /// What the caller gets is the answer to the last [`Effect::Hop`], of any status.
    ///
    /// `sent` is the token that it was already sent with, as [`Client::ready`] told: what came of that is what comes of the
    /// first hop.
    ///
    /// # Errors
    /// Why the request was not sent, or why no answer came.
    pub fn fetch(&self, script: &mut Script, outgoing: &Outgoing, sent: Option<&Held>) -> Result<()> {
        let url = self.target(&outgoing.target)?;
        let mut held = match sent {
            Some(held) => held,
            None => script.token(None)?,
        };
        let mut chances = CHANCES;
        loop {
            let (reply, at_home) = self.follow(script, outgoing, &url, held)?;
            // A 401 of somebody else is about no token of ours, and one for a missing scope would come again.
            let is_ours = at_home && reply.status == 401;
            if !is_ours
                || reply.header(Header::WwwAuthenticate).is_some_and(is_insufficient_scope)
                || !is_worth_another(&mut chances, held)
            {
                return Ok(());
            }
            if outgoing.is_stream {
                if script.is_news() {
                    self.is_refused(held);
                }
                return script.report(EventKind::Unauthorized { replayed: false });
            }
            let new = script.token(Some(held));
            let replayed = new.as_ref().is_ok_and(|new| new.generation != held.generation);
            script.report(EventKind::Unauthorized { replayed })?;
            let new = new?;
            if !replayed {
                return Ok(());
            }
            held = new;
        }
    }

    /// The first hop of a request to this target and the generation of the token in it, if there is nothing to wait for or to
    /// refuse. It may be performed before [`Client::fetch`] is called, which need not be if it comes to a success.
    pub fn ready(&self, target: &str, now: Timestamp) -> Option<(Box<Hop>, u32)> {
        let (held, _) = self.cached(now)?;
        let url = self.target(target).ok()?;
        Some((self.hop(&held, &url, true, false), held.generation))
    }

    fn hop(&self, held: &Held, url: &Rc<Url>, at_home: bool, as_get: bool) -> Box<Hop> {
        let (header, value) = self.header(held);
        let credential = at_home.then_some(value);
        Box::new(Hop { url: Rc::clone(url), header: header.into(), credential, as_get })
    }

    /// Sends a request and goes where its redirects say, by Fetch's rules. Tells whether the answer is from where the
    /// credential belongs.
    fn follow<'j>(
        &self,
        script: &mut Script<'j>,
        outgoing: &Outgoing,
        first: &Rc<Url>,
        held: &Held,
    ) -> Result<(&'j Answer, bool)> {
        let mut url = Rc::clone(first);
        let mut as_get = false;
        let mut at_home = true;
        for _ in 0..=MAX_REDIRECTS {
            let hop = self.hop(held, &url, at_home, as_get);
            let Outcome::Reply(reply) = script.perform(Effect::Hop(hop))? else { return Err(closed()) };
            let is_redirect = matches!(reply.status, 0 | 301 | 302 | 303 | 307 | 308);
            if !is_redirect
                || outgoing.redirect == RedirectMode::Manual
                || (reply.header(Header::Location).is_none() && reply.status != 0)
            {
                return Ok((reply, at_home));
            }
            let next = self.next_hop(outgoing, &url, reply, as_get).map_err(|why| {
                Error::new(Code::Redirect, text!["a redirect from ", url.origin, ": ", why])
            })?;
            as_get |= match reply.status {
                301 | 302 => outgoing.method == "POST",
                303 => !matches!(outgoing.method.as_str(), "GET" | "HEAD"),
                _ => false,
            };
            // Once it has left, the credential does not come back: a redirect home could be somebody else's idea.
            at_home &= next.origin == url.origin;
            url = next;
        }
        Err(Error::new(
            Code::Redirect,
            text!["more than ", #MAX_REDIRECTS as i64, " redirects, from ", first.origin, " on"],
        ))
    }

    /// Where a redirect leads, or why it is not followed.
    fn next_hop(
        &self,
        outgoing: &Outgoing,
        from: &Url,
        reply: &Answer,
        as_get: bool,
    ) -> core::result::Result<Rc<Url>, &'static str> {
        let Some(location) = reply.header(Header::Location) else {
            return Err("a page is not told where to, so the credential could not be kept back");
        };
        if outgoing.redirect == RedirectMode::Error {
            return Err("the request wants none followed (redirect: \"error\")");
        }
        let Some(next) = self.0.platform.parse_url(location, Some(&from.href)) else {
            return Err("to no URL");
        };
        match next.protocol.as_str() {
            "https:" => {}
            "http:" if from.protocol == "http:" => {}
            "http:" => return Err("from https to http, where anyone reads it"),
            _ => return Err("to neither https nor http"),
        }
        if next.has_credentials && next.origin != from.origin {
            return Err("to a URL with a user name or password in it");
        }
        if outgoing.is_stream && !as_get && matches!(reply.status, 307 | 308) {
            return Err("that wants the body sent again, which was a stream");
        }
        Ok(next)
    }
}
