//! The deltas of a run as somebody takes them in who did not draw them: whole, in order, signed by both, of the list
//! that stands beside them.

use std::collections::BTreeSet;
use std::fs;

use lexicon::ReleaseRefusal;
use lexicon::handover::delta::ListDelta;
use lexicon::handover::envelope::{DocumentId, DocumentType};
use lexicon::handover::release::ListRelease;
use roll::answers::SignedDelta;

use super::{DELTAS, LastDrawn, ListPlace, read};
use crate::folder::{file_error, open_folder};
use crate::form::{BatchError, ROLL};
use crate::sign::refused;

/// The deltas after a release, all of them in force.
#[derive(Debug)]
pub struct DeltasInForce {
    /// The release they change.
    pub release: ListRelease,
    /// In their order, from 1.
    pub deltas: Vec<DeltaInForce>,
}

/// One of them.
#[derive(Debug)]
pub struct DeltaInForce {
    /// Its id.
    pub id: DocumentId,
    /// The signed document, byte for byte.
    pub document: Vec<u8>,
    /// What it says, its lines, and whose they are.
    pub signed: SignedDelta,
}

/// The numbers N of the files `delta-N.cose`.
fn numbers(place: &ListPlace<'_>) -> Result<BTreeSet<u32>, BatchError> {
    let dir = place.dir.join(DELTAS);
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&dir).map_err(file_error(&dir))? {
        let name = entry.map_err(file_error(&dir))?.file_name();
        let name = name.to_string_lossy();
        let number = name
            .strip_prefix("delta-")
            .and_then(|rest| rest.strip_suffix(".cose"));
        found.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    Ok(found)
}

/// Reads `deltas/` with the `roll/` beside it: hashes, signatures, the chain, and that the lines lead from root to root.
///
/// Cost: reads the list whole.
///
/// # Errors
/// [`BatchError::Refused`] with `DELTA_SKIPPED`, `DELTA_OF_ANOTHER` or `DELTA_UNSIGNED`, by the first file that is so; a
/// file that was changed by its name.
pub fn deltas_in_force(place: &ListPlace<'_>) -> Result<DeltasInForce, BatchError> {
    let dir = place.dir.join(DELTAS);
    open_folder(&dir, DELTAS, place.trust(place.srs))?;
    let release = place.dir.join(ROLL).join("release.cose");
    if !release.is_file() {
        return Err(refused(ReleaseRefusal::DeltaSkipped, release.display()));
    }
    let (release_id, release) =
        place.open_by_both::<ListRelease>(DocumentType::ListRelease, &release)?;
    let mut opened = Vec::new();
    for (wanted, number) in (1..).zip(numbers(place)?) {
        let path = dir.join(format!("delta-{number}.cose"));
        if number != wanted {
            let missing = dir.join(format!("delta-{wanted}.cose"));
            return Err(refused(ReleaseRefusal::DeltaSkipped, missing.display()));
        }
        let (id, delta, signers) = place.open::<ListDelta>(DocumentType::ListDelta, &path)?;
        if *delta.release != release_id.0 {
            return Err(refused(ReleaseRefusal::DeltaOfAnother, path.display()));
        }
        if delta.number != number {
            return Err(refused(ReleaseRefusal::DeltaSkipped, path.display()));
        }
        if !place.is_by_both(&signers) {
            return Err(refused(ReleaseRefusal::DeltaUnsigned, path.display()));
        }
        opened.push((id, fs::read(&path).map_err(file_error(&path))?));
    }
    let read = read(place, LastDrawn::Passed)?;
    let deltas = opened.into_iter().zip(read.applied);
    Ok(DeltasInForce {
        release,
        deltas: deltas
            .map(|((id, document), signed)| DeltaInForce {
                id,
                document,
                signed,
            })
            .collect(),
    })
}
