//! What a final list must wait for: every blocker by name, with its owner and how many.

use lexicon::Blocker;

use crate::commit::Stage;
use crate::form::Roll;
use crate::reconcile::contradicting_rows;
use crate::snapshot::Snapshot;

/// What waits outside the snapshot, as the office knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Claims without an answer.
    pub unanswered_claims: u64,
    /// Lots of the field verification that are not finished.
    pub open_lots: u64,
    /// Doubtful links and addresses of the commission's list that nobody has answered.
    pub undecided_rows: u64,
    /// Cases of records that may be one person, undecided.
    pub open_cases: u64,
    /// Whether the office has not said what waits: the counts above then mean nothing.
    pub is_office_silent: bool,
    /// The stage of the last release that both institutions signed; none when there is none.
    pub signed_stage: Option<Stage>,
}

/// Whether both institutions may let a final list pass over blockers of a kind: the office's desk and the signed file
/// of the freeze both ask this.
///
/// Never over what makes the list wrong in itself: an address in no precinct or in two, or a list that nobody was shown
/// before, or an office that has not said what waits. What waits for somebody's answer can be answered for, with its number and a reason.
#[must_use]
pub const fn may_be_signed_off(blocker: Blocker) -> bool {
    match blocker {
        Blocker::Boundary | Blocker::StageBefore | Blocker::OfficeSilent => false,
        Blocker::PinConflict
        | Blocker::UnansweredClaim
        | Blocker::FieldLot
        | Blocker::OpenCase
        | Blocker::UndecidedRow => true,
    }
}

/// The institution that clears a blocker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// The registration service.
    RegistrationService,
    /// The desk of claims.
    ClaimsDesk,
    /// A territorial commission.
    TerritorialCommission,
    /// A precinct commission.
    PrecinctCommission,
    /// Both institutions that sign.
    BothSigners,
}

impl Owner {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Owner::RegistrationService => "registration_service",
            Owner::ClaimsDesk => "claims_desk",
            Owner::TerritorialCommission => "territorial_commission",
            Owner::PrecinctCommission => "precinct_commission",
            Owner::BothSigners => "both_signers",
        }
    }

    /// Who clears it.
    #[must_use]
    pub fn of(blocker: Blocker) -> Self {
        match blocker {
            Blocker::Boundary => Owner::TerritorialCommission,
            Blocker::PinConflict
            | Blocker::UndecidedRow
            | Blocker::OpenCase
            | Blocker::OfficeSilent => Owner::RegistrationService,
            Blocker::UnansweredClaim => Owner::ClaimsDesk,
            Blocker::FieldLot => Owner::PrecinctCommission,
            Blocker::StageBefore => Owner::BothSigners,
        }
    }
}

/// One thing that holds a final list back. Its sentence and next step are `texts.blocker` of its code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// What.
    pub blocker: Blocker,
    /// Who clears it.
    pub owner: Owner,
    /// How many.
    pub count: u64,
}

/// Everything that holds back a release of a stage, in the order of [`Blocker::ALL`]; only a final list waits.
#[must_use]
pub fn blockers(snapshot: &Snapshot, roll: &Roll, stage: Stage, waiting: Waiting) -> Vec<Held> {
    match stage {
        Stage::Preliminary | Stage::Control => Vec::new(),
        Stage::Final => Blocker::ALL
            .iter()
            .map(|&blocker| Held {
                blocker,
                owner: Owner::of(blocker),
                count: count(blocker, snapshot, roll, waiting),
            })
            .filter(|held| held.count > 0)
            .collect(),
    }
}

fn count(blocker: Blocker, snapshot: &Snapshot, roll: &Roll, waiting: Waiting) -> u64 {
    match blocker {
        Blocker::Boundary => roll.blockers().count() as u64,
        Blocker::PinConflict => roll.count.excluded[lexicon::ExclusionReason::PinConflict as usize],
        Blocker::UnansweredClaim => waiting.unanswered_claims,
        Blocker::FieldLot => waiting.open_lots,
        Blocker::UndecidedRow => waiting.undecided_rows + contradicting_rows(snapshot).len() as u64,
        Blocker::StageBefore => match waiting.signed_stage {
            // A final list may follow the one before it, when a later one replaces it whole.
            Some(Stage::Control | Stage::Final) => 0,
            Some(Stage::Preliminary) | None => 1,
        },
        Blocker::OpenCase => waiting.open_cases,
        Blocker::OfficeSilent => u64::from(waiting.is_office_silent),
    }
}

/// What no sign-off covers; it has to be settled before one is given.
#[must_use]
pub fn not_for_sign_off(held: &[Held]) -> Vec<Held> {
    held.iter()
        .filter(|held| !may_be_signed_off(held.blocker))
        .copied()
        .collect()
}

/// What a sign-off by both institutions does not cover: blockers it does not name, more of them than it names, and kinds
/// over which nobody lets a list pass ([`may_be_signed_off`]), even when it names them.
#[must_use]
pub fn not_covered(held: &[Held], signed_off: &[(Blocker, u64)]) -> Vec<Held> {
    let covers = |held: &&Held| {
        may_be_signed_off(held.blocker)
            && signed_off
                .iter()
                .any(|(blocker, count)| *blocker == held.blocker && *count >= held.count)
    };
    held.iter().filter(|held| !covers(held)).copied().collect()
}

#[cfg(test)]
mod tests;
