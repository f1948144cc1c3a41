//! Bytes of anyone: named refusals, and no panic for any.

use super::*;

#[test]
fn bad_records_are_refused_by_name_and_place() {
    let good = sample().to_iso(FingerPosition::Unknown);
    let changed = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        read_as(&bytes, Iso2005)
    };
    let not_one = Err(RecordError::NotARecord { expected: Iso2005 });
    assert_eq!(read(b"FMR"), Err(RecordError::UnknownFormat));
    assert_eq!(read_as(b"FMR", Iso2005), not_one);
    assert_eq!(changed(5, b'3'), not_one);
    let got = 100;
    let stated = good.len() as u32;
    assert_eq!(read(&good[..100]), Err(RecordError::Length { stated, got }));
    assert_eq!(
        changed(18, 9),
        Err(RecordError::Resolution {
            per_cm: 2501,
            at: 18
        })
    );
    assert_eq!(changed(22, 0), Err(RecordError::NoView));
    assert_eq!(
        changed(22, 2),
        Err(RecordError::CutShort {
            field: "view header",
            at: good.len(),
            needed: 4,
            left: 0
        })
    );
    let (view, at) = (0, 24);
    assert_eq!(
        changed(24, 11),
        Err(RecordError::Position { code: 11, view, at })
    );
    assert_eq!(
        changed(27, 255),
        Err(RecordError::CutShort {
            field: "minutiae",
            at: 28,
            needed: 255 * 6,
            left: 40 * 6 + 2
        })
    );
    let (view, index, at) = (0, 1, 34);
    assert_eq!(
        changed(34, 0x7F),
        Err(RecordError::OutsideImage { view, index, at })
    );
}

#[test]
fn an_angle_over_358_degrees_is_refused() {
    let mut bytes = write(&several(), Ansi2004).unwrap();
    bytes[30 + 4] = 180;
    let (view, index, at) = (0, 0, 34);
    let angle = 180;
    assert_eq!(
        read(&bytes),
        Err(RecordError::Angle {
            angle,
            view,
            index,
            at
        })
    );
}

#[test]
fn our_own_form_refuses_damage_and_the_future() {
    let good = write(&several(), Own).unwrap();
    for at in 5..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        assert_eq!(read(&bytes), Err(RecordError::Checksum), "byte {at}");
    }
    let mut newer = good.clone();
    newer[4] = 2;
    let (found, known) = (2, 1);
    let refusal = RecordError::UnknownVersion { found, known };
    assert_eq!(read(&newer), Err(refusal.clone()));
    assert_eq!(
        refusal.to_string(),
        "template form has version 2, this program reads version 1"
    );
    assert!(read(&good[..good.len() - 1]).is_err());
    assert_eq!(read(&good[..8]), Err(RecordError::Checksum));
}

/// A generator that needs no crate; any seed but 0.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Cut, flipped, extended, repeated, or with huge counts.
fn garbled(good: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=chance.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = chance.below(bytes.len());
        match chance.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.extend((0..chance.below(600)).map(|i| i as u8)),
            2 => bytes[at..].iter_mut().take(4).for_each(|b| *b = 0xFF),
            3 => {
                let again = bytes[at..].to_vec();
                bytes.extend(again);
            }
            4 => {
                let end = (at + 1 + chance.below(9)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => bytes[at] = chance.next() as u8,
        }
    }
    bytes
}

/// Makes the checksum of our own form right, so that damage reaches what stands behind it.
fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(b"TZT\0") && bytes.len() > 10 {
        let end = bytes.len() - 4;
        let sum = super::layout::bit_by_bit(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum.to_be_bytes());
    }
    bytes
}

#[test]
fn garbled_bytes_never_panic_and_what_is_read_is_kept() {
    for format in TemplateFormat::ALL {
        let record = match format {
            CardNormal | CardCompact => Record {
                views: several().views[..1].to_vec(),
            },
            Own | Iso2005 | Iso2011 | Ansi2004 | Ansi2009 => several(),
        };
        let good = write(&record, format).unwrap();
        let mut chance = Chance(0x2545_F491_4F6C_DD1D + format as u64);
        let (mut taken, rounds) = (0, 8_000);
        for round in 0..rounds {
            let bytes = mended(garbled(&good, &mut chance));
            // Any bytes meet the reader that is guessed and this one.
            let _ = read(&bytes);
            let Ok(first) = read_as(&bytes, format) else {
                continue;
            };
            taken += 1;
            let minutiae = first.views.iter().map(|v| v.template.minutiae.len());
            assert!(minutiae.sum::<usize>() <= 2 * bytes.len());
            stands_again(&first, format, round);
        }
        assert!(taken > rounds / 20, "{format}: {taken} reach the body");
    }
}

/// What was read once is written and read alike from then on.
fn stands_again(first: &Record, format: TemplateFormat, round: u32) {
    let Ok(bytes) = write(first, format) else {
        return;
    };
    let second = read_as(&bytes, format).unwrap();
    let third = read_as(&write(&second, format).unwrap(), format).unwrap();
    assert_eq!(second, third, "{format}, round {round}");
    let count = |record: &Record| record.views.len();
    assert_eq!(count(first), count(&second), "{format}, round {round}");
}

#[test]
fn huge_counts_cost_no_memory() {
    // 65,535 views of nothing, and lengths of four gigabytes.
    for format in RECORDS {
        let mut bytes = write(&several(), format).unwrap();
        let end = bytes.len().min(40);
        for at in 8..end {
            let kept: Vec<u8> = bytes[at..at + 1].to_vec();
            bytes[at] = 0xFF;
            let _ = read_as(&mended(bytes.clone()), format);
            bytes[at] = kept[0];
        }
        bytes[8..].iter_mut().for_each(|b| *b = 0xFF);
        assert!(read_as(&mended(bytes), format).is_err());
    }
}
