//! Steps as filters: pure functions from record batches to record batches, for any engine with a shuffle.
//!
//! A [`Filter`] says what it takes, what it gives, by which columns its input may be split, and how its
//! output is sorted. Rows that agree in the partition key must come in one call; how many calls there are,
//! in which order rows come and how they are cut into batches never changes an answer, because the rows
//! are put into their total order first. The decisions are calls of `roll`, the same as in the chain:
//!
//! ```text
//! persons ─ clusters ─► facts by cluster ─ decide ─► by precinct ─ number ─► decisions.parquet
//!                                       └─ claims                        ├─► leaves ─ root
//!                                                                        └─► statistics, by region
//! commission ─ means ─► by cluster ─ reconcile ─► reconciliation.parquet
//! ```
//!
//! What is deliberately not here: reading and writing streams of a process (`tizme batch step`), shuffles,
//! retries and spills (the engine's), voters placed by hand, who are the office's alone.

mod clusters;
mod facts;
mod land;
mod lines;
mod order;
mod reconciling;
mod side;
mod stream;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use lexicon::ElectionLaw;
use lexicon::handover::release::SaltKey;
use roll::form::FormError;
use roll::snapshot::SnapshotError;

use crate::columns::{Column, Kind, TableError};
use crate::snapshot::SnapshotFileError;

pub use land::AssignedRow;
pub use side::SideTables;
pub use stream::{StreamError, read_stream};

/// What a filter needs beside its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The law.
    Law,
    /// A signed snapshot: tables that every partition looks into.
    Snapshot,
    /// The salt key of the release.
    Salts,
}

impl Need {
    /// Its name among the parameters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Need::Law => "law",
            Need::Snapshot => "snapshot",
            Need::Salts => "salts",
        }
    }
}

/// What a filter works with beside its stream.
#[derive(Default)]
pub struct Params {
    /// The law.
    pub law: Option<ElectionLaw>,
    /// Tables that every partition looks into.
    pub side: Option<SideTables>,
    /// The salt key of the release.
    pub salts: Option<SaltKey>,
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Params({:?}, sealed)",
            self.law.as_ref().map(|law| &law.id)
        )
    }
}

impl Params {
    /// The law.
    ///
    /// # Errors
    /// [`FilterError::Param`] when none was given.
    pub fn law(&self) -> Result<&ElectionLaw, FilterError> {
        self.law.as_ref().ok_or(FilterError::Param(Need::Law))
    }

    /// The snapshot's side tables.
    ///
    /// # Errors
    /// [`FilterError::Param`] when none were given.
    pub fn side(&self) -> Result<&SideTables, FilterError> {
        self.side.as_ref().ok_or(FilterError::Param(Need::Snapshot))
    }

    /// The salt key.
    ///
    /// # Errors
    /// [`FilterError::Param`] when none was given.
    pub fn salts(&self) -> Result<&SaltKey, FilterError> {
        self.salts.as_ref().ok_or(FilterError::Param(Need::Salts))
    }
}

/// Why a filter gave nothing: whoever drives it acts. A message never quotes a cell.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A column is missing.
    #[error("field {field} is missing; {kind:?} is expected")]
    Missing {
        /// Which field.
        field: &'static str,
        /// What it holds.
        kind: Kind,
    },
    /// A column has another type.
    #[error("field {field} is {found}; {kind:?} is expected")]
    OtherType {
        /// Which field.
        field: &'static str,
        /// What it should hold.
        kind: Kind,
        /// Arrow's name of the type found.
        found: String,
    },
    /// A number does not fit its column.
    #[error("field {field}: a value is outside the range of {kind:?}")]
    Range {
        /// Which field.
        field: &'static str,
        /// What it should hold.
        kind: Kind,
    },
    /// A null where every row must say something.
    #[error("field {field}: row {row} leaves it out")]
    Null {
        /// Which field.
        field: &'static str,
        /// Row of the stream, from 1.
        row: usize,
    },
    /// A cell with a code that the step does not know.
    #[error("field {field}: unknown code in row {row} of the sorted input")]
    Code {
        /// Which field.
        field: &'static str,
        /// Row, from 1.
        row: usize,
    },
    /// A parameter that this step needs.
    #[error("the parameters name no {}", .0.name())]
    Param(Need),
    /// A cell.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The side tables.
    #[error(transparent)]
    Side(#[from] SnapshotFileError),
    /// The rows contradict each other.
    #[error(transparent)]
    Rows(#[from] SnapshotError),
    /// The sums.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The library's word on a batch.
    #[error("record batch: {0}")]
    Arrow(#[from] ArrowError),
    /// What a step of another room says.
    #[error("{0}")]
    Other(String),
}

/// A step as a filter.
#[derive(Clone, Copy)]
pub struct Filter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, one sentence.
    pub about: &'static str,
    /// What it takes; further columns are ignored.
    pub input: &'static [Column],
    /// What it gives.
    pub output: &'static [Column],
    /// Columns by which the input may be split; none: all of it in one call.
    pub key: &'static [&'static str],
    /// How the output is sorted; the remaining columns tell equal rows apart.
    pub sort: &'static [&'static str],
    /// What it needs beside the stream.
    pub needs: &'static [Need],
    /// The function. Its input has the columns of `input`, in total order.
    pub run: fn(&RecordBatch, &Params) -> Result<RecordBatch, FilterError>,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filter({})", self.name)
    }
}

impl Filter {
    /// Checks the input's columns, orders its rows, runs the step and orders its answer.
    ///
    /// Cost: one sort of the input in memory beside the step's own.
    ///
    /// # Errors
    /// [`FilterError`] naming the field.
    pub fn apply(
        &self,
        batches: &[RecordBatch],
        params: &Params,
    ) -> Result<RecordBatch, FilterError> {
        let input = order::normal(self.input, batches)?;
        let input = order::sorted(self.input, self.key, &input)?;
        let output = (self.run)(&input, params)?;
        order::sorted(self.output, self.sort, &output)
    }

    /// The answers of several partitions as one, in the order that one call would give.
    ///
    /// # Errors
    /// [`FilterError`] naming the field that is not of this step's output.
    pub fn gather(&self, answers: &[RecordBatch]) -> Result<RecordBatch, FilterError> {
        let gathered = order::normal(self.output, answers)?;
        order::sorted(self.output, self.sort, &gathered)
    }
}

/// The steps of this room, in the order of the chain.
pub const FILTERS: &[Filter] = &[
    land::ASSIGN,
    land::POINTS,
    clusters::CLUSTERS,
    facts::DECIDE,
    facts::CLAIMS,
    lines::NUMBER,
    lines::DECISIONS,
    lines::LEAVES,
    lines::ROOT,
    lines::STATISTICS,
    reconciling::MEANS,
    reconciling::RECONCILE,
];
