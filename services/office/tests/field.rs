//! Field verification over HTTP: lots handed out and taken back, answers decided between, and the dashboard that follows.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Browser, Hall, sane};

/// The file of the first lot, its first entry filled in otherwise than the answer that the hall took.
fn filled(file: &str, member: &str) -> String {
    let first = file.lines().nth(1).unwrap();
    let head = first.strip_suffix(",,,,").unwrap();
    let says = if first.contains(",ADDRESS,") {
        "BELONGS,1001"
    } else {
        "NOT_HERE,"
    };
    file.replacen(first, &format!("{head},{says},2015-09-26,{member}"), 1)
}

/// Whether the release's dashboard names entries in conflict; what it shows is what a fresh program counts.
fn names_conflict(hall: &Hall, browser: &mut Browser) -> bool {
    let page = browser.page("/list/2");
    let fresh = hall.serve_again(|_| {});
    let again = Browser::at(fresh.address, "observer").page("/list/2");
    let blockers = |page: &str| -> Vec<String> {
        let panel = page.split("Мешает подписать").nth(1).unwrap();
        let cells = panel
            .split("<tr>")
            .take_while(|row| !row.contains("</section>"));
        cells
            .filter_map(|row| row.split("<b>").nth(1))
            .map(|rest| rest.split("</td>").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(blockers(&page), blockers(&again), "kept counts are stale");
    page.contains("запись проверки с противоречащими ответами")
}

#[test]
fn a_clerk_hands_out_takes_back_and_decides_and_the_dashboard_follows() {
    let hall = Hall::full();
    let mut observer = hall.signed_in("observer");
    let mut clerk = hall.signed_in("clerk");
    assert!(!names_conflict(&hall, &mut observer));

    // Everything is in lots; a day of before and a lot of nothing are corrected at their fields.
    let none = clerk.post("/field", &[("due", "29.09.2015"), ("entries", "100")]);
    assert_eq!(none.location, "/field?nothing=1");
    sane("/field", &clerk.page("/field?nothing=1"));
    for (due, entries) in [("25.09.2015", "100"), ("29.09.2015", "0")] {
        let wrong = clerk.post("/field", &[("due", due), ("entries", entries)]);
        assert_eq!(wrong.status, 422, "{due} {entries}");
        sane("/field", &wrong.body);
    }
    let table = observer.get("/field/table").body;
    assert!(
        table.contains("lot,precinct,aimak,made,due,entries,open"),
        "{table}"
    );

    let file = clerk.get("/field/lot/1/file");
    assert_eq!(file.status, 200);
    let before = hall::reads(&hall.store, "clerk");
    let again = clerk.get("/field/lot/1/file");
    assert_eq!(again.body, file.body, "byte for byte");
    assert_eq!(
        hall::reads(&hall.store, "clerk"),
        before + 1,
        "each look is kept"
    );
    assert_eq!(clerk.get("/field/lot/99/file").status, 404);

    // What cannot be read is said by column; the rest of the file goes on.
    let no_column = clerk.send_file("/field/answers", b"lot,entry\n1,1\n");
    assert_eq!(no_column.status, 422);
    sane("/field/answers", &no_column.body);
    assert!(
        no_column.body.contains("нет столбца version"),
        "{}",
        no_column.body
    );
    let bad = filled(&file.body, "Үсөнова А.").replace(",2015-09-26,", ",26.09.2015,");
    let rejected = clerk.send_file("/field/answers", bad.as_bytes());
    assert!(
        rejected.body.contains("1 строка не принята"),
        "{}",
        rejected.body
    );
    assert!(rejected.body.contains("День визита как ГГГГ-ММ-ДД"));

    // A second answer says otherwise: both are kept, and the freeze waits for a person.
    let other = filled(&file.body, "Үсөнова А.");
    let taken = clerk.send_file("/field/answers", other.as_bytes());
    assert_eq!(taken.status, 200);
    sane("/field/answers", &taken.body);
    assert!(
        taken.body.contains("Принят 1 новый ответ"),
        "{}",
        taken.body
    );
    assert!(names_conflict(&hall, &mut observer), "a blocker by name");
    let twice = clerk.send_file("/field/answers", other.as_bytes());
    assert!(
        twice.body.contains("1 строка принята раньше"),
        "{}",
        twice.body
    );

    let entry = [("lot", "1"), ("place", "1"), ("seen", "2")];
    let decide = |clerk: &mut Browser, chosen, why| {
        let mut fields = entry.to_vec();
        fields.extend([("chosen", chosen), ("why", why)]);
        clerk.post("/field/decide", &fields)
    };
    let why = "повторный выезд подтвердил второй ответ";
    for (chosen, why) in [("", why), ("2", "да"), ("9", why)] {
        let wrong = decide(&mut clerk, chosen, why);
        assert_eq!(wrong.status, 422, "{chosen} {why}");
        sane("/field/answers", &wrong.body);
    }
    assert!(names_conflict(&hall, &mut observer));
    let done = decide(&mut clerk, "2", why);
    assert_eq!(done.location, "/field/answers?done=1", "{}", done.body);
    assert!(!names_conflict(&hall, &mut observer), "settled");
    let twice = decide(&mut clerk, "1", why);
    assert_eq!(twice.status, 422);
    assert!(
        twice.body.contains("решать больше нечего"),
        "{}",
        twice.body
    );
    let lot = clerk.page("/field/lot/1");
    assert!(lot.contains("остаётся ответ 2") && lot.contains(why));
    assert!(
        lot.contains("Осмонов Т.") && lot.contains("Үсөнова А."),
        "both are kept"
    );
    assert_eq!(observer.post("/field/decide", &entry).status, 403);
}
