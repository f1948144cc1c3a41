//! The anchors of a publication, and documents that both institutions signed.

use std::path::{Path, PathBuf};

use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, PublicKey, Signed, Subject, decode, open_all, peek_all,
};
use lexicon::handover::folder::{Anchor, TrustAnchors};

/// Why a signed document was not opened.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file is missing or unreadable; the operator gave another folder.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what its signers made.
    #[error("{path}: {source}")]
    Envelope {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// The anchors name no key for a role.
    #[error("{path}: no usable key stands for {role}")]
    Anchor {
        /// Which file.
        path: PathBuf,
        /// Which role.
        role: &'static str,
    },
}

impl DocumentError {
    /// Whether the document is at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            DocumentError::Envelope { .. } | DocumentError::Anchor { .. } => true,
            DocumentError::File { .. } => false,
        }
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, DocumentError> {
    std::fs::read(path).map_err(|source| DocumentError::File {
        path: path.to_owned(),
        source,
    })
}

pub(crate) fn refused(path: &Path) -> impl Fn(EnvelopeError) -> DocumentError + '_ {
    |source| DocumentError::Envelope {
        path: path.to_owned(),
        source,
    }
}

pub(crate) fn subject(kind: DocumentType, election: u32) -> Subject {
    Subject { kind, election }
}

/// The keys that release lists and packages, as both roots signed them.
///
/// The roots themselves are not compared with anything: who was given their fingerprints another
/// way runs `tizme verify`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    /// Election number.
    pub election: u32,
    /// A key lies in a file: nothing printed here is for an election.
    pub is_demo: bool,
    releasers: [PublicKey; 2],
}

impl Trust {
    /// Opens `publication/trust.cose`.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn open(publication: &Path) -> Result<Self, DocumentError> {
        let path = publication.join("trust.cose");
        let bytes = read(&path)?;
        let payload =
            peek_all(subject(DocumentType::TrustAnchors, 0), &bytes).map_err(refused(&path))?;
        let trust: TrustAnchors = decode(&payload).map_err(refused(&path))?;
        let key = |role: &'static str| key_of(&trust.anchors, role, &path);
        let roots = [key("root-srs")?, key("root-cec")?];
        open_all(
            subject(DocumentType::TrustAnchors, trust.election),
            &bytes,
            &KeyRing::of(roots),
            &roots.map(|root| root.kid()),
        )
        .map_err(refused(&path))?;
        Ok(Self {
            election: trust.election,
            is_demo: trust.anchors.iter().any(|a| a.home == FileKey::HOME),
            releasers: [key("srs-release")?, key("cec-release")?],
        })
    }

    /// Opens a document that both institutions must have signed.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn open_by_both(
        &self,
        kind: DocumentType,
        path: &Path,
        bytes: &[u8],
    ) -> Result<Signed, DocumentError> {
        open_all(
            subject(kind, self.election),
            bytes,
            &KeyRing::of(self.releasers),
            &self.releasers.map(|key| key.kid()),
        )
        .map_err(refused(path))
    }
}

fn key_of(anchors: &[Anchor], role: &'static str, path: &Path) -> Result<PublicKey, DocumentError> {
    anchors
        .iter()
        .find(|anchor| anchor.role == role)
        .and_then(|anchor| PublicKey::from_bytes(&*anchor.point))
        .ok_or(DocumentError::Anchor {
            path: path.to_owned(),
            role,
        })
}
