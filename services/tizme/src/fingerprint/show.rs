//! `tizme fingerprint show`: the stages of one print, or what the comparison of two saw.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::fingerprint::{
    Ended, Exhibit, GreyImage, PairExplanation, StagePicture, Template, decode, pair_pictures,
    stage_pictures,
};
use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use super::{create, prints, read, write};

/// Arguments of `show`.
#[derive(Args)]
pub struct Show {
    /// The image; beside a second print a template too.
    image: PathBuf,
    /// A second image or template: shows what the comparison of the two saw.
    other: Option<PathBuf>,
    /// The folder to write to.
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,
    /// Resolution in pixels per inch, whatever the file says.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

fn colour_png(picture: &StagePicture) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    Ok(out)
}

/// Runs the command.
pub fn run(arguments: &Show) -> Result<ExitCode> {
    if let Some(other) = &arguments.other {
        return show_pair(arguments, other);
    }
    let at_image = || arguments.image.display().to_string();
    let image = decode(&read(&arguments.image)?, arguments.dpi).with_context(at_image)?;
    let (template, pictures) = stage_pictures(&image).with_context(at_image)?;
    create(&arguments.out)?;
    let stem = prints::stem_of(&arguments.image);
    let mut files = Vec::new();
    for (number, picture) in pictures.iter().enumerate() {
        let name = format!("{stem}.{}-{}.png", number + 1, picture.stage);
        let path = arguments.out.join(name);
        write(&path, &colour_png(picture)?)?;
        files.push(path.display().to_string());
    }
    if arguments.json {
        let minutiae = template.minutiae.len();
        println!(
            "{}",
            json!({ "pictures": files, "minutiae": minutiae, "quality": template.quality })
        );
    } else {
        println!(
            "{} minutiae, quality {}",
            template.minutiae.len(),
            template.quality
        );
        files.iter().for_each(|file| println!("{file}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// One side of a comparison, as read from a file.
enum Shown {
    Image(GreyImage),
    Template(Template),
}

impl Shown {
    fn read(path: &Path, dpi: Option<u32>) -> Result<Shown> {
        let named = || path.display().to_string();
        let bytes = read(path)?;
        if let Some(view) = prints::view_of_record(&bytes, path) {
            let view = view.map_err(anyhow::Error::msg).with_context(named)?;
            return Ok(Shown::Template(view.template));
        }
        Ok(Shown::Image(decode(&bytes, dpi).with_context(named)?))
    }

    fn exhibit(&self) -> Exhibit<'_> {
        match self {
            Shown::Image(image) => Exhibit::Image(image),
            Shown::Template(template) => Exhibit::Template(template),
        }
    }
}

fn show_pair(arguments: &Show, other: &Path) -> Result<ExitCode> {
    let first = Shown::read(&arguments.image, arguments.dpi)?;
    let second = Shown::read(other, arguments.dpi)?;
    let (why, pictures) = pair_pictures(first.exhibit(), second.exhibit())
        .with_context(|| format!("{} or {}", arguments.image.display(), other.display()))?;
    create(&arguments.out)?;
    let stems = format!(
        "{}-{}",
        prints::stem_of(&arguments.image),
        prints::stem_of(other)
    );
    let mut files = Vec::new();
    for picture in &pictures {
        let path = arguments.out.join(format!("{stems}.{}.png", picture.stage));
        write(&path, &colour_png(picture)?)?;
        files.push(path.display().to_string());
    }
    if arguments.json {
        println!("{}", pair_as_json(&why, &files));
        return Ok(ExitCode::SUCCESS);
    }
    for (name, value) in why.list() {
        let shown = match name {
            "fmr" => format!("{value:.1e}"),
            "matched" | "overlap" | "bent" | "score" => format!("{value:.0}"),
            _ => format!("{value:.3}"),
        };
        println!("{name:>10} {shown}");
    }
    println!("{}", ended_in_words(&why));
    files.iter().for_each(|file| println!("{file}"));
    Ok(ExitCode::SUCCESS)
}

fn ended_in_words(why: &PairExplanation) -> String {
    match (why.ended, why.laid) {
        (Ended::NothingAlike, _) => {
            "ended at once: fewer than three minutiae have surroundings that look alike".to_owned()
        }
        (Ended::AtTheGate, _) | (Ended::Recounted, None) => {
            "ended early: the look-alikes, numbered, do not agree about distances and angles"
                .to_owned()
        }
        (Ended::Recounted, Some(laid)) => format!(
            "second print turned by {:.0}° and shifted by {:.0} right, {:.0} down; {} pairs numbered, {} and {} of the common area unmet{}",
            laid.turn_deg,
            laid.right_px,
            laid.down_px,
            why.pairs.len(),
            why.unmet.0,
            why.unmet.1,
            why.common_mm2.map_or_else(String::new, |area| format!(
                ", {area:.0} mm² of skin in common"
            ))
        ),
    }
}

fn pair_as_json(why: &PairExplanation, files: &[String]) -> serde_json::Value {
    let figures: serde_json::Map<_, _> = why
        .list()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let pairs: Vec<_> = why
        .pairs
        .iter()
        .map(|p| {
            json!({
                "number": p.number, "first": p.first, "second": p.second,
                "stiff": p.stiff, "bent": p.bent, "apart_px": p.apart_px,
            })
        })
        .collect();
    let ended = match why.ended {
        Ended::NothingAlike => "nothing_alike",
        Ended::AtTheGate => "at_the_gate",
        Ended::Recounted => "recounted",
    };
    json!({
        "pictures": files, "figures": figures, "ended": ended, "pairs": pairs,
        "turn_deg": why.laid.map(|l| l.turn_deg), "right_px": why.laid.map(|l| l.right_px),
        "down_px": why.laid.map(|l| l.down_px), "unmet": why.unmet, "common_mm2": why.common_mm2,
    })
}
