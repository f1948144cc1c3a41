//! Rows that were left out of a list, and the file that names them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Why a row was left out. Its words never quote the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Longer than a row may be.
    #[error("the row is longer than 1 MiB")]
    TooLong,
    /// A field in quotes has no end.
    #[error("a quote is not closed")]
    OpenQuote,
    /// More or fewer fields than the header.
    #[error("the row has {found} fields, the header has {expected}")]
    Fields {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// Without an id no link can name it.
    #[error("the id is empty")]
    NoId,
    /// Nobody could tell which of them a link means; all of them are left out.
    #[error("other rows of the list bear the same id")]
    SharedId,
}

/// One row that was left out.
struct Reject {
    file: String,
    line: u64,
    field: String,
    reason: Reason,
}

/// All of them.
#[derive(Default)]
pub struct Rejects {
    rows: Vec<Reject>,
}

impl Rejects {
    /// Notes a row; the line counts from 1 with the header as line 1.
    pub fn add(&mut self, file: &Path, line: u64, field: &str, reason: Reason) {
        self.rows.push(Reject {
            file: file.display().to_string(),
            line,
            field: field.to_owned(),
            reason,
        });
    }

    /// How many rows were left out.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The first one in words, for those who keep no file.
    pub fn first(&self) -> Option<String> {
        let first = self.rows.first()?;
        Some(format!(
            "{}: line {}: {}",
            first.file, first.line, first.reason
        ))
    }

    /// Writes `file,line,field,reason`; without a reject the file is removed, so that none of an earlier run stays.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<Option<PathBuf>> {
        let at_path = || path.display().to_string();
        if self.rows.is_empty() {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(error).with_context(at_path)
                }
                Ok(()) | Err(_) => Ok(None),
            };
        }
        let mut out = csv::Writer::from_path(path).with_context(at_path)?;
        out.write_record(["file", "line", "field", "reason"])
            .with_context(at_path)?;
        for row in &self.rows {
            let (line, reason) = (row.line.to_string(), row.reason.to_string());
            out.write_record([&row.file, &line, &row.field, &reason])
                .with_context(at_path)?;
        }
        out.flush().with_context(at_path)?;
        Ok(Some(path.to_owned()))
    }
}
