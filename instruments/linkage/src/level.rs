//! The language of comparison levels: `exact`, `jaro_winkler 0.92`, `exact on house and unlike 0.75 on given`.

/// What one clause asks of a pair of values. A missing value answers every clause with no.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// `exact`: equal values.
    Exact,
    /// `differs`: both present, not equal.
    Differs,
    /// `jaro_winkler X`: similarity at least X, by letter.
    JaroWinkler(f64),
    /// `unlike X`: both present, Jaro–Winkler similarity below X.
    Unlike(f64),
    /// `edits N`: Damerau–Levenshtein distance at most N letters.
    Edits(usize),
    /// `slip`: equal length and one letter differs, or two neighbours are exchanged.
    Slip,
    /// `starts`: one value is the beginning of the other, or they share the first N letters (`starts N`).
    Starts(usize),
    /// `swapped G`: this feature of each record equals feature G of the other one.
    Swapped(usize),
    /// `crossed G`: this feature of one record equals feature G of the other, in either direction.
    Crossed(usize),
    /// `value X`: both values are X.
    Value(String),
    /// `else`: always.
    Else,
}

/// One clause: a question about one feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// What is asked.
    pub ask: Ask,
    /// Index of the feature it is asked of.
    pub feature: usize,
}

/// Reads `clause and clause …`; features are found by name through `index_of`.
///
/// The error is the clause that could not be read.
///
/// # Errors
/// The text of the first clause that is not of this language or names an unknown feature.
pub fn parse_clauses(
    text: &str,
    own_feature: usize,
    index_of: impl Fn(&str) -> Option<usize>,
) -> Result<Vec<Clause>, String> {
    text.split(" and ")
        .map(|clause| {
            parse_clause(clause.trim(), own_feature, &index_of)
                .ok_or_else(|| clause.trim().to_owned())
        })
        .collect()
}

fn parse_clause(
    text: &str,
    own_feature: usize,
    index_of: &impl Fn(&str) -> Option<usize>,
) -> Option<Clause> {
    let (question, feature) = match text.split_once(" on ") {
        Some((question, name)) => (question.trim(), index_of(name.trim())?),
        None => (text, own_feature),
    };
    let (name, argument) = question
        .split_once(' ')
        .map_or((question, None), |(name, rest)| (name, Some(rest.trim())));
    let similarity = || {
        argument?
            .parse::<f64>()
            .ok()
            .filter(|x| (0.0..=1.0).contains(x))
    };
    let count = || argument?.parse::<usize>().ok();
    let plain = |ask: Ask| argument.is_none().then_some(ask);
    let ask = match name {
        "exact" => plain(Ask::Exact)?,
        "differs" => plain(Ask::Differs)?,
        "else" => plain(Ask::Else)?,
        "slip" => plain(Ask::Slip)?,
        "jaro_winkler" => Ask::JaroWinkler(similarity()?),
        "unlike" => Ask::Unlike(similarity()?),
        "edits" => Ask::Edits(count()?),
        "starts" => Ask::Starts(if argument.is_none() {
            usize::MAX
        } else {
            count()?
        }),
        "swapped" => Ask::Swapped(index_of(argument?)?),
        "crossed" => Ask::Crossed(index_of(argument?)?),
        "value" => Ask::Value(argument?.to_owned()),
        _ => return None,
    };
    Some(Clause { ask, feature })
}

impl Ask {
    /// True when the answer depends on letters and is worth remembering by the pair of values.
    #[must_use]
    pub fn is_by_letter(&self) -> bool {
        match self {
            Ask::JaroWinkler(_) | Ask::Unlike(_) | Ask::Edits(_) | Ask::Slip | Ask::Starts(_) => {
                true
            }
            Ask::Exact
            | Ask::Differs
            | Ask::Swapped(_)
            | Ask::Crossed(_)
            | Ask::Value(_)
            | Ask::Else => false,
        }
    }

    /// True for questions about a single edit, which [`Ask::answer_words`] answers without looking at letters.
    #[must_use]
    pub fn is_single_edit(&self) -> bool {
        match self {
            Ask::Slip | Ask::Edits(1) => true,
            Ask::JaroWinkler(_)
            | Ask::Unlike(_)
            | Ask::Edits(_)
            | Ask::Starts(_)
            | Ask::Exact
            | Ask::Differs
            | Ask::Swapped(_)
            | Ask::Crossed(_)
            | Ask::Value(_)
            | Ask::Else => false,
        }
    }

    /// The answer of a question about a single edit for two present and different values of at most sixteen letters,
    /// given as numbers whose lowest byte is the first letter. The same as [`Ask::answer`].
    #[must_use]
    pub fn answer_words(&self, a: u128, b: u128) -> bool {
        let length = |word: u128| 16 - word.leading_zeros() / 8;
        let (shorter, longer) = if a < b { (a, b) } else { (b, a) };
        let first = (a ^ b).trailing_zeros() & !7;
        match length(longer) - length(shorter) {
            0 => {
                let last = (127 - (a ^ b).leading_zeros()) & !7;
                let (a, b) = (a >> first & 0xFFFF, b >> first & 0xFFFF);
                let swapped = (b >> 8 | b << 8) & 0xFFFF;
                last == first || last == first + 8 && a == swapped
            }
            1 => {
                let rest = longer.checked_shr(first + 8).unwrap_or(0);
                *self != Ask::Slip && rest == shorter >> first
            }
            _ => false,
        }
    }

    /// The answer for two present and different values, given as letters.
    ///
    /// Only for questions by letter; the others answer no.
    #[must_use]
    pub fn answer(&self, a: &[u8], b: &[u8]) -> bool {
        match *self {
            Ask::JaroWinkler(least) => script::jaro_winkler(a, b) >= least,
            Ask::Unlike(most) => script::jaro_winkler(a, b) < most,
            Ask::Edits(most) => script::osa_within(a, b, most).is_some(),
            Ask::Slip => a.len() == b.len() && script::osa_within(a, b, 1).is_some(),
            Ask::Starts(usize::MAX) => a.starts_with(b) || b.starts_with(a),
            Ask::Starts(letters) => {
                a.len() >= letters && b.len() >= letters && a[..letters] == b[..letters]
            }
            Ask::Exact
            | Ask::Differs
            | Ask::Swapped(_)
            | Ask::Crossed(_)
            | Ask::Value(_)
            | Ask::Else => false,
        }
    }

    /// The answer of a question by letter for two equal values.
    #[must_use]
    pub fn answer_equal(&self) -> bool {
        match self {
            Ask::Unlike(_) => false,
            Ask::JaroWinkler(_) | Ask::Edits(_) | Ask::Slip | Ask::Starts(_) => true,
            Ask::Exact
            | Ask::Differs
            | Ask::Swapped(_)
            | Ask::Crossed(_)
            | Ask::Value(_)
            | Ask::Else => false,
        }
    }
}

#[cfg(test)]
mod tests {
    //! The grammar, and each question by letter.

    use super::{Ask, Clause, parse_clauses};

    fn index_of(name: &str) -> Option<usize> {
        ["given", "house"].iter().position(|known| *known == name)
    }

    #[test]
    fn clauses_name_a_question_and_perhaps_a_feature() {
        let clauses = parse_clauses("exact on house and unlike 0.75", 0, index_of);
        assert_eq!(
            clauses,
            Ok(vec![
                Clause {
                    ask: Ask::Exact,
                    feature: 1
                },
                Clause {
                    ask: Ask::Unlike(0.75),
                    feature: 0
                }
            ])
        );
        assert_eq!(
            parse_clauses("swapped house", 0, index_of),
            Ok(vec![Clause {
                ask: Ask::Swapped(1),
                feature: 0
            }])
        );
    }

    #[test]
    fn what_is_not_of_the_language_is_named() {
        for (text, bad) in [
            ("exact and near", "near"),
            ("exact on street", "exact on street"),
            ("jaro_winkler 7", "jaro_winkler 7"),
            ("edits", "edits"),
            ("else 3", "else 3"),
            ("", ""),
        ] {
            assert_eq!(parse_clauses(text, 0, index_of), Err(bad.to_owned()));
        }
    }

    proptest::proptest! {
        /// Numbers and letters give one answer; few letters, so that single edits are common.
        #[test]
        fn words_answer_as_letters_do(a in "[абв]{1,6}[а-г]{0,10}", edits in "[а-г]{3}", at in 0usize..16, kind in 0..5) {
            let mut b: Vec<char> = a.chars().collect();
            let (at, new) = (at % b.len(), edits.chars().next().unwrap_or('а'));
            match kind {
                0 => b[at] = new,
                1 => b.insert(at, new),
                2 => { b.remove(at); }
                3 => { let to = (at + 1) % b.len(); b.swap(at, to); }
                _ => { b[at] = new; b.reverse(); }
            }
            let (a, b) = (script::letters(&a), script::letters(&b.iter().collect::<String>()));
            let word = |letters: &[u8]| letters.iter().rev().fold(0u128, |word, &l| word << 8 | u128::from(l));
            proptest::prop_assume!(a != b && !b.is_empty() && b.len() <= 16);
            for ask in [Ask::Slip, Ask::Edits(1)] {
                proptest::prop_assert_eq!(ask.answer_words(word(&a), word(&b)), ask.answer(&a, &b));
            }
        }
    }

    #[test]
    fn questions_by_letter_are_answered() {
        for (ask, a, b, answer) in [
            (Ask::JaroWinkler(0.9), "martha", "marhta", true),
            (Ask::Unlike(0.9), "martha", "marhta", false),
            (Ask::Edits(1), "abc", "abcd", true),
            (Ask::Slip, "abc", "abcd", false),
            (Ask::Slip, "abcd", "abdc", true),
            (Ask::Slip, "abcd", "abxd", true),
            (Ask::Starts(usize::MAX), "ab", "abc", true),
            (Ask::Starts(2), "abx", "aby", true),
            (Ask::Starts(3), "ab", "aby", false),
        ] {
            assert_eq!(
                ask.answer(a.as_bytes(), b.as_bytes()),
                answer,
                "{ask:?} {a} {b}"
            );
        }
    }
}
