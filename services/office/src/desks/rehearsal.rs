//! Rehearsals: who came, by day and by region, what was wrong with the list, and what became of it.

use std::collections::BTreeMap;

use store::{Decided, RehearsalCell, RehearsalCorrection, RehearsalPrecinct, StoreError, Tx};

use super::hours::as_file;
use crate::hours::stations;
use crate::pages::rehearsal::{self as page, CELL_MIN, Overview, Sum};
use crate::rehearsal::{Terms, day_of, receive};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest journal that a page takes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Everything that stands.
struct Kept {
    days: Vec<RehearsalPrecinct>,
    regions: BTreeMap<u16, String>,
    persons: (u64, u64),
    cells: Vec<RehearsalCell>,
    corrections: Vec<RehearsalCorrection>,
}

fn kept(visit: &Visit<'_>) -> Result<Kept, StoreError> {
    visit.office.store.read("rehearsal", |tx| {
        let regions = stations(tx)?
            .into_iter()
            .map(|station| (station.precinct, station.region));
        Ok::<_, StoreError>(Kept {
            regions: regions.collect(),
            days: tx.rehearsal_precincts()?,
            persons: tx.rehearsal_persons()?,
            cells: tx.rehearsal_cells()?,
            corrections: decided(tx)?,
        })
    })
}

/// Corrections with what people decided in place of "a person looks at it".
fn decided(tx: &mut Tx<'_>) -> Result<Vec<RehearsalCorrection>, StoreError> {
    let last: BTreeMap<String, Decided> = tx
        .correction_decisions()?
        .into_iter()
        .map(|one| (one.correction, one.decided))
        .collect();
    let mut all = tx.rehearsal_corrections()?;
    for one in &mut all {
        match last.get(&one.id) {
            Some(Decided::Claim(claims)) => {
                one.outcome = "filed".to_owned();
                one.claims.clone_from(claims);
            }
            Some(Decided::Refused(reason)) => one.outcome = reason.to_lowercase(),
            Some(Decided::Registrar) => one.outcome = "registrar".to_owned(),
            None => {}
        }
    }
    Ok(all)
}

impl Kept {
    fn by_day(&self) -> BTreeMap<String, Sum> {
        self.sums(|day| day_of(day.day).map_or_else(|| day.day.to_string(), |day| day.to_string()))
    }

    fn by_region(&self) -> BTreeMap<String, Sum> {
        self.sums(|day| {
            let region = self.regions.get(&day.precinct.number());
            region.cloned().unwrap_or_default()
        })
    }

    fn sums(&self, of: impl Fn(&RehearsalPrecinct) -> String) -> BTreeMap<String, Sum> {
        let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
        for day in &self.days {
            sums.entry(of(day)).or_default().add(day);
        }
        sums
    }
}

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let kept = kept(visit)?;
    let page = page::overview(
        visit,
        &Overview {
            days: &kept.by_day(),
            regions: &kept.by_region(),
            persons: kept.persons,
            cells: &kept.cells,
            corrections: &kept.corrections,
            is_taken: visit.asked("taken").is_some(),
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes one manifest, journal or file of corrections.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(wrong.code())),
    };
    let office = visit.office;
    let terms = Terms {
        law: &office.law,
        verifier: office.config.publishers.ring.as_ref(),
        publishers: &office.config.publishers.required,
        // Who may not file claims leaves corrections sealed: they are settled when somebody else hands them in.
        key: office
            .config
            .corrections_key
            .as_deref()
            .filter(|_| visit.may(Right::FileClaims)),
    };
    let files = [("file".to_owned(), bytes)];
    let found = receive(&office.store, terms, &visit.staff, &files)?;
    if let Some((_, refused)) = found.refused.first() {
        tracing::warn!(%refused, "a file of a rehearsal was refused");
        return shown(visit, Some(refused.code()));
    }
    Ok(Answer::Go("/rehearsal?taken=1".to_owned()))
}

/// By day, by region, by day and region, or by sex and age, as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let kept = kept(visit)?;
    let name = visit.part("table")?;
    let rows = match name {
        "days" => sums_table("date", &kept.by_day()),
        "regions" => sums_table("region", &kept.by_region()),
        "days-regions" => {
            let by = kept.sums(|day| {
                let region = kept.regions.get(&day.precinct.number());
                let date = day_of(day.day).map_or_else(String::new, |day| day.to_string());
                format!("{date},{}", region.map_or("", String::as_str))
            });
            sums_table("date,region", &by)
        }
        "ages" => ages_table(&kept.cells),
        _ => return Err(Problem::NotFound),
    };
    Ok(as_file(format!("rehearsal-{name}.csv"), &rows))
}

/// Columns as in the tables of the service's report.
fn sums_table(first: &str, sums: &BTreeMap<String, Sum>) -> Vec<Vec<String>> {
    let head = "precincts,voters_came,by_fingerprint,by_pin,not_in_list,failures";
    let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut rows = vec![[split(first), split(head)].concat()];
    let mut all = Sum::default();
    let row = |name: Vec<String>, sum: &Sum| {
        let n = [
            sum.precincts.len() as u64,
            sum.came(),
            sum.finger,
            sum.pin,
            sum.absent,
            sum.failures,
        ];
        [name, n.map(|n| n.to_string()).to_vec()].concat()
    };
    for (name, sum) in sums {
        all.join(sum);
        rows.push(row(split(name), sum));
    }
    let mut total = vec!["TOTAL".to_owned()];
    total.resize(split(first).len(), String::new());
    rows.push(row(total, &all));
    rows
}

/// Whether the difference of a cell's two numbers would be a small cell itself.
pub(crate) fn is_telling(cell: &RehearsalCell) -> bool {
    let by_finger = cell.visits.saturating_sub(cell.by_pin);
    0 < by_finger && by_finger < CELL_MIN
}

fn ages_table(cells: &[RehearsalCell]) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["sex", "age", "visits", "by_pin"]
            .map(str::to_owned)
            .to_vec(),
    ];
    // Few are told as few: a small cell says who did not come by finger.
    let told = |n: u64| {
        if n > 0 && n < CELL_MIN {
            format!("<{CELL_MIN}")
        } else {
            n.to_string()
        }
    };
    for cell in cells {
        rows.push(vec![
            cell.sex.clone(),
            cell.band.clone(),
            told(cell.visits),
            if is_telling(cell) {
                "–".to_owned()
            } else {
                told(cell.by_pin)
            },
        ]);
    }
    rows
}
