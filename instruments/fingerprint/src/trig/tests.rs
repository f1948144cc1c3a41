#[test]
fn functions_agree_with_the_system_library() {
    for i in -4000..4000 {
        let x = i as f32 * 0.01;
        let (s, c) = super::sin_cos(x);
        assert!(
            (s - x.sin()).abs() < 2e-5 && (c - x.cos()).abs() < 2e-5,
            "{x}"
        );
        assert!((super::exp(x) / x.exp() - 1.0).abs() < 1e-5, "{x}");
        let y = ((i * 37) % 101) as f32;
        assert!((super::atan2(y, x) - y.atan2(x)).abs() < 1e-5, "{y} {x}");
        let z = x.abs() + 1e-3;
        assert!((super::ln(z) - z.ln()).abs() < 1e-5, "{z}");
    }
}

#[test]
fn steps_wrap_around() {
    assert_eq!(super::to_step(-std::f32::consts::FRAC_PI_2), 192);
    assert_eq!(super::step_distance(250, 6), 12);
    assert_eq!(super::step_distance(0, 128), 128);
}
