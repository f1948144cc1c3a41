//! The loops that are compiled a second time for newer CPUs and chosen at run time.
//!
//! Both copies come from the same lines. Integers are the same by nature; floating point is the
//! same because Rust never contracts a multiplication and an addition into one operation nor
//! reorders a sum, so wider registers change the speed only.
#![expect(
    unsafe_code,
    reason = "calling a function compiled for newer instructions after asking the CPU for them"
)]

use crate::prepared::{Cylinder, Prepared, SECTIONS};

/// A loop worth compiling twice. `run` must be `#[inline(always)]`, and so must what it calls.
pub(crate) trait Loop {
    /// What it makes.
    type Made;
    /// The scalar twin: as it is compiled for the oldest CPU.
    fn run(self) -> Self::Made;
}

/// Runs a loop as it is compiled for this CPU.
pub(crate) fn fastest<L: Loop>(task: L) -> L::Made {
    #[cfg(target_arch = "x86_64")]
    if !scalar_forced()
        && std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the CPU has just said that it has `avx2` and `popcnt`.
        return unsafe { with_avx2(task) };
    }
    task.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn with_avx2<L: Loop>(task: L) -> L::Made {
    task.run()
}

/// Runs a loop of bit counts as it is compiled for this CPU.
///
/// Without AVX2: with it the compiler counts bits in wide registers, which is slower for six words.
fn counting<L: Loop>(task: L) -> L::Made {
    #[cfg(target_arch = "x86_64")]
    if !scalar_forced() && std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the CPU has just said that it has `popcnt`.
        return unsafe { with_popcnt(task) };
    }
    task.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn with_popcnt<L: Loop>(task: L) -> L::Made {
    task.run()
}

/// Cells that both cylinders must know: 0.6 of the 52 inside the circle (MCC, minME).
const KNOWN_MIN: u32 = 31;
/// Pairs of minutiae turned against each other by more than this many steps (90°) are not compared.
const TURN_MAX: u8 = 64;

/// Square roots of 0 to 384, the number of bits in a cylinder.
static ROOTS: std::sync::LazyLock<[f32; 385]> =
    std::sync::LazyLock::new(|| std::array::from_fn(|i| (i as f32).sqrt()));

/// A pair of cylinders and their similarity in 1/1024.
pub(crate) type Likeness = (u16, u8, u8);

/// Similarities over `floor` of all pairs of cylinders, in order of their indices.
pub(crate) fn likenesses(a: &Prepared, b: &Prepared, floor: u16, out: &mut Vec<Likeness>) {
    counting(Likenesses { a, b, floor, out });
}

struct Likenesses<'a> {
    a: &'a Prepared,
    b: &'a Prepared,
    floor: u16,
    out: &'a mut Vec<Likeness>,
}

impl Loop for Likenesses<'_> {
    type Made = ();

    #[inline(always)]
    fn run(self) {
        let roots = &*ROOTS;
        let Likenesses { a, b, floor, out } = self;
        let most = 1.0 - f32::from(floor) / 1024.0;
        // INVARIANT (cylinders lie in order of angle): those to compare with are one run of the
        // circle, so at most two runs of the list.
        let place = |angle: u8| b.cylinders.partition_point(|c| c.angle < angle);
        for (i, ca) in a.cylinders.iter().enumerate() {
            let (from, to) = (
                ca.angle.wrapping_sub(TURN_MAX),
                ca.angle.wrapping_add(TURN_MAX + 1),
            );
            let (first, last) = (place(from), place(to));
            let runs = if from < to {
                [first..last, 0..0]
            } else {
                [0..last, first..b.cylinders.len()]
            };
            for j in runs.into_iter().flatten() {
                let s = similarity(ca, &b.cylinders[j], roots, most);
                if s > floor {
                    out.push((s, i as u8, j as u8));
                }
            }
        }
    }
}

/// One minus the distance of the bit vectors over the sum of their lengths, in 1/1024.
///
/// 0 when the distance is `most` of that sum or more.
#[inline(always)]
fn similarity(a: &Cylinder, b: &Cylinder, roots: &[f32; 385], most: f32) -> u16 {
    let known = a.known & b.known;
    // INVARIANT (bits only where known): Prepared sets no bit in an unknown cell.
    let count = |of: &Cylinder| {
        if known == of.known {
            return u32::from(of.ones);
        }
        (0..SECTIONS)
            .map(|s| (of.bits[s] & known).count_ones())
            .sum()
    };
    if known != a.known && known.count_ones() < KNOWN_MIN {
        return 0;
    }
    let both: u32 = (0..SECTIONS)
        .map(|s| (a.bits[s] & b.bits[s]).count_ones())
        .sum();
    let (in_a, in_b) = (count(a), count(b));
    let differ = in_a + in_b - 2 * both;
    let norm = roots[in_a as usize] + roots[in_b as usize];
    // Most pairs end here, without a division; also two cylinders without a bit.
    if roots[differ as usize] >= norm * most {
        return 0;
    }
    ((1.0 - roots[differ as usize] / norm) * 1024.0) as u16
}

/// Whether the scalar twin is to run although the CPU could do more; a test may say so.
#[cfg(not(test))]
const fn scalar_forced() -> bool {
    false
}

#[cfg(test)]
use tests::golden::scalar_forced;

#[cfg(test)]
mod tests;
