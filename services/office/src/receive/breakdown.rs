//! What is counted over a roll while it is received: persons by code, region, sex and age band; who stands elsewhere
//! than on the release before; days from enrolment to the list.
//!
//! Decisions, the register's persons and captures and the earlier release are all in the order of persons: each is
//! walked along once.

use std::collections::BTreeMap;

use lexicon::{Date, ElectionLaw, ExclusionReason, PersonId, PrecinctCode, Sex};
use register::Region;
use roll::statistics::{age_band, age_on};
use store::{
    BacklogRow, BacklogStep, CellRow, ChangeRow, DecisionRow, LISTED, ListPlace, ReleaseFigures,
    ReleaseRow, StoreError, Tx,
};

/// Counts over decisions that are sorted by person. Cost: one pass over persons, captures and the earlier release.
pub(super) fn figures(
    tx: &mut Tx<'_>,
    release: &ReleaseRow,
    decisions: &[DecisionRow],
    law: &ElectionLaw,
) -> Result<ReleaseFigures, StoreError> {
    let (cells, cell_of) = cells(tx, decisions, law)?;
    let earlier = tx.releases()?.into_iter().map(|r| r.number);
    let since = earlier.filter(|number| *number < release.number).max();
    let before = match since {
        Some(number) => places(tx, number)?,
        None => Vec::new(),
    };
    let frozen = release.frozen_at.local_date(law.election.offset_minutes);
    Ok(ReleaseFigures {
        backlog: backlog(tx, decisions, &before, frozen)?,
        changes: since.map(|number| (number, changes(&before, decisions))),
        cells,
        cell_of,
    })
}

/// Code, region, sex and age band; what is not known sorts first.
type Key = (&'static str, String, Option<char>, String);

/// The name of an age band; who is not of age has one as well.
fn band(law: &ElectionLaw, age: i16) -> String {
    let first = law.franchise.age_years;
    if age < first {
        format!("0-{}", first - 1)
    } else {
        age_band(law, age)
    }
}

fn cells(
    tx: &mut Tx<'_>,
    decisions: &[DecisionRow],
    law: &ElectionLaw,
) -> Result<(Vec<CellRow>, Vec<u32>), StoreError> {
    let regions: BTreeMap<PrecinctCode, String> = tx
        .snapshot_precincts()?
        .into_iter()
        .map(|row| (row.precinct, row.region))
        .collect();
    let mut born: Vec<Option<(Sex, Date)>> = vec![None; decisions.len()];
    let mut at = 0;
    tx.each_person_born(&mut |person, sex, day| {
        if let Some(place) = seek(decisions, &mut at, person) {
            born[place] = Some((sex, day));
        }
    })?;
    let mut bands: BTreeMap<i16, String> = BTreeMap::new();
    // The first number a key gets is by its first person; the final one is by the order of keys.
    let mut known: BTreeMap<Key, (usize, u64)> = BTreeMap::new();
    let mut first: Vec<usize> = Vec::with_capacity(decisions.len());
    for (row, born) in decisions.iter().zip(&born) {
        let region = match row.place {
            ListPlace::Listed { precinct, .. } => regions.get(&precinct).cloned(),
            ListPlace::Excluded(_) => None,
        };
        let (sex, band) = match born {
            Some((sex, day)) => {
                let age = age_on(*day, law.election.day);
                let band = bands.entry(age).or_insert_with(|| band(law, age));
                (Some(sex.letter()), band.clone())
            }
            None => (None, String::new()),
        };
        let next = known.len();
        let key = (row.place.code(), region.unwrap_or_default(), sex, band);
        let found = known.entry(key).or_insert((next, 0));
        found.1 += 1;
        first.push(found.0);
    }
    let mut number = vec![0u32; known.len()];
    let mut rows = Vec::with_capacity(known.len());
    for (cell, ((code, region, sex, band), (place, persons))) in (1u32..).zip(known) {
        number[place] = cell;
        rows.push(CellRow {
            cell,
            code: code.to_owned(),
            region,
            sex: sex.map(String::from).unwrap_or_default(),
            band,
            persons,
        });
    }
    Ok((rows, first.into_iter().map(|place| number[place]).collect()))
}

/// Walks along the decisions to a person; those before are done.
fn seek(decisions: &[DecisionRow], at: &mut usize, person: PersonId) -> Option<usize> {
    while decisions.get(*at).is_some_and(|row| row.person < person) {
        *at += 1;
    }
    decisions
        .get(*at)
        .filter(|row| row.person == person)
        .map(|_| *at)
}

/// Where a person stood on an earlier release.
type Place = (PersonId, Result<PrecinctCode, ExclusionReason>);

fn places(tx: &mut Tx<'_>, release: u32) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    tx.each_decision_place(release, &mut |person, place| places.push((person, place)))?;
    Ok(places)
}

fn changes(before: &[Place], decisions: &[DecisionRow]) -> Vec<ChangeRow> {
    let code = |place: &Result<PrecinctCode, ExclusionReason>| match place {
        Ok(_) => LISTED,
        Err(reason) => reason.code(),
    };
    let mut found = Vec::new();
    let mut push = |was, now, person| found.push(ChangeRow { was, now, person });
    let mut earlier = before.iter().peekable();
    for row in decisions {
        while let Some((person, place)) = earlier.next_if(|(person, _)| *person < row.person) {
            push(code(place), "", *person);
        }
        let now = row.place.code();
        match earlier.next_if(|(person, _)| *person == row.person) {
            None => push("", now, row.person),
            Some((_, was)) => {
                let moved = match (was, &row.place) {
                    (Ok(was), ListPlace::Listed { precinct, .. }) => was != precinct,
                    (Ok(_) | Err(_), ListPlace::Excluded(_))
                    | (Err(_), ListPlace::Listed { .. }) => code(was) != now,
                };
                if moved {
                    push(code(was), now, row.person);
                }
            }
        }
    }
    for (person, place) in earlier {
        push(code(place), "", *person);
    }
    found
}

/// The earliest capture of a person and the earliest end of a duplicate check.
pub(crate) struct Capture {
    pub person: PersonId,
    pub region: Region,
    pub captured: Date,
    pub processed: Option<Date>,
}

impl Capture {
    /// Takes one more capture of the same person: the earliest counts, and the earliest end of a check.
    pub fn take(&mut self, region: Region, captured: Date, processed: Option<Date>) {
        if captured < self.captured {
            (self.captured, self.region) = (captured, region);
        }
        self.processed = [self.processed, processed].into_iter().flatten().min();
    }
}

/// Days from one day to a later one; 0 when it is not later.
fn days(from: Date, to: Date) -> u32 {
    to.since(from)
        .map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0))
}

/// Where a captured person is beside the steps that end a check: on the list, on it before already, out, or waiting.
pub(crate) fn backlog_step(listed: bool, stood: bool, processed: bool) -> BacklogStep {
    match (listed, stood, processed) {
        (true, false, _) => BacklogStep::Listed,
        (true, true, _) => BacklogStep::ListedBefore,
        (false, _, true) => BacklogStep::NotListed,
        (false, _, false) => BacklogStep::Waiting,
    }
}

fn backlog(
    tx: &mut Tx<'_>,
    decisions: &[DecisionRow],
    before: &[Place],
    frozen: Date,
) -> Result<Vec<BacklogRow>, StoreError> {
    let mut counts: BTreeMap<(Region, BacklogStep, u32), u64> = BTreeMap::new();
    let (mut at, mut at_before) = (0, 0);
    let mut finish = |capture: &Capture| {
        if capture.captured > frozen {
            return;
        }
        while before
            .get(at_before)
            .is_some_and(|(p, _)| *p < capture.person)
        {
            at_before += 1;
        }
        let stood = before
            .get(at_before)
            .is_some_and(|(p, place)| *p == capture.person && place.is_ok());
        let listed = seek(decisions, &mut at, capture.person)
            .is_some_and(|place| matches!(decisions[place].place, ListPlace::Listed { .. }));
        let processed = capture.processed.filter(|day| *day <= frozen);
        let mut add = |step, days| {
            *counts.entry((capture.region, step, days)).or_default() += 1;
        };
        if let Some(day) = processed {
            add(BacklogStep::Processed, days(capture.captured, day));
        }
        let step = backlog_step(listed, stood, processed.is_some());
        add(step, days(capture.captured, frozen));
    };
    let mut open: Option<Capture> = None;
    tx.each_capture(&mut |person, region, captured, processed| match &mut open {
        Some(capture) if capture.person == person => capture.take(region, captured, processed),
        other => {
            if let Some(done) = other.take() {
                finish(&done);
            }
            *other = Some(Capture {
                person,
                region,
                captured,
                processed,
            });
        }
    })?;
    if let Some(done) = &open {
        finish(done);
    }
    let row = |((region, step, days), persons): ((Region, BacklogStep, u32), u64)| BacklogRow {
        region: region.code().to_owned(),
        step,
        days,
        persons,
    };
    Ok(counts.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: u16) -> ListPlace {
        ListPlace::Listed {
            precinct: PrecinctCode::new(n).expect("a precinct"),
            line: 1,
            page: 1,
        }
    }

    fn person(n: usize) -> PersonId {
        let mut all: Vec<PersonId> = (0..6)
            .map(|row| PersonId::of_source("test", &row.to_string()))
            .collect();
        all.sort_unstable();
        all[n]
    }

    #[test]
    fn who_came_left_vanished_or_moved_is_named_and_who_stayed_is_not() {
        let decided = |n, place| DecisionRow {
            person: person(n),
            place,
            evidence: String::new(),
            day: None,
        };
        let precinct = |n| PrecinctCode::new(n).expect("a precinct");
        let before = [
            (person(0), Ok(precinct(1001))),
            (person(1), Ok(precinct(1001))),
            (person(2), Err(ExclusionReason::NotYetProcessed)),
            (person(3), Ok(precinct(1001))),
            (person(5), Err(ExclusionReason::Dead)),
        ];
        let decisions = [
            decided(0, at(1001)),
            decided(1, at(1002)),
            decided(2, at(1001)),
            decided(4, ListPlace::Excluded(ExclusionReason::NoAddress)),
        ];
        let found: Vec<_> = changes(&before, &decisions)
            .into_iter()
            .map(|row| (row.was, row.now, row.person))
            .collect();
        assert_eq!(
            found,
            [
                (LISTED, LISTED, person(1)),
                ("NOT_YET_PROCESSED", LISTED, person(2)),
                (LISTED, "", person(3)),
                ("", "NO_ADDRESS", person(4)),
                ("DEAD", "", person(5)),
            ]
        );
        assert_eq!(
            days(Date::constant(2015, 2, 27), Date::constant(2015, 3, 1)),
            2
        );
        assert_eq!(
            days(Date::constant(2015, 3, 1), Date::constant(2015, 2, 27)),
            0
        );
    }
}
