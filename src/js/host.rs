//! The functions of `pkg/src/core.js` that the core calls. Each says there what it does, and none throws.

use super::memory;
use crate::platform::{Platform, Url};
use crate::text::{self, Text};
use std::rc::Rc;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    safe fn random() -> f64;
    /// Writes a text to the input, and tells its length.
    #[link_name = "freshId"]
    safe fn fresh_id() -> usize;
    /// The same, of a URL; an empty one if it is none. A base of no length is none.
    #[link_name = "parseUrl"]
    safe fn parse_url(text: *const u8, length: usize, base: *const u8, base_length: usize) -> usize;
}

/// The platform that JavaScript is.
pub struct Host;

impl Platform for Host {
    fn random(&self) -> f64 {
        random()
    }

    fn fresh_id(&self) -> Text {
        memory::input(fresh_id())
    }

    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Rc<Url>> {
        let base = base.unwrap_or_default();
        let length = parse_url(text.as_ptr(), text.len(), base.as_ptr(), base.len());
        if length == 0 {
            return None;
        }
        let parts = memory::input(length);
        let mut rest = parts.as_str();
        let mut part = || text::take_until(&mut rest, b'\n').to_owned();
        Some(Rc::new(Url {
            href: part(),
            origin: part(),
            protocol: part(),
            hostname: part(),
            pathname: part(),
            search: part(),
            has_credentials: !part().is_empty(),
        }))
    }
}
