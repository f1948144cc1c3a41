//! Packages and deltas are drawn unsigned; each institution looks and signs alone; half signed they are refused.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::path::{Path, PathBuf};

use batch::deltas::DeltaJob;
use batch::folder::{files_below, hash_file};
use batch::{
    BatchError, Drawn, Expected, Job, ListPlace, check_drawn, form_roll, join_drawn, sign_drawn,
    write_delta, write_packages, write_snapshot, write_station_deltas,
};
use lexicon::ReleaseRefusal;
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, Signer as _, Subject, decode, encode, open_all, unsigned_all,
};
use lexicon::handover::folder::{FileEntry, FolderManifest, MANIFEST_FILE};
use lexicon::handover::package::PackageManifest;
use lexicon::handover::snapshot::{CivilEventRow, SnapshotTables};
use lexicon::handover::station_delta::StationDeltaFile;
use small::{Run, Scratch, moment, package_terms, person, tables};

fn refusal<T: std::fmt::Debug>(result: Result<T, BatchError>) -> ReleaseRefusal {
    let error = result.unwrap_err();
    let BatchError::Refused(refused) = error else {
        panic_with(&error);
    };
    refused.refusal
}

#[expect(clippy::panic, reason = "a failed check should stop at once")]
fn panic_with(error: &BatchError) -> ! {
    panic!("not a refusal: {error}")
}

/// A signed list with packages that nobody has signed.
fn drawn(dir: &Path) -> Run {
    let run = Run::new(dir, &tables());
    let snapshot = dir.join("snapshot");
    let job = run.job(&snapshot, 2);
    let formed = form_roll(&job).unwrap();
    small::sign_both(&job, &run.chain);
    let previous = std::collections::BTreeMap::new();
    write_packages(&job, &formed, &package_terms(&previous)).unwrap();
    run
}

fn manifests(dir: &Path) -> Vec<PathBuf> {
    let folder = dir.join("packages");
    let names = files_below(&folder).unwrap();
    let names = names
        .into_iter()
        .filter(|name| name.ends_with(".manifest.cose"));
    names.map(|name| folder.join(name)).collect()
}

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: small::law().election.number,
    }
}

/// How many signatures of the two every manifest lacks, as a station asks.
fn lacking(run: &Run) -> Vec<usize> {
    let both = [run.chain.srs.kid(), run.chain.cec.kid()];
    let subject = subject(DocumentType::PackageManifest);
    let of = manifests(&run.dir).into_iter().map(|path| {
        let bytes = std::fs::read(path).unwrap();
        match open_all(subject, &bytes, &run.chain.ring, &both) {
            Ok(_) => 0,
            Err(EnvelopeError::MissingSignature { got, needed }) => needed - got,
            Err(_) => 9,
        }
    });
    of.collect()
}

fn sign(place: &ListPlace<'_>, drawn: Drawn, key: &keys::FileKey) -> Result<String, BatchError> {
    sign_drawn(place, drawn, &Expected::default(), key).map(|(_, file)| file)
}

fn join(
    run: &Run,
    place: &ListPlace<'_>,
    drawn: Drawn,
    file: &str,
) -> Result<batch::drawn::Joined, BatchError> {
    let files = [(PathBuf::from("file"), file.to_owned())];
    join_drawn(place, drawn, &files, &run.chain.srs)
}

#[test]
fn packages_are_signed_by_each_alone_in_either_order_and_half_signed_they_do_not_open() {
    for turned in [false, true] {
        let dir = Scratch::new(&format!("drawn-1-{turned}"));
        let run = drawn(dir.path());
        let snapshot = dir.path().join("snapshot");
        let job = run.job(&snapshot, 2);
        let place = job.place();
        assert_eq!(lacking(&run), [2, 2, 2]);
        let looked = check_drawn(&place, Drawn::Packages, &Expected::default()).unwrap();
        assert_eq!((looked.documents.len(), looked.counts["sealed"]), (3, 3));
        let mut keys = [&run.chain.srs, &run.chain.cec];
        if turned {
            keys.reverse();
        }
        for (at, key) in keys.into_iter().enumerate() {
            let before = lacking(&run);
            let file = sign(&place, Drawn::Packages, key).unwrap();
            assert_eq!(
                lacking(&run),
                before,
                "signing changes nothing in the folder"
            );
            assert_eq!(file.lines().count(), 3);
            join(&run, &place, Drawn::Packages, &file).unwrap();
            assert_eq!(lacking(&run), [1 - at; 3]);
            // The same file once more changes nothing.
            assert_eq!(join(&run, &place, Drawn::Packages, &file).unwrap().added, 0);
            let again = sign(&place, Drawn::Packages, key);
            assert_eq!(refusal(again), ReleaseRefusal::SignedAlready);
        }
        // The folder stands as it was signed: packing again is skipped, and so it is after its mark is gone.
        let formed = form_roll(&job).unwrap();
        let previous = std::collections::BTreeMap::new();
        assert!(
            write_packages(&job, &formed, &package_terms(&previous))
                .unwrap()
                .skipped
        );
        std::fs::remove_dir_all(dir.path().join(".steps")).unwrap();
        assert!(
            !write_packages(&job, &formed, &package_terms(&previous))
                .unwrap()
                .skipped
        );
        assert_eq!(lacking(&run), [0, 0, 0]);
    }
}

/// Writes a manifest as its drawer would: unsigned, and named by the folder's own manifest.
fn redraw(run: &Run, path: &Path, change: impl FnOnce(&mut PackageManifest)) {
    let subject = subject(DocumentType::PackageManifest);
    let bytes = std::fs::read(path).unwrap();
    let payload = lexicon::handover::envelope::peek_all(subject, &bytes).unwrap();
    let mut manifest: PackageManifest = decode(&payload).unwrap();
    change(&mut manifest);
    std::fs::write(path, unsigned_all(subject, &encode(&manifest)).unwrap()).unwrap();
    rename(run);
}

/// The folder's manifest signed anew over the files as they are.
fn rename(run: &Run) {
    let dir = run.dir.join("packages");
    let of = self::subject(DocumentType::FolderManifest);
    let before = std::fs::read(dir.join(MANIFEST_FILE)).unwrap();
    let (_, payload) = lexicon::handover::envelope::peek1(of, &before).unwrap();
    let mut folder: FolderManifest = decode(&payload).unwrap();
    for entry in &mut folder.files {
        let (hash, length) = hash_file(&dir.join(&entry.path)).unwrap();
        *entry = FileEntry {
            path: entry.path.clone(),
            length,
            sha256: hash.into(),
        };
    }
    let signed = lexicon::handover::envelope::sign1(of, &encode(&folder), &run.chain.srs);
    std::fs::write(dir.join(MANIFEST_FILE), signed.unwrap()).unwrap();
}

#[test]
fn what_is_not_of_the_released_list_gets_no_signature() {
    let check = |name: &str, break_it: &dyn Fn(&Run), expected: ReleaseRefusal| {
        let dir = Scratch::new(name);
        let run = drawn(dir.path());
        break_it(&run);
        let snapshot = dir.path().join("snapshot");
        let job: Job<'_> = run.job(&snapshot, 2);
        let found = sign(&job.place(), Drawn::Packages, &run.chain.cec);
        assert_eq!(refusal(found), expected, "{name}");
    };
    let differs = ReleaseRefusal::DrawnDiffers;
    let one = |run: &Run| manifests(&run.dir)[1].clone();
    check(
        "drawn-root",
        &|run| redraw(run, &one(run), |of| of.root = [1; 32].into()),
        differs,
    );
    check(
        "drawn-lines",
        &|run| redraw(run, &one(run), |of| of.lines += 1),
        differs,
    );
    check(
        "drawn-share",
        &|run| redraw(run, &one(run), |of| of.kits[0].from += 1),
        differs,
    );
    check(
        "drawn-k",
        &|run| redraw(run, &one(run), |of| of.k = 1),
        differs,
    );
    check(
        "drawn-day",
        &|run| redraw(run, &one(run), |of| of.election = 20_150_907),
        differs,
    );
    // One byte of a sealed file, a package less, a manifest behind the folder's back.
    let sealed = |run: &Run| {
        let path = one(run)
            .to_string_lossy()
            .replace(".manifest.cose", ".package");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    check("drawn-sealed", &sealed, differs);
    let changed = ReleaseRefusal::Changed;
    check(
        "drawn-less",
        &|run| std::fs::remove_file(one(run)).unwrap(),
        changed,
    );
    let behind = |run: &Run| {
        let other = std::fs::read(&manifests(&run.dir)[0]).unwrap();
        std::fs::write(one(run), other).unwrap();
    };
    check("drawn-behind", &behind, changed);
    // The list itself is not signed by both.
    let unsigned = |run: &Run| {
        let path = run.dir.join("roll/release.cose");
        let of = subject(DocumentType::ListRelease);
        let payload = lexicon::handover::envelope::peek_all(of, &std::fs::read(&path).unwrap());
        std::fs::write(path, unsigned_all(of, &payload.unwrap()).unwrap()).unwrap();
    };
    check("drawn-unsigned", &unsigned, ReleaseRefusal::BeforeUnsigned);
}

#[test]
fn signatures_of_another_drawing_or_another_key_are_not_joined() {
    let (dir, other) = (Scratch::new("drawn-3"), Scratch::new("drawn-4"));
    let (run, foreign) = (drawn(dir.path()), drawn(other.path()));
    redraw(&foreign, &manifests(other.path())[0], |of| {
        of.not_after += 1
    });
    let (one, two) = (dir.path().join("snapshot"), other.path().join("snapshot"));
    let (job, job_of_other) = (run.job(&one, 1), foreign.job(&two, 1));
    let theirs = sign(&job_of_other.place(), Drawn::Packages, &foreign.chain.cec).unwrap();
    let place = job.place();
    let found = join(&run, &place, Drawn::Packages, &theirs);
    assert_eq!(refusal(found), ReleaseRefusal::OfAnotherDrawing);
    assert_eq!(lacking(&run), [2, 2, 2], "nothing was written");
    let stranger = sign(&place, Drawn::Packages, &run.chain.office);
    assert_eq!(refusal(stranger), ReleaseRefusal::NotASigner);
    // A signature that does not hold, and no signature at all.
    let mut own = sign(&place, Drawn::Packages, &run.chain.cec).unwrap();
    let last = own.trim_end().len() - 1;
    let digit = if own.as_bytes()[last] == b'0' {
        "1"
    } else {
        "0"
    };
    own.replace_range(last..=last, digit);
    for file in [own.as_str(), "zz\n", "00\n"] {
        let found = join(&run, &place, Drawn::Packages, file);
        assert_eq!(refusal(found), ReleaseRefusal::OfAnotherDrawing);
    }
    assert_eq!(lacking(&run), [2, 2, 2]);
}

fn dead(tables: &mut SnapshotTables, n: usize, on: &str) {
    tables.civil_events.push(CivilEventRow {
        event: format!("ev{n}"),
        person: person(n),
        kind: "death".to_owned(),
        date: on.parse().unwrap(),
        act: "№ 7".to_owned(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
    });
}

#[test]
fn deltas_and_their_cuts_wait_for_both() {
    let dir = Scratch::new("drawn-5");
    let run = drawn(dir.path());
    let base = dir.path().join("snapshot");
    small::sign_drawn(&run.job(&base, 2).place(), Drawn::Packages, &run.chain);
    let mut later = tables();
    dead(&mut later, 0, "2015-09-28");
    let snapshot = dir.path().join("snapshot-2");
    write_snapshot(&snapshot, &later, &run.law, "1", &run.chain.register).unwrap();
    let job = |at: &str| DeltaJob {
        law: &run.law,
        from: &run.dir,
        snapshot: &snapshot,
        keys: run.chain.keys(),
        randomness: &run.randomness,
        effective_at: moment(at),
        known_on: "2015-09-29".parse().unwrap(),
        report: &batch::steps::silent,
    };
    let first = write_delta(&job("2015-09-29T12:00:00+06:00"))
        .unwrap()
        .delta
        .unwrap();
    // Nobody has signed it: it is drawn anew, and nothing is cut from it.
    let job = job("2015-09-29T13:00:00+06:00");
    let delta = write_delta(&job).unwrap().delta.unwrap();
    assert_eq!((first.1.number, delta.1.number), (1, 1));
    assert_ne!(first.0, delta.0);
    let waits = ReleaseRefusal::BeforeUnsigned;
    let place = job.place();
    assert!(
        write_station_deltas(&job).unwrap().is_empty(),
        "nothing is in force yet"
    );
    for (at, key) in [&run.chain.cec, &run.chain.srs].into_iter().enumerate() {
        let root = Expected {
            root: Some([7; 32]),
            ..Expected::default()
        };
        let other = sign_drawn(&place, Drawn::Deltas, &root, key);
        assert_eq!(refusal(other), ReleaseRefusal::NotAsExpected);
        let agreed = Expected {
            root: Some(*delta.1.root_after),
            total: Some(delta.1.voters_after),
            ..Expected::default()
        };
        let (looked, file) = sign_drawn(&place, Drawn::Deltas, &agreed, key).unwrap();
        assert_eq!(
            (looked.counts["strikes"], looked.root),
            (1, *delta.1.root_after)
        );
        join(&run, &place, Drawn::Deltas, &file).unwrap();
        if at == 0 {
            assert_eq!(refusal(write_delta(&job)), waits);
            assert_eq!(refusal(write_station_deltas(&job)), waits);
        }
    }
    let made = write_station_deltas(&job).unwrap();
    assert_eq!(made.len(), 1);
    let name = format!("{}-{:03}.delta", made[0].precinct, made[0].number);
    let path = dir.path().join("station-deltas").join(name);
    let is_taken = || {
        let file: StationDeltaFile = decode(&std::fs::read(&path).unwrap()).unwrap();
        let both = [run.chain.srs.kid(), run.chain.cec.kid()];
        let of = subject(DocumentType::StationDelta);
        open_all(of, &file.signed, &run.chain.ring, &both).is_ok()
    };
    for key in [&run.chain.cec, &run.chain.srs] {
        assert!(!is_taken(), "half signed, a station takes nothing");
        let file = sign(&place, Drawn::StationDeltas, key).unwrap();
        join(&run, &place, Drawn::StationDeltas, &file).unwrap();
    }
    assert!(is_taken());
    assert!(
        write_station_deltas(&job).unwrap().is_empty(),
        "it is cut once"
    );
    assert!(is_taken());
}
