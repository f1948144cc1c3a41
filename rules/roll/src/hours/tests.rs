use super::*;

fn said(kit: u8, scope: Scope, hour: u8, number: u8, count: u32) -> HourTurnout {
    HourTurnout {
        election: 20_151_004,
        precinct: 1001,
        kit,
        scope,
        hour,
        number,
        count,
    }
}

fn heard(order: u64, proof: Proof, said: HourTurnout) -> Heard {
    Heard { order, said, proof }
}

/// Decides about statements in every rotation of their order: the figures may not depend on it.
fn check(statements: &[Heard], expected: (u64, Option<u32>), places: &[Place]) -> Figure {
    for turn in 0..statements.len() {
        let mut turned = statements.to_vec();
        turned.rotate_left(turn);
        let mut turned_places = places.to_vec();
        turned_places.rotate_left(turn);
        let hours = decide(&turned);
        let figure = hours.figures[&10];
        assert_eq!((figure.count, figure.parts), expected);
        assert_eq!(hours.places, turned_places, "turned by {turn}");
    }
    decide(statements).figures[&10]
}

use Place::{Contradicted, Counts, Superseded, Waits};
use Proof::{Signed, Unchecked, Vouched};
use Scope::{Kit, Precinct};

#[test]
fn the_newest_number_counts_and_the_earlier_ones_stay() {
    let first = heard(1, Signed, said(1, Precinct, 10, 1, 300));
    let corrected = heard(2, Vouched, said(1, Precinct, 10, 2, 303));
    // A correction that is less sure than what it corrects waits.
    let figure = check(&[first, corrected], (300, None), &[Counts, Waits]);
    assert!(figure.is_disputed);
    let signed = heard(3, Signed, corrected.said);
    let figure = check(
        &[first, corrected, signed],
        (303, None),
        &[Superseded, Superseded, Counts],
    );
    assert!(!figure.is_disputed && figure.number == 2 && figure.order == 3);
}

#[test]
fn an_unchecked_statement_displaces_no_checked_one() {
    let signed = heard(1, Signed, said(1, Precinct, 10, 1, 300));
    let forged = heard(2, Unchecked, said(1, Precinct, 10, 99, 900));
    check(&[signed, forged], (300, None), &[Counts, Waits]);
    let alone = check(&[forged], (900, None), &[Counts]);
    assert_eq!(alone.proof, Unchecked);
}

#[test]
fn two_counts_under_one_number_contradict_and_both_are_kept() {
    let one = heard(1, Vouched, said(1, Precinct, 10, 1, 300));
    let two = heard(2, Vouched, said(1, Precinct, 10, 1, 301));
    let figure = check(&[one, two], (300, None), &[Counts, Contradicted]);
    assert!(figure.is_disputed);
    let signed = heard(3, Signed, said(1, Precinct, 10, 1, 301));
    check(
        &[one, two, signed],
        (301, None),
        &[Contradicted, Superseded, Counts],
    );
}

#[test]
fn kits_that_speak_for_themselves_are_added_until_one_speaks_for_all() {
    let one = heard(1, Signed, said(1, Kit, 10, 1, 120));
    let two = heard(2, Vouched, said(2, Kit, 10, 1, 80));
    let two_again = heard(3, Vouched, said(2, Kit, 10, 2, 82));
    let figure = check(
        &[one, two, two_again],
        (202, Some(2)),
        &[Counts, Superseded, Counts],
    );
    assert_eq!((figure.proof, figure.number, figure.order), (Vouched, 2, 3));
    let whole = heard(4, Signed, said(1, Precinct, 10, 1, 200));
    check(
        &[one, two, two_again, whole],
        (200, None),
        &[Superseded, Superseded, Superseded, Counts],
    );
}

fn station(precinct: u16, region: &str, lines: u64) -> Station {
    Station {
        precinct,
        region: region.to_owned(),
        lines,
        offset_minutes: None,
        is_abroad: false,
    }
}

fn clock() -> DayClock {
    DayClock::of(&lexicon::ElectionLaw::shipped("kg-2015").expect("the shipped law"))
}

/// A moment of the country's clock.
fn at(text: &str) -> lexicon::Instant {
    let text = format!("2015-10-0{text}:00+06:00");
    lexicon::Instant::parse(&text).expect("a moment")
}

#[test]
fn regions_add_up_and_name_who_is_missing() {
    let stations = [
        station(7002, "chui", 500),
        station(1001, "bishkek", 1000),
        station(7001, "chui", 700),
    ];
    let mut hours = BTreeMap::new();
    let all = [
        heard(1, Signed, said(1, Precinct, 9, 1, 200)),
        heard(2, Unchecked, said(1, Precinct, 10, 1, 150)),
    ];
    hours.insert(1001, decide(&all));
    hours.insert(
        7001,
        decide(&[heard(3, Signed, said(1, Precinct, 10, 1, 90))]),
    );
    assert_eq!(falls(&hours[&1001].figures), vec![10]);
    let found = roll_up(&clock(), &stations, &hours, at("4T10:00"));
    let bishkek = &found["bishkek"];
    assert_eq!(
        (bishkek.count, bishkek.unchecked, bishkek.doubtful),
        (150, 1, 1)
    );
    let chui = &found["chui"];
    assert_eq!(
        (chui.stations, chui.reported, chui.lines, chui.count),
        (2, 1, 700, 90)
    );
    assert_eq!(chui.missing, vec![7002]);
    let country = RegionHour::sum(found.values());
    assert_eq!(
        (country.count, country.lines, country.missing),
        (240, 1700, vec![7002])
    );
    let later = roll_up(&clock(), &stations, &hours, at("4T11:00"));
    assert_eq!(later["chui"].missing, vec![7001, 7002]);
    assert_eq!(later["chui"].count, 90, "the last figure stands");
}

/// S-24. Story: Bishkek (+6) and two missions, at +9 and at −5, report 9, 14 and 20 by their own clocks; the mission in the
/// east corrects its 14, the one in the west says 9 late and twice. Expect: nine moments in the order of UTC, from the
/// east's morning to the west's evening, which is the next day at home; at each the sum of what was over by then; no hour
/// counted twice, and the last moment is the sum of the last hours.
#[test]
fn s_24_hours_of_three_clocks_have_one_order() {
    let abroad = |precinct, offset: i64| Station {
        offset_minutes: Some(offset * 60),
        is_abroad: true,
        ..station(precinct, "abroad", 100)
    };
    let stations = [
        station(1001, "bishkek", 1000),
        abroad(9001, 9),
        abroad(9002, -5),
    ];
    let of = |statements: &[(u8, u8, u32)]| {
        let said = |(order, (hour, number, count)): (u64, &(u8, u8, u32))| {
            heard(order, Signed, said(1, Precinct, *hour, *number, *count))
        };
        decide(&(1u64..).zip(statements).map(said).collect::<Vec<_>>())
    };
    let hours = BTreeMap::from([
        (1001, of(&[(9, 1, 100), (14, 1, 400), (20, 1, 700)])),
        (
            9001,
            of(&[(9, 1, 10), (14, 1, 40), (20, 1, 60), (14, 2, 41)]),
        ),
        (9002, of(&[(14, 1, 30), (20, 1, 50), (9, 1, 5), (9, 1, 5)])),
    ]);
    let clock = clock();
    let all = moments(&clock, &stations, &hours);
    let counted: Vec<(lexicon::Instant, u64, u64, Vec<u16>)> = all
        .iter()
        .map(|moment| {
            let regions = roll_up(&clock, &stations, &hours, *moment);
            let all = RegionHour::sum(regions.values());
            (*moment, all.count, all.not_due, all.missing)
        })
        .collect();
    let expected = [
        ("4T06:00", 10, 2, vec![]),
        ("4T09:00", 110, 1, vec![9001]),
        ("4T11:00", 141, 1, vec![1001]),
        ("4T14:00", 441, 1, vec![9001]),
        ("4T17:00", 460, 1, vec![1001]),
        ("4T20:00", 765, 0, vec![]),
        ("5T01:00", 790, 0, vec![]),
        ("5T07:00", 810, 0, vec![]),
    ];
    // Home's 20:00 is the west's 09:00: eight moments of nine hours.
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(moment, count, not_due, missing)| (at(moment), count, not_due, missing))
        .collect();
    assert_eq!(counted, expected);
    let last: u64 = [700, 60, 50].iter().sum();
    assert_eq!(counted.last().map(|row| row.1), Some(last));
    // One clock for all would put the west's evening into home's evening, and nobody's sum would be right.
    let mut blind = stations.clone();
    blind[1].offset_minutes = None;
    blind[2].offset_minutes = None;
    let wrong = roll_up(&clock, &blind, &hours, at("4T14:00"));
    assert_eq!((wrong["abroad"].count, wrong["abroad"].doubtful), (71, 2));
}
