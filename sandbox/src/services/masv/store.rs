//! What MASV holds: API keys, packages with their files and links, transfers.

use std::time::SystemTime;

use axum::response::Response;
use chrono::DateTime;
use serde_json::{Value, json};

use super::not_found;
use crate::log::hashed;
use crate::world::{moved, timestamp};

/// How long a package is kept, in seconds. The guide says ten days.
const KEPT: i64 = 10 * 24 * 3600;

/// An API key of the team.
#[derive(Debug)]
pub(super) struct ApiKey {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) created_at: String,
    pub(super) name: String,
    pub(super) description: String,
    /// As it was given, and in seconds; none is never.
    pub(super) expiry: String,
    pub(super) expires_at: Option<i64>,
    pub(super) active: bool,
}

impl ApiKey {
    pub(super) fn works(&self, now: i64) -> bool {
        self.active && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Whether a package still takes files.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Upload {
    New,
    Finalized,
}

impl Upload {
    pub(super) fn name(self) -> &'static str {
        if self == Self::New { "new" } else { "finalized" }
    }
}

/// A package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) sender: String,
    pub(super) created_at: String,
    pub(super) expiry: String,
    pub(super) unlimited_storage: bool,
    pub(super) upload: Upload,
    pub(super) files: Vec<File>,
    pub(super) links: Vec<Link>,
}

/// A file of a package, of which the sandbox keeps no contents.
#[derive(Debug)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) size: u64,
}

/// A link to a package.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) email: String,
    pub(super) password: Option<String>,
    pub(super) active: bool,
}

/// A package's way to a cloud.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) id: String,
    pub(super) package: String,
    pub(super) state: &'static str,
}

/// All of it, in the order of making.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(super) keys: Vec<ApiKey>,
    pub(super) packages: Vec<Package>,
    pub(super) transfers: Vec<Transfer>,
    seed: String,
    made: u64,
}

impl Store {
    /// A store with one package that was sent, a link to it and a transfer that failed, all of known names.
    pub(crate) fn new(seed: &str, now: SystemTime) -> Self {
        let mut store = Self { seed: seed.to_owned(), ..Self::default() };
        let files = vec![File { id: "file-demo".into(), name: "demo.mov".into(), size: 14_914_472 }];
        let links = vec![Link {
            id: "link-demo".into(),
            secret: "link-demo-secret".into(),
            email: String::new(),
            password: None,
            active: true,
        }];
        let package = store.new_package("Demo", "", "demo@example.com", now);
        store.packages.push(Package {
            id: "package-demo".into(),
            upload: Upload::Finalized,
            files,
            links,
            ..package
        });
        let transfer =
            Transfer { id: "transfer-demo".into(), package: "package-demo".into(), state: "error" };
        store.transfers.push(transfer);
        store
    }

    /// An id for anything: as long as MASV's, and the same in each run, so that no test depends on chance.
    pub(super) fn next_id(&mut self) -> String {
        self.made += 1;
        format!("01SB{:022}", self.made)
    }

    /// A secret of that kind that no other world has.
    pub(super) fn next_secret(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", hashed(&format!("masv {} {}", self.seed, self.made)))
    }

    /// A package that is yet to be filled, and not in the store yet.
    pub(super) fn new_package(
        &mut self,
        name: &str,
        description: &str,
        sender: &str,
        now: SystemTime,
    ) -> Package {
        Package {
            id: self.next_id(),
            name: name.to_owned(),
            description: description.to_owned(),
            sender: sender.to_owned(),
            created_at: timestamp(now),
            expiry: timestamp(moved(now, KEPT)),
            unlimited_storage: false,
            upload: Upload::New,
            files: Vec::new(),
            links: Vec::new(),
        }
    }

    /// A link of that package.
    pub(super) fn new_link(&mut self, email: &str, password: Option<&str>) -> Link {
        let password = password.filter(|password| !password.is_empty()).map(str::to_owned);
        Link {
            id: self.next_id(),
            secret: self.next_secret("link"),
            email: email.into(),
            password,
            active: true,
        }
    }

    /// Adds a package that was sent, with a link to it: `{package, link, secret}`.
    pub(crate) fn add_sent(&mut self, name: &str, password: Option<&str>, now: SystemTime) -> Value {
        let mut package = self.new_package(name, "", "demo@example.com", now);
        let link = self.new_link("", password);
        let told = json!({ "package": package.id, "link": link.id, "secret": link.secret });
        package.files.push(File { id: self.next_id(), name: "sent.mov".into(), size: 1 << 20 });
        package.links.push(link);
        package.upload = Upload::Finalized;
        self.packages.push(package);
        told
    }

    pub(super) fn package(&mut self, id: &str) -> Result<&mut Package, Response> {
        self.packages.iter_mut().find(|package| package.id == id).ok_or_else(|| not_found("package"))
    }
}

/// The seconds of an ISO 8601 time.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp())
}
