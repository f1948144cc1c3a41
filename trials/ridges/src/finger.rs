//! Fingers, pattern classes and how a person's finger gets its seed.

use crate::exact::{Draw, Lane};

/// One of the ten fingers, numbered as in ISO/IEC 19794-2: 1 right thumb to 5 right little
/// finger, 6 left thumb to 10 left little finger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u8);

impl Position {
    /// All ten fingers in the order of the standard.
    pub const ALL: [Position; 10] = [
        Position(1),
        Position(2),
        Position(3),
        Position(4),
        Position(5),
        Position(6),
        Position(7),
        Position(8),
        Position(9),
        Position(10),
    ];

    /// The finger with this number, or `None` outside 1 to 10.
    pub fn new(number: u8) -> Option<Position> {
        (1..=10).contains(&number).then_some(Position(number))
    }

    /// The number of ISO/IEC 19794-2, 1 to 10.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether the finger is of the right hand.
    pub fn is_right(self) -> bool {
        self.0 <= 5
    }

    /// 0 thumb, 1 index, 2 middle, 3 ring, 4 little finger.
    pub(crate) fn digit(self) -> usize {
        usize::from((self.0 - 1) % 5)
    }
}

/// The class of a ridge pattern. *Left* and *right* say to which side of the image a loop opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternClass {
    /// Ridges rise and fall; no singular point.
    Arch,
    /// An arch with an upright core over a delta.
    TentedArch,
    /// One core; the ridges enter and leave on the left, the delta is on the right.
    LeftLoop,
    /// One core; the ridges enter and leave on the right, the delta is on the left.
    RightLoop,
    /// Two cores close together between two deltas.
    Whorl,
    /// Two cores far apart between two deltas.
    DoubleLoop,
}

/// Shares in per mille for thumb, index, middle, ring and little finger:
/// arch, tented arch, ulnar loop, radial loop, whorl, double loop.
///
/// ASSUMED: rounded after the order of published police tabulations (loops about 65 %, whorls
/// about 30 %, arches about 5 %, radial loops nearly only on index fingers, whorls most on thumbs
/// and ring fingers). Not a count of Kyrgyz fingers.
const SHARES: [[u16; 6]; 5] = [
    [25, 10, 550, 5, 330, 80],
    [60, 55, 360, 195, 290, 40],
    [60, 25, 725, 25, 145, 20],
    [18, 8, 555, 9, 385, 25],
    [12, 8, 845, 5, 115, 15],
];

impl PatternClass {
    /// Draws the class of a finger with the natural shares of its position.
    pub(crate) fn draw(seed: u64, position: Position) -> PatternClass {
        let mut ticket = (Draw::new(seed, Lane::Class).unit() * 1000.0) as u16;
        let mut column = 0;
        for (index, share) in SHARES[position.digit()].iter().enumerate() {
            column = index;
            if ticket < *share {
                break;
            }
            ticket -= share;
        }
        match column {
            0 => PatternClass::Arch,
            1 => PatternClass::TentedArch,
            // An ulnar loop opens to the little finger: to the right on a right hand's image.
            2 if position.is_right() => PatternClass::RightLoop,
            2 => PatternClass::LeftLoop,
            3 if position.is_right() => PatternClass::LeftLoop,
            3 => PatternClass::RightLoop,
            4 => PatternClass::Whorl,
            _ => PatternClass::DoubleLoop,
        }
    }
}

/// The seed of one finger of one person: the same three values always give the same finger.
pub fn finger_seed(country_seed: u64, person_number: u64, position: Position) -> u64 {
    const TAG: u64 = u64::from_le_bytes(*b"finger\0\0");
    Draw::keyed([country_seed, person_number, u64::from(position.0), TAG]).bits()
}

#[cfg(test)]
mod tests;
