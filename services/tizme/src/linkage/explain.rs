//! `tizme linkage explain`: why one pair has its weight.

use std::path::PathBuf;
use std::process::ExitCode;

use ::linkage::{Column, Language, Session, level_at};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::rejects::Rejects;
use super::results::{bits, levels};
use super::{With, lists};

/// Arguments of `explain`.
#[derive(Args)]
pub struct Explain {
    /// The left list, CSV or Parquet.
    #[arg(long, value_name = "A")]
    left: PathBuf,
    /// The right list; without it both records stand in the left one, as after `dedupe`.
    #[arg(long, value_name = "B")]
    right: Option<PathBuf>,
    #[command(flatten)]
    with: With,
    /// The ids of both records, the left one first.
    #[arg(long, value_name = "L,R")]
    pair: String,
    /// Language of the sentence and the picture.
    #[arg(long, value_enum, default_value_t = Tongue::Ky)]
    lang: Tongue,
    /// Where the waterfall picture is written.
    #[arg(long, value_name = "SVG")]
    svg: Option<PathBuf>,
}

/// A language of the product.
#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
}

/// Runs the command.
pub fn run(arguments: &Explain) -> Result<ExitCode> {
    let chosen = arguments.with.model()?;
    let model = &chosen.model;
    let mut rejects = Rejects::default();
    let left = lists::read(&arguments.left, model, &mut rejects)?;
    let right = match &arguments.right {
        Some(path) => Some(lists::read(path, model, &mut rejects)?),
        None => None,
    };
    let (one, other) = arguments
        .pair
        .split_once(',')
        .context("--pair takes two ids with a comma between them")?;
    let row = |column: &Column, id: &str, which: &str| {
        let found = (0..column.len()).find(|&row| column.get(row) == id.trim());
        found
            .and_then(|row| u32::try_from(row).ok())
            .with_context(|| format!("--pair: no record with the {which} id in its list"))
    };
    let left_ids = lists::ids(&left, model)?;
    let right_ids = lists::ids(right.as_ref().unwrap_or(&left), model)?;
    let rows = (
        row(left_ids, one, "first")?,
        row(right_ids, other, "second")?,
    );
    ensure!(
        right.is_some() || rows.0 != rows.1,
        "--pair: both ids are one record"
    );
    let session = Session::new(&left, right.as_ref(), model, arguments.with.effort())?;
    // INVARIANT (rows): both were found in their lists just now.
    let link = session
        .pair(rows.0, rows.1)
        .context("the pair is not in the lists")?;
    let explanation = session
        .explain(&link)
        .context("the pair is not in the lists")?;
    let language = match arguments.lang {
        Tongue::Ky => Language::Ky,
        Tongue::Ru => Language::Ru,
        Tongue::En => Language::En,
    };
    if let Some(path) = &arguments.svg {
        let picture = explanation.waterfall_file(language);
        std::fs::write(path, picture).with_context(|| path.display().to_string())?;
    }
    let vector = levels(&link, model);
    if arguments.with.json {
        let reasons: Vec<_> = explanation
            .reasons
            .iter()
            .zip(&model.comparisons)
            .map(|(reason, comparison)| {
                json!({ "comparison": comparison.name, "level": level_at(link.levels, reason.bar.comparison),
                        "level_name": reason.level, "bits": bits(reason.bar.level_milli_bits),
                        "frequency_bits": bits(reason.bar.frequency_milli_bits) })
            })
            .collect();
        println!(
            "{}",
            json!({
                "model": model.name, "model_sha256": chosen.sha256, "levels": vector,
                "prior_bits": bits(explanation.prior_milli_bits), "reasons": reasons,
                "weight": bits(explanation.weight_milli_bits),
                "probability": f64::from(explanation.probability_ppm) / 1e6,
                "band": link.band.as_str(), "sentence": explanation.sentence(language),
            })
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", explanation.sentence(language));
    println!(
        "levels {vector}, band {}, model {} sha256 {}",
        link.band.as_str(),
        model.name,
        chosen.sha256
    );
    for (reason, comparison) in explanation.reasons.iter().zip(&model.comparisons) {
        println!(
            "  {:<12} {:<14} {:>8.3} {:>+8.3}",
            comparison.name,
            reason.level,
            bits(reason.bar.level_milli_bits),
            bits(reason.bar.frequency_milli_bits)
        );
    }
    if let Some(first) = rejects.first() {
        println!("{} rows were left out, the first: {first}", rejects.len());
    }
    Ok(ExitCode::SUCCESS)
}
