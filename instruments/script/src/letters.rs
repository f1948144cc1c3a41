//! The one-byte alphabet: every letter of a plain text as one byte, so that distances count letters and
//! run on byte slices.

/// Encodes a plain text (see [`crate::plain`]) with one byte for each letter, appended to `out`.
///
/// ASCII is itself, lower-case Cyrillic `а`…`џ` is 0x80 to 0xAF, the Kyrgyz, Uzbek and Kazakh letters
/// follow to 0xBF; anything else shares 0xC0 to 0xFF by its code. Letters of a name never collide.
pub fn push_letters(text: &str, out: &mut Vec<u8>) {
    out.extend(text.chars().map(letter_code));
}

/// Encodes a plain text into a new vector; see [`push_letters`].
#[must_use]
pub fn letters(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    push_letters(text, &mut out);
    out
}

/// The byte of one letter.
#[must_use]
pub fn letter_code(letter: char) -> u8 {
    let code = u32::from(letter);
    let byte = match letter {
        '\0'..='\u{7F}' => code,
        'а'..='џ' => 0x80 + (code - 0x430),
        'ң' => 0xB0,
        'ө' => 0xB1,
        'ү' => 0xB2,
        'қ' => 0xB3,
        'ғ' => 0xB4,
        'ҳ' => 0xB5,
        'ә' => 0xB6,
        'һ' => 0xB7,
        'җ' => 0xB8,
        _ => 0xC0 + code % 0x40,
    };
    u8::try_from(byte & 0xFF).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    //! One byte a letter, without collisions among the letters of names.

    use super::letters;

    #[test]
    fn every_letter_of_the_alphabets_has_its_own_byte() {
        let alphabet =
            "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюяқғҳәһўіabcdefghijklmnopqrstuvwxyz0123456789 /";
        let mut codes = letters(alphabet);
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), alphabet.chars().count());
    }
}
