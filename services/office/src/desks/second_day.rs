//! Another day of voting: decisions handed in, precincts that were closed before their time, which of them vote on.

use std::collections::BTreeMap;

use roll::hours::Station;
use store::StoreError;

use crate::hours::stations;
use crate::pages::second_day::{self as page, Shown};
use crate::second_day::{Prolonged, prolonged, receive_decision};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest decision that a page takes.
const FILE_BYTES_MAX: u64 = 64 << 10;

fn read(visit: &Visit<'_>) -> Result<(Vec<Station>, BTreeMap<u16, Prolonged>), StoreError> {
    visit.office.store.read("second_day", |tx| {
        let all = prolonged(tx.voting_days()?, tx.day_decisions()?);
        Ok::<_, StoreError>((stations(tx)?, all))
    })
}

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let (stations, all) = read(visit)?;
    let taken: Option<u16> = visit.asked_as("taken")?;
    let page = page::page(
        visit,
        &Shown {
            stations: &stations,
            precincts: &all,
            taken,
            is_known: visit.asked("known").is_some(),
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes a signed decision.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(wrong.code())),
    };
    let office = visit.office;
    match receive_decision(&office.store, &office.law, &visit.staff, &bytes)? {
        Err(refused) => shown(visit, Some(refused.code())),
        Ok((precinct, true)) => Ok(Answer::Go(format!("/day/days?taken={precinct}"))),
        Ok((_, false)) => Ok(Answer::Go("/day/days?known=1".to_owned())),
    }
}

/// A decision byte for byte, to be carried to the station.
pub(crate) fn file(visit: &Visit<'_>) -> Answered {
    let sha256 = visit.part("sha256")?;
    let rows = visit
        .office
        .store
        .read("day_decisions", |tx| tx.day_decisions())?;
    let row = rows.into_iter().find(|row| row.sha256 == sha256);
    let row = row.ok_or(Problem::NotFound)?;
    let mut bytes = Some(row.bytes);
    Ok(Answer::Table {
        name: format!("{:04}-day-{}.cose", row.precinct, row.number),
        next: Box::new(move || Ok(bytes.take())),
    })
}
