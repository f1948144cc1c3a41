use super::*;
use crate::testkit::Country;

fn clear() -> Waiting {
    Waiting {
        signed_stage: Some(Stage::Control),
        ..Waiting::default()
    }
}

fn held(country: &Country, waiting: Waiting) -> Vec<(&'static str, u64)> {
    let (snapshot, roll) = country.formed();
    blockers(&snapshot, &roll, Stage::Final, waiting)
        .iter()
        .map(|held| (held.blocker.code(), held.count))
        .collect()
}

fn quiet() -> Country {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    country
}

#[test]
fn nothing_holds_a_clean_list_back() {
    assert_eq!(held(&quiet(), clear()), []);
}

#[test]
fn each_blocker_is_named_with_its_count() {
    let mut country = quiet();
    country.tables.persons[1].pin = country.tables.persons[0].pin;
    assert_eq!(held(&country, clear()), [("PIN_CONFLICT_OPEN", 2)]);
    let mut country = quiet();
    country.house("far", "Алыс", "1", (76_000_000, 42_000_000));
    assert_eq!(held(&country, clear()), [("BOUNDARY", 1)]);
    let many = Waiting {
        unanswered_claims: 3,
        open_lots: 2,
        undecided_rows: 4,
        signed_stage: Some(Stage::Preliminary),
        open_cases: 5,
        is_office_silent: true,
    };
    let want = [
        ("CLAIM_UNANSWERED", 3),
        ("FIELD_LOT_OPEN", 2),
        ("ROW_UNDECIDED", 4),
        ("STAGE_BEFORE_UNSIGNED", 1),
        ("CASE_OPEN", 5),
        ("OFFICE_STATEMENT_MISSING", 1),
    ];
    assert_eq!(held(&quiet(), many), want);
    assert_eq!(
        held(&quiet(), Waiting::default()),
        [("STAGE_BEFORE_UNSIGNED", 1)]
    );
}

#[test]
fn only_a_final_list_waits() {
    let (snapshot, roll) = quiet().formed();
    for stage in [Stage::Preliminary, Stage::Control] {
        assert!(blockers(&snapshot, &roll, stage, Waiting::default()).is_empty());
    }
}

#[test]
fn a_sign_off_covers_what_it_names_and_no_more() {
    let held = [Held {
        blocker: Blocker::PinConflict,
        owner: Owner::of(Blocker::PinConflict),
        count: 667,
    }];
    assert!(not_covered(&held, &[(Blocker::PinConflict, 667)]).is_empty());
    assert_eq!(not_covered(&held, &[(Blocker::PinConflict, 666)]).len(), 1);
    assert_eq!(not_covered(&held, &[(Blocker::FieldLot, 667)]).len(), 1);
    assert_eq!(not_covered(&held, &[]).len(), 1);
}

#[test]
fn nobody_signs_off_a_gap_in_the_boundaries_or_a_stage_that_was_left_out() {
    let held = |blocker| Held {
        blocker,
        owner: Owner::of(blocker),
        count: 1,
    };
    let all: Vec<Held> = Blocker::ALL.iter().map(|blocker| held(*blocker)).collect();
    // A document that names everything, signed by whomever: two kinds stay.
    let named: Vec<(Blocker, u64)> = all.iter().map(|held| (held.blocker, held.count)).collect();
    let never = [
        held(Blocker::Boundary),
        held(Blocker::StageBefore),
        held(Blocker::OfficeSilent),
    ];
    assert_eq!(not_covered(&all, &named), never);
    assert_eq!(not_for_sign_off(&all), never);
    assert_eq!(not_for_sign_off(&all[1..5]), []);
}
