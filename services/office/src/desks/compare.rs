//! A list beside the last election's by region, raion and precinct.

use std::collections::BTreeMap;

use store::{RAION, ReferenceKind, StoreError};

use super::boundaries::roll_places;
use super::hours::as_file;
use super::lists::find;
use crate::pages::list::places::{self, By, Row, Shown};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Rows of precincts that a page shows, the largest differences first; the file has all.
const ROWS_SHOWN: usize = 200;

/// The raion of a place: the first eight of the fourteen digits of its SOATE code, the rest zero.
fn raion(soate: u64) -> u64 {
    soate - soate % RAION
}

/// What is compared: the label of the last election, and its figures beside ours.
struct Compared {
    label: String,
    rows: Vec<Row>,
}

fn compared(visit: &Visit<'_>, by: By) -> Result<Option<Compared>, Problem> {
    let (release, _) = find(visit)?;
    let counted = visit.office.counted(&release, false)?;
    let (precincts, edition) = visit.office.store.read("compare", |tx| {
        let edition = tx.find_reference(ReferenceKind::LastElection)?;
        Ok::<_, StoreError>((tx.snapshot_precincts()?, edition))
    })?;
    let Some(edition) = edition else {
        return Ok(None);
    };
    let names = roll_places();
    let homes: BTreeMap<u32, (u64, String)> = precincts
        .iter()
        .map(|row| {
            let number = u32::from(row.precinct.number());
            (number, (raion(row.soate.as_u64()), row.region.clone()))
        })
        .collect();
    // A place by its key: what it is called, what it lies in, then and now.
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut add = |precinct: u32, region: &str, was: u64, now: u64| {
        let home = homes.get(&precinct);
        let (key, name, within) = match by {
            By::Region => (region.to_owned(), None, None),
            By::Raion => match home {
                Some((code, _)) => (format!("{code:014}"), Some(names(*code)), None),
                None => (String::new(), None, None),
            },
            By::Precinct => (
                format!("{precinct:04}"),
                None,
                home.map(|(code, _)| format!("{code:014}")),
            ),
        };
        let row = rows.entry(key.clone()).or_insert_with(|| Row {
            key,
            name,
            within,
            region: region.to_owned(),
            was: 0,
            now: 0,
        });
        row.was += was;
        row.now += now;
    };
    for value in &edition.values {
        let region = value
            .region
            .strip_suffix("_additional")
            .unwrap_or(&value.region);
        // A figure of a region as a whole says nothing of its raions and precincts.
        if value.precinct > 0 || by == By::Region {
            add(value.precinct, region, value.value, 0);
        }
    }
    for (precinct, lines) in &counted.lines {
        let number = u32::from(precinct.number());
        let region = homes.get(&number).map_or("", |(_, region)| region.as_str());
        let region = region.strip_suffix("_additional").unwrap_or(region);
        add(number, region, 0, *lines);
    }
    Ok(Some(Compared {
        label: edition.label,
        rows: rows.into_values().collect(),
    }))
}

fn asked(visit: &Visit<'_>) -> Result<By, Problem> {
    match visit.asked("by") {
        None => Ok(By::Raion),
        Some(code) => By::from_code(code).ok_or(Problem::Unreadable),
    }
}

pub(crate) fn page(visit: &Visit<'_>) -> Answered {
    let by = asked(visit)?;
    let (release, _) = find(visit)?;
    let found = compared(visit, by)?;
    let within = visit.asked("raion");
    let mut label = None;
    let mut rows = Vec::new();
    if let Some(found) = found {
        label = Some(found.label);
        rows = found.rows;
    }
    rows.retain(|row| within.is_none_or(|raion| row.within.as_deref() == Some(raion)));
    // What differs most comes first.
    rows.sort_by_key(|row| {
        (
            std::cmp::Reverse(row.was.abs_diff(row.now)),
            row.key.clone(),
        )
    });
    let all = rows.len();
    let has_then = rows.iter().any(|row| row.was > 0);
    rows.truncate(ROWS_SHOWN);
    Ok(Answer::Page(places::page(
        visit,
        &Shown {
            release: &release,
            by,
            label: label.as_deref(),
            rows: &rows,
            all,
            has_then,
        },
    )))
}

/// All rows as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let by = asked(visit)?;
    let found = compared(visit, by)?.ok_or(Problem::NotFound)?;
    let head = ["place", "name", "region", "was", "now", "difference"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for row in &found.rows {
        rows.push(vec![
            row.key.clone(),
            places::name(visit, by, row),
            row.region.clone(),
            row.was.to_string(),
            row.now.to_string(),
            (i128::from(row.now) - i128::from(row.was)).to_string(),
        ]);
    }
    let n = visit.part("release")?;
    Ok(as_file(format!("compare-{n}-{}.csv", by.code()), &rows))
}

#[cfg(test)]
mod tests {
    use super::raion;

    #[test]
    fn a_raion_is_the_first_eight_digits() {
        assert_eq!(raion(41_703_410_000_010), 41_703_410_000_000);
        assert_eq!(raion(41_711_000_000_010), 41_711_000_000_000);
    }
}
