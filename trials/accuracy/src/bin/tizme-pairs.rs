//! Scores the listed pairs of real prints, one thread, and says what it cost.
//!
//! `tizme-pairs --images DIR --pairs CSV --out CSV [--sets A,B] [--measures] [--template]
//! [--least-of N]`: `CSV`
//! has columns `db,a,b` (more are ignored), `DIR/db/a.*` are the pictures, at 500 dpi unless the
//! file says otherwise or the name is in [`OTHER_DPI`]. Writes `db,a,b,score` with the log odds as
//! score; a print that could not be extracted scores lowest. `--measures` adds the fused measures,
//! `--template` sends every print through ISO/IEC 19794-2 bytes first. `--least-of N` times each task N
//! times and takes the least, for a machine that others use too.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::cost::least_us;
use accuracy::rates::{Scores, rates, sorted};
use anyhow::{Context as _, bail};
use fingerprint::{FingerPosition, Measures, Prepared, Template, compare, decode, extract};

/// Sets whose sensor has another resolution than 500 dpi (by the folder's description).
const OTHER_DPI: [(&str, u32); 1] = [("fvc2004_db3b", 512)];
/// Below every log odds that the fusion gives.
const FAILED: f32 = -99.0;

#[derive(Default)]
struct Options {
    images: PathBuf,
    pairs: PathBuf,
    out: PathBuf,
    sets: Option<Vec<String>>,
    measures: bool,
    through_template: bool,
    least_of: usize,
}

/// By stem; `None` where nothing could be extracted.
type Prints = HashMap<String, Option<Prepared>>;

#[derive(Default)]
struct Cost {
    extraction_ms: Vec<f32>,
    extraction_ms_388: Vec<f32>,
    genuine_us: Vec<f32>,
    impostor_us: Vec<f32>,
    iso_bytes: Vec<f32>,
    prepared_bytes: Vec<f32>,
    prepare_us: Vec<f32>,
    failures: usize,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    let listed = std::fs::read_to_string(&options.pairs)
        .with_context(|| options.pairs.display().to_string())?;
    let mut pairs = BTreeMap::<&str, Vec<(&str, &str)>>::new();
    for line in listed.lines().skip(1) {
        let mut columns = line.split(',');
        if let (Some(db), Some(a), Some(b)) = (columns.next(), columns.next(), columns.next()) {
            pairs.entry(db).or_default().push((a, b));
        }
    }
    let mut out = String::from("db,a,b,score");
    if options.measures {
        Measures::NAMES
            .iter()
            .for_each(|name| out += &format!(",{name}"));
    }
    out.push('\n');
    let mut cost = Cost::default();
    let mut means = [0.0; 3];
    let mut sets = 0;
    for (db, pairs) in &pairs {
        if options
            .sets
            .as_ref()
            .is_some_and(|s| !s.iter().any(|s| s == db))
        {
            continue;
        }
        let prints = prints(&options, db, &mut cost)?;
        let scores = score(&options, db, (pairs, &prints), &mut out, &mut cost);
        let r = rates(&scores);
        let row = [r.eer, r.fmr100, r.fmr1000].map(|v| 100.0 * v);
        println!(
            "{db:14} EER {:6.2}  FMR100 {:6.2}  FMR1000 {:6.2}",
            row[0], row[1], row[2]
        );
        means.iter_mut().zip(row).for_each(|(m, v)| *m += v);
        sets += 1;
    }
    let m = means.map(|v| v / f64::from(sets.max(1)));
    println!(
        "{:14} EER {:6.2}  FMR100 {:6.2}  FMR1000 {:6.2}",
        "mean", m[0], m[1], m[2]
    );
    print_cost(cost);
    std::fs::write(&options.out, out).with_context(|| options.out.display().to_string())
}

fn prints(options: &Options, db: &str, cost: &mut Cost) -> anyhow::Result<Prints> {
    let dpi = OTHER_DPI.iter().find(|o| o.0 == db).map_or(500, |o| o.1);
    let mut prints = HashMap::new();
    let folder = options.images.join(db);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    files.sort();
    for path in files {
        let stem = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        prints.insert(stem.to_owned(), one(options, &path, dpi, cost)?);
    }
    Ok(prints)
}

fn one(
    options: &Options,
    path: &Path,
    dpi: u32,
    cost: &mut Cost,
) -> anyhow::Result<Option<Prepared>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let image = decode(&bytes, Some(dpi)).with_context(|| path.display().to_string())?;
    let (us, template) = least_us(options.least_of, || extract(&image));
    let ms = (us / 1000.0) as f32;
    cost.extraction_ms.push(ms);
    if (image.width, image.height) == (388, 374) {
        cost.extraction_ms_388.push(ms);
    }
    let Ok(template) = template else {
        cost.failures += 1;
        return Ok(None);
    };
    let record = template.to_iso(FingerPosition::Unknown);
    cost.iso_bytes.push(record.len() as f32);
    let template = if options.through_template {
        Template::from_iso(&record)?
    } else {
        template
    };
    let (us, prepared) = least_us(options.least_of, || Prepared::new(&template));
    cost.prepare_us.push(us as f32);
    cost.prepared_bytes.push(prepared.bytes() as f32);
    Ok(Some(prepared))
}

fn score(
    options: &Options,
    db: &str,
    (pairs, prints): (&[(&str, &str)], &Prints),
    out: &mut String,
    cost: &mut Cost,
) -> Scores {
    let mut scores = Scores::default();
    let mut fingers = BTreeMap::new();
    for genuine in [true, false] {
        let of_kind = pairs
            .iter()
            .filter(|(a, b)| (finger(a) == finger(b)) == genuine);
        let (mut us, mut count) = (0.0, 0);
        for (a, b) in of_kind.clone() {
            if let (Some(Some(a)), Some(Some(b))) = (prints.get(*a), prints.get(*b)) {
                us += least_us(options.least_of, || fingerprint::score(a, b)).0;
                count += 1;
            }
        }
        let us = (us / f64::from(count.max(1))) as f32;
        if genuine {
            cost.genuine_us.push(us);
        } else {
            cost.impostor_us.push(us);
        }
        for (a, b) in of_kind {
            let both = prints.get(*a).zip(prints.get(*b));
            let comparison = match both {
                Some((Some(a), Some(b))) => Some(compare(a, b)),
                Some((None, Some(_) | None) | (Some(_), None)) | None => None,
            };
            let raw = comparison.as_ref().map_or(FAILED, |c| c.raw);
            let _ = write!(out, "{db},{a},{b},{raw}");
            if options.measures {
                let m = comparison.map(|c| c.measures).unwrap_or_default();
                for value in m.list() {
                    let _ = write!(out, ",{value}");
                }
            }
            out.push('\n');
            if genuine {
                let next = fingers.len();
                let number = *fingers.entry(finger(a)).or_insert(next);
                scores.genuine.push((number, raw));
            } else {
                scores.impostor.push(raw);
            }
        }
    }
    scores
}

fn finger(stem: &str) -> &str {
    stem.rsplit_once('_').map_or(stem, |(finger, _)| finger)
}

fn print_cost(cost: Cost) {
    let median = |v: Vec<f32>| accuracy::rates::quantile(&sorted(v.into_iter()), 0.5);
    let most = |v: &[f32]| v.iter().copied().fold(0.0, f32::max);
    let mean = |v: Vec<f32>| v.iter().sum::<f32>() / v.len().max(1) as f32;
    println!(
        "extraction ms: median {:.2}, of 388×374 {:.2}, longest {:.2}; failures {}",
        median(cost.extraction_ms.clone()),
        median(cost.extraction_ms_388),
        most(&cost.extraction_ms),
        cost.failures
    );
    println!(
        "comparison µs: impostor {:.1}, genuine {:.1}; prepare {:.0}",
        mean(cost.impostor_us),
        mean(cost.genuine_us),
        median(cost.prepare_us)
    );
    println!(
        "bytes: ISO median {:.0} most {:.0}; prepared median {:.0} most {:.0}",
        median(cost.iso_bytes.clone()),
        most(&cost.iso_bytes),
        median(cost.prepared_bytes.clone()),
        most(&cost.prepared_bytes)
    );
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options {
        least_of: 1,
        ..Options::default()
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{name} needs a value"))
        };
        match name.as_str() {
            "--images" => options.images = value()?.into(),
            "--pairs" => options.pairs = value()?.into(),
            "--out" => options.out = value()?.into(),
            "--sets" => options.sets = Some(value()?.split(',').map(str::to_owned).collect()),
            "--measures" => options.measures = true,
            "--template" => options.through_template = true,
            "--least-of" => options.least_of = value()?.parse()?,
            _ => bail!("unknown argument {name}"),
        }
    }
    Ok(options)
}
