//! Real fingers on election day, and the error rates that they give.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use country::RecordNo;
use fingerprint::{GreyImage, Prepared, Score, Template, decode, extract, score};
use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::package::{PackageVoter, StationPolicy};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One real finger: the voter who has it and its images of the day.
#[derive(Clone, Debug)]
pub struct RealVoter {
    /// The voter; on the list of the country.
    pub record: RecordNo,
    /// Images that did not enrol, in the order in which they are presented.
    pub images: Vec<PathBuf>,
}

/// Why real fingers cannot be used: whoever named the folder acts.
#[derive(Debug, thiserror::Error)]
pub enum RealFingerError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no usable image.
    #[error("{path}: {source}")]
    Image {
        /// Which.
        path: PathBuf,
        /// Why.
        source: fingerprint::DecodeError,
    },
    /// There is nothing to put on the glass.
    #[error("{0}: a finger needs at least one image that did not enrol")]
    NoImages(String),
}

/// An image of the day, read once.
struct Live {
    image: GreyImage,
    /// `None` when nothing can be extracted.
    prepared: Option<Prepared>,
    hash: [u8; 32],
}

/// All real fingers of the day, read and extracted.
pub struct LiveFingers(BTreeMap<RecordNo, Vec<Live>>);

fn read(path: &Path) -> Result<Live, RealFingerError> {
    let bytes = std::fs::read(path).map_err(|source| RealFingerError::File {
        path: path.to_owned(),
        source,
    })?;
    let image = decode(&bytes, None).map_err(|source| RealFingerError::Image {
        path: path.to_owned(),
        source,
    })?;
    let prepared = extract(&image)
        .ok()
        .map(|template| Prepared::new(&template));
    Ok(Live {
        prepared,
        image,
        hash: sha256(&bytes),
    })
}

impl LiveFingers {
    /// Reads and extracts every image. Cost: about 20 ms an image and core, 120 KB an image.
    ///
    /// # Errors
    /// [`RealFingerError`] naming the file.
    pub fn read(voters: &[RealVoter]) -> Result<Self, RealFingerError> {
        let fingers = voters
            .par_iter()
            .map(|voter| {
                if voter.images.is_empty() {
                    let record = voter.record.0;
                    return Err(RealFingerError::NoImages(format!("record {record}")));
                }
                let live = voter.images.iter().map(|path| read(path));
                Ok((voter.record, live.collect::<Result<Vec<_>, _>>()?))
            })
            .collect::<Result<_, RealFingerError>>()?;
        Ok(Self(fingers))
    }

    /// The voters.
    pub fn records(&self) -> impl Iterator<Item = RecordNo> + '_ {
        self.0.keys().copied()
    }

    /// The image that a voter presents as their capture `attempt`, from 0; `None` for other voters.
    #[must_use]
    pub fn image(&self, record: RecordNo, attempt: u32) -> Option<&GreyImage> {
        let live = self.0.get(&record)?;
        Some(&live.get(attempt as usize % live.len().max(1))?.image)
    }

    pub(super) fn digest(&self) -> String {
        self.0
            .iter()
            .flat_map(|(record, live)| {
                live.iter()
                    .map(move |live| format!("{} {}\n", record.0, hex(&live.hash)))
            })
            .collect()
    }
}

/// Comparisons of one kind and how they went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trials {
    /// Pairs compared.
    pub compared: u64,
    /// Of these, pairs that went wrong: a rejected voter, an accepted impostor.
    pub wrong: u64,
}

impl Trials {
    /// The rate, 0 to 1; 0 when nothing was compared.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.compared == 0 {
            return 0.0;
        }
        self.wrong as f64 / self.compared as f64
    }

    pub(super) fn note(&mut self, wrong: bool) {
        self.compared += 1;
        self.wrong += u64::from(wrong);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.wrong += other.wrong;
    }
}

/// The error rates of real fingers at the package's threshold: every image of the day against every
/// enrolled finger of the station packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealRates {
    /// Voters with a real finger whose line is in a package.
    pub voters: u64,
    /// Of these, voters who were checked in.
    pub checked_in: u64,
    /// Of these, by their finger.
    pub by_finger: u64,
    /// Images of the day of these voters.
    pub images: u64,
    /// Of these, images in which nothing could be read; they take part in no comparison.
    pub unreadable: u64,
    /// Enrolled fingers in packages.
    pub enrolled: u64,
    /// Same finger; wrong is a rejection (FNMR).
    pub genuine: Trials,
    /// Different fingers; wrong is an acceptance (FMR).
    pub impostor: Trials,
    /// The threshold, as a false match rate in units of 10⁻⁹.
    pub threshold_ppb: u32,
}

impl RealRates {
    pub(super) fn add(&mut self, other: &Self) {
        self.voters += other.voters;
        self.checked_in += other.checked_in;
        self.by_finger += other.by_finger;
        self.images += other.images;
        self.unreadable += other.unreadable;
        self.enrolled += other.enrolled;
        self.genuine.add(other.genuine);
        self.impostor.add(other.impostor);
        self.threshold_ppb = self.threshold_ppb.max(other.threshold_ppb);
    }
}

/// Compares all images of the day with the fingers of one voter of a package.
pub(super) fn rates_of(
    live: &LiveFingers,
    record: RecordNo,
    voter: &PackageVoter,
    policy: &StationPolicy,
) -> RealRates {
    let own = live.0.get(&record).map_or(&[][..], Vec::as_slice);
    let mut rates = RealRates {
        voters: 1,
        images: own.len() as u64,
        unreadable: own.iter().filter(|live| live.prepared.is_none()).count() as u64,
        threshold_ppb: policy.finger_fmr_ppb,
        ..RealRates::default()
    };
    let threshold = Score::at_fmr(f64::from(policy.finger_fmr_ppb) * 1e-9);
    for finger in &voter.fingers {
        let Ok(template) = Template::from_iso(&finger.minutiae) else {
            continue;
        };
        let known = Prepared::new(&template);
        rates.enrolled += 1;
        for (bearer, images) in &live.0 {
            for image in images.iter().filter_map(|live| live.prepared.as_ref()) {
                let is_accepted = score(image, &known) >= threshold;
                if *bearer == record {
                    rates.genuine.note(!is_accepted);
                } else {
                    rates.impostor.note(is_accepted);
                }
            }
        }
    }
    rates
}
