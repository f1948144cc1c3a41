//! Between the two alphabets: ICAO 9303 romanisation, place names, MRZ check digits, and Latin input
//! read as Cyrillic.

use crate::clean::clean;

/// Latin letters of one Cyrillic letter (upper case in, upper case out), as passports write them.
///
/// Source: ICAO Doc 9303 part 3 section 6 B (Cyrillic); Ң Ө Ү as the state's documents have them.
fn icao(letter: char) -> Option<&'static str> {
    Some(match letter {
        'А' | 'Ә' => "A",
        'Б' => "B",
        'В' => "V",
        'Г' | 'Ғ' => "G",
        'Д' => "D",
        'Е' | 'Ё' | 'Э' => "E",
        'Ж' | 'Җ' => "ZH",
        'З' => "Z",
        'И' | 'Й' | 'І' => "I",
        'К' | 'Қ' => "K",
        'Л' => "L",
        'М' => "M",
        'Н' | 'Ң' => "N",
        'О' | 'Ө' => "O",
        'П' => "P",
        'Р' => "R",
        'С' => "S",
        'Т' => "T",
        'У' | 'Ү' | 'Ў' => "U",
        'Ф' => "F",
        'Х' => "KH",
        'Ҳ' | 'Һ' => "H",
        'Ц' => "TS",
        'Ч' => "CH",
        'Ш' => "SH",
        'Щ' => "SHCH",
        'Ъ' => "IE",
        'Ы' => "Y",
        'Ь' => "",
        'Ю' => "IU",
        'Я' => "IA",
        _ => return None,
    })
}

/// Romanises a personal name by ICAO 9303, in capitals: `Үсөн Жаңыбеков` becomes `USON ZHANYBEKOV`.
///
/// Spaces and hyphens stay; Latin letters stay in capitals; anything else (an apostrophe) is dropped.
/// Issued documents also hold DZH and J for Ж: compare by [`crate::fold`], not by this spelling.
#[must_use]
pub fn romanise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in clean(name).chars().flat_map(char::to_uppercase) {
        match icao(letter) {
            Some(latin) => out.push_str(latin),
            None if letter.is_ascii_alphabetic() || letter == ' ' || letter == '-' => {
                out.push(letter)
            }
            None => {}
        }
    }
    out
}

/// Romanises a place name: as ICAO 9303 but `Ж` and `Дж` are `J`, and case is kept.
///
/// `Жалал-Абад` and `Джалал-Абад` both become `Jalal-Abad`; digits and punctuation stay.
#[must_use]
pub fn romanise_place(name: &str) -> String {
    let cleaned = clean(name);
    let mut out = String::with_capacity(cleaned.len());
    let mut rest = cleaned.chars().peekable();
    while let Some(letter) = rest.next() {
        let is_upper = letter.is_uppercase();
        let capital = letter.to_uppercase().next().unwrap_or(letter);
        let next_capital = rest.peek().and_then(|next| next.to_uppercase().next());
        let latin = match capital {
            'Д' if next_capital == Some('Ж') => {
                rest.next();
                Some("J")
            }
            'Ж' => Some("J"),
            other => icao(other),
        };
        let Some(latin) = latin else {
            out.push(letter);
            continue;
        };
        let all_capitals = is_upper && rest.peek().is_some_and(|next| next.is_uppercase());
        for (position, roman) in latin.chars().enumerate() {
            let keep_capital = is_upper && (position == 0 || all_capitals);
            out.push(if keep_capital {
                roman
            } else {
                roman.to_ascii_lowercase()
            });
        }
    }
    out
}

/// The check digit of a field of a machine-readable zone, 0 to 9: weights 7, 3, 1, sum modulo 10.
///
/// `field` holds A–Z, 0–9 and `<` (letters count 10 to 35, the filler 0). `None` when it holds anything
/// else. Source: ICAO Doc 9303 part 3 section 4.9.
#[must_use]
pub fn mrz_check_digit(field: &str) -> Option<u8> {
    let mut sum = 0u32;
    for (position, letter) in field.bytes().enumerate() {
        let value = match letter {
            b'0'..=b'9' => u32::from(letter - b'0'),
            b'A'..=b'Z' => u32::from(letter - b'A') + 10,
            b'<' => 0,
            _ => return None,
        };
        sum = (sum + value * [7, 3, 1][position % 3]) % 10;
    }
    u8::try_from(sum).ok()
}

/// Latin spellings read as Cyrillic, longest first: how names are typed by people and printed in passports.
const READINGS: [(&str, &str); 62] = [
    ("shch", "щ"),
    ("dzh", "дж"),
    ("dj", "дж"),
    ("zh", "ж"),
    ("kh", "х"),
    ("gh", "г"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("ph", "ф"),
    ("ck", "к"),
    ("yu", "ю"),
    ("iu", "ю"),
    ("ya", "я"),
    ("ia", "я"),
    ("yo", "ё"),
    ("ye", "е"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "ж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("z", "з"),
    ("ö", "ө"),
    ("ü", "ү"),
    ("ñ", "ң"),
    ("ŋ", "ң"),
    ("ç", "ч"),
    ("ş", "ш"),
    ("ğ", "г"),
    ("ı", "ы"),
    ("ä", "а"),
    ("á", "а"),
    ("à", "а"),
    ("â", "а"),
    ("é", "е"),
    ("è", "е"),
    ("ê", "е"),
    ("ë", "ё"),
    ("í", "и"),
    ("î", "и"),
    ("ó", "о"),
    ("ú", "у"),
    ("ž", "ж"),
];

/// Reads Latin letters as Cyrillic ones, in lower case: `Usen Zheenbekov` becomes `усен жеенбеков`.
///
/// `e` at the start of a word is `э`, `y` is `й` after a vowel and `ы` otherwise. Not the inverse of
/// [`romanise`], which loses letters: the result is meant for folding, not for display.
#[must_use]
pub fn cyrillic_from_latin(text: &str) -> String {
    let lowered = text.to_lowercase();
    let mut out = String::with_capacity(lowered.len() * 2);
    let mut rest = lowered.as_str();
    let mut last = ' ';
    while let Some(letter) = rest.chars().next() {
        let (read, cyrillic) = read_one(rest, letter, last);
        out.push_str(cyrillic);
        if cyrillic.is_empty() {
            out.push(letter);
        }
        last = out.chars().last().unwrap_or(' ');
        rest = &rest[read..];
    }
    out
}

/// Bytes read and their Cyrillic letters; no letters when the first one stays as it is.
fn read_one(rest: &str, letter: char, last: char) -> (usize, &'static str) {
    if letter == 'e' {
        return (1, if last.is_alphabetic() { "е" } else { "э" });
    }
    if let Some((latin, cyrillic)) = READINGS.iter().find(|(latin, _)| rest.starts_with(latin)) {
        return (latin.len(), cyrillic);
    }
    if letter == 'y' {
        return (
            1,
            if crate::fold::is_vowel(last) {
                "й"
            } else {
                "ы"
            },
        );
    }
    (letter.len_utf8(), "")
}

#[cfg(test)]
mod tests;
