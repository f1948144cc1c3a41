//! Uploaded lists, what people are asked about them, and changed boundaries: on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod kit;

use std::collections::BTreeSet;

use kit::{Scratch, on_both};
use lexicon::handover::snapshot::{BoundaryRow, Extent};
use lexicon::{Instant, PersonId, PrecinctCode, ReconciliationClass};
use roll::review::Says;
use store::import::{self, Options};
use store::{
    Institution, ListStepKind, ProposedChange, ReconciledRow, ReviewFilter, ReviewItem, ReviewKind,
    Store, StoreError,
};

const HEAD: &str = "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n";

fn upload(store: &Store, dir: &Scratch, number: u32, rows: &str) {
    let place = dir.path().join(number.to_string());
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("commission.csv"), format!("{HEAD}{rows}")).unwrap();
    import::check_edition(&place).unwrap();
    let (edition, is_new) = store
        .transact("upload", "aida", |tx| {
            tx.record_list_edition(&format!("hash {number}"), "csv", 9)
        })
        .unwrap();
    assert_eq!((edition, is_new), (number, true));
    let report = import::edition(store, &place, number, &Options::default(), &mut |_| {}).unwrap();
    store
        .transact("read", "work", |tx| {
            let counts = (report.tables[0].rows, report.tables[0].rejected);
            tx.record_list_step(number, ListStepKind::Read, counts, None, "")
        })
        .unwrap();
}

fn person() -> PersonId {
    PersonId::of_source("register", "p1")
}

#[test]
fn a_later_edition_stands_in_place_of_an_earlier_one_and_of_the_imported_list() {
    on_both(|engine, store| {
        let dir = Scratch::new("editions");
        assert_eq!(store.read("f", |tx| tx.find_list_in_force()), Ok(None));
        upload(
            store,
            &dir,
            1,
            "A1,1,Асанов,Үсөн,,1970-01-01,\"Манас, 1\",1001\nA2,,,,,,,\nA1,,,,,,,\n",
        );
        let again = store.transact("upload", "aida", |tx| {
            tx.record_list_edition("hash 1", "csv", 9)
        });
        assert_eq!(again, Ok((1, false)), "{engine}");
        let run = store
            .transact("reconcile", "work", |tx| {
                let row = ReconciledRow {
                    row: "A1".to_owned(),
                    class: ReconciliationClass::Same,
                    person: Some(person()),
                    detail: "found=details".to_owned(),
                };
                let run = tx.record_run(None, &[row])?;
                tx.record_list_step(1, ListStepKind::Reconciled, (2, 0), Some(run), "")?;
                Ok::<_, StoreError>(run)
            })
            .unwrap();
        let (all, count) = store
            .read("all", |tx| {
                Ok::<_, StoreError>((tx.list_editions()?, tx.count_list_in_force()?))
            })
            .unwrap();
        assert_eq!(count, 2, "{engine}");
        assert_eq!((all[0].1[0].rows, all[0].1[0].rejected), (3, 1), "{engine}");
        assert_eq!(all[0].1[1].run, Some(run), "{engine}");
        let rows = store.read("rows", |tx| {
            tx.reconciled_rows(run, ReconciliationClass::Same, "", 9)
        });
        let list = rows.unwrap().remove(0).1.unwrap();
        assert_eq!(list.surname, "Асанов", "{engine}");

        upload(store, &dir, 2, "A1,1,Асанова,Үсөн,,1970-01-01,,1001\n");
        let now = store.read("row", |tx| tx.find_commission_row("A1"));
        assert_eq!(now.unwrap().unwrap().surname, "Асанова", "{engine}");
        let rows = store.read("rows", |tx| {
            tx.reconciled_rows(run, ReconciliationClass::Same, "", 9)
        });
        let list = rows.unwrap().remove(0).1.unwrap();
        assert_eq!(list.surname, "Асанов", "a run keeps its own list, {engine}");
        let taken = store.snapshot().unwrap();
        assert_eq!(taken.tables.commission.len(), 1, "{engine}");
        store
            .read("v", |tx| tx.verify_journal(store::Journal::Electoral))
            .unwrap();
    });
}

#[test]
fn answers_hold_for_the_same_question_in_a_later_run_and_nobody_answers_twice() {
    on_both(|engine, store| {
        let dir = Scratch::new("review");
        upload(
            store,
            &dir,
            1,
            "A1,1,Асанов,Үсөн,,1970-01-01,\"Манас, 1\",1001\n",
        );
        let item = store
            .read("row", |tx| {
                let row = tx.find_commission_row("A1")?.unwrap();
                Ok::<_, StoreError>(ReviewItem {
                    subject: ReviewItem::subject_of(&row, Some(person())),
                    kind: ReviewKind::Link,
                    row: row.row,
                    person: Some(person()),
                    precinct: PrecinctCode::new(1001).ok(),
                    reason: "details".to_owned(),
                    suggestions: Vec::new(),
                    doubled: true,
                })
            })
            .unwrap();
        let house = ReviewItem {
            subject: "h".to_owned(),
            kind: ReviewKind::Address,
            person: None,
            suggestions: vec!["H1".to_owned(), "H2".to_owned()],
            doubled: false,
            ..item.clone()
        };
        let run = |store: &Store| {
            store
                .transact("run", "work", |tx| tx.record_run(None, &[]))
                .unwrap()
        };
        let first = run(store);
        let items = [item.clone(), house.clone()];
        store
            .transact("ask", "work", |tx| tx.record_review_items(first, &items))
            .unwrap();
        let filter = ReviewFilter {
            run: first,
            kind: ReviewKind::Address,
            after: "",
            limit: 9,
        };
        let asked = store.read("items", |tx| tx.review_items(filter));
        assert_eq!(asked, Ok(vec![house.clone()]), "{engine}");
        let answer = |who: &str, place| {
            store.transact("answer", who, |tx| {
                tx.record_review_answer(&item, place, Says::Same)
            })
        };
        answer("aida", 1).unwrap();
        assert!(answer("aida", 2).is_err(), "the same account, {engine}");
        assert!(answer("bek", 1).is_err(), "a place that is taken, {engine}");
        let open = |who: &str| {
            let links = store.read("links", |tx| tx.links_for(who, first, "", 9));
            links.unwrap().len()
        };
        assert_eq!((open("aida"), open("bek")), (0, 1), "{engine}");
        answer("bek", 2).unwrap();
        let about = store.read("about", |tx| tx.answers_about(&item.subject));
        assert_eq!(about.unwrap().len(), 2, "{engine}");
        let next = |run| store.read("next", |tx| tx.next_address(run)).unwrap();
        assert_eq!(next(first), Some(house.clone()), "{engine}");
        let place = |house: &ReviewItem| {
            store.transact("place", "aida", |tx| {
                tx.record_address_placed(first, house, Some("H2"))
            })
        };
        place(&house).unwrap();
        assert!(place(&house).is_err(), "{engine}");
        assert_eq!(next(first), None, "{engine}");
        let placed = store.read("placed", |tx| tx.is_address_placed(&house.subject));
        assert_eq!(placed, Ok(true), "{engine}");

        let second = run(store);
        let carried = store.transact("carry", "work", |tx| {
            tx.record_review_items(second, std::slice::from_ref(&item))?;
            tx.carry_address_items(first, second)
        });
        assert_eq!(carried, Ok(1), "{engine}");
        let kept = store
            .read("answers", |tx| {
                let answers = tx.review_answers(second)?;
                Ok::<_, StoreError>((answers, tx.addresses_placed(second)?))
            })
            .unwrap();
        let (doubled, given) = &kept.0[&item.subject];
        assert!(*doubled);
        let who: Vec<&str> = given.iter().map(|answer| answer.staff.as_str()).collect();
        assert_eq!(who, ["aida", "bek"], "{engine}");
        assert_eq!(kept.1["h"], Some("H2".to_owned()), "{engine}");
        let handed = store.snapshot().unwrap().tables.review_answers;
        let said: Vec<(&str, &str, Option<&str>)> = handed
            .iter()
            .map(|row| {
                (
                    row.subject.as_str(),
                    row.says.as_str(),
                    row.address.as_deref(),
                )
            })
            .collect();
        let mut want = vec![
            (item.subject.as_str(), "same", None),
            ("h", "house", Some("H2")),
        ];
        want.sort_unstable();
        assert_eq!(said, want, "{engine}");
    });
}

#[test]
fn a_change_of_boundaries_counts_from_its_day_when_both_approved() {
    on_both(|engine, store| {
        let code = |n| PrecinctCode::new(n).unwrap();
        let range = |precinct, from| BoundaryRow {
            precinct: code(precinct),
            extent: Extent::Range {
                street: "S1".to_owned(),
                parity: "odd".to_owned(),
                from,
                to: 99,
            },
        };
        let later = Instant::parse("2015-09-28T00:00:00+06:00").unwrap();
        let change = ProposedChange {
            valid_from: later,
            corners: String::new(),
            ranges: "S1 odd 1 99 1001".to_owned(),
            reason: "decision 7".to_owned(),
            moved: 3,
            touched: BTreeSet::from([code(1001), code(1002)]),
            rows: vec![range(1001, 1)],
        };
        let number = store
            .transact("propose", "aida", |tx| tx.record_boundary_change(&change))
            .unwrap();
        let approve = |who: &str, institution| {
            store.transact("approve", who, |tx| {
                tx.record_boundary_approval(number, institution)
            })
        };
        approve("aida", Institution::Registration).unwrap();
        assert!(
            approve("aida", Institution::Commission).is_err(),
            "{engine}"
        );
        assert!(
            approve("bek", Institution::Registration).is_err(),
            "{engine}"
        );
        let at = |moment| store.read("b", |tx| tx.boundaries_by(moment)).unwrap();
        assert_eq!(at(later), [], "one is not enough, {engine}");
        approve("bek", Institution::Commission).unwrap();
        assert_eq!(at(later.plus_micros(-1)), [], "{engine}");
        assert_eq!(at(later), [range(1001, 1)], "{engine}");
        let all = store.read("c", |tx| tx.boundary_changes()).unwrap();
        assert!(all[0].is_approved() && all[0].based_on == 0, "{engine}");
        store
            .read("v", |tx| tx.verify_journal(store::Journal::Electoral))
            .unwrap();
    });
}

#[test]
fn a_question_asked_again_counts_only_its_new_answers_and_keeps_the_old_ones() {
    on_both(|engine, store| {
        let dir = Scratch::new("again");
        upload(
            store,
            &dir,
            1,
            "A1,1,Асанов,Үсөн,,1970-01-01,\"Манас, 1\",1001\n",
        );
        let row = store
            .read("row", |tx| tx.find_commission_row("A1"))
            .unwrap()
            .unwrap();
        let other = PersonId::of_source("register", "other");
        let item = |person| ReviewItem {
            subject: ReviewItem::subject_of(&row, Some(person)),
            kind: ReviewKind::Link,
            row: row.row.clone(),
            person: Some(person),
            precinct: None,
            reason: "details".to_owned(),
            suggestions: Vec::new(),
            doubled: false,
        };
        let items = [item(person()), item(other)];
        let run = store
            .transact("run", "work", |tx| {
                let run = tx.record_run(None, &[])?;
                tx.record_review_items(run, &items)?;
                Ok::<_, StoreError>(run)
            })
            .unwrap();
        let answer = |at: usize, who: &str, place, says| {
            store.transact("answer", who, |tx| {
                tx.record_review_answer(&items[at], place, says)
            })
        };
        let together = || {
            let rows = store.read("t", |tx| tx.links_decided_together()).unwrap();
            rows.get("A1").map_or(0, Vec::len)
        };
        answer(0, "aida", 1, Says::Same).unwrap();
        assert_eq!(together(), 0, "one question is no contradiction, {engine}");
        answer(1, "bek", 1, Says::Same).unwrap();
        assert_eq!(together(), 2, "{engine}");
        let again = || {
            store.transact("again", "chief", |tx| {
                tx.ask_again(&items[0], "two people in one row")
            })
        };
        again().unwrap();
        assert!(again().is_err(), "once, {engine}");
        assert_eq!(together(), 1, "the other stands, {engine}");

        // Two that agree are needed, of accounts that have not answered.
        let waits = |who: &str| {
            let links = store.read("l", |tx| tx.links_for(who, run, "", 9)).unwrap();
            links
                .iter()
                .filter(|i| i.subject == items[0].subject)
                .count()
        };
        assert_eq!((waits("aida"), waits("bek")), (0, 1), "{engine}");
        let known = store.read("k", |tx| tx.has_answered(&items[0].subject, "aida"));
        assert_eq!(known, Ok(true), "{engine}");
        answer(0, "bek", 1, Says::Distinct).unwrap();
        assert_eq!(together(), 1, "one answer of two, {engine}");
        answer(0, "cholpon", 2, Says::Distinct).unwrap();
        assert_eq!(together(), 2, "{engine}");
        let handed = store.snapshot().unwrap().tables.review_answers;
        let mut said: Vec<(Option<PersonId>, &str)> =
            handed.iter().map(|r| (r.person, r.says.as_str())).collect();
        said.sort_unstable();
        let mut want = vec![(Some(person()), "distinct"), (Some(other), "same")];
        want.sort_unstable();
        assert_eq!(said, want, "{engine}");
        store
            .read("v", |tx| tx.verify_journal(store::Journal::Electoral))
            .unwrap();
    });
}
