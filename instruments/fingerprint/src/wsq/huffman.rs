//! Huffman codes and the symbols that stand for coefficients.
//!
//! Symbols 1–100 are runs of that many noughts, 101–106 escapes with 8 or 16 bits behind them,
//! 107–254 the values −73 to 74 as value + 180.

use super::bits::{BitReader, BitWriter};

/// The longest run of noughts with a symbol of its own.
const RUN_MAX: u32 = 100;
/// What is added to a value to make its symbol.
const VALUE_ZERO: i32 = 180;
const VALUE_MIN: i32 = 107 - VALUE_ZERO;
const VALUE_MAX: i32 = 254 - VALUE_ZERO;
/// The longest run that one escape holds.
const LONG_RUN_MAX: u32 = 0xFFFF;
const SYMBOLS: usize = 255;
const LENGTH_MAX: usize = 16;

/// One entry of the coded stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// So many coefficients are 0.
    Noughts(u32),
    /// One coefficient, −65535 to 65535.
    Value(i32),
}

impl Symbol {
    /// The symbol's number, and what follows it: bits and their count.
    fn code(self) -> (u8, u32, u32) {
        match self {
            Symbol::Noughts(run) if run <= RUN_MAX => (run as u8, 0, 0),
            Symbol::Noughts(run) if run <= 0xFF => (105, run, 8),
            Symbol::Noughts(run) => (106, run, 16),
            Symbol::Value(v) if (VALUE_MIN..=VALUE_MAX).contains(&v) => {
                ((v + VALUE_ZERO) as u8, 0, 0)
            }
            Symbol::Value(v) => {
                let (size, negative) = (v.unsigned_abs(), u8::from(v < 0));
                if size <= 0xFF {
                    (101 + negative, size, 8)
                } else {
                    (103 + negative, size, 16)
                }
            }
        }
    }
}

/// The coefficients of a block as symbols, noughts gathered into runs.
pub(super) fn symbols(coefficients: &[i16], mut each: impl FnMut(Symbol)) {
    let mut run = 0u32;
    for &value in coefficients {
        if value == 0 {
            run += 1;
            if run == LONG_RUN_MAX {
                each(Symbol::Noughts(run));
                run = 0;
            }
            continue;
        }
        if run > 0 {
            each(Symbol::Noughts(run));
            run = 0;
        }
        each(Symbol::Value(i32::from(value)));
    }
    if run > 0 {
        each(Symbol::Noughts(run));
    }
}

/// How often each symbol occurs, and how many bits follow them.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    pub of: [u32; SYMBOLS],
    pub behind_bits: u64,
}

impl Counts {
    pub fn new() -> Counts {
        Counts {
            of: [0; SYMBOLS],
            behind_bits: 0,
        }
    }

    pub fn add(&mut self, coefficients: &[i16]) {
        symbols(coefficients, |symbol| {
            let (number, _, bits) = symbol.code();
            self.of[usize::from(number)] += 1;
            self.behind_bits += u64::from(bits);
        });
    }
}

/// A code as the file states it: how many words have 1 to 16 bits, and their symbols in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub lengths: [u8; LENGTH_MAX],
    pub symbols: Vec<u8>,
}

/// Word and its length by symbol; length 0 = no word.
pub(super) type Words = [(u16, u8); 256];

impl Code {
    /// The best code for the counts, no word longer than 16 bits and none of ones only.
    pub fn best(counts: &Counts) -> Code {
        let mut sizes = sizes(counts);
        let mut per_length = [0usize; 256];
        for &size in sizes.iter().filter(|&&s| s > 0) {
            per_length[size] += 1;
        }
        shorten(&mut per_length);
        // The reserved word is the last of the longest.
        if let Some(longest) = per_length.iter().rposition(|&n| n > 0) {
            per_length[longest] -= 1;
        }
        sizes[SYMBOLS] = 0;
        let mut order: Vec<u8> = (0..SYMBOLS as u8)
            .filter(|&s| sizes[usize::from(s)] > 0)
            .collect();
        order.sort_by_key(|&s| (sizes[usize::from(s)], s));
        if order.is_empty() {
            // A block without coefficients: a table must hold a word nevertheless.
            order.push(1);
            per_length[1] = 1;
        }
        Code {
            lengths: std::array::from_fn(|i| per_length[i + 1] as u8),
            symbols: order,
        }
    }

    /// The words; `None` when there are more of a length than fit.
    pub fn words(&self) -> Option<Words> {
        let mut words = [(0u16, 0u8); 256];
        let (mut next, mut symbols) = (0u32, self.symbols.iter());
        for (i, &count) in self.lengths.iter().enumerate() {
            let length = i as u8 + 1;
            next <<= 1;
            for _ in 0..count {
                if next >= 1 << length {
                    return None;
                }
                words[usize::from(*symbols.next()?)] = (next as u16, length);
                next += 1;
            }
        }
        Some(words)
    }

    /// Bits that the counted symbols take.
    pub fn cost_bits(&self, counts: &Counts) -> u64 {
        let Some(words) = self.words() else { return 0 };
        let pairs = counts.of.iter().zip(words.iter());
        pairs
            .map(|(&n, word)| u64::from(n) * u64::from(word.1))
            .sum::<u64>()
            + counts.behind_bits
    }
}

/// Lengths of words by symbol; one more at the end is the reserved one. Huffman 1952; among equals
/// the higher number is taken first, as in ITU-T T.81, K.2.
fn sizes(counts: &Counts) -> [usize; SYMBOLS + 1] {
    let mut weight = [0u64; SYMBOLS + 1];
    for (w, &n) in weight.iter_mut().zip(&counts.of) {
        *w = u64::from(n);
    }
    weight[SYMBOLS] = 1;
    let mut parts: Vec<(u64, Vec<usize>)> = (0..=SYMBOLS)
        .filter(|&s| weight[s] > 0)
        .map(|s| (weight[s], vec![s]))
        .collect();
    let mut sizes = [0; SYMBOLS + 1];
    if parts.len() == 1 {
        sizes[SYMBOLS] = 1;
        return sizes;
    }
    while parts.len() > 1 {
        let mut take_least = || {
            let least = (0..parts.len()).min_by_key(|&i| (parts[i].0, parts.len() - i));
            parts.remove(least.unwrap_or(0))
        };
        let (one, other) = (take_least(), take_least());
        let both: Vec<usize> = one.1.into_iter().chain(other.1).collect();
        both.iter().for_each(|&s| sizes[s] += 1);
        parts.push((one.0 + other.0, both));
    }
    sizes
}

/// Makes words longer than 16 bits shorter (ITU-T T.81, K.3).
fn shorten(per_length: &mut [usize; 256]) {
    for long in (LENGTH_MAX + 1..256).rev() {
        while per_length[long] > 0 {
            let mut short = long - 2;
            while per_length[short] == 0 {
                short -= 1;
            }
            per_length[long] -= 2;
            per_length[long - 1] += 1;
            per_length[short + 1] += 2;
            per_length[short] -= 1;
        }
    }
}

/// Writes a block.
pub(super) fn write_block(coefficients: &[i16], words: &Words, out: &mut BitWriter) {
    symbols(coefficients, |symbol| {
        let (number, behind, bits) = symbol.code();
        let (word, length) = words[usize::from(number)];
        out.put(u32::from(word), u32::from(length));
        out.put(behind, bits);
    });
}

/// A code made ready for reading.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// By length less one: first word, words, place of the first word's symbol.
    lengths: [(u32, u32, usize); LENGTH_MAX],
    symbols: Vec<u8>,
}

impl Reader {
    /// `None` when the table is no code.
    pub fn new(code: &Code) -> Option<Reader> {
        code.words()?;
        let (mut next, mut place) = (0u32, 0usize);
        let lengths = std::array::from_fn(|i| {
            next <<= 1;
            let count = u32::from(code.lengths[i]);
            let row = (next, count, place);
            next += count;
            place += count as usize;
            row
        });
        Some(Reader {
            lengths,
            symbols: code.symbols.clone(),
        })
    }

    /// The next symbol. `Ok(None)` at the end of the block, `Err` when the bits are none.
    pub fn next(&self, bits: &mut BitReader<'_>) -> Result<Option<Symbol>, &'static str> {
        let mut word = 0u32;
        for &(first, count, place) in &self.lengths {
            let Some(bit) = bits.bit() else {
                return Ok(None);
            };
            word = word << 1 | bit;
            if word.wrapping_sub(first) < count {
                let symbol = self.symbols[place + (word - first) as usize];
                return self.with_behind(symbol, bits).map(Some);
            }
        }
        Err("no word of the Huffman table")
    }

    fn with_behind(&self, symbol: u8, bits: &mut BitReader<'_>) -> Result<Symbol, &'static str> {
        let mut behind = |count: u32| {
            (0..count).try_fold(0u32, |sum, _| {
                let bit = bits.bit().ok_or("ends within an escape")?;
                Ok(sum << 1 | bit)
            })
        };
        match symbol {
            1..=100 => Ok(Symbol::Noughts(u32::from(symbol))),
            101 => Ok(Symbol::Value(behind(8)? as i32)),
            102 => Ok(Symbol::Value(-(behind(8)? as i32))),
            103 => Ok(Symbol::Value(behind(16)? as i32)),
            104 => Ok(Symbol::Value(-(behind(16)? as i32))),
            105 => Ok(Symbol::Noughts(behind(8)?)),
            106 => Ok(Symbol::Noughts(behind(16)?)),
            107..=254 => Ok(Symbol::Value(i32::from(symbol) - VALUE_ZERO)),
            0 | 255 => Err("symbol without a meaning"),
        }
    }
}
