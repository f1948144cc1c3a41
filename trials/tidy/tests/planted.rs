//! A fault planted for each rule, and the rule finds it: the checks are checked.

use tidy::{House, Room, arrows, paths, sources};

fn room(shelf: &str, name: &str, knows: &[&str]) -> Room {
    let dependencies: String = knows
        .iter()
        .map(|k| format!("{k}.workspace = true\n"))
        .collect();
    Room {
        shelf: shelf.to_owned(),
        name: name.to_owned(),
        manifest: format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}"),
    }
}

fn sound() -> House {
    let mut house = House {
        rooms: vec![
            room("instruments", "tlog", &[]),
            room("rules", "lexicon", &[]),
            room("rules", "register", &["lexicon"]),
            room("services", "store", &["lexicon", "register"]),
            room("services", "screen", &["lexicon"]),
            room("services", "portal", &["lexicon", "tlog", "screen"]),
        ],
        ..House::default()
    };
    house.files.push("rules/lexicon".to_owned());
    house.pages.insert(
        "ARCHITECTURE.md".to_owned(),
        "see `rules/lexicon`".to_owned(),
    );
    house
        .pages
        .insert("trials/LEDGER.md".to_owned(), "| a | 5 |\n".to_owned());
    house
}

fn with_source(path: &str, text: &str) -> House {
    let mut house = sound();
    house.sources.insert(path.to_owned(), text.to_owned());
    house
}

#[test]
fn a_sound_house_has_no_findings() {
    let house = sound();
    for rule in [
        arrows::arrows_are_agreed,
        arrows::forbidden_reach_is_empty,
        sources::pure_rooms_stay_pure,
        sources::sql_has_one_place,
        sources::files_are_named_after_a_noun,
        sources::ignored_tests_are_listed,
        paths::named_paths_exist,
        paths::no_machine_paths,
        paths::ledger_fits,
    ] {
        assert_eq!(rule(&house), Vec::<String>::new());
    }
}

#[test]
fn an_arrow_outside_the_table_is_found() {
    let mut house = sound();
    house.rooms[2] = room("rules", "register", &["lexicon", "tlog"]);
    assert_eq!(arrows::arrows_are_agreed(&house).len(), 1);
}

#[test]
fn an_arrow_to_a_later_shelf_is_found() {
    let mut house = sound();
    house.rooms[0] = room("instruments", "tlog", &["lexicon"]);
    assert!(
        arrows::arrows_are_agreed(&house)
            .iter()
            .any(|f| f.contains("later shelf"))
    );
}

#[test]
fn a_room_that_nobody_agreed_on_is_found() {
    let mut house = sound();
    house.rooms.push(room("services", "surprise", &[]));
    assert!(!arrows::arrows_are_agreed(&house).is_empty());
}

#[test]
fn the_portal_reaching_the_register_through_another_room_is_found() {
    let mut house = sound();
    house.rooms[4] = room("services", "screen", &["lexicon", "store"]);
    let findings = arrows::forbidden_reach_is_empty(&house);
    assert!(findings.contains(&"portal reaches store".to_owned()));
    assert!(findings.contains(&"portal reaches register".to_owned()));
}

#[test]
fn a_clock_in_a_rule_is_found_and_one_in_its_tests_is_not() {
    let text = "fn now() { let _ = std::time::SystemTime::now(); }";
    assert!(!sources::pure_rooms_stay_pure(&with_source("rules/roll/src/a.rs", text)).is_empty());
    assert!(
        sources::pure_rooms_stay_pure(&with_source("rules/roll/src/a/tests.rs", text)).is_empty()
    );
    let random = "let r = ring::rand::SystemRandom::new();";
    assert!(
        !sources::pure_rooms_stay_pure(&with_source("instruments/tlog/src/a.rs", random))
            .is_empty()
    );
}

#[test]
fn sql_outside_the_store_is_found() {
    let text = "let q = \"SELECT 1\";";
    assert!(!sources::sql_has_one_place(&with_source("services/office/src/a.rs", text)).is_empty());
    assert!(sources::sql_has_one_place(&with_source("services/store/src/a.rs", text)).is_empty());
    let mut house = sound();
    house.files.push("rules/roll/query.sql".to_owned());
    assert!(!sources::sql_has_one_place(&house).is_empty());
}

#[test]
fn a_file_without_a_noun_is_found() {
    assert!(
        !sources::files_are_named_after_a_noun(&with_source("rules/roll/src/utils.rs", ""))
            .is_empty()
    );
}

#[test]
fn an_ignored_test_that_is_not_listed_is_found() {
    let text = "#[test]\n#[ignore = \"slow\"]\nfn takes_an_hour() {}";
    let mut house = with_source("rules/roll/src/tests.rs", text);
    assert!(!sources::ignored_tests_are_listed(&house).is_empty());
    house.pages.insert(
        "trials/LEDGER.md".to_owned(),
        "| takes_an_hour | 0 |".to_owned(),
    );
    assert!(sources::ignored_tests_are_listed(&house).is_empty());
}

#[test]
fn a_path_that_is_not_there_is_found() {
    let mut house = sound();
    house.pages.insert(
        "ARCHITECTURE.md".to_owned(),
        "see `rules/nowhere`".to_owned(),
    );
    assert!(!paths::named_paths_exist(&house).is_empty());
}

#[test]
fn a_machine_path_is_found() {
    let text = format!("let p = \"{}\";", concat!("/ho", "me/somebody"));
    assert!(!paths::no_machine_paths(&with_source("rules/roll/src/a.rs", &text)).is_empty());
}

#[test]
fn a_ledger_over_sixty_minutes_is_found() {
    let mut house = sound();
    house.pages.insert(
        "trials/LEDGER.md".to_owned(),
        "| a | 45 |\n| b | 15.5 |\n".to_owned(),
    );
    assert!(!paths::ledger_fits(&house).is_empty());
}
