//! The stages of an extraction as pictures: for people who want to see why a print is good or bad.
//!
//! The pictures are made from what [`crate::extract()`] itself computes, so they cannot tell another story.

mod digits;
mod pair;
mod sheet;

use crate::decode::GreyImage;
use crate::extract::{ExtractError, Stages, stages};
use crate::field::CELL;
use crate::template::{MinutiaKind, Template};
use crate::trig;

pub use pair::{Ended, Exhibit, Laid, NumberedPair, PairExplanation, pair_pictures};

/// What one stage left, at 500 dpi, or what a comparison saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePicture {
    /// The stage: `image`, `mask`, `orientation`, `period`, `enhanced`, `skeleton`, `minutiae`; of a comparison
    /// `beside` and `aligned`.
    pub stage: &'static str,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Row-major, three bytes a pixel: red, green, blue.
    pub rgb: Vec<u8>,
}

const BACKGROUND: [u8; 3] = [214, 224, 236];
const NEEDLE: [u8; 3] = [200, 30, 60];
const ENDING: [u8; 3] = [200, 30, 60];
const BIFURCATION: [u8; 3] = [20, 90, 200];
const OTHER: [u8; 3] = [90, 90, 90];
/// Needles of the orientation field stand this far apart.
const NEEDLE_STEP_PX: usize = 12;
const NEEDLE_HALF_PX: f32 = 5.0;
const TAIL_PX: f32 = 12.0;

/// Extracts a print and draws every stage, in the order in which they are computed.
///
/// Cost: the extraction and about 1 µs a pixel.
///
/// ```
/// use fingerprint::{GreyImage, extract, stage_pictures};
/// # use ridges::{ImpressionParams, Master, Position};
/// # let picture = Master::grow(7, Position::ALL[1]).impression(&ImpressionParams::enrolment(), 1).image;
/// # let (width, height) = (picture.width as u32, picture.height as u32);
/// # let image = GreyImage::from_raw(width, height, 500, picture.pixels)?;
/// let (template, pictures) = stage_pictures(&image)?;
/// assert_eq!(template, extract(&image)?);
/// assert_eq!(pictures.last().map(|p| p.stage), Some("minutiae"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`crate::extract()`].
pub fn stage_pictures(image: &GreyImage) -> Result<(Template, Vec<StagePicture>), ExtractError> {
    let stages = stages(image)?;
    let pictures = vec![
        grey(&stages),
        masked(&stages),
        needles(&stages),
        periods(&stages),
        enhanced(&stages),
        lines(&stages),
        minutiae(&stages),
    ];
    Ok((stages.template, pictures))
}

impl StagePicture {
    /// A picture of one colour.
    fn blank(stage: &'static str, (width, height): (u32, u32), colour: [u8; 3]) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        StagePicture {
            stage,
            width,
            height,
            rgb: colour.repeat(width as usize * height as usize),
        }
    }

    /// A picture with a colour for each pixel.
    fn of(
        stages: &Stages,
        stage: &'static str,
        mut colour: impl FnMut(usize, usize) -> [u8; 3],
    ) -> Self {
        let (width, height) = (stages.image.width, stages.image.height);
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                rgb.extend_from_slice(&colour(x, y));
            }
        }
        StagePicture {
            stage,
            width: width as u32,
            height: height as u32,
            rgb,
        }
    }

    fn set(&mut self, x: f32, y: f32, colour: [u8; 3]) {
        let (x, y) = (x.round(), y.round());
        if x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32 {
            let at = 3 * (y as usize * self.width as usize + x as usize);
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// A line from a point along a direction (radians, y downwards), from and to these distances.
    fn stroke(&mut self, (x, y): (f32, f32), angle: f32, along: (f32, f32), colour: [u8; 3]) {
        let (s, c) = trig::sin_cos(angle);
        let steps = ((along.1 - along.0) * 2.0) as usize;
        for step in 0..=steps {
            let t = along.0 + step as f32 * 0.5;
            self.set(x + c * t, y + s * t, colour);
        }
    }
}

fn pale(stages: &Stages, x: usize, y: usize) -> u8 {
    (160.0 + 95.0 * stages.image.at(x, y) / 255.0).clamp(0.0, 255.0) as u8
}

fn inside(stages: &Stages, x: usize, y: usize) -> bool {
    stages.mask.depth_at(x, y) > 0
}

fn grey(stages: &Stages) -> StagePicture {
    StagePicture::of(stages, "image", |x, y| {
        [stages.image.at(x, y).round().clamp(0.0, 255.0) as u8; 3]
    })
}

fn masked(stages: &Stages) -> StagePicture {
    StagePicture::of(stages, "mask", |x, y| {
        if inside(stages, x, y) {
            [stages.image.at(x, y).round().clamp(0.0, 255.0) as u8; 3]
        } else {
            BACKGROUND
        }
    })
}

fn needles(stages: &Stages) -> StagePicture {
    let mut picture = StagePicture::of(stages, "orientation", |x, y| [pale(stages, x, y); 3]);
    let half = NEEDLE_STEP_PX / 2;
    for y in (half..stages.image.height).step_by(NEEDLE_STEP_PX) {
        for x in (half..stages.image.width).step_by(NEEDLE_STEP_PX) {
            if !inside(stages, x, y) {
                continue;
            }
            let (px, py) = (x as f32, y as f32);
            let length = NEEDLE_HALF_PX * stages.orientation.coherence_at(px, py);
            let angle = stages.orientation.angle_at(px, py);
            picture.stroke((px, py), angle, (-length, length), NEEDLE);
        }
    }
    picture
}

/// Blue where ridges stand close, yellow at the usual distance, red where they stand wide.
fn periods(stages: &Stages) -> StagePicture {
    StagePicture::of(stages, "period", |x, y| {
        if !inside(stages, x, y) {
            return BACKGROUND;
        }
        let period = stages.period.at(x as f32, y as f32);
        let (low, high) = SHOWN_PERIODS_PX;
        let share = ((period - low) / (high - low)).clamp(0.0, 1.0) * 2.0;
        let (from, to, t) = if share < 1.0 {
            (CLOSE, USUAL, share)
        } else {
            (USUAL, WIDE, share - 1.0)
        };
        let mixed: [u8; 3] =
            std::array::from_fn(|i| (f32::from(from[i]) * (1.0 - t) + f32::from(to[i]) * t) as u8);
        // The print shines through, so that places can be found.
        let light = 0.6 + 0.4 * stages.image.at(x, y).clamp(0.0, 255.0) / 255.0;
        mixed.map(|value| (f32::from(value) * light) as u8)
    })
}

/// Distances between ridges at the ends of the colours; children's and large men's fingers lie between.
const SHOWN_PERIODS_PX: (f32, f32) = (6.0, 12.0);
const CLOSE: [u8; 3] = [60, 90, 210];
const USUAL: [u8; 3] = [250, 235, 140];
const WIDE: [u8; 3] = [210, 40, 50];

/// Ridges dark, valleys light; the scale is that of the print's own deviation.
fn enhanced(stages: &Stages) -> StagePicture {
    let deviation = deviation(stages);
    StagePicture::of(stages, "enhanced", |x, y| {
        if inside(stages, x, y) {
            let value = 128.0 - 64.0 * stages.enhanced.at(x, y) / deviation;
            [value.clamp(0.0, 255.0) as u8; 3]
        } else {
            BACKGROUND
        }
    })
}

/// Deviation of the filtered ridges over the whole image.
fn deviation(stages: &Stages) -> f32 {
    let values = &stages.enhanced.data;
    let square: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
    ((square / values.len().max(1) as f64).sqrt() as f32).max(1e-6)
}

fn lines(stages: &Stages) -> StagePicture {
    StagePicture::of(stages, "skeleton", |x, y| {
        if stages.skeleton.get(x, y) {
            [0; 3]
        } else if inside(stages, x, y) {
            [255; 3]
        } else {
            BACKGROUND
        }
    })
}

/// Endings red, bifurcations blue; a full square for a reliability over 66, a thick border for one over 33, a thin
/// border below.
fn minutiae(stages: &Stages) -> StagePicture {
    let mut picture = StagePicture::of(stages, "minutiae", |x, y| [pale(stages, x, y); 3]);
    for minutia in &stages.template.minutiae {
        let colour = match minutia.kind {
            MinutiaKind::Ending => ENDING,
            MinutiaKind::Bifurcation => BIFURCATION,
            MinutiaKind::Other => OTHER,
        };
        let (x, y) = (f32::from(minutia.x), f32::from(minutia.y));
        // The more reliable, the fuller the square.
        let hollow = match minutia.quality {
            0..=33 => 3,
            34..=66 => 2,
            67.. => 0,
        };
        for dy in -3i8..=3 {
            for dx in -3i8..=3 {
                let filled = dx.abs().max(dy.abs()) >= hollow;
                let ink = if filled { colour } else { [255; 3] };
                picture.set(x + f32::from(dx), y + f32::from(dy), ink);
            }
        }
        // Angles count counter-clockwise, rows downwards.
        let angle = -f32::from(minutia.angle) * trig::PI / 128.0;
        picture.stroke((x, y), angle, (3.0, TAIL_PX), colour);
    }
    picture
}

const _: () = assert!(CELL < NEEDLE_STEP_PX, "a needle stands for whole cells");

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    /// Straight ridges 9 px apart in a round patch.
    fn striped() -> GreyImage {
        let (width, height) = (220u32, 240u32);
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x as f32 - 110.0, y as f32 - 120.0)))
            .map(|(x, y)| {
                if x * x + y * y > 95.0 * 95.0 {
                    255
                } else {
                    let (s, _) = trig::sin_cos((x + 0.3 * y) * 2.0 * trig::PI / 9.0);
                    (128.0 + 100.0 * s) as u8
                }
            })
            .collect();
        GreyImage::from_raw(width, height, 500, pixels).unwrap()
    }

    #[test]
    fn every_stage_has_a_picture_and_the_template_is_that_of_extract() {
        let image = striped();
        let (template, pictures) = stage_pictures(&image).unwrap();
        assert_eq!(template, crate::extract(&image).unwrap());
        let names: Vec<_> = pictures.iter().map(|p| p.stage).collect();
        assert_eq!(
            names,
            [
                "image",
                "mask",
                "orientation",
                "period",
                "enhanced",
                "skeleton",
                "minutiae"
            ]
        );
        for picture in &pictures {
            assert_eq!((picture.width, picture.height), (220, 240));
            assert_eq!(picture.rgb.len(), 3 * 220 * 240);
        }
        assert_eq!(&pictures[1].rgb[..3], &BACKGROUND);
        assert!(pictures[5].rgb.chunks(3).any(|rgb| rgb == [0; 3]));
    }
}
