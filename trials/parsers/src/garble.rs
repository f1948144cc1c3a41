//! Garbled bytes: damage, lies about lengths, pieces of other documents. Seeded, the same everywhere.

/// A source of numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next number.
    #[expect(
        clippy::should_implement_trait,
        reason = "a source of numbers that never ends is no iterator here"
    )]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Numbers at the edges of fields.
const EDGES: [u64; 14] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 32,
    u64::MAX >> 1,
    u64::MAX,
];

/// Heads of CBOR items that claim much: strings, arrays and maps of four or eight bytes of length.
const CBOR_HEADS: [u8; 8] = [0x5a, 0x5b, 0x7a, 0x7b, 0x9a, 0x9b, 0xba, 0xbb];

/// Texts that parsers of numbers, dates and tables trip over.
const TEXTS: [&str; 16] = [
    "-1",
    "0",
    "00",
    "18446744073709551616",
    "1e400",
    "NaN",
    "9999-12-31",
    "0000-00-00",
    "\"",
    "\"\"",
    "\r\n",
    "\u{feff}",
    "\u{200d}",
    "\0",
    "Ң",
    ";,",
];

/// The longest garbled input, bytes.
pub const BYTES_MAX: usize = 1 << 20;

/// One garbled input: a seed with one to six kinds of damage.
///
/// `others` are documents whose pieces may be spliced in; the seed itself may be empty.
#[must_use]
pub fn garbled(seed: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + dice.below(6) {
        damage(&mut bytes, others, dice);
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn damage(bytes: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(14) {
        0 => flip(bytes, dice),
        1 => replace(bytes, at, &[dice.byte()]),
        2 => {
            let edge = EDGES[dice.below(EDGES.len())];
            let width = 1 << dice.below(4);
            let (big, little) = (edge.to_be_bytes(), edge.to_le_bytes());
            let number = if dice.below(2) == 0 {
                &big[8 - width..]
            } else {
                &little[..width]
            };
            replace(bytes, at, number);
        }
        3 => {
            let head = CBOR_HEADS[dice.below(CBOR_HEADS.len())];
            replace(bytes, at, &[head, 0, 0, 0xff, 0xff, 0xff]);
        }
        4 => {
            let text = TEXTS[dice.below(TEXTS.len())];
            bytes.splice(at..at, text.bytes());
        }
        5 => digits(bytes, at, dice),
        6 => bytes.truncate(at),
        7 => {
            let end = (at + 1 + dice.below(64)).min(bytes.len());
            bytes.drain(at.min(end)..end);
        }
        8 => {
            let end = (at + 1 + dice.below(256)).min(bytes.len());
            let piece = bytes[at.min(end)..end].to_vec();
            let copies = 1 + dice.below(16);
            bytes.splice(end..end, piece.repeat(copies));
        }
        9 => {
            let other = others
                .get(dice.below(others.len()))
                .map_or(&[][..], Vec::as_slice);
            let from = dice.below(other.len() + 1);
            let to = from + dice.below(other.len() - from + 1);
            let end = (at + dice.below(to - from + 1)).min(bytes.len());
            bytes.splice(at.min(end)..end, other[from..to].iter().copied());
        }
        10 => {
            let run = vec![dice.byte(); 1 + dice.below(300)];
            bytes.splice(at..at, run);
        }
        11 | 12 => large_number(bytes, dice),
        _ => {
            let end = (at + 1 + dice.below(32)).min(bytes.len());
            for byte in &mut bytes[at.min(end)..end] {
                *byte = dice.byte();
            }
        }
    }
}

/// A number at the edge in place of another, encoded as deterministic CBOR would.
fn large_number(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let heads: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at] >> 5 <= 1 && bytes[at] & 0x1f <= 0x1b)
        .collect();
    let Some(&at) = heads.get(dice.below(heads.len())) else {
        return;
    };
    let width = match bytes[at] & 0x1f {
        0..0x18 => 0,
        wide => 1usize << (wide - 0x18),
    };
    let end = (at + 1 + width).min(bytes.len());
    let edge = EDGES[dice.below(EDGES.len())];
    let negative = u8::from(dice.below(4) == 0) << 5;
    let big = edge.to_be_bytes();
    let number: Vec<u8> = match edge {
        0..0x18 => vec![negative | big[7]],
        0x18..0x100 => vec![negative | 0x18, big[7]],
        0x100..0x1_0000 => [&[negative | 0x19], &big[6..]].concat(),
        0x1_0000..0x1_0000_0000 => [&[negative | 0x1a], &big[4..]].concat(),
        0x1_0000_0000.. => [&[negative | 0x1b], &big[..]].concat(),
    };
    bytes.splice(at..end, number);
}

fn flip(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
}

fn replace(bytes: &mut [u8], at: usize, with: &[u8]) {
    for (byte, new) in bytes[at..].iter_mut().zip(with) {
        *byte = *new;
    }
}

/// Another number in place of the digits at or after a place.
fn digits(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = at + start;
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = EDGES[dice.below(EDGES.len())].to_string();
    bytes.splice(start..start + length, number.bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_garbles_alike_and_another_does_not() {
        let documents = vec![b"0123456789".repeat(9), vec![0x83, 1, 2, 3]];
        let run = |seed| {
            let mut dice = Dice::new(seed);
            (0..500)
                .map(|_| garbled(&documents[0], &documents, &mut dice))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(
            run(1)
                .iter()
                .filter(|bytes| **bytes == documents[0])
                .count()
                < 25
        );
    }

    #[test]
    fn empty_documents_and_no_documents_are_garbled_too() {
        let mut dice = Dice::new(3);
        let longest = (0..2_000).map(|_| garbled(&[], &[], &mut dice).len()).max();
        assert!(longest > Some(100));
    }
}
