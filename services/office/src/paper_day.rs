//! The electronic list against the paper list: what precincts counted on paper, as their final reports say it.
//!
//! A report was checked when it was kept. Of a precinct's reports the last one with totals speaks; what the kits counted is
//! the office's own fold of the journals.

use std::collections::BTreeMap;

use lexicon::Method;
use lexicon::handover::envelope::{decode, peek_all};
use lexicon::handover::event::DIFFERENCE_REASONS;
use lexicon::handover::report::{Differences, Report, TotalsSaid};
use store::{StoreError, Tx};

use crate::day::report_subject;

/// What one precinct counted on paper, and what its kits say beside it.
#[derive(Clone, Debug)]
pub(crate) struct PaperDay {
    pub totals: TotalsSaid,
    /// Of those counted: at home, and entered from paper after a total failure.
    pub home: u32,
    pub on_paper: u32,
    /// Slips handed in at tables that do not scan; `None` where none was read.
    pub slips: Option<u32>,
    /// Incidents that make two signatures or two ballots of one voter: `DUPLICATE` and `SLIP_TWICE`.
    pub twice: u32,
    at: i64,
}

impl PaperDay {
    /// The count of a kept report; none where it states none.
    fn read(election: u32, bytes: &[u8]) -> Option<Self> {
        let payload = peek_all(report_subject(election), bytes).ok()?;
        let report: Report = decode(&payload).ok()?;
        Self::of(&report)
    }

    fn of(report: &Report) -> Option<Self> {
        let totals = report.totals.clone()?;
        let home = Method::Home.number();
        let home = report.by_method.iter().filter(|count| count.method == home);
        let intervals = report.paper_only.iter().flatten();
        let twice = report.incidents.iter();
        let twice = twice.filter(|one| matches!(one.code.as_str(), "DUPLICATE" | "SLIP_TWICE"));
        Some(Self {
            home: home.map(|count| count.count).sum(),
            on_paper: intervals.map(|interval| interval.served).sum(),
            slips: report.slips_taken,
            twice: u32::try_from(twice.count()).unwrap_or(u32::MAX),
            at: report.at,
            totals,
        })
    }

    /// What differs, beside the voters that the journals count.
    pub fn differences(&self, counted: u64) -> Differences {
        let counted = u32::try_from(counted).unwrap_or(u32::MAX);
        self.totals.differences(counted)
    }

    /// Identified in the hall, and no slip of theirs was handed in; `None` where slips were not read.
    pub fn without_slip(&self, counted: u64) -> Option<i64> {
        let hall = i64::try_from(counted).ok()? - i64::from(self.home) - i64::from(self.on_paper);
        Some(hall - i64::from(self.slips?))
    }

    /// The cause that is counted for it: none, the chair's, or `UNEXPLAINED` where the journals count otherwise than the
    /// chair knew.
    pub fn cause(&self, counted: u64) -> &str {
        match (
            self.differences(counted).is_any(),
            self.totals.difference.as_str(),
        ) {
            (false, _) => "NONE",
            (true, "") => "UNEXPLAINED",
            (true, said) => said,
        }
    }
}

/// Causes of differences, as pages and files name them.
pub(crate) fn causes() -> impl Iterator<Item = &'static str> {
    ["NONE"]
        .into_iter()
        .chain(DIFFERENCE_REASONS)
        .chain(["UNEXPLAINED"])
}

/// The count on paper of every precinct whose final report or addendum states one.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn paper_days(
    tx: &mut Tx<'_>,
    election: u32,
) -> Result<BTreeMap<u16, PaperDay>, StoreError> {
    let mut days: BTreeMap<u16, PaperDay> = BTreeMap::new();
    for (precinct, bytes) in tx.final_reports()? {
        let Some(day) = PaperDay::read(election, &bytes) else {
            continue;
        };
        if days.get(&precinct).is_none_or(|known| known.at <= day.at) {
            days.insert(precinct, day);
        }
    }
    Ok(days)
}

/// The count on paper of one precinct whose final report or addendum states one.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn paper_day(
    tx: &mut Tx<'_>,
    election: u32,
    precinct: u16,
) -> Result<Option<PaperDay>, StoreError> {
    let reports = tx.final_reports_of(precinct)?;
    let days = reports
        .iter()
        .filter_map(|bytes| PaperDay::read(election, bytes));
    // Of equal moments the later received speaks, as in `paper_days`.
    Ok(days.max_by_key(|day| day.at))
}
