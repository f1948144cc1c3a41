//! Step `addressed`: the house that each address text means.

use ::batch::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};
use ::batch::filter::{Filter, FilterError, Need, Params};
use arrow::array::RecordBatch;
use register::address::{Answer, Context, Seeker};
use roll::SnapshotBuilder;

use super::super::addresses::{AddressedRow, Land};

pub(super) const ADDRESSED: Filter = Filter {
    name: "addressed",
    about: "Finds the house that an address text means, or queues it with its reason and suggestions.",
    input: TextRow::COLUMNS,
    output: AddressedRow::COLUMNS,
    key: &["row"],
    sort: &["row"],
    needs: &[Need::Law, Need::Snapshot],
    run,
};

struct TextRow {
    row: String,
    address: String,
    precinct: Option<String>,
}

impl Row for TextRow {
    const TABLE: &'static str = "texts";
    const COLUMNS: &'static [Column] = &[
        must("row", Kind::Text),
        must("address", Kind::Text),
        may("precinct", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.row.as_str())
            .text(self.address.as_str())
            .text(self.precinct.as_deref());
    }
}

impl ReadRow for TextRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            row: cells.text()?.to_owned(),
            address: cells.text()?.to_owned(),
            precinct: cells.text_if().map(str::to_owned),
        })
    }
}

fn run(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let mut builder = SnapshotBuilder::new();
    params.side()?.places(&mut builder)?;
    let snapshot = builder.finish()?;
    let Land { index, ids } = Land::of_snapshot(&snapshot, params.law()?.election.day);
    let mut seeker = Seeker::new(&index);
    let answers: Vec<(String, Answer)> = rows_of::<TextRow>("texts", input)?
        .into_iter()
        .filter(|text| !text.address.trim().is_empty())
        .map(|text| {
            let precinct = text.precinct.and_then(|number| number.trim().parse().ok());
            let answer = seeker.seek(&text.address, Context { precinct });
            (text.row, answer)
        })
        .collect();
    let rows = answers.iter().map(|(row, answer)| AddressedRow {
        ids: &ids,
        row,
        answer,
    });
    Ok(batch_of(rows)?)
}
