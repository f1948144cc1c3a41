//! The commission's list from a browser: taken, checked, reconciled in the background, questions about it answered.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use hall::folder::{LIST_HEAD, VOTERS, uploaded_list};
use hall::{Browser, Hall, leading, rows_of, sane};
use lexicon::ReconciliationClass as Class;
use store::ListStepKind;

fn wait(hall: &Hall, edition: u32, wanted: ListStepKind) {
    for _ in 0..600 {
        let steps = hall.store.read("steps", |tx| tx.list_steps(edition));
        if steps.unwrap().iter().any(|step| step.step == wanted) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the list was not {wanted:?}");
}

#[test]
fn a_list_is_uploaded_reconciled_and_its_doubtful_rows_are_decided() {
    let hall = Hall::full();
    let mut commission = hall.signed_in("commission");
    let answer = commission.send_list(uploaded_list().as_bytes());
    assert_eq!((answer.status, answer.location.as_str()), (303, "/lists/1"));
    wait(&hall, 1, ListStepKind::Reconciled);

    let page = commission.page("/lists/1");
    sane("/lists/1", &page);
    assert!(page.contains("сверен"), "{page}");
    let steps = hall.store.read("steps", |tx| tx.list_steps(1)).unwrap();
    let read = &steps[0];
    assert_eq!((read.rows, read.rejected), (27, 2));
    let rejects = commission.page("/lists/1/rejects");
    let lines: Vec<&str> = rejects.lines().skip(1).collect();
    assert_eq!(lines.len(), 2, "{rejects}");
    assert!(lines[0].starts_with("commission.csv,27,"), "{rejects}");
    assert!(
        lines[1].starts_with("commission.csv,28,row_id,"),
        "{rejects}"
    );

    // The figures are those of the rows, and each leads to them.
    let run = steps[1].run.unwrap();
    let counts = hall
        .store
        .read("n", |tx| tx.reconciliation_counts(run))
        .unwrap();
    let of = |class| {
        counts
            .iter()
            .find(|(known, _)| *known == class)
            .map_or(0, |(_, n)| *n)
    };
    assert_eq!(of(Class::NotFound), 3, "{counts:?}");
    assert!(of(Class::New) >= VOTERS as u64 - 40, "{counts:?}");
    let mut clerk = hall.signed_in("clerk");
    let overview = clerk.page("/reconciliation");
    assert!(
        overview.contains("строк: 25."),
        "rows of the new list: {overview}"
    );
    let rows = clerk.page("/reconciliation/not_found");
    assert!(
        rows.contains("X3") && rows.contains("Жок көчө, 3"),
        "{rows}"
    );

    // The same bytes are the same list.
    let again = commission.send_list(uploaded_list().as_bytes());
    assert_eq!(again.location, "/lists/1");
    // Who may be asked sees what is open, and of an open question no more than that.
    assert_eq!(rows_behind(&hall, "clerk"), 2, "open links, open addresses");
    let (same, distinct) = review_links(&hall, run);
    review_addresses(&hall, run);
    // Both decided links, both addresses: every number leads to its rows, and those to their persons.
    assert_eq!(rows_behind(&hall, "clerk"), 4);
    let accepted = clerk.page("/review/rows/same");
    assert!(accepted.contains("href=\"/person/"), "{accepted}");
    let placed = clerk.page("/review/rows/placed");
    assert!(placed.contains("Манас көчөсү, 59"), "{placed}");
    assert_eq!(clerk.get("/review/rows/any").status, 404);
    the_next_run_follows_the_answers(&hall, run, (&same, &distinct));
}

#[test]
fn a_sample_of_sure_links_is_answered_twice_and_blind_and_gives_the_share_of_wrong_ones() {
    let hall = Hall::filled(|config| config.uploads.sampled_per_100000 = 50_000);
    let mut commission = hall.signed_in("commission");
    commission.send_list(uploaded_list().as_bytes());
    wait(&hall, 1, ListStepKind::Reconciled);
    let run = hall
        .store
        .read("r", |tx| tx.find_last_reconciliation())
        .unwrap()
        .unwrap();
    let sample = hall.store.read("s", |tx| tx.sample_of_run(run)).unwrap();
    assert!(sample.len() >= 8, "half of the sure rows: {}", sample.len());
    let mut observer = hall.signed_in("observer");
    let before = observer.page("/review");
    sane("/review", &before);
    assert!(before.contains("пока ничего не решено"), "{before}");
    // Rows of the sample stand among the open ones and are not told apart.
    let open = hall.signed_in("clerk").page("/review/rows/open");
    let told: u64 = sample.len() as u64 + 2;
    assert!(open.contains(&format!("{told} стр")), "{open}");
    // Two people answer everything; the first sure link is said to be wrong by both.
    let wrong = sample.keys().next().unwrap().clone();
    for staff in ["clerk", "registrar"] {
        let mut browser = hall.signed_in(staff);
        loop {
            let page = browser.page("/review/links");
            if !page.contains("name=\"subject\"") {
                break;
            }
            let subject = field(&page, "subject");
            assert!(
                !page.contains("Выборка") && !page.contains("выборк"),
                "blind: {page}"
            );
            let says = if subject == wrong { "distinct" } else { "same" };
            let run = run.to_string();
            let fields = [("run", run.as_str()), ("subject", &subject), ("says", says)];
            assert_eq!(browser.post("/review/links", &fields).status, 303);
        }
    }
    let n = sample.len() as u64;
    let high = roll::audit::upper_bound_ppm(n, 1, 25);
    for path in ["/review", "/reconciliation"] {
        let page = observer.page(path);
        sane(path, &page);
        let told = hall::around(&page, "Доля неверных автоматических связей");
        let high = format!("{},{:02}", (high + 50) / 10_000, (high + 50) / 100 % 100);
        assert!(told.contains(&high), "{path}: {high} {told}");
    }
    let mut clerk = hall.signed_in("clerk");
    assert_eq!(rows_of(&mut clerk, "/review/rows/sample_distinct"), 1);
    assert_eq!(rows_of(&mut clerk, "/review/rows/sample_same"), n - 1);
    // It holds no release back: the doubtful rows are decided, and that is all.
    let open = observer.page("/review");
    assert!(
        open.contains("<b>0</b>"),
        "{}",
        hall::around(&open, "review.open")
    );
}

/// How many numbers of the review lead to their rows for an account: to as many as they say.
fn rows_behind(hall: &Hall, staff: &str) -> usize {
    let mut browser = hall.signed_in(staff);
    let page = browser.page("/review");
    let numbers: Vec<_> = leading(&page)
        .into_iter()
        .filter(|(href, _)| href.starts_with("/review/rows/"))
        .collect();
    for (href, count) in &numbers {
        assert_eq!(rows_of(&mut browser, href), *count, "{href}");
    }
    let bare = leading(&hall.signed_in("observer").page("/review"));
    assert!(bare.iter().all(|(href, _)| !href.contains("/rows/")));
    numbers.len()
}

/// The same rows in a later list: an accepted link is joined, a refused one never again, an address is placed.
fn the_next_run_follows_the_answers(hall: &Hall, run: u32, (same, distinct): (&str, &str)) {
    let more = format!("{}\nX9,,,,,,,", uploaded_list().trim_end());
    let mut commission = hall.signed_in("commission");
    assert_eq!(commission.send_list(more.as_bytes()).location, "/lists/2");
    wait(hall, 2, ListStepKind::Reconciled);
    let of = |subject: &str| {
        hall.store
            .read("rows", |tx| {
                let item = tx.find_review_item(run, subject)?.unwrap();
                let next = tx.find_last_reconciliation()?.unwrap();
                assert_eq!(next, run + 1);
                let again = tx.find_review_item(next, subject)?;
                Ok::<_, store::StoreError>((tx.reconciled_of_row(next, &item.row)?, item, again))
            })
            .unwrap()
    };
    let (rows, item, again) = of(same);
    let joined = format!("joined=review/{same}@");
    assert!(!rows.is_empty());
    for row in &rows {
        assert_eq!(row.person, item.person, "{row:?}");
        assert!(row.detail.starts_with("found=review"), "{row:?}");
        assert!(row.detail.contains(&joined), "{row:?}");
    }
    assert_eq!(again.map(|again| again.person), Some(item.person));
    let (rows, item, _) = of(distinct);
    let apart = format!("apart=review/{distinct}@");
    assert!(!rows.is_empty());
    for row in &rows {
        assert_ne!(row.person, item.person, "{row:?}");
        assert!(row.detail.contains(&apart), "{row:?}");
    }

    // What was decided stands in the figures of the new run and blocks nothing.
    let mut clerk = hall.signed_in("clerk");
    let overview = clerk.page("/review");
    sane("/review", &overview);
    assert!(overview.contains("(пар: 2)"), "{overview}");
    let blocked = clerk.page("/list/2");
    assert!(!blocked.contains("сомнительн"), "{blocked}");
    assert!(!blocked.contains("не размещ"), "{blocked}");
    let rows = clerk.page("/reconciliation/not_found");
    assert!(rows.contains("Адрес размещён разбором"), "{rows}");
    assert!(rows.contains("По границе участок"), "{rows}");
    assert!(rows.contains("Ответ разбора: такого дома нет"), "{rows}");
}

fn field(page: &str, name: &str) -> String {
    let tag = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
    tag.unwrap_or_else(|| panic!("no field {name}: {page}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Every link is answered twice here; one pair differs, and a third person decides. Gives the accepted link and the
/// refused one.
fn review_links(hall: &Hall, run: u32) -> (String, String) {
    let answer = |staff: &str, says: &str| {
        let mut browser = hall.signed_in(staff);
        let page = browser.page("/review/links");
        sane("/review/links", &page);
        if !page.contains("name=\"subject\"") {
            return None;
        }
        let subject = field(&page, "subject");
        let fields = [
            ("run", run.to_string()),
            ("subject", subject.clone()),
            ("says", says.to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let answer = browser.post("/review/links", &fields);
        assert_eq!(answer.status, 303, "{}", answer.body);
        // Asked again, the same account changes nothing.
        assert_eq!(browser.post("/review/links", &fields).status, 303);
        Some(subject)
    };
    let first = answer("clerk", "same").unwrap();
    let second = answer("clerk", "distinct").unwrap();
    assert_ne!(first, second);
    assert_eq!(answer("clerk", "same"), None, "two rows are doubtful");
    // Both wait for a second answer. The first account sees them; the one that may be asked is not told which.
    let waits = |staff: &str| rows_of(&mut hall.signed_in(staff), "/review/rows/second");
    assert_eq!((waits("clerk"), waits("registrar")), (2, 0));
    let told = hall.signed_in("registrar").page("/review/rows/second");
    assert!(told.contains("2 вопроса, которые зададут вам"), "{told}");
    assert_eq!(answer("registrar", "same").as_ref(), Some(&first));
    assert_eq!(answer("registrar", "same").as_ref(), Some(&second));
    assert_eq!(answer("registrar", "same"), None);

    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/review");
    sane("/review", &page);
    assert!(
        page.contains("50\u{a0}%") || page.contains("50,0\u{a0}%"),
        "one pair of two agrees: {page}"
    );
    let third = hall.another_clerk("clerk2");
    assert_eq!(answer(third, "distinct").as_ref(), Some(&second));
    let answers = hall
        .store
        .read("answers", |tx| tx.review_answers(run))
        .unwrap();
    let says: Vec<&str> = answers[&second].1.iter().map(|a| a.says.code()).collect();
    assert_eq!(says, ["distinct", "same", "distinct"]);
    assert_eq!(answers[&first].1.len(), 2);
    // Nothing waits any more, for anybody.
    assert_eq!(answer(third, "same"), None);
    let page = browser.page("/list/2");
    assert!(!page.contains("не разобран"), "{page}");
    (first, second)
}

fn review_addresses(hall: &Hall, run: u32) {
    let mut clerk = hall.signed_in("clerk");
    let blocked = clerk.page("/list/2");
    assert!(blocked.contains("2 адреса не размещены"), "{blocked}");
    let mut placed = Vec::new();
    loop {
        let page = clerk.page("/review/addresses");
        sane("/review/addresses", &page);
        if !page.contains("name=\"subject\"") {
            break;
        }
        let subject = field(&page, "subject");
        let mut send = |house: &str, other: &str| {
            let run = run.to_string();
            let fields = [
                ("run", run.as_str()),
                ("subject", subject.as_str()),
                ("house", house),
                ("other", other),
            ];
            clerk.post("/review/addresses", &fields)
        };
        let wrong = send("other", "GA12345");
        assert_eq!(wrong.status, 422, "a house that is none");
        assert!(wrong.body.contains("Дома с таким кодом"), "{}", wrong.body);
        let answer = if page.contains("Жок көчө") {
            send("none", "")
        } else {
            send("other", "GA59")
        };
        assert_eq!(answer.status, 303, "{}", answer.body);
        placed.push(subject);
    }
    assert_eq!(placed.len(), 2);
    let kept = hall
        .store
        .read("placed", |tx| tx.addresses_placed(run))
        .unwrap();
    let mut houses: Vec<Option<String>> = kept.into_values().collect();
    houses.sort();
    assert_eq!(houses, [None, Some("GA59".to_owned())]);
    let last = clerk.page("/list/2");
    assert!(!last.contains("не размещ"), "{last}");
}

#[test]
fn a_file_that_cannot_be_used_is_refused_by_name_and_nothing_is_kept() {
    let hall = Hall::without_list();
    let mut clerk = hall.signed_in("clerk");
    let check = |clerk: &mut Browser, file: &[u8], said: &str| {
        let answer = clerk.send_list(file);
        assert_eq!(answer.status, 422, "{said}: {}", answer.body);
        sane("/lists", &answer.body);
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    };
    check(&mut clerk, b"", "Файл не выбран или пуст");
    check(
        &mut clerk,
        b"pin,surname\n1,2\n",
        "Не хватает столбцов: row_id",
    );
    check(&mut clerk, b"row_id,\xd0\n", "не в UTF-8");
    check(&mut clerk, b"PAR1 and nothing more", "Parquet повреждён");
    check(&mut clerk, &vec![b'a'; (1 << 20) + 1], "больше 1 МиБ");
    let plain = clerk.post("/lists", &[("list", "a")]);
    assert_eq!(plain.status, 422);
    let editions = hall.store.read("all", |tx| tx.list_editions()).unwrap();
    assert!(editions.is_empty(), "{editions:?}");
    let left = std::fs::read_dir(hall.dir.path().join("uploads"))
        .unwrap()
        .count();
    assert_eq!(left, 0, "no part of a refused file stays");
    // Who may not upload is not even read.
    let mut observer = hall.signed_in("observer");
    assert_eq!(observer.send_list(uploaded_list().as_bytes()).status, 403);

    // Only bad rows: the list in force stays what it was.
    let answer = clerk.send_list(format!("{LIST_HEAD}A1,x\n").as_bytes());
    assert_eq!(answer.status, 303);
    wait(&hall, 1, ListStepKind::Refused);
    let page = clerk.page("/lists/1");
    assert!(page.contains("Не принята ни одна строка"), "{page}");
    let force = hall.store.read("force", |tx| tx.find_list_in_force());
    assert_eq!(force, Ok(None));
}

#[test]
fn work_that_was_stopped_goes_on_after_a_restart() {
    let hall = Hall::filled(|config| config.uploads.folder = None);
    let folder = hall.dir.path().join("again");
    // A program that died after the file was kept and half of the rows were read.
    let place = folder.join("00001");
    std::fs::create_dir_all(&place).unwrap();
    let half: String = uploaded_list()
        .lines()
        .take(9)
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(place.join("commission.csv"), &half).unwrap();
    hall.store
        .transact("upload", "clerk", |tx| {
            tx.record_list_edition("ab", "csv", 9)
        })
        .unwrap();
    let options = store::import::Options::default();
    store::import::edition(&hall.store, &place, 1, &options, &mut |_| {}).unwrap();
    std::fs::write(place.join("commission.csv"), uploaded_list()).unwrap();

    let _serving = hall.serve_again(|config| config.uploads.folder = Some(folder.clone()));
    wait(&hall, 1, ListStepKind::Reconciled);
    let steps = hall.store.read("steps", |tx| tx.list_steps(1)).unwrap();
    assert_eq!((steps[0].rows, steps[0].rejected), (27, 2));
    let counted = hall.store.read("n", |tx| tx.count_list_in_force()).unwrap();
    assert_eq!(counted, 25);
}

#[test]
fn a_list_that_fails_is_shown_with_its_reason_and_the_next_ones_go_on() {
    let hall = Hall::without_list();
    let mut clerk = hall.signed_in("clerk");
    // Where the result of the first list is to be written stands a folder: the disk refuses.
    let blocked = hall.dir.path().join("uploads/00001/reconciliation.parquet");
    std::fs::create_dir_all(&blocked).unwrap();
    let first = clerk.send_list(uploaded_list().as_bytes());
    assert_eq!(first.location, "/lists/1");
    let failed = |clerk: &mut Browser| {
        for _ in 0..600 {
            let page = clerk.page("/lists/1");
            if page.contains("Работа над этим списком остановилась")
            {
                return page;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the failure is not shown");
    };
    let page = failed(&mut clerk);
    sane("/lists/1", &page);
    assert!(page.contains("место на диске"), "the reason: {page}");
    assert!(clerk.page("/lists").contains("остановлен"));

    // Tried again while the disk refuses, it fails again and stays what it was.
    assert_eq!(clerk.post("/lists/1/resume", &[]).status, 303);
    failed(&mut clerk);
    std::fs::remove_dir(&blocked).unwrap();
    assert_eq!(clerk.post("/lists/1/resume", &[]).status, 303);
    wait(&hall, 1, ListStepKind::Reconciled);
    assert!(clerk.page("/lists/1").contains("сверен"));

    // A second one fails before it is read, so the third is behind it in the queue.
    std::fs::create_dir_all(hall.dir.path().join("uploads/00002/rejects.csv")).unwrap();
    let other = uploaded_list().replace("X3", "X4");
    assert_eq!(clerk.send_list(other.as_bytes()).location, "/lists/2");
    let third = uploaded_list().replace("X3", "X5");
    assert_eq!(clerk.send_list(third.as_bytes()).location, "/lists/3");
    wait(&hall, 3, ListStepKind::Reconciled);
    assert_eq!(
        hall.store.read("force", |tx| tx.find_list_in_force()),
        Ok(Some(3))
    );
}
