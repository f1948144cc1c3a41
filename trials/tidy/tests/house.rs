//! Every rule on the real house.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::Path;

use tidy::{Finding, House, arrows, paths, sources};

fn check(rule: fn(&House) -> Vec<Finding>) {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    let findings = rule(&house);
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn arrows_are_exactly_the_agreed_ones() {
    check(arrows::arrows_are_agreed);
}

#[test]
fn station_portal_and_verifier_cannot_reach_what_they_must_not() {
    check(arrows::forbidden_reach_is_empty);
}

#[test]
fn instruments_and_rules_take_time_and_randomness_as_arguments() {
    check(sources::pure_rooms_stay_pure);
}

#[test]
fn sql_lives_only_in_the_store() {
    check(sources::sql_has_one_place);
}

#[test]
fn files_are_named_after_a_noun() {
    check(sources::files_are_named_after_a_noun);
}

#[test]
fn ignored_tests_are_listed_with_the_run_that_covers_them() {
    check(sources::ignored_tests_are_listed);
}

#[test]
fn paths_named_in_the_architecture_exist() {
    check(paths::named_paths_exist);
}

#[test]
fn the_repository_carries_no_path_of_a_machine() {
    check(paths::no_machine_paths);
}

#[test]
fn the_ledger_stays_within_its_minutes() {
    check(paths::ledger_fits);
}
