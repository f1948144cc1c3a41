//! Good models are read, bad ones are refused with the place named.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::{Model, SHIPPED};

#[test]
fn shipped_models_are_good() {
    for (name, text) in SHIPPED {
        assert_eq!(Model::parse(text).unwrap().name, name);
    }
}

fn refused(change: (&str, &str), expected: &str) {
    let text = super::shipped("febrl").unwrap();
    assert!(text.contains(change.0), "{} is in the model", change.0);
    let error = Model::parse(&text.replacen(change.0, change.1, 1))
        .unwrap_err()
        .to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn bad_models_are_refused_with_the_place() {
    refused(("name = \"febrl\"", "nam = 3"), "line 2");
    refused(
        ("make = [\"plain\"]", "make = [\"plane\"]"),
        "unknown transform \"plane\"",
    );
    refused(
        ("on = [\"dob\"]", "on = [\"dobb\"]"),
        "unknown feature \"dobb\"",
    );
    refused(("on = [\"dob\"]", "on = []"), "names no feature");
    refused(
        ("on = [\"dob\"]", "on = [\"dob=soc\"]"),
        "need the same vocabulary",
    );
    refused(
        ("when = \"edits 1\"", "when = \"edit 1\""),
        "cannot read \"edit 1\"",
    );
    refused(
        ("when = \"else\"", "when = \"exact\""),
        "the last with when = \"else\"",
    );
    refused(("m = 0.85", "m = 1.5"), "between 0 and 1");
    refused(
        ("estimate = true", "estimate = false"),
        "frozen model needs",
    );
    refused(
        ("auto_ppm = 500000", "auto_ppm = 5"),
        "review_ppm <= auto_ppm",
    );
}
