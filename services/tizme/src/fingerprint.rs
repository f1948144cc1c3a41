//! `tizme fingerprint …`: the engine from the command line.

mod prints;
mod score;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::fingerprint::iso19794;
use ::fingerprint::{
    Ended, EntryId, Exhibit, FingerPosition, Gallery, GreyImage, PairExplanation, Prepared, Score,
    SearchPolicy, StagePicture, Template, decode, extract, pair_pictures, stage_pictures,
};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use prints::{Print, Sources, with_threads};
use rayon::prelude::*;
use serde_json::json;

/// Images to templates to scores.
#[derive(Subcommand)]
pub enum Fingerprint {
    /// Writes a template for each image. Exit 1 when an image gives none.
    Extract(Extract),
    /// Compares prints of a folder pair by pair and writes `a,b,score`.
    Score(score::ScoreArguments),
    /// Prints the quality of each image, 0 to 100. Exit 1 when an image gives no template.
    Quality(Quality),
    /// Rewrites one file in another format: PNG, TIFF, BMP or PGM to PNG, PGM or a template; a template to JSON.
    Convert(Convert),
    /// Writes a PNG of every stage of the extraction or, of two prints, of what their comparison saw.
    Show(Show),
    /// Finds the prints of a folder that resemble one image, the best first.
    Identify(Identify),
}

/// Where images come from.
#[derive(Args)]
pub struct Images {
    /// Images (PNG, TIFF, BMP, PGM) or folders of images.
    #[arg(value_name = "IMAGE|DIR")]
    paths: Vec<PathBuf>,
    /// A folder of images.
    #[arg(long, value_name = "DIR")]
    images: Vec<PathBuf>,
    /// Resolution in pixels per inch, whatever the file says.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
}

/// Formats of templates.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// ISO/IEC 19794-2:2005, one view, extension `fmr`.
    Iso2005,
}

/// Arguments of `extract`.
#[derive(Args)]
pub struct Extract {
    #[command(flatten)]
    images: Images,
    /// Format of the templates.
    #[arg(long, value_enum, default_value_t = Format::Iso2005)]
    format: Format,
    /// Finger position written into the template: 0 unknown, 1 to 10 by ISO/IEC 19794-2.
    #[arg(long, default_value_t = 0, value_name = "0-10")]
    finger: u8,
    /// The folder to write to; a template is named after its image.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `quality`.
#[derive(Args)]
pub struct Quality {
    #[command(flatten)]
    images: Images,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `convert`.
#[derive(Args)]
pub struct Convert {
    /// The file to read: PNG, TIFF, BMP, PGM or a template.
    input: PathBuf,
    /// The file to write; its extension names the format: png, pgm, fmr, json.
    output: PathBuf,
    /// Resolution in pixels per inch, whatever the file says.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Finger position written into a template.
    #[arg(long, default_value_t = 0, value_name = "0-10")]
    finger: u8,
}

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

/// Arguments of `identify`.
#[derive(Args)]
pub struct Identify {
    /// The image to look for.
    image: PathBuf,
    /// The folder of known prints, images or templates.
    #[arg(long, value_name = "DIR")]
    gallery: PathBuf,
    /// Resolution in pixels per inch, whatever the files say.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Only prints that another finger resembles this rarely.
    #[arg(long, default_value_t = 1e-4, value_name = "RATE")]
    fmr: f64,
    /// At most so many.
    #[arg(long, default_value_t = 20, value_name = "N")]
    most: usize,
    /// Up to so many known prints each is compared in full; beyond, a prefilter chooses (docs/fingerprint.md).
    #[arg(long, default_value_t = SearchPolicy::default().exhaustive_max, value_name = "N")]
    exhaustive_max: usize,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs a command.
pub fn run(command: Fingerprint) -> Result<ExitCode> {
    match command {
        Fingerprint::Extract(arguments) => extract_all(&arguments),
        Fingerprint::Score(arguments) => score::run(&arguments),
        Fingerprint::Quality(arguments) => quality(&arguments),
        Fingerprint::Convert(arguments) => convert(&arguments),
        Fingerprint::Show(arguments) => show(&arguments),
        Fingerprint::Identify(arguments) => identify(&arguments),
    }
}

impl Images {
    /// Extracts every image of the arguments, on as many threads as asked for, in the order of names.
    fn extracted(&self) -> Result<Vec<Print>> {
        let mut sources = Sources::default();
        for path in self.paths.iter().chain(&self.images) {
            sources.add(path)?;
        }
        if sources.is_empty() {
            bail!("no image is named; give files, or a folder by --images");
        }
        with_threads(self.threads, || sources.extract(self.dpi))
    }
}

fn position(code: u8) -> Result<FingerPosition> {
    FingerPosition::from_code(code).context("--finger takes 0 to 10")
}

fn create(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}

fn extract_all(arguments: &Extract) -> Result<ExitCode> {
    let finger = position(arguments.finger)?;
    let prints = arguments.images.extracted()?;
    create(&arguments.out)?;
    let mut shown = Vec::new();
    let mut failed = false;
    for print in &prints {
        match &print.template {
            Ok(template) => {
                let bytes = match arguments.format {
                    Format::Iso2005 => template.to_iso(finger),
                };
                let path = arguments.out.join(format!("{}.fmr", print.stem));
                write(&path, &bytes)?;
                shown.push(json!({
                    "image": print.path.display().to_string(), "template": path.display().to_string(),
                    "minutiae": template.minutiae.len(), "quality": template.quality, "bytes": bytes.len(),
                }));
            }
            Err(why) => {
                failed = true;
                shown.push(json!({ "image": print.path.display().to_string(), "error": why }));
            }
        }
    }
    for line in &shown {
        if arguments.json {
            println!("{line}");
        } else if let Some(why) = line["error"].as_str() {
            eprintln!("{}: {why}", line["image"].as_str().unwrap_or(""));
        } else {
            println!(
                "{}: {} minutiae, quality {}, {} bytes",
                line["template"].as_str().unwrap_or(""),
                line["minutiae"],
                line["quality"],
                line["bytes"]
            );
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn quality(arguments: &Quality) -> Result<ExitCode> {
    let prints = arguments.images.extracted()?;
    let mut failed = false;
    for print in &prints {
        let name = print.path.display().to_string();
        match &print.template {
            Ok(template) if arguments.json => {
                println!("{}", json!({ "image": name, "quality": template.quality }));
            }
            Ok(template) => println!("{:>3} {name}", template.quality),
            Err(why) => {
                failed = true;
                if arguments.json {
                    println!("{}", json!({ "image": name, "error": why }));
                } else {
                    eprintln!("  – {name}: {why}");
                }
            }
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

fn convert(arguments: &Convert) -> Result<ExitCode> {
    let bytes = read(&arguments.input)?;
    let at_input = || arguments.input.display().to_string();
    let format = arguments.output.extension().and_then(|e| e.to_str());
    let format = format.unwrap_or_default().to_lowercase();
    if prints::is_template(&bytes) {
        if format != "json" {
            bail!("a template becomes json, not {format:?}: no image is kept in it");
        }
        let record = iso19794::read(&bytes).with_context(at_input)?;
        return write(&arguments.output, record_as_json(&record).as_bytes())
            .map(|()| ExitCode::SUCCESS);
    }
    let image = decode(&bytes, arguments.dpi).with_context(at_input)?;
    let written = match format.as_str() {
        "png" => grey_png(&image)?,
        "pgm" => pgm(&image),
        "fmr" => {
            let template = extract(&image).with_context(at_input)?;
            template.to_iso(position(arguments.finger)?)
        }
        "json" => {
            let template = extract(&image).with_context(at_input)?;
            let view = iso19794::View::of(&template, position(arguments.finger)?);
            record_as_json(&iso19794::Record { views: vec![view] }).into_bytes()
        }
        other => bail!("cannot write {other:?}: the extension must be png, pgm, fmr or json"),
    };
    write(&arguments.output, &written)?;
    Ok(ExitCode::SUCCESS)
}

fn record_as_json(record: &iso19794::Record) -> String {
    let views: Vec<_> = record
        .views
        .iter()
        .map(|view| {
            let Template { width, height, quality, minutiae } = &view.template;
            let minutiae: Vec<_> = minutiae
                .iter()
                .map(|m| {
                    let kind = format!("{:?}", m.kind).to_lowercase();
                    json!({ "x": m.x, "y": m.y, "angle_256": m.angle, "kind": kind, "quality": m.quality })
                })
                .collect();
            json!({
                "finger": view.position.code(), "impression": view.impression, "quality": quality,
                "width": width, "height": height, "minutiae": minutiae,
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({ "standard": "ISO/IEC 19794-2:2005", "views": views })
    )
}

fn grey_png(image: &GreyImage) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, image.width, image.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (f64::from(image.dpi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(&image.pixels)?;
    Ok(out)
}

/// The resolution is lost: a PGM file has no place for it.
fn pgm(image: &GreyImage) -> Vec<u8> {
    let mut out = format!("P5\n{} {}\n255\n", image.width, image.height).into_bytes();
    out.extend_from_slice(&image.pixels);
    out
}

fn colour_png(picture: &StagePicture) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    Ok(out)
}

fn show(arguments: &Show) -> Result<ExitCode> {
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
        if prints::is_template(&bytes) {
            let template = prints::template_of(&bytes, dpi).map_err(anyhow::Error::msg);
            return Ok(Shown::Template(template.with_context(named)?));
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

fn identify(arguments: &Identify) -> Result<ExitCode> {
    let at_image = || arguments.image.display().to_string();
    let probe = prints::template_of(&read(&arguments.image)?, arguments.dpi)
        .map_err(anyhow::Error::msg)
        .with_context(at_image)?;
    let mut sources = Sources::default();
    sources.add(&arguments.gallery)?;
    let known = with_threads(arguments.threads, || {
        let prints = sources.extract(arguments.dpi)?;
        Ok(prints
            .into_par_iter()
            .map(|p| (p.template.map(|t| Prepared::new(&t)), p.stem))
            .collect::<Vec<_>>())
    })?;
    let policy = SearchPolicy {
        threshold: Score::at_fmr(arguments.fmr),
        candidates_max: arguments.most,
        exhaustive_max: arguments.exhaustive_max,
    };
    let mut gallery = Gallery::new(policy);
    let mut unreadable = 0usize;
    for (at, (print, _)) in known.iter().enumerate() {
        match print {
            // The files say which finger of which person, not which position: all are compared.
            Ok(print) => gallery.insert(
                EntryId(u32::try_from(at).context("more files than a gallery numbers")?),
                &[(FingerPosition::Unknown, print.clone())],
            ),
            Err(_) => unreadable += 1,
        }
    }
    let found = gallery.search(&[(FingerPosition::Unknown, Prepared::new(&probe))]);
    let candidates: Vec<_> = found
        .candidates
        .iter()
        .map(|c| (&known[c.id.0 as usize].1, c.score))
        .collect();
    if arguments.json {
        let list: Vec<_> = candidates
            .iter()
            .map(|(stem, score)| json!({ "print": stem, "score": score.value(), "fmr": score.fmr() }))
            .collect();
        println!(
            "{}",
            json!({
                "candidates": list, "gallery": gallery.len(), "compared": found.compared,
                "exhaustive": found.exhaustive, "unreadable": unreadable,
            })
        );
    } else {
        for (stem, score) in &candidates {
            println!("{:>5} {stem}", score.value());
        }
        let how = if found.exhaustive {
            "all"
        } else {
            "those a prefilter chose"
        };
        println!(
            "{} found; {} known prints, {} compared in full ({how}), {unreadable} unreadable",
            candidates.len(),
            gallery.len(),
            found.compared
        );
    }
    Ok(ExitCode::SUCCESS)
}
