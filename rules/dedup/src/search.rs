//! Everybody against everybody: candidates, and what becomes a case.

use std::collections::BTreeMap;

use fingerprint::{EntryId, Gallery, Prepared, Score, Template};
use lexicon::{FingerPosition, PersonId};

use crate::policy::Policy;

/// One capture: whose, and the finger records of it (ISO/IEC 19794-2:2005).
#[derive(Clone)]
pub struct Subject {
    /// Whose.
    pub person: PersonId,
    /// Finger and record.
    pub fingers: Vec<(FingerPosition, Vec<u8>)>,
}

/// A capture ready to be compared.
pub struct Ready {
    person: PersonId,
    fingers: Vec<(fingerprint::FingerPosition, Prepared)>,
}

impl Subject {
    /// Prepares the fingers: about 3 KB and 0.1 ms a finger.
    ///
    /// # Errors
    /// [`SubjectError::Record`] when a record cannot be read.
    pub fn prepare(&self) -> Result<Ready, SubjectError> {
        let mut fingers = Vec::with_capacity(self.fingers.len());
        for (finger, record) in &self.fingers {
            let template = Template::from_iso(record).map_err(|_| SubjectError::Record)?;
            let position = fingerprint::FingerPosition::from_code(finger.number())
                .ok_or(SubjectError::Record)?;
            fingers.push((position, Prepared::new(&template)));
        }
        Ok(Ready {
            person: self.person,
            fingers,
        })
    }
}

/// A capture that cannot be searched: an engineer looks at the stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// A stored record is no ISO/IEC 19794-2:2005 record.
    #[error("a stored print is no ISO/IEC 19794-2:2005 record")]
    Record,
    /// More captures than the gallery can number.
    #[error("more captures than one gallery holds")]
    TooMany,
}

/// A person who resembles another, by all fingers both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// Fused score.
    pub score: Score,
}

/// Two records that resemble each other; the smaller id first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The smaller id.
    pub first: PersonId,
    /// The greater id.
    pub second: PersonId,
    /// The better of the two searches' scores.
    pub score: u16,
}

/// What the duplicate check says of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Triage {
    /// Nobody resembles them.
    Unique,
    /// These do, the best first; adjudicators decide.
    Refer(Vec<Candidate>),
}

/// A decision a judge could read aloud: whoever reaches the policy's score is referred, the best first.
#[must_use]
pub fn triage(candidates: &[Candidate], policy: &Policy) -> Triage {
    let mut hits: Vec<Candidate> = candidates
        .iter()
        .filter(|candidate| candidate.score >= policy.refer)
        .copied()
        .collect();
    hits.sort_by(|a, b| b.score.cmp(&a.score).then(a.person.cmp(&b.person)));
    if hits.is_empty() {
        Triage::Unique
    } else {
        Triage::Refer(hits)
    }
}

/// All captures, ready to be searched. `&self` may be shared by threads.
pub struct Subjects {
    persons: Vec<PersonId>,
    probes: Vec<Vec<(fingerprint::FingerPosition, Prepared)>>,
    gallery: Gallery,
    policy: Policy,
}

impl Subjects {
    /// Prepares every capture and files it.
    ///
    /// # Errors
    /// [`SubjectError`] when a record cannot be read.
    pub fn new(
        subjects: impl IntoIterator<Item = Subject>,
        policy: Policy,
    ) -> Result<Subjects, SubjectError> {
        let ready: Result<Vec<Ready>, SubjectError> = subjects
            .into_iter()
            .map(|subject| subject.prepare())
            .collect();
        Self::of(ready?, policy)
    }

    /// Files captures that are ready; the order decides nothing.
    ///
    /// # Errors
    /// [`SubjectError::TooMany`].
    pub fn of(ready: Vec<Ready>, policy: Policy) -> Result<Subjects, SubjectError> {
        let mut all = Subjects {
            persons: Vec::with_capacity(ready.len()),
            probes: Vec::with_capacity(ready.len()),
            gallery: Gallery::new(policy.search()),
            policy,
        };
        for Ready { person, fingers } in ready {
            let entry = u32::try_from(all.persons.len()).map_err(|_| SubjectError::TooMany)?;
            all.gallery.insert(EntryId(entry), &fingers);
            all.persons.push(person);
            all.probes.push(fingers);
        }
        Ok(all)
    }

    /// How many captures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// True when everybody is compared with everybody in full.
    #[must_use]
    pub fn exhaustive(&self) -> bool {
        self.len() <= self.policy.exhaustive_max
    }

    /// Searches one capture, 0 to [`Subjects::len`], and triages what it finds; the same person's other
    /// captures are no candidates.
    #[must_use]
    pub fn check(&self, capture: usize) -> (PersonId, Triage) {
        let person = self.persons[capture];
        let mut best: BTreeMap<PersonId, Score> = BTreeMap::new();
        for found in self.gallery.identify(&self.probes[capture]) {
            let other = self.persons[found.id.0 as usize];
            if other != person {
                let score = best.entry(other).or_insert(found.score);
                *score = (*score).max(found.score);
            }
        }
        let candidates: Vec<Candidate> = best
            .into_iter()
            .map(|(person, score)| Candidate { person, score })
            .collect();
        (person, triage(&candidates, &self.policy))
    }
}

impl Subjects {
    /// The pairs that one capture brings, 0 to [`Subjects::len`]: up to the policy's size it is compared with
    /// every later capture, beyond with whomever the prefilter chooses.
    ///
    /// All captures together bring every pair of [`Subjects::check`] at half its cost; a comparison is taken
    /// in one direction only, so that a score may differ by a few points.
    #[must_use]
    pub fn referred(&self, capture: usize) -> Vec<Pair> {
        if !self.exhaustive() {
            return pairs_of(&[self.check(capture)]);
        }
        self.referred_among(capture, |_| true)
    }

    /// The pairs of one capture with those later ones that `among` accepts, each compared in full.
    ///
    /// A task of a larger search takes one half of its captures against the other; the scores are those of
    /// [`Subjects::referred`] when the captures stand in the same order.
    #[must_use]
    pub fn referred_among(&self, capture: usize, among: impl Fn(usize) -> bool) -> Vec<Pair> {
        let person = self.persons[capture];
        let mut candidates = Vec::new();
        for later in (capture + 1..self.len()).filter(|later| among(*later)) {
            if self.persons[later] != person {
                candidates.push(Candidate {
                    person: self.persons[later],
                    score: fused(&self.probes[capture], &self.probes[later]),
                });
            }
        }
        pairs_of(&[(person, triage(&candidates, &self.policy))])
    }
}

/// The evidence of the fingers that both have.
fn fused(
    a: &[(fingerprint::FingerPosition, Prepared)],
    b: &[(fingerprint::FingerPosition, Prepared)],
) -> Score {
    let scores: Vec<Score> = fingerprint::compare_fingers(a, b)
        .into_iter()
        .map(|(_, score)| score)
        .collect();
    Score::fused(&scores)
}

/// Pairs of several captures as one list: each once with its best score, in the order of ids.
#[must_use]
pub fn merge_pairs(pairs: impl IntoIterator<Item = Pair>) -> Vec<Pair> {
    let mut best: BTreeMap<(PersonId, PersonId), u16> = BTreeMap::new();
    for pair in pairs {
        let score = best.entry((pair.first, pair.second)).or_default();
        *score = (*score).max(pair.score);
    }
    best.into_iter()
        .map(|((first, second), score)| Pair {
            first,
            second,
            score,
        })
        .collect()
}

/// The pairs that checks referred, each once, in the order of ids.
#[must_use]
pub fn pairs_of(checked: &[(PersonId, Triage)]) -> Vec<Pair> {
    let mut pairs: BTreeMap<(PersonId, PersonId), u16> = BTreeMap::new();
    for (person, triage) in checked {
        match triage {
            Triage::Unique => {}
            Triage::Refer(candidates) => {
                for candidate in candidates {
                    let key = (
                        *person.min(&candidate.person),
                        *person.max(&candidate.person),
                    );
                    let score = pairs.entry(key).or_default();
                    *score = (*score).max(candidate.score.value());
                }
            }
        }
    }
    pairs
        .into_iter()
        .map(|((first, second), score)| Pair {
            first,
            second,
            score,
        })
        .collect()
}

#[cfg(test)]
mod tests;
