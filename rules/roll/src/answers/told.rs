//! What the signed deltas after a release say of each person whom they name.

use std::collections::BTreeMap;

use lexicon::PersonId;
use lexicon::handover::delta::{ChangeKind, ListDelta};
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
        let changes = || signed.delta.changes.iter().zip(&signed.people);
        let is_strike = |kind| kind == ChangeKind::Strike;
        // A voter who moves is struck in one precinct and added in another: changes stand by precinct.
        let strikes = changes().filter(|(change, _)| is_strike(change.kind));
        let others = changes().filter(|(change, _)| !is_strike(change.kind));
        for (change, person) in strikes.chain(others) {
            let person = by_person.entry(*person).or_default();
            if is_strike(change.kind) {
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
