//! A small country with its sealed packages: what an election day starts from.

#![allow(dead_code, reason = "each test file uses a part")]
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use batch::{
    Approved, Drawn, Expected, Formed, Job, PackageTerms, PublicationTerms, Randomness, Release,
    check_release, form_roll, publish, sign_drawn_by_both, sign_release, write_packages,
    write_snapshot,
};
use country::{Capture, Country, Params, RecordNo};
use demo::day::{DayInput, DayOutcome, RealVoter, run};
use demo::keychain::{Hands, KeyChain};
use fingerprint::GreyImage;
use lexicon::handover::envelope::{DocumentId, Signer};
use lexicon::handover::office_statement::{Approval, Approvals, state};
use lexicon::handover::release::ListRelease;
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, DocumentRow, EnrolmentRow, Extent, PersonRow, PrecinctRow, Reference,
    ReferenceRow, ResidenceRow, SnapshotTables,
};
use lexicon::{
    CivilName, DocumentNumber, ElectionLaw, FingerPosition, Instant, NameParts, PersonId, Pin, Sex,
};
use roll::commit::Stage;
use roll::package::KitPlan;
use station::Publishers;

const LAW: &str = "kg-2015";
/// One district: the index of every package knows all precincts.
const SOATE: &str = "41711000000000";
pub const SEED: u64 = 11;

/// A directory of one test, made anew and removed after.
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

pub fn country(persons: usize, precincts: usize, image_persons: usize) -> Country {
    Country::generate(&Params {
        seed: SEED,
        persons,
        precincts,
        image_persons,
        ..Params::default()
    })
    .unwrap()
}

/// Listed by truth, each human once.
pub fn listed(country: &Country) -> impl Iterator<Item = RecordNo> + '_ {
    (0..country.record_count()).map(RecordNo).filter(|record| {
        let is_first = country
            .other_record(*record)
            .is_none_or(|other| *record < other);
        is_first && country.belongs_on_list(*record)
    })
}

/// The fingers that a record is enrolled with, as ISO records by position.
type Enrolled = dyn Fn(RecordNo) -> Option<Vec<(u8, Vec<u8>)>>;

fn iso_of(image: &GreyImage, position: u8) -> Option<Vec<u8>> {
    let position = fingerprint::FingerPosition::from_code(position)?;
    Some(fingerprint::extract(image).ok()?.to_iso(position))
}

/// The country's own prints of a record's enrolment.
pub fn own_prints(country: &Country, record: RecordNo) -> Vec<(u8, Vec<u8>)> {
    let print = |finger: &u8| {
        let position = ridges::Position::new(*finger).unwrap();
        let iso = match country.enrolled_print(record, position) {
            Capture::Minutiae(iso) => iso,
            Capture::Image(grey) => {
                let sides = (grey.width as u32, grey.height as u32);
                let image = GreyImage::from_raw(sides.0, sides.1, 500, grey.pixels).unwrap();
                iso_of(&image, *finger)?
            }
        };
        Some((*finger, iso))
    };
    country.stored_fingers().iter().filter_map(print).collect()
}

fn person_rows(t: &mut SnapshotTables, country: &Country, record: RecordNo, enrolled: &Enrolled) {
    let person = PersonId::of_source("day", &country.row_id(record));
    let digits = country.pin(record);
    let (day, month, year) = (&digits[1..3], &digits[3..5], &digits[5..9]);
    let name = country.name(record);
    let parts = NameParts {
        surname: &name.surname,
        given: &name.given,
        patronymic: &name.patronymic,
    };
    t.persons.push(PersonRow {
        person,
        pin: Some(Pin::from_stored(digits.parse().unwrap())),
        name: CivilName::parse(parts).unwrap(),
        sex: if digits.starts_with('1') {
            Sex::Female
        } else {
            Sex::Male
        },
        born: format!("{year}-{month}-{day}").parse().unwrap(),
        citizenship: "KGZ".to_owned(),
        standing: "unique".to_owned(),
        duplicate_of: None,
        died: None,
        pin_conflict: false,
    });
    let code = country.voting_precinct(record).unwrap();
    let address = format!("a{}", record.0);
    t.addresses.push(AddressRow {
        address: address.clone(),
        soate: SOATE.parse().unwrap(),
        street: format!("s{code}"),
        street_name: "Манас көчөсү".to_owned(),
        house: (record.0 + 1).to_string(),
        lon_microdegrees: 0,
        lat_microdegrees: 0,
    });
    t.residences.push(ResidenceRow {
        person,
        address,
        kind: "residence".to_owned(),
        from: "2010-01-01".parse().unwrap(),
        until: None,
    });
    t.enrolments.push(EnrolmentRow {
        enrolment: format!("e{}", record.0),
        person,
        captured: "2014-12-01".parse().unwrap(),
        processed: Some("2014-12-20".parse().unwrap()),
        region: "bishkek".to_owned(),
    });
    if let Some(number) = country.passport(record) {
        t.documents.push(DocumentRow {
            number: DocumentNumber::parse(&number).unwrap(),
            person,
            issued: "2010-01-01".parse().unwrap(),
            expires: None,
            status: "valid".to_owned(),
        });
    }
    let fingers = enrolled(record).unwrap_or_else(|| own_prints(country, record));
    for (rank, (finger, minutiae)) in (1..).zip(fingers) {
        t.references.push(ReferenceRow {
            person,
            reference: Reference::Finger {
                position: FingerPosition::new(finger).unwrap(),
                rank,
                minutiae,
            },
        });
    }
}

fn tables(country: &Country, enrolled: &Enrolled) -> SnapshotTables {
    let mut t = SnapshotTables::default();
    for precinct in country.precincts() {
        t.precincts.push(PrecinctRow {
            precinct: precinct.code,
            kind: "territorial".to_owned(),
            region: precinct.region.to_owned(),
            soate: SOATE.parse().unwrap(),
            address_ky: precinct.address_ky.clone(),
            address_ru: precinct.address_ru.clone(),
            lon_microdegrees: 74_500_000,
            lat_microdegrees: 42_800_000,
        });
        t.boundaries.push(BoundaryRow {
            precinct: precinct.code,
            extent: Extent::Range {
                street: format!("s{}", precinct.code),
                parity: "all".to_owned(),
                from: 1,
                to: 999_999,
            },
        });
    }
    for record in listed(country) {
        person_rows(&mut t, country, record, enrolled);
    }
    t
}

/// An output directory with everything up to the sealed packages.
pub struct Ground {
    pub out: PathBuf,
    pub country: Country,
    pub chain: KeyChain,
    pub hands: Hands,
    pub law: ElectionLaw,
    law_text: String,
    randomness: Randomness,
}

fn moment(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

impl Ground {
    /// Writes snapshot, roll and packages of a country below `out`, by the shipped law.
    pub fn new(out: &Path, country: Country, enrolled: &Enrolled) -> Self {
        let text = ElectionLaw::shipped_text(LAW).unwrap();
        Self::under(text, out, country, enrolled)
    }

    /// The same by another law.
    pub fn under(law_text: &str, out: &Path, country: Country, enrolled: &Enrolled) -> Self {
        let law = ElectionLaw::parse(law_text).unwrap();
        let chain = KeyChain::new(SEED, law.election.number).unwrap();
        let ground = Self {
            out: out.to_owned(),
            hands: Hands::new(&chain, None),
            chain,
            law,
            law_text: law_text.to_owned(),
            randomness: Randomness::new(&[9; 32]),
            country,
        };
        let tables = tables(&ground.country, enrolled);
        let snapshot = out.join("snapshot");
        write_snapshot(&snapshot, &tables, &ground.law, "0", &ground.chain.register).unwrap();
        let formed = ground.form();
        let previous: BTreeMap<u16, DocumentId> = BTreeMap::new();
        let terms = PackageTerms {
            roster: &ground.hands,
            plan: KitPlan {
                voters_per_kit: 600,
                kits_min: 2,
            },
            number: 1,
            previous: &previous,
            not_before: moment("2015-10-03T00:00:00+06:00"),
            not_after: moment("2015-10-06T00:00:00+06:00"),
            rehearsal: None,
            settings: None,
            trust: None,
        };
        let job = ground.job(&snapshot);
        write_packages(&job, &formed, &terms).unwrap();
        let keys: [&dyn Signer; 2] = [&ground.chain.srs, &ground.chain.cec];
        sign_drawn_by_both(&job.place(), Drawn::Packages, keys).unwrap();
        ground
    }

    fn job<'a>(&'a self, snapshot: &'a Path) -> Job<'a> {
        Job {
            law: &self.law,
            snapshot,
            out: &self.out,
            keys: self.chain.batch(),
            randomness: &self.randomness,
            release: Release {
                number: 1,
                previous: None,
                frozen_at: moment("2015-09-25T12:00:00+06:00"),
                stage: Stage::Final,
            },
            threads: 2,
            report: &batch::steps::silent,
        }
    }

    fn form(&self) -> Formed {
        let snapshot = self.out.join("snapshot");
        let job = self.job(&snapshot);
        let formed = form_roll(&job).unwrap();
        let expected = Expected::default();
        let signed = check_release(&job.roll(), &expected).unwrap().signers;
        for key in [&self.chain.srs, &self.chain.cec] {
            if !signed.contains(&key.kid()) {
                sign_release(&job.roll(), &expected, key).unwrap();
            }
        }
        formed
    }

    /// What the office says: one person of each institution approved.
    fn approvals(&self, release: &ListRelease) -> Vec<u8> {
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
                by(Approval::REGISTRATION, "registrar"),
                by(Approval::COMMISSION, "commission"),
            ],
            at: release.frozen_at,
        };
        state(&said, &self.chain.office).unwrap()
    }

    pub fn run(&self, real: &[RealVoter], threads: usize) -> DayOutcome {
        let required = vec![self.chain.srs.kid(), self.chain.cec.kid()];
        let publishers = Publishers {
            ring: self.chain.ring.clone(),
            required,
        };
        run(&DayInput {
            out: &self.out,
            election: self.law.election.number,
            publishers: &publishers,
            keys: &self.hands,
            country: Some(&self.country),
            real,
            seed: SEED,
            threads,
            progress: &|_, _| {},
        })
        .unwrap()
    }

    /// Signs what was handed in, publishes, and asks the stranger.
    pub fn verify(&self) -> verifier::Report {
        let (journals, number) = (self.out.join(batch::JOURNALS), self.law.election.number);
        let contents = batch::folder::Contents::default();
        let signer = &self.chain.cec;
        batch::folder::sign_folder(&journals, batch::JOURNALS, number, contents, signer).unwrap();
        let snapshot = self.out.join("snapshot");
        let (trust, lookup) = (self.chain.trust().unwrap(), self.chain.lookup());
        let formed = self.form();
        let approvals = self.approvals(&formed.release);
        let terms = PublicationTerms {
            signer: &self.chain.publication,
            trust: &trust,
            law_text: &self.law_text,
            log: &self.chain.log,
            lookup: &lookup,
            approved: Some(Approved {
                document: &approvals,
                verifier: &self.chain.ring,
                office: self.chain.office.kid(),
            }),
            at: moment("2015-10-04T22:00:00+06:00"),
            after: None,
            fresh_log: true,
        };
        publish(&self.job(&snapshot), &formed, &terms).unwrap();
        verifier::verify(&self.out, &[])
    }

    /// Everything below `journals/` but its manifest.
    pub fn journals(&self) -> BTreeMap<String, Vec<u8>> {
        let dir = self.out.join(batch::JOURNALS);
        let paths = batch::folder::files_below(&dir).unwrap();
        paths
            .into_iter()
            .filter(|path| path != "MANIFEST.cose")
            .map(|path| (path.clone(), std::fs::read(dir.join(&path)).unwrap()))
            .collect()
    }
}

/// The country's own prints for everybody.
pub fn synthetic(_: RecordNo) -> Option<Vec<(u8, Vec<u8>)>> {
    None
}

/// What a finger of a picture file is enrolled with: its extracted minutiae, as the right index.
pub fn enrolled_image(path: &Path) -> Vec<(u8, Vec<u8>)> {
    let image = fingerprint::decode(&std::fs::read(path).unwrap(), None).unwrap();
    vec![(2, iso_of(&image, 2).unwrap())]
}
