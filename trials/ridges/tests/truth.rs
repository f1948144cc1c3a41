//! The truth that comes with a picture is what is drawn in it.
//!
//! Read with an own, slow, independent thinning (Guo and Hall's, not the one inside the crate).

use ridges::{Grey, ImpressionParams, Master, MinutiaKind, Position, TrueMinutia};

/// A plain capture: everything geometric, nothing that hides ridges.
fn plain() -> ImpressionParams {
    ImpressionParams {
        noise: 0.0,
        pores: 0.0,
        scratches: 0.0,
        residue: 0.0,
        pressure: 0.0,
        pressure_sd: 0.0,
        moisture_sd: 0.0,
        ..ImpressionParams::election_day()
    }
}

/// Ridge where the blurred picture is darker than its neighbourhood.
fn ridges_of(image: &Grey) -> Vec<bool> {
    let fine = box_mean(
        image,
        &image
            .pixels
            .iter()
            .map(|&p| f32::from(p))
            .collect::<Vec<_>>(),
        1,
    );
    let fine = box_mean(image, &fine, 1);
    let coarse = box_mean(image, &fine, 8);
    fine.iter()
        .zip(&coarse)
        .map(|(f, c)| *f < *c && *c < 225.0)
        .collect()
}

fn box_mean(image: &Grey, values: &[f32], reach: usize) -> Vec<f32> {
    let (w, h) = (image.width, image.height);
    let mut out = vec![255.0; w * h];
    for y in reach..h - reach {
        for x in reach..w - reach {
            let mut sum = 0.0;
            for row in y - reach..=y + reach {
                sum += values[row * w + x - reach..=row * w + x + reach]
                    .iter()
                    .sum::<f32>();
            }
            let side = (2 * reach + 1) as f32;
            out[y * w + x] = sum / (side * side);
        }
    }
    out
}

/// The eight neighbours in order: E, NE, N, NW, W, SW, S, SE.
fn around(ridge: &[bool], w: usize, at: usize) -> [bool; 8] {
    [
        at + 1,
        at - w + 1,
        at - w,
        at - w - 1,
        at - 1,
        at + w - 1,
        at + w,
        at + w + 1,
    ]
    .map(|n| ridge[n])
}

fn guo_hall(mut ridge: Vec<bool>, w: usize, h: usize) -> Vec<bool> {
    loop {
        let mut changed = false;
        for odd in [false, true] {
            let mut gone = vec![];
            for y in 1..h - 1 {
                for x in 1..w - 1 {
                    let at = y * w + x;
                    if !ridge[at] {
                        continue;
                    }
                    let p = around(&ridge, w, at);
                    let c = (0..4)
                        .filter(|k| !p[2 * k] && (p[2 * k + 1] || p[(2 * k + 2) % 8]))
                        .count();
                    let n1 = (0..4).filter(|k| p[2 * k] || p[2 * k + 1]).count();
                    let n2 = (0..4)
                        .filter(|k| p[2 * k + 1] || p[(2 * k + 2) % 8])
                        .count();
                    let side = if odd {
                        (p[4] || p[5] || !p[7]) && p[6]
                    } else {
                        (p[0] || p[1] || !p[3]) && p[2]
                    };
                    if c == 1 && (2..=3).contains(&n1.min(n2)) && !side {
                        gone.push(at);
                    }
                }
            }
            changed |= !gone.is_empty();
            for at in gone {
                ridge[at] = false;
            }
        }
        if !changed {
            return ridge;
        }
    }
}

/// Ends and forks of the lines.
fn line_minutiae(image: &Grey) -> Vec<(f32, f32, MinutiaKind)> {
    let (w, h) = (image.width, image.height);
    let line = guo_hall(ridges_of(image), w, h);
    let mut found = vec![];
    for y in 10..h - 10 {
        for x in 10..w - 10 {
            let at = y * w + x;
            if line[at] {
                let p = around(&line, w, at);
                let rises = (0..8).filter(|&k| !p[k] && p[(k + 1) % 8]).count();
                match rises {
                    1 => found.push((x as f32, y as f32, MinutiaKind::Ending)),
                    3.. => found.push((x as f32, y as f32, MinutiaKind::Bifurcation)),
                    _ => {}
                }
            }
        }
    }
    found
}

/// Share of `truth`, moved by `offset` px, with a line minutia within 8 px.
fn share_seen(
    truth: &[TrueMinutia],
    seen: &[(f32, f32, MinutiaKind)],
    offset: f32,
) -> (usize, usize) {
    let hits = truth
        .iter()
        .filter(|m| {
            seen.iter().any(|s| {
                let (dx, dy) = (m.x + offset - s.0, m.y + offset - s.1);
                dx * dx + dy * dy <= 64.0
            })
        })
        .count();
    (hits, truth.len())
}

fn inner(truth: &[TrueMinutia], mask: &Grey) -> Vec<TrueMinutia> {
    let inside = |x: f32, y: f32| {
        let (x, y) = (x as isize, y as isize);
        x >= 0
            && y >= 0
            && (x as usize) < mask.width
            && (y as usize) < mask.height
            && mask.pixels[y as usize * mask.width + x as usize] == 255
    };
    truth
        .iter()
        .filter(|m| {
            [(-18.0, 0.0), (18.0, 0.0), (0.0, -18.0), (0.0, 18.0)]
                .iter()
                .all(|(dx, dy)| inside(m.x + dx, m.y + dy))
        })
        .cloned()
        .collect()
}

#[test]
fn four_in_five_true_minutiae_are_in_the_picture() {
    let (mut hits, mut all, mut shifted, mut found) = (0, 0, 0, 0);
    for seed in 1..=8_u64 {
        let master = Master::grow(seed, Position::ALL[seed as usize]);
        let print = master.impression(&plain(), 40 + seed);
        let seen = line_minutiae(&print.image);
        let truth = inner(&print.minutiae, &print.foreground);
        let (hit, total) = share_seen(&truth, &seen, 0.0);
        let (by_chance, _) = share_seen(&truth, &seen, 17.0);
        println!(
            "seed {seed}: {hit} of {total}, by chance {by_chance}, {} on lines",
            seen.len()
        );
        hits += hit;
        all += total;
        shifted += by_chance;
        found += seen.len();
    }
    println!("{hits} of {all}, by chance {shifted}, {found} on lines");
    assert!(all >= 8 * 25, "too few minutiae inside: {all}");
    assert!(hits * 100 >= all * 80, "{hits} of {all}");
    // The check can fail: the same points moved 24 px away (17 both ways) are seldom hit.
    assert!(
        shifted * 100 <= all * 45,
        "{shifted} of {all} hit by chance"
    );
}

#[test]
fn a_master_has_a_natural_number_of_minutiae() {
    for seed in 20..32_u64 {
        let master = Master::grow(seed, Position::ALL[(seed % 10) as usize]);
        let count = master.minutiae().len();
        assert!((30..=130).contains(&count), "seed {seed}: {count}");
        let seen = master
            .impression(&ImpressionParams::enrolment(), seed)
            .minutiae
            .len();
        assert!(
            (18..=100).contains(&seen),
            "seed {seed}: {seen} in the window"
        );
    }
}
