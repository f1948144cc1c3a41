//! The public manifests of the station packages: whose kits they are, and with which keys they sign.

use std::fs;
use std::path::Path;

use lexicon::PrecinctCode;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, EnvelopeError, Subject, decode, id_all, open_all, peek_all,
};
use lexicon::handover::package::PackageManifest;
use store::{StationManifestRow, Store, StoreError};

use crate::receive::Source;

/// Why a folder of packages was not taken in. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The folder or a file of it cannot be read.
    #[error("{name}: {source}")]
    File {
        /// Which.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A manifest is not signed by the two publishers, or malformed.
    #[error("{name}: {source}")]
    Document {
        /// Which file.
        name: String,
        /// What is wrong.
        source: EnvelopeError,
    },
    /// The folder holds no manifest.
    #[error("no PPPP.manifest.cose is here")]
    Empty,
    /// The store; another document under a package's number is a broken constraint.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::PackageManifest,
        election,
    }
}

/// Takes the manifests of a folder `packages/` in, each checked by both publishers' signatures; gives how many there
/// are and how many are new.
///
/// # Errors
/// [`ManifestError`]; nothing was written then.
pub fn receive_manifests(
    store: &Store,
    dir: &Path,
    source: Source<'_>,
) -> Result<(usize, usize), ManifestError> {
    let at = |name: &str| {
        let name = name.to_owned();
        |source| ManifestError::File { name, source }
    };
    let folder = dir.display().to_string();
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(&folder))? {
        let name = entry.map_err(at(&folder))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if name.ends_with(".manifest.cose") {
            names.push(name);
        }
    }
    names.sort_unstable();
    if names.is_empty() {
        return Err(ManifestError::Empty);
    }
    let mut rows = Vec::new();
    for name in names {
        let document = fs::read(dir.join(&name)).map_err(at(&name))?;
        let wrong = |source| ManifestError::Document {
            name: name.clone(),
            source,
        };
        let election = source.law.election.number;
        let required = [source.srs, source.cec];
        let signed =
            open_all(subject(election), &document, source.verifier, &required).map_err(wrong)?;
        let manifest: PackageManifest = decode(&signed.payload).map_err(wrong)?;
        // Nothing of a rehearsal or a training is election day.
        if let Some(exercise) = manifest.exercise {
            let what = format!("it is for a {}, not for the election", exercise.code());
            return Err(wrong(EnvelopeError::Payload(what)));
        }
        let precinct = PrecinctCode::new(manifest.precinct)
            .map_err(|error| wrong(EnvelopeError::Payload(error.to_string())))?;
        rows.push(StationManifestRow {
            precinct,
            package: manifest.package,
            document,
        });
    }
    let new = store.transact("receive_manifests", "packages", |tx| {
        let mut new = 0;
        for row in &rows {
            new += usize::from(tx.record_station_manifest(row)?);
        }
        Ok::<_, StoreError>(new)
    })?;
    Ok((rows.len(), new))
}

/// Reads a manifest that was checked when it was taken in.
pub(crate) fn kept(row: &StationManifestRow, election: u32) -> Option<PackageManifest> {
    opened(row, election).map(|(manifest, _)| manifest)
}

/// The same with its document id.
pub(crate) fn opened(
    row: &StationManifestRow,
    election: u32,
) -> Option<(PackageManifest, DocumentId)> {
    let payload = peek_all(subject(election), &row.document).ok()?;
    let id = id_all(subject(election), &payload);
    Some((decode(&payload).ok()?, id))
}
