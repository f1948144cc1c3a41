use super::*;
use crate::{Minutia, MinutiaKind, Template};

/// A finger's minutiae, scattered; `impression` moves, jitters and drops some of them.
fn print(finger: u64, impression: u64) -> Prepared {
    let mut state = finger.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = (finger << 8 ^ impression).wrapping_mul(0xD134_2543_DE82_EF95) | 1;
    let draw = |state: &mut u64, below: u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 33) % below
    };
    let mut minutiae = Vec::new();
    for _ in 0..40 {
        let (x, y, angle) = (
            draw(&mut state, 240),
            draw(&mut state, 280),
            draw(&mut state, 256),
        );
        if impression > 0 && draw(&mut noise, 100) < 15 {
            continue;
        }
        let jitter = |noise: &mut u64| (impression > 0) as u64 * draw(noise, 5);
        minutiae.push(Minutia {
            x: (40 + 6 * impression + x + jitter(&mut noise)) as u16,
            y: (40 + 3 * impression + y + jitter(&mut noise)) as u16,
            angle: (angle + jitter(&mut noise)) as u8,
            kind: MinutiaKind::Ending,
            quality: 60,
        });
    }
    Prepared::new(&Template {
        width: 340,
        height: 380,
        quality: 70,
        minutiae,
    })
}

fn fingers(person: u64, impression: u64) -> Vec<(FingerPosition, Prepared)> {
    vec![
        (FingerPosition::RightIndex, print(2 * person, impression)),
        (FingerPosition::LeftIndex, print(2 * person + 1, impression)),
    ]
}

fn filled(persons: u64, exhaustive_max: usize) -> Gallery {
    let mut gallery = Gallery::new(SearchPolicy {
        exhaustive_max,
        ..SearchPolicy::default()
    });
    for person in 0..persons {
        gallery.insert(EntryId(person as u32), &fingers(person, 0));
    }
    gallery
}

#[test]
fn the_right_person_is_first_and_nobody_else_is_named() {
    let gallery = filled(60, 2000);
    for person in (0..60).step_by(7) {
        let search = gallery.search(&fingers(person, 1));
        assert!(search.exhaustive && search.compared == 60);
        let ids: Vec<u32> = search.candidates.iter().map(|c| c.id.0).collect();
        assert_eq!(ids, [person as u32]);
        assert_eq!(search.candidates[0].per_finger.len(), 2);
    }
    assert!(gallery.identify(&fingers(1000, 1)).is_empty());
    assert!(gallery.identify(&[]).is_empty());
}

#[test]
fn the_screen_keeps_what_the_full_search_finds() {
    let (screened, full) = (filled(400, 100), filled(400, 1000));
    let mut found = 0;
    for person in (0..400).step_by(11) {
        let probe = fingers(person, 1);
        let search = screened.search(&probe);
        assert!(!search.exhaustive && search.compared <= SCREENED_MIN);
        let complete = full.search(&probe).candidates;
        assert!(search.candidates.iter().all(|c| complete.contains(c)));
        found += usize::from(search.candidates == complete);
    }
    assert_eq!(found, 37);
}

#[test]
fn an_unknown_finger_is_compared_with_all() {
    let mut gallery = filled(30, 2000);
    gallery.insert(EntryId(99), &[(FingerPosition::Unknown, print(77_000, 0))]);
    let probe = |position, finger| [(position, print(finger, 1))];
    assert_eq!(
        gallery.identify(&probe(FingerPosition::Unknown, 11))[0].id,
        EntryId(5)
    );
    assert_eq!(
        gallery.identify(&probe(FingerPosition::LeftThumb, 77_000))[0].id,
        EntryId(99)
    );
    assert!(
        gallery
            .identify(&probe(FingerPosition::RightThumb, 11))
            .is_empty()
    );
}
