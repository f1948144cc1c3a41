//! Captures of fingers that identified voters, sealed to the office's key one by one and handed in under the kit's
//! signature, where the law lets them be kept (S-16).
//!
//! A capture is bound to its act by kit, counter and line. Restated in docs/formats.md §17.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    DocumentType, EnvelopeError, Kid, PublicKey, SUITE, SignError, Signed, Signer, Subject,
    Verifier, decode, encode, open1, peek1, sha256, sign1,
};
use super::folder::{Bytes, bytes};
use super::office_statement::Statement;
use super::package::{KeyAgreement, PackageError, PackageFinger};
use super::sealed_once;

const LABEL: &[u8] = b"kg1/capture";

/// The most bytes of a minutiae record: 255 minutiae and the headers.
pub const RECORD_BYTES_MAX: usize = 2048;

/// The most enrolled fingers beside it: those that a package holds.
pub const ENROLLED_MAX: usize = 4;

/// The most bytes of a sealed one.
pub const CAPTURE_BYTES_MAX: usize = (1 + ENROLLED_MAX) * RECORD_BYTES_MAX + 1024;

/// A sealed capture.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeptCapture {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The kit's key id.
    #[n(4)]
    pub kit: ByteArray<8>,
    /// Counter of the act that the finger identified.
    #[n(5)]
    pub seq: u32,
    /// Line of the list.
    #[n(6)]
    pub line: u32,
    /// Finger position 1–10 that was asked for.
    #[n(7)]
    pub finger: u8,
    /// When it was sealed, microseconds UTC by the kit's clock.
    #[n(8)]
    pub at: i64,
    /// Id of the package manifest: by which list the line counts.
    #[n(9)]
    pub package: ByteArray<32>,
    /// Ephemeral public key.
    #[n(10)]
    pub ephemeral: ByteArray<65>,
    /// The record, sealed.
    #[n(11)]
    pub sealed: Bytes,
}

/// What is sealed: the finger as it was captured, and the prints by which the voter could be identified.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CaptureContents {
    /// ISO/IEC 19794-2:2005.
    #[n(1)]
    pub minutiae: Bytes,
    /// The fingers of the line in the package, at most [`ENROLLED_MAX`].
    #[n(2)]
    pub enrolled: Vec<PackageFinger>,
}

impl std::fmt::Debug for CaptureContents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "CaptureContents({} enrolled, sealed)",
            self.enrolled.len()
        )
    }
}

impl CaptureContents {
    fn fits(&self) -> bool {
        let records = self.enrolled.iter().map(|finger| &finger.minutiae);
        let mut records = records.chain([&self.minutiae]);
        self.enrolled.len() <= ENROLLED_MAX
            && records.all(|record| record.len() <= RECORD_BYTES_MAX)
    }
}

/// Of which act a capture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureOf {
    /// Election number.
    pub election: u32,
    /// Precinct number.
    pub precinct: u16,
    /// The kit's key id.
    pub kit: [u8; 8],
    /// Counter of the act.
    pub seq: u32,
    /// Line of the list.
    pub line: u32,
    /// Finger position.
    pub finger: u8,
    /// When, microseconds UTC.
    pub at: i64,
    /// Id of the package manifest.
    pub package: [u8; 32],
}

impl KeptCapture {
    /// Seals minutiae records to the office's key; `scalar` is random and used once.
    ///
    /// # Errors
    /// [`PackageError::BadPoint`] when the scalar or the office's key is none of P-256, [`PackageError::Body`] for
    /// records that are too large or too many.
    pub fn seal(
        of: CaptureOf,
        contents: &CaptureContents,
        office: &PublicKey,
        scalar: &[u8; 32],
    ) -> Result<Self, PackageError> {
        if !contents.fits() {
            return Err(PackageError::Body);
        }
        let mut kept = Self {
            suite: SUITE.to_owned(),
            election: of.election,
            precinct: of.precinct,
            kit: of.kit.into(),
            seq: of.seq,
            line: of.line,
            finger: of.finger,
            at: of.at,
            package: of.package.into(),
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
        };
        let contents = encode(contents);
        let (ephemeral, sealed) = sealed_once::seal(LABEL, &kept.core(), contents, office, scalar)?;
        kept.ephemeral = ephemeral.into();
        kept.sealed = bytes(&sealed);
        Ok(kept)
    }

    /// Reads a sealed capture.
    ///
    /// # Errors
    /// [`EnvelopeError`] for bytes that are none, or too many.
    pub fn read(file: &[u8]) -> Result<Self, EnvelopeError> {
        if file.len() > CAPTURE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge {
                got: file.len(),
                max: CAPTURE_BYTES_MAX,
            });
        }
        let kept: Self = decode(file)?;
        if kept.suite != SUITE {
            return Err(EnvelopeError::WrongHeader);
        }
        Ok(kept)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.bytes())
    }

    /// Opens the minutiae records with the office's key.
    ///
    /// # Errors
    /// [`PackageError::Wrap`] for another key or changed bytes, [`PackageError::Body`] for contents that are malformed,
    /// [`PackageError::Device`] from the key.
    pub fn open(&self, office: &dyn KeyAgreement) -> Result<CaptureContents, PackageError> {
        let sealed = (*self.ephemeral, self.sealed.as_slice());
        let plain = sealed_once::open(LABEL, &self.core(), sealed, office)?;
        let contents: CaptureContents = decode(&plain).map_err(|_| PackageError::Body)?;
        contents
            .fits()
            .then_some(contents)
            .ok_or(PackageError::Body)
    }

    /// The map without what depends on the sealing.
    fn core(&self) -> Vec<u8> {
        encode(&Self {
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
            ..self.clone()
        })
    }
}

/// The captures of one kit as it hands them in (type `captures`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CaptureList {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The kit's key id; its key signs.
    #[n(4)]
    pub kit: ByteArray<8>,
    /// Id of the package manifest.
    #[n(5)]
    pub package: ByteArray<32>,
    /// When it was made, microseconds UTC.
    #[n(6)]
    pub at: i64,
    /// The captures, by the counters of their acts, each once.
    #[n(7)]
    pub captures: Vec<KeptCapture>,
}

impl CaptureList {
    /// Whether every capture is this kit's, of this list's package, and each counter stands once, ascending.
    fn holds_together(&self) -> bool {
        let mut last = 0;
        self.captures.iter().all(|one| {
            let is_next = one.seq > last;
            last = one.seq;
            is_next
                && one.suite == SUITE
                && (one.election, one.precinct) == (self.election, self.precinct)
                && (one.kit, one.package) == (self.kit, self.package)
                && one.sealed.len() <= CAPTURE_BYTES_MAX
        })
    }

    /// Signs the list by the kit's key.
    ///
    /// # Errors
    /// [`SignError`] from the key.
    pub fn sign(&self, kit: &dyn Signer) -> Result<Vec<u8>, SignError> {
        sign1(subject(self.election), &encode(self), kit)
    }

    /// Reads a list without looking at its signature.
    ///
    /// # Errors
    /// [`EnvelopeError`] for bytes that are none.
    pub fn peek(file: &[u8], election: u32) -> Result<Self, EnvelopeError> {
        let (_, payload) = peek1(subject(election), file)?;
        Self::read(&payload, election)
    }

    /// Opens a list that its own kit must have signed, and gives the signed document.
    ///
    /// # Errors
    /// [`EnvelopeError`]; nothing of it may be used then.
    pub fn open(
        file: &[u8],
        election: u32,
        verifier: &dyn Verifier,
    ) -> Result<(Self, Signed), EnvelopeError> {
        let signed = open1(subject(election), file, verifier)?;
        let list = Self::read(&signed.payload, election)?;
        if signed.signers != [Kid(*list.kit)] {
            return Err(EnvelopeError::UnknownKey(Kid(*list.kit)));
        }
        Ok((list, signed))
    }

    fn read(payload: &[u8], election: u32) -> Result<Self, EnvelopeError> {
        let list: Self = decode(payload)?;
        if list.suite != SUITE || list.election != election || !list.holds_together() {
            return Err(EnvelopeError::Payload(
                "of another suite, election or kit, or out of order".to_owned(),
            ));
        }
        Ok(list)
    }
}

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::Captures,
        election,
    }
}

/// One act of a pair: who signed it, where and when, and the capture that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PairSide {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// Line of the list.
    #[n(1)]
    pub line: u32,
    /// The kit's key id.
    #[n(2)]
    pub kit: ByteArray<8>,
    /// Its short name, `K1`.
    #[n(3)]
    pub kit_name: String,
    /// Counter of the act.
    #[n(4)]
    pub seq: u32,
    /// Number of the slip.
    #[n(5)]
    pub receipt: u32,
    /// When the act was signed, microseconds UTC.
    #[n(6)]
    pub at: i64,
    /// Finger position 1–10 that was asked for.
    #[n(7)]
    pub finger: u8,
    /// SHA-256 of the sealed capture.
    #[n(8)]
    pub capture: ByteArray<32>,
    /// Id of the kit's signed list of captures that holds it.
    #[n(9)]
    pub captures: ByteArray<32>,
    /// The signed event, byte for byte.
    #[n(10)]
    pub event: Bytes,
}

/// Two acts on two lines behind which one person may stand.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CapturePair {
    /// The earlier act.
    #[n(0)]
    pub first: PairSide,
    /// The later one.
    #[n(1)]
    pub second: PairSide,
    /// The evidence of all fingers and views together, 100 for each power of ten of the false match rate.
    #[n(2)]
    pub score: u16,
    /// The same of the best single view with a capture of the day.
    #[n(3)]
    pub of_day: u16,
    /// How many fingers both have.
    #[n(4)]
    pub fingers: u8,
}

/// One person's step of opening the captures.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OpeningStep {
    /// `registration` or `commission`.
    #[n(0)]
    pub institution: String,
    /// The account.
    #[n(1)]
    pub staff: String,
    /// Why, a code.
    #[n(2)]
    pub reason: String,
    /// Number of the decision that it rests on.
    #[n(3)]
    pub basis: String,
    /// When, microseconds UTC.
    #[n(4)]
    pub at: i64,
}

/// What the comparison of a day's captures found (type `capture-pairs`): the evidence packet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CapturePairs {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Voters that were compared, each with every other one of another line.
    #[n(3)]
    pub compared: u32,
    /// Captures that the office's key did not open or that are no record.
    #[n(4)]
    pub unreadable: u32,
    /// Captures of acts that do not stand: undone, set aside.
    #[n(5)]
    pub left_out: u32,
    /// False hits that one search may give on average, 10⁻⁹.
    #[n(6)]
    pub false_hits_ppb: u32,
    /// The score from which on two voters are a pair.
    #[n(7)]
    pub threshold: u16,
    /// Whether every voter was compared with every other; otherwise a prefilter chose.
    #[n(8)]
    pub exhaustive: bool,
    /// Who asked to open the captures.
    #[n(9)]
    pub asked: OpeningStep,
    /// Who of the other institution allowed it.
    #[n(10)]
    pub allowed: OpeningStep,
    /// The pairs, by the first act and the second.
    #[n(11)]
    pub pairs: Vec<CapturePair>,
    /// When, microseconds UTC.
    #[n(12)]
    pub at: i64,
}

impl Statement for CapturePairs {
    const KIND: DocumentType = DocumentType::CapturePairs;

    fn scope(&self) -> (&str, u32) {
        (&self.suite, self.election)
    }
}
