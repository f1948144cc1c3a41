//! The report's tables from our own data: campaign by region and month, voters and equipment by region, figures of
//! the reconciliation. Every total is counted a second way, and the two are shown side by side.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::{ExclusionReason, PrecinctCode, ReconciliationClass};
use register::{CaseKind, Region};
use store::{CellRow, EnrolmentCount, LISTED, ReferenceValue};

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words or a code.
    Text(String),
    /// A count.
    Count(u64),
    /// A share, in tenths of a per cent.
    Tenths(u64),
    /// Not known.
    Nothing,
}

impl Cell {
    /// As a file has it: a count without groups, a share with a point, nothing as nothing.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Tenths(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
            Cell::Nothing => String::new(),
        }
    }
}

/// A sum that must come to a total that was counted another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is summed: a code of a region, a month, or of a check, `check.CODE`.
    pub what: String,
    /// The parts.
    pub parts: Vec<u64>,
    /// The total, counted apart from the parts.
    pub total: u64,
}

impl Check {
    /// Whether the parts come to the total.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.parts.iter().sum::<u64>() == self.total
    }

    /// The arithmetic in figures: `71189 + 157650 = 228839`.
    #[must_use]
    pub fn written(&self) -> String {
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|n| screen::format::number(*n))
            .collect();
        let sum = self.parts.iter().sum::<u64>();
        let sum_text = screen::format::number(sum);
        let parts = if parts.is_empty() {
            "0".to_owned()
        } else {
            parts.join(" + ")
        };
        if self.passes() {
            format!("{parts} = {sum_text}")
        } else {
            let total = screen::format::number(self.total);
            format!("{parts} = {sum_text} ≠ {total}")
        }
    }
}

/// A table with its checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its code; a file of it is `CODE.csv`.
    pub code: &'static str,
    /// Names of the columns, as in the file.
    pub columns: Vec<String>,
    /// Rows; the last one may be the total.
    pub rows: Vec<Vec<Cell>>,
    /// Sums that must come out.
    pub checks: Vec<Check>,
}

/// The sheets there are.
pub const SHEETS: [&str; 3] = [
    "campaign_region_month",
    "equipment_region",
    "list_reconciliation",
];

/// What was counted of the campaign, three ways.
#[derive(Clone, Copy, Debug)]
pub struct Campaign<'a> {
    /// By region and month.
    pub cells: &'a [EnrolmentCount],
    /// By region.
    pub regions: &'a [(Region, u64)],
    /// By month.
    pub months: &'a [(String, u64)],
    /// All.
    pub all: u64,
}

/// Captures by region and month; `m_2014_11` … and the total.
#[must_use]
pub fn campaign(counted: Campaign<'_>) -> Sheet {
    let mut cells: BTreeMap<(Region, &str), u64> = BTreeMap::new();
    for count in counted.cells {
        *cells
            .entry((count.region, count.month.as_str()))
            .or_default() += count.captured;
    }
    let months: BTreeSet<&str> = counted
        .cells
        .iter()
        .map(|count| count.month.as_str())
        .chain(counted.months.iter().map(|(month, _)| month.as_str()))
        .collect();
    let of = |region, month| cells.get(&(region, month)).copied().unwrap_or(0);
    let mut columns = vec!["region_code".to_owned()];
    columns.extend(
        months
            .iter()
            .map(|month| format!("m_{}", month.replace('-', "_"))),
    );
    columns.push("total".to_owned());
    let (mut rows, mut checks) = (Vec::new(), Vec::new());
    let by_region: BTreeMap<Region, u64> = counted.regions.iter().copied().collect();
    for &region in Region::ALL {
        let parts: Vec<u64> = months.iter().map(|month| of(region, month)).collect();
        let total = by_region.get(&region).copied().unwrap_or(0);
        let mut row = vec![Cell::Text(region.code().to_owned())];
        row.extend(parts.iter().map(|n| Cell::Count(*n)));
        row.push(Cell::Count(total));
        rows.push(row);
        checks.push(Check {
            what: region.code().to_owned(),
            parts,
            total,
        });
    }
    let by_month: BTreeMap<&str, u64> = counted
        .months
        .iter()
        .map(|(month, n)| (month.as_str(), *n))
        .collect();
    let mut last = vec![Cell::Text("TOTAL".to_owned())];
    for month in &months {
        let total = by_month.get(month).copied().unwrap_or(0);
        last.push(Cell::Count(total));
        let parts = Region::ALL
            .iter()
            .map(|region| of(*region, month))
            .collect();
        checks.push(Check {
            what: (*month).to_owned(),
            parts,
            total,
        });
    }
    last.push(Cell::Count(counted.all));
    rows.push(last);
    let of_total = |what: &str, parts: Vec<u64>| Check {
        what: what.to_owned(),
        parts,
        total: counted.all,
    };
    checks.push(of_total("check.regions", by_region.into_values().collect()));
    checks.push(of_total("check.months", by_month.into_values().collect()));
    Sheet {
        code: SHEETS[0],
        columns,
        rows,
        checks,
    }
}

/// What voters and equipment are counted from.
#[derive(Clone, Copy, Debug)]
pub struct Equipment<'a> {
    /// Every precinct.
    pub precincts: &'a [PrecinctRow],
    /// Lines by precinct, counted by the database.
    pub lines: &'a BTreeMap<PrecinctCode, u64>,
    /// Cells of the release, counted by this program; empty when they were not kept.
    pub cells: &'a [CellRow],
    /// Lines of the list, as signed.
    pub total: u64,
    /// Precincts, counted apart.
    pub precincts_all: u64,
    /// Voters that one kit serves, by the law.
    pub voters_per_kit: u32,
    /// People trained for ten kits, reserve included, by the planner.
    pub operators_per_ten_kits: u32,
    /// Kits that a region was given, in place of the rule.
    pub given: &'a [ReferenceValue],
}

/// The row of a precinct in the table of equipment: additional precincts of a region stand apart.
fn row_of(precinct: &PrecinctRow) -> String {
    if precinct.kind == "additional" {
        format!("{}_additional", precinct.region)
    } else {
        precinct.region.clone()
    }
}

/// The planner's rule: as many kits as voters ask for, at least one.
#[must_use]
pub fn kits(voters: u64, voters_per_kit: u32) -> u64 {
    voters.div_ceil(u64::from(voters_per_kit.max(1))).max(1)
}

/// People trained for so many kits: a part of a person counts whole.
#[must_use]
pub fn operators(kits: u64, per_ten_kits: u32) -> u64 {
    kits.saturating_mul(u64::from(per_ten_kits)).div_ceil(10)
}

/// Voters, kits, operators and precincts by region.
#[must_use]
pub fn equipment(counted: Equipment<'_>) -> Sheet {
    #[derive(Default)]
    struct Sum {
        voters: u64,
        kits: u64,
        precincts: u64,
    }
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut by_region: BTreeMap<&str, u64> = BTreeMap::new();
    for row in counted.precincts {
        let lines = counted.lines.get(&row.precinct).copied().unwrap_or(0);
        let sum = sums.entry(row_of(row)).or_default();
        sum.voters += lines;
        sum.kits += kits(lines, counted.voters_per_kit);
        sum.precincts += 1;
        *by_region.entry(row.region.as_str()).or_default() += lines;
    }
    let given = |region: &str| {
        let own = counted.given.iter().filter(|row| row.region == region);
        let own: Vec<u64> = own.map(|row| row.value).collect();
        (!own.is_empty()).then(|| own.iter().sum::<u64>())
    };
    let mut rows = Vec::new();
    let mut total = Sum::default();
    let (mut by_rule, mut people) = (0, 0);
    for (region, sum) in &sums {
        let kits = given(region).unwrap_or(sum.kits);
        let trained = operators(kits, counted.operators_per_ten_kits);
        rows.push(vec![
            Cell::Text(region.clone()),
            Cell::Count(sum.voters),
            Cell::Count(kits),
            Cell::Count(sum.kits),
            Cell::Count(trained),
            Cell::Count(sum.precincts),
        ]);
        people += trained;
        total.voters += sum.voters;
        total.kits += kits;
        total.precincts += sum.precincts;
        by_rule += sum.kits;
    }
    rows.push(vec![
        Cell::Text("TOTAL".to_owned()),
        Cell::Count(total.voters),
        Cell::Count(total.kits),
        Cell::Count(by_rule),
        Cell::Count(people),
        Cell::Count(total.precincts),
    ]);
    let mut checks = vec![
        Check {
            what: "check.voters".to_owned(),
            parts: sums.values().map(|sum| sum.voters).collect(),
            total: counted.total,
        },
        Check {
            what: "check.precincts".to_owned(),
            parts: sums.values().map(|sum| sum.precincts).collect(),
            total: counted.precincts_all,
        },
    ];
    let listed = counted.cells.iter().filter(|cell| cell.code == LISTED);
    for (region, lines) in by_region.iter().filter(|_| !counted.cells.is_empty()) {
        checks.push(Check {
            what: (*region).to_owned(),
            parts: listed
                .clone()
                .filter(|cell| cell.region == **region)
                .map(|cell| cell.persons)
                .collect(),
            total: *lines,
        });
    }
    let columns = [
        "region_code",
        "voters",
        "kits",
        "kits_by_rule",
        "operators",
        "precincts",
    ];
    Sheet {
        code: SHEETS[1],
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        checks,
    }
}

/// What the figures of the reconciliation are counted from.
#[derive(Clone, Copy, Debug)]
pub struct Reconciled<'a> {
    /// Rows of the commission's list.
    pub rows: u64,
    /// Rows by class.
    pub classes: &'a [(ReconciliationClass, u64)],
    /// Lines of our list.
    pub listed: u64,
    /// Excluded from it, by reason.
    pub excluded: &'a BTreeMap<ExclusionReason, u64>,
    /// Form 2 that count, by the region and kind of the precinct asked for.
    pub form2: &'a BTreeMap<String, u64>,
    /// Form 2 that count, counted by outcome.
    pub form2_all: u64,
    /// Cases about one PIN of several persons, and whether they are decided.
    pub cases: &'a [(CaseKind, u64, u64)],
    /// Lines by the table of the record that places the voter: `residences` by address and boundary, `claims`,
    /// `overrides` by an act that two institutions signed.
    pub placed: &'a BTreeMap<String, u64>,
    /// Persons with biometrics whom no row of the commission's list means, on our list or not; none without a
    /// reconciliation.
    pub without_row: Option<u64>,
    /// Records whose field work is not finished: in no lot, without an answer in time, or with answers that differ.
    pub field_unfinished: u64,
    /// Captures whose check ended in the month of the freeze.
    pub processed_in_month: u64,
    /// Check-ins of the latest report; none before the day.
    pub voted: Option<u64>,
}

/// The report's figures of the reconciliation, under its own codes.
#[must_use]
pub fn reconciliation(counted: Reconciled<'_>) -> Sheet {
    let class = |wanted| {
        let found = counted.classes.iter().find(|(known, _)| *known == wanted);
        found.map_or(0, |(_, n)| *n)
    };
    let reason = |wanted| counted.excluded.get(&wanted).copied().unwrap_or(0);
    let share = |part: u64, whole: u64| match whole {
        0 => Cell::Nothing,
        _ => Cell::Tenths(
            u64::try_from((u128::from(part) * 2000 + u128::from(whole)) / (u128::from(whole) * 2))
                .unwrap_or(u64::MAX),
        ),
    };
    let shared = counted
        .cases
        .iter()
        .find(|(kind, _, _)| *kind == CaseKind::SharedPin);
    let new = class(ReconciliationClass::New);
    let excess = counted.listed.checked_sub(counted.rows);
    let count = Cell::Count;
    let placed = |table: &str| counted.placed.get(table).copied().unwrap_or(0);
    let mut rows: Vec<(String, Cell, &str)> = vec![
        (
            "cec_list_records_received".into(),
            count(counted.rows),
            "records",
        ),
        (
            "missing_from_cec_list".into(),
            counted.without_row.map_or(Cell::Nothing, count),
            "persons",
        ),
        (
            "dead_excluded".into(),
            count(class(ReconciliationClass::Dead)),
            "records",
        ),
        (
            "unrefined_records".into(),
            count(counted.field_unfinished),
            "records",
        ),
        (
            "not_found_in_register".into(),
            count(class(ReconciliationClass::NotFound)),
            "records",
        ),
        (
            "misallocated_to_precinct".into(),
            count(class(ReconciliationClass::WrongPrecinct)),
            "records",
        ),
        (
            "misallocated_to_precinct_pct".into(),
            share(class(ReconciliationClass::WrongPrecinct), counted.rows),
            "percent",
        ),
        (
            "without_precinct".into(),
            count(class(ReconciliationClass::NoPrecinct)),
            "persons",
        ),
        (
            "auto_assigned_precinct".into(),
            count(placed("residences")),
            "records",
        ),
        // By hand a voter is placed only by an act that two institutions signed.
        (
            "form2_manually_assigned".into(),
            count(placed("overrides")),
            "records",
        ),
        (
            "shared_pins".into(),
            count(shared.map_or(0, |(_, all, _)| *all)),
            "pins",
        ),
        (
            "srs_list_excess_over_cec".into(),
            excess.map_or(Cell::Nothing, count),
            "persons",
        ),
        (
            "srs_list_excess_over_cec_pct".into(),
            excess.map_or(Cell::Nothing, |n| share(n, counted.rows)),
            "percent",
        ),
        ("new_voters_never_in_cec_list".into(), count(new), "persons"),
        (
            "new_voters_pct".into(),
            share(new, counted.listed),
            "percent",
        ),
        (
            "processed_in_month_of_freeze".into(),
            count(counted.processed_in_month),
            "persons",
        ),
    ];
    for (region, n) in counted.form2 {
        rows.push((format!("form2_{region}"), count(*n), "persons"));
    }
    let conflicts = reason(ExclusionReason::PinConflict) + reason(ExclusionReason::Duplicate);
    rows.extend([
        (
            "form2_total".to_owned(),
            count(counted.form2_all),
            "persons",
        ),
        (
            "final_voter_list".to_owned(),
            count(counted.listed),
            "persons",
        ),
        (
            "excluded_pin_biometric_conflicts".to_owned(),
            count(conflicts),
            "persons",
        ),
        (
            "voted".to_owned(),
            counted.voted.map_or(Cell::Nothing, count),
            "persons",
        ),
        (
            "turnout_pct".to_owned(),
            counted
                .voted
                .map_or(Cell::Nothing, |n| share(n, counted.listed)),
            "percent",
        ),
    ]);
    let mut checks = vec![Check {
        what: "check.form2".to_owned(),
        parts: counted.form2.values().copied().collect(),
        total: counted.form2_all,
    }];
    checks.push(Check {
        what: "check.placed".to_owned(),
        parts: counted.placed.values().copied().collect(),
        total: counted.listed,
    });
    if let Some(excess) = excess {
        checks.push(Check {
            what: "check.excess".to_owned(),
            parts: vec![counted.rows, excess],
            total: counted.listed,
        });
    }
    Sheet {
        code: SHEETS[2],
        columns: ["figure_code", "value", "unit"].map(str::to_owned).to_vec(),
        rows: rows
            .into_iter()
            .map(|(code, value, unit)| vec![Cell::Text(code), value, Cell::Text(unit.to_owned())])
            .collect(),
        checks,
    }
}

#[cfg(test)]
mod tests;
