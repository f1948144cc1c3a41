//! The list changes while the station votes (S-20, S-35): a signed delta on a stick, at one kit of two.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::sha256;
use lexicon::handover::station_delta::StationChangeKind;
use pollbook::{Found, ReportKind};
use precinct::http::{page, request};
use precinct::stick::{Stick, change};
use precinct::{Bench, Precinct, at, capture, open, pin, reopen};
use station::cards::CardBox;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{DeltaRefused, Paper, Station, Verdict, serve_station};

struct Hall {
    precinct: Precinct,
    one: Bench,
    two: Bench,
    folder: tempfile::TempDir,
}

fn hall() -> Hall {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let two = open(&precinct, "K2", &folder.path().join("K2"), 10);
    let hall = Hall {
        precinct,
        one,
        two,
        folder,
    };
    connect(&hall.one, &hall.two);
    hall
}

fn connect(one: &Bench, two: &Bench) {
    one.kit
        .connect(two.kit.kid(), Arc::new(InProcess::to(&two.kit)));
    two.kit
        .connect(one.kit.kid(), Arc::new(InProcess::to(&one.kit)));
}

fn is_green(bench: &Bench, line: u32) -> bool {
    matches!(
        bench.kit.present(line, &capture(line * 10)).unwrap(),
        Verdict::Green(_)
    )
}

fn refused(bench: &Bench, line: u32) -> RefusalReason {
    bench.kit.gate(line).unwrap().unwrap().refusal.reason
}

/// S-20. Line 77 is identified at K2 at 11:00. At 14:00 a court order strikes 77 and 78 and adds line 101, on a stick at K1
/// alone. K1 checks both signatures, prints the slip, and K2 has it with the voter's entry after one exchange; the act on
/// 77 stays as a conflict, 78 is refused, 101 is found by PIN and name, identified by finger and counted; both kits come
/// back from a power cut with it.
#[test]
fn s_20_a_list_delta_comes_to_one_kit() {
    let hall = hall();
    hall.one.clock.set(at(3 * 3600));
    hall.two.clock.set(at(3 * 3600));
    assert!(is_green(&hall.two, 77));
    hall.one.clock.set(at(6 * 3600));
    hall.two.clock.set(at(6 * 3600));
    assert_eq!(hall.two.kit.find(&pin(101)), Found::Nobody);

    let stick = Stick::new(
        &hall.precinct,
        None,
        vec![
            change(77, StationChangeKind::Strike, "COURT"),
            change(78, StationChangeKind::Strike, "COURT"),
            change(101, StationChangeKind::Add, "ELIGIBLE"),
        ],
    );
    let taken = hall.one.kit.take_change(&stick.file()).unwrap();
    assert_eq!(
        (taken.view.number, taken.view.is_held, taken.paper),
        (1, false, Paper::Printed)
    );
    assert!(
        hall.one
            .printer
            .names()
            .contains(&"change-K1-01".to_owned())
    );
    hall.two.kit.sync(hall.one.kit.kid()).unwrap();
    hall.one.kit.sync(hall.two.kit.kid()).unwrap();

    for bench in [&hall.one, &hall.two] {
        let changes = bench.kit.changes();
        assert_eq!((changes.len(), changes[0].missing), (1, 0));
        assert_eq!(
            changes[0].kits,
            ["K1", "K2"],
            "each kit recorded it in its own chain"
        );
        assert_eq!(refused(bench, 78), RefusalReason::Struck);
        assert_eq!(refused(bench, 77), RefusalReason::Already);
        assert_eq!(bench.kit.find(&pin(101)), Found::Lines(vec![101]));
        assert_eq!(bench.kit.find("101"), Found::Lines(vec![101]));
        assert_eq!(bench.kit.find("Кошумчаев"), Found::Lines(vec![101]));
        assert_eq!(bench.kit.voter(101).unwrap().photo.len(), 8 << 10);
    }
    // The new line is of the last share: K1 asks K2 for it.
    assert!(is_green(&hall.one, 101));
    hall.two.kit.sync(hall.one.kit.kid()).unwrap();
    assert_eq!(refused(&hall.two, 101), RefusalReason::Already);

    let folder = |name: &str| hall.folder.path().join(name);
    let one = reopen(&hall.precinct, "K1", &folder("K1"), &hall.one.clock);
    let two = reopen(&hall.precinct, "K2", &folder("K2"), &hall.two.clock);
    for bench in [&one, &two] {
        assert_eq!(bench.kit.voter(101).unwrap().surname, "Кошумчаев");
        bench.kit.read(|book| {
            let codes: Vec<_> = book
                .incidents()
                .into_iter()
                .map(|i| (i.code, i.line))
                .collect();
            assert_eq!(codes, [("CONFLICT".to_owned(), 77)]);
            let report = book.report(ReportKind::Running, 1, 5, at(7 * 3600).into_reading());
            let report = report.unwrap();
            assert_eq!(
                (report.lines, report.counted, report.delta),
                (99, 2, Some(1))
            );
        });
        assert_eq!(
            bench.kit.pages(),
            5,
            "four bound pages and a supplementary one"
        );
    }
}

trait IntoReading {
    fn into_reading(self) -> pollbook::Reading;
}

impl IntoReading for lexicon::Instant {
    fn into_reading(self) -> pollbook::Reading {
        pollbook::Reading {
            wall: self,
            steady_micros: 0,
        }
    }
}

/// S-20. Every wrong stick is refused by its own code and leaves nothing behind; another precinct's kit does not read it.
#[test]
fn s_20_wrong_sticks_are_refused_each_by_its_code() {
    let hall = hall();
    let kit = &hall.one.kit;
    let strike = || {
        vec![
            change(7, StationChangeKind::Strike, "COURT"),
            change(101, StationChangeKind::Add, "ELIGIBLE"),
        ]
    };
    let good = Stick::new(&hall.precinct, None, strike());
    let check = |file: &[u8], code: &str| {
        let error = kit.take_change(file).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(kit.changes().is_empty(), "{code} left something behind");
    };
    check(b"no delta", "DELTA_UNREADABLE");
    check(&good.file_by(&[]), "DELTA_UNSIGNED");
    check(&good.file_by(&["srs-release"]), "DELTA_ONE_SIGNATURE");
    check(
        &good.file_by(&["srs-release", "somebody"]),
        "DELTA_BAD_SIGNATURE",
    );
    let foreign = Stick::new(&Precinct::new(1002, 100), None, strike());
    check(&foreign.file(), "DELTA_WRONG_PRECINCT");
    let mut other = Stick::new(&hall.precinct, None, strike());
    other.delta.election = 20_201_004;
    check(&other.file(), "DELTA_WRONG_ELECTION");
    let mut older = Stick::new(&hall.precinct, None, strike());
    older.delta.package = [1; 32].into();
    check(&older.file(), "DELTA_OTHER_PACKAGE");
    let mut wrong = Stick::new(
        &hall.precinct,
        None,
        vec![change(7, StationChangeKind::Strike, "COURT")],
    );
    wrong.delta.voters += 1;
    check(&wrong.file(), "DELTA_DOES_NOT_FIT");
    let mut bare = Stick::new(&hall.precinct, None, strike());
    bare.entries.clear();
    check(&bare.file(), "DELTA_INCOMPLETE");
    let mut changed = good.file();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    check(&changed, "DELTA_INCOMPLETE");

    kit.take_change(&good.file()).unwrap();
    assert!(matches!(
        kit.take_change(&good.file()),
        Err(DeltaRefused::Known)
    ));

    // Sealed to the kits of 1001: a kit of 1002 with the same file opens nothing.
    let elsewhere = Precinct::new(1002, 100);
    let foreign_kit = elsewhere.kit_key("K1");
    let entry = good
        .delta
        .changes
        .iter()
        .find(|change| change.entry.is_some())
        .unwrap();
    assert_eq!(sha256(&good.entries[0]), **entry.entry.as_ref().unwrap());
    assert!(
        good.delta
            .open_entry(entry, &good.entries[0], 0, &*foreign_kit)
            .is_err()
    );
}

/// S-20. L7.2 before L7.1: kept and held, also over a restart; L7.1 from the other kit completes the chain.
#[test]
fn s_20_the_later_stick_first_is_held() {
    let hall = hall();
    let first = Stick::new(
        &hall.precinct,
        None,
        vec![change(101, StationChangeKind::Add, "ELIGIBLE")],
    );
    let second = Stick::new(
        &hall.precinct,
        Some(&first),
        vec![change(102, StationChangeKind::Add, "ELIGIBLE")],
    );
    let taken = hall.one.kit.take_change(&second.file()).unwrap();
    assert!(taken.view.is_held);
    assert!(hall.one.kit.voter(102).is_none());
    let folder = hall.folder.path().join("K1");
    let one = reopen(&hall.precinct, "K1", &folder, &hall.one.clock);
    connect(&one, &hall.two);
    assert!(one.kit.changes()[0].is_held);
    hall.two.kit.take_change(&first.file()).unwrap();
    hall.two.kit.sync(one.kit.kid()).unwrap();
    one.kit.sync(hall.two.kit.kid()).unwrap();
    hall.two.kit.sync(one.kit.kid()).unwrap();
    for bench in [&one, &hall.two] {
        assert!(
            bench
                .kit
                .changes()
                .iter()
                .all(|change| !change.is_held && change.missing == 0)
        );
        assert!(bench.kit.voter(101).is_some() && bench.kit.voter(102).is_some());
    }
}

/// S-35. A stop-note: the finger decides, and the final report names the incident for the registry.
#[test]
fn s_35_a_stop_note_on_the_day() {
    let hall = hall();
    let stick = Stick::new(
        &hall.precinct,
        None,
        vec![change(9, StationChangeKind::Stop, "DEAD")],
    );
    hall.one.kit.take_change(&stick.file()).unwrap();
    assert!(is_green(&hall.one, 9));
    let incidents = hall.one.kit.read(|book| book.incidents());
    assert_eq!(
        (incidents[0].code.as_str(), incidents[0].line),
        ("STOP_NOTE", 9)
    );
}

/// The chair's page: a folder on a stick, the list in force, refusals in words with their codes, ky, ru and en.
#[test]
fn s_20_the_chair_gives_a_folder_on_the_page() {
    let hall = hall();
    let usb = hall.folder.path().join("usb");
    std::fs::create_dir(&usb).unwrap();
    let first = Stick::new(
        &hall.precinct,
        None,
        vec![change(101, StationChangeKind::Add, "ELIGIBLE")],
    );
    std::fs::write(usb.join("1001-001.delta"), first.file()).unwrap();
    std::fs::write(
        usb.join("1002-001.delta"),
        b"of another precinct, not looked at",
    )
    .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(hall.folder.path().join("glass")));
        let station = Station::new(None, CardBox::new(Vec::new()), scanner);
        station.install(Arc::clone(&hall.one.kit));
        serve_station(station, any, any).await.unwrap()
    });
    let give = |place: &str| {
        let place: String = place.bytes().map(|byte| format!("%{byte:02x}")).collect();
        request(serving.pages, "POST /chair/list", &format!("place={place}"))
    };
    assert!(page(serving.pages, "/chair").contains("/chair/list"));
    let (status, body) = give(usb.to_str().unwrap());
    let shown = body;
    assert_eq!(status, 200, "{shown}");
    assert!(
        shown.contains("Изменение 1 принято") && shown.contains("L7.1"),
        "{shown}"
    );
    assert!(shown.contains("дополнительная страница 5"));
    let (status, body) = give(usb.to_str().unwrap());
    assert_eq!(status, 422);
    assert!(body.contains("DELTA_KNOWN"));
    let (status, body) = give("/nowhere");
    assert_eq!(status, 422);
    assert!(body.contains("DELTA_NOTHING"));
    for (lang, words) in [("ky", "Күчүндөгү тизме"), ("en", "List in force")] {
        assert!(page(serving.pages, &format!("/chair/list?lang={lang}")).contains(words));
    }
}
