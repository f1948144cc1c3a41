//! Folding: the key under which Kyrgyz and Russian spellings of one name are equal.

use crate::clean::{is_cyrillic, is_latin, plain};
use crate::latin::cyrillic_from_latin;

/// The comparison key of a text. Two spellings of one name have equal keys.
///
/// Lower-case Russian letters and digits, words separated by one space. Equality, order and hash ignore
/// the spaces: `Нур-Бек`, `Нур Бек` and `Нурбек` are equal.
#[derive(Clone, Debug)]
pub struct Folded {
    spaced: String,
    joined: String,
}

impl Folded {
    /// The key without spaces: what to store and to index for equality.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.joined
    }

    /// The folded words, one space between them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spaced
    }

    /// The folded words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.spaced.split(' ').filter(|word| !word.is_empty())
    }

    /// True when nothing was left to compare.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty()
    }
}

impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.joined == other.joined
    }
}
impl Eq for Folded {}
impl PartialOrd for Folded {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Folded {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.joined.cmp(&other.joined)
    }
}
impl std::hash::Hash for Folded {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.joined.hash(state);
    }
}

/// True for a vowel of the plain (merged) Russian alphabet.
#[must_use]
pub fn is_vowel(letter: char) -> bool {
    matches!(letter, 'а' | 'е' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я')
}

/// Folds a name for comparison.
///
/// On top of [`plain`]: Latin words are read as Cyrillic, `дж`→`ж`, a doubled vowel counts once, `ь` and
/// `ъ` are dropped (so `ль` is `л`), `э` after a consonant is `е`, `ы` is `и`, a final `-ий`/`-ый` is `-и`,
/// `уулу`/`уулы`/`улу` and `кызы`/`кизи` have one spelling each, also when joined to the word before.
/// Idempotent on [`Folded::as_str`].
#[must_use]
pub fn fold(text: &str) -> Folded {
    let mut spaced = String::with_capacity(text.len());
    for word in plain(text).split(' ') {
        if word.is_empty() {
            continue;
        }
        let foreign = word.chars().any(is_latin) && !word.chars().any(is_cyrillic);
        let folded = if foreign {
            fold_word(&plain(&cyrillic_from_latin(word)))
        } else {
            fold_word(word)
        };
        if folded.is_empty() {
            continue;
        }
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(&folded);
    }
    let joined = spaced.replace(' ', "");
    Folded { spaced, joined }
}

/// Folds one plain word.
fn fold_word(word: &str) -> String {
    if let Some(particle) = fold_particle(word) {
        return particle.to_owned();
    }
    for (ending, particle) in [
        ("уулу", "улу"),
        ("уулы", "улу"),
        ("кызы", "кизи"),
        ("кизи", "кизи"),
    ] {
        if let Some(father) = word.strip_suffix(ending)
            && father.chars().count() >= 3
        {
            return format!("{} {particle}", fold_letters(father));
        }
    }
    fold_letters(word)
}

/// The one spelling of the words for "son of" and "daughter of".
fn fold_particle(word: &str) -> Option<&'static str> {
    match word {
        "уулу" | "уулы" | "улу" | "улы" => Some("улу"),
        "кызы" | "кизи" | "кызи" | "кизы" => Some("кизи"),
        _ => None,
    }
}

fn fold_letters(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut last = ' ';
    let mut rest = word.chars().peekable();
    while let Some(letter) = rest.next() {
        let folded = match letter {
            'ь' | 'ъ' => continue,
            'д' if rest.peek() == Some(&'ж') => continue,
            'ы' => 'и',
            'э' if last != ' ' && (last == 'е' || !is_vowel(last)) => 'е',
            'й' if last == 'и' && rest.peek().is_none() => continue,
            other => other,
        };
        if folded == last && is_vowel(folded) {
            continue;
        }
        out.push(folded);
        last = folded;
    }
    out
}

#[cfg(test)]
mod tests;
