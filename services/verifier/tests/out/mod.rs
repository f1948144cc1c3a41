//! A small election written by hand after docs/formats.md: two precincts, three kits, one day.
//!
//! Written with `minicbor` for the heads and plain byte strings for the rest, so that the reader under
//! test shares nothing with it. A *fault* names one place where the writer lies and signs the lie.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use minicbor::Encoder;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

pub const ELECTION: u32 = 20_151_004;
/// 08:00 and 20:00 of 4 October 2015 in Bishkek (UTC+6), microseconds.
pub const OPENS: i64 = 1_443_924_000_000_000;
pub const CLOSES: i64 = OPENS + 12 * 3_600_000_000;

pub fn sha(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn cbor(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder);
    encoder.into_writer()
}

pub fn num(number: u64) -> Vec<u8> {
    cbor(|e| {
        e.u64(number).unwrap();
    })
}

pub fn int(number: i64) -> Vec<u8> {
    cbor(|e| {
        e.i64(number).unwrap();
    })
}

pub fn bytes(value: &[u8]) -> Vec<u8> {
    cbor(|e| {
        e.bytes(value).unwrap();
    })
}

pub fn text(value: &str) -> Vec<u8> {
    cbor(|e| {
        e.str(value).unwrap();
    })
}

pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = cbor(|e| {
        e.array(items.len() as u64).unwrap();
    });
    items.iter().for_each(|item| out.extend_from_slice(item));
    out
}

pub fn map(pairs: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut out = cbor(|e| {
        e.map(pairs.len() as u64).unwrap();
    });
    for (key, value) in pairs {
        out.extend(num(*key));
        out.extend_from_slice(value);
    }
    out
}

/// A P-256 key that signs.
pub struct Key(pub p256::ecdsa::SigningKey);

impl Key {
    pub fn new(label: &str) -> Self {
        Key(p256::ecdsa::SigningKey::from_slice(&sha(label.as_bytes())).unwrap())
    }

    pub fn point(&self) -> [u8; 65] {
        self.0.verifying_key().to_sec1_point(false).as_bytes().try_into().unwrap()
    }

    pub fn kid(&self) -> [u8; 8] {
        let spki = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        sha(&[&spki[..], &self.point()].concat())[..8].try_into().unwrap()
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: p256::ecdsa::Signature = self.0.sign(message);
        signature.normalize_s().to_bytes().to_vec()
    }
}

fn header(kind: &str, kid: Option<[u8; 8]>) -> Vec<u8> {
    let mut pairs = vec![(1, int(-7)), (3, text(&format!("kg1/{kind}")))];
    pairs.extend(kid.map(|kid| (4, bytes(&kid))));
    map(&pairs)
}

fn aad(kind: &str) -> Vec<u8> {
    format!("kg1|{kind}|{ELECTION}").into_bytes()
}

pub fn message1(kind: &str, kid: [u8; 8], payload: &[u8]) -> Vec<u8> {
    list(&[text("Signature1"), bytes(&header(kind, Some(kid))), bytes(&aad(kind)), bytes(payload)])
}

pub fn sign1(kind: &str, payload: &[u8], key: &Key) -> (Vec<u8>, [u8; 32]) {
    let message = message1(kind, key.kid(), payload);
    let signed = [bytes(&header(kind, Some(key.kid()))), map(&[]), bytes(payload), bytes(&key.sign(&message))];
    (list(&signed), sha(&message))
}

pub fn sign_all(kind: &str, payload: &[u8], keys: &[&Key]) -> (Vec<u8>, [u8; 32]) {
    let body = header(kind, None);
    let message =
        |slot: &[u8]| list(&[text("Signature"), bytes(&body), bytes(slot), bytes(&aad(kind)), bytes(payload)]);
    let slot = |key: &&Key| {
        let slot = header(kind, Some(key.kid()));
        list(&[bytes(&slot), map(&[]), bytes(&key.sign(&message(&slot)))])
    };
    let slots: Vec<Vec<u8>> = keys.iter().map(slot).collect();
    (list(&[bytes(&body), map(&[]), bytes(payload), list(&slots)]), sha(&message(&[])))
}

/// RFC 6962, recursively, as in the text of the standard.
fn merkle(entries: &[Vec<u8>]) -> [u8; 32] {
    match entries {
        [] => sha(&[]),
        [entry] => sha(&[&[0], &entry[..]].concat()),
        _ => {
            let (left, right) = entries.split_at(entries.len().next_power_of_two() / 2);
            sha(&[&[1], &merkle(left)[..], &merkle(right)].concat())
        }
    }
}

struct NoteKey {
    name: String,
    kind: u8,
    key: ed25519_dalek::SigningKey,
}

impl NoteKey {
    fn new(name: &str, kind: u8) -> Self {
        let seed = sha(name.split("/list").next().unwrap().as_bytes());
        NoteKey { name: name.to_owned(), kind, key: ed25519_dalek::SigningKey::from_bytes(&seed) }
    }

    fn id(&self) -> [u8; 4] {
        let public = self.key.verifying_key().to_bytes();
        sha(&[self.name.as_bytes(), &[b'\n', self.kind], &public].concat())[..4].try_into().unwrap()
    }

    fn vkey(&self) -> String {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = [&[self.kind], &self.key.verifying_key().to_bytes()[..]].concat();
        format!("{}+{id}+{}", self.name, STANDARD.encode(key))
    }

    fn line(&self, body: &str) -> String {
        let time = 1_443_960_000u64;
        let value = if self.kind == 1 {
            self.key.sign(body.as_bytes()).to_bytes().to_vec()
        } else {
            let signature = self.key.sign(format!("cosignature/v1\ntime {time}\n{body}").as_bytes());
            [&time.to_be_bytes()[..], &signature.to_bytes()].concat()
        };
        format!("— {} {}\n", self.name, STANDARD.encode([&self.id()[..], &value].concat()))
    }
}

/// One event before it is signed.
#[derive(Clone)]
struct Draft {
    kind: u64,
    /// The body with `officers` left out at this place, if it has any.
    body: Vec<Vec<u8>>,
    officers: Option<usize>,
    line: u64,
    minute: i64,
}

/// The written election: files by path.
pub struct Out {
    pub files: BTreeMap<String, Vec<u8>>,
    fault: String,
    release_root: [u8; 32],
}

const FOLDERS: [(&str, &str); 5] = [
    ("snapshot", "register"),
    ("roll", "srs-release"),
    ("packages", "srs-release"),
    ("journals", "cec-release"),
    ("publication", "publication"),
];

impl Out {
    /// Writes the whole election; `fault` names one lie, empty for none.
    pub fn build(fault: &str) -> Self {
        let mut out = Out { files: BTreeMap::new(), fault: fault.to_owned(), release_root: [0; 32] };
        out.put("snapshot/persons.parquet", b"PAR1 persons, sealed elsewhere PAR1".to_vec());
        out.put("snapshot/claims/claims.parquet", vec![7; 70_000]);
        let snapshot = out.folder_manifest("snapshot", "register");
        out.trust();
        let release = out.roll(snapshot);
        let mut logged = vec![("list-release", release)];
        for precinct in [101, 7001] {
            let (package, reports) = out.precinct(precinct);
            logged.push(("package-manifest", package));
            logged.extend(reports.into_iter().map(|id| ("report", id)));
        }
        logged.insert(1, ("other-document", sha(b"of a kind of later days")));
        if out.lies("log lacks a report") {
            logged.pop();
        }
        if out.lies("log holds a report twice") {
            logged.push(*logged.last().unwrap());
        }
        if out.lies("log holds a report that was taken away") {
            logged.push(("report", sha(b"a report nobody shows")));
        }
        let odd = out.lies("log entry of another form");
        let entry = |(kind, id): &(&str, [u8; 32])| list(&[text(kind), bytes(id)]);
        let mut entries: Vec<Vec<u8>> = logged.iter().map(entry).collect();
        entries.extend(odd.then(|| text("odd")));
        out.log("publication", "log.example/kg", &entries);
        out.turnout();
        out.overwrite();
        for (folder, role) in FOLDERS {
            out.folder_manifest(folder, role);
        }
        out
    }

    /// Lies about whole files, before the folders are signed.
    fn overwrite(&mut self) {
        let change = |path: &str, change: fn(&mut Vec<u8>)| (path.to_owned(), change);
        let (path, change) = match self.fault.as_str() {
            "lines are no list" => change("roll/lines/7001.cbor", |file| file[0] = 0x61),
            "another sealed package" => change("packages/7001.package", |file| file[9] ^= 1),
            "a bundle cut short" => change("publication/list-2/tile/entries/000", |file| file.truncate(900)),
            "a tile changed" => change("publication/list-2/tile/0/001.p/56", |file| file[70] ^= 1),
            "a checkpoint changed" => change("publication/checkpoint", |file| file[16] ^= 1),
            "a journal of no precinct" => change("journals/0999/K1.journal", |file| file.push(0)),
            "an event in two versions" => change("journals/0101/K9.journal", |file| file.push(0)),
            _ => return,
        };
        let mut file = self.files.remove(&path).unwrap_or_default();
        change(&mut file);
        if self.lies("an event in two versions") {
            // The kit signs another first event and hides it in a second file.
            let mut other = Out::build("clock shifted");
            file = other.files.remove("journals/0101/K1.journal").unwrap();
        }
        self.put(&path, file);
    }

    pub fn lies(&self, fault: &str) -> bool {
        self.fault == fault
    }

    pub fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    pub fn write(&self, dir: &Path) {
        for (path, bytes) in &self.files {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }

    fn folder_manifest(&mut self, folder: &str, role: &str) -> [u8; 32] {
        let prefix = format!("{folder}/");
        let own = format!("{folder}/MANIFEST.cose");
        let inside = self.files.iter().filter(|(path, _)| path.starts_with(&prefix) && **path != own);
        let mut entries: Vec<Vec<u8>> = inside
            .map(|(path, file)| list(&[text(&path[prefix.len()..]), num(file.len() as u64), bytes(&sha(file))]))
            .collect();
        if self.lies("manifest unsorted") && folder == "snapshot" {
            entries.reverse();
        }
        let named = if self.lies("manifest of another folder") && folder == "journals" { "roll" } else { folder };
        let payload = map(&[
            (1, text("kg1")),
            (2, num(ELECTION.into())),
            (3, text(named)),
            (4, list(&entries)),
            (5, list(&[list(&[text("files"), num(entries.len() as u64)])])),
            (6, list(&[])),
        ]);
        let role = if self.lies("manifest by another role") && folder == "roll" { "register" } else { role };
        let (signed, id) = sign1("folder-manifest", &payload, &Key::new(role));
        self.put(&own, signed);
        id
    }

    fn trust(&mut self) {
        let roles = ["cec-release", "publication", "register", "root-cec", "root-srs", "srs-release"];
        let anchor = |role: &&str| list(&[text(role), bytes(&Key::new(role).point()), text("file (demo)")]);
        let anchors: Vec<Vec<u8>> = roles.iter().map(anchor).collect();
        let witnesses: Vec<Vec<u8>> =
            (1..=3).map(|w| text(&NoteKey::new(&format!("w{w}.example"), 4).vkey())).collect();
        let payload = map(&[
            (1, text("kg1")),
            (2, num(ELECTION.into())),
            (3, list(&anchors)),
            (4, text(&NoteKey::new("log.example/kg", 1).vkey())),
            (5, list(&witnesses)),
            (6, num(2)),
        ]);
        let roots = [Key::new("root-srs"), Key::new("root-cec")];
        let signers: Vec<&Key> = if self.lies("one root") { vec![&roots[0]] } else { roots.iter().collect() };
        let (signed, _) = sign_all("trust-anchors", &payload, &signers);
        self.put("publication/trust.cose", signed);
    }

    fn lines_of(precinct: u64) -> u64 {
        if precinct == 101 { 300 } else { 12 }
    }

    fn roll(&mut self, snapshot: [u8; 32]) -> [u8; 32] {
        let mut commitments = Vec::new();
        let (mut totals, mut first) = (Vec::new(), 0);
        for precinct in [101, 7001] {
            let lines = Self::lines_of(precinct);
            let mut file = Vec::new();
            for line in 1..=lines {
                let salt = &sha(format!("salt {precinct} {line}").as_bytes())[..16];
                let body = map(&[
                    (1, num(precinct)),
                    (2, num(if self.lies("line out of order") && line == 5 { 6 } else { line })),
                    (3, num(line.div_ceil(20))),
                    (4, text(&format!("Асанов{line}"))),
                    (5, text("Үсөн")),
                    (6, text("")),
                    (7, text("1990-02-03")),
                    (8, text("Бишкек, Чүй 1")),
                ]);
                commitments.push(sha(&[b"kg1/leaf", salt, &body].concat()).to_vec());
                let shown = if self.lies("another line than committed") && (precinct, line) == (101, 203) {
                    map(&[
                        (1, num(101)),
                        (2, num(203)),
                        (3, num(11)),
                        (4, text("Башка")),
                        (5, text("Үсөн")),
                        (6, text("")),
                        (7, text("1990-02-03")),
                        (8, text("Бишкек, Чүй 1")),
                    ])
                } else {
                    body
                };
                file.push(list(&[bytes(salt), shown]));
            }
            if self.lies("a line left out") && precinct == 7001 {
                file.pop();
            }
            self.put(&format!("roll/lines/{precinct:04}.cbor"), list(&file));
            totals.push(list(&[num(precinct), num(first), num(lines)]));
            first += lines;
        }
        self.release_root = merkle(&commitments);
        self.log("publication/list-2", "log.example/kg/list-2", &commitments.clone());
        let law = b"[law]\nname = \"2015\"\n".to_vec();
        let considered = if self.lies("considered too many") { first + 6 } else { first + 5 };
        let release = |number: u64, previous: Option<[u8; 32]>| {
            let mut fields = vec![(1, text("kg1")), (2, num(ELECTION.into())), (3, num(number))];
            fields.extend(previous.map(|id| (4, bytes(&id))));
            fields.extend([
                (5, bytes(&self.release_root)),
                (6, num(first)),
                (7, list(&totals)),
                (8, num(considered)),
                (9, list(&[list(&[text("UNDER_AGE"), num(2)]), list(&[text("NO_BIOMETRICS"), num(3)])])),
                (10, bytes(&sha(&law))),
                (11, bytes(&if self.lies("another snapshot") { [1; 32] } else { snapshot })),
                (12, num(OPENS.unsigned_abs())),
                (13, text("final")),
            ]);
            let signers = [Key::new("srs-release"), Key::new("cec-release")];
            let one = self.lies("one institution") && number == 2;
            sign_all("list-release", &map(&fields), &signers.iter().take(if one { 1 } else { 2 }).collect::<Vec<_>>())
        };
        let (first_release, first_id) = release(1, None);
        let before = if self.lies("release chain") { sha(b"another") } else { first_id };
        let (second, id) = release(2, Some(before));
        self.put("publication/release-1.cose", first_release.clone());
        self.put("publication/release-2.cose", second.clone());
        self.put("roll/release.cose", if self.lies("roll of an older release") { first_release } else { second });
        self.put("publication/law.toml", if self.lies("another law") { b"[law]\n".to_vec() } else { law });
        self.put("roll/decisions.parquet", vec![1; 1000]);
        // The first release is logged before the second, with the election's log.
        self.put("first", first_id.to_vec());
        id
    }

    fn log(&mut self, folder: &str, origin: &str, entries: &[Vec<u8>]) {
        let mut entries = entries.to_vec();
        if folder == "publication" {
            let first: [u8; 32] = self.files.remove("first").unwrap().try_into().unwrap();
            let at = if self.lies("releases logged out of order") { 1 } else { 0 };
            entries.insert(at, list(&[text("list-release"), bytes(&first)]));
        }
        if self.lies("another leaf published") && folder != "publication" {
            entries[257] = sha(b"another").to_vec();
        }
        let body = format!("{origin}\n{}\n{}\n", entries.len(), STANDARD.encode(merkle(&entries)));
        let mut note = format!("{body}\n{}", NoteKey::new(origin, 1).line(&body));
        let needed = if self.lies("too few witnesses") { 1 } else { 2 };
        (1..=needed).for_each(|w| note += &NoteKey::new(&format!("w{w}.example"), 4).line(&body));
        note += &NoteKey::new("stranger.example", 4).line(&body);
        self.put(&format!("{folder}/checkpoint"), note.into_bytes());
        for (at, chunk) in entries.chunks(256).enumerate() {
            let partial = if chunk.len() < 256 { format!(".p/{}", chunk.len()) } else { String::new() };
            let length = |entry: &Vec<u8>| u16::try_from(entry.len()).unwrap().to_be_bytes();
            let bundle = chunk.iter().flat_map(|entry| [&length(entry)[..], entry].concat()).collect();
            self.put(&format!("{folder}/tile/entries/{at:03}{partial}"), bundle);
            let hashes = chunk.iter().flat_map(|entry| merkle(std::slice::from_ref(entry))).collect();
            self.put(&format!("{folder}/tile/0/{at:03}{partial}"), hashes);
        }
        let full: Vec<u8> = entries.chunks_exact(256).flat_map(merkle).collect();
        if !full.is_empty() {
            self.put(&format!("{folder}/tile/1/000.p/{}", full.len() / 32), full);
        }
        if self.lies("an old partial tile") {
            self.put(&format!("{folder}/tile/0/000.p/1"), vec![0; 32]);
        }
    }

    fn kits(precinct: u64) -> Vec<(String, Key)> {
        let names = if precinct == 101 { vec!["K1", "K2"] } else { vec!["K1"] };
        names.into_iter().map(|name| (name.to_owned(), Key::new(&format!("kit {precinct} {name}")))).collect()
    }

    fn officers(precinct: u64) -> Vec<Key> {
        (0..3).map(|officer| Key::new(&format!("officer {precinct} {officer}"))).collect()
    }

    fn package(&mut self, precinct: u64) -> [u8; 32] {
        let lines = Self::lines_of(precinct);
        let sealed = vec![0xA5; 500 + usize::try_from(precinct).unwrap() % 100];
        let kits = Self::kits(precinct);
        let share = lines / kits.len() as u64;
        let kit = |(at, (name, key)): (u64, &(String, Key))| {
            let gap = u64::from(self.lies("shares leave out a line") && at == 1);
            list(&[bytes(&key.point()), text(name), num(1 + at * share + gap), num((at + 1) * share)])
        };
        let officer = |(at, key): (usize, &Key)| {
            list(&[bytes(&key.point()), text("member"), text(["srs", "party-a", "srs"][at]), text("Асанова А. А.")])
        };
        let policy = list(&[
            text("segment"),
            text("paper"),
            num(3),
            num(5),
            num(30),
            num(100_000),
            num(20),
            int(OPENS),
            int(CLOSES),
            int(360),
            num(10),
            num(60),
            vec![0xf5],
            num(20),
        ]);
        let root = if self.lies("package of another list") { [9; 32] } else { self.release_root };
        let payload = map(&[
            (1, text("kg1")),
            (2, num(ELECTION.into())),
            (3, num(precinct)),
            (4, num(2)),
            (5, num(1)),
            (7, bytes(&root)),
            (8, num(lines)),
            (9, bytes(&sha(&sealed))),
            (10, num(sealed.len() as u64)),
            (11, int(OPENS)),
            (12, int(CLOSES)),
            (13, policy),
            (14, list(&(0..).zip(&kits).map(kit).collect::<Vec<_>>())),
            (15, list(&Self::officers(precinct).iter().enumerate().map(officer).collect::<Vec<_>>())),
            (16, num(2)),
            (17, list(&[])),
            (19, bytes(&Key::new("ephemeral").point())),
            (20, list(&[bytes(&[1; 40]), bytes(&[2; 40]), bytes(&[3; 40])])),
            (21, list(&vec![bytes(&[4; 40]); kits.len()])),
        ]);
        let signers = [Key::new("srs-release"), Key::new("cec-release")];
        let take = if self.lies("package by one institution") { 1 } else { 2 };
        let (signed, id) = sign_all("package-manifest", &payload, &signers.iter().take(take).collect::<Vec<_>>());
        self.put(&format!("packages/{precinct:04}.manifest.cose"), signed);
        self.put(&format!("packages/{precinct:04}.package"), sealed);
        id
    }

    fn precinct(&mut self, precinct: u64) -> ([u8; 32], Vec<[u8; 32]>) {
        let package = self.package(precinct);
        let mut days: Vec<Vec<Draft>> = Self::kits(precinct).iter().map(|_| Vec::new()).collect();
        self.script(precinct, package, &mut days);
        let mut ids: Vec<Vec<[u8; 32]>> = vec![Vec::new(); days.len()];
        // K2 first: K1's last words are about K2's head.
        for kit in (0..days.len()).rev() {
            if kit == 0 && precinct == 101 {
                let head = ids[1].last().copied().unwrap();
                let head = if self.lies("a peer saw another head") { [8; 32] } else { head };
                let seen = ids[1].len() as u64 + u64::from(self.lies("a peer's journal is cut"));
                let body = vec![bytes(&Self::kits(101)[1].1.kid()), num(seen), bytes(&head)];
                days[0].push(Draft { kind: 8, body, officers: None, line: 0, minute: 730 });
            }
            ids[kit] = self.journal(precinct, kit, &days[kit]);
        }
        let mut heads: Vec<(u64, [u8; 32])> = ids.iter().map(|ids| (ids.len() as u64, *ids.last().unwrap())).collect();
        if self.lies("report made too early") && precinct == 101 {
            heads[1] = (3, ids[1][2]);
        }
        let reports = vec![self.report(precinct, package, 1, &heads), self.report(precinct, package, 3, &heads)];
        (package, reports)
    }

    /// What happened: precinct 101 has a finger, a document with two officers, a grant, an undone act, a duplicate
    /// and a refusal; precinct 7001 has twelve fingers.
    fn script(&self, precinct: u64, package: [u8; 32], days: &mut [Vec<Draft>]) {
        let kits = Self::kits(precinct);
        let lines = Self::lines_of(precinct);
        let act = |line: u64, method: u64, receipt: u64, grant: (u64, usize), minute: i64| Draft {
            kind: 2,
            body: vec![
                num(line),
                num(method),
                num(u64::from(method == 1) * 2),
                num(1),
                num(3),
                num(receipt),
                num(grant.0),
                bytes(&kits[grant.1].1.kid()),
                list(&[]),
                text(""),
            ],
            officers: Some(8),
            line,
            minute,
        };
        let printed = |receipt: u64, copy: u64, minute: i64| Draft {
            kind: 6,
            body: vec![num(receipt), num(copy), text("")],
            officers: None,
            line: 0,
            minute,
        };
        let other = if self.lies("opened another package") { sha(b"other") } else { package };
        let opened = Draft {
            kind: 1,
            body: vec![bytes(&other), num(lines), list(&[])],
            officers: Some(2),
            line: 0,
            minute: -60,
        };
        let closed = Draft { kind: 10, body: vec![num(0), list(&[])], officers: Some(1), line: 0, minute: 725 };
        days.iter_mut().for_each(|day| day.push(opened.clone()));
        if precinct != 101 {
            for line in 1..=12 {
                days[0].push(act(line, 1, line, (0, 0), line.cast_signed() * 10));
                days[0].push(printed(line, 0, line.cast_signed() * 10 + 1));
            }
            days[0].push(closed);
            return;
        }
        let own = if self.lies("served outside its share") { 199 } else { 1 };
        days[0].push(act(own, 1, 1, (0, 0), 5));
        days[0].push(printed(1, 0, 6));
        days[0].push(printed(1, 1, 7));
        let method = if self.lies("method out of range") { 6 } else { 3 };
        days[0].push(act(2, method, 2, (0, 0), 10));
        days[0].push(printed(2, 0, 11));
        let receipt = if self.lies("receipt numbers skip") { 4 } else { 3 };
        days[0].push(act(3, 1, receipt, (0, 0), 20));
        let undone_seq = if self.lies("undoes nothing") { 3 } else { 7 };
        let undone = vec![num(3), bytes(&kits[0].1.kid()), num(undone_seq), text("WRONG_PERSON"), list(&[])];
        days[0].push(Draft { kind: 4, body: undone, officers: Some(4), line: 3, minute: 25 });
        days[0].push(act(3, 1, receipt + 1, (0, 0), 30));
        let to = if self.lies("grant to another") { [5; 8] } else { kits[1].1.kid() };
        days[0].push(Draft { kind: 5, body: vec![num(9), bytes(&to), num(77)], officers: None, line: 9, minute: 40 });
        days[0].push(Draft { kind: 5, body: vec![num(10), bytes(&to), num(78)], officers: None, line: 10, minute: 41 });
        // K2 serves line 9 by grant, and line 1 again although K1 had served it.
        days[1].push(act(9, 1, 1, (10, 0), 42));
        days[1].push(printed(1, 0, 43));
        days[1].push(act(200, 1, 2, (0, 1), 50));
        days[1].push(Draft {
            kind: 7,
            body: vec![num(2), num(0), text("PAPER_JAM")],
            officers: None,
            line: 0,
            minute: 51,
        });
        days[1].push(act(200, 1, 3, (0, 1), 721));
        let line = if self.lies("line beyond the list") { 301 } else { 0 };
        let refused = vec![num(line), text("NOT_ON_LIST"), num(0), num(0)];
        days[1].push(Draft { kind: 3, body: refused, officers: None, line, minute: 722 });
        let evidence = list(&[bytes(&kits[1].1.kid()), num(6)]);
        let incident = vec![text("DUPLICATE"), num(200), list(&[evidence])];
        days[1].push(Draft { kind: 9, body: incident, officers: None, line: 200, minute: 723 });
        days[1].push(act(201, 1, 4, (0, 1), 724));
        days[0].push(closed.clone());
        days[1].push(closed);
    }

    fn journal(&mut self, precinct: u64, kit: usize, drafts: &[Draft]) -> Vec<[u8; 32]> {
        let (name, key) = Self::kits(precinct).swap_remove(kit);
        let (mut ids, mut file): (Vec<[u8; 32]>, Vec<u8>) = (Vec::new(), Vec::new());
        for (seq, draft) in (1u64..).zip(drafts) {
            let previous = ids.last().copied().unwrap_or([0; 32]);
            let here = precinct == 101 && kit == 0;
            let previous = if self.lies("chain broken") && here && seq == 6 { [3; 32] } else { previous };
            let shift = i64::from(self.lies("clock shifted"));
            let minute = shift + if self.lies("clock backwards") && here && seq == 6 { -300 } else { draft.minute };
            let hlc = (OPENS.unsigned_abs().wrapping_add_signed(minute * 60_000_000) << 8) | 1;
            let payload = list(&[
                num(0),
                num(ELECTION.into()),
                num(precinct),
                bytes(&key.kid()),
                num(seq),
                bytes(&previous),
                num(hlc),
                bytes(&self.release_root[..16]),
                num(draft.kind),
                bytes(&self.body(precinct, &key, seq, draft)),
            ]);
            let signer = if self.lies("event by another kit") && here && seq == 5 {
                Key::new("kit 101 K2")
            } else {
                Key(key.0.clone())
            };
            let (signed, id) = sign1("event", &payload, &signer);
            ids.push(id);
            if self.lies("event left out") && here && seq == 5 {
                continue;
            }
            let length = u32::try_from(signed.len()).unwrap().to_be_bytes();
            let crc = crc(&signed) ^ u32::from(self.lies("checksum wrong") && here && seq == 5);
            file.extend([&length[..], &crc.to_be_bytes(), &signed, &length].concat());
        }
        let cut = if self.lies("journal cut in a record") && kit == 0 { 40 } else { 0 };
        file.truncate(file.len() - cut);
        if !self.lies("journal cut in a record") {
            // Files are allocated in advance.
            file.extend([0; 64]);
        }
        self.put(&format!("journals/{precinct:04}/{name}.journal"), file);
        ids
    }

    fn body(&self, precinct: u64, kit: &Key, seq: u64, draft: &Draft) -> Vec<u8> {
        let finger = draft.kind == 2 && draft.body[1] == num(1);
        let Some(at) = draft.officers.filter(|_| !finger) else { return list(&draft.body) };
        let bare = list(&draft.body);
        let consent =
            list(&[num(precinct), bytes(&kit.kid()), num(draft.kind), num(draft.line), num(seq), bytes(&sha(&bare))]);
        let officers = Self::officers(precinct);
        let document = draft.kind == 2;
        let chosen: Vec<&Key> = match self.fault.as_str() {
            "one officer" if document => vec![&officers[0]],
            "one officer twice" if document => vec![&officers[0], &officers[0]],
            "officers of one body" if document => vec![&officers[0], &officers[2]],
            _ => vec![&officers[0], &officers[1]],
        };
        let consent = if self.lies("consent to another act") && document { consent[1..].to_vec() } else { consent };
        let sign = |key: &&Key| list(&[bytes(&key.kid()), bytes(&key.sign(&message1("consent", key.kid(), &consent)))]);
        let mut body = draft.body.clone();
        body[at] = list(&chosen.iter().map(sign).collect::<Vec<_>>());
        list(&body)
    }

    fn report(&mut self, precinct: u64, package: [u8; 32], kind: u64, heads: &[(u64, [u8; 32])]) -> [u8; 32] {
        let kits = Self::kits(precinct);
        let initial = kind == 1;
        // acts, undone, duplicates, counted, printed, void, pending, reprints, granted, granted unused
        let counters: Vec<[u64; 10]> = match precinct {
            _ if initial => vec![[0; 10]; kits.len()],
            101 => vec![[4, 1, 0, 3, 2, 1, 1, 1, 2, 1], [4, 0, 1, 3, 1, 1, 2, 0, 0, 0]],
            _ => vec![[12, 0, 0, 12, 12, 0, 0, 0, 0, 0]],
        };
        let counted: u64 = counters.iter().map(|kit| kit[3]).sum();
        let by_method = match precinct {
            _ if initial => [0; 5],
            101 => [5, 0, 1, 0, 0],
            _ => [12, 0, 0, 0, 0],
        };
        let finals = kind == 3 && precinct == 101;
        let head = |at: usize| if initial { (0, [0; 32]) } else { heads[at] };
        let kit = |(at, (name, key)): (usize, &(String, Key))| {
            let (seq, id) = head(at);
            let id = if self.lies("report of another head") && finals { [6; 32] } else { id };
            let mut row = vec![bytes(&key.kid()), text(name), num(seq), bytes(&id)];
            let lie = u64::from(self.lies("report counts too many") && finals && at == 1);
            row.extend((0..10).map(|field| num(counters[at][field] + if field == 4 { lie } else { 0 })));
            list(&row)
        };
        let method = |(number, count): (u64, u64)| list(&[num(number), num(count)]);
        let refusals = if finals { vec![list(&[text("NOT_ON_LIST"), num(1)])] } else { vec![] };
        // K2's two acts on line 200, and what K2 itself recorded about the second.
        let named = |seqs: &[u64]| {
            list(&seqs.iter().map(|seq| list(&[bytes(&kits[1].1.kid()), num(*seq)])).collect::<Vec<_>>())
        };
        let duplicate = |seqs: &[u64]| list(&[text("DUPLICATE"), num(200), named(seqs)]);
        let mut incidents = if finals { vec![duplicate(&[4, 6]), duplicate(&[6])] } else { vec![] };
        if self.lies("report hides an incident") && finals {
            incidents.remove(0);
        }
        // Beside the counters: the two officers of the document, the undone act of a kit whose screen nobody took, the acts that
        // the incidents name, the moments of the heads (K1's last word is about K2's head), and the voters by page.
        let shift = i64::from(self.lies("clock shifted"));
        let moment = |minute: i64| num((OPENS + (minute + shift) * 60_000_000).unsigned_abs());
        let officers = Self::officers(precinct);
        let mut pair = [officers[0].kid(), officers[1].kid()];
        pair.sort_unstable();
        let named_act = |seq, minute, receipt| {
            list(&[bytes(&kits[1].1.kid()), num(seq), moment(minute), bytes(&kits[1].1.kid()), num(receipt)])
        };
        let heads_at: &[i64] = match precinct {
            101 if heads[1].0 == 3 => &[730, 43],
            101 => &[730, 725],
            _ => &[725],
        };
        let heads_at: Vec<_> = heads_at.iter().map(|minute| if initial { num(0) } else { moment(*minute) }).collect();
        let pages = if precinct == 101 { vec![num(20); 15] } else { vec![num(12)] };
        let mut fields = vec![
            (1, text("kg1")),
            (2, num(ELECTION.into())),
            (3, num(precinct)),
            (4, bytes(&kits[0].1.kid())),
            (5, num(kind)),
            (6, num(kind)),
            (7, int(if initial { OPENS } else { CLOSES })),
            (8, bytes(&package)),
            (9, bytes(&self.release_root)),
            (10, num(2)),
            (11, num(Self::lines_of(precinct))),
            (12, num(Self::lines_of(precinct).div_ceil(20))),
            (13, num(counted)),
            (14, list(&(1..).zip(by_method).map(method).collect::<Vec<_>>())),
            (15, list(&kits.iter().enumerate().map(kit).collect::<Vec<_>>())),
            (16, list(&refusals)),
            (17, list(&incidents)),
            (18, list(&[])),
            (19, num(0)),
            (20, num(u64::from(finals))),
        ];
        if finals {
            fields.push((36, list(&[list(&[list(&pair.map(|kid| bytes(&kid))), num(1)])])));
            fields.push((37, list(&[list(&[bytes(&[0; 8]), num(1)])])));
            fields.push((38, list(&[named_act(4, 50, 2), named_act(6, 721, 3)])));
        }
        fields.push((39, list(&heads_at)));
        if initial {
            fields.push((42, list(&pages)));
        }
        let payload = map(&fields);
        let mut signers = vec![&kits[0].1, &officers[0], &officers[1]];
        if self.lies("report by one officer") && finals {
            signers.pop();
        }
        let (signed, id) = sign_all("report", &payload, &signers);
        self.put(&format!("journals/{precinct:04}/K1.{}.cose", if initial { "initial" } else { "final" }), signed);
        id
    }

    fn turnout(&mut self) {
        let lie = u32::from(self.lies("turnout too high"));
        let total = 18 + lie;
        self.put(
            "publication/turnout.csv",
            format!("precinct,lines,counted\n0101,300,<10\n7001,12,>=10\ntotal,312,{total}\n").into_bytes(),
        );
        // 101: minutes 5, 10, 30, 42, 50 are hour 8, 724 is hour 20; 7001: minutes 10 to 120.
        let hours = "day,hour,counted\n2015-10-04,8,>=10\n2015-10-04,9,<10\n2015-10-04,10,<10\n2015-10-04,20,<10\n";
        self.put("publication/hours.csv", hours.as_bytes().to_vec());
        let methods = "method,counted\nfinger,>=10\nface2,0\ndocument2,<10\noverride2,0\nhome,0\n";
        self.put("publication/methods.csv", methods.as_bytes().to_vec());
    }
}

fn crc(bytes: &[u8]) -> u32 {
    // Table form, unlike the reader's bit form.
    let table: Vec<u32> = (0..256)
        .map(|n: u32| (0..8).fold(n, |c, _| if c & 1 == 1 { (c >> 1) ^ 0x82f6_3b78 } else { c >> 1 }))
        .collect();
    !bytes.iter().fold(!0u32, |c, b| table[usize::from(c.to_be_bytes()[3] ^ b)] ^ (c >> 8))
}
