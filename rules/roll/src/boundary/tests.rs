#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, square};

fn placed(country: &Country) -> (Vec<(String, Option<u16>)>, Vec<&'static str>) {
    let snapshot = country.snapshot();
    let (placed, findings) = place_all(&snapshot);
    let codes = placed.iter().map(|p| p.map(|p| p.precinct.number()));
    let ids = snapshot.addresses.iter().map(|a| a.id.to_string());
    (
        ids.zip(codes).collect(),
        findings.iter().map(Finding::code).collect(),
    )
}

fn of(country: &Country, address: &str) -> Option<u16> {
    placed(country)
        .0
        .into_iter()
        .find(|(id, _)| id == address)
        .unwrap()
        .1
}

#[test]
fn a_house_belongs_to_the_polygon_that_holds_it() {
    let (all, findings) = placed(&Country::new());
    let want = [("e1", 1002), ("w1", 1001), ("w2", 1001)].map(|(id, p)| (id.to_owned(), Some(p)));
    assert_eq!((all, findings), (want.to_vec(), vec![]));
}

#[test]
fn a_house_on_the_common_edge_or_corner_belongs_to_exactly_one() {
    let mut country = Country::new();
    country.polygon(9001, &square(74_500_000, 42_810_000, 10_000));
    country.house("edge", "Чек", "1", (74_510_000, 42_805_000));
    country.house("corner", "Чек", "2", (74_510_000, 42_810_000));
    country.house("top", "Чек", "3", (74_505_000, 42_810_000));
    let (_, findings) = placed(&country);
    assert!(!findings.contains(&"OVERLAP"), "{findings:?}");
    assert_eq!(of(&country, "edge"), Some(1002));
    assert_eq!(of(&country, "top"), Some(9001));
    // Nothing lies to the north-east of the corner, which is where its point is counted.
    assert_eq!(of(&country, "corner"), None);
}

#[test]
fn every_point_of_a_partition_is_in_exactly_one_cell() {
    let mut country = Country::new();
    country.tables.boundaries.clear();
    for (at, number) in [(0, 1003), (1, 1004), (2, 1005), (3, 1006)] {
        country.precinct(number, "territorial");
        country.polygon(number, &square(1_000 * (at % 2), 1_000 * (at / 2), 1_000));
    }
    country.tables.addresses.clear();
    for lon in (0..2_000).step_by(100) {
        for lat in (0..2_000).step_by(100) {
            country.house(&format!("{lon:04}-{lat:04}"), "к", "1", (lon, lat));
        }
    }
    let (all, findings) = placed(&country);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(all.len(), 400);
    for number in 1003..=1006 {
        assert_eq!(all.iter().filter(|(_, p)| *p == Some(number)).count(), 100);
    }
}

#[test]
fn the_street_range_wins_and_the_conflict_is_a_finding() {
    let mut country = Country::new();
    country.range(1002, "s-Манас", "even", (2, 40));
    assert_eq!(of(&country, "w2"), Some(1002));
    assert_eq!(of(&country, "w1"), Some(1001));
    assert_eq!(placed(&country).1, vec!["CONFLICT"]);
}

#[test]
fn parity_and_limits_of_a_range_count() {
    let mut country = Country::new();
    country.tables.boundaries.clear();
    country.range(1001, "s-Чоң", "odd", (1, 19));
    country.range(1002, "s-Чоң", "even", (2, 18));
    country.range(9001, "s-Чоң", "all", (20, 99));
    let cases = [
        ("1", 1001),
        ("18а", 1002),
        ("19/2", 1001),
        ("20", 9001),
        ("99", 9001),
    ];
    for (house, want) in cases {
        country.house(house, "Чоң", house, (0, 0));
        assert_eq!(of(&country, house), Some(want), "{house}");
    }
    country.house("100", "Чоң", "100", (0, 0));
    country.house("nameless", "Чоң", "б/н", (0, 0));
    assert_eq!(
        (of(&country, "100"), of(&country, "nameless")),
        (None, None)
    );
}

#[test]
fn gap_and_overlap_are_found_and_an_overlap_goes_to_the_lower_number() {
    let mut country = Country::new();
    country.polygon(9001, &square(74_500_000, 42_800_000, 30_000));
    country.house("far", "Алыс", "1", (70_000_000, 40_000_000));
    let (_, findings) = placed(&country);
    assert_eq!(findings, vec!["OVERLAP", "GAP", "OVERLAP", "OVERLAP"]);
    assert_eq!(of(&country, "w1"), Some(1001));
    let (_, roll) = country.formed();
    // The fifth: a mission abroad has no land, so its polygon itself is wrong.
    assert_eq!(roll.blockers().count(), 5);
}

#[test]
fn an_enclave_is_a_hole_of_its_surroundings() {
    let mut country = Country::new();
    country.tables.boundaries.clear();
    let outer = "[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]";
    let inner = "[[0.004,0.004],[0.006,0.004],[0.006,0.006],[0.004,0.006],[0.004,0.004]]";
    country.polygon(
        1001,
        &format!(r#"{{"type":"Polygon","coordinates":[{outer},{inner}]}}"#),
    );
    country.polygon(
        1002,
        &format!(r#"{{"type":"MultiPolygon","coordinates":[[{inner}]]}}"#),
    );
    country.house("in", "к", "1", (5_000, 5_000));
    country.house("out", "к", "2", (2_000, 5_000));
    assert_eq!(
        (of(&country, "in"), of(&country, "out")),
        (Some(1002), Some(1001))
    );
}

#[test]
fn a_bad_boundary_is_named_and_the_rest_goes_on() {
    let bad = [
        ("no json", "{"),
        (
            "a line",
            r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#,
        ),
        (
            "a far away corner",
            r#"{"type":"Polygon","coordinates":[[[0,0],[200,0],[1,1],[0,0]]]}"#,
        ),
        (
            "two corners",
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}"#,
        ),
    ];
    for (what, text) in bad {
        let mut country = Country::new();
        country.polygon(9001, text);
        assert_eq!(placed(&country).1, vec!["UNUSABLE"], "{what}");
        assert_eq!(of(&country, "w1"), Some(1001));
    }
    let mut country = Country::new();
    let bow_tie = r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#;
    country.polygon(9001, bow_tie);
    assert_eq!(placed(&country).1, vec!["CROSSING"]);
    assert_eq!(of(&country, "w1"), Some(1001));
    let mut country = Country::new();
    country.range(1001, "s-Манас", "most", (1, 2));
    country.range(1001, "s-Манас", "all", (9, 2));
    country.range(7777, "s-Манас", "all", (1, 2));
    assert_eq!(placed(&country).1, vec!["UNUSABLE"; 3]);
}

#[test]
fn an_empty_and_a_too_large_precinct_are_found() {
    let mut country = Country::new();
    for i in 0..3 {
        country.voter(&format!("Асанова{i}"));
    }
    let mut law = crate::testkit::law();
    law.list.precinct_voters_max = 2;
    let (_, roll) = country.formed_by(&law);
    let codes: Vec<_> = roll.findings.iter().map(Finding::code).collect();
    assert_eq!(codes, vec!["TOO_LARGE", "EMPTY"]);
}

fn cover(country: &Country) -> Vec<Finding> {
    Territory::of(&country.snapshot()).cover_findings()
}

#[test]
fn neighbours_that_share_an_edge_neither_overlap_nor_leave_a_gap() {
    assert_eq!(cover(&Country::new()), vec![]);
}

#[test]
fn land_in_two_polygons_is_found_where_no_house_stands() {
    let mut country = Country::new();
    // 2,000 by 10,000 micro-degrees of 1002: 163 m by 1,113 m.
    country.tables.boundaries[0].extent =
        Extent::Polygon(rectangle(74_500_000, 42_800_000, 12_000, 10_000));
    let found = cover(&country);
    let [
        Finding::AreaOverlap {
            precincts,
            square_metres,
        },
    ] = &found[..]
    else {
        unreachable!("{found:?}")
    };
    assert_eq!(precincts.map(|p| p.number()), [1001, 1002]);
    // 2,000 · 0.0817 m by 10,000 · 0.11132 m.
    assert!(square_metres.abs_diff(181_900) < 2_000, "{square_metres}");
}

#[test]
fn land_that_polygons_enclose_and_none_covers_is_a_gap() {
    let mut country = Country::new();
    // Four sides round a court of 4,000 by 4,000 in the middle.
    country.tables.boundaries.clear();
    for number in [1003, 1004] {
        country.precinct(number, "territorial");
    }
    country.polygon(1001, &rectangle(74_500_000, 42_800_000, 12_000, 4_000));
    country.polygon(1002, &rectangle(74_500_000, 42_808_000, 12_000, 4_000));
    country.polygon(1003, &rectangle(74_500_000, 42_804_000, 4_000, 4_000));
    country.polygon(1004, &rectangle(74_508_000, 42_804_000, 4_000, 4_000));
    let found = cover(&country);
    let [
        Finding::AreaGap {
            lon,
            lat,
            square_metres,
            ..
        },
    ] = &found[..]
    else {
        unreachable!("{found:?}")
    };
    assert!((74_504_000..74_508_000).contains(lon) && (42_804_000..42_808_000).contains(lat));
    assert!(square_metres.abs_diff(145_500) < 6_000, "{square_metres}");
    // Opened to one side it is no gap but land outside.
    country.tables.boundaries.pop();
    assert_eq!(cover(&country), vec![]);
}

#[test]
fn a_precinct_within_another_is_an_enclave() {
    let mut country = Country::new();
    country.tables.boundaries.clear();
    let outer = "[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]";
    let inner = "[[0.004,0.004],[0.006,0.004],[0.006,0.006],[0.004,0.006],[0.004,0.004]]";
    country.polygon(
        1001,
        &format!(r#"{{"type":"Polygon","coordinates":[{outer},{inner}]}}"#),
    );
    country.polygon(
        1002,
        &format!(r#"{{"type":"Polygon","coordinates":[{inner}]}}"#),
    );
    let found = cover(&country);
    let [Finding::Enclave { precinct, inside }] = &found[..] else {
        unreachable!("{found:?}")
    };
    assert_eq!((precinct.number(), inside.number()), (1002, 1001));
    assert!(!found[0].blocks());
}

fn rectangle(lon: i32, lat: i32, wide: i32, high: i32) -> String {
    let degrees = |v: i32| f64::from(v) / 1e6;
    let corners = [(0, 0), (wide, 0), (wide, high), (0, high), (0, 0)]
        .map(|(x, y)| format!("[{},{}]", degrees(lon + x), degrees(lat + y)));
    format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        corners.join(",")
    )
}

#[test]
fn a_building_with_two_addresses_is_two_addresses_and_each_has_one_precinct() {
    let mut country = Country::new();
    // The corner house stands on one point; its two streets belong to two precincts.
    country.house("corner-1", "Бурч", "1", (74_505_000, 42_805_500));
    country.house("corner-2", "Кыр", "40", (74_505_000, 42_805_500));
    country.range(1002, "s-Кыр", "all", (1, 99));
    assert_eq!(of(&country, "corner-1"), Some(1001));
    assert_eq!(of(&country, "corner-2"), Some(1002));
    assert_eq!(placed(&country).1, vec!["CONFLICT"]);
}

#[test]
fn a_new_house_beyond_the_ranges_and_polygons_holds_the_release_back() {
    let mut country = Country::new();
    country.tables.boundaries.clear();
    country.range(1001, "s-Манас", "all", (1, 2));
    country.range(1002, "s-Чүй", "all", (1, 9));
    country.house("new", "Манас", "3", (74_505_000, 42_807_000));
    let (_, findings) = placed(&country);
    assert_eq!(findings, vec!["GAP"]);
    assert_eq!(of(&country, "new"), None);
}

#[test]
fn a_building_whose_addresses_lie_in_two_precincts_is_named_and_votes_by_the_first() {
    let mut country = Country::new();
    let second = |street: &str| lexicon::handover::snapshot::SecondAddressRow {
        address: "w1".to_owned(),
        soate: "41711000000000".parse().unwrap(),
        street: format!("s-{street}"),
        street_name: street.to_owned(),
        house: "77".to_owned(),
    };
    country.tables.second_addresses.push(second("Эркиндик"));
    assert_eq!(placed(&country).1, Vec::<&str>::new());
    country.range(1002, "s-Эркиндик", "odd", (1, 99));
    assert_eq!(placed(&country).1, ["TWO_PRECINCTS"]);
    assert_eq!(of(&country, "w1"), Some(1001));
}

#[test]
fn a_renamed_street_keeps_its_precinct() {
    let mut country = Country::new();
    country.range(1002, "s-Манас", "all", (1, 99));
    for row in &mut country.tables.addresses {
        row.street_name = format!("{} (мурдагы)", row.street_name);
    }
    assert_eq!(of(&country, "w1"), Some(1002));
}
