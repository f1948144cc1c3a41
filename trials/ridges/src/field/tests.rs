use super::*;

/// The curl by plain differences: the oracle of `Field::fan`.
fn fan_by_differences(field: &Field, x: f32, y: f32) -> (f32, f32) {
    const STEP: f32 = 2.0;
    let here = field.flow(x, y);
    // u along the ridge, v across it (v = u turned left), in image axes with y down.
    let (along, across) = ((here.re, -here.im), (-here.im, -here.re));
    let wave = |x: f32, y: f32| {
        let flow = field.flow(x, y);
        let normal = (-flow.im, -flow.re);
        let sign = if normal.0 * across.0 + normal.1 * across.1 < 0.0 {
            -1.0
        } else {
            1.0
        };
        let frequency = sign / field.period_px(x, y);
        (normal.0 * frequency, normal.1 * frequency)
    };
    let ahead = wave(x + STEP * along.0, y + STEP * along.1);
    let behind = wave(x - STEP * along.0, y - STEP * along.1);
    let left = wave(x + STEP * across.0, y + STEP * across.1);
    let right = wave(x - STEP * across.0, y - STEP * across.1);
    let across_change = (ahead.0 - behind.0) * across.0 + (ahead.1 - behind.1) * across.1;
    let along_change = (left.0 - right.0) * along.0 + (left.1 - right.1) * along.1;
    let density = (across_change - along_change) / (2.0 * STEP);
    (full_turn(atan2(here.im, here.re)), density)
}

#[test]
fn fan_agrees_with_plain_differences() {
    let (mut far, mut count) = (0, 0);
    for seed in 0..30 {
        let field = Field::draw(seed, Position::ALL[(seed % 10) as usize]);
        for (x, y) in [
            (60.0, 200.0),
            (120.0, 330.0),
            (196.0, 120.0),
            (260.0, 260.0),
            (330.0, 150.0),
        ] {
            let singular = field.cores_px().into_iter().chain(field.deltas_px());
            let near = |(px, py): (f32, f32)| (px - x).abs() < 30.0 && (py - y).abs() < 30.0;
            if singular.into_iter().any(near) {
                continue;
            }
            let (angle, fast) = field.fan(x, y);
            let (same_angle, plain) = fan_by_differences(&field, x, y);
            assert!((angle - same_angle).abs() < 1e-6);
            count += 1;
            far += u32::from((fast - plain).abs() > 2.0e-4 + 0.3 * plain.abs());
        }
    }
    assert!(count > 100 && far * 20 < count, "{far} of {count} differ");
}

#[test]
fn orientation_turns_half_round_a_core_and_back_round_a_delta() {
    // Poincaré's index: +1/2 at a core, −1/2 at a delta.
    let index = |field: &Field, (x, y): (f32, f32)| {
        let angles: Vec<f32> = (0..64)
            .map(|k| {
                let t = k as f32 / 64.0 * core::f32::consts::TAU;
                field.orientation(x + 9.0 * t.cos(), y - 9.0 * t.sin())
            })
            .collect();
        let turn = |k: usize| {
            let d = angles[(k + 1) % 64] - angles[k];
            d - core::f32::consts::PI * (d / core::f32::consts::PI).round()
        };
        (0..64).map(turn).sum::<f32>() / core::f32::consts::TAU
    };
    for seed in 0..40 {
        let field = Field::draw(seed, Position::ALL[(seed % 10) as usize]);
        for core in field.cores_px() {
            assert!((index(&field, core) - 0.5).abs() < 0.05, "core of {seed}");
        }
        for delta in field.deltas_px() {
            assert!((index(&field, delta) + 0.5).abs() < 0.05, "delta of {seed}");
        }
    }
}
