//! How a text crosses, and what JavaScript holds by a number.

use crate::client::Client;
use crate::error::Result;
use crate::js::client::Work;
use crate::js::convert;
use crate::keys::{Listing, Rotation};
use std::cell::RefCell;
use std::rc::Rc;
use zeroize::Zeroize;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The answer of a call that failed, where the length of a text or a number is expected.
pub const FAILED: usize = usize::MAX;

thread_local! {
    /// Where JavaScript writes.
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Where JavaScript reads.
    static OUTPUT: RefCell<String> = const { RefCell::new(String::new()) };
    /// What JavaScript holds.
    static HELD: RefCell<Table> = const { RefCell::new(Table { slots: Vec::new(), free: Vec::new() }) };
}

/// Something that JavaScript holds.
#[derive(Default)]
pub enum Slot {
    /// Nothing: it was released, or it is in use at this moment.
    #[default]
    Empty,
    Client(Client),
    Work(Work),
    Listing(Rc<Listing>),
    Rotation(Rc<Rotation>),
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    /// The numbers of the slots that were released.
    free: Vec<usize>,
}

/// Makes room for a text of so many bytes, and tells where.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        if input.len() < length {
            input.resize(length, 0);
        }
        input.as_mut_ptr()
    })
}

/// Tells where the last text that went out is.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// Tells how many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn output_length() -> usize {
    OUTPUT.with_borrow(String::len)
}

/// Forgets what is held by this number.
#[unsafe(no_mangle)]
extern "C" fn release(number: usize) {
    // Dropped outside, as what is dropped may hold the last of much else.
    drop(take(number));
    HELD.with_borrow_mut(|held| held.free.push(number));
}

/// Reads the text of so many bytes that came in. JavaScript encodes it, so it is UTF-8.
pub fn with_input<T>(length: usize, read: impl FnOnce(&str) -> T) -> T {
    INPUT.with_borrow(|input| {
        read(core::str::from_utf8(input.get(..length).unwrap_or_default()).unwrap_or_default())
    })
}

/// The same, taken out: what comes next may call back into JavaScript, which writes there.
pub fn input(length: usize) -> String {
    with_input(length, str::to_owned)
}

/// Lets a text go out.
pub fn give(text: String) -> usize {
    let length = text.len();
    // It may hold a secret.
    OUTPUT.replace(text).zeroize();
    length
}

/// What came of it; nothing if it failed, and then why goes out.
pub fn succeeded<T>(result: Result<T>) -> Option<T> {
    result.map_err(|error| give(convert::error(&error))).ok()
}

/// Wipes what crossed last.
pub fn wipe() {
    INPUT.with_borrow_mut(|input| input.as_mut_slice().zeroize());
    give(String::new());
}

/// Holds something for JavaScript, by a number.
pub fn hold(value: Slot) -> usize {
    HELD.with_borrow_mut(|held| {
        let number = held.free.pop().unwrap_or(held.slots.len());
        match held.slots.get_mut(number) {
            Some(slot) => *slot = value,
            None => held.slots.push(value),
        }
        number
    })
}

/// Takes what is held by this number; the number stays its own.
pub fn take(number: usize) -> Slot {
    HELD.with_borrow_mut(|held| held.slots.get_mut(number).map(core::mem::take).unwrap_or_default())
}

/// Puts back what was taken.
pub fn put_back(number: usize, value: Slot) {
    HELD.with_borrow_mut(|held| {
        if let Some(slot) = held.slots.get_mut(number) {
            *slot = value;
        }
    });
}

/// The client of this number.
pub fn client(number: usize) -> Option<Client> {
    HELD.with_borrow(|held| match held.slots.get(number) {
        Some(Slot::Client(client)) => Some(client.clone()),
        _ => None,
    })
}

/// The listing of this number.
pub fn listing(number: usize) -> Option<Rc<Listing>> {
    HELD.with_borrow(|held| match held.slots.get(number) {
        Some(Slot::Listing(listing)) => Some(Rc::clone(listing)),
        _ => None,
    })
}

/// The rotation of this number.
pub fn rotation(number: usize) -> Option<Rc<Rotation>> {
    HELD.with_borrow(|held| match held.slots.get(number) {
        Some(Slot::Rotation(rotation)) => Some(Rc::clone(rotation)),
        _ => None,
    })
}
