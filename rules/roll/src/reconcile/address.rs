//! Whether an address as a clerk wrote it is a house of the register.
//!
//! Only street and house number tell houses apart. Streets are compared loosely (Kyrgyz and Russian
//! form of one name), house numbers strictly: a clerk who errs in both at once writes another house.

use register::address::{HouseNumber, Written, written::Name};

/// A street and a house number, ready for comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct House {
    /// The street's name; where the text runs place and street together, each end of it that may be the street.
    streets: Vec<Street>,
    /// Numbers within the street's name, as 2 of `Манас-2`.
    numbers: Vec<u32>,
    /// Whether place and street run together, so that a number may be the place's.
    run_together: bool,
    /// House number, small letters, no spaces.
    house: String,
}

/// A street's name.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Street {
    /// Folded words of the name without its kind and without initials, joined; й is и, as in Latin writing.
    name: Vec<u8>,
    /// The same words one by one, with ю and я written out.
    words: Vec<String>,
}

impl Street {
    fn of(words: &[String]) -> Self {
        let named = |word: &&String| word.chars().nth(1).is_some();
        let initials_only = !words.iter().any(|word| named(&word));
        let kept: Vec<&str> = words
            .iter()
            .filter(|word| initials_only || named(word))
            .map(String::as_str)
            .collect();
        let folded = script::fold(&kept.join(" "));
        let kept: Vec<String> = folded.words().map(|word| word.replace('й', "и")).collect();
        Self {
            name: script::letters(&kept.concat()),
            words: kept.iter().map(|word| written_out(word)).collect(),
        }
    }
}

impl House {
    /// Parses an address text; `None` when no street and house number can be read.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written = Written::parse(text);
        let (street, house) = (written.street?, written.house?);
        let cuts = if written.place.is_none() {
            street.words.len().max(1)
        } else {
            1
        };
        Some(Self::new(&street, cuts, house.number.to_string()))
    }

    /// Takes street and house as the register writes them.
    #[must_use]
    pub fn of(street: &str, house: &str) -> Option<Self> {
        let name = Name::of(street);
        let house = match HouseNumber::parse(house) {
            Some(number) => number.to_string(),
            None => script::plain(house),
        };
        (!name.is_empty() && !house.is_empty()).then(|| Self::new(&name, 1, house))
    }

    fn new(street: &Name, cuts: usize, house: String) -> Self {
        let mut numbers = street.numbers.clone();
        numbers.sort_unstable();
        Self {
            streets: (0..cuts)
                .map(|cut| Street::of(&street.words[cut..]))
                .collect(),
            numbers,
            run_together: cuts > 1,
            house,
        }
    }

    /// Every number of the register's street is written; others only where they may be the place's.
    fn numbers_agree(&self, register: &House) -> bool {
        self.numbers == register.numbers
            || (self.run_together && register.numbers.iter().all(|n| self.numbers.contains(n)))
    }

    /// Whether the two are one house.
    #[must_use]
    pub fn is(&self, other: Option<&House>) -> bool {
        other.is_some_and(|other| {
            self.house == other.house
                && self.numbers_agree(other)
                && self.streets.iter().any(|a| {
                    other
                        .streets
                        .iter()
                        .any(|b| a.agrees(b, !self.numbers.is_empty()))
                })
        })
    }
}

impl Street {
    /// Equal, or one name with another ending, or within spelling of each other.
    fn agrees(&self, other: &Street, numbered: bool) -> bool {
        let (short, long) = if self.name.len() <= other.name.len() {
            (&self.name, &other.name)
        } else {
            (&other.name, &self.name)
        };
        if short == long {
            return true;
        }
        if self.words_agree(other, numbered) {
            return true;
        }
        if short.len() < 3 {
            return false;
        }
        // `Токтогул` and `Токтогула`, `Чүй` and `Чуйская`: the shorter, up to its last letter, begins the longer.
        let stem = &short[..short.len().max(4) - 1];
        long.starts_with(stem) && long.len() - short.len() <= 5
            || (short.len() >= 5 && script::osa_within(short, long, 1).is_some())
            || script::jaro_winkler(short, long) >= 0.86
    }

    /// Word for word in the same order: `Жусуп Абдрахманов` and `Юсупа Абдрахманова`, `1-Май` and `1 Мая`.
    fn words_agree(&self, other: &Street, numbered: bool) -> bool {
        self.words.len() == other.words.len()
            && !self.words.is_empty()
            && self
                .words
                .iter()
                .zip(&other.words)
                .all(|(a, b)| word_agrees(a, b, numbered))
    }
}

/// Iotated vowels as two letters, so that `Юсуп` stands one letter from `Жусуп`.
fn written_out(word: &str) -> String {
    word.replace('ю', "иу").replace('я', "иа")
}

/// A name without the endings of case and adjective: `киевская` and `киев`, `горького` and `горький`.
fn root(word: &str) -> &str {
    let open = ['а', 'е', 'и', 'о', 'у', 'ы', 'ь'];
    let word = word.trim_end_matches(open);
    let bare = ["ск", "ог", "ег"]
        .iter()
        .find_map(|end| word.strip_suffix(end));
    bare.filter(|bare| bare.chars().count() >= 3)
        .unwrap_or(word)
        .trim_end_matches(open)
}

/// Whether two words are one name: the ending of a case or of an adjective is free, and one slip of a letter.
/// Beside a number a word of three letters is enough (`1 Мая`): the number tells streets apart.
fn word_agrees(a: &str, b: &str, numbered: bool) -> bool {
    if a == b {
        return true;
    }
    let slip = |a: &str, b: &str| {
        let (a, b) = (script::letters(a), script::letters(b));
        a.len().min(b.len()) >= 3
            && a.len().max(b.len()) >= 4
            && script::osa_within(&a, &b, 1).is_some()
    };
    let (root_a, root_b) = (root(a), root(b));
    if root_a == root_b {
        let length = root_a.chars().count();
        return length >= 3 || (numbered && length >= 1);
    }
    slip(a, b) || slip(root_a, root_b)
}
