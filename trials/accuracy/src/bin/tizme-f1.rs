//! How good links are: pairs of `tizme linkage` against the truth column of the lists.
//!
//! `tizme-f1 --links OUT --left A [--right B] --id COLUMN --truth COLUMN`: without `--right` the links are those of
//! one list. Prints precision, recall and F1 of the pairs of band `auto`, and of `auto` with `clerical`.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use arrow::array::{Array as _, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The named columns of a CSV or Parquet file as text, row by row.
fn columns<const N: usize>(path: &Path, names: [&str; N]) -> anyhow::Result<Vec<[String; N]>> {
    if path
        .extension()
        .is_some_and(|extension| extension == "parquet")
    {
        return parquet_columns(path, names);
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)?;
    let header = reader.headers()?.clone();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = header
            .iter()
            .position(|column| column == name)
            .with_context(|| format!("no column {name}"))?;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        rows.push(places.map(|place| record.get(place).unwrap_or("").to_owned()));
    }
    Ok(rows)
}

fn parquet_columns<const N: usize>(
    path: &Path,
    names: [&str; N],
) -> anyhow::Result<Vec<[String; N]>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?
        .with_batch_size(65_536)
        .build()?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch?;
        let mut texts = Vec::with_capacity(N);
        for name in names {
            let column = batch
                .column_by_name(name)
                .with_context(|| format!("no column {name}"))?;
            texts.push(cast(column, &DataType::Utf8)?);
        }
        for row in 0..batch.num_rows() {
            rows.push(std::array::from_fn(|at| {
                let text = texts[at].as_string::<i32>();
                if text.is_null(row) {
                    String::new()
                } else {
                    text.value(row).to_owned()
                }
            }));
        }
    }
    Ok(rows)
}

/// Pairs of rows with one truth: within one list, or across two.
fn mated(left: &[[String; 2]], right: Option<&[[String; 2]]>) -> u64 {
    let count = |rows: &[[String; 2]]| {
        let mut counts: HashMap<String, u64> = HashMap::new();
        rows.iter()
            .for_each(|[_, truth]| *counts.entry(truth.clone()).or_default() += 1);
        counts
    };
    let left = count(left);
    match right {
        Some(right) => count(right)
            .iter()
            .map(|(truth, n)| n * left.get(truth).copied().unwrap_or(0))
            .sum(),
        None => left.values().map(|n| n * (n - 1) / 2).sum(),
    }
}

fn main() -> anyhow::Result<()> {
    let mut options: HashMap<String, String> = HashMap::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        options.insert(name, value);
    }
    let option = |name: &str| options.get(name).map(String::as_str);
    let (Some(links), Some(left), Some(id), Some(truth)) = (
        option("--links"),
        option("--left"),
        option("--id"),
        option("--truth"),
    ) else {
        bail!("use: tizme-f1 --links OUT --left A [--right B] --id COLUMN --truth COLUMN");
    };
    let list =
        |path: &str| columns(&PathBuf::from(path), [id, truth]).with_context(|| path.to_owned());
    let left = list(left)?;
    let right = option("--right").map(list).transpose()?;
    let index = |rows: &[[String; 2]]| {
        rows.iter()
            .map(|[id, truth]| (id.clone(), truth.clone()))
            .collect()
    };
    let left_truth: HashMap<String, String> = index(&left);
    let right_truth = right.as_deref().map_or_else(|| left_truth.clone(), index);
    let pairs = columns(&PathBuf::from(links), ["left_id", "right_id", "band"])
        .with_context(|| links.to_owned())?;
    let mated = mated(&left, right.as_deref());
    for (name, bands) in [
        ("auto", &["auto"][..]),
        ("auto and clerical", &["auto", "clerical"]),
    ] {
        let chosen: Vec<_> = pairs
            .iter()
            .filter(|[_, _, band]| bands.contains(&band.as_str()))
            .collect();
        let right = chosen.iter().filter(|[l, r, _]| {
            left_truth
                .get(l)
                .is_some_and(|truth| right_truth.get(r) == Some(truth))
        });
        let right = right.count() as f64;
        let (precision, recall) = (
            right / chosen.len().max(1) as f64,
            right / mated.max(1) as f64,
        );
        let f1 = 2.0 * right / (chosen.len() as u64 + mated).max(1) as f64;
        println!(
            "{links}: {name}: {} pairs of {mated} mated, precision {precision:.6}, recall {recall:.6}, F1 {f1:.6}",
            chosen.len()
        );
    }
    Ok(())
}
