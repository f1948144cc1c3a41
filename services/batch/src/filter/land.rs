//! Steps `assign` and `points`: which precinct holds a house, which polygon holds a point.

use arrow::array::RecordBatch;
use lexicon::handover::snapshot::AddressRow;
use roll::boundary::{Placed, Point, Territory};
use roll::{SnapshotBuilder, form};

use super::{Filter, FilterError, Need, Params};
use crate::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};

pub(super) const ASSIGN: Filter = Filter {
    name: "assign",
    about: "Assigns every house to its precinct, by street range and polygon.",
    input: AddressRow::COLUMNS,
    output: AssignedRow::COLUMNS,
    key: &["address"],
    sort: &["address"],
    needs: &[Need::Law, Need::Snapshot],
    run: assign,
};

pub(super) const POINTS: Filter = Filter {
    name: "points",
    about: "Finds the precinct whose polygon holds a point; the lowest number where several do.",
    input: PointRow::COLUMNS,
    output: FoundRow::COLUMNS,
    key: &["id"],
    sort: &["id"],
    needs: &[Need::Law, Need::Snapshot],
    run: points,
};

/// A row of `assignment.parquet`.
#[derive(Clone, Copy, Debug)]
pub struct AssignedRow<'a> {
    /// The source's id of the house.
    pub address: &'a str,
    /// Its precinct.
    pub placed: Option<Placed>,
}

impl Row for AssignedRow<'_> {
    const TABLE: &'static str = "assignment";
    const COLUMNS: &'static [Column] = &[
        must("address", Kind::Text),
        may("precinct", Kind::Number),
        may("placed_by", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.address)
            .number(
                self.placed
                    .map(|placed| u32::from(placed.precinct.number())),
            )
            .text(self.placed.map(|placed| placed.by.code()));
    }
}

fn assign(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let mut builder = SnapshotBuilder::new();
    for row in rows_of::<AddressRow>("addresses", input)? {
        builder.address(&row);
    }
    params.side()?.territory(&mut builder)?;
    let snapshot = builder.finish()?;
    let placed = form(&snapshot, params.law()?)?.placed;
    let rows = snapshot
        .addresses
        .iter()
        .zip(placed)
        .map(|(row, placed)| AssignedRow {
            address: &row.id,
            placed,
        });
    Ok(batch_of(rows)?)
}

struct PointRow {
    id: String,
    point: Point,
}

impl Row for PointRow {
    const TABLE: &'static str = "points";
    const COLUMNS: &'static [Column] = &[
        must("id", Kind::Text),
        must("lon_microdegrees", Kind::Signed),
        must("lat_microdegrees", Kind::Signed),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.id.as_str())
            .signed(self.point.lon)
            .signed(self.point.lat);
    }
}

impl ReadRow for PointRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            id: cells.text()?.to_owned(),
            point: Point {
                lon: cells.signed()?,
                lat: cells.signed()?,
            },
        })
    }
}

struct FoundRow {
    id: String,
    precinct: Option<u32>,
}

impl Row for FoundRow {
    const TABLE: &'static str = "points";
    const COLUMNS: &'static [Column] = &[must("id", Kind::Text), may("precinct", Kind::Number)];

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.id.as_str()).number(self.precinct);
    }
}

fn points(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let mut builder = SnapshotBuilder::new();
    params.side()?.territory(&mut builder)?;
    let territory = Territory::of(&builder.finish()?);
    let rows = rows_of::<PointRow>("points", input)?
        .into_iter()
        .map(|row| FoundRow {
            precinct: territory
                .precinct_at(row.point)
                .map(|precinct| u32::from(precinct.number())),
            id: row.id,
        });
    Ok(batch_of(rows)?)
}
