//! A publication is seen: the last step of a release, formed → approved by two → published.

use std::fs;
use std::path::Path;

use lexicon::handover::envelope::{DocumentType, EnvelopeError, Subject, decode, open_all};
use lexicon::handover::release::ListRelease;
use store::{PublishedRow, Store, StoreError};

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
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
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
                Ok((number, true))
            }
        },
    )
}
