//! Columns as declared, rows in total order: what makes order, batches and engines irrelevant.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch};
use arrow::compute::{
    CastOptions, SortColumn, SortOptions, cast_with_options, concat_batches, lexsort_to_indices,
    take_record_batch,
};
use arrow::datatypes::DataType;

use super::FilterError;
use crate::columns::{Column, Kind, schema_of};

/// Whether a type holds what a kind means, in another width; engines have types of their own.
fn holds(kind: Kind, found: &DataType) -> bool {
    match kind {
        Kind::Text => matches!(
            found,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ),
        Kind::Number | Kind::Signed | Kind::Moment => found.is_integer(),
        Kind::Flag => *found == DataType::Boolean,
        Kind::Bytes => matches!(
            found,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView
        ),
    }
}

fn column(wanted: &Column, batch: &RecordBatch, before: usize) -> Result<ArrayRef, FilterError> {
    let (field, kind) = (wanted.name, wanted.kind);
    let found = batch
        .column_by_name(field)
        .ok_or(FilterError::Missing { field, kind })?;
    let declared = kind.data_type();
    let array = if *found.data_type() == declared {
        Arc::clone(found)
    } else if holds(kind, found.data_type()) {
        let strict = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        cast_with_options(found, &declared, &strict)
            .map_err(|_| FilterError::Range { field, kind })?
    } else {
        return Err(FilterError::OtherType {
            field,
            kind,
            found: found.data_type().to_string(),
        });
    };
    if !wanted.optional
        && array.null_count() > 0
        && let Some(at) = (0..array.len()).find(|at| array.is_null(*at))
    {
        return Err(FilterError::Null {
            field,
            row: before + at + 1,
        });
    }
    Ok(array)
}

/// The declared columns of a stream, as one batch.
pub(super) fn normal(
    columns: &[Column],
    batches: &[RecordBatch],
) -> Result<RecordBatch, FilterError> {
    let schema = schema_of(columns);
    let mut before = 0;
    let mut parts = Vec::with_capacity(batches.len());
    for batch in batches {
        let arrays = columns
            .iter()
            .map(|wanted| column(wanted, batch, before))
            .collect::<Result<Vec<_>, _>>()?;
        before += batch.num_rows();
        parts.push(RecordBatch::try_new(schema.clone(), arrays)?);
    }
    Ok(concat_batches(&schema, &parts)?)
}

/// A batch in total order: first by the columns named, then by all others as they are declared. Nulls come last.
pub(super) fn sorted(
    columns: &[Column],
    first: &[&str],
    batch: &RecordBatch,
) -> Result<RecordBatch, FilterError> {
    let rest = columns
        .iter()
        .map(|column| column.name)
        .filter(|name| !first.contains(name));
    let by = first
        .iter()
        .copied()
        .chain(rest)
        .filter_map(|name| batch.column_by_name(name))
        .map(|values| SortColumn {
            values: Arc::clone(values),
            options: Some(SortOptions {
                descending: false,
                nulls_first: false,
            }),
        })
        .collect::<Vec<_>>();
    if batch.num_rows() < 2 {
        return Ok(batch.clone());
    }
    let order = lexsort_to_indices(&by, None)?;
    Ok(take_record_batch(batch, &order)?)
}
