//! Truth beside what the product found. The product never reads `truth/`; this room does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Context as _;
use batch::Formed;
use lexicon::{PersonId, ReconciliationClass};
use store::import::SOURCE;

/// Pairs of records that are one human.
#[derive(Clone, Debug, Default)]
pub struct TruePairs(BTreeSet<(PersonId, PersonId)>);

impl TruePairs {
    /// Reads `truth/duplicates.csv`, by the tables' enrolments.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut owner: HashMap<String, PersonId> = HashMap::new();
        for_each(&dir.join("enrolments.csv"), |row| {
            owner.insert(row[0].to_owned(), PersonId::of_source(SOURCE, &row[1]));
        })?;
        let mut pairs = BTreeSet::new();
        for_each(&dir.join("truth/duplicates.csv"), |row| {
            if let (Some(a), Some(b)) = (owner.get(&row[0]), owner.get(&row[1])) {
                pairs.insert((*a.min(b), *a.max(b)));
            }
        })?;
        Ok(Self(pairs))
    }

    /// Whether two records are one human.
    #[must_use]
    pub fn same(&self, a: PersonId, b: PersonId) -> bool {
        self.0.contains(&(a.min(b), a.max(b)))
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a folder of tables has its truth beside it.
#[must_use]
pub fn has_truth(dir: &Path) -> bool {
    dir.join("truth/commission.csv").exists()
}

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
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// Compares the classes of every row of the commission's list with the truth.
///
/// # Errors
/// When a truth table cannot be read.
pub fn reconciliation(
    dir: &Path,
    formed: &Formed,
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
    for (entry, found) in formed
        .snapshot
        .commission
        .iter()
        .zip(&formed.reconciliation.rows)
    {
        let true_classes = truth.get(entry.row).unwrap_or(&none);
        for (class, fit) in &mut fits {
            count(fit, true_classes.contains(class), found.classes.has(*class));
        }
    }
    let found: BTreeSet<PersonId> = formed
        .reconciliation
        .new
        .iter()
        .map(|person| formed.snapshot.person(*person).id)
        .collect();
    let fit = fits.entry(ReconciliationClass::New).or_default();
    for person in new.union(&found) {
        count(fit, new.contains(person), found.contains(person));
    }
    Ok(fits)
}

fn count(fit: &mut Fit, true_one: bool, given: bool) {
    fit.truth += u64::from(true_one);
    fit.given += u64::from(given);
    fit.both += u64::from(true_one && given);
}

/// Rows given each class.
#[must_use]
pub fn reconciled_by_class(formed: &Formed) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = ReconciliationClass::ALL
        .iter()
        .map(|class| (class.code().to_owned(), 0))
        .collect();
    let mut add = |class: ReconciliationClass| {
        *counts.entry(class.code().to_owned()).or_default() += 1;
    };
    for row in &formed.reconciliation.rows {
        row.classes.iter().for_each(&mut add);
    }
    formed
        .reconciliation
        .new
        .iter()
        .for_each(|_| add(ReconciliationClass::New));
    counts
}

fn for_each(path: &Path, mut each: impl FnMut(&csv::StringRecord)) -> anyhow::Result<()> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("reading {}", path.display()))?;
    for row in reader.records() {
        each(&row.with_context(|| format!("reading {}", path.display()))?);
    }
    Ok(())
}
