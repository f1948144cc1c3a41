//! The desk of PIN conflicts on both engines: found, sent, answered, applied, told, accepted.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::fs;

use kit::{Scratch, on_both};
use lexicon::{Date, PersonId, Pin, Purpose};
use register::conflict::{AnswerState, ConflictKind, NoticeKind};
use store::conflicts::{AnswerReport, AnswerTerms, ConflictError, ConflictState};
use store::import::{self, Options, SOURCE};
use store::{Find, Journal, Look, Store, Window};

const TODAY: Date = Date::constant(2015, 9, 20);
const DUE: Date = Date::constant(2015, 9, 22);

fn of(row: &str) -> PersonId {
    PersonId::of_source(SOURCE, row)
}

fn look() -> Look<'static> {
    Look {
        staff: "registrar",
        purpose: Purpose::Reconcile,
        reason: "quality",
    }
}

/// Anna and Bakyt share a PIN; Chynara's two records, joined by a verdict, have one PIN each; Daniyar is alone.
fn load(store: &Store) {
    let dir = Scratch::new("conflicts");
    let persons = "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n\
         anna,10905197000001,Асанова,Анна,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n\
         bakyt,10905197000001,=Осмонова,Бакыт,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n\
         chynara,10905197100003,Ибраимова,Чынара,,F,1971-05-09,KGZ,2014-01-02T10:00:00+06:00\n\
         chynara2,10905197100004,Каримова,Чынара,,F,1971-05-09,KGZ,2014-01-02T10:00:00+06:00\n\
         daniyar,20905197200005,Асанов,Данияр,,M,1972-05-09,KGZ,2014-01-02T10:00:00+06:00\n";
    fs::write(dir.path().join("persons.csv"), persons).unwrap();
    import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
    let pair = [(of("chynara"), of("chynara2"), 900)];
    store
        .transact("open", "test", |tx| tx.open_duplicate_cases(&pair))
        .unwrap();
    decide(store, of("chynara"), of("chynara2"));
}

/// Two experts say that two records are one person.
fn decide(store: &Store, a: PersonId, b: PersonId) {
    let case = register::case::duplicate_case(a, b);
    let policy = dedup::Policy::standard().hash();
    let officers = ["x".to_owned(), "y".to_owned()];
    store.assign_cases("test", &officers, &[1; 32]).unwrap();
    for officer in &officers {
        let says = dedup::Says::Same;
        store
            .give_opinion(officer, case, says, policy, policy)
            .unwrap();
    }
}

fn state(store: &Store, kind: ConflictKind, today: Date) -> ConflictState {
    let views = store.read("views", |tx| tx.conflict_views(today)).unwrap();
    views
        .iter()
        .find(|v| v.conflict.kind == kind)
        .unwrap()
        .state
}

/// The lot's file as text; the answers are put in by the letter of a record.
fn lot(store: &Store, due: Date) -> String {
    let made = store
        .make_conflict_lot(look(), due, TODAY)
        .unwrap()
        .unwrap();
    let bytes = made.file.open(Purpose::Reconcile);
    String::from_utf8(bytes.clone()).unwrap()
}

/// Fills the cells of every record of a kind: `answer,new_pin,act,act_day`.
fn fill(text: &str, kind: &str, answer: impl Fn(&str) -> String) -> String {
    let filled = text.lines().map(|line| {
        let record = line
            .split(&format!(",{kind},"))
            .nth(1)
            .and_then(|rest| rest.split(',').next());
        match (record, line.strip_suffix(",,,,")) {
            (Some(record), Some(head)) => format!("{head},{}", answer(record)),
            (_, _) => line.to_owned(),
        }
    });
    filled.collect::<Vec<_>>().join("\n") + "\n"
}

fn take(store: &Store, text: &str, today: Date, accept_late: bool) -> AnswerReport {
    let terms = AnswerTerms { today, accept_late };
    store
        .take_conflict_answers("registrar", text.as_bytes(), terms)
        .unwrap()
}

fn states(report: &AnswerReport) -> Vec<(AnswerState, u64)> {
    report.cases.iter().map(|(s, n)| (*s, *n)).collect()
}

fn pin_of(store: &Store, person: PersonId) -> Option<Pin> {
    let persons = store.snapshot().unwrap().tables.persons;
    persons.iter().find(|row| row.person == person).unwrap().pin
}

/// The letter of a person among the records of the shared PIN.
fn letter_of(store: &Store, person: PersonId) -> String {
    let views = store.read("views", |tx| tx.conflict_views(TODAY)).unwrap();
    let shared = views
        .iter()
        .find(|v| v.conflict.kind == ConflictKind::SharedPin)
        .unwrap();
    let records = &shared.conflict.records;
    let place = records.iter().position(|r| r.person == person).unwrap();
    register::conflict::letter(place)
}

#[test]
fn find_conflicts_opens_each_once_and_tells_everybody() {
    on_both(|engine, store| {
        load(store);
        let found = store.find_conflicts("test", TODAY).unwrap();
        assert_eq!((found.shared_pins, found.two_pins), (1, 1), "{engine}");
        assert_eq!(found.notices, 3, "{engine}: two people and one person");
        assert_eq!(found.counts.blocking(), 2, "{engine}");
        let again = store.find_conflicts("test", TODAY).unwrap();
        assert_eq!(
            (again.shared_pins, again.two_pins, again.notices),
            (0, 0, 0)
        );
        assert_eq!(again.counts.all(), 2, "{engine}");
        let notices = store.read("notices", |tx| tx.notices(None)).unwrap();
        assert!(notices.iter().all(|n| n.kind == NoticeKind::Opened));
        assert!(
            notices.iter().all(|n| n.person != of("daniyar")),
            "{engine}"
        );
    });
}

#[test]
fn an_answer_becomes_acts_and_both_are_told() {
    on_both(|engine, store| {
        load(store);
        store.find_conflicts("test", TODAY).unwrap();
        let text = lot(store, DUE);
        assert!(text.contains("'=Осмонова"), "{engine}: no formula leaves");
        assert_eq!(
            state(store, ConflictKind::SharedPin, TODAY),
            ConflictState::Waiting
        );
        let late = Date::constant(2015, 9, 23);
        assert_eq!(
            state(store, ConflictKind::SharedPin, late),
            ConflictState::Overdue
        );
        let keeper = letter_of(store, of("anna"));
        let filled = fill(&text, "SHARED_PIN", |record| {
            if record == keeper {
                "KEEPS,,A-17,2015-09-19".to_owned()
            } else {
                "NEW_PIN,10905197000099,A-17,2015-09-19".to_owned()
            }
        });
        let report = take(store, &filled, TODAY, false);
        assert!(report.rejected.is_empty(), "{engine} {:?}", report.rejected);
        assert_eq!(states(&report), [(AnswerState::Applied, 1)], "{engine}");
        assert_eq!(
            report.left_blank, 1,
            "{engine}: the two PINs were not answered"
        );
        assert_eq!(
            pin_of(store, of("anna")).unwrap().digits(),
            "10905197000001"
        );
        assert_eq!(
            pin_of(store, of("bakyt")).unwrap().digits(),
            "10905197000099"
        );
        let persons = store.snapshot().unwrap().tables.persons;
        assert!(persons.iter().all(|row| !row.pin_conflict), "{engine}");
        assert_eq!(
            state(store, ConflictKind::SharedPin, TODAY),
            ConflictState::Settled
        );
        // The fold of the person's own acts says what the snapshot says.
        let page = store.open_person(look(), of("bakyt")).unwrap().unwrap();
        let fold = page.state.open(Purpose::Serve);
        assert_eq!(
            fold.pin().unwrap().pin.digits(),
            "10905197000099",
            "{engine}"
        );
        let told = store.open_notices(look(), None, true).unwrap();
        let kinds = |person| -> Vec<NoticeKind> {
            let own = told.iter().filter(|n| n.notice.person == person);
            own.map(|n| n.notice.kind).collect()
        };
        assert_eq!(kinds(of("anna")), [NoticeKind::Opened, NoticeKind::Kept]);
        assert_eq!(
            kinds(of("bakyt")),
            [NoticeKind::Opened, NoticeKind::Changed]
        );
        let rest = store.open_notices(look(), None, true).unwrap();
        assert!(rest.is_empty(), "{engine}: each is handed over once");
        // The same file again changes nothing; other words of the agency are kept and not applied.
        let same = take(store, &filled, TODAY, false);
        assert_eq!((states(&same), same.known), (Vec::new(), 1), "{engine}");
        let turned = filled
            .replace("KEEPS,,A-17", "ENDS,,A-18")
            .replace("NEW_PIN,10905197000099,A-17", "KEEPS,,A-18");
        let report = take(store, &turned, TODAY, false);
        assert_eq!(states(&report), [(AnswerState::Contradicts, 1)], "{engine}");
        assert_eq!(
            pin_of(store, of("bakyt")).unwrap().digits(),
            "10905197000099"
        );
        for journal in [Journal::Registry, Journal::Electoral] {
            store
                .read("verify", |tx| tx.verify_journal(journal))
                .unwrap();
        }
        // Searched by the old number, both are still found: the history stays.
        let pin = Pin::from_stored(10_905_197_000_001);
        let window = Window { skip: 0, take: 9 };
        let hits = store.find_persons(look(), &Find::Pin(pin), window).unwrap();
        assert_eq!(hits.len(), 2, "{engine}");
    });
}

#[test]
fn of_two_pins_the_one_that_stays_is_the_counted_records() {
    on_both(|engine, store| {
        load(store);
        store.find_conflicts("test", TODAY).unwrap();
        let persons = store.snapshot().unwrap().tables.persons;
        let struck = persons.iter().find(|p| p.duplicate_of.is_some()).unwrap();
        let counted = struck.duplicate_of.unwrap();
        let kept = struck.pin.unwrap();
        let text = lot(store, DUE);
        let filled: String = text
            .lines()
            .map(|line| match line.strip_suffix(",,,,") {
                Some(head) if line.contains("TWO_PINS") => {
                    let word = if line.contains(&kept.digits()) {
                        "KEEPS"
                    } else {
                        "ENDS"
                    };
                    format!("{head},{word},,A-20,2015-09-18\n")
                }
                Some(_) | None => format!("{line}\n"),
            })
            .collect();
        let report = take(store, &filled, TODAY, false);
        assert_eq!(
            states(&report),
            [(AnswerState::Applied, 1)],
            "{engine} {:?}",
            report.rejected
        );
        assert_eq!(pin_of(store, counted), Some(kept), "{engine}");
        assert_eq!(pin_of(store, struck.person), None, "{engine}");
        assert_eq!(
            state(store, ConflictKind::TwoPins, TODAY),
            ConflictState::Settled
        );
        let again = store.find_conflicts("test", TODAY).unwrap();
        assert_eq!(again.two_pins, 0, "{engine}: nothing is opened anew");
        let cases = store.read("cases", |tx| tx.case_counts()).unwrap();
        let shared = cases
            .iter()
            .find(|(k, _, _)| k.code() == "shared_pin")
            .unwrap();
        assert_eq!(shared.1, 1, "{engine}: the PIN that moved is no shared one");
    });
}

#[test]
fn late_unknown_and_bad_rows_are_kept_or_rejected_by_name() {
    on_both(|engine, store| {
        load(store);
        store.find_conflicts("test", TODAY).unwrap();
        let text = lot(store, DUE);
        let keeper = letter_of(store, of("anna"));
        let good = fill(&text, "SHARED_PIN", |record| {
            let word = if record == keeper { "KEEPS" } else { "ENDS" };
            format!("{word},,A-17,2015-09-19")
        });
        let rejected = |text: &str| -> Vec<(u64, &'static str)> {
            let report = take(store, text, TODAY, false);
            assert!(report.cases.is_empty(), "{engine} {:?}", report.cases);
            report.rejected.iter().map(|r| (r.line, r.field)).collect()
        };
        let line = 1 + good.lines().position(|l| l.contains("KEEPS")).unwrap() as u64;
        let first = 1 + good.lines().position(|l| l.contains("SHARED_PIN")).unwrap() as u64;
        for (wrong, field, at) in [
            (good.replace("KEEPS", "PERHAPS"), "answer", line),
            (good.replace("KEEPS", "ENDS"), "answer", first),
            (good.replace("A-17", ""), "act", first),
            (good.replace("2015-09-19", "2015-19-09"), "act_day", first),
            (good.replace("2015-09-19", "2016-09-19"), "act_day", first),
            (good.replace("KEEPS,,", "KEEPS,123,"), "new_pin", line),
            (
                good.replace("ENDS,,", "NEW_PIN,20905197200005,"),
                "new_pin",
                first,
            ),
        ] {
            assert!(
                rejected(&wrong).contains(&(at, field)),
                "{engine} {field}: {:?}",
                rejected(&wrong)
            );
        }
        let stranger =
            "lot,case,record,answer,new_pin,act,act_day\n1,no-such-case,A,KEEPS,,A-1,2015-09-19\n";
        let report = take(store, stranger, TODAY, false);
        assert_eq!(states(&report), [(AnswerState::UnknownCase, 1)], "{engine}");
        let elsewhere = good.replace("\n1,", "\n7,");
        let report = take(store, &elsewhere, TODAY, false);
        assert_eq!(states(&report), [(AnswerState::NotInLot, 1)], "{engine}");
        let late = Date::constant(2015, 9, 25);
        let report = take(store, &good, late, false);
        assert_eq!(states(&report), [(AnswerState::Late, 1)], "{engine}");
        assert_eq!(
            state(store, ConflictKind::SharedPin, late),
            ConflictState::Unusable
        );
        let report = take(store, &good, late, true);
        assert_eq!(states(&report), [(AnswerState::Applied, 1)], "{engine}");
        assert_eq!(
            state(store, ConflictKind::SharedPin, late),
            ConflictState::Settled
        );
        let no_header = store.take_conflict_answers(
            "registrar",
            b"lot,case\n",
            AnswerTerms {
                today: TODAY,
                accept_late: false,
            },
        );
        assert!(matches!(no_header, Err(ConflictError::File(_))), "{engine}");
    });
}

#[test]
fn what_stays_open_is_accepted_by_two_officers() {
    on_both(|engine, store| {
        load(store);
        store.find_conflicts("test", TODAY).unwrap();
        let views = store.read("views", |tx| tx.conflict_views(TODAY)).unwrap();
        let case = views[0].conflict.case;
        let sign = |officer| store.sign_off_conflict(officer, case, "архив күйүп кеткен", TODAY);
        assert_eq!(sign("first"), Ok(ConflictState::New), "{engine}");
        assert_eq!(sign("first"), Err(ConflictError::SignedAlready), "{engine}");
        assert_eq!(sign("second"), Ok(ConflictState::SignedOff), "{engine}");
        let counts = store
            .read("counts", |tx| tx.conflict_counts(TODAY))
            .unwrap();
        assert_eq!(
            (counts.blocking(), counts.at(ConflictState::SignedOff)),
            (1, 1)
        );
        let silent = register::case::duplicate_case(of("anna"), of("daniyar"));
        let none = store.sign_off_conflict("first", silent, "x", TODAY);
        assert_eq!(none, Err(ConflictError::NoCase), "{engine}");
        // Somebody else who claims the PIN makes it another question: the acceptance counts no more.
        let dir = Scratch::new("third");
        let row = "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n\
             elmira,10905197000001,Эсенова,Элмира,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n";
        fs::write(dir.path().join("persons.csv"), row).unwrap();
        import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
        store.find_conflicts("test", TODAY).unwrap();
        let counts = store
            .read("counts", |tx| tx.conflict_counts(TODAY))
            .unwrap();
        let is_shared = views[0].conflict.kind == ConflictKind::SharedPin;
        let expected = if is_shared { 2 } else { 1 };
        assert_eq!(counts.blocking(), expected, "{engine}");
    });
}

#[test]
fn one_person_goes_to_the_experts_and_settles_with_their_verdict() {
    on_both(|engine, store| {
        load(store);
        store.find_conflicts("test", TODAY).unwrap();
        let text = lot(store, DUE);
        let filled = fill(&text, "SHARED_PIN", |_| {
            "ONE_PERSON,,A-17,2015-09-19".to_owned()
        });
        let report = take(store, &filled, TODAY, false);
        assert_eq!(states(&report), [(AnswerState::Referred, 1)], "{engine}");
        assert_eq!(
            state(store, ConflictKind::SharedPin, TODAY),
            ConflictState::Referred
        );
        decide(store, of("anna"), of("bakyt"));
        assert_eq!(
            state(store, ConflictKind::SharedPin, TODAY),
            ConflictState::Settled
        );
    });
}
