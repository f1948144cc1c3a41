//! What is published about the list: counts, no cell under ten.

use std::collections::BTreeMap;

use lexicon::{Date, ElectionLaw, ExclusionReason, Sex};

use crate::form::{Roll, printed};
use crate::snapshot::{PersonAt, Snapshot};

/// The least count that is published.
pub const CELL_MIN: u64 = 10;

/// Age bands by their first year; the first is the franchise age.
const BANDS: [i16; 6] = [25, 35, 45, 55, 65, 75];

/// A table of named counts; `None` when a cell is under ten, because one would tell the others.
pub type Cells = Option<BTreeMap<String, u64>>;

/// Withholds a whole breakdown when one of its cells is under ten.
#[must_use]
pub fn publishable(cells: BTreeMap<String, u64>) -> Cells {
    let fine = !cells.is_empty() && cells.values().all(|count| *count >= CELL_MIN);
    fine.then_some(cells)
}

/// A count, withheld when it is under ten.
#[must_use]
pub fn publishable_count(count: u64) -> Option<u64> {
    (count >= CELL_MIN).then_some(count)
}

/// Which rows of a table may be published beside the sums of its columns: `true` for each that may.
///
/// A row with a cell under ten is withheld. What is withheld must not follow by subtraction from the sums: a row that
/// would be the only one withheld, or rows of which some column comes to less than ten together, take the smallest
/// other rows with them. Cost: rows × columns for each row withheld.
#[must_use]
pub fn open_rows(rows: &[Vec<u64>]) -> Vec<bool> {
    let mut open: Vec<bool> = rows
        .iter()
        .map(|row| !row.is_empty() && row.iter().all(|cell| *cell >= CELL_MIN))
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    loop {
        let hidden = || rows.iter().zip(&open).filter(|(_, open)| !**open);
        let is_small = |column: usize| {
            let sum: u64 = hidden().filter_map(|(row, _)| row.get(column)).sum();
            sum < CELL_MIN
        };
        let told = hidden().count() == 1 || (0..columns).any(is_small);
        if hidden().count() == 0 || !told {
            return open;
        }
        let next = (0..rows.len())
            .filter(|at| open[*at])
            .min_by_key(|at| (rows[*at].iter().sum::<u64>(), *at));
        match next {
            Some(at) => open[at] = false,
            None => return open,
        }
    }
}

/// Which of some counts may be published beside their sum; see [`open_rows`].
#[must_use]
pub fn open_counts(counts: &[u64]) -> Vec<bool> {
    open_rows(&counts.iter().map(|count| vec![*count]).collect::<Vec<_>>())
}

/// The age in full years on a day.
#[must_use]
pub fn age_on(born: Date, day: Date) -> i16 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    day.year() - born.year() - i16::from(!had_birthday)
}

/// The name of the age band, as `18-24` and `75+`.
#[must_use]
pub fn age_band(law: &ElectionLaw, age: i16) -> String {
    let first = law.franchise.age_years;
    let starts = || std::iter::once(first).chain(BANDS.into_iter().filter(|b| *b > first));
    let from = starts()
        .filter(|start| *start <= age)
        .max()
        .unwrap_or(first);
    match starts().find(|start| *start > from) {
        Some(next) => format!("{from}-{}", next - 1),
        None => format!("{from}+"),
    }
}

/// Counts of one group of voters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Voters.
    pub voters: u64,
    /// By `F` and `M`.
    pub by_sex: BTreeMap<String, u64>,
    /// By age band.
    pub by_age: BTreeMap<String, u64>,
}

impl Group {
    fn add(&mut self, sex: Sex, band: String) {
        self.voters += 1;
        *self.by_sex.entry(sex.letter().to_string()).or_default() += 1;
        *self.by_age.entry(band).or_default() += 1;
    }
}

/// The published statistics of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The whole country.
    pub country: Group,
    /// By region code of the precinct.
    pub regions: BTreeMap<String, Group>,
    /// Exclusions by reason; reasons under ten are under `OTHER`.
    pub excluded: BTreeMap<String, u64>,
    /// Claims by kind and outcome, as `form2 COUNTS`.
    pub claims: BTreeMap<String, u64>,
    /// Form 2 that count: into each precinct, by number.
    pub form2_into: BTreeMap<u16, u64>,
}

/// Counts the list.
#[must_use]
pub fn statistics(snapshot: &Snapshot, roll: &Roll, law: &ElectionLaw) -> Statistics {
    let mut out = Statistics::default();
    for (list, row) in roll.lists.iter().zip(&snapshot.precincts) {
        let region = out.regions.entry(row.region.clone()).or_default();
        for &person in &list.persons {
            let (sex, band) = facts(snapshot, roll, law, person);
            region.add(sex, band.clone());
            out.country.add(sex, band);
        }
    }
    let reasons = ExclusionReason::ALL
        .iter()
        .map(|reason| reason.code().to_owned());
    out.excluded = gathered(reasons.zip(roll.count.excluded).collect());
    for (claim, outcome) in snapshot.claims.iter().zip(&roll.claims.outcomes) {
        *out.claims
            .entry(format!("{} {outcome}", claim.kind))
            .or_default() += 1;
    }
    for (precinct, _) in roll.claims.transfers.values() {
        *out.form2_into.entry(precinct.number()).or_default() += 1;
    }
    out
}

/// Gathers cells under ten under `OTHER`, and the smallest others too until it has ten.
fn gathered(mut cells: Vec<(String, u64)>) -> BTreeMap<String, u64> {
    cells.retain(|(_, count)| *count > 0);
    cells.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let small = cells
        .iter()
        .take_while(|(_, count)| *count < CELL_MIN)
        .count();
    let mut cut = small;
    let sum = |cells: &[(String, u64)]| cells.iter().map(|(_, count)| count).sum::<u64>();
    while cut > 0 && cut < cells.len() && sum(&cells[..cut]) < CELL_MIN {
        cut += 1;
    }
    let other = sum(&cells[..cut]);
    let mut kept: BTreeMap<String, u64> = cells.split_off(cut).into_iter().collect();
    if other >= CELL_MIN {
        kept.insert("OTHER".to_owned(), other);
    }
    kept
}

fn facts(snapshot: &Snapshot, roll: &Roll, law: &ElectionLaw, person: PersonAt) -> (Sex, String) {
    let (_, born) = printed(snapshot, &roll.claims, person);
    (
        snapshot.person(person).sex,
        age_band(law, age_on(born, law.election.day)),
    )
}

#[cfg(test)]
mod tests;
