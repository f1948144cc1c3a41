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

#[test]
#[ignore]
fn bench() {
    let p = ridges(0.4, 8.5, (388, 374));
    see(&p);
    let mut best = f64::MAX;
    for _ in 0..30 {
        let t = std::time::Instant::now();
        std::hint::black_box(see(&p));
        best = best.min(t.elapsed().as_secs_f64());
    }
    eprintln!("net {:.3} ms", best * 1e3);
}

#[test]
#[ignore]
fn bench_all() {
    let image = crate::decode(
        &std::fs::read("/work/shared/data/fingerprints/fvc2002_db1b/101_1.tif").unwrap(),
        Some(500),
    )
    .unwrap();
    fn best<R>(name: &str, mut f: impl FnMut() -> R) -> R {
        let mut best = f64::MAX;
        let mut r = f();
        for _ in 0..40 {
            let t = std::time::Instant::now();
            r = std::hint::black_box(f());
            best = best.min(t.elapsed().as_secs_f64());
        }
        eprintln!("{name:12} {:.3} ms", best * 1e3);
        r
    }
    use crate::*;
    best("extract", || extract(&image));
    let plane = best("plane", || raster::at_500_dpi(&image));
    let sums = best("sums", || field::sums(&plane));
    let normalised = best("normalised", || field::normalised(&plane, &sums));
    let seen = best("net", || see(&normalised));
    let mask = best("mask", || field::foreground(&sums.magnitude, &seen.skin));
    best("orientation", || field::orientation(&sums, &mask, 9.0));
    let learned = best("learned", || field::Orientation::learned(&seen, &mask));
    let period = best("period", || period::period(&normalised, &mask, &learned));
    let enhanced = best("gabor", || {
        gabor::enhance(&normalised, &mask, &learned, &period)
    });
    let thin = best("thin", || {
        thin::Bits::above_zero(&enhanced).majority().thinned()
    });
    let limits = skeleton::Limits::default();
    let lines = best("clean", || {
        let mut l = skeleton::Skeleton::new(&thin);
        l.clean(&limits, &learned);
        l
    });
    best("minutiae", || {
        skeleton::minutiae(&lines, &mask, &learned, &enhanced, &limits)
    });
    let t = extract(&image).unwrap();
    let p = best("prepare", || Prepared::new(&t));
    let q = Prepared::new(
        &extract(
            &crate::decode(
                &std::fs::read("/work/shared/data/fingerprints/fvc2002_db1b/102_1.tif").unwrap(),
                Some(500),
            )
            .unwrap(),
        )
        .unwrap(),
    );
    let g = Prepared::new(
        &extract(
            &crate::decode(
                &std::fs::read("/work/shared/data/fingerprints/fvc2002_db1b/101_2.tif").unwrap(),
                Some(500),
            )
            .unwrap(),
        )
        .unwrap(),
    );
    best("impostor x100", || {
        for _ in 0..100 {
            std::hint::black_box(score(&p, &q));
        }
    });
    best("genuine x100", || {
        for _ in 0..100 {
            std::hint::black_box(score(&p, &g));
        }
    });
    best("pairs x100", || {
        for _ in 0..100 {
            std::hint::black_box(local::best_pairs(&p, &q));
        }
    });
    eprintln!(
        "{} {} {} cylinders {} {}",
        p.minutiae(),
        q.minutiae(),
        g.minutiae(),
        p.cylinders.len(),
        q.cylinders.len()
    );
}
