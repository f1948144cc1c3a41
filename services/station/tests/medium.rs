//! The copy on a medium: a dead disk, a copy that is behind, the pages of marks.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::path::Path;
use std::sync::Arc;

use precinct::{Bench, Precinct, at, capture, open, reopen};
use station::disk::{Disk, HostDisk};
use station::journal::JournalError;
use station::mirror::{PAGES, make_medium};
use station::print::{LineMark, marks_pages};
use station::restore::{RestoreError, Restored, restore};
use station::{Kit, OpenError};

fn serve(bench: &Bench, lines: &[u32]) {
    for line in lines {
        bench.kit.present(*line, &capture(line * 10)).unwrap();
    }
}

fn put_back(
    precinct: &Precinct,
    folder: &Path,
    medium: &Path,
    last_receipt: u32,
) -> Result<Restored, RestoreError> {
    let disk: Arc<dyn Disk> = Arc::new(HostDisk);
    let clock = Arc::new(station::clock::SetClock::new(at(60)));
    let config = precinct.config(folder, &clock, &Arc::default());
    restore(
        &disk,
        &config,
        precinct.kit_key("K1").kid(),
        medium,
        last_receipt,
    )
}

/// Nothing is configured: the kit copies to the first medium that is put in, says so while there is none, and takes up
/// another one. A folder without the marker is filled by nobody.
#[test]
fn a_kit_that_was_told_of_no_medium_takes_the_first_that_is_put_in() {
    let precinct = Precinct::new(1001, 120);
    let place = tempfile::tempdir().unwrap();
    let media = place.path().join("media");
    std::fs::create_dir_all(media.join("user/another")).unwrap();
    let bench = open(&precinct, "K1", &place.path().join("K1"), 10);
    let places = vec![place.path().join("nowhere"), media.clone()];
    bench.kit.look_for_medium(Arc::new(HostDisk), places);
    serve(&bench, &[3]);
    bench.kit.copy_to_medium();
    assert!(
        bench.kit.medium().unwrap().why.is_some(),
        "the bar is amber"
    );
    let stick = media.join("user/stick");
    std::fs::create_dir(&stick).unwrap();
    make_medium(&HostDisk, &stick).unwrap();
    bench.kit.copy_to_medium();
    assert_eq!(bench.kit.medium().unwrap().why, None);
    assert!(stick.join("1001-K1/K1.journal").exists());
    std::fs::rename(&stick, place.path().join("pulled")).unwrap();
    bench.kit.copy_to_medium();
    assert!(bench.kit.medium().unwrap().why.is_some());
    let card = media.join("card");
    std::fs::create_dir(&card).unwrap();
    make_medium(&HostDisk, &card).unwrap();
    bench.kit.copy_to_medium();
    let journal = bench.kit.journal_bytes().unwrap();
    assert_eq!(
        std::fs::read(card.join("1001-K1/K1.journal")).unwrap(),
        journal
    );
    assert!(!media.join("user/another/1001-K1").exists());
}

/// Story S-27: the disk of K1 is dead. Expect: it does not start empty; the copy is put back when it knows the
/// last slip on paper, and the kit goes on under the next number.
#[test]
fn a_kit_goes_on_from_the_copy_when_its_disk_is_dead() {
    let precinct = Precinct::new(1001, 120);
    let place = tempfile::tempdir().unwrap();
    let (folder, stick) = (place.path().join("K1"), place.path().join("stick"));
    std::fs::create_dir(&stick).unwrap();
    make_medium(&HostDisk, &stick).unwrap();
    let bench = open(&precinct, "K1", &folder, 10);
    bench.kit.set_medium(Arc::new(HostDisk), stick.clone());
    serve(&bench, &[3, 4]);
    bench.kit.copy_to_medium();
    let medium = bench.kit.medium().unwrap();
    assert_eq!((medium.why, medium.copied), (None, Some(at(10))));
    let journal = bench.kit.journal_bytes().unwrap();
    let copy = stick.join("1001-K1/K1.journal");
    assert_eq!(std::fs::read(&copy).unwrap(), journal);
    let events = bench.kit.read(|book| book.head(book.me()).seq);
    assert!(matches!(
        put_back(&precinct, &folder, &stick, 2),
        Err(RestoreError::Stands { held, copied, .. }) if held == events && copied == events
    ));

    // One more voter after the last copy, then the disk loses its journal and keeps the mark.
    serve(&bench, &[5]);
    let clock = Arc::clone(&bench.clock);
    drop(bench);
    std::fs::remove_file(folder.join("K1.journal")).unwrap();
    let lost = Kit::open(
        precinct.config(&folder, &clock, &Arc::default()),
        precinct.kit_key("K1"),
        &precinct.pair(),
    );
    assert!(matches!(
        lost,
        Err(OpenError::Journal(JournalError::Lost { .. }))
    ));

    // The third slip lies on the table, the copy knows two.
    let behind = put_back(&precinct, &folder, &stick, 3).unwrap_err();
    assert!(
        matches!(
            behind,
            RestoreError::Behind {
                copied: 2,
                known: 3,
                ..
            }
        ),
        "{behind}"
    );
    assert!(
        !folder.join("K1.journal").exists(),
        "nothing is half put back"
    );

    // Had it been copied, the kit goes on.
    let done = put_back(&precinct, &folder, &stick, 2).unwrap();
    assert_eq!((done.events, done.receipt), (events, 2));
    let bench = reopen(&precinct, "K1", &folder, &clock);
    assert_eq!(bench.kit.read(pollbook::Book::counted), 2);
    // A grant to K2 may have been among what the copy lacks: the paper decides until K2 was heard.
    assert!(bench.kit.needs_look(6));
    let bench = {
        drop(bench);
        reopen(&precinct, "K1", &folder, &clock)
    };
    assert!(bench.kit.needs_look(6), "also after a restart");
    let other = open(&precinct, "K2", &place.path().join("K2"), 20);
    let link = station::link::InProcess::to(&other.kit);
    bench.kit.connect(other.kit.kid(), Arc::new(link));
    assert!(bench.kit.sync_all().is_empty());
    assert!(!bench.kit.needs_look(6));
    drop(bench);
    let bench = reopen(&precinct, "K1", &folder, &clock);
    assert!(!bench.kit.needs_look(6), "it met K2 before this restart");
    serve(&bench, &[6]);
    assert_eq!(bench.printer.names().last().unwrap(), "receipt-K1-0003");
}

/// A copy of another kit, and one with a changed byte, are refused; a damaged journal is kept beside.
#[test]
fn only_the_kits_own_whole_copy_is_put_back() {
    let precinct = Precinct::new(1001, 120);
    let place = tempfile::tempdir().unwrap();
    let (folder, stick) = (place.path().join("K1"), place.path().join("stick"));
    std::fs::create_dir(&stick).unwrap();
    make_medium(&HostDisk, &stick).unwrap();
    let missing = put_back(&precinct, &folder, &stick, 0).unwrap_err();
    assert!(matches!(missing, RestoreError::NoCopy { .. }), "{missing}");
    let other = open(&precinct, "K2", &place.path().join("K2"), 10);
    other.kit.set_medium(Arc::new(HostDisk), stick.clone());
    other.kit.copy_to_medium();
    std::fs::create_dir(stick.join("1001-K1")).unwrap();
    let copy = stick.join("1001-K1/K1.journal");
    std::fs::copy(stick.join("1001-K2/K2.journal"), &copy).unwrap();
    let foreign = put_back(&precinct, &folder, &stick, 0).unwrap_err();
    assert!(
        matches!(foreign, RestoreError::Copy(JournalError::Foreign { .. })),
        "{foreign}"
    );
    std::fs::remove_file(&copy).unwrap();

    let bench = open(&precinct, "K1", &folder, 10);
    bench.kit.set_medium(Arc::new(HostDisk), stick.clone());
    serve(&bench, &[3]);
    bench.kit.copy_to_medium();
    drop(bench);
    let whole = std::fs::read(&copy).unwrap();
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    std::fs::write(&copy, &flipped).unwrap();
    let damaged = put_back(&precinct, &folder, &stick, 1).unwrap_err();
    assert!(
        matches!(damaged, RestoreError::Copy(JournalError::Damaged { .. })),
        "{damaged}"
    );
    std::fs::write(&copy, &whole).unwrap();
    let own = folder.join("K1.journal");
    let mut journal = std::fs::read(&own).unwrap();
    journal[40] ^= 1;
    // A damaged journal that holds more than the copy is not thrown away for it.
    let cut = lexicon::handover::event::unframe(&whole).events[0].len() + 12;
    std::fs::write(&copy, &whole[..cut]).unwrap();
    let mut longer = std::fs::read(&own).unwrap();
    let second = whole.len() - 20;
    longer[second] ^= 1;
    std::fs::write(&own, &longer).unwrap();
    let behind = put_back(&precinct, &folder, &stick, 0).unwrap_err();
    assert!(
        matches!(behind, RestoreError::Behind { copied: 1, .. }),
        "{behind}"
    );
    std::fs::write(&copy, &whole).unwrap();
    std::fs::write(&own, &journal).unwrap();
    let done = put_back(&precinct, &folder, &stick, 1).unwrap();
    assert_eq!(std::fs::read(&done.kept[0]).unwrap(), journal);
}

/// Story S-38: every kit fails. Expect: the pages on the stick hold each line's mark, by line and kit alone.
#[test]
fn the_pages_hold_every_mark_and_nothing_else() {
    let precinct = Precinct::new(1001, 1_200);
    let place = tempfile::tempdir().unwrap();
    let stick = place.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    make_medium(&HostDisk, &stick).unwrap();
    let bench = open(&precinct, "K1", &place.path().join("K1"), 10);
    bench.kit.set_medium(Arc::new(HostDisk), stick.clone());
    serve(&bench, &[3, 4]);
    bench.kit.undo(4, "WRONG_VOTER", &precinct.pair()).unwrap();
    let marks = bench.kit.marks();
    assert_eq!(marks.lines.len(), 1_200);
    assert_eq!(marks.lines[2], LineMark::Kit("K1".to_owned()));
    assert_eq!(marks.lines[3], LineMark::Undone);
    let marked = marks.lines.iter().filter(|mark| **mark != LineMark::None);
    assert_eq!(marked.count(), 2);
    assert_eq!(marks.kits[0].receipt, 2);
    let pages = marks_pages(&marks);
    assert_eq!(pages.len(), 2);
    let pages = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        let found = bytes.windows(10).filter(|part| part == b"/Type /Pag");
        found.count()
    };
    bench.kit.copy_to_medium();
    let pdf = std::fs::read(stick.join("1001-K1").join(PAGES)).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(pages(&pdf), 3, "two pages and their tree");

    // A minute later they are written again, not before.
    serve(&bench, &[7]);
    bench.clock.set(at(60));
    bench.kit.copy_to_medium();
    assert_eq!(
        std::fs::read(stick.join("1001-K1").join(PAGES)).unwrap(),
        pdf
    );
    bench.clock.set(at(71));
    bench.kit.copy_to_medium();
    assert_ne!(
        std::fs::read(stick.join("1001-K1").join(PAGES)).unwrap(),
        pdf
    );
}

/// A restart shows the signed reports that stand on the disk, and passes over one that is not the kit's.
#[test]
fn reports_are_still_there_after_a_restart() {
    let precinct = Precinct::new(1001, 120);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("K1");
    let bench = open(&precinct, "K1", &folder, 10);
    assert!(bench.kit.kept_reports().is_empty());
    let made = bench.kit.report_initial(&precinct.pair()).unwrap();
    let clock = Arc::clone(&bench.clock);
    drop(bench);
    let bench = reopen(&precinct, "K1", &folder, &clock);
    let kept = bench.kit.kept_reports();
    assert_eq!(kept.len(), 1);
    let (word, report) = &kept[0];
    assert_eq!((*word, &report.signed), ("initial", &made.signed));
    assert_eq!((&report.json, &report.paper), (&made.json, &made.paper));
    let mut changed = made.signed.clone();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(folder.join("K1.final.cose"), &changed).unwrap();
    std::fs::write(folder.join("K1.initial.cose"), &changed[..100]).unwrap();
    assert!(bench.kit.kept_reports().is_empty());
}

/// For people who want to see the pages: `TIZME_MARKS=FOLDER cargo nextest run -p station see_marks`.
#[test]
fn see_marks() {
    let Some(folder) = std::env::var_os("TIZME_MARKS") else {
        return;
    };
    let precinct = Precinct::new(1001, 1_200);
    let place = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", &place.path().join("K1"), 10);
    serve(&bench, &(1..400).step_by(3).collect::<Vec<_>>());
    bench.kit.undo(4, "WRONG_VOTER", &precinct.pair()).unwrap();
    let pdf = station::print::marks_pdf(&bench.kit.marks());
    std::fs::write(Path::new(&folder).join("marks.pdf"), pdf).unwrap();
}
