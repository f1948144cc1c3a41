use super::*;

#[test]
fn own_functions_agree_with_the_library() {
    for step in -2000..2000 {
        let x = step as f32 * 0.01;
        let (s, c) = sin_cos(x);
        assert!(
            (s - x.sin()).abs() < 2e-6 && (c - x.cos()).abs() < 2e-6,
            "{x}"
        );
        assert!((exp(x) / x.exp() - 1.0).abs() < 1e-5, "{x}");
        let (s, c) = (x.sin() * 3.0, x.cos() * 3.0);
        assert!((atan2(s, c) - s.atan2(c)).abs() < 5e-6, "{x}");
    }
}

#[test]
fn normal_draws_have_mean_zero_and_deviation_one() {
    let mut draw = Draw::new(1, Lane::Pose);
    let draws: Vec<f32> = (0..20_000).map(|_| draw.normal()).collect();
    let mean = draws.iter().sum::<f32>() / draws.len() as f32;
    let variance = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f32>() / draws.len() as f32;
    assert!(
        mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04,
        "{mean} {variance}"
    );
}

#[test]
fn poisson_draws_have_their_mean() {
    let mut draw = Draw::new(2, Lane::Pose);
    let total: usize = (0..5_000).map(|_| draw.poisson(3.5)).sum();
    assert!((total as f32 / 5_000.0 - 3.5).abs() < 0.12, "{total}");
}
