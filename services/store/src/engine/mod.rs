//! The two engines behind one small transaction type.
//!
//! One SQL text runs on SQLite and PostgreSQL. The portable subset: parameters `$1`, `$2` …;
//! columns `TEXT`, `BIGINT`, `BLOB`; `ON CONFLICT`, `RETURNING`, common table expressions, windows;
//! sums wrapped in `CAST(… AS BIGINT)`. Text compares by bytes on both (`COLLATE "C"` is added to
//! every `TEXT` column on PostgreSQL), so the same query has the same order.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use lexicon::{Date, Instant, PersonId};

use crate::error::StoreError;

/// A value in a statement or a row: the only three types the portable subset has, and absence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Value::Int(i64::from(value))
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Int(i64::from(value))
    }
}
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Int(i64::from(value))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value)
    }
}
impl From<Date> for Value {
    fn from(value: Date) -> Self {
        Value::Text(value.to_string())
    }
}
impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Value::Int(value.micros())
    }
}
impl From<PersonId> for Value {
    fn from(value: PersonId) -> Self {
        Value::Text(value.to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Lists values of different types for one statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Value::from($value)),*] };
}
pub(crate) use values;

/// One row of an answer; columns count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Takes an integer.
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.some_int(column)?.ok_or(StoreError::Stored { column })
    }

    /// Takes an integer that may be absent.
    pub(crate) fn some_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Text(_) | Value::Blob(_)) | None => Err(StoreError::Stored { column }),
        }
    }

    /// Takes an integer into a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        T::try_from(self.int(column)?).map_err(|_| StoreError::Stored { column })
    }

    /// Takes an integer that may be absent into a narrower type.
    pub(crate) fn some_number<T: TryFrom<i64>>(
        &self,
        column: usize,
    ) -> Result<Option<T>, StoreError> {
        self.some_int(column)?
            .map(|number| T::try_from(number).map_err(|_| StoreError::Stored { column }))
            .transpose()
    }

    /// Takes a text.
    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.some_text(column)?.ok_or(StoreError::Stored { column })
    }

    /// Takes a text that may be absent.
    pub(crate) fn some_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.0.get(column) {
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            Some(Value::Int(_) | Value::Blob(_)) | None => Err(StoreError::Stored { column }),
        }
    }

    /// Takes bytes.
    pub(crate) fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.0.get(column) {
            Some(Value::Blob(value)) => Ok(value),
            Some(Value::Null | Value::Int(_) | Value::Text(_)) | None => {
                Err(StoreError::Stored { column })
            }
        }
    }

    /// Takes a text and parses it.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.text(column)?
            .parse()
            .map_err(|_| StoreError::Stored { column })
    }

    /// Takes a text that may be absent and parses it.
    pub(crate) fn some_parsed<T: std::str::FromStr>(
        &self,
        column: usize,
    ) -> Result<Option<T>, StoreError> {
        self.some_text(column)?
            .map(|text| text.parse().map_err(|_| StoreError::Stored { column }))
            .transpose()
    }

    /// Takes a text and reads it as a code.
    pub(crate) fn code<T>(
        &self,
        column: usize,
        read: fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        read(self.text(column)?).ok_or(StoreError::Stored { column })
    }
}

/// A multi-row insert: `into` names the table and its columns, `then` may say `ON CONFLICT …`.
pub(crate) struct Insert {
    pub(crate) into: &'static str,
    pub(crate) columns: usize,
    pub(crate) then: &'static str,
}

impl Insert {
    /// The statement for `rows` rows.
    fn sql(&self, rows: usize) -> String {
        let mut sql = format!("INSERT INTO {} VALUES ", self.into);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..self.columns {
                if column > 0 {
                    sql.push(',');
                }
                sql.push('$');
                sql.push_str(&(row * self.columns + column + 1).to_string());
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.then);
        sql
    }
}

/// One connection to an engine.
pub(crate) enum Link {
    Sqlite(sqlite::SqliteLink),
    Postgres(postgres::PostgresLink),
}

/// What an engine is asked to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Read,
    Write,
}

impl Link {
    pub(crate) fn begin(&mut self, begin: Begin) -> Result<(), StoreError> {
        let sql = match (&self, begin) {
            // SQLite has no read-only transaction; the reader's connection is opened read-only.
            (Link::Sqlite(_), Begin::Read) => "BEGIN DEFERRED",
            (Link::Sqlite(_), Begin::Write) => "BEGIN IMMEDIATE",
            (Link::Postgres(_), Begin::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (Link::Postgres(_), Begin::Write) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        };
        self.batch(sql)
    }

    /// Begins reading transactions on several connections that all see one state of the store.
    ///
    /// SQLite has no way to hand a state on: `writer` keeps every other writer waiting while the readers begin.
    pub(crate) fn begin_together(
        writer: &mut Link,
        readers: &mut [Link],
    ) -> Result<(), StoreError> {
        match writer {
            Link::Sqlite(_) => {
                writer.begin(Begin::Write)?;
                let begun = readers.iter_mut().try_for_each(|reader| {
                    reader.begin(Begin::Read)?;
                    // A deferred transaction sees the state of its first look.
                    reader.batch("SELECT name FROM sqlite_schema LIMIT 1")
                });
                writer.rollback()?;
                begun
            }
            Link::Postgres(_) => {
                let [first, others @ ..] = readers else {
                    return Ok(());
                };
                first.begin(Begin::Read)?;
                let mut state = None;
                first.each("SELECT pg_export_snapshot()", Vec::new(), &mut |row| {
                    state = Some(row.text(0)?.to_owned());
                    Ok(())
                })?;
                let state = state.ok_or(StoreError::Stored { column: 0 })?;
                others.iter_mut().try_for_each(|reader| {
                    reader.begin(Begin::Read)?;
                    reader.batch(&format!("SET TRANSACTION SNAPSHOT '{state}'"))
                })
            }
        }
    }

    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }

    pub(crate) fn rollback(&mut self) -> Result<(), StoreError> {
        self.batch("ROLLBACK")
    }

    /// Begins or ends taking in millions of rows; what is committed survives a power cut either way.
    pub(crate) fn bulk(&mut self, begins: bool) -> Result<(), StoreError> {
        match self {
            Link::Sqlite(link) => link.bulk(begins),
            Link::Postgres(_) => Ok(()),
        }
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Link::Sqlite(link) => link.batch(sql),
            Link::Postgres(link) => link.batch(sql),
        }
    }

    /// Runs a statement; gives the number of rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        match self {
            Link::Sqlite(link) => link.execute(sql, &values),
            Link::Postgres(link) => link.execute(sql, values),
        }
    }

    /// Runs a query and hands each row over.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        take: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Link::Sqlite(link) => link.each(sql, &values, take),
            Link::Postgres(link) => link.each(sql, values, take),
        }
    }

    /// Inserts rows; `values` holds them one after another.
    pub(crate) fn insert(
        &mut self,
        insert: &Insert,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        debug_assert!(values.len().is_multiple_of(insert.columns));
        if let Link::Sqlite(link) = self {
            return link.insert(&insert.sql(1), insert.columns, &values);
        }
        // PostgreSQL pays a round trip for each statement.
        let rows_max = (65_000 / insert.columns).min(1_000);
        let mut changed = 0;
        let mut rest = values.into_iter();
        let full = insert.sql(rows_max);
        while rest.len() > 0 {
            let rows = (rest.len() / insert.columns).min(rows_max);
            let chunk: Vec<Value> = rest.by_ref().take(rows * insert.columns).collect();
            changed += if rows == rows_max {
                self.execute(&full, chunk)?
            } else {
                self.execute(&insert.sql(rows), chunk)?
            };
        }
        Ok(changed)
    }
}
