#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::{FingerPosition, Instant, Method, RefusalReason};
use pollbook::DayCodes;

use super::*;

fn heading() -> Heading {
    Heading {
        precinct: 1001,
        day: lexicon::Date::constant(2015, 10, 4),
        offset_minutes: 360,
        kit: "K2".to_owned(),
        release: 7,
        root: "7c1e90ab44d2".to_owned(),
    }
}

fn paper(width: Width) -> ReceiptPaper {
    let day = DayCodes::new(&[5; 32], &[]);
    ReceiptPaper {
        heading: heading(),
        width,
        receipt: "K2-0139".to_owned(),
        page: 17,
        line: 412,
        at: Instant::parse("2015-10-04T10:47:08+06:00").unwrap(),
        method: Method::Finger,
        finger: FingerPosition::new(2),
        mark: day.mark(),
        code: day.code(412),
        event: (0..210u8).collect(),
        copy: 0,
        is_void: false,
    }
}

/// Writes the papers for a look when a folder is named: `TIZME_PAPERS=/tmp/papers`.
fn keep(job: &Job) {
    if let Some(folder) = std::env::var_os("TIZME_PAPERS") {
        std::fs::write(
            std::path::Path::new(&folder)
                .join(&job.name)
                .with_extension("png"),
            job.bitmap.png(),
        )
        .unwrap();
    }
}

#[test]
fn a_receipt_fits_both_papers_and_its_code_is_the_event() {
    for (width, length_mm_max) in [(Width::Mm80, 160), (Width::Mm58, 160)] {
        let job = receipt(&paper(width));
        assert_eq!(job.bitmap.width(), width.dots());
        assert!(
            job.bitmap.height() / 8 <= length_mm_max,
            "{} mm",
            job.bitmap.height() / 8
        );
        keep(&Job {
            name: format!("{}-{:?}", job.name, width),
            ..job
        });
    }
    let event = paper(Width::Mm80).event;
    assert_eq!(base45::decode(base45_of(&event)).unwrap(), event);
}

#[test]
fn a_copy_and_a_void_receipt_look_different() {
    let first = receipt(&paper(Width::Mm80));
    let copy = receipt(&ReceiptPaper {
        copy: 1,
        ..paper(Width::Mm80)
    });
    let void = receipt(&ReceiptPaper {
        is_void: true,
        ..paper(Width::Mm80)
    });
    assert!(
        first.bitmap != copy.bitmap && first.bitmap != void.bitmap && copy.bitmap != void.bitmap
    );
    assert_eq!(copy.name, "receipt-K2-0139-copy1");
}

#[test]
fn a_slip_and_the_day_table_are_drawn() {
    let slip = refusal(&RefusalPaper {
        heading: heading(),
        at: Instant::parse("2015-10-04T11:02:40+06:00").unwrap(),
        seq: 9,
        reason: RefusalReason::NotHere,
        go_to: Some(1014),
        kit: None,
    });
    assert!(slip.bitmap.height() > 300);
    keep(&slip);
    keep(&day_table(&heading(), &DayCodes::new(&[5; 32], &[])));
}

#[test]
fn the_stream_holds_every_row_between_start_and_cut() {
    let bitmap = Bitmap::new(384, 600);
    let stream = escpos(&bitmap);
    assert_eq!(&stream[..6], &[0x1b, b'@', 0x1d, b'v', b'0', 0]);
    assert_eq!(stream.len(), 2 + 3 * 8 + 600 * 48 + 6);
    assert_eq!(&stream[stream.len() - 3..], &[0x1d, b'V', 1]);
}
