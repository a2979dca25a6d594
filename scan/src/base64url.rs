//! Base64url without padding (RFC 4648 §5), as a JWT has it.

/// What each character stands for; [`NONE`] for what is none of the alphabet.
#[allow(clippy::indexing_slicing, reason = "it is done by the compiler, who would tell")]
const SIX: [u8; 256] = {
    let mut six = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut at = 0;
    while at < alphabet.len() {
        six[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    six
};

const NONE: u8 = 64;

fn six(character: u8) -> u32 {
    u32::from(SIX.get(usize::from(character)).copied().unwrap_or(NONE))
}

/// Characters of the alphabet that were read, up to one that is none of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// What they stand for: whole bytes.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub length: usize,
    /// What is left of the last of them.
    pub left: Left,
}

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

/// Reads as many characters as are of the alphabet.
pub fn read(text: &[u8]) -> Run {
    let mut bytes = vec![0; text.len() / 4 * 3];
    let mut groups = 0;
    for ([a, b, c, d], place) in text.as_chunks().0.iter().zip(bytes.as_chunks_mut().0) {
        let (a, b, c, d) = (six(*a), six(*b), six(*c), six(*d));
        if a | b | c | d >= u32::from(NONE) {
            break;
        }
        *place = [(a << 2 | b >> 4) as u8, (b << 4 | c >> 2) as u8, (c << 6 | d) as u8];
        groups += 1;
    }
    bytes.truncate(groups * 3);
    // A group that is short, or has a character in it that ends the run.
    let (mut buffer, mut length) = (0, groups * 4);
    while let Some(six) =
        text.get(length).map(|character| six(*character)).filter(|six| *six < u32::from(NONE))
    {
        buffer = buffer << 6 | six;
        length += 1;
        // The first of a group is no byte yet.
        if length % 4 != 1 {
            let rest = 8 - length % 4 * 2;
            bytes.push((buffer >> rest) as u8);
            buffer &= (1 << rest) - 1;
        }
    }
    let left = match (length % 4, buffer) {
        (1, _) => Left::Character,
        (_, 0) => Left::Nothing,
        _ => Left::Bits,
    };
    Run { bytes, length, left }
}
