#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;
use lexicon::{PrecinctCode, Sex};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn state() -> PersonState {
    PersonState {
        recorded: Some((Sex::Female, day("1980-10-05"), "KGZ".to_owned())),
        documents: vec![Document {
            number: DocumentNumber::parse("AN1234567").unwrap(),
            issued: day("2006-05-18"),
            expires: None,
            status: DocumentStatus::Valid,
        }],
        residences: vec![Residence {
            address: "A7".to_owned(),
            kind: ResidenceKind::Residence,
            from: day("2010-01-01"),
            until: None,
        }],
        enrolments: vec![Enrolment {
            enrolment: "E7".to_owned(),
            captured: day("2014-12-01"),
            processed: Some(day("2014-12-20")),
            region: Region::Osh,
            kit: "osh-001".to_owned(),
            operator: String::new(),
        }],
        ..PersonState::default()
    }
}

fn decision(place: ListPlace, evidence: &str, on: Option<&str>) -> DecisionRow {
    DecisionRow {
        person: PersonId::of_source("test", "7"),
        place,
        evidence: evidence.to_owned(),
        day: on.map(day),
    }
}

fn law() -> ElectionLaw {
    ElectionLaw::shipped("kg-2015").unwrap()
}

#[test]
fn a_document_identifies_on_election_day_or_the_person_lacks_one() {
    let check = |change: &dyn Fn(&mut Document), lacks: bool| {
        let mut state = state();
        change(&mut state.documents[0]);
        assert_eq!(
            lacks_document(&state, &law()),
            lacks,
            "{:?}",
            state.documents[0]
        );
    };
    check(&|_| {}, false);
    check(&|d| d.expires = Some(day("2015-10-04")), false);
    check(&|d| d.expires = Some(day("2015-10-03")), true);
    check(&|d| d.issued = day("2015-10-05"), true);
    for status in DocumentStatus::ALL {
        let valid = *status == DocumentStatus::Valid;
        check(&|d| d.status = *status, !valid);
    }
    assert!(lacks_document(&PersonState::default(), &law()));
}

#[test]
fn a_listed_person_passes_every_rule_with_a_record_beside_each() {
    let listed = ListPlace::Listed {
        precinct: PrecinctCode::new(1001).unwrap(),
        line: 3,
        page: 1,
    };
    let steps = chain(&decision(listed, "residences/A7", None), &state(), &law());
    assert_eq!(steps.len(), ExclusionReason::ALL.len());
    assert!(steps.iter().all(|s| s.reached == Reached::Passed));
    assert!(steps.iter().all(|s| s.shown != Shown::Nothing), "{steps:?}");
    // Born on 5 October: 34 full years on 4 October 2015.
    assert!(matches!(steps[2].shown, Shown::Age { years: 34, .. }));
    assert_eq!(
        steps[8].shown,
        Shown::Home {
            address: "A7".to_owned(),
            from: Some(day("2010-01-01"))
        }
    );
    let moved = chain(&decision(listed, "claims/F1", None), &state(), &law());
    assert_eq!(moved[8].shown, Shown::Claim("F1".to_owned()));
}

#[test]
fn the_first_failing_rule_stops_the_chain() {
    let check = |reason, evidence: &str, on: Option<&str>, state: &PersonState, expected: Shown| {
        let steps = chain(
            &decision(ListPlace::Excluded(reason), evidence, on),
            state,
            &law(),
        );
        let stop = ExclusionReason::ALL
            .iter()
            .position(|r| *r == reason)
            .unwrap();
        for (at, step) in steps.iter().enumerate() {
            let reached = match at.cmp(&stop) {
                std::cmp::Ordering::Less => Reached::Passed,
                std::cmp::Ordering::Equal => Reached::Failed,
                std::cmp::Ordering::Greater => Reached::NotReached,
            };
            assert_eq!(step.reached, reached, "{reason} {}", step.rule);
        }
        assert_eq!(steps[stop].shown, expected, "{reason}");
        assert!(steps[stop + 1..].iter().all(|s| s.shown == Shown::Nothing));
    };
    let mut dead = state();
    dead.events.push(CivilEvent {
        event: "V1".to_owned(),
        kind: CivilEventKind::Death,
        day: day("2015-02-01"),
        act_number: "06-2015-1".to_owned(),
        name: None,
    });
    let death = act(&dead.events[0]);
    check(
        ExclusionReason::Dead,
        "civil_events/V1",
        Some("2015-02-01"),
        &dead,
        death,
    );
    let other = PersonId::of_source("test", "8");
    check(
        ExclusionReason::Duplicate,
        &format!("persons/{other}"),
        None,
        &state(),
        Shown::CountedElsewhere(other),
    );
    check(
        ExclusionReason::NoBiometrics,
        "",
        None,
        &state(),
        Shown::NoCapture(day("2015-09-19")),
    );
    check(
        ExclusionReason::NotYetProcessed,
        "enrolments/E7",
        Some("2014-12-01"),
        &state(),
        Shown::Waiting {
            record: "E7".to_owned(),
            since: Some(day("2014-12-01")),
        },
    );
    check(
        ExclusionReason::NoAddress,
        "residences/A7",
        None,
        &state(),
        Shown::HomeInNoPrecinct("A7".to_owned()),
    );
    check(
        ExclusionReason::NoAddress,
        "residences/A1",
        None,
        &state(),
        Shown::NoHome(day("2015-09-19")),
    );
    check(
        ExclusionReason::UnderAge,
        "persons/x",
        Some("2016-10-05"),
        &state(),
        Shown::ComesOfAge(Some(day("2016-10-05"))),
    );
}
