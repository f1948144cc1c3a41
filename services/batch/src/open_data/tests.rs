#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::release::PrecinctTotal;

use super::*;

/// A release frozen on a day of September 2015 at 01:30 in Bishkek, which is the day before in UTC.
fn release(number: u32, day: u32, lines: &[(u16, u32)]) -> ListRelease {
    let frozen = Instant::parse(&format!("2015-09-{day:02}T01:30:00+06:00")).unwrap();
    let total: u64 = lines.iter().map(|(_, n)| u64::from(*n)).sum();
    ListRelease {
        suite: "kg1".to_owned(),
        election: 2015,
        release: number,
        previous: None,
        root: [0; 32].into(),
        total,
        precincts: lines
            .iter()
            .map(|&(precinct, lines)| PrecinctTotal {
                precinct,
                lines,
                first_leaf: 0,
            })
            .collect(),
        considered: total + 5,
        excluded: Vec::new(),
        law: [0; 32].into(),
        snapshot: [0; 32].into(),
        frozen_at: frozen.micros(),
        stage: "control".to_owned(),
    }
}

fn changes(releases: &[ListRelease]) -> serde_json::Value {
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    serde_json::from_slice(&changes_of(releases, &law).unwrap()).unwrap()
}

#[test]
fn changes_stand_by_the_local_day_and_name_no_precinct_that_changed_by_fewer_than_ten() {
    let found = changes(&[
        release(1, 10, &[(1001, 100), (1002, 50), (1003, 70)]),
        release(2, 12, &[(1001, 110), (1002, 59), (1003, 60), (1004, 9)]),
    ]);
    let rows = found["changes"].as_array().unwrap();
    assert_eq!(rows[0]["day"], "2015-09-10");
    assert_eq!(rows[0]["precincts"], json!({}), "the first changes nothing");
    assert_eq!(rows[0]["precincts_changed_not_named"], 0);
    let second = &rows[1];
    assert_eq!(second["day"], "2015-09-12");
    assert_eq!(second["since"], 1);
    assert_eq!(second["precincts"], json!({"1001": 10, "1003": -10}));
    assert_eq!(second["precincts_changed_not_named"], 2);
    assert_eq!(second["change"], 18);
    assert_eq!(second["lines"], 238);
}

#[test]
fn a_small_change_does_not_follow_from_the_change_of_the_whole_list() {
    // 1002 alone would be 27 - 12 - 11 = 4: the smallest other stays unnamed with it.
    let found = changes(&[
        release(1, 10, &[(1001, 100), (1002, 50), (1003, 70)]),
        release(2, 12, &[(1001, 112), (1002, 54), (1003, 81)]),
    ]);
    let second = &found["changes"][1];
    assert_eq!(second["change"], 27);
    assert_eq!(second["precincts"], json!({"1001": 12}));
    assert_eq!(second["precincts_changed_not_named"], 2);
    // A precinct that is gone counts as left by all.
    let found = changes(&[
        release(1, 10, &[(1001, 100), (1002, 50)]),
        release(2, 12, &[(1001, 100)]),
    ]);
    assert_eq!(found["changes"][1]["precincts"], json!({"1002": -50}));
    assert_eq!(found["changes"][1]["change"], -50);
}

#[test]
fn totals_that_differ_by_fewer_than_ten_do_not_stand_beside_each_other() {
    let found = changes(&[
        release(1, 10, &[(1001, 100)]),
        release(2, 12, &[(1001, 104)]),
        release(3, 14, &[(1001, 109)]),
        release(4, 16, &[(1001, 110)]),
    ]);
    let of = |name: &str| -> Vec<serde_json::Value> {
        let rows = found["changes"].as_array().unwrap();
        rows.iter().map(|row| row[name].clone()).collect()
    };
    assert_eq!(
        of("lines"),
        [json!(100), json!(null), json!(null), json!(110)]
    );
    assert_eq!(
        of("considered"),
        [json!(105), json!(null), json!(null), json!(115)]
    );
    assert_eq!(
        of("change"),
        [json!(null), json!(null), json!(null), json!(null)]
    );
}

#[test]
fn a_precinct_of_fewer_than_ten_has_no_count_and_takes_another_with_it() {
    let small = (None, Some("fewer_than_10"));
    assert_eq!(lines_shown(&[10, 12]), [(Some(10), None), (Some(12), None)]);
    assert_eq!(
        lines_shown(&[9, 40, 30, 50]),
        [
            small,
            (Some(40), None),
            (None, Some("beside_one")),
            (Some(50), None)
        ]
    );
    assert_eq!(
        lines_shown(&[0, 9, 30]),
        [small, small, (None, Some("beside_one"))]
    );
}

#[test]
fn a_list_that_grew_by_fewer_than_ten_says_nothing_about_it() {
    let found = changes(&[
        release(1, 10, &[(1001, 100)]),
        release(2, 12, &[(1001, 109)]),
    ]);
    assert_eq!(found["changes"][1]["change"], serde_json::Value::Null);
    assert_eq!(found["changes"][1]["lines"], serde_json::Value::Null);
    assert_eq!(found["changes"][1]["precincts"], json!({}));
    assert_eq!(found["smallest_cell"], 10);
}
