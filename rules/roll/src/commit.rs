//! Lines, salted leaves, the root, and the release that two institutions sign.

use lexicon::handover::envelope::{DocumentId, SUITE};
use lexicon::handover::release::{
    ExcludedTotal, ListRelease, PrecinctTotal, RollLine, SaltKey, SaltedLine,
};
use lexicon::{ElectionLaw, ExclusionReason, Instant};

use crate::form::{PrecinctList, Roll, printed};
use crate::snapshot::{PersonAt, Snapshot};

/// How far the list has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// On display for claims.
    Preliminary,
    /// Claims are in.
    Control,
    /// Handed to the commission.
    Final,
}

impl Stage {
    /// The code in documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Stage::Preliminary => "preliminary",
            Stage::Control => "control",
            Stage::Final => "final",
        }
    }

    /// The stage with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Stage::Preliminary, Stage::Control, Stage::Final]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// What a release says beside the list itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReleaseTerms {
    /// Number, from 1.
    pub release: u32,
    /// The release before.
    pub previous: Option<DocumentId>,
    /// Id of the snapshot's manifest.
    pub snapshot: DocumentId,
    /// When the list was frozen.
    pub frozen_at: Instant,
    /// How far the list has come.
    pub stage: Stage,
}

/// A line of the list, as printed and committed to.
#[must_use]
pub fn line(
    snapshot: &Snapshot,
    roll: &Roll,
    list: &PrecinctList,
    at: usize,
    page: u32,
) -> RollLine {
    RollLine {
        precinct: list.precinct.number(),
        line: u32::try_from(at + 1).expect("a precinct has few voters"),
        page,
        ..line_of(snapshot, roll, list.persons[at])
    }
}

/// What a person's line says, wherever it stands: precinct, line and page are 0.
#[must_use]
pub fn line_of(snapshot: &Snapshot, roll: &Roll, person: PersonAt) -> RollLine {
    let ([surname, given, patronymic], born) = printed(snapshot, &roll.claims, person);
    RollLine {
        precinct: 0,
        line: 0,
        page: 0,
        surname: snapshot.words.text(surname).to_owned(),
        given: snapshot.words.text(given).to_owned(),
        patronymic: snapshot.words.text(patronymic).to_owned(),
        born: born.to_string(),
        address: printed_address(snapshot, roll, person),
    }
}

/// Street and house of the residence, as printed; empty when there is none on file.
#[must_use]
pub fn printed_address(snapshot: &Snapshot, roll: &Roll, person: PersonAt) -> String {
    let amended = roll
        .claims
        .amendments
        .get(&person)
        .and_then(|a| a.address)
        .map(|(at, _)| at);
    let address = amended.or_else(|| {
        let at = snapshot.residence_on(person, roll.cut_off)?;
        Some(snapshot.residences[at].address)
    });
    address.map_or_else(String::new, |at| {
        let row = &snapshot.addresses[at.at()];
        let (street, house) = (
            snapshot.words.text(row.street_name),
            snapshot.words.text(row.house),
        );
        [street, house]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    })
}

/// All lines of one precinct with their salts, in order.
#[must_use]
pub fn salted_lines(
    snapshot: &Snapshot,
    roll: &Roll,
    list: &PrecinctList,
    key: &SaltKey,
) -> Vec<SaltedLine> {
    (0..list.persons.len())
        .map(|at| {
            let page = roll.place(list.persons[at]).map_or(0, |place| place.page);
            SaltedLine::new(line(snapshot, roll, list, at, page), key)
        })
        .collect()
}

/// The root over commitments in the order of precincts and lines (RFC 6962).
pub fn root<'a>(commitments: impl IntoIterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    let mut tree = tlog::Tree::new();
    for commitment in commitments {
        tree.push(tlog::leaf_hash(commitment));
    }
    *tree.root().as_bytes()
}

/// Where each precinct's lines stand among the leaves; precincts without voters are named too.
#[must_use]
pub fn precinct_totals(roll: &Roll) -> Vec<PrecinctTotal> {
    let mut first_leaf = 0;
    roll.lists
        .iter()
        .map(|list| {
            let lines = u32::try_from(list.persons.len()).expect("a precinct has few voters");
            let total = PrecinctTotal {
                precinct: list.precinct.number(),
                first_leaf,
                lines,
            };
            first_leaf += u64::from(lines);
            total
        })
        .collect()
}

/// The release document of a formed list.
#[must_use]
pub fn release(roll: &Roll, law: &ElectionLaw, root: [u8; 32], terms: ReleaseTerms) -> ListRelease {
    ListRelease {
        suite: SUITE.to_owned(),
        election: law.election.number,
        release: terms.release,
        previous: terms.previous.map(|id| id.0.into()),
        root: root.into(),
        total: roll.count.total,
        precincts: precinct_totals(roll),
        considered: roll.count.considered,
        excluded: ExclusionReason::ALL
            .iter()
            .zip(roll.count.excluded)
            .map(|(reason, count)| ExcludedTotal {
                reason: reason.code().to_owned(),
                count,
            })
            .collect(),
        law: law.hash.into(),
        snapshot: terms.snapshot.0.into(),
        frozen_at: terms.frozen_at.micros(),
        stage: terms.stage.code().to_owned(),
    }
}

#[cfg(test)]
mod tests;
