//! The desk of PIN conflicts over HTTP: two officers sign, a lot is made, nobody sees more than their role.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Hall, PASSWORD, conflict, folder, sane};
use lexicon::{Date, Instant};
use store::{Journal, Staff};

#[test]
fn a_conflict_left_open_needs_two_different_officers() {
    let hall = Hall::without_list();
    let other = Staff {
        staff: "registrar2".to_owned(),
        display: "Экинчи".to_owned(),
        role: "registrar".to_owned(),
        password: office::password::hash(PASSWORD, &[8; 16]).unwrap(),
        active: true,
        failures: 0,
        locked_until: Instant::from_micros(0),
    };
    hall.store
        .transact("staff", "test", |tx| tx.record_staff(&other))
        .unwrap();
    let path = format!("/conflict/{}", conflict());
    let sign = format!("{path}/sign");
    let mut first = hall.signed_in("registrar");
    let page = first.page(&path);
    assert!(page.contains("подписей: 0 из 2") && page.contains("ждёт ответа"));
    assert!(page.contains("2 09011950 70000"), "the PIN in conflict");
    let short = first.post(&sign, &[("why", "нет")]);
    assert_eq!(short.status, 422);
    sane(&path, &short.body);
    assert!(short.body.contains("Опишите причину предложением"));
    let why = [("why", "архив района сгорел, ответа не будет")];
    assert_eq!(first.post(&sign, &why).location, path);
    let twice = first.post(&sign, &why);
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("вторым подписывает другой сотрудник"));
    let today = Date::constant(2015, 9, 26);
    let blocking = || {
        let counts = hall.store.read("c", |tx| tx.conflict_counts(today));
        counts.unwrap().blocking()
    };
    let before = blocking();
    let mut second = hall.signed_in("registrar2");
    assert_eq!(second.post(&sign, &why).location, path);
    assert_eq!(blocking(), before - 1, "a freeze no longer waits for it");
    assert!(second.page(&path).contains("подписано двумя"));
    hall.store
        .read("v", |tx| tx.verify_journal(Journal::Registry))
        .unwrap();
}

#[test]
fn the_agencys_answers_are_taken_back_on_the_page() {
    let hall = Hall::without_list();
    let mut registrar = hall.signed_in("registrar");
    sane("/conflicts/answers", &registrar.page("/conflicts/answers"));
    let file = registrar.get("/conflicts/lot/1").body;
    let case = conflict().to_string();
    let mut answers = ["KEEPS,,Акт 7,2015-09-25", "ENDS,,Акт 7,2015-09-25"].iter();
    let lines: Vec<String> = file
        .lines()
        .map(|line| match line.strip_suffix(",,,,") {
            Some(head) if line.contains(&case) => format!("{head},{}", answers.next().unwrap()),
            Some(_) | None => line.to_owned(),
        })
        .collect();
    let filled = lines.join("\n");
    assert_eq!(
        hall.signed_in("clerk")
            .send_file("/conflicts/answers", filled.as_bytes())
            .status,
        403
    );
    let none = registrar.send_file("/conflicts/answers", b"case\n");
    assert_eq!(none.status, 422);
    sane("/conflicts/answers", &none.body);
    let future = filled.replace("2015-09-25", "2015-10-25");
    let refused = registrar.send_file("/conflicts/answers", future.as_bytes());
    assert!(
        refused.body.contains("День акта как ГГГГ-ММ-ДД"),
        "{}",
        refused.body
    );
    let taken = registrar.send_file("/conflicts/answers", filled.as_bytes());
    assert_eq!(taken.status, 200);
    sane("/conflicts/answers", &taken.body);
    assert!(
        taken.body.contains("Принят 1 новый ответ"),
        "{}",
        taken.body
    );
    let card = registrar.page(&format!("/conflict/{}", conflict()));
    assert!(card.contains("Акт 7"), "{card}");
    let state = hall
        .store
        .read("v", |tx| {
            tx.conflict_view(conflict(), Date::constant(2015, 9, 26))
        })
        .unwrap()
        .unwrap()
        .state;
    assert_eq!(state, store::conflicts::ConflictState::Settled);
}

#[test]
fn a_lot_is_made_with_a_day_and_a_reason_and_told_in_the_reads() {
    let hall = Hall::without_list();
    let mut browser = hall.signed_in("registrar");
    let send = |browser: &mut hall::Browser, due: &str, why: &str| {
        browser.post("/conflicts/export", &[("due", due), ("why", why)])
    };
    let bare = send(&mut browser, "30.09.2015", "");
    assert_eq!(bare.status, 422);
    assert!(bare.body.contains("Выберите причину выгрузки"));
    for day in ["", "завтра", "25.09.2015"] {
        let wrong = send(&mut browser, day, "quality");
        assert_eq!(wrong.status, 422, "{day}");
        sane("/conflicts", &wrong.body);
        assert!(wrong.body.contains("Напишите день как ДД.ММ.ГГГГ"), "{day}");
    }
    // Everything is with the agency already; when the day has passed it is asked again.
    let nothing = send(&mut browser, "30.09.2015", "quality");
    assert!(
        nothing.body.contains("Отправлять нечего"),
        "{}",
        nothing.body
    );
    hall.clock.pass(3 * 24 * 60);
    let mut browser = hall.signed_in("registrar");
    assert!(browser.page("/conflicts").contains("срок прошёл"));
    let looks = hall::reads(&hall.store, "registrar");
    let lot = send(&mut browser, "2015-10-01", "quality");
    assert_eq!(lot.status, 200);
    assert!(
        lot.headers.contains("conflicts-lot-0002.csv"),
        "{}",
        lot.headers
    );
    assert!(lot.body.contains(&conflict().to_string()));
    assert!(lot.body.contains(&folder::pin(0)));
    assert_eq!(hall::reads(&hall.store, "registrar"), looks + 1);
    let again = browser.get("/conflicts/lot/2");
    assert_eq!(again.body, lot.body, "byte for byte");
    assert_eq!(browser.get("/conflicts/lot/9").status, 404);
    // An observer sees how many and no case; a call centre nobody's records.
    let figures = hall.signed_in("observer").page("/conflicts");
    assert!(!figures.contains("href=\"/conflict/"), "no way to a case");
}
