//! The turnout desk over HTTP: digits and texts, a wrong group, forged and late ones, a file, what regions add up to.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Chain, Hall, sane, turnout_key};
use keys::FileKey;
use lexicon::Instant;
use lexicon::handover::envelope::{DocumentType, Signer, Subject, encode, sign_all};
use lexicon::handover::turnout::{DeskKey, HourTurnout, Scope, grouped};
use office::manifests::{ManifestError, receive_manifests};

const ELECTION: u32 = 20_151_004;

fn kit(n: u32) -> FileKey {
    FileKey::from_seed(b"office tests", &format!("kit {n}"))
}

/// The public manifest of precinct 1001 with two kits, signed by `signers`.
fn manifest(hall: &Hall, signers: &[&dyn Signer]) -> Vec<u8> {
    manifest_of(hall, 1001, hall.law.election.offset_minutes, signers)
}

/// The same of a precinct that votes by this clock.
fn manifest_of(hall: &Hall, precinct: u16, offset: i64, signers: &[&dyn Signer]) -> Vec<u8> {
    let day = hall.law.election.day;
    let at = |minutes| Instant::at_local(day, minutes, offset).micros();
    let entry = |n: u32| hall::manifest::kit(&format!("K{n}"), &kit(n), (n - 1) * 50 + 1, n * 50);
    let kits = (1..=2).map(entry).collect();
    let mut manifest = hall::manifest::manifest((ELECTION, precinct), at(480), kits, Vec::new());
    manifest.policy.offset_minutes = i32::try_from(offset).unwrap();
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: ELECTION,
    };
    sign_all(subject, &encode(&manifest), signers).unwrap()
}

/// Takes the manifest of precinct 1001 in.
fn certify(hall: &Hall) {
    let chain = Chain::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("1001.manifest.cose");
    let source = chain.source(&hall.law);
    assert!(matches!(
        receive_manifests(&hall.store, dir.path(), source),
        Err(ManifestError::Empty)
    ));
    std::fs::write(&path, manifest(hall, &[&chain.srs])).unwrap();
    let single = receive_manifests(&hall.store, dir.path(), chain.source(&hall.law));
    assert!(matches!(single, Err(ManifestError::Document { .. })));
    std::fs::write(&path, manifest(hall, &[&chain.srs, &chain.cec])).unwrap();
    for new in [1, 0] {
        let taken = receive_manifests(&hall.store, dir.path(), chain.source(&hall.law));
        assert_eq!(taken.unwrap(), (1, new));
    }
}

fn said(hour: u8, number: u8, count: u32) -> HourTurnout {
    HourTurnout {
        election: ELECTION,
        precinct: 1001,
        kit: 1,
        scope: Scope::Precinct,
        hour,
        number,
        count,
    }
}

fn text(said: HourTurnout) -> String {
    said.text(&said.sign(&kit(u32::from(said.kit))).unwrap())
}

fn digits(said: HourTurnout) -> String {
    let desk = turnout_key();
    let key = DeskKey::agree(&kit(u32::from(said.kit)), &desk.public_key(), ELECTION).unwrap();
    grouped(&said.digits(Some(&key)).unwrap()).join(" ")
}

fn to_the_day(hall: &Hall) {
    let now = Instant::parse("2015-10-04T10:05:00+06:00").unwrap();
    hall.clock
        .0
        .store(now.micros(), std::sync::atomic::Ordering::Relaxed);
}

#[test]
fn a_stations_day_by_telephone_and_sms() {
    let hall = Hall::full();
    certify(&hall);
    to_the_day(&hall);
    let mut desk = hall.signed_in("call_centre");
    let before = desk.page("/hours");
    sane("/hours", &before);
    assert!(
        before.contains("Ключи комплектов есть по 1 участкам"),
        "{before}"
    );
    // Digits, read aloud with spaces.
    let nine = said(9, 1, 3);
    let answer = desk.post("/hours", &[("message", &digits(nine))]);
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (303, "/hours?hour=9&taken=1")
    );
    let page = desk.page(&answer.location);
    sane(&answer.location, &page);
    assert!(
        page.contains("Участок 1001, к 09:00: избирателей 3,"),
        "{page}"
    );
    assert!(page.contains("подлинность подтверждена") && page.contains("с опозданием"));
    // The same by SMS is surer: it is kept beside. Once more it is known.
    assert_eq!(
        desk.post("/hours", &[("message", &text(nine))]).location,
        "/hours?hour=9&taken=2"
    );
    let again = desk.post("/hours", &[("message", &text(nine))]).location;
    assert_eq!(again, "/hours?hour=9&taken=2&known=1");
    assert!(desk.page(&again).contains("Это сообщение уже было принято"));
    // In time, then corrected.
    let ten = desk
        .post("/hours", &[("message", &text(said(10, 1, 5)))])
        .location;
    assert!(!desk.page(&ten).contains("с опозданием"));
    desk.post("/hours", &[("message", &text(said(10, 2, 6)))]);
    let history = desk.page("/hours/precinct/1001");
    sane("/hours/precinct/1001", &history);
    assert!(
        history.contains("исправлено") && history.contains("заменено"),
        "{history}"
    );
    assert_eq!(
        history.matches("<th scope=\"row\">10:00").count(),
        3,
        "one figure, two messages"
    );
    // The day after: a precinct that was closed at noon votes on.
    let second = desk.post("/hours", &[("message", &text(said(34, 1, 7)))]);
    assert_eq!(second.status, 303);
    let page = desk.page(&second.location);
    assert!(page.contains("к 10:00 (05.10): избирателей 7,"), "{page}");
    let history = desk.page("/hours/precinct/1001");
    assert!(history.contains("10:00 (05.10)"), "{history}");
    assert!(
        desk.page("/hours/table/precincts")
            .contains(",2015-10-05T04:00:00Z,2015-10-05,10,7,signed,"),
    );
    let missing = desk.page("/hours?hour=10");
    assert!(missing.contains("Участки без сообщения") && missing.contains("/hours/precinct/1002"));
    assert!(desk.page("/hours/table/regions").contains("10,TOTAL,"));
    let precincts = desk.page("/hours/table/precincts");
    assert!(
        precincts.contains(",10,6,signed,,2,2015-10-04T04:05:00Z,0,0"),
        "{precincts}"
    );
    assert!(
        precincts.contains(",9,3,signed,,1,2015-10-04T04:05:00Z,1,0"),
        "{precincts}"
    );
    assert!(
        precincts
            .lines()
            .any(|row| row.starts_with("1002,") && row.ends_with(",10,,,,,,,"))
    );
    let english = desk.page("/hours/precinct/1001?lang=en");
    assert!(english.contains("nothing is overwritten"));
}

#[test]
fn a_misheard_group_a_forged_text_and_what_cannot_be_are_refused_with_the_next_step() {
    let hall = Hall::full();
    certify(&hall);
    to_the_day(&hall);
    let mut desk = hall.signed_in("clerk");
    let mut refused = |message: &str, expected: &str| {
        let answer = desk.post("/hours", &[("message", message)]);
        assert_eq!(answer.status, 422, "{message}: {}", answer.body);
        sane("/hours", &answer.body);
        assert!(answer.body.contains(expected), "{message}: {}", answer.body);
        assert!(
            answer.body.contains(&message.replace('&', "&amp;")),
            "what was typed stays"
        );
    };
    let good = digits(said(9, 1, 3));
    let wrong = |group: usize, four: &str| {
        let mut groups: Vec<&str> = good.split(' ').collect();
        groups[group] = four;
        groups.join(" ")
    };
    refused(
        &wrong(1, "0911"),
        "Группа 2 услышана неверно. Попросите прочесть только эту группу.",
    );
    refused(&wrong(5, "0000"), "Группа 6 услышана неверно.");
    refused(&wrong(0, "9999"), "Группа 1 услышана неверно.");
    refused(&good[..24], "Введено цифр: 20, нужно 24.");
    refused("жок", "Это не сообщение о явке.");
    // Another desk's secret: the check fits, the caller is not the kit.
    let stranger = FileKey::from_seed(b"stranger", "desk");
    let key = DeskKey::agree(&kit(1), &stranger.public_key(), ELECTION).unwrap();
    refused(
        &said(9, 1, 3).digits(Some(&key)).unwrap(),
        "подлинность нет",
    );
    let forged = said(9, 1, 3).text(&said(9, 1, 4).sign(&kit(1)).unwrap());
    refused(&forged, "Подпись не этого комплекта. Не принимайте.");
    let by_other = said(9, 1, 3).text(&said(9, 1, 3).sign(&kit(2)).unwrap());
    refused(&by_other, "Подпись не этого комплекта.");
    refused(
        &text(HourTurnout {
            kit: 3,
            ..said(9, 1, 3)
        }),
        "нет такого комплекта",
    );
    refused(
        &text(said(9, 1, 5_000)),
        "Больше, чем избирателей в списке (128)",
    );
    refused(
        &text(HourTurnout {
            precinct: 4444,
            ..said(9, 1, 3)
        }),
        "Участка с таким номером в списке нет",
    );
    let other = HourTurnout {
        election: 20_201_004,
        ..said(9, 1, 3)
    };
    refused(&text(other), "Сообщение с других выборов: 20201004.");
    assert!(
        desk.page("/hours").contains("Сообщений нет."),
        "nothing was kept"
    );
}

#[test]
fn a_file_keeps_its_bad_lines_and_an_unchecked_message_displaces_no_signed_one() {
    let hall = Hall::full();
    certify(&hall);
    to_the_day(&hall);
    let mut desk = hall.signed_in("commission");
    let unchecked = HourTurnout {
        precinct: 1002,
        ..said(10, 1, 1)
    };
    let forged = said(10, 99, 90).digits(None).unwrap();
    let lines = [
        text(said(10, 1, 5)),
        String::new(),
        "=cmd|calc".to_owned(),
        text(said(10, 1, 5)),
        text(unchecked),
        digits(said(10, 1, 5)).replace("1001", "1011"),
        forged,
    ];
    let file = format!("\u{feff}{}\r\n", lines.join("\r\n"));
    let answer = desk.send_file("/hours/file", file.as_bytes());
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (303, "/hours/file/1"),
        "{}",
        answer.body
    );
    let page = desk.page("/hours/file/1");
    sane("/hours/file/1", &page);
    assert!(
        page.contains("Контрольное число не сходится") && !page.contains("услышана неверно"),
        "{page}"
    );
    let rejects = desk.page("/hours/file/1/rejects");
    assert!(rejects.contains("3,no_message,"), "{rejects}");
    assert!(
        rejects.contains("'=cmd|calc"),
        "no cell runs as a formula: {rejects}"
    );
    assert!(rejects.contains("6,check,"));
    let batch = hall
        .store
        .read("batch", |tx| tx.find_hour_batch(1))
        .unwrap()
        .unwrap()
        .0;
    assert_eq!(
        (batch.lines, batch.taken, batch.known, batch.refused),
        (6, 3, 1, 2)
    );
    // Number 99 by telephone without an authenticator waits; the signed count stands.
    let history = desk.page("/hours/precinct/1001");
    assert!(
        history.contains("ждёт проверки") && history.contains("противоречие"),
        "{history}"
    );
    assert!(
        desk.page("/hours/table/precincts")
            .contains(",10,5,signed,,1,")
    );
    let other = desk.page("/hours/precinct/1002");
    assert!(
        other.contains("Подпись не проверена: нет сертификата"),
        "{other}"
    );
    // The same file again adds nothing.
    desk.send_file("/hours/file", file.as_bytes());
    let batch = hall
        .store
        .read("batch", |tx| tx.find_hour_batch(2))
        .unwrap()
        .unwrap()
        .0;
    assert_eq!((batch.taken, batch.known, batch.refused), (0, 4, 2));
    // No text, no file.
    let binary = desk.send_file("/hours/file", &[0xff, 0xfe, 0x00]);
    assert_eq!(binary.status, 422);
    assert!(binary.body.contains("Файл не является текстом UTF-8."));
}

/// S-24. Story: 1001 at home, one mission at +9 and one at −5 report by their own clocks; the mission in the east corrects an
/// hour after the west's evening. Expect: one order by UTC over the border of the day, local hours of each beside it, the
/// corrected figure in its old place, the late one marked, and the last moment the sum of the last hours.
#[test]
fn s_24_missions_of_two_clocks_beside_home_have_one_order_by_utc() {
    let hall = Hall::full();
    let chain = Chain::new();
    let dir = tempfile::tempdir().unwrap();
    let clocks = [(1001, 6), (5001, 9), (3001, -5)];
    for (precinct, hours) in clocks {
        let signed = manifest_of(&hall, precinct, hours * 60, &[&chain.srs, &chain.cec]);
        let path = dir.path().join(format!("{precinct}.manifest.cose"));
        std::fs::write(path, signed).unwrap();
    }
    receive_manifests(&hall.store, dir.path(), chain.source(&hall.law)).unwrap();
    let (east, west) = (5001, 3001);
    let of = |precinct, hour, number, count| HourTurnout {
        precinct,
        ..said(hour, number, count)
    };
    let mut desk = hall.signed_in("call_centre");
    let mut say = |when: &str, said: HourTurnout| {
        let now = Instant::parse(when).unwrap();
        let clock = &hall.clock.0;
        clock.store(now.micros(), std::sync::atomic::Ordering::Relaxed);
        desk = hall.signed_in("call_centre");
        let taken = desk.post("/hours", &[("message", &text(said))]);
        assert_eq!(taken.status, 303, "{said:?}: {}", taken.body);
        desk.page(&taken.location)
    };
    say("2015-10-04T06:05:00+06:00", of(east, 9, 1, 1));
    say("2015-10-04T09:05:00+06:00", of(1001, 9, 1, 10));
    let late = say("2015-10-04T14:30:00+06:00", of(east, 14, 1, 3));
    assert!(late.contains("с опозданием"), "its own 15:00 was over");
    say("2015-10-04T17:05:00+06:00", of(east, 20, 1, 5));
    say("2015-10-04T20:05:00+06:00", of(1001, 20, 1, 60));
    let in_time = say("2015-10-04T20:06:00+06:00", of(west, 9, 1, 2));
    assert!(
        !in_time.contains("с опозданием"),
        "its own 09:00 has just ended"
    );
    say("2015-10-05T07:05:00+06:00", of(west, 20, 1, 4));
    say("2015-10-05T07:10:00+06:00", of(east, 14, 2, 4));
    let mut desk = hall.signed_in("observer");
    let page = desk.page("/hours");
    sane("/hours", &page);
    let curve = page.split("id=\"clocks\"").nth(1).unwrap();
    let curve = curve.split("</table>").next().unwrap();
    for zone in ["UTC", "UTC+9", "UTC+6", "UTC\u{2212}5"] {
        assert!(curve.contains(&format!(">{zone}</th>")), "{zone}: {curve}");
    }
    // UTC, the west's, home's and the east's clock, voters by then.
    let expected = [
        ["24:00 (03.10)", "19:00 (03.10)", "06:00", "09:00", "1"],
        ["03:00", "22:00 (03.10)", "09:00", "12:00", "11"],
        ["05:00", "24:00 (03.10)", "11:00", "14:00", "14"],
        ["11:00", "06:00", "17:00", "20:00", "15"],
        ["14:00", "09:00", "20:00", "23:00", "67"],
        [
            "01:00 (05.10)",
            "20:00",
            "07:00 (05.10)",
            "10:00 (05.10)",
            "69",
        ],
    ];
    let cells = |row: &str| -> Vec<String> {
        row.split("</t")
            .filter_map(|cell| cell.rsplit('>').next())
            .map(str::to_owned)
            .collect()
    };
    let rows: Vec<Vec<String>> = curve.split("<tr>").skip(2).map(cells).collect();
    assert_eq!(rows.len(), expected.len(), "no hour twice: {curve}");
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row[..4], expected[..4], "{row:?}");
        assert!(
            curve.contains(&format!("<b>{}</b>", expected[4])),
            "{expected:?}: {curve}"
        );
    }
    let table = desk.page("/hours/table/regions");
    let totals: Vec<&str> = table
        .lines()
        .filter(|row| row.contains(",TOTAL,"))
        .collect();
    let moments: Vec<&str> = totals.iter().map(|row| &row[..20]).collect();
    let mut sorted = moments.clone();
    sorted.sort_unstable();
    assert_eq!(moments, sorted, "{table}");
    assert!(
        totals[0].starts_with("2015-10-04T00:00:00Z,2015-10-04,6,TOTAL,"),
        "{}",
        totals[0]
    );
    assert!(
        totals[5].starts_with("2015-10-05T01:00:00Z,2015-10-05,7,TOTAL,"),
        "{}",
        totals[5]
    );
    let mission = desk.page("/hours/precinct/3001");
    sane("/hours/precinct/3001", &mission);
    assert!(
        mission.contains("20:00") && mission.contains("UTC 01:00 (05.10)"),
        "{mission}"
    );
    assert!(mission.contains("своё время UTC\u{2212}5"));
    let corrected = desk.page("/hours/precinct/5001");
    assert!(corrected.contains("исправлено") && corrected.contains("UTC 05:00"));
}
