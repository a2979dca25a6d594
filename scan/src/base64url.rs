//! Base64url without padding (RFC 4648 §5), as a JWT has it. It is read by vectors of sixteen characters, four of them at a time, as
//! an engine makes the constants anew for each turn of a loop.

use bytemuck::cast;
use wide::{CmpEq, i8x16, u16x8, u32x4};

/// How many characters are read at once, and the bytes that they stand for.
const CHARACTERS: usize = 64;
const BYTES: usize = CHARACTERS / 4 * 3;

/// What of the last character is part of no byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing, or zeroes, as it should be.
    Nothing,
    /// Bits that mean nothing.
    Bits,
    /// A whole character, which cannot be part of a byte.
    Character,
}

/// Reads as many characters as are of the alphabet, up to one that is none of it, and adds the whole bytes that they stand for.
/// How many characters there were, and what is left of the last of them.
pub fn read(text: &[u8], bytes: &mut Vec<u8>) -> (usize, Left) {
    let start = bytes.len();
    let (blocks, rest) = text.as_chunks();
    let whole = (blocks.len() + 1) * BYTES;
    bytes.resize(start + whole + CHARACTERS, 0);
    let (places, last) =
        bytes.get_mut(start..).unwrap_or_default().split_at_mut_checked(whole).unwrap_or_default();
    // Filled up with what is none of the alphabet. It is among the bytes, as what is on the stack may stay there, and it may be secret.
    for (character, place) in rest.iter().zip(&mut *last) {
        *place = *character;
    }
    let mut length = 0;
    for (block, place) in blocks.iter().chain(last.as_chunks().0).zip(places.as_chunks_mut().0) {
        let others = read_block(block, place);
        if others != 0 {
            length += others.trailing_zeros() as usize;
            break;
        }
        length += CHARACTERS;
    }
    let end = start + length / 4 * 3 + length % 4 * 3 / 4;
    // The first byte that is not whole begins with what is left.
    let bits = bytes.get(end).copied().unwrap_or_default();
    bytes.truncate(end);
    let left = match length % 4 {
        1 => Left::Character,
        2 if bits & 0xf0 != 0 => Left::Bits,
        3 if bits & 0xc0 != 0 => Left::Bits,
        _ => Left::Nothing,
    };
    (length, left)
}

/// Puts down the bytes of so many characters; a bit for each of these that is none of the alphabet.
#[inline(always)]
fn read_block(block: &[u8; CHARACTERS], place: &mut [u8; BYTES]) -> u64 {
    let [a, b, c, d]: [i8x16; 4] = cast(*block);
    let ((a, no_a), (b, no_b), (c, no_c), (d, no_d)) = (sixes(a), sixes(b), sixes(c), sixes(d));
    *place = cast([packed(a), packed(b), packed(c), packed(d)]);
    no_a | no_b << 16 | no_c << 32 | no_d << 48
}

/// Which characters with the same four high bits are of the alphabet: their four low bits tell. A bit for each kind.
const DASH: i8 = 1;
const DIGITS: i8 = 2;
const FROM_A: i8 = 4;
const FROM_P: i8 = 8;
const FROM_LOWER_P: i8 = 16;
/// The kind by the four high bits.
const HIGH: [i8; 16] = [0, 0, DASH, DIGITS, FROM_A, FROM_P, FROM_A, FROM_LOWER_P, 0, 0, 0, 0, 0, 0, 0, 0];
/// The kinds that have a character with these four low bits.
const LOW: [i8; 16] = {
    const TO_NINE: i8 = DIGITS | FROM_A | FROM_P | FROM_LOWER_P;
    let mut low = [TO_NINE; 16];
    [low[0x0], low[0xa], low[0xb]] = [TO_NINE & !FROM_A, TO_NINE & !DIGITS, FROM_A];
    [low[0xc], low[0xd], low[0xe], low[0xf]] = [FROM_A, FROM_A | DASH, FROM_A, FROM_A | FROM_P];
    low
};
/// How far what a character stands for is from it, by its four high bits; `_` has [`LINE`] more.
const WAY: [i8; 16] = [0, 0, 17, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0];
const LINE: i8 = 33;

/// What each of these characters stands for, and a bit for each that is none of the alphabet.
#[inline(always)]
fn sixes(characters: i8x16) -> (i8x16, u64) {
    let four = i8x16::splat(0xf);
    let high = cast::<_, i8x16>(cast::<_, u32x4>(characters) >> 4) & four;
    let known = i8x16::new(HIGH).swizzle(high) & i8x16::new(LOW).swizzle(characters & four);
    let line = characters.cmp_eq(i8x16::splat(b'_' as i8)) & i8x16::splat(LINE);
    let six = characters + i8x16::new(WAY).swizzle(high) + line;
    (six, known.cmp_eq(i8x16::ZERO).move_mask() as u64)
}

/// The bytes that these groups of six bits make up.
#[inline(always)]
fn packed(six: i8x16) -> [u8; BYTES / 4] {
    let six: u16x8 = cast(six);
    let twelve: u32x4 = cast((six << 6 | six >> 8) & u16x8::splat(0xfff));
    let whole: i8x16 = cast(twelve << 12 | twelve >> 16);
    // Three bytes of each four, the highest of them first.
    let order = [2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1];
    let [eight, four]: [u64; 2] = cast(whole.swizzle(i8x16::new(order)));
    let mut bytes = [0; BYTES / 4];
    let (first, second) = bytes.split_at_mut(8);
    first.copy_from_slice(&eight.to_ne_bytes());
    second.copy_from_slice(&(four as u32).to_ne_bytes());
    bytes
}
