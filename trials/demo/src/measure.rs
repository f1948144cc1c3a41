//! Truth beside what the product found. The product never reads `truth/`; this room does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use batch::Formed;
use lexicon::{PersonId, ReconciliationClass};
use national::truth::for_each;
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
