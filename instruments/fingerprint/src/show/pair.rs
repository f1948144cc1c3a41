//! What a comparison saw, as pictures and figures.
//!
//! The figures are those of the comparison itself, which lets a witness look on: the motion is the one its
//! recount found, the numbered minutiae are those it counted.

use super::sheet::{Area, Sheet, scale_for};
use super::{BACKGROUND, StagePicture};
use crate::compare::{Measures, Witness, watched};
use crate::decode::GreyImage;
use crate::extract::{ExtractError, Stages, stages};
use crate::local::Pair;
use crate::prepared::{Point, Prepared};
use crate::recount::{self, Fit, Motion, Recount};
use crate::score::Score;
use crate::template::Template;
use crate::trig;

/// One side of a comparison to be explained.
#[derive(Debug, Clone, Copy)]
pub enum Exhibit<'a> {
    /// A picture of a finger: its ridges are drawn.
    Image(&'a GreyImage),
    /// A template: only its minutiae can be drawn.
    Template(&'a Template),
}

/// How far a comparison went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Fewer than three pairs of minutiae have surroundings that look alike.
    NothingAlike,
    /// The look-alikes did not agree about distances and angles: no motion was tried.
    AtTheGate,
    /// One print was laid on the other and what met was counted.
    Recounted,
}

/// How the second print was laid on the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Laid {
    /// Turn of the second print, degrees counter-clockwise, −180 to 180.
    pub turn_deg: f32,
    /// Shift of the middle of what met, to the right, pixels at 500 dpi.
    pub right_px: f32,
    /// The same downwards.
    pub down_px: f32,
}

/// A minutia of one print and the minutia of the other that the comparison took for the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberedPair {
    /// The number in the pictures, from 1.
    pub number: usize,
    /// Place in the first print, pixels from left and top at 500 dpi.
    pub first: (u16, u16),
    /// Place in the second print.
    pub second: (u16, u16),
    /// Whether they met under the stiff motion.
    pub stiff: bool,
    /// Whether they met when the motion may bend.
    pub bent: bool,
    /// Their distance under the stiff motion, pixels; 0 when no motion was tried.
    pub apart_px: f32,
}

/// What a comparison saw.
#[derive(Debug, Clone, PartialEq)]
pub struct PairExplanation {
    /// The score, that of [`crate::score()`] for the same two prints.
    pub score: Score,
    /// Log odds before calibration.
    pub raw: f32,
    /// The measures that were fused.
    pub measures: Measures,
    /// How far the comparison went.
    pub ended: Ended,
    /// How the second print was laid on the first; `None` when no motion was tried.
    pub laid: Option<Laid>,
    /// What the pictures number: the minutiae that met or, when no motion was tried, the look-alikes whose mean
    /// ended the comparison.
    pub pairs: Vec<NumberedPair>,
    /// Minutiae of each print that lie in the common area and met nothing.
    pub unmet: (usize, usize),
    /// Skin that both show, square millimetres; `None` without two images and a motion.
    pub common_mm2: Option<f32>,
}

impl PairExplanation {
    /// The figures with their names: shares, counts, pixels at 500 dpi and degrees as named.
    ///
    /// In order: `local`, `relaxed`, `matched`, `overlap`, `bent`, `bent_px`, `turned_deg`, `log_odds`, `score`, `fmr`.
    pub fn list(&self) -> [(&'static str, f64); 10] {
        let m = &self.measures;
        [
            ("local", f64::from(m.local)),
            ("relaxed", f64::from(m.relaxed)),
            ("matched", f64::from(m.matched)),
            ("overlap", f64::from(m.overlap)),
            ("bent", f64::from(m.bent)),
            ("bent_px", f64::from(m.bent_px)),
            ("turned_deg", f64::from(m.turned) * 360.0 / 256.0),
            ("log_odds", f64::from(self.raw)),
            ("score", f64::from(self.score.value())),
            ("fmr", self.score.fmr()),
        ]
    }
}

/// Compares two prints and draws what the comparison saw.
///
/// Pictures: `beside`, the two prints side by side, and, when a motion was tried, `aligned`, the second laid
/// on the first (its ridges orange, the first's blue, both dark; skin of one alone tinted). Numbered rings are
/// minutiae that met, the same number on both; squares lie in the common area and met nothing; dots lie outside it.
/// In `aligned` a line joins what met. Drawn at twice 500 dpi, smaller where a side would pass 2400 pixels.
///
/// Cost: extraction of the images, the comparison, and about 0.2 µs a pixel drawn.
///
/// ```
/// use fingerprint::{Ended, Exhibit, Minutia, MinutiaKind, Prepared, Template, pair_pictures, score};
/// # fn main() -> Result<(), fingerprint::ExtractError> {
/// let minutia = |k: u16| Minutia {
///     x: 40 + (k * 53) % 210, y: 40 + (k * 97) % 230, angle: (k * 41 % 256) as u8,
///     kind: MinutiaKind::Ending, quality: 60,
/// };
/// let print = Template { width: 300, height: 320, quality: 60, minutiae: (0..30).map(minutia).collect() };
/// let (why, pictures) = pair_pictures(Exhibit::Template(&print), Exhibit::Template(&print))?;
/// let ready = Prepared::new(&print);
/// assert_eq!(why.score, score(&ready, &ready));
/// assert_eq!((why.ended, why.pairs.len(), why.unmet), (Ended::Recounted, 30, (0, 0)));
/// assert_eq!(pictures.iter().map(|p| p.stage).collect::<Vec<_>>(), ["beside", "aligned"]);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`crate::extract()`], when an image gives no template.
pub fn pair_pictures(
    first: Exhibit<'_>,
    second: Exhibit<'_>,
) -> Result<(PairExplanation, Vec<StagePicture>), ExtractError> {
    let (a, b) = (Side::of(first)?, Side::of(second)?);
    let mut seen = Seen::default();
    let (comparison, exchanged) = watched(&a.print, &b.print, &mut seen);
    if exchanged {
        seen.exchange();
    }
    let pairs = seen.numbered(&a.print, &b.print);
    let (marks_a, marks_b) = marks(&a, &b, &seen);
    let unmet = |marks: &[Mark]| marks.iter().filter(|m| **m == Mark::Unmet).count();
    let explanation = PairExplanation {
        score: comparison.score,
        raw: comparison.raw,
        measures: comparison.measures,
        ended: match (&seen.motion, seen.asked) {
            (Some(_), _) => Ended::Recounted,
            (None, true) => Ended::AtTheGate,
            (None, false) => Ended::NothingAlike,
        },
        laid: seen.motion.map(|motion| laid(&motion, &pairs)),
        unmet: (unmet(&marks_a), unmet(&marks_b)),
        common_mm2: seen.motion.and_then(|motion| common_mm2(&a, &b, &motion)),
        pairs,
    };
    let numbers = Numbers {
        marks: (marks_a, marks_b),
        pairs: &explanation.pairs,
        joined: seen.joined(),
    };
    let mut pictures = vec![beside(&a, &b, &numbers)];
    if let Some(motion) = &seen.motion {
        pictures.push(aligned(&a, &b, motion, &numbers));
    }
    Ok((explanation, pictures))
}

/// What the witness kept.
#[derive(Default)]
struct Seen {
    /// Whether relaxation was reached.
    asked: bool,
    alike: Vec<(u8, u8)>,
    stiff: Vec<(u8, u8)>,
    bent: Vec<(u8, u8)>,
    /// From the first print onto the second.
    motion: Option<Motion>,
}

impl Witness for Seen {
    fn relaxed(&mut self, pairs: &[Pair], averaged: usize) {
        self.asked = true;
        self.alike = pairs.iter().take(averaged).map(|p| (p.a, p.b)).collect();
    }

    fn recounted(&mut self, recount: &Recount, fit: &Fit) {
        self.stiff.clone_from(&recount.met);
        self.bent.clone_from(&fit.bent_pairs);
        self.motion = recount.motion;
    }
}

impl Seen {
    fn exchange(&mut self) {
        for list in [&mut self.alike, &mut self.stiff, &mut self.bent] {
            list.iter_mut().for_each(|p| *p = (p.1, p.0));
        }
        self.motion = self.motion.map(|motion| motion.inverse());
    }

    /// Points of the two prints that are numbered, in the order of the numbers.
    fn joined(&self) -> Vec<(u8, u8)> {
        if self.motion.is_none() {
            return self.alike.clone();
        }
        let mut joined = self.bent.clone();
        let stiff_only = self.stiff.iter().filter(|p| !self.bent.contains(p));
        joined.extend(stiff_only);
        joined
    }

    fn numbered(&self, a: &Prepared, b: &Prepared) -> Vec<NumberedPair> {
        let numbered = self.joined().into_iter().enumerate().map(|(at, pair)| {
            let (p, q) = (&a.points[pair.0 as usize], &b.points[pair.1 as usize]);
            let apart_px = self.motion.map_or(0.0, |motion| {
                let (x, y) = motion.apply(p.x, p.y);
                ((q.x - x) * (q.x - x) + (q.y - y) * (q.y - y)).sqrt()
            });
            NumberedPair {
                number: at + 1,
                first: (p.x as u16, -p.y as u16),
                second: (q.x as u16, -q.y as u16),
                stiff: self.stiff.contains(&pair),
                bent: self.bent.contains(&pair),
                apart_px,
            }
        });
        numbered.collect()
    }
}

/// A print ready to be compared and drawn.
struct Side {
    print: Prepared,
    stages: Option<Stages>,
    /// Deviation of the filtered ridges.
    deviation: f32,
    area: Area,
}

/// Room around what is drawn, in pixels of the print.
const MARGIN_PX: f32 = 10.0;

impl Side {
    fn of(exhibit: Exhibit<'_>) -> Result<Side, ExtractError> {
        let stages = match exhibit {
            Exhibit::Image(image) => Some(stages(image)?),
            Exhibit::Template(_) => None,
        };
        let print = match (&stages, exhibit) {
            (_, Exhibit::Template(template)) => Prepared::new(template),
            (stages, Exhibit::Image(_)) => {
                Prepared::from(&stages.as_ref().ok_or(ExtractError::NoRidges)?.template)
            }
        };
        let points = print.points.iter().map(|p| (p.x, -p.y));
        let skin = stages.iter().flat_map(|stages| {
            let (width, height) = (stages.image.width, stages.image.height);
            let grid = (0..height)
                .step_by(4)
                .flat_map(move |y| (0..width).step_by(4).map(move |x| (x, y)));
            grid.filter(|&(x, y)| stages.mask.depth_at(x, y) > 0)
                .map(|(x, y)| (x as f32, y as f32))
        });
        let nothing = Area {
            left: 0.0,
            top: 0.0,
            right: 1.0,
            bottom: 1.0,
        };
        let area = Area::of(points.chain(skin))
            .unwrap_or(nothing)
            .wider(MARGIN_PX);
        let deviation = stages.as_ref().map_or(1.0, super::deviation);
        Ok(Side {
            print,
            stages,
            deviation,
            area,
        })
    }

    fn skin(&self, x: f32, y: f32) -> bool {
        self.stages.as_ref().is_some_and(|stages| {
            x >= 0.0
                && y >= 0.0
                && x < stages.image.width as f32
                && y < stages.image.height as f32
                && stages.mask.depth_at(x as usize, y as usize) > 0
        })
    }

    /// 0 in a valley and outside the skin, 1 on a ridge.
    fn ridge(&self, x: f32, y: f32) -> f32 {
        match &self.stages {
            Some(stages) if self.skin(x, y) => {
                (0.2 + stages.enhanced.sample(x, y) / self.deviation).clamp(0.0, 1.0)
            }
            Some(_) | None => 0.0,
        }
    }

    /// The image itself, paler; white outside it and for a template.
    fn grey(&self, x: f32, y: f32) -> [u8; 3] {
        let Some(stages) = &self.stages else {
            return [255; 3];
        };
        let inside =
            x >= 0.0 && y >= 0.0 && x < stages.image.width as f32 && y < stages.image.height as f32;
        if !inside {
            return BACKGROUND;
        }
        let grey = 90.0 + 165.0 * stages.image.sample(x, y) / 255.0;
        let grey = grey.clamp(0.0, 255.0) as u8;
        if self.skin(x, y) {
            [grey; 3]
        } else {
            std::array::from_fn(|i| (u16::from(grey) * u16::from(BACKGROUND[i]) / 255) as u8)
        }
    }
}

/// What the pictures say about a minutia.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Met,
    Unmet,
    Outside,
}

fn marks(a: &Side, b: &Side, seen: &Seen) -> (Vec<Mark>, Vec<Mark>) {
    let joined = seen.joined();
    let of = |print: &Prepared, met: &dyn Fn(u8) -> bool, common: &dyn Fn(&Point) -> bool| {
        let marks = print.points.iter().enumerate().map(|(at, point)| {
            if met(at as u8) {
                Mark::Met
            } else if common(point) {
                Mark::Unmet
            } else {
                Mark::Outside
            }
        });
        marks.collect::<Vec<_>>()
    };
    let forth = seen.motion;
    let back = seen.motion.map(|motion| motion.inverse());
    (
        of(&a.print, &|at| joined.iter().any(|p| p.0 == at), &|point| {
            forth.is_some_and(|by| recount::in_common(point, &by, &b.print))
        }),
        of(&b.print, &|at| joined.iter().any(|p| p.1 == at), &|point| {
            back.is_some_and(|by| recount::in_common(point, &by, &a.print))
        }),
    )
}

fn laid(motion: &Motion, pairs: &[NumberedPair]) -> Laid {
    // The motion leads from the first onto the second; the second was laid on the first.
    let turn = radians(&motion.inverse());
    let n = pairs.len().max(1) as f32;
    let mean = |along: fn(&NumberedPair) -> (u16, u16)| {
        let difference = |p: &NumberedPair| f32::from(along(p).0) - f32::from(along(p).1);
        pairs.iter().map(difference).sum::<f32>() / n
    };
    Laid {
        turn_deg: turn * 180.0 / trig::PI,
        right_px: mean(|p| (p.first.0, p.second.0)),
        down_px: mean(|p| (p.first.1, p.second.1)),
    }
}

/// The turn of a motion, counter-clockwise.
fn radians(motion: &Motion) -> f32 {
    let (from, to) = (motion.apply(0.0, 0.0), motion.apply(1.0, 0.0));
    trig::atan2(to.1 - from.1, to.0 - from.0)
}

/// Where a place of an image comes to lie; images count y downwards, motions upwards.
fn moved(motion: &Motion, (x, y): (f32, f32)) -> (f32, f32) {
    let (x, y) = motion.apply(x, -y);
    (x, -y)
}

/// Skin of the first print that lies on skin of the second: a place in each 4 × 4 pixels is asked.
fn common_mm2(a: &Side, b: &Side, motion: &Motion) -> Option<f32> {
    let (first, _) = a.stages.as_ref().zip(b.stages.as_ref())?;
    let mut places = 0u32;
    for y in (2..first.image.height).step_by(4) {
        for x in (2..first.image.width).step_by(4) {
            let (x, y) = (x as f32, y as f32);
            let (u, v) = moved(motion, (x, y));
            places += u32::from(a.skin(x, y) && b.skin(u, v));
        }
    }
    Some(places as f32 * 16.0 * (25.4 / 500.0) * (25.4 / 500.0))
}

/// What both pictures write.
struct Numbers<'e> {
    marks: (Vec<Mark>, Vec<Mark>),
    pairs: &'e [NumberedPair],
    joined: Vec<(u8, u8)>,
}

const MET: [u8; 3] = [0, 120, 60];
const UNMET: [u8; 3] = [200, 30, 60];
const OUTSIDE: [u8; 3] = [120, 120, 130];
const INK: [u8; 3] = [0; 3];
/// Ridges of the first and of the second print, and skin that only one of them shows.
const FIRST: [u8; 3] = [80, 160, 235];
const SECOND: [u8; 3] = [250, 165, 60];
const FIRST_DARK: [u8; 3] = [0, 50, 150];
const SECOND_DARK: [u8; 3] = [170, 70, 0];
const FIRST_SKIN: [u8; 3] = [226, 236, 250];
const SECOND_SKIN: [u8; 3] = [252, 238, 220];
/// Between the two prints.
const GAP_PX: f32 = 12.0;

fn angle(point: &Point) -> f32 {
    // Angles count counter-clockwise, rows downwards.
    -f32::from(point.angle) * trig::PI / 128.0
}

fn beside(a: &Side, b: &Side, numbers: &Numbers<'_>) -> StagePicture {
    let height = a.area.height().max(b.area.height());
    let width = a.area.width() + b.area.width();
    let scale = scale_for(height.max(width / 2.0));
    let size = (width * scale + GAP_PX, height * scale);
    let mut picture = StagePicture::blank("beside", (size.0 as u32, size.1 as u32), [255; 3]);
    let second_at = (a.area.width() * scale + GAP_PX, 0.0);
    let sides = [
        (a, &numbers.marks.0, (0.0, 0.0)),
        (b, &numbers.marks.1, second_at),
    ];
    for (index, (side, marks, at)) in sides.into_iter().enumerate() {
        let mut sheet = Sheet {
            picture: &mut picture,
            at,
            area: side.area,
            scale,
            written: Vec::new(),
        };
        sheet.fill(|x, y| side.grey(x, y));
        for (point, mark) in side.print.points.iter().zip(marks) {
            let place = (point.x, -point.y);
            match mark {
                Mark::Met => sheet.ring(place, angle(point), MET),
                Mark::Unmet => sheet.square(place, angle(point), UNMET),
                Mark::Outside => sheet.dot(place, OUTSIDE),
            }
        }
        for pair in numbers.pairs {
            let place = if index == 0 { pair.first } else { pair.second };
            sheet.number((f32::from(place.0), f32::from(place.1)), pair.number, INK);
        }
    }
    picture
}

fn aligned(a: &Side, b: &Side, motion: &Motion, numbers: &Numbers<'_>) -> StagePicture {
    let back = motion.inverse();
    let corners = b.area.corners().map(|corner| moved(&back, corner));
    let area = Area::of(a.area.corners().into_iter().chain(corners)).unwrap_or(a.area);
    let scale = scale_for(area.height().max(area.width()));
    let size = (area.width() * scale, area.height() * scale);
    let mut picture = StagePicture::blank("aligned", (size.0 as u32, size.1 as u32), BACKGROUND);
    let mut sheet = Sheet {
        picture: &mut picture,
        at: (0.0, 0.0),
        area,
        scale,
        written: Vec::new(),
    };
    sheet.fill(|x, y| {
        let (u, v) = moved(motion, (x, y));
        let paper = match (a.skin(x, y), b.skin(u, v)) {
            (true, true) => [255; 3],
            (true, false) => FIRST_SKIN,
            (false, true) => SECOND_SKIN,
            (false, false) => BACKGROUND,
        };
        laid_over(paper, (a.ridge(x, y), FIRST), (b.ridge(u, v), SECOND))
    });
    let turned = radians(&back);
    let second_place = |point: &Point| moved(&back, (point.x, -point.y));
    for (point, mark) in a.print.points.iter().zip(&numbers.marks.0) {
        match mark {
            Mark::Unmet => sheet.square((point.x, -point.y), angle(point), FIRST_DARK),
            Mark::Met | Mark::Outside => sheet.dot((point.x, -point.y), FIRST_DARK),
        }
    }
    for (point, mark) in b.print.points.iter().zip(&numbers.marks.1) {
        match mark {
            Mark::Unmet => sheet.square(second_place(point), angle(point) - turned, SECOND_DARK),
            Mark::Met | Mark::Outside => sheet.dot(second_place(point), SECOND_DARK),
        }
    }
    for (pair, &(i, j)) in numbers.pairs.iter().zip(&numbers.joined) {
        let (p, q) = (&a.print.points[i as usize], &b.print.points[j as usize]);
        sheet.line((p.x, -p.y), second_place(q), UNMET);
        sheet.ring((p.x, -p.y), angle(p), MET);
        sheet.number((p.x, -p.y), pair.number, INK);
    }
    picture
}

/// Two inks on paper: where both lie it is dark.
fn laid_over(paper: [u8; 3], first: (f32, [u8; 3]), second: (f32, [u8; 3])) -> [u8; 3] {
    std::array::from_fn(|i| {
        let through =
            |(share, ink): (f32, [u8; 3])| 1.0 - share * (1.0 - f32::from(ink[i]) / 255.0);
        (f32::from(paper[i]) * through(first) * through(second)) as u8
    })
}

#[cfg(test)]
mod tests;
