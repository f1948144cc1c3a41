//! Rows as they stand in a table, compared without being taken apart.

use std::hash::{Hash, Hasher};
use std::path::Path;

use arrow::array::Array as _;

use super::{Cells, GROUP_ROWS, ReadRow, Row, TableError, Take, cells_of, open, taken};

/// One row of a table.
#[derive(Debug)]
pub struct RawRow<'a> {
    path: &'a Path,
    columns: &'a [Cells<'a>],
    row: usize,
    /// Rows of the file before this batch.
    before: usize,
}

impl<'a> RawRow<'a> {
    /// The text of a column, counted from 0; none for null or another kind.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&'a str> {
        match &self.columns[column] {
            Cells::Text(array) => array.is_valid(self.row).then(|| array.value(self.row)),
            Cells::Number(_)
            | Cells::Signed(_)
            | Cells::Moment(_)
            | Cells::Flag(_)
            | Cells::Bytes(_) => None,
        }
    }

    /// An error about this row's key.
    pub fn refused(&self, why: &str) -> TableError {
        TableError::Cell {
            path: self.path.to_owned(),
            row: self.before + self.row + 1,
            column: "person",
            why: why.to_owned(),
        }
    }

    /// The row taken apart.
    ///
    /// # Errors
    /// [`TableError::Cell`].
    pub fn take<R: ReadRow>(&self) -> Result<R, TableError> {
        let take = Take {
            columns: self.columns,
            row: self.row,
            at: 0,
        };
        taken(self.path, take, self.before)
    }
}

impl Hash for RawRow<'_> {
    /// Hashes every cell.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let row = self.row;
        for cells in self.columns {
            macro_rules! cell {
                ($array:expr) => {
                    $array.is_valid(row).then(|| $array.value(row)).hash(hasher)
                };
            }
            match cells {
                Cells::Text(array) => cell!(array),
                Cells::Number(array) => cell!(array),
                Cells::Signed(array) => cell!(array),
                Cells::Moment(array) => cell!(array),
                Cells::Flag(array) => cell!(array),
                Cells::Bytes(array) => cell!(array),
            }
        }
    }
}

/// Hands over the rows of a table of this row type as they stand.
///
/// # Errors
/// [`TableError`], or what `each` returns.
pub fn each_raw<R: Row>(
    path: &Path,
    mut each: impl FnMut(&RawRow<'_>) -> Result<(), TableError>,
) -> Result<u64, TableError> {
    let reader = open(path)?
        .with_batch_size(GROUP_ROWS)
        .build()
        .map_err(|source| TableError::Parquet {
            path: path.to_owned(),
            source,
        })?;
    let mut before = 0;
    for batch in reader {
        let batch = batch.map_err(|source| TableError::Arrow {
            path: path.to_owned(),
            source,
        })?;
        let columns = cells_of::<R>(path, &batch)?;
        for row in 0..batch.num_rows() {
            each(&RawRow {
                path,
                columns: &columns,
                row,
                before,
            })?;
        }
        before += batch.num_rows();
    }
    Ok(before as u64)
}
