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
    assert_eq!(rows[0]["precincts_changed_by_fewer"], 0);
    let second = &rows[1];
    assert_eq!(second["day"], "2015-09-12");
    assert_eq!(second["since"], 1);
    assert_eq!(second["precincts"], json!({"1001": 10, "1003": -10}));
    assert_eq!(second["precincts_changed_by_fewer"], 2);
    assert_eq!(second["came"], 18);
    assert_eq!(second["left"], serde_json::Value::Null);
}

#[test]
fn a_list_that_grew_by_fewer_than_ten_says_nothing_about_it() {
    let found = changes(&[
        release(1, 10, &[(1001, 100)]),
        release(2, 12, &[(1001, 109)]),
    ]);
    assert_eq!(found["changes"][1]["came"], serde_json::Value::Null);
    assert_eq!(found["changes"][1]["precincts"], json!({}));
    assert_eq!(found["smallest_cell"], 10);
}
