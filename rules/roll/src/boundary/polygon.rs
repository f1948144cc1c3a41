//! Polygons on integer micro-degrees.

use lexicon::PrecinctCode;
use rstar::{AABB, Envelope as _, PointDistance, RTreeObject};

/// A point, micro-degrees WGS 84. In the tree coordinates are `i64`: areas overflow an `i32`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Point {
    /// Longitude.
    pub lon: i32,
    /// Latitude.
    pub lat: i32,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    from: Point,
    to: Point,
}

/// A Polygon or MultiPolygon with its edges sorted into bands of latitude.
///
/// A point is tried against the edges of its own band only: with 500 corners that is about ten.
#[derive(Debug)]
pub struct Shape {
    precinct: PrecinctCode,
    low: Point,
    high: Point,
    bands: Vec<Vec<Edge>>,
}

/// Why a geometry is no boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShapeError {
    /// The text is no GeoJSON geometry.
    NotGeoJson,
    /// The geometry is neither Polygon nor MultiPolygon.
    NotArea,
    /// A coordinate is no longitude and latitude.
    Coordinate,
    /// A ring has fewer than three corners.
    Ring,
    /// Two edges of the rings cross.
    Crossing,
}

impl ShapeError {
    /// A sentence for the engineer.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            ShapeError::NotGeoJson => "the polygon is no GeoJSON geometry",
            ShapeError::NotArea => "the geometry is neither Polygon nor MultiPolygon",
            ShapeError::Coordinate => "a coordinate is no longitude and latitude in degrees",
            ShapeError::Ring => "a ring has fewer than three corners",
            ShapeError::Crossing => "the ring crosses itself",
        }
    }
}

pub(super) fn micro(degrees: f64, limit: f64) -> Result<i32, ShapeError> {
    if !degrees.is_finite() || degrees.abs() > limit {
        return Err(ShapeError::Coordinate);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 180 million after the check"
    )]
    Ok((degrees * 1e6).round() as i32)
}

fn ring_of(line: &[geojson::Position]) -> Result<Vec<Point>, ShapeError> {
    let mut ring = Vec::with_capacity(line.len());
    for position in line {
        let &[lon, lat, ..] = position.as_slice() else {
            return Err(ShapeError::Coordinate);
        };
        let point = Point {
            lon: micro(lon, 180.0)?,
            lat: micro(lat, 90.0)?,
        };
        if ring.last() != Some(&point) {
            ring.push(point);
        }
    }
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() < 3 {
        Err(ShapeError::Ring)
    } else {
        Ok(ring)
    }
}

impl Shape {
    /// Reads a GeoJSON geometry; holes and several parts count by the even-odd rule.
    ///
    /// # Errors
    /// [`ShapeError`] when it is no usable area.
    pub fn parse(precinct: PrecinctCode, text: &str) -> Result<Self, ShapeError> {
        let geometry: geojson::Geometry = text.parse().map_err(|_| ShapeError::NotGeoJson)?;
        let polygons = match geometry.value {
            geojson::GeometryValue::Polygon { coordinates } => vec![coordinates],
            geojson::GeometryValue::MultiPolygon { coordinates } => coordinates,
            geojson::GeometryValue::Point { .. }
            | geojson::GeometryValue::MultiPoint { .. }
            | geojson::GeometryValue::LineString { .. }
            | geojson::GeometryValue::MultiLineString { .. }
            | geojson::GeometryValue::GeometryCollection { .. } => return Err(ShapeError::NotArea),
        };
        let mut edges = Vec::new();
        for line in polygons.iter().flatten() {
            let ring = ring_of(line)?;
            for at in 0..ring.len() {
                edges.push(Edge {
                    from: ring[at],
                    to: ring[(at + 1) % ring.len()],
                });
            }
        }
        Self::of_edges(precinct, edges)
    }

    fn of_edges(precinct: PrecinctCode, edges: Vec<Edge>) -> Result<Self, ShapeError> {
        let points = || edges.iter().map(|edge| edge.from);
        let low = Point {
            lon: points().map(|p| p.lon).min().ok_or(ShapeError::Ring)?,
            lat: points().map(|p| p.lat).min().ok_or(ShapeError::Ring)?,
        };
        let high = Point {
            lon: points().map(|p| p.lon).max().ok_or(ShapeError::Ring)?,
            lat: points().map(|p| p.lat).max().ok_or(ShapeError::Ring)?,
        };
        let count = (edges.len() / 2).clamp(1, 256);
        let mut shape = Self {
            precinct,
            low,
            high,
            bands: vec![Vec::new(); count],
        };
        for edge in edges {
            let first = shape.band(edge.from.lat.min(edge.to.lat));
            let last = shape.band(edge.from.lat.max(edge.to.lat));
            for band in first..=last {
                shape.bands[band].push(edge);
            }
        }
        if shape.crosses_itself() {
            Err(ShapeError::Crossing)
        } else {
            Ok(shape)
        }
    }

    fn band(&self, lat: i32) -> usize {
        let height = i64::from(self.high.lat) - i64::from(self.low.lat) + 1;
        let up = (i64::from(lat) - i64::from(self.low.lat)).clamp(0, height - 1);
        usize::try_from(up * self.bands.len() as i64 / height).unwrap_or(0)
    }

    /// The precinct it belongs to.
    #[must_use]
    pub fn precinct(&self) -> PrecinctCode {
        self.precinct
    }

    /// The south-western corner of its box.
    #[must_use]
    pub fn low(&self) -> Point {
        self.low
    }

    /// The north-eastern corner of its box.
    #[must_use]
    pub fn high(&self) -> Point {
        self.high
    }

    /// Latitudes of its corners; some come more than once.
    pub(super) fn corner_lats(&self) -> impl Iterator<Item = i32> {
        self.bands.iter().flatten().map(|edge| edge.from.lat)
    }

    /// Its outermost corners: west, east, south, north.
    pub(super) fn outermost(&self) -> [Point; 4] {
        let mut found = [self.low, self.high, self.low, self.high];
        for edge in self.bands.iter().flatten() {
            let p = edge.from;
            for (place, is_it) in found.iter_mut().zip([
                p.lon == self.low.lon,
                p.lon == self.high.lon,
                p.lat == self.low.lat,
                p.lat == self.high.lat,
            ]) {
                if is_it {
                    *place = p;
                }
            }
        }
        found
    }

    /// What it covers of the line at `lat8` eighths of a micro-degree, west to east.
    ///
    /// The crossing rule is that of [`Shape::holds`]; ends are rounded down to micro-degrees.
    pub(super) fn stretches(&self, lat8: i64) -> Vec<(i64, i64)> {
        let lat = i32::try_from(lat8.div_euclid(8)).unwrap_or(i32::MAX);
        if !(self.low.lat..=self.high.lat).contains(&lat) {
            return Vec::new();
        }
        let mut ends: Vec<i64> = Vec::new();
        for edge in &self.bands[self.band(lat)] {
            let (a, b) = (edge.from, edge.to);
            let above = |p: Point| i64::from(p.lat) * 8 > lat8;
            if above(a) != above(b) {
                let rise = i64::from(b.lat) - i64::from(a.lat);
                let run = i64::from(b.lon) - i64::from(a.lon);
                // Below 3.6·10⁸ · 1.5·10⁹: an `i64` holds it.
                let step = (run * (lat8 - i64::from(a.lat) * 8)).div_euclid(rise * 8);
                ends.push(i64::from(a.lon) + step);
            }
        }
        ends.sort_unstable();
        ends.chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect()
    }

    /// Whether the point lies inside, by the half-open crossing rule.
    ///
    /// A horizontal ray to the east is crossed by an edge when exactly one end lies above the
    /// point; a point on an edge shared by two polygons is inside exactly one of them.
    #[must_use]
    pub fn holds(&self, point: Point) -> bool {
        if !(self.low.lat..=self.high.lat).contains(&point.lat) {
            return false;
        }
        let crossings = self.bands[self.band(point.lat)]
            .iter()
            .filter(|edge| {
                let (a, b) = (edge.from, edge.to);
                if (a.lat > point.lat) == (b.lat > point.lat) {
                    return false;
                }
                // The side of the edge in integers: no rounding, and the same from both polygons.
                let (low, high) = if a.lat < b.lat { (a, b) } else { (b, a) };
                turn(low, high, point) > 0
            })
            .count();
        crossings % 2 == 1
    }

    fn crosses_itself(&self) -> bool {
        self.bands.iter().any(|band| {
            band.iter().enumerate().any(|(at, one)| {
                band[at + 1..]
                    .iter()
                    .any(|other| proper_crossing(one, other))
            })
        })
    }
}

/// Twice the area of the triangle: positive when `c` lies to the left of `a → b`.
///
/// Differences are below 3.6·10⁸, products below 1.3·10¹⁷: an `i64` holds them.
fn turn(a: Point, b: Point, c: Point) -> i64 {
    let d = |x: i32, y: i32| i64::from(x) - i64::from(y);
    d(b.lon, a.lon) * d(c.lat, a.lat) - d(b.lat, a.lat) * d(c.lon, a.lon)
}

fn proper_crossing(one: &Edge, other: &Edge) -> bool {
    let sides = |e: &Edge, p: Point| turn(e.from, e.to, p).signum();
    sides(one, other.from) * sides(one, other.to) < 0
        && sides(other, one.from) * sides(other, one.to) < 0
}

impl RTreeObject for Shape {
    type Envelope = AABB<[i64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(
            [self.low.lon.into(), self.low.lat.into()],
            [self.high.lon.into(), self.high.lat.into()],
        )
    }
}

impl PointDistance for Shape {
    fn distance_2(&self, point: &[i64; 2]) -> i64 {
        self.envelope().distance_2(point)
    }

    fn contains_point(&self, point: &[i64; 2]) -> bool {
        self.envelope().contains_point(point)
    }
}
