//! How a text crosses, and what JavaScript holds by a number.

use crate::client::Client;
use crate::error::Result;
use crate::js::client::Work;
use crate::js::convert;
use crate::keys::Talk;
use crate::text::{self, Text};
use crate::verify::{Jwks, Policy};
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

/// The answer of a call that failed, where the length of a text or a number is expected.
pub const FAILED: usize = usize::MAX;

/// What lies between the two sides.
struct Memory {
    /// Where JavaScript writes.
    input: Vec<u8>,
    /// Where JavaScript reads.
    output: Option<Text>,
    /// What JavaScript holds.
    slots: Vec<Slot>,
    /// The numbers of the slots that were released.
    free: Vec<usize>,
    /// What is asked of the tokens that are verified.
    policy: Option<Rc<Policy>>,
}

struct Shared(RefCell<Memory>);

// SAFETY: nothing here is shared between threads, as an instance of the module has only one.
unsafe impl Sync for Shared {}

static MEMORY: Shared = Shared(RefCell::new(Memory {
    input: Vec::new(),
    output: None,
    slots: Vec::new(),
    free: Vec::new(),
    policy: None,
}));

/// It is held for no longer than a line or two need it, and never while something is called that may want it too.
fn memory() -> RefMut<'static, Memory> {
    MEMORY.0.borrow_mut()
}

/// Something that JavaScript holds.
#[derive(Default)]
pub enum Slot {
    /// Nothing: it was released, or it is in use at this moment.
    #[default]
    Empty,
    Client(Client),
    Work(Box<Work>),
    /// Work that has ended with its client, as the JSON text of its end.
    Ended(Text),
    Talk(Rc<Talk>),
    Jwks(Jwks),
}

impl Slot {
    /// Ends what belongs to this client, which has ended.
    fn end(&mut self, client: &Client) {
        match self {
            Slot::Work(work) => {
                if let Some(done) = work.end(client) {
                    *self = Slot::Ended(done);
                }
            }
            Slot::Talk(talk) if talk.client.is(client) => *self = Slot::Empty,
            _ => {}
        }
    }
}

/// Makes room for a text of so many bytes, and tells where.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    let mut memory = memory();
    if memory.input.len() < length {
        memory.input.resize(length, 0);
    }
    memory.input.as_mut_ptr()
}

/// Tells where the last text that went out is.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    text::or_nothing(&memory().output).as_ptr()
}

/// Tells how many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn output_length() -> usize {
    text::or_nothing(&memory().output).len()
}

/// Forgets what is held by this number.
#[unsafe(no_mangle)]
extern "C" fn release(number: usize) {
    // Nothing is borrowed while it is dropped, as it may hold the last of much else.
    drop(take(number));
    // What crossed last may have been a secret, and has been read.
    memory().output = None;
    memory().free.push(number);
}

/// Reads so many bytes that came in.
pub fn with_bytes<T>(length: usize, read: impl FnOnce(&[u8]) -> T) -> T {
    read(memory().input.get(..length).unwrap_or_default())
}

/// The same of a text. JavaScript encodes it, so it is UTF-8.
pub fn with_input<T>(length: usize, read: impl FnOnce(&str) -> T) -> T {
    with_bytes(length, |bytes| read(core::str::from_utf8(bytes).unwrap_or_default()))
}

/// Forgets what came in from there on: it was a secret.
pub fn forget_input(from: usize) {
    if let Some(secret) = memory().input.get_mut(from..) {
        secret.fill(0);
    }
}

/// The same, taken out: what comes next may call back into JavaScript, which writes there. It may be a secret, so none of it
/// stays behind.
pub fn input(length: usize) -> Text {
    let mut input = core::mem::take(&mut memory().input);
    input.truncate(length);
    String::from_utf8(input).unwrap_or_default().into()
}

/// Lets a text go out.
pub fn give(text: Text) -> usize {
    let length = text.len();
    memory().output = Some(text);
    length
}

/// What came of it; nothing if it failed, and then why goes out.
pub fn succeeded<T>(result: Result<T>) -> Option<T> {
    result.map_err(|error| give(convert::error(&error))).ok()
}

/// Lets a text go out, or why there is none.
pub fn answer(text: Result<Text>) -> usize {
    succeeded(text).map_or(FAILED, give)
}

/// Forgets what is held by this number, and all that belongs to the client which was held by it.
pub fn release_client(number: usize, client: &Client) {
    release(number);
    let mut memory = memory();
    memory.input = Vec::new();
    // Nothing of a client is alive in most cases but itself, and the others are many.
    if client.is_shared() {
        for slot in &mut memory.slots {
            slot.end(client);
        }
    }
}

/// Holds something for JavaScript, by a number, if there is no reason why not.
pub fn hold(made: Result<Slot>) -> usize {
    let Some(value) = succeeded(made) else { return FAILED };
    let mut memory = memory();
    let number = memory.free.pop().unwrap_or(memory.slots.len());
    if number == memory.slots.len() {
        memory.slots.push(Slot::Empty);
    }
    drop(memory);
    put_back(number, value);
    number
}

/// Takes what is held by this number; the number stays its own.
pub fn take(number: usize) -> Slot {
    put_back(number, Slot::Empty)
}

/// Puts back what was taken, and gives what stood there meanwhile.
pub fn put_back(number: usize, value: Slot) -> Slot {
    match memory().slots.get_mut(number) {
        Some(slot) => core::mem::replace(slot, value),
        None => Slot::Empty,
    }
}

/// The client of this number.
pub fn client(number: usize) -> Option<Client> {
    match memory().slots.get(number) {
        Some(Slot::Client(client)) => Some(client.clone()),
        _ => None,
    }
}

/// The talk of this number.
pub fn talk(number: usize) -> Option<Rc<Talk>> {
    match memory().slots.get(number) {
        Some(Slot::Talk(talk)) => Some(Rc::clone(talk)),
        _ => None,
    }
}

/// The key set of this number.
pub fn jwks(number: usize) -> Option<Jwks> {
    match memory().slots.get(number) {
        Some(Slot::Jwks(set)) => Some(set.clone()),
        _ => None,
    }
}

/// What is asked of tokens from now on.
pub fn set_policy(policy: Rc<Policy>) {
    memory().policy = Some(policy);
}

/// What is asked of tokens; nothing before it was set.
pub fn policy() -> Rc<Policy> {
    memory().policy.clone().unwrap_or_default()
}
