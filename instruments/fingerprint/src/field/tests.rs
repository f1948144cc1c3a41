use super::*;

const SIZE: (usize, usize) = (37, 23);

fn scattered(seed: u64, share: u64) -> Vec<bool> {
    let mut state = seed;
    (0..SIZE.0 * SIZE.1)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 100 < share
        })
        .collect()
}

/// Whether a flag that is `wanted` lies within `radius` of a cell; outside counts as `outside`.
fn near(flags: &[bool], at: usize, radius: f32, (wanted, outside): (bool, bool)) -> bool {
    let (x, y) = ((at % SIZE.0) as i32, (at / SIZE.0) as i32);
    let reach = radius as i32 + 1;
    (-reach..=reach).any(|dy| {
        (-reach..=reach).any(|dx| {
            let (u, v) = (x + dx, y + dy);
            let inside = u >= 0 && v >= 0 && u < SIZE.0 as i32 && v < SIZE.1 as i32;
            let flag = if inside {
                flags[v as usize * SIZE.0 + u as usize]
            } else {
                outside
            };
            (dx * dx + dy * dy) as f32 <= radius * radius && flag == wanted
        })
    })
}

#[test]
fn discs_are_those_of_the_definition() {
    for seed in 0..20 {
        let flags = scattered(seed, 5 + 4 * seed);
        for (disc, radius) in [(SMALL, 1.5), (LARGE, 3.0)] {
            let all = 0..flags.len();
            let wide: Vec<bool> = all
                .clone()
                .map(|i| near(&flags, i, radius, (true, false)))
                .collect();
            assert_eq!(dilate(&flags, SIZE, disc), wide);
            for keep_border in [true, false] {
                let narrow: Vec<bool> = all
                    .clone()
                    .map(|i| !near(&flags, i, radius, (false, keep_border)))
                    .collect();
                assert_eq!(erode(&flags, SIZE, disc, keep_border), narrow);
            }
        }
    }
}

#[test]
fn depth_is_the_distance_to_the_nearest_cell_outside() {
    for seed in 0..20 {
        let flags = scattered(seed, 90 + seed / 2);
        let depths = depth(&flags, SIZE.0, SIZE.1);
        for (i, &d) in depths.iter().enumerate() {
            let steps = (0..=(DEPTH_REACH * DEPTH_REACH))
                .find(|&s| near(&flags, i, (s as f32 + 0.1).sqrt(), (false, false)))
                .unwrap_or(usize::MAX);
            if steps <= DEPTH_REACH * DEPTH_REACH {
                assert_eq!(
                    d,
                    ((steps as f32).sqrt() * CELL as f32) as u8,
                    "seed {seed} at {i}"
                );
            } else {
                assert!(usize::from(d) >= DEPTH_REACH * CELL, "seed {seed} at {i}");
            }
        }
    }
}
