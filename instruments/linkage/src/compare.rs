//! Level vectors: for one pair, the level of every comparison, four bits each.

use crate::dictionary::mix;
use crate::level::Ask;
use crate::model::{Comparison, Model};
use crate::prepare::Prepared;

/// The level of every comparison of one pair: comparison `c` in bits `4c` to `4c + 3`, 0 = missing.
pub type Levels = u64;

/// The level of one comparison inside a level vector.
#[must_use]
pub fn level_at(levels: Levels, comparison: usize) -> usize {
    (levels >> (4 * comparison) & 15) as usize
}

/// A clause with everything looked up.
enum Compiled {
    Exact(usize),
    Differs(usize),
    /// Bit of the answers by letter of a feature.
    Letters(usize, u16),
    Swapped(usize, usize),
    Crossed(usize, usize),
    Value(usize, u32),
    Else,
}

/// A clause and whether it is the last of its level.
struct CompiledClause {
    clause: Compiled,
    ends_level: bool,
}

/// Questions by letter about one feature, and answers remembered by pair of values.
struct LetterQuestions {
    asks: Vec<Ask>,
    answers_equal: u16,
    memo: Vec<(u64, u16)>,
}

/// Remembered answers of one feature: direct-mapped, so memory is fixed and a miss only costs time.
const MEMO_SLOTS: usize = 1 << 15;

/// Compares pairs. One for each thread, since it remembers answers.
pub(crate) struct Comparer<'a> {
    prepared: &'a Prepared,
    /// For each comparison its feature and its clauses in one run, the levels one after the other.
    comparisons: Vec<(usize, Vec<CompiledClause>)>,
    questions: Vec<LetterQuestions>,
    answers: Vec<u16>,
    answered: u64,
}

impl<'a> Comparer<'a> {
    pub fn new(prepared: &'a Prepared, model: &Model) -> Comparer<'a> {
        let features = model.features.len();
        let mut questions: Vec<LetterQuestions> = (0..features)
            .map(|_| LetterQuestions {
                asks: Vec::new(),
                answers_equal: 0,
                memo: Vec::new(),
            })
            .collect();
        let mut comparisons = Vec::with_capacity(model.comparisons.len());
        for comparison in &model.comparisons {
            let mut clauses = Vec::new();
            for level in &comparison.levels {
                for (place, clause) in level.when.iter().enumerate() {
                    let compiled = compile(prepared, &mut questions, clause.feature, &clause.ask);
                    clauses.push(CompiledClause {
                        clause: compiled,
                        ends_level: place + 1 == level.when.len(),
                    });
                }
            }
            comparisons.push((comparison.feature, clauses));
        }
        for question in &mut questions {
            if !question.asks.is_empty() {
                question.memo = vec![(u64::MAX, 0); MEMO_SLOTS];
                question.answers_equal = question
                    .asks
                    .iter()
                    .enumerate()
                    .fold(0, |bits, (bit, ask)| {
                        bits | u16::from(ask.answer_equal()) << bit
                    });
            }
        }
        Comparer {
            prepared,
            comparisons,
            questions,
            answers: vec![0; features],
            answered: 0,
        }
    }

    /// The level vector of a pair of records given by their codes.
    #[inline]
    pub fn compare(&mut self, left: &[u32], right: &[u32]) -> Levels {
        let Comparer {
            prepared,
            comparisons,
            questions,
            answers,
            answered,
        } = self;
        *answered = 0;
        let mut vector = 0u64;
        for (place, (feature, clauses)) in comparisons.iter().enumerate() {
            if left[*feature] == 0 || right[*feature] == 0 {
                continue;
            }
            let mut level = 1u64;
            let mut holds = true;
            for CompiledClause { clause, ends_level } in clauses {
                holds = holds
                    && match *clause {
                        Compiled::Exact(f) => left[f] != 0 && left[f] == right[f],
                        Compiled::Differs(f) => {
                            left[f] != 0 && right[f] != 0 && left[f] != right[f]
                        }
                        Compiled::Swapped(f, g) => {
                            left[f] != 0
                                && right[f] != 0
                                && left[f] == right[g]
                                && left[g] == right[f]
                        }
                        Compiled::Crossed(f, g) => {
                            left[f] != 0 && left[f] == right[g]
                                || right[f] != 0 && right[f] == left[g]
                        }
                        Compiled::Value(f, code) => left[f] == code && right[f] == code,
                        Compiled::Else => true,
                        Compiled::Letters(f, bit) => {
                            if *answered >> f & 1 == 0 {
                                answers[f] = questions[f].answer(prepared, f, left[f], right[f]);
                                *answered |= 1 << f;
                            }
                            answers[f] & bit != 0
                        }
                    };
                if *ends_level {
                    if holds {
                        break;
                    }
                    holds = true;
                    level += 1;
                }
            }
            vector |= level << (4 * place);
        }
        vector
    }
}

impl LetterQuestions {
    /// One bit for each question that holds for this pair of values.
    fn answer(&mut self, prepared: &Prepared, feature: usize, left: u32, right: u32) -> u16 {
        if left == 0 || right == 0 {
            return 0;
        }
        if left == right {
            return self.answers_equal;
        }
        let pair = u64::from(left.min(right)) << 32 | u64::from(left.max(right));
        let slot = &mut self.memo[mix(pair) as usize & (MEMO_SLOTS - 1)];
        if slot.0 != pair {
            let (a, b) = (
                prepared.letters(feature, left),
                prepared.letters(feature, right),
            );
            *slot = (pair, answers_by_letter(&self.asks, a, b));
        }
        slot.1
    }
}

/// One bit for each question; the similarity and the distance are computed at most once.
fn answers_by_letter(asks: &[Ask], a: &[u8], b: &[u8]) -> u16 {
    let mut similarity: Option<f64> = None;
    let mut similar = || *similarity.get_or_insert_with(|| script::jaro_winkler(a, b));
    asks.iter().enumerate().fold(0, |bits, (bit, ask)| {
        let answer = match *ask {
            Ask::JaroWinkler(least) => similar() >= least,
            Ask::Unlike(most) => similar() < most,
            Ask::Edits(_) | Ask::Slip | Ask::Starts(_) => ask.answer(a, b),
            Ask::Exact
            | Ask::Differs
            | Ask::Swapped(_)
            | Ask::Crossed(_)
            | Ask::Value(_)
            | Ask::Else => false,
        };
        bits | u16::from(answer) << bit
    })
}

fn compile(
    prepared: &Prepared,
    questions: &mut [LetterQuestions],
    feature: usize,
    ask: &Ask,
) -> Compiled {
    match ask {
        Ask::Exact => Compiled::Exact(feature),
        Ask::Differs => Compiled::Differs(feature),
        Ask::Swapped(other) => Compiled::Swapped(feature, *other),
        Ask::Crossed(other) => Compiled::Crossed(feature, *other),
        Ask::Else => Compiled::Else,
        Ask::Value(text) => {
            let code =
                prepared.vocabularies[prepared.vocabulary_of[feature]].find(&script::letters(text));
            Compiled::Value(feature, code.unwrap_or(u32::MAX))
        }
        Ask::JaroWinkler(_) | Ask::Unlike(_) | Ask::Edits(_) | Ask::Slip | Ask::Starts(_) => {
            let asks = &mut questions[feature].asks;
            let bit = asks
                .iter()
                .position(|known| known == ask)
                .unwrap_or_else(|| {
                    asks.push(ask.clone());
                    asks.len() - 1
                });
            // INVARIANT (16 questions): the model's parser allows at most 16 distinct questions by letter.
            Compiled::Letters(feature, 1 << bit)
        }
    }
}

/// True when the features share a column: one follows from the other, so they are no separate evidence.
pub(crate) fn share_column(prepared: &Prepared, a: usize, b: usize) -> bool {
    prepared.columns_of[a]
        .iter()
        .any(|name| prepared.columns_of[b].contains(name))
}

/// How much of the frequency adjustment a level gets: exact all, other agreements on the same column a part.
pub(crate) fn frequency_part(
    prepared: &Prepared,
    comparison: &Comparison,
    level: usize,
    fuzzy: f64,
) -> f64 {
    let level = &comparison.levels[level];
    if comparison.is_exact(level) {
        return 1.0;
    }
    let agrees = level.when.iter().any(|clause| match clause.ask {
        Ask::JaroWinkler(_) | Ask::Edits(_) | Ask::Slip | Ask::Starts(_) | Ask::Exact => {
            share_column(prepared, clause.feature, comparison.feature)
        }
        Ask::Differs
        | Ask::Unlike(_)
        | Ask::Swapped(_)
        | Ask::Crossed(_)
        | Ask::Value(_)
        | Ask::Else => false,
    });
    if agrees { fuzzy } else { 0.0 }
}
