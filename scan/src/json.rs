//! Where the strings of JSON end (RFC 8259 §7).

/// Where the first byte stands, from there on, that cannot stand for itself in a string: a quote, a backslash, a control
/// character.
// Inlined into a function that is compiled for size, it would be compiled so too.
#[inline(never)]
pub fn plain(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = special(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at)
        && !matches!(byte, b'"' | b'\\' | 0..b' ')
    {
        at += 1;
    }
    at
}

/// Eight bytes at once: the highest bit of the first of them that is special is set, and of none before it. A byte from which
/// more is taken than it has borrows from the next, which is why what comes after the first means nothing.
fn special(eight: u64) -> u64 {
    const EACH: u64 = u64::MAX / 255;
    // Where a byte is zero.
    let is_zero = |bytes: u64| bytes.wrapping_sub(EACH);
    let is_control = eight.wrapping_sub(EACH * u64::from(b' '));
    let is_quote = is_zero(eight ^ (EACH * u64::from(b'"')));
    let is_backslash = is_zero(eight ^ (EACH * u64::from(b'\\')));
    (is_control | is_quote | is_backslash) & !eight & (EACH << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain(byte: u8) -> bool {
        byte >= b' ' && byte != b'"' && byte != b'\\'
    }

    /// Two bytes at all places of what is read eight at a time: one must not be taken for special because of the other.
    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let others = [b'a', 0, 31, b' ', b'!', b'"', b'#', b'[', b'\\', b']', 127, 128, 0xa2, 0xdc, 255];
        for length in 0..20 {
            for (at, beside) in (0..length).zip(1..) {
                for byte in 0..=u8::MAX {
                    for other in others {
                        let mut bytes = [b'a'; 20];
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
