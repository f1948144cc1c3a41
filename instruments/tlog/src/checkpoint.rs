//! Checkpoints: what a log says its tree is. Source: C2SP tlog-checkpoint, tlog-cosignature.

use crate::hash::Hash;
use crate::key::{SigningKey, VerifierKey};
use crate::note::{Note, NoteError, VerifyNoteError};
use crate::proof::{ProofError, TreeHead, verify_consistency};
use std::fmt;
use std::str::FromStr;

/// The statement of a log about its tree. The text of a signed note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

/// Why a text is not a checkpoint. An engineer acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Line 1 names the log and is not empty.
    #[error("line 1: the origin is empty or holds a control character")]
    Origin,
    /// Line 2 is the size in decimal without leading zeros.
    #[error("line 2: the tree size is not a decimal number without leading zeros")]
    Size,
    /// Line 3 is the root in base64, and the empty tree has its own root.
    #[error("line 3: the root is not 32 bytes in base64, or not the empty tree's")]
    Root,
    /// Lines after the third are not empty; the text ends in a newline.
    #[error("line {0}: extension lines are not empty and the text ends in a newline")]
    Extension(usize),
}

impl Checkpoint {
    /// States that the log `origin` has the tree `head`.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`]; [`CheckpointError::Root`] when an empty tree has another root.
    pub fn new(origin: &str, head: TreeHead) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.contains(|letter: char| letter < ' ') {
            return Err(CheckpointError::Origin);
        }
        if head.size == 0 && head.root != Hash::EMPTY_ROOT {
            return Err(CheckpointError::Root);
        }
        Ok(Self {
            origin: origin.to_owned(),
            head,
            extensions: Vec::new(),
        })
    }

    /// The name of the log, unique to it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root of the tree.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Lines after the third; opaque, and none in what this crate makes.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs the checkpoint as its log. The key's name should be the origin.
    pub fn sign(&self, key: &SigningKey) -> Note {
        let mut note =
            Note::new(self.to_string()).expect("a checkpoint is a well-formed note text");
        note.sign(key, 0);
        note
    }

    /// Reads the checkpoint out of a signed note and verifies the log's signature on it.
    ///
    /// For witnesses as well, see [`crate::Policy::judge`].
    ///
    /// # Errors
    /// [`OpenCheckpointError`].
    pub fn open(note: &[u8], log: &VerifierKey) -> Result<Self, OpenCheckpointError> {
        let note = Note::parse(note)?;
        note.verify(std::slice::from_ref(log))?;
        Ok(note.text().parse()?)
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let line = |at: usize| lines.get(at).copied().unwrap_or_default();
        let size: u64 = line(1).parse().map_err(|_| CheckpointError::Size)?;
        if size.to_string() != line(1) {
            return Err(CheckpointError::Size);
        }
        let root = line(2).parse().map_err(|_| CheckpointError::Root)?;
        let mut checkpoint = Self::new(line(0), TreeHead { size, root })?;
        let (last, extensions) = lines[3..]
            .split_last()
            .ok_or(CheckpointError::Extension(4))?;
        let wrong = |line: &&str| line.is_empty() || line.contains(|letter: char| letter < ' ');
        if let Some(at) = extensions.iter().position(wrong) {
            return Err(CheckpointError::Extension(at + 4));
        }
        if !last.is_empty() {
            return Err(CheckpointError::Extension(lines.len()));
        }
        checkpoint.extensions = extensions.iter().map(|line| line.to_string()).collect();
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Why a signed checkpoint was refused. Nothing it says should be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenCheckpointError {
    /// Not a signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Note(#[from] NoteError),
    /// The log's key has not signed it.
    #[error("the checkpoint's signature is refused: {0}")]
    Signature(#[from] VerifyNoteError),
    /// The signed text is not a checkpoint.
    #[error("the signed text is not a checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// Why a witness does not cosign. The witness keeps its last checkpoint, and people look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignRefusal {
    /// The checkpoint is of another log than the last one.
    #[error("the checkpoint is of log {found}, the last one was of {expected}")]
    OtherLog {
        /// Origin of the checkpoint last cosigned.
        expected: String,
        /// Origin of the checkpoint to cosign.
        found: String,
    },
    /// The log does not show that its tree only grew: a fork, a rollback, or a wrong proof.
    #[error("the tree is not shown to begin with the tree last cosigned: {0}")]
    Inconsistent(#[from] ProofError),
}

/// Decides whether a witness may cosign `next`, given the last checkpoint of this log it cosigned.
///
/// The caller has verified the log's signature, and stores `next` durably before it hands out the
/// cosignature; with `None` (nothing seen yet) the witness trusts the first checkpoint.
///
/// # Errors
/// [`CosignRefusal`]: the only two reasons not to sign.
pub fn may_cosign(
    last: Option<&Checkpoint>,
    next: &Checkpoint,
    proof: &[Hash],
) -> Result<(), CosignRefusal> {
    let Some(last) = last else { return Ok(()) };
    if last.origin != next.origin {
        return Err(CosignRefusal::OtherLog {
            expected: last.origin.clone(),
            found: next.origin.clone(),
        });
    }
    Ok(verify_consistency(proof, last.head, next.head)?)
}

#[cfg(test)]
mod tests;
