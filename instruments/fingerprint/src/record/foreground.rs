//! Where on an image there was skin.

use crate::field::{CELL, Mask};

/// Where there was skin: in each row of square cells one run of them.
///
/// Coarse (cells of 16 px, larger on large images) and without holes: it says where minutiae could
/// have been found, in one or two bytes for each three millimetres of finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreground {
    cell_px: u8,
    /// First cell and the one behind the last, for each row from the top; equal where there is none.
    rows: Vec<(u8, u8)>,
}

/// Rows at most, so that a foreground takes at most 128 bytes.
const ROWS_MAX: usize = 64;

impl Foreground {
    /// `None` unless every run begins before it ends and cells have a size.
    pub(super) fn from_rows(cell_px: u8, rows: Vec<(u8, u8)>) -> Option<Foreground> {
        let fits = cell_px > 0 && rows.iter().all(|(from, to)| from <= to);
        fits.then_some(Foreground { cell_px, rows })
    }

    /// The cells of which at least half lie in the mask.
    pub(crate) fn of(mask: &Mask) -> Foreground {
        let cells_a_side = (1..=(u8::MAX as usize / 16))
            .map(|k| k * 16 / CELL)
            .find(|side| {
                mask.height.div_ceil(*side) <= ROWS_MAX && mask.width.div_ceil(*side) < 256
            })
            .unwrap_or(240 / CELL);
        let covered = |row: usize, column: usize| {
            let ys = row * cells_a_side..((row + 1) * cells_a_side).min(mask.height);
            let xs = column * cells_a_side..((column + 1) * cells_a_side).min(mask.width);
            let inside = ys
                .flat_map(|y| xs.clone().map(move |x| y * mask.width + x))
                .filter(|&i| mask.inside[i]);
            2 * inside.count() >= cells_a_side * cells_a_side
        };
        let rows = (0..mask.height.div_ceil(cells_a_side).min(ROWS_MAX))
            .map(|row| {
                let columns = 0..mask.width.div_ceil(cells_a_side).min(255);
                let mut within = columns.filter(|&column| covered(row, column));
                let first = within.next();
                let last = within.next_back().or(first);
                match (first, last) {
                    (Some(first), Some(last)) => (first as u8, last as u8 + 1),
                    (None, _) | (_, None) => (0, 0),
                }
            })
            .collect();
        Foreground {
            cell_px: (cells_a_side * CELL) as u8,
            rows,
        }
    }

    /// Side of a cell in pixels at 500 dpi.
    pub fn cell_px(&self) -> u8 {
        self.cell_px
    }

    /// For each row of cells from the top the first cell and the one behind the last.
    pub fn rows(&self) -> &[(u8, u8)] {
        &self.rows
    }

    /// Whether there was skin at a place, in pixels at 500 dpi.
    ///
    /// ```
    /// use fingerprint::{FingerPosition, GreyImage, extract_view};
    ///
    /// // Level ridges of 9 px in a circle.
    /// let ridge = |x: f32, y: f32| (128.0 + 90.0 * (0.698 * (y + x * x / 900.0)).cos()) as u8;
    /// let pixels = (0..200 * 200).map(|i| ((i % 200) as f32 - 100.0, (i / 200) as f32 - 100.0));
    /// let pixels = pixels.map(|(x, y)| if x.hypot(y) < 90.0 { ridge(x, y) } else { 235 });
    /// let image = GreyImage::from_raw(200, 200, 500, pixels.collect())?;
    /// let view = extract_view(&image, FingerPosition::LeftRing)?;
    /// let skin = view.foreground.expect("an extracted view has one");
    /// assert!(skin.covers(100, 100) && !skin.covers(3, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn covers(&self, x: u16, y: u16) -> bool {
        let cell = u16::from(self.cell_px);
        let (column, row) = (x / cell, usize::from(y / cell));
        let run = self.rows.get(row);
        run.is_some_and(|&(from, to)| (u16::from(from)..u16::from(to)).contains(&column))
    }
}
