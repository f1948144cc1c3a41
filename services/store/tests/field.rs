//! The desk of field verification on both engines: handed out, answered, merged while the base moves on.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::fs;

use kit::{Scratch, on_both};
use lexicon::{
    Date, ExclusionReason, Instant, PersonId, PrecinctCode, Purpose, ReconciliationClass,
};
use roll::field::{Merged, Progress, Subject};
use store::field::{Choice, DecideError, FieldError, FieldReport, FieldTerms};
use store::import::{self, Options, SOURCE};
use store::{DecisionRow, FindingRow, Journal, ListPlace, Look, ReconciledRow, ReleaseRow, Store};

const TODAY: Date = Date::constant(2015, 9, 20);
const LATE: Date = Date::constant(2015, 9, 25);
const VERIFY: [ReconciliationClass; 1] = [ReconciliationClass::NotFound];

fn of(row: &str) -> PersonId {
    PersonId::of_source(SOURCE, row)
}

fn look() -> Look<'static> {
    Look {
        staff: "registrar",
        purpose: Purpose::Reconcile,
        reason: "reconciliation",
    }
}

fn put(store: &Store, tables: &[(&str, &str)]) {
    let dir = Scratch::new("field");
    for (name, text) in tables {
        fs::write(dir.path().join(format!("{name}.csv")), text).unwrap();
    }
    let report = import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.reasons);
}

const PERSONS: &str = "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n\
    anna,10905197000001,Асанова,Анна,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n";
const ADDRESSES: &str = "address_id,soate,street_id,street_name,house,lon,lat\n\
    A1,41711000000010,S1,Манас көчөсү,1,74.59,42.87\n\
    A2,41711000000010,S1,Манас көчөсү,2,74.59,42.87\n";

/// Three rows of the list that nobody fits, one person without a precinct, one address in doubt.
fn load(store: &Store) {
    put(
        store,
        &[
            ("persons", PERSONS),
            ("addresses", ADDRESSES),
            (
                "residences",
                "person_id,address_id,kind,from,until\nanna,A1,residence,2010-01-01,\n",
            ),
            (
                "precincts",
                "precinct,kind,region,soate,address_ky,address_ru,lon,lat\n\
                 1001,territorial,bishkek,41711000000010,Мектеп,Школа,74.59,42.87\n",
            ),
            (
                "commission",
                "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n\
                 C1,1,Бекова,Айша,,1950-01-01,\"Манас, 1\",1001\n\
                 C2,2,Бекова,Гүл,,1951-01-01,\"Манас, 2\",1001\n\
                 C3,3,Бекова,Нур,,1952-01-01,\"Манас, 3\",nowhere\n\
                 C4,4,Бекова,Ай,,1953-01-01,\"Манас, 4\",1001\n",
            ),
        ],
    );
    reconcile(store, 1, &["C1", "C2", "C3"]);
    let decision = |place| DecisionRow {
        person: of("anna"),
        place,
        evidence: "residences/A1".to_owned(),
        day: None,
    };
    release(
        store,
        1,
        decision(ListPlace::Excluded(ExclusionReason::NoAddress)),
    );
    let finding = FindingRow {
        code: "GAP".to_owned(),
        blocks: true,
        address: Some("A2".to_owned()),
        precinct: None,
        other_precinct: None,
        detail: String::new(),
    };
    store
        .transact("findings", "test", |tx| {
            tx.record_findings(1, std::slice::from_ref(&finding))
        })
        .unwrap();
}

/// Decides the entry in conflict and the late one, and tries what cannot be decided.
fn decided(store: &Store, lot: u32, engine: &str) {
    let waiting = store.open_field_disputes(look(), 10).unwrap();
    let seen: Vec<_> = waiting
        .iter()
        .map(|one| (one.entry.progress, one.entry.answers.len()))
        .collect();
    let expected = [(Progress::Conflict, 3), (Progress::Late, 1)];
    assert_eq!(seen, expected, "{engine}");
    let place = waiting[0].entry.row.entry.place;
    let decide = |place, seen, chosen| {
        let choice = Choice {
            entry: (lot, place),
            seen,
            chosen,
            reason: "the second visit was checked by telephone",
        };
        store.decide_field_entry("clerk", choice)
    };
    assert_eq!(decide(place, 2, 1), Err(DecideError::Changed), "{engine}");
    assert_eq!(
        decide(place, 3, 4),
        Err(DecideError::NoSuchAnswer),
        "{engine}"
    );
    assert_eq!(
        decide(place, 3, 0),
        Err(DecideError::NoSuchAnswer),
        "{engine}"
    );
    assert_eq!(decide(99, 1, 1), Err(DecideError::NoEntry), "{engine}");
    assert_eq!(decide(place, 3, 3), Ok(()), "{engine}");
    assert_eq!(
        decide(place, 3, 1),
        Err(DecideError::NothingToDecide),
        "{engine}: once is enough"
    );
    let late = waiting[1].entry.row.entry.place;
    assert_eq!(decide(late, 1, 1), Ok(()), "{engine}");
}

fn reconcile(store: &Store, run: u32, not_found: &[&str]) {
    let rows: Vec<ReconciledRow> = not_found
        .iter()
        .map(|row| ReconciledRow {
            row: (*row).to_owned(),
            class: ReconciliationClass::NotFound,
            person: None,
            detail: "found=nobody".to_owned(),
        })
        .collect();
    store
        .transact("reconcile", "test", |tx| {
            tx.record_reconciliation(run, &rows)
        })
        .unwrap();
}

fn release(store: &Store, number: u32, decision: DecisionRow) {
    let total = u64::from(matches!(decision.place, ListPlace::Listed { .. }));
    let row = ReleaseRow {
        number,
        election: 20_151_004,
        stage: "control".to_owned(),
        root: [7; 32],
        total,
        considered: 1,
        frozen_at: Instant::parse(kit::NOW).unwrap(),
        document: vec![1],
    };
    store
        .transact("release", "test", |tx| {
            tx.record_release(&row, std::slice::from_ref(&decision))
        })
        .unwrap();
}

fn terms(entries_max: usize) -> FieldTerms {
    FieldTerms {
        verify: VERIFY.to_vec(),
        due: Date::constant(2015, 9, 22),
        entries_max,
    }
}

/// The files of the lots made, by lot.
fn lots(store: &Store, entries_max: usize) -> Vec<String> {
    let made = store.make_field_lots(look(), &terms(entries_max)).unwrap();
    let text = |one: &store::field::FieldLotMade| {
        String::from_utf8(one.file.open(Purpose::Reconcile).clone()).unwrap()
    };
    made.iter().map(text).collect()
}

/// The file with an answer in the row that holds a word.
fn fill(text: &str, word: &str, answer: &str) -> String {
    let filled = text.lines().map(|line| match line.strip_suffix(",,,,") {
        Some(head) if line.contains(word) => format!("{head},{answer}"),
        Some(_) | None => line.to_owned(),
    });
    filled.collect::<Vec<_>>().join("\n") + "\n"
}

fn take(store: &Store, text: &str, today: Date) -> FieldReport {
    let report = store.take_field_answers("registrar", text.as_bytes(), today);
    report.unwrap()
}

fn one(report: &FieldReport) -> Option<Merged> {
    assert_eq!(report.answers.values().sum::<u64>(), 1, "{report:?}");
    report.answers.keys().next().copied()
}

const LIVES: &str = "LIVES_HERE,1001,2015-09-19,Токтосунова Ж.";
const GONE: &str = "NOT_HERE,,2015-09-19,Осмонов Т.";

#[test]
fn everything_to_verify_is_in_one_lot_or_counted_as_not_handed() {
    on_both(|engine, store| {
        load(store);
        let before = store.field_progress(&VERIFY).unwrap();
        assert_eq!((before.all(), before.waiting()), (5, 5), "{engine}");
        assert_eq!(before.not_handed[&Subject::Row], 3, "{engine}");
        let files = lots(store, 100);
        // By precinct and aimak: rows of 1001; the row of nowhere; the person and the address of the aimak alone.
        assert_eq!(files.len(), 3, "{engine} {files:?}");
        let all = files.concat();
        for word in ["Айша", "Гүл", "Нур", "Асанова", "Манас көчөсү, 2"]
        {
            assert_eq!(all.matches(word).count(), 1, "{engine} {word}");
        }
        assert!(!all.contains("Бекова,Ай,"), "{engine}: C4 was found");
        assert!(lots(store, 100).is_empty(), "{engine}: nothing twice");
        let after = store.field_progress(&VERIFY).unwrap();
        assert_eq!((after.all(), after.waiting()), (5, 0), "{engine}");
        assert_eq!(
            (after.unfinished(), after.at(Progress::Open)),
            (5, 5),
            "{engine}"
        );
        // A later run finds one more: it is waiting, and nothing is lost from the sum.
        reconcile(store, 2, &["C1", "C2", "C3", "C4"]);
        let later = store.field_progress(&VERIFY).unwrap();
        assert_eq!((later.all(), later.waiting()), (6, 1), "{engine}");
        assert_eq!(lots(store, 100).len(), 1, "{engine}");
        store
            .read("verify", |tx| tx.verify_journal(Journal::Electoral))
            .unwrap();
    });
}

#[test]
fn a_large_group_becomes_several_lots() {
    on_both(|engine, store| {
        load(store);
        assert_eq!(lots(store, 1).len(), 5, "{engine}");
    });
}

#[test]
fn answers_are_merged_and_none_overwrites_another() {
    on_both(|engine, store| {
        load(store);
        let file = lots(store, 100)
            .into_iter()
            .find(|f| f.contains("Айша"))
            .unwrap();
        let first = fill(&file, "Айша", LIVES);
        let report = take(store, &first, TODAY);
        assert_eq!(one(&report), Some(Merged::Taken), "{engine}");
        assert_eq!(report.left_blank, 1, "{engine}");
        let again = take(store, &first, TODAY);
        assert_eq!((again.known, again.answers.len()), (1, 0), "{engine}");
        let same = take(
            store,
            &fill(&file, "Айша", &LIVES.replace("Токтосунова Ж.", "Экинчи")),
            TODAY,
        );
        assert_eq!(one(&same), Some(Merged::Repeated), "{engine}");
        let progress = store.field_progress(&VERIFY).unwrap();
        assert_eq!(progress.at(Progress::Done), 1, "{engine}");
        let other = take(store, &fill(&file, "Айша", GONE), TODAY);
        assert_eq!(one(&other), Some(Merged::Contradicts), "{engine}");
        let late = take(store, &fill(&file, "Гүл", GONE), LATE);
        assert_eq!(one(&late), Some(Merged::Late), "{engine}");
        let progress = store.field_progress(&VERIFY).unwrap();
        let at = [
            Progress::Done,
            Progress::Conflict,
            Progress::Late,
            Progress::Open,
        ];
        assert_eq!(at.map(|p| progress.at(p)), [0, 1, 1, 3], "{engine}");
        assert_eq!(progress.unfinished(), 5, "{engine}");
        let lot = file.lines().nth(1).unwrap().split(',').next().unwrap();
        let page = store
            .open_field_lot(look(), lot.parse().unwrap())
            .unwrap()
            .unwrap();
        let answers: usize = page.rows.iter().map(|entry| entry.answers.len()).sum();
        assert_eq!(answers, 4, "{engine}: every answer is kept");
        decided(store, lot.parse().unwrap(), engine);
        let progress = store.field_progress(&VERIFY).unwrap();
        assert_eq!(at.map(|p| progress.at(p)), [2, 0, 0, 3], "{engine}");
        let counted = store.read("in lots", |tx| tx.field_in_lots()).unwrap();
        let counted = at.map(|p| counted.get(&p).copied().unwrap_or(0));
        assert_eq!(counted, [2, 0, 0, 3], "{engine}: the short way");
        // What stands now is NOT_HERE: the first answer once more contradicts it, the second repeats it.
        let moved = GONE.replace("Осмонов Т.", "Үчүнчү");
        let same = take(store, &fill(&file, "Айша", &moved), TODAY);
        assert_eq!(one(&same), Some(Merged::Repeated), "{engine}");
        let back = take(
            store,
            &fill(&file, "Айша", &LIVES.replace("Токтосунова Ж.", "Бешинчи")),
            TODAY,
        );
        assert_eq!(one(&back), Some(Merged::Contradicts), "{engine}");
        let progress = store.field_progress(&VERIFY).unwrap();
        assert_eq!(
            progress.at(Progress::Conflict),
            1,
            "{engine}: it is open again"
        );
    });
}

#[test]
fn an_answer_about_what_changed_since_is_kept_as_a_conflict() {
    on_both(|engine, store| {
        load(store);
        let files = lots(store, 100);
        let of_word = |word: &str| files.iter().find(|f| f.contains(word)).unwrap();
        // The list of the next release has her: what the commission saw no longer holds.
        let listed = DecisionRow {
            person: of("anna"),
            place: ListPlace::Listed {
                precinct: PrecinctCode::new(1001).unwrap(),
                line: 1,
                page: 1,
            },
            evidence: "residences/A1".to_owned(),
            day: None,
        };
        release(store, 2, listed);
        let report = take(store, &fill(of_word("Асанова"), "Асанова", LIVES), TODAY);
        assert_eq!(one(&report), Some(Merged::ChangedSince), "{engine}");
        reconcile(store, 2, &["C1"]);
        let report = take(store, &fill(of_word("Гүл"), "Гүл", GONE), TODAY);
        assert_eq!(one(&report), Some(Merged::ChangedSince), "{engine}");
        let report = take(store, &fill(of_word("Айша"), "Айша", GONE), TODAY);
        assert_eq!(
            one(&report),
            Some(Merged::Taken),
            "{engine}: hers holds still"
        );
        let progress = store.field_progress(&VERIFY).unwrap();
        assert_eq!(progress.at(Progress::Conflict), 2, "{engine}");
        assert_eq!(
            progress.all(),
            5,
            "{engine}: what is in a lot stays counted"
        );
    });
}

#[test]
fn bad_rows_are_named_and_strays_are_counted() {
    on_both(|engine, store| {
        load(store);
        let files = lots(store, 100);
        let file = files.iter().find(|f| f.contains("Айша")).unwrap();
        let doubt = files
            .iter()
            .find(|f| f.contains("Манас көчөсү, 2"))
            .unwrap();
        let reject = |text: &str, field: &str| {
            let report = take(store, text, TODAY);
            assert!(report.answers.is_empty(), "{engine} {field} {report:?}");
            assert_eq!(report.rejected.len(), 1, "{engine} {field}");
            assert_eq!(report.rejected[0].field, field, "{engine}");
            assert!(report.rejected[0].line > 1, "{engine} {field}");
        };
        for (answer, field) in [
            ("PERHAPS,,2015-09-19,Т.", "finding"),
            ("LIVES_HERE,,2015-09-19,Т.", "found_precinct"),
            ("LIVES_HERE,12,2015-09-19,Т.", "found_precinct"),
            ("NOT_HERE,1001,2015-09-19,Т.", "found_precinct"),
            ("NOT_HERE,,19.09,Т.", "visited"),
            ("NOT_HERE,,2015-10-19,Т.", "visited"),
            ("NOT_HERE,,2015-09-19,", "member"),
            ("BELONGS,1001,2015-09-19,Т.", "finding"),
        ] {
            reject(&fill(file, "Айша", answer), field);
        }
        reject(&fill(doubt, "Манас көчөсү, 2", GONE), "finding");
        let belongs = fill(doubt, "Манас көчөсү, 2", "BELONGS,1001,2015-09-19,Т.");
        assert_eq!(
            one(&take(store, &belongs, TODAY)),
            Some(Merged::Taken),
            "{engine}"
        );
        let stray = "lot,entry,version,finding,found_precinct,visited,member\n99,1,x,NOT_HERE,,2015-09-19,Т.\n";
        assert_eq!(
            one(&take(store, stray, TODAY)),
            Some(Merged::Unknown),
            "{engine}"
        );
        let progress = store.field_progress(&VERIFY).unwrap();
        assert_eq!(progress.stray_answers, 1, "{engine}");
        let refused = store.take_field_answers("r", b"lot\n1\n", TODAY);
        assert!(matches!(refused, Err(FieldError::File(_))), "{engine}");
    });
}
