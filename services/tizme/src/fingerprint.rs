//! `tizme fingerprint …`: the engine from the command line.

mod convert;
mod prints;
mod score;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::fingerprint::{
    EntryId, FingerPosition, Gallery, Prepared, Record, Score, SearchPolicy, TemplateFormat, View,
    decode, extract_with_quality, record,
};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
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
    /// Prints the quality of each image, 0 to 100, and what would make it better. Exit 1 when an image gives no template.
    Quality(Quality),
    /// Rewrites one file in another format: an image as an image or as a template, a template as another one or as JSON.
    Convert(convert::Convert),
    /// Writes a PNG of every stage of the extraction or, of two prints, of what their comparison saw.
    Show(show::Show),
    /// Finds the prints of a folder that resemble one image, the best first.
    Identify(Identify),
}

/// Where images come from.
#[derive(Args)]
pub struct Images {
    /// Images (PNG, TIFF, BMP, PGM, JPEG, JPEG 2000, WSQ) or folders of images.
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

/// Arguments of `extract`.
#[derive(Args)]
pub struct Extract {
    #[command(flatten)]
    images: Images,
    /// Format of the templates: own, iso2005, iso2011, ansi2004, ansi2009, card-normal or card-compact.
    #[arg(long, default_value_t = TemplateFormat::Iso2005, value_name = "FORMAT")]
    format: TemplateFormat,
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
    /// Language of the reasons: ky, ru or en.
    #[arg(long, default_value = "en", value_parser = ["ky", "ru", "en"], value_name = "LANGUAGE")]
    language: String,
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
        Fingerprint::Convert(arguments) => convert::run(&arguments),
        Fingerprint::Show(arguments) => show::run(&arguments),
        Fingerprint::Identify(arguments) => identify(&arguments),
    }
}

impl Images {
    /// Extracts every image of the arguments, on as many threads as asked for, in the order of names.
    fn extracted(&self) -> Result<Vec<Print>> {
        let sources = self.sources()?;
        with_threads(self.threads, || sources.extract(self.dpi))
    }

    fn sources(&self) -> Result<Sources> {
        let mut sources = Sources::default();
        for path in self.paths.iter().chain(&self.images) {
            sources.add(path)?;
        }
        if sources.is_empty() {
            bail!("no image is named; give files, or a folder by --images");
        }
        Ok(sources)
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
        match &print.view {
            Ok(view) => {
                let template = &view.template;
                let views = vec![View {
                    position: finger,
                    ..view.clone()
                }];
                let bytes = record::write(&Record { views }, arguments.format)?;
                let name = format!("{}.{}", print.stem, arguments.format.extension());
                let path = arguments.out.join(name);
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
    let images = &arguments.images;
    let sources = images.sources()?;
    let one = |_: &str, path: &Path| {
        let bytes = read(path)?;
        let seen = decode(&bytes, images.dpi).map_err(|error| error.to_string());
        let seen =
            seen.and_then(|image| extract_with_quality(&image).map_err(|error| error.to_string()));
        Ok((path.display().to_string(), seen.map(|(_, quality)| quality)))
    };
    let seen = with_threads(images.threads, || sources.each("quality", one))?;
    let failed = seen.iter().any(|(_, quality)| quality.is_err());
    for (name, quality) in &seen {
        match quality {
            Ok(quality) if arguments.json => println!("{}", quality_json(name, quality)),
            Ok(quality) => {
                println!("{:>3} {name}", quality.value);
                let sentences = quality
                    .reasons
                    .iter()
                    .filter_map(|r| r.sentence(&arguments.language));
                sentences.for_each(|sentence| println!("      {sentence}"));
            }
            Err(why) if arguments.json => println!("{}", json!({ "image": name, "error": why })),
            Err(why) => eprintln!("  – {name}: {why}"),
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn quality_json(name: &str, quality: &::fingerprint::Quality) -> serde_json::Value {
    let reasons: Vec<_> = quality
        .reasons
        .iter()
        .map(|reason| reason.as_code())
        .collect();
    let sentences = |language: &str| -> Vec<_> {
        let all = quality.reasons.iter();
        all.filter_map(|reason| reason.sentence(language)).collect()
    };
    json!({
        "image": name, "quality": quality.value, "reasons": reasons,
        "sentences": { "ky": sentences("ky"), "ru": sentences("ru"), "en": sentences("en") },
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

fn identify(arguments: &Identify) -> Result<ExitCode> {
    let at_image = || arguments.image.display().to_string();
    let probe = prints::template_of(&read(&arguments.image)?, &arguments.image, arguments.dpi)
        .map_err(anyhow::Error::msg)
        .with_context(at_image)?;
    let mut sources = Sources::default();
    sources.add(&arguments.gallery)?;
    let known = with_threads(arguments.threads, || {
        let prints = sources.extract(arguments.dpi)?;
        Ok(prints
            .into_par_iter()
            .map(|p| (p.view.map(|v| Prepared::new(&v.template)), p.stem))
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
