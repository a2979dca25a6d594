//! The algorithms of a signature (RFC 7518 §3.1, RFC 8037 §3.1), in sets: what a key can serve, what a caller allows.

use crate::text;

/// A line for each: its name here, and what Web Crypto calls a key of it with the hash or the curve that it is bound to. `none` is
/// not among them (RFC 8725 §3.2).
const NAMES: &str = "\
    HS256 HMAC SHA-256\n\
    HS384 HMAC SHA-384\n\
    HS512 HMAC SHA-512\n\
    RS256 RSASSA-PKCS1-v1_5 SHA-256\n\
    RS384 RSASSA-PKCS1-v1_5 SHA-384\n\
    RS512 RSASSA-PKCS1-v1_5 SHA-512\n\
    PS256 RSA-PSS SHA-256\n\
    PS384 RSA-PSS SHA-384\n\
    PS512 RSA-PSS SHA-512\n\
    ES256 ECDSA P-256\n\
    ES384 ECDSA P-384\n\
    ES512 ECDSA P-521\n\
    EdDSA Ed25519";

/// A set of algorithms: a bit for each, in the order of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Algorithms(u16);

impl Algorithms {
    /// Of none.
    pub const NONE: Self = Algorithms(0);
    /// HMAC with the shortest of its hashes.
    pub const HS256: Self = Algorithms(1);
    /// With the next.
    pub const HS384: Self = Algorithms(1 << 1);
    /// What a secret can serve.
    pub const HMAC: Self = Algorithms(0b111);
    /// What an RSA key can serve.
    pub const RSA: Self = Algorithms(0b1_1111_1000);

    /// What a key on the curve P-256 can serve.
    pub const ES256: Self = Algorithms(1 << 9);
    /// What a key on the curve P-384 can serve.
    pub const ES384: Self = Algorithms(1 << 10);
    /// What a key on the curve P-521 can serve.
    pub const ES512: Self = Algorithms(1 << 11);
    /// What a key on the curve Ed25519 can serve.
    pub const EDDSA: Self = Algorithms(1 << 12);

    /// The one of this name, either here or as Web Crypto has it; none if it is not known.
    pub fn named(name: &str) -> Self {
        let (mut rest, mut one) = (NAMES, 1);
        while !rest.is_empty() {
            let mut names = text::take_until(&mut rest, b'\n');
            if text::take_until(&mut names, b' ') == name || names == name {
                return Algorithms(one);
            }
            one <<= 1;
        }
        Self::NONE
    }

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Algorithms(self.0 & other.0)
    }

    /// What is in either.
    pub fn or(self, other: Self) -> Self {
        Algorithms(self.0 | other.0)
    }

    /// Whether it is of one algorithm alone.
    pub fn is_one(self) -> bool {
        self.0.count_ones() == 1
    }

    /// The name of the one algorithm.
    pub fn name(self) -> &'static str {
        text::take_until(&mut self.names(), b' ')
    }

    /// Its name with that of Web Crypto behind it.
    pub fn names(self) -> &'static str {
        let mut rest = NAMES;
        for _ in 0..self.0.trailing_zeros() {
            text::take_until(&mut rest, b'\n');
        }
        text::take_until(&mut rest, b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_name_and_its_kind() {
        for names in NAMES.lines() {
            let (name, platform) = names.split_once(' ').unwrap();
            let one = Algorithms::named(name);
            assert_eq!(
                (one.is_one(), one.name(), one.names(), Algorithms::named(platform)),
                (true, name, names, one)
            );
            assert_eq!(one.and(Algorithms::HMAC) == one, name.starts_with("HS"), "{name}");
            assert_eq!(one.and(Algorithms::RSA) == one, name.starts_with("RS") || name.starts_with("PS"));
        }
        for (one, name) in [
            (Algorithms::HS256, "HS256"),
            (Algorithms::HS384, "HS384"),
            (Algorithms::ES256, "ES256"),
            (Algorithms::ES384, "ES384"),
            (Algorithms::ES512, "ES512"),
            (Algorithms::EDDSA, "EdDSA"),
        ] {
            assert_eq!(one, Algorithms::named(name));
        }
        for name in ["none", "None", "hs256", "HS1", "ES256K", "RS1", ""] {
            assert_eq!(Algorithms::named(name), Algorithms::NONE, "{name}");
        }
        assert_eq!((Algorithms::NONE.is_one(), Algorithms::HMAC.is_one()), (false, false));
    }
}
