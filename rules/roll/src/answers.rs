//! What the portal tells each person who asks with PIN and document number.

use lexicon::ElectionLaw;
use lexicon::handover::folder::bytes;
use lexicon::handover::lookup::{
    ClaimStatus, LookupAnswer, LookupEntry, LookupKey, LookupToken, absence_token,
};
use lexicon::handover::release::{Absence, SaltKey, SaltedLine};

use crate::commit::line;
use crate::eligibility::remedy_until;
use crate::form::{Outcome, Roll};
use crate::snapshot::{PersonAt, Snapshot};

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
}

impl std::fmt::Debug for Answers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answers(release {})", self.release)
    }
}

impl Answers<'_> {
    fn claim_statuses(&self, person: PersonAt) -> Vec<ClaimStatus> {
        self.claims
            .of_person(person)
            .map(|at| {
                let claim = &self.snapshot.claims[at];
                ClaimStatus {
                    kind: claim.kind.to_string(),
                    filed: claim.filed.micros(),
                    outcome: self.roll.claims.outcomes[at].code().to_owned(),
                    precinct: claim.target.map_or(0, |precinct| precinct.number()),
                }
            })
            .collect()
    }

    fn tokens(&self, person: PersonAt) -> Vec<LookupToken> {
        let Some(pin) = self.snapshot.person(person).pin else {
            return Vec::new();
        };
        let pin = pin.digits();
        let documents = self.snapshot.documents_of(person).iter();
        documents
            .map(|d| {
                self.key.token(
                    self.law.election.number,
                    &pin,
                    self.snapshot.ids.text(d.number),
                )
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
            claims: self.claim_statuses(list.persons[at]),
            until: String::new(),
        }
    }

    /// Answers for everybody on the list: one for each document that they may ask with.
    #[must_use]
    pub fn of_list(&self, list: &crate::form::PrecinctList, first_leaf: u64) -> Vec<LookupEntry> {
        let mut entries = Vec::new();
        for (at, person) in list.persons.iter().enumerate() {
            let tokens = self.tokens(*person);
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

    /// Statements for everybody not on the list, still to be signed, one for each document.
    #[must_use]
    pub fn absences(&self) -> Vec<Absent> {
        let mut absent = Vec::new();
        for person in self.snapshot.people() {
            let Outcome::Excluded(reason) = self.roll.decisions[person.at()].outcome else {
                continue;
            };
            absent.extend(self.tokens(person).into_iter().map(|token| Absent {
                statement: Absence {
                    release: self.release,
                    reason: reason.code().to_owned(),
                    token: absence_token(&token),
                },
                token,
                claims: self.claim_statuses(person),
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
            },
        }
    }
}

#[cfg(test)]
mod tests;
