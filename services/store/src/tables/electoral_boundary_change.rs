//! Tables `electoral_boundary_change`, `…_touched`, `…_changed` and `…_approval`: boundaries that somebody changed. Rows
//! never change; a change counts from its day on, once both institutions approved it.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::BoundaryRow;
use lexicon::{Instant, PrecinctCode};

use super::electoral_approval::Institution;
use super::electoral_boundary::{extent_values, read_boundary};
use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const CHANGED: Insert = Insert {
    into: "electoral_boundary_changed (change, place, precinct, geojson, street, parity, house_from, house_to)",
    columns: 8,
    then: "",
};

const TOUCHED: Insert = Insert {
    into: "electoral_boundary_touched (change, precinct)",
    columns: 2,
    then: "",
};

/// A change as it is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedChange {
    /// The moment from which it counts.
    pub valid_from: Instant,
    /// Corners that move, as written.
    pub corners: String,
    /// Ranges that move, as written.
    pub ranges: String,
    /// The decision it rests on, in words. No personal data.
    pub reason: String,
    /// Voters of the latest list whose precinct changes.
    pub moved: u64,
    /// Precincts whose boundaries it sets, with all their rows.
    pub touched: BTreeSet<PrecinctCode>,
    /// The rows.
    pub rows: Vec<BoundaryRow>,
}

/// A change that was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryChange {
    /// Its number, from 1.
    pub change: u32,
    /// The moment from which it counts.
    pub valid_from: Instant,
    /// Corners that move, as written.
    pub corners: String,
    /// Ranges that move, as written.
    pub ranges: String,
    /// The decision it rests on.
    pub reason: String,
    /// Voters of the latest list whose precinct changes.
    pub moved: u64,
    /// How many changes were approved when it was proposed: it was drawn on those boundaries.
    pub based_on: u64,
    /// Who proposed it.
    pub staff: String,
    /// When.
    pub at: Instant,
    /// Who approved it, the earliest first.
    pub approvals: Vec<(Institution, String, Instant)>,
}

impl BoundaryChange {
    /// Whether both institutions approved it.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        Institution::ALL
            .iter()
            .all(|wanted| self.approvals.iter().any(|(found, _, _)| found == wanted))
    }
}

impl Tx<'_> {
    /// Records a proposed change and gives its number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_boundary_change(&mut self, new: &ProposedChange) -> Result<u32, StoreError> {
        let all = self.boundary_changes()?;
        let change = all.last().map_or(1, |last| last.change + 1);
        let based_on = all.iter().filter(|known| known.is_approved()).count() as u64;
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_boundary_change \
               (change, valid_from, corners, ranges, reason, moved, based_on, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                change,
                new.valid_from,
                new.corners.as_str(),
                new.ranges.as_str(),
                new.reason.as_str(),
                new.moved,
                based_on,
                staff,
                at
            ],
        )?;
        let mut table = Vec::new();
        for precinct in &new.touched {
            table.extend(values![change, u32::from(precinct.number())]);
        }
        self.insert(&TOUCHED, table)?;
        let mut table = Vec::with_capacity(new.rows.len() * CHANGED.columns);
        for (place, row) in new.rows.iter().enumerate() {
            table.extend(values![
                change,
                place as u64,
                u32::from(row.precinct.number())
            ]);
            table.extend(extent_values(&row.extent));
        }
        self.insert(&CHANGED, table)?;
        let body = format!("{change} {} {}", new.moved, new.reason);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "boundary_proposed",
            body.into_bytes(),
        )?;
        Ok(change)
    }

    /// Records an institution's approval of a change, by the author of the transaction.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the institution or the account approved it before.
    pub fn record_boundary_approval(
        &mut self,
        change: u32,
        institution: Institution,
    ) -> Result<(), StoreError> {
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_boundary_approval (change, institution, staff, at) VALUES ($1, $2, $3, $4)",
            values![change, institution.code(), staff, at],
        )?;
        let body = format!("{change} {}", institution.code());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "boundary_approved",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Every change, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn boundary_changes(&mut self) -> Result<Vec<BoundaryChange>, StoreError> {
        let mut all = self.collect(
            "SELECT change, valid_from, corners, ranges, reason, moved, based_on, staff, at \
             FROM electoral_boundary_change ORDER BY change",
            vec![],
            read_change,
        )?;
        let mut given: BTreeMap<u32, Vec<_>> = BTreeMap::new();
        self.each(
            "SELECT change, institution, staff, at FROM electoral_boundary_approval \
             ORDER BY change, at, institution",
            vec![],
            |row| {
                given.entry(row.number(0)?).or_default().push((
                    row.code(1, Institution::from_code)?,
                    row.text(2)?.to_owned(),
                    Instant::from_micros(row.int(3)?),
                ));
                Ok(())
            },
        )?;
        for change in &mut all {
            change.approvals = given.remove(&change.change).unwrap_or_default();
        }
        Ok(all)
    }

    /// Boundaries at a moment: those of the import, and over them every approved change that counts by then, the latest
    /// day last.
    pub(crate) fn boundaries_at(
        &mut self,
        mut rows: Vec<BoundaryRow>,
        at: Instant,
    ) -> Result<Vec<BoundaryRow>, StoreError> {
        let mut changes = self.boundary_changes()?;
        changes.retain(|change| change.is_approved() && change.valid_from <= at);
        changes.sort_by_key(|change| (change.valid_from, change.change));
        for change in changes {
            let touched = self.collect(
                "SELECT precinct FROM electoral_boundary_touched WHERE change = $1",
                values![change.change],
                |row| read_precinct(row, 0),
            )?;
            rows.retain(|row| !touched.contains(&row.precinct));
            rows.extend(self.collect(
                "SELECT precinct, geojson, street, parity, house_from, house_to \
                 FROM electoral_boundary_changed WHERE change = $1 ORDER BY place",
                values![change.change],
                read_boundary,
            )?);
        }
        // By precinct; within one the order of the import or of the change stays.
        rows.sort_by_key(|row| row.precinct);
        Ok(rows)
    }
}

fn read_change(row: &Row) -> Result<BoundaryChange, StoreError> {
    Ok(BoundaryChange {
        change: row.number(0)?,
        valid_from: Instant::from_micros(row.int(1)?),
        corners: row.text(2)?.to_owned(),
        ranges: row.text(3)?.to_owned(),
        reason: row.text(4)?.to_owned(),
        moved: row.number(5)?,
        based_on: row.number(6)?,
        staff: row.text(7)?.to_owned(),
        at: Instant::from_micros(row.int(8)?),
        approvals: Vec::new(),
    })
}
