//! A slip printer on a cable: asked before and after every paper, over a real pseudo-terminal and over TCP.
//!
//! The far end is a stand-in that speaks ESC/POS as the devices do: it answers questions while it stands still,
//! prints in turn, and keeps what it has not printed.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use precinct::http::{page, post};
use precinct::{Precinct, pin};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use station::cards::CardBox;
use station::clock::SetClock;
use station::print::{Bitmap, Job, Width};
use station::printer::{Cable, CablePrinter, Printer, PrinterError, Supply};
use station::scanner::ImageFolder;
use station::{LastTry, Paper, Scene, Station, serve_station};

/// How the stand-in stands.
#[derive(Clone, Copy, Default)]
struct Standing {
    is_cover_open: bool,
    is_out: bool,
    is_low: bool,
    is_stuck: bool,
    /// Takes bytes and says nothing, as a printer that hangs.
    is_mute: bool,
    /// The roll ends while the next paper is printed.
    ends_soon: bool,
}

/// What the stand-in has done.
#[derive(Default)]
struct Told {
    standing: Standing,
    /// Bytes of pictures that came out.
    printed: usize,
    /// Whole papers: bytes up to a `GS r`.
    papers: u32,
    /// Papers whose rest was forgotten.
    forgotten: u32,
}

#[derive(Clone, Default)]
struct Device(Arc<Mutex<Told>>);

impl Device {
    fn set(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.0.lock().unwrap().standing);
    }

    fn papers(&self) -> (u32, u32) {
        let told = self.0.lock().unwrap();
        (told.papers, told.forgotten)
    }

    /// What was sent last is done within a moment.
    fn awaits(&self, papers: (u32, u32)) {
        let mut tries = 200;
        while self.papers() != papers && tries > 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            tries -= 1;
        }
        assert_eq!(self.papers(), papers);
    }

    /// Answers whoever writes, until the line is closed.
    fn serve(&self, mut input: impl Read, mut output: impl Write) {
        let mut held: Vec<u8> = Vec::new();
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = input.read(&mut bytes) {
            held.extend_from_slice(&bytes[..count]);
            let mut told = self.0.lock().unwrap();
            while let Some(length) = Self::next(&held) {
                let command: Vec<u8> = held.drain(..length).collect();
                if told.standing.is_mute {
                    continue;
                }
                match command.as_slice() {
                    [0x10, 0x04, question] => {
                        let answer = Self::state(told.standing, *question);
                        output.write_all(&[answer]).unwrap();
                    }
                    [0x10, 0x05, 2] => told.forgotten += 1,
                    [0x10, 0x14, ..] => {}
                    [0x1d, b'r', 1] => {
                        if told.standing.ends_soon {
                            told.standing.ends_soon = false;
                            told.standing.is_out = true;
                        }
                        if Self::state(told.standing, 1) & 0x08 == 0 {
                            told.papers += 1;
                            // A picture may look like a question: its answer comes before.
                            output.write_all(&[0x16, 0]).unwrap();
                        }
                    }
                    other => told.printed += other.len(),
                }
            }
        }
    }

    /// Length of the first whole command.
    fn next(held: &[u8]) -> Option<usize> {
        let length = match held {
            [0x10, 0x04 | 0x05, _, ..] | [0x1b, b'd', _, ..] | [0x1d, b'V' | b'r', _, ..] => 3,
            [0x10, 0x14, ..] => 10,
            [0x1b, b'@', ..] => 2,
            [0x1d, b'v', b'0', _, width, more, rows, rest, ..] => {
                let width = usize::from(u16::from_le_bytes([*width, *more]));
                8 + width * usize::from(u16::from_le_bytes([*rows, *rest]))
            }
            _ => return None,
        };
        (held.len() >= length).then_some(length)
    }

    fn state(standing: Standing, question: u8) -> u8 {
        let Standing {
            is_cover_open,
            is_out,
            is_low,
            is_stuck,
            ..
        } = standing;
        let bit = |is_so: bool, bit: u8| if is_so { bit } else { 0 };
        0x12 | match question {
            1 => bit(is_cover_open || is_out || is_stuck, 0x08),
            2 => bit(is_cover_open, 0x04) | bit(is_out, 0x20) | bit(is_stuck, 0x40),
            3 => bit(is_stuck, 0x08),
            _ => bit(is_low, 0x0c) | bit(is_out, 0x60),
        }
    }
}

/// A serial line: the device at one end, a path of `/dev/pts` at the other.
fn serial() -> (Device, PathBuf, File) {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let path = PathBuf::from(ptsname(&own, Vec::new()).unwrap().into_string().unwrap());
    // Held open, so that the line does not hang up between two papers.
    let kept = File::options().read(true).write(true).open(&path).unwrap();
    let device = Device::default();
    let own = File::from(own);
    let (reading, far) = (own.try_clone().unwrap(), device.clone());
    std::thread::spawn(move || far.serve(reading, own));
    (device, path, kept)
}

fn network() -> (Device, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let device = Device::default();
    let far = device.clone();
    std::thread::spawn(move || {
        for line in listener.incoming().flatten() {
            far.serve(line.try_clone().unwrap(), line);
        }
    });
    (device, address)
}

fn paper() -> Job {
    let mut bitmap = Bitmap::new(384, 400);
    for x in 0..384 {
        // 0x10 0x04 … in the dots: what a real-time question looks like.
        bitmap.set(x, 17, [3, 13].contains(&(x % 16)));
    }
    Job {
        name: "receipt-K1-0001".to_owned(),
        bitmap,
    }
}

/// Every trouble is told before and after, by its own name, and is over when it is mended.
fn troubles(device: &Device, printer: &CablePrinter) {
    assert_eq!(printer.look(), Ok(Supply::Enough));
    assert_eq!(printer.print(&paper()), Ok(()));
    assert_eq!(device.papers(), (1, 0));
    assert!(device.0.lock().unwrap().printed > 400 * 48);
    device.set(|is| is.is_low = true);
    assert_eq!(
        (printer.look(), printer.state()),
        (Ok(Supply::Low), Ok(Supply::Low))
    );
    type Change = fn(&mut Standing, bool);
    let kinds: [(Change, PrinterError); 3] = [
        (|is, so| is.is_cover_open = so, PrinterError::Cover),
        (|is, so| is.is_out = so, PrinterError::Paper),
        (|is, so| is.is_stuck = so, PrinterError::Stuck),
    ];
    for (change, error) in kinds {
        device.set(|is| change(is, true));
        assert_eq!(printer.look(), Err(error.clone()));
        let before = device.papers().0;
        assert_eq!(
            printer.print(&paper()),
            Err(error.clone()),
            "before a paper"
        );
        assert_eq!(device.papers().0, before, "nothing was sent");
        assert_eq!(printer.state(), Err(error));
        device.set(|is| change(is, false));
        assert_eq!(printer.print(&paper()), Ok(()));
    }
    // In the middle of a paper: it did not come out, and its rest is forgotten.
    device.set(|is| is.ends_soon = true);
    let (papers, forgotten) = device.papers();
    assert_eq!(printer.print(&paper()), Err(PrinterError::Paper));
    device.awaits((papers, forgotten + 1));
    device.set(|is| is.is_out = false);
    assert_eq!(printer.print(&paper()), Ok(()));
    device.set(|is| is.is_mute = true);
    assert!(matches!(printer.look(), Err(PrinterError::Off(_))));
    device.set(|is| is.is_mute = false);
    assert_eq!(printer.print(&paper()), Ok(()), "back again");
}

#[test]
fn a_serial_printer_is_asked_before_and_after_every_paper() {
    let (device, path, _line) = serial();
    let printer = CablePrinter::new(Cable::Serial(path, 115_200), Width::Mm58, true);
    assert_eq!((printer.kind(), printer.width()), ("serial", Width::Mm58));
    troubles(&device, &printer);
}

#[test]
fn a_usb_printer_is_asked_before_and_after_every_paper_and_may_be_unplugged() {
    // The kernel's usblp is a character device that answers like a line in raw mode.
    let (device, path, line) = serial();
    let mut raw = rustix::termios::tcgetattr(&line).unwrap();
    raw.make_raw();
    rustix::termios::tcsetattr(&line, rustix::termios::OptionalActions::Now, &raw).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("lp0");
    let printer = CablePrinter::new(Cable::Usb(port.clone()), Width::Mm80, true);
    assert!(
        matches!(printer.print(&paper()), Err(PrinterError::Off(_))),
        "not plugged in"
    );
    std::os::unix::fs::symlink(&path, &port).unwrap();
    troubles(&device, &printer);
    std::fs::remove_file(&port).unwrap();
    assert!(
        matches!(printer.look(), Err(PrinterError::Off(_))),
        "unplugged"
    );
    std::os::unix::fs::symlink(&path, &port).unwrap();
    assert_eq!(printer.print(&paper()), Ok(()));
}

#[test]
fn a_network_printer_is_asked_before_and_after_every_paper_and_may_be_switched_off() {
    let (device, address) = network();
    let printer = CablePrinter::new(Cable::Network(address), Width::Mm80, true);
    troubles(&device, &printer);
    let off = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let printer = CablePrinter::new(Cable::Network(off), Width::Mm80, true);
    assert!(matches!(printer.print(&paper()), Err(PrinterError::Off(_))));
}

#[test]
fn a_printer_that_tells_nothing_is_printed_on_all_the_same() {
    let (device, address) = network();
    device.set(|is| is.is_out = true);
    let printer = CablePrinter::new(Cable::Network(address), Width::Mm80, false);
    assert_eq!(printer.look(), Ok(Supply::Enough));
    assert_eq!(printer.print(&paper()), Ok(()));
}

fn finger_scene(station: &Station) -> Option<LastTry> {
    if let Scene::Finger { last, .. } = station.scene() {
        return Some(last);
    }
    None
}

/// Story S-10: (a) known before: nobody is checked in until the paper is in, or the chair's card lets slips come later;
/// (b) in the middle of a slip: the check-in stands, its slip is pending; (c) the paper is back: it comes out.
#[test]
fn an_empty_roll_is_known_before_a_voter_is_checked_in() {
    let (device, path, _line) = serial();
    let (precinct, cards) = Precinct::with_cards("segment", 1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::new(precinct::at(10)));
    let config = station::KitConfig {
        printer: Arc::new(CablePrinter::new(
            Cable::Serial(path, 9_600),
            Width::Mm58,
            true,
        )),
        ..precinct.config(&folder.path().join("K1"), &clock, &Arc::default())
    };
    let kit = station::Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    for line in 1..=4 {
        std::fs::write(
            glass.join(format!("{line:04}_2_1.fmr")),
            precinct::finger(line * 10),
        )
        .unwrap();
    }
    let chair = cards[0].kid.clone();
    let station = Station::new(None, CardBox::new(cards), Arc::new(ImageFolder::new(glass)));
    station.install(Arc::clone(&kit));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        serve_station(Arc::clone(&station), any, any).await.unwrap()
    });
    let at = serving.pages;
    let serve = |line: u32| {
        post(at, "/find", &format!("q={}", pin(line)));
        post(at, "/glass", &format!("file={line:04}_2_1.fmr"));
    };
    let count = || kit.read(|book| book.counted());

    device.set(|is| is.is_out = true);
    assert_eq!(kit.look_at_printer(), Err(PrinterError::Paper));
    serve(1);
    assert_eq!(
        finger_scene(&station),
        Some(LastTry::Printer(PrinterError::Paper))
    );
    let said = page(at, "/?lang=en");
    assert!(
        said.contains("No slip would come out: out of paper"),
        "{said}"
    );
    assert_eq!(count(), 0, "nobody is checked in");
    device.set(|is| is.is_out = false);
    post(at, "/glass", "file=0001_2_1.fmr");
    assert_eq!(count(), 1, "the roll is in, Enter is pressed again");
    assert!(matches!(station.scene(), Scene::Green(done) if done.paper == Paper::Printed));

    device.set(|is| is.ends_soon = true);
    serve(2);
    assert_eq!(count(), 2, "in the middle of a slip the check-in stands");
    let pending = PrinterError::Paper;
    assert!(
        matches!(station.scene(), Scene::Green(done) if done.paper == Paper::Pending(pending.clone()))
    );
    post(at, "/next", "");

    let page_of_chair = page(at, "/chair/trouble?lang=en");
    assert!(
        page_of_chair.contains("Allow work without slips"),
        "{page_of_chair}"
    );
    assert_eq!(
        post(at, "/chair/slips", &format!("card0={chair}&pass0=wrong")),
        422
    );
    assert!(!station.are_slips_later());
    assert_eq!(
        post(at, "/chair/slips", &format!("card0={chair}&pass0=pass")),
        303
    );
    assert!(station.are_slips_later());
    serve(3);
    assert_eq!(count(), 3);
    assert_eq!(kit.pending_acts().len(), 2, "both wait for their slips");

    device.set(|is| is.is_out = false);
    post(at, "/next", "");
    post(at, "/receipt", "");
    assert_eq!(
        kit.pending_acts().len(),
        0,
        "in order, when the paper is back"
    );
    station.next();
    serve(4);
    assert!(!station.are_slips_later(), "the leave has ended");
    device.set(|is| is.is_out = true);
    assert_eq!(kit.look_at_printer(), Err(PrinterError::Paper));
    assert_eq!(
        post(at, "/chair/slips", &format!("card0={chair}&pass0=pass")),
        303
    );
    assert_eq!(count(), 4);
}

/// Nothing is configured: the first USB printer of the folder prints, also when it comes back under another number.
#[test]
fn the_first_usb_printer_of_a_folder_is_used_whatever_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let cable = Cable::Usb(folder.path().to_owned());
    let printer = CablePrinter::new(cable, Width::Mm80, true);
    assert!(matches!(printer.look(), Err(PrinterError::Off(_))));
    std::fs::write(folder.path().join("hiddev0"), "").unwrap();
    assert!(matches!(printer.look(), Err(PrinterError::Off(_))));
    let (device, path, kept) = serial();
    // The stand-in's line echoes unless it is told not to.
    let raw = CablePrinter::new(Cable::Serial(path.clone(), 19_200), Width::Mm80, true);
    assert_eq!(raw.look(), Ok(Supply::Enough));
    std::os::unix::fs::symlink(&path, folder.path().join("lp3")).unwrap();
    assert_eq!(printer.print(&paper()), Ok(()));
    device.awaits((1, 0));
    drop(kept);
}
