#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, find, law, precinct};
use lexicon::handover::event::kind;
use lexicon::handover::package::{GRANTS, index_token};

#[test]
fn kits_follow_the_number_of_voters_and_are_at_least_one() {
    let plan = KitPlan {
        voters_per_kit: 600,
        kits_min: 1,
    };
    for (lines, kits) in [(0, 1), (1, 1), (600, 1), (601, 2), (1200, 2), (2500, 5)] {
        assert_eq!(plan.kits(lines), kits, "{lines}");
    }
    assert_eq!(
        KitPlan {
            kits_min: 2,
            ..plan
        }
        .kits(10),
        2
    );
    assert_eq!(KitPlan::of(&law()), plan);
}

#[test]
fn shares_are_contiguous_and_cover_every_line_once() {
    for lines in 0..40 {
        for kits in 1..8 {
            let shares = shares(lines, kits);
            assert_eq!(shares.len(), kits as usize);
            let mut next = 1;
            for (from, to) in &shares {
                assert_eq!(*from, next);
                assert!(*to + 1 >= *from);
                next = to + 1;
            }
            assert_eq!(next, lines + 1);
            let sizes: Vec<u32> = shares.iter().map(|(from, to)| to + 1 - from).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}

fn body_of(country: &Country) -> PackageBody {
    let (snapshot, roll) = country.formed();
    let list = roll.list(precinct(1001)).unwrap();
    let keys = PackageKeys {
        index: [1; 32],
        day: [2; 32],
    };
    let district = District::of(
        &snapshot,
        &roll,
        41_711_000_000_000u64.to_string()[3..8].parse().unwrap(),
    );
    body(&snapshot, &roll, &law(), list, &district, &keys, |_| {
        References {
            photo: vec![7; 9_000],
            fingers: vec![
                (1, 5, vec![1]),
                (2, 1, vec![2]),
                (3, 2, vec![3]),
                (4, 3, vec![4]),
                (6, 4, vec![6]),
            ],
        }
    })
}

#[test]
fn a_package_holds_the_least_that_identifies() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Бекова").pin = None;
    country.voter("Усенова");
    country.form2("f", "Усенова", 1002, "2015-09-01T10:00:00");
    let lapsed = country.tables.documents[0].clone();
    let mut lapsed = lapsed;
    lapsed.number = lexicon::DocumentNumber::parse("AN9999999").unwrap();
    lapsed.expires = Some("2015-10-03".parse().unwrap());
    country.tables.documents.push(lapsed);
    let body = body_of(&country);
    let lines: Vec<_> = body
        .voters
        .iter()
        .map(|v| (v.line, v.page, v.surname.as_str()))
        .collect();
    assert_eq!(lines, vec![(1, 1, "Асанова"), (2, 1, "Бекова")]);
    let voter = &body.voters[0];
    let ranked: Vec<u8> = voter.fingers.iter().map(|f| f.position).collect();
    assert_eq!(ranked, vec![2, 3, 4, 6], "at most four fingers, best first");
    assert!(voter.photo.is_empty(), "a photograph above 8 KiB stays out");
    assert_eq!(*voter.pin_token, index_token(&[1; 32], "20905198000001"));
    let documents: Vec<_> = voter.document_tokens.iter().map(|t| **t).collect();
    assert_eq!(
        documents,
        vec![index_token(&[1; 32], "AN0000001")],
        "a lapsed document opens nothing"
    );
    assert_eq!(*body.voters[1].pin_token, [0; 16]);
    let neighbour = index_token(&[1; 32], "20905198000003");
    assert_eq!(body.district.len(), 1);
    assert_eq!(
        (*body.district[0].token, body.district[0].precinct),
        (neighbour, 1002)
    );
    let places = body.places.unwrap();
    let numbers: Vec<u16> = places.iter().map(|place| place.precinct).collect();
    assert_eq!(
        numbers,
        vec![1002],
        "a voter at the wrong door is told where"
    );
    assert!(!places[0].address_ru.is_empty() && !places[0].address_ky.is_empty());
}

#[test]
fn the_policy_is_the_laws() {
    let policy = policy(&law());
    assert_eq!(policy.partition, "segment");
    assert_eq!(
        (policy.finger_fmr_ppb, policy.override_quota_permille),
        (100_000, 20)
    );
    let at = |text: &str| crate::testkit::moment(text).micros();
    assert_eq!(
        (policy.opens, policy.closes),
        (at("2015-10-04T08:00:00"), at("2015-10-04T20:00:00"))
    );
    assert_eq!((policy.lines_per_page, policy.offset_minutes), (25, 360));
    assert_eq!(policy.limits, Some(StationLimits::BEFORE));
    let second_day = SecondDay {
        by: decided_by::HOLDERS,
        days_max: 14,
        hours_max: 12,
    };
    assert_eq!(policy.second_day, Some(second_day));
    // The commission above admits spares, opens and closes, and identifies nobody.
    let kinds = holders_may(&law());
    for allowed in [GRANTS, kind::OPENED, kind::CLOSED, kind::SESSION_OPENED] {
        assert!(kinds.contains(&allowed), "{allowed}");
    }
    for theirs_not in [kind::IDENTIFIED, kind::UNDONE, kind::RESUMED] {
        assert!(!kinds.contains(&theirs_not), "{theirs_not}");
    }
}

#[test]
fn a_corrected_name_is_the_one_in_the_package() {
    let mut country = Country::new();
    country.voter("Асанова");
    let row = country.claim("c", "correction", "Асанова", "2015-09-01T10:00:00");
    row.field = "given".to_owned();
    row.value = "Айгуль".to_owned();
    let (snapshot, _) = country.formed();
    assert_eq!(find(&snapshot, "Асанова").at(), 0);
    assert_eq!(body_of(&country).voters[0].given, "Айгуль");
}
