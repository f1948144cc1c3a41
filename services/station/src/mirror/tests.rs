#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;
use crate::disk::HostDisk;

fn grows(bytes: &'static [u8]) -> impl Fn(u64) -> io::Result<Vec<u8>> {
    move |place| Ok(bytes[usize::try_from(place).unwrap()..].to_vec())
}

fn follow(mirror: &mut Mirror, bytes: &'static [u8], steady: u64) {
    let from = grows(bytes);
    let source = Source::Grows {
        length: bytes.len() as u64,
        from: &from,
    };
    mirror.follow(
        &[("K1.journal".to_owned(), source)],
        None,
        Instant::from_micros(0),
        steady,
    );
}

fn mirror(medium: &Path) -> Mirror {
    Mirror::new(Arc::new(HostDisk), medium.to_owned(), "1001-K1")
}

#[test]
fn without_its_marker_a_folder_is_no_medium_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = mirror(folder.path());
    follow(&mut mirror, b"one", 0);
    assert!(mirror.view().why.as_deref().unwrap().contains(MARKER));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    make_medium(&HostDisk, folder.path()).unwrap();
    follow(&mut mirror, b"one", 1);
    assert_eq!(mirror.view().why, None);
    let copy = folder.path().join("1001-K1/K1.journal");
    assert_eq!(std::fs::read(copy).unwrap(), b"one");
}

#[test]
fn a_stick_that_was_out_is_brought_up_to_date_and_a_foreign_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    make_medium(&HostDisk, folder.path()).unwrap();
    let copy = folder.path().join("1001-K1/K1.journal");
    let mut first = mirror(folder.path());
    follow(&mut first, b"one", 0);
    follow(&mut first, b"one two", 1);
    assert_eq!(std::fs::read(&copy).unwrap(), b"one two");

    // Out while the kit writes, and torn at its end.
    std::fs::write(&copy, b"one t\0\0\0").unwrap();
    let mut second = mirror(folder.path());
    follow(&mut second, b"one two three", 2);
    assert_eq!(std::fs::read(&copy).unwrap(), b"one two three");

    // Another kit's journal under this name.
    std::fs::write(&copy, b"one of others").unwrap();
    let mut third = mirror(folder.path());
    follow(&mut third, b"one two three", 3);
    assert_eq!(std::fs::read(&copy).unwrap(), b"one two three");
    let kept = folder.path().join("1001-K1/K1.journal.other-1");
    assert_eq!(std::fs::read(kept).unwrap(), b"one of others");
}

#[test]
fn pages_are_due_once_a_minute_and_at_once_after_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = mirror(folder.path());
    assert!(mirror.wants_pages(0));
    make_medium(&HostDisk, folder.path()).unwrap();
    mirror.follow(&[], Some(b"pages"), Instant::from_micros(5), 0);
    assert_eq!(mirror.view().pages, Some(Instant::from_micros(5)));
    assert!(!mirror.wants_pages(PAGES_EVERY - 1));
    assert!(mirror.wants_pages(PAGES_EVERY));
    std::fs::remove_file(folder.path().join(MARKER)).unwrap();
    mirror.follow(&[], None, Instant::from_micros(6), 1);
    assert!(
        mirror.wants_pages(2),
        "a stick that comes back gets pages at once"
    );
}
