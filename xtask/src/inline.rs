//! Writes the module as a text that a script can hold, for the entries that have it inside: they survive any bundler.
//!
//! Brotli finds in it what it found in the bytes, so it is 3 % more to download; hex is 8 % more, and base64, which hides
//! where the bytes are, 28 %. Nearly every byte that is printable stands for itself. The first characters of the text are those
//! that the module needs least: [`SMALL`] of them stand for the smallest bytes, in their order, and each of the last
//! [`SHIFTS`] says that the next character means a byte that lies so many times [`SHIFT`] above it, modulo 256.
//! `pkg/src/inline.js` reads it.

use std::ops::RangeInclusive;

/// How many of the smallest bytes have a character of their own.
const SMALL: usize = 32;
const SHIFTS: usize = 3;
/// As many as there are printable characters, so that the shifts reach all that is not one.
const SHIFT: usize = 95;

const PRINTABLE: RangeInclusive<u8> = b' '..=b'~';

/// Each would take two characters in a script.
const ESCAPED: [u8; 2] = *b"\"\\";

pub(crate) fn text(module: &[u8]) -> String {
    let mut counts = [0_usize; 256];
    for byte in module {
        counts[usize::from(*byte)] += 1;
    }
    let mut plain: Vec<u8> = PRINTABLE.filter(|byte| !ESCAPED.contains(byte)).collect();
    plain.sort_by_key(|byte| counts[usize::from(*byte)]);
    let rare: Vec<char> = plain.drain(..SMALL + SHIFTS).map(char::from).collect();
    let mut text: String = rare.iter().collect();
    for byte in module {
        if plain.contains(byte) {
            text.push(char::from(*byte));
        } else if usize::from(*byte) < SMALL {
            text.push(rare[usize::from(*byte)]);
        } else {
            text.extend(shifted(*byte, &rare[SMALL..]).into_iter().flatten());
        }
    }
    text
}

/// A byte as the character of a shift, and the one that it is shifted from.
fn shifted(byte: u8, shifts: &[char]) -> Option<[char; 2]> {
    (1..).zip(shifts).find_map(|(times, shift)| {
        let from = byte.wrapping_sub((times * SHIFT) as u8);
        PRINTABLE.contains(&from).then_some([*shift, char::from(from)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_back() {
        let mut module: Vec<u8> = (0..=255).collect();
        module.extend(b"\0asm which has more of some than of others");
        let text = text(&module);
        let mut chars = text.chars();
        let rare: Vec<char> = chars.by_ref().take(SMALL + SHIFTS).collect();
        let mut read = Vec::new();
        while let Some(char) = chars.next() {
            read.push(match rare.iter().position(|rare| *rare == char) {
                None => char as usize,
                Some(small) if small < SMALL => small,
                Some(shift) => chars.next().unwrap() as usize + (shift - SMALL + 1) * SHIFT,
            } as u8);
        }
        assert_eq!(read, module);
        assert!(text.bytes().all(|byte| PRINTABLE.contains(&byte)), "{text}");
    }
}
