//! Claims that an office took while it was cut off: from its desk to the centre.
//!
//! One document for each hand-over, signed by that office's key. Each claim bears the number that stands on the
//! applicant's receipt and the moment at which it was taken; by moment and number the centre knows which of two claims
//! counts, whichever comes in first. It holds PINs: whoever carries it hands it over in person. Restated in
//! docs/formats.md §15.

use minicbor::{Decode, Encode};

use super::envelope::{
    self, DocumentId, DocumentType, EnvelopeError, PublicKey, SUITE, SignError, Signer, Subject,
    Verifier, encode, open_all, sign_all,
};

/// Claims of one office (type `claim-file`, `COSE_Sign`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimFile {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// The office's code: two to eight capital letters and digits, a letter first.
    #[n(3)]
    pub office: String,
    /// When it was handed over, microseconds UTC.
    #[n(4)]
    pub made_at: i64,
    /// The claims, their numbers rising.
    #[n(5)]
    pub claims: Vec<TakenClaim>,
}

/// A claim as it was taken.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TakenClaim {
    /// Its number at that office, from 1.
    #[n(1)]
    pub number: u32,
    /// What is asked: `form2`, `correction`, `inclusion`, `exclusion`.
    #[n(2)]
    pub kind: String,
    /// The applicant's PIN.
    #[n(3)]
    pub pin: u64,
    /// When it was taken, microseconds UTC.
    #[n(4)]
    pub taken: i64,
    /// The precinct wanted.
    #[n(5)]
    pub target: Option<u16>,
    /// The field that a correction changes.
    #[n(6)]
    pub field: String,
    /// The value of a correction, the category of a Form 2, or `cancel`.
    #[n(7)]
    pub value: String,
    /// Whether the applicant was identified.
    #[n(8)]
    pub identified: bool,
}

impl std::fmt::Debug for TakenClaim {
    /// The number alone: the rest is about a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TakenClaim({})", self.number)
    }
}

/// Why a file of claims was refused as a whole: the office that made it hands over another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFileError {
    /// It is no such document, or its signature does not hold.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// No key of an office with this code is known.
    #[error("no key of office {0} is known")]
    Unknown(String),
    /// It contradicts itself.
    #[error("{0}")]
    Contradicts(&'static str),
}

/// The largest number of a claim: it stands with seven digits in the claim's id.
const NUMBER_MAX: u32 = 9_999_999;

/// Most characters of a text of a claim.
const TEXT_MAX: usize = 200;

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::ClaimFile,
        election,
    }
}

/// Whether a text can be the code of an office that works apart.
#[must_use]
pub fn is_office_code(code: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (2..=8).contains(&code.len())
        && code.bytes().all(is_letter)
        && code
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_uppercase())
}

/// The id of a claim, as it stands on the receipt: the office's code and seven digits.
#[must_use]
pub fn claim_id(office: &str, number: u32) -> String {
    format!("{office}{number:07}")
}

impl ClaimFile {
    /// Signs the file with the office's key.
    ///
    /// # Errors
    /// [`SignError`] when the key cannot sign.
    pub fn sign(&self, key: &dyn Signer) -> Result<Vec<u8>, SignError> {
        sign_all(subject(self.election), &encode(self), &[key])
    }

    /// Opens a file under the key of the office that it names; `key_of` gives it.
    ///
    /// # Errors
    /// [`ClaimFileError`]; nothing of the file may be used then.
    pub fn open(
        signed: &[u8],
        election: u32,
        verifier: &dyn Verifier,
        key_of: impl Fn(&str) -> Option<PublicKey>,
    ) -> Result<(Self, DocumentId), ClaimFileError> {
        // Whose key it must be stands in the payload; nothing else of it is believed before the signature holds.
        let payload = envelope::peek_all(subject(election), signed)?;
        let named: Self = envelope::decode(&payload)?;
        if !is_office_code(&named.office) {
            return Err(ClaimFileError::Contradicts("its office has no such code"));
        }
        let key = key_of(&named.office).ok_or(ClaimFileError::Unknown(named.office))?;
        let opened = open_all(subject(election), signed, verifier, &[key.kid()])?;
        let file: Self = envelope::decode(&opened.payload)?;
        match file.contradiction(election) {
            Some(what) => Err(ClaimFileError::Contradicts(what)),
            None => Ok((file, opened.id)),
        }
    }

    /// What does not fit in it.
    #[must_use]
    pub fn contradiction(&self, election: u32) -> Option<&'static str> {
        if self.suite != SUITE || self.election != election {
            return Some("it is for another election");
        }
        if !is_office_code(&self.office) {
            return Some("its office has no such code");
        }
        let numbers = || self.claims.iter().map(|claim| claim.number);
        let rises = numbers().zip(numbers().skip(1)).all(|(a, b)| a < b);
        if !rises || numbers().any(|number| !(1..=NUMBER_MAX).contains(&number)) {
            return Some("its numbers do not rise");
        }
        if self.claims.iter().any(|claim| claim.taken > self.made_at) {
            return Some("a claim was taken after the file was made");
        }
        let is_long = |text: &str| text.chars().count() > TEXT_MAX;
        let is_long = |claim: &TakenClaim| {
            is_long(&claim.kind) || is_long(&claim.field) || is_long(&claim.value)
        };
        self.claims
            .iter()
            .any(is_long)
            .then_some("a text is too long")
    }
}

#[cfg(test)]
mod tests;
