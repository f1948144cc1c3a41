//! Sets of prints: real ones from a folder, synthetic ones from `ridges`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use fingerprint::{DecodeError, GreyImage, Prepared, Template, compare, decode, extract};
use rayon::prelude::*;
use ridges::{ImpressionParams, Master, Position, Skeleton, TrueMinutia, finger_seed, iso_19794_2};

use crate::rates::Scores;

/// Prints of several fingers, ready for comparison.
pub struct PrintSet {
    /// A short name without blanks.
    pub name: String,
    /// Whether the prints were made by `ridges`.
    pub synthetic: bool,
    /// For every finger its captures; `None` where nothing could be extracted.
    pub fingers: Vec<Vec<Option<Prepared>>>,
    /// What the extractor found in the pictures, when there were pictures.
    pub extraction: Extraction,
}

/// Means over the captures of a set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extraction {
    /// Minutiae in a template.
    pub minutiae: f64,
    /// Quality of a template, 0 to 100.
    pub quality: f64,
    /// Share of true minutiae in the touching area that were found within 12 px; synthetic only.
    pub recall: f64,
    /// Share of found minutiae that are true ones within 12 px; synthetic only.
    pub precision: f64,
}

/// Which fingers and captures a synthetic set has.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Seed of the set.
    pub seed: u64,
    /// Number of fingers, one a person.
    pub fingers: usize,
    /// Captures of every finger.
    pub captures: usize,
}

/// One capture on its way into a set.
struct Capture {
    template: Option<Template>,
    found: Option<(usize, usize, usize)>,
}

impl PrintSet {
    /// Reads a folder of pictures named `FINGER_IMPRESSION.ext`, split at the last underscore.
    ///
    /// # Errors
    /// When the folder or a file cannot be read or a file is no picture.
    pub fn from_folder(folder: &Path, dpi: Option<u32>) -> anyhow::Result<PrintSet> {
        let mut files = BTreeMap::<String, BTreeMap<String, std::path::PathBuf>>::new();
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let stem = path
                .file_stem()
                .and_then(|s| s.to_str())
                .unwrap_or_default();
            if let Some((finger, impression)) = stem.rsplit_once('_') {
                let captures = files.entry(finger.to_owned()).or_default();
                captures.insert(impression.to_owned(), path.clone());
            }
        }
        let all: Vec<Vec<_>> = files
            .into_values()
            .map(|f| f.into_values().collect())
            .collect();
        let captures = all
            .par_iter()
            .map(|finger| finger.iter().map(|path| read_capture(path, dpi)).collect())
            .collect::<anyhow::Result<Vec<Vec<Capture>>>>()?;
        let name = folder
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or("folder");
        Ok(PrintSet::new(name, false, captures))
    }

    /// Makes pictures with these parameters and extracts them.
    pub fn from_pictures(name: &str, params: &ImpressionParams, shape: Shape) -> PrintSet {
        let captures = fingers(shape)
            .into_par_iter()
            .map(|(seed, position)| {
                let master = Master::grow(seed, position);
                (0..shape.captures)
                    .map(|k| picture_capture(&master, params, k))
                    .collect()
            })
            .collect();
        PrintSet::new(name, true, captures)
    }

    /// Draws templates without pictures, through ISO/IEC 19794-2 bytes as everywhere else.
    pub fn from_skeletons(name: &str, params: &ImpressionParams, shape: Shape) -> PrintSet {
        let captures = fingers(shape)
            .into_par_iter()
            .map(|(seed, position)| {
                let skeleton = Skeleton::draw(seed, position);
                (0..shape.captures)
                    .map(|k| {
                        let minutiae = skeleton.impression(params, seed ^ (k as u64 + 1));
                        let size = (params.width, params.height);
                        let bytes = iso_19794_2(&minutiae, size, position, 70);
                        Capture {
                            template: Template::from_iso(&bytes).ok(),
                            found: None,
                        }
                    })
                    .collect()
            })
            .collect();
        PrintSet::new(name, true, captures)
    }

    fn new(name: &str, synthetic: bool, captures: Vec<Vec<Capture>>) -> PrintSet {
        let all = || captures.iter().flatten();
        let count = all().count().max(1) as f64;
        let templates = || all().filter_map(|c| c.template.as_ref());
        let found = all()
            .filter_map(|c| c.found)
            .fold((0, 0, 0), |sum, f| (sum.0 + f.0, sum.1 + f.1, sum.2 + f.2));
        let extraction = Extraction {
            minutiae: templates().map(|t| t.minutiae.len() as f64).sum::<f64>() / count,
            quality: templates().map(|t| f64::from(t.quality)).sum::<f64>() / count,
            recall: found.0 as f64 / found.1.max(1) as f64,
            precision: found.0 as f64 / found.2.max(1) as f64,
        };
        let fingers = captures
            .par_iter()
            .map(|f| {
                f.iter()
                    .map(|c| c.template.as_ref().map(Prepared::new))
                    .collect()
            })
            .collect();
        PrintSet {
            name: name.to_owned(),
            synthetic,
            fingers,
            extraction,
        }
    }

    /// Scores as FVC does it: all pairs of captures of a finger are genuine, the captures with
    /// the same number of two fingers are impostors. A failed extraction scores 0.
    pub fn scores(&self) -> Scores {
        let raw = |a: &Option<Prepared>, b: &Option<Prepared>| match (a, b) {
            (Some(a), Some(b)) => f32::from(compare(a, b).score.value()) + compare(a, b).raw * 1e-3,
            (None, Some(_) | None) | (Some(_), None) => 0.0,
        };
        let one = |(finger, captures): (usize, &Vec<Option<Prepared>>)| {
            let mut scores = Scores::default();
            for (k, a) in captures.iter().enumerate() {
                for b in &captures[k + 1..] {
                    scores.genuine.push((finger, raw(a, b)));
                }
                for other in &self.fingers[finger + 1..] {
                    if let Some(b) = other.get(k) {
                        scores.impostor.push(raw(a, b));
                    }
                }
            }
            scores
        };
        let parts: Vec<Scores> = self.fingers.par_iter().enumerate().map(one).collect();
        let mut all = Scores::default();
        for part in parts {
            all.genuine.extend(part.genuine);
            all.impostor.extend(part.impostor);
        }
        all
    }
}

/// One picture of a synthetic finger as the extractor takes it.
///
/// # Errors
/// When the parameters' window is smaller or larger than an image may be.
pub fn synthetic_image(
    master: &Master,
    params: &ImpressionParams,
    seed: u64,
) -> Result<GreyImage, DecodeError> {
    let print = master.impression(params, master.seed() ^ seed);
    let (width, height) = (print.image.width as u32, print.image.height as u32);
    GreyImage::from_raw(width, height, 500, print.image.pixels)
}

fn fingers(shape: Shape) -> Vec<(u64, Position)> {
    (0..shape.fingers)
        .map(|k| {
            let position = Position::ALL[k % 10];
            (finger_seed(shape.seed, k as u64, position), position)
        })
        .collect()
}

fn read_capture(path: &Path, dpi: Option<u32>) -> anyhow::Result<Capture> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let image = decode(&bytes, dpi).with_context(|| path.display().to_string())?;
    Ok(Capture {
        template: extract(&image).ok(),
        found: None,
    })
}

fn picture_capture(master: &Master, params: &ImpressionParams, number: usize) -> Capture {
    let print = master.impression(params, master.seed() ^ (number as u64 + 1));
    let (width, height) = (print.image.width as u32, print.image.height as u32);
    let template = GreyImage::from_raw(width, height, 500, print.image.pixels)
        .ok()
        .and_then(|image| extract(&image).ok());
    let found = template.as_ref().map(|t| found_in(t, &print.minutiae));
    Capture { template, found }
}

/// True minutiae found, true minutiae, minutiae in the template.
fn found_in(template: &Template, truth: &[TrueMinutia]) -> (usize, usize, usize) {
    let found = |m: &&TrueMinutia| {
        template.minutiae.iter().any(|t| {
            let (dx, dy) = (f32::from(t.x) - m.x, f32::from(t.y) - m.y);
            let told = f32::from(t.angle) * (std::f32::consts::TAU / 256.0);
            dx * dx + dy * dy <= 144.0 && (told - m.angle).cos() > 0.86
        })
    };
    (
        truth.iter().filter(found).count(),
        truth.len(),
        template.minutiae.len(),
    )
}
