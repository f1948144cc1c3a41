//! What keeps a release from being signed, by name.
//!
//! [`SOURCES`] is the list: a room that knows another reason adds a row, and the dashboard, the page where two
//! persons sign and the act itself ask all of them. The dashboard counts anew only what an act can have changed
//! ([`Rests`]): the counts themselves pass over everything that waits, and a page is not to wait for them.

use std::collections::BTreeMap;

use lexicon::{Blocker as Kind, Date};
use register::CaseKind;
use register::conflict::ConflictKind;
use roll::blockers::{Owner, may_be_signed_off};
use roll::field::Progress as FieldProgress;
use store::conflicts::ConflictCounts;
use store::{Institution, ReleaseRow, SignOffRow, StoreError, Tx};

use crate::desks::field::field_classes;
use crate::desks::{contradictions, review};
use crate::role::Right;

/// For what is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The release.
    pub release: &'a ReleaseRow,
    /// PIN conflicts as they are today.
    pub conflicts: &'a ConflictCounts,
    /// Cases of each kind: all, and those decided.
    pub cases: &'a [(CaseKind, u64, u64)],
}

/// What a count rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rests {
    /// Anything: it is counted at each look.
    Anything,
    /// How far its tables have grown. INVARIANT (append-only): their rows are only added (the store refuses else), so
    /// that the same numbers mean the same rows and the same count.
    Growth(Vec<u64>),
}

/// Counts of earlier looks, by release and source, with what they rested on.
pub type KeptCounts = BTreeMap<(u32, &'static str), (Vec<u64>, u64)>;

type Rested = fn(&mut Tx<'_>, Asked<'_>) -> Result<Rests, StoreError>;

fn on_anything(_: &mut Tx<'_>, _: Asked<'_>) -> Result<Rests, StoreError> {
    Ok(Rests::Anything)
}

/// Something that may keep a release from being signed.
#[derive(Debug)]
pub struct BlockerSource {
    /// Its code; the text is `blocker.CODE`.
    pub code: &'static str,
    /// What the freeze counts it under.
    pub kind: Kind,
    /// What that number rests on.
    pub rests_on: Rested,
    /// How many of it there are now.
    pub count: fn(&mut Tx<'_>, Asked<'_>) -> Result<u64, StoreError>,
    /// Who settles it.
    pub owner: Owner,
    /// Where it is settled.
    pub href: fn(u32) -> String,
    /// The right that the page asks for.
    pub right: Right,
    /// Whether two institutions may answer for it instead of settling it: of a kind that the freeze knows, the rule's
    /// word.
    pub may_be_signed_off: bool,
}

/// What is asked today.
pub const SOURCES: &[BlockerSource] = &[
    BlockerSource {
        code: "findings",
        kind: Kind::Boundary,
        rests_on: |_, _| Ok(Rests::Growth(Vec::new())),
        count: |tx, asked| {
            let counts = tx.finding_counts(asked.release.number)?;
            Ok(counts.iter().filter(|c| c.1).map(|c| c.2).sum())
        },
        owner: Owner::TerritorialCommission,
        href: |release| format!("/list/{release}/findings"),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::Boundary),
    },
    BlockerSource {
        // Shared PINs and persons with two, unless two officers accepted that one stays open.
        code: "pin_conflicts",
        kind: Kind::PinConflict,
        rests_on: on_anything,
        count: |_, asked| Ok(asked.conflicts.blocking()),
        owner: Owner::RegistrationService,
        href: |_| "/conflicts".to_owned(),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::PinConflict),
    },
    BlockerSource {
        // What the desk of conflicts does not keep yet; what it keeps is counted there.
        code: "shared_pin_cases",
        kind: Kind::PinConflict,
        rests_on: on_anything,
        count: |_, asked| {
            let open = open_cases(asked.cases, CaseKind::SharedPin);
            Ok(open.saturating_sub(asked.conflicts.unsettled(ConflictKind::SharedPin)))
        },
        owner: Owner::RegistrationService,
        href: |_| "/cases/overview?kind=shared_pin".to_owned(),
        right: Right::OverseeCases,
        may_be_signed_off: may_be_signed_off(Kind::PinConflict),
    },
    BlockerSource {
        code: "duplicate_cases",
        kind: Kind::OpenCase,
        rests_on: on_anything,
        count: |_, asked| Ok(open_cases(asked.cases, CaseKind::Duplicate)),
        owner: Owner::RegistrationService,
        href: |_| "/cases/overview".to_owned(),
        right: Right::OverseeCases,
        may_be_signed_off: may_be_signed_off(Kind::OpenCase),
    },
    BlockerSource {
        code: "open_claims",
        kind: Kind::UnansweredClaim,
        rests_on: |tx, asked| {
            let filed = tx.count_claims_filed(asked.release.frozen_at)?;
            Ok(Rests::Growth(vec![filed]))
        },
        count: |tx, asked| tx.count_open_claims(asked.release.number, asked.release.frozen_at),
        owner: Owner::ClaimsDesk,
        href: |_| "/claims?outcome=open".to_owned(),
        right: Right::SeeClaims,
        may_be_signed_off: may_be_signed_off(Kind::UnansweredClaim),
    },
    BlockerSource {
        code: "field_waiting",
        kind: Kind::FieldLot,
        rests_on: |tx, _| {
            let mut growth = vec![latest_release(tx)?, tx.field_growth()?[0]];
            growth.extend(last_run(tx)?);
            Ok(Rests::Growth(growth))
        },
        count: |tx, _| Ok(tx.field_waiting(&field_classes())?.values().sum()),
        owner: Owner::TerritorialCommission,
        href: |_| "/field".to_owned(),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::FieldLot),
    },
    BlockerSource {
        code: "field_work",
        kind: Kind::FieldLot,
        rests_on: on_field,
        count: |tx, _| {
            let at = tx.field_in_lots()?;
            let of = |progress| at.get(&progress).copied().unwrap_or(0);
            Ok(of(FieldProgress::Open) + of(FieldProgress::Late))
        },
        owner: Owner::PrecinctCommission,
        href: |_| "/field".to_owned(),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::FieldLot),
    },
    BlockerSource {
        // Answers that contradict each other: a person decides which one stands.
        code: "field_contradictions",
        kind: Kind::FieldLot,
        rests_on: on_field,
        count: |tx, _| {
            let at = tx.field_in_lots()?;
            Ok(at.get(&FieldProgress::Conflict).copied().unwrap_or(0))
        },
        owner: Owner::RegistrationService,
        href: |_| "/field/answers".to_owned(),
        right: Right::Reconcile,
        may_be_signed_off: may_be_signed_off(Kind::FieldLot),
    },
    BlockerSource {
        code: "link_queue",
        kind: Kind::UndecidedRow,
        rests_on: on_review,
        count: |tx, _| review::open_links(tx),
        owner: Owner::RegistrationService,
        href: |_| "/review".to_owned(),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::UndecidedRow),
    },
    BlockerSource {
        code: "address_queue",
        kind: Kind::UndecidedRow,
        rests_on: on_review,
        count: |tx, _| review::open_addresses(tx),
        owner: Owner::RegistrationService,
        href: |_| "/review".to_owned(),
        right: Right::SeeFigures,
        may_be_signed_off: may_be_signed_off(Kind::UndecidedRow),
    },
    BlockerSource {
        code: "contradictions",
        kind: Kind::UndecidedRow,
        rests_on: |tx, _| {
            let edition = tx.find_list_in_force()?;
            let mut growth = vec![edition.map_or(0, |edition| u64::from(edition) + 1)];
            growth.extend(tx.review_growth()?);
            growth.extend(tx.verdict_growth()?);
            growth.extend(last_run(tx)?);
            Ok(Rests::Growth(growth))
        },
        count: |tx, _| contradictions::count(tx),
        owner: Owner::RegistrationService,
        href: |_| "/review/contradictions".to_owned(),
        right: Right::Reconcile,
        may_be_signed_off: may_be_signed_off(Kind::UndecidedRow),
    },
];

fn on_field(tx: &mut Tx<'_>, _: Asked<'_>) -> Result<Rests, StoreError> {
    Ok(Rests::Growth(tx.field_growth()?.to_vec()))
}

fn on_review(tx: &mut Tx<'_>, _: Asked<'_>) -> Result<Rests, StoreError> {
    let mut growth = tx.review_growth()?.to_vec();
    growth.extend(last_run(tx)?);
    Ok(Rests::Growth(growth))
}

/// The latest reconciliation.
fn last_run(tx: &mut Tx<'_>) -> Result<Option<u64>, StoreError> {
    Ok(tx.find_last_reconciliation()?.map(u64::from))
}

fn latest_release(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let releases = tx.releases()?;
    Ok(releases.last().map_or(0, |row| u64::from(row.number)))
}

fn open_cases(counts: &[(CaseKind, u64, u64)], kind: CaseKind) -> u64 {
    counts
        .iter()
        .filter(|(known, _, _)| *known == kind)
        .map(|(_, all, decided)| all - decided)
        .sum()
}

/// Whether a source of this code counts field work.
#[must_use]
pub fn is_field_work(code: &str) -> bool {
    let mut sources = SOURCES.iter();
    sources.any(|source| source.code == code && source.kind == Kind::FieldLot)
}

/// One blocker of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Its code; the text is `blocker.CODE`.
    pub code: &'static str,
    /// How many.
    pub count: u64,
    /// Who settles it.
    pub owner: Owner,
    /// Where it is settled.
    pub href: String,
    /// The right that the page asks for.
    pub right: Right,
    /// Whether two institutions may answer for it instead.
    pub may_be_signed_off: bool,
    /// The institutions that answer for exactly this many.
    pub signed_off: Vec<Institution>,
}

impl Blocker {
    /// Whether it keeps the release from being signed: it is not settled, and not both institutions answer for it.
    #[must_use]
    pub fn stops(&self) -> bool {
        !self.may_be_signed_off
            || Institution::ALL
                .iter()
                .any(|institution| !self.signed_off.contains(institution))
    }
}

/// Everything of [`SOURCES`] that is there now, in their order. What rests on the same rows as a kept count is taken from
/// there; with nothing kept every source is counted.
///
/// # Errors
/// The store's.
pub fn blockers(
    tx: &mut Tx<'_>,
    release: &ReleaseRow,
    today: Date,
    kept: &mut KeptCounts,
) -> Result<Vec<Blocker>, StoreError> {
    let answered = tx.sign_offs(release.number)?;
    let conflicts = tx.conflict_counts(today)?;
    let cases = tx.case_counts()?;
    let asked = Asked {
        release,
        conflicts: &conflicts,
        cases: &cases,
    };
    let mut found = Vec::new();
    for source in SOURCES {
        let at = (release.number, source.code);
        let rests = (source.rests_on)(tx, asked)?;
        let count = match (&rests, kept.get(&at)) {
            (Rests::Growth(growth), Some((known, count))) if growth == known => *count,
            (Rests::Growth(_) | Rests::Anything, _) => (source.count)(tx, asked)?,
        };
        if let Rests::Growth(growth) = rests {
            kept.insert(at, (growth, count));
        }
        if count > 0 {
            found.push(Blocker {
                code: source.code,
                count,
                owner: source.owner,
                href: (source.href)(release.number),
                right: source.right,
                may_be_signed_off: source.may_be_signed_off,
                signed_off: institutions(&answered, source.code, count),
            });
        }
    }
    Ok(found)
}

/// Who answers for exactly so many of a blocker.
fn institutions(answered: &[SignOffRow], code: &str, count: u64) -> Vec<Institution> {
    answered
        .iter()
        .filter(|row| row.blocker == code && row.waiting == count)
        .map(|row| row.institution)
        .collect()
}

/// How far a release is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Progress {
    /// Formed and received.
    Formed,
    /// Approved by one institution.
    ApprovedByOne,
    /// Approved by two persons of two institutions.
    Approved,
    /// Seen in a publication.
    Published,
}

impl Progress {
    /// The code of its text, `progress.CODE`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Progress::Formed => "formed",
            Progress::ApprovedByOne => "approved_by_one",
            Progress::Approved => "approved",
            Progress::Published => "published",
        }
    }

    /// Reads how far a release is. An approval of another root is none.
    ///
    /// # Errors
    /// The store's.
    pub fn of(tx: &mut Tx<'_>, release: &ReleaseRow) -> Result<Self, StoreError> {
        if tx.find_published(release.number)?.is_some() {
            return Ok(Progress::Published);
        }
        let approvals = tx.approvals(release.number)?;
        let good = approvals.iter().filter(|row| row.root == release.root);
        Ok(match good.count() {
            0 => Progress::Formed,
            1 => Progress::ApprovedByOne,
            _ => Progress::Approved,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocker_stops_until_both_institutions_answer_for_exactly_so_many() {
        let row = |institution, waiting| SignOffRow {
            blocker: "open_claims".to_owned(),
            waiting,
            institution,
            staff: "a".to_owned(),
            reason: "r".to_owned(),
            at: lexicon::Instant::from_micros(0),
        };
        let blocker = |rows: &[SignOffRow], may_be_signed_off| Blocker {
            code: "open_claims",
            count: 3,
            owner: Owner::ClaimsDesk,
            href: String::new(),
            right: Right::SeeClaims,
            may_be_signed_off,
            signed_off: institutions(rows, "open_claims", 3),
        };
        let both = [
            row(Institution::Registration, 3),
            row(Institution::Commission, 3),
        ];
        assert!(!blocker(&both, true).stops());
        assert!(blocker(&both, false).stops());
        assert!(blocker(&both[..1], true).stops());
        let other = [
            row(Institution::Registration, 3),
            row(Institution::Commission, 2),
        ];
        assert!(blocker(&other, true).stops());
    }
}
