//! From the skeleton to minutiae: cleaning, directions, reliabilities.

use crate::field::{Mask, Orientation};
use crate::raster::Plane;
use crate::template::{Minutia, MinutiaKind};
use crate::thin::Bits;
use crate::trig;

/// Limits in pixels at 500 dpi.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Minutiae nearer to the edge of the foreground are dropped. Mean FNMR over FMR
    /// 0.1–5 % on the FVC sets: 12 px 4.0 %, 14 3.5, 15 3.7, 16 3.9.
    pub edge_px: u8,
    /// Side branches shorter than this are burrs.
    pub spur_px: usize,
    /// Pieces of ridge shorter than this are dirt.
    pub island_px: usize,
    /// Two ends facing each other nearer than this are one broken ridge.
    pub gap_px: f32,
    /// Two forks joined by a line shorter than this are a bridge or a pore.
    pub bridge_px: usize,
    /// The direction is taken from the ridge's first so many pixels.
    pub trace_px: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            edge_px: 14,
            spur_px: 9,
            island_px: 14,
            gap_px: 12.0,
            bridge_px: 8,
            trace_px: 12,
        }
    }
}

const AROUND: [(i32, i32); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

/// The skeleton with a border of two pixels, one byte a pixel.
pub(crate) struct Skeleton {
    width: usize,
    data: Vec<u8>,
    /// Places that were set at first, in reading order.
    set: Vec<u32>,
}

impl Skeleton {
    pub fn new(bits: &Bits) -> Skeleton {
        let (width, height) = (bits.width + 4, bits.height + 4);
        let mut data = vec![0; width * height];
        let mut set = Vec::with_capacity(bits.width * bits.height / 12);
        bits.each(|x, y| {
            let i = (y + 2) * width + x + 2;
            data[i] = 1;
            set.push(i as u32);
        });
        Skeleton { width, data, set }
    }

    fn step(&self, i: usize, direction: usize) -> usize {
        let (dx, dy) = AROUND[direction];
        (i as i64 + i64::from(dy) * self.width as i64 + i64::from(dx)) as usize
    }

    fn neighbours(&self, i: usize) -> [u8; 8] {
        std::array::from_fn(|d| self.data[self.step(i, d)])
    }

    /// Number of separate lines that meet at a pixel (Rutovitz's crossing number).
    fn crossing(&self, i: usize) -> usize {
        let n = self.neighbours(i);
        (0..8).filter(|&d| n[d] == 0 && n[(d + 1) % 8] == 1).count()
    }

    fn points(&self) -> impl Iterator<Item = usize> + '_ {
        let still = |&i: &usize| self.data[i] == 1;
        self.set.iter().map(|&i| i as usize).filter(still)
    }

    /// Where the line goes after `at`, coming from `from`; the straightest way first.
    /// `None` at an end or a fork.
    fn onward(&self, from: usize, at: usize) -> Onward {
        if self.crossing(at) > 2 {
            return Onward::Fork;
        }
        let mut best: Option<(i64, usize)> = None;
        let (fx, fy) = self.position(from);
        for d in 0..8 {
            let next = self.step(at, d);
            if self.data[next] == 0 || next == from {
                continue;
            }
            let (nx, ny) = self.position(next);
            let distance = (nx - fx).pow(2) + (ny - fy).pow(2);
            if best.is_none_or(|(b, _)| distance > b) {
                best = Some((distance, next));
            }
        }
        match best {
            // A pixel beside the one we came from is the same line seen sideways.
            Some((distance, next)) if distance > 1 => Onward::Line(next),
            Some(_) | None => Onward::End,
        }
    }

    fn position(&self, i: usize) -> (i64, i64) {
        ((i % self.width) as i64, (i / self.width) as i64)
    }

    /// Follows a line from `start` through its neighbour `first` for at most `limit` pixels.
    fn trace(&self, start: usize, first: usize, limit: usize) -> Trace {
        let mut path = vec![start, first];
        loop {
            let (from, at) = (path[path.len() - 2], path[path.len() - 1]);
            if path.len() > limit {
                return Trace {
                    path,
                    stop: Stop::Limit,
                };
            }
            match self.onward(from, at) {
                Onward::Line(next) if !path.contains(&next) => path.push(next),
                Onward::Line(_) | Onward::End => {
                    return Trace {
                        path,
                        stop: Stop::End,
                    };
                }
                Onward::Fork => {
                    return Trace {
                        path,
                        stop: Stop::Fork,
                    };
                }
            }
        }
    }

    /// The first pixels of the lines that leave a point, one for each line.
    fn exits(&self, i: usize) -> Vec<usize> {
        let n = self.neighbours(i);
        let mut exits = Vec::with_capacity(4);
        for d in 0..8 {
            if n[d] == 0 || n[(d + 7) % 8] == 1 {
                continue;
            }
            // A run of neighbours is one line; its straight (even) member stands for it.
            let mut member = d;
            let mut k = d;
            while n[k % 8] == 1 && k < d + 8 {
                if (k % 8).is_multiple_of(2) {
                    member = k % 8;
                }
                k += 1;
            }
            exits.push(self.step(i, member));
        }
        exits
    }

    fn erase(&mut self, path: &[usize]) {
        for &i in path {
            self.data[i] = 0;
        }
    }

    /// Takes off burrs, dirt and bridges.
    pub fn clean(&mut self, limits: &Limits, orientation: &Orientation) {
        self.remove_bridges(limits, orientation);
        for round in 1..=2 {
            self.remove_spurs(limits, limits.spur_px * round / 2);
        }
    }

    fn remove_spurs(&mut self, limits: &Limits, spur_px: usize) {
        let ends: Vec<usize> = self.points().filter(|&i| self.crossing(i) <= 1).collect();
        for end in ends {
            if self.data[end] == 0 {
                continue;
            }
            let Some(&first) = self.exits(end).first() else {
                self.data[end] = 0;
                continue;
            };
            let trace = self.trace(end, first, limits.island_px.max(spur_px));
            match trace.stop {
                Stop::End if trace.path.len() <= limits.island_px => self.erase(&trace.path),
                Stop::Fork if trace.path.len() <= spur_px => {
                    let count = trace.path.len() - 1;
                    self.erase(&trace.path[..count]);
                }
                Stop::End | Stop::Fork | Stop::Limit => {}
            }
        }
    }

    /// A short line between two forks that runs across the ridges is a bridge; one that runs along
    /// them and closes a small ring is a pore. Both lose one line.
    fn remove_bridges(&mut self, limits: &Limits, orientation: &Orientation) {
        let forks: Vec<usize> = self.points().filter(|&i| self.crossing(i) > 2).collect();
        for fork in forks {
            if self.data[fork] == 0 || self.crossing(fork) < 3 {
                continue;
            }
            let mut reached: Vec<(usize, Vec<usize>)> = Vec::new();
            for exit in self.exits(fork) {
                let trace = self.trace(fork, exit, limits.bridge_px * 2);
                if trace.stop != Stop::Fork {
                    continue;
                }
                let other = trace.path[trace.path.len() - 1];
                let (x0, y0) = self.position(fork);
                let (x1, y1) = self.position(other);
                let inner = trace.path[1..trace.path.len() - 1].to_vec();
                let across = {
                    let angle = orientation.angle_at(x0 as f32 - 2.0, y0 as f32 - 2.0);
                    let (s, c) = trig::sin_cos(angle);
                    let (dx, dy) = ((x1 - x0) as f32, (y1 - y0) as f32);
                    let (along, over) = ((dx * c + dy * s).abs(), (dy * c - dx * s).abs());
                    over > along
                };
                if across && trace.path.len() <= limits.bridge_px && !inner.is_empty() {
                    self.erase(&inner);
                    break;
                }
                let ring = reached
                    .iter()
                    .find(|(end, _)| near(self, *end, other))
                    .map(|(_, path)| path.clone());
                if let Some(path) = ring {
                    let shorter = if path.len() < inner.len() {
                        path
                    } else {
                        inner
                    };
                    self.erase(&shorter);
                    break;
                }
                reached.push((other, inner));
            }
        }
    }
}

fn near(skeleton: &Skeleton, a: usize, b: usize) -> bool {
    let ((ax, ay), (bx, by)) = (skeleton.position(a), skeleton.position(b));
    (ax - bx).abs() <= 1 && (ay - by).abs() <= 1
}

enum Onward {
    Line(usize),
    End,
    Fork,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Fork,
    Limit,
}

struct Trace {
    path: Vec<usize>,
    stop: Stop,
}

/// A minutia before rounding; the angle is in radians with y downwards.
#[derive(Debug, Clone)]
pub(crate) struct RawMinutia {
    pub x: f32,
    pub y: f32,
    pub angle: f32,
    pub kind: MinutiaKind,
    pub reliability: f32,
}

/// Finds the minutiae of a cleaned skeleton.
pub(crate) fn minutiae(
    skeleton: &Skeleton,
    mask: &Mask,
    orientation: &Orientation,
    enhanced: &Plane,
    limits: &Limits,
) -> Vec<RawMinutia> {
    let mut found: Vec<RawMinutia> = Vec::new();
    for i in skeleton.points() {
        let crossing = skeleton.crossing(i);
        if crossing != 1 && crossing != 3 {
            continue;
        }
        let (px, py) = skeleton.position(i);
        let (x, y) = (px as usize - 2, py as usize - 2);
        if mask.depth_at(x, y) == 0 {
            continue;
        }
        let exits = skeleton.exits(i);
        let directions: Vec<(f32, f32)> = exits
            .iter()
            .map(|&exit| {
                let trace = skeleton.trace(i, exit, limits.trace_px);
                let (ex, ey) = skeleton.position(trace.path[trace.path.len() - 1]);
                unit((ex - px) as f32, (ey - py) as f32)
            })
            .collect();
        let Some((kind, (dx, dy))) = direction(&directions) else {
            continue;
        };
        let axis = orientation.angle_at(x as f32, y as f32);
        let (s, c) = trig::sin_cos(axis);
        let angle = if dx * c + dy * s >= 0.0 {
            axis
        } else {
            axis + trig::PI
        };
        // What the line itself says, half and half with the smooth field.
        let reliability = orientation.coherence_at(x as f32, y as f32) * strength(enhanced, x, y);
        found.push(RawMinutia {
            x: x as f32,
            y: y as f32,
            angle,
            kind,
            reliability,
        });
    }
    let found = without_pairs(found, limits);
    found
        .into_iter()
        .filter(|m| mask.depth_at(m.x as usize, m.y as usize) >= limits.edge_px)
        .collect()
}

fn unit(x: f32, y: f32) -> (f32, f32) {
    let length = (x * x + y * y).sqrt().max(1e-3);
    (x / length, y / length)
}

/// An end looks along its line; a fork looks between its two closest branches.
fn direction(lines: &[(f32, f32)]) -> Option<(MinutiaKind, (f32, f32))> {
    match lines {
        [only] => Some((MinutiaKind::Ending, *only)),
        [a, b, c] => {
            let pairs = [(a, b), (b, c), (a, c)];
            let closest = pairs
                .into_iter()
                .max_by(|p, q| dot(*p.0, *p.1).total_cmp(&dot(*q.0, *q.1)))?;
            Some((
                MinutiaKind::Bifurcation,
                (closest.0.0 + closest.1.0, closest.0.1 + closest.1.1),
            ))
        }
        _ => None,
    }
}

fn dot(a: (f32, f32), b: (f32, f32)) -> f32 {
    a.0 * b.0 + a.1 * b.1
}

/// Mean size of the filter's answer around a point, 0–1.
fn strength(enhanced: &Plane, x: usize, y: usize) -> f32 {
    let (mut sum, mut count) = (0.0, 0);
    for yy in (y.saturating_sub(6)..=(y + 6).min(enhanced.height - 1)).step_by(2) {
        for xx in (x.saturating_sub(6)..=(x + 6).min(enhanced.width - 1)).step_by(2) {
            sum += enhanced.at(xx, yy).abs();
            count += 1;
        }
    }
    (2.5 * sum / count as f32).min(1.0)
}

/// Drops what a broken ridge, a burr or a cut leaves: two ends that face each other, and points so
/// close that one of them cannot be true.
fn without_pairs(found: Vec<RawMinutia>, limits: &Limits) -> Vec<RawMinutia> {
    let mut keep = vec![true; found.len()];
    for i in 0..found.len() {
        for j in i + 1..found.len() {
            let (a, b) = (&found[i], &found[j]);
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let distance = (dx * dx + dy * dy).sqrt();
            if distance > limits.gap_px {
                continue;
            }
            let (sa, ca) = trig::sin_cos(a.angle);
            let (sb, cb) = trig::sin_cos(b.angle);
            let opposed = ca * cb + sa * sb < -0.7;
            if a.kind == b.kind && opposed {
                // Ends look away from the gap between them.
                let (ux, uy) = unit(dx, dy);
                let away = a.kind == MinutiaKind::Bifurcation || (ca * ux + sa * uy) < -0.5;
                if away || distance < 6.0 {
                    (keep[i], keep[j]) = (false, false);
                }
            } else if distance < 4.5 {
                keep[if a.reliability < b.reliability { i } else { j }] = false;
            }
        }
    }
    found
        .into_iter()
        .zip(keep)
        .filter_map(|(m, keep)| keep.then_some(m))
        .collect()
}

/// Rounds to whole pixels and steps, turns the angle to counter-clockwise, most reliable first.
pub(crate) fn rounded(found: &[RawMinutia], most: usize) -> Vec<Minutia> {
    let mut result: Vec<Minutia> = found
        .iter()
        .map(|m| Minutia {
            x: m.x as u16,
            y: m.y as u16,
            angle: trig::to_step(-m.angle),
            kind: m.kind,
            quality: (m.reliability * 100.0).round().clamp(1.0, 100.0) as u8,
        })
        .collect();
    result.sort_by(|a, b| b.quality.cmp(&a.quality).then(a.cmp(b)));
    result.truncate(most);
    result
}
