//! `tizme batch …`: from a snapshot of the register, without its database.

mod addresses;
mod calendar;
mod claims;
mod delta;
mod drawn;
mod freeze;
mod pack;
mod publish;
mod reconcile;
pub mod rejects;
mod roster;
mod seal;
pub mod sign;
mod split;
mod station_deltas;
mod step;
mod trust;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::columns::{Column, Kind, Put, Row, must, write_table};
use ::batch::filter::AssignedRow;
use ::batch::gate::HeldBack;
use ::batch::open_data::statistics_of;
use ::batch::snapshot::{SnapshotFileError, check_snapshot, for_each_reference};
use ::batch::steps::Progress;
use ::batch::tables::FindingRow;
use ::batch::{
    BatchError, Gate, Job, Keys, Randomness, Reading, Release, Rerun, form_roll_again,
    read_snapshot,
};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use dedup::{Pair, Policy, Subject, Subjects, merge_pairs};
use indicatif::{ProgressBar, ProgressStyle};
use keys::KeyRing;
use lexicon::handover::envelope::{DocumentId, PublicKey, hex, unhex};
use lexicon::handover::snapshot::Reference;
use lexicon::{ElectionLaw, Instant, PersonId};
use rayon::prelude::*;
use roll::boundary::Territory;
use roll::claim::deadline;
use roll::commit::Stage;
use roll::statistics::CELL_MIN;
use roll::{Snapshot, form};
use serde_json::json;

/// Work over a snapshot.
#[derive(Subcommand)]
pub enum Batch {
    /// Forms the list and writes the folder `roll/` with a release that nobody has signed yet; skipped when it stands
    /// already from the same inputs.
    Form(Form),
    /// One institution looks at the formed list and signs its release with its own key; without a key it looks only.
    Sign(sign::Sign),
    /// Puts the signatures that each institution gave alone (`sign --drawn`) under packages or deltas.
    Join(drawn::Join),
    /// Forms the list, if it does not stand already, and seals a station package for every precinct, for both
    /// institutions to sign: `packages/`.
    Pack(pack::Pack),
    /// Publishes the list that stands, with packages, deltas and journals where they do: `publication/`.
    Publish(publish::Publish),
    /// Classifies every row of the commission's list: `reconciliation.parquet`.
    Reconcile(reconcile::Reconcile),
    /// Finds the house that each address text of the commission's list means: `addresses.parquet`.
    Addresses(addresses::Addresses),
    /// Assigns every address to its precinct: `assignment.parquet`, `findings.parquet`, and for precincts above the
    /// legal limit a proposal of parts, `splits.parquet`. Exit 1 when an address has no or two precincts.
    Assign(Place),
    /// Compares everybody's prints with everybody's: `pairs.parquet`.
    Dedup(Place),
    /// Counts voters by region, sex and age, without small cells: `statistics.json`.
    Stats(Place),
    /// The named days of an election, from the terms of its law and the factor of an early one.
    Calendar(calendar::Calendar),
    /// Claims with receipt, day of answer, outcome and chain: `claims-due.csv`. Exit 1 when one is overdue.
    Claims(claims::Claims),
    /// Form 2 by precinct and day, with the alarm of mass transfer: `transfers.json`. Exit 1 when it is raised.
    Transfers(claims::Transfers),
    /// What a final list waits for. Exit 1 when there is anything.
    Blockers(freeze::Blockers),
    /// Both institutions let a final list pass over what holds it back now: a signed file for `form --sign-off`.
    SignOff(freeze::SignOffFile),
    /// Both institutions place one voter by hand: a signed file for `form --override`.
    Override(freeze::OverrideFile),
    /// One more delta of the list in force, from a newer snapshot, for both institutions to sign: `deltas/`.
    Delta(delta::Delta),
    /// What a stick carries from the deltas to each station that they touch: `station-deltas/PPPP-NNN.delta`.
    StationDeltas(station_deltas::StationDeltas),
    /// Seals a snapshot to the key of the host it goes to. A snapshot holds every PIN: it travels in no other way.
    Seal(seal::Seal),
    /// Opens a sealed snapshot with the key it was sealed to, and checks the register's signature and every file.
    Unseal(seal::Unseal),
    /// One step as a filter: an Arrow stream in, an Arrow stream out. `--list` names the steps.
    Step(step::Step),
}

/// Snapshot, law and output of one run.
#[derive(Args)]
pub struct Place {
    /// The snapshot folder.
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// The law: `kg-2015`, `kg-2020`, `kg-2025`, or a TOML file.
    #[arg(long, value_name = "L")]
    law: String,
    /// The folder to write to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The folder of keys, ROLE.key each; default: `keys` beside the snapshot. The register's public key is enough: `register.pub`.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Trust anchors that name the register's key; default: `publication/trust.cose` beside the snapshot.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Threads; 0: as many as the machine has. They never change a byte.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// How far a list has come.
#[derive(Clone, Copy, ValueEnum)]
enum StageName {
    Preliminary,
    Control,
    Final,
}

impl StageName {
    fn stage(self) -> Stage {
        match self {
            StageName::Preliminary => Stage::Preliminary,
            StageName::Control => Stage::Control,
            StageName::Final => Stage::Final,
        }
    }
}

/// Arguments of `form`.
#[derive(Args)]
pub struct Form {
    #[command(flatten)]
    place: Place,
    /// Number of the release.
    #[arg(long, default_value_t = 1, value_name = "N")]
    release: u32,
    /// Id of the release before, 64 hexadecimal digits.
    #[arg(long, value_name = "ID")]
    previous: Option<String>,
    /// When the list was frozen, as 2015-09-25T12:00:00+06:00; default: the end of the law's last day for the final list.
    #[arg(long, value_name = "MOMENT")]
    frozen_at: Option<String>,
    /// How far the list has come. A final one is refused while anything holds it back.
    #[arg(long, value_enum, default_value_t = StageName::Preliminary)]
    stage: StageName,
    /// The changes (`tizme office snapshot --changes`) from the snapshot whose image an earlier run kept in OUT/kept to
    /// this one. The list is the same as without; where image or changes do not fit, the whole snapshot is read.
    #[arg(long, value_name = "DIR")]
    since: Option<PathBuf>,
    /// Keep an image of this snapshot for the next run: OUT/kept. It holds every PIN, as the snapshot does.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    freeze: freeze::Freeze,
}

/// Runs a command.
pub fn run(command: &Batch) -> Result<ExitCode> {
    match command {
        Batch::Form(arguments) => form_list(arguments),
        Batch::Sign(arguments) => sign::run(arguments),
        Batch::Join(arguments) => drawn::join(arguments),
        Batch::Pack(arguments) => pack::run(arguments),
        Batch::Publish(arguments) => publish::run(arguments),
        Batch::Reconcile(arguments) => reconcile::run(arguments),
        Batch::Addresses(arguments) => addresses::address(arguments),
        Batch::Assign(place) => assign(place),
        Batch::Dedup(place) => deduplicate(place),
        Batch::Stats(place) => statistics(place),
        Batch::Calendar(arguments) => calendar::run(arguments),
        Batch::Claims(arguments) => claims::run(arguments),
        Batch::Transfers(arguments) => claims::transfers(arguments),
        Batch::Blockers(arguments) => freeze::blockers(arguments),
        Batch::SignOff(arguments) => freeze::sign_off(arguments),
        Batch::Override(arguments) => freeze::place_by_hand(arguments),
        Batch::Delta(arguments) => delta::run(arguments),
        Batch::StationDeltas(arguments) => station_deltas::run(arguments),
        Batch::Seal(arguments) => seal::seal(arguments),
        Batch::Unseal(arguments) => seal::unseal(arguments),
        Batch::Step(arguments) => step::run(arguments),
    }
}

impl Place {
    fn law(&self) -> Result<ElectionLaw> {
        crate::law::read(&self.law)
    }

    /// A path beside the snapshot folder.
    fn beside(&self, name: &str) -> PathBuf {
        let folder = self.snapshot.parent().filter(|p| !p.as_os_str().is_empty());
        folder.unwrap_or(Path::new(".")).join(name)
    }

    fn key_folder(&self) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| self.beside("keys"))
    }

    /// The register's key: from `--trust`, from the key folder, or from a publication beside the snapshot.
    fn register(&self, law: &ElectionLaw) -> Result<trust::Register> {
        if let Some(file) = &self.trust {
            return trust::from_anchors(file, law);
        }
        let folder = self.key_folder();
        if let Some(register) = trust::from_folder(&folder)? {
            return Ok(register);
        }
        let anchors = self.beside("publication/trust.cose");
        if anchors.is_file() {
            return trust::from_anchors(&anchors, law);
        }
        bail!(
            "no key of the register: neither {0}/register.pub nor {0}/register.key nor {1}",
            folder.display(),
            anchors.display()
        )
    }

    fn snapshot(&self, law: &ElectionLaw) -> Result<Snapshot> {
        let register = self.register(law)?;
        let trust = register.trust(law.election.number);
        Ok(read_snapshot(&self.snapshot, law, trust, self.threads)?.snapshot)
    }

    /// Writes a file of the output folder beside and renames it.
    fn write(&self, name: &str, write: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        write_beside(&self.out, name, write)
    }

    fn tell(&self, shown: &serde_json::Value, text: impl FnOnce() -> String) {
        if self.json {
            println!("{shown}");
        } else {
            println!("{}", text());
        }
    }
}

/// Writes a file of a folder beside its place and renames it; the folder is made when it is not there.
pub(crate) fn write_beside(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (partial, path) = (folder.join(format!(".{name}.partial")), folder.join(name));
    write(&partial)?;
    std::fs::rename(&partial, &path).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Progress of named steps on one line.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:23} {wide_bar} {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style)
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    let taken_up = if progress.skipped { ": taken up" } else { "" };
    bar.set_message(format!("{}{taken_up}", progress.step));
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}

impl Form {
    /// What is taken from the run before, and left to the next.
    fn rerun(&self) -> Rerun<'_> {
        Rerun {
            changes: self.since.as_deref(),
            keep: self.keep,
        }
    }

    /// Does a work with everything that the chain needs; none when the list is held back, and by what is told.
    fn with_job<T>(
        &self,
        work: impl FnOnce(&Job<'_>, &Gate<'_>) -> Result<T, BatchError>,
    ) -> Result<Option<T>> {
        let place = &self.place;
        let law = place.law()?;
        let register = place.register(&law)?;
        let signing = trust::Signing::read(&place.key_folder())?;
        let mut ring: KeyRing = register.ring();
        signing
            .public_keys()
            .into_iter()
            .for_each(|key| ring.add(key));
        let randomness = Randomness::new(&signing.randomness);
        let files = freeze::Files::read(&self.freeze)?;
        let before = self.freeze.before(&law, &ring, &signing)?;
        let said = self.freeze.said(place, &law, &register)?;
        let named = self.previous.as_deref().map(id_of).transpose()?;
        if let (Some(named), Some((before, _))) = (named, before)
            && named != before
        {
            bail!("--previous names another release than --before holds");
        }
        let frozen_at = match &self.frozen_at {
            Some(text) => moment("--frozen-at", text)?,
            None => deadline(&law, law.list.final_days),
        };
        let bar = bar();
        let job = Job {
            law: &law,
            snapshot: &place.snapshot,
            out: &place.out,
            keys: Keys {
                srs: &signing.srs,
                cec: &signing.cec,
                register: register.kid(),
                verifier: &ring,
            },
            randomness: &randomness,
            release: Release {
                number: self.release,
                previous: named.or(before.map(|(id, _)| id)),
                frozen_at,
                stage: self.stage.stage(),
            },
            threads: place.threads,
            report: &|progress: Progress<'_>| show(&bar, progress),
        };
        std::fs::create_dir_all(&place.out).with_context(|| place.out.display().to_string())?;
        let gate = files.gate(
            self.freeze
                .waiting(said.as_ref(), before.map(|(_, stage)| stage)),
        );
        let done = work(&job, &gate);
        bar.finish_and_clear();
        match done {
            Err(BatchError::Held(HeldBack(held))) => {
                freeze::tell(place.json, &held);
                Ok(None)
            }
            Err(BatchError::Refused(refused)) => {
                sign::refuse(place.json, refused.refusal, &refused.detail);
                Ok(None)
            }
            done => Ok(Some(done?)),
        }
    }
}

/// A moment of the command line.
fn moment(option: &str, text: &str) -> Result<Instant> {
    Instant::parse(text).with_context(|| format!("{option}: {text} is no moment"))
}

fn form_list(arguments: &Form) -> Result<ExitCode> {
    let place = &arguments.place;
    let Some(formed) =
        arguments.with_job(|job, gate| form_roll_again(job, Some(gate), arguments.rerun()))?
    else {
        return Ok(ExitCode::FAILURE);
    };
    let count = &formed.roll.count;
    let root = hex(formed.release.root.as_slice());
    let rejects = rejects::of_list(&formed.snapshot, &formed.roll)?;
    rejects.write(&place.out)?;
    let excluded: BTreeMap<&str, u64> = formed
        .release
        .excluded
        .iter()
        .map(|of| (of.reason.as_str(), of.count))
        .collect();
    let reading = told_reading(&formed.reading);
    let taken_up = told_taken_up(&formed.taken_up);
    let short: Vec<(u16, usize)> = formed
        .roll
        .lists
        .iter()
        .map(|list| (list.precinct.number(), list.persons.len()))
        .filter(|(_, lines)| (1..CELL_MIN).contains(&(*lines as u64)))
        .collect();
    place.tell(
        &json!({
            "reading": reading, "taken_up": formed.taken_up, "considered": count.considered, "list_total": count.total, "excluded_by_reason": excluded,
            "precincts": formed.roll.lists.len(), "root": root,
            "release": formed.release_id.hex(), "blocking_findings": formed.roll.blockers().count(), "rejects": rejects.len(),
            "short_lists": short.iter().map(|(precinct, lines)| json!({ "precinct": precinct, "lines": lines })).collect::<Vec<_>>(),
        }),
        || {
            format!(
                "{reading}{taken_up}{} considered, {} on the list in {} precincts\n{}root    {}\nrelease {}\neach institution looks at it and signs: tizme batch sign",
                count.considered,
                count.total,
                formed.roll.lists.len(),
                told_short(&short),
                root,
                formed.release_id.hex()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}

/// Lists of so few that open data say nothing of them, as a line; empty without any.
fn told_short(short: &[(u16, usize)]) -> String {
    if short.is_empty() {
        return String::new();
    }
    let lists: Vec<String> = short
        .iter()
        .map(|(precinct, lines)| format!("{precinct:04} ({lines})"))
        .collect();
    format!(
        "lists under {CELL_MIN}: {}; the release states their length: join them with another precinct before the final list, or leave them so\n",
        lists.join(", ")
    )
}

/// How the snapshot was read, as a line; empty when nothing was kept.
fn told_reading(reading: &Reading) -> String {
    match reading {
        Reading::Kept(touched) => format!("read from kept/, {touched} persons touched since\n"),
        Reading::Anew(Some(why)) => format!("kept/ was passed over: {why}\n"),
        Reading::Anew(None) => String::new(),
    }
}

/// What a stopped run had finished, as a line; empty without any.
fn told_taken_up(taken_up: &BTreeMap<&'static str, u64>) -> String {
    if taken_up.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = taken_up
        .iter()
        .map(|(step, n)| format!("{step} {n}"))
        .collect();
    format!(
        "taken up from a run that was stopped: {}\n",
        parts.join(", ")
    )
}

fn id_of(text: &str) -> Result<DocumentId> {
    unhex(text)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .map(DocumentId)
        .context("--previous: an id has 64 hexadecimal digits")
}

fn assign(place: &Place) -> Result<ExitCode> {
    let law = place.law()?;
    let snapshot = place.snapshot(&law)?;
    let formed = form(&snapshot, &law)?;
    let placed = &formed.placed;
    // Where houses stand and how large precincts are, then the land between.
    let mut findings = formed.findings.clone();
    findings.extend(Territory::of(&snapshot).cover_findings());
    let splits = split::proposals(&snapshot, &formed, law.list.precinct_voters_max);
    let rows = placed.iter().enumerate().map(|(at, placed)| AssignedRow {
        address: &snapshot.addresses[at].id,
        placed: *placed,
    });
    let path = place.write("assignment.parquet", |path| {
        write_table(path, rows)?;
        Ok(())
    })?;
    place.write("findings.parquet", |path| {
        let snapshot = &snapshot;
        write_table(
            path,
            findings
                .iter()
                .map(|finding| FindingRow { snapshot, finding }),
        )?;
        Ok(())
    })?;
    place.write("splits.parquet", |path| {
        write_table(path, splits)?;
        Ok(())
    })?;
    let blocking = findings.iter().filter(|finding| finding.blocks()).count();
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &findings {
        *by_code.entry(finding.code()).or_default() += 1;
    }
    let assigned = placed.iter().flatten().count();
    place.tell(
        &json!({
            "addresses": placed.len(), "assigned": assigned, "findings": findings.len(), "blocking": blocking,
            "by_code": by_code, "file": path.display().to_string(),
        }),
        || {
            format!(
                "{assigned} of {} addresses assigned: {}\n{} findings, {blocking} of them hold a final list back",
                placed.len(),
                path.display(),
                findings.len()
            )
        },
    );
    Ok(ExitCode::from(u8::from(blocking > 0)))
}

/// A row of `pairs.parquet`.
pub(in crate::batch) struct PairRow(pub Pair);

impl Row for PairRow {
    const TABLE: &'static str = "pairs";
    const COLUMNS: &'static [Column] = &[
        must("first", Kind::Text),
        must("second", Kind::Text),
        must("score", Kind::Number),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.0.first)
            .shown(self.0.second)
            .number(u32::from(self.0.score));
    }
}

fn deduplicate(place: &Place) -> Result<ExitCode> {
    let law = place.law()?;
    let register = place.register(&law)?;
    check_snapshot(&place.snapshot, &law, register.trust(law.election.number))?;
    let policy = Policy::standard();
    let subjects = Subjects::new(captures(&place.snapshot)?, policy)?;
    let bar = bar();
    bar.set_message("compare");
    bar.set_length(subjects.len() as u64);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(place.threads)
        .build()
        .context("threads")?;
    let found: Vec<Vec<Pair>> = pool.install(|| {
        (0..subjects.len())
            .into_par_iter()
            .map(|capture| {
                let pairs = subjects.referred(capture);
                bar.inc(1);
                pairs
            })
            .collect()
    });
    bar.finish_and_clear();
    let pairs = merge_pairs(found.into_iter().flatten());
    let path = place.write("pairs.parquet", |path| {
        write_table(path, pairs.iter().map(|pair| PairRow(*pair)))?;
        Ok(())
    })?;
    let exhaustive = subjects.exhaustive();
    place.tell(
        &json!({
            "persons": subjects.len(), "pairs": pairs.len(), "exhaustive": exhaustive,
            "policy": policy.hash().to_string(), "file": path.display().to_string(),
        }),
        || {
            let how = if exhaustive {
                "each compared with each in full"
            } else {
                "a prefilter chose whom to compare in full (docs/fingerprint.md)"
            };
            format!(
                "{} persons with prints, {how}\n{} pairs: {}",
                subjects.len(),
                pairs.len(),
                path.display()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}

/// The prints of each person, as they follow each other in the snapshot.
fn captures(snapshot: &Path) -> Result<Vec<Subject>> {
    let mut by_person: BTreeMap<PersonId, Subject> = BTreeMap::new();
    for_each_reference(snapshot, |row| -> Result<(), SnapshotFileError> {
        match row.reference {
            Reference::Finger {
                position, minutiae, ..
            } => {
                let subject = by_person.entry(row.person).or_insert_with(|| Subject {
                    person: row.person,
                    fingers: Vec::new(),
                });
                subject.fingers.push((position, minutiae));
            }
            Reference::Photo(_) => {}
        }
        Ok(())
    })?;
    Ok(by_person.into_values().collect())
}

fn statistics(place: &Place) -> Result<ExitCode> {
    let law = place.law()?;
    let snapshot = place.snapshot(&law)?;
    let roll = form(&snapshot, &law)?;
    let bytes = statistics_of(&law, &snapshot, &roll)?;
    let path = place.write("statistics.json", |path| Ok(std::fs::write(path, &bytes)?))?;
    if place.json {
        println!("{}", String::from_utf8_lossy(&bytes));
    } else {
        println!(
            "{} voters of {} considered: {}",
            roll.count.total,
            roll.count.considered,
            path.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A public key of 130 hexadecimal digits.
pub(crate) fn public_key(text: &str) -> Option<PublicKey> {
    unhex(text.trim()).and_then(|bytes| PublicKey::from_bytes(&bytes))
}

/// The register's key in a key folder; none when it holds none.
///
/// # Errors
/// When the file there is no key.
pub(crate) fn register_key(folder: &Path) -> Result<Option<PublicKey>> {
    Ok(trust::from_folder(folder)?.map(|register| register.public_key()))
}
