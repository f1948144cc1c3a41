//! The commission's list uploaded in the office: the file on disk, and the work in the background that reads it,
//! reconciles it with the register and asks people about what is doubtful. A stop costs the step under way; the steps
//! behind it stand in the store.

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use batch::folder::FolderError;
use lexicon::ElectionLaw;
use lexicon::handover::envelope::hex;
use store::import::{FileError, ImportError, Options};
use store::{ListEdition, ListStep, ListStepKind, ReconciledRow, Store, StoreError, Tx};

use crate::receive::{ReceiveError, read_reconciliation};
use crate::review;

pub mod multipart;
mod queue;

use multipart::{Event, Multipart, MultipartError};
use queue::Queue;
pub(crate) use queue::{Failure, UnderWay};

/// Where uploaded lists wait and how large they may be.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// The folder; none: uploading is off.
    pub folder: Option<PathBuf>,
    /// Largest file, bytes.
    pub bytes_max: u64,
    /// Part of the doubtful links that two persons decide, percent.
    pub doubled_percent: u8,
    /// Of 100,000 sure links, how many two accounts answer blindly.
    pub sampled_per_100000: u32,
}

/// Why a file was not taken from the browser; nothing is kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// No folder is configured.
    #[error("no folder for uploads is configured")]
    Off,
    /// The request is no form with a file.
    #[error(transparent)]
    Form(#[from] MultipartError),
    /// No file was chosen.
    #[error("the form holds no file")]
    NoFile,
    /// It is larger than allowed.
    #[error("the file is larger than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The disk refused.
    #[error("the file cannot be written: {0}")]
    Disk(#[from] std::io::Error),
}

/// A file that came in; it is removed with this unless it was kept.
#[derive(Debug)]
pub(crate) struct Spooled {
    path: PathBuf,
    bytes: u64,
}

impl Spooled {
    /// The whole file, for desks that read it at once; none when it is larger than `bytes_max`.
    pub fn read(&self, bytes_max: u64) -> std::io::Result<Option<Vec<u8>>> {
        if self.bytes > bytes_max {
            return Ok(None);
        }
        fs::read(&self.path).map(Some)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        // What was moved to its place is not here any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// A file on its way in from a form.
pub(crate) struct Spool {
    parser: Multipart,
    path: PathBuf,
    file: Option<fs::File>,
    bytes: u64,
    bytes_max: u64,
    in_file: bool,
}

/// Files under way have different names.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Spool {
    /// Starts with the request's content type.
    pub fn start(uploads: &Uploads, content_type: &str) -> Result<Self, SpoolError> {
        let folder = uploads.folder.as_ref().ok_or(SpoolError::Off)?;
        let parser = Multipart::of(content_type)?;
        fs::create_dir_all(folder)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            parser,
            path: folder.join(format!(".part-{}-{number}", std::process::id())),
            file: None,
            bytes: 0,
            bytes_max: uploads.bytes_max,
            in_file: false,
        })
    }

    /// Takes the next bytes of the request.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let Self {
            parser,
            path,
            file,
            bytes: held,
            bytes_max,
            in_file,
        } = self;
        parser.push(bytes, &mut |event| {
            match event {
                Event::Begin { field, is_file } => {
                    *in_file = is_file && field == "list" && file.is_none();
                    if *in_file {
                        *file = Some(fs::File::create(&*path)?);
                    }
                }
                Event::Data(part) => {
                    if let (true, Some(file)) = (*in_file, file.as_mut()) {
                        *held += part.len() as u64;
                        if *held > *bytes_max {
                            return Err(SpoolError::TooLarge {
                                bytes_max: *bytes_max,
                            });
                        }
                        file.write_all(part)?;
                    }
                }
                Event::End => *in_file = false,
            }
            Ok(())
        })
    }

    /// Checks that the form came to its end, and gives the file.
    pub fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.parser.finish()?;
        match self.file.take() {
            Some(file) if self.bytes > 0 => {
                file.sync_all()?;
                // The path goes on to the file that is kept or removed.
                let path = std::mem::take(&mut self.path);
                Ok(Spooled {
                    path,
                    bytes: self.bytes,
                })
            }
            Some(_) | None => Err(SpoolError::NoFile),
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Why an uploaded file was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// Its form or its columns: whoever made the file acts.
    #[error(transparent)]
    File(#[from] FileError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    /// It cannot be read back.
    #[error(transparent)]
    Hash(#[from] FolderError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The desk behind the pages: one edition after another, in a thread of its own.
#[derive(Clone)]
pub(crate) struct ListWork {
    store: Store,
    law: Arc<ElectionLaw>,
    uploads: Uploads,
    queue: Arc<Queue>,
}

/// Why the background work stopped; what was finished before stands.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    #[error(transparent)]
    Table(#[from] batch::columns::TableError),
    #[error(transparent)]
    Snapshot(#[from] roll::snapshot::SnapshotError),
    #[error(transparent)]
    Form(#[from] roll::form::FormError),
    #[error("the program failed")]
    Program,
}

impl WorkError {
    /// What the pages say of it.
    fn failure(&self) -> Failure {
        match self {
            WorkError::Store(_)
            | WorkError::Import(ImportError::Store(_))
            | WorkError::Receive(ReceiveError::Store(_)) => Failure::Store,
            WorkError::Import(
                ImportError::NoPersons { .. }
                | ImportError::Files(_)
                | ImportError::Interrupted { .. }
                | ImportError::Rejects(_),
            )
            | WorkError::Receive(
                ReceiveError::Folder(_)
                | ReceiveError::Table(_)
                | ReceiveError::Release(_)
                | ReceiveError::File(_)
                | ReceiveError::Contents { .. }
                | ReceiveError::Another { .. }
                | ReceiveError::Deltas(_)
                | ReceiveError::Refused { .. },
            )
            | WorkError::Table(_) => Failure::Disk,
            WorkError::Snapshot(_) | WorkError::Form(_) => Failure::Register,
            WorkError::Program => Failure::Program,
        }
    }
}

impl ListWork {
    pub fn new(store: Store, law: Arc<ElectionLaw>, uploads: Uploads) -> Self {
        Self {
            store,
            law,
            uploads,
            queue: Arc::default(),
        }
    }

    /// The folder of an edition.
    pub fn folder(&self, edition: u32) -> Option<PathBuf> {
        let folder = self.uploads.folder.as_ref()?;
        Some(folder.join(format!("{edition:05}")))
    }

    /// The rejects file of an edition, when it has one.
    pub fn rejects(&self, edition: u32) -> Option<PathBuf> {
        let path = self.folder(edition)?.join("rejects.csv");
        path.is_file().then_some(path)
    }

    /// Checks an uploaded file's columns and keeps it as an edition; gives its number and whether it is new. The same
    /// bytes are one edition.
    pub fn keep(&self, file: &Spooled, staff: &str) -> Result<(u32, bool), KeepError> {
        let form = form_of(&file.path)?;
        let Some(root) = self.uploads.folder.as_ref() else {
            return Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
        };
        // The header is read before anything is written.
        let trial = root.join(format!(".trial-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&trial)?;
        let named = trial.join(format!("commission.{form}"));
        let checked = fs::rename(&file.path, &named)
            .map_err(KeepError::from)
            .and_then(|()| Ok(store::import::check_edition(&trial)?))
            .and_then(|()| Ok(batch::folder::hash_file(&named)?));
        let kept = checked.and_then(|(hash, _)| {
            let (edition, is_new) = self
                .store
                .transact("upload_list", staff, |tx| {
                    tx.record_list_edition(&hex(&hash), form, file.bytes)
                })
                .map_err(KeepError::Store)?;
            let place = root.join(format!("{edition:05}"));
            // The number may be there without its file: a stop came between.
            if is_new || !place.join(format!("commission.{form}")).is_file() {
                fs::create_dir_all(&place)?;
                fs::rename(&named, place.join(format!("commission.{form}")))?;
            }
            Ok((edition, is_new))
        });
        let _ = fs::remove_dir_all(&trial);
        kept
    }

    /// What is under way for an edition.
    pub fn under_way(&self, edition: u32) -> Option<UnderWay> {
        self.queue.under_way(edition)
    }

    /// Why the work on an edition stopped, since the program started; none: it did not, or it is tried again.
    pub fn failure(&self, edition: u32) -> Option<Failure> {
        self.queue.failure(edition)
    }

    /// Tries an edition again.
    pub fn try_again(&self, edition: u32) {
        self.queue.forget(edition);
        self.start();
    }

    fn tell(&self, edition: u32, step: &'static str, done: u64, total: u64) {
        self.queue.tell(edition, UnderWay { step, done, total });
    }

    /// Works on what is unfinished, in a thread of its own; when one works already, it takes the new work too.
    ///
    /// An edition that fails is left alone until somebody tries it again or the program starts anew; those behind it
    /// go on.
    pub fn start(&self) {
        if self.uploads.folder.is_none() || !self.queue.ask() {
            return;
        }
        let work = self.clone();
        std::thread::spawn(move || {
            loop {
                work.queue.look();
                let next = work
                    .store
                    .read("list_editions", |tx| tx.list_editions())
                    .map(|all| next_of(&all, |edition| work.failure(edition).is_some()));
                match next {
                    Ok(Some(edition)) => work.try_one(edition),
                    Ok(None) if work.queue.may_end() => break,
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(%error, "uploaded lists wait");
                        if work.queue.may_end() {
                            break;
                        }
                    }
                }
            }
        });
    }

    /// Works on one edition and keeps why it failed; a fault of the program ends its work only.
    fn try_one(&self, edition: u32) {
        let tried = catch_unwind(AssertUnwindSafe(|| self.work_on(edition)));
        let failed = match tried.unwrap_or(Err(WorkError::Program)) {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, edition, "the work on an uploaded list stopped");
                Some(error.failure())
            }
        };
        self.queue.end(edition, failed);
    }

    fn work_on(&self, edition: u32) -> Result<(), WorkError> {
        let steps = self.store.read("list_steps", |tx| tx.list_steps(edition))?;
        let has = |wanted| steps.iter().any(|step| step.step == wanted);
        let Some(folder) = self.folder(edition) else {
            return Ok(());
        };
        if !has(ListStepKind::Read) && !self.read(edition, &folder)? {
            return Ok(());
        }
        self.reconcile(edition, &folder)
    }

    /// Reads the file; false when it cannot be used.
    fn read(&self, edition: u32, folder: &Path) -> Result<bool, WorkError> {
        let options = Options {
            author: "uploaded list".to_owned(),
            ..Options::default()
        };
        let read = store::import::edition(&self.store, folder, edition, &options, &mut |at| {
            self.tell(edition, "read", at.done, at.total);
        });
        let (step, counts, detail) = match read {
            Ok(report) => {
                let table = report.tables.first().cloned().unwrap_or_default();
                let counts = (table.rows, table.rejected);
                if table.rows == table.rejected {
                    (ListStepKind::Refused, counts, "no_rows".to_owned())
                } else {
                    let unknown = table.unknown_columns.join(" ");
                    (ListStepKind::Read, counts, unknown)
                }
            }
            Err(other) => match refusal(&other) {
                Some(why) => (ListStepKind::Refused, (0, 0), code_of(why)),
                None => return Err(other.into()),
            },
        };
        self.store.transact("list_step", "uploaded list", |tx| {
            tx.record_list_step(edition, step, counts, None, &detail)
        })?;
        Ok(step == ListStepKind::Read)
    }

    fn reconcile(&self, edition: u32, folder: &Path) -> Result<(), WorkError> {
        self.tell(edition, "arrange", 0, 0);
        let builder = Mutex::new(roll::SnapshotBuilder::new());
        self.store.each_snapshot_table(1, &|part| {
            let mut builder = builder.lock().unwrap_or_else(PoisonError::into_inner);
            builder.take(&part).map_err(WorkError::Snapshot)
        })?;
        let snapshot = builder
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .finish()?;
        let formed = roll::form(&snapshot, &self.law)?;
        let total = snapshot.commission.len() as u64;
        self.tell(edition, "reconcile", 0, total);
        let found = batch::form::reconcile_on_threads(&snapshot, &formed, &self.law);
        let path = folder.join("reconciliation.parquet");
        batch::form::write_reconciliation(&path, &snapshot, &formed, &found)?;
        drop(found);
        let mut rows: Vec<ReconciledRow> = Vec::new();
        read_reconciliation(&path, &mut rows)?;
        self.tell(edition, "keep", 0, total);
        let houses = review::doubtful_addresses(&snapshot, &rows, self.law.election.day);
        drop(snapshot);
        let keep = |tx: &mut Tx<'_>| {
            let run = tx.record_run(None, &rows)?;
            let editions = tx.list_editions()?;
            let own = editions.iter().find(|(known, _)| known.edition == edition);
            let control = review::Control {
                doubled_percent: self.uploads.doubled_percent,
                sampled_per_100000: self.uploads.sampled_per_100000,
                seed: own.map_or("", |(known, _)| known.sha256.as_str()),
            };
            review::record_items(tx, run, &rows, &houses, control)?;
            let counts = (total, 0);
            tx.record_list_step(edition, ListStepKind::Reconciled, counts, Some(run), "")
        };
        let store = &self.store;
        store.bulk(|| store.transact("reconcile_list", "uploaded list", keep))?;
        Ok(())
    }
}

/// Where an edition stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Waits for its turn, or is under way.
    Unfinished,
    /// Cannot be used.
    Refused,
    /// A later one was read before it was reconciled.
    Superseded,
    /// Reconciled.
    Reconciled {
        /// The run.
        run: u32,
    },
}

/// Where an edition of all of them stands; the latest stands first.
pub(crate) fn standing(all: &[(ListEdition, Vec<ListStep>)], edition: u32) -> Standing {
    let is_read = |steps: &[ListStep]| steps.iter().any(|s| s.step == ListStepKind::Read);
    let later = all.iter().filter(|(known, _)| known.edition > edition);
    let superseded = later.into_iter().any(|(_, steps)| is_read(steps));
    let own = all.iter().find(|(known, _)| known.edition == edition);
    let steps = own.map_or(&[][..], |(_, steps)| steps);
    if let Some(run) = steps.iter().find_map(|step| step.run) {
        Standing::Reconciled { run }
    } else if steps.iter().any(|s| s.step == ListStepKind::Refused) {
        Standing::Refused
    } else if superseded {
        Standing::Superseded
    } else {
        Standing::Unfinished
    }
}

/// What is wrong with the file itself; none when the disk or the store failed, and the same file may be read another time.
fn refusal(error: &ImportError) -> Option<&FileError> {
    let why = match error {
        ImportError::Files(files) => files.first().map(|(_, why)| why),
        ImportError::Interrupted { why, .. } => Some(why),
        ImportError::NoPersons { .. } | ImportError::Rejects(_) | ImportError::Store(_) => None,
    };
    why.filter(|why| !matches!(why, FileError::Io(_)))
}

/// The edition to work on: the earliest unfinished one that did not fail.
fn next_of(all: &[(ListEdition, Vec<ListStep>)], has_failed: impl Fn(u32) -> bool) -> Option<u32> {
    all.iter()
        .map(|(known, _)| known.edition)
        .filter(|edition| standing(all, *edition) == Standing::Unfinished && !has_failed(*edition))
        .min()
}

/// `csv`, or `parquet` by its first four bytes.
fn form_of(path: &Path) -> Result<&'static str, std::io::Error> {
    use std::io::Read as _;
    let mut head = Vec::new();
    fs::File::open(path)?.take(4).read_to_end(&mut head)?;
    Ok(if head == b"PAR1" { "parquet" } else { "csv" })
}

/// What is wrong with a file as a code of the texts, `upload_why.CODE`, with names of columns behind it.
pub(crate) fn code_of(why: &FileError) -> String {
    use register::door::LayoutError;
    match why {
        FileError::Io(_) => "unreadable".to_owned(),
        FileError::Empty => "empty".to_owned(),
        FileError::NotUtf8 | FileError::Utf16 => "not_utf8".to_owned(),
        FileError::Layout(LayoutError::Missing(columns)) => {
            format!("missing {}", columns.join(", "))
        }
        FileError::Layout(LayoutError::Twice(column)) => format!("twice {column}"),
        FileError::Parquet(_) => "no_parquet".to_owned(),
        FileError::ColumnType(column) => format!("column_type {column}"),
        // A list comes as CSV or Parquet only.
        FileError::Both | FileError::GeoJson(_) | FileError::GeoJsonTooLarge => {
            "unreadable".to_owned()
        }
    }
}
