//! A grown master print: the whole finger's ridges with everything that stays with the finger.

use crate::centreline;
use crate::exact::{Draw, Lane};
use crate::field::{Field, MASTER_HEIGHT, MASTER_WIDTH};
use crate::finger::{PatternClass, Position};
use crate::growth;
use crate::minutia::TrueMinutia;
use crate::noise::Lattice;
use crate::picture::Grey;
use crate::template::finger_wear;

/// A finger's ridge pattern at 500 dpi, `MASTER_WIDTH × MASTER_HEIGHT` px, with its truth.
#[derive(Clone, Debug)]
pub struct Master {
    pub(crate) seed: u64,
    class: PatternClass,
    /// Height of the skin, 127 top of a ridge, −127 bottom of a valley.
    pub(crate) pattern: Vec<i8>,
    pub(crate) minutiae: Vec<TrueMinutia>,
    pub(crate) pores: Vec<Pore>,
    pub(crate) creases: Vec<Crease>,
    pub(crate) wear: f32,
    /// Unevenness of the ridges' edges, in parts of the ridge height.
    pub(crate) roughness: f32,
    cores: Vec<(f32, f32)>,
    deltas: Vec<(f32, f32)>,
}

/// A sweat pore on a ridge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pore {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) size: f32,
}

/// A white line across the ridges that stays with the finger.
#[derive(Clone, Debug)]
pub(crate) struct Crease {
    pub(crate) points: Vec<(f32, f32)>,
    pub(crate) half_width: f32,
    pub(crate) depth: f32,
}

impl Master {
    /// Grows the finger with this seed: always the same ridges. Cost: about 70 ms on one core.
    pub fn grow(seed: u64, position: Position) -> Master {
        let field = Field::draw(seed, position);
        let pattern = growth::grow(&field, seed);
        let line = centreline::thin(&pattern);
        let mut draw = Draw::new(seed, Lane::Skin);
        // The first draw of this lane is the wear, which templates use alone.
        let _ = draw.unit();
        Master {
            seed,
            class: field.class,
            minutiae: centreline::true_minutiae(&line),
            pores: draw_pores(&line, &mut draw),
            creases: draw_creases(&mut draw),
            wear: finger_wear(seed),
            roughness: draw.between(0.5, 1.25),
            pattern,
            cores: field.cores_px(),
            deltas: field.deltas_px(),
        }
    }

    /// The seed the finger was grown from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The class of the pattern.
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// How worn the skin is, 0 to 0.9; most fingers are below 0.1.
    pub fn wear(&self) -> f32 {
        self.wear
    }

    /// The true minutiae, px of the master, in reading order.
    pub fn minutiae(&self) -> &[TrueMinutia] {
        &self.minutiae
    }

    /// Cores, px of the master.
    pub fn cores(&self) -> &[(f32, f32)] {
        &self.cores
    }

    /// Deltas, px of the master.
    pub fn deltas(&self) -> &[(f32, f32)] {
        &self.deltas
    }

    /// The relaxed skin as a picture: ridges dark, outside white.
    pub fn picture(&self) -> Grey {
        let pixels = (0..self.pattern.len())
            .map(|at| {
                let (x, y) = ((at % MASTER_WIDTH) as f32, (at / MASTER_WIDTH) as f32);
                let inside = Field::depth(x, y) >= 0.0;
                if inside {
                    (128 - i16::from(self.pattern[at])) as u8
                } else {
                    255
                }
            })
            .collect();
        Grey {
            width: MASTER_WIDTH,
            height: MASTER_HEIGHT,
            pixels,
        }
    }
}

/// Pores sit on the middle of the ridges, 6 to 14 px apart.
fn draw_pores(line: &[u8], draw: &mut Draw) -> Vec<Pore> {
    const CELL: usize = 5;
    let columns = MASTER_WIDTH / CELL + 1;
    let mut taken = vec![false; columns * (MASTER_HEIGHT / CELL + 1)];
    let mut pores = Vec::with_capacity(2200);
    for (at, _) in line.iter().enumerate().filter(|(_, value)| **value != 0) {
        let (x, y) = (at % MASTER_WIDTH, at / MASTER_WIDTH);
        let cell = y / CELL * columns + x / CELL;
        if taken[cell] || !draw.chance(0.22) {
            continue;
        }
        taken[cell] = true;
        pores.push(Pore {
            x: x as f32 + draw.between(-0.7, 0.7),
            y: y as f32 + draw.between(-0.7, 0.7),
            size: draw.between(0.3, 1.2),
        });
    }
    pores
}

/// Most creases run nearly level across the lower half of the pad.
fn draw_creases(draw: &mut Draw) -> Vec<Crease> {
    let count = draw.poisson(2.6);
    let area = (MASTER_WIDTH as f32, MASTER_HEIGHT as f32);
    (0..count)
        .map(|_| {
            let length = draw.between(30.0, 130.0);
            let (x, y) = (draw.between(60.0, 330.0), 290.0 + 70.0 * draw.normal());
            let slope = 0.16 * draw.normal();
            let sway = Lattice::new(draw, area, 26.0);
            let points = (0..=12)
                .map(|step| {
                    let along = (step as f32 / 12.0 - 0.5) * length;
                    let px = x + along;
                    (
                        px,
                        y + slope * along + 3.0 * sway.at(px.max(0.0), y.clamp(0.0, 479.0)),
                    )
                })
                .collect();
            Crease {
                points,
                half_width: draw.between(0.7, 2.0),
                depth: draw.between(0.5, 1.6),
            }
        })
        .collect()
}
