//! Numbers as bitmaps: 5 × 7 dots a digit.

/// Columns of a digit.
const WIDTH: usize = 5;
/// Rows of a digit.
pub(super) const HEIGHT: usize = 7;
/// From one digit to the next.
const ADVANCE: usize = WIDTH + 1;

/// Rows from the top, the highest of five bits is the left dot.
const DIGITS: [[u8; HEIGHT]; 10] = [
    [
        0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110,
    ],
    [
        0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
    ],
    [
        0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
    ],
    [
        0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110,
    ],
    [
        0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010,
    ],
    [
        0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110,
    ],
    [
        0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110,
    ],
    [
        0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000,
    ],
    [
        0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110,
    ],
    [
        0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100,
    ],
];

/// The dots of a number, (column, row) from its upper left corner.
pub(super) fn dots(number: usize) -> impl Iterator<Item = (usize, usize)> {
    let text = number.to_string();
    text.bytes()
        .enumerate()
        .flat_map(|(place, byte)| {
            let rows = DIGITS[usize::from(byte - b'0')];
            (0..HEIGHT).flat_map(move |row| {
                (0..WIDTH)
                    .filter(move |column| rows[row] >> (WIDTH - 1 - column) & 1 == 1)
                    .map(move |column| (place * ADVANCE + column, row))
            })
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// Columns that a number takes.
pub(super) fn width(number: usize) -> usize {
    number.to_string().len() * ADVANCE - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_digits_look_alike_and_none_is_wider_than_said() {
        let drawn: Vec<Vec<_>> = (0..10).map(|n| dots(n).collect()).collect();
        for (n, one) in drawn.iter().enumerate() {
            assert!(!drawn[..n].contains(one), "{n}");
        }
        for number in [1, 47, 128] {
            assert!(dots(number).all(|(x, y)| x < width(number) && y < HEIGHT));
        }
        // Read by eye: a seven is a bar and a stroke down.
        let seven: String = (0..HEIGHT)
            .map(|row| {
                let line = (0..WIDTH).map(|x| {
                    if dots(7).any(|d| d == (x, row)) {
                        '#'
                    } else {
                        '.'
                    }
                });
                line.collect::<String>() + "\n"
            })
            .collect();
        assert_eq!(seven, "#####\n....#\n...#.\n..#..\n.#...\n.#...\n.#...\n");
    }
}
