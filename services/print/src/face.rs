//! The two weights of the paper's font and the widths of their letters.

use typst::foundations::Bytes;
use typst::text::Font;

/// Noto Sans, regular, subset; `assets/OFL.txt`.
pub const REGULAR: &[u8] = include_bytes!("../assets/list-400.ttf");

/// Noto Sans, bold, subset.
pub const BOLD: &[u8] = include_bytes!("../assets/list-700.ttf");

/// Letters up to here have their width in a table; the subset ends below.
const LETTERS: usize = 0x2300;

/// Weight of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// Regular.
    Regular,
    /// Bold.
    Bold,
}

/// A letter the font has no shape for: the list would show a box in somebody's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the paper's font has no letter U+{:04X}", *.0 as u32)]
pub struct UnknownLetter(pub char);

/// Advance widths, in thousandths of the text's size.
pub struct Faces {
    fonts: [Font; 2],
    widths: [Vec<Option<u16>>; 2],
}

impl Faces {
    /// Reads the two embedded fonts.
    #[must_use]
    pub fn embedded() -> Self {
        let fonts = [REGULAR, BOLD].map(|bytes| {
            Font::new(Bytes::new(bytes), 0).expect("the embedded font is a TrueType font")
        });
        let widths = [0, 1].map(|at| widths(&fonts[at]));
        Self { fonts, widths }
    }

    /// The fonts, regular first.
    #[must_use]
    pub fn fonts(&self) -> &[Font; 2] {
        &self.fonts
    }

    /// The width of a letter, in thousandths of the text's size.
    ///
    /// # Errors
    /// [`UnknownLetter`] when the font has no such letter.
    pub fn letter(&self, letter: char, weight: Weight) -> Result<u32, UnknownLetter> {
        let table = match weight {
            Weight::Regular => &self.widths[0],
            Weight::Bold => &self.widths[1],
        };
        table
            .get(letter as usize)
            .copied()
            .flatten()
            .map(u32::from)
            .ok_or(UnknownLetter(letter))
    }

    /// The width of a text without kerning, in thousandths of its size.
    ///
    /// # Errors
    /// [`UnknownLetter`].
    pub fn text(&self, text: &str, weight: Weight) -> Result<u32, UnknownLetter> {
        text.chars().map(|letter| self.letter(letter, weight)).sum()
    }
}

impl std::fmt::Debug for Faces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faces(Noto Sans)")
    }
}

fn widths(font: &Font) -> Vec<Option<u16>> {
    let instance = font.clone().instantiate(
        typst::text::FontVariant::default(),
        typst::layout::Abs::zero(),
        &typst::text::FontVariations::default(),
    );
    let face = instance.ttf();
    let units = u32::from(face.units_per_em());
    (0..LETTERS)
        .map(|code| {
            let letter = char::from_u32(u32::try_from(code).ok()?)?;
            let advance = u32::from(face.glyph_hor_advance(face.glyph_index(letter)?)?);
            u16::try_from((advance * 1000).div_ceil(units)).ok()
        })
        .collect()
}
