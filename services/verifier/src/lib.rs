//! The stranger's check: does what was published about an election hold together?
//!
//! Reads an output directory (`snapshot/`, `roll/`, `packages/`, `journals/`, `publication/`) after
//! `docs/formats.md` and names every file and place that does not hold: signed folder manifests, the
//! chain of releases, the root over all lines, the deltas after them, station packages, journals and reports, the public log
//! and the turnout tables.
//!
//! What is here: an own reader of CBOR, COSE, journals, notes and tiles, on `p256`, `ed25519-dalek` and
//! `sha2`; [`verify`] for a directory, [`receipt`] and [`proof`] for what a voter
//! holds, [`run`] for the command line.
//!
//! What is deliberately not here: any other room of this house (two implementations must agree), any
//! database, network or secret; the contents of sealed packages and of the register's snapshot beyond
//! their signed hashes; whether the law was applied rightly to a person.
//!
//! Inside, whatever does not hold is told in words ([`Checked`]) and becomes a [`Finding`] with file and
//! place: a finding is a value, the tool itself does not fail on bad input.

mod accounts;
mod body;
mod cbor;
mod command;
mod cose;
mod day;
mod delta;
mod finding;
mod fold;
mod folder;
mod incident;
mod journal;
mod list;
mod log;
mod proof;
mod publication;
mod receipt;
mod roll;
mod station;
mod tally;

pub use command::run;
pub use finding::{Finding, Report};
pub use incident::Incident;
pub use receipt::receipt;

use crate::cose::{Hash, Subject, sha256};
use crate::fold::Fold;
use crate::folder::{TRUST, Trust, files, load};
use crate::publication::Turnout;
use crate::roll::Release;
use crate::station::Station;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What holds, or what does not, in words without personal data.
type Checked<T> = Result<T, String>;

/// Folders and the role that signs each folder's manifest.
const FOLDERS: [(&str, &str); 5] = [
    ("snapshot", "register"),
    ("roll", "srs-release"),
    ("packages", "srs-release"),
    ("journals", "cec-release"),
    ("publication", "publication"),
];

/// How the file of a grant for a spare kit ends.
const GRANT: &str = ".grant";

/// The folder of the list's deltas, and who signs its manifest.
const DELTAS: (&str, &str) = ("deltas", "srs-release");

/// Documents of the folders that must stand in the public log: file, type, id.
type Logged = Vec<(String, &'static str, Hash)>;

/// Checks an output directory. `roots` are fingerprints of the root keys got another way
/// (hexadecimal, at least 16 digits each); without them the directory's own are believed and named.
///
/// Cost: every file is read once or twice, every signature verified once, on all cores.
pub fn verify(dir: &Path, roots: &[String]) -> Report {
    let mut report = Report::default();
    let Some(trust) = load(dir, TRUST, &mut report) else { return report };
    let trust = match Trust::open(&trust, roots, &mut report) {
        Ok(trust) => trust,
        Err(why) => {
            report.find(TRUST, "", "trust_invalid", why);
            return report;
        }
    };
    let checked = each(&FOLDERS, |(folder, role)| {
        let mut part = Report::default();
        (folder::check(dir, folder, role, &trust, &mut part), part)
    });
    let snapshot = checked.first().and_then(|(id, _)| *id);
    checked.into_iter().for_each(|(_, part)| report.absorb(part));
    // There only once the list was changed.
    if dir.join(DELTAS.0).is_dir() {
        folder::check(dir, DELTAS.0, DELTAS.1, &trust, &mut report);
    }
    let releases = roll::releases(dir, &trust, snapshot, &mut report);
    let file = |release: &Release| format!("publication/release-{}.cose", release.number);
    let mut logged: Logged = releases.iter().map(|release| (file(release), "list-release", release.id)).collect();
    if let Some(release) = releases.last() {
        let commitments = roll::lines(dir, release, &mut report);
        publication::list_log(dir, release.number, &commitments, &trust, &mut report);
        delta::in_force(dir, &trust, release, &commitments, &mut report);
    }
    delta::published(dir, &trust, &releases, &mut logged, &mut report);
    let stations = packages(dir, &trust, releases.last(), &mut logged, &mut report);
    let turnout = journals(dir, &stations, &mut logged, &mut report);
    publication::turnout(dir, &turnout, &mut report);
    if let Some(entries) = publication::log(dir, "publication", &trust.log, &trust, &mut report) {
        publication::log_holds(&entries, &logged, &mut report);
    }
    report.sort();
    report
}

/// Opens every package manifest, compares it with the release and its ciphertext; returns stations by precinct.
fn packages(
    dir: &Path,
    trust: &Trust,
    release: Option<&Release>,
    logged: &mut Logged,
    report: &mut Report,
) -> BTreeMap<u16, Station> {
    let mut stations = BTreeMap::new();
    let manifests = files(dir, "packages", report).into_keys().filter(|path| path.ends_with(".manifest.cose"));
    for name in manifests.map(|path| format!("packages/{path}")) {
        let Some(bytes) = load(dir, &name, report) else { continue };
        let required = trust.institutions();
        let station = match required.and_then(|keys| Station::open(&bytes, trust.election, &trust.keys, &keys)) {
            Ok(station) => station,
            Err(why) => {
                report.find(&name, "", "package_invalid", why);
                continue;
            }
        };
        let sealed = format!("packages/{:04}.package", station.precinct);
        if name != sealed.replace(".package", ".manifest.cose") {
            report.find(&name, "", "package_differs", format!("is of precinct {:04}", station.precinct));
        }
        let stated = (station.release, station.root, Some(station.lines));
        if release.is_some_and(|list| stated != (list.number, list.root, list.lines_of(station.precinct))) {
            let message = "is of another release, root or number of lines than the last release";
            report.find(&name, "", "package_differs", message);
        }
        let bytes = load(dir, &sealed, report).unwrap_or_default();
        if (sha256(&[&bytes]), bytes.len() as u64) != station.ciphertext {
            report.find(&sealed, "", "ciphertext_changed", "is not the sealed package that its manifest names");
        }
        report.count("packages", 1);
        logged.push((name, "package-manifest", station.id));
        stations.insert(station.precinct, station);
    }
    stations
}

/// Reads every precinct's journals and reports; returns what each precinct adds up to.
fn journals(dir: &Path, stations: &BTreeMap<u16, Station>, logged: &mut Logged, report: &mut Report) -> Vec<Turnout> {
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(dir, "journals", report).into_keys() {
        if let Some((precinct, _)) = path.split_once('/') {
            paths.entry(precinct.to_owned()).or_default().push(format!("journals/{path}"));
        }
    }
    let work: Vec<(&Station, Vec<String>)> = stations
        .values()
        .map(|station| (station, paths.remove(&format!("{:04}", station.precinct)).unwrap_or_default()))
        .collect();
    for path in paths.values().flatten() {
        report.find(path, "", "journal_unknown", "no package manifest that holds is of this precinct");
    }
    let parts = each(&work, |(station, paths)| precinct(dir, station, paths));
    let mut turnout = Vec::new();
    for (precinct, documents, part) in parts {
        turnout.push(precinct);
        logged.extend(documents);
        report.absorb(part);
    }
    turnout
}

/// The station with the spare kits that grants admit; a grant that does not hold is a finding.
fn granted<'f>(station: &Station, files: impl Iterator<Item = (&'f str, &'f [u8])>, report: &mut Report) -> Station {
    let mut station = station.clone();
    for (name, bytes) in files {
        match station.grant(bytes) {
            Ok(()) => report.count("grants", 1),
            Err(why) => report.find(name, "", "grant_invalid", why),
        }
    }
    station
}

fn precinct(dir: &Path, station: &Station, paths: &[String]) -> (Turnout, Logged, Report) {
    let (mut report, mut events, mut logged) = (Report::default(), Vec::new(), Logged::new());
    let grants = paths.iter().filter(|path| path.ends_with(GRANT));
    let grants: Vec<_> = grants.map(|name| (name, load(dir, name, &mut report).unwrap_or_default())).collect();
    let station = &granted(station, grants.iter().map(|(name, file)| (name.as_str(), file.as_slice())), &mut report);
    let journals = paths.iter().filter(|path| path.ends_with(".journal"));
    let files: Vec<_> = journals.map(|name| (name, load(dir, name, &mut report).unwrap_or_default())).collect();
    let lists = journal::lists(files.iter().map(|(_, file)| file.as_slice()), station);
    for (name, bytes) in &files {
        events.extend(journal::read(name, bytes, station, &lists, &mut report));
        report.count("journals", 1);
    }
    let day = journal::chains(station, events, &mut report);
    let mut made = Vec::new();
    for name in paths.iter().filter(|path| path.ends_with(".cose")) {
        let bytes = load(dir, name, &mut report).unwrap_or_default();
        let one = tally::report(name, &bytes, station, &day, &mut report);
        made.extend(one.map(|one| (name.clone(), one)));
    }
    tally::addenda(&made, station, &mut report);
    logged.extend(made.iter().map(|(name, one)| (name.clone(), "report", one.id)));
    let Station { precinct, lines, offset_minutes, .. } = *station;
    let tally = tally::tally(station, &Fold::of(station, day.iter()));
    let shown = tally.incidents.iter().map(|incident| format!("precinct {precinct:04}: {}", incident.words(station)));
    report.notes.extend(shown);
    (Turnout { precinct, lines, offset_minutes, tally }, logged, report)
}

/// What the journals of one precinct add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrecinctDay {
    /// Lines marked as identified, ascending.
    pub marked: Vec<u32>,
    /// Marked lines by method, 1 to 5.
    pub by_method: [u32; 5],
    /// What is to be explained, sorted.
    pub incidents: Vec<Incident>,
}

/// Adds up one precinct without a directory: its package manifest, the public keys (uncompressed points) of the
/// institutions that must have signed it, and its files by name, journals (`….journal`) and reports (`….cose`).
/// What is wrong goes to `report`.
///
/// # Errors
/// In words, when the manifest does not hold: then no event can be read.
pub fn precinct_day(
    election: u32,
    manifest: &[u8],
    institutions: &[[u8; 65]],
    files: &[(String, Vec<u8>)],
    report: &mut Report,
) -> Result<PrecinctDay, String> {
    let mut keys = cose::Keys::default();
    let required = institutions.iter().map(|point| keys.add(point)).collect::<Checked<Vec<_>>>()?;
    let station = Station::open(manifest, election, &keys, &required)?;
    let named = |end: &'static str| files.iter().filter(move |(name, _)| name.ends_with(end));
    let grants = named(GRANT).map(|(name, file)| (name.as_str(), file.as_slice()));
    let station = granted(&station, grants, report);
    let mut events = Vec::new();
    let lists = journal::lists(named(".journal").map(|(_, file)| file.as_slice()), &station);
    for (name, bytes) in named(".journal") {
        events.extend(journal::read(name, bytes, &station, &lists, report));
    }
    let day = journal::chains(&station, events, report);
    let mut made = Vec::new();
    for (name, bytes) in named(".cose") {
        made.extend(tally::report(name, bytes, &station, &day, report).map(|one| (name.clone(), one)));
    }
    tally::addenda(&made, &station, report);
    let tally = tally::tally(&station, &Fold::of(&station, day.iter()));
    Ok(PrecinctDay { marked: tally.marked, by_method: tally.by_method, incidents: tally.incidents })
}

/// Checks a voter's `.tlog-proof` (its text) with the publication in `dir`. A note says which line of which list
/// it proves.
pub fn proof(dir: &Path, text: &str, roots: &[String]) -> Report {
    let mut report = Report::default();
    match proof::opened(dir, text, roots, &mut report) {
        Ok(about) => report.notes.push(about),
        Err(why) => report.find("proof", "", "proof_invalid", why),
    }
    report.count("proofs", 1);
    report
}

/// Runs every parser over foreign bytes and forgets what they say; for fuzzing: none may panic, hang or reserve
/// memory that the bytes only claim.
#[doc(hidden)]
pub fn probe(bytes: &[u8]) {
    let (nobody, text) = (cose::Keys::default(), String::from_utf8_lossy(bytes));
    let subject = Subject { kind: "event", election: 0 };
    let _ = (cbor::Value::parse(bytes), cbor::elements(bytes), subject.open1(bytes, &nobody));
    let _ = (subject.open_all(bytes, &nobody, &[]), Trust::open(bytes, &[], &mut Report::default()));
    let _ = (Station::open(bytes, 0, &nobody, &[]), journal::probe(bytes), log::probe(bytes, &text));
    let _ = (base45::decode(text.trim()).map(|bytes| subject.peek(&bytes)), proof::parse(&text), delta::probe(bytes));
}

/// Runs `work` on every item, on all cores, and returns the results in the order of the items.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < items.len());
        std::iter::from_fn(take).map(|at| (at, work(&items[at]))).collect::<Vec<_>>()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let mut results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a check does not panic")).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
