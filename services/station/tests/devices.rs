//! Devices of a kit that come and go: a document reader on a serial line, the monitor's cable, keyboards; what the law
//! says when the monitor is lost.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lexicon::handover::package::DeviceRules;
use precinct::http::{page, request};
use precinct::{Bench, Precinct, at, finger, open, pin};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use station::attached::Places;
use station::cards::{CardBox, CardFile, Holder};
use station::clock::{KitClock, SetClock};
use station::config::Opening;
use station::scanner::ImageFolder;
use station::serial::read_from;
use station::{ChairError, LastTry, Scene, Serving, Station, TwoCards, serve_station};

struct Hall {
    bench: Bench,
    serving: Serving,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

/// One kit with pages; the finger of line 7 lies on the glass.
fn hall(rules: Option<DeviceRules>) -> Hall {
    let folder = tempfile::tempdir().unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    std::fs::write(glass.join("0007_2_1.fmr"), finger(70)).unwrap();
    let mut law = precinct::law("segment");
    law.devices = rules;
    let kits = [precinct::key("1001 K1").public_key()];
    let officers: Vec<_> = (1..=5)
        .map(|n| precinct::key(&format!("1001 officer {n}")).public_key())
        .collect();
    let voters = (1..=60).map(precinct::voter).collect();
    let mut made = Precinct::with_keys(law, 1001, voters, &kits, &officers);
    made.officers = (1..=5)
        .map(|n| precinct::key(&format!("1001 officer {n}")))
        .collect();
    let bench = open(&made, "K1", &folder.path().join("K1"), 10);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let station = Station::new(
            None,
            CardBox::new(Vec::new()),
            Arc::new(ImageFolder::new(glass)),
        );
        station.watch_places(Places {
            screens: folder.path().join("screens"),
            inputs: folder.path().join("inputs"),
        });
        station.install(Arc::clone(&bench.kit));
        serve_station(station, any, any).await.unwrap()
    });
    Hall {
        bench,
        serving,
        folder,
        _runtime: runtime,
    }
}

/// Waits until it is so, ten seconds at most.
fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    unreachable!("{what}");
}

/// A serial line: the reader's end, and the path of the kit's.
fn line() -> (File, PathBuf) {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let path = PathBuf::from(ptsname(&own, Vec::new()).unwrap().into_string().unwrap());
    (File::from(own), path)
}

/// What the page's stream says next of the reader.
fn told(stream: &mut TcpStream) -> String {
    let mut all = String::new();
    let mut some = [0u8; 512];
    while !all.contains("event: reader\n") {
        let count = stream.read(&mut some).unwrap();
        assert!(count > 0, "{all}");
        all.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    let at = all.find("event: reader\n").unwrap();
    all[at..].to_owned()
}

/// UI §7: a reader on a serial line, plugged in after the start, pulled out and put back. Expect: what it reads opens the
/// voter without any key and whatever has the focus, the page is told; a question is not pushed aside; a slip waits for
/// one page; the bar says when the reader is gone.
#[test]
fn a_reader_on_a_line_opens_the_voter_whatever_has_the_focus() {
    let hall = hall(None);
    let station = &hall.serving.station;
    let device = hall.folder.path().join("reader");
    let _reading = read_from(station, &device, 9_600);
    let bar = || page(hall.serving.pages, "/?lang=en");
    assert!(bar().contains("Reader ✕"));
    let (mut reader, path) = line();
    std::os::unix::fs::symlink(&path, &device).unwrap();
    until("the reader is found", || !bar().contains("Reader ✕"));
    let mut stream = TcpStream::connect(hall.serving.pages).unwrap();
    write!(stream, "GET /events HTTP/1.1\r\nHost: m\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0u8; 64]).unwrap() > 0);

    // A bare number without a line end, in two pieces.
    let number = pin(7);
    reader.write_all(&number.as_bytes()[..6]).unwrap();
    std::thread::sleep(Duration::from_millis(60));
    reader.write_all(&number.as_bytes()[6..]).unwrap();
    assert!(told(&mut stream).contains("data: shown"));
    assert!(matches!(station.scene(), Scene::Finger { line: 7, .. }));

    // A question stands: it is answered first.
    write!(reader, "{}\r\n", pin(8)).unwrap();
    assert!(told(&mut stream).contains("data: answer-first"));
    assert!(matches!(station.scene(), Scene::Finger { line: 7, .. }));
    assert!(bar().contains("Answer first"));
    station.next();

    // What is no document is not searched for.
    write!(reader, "P<KGZASANOV<<X\r\nA12\r\n").unwrap();
    assert!(told(&mut stream).contains("data: broken"));
    assert!(bar().contains("The document was not read"));

    // A slip goes to the ballot table by one page, once.
    station.choose(7);
    let folder = station.scanner.as_folder().unwrap();
    folder.put("0007_2_1.fmr").unwrap();
    station.capture();
    let Scene::Green(done) = station.scene() else {
        unreachable!("the finger is line 7's");
    };
    let text = base45::encode(done.act.signed());
    write!(reader, "{text}\r\n").unwrap();
    assert!(told(&mut stream).contains("data: table"));
    let slip = || request(hall.serving.pages, "POST /read/slip", "").1;
    assert!(slip().ends_with(&text));
    assert!(!slip().contains(&text), "it is taken once");

    // Pulled out, and put back as another device.
    drop(reader);
    std::fs::remove_file(&device).unwrap();
    until("the reader is missed", || bar().contains("Reader ✕"));
    let (mut reader, path) = line();
    std::os::unix::fs::symlink(&path, &device).unwrap();
    until("the reader is back", || !bar().contains("Reader ✕"));
    station.next();
    write!(reader, "{}\r", pin(9)).unwrap();
    assert!(told(&mut stream).contains("data: shown"));
    assert!(matches!(station.scene(), Scene::Finger { line: 9, .. }));
    // Nobody is shown to whoever holds a document to a locked kit.
    station.lock_screen();
    write!(reader, "{}\r", pin(10)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(matches!(station.scene(), Scene::Idle));
}

fn connector(folder: &Path, status: &str) {
    let place = folder.join("screens/card0-HDMI-A-1");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("status"), format!("{status}\n")).unwrap();
}

fn codes(hall: &Hall) -> Vec<String> {
    let incidents = hall.bench.kit.read(pollbook::Book::incidents);
    incidents
        .into_iter()
        .map(|incident| incident.code)
        .collect()
}

/// Story S-33: the cable of the hall's screen is pulled. Expect: amber at the operator, one incident; by the law's
/// parameter the act goes on or waits, and goes on when the cable is back.
#[test]
fn a_pulled_monitor_is_told_and_recorded_and_the_law_says_whether_acts_wait() {
    for blocks in [false, true] {
        let hall = hall(Some(DeviceRules {
            monitor_blocks: blocks,
            memory_is_needed: false,
        }));
        let station = &hall.serving.station;
        station
            .scanner
            .as_folder()
            .unwrap()
            .put("0007_2_1.fmr")
            .unwrap();
        let bar = || page(hall.serving.pages, "/?lang=en");
        assert!(
            !bar().contains("Monitor ✕"),
            "a kit without a monitor lacks none"
        );
        connector(hall.folder.path(), "connected");
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!station.is_monitor_lost());
        connector(hall.folder.path(), "disconnected");
        until("the cable is missed", || station.is_monitor_lost());
        assert!(bar().contains("Monitor ✕"));
        until("it is recorded", || {
            codes(&hall).contains(&"MONITOR_LOST".to_owned())
        });
        station.choose(7);
        station.capture();
        if blocks {
            let waits = matches!(
                station.scene(),
                Scene::Finger {
                    last: LastTry::Monitor,
                    ..
                }
            );
            assert!(waits, "{:?}", station.scene());
            assert!(bar().contains("by the law nobody is checked in without it"));
            connector(hall.folder.path(), "connected");
            until("the cable is back", || !station.is_monitor_lost());
            station.capture();
        }
        assert!(
            matches!(station.scene(), Scene::Green(_)),
            "blocks: {blocks}"
        );
        assert_eq!(
            codes(&hall)
                .iter()
                .filter(|code| *code == "MONITOR_LOST")
                .count(),
            1
        );
        hall.bench.clock.set(at(60));
    }
}

/// Story S-18: somebody attaches a keyboard to a kit that is open, as `uinput` does. Expect: amber, an incident and a
/// ticket; one that was handed out is none; gone when it is unplugged.
#[test]
fn a_foreign_keyboard_is_told_recorded_and_ticketed() {
    let hall = hall(None);
    let attach = |place: &str, vendor: &str, product: &str| {
        let place = hall.folder.path().join("inputs").join(place);
        std::fs::create_dir_all(place.join("id")).unwrap();
        std::fs::create_dir_all(place.join("capabilities")).unwrap();
        std::fs::write(place.join("name"), "py-evdev-uinput\n").unwrap();
        std::fs::write(place.join("id/vendor"), vendor).unwrap();
        std::fs::write(place.join("id/product"), product).unwrap();
        std::fs::write(place.join("capabilities/key"), "fffffffffffffffe\n").unwrap();
        place
    };
    let incidents = || page(hall.serving.pages, "/chair/incidents?lang=en");
    std::thread::sleep(Duration::from_millis(1_500));
    attach("input7", "05f9", "221c");
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(
        !incidents().contains("foreign keyboard"),
        "it was handed out"
    );
    let place = attach("input8", "0000", "0000");
    until("it is seen", || {
        incidents().contains("a foreign keyboard is attached")
    });
    until("it is recorded", || {
        codes(&hall).contains(&"FOREIGN_DEVICE".to_owned())
    });
    let is_told = || {
        let names = hall.bench.printer.names();
        names.iter().any(|name| name.starts_with("ticket-K1-"))
    };
    until("the ticket is printed", is_told);
    std::fs::remove_dir_all(place).unwrap();
    until("it is unplugged", || {
        !incidents().contains("a foreign keyboard is attached")
    });
}

/// A clock that is set, on a kit of a real day.
struct RealDay(Arc<SetClock>);

impl KitClock for RealDay {
    fn read(&self) -> pollbook::Reading {
        self.0.read()
    }

    fn is_simulated(&self) -> bool {
        false
    }

    fn set_wall(&self, wall: lexicon::Instant) {
        self.0.set_wall(wall);
    }
}

/// SECURITY §3: what is decrypted stays in memory. A machine that cannot lock it: the law says whether the kit of a real
/// day is opened; where it is, bar and journal say so.
#[test]
fn a_machine_that_cannot_lock_its_memory_is_refused_or_told_as_the_law_says() {
    for needed in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let issued: Vec<_> = (1..=5u8)
            .map(|n| {
                let holder = Holder {
                    name: format!("Officer {n}"),
                    role: "member".to_owned(),
                    body: ["P", "P", "Q", "R", "S"][usize::from(n) - 1].to_owned(),
                };
                CardFile::issue(&holder, &[n; 16], "pass")
            })
            .collect();
        let mut law = precinct::law("segment");
        law.devices = Some(DeviceRules {
            monitor_blocks: false,
            memory_is_needed: needed,
        });
        let kits = [precinct::key("1001 K1").public_key()];
        let points: Vec<_> = issued.iter().map(|(_, key)| key.public_key()).collect();
        let voters = (1..=20).map(precinct::voter).collect();
        let made = Precinct::with_keys(law, 1001, voters, &kits, &points);
        let clock = Arc::new(SetClock::new(at(10)));
        let printer = Arc::default();
        let mut config = made.config(&folder.path().join("K1"), &clock, &printer);
        config.clock = Arc::new(RealDay(clock));
        let opening = Opening {
            config,
            key: made.kit_key("K1"),
            peers: Vec::new(),
            turnout_desk: None,
            medium: None,
            corrections_desk: None,
            training: None,
            grants: None,
            paper_languages: Vec::new(),
            media: Vec::new(),
            publishers: Vec::new(),
            is_memory_locked: Some(false),
        };
        assert!(opening.is_memory_open());
        let cards: Vec<CardFile> = issued.into_iter().map(|(card, _)| card).collect();
        let kids = [0, 2].map(|at: usize| cards[at].kid.clone());
        let glass = Arc::new(ImageFolder::new(folder.path().to_owned()));
        let station = Station::new(Some(opening), CardBox::new(cards), glass);
        let two = TwoCards {
            kids,
            passphrases: ["pass".to_owned(), "pass".to_owned()],
        };
        let opened = station.open(&two);
        if needed {
            assert!(matches!(opened, Err(ChairError::Memory)), "{opened:?}");
            assert!(station.kit().is_none());
        } else {
            opened.unwrap();
            let incidents = station.kit().unwrap().read(pollbook::Book::incidents);
            assert!(incidents.iter().any(|incident| incident.code == "MEMORY"));
        }
    }
}
