//! The model: features, blocking rules, comparisons, training and decision, as data in TOML.
//!
//! The format is documented in `docs/linkage.md`; unknown keys are refused.

use crate::level::{Ask, Clause, parse_clauses};
use crate::train::Trained;
use crate::transform::Transform;
use serde::Deserialize;

/// Most comparisons a model may have, and most levels of one comparison (without the missing level):
/// four bits each in a level vector of 64.
pub const COMPARISONS_MAX: usize = 16;
/// Most levels of one comparison, not counting level 0 (missing).
pub const LEVELS_MAX: usize = 15;
/// Most features: one bit each.
pub const FEATURES_MAX: usize = 64;
/// Most different questions by letter about one feature: one bit each.
pub const LETTER_QUESTIONS_MAX: usize = 16;
/// Most blocking rules: one bit each.
pub const RULES_MAX: usize = 32;

/// Why a model was refused; an engineer must correct the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not TOML, or a key that is missing or unknown; the message names the line.
    #[error("model is not readable: {0}")]
    Toml(String),
    /// A step that does not exist.
    #[error("feature {feature}: unknown transform \"{step}\"")]
    Transform {
        /// The feature.
        feature: String,
        /// The step as written.
        step: String,
    },
    /// A name that no feature has.
    #[error("{place}: unknown feature \"{name}\"")]
    Feature {
        /// Where in the model.
        place: String,
        /// The name that was not found.
        name: String,
    },
    /// A level that cannot be read.
    #[error("comparison {comparison}, level {level}: cannot read \"{clause}\"")]
    Level {
        /// The comparison.
        comparison: String,
        /// The level.
        level: String,
        /// The clause as written.
        clause: String,
    },
    /// Equal texts of the two features have different codes.
    #[error("{place}: features {left} and {right} need the same vocabulary")]
    Vocabulary {
        /// Where in the model.
        place: String,
        /// Feature of the left side.
        left: String,
        /// Feature of the right side.
        right: String,
    },
    /// A number outside its range.
    #[error("{place}: {what}")]
    Range {
        /// Where in the model.
        place: String,
        /// What is wrong.
        what: String,
    },
}

/// A value derived from one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Name used by rules and comparisons.
    pub name: String,
    /// Names the column may have, in order of preference.
    pub columns: Vec<String>,
    /// Steps from raw text to value.
    pub transforms: Vec<Transform>,
    /// Features of one vocabulary share value codes and can be compared with each other.
    pub vocabulary: String,
}

/// A blocking rule: pairs whose listed features are equal are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name for reports.
    pub name: String,
    /// Feature of the left record, feature of the right record.
    pub on: Vec<(usize, usize)>,
    /// Further features that must be equal inside a block that is too large.
    pub refine: Vec<usize>,
}

/// Whether and how agreement on a common value counts less than on a rare one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// Every value counts the same.
    None,
    /// Weight of an agreement follows the value's share among all records, never below `floor`.
    Value {
        /// Smallest share used, 0 to 1, so that a typo does not look like gold.
        floor: f64,
        /// Part of the adjustment given to fuzzy levels, 0 to 1.
        fuzzy: f64,
    },
    /// For numbers meant to be unique: a value held by several records loses a bit for each doubling.
    Shared,
}

/// One level of a comparison; the first whose clauses all hold is the pair's level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Name for outputs.
    pub name: String,
    /// What explanations say of it, where the standard phrase is not enough.
    pub say: Option<Label>,
    /// All must hold.
    pub when: Vec<Clause>,
    /// Probability of this level among mated pairs: frozen value or start of training.
    pub m: Option<f64>,
    /// Probability among non-mated pairs: frozen value or start of training.
    pub u: Option<f64>,
    /// A weight set by hand in milli-bits, taken instead of log2(m/u).
    pub fixed_milli_bits: Option<i32>,
}

/// One comparison: a feature and its levels, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name for outputs.
    pub name: String,
    /// What people call it: Kyrgyz, Russian, English.
    pub label: Label,
    /// The feature whose absence makes the comparison missing (level 0, no evidence).
    pub feature: usize,
    /// Frequency adjustment of its exact and fuzzy levels.
    pub frequency: Frequency,
    /// Levels from 1 on.
    pub levels: Vec<Level>,
}

/// A name in three languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Kyrgyz.
    pub ky: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// What two records of one person cannot both be: pairs of one cluster for which it holds are reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// Name for outputs.
    pub name: String,
    /// What people call it: Kyrgyz, Russian, English.
    pub label: Label,
    /// The feature whose absence makes it silent.
    pub feature: usize,
    /// All must hold.
    pub when: Vec<Clause>,
}

/// How m, u and the prior come about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// False: every level carries m and u, and the file carries the prior; nothing is estimated.
    pub estimate: bool,
    /// Number of random pairs for u.
    pub random_pairs: usize,
    /// Largest number of right records whose candidate pairs train m.
    pub right_records: usize,
    /// Weight of the file's m values in the estimate, in pairs.
    pub start_pairs: f64,
    /// Share of candidate pairs taken for mated at the start of training, or log-odds when frozen.
    pub prior_milli_bits: Option<i32>,
}

/// Who may be linked to how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// Each record at most once on either side.
    OneToOne,
    /// Each right record to its best left record; a left record may have several.
    BestPerRight,
    /// Every pair above the threshold.
    All,
}

/// From weights to bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Weight from which a pair is linked without review, milli-bits.
    pub auto_milli_bits: i32,
    /// Weight from which a pair goes to clerical review, milli-bits.
    pub review_milli_bits: i32,
    /// Who may be linked to how many.
    pub assignment: Assignment,
    /// A link whose runner-up is closer than this goes to review, milli-bits.
    pub margin_milli_bits: i32,
    /// Mean weight from which two clusters are joined when de-duplicating, milli-bits.
    pub cluster_milli_bits: i32,
    /// Expected wrong links among those made without review, at most; where it is set, the weight from which a pair
    /// is linked without review is computed from it (and `auto_milli_bits` is not used).
    pub false_links_max: Option<u32>,
    /// Largest number of pairs of one block before it is refined.
    pub block_pairs_max: u64,
}

/// A parsed and checked model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name, as `febrl`.
    pub name: String,
    /// Names of the id column, in order of preference.
    pub id: Vec<String>,
    /// Derived values.
    pub features: Vec<Feature>,
    /// Blocking rules, cheapest and surest first.
    pub rules: Vec<Rule>,
    /// Comparisons.
    pub comparisons: Vec<Comparison>,
    /// What is reported of pairs that were linked.
    pub contradictions: Vec<Contradiction>,
    /// Training.
    pub training: Training,
    /// Decision.
    pub decision: Decision,
}

mod freeze;
mod parse;
mod shipped;
pub use shipped::{SHIPPED, shipped};

impl Model {
    /// Reads a model from TOML.
    ///
    /// # Errors
    /// [`ModelError`] names the place that is wrong.
    pub fn parse(text: &str) -> Result<Model, ModelError> {
        parse::parse(text)
    }

    /// Names of all columns the model may read, ids included; others need not be loaded.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.id.iter().map(String::as_str).collect();
        names.extend(
            self.features
                .iter()
                .flat_map(|feature| &feature.columns)
                .map(String::as_str),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The model's text with the parameters of a run written into it: `estimate = false`, the prior, and m
    /// and u of every level. Linking with it needs no training and gives the same weights every time.
    ///
    /// # Errors
    /// [`ModelError::Toml`] when `text` is not the text of a model.
    pub fn freeze(
        text: &str,
        trained: &Trained,
        prior_milli_bits: i32,
    ) -> Result<String, ModelError> {
        freeze::freeze(text, trained, prior_milli_bits)
    }

    /// True without training: the weights are those of m, u and prior in the file.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        !self.training.estimate
    }

    /// Index of a feature by name.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<usize> {
        self.features
            .iter()
            .position(|feature| feature.name == name)
    }

    /// Index of a comparison by name.
    #[must_use]
    pub fn comparison(&self, name: &str) -> Option<usize> {
        self.comparisons
            .iter()
            .position(|comparison| comparison.name == name)
    }
}

impl Comparison {
    /// True when the level asks only for equality of the comparison's own feature.
    #[must_use]
    pub fn is_exact(&self, level: &Level) -> bool {
        level.when
            == [Clause {
                ask: Ask::Exact,
                feature: self.feature,
            }]
    }

    /// True when the level is an agreement by letter on the comparison's own feature.
    #[must_use]
    pub fn is_fuzzy(&self, level: &Level) -> bool {
        level.when.iter().any(|clause| {
            clause.feature == self.feature
                && matches!(
                    clause.ask,
                    Ask::JaroWinkler(_) | Ask::Edits(_) | Ask::Slip | Ask::Starts(_)
                )
        })
    }
}

#[cfg(test)]
mod tests;
