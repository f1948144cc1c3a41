//! Slips and spellings of clerks: romanisation, letters misread, digits mistyped.
//!
//! Own tables on purpose; see `names`.

use crate::dice::Dice;
use crate::names::Name;

/// Romanises Cyrillic text. `by_icao`: Ж ZH, Х KH, Ц TS (ICAO 9303); otherwise Ж J as place names do.
pub(crate) fn romanised(text: &str, by_icao: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let low = letter.to_lowercase().next().unwrap_or(letter);
        let latin = match low {
            'а' => "a",
            'б' => "b",
            'в' => "v",
            'г' => "g",
            'д' => "d",
            'е' | 'ё' | 'э' => "e",
            'ж' => {
                if by_icao {
                    "zh"
                } else {
                    "j"
                }
            }
            'з' => "z",
            'и' | 'й' => "i",
            'к' => "k",
            'л' => "l",
            'м' => "m",
            'н' | 'ң' => "n",
            'о' | 'ө' => "o",
            'п' => "p",
            'р' => "r",
            'с' => "s",
            'т' => "t",
            'у' | 'ү' => "u",
            'ф' => "f",
            'х' => "kh",
            'ц' => "ts",
            'ч' => "ch",
            'ш' => "sh",
            'щ' => "shch",
            'ы' => "y",
            'ъ' => "ie",
            'ь' => "",
            'ю' => "iu",
            'я' => "ia",
            _ => {
                out.push(letter);
                continue;
            }
        };
        if letter == low {
            out.push_str(latin);
        } else {
            let mut letters = latin.chars();
            out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            out.push_str(letters.as_str());
        }
    }
    out
}

/// A whole name romanised.
pub(crate) fn romanised_name(name: &Name, by_icao: bool) -> Name {
    Name {
        surname: romanised(&name.surname, by_icao),
        given: romanised(&name.given, by_icao),
        patronymic: romanised(&name.patronymic, by_icao),
    }
}

/// Spells a name as another clerk heard it: one of the known pairs of letters, if the name has any.
pub(crate) fn respelled(text: &str, dice: &mut Dice) -> String {
    const PAIRS: [(&str, &str); 14] = [
        ("өө", "о"),
        ("өө", "ө"),
        ("ө", "о"),
        ("ү", "у"),
        ("ң", "н"),
        ("дж", "ж"),
        ("ж", "дж"),
        ("гуль", "гул"),
        ("гүл", "гуль"),
        ("ы", "и"),
        ("э", "е"),
        ("аа", "а"),
        ("оо", "о"),
        ("ээ", "е"),
    ];
    let low = text.to_lowercase();
    let fitting: Vec<&(&str, &str)> = PAIRS
        .iter()
        .filter(|(from, _)| low.contains(from))
        .collect();
    if fitting.is_empty() {
        return text.to_owned();
    }
    let (from, to) = dice.one(&fitting);
    let changed = low.replacen(from, to, 1);
    capitalised(&changed, text)
}

/// Gives `text` the capital letters of a name, where the model has a capital at the word's start.
fn capitalised(text: &str, model: &str) -> String {
    let capitals: Vec<bool> = model
        .split(' ')
        .map(|w| w.chars().next().is_some_and(char::is_uppercase))
        .collect();
    let words = text.split(' ').enumerate().map(|(n, word)| {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if capitals.get(n).copied().unwrap_or(true) => {
                first.to_uppercase().chain(letters).collect::<String>()
            }
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// One slip of the fingers inside a word: a letter lost, doubled, replaced, or two swapped. The
/// first letter stays.
pub(crate) fn mistyped(text: &str, dice: &mut Dice) -> String {
    const LETTERS: [char; 22] = [
        'а', 'б', 'в', 'г', 'д', 'е', 'ж', 'з', 'и', 'к', 'л', 'м', 'н', 'о', 'п', 'р', 'с', 'т',
        'у', 'ч', 'ш', 'ы',
    ];
    let letters: Vec<char> = text.chars().collect();
    let inner: Vec<usize> = (1..letters.len())
        .filter(|&i| letters[i].is_alphabetic())
        .collect();
    if inner.len() < 3 {
        return format!("{text}а");
    }
    let at = *dice.one(&inner);
    let mut out = letters.clone();
    match dice.below(4) {
        0 => {
            out.remove(at);
        }
        1 => out.insert(at, letters[at]),
        2 => out[at] = *dice.one(&LETTERS),
        _ => {
            let next = (at + 1).min(out.len() - 1);
            out.swap(at, next);
        }
    }
    let out: String = out.into_iter().collect();
    if out == text {
        mistyped(text, dice)
    } else {
        out
    }
}

/// Latin letters that look like the Cyrillic ones, put into a word: the same text once cleaned.
pub(crate) fn with_look_alikes(text: &str, dice: &mut Dice) -> String {
    text.chars()
        .map(|c| {
            let latin = match c {
                'а' => 'a',
                'о' => 'o',
                'е' => 'e',
                'с' => 'c',
                'р' => 'p',
                'А' => 'A',
                'О' => 'O',
                'К' => 'K',
                'М' => 'M',
                'Т' => 'T',
                _ => c,
            };
            if dice.chance(0.35) { latin } else { c }
        })
        .collect()
}

/// Ways a PIN is mistyped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PinSlip {
    Digit,
    Swapped,
    Lost,
    Doubled,
}

/// A mistyped PIN; differs from the right one. Digits of the serial are hit most often.
pub(crate) fn mistyped_pin(pin: u64, slip: PinSlip, dice: &mut Dice) -> String {
    let digits = format!("{pin:014}").into_bytes();
    loop {
        let at = if dice.chance(0.7) {
            9 + dice.below(5)
        } else {
            1 + dice.below(8)
        } as usize;
        let mut out = digits.clone();
        match slip {
            PinSlip::Digit => out[at] = b'0' + ((out[at] - b'0' + 1 + dice.below(9) as u8) % 10),
            PinSlip::Swapped => out.swap(at, (at + 1).min(13)),
            PinSlip::Lost => {
                out.remove(at);
            }
            PinSlip::Doubled => out.insert(at, digits[at]),
        }
        if out != digits {
            return String::from_utf8(out).unwrap_or_default();
        }
        // Two equal neighbours cannot be swapped visibly: look for another place.
        if slip == PinSlip::Swapped && digits.windows(2).skip(1).all(|w| w[0] == w[1]) {
            return mistyped_pin(pin, PinSlip::Digit, dice);
        }
    }
}

/// What is left of a text that went through a wrong code page or a bad print.
pub(crate) fn ruined(text: &str, dice: &mut Dice) -> String {
    if dice.chance(0.5) {
        text.chars()
            .map(|c| if c.is_alphabetic() { '\u{FFFD}' } else { c })
            .collect()
    } else {
        text.chars()
            .map(|c| if c.is_alphabetic() { '?' } else { c })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Lane;

    #[test]
    fn romanisation_follows_icao() {
        assert_eq!(
            romanised("Жээнбеков Үсөн Щербаков", true),
            "Zheenbekov Uson Shcherbakov"
        );
        assert_eq!(romanised("Жумабек уулу", false), "Jumabek uulu");
    }

    #[test]
    fn slips_change_the_text_and_keep_the_start() {
        for n in 0..2000 {
            let mut dice = Dice::new(5, Lane::CommissionText, n);
            let out = mistyped("Осмонов", &mut dice);
            assert!(out != "Осмонов" && out.starts_with('О'), "{out}");
            for slip in [
                PinSlip::Digit,
                PinSlip::Swapped,
                PinSlip::Lost,
                PinSlip::Doubled,
            ] {
                assert_ne!(
                    mistyped_pin(20_905_199_900_000, slip, &mut dice),
                    "20905199900000"
                );
            }
        }
    }
}
