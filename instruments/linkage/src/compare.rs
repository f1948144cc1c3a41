//! Level vectors: for one pair, the level of every comparison, four bits each.

use crate::dictionary::mix;
use crate::level::Ask;
use crate::model::{COMPARISONS_MAX, Comparison, Model};
use crate::prepare::Prepared;
use crate::weigh::Weights;

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

/// A comparison with everything looked up.
struct CompiledComparison {
    feature: usize,
    /// The clauses in one run, the levels one after the other.
    clauses: Vec<CompiledClause>,
}

/// Questions by letter about one feature, and answers remembered by pair of values.
struct LetterQuestions {
    asks: Vec<Ask>,
    answers_equal: u16,
    /// All are about single edits: answered from words, where both values fit into one.
    single_edits: bool,
    memo: Vec<(u64, u16)>,
}

/// Questions of all features, and the answers for the pair at hand.
struct Letters {
    questions: Vec<LetterQuestions>,
    answers: Vec<u16>,
    answered: u64,
}

/// Remembered answers of one feature: direct-mapped, so memory is fixed and a miss only costs time.
const MEMO_SLOTS: usize = 1 << 15;

/// Compares pairs. One for each thread, since it remembers answers.
pub(crate) struct Comparer<'a> {
    prepared: &'a Prepared,
    comparisons: Vec<CompiledComparison>,
    /// One level each: 1 holds, 2 does not.
    contradictions: Vec<CompiledComparison>,
    letters: Letters,
}

impl<'a> Comparer<'a> {
    pub fn new(prepared: &'a Prepared, model: &Model) -> Comparer<'a> {
        let features = model.features.len();
        let mut questions: Vec<LetterQuestions> = (0..features)
            .map(|_| LetterQuestions {
                asks: Vec::new(),
                answers_equal: 0,
                single_edits: false,
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
            comparisons.push(CompiledComparison {
                feature: comparison.feature,
                clauses,
            });
        }
        let mut contradictions = Vec::with_capacity(model.contradictions.len());
        for contradiction in &model.contradictions {
            let last = contradiction.when.len() - 1;
            let clauses = contradiction.when.iter().enumerate();
            let compiled = clauses.map(|(place, clause)| CompiledClause {
                clause: compile(prepared, &mut questions, clause.feature, &clause.ask),
                ends_level: place == last,
            });
            contradictions.push(CompiledComparison {
                clauses: compiled.collect(),
                feature: contradiction.feature,
            });
        }
        for question in &mut questions {
            if !question.asks.is_empty() {
                question.single_edits = question.asks.iter().all(Ask::is_single_edit);
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
            contradictions,
            letters: Letters {
                questions,
                answers: vec![0; features],
                answered: 0,
            },
        }
    }

    /// The level vector of a pair of records given by their codes.
    #[inline]
    pub fn compare(&mut self, left: &[u32], right: &[u32]) -> Levels {
        let Comparer {
            prepared,
            comparisons,
            letters,
            ..
        } = self;
        letters.answered = 0;
        let mut vector = 0u64;
        for (place, comparison) in comparisons.iter().enumerate() {
            let level = comparison.level(left, right, |feature, bit| {
                Some(letters.holds(prepared, feature, bit, left, right))
            });
            vector |= level.unwrap_or_else(|open| open) << (4 * place);
        }
        vector
    }

    /// Indices of the model's contradictions that hold for two records.
    pub fn contradictions(&mut self, left: &[u32], right: &[u32]) -> Vec<usize> {
        let Comparer {
            prepared,
            contradictions,
            letters,
            ..
        } = self;
        letters.answered = 0;
        let holds = |contradiction: &CompiledComparison| {
            contradiction.level(left, right, |feature, bit| {
                Some(letters.holds(prepared, feature, bit, left, right))
            }) == Ok(1)
        };
        let found = contradictions.iter().map(holds).collect::<Vec<bool>>();
        (0..found.len()).filter(|&place| found[place]).collect()
    }

    /// Level vector and weight of a pair, or `None` when its weight is below `least`, milli-bits.
    ///
    /// The same as [`Comparer::compare`] and [`Weights::weigh`], in two rounds: what codes alone tell first, then
    /// letters, the comparison that moves the weight most first, until the rest can no longer lift it to `least`.
    /// Most candidate pairs end before a letter is looked at.
    #[inline]
    pub fn compare_from(
        &mut self,
        left: &[u32],
        right: &[u32],
        weights: &Weights,
        least: i32,
    ) -> Option<(Levels, i32)> {
        let Comparer {
            prepared,
            comparisons,
            letters,
            ..
        } = self;
        letters.answered = 0;
        let (mut vector, mut open) = (0u64, 0u32);
        let mut most = weights.prior;
        // What an open comparison adds at most, so that it can be taken back when its level is known.
        let mut most_of = [0i32; COMPARISONS_MAX];
        for (place, comparison) in comparisons.iter().enumerate() {
            match comparison.level(left, right, |feature, bit| {
                letters.known(feature, bit, left, right)
            }) {
                Ok(level) => {
                    vector |= level << (4 * place);
                    most += weights.of(place, level as usize, left, right);
                }
                Err(level) => {
                    open |= 1 << place;
                    most_of[place] = weights.most_from(place, level as usize, left, right);
                    most += most_of[place];
                }
            }
        }
        for &place in weights.widest_first() {
            if most < least {
                return None;
            }
            if open >> place & 1 == 0 {
                continue;
            }
            let level = comparisons[place].level(left, right, |feature, bit| {
                Some(letters.holds(prepared, feature, bit, left, right))
            });
            let level = level.unwrap_or_else(|open| open);
            vector |= level << (4 * place);
            most += weights.of(place, level as usize, left, right) - most_of[place];
        }
        (most >= least).then_some((vector, most))
    }
}

impl CompiledComparison {
    /// The level, or the one at which `by_letter` knew no answer: the true level is this or a later one.
    #[inline]
    fn level(
        &self,
        left: &[u32],
        right: &[u32],
        mut by_letter: impl FnMut(usize, u16) -> Option<bool>,
    ) -> Result<u64, u64> {
        if left[self.feature] == 0 || right[self.feature] == 0 {
            return Ok(0);
        }
        let mut level = 1u64;
        let mut holds = true;
        for CompiledClause { clause, ends_level } in &self.clauses {
            holds = holds
                && match *clause {
                    Compiled::Exact(f) => left[f] != 0 && left[f] == right[f],
                    Compiled::Differs(f) => left[f] != 0 && right[f] != 0 && left[f] != right[f],
                    Compiled::Swapped(f, g) => {
                        left[f] != 0 && right[f] != 0 && left[f] == right[g] && left[g] == right[f]
                    }
                    Compiled::Crossed(f, g) => {
                        left[f] != 0 && left[f] == right[g] || right[f] != 0 && right[f] == left[g]
                    }
                    Compiled::Value(f, code) => left[f] == code && right[f] == code,
                    Compiled::Else => true,
                    Compiled::Letters(f, bit) => by_letter(f, bit).ok_or(level)?,
                };
            if *ends_level {
                if holds {
                    break;
                }
                holds = true;
                level += 1;
            }
        }
        Ok(level)
    }
}

impl Letters {
    /// Whether a question holds, looking at letters where it must.
    #[inline]
    fn holds(
        &mut self,
        prepared: &Prepared,
        feature: usize,
        bit: u16,
        left: &[u32],
        right: &[u32],
    ) -> bool {
        if self.answered >> feature & 1 == 0 {
            self.answers[feature] =
                self.questions[feature].answer(prepared, feature, left[feature], right[feature]);
            self.answered |= 1 << feature;
        }
        self.answers[feature] & bit != 0
    }

    /// Whether a question holds, where codes alone tell.
    #[inline]
    fn known(&self, feature: usize, bit: u16, left: &[u32], right: &[u32]) -> Option<bool> {
        if left[feature] == 0 || right[feature] == 0 {
            Some(false)
        } else if left[feature] == right[feature] {
            Some(self.questions[feature].answers_equal & bit != 0)
        } else {
            None
        }
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
        if self.single_edits {
            let (a, b) = (prepared.word(feature, left), prepared.word(feature, right));
            if a != 0 && b != 0 {
                return self.asks.iter().enumerate().fold(0, |bits, (bit, ask)| {
                    bits | u16::from(ask.answer_words(a, b)) << bit
                });
            }
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

#[cfg(test)]
mod tests;
