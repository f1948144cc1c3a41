//! The paper list beside the electronic one, page by page: what people count is typed here.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::{Instant, Method};
use roll::page_count::{ComparedPage, CountRefused, PageCount, PageLines, compare};
use store::{DayMark, DayPrecinct, PageCountRow, StoreError};

use super::day::find;
use crate::pages::page_counts::{self as page, Shown};
use crate::visit::{Answer, Answered, Problem, Visit};

/// The supplement's number.
pub(crate) const SUPPLEMENT: u32 = 0;

/// A page with both counts, and who typed the one.
pub(crate) struct Page {
    /// 0: the supplement.
    pub page: u32,
    pub lines: PageLines,
    pub compared: ComparedPage,
    pub typed: Option<PageCountRow>,
}

/// Every page of a precinct; the supplement where it has marks, or was counted.
pub(crate) fn pages(day: &DayPrecinct, marks: &[DayMark], counts: Vec<PageCountRow>) -> Vec<Page> {
    let per_page = day.lines_per_page.max(1);
    let last = u32::try_from(day.lines).unwrap_or(u32::MAX);
    let mut counts: BTreeMap<u32, PageCountRow> =
        counts.into_iter().map(|row| (row.page, row)).collect();
    let bound = (1..=last.div_ceil(per_page)).map(|page| {
        let (from, to) = ((page - 1) * per_page + 1, (page * per_page).min(last));
        (page, PageLines { from, to })
    });
    let added = marks
        .iter()
        .map(|mark| mark.line)
        .filter(|line| *line > last);
    let supplement = PageLines {
        from: last + 1,
        // What a change added and nobody marked is not known here: the room is what fits a page more.
        to: added.max().unwrap_or(last).saturating_add(per_page),
    };
    let mut all: Vec<(u32, PageLines)> = bound.collect();
    if counts.contains_key(&SUPPLEMENT) || marks.iter().any(|mark| mark.line > last) {
        all.push((SUPPLEMENT, supplement));
    }
    let on = |lines: PageLines, is_home: bool| -> BTreeSet<u32> {
        let marks = marks.iter().filter(|mark| lines.holds(mark.line));
        let marks = marks.filter(|mark| !is_home || mark.method == Method::Home);
        marks.map(|mark| mark.line).collect()
    };
    all.into_iter()
        .map(|(page, lines)| {
            let typed = counts.remove(&page);
            let count = typed.as_ref().map(|row| PageCount {
                signatures: row.signatures,
                lines: row.lines.clone(),
            });
            Page {
                page,
                lines,
                compared: compare(&on(lines, false), &on(lines, true), count),
                typed,
            }
        })
        .collect()
}

fn read(visit: &Visit<'_>) -> Result<(DayPrecinct, Vec<Page>), Problem> {
    let day = find(visit)?;
    let (marks, counts) = visit.office.store.read("page_counts", |tx| {
        let counts = tx.page_counts(Some(day.precinct.number()))?;
        Ok::<_, StoreError>((tx.day_marks(&day)?, counts))
    })?;
    let pages = pages(&day, &marks, counts);
    Ok((day, pages))
}

fn shown(visit: &Visit<'_>, wrong: Option<CountRefused>) -> Answered {
    let (day, pages) = read(visit)?;
    let next = pages.iter().find(|page| page.typed.is_none());
    let page = page::page(
        visit,
        &Shown {
            day: &day,
            pages: &pages,
            next: next.map(|page| page.page),
            taken: visit.asked_as("taken")?,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn open(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes the count of one page.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let (day, pages) = read(visit)?;
    let number = visit.field("page").trim().parse::<u32>().ok();
    let Some(page) = pages.iter().find(|page| Some(page.page) == number) else {
        return Err(Problem::Unreadable);
    };
    let count = match PageCount::of(page.lines, visit.field("signatures"), visit.field("lines")) {
        Ok(count) => count,
        Err(refused) => return shown(visit, Some(refused)),
    };
    let precinct = day.precinct.number();
    let row = PageCountRow {
        precinct,
        page: page.page,
        entry: 0,
        signatures: count.signatures,
        lines: count.lines,
        staff: visit.staff.clone(),
        at: Instant::from_micros(0),
    };
    // The same again, by a second click, is no correction.
    let is_known = page
        .typed
        .as_ref()
        .is_some_and(|typed| (typed.signatures, &typed.lines) == (row.signatures, &row.lines));
    if !is_known {
        visit
            .office
            .store
            .transact("page_count", &visit.staff, |tx| tx.record_page_count(&row))?;
    }
    Ok(Answer::Go(format!(
        "/day/pages/{precinct}?taken={}",
        page.page
    )))
}

fn joined(lines: &[u32]) -> String {
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    lines.join(" ")
}

/// Every page that was counted, of every precinct.
pub(crate) fn table(visit: &Visit<'_>) -> Result<Vec<Vec<String>>, StoreError> {
    let head = "precinct,page,from_line,to_line,marks,at_home,signatures_on_paper,difference,signed_not_marked,\
                marked_not_signed,lines_known";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    let counted = visit.office.store.read("page_counts", |tx| {
        let mut by_precinct: BTreeMap<u16, Vec<PageCountRow>> = BTreeMap::new();
        for row in tx.page_counts(None)? {
            by_precinct.entry(row.precinct).or_default().push(row);
        }
        let mut all = Vec::new();
        for (day, _) in tx.day_precincts()? {
            if let Some(counts) = by_precinct.remove(&day.precinct.number()) {
                let marks = tx.day_marks(&day)?;
                all.push((day, marks, counts));
            }
        }
        Ok::<_, StoreError>(all)
    })?;
    for (day, marks, counts) in counted {
        for page in pages(&day, &marks, counts) {
            let Some(count) = &page.compared.count else {
                continue;
            };
            let name = match page.page {
                SUPPLEMENT => "supplement".to_owned(),
                page => page.to_string(),
            };
            rows.push(vec![
                day.precinct.to_string(),
                name,
                page.lines.from.to_string(),
                page.lines.to.to_string(),
                page.compared.marks.to_string(),
                page.compared.home.to_string(),
                count.signatures.to_string(),
                page.compared.difference().unwrap_or(0).to_string(),
                joined(&page.compared.unmarked),
                joined(&page.compared.unsigned),
                if count.lines.is_some() { "yes" } else { "no" }.to_owned(),
            ]);
        }
    }
    Ok(rows)
}
