//! The voter list as lines, leaves, a root and a signed release.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use ring::hmac;

use super::envelope::{encode, sha256};

/// What one line of the list says; exactly what is printed on paper and committed to.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RollLine {
    /// Precinct number.
    #[n(1)]
    pub precinct: u16,
    /// Line number, from 1.
    #[n(2)]
    pub line: u32,
    /// Page number, from 1.
    #[n(3)]
    pub page: u32,
    /// Surname as printed.
    #[n(4)]
    pub surname: String,
    /// Given name as printed.
    #[n(5)]
    pub given: String,
    /// Patronymic, may be empty.
    #[n(6)]
    pub patronymic: String,
    /// Birth date, `YYYY-MM-DD`.
    #[n(7)]
    pub born: String,
    /// Address as printed.
    #[n(8)]
    pub address: String,
}

impl std::fmt::Debug for RollLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RollLine({} line {}, sealed)", self.precinct, self.line)
    }
}

/// A line with the salt that hides it: one element of `roll/lines/PPPP.cbor`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SaltedLine {
    /// First 16 bytes of HMAC-SHA-256(`K_salt`, precinct u16 BE ‖ line u32 BE).
    #[n(0)]
    pub salt: ByteArray<16>,
    /// The line.
    #[n(1)]
    pub line: RollLine,
}

/// The salt key of one release. Destroying it makes every commitment unopenable.
pub struct SaltKey(hmac::Key);

impl SaltKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The salt of a line.
    #[must_use]
    pub fn salt(&self, precinct: u16, line: u32) -> [u8; 16] {
        let mut message = precinct.to_be_bytes().to_vec();
        message.extend_from_slice(&line.to_be_bytes());
        let mut salt = [0u8; 16];
        salt.copy_from_slice(&hmac::sign(&self.0, &message).as_ref()[..16]);
        salt
    }
}

impl SaltedLine {
    /// Salts a line.
    #[must_use]
    pub fn new(line: RollLine, key: &SaltKey) -> Self {
        let salt = key.salt(line.precinct, line.line).into();
        Self { salt, line }
    }

    /// The commitment `c = SHA-256("kg1/leaf" ‖ salt ‖ CBOR(line))`; 32 bytes, the log entry.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let mut text = b"kg1/leaf".to_vec();
        text.extend_from_slice(self.salt.as_slice());
        text.extend_from_slice(&encode(&self.line));
        sha256(&text)
    }
}

/// Lines of one precinct within the list tree.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PrecinctTotal {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// Index of its line 1 among all leaves.
    #[n(1)]
    pub first_leaf: u64,
    /// How many lines.
    #[n(2)]
    pub lines: u32,
}

/// How many considered persons one reason excludes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ExcludedTotal {
    /// `ExclusionReason` code.
    #[n(0)]
    pub reason: String,
    /// How many.
    #[n(1)]
    pub count: u64,
}

/// One release of the list: `COSE_Sign` by `srs-release` and `cec-release`.
///
/// `considered = total + Σ excluded`. Leaves stand by precinct, then line.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ListRelease {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Release number, from 1.
    #[n(3)]
    pub release: u32,
    /// The release before, if there is one.
    #[n(4)]
    pub previous: Option<ByteArray<32>>,
    /// Merkle root (RFC 6962) over the commitments.
    #[n(5)]
    pub root: ByteArray<32>,
    /// Lines in all.
    #[n(6)]
    pub total: u64,
    /// Lines by precinct, sorted by precinct.
    #[n(7)]
    pub precincts: Vec<PrecinctTotal>,
    /// Persons considered.
    #[n(8)]
    pub considered: u64,
    /// Exclusions by reason, in the order of the rules.
    #[n(9)]
    pub excluded: Vec<ExcludedTotal>,
    /// SHA-256 of the law file.
    #[n(10)]
    pub law: ByteArray<32>,
    /// Id of the snapshot's folder manifest.
    #[n(11)]
    pub snapshot: ByteArray<32>,
    /// When the list was frozen, microseconds since the epoch.
    #[n(12)]
    pub frozen_at: i64,
    /// Stage: `preliminary`, `control`, `final`.
    #[n(13)]
    pub stage: String,
}

/// Why a person is not on the list, signed: the portal's answer carries it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Absence {
    /// Release number.
    #[n(1)]
    pub release: u32,
    /// `ExclusionReason` code.
    #[n(2)]
    pub reason: String,
    /// First 16 bytes of the look-up token, so that the answer fits one question only.
    #[n(3)]
    pub token: ByteArray<16>,
}
