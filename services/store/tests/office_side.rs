//! What the office reads and keeps, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dedup::{OpinionError, Policy, Says, Settlement};
use kit::{Scratch, folder, on_both};
use lexicon::{
    Clock, ExclusionReason, Instant, Method, PersonId, Pin, PrecinctCode, Purpose,
    ReconciliationClass,
};
use register::{CaseKind, Outcome};
use store::import::{self, Options, SOURCE};
use store::{
    AdjudicationError, CheckOptions, DecisionRow, Find, Journal, ListPlace, Look, ReconciledRow,
    ReleaseRow, SessionTerms, Staff, Store, StoreError, TurnoutRow, Window,
};

fn of(n: usize) -> PersonId {
    PersonId::of_source(SOURCE, &format!("p{n}"))
}

fn look(staff: &str) -> Look<'_> {
    Look {
        staff,
        purpose: Purpose::Serve,
        reason: "citizen",
    }
}

fn load(store: &Store, persons: usize) {
    let dir = Scratch::new("office");
    folder::write(dir.path(), persons);
    import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
}

#[test]
fn find_persons_and_open_person() {
    on_both(|engine, store| {
        load(store, 300);
        let find = |find: &Find| {
            let window = Window { skip: 0, take: 500 };
            store.find_persons(look("clerk"), find, window).unwrap()
        };
        let by_pin = find(&Find::Pin(Pin::from_stored(
            folder::pin(7).parse().unwrap(),
        )));
        assert_eq!(
            by_pin.iter().map(|h| h.person).collect::<Vec<_>>(),
            [of(7)],
            "{engine}"
        );
        assert!(
            by_pin[0].pin_masked.as_ref().unwrap().contains("••••"),
            "{engine}"
        );
        let number = lexicon::DocumentNumber::parse("AN0000012").unwrap();
        assert_eq!(find(&Find::Document(number))[0].person, of(12), "{engine}");
        // Person 1 is Жээнбеков Айгүл, as is every 24th after.
        for typed in [
            "Жээнбеков Айгүл",
            "джеенбеков айгуль",
            "Zheenbekov",
            "aigul zheenbekov",
            ";ttyb",
        ] {
            let hits = find(&Find::Name(typed.to_owned()));
            let expected = if typed == ";ttyb" { 0 } else { 1 };
            assert!(
                hits.iter().filter(|h| h.person == of(1)).count() >= expected,
                "{engine} {typed}"
            );
        }
        assert!(
            find(&Find::Name("Сүйүналиева".to_owned()))
                .iter()
                .all(|h| h.score < 1000),
            "{engine}"
        );
        let page = store.open_person(look("clerk"), of(89)).unwrap().unwrap();
        let state = page.state.open(Purpose::Serve);
        assert_eq!(
            (
                state.names.len(),
                state.documents.len(),
                state.residences.len()
            ),
            (2, 1, 1),
            "{engine}"
        );
        assert_eq!(
            page.timeline.open(Purpose::Serve)[0].1,
            "import",
            "{engine}"
        );
        assert_eq!(page.addresses.open(Purpose::Serve).len(), 1, "{engine}");
        assert!(page.photo.is_some() && page.reads.is_empty(), "{engine}");
        let other = Look {
            staff: "other",
            purpose: Purpose::Print,
            reason: "",
        };
        let again = store.open_person(other, of(89)).unwrap().unwrap();
        assert_eq!(again.reads[0].staff, "clerk", "{engine}");
        assert_eq!(again.reads[0].purpose, "serve", "{engine}");
        assert_eq!(again.reads[0].detail, "page/citizen", "{engine}");
        assert!(
            store
                .open_person(look("clerk"), PersonId::of_source("x", "y"))
                .unwrap()
                .is_none()
        );
        let looks = store
            .read("count", |tx| {
                tx.count_reads("clerk", Instant::from_micros(0))
            })
            .unwrap();
        // Seven searches, one more by a name nobody has, and one page.
        assert_eq!(looks, 9, "{engine}");
        store.read("verify", |tx| tx.verify_reads()).unwrap();
        let claims = store
            .open_person(look("clerk"), of(25))
            .unwrap()
            .unwrap()
            .claims;
        assert_eq!(claims.open(Purpose::Serve)[0].claim, "f25", "{engine}");
        assert!(
            !format!("{:?} {page:?}", by_pin).contains("Айгүл"),
            "a name was printed"
        );
    });
}

#[test]
fn register_counts_and_enrolment_counts() {
    on_both(|engine, store| {
        load(store, 300);
        let counts = store.read("counts", |tx| tx.register_counts()).unwrap();
        assert_eq!(
            (
                counts.persons,
                counts.commission,
                counts.precincts,
                counts.claims
            ),
            (300, 300, 2, 12),
            "{engine}"
        );
        let months = store.read("counts", |tx| tx.enrolment_counts()).unwrap();
        assert_eq!(months.len(), 1, "{engine}");
        assert_eq!(
            (months[0].month.as_str(), months[0].captured),
            ("2014-12", counts.enrolments),
            "{engine}"
        );
        assert_eq!(
            months[0].captured - months[0].processed,
            counts.not_processed,
            "{engine}"
        );
        store
            .transact("process", "centre", |tx| {
                tx.record_processing(
                    &[("e10".into(), of(10))],
                    lexicon::Date::constant(2015, 9, 1),
                )
            })
            .unwrap();
        let after = store.read("counts", |tx| tx.register_counts()).unwrap();
        assert_eq!(after.not_processed, counts.not_processed - 1, "{engine}");
        let row = store.read("snapshot", |tx| tx.snapshot_persons()).unwrap();
        assert_eq!(
            row.iter().find(|r| r.person == of(10)).unwrap().standing,
            "unique",
            "{engine}"
        );
    });
}

#[test]
fn two_blind_adjudicators_decide_and_an_appeal_undoes_it() {
    let policy = Policy::standard();
    let officers: Vec<String> = ["o1", "o2", "o3", "o4"].map(String::from).to_vec();
    on_both(|engine, store| {
        load(store, 120);
        let standing = |n: usize| {
            let rows = store.read("snapshot", |tx| tx.snapshot_persons()).unwrap();
            rows.into_iter().find(|r| r.person == of(n)).unwrap()
        };
        store
            .transact("open", "centre", |tx| {
                tx.open_duplicate_cases(&[(of(1), of(2), 900), (of(3), of(4), 700)])
            })
            .unwrap();
        assert_eq!(
            store
                .assign_cases("centre", &officers[..1], &[1; 32])
                .unwrap(),
            0,
            "{engine}"
        );
        assert_eq!(
            store.assign_cases("centre", &officers, &[1; 32]).unwrap(),
            2,
            "{engine}"
        );
        assert_eq!(
            store.assign_cases("centre", &officers, &[1; 32]).unwrap(),
            0,
            "{engine}"
        );
        let case = register::case::duplicate_case(of(1), of(2));
        let queue = |officer: &str| {
            let queue = store.read("queue", |tx| tx.queue_of(officer, 10)).unwrap();
            queue.into_iter().find(|q| q.case == case)
        };
        let give = |officer: &str, says| {
            store.give_opinion(officer, case, says, policy.hash(), policy.hash())
        };
        let blind: Vec<&String> = officers.iter().filter(|o| queue(o).is_some()).collect();
        assert_eq!(blind.len(), 2, "{engine}");
        let outsider = officers.iter().find(|o| queue(o).is_none()).unwrap();
        assert!(give(outsider, Says::Same).is_err(), "{engine}");
        let mut stale = policy;
        stale.candidates_max += 1;
        assert_eq!(
            store.give_opinion(blind[0], case, Says::Same, stale.hash(), policy.hash()),
            Err(AdjudicationError::Opinion(OpinionError::StalePolicy)),
            "{engine}"
        );
        assert_eq!(
            give(blind[0], Says::Same),
            Ok(Settlement::Waiting),
            "{engine}"
        );
        assert_eq!(
            give(blind[1], Says::Distinct),
            Ok(Settlement::Split),
            "{engine}"
        );
        let third = officers.iter().find(|o| queue(o).is_some()).unwrap();
        let Ok(Settlement::Verdict(Outcome::Duplicate { person, of: kept })) =
            give(third, Says::Same)
        else {
            panic!("{engine}: no verdict");
        };
        let (struck, counted) = if person == of(1) { (1, 2) } else { (2, 1) };
        assert_eq!(
            (
                standing(struck).standing.as_str(),
                standing(struck).duplicate_of
            ),
            ("duplicate", Some(kept))
        );
        assert_eq!(standing(counted).standing, "unique", "{engine}");
        let acts = store.read("acts", |tx| tx.acts_of(person)).unwrap();
        assert_eq!(
            register::fold(person, &acts)
                .standing(person)
                .unwrap()
                .code(),
            "duplicate",
            "{engine}"
        );
        assert_eq!(
            give(blind[0], Says::Same),
            Err(AdjudicationError::Opinion(OpinionError::Decided)),
            "{engine}"
        );
        let view = store
            .read("case", |tx| tx.find_case(case))
            .unwrap()
            .unwrap();
        let (verdict, _) = view.verdict.unwrap();
        let counts = store.read("cases", |tx| tx.case_counts()).unwrap();
        assert_eq!(counts, [(CaseKind::Duplicate, 2, 1)], "{engine}");
        store
            .reverse_verdict("head", case, verdict, "twins")
            .unwrap();
        assert_eq!(
            store.reverse_verdict("head", case, verdict, "twins"),
            Err(AdjudicationError::NotInForce),
            "{engine}"
        );
        assert_eq!(standing(struck).standing, "unique", "{engine}");
        assert_eq!(
            store.assign_cases("centre", &officers, &[2; 32]).unwrap(),
            1,
            "{engine}"
        );
        let open = store
            .read("open", |tx| tx.open_cases(CaseKind::Duplicate, None, 10))
            .unwrap();
        assert_eq!(open.len(), 2, "{engine}");
        store
            .read("verify", |tx| tx.verify_journal(Journal::Registry))
            .unwrap();
    });
}

#[test]
fn a_shared_pin_is_a_conflict_until_a_verdict() {
    let policy = Policy::standard();
    on_both(|engine, store| {
        load(store, 500);
        let conflicts = || -> Vec<(PersonId, Option<Pin>)> {
            let rows = store.read("snapshot", |tx| tx.snapshot_persons()).unwrap();
            rows.into_iter()
                .filter(|r| r.pin_conflict)
                .map(|r| (r.person, r.pin))
                .collect()
        };
        assert_eq!(conflicts().len(), 2, "{engine}");
        let officers = ["o1", "o2"].map(String::from);
        store.assign_cases("centre", &officers, &[1; 32]).unwrap();
        let pin = Pin::from_stored(folder::pin(498).parse().unwrap());
        let case = register::state::shared_pin_case(pin);
        for officer in &officers {
            store
                .give_opinion(
                    officer,
                    case,
                    Says::Keep(of(498)),
                    policy.hash(),
                    policy.hash(),
                )
                .unwrap();
        }
        assert!(conflicts().is_empty(), "{engine}");
        let rows = store.read("snapshot", |tx| tx.snapshot_persons()).unwrap();
        let row = |n: usize| rows.iter().find(|r| r.person == of(n)).unwrap();
        assert_eq!((row(498).pin, row(499).pin), (Some(pin), None), "{engine}");
        let view = store
            .read("case", |tx| tx.find_case(case))
            .unwrap()
            .unwrap();
        store
            .reverse_verdict("head", case, view.verdict.unwrap().0, "new papers")
            .unwrap();
        assert_eq!(conflicts().len(), 2, "{engine}");
    });
}

#[test]
fn check_duplicates_finds_the_planted_pair_on_any_number_of_threads() {
    let dir = Scratch::new("prints");
    folder::write(dir.path(), 120);
    // Person 118's prints are person 15's.
    let prints = std::fs::read_to_string(dir.path().join("prints.csv")).unwrap();
    let mut planted = String::new();
    for line in prints.lines() {
        let parts: Vec<&str> = line.split(',').collect();
        if parts[0] == "e117" {
            let finger: u8 = parts[1].parse().unwrap();
            planted.push_str(&format!("e117,{finger},{}\n", folder::minutiae(15, finger)));
        } else {
            planted.push_str(line);
            planted.push('\n');
        }
    }
    std::fs::write(dir.path().join("prints.csv"), planted).unwrap();
    on_both(|engine, store| {
        import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
        let mut reports = Vec::new();
        for threads in [1, 3] {
            let options = CheckOptions {
                policy: Policy::standard(),
                threads,
            };
            reports.push(
                store
                    .check_duplicates("centre", options, &|_, _| {})
                    .unwrap(),
            );
        }
        assert_eq!(reports[0].pairs, reports[1].pairs, "{engine}");
        let expected = (of(15).min(of(117)), of(15).max(of(117)));
        let found: Vec<_> = reports[0]
            .pairs
            .iter()
            .map(|p| (p.first, p.second))
            .collect();
        assert_eq!(found, [expected], "{engine}");
        assert_eq!(
            (reports[0].cases_opened, reports[1].cases_opened),
            (1, 0),
            "{engine}"
        );
        assert!(reports[0].exhaustive, "{engine}");
    });
}

#[test]
fn releases_decisions_reconciliation_and_turnout() {
    let precinct = PrecinctCode::new(1001).unwrap();
    on_both(|engine, store| {
        load(store, 30);
        let decisions: Vec<DecisionRow> = (0..30)
            .map(|n| DecisionRow {
                person: of(n),
                place: if n < 28 {
                    ListPlace::Listed {
                        precinct,
                        line: u32::try_from(n).unwrap() + 1,
                        page: 1,
                    }
                } else {
                    ListPlace::Excluded(ExclusionReason::NotYetProcessed)
                },
                evidence: match n {
                    0 => "documents/D1".to_owned(),
                    1 => "claims/C1".to_owned(),
                    2 | 3 => "overrides/5a".to_owned(),
                    _ => format!("residences/A{n}"),
                },
                day: None,
            })
            .collect();
        let release = ReleaseRow {
            number: 1,
            election: 20_151_004,
            stage: "final".into(),
            root: [7; 32],
            total: 28,
            considered: 30,
            frozen_at: Instant::from_micros(5),
            document: vec![1, 2],
        };
        let record = |release: &ReleaseRow, decisions: &[DecisionRow]| {
            store.transact("record_release", "roll", |tx| {
                tx.record_release(release, decisions)
            })
        };
        assert!(
            matches!(
                record(&release, &decisions[1..]),
                Err(StoreError::Constraint { .. })
            ),
            "{engine}"
        );
        record(&release, &decisions).unwrap();
        assert!(
            matches!(
                record(&release, &decisions),
                Err(StoreError::Constraint { .. })
            ),
            "{engine}"
        );
        store
            .read("release", |tx| {
                assert_eq!(tx.releases()?, std::slice::from_ref(&release), "{engine}");
                assert_eq!(
                    tx.decision_counts(1)?,
                    [
                        ("LISTED".to_owned(), 28),
                        ("NOT_YET_PROCESSED".to_owned(), 2)
                    ],
                    "{engine}"
                );
                assert_eq!(tx.precinct_counts(1)?, [(precinct, 28)], "{engine}");
                assert_eq!(
                    tx.decisions_of(of(29))?,
                    [(1, decisions[29].clone())],
                    "{engine}"
                );
                assert_eq!(
                    tx.precinct_lines(1, precinct, 26, 10)?,
                    decisions[26..28],
                    "{engine}"
                );
                let behind = tx.persons_by_code(1, "NOT_YET_PROCESSED", None, 10)?;
                assert_eq!(
                    tx.persons_by_code(1, "NOT_YET_PROCESSED", Some(behind[0]), 10)?,
                    behind[1..]
                );
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let found = |row: &str, class, person| ReconciledRow {
            row: row.to_owned(),
            class,
            person,
            detail: String::new(),
        };
        let rows = [
            found("c1", ReconciliationClass::Moved, Some(of(1))),
            found("c1", ReconciliationClass::Renamed, Some(of(1))),
            found("c2", ReconciliationClass::Moved, Some(of(2))),
            found(&of(3).to_string(), ReconciliationClass::New, Some(of(3))),
        ];
        store
            .transact("record", "roll", |tx| tx.record_reconciliation(1, &rows))
            .unwrap();
        let moved = store
            .read("rows", |tx| {
                tx.reconciled_rows(1, ReconciliationClass::Moved, "", 9)
            })
            .unwrap();
        assert_eq!(
            (moved.len(), moved[0].1.as_ref().unwrap().row.as_str()),
            (2, "c1"),
            "{engine}"
        );
        let new = store
            .read("rows", |tx| {
                tx.reconciled_rows(1, ReconciliationClass::New, "", 9)
            })
            .unwrap();
        assert!(new[0].1.is_none(), "{engine}");
        let counts = store
            .read("counts", |tx| tx.reconciliation_counts(1))
            .unwrap();
        use ReconciliationClass::{Moved, New, Renamed};
        assert_eq!(counts, [(Moved, 2), (Renamed, 1), (New, 1)], "{engine}");
        // 30 considered, rows mean two of them; a person classed as new has no row.
        let missing = store
            .read("missing", |tx| tx.count_without_row(1, 1))
            .unwrap();
        assert_eq!(missing, 28, "{engine}");
        let placed = store.read("placed", |tx| tx.placement_counts(1)).unwrap();
        let placed: Vec<(&str, u64)> = placed.iter().map(|(t, n)| (t.as_str(), *n)).collect();
        assert_eq!(
            placed,
            [("", 1), ("claims", 1), ("overrides", 2), ("residences", 24)],
            "{engine}"
        );
        assert_eq!(
            store
                .read("run", |tx| tx.find_last_reconciliation())
                .unwrap(),
            Some(1),
            "{engine}"
        );
        let row = |voters| TurnoutRow {
            precinct,
            hour: 9,
            method: Method::Finger,
            voters,
        };
        for (moment, voters) in [(1, 5), (2, 8)] {
            store
                .transact("turnout", "station", |tx| {
                    tx.record_turnout(Instant::from_micros(moment), &[row(voters)])
                })
                .unwrap();
        }
        assert_eq!(
            store.read("turnout", |tx| tx.turnout()).unwrap(),
            [row(8)],
            "{engine}"
        );
    });
}

/// A clock that is set by the test.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed))
    }
}

#[test]
fn a_session_ends_when_idle_when_old_and_when_the_account_is_closed() {
    let check = |url: &str| {
        let clock = Arc::new(Set(AtomicI64::new(1_000_000)));
        let store = Store::open(url, clock.clone()).unwrap();
        let terms = SessionTerms {
            idle_micros: 100,
            absolute_micros: 250,
        };
        let mut staff = Staff {
            staff: "aida".into(),
            display: "Аида".into(),
            role: "clerk".into(),
            password: "$argon2id$…".into(),
            active: true,
            failures: 0,
            locked_until: Instant::from_micros(0),
        };
        store
            .transact("staff", "admin", |tx| tx.record_staff(&staff))
            .unwrap();
        let start = |n: u8| {
            store
                .transact("sign_in", "aida", |tx| tx.start_session("aida", &[n; 32]))
                .unwrap()
        };
        let lives = |n: u8| {
            let found = store
                .transact("session", "aida", |tx| tx.find_session(&[n; 32], terms))
                .unwrap();
            found.is_some()
        };
        let pass = |micros: i64| clock.0.fetch_add(micros, Ordering::Relaxed);
        start(1);
        assert!(lives(1) && !lives(9));
        pass(90);
        assert!(lives(1));
        pass(90);
        assert!(lives(1), "a request keeps it alive");
        pass(80);
        assert!(!lives(1), "older than the absolute term");
        start(2);
        pass(101);
        assert!(!lives(2), "idle");
        start(3);
        store
            .transact("sign_out", "aida", |tx| tx.end_session(&[3; 32]))
            .unwrap();
        assert!(!lives(3));
        start(4);
        staff.active = false;
        store
            .transact("staff", "admin", |tx| tx.record_staff(&staff))
            .unwrap();
        assert!(!lives(4), "the account is closed");
        let until = Instant::from_micros(77);
        store
            .transact("fail", "door", |tx| tx.note_failed_sign_in("aida", until))
            .unwrap();
        let known = store
            .read("staff", |tx| tx.find_staff("aida"))
            .unwrap()
            .unwrap();
        assert_eq!((known.failures, known.locked_until), (1, until));
        store
            .transact("in", "door", |tx| tx.note_sign_in("aida"))
            .unwrap();
        assert_eq!(
            store.read("staff", |tx| tx.all_staff()).unwrap()[0].failures,
            0
        );
        store
            .read("verify", |tx| tx.verify_journal(Journal::Registry))
            .unwrap();
    };
    check("sqlite::memory:");
    match kit::postgres::Server::start() {
        Some(server) => check(&server.url("postgres")),
        None => println!("skipped on PostgreSQL: not installed"),
    }
}

#[test]
fn writers_at_the_same_time_lose_nothing_and_break_no_chain() {
    let check = |url: &str| {
        let store = Store::open(url, Arc::new(kit::Fixed)).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = store.clone();
                scope.spawn(move || {
                    for _ in 0..25 {
                        store
                            .transact("note_sign_in", &format!("w{writer}"), |tx| {
                                tx.note_sign_in("nobody")
                            })
                            .unwrap();
                    }
                });
            }
        });
        let head = store
            .read("verify", |tx| tx.verify_journal(Journal::Registry))
            .unwrap();
        assert_eq!(head.position, 100, "{url}");
    };
    let dir = Scratch::new("writers");
    check(&format!("sqlite:{}", dir.path().join("store.db").display()));
    match kit::postgres::Server::start() {
        Some(server) => check(&server.url("postgres")),
        None => println!("skipped on PostgreSQL: not installed"),
    }
}

#[test]
fn record_ticket_step_and_tickets() {
    use lexicon::handover::ticket::{Cause, Ticket};
    use roll::tickets::TicketAct;
    on_both(|engine, store| {
        let clock = Ticket::new(1001, Cause::ClockOff, "K2").unwrap();
        let quota = Ticket::new(1001, Cause::OverrideQuota, "").unwrap();
        let step = |ticket: &Ticket, act, note: &str, staff: &str| {
            store
                .transact("step", staff, |tx| {
                    tx.record_ticket_step(ticket, &ticket.number(7), act, note)
                })
                .unwrap();
        };
        step(&clock, TicketAct::Told, "", "one");
        step(&quota, TicketAct::Told, "", "two");
        step(&clock, TicketAct::Told, "", "two");
        step(&clock, TicketAct::Solved, "set by two", "one");
        let rows = store.read("tickets", |tx| tx.tickets()).unwrap();
        assert_eq!(rows.len(), 2, "{engine}: a cause told twice is one ticket");
        let row = rows.iter().find(|row| row.ticket == clock).unwrap();
        assert_eq!(row.number, clock.number(7), "{engine}");
        let steps: Vec<_> = row
            .steps
            .iter()
            .map(|step| (step.act, step.staff.as_str(), step.note.as_str()))
            .collect();
        assert_eq!(
            steps,
            [
                (TicketAct::Told, "one", ""),
                (TicketAct::Told, "two", ""),
                (TicketAct::Solved, "one", "set by two"),
            ],
            "{engine}"
        );
        store
            .read("verify", |tx| tx.verify_journal(Journal::Electoral))
            .unwrap();
    });
}
