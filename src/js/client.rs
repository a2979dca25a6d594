//! What JavaScript calls of a client. Each function is a few lines: convert, call the core, convert back.

use super::convert::{self, Arguments, fields_of, parse};
use super::host::Host;
use super::memory::{self, FAILED, Slot, give, hold, input, put_back, take};
use crate::client::{Client, Run, Script, TokenOptions};
use crate::clock::Timestamp;
use crate::config::{Config, Fields};
use crate::error::Result;
use crate::json::Value;
use crate::keys::Talk;
use crate::task::{Effect, Kind, Step, Task};
use crate::text::Text;
use std::rc::Rc;

fn instant(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

/// Reads a configuration and makes a client of it.
#[unsafe(no_mangle)]
extern "C" fn open(length: usize) -> usize {
    let config = parse("config", &input(length)).and_then(|given| Config::read(given, &convert::parse_url));
    hold(config.map(|config| Slot::Client(Client::new(config, Rc::new(Host)))))
}

/// A client of something that belongs to the same service, by the JSON text of what it is and the options.
#[unsafe(no_mangle)]
extern "C" fn derive(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let derived = Arguments::read(&input(length)).and_then(|mut given| {
        let options = fields_of("options", given.take(1));
        client.derive(given.text(0), options)
    });
    hold(derived.map(Slot::Client))
}

/// What a client shows of itself: the JSON text of `{ provider, expiresAt?, scopes?, access?, id?, may? }`.
#[unsafe(no_mangle)]
extern "C" fn state(client: usize, now: f64) -> usize {
    let now = instant(now);
    memory::client(client).map_or(FAILED, |client| give(convert::state(client.config(), client.held(now))))
}

/// Lets the token go out that can be given at once, and tells up to when it can be, in milliseconds; NaN if there is none.
#[unsafe(no_mangle)]
extern "C" fn cached(client: usize, now: f64) -> f64 {
    let cached = memory::client(client).and_then(|client| client.cached(instant(now)));
    cached.map_or(f64::NAN, |(held, stale_at)| {
        give(held.secret.reveal().into());
        stale_at.as_millis() as f64
    })
}

/// Lets the first hop of a request to this target go out, as the effect that it would be, if it can be sent at once. Tells the
/// generation of the token in it; NaN if it cannot.
#[unsafe(no_mangle)]
extern "C" fn ready(client: usize, length: usize, now: f64) -> f64 {
    let target = input(length);
    let ready = memory::client(client).and_then(|client| client.ready(&target, instant(now)));
    ready.map_or(f64::NAN, |(hop, generation)| {
        give(convert::effect(&Effect::Hop(hop)));
        generation as f64
    })
}

/// Forgets the token, and lets the name go out under which it lies in a store; an empty text if in none.
#[unsafe(no_mangle)]
extern "C" fn invalidate(client: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    client.invalidate();
    give(client.stored_as().unwrap_or_default())
}

/// Gives the flight up that is out: of a client's, or of a key set's.
#[unsafe(no_mangle)]
extern "C" fn overtake(number: usize) {
    if let Some(client) = memory::client(number) {
        client.overtake();
    } else if let Some(set) = memory::jwks(number) {
        set.overtake();
    }
}

/// Ends the client, and forgets what was held by this number. Lets the JSON text of the error go out that its calls fail with.
#[unsafe(no_mangle)]
extern "C" fn close(number: usize) -> usize {
    let Some(client) = memory::client(number) else { return FAILED };
    client.close();
    memory::release_client(number, &client);
    give(convert::error(&client.closed()))
}

/// Something of the keys that is done in several scripts, by the JSON text of what it is, the options and an id: a number for
/// [`say`].
#[unsafe(no_mangle)]
extern "C" fn talk(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let talk = Arguments::read(&input(length)).and_then(|given| read_talk(&client, given));
    hold(talk.map(Slot::Talk))
}

/// Work of such a thing: the next page of a list, in JSON, which is empty after the last; or of a rotation 0 to begin it, which
/// gives the new key in JSON, 1 to finish it, and 2 to abort it.
#[unsafe(no_mangle)]
extern "C" fn say(talk: usize, what: u32) -> usize {
    let Some(talk) = memory::talk(talk) else { return FAILED };
    Work::of_call(talk.client.clone(), Box::new(move |script| Ok(talk.say(script, what))))
}

/// Work of a client's, by the JSON text of its name and what it is given.
#[unsafe(no_mangle)]
extern "C" fn start(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let given = input(length);
    Work::of_call(client, Box::new(move |script| call(script, Arguments::read(&given)?)))
}

fn call(script: &mut Script, mut given: Arguments) -> Result<Text> {
    let client = script.client;
    Ok(match given.text(0).as_str() {
        "token" | "headers" => {
            let options = token_options(fields_of("options", given.take(1)))?;
            let held = client.token(script, options)?;
            if given.text(0) == "token" {
                Value::from(held.secret.reveal()).to_text()
            } else {
                let (name, value) = client.header(held);
                convert::header(name, &value)
            }
        }
        "fetch" => {
            let (outgoing, sent) = (convert::outgoing(&given), convert::sent(client, &given));
            client.fetch(script, &outgoing, sent.as_ref())?;
            Text::new()
        }
        "logout" => {
            client.logout(script)?;
            Text::new()
        }
        _ => read_talk(client, given)?.say(script, 0),
    })
}

/// What is asked of the keys: what it is, the options, and an id.
fn read_talk(client: &Client, mut given: Arguments) -> Result<Rc<Talk>> {
    let (options, id) = (given.take(1), given.take(2));
    let called = if given.text(0) == "update" { "changes" } else { "options" };
    Talk::read(client, given.text(0), id, fields_of(called, options))
}

fn token_options(mut given: Fields<'_>) -> Result<TokenOptions> {
    let options = TokenOptions {
        force_refresh: given.flag("forceRefresh").unwrap_or(false),
        min_validity: given.seconds("minValidity", "0 to 1000000000 seconds").unwrap_or_default(),
    };
    given.done()?;
    Ok(options)
}

/// Work that is going on. It tells what it needs, and goes on when that was done.
pub struct Work {
    /// Whose it is, if it is a client's.
    client: Option<Client>,
    /// Whether somebody waits for what it comes to: a call, and not a flight.
    is_call: bool,
    task: Task,
    /// What it waits for comes to this.
    awaited: Kind,
}

impl Work {
    fn of_call(client: Client, run: Box<Run>) -> usize {
        let task = client.task(run);
        Work::hold(Some(client), true, Ok(task))
    }

    /// Holds work for JavaScript, if there is no reason why not.
    pub fn hold(client: Option<Client>, is_call: bool, task: Result<Task>) -> usize {
        hold(task.map(|task| Slot::Work(Box::new(Work { client, is_call, task, awaited: Kind::Done }))))
    }

    /// What it comes to if this client has ended: nothing yet if it is not of this client, or a call that waits for an answer of
    /// the service, which counts (see [`Task::resume`]).
    pub fn end(&self, client: &Client) -> Option<Text> {
        let goes_on = !self.client.as_ref().is_some_and(|own| own.is(client))
            || (self.is_call && self.awaited == Kind::Answer);
        let ended = || convert::done(if self.is_call { Err(client.closed()) } else { Ok(Text::new()) });
        (!goes_on).then(ended)
    }

    fn resume(&mut self, came: Text, failed: bool, now: Timestamp) -> Text {
        let effect = match self.task.resume(convert::outcome(self.awaited, came, failed), now) {
            Step::Done(Ok(outcome)) => return convert::done(Ok(outcome.into_text())),
            Step::Done(Err(mut error)) => {
                if let Some(client) = &self.client {
                    error = client.dress(error);
                }
                return convert::done(Err(error));
            }
            Step::Needs(effect) => effect,
        };
        self.awaited = effect.comes_to();
        match effect {
            Effect::Fly(flight) => convert::fly(Work::hold(self.client.clone(), false, Ok(flight))),
            effect => convert::effect(&effect),
        }
    }
}

/// Goes on with work at this local time. What came of the effect before comes in; `came` says whether there was none yet (0), it
/// was done (1) or it failed (2). The JSON text of the next effect goes out, a list whose last item is its name: `done` or `fail` at
/// the end.
#[unsafe(no_mangle)]
extern "C" fn resume(number: usize, length: usize, came: u32, now: f64) -> usize {
    let mut work = match take(number) {
        Slot::Work(work) => work,
        Slot::Ended(done) => return give(done),
        _ => return FAILED,
    };
    let text = work.resume(input(length), came == 2, instant(now));
    put_back(number, Slot::Work(work));
    give(text)
}
