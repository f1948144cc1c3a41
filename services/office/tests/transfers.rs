//! L-07 over HTTP: Form 2 that fill a precinct raise an alarm, a person sees it by name, nobody is refused.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Hall, folder, person, sane};
use lexicon::{Date, PrecinctCode};
use register::ClaimKind;
use register::door::rows::Claim;
use store::Filing;

/// Files Form 2 of ordinary voters into 1002, an additional precinct.
fn file(hall: &Hall, voters: std::ops::Range<usize>) {
    for n in voters {
        let filing = Filing {
            series: store::OWN_SERIES.to_owned(),
            form: format!("form {n}"),
            person: person(&folder::row(n)),
            claim: Claim {
                claim: String::new(),
                kind: ClaimKind::Form2,
                pin: lexicon::Pin::from_stored(folder::pin(n).parse().unwrap()),
                filed: hall.store.now(),
                target: PrecinctCode::new(1002).ok(),
                field: String::new(),
                value: "any".to_owned(),
                identified: true,
            },
            due: Date::constant(2015, 9, 29),
        };
        hall.store.file_claim("clerk", &filing).unwrap();
    }
}

const PAGE: &str = "/claims/transfers/1002";

#[test]
fn an_alarm_is_raised_seen_by_name_and_wakes_again_and_refuses_nobody() {
    let hall = Hall::full();
    let mut clerk = hall.signed_in("clerk");
    let mut observer = hall.signed_in("observer");
    let outcomes = || {
        let found = hall.store.read("o", |tx| tx.claim_outcome_counts(2));
        found.unwrap()
    };
    let before = outcomes();
    let quiet = observer.page("/claims/transfers");
    assert!(!quiet.contains(">тревога<"), "three applications are none");
    file(&hall, 30..85);
    let page = observer.page("/claims/transfers");
    sane("/claims/transfers", &page);
    assert!(page.contains("тревога"), "{page}");
    let one = observer.page(PAGE);
    sane(PAGE, &one);
    // 55 and three of the register, all from one town, 56 of them within three days; the precinct has no land.
    assert!(
        one.contains("На участок 1002 подано заявлений: 58"),
        "{one}"
    );
    assert!(
        one.contains("из одного места: ") && one.contains("За 3 дня пришло 96,6"),
        "{one}"
    );
    assert!(one.contains("Баллы: 500 из 1000; тревога от 400"), "{one}");
    assert!(one.contains("Никому этим не отказано"));
    assert!(!one.contains(folder::SURNAMES[0]), "counts, no names");
    let series = observer.get("/claims/transfers/series").body;
    assert!(series.contains("1002,2015-09-26,55,500,1"), "{series}");

    // Telephones come as a table; equal numbers are counted, none is kept.
    let phones = "claim_id,phone\nGQ1001,0555 12-34-56\nGQ2001,+996555123456\nGQ9999,0555123456\n";
    let taken = clerk.send_file("/claims/transfers", phones.as_bytes());
    assert_eq!(
        taken.location, "/claims/transfers?new=2&bad=1",
        "{}",
        taken.body
    );
    assert!(
        observer
            .page(PAGE)
            .contains("В заявлениях с одним телефоном: 2")
    );
    let wrong = clerk.send_file("/claims/transfers", b"claim,phone\n");
    assert_eq!(wrong.status, 422);
    sane("/claims/transfers", &wrong.body);

    let note = "позвонили председателю, выехала проверка";
    for (filings, note) in [("58", "да"), ("57", note)] {
        let wrong = clerk.post(PAGE, &[("filings", filings), ("note", note)]);
        assert_eq!(wrong.status, 422, "{filings} {note}");
        sane(PAGE, &wrong.body);
    }
    let seen = [("filings", "58"), ("note", note)];
    assert_eq!(observer.post(PAGE, &seen).status, 403);
    assert_eq!(clerk.post(PAGE, &seen).location, format!("{PAGE}?done=1"));
    let after = observer.page(PAGE);
    assert!(
        after.contains(note) && after.contains("<b>clerk</b>"),
        "{after}"
    );
    assert!(observer.page("/claims/transfers").contains("рассмотрено"));
    file(&hall, 85..90);
    assert!(observer.page("/claims/transfers").contains("рассмотрено"));
    file(&hall, 90..130);
    file(&hall, 15..25);
    assert!(
        !observer.page("/claims/transfers").contains("рассмотрено"),
        "it grew"
    );

    assert_eq!(outcomes(), before, "no claim was answered by it");
}
