//! Releases, their precincts, and the persons behind their figures.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::Extent;
use lexicon::{ExclusionReason, PersonId, PrecinctCode};
use store::{Hit, ReleaseRow, StoreError};

use crate::pages::list::{self, Changes, Release};
use crate::pages::parts::PAGE_ROWS;
use crate::pages::precinct::{self, Lines, Precinct, Precincts};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// How many of the largest lists the release page shows.
const LARGEST_SHOWN: usize = 6;

pub(crate) fn latest(visit: &Visit<'_>) -> Answered {
    let releases = visit.office.store.read("releases", |tx| tx.releases())?;
    Ok(match releases.last() {
        Some(release) => Answer::Go(format!("/list/{}", release.number)),
        None => Answer::Page(list::none(visit)),
    })
}

fn find(visit: &Visit<'_>) -> Result<(ReleaseRow, Vec<ReleaseRow>), Problem> {
    let number: u32 = visit.parsed("release")?;
    let releases = visit.office.store.read("releases", |tx| tx.releases())?;
    let release = releases
        .iter()
        .find(|r| r.number == number)
        .cloned()
        .ok_or(Problem::NotFound)?;
    Ok((release, releases))
}

pub(crate) fn release(visit: &Visit<'_>) -> Answered {
    let (release, all) = find(visit)?;
    let document = visit.office.document(&release);
    let again = visit.asked("recount").is_some();
    let sums = visit
        .office
        .sums(&release, document.release.as_ref(), again)?;
    let n = release.number;
    let before = all
        .iter()
        .rev()
        .map(|r| r.number)
        .find(|number| *number < n);
    let precincts = visit.office.figures()?.counts.precincts;
    let (findings, mut lines, changes) = visit.office.store.read("release_page", |tx| {
        let changes = match before {
            Some(since) => Some(Changes {
                since,
                rows: tx.decision_changes(since, n)?,
            }),
            None => None,
        };
        Ok::<_, StoreError>((tx.finding_counts(n)?, tx.precinct_counts(n)?, changes))
    })?;
    let with_lines = lines.len();
    lines.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    lines.truncate(LARGEST_SHOWN);
    let shown = Release {
        release: &release,
        all: &all,
        document: &document,
        sums: &sums,
        findings: &findings,
        precincts: (with_lines, precincts),
        largest: &lines,
        changes,
    };
    Ok(Answer::Page(list::page(visit, &shown)))
}

pub(crate) fn findings(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let after: u64 = visit.asked_as("after")?.unwrap_or(0);
    let rows = visit.office.store.read("findings", |tx| {
        tx.findings(release.number, after, PAGE_ROWS)
    })?;
    let base = format!("/list/{}/findings", release.number);
    let next = rows.last().map(|(position, _)| position.to_string());
    let paging = list::paging(visit, &base, rows.len(), next);
    Ok(Answer::Page(list::findings(
        visit, &release, &rows, &paging,
    )))
}

pub(crate) fn people(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let reason = ExclusionReason::from_code(visit.part("code")?).ok_or(Problem::NotFound)?;
    let after: Option<PersonId> = visit.asked_as("after")?;
    visit.within_budget()?;
    let (persons, counts) = visit.office.store.read("people", |tx| {
        Ok::<_, StoreError>((
            tx.persons_by_code(release.number, reason.code(), after, PAGE_ROWS)?,
            tx.decision_counts(release.number)?,
        ))
    })?;
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "people of a figure", &persons)?;
    let all = counts
        .iter()
        .find(|(code, _)| code == reason.code())
        .map_or(0, |(_, n)| *n);
    let base = format!("/list/{}/people/{}", release.number, reason.code());
    let next = persons.last().map(PersonId::to_string);
    let paging = list::paging(visit, &base, persons.len(), next);
    Ok(Answer::Page(list::people(
        visit, &release, reason, all, &hits, &paging,
    )))
}

pub(crate) fn precincts(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let after: u16 = visit.asked_as("after")?.unwrap_or(0);
    let (rows, lines, turnout) = visit.office.store.read("precincts", |tx| {
        Ok::<_, StoreError>((
            tx.snapshot_precincts()?,
            tx.precinct_counts(release.number)?,
            tx.turnout_by_precinct()?,
        ))
    })?;
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| row.precinct.number() > after)
        .take(PAGE_ROWS as usize)
        .collect();
    let base = format!("/list/{}/precincts", release.number);
    let next = rows.last().map(|row| row.precinct.to_string());
    Ok(Answer::Page(precinct::table(
        visit,
        &Precincts {
            release: &release,
            pager: list::paging(visit, &base, rows.len(), next),
            rows: &rows,
            lines: &lines.into_iter().collect(),
            turnout: &turnout.into_iter().collect(),
        },
    )))
}

pub(crate) fn precinct(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let code: PrecinctCode = visit.parsed("precinct")?;
    let after: u32 = visit.asked_as("after")?.unwrap_or(0);
    let n = release.number;
    let found = visit.office.store.read("precinct_page", |tx| {
        let Some(row) = tx.find_precinct(code)? else {
            return Ok::<_, StoreError>(None);
        };
        let boundaries = tx.boundaries_of(code)?;
        let mut streets = BTreeMap::new();
        for boundary in &boundaries {
            if let Extent::Range { street, .. } = &boundary.extent
                && !streets.contains_key(street)
                && let Some(name) = tx.find_street_name(street)?
            {
                streets.insert(street.clone(), name);
            }
        }
        let lines = tx.precinct_counts(n)?;
        let lines = lines
            .into_iter()
            .find(|(known, _)| *known == code)
            .map_or(0, |(_, lines)| lines);
        let turnout = match tx.find_last_turnout()? {
            Some(as_of) => Some((as_of, tx.turnout_of(code)?)),
            None => None,
        };
        Ok(Some((row, boundaries, streets, lines, turnout)))
    })?;
    let Some((row, boundaries, streets, lines, turnout)) = found else {
        return Err(Problem::NotFound);
    };
    let may_see = visit.may(Right::SeeLines) && visit.reason.is_some();
    let mut decisions = Vec::new();
    let mut persons: BTreeMap<PersonId, Hit> = BTreeMap::new();
    if may_see {
        visit.within_budget()?;
        decisions = visit.office.store.read("precinct_lines", |tx| {
            tx.precinct_lines(n, code, after, PAGE_ROWS)
        })?;
        let ids: BTreeSet<PersonId> = decisions.iter().map(|d| d.person).collect();
        let ids: Vec<PersonId> = ids.into_iter().collect();
        let hits = visit
            .office
            .store
            .show_persons(visit.look(), "precinct list", &ids)?;
        persons = hits.into_iter().map(|hit| (hit.person, hit)).collect();
    }
    let base = format!("/list/{n}/precinct/{code}");
    let next = match decisions.last().map(|d| d.place) {
        Some(store::ListPlace::Listed { line, .. }) => Some(line.to_string()),
        Some(store::ListPlace::Excluded(_)) | None => None,
    };
    let pager = list::paging(visit, &base, decisions.len(), next);
    Ok(Answer::Page(precinct::page(
        visit,
        &Precinct {
            release: &release,
            row: &row,
            lines,
            boundaries: &boundaries,
            streets: &streets,
            turnout,
            list: may_see.then_some(Lines {
                decisions: &decisions,
                persons: &persons,
                pager,
            }),
        },
    )))
}
