#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;

fn sample() -> Template {
    let kinds = [
        MinutiaKind::Ending,
        MinutiaKind::Bifurcation,
        MinutiaKind::Other,
    ];
    let minutiae = (0..40u16)
        .map(|i| Minutia {
            x: 20 + i * 7,
            y: 340 - i * 5,
            angle: (i * 37 % 256) as u8,
            kind: kinds[i as usize % 3],
            quality: (i * 2 + 1) as u8,
        })
        .collect();
    Template {
        width: 388,
        height: 374,
        quality: 77,
        minutiae,
    }
}

#[test]
fn writing_and_reading_gives_the_template_back() {
    let bytes = sample().to_iso(FingerPosition::LeftThumb);
    assert_eq!(bytes.len(), 30 + 6 * 40);
    assert_eq!(Template::from_iso(&bytes).unwrap(), sample());
    assert_eq!(
        read(&bytes).unwrap().views[0].position,
        FingerPosition::LeftThumb
    );
}

#[test]
fn fields_lie_where_the_standard_puts_them() {
    let template = Template {
        width: 300,
        height: 400,
        quality: 90,
        minutiae: vec![Minutia {
            x: 0x123,
            y: 0x145,
            angle: 64,
            kind: MinutiaKind::Bifurcation,
            quality: 50,
        }],
    };
    let expected = [
        b'F', b'M', b'R', 0, b' ', b'2', b'0', 0, 0, 0, 0, 36, 0, 0, 1, 44, 1, 144, 0, 197, 0, 197,
        1, 0, // header
        2, 0, 90, 1, // right index, view 0, plain live-scan, quality, count
        0x81, 0x23, 0x01, 0x45, 64, 50, // bifurcation, 90° is 64 units
        0, 0,
    ];
    assert_eq!(template.to_iso(FingerPosition::RightIndex), expected);
}

#[test]
fn several_views_and_extended_data_are_read() {
    let (one, two) = (
        sample(),
        Template {
            quality: 5,
            ..sample()
        },
    );
    let views = [
        View::of(&one, FingerPosition::RightThumb),
        View::of(&two, FingerPosition::RightThumb),
        View::of(&one, FingerPosition::LeftIndex),
    ];
    let mut bytes = write(&views);
    assert_eq!(
        bytes[24 + 246 + 1] >> 4,
        1,
        "second view of the same finger is numbered 1"
    );
    assert_eq!(read(&bytes).unwrap().views, views);
    let end = bytes.len();
    bytes[end - 1] = 3;
    bytes.extend_from_slice(&[1, 2, 3]);
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    assert_eq!(read(&bytes).unwrap().views.len(), 3);
}

#[test]
fn another_resolution_is_brought_to_500_dpi() {
    let mut bytes = sample().to_iso(FingerPosition::Unknown);
    bytes[18..20].copy_from_slice(&394u16.to_be_bytes());
    bytes[20..22].copy_from_slice(&394u16.to_be_bytes());
    let read = Template::from_iso(&bytes).unwrap();
    assert_eq!(
        (read.width, read.minutiae[4].x, read.minutiae[4].y),
        (194, 24, 160)
    );
}

#[test]
fn bad_records_are_refused_by_name() {
    let good = sample().to_iso(FingerPosition::Unknown);
    let changed = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        read(&bytes)
    };
    assert_eq!(read(b"FMR"), Err(IsoError::NotARecord));
    assert_eq!(changed(5, b'3'), Err(IsoError::NotARecord));
    assert!(matches!(read(&good[..100]), Err(IsoError::Length { .. })));
    assert_eq!(changed(18, 9), Err(IsoError::Resolution { per_cm: 2501 }));
    assert_eq!(changed(22, 0), Err(IsoError::NoView));
    assert_eq!(
        changed(22, 2),
        Err(IsoError::CutShort {
            field: "view header"
        })
    );
    assert_eq!(changed(24, 11), Err(IsoError::Position { code: 11 }));
    assert_eq!(
        changed(27, 255),
        Err(IsoError::CutShort { field: "minutiae" })
    );
    assert_eq!(
        changed(28, 0x7F),
        Err(IsoError::OutsideImage { view: 0, index: 0 })
    );
}

#[test]
fn damaged_records_never_panic() {
    let good = write(&[
        View::of(&sample(), FingerPosition::RightThumb),
        View::of(&sample(), FingerPosition::LeftThumb),
    ]);
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut read_well = 0;
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + next() % 4 {
            let at = (next() % bytes.len() as u64) as usize;
            bytes[at] = next() as u8;
        }
        if next() % 5 == 0 {
            bytes.truncate((next() % bytes.len() as u64) as usize);
        }
        if let Ok(record) = read(&bytes) {
            read_well += 1;
            assert!(
                record
                    .views
                    .iter()
                    .all(|v| v.template.minutiae.len() <= MINUTIAE_MAX)
            );
        }
    }
    assert!(read_well > 1000, "mutations reach the body");
}
