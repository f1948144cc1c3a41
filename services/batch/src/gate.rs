//! The gate before a final list: voters placed by hand come in by act, blockers hold it back, and only
//! both institutions together let it pass over them.

use std::path::PathBuf;

use lexicon::Blocker;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Signer, decode, encode, open_all, sign_all,
};
use lexicon::handover::two_persons::{PassedBlocker, SignOff};
use lexicon::{Instant, handover::envelope::SUITE};
use roll::blockers::{Held, Waiting, blockers, not_covered, not_for_sign_off};
use roll::overrides::Overrides;
use roll::{Roll, Snapshot, form_with};

use crate::form::{BatchError, Job};

/// What a list must pass before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gate<'a> {
    /// What waits outside the snapshot.
    pub waiting: Waiting,
    /// A signed [`SignOff`], with the file it was read from.
    pub sign_off: Option<(&'a PathBuf, &'a [u8])>,
    /// Signed acts that place voters by hand, with their files.
    pub overrides: &'a [(PathBuf, Vec<u8>)],
}

/// What holds a final list back, as one sentence for the person at the desk.
fn told(held: &[Held]) -> String {
    let one = |held: &Held| format!("{} {} ({})", held.count, held.blocker, held.owner.code());
    held.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A list that is held back; nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the final list is held back: {}", told(.0))]
pub struct HeldBack(pub Vec<Held>);

impl Gate<'_> {
    /// Forms the list with the acts that place voters by hand.
    pub(crate) fn form(&self, job: &Job<'_>, snapshot: &Snapshot) -> Result<Roll, BatchError> {
        let signers = [job.keys.srs.kid(), job.keys.cec.kid()];
        let mut overrides = Overrides::default();
        for (path, bytes) in self.overrides {
            overrides
                .take(bytes, job.law, snapshot, job.keys.verifier, signers)
                .map_err(|error| BatchError::Document {
                    path: path.clone(),
                    why: error.to_string(),
                })?;
        }
        Ok(form_with(snapshot, job.law, &overrides)?)
    }

    /// Lets a formed list pass, or names what holds it back.
    pub(crate) fn pass(
        &self,
        job: &Job<'_>,
        (id, snapshot): (DocumentId, &Snapshot),
        roll: &Roll,
    ) -> Result<(), BatchError> {
        let held = blockers(snapshot, roll, job.release.stage, self.waiting);
        if held.is_empty() {
            return Ok(());
        }
        let passed = match self.sign_off {
            Some(file) => self.signed_off(job, id, file)?,
            None => Vec::new(),
        };
        let left = not_covered(&held, &passed);
        if left.is_empty() {
            Ok(())
        } else {
            Err(HeldBack(left).into())
        }
    }

    fn signed_off(
        &self,
        job: &Job<'_>,
        snapshot: DocumentId,
        (path, bytes): (&PathBuf, &[u8]),
    ) -> Result<Vec<(Blocker, u64)>, BatchError> {
        let refused = |why: String| BatchError::Document {
            path: path.clone(),
            why,
        };
        let required = [job.keys.srs.kid(), job.keys.cec.kid()];
        let subject = job.subject(DocumentType::SignOff);
        let signed = open_all(subject, bytes, job.keys.verifier, &required)
            .map_err(|error| refused(error.to_string()))?;
        let document: SignOff =
            decode(&signed.payload).map_err(|error| refused(error.to_string()))?;
        if *document.snapshot != snapshot.0 {
            return Err(refused("it was given for another snapshot".to_owned()));
        }
        if document.reason.trim().is_empty() {
            return Err(refused("it gives no reason".to_owned()));
        }
        let known = document.passed.iter();
        Ok(known
            .filter_map(|of| Some((Blocker::from_code(&of.blocker)?, of.count)))
            .collect())
    }

    /// What the inputs of the step say about the gate: the same acts, the same list.
    pub(crate) fn marks(&self) -> Vec<u8> {
        let acts = self.overrides.iter();
        let mut hashes: Vec<[u8; 32]> = acts
            .map(|(_, bytes)| lexicon::handover::envelope::sha256(bytes))
            .collect();
        hashes.sort_unstable();
        hashes.concat()
    }
}

/// Signs off exactly these blockers, for one snapshot, by the institutions whose keys are here; it counts when both have
/// signed (`crate::sign`, `tizme batch sign --file`).
///
/// # Errors
/// [`BatchError::Held`] with those that nobody may sign off; [`BatchError::Sign`] from a device.
pub fn sign_off(
    job: &Job<'_>,
    snapshot: DocumentId,
    held: &[Held],
    (reason, at): (&str, Instant),
    signers: &[&dyn Signer],
) -> Result<Vec<u8>, BatchError> {
    let never = not_for_sign_off(held);
    if !never.is_empty() {
        return Err(HeldBack(never).into());
    }
    let mut passed: Vec<PassedBlocker> = held
        .iter()
        .map(|held| PassedBlocker {
            blocker: held.blocker.code().to_owned(),
            count: held.count,
        })
        .collect();
    passed.sort_by(|a, b| a.blocker.cmp(&b.blocker));
    let payload = encode(&SignOff {
        suite: SUITE.to_owned(),
        election: job.law.election.number,
        snapshot: snapshot.0.into(),
        passed,
        reason: reason.to_owned(),
        at: at.micros(),
    });
    let subject = job.subject(DocumentType::SignOff);
    Ok(sign_all(subject, &payload, signers)?)
}
