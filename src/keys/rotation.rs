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

use super::model::{self, MAX_CREDITS, amount, amount_of, credit};
use super::pages::{all, by_id};
use super::{generation, wire};
use crate::client::{Adoption, Script};
use crate::error::{Code, Error};
use crate::event::KeyAction;
use crate::http::Method;
use crate::json::{Json, Value};
use crate::provider::masumi::keys::Generation;
use crate::text::{self, NO_TEXT, Text, text};
use crate::token::Secret;
use std::cell::{Cell, OnceCell, RefCell};

/// How the texts start that the service makes.
const PREFIX: &str = "masumi-payment-";

/// What an error says of a rotation that has not begun to change anything.
const NOTHING: &str = "; no key was made or changed";

/// How far a rotation has come.
#[derive(Default)]
pub(super) struct Rotation {
    /// The text of the old key, where it is known. Read once, as later this client may hold another.
    old_text: OnceCell<Secret>,
    /// The text that was made for it here.
    text: OnceCell<Secret>,
    begun: OnceCell<Box<Begun>>,
    ended: Cell<bool>,
}

/// What there is once it has begun.
pub(super) struct Begun {
    /// The old key, as it was read.
    old: Value,
    /// Whether it is the client's own.
    is_own: bool,
    /// The new key, with its text; the old one with another text where it was changed in place.
    new: Value,
    in_place: bool,
    /// Credits: what the new key is to have at most once a change that was sent has taken from it. If nothing was heard of the
    /// change, this tells whether it was made.
    taking: RefCell<Vec<Value>>,
}

impl Rotation {
    /// Makes the new key, proves it, and uses it in this client if it is to. Gives it with its text. If that fails, the error says
    /// which keys there are now, and the old one works.
    pub(super) fn begin(&self, script: &mut Script, id: &str, options: &Json) -> Value {
        let own = super::status(script);
        let old = super::find(script, id);
        let is_own = own.says("id", id);
        let adopts = options.get("adopt").map_or(is_own, |_| options.is_set("adopt"));
        if adopts && !is_own {
            script.fail(Error::field("adopt", "is for the key that this client uses itself"));
        }
        if !old.says("status", "Active") {
            script.refuse(Code::Conflict, "the key is revoked: there is nothing to rotate");
        }
        let in_place = options.is_set("inPlace");
        let before = if in_place { Vec::new() } else { all(script, None) };
        script.explain(NOTHING, &[]);
        if script.stands() {
            return Value::default();
        }
        let known = match generation(script) {
            _ if is_own => script.client.static_key(),
            // In the lists of 0.28 it is masked.
            Generation::V28 => None,
            Generation::V25 => Some(Secret::new(old.text("secret"))),
        };
        if let Some(known) = known {
            let _ = self.old_text.set(known);
        }
        let new = if in_place {
            self.replace_text(script, old, is_own, adopts)
        } else {
            make(script, old, &before)
        };
        if adopts {
            script.adopt(new.text("secret"), Adoption::Use);
        }
        script.tell(KeyAction::Rotate, new.text("id"));
        if !script.stands() {
            let taking = RefCell::default();
            let begun = Begun { old: old.own(), is_own, new: new.clone(), in_place, taking };
            let _ = self.begun.set(Box::new(begun));
        }
        new
    }

    /// Gives the key itself a text that is made here (recordings 082 to 084), and proves it.
    fn replace_text(&self, script: &mut Script, old: &Json, is_own: bool, adopts: bool) -> Value {
        // Made once, and not again each time that the script runs.
        if self.text.get().is_none() {
            let (one, other) = (script.client.fresh_id(), script.client.fresh_id());
            let text = text![PREFIX, script.hold(one), script.hold(other)];
            if script.stands() {
                return Value::default();
            }
            let _ = self.text.set(Secret::new(text));
        }
        let text = self.text.get().map_or(&NO_TEXT, Secret::reveal);
        let announcement = self.old_text.get().filter(|_| is_own);
        if let Some(old_text) = announcement.filter(|_| adopts) {
            // From the moment that the service changes it, the old text is refused: of requests that are out, too.
            script.adopt(text, Adoption::Announce(old_text.clone()));
        }
        let changed = set_text(script, old, text, None);
        let failed = match script.take_error() {
            Some(error) if !may_have_acted(&error) => {
                if adopts {
                    script.adopt(text, Adoption::Drop);
                }
                script.fail_with(error, NOTHING, &[]);
                return Value::default();
            }
            other => other,
        };
        let status = super::status_of(script, text);
        let Some(mut unproved) = script.take_error() else { return with_text(status, text) };
        let is_refused = unproved.code == Code::Unauthorized;
        match failed {
            Some(error) if is_refused => {
                script.fail_with(error, "; no key was made or changed so far, and the old one works", &[]);
            }
            // The service says that it was done, and nobody else has the text: it is not thrown away for a proof that fails.
            None if !is_refused => return with_text(changed, text),
            _ if cannot_ask(old, unproved.code) => return with_text(old, text),
            _ => {
                // If it was changed, this client has the one text that works.
                if let Some(old_text) = announcement {
                    script.adopt(text, Adoption::Announce(old_text.clone()));
                }
                unproved.code = Code::OutcomeUnknown;
                let said = "; the key may have a new text: rotate it in place again";
                script.fail_with(unproved, said, &[]);
            }
        }
        Value::default()
    }

    /// Ends a rotation that has begun, by this. After a failure, another call does what is left; once it has ended, this does nothing.
    pub(super) fn end(&self, script: &mut Script, by: fn(&Self, &Begun, &mut Script)) -> Value {
        match self.begun.get() {
            None => script.refuse(Code::Conflict, "the rotation has not begun"),
            Some(_) if self.ended.get() => {}
            Some(begun) => {
                by(self, begun, script);
                self.ended.set(!script.stands());
            }
        }
        Value::default()
    }

    /// Revokes the old key, and then takes from the new one what the old spent since it was read. The new key works in any case.
    pub(super) fn finish(&self, begun: &Begun, script: &mut Script) {
        script.client.confirm_adopted(&Secret::new(begun.new.text("secret")));
        if !begun.in_place {
            begun.end_old(script);
        }
    }

    /// Goes back to the old key.
    pub(super) fn abort(&self, begun: &Begun, script: &mut Script) {
        let Begun { old, is_own, new, in_place, .. } = begun;
        let new_text = new.text("secret");
        if !in_place {
            let id = new.text("id");
            script.adopt(new_text, Adoption::Drop);
            super::end(script, id);
            return script
                .explain("; the old key works, and the new one, \0, may still: abort() again", &[id]);
        }
        let Some(old_text) = self.old_text.get() else {
            let message = "the key's old text is not known: finish(), or rotate again";
            return script.refuse(Code::Unsupported, message);
        };
        let old_text = old_text.reveal();
        set_text(script, old, old_text, None);
        match script.take_error() {
            // This client was left on the old text, which works again only afterwards.
            Some(error) if *is_own && error.code == Code::Unauthorized => {
                set_text(script, old, old_text, Some(new_text));
            }
            Some(error) => script.fail(error),
            None => {}
        }
        script.explain("; the key may still have its new text: abort() again", &[]);
        script.adopt(new_text, Adoption::Drop);
    }
}

impl Begun {
    /// Ends the old key, and takes from the new one what the old has spent.
    fn end_old(&self, script: &mut Script) {
        let Begun { old, new, .. } = self;
        let (old_id, new_id) = (old.text("id"), new.text("id"));
        super::end(script, old_id);
        let said = "; the new key, \0, works, and the old one, \0, may still: finish() again";
        script.explain(said, &[new_id, old_id]);
        if script.stands() || !old.is_set("usageLimited") {
            return;
        }
        self.settle(script);
        let said = "; the old key, \0, is revoked; the new one, \0, works and may still spend what the old had spent: \
            finish() again";
        script.explain(said, &[old_id, new_id]);
    }

    /// Both keys had the credits: what the old one spent, the new one may not spend again.
    fn settle(&self, script: &mut Script) {
        let Begun { old, new, .. } = self;
        let key = super::find(script, new.text("id"));
        let held = key.list("credits");
        let left = super::find(script, old.text("id")).list("credits");
        let mut taking = self.taking.borrow_mut();
        let mut taken = Vec::new();
        for had in old.list("credits") {
            let unit = had.text("unit");
            let has = amount_of(held, unit);
            let is_taken = has <= amount_of(&taking, unit);
            // It may have spent some of its own meanwhile, and cannot have less than nothing.
            let spent = (amount(had) - amount_of(left, unit)).min(has);
            if spent > 0 && !is_taken {
                taken.push(credit(unit, -spent));
            }
        }
        for part in taken.chunks(MAX_CREDITS) {
            super::change(
                script,
                key,
                &Value::object().with("addCredits", super::to_list(part.iter().map(|taken| &**taken))),
            );
            script.scrub(new.text("secret"));
            let stands = script.stands();
            if !stands || script.error().is_some_and(|error| may_have_acted(error)) {
                for taken in part {
                    let unit = taken.text("unit");
                    let most = amount_of(held, unit) + amount(taken);
                    taking.push(credit(unit, most));
                }
            }
            if stands {
                return;
            }
        }
    }
}

/// Makes a key that is just like the old one, and proves it. These are all that there were before.
fn make(script: &mut Script, old: &Json, before: &[&Json]) -> Value {
    let made = super::make(script, &model::like(old));
    match script.take_error() {
        Some(error) if may_have_acted(&error) => lost(script, before, error),
        Some(error) => script.fail_with(error, NOTHING, &[]),
        None => {}
    }
    if script.stands() {
        return Value::default();
    }
    let (id, text) = (made.text("id"), made.text("secret"));
    let mut proved = super::status_of(script, text);
    if script.error().is_some_and(|error| cannot_ask(made, error.code)) {
        script.take_error();
        proved = made;
    }
    if !(proved.says("id", id) && model::is_like(proved, old)) {
        script.refuse(Code::Response, "the service made a key that is not like the old one");
    }
    let Some(error) = script.take_error() else { return with_text(proved, text) };
    // What does not work, or may do more than the old one, does not stay.
    super::end(script, id);
    let is_there = match script.take_error() {
        None => "; the new key \0 was revoked; the old one works",
        Some(_) => "; the new key \0 may still work: revoke it; the old one works",
    };
    script.fail_with(error, is_there, &[id]);
    Value::default()
}

/// Nobody knows whether a key was made, and its text would be lost: which are new, then?
fn lost(script: &mut Script, before: &[&Json], error: Error) {
    let now = all(script, None);
    let is_told = script.take_error().is_none();
    let mut new = Text::new();
    for key in now {
        let id = key.text("id");
        if is_told && by_id(before, id).is_none() {
            text::append(&mut new, ", ", id);
        }
    }
    let said = match new.is_empty() {
        false => "; to be revoked, unless somebody else made it: \0; the old one works",
        true if is_told => "; no key was made or changed so far, and the old one works",
        true => "; keys.list() tells whether there is a new key; the old one works",
    };
    script.fail_with(error, said, &[&new]);
}

/// Changes the text of a key, and nothing else: as this client, or with another text of a key. An error may repeat what was sent
/// along.
fn set_text<'j>(script: &mut Script<'j>, key: &Json, text: &str, by: Option<&str>) -> &'j Json {
    let body = wire::to_change(generation(script), key, &Value::object().with("token", text.into()));
    let mut request = script.request(Method::Patch, wire::KEYS).json(body.to_text());
    if let Some(by) = by {
        request = super::signed(script, request, by);
    }
    let changed = script.ask(request, by.is_none(), wire::KEY);
    script.scrub(text);
    changed
}

/// A key with this text.
fn with_text(key: &Json, text: &str) -> Value {
    let mut key = key.own();
    key.set("secret", text.into());
    key
}

/// Whether an answer proves a key good all the same: one that may not read is not told of itself.
fn cannot_ask(key: &Json, code: Code) -> bool {
    code == Code::Forbidden && key.get("canRead").is_some() && !key.is_set("canRead")
}

/// Whether the service may have done what was asked, though this came of it.
fn may_have_acted(error: &Error) -> bool {
    matches!(error.code, Code::OutcomeUnknown | Code::Server | Code::Response)
}
