#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;
use crate::decode::GreyImage;
use crate::extract::{extract, extract_with_quality};

/// A finger with rings 9 px apart, some of which end, in a window of 326×357 px.
#[derive(Clone, Copy)]
struct Taken {
    /// Where the middle lies, px from the window's.
    shift: (f32, f32),
    /// Half axes of the touching skin, px.
    half: (f32, f32),
    /// Skin touches where the ridge is higher than this, −1 to 1.
    level: f32,
    /// How rough the ridge is: breaks it into dots.
    rough: f32,
    /// How dark valleys are, 0 paper to 1 ridge.
    haze: f32,
    /// How far the finger slides to the right, px.
    slides: usize,
    /// Half side of a square with faint ridges beside the finger, px.
    dirt: usize,
}

const GOOD: Taken = Taken {
    shift: (0.0, 0.0),
    half: (110.0, 140.0),
    level: 0.0,
    rough: 0.15,
    haze: 0.05,
    slides: 0,
    dirt: 0,
};

/// Where a ridge ends, px from the middle, and to which side.
const ENDS: [(f32, f32, f32); 16] = [
    (-75.0, 5.0, 1.0),
    (-60.0, -70.0, -1.0),
    (-50.0, 60.0, 1.0),
    (-40.0, -20.0, -1.0),
    (-30.0, 100.0, 1.0),
    (-15.0, -95.0, -1.0),
    (-10.0, 45.0, 1.0),
    (5.0, -55.0, -1.0),
    (15.0, 80.0, 1.0),
    (30.0, -90.0, -1.0),
    (35.0, 20.0, 1.0),
    (45.0, -35.0, -1.0),
    (55.0, 60.0, 1.0),
    (70.0, -60.0, -1.0),
    (75.0, 15.0, 1.0),
    (30.0, 50.0, -1.0),
];

fn noise(x: usize, y: usize) -> f32 {
    let mut z = (x as u64) << 32 | y as u64;
    z = (z ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

fn grey(taken: &Taken, x: usize, y: usize) -> f32 {
    if x.abs_diff(40) < taken.dirt && y.abs_diff(40) < taken.dirt {
        return if x % 8 < 4 { 245.0 } else { 150.0 };
    }
    let (u, v) = (
        x as f32 - 163.0 - taken.shift.0,
        y as f32 - 178.0 - taken.shift.1,
    );
    let inside = (u / taken.half.0).powi(2) + (v / taken.half.1).powi(2);
    if inside > 1.0 {
        return 245.0 + 3.0 * noise(x, y);
    }
    let rings = std::f32::consts::TAU * (u * u + v * v + 900.0).sqrt() / 9.0;
    let ends = ENDS.iter().map(|&(a, b, sign)| sign * (v - b).atan2(u - a));
    let height = (rings + ends.sum::<f32>()).cos();
    // Spots of 4 px, not of one: what breaks a ridge is as wide as the ridge.
    let spot = noise(x / 4, y / 4);
    let contact = ((height + taken.rough * spot - taken.level) * 1.5 + 0.5).clamp(0.0, 1.0);
    let dark = contact.max(taken.haze) * 190.0;
    245.0 - dark + 6.0 * noise(x, y)
}

fn image(taken: &Taken) -> GreyImage {
    let (width, height) = (326usize, 357usize);
    let pixels = (0..width * height)
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let way = (0..=taken.slides).map(|d| grey(taken, (x + d).min(width - 1), y));
            (way.sum::<f32>() / (taken.slides + 1) as f32).clamp(0.0, 255.0) as u8
        })
        .collect();
    GreyImage::from_raw(width as u32, height as u32, 500, pixels).unwrap()
}

fn quality(taken: &Taken) -> Quality {
    extract_with_quality(&image(taken)).unwrap().1
}

#[test]
fn a_good_print_has_no_reason() {
    let good = quality(&GOOD);
    assert_eq!(good.reasons, [], "{:?}", good.measures);
}

#[test]
fn each_reason_comes_from_the_condition_that_makes_it() {
    let cases = [
        (
            QualityReason::TooDry,
            Taken {
                level: 0.45,
                rough: 1.3,
                haze: 0.0,
                ..GOOD
            },
        ),
        (
            QualityReason::TooWet,
            Taken {
                level: -0.7,
                haze: 0.6,
                ..GOOD
            },
        ),
        (
            QualityReason::TooSmall,
            Taken {
                half: (60.0, 70.0),
                ..GOOD
            },
        ),
        (
            QualityReason::Shifted,
            Taken {
                shift: (90.0, 0.0),
                ..GOOD
            },
        ),
        (QualityReason::Moving, Taken { slides: 9, ..GOOD }),
        (QualityReason::Dirty, Taken { dirt: 36, ..GOOD }),
    ];
    assert_eq!(cases.map(|case| case.0), QualityReason::ALL);
    for (reason, taken) in cases {
        let found = quality(&taken);
        assert_eq!(found.reasons, [reason], "{:?}", found.measures);
    }
}

#[test]
fn a_rough_print_and_a_tip_are_worth_less_than_a_good_one() {
    let good = quality(&GOOD).value;
    let rough = quality(&Taken { rough: 2.2, ..GOOD });
    assert!(
        rough.value + 10 < good,
        "{} {good} {:?}",
        rough.value,
        rough.measures
    );
    let tip = quality(&Taken {
        shift: (0.0, 230.0),
        ..GOOD
    });
    assert!(
        tip.value + 10 < good,
        "{} {good} {:?}",
        tip.value,
        tip.measures
    );
}

#[test]
fn the_template_carries_the_value_and_is_that_of_extract() {
    let (template, quality) = extract_with_quality(&image(&GOOD)).unwrap();
    assert_eq!(template.quality, quality.value);
    assert_eq!(template, extract(&image(&GOOD)).unwrap());
}

#[test]
fn more_reliable_minutiae_never_lower_the_value() {
    for minutiae in [0.0f32, 5.0, 20.0, 60.0] {
        for core_mm in [0.0, 1.8] {
            let values: Vec<u8> = (0..=100)
                .map(|share| {
                    value(&QualityMeasures {
                        minutiae,
                        reliable: minutiae * share as f32 * 0.01,
                        core_mm,
                        ..QualityMeasures::default()
                    })
                })
                .collect();
            assert!(values.is_sorted(), "{values:?}");
            assert!(values.iter().all(|v| *v <= 100));
        }
    }
    // A print without any minutia fails nearly always.
    assert!(value(&QualityMeasures::default()) <= 5);
}

#[test]
fn codes_and_sentences_are_complete_and_different() {
    let mut seen = std::collections::BTreeSet::new();
    for reason in QualityReason::ALL {
        assert!(seen.insert(reason.as_code()));
        for language in ["ky", "ru", "en"] {
            assert!(seen.insert(reason.sentence(language).unwrap()));
        }
        assert_eq!(reason.sentence("de"), None);
    }
}
