use super::*;
use crate::{Minutia, MinutiaKind, Template};

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
