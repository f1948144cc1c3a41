//! House numbers: `12`, `12а`, `12/2`, `12 корп. 2`, `12а/3б`.

/// A house number in parts; two spellings of one number are equal.
///
/// A fraction and a building (`12/2`, `12 корп. 2`) are one part: registers and clerks write either.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct HouseNumber {
    /// The number, 1 to 99,999.
    pub number: u32,
    /// Its letter as a small Cyrillic one, or `None`.
    pub letter: Option<char>,
    /// The building or the part after the fraction bar; 0 when there is none.
    pub part: u32,
    /// The letter of the part.
    pub part_letter: Option<char>,
}

/// The largest number of a house; what is larger is a postal index or a slip.
pub const NUMBER_MAX: u32 = 99_999;

impl HouseNumber {
    /// Reads the number as a register writes it; `None` when the text is something else (`б/н`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written = super::written::read_house(text)?;
        (written.flat.is_none()).then_some(written.number)
    }

    /// The same house without its letters and parts.
    #[must_use]
    pub fn base(self) -> Self {
        Self {
            number: self.number,
            ..Self::default()
        }
    }
}

impl std::fmt::Display for HouseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.number)?;
        if let Some(letter) = self.letter {
            write!(f, "{letter}")?;
        }
        if self.part > 0 {
            write!(f, "/{}", self.part)?;
        }
        if let Some(letter) = self.part_letter {
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// A house letter as a small Cyrillic one: clerks type `12a` and `12b` in Latin.
#[must_use]
pub fn house_letter(letter: char) -> Option<char> {
    Some(match letter {
        'a' => 'а',
        'b' => 'б',
        'v' => 'в',
        'g' => 'г',
        'd' => 'д',
        'c' => 'с',
        'e' => 'е',
        'k' => 'к',
        'o' => 'о',
        'p' => 'р',
        'x' => 'х',
        'а'..='я' => letter,
        _ => return None,
    })
}
