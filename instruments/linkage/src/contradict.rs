//! What cannot be true of one person, looked for among records that were linked.

use crate::compare::Comparer;
use crate::model::Model;
use crate::prepare::Prepared;

/// Which list a record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The left list, or the only one.
    Left,
    /// The right list.
    Right,
}

/// Two records of one cluster that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradicting {
    /// Number of the cluster: place in [`crate::Linked::clusters`] when de-duplicating, when linking the row of the
    /// left record that all were linked to.
    pub cluster: u32,
    /// Side and row of one record.
    pub one: (Side, u32),
    /// Side and row of the other.
    pub other: (Side, u32),
    /// Index of the contradiction in the model.
    pub what: usize,
}

/// Contradictions among the members of each cluster; members are positions.
pub(crate) fn contradictions(
    prepared: &Prepared,
    model: &Model,
    clusters: &[(u32, Vec<(Side, u32)>)],
) -> Vec<Contradicting> {
    let mut found = Vec::new();
    if model.contradictions.is_empty() {
        return found;
    }
    let mut comparer = Comparer::new(prepared, model);
    let records = |side: Side| match side {
        Side::Left => &prepared.left,
        Side::Right => prepared.right(),
    };
    for (cluster, members) in clusters {
        for (place, &(side, position)) in members.iter().enumerate() {
            for &(other_side, other) in &members[place + 1..] {
                let (a, b) = (records(side), records(other_side));
                let held = comparer.contradictions(a.at(position), b.at(other));
                found.extend(held.into_iter().map(|what| Contradicting {
                    cluster: *cluster,
                    one: (side, a.order[position as usize]),
                    other: (other_side, b.order[other as usize]),
                    what,
                }));
            }
        }
    }
    found
}
