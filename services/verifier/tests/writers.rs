//! Two implementations must agree: an election written by the house's own rooms (`lexicon`, `keys`,
//! `pollbook`, `tlog`) is read by the stranger's tool, which shares no code with them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dir;

use dir::TempDir;
use keys::{FileKey, KeyRing, NoteKey};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Signer, Subject, encode, id_all, sha256, sign_all, sign1,
};
use lexicon::handover::event::frame;
use lexicon::handover::folder::{Anchor, Count, FileEntry, FolderManifest, MANIFEST_FILE, TRUST_FILE, TrustAnchors};
use lexicon::handover::package::{
    KitEntry, OfficerEntry, PackageBody, PackageManifest, SealSecrets, StationPolicy, seal,
};
use lexicon::handover::release::{ExcludedTotal, ListRelease, PrecinctTotal, RollLine, SaltKey, SaltedLine};
use lexicon::{FingerPosition, Instant, Method, RefusalReason};
use pollbook::{Act, Book, Charter, CheckIn, Draft, GrantAnswer, GrantAsk, Holdings, Reading, ReportKind, Step, admit};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlog::{KeyKind, LogSigners, SigningKey, VerifierKey};

const ELECTION: u32 = 20_151_004;
/// 08:00 and 20:00 of 4 October 2015 in Bishkek (UTC+6), microseconds.
const OPENS: i64 = 1_443_924_000_000_000;
const CLOSES: i64 = OPENS + 12 * 3_600_000_000;

const ROLES: [(&str, &str); 4] =
    [("roll", "srs-release"), ("packages", "srs-release"), ("journals", "cec-release"), ("publication", "publication")];

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"agreement", label)
}

fn subject(kind: DocumentType) -> Subject {
    Subject { kind, election: ELECTION }
}

fn note_key(name: &str, label: &str, kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(name, kind, &NoteKey::from_seed(b"agreement", label).secret_bytes()).unwrap()
}

fn reading(seconds: i64) -> Reading {
    let steady_micros = u64::try_from(seconds + 1_000_000).unwrap() * 1_000_000;
    Reading { wall: Instant::from_micros(OPENS + seconds * 1_000_000), steady_micros }
}

struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn put(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        self.0.insert(path.into(), bytes);
    }

    /// Signs a folder; returns the manifest's id.
    fn close(&mut self, folder: &str, role: &str) -> DocumentId {
        let prefix = format!("{folder}/");
        let inside = self.0.iter().filter(|(path, _)| path.starts_with(&prefix));
        let entry = |(path, bytes): (&String, &Vec<u8>)| FileEntry {
            path: path[prefix.len()..].to_owned(),
            length: bytes.len() as u64,
            sha256: sha256(bytes).into(),
        };
        let mut files: Vec<FileEntry> = inside.map(entry).collect();
        files.sort();
        let counts = vec![Count { name: "files".to_owned(), value: files.len() as u64 }];
        let (suite, folder_name) = ("kg1".to_owned(), folder.to_owned());
        let manifest =
            FolderManifest { suite, election: ELECTION, folder: folder_name, files, counts, facts: Vec::new() };
        let (payload, signer) = (encode(&manifest), key(role));
        let subject = subject(DocumentType::FolderManifest);
        self.put(format!("{folder}/{MANIFEST_FILE}"), sign1(subject, &payload, &signer).unwrap());
        lexicon::handover::envelope::id1(subject, signer.kid(), &payload)
    }

    fn log(&mut self, folder: &str, name: &str, entries: &[Vec<u8>]) {
        let log = note_key(name, "log", KeyKind::Ed25519);
        let witnesses: Vec<SigningKey> =
            (1..=2).map(|w| note_key(&format!("w{w}.example"), &format!("w{w}"), KeyKind::CosignatureV1)).collect();
        let signers = LogSigners { log: &log, witnesses: &witnesses, time_s: 1_443_960_000 };
        for (path, bytes) in tlog::log_files(entries, signers).unwrap() {
            self.put(format!("{folder}/{path}"), bytes);
        }
    }
}

fn trust() -> Vec<u8> {
    let roles = ["cec-release", "publication", "register", "root-cec", "root-srs", "srs-release"];
    let anchor = |role: &&str| Anchor {
        role: (*role).to_owned(),
        point: key(role).public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    let witness =
        |w: u32| note_key(&format!("w{w}.example"), &format!("w{w}"), KeyKind::CosignatureV1).verifier().to_string();
    let anchors = TrustAnchors {
        suite: "kg1".to_owned(),
        election: ELECTION,
        anchors: roles.iter().map(anchor).collect(),
        log_key: note_key("log.example", "log", KeyKind::Ed25519).verifier().to_string(),
        witness_keys: vec![witness(1), witness(2)],
        witnesses_needed: 2,
    };
    let roots = [key("root-srs"), key("root-cec")];
    sign_all(subject(DocumentType::TrustAnchors), &encode(&anchors), &[&roots[0], &roots[1]]).unwrap()
}

/// One precinct of `lines` voters in two kits' shares, checked in one after another.
struct Hall {
    charter: Arc<Charter>,
    keys: [FileKey; 2],
    officers: [FileKey; 3],
    ring: KeyRing,
    books: Vec<Book>,
    journals: Vec<Vec<Vec<u8>>>,
    reports: Vec<(String, Vec<u8>)>,
}

impl Hall {
    fn commit(&mut self, kit: usize, draft: Draft) -> Act {
        let signed = draft.sign(&self.books[kit], &self.keys[kit]).unwrap();
        let act = admit(&self.charter, &signed, &self.ring).unwrap();
        self.journals[kit].push(signed);
        for book in &mut self.books {
            book.merge(act.clone(), None);
        }
        act
    }

    fn commit_by_two(&mut self, kit: usize, draft: Draft) -> Act {
        let draft = draft.consented(&[&self.officers[0], &self.officers[1]]).unwrap();
        self.commit(kit, draft)
    }

    fn check_in(&mut self, kit: usize, line: u32, method: Method, seconds: i64) {
        let finger = (method == Method::Finger).then(|| FingerPosition::new(2)).flatten();
        let reason = if finger.is_some() { String::new() } else { "NO_FINGERS".to_owned() };
        let act = CheckIn { line, method, finger, attempts: 1, score_class: 2, reason };
        let receipt = match self.books[kit].check_in(&act, reading(seconds)).unwrap() {
            Step::Commit(draft) if method == Method::Finger => self.commit(kit, draft),
            Step::Commit(draft) => self.commit_by_two(kit, draft),
            Step::AskGrant(owner) => {
                let request = self.books[kit].request_number(reading(seconds));
                let from = self.books[kit].me();
                let owner = self.keys.iter().position(|key| key.kid() == owner).unwrap();
                let GrantAnswer::Give(draft) =
                    self.books[owner].grant(GrantAsk { from, line, request }, reading(seconds))
                else {
                    unreachable!("the line is free");
                };
                self.commit(owner, draft);
                return self.check_in(kit, line, method, seconds);
            }
            other @ (Step::CheckLine | Step::Promise(_) | Step::AskMajority(_)) => {
                unreachable!("under segment with everybody in reach: {other:?}")
            }
        };
        let number = pollbook::identified(&receipt).unwrap().receipt;
        let draft = self.books[kit].printed(number, 0, reading(seconds));
        self.commit(kit, draft);
    }

    fn report(&mut self, kit: usize, kind: ReportKind, name: &str, seconds: i64) {
        let pages = self.charter.lines().div_ceil(25);
        let report = self.books[kit].report(kind, 1, pages, reading(seconds)).unwrap();
        let signers: [&dyn Signer; 3] = [&self.keys[kit], &self.officers[0], &self.officers[1]];
        let signed = sign_all(subject(DocumentType::Report), &encode(&report), &signers).unwrap();
        self.reports.push((format!("K{}.{name}", kit + 1), signed));
    }
}

/// Kits hear of each other before either decides a grant.
fn hear(hall: &mut Hall, seconds: i64) {
    let kits = [hall.keys[0].kid(), hall.keys[1].kid()];
    for (at, kit) in kits.into_iter().enumerate() {
        let peer = &hall.books[1 - at];
        let mut answer = peer.message(kit, 0, &Holdings::default(), reading(seconds).wall);
        answer.answer = true;
        hall.books[at].hear(&answer, reading(seconds));
    }
}

fn policy() -> StationPolicy {
    StationPolicy {
        partition: "segment".to_owned(),
        ballot_table: "paper".to_owned(),
        tries_per_finger: 3,
        pause_after_failures: 5,
        pause_seconds: 30,
        finger_fmr_ppb: 100_000,
        override_quota_permille: 20,
        opens: OPENS,
        closes: CLOSES,
        offset_minutes: 360,
        peer_stale_seconds: 10,
        skew_block_seconds: 60,
        different_bodies: true,
        lines_per_page: 25,
        stop_note: None,
        home: None,
        other_line_ppb: None,
        skew_warn_seconds: None,
        limits: None,
        second_day: None,
        devices: None,
        marked_lines_ppb: None,
    }
}

fn package(precinct: u16, lines: u32, root: [u8; 32]) -> (PackageManifest, Vec<u8>, [FileKey; 2], [FileKey; 3]) {
    let kits = [key(&format!("kit {precinct} 1")), key(&format!("kit {precinct} 2"))];
    let officers = [1, 2, 3].map(|officer| key(&format!("officer {precinct} {officer}")));
    let kit = |at: usize, from, to| KitEntry {
        point: kits[at].public_key().0.into(),
        name: format!("K{}", at + 1),
        from,
        to,
    };
    let officer = |(at, officer): (usize, &FileKey)| OfficerEntry {
        point: officer.public_key().0.into(),
        role: "member".to_owned(),
        body: ["srs", "party-a", "party-b"][at].to_owned(),
        name: format!("Officer {at}"),
    };
    let mut manifest = PackageManifest {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct,
        release: 1,
        package: 1,
        previous: None,
        root: root.into(),
        lines,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: OPENS,
        not_after: CLOSES,
        policy: policy(),
        kits: vec![kit(0, 1, lines / 2), kit(1, lines / 2 + 1, lines)],
        officers: officers.iter().enumerate().map(officer).collect(),
        k: 2,
        revoked: vec![[7; 8].into()],
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    };
    let body = PackageBody {
        version: 0,
        election: ELECTION,
        precinct,
        index_key: [1; 32].into(),
        voters: Vec::new(),
        district: Vec::new(),
        day_key: [2; 32].into(),
        address_ky: "Мектеп".to_owned(),
        address_ru: "Школа".to_owned(),
        places: None,
    };
    let secrets = SealSecrets { ephemeral: [3; 32], officers: [4; 32], kits: [5; 32] };
    let sealed = seal(&mut manifest, &body, &secrets).unwrap();
    (manifest, sealed, kits, officers)
}

/// Writes an election of two precincts with `voters` check-ins in the larger one.
fn election(voters: u32) -> Files {
    let mut files = Files(BTreeMap::new());
    files.put("snapshot/persons.parquet", b"PAR1".to_vec());
    let snapshot = files.close("snapshot", "register");
    files.put(TRUST_FILE, trust());
    let (salts, precincts) = (SaltKey::new(&[6; 32]), [(101u16, voters + 40), (7001, 60)]);
    let (mut entries, mut totals) = (Vec::new(), Vec::new());
    for (precinct, lines) in precincts {
        let line = |line| RollLine {
            precinct,
            line,
            page: line.div_ceil(25),
            surname: format!("Жээнбекова{line}"),
            given: "Айгүл".to_owned(),
            patronymic: String::new(),
            born: "1980-05-09".to_owned(),
            address: "Ош".to_owned(),
        };
        let salted: Vec<SaltedLine> = (1..=lines).map(|number| SaltedLine::new(line(number), &salts)).collect();
        totals.push(PrecinctTotal { precinct, first_leaf: entries.len() as u64, lines });
        entries.extend(salted.iter().map(|line| line.commitment().to_vec()));
        files.put(format!("roll/lines/{precinct:04}.cbor"), encode(&salted));
    }
    let root = tlog::root(&entries.iter().map(|entry| tlog::leaf_hash(entry)).collect::<Vec<_>>()).0;
    files.log("publication/list-1", "log.example/list-1", &entries);
    files.put("publication/law.toml", b"[law]\n".to_vec());
    let release = ListRelease {
        suite: "kg1".to_owned(),
        election: ELECTION,
        release: 1,
        previous: None,
        root: root.into(),
        total: entries.len() as u64,
        precincts: totals,
        considered: entries.len() as u64 + 4,
        excluded: vec![ExcludedTotal { reason: "DEAD".to_owned(), count: 4 }],
        law: sha256(b"[law]\n").into(),
        snapshot: snapshot.0.into(),
        frozen_at: OPENS,
        stage: "final".to_owned(),
    };
    let institutions = [key("srs-release"), key("cec-release")];
    let both: [&dyn Signer; 2] = [&institutions[0], &institutions[1]];
    let (list, payload) = (subject(DocumentType::ListRelease), encode(&release));
    let signed = sign_all(list, &payload, &both).unwrap();
    files.put("roll/release.cose", signed.clone());
    files.put("publication/release-1.cose", signed);
    let mut logged = vec![("list-release", id_all(list, &payload))];
    let (mut counted, mut document2) = (Vec::new(), 0);
    for (precinct, lines) in precincts {
        let (manifest, sealed, kits, officers) = package(precinct, lines, root);
        let (about, payload) = (subject(DocumentType::PackageManifest), encode(&manifest));
        files.put(format!("packages/{precinct:04}.manifest.cose"), sign_all(about, &payload, &both).unwrap());
        files.put(format!("packages/{precinct:04}.package"), sealed);
        logged.push(("package-manifest", id_all(about, &payload)));
        let charter = Arc::new(Charter::new(manifest, id_all(about, &payload)).unwrap());
        let ring = KeyRing::of(kits.iter().chain(&officers).map(FileKey::public_key));
        let books = kits.iter().map(|kit| Book::new(Arc::clone(&charter), kit.kid(), Vec::new())).collect();
        let mut hall = Hall {
            charter,
            keys: kits,
            officers,
            ring,
            books,
            journals: vec![Vec::new(), Vec::new()],
            reports: Vec::new(),
        };
        let acts = day(&mut hall, if precinct == 101 { voters } else { 20 });
        counted.push((precinct, lines, acts));
        for (name, signed) in &hall.reports {
            let about = subject(DocumentType::Report);
            let opened = lexicon::handover::envelope::open_all(about, signed, &hall.ring, &[]).unwrap();
            logged.push(("report", opened.id));
            files.put(format!("journals/{precinct:04}/{name}.cose"), signed.clone());
        }
        document2 += 1;
        for kit in 0..2 {
            let journal = hall.journals[kit].iter().flat_map(|signed| frame(signed)).collect();
            files.put(format!("journals/{precinct:04}/K{}.journal", kit + 1), journal);
        }
    }
    let entry =
        |(kind, id): &(&str, DocumentId)| minicbor::to_vec((kind, minicbor::bytes::ByteArray::from(id.0))).unwrap();
    files.log("publication", "log.example", &logged.iter().map(entry).collect::<Vec<_>>());
    turnout(&mut files, &counted, document2);
    for (folder, role) in ROLES {
        files.close(folder, role);
    }
    files
}

/// Opens both kits, serves `voters` (one by document, one by grant), undoes one, refuses one, closes. Returns the
/// hours of the counted acts.
fn day(hall: &mut Hall, voters: u32) -> Vec<i64> {
    for kit in 0..2 {
        let draft = hall.books[kit].open(reading(-1800 + kit as i64)).unwrap();
        hall.commit_by_two(kit, draft);
    }
    (0..2).for_each(|kit| hall.report(kit, ReportKind::Initial, "initial", -60));
    hear(hall, 1);
    let share = hall.charter.lines() / 2;
    let mut hours = Vec::new();
    // By grant, within the time in which a peer counts as heard.
    hall.check_in(1, 1, Method::Finger, 5);
    hours.push(8);
    for voter in 1..voters {
        let seconds = 60 + i64::from(voter) * (11 * 3600) / i64::from(voters);
        let kit = usize::from(voter % 2 == 0);
        let line = voter / 2 + 2 + if kit == 1 { share } else { 0 };
        let method = if voter == 3 { Method::Document2 } else { Method::Finger };
        hall.check_in(kit, line, method, seconds);
        hours.push(8 + seconds / 3600);
    }
    let draft = hall.books[0].undo(2, "WRONG_PERSON", reading(11 * 3600 + 600)).unwrap();
    hall.commit_by_two(0, draft);
    hours.remove(1);
    let draft = hall.books[0].refuse(0, RefusalReason::NotHere, None, reading(11 * 3600 + 700));
    hall.commit(0, draft);
    for kit in 0..2 {
        let peer: Kid = hall.keys[1 - kit].kid();
        let draft = hall.books[kit].close(0, reading(12 * 3600 + 60)).unwrap();
        hall.commit_by_two(kit, draft);
        let draft = hall.books[kit].countersign(peer, reading(12 * 3600 + 90)).unwrap();
        hall.commit(kit, draft);
    }
    (0..2).for_each(|kit| hall.report(kit, ReportKind::Final, "final", 12 * 3600 + 200));
    hours
}

/// A published column: under ten hidden, and the smallest others until two are hidden that come to ten.
fn column(counts: &[usize]) -> Vec<String> {
    let small = |count: usize| (1..10).contains(&count);
    let mut hidden: Vec<usize> = (0..counts.len()).filter(|at| small(counts[*at])).collect();
    while !hidden.is_empty() && (hidden.len() == 1 || hidden.iter().map(|at| counts[*at]).sum::<usize>() < 10) {
        let others = (0..counts.len()).filter(|at| counts[*at] > 0 && !hidden.contains(at));
        let Some(next) = others.min_by_key(|at| counts[*at]) else { break };
        hidden.push(next);
    }
    let shown = |(at, count): (usize, &usize)| match (small(*count), hidden.contains(&at)) {
        (true, _) => "<10".to_owned(),
        (false, true) => ">=10".to_owned(),
        (false, false) => count.to_string(),
    };
    counts.iter().enumerate().map(shown).collect()
}

fn turnout(files: &mut Files, counted: &[(u16, u32, Vec<i64>)], document2: usize) {
    let voted: Vec<usize> = counted.iter().map(|(.., hours)| hours.len()).collect();
    let lines: Vec<usize> = counted.iter().map(|(_, lines, _)| *lines as usize).collect();
    let (total, all) = (voted.iter().sum::<usize>(), lines.iter().sum::<usize>());
    let mut rows = "precinct,lines,counted\n".to_owned();
    for ((precinct, ..), (lines, voted)) in counted.iter().zip(column(&lines).iter().zip(column(&voted))) {
        rows += &format!("{precinct:04},{lines},{voted}\n");
    }
    files.put("publication/turnout.csv", format!("{rows}total,{all},{total}\n").into_bytes());
    let mut by_hour = BTreeMap::new();
    counted.iter().flat_map(|(.., hours)| hours).for_each(|hour| *by_hour.entry(*hour).or_insert(0) += 1);
    let of_hours = column(&by_hour.values().copied().collect::<Vec<usize>>());
    let hours: String =
        by_hour.keys().zip(of_hours).map(|(hour, cell)| format!("2015-10-04,{hour},{cell}\n")).collect();
    files.put("publication/hours.csv", format!("day,hour,counted\n{hours}").into_bytes());
    let methods = column(&[total - document2, 0, document2, 0, 0]);
    let names = ["finger", "face2", "document2", "override2", "home"];
    let methods: String = names.iter().zip(methods).map(|(name, cell)| format!("{name},{cell}\n")).collect();
    files.put("publication/methods.csv", format!("method,counted\n{methods}").into_bytes());
}

fn write(files: &Files) -> TempDir {
    let dir = TempDir::new();
    for (path, bytes) in &files.0 {
        let path = dir.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

#[test]
fn the_stranger_agrees_with_the_rooms_that_write() {
    let files = election(50);
    let report = verifier::verify(&write(&files).0, &[]);
    assert!(report.holds(), "{}", report.to_text());
    let count = |what: &str| report.checked.iter().find(|(name, _)| *name == what).map(|(_, number)| *number);
    assert_eq!(count("lines"), Some(90 + 60));
    assert_eq!(count("voters counted"), Some(49 + 19));
    assert_eq!(count("reports"), Some(8));
    let journal = &files.0["journals/7001/K2.journal"];
    let records = lexicon::handover::event::unframe(journal).events;
    let receipt = verifier::receipt(&write(&files).0, &base45::encode(records[1]), 0, &[]);
    assert!(
        receipt.notes.iter().any(|note| note == "precinct 7001, kit K2, event 2: line 1, receipt 1"),
        "{receipt:?}"
    );
}

#[test]
fn the_stranger_and_the_rooms_refuse_the_same_events() {
    let files = election(12);
    let journal = &files.0["journals/7001/K1.journal"];
    let records = lexicon::handover::event::unframe(journal).events;
    let manifest = &files.0["packages/7001.manifest.cose"];
    let institutions = [key("srs-release"), key("cec-release")];
    let ring = KeyRing::of(institutions.iter().map(FileKey::public_key));
    let about = subject(DocumentType::PackageManifest);
    let opened = lexicon::handover::envelope::open_all(about, manifest, &ring, &[]).unwrap();
    let manifest: PackageManifest = lexicon::handover::envelope::decode(&opened.payload).unwrap();
    let keys = manifest.kits.iter().map(|kit| kit.point).chain(manifest.officers.iter().map(|officer| officer.point));
    let ring = KeyRing::of(keys.map(|point| lexicon::handover::envelope::PublicKey(*point)));
    let charter = Charter::new(manifest.clone(), opened.id).unwrap();
    let dir = write(&files);
    // Byte by byte: who reads one more spelling than the other has found a hole.
    for record in [records[0], records[1]] {
        for at in 0..record.len() {
            let mut changed = record.to_vec();
            changed[at] ^= 1 << (at % 8);
            assert!(admit(&charter, &changed, &ring).is_err(), "byte {at}");
            assert!(!verifier::receipt(&dir.0, &base45::encode(&changed), 0, &[]).holds(), "byte {at}");
        }
    }
}

/// Long run: `TIZME_VERIFY_VOTERS=100000 cargo nextest run --release -p verifier long_day --no-capture`.
#[test]
#[expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
fn a_long_day_is_read_in_reasonable_time() {
    let voters = std::env::var("TIZME_VERIFY_VOTERS").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let files = election(voters);
    let dir = write(&files);
    let start = std::time::Instant::now();
    let report = verifier::verify(&dir.0, &[]);
    let seconds = start.elapsed().as_secs_f64();
    assert!(report.holds(), "{}", report.to_text());
    println!("{} in {seconds:.2} s", report.to_text().lines().next().unwrap_or_default());
    assert!(seconds < 60.0 || voters > 400, "{seconds} s");
}

#[test]
fn a_voters_proof_holds_and_no_byte_of_it_can_change() {
    let files = election(30);
    let dir = write(&files);
    let lines: Vec<SaltedLine> = minicbor::decode(&files.0["roll/lines/7001.cbor"]).unwrap();
    let entries: Vec<Vec<u8>> = ["0101", "7001"]
        .iter()
        .flat_map(|precinct| {
            let lines: Vec<SaltedLine> = minicbor::decode(&files.0[&format!("roll/lines/{precinct}.cbor")]).unwrap();
            lines.into_iter().map(|line| line.commitment().to_vec())
        })
        .collect();
    let leaves: Vec<tlog::Hash> = entries.iter().map(|entry| tlog::leaf_hash(entry)).collect();
    let proof = |at: u64, extra: Option<Vec<u8>>| tlog::TlogProof {
        index: at,
        hashes: tlog::prove_inclusion(&leaves[..], at, leaves.len() as u64).unwrap(),
        extra,
        checkpoint: tlog::Note::parse(&files.0["publication/list-1/checkpoint"]).unwrap(),
    };
    // Line 5 of precinct 7001 stands behind the 70 lines of precinct 0101.
    let good = proof(74, Some(encode(&lines[4]))).to_string();
    let report = verifier::proof(&dir.0, &good, &[]);
    assert!(report.holds(), "{}", report.to_text());
    assert!(report.notes.contains(&"precinct 7001, line 5: on the list of release 1".to_owned()), "{report:?}");
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        assert!(!verifier::proof(&dir.0, &text, &[]).holds(), "byte {at}");
    }
    let others = [proof(73, Some(encode(&lines[4]))), proof(74, Some(encode(&lines[3]))), proof(74, None)];
    for other in others {
        assert!(!verifier::proof(&dir.0, &other.to_string(), &[]).holds());
    }
    let file = dir.0.join("my.tlog-proof");
    std::fs::write(&file, good).unwrap();
    let words = ["proof", &file.to_string_lossy(), "--in", &dir.0.to_string_lossy()].map(str::to_owned);
    assert_eq!(verifier::run(words, &mut Vec::new()), 0);
}

#[test]
fn the_list_log_has_the_key_that_formats_md_derives() {
    let log = note_key("log.example", "log", KeyKind::Ed25519);
    let list = note_key("log.example/list-1", "log", KeyKind::Ed25519);
    let derived = VerifierKey::new("log.example/list-1", KeyKind::Ed25519, *log.verifier().public()).unwrap();
    assert_eq!(list.verifier(), &derived);
}
