//! The keys that a rotation puts in place of the configured one: used, proved by time, or given up again.

use super::Client;
use crate::config::Credential;
use crate::token::Secret;

/// A key in place of the configured one.
pub(super) struct Adopted {
    pub(super) key: Secret,
    pub(super) in_use: bool,
    /// The text that it takes the place of as soon as that is refused. Which of the two is good is not known here: the service
    /// changes from one to the other on its own time, and requests are out meanwhile.
    instead_of: Option<Secret>,
    /// Whether the one before is gone for good. Until then a 401 goes back to it.
    confirmed: bool,
}

/// What becomes of a key in a client.
#[derive(Clone)]
pub enum Adoption {
    /// It takes the place of this text as soon as that is refused.
    Announce(Secret),
    /// It is used from now on.
    Use,
    /// It is used no longer, but the one before it again.
    Drop,
}

impl Client {
    /// Has this become of a key. Requests that are out go on with the key they have; a flight is to be ended.
    pub(crate) fn adopt(&self, key: Secret, adoption: Adoption) {
        let mut kept = self.kept();
        kept.adopted.retain(|adopted| adopted.key != key && adopted.in_use);
        kept.invalidate();
        let instead_of = match adoption {
            Adoption::Announce(text) => Some(text),
            Adoption::Use => None,
            Adoption::Drop => return,
        };
        kept.adopted.push(Adopted { key, in_use: instead_of.is_none(), instead_of, confirmed: false });
    }

    /// Every key before this adopted one is gone.
    pub fn confirm_adopted(&self, key: &Secret) {
        let mut is_gone = false;
        for adopted in self.kept().adopted.iter_mut().rev() {
            adopted.in_use &= !is_gone;
            if adopted.key == *key {
                adopted.confirmed = true;
                is_gone = true;
            }
        }
    }

    /// The static key that is in use.
    pub fn static_key(&self) -> Option<Secret> {
        let kept = self.kept();
        kept.life.last_token().filter(|token| token.is_key).map(|token| token.secret.clone())
    }

    /// After a 401 of a key: one that was announced takes its place, and one that was adopted gives way to the one before, unless
    /// that is known to be gone. A late 401 of the one before says nothing of it. Tells whether another is used from now on.
    pub(super) fn doubt_key(&self, adopted: &mut Vec<Adopted>, refused: &Secret) -> bool {
        let asks = matches!(self.0.config.provider.credentials().as_slice(), [(_, Credential::Ask(_))]);
        let Some(last) = adopted.last_mut() else { return false };
        let is_announced = last.instead_of.is_some();
        let is_refused = last.in_use && last.key == *refused && (asks || !last.confirmed);
        let is_its_time = !last.in_use && last.instead_of.as_ref() == Some(refused);
        if is_refused && !is_announced {
            adopted.pop();
        } else if is_refused || is_its_time {
            last.in_use = is_its_time;
        }
        is_refused || is_its_time
    }
}
