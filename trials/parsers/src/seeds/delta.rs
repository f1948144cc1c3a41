//! A list in force and a delta that follows it.

use std::collections::BTreeMap;

use lexicon::handover::delta::{ChangeKind, LineChange, ListDelta, PrecinctAfter, struck};
use lexicon::handover::envelope::encode;
use lexicon::handover::release::{RollLine, SaltKey, SaltedLine};
use lexicon::{PersonId, PrecinctCode};
use roll::delta::InForce;

use super::ELECTION;
use super::documents::{PRECINCT, lines};

/// The release that the delta follows.
const RELEASE: [u8; 32] = [0x66; 32];

fn person(number: u32) -> PersonId {
    PersonId::of_source("seed", &number.to_string())
}

/// The second line with another given name, and a fourth one.
fn new_lines() -> [SaltedLine; 2] {
    let salts = SaltKey::new(&[4; 32]);
    [2, 4].map(|number| {
        let line = RollLine {
            line: number,
            given: "Гүлнара".to_owned(),
            ..lines()[0].line.clone()
        };
        SaltedLine::new(line, &salts)
    })
}

/// Three voters of one precinct, and the lines that the delta brings.
pub fn list_in_force() -> (InForce, BTreeMap<(u16, u32), SaltedLine>) {
    let mut list = InForce::default();
    if let Ok(precinct) = PrecinctCode::new(PRECINCT) {
        list.take_precinct(precinct, &lines());
        for number in 1..=3 {
            list.take_person(person(number), precinct, number);
        }
    }
    let brought = new_lines().map(|salted| ((PRECINCT, salted.line.line), salted));
    (list, BTreeMap::from(brought))
}

/// Whose lines the seed's changes are, in their order.
pub fn people_of_delta() -> Vec<PersonId> {
    [1, 2, 4].map(person).to_vec()
}

/// A delta that strikes line 1, changes line 2 and adds line 4; and one of nothing.
pub fn deltas() -> Vec<Vec<u8>> {
    let before: Vec<[u8; 32]> = lines().iter().map(SaltedLine::commitment).collect();
    let [changed, added] = new_lines().map(|salted| salted.commitment());
    let change = |line, kind, reason: &str, before: Option<[u8; 32]>, after: [u8; 32]| LineChange {
        precinct: PRECINCT,
        line,
        kind,
        reason: reason.to_owned(),
        before: before.map(Into::into),
        after: after.into(),
    };
    let gone = struck(&before[0]);
    let root_before = roll::commit::root(&before);
    let delta = ListDelta {
        suite: "kg1".to_owned(),
        election: ELECTION,
        number: 1,
        release: RELEASE.into(),
        previous: RELEASE.into(),
        root_before: root_before.into(),
        root_after: roll::commit::root(&[gone, changed, before[2], added]).into(),
        voters_before: 3,
        voters_after: 3,
        effective_at: 1_443_700_000_000_000,
        changes: vec![
            change(1, ChangeKind::Strike, "DEAD", Some(before[0]), gone),
            change(2, ChangeKind::Change, "CORRECTED", Some(before[1]), changed),
            change(4, ChangeKind::Add, "ELIGIBLE", None, added),
        ],
        precincts: vec![PrecinctAfter {
            precinct: PRECINCT,
            lines: 4,
            voters: 3,
        }],
        snapshot: [0x55; 32].into(),
        law: [0x44; 32].into(),
    };
    let nothing = ListDelta {
        root_after: delta.root_before,
        changes: Vec::new(),
        precincts: Vec::new(),
        ..delta.clone()
    };
    vec![encode(&delta), encode(&nothing)]
}
