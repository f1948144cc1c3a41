//! A signed change of the list in force, between two releases or after the freeze.
//!
//! Numbers are never given twice: a struck line keeps its number and its leaf says so, an added one
//! continues after the last of its precinct, on supplementary pages.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::sha256;

/// What happens to a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum ChangeKind {
    /// Nobody votes by this line any more.
    #[n(1)]
    Strike,
    /// A line after the last of its precinct.
    #[n(2)]
    Add,
    /// The same person's line says something else.
    #[n(3)]
    Change,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [ChangeKind; 3] = [ChangeKind::Strike, ChangeKind::Add, ChangeKind::Change];

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ChangeKind::Strike => "strike",
            ChangeKind::Add => "add",
            ChangeKind::Change => "change",
        }
    }
}

/// One line that changes. It holds no personal data: the line itself is in `deltas/`, by its commitment.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct LineChange {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// Line number, from 1.
    #[n(1)]
    pub line: u32,
    /// What happens.
    #[n(2)]
    pub kind: ChangeKind,
    /// `ExclusionReason` or `ChangeReason` code.
    #[n(3)]
    pub reason: String,
    /// Commitment before; none for an added line.
    #[n(4)]
    pub before: Option<ByteArray<32>>,
    /// Commitment after; of a struck line [`struck`] of the one before.
    #[n(5)]
    pub after: ByteArray<32>,
}

/// Lines of one precinct after the delta.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PrecinctAfter {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// The last line number given.
    #[n(1)]
    pub lines: u32,
    /// Lines that are not struck.
    #[n(2)]
    pub voters: u32,
}

/// One delta of the list: `COSE_Sign` by `srs-release` and `cec-release`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ListDelta {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Number after its release, from 1.
    #[n(3)]
    pub number: u32,
    /// Id of the release it changes.
    #[n(4)]
    pub release: ByteArray<32>,
    /// Id of the delta before; of the release for the first.
    #[n(5)]
    pub previous: ByteArray<32>,
    /// Root over all leaves before.
    #[n(6)]
    pub root_before: ByteArray<32>,
    /// Root over all leaves after.
    #[n(7)]
    pub root_after: ByteArray<32>,
    /// Voters before: lines that are not struck.
    #[n(8)]
    pub voters_before: u64,
    /// Voters after.
    #[n(9)]
    pub voters_after: u64,
    /// From when it holds, microseconds since the epoch.
    #[n(10)]
    pub effective_at: i64,
    /// The changes, by precinct and line; each line at most once.
    #[n(11)]
    pub changes: Vec<LineChange>,
    /// The precincts that it changes, ascending.
    #[n(12)]
    pub precincts: Vec<PrecinctAfter>,
    /// Id of the snapshot that shows the new facts.
    #[n(13)]
    pub snapshot: ByteArray<32>,
    /// SHA-256 of the law file.
    #[n(14)]
    pub law: ByteArray<32>,
}

/// The leaf of a struck line: SHA-256(`kg1/struck` ‖ its commitment before).
#[must_use]
pub fn struck(before: &[u8; 32]) -> [u8; 32] {
    let mut text = b"kg1/struck".to_vec();
    text.extend_from_slice(before);
    sha256(&text)
}
