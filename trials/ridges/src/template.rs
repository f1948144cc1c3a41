//! The path without pictures: a finger's minutiae drawn, not grown, and their impressions.

use crate::condition::{Condition, ImpressionParams, Touch};
use crate::exact::{Draw, Lane, full_turn};
use crate::field::{Field, MASTER_HEIGHT, MASTER_WIDTH};
use crate::finger::{PatternClass, Position};
use crate::minutia::{MinutiaKind, TrueMinutia};
use crate::placement::Placement;

/// Minutiae per px² of skin apart from those that the flow forces. Tuned to grown masters.
const FREE_DENSITY: f32 = 1.4e-4;
/// The densest place, for the draw by rejection, per px².
const DENSITY_MAX: f32 = 2.2e-3;
/// Two minutiae of a finger are never closer, px. As in grown masters.
const APART_PX: f32 = 10.0;
/// Share of endings. As in grown masters.
const ENDING_SHARE: f32 = 0.475;

/// Below this quality a minutia of a finger is faint: most captures miss it. That it is the same
/// minutiae which are missed again and again makes templates of one finger alike.
const FAINT: u8 = 50;
/// Share of faint minutiae. Tuned so that scores agree with those of pictures.
const FAINT_SHARE: f32 = 0.12;

/// A finger known only by its minutiae; the cheap twin of a grown master.
#[derive(Clone, Debug)]
pub struct Skeleton {
    seed: u64,
    class: PatternClass,
    wear: f32,
    minutiae: Vec<TrueMinutia>,
}

impl Skeleton {
    /// Draws the minutiae of a finger from the same orientation field that a master would grow
    /// from. They follow the statistics of grown masters but are not the minutiae of the master
    /// with this seed.
    pub fn draw(seed: u64, position: Position) -> Skeleton {
        let field = Field::draw(seed, position);
        let mut draw = Draw::new(seed, Lane::Minutiae);
        let area = (MASTER_WIDTH * MASTER_HEIGHT) as f32;
        let tries = draw.poisson(area * DENSITY_MAX / 8.0)
            + (0..7)
                .map(|_| draw.poisson(area * DENSITY_MAX / 8.0))
                .sum::<usize>();
        let mut minutiae: Vec<TrueMinutia> = Vec::with_capacity(96);
        for _ in 0..tries {
            let (x, y) = (
                draw.between(12.0, MASTER_WIDTH as f32 - 12.0),
                draw.between(12.0, MASTER_HEIGHT as f32 - 12.0),
            );
            let lot = draw.unit();
            if Field::depth(x, y) < 0.0 {
                continue;
            }
            // Most points are turned down without looking at the flow.
            if lot * DENSITY_MAX > FREE_DENSITY + field.fan_most(x, y) {
                continue;
            }
            let close = |m: &TrueMinutia| {
                (m.x - x) * (m.x - x) + (m.y - y) * (m.y - y) < APART_PX * APART_PX
            };
            if minutiae.iter().any(close) {
                continue;
            }
            let (along, forced) = field.fan(x, y);
            let forced = forced.clamp(-1.8e-3, 1.8e-3);
            let density = FREE_DENSITY + forced.abs();
            if lot * DENSITY_MAX > density {
                continue;
            }
            let forward = draw.chance(0.5 + 0.5 * forced / density);
            let turn = if forward { 0.0 } else { core::f32::consts::PI };
            minutiae.push(TrueMinutia {
                x,
                y,
                angle: full_turn(along + turn + 0.07 * draw.normal()),
                kind: if draw.chance(ENDING_SHARE) {
                    MinutiaKind::Ending
                } else {
                    MinutiaKind::Bifurcation
                },
                quality: if draw.chance(FAINT_SHARE) { 30 } else { 90 },
                origin: Some(minutiae.len() as u16),
            });
        }
        Skeleton {
            seed,
            class: field.class,
            wear: finger_wear(seed),
            minutiae,
        }
    }

    /// The seed the finger was drawn from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The class of the pattern.
    pub fn class(&self) -> PatternClass {
        self.class
    }

    /// All minutiae of the finger, px of the master.
    pub fn minutiae(&self) -> &[TrueMinutia] {
        &self.minutiae
    }

    /// One impression as an extractor would give it: see [`impression_template`].
    pub fn impression(&self, params: &ImpressionParams, seed: u64) -> Vec<TrueMinutia> {
        impression_template(&self.minutiae, self.wear, params, seed)
    }
}

/// How worn the skin of a finger is, 0 to 0.9: most fingers little, a few badly.
pub(crate) fn finger_wear(seed: u64) -> f32 {
    let lot = Draw::new(seed, Lane::Skin).unit();
    0.9 * lot * lot * lot * lot * lot
}

/// Takes an impression of minutiae without a picture.
///
/// Same pose, skin distortion and touching area as the picture path. On top of it the errors of a
/// good extractor on a picture of that condition: minutiae lost (more near the border of the
/// touching area and with damage), jitter of place and angle, endings read as bifurcations and
/// the reverse, and spurious minutiae. Cost: about 10 µs.
pub fn impression_template(
    master: &[TrueMinutia],
    finger_wear: f32,
    params: &ImpressionParams,
    seed: u64,
) -> Vec<TrueMinutia> {
    let mut draw = Draw::new(seed, Lane::Pose);
    let condition = Condition::draw(params, finger_wear, &mut draw);
    let placement = Placement::draw(params, &condition, &mut draw);
    let touch = Touch::draw(&condition, &mut draw);
    let damage = condition.damage();
    let mut seen = carry(master, &placement, &touch, params);
    let mut draw = Draw::new(seed, Lane::Losses);
    seen.retain(|(minutia, depth)| {
        let own = if minutia.quality < FAINT {
            0.70
        } else {
            0.03 + 0.14 * damage
        };
        !draw.chance(own + 0.3 * (0.25 - depth).max(0.0))
    });
    let mut minutiae: Vec<TrueMinutia> = seen.into_iter().map(|(minutia, _)| minutia).collect();
    let jitter_px = 0.7 + 0.3 * damage;
    let jitter_rad = 0.04 + 0.04 * damage;
    let base = f32::from(condition.quality());
    for minutia in &mut minutiae {
        minutia.x += jitter_px * draw.normal();
        minutia.y += jitter_px * draw.normal();
        minutia.angle = full_turn(minutia.angle + jitter_rad * draw.normal());
        if draw.chance(0.08 + 0.12 * damage) {
            minutia.kind = match minutia.kind {
                MinutiaKind::Ending => MinutiaKind::Bifurcation,
                MinutiaKind::Bifurcation => MinutiaKind::Ending,
            };
        }
        minutia.quality = (base + 8.0 * draw.normal()).clamp(1.0, 100.0) as u8;
    }
    add_spurious(&mut minutiae, 2.5 + 5.0 * damage, base, &mut draw);
    minutiae.retain(|m| {
        m.x >= 1.0
            && m.y >= 1.0
            && m.x < params.width as f32 - 1.0
            && m.y < params.height as f32 - 1.0
    });
    minutiae
}

/// The minutiae of a master that lie in the touching area, in the window, each with its depth.
pub(crate) fn carry(
    master: &[TrueMinutia],
    placement: &Placement,
    touch: &Touch,
    params: &ImpressionParams,
) -> Vec<(TrueMinutia, f32)> {
    let mut seen = Vec::with_capacity(master.len() + 12);
    for minutia in master {
        let depth = touch.depth(minutia.x, minutia.y);
        if depth <= 0.03 {
            continue;
        }
        let (x, y) = placement.to_window(minutia.x, minutia.y);
        let border = 6.0;
        let inside = x >= border
            && y >= border
            && x < params.width as f32 - border
            && y < params.height as f32 - border;
        if inside {
            let angle = placement.turn((x, y), minutia.angle);
            seen.push((
                TrueMinutia {
                    x,
                    y,
                    angle,
                    ..minutia.clone()
                },
                depth,
            ));
        }
    }
    seen
}

/// False minutiae beside true ones, where an extractor finds them: the flow there is known.
fn add_spurious(minutiae: &mut Vec<TrueMinutia>, mean: f32, quality: f32, draw: &mut Draw) {
    let count = draw.poisson(mean);
    let known = minutiae.len();
    for _ in 0..count {
        if known == 0 {
            return;
        }
        let near = &minutiae[(draw.unit() * known as f32) as usize % known];
        let turn = if draw.chance(0.5) {
            0.0
        } else {
            core::f32::consts::PI
        };
        let false_one = TrueMinutia {
            x: near.x + draw.between(-26.0, 26.0),
            y: near.y + draw.between(-26.0, 26.0),
            angle: full_turn(near.angle + turn + 0.18 * draw.normal()),
            kind: if draw.chance(0.6) {
                MinutiaKind::Ending
            } else {
                MinutiaKind::Bifurcation
            },
            quality: (quality - 18.0 + 10.0 * draw.normal()).clamp(1.0, 100.0) as u8,
            origin: None,
        };
        minutiae.push(false_one);
    }
}
