//! Work that needs the world. The core sends nothing, waits for nothing and calls nobody: a [`Task`] runs until it needs
//! something, says what as an [`Effect`], and is resumed with what came of it. So it is a value like all else here, and whoever
//! drives it (JavaScript, or the native tests) does so in its own way and its own place: an edge isolate, say, where a promise
//! of one request is of no use to another.
//!
//! Inside, a task is [`Work`]: a state machine of values, which may have other work done first. What takes many steps and changes
//! nothing here in between reads better as a script: see [`crate::client::Script`].

use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::http::{Answer, Request};
use crate::lifecycle::Held;
use crate::platform::{FunctionId, Url};
use crate::store;
use crate::text::Text;
use crate::token::{Secret, Token};
use crate::verify::Algorithms;
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
    Import(Algorithms, Text),
    /// Check the signature of the token that this task was started for, by this algorithm and the key that was given or imported
    /// last. Comes to [`Outcome::Text`]: `true` or `false`.
    Check(Algorithms),
    /// Wait so long.
    Sleep(Span),
    /// Go on with this one on its own, whoever is waiting, and heed nothing that it comes to. There is one such at a time: the flight.
    Fly(Task),
    /// Wait for the flight to end.
    Join,
    /// The flight has landed: let those go on who wait for it. What it does from here on is nobody's business.
    Land,
    /// Nobody needs the flight any more: end it, and let those go on who wait for it.
    Abandon,
    /// Ask this of the store, about the record of this name, within a deadline of the store's own. Comes to
    /// [`Outcome::Text`].
    Store(Text, store::Call),
    /// Tell `onEvent`.
    Tell(Box<Event>),
}

/// What an effect comes to, by its name: variants of [`Outcome`].
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
            Effect::Credential(..)
            | Effect::Acquire(..)
            | Effect::Import(..)
            | Effect::Check(_)
            | Effect::Store(..) => Kind::Text,
            _ => Kind::Done,
        }
    }
}

/// What came of an effect, or of work, that did not fail.
pub enum Outcome {
    /// It is done.
    Done,
    /// A text.
    Text(Text),
    /// The whole answer to one of Latchkey's own requests: its status, those of [`Answer::HEADERS`] that were sent and can be read,
    /// and its body. The rest is for the client to note.
    Answer(Box<Answer>),
    /// What is decided by of an answer to the caller's request: the same without the body; status 0 is a redirect that the
    /// platform hides.
    Reply(Box<Answer>),
    /// Of work alone: a token to use.
    Held(Held),
    /// Of work alone: a token that came.
    Token(Box<Token>),
}

impl Outcome {
    /// The text, if it is one.
    pub fn into_text(self) -> Text {
        match self {
            Outcome::Text(text) => text,
            _ => Text::new(),
        }
    }

    /// The answer.
    ///
    /// # Errors
    /// `ERR_NETWORK` if it is none.
    pub fn into_answer(self) -> Result<Box<Answer>> {
        match self {
            Outcome::Answer(answer) => Ok(answer),
            _ => Err(Error::new(Code::Network, "there is no answer")),
        }
    }
}

/// Where a request of the caller's goes, and what of it changes from one hop to the next.
pub struct Hop {
    /// Where to.
    pub url: Rc<Url>,
    /// The name of the header that the credential travels in.
    pub header: Text,
    /// Its value; without one, every header that may hold a credential is dropped.
    pub credential: Option<Secret>,
    /// Whether the method has become GET, and the body and what describes it are gone.
    pub as_get: bool,
}

/// What the tasks of a client have in common.
#[derive(Default)]
pub struct Port {
    now: Cell<Timestamp>,
    closed: Cell<bool>,
}

impl Port {
    /// Ends whatever goes on here: what is waited for fails with `ERR_CLOSED`.
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
}

/// What whoever asks a client that was closed is told.
pub(crate) fn closed() -> Error {
    Error::new(Code::Closed, "the client was freed: make a new one")
}

/// A piece of work that goes on in steps.
pub trait Work {
    /// What is next, after this came of the last. At the beginning there was none: it counts as done.
    ///
    /// # Errors
    /// Why the work has failed.
    fn next(&mut self, came: Result<Outcome>) -> Result<Next>;
}

/// What a piece of work does next.
pub enum Next {
    /// It needs this. In a box, as it goes through many hands.
    Do(Box<Effect>),
    /// It needs what this comes to.
    First(Box<dyn Work>),
    /// It is over, and has come to this.
    Done(Outcome),
}

impl Next {
    /// To need this.
    #[inline(never)]
    pub fn effect(effect: Effect) -> Self {
        Next::Do(Box::new(effect))
    }
}

/// Work that is going on: a piece, and on top of it what each has done first. Dropping it ends it where it stands.
pub struct Task {
    works: Vec<Box<dyn Work>>,
    port: Rc<Port>,
}

/// How far a task has come.
pub enum Step {
    /// It needs this, and is to be resumed with what came of it.
    Needs(Effect),
    /// It is over.
    Done(Result<Outcome>),
}

impl Task {
    /// A task of this work, with what others of its kind have.
    pub fn new(port: &Rc<Port>, work: Box<dyn Work>) -> Self {
        Task { works: vec![work], port: Rc::clone(port) }
    }

    /// Goes on with it at this local time, after this came of the effect that it needed; the first time there was none yet, and
    /// that counts as done. A task that is over is not resumed again.
    pub fn resume(&mut self, came: Result<Outcome>, now: Timestamp) -> Step {
        self.port.now.set(now);
        let mut came = match came {
            // An answer of the service counts in any case: it may hold a key that was made and is shown once.
            Ok(answer @ Outcome::Answer(_)) => Ok(answer),
            came => self.port.open().and(came),
        };
        while let Some(work) = self.works.last_mut() {
            came = match work.next(came) {
                Ok(Next::Do(effect)) => return Step::Needs(*effect),
                Ok(Next::First(first)) => {
                    self.works.push(first);
                    came = Ok(Outcome::Done);
                    continue;
                }
                Ok(Next::Done(outcome)) => Ok(outcome),
                Err(error) => Err(error),
            };
            self.works.pop();
        }
        Step::Done(came)
    }
}
