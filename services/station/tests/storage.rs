//! Story S-27: what a failing disk does to a kit, and how its journal comes back.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use lexicon::handover::event::unframe;
use precinct::http::{page, request};
use precinct::{Bench, Precinct, at, capture, open, reopen};
use station::cards::{CardBox, CardFile};
use station::clock::SetClock;
use station::config::Opening;
use station::disk::{Disk, HostDisk, OpenFile};
use station::journal::JournalError;
use station::mirror::make_medium;
use station::printer::MemoryPrinter;
use station::scanner::ImageFolder;
use station::{ActError, Kit, OpenError, Serving, Station, Verdict, serve_station};

const ANY: &str = "127.0.0.1:0";

struct Hall {
    precinct: Precinct,
    cards: Vec<CardFile>,
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    clock: Arc<SetClock>,
    /// K2 with its door, while it is on.
    other: Option<(Bench, Serving)>,
}

/// K1 served lines 21 to 30 and is off; K2 stands behind its door and holds what K1 did.
fn hall(stick: bool) -> (Hall, Vec<u8>) {
    let (precinct, cards) = Precinct::with_cards("segment", 1001, 120);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let [one, two] = ["K1", "K2"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    for (from, to) in [(&one, &two), (&two, &one)] {
        let link = station::link::InProcess::to(&to.kit);
        from.kit.connect(to.kit.kid(), Arc::new(link));
    }
    for line in 21..=30 {
        one.kit.present(line, &capture(line * 10)).unwrap();
    }
    assert!(one.kit.sync_all().is_empty());
    if stick {
        let medium = folder.path().join("stick");
        std::fs::create_dir(&medium).unwrap();
        make_medium(&HostDisk, &medium).unwrap();
        one.kit.set_medium(Arc::new(HostDisk), medium);
        one.kit.copy_to_medium();
    }
    let journal = one.kit.journal_bytes().unwrap();
    let clock = Arc::clone(&one.clock);
    drop(one);
    let serving = runtime.block_on(async {
        let glass = Arc::new(ImageFolder::new(folder.path().to_owned()));
        let station = Station::new(None, CardBox::new(Vec::new()), glass);
        station.install(Arc::clone(&two.kit));
        let any: SocketAddr = ANY.parse().unwrap();
        serve_station(station, any, any).await.unwrap()
    });
    let hall = Hall {
        precinct,
        cards,
        folder,
        runtime,
        clock,
        other: Some((two, serving)),
    };
    (hall, journal)
}

impl Hall {
    fn file(&self, kind: &str) -> PathBuf {
        self.folder.path().join(format!("K1/K1.{kind}"))
    }

    /// K1's program starts again.
    fn start(&self) -> Serving {
        let printer = Arc::new(MemoryPrinter::default());
        let folder = self.folder.path().join("K1");
        let config = self.precinct.config(&folder, &self.clock, &printer);
        let peers = self.other.iter();
        let peers = peers.map(|(bench, serving)| (bench.kit.kid(), serving.lan));
        let stick = self.folder.path().join("stick");
        let opening = Opening {
            config,
            key: self.precinct.kit_key("K1"),
            peers: peers.collect(),
            turnout_desk: None,
            medium: stick.exists().then_some(stick),
            corrections_desk: None,
            training: None,
            grants: None,
            paper_languages: Vec::new(),
            media: Vec::new(),
            publishers: Vec::new(),
            is_memory_locked: None,
        };
        let glass = Arc::new(ImageFolder::new(self.folder.path().to_owned()));
        let station = Station::new(Some(opening), CardBox::new(self.cards.clone()), glass);
        station.look_at_journal();
        let any: SocketAddr = ANY.parse().unwrap();
        self.runtime
            .block_on(serve_station(station, any, any))
            .unwrap()
    }

    fn chair(
        &self,
        serving: &Serving,
        act: &str,
        fields: &str,
        cards: [usize; 2],
    ) -> (u16, String) {
        let [a, b] = cards.map(|card| &self.cards[card].kid);
        let body = format!("{fields}&card0={a}&pass0=pass&card1={b}&pass1=pass");
        request(serving.pages, &format!("POST /chair/{act}"), &body)
    }
}

fn flip(path: &Path, at: usize) -> Vec<u8> {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 4;
    std::fs::write(path, &bytes).unwrap();
    bytes
}

/// The place of the middle of a record, from 0.
fn middle_of(journal: &[u8], record: usize) -> usize {
    let events = unframe(journal).events;
    let before: usize = events[..record].iter().map(|event| event.len() + 12).sum();
    before + events[record].len() / 2
}

/// A bit flips in an old event while the kit is off. Expect: it identifies nobody and says what is missing; without the
/// others it stays so and changes nothing; with K2 and two cards of different bodies it is whole, and says so.
#[test]
fn a_journal_damaged_at_the_start_is_put_together_from_a_peer() {
    let (mut hall, journal) = hall(false);
    let damaged = flip(&hall.file("journal"), middle_of(&journal, 4));
    let (bench, other) = hall.other.take().unwrap();
    let serving = hall.start();
    let said = page(serving.pages, "/chair");
    assert!(
        said.contains("Журнал этого комплекта повреждён") && said.contains("Нет: 5."),
        "{said}"
    );
    assert!(!said.contains("/chair/open") && !said.contains("name=\"slip\""));
    assert_eq!(request(serving.pages, "POST /find", "q=7").0, 303);
    assert!(serving.station.kit().is_none());
    assert_eq!(hall.chair(&serving, "open", "", [0, 2]).0, 422);
    let (status, said) = hall.chair(&serving, "mend", "", [0, 2]);
    assert!(
        status == 422 && said.contains("Этих событий ни у кого нет: 5"),
        "{said}"
    );
    assert_eq!(std::fs::read(hall.file("journal")).unwrap(), damaged);
    assert!(!hall.file("journal.damaged-1").exists());
    drop(serving);

    hall.other = Some((bench, other));
    let serving = hall.start();
    assert_eq!(hall.chair(&serving, "mend", "", [0, 1]).0, 422, "one body");
    assert_eq!(std::fs::read(hall.file("journal")).unwrap(), damaged);
    let (status, said) = hall.chair(&serving, "mend", "", [0, 2]);
    assert_eq!(status, 303, "{said}");
    let kit = serving.station.kit().unwrap();
    let whole = kit.journal_bytes().unwrap();
    assert!(whole.starts_with(&journal) && whole.len() > journal.len());
    assert_eq!(
        std::fs::read(hall.file("journal.damaged-1")).unwrap(),
        damaged
    );
    assert!(serving.station.damage().is_none());
    // The file showed its end: nothing is in doubt.
    assert!(!kit.needs_look(20));
    kit.present(20, &capture(200)).unwrap();
    assert!(kit.sync_all().is_empty());
    let other = &hall.other.as_ref().unwrap().0.kit;
    let incidents = other.read(pollbook::Book::incidents);
    assert_eq!(incidents.len(), 1);
    assert_eq!(
        (incidents[0].code.as_str(), incidents[0].evidence[0].seq),
        ("JOURNAL_RESTORED", 5)
    );
    assert!(page(serving.pages, "/chair/incidents").contains("восстановлен перед открытием"));
    drop((kit, serving));
    let again = reopen(
        &hall.precinct,
        "K1",
        &hall.folder.path().join("K1"),
        &hall.clock,
    );
    assert_eq!(
        again.kit.read(pollbook::Book::incidents).len(),
        1,
        "recorded once"
    );
}

/// The file's end is cut off, by fewer events than the mark follows. Expect: it does not start as if they had never
/// been; the medium gives them; the number of the last slip must be known; the paper is asked for until K2 was heard.
#[test]
fn a_truncated_journal_comes_back_from_the_medium() {
    let (mut hall, journal) = hall(true);
    hall.other = None;
    let cut = middle_of(&journal, 6);
    let mut file = std::fs::read(hall.file("journal")).unwrap();
    file.truncate(cut);
    std::fs::write(hall.file("journal"), &file).unwrap();
    let serving = hall.start();
    let said = page(serving.pages, "/chair?lang=en");
    assert!(
        said.contains("journal is damaged") && said.contains("name=\"slip\""),
        "{said}"
    );
    for (slip, words) in [
        ("", "Впишите номер"),
        ("11", "Найденное кончается на 10, а было 11"),
        ("9", "а было 9"),
        ("x", "Это не число"),
    ] {
        let (status, said) = hall.chair(&serving, "mend", &format!("slip={slip}"), [0, 2]);
        assert!(status == 422 && said.contains(words), "{slip}: {said}");
    }
    assert_eq!(std::fs::read(hall.file("journal")).unwrap(), file);
    let (status, said) = hall.chair(&serving, "mend", "slip=10", [0, 2]);
    assert_eq!(status, 303, "{said}");
    let kit = serving.station.kit().unwrap();
    assert!(kit.journal_bytes().unwrap().starts_with(&journal));
    assert_eq!(std::fs::read(hall.file("journal.damaged-1")).unwrap(), file);
    assert!(kit.needs_look(20));
}

/// The card of K1 was changed for an empty one, and the journal alone was deleted. Expect: no empty journal where others
/// know of this kit, nor where it was opened once.
#[test]
fn no_kit_begins_an_empty_journal_where_it_had_one() {
    let (mut hall, journal) = hall(false);
    std::fs::remove_dir_all(hall.folder.path().join("K1")).unwrap();
    let serving = hall.start();
    assert!(serving.station.damage().is_none(), "nobody was asked yet");
    let (status, said) = hall.chair(&serving, "open", "", [0, 2]);
    assert!(
        status == 422 && said.contains("Журнал комплекта потерян"),
        "{said}"
    );
    assert!(!hall.file("journal").exists());
    assert!(page(serving.pages, "/chair").contains("name=\"slip\""));
    let (status, said) = hall.chair(&serving, "mend", "slip=10", [0, 2]);
    assert_eq!(status, 303, "{said}");
    let kit = serving.station.kit().unwrap();
    assert!(kit.journal_bytes().unwrap().starts_with(&journal));
    drop((kit, serving));

    hall.other = None;
    let open_k1 = || {
        let printer = Arc::default();
        let folder = hall.folder.path().join("K1");
        let config = hall.precinct.config(&folder, &hall.clock, &printer);
        Kit::open(config, hall.precinct.kit_key("K1"), &hall.precinct.pair())
    };
    let whole = std::fs::read(hall.file("journal")).unwrap();
    for file in ["journal", "mark"] {
        std::fs::remove_file(hall.file(file)).unwrap();
        let lost = open_k1();
        assert!(
            matches!(lost, Err(OpenError::Journal(JournalError::Lost { .. }))),
            "without {file}"
        );
    }
    std::fs::write(hall.file("journal"), []).unwrap();
    assert!(matches!(
        open_k1(),
        Err(OpenError::Journal(JournalError::Lost { .. }))
    ));
    assert!(std::fs::read(hall.file("journal")).unwrap().is_empty());
    std::fs::write(hall.file("journal"), whole).unwrap();
    assert!(open_k1().is_ok());
}

/// A disk that fails as it is told to.
#[derive(Debug, Default)]
struct Failing(Arc<AtomicU8>);

const FULL: u8 = 1;
const READ_ONLY: u8 = 2;

fn fault(state: &AtomicU8) -> Option<io::Error> {
    match state.load(Ordering::SeqCst) {
        FULL => Some(io::ErrorKind::StorageFull.into()),
        READ_ONLY => Some(io::ErrorKind::ReadOnlyFilesystem.into()),
        _ => None,
    }
}

#[derive(Debug)]
struct FailingFile(Box<dyn OpenFile>, Arc<AtomicU8>);

impl OpenFile for FailingFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<()> {
        match fault(&self.1) {
            // A full disk may take a part.
            Some(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.0.write_at(&bytes[..bytes.len() / 2], place)?;
                Err(error)
            }
            Some(error) => Err(error),
            None => self.0.write_at(bytes, place),
        }
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        self.0.read_at(buffer, place)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

impl Disk for Failing {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        HostDisk.read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        match fault(&self.0) {
            Some(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => Err(error),
            _ => Ok(Box::new(FailingFile(
                HostDisk.open(path)?,
                Arc::clone(&self.0),
            ))),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        match fault(&self.0) {
            Some(error) => Err(error),
            None => Ok(Box::new(FailingFile(
                HostDisk.create(path)?,
                Arc::clone(&self.0),
            ))),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fault(&self.0).map_or_else(|| HostDisk.rename(from, to), Err)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        HostDisk.make_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        HostDisk.sync_folder(path)
    }
}

/// The disk is full, or takes no writing, when a finger fits. Expect: no mark, no slip, nothing for the peers; the
/// screens say what to do; after the disk works again the voter is served, once.
#[test]
fn a_disk_that_takes_nothing_refuses_the_act_before_slip_and_ballot() {
    for (state, words) in [
        (FULL, "Диск комплекта полон"),
        (READ_ONLY, "закрыт для записи"),
    ] {
        let precinct = Precinct::new(1001, 120);
        let folder = tempfile::tempdir().unwrap();
        let (clock, printer) = (
            Arc::new(SetClock::new(at(10))),
            Arc::new(MemoryPrinter::default()),
        );
        let disk = Failing::default();
        let switch = Arc::clone(&disk.0);
        let config = || precinct.config(&folder.path().join("K1"), &clock, &printer);
        let disk: Arc<dyn Disk> = Arc::new(disk);
        let open_again = || {
            Kit::open_on(
                Arc::clone(&disk),
                config(),
                precinct.kit_key("K1"),
                &precinct.pair(),
            )
        };
        let kit = open_again().unwrap();
        kit.present(7, &capture(70)).unwrap();
        let head = kit.read(|book| book.head(book.me()));
        let papers = printer.names().len();
        switch.store(state, Ordering::SeqCst);
        assert!(matches!(
            kit.present(8, &capture(80)),
            Err(ActError::Storage)
        ));
        assert_eq!(
            kit.read(|book| (book.head(book.me()), book.counted())),
            (head, 1)
        );
        assert_eq!(printer.names().len(), papers, "no slip");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let serving = runtime.block_on(async {
            let glass = Arc::new(ImageFolder::new(folder.path().to_owned()));
            let station = Station::new(None, CardBox::new(Vec::new()), glass);
            station.install(Arc::clone(&kit));
            let any: SocketAddr = ANY.parse().unwrap();
            serve_station(station, any, any).await.unwrap()
        });
        for path in ["/", "/chair"] {
            let said = page(serving.pages, path);
            assert!(
                said.contains(words) && said.contains("к другому комплекту"),
                "{path}: {said}"
            );
        }
        drop((serving, kit));
        if state == READ_ONLY {
            let Err(OpenError::Journal(JournalError::Disk { source, .. })) = open_again() else {
                unreachable!("a kit that may not write does not open");
            };
            assert_eq!(source.kind(), io::ErrorKind::ReadOnlyFilesystem);
        }
        switch.store(0, Ordering::SeqCst);
        let kit = open_again().unwrap();
        assert_eq!(kit.read(|book| book.head(book.me())), head);
        assert!(matches!(
            kit.present(8, &capture(80)).unwrap(),
            Verdict::Green(_)
        ));
        assert!(matches!(
            kit.present(8, &capture(80)).unwrap(),
            Verdict::Red(_)
        ));
    }
}
