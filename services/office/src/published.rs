//! A publication is seen: the last step of a release, formed → approved by two → published.

use std::fs;
use std::path::Path;

use lexicon::Instant;
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, PublicKey, Subject, decode, open_all, peek_all,
};
use lexicon::handover::folder::TrustAnchors;
use lexicon::handover::release::ListRelease;
use store::{PublishedRow, Store, StoreError, WitnessRow};
use tlog::{Checkpoint, Note, VerifierKey, VerifyNoteError};

use crate::blockers::Progress;
use crate::receive::Source;

/// Why a publication was not taken note of. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The office has no release: receive a roll first.
    #[error("there is no release in the office; receive its roll first")]
    NoRelease,
    /// The publication has no document of the office's latest release.
    #[error("{name}: {source}")]
    File {
        /// The file that is wanted.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The document is not signed by the two institutions.
    #[error("release-{number}.cose: {source}")]
    Release {
        /// Which release.
        number: u32,
        /// What is wrong.
        source: EnvelopeError,
    },
    /// Another list was published than the office shows.
    #[error("release {number} was published with another root than the office has")]
    Another {
        /// Which release.
        number: u32,
    },
    /// Two persons of two institutions have not approved it: they sign on the page of the release first.
    #[error("release {number} was not approved by two institutions in the office")]
    NotApproved {
        /// Which release.
        number: u32,
    },
    /// The anchors or the log's checkpoint cannot be believed: whoever published acts.
    #[error("{name}: {why}")]
    Log {
        /// The file.
        name: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const ANCHORS: &str = "trust.cose";
const CHECKPOINT: &str = "checkpoint";

/// Who cosigned the log of a publication, by the keys that its anchors name; the log's own signature must hold.
///
/// The anchors are believed when they name the two publishers whom the office knows.
fn witnesses_of(dir: &Path, source: Source<'_>) -> Result<Vec<WitnessRow>, PublishedError> {
    let refused = |name, why: &dyn std::fmt::Display| PublishedError::Log {
        name,
        why: why.to_string(),
    };
    let read = |name: &'static str| fs::read(dir.join(name)).map_err(|error| refused(name, &error));
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election: source.law.election.number,
    };
    let at_anchors = |error: EnvelopeError| refused(ANCHORS, &error);
    let payload = peek_all(subject, &read(ANCHORS)?).map_err(at_anchors)?;
    let anchors: TrustAnchors = decode(&payload).map_err(at_anchors)?;
    for (role, kid) in [("srs-release", source.srs), ("cec-release", source.cec)] {
        let named = anchors.anchors.iter().find(|anchor| anchor.role == role);
        let point = named.and_then(|anchor| PublicKey::from_bytes(&*anchor.point));
        if point.map(|point| point.kid()) != Some(kid) {
            return Err(refused(ANCHORS, &format!("names another key for {role}")));
        }
    }
    let key = |text: &String| {
        text.parse::<VerifierKey>()
            .map_err(|e| refused(ANCHORS, &e))
    };
    let log = key(&anchors.log_key)?;
    let witnesses: Vec<VerifierKey> = anchors
        .witness_keys
        .iter()
        .map(key)
        .collect::<Result<_, _>>()?;
    let bytes = read(CHECKPOINT)?;
    let checkpoint = Checkpoint::open(&bytes, &log).map_err(|e| refused(CHECKPOINT, &e))?;
    let note = Note::parse(&bytes).map_err(|e| refused(CHECKPOINT, &e))?;
    let signed = match note.verify(&witnesses) {
        Ok(signed) => signed,
        // Nobody has seen the log yet: the page says so.
        Err(VerifyNoteError::NoKnownKey) => Vec::new(),
        Err(error @ VerifyNoteError::Invalid { .. }) => return Err(refused(CHECKPOINT, &error)),
    };
    let stamp = |seconds: u64| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Instant::from_micros(seconds.saturating_mul(1_000_000))
    };
    Ok(signed
        .iter()
        .map(|verified| WitnessRow {
            name: verified.key.name().to_owned(),
            stamped: stamp(verified.time_s.unwrap_or(0)),
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.head().size,
            needed: u32::from(anchors.witnesses_needed),
        })
        .collect())
}

/// Looks for the office's latest release in the folder of a publication and records that it was published; gives its
/// number and whether that was recorded now.
///
/// # Errors
/// [`PublishedError`]; nothing was written then.
pub fn receive_publication(
    store: &Store,
    dir: &Path,
    source: Source<'_>,
) -> Result<(u32, bool), PublishedError> {
    let latest = store.read("releases", |tx| tx.releases())?.pop();
    let latest = latest.ok_or(PublishedError::NoRelease)?;
    let number = latest.number;
    let name = format!("release-{number}.cose");
    let bytes =
        fs::read(dir.join(&name)).map_err(|source| PublishedError::File { name, source })?;
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: source.law.election.number,
    };
    let wrong = |source| PublishedError::Release { number, source };
    let required = [source.srs, source.cec];
    let signed = open_all(subject, &bytes, source.verifier, &required).map_err(wrong)?;
    let document: ListRelease = decode(&signed.payload).map_err(wrong)?;
    if document.release != number || *document.root != latest.root {
        return Err(PublishedError::Another { number });
    }
    let witnesses = witnesses_of(dir, source)?;
    store.transact(
        "receive_publication",
        "publication",
        |tx| match Progress::of(tx, &latest)? {
            Progress::Published => Ok((number, false)),
            Progress::Formed | Progress::ApprovedByOne => {
                Err(PublishedError::NotApproved { number })
            }
            Progress::Approved => {
                let at = tx.at();
                let root = latest.root;
                tx.record_published(number, PublishedRow { root, at })?;
                tx.record_witnesses(number, &witnesses)?;
                Ok((number, true))
            }
        },
    )
}
