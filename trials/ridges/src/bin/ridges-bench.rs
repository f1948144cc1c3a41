//! Prints how long each way of making prints takes on this machine, one thread.

#![expect(clippy::disallowed_methods, reason = "a measurement of wall time")]

use std::hint::black_box;
use std::time::Instant;

use ridges::{ImpressionParams, Master, Position, Skeleton, finger_seed, iso_19794_2, png};

fn time<T>(name: &str, count: u64, mut work: impl FnMut(u64) -> T) {
    let start = Instant::now();
    for k in 0..count {
        black_box(work(k));
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!("{name:<28} {each:>10.1} µs");
}

fn main() {
    let finger = |k: u64| {
        let position = Position::ALL[(k % 10) as usize];
        (finger_seed(1, k / 10, position), position)
    };
    let params = ImpressionParams::election_day();
    let skeletons: Vec<Skeleton> = (0..500)
        .map(finger)
        .map(|(seed, position)| Skeleton::draw(seed, position))
        .collect();
    time("skeleton", 5_000, |k| {
        let (seed, position) = finger(k);
        Skeleton::draw(seed, position)
    });
    time("template impression", 20_000, |k| {
        skeletons[k as usize % 500].impression(&params, k)
    });
    let template = skeletons[0].impression(&params, 1);
    time("ISO record", 20_000, |_| {
        iso_19794_2(
            &template,
            (params.width, params.height),
            Position::ALL[0],
            60,
        )
    });
    time("master", 20, |k| {
        let (seed, position) = finger(k);
        Master::grow(seed, position)
    });
    let master = Master::grow(1, Position::ALL[0]);
    time("impression", 40, |k| master.impression(&params, k));
    let image = master.impression(&params, 1).image;
    time("PNG", 40, |_| png(&image, 500));
    println!("PNG bytes {}", png(&image, 500).len());
}
