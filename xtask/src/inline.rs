//! Writes the module as a text that a script can hold, for the entries that have it inside: they survive any bundler.
//!
//! Brotli finds in it what it found in the bytes, so it is 1 % more to download; hex is 8 % more, and base64, which hides
//! where the bytes are, 28 %. Nearly every byte that is printable stands for itself. The first characters of the text are those
//! that the module needs least: [`SMALL`] of them stand for the smallest bytes, in their order. After the next one, a character
//! means the byte above it, and after the one after that, a byte whose highest bit is set. `pkg/src/inline.js` reads it.

use std::ops::RangeInclusive;

/// How many of the smallest bytes have a character of their own.
const SMALL: usize = 32;
/// How many characters have a meaning of their own.
const TAKEN: usize = SMALL + 2;

const HIGH: u8 = 0x80;

/// Of what is printable, all but the space, above which is none that means it.
const VISIBLE: RangeInclusive<u8> = b'!'..=b'~';

/// Each would take two characters in a script.
const ESCAPED: [u8; 2] = *b"\"\\";

pub(crate) fn text(module: &[u8]) -> String {
    let mut counts = [0_usize; 128];
    for byte in module {
        counts[usize::from(byte & !HIGH)] += 1;
    }
    let mut plain: Vec<u8> = VISIBLE.filter(|byte| !ESCAPED.contains(byte)).collect();
    plain.sort_by_key(|byte| counts[usize::from(*byte)]);
    let mut taken: Vec<u8> = plain.drain(..TAKEN).collect();
    taken.sort_unstable();
    plain.push(b' ');
    let mut text: String = taken.iter().copied().map(char::from).collect();
    for byte in module {
        if byte & HIGH != 0 {
            text.push(char::from(taken[SMALL + 1]));
        }
        let low = byte & !HIGH;
        if plain.contains(&low) {
            text.push(char::from(low));
        } else if usize::from(low) < SMALL {
            text.push(char::from(taken[usize::from(low)]));
        } else {
            text.extend([taken[SMALL], low - 1].map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_back() {
        let mut module: Vec<u8> = (0..=255).collect();
        module.extend(b"\0asm which has more of some than of others");
        let text = text(&module);
        let mut bytes = text.bytes();
        let taken: Vec<u8> = bytes.by_ref().take(TAKEN).collect();
        let (mut read, mut high) = (Vec::new(), 0);
        while let Some(byte) = bytes.next() {
            if byte == taken[SMALL + 1] {
                high = HIGH;
                continue;
            }
            read.push(
                high | match taken.iter().position(|taken| *taken == byte) {
                    None => byte,
                    Some(SMALL) => bytes.next().unwrap() + 1,
                    Some(small) => small as u8,
                },
            );
            high = 0;
        }
        assert_eq!(read, module);
        assert!(text.bytes().all(|byte| byte == b' ' || VISIBLE.contains(&byte)), "{text}");
    }
}
