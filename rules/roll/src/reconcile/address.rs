//! Whether an address as a clerk wrote it is a house of the register.
//!
//! Only street and house number tell houses apart. Streets are compared loosely (Kyrgyz and Russian
//! form of one name), house numbers strictly: a clerk who errs in both at once writes another house.

/// A street and a house number, ready for comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct House {
    /// Folded words of the street's name without its kind, joined.
    name: Vec<u8>,
    /// The same words one by one, with ю and я written out.
    words: Vec<String>,
    /// Numbers within the street's name, as 2 of `Манас-2`.
    numbers: Vec<u32>,
    /// House number, small letters, no spaces.
    house: String,
}

/// Words that say what kind of street or house it is, plain.
const KINDS: &[&str] = &[
    "ул",
    "улица",
    "көчөсү",
    "кочосу",
    "коч",
    "кочо",
    "пр",
    "просп",
    "проспект",
    "проспектиси",
    "пер",
    "переулок",
    "бульвар",
    "бульвары",
    "бул",
    "б р",
    "тупик",
    "туюгу",
    "туюк",
    "шоссе",
    "мкр",
    "микрорайон",
    "мкрн",
    "кичирайон",
    "кичи",
    "район",
    "району",
    "ж",
    "жм",
    "жилмассив",
];

impl House {
    /// Parses `SETTLEMENT, STREET, HOUSE`; `None` when no street and house number can be read.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplit(',').map(str::trim);
        let (house, street) = (parts.next()?, parts.next()?);
        Self::of(street, house)
    }

    /// Takes street and house as the register writes them.
    #[must_use]
    pub fn of(street: &str, house: &str) -> Option<Self> {
        let plain = script::plain(street);
        let mut numbers = Vec::new();
        let mut name = String::new();
        for word in plain.split(' ') {
            match word.parse::<u32>() {
                Ok(number) => numbers.push(number),
                Err(_) if KINDS.contains(&word) => {}
                Err(_) => {
                    name.push_str(word);
                    name.push(' ');
                }
            }
        }
        // A street that is only a number or only a kind keeps what it has.
        let name = if name.is_empty() && numbers.is_empty() {
            plain
        } else {
            name
        };
        let house = house_text(house);
        if house.is_empty() || (name.trim().is_empty() && numbers.is_empty()) {
            return None;
        }
        numbers.sort_unstable();
        let folded = script::fold(&name);
        Some(Self {
            name: script::letters(folded.key()),
            words: folded
                .as_str()
                .split(' ')
                .map(written_out)
                .filter(|w| !w.is_empty())
                .collect(),
            numbers,
            house,
        })
    }

    /// Whether the two are one house.
    #[must_use]
    pub fn is(&self, other: Option<&House>) -> bool {
        other.is_some_and(|other| {
            self.house == other.house && self.numbers == other.numbers && self.names_agree(other)
        })
    }

    /// Equal, or one name with another ending, or within spelling of each other.
    fn names_agree(&self, other: &House) -> bool {
        let (short, long) = if self.name.len() <= other.name.len() {
            (&self.name, &other.name)
        } else {
            (&other.name, &self.name)
        };
        if short == long {
            return true;
        }
        if self.words_agree(other) {
            return true;
        }
        if short.len() < 3 {
            return false;
        }
        // `Токтогул` and `Токтогула`, `Чүй` and `Чуйская`: the shorter, up to its last letter, begins the longer.
        let stem = &short[..short.len().max(4) - 1];
        long.starts_with(stem) && long.len() - short.len() <= 5
            || script::jaro_winkler(short, long) >= 0.86
    }
}

impl House {
    /// Word for word in the same order: `Жусуп Абдрахманов` and `Юсупа Абдрахманова`, `1-Май` and `1 Мая`.
    fn words_agree(&self, other: &House) -> bool {
        let numbered = !self.numbers.is_empty();
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
    word.replace('ю', "йу").replace('я', "йа")
}

/// Whether two words are one name: the ending of a case or of an adjective is free, and in longer words one letter.
/// Beside a number a word of three letters is enough (`1 Мая`): the number tells streets apart.
fn word_agrees(a: &str, b: &str, numbered: bool) -> bool {
    if a == b {
        return true;
    }
    let stem = |word: &str| {
        word.trim_end_matches(['а', 'е', 'и', 'й', 'о', 'у', 'ы', 'ь'])
            .to_owned()
    };
    let (a, b) = (stem(a), stem(b));
    let length = a.chars().count().min(b.chars().count());
    if a == b {
        return length >= 3 || (numbered && length >= 1);
    }
    length >= 4 && script::osa_within(&script::letters(&a), &script::letters(&b), 1).is_some()
}

/// `д. 12 А` → `12а`; Latin letters beside digits are read as Cyrillic.
fn house_text(text: &str) -> String {
    let text = script::lower(text);
    let text = text.trim();
    let text = ["дом", "үй", "уй", "д.", "д ", "№"]
        .iter()
        .fold(text, |rest, kind| {
            rest.strip_prefix(kind).unwrap_or(rest).trim_start()
        });
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '/')
        .map(|c| match c {
            'a' => 'а',
            'b' => 'б',
            'c' => 'с',
            'e' => 'е',
            'k' => 'к',
            'o' => 'о',
            'p' => 'р',
            'x' => 'х',
            other => other,
        })
        .collect()
}
