//! The fold: what the register knows of one person, from the acts about them.

use lexicon::{CivilName, Date, PersonId, Sex};

use crate::act::{Act, CivilEvent, Document, Enrolment, Entry, PinClaim, Residence};
use crate::case::{CaseId, CaseKind, Outcome, VerdictId};
use crate::standing::{Standing, StandingFacts};
use crate::words::CivilEventKind;

/// What the register knows of one person. Lists stand in the order of recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonState {
    /// Sex, birth date and citizenship as recorded.
    pub recorded: Option<(Sex, Date, String)>,
    /// Names, each with the day it counts from (none: since birth).
    pub names: Vec<(Option<Date>, CivilName)>,
    /// Claims to PINs.
    pub pins: Vec<PinClaim>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Residences and stays.
    pub residences: Vec<Residence>,
    /// Civil acts.
    pub events: Vec<CivilEvent>,
    /// Enrolments.
    pub enrolments: Vec<Enrolment>,
    /// Cases this person is part of.
    pub cases: Vec<Case>,
}

/// A case as a person's state holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The case.
    pub case: CaseId,
    /// What it asks.
    pub kind: CaseKind,
    /// The other person.
    pub other: PersonId,
    /// The answer in force; none while the case is open.
    pub answer: Option<(VerdictId, Outcome)>,
}

/// Folds the acts about one person, in the order of the journal, into their state.
///
/// Acts about nobody or unknown enrolments change nothing.
#[must_use]
pub fn fold<'a>(person: PersonId, entries: impl IntoIterator<Item = &'a Entry>) -> PersonState {
    let mut state = PersonState::default();
    for entry in entries {
        state.apply(&entry.act);
    }
    state.names.sort_by_key(|(from, _)| *from);
    state.retire_lost_pins(person);
    state
}

impl PersonState {
    fn apply(&mut self, act: &Act) {
        match act {
            Act::Recorded {
                sex,
                born,
                citizenship,
                name,
                pin,
                source_row: _,
                source_at: _,
            } => {
                self.recorded = Some((*sex, *born, citizenship.clone()));
                self.names.push((None, name.clone()));
                self.pins.extend(pin.clone());
            }
            Act::PinClaimed(claim) => self.pins.push(claim.clone()),
            Act::PinClaimEnded { pin, on, source: _ } => {
                let open = |claim: &&mut PinClaim| claim.pin == *pin && claim.until.is_none();
                for claim in self.pins.iter_mut().filter(open) {
                    claim.until = Some(*on);
                }
            }
            Act::DocumentIssued(document) => self.documents.push(document.clone()),
            Act::DocumentStatusChanged {
                number,
                status,
                before: _,
                from: _,
            } => {
                let known = self.documents.iter_mut();
                for document in known.filter(|d| d.number == *number) {
                    document.status = *status;
                }
            }
            Act::ResidenceEnded {
                address,
                kind,
                from,
                until,
            } => {
                let meant = |r: &&mut Residence| {
                    r.address == *address && r.kind == *kind && r.from == *from
                };
                for residence in self.residences.iter_mut().filter(meant) {
                    residence.until = residence.until.or(Some(*until));
                }
            }
            Act::Corrected(correction) => {
                if let (Some((_, born, _)), Some((_, right))) =
                    (&mut self.recorded, &correction.born)
                {
                    *born = *right;
                }
                // It counts since birth: a name taken later stays in force.
                if let Some((_, right)) = &correction.name {
                    self.names.push((None, right.clone()));
                }
            }
            Act::Resided(residence) => self.residences.push(residence.clone()),
            Act::CivilEvent(event) => {
                if let Some(name) = &event.name {
                    self.names.push((Some(event.day), name.clone()));
                }
                self.events.push(event.clone());
            }
            Act::Enrolled(enrolment) => self.enrolments.push(enrolment.clone()),
            Act::Processed { enrolment, on } => {
                for known in self
                    .enrolments
                    .iter_mut()
                    .filter(|e| e.enrolment == *enrolment)
                {
                    known.processed = known.processed.or(Some(*on));
                }
            }
            Act::CaseOpened { case, kind, other } => {
                if !self
                    .cases
                    .iter()
                    .any(|c| c.case == *case && c.other == *other)
                {
                    self.cases.push(Case {
                        case: *case,
                        kind: *kind,
                        other: *other,
                        answer: None,
                    });
                }
            }
            Act::VerdictGiven {
                verdict,
                case,
                outcome,
                policy: _,
            } => {
                for known in self.cases.iter_mut().filter(|c| c.case == *case) {
                    known.answer = Some((*verdict, *outcome));
                }
            }
            Act::VerdictReversed {
                verdict,
                case,
                reason: _,
            } => {
                for known in self.cases.iter_mut().filter(|c| c.case == *case) {
                    if known.answer.is_some_and(|(given, _)| given == *verdict) {
                        known.answer = None;
                    }
                }
            }
            Act::PrintsReceived { .. }
            | Act::PhotoReceived { .. }
            | Act::ConflictOpened { .. }
            | Act::ConflictSignedOff { .. }
            | Act::Told { .. }
            | Act::PremisesMoved { .. }
            | Act::StreetRenamed { .. }
            | Act::StreetNamed(_)
            | Act::SecondAddressGiven(_)
            | Act::RowsReceived { .. } => {}
        }
    }

    /// The claim of a person who lost a PIN by verdict is no longer their PIN.
    fn retire_lost_pins(&mut self, person: PersonId) {
        let lost: Vec<CaseId> = self
            .cases
            .iter()
            .filter(|c| match c.answer {
                Some((_, Outcome::PinKept { keeper })) => keeper != person,
                Some((_, Outcome::Distinct | Outcome::Duplicate { .. })) | None => false,
            })
            .map(|c| c.case)
            .collect();
        self.pins
            .retain(|claim| !lost.contains(&shared_pin_case(claim.pin)));
    }

    /// The name in force: the last change, or the first on file.
    #[must_use]
    pub fn name(&self) -> Option<&CivilName> {
        self.names.last().map(|(_, name)| name)
    }

    /// The PIN in force: the latest claim that has not ended.
    #[must_use]
    pub fn pin(&self) -> Option<&PinClaim> {
        self.pins.iter().rev().find(|claim| claim.until.is_none())
    }

    /// The facts standing follows from.
    #[must_use]
    pub fn standing_facts(&self, person: PersonId) -> StandingFacts {
        let mut facts = StandingFacts::default();
        for enrolment in &self.enrolments {
            facts.see_enrolment(enrolment.captured, enrolment.processed);
        }
        for event in self
            .events
            .iter()
            .filter(|e| e.kind == CivilEventKind::Death)
        {
            facts.see_death(event.day);
        }
        facts.duplicate = self.cases.iter().find_map(|c| match c.answer {
            Some((verdict, Outcome::Duplicate { person: struck, of })) if struck == person => {
                Some((of, verdict))
            }
            Some((_, Outcome::Distinct | Outcome::Duplicate { .. } | Outcome::PinKept { .. }))
            | None => None,
        });
        facts
    }

    /// The person's standing; none when never enrolled and not known to be dead.
    #[must_use]
    pub fn standing(&self, person: PersonId) -> Option<Standing> {
        self.standing_facts(person).standing()
    }

    /// True while a case says that the person's PIN is claimed by somebody else too.
    #[must_use]
    pub fn pin_conflict(&self) -> bool {
        self.cases
            .iter()
            .any(|c| c.kind == CaseKind::SharedPin && c.answer.is_none())
    }
}

/// The case about one PIN; there is at most one, however many persons claim it.
#[must_use]
pub fn shared_pin_case(pin: lexicon::Pin) -> CaseId {
    CaseId::of(&["shared_pin", &pin.digits()])
}

#[cfg(test)]
mod tests;
