//! A second folder a month later, as the office shows it: what stood and what stands now, and who is told what.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Chain, Hall, form, person};
use office::receive_roll;
use store::import::{self, Options};

/// Replaces a text in a table of the made-up register; it must stand there once.
fn edit(hall: &Hall, table: &str, before: &str, after: &str) {
    let path = hall.dir.path().join(format!("import/{table}.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(before).count(), 1, "{table}: {before}");
    std::fs::write(path, text.replace(before, after)).unwrap();
}

fn line(hall: &Hall, table: &str, start: &str) -> String {
    let path = hall.dir.path().join(format!("import/{table}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let found = text.lines().find(|line| line.starts_with(start));
    found.unwrap().to_owned()
}

#[test]
fn history_why_page_and_letter_tell_what_changed() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    let source = chain.source(&hall.law);
    receive_roll(&hall.store, &hall.roll, source).unwrap();

    let passport = line(
        &hall,
        "documents",
        &format!("{},", hall::folder::document(20)),
    );
    edit(
        &hall,
        "documents",
        &passport,
        &passport.replace("valid", "lost"),
    );
    let home = line(&hall, "residences", "g21,");
    edit(&hall, "residences", &home, &format!("{home}2015-08-01"));
    let capture = line(&hall, "enrolments", "GE-waiting,");
    edit(
        &hall,
        "enrolments",
        &capture,
        &capture.replace("2014-12-01,", "2014-12-01,2015-09-18"),
    );
    let precinct = line(&hall, "precincts", "1001,");
    edit(
        &hall,
        "precincts",
        &precinct,
        &precinct.replace("ул. Манаса, 1001", "ул. Новая, 5"),
    );
    let events = hall.dir.path().join("import/civil_events.csv");
    let text = std::fs::read_to_string(&events).unwrap();
    let wider: String = text
        .lines()
        .enumerate()
        .map(|(at, line)| match at {
            0 => format!("{line},birth_date\n"),
            _ => format!("{line},\n"),
        })
        .collect();
    let correction = "GV-g22,g22,correction,2015-09-01,К-22,,,,1972-01-19\n";
    std::fs::write(events, format!("{wider}{correction}")).unwrap();

    let folder = hall.dir.path().join("import");
    let report = import::folder(&hall.store, &folder, &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.reasons);
    let changed: u64 = report.tables.iter().map(|table| table.changed).sum();
    assert_eq!(changed, 4, "{report:?}");
    let second = form(&hall.store, &hall.law, &chain, hall.dir.path(), 2);
    receive_roll(&hall.store, &second, source).unwrap();

    let mut browser = hall.signed_in("registrar");
    let mut page = |path: String| browser.page(&path);
    let of = |row: &str| format!("/person/{}", person(row));
    let lacks = "В реестре нет документа, действительного в день выборов (4 октября 2015";
    let why = page(format!("{}/why", of("g20")));
    assert!(
        why.contains(lacks) && why.contains("Есть в списке L2"),
        "{why}"
    );
    let letter = page(format!("{}/letter", of("g20")));
    for said in [lacks, "Реестрде шайлоо күнү", "калкты тейлөө борборуна"]
    {
        assert!(letter.contains(said), "{said}\n{letter}");
    }
    let history = page(of("g20"));
    assert!(history.contains("действует → утерян"), "{history}");
    // Whose document stands is told nothing of the kind.
    let why = page(format!("{}/why", of("g19")));
    assert!(!why.contains("В реестре нет документа"), "{why}");

    let why = page(format!("{}/why", of("g21")));
    assert!(why.contains("Нет в списке L2"), "{why}");
    let history = page(of("g21"));
    assert!(history.contains("Адрес снят с учёта"), "{history}");
    assert!(page(format!("{}/why", of("waiting"))).contains("Есть в списке L2"));
    let history = page(of("g22"));
    assert!(
        history.contains("Запись исправлена") && history.contains("К-22"),
        "{history}"
    );
    let moved = page("/list/2/precinct/1001".to_owned());
    assert!(moved.contains("ул. Новая, 5"), "{moved}");
}
