//! Thinning of the ridges to lines one pixel wide, 64 pixels at a time.

use crate::raster::Plane;

/// One bit a pixel, rows padded to whole words; bit 0 of a word is its leftmost pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    pub width: usize,
    pub height: usize,
    words: usize,
    data: Vec<u64>,
}

impl Bits {
    pub fn new(width: usize, height: usize) -> Bits {
        let words = width.div_ceil(64);
        Bits {
            width,
            height,
            words,
            data: vec![0; words * height],
        }
    }

    /// Bits of the pixels over zero.
    pub fn above_zero(plane: &Plane) -> Bits {
        let mut bits = Bits::new(plane.width, plane.height);
        for y in 0..plane.height {
            for (word, chunk) in plane.row(y).chunks(64).enumerate() {
                let mut w = 0u64;
                for (i, &v) in chunk.iter().enumerate() {
                    w |= u64::from(v > 0.0) << i;
                }
                bits.data[y * bits.words + word] = w;
            }
        }
        bits
    }

    pub fn get(&self, x: usize, y: usize) -> bool {
        self.data[y * self.words + x / 64] >> (x % 64) & 1 == 1
    }

    /// Calls `visit` with column and row of each set bit, in reading order.
    pub fn each(&self, mut visit: impl FnMut(usize, usize)) {
        for (i, &word) in self.data.iter().enumerate() {
            let (y, first) = (i / self.words, i % self.words * 64);
            let mut rest = word;
            while rest != 0 {
                visit(first + rest.trailing_zeros() as usize, y);
                rest &= rest - 1;
            }
        }
    }

    /// The words of a row with an empty word on both sides.
    fn padded_row(&self, y: Option<usize>, out: &mut [u64]) {
        out.fill(0);
        if let Some(y) = y.filter(|&y| y < self.height) {
            out[1..=self.words].copy_from_slice(&self.data[y * self.words..(y + 1) * self.words]);
        }
    }

    /// Majority of each 3×3 neighbourhood (at least 5 of 9), which takes off single-pixel burrs.
    pub fn majority(&self) -> Bits {
        let mut result = Bits::new(self.width, self.height);
        let mut rows = [
            vec![0; self.words + 2],
            vec![0; self.words + 2],
            vec![0; self.words + 2],
        ];
        for y in 0..self.height {
            self.padded_row(y.checked_sub(1), &mut rows[0]);
            self.padded_row(Some(y), &mut rows[1]);
            self.padded_row(Some(y + 1), &mut rows[2]);
            for word in 0..self.words {
                let mut count = [0u64; 4];
                for row in &rows {
                    for bits in [west(row, word), row[word + 1], east(row, word)] {
                        let mut carry = bits;
                        for digit in &mut count {
                            let sum = *digit ^ carry;
                            carry &= *digit;
                            *digit = sum;
                        }
                    }
                }
                // 5..=9: 8 or more, or 4 plus one of the lower bits.
                result.data[y * self.words + word] = count[3] | (count[2] & (count[1] | count[0]));
            }
        }
        result
    }

    /// The skeleton: lines one pixel wide, connected as before, by Guo & Hall's parallel thinning
    /// (Comm. ACM 32, 1989, algorithm A1).
    pub fn thinned(mut self) -> Bits {
        let mut live = true;
        let mut rounds = 0;
        while live && rounds < 200 {
            let first = self.peel(false);
            let second = self.peel(true);
            live = first || second;
            rounds += 1;
        }
        self
    }

    fn peel(&mut self, second: bool) -> bool {
        let size = self.words + 2;
        let (mut above, mut here, mut below) = (vec![0; size], vec![0; size], vec![0; size]);
        self.padded_row(Some(0), &mut here);
        let mut changed = false;
        for y in 0..self.height {
            self.padded_row(Some(y + 1), &mut below);
            for word in 0..self.words {
                let centre = here[word + 1];
                if centre == 0 {
                    continue;
                }
                let p = [
                    above[word + 1],
                    east(&above, word),
                    east(&here, word),
                    east(&below, word),
                    below[word + 1],
                    west(&below, word),
                    west(&here, word),
                    west(&above, word),
                ];
                let remove = centre & removable(&p, second);
                if remove != 0 {
                    changed = true;
                    self.data[y * self.words + word] = centre & !remove;
                }
            }
            std::mem::swap(&mut above, &mut here);
            std::mem::swap(&mut here, &mut below);
        }
        changed
    }
}

/// Each pixel's right neighbour.
fn east(row: &[u64], word: usize) -> u64 {
    (row[word + 1] >> 1) | (row[word + 2] << 63)
}

/// Each pixel's left neighbour.
fn west(row: &[u64], word: usize) -> u64 {
    (row[word + 1] << 1) | (row[word] >> 63)
}

/// Guo & Hall's conditions on the neighbours P2..P9 (clockwise from the top).
fn removable(p: &[u64; 8], second: bool) -> u64 {
    let [p2, p3, p4, p5, p6, p7, p8, p9] = *p;
    let once = exactly_one([
        !p2 & (p3 | p4),
        !p4 & (p5 | p6),
        !p6 & (p7 | p8),
        !p8 & (p9 | p2),
    ]);
    let (two_a, four_a) = at_least_two_and_four([p9 | p2, p3 | p4, p5 | p6, p7 | p8]);
    let (two_b, four_b) = at_least_two_and_four([p2 | p3, p4 | p5, p6 | p7, p8 | p9]);
    let count = two_a & two_b & !(four_a & four_b);
    let side = if second {
        (p6 | p7 | !p9) & p8
    } else {
        (p2 | p3 | !p5) & p4
    };
    once & count & !side
}

fn exactly_one(v: [u64; 4]) -> u64 {
    let (mut one, mut more) = (0u64, 0u64);
    for bits in v {
        more |= one & bits;
        one |= bits;
    }
    one & !more
}

fn at_least_two_and_four(v: [u64; 4]) -> (u64, u64) {
    let (mut one, mut two) = (0u64, 0u64);
    for bits in v {
        two |= one & bits;
        one |= bits;
    }
    (two, v[0] & v[1] & v[2] & v[3])
}
