//! The same bytes with and without newer instructions and on any number of threads.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::cell::Cell;

use crate::{FingerPosition, GreyImage, TemplateFormat, extract_view, record, trig};

thread_local! {
    /// Whether this thread runs scalar twins, and how many times it was asked.
    static FORCED: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// The seam of [`super::super::fastest`].
pub(in crate::simd) fn scalar_forced() -> bool {
    ASKED.set(ASKED.get() + 1);
    FORCED.get()
}

/// Ridges of 9 px with 30 ends and forks and grain, made with the portable functions of this crate: the
/// same pixels on every machine.
fn print() -> GreyImage {
    let (width, height) = (300u32, 320u32);
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut ends: Vec<(f32, f32, f32)> = Vec::new();
    while ends.len() < 30 {
        let (x, y) = (40.0 + 220.0 * next(), 40.0 + 240.0 * next());
        let far = |p: &(f32, f32, f32)| (p.0 - x) * (p.0 - x) + (p.1 - y) * (p.1 - y) > 676.0;
        if ends.iter().all(far) {
            ends.push((x, y, if next() < 0.5 { 1.0 } else { -1.0 }));
        }
    }
    let pixels = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let (u, v) = (x - 150.0, y - 160.0);
            let bent = 2.0 * trig::PI * (y + 0.0012 * u * u) / 9.0;
            let turns = ends
                .iter()
                .map(|&(ex, ey, turn)| turn * trig::atan2(y - ey, x - ex));
            let (_, ridge) = trig::sin_cos(bent + turns.sum::<f32>());
            let inside = u * u / 19_600.0 + v * v / 22_500.0 < 1.0;
            let grey = if inside { 128.0 + 90.0 * ridge } else { 235.0 };
            (grey + 30.0 * (next() - 0.5)).clamp(0.0, 255.0) as u8
        })
        .collect();
    GreyImage::from_raw(width, height, 500, pixels).unwrap()
}

/// FNV-1a of 64 bits.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

fn template_bytes(image: &GreyImage) -> Vec<u8> {
    let view = extract_view(image, FingerPosition::RightIndex).unwrap();
    let views = vec![view];
    record::write(&record::Record { views }, TemplateFormat::Own).unwrap()
}

/// A change of the extraction changes this on purpose, and says so in its commit.
const EXPECTED: u64 = 0x772E_F7B4_8353_7983;

#[test]
fn the_template_has_the_same_bytes_on_every_cpu_and_at_any_thread_count() {
    let image = print();
    assert_eq!(digest(&image.pixels), PIXELS, "the picture itself");
    let usual = template_bytes(&image);
    let count = record::read(&usual).unwrap().views[0]
        .template
        .minutiae
        .len();
    assert!((20..=50).contains(&count), "{count} minutiae of 30");
    FORCED.set(true);
    ASKED.set(0);
    let scalar = template_bytes(&image);
    FORCED.set(false);
    assert!(
        ASKED.get() >= 6,
        "only {} loops went through the seam",
        ASKED.get()
    );
    assert_eq!(usual, scalar);
    assert_eq!(digest(&scalar), EXPECTED, "{:#018X}", digest(&scalar));
    for threads in [1, 2, 5] {
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads)
                .map(|i| {
                    let image = &image;
                    scope.spawn(move || {
                        FORCED.set(i % 2 == 1);
                        template_bytes(image)
                    })
                })
                .collect();
            for thread in running {
                assert_eq!(thread.join().unwrap(), scalar);
            }
        });
    }
}

/// Digest of the picture: a difference here is not the extraction's.
const PIXELS: u64 = 0x6487_92B9_02EF_728A;
