//! Pictures of voters whom two officers identified: sealed on the kit, named by the act, handed in; never in the clear.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::FileKey;
use lexicon::handover::envelope::{decode, peek1, sha256};
use lexicon::handover::event::{Event, event_subject, kind, unframe};
use lexicon::handover::package::PackageError;
use lexicon::handover::picture::{KeptPicture, PICTURE_BYTES_MAX, PictureOf};
use pollbook::picture_of;
use precinct::{Bench, CLOSES, ELECTION, OPENS, Precinct, at, capture, open, pictures_key, pin};
use station::camera::{Picture, PictureFolder};
use station::cards::CardBox;
use station::scanner::ImageFolder;
use station::{Method2, Missing, Outcome, Shown, Station, TwoCards, Verdict};

fn jpeg(marker: &str) -> Vec<u8> {
    [b"\xff\xd8\xff".as_slice(), marker.as_bytes(), b"\xff\xd9"].concat()
}

fn sealed(picture: &[u8]) -> Result<KeptPicture, PackageError> {
    let of = PictureOf {
        election: ELECTION,
        precinct: 1001,
        kit: [1; 8],
        line: 7,
        at: OPENS,
        package: [2; 32],
    };
    KeptPicture::seal(of, picture, &pictures_key().public_key(), &[9; 32])
}

/// Only the office's key opens it, and no field of it can be changed.
#[test]
fn a_sealed_picture_opens_with_one_key_and_as_it_was_sealed() {
    let picture = jpeg("a face");
    let kept = sealed(&picture).unwrap();
    let (file, hash) = kept.file();
    assert_eq!(hash, sha256(&file));
    assert!(!file.windows(6).any(|part| part == b"a face"));
    let read = KeptPicture::read(&file).unwrap();
    assert_eq!(read.open(&pictures_key()).unwrap(), picture);
    let other = FileKey::from_seed(b"nobody", "x");
    assert!(matches!(read.open(&other), Err(PackageError::Wrap)));
    let check = |change: &dyn Fn(&mut KeptPicture)| {
        let mut changed = kept.clone();
        change(&mut changed);
        let opened = changed.open(&pictures_key());
        assert!(opened.is_err(), "{changed:?}");
    };
    check(&|kept| kept.line = 8);
    check(&|kept| kept.precinct = 1002);
    check(&|kept| kept.kit = [3; 8].into());
    check(&|kept| kept.at += 1);
    check(&|kept| kept.package = [4; 32].into());
    check(&|kept| kept.ephemeral = pictures_key().public_key().0.into());
    assert!(KeptPicture::read(&file[1..]).is_err());
    let huge = vec![0; PICTURE_BYTES_MAX + 1];
    assert!(sealed(&huge).is_err());
    assert!(KeptPicture::read(&vec![0; PICTURE_BYTES_MAX + 2048]).is_err());
}

/// Every file below a folder that holds these bytes.
fn holding(folder: &Path, part: &[u8]) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(part.len())
            .any(|window| window == part)
        {
            found.push(path);
        }
    }
    found
}

/// The picture that the act of a line names, by its event in the journal.
fn named(bench: &Bench, line: u32) -> Option<[u8; 32]> {
    let journal = bench.kit.journal_bytes().unwrap();
    let mut events = unframe(&journal).events.into_iter().map(|signed| -> Event {
        let (_, payload) = peek1(event_subject(ELECTION), signed).unwrap();
        decode(&payload).unwrap()
    });
    let body = events.find_map(|event| {
        let is_act = event.kind == kind::IDENTIFIED;
        let body: lexicon::handover::event::Identified =
            is_act.then(|| decode(&event.body).unwrap())?;
        (body.line == line).then_some(body)
    });
    body.unwrap().picture.map(|picture| *picture)
}

/// Story S-17: a voter's fingers cannot be read; the chair and a second member compare the face with the list's and sign.
/// Expected: the frame that both saw lies sealed on the kit and on its medium, the signed act names it, the report counts it,
/// the hand-over carries it, the office's key opens it; in the clear it is nowhere. A finger, and a camera that gives nothing,
/// leave no picture, and the voter is served all the same. A picture that is lost is said to be.
#[test]
fn the_frame_that_both_officers_saw_is_kept_sealed() {
    let (precinct, cards) = Precinct::with_cards("segment", 1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let faces = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    std::fs::write(faces.path().join("1.jpg"), jpeg("the first planted face")).unwrap();
    std::fs::write(faces.path().join("2.jpg"), jpeg("another planted face")).unwrap();
    let own = folder.path().join("K1");
    let bench = open(&precinct, "K1", &own, 10);
    let kids = precinct.pair().map(|card| card.kid().hex());
    let glass = Arc::new(ImageFolder::new(folder.path().join("glass")));
    let station = Station::new(None, CardBox::new(cards), glass);
    station.set_camera(Arc::new(PictureFolder::new(faces.path().to_owned())));
    station.install(Arc::clone(&bench.kit));
    let two = TwoCards {
        kids,
        passphrases: ["pass".to_owned(), "pass".to_owned()],
    };
    assert!(bench.kit.keeps_pictures());
    let call = |line: u32| {
        station.find(&pin(line));
        station.call_two(station::Wanted::CheckIn(
            Method2::Face,
            "FINGERS_UNREADABLE",
        ));
    };
    // The picture is taken again at the operator's wish: the last frame that they saw is the one that is kept.
    call(3);
    let shown = |picture: &str| Shown {
        line: 3,
        picture: picture.to_owned(),
    };
    let first = Picture::of(jpeg("the first planted face"))
        .unwrap()
        .digits();
    station.next();
    call(3);
    let signed = station.approve_as(&two, None, "", Some(&shown(&first)));
    assert!(signed.is_err(), "another picture than they saw");
    let second = Picture::of(jpeg("another planted face")).unwrap().digits();
    station
        .approve_as(&two, None, "", Some(&shown(&second)))
        .unwrap();
    let hash = named(&bench, 3).unwrap();
    let act = bench
        .kit
        .read(|book| book.state(3).counted.clone())
        .unwrap();
    assert_eq!(picture_of(&act), Some(hash));
    let file = own.join(format!("K1.picture-{:06}.sealed", act.name.seq));
    let kept = std::fs::read(&file).unwrap();
    assert_eq!(sha256(&kept), hash);
    let opened = KeptPicture::read(&kept).unwrap();
    assert_eq!((opened.line, opened.precinct), (3, 1001));
    assert_eq!(
        opened.open(&pictures_key()).unwrap(),
        jpeg("another planted face")
    );
    // A finger names none.
    let Verdict::Green(_) = bench.kit.present(1, &capture(10)).unwrap() else {
        panic!("line 1");
    };
    assert_eq!(named(&bench, 1), None);
    // The camera is dead: the two compare the person.
    std::fs::remove_file(faces.path().join("1.jpg")).unwrap();
    std::fs::remove_file(faces.path().join("2.jpg")).unwrap();
    call(5);
    station.approve(&two).unwrap();
    assert_eq!(named(&bench, 5), None);
    // Cards that may not sign together leave nothing behind.
    let alone = [precinct.pair()[0]];
    let face = Picture::of(jpeg("a third planted face")).unwrap();
    let refused = bench
        .kit
        .check_in_seen(6, Method2::Face, "NO_FINGERS", Some(&face), &alone);
    assert!(refused.is_err());
    let count = || {
        let names = std::fs::read_dir(&own).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".picture-")).count()
    };
    assert_eq!(count(), 1);
    let done = bench.kit.check_in_seen(
        6,
        Method2::Override,
        "NO_FINGERS",
        Some(&face),
        &precinct.pair(),
    );
    assert!(matches!(done, Ok(Outcome::Green(_))), "{done:?}");
    assert_eq!((count(), bench.kit.pictures_lost()), (2, 0));
    std::fs::create_dir(stick.path().join("medium")).unwrap();
    std::fs::write(
        stick.path().join("medium").join(station::mirror::MARKER),
        "",
    )
    .unwrap();
    bench.kit.set_medium(
        Arc::new(station::disk::HostDisk),
        stick.path().join("medium"),
    );
    bench.kit.copy_to_medium();
    let (closes, pair) = ((CLOSES - OPENS) / 1_000_000 + 1, precinct.pair());
    bench.clock.set(at(closes));
    bench.kit.close(0, &pair).unwrap();
    let report = bench
        .kit
        .report_because(pollbook::ReportKind::Final, Some("UNREACHABLE"), &pair)
        .unwrap();
    assert_eq!(report.report.pictures, Some(2));
    let handed = bench.kit.hand_over(stick.path()).unwrap();
    let name = file.file_name().unwrap();
    assert_eq!(std::fs::read(handed.folder.join(name)).unwrap(), kept);
    assert_eq!(
        holding(stick.path(), &kept).len(),
        2,
        "medium and hand-over"
    );
    for place in [folder.path(), stick.path()] {
        for marker in ["first planted", "another planted", "third planted"] {
            let found = holding(place, marker.as_bytes());
            assert!(found.is_empty(), "{marker}: {found:?}");
        }
    }
    // Another file in its place is as good as none.
    std::fs::write(&file, b"damaged").unwrap();
    let again = bench.kit.hand_over(stick.path()).unwrap();
    assert!(again.missing.contains(&Missing::Pictures(1)), "{again:?}");
}
