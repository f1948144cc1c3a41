//! What a kit watches: alarms on every screen, the others' clocks and lists, the way to them, the monitor, its own disk.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use pollbook::ReportKind;
use precinct::http::{page, request};
use precinct::{Bench, Precinct, at, capture, open, reopen};
use station::cards::CardBox;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{Alarm, Card, ChainLook, Method2, Outcome, Serving, Station, serve_station};

struct Hall {
    precinct: Precinct,
    benches: [Bench; 2],
    folder: tempfile::TempDir,
}

/// Two kits that can ask each other.
fn hall() -> Hall {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let benches = ["K1", "K2"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    connect(&benches);
    Hall {
        precinct,
        benches,
        folder,
    }
}

fn connect(benches: &[Bench; 2]) {
    for (from, to) in [(0, 1), (1, 0)] {
        let link = Arc::new(InProcess::to(&benches[to].kit));
        benches[from].kit.connect(benches[to].kit.kid(), link);
    }
}

impl Hall {
    fn meet(&self) {
        for bench in &self.benches {
            assert!(bench.kit.sync_all().is_empty());
        }
    }

    /// Two officers identify a voter by photograph.
    fn by_hand(&self, kit: usize, line: u32, cards: [usize; 2]) {
        let cards = cards.map(|card| &self.precinct.officers[card] as &dyn Card);
        let done = self.benches[kit]
            .kit
            .check_in_two_officers(line, Method2::Face, "NO_FINGERS", &cards)
            .unwrap();
        assert!(matches!(done, Outcome::Green(_)), "line {line}");
    }

    fn codes(&self, kit: usize) -> Vec<&'static str> {
        let alarms = self.benches[kit].kit.alarms();
        alarms.iter().map(Alarm::code).collect()
    }

    /// Pages of a kit, and its monitor on an address of its own.
    fn serve(&self, kit: usize, runtime: &tokio::runtime::Runtime) -> Serving {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(self.folder.path().to_owned()));
        runtime.block_on(async {
            let station = Station::new(None, CardBox::new(Vec::new()), scanner);
            station.install(Arc::clone(&self.benches[kit].kit));
            let mut serving = serve_station(station, any, any).await.unwrap();
            serving.show_elsewhere(any).await.unwrap();
            serving
        })
    }
}

/// Story S-19: two officers approve three of a hundred, the law's share is two in a hundred; then eleven in a row by one
/// pair. Expect: the alarm on both kits, on bar, monitor and the chair's list, in words and without codes.
#[test]
fn the_quota_and_a_pair_are_alarms_on_every_kit_and_on_the_monitor() {
    let hall = hall();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    hall.by_hand(0, 11, [0, 2]);
    hall.by_hand(0, 12, [3, 2]);
    hall.meet();
    assert!(hall.codes(1).is_empty(), "two of a hundred are the share");
    hall.by_hand(0, 14, [0, 2]);
    hall.meet();
    assert_eq!(
        (hall.codes(0), hall.codes(1)),
        (vec!["OVERRIDE_QUOTA"], vec!["OVERRIDE_QUOTA"])
    );
    // One paper for the support desk, at the first kit in touch, and none when it is asked again or after a restart.
    let tickets = |kit: usize| -> Vec<String> {
        let names = hall.benches[kit].printer.names().into_iter();
        names.filter(|name| name.starts_with("ticket-")).collect()
    };
    for kit in [0, 1, 0] {
        hall.benches[kit].kit.issue_tickets();
    }
    let number = hall.benches[1].kit.ticket_number(&Alarm::Quota(99));
    assert_eq!(tickets(0), [format!("ticket-K1-{number}")]);
    assert!(tickets(1).is_empty(), "one cause, one paper");
    let serving = hall.serve(1, &runtime);
    assert!(page(serving.pages, "/chair/incidents").contains(&number));
    assert!(page(serving.pages, "/").contains("Тревога: 1"));
    assert!(page(serving.pages, "/monitor").contains("Отметок без пальца, двумя подписями: 3"));
    let list = page(serving.pages, "/chair/incidents");
    assert!(
        list.contains("Порог отметок двумя подписями превышен")
            && list.contains("Голосование идёт дальше"),
        "{list}"
    );
    assert!(!list.contains("OVERRIDE_QUOTA"));
    for line in 15..=25 {
        hall.by_hand(0, line, [0, 2]);
    }
    hall.meet();
    assert_eq!(hall.codes(1), ["OVERRIDE_QUOTA", "OVERRIDE_PAIR"]);
    let list = page(serving.pages, "/chair/incidents?lang=en");
    assert!(
        list.contains("The same two officers signed in a row")
            && list.contains("Officer of P, Officer of Q"),
        "{list}"
    );
}

/// Story S-27: a bit flips in an old event on the disk. Expect: the look finds it, writes the event anew, keeps the
/// damaged file, records it; the kit starts again from the mended file.
#[test]
fn a_flipped_bit_in_the_journal_is_found_and_mended() {
    let hall = hall();
    let kit = &hall.benches[0].kit;
    for line in [7, 8, 9] {
        kit.present(line, &capture(line * 10)).unwrap();
    }
    assert_eq!(kit.check_chain().unwrap(), ChainLook::Whole);
    let path = hall.folder.path().join("K1/K1.journal");
    let whole = kit.journal_bytes().unwrap();
    let mut file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes[900] ^= 4;
    use std::io::Seek as _;
    file.rewind().unwrap();
    file.write_all(&bytes).unwrap();
    let ChainLook::Mended(seqs) = kit.check_chain().unwrap() else {
        unreachable!("the damage was not found");
    };
    assert!(!seqs.is_empty() && seqs[0] > 1, "{seqs:?}");
    let mended = kit.journal_bytes().unwrap();
    assert!(
        mended.starts_with(&whole) && mended.len() > whole.len(),
        "the events, and one that says so"
    );
    assert_eq!(
        std::fs::read(hall.folder.path().join("K1/K1.journal.damaged-1")).unwrap(),
        bytes[..whole.len()]
    );
    assert_eq!(kit.check_chain().unwrap(), ChainLook::Whole);
    let said = kit.read(pollbook::Book::incidents);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].code, "MENDED");
    kit.present(10, &capture(100)).unwrap();
    let (clock, head) = (
        Arc::clone(&hall.benches[0].clock),
        kit.read(|book| book.head(book.me()).seq),
    );
    let Hall {
        precinct,
        benches,
        folder,
    } = hall;
    drop(benches);
    let again = reopen(&precinct, "K1", &folder.path().join("K1"), &clock);
    assert_eq!(again.kit.read(|book| book.head(book.me()).seq), head);
}

/// Story S-21: a kit was given another list. Expect: no events flow, both say so.
#[test]
fn a_kit_with_another_list_is_told_on_both() {
    let (one, two) = (Precinct::new(1001, 100), Precinct::of_other_list(1001, 100));
    let folder = tempfile::tempdir().unwrap();
    let benches = [
        open(&one, "K1", &folder.path().join("K1"), 10),
        open(&two, "K2", &folder.path().join("K2"), 10),
    ];
    connect(&benches);
    for bench in &benches {
        let _ = bench.kit.sync_all();
    }
    assert_eq!(benches[0].kit.alarms(), [Alarm::OtherList("K2".to_owned())]);
    assert_eq!(benches[1].kit.alarms(), [Alarm::OtherList("K1".to_owned())]);
    assert!(benches[0].kit.kits()[1].is_of_other_list);
    assert!(
        benches[0]
            .kit
            .read(|book| book.opened(benches[1].kit.kid()).is_none())
    );
}

/// Story S-08 a: a clock is off by five seconds, the law shows two. Expect: told on bar and chair's page; nothing stops.
#[test]
fn a_clock_that_is_off_is_told() {
    let hall = hall();
    hall.benches[1].clock.set(at(15));
    hall.meet();
    let alarms = hall.benches[0].kit.alarms();
    assert_eq!(alarms, [Alarm::Clock("K2".to_owned(), 5_000_000)]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = hall.serve(0, &runtime);
    assert!(page(serving.pages, "/").contains("Часы К2 расходятся на 5 с."));
    assert!(page(serving.pages, "/chair").contains("▲ +5,0"));
    let other = self::hall();
    other.benches[1].clock.set(at(12));
    other.meet();
    assert!(other.codes(0).is_empty(), "two seconds are not shown");
}

/// Story S-02: the cable is cut at 10:00 and whole again at 11:00. Expect: both say since when and until when, live and in
/// the report.
#[test]
fn a_partition_stands_in_the_report_with_its_times() {
    let hall = hall();
    hall.meet();
    let kit = &hall.benches[0].kit;
    kit.note_links().unwrap();
    assert!(kit.read(pollbook::Book::silences).is_empty());
    hall.benches[0].clock.set(at(7_200));
    kit.note_links().unwrap();
    kit.note_links().unwrap();
    let open = kit.read(pollbook::Book::silences);
    assert_eq!(
        (open.len(), open[0].from, open[0].until),
        (1, at(7_200).micros(), None)
    );
    for bench in &hall.benches {
        bench.clock.set(at(10_800));
    }
    hall.meet();
    kit.note_links().unwrap();
    let pair = hall.precinct.pair();
    let report = kit.report(ReportKind::Running, &pair).unwrap();
    let silences = report.report.silences.unwrap();
    assert_eq!(silences[0].until, Some(at(10_800).micros()));
    assert!(report.json.contains("\"until\": ") && report.json.contains("\"silences\""));
    hall.meet();
    assert_eq!(hall.benches[1].kit.read(pollbook::Book::silences), silences);
}

/// Story S-33: the monitor hangs on another device. Expect: it shows what the hall may see and no name, takes no act; when
/// it goes the operator is told.
#[test]
fn a_monitor_on_another_device_names_nobody_and_its_loss_is_noticed() {
    let hall = hall();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = hall.serve(0, &runtime);
    let elsewhere = serving.monitor.unwrap();
    hall.by_hand(0, 7, [0, 2]);
    serving.station.choose(8);
    assert!(page(elsewhere, "/").contains("Манжаңызды коюңуз"));
    for path in [
        "/photo/8",
        "/chair",
        "/events",
        "/paper/receipt/7.png",
        "/live",
    ] {
        assert_eq!(
            request(elsewhere, &format!("GET {path}"), "").0,
            404,
            "{path}"
        );
    }
    assert_eq!(request(elsewhere, "POST /find", "q=7").0, 404);
    assert_eq!(request(elsewhere, "POST /", "").0, 405);
    assert!(!page(serving.pages, "/").contains("Табло"));
    let mut stream = TcpStream::connect(elsewhere).unwrap();
    write!(stream, "GET /monitor/events HTTP/1.1\r\nHost: m\r\n\r\n").unwrap();
    let mut some = [0u8; 64];
    assert!(stream.read(&mut some).unwrap() > 0);
    assert!(!serving.station.is_monitor_lost());
    drop(stream);
    for _ in 0..80 {
        if serving.station.is_monitor_lost() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = page(serving.pages, "/");
    assert!(
        told.contains("Табло ✕") && told.contains("Тревога: 1"),
        "{told}"
    );
    assert!(page(serving.pages, "/chair/incidents").contains("Проверьте кабель и питание"));
}
