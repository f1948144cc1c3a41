//! The whole chain on images made here, whose minutiae are known.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use fingerprint::{
    Ended, Exhibit, ExtractError, FingerPosition, GreyImage, MinutiaKind, Prepared, Score,
    Template, compare, extract, pair_pictures, score,
};

/// Points of the ridge pattern: each adds a turn to the phase, which ends one ridge.
fn dislocations(finger: u64, count: usize) -> Vec<(f32, f32, f32)> {
    let mut state = finger.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut points: Vec<(f32, f32, f32)> = Vec::new();
    while points.len() < count {
        let (x, y) = (40.0 + 220.0 * next(), 40.0 + 240.0 * next());
        if points.iter().all(|p| (p.0 - x).hypot(p.1 - y) > 26.0) {
            points.push((x, y, if next() < 0.5 { 1.0 } else { -1.0 }));
        }
    }
    points
}

/// An impression: slightly bent ridges of 9 px, moved by `shift`, with `noise` grey levels.
fn impression(finger: u64, shift: (f32, f32), noise: f32) -> GreyImage {
    let points = dislocations(finger, 28);
    let (width, height) = (300u32, 320u32);
    let mut state = finger ^ (shift.0.to_bits() as u64) << 7 | 1;
    let pixels = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f32 - shift.0, (i / width) as f32 - shift.1);
            let mut phase = std::f32::consts::TAU * (y + 0.0012 * (x - 150.0) * (x - 150.0)) / 9.0;
            for &(px, py, turn) in &points {
                phase += turn * (y - py).atan2(x - px);
            }
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let grain = ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 2.0 * noise;
            let inside = ((x - 150.0) / 140.0).powi(2) + ((y - 160.0) / 150.0).powi(2) < 1.0;
            let grey = if inside {
                128.0 + 90.0 * phase.cos()
            } else {
                235.0
            };
            (grey + grain).clamp(0.0, 255.0) as u8
        })
        .collect();
    GreyImage::from_raw(width, height, 500, pixels).unwrap()
}

#[test]
fn known_minutiae_are_found_and_few_others() {
    let template = extract(&impression(3, (0.0, 0.0), 12.0)).unwrap();
    let truth: Vec<_> = dislocations(3, 28)
        .into_iter()
        .filter(|p| ((p.0 - 150.0) / 122.0).powi(2) + ((p.1 - 160.0) / 132.0).powi(2) < 1.0)
        .collect();
    let near = |x: f32, y: f32| {
        move |m: &&fingerprint::Minutia| (f32::from(m.x) - x).hypot(f32::from(m.y) - y) < 9.0
    };
    let found = truth
        .iter()
        .filter(|p| template.minutiae.iter().any(|m| near(p.0, p.1)(&m)))
        .count();
    let all = dislocations(3, 28);
    let false_ones = template
        .minutiae
        .iter()
        .filter(|m| !all.iter().any(|p| near(p.0, p.1)(m)))
        .count();
    assert!(found * 10 >= truth.len() * 9, "{found} of {}", truth.len());
    assert!(false_ones <= 3, "{false_ones} false");
}

#[test]
fn directions_follow_the_standard() {
    // One dislocation in level ridges: the extra ridge lies to one side, so its end looks there.
    let image = |turn: f32| {
        let pixels = (0..200 * 200)
            .map(|i| {
                let (x, y) = ((i % 200) as f32, (i / 200) as f32);
                // Half a period of phase decides whether a ridge or a valley ends.
                let phase = std::f32::consts::TAU * y / 9.0 + turn * (y - 100.0).atan2(x - 100.0);
                (128.0 + 90.0 * phase.cos()) as u8
            })
            .collect();
        extract(&GreyImage::from_raw(200, 200, 500, pixels).unwrap()).unwrap()
    };
    for turn in [1.0f32, -1.0] {
        let template = image(turn);
        let m = template
            .minutiae
            .iter()
            .min_by_key(|m| m.x.abs_diff(100) + m.y.abs_diff(100))
            .unwrap();
        // Phase grows by `turn` once around (y downwards): with +1 there is one ridge more on the right.
        let expected: u8 = if turn > 0.0 { 0 } else { 128 };
        let off = m
            .angle
            .wrapping_sub(expected)
            .min(expected.wrapping_sub(m.angle));
        assert!(off < 12, "turn {turn}: angle {} kind {:?}", m.angle, m.kind);
        assert_ne!(m.kind, MinutiaKind::Other);
    }
}

#[test]
fn one_finger_scores_high_and_two_fingers_low() {
    let enrolled = Prepared::new(&extract(&impression(5, (0.0, 0.0), 20.0)).unwrap());
    let again = Prepared::new(&extract(&impression(5, (14.0, -9.0), 30.0)).unwrap());
    let other = Prepared::new(&extract(&impression(6, (0.0, 0.0), 20.0)).unwrap());
    assert!(
        score(&enrolled, &again) > Score::at_fmr(1e-5),
        "{:?}",
        compare(&enrolled, &again)
    );
    assert!(
        score(&enrolled, &other) < Score::at_fmr(1e-3),
        "{:?}",
        compare(&enrolled, &other)
    );
    assert_eq!(score(&enrolled, &again), score(&again, &enrolled));
    let forth = compare(&enrolled, &again);
    assert!(forth.pairs.len() >= 10);
}

#[test]
fn a_record_never_exceeds_600_bytes() {
    // A ridge ends every 26 px: far more minutiae than a template keeps.
    let ends: Vec<(f32, f32, f32)> = (0..196)
        .map(|i| (i % 14, i / 14))
        .map(|(u, v)| {
            (
                40.0 + 26.0 * u as f32,
                40.0 + 26.0 * v as f32,
                ((u + v) % 2) as f32,
            )
        })
        .collect();
    let pixels = (0..420 * 420)
        .map(|i| {
            let (x, y) = ((i % 420) as f32, (i / 420) as f32);
            let turns = ends
                .iter()
                .map(|&(px, py, sign)| (2.0 * sign - 1.0) * (y - py).atan2(x - px));
            let phase = std::f32::consts::TAU * y / 9.0 + turns.sum::<f32>();
            (128.0 + 90.0 * phase.cos()) as u8
        })
        .collect();
    let image = GreyImage::from_raw(420, 420, 500, pixels).unwrap();
    let crowded = extract(&image).unwrap();
    assert!(crowded.to_iso(FingerPosition::Unknown).len() <= 600);
    assert!(Prepared::new(&crowded).bytes() <= 8192);
    let reliabilities: Vec<u8> = crowded.minutiae.iter().map(|m| m.quality).collect();
    assert!(reliabilities.is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_record_compares_as_the_image_does() {
    let one = extract(&impression(8, (0.0, 0.0), 20.0)).unwrap();
    let two = extract(&impression(8, (5.0, 5.0), 20.0)).unwrap();
    let through = Template::from_iso(&one.to_iso(FingerPosition::LeftIndex)).unwrap();
    assert_eq!(through, one);
    assert_eq!(
        compare(&Prepared::new(&one), &Prepared::new(&two)),
        compare(&Prepared::new(&through), &Prepared::new(&two))
    );
}

#[test]
fn images_without_a_finger_are_refused() {
    let flat = GreyImage::from_raw(300, 300, 500, vec![200; 90_000]).unwrap();
    let refusal = |image: &GreyImage| extract(image).err();
    assert_eq!(refusal(&flat), Some(ExtractError::Blank));
    let mut state = 1u32;
    let edge: Vec<u8> = (0..90_000u32)
        .map(|i| if i % 300 < 8 { 0 } else { 220 })
        .collect();
    assert_eq!(
        refusal(&GreyImage::from_raw(300, 300, 500, edge).unwrap()),
        Some(ExtractError::NoRidges)
    );
    let noise: Vec<u8> = (0..90_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    assert_eq!(
        refusal(&GreyImage::from_raw(300, 300, 500, noise).unwrap()),
        Some(ExtractError::NoRidges)
    );
}

#[test]
fn inverted_prints_and_waves_without_direction_are_refused() {
    let print = impression(3, (0.0, 0.0), 12.0);
    assert!(extract(&print).is_ok());
    let mut inverted = print;
    inverted
        .pixels
        .iter_mut()
        .for_each(|grey| *grey = 255 - *grey);
    assert_eq!(extract(&inverted).err(), Some(ExtractError::Inverted));
    // 40 waves of a ridge's period in all directions: noise of the right colour.
    let wave = |i: u32| {
        let (x, y) = ((i % 300) as f32, (i / 300) as f32);
        let sum: f32 = (0..40)
            .map(|k| {
                let turn = k as f32 * 2.399_963;
                let along = x * turn.cos() + y * turn.sin();
                (std::f32::consts::TAU * along / (8.0 + 0.05 * k as f32) + turn * 7.0).cos()
            })
            .sum();
        (128.0 + 14.0 * sum).clamp(0.0, 255.0) as u8
    };
    let waves = GreyImage::from_raw(300, 300, 500, (0..90_000).map(wave).collect()).unwrap();
    let refusal = extract(&waves).err();
    assert!(
        matches!(
            refusal,
            Some(ExtractError::NotSkin | ExtractError::NoRidges)
        ),
        "{refusal:?}"
    );
}

#[test]
fn odd_templates_never_panic() {
    let m = fingerprint::Minutia {
        x: 5,
        y: 5,
        angle: 0,
        kind: MinutiaKind::Ending,
        quality: 0,
    };
    let template = |minutiae: Vec<fingerprint::Minutia>| Template {
        width: 0,
        height: 0,
        quality: 0,
        minutiae,
    };
    let odd = [
        template(vec![]),
        template(vec![m]),
        template(vec![m; 255]),
        template(
            (0..255u8)
                .map(|i| fingerprint::Minutia {
                    x: u16::MAX - u16::from(i),
                    angle: i,
                    ..m
                })
                .collect(),
        ),
        template(
            (0..255u8)
                .map(|i| fingerprint::Minutia {
                    x: u16::from(i),
                    y: u16::from(i),
                    ..m
                })
                .collect(),
        ),
        template(
            (0..255u8)
                .map(|i| fingerprint::Minutia {
                    y: u16::from(i % 16) * 9,
                    x: u16::from(i / 16) * 9,
                    ..m
                })
                .collect(),
        ),
    ];
    for a in &odd {
        for b in &odd {
            let _ = compare(&Prepared::new(a), &Prepared::new(b));
        }
    }
}

#[test]
fn an_explained_comparison_of_images_gives_the_score_of_the_comparison() {
    let first = impression(5, (0.0, 0.0), 15.0);
    for (finger, shift) in [(5, (9.0, -7.0)), (5, (60.0, 40.0)), (6, (0.0, 0.0))] {
        let second = impression(finger, shift, 15.0);
        let (a, b) = (extract(&first).unwrap(), extract(&second).unwrap());
        let expected = score(&Prepared::new(&a), &Prepared::new(&b));
        let images = (Exhibit::Image(&first), Exhibit::Image(&second));
        let (why, pictures) = pair_pictures(images.0, images.1).unwrap();
        assert_eq!(why.score, expected);
        let mixed = pair_pictures(Exhibit::Template(&a), images.1).unwrap().0;
        assert_eq!((mixed.score, &mixed.pairs), (expected, &why.pairs));
        assert_eq!(why.common_mm2.is_some(), why.ended == Ended::Recounted);
        assert_eq!(
            pictures.len(),
            1 + usize::from(why.ended == Ended::Recounted)
        );
        if finger == 5 {
            let laid = why.laid.unwrap();
            assert!((laid.right_px + shift.0).abs() < 2.0, "{laid:?}");
            assert!((laid.down_px + shift.1).abs() < 2.0, "{laid:?}");
        }
    }
}
