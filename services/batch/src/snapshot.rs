//! The snapshot folder: one Parquet file a table, written row by row, signed by the register.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lexicon::ElectionLaw;
use lexicon::handover::envelope::{DocumentId, Signer, hex};
use lexicon::handover::folder::FolderManifest;
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    PersonRow, PrecinctRow, Reference, ReferenceRow, ResidenceRow, ReviewAnswerRow,
    SecondAddressRow, SnapshotTables, StreetNameRow,
};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use roll::snapshot::SnapshotError;
use roll::{Snapshot, SnapshotBuilder};

use crate::columns::{Row, TableError, TableWriter, read_table, read_table_on};
use crate::folder::{Contents, FolderError, FolderWriter, Trust, open_folder};

/// The folder's name.
pub const SNAPSHOT: &str = "snapshot";

/// Why a snapshot was not written or read: the register's engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFileError {
    /// A table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The folder or its manifest.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The rows contradict each other.
    #[error(transparent)]
    Rows(#[from] SnapshotError),
    /// The snapshot was taken under another law.
    #[error("the snapshot was taken under another law than {law}")]
    OtherLaw {
        /// The law asked for.
        law: String,
    },
    /// The number of rows is not the one that the register vouches for.
    #[error("table {table} has {got} rows, the manifest says {said}")]
    RowCount {
        /// Which table.
        table: &'static str,
        /// Rows in the file.
        got: u64,
        /// Rows by the manifest.
        said: u64,
    },
}

/// A snapshot being written, row by row, any number of tables at once.
#[derive(Debug)]
pub struct SnapshotWriter {
    folder: FolderWriter,
    tables: BTreeMap<&'static str, Mutex<TableWriter>>,
}

/// The name of a table's file.
pub(crate) fn file_of(table: &str) -> String {
    format!("{table}.parquet")
}

impl SnapshotWriter {
    /// Begins a snapshot that will stand at `dir`; every table exists, if empty.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    pub fn create(dir: &Path) -> Result<Self, SnapshotFileError> {
        let mut writer = Self {
            folder: FolderWriter::create(dir)?,
            tables: BTreeMap::new(),
        };
        writer.open::<PersonRow>()?;
        writer.open::<DocumentRow>()?;
        writer.open::<AddressRow>()?;
        writer.open::<StreetNameRow>()?;
        writer.open::<SecondAddressRow>()?;
        writer.open::<ResidenceRow>()?;
        writer.open::<CivilEventRow>()?;
        writer.open::<EnrolmentRow>()?;
        writer.open::<PrecinctRow>()?;
        writer.open::<BoundaryRow>()?;
        writer.open::<ClaimRow>()?;
        writer.open::<CommissionRow>()?;
        writer.open::<ReviewAnswerRow>()?;
        writer.open::<ReferenceRow>()?;
        Ok(writer)
    }

    fn open<R: Row>(&mut self) -> Result<(), SnapshotFileError> {
        let place = self.folder.place(&file_of(R::TABLE))?;
        self.tables
            .insert(R::TABLE, Mutex::new(TableWriter::create::<R>(&place)?));
        Ok(())
    }

    /// Adds a row to its table; rows of one table should come sorted by their first columns.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    ///
    /// # Panics
    /// When the row is of no snapshot table, which is a fault of the caller's program.
    pub fn push<R: Row>(&mut self, row: &R) -> Result<(), SnapshotFileError> {
        let table = self
            .tables
            .get_mut(R::TABLE)
            .expect("a row type of this module");
        let table = table.get_mut().unwrap_or_else(PoisonError::into_inner);
        Ok(table.push(row)?)
    }

    /// Adds every row of some tables, sorted; several threads may fill different tables.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    pub fn push_tables(&self, tables: &SnapshotTables) -> Result<(), SnapshotFileError> {
        self.sorted(&tables.persons, |a, b| a.person.cmp(&b.person))?;
        self.sorted(&tables.documents, |a, b| {
            (&a.number, a.person).cmp(&(&b.number, b.person))
        })?;
        self.sorted(&tables.addresses, |a, b| a.address.cmp(&b.address))?;
        self.sorted(&tables.street_names, Ord::cmp)?;
        self.sorted(&tables.second_addresses, Ord::cmp)?;
        self.sorted(&tables.residences, |a, b| {
            (a.person, &a.address, a.from).cmp(&(b.person, &b.address, b.from))
        })?;
        self.sorted(&tables.civil_events, |a, b| a.event.cmp(&b.event))?;
        self.sorted(&tables.enrolments, |a, b| a.enrolment.cmp(&b.enrolment))?;
        self.sorted(&tables.precincts, |a, b| a.precinct.cmp(&b.precinct))?;
        self.sorted(&tables.boundaries, |a, b| {
            let extent = |r: &BoundaryRow| format!("{:?}", r.extent);
            (a.precinct.cmp(&b.precinct)).then_with(|| extent(a).cmp(&extent(b)))
        })?;
        self.sorted(&tables.claims, |a, b| a.claim.cmp(&b.claim))?;
        self.sorted(&tables.commission, |a, b| a.row.cmp(&b.row))?;
        self.sorted(&tables.review_answers, |a, b| a.subject.cmp(&b.subject))?;
        let reference = |r: &ReferenceRow| match &r.reference {
            Reference::Finger { position, rank, .. } => (r.person, *rank, position.number()),
            Reference::Photo(_) => (r.person, u8::MAX, 0),
        };
        self.sorted(&tables.references, |a, b| reference(a).cmp(&reference(b)))
    }

    /// Rows with one key keep their order.
    fn sorted<R: Row>(
        &self,
        rows: &[R],
        compare: impl Fn(&R, &R) -> Ordering,
    ) -> Result<(), SnapshotFileError> {
        // INVARIANT: every row type of this module has its table.
        let table = self
            .tables
            .get(R::TABLE)
            .expect("a row type of this module");
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut put = |row: &R| Ok(table.push(row)?);
        if rows.is_sorted_by(|a, b| compare(a, b).is_le()) {
            return rows.iter().try_for_each(put);
        }
        let mut order: Vec<&R> = rows.iter().collect();
        order.sort_by(|a, b| compare(a, b));
        order.into_iter().try_for_each(&mut put)
    }

    /// Closes the tables and signs: the id goes into every release formed from this snapshot.
    ///
    /// `journal_position` says where the register's journal stood.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    pub fn finish(
        mut self,
        law: &ElectionLaw,
        journal_position: &str,
        register: &dyn Signer,
    ) -> Result<DocumentId, SnapshotFileError> {
        let mut contents = Contents::default();
        contents
            .fact("law", hex(&law.hash))
            .fact("journal_position", journal_position);
        let folder = &self.folder;
        let closed = self.tables.into_par_iter().map(|(name, table)| {
            let table = table.into_inner().unwrap_or_else(PoisonError::into_inner);
            let rows = table.finish()?;
            Ok((name, rows, folder.measure(&file_of(name))?))
        });
        let closed: Vec<_> = closed.collect::<Result<_, SnapshotFileError>>()?;
        for (name, rows, entry) in closed {
            contents.count(name, rows);
            self.folder.note(entry);
        }
        Ok(self
            .folder
            .finish(SNAPSHOT, law.election.number, contents, register)?)
    }
}

/// Writes a whole snapshot.
///
/// # Errors
/// [`SnapshotFileError`].
pub fn write_snapshot(
    dir: &Path,
    tables: &SnapshotTables,
    law: &ElectionLaw,
    journal_position: &str,
    register: &dyn Signer,
) -> Result<DocumentId, SnapshotFileError> {
    let writer = SnapshotWriter::create(dir)?;
    writer.push_tables(tables)?;
    writer.finish(law, journal_position, register)
}

/// A snapshot that was read: its manifest's id, its tables.
#[derive(Debug)]
pub struct ReadSnapshot {
    /// Id of the manifest.
    pub id: DocumentId,
    /// The tables without references.
    pub snapshot: Snapshot,
}

/// Checks every byte of a snapshot folder against its signed manifest.
///
/// # Errors
/// [`SnapshotFileError`] naming the file.
pub fn check_snapshot(
    dir: &Path,
    law: &ElectionLaw,
    trust: Trust<'_>,
) -> Result<(FolderManifest, DocumentId), SnapshotFileError> {
    let (manifest, id) = open_folder(dir, SNAPSHOT, trust)?;
    let law_hash = hex(&law.hash);
    if manifest
        .facts
        .iter()
        .any(|fact| fact.name == "law" && fact.value != law_hash)
    {
        return Err(SnapshotFileError::OtherLaw {
            law: law.id.clone(),
        });
    }
    Ok((manifest, id))
}

/// Checks and reads a snapshot; references stay on disk, see [`for_each_reference`].
///
/// `threads` decode the tables, 0: as many as the machine has; they never change what is read.
///
/// # Errors
/// [`SnapshotFileError`] naming file, row and column.
pub fn read_snapshot(
    dir: &Path,
    law: &ElectionLaw,
    trust: Trust<'_>,
    threads: usize,
) -> Result<ReadSnapshot, SnapshotFileError> {
    let (manifest, id) = check_snapshot(dir, law, trust)?;
    let mut builder = SnapshotBuilder::new();
    let mut tables = Tables {
        dir,
        manifest: &manifest,
        threads: match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
            given => given,
        },
    };
    tables.read(|row: PersonRow| Ok(builder.person(&row)?))?;
    tables.take(|row: DocumentRow| builder.document(&row))?;
    tables.take(|row: AddressRow| builder.address(&row))?;
    tables.take(|row: ResidenceRow| builder.residence(&row))?;
    tables.read(|row: CivilEventRow| Ok(builder.civil_event(&row)?))?;
    tables.take(|row: EnrolmentRow| builder.enrolment(&row))?;
    tables.take(|row: PrecinctRow| builder.precinct(row))?;
    tables.take(|row: BoundaryRow| builder.boundary(row))?;
    tables.take(|row: ClaimRow| builder.claim(&row))?;
    tables.take(|row: CommissionRow| builder.commission(&row))?;
    // Snapshots of before have no such tables.
    if tables.has::<StreetNameRow>() {
        tables.take(|row: StreetNameRow| builder.street_name(&row))?;
    }
    if tables.has::<SecondAddressRow>() {
        tables.take(|row: SecondAddressRow| builder.second_address(&row))?;
    }
    if tables.has::<ReviewAnswerRow>() {
        tables.read(|row: ReviewAnswerRow| Ok(builder.review_answer(&row)?))?;
    }
    Ok(ReadSnapshot {
        id,
        snapshot: builder.finish()?,
    })
}

struct Tables<'a> {
    dir: &'a Path,
    manifest: &'a FolderManifest,
    threads: usize,
}

impl Tables<'_> {
    fn has<R: Row>(&self) -> bool {
        self.manifest.counts.iter().any(|c| c.name == R::TABLE)
    }

    /// Reads a table whose rows cannot be refused.
    fn take<R: crate::columns::ReadRow + Send>(
        &mut self,
        mut each: impl FnMut(R),
    ) -> Result<(), SnapshotFileError> {
        self.read(|row| {
            each(row);
            Ok(())
        })
    }

    fn read<R: crate::columns::ReadRow + Send>(
        &mut self,
        each: impl FnMut(R) -> Result<(), SnapshotFileError>,
    ) -> Result<(), SnapshotFileError> {
        let got = read_table_on(self.threads, &self.dir.join(file_of(R::TABLE)), each)?;
        let said = self
            .manifest
            .counts
            .iter()
            .find(|c| c.name == R::TABLE)
            .map_or(got, |c| c.value);
        if got == said {
            Ok(())
        } else {
            Err(SnapshotFileError::RowCount {
                table: R::TABLE,
                got,
                said,
            })
        }
    }
}

/// Hands over the references row by row, as they stand in the file.
///
/// # Errors
/// [`SnapshotFileError`], or what `each` returns.
pub fn for_each_reference<E: From<TableError>>(
    dir: &Path,
    each: impl FnMut(ReferenceRow) -> Result<(), E>,
) -> Result<u64, E> {
    let path: PathBuf = dir.join(file_of(ReferenceRow::TABLE));
    read_table(&path, each)
}
