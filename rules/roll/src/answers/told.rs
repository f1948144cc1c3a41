//! What the signed deltas after a release say of each person whom they name.

use std::collections::BTreeMap;

use lexicon::PersonId;
use lexicon::handover::delta::{ChangeKind, LineChange, ListDelta};
use lexicon::handover::lookup::LineTold;
use lexicon::handover::release::SaltedLine;

/// A delta in force with what stands beside it; its signatures and its place in the chain are checked already.
#[derive(Clone, Debug)]
pub struct SignedDelta {
    /// The document.
    pub delta: ListDelta,
    /// The added and changed lines, by precinct and line.
    pub lines: BTreeMap<(u16, u32), SaltedLine>,
    /// Whose line each change is, in their order.
    pub people: Vec<PersonId>,
}

impl SignedDelta {
    /// The changes with whose line each is, as their reader must take them: a voter who moves is struck in one precinct and
    /// added in another, and changes stand by precinct, so all strikes come before the others.
    pub fn changes(&self) -> impl Iterator<Item = (&LineChange, PersonId)> {
        let of = move |are_strikes: bool| {
            let all = self.delta.changes.iter().zip(self.people.iter().copied());
            all.filter(move |(change, _)| (change.kind == ChangeKind::Strike) == are_strikes)
        };
        of(true).chain(of(false))
    }
}

/// One person after the last delta.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonTold {
    /// The line in force; none for a person who was struck.
    pub line: Option<SaltedLine>,
    /// The line that was struck last, when a delta had written it; none: it was the release's.
    pub was: Option<SaltedLine>,
    /// By delta; of one delta the strike before the addition.
    pub changes: Vec<LineTold>,
}

/// Folds the deltas, in their order, by person.
#[must_use]
pub fn told(deltas: &[SignedDelta]) -> BTreeMap<PersonId, PersonTold> {
    let mut by_person: BTreeMap<PersonId, PersonTold> = BTreeMap::new();
    for signed in deltas {
        for (change, person) in signed.changes() {
            let person = by_person.entry(person).or_default();
            if change.kind == ChangeKind::Strike {
                person.was = person.line.take();
            } else {
                person.line = signed.lines.get(&(change.precinct, change.line)).cloned();
            }
            person.changes.push(LineTold {
                delta: signed.delta.number,
                effective_at: signed.delta.effective_at,
                kind: change.kind,
                reason: change.reason.clone(),
                precinct: change.precinct,
                line: change.line,
            });
        }
    }
    by_person
}
