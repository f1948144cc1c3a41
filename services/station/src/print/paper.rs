//! A strip of paper that grows as text, rules, frames and codes are put on it.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use ab_glyph::{Font as _, FontRef, ScaleFont as _};

use super::bitmap::{Bitmap, Rect};

/// The two weights of the vendored font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Where a line of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A letter's dots at one size.
struct Glyph {
    /// Offset of the first column from the pen.
    left: i32,
    /// Offset of the first row from the baseline, negative above.
    top: i32,
    width: usize,
    dots: Vec<bool>,
    advance: f32,
}

type Cache = Mutex<HashMap<(char, u16, Weight), std::sync::Arc<Glyph>>>;

/// The font's scale for an em of this many dots: `ab_glyph` counts from ascent to descent.
fn scale(size: u16) -> f32 {
    let face = font(Weight::Regular);
    let em = face.units_per_em().unwrap_or(1000.0);
    f32::from(size) * face.height_unscaled() / em
}

fn font(weight: Weight) -> &'static FontRef<'static> {
    static REGULAR: OnceLock<FontRef<'static>> = OnceLock::new();
    static BOLD: OnceLock<FontRef<'static>> = OnceLock::new();
    let (cell, bytes) = match weight {
        Weight::Regular => (&REGULAR, screen::assets::FONT_REGULAR),
        Weight::Bold => (&BOLD, screen::assets::FONT_BOLD),
    };
    cell.get_or_init(|| {
        FontRef::try_from_slice(bytes).expect("the vendored font is a TrueType font")
    })
}

/// The letter that is drawn for this one: the font has no minus, and a dash is as wide.
pub(super) fn in_font(letter: char) -> char {
    if letter == '\u{2212}' { '–' } else { letter }
}

/// Whether the font draws this letter; what it lacks would leave a hole in the paper.
#[cfg(test)]
pub(super) fn is_drawn(letter: char) -> bool {
    font(Weight::Regular).glyph_id(in_font(letter)).0 != 0
}

fn glyph(letter: char, size: u16, weight: Weight) -> std::sync::Arc<Glyph> {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let mut cache = CACHE
        .get_or_init(Cache::default)
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let made = cache.entry((letter, size, weight)).or_insert_with(|| {
        let face = font(weight);
        let scaled = face.as_scaled(scale(size));
        let id = scaled.glyph_id(in_font(letter));
        let advance = scaled.h_advance(id);
        let Some(outline) = scaled.outline_glyph(id.with_scale(scale(size))) else {
            return std::sync::Arc::new(Glyph {
                left: 0,
                top: 0,
                width: 0,
                dots: Vec::new(),
                advance,
            });
        };
        let bounds = outline.px_bounds();
        let (width, height) = (bounds.width() as usize, bounds.height() as usize);
        let mut dots = vec![false; width * height];
        outline.draw(|x, y, cover| {
            let at = y as usize * width + x as usize;
            if let Some(dot) = dots.get_mut(at) {
                *dot = cover > 0.45;
            }
        });
        let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
        std::sync::Arc::new(Glyph {
            left,
            top,
            width,
            dots,
            advance,
        })
    });
    std::sync::Arc::clone(made)
}

/// Dots that a text takes across.
pub(super) fn measure(text: &str, size: u16, weight: Weight) -> usize {
    text.chars()
        .map(|letter| glyph(letter, size, weight).advance)
        .sum::<f32>()
        .ceil() as usize
}

/// The least dots of a module that readers take, 0.375 mm.
const MODULE_MIN: usize = 3;

/// A strip of paper.
pub(super) struct Strip {
    pub bitmap: Bitmap,
    /// Where the next thing goes.
    pub y: usize,
    /// Stands at the head, at the foot and in every block.
    stamp: Option<&'static str>,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub size: u16,
    pub weight: Weight,
    pub align: Align,
    pub is_white: bool,
}

/// Plain text of this size, from the left.
pub(super) fn plain(size: u16) -> Style {
    Style {
        size,
        weight: Weight::Regular,
        align: Align::Left,
        is_white: false,
    }
}

impl Style {
    pub(super) fn bold(self) -> Self {
        Self {
            weight: Weight::Bold,
            ..self
        }
    }

    pub(super) fn centred(self) -> Self {
        Self {
            align: Align::Centre,
            ..self
        }
    }

    pub(super) fn right(self) -> Self {
        Self {
            align: Align::Right,
            ..self
        }
    }

    pub(super) fn white(self) -> Self {
        Self {
            is_white: true,
            ..self
        }
    }
}

impl Strip {
    pub(super) fn new(width: usize) -> Self {
        Self {
            bitmap: Bitmap::new(width, 64),
            y: 8,
            stamp: None,
        }
    }

    /// A strip whose every block bears a word.
    pub(super) fn stamped(width: usize, stamp: Option<&'static str>) -> Self {
        let mut strip = Self::new(width);
        strip.stamp = stamp;
        strip.put_stamp();
        strip
    }

    fn put_stamp(&mut self) {
        if let Some(stamp) = self.stamp {
            self.bar(&[stamp], 24);
        }
    }

    /// Leaves white.
    pub(super) fn skip(&mut self, dots: usize) {
        self.y += dots;
        self.room(0);
    }

    fn room(&mut self, below: usize) {
        let needed = self.y + below + 8;
        if needed > self.bitmap.height() {
            self.bitmap.grow(needed.next_multiple_of(64));
        }
    }

    /// Puts one line of text into a place; its height is the font's.
    pub(super) fn text_in(&mut self, place: Rect, text: &str, style: Style) {
        let width = measure(text, style.size, style.weight);
        let x = match style.align {
            Align::Left => place.x,
            Align::Centre => place.x + place.width.saturating_sub(width) / 2,
            Align::Right => place.x + place.width.saturating_sub(width),
        };
        let ascent = font(style.weight).as_scaled(scale(style.size)).ascent();
        let baseline = place.y as f32 + ascent;
        let mut pen = x as f32;
        for letter in text.chars() {
            let glyph = glyph(letter, style.size, style.weight);
            let (left, top) = (
                pen.round() as i32 + glyph.left,
                baseline.round() as i32 + glyph.top,
            );
            for (at, dot) in glyph.dots.iter().enumerate().filter(|(_, dot)| **dot) {
                let _ = dot;
                let dx = left + (at % glyph.width) as i32;
                let dy = top + (at / glyph.width) as i32;
                if let (Ok(dx), Ok(dy)) = (usize::try_from(dx), usize::try_from(dy)) {
                    self.bitmap.set(dx, dy, !style.is_white);
                }
            }
            pen += glyph.advance;
        }
    }

    /// Puts one line of text into a place, smaller where it would not fit.
    fn fitted_in(&mut self, place: Rect, text: &str, style: Style) {
        let mut size = style.size;
        while measure(text, size, style.weight) > place.width && size > 12 {
            size -= 1;
        }
        self.text_in(place, text, Style { size, ..style });
    }

    /// Height of a line of this em.
    pub(super) fn line_height(size: u16) -> usize {
        usize::from(size) * 27 / 20
    }

    /// Puts text, broken into lines at spaces.
    pub(super) fn text(&mut self, text: &str, style: Style) {
        let width = self.bitmap.width();
        for line in wrap(text, width, style) {
            let height = Self::line_height(style.size);
            self.room(height);
            self.fitted_in(
                Rect {
                    x: 0,
                    y: self.y,
                    width,
                    height,
                },
                &line,
                style,
            );
            self.y += height;
        }
    }

    /// A name on the left and a value on the right; a long name is broken.
    pub(super) fn pair(&mut self, name: &str, value: &str, size: u16) {
        let full = self.bitmap.width();
        let taken = measure(value, size, Weight::Bold) + 16;
        let lines = wrap(name, full.saturating_sub(taken).max(full / 3), plain(size));
        let height = Self::line_height(size);
        self.room(height * lines.len().max(1));
        let place = Rect {
            x: 0,
            y: self.y,
            width: full,
            height,
        };
        self.fitted_in(place, value, plain(size).bold().right());
        for line in lines {
            self.room(height);
            self.text_in(
                Rect {
                    x: 0,
                    y: self.y,
                    width: full,
                    height,
                },
                &line,
                plain(size),
            );
            self.y += height;
        }
        self.y += 2;
    }

    /// A dashed rule.
    pub(super) fn rule(&mut self) {
        self.skip(8);
        self.room(2);
        let width = self.bitmap.width();
        for x in (0..width).step_by(10) {
            self.bitmap.fill(
                Rect {
                    x,
                    y: self.y,
                    width: 6.min(width - x),
                    height: 2,
                },
                true,
            );
        }
        self.skip(10);
        self.put_stamp();
    }

    /// White text on a black bar.
    pub(super) fn bar(&mut self, lines: &[&str], size: u16) {
        let height = Self::line_height(size) * lines.len() + 16;
        self.room(height);
        let width = self.bitmap.width();
        self.bitmap.fill(
            Rect {
                x: 0,
                y: self.y,
                width,
                height,
            },
            true,
        );
        for (at, line) in lines.iter().enumerate() {
            let y = self.y + 8 + at * Self::line_height(size);
            let place = Rect {
                x: 0,
                y,
                width,
                height: Self::line_height(size),
            };
            self.fitted_in(place, line, plain(size).bold().centred().white());
        }
        self.y += height + 8;
        self.room(0);
    }

    /// Two framed boxes side by side: a caption and a big number each.
    pub(super) fn boxes(&mut self, pairs: [(&str, &str); 2], size: u16) {
        let caption = 20;
        let height = Self::line_height(caption) + Self::line_height(size) + 14;
        self.room(height);
        let width = self.bitmap.width();
        self.bitmap.frame(
            Rect {
                x: 0,
                y: self.y,
                width,
                height,
            },
            4,
        );
        self.bitmap.fill(
            Rect {
                x: width / 2 - 1,
                y: self.y,
                width: 2,
                height,
            },
            true,
        );
        for (at, (name, number)) in pairs.into_iter().enumerate() {
            let x = at * width / 2;
            let mut place = Rect {
                x,
                y: self.y + 6,
                width: width / 2,
                height: 0,
            };
            self.fitted_in(place, name, plain(caption).centred());
            place.y += Self::line_height(caption);
            let mut fitting = size;
            while measure(number, fitting, Weight::Bold) + 16 > width / 2 && fitting > 24 {
                fitting -= 4;
            }
            place.y += usize::from(size - fitting) / 2;
            self.text_in(place, number, plain(fitting).bold().centred());
        }
        self.y += height + 8;
        self.room(0);
    }

    /// A line to sign on, with what for below.
    pub(super) fn sign_here(&mut self, who: &str) {
        self.blank_line();
        self.text(who, plain(20));
    }

    /// A line to write on.
    pub(super) fn blank_line(&mut self) {
        self.skip(52);
        self.room(2);
        let width = self.bitmap.width();
        self.bitmap.fill(
            Rect {
                x: 0,
                y: self.y,
                width,
                height: 2,
            },
            true,
        );
        self.skip(4);
    }

    /// A QR code in the middle: error correction M, modules of `module` dots (three on paper that is too narrow),
    /// quiet zone of four.
    ///
    /// Returns whether the text fitted a QR code and the paper.
    pub(super) fn qr(&mut self, text: &str, module: usize) -> bool {
        let Ok(code) = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M) else {
            return false;
        };
        let modules = code.width();
        let is_wide = (modules + 8) * module > self.bitmap.width();
        let module = if is_wide {
            module.min(MODULE_MIN)
        } else {
            module
        };
        let side = (modules + 8) * module;
        if side > self.bitmap.width() {
            return false;
        }
        self.room(side);
        let left = (self.bitmap.width() - side) / 2 + 4 * module;
        let top = self.y + 4 * module;
        for (at, colour) in code.to_colors().into_iter().enumerate() {
            if colour == qrcode::Color::Dark {
                let (x, y) = (left + at % modules * module, top + at / modules * module);
                self.bitmap.fill(
                    Rect {
                        x,
                        y,
                        width: module,
                        height: module,
                    },
                    true,
                );
            }
        }
        self.y += side;
        self.room(0);
        true
    }

    /// The finished picture.
    pub(super) fn done(mut self) -> Bitmap {
        self.put_stamp();
        self.skip(8);
        self.bitmap.cut(self.y);
        self.bitmap
    }
}

pub(super) fn wrap(text: &str, width: usize, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let words = text
        .split_whitespace()
        .flat_map(|word| broken(word, width, style));
    for word in words {
        match lines.last_mut() {
            Some(line) if measure(&format!("{line} {word}"), style.size, style.weight) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) | None => lines.push(word),
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A word that is wider than the paper, as a signed text, in pieces that fit.
fn broken(word: &str, width: usize, style: Style) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for letter in word.chars() {
        let fits = |piece: &&mut String| {
            measure(&format!("{piece}{letter}"), style.size, style.weight) <= width
        };
        match pieces.last_mut().filter(fits) {
            Some(piece) => piece.push(letter),
            None => pieces.push(letter.to_string()),
        }
    }
    pieces
}
