//! Where what is written in JSON ends (RFC 8259).

use bytemuck::cast;
use core::ops::Range;
use wide::{i8x16, u8x16};

/// The most members of an object that is read here.
const MEMBERS: usize = 32;

/// What is told of a member: its name, as it is written, and where its value stands.
type Each<'e> = &'e mut dyn FnMut(&[u8], Range<usize>);

/// Reads a text that is one object, nested no more than so many levels deep, and tells of each member. As [`value`] it gives
/// false where more has to be looked at.
pub fn object(text: &[u8], levels: usize, each: Each<'_>) -> bool {
    let start = space(text, 0);
    let end = if text.get(start) == Some(&b'{') { enclosed(text, start, levels, each) } else { None };
    end.is_some_and(|end| space(text, end) == text.len())
}

/// Where the value ends that stands there, nested no more than so many levels deep. Nothing is given where it is none, and where
/// it takes more to tell: a number may be out of range, and what is escaped may be anything. Whoever asked has to read that by
/// himself.
pub fn value(text: &[u8], at: usize, levels: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => Some(end_of_plain(text, at)? + 1),
        b'{' | b'[' => enclosed(text, at, levels, &mut |_, _| {}),
        b'-' | b'0'..=b'9' => match number(text, at) {
            (end, Number::Near) => Some(end),
            _ => None,
        },
        _ => literal(text, at),
    }
}

/// Where `true`, `false` or `null` ends, if one stands there.
pub fn literal(text: &[u8], at: usize) -> Option<usize> {
    for literal in ["true", "false", "null"] {
        if text.get(at..)?.starts_with(literal.as_bytes()) {
            return Some(at + literal.len());
        }
    }
    None
}

/// An object or an array.
fn enclosed(text: &[u8], at: usize, levels: usize, each: Each<'_>) -> Option<usize> {
    let open = *text.get(at)?;
    // In ASCII it stands two after the one that opens.
    let close = open + 2;
    let levels = levels.checked_sub(1)?;
    let mut at = space(text, at + 1);
    if text.get(at) == Some(&close) {
        return Some(at + 1);
    }
    // Where the names stand, and a bit for each, by which most of them differ.
    let mut names = [0; MEMBERS];
    let mut count = 0;
    let mut marks = 0_u64;
    loop {
        let mut name: &[u8] = &[];
        if open == b'{' {
            let start = take(text, at, b'"')?;
            let end = end_of_plain(text, at)?;
            at = space(text, take(text, space(text, end + 1), b':')?);
            name = text.get(start..end)?;
            // With the quote after it, which stands in none.
            let quoted = text.get(start..=end)?;
            let mark = 1 << ((usize::from(*quoted.first()?) + 11 * quoted.len()) & 63);
            if marks & mark != 0 {
                for other in names.get(..count)? {
                    if text.get(*other..)?.starts_with(quoted) {
                        return None;
                    }
                }
            }
            marks |= mark;
            *names.get_mut(count)? = start;
            count += 1;
        }
        let end = value(text, at, levels)?;
        each(name, at..end);
        at = space(text, end);
        if text.get(at) == Some(&close) {
            return Some(at + 1);
        }
        at = space(text, take(text, at, b',')?);
    }
}

/// What stands after this byte, if it is there.
fn take(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    (text.get(at) == Some(&byte)).then_some(at + 1)
}

fn space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// One that a double can hold.
    Near,
    /// One that may be out of range, by its exponent or by more digits than a double has.
    Far,
    /// None as JSON writes it.
    Wrong,
}

/// Where the number ends that begins there, and what it is.
pub fn number(text: &[u8], at: usize) -> (usize, Number) {
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    let start = at + usize::from(is(at, b'-'));
    let mut end = digits(text, start);
    let whole = end - start;
    let mut is_right = whole == 1 || (whole > 1 && !is(start, b'0'));
    if is(end, b'.') {
        let point = end + 1;
        end = digits(text, point);
        is_right &= end > point;
    }
    let mut is_far = whole > 300;
    if is(end, b'e') || is(end, b'E') {
        let sign = usize::from(is(end + 1, b'+') || is(end + 1, b'-'));
        let exponent = end + 1 + sign;
        end = digits(text, exponent);
        is_right &= end > exponent;
        is_far = true;
    }
    let number = match is_right {
        false => Number::Wrong,
        true if is_far => Number::Far,
        true => Number::Near,
    };
    (end, number)
}

fn digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}

/// Where the closing quote stands of the string whose opening quote stands there, if it has no escapes.
#[inline(always)]
fn end_of_plain(text: &[u8], at: usize) -> Option<usize> {
    let end = plain(text, at + 1);
    (text.get(end) == Some(&b'"')).then_some(end)
}

/// Where the first byte stands, from there on, that cannot stand for itself in a string: a quote, a backslash, a control
/// character.
// Inlined into a function that is compiled for size, it would be compiled so too.
#[inline(never)]
pub fn plain(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(sixteen) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = special(*sixteen);
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += 16;
    }
    while let Some(byte) = bytes.get(at)
        && !matches!(byte, b'"' | b'\\' | 0..b' ')
    {
        at += 1;
    }
    at
}

/// A bit for each of these bytes that is special.
#[inline(always)]
fn special(bytes: [u8; 16]) -> i32 {
    let bytes: u8x16 = cast(bytes);
    let quote = bytes.cmp_eq(u8x16::splat(b'"'));
    let backslash = bytes.cmp_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(b' ' - 1)).cmp_eq(bytes);
    cast::<_, i8x16>(quote | backslash | control).move_mask()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain(byte: u8) -> bool {
        byte >= b' ' && byte != b'"' && byte != b'\\'
    }

    /// Two bytes at all places of what is read sixteen at a time, and beyond: one must not be taken for special because of the other.
    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let others = [b'a', 0, 31, b' ', b'!', b'"', b'#', b'[', b'\\', b']', 127, 128, 0xa2, 0xdc, 255];
        for length in 0..36 {
            for (at, beside) in (0..length).zip(1..) {
                for byte in 0..=u8::MAX {
                    for other in others {
                        let mut bytes = [b'a'; 36];
                        for (place, value) in [(at, byte), (beside, other)] {
                            bytes[place] = value;
                        }
                        let bytes = &bytes[..length];
                        for from in [0, at] {
                            let first = bytes.iter().skip(from).position(|byte| !is_plain(*byte));
                            assert_eq!(
                                plain(bytes, from),
                                first.map_or(length, |found| found + from),
                                "{bytes:?}"
                            );
                        }
                    }
                }
            }
        }
        assert_eq!(plain(b"a", 2), 2);
    }
}
