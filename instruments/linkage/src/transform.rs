//! How a column's text becomes the value that is compared: small named steps, listed in the model.

use std::borrow::Cow;

/// One step from a raw text to a compared value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// `trim`: no spaces at the ends.
    Trim,
    /// `plain`: lower case, Kyrgyz letters merged, punctuation to spaces (`script::plain`).
    Plain,
    /// `joined`: as plain, without spaces.
    Joined,
    /// `fold`: Kyrgyz and Russian spellings meet (`script::fold`).
    Fold,
    /// `skeleton`: the consonants of the search key.
    Skeleton,
    /// `surname_stem`: masculine form.
    SurnameStem,
    /// `surname_root`: root under all endings.
    SurnameRoot,
    /// `patronymic_stem`: the father's name.
    PatronymicStem,
    /// `digits`: decimal digits only, Cyrillic О and Latin O read as zero.
    Digits,
    /// `pin`: fourteen digits, anything else is missing.
    Pin,
    /// `date`: `YYYYMMDD` from `YYYY-MM-DD`, `DD.MM.YYYY` or `YYYYMMDD`; anything else is missing.
    Date,
    /// `date_swapped`: day and month exchanged in a `YYYYMMDD`; missing when both are equal.
    DateSwapped,
    /// `year`: the first four letters.
    Year,
    /// `prefix N`: the first N letters; shorter texts stay whole.
    Prefix(usize),
    /// `suffix N`: the last N letters.
    Suffix(usize),
    /// `nonzero`: `0` is missing.
    NonZero,
    /// `sorted_words`: words in alphabetical order.
    SortedWords,
}

impl Transform {
    /// Reads a step as the model writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Transform> {
        let (name, argument) = text
            .split_once(' ')
            .map_or((text, None), |(name, rest)| (name, Some(rest.trim())));
        let count = || {
            argument
                .and_then(|digits| digits.parse::<usize>().ok())
                .filter(|&n| n > 0)
        };
        let step = match name {
            "prefix" => return count().map(Transform::Prefix),
            "suffix" => return count().map(Transform::Suffix),
            "trim" => Transform::Trim,
            "plain" => Transform::Plain,
            "joined" => Transform::Joined,
            "fold" => Transform::Fold,
            "skeleton" => Transform::Skeleton,
            "surname_stem" => Transform::SurnameStem,
            "surname_root" => Transform::SurnameRoot,
            "patronymic_stem" => Transform::PatronymicStem,
            "digits" => Transform::Digits,
            "pin" => Transform::Pin,
            "date" => Transform::Date,
            "date_swapped" => Transform::DateSwapped,
            "year" => Transform::Year,
            "nonzero" => Transform::NonZero,
            "sorted_words" => Transform::SortedWords,
            _ => return None,
        };
        argument.is_none().then_some(step)
    }

    /// Applies the step; an empty result is a missing value.
    #[must_use]
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Transform::Trim => Cow::Borrowed(text.trim()),
            Transform::Plain => Cow::Owned(script::plain(text)),
            Transform::Joined => Cow::Owned(script::plain(text).replace(' ', "")),
            Transform::Fold => Cow::Owned(script::fold(text).key().to_owned()),
            Transform::Skeleton => Cow::Owned(script::search::skeleton(text)),
            Transform::SurnameStem => Cow::Owned(script::surname_stem(text)),
            Transform::SurnameRoot => Cow::Owned(script::surname_root(text)),
            Transform::PatronymicStem => Cow::Owned(script::patronymic_stem(text)),
            Transform::Digits => Cow::Owned(digits(text)),
            Transform::Pin => Cow::Owned(
                Some(digits(text))
                    .filter(|pin| pin.len() == 14)
                    .unwrap_or_default(),
            ),
            Transform::Date => Cow::Owned(date(text).unwrap_or_default()),
            Transform::DateSwapped => Cow::Owned(date_swapped(text).unwrap_or_default()),
            Transform::Year | Transform::Prefix(4) => Cow::Borrowed(prefix(text, 4)),
            Transform::Prefix(letters) => Cow::Borrowed(prefix(text, letters)),
            Transform::Suffix(letters) => {
                let skip = text.chars().count().saturating_sub(letters);
                Cow::Borrowed(
                    text.char_indices()
                        .nth(skip)
                        .map_or("", |(at, _)| &text[at..]),
                )
            }
            Transform::NonZero => Cow::Borrowed(if text == "0" { "" } else { text }),
            Transform::SortedWords => {
                let mut words: Vec<&str> = text.split(' ').collect();
                words.sort_unstable();
                Cow::Owned(words.join(" "))
            }
        }
    }
}

fn prefix(text: &str, letters: usize) -> &str {
    text.char_indices()
        .nth(letters)
        .map_or(text, |(at, _)| &text[..at])
}

fn digits(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            '0'..='9' => Some(letter),
            'О' | 'о' | 'O' | 'o' => Some('0'),
            _ => None,
        })
        .collect()
}

/// A calendar-like date as eight digits. Impossible days are kept out, since they carry no evidence.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split(['T', ' ']).next().unwrap_or("");
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let (year, month, day) = match parts.as_slice() {
        [whole] if whole.len() == 8 && whole.is_ascii() => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [day, month, year] if year.len() == 4 => (*year, *month, *day),
        _ => return None,
    };
    let (year, month, day): (u16, u8, u8) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (year > 0 && (1..=31).contains(&month) && (1..=31).contains(&day))
        .then(|| format!("{year:04}{month:02}{day:02}"))
}

fn date_swapped(eight_digits: &str) -> Option<String> {
    let (year, month, day) = (
        eight_digits.get(..4)?,
        eight_digits.get(4..6)?,
        eight_digits.get(6..8)?,
    );
    (month != day).then(|| format!("{year}{day}{month}"))
}

#[cfg(test)]
mod tests {
    //! Every step on a good and a bad text.

    use super::Transform;

    fn check(steps: &str, text: &str, expected: &str) {
        let mut value = text.to_owned();
        for step in steps.split(", ") {
            value = Transform::parse(step)
                .expect("a known step")
                .apply(&value)
                .into_owned();
        }
        assert_eq!(value, expected, "{steps} of {text}");
    }

    #[test]
    fn steps_do_what_they_are_named_for() {
        check("plain, prefix 3", "Үсөн", "усо");
        check("date", "1999-05-09", "19990509");
        check("date", "09.05.1999", "19990509");
        check("date", "19990509", "19990509");
        check("date", "1999-05-09 00:00:00", "19990509");
        check("date", "09.05.99", "");
        check("date", "", "");
        check("date, date_swapped", "1999-05-09", "19990905");
        check("date, date_swapped", "1999-05-05", "");
        check("date, year", "1999-05-05", "1999");
        check("pin", "2 0905 1999 ОO000", "20905199900000");
        check("pin", "123", "");
        check("suffix 5", "20905199912345", "12345");
        check("nonzero", "0", "");
        check("plain, sorted_words", "Б а", "а б");
        check("joined", "St. James", "stjames");
    }

    #[test]
    fn unknown_steps_and_missing_numbers_are_refused() {
        for text in ["", "plane", "prefix", "prefix x", "prefix 0", "plain 3"] {
            assert_eq!(Transform::parse(text), None, "{text}");
        }
    }
}
