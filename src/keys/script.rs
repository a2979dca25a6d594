//! A call of several requests, as a plain function. It is run from its start each time that an answer has come, and finds the
//! answers so far in its journal; where there is none yet it fails, and is run again when there is. So it must do the same each
//! time, and change nothing but through the [`Script`].
//!
//! Why not an `async fn`: what the compiler makes of one holds each place where it may wait, with all that is alive there, and
//! the calls of the keys came to a sixth of the download. Here there is one place that waits, [`play`].

use crate::client::{Adoption, Client, Repeat};
use crate::error::Result;
use crate::event::{EventKind, KeyAction};
use crate::http::{Answer, Request};
use crate::task;
use crate::token::Secret;

/// What is done by several scripts that share something, each by its number: the pages of a list, the steps of a rotation. What
/// a script comes to is a text.
pub type Talk = dyn Fn(&mut Script, u32) -> Result<String>;

/// What a script needs.
pub enum Need {
    /// The answer to this request, with the client's token if that is said.
    Call(Request, bool, Repeat),
    /// That `onEvent` is told.
    Tell(KeyAction, String),
    /// That this becomes of a key in the client.
    Adopt(Secret, Adoption),
}

/// A run of a script. Once it waits for something, all that it asks for fails, and nobody heeds what it comes to.
pub struct Script<'j> {
    journal: &'j [Result<Box<Answer>>],
    at: usize,
    /// What it waits for.
    need: Option<Need>,
}

impl<'j> Script<'j> {
    /// The answer to a request that changes nothing, or nothing more the second time.
    pub fn read(&mut self, request: Request) -> Result<&'j Answer> {
        self.need(Need::Call(request, true, Repeat::Safe))
    }

    /// The answer to a request that changes something.
    pub fn change(&mut self, request: Request) -> Result<&'j Answer> {
        self.need(Need::Call(request, true, Repeat::Never))
    }

    /// The answer to a request, with the client's token if that is said.
    pub fn ask(&mut self, request: Request, with_token: bool, repeat: Repeat) -> Result<&'j Answer> {
        self.need(Need::Call(request, with_token, repeat))
    }

    /// Tells `onEvent`.
    pub fn tell(&mut self, action: KeyAction, id: &str) -> Result<()> {
        self.need(Need::Tell(action, id.to_owned())).map(drop)
    }

    /// Has this become of a key in the client.
    pub fn adopt(&mut self, key: &Secret, adoption: Adoption) -> Result<()> {
        self.need(Need::Adopt(key.clone(), adoption)).map(drop)
    }

    fn need(&mut self, need: Need) -> Result<&'j Answer> {
        let known = self.journal.get(self.at);
        self.at += 1;
        match known {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(error.clone()),
            None => {
                self.need.get_or_insert(need);
                Err(task::closed())
            }
        }
    }
}

/// Runs a script to its end.
///
/// # Errors
/// Why it failed.
pub async fn play<T>(client: &Client, run: &dyn Fn(&mut Script) -> Result<T>) -> Result<T> {
    let mut journal = Vec::new();
    loop {
        let mut script = Script { journal: &journal, at: 0, need: None };
        let result = run(&mut script);
        let done = match script.need {
            None => return result.map_err(|error| client.dress(error)),
            Some(Need::Call(request, with_token, repeat)) => {
                journal.push(client.call(request, with_token, repeat).await);
                continue;
            }
            Some(Need::Tell(action, id)) => client.tell(EventKind::Key { action, id }),
            Some(Need::Adopt(key, adoption)) => client.adopt(key, adoption),
        };
        let _ = done.await;
        journal.push(Ok(Box::default()));
    }
}
