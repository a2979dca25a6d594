//! A list, page by page, by the cursors of the service.

use super::{MAX_PAGE, generation};
use crate::client::Script;
use crate::error::Code;
use crate::json::{Json, Value};
use crate::provider::masumi::keys::{self as wire, Generation, List};

/// More requests than it takes to go back to the beginning of any list.
const MAX_TRIES: usize = 32;

/// So many rows of a list, from the one at the cursor on, which is the first of them; nothing where the service has none there.
pub(super) fn rows<'j>(
    script: &mut Script<'j>,
    list: List,
    cursor: Option<&Json>,
    take: usize,
) -> Option<&'j Vec<Value>> {
    let generation = generation(script);
    let is_by_id = generation == Generation::V28 || list == List::RpcKeys;
    let at = cursor.map(|row| row.text(if is_by_id { "id" } else { "secret" }));
    let read = if list == List::Keys { wire::PAGE } else { wire::RPC_PAGE };
    let rows = script.get(&wire::page(generation, list, take, at), read);
    if let Some(at) = at {
        // In 0.25 it is another key's text, and a `fetch` may name the whole URL when it fails.
        script.scrub(at);
    }
    let rows = rows.as_list()?;
    match cursor {
        // An unknown cursor answers an empty list, as if that were all.
        Some(cursor) if !rows.first().is_some_and(|row| row.says("id", cursor.text("id"))) => None,
        _ => Some(rows),
    }
}

/// All keys; up to the page with the one of this id, if one is named.
pub(super) fn all<'j>(script: &mut Script<'j>, last: Option<&str>) -> Vec<&'j Json> {
    let mut pages = Pages::default();
    let mut all = Vec::new();
    while !pages.ended && !script.stands() && last.is_none_or(|last| by_id(&all, last).is_none()) {
        pages.next(script, List::Keys, MAX_PAGE, &mut all);
    }
    all
}

/// The one of this id among these.
pub(super) fn by_id<'j>(rows: &[&'j Json], id: &str) -> Option<&'j Json> {
    rows.iter().find(|row| row.says("id", id)).copied()
}

/// Where a listing stands: oldest first, and each key that is there from beginning to end comes once, whichever others are
/// deleted meanwhile.
#[derive(Default)]
pub(super) struct Pages {
    /// The rows that were given: what of each can be a cursor.
    seen: Vec<Value>,
    ended: bool,
}

impl Pages {
    /// Adds the next rows of a list, up to so many; none after the last. It goes on at the last row that was given. Where that one
    /// was deleted, at one before it, going back in steps that double, and in the end at the beginning: what comes again from there
    /// on is left out.
    pub(super) fn next<'j>(
        &mut self,
        script: &mut Script<'j>,
        list: List,
        size: usize,
        page: &mut Vec<&'j Json>,
    ) {
        if self.ended {
            return;
        }
        let count = self.seen.len();
        let mut back: usize = 1;
        // Going back takes few requests, and coming forward again one for each hundred: a list that takes more is none.
        for _ in 0..count / 64 + MAX_TRIES {
            let first = count.saturating_sub(back);
            let known = count - first;
            let cursor = if back <= count { self.seen.get(first).map(|row| &**row) } else { None };
            let take = (size + known).min(MAX_PAGE);
            let Some(rows) = rows(script, list, cursor, take) else {
                if script.stands() {
                    return;
                }
                back *= 2;
                continue;
            };
            self.ended = rows.len() < take;
            back = 1;
            for row in rows {
                let id = row.text("id");
                let at = self.seen.iter().skip(first).take(known).position(|known| known.says("id", id));
                // How far back the last of them is.
                back = at.map_or(1, |at| known - at);
                if at.is_none() {
                    page.push(row);
                    let cursor = Value::object().with("id", id.into());
                    self.seen.push(cursor.with("secret", row.text("secret").into()));
                }
            }
            if self.ended || self.seen.len() > count {
                return;
            }
        }
        let message = "the service's list of keys does not end: does it know its cursor?";
        script.refuse(Code::Response, message);
    }
}
