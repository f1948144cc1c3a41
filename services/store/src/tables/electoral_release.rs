//! Table `electoral_release`: releases of the list. Rows never change.

use lexicon::Instant;

use super::electoral_backlog::BacklogRow;
use super::electoral_change::ChangeRow;
use super::electoral_decision::DecisionRow;
use super::electoral_release_cell::CellRow;
use super::registry_print::hex;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_release (number, election, stage, root, total, considered, frozen_at, document)",
    columns: 8,
    then: "",
};

/// One release of the list, as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Release number, from 1.
    pub number: u32,
    /// Election number, as 20151004.
    pub election: u32,
    /// `preliminary`, `control` or `final`.
    pub stage: String,
    /// Merkle root over the lines.
    pub root: [u8; 32],
    /// Lines.
    pub total: u64,
    /// Persons considered; `considered = total + Σ excluded`.
    pub considered: u64,
    /// When the list was frozen.
    pub frozen_at: Instant,
    /// The signed document, as published.
    pub document: Vec<u8>,
}

/// What was counted over a release in this program while it was received. Empty: nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseFigures {
    /// The cell of each decision, in the order of the decisions; 0 or missing: in none.
    pub cell_of: Vec<u32>,
    /// Every cell with how many persons are in it.
    pub cells: Vec<CellRow>,
    /// Who stands elsewhere than on the release before.
    pub changes: Option<(u32, Vec<ChangeRow>)>,
    /// Days from enrolment to the list.
    pub backlog: Vec<BacklogRow>,
}

impl Tx<'_> {
    /// Records a release with the decision about every considered person, not broken down.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_release(
        &mut self,
        release: &ReleaseRow,
        decisions: &[DecisionRow],
    ) -> Result<(), StoreError> {
        self.record_release_with(release, decisions, &ReleaseFigures::default())
    }

    /// Records a release with the decision about every considered person and with what was counted over them. The
    /// database counts by code and by precinct itself: the second way of counting.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_release_with(
        &mut self,
        release: &ReleaseRow,
        decisions: &[DecisionRow],
        figures: &ReleaseFigures,
    ) -> Result<(), StoreError> {
        if release.considered != decisions.len() as u64 {
            return Err(StoreError::Constraint {
                rule: "a decision for every considered person".into(),
            });
        }
        self.insert(
            &INSERT,
            values![
                release.number,
                release.election,
                release.stage.as_str(),
                release.root.to_vec(),
                release.total,
                release.considered,
                release.frozen_at,
                release.document.clone()
            ],
        )?;
        self.record_decisions(release.number, decisions, &figures.cell_of)?;
        self.record_cells(release.number, &figures.cells)?;
        self.record_counts(release.number)?;
        if let Some((since, changes)) = &figures.changes {
            self.record_changes(release.number, *since, changes)?;
        }
        self.record_backlog(release.number, &figures.backlog)?;
        let body = format!(
            "{} {} {}",
            release.number,
            release.stage,
            hex(&release.root)
        );
        self.journal_bytes(Journal::Electoral, None, "list_released", body.into_bytes())
            .map(|_| ())
    }

    /// All releases, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn releases(&mut self) -> Result<Vec<ReleaseRow>, StoreError> {
        self.collect(
            "SELECT number, election, stage, root, total, considered, frozen_at, document \
             FROM electoral_release ORDER BY number",
            Vec::new(),
            read_release,
        )
    }
}

fn read_release(row: &Row) -> Result<ReleaseRow, StoreError> {
    Ok(ReleaseRow {
        number: row.number(0)?,
        election: row.number(1)?,
        stage: row.text(2)?.to_owned(),
        root: row
            .blob(3)?
            .try_into()
            .map_err(|_| StoreError::Stored { column: 3 })?,
        total: row.number(4)?,
        considered: row.number(5)?,
        frozen_at: Instant::from_micros(row.int(6)?),
        document: row.blob(7)?.to_vec(),
    })
}
