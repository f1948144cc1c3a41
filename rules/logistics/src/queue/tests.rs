#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;

const STEADY: [u32; 12] = [1; 12];
const OPEN_MS: u64 = 12 * HOUR_MS;

fn never() -> Trouble {
    Trouble {
        per_thousand_days: 0,
        repair: Times::Rows(vec![1]),
    }
}

fn only(times: Times) -> [Path; 1] {
    [Path {
        code: "only".to_owned(),
        share_permille: 1000,
        times,
    }]
}

/// Mean of one number a day, and its standard error.
fn mean_of(days: &[f64]) -> (f64, f64) {
    let n = days.len() as f64;
    let mean = days.iter().sum::<f64>() / n;
    let variance = days.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Erlang's C: the share of arrivals that find all of `c` servers busy at an offered load of `a`.
fn erlang_c(c: u32, a: f64) -> f64 {
    let mut blocked = 1.0;
    for k in 1..=c {
        blocked = a * blocked / (f64::from(k) + a * blocked);
    }
    let rho = a / f64::from(c);
    blocked / (1.0 - rho + rho * blocked)
}

/// M/M/c in its steady hours: share that waits, mean wait, and share that waits beyond `t` are those of theory, within four
/// standard errors of the days' means. The first hour, which begins with an empty hall, is left out.
fn check_against_erlang(kits: u32, per_hour: f64, mean_ms: u32) {
    let paths = only(Times::Exponential(mean_ms));
    let trouble = never();
    let hall = Hall {
        visitors: per_hour * 12.0,
        weights: &STEADY,
        open_ms: OPEN_MS,
        paths: &paths,
        trouble: &trouble,
        kits,
    };
    let service = f64::from(mean_ms) / 1000.0;
    let load = per_hour / 3600.0 * service;
    let waits = erlang_c(kits, load);
    let rest = f64::from(kits) / service - per_hour / 3600.0;
    let beyond = 1.0 / rest;
    let (mut share, mut mean, mut tail) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..400 {
        let day = hall.day(31, 1, number);
        let steady: Vec<f64> = day
            .waits
            .iter()
            .filter(|(hour, _)| *hour > 0)
            .map(|(_, wait)| f64::from(*wait) / 1000.0)
            .collect();
        let of = |is: &dyn Fn(f64) -> bool| {
            steady.iter().filter(|wait| is(**wait)).count() as f64 / steady.len() as f64
        };
        share.push(of(&|wait| wait > 0.0));
        tail.push(of(&|wait| wait > beyond));
        mean.push(steady.iter().sum::<f64>() / steady.len() as f64);
    }
    let theory = [
        ("share that waits", waits, share),
        ("mean wait, s", waits / rest, mean),
        ("share beyond 1/(cμ−λ)", waits * (-1.0_f64).exp(), tail),
    ];
    for (what, expected, days) in theory {
        let (found, error) = mean_of(&days);
        println!("M/M/{kits} {per_hour}/h: {what} {found:.4} ± {error:.4}, theory {expected:.4}");
        assert!(
            (found - expected).abs() < 4.0 * error,
            "M/M/{kits}: {what} {found} ± {error}, theory {expected}"
        );
        // A check that everything passes would be none.
        assert!(error < expected / 20.0, "{what}: ± {error} of {expected}");
    }
}

#[test]
fn waits_are_those_of_erlang() {
    check_against_erlang(1, 120.0, 20_000);
    check_against_erlang(2, 280.0, 20_000);
    check_against_erlang(3, 432.0, 20_000);
    check_against_erlang(8, 1200.0, 20_000);
}

/// A quarter of the hour's people come in an hour with a quarter of the weight, and their number varies as Poisson's does.
#[test]
fn arrivals_are_poisson_with_a_rate_for_each_hour() {
    let weights = [10, 10, 25, 25, 10, 10, 10, 10, 10, 10, 10, 10];
    let paths = only(Times::Rows(vec![1]));
    let trouble = never();
    let hall = Hall {
        visitors: 720.0,
        weights: &weights,
        open_ms: OPEN_MS,
        paths: &paths,
        trouble: &trouble,
        kits: 3,
    };
    let days = 500;
    let mut by_hour = vec![Vec::new(); 12];
    for number in 0..days {
        let day = hall.day(5, 9, number);
        let mut counts = [0.0; 12];
        day.waits
            .iter()
            .for_each(|(hour, _)| counts[usize::from(*hour)] += 1.0);
        for (hour, count) in by_hour.iter_mut().zip(counts) {
            hour.push(count);
        }
    }
    for (counts, weight) in by_hour.iter().zip(weights) {
        let expected = 720.0 * f64::from(weight) / 150.0;
        let (mean, error) = mean_of(counts);
        assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected}");
        // The index of dispersion of so many days lies within 1 ± 4·√(2/days).
        let index = error * error * days as f64 / mean;
        assert!(
            (index - 1.0).abs() < 0.26,
            "variance is {index} of the mean"
        );
    }
}

#[test]
fn a_seed_gives_the_same_day_and_another_seed_another() {
    let paths = only(Times::Rows(vec![20_000, 60_000, 200_000]));
    let trouble = Trouble {
        per_thousand_days: 2000,
        repair: Times::Rows(vec![60_000, 3_600_000]),
    };
    let hall = Hall {
        visitors: 500.0,
        weights: &STEADY,
        open_ms: OPEN_MS,
        paths: &paths,
        trouble: &trouble,
        kits: 2,
    };
    assert_eq!(hall.day(1, 2, 3), hall.day(1, 2, 3));
    assert_ne!(hall.day(1, 2, 3), hall.day(2, 2, 3));
    assert_ne!(hall.day(1, 2, 3), hall.day(1, 3, 3));
    assert_ne!(hall.day(1, 2, 3), hall.day(1, 2, 4));
}

/// Nobody is lost, whatever breaks; with more kits the same people come.
#[test]
fn everybody_who_comes_is_served_whatever_breaks() {
    let paths = only(Times::Rows(vec![20_000, 60_000, 200_000]));
    let trouble = Trouble {
        per_thousand_days: 8000,
        repair: Times::Rows(vec![1_000, 10_800_000]),
    };
    for number in 0..50 {
        let served: Vec<(usize, u32)> = [1, 2, 5]
            .map(|kits| {
                let hall = Hall {
                    visitors: 300.0,
                    weights: &STEADY,
                    open_ms: OPEN_MS,
                    paths: &paths,
                    trouble: &trouble,
                    kits,
                };
                let day = hall.day(8, 4, number);
                (day.waits.len(), day.breakdowns)
            })
            .to_vec();
        assert!(served[0].1 > 0, "kits broke down");
        assert!(served.iter().all(|day| day.0 == served[0].0), "{served:?}");
    }
}

/// Story: one kit, everybody takes a minute, 60 come in the only hour. A breakdown of ten minutes costs about ten minutes.
#[test]
fn a_breakdown_makes_people_wait() {
    let paths = only(Times::Rows(vec![40_000]));
    let sound = never();
    let broken = Trouble {
        per_thousand_days: 3000,
        repair: Times::Rows(vec![1_800_000]),
    };
    let p95 = |trouble: &Trouble| {
        let hall = Hall {
            visitors: 600.0,
            weights: &STEADY,
            open_ms: OPEN_MS,
            paths: &paths,
            trouble,
            kits: 1,
        };
        let trials = Trials {
            days: 50,
            limit_ms: 1_800_000,
            over: Over::Day,
            seed: 3,
        };
        outlook(&hall, 0, trials).all.p95_ms
    };
    assert!(p95(&broken) > p95(&sound) + 900_000);
}

/// Who stands in line at closing is served after it.
#[test]
fn an_overloaded_hall_ends_late_and_more_kits_are_proposed() {
    let paths = only(Times::Rows(vec![60_000]));
    let trouble = never();
    let hall = Hall {
        visitors: 1440.0,
        weights: &STEADY,
        open_ms: OPEN_MS,
        paths: &paths,
        trouble: &trouble,
        kits: 1,
    };
    let trials = Trials {
        days: 20,
        limit_ms: 1_800_000,
        over: Over::Day,
        seed: 3,
    };
    let found = outlook(&hall, 0, trials);
    assert_eq!((found.days, found.days_over), (20, 20));
    // Twice as many come as one kit serves: about twelve hours of work are left at closing.
    assert!(found.late_ms > 11 * HOUR_MS);
    assert!(found.all.queue_max > 600);
    let least = enough(&hall, 20, 0, trials).unwrap();
    let at = |kits| {
        let hall = Hall {
            kits,
            ..hall.clone()
        };
        outlook(&hall, 0, trials).all.p95_ms
    };
    assert!(at(least) <= trials.limit_ms && at(least - 1) > trials.limit_ms);
    assert_eq!(enough(&hall, 1, 0, trials), None);
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let of = |waits: &[u32]| {
        let found = Spread::of(&mut waits.to_vec(), 7);
        (found.p50_ms, found.p95_ms, found.max_ms)
    };
    assert_eq!(of(&[]), (0, 0, 0));
    assert_eq!(of(&[5]), (5, 5, 5));
    let hundred: Vec<u32> = (1..=100).rev().collect();
    assert_eq!(of(&hundred), (50, 95, 100));
}

/// A peak that few have to stand in is short over the day and long in its hour.
#[test]
fn the_worst_hour_can_be_the_measure() {
    let weights = [1, 1, 1, 60, 1, 1, 1, 1, 1, 1, 1, 1];
    let paths = only(Times::Rows(vec![60_000]));
    let trouble = never();
    let hall = Hall {
        visitors: 110.0,
        weights: &weights,
        open_ms: OPEN_MS,
        paths: &paths,
        trouble: &trouble,
        kits: 1,
    };
    let trials = |over| Trials {
        days: 50,
        limit_ms: 1_800_000,
        over,
        seed: 3,
    };
    let found = outlook(&hall, 0, trials(Over::Day));
    assert_eq!(found.p95_ms(Over::Day), found.all.p95_ms);
    assert_eq!(
        found.p95_ms(Over::Hour),
        found.hours[3].p95_ms.max(found.hours[4].p95_ms)
    );
    assert!(found.p95_ms(Over::Hour) > found.p95_ms(Over::Day));
    let least = |over| enough(&hall, 9, 0, trials(over)).unwrap();
    assert!(least(Over::Hour) >= least(Over::Day));
}
