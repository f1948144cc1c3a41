//! Step `pairs`: one task of the duplicate check, everybody of it against everybody.

use std::collections::BTreeMap;

use ::batch::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};
use ::batch::filter::{Filter, FilterError, Params};
use arrow::array::RecordBatch;
use dedup::{Pair, Policy, Subject, Subjects, merge_pairs};
use lexicon::{FingerPosition, PersonId};

use super::super::PairRow;

pub(super) const PAIRS: Filter = Filter {
    name: "pairs",
    about: "Compares the prints of one task in full: half `a` with half `b`, or, without halves, each with each.",
    input: CaptureRow::COLUMNS,
    output: PairRow::COLUMNS,
    key: &["task"],
    sort: &["first", "second"],
    needs: &[],
    run,
};

struct CaptureRow {
    task: String,
    half: Option<String>,
    person: PersonId,
    finger: FingerPosition,
    data: Vec<u8>,
}

impl Row for CaptureRow {
    const TABLE: &'static str = "captures";
    const COLUMNS: &'static [Column] = &[
        must("task", Kind::Text),
        may("half", Kind::Text),
        must("person", Kind::Text),
        must("finger", Kind::Number),
        must("data", Kind::Bytes),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.task.as_str())
            .text(self.half.as_deref())
            .shown(self.person)
            .number(u32::from(self.finger.number()))
            .bytes(self.data.as_slice());
    }
}

impl ReadRow for CaptureRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let row = Self {
            task: cells.text()?.to_owned(),
            half: cells.text_if().map(str::to_owned),
            person: cells.parsed()?,
            finger: FingerPosition::new(u8::try_from(cells.number()?)?)
                .ok_or_else(|| CellError("a finger is 1 to 10".to_owned()))?,
            data: cells.bytes()?.to_vec(),
        };
        match row.half.as_deref() {
            None | Some("a" | "b") => Ok(row),
            Some(_) => Err(CellError("a half is a or b".to_owned())),
        }
    }
}

fn run(input: &RecordBatch, _params: &Params) -> Result<RecordBatch, FilterError> {
    let rows = rows_of::<CaptureRow>("captures", input)?;
    let mut pairs: Vec<Pair> = Vec::new();
    for task in rows.chunk_by(|a, b| a.task == b.task) {
        pairs.extend(of_task(task)?);
    }
    Ok(batch_of(merge_pairs(pairs).into_iter().map(PairRow))?)
}

fn of_task(rows: &[CaptureRow]) -> Result<Vec<Pair>, FilterError> {
    let other = |error: dedup::SubjectError| FilterError::Other(error.to_string());
    // In the order of ids, as the whole run has them: a comparison is taken in one direction.
    let mut subjects: BTreeMap<(PersonId, Option<&str>), Subject> = BTreeMap::new();
    for row in rows {
        let key = (row.person, row.half.as_deref());
        let subject = subjects.entry(key).or_insert_with(|| Subject {
            person: row.person,
            fingers: Vec::new(),
        });
        subject.fingers.push((row.finger, row.data.clone()));
    }
    let halves: Vec<Option<&str>> = subjects.keys().map(|(_, half)| *half).collect();
    let ready = Subjects::new(subjects.into_values(), Policy::standard()).map_err(other)?;
    let split = halves.contains(&Some("a")) && halves.contains(&Some("b"));
    let found = (0..ready.len())
        .flat_map(|at| ready.referred_among(at, |later| !split || halves[at] != halves[later]));
    Ok(found.collect())
}
