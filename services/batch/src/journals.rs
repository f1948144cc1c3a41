//! The journals of the day, as the centre counts them.

use std::fs;
use std::path::Path;

use keys::KeyRing;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, PublicKey, decode, encode, id_all, open_all, open1,
};
use lexicon::handover::event::{Event, event_subject, unframe};
use lexicon::handover::package::PackageManifest;
use pollbook::Charter;
use roll::turnout::{PrecinctTurnout, tally};

use crate::folder::{file_error, files_below};
use crate::form::{BatchError, Job};

/// The folder's name.
pub const JOURNALS: &str = "journals";

/// What the stations handed in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Day {
    pub precincts: Vec<PrecinctTurnout>,
    pub reports: Vec<DocumentId>,
}

impl Day {
    pub fn counted(&self) -> u64 {
        self.precincts.iter().map(|row| row.tally.counted).sum()
    }

    pub fn duplicates(&self) -> u64 {
        self.precincts.iter().map(|row| row.tally.duplicates).sum()
    }
}

/// Reads journals and reports of the precincts whose packages stand; before the day all is zero.
pub(crate) fn read_day(job: &Job<'_>, stations: &[PackageManifest]) -> Result<Day, BatchError> {
    let mut day = Day::default();
    for station in stations {
        let dir = job
            .out
            .join(JOURNALS)
            .join(format!("{:04}", station.precinct));
        let mut events = Vec::new();
        if dir.exists() {
            let granted = granted(job, station, &dir)?;
            let station = &granted;
            for name in files_below(&dir)? {
                let path = dir.join(&name);
                if name.ends_with(".journal") {
                    read_journal(job, station, &path, &mut events)?;
                } else if name.ends_with(".cose") {
                    day.reports.push(report_id(job, station, &path)?);
                }
            }
        }
        day.precincts.push(PrecinctTurnout {
            precinct: station.precinct,
            lines: u64::from(station.lines),
            tally: tally(&events, i64::from(station.policy.offset_minutes)),
        });
    }
    Ok(day)
}

/// The package's manifest with the spare kits that grants admit (`NAME.grant`): for signatures alone.
fn granted(
    job: &Job<'_>,
    station: &PackageManifest,
    dir: &Path,
) -> Result<PackageManifest, BatchError> {
    let mut all = station.clone();
    let points = station.officers.iter().map(|officer| *officer.point);
    let keys = ring(points.chain(station.holders().map(|key| key.0)));
    let id = id_all(job.subject(DocumentType::PackageManifest), &encode(station));
    for name in files_below(dir)? {
        if !name.ends_with(".grant") {
            continue;
        }
        let path = dir.join(&name);
        let bytes = fs::read(&path).map_err(file_error(&path))?;
        let charter = Charter::new(station.clone(), id);
        let charter = charter.map_err(|error| refused(&path, error))?;
        let grant = charter.read_grant(&bytes, &keys);
        let (grant, _) = grant.map_err(|error| refused(&path, error))?;
        all.kits.push(grant.kit);
    }
    Ok(all)
}

fn ring(points: impl Iterator<Item = [u8; 65]>) -> KeyRing {
    KeyRing::of(points.map(PublicKey))
}

fn refused(path: &Path, why: impl std::fmt::Display) -> BatchError {
    BatchError::Document {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// A journal that does not hold is refused whole: counting goes on only after someone has looked.
fn read_journal(
    job: &Job<'_>,
    station: &PackageManifest,
    path: &Path,
    events: &mut Vec<Event>,
) -> Result<(), BatchError> {
    let kits = ring(station.kits.iter().map(|kit| *kit.point));
    let bytes = fs::read(path).map_err(file_error(path))?;
    for record in unframe(&bytes).events {
        let signed = open1(event_subject(job.law.election.number), record, &kits)
            .map_err(|error| refused(path, error))?;
        let event: Event = decode(&signed.payload).map_err(|error| refused(path, error))?;
        if event.precinct != station.precinct
            || signed.signers != [lexicon::handover::envelope::Kid(*event.kit)]
        {
            return Err(refused(
                path,
                "an event is of another precinct or signed by another kit",
            ));
        }
        events.push(event);
    }
    Ok(())
}

fn report_id(
    job: &Job<'_>,
    station: &PackageManifest,
    path: &Path,
) -> Result<DocumentId, BatchError> {
    let points = station.kits.iter().map(|kit| *kit.point);
    let keys = ring(
        points
            .chain(station.officers.iter().map(|officer| *officer.point))
            .chain(station.holders().map(|key| key.0)),
    );
    let bytes = fs::read(path).map_err(file_error(path))?;
    let signed = open_all(job.subject(DocumentType::Report), &bytes, &keys, &[])
        .map_err(|error| refused(path, error))?;
    Ok(signed.id)
}
