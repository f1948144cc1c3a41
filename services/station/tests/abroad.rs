//! A consular precinct (S-24) and a special one (S-25): one kit, no LAN, the time of another place.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use lexicon::handover::report::kind;
use pollbook::Found;
use precinct::{CLOSES, OPENS, Precinct, at, capture, open, pin};
use station::Verdict;

/// S-24. Precinct 9001 at UTC−5 has one kit and no peers: it opens, serves, closes and reports alone. Its reports bear UTC
/// and the local time of the place.
#[test]
fn s_24_an_abroad_precinct_works_with_one_kit_and_reports_in_utc_and_local_time() {
    let precinct = Precinct::abroad(9001, 20, -300);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", folder.path(), -600);
    let initial = bench.kit.report_initial(&precinct.pair()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&initial.json).unwrap();
    assert_eq!(
        (initial.report.kind, initial.report.counted),
        (kind::INITIAL, 0)
    );
    // 07:50 in Bishkek is 01:50 UTC and 20:50 of the day before at UTC−5.
    assert_eq!(json["at_utc"], "2015-10-04T01:50:00Z");
    assert_eq!(json["at_local"], "2015-10-03T20:50:00-05");
    bench.clock.set(at(60));
    assert!(matches!(
        bench.kit.present(7, &capture(70)).unwrap(),
        Verdict::Green(_)
    ));
    bench.clock.set(at((CLOSES - OPENS) / 1_000_000 + 1));
    bench.kit.close(0, &precinct.pair()).unwrap();
    let report = bench.kit.report_final(&precinct.pair()).unwrap().report;
    assert_eq!(
        (report.counted, report.incomplete.len()),
        (1, 0),
        "nobody is waited for"
    );
}

/// S-24, S-25. Who is on the list of a consular or a special precinct is not found at 1001 by PIN: a neighbour of the same
/// district is named, everybody else is sent to desk, telephone or portal.
#[test]
fn s_25_a_voter_of_a_special_precinct_is_refused_elsewhere_and_told_where() {
    let precinct = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", folder.path(), 60);
    assert_eq!(bench.kit.find("20101199000001"), Found::Elsewhere(1014));
    assert_eq!(bench.kit.find(&pin(900)), Found::Nobody);
}
