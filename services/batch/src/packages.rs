//! Step `packages`: roll → `packages/`, a sealed package and a public manifest for each precinct, drawn without a
//! signature of the institutions: each signs alone ([`crate::drawn`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use lexicon::handover::envelope::PublicKey;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, SUITE, Subject, encode, id_all, peek_all, unsigned_all,
};
use lexicon::handover::folder::FileEntry;
use lexicon::handover::package::{
    BreakGlass, Exercise, HomeVoting, KitEntry, KitSettings, OfficerEntry, PackageManifest,
    SealSecrets, StationPolicy, seal,
};
use lexicon::{Date, ElectionLaw, Instant, PrecinctCode};
use rayon::prelude::*;
use roll::form::PrecinctList;
use roll::package::{
    District, KitPlan, PackageKeys, References, body, holders_may, policy_at, shares,
};

use crate::folder::{Contents, FolderWriter};
use crate::form::{BatchError, Formed, Job};
use crate::randomness::Randomness;
use crate::references::{ReferenceStore, spill_references};
use crate::steps::{Progress, Steps};
use crate::taken_up::TakenUp;

/// The folder's name.
pub const PACKAGES: &str = "packages";
/// Rises when this step's output changes for the same inputs.
const VERSION: u32 = 1;

/// The kits and officers of one precinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Kits, their keys and short names, in the order of shares.
    pub kits: Vec<(PublicKey, String)>,
    /// Officers.
    pub officers: Vec<OfficerEntry>,
    /// Keys of the commission above, for break-glass.
    pub holders: Vec<OfficerEntry>,
    /// Keys that may not be used any more.
    pub revoked: Vec<[u8; 8]>,
}

/// Says who serves at a precinct that needs so many kits.
pub trait Roster {
    /// The station's kits and officers; at least as many kits as asked for are used.
    fn station(&self, precinct: PrecinctCode, kits: u32) -> Station;

    /// The frozen home list of a precinct; none unless the roster says so.
    fn home(&self, precinct: PrecinctCode) -> HomeList {
        let _ = precinct;
        HomeList::default()
    }

    /// Local time minus UTC of a precinct abroad, minutes; none for the law's own.
    fn offset_minutes(&self, precinct: PrecinctCode) -> Option<i64> {
        let _ = precinct;
        None
    }
}

/// Who votes at home in one precinct, and with which kits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeList {
    /// Lines reserved for home voting.
    pub lines: BTreeSet<u32>,
    /// Short names of the mobile kits, which get no share of the hall.
    pub kits: Vec<String>,
}

impl HomeList {
    fn is_mobile(&self, name: &str) -> bool {
        self.kits.iter().any(|kit| kit == name)
    }

    /// The policy's part: visits on the days before election day that the law names, at the hours of the hall.
    fn policy(&self, law: &ElectionLaw, offset_minutes: i64) -> Option<HomeVoting> {
        if self.lines.is_empty() {
            return None;
        }
        let eve = law.days_before(law.home.voting_days.unwrap_or(1));
        let eve_of =
            |day, minutes: u16| Instant::at_local(day, i64::from(minutes), offset_minutes).micros();
        Some(HomeVoting {
            opens: eve_of(eve, law.election.opens_minutes),
            closes: eve_of(law.days_before(1), law.election.closes_minutes),
            kits: self.kits.clone(),
            voters: u32::try_from(self.lines.len()).unwrap_or(u32::MAX),
        })
    }
}

/// What packages depend on beside the list.
#[derive(Clone, Copy)]
pub struct PackageTerms<'a> {
    /// Kits and officers.
    pub roster: &'a dyn Roster,
    /// How many kits.
    pub plan: KitPlan,
    /// Package number, rising for each precinct.
    pub number: u32,
    /// Ids of the manifests before, by precinct.
    pub previous: &'a BTreeMap<u16, DocumentId>,
    /// Not to be opened before.
    pub not_before: Instant,
    /// Not to be used after.
    pub not_after: Instant,
    /// The day on which citizens look up this interim list; none for an election.
    pub rehearsal: Option<Date>,
    /// What the kits need not be told by hand.
    pub settings: Option<&'a KitSettings>,
    /// The trust anchors that name the publishers, laid beside the packages: a kit learns the publishers' keys from them.
    pub trust: Option<&'a [u8]>,
}

/// The trust anchors beside the packages.
pub const TRUST: &str = "trust.cose";

impl PackageTerms<'_> {
    /// The election number that the packages bear: a rehearsal's is its day, so that nothing of it is ever taken for
    /// the election's.
    fn election(&self, law: &ElectionLaw) -> u32 {
        self.rehearsal.map_or(law.election.number, |day| {
            let part = |number: i64| u32::try_from(number).unwrap_or(0);
            part(day.year().into()) * 10_000
                + part(day.month().into()) * 100
                + part(day.day().into())
        })
    }

    /// The station's policy; a rehearsal is open at the election's hours of its own day.
    fn policy(&self, law: &ElectionLaw, offset_minutes: i64) -> StationPolicy {
        let policy = policy_at(law, offset_minutes);
        let Some(day) = self.rehearsal else {
            return policy;
        };
        let at = |minutes: u16| Instant::at_local(day, i64::from(minutes), offset_minutes).micros();
        StationPolicy {
            opens: at(law.election.opens_minutes),
            closes: at(law.election.closes_minutes),
            ..policy
        }
    }
}

impl std::fmt::Debug for PackageTerms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackageTerms(number {}, {:?})", self.number, self.plan)
    }
}

/// What was packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Precinct, kits and manifest id, ascending.
    pub packages: Vec<(PrecinctCode, u32, DocumentId)>,
    /// Whether the folder stood already.
    pub skipped: bool,
}

/// Draws `packages/`, unless it stands already; a precinct without lines gets none. A manifest that stands keeps the
/// signatures that it gathered, as long as it says the same. After a stop, packages that were sealed from the same inputs
/// are taken up, each checked against its hash; the report then calls them skipped.
///
/// # Errors
/// [`BatchError`]; an older `packages/` then still stands.
pub fn write_packages(
    job: &Job<'_>,
    formed: &Formed,
    terms: &PackageTerms<'_>,
) -> Result<Packed, BatchError> {
    let stations = stations(job, formed, terms)?;
    let packages = stations
        .iter()
        .map(|(list, station)| {
            let home = terms.roster.home(list.precinct);
            let manifest = manifest(job, formed, terms, list, station, &home);
            let kits = u32::try_from(manifest.kits.len()).unwrap_or(u32::MAX);
            (list.precinct, kits, manifest)
        })
        .collect::<Vec<_>>();
    let target = job.out.join(PACKAGES);
    let steps = Steps::below(job.out);
    let mut inputs = job.inputs("packages", VERSION, formed.snapshot_id);
    inputs.add("list", &formed.release_id.0);
    for (_, _, manifest) in &packages {
        inputs.add("manifest", &encode(manifest));
    }
    inputs.add("trust", terms.trust.unwrap_or_default());
    // The manifest counts the voters of a home list and does not name them.
    for (list, _) in &stations {
        let home = terms.roster.home(list.precinct);
        let lines: Vec<u8> = home
            .lines
            .iter()
            .flat_map(|line| line.to_be_bytes())
            .collect();
        inputs.add("home", &lines);
    }
    if steps.stands("packages", &inputs, &target)
        && let Some(packed) = standing(job, &packages)
    {
        (job.report)(Progress {
            step: "packages",
            done: 1,
            total: 1,
            skipped: true,
        });
        return Ok(packed);
    }
    let (notes, inputs_hash) = (steps.unfinished("packages"), inputs.digest());
    let (before, mut folder) = TakenUp::begin(notes, &inputs_hash, job.randomness, &target)?;
    let districts = districts(formed);
    let references = spill_references(job, formed)?;
    let done = std::sync::atomic::AtomicU64::new(0);
    let entries = Mutex::new(Vec::new());
    let total = packages.len() as u64;
    // Keys stay on this thread: a device's session belongs to one.
    let (report, sealing) = (
        job.report,
        Sealing {
            law: job.law,
            randomness: job.randomness,
        },
    );
    let homes: HashMap<PrecinctCode, BTreeSet<u32>> = stations
        .iter()
        .map(|(list, _)| (list.precinct, terms.roster.home(list.precinct).lines))
        .collect();
    let lists: Vec<&PrecinctList> = stations.iter().map(|(list, _)| *list).collect();
    let sealed: Vec<PackageManifest> = job.pool()?.install(|| {
        packages
            .par_iter()
            .zip(&lists)
            .map(|((_, _, manifest), list)| {
                let file = format!("{}.package", list.precinct);
                let taken = sealed_before(&before, list.precinct, &file, &folder);
                let skipped = taken.is_some();
                let (manifest, entry) = match taken {
                    Some(taken) => taken,
                    None => {
                        let home = &homes[&list.precinct];
                        let (manifest, ciphertext) = sealing.one(
                            formed,
                            manifest.clone(),
                            list,
                            &districts,
                            &references,
                            home,
                        )?;
                        let entry = folder.put(&file, &ciphertext)?;
                        before.note(&list.precinct.to_string(), &manifest)?;
                        (manifest, entry)
                    }
                };
                entries
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push(entry);
                let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                report(Progress {
                    step: "packages",
                    done,
                    total,
                    skipped,
                });
                Ok(manifest)
            })
            .collect::<Result<_, BatchError>>()
    })?;
    for entry in entries
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        folder.note(entry);
    }
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: terms.election(job.law),
    };
    let mut packed = Packed::default();
    for ((precinct, kits, _), manifest) in packages.iter().zip(&sealed) {
        let payload = encode(manifest);
        let name = format!("{precinct}.manifest.cose");
        let stood = std::fs::read(target.join(&name)).ok();
        let kept = stood.filter(|bytes| peek_all(subject, bytes).is_ok_and(|said| said == payload));
        let bytes = match kept {
            Some(bytes) => bytes,
            None => unsigned_all(subject, &payload).map_err(|error| BatchError::Document {
                path: target.join(&name),
                why: error.to_string(),
            })?,
        };
        folder.write(&name, &bytes)?;
        packed
            .packages
            .push((*precinct, *kits, id_all(subject, &payload)));
    }
    if let Some(trust) = terms.trust {
        folder.write(TRUST, trust)?;
    }
    let mut contents = Contents::default();
    contents.count("packages", packed.packages.len() as u64);
    contents.count(
        "kits",
        packed
            .packages
            .iter()
            .map(|(_, kits, _)| u64::from(*kits))
            .sum(),
    );
    folder.drop_unnoted()?;
    folder.finish(PACKAGES, job.law.election.number, contents, job.keys.srs)?;
    references.discard();
    steps.mark("packages", &inputs, &target)?;
    before.discard();
    Ok(packed)
}

/// The package of a precinct with its file, when it was sealed whole before: its note is the manifest, which names the hash
/// of the ciphertext.
fn sealed_before(
    notes: &TakenUp,
    precinct: PrecinctCode,
    file: &str,
    folder: &FolderWriter,
) -> Option<(PackageManifest, FileEntry)> {
    let manifest: PackageManifest = notes.noted(&precinct.to_string())?;
    let entry = folder.measure(file).ok()?;
    (entry.sha256 == manifest.ciphertext_sha256).then_some((manifest, entry))
}

/// The ids of packages that stand, read back from their manifests.
fn standing(job: &Job<'_>, packages: &[(PrecinctCode, u32, PackageManifest)]) -> Option<Packed> {
    let subject = |election| Subject {
        kind: DocumentType::PackageManifest,
        election,
    };
    let mut packed = Packed {
        skipped: true,
        ..Packed::default()
    };
    for (precinct, kits, manifest) in packages {
        let path = job
            .out
            .join(PACKAGES)
            .join(format!("{precinct}.manifest.cose"));
        let bytes = std::fs::read(path).ok()?;
        let subject = subject(manifest.election);
        let opened = lexicon::handover::envelope::open_all(subject, &bytes, job.keys.verifier, &[]);
        packed.packages.push((*precinct, *kits, opened.ok()?.id));
    }
    Some(packed)
}

fn stations<'a>(
    job: &Job<'_>,
    formed: &'a Formed,
    terms: &PackageTerms<'_>,
) -> Result<Vec<(&'a PrecinctList, Station)>, BatchError> {
    let needed = usize::from(job.law.station.officers_needed);
    let mut stations = Vec::new();
    for list in formed
        .roll
        .lists
        .iter()
        .filter(|list| !list.persons.is_empty())
    {
        let kits = terms
            .plan
            .kits(u32::try_from(list.persons.len()).unwrap_or(u32::MAX));
        let station = terms.roster.station(list.precinct, kits);
        let precinct = list.precinct.number();
        let refuse = |why: String| Err(BatchError::Roster { precinct, why });
        let home = terms.roster.home(list.precinct);
        let hall = station
            .kits
            .iter()
            .filter(|(_, name)| !home.is_mobile(name));
        let hall = hall.count();
        if hall < kits as usize {
            return refuse(format!("{hall} kits on the roster, {kits} are needed"));
        }
        if !home.lines.is_empty() && hall == station.kits.len() {
            return refuse("a home list and no mobile kit".to_owned());
        }
        let last = u32::try_from(list.persons.len()).unwrap_or(u32::MAX);
        if let Some(line) = home.lines.iter().find(|line| !(1..=last).contains(*line)) {
            return refuse(format!("the home list names line {line} of {last}"));
        }
        let holders = job.law.station.holders_needed.map_or(0, usize::from);
        if !station.holders.is_empty() && station.holders.len() < holders {
            return refuse(format!(
                "{} keys of the commission above, {holders} are needed",
                station.holders.len()
            ));
        }
        if station.officers.len() < needed {
            return refuse(format!(
                "{} officers, {needed} are needed",
                station.officers.len()
            ));
        }
        stations.push((list, station));
    }
    Ok(stations)
}

/// The manifest before sealing.
fn manifest(
    job: &Job<'_>,
    formed: &Formed,
    terms: &PackageTerms<'_>,
    list: &PrecinctList,
    station: &Station,
    home: &HomeList,
) -> PackageManifest {
    let lines = u32::try_from(list.persons.len()).unwrap_or(u32::MAX);
    let hall = station
        .kits
        .iter()
        .filter(|(_, name)| !home.is_mobile(name));
    let mut hall = shares(lines, u32::try_from(hall.count()).unwrap_or(1)).into_iter();
    let offset_minutes = terms.roster.offset_minutes(list.precinct);
    let offset_minutes = offset_minutes.unwrap_or(job.law.election.offset_minutes);
    PackageManifest {
        suite: SUITE.to_owned(),
        election: terms.election(job.law),
        precinct: list.precinct.number(),
        release: formed.release.release,
        package: terms.number,
        previous: terms
            .previous
            .get(&list.precinct.number())
            .map(|id| id.0.into()),
        root: formed.release.root,
        lines,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: terms.not_before.micros(),
        not_after: terms.not_after.micros(),
        policy: StationPolicy {
            home: home.policy(job.law, offset_minutes),
            ..terms.policy(job.law, offset_minutes)
        },
        kits: station
            .kits
            .iter()
            .map(|(key, name)| {
                // A mobile kit has no share: its first line is one after its last.
                let share = (!home.is_mobile(name)).then(|| hall.next()).flatten();
                let (from, to) = share.unwrap_or((1, 0));
                KitEntry {
                    point: key.0.into(),
                    name: name.clone(),
                    from,
                    to,
                }
            })
            .collect(),
        officers: station.officers.clone(),
        k: job.law.station.officers_needed,
        revoked: station.revoked.iter().map(|kid| (*kid).into()).collect(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: break_glass(job.law, station),
        exercise: terms.rehearsal.map(|_| Exercise::Rehearsal),
        settings: terms.settings.cloned(),
    }
}

/// Who opens the package when too few officers can: the roster's holders, as many together as the law says.
fn break_glass(law: &ElectionLaw, station: &Station) -> Option<BreakGlass> {
    let k = law.station.holders_needed?;
    (station.holders.len() >= usize::from(k)).then(|| BreakGlass {
        holders: station.holders.clone(),
        k,
        wraps: Vec::new(),
        kinds: Some(holders_may(law)),
    })
}

fn districts(formed: &Formed) -> HashMap<u32, District> {
    let mut numbers: Vec<u32> = formed
        .snapshot
        .precincts
        .iter()
        .map(|row| row.soate.district())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
        .into_iter()
        .map(|number| (number, District::of(&formed.snapshot, &formed.roll, number)))
        .collect()
}

/// What sealing depends on beside the list; shared by all threads.
struct Sealing<'a> {
    law: &'a ElectionLaw,
    randomness: &'a Randomness,
}

impl Sealing<'_> {
    fn one(
        &self,
        formed: &Formed,
        mut manifest: PackageManifest,
        list: &PrecinctList,
        districts: &HashMap<u32, District>,
        references: &ReferenceStore,
        home: &BTreeSet<u32>,
    ) -> Result<(PackageManifest, Vec<u8>), BatchError> {
        let name = format!(
            "package/{}/{}/{}",
            manifest.release, list.precinct, manifest.package
        );
        let draw = |what: &str| self.randomness.draw(&format!("{name}/{what}"));
        let keys = PackageKeys {
            index: draw("index"),
            day: draw("day"),
        };
        let nowhere = District::default();
        let district = formed
            .snapshot
            .precinct(list.precinct)
            .and_then(|row| districts.get(&row.soate.district()))
            .unwrap_or(&nowhere);
        let mut of_precinct: HashMap<_, References> = references.of_precinct(list.precinct)?;
        let mut body = body(
            &formed.snapshot,
            &formed.roll,
            self.law,
            list,
            district,
            &keys,
            |person| of_precinct.remove(&person).unwrap_or_default(),
        );
        body.election = manifest.election;
        for voter in &mut body.voters {
            voter.home = home.contains(&voter.line);
        }
        // One draw in 2³² is no scalar of the curve; then the next is taken.
        for attempt in 0..8 {
            let secrets = SealSecrets {
                ephemeral: draw(&format!("ephemeral/{attempt}")),
                officers: draw(&format!("officers/{attempt}")),
                kits: draw(&format!("kits/{attempt}")),
            };
            match seal(&mut manifest, &body, &secrets) {
                Ok(ciphertext) => return Ok((manifest, ciphertext)),
                Err(lexicon::handover::package::PackageError::BadPoint) if attempt < 7 => {}
                Err(source) => {
                    return Err(BatchError::Package {
                        precinct: list.precinct.number(),
                        source,
                    });
                }
            }
        }
        let source = lexicon::handover::package::PackageError::BadPoint;
        Err(BatchError::Package {
            precinct: list.precinct.number(),
            source,
        })
    }
}
