//! Writing a file: segments in front, then three blocks.

use super::bits::BitWriter;
use super::huffman::{self, Code, Counts};
use super::quantise::{self, BIN_CENTRE, BLOCKS, Bins, Scaled};
use super::segments::{COM, DHT, DQT, DTT, EOI, SOB, SOF, SOI};
use super::tree::{BANDS, Region, Tree, tree};
use super::wavelet::Filters;
use crate::decode::GreyImage;

/// A file is within this share of the wanted size.
const RATE_TOLERANCE: f64 = 0.02;
/// Halvings of the interval of log2 q: from 2^-18 to 2^18 down to a hundredth of a bit.
const STEPS: usize = 18;

/// A plane of coefficients on its way into a file.
struct Job<'a> {
    plane: &'a [f32],
    width: usize,
    tree: &'a Tree,
    relative: [f32; BANDS],
    narrowest: f32,
}

/// Whole numbers of the three blocks with their two codes (the second serves blocks 2 and 3).
struct Coded {
    bins: [Bins; BANDS],
    blocks: [Vec<i16>; 3],
    codes: [Code; 2],
    bits: u64,
}

impl Job<'_> {
    fn at(&self, q: f32) -> Coded {
        let bins = quantise::bins(&self.relative, q, self.narrowest);
        let blocks = BLOCKS.map(|range| {
            let bands: &[Region] = &self.tree.bands[range.clone()];
            let mut out = Vec::new();
            quantise::quantise(self.plane, self.width, bands, &bins[range], &mut out);
            out
        });
        let mut counts = [Counts::new(), Counts::new()];
        counts[0].add(&blocks[0]);
        counts[1].add(&blocks[1]);
        counts[1].add(&blocks[2]);
        let codes = [Code::best(&counts[0]), Code::best(&counts[1])];
        let words = codes
            .iter()
            .map(|code| 8 * (21 + code.symbols.len() as u64));
        let bits =
            words.sum::<u64>() + codes[0].cost_bits(&counts[0]) + codes[1].cost_bits(&counts[1]);
        Coded {
            bins,
            blocks,
            codes,
            bits,
        }
    }
}

/// The file of an image at a wanted rate.
pub(super) fn file(image: &GreyImage, bits_per_pixel: f64) -> Vec<u8> {
    let (width, height) = (image.width as usize, image.height as usize);
    let (shift, scale, mut plane) = quantise::centred(&image.pixels);
    let tree = tree(width, height);
    quantise::analysed(&mut plane, width, &tree);
    let job = Job {
        plane: &plane,
        width,
        tree: &tree,
        relative: quantise::relative_widths(&plane, width, &tree),
        narrowest: quantise::narrowest(&plane),
    };
    let mut front = vec![0xFF, SOI];
    comment(&mut front, image, bits_per_pixel);
    transform(&mut front);
    let wanted = bits_per_pixel * (width * height) as f64;
    let fixed = 8 * (front.len() + QUANTISATION_BYTES + FRAME_BYTES + BLOCK_BYTES) as u64;
    let coded = searched(&job, wanted - fixed as f64);
    quantisation(&mut front, &coded.bins);
    frame(&mut front, image, shift, scale);
    blocks(front, &coded)
}

/// The coarseness whose size is nearest under or about the wanted one.
fn searched(job: &Job<'_>, wanted_bits: f64) -> Coded {
    let (mut coarse, mut fine) = (-18.0f64, 18.0f64);
    let mut best: Option<Coded> = None;
    for _ in 0..STEPS {
        let middle = 0.5 * (coarse + fine);
        let coded = job.at(power_of_two(middle));
        let off = coded.bits as f64 - wanted_bits;
        let nearer = best
            .as_ref()
            .is_none_or(|b| off.abs() < (b.bits as f64 - wanted_bits).abs());
        if nearer {
            best = Some(coded);
        }
        if off.abs() <= RATE_TOLERANCE * wanted_bits {
            break;
        }
        if off > 0.0 {
            fine = middle;
        } else {
            coarse = middle;
        }
    }
    best.unwrap_or_else(|| job.at(1.0))
}

/// 2^x for x that is a whole number of 2^-14: exact roots of two multiplied, the same everywhere.
fn power_of_two(x: f64) -> f32 {
    let whole = x.floor();
    let mut rest = x - whole;
    let mut value = f64::from_bits(((whole as i64 + 1023) as u64) << 52);
    let mut root = std::f64::consts::SQRT_2;
    for _ in 0..20 {
        rest *= 2.0;
        if rest >= 1.0 {
            value *= root;
            rest -= 1.0;
        }
        // `sqrt` is rounded correctly on every machine (IEEE 754).
        root = root.sqrt();
    }
    value as f32
}

fn half(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&(value as u16).to_be_bytes());
}

fn scaled(out: &mut Vec<u8>, value: Scaled) {
    out.push(value.power);
    half(out, value.digits as usize);
}

fn comment(out: &mut Vec<u8>, image: &GreyImage, bits_per_pixel: f64) {
    let text = format!(
        "NIST_COM 9\nPIX_WIDTH {}\nPIX_HEIGHT {}\nPIX_DEPTH 8\nPPI {}\nLOSSY 1\nCOLORSPACE GRAY\n\
         COMPRESSION WSQ\nWSQ_BITRATE {bits_per_pixel:.6}",
        image.width, image.height, image.dpi
    );
    out.extend_from_slice(&[0xFF, COM]);
    half(out, text.len() + 2);
    out.extend_from_slice(text.as_bytes());
}

fn transform(out: &mut Vec<u8>) {
    let filters = Filters::nine_seven();
    out.extend_from_slice(&[0xFF, DTT]);
    let taps = filters.low.len().div_ceil(2) + filters.high.len().div_ceil(2);
    half(out, 4 + 6 * taps);
    out.extend_from_slice(&[filters.low.len() as u8, filters.high.len() as u8]);
    for filter in [&filters.low, &filters.high] {
        for &tap in &filter[filter.len() / 2..] {
            let number = Scaled::nearest_long(tap.abs());
            out.extend_from_slice(&[u8::from(tap < 0.0), number.power]);
            out.extend_from_slice(&number.digits.to_be_bytes());
        }
    }
}

const QUANTISATION_BYTES: usize = 2 + 389;

fn quantisation(out: &mut Vec<u8>, bins: &[Bins; BANDS]) {
    out.extend_from_slice(&[0xFF, DQT]);
    half(out, QUANTISATION_BYTES - 2);
    scaled(
        out,
        Scaled {
            digits: (BIN_CENTRE * 100.0).round() as u32,
            power: 2,
        },
    );
    for band in 0..64 {
        let bins = bins.get(band).copied().unwrap_or_default();
        scaled(out, Scaled::nearest(bins.width));
        scaled(out, Scaled::nearest(bins.zero));
    }
}

const FRAME_BYTES: usize = 2 + 17;

fn frame(out: &mut Vec<u8>, image: &GreyImage, shift: Scaled, scale: Scaled) {
    out.extend_from_slice(&[0xFF, SOF]);
    half(out, FRAME_BYTES - 2);
    out.extend_from_slice(&[0, 255]);
    half(out, image.height as usize);
    half(out, image.width as usize);
    scaled(out, shift);
    scaled(out, scale);
    // Encoder 2 (free choice of bins), software unknown.
    out.extend_from_slice(&[2, 0, 0]);
}

/// Three block headers, fill of three last bytes, the end.
const BLOCK_BYTES: usize = 3 * 5 + 2 + 2;

fn blocks(mut out: Vec<u8>, coded: &Coded) -> Vec<u8> {
    for (i, block) in coded.blocks.iter().enumerate() {
        let table = i.min(1);
        let code = &coded.codes[table];
        if i < 2 {
            out.extend_from_slice(&[0xFF, DHT]);
            half(&mut out, 2 + 17 + code.symbols.len());
            out.push(table as u8);
            out.extend_from_slice(&code.lengths);
            out.extend_from_slice(&code.symbols);
        }
        out.extend_from_slice(&[0xFF, SOB]);
        half(&mut out, 3);
        out.push(table as u8);
        if let Some(words) = code.words() {
            let mut bits = BitWriter::default();
            huffman::write_block(block, &words, &mut bits);
            out.extend_from_slice(&bits.finish());
        }
    }
    out.extend_from_slice(&[0xFF, EOI]);
    out
}
