#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use lexicon::Pin;

use super::*;
use crate::calendar::CUT_OFF;

fn made(persons: usize, precincts: usize, seed: u64) -> Country {
    Country::generate(&Params {
        seed,
        persons,
        precincts,
        ..Params::default()
    })
    .unwrap()
}

#[test]
fn every_house_lies_in_exactly_one_precinct_and_in_its_raion() {
    for (persons, precincts) in [(2_000, 3), (20_000, 12), (40_000, 300)] {
        let country = made(persons, precincts, 5);
        for house in &country.land.houses {
            let holding: Vec<usize> = (0..country.precincts.len())
                .filter(|&p| country.precincts[p].outline.contains(house.point()))
                .collect();
            assert_eq!(
                holding,
                [usize::from(house.precinct)],
                "{:?}",
                house.point()
            );
        }
        for settlement in &country.land.settlements {
            let raion = &data::DATA.raions[usize::from(settlement.raion)];
            for house in settlement.houses.clone() {
                assert!(
                    raion
                        .outline
                        .contains(country.land.houses[house as usize].point())
                );
            }
        }
    }
}

#[test]
fn street_ranges_name_the_houses_of_their_precinct_only() {
    let country = made(20_000, 60, 3);
    let mut checked = 0;
    for index in 0..country.precincts.len() as u16 {
        let ranges = country.ranges(index);
        for house in &country.land.houses {
            let covered = ranges.iter().any(|r| {
                let parity = match r.parity {
                    "odd" => house.number % 2 == 1,
                    "even" => house.number % 2 == 0,
                    _ => true,
                };
                r.street == house.street && parity && (r.from..=r.to).contains(&house.number)
            });
            assert!(!covered || house.precinct == index);
            // A number with and without letter may fall on two sides of a border: then no range has it.
            checked += usize::from(covered);
        }
    }
    assert!(checked * 100 > country.land.houses.len() * 97, "{checked}");
}

#[test]
fn pins_have_their_shape_and_only_planted_ones_are_shared() {
    let country = made(20_000, 12, 7);
    let today = lexicon::Date::constant(2015, 10, 4);
    let mut holders: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for (record, person) in country.records.persons.iter().enumerate() {
        if person.pin == 0 {
            assert!(person.has(flag::NOT_CITIZEN));
            continue;
        }
        let pin = Pin::parse(&country.pin(RecordNo(record as u32)), today).unwrap();
        let (year, month, day) = person.birth.civil();
        assert_eq!(
            pin.birth_date().unwrap().to_string(),
            format!("{year}-{month:02}-{day:02}")
        );
        assert_eq!(pin.sex() == Some(lexicon::Sex::Female), person.name.female);
        holders.entry(person.pin).or_default().push(record as u32);
    }
    let shared: BTreeSet<(u32, u32)> = holders
        .values()
        .filter(|h| h.len() > 1)
        .map(|h| (h[0], h[1]))
        .collect();
    assert_eq!(shared, country.records.shared.iter().copied().collect());
    assert!(shared.len() >= 10);
}

#[test]
fn a_small_country_has_fifteen_rows_of_every_class() {
    for seed in [1, 7] {
        let figures = made(20_000, 12, seed).figures();
        for class in lexicon::ReconciliationClass::ALL {
            let count = match class.code() {
                "new" => figures.new,
                code => figures.class(code),
            };
            assert!(count >= 15, "{class}: {count}");
        }
        assert!(figures.doubles >= 20);
        let share = figures.on_list as f64 / 20_000.0;
        assert!(
            (share / (2_761_297.0 / 6_000_000.0) - 1.0).abs() < 0.05,
            "{share}"
        );
    }
}

#[test]
fn enrolments_follow_the_campaign() {
    let figures = made(60_000, 40, 11).figures();
    let total: u64 = figures.campaign.iter().flatten().sum();
    let real: f64 = data::DATA.regions.iter().flat_map(|r| &r.campaign).sum();
    for (region, months) in data::DATA.regions.iter().zip(&figures.campaign) {
        let here = months.iter().sum::<u64>() as f64 / total as f64;
        let there = region.campaign.iter().sum::<f64>() / real;
        assert!(
            (here - there).abs() < 0.012,
            "{}: {here} {there}",
            region.code
        );
    }
    for month in 0..11 {
        let here = figures.campaign.iter().map(|m| m[month]).sum::<u64>() as f64 / total as f64;
        let there: f64 = data::DATA
            .regions
            .iter()
            .filter_map(|r| r.campaign.get(month))
            .sum();
        assert!((here - there / real).abs() < 0.012, "month {month}: {here}");
    }
}

#[test]
fn precinct_sizes_have_the_spread_of_2020() {
    let figures = made(240_000, 95, 2).figures();
    let sizes: Vec<u64> = figures.voters.values().copied().collect();
    let largest = sizes.iter().max().copied().unwrap();
    assert!(largest <= 3_000, "{largest}");
    assert!(sizes.iter().filter(|s| **s < 700).count() * 10 > sizes.len());
}

#[test]
fn the_day_is_consistent() {
    let country = made(20_000, 12, 7);
    let day = country.day();
    assert!(day.visits.is_sorted());
    let mut voted: BTreeMap<RecordNo, u32> = BTreeMap::new();
    for visit in &day.visits {
        assert!((8 * 3600..20 * 3600).contains(&visit.second));
        match visit.kind {
            VisitKind::Vote => {
                assert!(country.belongs_on_list(visit.claimed) && visit.bearer == visit.claimed);
                assert_eq!(country.voting_precinct(visit.claimed), Some(visit.precinct));
                assert!(voted.insert(visit.claimed, visit.second).is_none());
            }
            VisitKind::Double => assert!(voted[&visit.claimed] < visit.second),
            VisitKind::WrongPrecinct => {
                assert_ne!(country.voting_precinct(visit.claimed), Some(visit.precinct));
            }
            VisitKind::NotOnList => assert!(!country.belongs_on_list(visit.claimed)),
            VisitKind::Impostor => assert_ne!(visit.claimed, visit.bearer),
        }
    }
    let turnout = voted.len() as f64 / country.figures().on_list as f64;
    assert!((turnout - 0.579).abs() < 0.03, "{turnout}");
    let bad = day
        .visits
        .iter()
        .filter(|v| v.fingers == FingerState::Unreadable)
        .count();
    let share = bad as f64 / day.visits.len() as f64;
    assert!((0.015..0.04).contains(&share), "{share}");
}

#[test]
fn a_capture_is_the_same_every_time_and_new_at_every_attempt() {
    let params = Params {
        persons: 1_000,
        precincts: 12,
        image_persons: 3,
        ..Params::default()
    };
    let country = Country::generate(&params).unwrap();
    let finger = ridges::Position::new(2).unwrap();
    let with_image = RecordNo(country.image_humans[0]);
    let template = (0..country.record_count())
        .map(RecordNo)
        .find(|&r| country.is_enrolled(r) && !country.has_images(r))
        .unwrap();
    for (record, image) in [(with_image, true), (template, false)] {
        let take = |attempt| country.capture(record, finger, attempt, FingerState::Good);
        assert_eq!(take(0), take(0));
        assert_ne!(take(0), take(1));
        assert_ne!(take(0), country.enrolled_print(record, finger));
        assert_eq!(matches!(take(0), Capture::Image(_)), image);
    }
    let bad = country.capture(template, finger, 0, FingerState::Unreadable);
    let good = country.capture(template, finger, 0, FingerState::Good);
    let (Capture::Minutiae(bad), Capture::Minutiae(good)) = (bad, good) else {
        unreachable!("templates")
    };
    assert!(bad.len() * 2 < good.len(), "{} {}", bad.len(), good.len());
}

#[test]
fn impossible_wishes_are_refused() {
    let check = |change: fn(&mut Params), error: ParamsError| {
        let mut params = Params::default();
        change(&mut params);
        assert_eq!(Country::generate(&params).err(), Some(error));
    };
    check(|p| p.persons = 3, ParamsError::Persons(3));
    check(|p| p.precincts = 0, ParamsError::Precincts(0));
    check(
        |p| p.precincts = 5_000,
        ParamsError::TooThin {
            persons: 20_000,
            precincts: 5_000,
        },
    );
    check(|p| p.fingers = 11, ParamsError::Fingers(11));
}

#[test]
fn winning_form_2_claims_are_the_last_in_time() {
    let country = made(20_000, 12, 7);
    for (index, claim) in country.claims.iter().enumerate() {
        let in_time = claim.filed < i64::from(CUT_OFF.0 + 1) * 1440;
        assert!(!claim.counts || claim.identified && in_time);
        let later = country.claims[index + 1..].iter().any(|c| {
            c.counts
                && c.record == claim.record
                && matches!((&c.ask, &claim.ask), (Ask::Form2(..), Ask::Form2(..)))
        });
        assert!(!(claim.counts && later));
    }
    let superseded = country
        .claims
        .iter()
        .filter(|c| !c.counts && c.identified)
        .count();
    assert!(superseded > 5, "{superseded}");
}

#[test]
fn institutions_add_precincts_and_lists_and_change_nothing_else() {
    let wish = |institutions| Params {
        persons: 9_000,
        precincts: 14,
        institutions,
        ..Params::default()
    };
    let without = Country::generate(&wish(false)).unwrap();
    let with = Country::generate(&wish(true)).unwrap();
    let lists = |country: &Country, kind: PrecinctKind| {
        let here = country.precincts.iter().filter(|p| p.kind == kind);
        let codes: BTreeSet<PrecinctCode> = here.map(|p| p.code).collect();
        let voters = country
            .form2
            .values()
            .filter(|n| PrecinctCode::new(**n).is_ok_and(|code| codes.contains(&code)));
        (codes.len(), voters.count())
    };
    for kind in [
        PrecinctKind::Hospital,
        PrecinctKind::Detention,
        PrecinctKind::Military,
        PrecinctKind::Mobile,
    ] {
        assert_eq!(lists(&without, kind), (0, 0));
        let (precincts, voters) = lists(&with, kind);
        assert!(precincts == 1 && voters > 0, "{kind:?}: {voters}");
    }
    let numbers = |country: &Country| -> Vec<PrecinctCode> {
        country.precincts.iter().map(|p| p.code).collect()
    };
    assert_eq!(numbers(&with)[..14], numbers(&without)[..14]);
    assert_eq!(with.record_count(), without.record_count());
    for record in (0..with.record_count()).map(RecordNo) {
        assert_eq!(with.home_precinct(record), without.home_precinct(record));
        assert_eq!(with.pin(record), without.pin(record));
    }
    let distinct: BTreeSet<PrecinctCode> = numbers(&with).into_iter().collect();
    assert_eq!(distinct.len(), with.precincts.len());
}
