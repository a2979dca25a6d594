//! Work that takes several effects, as a script: a plain function that is run again from its start each time something has
//! come, and finds in a journal what came before. What it makes of that is the same each time, so it gets as far as it got, and
//! one further.
//!
//! So it reads from top to bottom, and nothing has to be carried over from one effect to the next. What it changes of the world
//! around it, it changes by [`Script::once`].

use super::hold::Hold;
use super::send::Send;
use super::{Adoption, CHANCES, Client, Repeat, is_worth_another};
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, KeyAction};
use crate::http::{Answer, Request};
use crate::lifecycle::{Held, Want};
use crate::task::{Effect, Next, Outcome, Task, Work, closed};
use crate::token::Secret;

/// A script. What it comes to is a text.
pub type Run = dyn Fn(&mut Script) -> Result<String>;

/// What is done by several scripts that share something, each by its number: the pages of a list, the steps of a rotation.
pub type Talk = dyn Fn(&mut Script, u32) -> Result<String>;

/// A run of a script. Once it waits for something, all that it asks for fails, and nobody heeds what it comes to.
pub struct Script<'j> {
    client: &'j Client,
    journal: &'j [Result<Outcome>],
    at: usize,
    /// What it waits for.
    next: Option<Next>,
}

impl<'j> Script<'j> {
    /// What came of this, which is done the first time that the script gets here, whether it failed or not; an error while that
    /// is waited for.
    fn known(&mut self, next: impl FnOnce() -> Next) -> Result<&'j Result<Outcome>> {
        if self.at == self.journal.len() {
            self.next.get_or_insert_with(next);
        }
        self.turn()
    }

    /// Goes on in the journal.
    fn turn(&mut self) -> Result<&'j Result<Outcome>> {
        let known = self.journal.get(self.at).ok_or_else(closed)?;
        self.at += 1;
        Ok(known)
    }

    /// The same where it did not fail.
    pub(super) fn once(&mut self, next: impl FnOnce() -> Next) -> Result<&'j Outcome> {
        self.known(next)?.as_ref().map_err(Error::clone)
    }

    /// What came of this effect.
    pub(super) fn perform(&mut self, effect: Effect) -> Result<&'j Outcome> {
        self.once(|| Next::effect(effect))
    }

    /// The same, whatever comes of it.
    pub(super) fn pass(&mut self, effect: Effect) -> Result<()> {
        self.known(|| Next::effect(effect)).map(drop)
    }

    /// A token; or, in place of one that a 401 refused, another if there is one.
    pub(super) fn hold(&mut self, want: Want, refused: Option<&Held>) -> Result<&'j Held> {
        let client = self.client;
        let hold = self.once(|| Next::First(Box::new(Hold::new(client, want, refused))));
        match hold? {
            Outcome::Held(held) => Ok(held),
            _ => Err(closed()),
        }
    }

    /// The answer to a request that changes nothing, or nothing more the second time.
    pub fn read(&mut self, request: Request) -> Result<&'j Answer> {
        self.ask(request, true, Repeat::Safe)
    }

    /// The answer to a request that changes something.
    pub fn change(&mut self, request: Request) -> Result<&'j Answer> {
        self.ask(request, true, Repeat::Never)
    }

    /// The answer to a request, with the client's token if that is said. An error is for [`Client::dress`].
    ///
    /// # Errors
    /// What the provider makes of any answer but a success; `ERR_OUTCOME_UNKNOWN` if a request that changes something was sent and
    /// nothing came back.
    pub fn ask(&mut self, mut request: Request, with_token: bool, repeat: Repeat) -> Result<&'j Answer> {
        let client = self.client;
        let mut held = if with_token { Some(self.hold(Want::default(), None)?) } else { None };
        let mut chances = CHANCES;
        loop {
            if let Some(held) = held {
                let (name, value) = client.header(held);
                request = request.header(name, value);
            }
            let send = || Next::First(Box::new(Send::new(client, request.clone(), repeat)));
            let Outcome::Answer(answer) = self.once(send)? else { return Err(closed()) };
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            let error = client.config().provider.read_error(answer);
            // A 401 means that nothing was done, so even what changes something may be sent again.
            held = match held {
                Some(old) if error.code == Code::Unauthorized && is_worth_another(&mut chances, old) => {
                    let new = self.hold(Want::default(), Some(old))?;
                    if new.generation == old.generation {
                        return Err(error);
                    }
                    Some(new)
                }
                _ => return Err(error),
            };
        }
    }

    /// Tells `onEvent` what was done to a key.
    pub fn tell(&mut self, action: KeyAction, id: &str) -> Result<()> {
        self.report(EventKind::Key { action, id: id.to_owned() })
    }

    /// Tells `onEvent`. What comes of it is nothing, as what a listener throws is not for the client.
    pub(super) fn report(&mut self, kind: EventKind) -> Result<()> {
        self.pass(self.client.event(kind))
    }

    /// Has this become of a key in the client. What comes of it is nothing: a client that was closed meanwhile has no use for either.
    pub fn adopt(&mut self, key: &Secret, adoption: Adoption) -> Result<()> {
        let client = self.client;
        self.known(|| Next::effect(client.adopt(key, adoption))).map(drop)
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
            let mut script = Script { client: &self.client, journal: &self.journal, at: 1, next: None };
            let result = (self.run)(&mut script);
            match script.next {
                None => return result.map(|text| Next::Done(Outcome::Text(text))),
                Some(Next::Done(known)) => self.journal.push(Ok(known)),
                Some(next) => return Ok(next),
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
