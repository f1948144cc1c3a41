//! Lists from CSV and Parquet files: only the columns the model reads.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor, Read as _};
use std::path::Path;

use ::linkage::{Column, Model, Table};
use anyhow::{Context as _, Result, bail};
use arrow::array::{Array as _, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The longest header line that is read, bytes.
const HEADER_MAX_BYTES: u64 = 65_536;

/// Whether the name of a file says Parquet.
pub fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

/// Reads a list. Every id stands once.
///
/// # Errors
/// Naming the file and, where there is one, the line.
pub fn read(path: &Path, model: &Model) -> Result<Table> {
    let wanted = model.columns();
    let table = if is_parquet(path) {
        read_parquet(path, &wanted)
    } else {
        read_csv(path, &wanted)
    };
    let at_path = || path.display().to_string();
    let table = table.with_context(at_path)?;
    let ids = ids(&table, model).with_context(at_path)?;
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_unstable_by(|&a, &b| ids.get(a).cmp(ids.get(b)).then(a.cmp(&b)));
    if let Some(twice) = order
        .windows(2)
        .find(|pair| ids.get(pair[0]) == ids.get(pair[1]))
    {
        bail!(
            "{}: rows {} and {} bear one {}; ids must differ",
            path.display(),
            twice[0] + 1,
            twice[1] + 1,
            ids.name()
        );
    }
    Ok(table)
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

fn read_csv(path: &Path, wanted: &[&str]) -> Result<Table> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut header = Vec::new();
    file.by_ref()
        .take(HEADER_MAX_BYTES)
        .read_until(b'\n', &mut header)?;
    let header = header
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&header)
        .to_vec();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    let delimiter = if count(b';') > count(b',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(Cursor::new(header).chain(file));
    let names = reader
        .headers()
        .context("line 1 is no header of UTF-8 text")?;
    let mut places: Vec<(usize, Column)> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| wanted.contains(name))
        .map(|(place, name)| (place, Column::new(name)))
        .collect();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(without_content)? {
        for (place, column) in &mut places {
            column.push(record.get(*place).unwrap_or(""))?;
        }
    }
    Ok(Table::new(
        places.into_iter().map(|(_, column)| column).collect(),
    )?)
}

/// What is wrong with a line, never what stands in it.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the kinds of another crate's errors may grow"
)]
fn without_content(error: csv::Error) -> anyhow::Error {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        csv::ErrorKind::Utf8 { .. } => {
            anyhow::anyhow!("line {line} is not UTF-8 text; save the file as UTF-8")
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            anyhow::anyhow!("line {line} has {len} fields, the header has {expected_len}")
        }
        _ => anyhow::anyhow!("line {line} is no CSV"),
    }
}

fn read_parquet(path: &Path, wanted: &[&str]) -> Result<Table> {
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
    Ok(Table::new(columns)?)
}
