//! Outlines of territories in exact integers, and cutting them in two.
//!
//! Coordinates are integers in 1e-7 degrees. Vertices of the data are multiples of 100, cuts lie
//! at 50 beyond a multiple of 100, houses never do: no point is ever on a cut, and every
//! question has an exact answer.

/// A place on the map: longitude and latitude in 1e-7 degrees (about 1 cm).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Point {
    /// Longitude.
    pub x: i64,
    /// Latitude.
    pub y: i64,
}

impl Point {
    /// From degrees, to the nearest 1e-6 degree.
    #[must_use]
    pub(crate) fn degrees(lon: f64, lat: f64) -> Point {
        Point {
            x: (lon * 1e6).round() as i64 * 10,
            y: (lat * 1e6).round() as i64 * 10,
        }
    }

    fn along(self, axis: Axis) -> i64 {
        match axis {
            Axis::Lon => self.x,
            Axis::Lat => self.y,
        }
    }

    fn across(self, axis: Axis) -> i64 {
        match axis {
            Axis::Lon => self.y,
            Axis::Lat => self.x,
        }
    }
}

/// Which coordinate a cut fixes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Axis {
    Lon,
    Lat,
}

/// A territory: closed rings (first point not repeated), inside by the even–odd rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub rings: Vec<Vec<Point>>,
    pub low: (i64, i64),
    pub high: (i64, i64),
}

impl Outline {
    pub(crate) fn new(rings: Vec<Vec<Point>>) -> Outline {
        let rings: Vec<Vec<Point>> = rings.into_iter().filter(|r| r.len() >= 3).collect();
        let points = || rings.iter().flatten();
        let low = (
            points().map(|p| p.x).min().unwrap_or(0),
            points().map(|p| p.y).min().unwrap_or(0),
        );
        let high = (
            points().map(|p| p.x).max().unwrap_or(0),
            points().map(|p| p.y).max().unwrap_or(0),
        );
        Outline { rings, low, high }
    }

    /// Whether a point lies inside. Exact; cost: one pass over the vertices.
    pub(crate) fn contains(&self, p: Point) -> bool {
        if p.x < self.low.0 || p.x > self.high.0 || p.y < self.low.1 || p.y > self.high.1 {
            return false;
        }
        let mut inside = false;
        for ring in &self.rings {
            let mut a = ring[ring.len() - 1];
            for &b in ring {
                if (a.y > p.y) != (b.y > p.y) {
                    let turn = (b.x - a.x) * (p.y - a.y) - (p.x - a.x) * (b.y - a.y);
                    if (turn > 0) == (b.y > a.y) {
                        inside = !inside;
                    }
                }
                a = b;
            }
        }
        inside
    }

    /// Cuts at `at` (50 beyond a multiple of 100) into the part below and the part above.
    pub(crate) fn cut(&self, axis: Axis, at: i64) -> (Outline, Outline) {
        let mut crossings: Vec<Crossing> = Vec::new();
        for (ring, points) in self.rings.iter().enumerate() {
            for edge in 0..points.len() {
                let (a, b) = (points[edge], points[(edge + 1) % points.len()]);
                if (a.along(axis) < at) != (b.along(axis) < at) {
                    crossings.push(Crossing {
                        ring,
                        edge,
                        across: meet(a, b, axis, at),
                    });
                }
            }
        }
        crossings.sort_by_key(|c| (c.across, c.ring, c.edge));
        (
            self.side(axis, at, &crossings, true),
            self.side(axis, at, &crossings, false),
        )
    }

    /// One side of a cut: walks the rings, and along the cut from one crossing to its partner.
    fn side(&self, axis: Axis, at: i64, crossings: &[Crossing], below: bool) -> Outline {
        let here = |p: Point| (p.along(axis) < at) == below;
        let on_cut = |c: &Crossing| match axis {
            Axis::Lon => Point { x: at, y: c.across },
            Axis::Lat => Point { x: c.across, y: at },
        };
        let place = |ring: usize, edge: usize| {
            crossings
                .iter()
                .position(|c| c.ring == ring && c.edge == edge)
        };
        let mut used = vec![false; crossings.len()];
        let mut rings: Vec<Vec<Point>> = Vec::new();
        for (ring, points) in self.rings.iter().enumerate() {
            if !crossings.iter().any(|c| c.ring == ring) && here(points[0]) {
                rings.push(points.clone());
            }
        }
        for start in 0..crossings.len() {
            let entry = &crossings[start];
            let points = &self.rings[entry.ring];
            // Start only where the ring comes into this side.
            if used[start] || !here(points[(entry.edge + 1) % points.len()]) {
                continue;
            }
            let mut walk = Vec::new();
            let mut at_crossing = start;
            while !used[at_crossing] {
                used[at_crossing] = true;
                let entry = &crossings[at_crossing];
                walk.push(on_cut(entry));
                let points = &self.rings[entry.ring];
                let mut edge = (entry.edge + 1) % points.len();
                while here(points[edge]) {
                    walk.push(points[edge]);
                    if !here(points[(edge + 1) % points.len()]) {
                        break;
                    }
                    edge = (edge + 1) % points.len();
                }
                let Some(exit) = place(entry.ring, edge) else {
                    break;
                };
                used[exit] = true;
                walk.push(on_cut(&crossings[exit]));
                at_crossing = exit ^ 1;
                if at_crossing >= crossings.len() {
                    break;
                }
            }
            walk.dedup();
            rings.push(walk);
        }
        Outline::new(rings)
    }

    /// The territory as a GeoJSON geometry, 7 decimals, outer rings counter-clockwise.
    pub(crate) fn geojson(&self) -> String {
        let polygons = self.polygons();
        let mut text = String::from(if polygons.len() == 1 {
            r#"{"type":"Polygon","coordinates":"#
        } else {
            r#"{"type":"MultiPolygon","coordinates":["#
        });
        for (n, polygon) in polygons.iter().enumerate() {
            text.push_str(if n == 0 { "[" } else { ",[" });
            for (m, ring) in polygon.iter().enumerate() {
                text.push_str(if m == 0 { "[" } else { ",[" });
                for point in ring.iter().chain(ring.first()) {
                    if !text.ends_with('[') {
                        text.push(',');
                    }
                    text.push_str(&format!("[{},{}]", degrees(point.x), degrees(point.y)));
                }
                text.push(']');
            }
            text.push(']');
        }
        text.push_str(if polygons.len() == 1 { "}" } else { "]}" });
        text
    }

    /// Rings grouped: each outer ring with the holes directly inside it.
    fn polygons(&self) -> Vec<Vec<Vec<Point>>> {
        let depth = |index: usize| {
            let probe = self.rings[index][0];
            let inside = |other: usize| {
                let ring = Outline::new(vec![self.rings[other].clone()]);
                ring.contains(probe) && other != index
            };
            (0..self.rings.len())
                .filter(|&other| inside(other))
                .collect::<Vec<_>>()
        };
        let holders: Vec<Vec<usize>> = (0..self.rings.len()).map(depth).collect();
        let mut polygons: Vec<(usize, Vec<Vec<Point>>)> = Vec::new();
        for (index, holder) in holders.iter().enumerate() {
            if holder.len() % 2 == 0 {
                polygons.push((index, vec![turned(&self.rings[index], true)]));
            }
        }
        for (index, holder) in holders.iter().enumerate() {
            if holder.len() % 2 == 1 {
                let owner = holder.iter().max_by_key(|&&h| holders[h].len());
                let polygon = polygons.iter_mut().find(|(outer, _)| Some(outer) == owner);
                if let Some((_, rings)) = polygon {
                    rings.push(turned(&self.rings[index], false));
                }
            }
        }
        polygons.into_iter().map(|(_, rings)| rings).collect()
    }

    #[cfg(test)]
    /// Area, as a plain number for comparing (square degrees, longitudes not shortened).
    pub(crate) fn area(&self) -> f64 {
        self.polygons()
            .iter()
            .flatten()
            .map(|ring| twice_area(ring) as f64 / 2e14)
            .sum()
    }
}

struct Crossing {
    ring: usize,
    edge: usize,
    across: i64,
}

/// Where an edge meets the cut: to the nearest unit, never 50 beyond a multiple of 100.
fn meet(a: Point, b: Point, axis: Axis, at: i64) -> i64 {
    // From the lower end, so that both sides of a shared border get the same number.
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    let run = b.along(axis) - a.along(axis);
    let rise = (b.across(axis) - a.across(axis)) as f64;
    let met = a.across(axis) + (rise * (at - a.along(axis)) as f64 / run as f64).round() as i64;
    if met.rem_euclid(100) == 50 {
        met + 1
    } else {
        met
    }
}

fn twice_area(ring: &[Point]) -> i128 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y))
        .sum()
}

fn turned(ring: &[Point], counter_clockwise: bool) -> Vec<Point> {
    let mut ring = ring.to_vec();
    if (twice_area(&ring) > 0) != counter_clockwise {
        ring.reverse();
    }
    ring
}

/// 1e-7 degrees as a decimal number.
pub(crate) fn degrees(value: i64) -> String {
    let text = format!(
        "{}{}.{:07}",
        if value < 0 { "-" } else { "" },
        value.abs() / 10_000_000,
        value.abs() % 10_000_000
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
