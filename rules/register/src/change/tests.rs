use lexicon::person::NameParts;
use lexicon::{DocumentNumber, Instant, PrecinctCode, Sex};

use super::*;
use crate::act::CivilEvent;
use crate::words::{Region, ResidenceKind};

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn me() -> PersonId {
    PersonId::of_source("test", "me")
}

fn name(surname: &str) -> CivilName {
    CivilName::parse(NameParts {
        surname,
        given: "Б",
        patronymic: "",
    })
    .expect("a name")
}

fn passport(status: DocumentStatus) -> Document {
    Document {
        number: DocumentNumber::parse("AN1234567").expect("a number"),
        issued: day("2012-01-01"),
        expires: Some(day("2022-01-01")),
        status,
    }
}

fn known(status: DocumentStatus) -> KnownDocument {
    KnownDocument {
        person: me(),
        document: passport(status),
        since: day("2015-01-01"),
    }
}

#[test]
fn a_document_ends_once_and_never_becomes_valid_again() {
    use DocumentStatus::{Exchanged, Expired, Invalid, Lost, Stolen, Valid, Withdrawn};
    let lawful = [
        (Valid, Invalid),
        (Valid, Lost),
        (Valid, Stolen),
        (Valid, Exchanged),
        (Valid, Expired),
        (Valid, Withdrawn),
        (Lost, Stolen),
        (Invalid, Exchanged),
        (Lost, Exchanged),
        (Stolen, Exchanged),
        (Expired, Exchanged),
        (Invalid, Withdrawn),
        (Lost, Withdrawn),
        (Stolen, Withdrawn),
        (Expired, Withdrawn),
    ];
    for before in DocumentStatus::ALL.iter().copied() {
        for status in DocumentStatus::ALL.iter().copied() {
            let from = day("2015-08-01");
            let got = document(&known(before), me(), &passport(status), from);
            let expected = if before == status {
                Ok(None)
            } else if lawful.contains(&(before, status)) {
                Ok(Some(Act::DocumentStatusChanged {
                    number: passport(status).number,
                    before,
                    status,
                    from,
                }))
            } else {
                Err(Unlawful::DocumentEnded)
            };
            assert_eq!(got, expected, "{before:?} → {status:?}");
        }
    }
}

#[test]
fn nothing_else_of_a_document_changes_and_no_change_lies_before_the_last() {
    let lost = passport(DocumentStatus::Lost);
    let was = known(DocumentStatus::Valid);
    let on = day("2015-08-01");
    let other = PersonId::of_source("test", "other");
    let fixed = Err(Unlawful::DocumentFixed);
    assert_eq!(document(&was, other, &lost, on), fixed);
    let mut longer = lost.clone();
    longer.expires = None;
    assert_eq!(document(&was, me(), &longer, on), fixed);
    let early = day("2014-12-31");
    assert_eq!(document(&was, me(), &lost, early), Err(Unlawful::TooEarly));
    assert!(document(&was, me(), &lost, day("2015-01-01")).is_ok());
}

#[test]
fn a_residence_ends_once() {
    let home = |until: Option<&str>| Residence {
        address: "a1".into(),
        kind: ResidenceKind::Residence,
        from: day("2010-01-01"),
        until: until.map(day),
    };
    let check = |before, after, expected: Result<Option<&str>, Unlawful>| {
        let expected = expected.map(|until| {
            until.map(|until| Act::ResidenceEnded {
                address: "a1".into(),
                kind: ResidenceKind::Residence,
                from: day("2010-01-01"),
                until: day(until),
            })
        });
        assert_eq!(residence(&home(before), &home(after)), expected);
    };
    let (end, later) = (Some("2015-08-01"), Some("2015-08-02"));
    check(None, end, Ok(end));
    check(None, None, Ok(None));
    check(end, end, Ok(None));
    check(end, later, Err(Unlawful::ResidenceEnded));
    check(end, None, Err(Unlawful::ResidenceEnded));
}

#[test]
fn a_capture_is_processed_once_and_a_source_may_not_know_it_yet() {
    let capture = |processed: Option<&str>, kit: &str| Enrolment {
        enrolment: "e".into(),
        captured: day("2014-12-01"),
        processed: processed.map(day),
        region: Region::Naryn,
        kit: kit.into(),
        operator: String::new(),
    };
    let check = |before: Enrolment, after: Enrolment, expected| {
        assert_eq!(enrolment((me(), &before), (me(), &after)), expected);
    };
    let done = Act::Processed {
        enrolment: "e".into(),
        on: day("2015-02-03"),
    };
    let (one, two) = (Some("2015-02-03"), Some("2015-02-04"));
    check(capture(None, "k"), capture(one, "k"), Ok(Some(done)));
    check(capture(one, "k"), capture(one, "k"), Ok(None));
    check(capture(one, "k"), capture(None, "k"), Ok(None));
    let moved = Err(Unlawful::AlreadyProcessed);
    check(capture(one, "k"), capture(two, "k"), moved);
    let other = Err(Unlawful::CaptureFixed);
    check(capture(None, "k"), capture(one, "l"), other);
}

fn entries(acts: Vec<Act>) -> Vec<Entry> {
    let at = |(act, position)| Entry {
        position,
        at: Instant::from_micros(0),
        person: Some(me()),
        act,
    };
    acts.into_iter().zip(1..).map(at).collect()
}

fn recorded(pin: Option<u64>) -> Act {
    Act::Recorded {
        source_row: "p".into(),
        sex: Sex::Male,
        born: day("1999-05-09"),
        citizenship: "KGZ".into(),
        source_at: None,
        name: name("Асанов"),
        pin: pin.map(claim),
    }
}

fn claim(pin: u64) -> PinClaim {
    PinClaim {
        pin: Pin::from_stored(pin),
        source: "register".into(),
        from: None,
        until: None,
    }
}

const PIN: u64 = 20_905_199_900_000;

fn row() -> Person {
    Person {
        source_row: "p".into(),
        pin: Some(Pin::from_stored(PIN)),
        name: name("Асанов"),
        sex: Sex::Male,
        born: day("1999-05-09"),
        citizenship: "KGZ".into(),
        recorded_at: None,
    }
}

fn event(kind: CivilEventKind, new: Option<CivilName>) -> Act {
    Act::CivilEvent(CivilEvent {
        event: "n".into(),
        kind,
        day: day("2015-07-01"),
        act_number: "7".into(),
        name: new,
    })
}

fn ask(acts: Vec<Act>, row: &Person) -> Result<Option<Act>, Unlawful> {
    person(me(), &entries(acts), row, day("2015-08-01"), "register")
}

#[test]
fn a_name_or_birth_date_changes_by_a_civil_act_alone() {
    let corrected = |born: Option<&str>, right: Option<&str>| CorrectionRow {
        event: "c".into(),
        day: day("2015-07-02"),
        act_number: "8".into(),
        born: born.map(day),
        name: right.map(name),
    };
    let with = |more: Act| vec![recorded(Some(PIN)), more];
    let known = entries(vec![recorded(Some(PIN))]);
    let right = correction(
        me(),
        &known,
        &corrected(Some("1999-09-05"), Some("Асанова")),
    );
    assert_eq!(right.born, Some((day("1999-05-09"), day("1999-09-05"))));
    assert_eq!(right.name, Some((name("Асанов"), name("Асанова"))));
    let nothing = correction(me(), &known, &corrected(Some("1999-05-09"), None));
    assert_eq!((nothing.born, nothing.name), (None, None));

    let mut changed = row();
    assert_eq!(ask(vec![recorded(Some(PIN))], &changed), Ok(None));
    changed.born = day("1999-09-05");
    let needs = Err(Unlawful::NeedsCivilAct);
    assert_eq!(ask(vec![recorded(Some(PIN))], &changed), needs);
    assert_eq!(ask(with(Act::Corrected(right.clone())), &changed), Ok(None));
    // The record no longer says the day that was wrong.
    assert_eq!(ask(with(Act::Corrected(right)), &row()), needs);

    let mut changed = row();
    changed.name = name("Жаңы");
    assert_eq!(ask(vec![recorded(Some(PIN))], &changed), needs);
    let act = event(CivilEventKind::NameChange, Some(name("Жаңы")));
    assert_eq!(ask(with(act.clone()), &changed), Ok(None));
    assert_eq!(
        ask(with(act), &row()),
        Ok(None),
        "the name of birth may stay"
    );
}

#[test]
fn who_had_no_pin_gets_one_and_nobody_changes_theirs() {
    let mut given = claim(PIN);
    given.from = Some(day("2015-08-01"));
    let assigned = Act::PinClaimed(given);
    assert_eq!(
        ask(vec![recorded(None)], &row()),
        Ok(Some(assigned.clone()))
    );
    assert_eq!(ask(vec![recorded(None), assigned], &row()), Ok(None));
    let fixed = Err(Unlawful::PinFixed);
    assert_eq!(ask(vec![recorded(Some(PIN + 1))], &row()), fixed);
    let mut without = row();
    without.pin = None;
    assert_eq!(ask(vec![recorded(Some(PIN))], &without), fixed);
}

#[test]
fn citizenship_changes_by_an_act_and_sex_never() {
    let mut changed = row();
    changed.citizenship = "RUS".into();
    let fixed = Err(Unlawful::PersonFixed);
    assert_eq!(ask(vec![recorded(Some(PIN))], &changed), fixed);
    let lost = event(CivilEventKind::CitizenshipLoss, None);
    assert_eq!(ask(vec![recorded(Some(PIN)), lost], &changed), Ok(None));
    let mut changed = row();
    changed.sex = Sex::Female;
    assert_eq!(ask(vec![recorded(Some(PIN))], &changed), fixed);
}

#[test]
fn the_premises_of_a_precinct_move_and_nothing_else() {
    let known = PrecinctRow {
        precinct: PrecinctCode::new(1001).expect("a precinct"),
        kind: "territorial".into(),
        region: "bishkek".into(),
        soate: "41711000000010".parse().expect("a place"),
        address_ky: "Мектеп 1".into(),
        address_ru: "Школа 1".into(),
        lon_microdegrees: 74_590_000,
        lat_microdegrees: 42_870_000,
    };
    let on = day("2015-08-01");
    assert_eq!(precinct(&known, None, &known, on), Ok(None));
    let mut moved = known.clone();
    moved.address_ru = "Школа 2".into();
    let act = precinct(&known, None, &moved, on).expect("lawful");
    assert!(
        matches!(&act, Some(Act::PremisesMoved { before, after, from, .. })
            if before.address_ru == "Школа 1" && after.address_ru == "Школа 2" && *from == on),
        "{act:?}"
    );
    let later = Some(day("2015-08-02"));
    assert_eq!(precinct(&known, later, &moved, on), Err(Unlawful::TooEarly));
    let mut other = known.clone();
    other.kind = "hospital".into();
    assert_eq!(
        precinct(&known, None, &other, on),
        Err(Unlawful::PrecinctFixed)
    );
}
