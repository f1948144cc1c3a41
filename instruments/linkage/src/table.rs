//! Records as columns of text: the shape in which both lists enter.

/// One column: its name and one text for each row; an empty text is a missing value.
///
/// Texts lie one after the other in a single buffer, so a column of a million short texts costs their
/// bytes and four more each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    name: String,
    text: String,
    ends: Vec<u32>,
}

/// Why a table was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column holds more than 4 GiB of text: the caller must split the list.
    #[error("column {column} holds more than 4 GiB of text")]
    TooLong {
        /// The column.
        column: String,
    },
    /// Columns of unequal length: the caller's reader is wrong.
    #[error("column {column} has {found} rows, the first column has {expected}")]
    Ragged {
        /// The column.
        column: String,
        /// Rows found.
        found: usize,
        /// What was expected.
        expected: usize,
    },
    /// Two columns of one name: the file's header must be corrected.
    #[error("column {column} occurs twice")]
    Twice {
        /// The column.
        column: String,
    },
}

impl Column {
    /// An empty column.
    #[must_use]
    pub fn new(name: &str) -> Column {
        Column {
            name: name.to_owned(),
            ..Column::default()
        }
    }

    /// Appends the value of the next row; empty means missing.
    ///
    /// # Errors
    /// [`TableError::TooLong`] when the column would pass 4 GiB.
    pub fn push(&mut self, value: &str) -> Result<(), TableError> {
        let end =
            u32::try_from(self.text.len() + value.len()).map_err(|_| TableError::TooLong {
                column: self.name.clone(),
            })?;
        self.text.push_str(value);
        self.ends.push(end);
        Ok(())
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a row; empty when missing or beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        let Some(&end) = self.ends.get(row) else {
            return "";
        };
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start as usize..end as usize]
    }
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
}

impl Table {
    /// Makes a table.
    ///
    /// # Errors
    /// [`TableError::Ragged`] and [`TableError::Twice`] when the columns do not fit together.
    pub fn new(columns: Vec<Column>) -> Result<Table, TableError> {
        let expected = columns.first().map_or(0, Column::len);
        for (place, column) in columns.iter().enumerate() {
            if column.len() != expected {
                return Err(TableError::Ragged {
                    column: column.name.clone(),
                    found: column.len(),
                    expected,
                });
            }
            if columns[..place]
                .iter()
                .any(|other| other.name == column.name)
            {
                return Err(TableError::Twice {
                    column: column.name.clone(),
                });
            }
        }
        Ok(Table { columns })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// The columns in the order given.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
