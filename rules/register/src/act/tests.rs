use lexicon::person::NameParts;

use super::*;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn name() -> CivilName {
    CivilName::parse(NameParts {
        surname: "Асанов",
        given: "Үсөн",
        patronymic: "",
    })
    .expect("a name")
}

fn premises(lon_microdegrees: i32) -> Premises {
    Premises {
        address_ky: "Мектеп 1".into(),
        address_ru: "Школа 1".into(),
        lon_microdegrees,
        lat_microdegrees: 42_870_000,
    }
}

fn acts() -> Vec<Act> {
    let person = PersonId::of_source("test", "1");
    let other = PersonId::of_source("test", "2");
    let case = crate::case::duplicate_case(person, other);
    let verdict = VerdictId::of(&["x"]);
    let claim = PinClaim {
        pin: Pin::from_stored(20_905_199_900_000),
        source: "register".into(),
        from: None,
        until: Some(day("2015-01-01")),
    };
    let recorded = |pin| Act::Recorded {
        source_row: "p1".into(),
        sex: Sex::Male,
        born: day("1999-05-09"),
        citizenship: "KGZ".into(),
        source_at: Some(Instant::from_micros(7)),
        name: name(),
        pin,
    };
    let verdict_of = |outcome| Act::VerdictGiven {
        verdict,
        case,
        outcome,
        policy: "ab".into(),
    };
    vec![
        recorded(None),
        recorded(Some(claim.clone())),
        Act::PinClaimed(claim),
        Act::PinClaimEnded {
            pin: Pin::from_stored(20_905_199_900_000),
            on: day("2015-09-12"),
            source: "agency 7".into(),
        },
        Act::DocumentIssued(Document {
            number: DocumentNumber::parse("AN1234567").expect("a number"),
            issued: day("2012-01-01"),
            expires: None,
            status: DocumentStatus::Lost,
        }),
        Act::Resided(Residence {
            address: "a1".into(),
            kind: ResidenceKind::Stay,
            from: day("2010-01-01"),
            until: None,
        }),
        Act::DocumentStatusChanged {
            number: DocumentNumber::parse("AN1234567").expect("a number"),
            before: DocumentStatus::Valid,
            status: DocumentStatus::Stolen,
            from: day("2015-08-01"),
        },
        Act::ResidenceEnded {
            address: "a1".into(),
            kind: ResidenceKind::Residence,
            from: day("2010-01-01"),
            until: day("2015-08-01"),
        },
        Act::Corrected(Correction {
            event: "c".into(),
            day: day("2015-08-01"),
            act_number: "9".into(),
            born: Some((day("1999-05-09"), day("1999-09-05"))),
            name: None,
        }),
        Act::Corrected(Correction {
            event: "c".into(),
            day: day("2015-08-01"),
            act_number: "10".into(),
            born: None,
            name: Some((name(), name())),
        }),
        Act::PremisesMoved {
            precinct: PrecinctCode::new(1001).expect("a precinct"),
            from: day("2015-08-01"),
            before: premises(-74_590_000),
            after: premises(74_590_000),
        },
        Act::CivilEvent(CivilEvent {
            event: "e".into(),
            kind: CivilEventKind::NameChange,
            day: day("2014-01-01"),
            act_number: "7".into(),
            name: Some(name()),
        }),
        Act::CivilEvent(CivilEvent {
            event: "e".into(),
            kind: CivilEventKind::Death,
            day: day("2014-01-01"),
            act_number: "8".into(),
            name: None,
        }),
        Act::Enrolled(Enrolment {
            enrolment: "e1".into(),
            captured: day("2014-12-01"),
            processed: None,
            region: Region::JalalAbad,
            kit: String::new(),
            operator: "o".into(),
        }),
        Act::Processed {
            enrolment: "e1".into(),
            on: day("2015-01-01"),
        },
        Act::PrintsReceived {
            enrolment: "e1".into(),
            prints: vec![(FingerPosition::new(3).expect("a finger"), "00ff".into())],
        },
        Act::PhotoReceived {
            enrolment: "e1".into(),
            sha256: "00".into(),
        },
        Act::CaseOpened {
            case,
            kind: CaseKind::Duplicate,
            other,
        },
        verdict_of(Outcome::Distinct),
        verdict_of(Outcome::Duplicate { person, of: other }),
        verdict_of(Outcome::PinKept { keeper: other }),
        Act::VerdictReversed {
            verdict,
            case,
            reason: "two twins".into(),
        },
        Act::ConflictOpened {
            case,
            kind: ConflictKind::TwoPins,
        },
        Act::ConflictSignedOff {
            case,
            reason: "абыдан".into(),
        },
        Act::Told {
            case,
            notice: NoticeKind::Kept,
        },
        Act::StreetRenamed {
            street: "s1".into(),
            rename: crate::street::Rename {
                before: "Ленин көчөсү".into(),
                after: "Чүй проспектиси".into(),
                from: day("2015-06-01"),
            },
        },
        Act::StreetNamed(StreetNameRow {
            street: "s1".into(),
            name: "ул. Ленина".into(),
            from: None,
            until: Some(day("2015-06-01")),
        }),
        Act::SecondAddressGiven(SecondAddressRow {
            address: "a1".into(),
            soate: "41711000000000".parse().expect("a place"),
            street: "s2".into(),
            street_name: "Манас көчөсү".into(),
            house: "7".into(),
        }),
        Act::RowsReceived {
            table: "addresses".into(),
            rows: 5,
            sha256: "aa".into(),
        },
    ]
}

#[test]
fn every_act_is_read_back_as_it_was_written() {
    for act in acts() {
        assert_eq!(Act::from_bytes(act.kind(), &act.to_bytes()), Ok(act));
    }
}

#[test]
fn a_changed_byte_never_panics_and_a_shortened_act_is_refused() {
    for act in acts() {
        let bytes = act.to_bytes();
        for place in 0..bytes.len() {
            assert_eq!(
                Act::from_bytes(act.kind(), &bytes[..place]),
                Err(DecodeActError),
                "{}",
                act.kind()
            );
            for value in [0, 0x60, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[place] = value;
                let _ = Act::from_bytes(act.kind(), &changed);
            }
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Act::from_bytes(act.kind(), &longer), Err(DecodeActError));
    }
}
