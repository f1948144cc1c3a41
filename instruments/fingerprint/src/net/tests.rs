use super::*;

/// Ridges of `period` px in a direction, y downwards.
fn ridges(angle: f32, period: f32, (width, height): (usize, usize)) -> Plane {
    let (sine, cosine) = angle.sin_cos();
    let mut plane = Plane::new(width, height);
    for y in 0..height {
        for x in 0..width {
            let across = y as f32 * cosine - x as f32 * sine;
            plane.data[y * width + x] = 1.4 * (std::f32::consts::TAU * across / period).cos();
        }
    }
    plane
}

#[test]
fn compiled_for_the_cpu_and_plain_agree_to_the_bit() {
    for (angle, size) in [(0.3, (121, 130)), (1.9, (96, 200)), (2.8, (303, 104))] {
        let picture = ridges(angle, 8.5, size);
        assert_eq!(see(&picture), See(&picture).run());
    }
}

#[test]
fn sees_the_direction_of_plain_ridges() {
    for step in 0..12 {
        let angle = step as f32 * std::f32::consts::PI / 12.0;
        let period = 7.5 + 0.3 * step as f32;
        let seen = see(&ridges(angle, period, (200, 200)));
        let middle = |plane: &Plane| plane.at(12, 12);
        let told = 0.5 * middle(&seen.sin2).atan2(middle(&seen.cos2));
        let off = (2.0 * (told - angle)).sin().asin().abs() / 2.0;
        assert!(off < 0.06, "{angle}: {told}");
    }
}
