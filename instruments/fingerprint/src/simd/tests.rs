use super::*;
use crate::field::{self, Normalised, Orientation, SumsOf};
use crate::gabor::Enhance;
use crate::period::PeriodOf;
use crate::raster::{Plane, Smooth};
use crate::{Minutia, MinutiaKind, Template};

pub(super) mod golden;

fn scattered(seed: u64, count: u16) -> Prepared {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let minutiae = (0..count)
        .map(|_| Minutia {
            x: 20 + next(260) as u16,
            y: 20 + next(300) as u16,
            angle: next(256) as u8,
            kind: MinutiaKind::Ending,
            quality: 1 + next(100) as u8,
        })
        .collect();
    Prepared::new(&Template {
        width: 300,
        height: 340,
        quality: 80,
        minutiae,
    })
}

#[test]
fn compiled_for_the_cpu_and_plain_agree() {
    for seed in 0..40 {
        let (a, b) = (
            scattered(seed, 20 + seed as u16),
            scattered(seed + 1000, 60),
        );
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        likenesses(&a, &b, 0, &mut fast);
        Likenesses {
            a: &a,
            b: &b,
            floor: 0,
            out: &mut slow,
        }
        .run();
        assert_eq!(fast, slow);
        assert!(!fast.is_empty(), "seed {seed}");
    }
}

#[test]
fn a_cylinder_is_most_like_itself() {
    let a = scattered(7, 40);
    let mut all = Vec::new();
    likenesses(&a, &a, 0, &mut all);
    assert!(all.iter().filter(|l| l.1 == l.2).all(|l| l.0 == 1024));
    assert!(all.iter().filter(|l| l.1 != l.2).all(|l| l.0 < 1024));
}

/// Curved ridges with grain.
fn picture(seed: u64, (width, height): (usize, usize)) -> Plane {
    let mut state = seed | 1;
    let mut plane = Plane::new(width, height);
    for (i, value) in plane.data.iter_mut().enumerate() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (x, y) = ((i % width) as f32 + seed as f32, (i / width) as f32);
        let phase = 0.7 * (x * x * 0.002 + y).sqrt().mul_add(9.0, 0.1 * x);
        *value = (128.0 + 80.0 * phase.sin() + (state >> 59) as f32).round();
    }
    plane
}

#[test]
fn every_stage_compiled_for_the_cpu_and_plain_agree_to_the_bit() {
    for (seed, size) in [(1, (203, 187)), (2, (128, 240)), (3, (331, 120))] {
        let image = picture(seed, size);
        let sums = fastest(SumsOf(&image));
        let plain = SumsOf(&image).run();
        assert_eq!(sums.cos2, plain.cos2);
        assert_eq!(sums.sin2, plain.sin2);
        assert_eq!(
            (&sums.energy, &sums.magnitude),
            (&plain.energy, &plain.magnitude)
        );
        assert_eq!((&sums.mean, &sums.square), (&plain.mean, &plain.square));
        assert_eq!(fastest(Smooth(&image, 2.3)), Smooth(&image, 2.3).run());
        let even = fastest(Normalised(&image, &sums));
        assert_eq!(even, Normalised(&image, &sums).run());
        let seen = crate::net::see(&even);
        let mask = field::foreground(&sums.magnitude, &seen.skin);
        let orientation = Orientation::learned(&seen, &mask);
        let period = fastest(PeriodOf(&even, &mask, &orientation));
        assert_eq!(period.px, PeriodOf(&even, &mask, &orientation).run().px);
        let enhanced = fastest(Enhance(&even, &mask, &orientation, &period));
        assert_eq!(enhanced, Enhance(&even, &mask, &orientation, &period).run());
    }
}
