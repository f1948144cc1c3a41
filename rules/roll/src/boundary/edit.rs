//! Changing boundaries: corners that are moved, added or taken out in every outline that has them, houses of a street
//! that go to another precinct, and which addresses change their precinct by it. Nothing is enacted here.

use std::collections::BTreeSet;

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::{BoundaryRow, Extent};

use super::Placed;
use super::polygon::Point;

/// Most lines of one change.
pub const LINES_MAX: usize = 2_000;

/// What happens to a corner, in every outline that has it: neighbours keep their common edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CornerStep {
    /// It moves.
    Move {
        /// Where it is.
        from: Point,
        /// Where it goes.
        to: Point,
    },
    /// A new one on the edge between two.
    Add {
        /// The edge's ends, in any order.
        edge: [Point; 2],
        /// The new corner.
        at: Point,
    },
    /// It is taken out; its neighbours are joined.
    Remove {
        /// Where it is.
        at: Point,
    },
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
    pub corners: Vec<CornerStep>,
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
    /// A line of corners is none of the three forms of [`Edit::parse`].
    #[error(
        "corners, line {line}: must be point > point, point + point > new point, or point > -; \
         a point is longitude latitude"
    )]
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
    /// No outline has an edge between the two corners.
    #[error("corners, line {line}: no outline has an edge between these corners")]
    NoEdge {
        /// The line.
        line: usize,
    },
    /// An outline would be left with fewer than three corners.
    #[error("corners, line {line}: an outline needs three corners")]
    TooFew {
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

fn corner(line: &str) -> Option<CornerStep> {
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
    match (from.split_once('+'), to.trim()) {
        (Some((a, b)), to) => Some(CornerStep::Add {
            edge: [point(a)?, point(b)?],
            at: point(to)?,
        }),
        (None, "-") => Some(CornerStep::Remove { at: point(from)? }),
        (None, to) => Some(CornerStep::Move {
            from: point(from)?,
            to: point(to)?,
        }),
    }
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
    /// Reads a change from two texts, a line each: corners, points as `lon lat` in degrees, and
    /// `street parity from to precinct`. A corner moves by `point > point`, a new one is put on the edge between two by
    /// `point + point > new point`, and one is taken out by `point > -`.
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
    /// [`EditError::NoCorner`], [`EditError::NoEdge`], [`EditError::TooFew`], [`EditError::Outline`].
    pub fn apply(&self, boundaries: &[BoundaryRow]) -> Result<Vec<BoundaryRow>, EditError> {
        let mut rows = boundaries.to_vec();
        for (at, step) in self.corners.iter().enumerate() {
            let line = at + 1;
            let mut is_found = false;
            for row in &mut rows {
                if let Extent::Polygon(text) = &row.extent
                    && let Some(changed) = changed_outline(text, *step, (row.precinct, line))?
                {
                    is_found = true;
                    row.extent = Extent::Polygon(changed);
                }
            }
            if !is_found {
                return Err(match step {
                    CornerStep::Add { .. } => EditError::NoEdge { line },
                    CornerStep::Move { .. } | CornerStep::Remove { .. } => {
                        EditError::NoCorner { line }
                    }
                });
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

/// An outline after a step; none when it has no such corner or edge. The precinct and the line are for errors.
fn changed_outline(
    text: &str,
    step: CornerStep,
    (precinct, line): (PrecinctCode, usize),
) -> Result<Option<String>, EditError> {
    let Ok(mut geometry) = text.parse::<geojson::Geometry>() else {
        // An outline that is no geometry has no corner; the list names it as a finding.
        return Ok(None);
    };
    let rings: Vec<&mut Vec<geojson::Position>> = match &mut geometry.value {
        geojson::GeometryValue::Polygon { coordinates } => coordinates.iter_mut().collect(),
        geojson::GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter_mut().flatten().collect()
        }
        geojson::GeometryValue::Point { .. }
        | geojson::GeometryValue::MultiPoint { .. }
        | geojson::GeometryValue::LineString { .. }
        | geojson::GeometryValue::MultiLineString { .. }
        | geojson::GeometryValue::GeometryCollection { .. } => {
            return Err(EditError::Outline { precinct });
        }
    };
    let mut is_found = false;
    for ring in rings {
        let points: Option<Vec<Point>> = ring.iter().map(point_of).collect();
        // A ring with a place that is none on Earth is left as it is.
        let Some(changed) = points.and_then(|points| changed_ring(&points, step)) else {
            continue;
        };
        is_found = true;
        // Three corners, and the first once more.
        if changed.len() < 4 {
            return Err(EditError::TooFew { line });
        }
        // A place that did not change keeps its own digits.
        let mut kept: Vec<(Point, geojson::Position)> = ring
            .drain(..)
            .filter_map(|position| Some((point_of(&position)?, position)))
            .collect();
        kept.sort_by_key(|(point, _)| *point);
        ring.extend(changed.into_iter().map(|point| {
            match kept.binary_search_by_key(&point, |(known, _)| *known) {
                Ok(at) => kept[at].1.clone(),
                Err(_) => [f64::from(point.lon) / 1e6, f64::from(point.lat) / 1e6].into(),
            }
        }));
    }
    Ok(is_found.then(|| geometry.to_string()))
}

fn point_of(position: &geojson::Position) -> Option<Point> {
    let &[lon, lat, ..] = position.as_slice() else {
        return None;
    };
    Some(Point {
        lon: super::polygon::micro(lon, 180.0).ok()?,
        lat: super::polygon::micro(lat, 90.0).ok()?,
    })
}

/// A closed ring after a step; none when it has no such corner or edge.
fn changed_ring(ring: &[Point], step: CornerStep) -> Option<Vec<Point>> {
    match step {
        CornerStep::Move { from, to } => ring.contains(&from).then(|| {
            let moved = ring.iter().map(|at| if *at == from { to } else { *at });
            moved.collect()
        }),
        CornerStep::Add { edge: [a, b], at } => {
            let mut changed = Vec::with_capacity(ring.len() + 1);
            let mut is_found = false;
            for (place, point) in ring.iter().enumerate() {
                changed.push(*point);
                let next = ring.get(place + 1);
                if next.is_some_and(|next| [(a, b), (b, a)].contains(&(*point, *next))) {
                    changed.push(at);
                    is_found = true;
                }
            }
            is_found.then_some(changed)
        }
        CornerStep::Remove { at } => {
            let mut changed: Vec<Point> = ring.iter().copied().filter(|p| *p != at).collect();
            if changed.len() == ring.len() {
                return None;
            }
            // The first corner stands at both ends.
            if changed.first() != changed.last() {
                changed.extend(changed.first().copied());
            }
            Some(changed)
        }
    }
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
