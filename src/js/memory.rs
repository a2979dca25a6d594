//! How a text crosses, and what JavaScript holds by a number.

use crate::client::Client;
use crate::error::Result;
use crate::js::client::Work;
use crate::js::convert;
use crate::keys::Listing;
use std::cell::RefCell;
use std::rc::Rc;
use zeroize::Zeroize;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The answer of a call that failed, where the length of a text or a number is expected.
pub const FAILED: usize = usize::MAX;

/// What lies between the two sides.
struct Memory {
    /// Where JavaScript writes.
    input: RefCell<Vec<u8>>,
    /// Where JavaScript reads.
    output: RefCell<String>,
    /// What JavaScript holds.
    slots: RefCell<Vec<Slot>>,
    /// The numbers of the slots that were released.
    free: RefCell<Vec<usize>>,
}

// SAFETY: nothing here is shared between threads, as an instance of the module has only one.
unsafe impl Sync for Memory {}

static MEMORY: Memory = Memory {
    input: RefCell::new(Vec::new()),
    output: RefCell::new(String::new()),
    slots: RefCell::new(Vec::new()),
    free: RefCell::new(Vec::new()),
};

/// Something that JavaScript holds.
#[derive(Default)]
pub enum Slot {
    /// Nothing: it was released, or it is in use at this moment.
    #[default]
    Empty,
    Client(Client),
    Work(Work),
    Listing(Rc<Listing>),
}

/// Makes room for a text of so many bytes, and tells where.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    let mut input = MEMORY.input.borrow_mut();
    if input.len() < length {
        input.resize(length, 0);
    }
    input.as_mut_ptr()
}

/// Tells where the last text that went out is.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    MEMORY.output.borrow().as_ptr()
}

/// Tells how many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn output_length() -> usize {
    MEMORY.output.borrow().len()
}

/// Forgets what is held by this number.
#[unsafe(no_mangle)]
extern "C" fn release(number: usize) {
    // Nothing is borrowed while it is dropped, as it may hold the last of much else.
    drop(take(number));
    MEMORY.free.borrow_mut().push(number);
}

/// Reads the text of so many bytes that came in. JavaScript encodes it, so it is UTF-8.
pub fn with_input<T>(length: usize, read: impl FnOnce(&str) -> T) -> T {
    let input = MEMORY.input.borrow();
    read(core::str::from_utf8(input.get(..length).unwrap_or_default()).unwrap_or_default())
}

/// The same, taken out: what comes next may call back into JavaScript, which writes there.
pub fn input(length: usize) -> String {
    with_input(length, str::to_owned)
}

/// Lets a text go out.
pub fn give(text: String) -> usize {
    let length = text.len();
    // It may hold a secret.
    MEMORY.output.replace(text).zeroize();
    length
}

/// What came of it; nothing if it failed, and then why goes out.
pub fn succeeded<T>(result: Result<T>) -> Option<T> {
    result.map_err(|error| give(convert::error(&error))).ok()
}

/// Wipes what crossed last.
pub fn wipe() {
    MEMORY.input.borrow_mut().as_mut_slice().zeroize();
    give(String::new());
}

/// Holds something for JavaScript, by a number.
pub fn hold(value: Slot) -> usize {
    let mut slots = MEMORY.slots.borrow_mut();
    match MEMORY.free.borrow_mut().pop() {
        Some(number) => {
            if let Some(slot) = slots.get_mut(number) {
                *slot = value;
            }
            number
        }
        None => {
            slots.push(value);
            slots.len() - 1
        }
    }
}

/// Takes what is held by this number; the number stays its own.
pub fn take(number: usize) -> Slot {
    put_back(number, Slot::Empty)
}

/// Puts back what was taken, and gives what stood there meanwhile.
pub fn put_back(number: usize, value: Slot) -> Slot {
    match MEMORY.slots.borrow_mut().get_mut(number) {
        Some(slot) => core::mem::replace(slot, value),
        None => Slot::Empty,
    }
}

/// The client of this number.
pub fn client(number: usize) -> Option<Client> {
    match MEMORY.slots.borrow().get(number) {
        Some(Slot::Client(client)) => Some(client.clone()),
        _ => None,
    }
}

/// The listing of this number.
pub fn listing(number: usize) -> Option<Rc<Listing>> {
    match MEMORY.slots.borrow().get(number) {
        Some(Slot::Listing(listing)) => Some(Rc::clone(listing)),
        _ => None,
    }
}
