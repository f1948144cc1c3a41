//! Changing boundaries: corners that are moved in every outline that has them, houses of a street that go to another
//! precinct, and which addresses change their precinct by it. Nothing is enacted here.

use std::collections::BTreeSet;

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::{BoundaryRow, Extent};

use super::Placed;
use super::polygon::Point;

/// Most lines of one change.
pub const LINES_MAX: usize = 2_000;

/// A corner that moves, in every outline that has it: neighbours keep their common edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CornerMove {
    /// Where it is.
    pub from: Point,
    /// Where it goes.
    pub to: Point,
}

/// Houses of a street that go to a precinct, out of every range that holds them now.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RangeMove {
    /// The street's id.
    pub street: String,
    /// `all`, `odd` or `even`.
    pub parity: String,
    /// First number.
    pub from: u32,
    /// Last number.
    pub to: u32,
    /// Where they go.
    pub precinct: PrecinctCode,
}

/// A change of boundaries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edit {
    /// Corners, applied in this order.
    pub corners: Vec<CornerMove>,
    /// Ranges, applied in this order.
    pub ranges: Vec<RangeMove>,
}

/// Why a change cannot be made; who writes it mends the line. Lines count from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditError {
    /// It changes nothing.
    #[error("the change has no line")]
    Empty,
    /// More lines than [`LINES_MAX`].
    #[error("the change has too many lines")]
    TooLong,
    /// A line of corners is not `lon lat > lon lat`.
    #[error("corners, line {line}: must be longitude latitude > longitude latitude")]
    Corner {
        /// The line.
        line: usize,
    },
    /// No outline has the corner.
    #[error("corners, line {line}: no outline has this corner")]
    NoCorner {
        /// The line.
        line: usize,
    },
    /// A line of ranges is not `street parity from to precinct`.
    #[error("ranges, line {line}: must be street, all, odd or even, first, last, precinct")]
    Range {
        /// The line.
        line: usize,
    },
    /// An outline that cannot be read would have to be changed.
    #[error("precinct {precinct} has an outline that cannot be read")]
    Outline {
        /// Its precinct.
        precinct: PrecinctCode,
    },
}

fn degrees(text: &str, limit: f64) -> Option<i32> {
    super::polygon::micro(text.parse().ok()?, limit).ok()
}

fn corner(line: &str) -> Option<CornerMove> {
    let (from, to) = line.split_once('>')?;
    let point = |text: &str| {
        let mut parts = text.split_whitespace();
        let (lon, lat) = (parts.next()?, parts.next()?);
        let found = Point {
            lon: degrees(lon, 180.0)?,
            lat: degrees(lat, 90.0)?,
        };
        parts.next().is_none().then_some(found)
    };
    Some(CornerMove {
        from: point(from)?,
        to: point(to)?,
    })
}

fn range(line: &str) -> Option<RangeMove> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let &[street, parity, from, to, precinct] = parts.as_slice() else {
        return None;
    };
    let found = RangeMove {
        street: street.to_owned(),
        parity: ["all", "odd", "even"]
            .into_iter()
            .find(|known| *known == parity)?
            .to_owned(),
        from: from.parse().ok()?,
        to: to.parse().ok()?,
        precinct: precinct.parse().ok()?,
    };
    (found.from <= found.to).then_some(found)
}

fn lines<T>(
    text: &str,
    read: fn(&str) -> Option<T>,
    wrong: fn(usize) -> EditError,
) -> Result<Vec<T>, EditError> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| read(line.trim()).ok_or(wrong(at + 1)))
        .collect()
}

impl Edit {
    /// Reads a change from two texts: `lon lat > lon lat` in degrees, and `street parity from to precinct`, a line each.
    ///
    /// # Errors
    /// [`EditError`] naming the line.
    pub fn parse(corners: &str, ranges: &str) -> Result<Self, EditError> {
        if corners.lines().count() + ranges.lines().count() > LINES_MAX {
            return Err(EditError::TooLong);
        }
        let edit = Self {
            corners: lines(corners, corner, |line| EditError::Corner { line })?,
            ranges: lines(ranges, range, |line| EditError::Range { line })?,
        };
        if edit.corners.is_empty() && edit.ranges.is_empty() {
            return Err(EditError::Empty);
        }
        Ok(edit)
    }

    /// The boundaries after the change, those of untouched precincts as they are.
    ///
    /// # Errors
    /// [`EditError::NoCorner`], [`EditError::Outline`].
    pub fn apply(&self, boundaries: &[BoundaryRow]) -> Result<Vec<BoundaryRow>, EditError> {
        let mut rows = boundaries.to_vec();
        for (at, step) in self.corners.iter().enumerate() {
            let mut has_corner = false;
            for row in &mut rows {
                if let Extent::Polygon(text) = &row.extent
                    && let Some(moved) = moved_outline(text, *step, row.precinct)?
                {
                    has_corner = true;
                    row.extent = Extent::Polygon(moved);
                }
            }
            if !has_corner {
                return Err(EditError::NoCorner { line: at + 1 });
            }
        }
        for step in &self.ranges {
            rows = rows
                .into_iter()
                .flat_map(|row| without(row, step))
                .collect();
            rows.push(BoundaryRow {
                precinct: step.precinct,
                extent: Extent::Range {
                    street: step.street.clone(),
                    parity: step.parity.clone(),
                    from: step.from,
                    to: step.to,
                },
            });
        }
        Ok(rows)
    }
}

/// An outline with a corner moved; none when it has no such corner.
fn moved_outline(
    text: &str,
    step: CornerMove,
    precinct: PrecinctCode,
) -> Result<Option<String>, EditError> {
    let unreadable = EditError::Outline { precinct };
    let Ok(mut geometry) = text.parse::<geojson::Geometry>() else {
        // An outline that is no geometry has no corner; the list names it as a finding.
        return Ok(None);
    };
    let mut found = false;
    let mut turn = |line: &mut Vec<geojson::Position>| {
        for position in line {
            let &[lon, lat, ..] = position.as_slice() else {
                return;
            };
            let at = (
                super::polygon::micro(lon, 180.0),
                super::polygon::micro(lat, 90.0),
            );
            if at == (Ok(step.from.lon), Ok(step.from.lat)) {
                found = true;
                *position = [f64::from(step.to.lon) / 1e6, f64::from(step.to.lat) / 1e6].into();
            }
        }
    };
    match &mut geometry.value {
        geojson::GeometryValue::Polygon { coordinates } => coordinates.iter_mut().for_each(turn),
        geojson::GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter_mut().flatten().for_each(&mut turn);
        }
        geojson::GeometryValue::Point { .. }
        | geojson::GeometryValue::MultiPoint { .. }
        | geojson::GeometryValue::LineString { .. }
        | geojson::GeometryValue::MultiLineString { .. }
        | geojson::GeometryValue::GeometryCollection { .. } => return Err(unreadable),
    }
    Ok(found.then(|| geometry.to_string()))
}

/// What is left of a parity when another is taken out of it.
fn parity_left(held: &str, taken: &str) -> Option<&'static str> {
    match (held, taken) {
        ("all", "odd") => Some("even"),
        ("all", "even") => Some("odd"),
        (_, _) => None,
    }
}

/// A boundary row without the houses of a range.
fn without(row: BoundaryRow, step: &RangeMove) -> Vec<BoundaryRow> {
    let Extent::Range {
        street,
        parity,
        from,
        to,
    } = &row.extent
    else {
        return vec![row];
    };
    let apart = (parity == "odd" && step.parity == "even")
        || (parity == "even" && step.parity == "odd")
        || *to < step.from
        || *from > step.to;
    if *street != step.street || apart {
        return vec![row];
    }
    let mut pieces = Vec::new();
    if *from < step.from {
        pieces.push((parity.as_str(), *from, step.from - 1));
    }
    if let Some(left) = parity_left(parity, &step.parity) {
        pieces.push((left, (*from).max(step.from), (*to).min(step.to)));
    }
    if *to > step.to {
        pieces.push((parity.as_str(), step.to + 1, *to));
    }
    let piece = |(parity, from, to): (&str, u32, u32)| BoundaryRow {
        precinct: row.precinct,
        extent: Extent::Range {
            street: street.clone(),
            parity: parity.to_owned(),
            from,
            to,
        },
    };
    pieces.into_iter().map(piece).collect()
}

/// Precincts whose boundaries differ between two sets of rows, in any order.
#[must_use]
pub fn touched(before: &[BoundaryRow], after: &[BoundaryRow]) -> BTreeSet<PrecinctCode> {
    let keys = |rows: &[BoundaryRow]| {
        let mut keys: Vec<(PrecinctCode, String)> = rows
            .iter()
            .map(|row| (row.precinct, format!("{:?}", row.extent)))
            .collect();
        keys.sort();
        keys
    };
    let (before, after) = (keys(before), keys(after));
    let only = |of: &[(PrecinctCode, String)], other: &[(PrecinctCode, String)]| {
        of.iter()
            .filter(|key| other.binary_search(key).is_err())
            .map(|(precinct, _)| *precinct)
            .collect::<BTreeSet<_>>()
    };
    let mut touched = only(&before, &after);
    touched.extend(only(&after, &before));
    touched
}

/// Places of addresses whose precinct changes, with the precinct before and after.
pub fn moved<'p>(
    before: &'p [Option<Placed>],
    after: &'p [Option<Placed>],
) -> impl Iterator<Item = (usize, Option<PrecinctCode>, Option<PrecinctCode>)> + 'p {
    before
        .iter()
        .zip(after)
        .enumerate()
        .map(|(at, (before, after))| {
            (
                at,
                before.map(|placed| placed.precinct),
                after.map(|placed| placed.precinct),
            )
        })
        .filter(|(_, before, after)| before != after)
}

#[cfg(test)]
mod tests;
