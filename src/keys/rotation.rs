//! A rotation: another key with the same rights takes the place of one, and nothing is lost on the way.
//!
//! ```text
//! begin:  read the old ─▶ make the new, just like it ─▶ prove it ─▶ use it here, if the old was this client's own
//! finish: revoke the old ─▶ take from the new what the old has spent since it was read
//! abort:  use the old here again ─▶ revoke the new
//! ```
//!
//! Until `finish` both keys work, and a failure on the way leaves the old one working. Every step can be made again: what was
//! done is remembered, and what may have been done is looked up first.

use super::Script;
use super::model::MAX_CREDITS;
use super::{ApiKey, ApiKeyChanges, Credit, Keys, NewApiKey, wire};
use crate::client::{Adoption, Repeat};
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::Answer;
use crate::text::{join, text};
use crate::token::Secret;
use std::cell::{Cell, OnceCell, RefCell};

/// How the texts start that the service makes.
const PREFIX: &str = "masumi-payment-";

/// What an error says of a rotation that has not begun to change anything.
const NOTHING: &str = "; no key was made or changed";

/// A rotation of one key.
pub struct Rotation {
    keys: Keys,
    id: String,
    adopt: Option<bool>,
    in_place: bool,
    /// The text of the old key, where it is known. Read once, as later this client may hold another.
    old_text: OnceCell<Secret>,
    /// The text that was made for it here.
    text: OnceCell<Secret>,
    begun: OnceCell<Begun>,
    /// What the new key is to have at most once a change that was sent has taken from it: if nothing was heard of the change,
    /// this tells whether it was made.
    taking: RefCell<Vec<Credit>>,
    ended: Cell<bool>,
}

/// What there is once it has begun.
struct Begun {
    /// The old key, as it was read.
    old: ApiKey,
    /// Whether it is the client's own.
    is_own: bool,
    /// The new key; the old one with another text where it was changed in place.
    new: ApiKey,
}

impl Rotation {
    /// A rotation of the key with this id, by the options that a caller gave. This asks for nothing.
    ///
    /// # Errors
    /// `ERR_CONFIG`, naming every field that is wrong.
    pub fn new(keys: Keys, id: String, mut options: Fields<'_>) -> Result<Self> {
        let adopt = options.flag("adopt");
        let in_place = options.flag("inPlace").unwrap_or(false);
        options.done()?;
        super::check_length("id", &id, super::MAX_ID)?;
        Ok(Rotation {
            keys,
            id,
            adopt,
            in_place,
            old_text: OnceCell::new(),
            text: OnceCell::new(),
            begun: OnceCell::new(),
            taking: RefCell::default(),
            ended: Cell::new(false),
        })
    }

    /// The keys that it is one of.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Makes the new key, proves it, and uses it in this client if it is to. Gives it with its text.
    ///
    /// # Errors
    /// Why not, and which keys there are now. The old one works.
    pub fn begin(&self, script: &mut Script) -> Result<ApiKey> {
        let own = self.keys.status(script).map_err(|error| error.saying(NOTHING))?;
        let old = self.keys.find(script, &self.id).map_err(|error| error.saying(NOTHING))?;
        let is_own = own.id() == self.id;
        let adopted = self.adopt.unwrap_or(is_own);
        if adopted && !is_own {
            return Err(Error::field("adopt", "is for the key that this client uses itself"));
        }
        if old.text("status") != "Active" {
            return Err(Error::new(Code::Conflict, "the key is revoked: there is nothing to rotate"));
        }
        let known = if is_own { self.keys.client.static_key() } else { self.keys.shown(&old) };
        if let Some(known) = known {
            let _ = self.old_text.set(known);
        }
        let new = if self.in_place {
            self.replace_text(script, &old, is_own, adopted)?
        } else {
            self.make(script, &old)?
        };
        if adopted {
            script.adopt(&new.secret, Adoption::Use)?;
        }
        script.tell(KeyAction::Rotate, new.id())?;
        let _ = self.begun.set(Begun { old, is_own, new: new.clone() });
        Ok(new)
    }

    /// Makes a key that is just like the old one, and proves it.
    fn make(&self, script: &mut Script, old: &ApiKey) -> Result<ApiKey> {
        let keys = &self.keys;
        let before = keys.ids(script).map_err(|error| error.saying(NOTHING))?;
        let request = wire::create(keys.generation, keys.base_url(), &NewApiKey::like(old));
        let answer = script.change(request);
        let made = match answer.and_then(|answer| wire::read_key(keys.generation, answer)) {
            Err(error) if may_have_acted(&error) => return Err(self.lost(script, &before, error)),
            made => made.map_err(|error| error.saying(NOTHING))?,
        };
        let id = made.id();
        let error = match keys.status_of(script, &made.secret) {
            Ok(mut new) if new.id() == id && new.is_like(old) => {
                new.secret = made.secret;
                return Ok(new);
            }
            Ok(_) => Error::new(Code::Response, "the service made a key that is not like the old one"),
            Err(error) if self.cannot_ask(&made, &error) && made.is_like(old) => return Ok(made),
            Err(error) => error,
        };
        // What does not work, or may do more than the old one, does not stay.
        let is_there = match keys.end(script, id) {
            Ok(_) => " was revoked, and the old one works",
            Err(_) => " may still work, and is to be revoked; the old one works",
        };
        Err(error.saying(&text!["; the new key ", id, is_there]))
    }

    /// Whether an answer proves a key good all the same: one that may not read is not told of itself.
    fn cannot_ask(&self, key: &ApiKey, error: &Error) -> bool {
        error.code == Code::Forbidden && key.told.get("canRead").is_some() && !key.is("canRead")
    }

    /// Nobody knows whether a key was made, and its text would be lost: which are new, then?
    fn lost(&self, script: &mut Script, before: &[String], error: Error) -> Error {
        let Ok(ids) = self.keys.ids(script) else {
            return error.saying("; keys.list() tells whether there is a new key, and the old one works");
        };
        let mut new = Vec::new();
        for id in ids {
            if !before.contains(&id) {
                new.push(id);
            }
        }
        if new.is_empty() {
            return error.saying("; no key was made so far, and the old one works");
        }
        let new = join(&new, ", ");
        error.saying(&text!["; to be revoked, unless somebody else made it: ", new, "; the old one works"])
    }

    /// Gives the key itself a text that is made here (recordings 082 to 084), and proves it.
    fn replace_text(&self, script: &mut Script, old: &ApiKey, is_own: bool, adopted: bool) -> Result<ApiKey> {
        let keys = &self.keys;
        // Made once, and not again each time that the script runs.
        let secret = match self.text.get() {
            Some(text) => text.clone(),
            None => Secret::new(text![PREFIX, keys.client.fresh_id()?, keys.client.fresh_id()?]),
        };
        let _ = self.text.set(secret.clone());
        let announcement = self.old_text.get().filter(|_| is_own).cloned().map(Adoption::Announce);
        if let Some(announcement) = announcement.clone().filter(|_| adopted) {
            // From the moment that the service changes it, the old text is refused: of requests that are out, too.
            script.adopt(&secret, announcement)?;
        }
        let changed = match self.read(script.change(wire::set_text(keys.base_url(), old, &secret)), &secret) {
            Err(error) if !may_have_acted(&error) => {
                if adopted {
                    script.adopt(&secret, Adoption::Drop)?;
                }
                return Err(error.saying(NOTHING));
            }
            changed => changed,
        };
        let mut key = match (keys.status_of(script, &secret), changed) {
            (Ok(key), _) => key,
            (Err(refused), Err(error)) if refused.code == Code::Unauthorized => {
                return Err(error.saying("; so far it was not, and the key works as before"));
            }
            // The service says that it was done, and nobody else has the text: it is not thrown away for a proof that fails.
            (Err(refused), Ok(key)) if refused.code != Code::Unauthorized => key,
            (Err(refused), _) if self.cannot_ask(old, &refused) => old.clone(),
            (Err(mut error), _) => {
                // If it was changed, this client has the one text that works.
                if let Some(announcement) = announcement {
                    script.adopt(&secret, announcement)?;
                }
                error.code = Code::OutcomeUnknown;
                return Err(
                    error.saying("; the text of the key may be another one now: rotate it in place again")
                );
            }
        };
        key.secret = secret;
        Ok(key)
    }

    /// Revokes the old key, and then takes from the new one what the old spent since it was read. After a failure, another call
    /// does what is left.
    ///
    /// # Errors
    /// `ERR_CONFLICT` if there is nothing to finish; else why not. The new key works in any case.
    pub fn finish(&self, script: &mut Script) -> Result<()> {
        let Begun { old, new, .. } = self.begun()?;
        if self.ended.get() {
            return Ok(());
        }
        self.keys.client.confirm_adopted(&new.secret);
        if !self.in_place {
            let (old_id, new_id) = (old.id(), new.id());
            let said = text![
                "; the new key, ",
                new_id,
                ", works, and the old one, ",
                old_id,
                ", may still: finish() again"
            ];
            self.keys.end(script, old_id).map_err(|error| error.saying(&said))?;
            if old.is("usageLimited") {
                let said = text![
                    "; the old key, ",
                    old_id,
                    ", is revoked; the new one, ",
                    new_id,
                    ", works and may still spend what the old had spent: finish() again"
                ];
                self.settle(script, old, new).map_err(|error| error.saying(&said))?;
            }
        }
        self.ended.set(true);
        Ok(())
    }

    /// Both keys had the credits: what the old one spent, the new one may not spend again.
    fn settle(&self, script: &mut Script, old: &ApiKey, new: &ApiKey) -> Result<()> {
        let keys = &self.keys;
        let found = keys.find(script, new.id())?;
        let held = found.credits();
        let left = keys.find(script, old.id())?.credits();
        let mut taken = Vec::new();
        for Credit { unit, amount } in old.credits() {
            let has = Credit::of(&held, &unit);
            if self.taking.borrow().iter().any(|most| most.unit == unit && has <= most.amount) {
                continue;
            }
            // It may have spent some of its own meanwhile, and cannot have less than nothing.
            let spent = (amount - Credit::of(&left, &unit)).min(has);
            if spent > 0 {
                taken.push(Credit { unit, amount: -spent });
            }
        }
        for part in taken.chunks(MAX_CREDITS) {
            let changes = ApiKeyChanges::of_credits(part);
            let request = wire::update(keys.generation, keys.base_url(), &found, &changes);
            let result = self.read(script.change(request), &new.secret);
            if result.as_ref().err().is_none_or(may_have_acted) {
                for Credit { unit, amount } in part {
                    let most = Credit::of(&held, unit) + amount;
                    Credit::set(&mut self.taking.borrow_mut(), unit.clone(), most);
                }
            }
            result?;
        }
        Ok(())
    }

    /// Goes back to the old key. Once the rotation has ended, this does nothing.
    ///
    /// # Errors
    /// Why the new key could not be revoked; `ERR_UNSUPPORTED` where a text that was changed in place is not known.
    pub fn abort(&self, script: &mut Script) -> Result<()> {
        let Begun { old, is_own, new } = self.begun()?;
        if self.ended.get() {
            return Ok(());
        }
        let keys = &self.keys;
        if self.in_place {
            let Some(old_text) = self.old_text.get() else {
                let message = "the key's old text is not known: finish(), or rotate again";
                return Err(Error::new(Code::Unsupported, message));
            };
            let request = wire::set_text(keys.base_url(), old, old_text);
            let mut changed = self.read(script.change(request.clone()), old_text);
            if changed.as_ref().is_err_and(|error| *is_own && error.code == Code::Unauthorized) {
                // This client was left on the old text, which works again only afterwards.
                let signed = keys.signed(request, &new.secret);
                changed = self.read(script.ask(signed, false, Repeat::Never), old_text);
            }
            let said = "; whether the key has its old text again is not known: abort() again";
            changed.map_err(|error| error.saying(said))?;
            script.adopt(&new.secret, Adoption::Drop)?;
        } else {
            script.adopt(&new.secret, Adoption::Drop)?;
            let said =
                text!["; the old key works, and the new one, ", new.id(), ", may still: abort() again"];
            keys.end(script, new.id()).map_err(|error| error.saying(&said))?;
        }
        self.ended.set(true);
        Ok(())
    }

    /// The key that the answer to a change tells of: one that tells of none is no sign that it was made. The text that was sent
    /// along may be repeated by an error.
    fn read(&self, answer: Result<&Answer>, sent: &Secret) -> Result<ApiKey> {
        let answer = answer.map_err(|error| error.scrub(sent))?;
        wire::read_key(self.keys.generation, answer)
    }

    fn begun(&self) -> Result<&Begun> {
        self.begun.get().ok_or_else(|| Error::new(Code::Conflict, "the rotation has not begun"))
    }
}

/// Whether the service may have done what was asked, though this came of it.
fn may_have_acted(error: &Error) -> bool {
    matches!(error.code, Code::OutcomeUnknown | Code::Server | Code::Response)
}
