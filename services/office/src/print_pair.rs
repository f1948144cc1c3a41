//! Two prints side by side: which finger to show, which minutiae met, where each one lies.

use fingerprint::{MinutiaKind, Prepared, Score, Template, compare};
use lexicon::FingerPosition;
use store::Prints;

/// One finger that both records have.
#[derive(Clone, Debug)]
pub struct PairedFinger {
    /// Which.
    pub finger: FingerPosition,
    /// How much alike.
    pub score: Score,
    /// Of the first record.
    pub first: Print,
    /// Of the second record.
    pub second: Print,
    /// Minutiae that met.
    pub met: usize,
}

/// A print as it is drawn.
#[derive(Clone, Debug)]
pub struct Print {
    /// Columns at 500 dpi.
    pub width: u16,
    /// Rows at 500 dpi.
    pub height: u16,
    /// Quality 0 to 100.
    pub quality: u8,
    /// Its minutiae.
    pub marks: Vec<Mark>,
}

/// A minutia as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Pixels from the left.
    pub x: u16,
    /// Pixels from the top.
    pub y: u16,
    /// Steps of 1/256 turn, counter-clockwise from the right.
    pub angle: u8,
    /// Ending, bifurcation or other.
    pub kind: MinutiaKind,
    /// Its number among those that met, from 1; none: only on this print.
    pub number: Option<u16>,
}

/// The prints of a record by finger, the best quality of each; unreadable ones are left out.
fn best(prints: &[Prints]) -> Vec<(FingerPosition, Template)> {
    let mut out: Vec<(FingerPosition, Template)> = Vec::new();
    for (finger, bytes) in prints.iter().flat_map(|capture| &capture.fingers) {
        let Ok(template) = Template::from_iso(bytes) else {
            continue;
        };
        match out.iter_mut().find(|(known, _)| known == finger) {
            Some((_, kept)) if kept.quality >= template.quality => {}
            Some((_, kept)) => *kept = template,
            None => out.push((*finger, template)),
        }
    }
    out.sort_by_key(|(finger, _)| *finger);
    out
}

/// The minutiae in the order of [`Prepared::points`], which the pairs of a comparison name.
fn marks(template: &Template, prepared: &Prepared) -> Vec<Mark> {
    prepared
        .points()
        .map(|(x, y, angle)| {
            let kind = template
                .minutiae
                .iter()
                .find(|m| (m.x, m.y, m.angle) == (x, y, angle))
                .map_or(MinutiaKind::Other, |m| m.kind);
            Mark {
                x,
                y,
                angle,
                kind,
                number: None,
            }
        })
        .collect()
}

/// Every finger that two records have in common, by number.
#[must_use]
pub fn pair(first: &[Prints], second: &[Prints]) -> Vec<PairedFinger> {
    let others = best(second);
    best(first)
        .into_iter()
        .filter_map(|(finger, a)| {
            let (_, b) = others.iter().find(|(known, _)| *known == finger)?;
            let (pa, pb) = (Prepared::new(&a), Prepared::new(b));
            let comparison = compare(&pa, &pb);
            let (mut ma, mut mb) = (marks(&a, &pa), marks(b, &pb));
            for (number, (of_a, of_b)) in (1u16..).zip(&comparison.pairs) {
                if let Some(mark) = ma.get_mut(usize::from(*of_a)) {
                    mark.number = Some(number);
                }
                if let Some(mark) = mb.get_mut(usize::from(*of_b)) {
                    mark.number = Some(number);
                }
            }
            let print = |template: &Template, marks| Print {
                width: template.width,
                height: template.height,
                quality: template.quality,
                marks,
            };
            Some(PairedFinger {
                finger,
                score: comparison.score,
                met: comparison.pairs.len(),
                first: print(&a, ma),
                second: print(b, mb),
            })
        })
        .collect()
}

/// The finger with the highest score, which is shown when none is asked for.
#[must_use]
pub fn shown(pairs: &[PairedFinger], asked: Option<u8>) -> Option<&PairedFinger> {
    let wanted = asked.and_then(|n| pairs.iter().find(|p| p.finger.number() == n));
    wanted.or_else(|| pairs.iter().max_by_key(|p| (p.score, p.met)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use fingerprint::{FingerPosition as Position, Minutia};
    use lexicon::PersonId;

    use super::*;

    fn record(seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let minutiae = (0..34)
            .map(|at| Minutia {
                x: u16::try_from(20 + next(260)).unwrap(),
                y: u16::try_from(20 + next(360)).unwrap(),
                angle: u8::try_from(next(256)).unwrap(),
                kind: if at % 2 == 0 {
                    MinutiaKind::Ending
                } else {
                    MinutiaKind::Bifurcation
                },
                quality: 60,
            })
            .collect();
        let template = Template {
            width: 300,
            height: 400,
            quality: 55,
            minutiae,
        };
        template.to_iso(Position::RightIndex)
    }

    fn prints(fingers: &[(u8, u64)]) -> Vec<Prints> {
        vec![Prints {
            person: PersonId::of_source("test", "1"),
            enrolment: "E1".to_owned(),
            fingers: fingers
                .iter()
                .map(|(n, seed)| (FingerPosition::new(*n).unwrap(), record(*seed)))
                .collect(),
        }]
    }

    #[test]
    fn the_same_finger_meets_in_numbered_points_and_another_hardly() {
        let (a, b) = (
            prints(&[(2, 7), (3, 8)]),
            prints(&[(2, 7), (3, 99), (6, 1)]),
        );
        let pairs = pair(&a, &b);
        let fingers: Vec<u8> = pairs.iter().map(|p| p.finger.number()).collect();
        assert_eq!(fingers, [2, 3]);
        assert!(pairs[0].met > 20, "{}", pairs[0].met);
        assert!(pairs[0].score > pairs[1].score);
        let numbered = |print: &Print| print.marks.iter().filter(|m| m.number.is_some()).count();
        assert_eq!(numbered(&pairs[0].first), pairs[0].met);
        assert_eq!(numbered(&pairs[0].second), pairs[0].met);
        // Equal records: point n of one is point n of the other.
        for mark in pairs[0].first.marks.iter().filter(|m| m.number.is_some()) {
            let twin = pairs[0]
                .second
                .marks
                .iter()
                .find(|m| m.number == mark.number);
            assert_eq!(twin.map(|t| (t.x, t.y)), Some((mark.x, mark.y)));
        }
        assert_eq!(shown(&pairs, None).unwrap().finger.number(), 2);
        assert_eq!(shown(&pairs, Some(3)).unwrap().finger.number(), 3);
        assert_eq!(shown(&pairs, Some(9)).unwrap().finger.number(), 2);
    }
}
