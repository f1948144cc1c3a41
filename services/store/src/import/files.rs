//! The files of an import folder, as rows of cells with their line.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bounded::{Bounded, Cuts, ROW_MAX_BYTES};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use lexicon::Instant;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use register::door::geojson::{self, GeoJsonError};
use register::door::tables::ADDRESSES;
use register::door::{Cell, Layout, LayoutError, Reason, Reject, Row, Table};

/// The longest header line that is read, bytes.
const HEADER_MAX_BYTES: usize = 65_536;

/// Why a file cannot be read at all. Whoever prepares the folder must act; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The file has no header line.
    #[error("is empty")]
    Empty,
    /// The header is no UTF-8.
    #[error("has a header that is not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// The file begins with the mark of UTF-16.
    #[error("is UTF-16 text; save the file as UTF-8")]
    Utf16,
    /// The columns are not those of docs/import.md.
    #[error("{0}")]
    Layout(#[from] LayoutError),
    /// The bytes are no Parquet file, or its end is missing.
    #[error("is no Parquet file, or is truncated: {0}")]
    Parquet(String),
    /// A Parquet column has a type that no text can be made of.
    #[error("column {0} has a type that is not read; use text")]
    ColumnType(String),
    /// Of NAME.csv, NAME.parquet and NAME.geojson more than one is there.
    #[error("stands there twice, with two endings; remove one")]
    Both,
    /// No FeatureCollection.
    #[error("{0}")]
    GeoJson(#[from] GeoJsonError),
    /// GeoJSON is held in memory whole.
    #[error("is larger than 1 GiB; hand the houses over as CSV or Parquet")]
    GeoJsonTooLarge,
}

/// One table's file, opened, with its header understood.
pub(crate) struct Source {
    pub(crate) table: &'static Table,
    pub(crate) file: String,
    pub(crate) bytes: u64,
    pub(crate) layout: Layout,
    read: Arc<AtomicU64>,
    kind: Kind,
}

enum Kind {
    Csv(Box<CsvSource>),
    Parquet(Box<ParquetSource>),
    GeoJson(std::vec::IntoIter<(u64, Result<Feature, Reject>)>),
}

/// The cells of a feature.
type Feature = [String; geojson::COLUMNS.len()];

/// Opens a table's file below `dir`; none when there is none.
pub(crate) fn open(dir: &Path, table: &'static Table) -> Result<Option<Source>, FileError> {
    let endings: &[&str] = match table.name == ADDRESSES.name {
        true => &["csv", "parquet", "geojson"],
        false => &["csv", "parquet"],
    };
    let paths = endings
        .iter()
        .map(|ending| dir.join(format!("{}.{ending}", table.name)));
    let there: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    match there.as_slice() {
        [] => Ok(None),
        [one] => open_file(one, table).map(Some),
        _ => Err(FileError::Both),
    }
}

/// Opens one file as a table: Parquet or GeoJSON by its ending, CSV otherwise.
pub(crate) fn open_file(path: &Path, table: &'static Table) -> Result<Source, FileError> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending {
        Some("parquet") => open_parquet(path, table),
        Some("geojson") => open_geojson(path, table),
        Some(_) | None => open_csv(path, table),
    }
}

impl Source {
    /// Bytes (CSV) or rows (Parquet, GeoJSON) done so far, of [`Source::bytes`].
    pub(crate) fn done(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Hands over up to `rows_max` rows, each with its line; false at the end of the file.
    pub(crate) fn chunk(
        &mut self,
        rows_max: usize,
        take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
    ) -> Result<bool, FileError> {
        match &mut self.kind {
            Kind::Csv(source) => source.chunk(&self.layout, rows_max, take),
            Kind::Parquet(source) => source.chunk(&self.layout, rows_max, &self.read, take),
            Kind::GeoJson(features) => {
                for (number, feature) in features.by_ref().take(rows_max) {
                    self.read.fetch_add(1, Ordering::Relaxed);
                    match feature {
                        Ok(cells) => {
                            let cells: Vec<Cell<'_>> =
                                cells.iter().map(|cell| Cell::Text(cell)).collect();
                            take(number, self.layout.row(&cells));
                        }
                        Err(reject) => take(number, Err(reject)),
                    }
                }
                Ok(features.len() > 0)
            }
        }
    }
}

/// Counts bytes and quotes as they pass, and remembers the last byte.
struct Watched<R> {
    inner: R,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    quotes: AtomicU64,
    last: AtomicU64,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let fresh = &buffer[..got];
        let quotes = fresh.iter().filter(|byte| **byte == b'"').count();
        self.seen.quotes.fetch_add(quotes as u64, Ordering::Relaxed);
        self.seen.bytes.fetch_add(got as u64, Ordering::Relaxed);
        if let Some(last) = fresh.last() {
            self.seen.last.store(u64::from(*last), Ordering::Relaxed);
        }
        Ok(got)
    }
}

struct CsvSource {
    reader: csv::Reader<Watched<Box<dyn Read + Send>>>,
    seen: Arc<Seen>,
    cuts: Cuts,
    ahead: Option<csv::ByteRecord>,
}

fn open_csv(path: &Path, table: &'static Table) -> Result<Source, FileError> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut buffered = BufReader::with_capacity(1 << 16, file);
    let mut header = Vec::new();
    (&mut buffered)
        .take(HEADER_MAX_BYTES as u64)
        .read_until(b'\n', &mut header)?;
    if header.starts_with(b"\xff\xfe") || header.starts_with(b"\xfe\xff") {
        return Err(FileError::Utf16);
    }
    let header_text = header
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&header)
        .to_vec();
    let shown = std::str::from_utf8(&header_text).map_err(|_| FileError::NotUtf8)?;
    if shown.trim().is_empty() {
        return Err(FileError::Empty);
    }
    let delimiter = if shown.matches(';').count() > shown.matches(',').count() {
        b';'
    } else {
        b','
    };
    let seen = Arc::new(Seen::default());
    let whole = Cursor::new(header_text).chain(buffered);
    let bounded = Bounded::new(whole, delimiter, ROW_MAX_BYTES);
    let cuts = bounded.cuts();
    let whole: Box<dyn Read + Send> = Box::new(bounded);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(Watched {
            inner: whole,
            seen: seen.clone(),
        });
    let mut names = csv::ByteRecord::new();
    reader.read_byte_record(&mut names).map_err(csv_error)?;
    let names: Vec<&str> = names
        .iter()
        .map(std::str::from_utf8)
        .collect::<Result<_, _>>()
        .map_err(|_| FileError::NotUtf8)?;
    let layout = Layout::of(table, &names)?;
    let read = seen.bytes.clone();
    let kind = Kind::Csv(Box::new(CsvSource {
        reader,
        seen,
        cuts,
        ahead: None,
    }));
    Ok(Source {
        table,
        file: file_name(path),
        bytes,
        layout,
        read,
        kind,
    })
}

impl CsvSource {
    fn chunk(
        &mut self,
        layout: &Layout,
        rows_max: usize,
        take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
    ) -> Result<bool, FileError> {
        let mut handed = 0;
        loop {
            let mut next = csv::ByteRecord::new();
            let more = self.reader.read_byte_record(&mut next).map_err(csv_error)?;
            let record = if more {
                self.ahead.replace(next)
            } else {
                self.ahead.take()
            };
            if let Some(record) = record {
                // An odd quote and no line end: the file stops within its last row.
                let truncated = !more
                    && self.seen.quotes.load(Ordering::Relaxed) % 2 == 1
                    && self.seen.last.load(Ordering::Relaxed) != u64::from(b'\n');
                hand_over(layout, &record, truncated, &self.cuts, take);
                handed += 1;
            } else if !more {
                return Ok(false);
            }
            if handed == rows_max {
                return Ok(true);
            }
        }
    }
}

fn hand_over(
    layout: &Layout,
    record: &csv::ByteRecord,
    truncated: bool,
    cuts: &Cuts,
    take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
) {
    let (line, is_cut) = cuts.place(record.position().map_or(0, csv::Position::line));
    if is_cut {
        let reason = Reason::RowTooLong;
        return take(line, Err(Reject { field: "", reason }));
    }
    // An empty line is no row; `csv` skips it, a line of blanks it does not.
    if record.len() == 1 && record[0].iter().all(u8::is_ascii_whitespace) {
        return;
    }
    if truncated {
        return take(
            line,
            Err(Reject {
                field: "",
                reason: Reason::Truncated,
            }),
        );
    }
    let cells: Vec<Cell<'_>> = record
        .iter()
        .map(|bytes| std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Text))
        .collect();
    // Bytes that are no text stay bytes: the parser of a text column refuses them by name.
    take(line, layout.row(&cells));
}

fn csv_error(error: csv::Error) -> FileError {
    if let csv::ErrorKind::Io(_) = error.kind()
        && let csv::ErrorKind::Io(error) = error.into_kind()
    {
        return FileError::Io(error);
    }
    // Byte records of any length have no other way to fail.
    FileError::Io(std::io::ErrorKind::InvalidData.into())
}

struct ParquetSource {
    reader: ParquetRecordBatchReader,
    batch: Option<(Vec<Column>, usize)>,
    row: usize,
    line: u64,
}

/// A column turned into what the door reads.
enum Column {
    Text(ArrayRef),
    Bytes(ArrayRef),
    Moments(ArrayRef),
}

fn open_parquet(path: &Path, table: &'static Table) -> Result<Source, FileError> {
    let wrong = |error: parquet::errors::ParquetError| FileError::Parquet(error.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(wrong)?;
    let rows = builder.metadata().file_metadata().num_rows();
    let schema = builder.schema().clone();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let layout = Layout::of(table, &names)?;
    for field in schema.fields() {
        let known = table
            .columns
            .iter()
            .any(|c| c.name == field.name().trim().to_lowercase());
        if known && !readable(field.data_type()) {
            return Err(FileError::ColumnType(field.name().clone()));
        }
    }
    let reader = builder.with_batch_size(4_096).build().map_err(wrong)?;
    let kind = Kind::Parquet(Box::new(ParquetSource {
        reader,
        batch: None,
        row: 0,
        line: 1,
    }));
    let bytes = u64::try_from(rows).unwrap_or(0);
    Ok(Source {
        table,
        file: file_name(path),
        bytes,
        layout,
        read: Arc::default(),
        kind,
    })
}

/// Reads every feature; the file is no longer held when the first row is asked for.
fn open_geojson(path: &Path, table: &'static Table) -> Result<Source, FileError> {
    if path.metadata()?.len() > geojson::FILE_MAX_BYTES {
        return Err(FileError::GeoJsonTooLarge);
    }
    let layout = Layout::of(table, &geojson::COLUMNS)?;
    let mut features = Vec::new();
    geojson::features(&std::fs::read(path)?, &mut |number, cells| {
        features.push((number, cells));
    })?;
    Ok(Source {
        table,
        file: file_name(path),
        bytes: features.len() as u64,
        layout,
        read: Arc::default(),
        kind: Kind::GeoJson(features.into_iter()),
    })
}

fn readable(kind: &DataType) -> bool {
    if let DataType::Dictionary(_, value) = kind {
        return readable(value);
    }
    let other = matches!(
        kind,
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Boolean
    );
    other || kind.is_numeric() || is_text(kind) || is_bytes(kind)
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null
    )
}

fn is_bytes(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_)
    )
}

impl ParquetSource {
    fn chunk(
        &mut self,
        layout: &Layout,
        rows_max: usize,
        read: &AtomicU64,
        take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
    ) -> Result<bool, FileError> {
        for _ in 0..rows_max {
            while self
                .batch
                .as_ref()
                .is_none_or(|(_, rows)| self.row >= *rows)
            {
                let Some(batch) = self.reader.next() else {
                    return Ok(false);
                };
                let batch = batch.map_err(|e| FileError::Parquet(e.to_string()))?;
                self.batch = Some((columns(&batch)?, batch.num_rows()));
                self.row = 0;
            }
            let Some((columns, _)) = &self.batch else {
                return Ok(false);
            };
            self.line += 1;
            let texts: Vec<Option<String>> = columns.iter().map(|c| c.moment(self.row)).collect();
            let cells: Vec<Cell<'_>> = columns
                .iter()
                .zip(&texts)
                .map(|(column, text)| {
                    text.as_deref()
                        .map_or_else(|| column.cell(self.row), Cell::Text)
                })
                .collect();
            take(self.line, layout.row(&cells));
            self.row += 1;
            read.fetch_add(1, Ordering::Relaxed);
        }
        Ok(true)
    }
}

fn columns(batch: &RecordBatch) -> Result<Vec<Column>, FileError> {
    let schema = batch.schema();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let to = |array: &ArrayRef, kind: DataType| {
            cast(array, &kind).map_err(|_| FileError::ColumnType(field.name().clone()))
        };
        let kind = array.data_type();
        columns.push(if matches!(kind, DataType::Timestamp(_, _)) {
            Column::Moments(to(array, DataType::Timestamp(TimeUnit::Microsecond, None))?)
        } else if matches!(kind, DataType::Boolean) {
            Column::Text(to(&to(array, DataType::Int8)?, DataType::Utf8)?)
        } else if is_bytes(kind) {
            Column::Bytes(to(array, DataType::Binary)?)
        } else {
            Column::Text(to(array, DataType::Utf8)?)
        });
    }
    Ok(columns)
}

impl Column {
    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Column::Text(array) | Column::Bytes(array) | Column::Moments(array)
                if array.is_null(row) =>
            {
                Cell::Text("")
            }
            Column::Text(array) => Cell::Text(array.as_string::<i32>().value(row)),
            Column::Bytes(array) => Cell::Bytes(array.as_binary::<i32>().value(row)),
            Column::Moments(_) => Cell::Text(""),
        }
    }

    fn moment(&self, row: usize) -> Option<String> {
        match self {
            Column::Moments(array) if !array.is_null(row) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                Some(Instant::from_micros(micros).to_string())
            }
            Column::Moments(_) | Column::Text(_) | Column::Bytes(_) => None,
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// A file named in a row, below the folder also after links are followed.
pub(crate) fn below(dir: &Path, name: &str) -> Option<PathBuf> {
    let root = dir.canonicalize().ok()?;
    let path = root.join(name).canonicalize().ok()?;
    (path.starts_with(&root) && path.is_file()).then_some(path)
}
