//! Importing a folder of tables (`docs/import.md`): every good row once, every bad row in the rejects file.
//!
//! Every header is read before anything is written. Rows go in by transactions of [`Options::chunk_rows`]
//! rows, each with its journal entries, so an import that was killed goes on where it stopped when it is
//! run again; a row that is there already changes nothing. A row that is there and says something else becomes an act,
//! where the change is a lawful one.

mod bounded;
mod changes;
mod files;
mod known;
mod load;
mod marks;
mod streets;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use register::door::tables::COMMISSION;
use register::door::{Reject, Row, TABLES, Table};

pub use files::FileError;

use crate::error::StoreError;
use crate::transact::Store;

/// The source under which an imported person's id is derived: `PersonId::of_source(SOURCE, person_id)`.
pub const SOURCE: &str = "register";

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where rejected rows are listed; none: `rejects.csv` in the folder.
    pub rejects: Option<PathBuf>,
    /// Rows of one transaction; a hundredth of it for photographs. Ids are random: a transaction writes nearly every page
    /// of every index, so that many small ones write a large store thirty times over.
    pub chunk_rows: usize,
    /// Who imports, for the journal.
    pub author: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rejects: None,
            chunk_rows: 400_000,
            author: "import".to_owned(),
        }
    }
}

/// How far an import is; given to the caller after every transaction.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The table.
    pub table: &'a str,
    /// Bytes (CSV) or rows (Parquet) done.
    pub done: u64,
    /// Bytes or rows in all.
    pub total: u64,
}

/// What became of one table's rows: `rows = added + changed + unchanged + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableReport {
    /// The table.
    pub table: String,
    /// Its file.
    pub file: String,
    /// Rows read.
    pub rows: u64,
    /// Rows taken in.
    pub added: u64,
    /// Rows that were there and became an act: what they say changed.
    pub changed: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows in the rejects file.
    pub rejected: u64,
    /// Columns that are not read.
    pub unknown_columns: Vec<String>,
    /// Persons whose PIN disagrees with their sex or birth date: taken in, to be looked at.
    pub pin_disagrees: u64,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Every table found, in the order of reading.
    pub tables: Vec<TableReport>,
    /// Cases opened because two persons claim one PIN.
    pub shared_pin_cases: u64,
    /// Rejected rows by reason, for the summary.
    pub reasons: BTreeMap<String, u64>,
    /// The rejects file; none when no row was rejected.
    pub rejects: Option<PathBuf>,
}

impl ImportReport {
    /// Rejected rows in all.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.tables.iter().map(|t| t.rejected).sum()
    }

    /// One table's report.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableReport> {
        self.tables.iter().find(|t| t.table == name)
    }
}

/// Why a folder was not imported, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder has no table `persons`.
    #[error("{folder} holds no persons.csv or persons.parquet")]
    NoPersons {
        /// The folder.
        folder: String,
    },
    /// Files cannot be read; each is named. Nothing was written.
    #[error("{}", .0.iter().map(|(file, why)| format!("{file}: {why}")).collect::<Vec<_>>().join("; "))]
    Files(Vec<(String, FileError)>),
    /// A file failed in the middle; what was taken in before stays, run the import again.
    #[error("{file}: {why}")]
    Interrupted {
        /// The file.
        file: String,
        /// Why.
        why: FileError,
    },
    /// The rejects file cannot be written.
    #[error("cannot write the rejects file: {0}")]
    Rejects(#[source] std::io::Error),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports every table of a folder.
///
/// # Errors
/// [`ImportError`]; a bad row is no error, it stands in the report and the rejects file.
pub fn folder(
    store: &Store,
    dir: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<ImportReport, ImportError> {
    let mut sources = Vec::new();
    let mut refused = Vec::new();
    for table in TABLES {
        match files::open(dir, table) {
            Ok(source) => sources.extend(source),
            Err(why) => refused.push((table.name.to_owned(), why)),
        }
    }
    if !refused.is_empty() {
        return Err(ImportError::Files(refused));
    }
    if !sources.iter().any(|source| source.table.name == "persons") {
        return Err(ImportError::NoPersons {
            folder: dir.display().to_string(),
        });
    }
    let path = options
        .rejects
        .clone()
        .unwrap_or_else(|| dir.join("rejects.csv"));
    let rejects = Rejects { path, file: None };
    rejects.clear().map_err(ImportError::Rejects)?;
    let mut report = ImportReport::default();
    let mut job = load::Job::new(store, dir, options, rejects);
    store.bulk(|| {
        for source in sources {
            let table = job.load(source, &mut report.reasons, progress)?;
            report.tables.push(table);
        }
        job.settle_streets(&mut report)?;
        job.settle(&mut report)
    })?;
    report.shared_pin_cases = store.transact("open_shared_pin_cases", &options.author, |tx| {
        tx.open_shared_pin_cases()
    })?;
    report.rejects = job.finish().map_err(ImportError::Rejects)?;
    Ok(report)
}

/// Reads one file of rows as a table of the door, without a store: CSV, or Parquet or GeoJSON by its ending.
///
/// Each row comes with its line, from 1 for the header; in GeoJSON the number of the feature. Of CSV and Parquet memory is
/// bounded whatever the file holds: a row beyond 4 MiB is refused and the next ones are read. Returns the columns that the table does not know.
///
/// # Errors
/// [`FileError`] when the file cannot be read at all; rows handed over before that stand.
pub fn rows_of_file(
    path: &Path,
    table: &'static Table,
    take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
) -> Result<Vec<String>, FileError> {
    let mut source = files::open_file(path, table)?;
    let unknown = source.layout.unknown().to_vec();
    while source.chunk(ROWS_AT_ONCE, take)? {}
    Ok(unknown)
}

/// Rows that are read before the next are asked for.
const ROWS_AT_ONCE: usize = 4_096;

/// Reads the header of an uploaded edition, so that a file with other columns is refused before anything is kept.
///
/// # Errors
/// [`FileError`]; [`FileError::Empty`] also when there is no file.
pub fn check_edition(dir: &Path) -> Result<(), FileError> {
    files::open(dir, &COMMISSION)?
        .map(|_| ())
        .ok_or(FileError::Empty)
}

/// Takes in an uploaded edition of the commission's list, `dir/commission.csv` or `dir/commission.parquet`. An import
/// that was stopped goes on where it stopped; the rejects file is written anew.
///
/// # Errors
/// [`ImportError`]; a bad row is no error, it stands in the report and the rejects file.
pub fn edition(
    store: &Store,
    dir: &Path,
    edition: u32,
    options: &Options,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<ImportReport, ImportError> {
    let refused = |why| ImportError::Files(vec![(COMMISSION.name.to_owned(), why)]);
    let source = files::open(dir, &COMMISSION).map_err(refused)?;
    let source = source.ok_or_else(|| refused(FileError::Empty))?;
    let path = options
        .rejects
        .clone()
        .unwrap_or_else(|| dir.join("rejects.csv"));
    let rejects = Rejects { path, file: None };
    rejects.clear().map_err(ImportError::Rejects)?;
    let mut report = ImportReport::default();
    let mut job = load::Job::new(store, dir, options, rejects);
    let table = store.bulk(|| job.edition(source, edition, &mut report.reasons, progress))?;
    report.tables.push(table);
    report.rejects = job.finish().map_err(ImportError::Rejects)?;
    Ok(report)
}

/// The rejects file, made with the first reject.
struct Rejects {
    path: PathBuf,
    file: Option<csv::Writer<fs::File>>,
}

impl Rejects {
    /// Removes what an earlier import left.
    fn clear(&self) -> std::io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn write(&mut self, file: &str, line: u64, field: &str, reason: &str) -> std::io::Result<()> {
        if self.file.is_none() {
            let mut writer = csv::Writer::from_writer(fs::File::create(&self.path)?);
            writer.write_record(["file", "line", "field", "reason"])?;
            self.file = Some(writer);
        }
        if let Some(writer) = &mut self.file {
            writer.write_record([file, &line.to_string(), field, reason])?;
        }
        Ok(())
    }

    fn finish(self) -> std::io::Result<Option<PathBuf>> {
        match self.file {
            None => Ok(None),
            Some(writer) => {
                let mut file = writer
                    .into_inner()
                    .map_err(|e| std::io::Error::other(e.to_string()))?;
                file.flush()?;
                Ok(Some(self.path))
            }
        }
    }
}
