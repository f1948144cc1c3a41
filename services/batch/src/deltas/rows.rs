//! Rows beside a delta: who stood where, and whose line changes.

use lexicon::{PersonId, PrecinctCode};
use roll::delta::Planned;

use crate::columns::{CellError, Column, Kind, Put, ReadRow, Row, Take, may, must};

/// The part of a row of `decisions.parquet` that says who stands where.
pub(crate) struct Stands {
    pub person: PersonId,
    pub outcome: String,
    pub place: Option<(PrecinctCode, u32)>,
}

impl Row for Stands {
    const TABLE: &'static str = "decisions";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        must("outcome", Kind::Text),
        may("precinct", Kind::Number),
        may("line", Kind::Number),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.person)
            .text(self.outcome.as_str())
            .number(self.place.map(|(precinct, _)| u32::from(precinct.number())))
            .number(self.place.map(|(_, line)| line));
    }
}

/// The precinct of a number cell.
fn precinct(number: u32) -> Result<PrecinctCode, CellError> {
    let number = u16::try_from(number)?;
    Ok(PrecinctCode::new(number)?)
}

impl ReadRow for Stands {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let person = cells.parsed()?;
        let outcome = cells.text()?.to_owned();
        let place = match (cells.number_if(), cells.number_if()) {
            (Some(number), Some(line)) => Some((precinct(number)?, line)),
            (Some(_), None) | (None, Some(_)) | (None, None) => None,
        };
        Ok(Self {
            person,
            outcome,
            place,
        })
    }
}

/// A row of `people-N.parquet`, in the order of the delta's changes.
pub(super) struct ChangedLine {
    pub person: PersonId,
    precinct: u16,
    line: u32,
    act: String,
    reason: String,
}

impl ChangedLine {
    pub(super) fn of(planned: &Planned) -> Self {
        Self {
            person: planned.person,
            precinct: planned.change.precinct,
            line: planned.change.line,
            act: planned.change.kind.code().to_owned(),
            reason: planned.change.reason.clone(),
        }
    }
}

impl Row for ChangedLine {
    const TABLE: &'static str = "people";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        must("precinct", Kind::Number),
        must("line", Kind::Number),
        must("act", Kind::Text),
        must("reason", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.person)
            .number(u32::from(self.precinct))
            .number(self.line)
            .text(self.act.as_str())
            .text(self.reason.as_str());
    }
}

impl ReadRow for ChangedLine {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            person: cells.parsed()?,
            precinct: u16::try_from(cells.number()?)?,
            line: cells.number()?,
            act: cells.text()?.to_owned(),
            reason: cells.text()?.to_owned(),
        })
    }
}
