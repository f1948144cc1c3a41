//! Captures of fingers that identified voters: sealed on the kit, handed in under its signature; never in the clear (S-16 b).

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::path::Path;
use std::sync::Arc;

use fingerprint::Template;
use keys::FileKey;
use lexicon::handover::capture::{
    CaptureContents, CaptureList, CaptureOf, ENROLLED_MAX, KeptCapture, RECORD_BYTES_MAX,
};
use lexicon::handover::envelope::hex;
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{PackageError, PackageFinger};
use precinct::{Bench, CLOSES, ELECTION, OPENS, Precinct, at, capture, captures_key, finger, open};
use station::{Method2, Missing, Outcome, Verdict};

fn contents(record: &[u8], enrolled: usize) -> CaptureContents {
    let print = PackageFinger {
        position: 2,
        minutiae: bytes(&finger(71)),
    };
    CaptureContents {
        minutiae: bytes(record),
        enrolled: vec![print; enrolled],
    }
}

fn sealed(contents: &CaptureContents) -> Result<KeptCapture, PackageError> {
    let of = CaptureOf {
        election: ELECTION,
        precinct: 1001,
        kit: [1; 8],
        seq: 9,
        line: 7,
        finger: 2,
        at: OPENS,
        package: [2; 32],
    };
    KeptCapture::seal(of, contents, &captures_key().public_key(), &[9; 32])
}

/// Only the office's key opens it, and no field of it can be changed.
#[test]
fn a_sealed_capture_opens_with_one_key_and_as_it_was_sealed() {
    let record = finger(70);
    let whole = contents(&record, ENROLLED_MAX);
    let kept = sealed(&whole).unwrap();
    let bytes = kept.bytes();
    assert!(!bytes.windows(12).any(|part| part == &record[28..40]));
    let read = KeptCapture::read(&bytes).unwrap();
    assert_eq!(read.open(&captures_key()).unwrap(), whole);
    let other = FileKey::from_seed(b"nobody", "x");
    assert!(matches!(read.open(&other), Err(PackageError::Wrap)));
    let check = |change: &dyn Fn(&mut KeptCapture)| {
        let mut changed = kept.clone();
        change(&mut changed);
        assert!(changed.open(&captures_key()).is_err(), "{changed:?}");
    };
    check(&|kept| kept.line = 8);
    check(&|kept| kept.seq = 10);
    check(&|kept| kept.precinct = 1002);
    check(&|kept| kept.kit = [3; 8].into());
    check(&|kept| kept.finger = 3);
    check(&|kept| kept.at += 1);
    check(&|kept| kept.package = [4; 32].into());
    check(&|kept| kept.ephemeral = captures_key().public_key().0.into());
    assert!(KeptCapture::read(&bytes[1..]).is_err());
    assert!(sealed(&contents(&[0; RECORD_BYTES_MAX + 1], 0)).is_err());
    assert!(sealed(&contents(&record, ENROLLED_MAX + 1)).is_err());
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &Path, part: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, part);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(part.len()).any(|window| window == part)
    })
}

fn close(bench: &Bench, precinct: &Precinct) {
    bench.clock.set(at((CLOSES - OPENS) / 1_000_000 + 1));
    bench.kit.close(0, &precinct.pair()).unwrap();
}

fn handed(bench: &Bench, stick: &Path) -> (CaptureList, Vec<Missing>) {
    let done = bench.kit.hand_over(stick).unwrap();
    let file = std::fs::read(done.folder.join("K1.captures.cose")).unwrap();
    let ring = keys::KeyRing::of([precinct::key("1001 K1").public_key()]);
    let (list, _) = CaptureList::open(&file, ELECTION, &ring).unwrap();
    (list, done.missing)
}

/// Story: three voters are identified by a finger, one of them after a finger that differed, one by two officers; the kit is
/// started again in between. Expect: one sealed capture for each act by a finger, on the kit, on its medium and in the
/// hand-over under the kit's signature, in the clear nowhere; one that is lost is said to be; what a cut left of an act that
/// never was is not handed in.
#[test]
fn every_finger_that_identifies_is_kept_sealed_and_handed_in_signed() {
    let precinct = Precinct::keeping(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    let own = folder.path().join("K1");
    let bench = open(&precinct, "K1", &own, 10);
    assert!(bench.kit.keeps_captures());
    let fits = |bench: &Bench, line: u32| {
        let served = bench.kit.present(line, &capture(line * 10)).unwrap();
        assert!(matches!(served, Verdict::Green(_)), "{served:?}");
    };
    fits(&bench, 3);
    let differed = bench.kit.present(5, &capture(99_999)).unwrap();
    assert!(matches!(differed, Verdict::Again { .. }), "{differed:?}");
    fits(&bench, 5);
    let done = bench
        .kit
        .check_in_two_officers(6, Method2::Face, "NO_FINGERS", &precinct.pair())
        .unwrap();
    assert!(matches!(done, Outcome::Green(_)));
    drop(bench);
    // A capture under the counter of the next act, whose act the power cut took: of another line.
    let file = own.join("K1.captures");
    let text = std::fs::read_to_string(&file).unwrap();
    let last = text.lines().rfind(|line| line.len() > 1).unwrap();
    let bench = open(&precinct, "K1", &own, 300);
    let head = bench.kit.read(|book| book.head(book.me()).seq);
    let left = KeptCapture {
        seq: head + 1,
        line: 40,
        ..KeptCapture::read(&lexicon::handover::envelope::unhex(last).unwrap()).unwrap()
    };
    std::fs::write(&file, format!("{text} \n{}\n", hex(&left.bytes()))).unwrap();
    bench.clock.set(at(400));
    fits(&bench, 9);
    std::fs::create_dir(stick.path().join("medium")).unwrap();
    std::fs::write(
        stick.path().join("medium").join(station::mirror::MARKER),
        "",
    )
    .unwrap();
    let medium = stick.path().join("medium");
    bench
        .kit
        .set_medium(Arc::new(station::disk::HostDisk), medium.clone());
    bench.kit.copy_to_medium();
    let copy = std::fs::read(medium.join("1001-K1").join("K1.captures")).unwrap();
    assert_eq!(copy, std::fs::read(&file).unwrap());
    close(&bench, &precinct);
    let (list, missing) = handed(&bench, stick.path());
    assert!(
        !missing
            .iter()
            .any(|one| matches!(one, Missing::Captures(_))),
        "{missing:?}"
    );
    let lines: Vec<u32> = list.captures.iter().map(|one| one.line).collect();
    assert_eq!(lines, [3, 5, 9]);
    for kept in &list.captures {
        let open = kept.open(&captures_key()).unwrap();
        let record = open.minutiae;
        let listed = bench.kit.voter(kept.line).unwrap().fingers.clone();
        assert_eq!(open.enrolled, listed);
        let enrolled = &listed[0].minutiae[28..60];
        assert!(!holds(folder.path(), enrolled) && !holds(stick.path(), enrolled));
        let known = Template::from_iso(&finger(kept.line * 10)).unwrap();
        assert_eq!(
            Template::from_iso(&record).unwrap().minutiae,
            known.minutiae
        );
        assert!(!holds(folder.path(), &record[28..60]) && !holds(stick.path(), &record[28..60]));
        let act = bench.kit.read(|book| book.state(kept.line).counted.clone());
        assert_eq!(act.unwrap().name.seq, kept.seq);
    }
    // Damaged behind the kit's back: said, and the others are handed in.
    std::fs::write(&file, text.replacen(last, "00", 1)).unwrap();
    let (list, missing) = handed(&bench, stick.path());
    assert_eq!(list.captures.len(), 1);
    assert!(missing.contains(&Missing::Captures(2)), "{missing:?}");
}

#[test]
fn no_capture_is_kept_without_a_key_in_the_manifest() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", &folder.path().join("K1"), 10);
    assert!(!bench.kit.keeps_captures());
    let served = bench.kit.present(3, &capture(30)).unwrap();
    assert!(matches!(served, Verdict::Green(_)), "{served:?}");
    close(&bench, &precinct);
    let done = bench.kit.hand_over(stick.path()).unwrap();
    assert!(!done.files.iter().any(|file| file.name.contains("captures")));
    assert!(!folder.path().join("K1").join("K1.captures").exists());
}
