//! Acts that only two institutions together can do: placing a voter by hand, going on over a blocker.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

/// A voter placed by hand: `COSE_Sign` of type `assignment-override` by `srs-release` and `cec-release`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AssignmentOverride {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// The person's id.
    #[n(3)]
    pub person: ByteArray<16>,
    /// The precinct.
    #[n(4)]
    pub precinct: u16,
    /// Why, in words; counted and shown.
    #[n(5)]
    pub reason: String,
    /// When, microseconds since the epoch.
    #[n(6)]
    pub at: i64,
}

impl std::fmt::Debug for AssignmentOverride {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AssignmentOverride(precinct {}, sealed)", self.precinct)
    }
}

/// A blocker that both institutions let pass, up to a count.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PassedBlocker {
    /// `Blocker` code.
    #[n(0)]
    pub blocker: String,
    /// At most this many.
    #[n(1)]
    pub count: u64,
}

/// What a final list may be released over: `COSE_Sign` of type `sign-off` by `srs-release` and `cec-release`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SignOff {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Id of the snapshot it was looked at in; it holds for no other.
    #[n(3)]
    pub snapshot: ByteArray<32>,
    /// The blockers, sorted by code.
    #[n(4)]
    pub passed: Vec<PassedBlocker>,
    /// Why, in words.
    #[n(5)]
    pub reason: String,
    /// When, microseconds since the epoch.
    #[n(6)]
    pub at: i64,
}
