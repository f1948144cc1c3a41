//! A small country and everything a run needs, for the tests of this room.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use batch::{
    Drawn, Job, Keys, LogKeys, PackageTerms, Publication, PublicationTerms, Randomness, Release,
    Roster, Station, form_roll, publish, write_packages, write_snapshot,
};
use keys::{FileKey, KeyRing, NoteKey};
use lexicon::handover::envelope::{
    DocumentType, PublicKey, Signer as _, Subject, encode, sign_all,
};
use lexicon::handover::folder::{Anchor, TrustAnchors};
use lexicon::handover::lookup::LookupKey;
use lexicon::handover::office_statement::{Approval, Approvals, state};
use lexicon::handover::package::OfficerEntry;
use lexicon::handover::release::ListRelease;
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow, Extent, PersonRow,
    PrecinctRow, Reference, ReferenceRow, ResidenceRow, SnapshotTables,
};
use lexicon::{
    CivilName, DocumentNumber, ElectionLaw, FingerPosition, Instant, NameParts, PersonId, Pin,
    PrecinctCode, Sex,
};
use roll::commit::Stage;
use roll::package::KitPlan;

pub mod varied;

pub const PERSONS: usize = 120;

pub fn law() -> ElectionLaw {
    ElectionLaw::shipped("kg-2015").unwrap()
}

pub fn person(n: usize) -> PersonId {
    PersonId::of_source("small", &n.to_string())
}

pub fn pin(n: usize) -> String {
    format!("2{:02}051980{n:05}", 1 + n % 28)
}

pub fn document(n: usize) -> String {
    format!("AN{n:07}")
}

/// `PERSONS` people in two precincts of one district; every 10th never enrolled, every 17th moved by Form 2.
pub fn tables() -> SnapshotTables {
    let mut t = SnapshotTables::default();
    for (at, number) in [1001u16, 1002, 1003].into_iter().enumerate() {
        let code = PrecinctCode::new(number).unwrap();
        t.precincts.push(PrecinctRow {
            precinct: code,
            kind: if number == 1003 {
                "additional"
            } else {
                "territorial"
            }
            .to_owned(),
            region: "bishkek".to_owned(),
            soate: "41711000000000".parse().unwrap(),
            address_ky: format!("мектеп {at}"),
            address_ru: format!("школа {at}"),
            lon_microdegrees: 74_500_000,
            lat_microdegrees: 42_800_000,
        });
        if number < 1003 {
            let extent = Extent::Range {
                street: "s1".to_owned(),
                parity: if at == 0 { "odd" } else { "even" }.to_owned(),
                from: 1,
                to: 999,
            };
            t.boundaries.push(BoundaryRow {
                precinct: code,
                extent,
            });
        }
    }
    for n in 0..PERSONS {
        add_person(&mut t, n);
    }
    t
}

/// The same country with so many people, at most 90,000.
pub fn tables_of(persons: usize) -> SnapshotTables {
    let mut t = tables();
    (PERSONS..persons).for_each(|n| add_person(&mut t, n));
    for row in &mut t.boundaries {
        if let Extent::Range { to, .. } = &mut row.extent {
            *to = 99_999;
        }
    }
    t
}

fn add_person(t: &mut SnapshotTables, n: usize) {
    let surname = ["Асанова", "Үсөнова", "Бекова", "Ңарова", "Өмүрова"][n % 5];
    let address = format!("a{n}");
    t.addresses.push(AddressRow {
        address: address.clone(),
        soate: "41711000000000".parse().unwrap(),
        street: "s1".to_owned(),
        street_name: "Манас көчөсү".to_owned(),
        house: (n + 1).to_string(),
        lon_microdegrees: 0,
        lat_microdegrees: 0,
    });
    t.residences.push(ResidenceRow {
        person: person(n),
        address,
        kind: "residence".to_owned(),
        from: "2010-01-01".parse().unwrap(),
        until: None,
    });
    let enrolled = n % 10 != 9;
    if enrolled {
        t.enrolments.push(EnrolmentRow {
            enrolment: format!("e{n}"),
            person: person(n),
            captured: "2014-12-01".parse().unwrap(),
            processed: Some("2014-12-20".parse().unwrap()),
            region: "bishkek".to_owned(),
        });
        for finger in 1..=5u8 {
            let position = FingerPosition::new(finger).unwrap();
            let minutiae = format!("finger {finger} of {n}").into_bytes();
            let reference = Reference::Finger {
                position,
                rank: 6 - finger,
                minutiae,
            };
            t.references.push(ReferenceRow {
                person: person(n),
                reference,
            });
        }
        let photo = vec![u8::try_from(n % 251).unwrap(); 100];
        t.references.push(ReferenceRow {
            person: person(n),
            reference: Reference::Photo(photo),
        });
    }
    t.documents.push(DocumentRow {
        number: DocumentNumber::parse(&document(n)).unwrap(),
        person: person(n),
        issued: "2010-01-01".parse().unwrap(),
        expires: None,
        status: "valid".to_owned(),
    });
    let parts = NameParts {
        surname,
        given: &format!("Айгүл{}", "а".repeat(n % 7)),
        patronymic: "",
    };
    t.persons.push(PersonRow {
        person: person(n),
        pin: Some(Pin::from_stored(pin(n).parse().unwrap())),
        name: CivilName::parse(parts).unwrap(),
        sex: if n.is_multiple_of(2) {
            Sex::Female
        } else {
            Sex::Male
        },
        born: format!("{}-05-{:02}", 1950 + n % 40, 1 + n % 28)
            .parse()
            .unwrap(),
        citizenship: "KGZ".to_owned(),
        standing: if enrolled { "unique" } else { "none" }.to_owned(),
        duplicate_of: None,
        died: None,
        pin_conflict: false,
    });
    if n % 17 == 3 {
        t.claims.push(ClaimRow {
            claim: format!("c{n}"),
            kind: "form2".to_owned(),
            person: Some(person(n)),
            filed: Instant::parse("2015-09-10T10:00:00+06:00").unwrap(),
            target: Some(PrecinctCode::new(1003).unwrap()),
            field: String::new(),
            value: String::new(),
            identified: true,
        });
    }
    t.commission.push(CommissionRow {
        row: format!("r{n}"),
        pin: pin(n),
        surname: surname.to_owned(),
        given: "Айгүл".to_owned(),
        patronymic: String::new(),
        born: format!("{}-05-{:02}", 1950 + n % 40, 1 + n % 28),
        address: format!("Бишкек, Манас көч., {}", n + 1),
        precinct: "1001".to_owned(),
    });
}

/// A directory of one test, made anew and removed after. (The crate `tempfile` would change
/// features of shared dependencies and have `arrow` built twice.)
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
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

/// Every key of the run, from one seed.
pub struct KeyChain {
    pub srs: FileKey,
    pub cec: FileKey,
    pub register: FileKey,
    pub publication: FileKey,
    pub office: FileKey,
    pub roots: [FileKey; 2],
    pub log: LogKeys,
    pub ring: KeyRing,
}

impl KeyChain {
    pub fn new() -> Self {
        let key = |label: &str| FileKey::from_seed(b"small", label);
        let (srs, cec) = (key("srs-release"), key("cec-release"));
        let (register, publication) = (key("register"), key("publication"));
        let roots = [key("root-srs"), key("root-cec")];
        let office = key("office");
        let all = [&srs, &cec, &register, &publication, &roots[0], &roots[1]];
        let mut ring = KeyRing::of(all.map(FileKey::public_key));
        ring.add(office.public_key());
        let witness = |name: &str| {
            let seed = NoteKey::from_seed(b"small", name).secret_bytes();
            tlog::SigningKey::from_seed(name, tlog::KeyKind::CosignatureV1, &seed).unwrap()
        };
        let log = LogKeys {
            name: "log.example/20151004".to_owned(),
            seed: NoteKey::from_seed(b"small", "log").secret_bytes(),
            witnesses: vec![witness("witness.example/1"), witness("witness.example/2")],
        };
        Self {
            srs,
            cec,
            register,
            publication,
            office,
            roots,
            log,
            ring,
        }
    }

    pub fn keys(&self) -> Keys<'_> {
        Keys {
            srs: &self.srs,
            cec: &self.cec,
            register: self.register.kid(),
            verifier: &self.ring,
        }
    }

    pub fn trust(&self) -> Vec<u8> {
        self.trust_of(FileKey::HOME)
    }

    /// Anchors that say where the private halves live.
    pub fn trust_of(&self, home: &str) -> Vec<u8> {
        let anchor = |role: &str, key: &FileKey| Anchor {
            role: role.to_owned(),
            point: key.public_key().0.into(),
            home: home.to_owned(),
        };
        let mut anchors = vec![
            anchor("srs-release", &self.srs),
            anchor("cec-release", &self.cec),
            anchor("register", &self.register),
            anchor("publication", &self.publication),
            anchor("root-srs", &self.roots[0]),
            anchor("root-cec", &self.roots[1]),
        ];
        anchors.sort();
        let mut witness_keys: Vec<String> = self
            .log
            .witnesses
            .iter()
            .map(|w| w.verifier().to_string())
            .collect();
        witness_keys.sort();
        let payload = encode(&TrustAnchors {
            suite: "kg1".to_owned(),
            election: law().election.number,
            anchors,
            log_key: self
                .log
                .signer(&self.log.name)
                .unwrap()
                .verifier()
                .to_string(),
            witness_keys,
            witnesses_needed: 2,
        });
        let subject = Subject {
            kind: DocumentType::TrustAnchors,
            election: law().election.number,
        };
        sign_all(subject, &payload, &[&self.roots[0], &self.roots[1]]).unwrap()
    }
}

pub struct Hands;

impl Hands {
    pub fn kit(precinct: PrecinctCode, n: u32) -> FileKey {
        FileKey::from_seed(b"kits", &format!("{precinct}/{n}"))
    }

    pub fn officer(precinct: PrecinctCode, n: u32) -> FileKey {
        FileKey::from_seed(b"officers", &format!("{precinct}/{n}"))
    }
}

impl Roster for Hands {
    fn station(&self, precinct: PrecinctCode, kits: u32) -> Station {
        let key = |key: FileKey| -> PublicKey { key.public_key() };
        Station {
            kits: (1..=kits)
                .map(|n| (key(Self::kit(precinct, n)), format!("K{n}")))
                .collect(),
            officers: (1..=5)
                .map(|n| OfficerEntry {
                    point: key(Self::officer(precinct, n)).0.into(),
                    role: if n == 1 { "chair" } else { "member" }.to_owned(),
                    body: format!("party-{n}"),
                    name: format!("Төрага {n}"),
                })
                .collect(),
            holders: Vec::new(),
            revoked: Vec::new(),
        }
    }
}

pub fn moment(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub fn release(number: u32) -> Release {
    Release {
        number,
        previous: None,
        frozen_at: moment("2015-09-25T12:00:00+06:00"),
        stage: Stage::Final,
    }
}

/// A directory with a snapshot, and the run's settings.
pub struct Run {
    pub dir: PathBuf,
    pub chain: KeyChain,
    pub law: ElectionLaw,
    pub randomness: Randomness,
}

impl Run {
    pub fn new(dir: &Path, tables: &SnapshotTables) -> Self {
        let run = Self {
            dir: dir.to_owned(),
            chain: KeyChain::new(),
            law: law(),
            randomness: Randomness::new(&[9; 32]),
        };
        write_snapshot(
            &dir.join("snapshot"),
            tables,
            &run.law,
            "0",
            &run.chain.register,
        )
        .unwrap();
        run
    }

    pub fn job<'a>(&'a self, snapshot: &'a Path, threads: usize) -> Job<'a> {
        Job {
            law: &self.law,
            snapshot,
            out: &self.dir,
            keys: self.chain.keys(),
            randomness: &self.randomness,
            release: release(1),
            threads,
            report: &batch::steps::silent,
        }
    }

    /// The whole chain; returns what was published.
    pub fn whole(&self, threads: usize) -> Publication {
        let snapshot = self.dir.join("snapshot");
        let job = self.job(&snapshot, threads);
        let formed = form_roll(&job).unwrap();
        let previous = BTreeMap::new();
        let terms = package_terms(&previous);
        write_packages(&job, &formed, &terms).unwrap();
        sign_both(&job, &self.chain);
        sign_drawn(&job.place(), Drawn::Packages, &self.chain);
        let lookup = lookup_key();
        let trust = self.chain.trust();
        let approvals = approvals(&formed.release, &self.chain);
        publish(
            &job,
            &formed,
            &publication_terms(self, &trust, &lookup, &approvals, true),
        )
        .unwrap()
    }
}

/// Each institution signs the list that stands, alone; who has signed already does not again.
pub fn sign_both(job: &Job<'_>, chain: &KeyChain) {
    let expected = batch::Expected::default();
    let signed = batch::check_release(&job.roll(), &expected)
        .unwrap()
        .signers;
    for key in [&chain.srs, &chain.cec] {
        if !signed.contains(&key.kid()) {
            batch::sign_release(&job.roll(), &expected, key).unwrap();
        }
    }
}

/// Each institution signs what was drawn, alone, and the signatures are joined.
pub fn sign_drawn(place: &batch::ListPlace<'_>, drawn: Drawn, chain: &KeyChain) {
    batch::sign_drawn_by_both(place, drawn, [&chain.srs, &chain.cec]).unwrap();
}

/// What the office says: one person of each institution approved.
pub fn approvals(release: &ListRelease, chain: &KeyChain) -> Vec<u8> {
    let by = |institution: &str, staff: &str| Approval {
        institution: institution.to_owned(),
        staff: staff.to_owned(),
        root: release.root,
        at: release.frozen_at,
    };
    let said = Approvals {
        suite: "kg1".to_owned(),
        election: release.election,
        release: release.release,
        root: release.root,
        approvals: vec![
            by(Approval::REGISTRATION, "aida"),
            by(Approval::COMMISSION, "bakyt"),
        ],
        at: release.frozen_at,
    };
    state(&said, &chain.office).unwrap()
}

pub fn lookup_key() -> LookupKey {
    LookupKey::new(&[5; 32])
}

pub fn package_terms(
    previous: &BTreeMap<u16, lexicon::handover::envelope::DocumentId>,
) -> PackageTerms<'_> {
    PackageTerms {
        roster: &Hands,
        plan: KitPlan {
            voters_per_kit: 30,
            kits_min: 1,
        },
        number: 1,
        previous,
        not_before: moment("2015-10-03T00:00:00+06:00"),
        not_after: moment("2015-10-06T00:00:00+06:00"),
        rehearsal: None,
        settings: None,
        trust: None,
    }
}

pub fn publication_terms<'a>(
    run: &'a Run,
    trust: &'a [u8],
    lookup: &'a LookupKey,
    approvals: &'a [u8],
    fresh_log: bool,
) -> PublicationTerms<'a> {
    PublicationTerms {
        signer: &run.chain.publication,
        trust,
        law_text: ElectionLaw::shipped_text("kg-2015").unwrap(),
        log: &run.chain.log,
        lookup,
        approved: Some(batch::Approved {
            document: approvals,
            verifier: &run.chain.ring,
            office: run.chain.office.kid(),
        }),
        at: moment("2015-09-26T12:00:00+06:00"),
        after: None,
        fresh_log,
    }
}
