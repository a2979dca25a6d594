//! How the keys write their scripts. A script stands still where it waits for something, and likewise once something has failed,
//! unless it takes the error: whatever it asks for from there on is not done, and comes to null. So none of its steps has to look
//! at how the one before it went, and a script reads as if nothing could fail.

use crate::client::{Adoption, Repeat, Script, State};
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::event::{EventKind, KeyAction};
use crate::http::members::{Member, read_members};
use crate::http::{Answer, Method, Request};
use crate::json::{Json, Value};
use crate::task::Effect;
use crate::text::{self, text};
use crate::token::Secret;

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
    pub fn read(&self, config: &Config, answer: &Answer) -> Result<Value> {
        if self.form == Form::Nothing || (self.form == Form::OneIfAny && answer.body.is_empty()) {
            return Ok(Value::default());
        }
        let there = answer.json()?.pointer(self.at).unwrap_or(&Json::Null);
        match (self.form, there) {
            (Form::List | Form::OneOrList, Json::List(rows)) => {
                let mut list = Value::list();
                for row in rows {
                    list.push(self.read_one(config, answer, row)?);
                }
                Ok(list)
            }
            (Form::List, _) => Err(answer.wrong(&text!["JSON that has no list at \"", self.at, "\""])),
            _ => self.read_one(config, answer, there),
        }
    }

    fn read_one(&self, config: &Config, answer: &Answer, row: &Json) -> Result<Value> {
        (self.check)(config, row)?;
        if self.members.is_empty() { Ok(row.own()) } else { read_members(answer, row, self.members) }
    }
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
        if self.stands() {
            return &Json::Null;
        }
        let repeat = if request.method == Method::Get { Repeat::Safe } else { Repeat::Never };
        let answer = self.call(request, with_token, repeat);
        let seen = answer.and_then(|answer| {
            self.answer = Some(answer);
            match answer.seen.get() {
                Some(seen) => Ok(&**seen),
                None => {
                    let seen = read.read(self.client.config(), answer)?;
                    Ok(&**answer.seen.get_or_init(|| seen))
                }
            }
        });
        seen.unwrap_or_else(|error| {
            self.fail(error);
            &Json::Null
        })
    }

    /// What such a table reads of an object in the last answer.
    pub fn read(&mut self, row: &Json, wanted: &[Member]) -> Value {
        let read = self.answer.map(|answer| read_members(answer, row, wanted));
        self.hold(read.unwrap_or(Ok(Value::default())))
    }

    /// Tells `onEvent`.
    pub fn tell(&mut self, action: KeyAction, id: &str) {
        if !self.stands() {
            let _ = self.report(EventKind::Key { action, id: id.into() });
        }
    }

    /// Has this become of a key in the client. What comes of it is nothing: one that was closed meanwhile has no use for either.
    pub fn adopt(&mut self, key: &str, adoption: Adoption) {
        if self.is_news() {
            self.client.adopt(Secret::new(key), adoption);
        }
        if !self.stands() {
            let _ = self.pass(Box::new(Effect::Abandon));
        }
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
    pub fn explain(&mut self, more: &'static str, pieces: &[&str]) {
        if let Some(error) = self.error() {
            error.more.push_str(&text::fill(more, pieces));
        }
    }

    /// Fails, and says this too of it, as [`Script::explain`].
    pub fn fail_with(&mut self, error: Error, more: &'static str, pieces: &[&str]) {
        self.fail(error);
        self.explain(more, pieces);
    }

    /// Takes a secret out of why it has failed, if it has.
    pub fn scrub(&mut self, secret: &str) {
        if let Some(error) = self.take_error() {
            self.fail(error.scrub(&Secret::new(secret)));
        }
    }
}
