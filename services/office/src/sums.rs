//! The sums of a release, taken by independent ways that must agree.
//!
//! Signed: what the document says that two institutions signed. Counted: by the database, grouped by
//! code. Folded: row by row in this program. Stored: the totals in the release's own row. Kept: what the
//! database counted when the release was received. A page shows the chart only when all of them agree.

use std::collections::BTreeMap;

use lexicon::ExclusionReason;
use lexicon::handover::release::ListRelease;
use store::{CellRow, LISTED, ReleaseRow, StoreError, Tx};

/// How many of whom, by one way of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Everybody considered.
    pub considered: u64,
    /// On the list.
    pub listed: u64,
    /// Not on the list, by reason; no entry is none.
    pub excluded: BTreeMap<ExclusionReason, u64>,
    /// Decisions whose code is none of ours.
    pub unknown: u64,
}

impl Count {
    fn add(&mut self, code: &str, persons: u64) {
        self.considered += persons;
        if code == LISTED {
            self.listed += persons;
        } else if let Some(reason) = ExclusionReason::from_code(code) {
            *self.excluded.entry(reason).or_default() += persons;
        } else {
            self.unknown += persons;
        }
    }

    /// The count that a signed document states.
    #[must_use]
    pub fn signed(document: &ListRelease) -> Self {
        let mut count = Self::default();
        for total in &document.excluded {
            if total.count > 0 {
                count.add(&total.reason, total.count);
            }
        }
        count.listed = document.total;
        // What the document claims, not what its parts come to: the two are compared.
        count.considered = document.considered;
        count
    }

    /// How many are excluded by one reason.
    #[must_use]
    pub fn by(&self, reason: ExclusionReason) -> u64 {
        self.excluded.get(&reason).copied().unwrap_or(0)
    }

    /// All who are not on the list.
    #[must_use]
    pub fn excluded_total(&self) -> u64 {
        self.excluded.values().sum::<u64>() + self.unknown
    }

    /// Whether `considered = listed + Σ excluded` and every code is known.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.unknown == 0 && self.considered == self.listed + self.excluded_total()
    }
}

/// A figure on which the ways of counting do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Everybody considered.
    Considered,
    /// On the list.
    Listed,
    /// Excluded by one reason.
    Excluded(ExclusionReason),
    /// One way's parts do not come to its own total.
    Parts,
}

/// The sums of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// By the signed document; none when it cannot be read.
    pub signed: Option<Count>,
    /// By the database.
    pub counted: Count,
    /// Row by row.
    pub folded: Count,
    /// `considered` and `total` in the release's own row.
    pub stored: (u64, u64),
    /// By the database when the release was received; none for one that was received before such counts were kept.
    pub kept: Option<Count>,
}

impl Sums {
    /// Takes the sums of a release. Cost: one pass over its decisions, about 1 s for 3 M.
    ///
    /// # Errors
    /// The store's.
    pub fn of(
        tx: &mut Tx<'_>,
        release: &ReleaseRow,
        document: Option<&ListRelease>,
    ) -> Result<Self, StoreError> {
        let mut counted = Count::default();
        for (code, persons) in tx.decision_counts(release.number)? {
            counted.add(&code, persons);
        }
        let mut folded = Count::default();
        tx.each_decision_code(release.number, &mut |code| folded.add(code, 1))?;
        Ok(Self {
            signed: document.map(Count::signed),
            counted,
            folded,
            stored: (release.considered, release.total),
            kept: Self::kept(tx, release)?,
        })
    }

    fn kept(tx: &mut Tx<'_>, release: &ReleaseRow) -> Result<Option<Count>, StoreError> {
        let codes = tx.release_codes(release.number)?;
        let mut kept = Count::default();
        for (code, persons) in &codes {
            kept.add(code, *persons);
        }
        Ok((!codes.is_empty()).then_some(kept))
    }

    /// The sums as they were taken when the release was received: the fold is over the cells that this program
    /// counted, the other count is the database's. None when they were not kept. Cost: a few hundred rows.
    ///
    /// # Errors
    /// The store's.
    pub fn received(
        tx: &mut Tx<'_>,
        release: &ReleaseRow,
        document: Option<&ListRelease>,
        cells: &[CellRow],
    ) -> Result<Option<Self>, StoreError> {
        let Some(counted) = Self::kept(tx, release)?.filter(|_| !cells.is_empty()) else {
            return Ok(None);
        };
        let mut folded = Count::default();
        for cell in cells {
            folded.add(&cell.code, cell.persons);
        }
        Ok(Some(Self {
            signed: document.map(Count::signed),
            counted: counted.clone(),
            folded,
            stored: (release.considered, release.total),
            kept: Some(counted),
        }))
    }

    /// The figures that disagree; empty when all ways of counting agree.
    #[must_use]
    pub fn disagreements(&self) -> Vec<Figure> {
        let mut found = Vec::new();
        let mut ways = vec![&self.counted, &self.folded];
        ways.extend(&self.signed);
        ways.extend(&self.kept);
        let agree = |of: &dyn Fn(&Count) -> u64| ways.iter().all(|way| of(way) == of(ways[0]));
        if !agree(&|way| way.considered) || self.stored.0 != self.counted.considered {
            found.push(Figure::Considered);
        }
        if !agree(&|way| way.listed) || self.stored.1 != self.counted.listed {
            found.push(Figure::Listed);
        }
        for &reason in ExclusionReason::ALL {
            if !agree(&|way| way.by(reason)) {
                found.push(Figure::Excluded(reason));
            }
        }
        if !ways.iter().all(|way| way.adds_up()) {
            found.push(Figure::Parts);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(listed: u64, dead: u64) -> Count {
        let mut count = Count::default();
        count.add(LISTED, listed);
        count.add("DEAD", dead);
        count
    }

    #[test]
    fn sums_that_agree_name_no_figure_and_each_difference_is_named() {
        let sums = |counted: Count, folded: Count, signed: Option<Count>, stored| Sums {
            signed,
            counted,
            folded,
            stored,
            kept: None,
        };
        let check = |sums: Sums, expected: &[Figure]| assert_eq!(sums.disagreements(), expected);
        check(
            sums(count(8, 2), count(8, 2), Some(count(8, 2)), (10, 8)),
            &[],
        );
        check(
            sums(count(8, 2), count(8, 2), None, (11, 8)),
            &[Figure::Considered],
        );
        check(
            sums(count(8, 2), count(7, 3), None, (10, 8)),
            &[Figure::Listed, Figure::Excluded(ExclusionReason::Dead)],
        );
        let mut lying = count(8, 2);
        lying.considered = 12;
        check(
            sums(count(8, 2), count(8, 2), Some(lying), (10, 8)),
            &[Figure::Considered, Figure::Parts],
        );
        let mut changed = sums(count(8, 2), count(8, 2), None, (10, 8));
        changed.kept = Some(count(7, 3));
        check(
            changed,
            &[Figure::Listed, Figure::Excluded(ExclusionReason::Dead)],
        );
        let mut strange = count(8, 2);
        strange.add("MISLAID", 1);
        check(
            sums(strange.clone(), strange, None, (11, 8)),
            &[Figure::Parts],
        );
    }
}
