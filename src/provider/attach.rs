//! The header that a token travels in. As a bearer token: <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>

use super::Service;
use crate::json::Json;
use crate::text::{Text, text};
use crate::token::Secret;

/// The header that a token travels in, and what stands in it before the token.
#[derive(Clone, Debug)]
pub struct Attach {
    /// Its name.
    pub header: Text,
    before: Text,
}

/// What a configuration may say of that.
macro_rules! attach {
    () => {
        $crate::config::table::object!["header" needs HeaderName, "scheme" may HeaderValue]
    };
}
pub(super) use attach;

impl Attach {
    /// As it is configured, else as the service has it.
    pub(super) fn of(service: &Service, given: Option<&Json>) -> Self {
        let (mut header, mut scheme) = service.header;
        let mut space = "";
        if let Some(given) = given {
            header = given.text("header");
            scheme = given.text("scheme");
            space = if scheme.is_empty() { "" } else { " " };
        }
        Attach { header: header.into(), before: text![scheme, space] }
    }

    /// The header's value for this token.
    pub fn value(&self, token: &Secret) -> Secret {
        if self.before.is_empty() { token.clone() } else { Secret::new(text![self.before, token.reveal()]) }
    }

    /// The token in the header's value.
    pub fn token(&self, value: &str) -> Secret {
        Secret::new(value.get(self.before.len()..).unwrap_or_default())
    }
}
