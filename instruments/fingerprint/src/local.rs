//! Pairs of minutiae whose surroundings look alike, and how they support each other.
//!
//! Source: Cappelli, Ferrara & Maltoni, "Minutia Cylinder-Code", IEEE PAMI 32 (2010): local greedy
//! similarity (LGS) and relaxation (LGS-R).

use crate::prepared::{Prepared, USED_MAX};
use crate::simd::{self, Likeness};
use crate::trig;

/// Pairs under this similarity (in 1/1024) are never used; 400 costs accuracy (measured).
const FLOOR: u16 = 300;

/// A pair of minutiae that look alike: points of the two prints and their similarity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub a: u8,
    pub b: u8,
    /// Similarity of the cylinders, 0–1.
    pub first: f32,
    /// Similarity after relaxation.
    pub now: f32,
}

/// The best pairs, each minutia at most once, best first; ties go to the lower indices.
pub(crate) fn best_pairs(a: &Prepared, b: &Prepared) -> Vec<Pair> {
    let mut all: Vec<Likeness> =
        Vec::with_capacity(a.cylinders.len() * b.cylinders.len() * 5 / 8 + 8);
    simd::likenesses(a, b, FLOOR, &mut all);
    let most = a.cylinders.len().min(b.cylinders.len());
    let (mut used_a, mut used_b) = ([false; USED_MAX], [false; USED_MAX]);
    let mut pairs = Vec::with_capacity(most);
    for (s, i, j) in by_likeness(&all) {
        if used_a[i as usize] || used_b[j as usize] {
            continue;
        }
        (used_a[i as usize], used_b[j as usize]) = (true, true);
        let first = f32::from(s) / 1024.0;
        pairs.push(Pair {
            a: a.cylinders[i as usize].point,
            b: b.cylinders[j as usize].point,
            first,
            now: first,
        });
        if pairs.len() == most {
            break;
        }
    }
    pairs
}

/// Descending by similarity, stable: a counting sort, as there are only 1024 values.
fn by_likeness(all: &[Likeness]) -> Vec<Likeness> {
    let mut start = [0u32; 1026];
    for &(s, _, _) in all {
        start[1025 - s as usize] += 1;
    }
    let mut sum = 0;
    for slot in &mut start {
        let count = *slot;
        *slot = sum;
        sum += count;
    }
    let mut sorted = vec![(0u16, 0u8, 0u8); all.len()];
    for &likeness in all {
        let slot = &mut start[1025 - likeness.0 as usize];
        sorted[*slot as usize] = likeness;
        *slot += 1;
    }
    sorted
}

/// How many pairs are averaged: 4 to 12, growing around 20 cylinders (MCC, equation 25).
pub(crate) fn averaged(cylinders: usize) -> usize {
    let share = 1.0 / (1.0 + trig::exp(-0.4 * (cylinders as f32 - 20.0)));
    4 + (8.0 * share).round() as usize
}

/// Logistic steps of MCC's compatibility, by distance difference (quarter pixels) and by angle
/// difference (steps of 1/256 turn): (μ, τ) = (5 px, −1.6), (π/12, −30), (π/12, −30).
struct Steps {
    distance: [f32; REACH * 4],
    angle: [f32; 129],
}

/// Distance differences from here on count as no support (the step is under 0.01 there).
const REACH: usize = 8;

static STEPS_OF: std::sync::LazyLock<Steps> = std::sync::LazyLock::new(|| Steps {
    distance: std::array::from_fn(|i| {
        1.0 / (1.0 + trig::exp(1.6 * ((i as f32 + 0.5) / 4.0 - 5.0)))
    }),
    angle: std::array::from_fn(|i| {
        1.0 / (1.0 + trig::exp(30.0 * (i as f32 * trig::PI / 128.0 - trig::PI / 12.0)))
    }),
});

/// Angle differences from here on (24.6°) count as no support.
const TURN_REACH: u8 = 18;

/// Five rounds in which each pair keeps half of its strength and takes the other half from the
/// pairs that agree with it about distances and angles.
pub(crate) fn relax(a: &Prepared, b: &Prepared, pairs: &mut [Pair]) {
    let n = pairs.len();
    let steps = &*STEPS_OF;
    let mut links: Vec<(u8, u8, f32, f32)> = Vec::with_capacity(4 * n);
    for t in 0..n {
        for k in t + 1..n {
            if let Some((forth, back)) = support(a, b, (&pairs[t], &pairs[k]), steps) {
                links.push((t as u8, k as u8, forth, back));
            }
        }
    }
    let mut strength = [0.0f32; USED_MAX];
    for (s, pair) in strength.iter_mut().zip(pairs.iter()) {
        *s = pair.first;
    }
    let share = 0.5 / (n - 1) as f32;
    for _ in 0..5 {
        let mut taken = [0.0f32; USED_MAX];
        for &(t, k, forth, back) in &links {
            taken[t as usize] += forth * strength[k as usize];
            taken[k as usize] += back * strength[t as usize];
        }
        for (s, got) in strength.iter_mut().zip(&taken) {
            *s = 0.5 * *s + share * got;
        }
    }
    for (pair, s) in pairs.iter_mut().zip(strength) {
        pair.now = s;
    }
}

/// How well two pairs agree, seen from the first and from the second.
#[inline]
fn support(
    a: &Prepared,
    b: &Prepared,
    (t, k): (&Pair, &Pair),
    steps: &Steps,
) -> Option<(f32, f32)> {
    let (at, ak) = (&a.points[t.a as usize], &a.points[k.a as usize]);
    let (bt, bk) = (&b.points[t.b as usize], &b.points[k.b as usize]);
    let turn_t = bt.angle.wrapping_sub(at.angle);
    let turn_k = bk.angle.wrapping_sub(ak.angle);
    let turned = trig::step_distance(turn_t, turn_k);
    if turned >= TURN_REACH {
        return None;
    }
    let (ax, ay) = (ak.x - at.x, ak.y - at.y);
    let (bx, by) = (bk.x - bt.x, bk.y - bt.y);
    let apart = ((ax * ax + ay * ay).sqrt() - (bx * bx + by * by).sqrt()).abs();
    if apart >= REACH as f32 {
        return None;
    }
    let base = steps.angle[turned as usize] * steps.distance[(apart * 4.0) as usize];
    // Angle between the two connecting lines after turning the first print by either pair.
    let between = trig::to_step(trig::atan2(ax * by - ay * bx, ax * bx + ay * by));
    let forth = steps.angle[trig::step_distance(between, turn_t) as usize];
    let back = steps.angle[trig::step_distance(between, turn_k) as usize];
    (forth + back > 0.01).then_some((base * forth, base * back))
}
