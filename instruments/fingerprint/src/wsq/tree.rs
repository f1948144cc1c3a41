//! The bands that the filter bank leaves: which rectangle is split, and where each band lies.

/// Bands that carry numbers; 60 to 63, the finest diagonal ones, are thrown away.
pub(super) const BANDS: usize = 60;

/// A rectangle of the plane of coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Region {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    /// When it is split, the high half comes first across: it is itself a high half.
    pub flip_x: bool,
    /// The same downwards.
    pub flip_y: bool,
}

impl Region {
    /// The four parts in the order left above, right above, left below, right below.
    fn quarters(&self) -> [Region; 4] {
        let (left, right) = halves(self.width, self.flip_x);
        let (above, below) = halves(self.height, self.flip_y);
        std::array::from_fn(|i| {
            let (to_right, to_below) = (i % 2 == 1, i / 2 == 1);
            Region {
                x: self.x + if to_right { left } else { 0 },
                y: self.y + if to_below { above } else { 0 },
                width: if to_right { right } else { left },
                height: if to_below { below } else { above },
                flip_x: to_right,
                flip_y: to_below,
            }
        })
    }
}

/// Lengths of first and second half: the low one has the odd element.
fn halves(length: usize, flip: bool) -> (usize, usize) {
    let (low, high) = (length.div_ceil(2), length / 2);
    if flip { (high, low) } else { (low, high) }
}

/// What is split, in the order of taking apart, and the bands in the order of the standard.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub splits: Vec<Region>,
    pub bands: [Region; BANDS],
}

/// The tree of ANSI/FBI WSQ: 20 splits.
///
/// The image in quarters; its low quarter twice more (bands 4–50), but once only at its diagonal
/// part (51); the mean part of that once more (0–3); right and lower quarter once (52–59).
pub(super) fn tree(width: usize, height: usize) -> Tree {
    let mut splits = Vec::with_capacity(20);
    let mut split = |region: Region| {
        splits.push(region);
        region.quarters()
    };
    let [low, right, below, _] = split(Region {
        width,
        height,
        ..Region::default()
    });
    let [mean, across, down, diagonal] = split(low);
    let mut bands = [Region::default(); BANDS];
    for (first, region) in [(52, right), (56, below)] {
        bands[first..first + 4].copy_from_slice(&split(region));
    }
    bands[51] = diagonal;
    // 16 parts each; the first of the mean part is replaced by its own four below.
    let mut lowest = Region::default();
    for (first, region) in [(19, across), (35, down), (3, mean)] {
        for (i, part) in split(region).into_iter().enumerate() {
            bands[first + 4 * i..first + 4 * i + 4].copy_from_slice(&split(part));
        }
        lowest = bands[first];
    }
    bands[..4].copy_from_slice(&split(lowest));
    Tree { splits, bands }
}
