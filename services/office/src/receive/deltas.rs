//! Receiving the signed changes after a release: the folder `deltas/` becomes rows that the pages show.
//!
//! Everything is checked whole before a row is kept: hashes, both signatures of each delta, the chain from the release
//! that stands in `roll/` beside it, and that the lines lead from root to root. What is there already is left as it is.

use std::path::Path;

use batch::deltas::DELTAS;
use batch::{DeltaInForce, ListPlace as RunPlace, deltas_in_force};
use lexicon::handover::delta::{ChangeKind, LineChange};
use lexicon::{Instant, PersonId, PrecinctCode, ReleaseRefusal};
use store::{DeltaLine, DeltaRow, Store, StoreError};

use super::{ReceiveError, Source};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedDeltas {
    /// The release that they change.
    pub release: u32,
    /// Deltas that are kept now, those of before among them.
    pub deltas: u32,
    /// Deltas kept by this call.
    pub new: u32,
    /// Lines that those struck.
    pub struck: u64,
    /// Lines that those added.
    pub added: u64,
    /// Lines that those changed.
    pub changed: u64,
}

fn refused(refusal: ReleaseRefusal, detail: String) -> ReceiveError {
    ReceiveError::Refused { refusal, detail }
}

/// Checks the folder `deltas/` with the `roll/` beside it, and keeps the deltas that are not kept yet, in one transaction.
///
/// Cost: reads the list whole.
///
/// # Errors
/// [`ReceiveError`]; nothing was written then. [`ReceiveError::refusal`] names deltas out of order, signed by one
/// institution alone, or of another release.
pub fn receive_deltas(
    store: &Store,
    dir: &Path,
    source: Source<'_>,
) -> Result<ReceivedDeltas, ReceiveError> {
    let run = match dir.file_name() {
        Some(name) if name == DELTAS => dir.parent().unwrap_or(Path::new(".")),
        Some(_) | None => dir,
    };
    let run = if run.as_os_str().is_empty() {
        Path::new(".")
    } else {
        run
    };
    let place = RunPlace {
        law: source.law,
        dir: run,
        verifier: source.verifier,
        srs: source.srs,
        cec: source.cec,
        report: &batch::steps::silent,
    };
    let found = deltas_in_force(&place)?;
    let release = found.release.release;
    let (releases, known) = store.read("deltas", |tx| {
        Ok::<_, StoreError>((tx.releases()?, tx.deltas_of(release)?))
    })?;
    let kept = releases.iter().find(|row| row.number == release);
    let Some(kept) = kept else {
        let detail = format!("release {release} is not received yet");
        return Err(refused(ReleaseRefusal::DeltaSkipped, detail));
    };
    if kept.root != *found.release.root {
        let detail = format!("release {release} is kept with another root");
        return Err(refused(ReleaseRefusal::DeltaOfAnother, detail));
    }
    for (row, delta) in known.iter().zip(&found.deltas) {
        if row.id != delta.id.0 {
            let detail = format!("delta {} is kept with another id", row.delta);
            return Err(refused(ReleaseRefusal::DeltaOfAnother, detail));
        }
    }
    let rows = found.deltas[known.len().min(found.deltas.len())..]
        .iter()
        .map(|delta| kept_as(release, delta))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = |of: fn(&DeltaRow) -> u64| rows.iter().map(|(row, _)| of(row)).sum();
    let received = ReceivedDeltas {
        release,
        deltas: u32::try_from(known.len().max(found.deltas.len())).unwrap_or(u32::MAX),
        new: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        struck: sum(|row| row.struck),
        added: sum(|row| row.added),
        changed: sum(|row| row.changed),
    };
    if !rows.is_empty() {
        store.transact("receive_deltas", "roll", |tx| {
            for (row, lines) in &rows {
                tx.record_delta(row, lines)?;
            }
            Ok::<_, StoreError>(())
        })?;
    }
    Ok(received)
}

/// A delta as rows, its changes in the order in which their reader must take them.
fn kept_as(release: u32, found: &DeltaInForce) -> Result<(DeltaRow, Vec<DeltaLine>), ReceiveError> {
    let delta = &found.signed.delta;
    let effective_at = Instant::from_micros(delta.effective_at);
    let line = |change: &LineChange, person: PersonId| {
        let precinct = PrecinctCode::new(change.precinct).map_err(|_| ReceiveError::Contents {
            table: "delta",
            why: "a precinct's number is none",
        })?;
        let said = found.signed.lines.get(&(change.precinct, change.line));
        Ok::<_, ReceiveError>(DeltaLine {
            release,
            delta: delta.number,
            effective_at,
            person,
            kind: change.kind,
            reason: change.reason.clone(),
            precinct,
            line: change.line,
            page: said.map_or(0, |salted| salted.line.page),
        })
    };
    let changes = found.signed.changes();
    let lines = changes
        .map(|(change, person)| line(change, person))
        .collect::<Result<Vec<_>, _>>()?;
    let count = |kind| lines.iter().filter(|line| line.kind == kind).count() as u64;
    let row = DeltaRow {
        release,
        delta: delta.number,
        id: found.id.0,
        voters: delta.voters_after,
        struck: count(ChangeKind::Strike),
        added: count(ChangeKind::Add),
        changed: count(ChangeKind::Change),
        effective_at,
        document: found.document.clone(),
    };
    Ok((row, lines))
}
