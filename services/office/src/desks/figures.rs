//! The report's tables, the backlog from enrolment to the list, and the persons behind a change.

use std::collections::BTreeMap;

use lexicon::{ExclusionReason, PersonId, PrecinctCode};
use register::Region;
use store::{LISTED, ReferenceKind, ReleaseRow, StoreError};

use super::lists::find;
use crate::pages::backlog::{self, Backlog};
use crate::pages::list::{self, people};
use crate::pages::parts::PAGE_ROWS;
use crate::pages::statistics;
use crate::statistics::{
    Campaign, Equipment, Reconciled, SHEETS, Sheet, campaign, equipment, reconciliation,
};
use crate::visit::{Answer, Answered, Problem, Visit};

/// How many of the oldest captures that wait the page shows.
const OLDEST_SHOWN: u32 = 20;

/// The release asked for, or the latest; none when there is none.
fn release(visit: &Visit<'_>) -> Result<Option<ReleaseRow>, Problem> {
    let asked: Option<u32> = visit.asked_as("release")?;
    let mut releases = visit.office.store.read("releases", |tx| tx.releases())?;
    match asked {
        None => Ok(releases.pop()),
        Some(number) => releases
            .into_iter()
            .find(|row| row.number == number)
            .map(Some)
            .ok_or(Problem::NotFound),
    }
}

fn campaign_sheet(visit: &Visit<'_>) -> Result<Sheet, Problem> {
    let figures = visit.office.figures()?;
    Ok(campaign(Campaign {
        cells: &figures.campaign,
        regions: &figures.by_region,
        months: &figures.by_month,
        all: figures.counts.enrolments,
    }))
}

fn equipment_sheet(visit: &Visit<'_>, release: &ReleaseRow) -> Result<Sheet, Problem> {
    let counted = visit.office.counted(release, false)?;
    let (precincts, all, given) = visit.office.store.read("equipment", |tx| {
        let given = tx.find_reference(ReferenceKind::Kits)?;
        Ok::<_, StoreError>((tx.snapshot_precincts()?, tx.count_precincts()?, given))
    })?;
    Ok(equipment(Equipment {
        precincts: &precincts,
        lines: &counted.lines,
        cells: &counted.cells,
        total: release.total,
        precincts_all: all,
        voters_per_kit: visit.office.law.station.voters_per_kit,
        operators_per_ten_kits: visit.office.config.operators_per_ten_kits,
        given: given.as_ref().map_or(&[], |edition| &edition.values),
    }))
}

fn reconciliation_sheet(visit: &Visit<'_>, release: &ReleaseRow) -> Result<Sheet, Problem> {
    let counted = visit.office.counted(release, false)?;
    let figures = visit.office.figures()?;
    let month: String = visit
        .date(release.frozen_at)
        .to_string()
        .chars()
        .take(7)
        .collect();
    let processed = figures.processed_by_month.iter();
    let processed = processed.filter(|(known, _)| *known == month);
    let kept = visit.office.store.read("reconciled_figures", |tx| {
        let regions: BTreeMap<PrecinctCode, String> = tx
            .snapshot_precincts()?
            .into_iter()
            .map(|row| (row.precinct, row.region))
            .collect();
        let voted: Option<u64> = match tx.find_last_turnout()? {
            Some(_) => Some(tx.turnout_by_precinct()?.iter().map(|(_, n)| n).sum()),
            None => None,
        };
        let run = tx.find_last_reconciliation()?;
        Ok::<_, StoreError>((run, regions, tx.case_counts()?, voted))
    })?;
    let (run, regions, cases, voted) = kept;
    let classes = match run {
        Some(run) => visit.office.classes(run)?.to_vec(),
        None => Vec::new(),
    };
    let placements = visit.office.placements(release.number, run)?;
    let (by_target, form2_all) = &counted.form2;
    let mut form2: BTreeMap<String, u64> = BTreeMap::new();
    for (precinct, n) in by_target {
        let region = regions.get(precinct).cloned();
        let region = region.unwrap_or_else(|| "elsewhere".to_owned());
        *form2.entry(region).or_default() += n;
    }
    Ok(reconciliation(Reconciled {
        rows: figures.counts.commission,
        classes: &classes,
        listed: release.total,
        excluded: &counted.sums.counted.excluded,
        form2: &form2,
        form2_all: *form2_all,
        cases: &cases,
        placed: &placements.by_table,
        without_row: placements.without_row,
        field_unfinished: visit.office.field_unfinished(release)?,
        processed_in_month: processed.map(|(_, n)| n).sum(),
        voted,
    }))
}

pub(crate) fn tables(visit: &Visit<'_>) -> Answered {
    let release = release(visit)?;
    let mut sheets = vec![campaign_sheet(visit)?];
    if let Some(release) = &release {
        sheets.push(equipment_sheet(visit, release)?);
        sheets.push(reconciliation_sheet(visit, release)?);
    }
    let taken = visit.office.figures()?.taken;
    Ok(Answer::Page(statistics::page(
        visit,
        release.as_ref(),
        &sheets,
        taken,
    )))
}

/// One table as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let code = visit.part("sheet")?;
    let code = SHEETS.into_iter().find(|known| *known == code);
    let code = code.ok_or(Problem::NotFound)?;
    let release = release(visit)?;
    let sheet = match (code, &release) {
        ("campaign_region_month", _) => campaign_sheet(visit)?,
        ("equipment_region", Some(release)) => equipment_sheet(visit, release)?,
        ("list_reconciliation", Some(release)) => reconciliation_sheet(visit, release)?,
        (_, _) => return Err(Problem::NotFound),
    };
    let name = match &release {
        Some(release) if code != SHEETS[0] => format!("{code}-L{}.csv", release.number),
        Some(_) | None => format!("{code}.csv"),
    };
    let mut bytes = Some(statistics::file(visit, &sheet));
    Ok(Answer::Table {
        name,
        next: Box::new(move || Ok(bytes.take())),
    })
}

pub(crate) fn backlog(visit: &Visit<'_>) -> Answered {
    let release = release(visit)?;
    let region = match visit.asked("region") {
        None => None,
        Some(code) => Some(Region::from_code(code).ok_or(Problem::Unreadable)?),
    };
    let (rows, oldest) = visit.office.store.read("backlog", |tx| {
        let rows = match &release {
            Some(release) => tx.backlog(release.number)?,
            None => Vec::new(),
        };
        Ok::<_, StoreError>((rows, tx.oldest_waiting(region, OLDEST_SHOWN)?))
    })?;
    Ok(Answer::Page(backlog::page(
        visit,
        &Backlog {
            release: release.as_ref(),
            rows: &rows,
            region,
            oldest: &oldest,
        },
    )))
}

/// A code of a change as it stands in a link: `-` for who was or is not considered.
fn change_code(text: &str) -> Option<&'static str> {
    match text {
        "-" => Some(""),
        LISTED => Some(LISTED),
        code => ExclusionReason::from_code(code).map(ExclusionReason::code),
    }
}

/// The persons behind a change since the release before.
pub(crate) fn changed(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let was = change_code(visit.part("was")?).ok_or(Problem::NotFound)?;
    let now = change_code(visit.part("now")?).ok_or(Problem::NotFound)?;
    let after: Option<PersonId> = visit.asked_as("after")?;
    visit.within_budget()?;
    let n = release.number;
    let counted = visit.office.counted(&release, false)?;
    let all = counted.changes.as_ref().and_then(|changes| {
        let row = changes.rows.iter().find(|row| row.0 == was && row.1 == now);
        row.map(|row| row.2)
    });
    let persons = visit.office.store.read("changed", |tx| {
        tx.persons_of_change(n, (was, now), after, PAGE_ROWS)
    })?;
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "people of a change", &persons)?;
    let link = |code: &'static str| if code.is_empty() { "-" } else { code };
    let base = format!("/list/{n}/changes/{}/{}", link(was), link(now));
    let next = persons.last().map(PersonId::to_string);
    let title = people::change_title(visit, was, now);
    Ok(Answer::Page(people::page(
        visit,
        &people::People {
            release: Some(&release),
            title: &title,
            said: "",
            all: all.unwrap_or(0),
            hits: &hits,
            paging: &list::paging(visit, &base, persons.len(), next),
        },
    )))
}
