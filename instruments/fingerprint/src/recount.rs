//! Counting the minutiae that meet when one print is laid on the other.

use crate::local::Pair;
use crate::prepared::{Point, Prepared, STEPS, TRUST_MEAN, USED_MAX};
use crate::simd::{self, Loop};
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

/// Looks at a point that all motions of one comparison may take, counted in [`LANES`]: four times what any
/// pair of the shared prints took one by one (24,393). Beyond it no further pair proposes a motion.
const LOOKS_MAX: usize = 100_000;
/// Pairs of points that one motion may bring together, of which the shared prints show at most 107. More
/// lie so close together that meeting says nothing.
const NEAR_MAX: usize = 512;

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

    /// Where a point of the first print comes to lie on the second; y upwards.
    pub(crate) fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        (
            x * self.cosine - y * self.sine + self.x,
            x * self.sine + y * self.cosine + self.y,
        )
    }

    /// From the second print onto the first.
    pub(crate) fn inverse(&self) -> Motion {
        Motion {
            cosine: self.cosine,
            sine: -self.sine,
            x: -(self.x * self.cosine + self.y * self.sine),
            y: self.x * self.sine - self.y * self.cosine,
            turn: self.turn.wrapping_neg(),
        }
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
    /// The motion under which they met.
    pub motion: Option<Motion>,
}

/// Tries the motions that the strongest pairs propose and keeps the one under which the largest
/// share of the common area's minutiae meets.
pub(crate) fn recount(a: &Prepared, b: &Prepared, pairs: &[Pair]) -> Recount {
    let mut best = Recount::default();
    let mut best_share = -1.0;
    let lanes = Lanes::of(b);
    let mut near = Vec::with_capacity(64);
    let mut met = Vec::with_capacity(USED_MAX);
    // Pairs that met under an earlier motion would propose it again.
    let mut explained = [NOBODY; USED_MAX];
    let mut looks = 0;
    for pair in pairs.iter().take(SEEDS) {
        if looks > LOOKS_MAX {
            break;
        }
        if explained[pair.a as usize] == pair.b {
            continue;
        }
        let mut motion = Motion::of(&a.points[pair.a as usize], &b.points[pair.b as usize]);
        for widen in ROUNDS {
            looks += simd::fastest(Meet {
                a,
                b,
                lanes: &lanes,
                motion: &motion,
                widen,
                near: &mut near,
            });
            once_each(&mut near, &mut met);
            let Some(better) = Motion::fitted(a, b, &met) else {
                break;
            };
            motion = better;
        }
        for &(i, j) in &met {
            explained[i as usize] = j;
        }
        // Even with nothing else in the common area it could not be better.
        if met.len() as f32 / (met.len() as f32 + 3.0) <= best_share {
            continue;
        }
        let overlap = overlap(a, b, &motion);
        let share = met.len() as f32 / (overlap + 3.0);
        if share > best_share {
            best_share = share;
            best.met.clone_from(&met);
            best.overlap = overlap;
            best.motion = Some(motion);
        }
    }
    best
}

const NOBODY: u8 = u8::MAX;

/// Points looked at together.
const LANES: usize = 8;

/// Places of a print's points, one array a coordinate; behind the last ones far away.
struct Lanes {
    x: [f32; USED_MAX + LANES],
    y: [f32; USED_MAX + LANES],
}

impl Lanes {
    fn of(print: &Prepared) -> Lanes {
        let mut lanes = Lanes {
            x: [f32::INFINITY; USED_MAX + LANES],
            y: [0.0; USED_MAX + LANES],
        };
        for (at, point) in print.points.iter().enumerate() {
            (lanes.x[at], lanes.y[at]) = (point.x, point.y);
        }
        lanes
    }
}

/// Finds the points that meet under a motion; says how many were looked at, more than allowed when too
/// many met.
struct Meet<'a> {
    a: &'a Prepared,
    b: &'a Prepared,
    lanes: &'a Lanes,
    motion: &'a Motion,
    widen: f32,
    near: &'a mut Vec<(u32, u8, u8)>,
}

impl Loop for Meet<'_> {
    type Made = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let Meet {
            a,
            b,
            lanes,
            motion,
            widen,
            near,
        } = self;
        let reach = TOLERANCE_PX * widen;
        let reach2 = reach * reach;
        let turn_max = (TOLERANCE_STEPS * widen) as u8;
        near.clear();
        let mut looks = 0;
        for (i, p) in a.points.iter().enumerate() {
            if near.len() >= NEAR_MAX {
                return LOOKS_MAX + 1;
            }
            let (x, y) = motion.apply(p.x, p.y);
            let angle = p.angle.wrapping_add(motion.turn);
            // INVARIANT (points lie in order of x): a window of x holds every point that can meet.
            let mut first = b.columns.start(x - reach);
            while lanes.x[first] <= x + reach {
                looks += LANES;
                let xs: &[f32; LANES] = window(&lanes.x, first);
                let ys: &[f32; LANES] = window(&lanes.y, first);
                let d2: [f32; LANES] = std::array::from_fn(|k| {
                    let (dx, dy) = (xs[k] - x, ys[k] - y);
                    dx * dx + dy * dy
                });
                let met: u32 = (0..LANES).map(|k| u32::from(d2[k] <= reach2) << k).sum();
                let mut left = met;
                while left != 0 {
                    let k = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let turned = trig::step_distance(angle, b.points[first + k].angle);
                    if xs[k] <= x + reach && turned <= turn_max {
                        near.push(((d2[k] * 16.0) as u32, i as u8, (first + k) as u8));
                    }
                }
                first += LANES;
            }
        }
        looks
    }
}

/// Eight values from a place on; the arrays end with eight that no motion reaches.
#[inline(always)]
fn window(of: &[f32; USED_MAX + LANES], from: usize) -> &[f32; LANES] {
    // INVARIANT (the first value from `from` on is finite): `from` is the place of a point.
    of[from..from + LANES].try_into().unwrap_or(&[0.0; LANES])
}

/// Of the points that are near each other the nearest, each once.
fn once_each(near: &mut [(u32, u8, u8)], met: &mut Vec<(u8, u8)>) {
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

/// How the minutiae met under the best motion.
///
/// A reliability as the mean of the print counts 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fit {
    /// Mean turn between what met, in steps.
    pub turned: f32,
    /// What met, each pair counted by the mean (geometric) of its reliabilities.
    pub met_trust: f32,
    /// The same of the common area, mean (geometric) of the two prints.
    pub overlap_trust: f32,
    /// Minutiae that meet when the motion may bend, their mean distance and their reliability.
    pub bent: f32,
    pub bent_px: f32,
    pub bent_trust: f32,
    /// The same minutiae one by one: points of the first and of the second print.
    pub bent_pairs: Vec<(u8, u8)>,
}

/// Measures the best motion further.
pub(crate) fn fit(a: &Prepared, b: &Prepared, recount: &Recount) -> Fit {
    let Some(motion) = recount.motion else {
        return Fit::default();
    };
    let mut fit = Fit::default();
    let n = recount.met.len().max(1) as f32;
    for &(i, j) in &recount.met {
        let (p, q) = (&a.points[i as usize], &b.points[j as usize]);
        let angle = p.angle.wrapping_add(motion.turn);
        fit.turned += f32::from(trig::step_distance(angle, q.angle)) / n;
        fit.met_trust += trust(p, q);
    }
    let inside = |of: &Prepared, by: &Motion, other: &Prepared| -> f32 {
        let inside = of.points.iter().filter(|p| in_common(p, by, other));
        inside.map(|p| f32::from(p.trust)).sum()
    };
    fit.overlap_trust =
        (inside(a, &motion, b) * inside(b, &motion.inverse(), a)).sqrt() / TRUST_MEAN as f32;
    bend(a, b, &motion, &recount.met, &mut fit);
    fit
}

/// A pair counts 1 when both minutiae have the mean reliability of their prints.
fn trust(p: &Point, q: &Point) -> f32 {
    (f32::from(p.trust) * f32::from(q.trust)).sqrt() / TRUST_MEAN as f32
}

/// Lets the motion bend: each minutia is shifted as those around it that met, and what meets then
/// is counted within a narrower reach.
fn bend(a: &Prepared, b: &Prepared, motion: &Motion, met: &[(u8, u8)], fit: &mut Fit) {
    let moved: Vec<(f32, f32)> = a.points.iter().map(|p| motion.apply(p.x, p.y)).collect();
    let mut met = met.to_vec();
    for reach in BENT_REACH_PX {
        let shifts: Vec<[f32; 4]> = met
            .iter()
            .map(|&(i, j)| {
                let ((x, y), q) = (moved[i as usize], &b.points[j as usize]);
                [x, y, q.x - x, q.y - y]
            })
            .collect();
        met.clear();
        let (mut used, mut apart, mut trusted) = ([false; USED_MAX], 0.0, 0.0);
        for (i, (p, &at)) in a.points.iter().zip(&moved).enumerate() {
            let (x, y) = shifted(at, &shifts);
            let angle = p.angle.wrapping_add(motion.turn);
            if let Some((d2, j)) = nearest(b, (x, y, angle), reach, &used) {
                used[j] = true;
                met.push((i as u8, j as u8));
                apart += d2.sqrt();
                trusted += trust(p, &b.points[j]);
            }
        }
        fit.bent = met.len() as f32;
        fit.bent_px = apart / f32::max(fit.bent, 1.0);
        fit.bent_trust = trusted;
    }
    fit.bent_pairs = met;
}

/// Whether a point of one print, moved onto the other, lies in their common area.
pub(crate) fn in_common(p: &Point, by: &Motion, other: &Prepared) -> bool {
    let (x, y) = by.apply(p.x, p.y);
    other.hull.reaches(x, y, MARGIN_PX)
}

/// Reach of each round of bending.
const BENT_REACH_PX: [f32; 2] = [11.0, 9.0];
/// Angles differ by at most this when the motion may bend.
const BENT_TURN_MAX: u8 = 16;
/// Minutiae further away than this do not pull.
const PULL_PX: f32 = 120.0;
/// Pull of no shift at all.
const STIFFNESS: f32 = 0.35;

/// A place moved by the mean shift around it; a minutia does not pull itself.
fn shifted((x, y): (f32, f32), shifts: &[[f32; 4]]) -> (f32, f32) {
    let (mut sx, mut sy, mut sum) = (0.0, 0.0, STIFFNESS);
    for &[mx, my, dx, dy] in shifts {
        let d2 = (mx - x) * (mx - x) + (my - y) * (my - y);
        // A bell without an exponential.
        let t = 1.0 - d2 * (1.0 / (PULL_PX * PULL_PX));
        if t > 0.0 && d2 > 0.5 {
            let w = t * t * t;
            sx += w * dx;
            sy += w * dy;
            sum += w;
        }
    }
    (x + sx / sum, y + sy / sum)
}

/// The nearest unused point within `reach` that has nearly the same angle.
fn nearest(
    b: &Prepared,
    (x, y, angle): (f32, f32, u8),
    reach: f32,
    used: &[bool; USED_MAX],
) -> Option<(f32, usize)> {
    let first = b.columns.start(x - reach);
    let mut best: Option<(f32, usize)> = None;
    for (j, q) in b.points.iter().enumerate().skip(first) {
        if q.x > x + reach {
            break;
        }
        let d2 = (q.x - x) * (q.x - x) + (q.y - y) * (q.y - y);
        if d2 <= reach * reach
            && !used[j]
            && trig::step_distance(angle, q.angle) <= BENT_TURN_MAX
            && best.is_none_or(|(d, _)| d2 < d)
        {
            best = Some((d2, j));
        }
    }
    best
}

fn overlap(a: &Prepared, b: &Prepared, motion: &Motion) -> f32 {
    let back = motion.inverse();
    let inside = |of: &Prepared, by: &Motion, other: &Prepared| {
        of.points.iter().filter(|p| in_common(p, by, other)).count()
    };
    inside(a, motion, b).min(inside(b, &back, a)) as f32
}

#[cfg(test)]
mod tests;
