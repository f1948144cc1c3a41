//! Cleaned and folded names, each computed once, and how well two agree.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::words::{Word, Words};

/// How well two parts of a name agree: the greater, the better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Agreement {
    /// Different names.
    Differs,
    /// One name after another ending, or with a slip of a letter.
    Near,
    /// One name in two spellings.
    Spelled,
    /// The same letters.
    Exact,
}

impl Agreement {
    pub fn holds(self) -> bool {
        self > Agreement::Differs
    }

    pub fn points(self) -> u32 {
        match self {
            Agreement::Differs => 0,
            Agreement::Near => 2,
            Agreement::Spelled => 3,
            Agreement::Exact => 4,
        }
    }
}

/// A folded name as letters, with its root as surname and its stem as patronymic.
struct Fold {
    whole: Letters,
    root: Letters,
    father: Letters,
}

/// Letters of a name and which of them occur.
#[derive(PartialEq, Eq)]
struct Letters {
    text: Vec<u8>,
    /// Bit `letter mod 64` for each letter that occurs.
    occur: u64,
}

impl Letters {
    fn of(text: Vec<u8>) -> Self {
        let occur = text
            .iter()
            .fold(0, |bits, letter| bits | 1 << (letter % 64));
        Self { text, occur }
    }
}

/// All names of register and list.
pub(super) struct Spellings {
    cleaned: Words,
    memo: HashMap<Box<str>, Word>,
    folds: Vec<OnceLock<Fold>>,
}

impl Spellings {
    pub fn new() -> Self {
        Self {
            cleaned: Words::default(),
            memo: HashMap::new(),
            folds: Vec::new(),
        }
    }

    /// The cleaned text of a name: one code point a letter, small letters, ё = е.
    pub fn clean(&mut self, text: &str) -> Word {
        if let Some(&known) = self.memo.get(text) {
            return known;
        }
        let cleaned = script::lower(&script::clean(text)).replace('ё', "е");
        let word = self.cleaned.word(cleaned.trim_matches(['-', ' ']));
        self.memo.insert(text.into(), word);
        self.folds.resize_with(self.cleaned.len(), OnceLock::new);
        word
    }

    pub fn is_empty(word: Word) -> bool {
        word == Words::EMPTY
    }

    fn fold(&self, word: Word) -> &Fold {
        self.folds[word.at()].get_or_init(|| {
            let text = self.cleaned.text(word);
            let key = |text: &str| Letters::of(script::letters(script::fold(text).key()));
            let cyrillic = script::fold(text);
            Fold {
                whole: Letters::of(script::letters(cyrillic.key())),
                root: key(&script::surname_root(cyrillic.as_str())),
                father: key(&script::patronymic_stem(cyrillic.as_str())),
            }
        })
    }

    /// How two given names agree.
    pub fn given(&self, a: Word, b: Word) -> Agreement {
        self.agree(a, b, |fold| &fold.whole)
    }

    /// How two surnames agree; the ending is free.
    pub fn surname(&self, a: Word, b: Word) -> Agreement {
        self.agree(a, b, |fold| &fold.root)
    }

    /// How two patronymics agree; `-ович` and `уулу` are one.
    pub fn patronymic(&self, a: Word, b: Word) -> Agreement {
        self.agree(a, b, |fold| &fold.father)
    }

    /// Whether a surname of the form `Жаныбек уулу` names the father of a patronymic.
    pub fn surname_is_patronymic(&self, surname: Word, patronymic: Word) -> bool {
        if Self::is_empty(surname) || Self::is_empty(patronymic) {
            return false;
        }
        let (surname, patronymic) = (self.fold(surname), self.fold(patronymic));
        surname.father != surname.whole && near(&surname.father, &patronymic.father)
    }

    fn agree(&self, a: Word, b: Word, stem: impl Fn(&Fold) -> &Letters) -> Agreement {
        if Self::is_empty(a) || Self::is_empty(b) {
            return Agreement::Differs;
        }
        if a == b {
            return Agreement::Exact;
        }
        let (a, b) = (self.fold(a), self.fold(b));
        if a.whole == b.whole {
            return Agreement::Spelled;
        }
        let related = near(&a.whole, &b.whole) || near(stem(a), stem(b));
        if related {
            Agreement::Near
        } else {
            Agreement::Differs
        }
    }
}

/// Equal, or one slip apart in four letters and more, two in eight and more.
fn near(a: &Letters, b: &Letters) -> bool {
    let (lengths, occurring) = (a.text.len().abs_diff(b.text.len()), a.occur ^ b.occur);
    let limit = match a.text.len().min(b.text.len()) {
        0 => return false,
        1..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    // A slip changes the length by one at most, and takes one letter away and brings another at most.
    if lengths > limit || occurring.count_ones() as usize > 2 * limit {
        return false;
    }
    script::osa_within(&a.text, &b.text, limit).is_some()
}
