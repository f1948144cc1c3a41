#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
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

#[test]
fn damaged_bytes_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for format in [
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Pnm,
    ] {
        let original = encoded(format);
        for _ in 0..400 {
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
