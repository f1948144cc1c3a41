//! Images of fingers.

use fingerprint::{GreyImage, decode, extract, wsq};

/// Images up to so many pixels are extracted too; larger ones take their time by right.
const EXTRACTED_PIXELS_MAX: usize = 130 * 130;

/// A PNG, TIFF, BMP or PGM image: decoded and, when small, extracted.
pub fn parse_image(bytes: &[u8]) -> bool {
    let Ok(image) = decode(bytes, None) else {
        return false;
    };
    assert_whole(&image);
    if image.pixels.len() <= EXTRACTED_PIXELS_MAX {
        let _ = extract(&image);
    }
    true
}

/// A WSQ file: decoded; a small one is written again and read back.
pub fn parse_wsq(bytes: &[u8]) -> bool {
    let Ok(image) = wsq::decode(bytes, None) else {
        return false;
    };
    assert_whole(&image);
    if image.pixels.len() <= EXTRACTED_PIXELS_MAX {
        let again = wsq::decode(&wsq::encode(&image, wsq::RATE_DEFAULT), None);
        let facts = |image: &GreyImage| (image.width, image.height, image.dpi);
        assert_eq!(
            again.as_ref().map(facts),
            Ok(facts(&image)),
            "what was written is read"
        );
    }
    true
}

/// A JPEG file: decoded.
pub fn parse_jpeg(bytes: &[u8]) -> bool {
    decode(bytes, None).inspect(assert_whole).is_ok()
}

/// A JPEG 2000 file or bare codestream: decoded.
pub fn parse_jpeg2000(bytes: &[u8]) -> bool {
    decode(bytes, None).inspect(assert_whole).is_ok()
}

fn assert_whole(image: &GreyImage) {
    assert_eq!(
        image.pixels.len(),
        image.width as usize * image.height as usize,
        "every pixel is there"
    );
}

/// Makes the checksums of a PNG's chunks right.
pub fn mend_png(bytes: &mut [u8]) {
    let mut at = 8usize;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at + 8 + length;
        if end + 4 > bytes.len() {
            return;
        }
        let sum = crc32(&bytes[at + 4..end]).to_be_bytes();
        bytes[end..end + 4].copy_from_slice(&sum);
        at = end + 4;
    }
}

/// CRC-32 of ISO 3309, bit by bit: the documents are small.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xedb8_8320
            } else {
                sum >> 1
            }
        })
    })
}
