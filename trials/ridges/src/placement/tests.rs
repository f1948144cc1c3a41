use super::*;
use crate::exact::Lane;

fn strong(seed: u64) -> Placement {
    let mut params = ImpressionParams::election_day();
    params.distortion = 2.0;
    let mut draw = Draw::new(seed, Lane::Pose);
    let condition = Condition::draw(&params, 0.0, &mut draw);
    Placement::draw(&params, &condition, &mut draw)
}

#[test]
fn window_and_master_are_inverse_maps() {
    for seed in 0..40 {
        let placement = strong(seed);
        for (x, y) in [(40.0, 60.0), (163.0, 178.0), (280.0, 300.0), (60.0, 310.0)] {
            let (mx, my) = placement.to_master(x, y);
            let (bx, by) = placement.to_window(mx, my);
            assert!(
                (bx - x).abs() < 0.5 && (by - y).abs() < 0.5,
                "seed {seed}: {bx} {by}"
            );
        }
    }
}

#[test]
fn a_direction_turns_with_the_skin() {
    for seed in 0..40 {
        let placement = strong(seed);
        let (mx, my) = placement.to_master(120.0, 220.0);
        let angle = 0.7_f32;
        let ahead = placement.to_window(mx + 3.0 * angle.cos(), my - 3.0 * angle.sin());
        let here = placement.to_window(mx, my);
        let measured = full_turn(-(ahead.1 - here.1).atan2(ahead.0 - here.0));
        let told = placement.turn((120.0, 220.0), angle);
        let gap = full_turn(measured - told);
        assert!(
            gap.min(core::f32::consts::TAU - gap) < 0.06,
            "seed {seed}: {measured} {told}"
        );
    }
}
