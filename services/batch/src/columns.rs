//! Rows to columns and back: one list of columns a table, one cell after the other.
//!
//! The same list writes and reads, so that a table cannot be written in one order and read in
//! another. Texts are UTF-8, absent values are null.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder, Int32Array,
    Int32Builder, Int64Array, Int64Builder, RecordBatch, StringArray, StringBuilder, UInt32Array,
    UInt32Builder,
};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

mod raw;
mod stream;

pub use raw::{RawRow, each_raw};
pub use stream::{batch_of, rows_of, schema_of, write_batch};

/// Rows of one Parquet row group and one batch.
const GROUP_ROWS: usize = 65_536;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// Unsigned number below 2³².
    Number,
    /// Signed number of 32 bits.
    Signed,
    /// Microseconds since 1970, UTC.
    Moment,
    /// True or false.
    Flag,
    /// Bytes.
    Bytes,
}

impl Kind {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Number => DataType::UInt32,
            Kind::Signed => DataType::Int32,
            Kind::Moment => DataType::Int64,
            Kind::Flag => DataType::Boolean,
            Kind::Bytes => DataType::Binary,
        }
    }
}

/// A column: name, kind, and whether a row may leave it out.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Whether null is allowed.
    pub optional: bool,
}

/// A column that every row fills.
#[must_use]
pub const fn must(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        optional: false,
    }
}

/// A column that a row may leave out.
#[must_use]
pub const fn may(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        optional: true,
    }
}

/// Why a table was not written or read: an engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are no Parquet file.
    #[error("{path}: {source}")]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// What the reader said.
        source: parquet::errors::ParquetError,
    },
    /// The columns do not fit together.
    #[error("{path}: {source}")]
    Arrow {
        /// Which file.
        path: PathBuf,
        /// What the library said.
        source: arrow::error::ArrowError,
    },
    /// A column is missing or of another kind.
    #[error("{path}: column {column} is missing or not of the documented type")]
    Column {
        /// Which file.
        path: PathBuf,
        /// Which column.
        column: &'static str,
    },
    /// A cell could not be read; the message never quotes it.
    #[error("{path}: row {row}, column {column}: {why}")]
    Cell {
        /// Which file.
        path: PathBuf,
        /// Row, from 1.
        row: usize,
        /// Which column.
        column: &'static str,
        /// Why.
        why: String,
    },
}

/// A row type of one table.
pub trait Row: Sized {
    /// The table's name; the file is `NAME.parquet`.
    const TABLE: &'static str;
    /// Its columns in order.
    const COLUMNS: &'static [Column];
    /// Fills one cell after the other.
    fn put(&self, cells: &mut Put<'_>);
}

/// A row type that can be read back.
pub trait ReadRow: Row {
    /// Takes one cell after the other.
    ///
    /// # Errors
    /// Why a cell could not be read, without quoting it.
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError>;
}

/// Why a cell could not be read.
#[derive(Debug)]
pub struct CellError(pub String);

impl<E: std::error::Error> From<E> for CellError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

#[derive(Debug)]
enum Builder {
    Text(StringBuilder),
    Number(UInt32Builder),
    Signed(Int32Builder),
    Moment(Int64Builder),
    Flag(BooleanBuilder),
    Bytes(BinaryBuilder),
}

impl Builder {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Number => Builder::Number(UInt32Builder::new()),
            Kind::Signed => Builder::Signed(Int32Builder::new()),
            Kind::Moment => Builder::Moment(Int64Builder::new()),
            Kind::Flag => Builder::Flag(BooleanBuilder::new()),
            Kind::Bytes => Builder::Bytes(BinaryBuilder::new()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(b) => Arc::new(b.finish()),
            Builder::Number(b) => Arc::new(b.finish()),
            Builder::Signed(b) => Arc::new(b.finish()),
            Builder::Moment(b) => Arc::new(b.finish()),
            Builder::Flag(b) => Arc::new(b.finish()),
            Builder::Bytes(b) => Arc::new(b.finish()),
        }
    }
}

/// The cells of a row being written, in the order of the columns.
#[derive(Debug)]
pub struct Put<'a> {
    columns: &'a mut [Builder],
    at: usize,
}

/// Puts one cell of a kind; another kind than the column's is a fault of this program.
macro_rules! put {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $of:ty) => {
        $(#[$doc])*
        pub fn $name(&mut self, value: impl Into<Option<$of>>) -> &mut Self {
            if let Builder::$variant(builder) = &mut self.columns[self.at] {
                builder.append_option(value.into());
            } else {
                debug_assert!(false, "column {} is of another kind", self.at);
            }
            self.at += 1;
            self
        }
    };
}

impl Put<'_> {
    /// A text.
    pub fn text<'v>(&mut self, value: impl Into<Option<&'v str>>) -> &mut Self {
        if let Builder::Text(builder) = &mut self.columns[self.at] {
            builder.append_option(value.into());
        } else {
            debug_assert!(false, "column {} is of another kind", self.at);
        }
        self.at += 1;
        self
    }

    /// Bytes.
    pub fn bytes<'v>(&mut self, value: impl Into<Option<&'v [u8]>>) -> &mut Self {
        if let Builder::Bytes(builder) = &mut self.columns[self.at] {
            builder.append_option(value.into());
        } else {
            debug_assert!(false, "column {} is of another kind", self.at);
        }
        self.at += 1;
        self
    }

    put! {
        /// A number.
        number, Number, u32
    }
    put! {
        /// A signed number.
        signed, Signed, i32
    }
    put! {
        /// A moment.
        moment, Moment, i64
    }
    put! {
        /// A flag.
        flag, Flag, bool
    }
    /// A text made of something that can be displayed.
    pub fn shown(&mut self, value: impl std::fmt::Display) -> &mut Self {
        self.shown_if(Some(value))
    }

    /// A text made of something that may be absent.
    pub fn shown_if<T: std::fmt::Display>(&mut self, value: Option<T>) -> &mut Self {
        let Builder::Text(builder) = &mut self.columns[self.at] else {
            return self.text(None);
        };
        match value {
            // Straight into the column; a builder takes every text.
            Some(value) => {
                let _ = write!(builder, "{value}");
                builder.append_value("");
            }
            None => builder.append_null(),
        }
        self.at += 1;
        self
    }
}

/// A Parquet file being written.
#[derive(Debug)]
pub struct TableWriter {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    builders: Vec<Builder>,
    waiting: usize,
    /// Rows written so far.
    rows: u64,
}

fn schema(columns: &[Column]) -> Arc<Schema> {
    let field = |c: &Column| Field::new(c.name, c.kind.data_type(), c.optional);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

impl TableWriter {
    /// Creates the file for a row type.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn create<R: Row>(path: &Path) -> Result<Self, TableError> {
        Self::of_columns(path, R::COLUMNS)
    }

    fn of_columns(path: &Path, columns: &[Column]) -> Result<Self, TableError> {
        let file = File::create(path).map_err(|source| TableError::File {
            path: path.to_owned(),
            source,
        })?;
        let schema = schema(columns);
        // The writer's name and version stay out of the bytes, so that a rerun gives the same file.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("tizme".to_owned())
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer =
            ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(|source| {
                TableError::Parquet {
                    path: path.to_owned(),
                    source,
                }
            })?;
        let builders = columns.iter().map(|c| Builder::of(c.kind)).collect();
        Ok(Self {
            path: path.to_owned(),
            schema,
            writer,
            builders,
            waiting: 0,
            rows: 0,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`TableError`] when a full group cannot be written.
    pub fn push<R: Row>(&mut self, row: &R) -> Result<(), TableError> {
        row.put(&mut Put {
            columns: &mut self.builders,
            at: 0,
        });
        self.waiting += 1;
        self.rows += 1;
        if self.waiting == GROUP_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), TableError> {
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        self.waiting = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|source| {
            TableError::Arrow {
                path: self.path.clone(),
                source,
            }
        })?;
        self.writer
            .write(&batch)
            .map_err(|source| TableError::Parquet {
                path: self.path.clone(),
                source,
            })
    }

    /// Writes what waits and closes the file; returns the number of rows.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn finish(mut self) -> Result<u64, TableError> {
        if self.waiting > 0 {
            self.flush()?;
        }
        let path = self.path.clone();
        self.writer
            .close()
            .map_err(|source| TableError::Parquet { path, source })?;
        Ok(self.rows)
    }
}

/// Writes a whole table.
///
/// # Errors
/// [`TableError`].
pub fn write_table<R: Row>(
    path: &Path,
    rows: impl IntoIterator<Item = R>,
) -> Result<u64, TableError> {
    let mut writer = TableWriter::create::<R>(path)?;
    for row in rows {
        writer.push(&row)?;
    }
    writer.finish()
}

#[derive(Debug)]
enum Cells<'a> {
    Text(&'a StringArray),
    Number(&'a UInt32Array),
    Signed(&'a Int32Array),
    Moment(&'a Int64Array),
    Flag(&'a BooleanArray),
    Bytes(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    fn of(array: &'a ArrayRef, kind: Kind) -> Option<Self> {
        let any = array.as_any();
        match kind {
            Kind::Text => any.downcast_ref().map(Cells::Text),
            Kind::Number => any.downcast_ref().map(Cells::Number),
            Kind::Signed => any.downcast_ref().map(Cells::Signed),
            Kind::Moment => any.downcast_ref().map(Cells::Moment),
            Kind::Flag => any.downcast_ref().map(Cells::Flag),
            Kind::Bytes => any.downcast_ref().map(Cells::Bytes),
        }
    }
}

/// The cells of a row being read, in the order of the columns.
#[derive(Debug)]
pub struct Take<'a> {
    columns: &'a [Cells<'a>],
    row: usize,
    at: usize,
}

/// Takes one cell of a kind.
macro_rules! take {
    ($(#[$doc:meta])* $name:ident, $name_if:ident, $variant:ident, $of:ty) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// [`CellError`] when it is null.
        pub fn $name(&mut self) -> Result<$of, CellError> {
            self.$name_if().ok_or_else(|| CellError("the value is missing".to_owned()))
        }

        /// The same, null being `None`.
        pub fn $name_if(&mut self) -> Option<$of> {
            let cells = &self.columns[self.at];
            self.at += 1;
            let Cells::$variant(array) = cells else {
                // Columns were checked at opening: another kind is a fault of this program.
                return None;
            };
            array.is_valid(self.row).then(|| array.value(self.row))
        }
    };
}

impl<'a> Take<'a> {
    take! {
        /// A text.
        text, text_if, Text, &'a str
    }
    take! {
        /// A number.
        number, number_if, Number, u32
    }
    take! {
        /// A signed number.
        signed, signed_if, Signed, i32
    }
    take! {
        /// A moment.
        moment, moment_if, Moment, i64
    }
    take! {
        /// A flag.
        flag, flag_if, Flag, bool
    }
    take! {
        /// Bytes.
        bytes, bytes_if, Bytes, &'a [u8]
    }

    /// A text that is parsed.
    ///
    /// # Errors
    /// [`CellError`] when it is null or cannot be parsed.
    pub fn parsed<T: std::str::FromStr<Err: std::error::Error>>(&mut self) -> Result<T, CellError> {
        Ok(self.text()?.parse::<T>()?)
    }

    /// A text that is parsed, unless it is null.
    ///
    /// # Errors
    /// [`CellError`] when it cannot be parsed.
    pub fn parsed_if<T: std::str::FromStr<Err: std::error::Error>>(
        &mut self,
    ) -> Result<Option<T>, CellError> {
        Ok(self.text_if().map(str::parse::<T>).transpose()?)
    }
}

type Opened = ParquetRecordBatchReaderBuilder<File>;

fn open(path: &Path) -> Result<Opened, TableError> {
    let file = File::open(path).map_err(|source| TableError::File {
        path: path.to_owned(),
        source,
    })?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| TableError::Parquet {
        path: path.to_owned(),
        source,
    })
}

/// The cells of a batch in the order of a row type's columns.
fn cells_of<'a, R: Row>(path: &Path, batch: &'a RecordBatch) -> Result<Vec<Cells<'a>>, TableError> {
    R::COLUMNS
        .iter()
        .map(|column| {
            batch
                .column_by_name(column.name)
                .and_then(|array| Cells::of(array, column.kind))
                .ok_or(TableError::Column {
                    path: path.to_owned(),
                    column: column.name,
                })
        })
        .collect()
}

/// One row of a batch that begins behind row `before` of its file.
fn taken<R: ReadRow>(path: &Path, mut take: Take<'_>, before: usize) -> Result<R, TableError> {
    R::take(&mut take).map_err(|CellError(why)| {
        let column = R::COLUMNS[take.at.saturating_sub(1).min(R::COLUMNS.len() - 1)].name;
        TableError::Cell {
            path: path.to_owned(),
            row: before + take.row + 1,
            column,
            why,
        }
    })
}

/// Hands over the rows of a batch that begins behind row `before` of its file.
fn each_of_batch<R: ReadRow, E: From<TableError>>(
    path: &Path,
    batch: &RecordBatch,
    before: usize,
    each: &mut impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let cells = cells_of::<R>(path, batch)?;
    for row in 0..batch.num_rows() {
        let take = Take {
            columns: &cells,
            row,
            at: 0,
        };
        each(taken(path, take, before)?)?;
    }
    Ok(())
}

/// Reads a table row by row.
///
/// # Errors
/// [`TableError`] naming file, row and column, or what `each` returns.
pub fn read_table<R: ReadRow, E: From<TableError>>(
    path: &Path,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<u64, E> {
    let reader = open(path)?
        .with_batch_size(GROUP_ROWS)
        .build()
        .map_err(|source| TableError::Parquet {
            path: path.to_owned(),
            source,
        })?;
    let mut rows = 0usize;
    for batch in reader {
        let batch = batch.map_err(|source| TableError::Arrow {
            path: path.to_owned(),
            source,
        })?;
        each_of_batch(path, &batch, rows, &mut each)?;
        rows += batch.num_rows();
    }
    Ok(rows as u64)
}

/// Groups that a thread has read and nobody has taken yet.
const GROUPS_AHEAD: usize = 1;

/// Reads a table on threads, row groups in turn, and hands the rows over in the file's order.
///
/// Threads never change what is handed over. With one thread it is [`read_table`].
///
/// # Errors
/// As [`read_table`]: the first in the file's order.
pub fn read_table_on<R: ReadRow + Send, E: From<TableError>>(
    threads: usize,
    path: &Path,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<u64, E> {
    let groups: Vec<usize> = open(path)?
        .metadata()
        .row_groups()
        .iter()
        .map(|group| usize::try_from(group.num_rows()).unwrap_or(0))
        .collect();
    let threads = threads.min(groups.len());
    if threads < 2 {
        return read_table(path, each);
    }
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..threads)
            .map(|lane| {
                let (give, taken) = std::sync::mpsc::sync_channel(GROUPS_AHEAD);
                let groups = &groups;
                scope.spawn(move || {
                    for group in (lane..groups.len()).step_by(threads) {
                        let before = groups[..group].iter().sum();
                        let rows = read_group::<R>(path, group, before);
                        // Nobody listens any more after an error before this group.
                        let (failed, heard) = (rows.is_err(), give.send(rows).is_ok());
                        if failed || !heard {
                            return;
                        }
                    }
                });
                taken
            })
            .collect();
        let mut rows = 0u64;
        for group in 0..groups.len() {
            // INVARIANT (lanes): a lane sends each of its groups in order and stops at its first error only.
            let Ok(read) = lanes[group % threads].recv() else {
                break;
            };
            for row in read? {
                rows += 1;
                each(row)?;
            }
        }
        Ok(rows)
    })
}

/// Reads one row group.
fn read_group<R: ReadRow>(path: &Path, group: usize, before: usize) -> Result<Vec<R>, TableError> {
    let reader = open(path)?
        .with_batch_size(GROUP_ROWS)
        .with_row_groups(vec![group])
        .build()
        .map_err(|source| TableError::Parquet {
            path: path.to_owned(),
            source,
        })?;
    let mut rows = Vec::new();
    let mut before = before;
    for batch in reader {
        let batch = batch.map_err(|source| TableError::Arrow {
            path: path.to_owned(),
            source,
        })?;
        rows.reserve(batch.num_rows());
        each_of_batch(path, &batch, before, &mut |row| {
            rows.push(row);
            Ok::<(), TableError>(())
        })?;
        before += batch.num_rows();
    }
    Ok(rows)
}
