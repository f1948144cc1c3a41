//! `.tlog-proof` files: entry, proof and witnessed checkpoint in one text that verifies offline.
//!
//! Source: C2SP tlog-proof.

use crate::hash::Hash;
use crate::note::{NOTE_BYTES_MAX, Note, NoteError};
use crate::policy::{Accepted, Policy, RefuseCheckpoint};
use crate::proof::{ProofError, verify_inclusion};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::str::FromStr;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof that some entry is in a log, with the log's signed and witnessed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Zero-based entry.
    pub index: u64,
    /// Inclusion proof, from the leaf's sibling up to the root's child; at most 64 hashes.
    pub hashes: Vec<Hash>,
    /// Bytes for the application, for instance the salt and fields of a line. Not authenticated by
    /// the proof: trust them only as far as the leaf hash is recomputed from them.
    pub extra: Option<Vec<u8>>,
    /// The signed checkpoint, as the log and its witnesses wrote it.
    pub checkpoint: Note,
}

/// Why a text is not a `.tlog-proof`. An engineer acts: line numbers count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseTlogProofError {
    /// Longer than any proof with its checkpoint.
    #[error("the proof is longer than 2000000 bytes")]
    TooLong,
    /// Line 1 names the format.
    #[error("line 1: expected c2sp.org/tlog-proof@v1")]
    Header,
    /// `extra` is not followed by base64.
    #[error("line {line}: extra data is not base64")]
    Extra {
        /// Line in the text.
        line: usize,
    },
    /// No `index` line with a decimal number without leading zeros.
    #[error("line {line}: expected `index` and a decimal number without leading zeros")]
    Index {
        /// Line in the text.
        line: usize,
    },
    /// A proof line is not a hash, or there are more than 64.
    #[error("line {line}: not a hash in base64, or more hashes than any proof has")]
    Hash {
        /// Line in the text.
        line: usize,
    },
    /// The part after the blank line is not a signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Checkpoint(#[from] NoteError),
}

/// Why a `.tlog-proof` was refused. The entry must not be taken as logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefuseProof {
    /// The checkpoint does not fulfil the policy.
    #[error("the checkpoint is refused: {0}")]
    Checkpoint(#[from] RefuseCheckpoint),
    /// The entry is not in the checkpoint's tree at this place.
    #[error("the entry is not shown to be in the log: {0}")]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Verifies that the entry with hash `leaf` is in a log that `policy` believes.
    ///
    /// The caller computes `leaf` with [`crate::leaf_hash`] from the entry it holds, never from
    /// anything in the proof alone.
    ///
    /// # Errors
    /// [`RefuseProof`].
    pub fn verify(&self, leaf: Hash, policy: &Policy) -> Result<Accepted, RefuseProof> {
        let accepted = policy.judge(&self.checkpoint)?;
        let head = accepted.checkpoint.head();
        verify_inclusion(&self.hashes, self.index, head.size, leaf, head.root)?;
        Ok(accepted)
    }
}

impl FromStr for TlogProof {
    type Err = ParseTlogProofError;

    fn from_str(text: &str) -> Result<Self, ParseTlogProofError> {
        if text.len() > 2 * NOTE_BYTES_MAX {
            return Err(ParseTlogProofError::TooLong);
        }
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let mut lines = (1..).zip(proof.split('\n')).peekable();
        if lines.next().is_none_or(|(_, line)| line != HEADER) {
            return Err(ParseTlogProofError::Header);
        }
        let mut extra = None;
        if let Some((line, data)) = lines
            .peek()
            .and_then(|(at, line)| Some((*at, line.strip_prefix("extra ")?)))
        {
            extra = Some(
                STANDARD
                    .decode(data)
                    .map_err(|_| ParseTlogProofError::Extra { line })?,
            );
            lines.next();
        }
        let (line, index) = lines.next().unwrap_or((2, ""));
        let number = index.strip_prefix("index ").unwrap_or_default();
        let index: u64 = number
            .parse()
            .map_err(|_| ParseTlogProofError::Index { line })?;
        if index.to_string() != number {
            return Err(ParseTlogProofError::Index { line });
        }
        let mut hashes = Vec::new();
        for (line, hash) in lines {
            if hashes.len() == 64 {
                return Err(ParseTlogProofError::Hash { line });
            }
            hashes.push(
                hash.parse()
                    .map_err(|_| ParseTlogProofError::Hash { line })?,
            );
        }
        Ok(Self {
            index,
            hashes,
            extra,
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;
