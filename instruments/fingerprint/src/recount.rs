//! Counting the minutiae that meet when one print is laid on the other.

use crate::local::Pair;
use crate::prepared::{Point, Prepared, STEPS, USED_MAX, within};
use crate::trig;

/// So many of the strongest pairs propose a motion.
const SEEDS: usize = 8;
/// Two minutiae meet within this distance and turn (180/7°, in steps).
const TOLERANCE_PX: f32 = 12.0;
const TOLERANCE_STEPS: f32 = 18.3;
/// Each round fits the motion to what met and narrows the tolerance.
const ROUNDS: [f32; 4] = [1.5, 1.25, 1.0, 1.0];
/// The common area reaches this far beyond the outermost minutiae.
const MARGIN_PX: f32 = 10.0;

/// A rigid motion from the first print onto the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Motion {
    cosine: f32,
    sine: f32,
    x: f32,
    y: f32,
    turn: u8,
}

impl Motion {
    fn of(a: &Point, b: &Point) -> Motion {
        let turn = b.angle.wrapping_sub(a.angle);
        let (cosine, sine) = STEPS[turn as usize];
        Motion {
            cosine,
            sine,
            x: b.x - (a.x * cosine - a.y * sine),
            y: b.y - (a.x * sine + a.y * cosine),
            turn,
        }
    }

    fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        (
            x * self.cosine - y * self.sine + self.x,
            x * self.sine + y * self.cosine + self.y,
        )
    }

    /// Least squares over the points that met; `None` when they do not fix a motion.
    fn fitted(a: &Prepared, b: &Prepared, met: &[(u8, u8)]) -> Option<Motion> {
        if met.len() < 2 {
            return None;
        }
        let n = met.len() as f32;
        let both = || {
            met.iter()
                .map(|&(i, j)| (&a.points[i as usize], &b.points[j as usize]))
        };
        let (mut ax, mut ay, mut bx, mut by) = (0.0, 0.0, 0.0, 0.0);
        for (p, q) in both() {
            (ax, ay, bx, by) = (ax + p.x, ay + p.y, bx + q.x, by + q.y);
        }
        (ax, ay, bx, by) = (ax / n, ay / n, bx / n, by / n);
        let (mut dot, mut cross) = (0.0, 0.0);
        for (p, q) in both() {
            let (px, py, qx, qy) = (p.x - ax, p.y - ay, q.x - bx, q.y - by);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
        }
        let length = (dot * dot + cross * cross).sqrt();
        if length < 1e-3 {
            return None;
        }
        let (cosine, sine) = (dot / length, cross / length);
        let turn = trig::to_step(trig::atan2(sine, cosine));
        Some(Motion {
            cosine,
            sine,
            x: bx - (ax * cosine - ay * sine),
            y: by - (ax * sine + ay * cosine),
            turn,
        })
    }
}

/// What met under the best motion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recount {
    /// Points of the first and of the second print.
    pub met: Vec<(u8, u8)>,
    /// Minutiae in the common area, of the print that has fewer there.
    pub overlap: f32,
}

/// Tries the motions that the strongest pairs propose and keeps the one under which the largest
/// share of the common area's minutiae meets.
pub(crate) fn recount(a: &Prepared, b: &Prepared, pairs: &[Pair]) -> Recount {
    let mut best = Recount::default();
    let mut best_share = -1.0;
    let mut near = Vec::with_capacity(64);
    let mut met = Vec::with_capacity(USED_MAX);
    for pair in pairs.iter().take(SEEDS) {
        let mut motion = Motion::of(&a.points[pair.a as usize], &b.points[pair.b as usize]);
        for widen in ROUNDS {
            meet(a, b, &motion, widen, &mut near, &mut met);
            let Some(better) = Motion::fitted(a, b, &met) else {
                break;
            };
            motion = better;
        }
        let overlap = overlap(a, b, &motion);
        let share = met.len() as f32 / (overlap + 3.0);
        if share > best_share {
            best_share = share;
            best = Recount {
                met: met.clone(),
                overlap,
            };
        }
    }
    best
}

/// Points that meet under a motion, nearest first, each once.
fn meet(
    a: &Prepared,
    b: &Prepared,
    motion: &Motion,
    widen: f32,
    near: &mut Vec<(u32, u8, u8)>,
    met: &mut Vec<(u8, u8)>,
) {
    let reach = TOLERANCE_PX * widen;
    let turn_max = (TOLERANCE_STEPS * widen) as u8;
    near.clear();
    for (i, p) in a.points.iter().enumerate() {
        let (x, y) = motion.apply(p.x, p.y);
        let angle = p.angle.wrapping_add(motion.turn);
        // INVARIANT (points lie in order of x): a window of x holds every point that can meet.
        let first = b.points.partition_point(|q| q.x < x - reach);
        for (j, q) in b.points[first..].iter().enumerate() {
            if q.x > x + reach {
                break;
            }
            let (dx, dy) = (q.x - x, q.y - y);
            let d2 = dx * dx + dy * dy;
            if d2 <= reach * reach && trig::step_distance(angle, q.angle) <= turn_max {
                near.push(((d2 * 16.0) as u32, i as u8, (first + j) as u8));
            }
        }
    }
    near.sort_unstable();
    let (mut used_a, mut used_b) = ([false; USED_MAX], [false; USED_MAX]);
    met.clear();
    for &(_, i, j) in near.iter() {
        if !used_a[i as usize] && !used_b[j as usize] {
            (used_a[i as usize], used_b[j as usize]) = (true, true);
            met.push((i, j));
        }
    }
}

fn overlap(a: &Prepared, b: &Prepared, motion: &Motion) -> f32 {
    let in_b = a.points.iter().filter(|p| {
        let (x, y) = motion.apply(p.x, p.y);
        within(&b.hull, x, y, MARGIN_PX)
    });
    let moved: Vec<(f32, f32)> = a.hull.iter().map(|&(x, y)| motion.apply(x, y)).collect();
    let in_a = b
        .points
        .iter()
        .filter(|q| within(&moved, q.x, q.y, MARGIN_PX));
    in_b.count().min(in_a.count()) as f32
}
