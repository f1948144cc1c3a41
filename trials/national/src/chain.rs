//! Keys, kits and officers of a generated country, and the chain from snapshot to packages with its times.

#![expect(
    clippy::disallowed_methods,
    reason = "the times of the chain's parts are what this trial measures"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant as Clock};

use batch::{
    Drawn, Expected, Formed, Job, Keys, PackageTerms, Packed, Randomness, Release, Rerun, Roster,
    Station, check_release, form_roll_again, sign_drawn_by_both, sign_release, write_packages,
};
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::Signer as _;
use lexicon::handover::package::OfficerEntry;
use lexicon::{ElectionLaw, PrecinctCode};
use roll::claim::deadline;
use roll::commit::Stage;
use roll::package::KitPlan;

/// Officers of a precinct: role and nominating body.
const OFFICERS: [(&str, &str); 5] = [
    ("chair", "council"),
    ("secretary", "party-1"),
    ("member", "party-2"),
    ("member", "party-3"),
    ("member", "party-4"),
];

/// The keys of a run, all from one seed.
pub struct KeyChain {
    seed: Vec<u8>,
    /// `srs-release`.
    pub srs: FileKey,
    /// `cec-release`.
    pub cec: FileKey,
    /// `register`, which signs snapshots.
    pub register: FileKey,
    ring: KeyRing,
}

impl KeyChain {
    /// The keys that follow from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let seed = format!("tizme national {seed}").into_bytes();
        let key = |label: &str| FileKey::from_seed(&seed, label);
        let (srs, cec, register) = (key("srs-release"), key("cec-release"), key("register"));
        let ring = KeyRing::of([&srs, &cec, &register].map(FileKey::public_key));
        Self {
            seed,
            srs,
            cec,
            register,
            ring,
        }
    }

    /// Writes the key folder that `tizme batch` reads.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        self.srs.write(&folder.join("srs-release.key"))?;
        self.cec.write(&folder.join("cec-release.key"))?;
        self.register.write(&folder.join("register.key"))?;
        let randomness = lexicon::handover::envelope::sha256(&self.seed);
        std::fs::write(
            folder.join("randomness.key"),
            lexicon::handover::envelope::hex(&randomness),
        )?;
        Ok(())
    }

    /// Checks the keys that release lists and packages.
    #[must_use]
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// A kit's key, counted from 1.
    #[must_use]
    pub fn kit(&self, precinct: PrecinctCode, n: u32) -> FileKey {
        FileKey::from_seed(&self.seed, &format!("kit/{precinct}/{n}"))
    }

    /// An officer's key, counted from 0.
    #[must_use]
    pub fn officer(&self, precinct: PrecinctCode, n: usize) -> FileKey {
        FileKey::from_seed(&self.seed, &format!("officer/{precinct}/{n}"))
    }

    /// Where salts and keys of a run come from.
    #[must_use]
    pub fn randomness(&self) -> Randomness {
        Randomness::new(&lexicon::handover::envelope::sha256(&self.seed))
    }
}

impl Roster for KeyChain {
    fn station(&self, precinct: PrecinctCode, kits: u32) -> Station {
        Station {
            kits: (1..=kits)
                .map(|n| (self.kit(precinct, n).public_key(), format!("K{n}")))
                .collect(),
            officers: OFFICERS
                .iter()
                .enumerate()
                .map(|(n, (role, body))| OfficerEntry {
                    point: self.officer(precinct, n).public_key().0.into(),
                    role: (*role).to_owned(),
                    body: (*body).to_owned(),
                    name: format!("{role} {precinct}"),
                })
                .collect(),
            holders: Vec::new(),
            revoked: Vec::new(),
        }
    }
}

/// What a part of the chain took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of all threads, which a loaded machine does not stretch much.
    pub cpu: Duration,
}

/// Processor time of this process so far; zero where `/proc` is not there. Linux counts in hundredths of a second.
fn cpu_now() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold spaces; fields are counted from behind it. proc(5): utime and stime are 14 and 15.
    let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = after
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// One run of the chain.
#[derive(Debug)]
pub struct Run {
    /// The list.
    pub formed: Formed,
    /// The packages; none when they were not asked for.
    pub packed: Option<Packed>,
    /// Each named part, in the order of their beginnings.
    pub parts: Vec<Part>,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// `snapshot/`.
    pub snapshot: &'a Path,
    /// Where `roll/` and `packages/` go.
    pub out: &'a Path,
    /// Threads; 0: as many as the machine has.
    pub threads: usize,
    /// Whether packages are sealed too.
    pub packages: bool,
    /// What is taken from the run before, and left to the next.
    pub rerun: Rerun<'a>,
}

/// Runs the chain.
///
/// # Errors
/// [`batch::BatchError`].
pub fn run(law: &ElectionLaw, chain: &KeyChain, terms: Terms<'_>) -> anyhow::Result<Run> {
    let parts: Mutex<Vec<(String, Clock, Duration)>> = Mutex::new(Vec::new());
    let begin = (Clock::now(), cpu_now());
    let report = |at: batch::steps::Progress<'_>| {
        let mut parts = parts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if parts.last().is_none_or(|(name, _, _)| name != at.step) {
            parts.push((at.step.to_owned(), Clock::now(), cpu_now()));
        }
    };
    let randomness = chain.randomness();
    std::fs::create_dir_all(terms.out)?;
    let job = Job {
        law,
        snapshot: terms.snapshot,
        out: terms.out,
        keys: Keys {
            srs: &chain.srs,
            cec: &chain.cec,
            register: chain.register.kid(),
            verifier: &chain.ring,
        },
        randomness: &randomness,
        release: Release {
            number: 1,
            previous: None,
            frozen_at: deadline(law, law.list.final_days),
            stage: Stage::Final,
        },
        threads: terms.threads,
        report: &report,
    };
    let formed = form_roll_again(&job, None, terms.rerun)?;
    // Two institutions look at the whole list and sign it, one after the other.
    report(batch::steps::Progress {
        step: "sign",
        done: 0,
        total: 2,
        skipped: false,
    });
    let expected = Expected::default();
    let signed = check_release(&job.roll(), &expected)?.signers;
    for key in [&chain.srs, &chain.cec] {
        if !signed.contains(&key.kid()) {
            sign_release(&job.roll(), &expected, key)?;
        }
    }
    let previous = BTreeMap::new();
    let packed = terms
        .packages
        .then(|| {
            write_packages(
                &job,
                &formed,
                &PackageTerms {
                    roster: chain,
                    plan: KitPlan {
                        voters_per_kit: law.station.voters_per_kit,
                        kits_min: 1,
                    },
                    number: 1,
                    previous: &previous,
                    not_before: deadline(law, 2),
                    not_after: deadline(law, -2),
                    rehearsal: None,
                    settings: None,
                    trust: None,
                },
            )
        })
        .transpose()?;
    if packed.is_some() {
        // Both look at every package and sign it, each with its own key; then the signatures are joined.
        report(batch::steps::Progress {
            step: "sign packages",
            done: 0,
            total: 2,
            skipped: false,
        });
        sign_drawn_by_both(&job.place(), Drawn::Packages, [&chain.srs, &chain.cec])?;
    }
    let end = (Clock::now(), cpu_now());
    let marks = parts
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let later = || marks.iter().skip(1).map(|(_, wall, cpu)| (*wall, *cpu));
    let starts = std::iter::once(begin).chain(later());
    let ends = later().chain([end]);
    let parts = marks
        .iter()
        .zip(starts.zip(ends))
        .map(|((name, ..), (from, to))| Part {
            name: name.clone(),
            wall: to.0 - from.0,
            cpu: to.1.saturating_sub(from.1),
        })
        .collect();
    Ok(Run {
        formed,
        packed,
        parts,
    })
}
