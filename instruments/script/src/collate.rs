//! The Kyrgyz alphabet as sort keys of bytes.
//!
//! Keys are made from our own table, not by ICU: ICU4X states that its keys change with every update of
//! CLDR, Unicode or its own code, while line numbers of a signed roll follow from these keys and must be
//! reproducible years later. ICU's `ky` collation is the oracle in the tests.

use crate::clean::clean;

/// Primary weights: the position in this list, from 0x20 on. Cyrillic first, then Latin.
const ORDER: &str = "аәбвгғдеёжҗзиійкқлмнңоөпрстуўүфхҳһцчшщъыьэюяabcdefghijklmnopqrstuvwxyz";

/// Ends a field within a key; below every letter, so a prefix sorts first.
const END_OF_FIELD: u8 = 0x01;
/// Ends the primary level.
const END_OF_LEVEL: u8 = 0x00;

/// Latin letters with marks and the plain letter they are ordered with.
const MARKED: [(&str, char); 24] = [
    ("àáâãäåāăą", 'a'),
    ("çćĉċč", 'c'),
    ("ďđð", 'd'),
    ("èéêëēĕėęě", 'e'),
    ("ĝğġģ", 'g'),
    ("ĥħ", 'h'),
    ("ìíîïĩīĭįı", 'i'),
    ("ĵ", 'j'),
    ("ķ", 'k'),
    ("ĺļľŀł", 'l'),
    ("ñńņňŋ", 'n'),
    ("òóôõöøōŏő", 'o'),
    ("ŕŗř", 'r'),
    ("śŝşšș", 's'),
    ("ţťŧț", 't'),
    ("ùúûüũūŭůűų", 'u'),
    ("ŵ", 'w'),
    ("ýÿŷ", 'y'),
    ("źżž", 'z'),
    ("ӧ", 'о'),
    ("ӱ", 'у'),
    ("ѐ", 'е'),
    ("ѝ", 'и'),
    ("ї", 'і'),
];

/// The sort key of one text: comparing keys as bytes gives Kyrgyz alphabetical order.
///
/// Ё follows Е, Ң follows Н, Ө follows О, Ү follows У; a space sorts before a hyphen, a hyphen before a
/// letter, digits before letters, Latin after Cyrillic. Case and marks only decide between texts with the
/// same letters (small first). About two bytes a letter. The text is cleaned first (Ӊ is Ң).
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    sort_key_of_fields(&[text])
}

/// The sort key of several fields in order of weight, as surname, given name, patronymic.
///
/// A field that is a prefix of another sorts first whatever follows in the next field.
#[must_use]
pub fn sort_key_of_fields(fields: &[&str]) -> Vec<u8> {
    let mut key = Vec::with_capacity(fields.iter().map(|field| field.len() + 2).sum());
    let mut ties = Vec::with_capacity(key.capacity());
    for (position, field) in fields.iter().enumerate() {
        if position > 0 {
            key.push(END_OF_FIELD);
        }
        for letter in clean(field).chars() {
            push_letter(letter, &mut key, &mut ties);
        }
    }
    key.push(END_OF_LEVEL);
    key.extend(ties);
    key
}

fn push_letter(letter: char, key: &mut Vec<u8>, ties: &mut Vec<u8>) {
    let small = letter.to_lowercase().next().unwrap_or(letter);
    let (base, mark) = MARKED
        .iter()
        .find_map(|(marked, base)| Some((*base, 1 + marked.chars().position(|m| m == small)?)))
        .unwrap_or((small, 0));
    match base {
        ' ' => key.push(0x02),
        '-' => key.push(0x03),
        '0'..='9' => key.push(0x10 + u8::try_from(u32::from(base) - u32::from('0')).unwrap_or(0)),
        _ => match ORDER.chars().position(|known| known == base) {
            Some(place) => key.push(0x20 + u8::try_from(place).unwrap_or(u8::MAX)),
            // Other signs come before digits, other alphabets after Latin, both by their code.
            None => {
                key.push(if base.is_alphabetic() { 0xF0 } else { 0x04 });
                key.extend(&u32::from(base).to_be_bytes()[1..]);
            }
        },
    }
    let case = u8::from(small != letter);
    ties.push(2 + 2 * u8::try_from(mark).unwrap_or(0) + case);
}

#[cfg(test)]
mod tests;
