//! The key that a rotation has put in place of the configured one: used, proved by time, or given up again.

use super::Client;
use crate::config::Credential;
use crate::task::{Doing, Effect};
use crate::token::Secret;

/// A key that a rotation has put in place of the configured one.
pub(super) struct Adopted {
    pub(super) key: Secret,
    /// Whether the one before is gone for good. Until then a 401 goes back to it.
    confirmed: bool,
}

impl Client {
    /// Uses this key from now on, or no longer: then the one before it again. Requests that are out go on with the one they have.
    /// What comes of it is nothing: a client that was closed meanwhile has no use for either.
    pub fn adopt(&self, key: Secret, in_use: bool) -> Doing<'_> {
        let mut adopted = self.0.adopted.borrow_mut();
        if let Some(at) = adopted.iter().position(|adopted| adopted.key == key) {
            adopted.remove(at);
        }
        if in_use {
            adopted.push(Adopted { key, confirmed: false });
        }
        drop(adopted);
        self.0.life.borrow_mut().invalidate();
        self.have_done(Effect::Abandon)
    }

    /// Every key before this adopted one is gone.
    pub fn confirm_adopted(&self, key: &Secret) {
        let mut adopted = self.0.adopted.borrow_mut();
        let Some(at) = adopted.iter().position(|adopted| adopted.key == *key) else { return };
        for _ in 0..at {
            adopted.remove(0);
        }
        if let Some(first) = adopted.first_mut() {
            first.confirmed = true;
        }
    }

    /// The static key that is in use.
    pub fn static_key(&self) -> Option<Secret> {
        let life = self.0.life.borrow();
        life.last_token().filter(|token| token.is_key).map(|token| token.secret.clone())
    }

    /// After a 401 of an adopted key: it gives way to the one before, unless that is known to be gone. A late 401 of the one
    /// before says nothing of it.
    pub(super) fn doubt_adopted(&self, refused: &Secret) {
        let asks = matches!(self.0.config.provider.credentials(), [(_, Credential::Ask(_))]);
        let mut adopted = self.0.adopted.borrow_mut();
        if adopted.last().is_some_and(|last| last.key == *refused && (asks || !last.confirmed)) {
            adopted.pop();
        }
    }
}
