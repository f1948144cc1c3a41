//! The adjudication page: the records of a case, shown to the officer whose turn it is. Each record is a recorded look.

use std::collections::BTreeMap;

use dedup::OpinionError;
use lexicon::handover::snapshot::AddressRow;
use lexicon::{PersonId, Sealed};
use register::{CaseId, PersonState, Standing, fold};

use crate::adjudication::AdjudicationError;
use crate::find::Look;
use crate::tables::registry_assignment::QueuedCase;
use crate::tables::registry_print::Prints;
use crate::tables::registry_verdict::CaseView;
use crate::transact::{Store, Tx};

/// One record of a case.
#[derive(Clone, Debug)]
pub struct CaseRecord {
    /// Whose.
    pub person: PersonId,
    /// The matcher's score when the case was opened; 0 for a PIN.
    pub score: u16,
    /// The fold of their acts.
    pub state: Sealed<PersonState>,
    /// Their standing.
    pub standing: Option<Standing>,
    /// The addresses of their residences, by id.
    pub addresses: Sealed<BTreeMap<String, AddressRow>>,
    /// The photograph of their latest capture.
    pub photo: Option<Sealed<Vec<u8>>>,
    /// Their prints, capture by capture.
    pub prints: Vec<Prints>,
}

/// A case as the officer sees it whose turn it is. What others said is not in it.
#[derive(Clone, Debug)]
pub struct CasePage {
    /// The case.
    pub case: CaseView,
    /// The officer's seat.
    pub turn: QueuedCase,
    /// The records, by person.
    pub records: Vec<CaseRecord>,
}

impl Store {
    /// Opens a case for the officer `look.staff`; the look at each record is recorded among the reads.
    ///
    /// # Errors
    /// [`AdjudicationError`] when it is not this officer's turn: not drawn, too early, answered already, or decided.
    pub fn open_case(&self, look: Look<'_>, case: CaseId) -> Result<CasePage, AdjudicationError> {
        self.transact("open_case", look.staff, |tx| {
            let view = tx.find_case(case)?.ok_or(AdjudicationError::NoCase)?;
            if view.verdict.is_some() {
                return Err(OpinionError::Decided.into());
            }
            let Some(turn) = tx.find_turn(look.staff, case)? else {
                return Err(tx.why_not_now(look.staff, &view)?);
            };
            let mut records = Vec::new();
            for (person, score) in &view.persons {
                records.push(tx.case_record(*person, *score)?);
                tx.record_read(Some(*person), look.purpose, &look.detail("case"))?;
            }
            Ok(CasePage {
                case: view,
                turn,
                records,
            })
        })
    }
}

impl Tx<'_> {
    fn case_record(
        &mut self,
        person: PersonId,
        score: u16,
    ) -> Result<CaseRecord, crate::StoreError> {
        let entries = self.acts_of(person)?;
        let state = fold(person, &entries);
        Ok(CaseRecord {
            person,
            score,
            standing: state.standing(person),
            addresses: self.addresses_of(&state)?.into(),
            state: state.into(),
            photo: self.find_photo_of(person)?.map(Sealed::new),
            prints: self.prints_of(person)?,
        })
    }

    /// Why an undecided case is not in an officer's queue.
    fn why_not_now(
        &mut self,
        officer: &str,
        case: &CaseView,
    ) -> Result<AdjudicationError, crate::StoreError> {
        let Some(panel) = self.find_panel(case.case, case.round)? else {
            return Ok(AdjudicationError::NotAssigned);
        };
        let opinions = self.opinions(case.case, case.round)?;
        let has_spoken = opinions.iter().any(|opinion| opinion.officer == officer);
        let is_third = panel.third.as_deref() == Some(officer);
        Ok(if has_spoken {
            OpinionError::Twice.into()
        } else if is_third {
            OpinionError::TooEarly.into()
        } else {
            OpinionError::NotDrawn.into()
        })
    }
}
