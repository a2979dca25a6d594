//! Work that takes several effects, as a script: a plain function that is run again from its start each time something has
//! come, and finds in a journal what came before. What it makes of that is the same each time, so it gets as far as it got, and
//! one further.
//!
//! So it reads from top to bottom, and nothing has to be carried over from one effect to the next. What it changes of the world
//! around it, it changes when [`Script::is_news`] says so.

use super::hold::Hold;
use super::send::{Repeat, Send};
use super::{CHANCES, Client, is_worth_another};
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::{Answer, Request};
use crate::lifecycle::{Held, Want};
use crate::task::{Effect, Next, Outcome, Task, Work, closed};
use crate::text::Text;

/// A script. What it comes to is a text.
pub type Run = dyn Fn(&mut Script) -> Result<Text>;

/// A run of a script. Once it waits for something, all that it asks for fails, and nobody heeds what it comes to.
pub struct Script<'j> {
    /// The client whose work it is.
    pub client: &'j Client,
    /// The last answer that [`Script::ask`] gave.
    pub(crate) answer: Option<&'j Answer>,
    pub(crate) state: State,
    journal: &'j [Result<Outcome>],
    at: usize,
}

/// How a script stands.
pub(crate) enum State {
    GoesOn,
    WaitsFor(Next),
    Failed(Error),
}

impl<'j> Script<'j> {
    /// Whether the script gets to here for the first time: what it changes, it changes now.
    pub(crate) fn is_news(&self) -> bool {
        self.at == self.journal.len() && matches!(self.state, State::GoesOn)
    }

    /// What came of this, whether it failed or not; an error while it is waited for.
    fn known(&mut self, next: Next) -> Result<&'j Result<Outcome>> {
        if self.is_news() {
            self.state = State::WaitsFor(next);
        }
        let known = self.journal.get(self.at).ok_or_else(closed)?;
        self.at += 1;
        Ok(known)
    }

    /// What came of this, where it did not fail.
    pub(super) fn have(&mut self, next: Next) -> Result<&'j Outcome> {
        self.known(next)?.as_ref().map_err(Error::clone)
    }

    /// What this work came to. It is not made again only to be thrown away.
    fn done(&mut self, work: &dyn Fn() -> Box<dyn Work>) -> Result<&'j Outcome> {
        let next = if self.is_news() { Next::First(work()) } else { Next::Done(Outcome::Done) };
        self.have(next)
    }

    /// What came of this effect.
    pub(super) fn perform(&mut self, effect: Effect) -> Result<&'j Outcome> {
        self.have(Next::effect(effect))
    }

    /// Has this done, whatever comes of it.
    pub(crate) fn pass(&mut self, effect: Box<Effect>) -> Result<()> {
        self.known(Next::Do(effect)).map(drop)
    }

    /// Any token; or, in place of one that a 401 refused, another if there is one.
    pub(super) fn token(&mut self, refused: Option<&Held>) -> Result<&'j Held> {
        self.token_for(Want::default(), refused)
    }

    /// The same for one who wants this of it.
    pub(super) fn token_for(&mut self, want: Want, refused: Option<&Held>) -> Result<&'j Held> {
        let client = self.client;
        match self.done(&|| Box::new(Hold::new(client, want, refused)))? {
            Outcome::Held(held) => Ok(held),
            _ => Err(closed()),
        }
    }

    /// The answer to a request of Latchkey's own, with the token where that is said, if the answer is a success: of any other, the
    /// error is what the provider makes of it, or `ERR_OUTCOME_UNKNOWN` if a request that changes something was sent and nothing
    /// came back. An error is for [`Client::dress`].
    pub(crate) fn call(&mut self, request: Request, with_token: bool, repeat: Repeat) -> Result<&'j Answer> {
        let client = self.client;
        let mut chances = CHANCES;
        let mut held = if with_token { Some(self.token(None)?) } else { None };
        loop {
            let send = || -> Box<dyn Work> {
                let mut request = request.clone();
                if let Some(held) = held {
                    let (name, value) = client.header(held);
                    request = request.header(name, value);
                }
                Box::new(Send::new(client, request, repeat))
            };
            let Outcome::Answer(answer) = self.done(&send)? else { return Err(closed()) };
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            let error = client.config().provider.read_error(answer);
            let old = held.filter(|_| error.code == Code::Unauthorized);
            let Some(old) = old.filter(|old| is_worth_another(&mut chances, old)) else {
                return Err(error);
            };
            // A 401 means that nothing was done, so even what changes something may be sent again.
            let new = self.token(Some(old))?;
            if new.generation == old.generation {
                return Err(error);
            }
            held = Some(new);
        }
    }

    /// Tells `onEvent`. What comes of it is nothing, as what a listener throws is not for the client.
    pub(crate) fn report(&mut self, kind: EventKind) -> Result<()> {
        self.pass(self.client.event(kind))
    }
}

/// A script that is being run.
struct Play {
    client: Client,
    /// What came: first that it was begun.
    journal: Vec<Result<Outcome>>,
    run: Box<Run>,
}

impl Work for Play {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        self.journal.push(came);
        loop {
            let (client, journal) = (&self.client, &self.journal);
            let mut script = Script { client, answer: None, state: State::GoesOn, journal, at: 1 };
            let result = (self.run)(&mut script);
            match script.state {
                State::GoesOn => return result.map(|text| Next::Done(Outcome::Text(text))),
                State::Failed(error) => return Err(error),
                State::WaitsFor(Next::Done(known)) => self.journal.push(Ok(known)),
                State::WaitsFor(next) => return Ok(next),
            }
        }
    }
}

impl Client {
    /// Work of this client's, for whoever performs its effects. An error of it is for [`Client::dress`].
    pub fn task(&self, run: Box<Run>) -> Task {
        let play = Play { client: self.clone(), journal: Vec::new(), run };
        Task::new(&self.0.port, Box::new(play))
    }
}
