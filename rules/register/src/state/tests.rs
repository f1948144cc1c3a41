use lexicon::person::NameParts;
use lexicon::{Instant, Pin};

use super::*;
use crate::act::{Enrolment, PinClaim};
use crate::case::duplicate_case;
use crate::words::Region;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn me() -> PersonId {
    PersonId::of_source("test", "me")
}

fn other() -> PersonId {
    PersonId::of_source("test", "other")
}

fn pin() -> Pin {
    Pin::from_stored(20_905_199_900_000)
}

fn recorded() -> Act {
    Act::Recorded {
        source_row: "p".into(),
        sex: Sex::Male,
        born: day("1999-05-09"),
        citizenship: "KGZ".into(),
        source_at: None,
        name: CivilName::parse(NameParts {
            surname: "А",
            given: "Б",
            patronymic: "",
        })
        .expect("a name"),
        pin: Some(PinClaim {
            pin: pin(),
            source: "register".into(),
            from: None,
            until: None,
        }),
    }
}

fn enrolled(processed: Option<&str>) -> Act {
    Act::Enrolled(Enrolment {
        enrolment: "e".into(),
        captured: day("2014-12-01"),
        processed: processed.map(day),
        region: Region::Naryn,
        kit: String::new(),
        operator: String::new(),
    })
}

fn death() -> Act {
    Act::CivilEvent(CivilEvent {
        event: "d".into(),
        kind: CivilEventKind::Death,
        day: day("2015-02-03"),
        act_number: "1".into(),
        name: None,
    })
}

fn state(acts: &[Act]) -> PersonState {
    let entries: Vec<Entry> = acts
        .iter()
        .zip(1..)
        .map(|(act, position)| Entry {
            position,
            at: Instant::from_micros(0),
            person: Some(me()),
            act: act.clone(),
        })
        .collect();
    fold(me(), &entries)
}

fn check(acts: &[Act], standing: Option<Standing>) {
    assert_eq!(state(acts).standing(me()), standing);
}

fn verdict(outcome: Outcome) -> (VerdictId, CaseId, Act) {
    let (verdict, case) = (VerdictId::of(&["v"]), duplicate_case(me(), other()));
    (
        verdict,
        case,
        Act::VerdictGiven {
            verdict,
            case,
            outcome,
            policy: "p".into(),
        },
    )
}

#[test]
fn standing_follows_from_the_acts() {
    let since = day("2014-12-01");
    check(&[recorded()], None);
    check(
        &[recorded(), enrolled(None)],
        Some(Standing::Pending { since }),
    );
    let checked = day("2014-12-20");
    check(
        &[recorded(), enrolled(Some("2014-12-20"))],
        Some(Standing::Unique { checked }),
    );
    let processed = Act::Processed {
        enrolment: "e".into(),
        on: checked,
    };
    check(
        &[recorded(), enrolled(None), processed],
        Some(Standing::Unique { checked }),
    );
    let elsewhere = Act::Processed {
        enrolment: "other".into(),
        on: checked,
    };
    check(
        &[recorded(), enrolled(None), elsewhere],
        Some(Standing::Pending { since }),
    );
    check(
        &[recorded(), enrolled(None), death()],
        Some(Standing::Deceased {
            on: day("2015-02-03"),
        }),
    );
}

#[test]
fn a_duplicate_verdict_strikes_one_record_and_a_reversal_restores_it() {
    let opened = |other| Act::CaseOpened {
        case: duplicate_case(me(), other),
        kind: CaseKind::Duplicate,
        other,
    };
    let (given, case, strikes_me) = verdict(Outcome::Duplicate {
        person: me(),
        of: other(),
    });
    let base = [recorded(), enrolled(Some("2014-12-20")), opened(other())];
    let unique = Some(Standing::Unique {
        checked: day("2014-12-20"),
    });
    check(&base, unique);
    let struck = [&base[..], &[strikes_me]].concat();
    check(
        &struck,
        Some(Standing::Duplicate {
            of: other(),
            verdict: given,
        }),
    );
    let reversed = Act::VerdictReversed {
        verdict: given,
        case,
        reason: "twins".into(),
    };
    check(&[&struck[..], &[reversed]].concat(), unique);
    let (_, _, strikes_other) = verdict(Outcome::Duplicate {
        person: other(),
        of: me(),
    });
    check(&[&base[..], &[strikes_other]].concat(), unique);
}

#[test]
fn a_pin_lost_by_verdict_is_no_longer_the_persons() {
    let case = shared_pin_case(pin());
    let opened = Act::CaseOpened {
        case,
        kind: CaseKind::SharedPin,
        other: other(),
    };
    let open = state(&[recorded(), opened.clone()]);
    assert!(open.pin_conflict());
    let answer = |keeper| Act::VerdictGiven {
        verdict: VerdictId::of(&["v"]),
        case,
        outcome: Outcome::PinKept { keeper },
        policy: "p".into(),
    };
    let lost = state(&[recorded(), opened.clone(), answer(other())]);
    assert!(!lost.pin_conflict() && lost.pin().is_none());
    let kept = state(&[recorded(), opened, answer(me())]);
    assert!(!kept.pin_conflict() && kept.pin().is_some());
}

#[test]
fn only_unique_may_enter_a_roll() {
    let on = day("2015-01-01");
    let verdict = VerdictId::of(&["v"]);
    assert!(Standing::Unique { checked: on }.may_enter_roll());
    for standing in [
        Standing::Pending { since: on },
        Standing::Duplicate {
            of: other(),
            verdict,
        },
        Standing::Deceased { on },
    ] {
        assert!(!standing.may_enter_roll(), "{standing:?}");
    }
}

#[test]
fn a_claim_ends_by_its_act_and_a_later_claim_holds() {
    let at = |position, act| Entry {
        position,
        at: Instant::from_micros(0),
        person: Some(me()),
        act,
    };
    let ended = Act::PinClaimEnded {
        pin: pin(),
        on: day("2015-09-12"),
        source: "agency 7".into(),
    };
    let later = Pin::from_stored(20_905_199_900_001);
    let claim = PinClaim {
        pin: later,
        source: "agency 7".into(),
        from: Some(day("2015-09-12")),
        until: None,
    };
    let mut entries = vec![at(1, recorded()), at(2, ended)];
    let state = fold(me(), &entries);
    assert_eq!(state.pin(), None);
    assert_eq!(state.pins[0].until, Some(day("2015-09-12")));
    entries.push(at(3, Act::PinClaimed(claim)));
    let state = fold(me(), &entries);
    assert_eq!(state.pin().map(|c| c.pin), Some(later));
}
