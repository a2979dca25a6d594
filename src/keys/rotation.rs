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

use super::model::MAX_CREDITS;
use super::script::{Script, Step, Stop};
use super::{ApiKey, ApiKeyChanges, Credit, Keys, NewApiKey, wire};
use crate::client::{Adoption, Repeat};
use crate::config::Fields;
use crate::error::{Code, Error, Result};
use crate::event::KeyAction;
use crate::http::Answer;
use crate::provider::masumi::keys::Row;
use crate::text::{join, text};
use crate::token::Secret;
use std::cell::RefCell;

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
    progress: RefCell<Option<Progress>>,
    /// The text of the old key, where it is known. Read once, as later this client may hold another.
    old_text: RefCell<Option<Secret>>,
    /// The text that was made for it here.
    text: RefCell<Option<Secret>>,
}

/// What was done so far.
#[derive(Clone)]
struct Progress {
    /// The old key, as it was read.
    old: ApiKey,
    /// Whether it is the client's own.
    is_own: bool,
    /// The id of the new key; of the old one where it was changed in place.
    new: String,
    /// Its text.
    text: Secret,
    /// What the new key is to have at most once a change that was sent has taken from it: if nothing was heard of the change,
    /// this tells whether it was made.
    taking: Vec<Credit>,
    ended: bool,
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
            progress: RefCell::default(),
            old_text: RefCell::default(),
            text: RefCell::default(),
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
    pub fn begin(&self, script: &mut Script) -> Step<(ApiKey, Secret)> {
        let own = self.keys.status(script).map_err(|stop| stop.saying(NOTHING))?;
        let Row { key: old, token } =
            self.keys.find(script, &self.id).map_err(|stop| stop.saying(NOTHING))?;
        let is_own = own.id() == self.id;
        let adopted = self.adopt.unwrap_or(is_own);
        if adopted && !is_own {
            return Err(Error::field("adopt", "is for the key that this client uses itself").into());
        }
        if old.text("status") != "Active" {
            return Err(Error::new(Code::Conflict, "the key is revoked: there is nothing to rotate").into());
        }
        if self.old_text.borrow().is_none() {
            let known = if is_own { self.keys.client.static_key() } else { self.keys.shown(token) };
            self.old_text.replace(known);
        }
        let (key, secret) = if self.in_place {
            self.replace_text(script, &old, is_own, adopted)?
        } else {
            self.make(script, &old)?
        };
        if adopted {
            script.adopt(&secret, Adoption::Use)?;
        }
        script.tell(KeyAction::Rotate, key.id())?;
        let new = key.id().to_owned();
        let text = secret.clone();
        self.progress.replace(Some(Progress { old, is_own, new, text, taking: Vec::new(), ended: false }));
        Ok((key, secret))
    }

    /// Makes a key that is just like the old one, and proves it.
    fn make(&self, script: &mut Script, old: &ApiKey) -> Step<(ApiKey, Secret)> {
        let keys = &self.keys;
        let before = keys.ids(script).map_err(|stop| stop.saying(NOTHING))?;
        let request = wire::create(keys.generation, keys.base_url(), &NewApiKey::like(old));
        let answer = script.change(request);
        let made = match answer.and_then(|answer| Ok(wire::read_key(keys.generation, answer)?)) {
            Err(Stop::Failed(error)) if may_have_acted(&error) => {
                return Err(self.lost(script, &before, error));
            }
            made => made.map_err(|stop| stop.saying(NOTHING))?,
        };
        let id = made.key.id();
        let error = match keys.status_of(script, &made.token) {
            Ok(new) if new.id() == id && new.is_like(old) => return Ok((new, made.token)),
            Ok(_) => Error::new(Code::Response, "the service made a key that is not like the old one"),
            Err(Stop::Failed(error)) if self.cannot_ask(&made.key, &error) && made.key.is_like(old) => {
                return Ok((made.key, made.token));
            }
            Err(Stop::Failed(error)) => error,
            Err(Stop::Needs) => return Err(Stop::Needs),
        };
        // What does not work, or may do more than the old one, does not stay.
        let is_there = match keys.end(script, id) {
            Ok(_) => " was revoked, and the old one works",
            Err(Stop::Failed(_)) => " may still work, and is to be revoked; the old one works",
            Err(Stop::Needs) => return Err(Stop::Needs),
        };
        Err(error.saying(&text!["; the new key ", id, is_there]).into())
    }

    /// Whether an answer proves a key good all the same: one that may not read is not told of itself.
    fn cannot_ask(&self, key: &ApiKey, error: &Error) -> bool {
        error.code == Code::Forbidden && key.0.get("canRead").is_some() && !key.is("canRead")
    }

    /// Nobody knows whether a key was made, and its text would be lost: which are new, then?
    fn lost(&self, script: &mut Script, before: &[String], error: Error) -> Stop {
        let said = match self.keys.ids(script) {
            Ok(ids) => {
                let mut new = Vec::new();
                for id in &ids {
                    if !before.contains(id) {
                        new.push(id.as_str());
                    }
                }
                if new.is_empty() {
                    "; no key was made so far, and the old one works".to_owned()
                } else {
                    let new = join(&new, ", ");
                    text!["; to be revoked, unless somebody else made it: ", new, "; the old one works"]
                }
            }
            Err(Stop::Failed(_)) => {
                "; keys.list() tells whether there is a new key, and the old one works".to_owned()
            }
            Err(Stop::Needs) => return Stop::Needs,
        };
        error.saying(&said).into()
    }

    /// Gives the key itself a text that is made here (recordings 082 to 084), and proves it.
    fn replace_text(
        &self,
        script: &mut Script,
        old: &ApiKey,
        is_own: bool,
        adopted: bool,
    ) -> Step<(ApiKey, Secret)> {
        let keys = &self.keys;
        // Made once, and not again each time that the script runs.
        let secret = match &*self.text.borrow() {
            Some(text) => text.clone(),
            None => Secret::new(text![PREFIX, keys.client.fresh_id()?, keys.client.fresh_id()?]),
        };
        self.text.replace(Some(secret.clone()));
        let announcement = self.old_text.borrow().clone().filter(|_| is_own).map(Adoption::Announce);
        if let Some(announcement) = announcement.clone().filter(|_| adopted) {
            // From the moment that the service changes it, the old text is refused: of requests that are out, too.
            script.adopt(&secret, announcement)?;
        }
        let changed = match self.read(script.change(wire::set_text(keys.base_url(), old, &secret)), &secret) {
            Err(Stop::Failed(error)) if may_have_acted(&error) => Err(error),
            Err(Stop::Failed(error)) => {
                if adopted {
                    script.adopt(&secret, Adoption::Drop)?;
                }
                return Err(error.saying(NOTHING).into());
            }
            answer => Ok(answer?),
        };
        match (keys.status_of(script, &secret), changed) {
            (Ok(key), _) => Ok((key, secret)),
            (Err(Stop::Failed(refused)), Err(error)) if refused.code == Code::Unauthorized => {
                Err(error.saying("; so far it was not, and the key works as before").into())
            }
            // The service says that it was done, and nobody else has the text: it is not thrown away for a proof that fails.
            (Err(Stop::Failed(refused)), Ok(key)) if refused.code != Code::Unauthorized => Ok((key, secret)),
            (Err(Stop::Failed(refused)), _) if self.cannot_ask(old, &refused) => Ok((old.clone(), secret)),
            (Err(Stop::Failed(mut error)), _) => {
                // If it was changed, this client has the one text that works.
                if let Some(announcement) = announcement {
                    script.adopt(&secret, announcement)?;
                }
                error.code = Code::OutcomeUnknown;
                Err(error
                    .saying("; the text of the key may be another one now: rotate it in place again")
                    .into())
            }
            (Err(Stop::Needs), _) => Err(Stop::Needs),
        }
    }

    /// Revokes the old key, and then takes from the new one what the old spent since it was read. After a failure, another call
    /// does what is left.
    ///
    /// # Errors
    /// `ERR_CONFLICT` if there is nothing to finish; else why not. The new key works in any case.
    pub fn finish(&self, script: &mut Script) -> Step<()> {
        let progress = self.under_way()?;
        if progress.ended {
            return Ok(());
        }
        self.keys.client.confirm_adopted(&progress.text);
        if !self.in_place {
            let (old, new) = (progress.old.id(), &progress.new);
            let said = text![
                "; the new key, ",
                new,
                ", works, and the old one, ",
                old,
                ", may still: finish() again"
            ];
            self.keys.end(script, old).map_err(|stop| stop.saying(&said))?;
            if progress.old.is("usageLimited") {
                let said = text![
                    "; the old key, ",
                    old,
                    ", is revoked; the new one, ",
                    new,
                    ", works and may still spend what the old had spent: finish() again"
                ];
                self.settle(script, &progress).map_err(|stop| stop.saying(&said))?;
            }
        }
        self.end();
        Ok(())
    }

    /// Both keys had the credits: what the old one spent, the new one may not spend again.
    fn settle(&self, script: &mut Script, progress: &Progress) -> Step<()> {
        let keys = &self.keys;
        let found = keys.find(script, &progress.new)?.key;
        let held = found.credits();
        let left = keys.find(script, progress.old.id())?.key.credits();
        let (mut taken, mut most) = (Vec::new(), Vec::new());
        for Credit { unit, amount } in progress.old.credits() {
            let has = Credit::of(&held, &unit);
            if progress.taking.iter().any(|most| most.unit == unit && has <= most.amount) {
                continue;
            }
            // It may have spent some of its own meanwhile, and cannot have less than nothing.
            let spent = (amount - Credit::of(&left, &unit)).min(has);
            if spent > 0 {
                most.push(Credit { unit: unit.clone(), amount: has - spent });
                taken.push(Credit { unit, amount: -spent });
            }
        }
        let mut taking = progress.taking.clone();
        for (part, most) in taken.chunks(MAX_CREDITS).zip(most.chunks(MAX_CREDITS)) {
            let changes = ApiKeyChanges::of_credits(part);
            let request = wire::update(keys.generation, keys.base_url(), &found, &changes);
            let result = self.read(script.change(request), &progress.text);
            if !matches!(&result, Err(Stop::Failed(error)) if !may_have_acted(error)) {
                taking.retain(|before| most.iter().all(|most| most.unit != before.unit));
                taking.extend_from_slice(most);
            }
            if let (Err(Stop::Failed(_)), Some(progress)) = (&result, self.progress.borrow_mut().as_mut()) {
                progress.taking = taking;
                return result.map(drop);
            }
            result?;
        }
        Ok(())
    }

    /// Goes back to the old key. Once the rotation has ended, this does nothing.
    ///
    /// # Errors
    /// Why the new key could not be revoked; `ERR_UNSUPPORTED` where a text that was changed in place is not known.
    pub fn abort(&self, script: &mut Script) -> Step<()> {
        let progress = self.under_way()?;
        if progress.ended {
            return Ok(());
        }
        let keys = &self.keys;
        if self.in_place {
            let Some(old_text) = self.old_text.borrow().clone() else {
                let message = "the old text of the key is not known, so it cannot be put back: finish(), or rotate again";
                return Err(Error::new(Code::Unsupported, message).into());
            };
            let request = wire::set_text(keys.base_url(), &progress.old, &old_text);
            let mut changed = self.read(script.change(request.clone()), &old_text);
            if matches!(&changed, Err(Stop::Failed(error)) if progress.is_own && error.code == Code::Unauthorized)
            {
                // This client was left on the old text, which works again only afterwards.
                changed = self
                    .read(script.ask(keys.signed(request, &progress.text), false, Repeat::Never), &old_text);
            }
            let said = "; whether the key has its old text again is not known: abort() again";
            changed.map_err(|stop| stop.saying(said))?;
            script.adopt(&progress.text, Adoption::Drop)?;
        } else {
            script.adopt(&progress.text, Adoption::Drop)?;
            let said =
                text!["; the old key works, and the new one, ", progress.new, ", may still: abort() again"];
            keys.end(script, &progress.new).map_err(|stop| stop.saying(&said))?;
        }
        self.end();
        Ok(())
    }

    /// The key that the answer to a change tells of: one that tells of none is no sign that it was made. The text that was sent
    /// along may be repeated by an error.
    fn read(&self, answer: Step<&Answer>, sent: &Secret) -> Step<ApiKey> {
        let answer = answer.map_err(|stop| stop.scrub(sent))?;
        Ok(wire::read_key(self.keys.generation, answer)?.key)
    }

    fn under_way(&self) -> Result<Progress> {
        let progress = self.progress.borrow().clone();
        progress.ok_or_else(|| Error::new(Code::Conflict, "the rotation has not begun"))
    }

    fn end(&self) {
        if let Some(progress) = self.progress.borrow_mut().as_mut() {
            progress.ended = true;
        }
    }
}

/// Whether the service may have done what was asked, though this came of it.
fn may_have_acted(error: &Error) -> bool {
    matches!(error.code, Code::OutcomeUnknown | Code::Server | Code::Response)
}
