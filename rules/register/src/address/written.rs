//! Taking an address text apart, without knowing the register.
//!
//! The text is cut at commas and at markers (`ул.` opens a part, `көчөсү` closes one). Where the
//! writer left out both, [`Written`] keeps the words together and [`super::seek`] tries the cuts.

use super::house::{HouseNumber, NUMBER_MAX, house_letter};
use super::words::{Kind, Side, Way, marker, way};

mod lex;

use lex::{Token, lex};

/// Longest text that is read; a longer one is no address.
const LENGTH_MAX: usize = 400;

/// The name of a street or a place as written: words and numbers apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Name {
    /// Plain words in their order; single letters are initials.
    pub words: Vec<String>,
    /// Numbers, as 8 of `8-Март` and 2 of `Манас-2`, in their order.
    pub numbers: Vec<u32>,
    /// The kind of street, when the text says it.
    pub way: Option<Way>,
}

impl Name {
    /// Reads a street as a register prints it: `Манас-2 көчөсү`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let tokens = lex(text);
        let mut name = Self::default();
        let mut only_markers: Vec<String> = Vec::new();
        for token in &tokens {
            match token {
                Token::Word(word) => match marker(word) {
                    Some((Kind::Street, _)) => {
                        name.way = way(word).or(name.way);
                        only_markers.push(word.clone());
                    }
                    _ => name.words.push(word.clone()),
                },
                Token::Number(number) => name.numbers.push(*number),
                Token::Comma | Token::Dash | Token::Slash | Token::Gap => {}
            }
        }
        if name.words.is_empty() && name.numbers.is_empty() {
            name.words = only_markers;
        }
        name
    }

    /// Reads a place or an area as the classifier prints it: `г. Каракол`, `Тюпский район`.
    #[must_use]
    pub fn of_place(text: &str) -> Self {
        let mut name = Self::default();
        for token in lex(text) {
            match token {
                Token::Word(word) => name.words.push(word),
                Token::Number(number) => name.numbers.push(number),
                Token::Comma | Token::Dash | Token::Slash | Token::Gap => {}
            }
        }
        let is = |word: Option<&String>, kind: Kind| {
            word.is_some_and(|word| matches!(marker(word), Some((of, _)) if of == kind))
        };
        if name.words.len() > 1 && is(name.words.first(), Kind::Place) {
            name.words.remove(0);
        }
        while name.words.len() > 1 && is(name.words.last(), Kind::Area) {
            name.words.pop();
        }
        name
    }

    /// The words and numbers as one text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.words.join(" ");
        for number in &self.numbers {
            text.push(' ');
            text.push_str(&number.to_string());
        }
        text
    }

    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.numbers.is_empty()
    }
}

/// A house as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrittenHouse {
    /// Its number.
    pub number: HouseNumber,
    /// The flat, which no register of houses holds.
    pub flat: Option<u32>,
}

/// An address text in parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Oblast, raion, ayil aimak, from large to small.
    pub areas: Vec<Name>,
    /// The settlement, when the text marks it or leaves no doubt by order.
    pub place: Option<Name>,
    /// The street; with the place in it when the text does not separate them.
    pub street: Option<Name>,
    /// The house.
    pub house: Option<WrittenHouse>,
}

/// A stretch of words between cuts.
#[derive(Debug, Default)]
struct Part {
    kind: Option<Kind>,
    name: Name,
    /// Each number with how many words stood before it and whether a dash joined it to them.
    places: Vec<(u32, usize, bool)>,
    house: Option<WrittenHouse>,
}

impl Part {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.house.is_none()
    }
}

/// Reads `12а/3` and the like at the front of tokens: the house and how many tokens it took.
fn house_at(tokens: &[Token]) -> Option<(WrittenHouse, usize)> {
    let Some(Token::Number(number)) = tokens.first() else {
        return None;
    };
    if *number == 0 || *number > NUMBER_MAX {
        return None;
    }
    let mut house = HouseNumber {
        number: *number,
        ..HouseNumber::default()
    };
    let mut flat = None;
    let mut at = 1;
    if let Some((letter, taken)) = letter_at(&tokens[at..]) {
        house.letter = Some(letter);
        at += taken;
    }
    match tokens[at..] {
        [Token::Slash, Token::Number(part), ..] => {
            house.part = part;
            at += 2;
            if let Some((letter, taken)) = letter_at(&tokens[at..]) {
                house.part_letter = Some(letter);
                at += taken;
            }
        }
        [Token::Dash, Token::Number(number), ..] => {
            flat = Some(number);
            at += 2;
        }
        _ => {}
    }
    Some((
        WrittenHouse {
            number: house,
            flat,
        },
        at,
    ))
}

/// A letter of a house after its number: glued, after a dash or a space, not itself a marker of something.
fn letter_at(tokens: &[Token]) -> Option<(char, usize)> {
    let skip = usize::from(matches!(tokens.first(), Some(Token::Dash | Token::Gap)));
    let Some(Token::Word(word)) = tokens.get(skip) else {
        return None;
    };
    let mut letters = word.chars();
    let letter = house_letter(letters.next()?)?;
    if letters.next().is_some() {
        return None;
    }
    // `12 к 3` is a building, `12 с Садовое` a village.
    let after = tokens.get(skip + 1..).unwrap_or_default();
    let more = after.iter().find(|t| **t != Token::Gap);
    let ends = matches!(more, None | Some(Token::Comma | Token::Slash | Token::Dash));
    let spaced = skip == 1 && tokens.first() == Some(&Token::Gap);
    let a_marker = marker(word).is_some() || word == "к";
    let flat = matches!(more, Some(Token::Word(next)) if matches!(marker(next), Some((Kind::Flat | Kind::Part | Kind::House, _))));
    (!spaced || ends || flat || !a_marker).then_some((letter, skip + 1))
}

/// Whether `к.` after a number closes a street: `Манас 2 к., 5`. It does when a house follows the comma;
/// otherwise `2 к` is a house with a letter.
fn street_ends_after(tokens: &[Token]) -> bool {
    let mut rest = tokens.iter().skip(1).filter(|token| **token != Token::Gap);
    let short =
        matches!(rest.next(), Some(Token::Word(word)) if matches!(word.as_str(), "к" | "k"));
    short
        && rest.next() == Some(&Token::Comma)
        && match rest.next() {
            Some(Token::Number(_)) => true,
            Some(Token::Word(word)) => matches!(marker(word), Some((Kind::House, _))),
            _ => false,
        }
}

/// Reads a house number standing alone.
pub(super) fn read_house(text: &str) -> Option<WrittenHouse> {
    let tokens: Vec<Token> = lex(text);
    let parsed = Written::from_tokens(&tokens);
    match (&parsed.street, &parsed.place) {
        (None, None) => parsed.house,
        _ => None,
    }
}

impl Written {
    /// Takes a text apart. What cannot be read is absent; nothing is guessed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.len() > LENGTH_MAX {
            return Self::default();
        }
        Self::from_tokens(&lex(text))
    }

    fn from_tokens(tokens: &[Token]) -> Self {
        let mut cutter = Cutter::default();
        let mut at = 0;
        while at < tokens.len() {
            at += cutter.take(&tokens[at..]);
        }
        cutter.close();
        compose(cutter.parts)
    }
}

#[derive(Default)]
struct Cutter {
    parts: Vec<Part>,
    open: Part,
    dashed: bool,
}

impl Cutter {
    fn close(&mut self) {
        let part = std::mem::take(&mut self.open);
        if !part.is_empty() {
            self.parts.push(part);
        }
    }

    /// Takes the next token or tokens; returns how many.
    fn take(&mut self, tokens: &[Token]) -> usize {
        let dashed = std::mem::take(&mut self.dashed);
        match &tokens[0] {
            Token::Comma => {
                self.close();
                1
            }
            Token::Dash => {
                self.dashed = true;
                1
            }
            Token::Slash | Token::Gap => 1,
            Token::Word(word) => self.word(word, dashed, &tokens[1..]),
            Token::Number(number) => self.number(*number, dashed, tokens),
        }
    }

    fn word(&mut self, word: &str, dashed: bool, rest: &[Token]) -> usize {
        let next = rest.iter().find(|t| !matches!(t, Token::Gap | Token::Dash));
        let ends = matches!(next, None | Some(Token::Comma));
        let has_words = !self.open.name.words.is_empty() || !self.open.name.numbers.is_empty();
        if matches!(word, "к" | "k") && !dashed {
            return self.short_k(word, next);
        }
        match marker(word) {
            _ if dashed && !matches!(word, "уй" | "ui" | "батир" | "batir" | "кочосу" | "коч") =>
            {
                self.open.name.words.push(word.to_owned());
            }
            Some((Kind::House, side)) => self.number_word(Kind::House, side, next),
            Some((Kind::Flat, side)) => self.number_word(Kind::Flat, side, next),
            Some((Kind::Part, _)) => {
                self.close();
                self.open.kind = Some(Kind::Part);
            }
            Some((Kind::Area, _)) if has_words => {
                // `айылный аймак`: the second word says nothing new.
                self.open.kind = Some(Kind::Area);
                self.close();
            }
            Some((Kind::Area, _)) => {}
            // `А. Масалиев`, `С. Ибраимов`: a letter and a full stop before a name within a street is an initial.
            Some((Kind::Place, _))
                if word.chars().count() == 1 && self.open.kind == Some(Kind::Street) && !ends =>
            {
                self.open.name.words.push(word.to_owned());
            }
            Some((Kind::Place, Side::After))
                if word.chars().count() == 1 && !(has_words && ends) =>
            {
                self.open.name.words.push(word.to_owned());
            }
            Some((kind, side)) => {
                if has_words && self.open.kind.is_none() && (side == Side::After || ends) {
                    self.open.kind = Some(kind);
                    self.open.name.way = way(word);
                    self.close();
                } else if has_words && side == Side::After {
                    // `с. Садовое Ленин көч.`: the place before the street is cut off by the seeker.
                    self.open.name.way = way(word);
                    self.close();
                } else {
                    self.close();
                    self.open.kind = Some(kind);
                    self.open.name.way = way(word);
                }
            }
            None => self.open.name.words.push(word.to_owned()),
        }
        1
    }

    /// `к.` is `көчөсү` after a name, `корпус` after a house, an initial before a name.
    fn short_k(&mut self, word: &str, next: Option<&Token>) -> usize {
        let before_name = matches!(next, Some(Token::Word(word)) if marker(word).is_none());
        let after_house =
            self.open.is_empty() && self.parts.last().is_some_and(|p| p.house.is_some());
        if after_house && matches!(next, Some(Token::Number(_))) {
            self.open.kind = Some(Kind::Part);
        } else if before_name || self.open.name.is_empty() {
            self.open.name.words.push(word.to_owned());
        } else {
            self.open.kind = self.open.kind.or(Some(Kind::Street));
            self.open.name.way = Some(Way::Street);
            self.close();
        }
        1
    }

    /// `д.`, `үй`, `кв.`, `батир` beside a number.
    fn number_word(&mut self, kind: Kind, side: Side, next: Option<&Token>) {
        let has_house = self
            .parts
            .last()
            .is_some_and(|p| p.house.is_some() && p.kind.is_none());
        if side == Side::After && (has_house || !self.open.name.numbers.is_empty()) {
            if self.open.is_empty() {
                if let Some(last) = self.parts.last_mut() {
                    last.kind = Some(kind);
                }
            } else {
                self.cut_number(kind);
            }
        } else if matches!(next, Some(Token::Number(_))) {
            self.close();
            self.open.kind = Some(kind);
        } else if kind == Kind::House && self.open.name.is_empty() {
            self.open.name.words.push("д".to_owned());
        }
    }

    /// The last number of the open words becomes a house or a flat of its own.
    fn cut_number(&mut self, kind: Kind) {
        if let Some((number, _, _)) = self.open.places.pop() {
            self.open.name.numbers.pop();
            self.close();
            self.parts.push(Part {
                kind: Some(kind),
                house: Some(WrittenHouse {
                    number: HouseNumber {
                        number,
                        ..HouseNumber::default()
                    },
                    flat: None,
                }),
                ..Part::default()
            });
        }
    }

    fn number(&mut self, number: u32, dashed: bool, tokens: &[Token]) -> usize {
        if number > NUMBER_MAX {
            // A postal index.
            return 1;
        }
        let starts_part = self.open.is_empty();
        let numeric = matches!(self.open.kind, Some(Kind::House | Kind::Flat | Kind::Part));
        let next_word = match tokens.get(1..).unwrap_or_default() {
            [Token::Dash | Token::Gap, Token::Word(word), ..] | [Token::Word(word), ..] => {
                Some(word.as_str())
            }
            _ => None,
        };
        let names = starts_part
            && !numeric
            && next_word.is_some_and(|word| word.chars().count() > 1 && marker(word).is_none());
        let of_street = !starts_part && self.open.kind.is_none() && street_ends_after(tokens);
        if names || of_street || (dashed && !self.open.name.words.is_empty() && !numeric) {
            // `8 Марта`, `1-Май`, `Манас-2`, `Манас 2 к., 5`: the number is part of the name.
            self.open
                .places
                .push((number, self.open.name.words.len(), true));
            self.open.name.numbers.push(number);
            return 1;
        }
        let Some((house, taken)) = house_at(tokens) else {
            return 1;
        };
        if starts_part {
            self.open.house = Some(house);
            self.close();
        } else if house.number != house.number.base() || house.flat.is_some() {
            // `Ленина 12а`, `Ленина 12-45`: no street is called so.
            self.close();
            self.open.house = Some(house);
            self.close();
        } else {
            // `Манас 2` may be a street or a house of one: decided when all is read.
            self.open
                .places
                .push((number, self.open.name.words.len(), false));
            self.open.name.numbers.push(number);
        }
        taken
    }
}

/// Puts the parts in their roles.
fn compose(parts: Vec<Part>) -> Written {
    let mut written = Written::default();
    let mut names: Vec<Part> = Vec::new();
    let mut after_house: Vec<Part> = Vec::new();
    for part in parts {
        match (part.house, part.kind) {
            (Some(house), None | Some(Kind::House)) => match &mut written.house {
                None => written.house = Some(house),
                Some(held) => held.flat = held.flat.or(Some(house.number.number)),
            },
            (Some(part_of), Some(Kind::Part)) => {
                if let Some(held) = &mut written.house {
                    held.number.part = part_of.number.number;
                    held.number.part_letter = part_of.number.letter;
                }
            }
            (Some(flat), Some(Kind::Flat)) => {
                if let Some(held) = &mut written.house {
                    held.flat = Some(flat.number.number);
                } else if let Some(house) = names.last_mut().and_then(trailing_house) {
                    // `ул. Ленина 12 кв 5`: the house is known for one by the flat after it.
                    written.house = Some(WrittenHouse {
                        flat: Some(flat.number.number),
                        ..house
                    });
                }
            }
            (Some(house), Some(Kind::Street | Kind::Place)) => {
                // `ул. 12, 5`: a street that is only a number.
                let name = Name {
                    numbers: vec![house.number.number],
                    ..Name::default()
                };
                names.push(Part {
                    kind: part.kind,
                    name,
                    ..Part::default()
                });
            }
            (Some(_), Some(Kind::Area)) => {}
            (None, Some(Kind::Area)) => written.areas.push(part.name),
            (None, _) if written.house.is_some() => after_house.push(part),
            (None, _) => names.push(part),
        }
    }
    if written.house.is_none() {
        written.house = names.iter_mut().rev().find_map(trailing_house);
    }
    roles(&mut written, names, after_house);
    written
}

/// Takes the last number of a name for the house when it stands free after all words.
fn trailing_house(part: &mut Part) -> Option<WrittenHouse> {
    let &(number, words_before, joined) = part.places.last()?;
    if joined || words_before != part.name.words.len() || words_before == 0 {
        return None;
    }
    part.places.pop();
    part.name.numbers.pop();
    Some(WrittenHouse {
        number: HouseNumber {
            number,
            ..HouseNumber::default()
        },
        flat: None,
    })
}

fn roles(written: &mut Written, mut names: Vec<Part>, mut after_house: Vec<Part>) {
    let take = |kind: Kind, from: &mut Vec<Part>| {
        let at = from.iter().rposition(|part| part.kind == Some(kind))?;
        Some(from.remove(at).name)
    };
    written.street =
        take(Kind::Street, &mut names).or_else(|| take(Kind::Street, &mut after_house));
    written.place = take(Kind::Place, &mut names).or_else(|| take(Kind::Place, &mut after_house));
    let mut rest: Vec<Name> = names.into_iter().map(|part| part.name).collect();
    let mut late: Vec<Name> = after_house.into_iter().map(|part| part.name).collect();
    if written.street.is_none() {
        written.street = rest.pop();
    }
    if written.place.is_none() {
        written.place = rest.pop().or_else(|| late.pop());
    }
    if written.street.is_none() {
        // `с. Садовое Ленин 12`: place and street in one part.
        written.street = written.place.take();
    }
    rest.append(&mut late);
    written.areas.append(&mut rest);
}

#[cfg(test)]
mod tests;
