//! Three kits on a real network, three people in real Chromium, a cable that is cut and healed.
//!
//! Story: a station of 1,000 voters and three kits. In the morning everybody is in touch. A voter is tried at two kits at
//! once. K3 loses its cable: it serves its own lines, nobody else's; a voter served there is tried at K1 and K2. The cable
//! heals, what was refused for want of it is served, what was served is refused everywhere. Then no kit hears another.
//! They heal again, lose their power, find each other by multicast and close in the evening. Expected end: nobody is green twice, all books are equal,
//! every receipt holds for a stranger, the reports agree; no name, number or finger of a voter has left a kit.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

#[path = "../../../services/station/tests/precinct/mod.rs"]
mod precinct;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use keys::FileKey;
use lan::canary::{Canary, Search, name};
use lan::kits::{Hall, Served, Terms, files};
use lan::operator::Operator;
use lan::wire::{CONTROL, KITS, Wire};
use lexicon::handover::envelope::{DocumentType, Signer, Subject, encode, hex, sign_all};
use lexicon::handover::event::unframe;
use lexicon::handover::folder::{Anchor, TrustAnchors};
use lexicon::handover::package::{PackageVoter, index_token};
use precinct::{ELECTION, INDEX_KEY, Precinct, finger, key, law, voter};
use serde_json::{Value, json};
use station::cards::{CardFile, Holder};

const PRECINCT: u16 = 1001;
const VOTERS: u32 = 1_000;
const SHARE: u32 = VOTERS / 3;
const PASSPHRASE: &str = "pass";

/// What of the scratch folder is not searched, each for its reason.
const NOT_SEARCHED: [(&str, &str); 3] = [
    (
        "faces",
        "the voters' own faces, which a folder stands for here; found there as a control",
    ),
    (
        "glass",
        "the voters' own fingers, which a folder stands for here; found there as a control",
    ),
    ("modules", "Chromium's driver"),
];

/// A voter whose every datum is planted.
fn planted(line: u32) -> (PackageVoter, Canary) {
    let (day, month, year) = (1 + line % 28, 1 + line % 12, 1940 + line % 57);
    let canary = Canary {
        line,
        pin: format!("2{day:02}{month:02}{year}{:05}", 10_007 + line * 83),
        document: format!("ID{:07}", 1_200_000 + line * 811),
        surname: name(line, 1) + "ов",
        given: name(line, 2),
        template: finger(line * 10),
    };
    let mut voter = voter(line);
    voter.surname.clone_from(&canary.surname);
    voter.given.clone_from(&canary.given);
    voter.born = format!("{year}-{month:02}-{day:02}");
    voter.pin_token = index_token(&INDEX_KEY, &canary.pin).into();
    voter.document_tokens = vec![index_token(&INDEX_KEY, &canary.document).into()];
    voter.home = false;
    (voter, canary)
}

fn officers() -> (Vec<CardFile>, Vec<FileKey>) {
    let issue = |n: u8| {
        let holder = Holder {
            name: format!("Officer {}", n + 1),
            role: "member".to_owned(),
            body: ["P", "P", "Q", "R", "S"][usize::from(n)].to_owned(),
        };
        CardFile::issue(&holder, &[n; 16], PASSPHRASE)
    };
    (0..5).map(issue).unzip()
}

/// A face for the cameras: grey noise, which no packing makes shorter.
fn face() -> Vec<u8> {
    let mut state = 20_151_004u32;
    let noise: Vec<u8> = (0..96 * 120)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, 96, 120);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&noise).unwrap();
    writer.finish().unwrap();
    picture
}

/// Who checks receipts knows the keys of the election: two roots vouch for them.
fn trust() -> Vec<u8> {
    let anchor = |role: &str| Anchor {
        role: role.to_owned(),
        point: key(role).public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    let mut anchors: Vec<Anchor> = [
        "srs-release",
        "cec-release",
        "register",
        "publication",
        "root-srs",
        "root-cec",
    ]
    .map(anchor)
    .into();
    anchors.sort();
    let payload = encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election: ELECTION,
        anchors,
        log_key: note_key("log.example", tlog::KeyKind::Ed25519),
        witness_keys: Vec::new(),
        witnesses_needed: 0,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election: ELECTION,
    };
    let roots = [key("root-srs"), key("root-cec")];
    let signers: Vec<&dyn Signer> = roots.iter().map(|key| key as _).collect();
    sign_all(subject, &payload, &signers).unwrap()
}

fn note_key(name: &str, kind: tlog::KeyKind) -> String {
    let key = tlog::SigningKey::from_seed(name, kind, &[9; 32]).unwrap();
    key.verifier().to_string()
}

/// The station laid out, with what was planted.
struct Story {
    hall: Hall,
    terms: Terms,
    precinct: Precinct,
    canaries: Vec<Canary>,
    /// Lines that turned green, with the kit and the receipt's name.
    green: BTreeMap<u32, (usize, String)>,
    began: Instant,
}

impl Story {
    fn begin(folder: &str) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a trial measures how long it took"
        )]
        let began = Instant::now();
        let test = std::env::current_exe().unwrap();
        let binaries = test.ancestors().nth(2).unwrap().to_owned();
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).unwrap();
        let (wire, words) = Wire::lay(&binaries, &scratch).unwrap();
        println!("the cable: {words}");
        let hall = Hall {
            scratch,
            binaries,
            wire,
        };
        let (voters, mut canaries): (Vec<_>, Vec<_>) = (1..=VOTERS).map(planted).unzip();
        let face = face();
        fs::create_dir_all(hall.faces()).unwrap();
        fs::write(hall.faces().join("face.png"), &face).unwrap();
        let (cards, officers) = officers();
        let kits: Vec<FileKey> = (1..=KITS)
            .map(|n| key(&format!("{PRECINCT} K{n}")))
            .collect();
        let points: Vec<_> = kits.iter().map(FileKey::public_key).collect();
        let of_officers: Vec<_> = officers.iter().map(FileKey::public_key).collect();
        let precinct = Precinct::with_keys(law("segment"), PRECINCT, voters, &points, &of_officers);
        let terms = Terms {
            election: ELECTION,
            precinct: PRECINCT,
            publishers: ["srs-release", "cec-release"].map(|name| hex(&key(name).public_key().0)),
            kits: kits.iter().map(|kit| kit.kid().hex()).collect(),
            cards: cards.len(),
            peers_are_typed: true,
        };
        fs::create_dir_all(hall.glass()).unwrap();
        for canary in &canaries {
            let file = format!("{:04}_2_1.fmr", canary.line);
            fs::write(hall.glass().join(file), &canary.template).unwrap();
        }
        // The face is searched as a record of its own, under a line that is nobody's.
        let (_, mut nobody) = planted(VOTERS + 1);
        nobody.template = face;
        canaries.push(nobody);
        for (kit, its_key) in kits.iter().enumerate() {
            let folder = hall.folder(kit);
            for sub in ["cards", "medium"] {
                fs::create_dir_all(folder.join(sub)).unwrap();
            }
            for (n, card) in cards.iter().enumerate() {
                card.write(&folder.join(format!("cards/{}.card", n + 1)))
                    .unwrap();
            }
            its_key.write(&folder.join("kit.key")).unwrap();
            fs::write(folder.join("manifest.cose"), &precinct.manifest).unwrap();
            fs::write(folder.join("sealed.package"), &precinct.ciphertext).unwrap();
            let made = Command::new(hall.binaries.join("tizme-station"))
                .args(["medium", "--at"])
                .arg(folder.join("medium"))
                .output();
            assert!(made.unwrap().status.success());
        }
        Self {
            hall,
            terms,
            precinct,
            canaries,
            green: BTreeMap::new(),
            began,
        }
    }

    fn say(&self, what: &str) {
        println!("{:5.1} s  {what}", self.began.elapsed().as_secs_f64());
    }

    /// All kits with this time on their clocks.
    fn serve(&self, time: &str) -> Vec<Served> {
        (0..KITS)
            .map(|kit| {
                self.hall.configure(kit, &self.terms, time).unwrap();
                self.hall.serve(kit).unwrap()
            })
            .collect()
    }

    fn sit_down(&self) -> Vec<Operator> {
        let modules = self.hall.scratch.join("../lan-modules");
        browser::modules::install(&modules).unwrap();
        let modules = fs::canonicalize(modules).unwrap();
        (0..KITS)
            .map(|kit| {
                let facts = json!({
                    "page": { "kits": [format!("http://{}", self.hall.wire.pages(kit))], "card_pin": PASSPHRASE },
                    "glass": [],
                    "traces": self.hall.scratch.join("../lan-traces"),
                });
                Operator::sit(&self.hall.wire, kit, &modules, &facts).unwrap()
            })
            .collect()
    }

    /// What an operator must be told to serve a voter, found by the PIN.
    fn wish(&self, line: u32) -> Value {
        let canary = &self.canaries[line as usize - 1];
        json!({ "text": canary.pin, "line": line, "name": canary.surname })
    }

    /// Takes in what was seen: who is green, and that the monitor said the same.
    fn note(&mut self, kit: usize, line: u32, seen: &Value, expected: &str) {
        let code = match seen["tone"].as_str().unwrap() {
            "ok" => "OK",
            "stop" => seen["code"].as_str().unwrap(),
            other => panic!("K{} at line {line}: {other} {seen}", kit + 1),
        };
        if code == "OK" {
            let receipt = seen["receipt"].as_str().unwrap().to_owned();
            let before = self.green.insert(line, (kit, receipt));
            assert!(
                before.is_none(),
                "line {line} is green twice: {before:?}, then K{}",
                kit + 1
            );
        }
        assert_eq!(
            seen["tv"]["named"],
            json!(code == "OK"),
            "red names nobody: {seen}"
        );
        assert!(
            expected.split('|').any(|known| known == code),
            "K{} at line {line}: {seen}",
            kit + 1
        );
    }

    /// One voter at one kit, to the end.
    fn serve_at(&mut self, people: &mut [Operator], kit: usize, line: u32, expected: &str) {
        let seen = people[kit].ask("serve", self.wish(line)).unwrap();
        people[kit].ask("next", json!({})).unwrap();
        self.note(kit, line, &seen, expected);
    }

    /// At each kit its own voters, all at once.
    fn serve_together(&mut self, people: &mut [Operator], lines: &[&[u32]; KITS], expected: &str) {
        let wishes: Vec<Vec<(u32, Value)>> = lines
            .iter()
            .map(|lines| lines.iter().map(|line| (*line, self.wish(*line))).collect())
            .collect();
        let seen: Vec<Vec<(u32, Value)>> = std::thread::scope(|scope| {
            let handles: Vec<_> = people
                .iter_mut()
                .zip(&wishes)
                .map(|(person, wishes)| {
                    scope.spawn(|| {
                        let serve = |(line, wish): &(u32, Value)| {
                            let seen = person.ask("serve", wish.clone()).unwrap();
                            person.ask("next", json!({})).unwrap();
                            (*line, seen)
                        };
                        wishes.iter().map(serve).collect()
                    })
                })
                .collect();
            handles
                .into_iter()
                .map(|handle| handle.join().unwrap())
                .collect()
        });
        for (kit, of_kit) in seen.iter().enumerate() {
            for (line, seen) in of_kit {
                self.note(kit, *line, seen, expected);
            }
        }
    }

    fn cut(&self, kits: &[usize], is_cut: bool) {
        for kit in kits {
            self.hall.wire.set_cut(*kit, is_cut).unwrap();
        }
        self.say(&format!(
            "{kits:?} {}",
            if is_cut { "cut" } else { "healed" }
        ));
    }

    /// Everybody counts every green voter.
    fn agree(&self, people: &mut [Operator]) {
        all(people, "counted", &json!({ "number": self.green.len() }));
        self.say(&format!("all three count {}", self.green.len()));
    }

    /// The events that a kit holds: its own and its copies of the others'.
    fn book(&self, kit: usize) -> BTreeSet<Vec<u8>> {
        let journals = self.hall.folder(kit).join("journals");
        let held = |end: &str| {
            let file = fs::read(journals.join(format!("K{}.{end}", kit + 1))).unwrap();
            let events = unframe(&file).events;
            events.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        held("journal").into_iter().chain(held("peers")).collect()
    }
}

/// Everybody does the same at once.
fn all(people: &mut [Operator], act: &str, wish: &Value) -> Vec<Value> {
    std::thread::scope(|scope| {
        let handles: Vec<_> = people
            .iter_mut()
            .map(|person| scope.spawn(|| person.ask(act, wish.clone()).unwrap()))
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap())
            .collect()
    })
}

/// The receipts in a kit's folder of papers, by their QR.
fn receipts(folder: &Path) -> BTreeMap<String, String> {
    let papers = files(&folder.join("papers")).unwrap();
    let of = |path: &PathBuf| {
        let done = Command::new("zbarimg")
            .args(["--quiet", "--raw"])
            .arg(path)
            .output()
            .expect("zbarimg (Debian package zbar-tools)");
        let text = String::from_utf8(done.stdout).unwrap().trim().to_owned();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (!text.is_empty()).then_some((name, text))
    };
    papers
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "png"))
        .filter_map(of)
        .collect()
}

#[test]
fn three_kits_stay_one_book_and_nothing_of_a_voter_leaves_them() {
    let mut story = Story::begin("lan");
    let kits = story.serve("2015-10-04T10:00:00+06:00");
    let mut people = story.sit_down();
    all(&mut people, "open", &json!({}));
    all(&mut people, "reach", &json!({ "near": 3 }));
    all(&mut people, "initial", &json!({}));
    story.say("three kits are open");
    let (two, three) = (SHARE, 2 * SHARE);

    // In touch: own voters, and one of another's share each.
    story.serve_together(
        &mut people,
        &[&[1, 2], &[two + 1, two + 2], &[three + 1, three + 2]],
        "OK",
    );
    story.serve_together(&mut people, &[&[two + 3], &[three + 3], &[3]], "OK");
    story.serve_together(&mut people, &[&[three + 1], &[1], &[two + 3]], "ALREADY");
    // One person at two kits in the same moment: the owner gives the line once.
    let twin = three + 4;
    story.serve_together(
        &mut people,
        &[&[twin], &[twin], &[]],
        "OK|ALREADY|GRANTED_ELSEWHERE",
    );
    // Fingers that cannot be read: two officers see the list's photograph and a picture of now.
    let seen = people[1].ask("face", story.wish(two + 12)).unwrap();
    people[1].ask("next", json!({})).unwrap();
    assert_eq!(
        seen["width"],
        json!(96),
        "the chair's screen shows the camera's picture"
    );
    story.note(1, two + 12, &seen, "OK");
    story.say("a day in touch");

    story.cut(&[2], true);
    story.serve_together(
        &mut people,
        &[&[5], &[two + 5], &[three + 5, three + 6]],
        "OK",
    );
    let isolated = "NOT_MY_SHARE_WHILE_ISOLATED";
    story.serve_together(
        &mut people,
        &[&[three + 5, three + 7], &[three + 6], &[7]],
        isolated,
    );
    // What all knew before the cut is known after it.
    story.serve_together(&mut people, &[&[], &[], &[1]], "ALREADY");
    people[2].ask("reach", json!({ "near": 1 })).unwrap();
    people[0].ask("reach", json!({ "near": 2 })).unwrap();
    // Those two go on serving each other's lines.
    story.serve_at(&mut people, 0, two + 8, "OK");

    story.cut(&[2], false);
    all(&mut people, "reach", &json!({ "near": 3 }));
    story.agree(&mut people);
    story.serve_together(&mut people, &[&[three + 5], &[three + 6], &[5]], "ALREADY");
    story.serve_together(&mut people, &[&[three + 7], &[], &[7]], "OK");

    story.cut(&[0, 1, 2], true);
    story.serve_together(&mut people, &[&[10], &[two + 10], &[three + 10]], "OK");
    story.serve_together(&mut people, &[&[two + 10], &[three + 10], &[10]], isolated);
    story.cut(&[0, 1, 2], false);
    all(&mut people, "reach", &json!({ "near": 3 }));
    story.agree(&mut people);

    for kit in &kits {
        if kit.memory_kb("VmLck").is_some_and(|kb| kb > 0) {
            assert_eq!(
                kit.memory_kb("VmSwap"),
                Some(0),
                "a kit's memory is in no swap file"
            );
        } else {
            println!("memory may not be locked here: swap is not judged");
        }
    }
    drop(kits);
    // In the evening nobody has typed an address: the kits find each other.
    story.terms.peers_are_typed = false;
    let evening = story.serve("2015-10-04T20:00:30+06:00");
    all(&mut people, "open", &json!({}));
    all(&mut people, "reach", &json!({ "near": 3 }));
    all(&mut people, "close", &json!({}));
    story.agree(&mut people);
    std::thread::sleep(std::time::Duration::from_secs(3));
    all(&mut people, "final", &json!({}));
    story.say("closed, final reports made");
    // The last countersignatures travel.
    for _ in 0..20 {
        let books: BTreeSet<_> = (0..KITS).map(|kit| story.book(kit)).collect();
        if books.len() == 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    for mut person in people {
        person.leave().unwrap();
    }
    drop(evening);
    judge(&story);
    search(&mut story);
    story.say("done");
}

/// The evening: books, receipts and reports, by a stranger's eyes.
fn judge(story: &Story) {
    let books: Vec<_> = (0..KITS).map(|kit| story.book(kit)).collect();
    assert!(books[0].len() > 30);
    assert!(
        books[0] == books[1] && books[1] == books[2],
        "all books are equal"
    );

    let out = story.hall.scratch.join("handed-in");
    for sub in ["publication", "packages", "journals/1001"] {
        fs::create_dir_all(out.join(sub)).unwrap();
    }
    fs::write(out.join("publication/trust.cose"), trust()).unwrap();
    fs::write(
        out.join("packages/1001.manifest.cose"),
        &story.precinct.manifest,
    )
    .unwrap();
    let mut handed = Vec::new();
    let mut finals = Vec::new();
    for kit in 0..KITS {
        for end in ["journal", "initial.cose", "final.cose"] {
            let name = format!("K{}.{end}", kit + 1);
            let file = fs::read(story.hall.folder(kit).join("journals").join(&name)).unwrap();
            fs::write(out.join("journals/1001").join(&name), &file).unwrap();
            handed.push((name, file));
        }
        let json = fs::read(
            story
                .hall
                .folder(kit)
                .join(format!("journals/K{}.final.json", kit + 1)),
        );
        finals.push(serde_json::from_slice::<Value>(&json.unwrap()).unwrap());
    }
    let institutions = ["srs-release", "cec-release"].map(|name| key(name).public_key().0);
    let mut report = verifier::Report::default();
    let day = verifier::precinct_day(
        ELECTION,
        &story.precinct.manifest,
        &institutions,
        &handed,
        &mut report,
    )
    .unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!(day.marked, story.green.keys().copied().collect::<Vec<_>>());
    let repeated = day
        .incidents
        .iter()
        .filter(|incident| incident.code == "DUPLICATE")
        .count();
    assert_eq!(repeated, 0);
    for told in &finals {
        assert_eq!(told["counted"], json!(story.green.len()), "{told}");
        assert_eq!(told["incomplete"], json!([]), "{told}");
        let by_method = told["by_method"].to_string();
        assert_eq!(by_method, finals[0]["by_method"].to_string());
        let acts: u64 = told["kits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kit| kit["counted"].as_u64().unwrap())
            .sum();
        assert_eq!(acts, story.green.len() as u64);
    }

    let mut checked = 0;
    for kit in 0..KITS {
        for (name, text) in receipts(&story.hall.folder(kit)) {
            let verify = |text: &str| {
                Command::new(story.hall.binaries.join("tizme-verify"))
                    .args(["receipt", text, "--precinct", "1001", "--in"])
                    .arg(&out)
                    .output()
                    .unwrap()
            };
            let done = verify(&text);
            let said = String::from_utf8_lossy(&done.stdout);
            if !name.starts_with("receipt") && !said.contains("receipt ") {
                continue;
            }
            assert!(done.status.success(), "{name}: {said}");
            assert!(said.contains("its act counts"), "{name}: {said}");
            checked += 1;
            if checked == 1 {
                let forged: String = text.chars().rev().collect();
                assert!(
                    !verify(&forged).status.success(),
                    "a changed receipt is refused"
                );
            }
        }
    }
    assert_eq!(
        checked,
        story.green.len(),
        "one receipt for each green voter"
    );
    story.say(&format!("{checked} receipts hold, books and reports agree"));
}

/// The canaries: everything that passed on the LAN and that lies on a kit's disk.
fn search(story: &mut Story) {
    let search = Search::new(&story.canaries, CONTROL).unwrap();
    story.hall.wire.send_control().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let frames = story.hall.wire.recorded().unwrap();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    assert!(bytes > 100_000, "{bytes} bytes passed on the LAN");
    let mut is_seen = false;
    let mut found = Vec::new();
    for frame in &frames {
        for hit in search.look(frame) {
            is_seen |= hit.line == 0;
            if hit.line > 0 {
                found.push(format!("LAN: {hit:?}"));
            }
        }
    }
    assert!(is_seen, "the capture would have seen what passes in clear");
    let (mut count, mut size, mut kinds) = (0u32, 0usize, BTreeSet::new());
    let skipped = |path: &Path| {
        let below = path.strip_prefix(&story.hall.scratch).unwrap();
        NOT_SEARCHED.iter().any(|(name, _)| below.starts_with(name))
    };
    for path in files(&story.hall.scratch).unwrap() {
        if skipped(&path) {
            continue;
        }
        let file = fs::read(&path).unwrap();
        (count, size) = (count + 1, size + file.len());
        kinds.insert(
            path.extension()
                .or(path.file_name())
                .unwrap()
                .to_string_lossy()
                .into_owned(),
        );
        // What a QR holds is not in the bytes of its picture.
        for hit in search.look(&file) {
            if hit.line > 0 {
                found.push(format!("{}: {hit:?}", path.display()));
            }
        }
    }
    for kit in 0..KITS {
        for (name, text) in receipts(&story.hall.folder(kit)) {
            let inside = base45::decode(&text).unwrap_or_default();
            for hit in search
                .look(&inside)
                .iter()
                .chain(&search.look(text.as_bytes()))
            {
                found.push(format!("QR of {name}: {hit:?}"));
            }
        }
    }
    for kind in [
        "journal", "peers", "escpos", "png", "pdf", "cose", "json", "log", "package", "frames",
        "sealed",
    ] {
        assert!(kinds.contains(kind), "{kind} was searched: {kinds:?}");
    }
    let controls = [
        story.hall.glass().join("0001_2_1.fmr"),
        story.hall.faces().join("face.png"),
    ];
    for control in controls {
        let file = fs::read(&control).unwrap();
        let hits = search.look(&file);
        assert!(
            !hits.is_empty(),
            "{} would have been found",
            control.display()
        );
    }
    story.say(&format!(
        "{} forms of {VOTERS} voters' PINs, documents, names and fingers looked for in {} frames ({bytes} bytes), {count} files ({size} bytes); {} found",
        search.needles,
        frames.len(),
        found.len()
    ));
    for (name, why) in NOT_SEARCHED {
        println!("         not searched: {name} ({why})");
    }
    assert!(
        found.is_empty(),
        "{}",
        found[..found.len().min(20)].join("\n")
    );
}
