//! What a run leaves behind: links, clusters, contradictions.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use ::linkage::{Link, Linked, Model, Side, Table, level_at};
use anyhow::{Context as _, Result};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

use super::lists;

/// Milli-bits as bits.
pub fn bits(milli_bits: i32) -> f64 {
    f64::from(milli_bits) / 1000.0
}

/// One hexadecimal digit for each comparison of the model, in its order; 0 is "missing".
pub fn levels(link: &Link, model: &Model) -> String {
    (0..model.comparisons.len())
        .map(|at| {
            let digit = u32::try_from(level_at(link.levels, at)).unwrap_or(0);
            char::from_digit(digit, 16).unwrap_or('0')
        })
        .collect()
}

pub fn write_links(
    path: &Path,
    linked: &Linked,
    [left, right]: [&Table; 2],
    model: &Model,
) -> Result<()> {
    let at_path = || path.display().to_string();
    let (left, right) = (lists::ids(left, model)?, lists::ids(right, model)?);
    let ids = |link: &Link| (left.get(link.left as usize), right.get(link.right as usize));
    if lists::is_parquet(path) {
        return write_parquet(path, linked, ids, model);
    }
    let mut out = csv::Writer::from_path(path).with_context(at_path)?;
    out.write_record([
        "left_id",
        "right_id",
        "weight",
        "probability",
        "band",
        "levels",
    ])
    .with_context(at_path)?;
    for link in &linked.links {
        let (left, right) = ids(link);
        let weight = format!("{:.3}", bits(link.weight_milli_bits));
        let probability = format!("{:.6}", f64::from(link.probability_ppm) / 1e6);
        let levels = levels(link, model);
        out.write_record([
            left,
            right,
            &weight,
            &probability,
            link.band.as_str(),
            &levels,
        ])
        .with_context(at_path)?;
    }
    out.flush().with_context(at_path)
}

fn write_parquet<'a>(
    path: &Path,
    linked: &Linked,
    ids: impl Fn(&Link) -> (&'a str, &'a str),
    model: &Model,
) -> Result<()> {
    let at_path = || path.display().to_string();
    let text = |of: &dyn Fn(&Link) -> String| -> ArrayRef {
        Arc::new(
            linked
                .links
                .iter()
                .map(|link| Some(of(link)))
                .collect::<StringArray>(),
        )
    };
    let number = |of: &dyn Fn(&Link) -> f64| -> ArrayRef {
        Arc::new(
            linked
                .links
                .iter()
                .map(|link| Some(of(link)))
                .collect::<Float64Array>(),
        )
    };
    let batch = RecordBatch::try_from_iter([
        ("left_id", text(&|link| ids(link).0.to_owned())),
        ("right_id", text(&|link| ids(link).1.to_owned())),
        ("weight", number(&|link| bits(link.weight_milli_bits))),
        (
            "probability",
            number(&|link| f64::from(link.probability_ppm) / 1e6),
        ),
        ("band", text(&|link| link.band.as_str().to_owned())),
        ("levels", text(&|link| levels(link, model))),
    ])?;
    let file = std::fs::File::create(path).with_context(at_path)?;
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .set_created_by("tizme".to_owned())
        .build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties))
        .with_context(at_path)?;
    writer.write(&batch).with_context(at_path)?;
    writer.close().with_context(at_path)?;
    Ok(())
}

pub fn write_clusters(path: &Path, linked: &Linked, list: &Table, model: &Model) -> Result<()> {
    let at_path = || path.display().to_string();
    let ids = lists::ids(list, model)?;
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).with_context(at_path)?);
    let mut rows = csv::Writer::from_writer(&mut out);
    rows.write_record(["cluster", "id"]).with_context(at_path)?;
    for (number, cluster) in linked.clusters.iter().enumerate() {
        for &row in cluster {
            rows.write_record([&(number + 1).to_string(), ids.get(row as usize)])
                .with_context(at_path)?;
        }
    }
    rows.flush().with_context(at_path)?;
    drop(rows);
    out.flush().with_context(at_path)
}

/// Writes `cluster,one,other,contradiction`: the cluster is its number in the clusters' file, or the left id that both
/// records were linked to.
pub fn write_contradictions(
    path: &Path,
    linked: &Linked,
    [left, right]: [&Table; 2],
    model: &Model,
) -> Result<()> {
    let at_path = || path.display().to_string();
    let (left, right) = (lists::ids(left, model)?, lists::ids(right, model)?);
    let id = |(side, row): (Side, u32)| match side {
        Side::Left => left.get(row as usize),
        Side::Right => right.get(row as usize),
    };
    let mut out = csv::Writer::from_path(path).with_context(at_path)?;
    out.write_record(["cluster", "one", "other", "contradiction"])
        .with_context(at_path)?;
    for found in &linked.contradictions {
        let cluster = if linked.clusters.is_empty() {
            left.get(found.cluster as usize).to_owned()
        } else {
            (found.cluster + 1).to_string()
        };
        let what = &model.contradictions[found.what].name;
        out.write_record([&cluster, id(found.one), id(found.other), what])
            .with_context(at_path)?;
    }
    out.flush().with_context(at_path)
}
