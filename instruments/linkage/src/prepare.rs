//! From tables to codes: rows in the order of their ids, one code for each feature.

use crate::dictionary::{Dictionary, hash_bytes};
use crate::model::Model;
use crate::table::{Column, Table};
use crate::transform::Transform;

/// Why two lists could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// None of the id columns that the model names exists: the caller maps columns.
    #[error("the {side} table has no id column, expected one of: {expected}")]
    NoId {
        /// `left` or `right`.
        side: &'static str,
        /// What was expected.
        expected: String,
    },
    /// Not one column of any comparison exists on both sides.
    #[error("the tables share no column that the model compares")]
    NothingToCompare,
    /// Most values of a column are not what the model reads there: columns are swapped, or the form is unknown.
    #[error(
        "the {side} table: {unreadable} of {present} values of column {column} are no {kind}; are columns swapped?"
    )]
    Unreadable {
        /// `left` or `right`.
        side: &'static str,
        /// The column.
        column: String,
        /// `PIN` or `date`.
        kind: &'static str,
        /// Values that could not be read.
        unreadable: u32,
        /// Values that are there.
        present: u32,
    },
    /// More rows than codes: the caller must split the list.
    #[error("the {side} table has more than 2^32 - 1 rows")]
    TooManyRows {
        /// `left` or `right`.
        side: &'static str,
    },
}

/// Values of a column that are not what the model reads there; they count as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// `left` or `right`.
    pub side: &'static str,
    /// The column.
    pub column: String,
    /// `PIN` or `date`.
    pub kind: &'static str,
    /// Values that could not be read.
    pub unreadable: u32,
    /// Values that are there.
    pub present: u32,
}

/// Fewer values than this are never refused as unreadable.
const UNREADABLE_LEAST: u32 = 20;

/// One table as codes.
pub(crate) struct Records {
    /// Row of the table for each position; positions are in the order of ids.
    pub order: Vec<u32>,
    /// Features of one record.
    pub stride: usize,
    /// Codes, position by position.
    pub codes: Vec<u32>,
    /// Hash of the id for each position, for sampling.
    pub id_hash: Vec<u64>,
    /// For each feature, whether a column for it exists.
    pub present: Vec<bool>,
    /// Columns with values that could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl Records {
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The codes of one record.
    #[inline]
    pub fn at(&self, position: u32) -> &[u32] {
        let start = position as usize * self.stride;
        &self.codes[start..start + self.stride]
    }
}

/// Both sides prepared. When de-duplicating there is one side only.
pub(crate) struct Prepared {
    pub left: Records,
    pub right: Option<Records>,
    /// Vocabulary of each feature.
    pub vocabulary_of: Vec<usize>,
    pub vocabularies: Vec<Dictionary>,
    /// [`Dictionary::words`] of the vocabularies that are asked for single edits; the others are empty.
    pub words: Vec<Vec<u128>>,
    /// Column names of each feature, to know which features depend on each other.
    pub columns_of: Vec<Vec<String>>,
    /// Number of records that hold a code, by feature and code, left and right.
    pub counts_left: Vec<Vec<u32>>,
    pub counts_right: Vec<Vec<u32>>,
}

impl Prepared {
    pub fn new(left: &Table, right: Option<&Table>, model: &Model) -> Result<Prepared, LinkError> {
        let mut names: Vec<&str> = Vec::new();
        let mut vocabulary_of = Vec::with_capacity(model.features.len());
        for feature in &model.features {
            let place = names
                .iter()
                .position(|name| *name == feature.vocabulary)
                .unwrap_or_else(|| {
                    names.push(&feature.vocabulary);
                    names.len() - 1
                });
            vocabulary_of.push(place);
        }
        let mut vocabularies = vec![Dictionary::default(); names.len()];
        let left = encode(left, "left", model, &vocabulary_of, &mut vocabularies)?;
        let right = right
            .map(|table| encode(table, "right", model, &vocabulary_of, &mut vocabularies))
            .transpose()?;
        let both = |feature: usize| {
            left.present[feature] && right.as_ref().is_none_or(|right| right.present[feature])
        };
        if !model
            .comparisons
            .iter()
            .any(|comparison| both(comparison.feature))
        {
            return Err(LinkError::NothingToCompare);
        }
        let counts_left = counts(&left, &vocabulary_of, &vocabularies);
        let counts_right = right
            .as_ref()
            .map(|right| counts(right, &vocabulary_of, &vocabularies))
            .unwrap_or_default();
        let columns_of = model
            .features
            .iter()
            .map(|feature| feature.columns.clone())
            .collect();
        let words = words(model, &vocabulary_of, &vocabularies);
        Ok(Prepared {
            left,
            right,
            vocabulary_of,
            vocabularies,
            words,
            columns_of,
            counts_left,
            counts_right,
        })
    }

    /// The right side, which is the left one when de-duplicating.
    pub fn right(&self) -> &Records {
        self.right.as_ref().unwrap_or(&self.left)
    }

    pub fn is_dedupe(&self) -> bool {
        self.right.is_none()
    }

    /// Number of pairs there are.
    pub fn pairs(&self) -> f64 {
        let left = self.left.len() as f64;
        match &self.right {
            Some(right) => left * right.len() as f64,
            None => left * (left - 1.0) / 2.0,
        }
    }

    /// The value as one number where it fits, see [`Dictionary::words`]; 0 otherwise.
    #[inline]
    pub fn word(&self, feature: usize, code: u32) -> u128 {
        let words = &self.words[self.vocabulary_of[feature]];
        words.get(code as usize).copied().unwrap_or(0)
    }

    /// The letters of a feature's value.
    pub fn letters(&self, feature: usize, code: u32) -> &[u8] {
        self.vocabularies[self.vocabulary_of[feature]].get(code)
    }
}

/// The id column of a table.
pub(crate) fn id_column<'a>(
    table: &'a Table,
    side: &'static str,
    model: &Model,
) -> Result<&'a Column, LinkError> {
    model
        .id
        .iter()
        .find_map(|name| table.column(name))
        .ok_or_else(|| LinkError::NoId {
            side,
            expected: model.id.join(", "),
        })
}

/// Positions in the order of ids; equal ids in the order of the whole row, so that input order never shows.
fn order_of_rows(table: &Table, ids: &Column, side: &'static str) -> Result<Vec<u32>, LinkError> {
    let rows = u32::try_from(table.rows()).map_err(|_| LinkError::TooManyRows { side })?;
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        ids.get(a).cmp(ids.get(b)).then_with(|| {
            table
                .columns()
                .iter()
                .map(|column| column.get(a).cmp(column.get(b)))
                .find(|order| order.is_ne())
                .unwrap_or(a.cmp(&b))
        })
    });
    Ok(order)
}

fn encode(
    table: &Table,
    side: &'static str,
    model: &Model,
    vocabulary_of: &[usize],
    vocabularies: &mut [Dictionary],
) -> Result<Records, LinkError> {
    let ids = id_column(table, side, model)?;
    let order = order_of_rows(table, ids, side)?;
    let id_hash = order
        .iter()
        .map(|&row| hash_bytes(ids.get(row as usize).as_bytes()))
        .collect();
    let stride = model.features.len();
    let mut codes = vec![0u32; order.len() * stride];
    let mut present = vec![false; stride];
    let mut unreadable = Vec::new();
    for column in table.columns() {
        // Features made from this column: the column is the first of their names that exists.
        let made: Vec<usize> = (0..stride)
            .filter(|&feature| {
                let first = model.features[feature]
                    .columns
                    .iter()
                    .find_map(|name| table.column(name));
                first.is_some_and(|first| first.name() == column.name())
            })
            .collect();
        if made.is_empty() {
            continue;
        }
        made.iter().for_each(|&feature| present[feature] = true);
        encode_column(
            column,
            &order,
            &made,
            model,
            vocabulary_of,
            vocabularies,
            &mut codes,
        );
        let typed = made
            .iter()
            .find_map(|&f| Some((f, kind_of(&model.features[f].transforms)?)));
        if let Some((feature, kind)) = typed {
            let filled = (0..order.len()).filter(|&row| !column.get(row).is_empty());
            let filled = u32::try_from(filled.count()).unwrap_or(u32::MAX);
            let read = codes.iter().skip(feature).step_by(stride);
            let read = u32::try_from(read.filter(|&&code| code != 0).count()).unwrap_or(u32::MAX);
            unreadable.push(Unreadable {
                side,
                column: column.name().to_owned(),
                kind,
                unreadable: filled.saturating_sub(read),
                present: filled,
            });
        }
    }
    unreadable.retain(|column| column.unreadable > 0);
    if let Some(bad) = unreadable
        .iter()
        .find(|bad| bad.present >= UNREADABLE_LEAST && bad.unreadable > bad.present / 2)
    {
        return Err(LinkError::Unreadable {
            side,
            column: bad.column.clone(),
            kind: bad.kind,
            unreadable: bad.unreadable,
            present: bad.present,
        });
    }
    Ok(Records {
        order,
        stride,
        codes,
        id_hash,
        present,
        unreadable,
    })
}

/// What the steps read a text as, where most texts are not one: `None` for steps that take any text.
fn kind_of(steps: &[Transform]) -> Option<&'static str> {
    match steps {
        [Transform::Pin] => Some("PIN"),
        [Transform::Date] => Some("date"),
        _ => None,
    }
}

/// Fills the codes of every feature made from one column; each distinct raw text is transformed once.
fn encode_column(
    column: &Column,
    order: &[u32],
    made: &[usize],
    model: &Model,
    vocabulary_of: &[usize],
    vocabularies: &mut [Dictionary],
    codes: &mut [u32],
) {
    let stride = model.features.len();
    let mut raw = Dictionary::default();
    // Codes of the made features for each distinct raw text; the empty text has the missing value.
    let mut codes_of_raw: Vec<u32> = vec![0; made.len()];
    let mut letters = Vec::new();
    for (position, &row) in order.iter().enumerate() {
        let text = column.get(row as usize);
        let known = raw.codes();
        let code = raw.intern(text.as_bytes()) as usize;
        if code == known {
            for &feature in made {
                let mut value = std::borrow::Cow::Borrowed(text);
                for step in &model.features[feature].transforms {
                    value = std::borrow::Cow::Owned(step.apply(&value).into_owned());
                }
                letters.clear();
                script::letters::push_letters(&value, &mut letters);
                codes_of_raw.push(vocabularies[vocabulary_of[feature]].intern(&letters));
            }
        }
        for (place, &feature) in made.iter().enumerate() {
            codes[position * stride + feature] = codes_of_raw[code * made.len() + place];
        }
    }
}

fn words(model: &Model, vocabulary_of: &[usize], vocabularies: &[Dictionary]) -> Vec<Vec<u128>> {
    let mut asked = vec![false; vocabularies.len()];
    let levels = model.comparisons.iter().flat_map(|c| &c.levels);
    for clause in levels.flat_map(|level| &level.when) {
        asked[vocabulary_of[clause.feature]] |= clause.ask.is_single_edit();
    }
    let of = |(dictionary, asked): (&Dictionary, &bool)| {
        asked.then(|| dictionary.words()).unwrap_or_default()
    };
    vocabularies.iter().zip(&asked).map(of).collect()
}

fn counts(
    records: &Records,
    vocabulary_of: &[usize],
    vocabularies: &[Dictionary],
) -> Vec<Vec<u32>> {
    let mut counts: Vec<Vec<u32>> = vocabulary_of
        .iter()
        .map(|&place| vec![0; vocabularies[place].codes()])
        .collect();
    for record in records.codes.chunks_exact(records.stride.max(1)) {
        for (feature, &code) in record.iter().enumerate() {
            counts[feature][code as usize] += 1;
        }
    }
    counts
}
