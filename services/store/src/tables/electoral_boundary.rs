//! Table `electoral_boundary`: polygons and street ranges of precincts. Rows never change.

use lexicon::handover::snapshot::{BoundaryRow, Extent};
use lexicon::{Instant, PrecinctCode};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_boundary (id, precinct, geojson, street, parity, house_from, house_to, import_hash)",
    columns: 8,
    then: "",
};

/// A boundary's own key: it has no id at its source, so its content names it.
pub(crate) fn boundary_key(row: &BoundaryRow) -> String {
    match &row.extent {
        Extent::Polygon(text) => {
            format!(
                "{} polygon {:016x}",
                row.precinct,
                super::content_mark(&[text.as_bytes()])
            )
        }
        Extent::Range {
            street,
            parity,
            from,
            to,
        } => {
            format!("{} {street} {parity} {from:06} {to:06}", row.precinct)
        }
    }
}

/// The columns geojson, street, parity, house_from, house_to of an extent.
pub(super) fn extent_values(extent: &Extent) -> Vec<Value> {
    let nothing: Option<&str> = None;
    match extent {
        Extent::Polygon(text) => values![text.as_str(), nothing, nothing, None::<u32>, None::<u32>],
        Extent::Range {
            street,
            parity,
            from,
            to,
        } => values![nothing, street.as_str(), parity.as_str(), *from, *to],
    }
}

impl Tx<'_> {
    /// Records boundaries, each with its mark.
    pub(crate) fn record_boundaries(
        &mut self,
        boundaries: &[(BoundaryRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(boundaries.len() * INSERT.columns);
        for (row, mark) in boundaries {
            table.extend(values![boundary_key(row), u32::from(row.precinct.number())]);
            table.extend(extent_values(&row.extent));
            table.push(Value::from(*mark));
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Key and mark of every boundary.
    pub(crate) fn marks_of_boundaries(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT id, import_hash FROM electoral_boundary",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// All boundaries in force now, by precinct, then by kind and content.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_boundaries(&mut self) -> Result<Vec<BoundaryRow>, StoreError> {
        let at = self.at;
        self.boundaries_by(at)
    }

    /// All boundaries at a moment, also a later one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn boundaries_by(&mut self, at: Instant) -> Result<Vec<BoundaryRow>, StoreError> {
        let rows = self.collect(
            "SELECT precinct, geojson, street, parity, house_from, house_to FROM electoral_boundary \
             ORDER BY precinct, id",
            Vec::new(),
            read_boundary,
        )?;
        self.boundaries_at(rows, at)
    }

    /// The boundaries of one precinct in force now, by content.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn boundaries_of(
        &mut self,
        precinct: PrecinctCode,
    ) -> Result<Vec<BoundaryRow>, StoreError> {
        let rows = self.collect(
            "SELECT precinct, geojson, street, parity, house_from, house_to FROM electoral_boundary \
             WHERE precinct = $1 ORDER BY id",
            values![u32::from(precinct.number())],
            read_boundary,
        )?;
        let at = self.at;
        let mut rows = self.boundaries_at(rows, at)?;
        rows.retain(|row| row.precinct == precinct);
        Ok(rows)
    }
}

pub(crate) fn read_boundary(row: &Row) -> Result<BoundaryRow, StoreError> {
    let extent = match row.some_text(1)? {
        Some(text) => Extent::Polygon(text.to_owned()),
        None => Extent::Range {
            street: row.text(2)?.to_owned(),
            parity: row.text(3)?.to_owned(),
            from: row.number(4)?,
            to: row.number(5)?,
        },
    };
    Ok(BoundaryRow {
        precinct: read_precinct(row, 0)?,
        extent,
    })
}
