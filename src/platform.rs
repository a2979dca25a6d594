//! What the core asks of the platform it runs on and is answered at once: chance, and how a URL reads. Whatever takes time
//! is an effect of a task: see [`crate::task`].

use crate::text::{self, Text};
use std::rc::Rc;

/// A function that the user gave in the configuration: the platform keeps it, the core names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionId(pub usize);

/// A URL as the platform's own parser sees it (WHATWG URL): only what decisions are made by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The whole, normalised.
    pub href: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The scheme with its colon.
    pub protocol: String,
    /// The host without its port.
    pub hostname: String,
    /// The path.
    pub pathname: String,
    /// The query with its question mark, or nothing.
    pub search: String,
    /// Whether a user name or password stands in it.
    pub has_credentials: bool,
}

impl Url {
    /// Whether the host is this machine itself, so that plain http leaves it with nobody in between.
    pub fn is_loopback(&self) -> bool {
        let host = self.hostname.as_str();
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || matches!(octets(host), Some([127, ..]))
    }

    /// Whether the host is on this machine or on a network that is not the internet (RFC 1918, RFC 3927, RFC 4193).
    pub fn is_private(&self) -> bool {
        let host = self.hostname.as_str();
        self.is_loopback()
            || matches!(
                octets(host),
                Some([0 | 10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..])
            )
            // The parser has written the host in its one normal form, so its beginning tells.
            || text::any("[::1] [::] [::ffff: [fc [fd [fe8 [fe9 [fea [feb", |start| host.starts_with(start))
            || text::any(".local .internal .lan", |end| host.ends_with(end))
    }
}

/// The four numbers of an IPv4 address.
fn octets(host: &str) -> Option<[u8; 4]> {
    let (mut rest, mut octets) = (host, [0; 4]);
    for octet in &mut octets {
        *octet = u8::try_from(text::natural(text::take_until(&mut rest, b'.'))?).ok()?;
    }
    rest.is_empty().then_some(octets)
}

/// The platform.
pub trait Platform {
    /// From 0 to 1, for spreading load; not for secrets.
    fn random(&self) -> f64;
    /// A text of 128 bits that nobody can guess.
    fn fresh_id(&self) -> Text;
    /// The platform's URL parser.
    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Rc<Url>>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::tests::parse_url;
    use std::rc::Rc;

    /// A platform that leaves nothing to chance.
    pub(crate) struct Nowhere;

    impl Platform for Nowhere {
        fn random(&self) -> f64 {
            0.0
        }

        fn fresh_id(&self) -> Text {
            Text::new()
        }

        fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Rc<Url>> {
            parse_url(text, base)
        }
    }

    #[test]
    fn a_host_is_this_machine_a_private_network_or_the_internet() {
        let url = |host: &str| parse_url(&format!("http://{host}/"), None).unwrap();
        for host in
            ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "127.1", "0x7f000001", "[::1]", "[0:0::1]"]
        {
            assert!(url(host).is_loopback() && url(host).is_private(), "{host}");
        }
        for host in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "printer.local",
            "metadata.google.internal",
        ] {
            assert!(!url(host).is_loopback() && url(host).is_private(), "{host}");
        }
        for host in [
            "example.com",
            "8.8.8.8",
            "172.32.0.1",
            "192.169.0.1",
            "[2001:db8::1]",
            "127.0.0.1.example",
            "10.example",
        ] {
            assert!(!url(host).is_private(), "{host}");
        }
    }
}
