//! A small roll with its publication, made from lines; and the pages of a PDF read back.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

use keys::{FileKey, NoteKey};
use lexicon::ElectionLaw;
use lexicon::handover::delta::{ChangeKind, LineChange, ListDelta, PrecinctAfter, struck};
use lexicon::handover::envelope::{
    DocumentType, PublicKey, Signer as _, Subject, encode, id_all, peek_all, sha256, sign_all,
};
use lexicon::handover::folder::{Anchor, TrustAnchors};
use lexicon::handover::release::{ListRelease, PrecinctTotal, RollLine, SaltKey, SaltedLine};
use tizme_print::form::PaperLanguage;
use tizme_print::lists::{ListsJob, ListsOutcome, print_lists};

pub const RELEASE: u32 = 7;

const NAMES: [[&str; 3]; 10] = [
    ["Абдыкеримова", "Айгерим", "Талантовна"],
    ["Алымкулов", "Өмүрбек", ""],
    ["Аманова", "Бүбүсара", "Токтогуловна"],
    ["Арстанбеков", "Үмөт уулу", ""],
    ["Болотбек кызы", "Айпери", ""],
    ["Жеңишбекова-Токтогулова", "Гүлзат", "Ишенбековна"],
    ["Ким", "Ян", ""],
    ["Ңарова", "Үсөн", "Бейшенбекович"],
    ["Ташматов", "Кубанычбек", "Жумабекович"],
    ["Өмүралиев", "Ырысбек", "Мелисович"],
];

const STREETS: [&str; 4] = ["Манас", "Ч. Айтматов", "Ош көчөсү", "Ала-Тоо"];

/// Line `n` (from 1) of a precinct.
pub fn line(precinct: u16, n: u32, lines_per_page: u32) -> RollLine {
    let [surname, given, patronymic] = NAMES[n as usize % NAMES.len()];
    RollLine {
        precinct,
        line: n,
        page: (n - 1) / lines_per_page + 1,
        surname: surname.to_owned(),
        given: given.to_owned(),
        patronymic: patronymic.to_owned(),
        born: format!("{}-{:02}-{:02}", 1940 + n % 60, 1 + n % 12, 1 + n % 28),
        address: format!("Көк-Жар, {}, {n}", STREETS[n as usize % STREETS.len()]),
    }
}

pub fn law() -> ElectionLaw {
    ElectionLaw::shipped("kg-2015").unwrap()
}

pub fn lines(precinct: u16, count: u32) -> Vec<RollLine> {
    let per_page = u32::from(law().list.lines_per_page);
    (1..=count).map(|n| line(precinct, n, per_page)).collect()
}

/// A directory of one test, made anew and removed after.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("print-{name}"));
        if dir.exists() {
            std::fs::remove_dir_all(&dir).unwrap();
        }
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"paper", label)
}

/// Writes `roll/` and `publication/` below `dir`, signed as they must be.
pub fn write_roll(dir: &Path, lists: &[(u16, Vec<RollLine>)], home: &str) -> Vec<SaltedLine> {
    let salts = SaltKey::new(&[3; 32]);
    let mut all = Vec::new();
    let mut precincts = Vec::new();
    for (precinct, lines) in lists {
        let salted: Vec<SaltedLine> = lines
            .iter()
            .map(|line| SaltedLine::new(line.clone(), &salts))
            .collect();
        write(
            &dir.join(format!("roll/lines/{precinct:04}.cbor")),
            &encode(&salted),
        );
        precincts.push(PrecinctTotal {
            precinct: *precinct,
            first_leaf: all.len() as u64,
            lines: u32::try_from(lines.len()).unwrap(),
        });
        all.extend(salted);
    }
    let commitments: Vec<[u8; 32]> = all.iter().map(SaltedLine::commitment).collect();
    let leaves: Vec<tlog::Hash> = commitments.iter().map(|c| tlog::leaf_hash(c)).collect();
    let law = law();
    let release = ListRelease {
        suite: "kg1".to_owned(),
        election: law.election.number,
        release: RELEASE,
        previous: Some([1; 32].into()),
        root: tlog::root(&leaves).0.into(),
        total: all.len() as u64,
        precincts,
        considered: all.len() as u64,
        excluded: Vec::new(),
        law: law.hash.into(),
        snapshot: [2; 32].into(),
        frozen_at: lexicon::Instant::parse("2015-09-25T18:00:00+06:00")
            .unwrap()
            .micros(),
        stage: "final".to_owned(),
    };
    let subject = |kind| Subject {
        kind,
        election: law.election.number,
    };
    let (srs, cec) = (key("srs-release"), key("cec-release"));
    let signed = sign_all(
        subject(DocumentType::ListRelease),
        &encode(&release),
        &[&srs, &cec],
    );
    write(&dir.join("roll/release.cose"), &signed.unwrap());
    let publication = dir.join("publication");
    write(&publication.join("trust.cose"), &trust(home));
    let text = ElectionLaw::shipped_text("kg-2015").unwrap();
    write(&publication.join("law.toml"), text.as_bytes());
    let features: Vec<_> = lists
        .iter()
        .map(|(precinct, _)| {
            serde_json::json!({"type": "Feature", "geometry": null, "properties": {
                "precinct": precinct, "address_ky": "Көк-Жар айылы, №5 орто мектеп",
                "address_ru": "село Кок-Джар, средняя школа № 5",
            }})
        })
        .collect();
    let collection = serde_json::json!({"type": "FeatureCollection", "features": features});
    write(
        &publication.join("precincts.geojson"),
        collection.to_string().as_bytes(),
    );
    let name = format!("log.example/{}/list-{RELEASE}", law.election.number);
    let seed = NoteKey::from_seed(b"paper", "log").secret_bytes();
    let log = tlog::SigningKey::from_seed(&name, tlog::KeyKind::Ed25519, &seed).unwrap();
    let signers = tlog::LogSigners {
        log: &log,
        witnesses: &[],
        time_s: 0,
    };
    for (path, bytes) in tlog::log_files(&commitments, signers).unwrap() {
        write(
            &publication.join(format!("list-{RELEASE}")).join(path),
            &bytes,
        );
    }
    all
}

fn trust(home: &str) -> Vec<u8> {
    let roles = [
        "cec-release",
        "publication",
        "register",
        "root-cec",
        "root-srs",
        "srs-release",
    ];
    let anchors = roles.map(|role| {
        let PublicKey(point) = key(role).public_key();
        Anchor {
            role: role.to_owned(),
            point: point.into(),
            home: home.to_owned(),
        }
    });
    let election = law().election.number;
    let payload = encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election,
        anchors: anchors.to_vec(),
        log_key: String::new(),
        witness_keys: Vec::new(),
        witnesses_needed: 0,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election,
    };
    let roots = [key("root-srs"), key("root-cec")];
    assert_ne!(roots[0].kid(), roots[1].kid());
    sign_all(subject, &payload, &[&roots[0], &roots[1]]).unwrap()
}

/// A job on what [`write_roll`] wrote.
pub fn job(dir: &Path, out: &str, threads: usize) -> ListsJob {
    ListsJob {
        roll: dir.join("roll"),
        publication: Some(dir.join("publication")),
        law_id: "kg-2015".to_owned(),
        out: dir.join(out),
        precincts: Vec::new(),
        language: PaperLanguage::Both,
        threads,
    }
}

pub fn print(job: &ListsJob) -> ListsOutcome {
    print_lists(job, &|_| {}).unwrap()
}

/// A word on a page, mm from the upper left.
#[derive(Clone, Debug)]
pub struct Seen {
    pub text: String,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Seen {
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }
}

/// Whether a program of poppler-utils or zbar-tools is there; says so when it is not.
pub fn has(program: &str) -> bool {
    let there = Command::new(program)
        .arg("--help")
        .output()
        .is_ok_and(|_| true);
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

/// The words of every page, as `pdftotext -bbox` sees them.
pub fn words_of(pdf: &Path) -> Vec<Vec<Seen>> {
    let output = Command::new("pdftotext")
        .arg("-bbox")
        .arg(pdf)
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut pages = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("<page") {
            pages.push(Vec::new());
        } else if line.starts_with("<word") {
            let number = |name: &str| -> f64 {
                let from = line.find(name).unwrap() + name.len() + 2;
                let rest = &line[from..];
                let points: f64 = rest[..rest.find('"').unwrap()].parse().unwrap();
                points / 72.0 * 25.4
            };
            let inner = &line[line.find('>').unwrap() + 1..line.rfind("</word>").unwrap()];
            let seen = Seen {
                text: inner.replace("&quot;", "\"").replace("&amp;", "&"),
                left: number("xMin"),
                right: number("xMax"),
                top: number("yMin"),
                bottom: number("yMax"),
            };
            pages.last_mut().unwrap().push(seen);
        }
    }
    pages
}

/// SHA-256 of a file in hexadecimal.
pub fn hash_of(path: &Path) -> String {
    lexicon::handover::envelope::hex(&sha256(&std::fs::read(path).unwrap()))
}

/// A list and the deltas after it, as the institutions would sign them.
pub struct InForce {
    dir: PathBuf,
    /// Leaves and lines by precinct, as they stand.
    lists: std::collections::BTreeMap<u16, Vec<([u8; 32], SaltedLine)>>,
    bound: std::collections::BTreeMap<u16, u32>,
    release: [u8; 32],
    previous: [u8; 32],
    number: u32,
}

/// One change that a test wants: precinct, line, kind, reason.
pub type Wish = (u16, u32, ChangeKind, &'static str);

impl InForce {
    /// The list that [`write_roll`] wrote.
    pub fn of(dir: &Path, all: &[SaltedLine]) -> Self {
        let subject = Subject {
            kind: DocumentType::ListRelease,
            election: law().election.number,
        };
        let bytes = std::fs::read(dir.join("roll/release.cose")).unwrap();
        let payload = peek_all(subject, &bytes).unwrap();
        let release = id_all(subject, &payload).0;
        let mut in_force = Self {
            dir: dir.to_owned(),
            lists: std::collections::BTreeMap::new(),
            bound: std::collections::BTreeMap::new(),
            release,
            previous: release,
            number: 0,
        };
        for salted in all {
            let precinct = salted.line.precinct;
            let list = in_force.lists.entry(precinct).or_default();
            list.push((salted.commitment(), salted.clone()));
            *in_force.bound.entry(precinct).or_default() += 1;
        }
        in_force
    }

    fn root(&self) -> [u8; 32] {
        let all = self.lists.values().flatten();
        let leaves: Vec<tlog::Hash> = all.map(|(leaf, _)| tlog::leaf_hash(leaf)).collect();
        tlog::root(&leaves).0
    }

    /// Signs one more delta with these changes and writes it into `deltas/`; lines get names by their numbers.
    pub fn delta(&mut self, at: &str, wishes: &[Wish], signers: &[&FileKey]) -> ListDelta {
        let salts = SaltKey::new(&[9; 32]);
        let per_page = u32::from(law().list.lines_per_page);
        let root_before = self.root();
        let mut lines = Vec::new();
        let mut changes = Vec::new();
        for (precinct, number, kind, reason) in wishes {
            let list = self.lists.get_mut(precinct).unwrap();
            let before = list.get(*number as usize - 1).map(|(leaf, _)| *leaf);
            let after = match kind {
                ChangeKind::Strike => struck(&before.unwrap()),
                ChangeKind::Add | ChangeKind::Change => {
                    let bound = self.bound[precinct];
                    let mut line = line(*precinct, *number, per_page);
                    if *number > bound {
                        line.page = bound.div_ceil(per_page) + (number - bound - 1) / per_page + 1;
                    }
                    line.patronymic = format!("Жаңы{number}");
                    let salted = SaltedLine::new(line, &salts);
                    let after = salted.commitment();
                    lines.push(salted.clone());
                    match list.get_mut(*number as usize - 1) {
                        Some(place) => place.1 = salted,
                        None => list.push((after, salted)),
                    }
                    after
                }
            };
            list[*number as usize - 1].0 = after;
            changes.push(LineChange {
                precinct: *precinct,
                line: *number,
                kind: *kind,
                reason: (*reason).to_owned(),
                before: before.map(Into::into),
                after: after.into(),
            });
        }
        let mut touched: Vec<u16> = wishes.iter().map(|wish| wish.0).collect();
        touched.dedup();
        let precincts = touched.iter().map(|precinct| PrecinctAfter {
            precinct: *precinct,
            lines: u32::try_from(self.lists[precinct].len()).unwrap(),
            voters: 0,
        });
        self.number += 1;
        let delta = ListDelta {
            suite: "kg1".to_owned(),
            election: law().election.number,
            number: self.number,
            release: self.release.into(),
            previous: self.previous.into(),
            root_before: root_before.into(),
            root_after: self.root().into(),
            voters_before: 0,
            voters_after: 0,
            effective_at: lexicon::Instant::parse(at).unwrap().micros(),
            changes,
            precincts: precincts.collect(),
            snapshot: [2; 32].into(),
            law: law().hash.into(),
        };
        let subject = Subject {
            kind: DocumentType::ListDelta,
            election: law().election.number,
        };
        let signers: Vec<&dyn lexicon::handover::envelope::Signer> =
            signers.iter().map(|key| *key as _).collect();
        let signed = sign_all(subject, &encode(&delta), &signers).unwrap();
        self.previous = id_all(subject, &encode(&delta)).0;
        let deltas = self.dir.join("deltas");
        write(&deltas.join(format!("delta-{}.cose", self.number)), &signed);
        write(
            &deltas.join(format!("lines-{}.cbor", self.number)),
            &encode(&lines),
        );
        delta
    }
}

/// A page drawn and its code read.
pub fn code_of(pdf: &Path, page: usize, scratch: &Path) -> String {
    let (picture, number) = (scratch.join(format!("page-{page}")), page.to_string());
    let made = Command::new("pdftoppm")
        .args([
            "-png",
            "-r",
            "200",
            "-singlefile",
            "-f",
            &number,
            "-l",
            &number,
        ])
        .arg(pdf)
        .arg(&picture)
        .status();
    assert!(made.unwrap().success());
    let read = Command::new("zbarimg")
        .args(["-q", "--raw"])
        .arg(picture.with_extension("png"))
        .output()
        .unwrap();
    String::from_utf8(read.stdout).unwrap().trim().to_owned()
}
