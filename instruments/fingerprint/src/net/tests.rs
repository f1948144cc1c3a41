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
fn the_weights_are_those_that_were_taught() {
    let bytes = include_bytes!("weights.bin");
    assert_eq!(bytes.len(), 18_836 * 4);
    let values = bytes.as_chunks::<4>().0;
    assert!(values.iter().all(|b| f32::from_le_bytes(*b).is_finite()));
}

#[test]
fn sees_the_direction_of_plain_ridges() {
    let mut sum = 0.0;
    for step in 0..12 {
        let angle = step as f32 * std::f32::consts::PI / 12.0;
        let seen = see(&ridges(angle, 7.5 + 0.25 * step as f32, (200, 200)));
        // Doubled angles add up over the inner cells.
        let (mut c, mut s) = (0.0, 0.0);
        for y in 4..21 {
            for x in 4..21 {
                c += seen.cos2.at(x, y);
                s += seen.sin2.at(x, y);
            }
        }
        let told = 0.5 * s.atan2(c);
        let off = (told - angle).sin().asin().abs();
        assert!(off < 0.12, "{angle}: {told}");
        sum += off;
    }
    assert!(sum / 12.0 < 0.05, "mean {}", sum / 12.0);
}
