//! A change of one precinct's list while it votes: what a stick carries from both institutions to a kit.
//!
//! The signed part is public within the precinct and small enough to stand in an event: what happens to
//! which line, and the root of the list afterwards. What an added or corrected line says is sealed to the
//! kits of the package, entry by entry, so that each fits into a message between kits. Restated in
//! docs/formats.md §4.1.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::envelope::{DocumentType, PublicKey, Subject, encode, sha256};
use super::folder::Bytes;
use super::package::{
    KeyAgreement, PackageError, PackageVoter, hkdf_32, scalar, shared, unwrap, wrap,
};

/// The most bytes of one sealed entry: a photograph of 8 KiB and four fingers.
pub const ENTRY_BYTES_MAX: usize = 16 << 10;

/// The most bytes of the file on a stick.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// The most changes of one delta, so that its signed part fits into an event; what is more follows as the next.
pub const CHANGES_MAX: usize = 30;

/// What happens to a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum StationChangeKind {
    /// Nobody votes by this line any more.
    #[n(1)]
    Strike,
    /// A line after the last, on a supplementary page.
    #[n(2)]
    Add,
    /// The same person's line says something else.
    #[n(3)]
    Correct,
    /// The register says that the person died after the freeze: the line stays, the finger decides.
    #[n(4)]
    Stop,
}

impl StationChangeKind {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            StationChangeKind::Strike => "strike",
            StationChangeKind::Add => "add",
            StationChangeKind::Correct => "correct",
            StationChangeKind::Stop => "stop",
        }
    }

    /// Whether a sealed entry goes with it.
    #[must_use]
    pub fn has_entry(self) -> bool {
        match self {
            StationChangeKind::Add | StationChangeKind::Correct => true,
            StationChangeKind::Strike | StationChangeKind::Stop => false,
        }
    }
}

/// One line that changes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct StationChange {
    /// Line number, from 1.
    #[n(0)]
    pub line: u32,
    /// What happens.
    #[n(1)]
    pub kind: StationChangeKind,
    /// SHA-256 of the sealed entry; none for a strike and a stop-note.
    #[n(2)]
    pub entry: Option<ByteArray<32>>,
    /// `ExclusionReason` or `ChangeReason` code.
    #[n(3)]
    pub reason: String,
}

/// A delta for one station: `COSE_Sign` by `srs-release` and `cec-release`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct StationDelta {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// Number after its package, from 1.
    #[n(4)]
    pub number: u32,
    /// Id of the package manifest that it changes.
    #[n(5)]
    pub package: ByteArray<32>,
    /// Id of the station delta before; of the package manifest for the first.
    #[n(6)]
    pub previous: ByteArray<32>,
    /// Id of the country's list delta that it is cut from.
    #[n(7)]
    pub list_delta: Option<ByteArray<32>>,
    /// Root of the whole list after it.
    #[n(8)]
    pub root: ByteArray<32>,
    /// The last line number of the precinct after it.
    #[n(9)]
    pub lines: u32,
    /// Lines that are not struck after it.
    #[n(10)]
    pub voters: u32,
    /// From when it holds, microseconds UTC.
    #[n(11)]
    pub effective_at: i64,
    /// The changes, by line; each line at most once.
    #[n(12)]
    pub changes: Vec<StationChange>,
    /// Ephemeral public key; left out when nothing is sealed.
    #[n(13)]
    pub ephemeral: Option<ByteArray<65>>,
    /// A wrap of the content key for each kit of the package, in its order; 40 bytes each.
    #[n(14)]
    pub kit_wraps: Vec<ByteArray<40>>,
}

/// What an added or corrected line says, before it is sealed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StationEntry {
    /// Key of the tokens of this delta, 32 bytes.
    #[n(1)]
    pub index_key: ByteArray<32>,
    /// The voter, as a package holds one.
    #[n(2)]
    pub voter: PackageVoter,
}

impl std::fmt::Debug for StationEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StationEntry({:?})", self.voter)
    }
}

/// The file on a stick: the signed part and the sealed entries, in the order of the changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StationDeltaFile {
    /// The `COSE_Sign`.
    #[n(0)]
    pub signed: Bytes,
    /// Sealed entries.
    #[n(1)]
    pub entries: Vec<Bytes>,
}

/// Secrets of one sealing; random, used once, destroyed.
pub struct DeltaSecrets {
    /// Scalar of the ephemeral key.
    pub ephemeral: [u8; 32],
    /// The content key.
    pub content: [u8; 32],
}

/// The subject under which station deltas of an election are signed.
#[must_use]
pub fn station_delta_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::StationDelta,
        election,
    }
}

impl StationDelta {
    /// The delta without what depends on the sealing.
    fn core(&self) -> Vec<u8> {
        let mut core = Self {
            ephemeral: None,
            kit_wraps: Vec::new(),
            ..self.clone()
        };
        for change in &mut core.changes {
            change.entry = None;
        }
        encode(&core)
    }

    /// Seals entries to the kits: fills the hashes, the ephemeral key and the wraps, and gives the sealed
    /// entries in the order of the changes.
    ///
    /// The nonce is the line's number: the content key serves one delta, a line stands in it once.
    /// Cost: an ECDH for each kit and an AES pass.
    ///
    /// # Errors
    /// [`PackageError::BadPoint`] when the scalar or a kit's key is none of P-256.
    pub fn seal(
        &mut self,
        entries: &[StationEntry],
        kits: &[PublicKey],
        secrets: &DeltaSecrets,
    ) -> Result<Vec<Vec<u8>>, PackageError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let (secret, ephemeral) = scalar(&secrets.ephemeral)?;
        let core = self.core();
        let core_hash = sha256(&core);
        let key = content_key(&secrets.content);
        let mut sealed = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut bytes = encode(entry);
            key.seal_in_place_append_tag(nonce(entry.voter.line), Aad::from(&core), &mut bytes)
                .map_err(|_| PackageError::Body)?;
            let line = entry.voter.line;
            let change = self.changes.iter_mut().find(|change| change.line == line);
            change.ok_or(PackageError::Body)?.entry = Some(sha256(&bytes).into());
            sealed.push(bytes);
        }
        self.kit_wraps = kits
            .iter()
            .map(|kit| {
                let kek = hkdf_32(&core_hash, &shared(&secret, &kit.0)?, b"kg1/delta-kit");
                Ok(wrap(&kek, &secrets.content).into())
            })
            .collect::<Result<_, PackageError>>()?;
        self.ephemeral = Some(ephemeral.into());
        Ok(sealed)
    }

    /// Opens one sealed entry with a kit's key; `kit_at` is the kit's place in the package's manifest.
    ///
    /// # Errors
    /// [`PackageError::Wrap`] for another kit or changed bytes, [`PackageError::Body`] for contents that
    /// are malformed or of another line, [`PackageError::Device`] from the kit's key.
    pub fn open_entry(
        &self,
        change: &StationChange,
        sealed: &[u8],
        kit_at: usize,
        kit: &dyn KeyAgreement,
    ) -> Result<StationEntry, PackageError> {
        let (Some(ephemeral), Some(hash)) = (&self.ephemeral, &change.entry) else {
            return Err(PackageError::Wrap);
        };
        if sha256(sealed) != **hash {
            return Err(PackageError::Ciphertext);
        }
        let core = self.core();
        let z = kit.agree(&PublicKey(**ephemeral))?;
        let kek = hkdf_32(&sha256(&core), &z, b"kg1/delta-kit");
        let content = unwrap(&kek, self.kit_wraps.get(kit_at).ok_or(PackageError::Wrap)?)?;
        let mut plain = sealed.to_vec();
        let plain = content_key(&content)
            .open_in_place(nonce(change.line), Aad::from(&core), &mut plain)
            .map_err(|_| PackageError::Wrap)?;
        let entry: StationEntry = super::envelope::decode(plain).map_err(|_| PackageError::Body)?;
        let is_small = entry.voter.fingers.len() <= 4 && entry.voter.photo.len() <= 8 << 10;
        if entry.voter.line != change.line || !is_small {
            return Err(PackageError::Body);
        }
        Ok(entry)
    }

    /// Whether the delta is well-formed in itself: lines ascend, each once, entries where they belong.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let ascends = self.changes.windows(2).all(|two| two[0].line < two[1].line);
        let fits = self.changes.iter().all(|change| {
            change.line > 0
                && change.line <= self.lines
                && change.kind.has_entry() == change.entry.is_some()
        });
        ascends
            && fits
            && self.number > 0
            && self.voters <= self.lines
            && (1..=CHANGES_MAX).contains(&self.changes.len())
    }
}

fn nonce(line: u32) -> Nonce {
    let mut bytes = [0u8; 12];
    bytes[8..].copy_from_slice(&line.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn content_key(content: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content).expect("the key has 32 bytes"))
}
