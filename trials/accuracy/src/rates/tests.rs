use super::*;

fn scores(genuine: &[f32], impostor: &[f32]) -> Scores {
    Scores {
        genuine: genuine.iter().copied().enumerate().collect(),
        impostor: impostor.to_vec(),
    }
}

#[test]
fn separated_scores_have_no_errors() {
    let all = rates(&scores(&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0]));
    assert_eq!(
        all,
        Rates {
            eer: 0.0,
            fmr100: 0.0,
            fmr1000: 0.0
        }
    );
}

#[test]
fn a_tie_counts_as_a_match_and_the_threshold_lies_above_it() {
    // One impostor of 100 may pass at 1 %, none at 0.1 %.
    let impostor: Vec<f32> = (0..100).map(|k| k as f32).collect();
    let all = rates(&scores(&[98.5, 99.0, 99.5, 200.0], &impostor));
    assert_eq!(all.fmr100, 0.0);
    assert_eq!(all.fmr1000, 0.5);
}

#[test]
fn equal_error_of_mirrored_scores_is_their_overlap() {
    let genuine: Vec<f32> = (0..100).map(|k| 50.0 + k as f32).collect();
    let impostor: Vec<f32> = (0..100).map(|k| 69.5 - k as f32).collect();
    let all = rates(&scores(&genuine, &impostor));
    assert!((all.eer - 0.10).abs() < 0.011, "{}", all.eer);
}

#[test]
fn the_interval_holds_the_figure() {
    let genuine: Vec<(usize, f32)> = (0..200)
        .map(|k| (k / 4, if k % 10 == 0 { 0.0 } else { 9.0 }))
        .collect();
    let all = Scores {
        genuine,
        impostor: vec![1.0; 1000],
    };
    let (low, high) = fmr1000_interval(&all, 400);
    assert!(
        low < 0.1 && 0.1 < high && low > 0.04 && high < 0.17,
        "{low} {high}"
    );
}
