//! A flat drawn portrait for every enrolled person: a palette PNG of at most 4 KiB.
//!
//! Nobody's face: a few seeded shapes, so that two people side by side are told apart and a
//! screen looks like a screen.

use crate::dice::{Dice, Lane};

/// Columns and rows.
const WIDTH: usize = 120;
const HEIGHT: usize = 150;
/// Samples per side of a pixel.
const FINE: usize = 3;

type Rgb = [u8; 3];

const SKIN: [Rgb; 6] = [
    [0xD3, 0xA2, 0x78],
    [0xE0, 0xB4, 0x8C],
    [0xC6, 0x8F, 0x63],
    [0xEA, 0xC4, 0xA2],
    [0xB9, 0x80, 0x57],
    [0xDB, 0xAA, 0x80],
];
const HAIR: [Rgb; 8] = [
    [0x2E, 0x24, 0x21],
    [0x1F, 0x1B, 0x1A],
    [0x2E, 0x24, 0x21],
    [0x1F, 0x1B, 0x1A],
    [0x3A, 0x2B, 0x27],
    [0x46, 0x32, 0x28],
    [0x6B, 0x4A, 0x32],
    [0x9A, 0x6F, 0x45],
];
const CLOTH: [Rgb; 8] = [
    [0x3F, 0x5A, 0x4F],
    [0x2F, 0x4A, 0x6B],
    [0x7A, 0x3E, 0x48],
    [0x56, 0x4B, 0x66],
    [0x8A, 0x6A, 0x3B],
    [0x3B, 0x6C, 0x74],
    [0x4A, 0x4F, 0x57],
    [0x9A, 0x53, 0x3C],
];
const BACK: [Rgb; 4] = [
    [0xDD, 0xE3, 0xE9],
    [0xE4, 0xE1, 0xDA],
    [0xD9, 0xE5, 0xE0],
    [0xE6, 0xE2, 0xEA],
];

/// Colours of the shapes, by what they are.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Part {
    Back,
    Cloth,
    Collar,
    Skin,
    Shade,
    Hair,
    Eye,
    Brow,
    Lip,
    Scarf,
    Grey,
}

const PARTS: usize = 11;

struct Face {
    female: bool,
    age: i32,
    /// Half width and half height of the head, px.
    head: (f32, f32),
    eye_gap: f32,
    eye_y: f32,
    brow_tilt: f32,
    mouth: (f32, f32),
    nose: f32,
    shoulder: f32,
    style: u32,
    scarf: bool,
    beard: bool,
    glasses: bool,
    colours: [Rgb; PARTS],
}

/// Draws the portrait of a human. `take` changes what changes between two photographs.
pub(crate) fn draw(seed: u64, human: u32, take: u32, female: bool, age: i32) -> Vec<u8> {
    let face = Face::draw(seed, human, take, female, age);
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT);
    let mut palette: Vec<Rgb> = Vec::new();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let colour = quantised(face.pixel(x, y), &face.colours);
            let index = palette
                .iter()
                .position(|c| *c == colour)
                .unwrap_or_else(|| {
                    palette.push(colour);
                    palette.len() - 1
                });
            pixels.push(index.min(255) as u8);
        }
    }
    encode(&pixels, &palette)
}

/// Rounds blends to a coarse grid so that the palette stays small; pure colours stay.
fn quantised(colour: Rgb, pure: &[Rgb; PARTS]) -> Rgb {
    if pure.contains(&colour) {
        colour
    } else {
        colour.map(|v| (v / 24) * 24 + 12)
    }
}

fn darker(colour: Rgb, by: f32) -> Rgb {
    colour.map(|v| (f32::from(v) * by) as u8)
}

impl Face {
    fn draw(seed: u64, human: u32, take: u32, female: bool, age: i32) -> Face {
        let mut dice = Dice::new(seed, Lane::Portrait, u64::from(human));
        let mut now = Dice::new(
            seed,
            Lane::Portrait,
            1 << 40 | u64::from(take) << 32 | u64::from(human),
        );
        let skin = *dice.one(&SKIN);
        let hair = match age {
            ..45 => *dice.one(&HAIR),
            45..62 => {
                if dice.chance(0.4) {
                    [0x8C, 0x88, 0x86]
                } else {
                    *dice.one(&HAIR)
                }
            }
            _ => {
                if dice.chance(0.8) {
                    [0xC9, 0xC7, 0xC4]
                } else {
                    [0x8C, 0x88, 0x86]
                }
            }
        };
        let cloth = *now.one(&CLOTH);
        let mut colours = [[0; 3]; PARTS];
        let mut set = |part: Part, colour: Rgb| colours[part as usize] = colour;
        set(Part::Back, *now.one(&BACK));
        set(Part::Cloth, cloth);
        set(Part::Collar, darker(cloth, 0.72));
        set(Part::Skin, skin);
        set(Part::Shade, darker(skin, 0.84));
        set(Part::Hair, hair);
        set(Part::Eye, [0x2B, 0x24, 0x22]);
        set(Part::Brow, darker(hair, 0.8));
        set(
            Part::Lip,
            if female {
                [0xA8, 0x4B, 0x4B]
            } else {
                darker(skin, 0.68)
            },
        );
        set(
            Part::Scarf,
            *now.one(&[
                [0xB8, 0x4A, 0x4A],
                [0x4A, 0x6E, 0xA8],
                [0xD8, 0xD2, 0xC4],
                [0x6A, 0x8F, 0x5C],
            ]),
        );
        set(Part::Grey, [0x55, 0x58, 0x5E]);
        let spread = |dice: &mut Dice, low: f32, high: f32| low + (high - low) * dice.unit() as f32;
        let width = spread(&mut dice, 25.0, 30.5) - if female { 1.5 } else { 0.0 };
        Face {
            female,
            age,
            head: (width, spread(&mut dice, 33.0, 38.0)),
            eye_gap: spread(&mut dice, 9.5, 12.5),
            eye_y: spread(&mut dice, 67.0, 71.0),
            brow_tilt: spread(&mut dice, -1.2, 1.2),
            mouth: (spread(&mut dice, 7.0, 11.0), spread(&mut now, -1.2, 1.8)),
            nose: spread(&mut dice, 9.0, 13.0),
            shoulder: spread(&mut dice, 42.0, 54.0) - if female { 5.0 } else { 0.0 },
            style: dice.below(4),
            scarf: female && dice.chance(if age > 50 { 0.45 } else { 0.12 }),
            beard: !female && age > 25 && dice.chance(0.25),
            glasses: dice.chance(if age > 45 { 0.3 } else { 0.12 }),
            colours,
        }
    }

    /// The mean colour of a pixel.
    fn pixel(&self, x: usize, y: usize) -> Rgb {
        let mut sum = [0u32; 3];
        for sub in 0..FINE * FINE {
            let at = |base: usize, step: usize| base as f32 + (step as f32 + 0.5) / FINE as f32;
            let part = self.part(at(x, sub % FINE), at(y, sub / FINE));
            for (total, value) in sum.iter_mut().zip(self.colours[part as usize]) {
                *total += u32::from(value);
            }
        }
        sum.map(|v| (v / (FINE * FINE) as u32) as u8)
    }

    /// Which part is seen at a point: the front-most shape first.
    fn part(&self, x: f32, y: f32) -> Part {
        let dx = x - WIDTH as f32 / 2.0;
        let side = dx.abs();
        let (rx, ry) = self.head;
        let head_y = 68.0;
        let in_head = ellipse(dx, y - head_y, rx, ry);
        if let Some(part) = self.features(dx, side, y, in_head) {
            return part;
        }
        let hairline = head_y - ry * 0.42 + self.fringe(dx);
        if in_head && y > hairline {
            let chin = y > head_y + ry * 0.62;
            let beard = self.beard
                && y > head_y + ry * 0.38
                && !ellipse(dx, y - head_y + ry * 0.2, rx * 0.8, ry * 0.68);
            return if beard {
                Part::Hair
            } else if chin && side < rx * 0.2 && y > head_y + ry * 0.96 {
                Part::Shade
            } else {
                Part::Skin
            };
        }
        if self.scarf && ellipse(dx, y - head_y + 2.0, rx + 7.0, ry + 7.0) {
            return Part::Scarf;
        }
        if ellipse(dx, y - head_y + 4.0, rx + 2.0, ry + 2.5) && y < head_y + 6.0 {
            return Part::Hair;
        }
        // Ears, neck, shoulders; long hair behind them.
        if ellipse(side - rx, y - head_y - 3.0, 3.6, 6.5) && !self.female {
            return Part::Shade;
        }
        if side < 12.0 && y > head_y + 20.0 && y < 118.0 + (side * side) * -0.03 {
            return if y < head_y + ry + 7.0 {
                Part::Shade
            } else {
                Part::Skin
            };
        }
        let body = y > 112.0 && ellipse(dx, y - 160.0, self.shoulder, 50.0);
        if body {
            let collar = side < 17.0 && y < 122.0 + (17.0 - side) * 0.6;
            return if collar { Part::Collar } else { Part::Cloth };
        }
        let long = self.female && !self.scarf && self.style < 3;
        let length = if self.style == 0 { 128.0 } else { 108.0 };
        if long && y > head_y - 10.0 && y < length && side < rx + 6.0 - (y - head_y).max(0.0) * 0.04
        {
            return Part::Hair;
        }
        Part::Back
    }

    /// Where the hair ends above the forehead, px below the straight line.
    fn fringe(&self, dx: f32) -> f32 {
        match (self.female, self.style) {
            (_, 0) => dx * dx * 0.006,
            (_, 1) => dx * 0.16,
            (_, 2) => -dx * 0.12 + dx * dx * 0.004,
            // A receding line of older men.
            (false, _) if self.age > 45 => -6.0 + dx * dx * 0.01,
            (_, _) => 3.0 - dx * dx * 0.002,
        }
    }

    fn features(&self, dx: f32, side: f32, y: f32, in_head: bool) -> Option<Part> {
        if !in_head {
            return None;
        }
        let eye = side - self.eye_gap;
        if ellipse(eye, y - self.eye_y, 3.1, 2.1) {
            return Some(Part::Eye);
        }
        if self.glasses {
            let ring = |r: f32| ellipse(eye, y - self.eye_y, r, r * 0.8);
            if ring(7.6) && !ring(6.5) || side < self.eye_gap - 7.0 && (y - self.eye_y).abs() < 0.7
            {
                return Some(Part::Grey);
            }
        }
        let brow = self.eye_y - 7.0 + (eye * self.brow_tilt * 0.12) + eye * eye * 0.03;
        if eye.abs() < 5.6 && (y - brow).abs() < if self.female { 0.75 } else { 1.15 } {
            return Some(Part::Brow);
        }
        let tip = self.eye_y + self.nose;
        let bridge = (dx - 2.0 - (tip - y) * -0.12).abs() < 0.8 && y > self.eye_y + 2.0 && y < tip;
        let base = (y - tip).abs() < 0.8 && dx > -2.4 && dx < 3.0;
        if bridge || base {
            return Some(Part::Shade);
        }
        let mouth_y = tip + 8.5 + self.mouth.1 * (1.0 - (dx / self.mouth.0) * (dx / self.mouth.0));
        if side < self.mouth.0 && (y - mouth_y).abs() < if self.female { 1.7 } else { 1.15 } {
            return Some(Part::Lip);
        }
        let crease =
            self.age > 55 && (side - self.mouth.0 - 2.5).abs() < 0.5 && y > tip && y < tip + 9.0;
        crease.then_some(Part::Shade)
    }
}

fn ellipse(dx: f32, dy: f32, rx: f32, ry: f32) -> bool {
    (dx / rx) * (dx / rx) + (dy / ry) * (dy / ry) < 1.0
}

fn encode(pixels: &[u8], palette: &[Rgb]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4096);
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::Balanced);
    // After the compression, which chooses a filter of its own: palettes want none.
    encoder.set_filter(png::Filter::NoFilter);
    let written = encoder
        .write_header()
        .and_then(|mut w| w.write_image_data(pixels).and_then(|()| w.finish()));
    written.expect("a Vec takes all bytes, the size is fixed");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_is_small_and_one_persons_own() {
        let mut seen = std::collections::BTreeSet::new();
        for human in 0..120 {
            let png = draw(7, human, 0, human % 2 == 0, 18 + (human % 70) as i32);
            assert!(png.len() <= 4096, "{}", png.len());
            seen.insert(png);
        }
        assert!(seen.len() > 115);
        assert_eq!(draw(7, 3, 0, true, 30), draw(7, 3, 0, true, 30));
        assert_ne!(draw(7, 3, 0, true, 30), draw(7, 3, 1, true, 30));
    }
}
