//! Step `clusters`: which records must be decided together.
//!
//! Everything about one person is decided alone but for two things: a PIN that several records hold, and
//! a record that a verdict counts instead of another. Records joined by either, directly or over others,
//! are one cluster, named by its smallest id.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use lexicon::PersonId;

use super::{Filter, FilterError, Params};
use crate::columns::{
    CellError, Column, Kind, Put, ReadRow, Row, Take, batch_of, may, must, rows_of,
};

pub(super) const CLUSTERS: Filter = Filter {
    name: "clusters",
    about: "Joins records that share a PIN or a duplicate verdict: they must be decided together.",
    input: Linked::COLUMNS,
    output: Clustered::COLUMNS,
    key: &[],
    sort: &["person"],
    needs: &[],
    run,
};

/// What joins a person to others.
pub(super) struct Linked {
    pub person: PersonId,
    pub pin: Option<u64>,
    pub duplicate_of: Option<PersonId>,
}

impl Row for Linked {
    const TABLE: &'static str = "persons";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        may("pin", Kind::Text),
        may("duplicate_of", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.person)
            .shown_if(self.pin)
            .shown_if(self.duplicate_of);
    }
}

impl ReadRow for Linked {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            person: cells.parsed()?,
            pin: cells.parsed_if()?,
            duplicate_of: cells.parsed_if()?,
        })
    }
}

struct Clustered {
    person: PersonId,
    cluster: PersonId,
}

impl Row for Clustered {
    const TABLE: &'static str = "clusters";
    const COLUMNS: &'static [Column] = &[must("person", Kind::Text), must("cluster", Kind::Text)];

    fn put(&self, cells: &mut Put<'_>) {
        cells.shown(self.person).shown(self.cluster);
    }
}

/// For each person, in their order, the smallest id of their cluster.
pub(super) fn clusters_of(persons: &[Linked]) -> Vec<PersonId> {
    let mut order: Vec<usize> = (0..persons.len()).collect();
    order.sort_unstable_by_key(|at| persons[*at].person);
    let place: HashMap<PersonId, usize> = order
        .iter()
        .enumerate()
        .map(|(place, at)| (persons[*at].person, place))
        .collect();
    // Each place's parent; a root is the smallest place of its tree, because the greater joins the smaller.
    let mut parent: Vec<usize> = (0..order.len()).collect();
    let mut holder: HashMap<u64, usize> = HashMap::new();
    for (at, row) in order.iter().map(|at| &persons[*at]).enumerate() {
        let by_pin = row.pin.map(|pin| *holder.entry(pin).or_insert(at));
        let by_verdict = row.duplicate_of.and_then(|of| place.get(&of).copied());
        for other in [by_pin, by_verdict].into_iter().flatten() {
            let (one, two) = (root(&mut parent, at), root(&mut parent, other));
            parent[one.max(two)] = one.min(two);
        }
    }
    persons
        .iter()
        .map(|row| persons[order[root(&mut parent, place[&row.person])]].person)
        .collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

fn run(input: &RecordBatch, _params: &Params) -> Result<RecordBatch, FilterError> {
    let persons: Vec<Linked> = rows_of("persons", input)?;
    let rows = persons
        .iter()
        .zip(clusters_of(&persons))
        .map(|(row, cluster)| Clustered {
            person: row.person,
            cluster,
        });
    Ok(batch_of(rows)?)
}
