//! PostgreSQL: a blocking wrapper around `tokio-postgres`.
//!
//! Every call runs on the wrapper's own runtime and waits on a channel, so that it may be made from
//! any thread, also from one that drives another runtime.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, mpsc};

use bytes::BytesMut;
use futures_core::Stream;
use tokio::runtime::Runtime;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};

use super::{Row, Value};
use crate::error::StoreError;

/// One PostgreSQL connection.
pub(crate) struct PostgresLink {
    client: Arc<Client>,
    runtime: Arc<Driver>,
    statements: HashMap<String, Statement>,
}

/// The runtime that drives connections; shut down without waiting, also from async code.
pub(crate) struct Driver(Option<Runtime>);

impl Driver {
    pub(crate) fn start() -> Result<Arc<Self>, StoreError> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store-postgres")
            .enable_all()
            .build()
            .map(|runtime| Arc::new(Self(Some(runtime))))
            .map_err(|e| StoreError::Engine {
                reason: e.to_string(),
            })
    }

    fn wait<F>(&self, work: F) -> Result<F::Output, StoreError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (done, answer) = mpsc::sync_channel(1);
        let runtime = self.0.as_ref().ok_or(StoreError::Unreachable)?;
        runtime.spawn(async move {
            // The receiver waits below; it cannot be gone.
            let _ = done.send(work.await);
        });
        answer.recv().map_err(|_| StoreError::Unreachable)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Value::Int(value) => value.to_sql(&Type::INT8, out),
            Value::Text(value) => value.to_sql(&Type::TEXT, out),
            Value::Blob(value) => value.to_sql(&Type::BYTEA, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA
        )
    }

    to_sql_checked!();
}

impl PostgresLink {
    /// Connects by URL. The connection is not encrypted: use a Unix socket or loopback, or a tunnel.
    pub(crate) fn connect(runtime: &Arc<Driver>, url: &str) -> Result<Self, StoreError> {
        let url = url.to_owned();
        let client = runtime.wait(async move {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            // It ends with the client; a failure of it shows in the next call.
            tokio::spawn(connection);
            Ok::<_, tokio_postgres::Error>(client)
        })?;
        let client = Arc::new(client.map_err(failure)?);
        let mut link = Self {
            client,
            runtime: runtime.clone(),
            statements: HashMap::new(),
        };
        link.batch("SET client_min_messages = warning; SET standard_conforming_strings = on")?;
        Ok(link)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let (client, sql) = (self.client.clone(), sql.to_owned());
        self.runtime
            .wait(async move { client.batch_execute(&sql).await })?
            .map_err(failure)
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let (client, text) = (self.client.clone(), sql.to_owned());
        let statement = self
            .runtime
            .wait(async move { client.prepare(&text).await })?
            .map_err(failure)?;
        if self.statements.len() > 300 {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let client = self.client.clone();
        self.runtime
            .wait(async move {
                let values: Vec<&(dyn ToSql + Sync)> =
                    values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
                client.execute(&statement, &values).await
            })?
            .map_err(failure)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        take: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.statement(sql)?;
        // A portal hands the rows over in portions, so that a table of millions never stands in memory.
        let (client, fetch) = (self.client.clone(), statement.clone());
        let rows = self.runtime.wait(async move {
            let values: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
            client.query_raw(&fetch, values).await
        })?;
        let mut stream = Box::pin(rows.map_err(failure)?);
        loop {
            let (portion, ended, back) = self.runtime.wait(async move {
                let mut portion = Vec::with_capacity(1_024);
                let mut ended = Ok(false);
                while portion.len() < 1_024 {
                    match std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
                        Some(Ok(row)) => portion.push(row),
                        Some(Err(error)) => {
                            ended = Err(error);
                            break;
                        }
                        None => {
                            ended = Ok(true);
                            break;
                        }
                    }
                }
                (portion, ended, stream)
            })?;
            stream = back;
            for row in &portion {
                take(&read_row(row)?)?;
            }
            if ended.map_err(failure)? {
                return Ok(());
            }
        }
    }
}

fn read_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let mut out = Vec::with_capacity(row.len());
    for (column, described) in row.columns().iter().enumerate() {
        let wrong = |_| StoreError::Stored { column };
        out.push(match *described.type_() {
            Type::INT8 => row
                .try_get::<_, Option<i64>>(column)
                .map_err(wrong)?
                .map_or(Value::Null, Value::Int),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(column)
                .map_err(wrong)?
                .map_or(Value::Null, |value| Value::Int(i64::from(value))),
            Type::TEXT | Type::VARCHAR => row
                .try_get::<_, Option<String>>(column)
                .map_err(wrong)?
                .map_or(Value::Null, Value::Text),
            Type::BYTEA => row
                .try_get::<_, Option<Vec<u8>>>(column)
                .map_err(wrong)?
                .map_or(Value::Null, Value::Blob),
            _ => return Err(StoreError::Stored { column }),
        });
    }
    Ok(Row(out))
}

/// Turns an engine error into the store's. The server's detail line is left out: it quotes values.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn failure(error: tokio_postgres::Error) -> StoreError {
    let Some(found) = error.as_db_error() else {
        return if error.is_closed() {
            StoreError::Unreachable
        } else {
            StoreError::Engine {
                reason: error.to_string(),
            }
        };
    };
    match found.code().code() {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => StoreError::Conflict,
        // Two writers took the same place in the journal: the later one runs again.
        "23505"
            if found.constraint().is_some_and(|name| {
                name.ends_with("_journal_pkey") || name == "registry_read_pkey"
            }) =>
        {
            StoreError::Conflict
        }
        code if code.starts_with("23") => StoreError::Constraint {
            rule: found.message().to_owned(),
        },
        _ => StoreError::Engine {
            reason: found.message().to_owned(),
        },
    }
}
