//! Base64 (RFC 4648), in the two forms that are needed here: base64url without padding is read, the standard alphabet with
//! padding is written. A general codec, with its tables and engines, would be a twentieth of the download.

use crate::text::Text;
use latchkey_scan::base64url::{self, Left};

/// Why a text is not base64url, or could have been written in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// There is a character that the alphabet has not: where, and which.
    Character(usize, u8),
    /// So many characters cannot be whole bytes.
    Length(usize),
    /// The last character, which stands there, has bits that mean nothing and are not zero.
    LastBits(usize),
}

/// Reads base64url without padding (RFC 4648 §5), each text of which stands for other bytes.
pub(crate) fn read_url(mut text: &str) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    take_url(&mut text, false, &mut bytes)?;
    Ok(bytes)
}

/// The same, added to what was read before. It is taken from the rest: up to a dot, which is taken too and has to be there, or all.
pub(crate) fn take_url(rest: &mut &str, up_to_dot: bool, bytes: &mut Vec<u8>) -> Result<(), Wrong> {
    let (length, left) = base64url::read(rest.as_bytes(), bytes);
    match rest.as_bytes().get(length) {
        Some(b'.') if up_to_dot => {}
        None if !up_to_dot => {}
        other => return Err(Wrong::Character(length, other.copied().unwrap_or_default())),
    }
    match left {
        Left::Character => return Err(Wrong::Length(length)),
        Left::Bits => return Err(Wrong::LastBits(length.saturating_sub(1))),
        Left::Nothing => {}
    }
    *rest = rest.get(length + 1..).unwrap_or_default();
    Ok(())
}

/// Writes base64 with padding (RFC 4648 §4).
pub(crate) fn encode(bytes: &[u8]) -> Text {
    let byte = |at| bytes.get(at).copied().map_or(0, u32::from);
    let mut text = Text::new();
    for digit in 0..(bytes.len() * 4).div_ceil(3) {
        let at = digit * 6 / 8;
        // Six bits, of this byte and the next.
        let six = ((byte(at) << 8 | byte(at + 1)) >> (10 - digit * 6 % 8) & 63) as u8;
        text.push(char::from(match six {
            0..26 => b'A' + six,
            26..52 => b'a' + six - 26,
            52..62 => b'0' + six - 52,
            62 => b'+',
            _ => b'/',
        }));
    }
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    /// Bytes without a pattern, the same in every run.
    fn bytes() -> impl Iterator<Item = u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        core::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
    }

    #[test]
    fn what_the_crate_writes_is_read_and_what_is_written_is_the_same() {
        let mut source = bytes();
        for length in (0..300).chain([4096, 65_535]) {
            let bytes: Vec<u8> = source.by_ref().take(length).collect();
            assert_eq!(encode(&bytes).as_str(), STANDARD.encode(&bytes));
            assert_eq!(read_url(&URL_SAFE_NO_PAD.encode(&bytes)), Ok(bytes));
        }
    }

    #[test]
    fn every_short_text_is_judged_as_the_crate_judges_it() {
        let judge = |text: &[u8]| {
            if let Ok(text) = str::from_utf8(text) {
                assert_eq!(read_url(text).ok(), URL_SAFE_NO_PAD.decode(text).ok(), "{text:?}");
            }
        };
        judge(b"");
        for a in 0..=u8::MAX {
            judge(&[a]);
            for b in 0..=u8::MAX {
                judge(&[a, b]);
                judge(&[b'-', a, b]);
                judge(&[b'_', b'0', a, b]);
                judge(&[b'e', b'3', b'0', b'x', a, b]);
            }
        }
        let mut source = bytes();
        for _ in 0..10_000 {
            let text: Vec<u8> = source.by_ref().map(|byte| byte & 127).take(5).collect();
            judge(&text);
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(read_url("e30="), Err(Wrong::Character(3, b'=')));
        assert_eq!(read_url("e30AB"), Err(Wrong::Length(5)));
        assert_eq!(read_url("e31"), Err(Wrong::LastBits(2)));
    }

    /// In blocks and at their edges: one character of each is looked at beside others.
    #[test]
    fn a_character_that_is_none_of_the_alphabet_is_told_wherever_it_stands() {
        for length in [1, 15, 16, 17, 63, 64, 65, 128, 130] {
            for at in 0..length {
                for character in (0..128).map(char::from).chain(['\u{e9}', '\u{20ac}']) {
                    let text: String =
                        (0..length).map(|place| if place == at { character } else { 'A' }).collect();
                    let is_known = character.is_ascii_alphanumeric() || "-_".contains(character);
                    match read_url(&text) {
                        Err(Wrong::Character(place, _)) => assert!(!is_known && place == at, "{text}"),
                        _ => assert!(is_known, "{text}"),
                    }
                }
            }
        }
    }

    #[test]
    fn it_ends_at_a_dot_where_one_is_wanted_and_nowhere_else() {
        let (mut rest, mut bytes) = ("e30.e30A.", Vec::new());
        assert_eq!(take_url(&mut rest, true, &mut bytes), Ok(()));
        assert_eq!(take_url(&mut rest, true, &mut bytes), Ok(()));
        assert_eq!((rest, bytes.as_slice()), ("", &b"{}{}\0"[..]), "each is added to what came before");
        assert_eq!(take_url(&mut rest, false, &mut bytes), Ok(()));
        assert_eq!(take_url(&mut rest, true, &mut bytes), Err(Wrong::Character(0, 0)));
        assert_eq!(read_url("e30."), Err(Wrong::Character(3, b'.')));
    }
}
