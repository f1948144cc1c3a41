//! `tizme batch pack`: from a snapshot to sealed station packages, drawn for both institutions to sign.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use ::batch::packages::{PACKAGES, TRUST};
use ::batch::{BatchError, PackageTerms, form_roll_again, write_packages};
use anyhow::{Context as _, Result};
use clap::Args;
use lexicon::handover::envelope::{PublicKey, hex, unhex};
use lexicon::handover::package::KitSettings;
use lexicon::{Date, ElectionLaw, Instant};
use roll::claim::deadline;
use roll::package::KitPlan;
use serde_json::json;

use super::roster::HomeFile;
use super::{Form, moment, roster, trust};

/// Arguments of `pack`.
#[derive(Args)]
pub struct Pack {
    #[command(flatten)]
    form: Form,
    /// Kits and officers: CSV with the columns precinct,kind,name,key,role,body (docs/formats.md).
    #[arg(long, value_name = "FILE")]
    roster: PathBuf,
    /// Voting at home: the signed home lists that the office froze (with --home-key), or applications as CSV with the
    /// columns precinct,line,filed, of which those after the law's last day are refused and listed. The roster then
    /// names the mobile kits (kind mobile).
    #[arg(long, value_name = "FILE")]
    home: Option<PathBuf>,
    /// Public key of the home desk that signed the home lists, 130 hexadecimal digits.
    #[arg(long, value_name = "POINT")]
    home_key: Option<String>,
    /// Number of the packages, rising for each precinct.
    #[arg(long, default_value_t = 1, value_name = "N")]
    number: u32,
    /// The fewest kits of a station.
    #[arg(long, default_value_t = 1, value_name = "N")]
    kits_min: u32,
    /// A day on which citizens look up this interim list, as 2015-09-07: the packages are for no election, bear that day
    /// as their number and are open on it. The roster's kits and officers serve.
    #[arg(long, value_name = "DAY")]
    rehearsal: Option<Date>,
    /// Not to be opened before, as 2015-10-03T00:00:00+06:00; default: the beginning of the day before election day.
    #[arg(long, value_name = "MOMENT")]
    not_before: Option<String>,
    /// Not to be used after; default: the end of the second day after election day.
    #[arg(long, value_name = "MOMENT")]
    not_after: Option<String>,
    /// Trust anchors that name both publishers, laid beside the packages: a kit that is given them needs no keys typed.
    /// Default: `trust.cose` in the key folder, where it is.
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Public key of the centre's turnout desk, for every kit.
    #[arg(long, value_name = "POINT")]
    turnout_key: Option<String>,
    /// Public key of the office's desk for corrections, for every kit of a rehearsal.
    #[arg(long, value_name = "POINT")]
    corrections_key: Option<String>,
    /// Public key to which pictures of voters whom two officers identify are sealed, for every kit with a camera; without
    /// it none is kept.
    #[arg(long, value_name = "POINT")]
    pictures_key: Option<String>,
    /// Public key to which captures of fingers that identify voters are sealed, for every kit; without it none is kept.
    /// Refused where the law does not let them be kept.
    #[arg(long, value_name = "POINT")]
    captures_key: Option<String>,
    /// Keyboards and readers that were handed out: CSV with the columns vendor,product,serial (four hexadecimal digits
    /// twice, serial number or nothing). Others are shown and recorded when they are attached.
    #[arg(long, value_name = "FILE")]
    devices: Option<PathBuf>,
}

/// The public key that an option names, when it is given.
fn given_key(option: &str, text: &Option<String>) -> Result<Option<PublicKey>> {
    let read = |text: &String| {
        let key = unhex(text).and_then(|bytes| PublicKey::from_bytes(&bytes));
        key.with_context(|| format!("{option}: no public key; 130 hexadecimal digits are expected"))
    };
    text.as_ref().map(read).transpose()
}

impl Pack {
    /// What the kits are told in their manifests; nothing when nothing was named.
    fn settings(&self, law: &ElectionLaw) -> Result<Option<KitSettings>> {
        if self.captures_key.is_some() && law.station.captures.is_none() {
            anyhow::bail!(
                "--captures-key: the law keeps no captures, [station.captures] is silent"
            );
        }
        let devices = self.devices.as_deref().map(roster::devices).transpose()?;
        let settings = KitSettings {
            turnout_desk: given_key("--turnout-key", &self.turnout_key)?.map(|key| key.0.into()),
            corrections_desk: given_key("--corrections-key", &self.corrections_key)?
                .map(|key| key.0.into()),
            devices: devices.unwrap_or_default(),
            pictures_desk: given_key("--pictures-key", &self.pictures_key)?.map(|key| key.0.into()),
            captures_desk: given_key("--captures-key", &self.captures_key)?.map(|key| key.0.into()),
        };
        Ok((settings != KitSettings::default()).then_some(settings))
    }

    /// The trust anchors to lay beside the packages; they must name the keys that sign here.
    fn trust(&self, law: &ElectionLaw) -> Result<Option<Vec<u8>>> {
        let usual = self.form.place.key_folder().join(TRUST);
        let file = match &self.anchors {
            Some(file) => file.clone(),
            None if usual.is_file() => usual,
            None => return Ok(None),
        };
        let at_file = || file.display().to_string();
        let bytes = std::fs::read(&file).with_context(at_file)?;
        let named = trust::anchors(&bytes, law).with_context(at_file)?;
        for role in ["srs-release", "cec-release"] {
            trust::point(&named, role)
                .with_context(|| format!("names no key for {role}"))
                .with_context(at_file)?;
        }
        Ok(Some(bytes))
    }
}

/// A rehearsal's package is for its own day; an election's from the day before to the day after.
fn first_of(law: &ElectionLaw, rehearsal: Option<Date>) -> Instant {
    rehearsal.map_or_else(
        || deadline(law, 2),
        |day| Instant::at_local(day, 0, law.election.offset_minutes),
    )
}

fn last_of(law: &ElectionLaw, rehearsal: Option<Date>) -> Instant {
    rehearsal.map_or_else(
        || deadline(law, -2),
        |day| Instant::at_local(day, 24 * 60, law.election.offset_minutes),
    )
}

/// Runs the command.
///
/// # Errors
/// The roster's, naming file and line, or the chain's.
pub fn run(arguments: &Pack) -> Result<ExitCode> {
    let mut stations = roster::read(&arguments.roster)?;
    let law = arguments.form.place.law()?;
    let home_key = given_key("--home-key", &arguments.home_key)?;
    let mut home_lists = Vec::new();
    let mut home_refused = Vec::new();
    if let Some(file) = &arguments.home {
        match roster::home_file(file, &law, home_key.as_ref())? {
            HomeFile::Signed(lists) => home_lists = lists,
            HomeFile::Applications => home_refused = stations.freeze_home(file, &law)?,
        }
    }
    stations.take_home(&home_lists)?;
    for refused in &home_refused {
        eprintln!(
            "home application of precinct {} line {} refused: {}",
            refused.precinct, refused.line, refused.reason
        );
    }
    let previous = BTreeMap::new();
    let given = |option, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| moment(option, text)).transpose()
    };
    let not_before = given("--not-before", &arguments.not_before)?;
    let not_after = given("--not-after", &arguments.not_after)?;
    let settings = arguments.settings(&law)?;
    let trust = arguments.trust(&law)?;
    let election = arguments.form.place.law()?.election.day;
    if arguments.rehearsal.is_some_and(|day| day >= election) {
        anyhow::bail!("--rehearsal: a list is rehearsed before election day, {election}");
    }
    let done = arguments.form.with_job(|job, gate| {
        let formed = form_roll_again(job, Some(gate), arguments.form.rerun())?;
        // A line of another list is another person.
        if let Some(list) = home_lists
            .iter()
            .find(|list| list.root != formed.release.root)
        {
            return Err(BatchError::Roster {
                precinct: list.precinct,
                why: format!(
                    "its home list is of release {}, with another root",
                    list.release
                ),
            });
        }
        let terms = PackageTerms {
            roster: &stations,
            plan: KitPlan {
                voters_per_kit: job.law.station.voters_per_kit,
                kits_min: arguments.kits_min,
            },
            number: arguments.number,
            previous: &previous,
            not_before: not_before.unwrap_or_else(|| first_of(job.law, arguments.rehearsal)),
            not_after: not_after.unwrap_or_else(|| last_of(job.law, arguments.rehearsal)),
            rehearsal: arguments.rehearsal,
            settings: settings.as_ref(),
            trust: trust.as_deref(),
        };
        let packed = write_packages(job, &formed, &terms)?;
        Ok((formed, packed))
    })?;
    let Some((formed, packed)) = done else {
        return Ok(ExitCode::FAILURE);
    };
    let place = &arguments.form.place;
    let kits: u64 = packed
        .packages
        .iter()
        .map(|(_, kits, _)| u64::from(*kits))
        .sum();
    let root = hex(formed.release.root.as_slice());
    let folder = place.out.join(PACKAGES);
    place.tell(
        &json!({
            "packages": packed.packages.len(), "kits": kits, "skipped": packed.skipped, "root": root,
            "lines": formed.roll.count.total, "home_refused": home_refused.len(), "folder": folder.display().to_string(),
        }),
        || {
            format!(
                "{} packages for {kits} kits: {}\nroot {root}\neach institution looks at them and signs: tizme batch sign --drawn packages",
                packed.packages.len(),
                folder.display()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}
