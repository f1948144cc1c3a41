//! Alarms of the kits' devices and of kits that fell silent, and the doubt that a finger raises.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use lexicon::RefusalReason;
use precinct::http::{page, request};
use precinct::{Bench, Precinct, at, capture, open};
use station::cards::CardBox;
use station::link::{InProcess, Link, LinkError};
use station::print::Job;
use station::printer::{MemoryPrinter, Printer, PrinterError, Supply};
use station::scanner::ImageFolder;
use station::{ActError, Alarm, Kit, Station, Verdict, serve_station};

/// A way to a kit that keeps what was asked over it.
struct Tap {
    way: InProcess,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Link for Tap {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.heard.lock().unwrap().push(question.to_vec());
        self.way.ask(question)
    }
}

fn alarms_of(bench: &Bench, kit: &str) -> Vec<Alarm> {
    let alarms = bench.kit.alarms().into_iter();
    alarms.filter(|alarm| alarm.subject() == kit).collect()
}

/// Story: K2 is switched off at 08:00:10, and somebody on the LAN plays its old questions back to K1. Expected: K1 says from
/// 08:01:10 on that K2 is silent, and when it was last heard; when K2 answers again the alarm is gone.
#[test]
fn an_old_question_played_back_makes_no_silent_kit_alive() {
    let precinct = Precinct::new(1001, 40);
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["K1", "K2"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let tap = Tap {
        way: InProcess::to(&one.kit),
        heard: Arc::clone(&heard),
    };
    two.kit.connect(one.kit.kid(), Arc::new(tap));
    let way = Arc::new(InProcess::to(&two.kit));
    one.kit.connect(two.kit.kid(), way);
    assert!(two.kit.sync_all().is_empty());
    let old = heard.lock().unwrap()[0].clone();
    assert_eq!(
        one.kit.devices_of(two.kit.kid()).1,
        None,
        "a question is no sign of life"
    );
    assert!(one.kit.sync_all().is_empty());
    let last = one.kit.devices_of(two.kit.kid()).1;
    assert_eq!(last, Some(at(10)));
    one.clock.set(at(65));
    assert_eq!(alarms_of(&one, "K2"), [], "not yet a minute");
    one.clock.set(at(71));
    let silent = [Alarm::Peer("K2".to_owned())];
    assert_eq!(alarms_of(&one, "K2"), silent);
    one.kit.answer(&old).unwrap();
    assert_eq!(alarms_of(&one, "K2"), silent);
    assert_eq!(one.kit.devices_of(two.kit.kid()).1, last);
    two.clock.set(at(71));
    assert!(one.kit.sync_all().is_empty());
    assert_eq!(alarms_of(&one, "K2"), []);
    assert_eq!(one.kit.devices_of(two.kit.kid()).1, Some(at(71)));
}

/// A printer whose roll is near its end.
struct ShortRoll;

impl Printer for ShortRoll {
    fn print(&self, _: &Job) -> Result<(), PrinterError> {
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "memory"
    }

    fn state(&self) -> Result<Supply, PrinterError> {
        Ok(Supply::Low)
    }
}

/// Story H-01: K2's roll is nearly used up and its battery at 15 % without mains. Expected: both kits say so of K2, each once,
/// and K1 nothing of itself; with mains the battery is no alarm.
#[test]
fn a_short_roll_and_an_empty_battery_are_alarms_of_their_kit_on_every_kit() {
    let precinct = Precinct::new(1001, 40);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let clock = Arc::new(station::clock::SetClock::new(at(10)));
    let printer = Arc::new(MemoryPrinter::default());
    let mut config = precinct.config(&folder.path().join("K2"), &clock, &printer);
    config.printer = Arc::new(ShortRoll);
    let kit = Kit::open(config, precinct.kit_key("K2"), &precinct.pair()).unwrap();
    let two = Bench {
        kit,
        clock,
        printer,
    };
    let battery = folder.path().join("supplies/BAT0");
    std::fs::create_dir_all(&battery).unwrap();
    let write = |name: &str, text: &str| std::fs::write(battery.join(name), text).unwrap();
    write("type", "Battery");
    write("capacity", "15");
    write("status", "Discharging");
    two.kit.set_supplies(folder.path().join("supplies"));
    for (from, to) in [(&one, &two), (&two, &one)] {
        let way = Arc::new(InProcess::to(&to.kit));
        from.kit.connect(to.kit.kid(), way);
    }
    let meet = || {
        for bench in [&one, &two] {
            assert!(bench.kit.sync_all().is_empty());
        }
    };
    meet();
    let (paper, low) = (
        Alarm::Paper("K2".to_owned()),
        Alarm::Battery("K2".to_owned(), 15),
    );
    for bench in [&one, &two] {
        assert_eq!(alarms_of(bench, "K2"), [paper.clone(), low.clone()]);
        assert_eq!(alarms_of(bench, "K1"), []);
    }
    write("status", "Charging");
    meet();
    for bench in [&one, &two] {
        assert_eq!(alarms_of(bench, "K2"), std::slice::from_ref(&paper));
    }
}

/// Story S-15 (b): two people have one number, and the finger of the one is not the line's. Expected: a doubt for the support
/// desk on both kits, with one paper, and no alarm on the bar; a print that cannot be read is no doubt.
#[test]
fn a_finger_that_is_another_persons_is_a_doubt_for_the_support_desk() {
    let precinct = Precinct::new(1001, 40);
    let folder = tempfile::tempdir().unwrap();
    let benches = ["K1", "K2"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    let [one, two] = &benches;
    for (from, to) in [(one, two), (two, one)] {
        let way = Arc::new(InProcess::to(&to.kit));
        from.kit.connect(to.kit.kid(), way);
    }
    one.kit.refuse(3, RefusalReason::FingerUnreadable).unwrap();
    assert_eq!(one.kit.doubts(), []);
    one.kit.refuse(7, RefusalReason::FingerMismatch).unwrap();
    for bench in &benches {
        assert!(bench.kit.sync_all().is_empty());
    }
    for bench in &benches {
        assert_eq!(bench.kit.doubts(), [Alarm::Mismatch]);
        assert_eq!(bench.kit.alarms(), []);
        bench.kit.issue_tickets();
    }
    let papers = |bench: &Bench| {
        let names = bench.printer.names().into_iter();
        names.filter(|name| name.starts_with("ticket-")).count()
    };
    assert_eq!((papers(one), papers(two)), (1, 0), "one cause, one paper");
    // The chair's protocol, at any kit: the refusals of the line, and nothing of another.
    let doubted = two.kit.doubted_lines();
    assert_eq!(doubted.len(), 1);
    assert_eq!((doubted[0].line, doubted[0].is_marked), (7, false));
    assert_eq!(doubted[0].tries[0].kit, "K1");
    assert!(matches!(
        two.kit.print_protocol(3),
        Err(ActError::NoLine(3))
    ));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let glass = Arc::new(ImageFolder::new(folder.path().join("glass")));
        let station = Station::new(None, CardBox::new(Vec::new()), glass);
        station.install(Arc::clone(&two.kit));
        serve_station(station, any, any).await.unwrap()
    });
    let list = page(serving.pages, "/chair/incidents?lang=en");
    assert!(
        list.contains("Print the protocol of line 7") && !list.contains("line 3"),
        "{list}"
    );
    two.printer.set_out_of_paper(true);
    let (status, said) = request(serving.pages, "POST /chair/protocol", "line=7");
    assert_eq!(status, 422);
    assert!(
        said.contains("Акт басылган жок") || said.contains("Акт не напечатан"),
        "{said}"
    );
    two.printer.set_out_of_paper(false);
    assert_eq!(
        request(serving.pages, "POST /chair/protocol", "line=7").0,
        303
    );
    assert_eq!(two.printer.names().last().unwrap(), "protocol-K2-0007");
    // Its owner comes: the mark is theirs, and the protocol says so.
    assert!(matches!(
        two.kit.present(7, &capture(70)),
        Ok(Verdict::Green(_))
    ));
    assert!(two.kit.doubted_lines()[0].is_marked);
}
