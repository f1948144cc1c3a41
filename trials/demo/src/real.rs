//! Real fingers: each finger of a folder of images becomes one voter of the country.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use arrow::array::{Array as _, ArrayRef, BinaryArray, Int32Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use country::{Country, RecordNo};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::day::RealVoter;

/// Where a real finger is stored: the right index finger of its voter.
pub const POSITION: u8 = 2;

/// Impressions that enrol: the first of a finger, and the second where there are more than two.
const ENROLLING: usize = 2;

/// One real finger and the voter it was given to.
#[derive(Clone, Debug)]
pub struct RealFinger {
    /// The images' name up to the last underscore.
    pub stem: String,
    /// The voter.
    pub record: RecordNo,
    /// Images that enrol.
    pub enrolled: Vec<PathBuf>,
    /// Images of election day.
    pub day: Vec<PathBuf>,
}

/// The fingers of a folder.
#[derive(Clone, Debug)]
pub struct RealFingers {
    /// In the order of names.
    pub fingers: Vec<RealFinger>,
}

const ENDINGS: [&str; 7] = ["png", "tif", "tiff", "bmp", "pgm", "PNG", "TIF"];

impl RealFingers {
    /// Reads the names of a folder and gives each finger to an enrolled voter of the country.
    ///
    /// # Errors
    /// When the folder cannot be read, holds no fingers, or more than the country has voters.
    pub fn read(dir: &Path, country: &Country) -> anyhow::Result<Self> {
        let mut by_stem: BTreeMap<String, BTreeMap<u32, PathBuf>> = BTreeMap::new();
        for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
            let path = entry?.path();
            let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
            let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or("");
            let Some((stem, impression)) = name.rsplit_once('_') else {
                continue;
            };
            if let (true, Ok(impression)) = (ENDINGS.contains(&ending), impression.parse()) {
                by_stem
                    .entry(stem.to_owned())
                    .or_default()
                    .insert(impression, path.clone());
            }
        }
        // A finger with one image has nothing left to bring on the day.
        by_stem.retain(|_, impressions| impressions.len() > 1);
        if by_stem.is_empty() {
            bail!(
                "{} holds no finger with two images named FINGER_IMPRESSION (PNG, TIFF, BMP, PGM)",
                dir.display()
            );
        }
        let voters = voters(country);
        if voters.len() < by_stem.len() {
            bail!(
                "{} fingers are given, the country has {} voters: ask for more with --persons",
                by_stem.len(),
                voters.len()
            );
        }
        let fingers = by_stem
            .into_iter()
            .zip(voters)
            .map(|((stem, impressions), record)| {
                let mut images: Vec<PathBuf> = impressions.into_values().collect();
                let enrol = ENROLLING.min(images.len().saturating_sub(1)).max(1);
                let day = images.split_off(enrol.min(images.len()));
                RealFinger {
                    stem,
                    record,
                    enrolled: images,
                    day,
                }
            })
            .collect();
        Ok(Self { fingers })
    }

    /// The fingers as the election day takes them.
    pub fn voters(&self) -> impl Iterator<Item = RealVoter> + '_ {
        self.fingers.iter().map(|finger| RealVoter {
            record: finger.record,
            images: finger.day.clone(),
        })
    }

    /// The finger of a voter, if theirs is a real one.
    #[must_use]
    pub fn of(&self, record: RecordNo) -> Option<&RealFinger> {
        self.fingers.iter().find(|finger| finger.record == record)
    }
}

/// Records that stand on the list by truth and belong to humans of one record, by precinct.
fn voters(country: &Country) -> Vec<RecordNo> {
    let mut voters: Vec<(u16, RecordNo)> = (0..country.record_count())
        .map(RecordNo)
        .filter(|r| country.belongs_on_list(*r) && country.other_record(*r).is_none())
        .filter(|r| !country.has_images(*r))
        .filter_map(|r| Some((country.voting_precinct(r)?.number(), r)))
        .collect();
    voters.sort_unstable();
    voters.into_iter().map(|(_, record)| record).collect()
}

/// The id of a voter's second enrolment, for the second impression.
fn second(enrolment: &str) -> String {
    format!("{enrolment}-2")
}

/// Puts the images in the place of the voters' synthetic prints, in tables just written.
///
/// # Errors
/// When a table or image cannot be read or written.
pub fn enrol_real_fingers(dir: &Path, country: &Country, real: &RealFingers) -> anyhow::Result<()> {
    let images = dir.join("images/real");
    fs::create_dir_all(&images).with_context(|| format!("making {}", images.display()))?;
    let mut rows: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for finger in &real.fingers {
        let enrolment = country.enrolment_id(finger.record);
        for (n, path) in finger.enrolled.iter().enumerate() {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("image");
            let target = images.join(name);
            fs::copy(path, &target).with_context(|| format!("copying {}", path.display()))?;
            let id = if n == 0 {
                enrolment.clone()
            } else {
                second(&enrolment)
            };
            rows.entry(enrolment.clone())
                .or_default()
                .push((id, format!("images/real/{name}")));
        }
    }
    replace_prints(&dir.join("prints.parquet"), &rows)?;
    add_enrolments(&dir.join("enrolments.csv"), &rows)
}

/// Rewrites `prints`: the rows of these enrolments give way to files.
fn replace_prints(
    path: &Path,
    rows: &BTreeMap<String, Vec<(String, String)>>,
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.build()?;
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>()?;
    let schema = match batches.first() {
        Some(batch) => batch.schema(),
        None => bail!("{} is empty", path.display()),
    };
    let whole = concat_batches(&schema, &batches)?;
    let ids = whole
        .column(0)
        .as_any()
        .downcast_ref::<StringArray>()
        .context("prints: enrolment_id is text")?;
    let keep: arrow::array::BooleanArray = (0..ids.len())
        .map(|row| Some(!rows.contains_key(ids.value(row))))
        .collect();
    let kept = arrow::compute::filter_record_batch(&whole, &keep)?;
    let added: Vec<&(String, String)> = rows.values().flatten().collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(
            added
                .iter()
                .map(|(id, _)| Some(id.as_str()))
                .collect::<StringArray>(),
        ),
        Arc::new(
            added
                .iter()
                .map(|_| Some(i32::from(POSITION)))
                .collect::<Int32Array>(),
        ),
        Arc::new(added.iter().map(|_| None::<&[u8]>).collect::<BinaryArray>()),
        Arc::new(
            added
                .iter()
                .map(|(_, file)| Some(file.as_str()))
                .collect::<StringArray>(),
        ),
    ];
    let added = RecordBatch::try_new(schema.clone(), columns)?;
    let partial = path.with_extension("partial");
    let mut writer = ArrowWriter::try_new(File::create(&partial)?, schema, None)?;
    writer.write(&kept)?;
    writer.write(&added)?;
    writer.close()?;
    fs::rename(&partial, path).with_context(|| format!("writing {}", path.display()))
}

/// Adds the second enrolments, copies of the first with another id.
fn add_enrolments(
    path: &Path,
    rows: &BTreeMap<String, Vec<(String, String)>>,
) -> anyhow::Result<()> {
    let mut text =
        fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut more = String::new();
    for line in text.lines() {
        let Some((id, rest)) = line.split_once(',') else {
            continue;
        };
        if rows.get(id).is_some_and(|images| images.len() > 1) {
            more.push_str(&format!("{},{rest}\n", second(id)));
        }
    }
    text.push_str(&more);
    crate::ground::write_whole(path, text.as_bytes())
}
