//! Steps `means` and `reconcile`: the commission's rows, first by whom they mean, then judged together.
//!
//! Which record a row means follows from the row and the register alone; classes need every row that means
//! the same human, and who is on no row. So `means` names each row's cluster, the driver adds one row of
//! table `clusters` for every person, and `reconcile` judges cluster by cluster. Both look into the whole
//! register: each process holds it in memory.

use std::collections::{HashMap, HashSet};

use arrow::array::RecordBatch;
use lexicon::PersonId;
use lexicon::handover::snapshot::CommissionRow;
use roll::reconcile::{Reconciler, reconcile};
use roll::snapshot::Standing;
use roll::{Roll, Snapshot, SnapshotBuilder, form};

use super::clusters::{Linked, clusters_of};
use super::facts::check_tables;
use super::{Filter, FilterError, Need, Params};
use crate::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};
use crate::tables::{ReconciliationRow, What};

pub(super) const MEANS: Filter = Filter {
    name: "means",
    about: "Names the cluster of the record that each row of the commission's list means.",
    input: CommissionRow::COLUMNS,
    output: MeaningRow::COLUMNS,
    key: &["row"],
    sort: &["row"],
    needs: &[Need::Law, Need::Snapshot],
    run: means,
};

pub(super) const RECONCILE: Filter = Filter {
    name: "reconcile",
    about: "Classes, evidence and proposed act for each row, and the persons whom no row means.",
    input: MeaningRow::COLUMNS,
    output: ReconciliationRow::COLUMNS,
    key: &["cluster"],
    sort: &["row", "person"],
    needs: &[Need::Law, Need::Snapshot],
    run: reconciled,
};

/// A row of the commission's list with its cluster, or, of table `clusters`, a person with theirs.
struct MeaningRow {
    cluster: String,
    person: Option<PersonId>,
    row: Option<CommissionRow>,
}

impl Row for MeaningRow {
    const TABLE: &'static str = "meanings";
    const COLUMNS: &'static [Column] = &[
        must("cluster", Kind::Text),
        must("table", Kind::Text),
        may("person", Kind::Text),
        may("row", Kind::Text),
        may("pin", Kind::Text),
        may("surname", Kind::Text),
        may("given", Kind::Text),
        may("patronymic", Kind::Text),
        may("born", Kind::Text),
        may("address", Kind::Text),
        may("precinct", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.cluster.as_str())
            .text(if self.row.is_some() {
                CommissionRow::TABLE
            } else {
                "clusters"
            })
            .shown_if(self.person);
        match &self.row {
            Some(row) => row.put(cells),
            None => (0..CommissionRow::COLUMNS.len()).for_each(|_| {
                cells.text(None);
            }),
        }
    }
}

impl ReadRow for MeaningRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let cluster = cells.text()?.to_owned();
        let is_row = cells.text()? == CommissionRow::TABLE;
        let person = cells.parsed_if()?;
        Ok(Self {
            cluster,
            person,
            row: is_row.then(|| CommissionRow::take(cells)).transpose()?,
        })
    }
}

fn clusters(snapshot: &Snapshot) -> Vec<PersonId> {
    let persons: Vec<Linked> = snapshot
        .persons
        .iter()
        .map(|person| Linked {
            person: person.id,
            pin: person.pin.map(|pin| pin.as_u64()),
            duplicate_of: match person.standing {
                Standing::Duplicate(Some(of)) => Some(snapshot.person(of).id),
                Standing::Duplicate(None)
                | Standing::Unique
                | Standing::Pending
                | Standing::Deceased(_)
                | Standing::NotEnrolled => None,
            },
        })
        .collect();
    clusters_of(&persons)
}

/// The register with some rows of the commission's list.
fn formed(rows: &[CommissionRow], params: &Params) -> Result<(Snapshot, Roll), FilterError> {
    let mut builder = SnapshotBuilder::new();
    params.side()?.register(&mut builder)?;
    rows.iter().for_each(|row| builder.commission(row));
    let snapshot = builder.finish()?;
    let roll = form(&snapshot, params.law()?)?;
    Ok((snapshot, roll))
}

fn means(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let rows = rows_of::<CommissionRow>(CommissionRow::TABLE, input)?;
    let (snapshot, roll) = formed(&rows, params)?;
    let clusters = clusters(&snapshot);
    let reconciler = Reconciler::new(&snapshot, &roll, params.law()?);
    let meanings = reconciler.find(0..reconciler.rows());
    let of_row: HashMap<&str, PersonId> = meanings
        .records()
        .enumerate()
        .filter_map(|(at, record)| Some((snapshot.commission.get(at).row, clusters[record?.at()])))
        .collect();
    let rows = rows.iter().map(|row| MeaningRow {
        cluster: match of_row.get(row.row.as_str()) {
            Some(cluster) => cluster.to_string(),
            // A row that means nobody is judged alone.
            None => format!("row {}", row.row),
        },
        person: None,
        row: Some(row.clone()),
    });
    Ok(batch_of(rows)?)
}

fn reconciled(input: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    check_tables(input, &[CommissionRow::TABLE, "clusters"])?;
    let mut here: HashSet<PersonId> = HashSet::new();
    let mut rows = Vec::new();
    for meaning in rows_of::<MeaningRow>("meanings", input)? {
        match meaning.row {
            Some(row) => rows.push(row),
            None => here.extend(meaning.person),
        }
    }
    let (snapshot, roll) = formed(&rows, params)?;
    let found = reconcile(&snapshot, &roll, params.law()?);
    let of = |what| ReconciliationRow {
        snapshot: &snapshot,
        roll: &roll,
        what,
    };
    let judged = found
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| of(What::Row(at, row)));
    let new = found
        .new
        .iter()
        .filter(|person| here.contains(&snapshot.person(**person).id))
        .map(|person| of(What::New(*person)));
    Ok(batch_of(judged.chain(new))?)
}
