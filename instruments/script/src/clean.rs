//! Cleaning: from what was typed to what may be stored ([`clean`]) and to lower-case plain letters
//! ([`plain`]), the mild normalisation that record linkage compares.

/// Upper case that is right for Ң Ө Ү.
#[must_use]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// Lower case that is right for ң ө ү.
#[must_use]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// First letter of each word upper, the rest lower; `уулу`, `кызы` and their variants stay small.
///
/// `ЖАНЫБЕК УУЛУ` becomes `Жаныбек уулу`; a letter after a hyphen is upper as well.
#[must_use]
pub fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (position, word) in lower(text).split(' ').enumerate() {
        if position > 0 {
            out.push(' ');
        }
        if position > 0 && crate::names::is_particle(word) {
            out.push_str(word);
            continue;
        }
        let mut at_start = true;
        for letter in word.chars() {
            if at_start {
                out.extend(letter.to_uppercase());
            } else {
                out.push(letter);
            }
            at_start = letter == '-';
        }
    }
    out
}

/// True for a letter of the Cyrillic block.
#[must_use]
pub fn is_cyrillic(letter: char) -> bool {
    ('\u{0400}'..='\u{052F}').contains(&letter)
}

/// True for a letter of the Latin alphabet, accented ones included.
#[must_use]
pub fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || ('\u{00C0}'..='\u{024F}').contains(&letter) && letter.is_alphabetic()
}

/// The Cyrillic letter that looks like this Latin one, if there is one.
fn look_alike(letter: char) -> Option<char> {
    Some(match letter {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        'ө' | 'Ө' => return None,
        'ɵ' => 'ө',
        'Ɵ' => 'Ө',
        _ => return None,
    })
}

/// Joins a base letter with the combining mark after it, where the pair is one letter of our alphabets.
fn compose(base: char, mark: char) -> Option<char> {
    Some(match (base, mark) {
        ('и', '\u{0306}') => 'й',
        ('И', '\u{0306}') => 'Й',
        ('е', '\u{0308}') => 'ё',
        ('Е', '\u{0308}') => 'Ё',
        ('у', '\u{0306}') => 'ў',
        ('У', '\u{0306}') => 'Ў',
        ('o', '\u{0308}') => 'ö',
        ('O', '\u{0308}') => 'Ö',
        ('u', '\u{0308}') => 'ü',
        ('U', '\u{0308}') => 'Ü',
        ('n', '\u{0303}') => 'ñ',
        ('N', '\u{0303}') => 'Ñ',
        _ => return None,
    })
}

/// Prepares a text for storing: one spelling for one letter, nothing of the name lost.
///
/// Composes `и` + breve and the like, turns Ӊ (U+04C9, from old data) into Ң, replaces Latin look-alikes
/// inside Cyrillic text by the Cyrillic letter, makes every dash a hyphen, collapses spaces, drops
/// invisible characters. Case and Kyrgyz letters stay. Idempotent.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut composed: Vec<char> = Vec::with_capacity(text.len());
    for letter in text.chars() {
        if let Some(joined) = composed.last().and_then(|&base| compose(base, letter)) {
            composed.pop();
            composed.push(joined);
            continue;
        }
        match letter {
            '\u{0300}'..='\u{036F}'
            | '\u{00AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'
            | '\u{FEFF}' => {}
            'Ӊ' | 'Ӈ' | 'Ҥ' => composed.push('Ң'),
            'ӊ' | 'ӈ' | 'ҥ' => composed.push('ң'),
            'Ӫ' | 'Ɵ' => composed.push('Ө'),
            'ӫ' | 'ɵ' => composed.push('ө'),
            'Ұ' => composed.push('Ү'),
            'ұ' => composed.push('ү'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' => composed.push('-'),
            other if other.is_whitespace() || other.is_control() => composed.push(' '),
            other => composed.push(other),
        }
    }
    replace_look_alikes(&mut composed);
    collapse_spaces(&composed)
}

/// Replaces look-alikes word by word: a word with a Cyrillic letter, or one made of look-alikes only
/// inside a Cyrillic text. A word with any other Latin letter is left as it is.
fn replace_look_alikes(text: &mut [char]) {
    if !text.iter().any(|&letter| is_cyrillic(letter)) {
        return;
    }
    let in_word =
        |letter: &char| matches!(letter, 'а'..='я' | 'А'..='Я') || letter.is_alphanumeric();
    for word in text.split_mut(|letter| !in_word(letter)) {
        if word
            .iter()
            .all(|&letter| !is_latin(letter) || look_alike(letter).is_some())
        {
            for letter in word.iter_mut() {
                *letter = look_alike(*letter).unwrap_or(*letter);
            }
        }
    }
}

/// Joins runs of spaces, and removes the spaces around hyphens and at both ends.
fn collapse_spaces(text: &[char]) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut pending_space = false;
    for &letter in text {
        if letter == ' ' {
            pending_space = !out.is_empty() && !out.ends_with('-');
            continue;
        }
        if pending_space && letter != '-' {
            out.push(' ');
        }
        pending_space = false;
        out.push(letter);
    }
    out
}

/// The Russian letter a Kyrgyz, Uzbek or Kazakh one is merged with; other letters map to themselves.
fn merge(letter: char) -> char {
    match letter {
        'ё' | 'ѐ' => 'е',
        'ө' | 'ӧ' => 'о',
        'ү' | 'ў' | 'ӱ' => 'у',
        'ң' => 'н',
        'қ' => 'к',
        'ғ' => 'г',
        'ҳ' | 'һ' => 'х',
        'ә' => 'а',
        'җ' | 'ӂ' => 'ж',
        'і' | 'ї' | 'ѝ' => 'и',
        'є' => 'е',
        other => other,
    }
}

/// The mild normalisation for comparing: [`clean`], lower case, Kyrgyz letters merged with the Russian
/// ones (ө→о, ү→у, ң→н, ё→е), hyphens and punctuation turned into single spaces, apostrophes dropped.
///
/// Variants such as `дж`/`ж`, `ы`/`и` or doubled letters stay apart: linkage weighs them as comparison
/// levels. [`crate::fold`] merges them as well. Idempotent.
#[must_use]
pub fn plain(text: &str) -> String {
    if text.is_ascii()
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut pending_space = false;
    for letter in clean(text).chars().flat_map(char::to_lowercase) {
        match letter {
            '\'' | '`' | '´' | 'ʻ' | 'ʼ' | '‘' | '’' | '"' | '«' | '»' | '“' | '”' | '\u{0307}' =>
                {}
            other if other.is_alphanumeric() || other == '/' => {
                if pending_space && !out.is_empty() {
                    out.push(' ');
                }
                pending_space = false;
                out.push(merge(other));
            }
            _ => pending_space = true,
        }
    }
    out
}

#[cfg(test)]
mod tests;
