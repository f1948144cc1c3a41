//! Seeds of the documents of `lexicon`.

use keys::FileKey;
use lexicon::handover::delta::ChangeKind;
use lexicon::handover::envelope::{DocumentType, Signer as _, Subject, encode, sign_all, sign1};
use lexicon::handover::event::{EventRef, Incident};
use lexicon::handover::folder::{
    Anchor, Count, Fact, FileEntry, FolderManifest, TrustAnchors, bytes,
};
use lexicon::handover::lookup::{
    AfterRelease, ClaimStatus, LineTold, LookupAnswer, LookupEntry, LookupScope, seal_lookup,
};
use lexicon::handover::package::{
    DistrictEntry, KitEntry, OfficerEntry, PackageBody, PackageFinger, PackageManifest,
    PackageVoter, SealSecrets, StationPolicy, index_token, seal,
};
use lexicon::handover::question::{Question, Reply};
use lexicon::handover::release::{
    Absence, ExcludedTotal, ListRelease, PrecinctTotal, RollLine, SaltKey, SaltedLine,
};
use lexicon::handover::report::{
    DeviceSaid, EventSaid, KitCount, MethodCount, OperatorCount, PairCount, ReasonCount, Report,
    TotalsSaid,
};
use lexicon::handover::sealed_folder::{SealedFile, SealedFolder};

use super::{ELECTION, files, hands, key, log_key, question, station, witness_key};

/// The precinct of every seed.
pub(super) const PRECINCT: u16 = 1001;
/// Its lines.
const LINES: u32 = 40;
/// The list's root.
const ROOT: [u8; 32] = [0x11; 32];
const DAY: i64 = 1_443_916_800_000_000;

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: ELECTION,
    }
}

/// Signed documents of several types.
pub fn envelopes() -> Vec<Vec<u8>> {
    let [srs, cec] = &hands().institutions;
    let one = |kind, payload: &[u8]| sign1(subject(kind), payload, srs).ok();
    let two = |kind, payload: &[u8]| sign_all(subject(kind), payload, &[srs, cec]).ok();
    [
        one(DocumentType::FolderManifest, &folder_manifests()[0]),
        two(DocumentType::TrustAnchors, &trusts()[0]),
        two(DocumentType::ListRelease, &releases()[0]),
        two(DocumentType::ListDelta, &super::deltas()[0]),
        two(DocumentType::PackageManifest, &packages()[0]),
        one(DocumentType::Absence, &releases()[1]),
        two(DocumentType::Report, &reports()[0]),
        sign1(
            subject(DocumentType::Event),
            &station::events()[0],
            &hands().kits[0],
        )
        .ok(),
        one(DocumentType::KitMessage, &station::kit_messages()[0]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Payloads of every type.
pub fn payloads() -> Vec<Vec<u8>> {
    let (_, pin, document) = question();
    let asked = encode(&Question {
        pin: pin.to_owned(),
        document: document.to_owned(),
    });
    let mut all = [
        folder_manifests(),
        trusts(),
        releases(),
        super::deltas(),
        packages(),
        package_bodies(),
        reports(),
    ]
    .concat();
    all.extend(station::events());
    all.extend(station::kit_messages());
    all.extend([asked, encode(&answer())]);
    all
}

/// Folder manifests.
pub fn folder_manifests() -> Vec<Vec<u8>> {
    let file = |path: &str, length| FileEntry {
        path: path.to_owned(),
        length,
        sha256: [0x22; 32].into(),
    };
    vec![encode(&FolderManifest {
        suite: "kg1".to_owned(),
        election: ELECTION,
        folder: "snapshot".to_owned(),
        files: vec![
            file("addresses.parquet", 4_096),
            file("persons.parquet", 1 << 33),
        ],
        counts: vec![Count {
            name: "persons".to_owned(),
            value: 2_850_000,
        }],
        facts: vec![Fact {
            name: "law".to_owned(),
            value: "00".repeat(32),
        }],
    })]
}

/// Headers of sealed folders.
pub fn sealed_folders() -> Vec<Vec<u8>> {
    let file = |path: &str, length| SealedFile {
        path: path.to_owned(),
        length,
    };
    vec![encode(&SealedFolder {
        suite: "kg1".to_owned(),
        election: ELECTION,
        folder: "snapshot".to_owned(),
        recipient: [4; 65].into(),
        ephemeral: [4; 65].into(),
        files: vec![
            file("MANIFEST.cose", 900),
            file("persons.parquet", 1 << 33),
            file("tables/more.parquet", 0),
        ],
    })]
}

/// Trust anchors.
pub fn trusts() -> Vec<Vec<u8>> {
    let roles = [
        "cec-release",
        "publication",
        "register",
        "root-cec",
        "root-srs",
        "srs-release",
    ];
    let anchor = |role: &&str| Anchor {
        role: (*role).to_owned(),
        point: key(role).public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    vec![encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election: ELECTION,
        anchors: roles.iter().map(anchor).collect(),
        log_key: log_key().verifier().to_string(),
        witness_keys: vec![witness_key().verifier().to_string()],
        witnesses_needed: 1,
    })]
}

/// Three lines of the precinct.
pub(super) fn lines() -> Vec<SaltedLine> {
    let salts = SaltKey::new(&[3; 32]);
    let line = |line| RollLine {
        precinct: PRECINCT,
        line,
        page: 1,
        surname: "Үсөнова".to_owned(),
        given: "Айгүл".to_owned(),
        patronymic: "Бакытовна".to_owned(),
        born: "1980-05-01".to_owned(),
        address: "Манас көчөсү, 18а".to_owned(),
    };
    (1..=3)
        .map(|number| SaltedLine::new(line(number), &salts))
        .collect()
}

/// A release, an absence, a precinct's lines.
pub fn releases() -> Vec<Vec<u8>> {
    let release = encode(&ListRelease {
        suite: "kg1".to_owned(),
        election: ELECTION,
        release: 2,
        previous: Some([0x33; 32].into()),
        root: ROOT.into(),
        total: u64::from(LINES),
        precincts: vec![PrecinctTotal {
            precinct: PRECINCT,
            first_leaf: 0,
            lines: LINES,
        }],
        considered: u64::from(LINES) + 2,
        excluded: vec![ExcludedTotal {
            reason: "UNDER_AGE".to_owned(),
            count: 2,
        }],
        law: [0x44; 32].into(),
        snapshot: [0x55; 32].into(),
        frozen_at: DAY,
        stage: "final".to_owned(),
    });
    let absence = encode(&Absence {
        release: 2,
        reason: "NO_BIOMETRICS".to_owned(),
        token: question().0.address().into(),
    });
    vec![release, absence, encode(&lines())]
}

/// A manifest and its ciphertext for two kits and three officers, two of whom open.
pub(super) fn sealed(kits: &[FileKey], officers: &[FileKey]) -> (PackageManifest, Vec<u8>) {
    let kit = |(at, key): (usize, &FileKey)| KitEntry {
        point: key.public_key().0.into(),
        name: format!("K{}", at + 1),
        from: if at == 0 { 1 } else { 21 },
        to: if at == 0 { 20 } else { LINES },
    };
    let officer = |(at, key): (usize, &FileKey)| OfficerEntry {
        point: key.public_key().0.into(),
        role: if at == 0 { "chair" } else { "member" }.to_owned(),
        body: format!("party-{at}"),
        name: "Асанова Гүлнара".to_owned(),
    };
    let mut manifest = PackageManifest {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        release: 2,
        package: 1,
        previous: None,
        root: ROOT.into(),
        lines: LINES,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: DAY,
        not_after: DAY + 172_800_000_000,
        policy: policy(),
        kits: kits.iter().enumerate().map(kit).collect(),
        officers: officers.iter().enumerate().map(officer).collect(),
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    };
    let secrets = SealSecrets {
        ephemeral: [6; 32],
        officers: [7; 32],
        kits: [8; 32],
    };
    let ciphertext = seal(&mut manifest, &body(), &secrets).expect("the keys are on the curve");
    (manifest, ciphertext)
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
        opens: DAY + 7_200_000_000,
        closes: DAY + 50_400_000_000,
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

fn body() -> PackageBody {
    let index_key = [9; 32];
    let voter = |line: u32| PackageVoter {
        line,
        page: 1 + (line - 1) / 25,
        surname: "Үсөнов".to_owned(),
        given: "Нурлан".to_owned(),
        patronymic: String::new(),
        born: "1980-05-01".to_owned(),
        sex: "M".to_owned(),
        photo: bytes(&[1, 2, 3]),
        fingers: vec![PackageFinger {
            position: 2,
            minutiae: bytes(&files::iso_record(u64::from(line))),
        }],
        pin_token: index_token(&index_key, &format!("201051980{line:05}")).into(),
        document_tokens: vec![index_token(&index_key, "AN1234567").into()],
        home: line == 7,
    };
    PackageBody {
        version: 0,
        election: ELECTION,
        precinct: PRECINCT,
        index_key: index_key.into(),
        voters: (1..=3).map(voter).collect(),
        district: vec![DistrictEntry {
            token: [1; 16].into(),
            precinct: 1002,
        }],
        day_key: [2; 32].into(),
        address_ky: "№ 61 мектеп".to_owned(),
        address_ru: "школа № 61".to_owned(),
        places: None,
    }
}

/// Manifests of a package.
pub fn packages() -> Vec<Vec<u8>> {
    vec![encode(hands().charter.manifest())]
}

/// Contents of a package.
pub fn package_bodies() -> Vec<Vec<u8>> {
    vec![encode(&body())]
}

/// Reports of a kit.
pub fn reports() -> Vec<Vec<u8>> {
    let kit = |(name, key): (&str, &FileKey), acts| KitCount {
        kit: key.kid().0.into(),
        name: name.to_owned(),
        seq: 40,
        head: [0x66; 32].into(),
        acts,
        undone: 0,
        duplicates: 0,
        counted: acts,
        printed: acts,
        void: 0,
        pending: 0,
        reprints: 1,
        granted: 1,
        granted_unused: 0,
    };
    let kits = &hands().kits;
    let method = |method| MethodCount {
        method,
        count: if method == 1 { 12 } else { 0 },
    };
    vec![encode(&Report {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        kit: kits[0].kid().0.into(),
        kind: 3,
        number: 2,
        at: DAY + 50_500_000_000,
        package: hands().package.0.into(),
        root: ROOT.into(),
        release: 2,
        lines: LINES,
        pages: 2,
        counted: 12,
        by_method: (1..=5).map(method).collect(),
        kits: vec![kit(("K1", &kits[0]), 7), kit(("K2", &kits[1]), 5)],
        refusals: vec![ReasonCount {
            reason: "ALREADY_IDENTIFIED".to_owned(),
            count: 1,
        }],
        incidents: vec![Incident {
            code: "PARTITION".to_owned(),
            line: 0,
            evidence: vec![EventRef {
                kit: kits[1].kid().0.into(),
                seq: 3,
            }],
        }],
        incomplete: Vec::new(),
        rejected: 0,
        after_close: 0,
        delta: None,
        table: None,
        adds_to: None,
        silences: None,
        why_incomplete: None,
        days: None,
        glass: None,
        people: None,
        paper_only: None,
        software: None,
        pages_read: None,
        clocks: None,
        battery: None,
        supply: None,
        totals: Some(TotalsSaid {
            kit: kits[0].kid().0.into(),
            seq: 40,
            at: DAY + 50_400_000_000,
            signatures: 11,
            received: 30,
            issued: 12,
            spoilt: 1,
            left: 17,
            difference: "SIGNATURE_WRONG".to_owned(),
            correction: String::new(),
            before: 0,
        }),
        pairs: Some(vec![PairCount {
            cards: vec![[3; 8].into(), [4; 8].into()],
            count: 2,
        }]),
        undone_by: Some(vec![OperatorCount {
            card: [3; 8].into(),
            count: 1,
        }]),
        evidence: Some(vec![EventSaid {
            kit: kits[1].kid().0.into(),
            seq: 3,
            at: DAY + 5,
            receipt_kit: kits[1].kid().0.into(),
            receipt: 2,
        }]),
        heads_at: Some(vec![DAY, DAY]),
        reconstructed: Some(vec![0, 1]),
        page_voters: Some(vec![25, 7]),
        devices: Some(vec![DeviceSaid {
            role: "SCANNER".to_owned(),
            name: "uru4000".to_owned(),
            checks_life: false,
        }]),
        spare_seal: Some("0012".to_owned()),
        training_events: Some(0),
        slips_taken: Some(12),
        pictures: Some(3),
    })]
}

fn answer() -> LookupAnswer {
    LookupAnswer {
        release: 2,
        line: lines().pop(),
        leaf: 2,
        absence: None,
        claims: vec![ClaimStatus {
            kind: "form2".to_owned(),
            filed: DAY,
            outcome: "ACCEPTED".to_owned(),
            precinct: 1002,
        }],
        until: "2015-09-19".to_owned(),
        after: Some(AfterRelease {
            changes: vec![LineTold {
                delta: 1,
                effective_at: DAY,
                kind: ChangeKind::Add,
                reason: "TRANSFERRED".to_owned(),
                precinct: 1002,
                line: 31,
            }],
            was: lines().pop(),
        }),
    }
}

/// Look-up files.
pub fn lookups() -> Vec<Vec<u8>> {
    let scope = LookupScope {
        election: ELECTION,
        release: 2,
        delta: 1,
    };
    let entry = LookupEntry {
        token: question().0,
        answer: answer(),
    };
    vec![
        seal_lookup(scope, vec![entry]),
        seal_lookup(scope, Vec::new()),
    ]
}

/// Questions and replies.
pub fn oracle_frames() -> Vec<Vec<u8>> {
    let (token, pin, document) = question();
    let asked = encode(&Question {
        pin: pin.to_owned(),
        document: document.to_owned(),
    });
    let found = Reply {
        kind: 0,
        wait_minutes: 0,
        answer: encode(&answer()).into(),
        token: token.address().into(),
    };
    [Some(asked), found.frame(), Reply::empty(2, 15).frame()]
        .into_iter()
        .flatten()
        .collect()
}
