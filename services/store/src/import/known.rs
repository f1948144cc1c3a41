//! What an import knows of a table: rows that were there before, and rows of this run.

use std::collections::{HashMap, HashSet};

use register::door::{Reason, Reject};

use crate::tables::content_mark;

/// Ids of rows that are there: 64-bit key hashes, with the mark of their content.
#[derive(Default)]
pub(super) struct Known {
    before: HashMap<i64, i64>,
    seen: HashSet<i64>,
}

/// What a row is to what is there.
pub(super) enum Fate {
    New,
    Unchanged,
    Changed,
}

impl Known {
    pub(super) fn note(&mut self, key: &str, mark: i64) {
        self.before.insert(content_mark(&[key.as_bytes()]), mark);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        let key = content_mark(&[key.as_bytes()]);
        self.seen.contains(&key) || self.before.contains_key(&key)
    }

    pub(super) fn judge(
        &mut self,
        field: &'static str,
        key: &str,
        mark: i64,
    ) -> Result<Fate, Reject> {
        let key = content_mark(&[key.as_bytes()]);
        let fate = match self.before.get(&key) {
            Some(before) if *before != mark => Fate::Changed,
            Some(_) => Fate::Unchanged,
            None => Fate::New,
        };
        if self.seen.insert(key) {
            Ok(fate)
        } else {
            Err(Reject {
                field,
                reason: Reason::DuplicateId,
            })
        }
    }

    /// True when nothing was noted or judged.
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.seen.is_empty()
    }
}
