//! RFC 6962 hashing: leaves, nodes, and their text form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::str::FromStr;

/// A 32-byte SHA-256 value of the Merkle tree: a leaf hash, an inner node or a root.
///
/// Text form: standard base64 with padding, 44 characters (C2SP tlog-checkpoint).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Bytes in a hash.
    pub const LEN: usize = 32;

    /// The root of a tree without leaves: SHA-256 of the empty string (RFC 6962 §2.1).
    pub const EMPTY_ROOT: Hash = Hash([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The bytes, most significant first.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Why a text is not a hash. An engineer acts: the file is damaged or of another format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes in standard base64 with padding (44 characters)")]
pub struct ParseHashError;

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        let bytes = STANDARD.decode(text).map_err(|_| ParseHashError)?;
        Ok(Hash(bytes.try_into().map_err(|_| ParseHashError)?))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Hash(bytes)
    }
}

/// Hashes a log entry: SHA-256(0x00 ‖ entry). Source: RFC 6962 §2.1.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(&[0]);
    context.update(entry);
    finish(context.finish())
}

/// Hashes two neighbours into their parent: SHA-256(0x01 ‖ left ‖ right). Source: RFC 6962 §2.1.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut block = [1u8; 65];
    block[1..33].copy_from_slice(&left.0);
    block[33..].copy_from_slice(&right.0);
    finish(ring::digest::digest(&ring::digest::SHA256, &block))
}

/// SHA-256 of the bytes as they are, for key identifiers.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    finish(ring::digest::digest(&ring::digest::SHA256, bytes))
}

fn finish(digest: ring::digest::Digest) -> Hash {
    let mut out = [0u8; 32];
    out.copy_from_slice(digest.as_ref());
    Hash(out)
}
