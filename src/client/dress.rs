//! How an error leaves a client: with the provider's name on it, short, and without any secret.

use super::{Client, Kept};
use crate::config::Credential;
use crate::error::{Code, Error};
use crate::text::{self, text};
use crate::token::{Secret, Token};

/// The most characters of a service's own words that an error repeats: they may be a whole page.
const MAX_MESSAGE: usize = 500;

impl Client {
    /// An error as it leaves: with the provider's name, without any secret, and short.
    pub fn dress(&self, mut error: Error) -> Error {
        let kept = self.kept();
        // That of a flight was dressed before.
        let is_new = error.provider.is_none();
        if is_new {
            error.provider = Some(self.0.config.name);
            if let Some(token) = kept.life.last_token() {
                error = with_scopes(error, token);
            }
        }
        let mut error = self.scrub(&kept, error);
        if is_new {
            // Not before: half a secret would not have been found.
            text::shorten(&mut error.message, MAX_MESSAGE);
            let more = core::mem::take(&mut error.more);
            error.message.push_str(&more);
            text::shorten(&mut error.message, 2 * MAX_MESSAGE);
        }
        error
    }

    /// An error without any secret that is held here.
    fn scrub(&self, kept: &Kept, mut error: Error) -> Error {
        for (name, secret) in &kept.credentials {
            error = scrub_credential(error, name, secret);
        }
        for (name, credential) in self.0.config.provider.credentials() {
            if let Credential::Known(secret) = credential {
                error = scrub_credential(error, name, secret);
            }
        }
        for adopted in &kept.adopted {
            error = error.scrub(&adopted.key);
        }
        if let Some(token) = kept.life.last_token() {
            error = error.scrub(&token.secret);
            if let Some(secret) = &token.refresh_token {
                error = error.scrub(secret);
            }
        }
        error
    }
}

/// What a token may do is told to whoever was refused because it may too little.
pub(super) fn with_scopes(error: Error, token: &Token) -> Error {
    match &token.scopes {
        Some(scopes) if error.code == Code::Forbidden => error.saying(&text![" (scopes held: ", scopes, ")"]),
        _ => error,
    }
}

/// An error without this credential, unless that is no secret: it may name who was refused.
fn scrub_credential(error: Error, name: &str, credential: &Secret) -> Error {
    match name {
        "email" | "username" | "clientId" => error,
        _ => error.scrub(credential),
    }
}
