//! The policy a duplicate check runs under. Its hash stands in every verdict.

use std::fmt;
use std::str::FromStr;

use fingerprint::{Score, SearchPolicy};
use lexicon::handover::envelope::sha256;

/// What the duplicate check is set to. A changed number is another policy with another hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Candidates with at least this fused score become a case.
    pub refer: Score,
    /// At this fused score the fingers alone say "one person"; shown to adjudicators as advice.
    pub decisive: Score,
    /// Most candidates of one person.
    pub candidates_max: usize,
    /// Up to so many persons everybody is compared with everybody in full; beyond, a prefilter chooses.
    pub exhaustive_max: usize,
    /// Of a thousand cases given to adjudicators so many are known ones, to measure their errors.
    pub known_per_mille: u16,
}

/// SHA-256 of a policy's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PolicyHash([u8; 32]);

impl Policy {
    /// The policy that ships: refer at a false match rate of 10⁻⁶ a comparison of persons.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            refer: Score::at_fmr(1e-6),
            decisive: Score::at_fmr(1e-8),
            candidates_max: 20,
            exhaustive_max: 2_000,
            known_per_mille: 20,
        }
    }

    /// The policy as text: one `name = number` a line, in fixed order. This is what is signed and hashed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "tizme dedup policy 1\nrefer = {}\ndecisive = {}\ncandidates_max = {}\nexhaustive_max = {}\n\
             known_per_mille = {}\n",
            self.refer.value(),
            self.decisive.value(),
            self.candidates_max,
            self.exhaustive_max,
            self.known_per_mille
        )
    }

    /// The hash that stands in every verdict.
    #[must_use]
    pub fn hash(&self) -> PolicyHash {
        PolicyHash(sha256(self.text().as_bytes()))
    }

    /// How the gallery is searched under this policy. One more than the candidates: everybody finds themselves.
    pub(crate) fn search(&self) -> SearchPolicy {
        SearchPolicy {
            threshold: self.refer,
            candidates_max: self.candidates_max + 1,
            exhaustive_max: self.exhaustive_max,
        }
    }
}

impl fmt::Display for PolicyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for PolicyHash {
    type Err = register::case::NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut hash = [0u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(register::case::NotAnId);
        }
        for (place, byte) in hash.iter_mut().enumerate() {
            let pair = text
                .get(place * 2..place * 2 + 2)
                .ok_or(register::case::NotAnId)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| register::case::NotAnId)?;
        }
        Ok(Self(hash))
    }
}
