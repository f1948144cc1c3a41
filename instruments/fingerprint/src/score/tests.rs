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
