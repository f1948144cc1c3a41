#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::law::RepeatRound;

use super::*;
use crate::form::Outcome;
use crate::testkit::{Country, day, find, law};

/// Each fact gives the code, the rule, and the record and date that show it.
fn check(name: &str, country: &Country, code: &str, record: &str, date: Option<&str>) {
    let (snapshot, roll) = country.formed();
    let person = find(&snapshot, name);
    let decision = roll.decisions[person.at()];
    assert_eq!(decision.code(), code);
    assert_eq!(
        decision.evidence.record(&snapshot, person).1,
        record,
        "{code}"
    );
    assert_eq!(decision.date, date.map(day), "{code}");
}

fn with(change: impl FnOnce(&mut Country)) -> Country {
    let mut country = Country::new();
    country.voter("Асанова");
    change(&mut country);
    country
}

#[test]
fn the_chain_stands_in_the_order_of_the_reasons() {
    let reasons: Vec<_> = RULES.iter().map(|rule| rule.reason).collect();
    assert_eq!(reasons, ExclusionReason::ALL);
    for (at, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id, format!("R{:02}", at + 1));
    }
}

#[test]
fn a_citizen_of_age_with_biometrics_and_an_address_is_listed_with_the_residence_as_evidence() {
    check("Асанова", &with(|_| {}), "LISTED", "w1", None);
}

#[test]
fn a_death_on_election_day_excludes_and_one_the_day_after_does_not() {
    let dead = |on: &str| {
        with(|c| {
            c.event("Асанова", "death", on);
            c.tables.persons[0].standing = "deceased".to_owned();
            c.tables.persons[0].died = Some(day(on));
        })
    };
    check(
        "Асанова",
        &dead("2015-10-04"),
        "DEAD",
        "ev-Асанова-death",
        Some("2015-10-04"),
    );
    check("Асанова", &dead("2015-10-05"), "LISTED", "w1", None);
}

#[test]
fn a_standing_without_an_act_still_excludes_and_names_the_register_itself() {
    let country = with(|c| c.tables.persons[0].standing = "deceased".to_owned());
    assert_eq!(country.decision("Асанова").code(), "DEAD");
    assert_eq!(country.decision("Асанова").evidence, Evidence::Person);
}

#[test]
fn foreign_citizenship_and_a_loss_by_election_day_exclude() {
    let foreign = with(|c| c.tables.persons[0].citizenship = "UZB".to_owned());
    assert_eq!(foreign.decision("Асанова").code(), "NOT_CITIZEN");
    let lost = with(|c| c.event("Асанова", "citizenship_loss", "2015-09-30"));
    check(
        "Асанова",
        &lost,
        "NOT_CITIZEN",
        "ev-Асанова-citizenship_loss",
        Some("2015-09-30"),
    );
    let later = with(|c| c.event("Асанова", "citizenship_loss", "2015-10-05"));
    assert_eq!(later.decision("Асанова").code(), "LISTED");
}

// L-01: born 4 Oct 1997 / 5 Oct 1997 / 29 Feb; a repeat round two weeks later.
#[test]
fn age_edges() {
    let born = |on: &str| with(|c| c.tables.persons[0].born = day(on));
    check("Асанова", &born("1997-10-04"), "LISTED", "w1", None);
    assert_eq!(born("1997-10-05").decision("Асанова").code(), "UNDER_AGE");
    assert_eq!(
        born("1997-10-05").decision("Асанова").date,
        Some(day("2015-10-05"))
    );
}

// Who came of age, and who enrolled, between the rounds is added in the second only if the law says so.
#[test]
fn a_repeat_round_adds_only_whom_its_law_names() {
    let repeat = |adds_of_age, adds_enrolled| {
        let mut law = law();
        law.election.day = day("2015-10-18");
        law.repeat = Some(RepeatRound {
            first_round: day("2015-10-04"),
            adds_of_age,
            adds_enrolled,
            source: "test".to_owned(),
        });
        law
    };
    let code = |country: &Country, law: &ElectionLaw| {
        let (snapshot, roll) = country.formed_by(law);
        roll.decisions[find(&snapshot, "Асанова").at()].code()
    };
    let born = |on: &str| with(|c| c.tables.persons[0].born = day(on));
    for (on, with_it, without) in [
        ("1997-10-04", "LISTED", "LISTED"),
        ("1997-10-05", "LISTED", "UNDER_AGE"),
        ("1997-10-18", "LISTED", "UNDER_AGE"),
        ("1997-10-19", "UNDER_AGE", "UNDER_AGE"),
    ] {
        assert_eq!(code(&born(on), &repeat(true, false)), with_it, "{on}");
        assert_eq!(code(&born(on), &repeat(false, true)), without, "{on}");
    }
    // 15 days before the first round: 19 September; before the second: 3 October.
    let enrolled = |on: &str| {
        with(|c| {
            c.tables.enrolments[0].captured = day(on);
            c.tables.enrolments[0].processed = Some(day(on));
        })
    };
    for (on, with_it, without) in [
        ("2015-09-19", "LISTED", "LISTED"),
        ("2015-09-20", "LISTED", "NO_BIOMETRICS"),
        ("2015-10-03", "LISTED", "NO_BIOMETRICS"),
        ("2015-10-04", "NO_BIOMETRICS", "NO_BIOMETRICS"),
    ] {
        assert_eq!(code(&enrolled(on), &repeat(false, true)), with_it, "{on}");
        assert_eq!(code(&enrolled(on), &repeat(true, false)), without, "{on}");
    }
}

#[test]
fn born_on_29_february_comes_of_age_on_1_march_of_a_common_year() {
    let leapling = with(|c| c.tables.persons[0].born = day("1996-02-29"));
    for (election, code) in [("2014-02-28", "UNDER_AGE"), ("2014-03-01", "LISTED")] {
        let mut law = law();
        law.election.day = day(election);
        law.franchise.biometrics_required = false;
        let (snapshot, roll) = leapling.formed_by(&law);
        assert_eq!(
            roll.decisions[find(&snapshot, "Асанова").at()].code(),
            code,
            "{election}"
        );
    }
}

#[test]
fn a_court_act_excludes_by_its_own_number() {
    let country = with(|c| c.event("Асанова", "court", "2015-06-01"));
    check(
        "Асанова",
        &country,
        "COURT",
        "ev-Асанова-court",
        Some("2015-06-01"),
    );
}

#[test]
fn of_two_records_of_one_person_one_is_counted_and_named() {
    let mut country = with(|c| {
        c.voter("Усенова");
    });
    country.tables.persons[1].standing = "duplicate".to_owned();
    country.tables.persons[1].duplicate_of = Some(crate::testkit::id("Асанова"));
    let counted = crate::testkit::id("Асанова").to_string();
    check("Усенова", &country, "DUPLICATE", &counted, None);
    assert_eq!(country.decision("Асанова").code(), "LISTED");
}

// L-11, and the largest single cause of 2015: collected and not yet processed is its own reason.
#[test]
fn no_biometrics_and_not_yet_processed_are_told_apart() {
    let none = with(|c| c.tables.enrolments.clear());
    check("Асанова", &none, "NO_BIOMETRICS", "", None);
    let late = with(|c| c.tables.enrolments[0].captured = day("2015-09-20"));
    check(
        "Асанова",
        &late,
        "NO_BIOMETRICS",
        "enr-Асанова",
        Some("2015-09-20"),
    );
    let on_the_day = with(|c| {
        c.tables.enrolments[0].captured = day("2015-09-19");
        c.tables.enrolments[0].processed = Some(day("2015-09-19"));
    });
    assert_eq!(on_the_day.decision("Асанова").code(), "LISTED");
    let waiting = with(|c| {
        c.tables.enrolments[0].processed = None;
        c.tables.persons[0].standing = "pending".to_owned();
    });
    check(
        "Асанова",
        &waiting,
        "NOT_YET_PROCESSED",
        "enr-Асанова",
        Some("2014-12-01"),
    );
    let processed_late = with(|c| c.tables.enrolments[0].processed = Some(day("2015-09-20")));
    assert_eq!(
        processed_late.decision("Асанова").code(),
        "NOT_YET_PROCESSED"
    );
}

#[test]
fn a_law_without_biometrics_lists_who_never_enrolled() {
    let country = with(|c| {
        c.tables.enrolments.clear();
        c.tables.persons[0].standing = "none".to_owned();
    });
    let mut law = law();
    law.franchise.biometrics_required = false;
    let (snapshot, roll) = country.formed_by(&law);
    assert_eq!(
        roll.decisions[find(&snapshot, "Асанова").at()].code(),
        "LISTED"
    );
}

#[test]
fn two_people_with_one_pin_wait_for_their_case_and_neither_is_dropped_silently() {
    let mut country = with(|c| {
        c.voter("Усенова");
    });
    country.tables.persons[1].pin = country.tables.persons[0].pin;
    for (one, other) in [("Асанова", "Усенова"), ("Усенова", "Асанова")]
    {
        let other = crate::testkit::id(other).to_string();
        check(one, &country, "PIN_CONFLICT", &other, None);
    }
    // A dead holder of the same number does not keep the living one off the list…
    country.event("Усенова", "death", "2015-01-01");
    assert_eq!(country.decision("Асанова").code(), "LISTED");
    // …unless the register has an open case.
    country.tables.persons[0].pin_conflict = true;
    assert_eq!(country.decision("Асанова").code(), "PIN_CONFLICT");
}

#[test]
fn without_a_residence_on_the_cut_off_there_is_no_precinct() {
    let none = with(|c| c.without_residence("Асанова"));
    check("Асанова", &none, "NO_ADDRESS", "", None);
    let ended = with(|c| c.tables.residences[0].until = Some(day("2015-09-19")));
    check("Асанова", &ended, "NO_ADDRESS", "w1", None);
    let stay = with(|c| c.tables.residences[0].kind = "stay".to_owned());
    assert_eq!(stay.decision("Асанова").code(), "NO_ADDRESS");
    let outside = with(|c| {
        c.house("far", "Алыс", "1", (76_000_000, 42_000_000));
        c.tables.residences[0].address = "far".to_owned();
    });
    check("Асанова", &outside, "NO_ADDRESS", "far", None);
}

#[test]
fn the_latest_residence_counts() {
    let country = with(|c| {
        c.resident("Асанова", "e1");
        c.tables.residences[1].from = day("2015-03-01");
    });
    let Outcome::Listed(place) = country.decision("Асанова").outcome else {
        unreachable!()
    };
    assert_eq!(place.precinct.number(), 1002);
}

#[test]
fn enrolled_abroad_without_a_consulate_is_its_own_reason_and_form_2_mends_it() {
    let mut country = with(|c| {
        c.without_residence("Асанова");
        c.tables.enrolments[0].region = "mfa_abroad".to_owned();
    });
    check(
        "Асанова",
        &country,
        "ABROAD_NOT_REGISTERED",
        "enr-Асанова",
        None,
    );
    country.form2("f1", "Асанова", 9001, "2015-09-01T10:00:00");
    check("Асанова", &country, "LISTED", "f1", None);
}

#[test]
fn the_first_rule_that_fails_is_the_reason() {
    let country = with(|c| {
        c.tables.persons[0].citizenship = "UZB".to_owned();
        c.tables.enrolments.clear();
        c.without_residence("Асанова");
        c.event("Асанова", "death", "2015-01-01");
    });
    assert_eq!(country.decision("Асанова").code(), "DEAD");
}

#[test]
fn every_reason_has_a_last_day_for_its_remedy() {
    let law = law();
    for reason in ExclusionReason::ALL {
        assert!(remedy_until(&law, *reason) <= law.election.day);
    }
    assert_eq!(
        remedy_until(&law, ExclusionReason::NoBiometrics),
        day("2015-09-19")
    );
    let texts = lexicon::Texts::kg().unwrap();
    assert!(
        ExclusionReason::ALL
            .iter()
            .all(|r| texts.exclusion.contains_key(r.code()))
    );
}

// A document's validity on election day is a reason of its own, where the law asks for it.
#[test]
fn without_a_document_valid_on_election_day_a_law_may_exclude() {
    let check = |change: &dyn Fn(&mut Country), code: &str, record: &str, date: Option<&str>| {
        let country = with(|c| change(c));
        let mut law = law();
        assert_eq!(country.decision("Асанова").code(), "LISTED");
        law.documents.required = true;
        let (snapshot, roll) = country.formed_by(&law);
        let person = find(&snapshot, "Асанова");
        let decision = roll.decisions[person.at()];
        assert_eq!(decision.code(), code);
        assert_eq!(decision.evidence.record(&snapshot, person).1, record);
        assert_eq!(decision.date, date.map(day));
        if code == "NO_VALID_DOCUMENT" {
            assert_eq!(decision.rule(), "R11");
        }
    };
    let lacking = "NO_VALID_DOCUMENT";
    check(&|_| {}, "LISTED", "w1", None);
    check(
        &|c| c.tables.documents[0].expires = Some(day("2015-10-04")),
        "LISTED",
        "w1",
        None,
    );
    let eve = "2015-10-03";
    check(
        &|c| c.tables.documents[0].expires = Some(day(eve)),
        lacking,
        "AN0000001",
        Some(eve),
    );
    check(
        &|c| c.tables.documents[0].status = "lost".to_owned(),
        lacking,
        "AN0000001",
        None,
    );
    check(
        &|c| c.tables.documents[0].issued = day("2015-10-05"),
        lacking,
        "AN0000001",
        None,
    );
    check(&|c| c.tables.documents.clear(), lacking, "", None);
    let foreign = |c: &mut Country| {
        c.tables.documents[0].number = lexicon::DocumentNumber::parse("PE0000001").unwrap();
    };
    check(&foreign, lacking, "PE0000001", None);
    let two = |c: &mut Country| {
        let mut other = c.tables.documents[0].clone();
        c.tables.documents[0].expires = Some(day("2014-01-01"));
        other.number = lexicon::DocumentNumber::parse("AN0000009").unwrap();
        c.tables.documents.push(other);
    };
    check(&two, "LISTED", "w1", None);
}

// L-01 under each shipped law: born on the last day, and a day later.
#[test]
fn the_age_edge_follows_the_day_of_each_law() {
    for (id, last, next) in [
        ("kg-2015", "1997-10-04", "1997-10-05"),
        ("kg-2020", "2002-10-04", "2002-10-05"),
        ("kg-2025", "2007-11-30", "2007-12-01"),
    ] {
        let law = lexicon::ElectionLaw::shipped(id).unwrap();
        for (born, code) in [(last, "LISTED"), (next, "UNDER_AGE")] {
            let country = with(|c| c.tables.persons[0].born = day(born));
            let (snapshot, roll) = country.formed_by(&law);
            assert_eq!(
                roll.decisions[find(&snapshot, "Асанова").at()].code(),
                code,
                "{id} {born}"
            );
        }
    }
}

// L-11: enrolled at T-20, counted; the cut-off of an early election is later by its factor.
#[test]
fn an_enrolment_at_t_20_counts_and_an_early_election_moves_the_last_day() {
    let captured = |on: &str| {
        with(|c| {
            c.tables.enrolments[0].captured = day(on);
            c.tables.enrolments[0].processed = Some(day(on));
        })
    };
    assert_eq!(captured("2015-09-14").decision("Асанова").code(), "LISTED");
    let late = captured("2015-09-22");
    assert_eq!(late.decision("Асанова").code(), "NO_BIOMETRICS");
    let mut early = law();
    early.shortening = lexicon::law::Shortening::by(1, 4).unwrap();
    let (snapshot, roll) = late.formed_by(&early);
    assert_eq!(roll.cut_off, day("2015-09-22"));
    assert_eq!(
        roll.decisions[find(&snapshot, "Асанова").at()].code(),
        "LISTED"
    );
}
