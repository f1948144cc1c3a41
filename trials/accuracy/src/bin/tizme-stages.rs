//! Pictures of what the engine sees: the stages of an extraction and what a comparison saw.
//!
//! `tizme-stages --out DIR`: the pictures of `docs/`, made from synthetic prints with fixed seeds.
//! `tizme-stages --out DIR [--dpi D] IMAGE…`: the stage `minutiae` of each image.
//! `tizme-stages --out DIR [--dpi D] --pairs CSV`: what the comparison of each pair of images saw; lines `a,b` of paths.

use std::path::{Path, PathBuf};

use accuracy::sets::synthetic_image;
use anyhow::{Context as _, bail};
use fingerprint::{
    Exhibit, GreyImage, PairExplanation, StagePicture, decode, pair_pictures, stage_pictures,
};
use ridges::{ImpressionParams, Master, Position};

#[derive(Default)]
struct Options {
    out: PathBuf,
    dpi: Option<u32>,
    pairs: Option<PathBuf>,
    images: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    std::fs::create_dir_all(&options.out).with_context(|| options.out.display().to_string())?;
    if let Some(pairs) = &options.pairs {
        return of_pairs(&options, pairs);
    }
    if options.images.is_empty() {
        return of_docs(&options.out);
    }
    for path in &options.images {
        let (template, pictures) = stage_pictures(&read(path, options.dpi)?)
            .with_context(|| path.display().to_string())?;
        println!(
            "{}: {} minutiae, quality {}",
            stem(path),
            template.minutiae.len(),
            template.quality
        );
        for picture in pictures.iter().filter(|p| p.stage == "minutiae") {
            write(&options.out.join(format!("{}.png", stem(path))), picture)?;
        }
    }
    Ok(())
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--out" => options.out = value()?.into(),
            "--dpi" => options.dpi = Some(value()?.parse().context("--dpi takes a number")?),
            "--pairs" => options.pairs = Some(value()?.into()),
            other if other.starts_with("--") => bail!("unknown option {other}"),
            path => options.images.push(path.into()),
        }
    }
    if options.out.as_os_str().is_empty() {
        bail!("use: tizme-stages --out DIR [--dpi D] [--pairs CSV | IMAGE…]");
    }
    Ok(options)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn read(path: &Path, dpi: Option<u32>) -> anyhow::Result<GreyImage> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    decode(&bytes, dpi).with_context(|| path.display().to_string())
}

fn write(path: &Path, picture: &StagePicture) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}

fn say(name: &str, why: &PairExplanation) {
    let figures: Vec<String> = why
        .list()
        .iter()
        .map(|(name, value)| {
            if *name == "fmr" {
                format!("{name} {value:.1e}")
            } else {
                format!("{name} {value:.3}")
            }
        })
        .collect();
    println!(
        "{name}: {:?}, {}, unmet {}/{}, common {} mm²{}",
        why.ended,
        figures.join(", "),
        why.unmet.0,
        why.unmet.1,
        why.common_mm2
            .map_or("?".to_owned(), |area| format!("{area:.0}")),
        why.laid.map_or(String::new(), |l| format!(
            ", turn {:.0}°, shift {:.0} {:.0}",
            l.turn_deg, l.right_px, l.down_px
        )),
    );
}

fn of_pairs(options: &Options, list: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(list).with_context(|| list.display().to_string())?;
    for (number, line) in text.lines().enumerate() {
        let (a, b) = line
            .split_once(',')
            .with_context(|| format!("line {} is not a,b", number + 1))?;
        let (a, b) = (Path::new(a), Path::new(b));
        let (first, second) = (read(a, options.dpi)?, read(b, options.dpi)?);
        let (why, pictures) = pair_pictures(Exhibit::Image(&first), Exhibit::Image(&second))?;
        let name = format!("{:02}-{}-{}", number + 1, stem(a), stem(b));
        say(&name, &why);
        for picture in &pictures {
            write(
                &options.out.join(format!("{name}.{}.png", picture.stage)),
                picture,
            )?;
        }
    }
    Ok(())
}

/// The window of the docs' pictures: small, so that the pictures are.
const WINDOW: (usize, usize) = (260, 300);
/// A finger of the docs' pictures.
const FINGER: (u64, Position) = (12, Position::ALL[1]);

fn of_docs(out: &Path) -> anyhow::Result<()> {
    let master = Master::grow(FINGER.0, FINGER.1);
    let small = |params: ImpressionParams| ImpressionParams {
        width: WINDOW.0,
        height: WINDOW.1,
        noise: 0.0,
        pores: 0.0,
        ..params
    };
    let ordinary = small(ImpressionParams::enrolment());
    let first = synthetic_image(&master, &ordinary, 1)?;
    let (_, stages) = stage_pictures(&first)?;
    for picture in &stages {
        write(
            &out.join(format!("fingerprint-{}.png", picture.stage)),
            picture,
        )?;
    }
    let hurried = small(ImpressionParams::election_day());
    let distorted = ImpressionParams {
        distortion: 4.0,
        rotation_sd_deg: 2.0,
        ..ordinary.clone()
    };
    let shifted = ImpressionParams {
        area: 0.62,
        shift_sd_px: 60.0,
        ..hurried.clone()
    };
    // Of 60 impressions and 40 other fingers: an ordinary one, and for each effect one that shows it strongly.
    let pairs = [
        ("pair", synthetic_image(&master, &hurried, 43)?),
        ("distorted", synthetic_image(&master, &distorted, 57)?),
        ("shifted", synthetic_image(&master, &shifted, 3)?),
        (
            "stranger",
            synthetic_image(&Master::grow(FINGER.0 + 4, FINGER.1), &ordinary, 1)?,
        ),
    ];
    for (name, second) in &pairs {
        let (why, pictures) = pair_pictures(Exhibit::Image(&first), Exhibit::Image(second))?;
        say(name, &why);
        for picture in &pictures {
            write(
                &out.join(format!("fingerprint-{name}-{}.png", picture.stage)),
                picture,
            )?;
        }
    }
    Ok(())
}
