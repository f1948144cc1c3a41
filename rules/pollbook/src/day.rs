//! The day mark and the day codes: what an officer checks on a receipt without a device.
//!
//! Both come from the sealed day key of the package, so nobody knows them before the package opens,
//! and all kits of a precinct show the same. A quick filter: the signature in the QR is the proof.

use lexicon::handover::envelope::sha256;

/// How many pictograms there are.
pub const MARKS: u8 = 64;

/// The letters of day codes: none can be taken for another by handwriting or eye.
pub const LETTERS: [char; 17] = [
    'А', 'Б', 'Г', 'Д', 'Ж', 'К', 'Л', 'М', 'Н', 'П', 'Р', 'С', 'Т', 'Ф', 'Ш', 'Э', 'Я',
];

/// What is drawn and looked up on one election day at one precinct.
#[derive(Clone, PartialEq, Eq)]
pub struct DayCodes {
    mark: u8,
    cells: Vec<[char; 2]>,
}

fn draw(key: &[u8; 32], what: &[u8], cell: u8, round: u8) -> [u8; 32] {
    let mut text = b"kg1/day".to_vec();
    text.extend_from_slice(key);
    text.extend_from_slice(what);
    text.extend_from_slice(&[cell, round]);
    sha256(&text)
}

impl DayCodes {
    /// Works the codes out of the day key; pairs in `banned` are drawn again.
    #[must_use]
    pub fn new(day_key: &[u8; 32], banned: &[&str]) -> Self {
        let mark = draw(day_key, b"mark", 0, 0)[0] % MARKS;
        let cells = (0..100u8)
            .map(|cell| {
                (0..=u8::MAX)
                    .map(|round| {
                        let drawn = draw(day_key, b"cell", cell, round);
                        // 255 is 15 × 17, so a byte of 0 to 254 falls evenly on the letters.
                        let mut fair = drawn
                            .iter()
                            .filter(|byte| **byte < 255)
                            .map(|byte| *byte % 17);
                        let mut letter = || LETTERS[usize::from(fair.next().unwrap_or(0))];
                        [letter(), letter()]
                    })
                    .find(|pair| !banned.contains(&pair.iter().collect::<String>().as_str()))
                    .unwrap_or(['А', 'Б'])
            })
            .collect();
        Self { mark, cells }
    }

    /// The pictogram's number, 0 to 63.
    #[must_use]
    pub fn mark(&self) -> u8 {
        self.mark
    }

    /// The code of a line: the cell of its two last digits.
    #[must_use]
    pub fn code(&self, line: u32) -> String {
        self.cell(u8::try_from(line % 100).unwrap_or(0))
    }

    /// The code in one cell, 0 to 99: row is the tens digit, column the last.
    #[must_use]
    pub fn cell(&self, number: u8) -> String {
        self.cells
            .get(usize::from(number))
            .map(|pair| pair.iter().collect())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_depend_on_the_key_and_hold_no_banned_pair() {
        let one = DayCodes::new(&[1; 32], &[]);
        let two = DayCodes::new(&[2; 32], &[]);
        assert_eq!(one.code(412), one.cell(12));
        assert_eq!(one.code(412), one.code(1012));
        let same = (0..100)
            .filter(|cell| one.cell(*cell) == two.cell(*cell))
            .count();
        assert!(same < 5, "two days share {same} of 100 cells");
        let pair = one.cell(12);
        let without = DayCodes::new(&[1; 32], &[&pair]);
        assert!((0..100).all(|cell| without.cell(cell) != pair));
        assert_eq!(without.mark(), one.mark());
    }
}
