//! The decision of the commission above that voting goes on another day: S-37.
//!
//! A precinct that was closed by fire or a power failure votes on, in the hours that this document names. Who signs it,
//! how long after election day, and for how many hours is law data (`second_day` of the station's policy).

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    self, DocumentId, DocumentType, EnvelopeError, SUITE, SignError, Signer, Subject, encode,
    sign_all,
};

/// The decision (type `day-decision`, `COSE_Sign`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DayDecision {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The manifest of the package that votes on.
    #[n(4)]
    pub package: ByteArray<32>,
    /// Number of the decision for this precinct, from 1, rising: the day that it opens.
    #[n(5)]
    pub number: u8,
    /// Opening of that day, microseconds UTC.
    #[n(6)]
    pub opens: i64,
    /// Closing of that day, microseconds UTC.
    #[n(7)]
    pub closes: i64,
    /// Why, one of [`REASONS`].
    #[n(8)]
    pub reason: String,
    /// When it was made, microseconds UTC.
    #[n(9)]
    pub made_at: i64,
}

/// Why a precinct is closed before its time, and votes on another day.
pub const REASONS: [&str; 5] = ["FIRE", "POWER", "FLOOD", "THREAT", "OTHER"];

/// The subject under which decisions of an election are signed.
#[must_use]
pub fn day_decision_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::DayDecision,
        election,
    }
}

impl DayDecision {
    /// Signs the decision with the keys of those who may.
    ///
    /// # Errors
    /// [`SignError`] when a card cannot sign.
    pub fn sign(&self, cards: &[&dyn Signer]) -> Result<Vec<u8>, SignError> {
        sign_all(day_decision_subject(self.election), &encode(self), cards)
    }

    /// Reads a decision without looking at its signatures, and gives its id.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the bytes are no such document.
    pub fn read(signed: &[u8]) -> Result<(Self, DocumentId), EnvelopeError> {
        // The election stands in the payload; it enters the id and the signed bytes.
        let payload = envelope::peek_all(day_decision_subject(0), signed)?;
        let decision: Self = envelope::decode(&payload)?;
        let id = envelope::id_all(day_decision_subject(decision.election), &payload);
        Ok((decision, id))
    }

    /// Whether its fields can stand together: the suite, a number, hours in their order, a known reason.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        self.suite == SUITE
            && self.number > 0
            && self.opens < self.closes
            && REASONS.contains(&self.reason.as_str())
    }
}
