//! The classes that the product gave, beside the truth it never saw.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Context as _;
use lexicon::{PersonId, ReconciliationClass};
use roll::Snapshot;
use roll::reconcile::Reconciliation;

use crate::snapshot::SOURCE;

/// How well one class was found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Rows of this class by truth.
    pub truth: u64,
    /// Rows given this class.
    pub given: u64,
    /// Rows of this class by both.
    pub both: u64,
}

impl Fit {
    /// Of the rows given the class, the share that has it; 1 when none was given it.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.both, self.given)
    }

    /// Of the rows that have the class, the share that was given it; 1 when none has it.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.both, self.truth)
    }

    fn count(&mut self, true_one: bool, given: bool) {
        self.truth += u64::from(true_one);
        self.given += u64::from(given);
        self.both += u64::from(true_one && given);
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// Compares the classes of every row of the commission's list with `truth/` of the country in `dir`.
///
/// # Errors
/// When a truth table cannot be read.
pub fn reconciliation(
    dir: &Path,
    snapshot: &Snapshot,
    found: &Reconciliation,
) -> anyhow::Result<BTreeMap<ReconciliationClass, Fit>> {
    let mut truth: HashMap<String, Vec<ReconciliationClass>> = HashMap::new();
    for_each(&dir.join("truth/commission.csv"), |row| {
        let classes = row[1].split('+').filter_map(ReconciliationClass::from_code);
        truth.insert(row[0].to_owned(), classes.collect());
    })?;
    let mut new: BTreeSet<PersonId> = BTreeSet::new();
    for_each(&dir.join("truth/new.csv"), |row| {
        new.insert(PersonId::of_source(SOURCE, &row[0]));
    })?;
    let mut fits: BTreeMap<ReconciliationClass, Fit> = ReconciliationClass::ALL
        .iter()
        .map(|class| (*class, Fit::default()))
        .collect();
    let none = Vec::new();
    for (entry, row) in snapshot.commission.iter().zip(&found.rows) {
        let true_classes = truth.get(entry.row).unwrap_or(&none);
        for (class, fit) in &mut fits {
            fit.count(true_classes.contains(class), row.classes.has(*class));
        }
    }
    let given: BTreeSet<PersonId> = found
        .new
        .iter()
        .map(|person| snapshot.person(*person).id)
        .collect();
    let fit = fits.entry(ReconciliationClass::New).or_default();
    for person in new.union(&given) {
        fit.count(new.contains(person), given.contains(person));
    }
    Ok(fits)
}

/// Hands over the rows of a table of truth.
///
/// # Errors
/// When it cannot be read.
pub fn for_each(path: &Path, mut each: impl FnMut(&csv::StringRecord)) -> anyhow::Result<()> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("reading {}", path.display()))?;
    for row in reader.records() {
        each(&row.with_context(|| format!("reading {}", path.display()))?);
    }
    Ok(())
}
