//! The commissions' protocols held against the voters identified.

use std::collections::BTreeMap;

use roll::comparison::{Compared, Protocol, compare};
use roll::hours::Station;
use store::StoreError;

use super::hours::as_file;
use crate::hours::stations;
use crate::pages::protocols::{self as page, Shown};
use crate::protocols::{ProtocolsError, receive_protocols};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest file of protocols: every precinct of a large country fits.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Every precinct with what came of it, by number.
fn rows(visit: &Visit<'_>) -> Result<Vec<(Station, Compared)>, StoreError> {
    let (stations, days, protocols) = visit.office.store.read("protocols", |tx| {
        Ok::<_, StoreError>((stations(tx)?, tx.day_precincts()?, tx.protocols()?))
    })?;
    let said: BTreeMap<u16, Protocol> = protocols
        .into_iter()
        .map(|row| (row.precinct, row))
        .collect();
    let identified: BTreeMap<u16, u64> = days
        .iter()
        .map(|(day, _)| (day.precinct.number(), day.counted))
        .collect();
    let row = |station: Station| {
        let (said, counted) = (
            said.get(&station.precinct),
            identified.get(&station.precinct),
        );
        let compared = compare(said.copied(), counted.copied());
        (station, compared)
    };
    Ok(stations.into_iter().map(row).collect())
}

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let rows = rows(visit)?;
    let mut by_region: BTreeMap<&str, Vec<&Compared>> = BTreeMap::new();
    for (station, compared) in &rows {
        by_region
            .entry(station.region.as_str())
            .or_default()
            .push(compared);
    }
    let regions: BTreeMap<&str, Compared> = by_region
        .into_iter()
        .map(|(region, of)| (region, Compared::sum(of)))
        .collect();
    let taken: Option<u32> = visit.asked_as("taken")?;
    let taken = match taken {
        None => None,
        Some(number) => visit
            .office
            .store
            .read("protocol_edition", |tx| tx.find_protocol_edition(number))?,
    };
    let page = page::page(
        visit,
        &Shown {
            rows: &rows,
            regions: &regions,
            taken: taken.as_ref(),
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn page(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes a file of protocols.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(wrong.code())),
    };
    match receive_protocols(&visit.office.store, &visit.staff, &bytes) {
        Ok(edition) => Ok(Answer::Go(format!("/protocols?taken={edition}"))),
        Err(ProtocolsError::Column(_)) => shown(visit, Some("no_columns")),
        Err(ProtocolsError::Csv(_)) => shown(visit, Some("no_csv")),
        Err(ProtocolsError::Store(error)) => Err(error.into()),
    }
}

/// The rows of a file that were refused, as a file.
pub(crate) fn rejects(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("edition")?;
    let found = visit
        .office
        .store
        .read("protocol_edition", |tx| tx.find_protocol_edition(number))?;
    let (_, refused) = found.ok_or(Problem::NotFound)?;
    let mut rows = vec![
        ["line", "field", "reason", "said"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in refused {
        let said = visit.t(&format!("protocol_refused.{}", row.reason));
        rows.push(vec![row.line.to_string(), row.field, row.reason, said]);
    }
    Ok(as_file(format!("protocols-rejects-{number}.csv"), &rows))
}

/// Every precinct as a file; one that is not compared has empty cells.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let head = "precinct,region,state,received,identified,not_on_list,finger,fallback,fault,ballots_unexplained,marks_unexplained";
    let mut table = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for (station, found) in rows(visit)? {
        let mut row = vec![
            format!("{:04}", station.precinct),
            station.region,
            page::state(&found).to_owned(),
        ];
        let said = found.said;
        let numbers = [
            said.received,
            found.identified,
            said.not_on_list,
            said.finger,
            said.fallback,
            said.fault,
            found.ballots_unexplained,
            found.marks_unexplained,
        ];
        row.extend(numbers.map(|n| {
            if found.compared == 0 {
                String::new()
            } else {
                n.to_string()
            }
        }));
        table.push(row);
    }
    Ok(as_file("protocols.csv".to_owned(), &table))
}
