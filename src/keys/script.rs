//! A call of several requests, as a plain function. It is run from its start each time that an answer has come, and finds the
//! answers so far in its journal. Where there is none yet it stands still: whatever it asks for from there on is not done, and
//! comes to null; it is run again when the answer is there. So it must do the same each time, and change nothing but through the
//! [`Script`], or once that says that it goes on.
//!
//! What failed stands still likewise, unless the script takes the error: so none of its steps has to look at how the one before
//! it went, and a script reads as if nothing could fail.
//!
//! Why not an `async fn`: what the compiler makes of one holds each place where it may wait, with all that is alive there, and
//! the calls of the keys came to a sixth of the download. Here there is one place that waits, [`play`].

use super::Talk;
use crate::client::{Adoption, Client, Repeat};
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, KeyAction};
use crate::http::members::{Member, read_members};
use crate::http::{Answer, Method, Request};
use crate::json::Json;
use crate::text::{self, text};
use crate::token::Secret;
use std::rc::Rc;

/// What of an answer a script sees.
#[derive(Clone, Copy)]
pub struct Read {
    /// Where it stands in the answer: a JSON pointer.
    pub at: &'static str,
    /// What stands there.
    pub form: Form,
    /// What of each object there; all of it without any.
    pub members: &'static [Member],
    /// Refuses an object of another version of the service.
    pub check: fn(&Config, &Json) -> Result<()>,
}

/// In what form an answer comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing is read.
    Nothing,
    /// An object.
    One,
    /// An object, or no body, which is null.
    OneIfAny,
    /// A list of objects.
    List,
    /// A list of objects, or only one.
    OneOrList,
}

impl Read {
    /// Reads an answer.
    ///
    /// # Errors
    /// `ERR_RESPONSE` for one that is none such.
    pub fn read(&self, config: &Config, answer: &Answer) -> Result<Json> {
        if self.form == Form::Nothing || (self.form == Form::OneIfAny && answer.body.is_empty()) {
            return Ok(Json::Null);
        }
        let there = answer.json()?.pointer(self.at).unwrap_or(&Json::Null);
        match (self.form, there) {
            (Form::List | Form::OneOrList, Json::List(rows)) => {
                let mut list = Vec::new();
                for row in rows {
                    list.push(self.read_one(config, answer, row)?);
                }
                Ok(Json::List(list))
            }
            (Form::List, _) => Err(answer.wrong(&text!["JSON that has no list at \"", self.at, "\""])),
            _ => self.read_one(config, answer, there),
        }
    }

    fn read_one(&self, config: &Config, answer: &Answer, row: &Json) -> Result<Json> {
        (self.check)(config, row)?;
        if self.members.is_empty() { Ok(row.clone()) } else { read_members(answer, row, self.members) }
    }
}

/// What a script needs.
enum Need {
    /// The answer to this request, with the client's token if that is said.
    Call(Request, bool, &'static Read),
    /// That `onEvent` is told.
    Tell(KeyAction, String),
    /// That this becomes of a key in the client.
    Adopt(Secret, Adoption),
}

/// How a script stands.
enum State {
    GoesOn,
    Needs(Need),
    Failed(Error),
}

/// A run of a script.
pub struct Script<'j> {
    /// The client that it is a call of.
    pub client: &'j Client,
    /// The last answer that it asked for.
    pub answer: &'j Answer,
    journal: &'j [Result<Box<Answer>>],
    at: usize,
    state: State,
}

impl<'j> Script<'j> {
    /// A request to the service.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, text![self.client.config().base_url(), path])
    }

    /// What there is at a path.
    pub fn get(&mut self, path: &str, read: &'static Read) -> &'j Json {
        self.ask(self.request(Method::Get, path), true, read)
    }

    /// The answer to what is sent there.
    pub fn send(&mut self, method: Method, path: &str, body: &Json, read: &'static Read) -> &'j Json {
        self.ask(self.request(method, path).json(body.to_text()), true, read)
    }

    /// The answer to a request, with the client's token if that is said.
    pub fn ask(&mut self, request: Request, with_token: bool, read: &'static Read) -> &'j Json {
        if let Some(answer) = self.need(Need::Call(request, with_token, read)) {
            self.answer = answer;
            return answer.told();
        }
        &Json::Null
    }

    /// Tells `onEvent`.
    pub fn tell(&mut self, action: KeyAction, id: &str) {
        self.need(Need::Tell(action, id.to_owned()));
    }

    /// Has this become of a key in the client.
    pub fn adopt(&mut self, key: &str, adoption: Adoption) {
        self.need(Need::Adopt(Secret::new(key), adoption));
    }

    fn need(&mut self, need: Need) -> Option<&'j Answer> {
        if self.stands() {
            return None;
        }
        let known = self.journal.get(self.at);
        self.at += 1;
        match known {
            Some(Ok(answer)) => return Some(answer),
            Some(Err(error)) => self.state = State::Failed(error.clone()),
            None => self.state = State::Needs(need),
        }
        None
    }

    /// Whether it stands still: it waits for something, or has failed.
    pub fn stands(&self) -> bool {
        !matches!(self.state, State::GoesOn)
    }

    /// Fails, unless it stands still already.
    pub fn fail(&mut self, error: Error) {
        if !self.stands() {
            self.state = State::Failed(error);
        }
    }

    /// Fails with this code and these words, unless it stands still already.
    pub fn refuse(&mut self, code: Code, message: &str) {
        self.fail(Error::new(code, message));
    }

    /// What came of something, or nothing and it fails.
    pub fn hold<T: Default>(&mut self, result: Result<T>) -> T {
        result.unwrap_or_else(|error| {
            self.fail(error);
            T::default()
        })
    }

    /// Why it has failed, if it has.
    pub fn error(&mut self) -> Option<&mut Error> {
        match &mut self.state {
            State::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// The same, and it goes on.
    pub fn take_error(&mut self) -> Option<Error> {
        match core::mem::replace(&mut self.state, State::GoesOn) {
            State::Failed(error) => return Some(error),
            other => self.state = other,
        }
        None
    }

    /// Says this too of why it has failed, if it has: a text with these pieces in the places of its NULs.
    pub fn explain(&mut self, more: &str, pieces: &[&str]) {
        if let Some(error) = self.error() {
            error.more.push_str(&text::fill(more, pieces));
        }
    }

    /// Takes a secret out of why it has failed, if it has.
    pub fn scrub(&mut self, secret: &str) {
        if let Some(error) = self.take_error() {
            self.fail(error.scrub(&Secret::new(secret)));
        }
    }
}

/// Runs a script to its end, which is JSON text, or nothing: a step of what is asked of the keys.
///
/// # Errors
/// Why it failed.
pub async fn play(client: Client, talk: Rc<Talk>, step: u32) -> Result<String> {
    let mut journal = Vec::new();
    loop {
        let need = match run(&client, &talk, step, &journal) {
            Ok(need) => need,
            Err(end) => return end,
        };
        let done = match need {
            Need::Call(request, with_token, read) => {
                let repeat = if request.method == Method::Get { Repeat::Safe } else { Repeat::Never };
                let came = client.call(request, with_token, repeat).await;
                journal.push(came.and_then(|answer| read_as(answer, read, client.config())));
                continue;
            }
            Need::Tell(action, id) => client.tell(EventKind::Key { action, id }),
            Need::Adopt(key, adoption) => client.adopt(key, adoption),
        };
        let _ = done.await;
        journal.push(Ok(Box::default()));
    }
}

/// Runs it as far as it comes: to what it needs, or to its end.
fn run(
    client: &Client,
    talk: &Talk,
    step: u32,
    journal: &[Result<Box<Answer>>],
) -> core::result::Result<Need, Result<String>> {
    let none = Answer::default();
    let mut script = Script { client, answer: &none, journal, at: 0, state: State::GoesOn };
    let told = talk.say(&mut script, step);
    match script.state {
        State::Needs(need) => Ok(need),
        State::Failed(error) => Err(Err(client.dress(error))),
        State::GoesOn if told == Json::Null => Err(Ok(String::new())),
        State::GoesOn => Err(Ok(told.to_text())),
    }
}

/// An answer that tells what was read of it.
fn read_as(mut answer: Box<Answer>, read: &Read, config: &Config) -> Result<Box<Answer>> {
    let told = read.read(config, &answer)?;
    answer.read = told.into();
    Ok(answer)
}
