//! The functions of a JWT, as JavaScript calls them.

use super::convert::fields;
use super::memory::{FAILED, answer, succeeded, with_input};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::jwt::{self, Decoded};

/// Reads a token: the JSON text of `{ header, claims }`.
#[unsafe(no_mangle)]
extern "C" fn decode(length: usize) -> usize {
    answer(with_input(length, jwt::decode).map(Decoded::into_text))
}

/// When a token expires, in milliseconds: infinity if it never does, NaN if it cannot be read.
#[unsafe(no_mangle)]
extern "C" fn expires_at(length: usize) -> f64 {
    let times = succeeded(with_input(length, jwt::times));
    times.map_or(f64::NAN, |times| (times.exp * 1000.0).trunc())
}

/// Whether a token has expired at that local time: 1 or 0. After the token come the options, if there are any.
#[unsafe(no_mangle)]
extern "C" fn is_expired(length: usize, token_length: usize, now: f64) -> usize {
    let now = Timestamp::from_millis(now as i64);
    succeeded(with_input(length, |text| read_is_expired(text, token_length, now))).map_or(FAILED, usize::from)
}

fn read_is_expired(text: &str, token_length: usize, now: Timestamp) -> Result<bool> {
    let (token, options) = text.split_at_checked(token_length).unwrap_or((text, ""));
    let times = jwt::times(token)?;
    if options.is_empty() {
        return Ok(times.is_expired(now, 0.0));
    }
    let mut given = fields("options", options)?;
    given.read(jwt::WHEN);
    let (now, leeway) = jwt::when(&given.given(), now);
    given.done()?;
    Ok(times.is_expired(now, leeway))
}
