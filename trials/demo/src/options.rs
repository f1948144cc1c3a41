//! What the demo is asked for.

use std::path::PathBuf;

use clap::Parser;
use serde::{Deserialize, Serialize};

/// Makes a country, forms its voter list, runs an election day and lets a stranger verify it all.
///
/// Exit codes: 0 all holds, 1 a finding (the verifier's, a double check-in, an admitted impostor), 2 bad use.
#[derive(Clone, Debug, Parser)]
#[command(name = "tizme demo", version)]
pub struct Options {
    /// Exit after the run instead of leaving office, station, monitor and portal running.
    #[arg(long)]
    pub once: bool,
    /// People of the synthetic country, living and dead of the last years.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub persons: usize,
    /// Precincts of all kinds; default: 12, or as many as N people need.
    #[arg(long, value_name = "P")]
    pub precincts: Option<usize>,
    /// The same seed gives the same country, keys and day.
    #[arg(long, default_value_t = 7, value_name = "S")]
    pub seed: u64,
    /// Where everything is written.
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Real fingers vote too: a folder of images named FINGER_IMPRESSION (PNG, TIFF, BMP, PGM).
    #[arg(long, value_name = "DIR")]
    pub fingerprints: Option<PathBuf>,
    /// A real register instead of a synthetic country: the tables of docs/import.md.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["fingerprints", "precincts"])]
    pub import: Option<PathBuf>,
    /// Law of the election.
    #[arg(long, default_value = "kg-2015", value_name = "LAW")]
    pub law: String,
    /// Keep the register in PostgreSQL, in an empty database, instead of OUT/register.db.
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Persons of the synthetic country whose prints are images instead of minutiae.
    #[arg(long, default_value_t = 24, value_name = "N")]
    pub images: usize,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Leave out the printed lists (PDF).
    #[arg(long)]
    pub no_paper: bool,
    /// First of the ports on which the services listen at the end.
    #[arg(long, default_value_t = 8100, value_name = "PORT")]
    pub port: u16,
}

/// What decides the bytes of a run: a directory made with other ones is not gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Version of the demo's stages.
    pub version: u32,
    /// As in [`Options`].
    pub persons: usize,
    /// As in [`Options`], after the default.
    pub precincts: usize,
    /// As in [`Options`].
    pub seed: u64,
    /// As in [`Options`].
    pub images: usize,
    /// As in [`Options`].
    pub law: String,
    /// Folder of real fingers, with the number and size of its files.
    pub fingerprints: Option<String>,
    /// Folder of the imported register, with the number and size of its files.
    pub import: Option<String>,
    /// Whether the register lies in PostgreSQL; the address is not kept.
    pub postgres: bool,
}

/// Persons a precinct has on average in the reference country.
const PERSONS_PER_PRECINCT: usize = 2_527;

impl Options {
    /// Precincts asked for, or a number that fits the persons.
    #[must_use]
    pub fn precincts(&self) -> usize {
        let fitting = (self.persons / PERSONS_PER_PRECINCT).max(12);
        self.precincts
            .unwrap_or(fitting)
            .min((self.persons / 15).max(1))
    }

    /// Threads asked for, or all.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
            given => given,
        }
    }

    /// What decides the bytes.
    ///
    /// # Errors
    /// The system's, when a folder that was named cannot be read.
    pub fn asked(&self) -> std::io::Result<Asked> {
        let folder = |dir: &Option<PathBuf>| dir.as_deref().map(size_of).transpose();
        let synthetic = self.import.is_none();
        Ok(Asked {
            version: 1,
            persons: if synthetic { self.persons } else { 0 },
            precincts: if synthetic { self.precincts() } else { 0 },
            seed: self.seed,
            images: if synthetic { self.images } else { 0 },
            law: self.law.clone(),
            fingerprints: folder(&self.fingerprints)?,
            import: folder(&self.import)?,
            postgres: self.postgres.is_some(),
        })
    }
}

/// A folder's name with the number and the bytes of its files: enough to notice another one.
fn size_of(dir: &std::path::Path) -> std::io::Result<String> {
    let named = |error: std::io::Error| {
        std::io::Error::new(error.kind(), format!("{}: {error}", dir.display()))
    };
    let (mut files, mut bytes) = (0u64, 0u64);
    for entry in std::fs::read_dir(dir).map_err(named)? {
        let about = entry.and_then(|entry| entry.metadata()).map_err(named)?;
        if about.is_file() {
            files += 1;
            bytes += about.len();
        }
    }
    Ok(format!("{} ({files} files, {bytes} bytes)", dir.display()))
}
