//! Records read back by a reader of their own, field by field from the standard's table.

use ridges::{MinutiaKind, Position, TrueMinutia, iso_19794_2};

struct Read {
    width: u16,
    height: u16,
    position: u8,
    quality: u8,
    /// type, x, y, angle in degrees, quality
    minutiae: Vec<(u8, u16, u16, f32, u8)>,
}

fn read(bytes: &[u8]) -> Read {
    let u16_at = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    assert_eq!(&bytes[..8], b"FMR\0 20\0");
    let length = u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
    assert_eq!(length as usize, bytes.len());
    assert_eq!((u16_at(18), u16_at(20)), (197, 197));
    assert_eq!((bytes[22], bytes[23], bytes[25]), (1, 0, 0));
    let count = usize::from(bytes[27]);
    assert_eq!(bytes.len(), 28 + 6 * count + 2);
    assert_eq!(u16_at(28 + 6 * count), 0);
    let minutiae = (0..count)
        .map(|k| {
            let at = 28 + 6 * k;
            let angle = f32::from(bytes[at + 4]) * 360.0 / 256.0;
            let (first, second) = (u16_at(at), u16_at(at + 2));
            assert_eq!(second >> 14, 0);
            (
                (first >> 14) as u8,
                first & 0x3fff,
                second,
                angle,
                bytes[at + 5],
            )
        })
        .collect();
    Read {
        width: u16_at(14),
        height: u16_at(16),
        position: bytes[24],
        quality: bytes[26],
        minutiae,
    }
}

fn minutia(x: f32, y: f32, degrees: f32, kind: MinutiaKind) -> TrueMinutia {
    TrueMinutia {
        x,
        y,
        angle: degrees.to_radians(),
        kind,
        quality: 77,
        origin: None,
    }
}

#[test]
fn every_field_comes_back() {
    let minutiae = [
        minutia(10.0, 20.0, 0.0, MinutiaKind::Ending),
        minutia(325.0, 356.0, 90.0, MinutiaKind::Bifurcation),
        minutia(100.4, 200.6, 359.9, MinutiaKind::Ending),
    ];
    let record = read(&iso_19794_2(&minutiae, (326, 357), Position::ALL[6], 63));
    assert_eq!(
        (record.width, record.height, record.position, record.quality),
        (326, 357, 7, 63)
    );
    assert_eq!(
        record.minutiae,
        [
            (1, 10, 20, 0.0, 77),
            (2, 325, 356, 90.0, 77),
            (1, 100, 201, 0.0, 77)
        ]
    );
}

#[test]
fn no_more_than_255_and_none_outside() {
    let many: Vec<_> = (0..300)
        .map(|k| TrueMinutia {
            quality: if k < 60 { 10 } else { 90 },
            ..minutia(1.0 + k as f32, 5.0, 1.0, MinutiaKind::Ending)
        })
        .chain([
            minutia(-3.0, 5.0, 0.0, MinutiaKind::Ending),
            minutia(400.0, 5.0, 0.0, MinutiaKind::Ending),
        ])
        .collect();
    let record = read(&iso_19794_2(&many, (326, 357), Position::ALL[0], 50));
    assert_eq!(record.minutiae.len(), 255);
    assert_eq!(record.minutiae.iter().filter(|m| m.4 == 90).count(), 240);
}
