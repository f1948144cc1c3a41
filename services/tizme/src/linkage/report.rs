//! What a run says of itself: on the terminal, as JSON, and in the manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::linkage::{Band, Linked, Table};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::results::bits;
use super::{ChosenModel, sha256_hex};

/// A run that is done.
pub struct Told<'r> {
    /// What was found.
    pub linked: &'r Linked,
    /// The lists; of one list, twice.
    pub tables: [&'r Table; 2],
    /// The model.
    pub chosen: &'r ChosenModel,
    /// Where the links are.
    pub out: &'r Path,
    /// SHA-256 of the frozen model, where one was written.
    pub frozen_sha256: Option<String>,
    /// Rows that were left out.
    pub rejected: usize,
    /// Where they are listed.
    pub rejects: Option<PathBuf>,
}

impl Told<'_> {
    fn count(&self, band: Band) -> usize {
        let links = self.linked.links.iter();
        links.filter(|link| link.band == band).count()
    }

    /// Blocks that were too large, by rule: how many were refined, how many left out, and the largest.
    fn oversized(&self) -> BTreeMap<&str, (u64, u64, u64)> {
        let mut rules: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for block in &self.linked.report.oversized {
            let rule = rules.entry(&block.rule).or_default();
            rule.0 += u64::from(block.refined);
            rule.1 += u64::from(!block.refined);
            rule.2 = rule.2.max(u64::from(block.left) * u64::from(block.right));
        }
        rules
    }

    /// Contradictions by name.
    fn contradictions(&self) -> BTreeMap<&str, u64> {
        let mut names: BTreeMap<&str, u64> = BTreeMap::new();
        for found in &self.linked.contradictions {
            let name = &self.chosen.model.contradictions[found.what].name;
            *names.entry(name).or_default() += 1;
        }
        names
    }

    /// The run as JSON.
    pub fn json(&self) -> Value {
        let report = &self.linked.report;
        let model = &self.chosen.model;
        let comparisons: Vec<_> = model
            .comparisons
            .iter()
            .map(|c| {
                let levels: Vec<_> = c.levels.iter().map(|level| &level.name).collect();
                json!({ "name": c.name, "levels": levels })
            })
            .collect();
        let oversized: Vec<_> = self
            .oversized()
            .into_iter()
            .map(|(rule, (refined, left_out, pairs))| {
                json!({ "block": rule, "refined": refined, "left_out": left_out, "largest_pairs": pairs })
            })
            .collect();
        let unreadable: Vec<_> = report
            .unreadable
            .iter()
            .map(|column| {
                json!({ "list": column.side, "column": column.column, "kind": column.kind,
                        "unreadable": column.unreadable, "values": column.present })
            })
            .collect();
        json!({
            "model": model.name, "model_sha256": self.chosen.sha256, "model_frozen": model.is_frozen(),
            "frozen_sha256": self.frozen_sha256,
            "left_rows": self.tables[0].rows(), "right_rows": self.tables[1].rows(),
            "auto": self.count(Band::Auto), "clerical": self.count(Band::Clerical),
            "clusters": self.linked.clusters.len(), "pairs_compared": report.pairs_compared,
            "expected_mated": report.trained.mated, "prior_bits": bits(report.prior_milli_bits),
            "auto_bits": bits(report.auto_milli_bits), "review_bits": bits(model.decision.review_milli_bits),
            "false_links_max": model.decision.false_links_max,
            "expected_wrong": report.expected_wrong_milli as f64 / 1000.0,
            "oversized_blocks": report.oversized.len(), "oversized": oversized,
            "missing_columns": report.missing, "unreadable": unreadable,
            "joined_through_others": report.joined_through_others,
            "contradictions": self.contradictions(), "rejected": self.rejected,
            "rejects": self.rejects.as_ref().map(|path| path.display().to_string()),
            "comparisons": comparisons,
        })
    }

    /// The run with the hashes of what went in and came out: equal manifests, equal runs. File names are left out,
    /// since the same lists may lie elsewhere.
    ///
    /// # Errors
    /// When a file cannot be read again.
    pub fn manifest(&self, lists: &[&Path]) -> Result<Value> {
        let hash = |path: &Path| -> Result<String> {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            Ok(sha256_hex(&bytes))
        };
        let mut manifest = self.json();
        let lists = lists.iter().map(|path| hash(path));
        manifest["lists_sha256"] = lists.collect::<Result<Vec<_>>>()?.into();
        manifest["links_sha256"] = hash(self.out)?.into();
        if let Some(fields) = manifest.as_object_mut() {
            fields.remove("rejects");
        }
        Ok(manifest)
    }

    /// The run in lines.
    pub fn print(&self) {
        let report = &self.linked.report;
        let model = &self.chosen.model;
        let frozen = if model.is_frozen() { ", frozen" } else { "" };
        println!(
            "model {}{frozen}, sha256 {}",
            model.name, self.chosen.sha256
        );
        let [left, right] = self.tables.map(Table::rows);
        let rows = if std::ptr::eq(self.tables[0], self.tables[1]) {
            format!("{left} rows")
        } else {
            format!("{left} and {right} rows")
        };
        println!("{rows}, {} pairs compared", report.pairs_compared);
        println!(
            "{} links without review, {} for clerical review: {}",
            self.count(Band::Auto),
            self.count(Band::Clerical),
            self.out.display()
        );
        println!(
            "without review from {:.3} bits; {:.3} wrong links are expected among them",
            bits(report.auto_milli_bits),
            report.expected_wrong_milli as f64 / 1000.0
        );
        if !self.linked.clusters.is_empty() {
            println!(
                "{} clusters, {} pairs joined only through a third record",
                self.linked.clusters.len(),
                report.joined_through_others
            );
        }
        for (name, pairs) in self.contradictions() {
            println!("contradiction among linked records, {name}: {pairs} pairs");
        }
        if !report.missing.is_empty() {
            println!("columns that are not there: {}", report.missing.join(", "));
        }
        for bad in &report.unreadable {
            println!(
                "{} list: {} of {} values of column {} are no {} and count as missing",
                bad.side, bad.unreadable, bad.present, bad.column, bad.kind
            );
        }
        for (rule, (refined, left_out, pairs)) in self.oversized() {
            println!(
                "block {rule}: {refined} too large and refined, {left_out} left out, the largest of {pairs} pairs"
            );
        }
        if let Some(hash) = &self.frozen_sha256 {
            println!("frozen model: sha256 {hash}");
        }
        if let Some(path) = &self.rejects {
            println!("{} rows left out: {}", self.rejected, path.display());
        }
    }
}
