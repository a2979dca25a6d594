//! What JavaScript calls of a client. Each function is a few lines: convert, call the core, convert back.

use super::convert::{self, Arguments, fields, parse};
use super::host::Host;
use super::memory::{self, FAILED, Slot, give, hold, input, put_back, succeeded, take};
use crate::client::{Client, TokenOptions};
use crate::clock::Timestamp;
use crate::config::{Config, Fields};
use crate::error::Result;
use crate::json::Json;
use crate::keys::{self, ApiKeyChanges, Keys, NewApiKey, Rotation, Script, Step, play};
use crate::task::{self, Effect, Kind, Task};
use std::rc::Rc;

fn instant(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

/// Reads a configuration and makes a client of it.
#[unsafe(no_mangle)]
extern "C" fn open(length: usize) -> usize {
    let config = parse("config", &input(length)).and_then(|given| Config::read(given, &convert::parse_url));
    succeeded(config).map_or(FAILED, |config| hold(Slot::Client(Client::new(config, Rc::new(Host)))))
}

/// A client of something that belongs to the same service, by the JSON text of what it is and the options.
#[unsafe(no_mangle)]
extern "C" fn derive(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let derived = Arguments::read(&input(length)).and_then(|mut given| {
        let what = given.text();
        client.derive(&what, given.options())
    });
    succeeded(derived).map_or(FAILED, |derived| hold(Slot::Client(derived)))
}

/// What a client shows of itself: the JSON text of `{ provider, expiresAt?, scopes?, access?, id?, may? }`.
#[unsafe(no_mangle)]
extern "C" fn state(client: usize, now: f64) -> usize {
    let now = instant(now);
    memory::client(client).map_or(FAILED, |client| {
        give(convert::state(client.config(), client.expires_at(now), client.held(now)))
    })
}

/// Lets the token go out that can be given at once, and tells up to when it can be, in milliseconds; NaN if there is none.
#[unsafe(no_mangle)]
extern "C" fn cached(client: usize, now: f64) -> f64 {
    let cached = memory::client(client).and_then(|client| client.cached(instant(now)));
    cached.map_or(f64::NAN, |(held, stale_at)| {
        give(held.token.secret.reveal().to_owned());
        stale_at.map_or(f64::INFINITY, |stale| stale.as_millis() as f64)
    })
}

/// Forgets the token.
#[unsafe(no_mangle)]
extern "C" fn invalidate(client: usize) {
    if let Some(client) = memory::client(client) {
        client.invalidate();
    }
}

/// Gives the flight up that is out.
#[unsafe(no_mangle)]
extern "C" fn overtake(client: usize) {
    if let Some(client) = memory::client(client) {
        client.overtake();
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

/// Whether the service has keys that can be managed: 0, or `FAILED` if not.
#[unsafe(no_mangle)]
extern "C" fn has_keys(client: usize) -> usize {
    let keys = memory::client(client).map(Keys::of);
    keys.and_then(succeeded).map_or(FAILED, |_| 0)
}

/// Lists keys page by page: a number for [`next`].
#[unsafe(no_mangle)]
extern "C" fn list(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let size = fields("options", &input(length)).and_then(keys::read_page_size);
    let listing = size.and_then(|size| Ok(Keys::of(client)?.list(size)));
    succeeded(listing).map_or(FAILED, |listing| hold(Slot::Listing(Rc::new(listing))))
}

/// Work that gives the JSON text of the next page; an empty text after the last.
#[unsafe(no_mangle)]
extern "C" fn next(listing: usize) -> usize {
    let Some(listing) = memory::listing(listing) else { return FAILED };
    let client = listing.client().clone();
    Work::of_call(&client, async move {
        let next = |script: &mut Script| {
            Ok(listing.next(script)?.map(|page| convert::page(&page)).unwrap_or_default())
        };
        play(listing.client(), &next).await
    })
}

/// A rotation of a key, by the JSON text of its id and the options: a number for [`rotate`].
#[unsafe(no_mangle)]
extern "C" fn rotation(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let rotation = Arguments::read(&input(length)).and_then(|mut given| {
        let id = given.text();
        Rotation::new(Keys::of(client)?, id, given.options())
    });
    succeeded(rotation).map_or(FAILED, |rotation| hold(Slot::Rotation(Rc::new(rotation))))
}

/// Work of a rotation: 0 begins it, and gives the JSON text of the new key; 1 finishes it, and anything else aborts it.
#[unsafe(no_mangle)]
extern "C" fn rotate(rotation: usize, step: u32) -> usize {
    let Some(rotation) = memory::rotation(rotation) else { return FAILED };
    let client = rotation.keys().client().clone();
    let caller = client.clone();
    Work::of_call(&client, async move {
        let step = |script: &mut Script| match step {
            0 => rotation.begin(script).map(|(key, secret)| convert::api_key(key, Some(&secret))),
            1 => rotation.finish(script).map(|()| String::new()),
            _ => rotation.abort(script).map(|()| String::new()),
        };
        play(&caller, &step).await
    })
}

/// Work of a client's, by the JSON text of its name and what it is given.
#[unsafe(no_mangle)]
extern "C" fn start(client: usize, length: usize) -> usize {
    let Some(client) = memory::client(client) else { return FAILED };
    let given = input(length);
    let caller = client.clone();
    Work::of_call(&client, async move { call(&caller, Arguments::read(&given)?).await })
}

async fn call(client: &Client, mut given: Arguments) -> Result<String> {
    let name = given.text();
    Ok(match name.as_str() {
        wanted @ ("token" | "headers") => {
            let held = client.token(token_options(given.options())?).await?;
            if wanted == "token" {
                held.token.secret.reveal().to_owned()
            } else {
                let (name, value) = client.header(&held);
                convert::header(name, &value)
            }
        }
        "fetch" => {
            let outgoing = convert::outgoing(&mut given);
            client.fetch(&outgoing).await?;
            String::new()
        }
        "logout" => {
            client.logout().await?;
            String::new()
        }
        method => {
            let (id, given) = (given.json(), given.json());
            play(client, &|script| call_keys(client, script, method, id.as_str(), given.clone())).await?
        }
    })
}

fn call_keys(
    client: &Client,
    script: &mut Script,
    method: &str,
    id: Option<&str>,
    given: Json,
) -> Step<String> {
    let given = convert::fields_of(if method == "update" { "changes" } else { "options" }, given);
    let named = id.unwrap_or_default();
    let keys = || Keys::of(client.clone());
    Ok(match method {
        "create" => {
            let (key, secret) = keys()?.create(script, &NewApiKey::read(given)?)?;
            convert::api_key(key, Some(&secret))
        }
        "update" => convert::api_key(keys()?.update(script, named, &ApiKeyChanges::read(given)?)?, None),
        "revoke" => convert::api_key(keys()?.revoke(script, named, keys::read_even_if_in_use(given)?)?, None),
        "page" => convert::page(&keys()?.page(script, id, keys::read_page_size(given)?)?),
        "rpc" => convert::rpc_page(&keys()?.rpc_page(script, id, keys::read_page_size(given)?)?),
        "status" => convert::api_key(keys()?.status(script)?, None),
        _ => return keys::masv::call(client, script, method, named, given),
    })
}

fn token_options(mut given: Fields<'_>) -> Result<TokenOptions> {
    let options = TokenOptions {
        force_refresh: given.flag("forceRefresh").unwrap_or(false),
        min_validity: given.seconds("minValidity", 0.0, 1e9).unwrap_or_default(),
    };
    given.done()?;
    Ok(options)
}

/// Work that is going on. It tells what it needs, and goes on when that was done.
pub struct Work {
    client: Client,
    /// Whether somebody waits for what it comes to: a call, and not a flight.
    is_call: bool,
    task: Task<Result<String>>,
    /// What it waits for comes to this.
    awaited: Kind,
    /// The flight that it wants to go on with on its own.
    flight: Option<Task<Result<String>>>,
}

impl Work {
    fn of_call(client: &Client, work: impl Future<Output = Result<String>> + 'static) -> usize {
        Work::hold(client, true, client.task(work))
    }

    fn hold(client: &Client, is_call: bool, task: Task<Result<String>>) -> usize {
        hold(Slot::Work(Work { client: client.clone(), is_call, task, awaited: Kind::Done, flight: None }))
    }

    /// What it comes to if this client has ended: nothing yet if it is not of this client, or a call that waits for an answer of
    /// the service, which counts (see [`task::Awaited`]).
    pub fn end(&self, client: &Client) -> Option<String> {
        let goes_on = !self.client.is(client) || (self.is_call && self.awaited == Kind::Answer);
        let ended = || convert::done(if self.is_call { Err(client.closed()) } else { Ok(String::new()) });
        (!goes_on).then(ended)
    }

    fn resume(&mut self, outcome: Option<(String, bool)>, now: Timestamp) -> String {
        let outcome = outcome.map(|(text, failed)| convert::outcome(self.awaited, &text, failed));
        let effect = match self.task.resume(outcome, now) {
            task::Step::Done(result) => return convert::done(result),
            task::Step::Needs(effect) => effect,
        };
        self.awaited = effect.comes_to();
        let text = convert::effect(&effect);
        if let Effect::Fly(flight) = effect {
            self.flight = Some(flight);
        }
        text
    }
}

/// Goes on with work at this local time. What came of the effect before comes in; `came` says whether there was none yet (0), it
/// was done (1) or it failed (2). The JSON text of the next effect goes out, of which `do` is the name: `done` or `fail` at the
/// end.
#[unsafe(no_mangle)]
extern "C" fn resume(number: usize, length: usize, came: u32, now: f64) -> usize {
    let mut work = match take(number) {
        Slot::Work(work) => work,
        Slot::Ended(done) => return give(done),
        _ => return FAILED,
    };
    let outcome = (came > 0).then(|| (input(length), came == 2));
    let text = work.resume(outcome, instant(now));
    put_back(number, Slot::Work(work));
    give(text)
}

/// The flight that work wants to go on with on its own: a number as that of any work.
#[unsafe(no_mangle)]
extern "C" fn fly(number: usize) -> usize {
    let Slot::Work(mut work) = take(number) else { return FAILED };
    let flight = work.flight.take();
    let client = work.client.clone();
    put_back(number, Slot::Work(work));
    flight.map_or(FAILED, |flight| Work::hold(&client, false, flight))
}
