//! A precinct for tests: real keys, a sealed package, voters with drawn-by-number minutiae.

#![allow(dead_code, reason = "each test file uses its own part of the fixture")]
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

pub mod change;
pub mod http;
pub mod stick;

use std::path::Path;
use std::sync::Arc;

use fingerprint::{FingerPosition, Minutia, MinutiaKind, Template};
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{DocumentType, PublicKey, Signer, Subject, encode, sign_all};
use lexicon::handover::folder::{Anchor, TrustAnchors, bytes};
use lexicon::handover::package::{
    BreakGlass, DeviceEntry, DistrictEntry, Exercise, HomeVoting, KitEntry, KitSettings,
    OfficerEntry, PackageBody, PackageFinger, PackageManifest, PackageVoter, PrecinctPlace,
    SealSecrets, SecondDay, StationLimits, StationPolicy, decided_by, index_token, seal,
};
use lexicon::{Instant, PrecinctCode};
use station::cards::{CardFile, Holder};
use station::clock::SetClock;
use station::link::{Lan, Link};
use station::printer::MemoryPrinter;
use station::{Capture, Card, Ciphertext, Kit, KitConfig, Publishers};

pub const ELECTION: u32 = 20_151_004;
/// 08:00 of 4 October 2015 in Bishkek.
pub const OPENS: i64 = 1_443_924_000_000_000;
pub const CLOSES: i64 = OPENS + 12 * 3_600_000_000;
pub const INDEX_KEY: [u8; 32] = [5; 32];

/// A moment on election day, seconds after opening.
pub fn at(seconds: i64) -> Instant {
    Instant::from_micros(OPENS + seconds * 1_000_000)
}

/// The office's key to which captures are sealed, where a precinct keeps them.
pub fn captures_key() -> FileKey {
    key("captures desk")
}

/// The office's key to which pictures are sealed.
pub fn pictures_key() -> FileKey {
    key("pictures desk")
}

pub fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"station tests", label)
}

/// A finger that depends on its number alone: 40 minutiae scattered by a small generator.
/// Trust anchors of the election, signed by both roots, that name the publishers of every package here.
pub fn trust() -> Vec<u8> {
    let anchor = |role: &str, label: &str| Anchor {
        role: role.to_owned(),
        point: key(label).public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    let payload = encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election: ELECTION,
        anchors: vec![
            anchor("cec-release", "cec-release"),
            anchor("root-cec", "root-cec"),
            anchor("root-srs", "root-srs"),
            anchor("srs-release", "srs-release"),
        ],
        log_key: String::new(),
        witness_keys: Vec::new(),
        witnesses_needed: 0,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election: ELECTION,
    };
    sign_all(subject, &payload, &[&key("root-srs"), &key("root-cec")]).unwrap()
}

pub fn finger(number: u32) -> Vec<u8> {
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let minutiae = (0..40)
        .map(|_| Minutia {
            x: u16::try_from(30 + draw(240)).unwrap(),
            y: u16::try_from(30 + draw(300)).unwrap(),
            angle: u8::try_from(draw(256)).unwrap(),
            kind: if draw(2) == 0 {
                MinutiaKind::Ending
            } else {
                MinutiaKind::Bifurcation
            },
            quality: 80,
        })
        .collect();
    let template = Template {
        width: 300,
        height: 360,
        quality: 80,
        minutiae,
    };
    template.to_iso(FingerPosition::RightIndex)
}

/// The capture of finger `number`.
pub fn capture(number: u32) -> Capture {
    Capture::SimulatedMinutiae(finger(number))
}

/// The PIN of the voter in a line.
pub fn pin(line: u32) -> String {
    format!("215041985{line:05}")
}

pub fn voter(line: u32) -> PackageVoter {
    PackageVoter {
        line,
        page: line.div_ceil(25),
        surname: ["Асанов", "Осмонов", "Жээнбеков", "Төрөканов"][line as usize % 4].to_owned(),
        given: ["Үсөн", "Бакыт", "Нурлан"][line as usize % 3].to_owned(),
        patronymic: String::new(),
        born: "1985-04-15".to_owned(),
        sex: "M".to_owned(),
        photo: bytes(&[]),
        fingers: (0..2)
            .map(|rank| PackageFinger {
                position: 2 + rank,
                minutiae: bytes(&finger(line * 10 + u32::from(rank))),
            })
            .collect(),
        pin_token: index_token(&INDEX_KEY, &pin(line)).into(),
        document_tokens: vec![index_token(&INDEX_KEY, &format!("ID{line:07}")).into()],
        home: line == 13,
    }
}

pub fn law(partition: &str) -> StationPolicy {
    StationPolicy {
        partition: partition.to_owned(),
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
        skew_warn_seconds: Some(2),
        limits: None,
        second_day: Some(SecondDay {
            by: decided_by::HOLDERS,
            days_max: 14,
            hours_max: 12,
        }),
        devices: None,
        marked_lines_ppb: None,
    }
}

/// A sealed precinct and everybody's keys.
pub struct Precinct {
    pub manifest: Vec<u8>,
    pub ciphertext: Vec<u8>,
    pub officers: Vec<FileKey>,
    pub publishers: Publishers,
    number: u16,
}

impl Precinct {
    /// Two kits with half of the list each, policy `segment`.
    pub fn new(number: u16, lines: u32) -> Self {
        Self::under("segment", number, lines, 2)
    }

    /// `kits` kits with equal shares under a policy.
    pub fn under(policy: &str, number: u16, lines: u32, kits: u32) -> Self {
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        Self::of(policy, number, lines, kits, officers)
    }

    /// Three kits with equal shares, and the officers' file cards; every passphrase is `pass`.
    pub fn with_cards(policy: &str, number: u16, lines: u32) -> (Self, Vec<CardFile>) {
        let (cards, officers) = Self::cards();
        (Self::of(policy, number, lines, 3, officers), cards)
    }

    /// The same, with a ballot table that scans.
    pub fn scanning(policy: &str, number: u16, lines: u32) -> (Self, Vec<CardFile>) {
        let (cards, officers) = Self::cards();
        let mut law = law(policy);
        law.ballot_table = "scanned".to_owned();
        let voters = (1..=lines).map(voter).collect();
        (Self::lawful(law, number, voters, 3, officers), cards)
    }

    /// Three kits with other times and counts of the law.
    pub fn limited(limits: StationLimits, number: u16, lines: u32) -> (Self, Vec<CardFile>) {
        let (cards, officers) = Self::cards();
        let mut law = law("segment");
        law.limits = Some(limits);
        let voters = (1..=lines).map(voter).collect();
        (Self::lawful(law, number, voters, 3, officers), cards)
    }

    /// One kit whose law lets it look whose finger it is: `false_hits` in units of 10⁻⁹ for a search of the list.
    pub fn looking(number: u16, voters: Vec<PackageVoter>, false_hits: Option<u32>) -> Self {
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let mut law = law("segment");
        law.other_line_ppb = false_hits;
        Self::lawful(law, number, voters, 1, officers)
    }

    /// Two kits with half of the list each, which keep captures of fingers sealed.
    pub fn keeping(number: u16, lines: u32) -> Self {
        let officers: Vec<FileKey> = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let kits: Vec<PublicKey> = (1..=2)
            .map(|n| key(&format!("{number} K{n}")).public_key())
            .collect();
        let cards: Vec<PublicKey> = officers.iter().map(FileKey::public_key).collect();
        let voters = (1..=lines).map(voter).collect();
        let law = law("segment");
        Self {
            officers,
            ..Self::sealed_with(None, law, (number, 7), voters, &kits, &cards, true)
        }
    }

    /// One kit whose law lets it look if a finger that fits its line fits a marked one too: `false_hits` in units of
    /// 10⁻⁹ for a search.
    pub fn looking_at_marked(
        number: u16,
        voters: Vec<PackageVoter>,
        false_hits: Option<u32>,
    ) -> Self {
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let mut law = law("segment");
        law.marked_lines_ppb = false_hits;
        Self::lawful(law, number, voters, 1, officers)
    }

    fn cards() -> (Vec<CardFile>, Vec<FileKey>) {
        let issue = |n: u8| {
            let body = ["P", "P", "Q", "R", "S"][usize::from(n)];
            let holder = Holder {
                name: [
                    "Абдыкеримова А. К.",
                    "Жумабаев Т. С.",
                    "Сыдыкова Г. М.",
                    "Эсенов Б. Р.",
                    "Ким Л. В.",
                ][usize::from(n)]
                .to_owned(),
                role: "member".to_owned(),
                body: body.to_owned(),
            };
            CardFile::issue(&holder, &[n; 16], "pass")
        };
        (0..5).map(issue).unzip()
    }

    fn of(policy: &str, number: u16, lines: u32, kits: u32, officers: Vec<FileKey>) -> Self {
        let voters = (1..=lines).map(voter).collect();
        Self::with_voters(policy, number, voters, kits, officers)
    }

    /// A precinct of given voters, by line.
    pub fn with_voters(
        policy: &str,
        number: u16,
        voters: Vec<PackageVoter>,
        kits: u32,
        officers: Vec<FileKey>,
    ) -> Self {
        Self::sealed(policy, number, voters, kits, officers, None)
    }

    /// One hall kit and the mobile kit K2, with these lines on the home list.
    pub fn with_home(number: u16, lines: u32, reserved: &[u32], home: HomeVoting) -> Self {
        let mut voters: Vec<PackageVoter> = (1..=lines).map(voter).collect();
        for voter in &mut voters {
            voter.home = reserved.contains(&voter.line);
        }
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        Self::sealed("segment", number, voters, 2, officers, Some(home))
    }

    /// `halls` kits with equal shares under `segment`, and the mobile kit that `home` names, the one after them.
    pub fn with_mobile(
        number: u16,
        lines: u32,
        halls: u32,
        reserved: &[u32],
        home: HomeVoting,
    ) -> Self {
        let mut voters: Vec<PackageVoter> = (1..=lines).map(voter).collect();
        for voter in &mut voters {
            voter.home = reserved.contains(&voter.line);
        }
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        Self::sealed("segment", number, voters, halls + 1, officers, Some(home))
    }

    /// One kit abroad: `offset_minutes` is its local time minus UTC.
    pub fn abroad(number: u16, lines: u32, offset_minutes: i32) -> Self {
        let officers = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let voters = (1..=lines).map(voter).collect();
        let mut law = law("segment");
        law.offset_minutes = offset_minutes;
        Self::lawful(law, number, voters, 1, officers)
    }

    fn sealed(
        policy: &str,
        number: u16,
        voters: Vec<PackageVoter>,
        kits: u32,
        officers: Vec<FileKey>,
        home: Option<HomeVoting>,
    ) -> Self {
        let law = StationPolicy {
            home,
            ..law(policy)
        };
        Self::lawful(law, number, voters, kits, officers)
    }

    fn lawful(
        policy: StationPolicy,
        number: u16,
        voters: Vec<PackageVoter>,
        kits: u32,
        officers: Vec<FileKey>,
    ) -> Self {
        let kits: Vec<PublicKey> = (1..=kits)
            .map(|n| key(&format!("{number} K{n}")).public_key())
            .collect();
        let cards: Vec<PublicKey> = officers.iter().map(FileKey::public_key).collect();
        Self {
            officers,
            ..Self::with_keys(policy, number, voters, &kits, &cards)
        }
    }

    /// Two kits of a rehearsal, or of a training under an election's number, which no charter takes.
    pub fn for_exercise(exercise: Exercise, number: u16, lines: u32) -> Self {
        let officers: Vec<FileKey> = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let kits: Vec<PublicKey> = (1..=2)
            .map(|n| key(&format!("{number} K{n}")).public_key())
            .collect();
        let cards: Vec<PublicKey> = officers.iter().map(FileKey::public_key).collect();
        let voters = (1..=lines).map(voter).collect();
        Self {
            officers,
            ..Self::sealed_for(
                Some(exercise),
                law("segment"),
                number,
                voters,
                &kits,
                &cards,
                7,
            )
        }
    }

    /// A precinct of given voters whose kits' and officers' keys lie elsewhere, as on tokens.
    pub fn with_keys(
        policy: StationPolicy,
        number: u16,
        voters: Vec<PackageVoter>,
        points: &[PublicKey],
        cards: &[PublicKey],
    ) -> Self {
        Self::sealed_for(None, policy, number, voters, points, cards, 7)
    }

    /// The same two kits and officers as [`Precinct::new`], and another list: another root.
    pub fn of_other_list(number: u16, lines: u32) -> Self {
        let officers: Vec<FileKey> = (1..=5)
            .map(|n| key(&format!("{number} officer {n}")))
            .collect();
        let kits: Vec<PublicKey> = (1..=2)
            .map(|n| key(&format!("{number} K{n}")).public_key())
            .collect();
        let cards: Vec<PublicKey> = officers.iter().map(FileKey::public_key).collect();
        let voters = (1..=lines).map(voter).collect();
        Self {
            officers,
            ..Self::sealed_for(None, law("segment"), number, voters, &kits, &cards, 8)
        }
    }

    fn sealed_for(
        exercise: Option<Exercise>,
        policy: StationPolicy,
        number: u16,
        voters: Vec<PackageVoter>,
        points: &[PublicKey],
        cards: &[PublicKey],
        root: u8,
    ) -> Self {
        Self::sealed_with(
            exercise,
            policy,
            (number, root),
            voters,
            points,
            cards,
            false,
        )
    }

    fn sealed_with(
        exercise: Option<Exercise>,
        policy: StationPolicy,
        (number, root): (u16, u8),
        voters: Vec<PackageVoter>,
        points: &[PublicKey],
        cards: &[PublicKey],
        captures: bool,
    ) -> Self {
        let mobile: Vec<String> = policy
            .home
            .iter()
            .flat_map(|home| home.kits.clone())
            .collect();
        let kits = u32::try_from(points.len()).unwrap();
        let halls = kits - u32::try_from(mobile.len()).unwrap();
        let lines = u32::try_from(voters.len()).unwrap();
        let share = lines / halls;
        // Mobile kits come last and have no share.
        let kit = |n: u32| KitEntry {
            point: points[n as usize - 1].0.into(),
            name: format!("K{n}"),
            from: if n > halls { 1 } else { (n - 1) * share + 1 },
            to: match n {
                n if n > halls => 0,
                n if n == halls => lines,
                n => n * share,
            },
        };
        let mut manifest = PackageManifest {
            suite: "kg1".to_owned(),
            election: ELECTION,
            precinct: number,
            release: 7,
            package: 1,
            previous: None,
            root: [root; 32].into(),
            lines,
            ciphertext_sha256: [0; 32].into(),
            ciphertext_bytes: 0,
            not_before: OPENS - 86_400_000_000,
            not_after: CLOSES + 86_400_000_000,
            policy: policy.clone(),
            kits: (1..=kits).map(kit).collect(),
            officers: cards
                .iter()
                .zip(["P", "P", "Q", "R", "S"])
                .enumerate()
                .map(|(at, (card, body))| OfficerEntry {
                    point: card.0.into(),
                    role: if at == 0 { "chair" } else { "member" }.to_owned(),
                    body: body.to_owned(),
                    name: format!("Officer of {body}"),
                })
                .collect(),
            k: 2,
            revoked: Vec::new(),
            ephemeral: [0; 65].into(),
            officer_wraps: Vec::new(),
            kit_wraps: Vec::new(),
            break_glass: Some(BreakGlass {
                holders: (1..=3)
                    .map(|n| OfficerEntry {
                        point: holder(n).public_key().0.into(),
                        role: "holder".to_owned(),
                        body: "TEC".to_owned(),
                        name: format!("Holder {n}"),
                    })
                    .collect(),
                k: 2,
                wraps: Vec::new(),
                kinds: None,
            }),
            exercise,
            settings: Some(KitSettings {
                turnout_desk: Some(key("turnout desk").public_key().0.into()),
                corrections_desk: None,
                devices: vec![DeviceEntry {
                    vendor: 0x05f9,
                    product: 0x221c,
                    serial: String::new(),
                }],
                pictures_desk: Some(pictures_key().public_key().0.into()),
                captures_desk: captures.then(|| captures_key().public_key().0.into()),
            }),
        };
        let neighbour = index_token(&INDEX_KEY, "20101199000001");
        let body = PackageBody {
            version: 0,
            election: ELECTION,
            precinct: number,
            index_key: INDEX_KEY.into(),
            voters,
            district: vec![DistrictEntry {
                token: neighbour.into(),
                precinct: 1014,
            }],
            day_key: [6; 32].into(),
            address_ky: "Көк-Жар айылы".to_owned(),
            address_ru: "с. Көк-Жар".to_owned(),
            places: Some(vec![PrecinctPlace {
                precinct: 1014,
                address_ky: "Ош шаары, Ленин көчөсү, 12".to_owned(),
                address_ru: "г. Ош, ул. Ленина, 12".to_owned(),
            }]),
        };
        let secrets = SealSecrets {
            ephemeral: [3; 32],
            officers: [1; 32],
            kits: [2; 32],
        };
        let ciphertext = seal(&mut manifest, &body, &secrets).unwrap();
        let publishers = [key("srs-release"), key("cec-release")];
        let subject = Subject {
            kind: DocumentType::PackageManifest,
            election: ELECTION,
        };
        let signers: Vec<&dyn Signer> = publishers.iter().map(|key| key as _).collect();
        let manifest = sign_all(subject, &encode(&manifest), &signers).unwrap();
        let publishers = Publishers {
            ring: KeyRing::of(publishers.iter().map(FileKey::public_key)),
            required: publishers.iter().map(Signer::kid).collect(),
        };
        Self {
            manifest,
            ciphertext,
            officers: Vec::new(),
            publishers,
            number,
        }
    }

    /// A precinct whose sealed files were written down; its officers are those of [`Precinct::under`].
    pub fn from_manifest(number: u16, manifest: Vec<u8>) -> Self {
        let publishers = [key("srs-release"), key("cec-release")];
        Self {
            manifest,
            ciphertext: Vec::new(),
            officers: (1..=5)
                .map(|n| key(&format!("{number} officer {n}")))
                .collect(),
            publishers: Publishers {
                ring: KeyRing::of(publishers.iter().map(FileKey::public_key)),
                required: publishers.iter().map(Signer::kid).collect(),
            },
            number,
        }
    }

    pub fn config(
        &self,
        folder: &Path,
        clock: &Arc<SetClock>,
        printer: &Arc<MemoryPrinter>,
    ) -> KitConfig {
        KitConfig {
            election: ELECTION,
            precinct: PrecinctCode::new(self.number).unwrap(),
            manifest: self.manifest.clone(),
            ciphertext: Ciphertext::Bytes(self.ciphertext.clone()),
            publishers: self.publishers.clone(),
            folder: folder.to_owned(),
            clock: Arc::clone(clock) as _,
            printer: Arc::clone(printer) as _,
            exercise: None,
            grants: Vec::new(),
            decisions: Vec::new(),
            glass: None,
            counters: None,
        }
    }

    pub fn kit_key(&self, name: &str) -> Arc<dyn Card> {
        Arc::new(key(&format!("{} {name}", self.number)))
    }

    /// The link over which the kit `from` asks the kit `to` at an address.
    pub fn link(&self, from: &str, to: &str, address: std::net::SocketAddr) -> Arc<dyn Link> {
        let peer = self.kit_key(to).kid();
        Arc::new(Lan::to(address, peer, self.kit_key(from)).unwrap())
    }

    /// Officers 1 and 3: of different bodies.
    pub fn pair(&self) -> [&dyn Card; 2] {
        [&self.officers[0], &self.officers[2]]
    }
}

/// An open kit in its own folder, with its clock and printer.
pub struct Bench {
    pub kit: Arc<Kit>,
    pub clock: Arc<SetClock>,
    pub printer: Arc<MemoryPrinter>,
}

/// A key of the commission above.
pub fn holder(n: u32) -> FileKey {
    key(&format!("holder {n}"))
}

pub fn open(precinct: &Precinct, name: &str, folder: &Path, seconds: i64) -> Bench {
    let clock = Arc::new(SetClock::new(at(seconds)));
    let printer = Arc::new(MemoryPrinter::default());
    let config = precinct.config(folder, &clock, &printer);
    let kit = Kit::open(config, precinct.kit_key(name), &precinct.pair()).unwrap();
    Bench {
        kit,
        clock,
        printer,
    }
}

/// Copies the files of a folder into another, which is made where it is missing.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Takes a kit up again from its folder, as after a power cut; the printer starts with paper.
pub fn reopen(precinct: &Precinct, name: &str, folder: &Path, clock: &Arc<SetClock>) -> Bench {
    let printer = Arc::new(MemoryPrinter::default());
    let config = precinct.config(folder, clock, &printer);
    let kit = Kit::open(config, precinct.kit_key(name), &precinct.pair()).unwrap();
    Bench {
        kit,
        clock: Arc::clone(clock),
        printer,
    }
}
