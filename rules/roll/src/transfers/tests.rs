#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, day, law, precinct};

/// A generator of the test's own (Lehmer), so that no instrument is judged by itself.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0 % bound
    }
}

fn on(days: u64) -> Date {
    let span = jiff::Span::new().days(i64::try_from(days).unwrap());
    day("2015-08-20").checked_add(span).unwrap()
}

/// Ordinary movers: over a month, more towards its end, from anywhere, a telephone each.
fn ordinary(draw: &mut Draw, count: u64) -> Vec<Filing> {
    (0..count)
        .map(|n| Filing {
            day: on(30 - draw.below(31).min(draw.below(31))),
            origin: Some(draw.below(40)),
            phone: Some(1000 + n),
        })
        .collect()
}

// L-07: 600 into 1002 (base 900) in three days, 80 % from one village, 40 with one telephone.
#[test]
fn six_hundred_into_one_precinct_raise_the_alarm_and_are_counted() {
    let mut draw = Draw(7);
    let filings: Vec<Filing> = (0..600)
        .map(|n| Filing {
            day: on(20 + n % 3),
            origin: Some(if n % 10 < 8 { 1 } else { 2 + draw.below(30) }),
            phone: Some(if n < 40 { 1 } else { 1000 + n }),
        })
        .collect();
    let inflow = score(precinct(1002), Some(900), &filings, AlarmPolicy::standard());
    assert!(inflow.alarm);
    assert_eq!(inflow.filings, 600);
    assert_eq!(inflow.by_day, [(on(20), 200), (on(21), 200), (on(22), 200)]);
    assert_eq!((inflow.from_one_place, inflow.with_one_phone), (480, 40));
    let all = Score {
        size: 350,
        burst: 200,
        origin: 300,
        phone: 150,
    };
    assert_eq!(inflow.score, all);
    let mut turned = filings;
    turned.reverse();
    assert_eq!(
        score(precinct(1002), Some(900), &turned, AlarmPolicy::standard()),
        inflow
    );
}

#[test]
fn ordinary_precincts_keep_quiet_and_campaigns_do_not() {
    let mut draw = Draw(20_151_004);
    let policy = AlarmPolicy::standard();
    let (mut false_alarms, mut found) = (0, 0);
    for _ in 0..1000 {
        // 30 to 200 newcomers to 800 to 2,400 residents; a fifth goes to a precinct without land.
        let filings = 30 + draw.below(170);
        let residents = (draw.below(5) > 0).then(|| 800 + u32::try_from(draw.below(1600)).unwrap());
        let filed = ordinary(&mut draw, filings);
        false_alarms += u32::from(score(precinct(1001), residents, &filed, policy).alarm);
    }
    for _ in 0..500 {
        // 15 to 60 % of the residents within five days, half or more from one of two villages, beside
        // the ordinary movers; telephones are of no help.
        let residents = 800 + u32::try_from(draw.below(1600)).unwrap();
        let brought = u64::from(residents) * (15 + draw.below(46)) / 100;
        let (start, village) = (draw.below(20), draw.below(2));
        let other = 20 + draw.below(40);
        let mut filed = ordinary(&mut draw, other);
        filed.extend((0..brought).map(|n| Filing {
            day: on(start + draw.below(5)),
            origin: Some(if draw.below(10) < 6 {
                100 + village
            } else {
                draw.below(40)
            }),
            phone: Some(10_000 + n),
        }));
        found += u32::from(score(precinct(1001), Some(residents), &filed, policy).alarm);
    }
    assert!(
        false_alarms <= 10,
        "{false_alarms} of 1000 ordinary precincts"
    );
    assert!(found >= 475, "{found} of 500 campaigns");
}

#[test]
fn few_applications_are_never_scored() {
    let one = Filing {
        day: on(1),
        origin: Some(1),
        phone: Some(1),
    };
    let inflow = score(
        precinct(1001),
        Some(10),
        &[one; 49],
        AlarmPolicy::standard(),
    );
    assert_eq!((inflow.score, inflow.alarm), (Score::default(), false));
    assert!(
        score(
            precinct(1001),
            Some(10),
            &[one; 50],
            AlarmPolicy::standard()
        )
        .alarm
    );
    assert!(!score(precinct(1001), Some(10), &[], AlarmPolicy::standard()).alarm);
}

#[test]
fn a_person_who_files_twice_counts_once_and_nobody_is_refused() {
    let mut country = Country::new();
    for n in 0..60 {
        let name = format!("Асанова{n:02}");
        country.voter(&name);
        for again in ["a", "b"] {
            country.form2(
                &format!("f{n:02}{again}"),
                &name,
                1002,
                "2015-09-18T10:00:00",
            );
        }
    }
    let (snapshot, roll) = country.formed();
    let phones = Phones::from([("f00a".to_owned(), 5), ("f01a".to_owned(), 5)]);
    let found = inflows(&snapshot, &roll, &law(), &phones, AlarmPolicy::standard());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].precinct, found[0].filings), (precinct(1002), 60));
    assert_eq!((found[0].residents, found[0].with_one_phone), (Some(0), 2));
    assert!(found[0].alarm);
    assert_eq!(roll.list(precinct(1002)).unwrap().persons.len(), 60);
}
