//! The second rehearsal of 2015 played again, and the misprints of the first one's table.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::PathBuf;

use sim::replay::{Misprint, first_rehearsal, replay, second_rehearsal};

const DAYS: &str = include_str!("../data/rehearsal2_day.csv");
const REGIONS: &str = include_str!("../data/rehearsal2_region.csv");
const FIRST: &str = include_str!("../data/rehearsal1_region.csv");

/// Story: people come, fit by finger, by PIN and two officers, or are on no list, and kits fail, in the proportions of the
/// source's rows. Expect: the table from journals alone is the one counted from the people, row by row, and is what the
/// source says, one in so many.
fn check_replay(text: &str, share: u64, rows: usize) {
    let (source, misprints) = second_rehearsal(text).unwrap();
    assert_eq!(misprints, Vec::new(), "the second rehearsal's sums hold");
    assert_eq!(source.len(), rows);
    let mut came = 0;
    for row in &source {
        let done = replay(row, share, 7).unwrap();
        assert_eq!(done.journals, done.people, "{}", row.name);
        assert_eq!(done.people, done.wanted, "{}", row.name);
        came += done.journals.came;
    }
    let printed: u64 = source.iter().map(|row| row.came).sum();
    assert!(came.abs_diff(printed / share) <= rows as u64 * 2, "{came}");
}

#[test]
fn the_table_by_region_comes_out_of_journals_alone() {
    check_replay(REGIONS, 40, 9);
}

#[test]
fn the_table_by_day_comes_out_of_journals_alone() {
    check_replay(DAYS, 400, 10);
}

fn check_misprints(text: &str) {
    let misprint = |what: &str, computed, printed| Misprint {
        what: what.to_owned(),
        computed,
        printed,
    };
    let found = first_rehearsal(text).unwrap();
    assert_eq!(
        found,
        [
            // The printed total omits Osh city.
            misprint("column precincts", 2106, 2048),
            misprint("column voters_came", 172_459, 167_129),
            misprint("column not_identified_fingerprint", 7845, 7377),
            misprint("column not_in_database", 10_960, 9893),
            misprint("column system_failures", 3688, 3568),
            misprint("column identified_total", 160_227, 157_236),
            misprint(
                "bishkek: voters_came = identified_total + not_in_database",
                12_822,
                14_094
            ),
        ]
    );
}

#[test]
fn the_first_rehearsals_table_has_seven_misprints() {
    check_misprints(FIRST);
}

/// With the source's own files at hand they are what the repository keeps.
#[test]
fn the_sources_own_files_give_the_same() {
    let shared = std::env::var_os("TIZME_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let tables = shared.join("data/seed_tables");
    let Ok(first) = std::fs::read_to_string(tables.join("pilot1_region.csv")) else {
        println!("skipped: no source tables at {}", tables.display());
        return;
    };
    check_misprints(&first);
    let read = |name: &str| std::fs::read_to_string(tables.join(name)).unwrap();
    assert_eq!(read("pilot2_day.csv"), DAYS);
    assert_eq!(read("pilot2_region_2015_09_16.csv"), REGIONS);
}
