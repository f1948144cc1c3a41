//! One person with two numbers who voted in two precincts (S-16 b): captures of fingers that kits kept sealed, compared once
//! two people of two institutions allowed it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use std::path::Path;
use std::sync::Arc;

use hall::{Chain, Hall, sane};
use keys::{FileKey, KeyRing};
use lexicon::handover::capture::{
    CaptureContents, CaptureList, CaptureOf, CapturePairs, KeptCapture,
};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, PublicKey, Signer, Subject, encode, id_all, sha256, sign_all,
};
use lexicon::handover::event::frame;
use lexicon::handover::folder::bytes;
use lexicon::handover::office_statement::open_statement;
use lexicon::handover::package::{PackageFinger, PackageManifest};
use lexicon::law::OtherLine;
use lexicon::{ElectionLaw, FingerPosition, Instant, Method};
use office::captures::{CompareError, CompareKeys, compare};
use office::day::{DayReceived, receive_files};
use office::manifests::receive_manifests;
use pollbook::{Book, Charter, CheckIn, Draft, Reading, Step, admit};
use ridges::{ImpressionParams, Position, Skeleton, finger_seed, iso_19794_2};

const ELECTION: u32 = 20_151_004;
/// The most false hits of one search, as the story asks.
const FALSE_HITS: f64 = 1e-6;
/// Seed of everybody's fingers.
const SEED: u64 = 16;
/// Voters; `TIZME_TWICE` says another number.
const VOTERS: u32 = 120;
/// The person who comes twice.
const TWICE: u32 = 17;
/// Fingers of a package, best first.
const FINGERS: [u8; 4] = [2, 7, 1, 6];

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"office captures tests", label)
}

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: ELECTION,
    }
}

fn opens(law: &ElectionLaw) -> i64 {
    Instant::at_local(law.election.day, 480, law.election.offset_minutes).micros()
}

fn manifest(law: &ElectionLaw, precinct: u16, lines: u32) -> PackageManifest {
    let kits = vec![hall::manifest::kit(
        "K1",
        &key(&format!("{precinct} K1")),
        1,
        lines,
    )];
    let officers = hall::manifest::officers(|n| key(&format!("{precinct} officer {n}")));
    hall::manifest::manifest((ELECTION, precinct), opens(law), kits, officers)
}

fn record(person: u32, finger: u8, params: &ImpressionParams, take: u64) -> Vec<u8> {
    let position = Position::new(finger).unwrap();
    let seed = finger_seed(SEED, u64::from(person), position);
    let minutiae = Skeleton::draw(seed, position).impression(params, seed ^ take);
    iso_19794_2(&minutiae, (params.width, params.height), position, 80)
}

/// What the scanner gave of a person's right index finger on the day.
fn capture(person: u32, take: u64) -> Vec<u8> {
    record(person, 2, &ImpressionParams::election_day(), take)
}

/// The capture beside the fingers that were enrolled; each take is an enrolment and a visit of its own.
fn contents(person: u32, take: u64) -> CaptureContents {
    let enrolment = ImpressionParams::enrolment();
    let print = |finger| PackageFinger {
        position: finger,
        minutiae: bytes(&record(person, finger, &enrolment, 100 + take)),
    };
    CaptureContents {
        minutiae: bytes(&capture(person, take)),
        enrolled: FINGERS.map(print).to_vec(),
    }
}

/// The one kit of a precinct and what it hands in.
struct Kit {
    book: Book,
    key: FileKey,
    ring: KeyRing,
    cards: [FileKey; 2],
    journal: Vec<u8>,
    captures: Vec<KeptCapture>,
    opens: i64,
}

impl Kit {
    fn of(law: &ElectionLaw, manifest: &PackageManifest) -> Self {
        let id = id_all(subject(DocumentType::PackageManifest), &encode(manifest));
        let charter = Arc::new(Charter::new(manifest.clone(), DocumentId(id.0)).unwrap());
        let precinct = manifest.precinct;
        let key = key(&format!("{precinct} K1"));
        let points = manifest.kits.iter().map(|kit| *kit.point);
        let officers = manifest.officers.iter().map(|officer| *officer.point);
        let mut kit = Self {
            book: Book::new(charter, key.kid(), Vec::new()),
            ring: KeyRing::of(points.chain(officers).map(PublicKey)),
            key,
            cards: [1, 2].map(|n| self::key(&format!("{precinct} officer {n}"))),
            journal: Vec::new(),
            captures: Vec::new(),
            opens: opens(law),
        };
        let draft = kit.book.open(kit.at(0)).unwrap();
        kit.write_by_two(draft);
        kit
    }

    fn at(&self, seconds: i64) -> Reading {
        Reading {
            wall: Instant::from_micros(self.opens + seconds * 1_000_000),
            steady_micros: u64::try_from(seconds + 1_000).unwrap() * 1_000_000,
        }
    }

    fn write(&mut self, draft: Draft) {
        let signed = draft.sign(&self.book, &self.key).unwrap();
        let act = admit(self.book.charter(), &signed, &self.ring).unwrap();
        self.book.merge(act, None);
        self.journal.extend(frame(&signed));
    }

    fn write_by_two(&mut self, draft: Draft) {
        let draft = draft.consented(&[&self.cards[0], &self.cards[1]]).unwrap();
        self.write(draft);
    }

    /// Serves a line by a finger, and keeps the capture sealed.
    fn serve(&mut self, line: u32, contents: &CaptureContents) {
        let now = self.at(i64::from(line) * 8);
        let act = CheckIn {
            line,
            method: Method::Finger,
            finger: FingerPosition::new(2),
            attempts: 1,
            score_class: 2,
            reason: String::new(),
        };
        let Step::Commit(draft) = self.book.check_in(&act, now).unwrap() else {
            panic!("line {line}");
        };
        let of = CaptureOf {
            election: ELECTION,
            precinct: self.book.charter().manifest().precinct,
            kit: self.key.kid().0,
            seq: draft.seq(),
            line,
            finger: 2,
            at: now.wall.micros(),
            package: self.book.charter().package().0,
        };
        let scalar = sha256(&[&line.to_be_bytes()[..], &self.key.kid().0].concat());
        let desk = hall::captures_key().public_key();
        self.captures
            .push(KeptCapture::seal(of, contents, &desk, &scalar).unwrap());
        self.write(draft);
    }

    fn undo(&mut self, line: u32, seconds: i64) {
        let draft = self
            .book
            .undo(line, "WRONG_VOTER", self.at(seconds))
            .unwrap();
        self.write_by_two(draft);
    }

    fn list(&self) -> CaptureList {
        CaptureList {
            suite: "kg1".to_owned(),
            election: ELECTION,
            precinct: self.book.charter().manifest().precinct,
            kit: self.key.kid().0.into(),
            package: self.book.charter().package().0.into(),
            at: self.at(12 * 3600).wall.micros(),
            captures: self.captures.clone(),
        }
    }
}

fn certify(hall: &Hall, manifests: &[&PackageManifest]) {
    let chain = Chain::new();
    let dir = tempfile::tempdir().unwrap();
    for manifest in manifests {
        let signers: [&dyn Signer; 2] = [&chain.srs, &chain.cec];
        let kind = subject(DocumentType::PackageManifest);
        let signed = sign_all(kind, &encode(*manifest), &signers);
        let name = format!("{:04}.manifest.cose", manifest.precinct);
        std::fs::write(dir.path().join(name), signed.unwrap()).unwrap();
    }
    receive_manifests(&hall.store, dir.path(), chain.source(&hall.law)).unwrap();
}

fn hand_in(hall: &Hall, name: &str, bytes: Vec<u8>) -> DayReceived {
    receive_files(
        &hall.store,
        &hall.law,
        "registrar",
        &[(name.to_owned(), bytes)],
    )
    .unwrap()
}

fn refused(hall: &Hall, bytes: Vec<u8>) -> &'static str {
    let found = hand_in(hall, "K1.captures.cose", bytes);
    assert_eq!((found.kept, found.refused.len()), (0, 1), "{found:?}");
    found.refused[0].1.code()
}

fn lawful(law: &ElectionLaw) -> ElectionLaw {
    let mut law = law.clone();
    law.station.captures = Some(OtherLine {
        false_hits: FALSE_HITS,
        source: "of the test".to_owned(),
    });
    law
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

/// Story S-16 (b): C is line 17 of precinct 1001 and line 5 of 1002, under two numbers, and votes at both. Another voter was
/// marked in 1001 by mistake, undone, and votes in 1002. Expect: one person alone opens nothing, nor two of one institution;
/// after both the comparison runs once and finds exactly C's two acts, with slips, times, kits, hashes and the kits' signed
/// events; nobody's mark changes; no record stands in the clear.
#[test]
fn one_person_with_two_numbers_is_the_only_pair() {
    let voters = std::env::var("TIZME_TWICE").map_or(VOTERS, |n| n.parse().unwrap());
    let hall = Hall::filled(|config| config.law = Arc::new(lawful(&config.law)));
    let law = lawful(&hall.law);
    let manifests = [1001, 1002].map(|precinct| manifest(&law, precinct, voters / 2));
    let mut kits = [0, 1].map(|at: usize| Kit::of(&law, &manifests[at]));
    for line in 1..=voters / 2 {
        kits[0].serve(line, &contents(line, 1));
        let person = match line {
            5 => TWICE,
            11 => 10,
            other => 1_000_000 + other,
        };
        kits[1].serve(line, &contents(person, 2));
    }
    kits[0].undo(10, i64::from(voters / 2 + 1) * 8);
    certify(&hall, &manifests.each_ref());
    let lists = kits
        .each_ref()
        .map(|kit| kit.list().sign(&kit.key).unwrap());
    assert_eq!(
        refused(&hall, lists[0].clone()),
        "captures",
        "no journal yet"
    );
    for (kit, list) in kits.iter().zip(&lists) {
        let found = hand_in(&hall, "K1.journal", kit.journal.clone());
        assert_eq!(found.kept, 1, "{found:?}");
        // Signed by the other kit, of a line that the act is not about, and with a changed byte.
        let other = kit.list().sign(&key("nobody")).unwrap();
        assert_eq!(refused(&hall, other), "captures");
        let mut moved = kit.list();
        moved.captures[0].line = 2;
        assert_eq!(refused(&hall, moved.sign(&kit.key).unwrap()), "captures");
        let mut broken = list.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(refused(&hall, broken), "captures");
        assert_eq!(hand_in(&hall, "K1.captures.cose", list.clone()).kept, 1);
        assert_eq!(hand_in(&hall, "K1.captures.cose", list.clone()).known, 1);
    }
    let (captures, statement) = (hall::captures_key(), hall::statement_key());
    let keys = CompareKeys {
        captures: &captures,
        statement: &statement,
    };
    let run =
        |law: &ElectionLaw| compare(&hall.store, law, keys, lexicon::Clock::now(&*hall.clock));
    let steps = || hall.store.read("steps", |tx| tx.captures_steps()).unwrap();
    assert!(matches!(run(&hall.law), Err(CompareError::LawIsSilent)));
    assert!(matches!(run(&law), Err(CompareError::NotAllowed)));
    // Two people of two institutions.
    let url = "/day/captures";
    let mut desk = hall.signed_in("registrar");
    let page = desk.page(url);
    sane(url, &page);
    assert!(page.contains("Никто не открывал."), "{page}");
    let ask = [("do", "ask"), ("reason", "court"), ("basis", "17/2015")];
    assert_eq!(desk.post(url, &ask[..1]).status, 422);
    let wrong = desk.post(url, &ask[..2]);
    sane(url, &wrong.body);
    assert!(wrong.status == 422 && wrong.body.contains("Укажите номер решения"));
    assert_eq!(desk.post(url, &ask).location, url);
    desk.post(url, &[("do", "allow")]);
    assert!(matches!(run(&law), Err(CompareError::NotAllowed)), "alone");
    let mut commission = hall.signed_in("commission");
    let page = commission.page(url);
    sane(url, &page);
    assert!(page.contains("17/2015"), "{page}");
    commission.post(url, &[("do", "allow")]);
    assert_eq!(steps().len(), 2);
    let (found, bytes) = run(&law).unwrap();
    assert_eq!(
        (found.compared, found.unreadable, found.left_out),
        (voters / 2 * 2 - 1, 0, 1)
    );
    println!(
        "{voters} voters, threshold {}: {} pairs, scores {:?}",
        found.threshold,
        found.pairs.len(),
        found
            .pairs
            .iter()
            .map(|pair| pair.score)
            .collect::<Vec<_>>()
    );
    let places: Vec<_> = found
        .pairs
        .iter()
        .map(|pair| [&pair.first, &pair.second].map(|side| (side.precinct, side.line)))
        .collect();
    assert_eq!(
        places,
        [[(1002, 5), (1001, TWICE)]],
        "the earlier act first"
    );
    let pair = &found.pairs[0];
    assert_eq!(pair.fingers, 4);
    assert!(
        pair.of_day >= 300 && pair.score >= found.threshold,
        "{pair:?}"
    );
    assert!(found.exhaustive);
    // A stranger checks the packet: the office's signature, and in it the kits' own events and lists.
    let ring = KeyRing::of([statement.public_key()]);
    let read: CapturePairs = open_statement(&bytes, ELECTION, &ring, statement.kid()).unwrap();
    assert_eq!(read, found);
    assert_eq!(
        (read.asked.staff.as_str(), read.allowed.staff.as_str()),
        ("registrar", "commission")
    );
    for side in [&read.pairs[0].first, &read.pairs[0].second] {
        let kit = &kits[usize::from(side.precinct - 1001)];
        let act = admit(kit.book.charter(), &side.event, &kit.ring).unwrap();
        let body = pollbook::identified(&act).unwrap();
        assert_eq!((body.line, body.receipt), (side.line, side.receipt));
        assert_eq!(
            (act.name.seq, act.hlc.moment().micros()),
            (side.seq, side.at)
        );
        let list = &lists[usize::from(side.precinct - 1001)];
        let (list, signed) = CaptureList::open(list, ELECTION, &kit.ring).unwrap();
        assert_eq!(*side.captures, signed.id.0);
        let is_it = |kept: &&KeptCapture| kept.hash() == *side.capture;
        assert_eq!(list.captures.iter().find(is_it).unwrap().line, side.line);
    }
    // What was allowed is used up, and every step stands.
    assert!(matches!(run(&law), Err(CompareError::NotAllowed)));
    let acts: Vec<_> = steps().iter().map(|step| step.act.code()).collect();
    assert_eq!(acts, ["asked", "allowed", "opened"]);
    for language in ["ky", "ru", "en"] {
        let page = desk.page(&format!("{url}?lang={language}"));
        sane(url, &page);
        assert!(
            page.contains(&format!("K1-{TWICE:04}")) && page.contains("K1-0005"),
            "{page}"
        );
    }
    let known = contents(TWICE, 1);
    for record in [&known.minutiae, &known.enrolled[0].minutiae] {
        assert!(!holds(hall.dir.path(), &record[28..60]), "in the clear");
    }
    let kept = KeptCapture::read(&kits[0].captures[16].bytes()).unwrap();
    assert!(kept.open(&captures).unwrap() == known);
}

#[test]
fn nobody_asks_to_compare_where_the_law_keeps_no_captures() {
    let hall = Hall::without_list();
    let mut desk = hall.signed_in("registrar");
    let url = "/day/captures";
    let page = desk.page(url);
    sane(url, &page);
    assert!(
        page.contains("[station.captures]") && !page.contains("<form class=\"body"),
        "{page}"
    );
    let ask = [("do", "ask"), ("reason", "court"), ("basis", "1")];
    desk.post(url, &ask);
    let steps = hall.store.read("steps", |tx| tx.captures_steps()).unwrap();
    assert_eq!(steps.len(), 0);
}
