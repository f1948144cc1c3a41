//! The end of the day: what stations handed in, who is missing, incidents, the worksheet of a precinct, the marked
//! roll, and persons who count in two precincts.

use std::collections::BTreeMap;

use lexicon::{PersonId, PrecinctCode};
use roll::hours::Station;
use store::{DayIncident, DayMark, DayPrecinct, Hit, PageCountRow, StoreError};

use super::hours::as_file;
use super::page_counts::SUPPLEMENT;
use crate::day::receive_files;
use crate::hours::stations;
use crate::pages::day::{self as page, Doubled, Marked, Overview, Region, Sheet, Sheets};
use crate::pages::paper_day::{self as paper_page, Row};
use crate::pages::parts::PAGE_ROWS;
use crate::paper_day::{PaperDay, paper_day, paper_days};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest journal or report that a page takes: ten thousand voters with eight kits stay far below.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// What stands, held against the precincts that have a list.
struct Day {
    stations: Vec<Station>,
    days: Vec<(DayPrecinct, u64)>,
}

fn day(visit: &Visit<'_>) -> Result<Day, StoreError> {
    visit.office.store.read("day", |tx| {
        Ok::<_, StoreError>(Day {
            stations: stations(tx)?,
            days: tx.day_precincts()?,
        })
    })
}

impl Day {
    fn regions(&self) -> BTreeMap<String, Region> {
        let mut regions: BTreeMap<String, Region> = BTreeMap::new();
        for station in &self.stations {
            let region = regions.entry(station.region.clone()).or_default();
            region.stations += 1;
            let found = self
                .days
                .iter()
                .find(|(day, _)| day.precinct.number() == station.precinct);
            match found {
                None => region.missing.push(station.precinct),
                Some((day, incidents)) => {
                    region.handed_in += 1;
                    region.lines += day.lines;
                    region.counted += day.counted;
                    region.incidents += incidents;
                    if !day.is_whole {
                        region.parts.push(station.precinct);
                    }
                    if day.reported.is_some_and(|reported| reported != day.counted) {
                        region.differing.push(station.precinct);
                    }
                }
            }
        }
        regions
    }
}

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let day = day(visit)?;
    let taken: Option<u16> = visit.asked_as("taken")?;
    let page = page::overview(
        visit,
        &Overview {
            regions: &day.regions(),
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

/// Takes one journal or report.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(wrong.code())),
    };
    let files = [("file".to_owned(), bytes)];
    let office = visit.office;
    let found = receive_files(&office.store, &office.law, &visit.staff, &files)?;
    if let Some((_, refused)) = found.refused.first() {
        tracing::warn!(%refused, "a handed-in file was refused");
        return shown(visit, Some(refused.code()));
    }
    Ok(Answer::Go(match found.precincts.first() {
        Some(precinct) => format!("/day?taken={precinct}"),
        None => "/day?known=1".to_owned(),
    }))
}

fn code(visit: &Visit<'_>) -> Result<PrecinctCode, Problem> {
    let number: u16 = visit.parsed("precinct")?;
    PrecinctCode::new(number).map_err(|_| Problem::NotFound)
}

pub(super) fn find(visit: &Visit<'_>) -> Result<DayPrecinct, Problem> {
    let code = code(visit)?;
    let days = visit
        .office
        .store
        .read("day_precincts", |tx| tx.day_precincts())?;
    let found = days.into_iter().find(|(day, _)| day.precinct == code);
    found.map(|(day, _)| day).ok_or(Problem::NotFound)
}

/// Marks by page of the paper list, every page of it; lines that came with a delta stand on the supplement.
fn sheets(day: &DayPrecinct, marks: &[DayMark], counts: Vec<PageCountRow>) -> Sheets {
    let mut sheets = Sheets {
        rows: Vec::new(),
        supplement: 0,
        supplement_counted: None,
    };
    for page in super::page_counts::pages(day, marks, counts) {
        let compared = &page.compared;
        let marks = u64::from(compared.marks) + u64::from(compared.home);
        let signatures = page.typed.as_ref().map(|typed| typed.signatures);
        let counted = signatures.zip(compared.difference());
        if page.page == SUPPLEMENT {
            (sheets.supplement, sheets.supplement_counted) = (marks, counted);
            continue;
        }
        sheets.rows.push(Sheet {
            page: page.page,
            from: page.lines.from,
            to: page.lines.to,
            marks,
            counted,
        });
    }
    sheets
}

/// A precinct's worksheet: the electronic list beside what people count on paper.
pub(crate) fn precinct(visit: &Visit<'_>) -> Answered {
    let day = find(visit)?;
    let (kits, marks, incidents, counts) = visit.office.store.read("day_precinct", |tx| {
        Ok::<_, StoreError>((
            tx.day_kits(&day)?,
            tx.day_marks(&day)?,
            tx.day_incidents()?,
            tx.page_counts(Some(day.precinct.number()))?,
        ))
    })?;
    let paper = counted_on_paper_at(visit, &day)?;
    let incidents: Vec<&DayIncident> = incidents
        .iter()
        .filter(|(precinct, _)| *precinct == day.precinct)
        .map(|(_, incident)| incident)
        .collect();
    Ok(Answer::Page(page::precinct(
        visit,
        &page::Precinct {
            day: &day,
            kits: &kits,
            marks: &marks,
            incidents: &incidents,
            sheets: &sheets(&day, &marks, counts),
            paper: paper.as_ref(),
        },
    )))
}

fn counted_on_paper(visit: &Visit<'_>) -> Result<BTreeMap<u16, PaperDay>, StoreError> {
    let election = visit.office.law.election.number;
    let store = &visit.office.store;
    store.read("paper_days", |tx| paper_days(tx, election))
}

fn counted_on_paper_at(
    visit: &Visit<'_>,
    day: &DayPrecinct,
) -> Result<Option<PaperDay>, StoreError> {
    let (election, precinct) = (visit.office.law.election.number, day.precinct.number());
    let store = &visit.office.store;
    store.read("paper_day", |tx| paper_day(tx, election, precinct))
}

/// Precincts whose count on paper is here, with what their journals count.
fn paper_rows(visit: &Visit<'_>) -> Result<Vec<Row>, StoreError> {
    let (day, mut paper) = (day(visit)?, counted_on_paper(visit)?);
    let regions: BTreeMap<u16, &str> = day
        .stations
        .iter()
        .map(|station| (station.precinct, station.region.as_str()))
        .collect();
    let rows = day.days.iter().filter_map(|(known, _)| {
        let precinct = known.precinct.number();
        Some(Row {
            precinct,
            region: regions
                .get(&precinct)
                .copied()
                .unwrap_or_default()
                .to_owned(),
            counted: known.counted,
            paper: paper.remove(&precinct)?,
        })
    });
    Ok(rows.collect())
}

/// The electronic list against the paper list: by cause, and every precinct that differs.
pub(crate) fn paper(visit: &Visit<'_>) -> Answered {
    let rows = paper_rows(visit)?;
    Ok(Answer::Page(paper_page::overview(visit, &rows)))
}

/// The same as a file, every precinct whose count is here.
fn paper_table(visit: &Visit<'_>) -> Result<Vec<Vec<String>>, StoreError> {
    let head = "precinct,region,counted,at_home,on_paper,slips_handed_in,signatures,counted_minus_signatures,received,\
                issued,spoilt,left,signatures_minus_issued,ballots_missing,cause,marked_or_taken_twice,corrections";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for row in paper_rows(visit)? {
        let (paper, off) = (&row.paper, row.paper.differences(row.counted));
        let totals = &paper.totals;
        rows.push(vec![
            format!("{:04}", row.precinct),
            row.region.clone(),
            row.counted.to_string(),
            paper.home.to_string(),
            paper.on_paper.to_string(),
            paper
                .slips
                .map(|slips| slips.to_string())
                .unwrap_or_default(),
            totals.signatures.to_string(),
            off.signatures.to_string(),
            totals.received.to_string(),
            totals.issued.to_string(),
            totals.spoilt.to_string(),
            totals.left.to_string(),
            off.issued.to_string(),
            off.ballots.to_string(),
            paper.cause(row.counted).to_owned(),
            paper.twice.to_string(),
            totals.before.to_string(),
        ]);
    }
    Ok(rows)
}

/// The worksheet as a file, with empty columns for what people have not counted.
pub(crate) fn worksheet(visit: &Visit<'_>) -> Answered {
    let day = find(visit)?;
    let (marks, counts) = visit.office.store.read("day_marks", |tx| {
        let counts = tx.page_counts(Some(day.precinct.number()))?;
        Ok::<_, StoreError>((tx.day_marks(&day)?, counts))
    })?;
    let sheets = sheets(&day, &marks, counts);
    let head = "precinct,page,from_line,to_line,marks,signatures_on_paper,difference";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    let row = |names: [String; 3], marks: u64, counted: Option<(u32, i64)>| {
        let [page, from, to] = names;
        let (signatures, off) = counted.map_or_else(Default::default, |(signatures, off)| {
            (signatures.to_string(), off.to_string())
        });
        let precinct = day.precinct.to_string();
        vec![precinct, page, from, to, marks.to_string(), signatures, off]
    };
    for sheet in &sheets.rows {
        let names = [sheet.page, sheet.from, sheet.to].map(|number| number.to_string());
        rows.push(row(names, sheet.marks, sheet.counted));
    }
    let word = |word: &str| [word, "", ""].map(str::to_owned);
    rows.push(row(
        word("supplement"),
        sheets.supplement,
        sheets.supplement_counted,
    ));
    let mut total = row(word("total"), day.counted, None);
    if let Some(paper) = counted_on_paper_at(visit, &day)? {
        let difference = paper.differences(day.counted).signatures;
        total.truncate(5);
        total.extend([paper.totals.signatures.to_string(), difference.to_string()]);
    }
    rows.push(total);
    Ok(as_file(format!("worksheet-{}.csv", day.precinct), &rows))
}

/// Who voted, by line, with names.
pub(crate) fn marked(visit: &Visit<'_>) -> Answered {
    let day = find(visit)?;
    let after: u32 = visit.asked_as("after")?.unwrap_or(0);
    visit.within_budget()?;
    let (lines, marks) = visit.office.store.read("marked", |tx| {
        let lines = tx.precinct_lines(day.release, day.precinct, after, PAGE_ROWS)?;
        Ok::<_, StoreError>((lines, tx.day_marks(&day)?))
    })?;
    let ids: Vec<PersonId> = lines.iter().map(|row| row.person).collect();
    let names = hits(visit, "marked roll", &ids)?;
    let marks: BTreeMap<u32, &DayMark> = marks.iter().map(|mark| (mark.line, mark)).collect();
    Ok(Answer::Page(page::marked(
        visit,
        &Marked {
            day: &day,
            lines: &lines,
            names: &names,
            marks: &marks,
            is_first: after == 0,
        },
    )))
}

fn hits(
    visit: &Visit<'_>,
    what: &str,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, Hit>, Problem> {
    let hits = visit.office.store.show_persons(visit.look(), what, ids)?;
    Ok(hits.into_iter().map(|hit| (hit.person, hit)).collect())
}

/// Persons who count in two precincts: the same record, or two records that share a PIN.
pub(crate) fn doubles(visit: &Visit<'_>) -> Answered {
    visit.within_budget()?;
    let (same, sharing) = visit.office.store.read("doubles", |tx| {
        let same = tx.persons_marked_twice()?;
        let groups = tx.persons_sharing_a_pin()?;
        let mut sharing: BTreeMap<u64, Vec<(PrecinctCode, DayMark)>> = BTreeMap::new();
        for (group, person) in groups {
            let marks = tx.marks_of_person(person)?;
            sharing.entry(group).or_default().extend(marks);
        }
        Ok::<_, StoreError>((same, sharing))
    })?;
    let mut found: Vec<Doubled> = Vec::new();
    for pair in same.chunk_by(|a, b| a.1.person == b.1.person) {
        found.push(Doubled {
            shares_pin: false,
            marks: pair.to_vec(),
        });
    }
    for marks in sharing.into_values() {
        let mut persons: Vec<Option<PersonId>> =
            marks.iter().map(|(_, mark)| mark.person).collect();
        persons.sort_unstable();
        persons.dedup();
        if persons.len() > 1 {
            found.push(Doubled {
                shares_pin: true,
                marks,
            });
        }
    }
    let ids: Vec<PersonId> = found
        .iter()
        .flat_map(|doubled| doubled.marks.iter().filter_map(|(_, mark)| mark.person))
        .collect();
    let names = hits(visit, "checked in twice", &ids)?;
    Ok(Answer::Page(page::doubles(visit, &found, &names)))
}

pub(crate) fn incidents(visit: &Visit<'_>) -> Answered {
    let all = visit
        .office
        .store
        .read("day_incidents", |tx| tx.day_incidents())?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, incident) in &all {
        *counts.entry(incident.code.clone()).or_default() += 1;
    }
    let code = visit.asked("code");
    let shown: Vec<&(PrecinctCode, DayIncident)> = all
        .iter()
        .filter(|(_, incident)| code.is_none_or(|code| code == incident.code))
        .take(PAGE_ROWS as usize * 10)
        .collect();
    Ok(Answer::Page(page::incidents(visit, &counts, code, &shown)))
}

/// Precincts or incidents, as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let rows = match visit.part("table")? {
        "precincts" => precincts_table(&day(visit)?),
        "incidents" => incidents_table(visit)?,
        "paper" => paper_table(visit)?,
        "pages" => super::page_counts::table(visit)?,
        _ => return Err(Problem::NotFound),
    };
    Ok(as_file(format!("day-{}.csv", visit.part("table")?), &rows))
}

fn precincts_table(day: &Day) -> Vec<Vec<String>> {
    let head = "precinct,region,state,lines,counted,reported,incidents";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for station in &day.stations {
        let found = day
            .days
            .iter()
            .find(|(day, _)| day.precinct.number() == station.precinct);
        let mut row = vec![format!("{:04}", station.precinct), station.region.clone()];
        match found {
            None => row.extend(["missing", "", "", "", ""].map(str::to_owned)),
            Some((day, incidents)) => row.extend([
                if day.is_whole { "whole" } else { "in_parts" }.to_owned(),
                day.lines.to_string(),
                day.counted.to_string(),
                day.reported.map(|n| n.to_string()).unwrap_or_default(),
                incidents.to_string(),
            ]),
        }
        rows.push(row);
    }
    rows
}

fn incidents_table(visit: &Visit<'_>) -> Result<Vec<Vec<String>>, StoreError> {
    let all = visit
        .office
        .store
        .read("day_incidents", |tx| tx.day_incidents())?;
    let head = "precinct,code,line,evidence";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for (precinct, incident) in all {
        let line = if incident.line > 0 {
            incident.line.to_string()
        } else {
            String::new()
        };
        rows.push(vec![
            precinct.to_string(),
            incident.code,
            line,
            incident.evidence,
        ]);
    }
    Ok(rows)
}
