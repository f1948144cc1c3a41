//! What the office says under its own key: what it has not settled at a freeze, and who approved a release.
//!
//! Both are `COSE_Sign1` by the office's statement key and stay between the two institutions: nobody types their figures,
//! and they name accounts. Restated in docs/formats.md §14.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    DocumentType, EnvelopeError, Kid, SUITE, SignError, Signer, Subject, Verifier, decode, encode,
    open1, sign1,
};

/// One thing that the office counts, also when there is none of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OfficeCount {
    /// The office's own name for it, as `field_work`.
    #[n(0)]
    pub source: String,
    /// The `Blocker` code that it is counted under.
    #[n(1)]
    pub blocker: String,
    /// How many.
    #[n(2)]
    pub count: u64,
}

/// What waits in the office at a freeze (type `office-counts`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OfficeCounts {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Id of the snapshot that it was counted beside; it holds for no other.
    #[n(3)]
    pub snapshot: ByteArray<32>,
    /// Entries of the register's and of the electoral journal when it was counted.
    #[n(4)]
    pub journals: [u64; 2],
    /// Every source of the office, in its order.
    #[n(5)]
    pub counts: Vec<OfficeCount>,
    /// When, microseconds UTC.
    #[n(6)]
    pub at: i64,
}

impl OfficeCounts {
    /// How many are counted under a code.
    #[must_use]
    pub fn of(&self, blocker: crate::Blocker) -> u64 {
        let found = self.counts.iter().filter(|of| of.blocker == blocker.code());
        found.map(|of| of.count).sum()
    }
}

/// One person's approval on behalf of one institution.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Approval {
    /// [`Approval::REGISTRATION`] or [`Approval::COMMISSION`].
    #[n(0)]
    pub institution: String,
    /// The account.
    #[n(1)]
    pub staff: String,
    /// The root that the person approved.
    #[n(2)]
    pub root: ByteArray<32>,
    /// When, microseconds UTC.
    #[n(3)]
    pub at: i64,
}

impl Approval {
    /// The registration service, which forms the list.
    pub const REGISTRATION: &'static str = "registration";
    /// The election commission, which takes it over.
    pub const COMMISSION: &'static str = "commission";
}

/// Who approved a release in the office (type `approvals`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approvals {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Release number.
    #[n(3)]
    pub release: u32,
    /// Root of the release as the office keeps it.
    #[n(4)]
    pub root: ByteArray<32>,
    /// The approvals, the earliest first.
    #[n(5)]
    pub approvals: Vec<Approval>,
    /// When this was said, microseconds UTC.
    #[n(6)]
    pub at: i64,
}

/// A statement of the office: its type, and what every one of them says.
pub trait Statement: Encode<()> + for<'b> Decode<'b, ()> {
    /// The type of document.
    const KIND: DocumentType;

    /// Suite and election.
    fn scope(&self) -> (&str, u32);
}

impl Statement for OfficeCounts {
    const KIND: DocumentType = DocumentType::OfficeCounts;

    fn scope(&self) -> (&str, u32) {
        (&self.suite, self.election)
    }
}

impl Statement for Approvals {
    const KIND: DocumentType = DocumentType::Approvals;

    fn scope(&self) -> (&str, u32) {
        (&self.suite, self.election)
    }
}

/// Signs a statement by the office's key.
///
/// # Errors
/// [`SignError`] from the key.
pub fn state<S: Statement>(statement: &S, signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let subject = Subject {
        kind: S::KIND,
        election: statement.scope().1,
    };
    sign1(subject, &encode(statement), signer)
}

/// Opens a statement that the office's key must have signed, for one election.
///
/// # Errors
/// [`EnvelopeError`]; nothing of it may be used then.
pub fn open_statement<S: Statement>(
    bytes: &[u8],
    election: u32,
    verifier: &dyn Verifier,
    office: Kid,
) -> Result<S, EnvelopeError> {
    let subject = Subject {
        kind: S::KIND,
        election,
    };
    let signed = open1(subject, bytes, verifier)?;
    if signed.signers != [office] {
        let found = signed.signers.first().copied().unwrap_or(office);
        return Err(EnvelopeError::UnknownKey(found));
    }
    let statement: S = decode(&signed.payload)?;
    if statement.scope() != (SUITE, election) {
        return Err(EnvelopeError::Payload(
            "of another suite or election".to_owned(),
        ));
    }
    Ok(statement)
}
