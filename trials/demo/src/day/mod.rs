//! The election day of the demo: every precinct's station from its sealed package to its journals.
//!
//! Kits are the shipped ones ([`station::Kit`]) with their durable journals on disk, linked within the
//! process; operators, officers and voters are simulated; the clock is set from visit to visit.
//!
//! What is here:
//! - [`run`]: all precincts on threads; `OUT/journals/PPPP/KIT.journal`, `KIT.initial.cose` and
//!   `KIT.final.cose`, ready to be signed; some papers as pictures in `OUT/papers/PPPP`;
//! - [`Crowd`]: who comes, with which papers and fingers; [`LiveFingers`]: real fingers;
//! - [`DayOutcome`]: the figures, from the journals and from a witness who knows everybody.
//!
//! What is deliberately not here: any decision of a station, the signature over `journals/`, and
//! dishonest officers.
//!
//! A precinct whose day stands (same inputs, every file as handed in) is not run again; one that was
//! interrupted starts anew. `OUT/.day` holds what is under way and the witness's notes.

mod count;
mod crowd;
mod desk;
mod hall;
mod outcome;
mod papers;
mod real;
mod station_package;
mod witness;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use country::Country;
use lexicon::PrecinctCode;
use lexicon::handover::envelope::{EnvelopeError, hex, sha256};
use rayon::prelude::*;
use station::{ActError, Card, OpenError, Publishers, ReportsError};

pub use count::PrecinctRow;
pub use crowd::{Crowd, Human, Papers, Visitor};
pub use outcome::{CheckInTimes, DayOutcome, TurnoutCell};
pub use real::{LiveFingers, RealFingerError, RealRates, RealVoter, Trials};
pub use witness::Captures;

use count::PrecinctCount;
use station_package::StationPackage;
use witness::{Places, file_error};

/// The keys of a precinct's kits and the cards of its officers.
pub trait DayKeys: Sync {
    /// The key of a kit, by its place in the package's manifest, from 0.
    fn kit(&self, precinct: PrecinctCode, at: usize) -> Arc<dyn Card>;

    /// The officers' cards, in any order.
    fn officers(&self, precinct: PrecinctCode) -> Vec<Arc<dyn Card>>;
}

/// What the day depends on.
#[derive(Clone, Copy)]
pub struct DayInput<'a> {
    /// The output directory with `packages/`.
    pub out: &'a Path,
    /// The election's number.
    pub election: u32,
    /// Who must have signed the packages' manifests.
    pub publishers: &'a Publishers,
    /// Kits and officers.
    pub keys: &'a dyn DayKeys,
    /// Who comes: the country of which the packages' lists were made. Nobody without one, as of an
    /// imported register: then the stations open, report zero and close.
    pub country: Option<&'a Country>,
    /// Voters of the country whose fingers are real; empty for none.
    pub real: &'a [RealVoter],
    /// What the operators' habits follow from.
    pub seed: u64,
    /// Precincts at work at the same time; 0: twice as many as the machine has cores, because a kit
    /// waits for its disk most of the time.
    pub threads: usize,
    /// Told visits done and visits in all.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// Why the day stopped. Precincts whose day was over before still stand.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// A file or folder below the output directory.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A package's manifest does not open.
    #[error("{path}: {source}")]
    Manifest {
        /// Which.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// A package does not open with the keys of its precinct.
    #[error("package of precinct {precinct}: {source}")]
    Package {
        /// Which precinct.
        precinct: PrecinctCode,
        /// Why.
        source: lexicon::handover::package::PackageError,
    },
    /// The keys given are not those of the manifest.
    #[error("precinct {0}: the keys of its kits or officers are not those of its package")]
    Keys(PrecinctCode),
    /// A kit did not open.
    #[error("precinct {precinct}, kit {kit}: {source}")]
    Open {
        /// Which precinct.
        precinct: PrecinctCode,
        /// Which kit.
        kit: String,
        /// Why.
        source: OpenError,
    },
    /// A kit did not act.
    #[error("precinct {precinct}, kit {kit}: {source}")]
    Act {
        /// Which precinct.
        precinct: u16,
        /// Which kit.
        kit: String,
        /// Why.
        source: ActError,
    },
    /// A kit made no report.
    #[error("precinct {precinct}, kit {kit}: {source}")]
    Report {
        /// Which precinct.
        precinct: PrecinctCode,
        /// Which kit.
        kit: String,
        /// Why.
        source: ReportsError,
    },
    /// A kit's journal cannot be read back.
    #[error("{path}: {source}")]
    Journal {
        /// Which.
        path: PathBuf,
        /// Why.
        source: station::journal::JournalError,
    },
    /// A kit in the same process did not answer.
    #[error("precinct {precinct}: kit {kit} does not answer")]
    Silent {
        /// Which precinct.
        precinct: PrecinctCode,
        /// Its id.
        kit: String,
    },
    /// A record of a handed-in journal does not open.
    #[error("{path}: {source}")]
    Event {
        /// Which journal.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// The body of an event cannot be read.
    #[error("precinct {precinct}, event {seq}: {source}")]
    Body {
        /// Which precinct.
        precinct: PrecinctCode,
        /// Its counter.
        seq: u32,
        /// Why.
        source: EnvelopeError,
    },
    /// Journals and witness contradict each other.
    #[error("precinct {precinct}, event {seq}: {what}")]
    Unseen {
        /// Which precinct.
        precinct: PrecinctCode,
        /// What is wrong.
        what: &'static str,
        /// The event's counter.
        seq: u32,
    },
    /// A real finger.
    #[error(transparent)]
    Real(#[from] RealFingerError),
    /// Threads could not be started.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Runs the day at every precinct that has a package.
///
/// Cost: two durable events a check-in; the disk's sync decides.
///
/// # Errors
/// [`DayError`], the first that any precinct met.
pub fn run(input: &DayInput<'_>) -> Result<DayOutcome, DayError> {
    let packages = input.out.join(batch::packages::PACKAGES);
    let precincts = station_package::precincts(&packages)?;
    remove_strangers(input.out, &precincts)?;
    let live = LiveFingers::read(input.real)?;
    let live = (!input.real.is_empty()).then_some(&live);
    let crowd = Crowd::of(input.country, live, input.seed);
    let visitors = |precinct: PrecinctCode| crowd.visitors(precinct).len() as u64;
    let total: u64 = precincts.iter().map(|precinct| visitors(*precinct)).sum();
    let done = AtomicU64::new(0);
    let visited = |visits: u64| {
        let before = done.fetch_add(visits, Ordering::Relaxed);
        (input.progress)(before + visits, total);
    };
    (input.progress)(0, total);
    // The longest days first, so that no thread is left alone with one at the end.
    let mut order = precincts;
    order.sort_by_key(|precinct| std::cmp::Reverse(visitors(*precinct)));
    let threads = match input.threads {
        0 => 2 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        given => given,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let mut counts = pool.install(|| {
        order
            .par_iter()
            .with_max_len(1)
            .map(|precinct| run_precinct(input, &crowd, *precinct, &visited))
            .collect::<Result<Vec<_>, DayError>>()
    })?;
    counts.sort_by_key(|count| count.row.precinct);
    Ok(DayOutcome::of(counts))
}

/// Journals of precincts that have no package any more are nobody's.
fn remove_strangers(out: &Path, precincts: &[PrecinctCode]) -> Result<(), DayError> {
    let journals = out.join(batch::JOURNALS);
    std::fs::create_dir_all(&journals).map_err(file_error(&journals))?;
    for entry in std::fs::read_dir(&journals).map_err(file_error(&journals))? {
        let path = entry.map_err(file_error(&journals))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_known = precincts
            .iter()
            .any(|precinct| precinct.to_string() == name);
        if path.is_dir() && !is_known {
            std::fs::remove_dir_all(&path).map_err(file_error(&path))?;
        }
    }
    Ok(())
}

fn run_precinct(
    input: &DayInput<'_>,
    crowd: &Crowd<'_>,
    precinct: PrecinctCode,
    visited: &(dyn Fn(u64) + Sync),
) -> Result<PrecinctCount, DayError> {
    let (election, publishers) = (input.election, input.publishers);
    let packages = input.out.join(batch::packages::PACKAGES);
    let package = StationPackage::read(&packages, precinct, election, publishers, input.keys)?;
    let places = Places::of(input.out, &precinct.to_string());
    let inputs = inputs(input.seed, crowd, &package);
    if let Some(witness) = places.standing(&inputs) {
        visited(crowd.visitors(precinct).len() as u64);
        return count::count(&package, &places, crowd, witness, true);
    }
    let mut witness = hall::run_day(&hall::Setting {
        package: &package,
        publishers,
        election,
        crowd,
        places: &places,
        seed: input.seed,
        visited,
    })?;
    witness.inputs = inputs;
    places.hand_in(&mut witness)?;
    count::count(&package, &places, crowd, witness, false)
}

/// A hash of everything that decides a precinct's day.
fn inputs(seed: u64, crowd: &Crowd<'_>, package: &StationPackage) -> String {
    let mut text = witness::VERSION.to_be_bytes().to_vec();
    text.extend_from_slice(&seed.to_be_bytes());
    text.extend_from_slice(&sha256(&package.signed));
    text.extend_from_slice(&sha256(&package.ciphertext));
    text.extend_from_slice(&crowd.digest(package.precinct));
    hex(&sha256(&text))
}
