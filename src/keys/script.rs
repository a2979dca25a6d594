//! A call of several requests, as a plain function. It is run from its start each time that an answer has come, and finds the
//! answers so far in its journal; where there is none yet it stops, and goes on when there is. So it must do the same each
//! time, and change nothing but through the [`Script`].
//!
//! Why not an `async fn`: what the compiler makes of one holds each place where it may wait, with all that is alive there, and
//! the calls of the keys came to a sixth of the download. Here there is one place that waits, [`play`].

use crate::client::{Adoption, Client, Repeat};
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, KeyAction};
use crate::http::{Answer, Request};
use crate::token::Secret;

/// What a script comes to, or why it stops.
pub type Step<T> = core::result::Result<T, Stop>;

/// Why a script stops.
pub enum Stop {
    /// It needs something first, which the [`Script`] holds.
    Needs,
    /// It has failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

impl Stop {
    /// The same, and an error says this too.
    pub fn saying(self, more: &str) -> Self {
        match self {
            Stop::Failed(error) => Stop::Failed(error.saying(more)),
            Stop::Needs => Stop::Needs,
        }
    }

    /// The same with this secret taken out of an error's texts.
    pub fn scrub(self, secret: &Secret) -> Self {
        match self {
            Stop::Failed(error) => Stop::Failed(error.scrub(secret)),
            Stop::Needs => Stop::Needs,
        }
    }
}

/// What is done by several scripts that share something, each by its number: the pages of a list, the steps of a rotation. What
/// a script comes to is a text.
pub type Talk = dyn Fn(&mut Script, u32) -> Step<String>;

/// What a script needs.
pub enum Need {
    /// The answer to this request, with the client's token if that is said.
    Call(Request, bool, Repeat),
    /// That `onEvent` is told.
    Tell(KeyAction, String),
    /// That this becomes of a key in the client.
    Adopt(Secret, Adoption),
}

/// A run of a script.
pub struct Script<'j> {
    journal: &'j [Result<Box<Answer>>],
    at: usize,
    /// What it stopped for.
    need: Option<Need>,
}

impl<'j> Script<'j> {
    /// The answer to a request that changes nothing, or nothing more the second time.
    pub fn read(&mut self, request: Request) -> Step<&'j Answer> {
        self.need(Need::Call(request, true, Repeat::Safe))
    }

    /// The answer to a request that changes something.
    pub fn change(&mut self, request: Request) -> Step<&'j Answer> {
        self.need(Need::Call(request, true, Repeat::Never))
    }

    /// The same, of a request that has another credential in it than the client's.
    pub fn read_bare(&mut self, request: Request) -> Step<&'j Answer> {
        self.need(Need::Call(request, false, Repeat::Safe))
    }

    /// The answer to a request, with the client's token if that is said.
    pub fn ask(&mut self, request: Request, with_token: bool, repeat: Repeat) -> Step<&'j Answer> {
        self.need(Need::Call(request, with_token, repeat))
    }

    /// Tells `onEvent`.
    pub fn tell(&mut self, action: KeyAction, id: &str) -> Step<()> {
        self.need(Need::Tell(action, id.to_owned())).map(drop)
    }

    /// Has this become of a key in the client.
    pub fn adopt(&mut self, key: &Secret, adoption: Adoption) -> Step<()> {
        self.need(Need::Adopt(key.clone(), adoption)).map(drop)
    }

    fn need(&mut self, need: Need) -> Step<&'j Answer> {
        let known = self.journal.get(self.at);
        self.at += 1;
        match known {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(Stop::Failed(error.clone())),
            None => {
                self.need = Some(need);
                Err(Stop::Needs)
            }
        }
    }
}

/// Runs a script to its end.
///
/// # Errors
/// Why it failed.
pub async fn play<T>(client: &Client, run: &dyn Fn(&mut Script) -> Step<T>) -> Result<T> {
    let mut journal = Vec::new();
    loop {
        let mut script = Script { journal: &journal, at: 0, need: None };
        match run(&mut script) {
            Ok(done) => return Ok(done),
            Err(Stop::Failed(error)) => return Err(client.dress(error)),
            Err(Stop::Needs) => {}
        }
        let done = match script.need {
            Some(Need::Call(request, with_token, repeat)) => {
                journal.push(client.call(request, with_token, repeat).await);
                continue;
            }
            Some(Need::Tell(action, id)) => client.tell(EventKind::Key { action, id }),
            Some(Need::Adopt(key, adoption)) => client.adopt(key, adoption),
            // Who stops for something has said for what.
            None => return Err(Error::new(Code::Conflict, "it waits for nothing")),
        };
        let _ = done.await;
        journal.push(Ok(Box::default()));
    }
}
