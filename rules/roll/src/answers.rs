//! What the portal tells each person who asks with PIN and document number.

use std::collections::BTreeMap;

use lexicon::handover::folder::bytes;
use lexicon::handover::lookup::{
    AfterRelease, ClaimStatus, LookupAnswer, LookupEntry, LookupKey, LookupToken, absence_token,
};
use lexicon::handover::release::{Absence, SaltKey, SaltedLine};
use lexicon::{ElectionLaw, ExclusionReason, PersonId};

use crate::commit::line;
use crate::eligibility::remedy_until;
use crate::form::{Outcome, Roll};
use crate::snapshot::{PersonAt, Snapshot};

mod told;

pub use told::{PersonTold, SignedDelta, told};

/// The claims of each person, by time filed.
#[derive(Debug)]
pub struct ClaimsByPerson(Vec<(PersonAt, usize)>);

impl ClaimsByPerson {
    /// Indexes the snapshot's claims.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let claims = snapshot.claims.iter().enumerate();
        let mut index: Vec<(PersonAt, usize)> = claims
            .filter_map(|(at, claim)| Some((claim.person?, at)))
            .collect();
        index.sort_unstable();
        Self(index)
    }

    fn of_person(&self, person: PersonAt) -> impl Iterator<Item = usize> {
        let from = self.0.partition_point(|(who, _)| *who < person);
        self.0[from..]
            .iter()
            .take_while(move |(who, _)| *who == person)
            .map(|(_, at)| *at)
    }
}

/// Everything an answer is made of.
pub struct Answers<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The list.
    pub roll: &'a Roll,
    /// The law.
    pub law: &'a ElectionLaw,
    /// Release number.
    pub release: u32,
    /// Salts of the release.
    pub salts: &'a SaltKey,
    /// Look-up key of the election.
    pub key: &'a LookupKey,
    /// Claims by person.
    pub claims: &'a ClaimsByPerson,
    /// What signed deltas changed since; none: nothing did.
    pub after: Option<After<'a>>,
}

/// The list in force after the last signed delta.
#[derive(Clone, Copy)]
pub struct After<'a> {
    /// The register as the last delta knew it: with which numbers people ask by now.
    pub snapshot: &'a Snapshot,
    /// The list formed of it; what became of claims is read from it, never who is on the list.
    pub roll: &'a Roll,
    /// Claims by person, of that snapshot.
    pub claims: &'a ClaimsByPerson,
    /// What the deltas say of everybody whom they name.
    pub told: &'a BTreeMap<PersonId, PersonTold>,
}

impl std::fmt::Debug for After<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "After({} persons)", self.told.len())
    }
}

impl std::fmt::Debug for Answers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answers(release {})", self.release)
    }
}

/// A person in the newest register that the answers know.
#[derive(Clone, Copy)]
struct Known<'a> {
    snapshot: &'a Snapshot,
    roll: &'a Roll,
    claims: &'a ClaimsByPerson,
    at: PersonAt,
}

impl Answers<'_> {
    /// The person in the register of the last delta, or in that of the release.
    fn known(&self, person: PersonAt) -> Known<'_> {
        let id = self.snapshot.person(person).id;
        self.known_after(id).unwrap_or(Known {
            snapshot: self.snapshot,
            roll: self.roll,
            claims: self.claims,
            at: person,
        })
    }

    fn known_after(&self, person: PersonId) -> Option<Known<'_>> {
        let after = self.after?;
        Some(Known {
            snapshot: after.snapshot,
            roll: after.roll,
            claims: after.claims,
            at: after.snapshot.find_person(person)?,
        })
    }

    /// Whether a delta names the person; the release alone then says nothing about them.
    fn is_told(&self, person: PersonAt) -> bool {
        let id = self.snapshot.person(person).id;
        self.after.is_some_and(|after| after.told.contains_key(&id))
    }

    fn claim_statuses(known: Known<'_>) -> Vec<ClaimStatus> {
        let claims = known.claims.of_person(known.at);
        claims
            .map(|at| {
                let claim = &known.snapshot.claims[at];
                ClaimStatus {
                    kind: claim.kind.to_string(),
                    filed: claim.filed.micros(),
                    outcome: known.roll.claims.outcomes[at].code().to_owned(),
                    precinct: claim.target.map_or(0, |precinct| precinct.number()),
                }
            })
            .collect()
    }

    fn tokens(&self, known: Known<'_>) -> Vec<LookupToken> {
        let Some(pin) = known.snapshot.person(known.at).pin else {
            return Vec::new();
        };
        let pin = pin.digits();
        let documents = known.snapshot.documents_of(known.at).iter();
        documents
            .map(|d| {
                let number = known.snapshot.ids.text(d.number);
                self.key.token(self.law.election.number, &pin, number)
            })
            .collect()
    }

    /// The answer about one line, whose leaf has this index.
    #[must_use]
    pub fn listed(&self, list: &crate::form::PrecinctList, at: usize, leaf: u64) -> LookupAnswer {
        let page = self
            .roll
            .place(list.persons[at])
            .map_or(0, |place| place.page);
        let line = line(self.snapshot, self.roll, list, at, page);
        LookupAnswer {
            release: self.release,
            line: Some(SaltedLine::new(line, self.salts)),
            leaf,
            absence: None,
            claims: Self::claim_statuses(self.known(list.persons[at])),
            until: String::new(),
            after: None,
        }
    }

    /// Answers for everybody on the list whom no delta names: one for each document that they may ask with.
    #[must_use]
    pub fn of_list(&self, list: &crate::form::PrecinctList, first_leaf: u64) -> Vec<LookupEntry> {
        let mut entries = Vec::new();
        for (at, person) in list.persons.iter().enumerate() {
            if self.is_told(*person) {
                continue;
            }
            let tokens = self.tokens(self.known(*person));
            if tokens.is_empty() {
                continue;
            }
            let answer = self.listed(list, at, first_leaf + at as u64);
            entries.extend(tokens.into_iter().map(|token| LookupEntry {
                token,
                answer: answer.clone(),
            }));
        }
        entries
    }

    /// Answers for everybody whom a delta names, one for each document: their line now, or the one that was struck.
    #[must_use]
    pub fn of_deltas(&self) -> Vec<LookupEntry> {
        let mut entries = Vec::new();
        let told = self.after.iter().flat_map(|after| after.told);
        for (id, person) in told {
            let Some(known) = self.known_after(*id) else {
                continue;
            };
            let answer = self.changed(*id, person, known);
            let tokens = self.tokens(known).into_iter();
            entries.extend(tokens.map(|token| LookupEntry {
                token,
                answer: answer.clone(),
            }));
        }
        entries
    }

    fn changed(&self, id: PersonId, told: &PersonTold, known: Known<'_>) -> LookupAnswer {
        let struck = told.changes.last().filter(|_| told.line.is_none());
        let reason = struck.and_then(|last| ExclusionReason::from_code(&last.reason));
        let until = reason.map(|reason| remedy_until(self.law, reason).to_string());
        let was = struck.and_then(|_| told.was.clone().or_else(|| self.line_of_release(id)));
        LookupAnswer {
            release: self.release,
            line: told.line.clone(),
            leaf: 0,
            absence: None,
            claims: Self::claim_statuses(known),
            until: until.unwrap_or_default(),
            after: Some(AfterRelease {
                changes: told.changes.clone(),
                was,
            }),
        }
    }

    /// The line as the release has it.
    fn line_of_release(&self, id: PersonId) -> Option<SaltedLine> {
        let person = self.snapshot.find_person(id)?;
        let place = self.roll.place(person)?;
        let list = self.roll.list(place.precinct)?;
        let at = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let line = line(self.snapshot, self.roll, list, at, place.page);
        Some(SaltedLine::new(line, self.salts))
    }

    /// Statements for everybody not on the list whom no delta names, still to be signed, one for each document.
    #[must_use]
    pub fn absences(&self) -> Vec<Absent> {
        let mut absent = Vec::new();
        for person in self.snapshot.people() {
            let Outcome::Excluded(reason) = self.roll.decisions[person.at()].outcome else {
                continue;
            };
            if self.is_told(person) {
                continue;
            }
            let known = self.known(person);
            absent.extend(self.tokens(known).into_iter().map(|token| Absent {
                statement: Absence {
                    release: self.release,
                    reason: reason.code().to_owned(),
                    token: absence_token(&token),
                },
                token,
                claims: Self::claim_statuses(known),
                until: remedy_until(self.law, reason).to_string(),
            }));
        }
        absent
    }
}

/// A person who is not on the list, as one document asks for them.
#[derive(Clone, Debug)]
pub struct Absent {
    /// What is signed.
    pub statement: Absence,
    token: LookupToken,
    claims: Vec<ClaimStatus>,
    until: String,
}

impl Absent {
    /// The entry with the signed statement.
    #[must_use]
    pub fn entry(self, signed: &[u8]) -> LookupEntry {
        LookupEntry {
            token: self.token,
            answer: LookupAnswer {
                release: self.statement.release,
                line: None,
                leaf: 0,
                absence: Some(bytes(signed)),
                claims: self.claims,
                until: self.until,
                after: None,
            },
        }
    }
}

#[cfg(test)]
mod tests;
