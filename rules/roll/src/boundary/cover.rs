//! How the polygons of the precincts cover the land: overlaps, gaps and enclaves as areas.
//!
//! `Territory::place` finds faults where a house stands; these are faults where none stands yet. All is
//! counted in integers along lines of equal latitude, so the same polygons give the same findings anywhere.
//! An area is an estimate (four lines in each strip between corners); slivers below [`AREA_MIN`], which
//! rounding to micro-degrees makes along every common edge, are no finding.

use lexicon::PrecinctCode;

use super::polygon::{Point, Shape};
use super::{Finding, Territory};

/// Smallest area that is a finding, square micro-degrees: about 100 m² at 42° north.
pub const AREA_MIN: i64 = 11_000;
/// Distance of the lines on which gaps are sought, micro-degrees: about 22 m.
pub const GAP_STEP: i32 = 200;
/// Narrowest gap on a line, micro-degrees: about 2 m.
const GAP_WIDTH_MIN: i64 = 20;

/// A stretch of a line, west to east, half-open.
type Stretch = (i64, i64);

impl Territory {
    /// Overlaps of two polygons, gaps that polygons enclose, precincts enclosed by one other.
    ///
    /// Ordered by kind, precinct and place. Cost: about 1 s for 2,374 polygons of 200 corners.
    #[must_use]
    pub fn cover_findings(&self) -> Vec<Finding> {
        let mut shapes: Vec<&Shape> = self.shapes.iter().collect();
        shapes.sort_by_key(|shape| (shape.precinct(), shape.low(), shape.high()));
        let mut findings = Vec::new();
        for (at, one) in shapes.iter().enumerate() {
            for other in &shapes[at + 1..] {
                if !boxes_meet(one, other) || one.precinct() == other.precinct() {
                    continue;
                }
                let area = overlap_area(one, other);
                if area >= AREA_MIN {
                    findings.push(Finding::AreaOverlap {
                        precincts: [one.precinct(), other.precinct()],
                        square_metres: square_metres(area, one.low().lat),
                    });
                }
                enclave(one, other, &mut findings);
                enclave(other, one, &mut findings);
            }
        }
        findings.extend(gaps(&shapes));
        findings
    }
}

fn boxes_meet(a: &Shape, b: &Shape) -> bool {
    a.low().lon <= b.high().lon
        && b.low().lon <= a.high().lon
        && a.low().lat <= b.high().lat
        && b.low().lat <= a.high().lat
}

/// Square metres of an area in square micro-degrees; the length of a degree by a table of cosines in
/// thousandths, one a degree, so that no library's rounding matters.
fn square_metres(area: i64, lat: i32) -> u64 {
    const COS_THOUSANDTHS: [i64; 10] = [1000, 985, 940, 866, 766, 643, 500, 342, 174, 0];
    let degrees = i64::from(lat.abs()) / 1_000_000;
    let (from, rest) = ((degrees / 10).clamp(0, 8) as usize, degrees % 10);
    let cosine = (COS_THOUSANDTHS[from] * (10 - rest) + COS_THOUSANDTHS[from + 1] * rest) / 10;
    // A micro-degree of latitude is 0.11132 m: its square is 0.012392 m².
    u64::try_from(area / 1000 * cosine / 1000 * 12_392 / 1000).unwrap_or(0)
}

/// Common area of two polygons, square micro-degrees.
fn overlap_area(a: &Shape, b: &Shape) -> i64 {
    let low = i64::from(a.low().lat.max(b.low().lat));
    let high = i64::from(a.high().lat.min(b.high().lat));
    let mut levels: Vec<i64> = a
        .corner_lats()
        .chain(b.corner_lats())
        .map(i64::from)
        .collect();
    levels.retain(|lat| (low..=high).contains(lat));
    levels.extend([low, high]);
    levels.sort_unstable();
    levels.dedup();
    let mut area = 0;
    for strip in levels.windows(2) {
        let height = strip[1] - strip[0];
        // Eighths of a micro-degree: a line never runs through a corner.
        let lengths = [1, 3, 5, 7].map(|eighth| {
            let lat8 = strip[0] * 8 + height * eighth;
            common_length(&a.stretches(lat8), &b.stretches(lat8))
        });
        area += lengths.iter().sum::<i64>() * height / 4;
    }
    area
}

fn common_length(a: &[Stretch], b: &[Stretch]) -> i64 {
    let (mut i, mut j, mut length) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let (from, to) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
        length += (to - from).max(0);
        if a[i].1 < b[j].1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    length
}

/// Whether `inner` lies in a hole of `outer`: just outside each of its four outermost corners is `outer`.
fn enclave(inner: &Shape, outer: &Shape, findings: &mut Vec<Finding>) {
    let (low, high) = (inner.low(), inner.high());
    let inside = outer.low().lon < low.lon
        && outer.low().lat < low.lat
        && outer.high().lon > high.lon
        && outer.high().lat > high.lat;
    if !inside {
        return;
    }
    let beyond = |corner: Point, lon: i32, lat: i32| Point {
        lon: corner.lon + lon,
        lat: corner.lat + lat,
    };
    let [west, east, south, north] = inner.outermost();
    let around = [
        beyond(west, -1, 0),
        beyond(east, 1, 0),
        beyond(south, 0, -1),
        beyond(north, 0, 1),
    ];
    // A point within: a corner may count to either side.
    let middle = i32::midpoint(low.lat, high.lat);
    let stretch = inner.stretches(i64::from(middle) * 8 + 1).first().copied();
    let within = stretch.and_then(|(from, to)| i32::try_from(i64::midpoint(from, to)).ok());
    let held = within.is_some_and(|lon| outer.holds(Point { lon, lat: middle }));
    if around.into_iter().all(|point| outer.holds(point)) && !held {
        findings.push(Finding::Enclave {
            precinct: inner.precinct(),
            inside: outer.precinct(),
        });
    }
}

/// A stretch between polygons and the hole it is part of.
struct Bare {
    stretch: Stretch,
    hole: usize,
}

/// Holes of the union as they grow from line to line.
#[derive(Default)]
struct Holes {
    parent: Vec<usize>,
    area: Vec<i64>,
    at: Vec<Point>,
    beside: Vec<PrecinctCode>,
}

/// The hole that is the land outside all polygons.
const OUTSIDE: usize = 0;

impl Holes {
    fn root(&mut self, mut hole: usize) -> usize {
        while self.parent[hole] != hole {
            self.parent[hole] = self.parent[self.parent[hole]];
            hole = self.parent[hole];
        }
        hole
    }

    /// Makes two holes one; the older stays, the outside above all.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (keep, gone) = (a.min(b), a.max(b));
        if keep != gone {
            self.parent[gone] = keep;
            self.area[keep] += self.area[gone];
        }
    }

    fn add(&mut self, stretch: Stretch, lat: i32, beside: PrecinctCode) -> usize {
        let hole = self.parent.len();
        self.parent.push(hole);
        self.area
            .push((stretch.1 - stretch.0) * i64::from(GAP_STEP));
        let middle = i32::try_from(i64::midpoint(stretch.0, stretch.1)).unwrap_or(0);
        self.at.push(Point { lon: middle, lat });
        self.beside.push(beside);
        hole
    }
}

/// Land that polygons enclose and none holds.
fn gaps(shapes: &[&Shape]) -> Vec<Finding> {
    let (Some(south), Some(north), Some(first)) = (
        shapes.iter().map(|s| s.low().lat).min(),
        shapes.iter().map(|s| s.high().lat).max(),
        shapes.first(),
    ) else {
        return Vec::new();
    };
    let mut holes = Holes::default();
    holes.add((0, 0), south, first.precinct());
    let mut by_south: Vec<&Shape> = shapes.to_vec();
    by_south.sort_by_key(|shape| (shape.low().lat, shape.precinct()));
    let mut waiting = by_south.into_iter().peekable();
    let mut active: Vec<&Shape> = Vec::new();
    let mut below: Vec<Bare> = Vec::new();
    let mut lat = south.div_euclid(GAP_STEP) * GAP_STEP;
    while lat <= north {
        while let Some(shape) = waiting.next_if(|shape| shape.low().lat <= lat) {
            active.push(shape);
        }
        active.retain(|shape| shape.high().lat >= lat);
        let line = bare_on(&active, lat, &mut holes);
        join_lines(&below, &line, &mut holes);
        below = line;
        lat += GAP_STEP;
    }
    let last: Vec<usize> = below.iter().map(|bare| bare.hole).collect();
    last.into_iter().for_each(|hole| holes.join(OUTSIDE, hole));
    (1..holes.parent.len())
        .filter(|&hole| holes.parent[hole] == hole && holes.area[hole] >= AREA_MIN)
        .map(|hole| Finding::AreaGap {
            lon: holes.at[hole].lon,
            lat: holes.at[hole].lat,
            beside: holes.beside[hole],
            square_metres: square_metres(holes.area[hole], holes.at[hole].lat),
        })
        .collect()
}

/// What no polygon covers on a line, from far west to far east; the two ends are outside.
fn bare_on(active: &[&Shape], lat: i32, holes: &mut Holes) -> Vec<Bare> {
    const FAR: i64 = 181_000_000;
    let mut covered: Vec<(Stretch, PrecinctCode)> = Vec::new();
    for shape in active {
        let stretches = shape.stretches(i64::from(lat) * 8 + 1);
        covered.extend(
            stretches
                .into_iter()
                .map(|stretch| (stretch, shape.precinct())),
        );
    }
    covered.sort_unstable();
    let mut line = Vec::new();
    let mut reached = -FAR;
    let mut beside = None;
    for ((from, to), precinct) in covered {
        if from - reached >= GAP_WIDTH_MIN {
            let stretch = (reached, from);
            let hole = match beside {
                None => OUTSIDE,
                Some(beside) => holes.add(stretch, lat, beside),
            };
            line.push(Bare { stretch, hole });
        }
        if to > reached {
            (reached, beside) = (to, Some(precinct));
        }
    }
    line.push(Bare {
        stretch: (reached, FAR),
        hole: OUTSIDE,
    });
    line
}

fn join_lines(below: &[Bare], line: &[Bare], holes: &mut Holes) {
    let (mut i, mut j) = (0, 0);
    while i < below.len() && j < line.len() {
        let (a, b) = (&below[i], &line[j]);
        if a.stretch.0 < b.stretch.1 && b.stretch.0 < a.stretch.1 {
            holes.join(a.hole, b.hole);
        }
        if a.stretch.1 < b.stretch.1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    if below.is_empty() {
        line.iter().for_each(|bare| holes.join(OUTSIDE, bare.hole));
    }
}
