use super::*;

#[test]
fn a_higher_raw_value_never_scores_lower() {
    let scores: Vec<Score> = (-300..400)
        .map(|i| Score::from_raw(i as f32 * 0.1))
        .collect();
    assert!(scores.windows(2).all(|w| w[0] <= w[1]));
    assert_eq!(scores[0], Score::NONE);
    assert_eq!(Score::from_raw(1000.0), Score::MAX);
}

#[test]
fn thresholds_and_rates_are_inverse() {
    for value in [0, 100, 250, 400, 650] {
        assert_eq!(Score::at_fmr(Score::new(value).fmr()), Score::new(value));
    }
    for value in 0..=Score::MAX.value() {
        let score = Score::new(value);
        assert_eq!(Score::at_fmr(score.fmr()), score);
        // A rate a little lower needs a higher score, a little higher not.
        assert!(value == Score::MAX.value() || Score::at_fmr(score.fmr() * 0.999) > score);
        assert!(Score::at_fmr((score.fmr() * 1.001).min(1.0)) <= score);
    }
    assert_eq!(Score::at_fmr(0.0), Score::MAX);
    assert_eq!(Score::at_fmr(7.0), Score::NONE);
}

#[test]
fn fusing_one_is_that_one_and_more_evidence_scores_higher() {
    for value in [0u16, 50, 300, 1500] {
        assert_eq!(Score::fused(&[Score::new(value)]), Score::new(value));
    }
    let two = Score::fused(&[Score::new(300), Score::new(200)]);
    assert!(two > Score::fused(&[Score::new(300), Score::new(100)]));
    // A second finger that shows nothing weakens the first: it had its chance.
    assert!(Score::fused(&[Score::new(300), Score::NONE]) < Score::new(300));
}

#[test]
fn rates_fall_with_the_score_and_lie_under_their_upper_end() {
    let rates: Vec<(f64, f64)> = (0..=Score::MAX.value())
        .map(|value| (Score::new(value).fmr(), Score::new(value).fmr_upper()))
        .collect();
    assert!(rates.windows(2).all(|w| w[0].0 > w[1].0 && w[0].1 > w[1].1));
    assert!(rates.iter().skip(1).all(|r| r.0 < r.1 && r.1 <= 1.0));
}

#[test]
fn points_of_the_scale_rise() {
    let rises = |points: &[(f32, f32)]| {
        points
            .windows(2)
            .all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1)
    };
    assert!(rises(&CALIBRATION) && rises(&MARGIN));
}

#[test]
fn views_never_beat_the_best_and_never_more_than_their_number_costs() {
    for best in (0..=2000).step_by(37) {
        for count in 1..=8usize {
            let mut views = vec![Score::NONE; count];
            views[count / 2] = Score::new(best);
            let fused = Score::fused_views(&views);
            assert!(fused <= Score::new(best));
            // The union bound: k views pass k times as often.
            assert!(
                Score::new(best).fmr() * count as f64 <= fused.fmr() * 1.0001
                    || fused == Score::NONE
            );
            assert!(
                f64::from(fused.value()) > f64::from(best) - 100.0 * (count as f64).log10() - 1.0
            );
        }
    }
}

/// Fisher's method by drawing: p-values of independent strangers are even, so without the price a
/// fused score of 200 would come once in 100.
#[test]
fn fused_fingers_of_independent_strangers_pass_less_often_than_stated_by_the_price() {
    let mut state = 7u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let p = ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        Score::new((-100.0 * p.log10()).floor().min(2000.0) as u16)
    };
    for fingers in [2, 4] {
        let rounds = 200_000;
        let passed = (0..rounds)
            .filter(|_| {
                let scores: Vec<Score> = (0..fingers).map(|_| draw()).collect();
                Score::fused_fingers(&scores) >= Score::new(200)
            })
            .count() as f64;
        let rate = passed / f64::from(rounds);
        let expected = 0.01 * 10f64.powf(-FINGERS_PRICE * f64::from(fingers).log2() / 100.0);
        assert!(
            (rate / expected - 1.0).abs() < 0.12,
            "{fingers}: {rate} {expected}"
        );
    }
}
