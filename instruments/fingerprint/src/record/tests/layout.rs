//! Fields lie where the standards put them: bytes by hand, field by field.

use super::*;

/// An ending at (291, 325) that looks up: its valley forks 4 px below it.
fn one() -> Record {
    let template = Template {
        width: 300,
        height: 400,
        quality: 90,
        minutiae: vec![
            Minutia {
                x: 0x123,
                y: 0x145,
                angle: 64,
                kind: MinutiaKind::Ending,
                quality: 50,
            },
            Minutia {
                x: 0x123,
                y: 0x145,
                angle: 128,
                kind: MinutiaKind::Bifurcation,
                quality: 0,
            },
        ],
    };
    Record {
        views: vec![View::of(&template, FingerPosition::RightIndex)],
    }
}

fn check(format: TemplateFormat, expected: &[&[u8]]) {
    let bytes = write(&one(), format).unwrap();
    assert_eq!(bytes, expected.concat(), "{format}");
    let back = read_as(&bytes, format).unwrap();
    assert_eq!(back.views[0].template.minutiae.len(), 2);
}

#[test]
fn iso_2005() {
    check(
        Iso2005,
        &[
            b"FMR\0 20\0",
            &[0, 0, 0, 42],                 // length in four bytes
            &[0, 0],                        // capture equipment
            &[1, 44, 1, 144],               // 300 × 400
            &[0, 197, 0, 197],              // 500 dpi
            &[1, 0],                        // one view, reserved
            &[2, 0, 90, 2],                 // right index, view 0 live plain, quality, count
            &[0x41, 0x23, 1, 0x49, 64, 50], // ending, 4 px further down
            &[0x81, 0x23, 1, 0x45, 128, 0],
            &[0, 0], // no extended data
        ],
    );
}

#[test]
fn ansi_2004() {
    check(
        Ansi2004,
        &[
            b"FMR\0 20\0",
            &[0, 44],      // length in two bytes
            &[1, 3, 0, 0], // product identifier
            &[0, 0],       // capture equipment
            &[1, 44, 1, 144],
            &[0, 197, 0, 197],
            &[1, 0],
            &[2, 0, 90, 2],
            &[0x41, 0x23, 1, 0x49, 45, 50], // 90° are 45 units of 2°
            &[0x81, 0x23, 1, 0x45, 90, 0],
            &[0, 0],
        ],
    );
}

#[test]
fn ansi_2009() {
    check(
        Ansi2009,
        &[
            b"FMR\x00030\0",
            &[0, 0, 0, 52],
            &[1, 3, 0, 0],
            &[0, 0, 0],     // not certified, device not reported
            &[1, 0],        // one view, reserved
            &[2, 0, 0, 90], // right index, view 0, live plain, quality
            &[1, 3, 0, 1],  // whose quality
            &[1, 44, 1, 144],
            &[0, 197, 0, 197],
            &[2],
            &[0x41, 0x23, 1, 0x49, 45, 50],
            &[0x81, 0x23, 1, 0x45, 90, 254], // 254: not reported
            &[0, 0],
        ],
    );
}

#[test]
fn iso_2011() {
    check(
        Iso2011,
        &[
            b"FMR\x00030\0",
            &[0, 0, 0, 66],
            &[0, 1, 0],                     // one view, no certificates
            &[0, 0, 0, 51],                 // length of the view
            &[0xFF; 9],                     // no time
            &[0, 0, 0, 0, 0],               // device
            &[1, 90, 0, 0, 0, 0],           // one record of quality
            &[2, 0],                        // right index, view 0
            &[0, 197, 0, 197, 0],           // 500 dpi, live plain
            &[1, 44, 1, 144],               // 300 × 400
            &[0x61, 2],                     // six bytes, endings at the tip; count
            &[0x41, 0x23, 1, 0x45, 64, 50], // where it is
            &[0x81, 0x23, 1, 0x45, 128, 254],
            &[0, 0],
        ],
    );
}

#[test]
fn cards() {
    // 291 px are 14.78 mm, 329 px 16.71 mm, 325 px 16.51 mm.
    check(
        CardNormal,
        &[
            &[0x40 | 0x05, 0xC6, 0x06, 0x87, 64],
            &[0x80 | 0x05, 0xC6, 0x06, 0x73, 128],
        ],
    );
    check(
        CardCompact,
        &[&[148, 167, 0x40 | 16], &[148, 165, 0x80 | 32]],
    );
}

#[test]
fn our_own() {
    let bytes = write(&one(), Own).unwrap();
    assert_eq!(bytes[..6], *b"TZT\0\x01\x01");
    assert_eq!(bytes[6..15], [2, 0, 90, 1, 244, 1, 44, 1, 144]);
    assert_eq!(bytes[15..18], [0, 0, 2]); // no foreground, two minutiae
    // 300 and 400 take nine bits: 100100011 101000101 01000000 01 0110010, then the other.
    assert_eq!(
        bytes[18..22],
        [0b1001_0001, 0b1101_0001, 0b0101_0000, 0b0001_0110]
    );
    assert_eq!(bytes.len(), 18 + (2usize * 35).div_ceil(8) + 4);
    let sum = bytes.len() - 4;
    let expected = bit_by_bit(&bytes[..sum]).to_be_bytes();
    assert_eq!(bytes[sum..], expected);
    assert_eq!(
        bit_by_bit(b"123456789"),
        0xCBF4_3926,
        "check value of CRC-32"
    );
}

pub(super) fn bit_by_bit(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let turned = sum >> 1;
            if sum & 1 == 1 {
                turned ^ 0xEDB8_8320
            } else {
                turned
            }
        })
    })
}

#[test]
fn long_ansi_2004_records_state_their_length_in_six_bytes() {
    let template = Template {
        minutiae: vec![sample().minutiae[1]; 255],
        ..sample()
    };
    let fingers = FingerPosition::TEN.iter().flat_map(|f| [*f; 5]);
    let views = fingers.map(|finger| View::of(&template, finger)).collect();
    let record = Record { views };
    let bytes = write(&record, Ansi2004).unwrap();
    let length = 8 + 6 + 4 + 12 + 50 * (6 + 255 * 6);
    assert_eq!(bytes.len(), length);
    assert_eq!(bytes[8..10], [0, 0]);
    assert_eq!(bytes[10..14], (length as u32).to_be_bytes());
    assert_eq!(TemplateFormat::detect(&bytes), Some(Ansi2004));
    assert_eq!(read(&bytes).unwrap().views.len(), 50);
}

#[test]
fn extended_data_is_skipped_by_its_length() {
    // Ridge counts (type 1) of one star, as in ISO/IEC 19794-2:2005, 7.5.
    let extended = [0, 8, 0, 1, 0, 8, 0, 0, 1, 5];
    for format in [Iso2005, Iso2011, Ansi2004, Ansi2009] {
        let mut bytes = write(&several(), format).unwrap();
        let end = bytes.len() - 2;
        bytes.truncate(end);
        bytes.extend_from_slice(&extended);
        let whole = bytes.len();
        match format {
            Ansi2004 => bytes[8..10].copy_from_slice(&(whole as u16).to_be_bytes()),
            Own | Iso2005 | Iso2011 | Ansi2009 | CardNormal | CardCompact => {
                bytes[8..12].copy_from_slice(&(whole as u32).to_be_bytes());
            }
        }
        if format == Iso2011 {
            let last = whole - 8 - (34 + 6 * 40);
            let longer = (whole - last) as u32;
            bytes[last..last + 4].copy_from_slice(&longer.to_be_bytes());
        }
        assert_eq!(TemplateFormat::detect(&bytes), Some(format));
        assert_eq!(read(&bytes).unwrap().views.len(), 3, "{format}");
        // Extended data that reach behind the end are refused where they begin.
        bytes[end + 1] = 200;
        assert!(
            matches!(
                read_as(&bytes, format),
                Err(RecordError::CutShort { field: "extended data", at, .. }) if at == end + 2
            ),
            "{format}"
        );
    }
}

#[test]
fn the_2011_record_of_others_is_read() {
    // Five bytes a minutia, endings at the valley's fork, two qualities, one certificate.
    let view: &[&[u8]] = &[
        &[0xFF; 9],
        &[1, 0, 9, 0, 9],
        &[2, 255, 0, 1, 0, 1, 80, 0, 1, 0, 2], // the first quality failed
        &[1, 0, 7, 1],
        &[7, 0, 0, 197, 0, 197, 24],
        &[1, 44, 1, 144],
        &[0x50, 1],
        &[0x41, 0x23, 1, 0x49, 64],
        &[0, 0],
    ];
    let view = view.concat();
    let mut bytes = b"FMR\x00030\0".to_vec();
    bytes.extend_from_slice(&(15 + 4 + view.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&[0, 1, 1]);
    bytes.extend_from_slice(&(4 + view.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&view);
    assert_eq!(TemplateFormat::detect(&bytes), Some(Iso2011));
    let record = read(&bytes).unwrap();
    let view = &record.views[0];
    assert_eq!(view.position, FingerPosition::LeftIndex);
    assert_eq!(view.impression, Impression::Contactless);
    assert_eq!(view.template.quality, 80);
    let tip = view.template.minutiae[0];
    assert_eq!((tip.x, tip.y, tip.quality), (0x123, 0x145, 0));
}

#[test]
fn the_amended_2009_record_is_read() {
    let mut bytes = write(&several(), Ansi2009).unwrap();
    let plain = read(&bytes).unwrap();
    bytes[6] = b'0' + 5;
    bytes[5] = b'3';
    assert_eq!(bytes[4..8], *b"035\0");
    assert_eq!(TemplateFormat::detect(&bytes), Some(Ansi2009));
    assert_eq!(read(&bytes).unwrap(), plain);
}

#[test]
fn another_resolution_is_brought_to_500_dpi() {
    let mut bytes = sample().to_iso(FingerPosition::Unknown);
    for at in [18, 20] {
        bytes[at..at + 2].copy_from_slice(&394u16.to_be_bytes());
    }
    let read = Template::from_iso(&bytes).unwrap();
    assert_eq!(read.width, 194);
    assert_eq!((read.minutiae[4].x, read.minutiae[4].y), (24, 160));
}
