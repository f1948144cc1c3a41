//! Pairs that the linkage is unsure of become questions of the review, each with its reasons, and an answer joins them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use hall::folder::{LIST_HEAD, pin};
use hall::{Hall, sane};
use linkage::{Effort, Model};
use store::{ListStepKind, ReviewItem, ReviewKind};

/// Most rows as in the register, so that the linkage learns what agreement is worth; then people whom the rules do not
/// find: no PIN, a slip in the birth date, and less and less that agrees.
fn list() -> String {
    use std::fmt::Write as _;
    let surnames = ["Асанов", "Үсөнов", "Бекназаров", "Өмүралиев", "Жээнбеков"];
    let given = ["Бакыт", "Нурлан", "Эрмек", "Төлөгөн"];
    let mut text = LIST_HEAD.to_owned();
    for n in 20..110 {
        let (surname, given) = (surnames[n % 5], given[n % 4]);
        let (year, house) = (1950 + n % 40, 1 + n % 60);
        writeln!(
            text,
            "P{n},{},{surname},{given},Маратович,{year}-01-09,\"Манас көчөсү, {house}\",1001",
            pin(n)
        )
        .unwrap();
    }
    for (id, surname, given, born, house) in [
        ("K1", "Асанов", "Эрмек", "1960-09-01", 11),
        ("K2", "Үсөнов", "Төлөгөн", "1961-01-19", 12),
        ("K3", "Бекназаров", "Бакыт", "1962-02-09", 44),
        ("K4", "Өмүралиев", "Нурлан", "1964-01-09", 14),
        ("K5", "Жээнбеков", "Эрмек", "1964-01-08", 51),
    ] {
        writeln!(
            text,
            "{id},,{surname},{given},Маратович,{born},\"Манас көчөсү, {house}\",1001"
        )
        .unwrap();
    }
    text
}

fn wait(hall: &Hall, edition: u32) {
    for _ in 0..600 {
        let steps = hall
            .store
            .read("steps", |tx| tx.list_steps(edition))
            .unwrap();
        if steps
            .iter()
            .any(|step| step.step == ListStepKind::Reconciled)
        {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the list was not reconciled");
}

fn clerical(hall: &Hall, run: u32) -> Vec<ReviewItem> {
    let filter = store::ReviewFilter {
        run,
        kind: ReviewKind::Link,
        after: "",
        limit: 100,
    };
    let mut items = hall
        .store
        .read("items", |tx| tx.review_items(filter))
        .unwrap();
    items.retain(|item| item.reason == "clerical");
    items
}

#[test]
fn what_the_linkage_is_unsure_of_is_asked_with_its_reasons_and_the_answer_counts() {
    let hall = Hall::full();
    let model = Model::parse(linkage::model::shipped("kg-persons").unwrap()).unwrap();
    let ask = || office::pairs::ask_about_pairs(&hall.store, &model, Effort::default(), 0).unwrap();
    let mut clerk = hall.signed_in("clerk");
    assert_eq!(clerk.send_list(list().as_bytes()).location, "/lists/1");
    wait(&hall, 1);
    let run = hall
        .store
        .read("run", |tx| tx.find_last_reconciliation())
        .unwrap()
        .unwrap();
    let asked = ask();
    println!("{asked:?}");
    let items = clerical(&hall, run);
    println!("{items:?}");
    assert!(asked.asked > 0, "{asked:?}");
    assert_eq!(items.len() as u64, asked.asked);
    // Again asks nothing new, and what was said stays.
    let said = |subject: &str| {
        let found = hall
            .store
            .read("why", |tx| tx.find_link_explained(run, subject));
        found.unwrap().unwrap()
    };
    let before = said(&items[0].subject);
    let again = ask();
    assert_eq!((again.asked, again.explained), (0, asked.explained));
    assert_eq!(said(&items[0].subject), before);
    assert!(
        (1..1_000_000).contains(&before.probability_ppm),
        "{before:?}"
    );

    // The page says why in the reader's language, and names no value in the picture.
    let subjects: Vec<&str> = items.iter().map(|item| item.subject.as_str()).collect();
    let mut answered = None;
    for _ in 0..20 {
        let page = clerk.page("/review/links");
        sane("/review/links", &page);
        let subject = page.split("name=\"subject\" value=\"").nth(1).unwrap();
        let subject = subject.split('"').next().unwrap().to_owned();
        let is_clerical = subjects.contains(&subject.as_str());
        if is_clerical {
            assert!(page.contains("Модель связывания не уверена"), "{page}");
            assert!(page.contains("class=\"wf-sum\""), "{page}");
            let picture = page
                .split("<svg xmlns")
                .nth(1)
                .unwrap()
                .split("</svg>")
                .next()
                .unwrap();
            for name in ["Асанов", "Үсөнов", "Бекназаров", "Маратович"]
            {
                assert!(!picture.contains(name), "{picture}");
            }
            let kyrgyz = clerk.page("/review/links?lang=ky");
            assert!(kyrgyz.contains("жыйынтыгы"), "{kyrgyz}");
            clerk.page("/review/links?lang=ru");
        }
        let run = run.to_string();
        let fields = [
            ("run", run.as_str()),
            ("subject", &subject),
            ("says", "same"),
        ];
        assert_eq!(clerk.post("/review/links", &fields).status, 303);
        if is_clerical {
            answered = Some(subject);
            break;
        }
    }
    let answered = answered.unwrap();
    let item = items.iter().find(|item| item.subject == answered).unwrap();

    // In the next list the row is joined; what nobody answered is still asked.
    let more = format!("{}X9,,,,,,,\n", list());
    assert_eq!(clerk.send_list(more.as_bytes()).location, "/lists/2");
    wait(&hall, 2);
    let next = hall
        .store
        .read("run", |tx| tx.find_last_reconciliation())
        .unwrap()
        .unwrap();
    let rows = hall
        .store
        .read("rows", |tx| tx.reconciled_of_row(next, &item.row))
        .unwrap();
    assert!(rows.iter().all(|row| row.person == item.person), "{rows:?}");
    assert!(rows[0].detail.contains("joined=review/"), "{rows:?}");
    let left: Vec<String> = clerical(&hall, next)
        .into_iter()
        .map(|i| i.subject)
        .collect();
    assert_eq!(left, subjects, "the questions go on");
}
