//! Work that needs the world. The core sends nothing, waits for nothing and calls nobody: a [`Task`] runs until it needs
//! something, says what as an [`Effect`], and is resumed with what came of it. So it is a value like all else here, and whoever
//! drives it (JavaScript, or the native tests) does so in its own way and its own place: an edge isolate, say, where a promise
//! of one request is of no use to another.
//!
//! Inside, a task reads as any `async fn`; there is no executor, and nothing is woken. Awaiting means to ask [`Port::perform`].

use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::http::{Answer, Request};
use crate::platform::FunctionId;
use crate::token::Secret;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::cell::Cell;
use std::rc::Rc;

/// What a task needs before it can go on.
pub enum Effect {
    /// Send one of Latchkey's own requests within so long, follow no redirect, and read the answer up to
    /// [`crate::http::MAX_ANSWER`] bytes. Comes to [`Outcome::Answer`].
    Send(Request, Span),
    /// Send the caller's request there, follow no redirect, and drop the answer to its last sending, if there was one.
    /// Comes to [`Outcome::Reply`].
    Hop(Box<Hop>),
    /// Ask a credential function, within so long. Comes to [`Outcome::Text`].
    Credential(FunctionId, Span),
    /// Ask the `acquire` function of the `token` provider, within so long. Comes to [`Outcome::Text`]: JSON of
    /// `{ token, expiresIn? }`.
    Acquire(FunctionId, Span),
    /// Import this public key, PEM or the JSON text of a JWK, for this algorithm of a signature. Comes to [`Outcome::Text`]: JSON of
    /// `{ platform, bits? }`, what the platform calls its algorithm, with the hash or the curve, and its length.
    Import(&'static str, String),
    /// Check the signature of the token that this task was started for, by this algorithm and the key that was given or imported
    /// last. Comes to [`Outcome::Text`]: `true` or `false`.
    Check(&'static str),
    /// Wait so long.
    Sleep(Span),
    /// Go on with this one on its own, whoever is waiting, and heed nothing that it comes to. There is one such at a time: the flight.
    Fly(Task<Result<String>>),
    /// Wait for the flight to end.
    Join,
    /// Nobody needs the flight any more: end it, and let those go on who wait for it.
    Abandon,
    /// Tell `onEvent`.
    Tell(Box<Event>),
}

/// What an effect comes to, by its name: the variants of [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "Outcome says what each is")]
pub enum Kind {
    Done,
    Text,
    Answer,
    Reply,
}

impl Effect {
    /// What it comes to where it does not fail.
    pub fn comes_to(&self) -> Kind {
        match self {
            Effect::Send(..) => Kind::Answer,
            Effect::Hop(_) => Kind::Reply,
            Effect::Credential(..) | Effect::Acquire(..) | Effect::Import(..) | Effect::Check(_) => {
                Kind::Text
            }
            _ => Kind::Done,
        }
    }
}

/// What came of an effect that did not fail.
pub enum Outcome {
    /// It is done.
    Done,
    /// A text.
    Text(String),
    /// The whole answer to one of Latchkey's own requests: its status, those of [`Answer::HEADERS`] that were sent and can be read,
    /// and its body. The rest is for the client to note.
    Answer(Box<Answer>),
    /// What is decided by of an answer to the caller's request.
    Reply(Box<Reply>),
}

impl Outcome {
    /// The text, if it is one.
    pub fn into_text(self) -> String {
        match self {
            Outcome::Text(text) => text,
            _ => String::new(),
        }
    }
}

/// Where a request of the caller's goes, and what of it changes from one hop to the next.
pub struct Hop {
    /// Where to.
    pub url: String,
    /// The name of the header that the credential travels in.
    pub header: String,
    /// Its value; without one, every header that may hold a credential is dropped.
    pub credential: Option<Secret>,
    /// Whether the method has become GET, and the body and what describes it are gone.
    pub as_get: bool,
}

/// An answer to a request of the caller's, of which the core sees no more than this.
#[derive(Debug, Default)]
pub struct Reply {
    /// The HTTP status; 0 for a redirect that the platform hides.
    pub status: u16,
    /// The header `location`.
    pub location: Option<String>,
    /// The header `www-authenticate`.
    pub www_authenticate: Option<String>,
}

/// Where a client's tasks leave what they need, and find what came of it. One serves them all: each is resumed for itself,
/// and leaves nothing behind.
#[derive(Default)]
pub struct Port {
    effect: Cell<Option<Effect>>,
    outcome: Cell<Option<Result<Outcome>>>,
    now: Cell<Timestamp>,
    closed: Cell<bool>,
}

impl Port {
    /// Ends whatever goes on here: what is awaited fails with `ERR_CLOSED`.
    pub fn close(&self) {
        self.closed.set(true);
    }

    /// That it was not closed.
    ///
    /// # Errors
    /// `ERR_CLOSED` if it was.
    pub fn open(&self) -> Result<()> {
        if self.closed.get() { Err(closed()) } else { Ok(()) }
    }

    /// The local time at which the task that runs was started or resumed.
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Asks for this, which comes to nothing but that it is done.
    pub fn have_done(&self, effect: Effect) -> Doing<'_> {
        Doing(self.perform(effect))
    }

    /// Asks for this: awaited at once, it comes to what came of it, or to why it could not be done.
    pub fn perform(&self, effect: Effect) -> Awaited<'_> {
        self.effect.set(Some(effect));
        Awaited(self)
    }
}

/// What whoever asks a client that was closed is told.
pub(crate) fn closed() -> Error {
    Error::new(Code::Closed, "the client was freed: make a new one")
}

/// An effect that is being performed. By hand, and not an `async fn`: it is awaited in so many places that each copy counts.
pub struct Awaited<'p>(&'p Port);

impl Future for Awaited<'_> {
    type Output = Result<Outcome>;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.outcome.take() {
            None => Poll::Pending,
            // An answer of the service counts in any case: it may hold a key that was made and is shown once.
            Some(Ok(answer @ Outcome::Answer(_))) => Poll::Ready(Ok(answer)),
            Some(outcome) => Poll::Ready(self.0.open().and(outcome)),
        }
    }
}

/// The same of one that comes to nothing but that it is done.
pub struct Doing<'p>(Awaited<'p>);

impl Future for Doing<'_> {
    type Output = Result<()>;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_ok(drop)
    }
}

/// A piece of work. Dropping it ends it where it stands.
pub struct Task<T> {
    work: Pin<Box<dyn Future<Output = T>>>,
    port: Rc<Port>,
}

/// How far a task has come.
pub enum Step<T> {
    /// It needs this, and is to be resumed with what came of it.
    Needs(Effect),
    /// It is over.
    Done(T),
}

impl<T> Task<T> {
    /// Work that performs its effects through this port.
    pub fn new(port: &Rc<Port>, work: impl Future<Output = T> + 'static) -> Self {
        Task { work: Box::pin(work), port: Rc::clone(port) }
    }

    /// Goes on with it at this local time. `outcome` is what came of the effect that it needed; the first time there was none
    /// yet. A task that is over is not resumed again.
    pub fn resume(&mut self, outcome: Option<Result<Outcome>>, now: Timestamp) -> Step<T> {
        self.port.outcome.set(outcome);
        self.port.now.set(now);
        match self.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Step::Done(done),
            // Whatever is awaited is an effect, so there is one.
            Poll::Pending => Step::Needs(self.port.effect.take().unwrap_or(Effect::Join)),
        }
    }
}
