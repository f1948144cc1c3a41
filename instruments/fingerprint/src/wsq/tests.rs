#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::huffman::{Code, Counts};
use super::wavelet::{Bank, Filters};
use super::*;
use ridges::{ImpressionParams, Master, Position};

fn noise(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// A synthetic print, cut to a size.
fn print(width: usize, height: usize) -> GreyImage {
    let picture = Master::grow(11, Position::ALL[2])
        .impression(&ImpressionParams::election_day(), 3)
        .image;
    let pixels = (0..height)
        .flat_map(|y| picture.pixels[y * picture.width..][..width].to_vec())
        .collect();
    GreyImage::from_raw(width as u32, height as u32, 500, pixels).unwrap()
}

fn decibels(one: &GreyImage, other: &GreyImage) -> f64 {
    let squares: f64 = one
        .pixels
        .iter()
        .zip(&other.pixels)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    10.0 * (255.0 * 255.0 * one.pixels.len() as f64 / squares.max(1e-9)).log10()
}

#[test]
fn a_print_comes_back_at_the_wanted_size() {
    for (width, height) in [(300, 320), (261, 293), (293, 261), (257, 100), (100, 301)] {
        let image = print(width, height);
        for (rate, floor) in [(0.4f32, 19.0), (RATE_DEFAULT, 22.0), (2.5, 31.0)] {
            let file = encode(&image, rate);
            let got = 8.0 * file.len() as f32 / image.pixels.len() as f32;
            let off = (got / rate - 1.0).abs();
            // Tables alone are 0.25 bits a pixel of the smallest size.
            assert!(
                off < 0.05 || width * height < 40_000,
                "{width}×{height} {rate}: {got}"
            );
            let back = decode(&file, None).unwrap();
            let quality = decibels(&image, &back);
            println!("{width}×{height} at {got:.3}: {quality:.2} dB");
            assert!(
                quality > floor || width * height < 40_000,
                "{rate}: {quality} dB"
            );
        }
    }
}

#[test]
fn resolution_is_written_and_read() {
    let mut image = print(200, 200);
    image.dpi = 1000;
    let file = encode(&image, 1.0);
    assert_eq!(decode(&file, None).unwrap().dpi, 1000);
    assert_eq!(decode(&file, Some(600)).unwrap().dpi, 600);
    assert_eq!(encode(&image, f32::NAN), encode(&image, RATE_DEFAULT));
}

#[test]
fn extreme_images_come_back() {
    let check = |grey: &dyn Fn(usize, usize) -> u8, most: u8| {
        let pixels = (0..101 * 103).map(|i| grey(i % 101, i / 101)).collect();
        let image = GreyImage::from_raw(101, 103, 500, pixels).unwrap();
        let back = decode(&encode(&image, 8.0), None).unwrap();
        let pairs = image.pixels.iter().zip(&back.pixels);
        let off = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(off <= most, "{off}");
    };
    check(&|_, _| 0, 0);
    check(&|_, _| 255, 0);
    check(&|_, _| 77, 0);
    check(&|x, y| if x == 50 && y == 51 { 255 } else { 0 }, 140);
    check(&|x, _| if x < 50 { 0 } else { 255 }, 2);
    check(&|x, _| (2 * x) as u8, 2);
}

/// The bank without bins: what is taken apart is put together, at every length from 1 on.
#[test]
fn every_bank_puts_together_what_it_took_apart() {
    // The even bank of the standard's annex: symmetric low, antisymmetric high.
    let low = [0.852_698_7f32, -0.097_892_97, -0.123_355_84, 0.075_656_91];
    let high = [-0.603_288_94f32, 0.188_701_43, 0.052_614_15, -0.032_269_44];
    let whole = |right: &[f32; 4], sign: f32| -> Vec<f32> {
        let left = right.iter().rev().map(|tap| sign * tap);
        left.chain(right.iter().copied()).collect()
    };
    let even = Filters {
        low: whole(&low, 1.0),
        high: whole(&high, -1.0),
    };
    for filters in [Filters::nine_seven(), even] {
        let bank = Bank::new(&filters);
        for (width, height) in (1..40).map(|n| (n, 41 - n)).chain([(64, 64), (101, 67)]) {
            let tree = tree::tree(width, height);
            let mut next = noise(5);
            let before: Vec<f32> = (0..width * height)
                .map(|_| (next() % 256) as f32 - 128.0)
                .collect();
            let mut plane = before.clone();
            wavelet::take_apart(&mut plane, width, &tree, &bank);
            wavelet::put_together(&mut plane, width, &tree, &bank);
            let off = before.iter().zip(&plane).map(|(a, b)| (a - b).abs());
            assert!(off.fold(0.0, f32::max) < 0.05, "{width}×{height}");
        }
    }
}

/// A tilted wave lands in the band of its frequency: the order of bands is that of the standard.
#[test]
fn bands_tile_the_plane_in_the_order_of_the_standard() {
    let tree = tree::tree(203, 197);
    let mut seen = vec![0u8; 203 * 197];
    for band in &tree.bands {
        for y in band.y..band.y + band.height {
            for x in band.x..band.x + band.width {
                seen[y * 203 + x] += 1;
            }
        }
    }
    // All but the diagonal quarter (bands 60–63) once.
    let wanted = |i: usize| u8::from(i % 203 < 102 || i / 203 < 99);
    assert!(seen.iter().enumerate().all(|(i, &n)| n == wanted(i)));
    assert_eq!(tree.splits.len(), 20);
    // The high half of a flipped part comes first and is the shorter one: 101 = 50 + 51.
    assert_eq!((tree.bands[52].width, tree.bands[53].width), (50, 51));
    assert_eq!((tree.bands[0].width, tree.bands[1].width), (7, 6));
}

#[test]
fn words_are_never_longer_than_16_bits_nor_ones_only() {
    let mut counts = Counts::new();
    let (mut one, mut other) = (1u32, 1u32);
    for symbol in 1..45 {
        counts.of[symbol] = one;
        (one, other) = (other, one.saturating_add(other));
    }
    let code = Code::best(&counts);
    let words = code.words().unwrap();
    for &symbol in &code.symbols {
        let (word, length) = words[usize::from(symbol)];
        assert!((1..=16).contains(&length));
        assert_ne!(u32::from(word), (1 << length) - 1, "ones only");
    }
    assert_eq!(code.symbols.len(), 44);
}

#[test]
fn absurd_headers_are_refused_without_memory() {
    let file = encode(&print(100, 100), 1.5);
    let at = |marker: u8| {
        file.windows(2)
            .position(|two| two == [0xFF, marker])
            .unwrap()
    };
    let reason = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = file.clone();
        change(&mut bytes);
        decode(&bytes, None).unwrap_err()
    };
    let frame = at(segments::SOF);
    assert_eq!(
        reason(&|b| b[frame + 6..frame + 10].fill(0xFF)),
        DecodeError::TooLarge {
            width: 65_535,
            height: 65_535
        }
    );
    let corrupt = |error: &DecodeError, part: &str| {
        let told = error.to_string();
        assert!(told.contains("WSQ") && told.contains(part), "{told}");
    };
    // 4096×4096 of 100×100: more is claimed than there is.
    let claimed = reason(&|b| b[frame + 6..frame + 10].copy_from_slice(&[16, 0, 16, 0]));
    corrupt(&claimed, "fewer coefficients");
    let table = at(segments::DHT) + 5;
    corrupt(&reason(&|b| b[table..table + 16].fill(255)), "cut short");
    corrupt(&reason(&|b| b[table] = 3), "");
    corrupt(&reason(&|b| b[table - 1] = 9), "over 7");
    let filters = at(segments::DTT) + 4;
    corrupt(&reason(&|b| b[filters] = 8), "odd and even");
    corrupt(
        &reason(&|b| b[filters..filters + 2].fill(33)),
        "too many taps",
    );
    corrupt(&reason(&|b| b.truncate(b.len() - 40)), "cut short");
}

#[test]
fn restart_markers_are_tolerated() {
    let mut bits = bits::BitWriter::default();
    bits.put(0xFFA5, 16);
    let mut bytes = bits.finish();
    assert_eq!(bytes, [0xFF, 0, 0xA5]);
    bytes.extend([0xFF, 0xB3, 0x80, 0xFF, segments::EOI]);
    let mut reader = bits::BitReader::new(&bytes, 0);
    let read: Vec<u32> = std::iter::from_fn(|| reader.bit()).collect();
    assert_eq!(read.len(), 24);
    assert_eq!(read[16..18], [1, 0]);
}

/// A file of another program, and what that program's own decoder makes of it.
#[test]
fn a_foreign_file_gives_the_same_pixels() {
    let foreign = include_bytes!("../../tests/golden/wsq-iafis-ic-0110.wsq");
    let theirs = include_bytes!("../../tests/golden/wsq-iafis-ic-0110.png");
    let ours = decode(foreign, None).unwrap();
    let theirs = crate::decode::decode(theirs, Some(500)).unwrap();
    assert_eq!((ours.width, ours.height), (203, 197));
    assert_eq!(ours.pixels, theirs.pixels);
}
