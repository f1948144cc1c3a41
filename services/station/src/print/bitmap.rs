//! A one-bit picture and what is drawn on it.

/// A one-bit picture, row-major, eight dots a byte, the first dot highest; 1 is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    bits: Vec<u8>,
    /// Black dots that were set beyond the right edge.
    lost: usize,
}

impl std::fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitmap({}x{})", self.width, self.height)
    }
}

impl Bitmap {
    /// A white picture.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            bits: vec![0; width.div_ceil(8) * height],
            lost: 0,
        }
    }

    /// Dots across.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Dots down.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// One row's bytes.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        let bytes = self.width.div_ceil(8);
        &self.bits[y * bytes..(y + 1) * bytes]
    }

    /// Whether a dot is black; outside nothing is.
    #[must_use]
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && self.row(y)[x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// How many black dots found no room beyond the right edge.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost
    }

    /// Sets a dot; outside it does nothing.
    pub fn set(&mut self, x: usize, y: usize, black: bool) {
        self.lost += usize::from(black && x >= self.width);
        if x >= self.width || y >= self.height {
            return;
        }
        let byte = &mut self.bits[y * self.width.div_ceil(8) + x / 8];
        let bit = 0x80 >> (x % 8);
        if black {
            *byte |= bit;
        } else {
            *byte &= !bit;
        }
    }

    /// Makes the picture taller, white below.
    pub fn grow(&mut self, height: usize) {
        if height > self.height {
            self.bits.resize(self.width.div_ceil(8) * height, 0);
            self.height = height;
        }
    }

    /// Cuts off what is below.
    pub fn cut(&mut self, height: usize) {
        self.bits.truncate(self.width.div_ceil(8) * height);
        self.height = self.height.min(height);
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, place: Rect, black: bool) {
        for y in place.y..place.y + place.height {
            for x in place.x..place.x + place.width {
                self.set(x, y, black);
            }
        }
    }

    /// Draws a rectangle's frame inwards.
    pub fn frame(&mut self, place: Rect, thick: usize) {
        let Rect {
            x,
            y,
            width,
            height,
        } = place;
        self.fill(
            Rect {
                x,
                y,
                width,
                height: thick,
            },
            true,
        );
        self.fill(
            Rect {
                x,
                y: y + height - thick,
                width,
                height: thick,
            },
            true,
        );
        self.fill(
            Rect {
                x,
                y,
                width: thick,
                height,
            },
            true,
        );
        self.fill(
            Rect {
                x: x + width - thick,
                y,
                width: thick,
                height,
            },
            true,
        );
    }

    /// The picture as a PNG of one bit a dot, with a white margin as paper has it.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let margin = 24;
        let mut page = Bitmap::new(self.width + 2 * margin, self.height + 2 * margin);
        for y in 0..self.height {
            for x in 0..self.width {
                if self.is_black(x, y) {
                    page.set(x + margin, y + margin, true);
                }
            }
        }
        for byte in &mut page.bits {
            *byte = !*byte;
        }
        let mut out = Vec::new();
        let (width, height) = (u32::try_from(page.width), u32::try_from(page.height));
        let mut encoder = png::Encoder::new(&mut out, width.unwrap_or(1), height.unwrap_or(1));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&page.bits))
            .expect("the buffer has one row for each line of the header");
        out
    }
}

/// A place on a picture, dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left.
    pub x: usize,
    /// Top.
    pub y: usize,
    /// Across.
    pub width: usize,
    /// Down.
    pub height: usize,
}

/// White and a dashed line between two sheets of one roll, where it is torn.
const BETWEEN: usize = 56;

/// Sheets of one width on one strip, with a line to tear along between them.
pub(super) fn one_under_another(sheets: &[Bitmap]) -> Bitmap {
    let width = sheets.first().map_or(8, Bitmap::width);
    let gaps = BETWEEN * sheets.len().saturating_sub(1);
    let height = sheets.iter().map(Bitmap::height).sum::<usize>() + gaps;
    let mut whole = Bitmap::new(width, height);
    let mut top = 0;
    for (at, sheet) in sheets.iter().enumerate() {
        if at > 0 {
            for x in (0..width).step_by(24) {
                let dash = Rect {
                    x,
                    y: top + BETWEEN / 2,
                    width: 12.min(width - x),
                    height: 3,
                };
                whole.fill(dash, true);
            }
            top += BETWEEN;
        }
        let bytes = width.div_ceil(8);
        let (from, to) = (top * bytes, (top + sheet.height()) * bytes);
        whole.bits[from..to].copy_from_slice(&sheet.bits[..sheet.height() * bytes]);
        whole.lost += sheet.lost;
        top += sheet.height();
    }
    whole
}
