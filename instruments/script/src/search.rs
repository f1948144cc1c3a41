//! Searching names as people type them.
//!
//! A [`Query`] holds every reading of what was typed: as it stands, Latin read as Cyrillic, and the keyboard
//! layout slipped (`fcfyjd` is `асанов`). A [`SearchName`] is one person's name, folded once. A precinct
//! is scanned in memory, by a [`NameIndex`] of its different words.

use crate::clean::{is_cyrillic, is_latin};
use crate::distance::osa_within;
use crate::fold::{fold, is_vowel};
use crate::letters::letters;

mod index;

pub use index::{Hit, NameIndex};

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
    readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    words: Vec<Vec<u8>>,
    /// How much less it says than what was typed.
    penalty: u16,
}

/// How well a name answers a query; the greater answer is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// 1 to [`SCORE_MAX`].
    pub score: u16,
    /// Words that stand behind each other in the name as they do in the query.
    pub in_order: u8,
}

impl Answer {
    fn less(self, penalty: u16) -> Self {
        Self {
            score: self.score.saturating_sub(penalty).max(1),
            ..self
        }
    }
}

/// Best score a name can get.
pub const SCORE_MAX: u16 = 1000;

/// A query is read up to so many letters: no name is longer, and the cost of a search grows with it.
pub const QUERY_LETTERS_MAX: usize = 128;

/// A reading with the keyboard layout slipped from Latin to Cyrillic says a little less.
const SLIPPED: u16 = 20;

/// So does one that leaves a word out as a misspelt or shortened `уулу` or `кызы`.
const WITHOUT_PARTICLE: u16 = 30;

impl Query {
    /// Reads a query: as typed; with the layout slipped either way; and without words that may be a
    /// misspelt or shortened `уулу` or `кызы` (`у.`, `к`).
    ///
    /// What stands after the first [`QUERY_LETTERS_MAX`] letters is not read.
    #[must_use]
    pub fn parse(text: &str) -> Query {
        let end = text.char_indices().nth(QUERY_LETTERS_MAX);
        let text = end.map_or(text, |(at, _)| &text[..at]);
        let is_any_cyrillic = text.chars().any(is_cyrillic);
        let is_any_latin = text.chars().any(is_latin);
        let mut texts = vec![(text.to_owned(), 0)];
        if !is_any_cyrillic && (is_any_latin || text.chars().any(|c| ";[],.'`".contains(c))) {
            texts.push((slip_to_cyrillic(text), 0));
        }
        if is_any_cyrillic && !is_any_latin && text.chars().all(is_on_a_latin_key) {
            texts.push((slip_to_latin(text), SLIPPED));
        }
        let mut readings: Vec<Reading> = Vec::new();
        let mut push = |words: Vec<Vec<u8>>, penalty| {
            let is_new = readings.iter().all(|known| known.words != words);
            if !words.is_empty() && is_new {
                readings.push(Reading { words, penalty });
            }
        };
        for (text, penalty) in texts {
            let words = query_words(&text);
            let bare = words.iter().filter(|word| !may_be_particle(word));
            let bare: Vec<Vec<u8>> = bare.cloned().collect();
            push(words, penalty);
            push(bare, penalty + WITHOUT_PARTICLE);
        }
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
        Some(self.answer(name)?.score)
    }

    /// As [`Query::score`], with the order of the words beside it. [`NameIndex`] says the same of many names.
    #[must_use]
    pub fn answer(&self, name: &SearchName) -> Option<Answer> {
        let mut scratch = Scratch::default();
        let mut best = None;
        for reading in &self.readings {
            let found = answer(reading.words.len(), name.words.len(), |asked, place| {
                score_word(&reading.words[asked], &name.words[place], &mut scratch)
            });
            best = best.max(found.map(|found| found.less(reading.penalty)));
        }
        best
    }
}

/// Whether a letter can come from a Latin letter's key: `ж` and the like cannot.
fn is_on_a_latin_key(letter: char) -> bool {
    let letter = letter.to_lowercase().next().unwrap_or(letter);
    let cap = KEY_CAPS.iter().find(|(_, cyrillic)| *cyrillic == letter);
    !is_cyrillic(letter) || cap.is_some_and(|(latin, _)| is_latin(*latin))
}

/// Whether a folded word is `уулу` or `кызы` with one mistake, or their first letter alone.
fn may_be_particle(word: &[u8]) -> bool {
    let is = |particle: &str, limit| osa_within(word, &letters(particle), limit).is_some();
    is("у", 0) || is("к", 0) || word.len() > 1 && (is("улу", 1) || is("кизи", 1))
}

fn query_words(text: &str) -> Vec<Vec<u8>> {
    search_key(text)
        .split(' ')
        .filter(|word| !word.is_empty() && !is_son_or_daughter(word))
        .map(letters)
        .collect()
}

/// Words of a name beyond these are not looked at.
const PLACES_MAX: usize = 64;

/// Gives every asked word, in turn, the best place that is still free; `None` when one finds none.
fn answer(
    asked: usize,
    places: usize,
    mut score: impl FnMut(usize, usize) -> Option<u16>,
) -> Option<Answer> {
    let mut used = 0u64;
    let mut sum = 0u32;
    let mut in_order = 0;
    let mut before: Option<usize> = None;
    for word in 0..asked {
        let mut best: Option<(u16, usize)> = None;
        for place in (0..places.min(PLACES_MAX)).filter(|place| used >> place & 1 == 0) {
            if let Some(score) = score(word, place)
                && best.is_none_or(|(known, _)| score > known)
            {
                best = Some((score, place));
            }
        }
        let (score, place) = best?;
        used |= 1 << place;
        sum += u32::from(score);
        in_order += u8::from(before.is_some_and(|before| before < place));
        before = Some(place);
    }
    let mean = sum / u32::try_from(asked.max(1)).unwrap_or(1);
    let score = u16::try_from(mean).unwrap_or(SCORE_MAX);
    Some(Answer { score, in_order })
}

/// Score of one typed word against one word of a name, in thousandths.
fn score_word(asked: &[u8], word: &[u8], scratch: &mut Scratch) -> Option<u16> {
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
    let whole = scratch.half_edits(asked, word, halves_max);
    // A misspelt beginning of a longer word is compared with as many letters as were typed.
    let begun = if word.len() > asked.len() + 1 {
        let begun = scratch.half_edits(asked, &word[..asked.len()], halves_max);
        begun.map(|halves| halves + 1)
    } else {
        None
    };
    let halves = whole.into_iter().chain(begun).min()?;
    (halves <= halves_max)
        .then(|| u16::try_from(780 - 400 * halves / (halves_max + 1)).unwrap_or(1))
}

/// Three rows of the distance table, kept from one pair of words to the next.
#[derive(Debug, Default)]
struct Scratch {
    before: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Scratch {
    /// Optimal string alignment in half edits: two for any edit, one for a vowel in place of a vowel;
    /// `None` above `limit`.
    fn half_edits(&mut self, a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
        if 2 * a.len().abs_diff(b.len()) > limit {
            return None;
        }
        let width = b.len() + 1;
        self.before.clear();
        self.before.resize(width, 0);
        self.last.clear();
        self.last.extend((0..width).map(|j| 2 * j));
        self.row.clear();
        self.row.resize(width, 0);
        let mut least_before = 0;
        for i in 1..=a.len() {
            self.row[0] = 2 * i;
            let mut least = self.row[0];
            for j in 1..=b.len() {
                let mut best = (self.last[j - 1] + substitution(a[i - 1], b[j - 1]))
                    .min(self.last[j] + 2)
                    .min(self.row[j - 1] + 2);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(self.before[j - 2] + 2);
                }
                self.row[j] = best;
                least = least.min(best);
            }
            // A swap looks two rows back: only when both are above the limit nothing can come below it.
            if least > limit && least_before > limit {
                return None;
            }
            least_before = least;
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.row);
        }
        let halves = self.last[b.len()];
        (halves <= limit).then_some(halves)
    }
}

fn substitution(a: u8, b: u8) -> usize {
    match a == b {
        true => 0,
        false if is_vowel_code(a) && is_vowel_code(b) => 1,
        false => 2,
    }
}

/// Whether the byte of [`crate::letters`] is а, е, и, о or у.
fn is_vowel_code(letter: u8) -> bool {
    matches!(letter, 0x80 | 0x85 | 0x88 | 0x8E | 0x93)
}

#[cfg(test)]
mod tests;
