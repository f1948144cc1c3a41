//! Searching names as people type them.
//!
//! A [`Query`] holds every reading of what was typed: as it stands, Latin read as Cyrillic, and the keyboard
//! layout slipped (`fcfyjd` is `асанов`). A [`SearchName`] is one person's name, folded once. A precinct
//! is scanned in memory: one score costs about a microsecond.

use crate::clean::{is_cyrillic, is_latin};
use crate::fold::{fold, is_vowel};
use crate::letters::{letter_code, letters};

/// Keys of the Russian layout by the Latin key on the same cap.
const KEY_CAPS: [(char, char); 33] = [
    ('q', 'й'),
    ('w', 'ц'),
    ('e', 'у'),
    ('r', 'к'),
    ('t', 'е'),
    ('y', 'н'),
    ('u', 'г'),
    ('i', 'ш'),
    ('o', 'щ'),
    ('p', 'з'),
    ('[', 'х'),
    (']', 'ъ'),
    ('a', 'ф'),
    ('s', 'ы'),
    ('d', 'в'),
    ('f', 'а'),
    ('g', 'п'),
    ('h', 'р'),
    ('j', 'о'),
    ('k', 'л'),
    ('l', 'д'),
    (';', 'ж'),
    ('\'', 'э'),
    ('z', 'я'),
    ('x', 'ч'),
    ('c', 'с'),
    ('v', 'м'),
    ('b', 'и'),
    ('n', 'т'),
    ('m', 'ь'),
    (',', 'б'),
    ('.', 'ю'),
    ('`', 'ё'),
];

/// Reads a text typed with the Latin layout as if the Cyrillic one had been on: `fcfyjd` → `асанов`.
#[must_use]
pub fn slip_to_cyrillic(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|key| match key {
            '{' => 'х',
            '}' => 'ъ',
            ':' => 'ж',
            '"' => 'э',
            '<' => 'б',
            '>' => 'ю',
            '~' => 'ё',
            other => KEY_CAPS
                .iter()
                .find(|(latin, _)| *latin == other)
                .map_or(other, |(_, cyrillic)| *cyrillic),
        })
        .collect()
}

/// Reads a text typed with the Cyrillic layout as if the Latin one had been on, in capitals: `шв` → `ID`.
///
/// For document numbers; digits stay.
#[must_use]
pub fn slip_to_latin(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|key| {
            KEY_CAPS
                .iter()
                .find(|(_, cyrillic)| *cyrillic == key)
                .map_or(key, |(latin, _)| *latin)
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// The search key of a text: [`fold`] and, on top of it, й=и, я=иа, ю=иу, нг=н, ц=тс, щ=ш, э=е, and every
/// doubled letter once. Words are separated by one space.
#[must_use]
pub fn search_key(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.as_str().len());
    let mut last = '\0';
    let mut push = |letter: char, out: &mut String| {
        if letter != last || letter.is_ascii_digit() {
            out.push(letter);
        }
        last = letter;
    };
    let mut rest = folded.as_str().chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            'й' | 'ы' => push('и', &mut out),
            'э' => push('е', &mut out),
            'я' => "иа".chars().for_each(|part| push(part, &mut out)),
            'ю' => "иу".chars().for_each(|part| push(part, &mut out)),
            'ц' => "тс".chars().for_each(|part| push(part, &mut out)),
            'щ' => push('ш', &mut out),
            'н' if rest.peek() == Some(&'г') => {
                rest.next();
                push('н', &mut out);
            }
            other => push(other, &mut out),
        }
    }
    out
}

/// The consonants of a search key, for a coarse index: `Осмонов` and `Османов` both give `смнв`.
#[must_use]
pub fn skeleton(text: &str) -> String {
    let mut out = String::new();
    for letter in search_key(text)
        .chars()
        .filter(|&letter| !is_vowel(letter) && letter != ' ')
    {
        if !out.ends_with(letter) {
            out.push(letter);
        }
    }
    out
}

/// One person's name prepared for scanning: the words of surname, given name and patronymic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchName {
    words: Vec<Vec<u8>>,
}

impl SearchName {
    /// Folds the parts of a name (also former surnames) into one searchable set of words.
    #[must_use]
    pub fn of(parts: &[&str]) -> SearchName {
        let mut words: Vec<Vec<u8>> = Vec::new();
        for part in parts {
            let key = search_key(part);
            words.extend(
                key.split(' ')
                    .filter(|word| !word.is_empty() && !is_son_or_daughter(word))
                    .map(letters),
            );
            // `Нур-Бек` is also found as `Нурбек`, and a patronymic by the father's name.
            if key
                .split(' ')
                .filter(|word| !is_son_or_daughter(word))
                .count()
                > 1
            {
                words.push(letters(&key.replace(' ', "")));
            }
        }
        SearchName { words }
    }
}

fn is_son_or_daughter(word: &str) -> bool {
    matches!(word, "улу" | "кизи")
}

/// What a person typed into a name search, in all its readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    readings: Vec<Vec<Vec<u8>>>,
}

/// Best score a name can get.
pub const SCORE_MAX: u16 = 1000;

/// A query is read up to so many letters: no name is longer, and the cost of a search grows with it.
pub const QUERY_LETTERS_MAX: usize = 128;

impl Query {
    /// Reads a query: as typed, and with the layout slipped when it holds Latin letters and no Cyrillic.
    ///
    /// What stands after the first [`QUERY_LETTERS_MAX`] letters is not read.
    #[must_use]
    pub fn parse(text: &str) -> Query {
        let end = text.char_indices().nth(QUERY_LETTERS_MAX);
        let text = end.map_or(text, |(at, _)| &text[..at]);
        let mut readings = vec![query_words(text)];
        if text.chars().any(|c| is_latin(c) || ";[],.'`".contains(c))
            && !text.chars().any(is_cyrillic)
        {
            readings.push(query_words(&slip_to_cyrillic(text)));
        }
        readings.retain(|words| !words.is_empty());
        readings.dedup();
        Query { readings }
    }

    /// True when nothing searchable was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// How well a name answers the query, 1 to [`SCORE_MAX`]; `None` when it does not.
    ///
    /// Every word typed must find a word of the name of its own: equal, begun by it (three letters or
    /// more, less is only a prefix), or within a third of its letters in edits, where a vowel for a vowel
    /// counts half. Deterministic; ties are for the caller to break by sort key.
    #[must_use]
    pub fn score(&self, name: &SearchName) -> Option<u16> {
        self.readings
            .iter()
            .filter_map(|words| score_words(words, &name.words))
            .max()
    }
}

fn query_words(text: &str) -> Vec<Vec<u8>> {
    search_key(text)
        .split(' ')
        .filter(|word| !word.is_empty() && !is_son_or_daughter(word))
        .map(letters)
        .collect()
}

fn score_words(asked: &[Vec<u8>], name: &[Vec<u8>]) -> Option<u16> {
    let mut used = vec![false; name.len()];
    let mut sum = 0u32;
    for word in asked {
        let best = name
            .iter()
            .enumerate()
            .filter(|(place, _)| !used[*place])
            .filter_map(|(place, candidate)| {
                Some((score_word(word, candidate)?, std::cmp::Reverse(place)))
            })
            .max()?;
        used[best.1.0] = true;
        sum += u32::from(best.0);
    }
    u16::try_from(sum / u32::try_from(asked.len().max(1)).unwrap_or(1)).ok()
}

/// Score of one typed word against one word of a name, in thousandths.
fn score_word(asked: &[u8], word: &[u8]) -> Option<u16> {
    if asked == word {
        return Some(SCORE_MAX);
    }
    if word.starts_with(asked) {
        // A longer beginning says more: 800 for one letter up to 950.
        return Some(800 + u16::try_from(150 * asked.len() / word.len()).unwrap_or(0));
    }
    if asked.len() < 3 {
        return None;
    }
    let halves_max = (2 * asked.len()).div_ceil(3);
    let whole = half_edits(asked, word);
    // A misspelt beginning of a longer word is compared with as many letters as were typed.
    let begun = if word.len() > asked.len() + 1 {
        half_edits(asked, &word[..asked.len()]) + 1
    } else {
        usize::MAX
    };
    let halves = whole.min(begun);
    (halves <= halves_max)
        .then(|| u16::try_from(780 - 400 * halves / (halves_max + 1)).unwrap_or(1))
}

/// Optimal string alignment in half edits: two for any edit, one for a vowel in place of a vowel.
fn half_edits(a: &[u8], b: &[u8]) -> usize {
    let width = b.len() + 1;
    let mut before = vec![0; width];
    let mut last: Vec<usize> = (0..width).map(|j| 2 * j).collect();
    let mut row = vec![0; width];
    for i in 1..=a.len() {
        row[0] = 2 * i;
        for j in 1..=b.len() {
            let mut best = (last[j - 1] + substitution(a[i - 1], b[j - 1]))
                .min(last[j] + 2)
                .min(row[j - 1] + 2);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 2);
            }
            row[j] = best;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

fn substitution(a: u8, b: u8) -> usize {
    let vowel = |letter: u8| {
        ['а', 'е', 'и', 'о', 'у']
            .iter()
            .any(|&v| letter_code(v) == letter)
    };
    match a == b {
        true => 0,
        false if vowel(a) && vowel(b) => 1,
        false => 2,
    }
}

#[cfg(test)]
mod tests;
