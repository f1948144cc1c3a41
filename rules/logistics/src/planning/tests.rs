#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;

const FROM: &str = "from = \"2015-01-01\"";

/// The shipped file with one text in place of another must be refused with these words.
fn check(from: &str, to: &str, words: &[&str]) {
    let text = Planning::kg_text();
    assert!(text.contains(from), "{from} is not in the file");
    let refused = Planning::parse(&text.replacen(from, to, 1)).unwrap_err();
    for word in words {
        assert!(refused.to_string().contains(word), "{word}: {refused}");
    }
}

#[test]
fn the_shipped_file_holds_for_every_shipped_law() {
    let planning = Planning::parse(Planning::kg_text()).unwrap();
    for id in ElectionLaw::shipped_ids() {
        let law = ElectionLaw::shipped(id).unwrap();
        let terms = planning.terms(&law).unwrap();
        assert_eq!(
            terms.voters_per_kit("osh"),
            law.station.voters_per_kit,
            "{id}"
        );
        assert_eq!(terms.identified_permille, 901);
    }
}

#[test]
fn nonsense_is_refused_with_its_line() {
    check("at_least = 1", "at_least = 0", &["line 8", "1 to 500"]);
    check("at_least = 1", "at_least = -1", &["line 8"]);
    check("at_least = 1", "at_least = 1.5", &["line 8"]);
    check("days = 40", "dais = 40", &["dais"]);
    check(
        "permille = 580",
        "permille = 1001",
        &["line 18", "0 to 1000"],
    );
    check(FROM, "from = \"2015-02-30\"", &["line 5"]);
}

#[test]
fn entries_that_do_not_go_together_are_refused_by_name() {
    check(
        "share_permille = 99",
        "share_permille = 98",
        &["path", "999"],
    );
    check(
        "code = \"scanner\"",
        "code = \"laptop\"",
        &["item", "laptop stands twice"],
    );
    check("code = \"laptop\"", "code = \"=1+1\"", &["item", "a to z"]);
    check(
        "seconds = [20",
        "mean_seconds = 40\nseconds = [20",
        &["path finger", "either"],
    );
    check(
        "[10, 10, 25, 25, 10, 10, 10, 10, 10, 10, 10, 10]",
        "[0]",
        &["nobody comes"],
    );
}

#[test]
fn editions_hold_from_their_day() {
    let text = Planning::kg_text();
    let later = text
        .replace(FROM, "from = \"2020-01-01\"")
        .replace("at_least = 1\n", "at_least = 2\n");
    let both = Planning::parse(&format!("{text}\n{later}")).unwrap();
    let least = |id: &str| {
        let law = ElectionLaw::shipped(id).unwrap();
        both.terms(&law).unwrap().kits_at_least("osh")
    };
    assert_eq!(["kg-2015", "kg-2020"].map(least), [1, 2]);
    // In another order they are refused, and before the first there is none.
    let swapped = Planning::parse(&format!("{later}\n{text}"));
    assert!(swapped.unwrap_err().to_string().contains("ascend"));
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    let none = Planning::parse(&later).unwrap().terms(&law);
    assert_eq!(none, Err(PlanningError::NoEdition(law.election.day)));
}

#[test]
fn a_region_has_numbers_of_its_own() {
    let text = format!(
        "{}\n[[edition.region]]\ncode = \"osh\"\nvoters_per_kit = 400\nsource = \"order 14\"\n",
        Planning::kg_text()
    );
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    let terms = Planning::parse(&text).unwrap().terms(&law).unwrap();
    assert_eq!(terms.voters_per_kit("osh"), 400);
    assert_eq!(terms.voters_per_kit("chui"), 600);
    assert_eq!(terms.operators_per_hundred_kits("osh"), 150);
}

#[test]
fn weights_must_be_as_many_as_the_laws_hours() {
    let text = Planning::kg_text().replace("[10, 10, 25", "[10, 25");
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    let refused = Planning::parse(&text).unwrap().terms(&law).unwrap_err();
    assert!(refused.to_string().contains("11 weights"), "{refused}");
}
