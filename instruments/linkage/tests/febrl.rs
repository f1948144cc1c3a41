//! The public FEBRL lists: at least the figures of Splink 5 on the same files (docs/linkage.md).
#![expect(clippy::unwrap_used, reason = "tests")]

use linkage::model::shipped;
use linkage::{Band, Column, Effort, Linked, Model, Table, dedupe, link};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Reads a list; the truth is taken out of it before linking.
fn read(name: &str) -> Option<(Table, Vec<String>)> {
    let shared = std::env::var_os("TIZME_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = shared.join("data/linkage").join(name);
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    let header = reader.headers().unwrap().clone();
    let mut columns: Vec<Column> = header.iter().map(Column::new).collect();
    for row in reader.records() {
        columns
            .iter_mut()
            .zip(row.unwrap().iter())
            .for_each(|(column, value)| column.push(value.trim()).unwrap());
    }
    let truth = columns.pop().unwrap();
    assert_eq!(truth.name(), "true_cluster");
    let truth = (0..truth.len())
        .map(|row| truth.get(row).to_owned())
        .collect();
    Some((Table::new(columns).unwrap(), truth))
}

/// Pairwise F1 of the links made without review.
fn f1(linked: &Linked, left: &[String], right: &[String], mated: u64) -> f64 {
    let auto: Vec<_> = linked
        .links
        .iter()
        .filter(|link| link.band == Band::Auto)
        .collect();
    let right_ones = auto
        .iter()
        .filter(|link| left[link.left as usize] == right[link.right as usize])
        .count();
    2.0 * right_ones as f64 / (auto.len() as u64 + mated) as f64
}

fn dedupe_reaches(name: &str, least: f64) {
    let Some((table, truth)) = read(name) else {
        return;
    };
    let model = Model::parse(shipped("febrl").unwrap()).unwrap();
    let linked = dedupe(&table, &model, Effort::default()).unwrap();
    let mut sizes: BTreeMap<&String, u64> = BTreeMap::new();
    truth
        .iter()
        .for_each(|cluster| *sizes.entry(cluster).or_default() += 1);
    let mated = sizes.values().map(|n| n * (n - 1) / 2).sum();
    let f1 = f1(&linked, &truth, &truth, mated);
    println!("{name}: F1 {f1:.5}");
    assert!(f1 >= least, "{name}: F1 {f1}");
}

#[test]
fn febrl1_is_solved() {
    dedupe_reaches("febrl1.csv", 1.0);
}

#[test]
fn febrl2_is_at_least_0_999() {
    dedupe_reaches("febrl2.csv", 0.999);
}

#[test]
fn febrl3_is_at_least_splinks_0_99962() {
    dedupe_reaches("febrl3.csv", 0.99962);
}

#[test]
fn febrl4_is_at_least_splinks_0_9999() {
    let (Some((left, left_truth)), Some((right, right_truth))) =
        (read("febrl4a.csv"), read("febrl4b.csv"))
    else {
        return;
    };
    let model = Model::parse(shipped("febrl").unwrap()).unwrap();
    let linked = link(&left, &right, &model, Effort::default()).unwrap();
    let f1 = f1(&linked, &left_truth, &right_truth, 5000);
    println!("febrl4: F1 {f1:.5}");
    assert!(f1 >= 0.9999, "F1 {f1}");
}
