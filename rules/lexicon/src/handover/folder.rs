//! Signed folders and the keys that speak for roles.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct FileEntry {
    /// Path inside the folder, `/` between parts, no `..`, in byte order of the manifest.
    #[n(0)]
    pub path: String,
    /// Length, bytes.
    #[n(1)]
    pub length: u64,
    /// SHA-256 of the contents.
    #[n(2)]
    pub sha256: ByteArray<32>,
}

/// Everything in one folder, except its own `MANIFEST.cose`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FolderManifest {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// The folder's name: `snapshot`, `roll`, `packages`, `journals`, `publication`.
    #[n(3)]
    pub folder: String,
    /// The files, sorted by path.
    #[n(4)]
    pub files: Vec<FileEntry>,
    /// Counts that the signer vouches for, sorted by name (rows of a table, lines of a list).
    #[n(5)]
    pub counts: Vec<Count>,
    /// Further text facts, sorted by name (`law` = SHA-256 of the law file in hex, `journal_position` …).
    #[n(6)]
    pub facts: Vec<Fact>,
}

/// A named count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Count {
    /// What is counted.
    #[n(0)]
    pub name: String,
    /// How many.
    #[n(1)]
    pub value: u64,
}

/// A named text fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Fact {
    /// What it is.
    #[n(0)]
    pub name: String,
    /// Its value.
    #[n(1)]
    pub value: String,
}

/// The name of a folder's own signed manifest.
pub const MANIFEST_FILE: &str = "MANIFEST.cose";

/// A key and the role it speaks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Anchor {
    /// `root-srs`, `root-cec`, `srs-release`, `cec-release`, `register`, `publication`.
    #[n(0)]
    pub role: String,
    /// The P-256 point, 65 bytes.
    #[n(1)]
    pub point: ByteArray<65>,
    /// `file (demo)`, `pkcs11`: where the private half lives.
    #[n(2)]
    pub home: String,
}

/// The keys of one election, signed by both roots (`COSE_Sign`, roots `root-srs` and `root-cec`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TrustAnchors {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// The keys, sorted by role.
    #[n(3)]
    pub anchors: Vec<Anchor>,
    /// The log's note verifier key (C2SP signed-note text form).
    #[n(4)]
    pub log_key: String,
    /// Witnesses' note verifier keys, sorted.
    #[n(5)]
    pub witness_keys: Vec<String>,
    /// How many witnesses must cosign a checkpoint.
    #[n(6)]
    pub witnesses_needed: u8,
}

/// Where the trust anchors stand in an output directory.
pub const TRUST_FILE: &str = "publication/trust.cose";

/// A byte string of any length, for payload fields.
pub type Bytes = ByteVec;

/// Makes a byte-string field.
#[must_use]
pub fn bytes(value: &[u8]) -> Bytes {
    value.to_vec().into()
}
