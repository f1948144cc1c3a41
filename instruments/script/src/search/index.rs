//! The names of a precinct, searched together: a word that many bear is compared once a query.

use std::collections::BTreeMap;

use super::{Answer, Query, Scratch, SearchName, answer, score_word};

/// One name that answers a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its place in the list that the index was made of, from 0.
    pub place: usize,
    /// How well it answers.
    pub answer: Answer,
}

/// The names of a precinct.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    words: Vec<Vec<u8>>,
    names: Vec<Vec<u32>>,
}

impl NameIndex {
    /// Indexes names; [`Hit::place`] counts in their order.
    #[must_use]
    pub fn new(names: &[SearchName]) -> Self {
        let mut numbers: BTreeMap<&[u8], u32> = BTreeMap::new();
        let mut words = Vec::new();
        let names = names
            .iter()
            .map(|name| {
                name.words
                    .iter()
                    .map(|word| {
                        *numbers.entry(word.as_slice()).or_insert_with(|| {
                            words.push(word.clone());
                            u32::try_from(words.len() - 1).unwrap_or(u32::MAX)
                        })
                    })
                    .collect()
            })
            .collect();
        Self { words, names }
    }

    /// Every name that answers, in the order of the list; the same as [`Query::answer`] of each.
    ///
    /// Cost: each word typed against each different word, about 5 ms for the words of 10,000 voters.
    #[must_use]
    pub fn hits(&self, query: &Query) -> Vec<Hit> {
        let mut scratch = Scratch::default();
        let mut best: Vec<Option<Answer>> = vec![None; self.names.len()];
        for reading in &query.readings {
            let tables: Vec<Vec<u16>> = reading
                .words
                .iter()
                .map(|asked| {
                    let score = |word: &Vec<u8>| score_word(asked, word, &mut scratch).unwrap_or(0);
                    self.words.iter().map(score).collect()
                })
                .collect();
            for (name, best) in self.names.iter().zip(&mut best) {
                let found = answer(tables.len(), name.len(), |asked, place| {
                    let score = tables[asked][name[place] as usize];
                    (score > 0).then_some(score)
                });
                *best = (*best).max(found.map(|found| found.less(reading.penalty)));
            }
        }
        best.into_iter()
            .enumerate()
            .filter_map(|(place, answer)| {
                Some(Hit {
                    place,
                    answer: answer?,
                })
            })
            .collect()
    }
}
