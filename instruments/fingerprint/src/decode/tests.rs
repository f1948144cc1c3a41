#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::resolution::be32;
use super::*;
use image::DynamicImage;

fn pgm(width: u32, height: u32, body: usize) -> Vec<u8> {
    let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
    bytes.extend((0..body).map(|i| (i % 251) as u8));
    bytes
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let grey = image::GrayImage::from_fn(120, 110, |x, y| image::Luma([(x * 2 + y) as u8]));
    if format == ImageFormat::Pnm {
        return [b"P5\n120 110\n255\n".as_slice(), grey.as_raw()].concat();
    }
    let mut bytes = Vec::new();
    DynamicImage::ImageLuma8(grey)
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

#[test]
fn every_format_gives_the_same_pixels() {
    let reference = decode(&encoded(ImageFormat::Pnm), None).unwrap();
    assert_eq!(
        (reference.width, reference.height, reference.dpi),
        (120, 110, 500)
    );
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
        let image = decode(&encoded(format), Some(500)).unwrap();
        assert_eq!(image.pixels, reference.pixels, "{format:?}");
    }
}

#[test]
fn sides_and_resolution_are_refused_before_decoding() {
    assert_eq!(
        decode(&pgm(10_000, 10_000, 4), None),
        Err(DecodeError::TooLarge {
            width: 10_000,
            height: 10_000
        })
    );
    assert_eq!(
        decode(&pgm(99, 300, 99 * 300), None),
        Err(DecodeError::TooSmall {
            width: 99,
            height: 300
        })
    );
    assert_eq!(
        decode(&pgm(200, 200, 200 * 200), Some(249)),
        Err(DecodeError::Dpi { dpi: 249 })
    );
    assert_eq!(
        decode(&pgm(200, 200, 200 * 200), Some(1201)),
        Err(DecodeError::Dpi { dpi: 1201 })
    );
    assert!(decode(&pgm(200, 200, 200 * 200), Some(1200)).is_ok());
}

#[test]
fn cut_files_are_named_as_such() {
    for format in [
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Pnm,
    ] {
        let bytes = encoded(format);
        for share in [2, 3, 5] {
            let cut = &bytes[..bytes.len() * (share - 1) / share];
            let answer = decode(cut, Some(500));
            assert!(
                matches!(answer, Err(DecodeError::Corrupt { .. })),
                "{format:?} {share}: {answer:?}"
            );
        }
    }
    assert_eq!(decode(b"GIF89a", None), Err(DecodeError::UnknownFormat));
    assert_eq!(decode(b"", None), Err(DecodeError::UnknownFormat));
}

#[test]
fn resolution_is_read_from_the_file() {
    // A pHYs chunk of 20157 pixels a metre (512 dpi) behind IHDR, its checksum not looked at here.
    let mut png = encoded(ImageFormat::Png);
    let mut chunk = vec![0, 0, 0, 9];
    chunk.extend_from_slice(b"pHYs");
    chunk.extend_from_slice(&20157u32.to_be_bytes());
    chunk.extend_from_slice(&20157u32.to_be_bytes());
    chunk.push(1);
    chunk.extend_from_slice(&[0; 4]);
    png.splice(33..33, chunk);
    assert_eq!(resolution::png_dpi(&png), Some(512));
    let mut bmp = encoded(ImageFormat::Bmp);
    bmp[38..42].copy_from_slice(&39370u32.to_le_bytes());
    assert_eq!(decode(&bmp, None).unwrap().dpi, 1000);
}

const LOSSLESS: &[u8] = include_bytes!("../../tests/golden/jpeg2000-15444-1-lossless.jp2");
const TILES: &[u8] = include_bytes!("../../tests/golden/jpeg2000-15444-1-tiles.jp2");
const PROGRESSIVE: &[u8] = include_bytes!("../../tests/golden/jpeg-t81-progressive.jpg");

fn plain() -> GreyImage {
    let bytes = include_bytes!("../../tests/golden/jpeg2000-15444-1-lossless.png");
    decode(bytes, None).unwrap()
}

fn mean_off(image: &GreyImage) -> f64 {
    let plain = plain();
    assert_eq!((image.width, image.height), (plain.width, plain.height));
    let pairs = image.pixels.iter().zip(&plain.pixels);
    let sum: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / plain.pixels.len() as f64
}

fn codestream() -> &'static [u8] {
    let at = LOSSLESS
        .windows(4)
        .position(|four| four == b"jp2c")
        .unwrap();
    &LOSSLESS[at + 4..]
}

#[test]
fn files_of_other_programs_give_the_picture() {
    assert_eq!(mean_off(&decode(LOSSLESS, None).unwrap()), 0.0);
    assert_eq!(mean_off(&decode(codestream(), None).unwrap()), 0.0);
    let lossy = mean_off(&decode(TILES, None).unwrap());
    assert!(lossy < 4.0, "{lossy}");
    let progressive = mean_off(&decode(PROGRESSIVE, None).unwrap());
    // libjpeg itself is 5.1 off at this quality.
    assert!(progressive < 5.5, "{progressive}");
}

#[test]
fn resolution_of_jpeg_is_that_of_jfif_or_exif() {
    assert_eq!(decode(PROGRESSIVE, None).unwrap().dpi, 500);
    // SOI, then APP0 of 16 bytes: density unit at 13, across at 14.
    assert_eq!(&PROGRESSIVE[6..11], b"JFIF\0");
    let mut metric = PROGRESSIVE.to_vec();
    metric[13] = 2;
    metric[14..16].copy_from_slice(&394u16.to_be_bytes());
    assert_eq!(decode(&metric, None).unwrap().dpi, 1001);
    let mut exif = PROGRESSIVE.to_vec();
    exif[13] = 0;
    let mut body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01".to_vec();
    body.extend(b"\x01\x1A\0\x05\0\0\0\x01\0\0\0\x1A\0\0\0\0");
    body.extend(800u32.to_be_bytes());
    body.extend(1u32.to_be_bytes());
    let mut segment = vec![0xFF, 0xE1];
    segment.extend((body.len() as u16 + 2).to_be_bytes());
    segment.extend(body);
    exif.splice(20..20, segment);
    assert_eq!(decode(&exif, None).unwrap().dpi, 800);
}

#[test]
fn resolution_of_jpeg2000_is_that_of_its_box() {
    assert_eq!(decode(LOSSLESS, None).unwrap().dpi, 500);
    let at = LOSSLESS
        .windows(4)
        .position(|four| four == b"jp2h")
        .unwrap();
    let length = be32(LOSSLESS, at - 4).unwrap();
    // 3937 / 1 · 10^1 pixels a metre down and across.
    let mut inner = 18u32.to_be_bytes().to_vec();
    inner.extend(b"resc\x0F\x61\0\x01\x0F\x61\0\x01\x01\x01");
    let mut outer = 26u32.to_be_bytes().to_vec();
    outer.extend(b"res ");
    outer.extend(inner);
    let mut bytes = LOSSLESS.to_vec();
    bytes[at - 4..at].copy_from_slice(&(length + 26).to_be_bytes());
    let end = at - 4 + length as usize;
    bytes.splice(end..end, outer);
    let image = decode(&bytes, None).unwrap();
    assert_eq!((image.dpi, mean_off(&image)), (1000, 0.0));
}

#[test]
fn cut_or_absurd_files_of_other_programs_are_refused() {
    for file in [LOSSLESS, TILES, codestream(), PROGRESSIVE] {
        for share in [2, 3, 5] {
            let answer = decode(&file[..file.len() * (share - 1) / share], None);
            assert!(
                matches!(answer, Err(DecodeError::Corrupt { .. })),
                "{answer:?}"
            );
        }
    }
    let changed = |at: usize, with: &[u8]| {
        let mut bytes = codestream().to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        decode(&bytes, None).unwrap_err()
    };
    let reason = |error: DecodeError| error.to_string();
    let too_large = changed(8, &[0, 1, 0, 0]);
    assert_eq!(
        too_large,
        DecodeError::TooLarge {
            width: 65_536,
            height: 110
        }
    );
    assert!(reason(changed(8, &[0, 0, 8, 0, 0, 0, 8, 0])).contains("too few bytes"));
    assert!(reason(changed(24, &[0, 0, 0, 1, 0, 0, 0, 1])).contains("tiles"));
    assert!(reason(changed(40, &[0, 200])).contains("components"));
}

/// Found by garbling: a field of six million values in a file of fourteen kilobytes took 180 MB.
#[test]
fn tiff_field_of_more_values_than_the_file_holds_is_refused() {
    let mut file = encoded(ImageFormat::Tiff);
    let directory = u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize;
    let fields = usize::from(u16::from_le_bytes([file[directory], file[directory + 1]]));
    assert!(fields > 8);
    let count = directory + 2 + 12 * (fields - 1) + 4;
    file[count..count + 4].copy_from_slice(&5_898_241u32.to_le_bytes());
    let error = decode(&file, None).unwrap_err().to_string();
    assert!(error.contains("claims more values"), "{error}");
}

#[test]
fn damaged_bytes_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let formats = [
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Pnm,
        ImageFormat::Jpeg,
    ];
    let mut originals: Vec<Vec<u8>> = formats.into_iter().map(encoded).collect();
    originals.extend([LOSSLESS, TILES, codestream(), PROGRESSIVE].map(<[u8]>::to_vec));
    originals.extend([0.75, 4.0].map(|rate| wsq::encode(&plain(), rate)));
    // `TIZME_ROUNDS=100` garbles a hundred times as often.
    let rounds = std::env::var("TIZME_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok());
    for original in originals {
        assert!(decode(&original, None).is_ok());
        for _ in 0..400 * rounds.unwrap_or(1u32) {
            let mut bytes = original.clone();
            for _ in 0..1 + next() % 6 {
                // Headers are where the harm is done.
                let reach = if next() % 2 == 0 {
                    bytes.len().min(120)
                } else {
                    bytes.len()
                } as u64;
                let at = (next() % reach) as usize;
                bytes[at] = next() as u8;
            }
            if next() % 4 == 0 {
                bytes.truncate((next() % bytes.len() as u64) as usize);
            }
            let _ = decode(&bytes, None);
        }
    }
}
