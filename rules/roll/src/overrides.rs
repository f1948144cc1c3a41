//! A voter placed by hand: only by an act that two institutions signed.
//!
//! Nothing else in this room puts a person into a precinct: an address within a boundary, a Form 2 that
//! counts, or this. An override names its reason and is counted in the open; it makes nobody a voter whom
//! a rule excludes, except for the rules about the place (R09, R10).

use std::collections::BTreeMap;

use lexicon::handover::envelope::{
    DocumentId, DocumentType, EnvelopeError, Kid, Subject, Verifier, decode, open_all,
};
use lexicon::handover::two_persons::AssignmentOverride;
use lexicon::{ElectionLaw, PersonId, PrecinctCode};

use crate::snapshot::Snapshot;

/// Why an override was refused; the list is formed without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// Not signed by both, or not such a document.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Of another election.
    #[error("the override is of election {found}")]
    OtherElection {
        /// Which.
        found: u32,
    },
    /// Nobody in the snapshot has the id.
    #[error("the override names a person who is not in the register")]
    UnknownPerson,
    /// No such precinct.
    #[error("the override names precinct {0}, which does not exist")]
    NoSuchPrecinct(u16),
    /// No reason is given.
    #[error("the override gives no reason")]
    NoReason,
    /// Two overrides of one moment say different things about one person.
    #[error("two overrides about one person contradict each other")]
    Contradiction,
}

/// A placement by two persons: where, and by which document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Override {
    precinct: PrecinctCode,
    act: DocumentId,
    at: i64,
}

impl Override {
    /// Where.
    #[must_use]
    pub fn precinct(self) -> PrecinctCode {
        self.precinct
    }

    /// Id of the signed act.
    #[must_use]
    pub fn act(self) -> DocumentId {
        self.act
    }
}

/// The overrides that hold, by person. There is no other way to make one than [`Overrides::take`].
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    by_person: BTreeMap<PersonId, Override>,
}

impl Overrides {
    /// Opens a document and takes it in when both keys of `signers` signed it. Of several about one person
    /// the later one holds, whatever the order they are taken in.
    ///
    /// # Errors
    /// [`OverrideError`]; nothing was taken.
    pub fn take(
        &mut self,
        bytes: &[u8],
        law: &ElectionLaw,
        snapshot: &Snapshot,
        verifier: &dyn Verifier,
        signers: [Kid; 2],
    ) -> Result<DocumentId, OverrideError> {
        let election = law.election.number;
        let subject = Subject {
            kind: DocumentType::AssignmentOverride,
            election,
        };
        let signed = open_all(subject, bytes, verifier, &signers)?;
        let act: AssignmentOverride = decode(&signed.payload)?;
        if act.election != election {
            return Err(OverrideError::OtherElection {
                found: act.election,
            });
        }
        if act.reason.trim().is_empty() {
            return Err(OverrideError::NoReason);
        }
        let person = PersonId::from_uuid(lexicon::Uuid::from_bytes(*act.person));
        snapshot
            .find_person(person)
            .ok_or(OverrideError::UnknownPerson)?;
        let precinct = PrecinctCode::new(act.precinct)
            .ok()
            .filter(|precinct| snapshot.precinct(*precinct).is_some())
            .ok_or(OverrideError::NoSuchPrecinct(act.precinct))?;
        let new = Override {
            precinct,
            act: signed.id,
            at: act.at,
        };
        match self.by_person.get(&person) {
            Some(old) if old.at == new.at && old.precinct != new.precinct => {
                return Err(OverrideError::Contradiction);
            }
            Some(old) if (old.at, old.act.0) > (new.at, new.act.0) => {}
            Some(_) | None => {
                self.by_person.insert(person, new);
            }
        }
        Ok(signed.id)
    }

    /// The override about a person.
    #[must_use]
    pub fn of(&self, person: PersonId) -> Option<Override> {
        self.by_person.get(&person).copied()
    }

    /// How many hold, for the open count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_person.len()
    }

    /// Whether none holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_person.is_empty()
    }
}

#[cfg(test)]
mod tests;
