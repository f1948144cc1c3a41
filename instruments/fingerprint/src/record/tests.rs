#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;
use crate::template::{Minutia, MinutiaKind, Template};

mod garbled;
mod layout;

use TemplateFormat::{Ansi2004, Ansi2009, CardCompact, CardNormal, Iso2005, Iso2011, Own};

/// The formats that hold several views.
const RECORDS: [TemplateFormat; 5] = [Own, Iso2005, Iso2011, Ansi2004, Ansi2009];

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

/// Three views of two fingers, each taken otherwise.
fn several() -> Record {
    let view = |position, impression, quality| View {
        impression,
        ..View::of(
            &Template {
                quality,
                ..sample()
            },
            position,
        )
    };
    Record {
        views: vec![
            view(FingerPosition::RightThumb, Impression::LivePlain, 77),
            view(FingerPosition::RightThumb, Impression::InkRolled, 5),
            view(FingerPosition::LeftIndex, Impression::Swipe, 0),
        ],
    }
}

/// The record with angles as a format keeps them.
fn with_angles(mut record: Record, kept: fn(u8) -> u8) -> Record {
    let views = record.views.iter_mut();
    for m in views.flat_map(|v| v.template.minutiae.iter_mut()) {
        m.angle = kept(m.angle);
    }
    record
}

/// Nearest multiple of 2° and back, by the definition.
fn in_two_degrees(step: u8) -> u8 {
    let units = (f64::from(step) * 1.40625 / 2.0).round() % 180.0;
    (units * 2.0 / 1.40625).round() as u8
}

#[test]
fn every_record_format_gives_several_views_back() {
    for format in RECORDS {
        let bytes = write(&several(), format).unwrap();
        assert_eq!(TemplateFormat::detect(&bytes), Some(format));
        let expected = match format {
            Ansi2004 | Ansi2009 => with_angles(several(), in_two_degrees),
            Own | Iso2005 | Iso2011 | CardNormal | CardCompact => several(),
        };
        assert_eq!(read(&bytes).unwrap(), expected, "{format}");
    }
}

#[test]
fn all_angles_survive_their_units() {
    for step in 0..=255u8 {
        let units = minutiae::two_degrees_of_step(step);
        assert!(units < 180);
        let off = minutiae::step_of_two_degrees(units).wrapping_sub(step);
        assert!(off.min(off.wrapping_neg()) <= 1, "{step}");
    }
    for units in 0..180u8 {
        let step = minutiae::step_of_two_degrees(units);
        assert_eq!(minutiae::two_degrees_of_step(step), units);
        let degrees = f64::from(step) * 1.40625 - f64::from(units) * 2.0;
        assert!(degrees.abs() <= 0.71, "{units}: {degrees}");
    }
}

#[test]
fn endings_come_back_to_their_place_also_at_the_edge() {
    let at = |x, y, angle| Minutia {
        x,
        y,
        angle,
        kind: MinutiaKind::Ending,
        quality: 9,
    };
    for angle in 0..=255u8 {
        let template = Template {
            width: 300,
            height: 400,
            quality: 50,
            minutiae: vec![at(150, 200, angle), at(4, 396, angle)],
        };
        let record = Record {
            views: vec![View::of(&template, FingerPosition::Unknown)],
        };
        for format in [Iso2005, Iso2011] {
            assert_eq!(read(&write(&record, format).unwrap()).unwrap(), record);
        }
        // What lies on the edge is not pushed out of the image.
        let corner = Template {
            minutiae: vec![at(0, 0, angle), at(300, 400, angle)],
            ..template
        };
        let once = Template::from_iso(&corner.to_iso(FingerPosition::Unknown)).unwrap();
        let twice = Template::from_iso(&once.to_iso(FingerPosition::Unknown)).unwrap();
        assert_eq!(once, twice);
        for (m, was) in once.minutiae.iter().zip(&corner.minutiae) {
            assert!(m.x.abs_diff(was.x) <= 4 && m.y.abs_diff(was.y) <= 4);
        }
    }
}

#[test]
fn cards_keep_places_within_their_unit() {
    let one = Record {
        views: several().views[..1].to_vec(),
    };
    for (format, bytes, px, steps) in [(CardNormal, 5, 0, 0), (CardCompact, 3, 2, 2)] {
        let written = write(&one, format).unwrap();
        assert_eq!(written.len(), 40 * bytes);
        assert_eq!(TemplateFormat::detect(&written), None);
        let card = read_as(&written, format).unwrap();
        for (m, was) in card.views[0]
            .template
            .minutiae
            .iter()
            .zip(&sample().minutiae)
        {
            assert!(m.x.abs_diff(was.x) <= px && m.y.abs_diff(was.y) <= px);
            let off = m.angle.wrapping_sub(was.angle);
            assert!(off.min(off.wrapping_neg()) <= steps);
            assert_eq!((m.kind, m.quality), (was.kind, 0));
        }
        // Wrapped as a card hands it out.
        let mut wrapped = vec![0x7F, 0x2E, 0x81, (written.len() + 3) as u8];
        wrapped.extend_from_slice(&[0x81, 0x81, written.len() as u8]);
        wrapped.extend_from_slice(&written);
        assert_eq!(read_as(&wrapped, format).unwrap(), card, "{format}");
    }
}

#[test]
fn a_print_too_wide_for_a_compact_card_is_moved_to_the_corner() {
    let far = |x| Minutia {
        x,
        y: 100,
        angle: 0,
        kind: MinutiaKind::Other,
        quality: 50,
    };
    let template = Template {
        width: 1000,
        height: 400,
        quality: 50,
        minutiae: vec![far(400), far(700), far(990)],
    };
    let record = Record {
        views: vec![View::of(&template, FingerPosition::Unknown)],
    };
    let card = write(&record, CardCompact).unwrap();
    let xs: Vec<u8> = card.chunks(3).map(|m| m[0]).collect();
    // 300 px are 15.24 mm; 590 px are 29.97 mm, over the 25.5 that a byte holds.
    assert_eq!(xs, [0, 153]);
}

#[test]
fn records_that_a_format_cannot_hold_are_refused() {
    let none = Record { views: vec![] };
    let many = Record {
        views: vec![several().views[0].clone(); 17],
    };
    for format in TemplateFormat::ALL {
        assert_eq!(write(&none, format), Err(WriteError::NoView));
    }
    for format in [Iso2005, Iso2011, Ansi2004, Ansi2009] {
        let position = FingerPosition::RightThumb;
        let refused = Err(WriteError::TooManyOfOneFinger { position });
        assert_eq!(write(&many, format), refused);
    }
    assert_eq!(read(&write(&many, Own).unwrap()).unwrap(), many);
    let refused = Err(WriteError::OneViewOnly { views: 17 });
    assert_eq!(write(&many, CardNormal), refused);
}

#[test]
fn names_are_read_back() {
    for format in TemplateFormat::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let wrong: Result<TemplateFormat, _> = "iso".parse();
    let said = wrong.unwrap_err().to_string();
    assert!(said.contains("iso2005, iso2011, ansi2004"), "{said}");
}

#[test]
fn impressions_have_the_codes_of_each_standard() {
    use Impression::{Contactless, InkPlain, LatentLift, LivePlain, LiveRolled, Other, Unknown};
    assert_eq!(Contactless.code_ansi2004(), 9);
    assert_eq!(Contactless.code_ansi2009(), 24);
    assert_eq!(Contactless.code_2005(), 0);
    assert_eq!(LatentLift.code_2005(), InkPlain.code());
    assert_eq!(Impression::from_ansi2009(21), LiveRolled);
    assert_eq!(Impression::from_ansi2009(20), LivePlain);
    assert_eq!(Impression::from_ansi2009(10), Other);
    assert_eq!(Impression::from_code(200), Unknown);
}

#[test]
fn the_foreground_travels_in_our_own_form_alone() {
    let foreground = Foreground::from_rows(16, vec![(0, 0), (3, 9), (2, 10), (4, 4)]);
    let view = View {
        foreground: foreground.clone(),
        ..View::of(&sample(), FingerPosition::LeftLittle)
    };
    let record = Record { views: vec![view] };
    let kept = read(&write(&record, Own).unwrap()).unwrap();
    assert_eq!(kept, record);
    let skin = foreground.unwrap();
    assert!(skin.covers(3 * 16, 16) && !skin.covers(9 * 16, 16));
    assert!(!skin.covers(0, 0) && !skin.covers(4 * 16, 3 * 16) && !skin.covers(60, 900));
    let through = read(&write(&record, Iso2005).unwrap()).unwrap();
    assert_eq!(through.views[0].foreground, None);
}

#[test]
fn a_full_print_in_our_own_form_stays_under_600_bytes() {
    let minutiae = (0..94u16)
        .map(|i| Minutia {
            x: 4 * i,
            y: 3 * i,
            angle: i as u8,
            kind: MinutiaKind::Ending,
            quality: 50,
        })
        .collect();
    let template = Template {
        width: 388,
        height: 374,
        quality: 60,
        minutiae,
    };
    let view = View {
        foreground: Foreground::from_rows(16, vec![(1, 20); 24]),
        ..View::of(&template, FingerPosition::LeftThumb)
    };
    let bytes = write(&Record { views: vec![view] }, Own).unwrap();
    // Header 6, view 12, foreground 48, 94 minutiae of 35 bits, checksum 4.
    assert_eq!(bytes.len(), 6 + 12 + 48 + (94usize * 35).div_ceil(8) + 4);
}
