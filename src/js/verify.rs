//! Verification, as JavaScript calls it. What is asked of tokens is read once, and holds until it is read again: most programs
//! ask the same of every token.

use super::client::Work;
use super::convert::fields;
use super::host::Host;
use super::memory::{self, Slot, answer, hold, input, with_bytes, with_input};
use crate::clock::Timestamp;
use crate::text::Text;
use crate::verify::{self, Jwks, Key, Policy, Source};
use std::rc::Rc;

/// Reads the options of `verify` without the key: 0, or `FAILED`.
#[unsafe(no_mangle)]
extern "C" fn policy(length: usize) -> usize {
    answer(fields("options", &input(length)).and_then(Policy::read).map(|policy| {
        memory::set_policy(Rc::new(policy));
        Text::new()
    }))
}

/// Verifies a token by a secret: the JSON text of `{ header, claims }`. After the token comes the key: its bytes, or, if `is_text`,
/// the JSON text of a JWK.
#[unsafe(no_mangle)]
extern "C" fn verify(token_length: usize, length: usize, is_text: u32, now: f64) -> usize {
    let policy = memory::policy();
    let verified = with_bytes(length, |bytes| {
        let (token, key) = bytes.split_at_checked(token_length).unwrap_or_default();
        let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
        let key = if is_text == 1 { Key::read(text(key)) } else { Key::secret(key.to_vec()) };
        verify::verify_secret(text(token), &policy, &key?, Timestamp::from_millis(now as i64))
    });
    memory::forget_input(token_length);
    answer(verified)
}

/// Work that verifies a token: the JSON text of `{ header, claims }`. After the token comes the text of the key, if there is no set of
/// this number to take it from.
#[unsafe(no_mangle)]
extern "C" fn verifying(set: usize, token_length: usize, length: usize) -> usize {
    let source = match memory::jwks(set) {
        Some(set) => Ok(Source::Set(set)),
        None => with_input(length, |text| {
            Key::read(text.get(token_length..).unwrap_or_default()).map(Source::Key)
        }),
    };
    let token = input(token_length);
    Work::hold(None, true, source.and_then(|source| verify::verify(&token, memory::policy(), source)))
}

/// A key set by the JSON text of where it is: a number for [`verifying`].
#[unsafe(no_mangle)]
extern "C" fn jwks(length: usize) -> usize {
    let set = fields("options", &input(length)).and_then(|given| Jwks::read(given, Rc::new(Host)));
    hold(set.map(Slot::Jwks))
}
