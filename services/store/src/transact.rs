//! The store, its connections, and transactions with a name.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use lexicon::{Clock, Instant};

use crate::engine::postgres::{Driver, PostgresLink};
use crate::engine::sqlite::SqliteLink;
use crate::engine::{Begin, Insert, Link, Row, Value};
use crate::error::StoreError;
use crate::journal::{Journal, Pending};
use crate::migrate;

/// How often a transaction runs before [`StoreError::Conflict`] is given up to the caller.
const TRIES_MAX: u32 = 60;

/// The register's and the elections' tables, on SQLite or PostgreSQL. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    write: Pool,
    read: Option<Pool>,
    clock: Arc<dyn Clock>,
    timings: Mutex<BTreeMap<&'static str, Timing>>,
    place: Place,
}

/// Where the connections go.
enum Place {
    Memory,
    File(PathBuf),
    Server { url: String, driver: Arc<Driver> },
}

/// What transactions of one name have cost so far, by the store's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// How many were committed or gave up.
    pub runs: u64,
    /// How many were run again after a conflict.
    pub retries: u64,
    /// Time in all, microseconds.
    pub micros: u64,
    /// The longest one, microseconds.
    pub longest_micros: u64,
}

/// One of the jobs of [`Store::read_together`].
pub(crate) type ReadJob<'j, E> = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), E> + Send + 'j>;

/// Idle connections, made when needed up to a limit.
struct Pool {
    begin: Begin,
    limit: usize,
    state: Mutex<(Vec<Link>, usize)>,
    freed: Condvar,
}

impl Pool {
    fn new(begin: Begin, limit: usize) -> Self {
        Self {
            begin,
            limit,
            state: Mutex::new((Vec::new(), 0)),
            freed: Condvar::new(),
        }
    }

    fn take(&self, place: &Place) -> Result<Link, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(link) = state.0.pop() {
                return Ok(link);
            }
            if state.1 < self.limit {
                state.1 += 1;
                drop(state);
                return place.connect(self.begin).inspect_err(|_| self.lost());
            }
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, link: Link) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.push(link);
        self.freed.notify_one();
    }

    /// A connection was dropped: another may be made in its place.
    fn lost(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
        self.freed.notify_one();
    }
}

impl Place {
    fn connect(&self, begin: Begin) -> Result<Link, StoreError> {
        match (self, begin) {
            (Place::Memory, _) => SqliteLink::memory().map(Link::Sqlite),
            (Place::File(path), Begin::Write) => SqliteLink::open(path).map(Link::Sqlite),
            (Place::File(path), Begin::Read) => SqliteLink::open_reader(path).map(Link::Sqlite),
            (Place::Server { url, driver }, _) => {
                PostgresLink::connect(driver, url).map(Link::Postgres)
            }
        }
    }
}

impl Store {
    /// Opens a store by URL and brings its schema to this program's version.
    ///
    /// `sqlite:PATH` or a plain path opens or creates a file, `sqlite::memory:` a store that is gone
    /// with its last clone, `postgres://…` connects to a server. Moments of acts come from `clock`.
    ///
    /// # Errors
    /// [`StoreError`] when the place cannot be opened or its schema is not ours.
    pub fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
        let place = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Place::Server {
                url: url.to_owned(),
                driver: Driver::start()?,
            }
        } else if url == "sqlite::memory:" {
            Place::Memory
        } else {
            let path = url
                .strip_prefix("sqlite://")
                .or_else(|| url.strip_prefix("sqlite:"))
                .unwrap_or(url);
            if path.is_empty() || path.contains("://") {
                return Err(StoreError::Url);
            }
            Place::File(Path::new(path).to_path_buf())
        };
        let (writers, readers) = match place {
            Place::Memory => (1, None),
            Place::File(_) => (1, Some(4)),
            Place::Server { .. } => (4, Some(4)),
        };
        let mut link = place.connect(Begin::Write)?;
        migrate::migrate(&mut link, clock.now())?;
        let write = Pool::new(Begin::Write, writers);
        write.state.lock().unwrap_or_else(PoisonError::into_inner).1 = 1;
        write.give_back(link);
        let read = readers.map(|limit| Pool::new(Begin::Read, limit));
        let timings = Mutex::new(BTreeMap::new());
        Ok(Store {
            inner: Arc::new(Inner {
                write,
                read,
                clock,
                timings,
                place,
            }),
        })
    }

    /// The present moment by the store's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    /// Runs a named transaction: serializable, retried after a conflict, timed, journalled.
    ///
    /// `author` stands in the journal: a staff id or the name of a job. The body may run more than once,
    /// so it has no other effects. When it fails, nothing was written.
    ///
    /// # Errors
    /// The body's own, or the engine's.
    pub fn transact<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        author: &str,
        mut body: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(Begin::Write, name, author, &mut body)
    }

    /// Does work that takes in millions of rows, with the engine set for it.
    ///
    /// # Errors
    /// The work's own, or the engine's.
    pub fn bulk<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.set_bulk(true)?;
        let done = work();
        let ended = self.set_bulk(false);
        // The work's own error says more.
        let done = done?;
        ended.map(|()| done).map_err(E::from)
    }

    fn set_bulk(&self, begins: bool) -> Result<(), StoreError> {
        let mut link = self.inner.write.take(&self.inner.place)?;
        let set = link.bulk(begins);
        self.inner.write.give_back(link);
        set
    }

    /// Runs a named reading transaction; it sees one state of the store.
    ///
    /// # Errors
    /// The body's own, or the engine's.
    pub fn read<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        mut body: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(Begin::Read, name, "", &mut body)
    }

    /// Runs reading jobs on up to `hands` connections beside each other; all see one state of the store.
    ///
    /// The jobs begin in their order. After an error no further one begins; the first error is told.
    ///
    /// # Errors
    /// A job's own, or the engine's.
    pub(crate) fn read_together<E: From<StoreError> + Send>(
        &self,
        name: &'static str,
        jobs: Vec<ReadJob<'_, E>>,
        hands: usize,
    ) -> Result<(), E> {
        let hands = hands.clamp(1, jobs.len().max(1));
        // A store in memory has one connection.
        if hands == 1 || self.inner.read.is_none() {
            let mut jobs = jobs;
            return self.read(name, |tx| jobs.drain(..).try_for_each(|job| job(tx)));
        }
        let started = self.now();
        let place = &self.inner.place;
        let connect = |_| place.connect(Begin::Read);
        let mut readers = (0..hands).map(connect).collect::<Result<Vec<_>, _>>()?;
        let mut writer = self.inner.write.take(place)?;
        // Another writer is in the way before any reader has begun.
        let begun = (1..=TRIES_MAX)
            .map(|_| Link::begin_together(&mut writer, &mut readers))
            .find(|begun| *begun != Err(StoreError::Conflict))
            .unwrap_or(Err(StoreError::Conflict));
        self.inner.write.give_back(writer);
        begun?;
        let waiting = Mutex::new(jobs.into_iter().collect::<VecDeque<_>>());
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.pop_front()
        };
        let outcome = std::thread::scope(|scope| {
            let working: Vec<_> = readers
                .iter_mut()
                .map(|link| {
                    scope.spawn(|| {
                        let mut tx = Tx::reading(link, name, started);
                        let done = std::iter::from_fn(next).try_for_each(|job| job(&mut tx));
                        if done.is_err() {
                            let mut waiting =
                                waiting.lock().unwrap_or_else(PoisonError::into_inner);
                            waiting.clear();
                        }
                        done
                    })
                })
                .collect();
            let mut outcome = Ok(());
            for hand in working {
                let done = hand
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                outcome = outcome.and(done);
            }
            outcome
        });
        self.note(name, 1, self.now().micros() - started.micros());
        outcome
    }

    /// What transactions have cost so far, by name.
    #[must_use]
    pub fn timings(&self) -> BTreeMap<&'static str, Timing> {
        self.inner
            .timings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn run<T, E: From<StoreError>>(
        &self,
        begin: Begin,
        name: &'static str,
        author: &str,
        body: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let pool = match (begin, &self.inner.read) {
            (Begin::Read, Some(pool)) => pool,
            (Begin::Read, None) | (Begin::Write, _) => &self.inner.write,
        };
        let started = self.now();
        let mut link = pool.take(&self.inner.place)?;
        let mut tries = 0;
        let outcome = loop {
            tries += 1;
            let (answer, conflict) = self.attempt(&mut link, begin, name, author, body);
            if !conflict || tries == TRIES_MAX {
                break answer;
            }
            // Writers that met once are kept from meeting again in the same step.
            let pause = u64::from(tries.min(10)) * u64::from(1 + std::process::id() % 3);
            std::thread::sleep(std::time::Duration::from_millis(pause));
        };
        // A connection whose rollback fails is not used again.
        if link.batch("SELECT 1").is_ok() {
            pool.give_back(link)
        } else {
            pool.lost()
        }
        self.note(name, tries, self.now().micros() - started.micros());
        outcome
    }

    /// One try; the flag says that another writer was in the way.
    fn attempt<T, E: From<StoreError>>(
        &self,
        link: &mut Link,
        begin: Begin,
        name: &'static str,
        author: &str,
        body: &mut dyn FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> (Result<T, E>, bool) {
        if let Err(error) = link.begin(begin) {
            let conflict = error == StoreError::Conflict;
            return (Err(error.into()), conflict);
        }
        let mut tx = Tx {
            author: author.to_owned(),
            ..Tx::reading(link, name, self.inner.clock.now())
        };
        let answer = body(&mut tx).and_then(|value| Ok(tx.flush_journals().map(|()| value)?));
        let conflict = tx.conflict;
        match answer {
            Ok(value) => match link.commit() {
                Ok(()) => (Ok(value), false),
                Err(error) => {
                    let conflict = error == StoreError::Conflict;
                    // After a failed commit nothing may be open; a second rollback does no harm.
                    let _ = link.rollback();
                    (Err(error.into()), conflict)
                }
            },
            Err(error) => {
                let _ = link.rollback();
                (Err(error), conflict)
            }
        }
    }

    fn note(&self, name: &'static str, tries: u32, took_micros: i64) {
        let micros = u64::try_from(took_micros).unwrap_or(0);
        let mut timings = self
            .inner
            .timings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let timing = timings.entry(name).or_default();
        timing.runs += 1;
        timing.retries += u64::from(tries - 1);
        timing.micros += micros;
        timing.longest_micros = timing.longest_micros.max(micros);
    }
}

/// One transaction. Statements stand in the files of `tables`, named for their effect.
pub struct Tx<'l> {
    link: &'l mut Link,
    pub(crate) name: &'static str,
    pub(crate) at: Instant,
    pub(crate) author: String,
    registry: Pending,
    electoral: Pending,
    conflict: bool,
}

impl<'l> Tx<'l> {
    /// A transaction that has begun and writes nothing.
    fn reading(link: &'l mut Link, name: &'static str, at: Instant) -> Self {
        Tx {
            link,
            name,
            at,
            author: String::new(),
            registry: Pending::default(),
            electoral: Pending::default(),
            conflict: false,
        }
    }
}

impl Tx<'_> {
    /// The moment of this transaction; every act in it carries this one.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    pub(crate) fn pending(&mut self, journal: Journal) -> &mut Pending {
        match journal {
            Journal::Registry => &mut self.registry,
            Journal::Electoral => &mut self.electoral,
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let outcome = self.link.execute(sql, values);
        self.watch(outcome)
    }

    pub(crate) fn insert(
        &mut self,
        insert: &Insert,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let outcome = self.link.insert(insert, values);
        self.watch(outcome)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        mut take: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let outcome = self.link.each(sql, values, &mut take);
        self.watch(outcome)
    }

    /// All rows of a small answer.
    pub(crate) fn rows(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.each(sql, values, |row| {
            rows.push(row.clone());
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of an answer.
    pub(crate) fn row(&mut self, sql: &str, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// One more than the largest number that a statement finds, 1 when it finds none.
    pub(crate) fn next_number<T: TryFrom<i64>>(&mut self, sql: &str) -> Result<T, StoreError> {
        self.next_number_of(sql, Vec::new())
    }

    /// The same among the rows that some values choose.
    pub(crate) fn next_number_of<T: TryFrom<i64>>(
        &mut self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<T, StoreError> {
        let last = self.row(sql, values)?;
        let last = last.map_or(Ok(None), |row| row.some_int(0))?.unwrap_or(0);
        T::try_from(last + 1).map_err(|_| StoreError::Stored { column: 0 })
    }

    /// All rows of an answer, each read into a type.
    pub(crate) fn collect<T>(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        mut read: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut out = Vec::new();
        self.each(sql, values, |row| {
            out.push(read(row)?);
            Ok(())
        })?;
        Ok(out)
    }

    fn watch<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(outcome, Err(StoreError::Conflict)) {
            self.conflict = true;
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
