//! What a citizen says is wrong with the interim list of a rehearsal: taken at the precinct, a claim at the office.
//!
//! The signed part says which line and which kind. What was said (a name, an address, a PIN) is sealed to the
//! office's key, so that a stolen kit or stick tells it to nobody. Restated in docs/formats.md §12.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{DocumentType, PublicKey, Subject, encode};
use super::folder::Bytes;
use super::package::{KeyAgreement, PackageError};
use super::sealed_once;

const LABEL: &[u8] = b"kg1/correction";

/// The most characters of each text in a correction.
pub const TEXT_CHARS_MAX: usize = 200;

/// What is wrong with the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum CorrectionKind {
    /// The line's name is wrong.
    #[n(1)]
    Name,
    /// The line's birth date is wrong.
    #[n(2)]
    Born,
    /// The voter lives elsewhere.
    #[n(3)]
    Address,
    /// The person is not on the list.
    #[n(4)]
    Missing,
    /// The line is of somebody who died or should not be on the list.
    #[n(5)]
    Extra,
}

impl CorrectionKind {
    /// Every kind, in the order of a page.
    pub const ALL: [CorrectionKind; 5] = [
        CorrectionKind::Name,
        CorrectionKind::Born,
        CorrectionKind::Address,
        CorrectionKind::Missing,
        CorrectionKind::Extra,
    ];

    /// The code in tables and forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CorrectionKind::Name => "name",
            CorrectionKind::Born => "born",
            CorrectionKind::Address => "address",
            CorrectionKind::Missing => "missing",
            CorrectionKind::Extra => "extra",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it is about a line of the list; otherwise about a person who has none.
    #[must_use]
    pub fn has_line(self) -> bool {
        self != CorrectionKind::Missing
    }
}

/// A correction as a kit signs it (type `correction`, `COSE_Sign1`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Correction {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number: the rehearsal's own.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The kit's key id.
    #[n(4)]
    pub kit: ByteArray<8>,
    /// The kit's own counter, from 1.
    #[n(5)]
    pub number: u32,
    /// When, microseconds UTC by the kit's clock.
    #[n(6)]
    pub at: i64,
    /// Id of the package manifest: by which list the line counts.
    #[n(7)]
    pub package: ByteArray<32>,
    /// Line, 0 for a person who has none.
    #[n(8)]
    pub line: u32,
    /// What is wrong.
    #[n(9)]
    pub kind: CorrectionKind,
    /// Ephemeral public key.
    #[n(10)]
    pub ephemeral: ByteArray<65>,
    /// [`CorrectionText`], sealed.
    #[n(11)]
    pub sealed: Bytes,
}

/// What was said.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CorrectionText {
    /// PIN of a person who has no line, 14 digits; else empty.
    #[n(1)]
    pub pin: String,
    /// How it should be: a name, a date, an address; for a person without a line their name.
    #[n(2)]
    pub right: String,
}

impl std::fmt::Debug for CorrectionText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CorrectionText(sealed)")
    }
}

/// The subject under which corrections of a rehearsal are signed.
#[must_use]
pub fn correction_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::Correction,
        election,
    }
}

impl Correction {
    /// The correction without what depends on the sealing.
    fn core(&self) -> Vec<u8> {
        encode(&Self {
            ephemeral: [0; 65].into(),
            sealed: super::folder::bytes(&[]),
            ..self.clone()
        })
    }

    /// Seals what was said to the office's key; `scalar` is random and used once.
    ///
    /// # Errors
    /// [`PackageError::BadPoint`] when the scalar or the office's key is none of P-256.
    pub fn seal(
        &mut self,
        said: &CorrectionText,
        office: &PublicKey,
        scalar: &[u8; 32],
    ) -> Result<(), PackageError> {
        let (ephemeral, sealed) =
            sealed_once::seal(LABEL, &self.core(), encode(said), office, scalar)?;
        self.ephemeral = ephemeral.into();
        self.sealed = super::folder::bytes(&sealed);
        Ok(())
    }

    /// Reads what was said with the office's key.
    ///
    /// # Errors
    /// [`PackageError::Wrap`] for another key or changed bytes, [`PackageError::Body`] for contents that are
    /// malformed, [`PackageError::Device`] from the key.
    pub fn open(&self, office: &dyn KeyAgreement) -> Result<CorrectionText, PackageError> {
        let sealed = (*self.ephemeral, self.sealed.as_slice());
        let plain = sealed_once::open(LABEL, &self.core(), sealed, office)?;
        let said: CorrectionText =
            super::envelope::decode(&plain).map_err(|_| PackageError::Body)?;
        let is_short = |text: &str| text.chars().count() <= TEXT_CHARS_MAX;
        if !is_short(&said.pin) || !is_short(&said.right) {
            return Err(PackageError::Body);
        }
        Ok(said)
    }

    /// Whether line and kind fit each other.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        (self.line > 0) == self.kind.has_line() && self.number > 0
    }
}
