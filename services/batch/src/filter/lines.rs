//! Steps `number`, `decisions`, `leaves`, `root` and `statistics`: from decided persons to a committed list.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use lexicon::handover::release::{RollLine, SaltedLine};
use lexicon::{Date, PersonId, Sex};
use roll::commit::root;
use roll::numbering::{Printed, number_lines};
use roll::statistics::{age_band, age_on};

use super::{Filter, FilterError, Need, Params};
use crate::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};

pub(super) const NUMBER: Filter = Filter {
    name: "number",
    about: "Numbers each precinct's voters in Kyrgyz order; the excluded pass through.",
    input: Decided::COLUMNS,
    output: NumberedRow::COLUMNS,
    key: &["precinct"],
    sort: &["person"],
    needs: &[Need::Law],
    run: number,
};

pub(super) const DECISIONS: Filter = Filter {
    name: "decisions",
    about: "The table of decisions as the chain writes it, without names.",
    input: NumberedRow::COLUMNS,
    output: crate::tables::DecisionRow::COLUMNS,
    key: &["person"],
    sort: &["person"],
    needs: &[],
    run: decisions,
};

pub(super) const LEAVES: Filter = Filter {
    name: "leaves",
    about: "Commits to each line of the list under the release's salts; the excluded are left out.",
    input: NumberedRow::COLUMNS,
    output: LeafRow::COLUMNS,
    key: &["precinct"],
    sort: &["precinct", "line"],
    needs: &[Need::Salts],
    run: leaves,
};

pub(super) const ROOT: Filter = Filter {
    name: "root",
    about: "The Merkle root over all leaves, by precinct and line (RFC 6962).",
    input: LeafRow::COLUMNS,
    output: RootRow::COLUMNS,
    key: &[],
    sort: &["lines"],
    needs: &[],
    run: root_of,
};

pub(super) const STATISTICS: Filter = Filter {
    name: "statistics",
    about: "Counts voters by region, sex and age band. Cells under ten are not for publication: `batch stats` withholds them.",
    input: NumberedRow::COLUMNS,
    output: CountRow::COLUMNS,
    key: &["region"],
    sort: &["region", "measure", "value"],
    needs: &[Need::Law],
    run: statistics,
};

/// What is printed of a listed person, and what is counted.
#[derive(Clone)]
pub(super) struct Line {
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    pub born: String,
    pub address: String,
    pub sex: Sex,
    pub region: String,
}

/// A decided person without a line number.
pub(super) struct Decided {
    pub person: PersonId,
    pub outcome: String,
    pub rule: Option<String>,
    pub precinct: Option<u32>,
    pub placed_by: Option<String>,
    pub evidence_table: Option<String>,
    pub evidence_record: Option<String>,
    pub evidence_date: Option<String>,
    pub remedy_until: Option<String>,
    /// Of a listed person only.
    pub line: Option<Line>,
}

impl Row for Decided {
    const TABLE: &'static str = "decided";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        must("outcome", Kind::Text),
        may("rule", Kind::Text),
        may("precinct", Kind::Number),
        may("placed_by", Kind::Text),
        may("evidence_table", Kind::Text),
        may("evidence_record", Kind::Text),
        may("evidence_date", Kind::Text),
        may("remedy_until", Kind::Text),
        may("surname", Kind::Text),
        may("given", Kind::Text),
        may("patronymic", Kind::Text),
        may("born", Kind::Text),
        may("address", Kind::Text),
        may("sex", Kind::Text),
        may("region", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let line =
            |field: fn(&Line) -> &String| self.line.as_ref().map(|line| field(line).as_str());
        cells
            .shown(self.person)
            .text(self.outcome.as_str())
            .text(self.rule.as_deref())
            .number(self.precinct)
            .text(self.placed_by.as_deref())
            .text(self.evidence_table.as_deref())
            .text(self.evidence_record.as_deref())
            .text(self.evidence_date.as_deref())
            .text(self.remedy_until.as_deref())
            .text(line(|line| &line.surname))
            .text(line(|line| &line.given))
            .text(line(|line| &line.patronymic))
            .text(line(|line| &line.born))
            .text(line(|line| &line.address))
            .shown_if(self.line.as_ref().map(|line| line.sex.letter()))
            .text(line(|line| &line.region));
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

impl ReadRow for Decided {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let mut row = Self {
            person: cells.parsed()?,
            outcome: cells.text()?.to_owned(),
            rule: owned(cells.text_if()),
            precinct: cells.number_if(),
            placed_by: owned(cells.text_if()),
            evidence_table: owned(cells.text_if()),
            evidence_record: owned(cells.text_if()),
            evidence_date: owned(cells.text_if()),
            remedy_until: owned(cells.text_if()),
            line: None,
        };
        if row.precinct.is_some() {
            row.line = Some(Line {
                surname: cells.text()?.to_owned(),
                given: cells.text()?.to_owned(),
                patronymic: cells.text()?.to_owned(),
                born: cells.text()?.to_owned(),
                address: cells.text()?.to_owned(),
                sex: cells.parsed()?,
                region: cells.text()?.to_owned(),
            });
        } else {
            (0..7).for_each(|_| {
                cells.text_if();
            });
        }
        Ok(row)
    }
}

/// A decided person with line and page.
struct NumberedRow {
    decided: Decided,
    line: Option<u32>,
    page: Option<u32>,
}

impl Row for NumberedRow {
    const TABLE: &'static str = "numbered";
    const COLUMNS: &'static [Column] = &{
        let mut columns = [must("", Kind::Text); Decided::COLUMNS.len() + 2];
        let mut at = 0;
        while at < Decided::COLUMNS.len() {
            columns[at] = Decided::COLUMNS[at];
            at += 1;
        }
        columns[at] = may("line", Kind::Number);
        columns[at + 1] = may("page", Kind::Number);
        columns
    };

    fn put(&self, cells: &mut Put<'_>) {
        self.decided.put(cells);
        cells.number(self.line).number(self.page);
    }
}

impl ReadRow for NumberedRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            decided: Decided::take(cells)?,
            line: cells.number_if(),
            page: cells.number_if(),
        })
    }
}

fn number(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let per_page = params.law()?.list.lines_per_page;
    let mut rows: Vec<NumberedRow> = rows_of::<Decided>("decided", input)?
        .into_iter()
        .map(|decided| NumberedRow {
            decided,
            line: None,
            page: None,
        })
        .collect();
    // Rows stand by precinct; the excluded have none and come last.
    for list in rows.chunk_by_mut(|a, b| a.decided.precinct == b.decided.precinct) {
        let voters = list
            .iter()
            .filter_map(|row| {
                row.decided
                    .line
                    .as_ref()
                    .map(|line| (row.decided.person, line))
            })
            .map(|(person, line)| {
                Ok(Printed {
                    surname: &line.surname,
                    given: &line.given,
                    patronymic: &line.patronymic,
                    born: day(&line.born)?,
                    person,
                })
            })
            .collect::<Result<Vec<_>, FilterError>>()?;
        let numbered = number_lines(&voters, per_page);
        for (row, numbered) in list.iter_mut().zip(numbered) {
            row.line = Some(numbered.line);
            row.page = Some(numbered.page);
        }
    }
    Ok(batch_of(rows)?)
}

fn day(text: &str) -> Result<Date, FilterError> {
    text.parse()
        .map_err(|_| FilterError::Other("field born: no date of a line".to_owned()))
}

struct DecisionCells<'a>(&'a NumberedRow);

impl Row for DecisionCells<'_> {
    const TABLE: &'static str = "decisions";
    const COLUMNS: &'static [Column] = crate::tables::DecisionRow::COLUMNS;

    fn put(&self, cells: &mut Put<'_>) {
        let NumberedRow {
            decided,
            line,
            page,
        } = self.0;
        cells
            .shown(decided.person)
            .text(decided.outcome.as_str())
            .text(decided.rule.as_deref())
            .number(decided.precinct)
            .number(*line)
            .number(*page)
            .text(decided.placed_by.as_deref())
            .text(decided.evidence_table.as_deref())
            .text(decided.evidence_record.as_deref())
            .text(decided.evidence_date.as_deref())
            .text(decided.remedy_until.as_deref());
    }
}

fn decisions(input: &RecordBatch, _params: &Params) -> Result<RecordBatch, FilterError> {
    let rows = rows_of::<NumberedRow>("numbered", input)?;
    Ok(batch_of(rows.iter().map(DecisionCells))?)
}

/// The commitment to one line.
struct LeafRow {
    precinct: u32,
    line: u32,
    leaf: Vec<u8>,
}

impl Row for LeafRow {
    const TABLE: &'static str = "leaves";
    const COLUMNS: &'static [Column] = &[
        must("precinct", Kind::Number),
        must("line", Kind::Number),
        must("leaf", Kind::Bytes),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .number(self.precinct)
            .number(self.line)
            .bytes(self.leaf.as_slice());
    }
}

impl ReadRow for LeafRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            precinct: cells.number()?,
            line: cells.number()?,
            leaf: cells.bytes()?.to_vec(),
        })
    }
}

fn leaves(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let salts = params.salts()?;
    let listed = rows_of::<NumberedRow>("numbered", input)?
        .into_iter()
        .filter_map(|row| {
            Some((
                row.decided.precinct?,
                row.line?,
                row.page?,
                row.decided.line?,
            ))
        });
    let rows = listed
        .map(|(precinct, line, page, printed)| {
            let number = u16::try_from(precinct)
                .map_err(|_| FilterError::Other("field precinct: no precinct number".to_owned()))?;
            let committed = RollLine {
                precinct: number,
                line,
                page,
                surname: printed.surname,
                given: printed.given,
                patronymic: printed.patronymic,
                born: printed.born,
                address: printed.address,
            };
            Ok(LeafRow {
                precinct,
                line,
                leaf: SaltedLine::new(committed, salts).commitment().to_vec(),
            })
        })
        .collect::<Result<Vec<_>, FilterError>>()?;
    Ok(batch_of(rows)?)
}

/// The list as one hash.
struct RootRow {
    lines: u32,
    root: [u8; 32],
}

impl Row for RootRow {
    const TABLE: &'static str = "root";
    const COLUMNS: &'static [Column] = &[must("lines", Kind::Number), must("root", Kind::Bytes)];

    fn put(&self, cells: &mut Put<'_>) {
        cells.number(self.lines).bytes(self.root.as_slice());
    }
}

fn root_of(input: &RecordBatch, _params: &Params) -> Result<RecordBatch, FilterError> {
    let mut rows = rows_of::<LeafRow>("leaves", input)?;
    rows.sort_unstable_by_key(|row| (row.precinct, row.line));
    if let Some(at) = rows
        .windows(2)
        .position(|pair| (pair[0].precinct, pair[0].line) == (pair[1].precinct, pair[1].line))
    {
        return Err(FilterError::Other(format!(
            "precinct {} has line {} twice",
            rows[at].precinct, rows[at].line
        )));
    }
    let leaves = rows
        .iter()
        .map(|row| <[u8; 32]>::try_from(row.leaf.as_slice()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| FilterError::Other("field leaf: a commitment has 32 bytes".to_owned()))?;
    let row = RootRow {
        lines: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
        root: root(&leaves),
    };
    Ok(batch_of([row])?)
}

/// A count of one region.
struct CountRow {
    region: String,
    measure: &'static str,
    value: String,
    count: u32,
}

impl Row for CountRow {
    const TABLE: &'static str = "statistics";
    const COLUMNS: &'static [Column] = &[
        must("region", Kind::Text),
        must("measure", Kind::Text),
        must("value", Kind::Text),
        must("count", Kind::Number),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.region.as_str())
            .text(self.measure)
            .text(self.value.as_str())
            .number(self.count);
    }
}

fn statistics(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let law = params.law()?;
    let mut counts: BTreeMap<(String, &'static str, String), u32> = BTreeMap::new();
    for line in rows_of::<NumberedRow>("numbered", input)?
        .into_iter()
        .filter_map(|row| row.decided.line)
    {
        let band = age_band(law, age_on(day(&line.born)?, law.election.day));
        let cells = [
            ("age", band),
            ("sex", line.sex.letter().to_string()),
            ("voters", String::new()),
        ];
        for (measure, value) in cells {
            *counts
                .entry((line.region.clone(), measure, value))
                .or_default() += 1;
        }
    }
    let rows = counts
        .into_iter()
        .map(|((region, measure, value), count)| CountRow {
            region,
            measure,
            value,
            count,
        });
    Ok(batch_of(rows)?)
}
