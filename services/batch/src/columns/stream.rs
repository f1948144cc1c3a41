//! Rows as record batches in memory, for steps that read and write streams.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::{
    Builder, Column, GROUP_ROWS, Put, ReadRow, Row, TableError, TableWriter, each_of_batch, schema,
};

/// The Arrow schema of some columns.
#[must_use]
pub fn schema_of(columns: &[Column]) -> Arc<Schema> {
    schema(columns)
}

/// Rows as one record batch.
///
/// # Errors
/// When a column that every row must fill is left out.
pub fn batch_of<R: Row>(rows: impl IntoIterator<Item = R>) -> Result<RecordBatch, ArrowError> {
    let mut builders: Vec<Builder> = R::COLUMNS.iter().map(|c| Builder::of(c.kind)).collect();
    for row in rows {
        row.put(&mut Put {
            columns: &mut builders,
            at: 0,
        });
    }
    let arrays: Vec<ArrayRef> = builders.iter_mut().map(Builder::finish).collect();
    RecordBatch::try_new(schema(R::COLUMNS), arrays)
}

/// The rows of a record batch; `name` stands in errors where a file's path would.
///
/// # Errors
/// [`TableError`] naming row, from 1, and column.
pub fn rows_of<R: ReadRow>(name: &str, batch: &RecordBatch) -> Result<Vec<R>, TableError> {
    let mut rows = Vec::with_capacity(batch.num_rows());
    each_of_batch(Path::new(name), batch, 0, &mut |row| {
        rows.push(row);
        Ok::<(), TableError>(())
    })?;
    Ok(rows)
}

/// Writes a record batch as the table file that the chain would write of the same rows, byte for byte.
///
/// # Errors
/// [`TableError`]; the batch must have these columns in this order.
pub fn write_batch(
    path: &Path,
    columns: &[Column],
    batch: &RecordBatch,
) -> Result<u64, TableError> {
    let mut writer = TableWriter::of_columns(path, columns)?;
    for from in (0..batch.num_rows()).step_by(GROUP_ROWS) {
        let part = batch.slice(from, GROUP_ROWS.min(batch.num_rows() - from));
        writer.rows += part.num_rows() as u64;
        writer
            .writer
            .write(&part)
            .map_err(|source| TableError::Parquet {
                path: path.to_owned(),
                source,
            })?;
    }
    writer.finish()
}
