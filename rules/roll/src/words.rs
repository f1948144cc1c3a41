//! Texts of a country in little memory: each distinct word once, each id in one arena.

use std::collections::HashMap;

/// A distinct text of one [`Words`]; its number follows the order of arrival and means nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Word(u32);

/// Distinct texts, each kept once.
#[derive(Clone, Debug)]
pub struct Words {
    texts: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
}

impl Default for Words {
    fn default() -> Self {
        let mut words = Self {
            texts: Vec::new(),
            index: HashMap::new(),
        };
        words.word("");
        words
    }
}

impl Words {
    /// The empty text.
    pub const EMPTY: Word = Word(0);

    /// The word of a text, new or known.
    pub fn word(&mut self, text: &str) -> Word {
        if let Some(&known) = self.index.get(text) {
            return Word(known);
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 4 G distinct texts");
        self.texts.push(text.into());
        self.index.insert(text.into(), number);
        Word(number)
    }

    /// The word of a text, if it is known.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Word> {
        self.index.get(text).copied().map(Word)
    }

    /// The text of a word of this collection.
    #[must_use]
    pub fn text(&self, word: Word) -> &str {
        &self.texts[word.0 as usize]
    }

    /// Words with room for so many.
    pub(crate) fn of_size(count: usize) -> Self {
        let mut words = Self {
            texts: Vec::with_capacity(count),
            index: HashMap::with_capacity(count),
        };
        words.word("");
        words
    }

    /// How many distinct texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether only the empty text is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.len() <= 1
    }

    /// Computes something once for each distinct text; index it with [`Word::at`].
    pub fn map<T>(&self, mut of: impl FnMut(&str) -> T) -> Vec<T> {
        self.texts.iter().map(|text| of(text)).collect()
    }
}

impl Word {
    /// The word with a number, whether or not there is one.
    pub(crate) fn unchecked(number: u32) -> Self {
        Self(number)
    }

    /// The word's place in what [`Words::map`] returns.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Texts that hardly ever repeat, as source ids, end to end in one allocation.
#[derive(Clone, Debug, Default)]
pub struct Arena {
    text: String,
    ends: Vec<u64>,
}

/// A text of one [`Arena`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry(pub(crate) u32);

impl Arena {
    /// All texts end to end, and where each ends.
    pub(crate) fn parts(&self) -> (&str, &[u64]) {
        (&self.text, &self.ends)
    }

    /// An arena of such parts; none when an end is not between two letters or before the one before it.
    pub(crate) fn of_parts(text: String, ends: Vec<u64>) -> Option<Self> {
        let place = |end: &u64| usize::try_from(*end).ok();
        let cut = |end: &u64| place(end).is_some_and(|at| text.is_char_boundary(at));
        (ends.is_sorted() && ends.iter().all(cut)).then_some(Self { text, ends })
    }

    /// How many texts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Keeps a text.
    pub fn keep(&mut self, text: &str) -> Entry {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u64);
        Entry(u32::try_from(self.ends.len() - 1).expect("fewer than 4 G texts"))
    }

    /// The text.
    #[must_use]
    pub fn text(&self, entry: Entry) -> &str {
        let at = entry.0 as usize;
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        let place = |offset: u64| usize::try_from(offset).expect("the arena is in memory");
        &self.text[place(from)..place(self.ends[at])]
    }
}
