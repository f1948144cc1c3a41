//! The alarm of mass transfer: precincts that Form 2 fills, one with its counts by day, and who saw it.

use std::sync::Arc;

use lexicon::PrecinctCode;
use roll::transfers::AlarmPolicy;
use store::StoreError;

use super::boundaries::roll_places;
use super::hours::as_file;
use crate::pages::lot_report::wrong_file;
use crate::pages::transfers::{self as page, All, One};
use crate::transfers::{Transfers, Watched};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Fewest characters of a note.
const NOTE_MIN: usize = 10;

/// Largest table of telephone numbers.
const FILE_BYTES_MAX: u64 = 32 << 20;

fn watched(visit: &Visit<'_>) -> Result<Arc<Transfers>, Problem> {
    Ok(visit.office.transfers()?)
}

fn find(all: &Transfers, precinct: PrecinctCode) -> Result<&Watched, Problem> {
    let mut found = all.precincts.iter();
    found
        .find(|one| one.inflow.precinct == precinct)
        .ok_or(Problem::NotFound)
}

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let all = watched(visit)?;
    let names = roll_places();
    let page = page::all(
        visit,
        &All {
            transfers: &all,
            policy: AlarmPolicy::standard(),
            names: &names,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn all(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

fn show_one(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let precinct: PrecinctCode = visit.parsed("precinct")?;
    let all = watched(visit)?;
    let names = roll_places();
    let page = page::one(
        visit,
        &One {
            watched: find(&all, precinct)?,
            policy: AlarmPolicy::standard(),
            names: &names,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn one(visit: &Visit<'_>) -> Answered {
    show_one(visit, None)
}

/// Keeps that the account saw an alarm, with what it found.
pub(crate) fn acknowledge(visit: &Visit<'_>) -> Answered {
    let precinct: PrecinctCode = visit.parsed("precinct")?;
    let note = visit.field("note").trim();
    let all = watched(visit)?;
    let inflow = &find(&all, precinct)?.inflow;
    if note.chars().count() < NOTE_MIN {
        return show_one(visit, Some(&visit.t("transfers.note_short")));
    }
    if !inflow.alarm {
        return show_one(visit, Some(&visit.t("transfers.no_alarm")));
    }
    // What was on the screen is what was seen.
    if visit.field("filings") != inflow.filings.to_string() {
        return show_one(visit, Some(&visit.t("transfers.changed")));
    }
    let at = (inflow.filings, inflow.score.total());
    visit
        .office
        .store
        .transact("transfer_seen", &visit.staff, |tx| {
            tx.record_transfer_seen(precinct, at, note)
        })?;
    Ok(Answer::Go(format!("/claims/transfers/{precinct}?done=1")))
}

/// Applications by precinct and day, as a file.
pub(crate) fn series(visit: &Visit<'_>) -> Answered {
    let all = watched(visit)?;
    let mut rows = vec![
        ["precinct", "day", "applications", "score", "alarm"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut precincts: Vec<&Watched> = all.precincts.iter().collect();
    precincts.sort_by_key(|one| one.inflow.precinct);
    for inflow in precincts.into_iter().map(|one| &one.inflow) {
        for (day, n) in &inflow.by_day {
            rows.push(vec![
                inflow.precinct.to_string(),
                day.to_string(),
                n.to_string(),
                inflow.score.total().to_string(),
                u8::from(inflow.alarm).to_string(),
            ]);
        }
    }
    Ok(as_file("transfers.csv".to_owned(), &rows))
}

/// Takes the telephone numbers that desks noted beside claims; their marks are kept, not the numbers.
pub(crate) fn phones(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(&wrong_file(visit, wrong))),
    };
    let Some((marks, bad)) = read_phones(&bytes) else {
        return shown(visit, Some(&visit.t("transfers.no_columns")));
    };
    let taken = visit
        .office
        .store
        .transact("claim_phones", &visit.staff, |tx| {
            let mut known = Vec::new();
            for (claim, mark) in &marks {
                if tx.find_claim(claim)?.is_some() {
                    known.push((claim.clone(), *mark));
                }
            }
            let unknown = marks.len() - known.len();
            Ok::<_, StoreError>((tx.record_claim_phones(&known)?, unknown))
        })?;
    let (new, unknown) = taken;
    Ok(Answer::Go(format!(
        "/claims/transfers?new={new}&bad={}",
        bad + unknown
    )))
}

/// Claims with the marks of their numbers, and how many rows have none; nothing without the two columns.
fn read_phones(bytes: &[u8]) -> Option<(Vec<(String, i64)>, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers().ok()?.clone();
    let place = |name: &str| head.iter().position(|cell| cell == name);
    let (claim, phone) = (place("claim_id")?, place("phone")?);
    let (mut marks, mut bad) = (Vec::new(), 0);
    for row in reader.records() {
        let row = row.ok();
        let cell = |at: usize| row.as_ref().and_then(|row| row.get(at)).unwrap_or("");
        match (cell(claim), store::phone_mark(cell(phone))) {
            ("", _) | (_, None) => bad += 1,
            (claim, Some(mark)) => marks.push((claim.to_owned(), mark)),
        }
    }
    Some((marks, bad))
}

#[cfg(test)]
mod tests {
    use super::read_phones;

    #[test]
    fn numbers_are_read_by_name_of_column_and_bad_rows_are_counted() {
        let read = |text: &str| read_phones(text.as_bytes()).map(|(m, bad)| (m.len(), bad));
        assert_eq!(
            read("\u{feff}phone,claim_id\n0555123456,F1\nнет,F2\n0555123456,\n"),
            Some((1, 2))
        );
        assert_eq!(read("claim,phone\nF1,0555123456\n"), None);
        assert_eq!(read_phones(b"\xff\xfe"), None);
    }
}
