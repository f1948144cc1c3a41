//! Comparison of two prepared templates.
//!
//! 1. *Local*: every cylinder with every cylinder; the best pairs, each minutia once (LGS).
//! 2. *Relaxation*: pairs that agree about distances and angles strengthen each other (LGS-R).
//! 3. *Recount*: the strongest pairs propose rigid motions; matching minutiae are counted in the
//!    common area.
//! 4. *Fusion* of the measures by a logistic model.
//!
//! Source of 1 and 2: Cappelli, Ferrara & Maltoni 2010; of 3: Bozorth-like recount, own.

use crate::prepared::{Cylinder, Point, Prepared, SECTIONS, STEPS, USED_MAX, within};
use crate::score::Score;
use crate::trig;

/// The measures of one comparison, before fusion.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Mean local similarity of the best pairs, 0–1.
    pub local: f32,
    /// Mean similarity of the pairs that survive relaxation, 0–1.
    pub relaxed: f32,
    /// How much of their similarity the survivors kept.
    pub efficiency: f32,
    /// Minutiae matched under the best rigid motion.
    pub matched: f32,
    /// Minutiae of the print that has fewer in the common area.
    pub overlap: f32,
    /// Mean squared distance of the matched ones, over the tolerance's square.
    pub residual: f32,
    /// Minutiae of the smaller template.
    pub smaller: f32,
}

impl Measures {
    /// The measures in the order of their declaration.
    pub fn list(&self) -> [f32; 7] {
        [
            self.local,
            self.relaxed,
            self.efficiency,
            self.matched,
            self.overlap,
            self.residual,
            self.smaller,
        ]
    }
}

/// A comparison with what led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The calibrated score.
    pub score: Score,
    /// The measures that were fused.
    pub measures: Measures,
    /// The raw value of the fusion (log odds).
    pub raw: f32,
    /// Matched minutiae: indices in the order [`Prepared`] holds them.
    pub pairs: Vec<(u8, u8)>,
}

/// Compares two prints: how much evidence there is that one finger gave both.
///
/// Symmetric, deterministic. See [`Score`] for the scale. Cost: 50–100 µs.
pub fn score(a: &Prepared, b: &Prepared) -> Score {
    compare(a, b).score
}

/// Compares two prints and keeps what led to the score.
pub fn compare(a: &Prepared, b: &Prepared) -> Comparison {
    // A fixed order of the two makes the result symmetric.
    let swap = order(a, b);
    let (first, second) = if swap { (b, a) } else { (a, b) };
    let mut comparison = compare_ordered(first, second);
    if swap {
        comparison.pairs.iter_mut().for_each(|p| *p = (p.1, p.0));
    }
    comparison
}

fn order(a: &Prepared, b: &Prepared) -> bool {
    let key = |p: &Prepared| {
        (
            p.points.len(),
            p.cylinders.len(),
            p.points.first().map(|m| (m.x as i32, m.y as i32, m.angle)),
        )
    };
    key(a) > key(b)
}

fn compare_ordered(a: &Prepared, b: &Prepared) -> Comparison {
    let mut measures = Measures {
        smaller: a.points.len().min(b.points.len()) as f32,
        ..Measures::default()
    };
    let mut pairs = local(a, b);
    if pairs.len() < 3 {
        return Comparison {
            score: Score::NONE,
            measures,
            raw: RAW_FLOOR,
            pairs: Vec::new(),
        };
    }
    let chosen = chosen_count(a.cylinders.len().min(b.cylinders.len()));
    let share = |list: &[Pair], value: fn(&Pair) -> f32| {
        list.iter().take(chosen).map(value).sum::<f32>() / chosen as f32
    };
    measures.local = share(&pairs, |p| p.first);
    relax(a, b, &mut pairs);
    pairs.sort_by(|p, q| {
        (q.now / q.first)
            .total_cmp(&(p.now / p.first))
            .then((p.a, p.b).cmp(&(q.a, q.b)))
    });
    measures.relaxed = share(&pairs, |p| p.now);
    measures.efficiency = share(&pairs, |p| p.now / p.first);
    pairs.sort_by(|p, q| q.now.total_cmp(&p.now).then((p.a, p.b).cmp(&(q.a, q.b))));
    let recount = recount(a, b, &pairs);
    measures.matched = recount.matched.len() as f32;
    measures.overlap = recount.overlap;
    measures.residual = recount.residual;
    let raw = fuse(&measures);
    Comparison {
        score: Score::from_raw(raw),
        measures,
        raw,
        pairs: recount.matched,
    }
}

/// The lowest raw value.
pub(crate) const RAW_FLOOR: f32 = -20.0;

/// Log odds of the fused measures.
fn fuse(m: &Measures) -> f32 {
    let ratio = m.matched / (m.overlap + 3.0);
    20.0 * m.relaxed * ratio
}

/// A pair of minutiae that look alike.
#[derive(Debug, Clone, Copy)]
struct Pair {
    a: u8,
    b: u8,
    first: f32,
    now: f32,
}

/// Similarity of two cylinders in 1/1024; `None` when too little is known of both.
fn similarity(a: &Cylinder, b: &Cylinder) -> Option<u32> {
    let known = a.known & b.known;
    // 0.6 of the 52 cells inside the circle.
    if known.count_ones() < 31 {
        return None;
    }
    let (mut in_a, mut in_b, mut differ) = (0, 0, 0);
    for section in 0..SECTIONS {
        let (x, y) = (a.bits[section] & known, b.bits[section] & known);
        in_a += x.count_ones();
        in_b += y.count_ones();
        differ += (x ^ y).count_ones();
    }
    let norm = (in_a as f32).sqrt() + (in_b as f32).sqrt();
    if norm == 0.0 {
        return None;
    }
    Some(((1.0 - (differ as f32).sqrt() / norm) * 1024.0).max(0.0) as u32)
}

/// The best pairs, each minutia at most once, best first: greedy (LGS).
fn local(a: &Prepared, b: &Prepared) -> Vec<Pair> {
    let mut all: Vec<u32> = Vec::with_capacity(a.cylinders.len() * b.cylinders.len() / 2);
    for (i, ca) in a.cylinders.iter().enumerate() {
        let angle = a.points[ca.point as usize].angle;
        for (j, cb) in b.cylinders.iter().enumerate() {
            if trig::step_distance(angle, b.points[cb.point as usize].angle) > 64 {
                continue;
            }
            if let Some(s) = similarity(ca, cb).filter(|&s| s > 300) {
                // Ties go to the lower indices.
                all.push((s << 16) | ((255 - i as u32) << 8) | (255 - j as u32));
            }
        }
    }
    all.sort_unstable_by(|p, q| q.cmp(p));
    let most = a.cylinders.len().min(b.cylinders.len());
    let (mut used_a, mut used_b) = ([false; USED_MAX], [false; USED_MAX]);
    let mut pairs = Vec::with_capacity(most);
    for packed in all {
        let (i, j) = (
            (255 - (packed >> 8 & 255)) as usize,
            (255 - (packed & 255)) as usize,
        );
        if used_a[i] || used_b[j] {
            continue;
        }
        (used_a[i], used_b[j]) = (true, true);
        let first = (packed >> 16) as f32 / 1024.0;
        pairs.push(Pair {
            a: a.cylinders[i].point,
            b: b.cylinders[j].point,
            first,
            now: first,
        });
        if pairs.len() == most {
            break;
        }
    }
    pairs
}

/// How many pairs are averaged: 4 to 12, growing around 20 cylinders (MCC, equation 25).
fn chosen_count(cylinders: usize) -> usize {
    let share = 1.0 / (1.0 + trig::exp(-0.4 * (cylinders as f32 - 20.0)));
    4 + (8.0 * share).round() as usize
}

/// Logistic steps of MCC's compatibility, by distance difference (quarter pixels) and by angle
/// difference (steps of 1/256 turn).
struct Steps {
    distance: [f32; 64],
    angle: [f32; 129],
}

static LOGISTIC: std::sync::LazyLock<Steps> = std::sync::LazyLock::new(|| Steps {
    distance: std::array::from_fn(|i| {
        1.0 / (1.0 + trig::exp(1.6 * ((i as f32 + 0.5) / 4.0 - 5.0)))
    }),
    angle: std::array::from_fn(|i| {
        1.0 / (1.0 + trig::exp(30.0 * (i as f32 * trig::PI / 128.0 - trig::PI / 12.0)))
    }),
});

/// Five rounds in which each pair keeps half of its strength and takes the other half from the
/// pairs that agree with it.
fn relax(a: &Prepared, b: &Prepared, pairs: &mut [Pair]) {
    let n = pairs.len();
    let mut agreement = vec![0.0f32; n * n];
    for t in 0..n {
        for k in t + 1..n {
            let (forth, back) = compatible(a, b, &pairs[t], &pairs[k]);
            agreement[t * n + k] = forth;
            agreement[k * n + t] = back;
        }
    }
    let mut strength: Vec<f32> = pairs.iter().map(|p| p.now).collect();
    let mut next = strength.clone();
    for _ in 0..5 {
        for t in 0..n {
            let row = &agreement[t * n..(t + 1) * n];
            let support: f32 = row.iter().zip(&strength).map(|(r, s)| r * s).sum();
            next[t] = 0.5 * strength[t] + 0.5 * support / (n - 1) as f32;
        }
        std::mem::swap(&mut strength, &mut next);
    }
    pairs.iter_mut().zip(strength).for_each(|(p, s)| p.now = s);
}

/// How well two pairs agree, seen from the first and from the second.
fn compatible(a: &Prepared, b: &Prepared, t: &Pair, k: &Pair) -> (f32, f32) {
    let steps = &*LOGISTIC;
    let (at, ak) = (&a.points[t.a as usize], &a.points[k.a as usize]);
    let (bt, bk) = (&b.points[t.b as usize], &b.points[k.b as usize]);
    let turn_a = at.angle.wrapping_sub(ak.angle);
    let turn_b = bt.angle.wrapping_sub(bk.angle);
    let turned = steps.angle[trig::step_distance(turn_a, turn_b) as usize];
    if turned < 0.01 {
        return (0.0, 0.0);
    }
    let (ax, ay) = (ak.x - at.x, ak.y - at.y);
    let (bx, by) = (bk.x - bt.x, bk.y - bt.y);
    let (da, db) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
    let step = ((da - db).abs() * 4.0) as usize;
    let Some(&apart) = steps.distance.get(step) else {
        return (0.0, 0.0);
    };
    let radial = |turn: u8| {
        let (c, s) = STEPS[turn as usize];
        let (rx, ry) = (ax * c - ay * s, ax * s + ay * c);
        let angle = trig::atan2(rx * by - ry * bx, rx * bx + ry * by).abs();
        steps.angle[((angle * (128.0 / trig::PI)) as usize).min(128)]
    };
    let base = turned * apart;
    (
        base * radial(bt.angle.wrapping_sub(at.angle)),
        base * radial(bk.angle.wrapping_sub(ak.angle)),
    )
}

/// A rigid motion from the first print onto the second.
#[derive(Debug, Clone, Copy)]
struct Motion {
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

    fn apply(&self, p: &Point) -> (f32, f32) {
        (
            p.x * self.cosine - p.y * self.sine + self.x,
            p.x * self.sine + p.y * self.cosine + self.y,
        )
    }

    /// Least squares over matched points.
    fn fitted(a: &Prepared, b: &Prepared, matched: &[(u8, u8)]) -> Option<Motion> {
        if matched.len() < 2 {
            return None;
        }
        let n = matched.len() as f32;
        let (mut ax, mut ay, mut bx, mut by) = (0.0, 0.0, 0.0, 0.0);
        for &(i, j) in matched {
            let (p, q) = (&a.points[i as usize], &b.points[j as usize]);
            (ax, ay, bx, by) = (ax + p.x, ay + p.y, bx + q.x, by + q.y);
        }
        (ax, ay, bx, by) = (ax / n, ay / n, bx / n, by / n);
        let (mut dot, mut cross) = (0.0, 0.0);
        for &(i, j) in matched {
            let (p, q) = (&a.points[i as usize], &b.points[j as usize]);
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

#[derive(Debug, Clone, Default)]
struct Recount {
    matched: Vec<(u8, u8)>,
    overlap: f32,
    residual: f32,
}

const SEEDS: usize = 8;
const TOLERANCE_PX: f32 = 14.0;
/// 180/7° in steps.
const TOLERANCE_STEPS: f32 = 18.3;

/// Counts the minutiae that meet under the best of a few rigid motions.
fn recount(a: &Prepared, b: &Prepared, pairs: &[Pair]) -> Recount {
    let mut best = Recount::default();
    let mut best_value = -1.0;
    for pair in pairs.iter().take(SEEDS) {
        let mut motion = Motion::of(&a.points[pair.a as usize], &b.points[pair.b as usize]);
        let mut matched = Vec::new();
        let mut residual = 0.0;
        for widen in [1.5, 1.25, 1.0, 1.0] {
            (matched, residual) = meet(a, b, &motion, widen);
            let Some(better) = Motion::fitted(a, b, &matched) else {
                break;
            };
            motion = better;
        }
        let overlap = overlap(a, b, &motion);
        let value = matched.len() as f32 / (overlap + 3.0);
        if value > best_value {
            best_value = value;
            best = Recount {
                matched,
                overlap,
                residual,
            };
        }
    }
    best
}

/// Pairs that meet under a motion, nearest first, each minutia once; and their mean residual.
fn meet(a: &Prepared, b: &Prepared, motion: &Motion, widen: f32) -> (Vec<(u8, u8)>, f32) {
    let reach = TOLERANCE_PX * widen;
    let turn_max = (TOLERANCE_STEPS * widen) as u8;
    let mut near: Vec<(u32, u8, u8)> = Vec::new();
    for (i, p) in a.points.iter().enumerate() {
        let (x, y) = motion.apply(p);
        let angle = p.angle.wrapping_add(motion.turn);
        for (j, q) in b.points.iter().enumerate() {
            let (dx, dy) = (q.x - x, q.y - y);
            let d2 = dx * dx + dy * dy;
            if d2 <= reach * reach && trig::step_distance(angle, q.angle) <= turn_max {
                near.push(((d2 * 16.0) as u32, i as u8, j as u8));
            }
        }
    }
    near.sort_unstable();
    let (mut used_a, mut used_b) = ([false; USED_MAX], [false; USED_MAX]);
    let mut matched = Vec::new();
    let mut sum = 0.0;
    for (d2, i, j) in near {
        if !used_a[i as usize] && !used_b[j as usize] {
            (used_a[i as usize], used_b[j as usize]) = (true, true);
            matched.push((i, j));
            sum += d2 as f32 / 16.0;
        }
    }
    let residual = if matched.is_empty() {
        1.0
    } else {
        sum / matched.len() as f32 / (reach * reach)
    };
    (matched, residual)
}

/// Minutiae in the common area, of the print that has fewer there.
fn overlap(a: &Prepared, b: &Prepared, motion: &Motion) -> f32 {
    const MARGIN: f32 = 10.0;
    let in_b = a.points.iter().filter(|p| {
        let (x, y) = motion.apply(p);
        within(&b.hull, x, y, MARGIN)
    });
    let moved: Vec<(f32, f32)> = a
        .hull
        .iter()
        .map(|&(x, y)| {
            motion.apply(&Point {
                x,
                y,
                angle: 0,
                quality: 0,
            })
        })
        .collect();
    let in_a = b.points.iter().filter(|q| within(&moved, q.x, q.y, MARGIN));
    in_b.count().min(in_a.count()) as f32
}
