//! The path without pictures follows the statistics of the path with pictures.

#![expect(clippy::disallowed_methods, reason = "one test measures wall time")]

use ridges::{ImpressionParams, Master, MinutiaKind, Position, Skeleton, TrueMinutia};

/// Number, nearest-neighbour distance in px (mean), share of endings.
fn figures(fingers: &[Vec<TrueMinutia>]) -> [f32; 3] {
    let all: usize = fingers.iter().map(Vec::len).sum();
    let endings: usize = fingers
        .iter()
        .map(|f| f.iter().filter(|m| m.kind == MinutiaKind::Ending).count())
        .sum();
    let mut nearest = 0.0;
    for finger in fingers {
        for (k, a) in finger.iter().enumerate() {
            let closest = finger
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != k)
                .map(|(_, b)| ((a.x - b.x).powi(2) + (a.y - b.y).powi(2)).sqrt())
                .fold(f32::MAX, f32::min);
            nearest += closest.min(100.0);
        }
    }
    [
        all as f32 / fingers.len() as f32,
        nearest / all as f32,
        endings as f32 / all as f32,
    ]
}

fn seeds() -> impl Iterator<Item = (u64, Position)> {
    (0..40_u64).map(|seed| (1000 + seed, Position::ALL[(seed % 10) as usize]))
}

#[test]
fn drawn_fingers_have_the_statistics_of_grown_ones() {
    let grown: Vec<_> = seeds()
        .map(|(s, p)| Master::grow(s, p).minutiae().to_vec())
        .collect();
    let drawn: Vec<_> = seeds()
        .map(|(s, p)| Skeleton::draw(s, p).minutiae().to_vec())
        .collect();
    let (g, d) = (figures(&grown), figures(&drawn));
    println!("grown {g:?}\ndrawn {d:?}");
    assert!((d[0] / g[0] - 1.0).abs() < 0.15, "numbers {g:?} {d:?}");
    assert!((d[1] / g[1] - 1.0).abs() < 0.15, "distances {g:?} {d:?}");
    assert!((d[2] - g[2]).abs() < 0.08, "endings {g:?} {d:?}");
}

#[test]
fn minutiae_point_where_the_flow_needs_them() {
    // Where ridges fan out, more minutiae point one way than the other: the two paths must agree.
    let agree = |fingers: Vec<(Vec<TrueMinutia>, Vec<TrueMinutia>)>| {
        let (mut same, mut pairs) = (0_u32, 0_u32);
        for (one, two) in fingers {
            for a in &one {
                for b in &two {
                    let near = (a.x - b.x).abs() < 24.0 && (a.y - b.y).abs() < 24.0;
                    let turn = (a.angle - b.angle).cos();
                    if near && turn.abs() > 0.7 {
                        pairs += 1;
                        same += u32::from(turn > 0.0);
                    }
                }
            }
        }
        same as f32 / pairs as f32
    };
    let mixed = seeds().map(|(s, p)| {
        (
            Master::grow(s, p).minutiae().to_vec(),
            Skeleton::draw(s, p).minutiae().to_vec(),
        )
    });
    let share = agree(mixed.collect());
    println!("same side: {share}");
    assert!(share > 0.58, "{share}");
}

#[test]
fn an_impression_keeps_most_minutiae_and_moves_them_little() {
    let params = ImpressionParams {
        distortion: 0.0,
        rotation_sd_deg: 0.0,
        shift_sd_px: 0.0,
        ..ImpressionParams::enrolment()
    };
    for (seed, position) in seeds() {
        let skeleton = Skeleton::draw(seed, position);
        let print = skeleton.impression(&params, seed);
        let middle = (params.width as f32 / 2.0, params.height as f32 / 2.0);
        let kept: Vec<_> = print.iter().filter(|m| m.origin.is_some()).collect();
        for m in &kept {
            let from = &skeleton.minutiae()[usize::from(m.origin.expect("kept"))];
            // Nothing but jitter is left when pose and distortion are off.
            assert!(
                (m.x - middle.0 - (from.x - 196.0)).abs() < 8.0,
                "{m:?} {from:?}"
            );
        }
        let spurious = print.len() - kept.len();
        assert!(
            kept.len() >= 10 && spurious < 25,
            "seed {seed}: {} + {spurious}",
            kept.len()
        );
    }
}

#[test]
fn a_national_number_takes_minutes() {
    // A generous bound, for a busy machine; the figure is printed.
    let start = std::time::Instant::now();
    let params = ImpressionParams::election_day();
    let mut total = 0;
    for person in 0..1000_u64 {
        for position in Position::ALL {
            let skeleton = Skeleton::draw(ridges::finger_seed(1, person, position), position);
            total += skeleton.impression(&params, person).len();
        }
    }
    let each = start.elapsed() / 10_000;
    println!(
        "{each:?} a finger with one impression, {} minutiae each",
        total / 10_000
    );
    assert!(each.as_micros() < 2_000);
}
