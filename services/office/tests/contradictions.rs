//! Decisions about one row that cannot all be true: they hold a list back, and the registrar has the row asked again.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use hall::folder::uploaded_list;
use hall::{Hall, person, sane};
use roll::review::Says;
use store::{ListStepKind, ReviewItem, ReviewKind, StoreError};

/// The run of the list, once it is reconciled.
fn reconciled(hall: &Hall) -> u32 {
    for _ in 0..600 {
        let steps = hall.store.read("steps", |tx| tx.list_steps(1)).unwrap();
        let done = |kind| steps.iter().find(|step| step.step == kind);
        if let Some(step) = done(ListStepKind::Reconciled) {
            return step.run.unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the list was not reconciled");
}

/// The row U40 said to be two people.
fn contradict(hall: &Hall, run: u32) -> [ReviewItem; 2] {
    let row = hall.store.read("row", |tx| tx.find_commission_row("U40"));
    let row = row.unwrap().unwrap();
    let items = ["g7", "g8"].map(|n| ReviewItem {
        subject: ReviewItem::subject_of(&row, Some(person(n))),
        kind: ReviewKind::Link,
        row: row.row.clone(),
        person: Some(person(n)),
        precinct: None,
        reason: "details".to_owned(),
        suggestions: Vec::new(),
        doubled: false,
    });
    hall.store
        .transact("ask", "work", |tx| tx.record_review_items(run, &items))
        .unwrap();
    for item in &items {
        hall.store
            .transact("answer", "clerk", |tx| {
                tx.record_review_answer(item, 1, Says::Same)
            })
            .unwrap();
    }
    items
}

#[test]
fn a_row_said_to_be_two_people_waits_until_it_is_asked_again() {
    let hall = Hall::full();
    let mut registrar = hall.signed_in("registrar");
    registrar.send_list(uploaded_list().as_bytes());
    let run = reconciled(&hall);
    let page = registrar.page("/review/contradictions");
    sane("/review/contradictions", &page);
    assert!(page.contains("Противоречащих решений нет"), "{page}");

    let items = contradict(&hall, run);
    let page = registrar.page("/review/contradictions");
    sane("/review/contradictions", &page);
    assert!(page.contains("Строка списка U40"), "{page}");
    assert!(registrar.page("/review").contains("О 1 строке"));
    let list = registrar.page("/list/2");
    assert!(
        list.contains("1 строка с противоречащими решениями"),
        "{list}"
    );
    let mut clerk = hall.signed_in("clerk");
    let seen = clerk.page("/review/contradictions");
    assert!(seen.contains("Строка списка U40") && !seen.contains("name=\"row\""));

    // A reason is asked for; then every question about the row is open again, and the earlier answers count no more.
    let send = |browser: &mut hall::Browser, why: &str| {
        browser.post("/review/contradictions", &[("row", "U40"), ("why", why)])
    };
    let short = send(&mut registrar, "two");
    assert_eq!(short.status, 422);
    sane("/review/contradictions", &short.body);
    assert!(short.body.contains("не менее 10 знаков"), "{}", short.body);
    let taken = send(&mut registrar, "one row cannot be two people");
    assert_eq!(
        (taken.status, taken.location.as_str()),
        (303, "/review/contradictions?done=yes")
    );
    let page = registrar.page("/review/contradictions");
    assert!(page.contains("Противоречащих решений нет"), "{page}");
    // Asked again by a second click, nothing happens.
    let again = send(&mut registrar, "one row cannot be two people");
    assert_eq!(again.location, "/review/contradictions");

    // Who answered before is not heard a second time; two others who agree decide.
    let answer = |staff: &'static str, item: &ReviewItem, says: &str| {
        let mut browser = hall.signed_in(staff);
        let run = run.to_string();
        let fields = [
            ("run", run.as_str()),
            ("subject", item.subject.as_str()),
            ("says", says),
        ];
        assert_eq!(browser.post("/review/links", &fields).status, 303);
    };
    let given = |item: &ReviewItem| {
        let answers = hall
            .store
            .read("given", |tx| tx.answers_about(&item.subject));
        answers.unwrap().len()
    };
    answer("clerk", &items[0], "same");
    assert_eq!(given(&items[0]), 0);
    let third = hall.another_clerk("clerk2");
    for staff in ["registrar", third] {
        answer(staff, &items[0], "distinct");
        answer(staff, &items[1], "same");
    }
    assert_eq!((given(&items[0]), given(&items[1])), (2, 2));
    let decided = hall
        .store
        .read("d", |tx| tx.links_decided_together())
        .unwrap();
    let of: Vec<(&str, bool)> = decided["U40"]
        .iter()
        .map(|d| (d.says.code(), d.asked_again))
        .collect();
    assert!(of.contains(&("distinct", true)) && of.contains(&("same", true)));
    let page = registrar.page("/review/contradictions");
    assert!(page.contains("Противоречащих решений нет"), "{page}");
    hall.store
        .read("v", |tx| {
            tx.verify_journal(store::Journal::Electoral)?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn a_row_that_contradicts_twice_is_left_to_both_institutions() {
    let hall = Hall::full();
    let mut registrar = hall.signed_in("registrar");
    registrar.send_list(uploaded_list().as_bytes());
    let run = reconciled(&hall);
    let items = contradict(&hall, run);
    let third = hall.another_clerk("clerk2");
    for item in &items {
        hall.store
            .transact("again", "registrar", |tx| tx.ask_again(item, "two people"))
            .unwrap();
        for (place, staff) in [(1, "registrar"), (2, third)] {
            hall.store
                .transact("answer", staff, |tx| {
                    tx.record_review_answer(item, place, Says::Same)
                })
                .unwrap();
        }
    }
    let page = registrar.page("/review/contradictions");
    sane("/review/contradictions", &page);
    assert!(page.contains("Спрошено дважды"), "{page}");
    assert!(!page.contains("name=\"row\""), "{page}");
    let approve = registrar.page("/list/2/approve");
    assert!(
        approve.contains("1 строка с противоречащими решениями"),
        "{approve}"
    );
}
