//! A second folder a month later: rows that say something else become acts, or are refused with what to send instead.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::collections::BTreeMap;
use std::fs;

use kit::{Scratch, folder, on_both};
use lexicon::PersonId;
use register::{Act, DocumentStatus};
use store::import::{self, ImportReport, Options, SOURCE};
use store::{Journal, Store};

fn load(store: &Store, dir: &Scratch) -> ImportReport {
    import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap()
}

fn of(n: usize) -> PersonId {
    PersonId::of_source(SOURCE, &format!("p{n}"))
}

/// Replaces texts in a table of the folder; each must stand there.
fn edit(dir: &Scratch, table: &str, pairs: &[(&str, &str)]) {
    let path = dir.path().join(format!("{table}.csv"));
    let mut text = fs::read_to_string(&path).unwrap();
    for (before, after) in pairs {
        assert!(text.contains(before), "{table}: {before}");
        text = text.replacen(before, after, 1);
    }
    fs::write(path, text).unwrap();
}

fn add(dir: &Scratch, table: &str, rows: &str) {
    let path = dir.path().join(format!("{table}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{text}{rows}")).unwrap();
}

/// Rows that became acts and rows that were refused, of the tables where there were any.
fn counts(report: &ImportReport) -> BTreeMap<&str, (u64, u64)> {
    for table in &report.tables {
        let accounted = table.added + table.changed + table.unchanged + table.rejected;
        assert_eq!(table.rows, accounted, "{table:?}");
    }
    let some = report
        .tables
        .iter()
        .map(|t| (t.table.as_str(), (t.changed, t.rejected)))
        .filter(|(_, counts)| *counts != (0, 0));
    some.collect()
}

/// What the second folder says otherwise, each lawful.
fn a_month_later(dir: &Scratch) {
    edit(
        dir,
        "documents",
        &[
            ("expires,status\n", "expires,status,changed\n"),
            (
                "AN0000001,p1,02.03.2012,2022-03-01,valid",
                "AN0000001,p1,02.03.2012,2022-03-01,lost,2015-08-03",
            ),
            (
                "AN0000002,p2,02.03.2012,2022-03-01,valid",
                "AN0000002,p2,02.03.2012,2022-03-01,exchanged,",
            ),
        ],
    );
    let documents = fs::read_to_string(dir.path().join("documents.csv")).unwrap();
    let full: String = documents
        .lines()
        .map(|line| match line.matches(',').count() {
            4 => format!("{line},\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    fs::write(dir.path().join("documents.csv"), full).unwrap();
    edit(
        dir,
        "residences",
        &[(
            "p3,a1,residence,2010-01-01,",
            "p3,a1,residence,2010-01-01,2015-08-04",
        )],
    );
    add(dir, "residences", "p3,a4,residence,2015-08-05,\n");
    edit(
        dir,
        "enrolments",
        &[("e10,p10,2014-12-01,,", "e10,p10,2014-12-01,2015-08-06,")],
    );
    // The header gains the column of corrections; older rows are as long as before plus one.
    let path = dir.path().join("civil_events.csv");
    let text = fs::read_to_string(&path).unwrap();
    let longer: String = text
        .lines()
        .map(|line| match line.starts_with("event_id") {
            true => format!("{line},birth_date\n"),
            false => format!("{line},\n"),
        })
        .collect();
    fs::write(&path, longer).unwrap();
    add(
        dir,
        "civil_events",
        "c4,p4,correction,2015-08-07,К-4,Ыманов,Нургүл,,1954-05-15\nc5,p5,correction,2015-08-08,К-5,,,,1955-06-16\n",
    );
    let (surname, given) = folder::name(4);
    edit(
        dir,
        "persons",
        &[(
            &format!("p4,{},{surname},{given},,M,1954-05-05", folder::pin(4)),
            &format!("p4,{},Ыманов,Нургүл,,M,1954-05-15", folder::pin(4)),
        )],
    );
    edit(
        dir,
        "precincts",
        &[
            ("lon,lat\n", "lon,lat,changed\n"),
            (
                "Мектеп 1,Школа 1,74.59,42.87",
                "Мектеп 2,Школа 2,74.58,42.86,2015-08-09",
            ),
            ("Больница,74.60,42.88", "Больница,74.60,42.88,"),
        ],
    );
}

#[test]
fn lawful_changes_become_acts_and_both_engines_tell_old_and_new() {
    on_both(|engine, store| {
        let dir = Scratch::new("changes");
        folder::write(dir.path(), 60);
        load(store, &dir);
        let before = store.snapshot().unwrap();
        a_month_later(&dir);
        let report = load(store, &dir);
        let expected = BTreeMap::from([
            ("documents", (2, 0)),
            ("enrolments", (1, 0)),
            ("precincts", (1, 0)),
            ("residences", (1, 0)),
        ]);
        assert_eq!(counts(&report), expected, "{engine} {:?}", report.reasons);
        assert_eq!(report.table("civil_events").unwrap().added, 2, "{engine}");

        let after = store.snapshot().unwrap();
        let mut wanted = before.tables.clone();
        for row in &mut wanted.documents {
            match row.number.as_str() {
                "AN0000001" => row.status = "lost".into(),
                "AN0000002" => row.status = "exchanged".into(),
                _ => {}
            }
        }
        let home = wanted.residences.iter_mut().find(|r| r.person == of(3));
        let home = home.unwrap();
        home.until = Some("2015-08-04".parse().unwrap());
        let mut new = home.clone();
        new.address = "a4".into();
        (new.from, new.until) = ("2015-08-05".parse().unwrap(), None);
        wanted.residences.push(new);
        wanted
            .residences
            .sort_by(|a, b| (a.person, &a.address).cmp(&(b.person, &b.address)));
        let capture = wanted.enrolments.iter_mut().find(|e| e.enrolment == "e10");
        capture.unwrap().processed = Some("2015-08-06".parse().unwrap());
        for row in &mut wanted.persons {
            if row.person == of(4) {
                row.born = "1954-05-15".parse().unwrap();
                row.name = lexicon::CivilName::parse(lexicon::NameParts {
                    surname: "Ыманов",
                    given: "Нургүл",
                    patronymic: "",
                })
                .unwrap();
            }
            if row.person == of(5) {
                row.born = "1955-06-16".parse().unwrap();
            }
            if row.person == of(10) {
                row.standing = "unique".into();
            }
        }
        let premises = &mut wanted.precincts[0];
        premises.address_ky = "Мектеп 2".into();
        premises.address_ru = "Школа 2".into();
        (premises.lon_microdegrees, premises.lat_microdegrees) = (74_580_000, 42_860_000);
        assert_eq!(after.tables, wanted, "{engine}");
        let one = store.read("one", |tx| tx.find_precinct(wanted.precincts[0].precinct));
        assert_eq!(
            one.unwrap().as_ref(),
            Some(&wanted.precincts[0]),
            "{engine}"
        );

        // Old and new stand in the act, and the fold of the acts is what the snapshot says.
        let acts = |n: usize| store.read("acts", |tx| tx.acts_of(of(n))).unwrap();
        let lost = acts(1)
            .into_iter()
            .map(|entry| entry.act)
            .find(|act| act.kind() == "document_status_changed");
        assert!(
            matches!(&lost, Some(Act::DocumentStatusChanged { before: DocumentStatus::Valid, status: DocumentStatus::Lost, from, .. })
                if from.to_string() == "2015-08-03"),
            "{engine} {lost:?}"
        );
        // Without a day of its own a change holds from the day of the import.
        let exchanged = acts(2)
            .into_iter()
            .map(|entry| entry.act)
            .find(|act| act.kind() == "document_status_changed");
        assert!(
            matches!(&exchanged, Some(Act::DocumentStatusChanged { from, .. }) if from.to_string() == "2015-09-20"),
            "{engine} {exchanged:?}"
        );
        let state = register::fold(of(4), &acts(4));
        assert_eq!(state.names.len(), 2, "{engine}");
        for row in &wanted.persons {
            let state = register::fold(
                row.person,
                &store.read("acts", |tx| tx.acts_of(row.person)).unwrap(),
            );
            assert_eq!(
                state.recorded.as_ref().map(|(_, born, _)| *born),
                Some(row.born),
                "{engine}"
            );
            assert_eq!(state.name(), Some(&row.name), "{engine}");
            let ends: Vec<_> = state.residences.iter().map(|r| r.until).collect();
            let told: Vec<_> = wanted
                .residences
                .iter()
                .filter(|r| r.person == row.person)
                .map(|r| r.until)
                .collect();
            assert_eq!(ends.len(), told.len());
            assert!(ends.iter().all(|end| told.contains(end)), "{engine}");
        }
        let born = |n: usize| {
            store
                .read("born", |tx| tx.sex_and_birth(of(n)))
                .unwrap()
                .unwrap()
                .1
        };
        assert_eq!(
            [born(4), born(5), born(6)],
            ["1954-05-15", "1955-06-16", "1956-05-07"]
        );
        let mut right = None;
        store
            .read("born", |tx| {
                tx.each_person_born(&mut |person, _, born| {
                    if person == of(5) {
                        right = Some(born.to_string());
                    }
                })
            })
            .unwrap();
        assert_eq!(right.as_deref(), Some("1955-06-16"), "{engine}");
        for journal in [Journal::Registry, Journal::Electoral] {
            store
                .read("verify", |tx| tx.verify_journal(journal))
                .unwrap();
        }

        // The same folder once more changes nothing.
        let again = load(store, &dir);
        assert_eq!(
            counts(&again),
            BTreeMap::new(),
            "{engine} {:?}",
            again.reasons
        );
        assert_eq!(store.snapshot().unwrap(), after, "{engine}");
    });
}

#[test]
fn what_is_no_lawful_act_is_refused_with_what_to_send_instead() {
    on_both(|engine, store| {
        let dir = Scratch::new("unlawful");
        folder::write(dir.path(), 30);
        load(store, &dir);
        a_month_later(&dir);
        load(store, &dir);
        let before = store.snapshot().unwrap();
        // A day before the last change; what was exchanged is valid again; another holder; a longer life.
        edit(
            &dir,
            "documents",
            &[
                ("lost,2015-08-03", "stolen,2015-08-01"),
                ("AN0000003,p3,", "AN0000003,p5,"),
                (
                    "AN0000004,p4,02.03.2012,2022-03-01",
                    "AN0000004,p4,02.03.2012,2032-03-01",
                ),
                ("exchanged,\n", "valid,\n"),
                (
                    "AN0000007,p7,02.03.2012,2022-03-01,valid",
                    "AN0000007,p7,02.03.2012,2022-03-01,stolen",
                ),
            ],
        );
        edit(
            &dir,
            "residences",
            &[("2010-01-01,2015-08-04", "2010-01-01,2015-08-05")],
        );
        edit(
            &dir,
            "enrolments",
            &[
                ("2014-12-01,2015-08-06,", "2014-12-01,2015-08-07,"),
                (
                    "e9,p9,2014-12-01,2014-12-20,bishkek",
                    "e9,p9,2014-12-01,2014-12-20,naryn",
                ),
            ],
        );
        edit(
            &dir,
            "persons",
            &[
                ("1957-05-08", "1957-05-18"),
                (&folder::pin(8), "20905195899999"),
            ],
        );
        edit(
            &dir,
            "precincts",
            &[
                ("1002,hospital", "1002,detention"),
                (
                    "Школа 2,74.58,42.86,2015-08-09",
                    "Школа 3,74.58,42.86,2015-08-01",
                ),
            ],
        );
        edit(&dir, "civil_events", &[("К-5", "К-6")]);
        edit(
            &dir,
            "addresses",
            &[("a0,41711000000010,s0", "a0,41711000000010,s1")],
        );
        let report = load(store, &dir);
        let expected = BTreeMap::from([
            ("addresses", (0, 1)),
            ("civil_events", (0, 1)),
            ("documents", (1, 4)),
            ("enrolments", (0, 2)),
            ("persons", (0, 2)),
            ("precincts", (0, 2)),
            ("residences", (0, 1)),
        ]);
        assert_eq!(counts(&report), expected, "{engine} {:?}", report.reasons);
        let rejects = fs::read_to_string(report.rejects.unwrap()).unwrap();
        let was = "was imported before with other content; ";
        for (line, why) in [
            ("addresses.csv,2,address_id", "send a house with a new id"),
            (
                "documents.csv,3,status",
                "lies before the one that is known",
            ),
            ("documents.csv,4,status", "does not become valid again"),
            (
                "documents.csv,5,status",
                "send the document that replaced it",
            ),
            (
                "documents.csv,6,status",
                "send the document that replaced it",
            ),
            (
                "residences.csv,5,until",
                "an end that is known does not move",
            ),
            (
                "enrolments.csv,11,processed",
                "the end of a duplicate check does not move",
            ),
            ("enrolments.csv,10,processed", "send a new capture"),
            ("persons.csv,9,person_id", "send it in civil_events"),
            ("persons.csv,10,person_id", "work the PIN conflict"),
            (
                "precincts.csv,2,address_ru",
                "lies before the one that is known",
            ),
            (
                "precincts.csv,3,address_ru",
                "send a precinct with a new number",
            ),
        ] {
            let told = rejects
                .lines()
                .find(|told| told.starts_with(&format!("{line},")));
            let told = told.unwrap_or_default();
            assert!(
                told.contains(was) && told.contains(why),
                "{engine} {line}: {why}\n{rejects}"
            );
        }
        let stolen = |status: &str| {
            let mut wanted = before.tables.clone();
            let seventh = wanted
                .documents
                .iter_mut()
                .find(|d| d.number.as_str() == "AN0000007");
            seventh.unwrap().status = status.into();
            wanted
        };
        assert_eq!(
            store.snapshot().unwrap().tables,
            stolen("stolen"),
            "{engine}"
        );
    });
}

#[test]
fn a_document_that_comes_in_stolen_is_stolen_and_a_first_pin_is_taken() {
    on_both(|engine, store| {
        let dir = Scratch::new("first");
        folder::write(dir.path(), 3);
        let pin = folder::pin(1);
        edit(&dir, "persons", &[(pin.as_str(), "")]);
        edit(
            &dir,
            "documents",
            &[(
                "AN0000002,p2,02.03.2012,2022-03-01,valid",
                "AN0000002,p2,02.03.2012,2022-03-01,stolen",
            )],
        );
        assert_eq!(load(store, &dir).rejected(), 0, "{engine}");
        let taken = store.snapshot().unwrap().tables;
        assert_eq!(taken.documents[2].status, "stolen", "{engine}");
        let row = |tables: &lexicon::handover::snapshot::SnapshotTables| {
            tables
                .persons
                .iter()
                .find(|r| r.person == of(1))
                .unwrap()
                .pin
        };
        assert_eq!(row(&taken), None);
        edit(&dir, "persons", &[("p1,,", &format!("p1,{pin},"))]);
        let report = load(store, &dir);
        assert_eq!(
            counts(&report),
            BTreeMap::from([("persons", (1, 0))]),
            "{engine}"
        );
        let taken = store.snapshot().unwrap().tables;
        assert_eq!(row(&taken).map(|p| p.digits()), Some(pin), "{engine}");
        let again = load(store, &dir);
        assert_eq!(
            counts(&again),
            BTreeMap::new(),
            "{engine} {:?}",
            again.reasons
        );
    });
}
