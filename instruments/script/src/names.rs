//! Parts of names: the particles "son of" and "daughter of", stems under changing endings, initials, and
//! the form on cards and paper.

use crate::clean::{clean, plain, upper};

/// True for `уулу`, `кызы` and their variants, in small letters.
#[must_use]
pub fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "уулу" | "уулы" | "улу" | "кызы" | "кизи" | "кызи" | "теги" | "тын"
    )
}

/// The father's name inside a patronymic, plain: `Жаныбекович`, `Жаныбековна`, `Жаныбек уулу` and
/// `Жаныбек кызы` all give `жаныбек`.
///
/// A final й or ь is dropped, since `Асанбаевич` and `Асанбай уулу` name one father. A text without a
/// known ending is returned plain.
#[must_use]
pub fn patronymic_stem(patronymic: &str) -> String {
    let text = plain(patronymic);
    let stem = strip_first(
        &text,
        &[
            " уулу",
            " уулы",
            " улу",
            " кызы",
            " кизи",
            " кызи",
            "уулу",
            "уулы",
            "кызы",
        ],
        3,
    )
    .or_else(|| {
        strip_first(
            &text,
            &["ович", "евич", "овна", "евна", "инична", "ична", "ич"],
            3,
        )
    })
    .unwrap_or(&text);
    stem.trim_end_matches(['й', 'ь']).to_owned()
}

/// The masculine form of a surname, plain: `Асанова` gives `асанов`, `Высоцкая` gives `высоцкий`.
#[must_use]
pub fn surname_stem(surname: &str) -> String {
    let text = plain(surname);
    if let Some(stem) = text.strip_suffix("ая")
        && (stem.ends_with("ск") || stem.ends_with("цк"))
    {
        return format!("{stem}ий");
    }
    match text.strip_suffix('а') {
        Some(stem)
            if ["ов", "ев", "ин", "ын"]
                .iter()
                .any(|ending| stem.ends_with(ending))
                && stem.chars().count() > 3 =>
        {
            stem.to_owned()
        }
        _ => text,
    }
}

/// The root of a surname under all its legal endings, plain: `Асанов`, `Асанова`, `Асан уулу`,
/// `Асан кызы`, `Асан-теги`, `Асантын` and bare `Асан` all give `асан`.
///
/// Changing the ending is frequent and lawful, so the root is evidence, never identity.
#[must_use]
pub fn surname_root(surname: &str) -> String {
    let text = surname_stem(surname);
    let particles = [
        " уулу",
        " уулы",
        " улу",
        " кызы",
        " кизи",
        " кызи",
        " теги",
        " тын",
        "уулу",
        "уулы",
        "кызы",
        "теги",
        "тын",
    ];
    let root = strip_first(&text, &particles, 3)
        .or_else(|| strip_first(&text, &["ов", "ев", "ин"], 3))
        .unwrap_or(&text);
    root.trim_end_matches(['й', 'ь']).to_owned()
}

/// Cuts off the first ending that fits and leaves at least `letters_min` letters.
fn strip_first<'a>(text: &'a str, endings: &[&str], letters_min: usize) -> Option<&'a str> {
    endings.iter().find_map(|ending| {
        text.strip_suffix(ending)
            .filter(|stem| stem.chars().count() >= letters_min)
    })
}

/// Initials of a person in document order (surname, given name, patronymic): `А. Ү. Ж.`
///
/// Shows a citizen that the record is theirs without showing the name to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initials(String);

impl Initials {
    /// Takes the first letter of each non-empty part; a double given name gives both (`А.-М.`), particles
    /// give none.
    #[must_use]
    pub fn of(parts: &[&str]) -> Initials {
        let mut shown = Vec::new();
        for part in parts {
            let cleaned = clean(part);
            for word in cleaned
                .split(' ')
                .filter(|word| !is_particle(&word.to_lowercase()))
            {
                let letters: Vec<String> = word
                    .split('-')
                    .filter_map(|half| half.chars().next())
                    .map(|first| format!("{}.", first.to_uppercase()))
                    .collect();
                if !letters.is_empty() {
                    shown.push(letters.join("-"));
                }
            }
        }
        Initials(shown.join(" "))
    }

    /// The initials as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Initials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name as cards and paper show it: surname in capitals, the rest as written.
///
/// `уулу` and `кызы` inside the surname stay small: `ЖАНЫБЕК уулу Үсөн`. Nothing is cut.
#[must_use]
pub fn display_name(surname: &str, given: &str, patronymic: Option<&str>) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in clean(surname).split(' ').filter(|word| !word.is_empty()) {
        let small = word.to_lowercase();
        words.push(if is_particle(&small) {
            small
        } else {
            upper(word)
        });
    }
    words.extend(
        [given, patronymic.unwrap_or("")]
            .iter()
            .map(|part| clean(part))
            .filter(|part| !part.is_empty()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests;
