//! Measures the quality of prints, for `quality.py`.
//!
//! `tizme-quality --out DIR --images DIR`: every real print of each set below `DIR`; writes
//! `real-quality.csv` (`set,print,condition,value,reasons`, then the measures). Their pairs are in
//! `real.csv` of `tizme-calibration`.
//!
//! `tizme-quality --out DIR --fingers N [--seed S]`: synthetic prints of known condition; every
//! finger is taken once in each condition and twice well. Writes `synthetic-quality.csv` and
//! `synthetic-pairs.csv` (`set,a,b,raw`: every capture of a finger with every other).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::shared::{self, name_of};
use anyhow::{Context as _, bail};
use fingerprint::{GreyImage, Prepared, Quality, QualityMeasures, compare, extract_with_quality};
use rayon::prelude::*;
use ridges::{Grey, ImpressionParams, Master, Position, finger_seed};

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let (mut out, mut images, mut fingers, mut seed) = (PathBuf::new(), None, 0usize, 4102_u64);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--out" => out = value()?.into(),
            "--images" => images = Some(PathBuf::from(value()?)),
            "--fingers" => fingers = value()?.parse().context("--fingers takes a number")?,
            "--seed" => seed = value()?.parse().context("--seed takes a number")?,
            other => bail!("unknown option {other}"),
        }
    }
    if out.as_os_str().is_empty() {
        bail!("use: tizme-quality --out DIR (--images DIR | --fingers N [--seed S])");
    }
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    match images {
        Some(images) => real(&images, &out),
        None => synthetic(&out, fingers, seed),
    }
}

const HEAD: &str = "set,print,condition,value,reasons";

/// One line of the table; a print without a template has value 0 and no measures.
fn line(set: &str, print: &str, condition: &str, quality: Option<&Quality>) -> String {
    let mut line = format!("{set},{print},{condition},");
    let value = quality.map_or(0, |q| q.value);
    let reasons = quality.map_or(String::from("none_extracted"), |q| {
        let codes: Vec<String> = q.reasons.iter().map(|r| r.as_code().to_owned()).collect();
        codes.join("+")
    });
    let _ = write!(line, "{value},{reasons}");
    let measures = quality.map_or(QualityMeasures::default(), |q| q.measures);
    for value in measures.list() {
        let _ = write!(line, ",{value}");
    }
    line.push('\n');
    line
}

fn head() -> String {
    format!("{HEAD},{}\n", QualityMeasures::NAMES.join(","))
}

fn real(images: &Path, out: &Path) -> anyhow::Result<()> {
    let mut text = head();
    for folder in &shared::sets(images)? {
        let set = name_of(folder);
        let files = shared::entries(folder)?;
        let lines = files
            .par_iter()
            .map(|path| {
                let image = shared::image(path, set)?;
                let quality = extract_with_quality(&image)
                    .ok()
                    .map(|(_, quality)| quality);
                Ok(line(set, name_of(path), "", quality.as_ref()))
            })
            .collect::<anyhow::Result<Vec<String>>>()?;
        text += &lines.concat();
    }
    write(&out.join("real-quality.csv"), &text)
}

/// A condition: its name, how the print is made and how many millimetres the finger moves.
fn conditions() -> Vec<(&'static str, ImpressionParams, f32)> {
    let good = ImpressionParams {
        moisture_sd: 0.1,
        pressure_sd: 0.15,
        careless: 0.0,
        residue: 0.05,
        ..ImpressionParams::enrolment()
    };
    let usual = ImpressionParams::election_day();
    let still = |params: ImpressionParams| (params, 0.0);
    let list = [
        ("good", still(good.clone())),
        ("good_again", still(good.clone())),
        ("usual", still(usual.clone())),
        ("usual_again", still(usual)),
        ("worn", still(ImpressionParams::worn())),
        (
            "dry",
            still(ImpressionParams {
                moisture: -1.0,
                pressure: -0.2,
                ..good.clone()
            }),
        ),
        (
            "wet",
            still(ImpressionParams {
                moisture: 1.1,
                pressure: 0.4,
                ..good.clone()
            }),
        ),
        (
            "small",
            still(ImpressionParams {
                area: 0.5,
                ..good.clone()
            }),
        ),
        (
            "shifted",
            still(ImpressionParams {
                shift_sd_px: 90.0,
                ..good.clone()
            }),
        ),
        (
            "dirty",
            still(ImpressionParams {
                residue: 1.0,
                ..good.clone()
            }),
        ),
        ("moving", (good, 0.7)),
    ];
    list.map(|(name, (params, moved_mm))| (name, params, moved_mm))
        .to_vec()
}

fn synthetic(out: &Path, fingers: usize, seed: u64) -> anyhow::Result<()> {
    let conditions = conditions();
    let made: Vec<(String, String)> = (0..fingers)
        .into_par_iter()
        .map(|number| one_finger(number, seed, &conditions))
        .collect::<anyhow::Result<_>>()?;
    let (mut table, mut pairs) = (head(), String::from("set,a,b,raw\n"));
    for (lines, scored) in made {
        table += &lines;
        pairs += &scored;
    }
    write(&out.join("synthetic-quality.csv"), &table)?;
    write(&out.join("synthetic-pairs.csv"), &pairs)
}

fn one_finger(
    number: usize,
    seed: u64,
    conditions: &[(&str, ImpressionParams, f32)],
) -> anyhow::Result<(String, String)> {
    let position = Position::ALL[number % 10];
    let master = Master::grow(finger_seed(seed, number as u64, position), position);
    let before = Master::grow(finger_seed(!seed, number as u64, position), position);
    let (mut lines, mut pairs) = (String::new(), String::new());
    let mut prints: Vec<(String, Option<Prepared>)> = Vec::new();
    for (k, (condition, params, moved_mm)) in conditions.iter().enumerate() {
        let mut print = master
            .impression(params, master.seed() ^ (k as u64 + 1))
            .image;
        if *condition == "dirty" {
            // What the finger before left, at half its darkness and off the middle.
            let left = ImpressionParams {
                shift_sd_px: 60.0,
                ..params.clone()
            };
            print = ghosted(print, &before.impression(&left, seed ^ number as u64).image);
        }
        if *moved_mm > 0.0 {
            print = moved(&print, number as f32 * 2.4, moved_mm * 500.0 / 25.4);
        }
        let (width, height) = (print.width as u32, print.height as u32);
        let image = GreyImage::from_raw(width, height, 500, print.pixels)?;
        let found = extract_with_quality(&image).ok();
        let name = format!("{number}_{k}");
        lines += &line("synthetic", &name, condition, found.as_ref().map(|f| &f.1));
        prints.push((name, found.map(|(template, _)| Prepared::new(&template))));
    }
    for (i, (a, first)) in prints.iter().enumerate() {
        for (b, second) in &prints[i + 1..] {
            let raw = match (first, second) {
                (Some(first), Some(second)) => compare(first, second).raw,
                (None, Some(_) | None) | (Some(_), None) => -99.0,
            };
            let _ = writeln!(pairs, "synthetic,{a},{b},{raw}");
        }
    }
    Ok((lines, pairs))
}

/// A print over another that was left on the glass.
fn ghosted(mut print: Grey, before: &Grey) -> Grey {
    for (pixel, left) in print.pixels.iter_mut().zip(&before.pixels) {
        *pixel = pixel.saturating_sub((255 - left) / 2);
    }
    print
}

/// What a sensor sees while the finger slides `length_px` along `angle`: the mean along the way.
fn moved(print: &Grey, angle: f32, length_px: f32) -> Grey {
    let (sine, cosine) = angle.sin_cos();
    let steps = length_px.ceil().max(1.0) as i32;
    let offsets: Vec<(i32, i32)> = (0..=steps)
        .map(|step| {
            let t = length_px * (step as f32 / steps as f32 - 0.5);
            ((t * cosine).round() as i32, (t * sine).round() as i32)
        })
        .collect();
    let (width, height) = (print.width as i32, print.height as i32);
    let pixels = (0..width * height)
        .map(|at| {
            let (x, y) = (at % width, at / width);
            let sum: u32 = offsets
                .iter()
                .map(|(dx, dy)| {
                    let x = (x + dx).clamp(0, width - 1);
                    let y = (y + dy).clamp(0, height - 1);
                    u32::from(print.pixels[(y * width + x) as usize])
                })
                .sum();
            (sum / offsets.len() as u32) as u8
        })
        .collect();
    Grey {
        width: print.width,
        height: print.height,
        pixels,
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
