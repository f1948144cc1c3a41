//! Releases, their precincts, and the persons behind their figures.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::{BoundaryRow, Extent, PrecinctRow};
use lexicon::{Instant, PersonId, PrecinctCode};
use store::{CellRow, Hit, ListPlace, ReferenceKind, ReleaseRow, StoreError, TurnoutRow};

use crate::blockers::Progress;
use crate::pages::list::{self, Release, people};
use crate::pages::parts::PAGE_ROWS;
use crate::pages::precinct::{self, Lines, Precinct, Precincts};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// The value of a filter that means: none.
pub(crate) const NONE_OF_THEM: &str = "-";

/// How many of the largest lists the release page shows.
const LARGEST_SHOWN: usize = 6;

pub(crate) fn latest(visit: &Visit<'_>) -> Answered {
    let releases = visit.office.store.read("releases", |tx| tx.releases())?;
    Ok(match releases.last() {
        Some(release) => Answer::Go(format!("/list/{}", release.number)),
        None => Answer::Page(list::none(visit)),
    })
}

pub(super) fn find(visit: &Visit<'_>) -> Result<(ReleaseRow, Vec<ReleaseRow>), Problem> {
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
    let counted = visit.office.counted(&release, again)?;
    let blockers = visit.office.blockers(&release, &counted, &document)?;
    let kept = visit.office.store.read("release_page", |tx| {
        let n = release.number;
        Ok::<_, StoreError>((
            tx.finding_counts(n)?,
            tx.count_precincts()?,
            tx.count_faulty_precincts(n)?,
            Progress::of(tx, &release)?,
            tx.find_reference(ReferenceKind::LastElection)?,
            tx.witnesses(n)?,
            tx.deltas_of(n)?,
        ))
    })?;
    let (findings, precincts, faulty, progress, reference, witnesses, deltas) = kept;
    let mut largest: Vec<(PrecinctCode, u64)> = counted
        .lines
        .iter()
        .map(|(precinct, lines)| (*precinct, *lines))
        .collect();
    largest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    largest.truncate(LARGEST_SHOWN);
    let shown = Release {
        release: &release,
        all: &all,
        document: &document,
        counted: &counted,
        findings: &findings,
        precincts: (precincts.saturating_sub(faulty), precincts),
        largest: &largest,
        blockers: &blockers,
        progress,
        reference: reference.as_ref(),
        witnesses: &witnesses,
        deltas: &deltas,
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

/// The cells of a figure: those of its codes that the region, sex and age band of the link leave.
fn cells<'c>(
    visit: &Visit<'_>,
    cells: &'c [CellRow],
    codes: &'c [&'static str],
) -> impl Iterator<Item = &'c CellRow> {
    // What has no region or band stands under a dash: an empty value would be no filter.
    let wanted = |name: &str| {
        let value = visit.asked(name)?;
        Some(if value == NONE_OF_THEM { "" } else { value }.to_owned())
    };
    let (region, sex, band) = (wanted("region"), wanted("sex"), wanted("age"));
    let fits = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
    cells.iter().filter(move |cell| {
        codes.contains(&cell.code.as_str())
            && fits(&region, &cell.region)
            && fits(&sex, &cell.sex)
            && fits(&band, &cell.band)
    })
}

pub(crate) fn people(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let code = visit.part("code")?;
    let figure = people::Figure::from_code(code).ok_or(Problem::NotFound)?;
    let codes = figure.codes();
    let after: Option<PersonId> = visit.asked_as("after")?;
    visit.within_budget()?;
    let counted = visit.office.counted(&release, false)?;
    let filters: Vec<String> = ["region", "sex", "age"]
        .into_iter()
        .filter_map(|name| {
            let value = visit.asked(name)?;
            Some(format!("{name}={}", crate::serve::encode(value)))
        })
        .collect();
    // A release without cells is not broken down: its persons of a code are found whole.
    let is_whole = filters.is_empty() || counted.cells.is_empty();
    let found: Vec<&CellRow> = cells(visit, &counted.cells, &codes).collect();
    let all = if is_whole {
        figure.of(&counted.sums.counted)
    } else {
        found.iter().map(|cell| cell.persons).sum()
    };
    let n = release.number;
    let persons = visit.office.store.read("people", |tx| {
        let mut persons = Vec::new();
        for code in &codes {
            persons.extend(if is_whole {
                tx.persons_by_code(n, code, after, PAGE_ROWS)?
            } else {
                let of_code = found.iter().filter(|cell| cell.code == *code);
                let ids: Vec<u32> = of_code.map(|cell| cell.cell).collect();
                tx.persons_of_cells(n, code, &ids, after, PAGE_ROWS)?
            });
        }
        persons.sort_unstable();
        persons.truncate(PAGE_ROWS as usize);
        Ok::<_, StoreError>(persons)
    })?;
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "people of a figure", &persons)?;
    let mut base = format!("/list/{n}/people/{code}");
    if !filters.is_empty() {
        base = format!("{base}?{}", filters.join("&"));
    }
    let next = persons.last().map(PersonId::to_string);
    let (title, said) = people::figure_title(visit, figure);
    Ok(Answer::Page(people::page(
        visit,
        &people::People {
            release: Some(&release),
            title: &title,
            said: &said,
            all,
            hits: &hits,
            paging: &list::paging(visit, &base, persons.len(), next),
        },
    )))
}

pub(crate) fn precincts(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let after: u16 = visit.asked_as("after")?.unwrap_or(0);
    let counted = visit.office.counted(&release, false)?;
    let (rows, turnout) = visit.office.store.read("precincts", |tx| {
        Ok::<_, StoreError>((tx.snapshot_precincts()?, tx.turnout_by_precinct()?))
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
            lines: &counted.lines,
            turnout: &turnout.into_iter().collect(),
        },
    )))
}

/// What is kept of one precinct.
struct Kept {
    row: PrecinctRow,
    boundaries: Vec<BoundaryRow>,
    /// Printed names of the streets in the boundaries.
    streets: BTreeMap<String, String>,
    turnout: Option<(Instant, Vec<TurnoutRow>)>,
}

fn kept(visit: &Visit<'_>, code: PrecinctCode) -> Result<Kept, Problem> {
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
        let turnout = match tx.find_last_turnout()? {
            Some(as_of) => Some((as_of, tx.turnout_of(code)?)),
            None => None,
        };
        Ok(Some(Kept {
            row,
            boundaries,
            streets,
            turnout,
        }))
    })?;
    found.ok_or(Problem::NotFound)
}

/// Houses drawn on a map at most; more would be one blot.
const HOMES_MAX: usize = 1_500;

/// Where the houses are from which people stand on a precinct's list, microdegrees.
fn homes(visit: &Visit<'_>, n: u32, code: PrecinctCode) -> Result<Vec<(i32, i32)>, StoreError> {
    visit.office.store.read("precinct_homes", |tx| {
        let mut homes = Vec::new();
        for address in tx.addresses_on_list(n, code, HOMES_MAX)? {
            if let Some(row) = tx.find_address(&address)? {
                homes.push((row.lon_microdegrees, row.lat_microdegrees));
            }
        }
        Ok(homes)
    })
}

pub(crate) fn precinct(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let code: PrecinctCode = visit.parsed("precinct")?;
    let after: u32 = visit.asked_as("after")?.unwrap_or(0);
    let n = release.number;
    let found = kept(visit, code)?;
    let counted = visit.office.counted(&release, false)?;
    let changes = visit
        .office
        .store
        .read("precinct_changes", |tx| tx.delta_lines_in(n, code))?;
    let may_see = visit.may(Right::SeeLines) && visit.reason.is_some();
    let mut decisions = Vec::new();
    let mut persons: BTreeMap<PersonId, Hit> = BTreeMap::new();
    if may_see {
        visit.within_budget()?;
        decisions = visit.office.store.read("precinct_lines", |tx| {
            tx.precinct_lines(n, code, after, PAGE_ROWS)
        })?;
        let mut ids: Vec<PersonId> = decisions.iter().map(|d| d.person).collect();
        ids.extend(changes.iter().map(|change| change.person));
        ids.sort_unstable();
        ids.dedup();
        let hits = visit
            .office
            .store
            .show_persons(visit.look(), "precinct list", &ids)?;
        persons = hits.into_iter().map(|hit| (hit.person, hit)).collect();
    }
    let territory = visit.office.territories().get(&visit.office.store)?;
    let homes = if may_see {
        homes(visit, n, code)?
    } else {
        Vec::new()
    };
    let base = format!("/list/{n}/precinct/{code}");
    let next = match decisions.last().map(|d| d.place) {
        Some(ListPlace::Listed { line, .. }) => Some(line.to_string()),
        Some(ListPlace::Excluded(_)) | None => None,
    };
    let pager = list::paging(visit, &base, decisions.len(), next);
    Ok(Answer::Page(precinct::page(
        visit,
        &Precinct {
            release: &release,
            row: &found.row,
            lines: counted.lines.get(&code).copied().unwrap_or(0),
            changes: &changes,
            boundaries: &found.boundaries,
            streets: &found.streets,
            turnout: found.turnout,
            territory: &territory,
            homes: &homes,
            list: may_see.then_some(Lines {
                decisions: &decisions,
                persons: &persons,
                pager,
            }),
        },
    )))
}
