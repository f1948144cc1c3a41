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
use crate::trig;

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
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt")
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
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the CPU has just said that it has `popcnt`.
        unsafe { with_popcnt(a, b, floor, out) };
        return;
    }
    plain(a, b, floor, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn with_popcnt(a: &Prepared, b: &Prepared, floor: u16, out: &mut Vec<Likeness>) {
    plain(a, b, floor, out);
}

/// The scalar twin; inlined into the other so that it is compiled for it too.
#[inline(always)]
pub(crate) fn plain(a: &Prepared, b: &Prepared, floor: u16, out: &mut Vec<Likeness>) {
    let roots = &*ROOTS;
    for (i, ca) in a.cylinders.iter().enumerate() {
        for (j, cb) in b.cylinders.iter().enumerate() {
            if trig::step_distance(ca.angle, cb.angle) > TURN_MAX {
                continue;
            }
            let s = similarity(ca, cb, roots);
            if s > floor {
                out.push((s, i as u8, j as u8));
            }
        }
    }
}

/// One minus the distance of the bit vectors over the sum of their lengths, in 1/1024.
#[inline(always)]
fn similarity(a: &Cylinder, b: &Cylinder, roots: &[f32; 385]) -> u16 {
    let known = a.known & b.known;
    if known.count_ones() < KNOWN_MIN {
        return 0;
    }
    let (mut in_a, mut in_b, mut both) = (0, 0, 0);
    for section in 0..SECTIONS {
        in_a += (a.bits[section] & known).count_ones();
        in_b += (b.bits[section] & known).count_ones();
        both += (a.bits[section] & b.bits[section]).count_ones();
    }
    let differ = in_a + in_b - 2 * both;
    let norm = roots[in_a as usize] + roots[in_b as usize];
    if norm == 0.0 {
        return 0;
    }
    ((1.0 - roots[differ as usize] / norm) * 1024.0) as u16
}

#[cfg(test)]
mod tests;
