//! The commissions' protocols over HTTP: good rows, bad ones by line and field, a later file, and what is unexplained.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Hall, sane};
use lexicon::PrecinctCode;
use store::DayPrecinct;

fn identified(hall: &Hall, precinct: u16, counted: u64) {
    let day = DayPrecinct {
        precinct: PrecinctCode::new(precinct).unwrap(),
        edition: 0,
        release: 2,
        lines: 128,
        lines_per_page: 25,
        counted,
        is_whole: true,
        reported: Some(counted),
    };
    hall.store
        .transact("day", "test", |tx| {
            tx.record_day_precinct(&day, &[], &[], &[])
        })
        .unwrap();
}

#[test]
fn protocols_are_compared_by_cause_and_bad_rows_go_to_the_rejects() {
    let hall = Hall::full();
    identified(&hall, 1001, 90);
    identified(&hall, 1002, 12);
    let mut desk = hall.signed_in("commission");
    let before = desk.page("/protocols");
    assert!(
        before.contains("Пока не сверен ни один участок"),
        "{before}"
    );
    let file = "\u{feff}received;precinct;finger;not_on_list;fallback;fault\r\n\
        100;1001;3;1;2;;\r\n\
        10;1002;;;;\r\n\
        7;9999;;;;\r\n\
        x;3001;;;;\r\n\
        9;1001;;;;\r\n\
        5;5001;6;;;\r\n\
        5;3001;;-1;;\r\n";
    let answer = desk.send_file("/protocols", file.as_bytes());
    assert_eq!(answer.location, "/protocols?taken=1", "{}", answer.body);
    let page = desk.page("/protocols?taken=1");
    sane("/protocols", &page);
    assert!(page.contains("Принято строк: 2, не принято: 5."), "{page}");
    assert!(page.contains("Участки с необъяснённым"), "{page}");
    let rejects = desk.page("/protocols/1/rejects");
    for row in [
        "4,precinct,precinct,",
        "5,received,number,",
        "6,precinct,twice,",
        "7,received,causes,",
        "8,not_on_list,number,",
    ] {
        assert!(rejects.contains(row), "{row}: {rejects}");
    }
    let table = desk.page("/protocols/table");
    let row = |precinct: &str| {
        let found = table.lines().find(|row| row.starts_with(precinct));
        found.unwrap_or_default().to_owned()
    };
    assert!(
        row("1001").ends_with(",differs,100,90,1,3,2,0,4,0"),
        "{table}"
    );
    assert!(
        row("1002").ends_with(",differs,10,12,0,0,0,0,0,2"),
        "{table}"
    );
    assert!(row("3001").ends_with(",no_protocol,,,,,,,,"), "{table}");
    // A later file stands in place of the earlier one for the precinct that it names, and for no other.
    desk.send_file(
        "/protocols",
        b"precinct,received,fault\n1001,100,10\n3001,4,0\n",
    );
    let table = desk.page("/protocols/table");
    assert!(table.contains(",agrees,100,90,0,0,0,10,0,0"), "{table}");
    assert!(table.contains(",differs,10,12,0,0,0,0,0,2"), "{table}");
    assert!(
        table
            .lines()
            .any(|row| row.starts_with("3001") && row.contains(",no_day,"))
    );
    let nothing = desk.send_file("/protocols", b"precinct,ballots\n1001,3\n");
    assert_eq!(nothing.status, 422);
    assert!(
        nothing.body.contains("Нужны столбцы precinct и received."),
        "{}",
        nothing.body
    );
    // Windows-1251, and a table saved as UTF-16: what is wrong is the encoding, not a column's name.
    for wrong in [
        b"precinct,received\n1001,\xef\xf2\xfc\n".as_slice(),
        b"\xff\xfep\0r\0",
    ] {
        let answer = desk.send_file("/protocols", wrong);
        assert_eq!(answer.status, 422);
        assert!(
            answer.body.contains("Файл не CSV в кодировке UTF-8."),
            "{}",
            answer.body
        );
    }
    assert!(
        desk.page("/protocols?lang=en")
            .contains("Marks without a ballot")
    );
}
