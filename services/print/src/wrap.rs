//! Breaking texts into lines before they are set, so that a row's height is known and nothing is cut.

use crate::face::{Faces, UnknownLetter, Weight};

/// Kerning and hinting of another renderer may widen a line by less than this, per cent.
const RESERVE_PERCENT: u32 = 2;

/// A word that is not broken when it fits on a line of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word, without spaces.
    pub text: &'a str,
    /// How it is set.
    pub weight: Weight,
}

/// One line: its bold beginning and its regular rest, a space between them included.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The bold part.
    pub bold: String,
    /// The regular part.
    pub regular: String,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line(sealed)")
    }
}

impl Line {
    /// The whole line.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.bold, self.regular)
    }

    fn is_empty(&self) -> bool {
        self.bold.is_empty() && self.regular.is_empty()
    }

    // INVARIANT (bold first): callers give every bold word before the first regular one.
    fn push(&mut self, text: &str, weight: Weight) {
        match weight {
            Weight::Bold => self.bold.push_str(text),
            Weight::Regular => self.regular.push_str(text),
        }
    }
}

/// The words of a text, all of one weight; a no-break space keeps its neighbours together.
pub fn words(text: &str, weight: Weight) -> impl Iterator<Item = Word<'_>> {
    text.split(|c: char| c.is_whitespace() && c != '\u{00A0}')
        .filter(|text| !text.is_empty())
        .map(move |text| Word { text, weight })
}

/// Room on a line, in thousandths of the text's size.
///
/// `width_mm` and `size_pt` as they stand on the paper.
#[must_use]
pub fn room(width_mm: f64, size_pt: f64) -> u32 {
    let ems = width_mm / 25.4 * 72.0 / size_pt;
    // The cast saturates; a column has a few hundred ems at most.
    (ems * 10.0 * f64::from(100 - RESERVE_PERCENT)) as u32
}

/// Breaks words into lines of at most `room` thousandths of the text's size.
///
/// Words go to the next line whole; one that is wider than a line is broken after a hyphen or a no-break
/// space of its own or, without a mark, between letters (a hyphen would change a name). No letter is lost.
///
/// # Errors
/// [`UnknownLetter`].
pub fn wrap<'a>(
    words: impl IntoIterator<Item = Word<'a>>,
    room: u32,
    faces: &Faces,
) -> Result<Vec<Line>, UnknownLetter> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (Line::default(), 0);
    for word in words {
        let width = faces.text(word.text, word.weight)?;
        let space = faces.letter(' ', word.weight)?;
        if !line.is_empty() && used + space + width > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() {
            line.push(" ", word.weight);
            used += space;
        }
        if width + used <= room {
            line.push(word.text, word.weight);
            used += width;
            continue;
        }
        let mut rest = word.text;
        while let Some(at) = break_at(rest, word.weight, room, faces)? {
            line.push(&rest[..at], word.weight);
            lines.push(std::mem::take(&mut line));
            rest = &rest[at..];
        }
        line.push(rest, word.weight);
        used = faces.text(rest, word.weight)?;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// Where a text wider than a line is broken; `None` when it fits.
fn break_at(
    text: &str,
    weight: Weight,
    room: u32,
    faces: &Faces,
) -> Result<Option<usize>, UnknownLetter> {
    let (mut used, mut own_break, mut cut) = (0, None, 0);
    for (at, letter) in text.char_indices() {
        used += faces.letter(letter, weight)?;
        if used > room && at > 0 {
            return Ok(Some(own_break.unwrap_or(cut.max(first_letter(text)))));
        }
        let next = at + letter.len_utf8();
        if matches!(letter, '-' | '\u{00A0}') && next < text.len() {
            own_break = Some(next);
        }
        // A combining mark stays with its letter.
        if !text[next..].starts_with(is_mark) {
            cut = next;
        }
    }
    Ok(None)
}

/// The end of the first letter with its marks: a break never goes before it.
fn first_letter(text: &str) -> usize {
    text.char_indices()
        .skip(1)
        .find(|(_, letter)| !is_mark(*letter))
        .map_or(text.len(), |(at, _)| at)
}

fn is_mark(letter: char) -> bool {
    ('\u{0300}'..='\u{036F}').contains(&letter)
}

#[cfg(test)]
mod tests;
