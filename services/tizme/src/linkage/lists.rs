//! Lists from CSV and Parquet files: only the columns the model reads.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use ::linkage::{Column, Model, Table};
use anyhow::{Context as _, Result, bail, ensure};
use arrow::array::{Array as _, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::rejects::{Reason, Rejects};
use super::rows::{Fields, Row, Rows};

/// Whether the name of a file says Parquet.
pub fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

/// A list as it is linked, and the lines of its rows in the file.
struct Read {
    columns: Vec<Column>,
    lines: Vec<u64>,
}

/// Reads a list. A row that cannot be read, that has no id or shares it with another is left out and noted in
/// `rejects`; the rest goes on.
///
/// # Errors
/// When the file or its header cannot be read, or the header names no id; the message names the file.
pub fn read(path: &Path, model: &Model, rejects: &mut Rejects) -> Result<Table> {
    let wanted = model.columns();
    let at_path = || path.display().to_string();
    let read = if is_parquet(path) {
        read_parquet(path, &wanted)
    } else {
        read_csv(path, &wanted, rejects)
    };
    let Read { columns, lines } = read.with_context(at_path)?;
    let table = Table::new(columns).with_context(at_path)?;
    let ids = ids(&table, model).with_context(at_path)?;
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by(|&a, &b| ids.get(a).cmp(ids.get(b)).then(a.cmp(&b)));
    let mut bad: Vec<(usize, Reason)> = Vec::new();
    for same in order.chunk_by(|&a, &b| ids.get(a) == ids.get(b)) {
        let reason = if ids.get(same[0]).is_empty() {
            Reason::NoId
        } else if same.len() > 1 {
            Reason::SharedId
        } else {
            continue;
        };
        bad.extend(same.iter().map(|&row| (row, reason)));
    }
    if bad.is_empty() {
        return Ok(table);
    }
    bad.sort_unstable_by_key(|&(row, _)| row);
    for &(row, reason) in &bad {
        rejects.add(path, lines[row], ids.name(), reason);
    }
    without(&table, &bad).with_context(at_path)
}

/// The table without these rows, which are in order.
fn without(table: &Table, bad: &[(usize, Reason)]) -> Result<Table> {
    let mut columns = Vec::with_capacity(table.columns().len());
    for column in table.columns() {
        let mut kept = Column::new(column.name());
        let mut left_out = bad.iter().map(|&(row, _)| row).peekable();
        for row in 0..column.len() {
            if left_out.next_if_eq(&row).is_none() {
                kept.push(column.get(row))?;
            }
        }
        columns.push(kept);
    }
    Ok(Table::new(columns)?)
}

/// The id column of a list.
///
/// # Errors
/// When none of the names the model knows is there.
pub fn ids<'a>(table: &'a Table, model: &Model) -> Result<&'a Column> {
    model
        .id
        .iter()
        .find_map(|name| table.column(name))
        .with_context(|| format!("no id column; expected one of: {}", model.id.join(", ")))
}

fn read_csv(path: &Path, wanted: &[&str], rejects: &mut Rejects) -> Result<Read> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let start = file.fill_buf()?;
    ensure!(!start.is_empty(), "the file is empty");
    ensure!(
        !start.starts_with(b"\xff\xfe") && !start.starts_with(b"\xfe\xff"),
        "the file is UTF-16; save it as UTF-8"
    );
    let skip = if start.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let header = start.split(|&byte| byte == b'\n').next().unwrap_or(start);
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    let delimiter = if count(b';') > count(b',') {
        b';'
    } else {
        b','
    };
    file.consume(skip);
    let mut rows = Rows::new(file, delimiter);
    let (names, mut places) = match rows.next(None)? {
        Some(Row::Good(_, fields)) => header_of(&fields, wanted)?,
        Some(Row::Bad(_, reason)) => bail!("line 1 is no header: {reason}"),
        None => bail!("the file holds no header"),
    };
    let mut lines = Vec::new();
    while let Some(row) = rows.next(Some(names))? {
        let (line, fields) = match row {
            Row::Good(line, fields) => (line, fields),
            Row::Bad(line, reason) => {
                rejects.add(path, line, "", reason);
                continue;
            }
        };
        let foreign = |(place, _): &&(usize, Column)| {
            let field = fields.get(*place);
            !field.is_ascii() && std::str::from_utf8(field).is_err()
        };
        if let Some((_, column)) = places.iter().find(foreign) {
            rejects.add(path, line, column.name(), Reason::NotUtf8);
            continue;
        }
        for (place, column) in &mut places {
            column.push(std::str::from_utf8(fields.get(*place)).unwrap_or("").trim())?;
        }
        lines.push(line);
    }
    let columns = places.into_iter().map(|(_, column)| column).collect();
    Ok(Read { columns, lines })
}

/// Number of names in the header, and the places of those that are read.
fn header_of(fields: &Fields<'_>, wanted: &[&str]) -> Result<(usize, Vec<(usize, Column)>)> {
    let mut places: Vec<(usize, Column)> = Vec::new();
    for place in 0..fields.len() {
        let name = std::str::from_utf8(fields.get(place))
            .ok()
            .context("line 1 is not UTF-8 text; save the file as UTF-8")?
            .trim();
        if wanted.contains(&name) {
            places.push((place, Column::new(name)));
        }
    }
    ensure!(
        !places.is_empty(),
        "line 1 names no column that the model reads; is the header missing? It reads: {}",
        wanted.join(", ")
    );
    Ok((fields.len(), places))
}

fn read_parquet(path: &Path, wanted: &[&str]) -> Result<Read> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)
        .context("no Parquet file, or truncated")?;
    let names: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let taken: Vec<usize> = (0..names.len())
        .filter(|&at| wanted.contains(&names[at].as_str()))
        .collect();
    let mut columns: Vec<Column> = taken.iter().map(|&at| Column::new(&names[at])).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), taken);
    for batch in builder
        .with_projection(mask)
        .with_batch_size(65_536)
        .build()?
    {
        let batch = batch?;
        for (column, array) in columns.iter_mut().zip(batch.columns()) {
            let text = cast(array, &DataType::Utf8)
                .with_context(|| format!("column {} cannot be read as text", column.name()))?;
            let text = text.as_string::<i32>();
            for row in 0..text.len() {
                column.push(if text.is_null(row) {
                    ""
                } else {
                    text.value(row).trim()
                })?;
            }
        }
    }
    // The header counts as line 1, as in CSV.
    let rows = columns.first().map_or(0, Column::len) as u64;
    let lines = (2..rows + 2).collect();
    Ok(Read { columns, lines })
}
