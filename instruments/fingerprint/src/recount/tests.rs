use super::*;
use crate::{Minutia, MinutiaKind, Template};

/// Scattered minutiae; `bend` moves them as skin that is dragged to the right at the bottom.
fn print(seed: u64, bend: f32, quality: impl Fn(usize) -> u8) -> Prepared {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let minutiae = (0..45)
        .map(|i| {
            let (x, y, angle) = (30 + next(240), 30 + next(300), next(256));
            let drag = bend * (y as f32 / 330.0).powi(2);
            Minutia {
                x: (x as f32 + drag) as u16,
                y: y as u16,
                angle: angle as u8,
                kind: MinutiaKind::Ending,
                quality: quality(i),
            }
        })
        .collect();
    Prepared::new(&Template {
        width: 320,
        height: 360,
        quality: 70,
        minutiae,
    })
}

/// A motion proposed by the upper half, which the drag leaves alone.
fn measured(a: &Prepared, b: &Prepared) -> (Recount, Fit) {
    let pairs: Vec<Pair> = (0..a.points.len())
        .filter(|&i| a.points[i].y > -130.0)
        .filter_map(|i| {
            let j = b
                .points
                .iter()
                .position(|q| q.angle == a.points[i].angle && (q.y - a.points[i].y).abs() < 0.5)?;
            Some(Pair {
                a: i as u8,
                b: j as u8,
                first: 0.6,
                now: 0.6,
            })
        })
        .collect();
    let recount = recount(a, b, &pairs);
    let fit = fit(a, b, &recount);
    (recount, fit)
}

#[test]
fn a_motion_that_may_bend_meets_what_a_rigid_one_does_not() {
    let (mut rigid, mut bent) = (0.0, 0.0);
    for seed in 1..9 {
        let (a, b) = (print(seed, 0.0, |_| 60), print(seed, 48.0, |_| 60));
        let (recount, fit) = measured(&a, &b);
        rigid += recount.met.len() as f32;
        bent += fit.bent;
        assert!(fit.bent_px < 6.0);
    }
    assert!(bent >= 1.1 * rigid, "{bent} of {rigid}");
}

#[test]
fn one_print_meets_itself_whole() {
    let a = print(5, 0.0, |_| 60);
    let (recount, fit) = measured(&a, &a);
    assert_eq!(recount.met.len(), 45);
    assert_eq!((fit.bent, fit.bent_px, fit.turned), (45.0, 0.0, 0.0));
    assert!((fit.bent_trust - 45.0).abs() < 0.01 && (fit.overlap_trust - 45.0).abs() < 0.01);
}

#[test]
fn reliabilities_count_only_beside_each_other() {
    let fit = |factor: u8| {
        let (a, b) = (
            print(5, 0.0, |i| factor * (20 + (i % 7) as u8)),
            print(5, 12.0, |i| factor * (20 + (i % 7) as u8)),
        );
        measured(&a, &b).1
    };
    let (low, high) = (fit(1), fit(3));
    assert!((low.bent_trust / high.bent_trust - 1.0).abs() < 0.02);
    assert!((low.overlap_trust / high.overlap_trust - 1.0).abs() < 0.02);
    // A record that says nothing counts every minutia as one.
    let silent = measured(&print(5, 0.0, |_| 0), &print(5, 12.0, |_| 0)).1;
    assert!((silent.bent_trust - silent.bent).abs() < 0.01);
}

#[test]
fn points_that_all_lie_together_end_the_recount() {
    let minutiae = (0..128u16)
        .map(|i| Minutia {
            x: 300 + i % 12,
            y: 300 + i / 12,
            angle: 7,
            kind: MinutiaKind::Ending,
            quality: 50,
        })
        .collect();
    let clump = Prepared::new(&Template {
        width: 400,
        height: 400,
        quality: 50,
        minutiae,
    });
    let still = Motion::of(&clump.points[0], &clump.points[0]);
    let (mut near, mut met) = (Vec::new(), Vec::new());
    let mut meet = |print: &Prepared, motion: &Motion, widen: f32| {
        let looks = Meet {
            a: print,
            b: print,
            lanes: &Lanes::of(print),
            motion,
            widen,
            near: &mut near,
        }
        .run();
        once_each(&mut near, &mut met);
        (looks, near.len(), met.len())
    };
    let (looks, near, met) = meet(&clump, &still, 1.0);
    assert!(looks > LOOKS_MAX, "{looks} looks");
    // One point may pass the limit with all that it meets.
    assert!(near <= NEAR_MAX + USED_MAX, "{near} near");
    assert!(met > 1);
    // A usual print is far from it.
    let usual = print(3, 0.0, |_| 50);
    let still = Motion::of(&usual.points[0], &usual.points[0]);
    let (looks, _, met) = meet(&usual, &still, 1.5);
    assert!((45..1_500).contains(&looks) && met == 45, "{looks}");
}
