//! The release that lists are printed for: opened, its signatures checked, its law found.

use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{DocumentId, DocumentType, decode, hex, id_all, peek_all};
use lexicon::handover::release::ListRelease;
use lexicon::{ElectionLaw, Instant};

use crate::trust::{DocumentError, Trust, read, refused, subject};

/// Whether somebody vouches for the release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signatures {
    /// Both institutions signed, by the anchors of the publication.
    Checked {
        /// A key lies in a file: nothing printed here is for an election.
        is_demo: bool,
    },
    /// No publication was given: the paper says that it is a draft.
    NotChecked,
}

impl Signatures {
    /// The word in `lists.json`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Signatures::Checked { is_demo: false } => "checked",
            Signatures::Checked { is_demo: true } => "checked, file keys",
            Signatures::NotChecked => "not checked",
        }
    }
}

/// An opened release.
#[derive(Debug)]
pub struct OpenRelease {
    /// The document.
    pub document: ListRelease,
    /// Its id.
    pub id: DocumentId,
    /// The law it was formed under.
    pub law: ElectionLaw,
    /// Who vouches for it.
    pub signatures: Signatures,
}

/// Why a release was not opened: nothing is printed.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The release or the anchors.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The release's numbers contradict each other.
    #[error("{path}: {why}")]
    Sums {
        /// Which file.
        path: PathBuf,
        /// What does not add up.
        why: &'static str,
    },
    /// The law file is not the one the list was formed under.
    #[error("law: {0}")]
    Law(#[from] lexicon::law::LawError),
    /// Its hash is another.
    #[error(
        "the release was formed under another law: SHA-256 {} is expected, {} was given", hex(.expected), hex(.found)
    )]
    OtherLaw {
        /// By the release.
        expected: [u8; 32],
        /// Of the law that was found.
        found: [u8; 32],
    },
}

impl ReleaseError {
    /// Whether the documents are at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            ReleaseError::Document(error) => error.is_finding(),
            ReleaseError::Sums { .. } | ReleaseError::OtherLaw { .. } => true,
            ReleaseError::Law(_) => false,
        }
    }
}

impl OpenRelease {
    /// Opens `roll/release.cose`. With a publication its anchors check the signatures and its
    /// `law.toml` is the law; without, the shipped law `law_id` must be the one of the release.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn open(
        roll: &Path,
        publication: Option<&Path>,
        law_id: &str,
    ) -> Result<Self, ReleaseError> {
        let path = roll.join("release.cose");
        let bytes = read(&path)?;
        let (payload, signatures) = match publication {
            Some(dir) => {
                let trust = Trust::open(dir)?;
                let signed = trust.open_by_both(DocumentType::ListRelease, &path, &bytes)?;
                let is_demo = trust.is_demo;
                (signed.payload, Signatures::Checked { is_demo })
            }
            None => {
                let subject = subject(DocumentType::ListRelease, 0);
                let payload = peek_all(subject, &bytes).map_err(refused(&path))?;
                (payload, Signatures::NotChecked)
            }
        };
        let document: ListRelease = decode(&payload).map_err(refused(&path))?;
        demand_sums(&path, &document)?;
        let law = law(publication, law_id)?;
        if law.hash != *document.law {
            return Err(ReleaseError::OtherLaw {
                expected: *document.law,
                found: law.hash,
            });
        }
        let id = id_all(
            subject(DocumentType::ListRelease, document.election),
            &payload,
        );
        Ok(Self {
            document,
            id,
            law,
            signatures,
        })
    }

    /// The first 20 hexadecimal digits of the root, as on every page.
    #[must_use]
    pub fn root_20(&self) -> String {
        hex(&self.document.root[..10])
    }

    /// When the list was frozen.
    #[must_use]
    pub fn frozen_at(&self) -> Instant {
        Instant::from_micros(self.document.frozen_at)
    }

    /// What every page warns of, by its word in the form.
    #[must_use]
    pub fn notice(&self) -> Option<&'static str> {
        match self.signatures {
            Signatures::Checked { is_demo: false } => None,
            Signatures::Checked { is_demo: true } => Some("notice_demo"),
            Signatures::NotChecked => Some("notice_unsigned"),
        }
    }
}

fn law(publication: Option<&Path>, law_id: &str) -> Result<ElectionLaw, ReleaseError> {
    let Some(dir) = publication else {
        return Ok(ElectionLaw::shipped(law_id)?);
    };
    let path = dir.join("law.toml");
    let text = std::fs::read_to_string(&path).map_err(|source| DocumentError::File {
        path: path.clone(),
        source,
    })?;
    Ok(ElectionLaw::parse(&text)?)
}

/// What a release says about itself must hold before anything is compared with it.
fn demand_sums(path: &Path, release: &ListRelease) -> Result<(), ReleaseError> {
    let wrong = |why| {
        Err(ReleaseError::Sums {
            path: path.to_owned(),
            why,
        })
    };
    let excluded: u64 = release.excluded.iter().map(|e| e.count).sum();
    if release.considered != release.total + excluded {
        return wrong("considered is not total and excluded together");
    }
    let mut next = 0;
    let mut before = 0;
    for precinct in &release.precincts {
        if precinct.first_leaf != next || precinct.precinct <= before {
            return wrong("precincts do not follow one another");
        }
        next += u64::from(precinct.lines);
        before = precinct.precinct;
    }
    if next != release.total {
        return wrong("total is not the sum of the precincts");
    }
    Ok(())
}
