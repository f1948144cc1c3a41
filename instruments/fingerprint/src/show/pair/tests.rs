#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::{Minutia, MinutiaKind, score};

fn minutiae(seed: u64, count: usize) -> Vec<Minutia> {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..count)
        .map(|_| Minutia {
            x: (60 + next(220)) as u16,
            y: (60 + next(240)) as u16,
            angle: next(256) as u8,
            kind: MinutiaKind::Ending,
            quality: 20 + next(80) as u8,
        })
        .collect()
}

fn template(minutiae: Vec<Minutia>) -> Template {
    Template {
        width: 360,
        height: 380,
        quality: 60,
        minutiae,
    }
}

/// The print shifted by (30, −20), some minutiae lost and others made up.
fn another(of: &[Minutia], lost: usize, made_up: u64) -> Template {
    let mut kept: Vec<Minutia> = of[lost..]
        .iter()
        .map(|m| Minutia {
            x: m.x + 30,
            y: m.y - 20,
            ..*m
        })
        .collect();
    kept.extend(minutiae(made_up, lost));
    template(kept)
}

fn explained(a: &Template, b: &Template) -> PairExplanation {
    pair_pictures(Exhibit::Template(a), Exhibit::Template(b))
        .unwrap()
        .0
}

#[test]
fn the_explained_score_is_that_of_the_comparison_wherever_it_ended() {
    let mut ends = [0; 3];
    for seed in 1..60u64 {
        let first = minutiae(seed, 4 + (seed as usize * 7) % 50);
        let lost = first.len() * (seed as usize % 5) / 5;
        let others = [
            another(&first, lost, seed + 500),
            template(minutiae(seed + 900, 30)),
        ];
        let first = template(first);
        for second in &others {
            let (p, q) = (Prepared::new(&first), Prepared::new(second));
            let why = explained(&first, second);
            assert_eq!(why.score, score(&p, &q), "{seed}");
            let other_way = explained(second, &first);
            assert_eq!(other_way.score, why.score);
            assert_eq!((other_way.unmet.1, other_way.unmet.0), why.unmet);
            assert_eq!(other_way.pairs.len(), why.pairs.len());
            let bent = why.pairs.iter().filter(|p| p.bent).count();
            let stiff = why.pairs.iter().filter(|p| p.stiff).count();
            assert_eq!(
                (bent, stiff),
                (why.measures.bent as usize, why.measures.matched as usize)
            );
            ends[match why.ended {
                Ended::NothingAlike => 0,
                Ended::AtTheGate => 1,
                Ended::Recounted => 2,
            }] += 1;
        }
    }
    assert!(
        ends.iter().all(|n| *n >= 3),
        "every end must be seen: {ends:?}"
    );
}

#[test]
fn numbers_join_the_same_minutiae_and_the_motion_is_that_of_the_shift() {
    let first = minutiae(7, 40);
    let second = another(&first, 10, 77);
    let (a, b) = (template(first), second);
    for (why, sign) in [(explained(&a, &b), 1.0f32), (explained(&b, &a), -1.0)] {
        let laid = why.laid.unwrap();
        assert!(laid.turn_deg.abs() < 1.5, "{laid:?}");
        assert!(
            (laid.right_px + sign * 30.0).abs() < 2.0 && (laid.down_px - sign * 20.0).abs() < 2.0,
            "{laid:?}"
        );
        let right = why.pairs.iter().filter(|p| {
            let shift = (
                i32::from(p.second.0) - i32::from(p.first.0),
                i32::from(p.second.1) - i32::from(p.first.1),
            );
            shift == (sign as i32 * 30, sign as i32 * -20)
        });
        assert!(right.count() >= 28);
        assert!(
            why.pairs
                .iter()
                .filter(|p| p.stiff)
                .all(|p| p.apart_px < 12.5)
        );
    }
}

#[test]
fn a_turned_print_says_by_how_much() {
    let first = minutiae(11, 40);
    // A quarter turn counter-clockwise about the middle of the picture.
    let turned = first
        .iter()
        .map(|m| Minutia {
            x: m.y,
            y: 360 - m.x,
            angle: m.angle.wrapping_add(64),
            ..*m
        })
        .collect();
    let why = explained(&template(first), &template(turned));
    assert!(
        (why.laid.unwrap().turn_deg + 90.0).abs() < 1.0,
        "{:?}",
        why.laid
    );
}

#[test]
fn pictures_hold_both_prints_and_a_template_without_end_is_drawn_small() {
    let near = template(minutiae(3, 30));
    let (_, pictures) = pair_pictures(Exhibit::Template(&near), Exhibit::Template(&near)).unwrap();
    for picture in &pictures {
        assert_eq!(
            picture.rgb.len(),
            3 * (picture.width * picture.height) as usize
        );
        assert!(
            picture.rgb.chunks(3).any(|rgb| rgb == MET),
            "{}",
            picture.stage
        );
    }
    let mut far = minutiae(3, 30);
    far[0] = Minutia {
        x: 65_000,
        y: 65_000,
        ..far[0]
    };
    let (_, pictures) =
        pair_pictures(Exhibit::Template(&near), Exhibit::Template(&template(far))).unwrap();
    assert!(pictures.iter().all(|p| p.width <= 5000 && p.height <= 2500));
}
