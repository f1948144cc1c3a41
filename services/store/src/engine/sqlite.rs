//! SQLite: embedded, one writer, any number of readers (WAL).

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};

use super::{Row, Value};
use crate::error::StoreError;

/// One SQLite connection.
pub(crate) struct SqliteLink {
    connection: Connection,
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

impl SqliteLink {
    /// Opens or creates a database file for writing.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path).map_err(failure)?)
    }

    /// Opens a database file for reading only.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        Self::prepare(Connection::open_with_flags(path, flags).map_err(failure)?)
    }

    /// Makes a database in memory.
    pub(crate) fn memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory().map_err(failure)?)
    }

    fn prepare(connection: Connection) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(200);
        // FULL: a committed act survives a power cut. 128 MB of pages keep random ids in memory.
        connection
            .execute_batch(
                "PRAGMA busy_timeout = 10000;
                 PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA trusted_schema = OFF;
                 PRAGMA temp_store = MEMORY;
                 PRAGMA cache_size = -131072;",
            )
            .map_err(failure)?;
        if !connection.is_readonly("main").map_err(failure)? {
            connection
                .execute_batch("PRAGMA journal_mode = WAL;")
                .map_err(failure)?;
        }
        Ok(Self { connection })
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(failure)
    }

    /// Begins or ends taking in millions of rows: keys are random, so that a small cache reads and writes every page
    /// of every index again and again. 4 GB of pages, and a log that is folded in at each gigabyte.
    pub(crate) fn bulk(&mut self, begins: bool) -> Result<(), StoreError> {
        self.batch(if begins {
            "PRAGMA cache_size = -4194304; PRAGMA wal_autocheckpoint = 262144;"
        } else {
            "PRAGMA wal_autocheckpoint = 1000; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = -131072;"
        })
    }

    /// Inserts rows in the order of their first column: neighbours share a page. Rows with one key keep their order.
    pub(crate) fn insert(
        &mut self,
        sql: &str,
        columns: usize,
        values: &[Value],
    ) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&numbered(sql))
            .map_err(failure)?;
        let mut rows: Vec<&[Value]> = values.chunks_exact(columns).collect();
        rows.sort_by(|a, b| a.first().cmp(&b.first()));
        let mut changed = 0;
        for row in rows {
            changed += statement.execute(params_from_iter(row)).map_err(failure)?;
        }
        Ok(changed as u64)
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&numbered(sql))
            .map_err(failure)?;
        let changed = statement
            .execute(params_from_iter(values))
            .map_err(failure)?;
        Ok(changed as u64)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: &[Value],
        take: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&numbered(sql))
            .map_err(failure)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values)).map_err(failure)?;
        // One row is lent again and again: millions of texts go through the same few buffers.
        let mut lent = Row(vec![Value::Null; columns]);
        while let Some(row) = rows.next().map_err(failure)? {
            for (column, out) in lent.0.iter_mut().enumerate() {
                let value = row.get_ref(column).map_err(failure)?;
                fill(out, value).ok_or(StoreError::Stored { column })?;
            }
            take(&lent)?;
        }
        Ok(())
    }
}

/// Puts a value into a cell whose text or bytes are used again; nothing for what the portable subset does not have.
fn fill(out: &mut Value, value: ValueRef<'_>) -> Option<()> {
    match (value, out) {
        (ValueRef::Text(bytes), Value::Text(text)) => {
            text.clear();
            text.push_str(std::str::from_utf8(bytes).ok()?);
        }
        (ValueRef::Blob(bytes), Value::Blob(kept)) => {
            kept.clear();
            kept.extend_from_slice(bytes);
        }
        (ValueRef::Text(bytes), out) => {
            *out = Value::Text(std::str::from_utf8(bytes).ok()?.to_owned());
        }
        (ValueRef::Blob(bytes), out) => *out = Value::Blob(bytes.to_vec()),
        (ValueRef::Integer(number), out) => *out = Value::Int(number),
        (ValueRef::Null, out) => *out = Value::Null,
        (ValueRef::Real(_), _) => return None,
    }
    Some(())
}

/// `$1` is a *named* parameter on SQLite, numbered by first appearance; `?1` is what PostgreSQL's `$1` means.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Turns an engine error into the store's; never carries a value.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn failure(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error() {
        Some(found)
            if matches!(
                found.code,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked
            ) =>
        {
            StoreError::Conflict
        }
        Some(found) if found.code == ErrorCode::ConstraintViolation => StoreError::Constraint {
            rule: error.to_string(),
        },
        Some(found)
            if matches!(
                found.code,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
            ) =>
        {
            StoreError::NotAStore
        }
        Some(_) | None => StoreError::Engine {
            reason: error.to_string(),
        },
    }
}
