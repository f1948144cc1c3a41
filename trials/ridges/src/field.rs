//! The orientation and period of the ridges of one finger, from its singular points.
//!
//! Model: the quadratic differential of Huckemann, Hotz and Munk ("Global models for the
//! orientation field of fingerprints", IEEE TPAMI 2008), here with one pole a core and one zero a
//! delta, each mirrored at the flexion crease (the real axis), and the arch term
//! `1 / (z² − R²)²` whose lines are circles through both ends of the crease. A smooth random
//! bend is added, since no finger is a formula.

use crate::exact::{Draw, Lane, atan2, full_turn};
use crate::finger::{PatternClass, Position};
use crate::noise::{Lattice, smooth};

/// Width of a master in px at 500 dpi (19.9 mm).
pub const MASTER_WIDTH: usize = 392;
/// Height of a master in px at 500 dpi (24.4 mm).
pub const MASTER_HEIGHT: usize = 480;

/// Height of the flexion crease below the lower border of the master, px.
const CREASE_BELOW: f32 = 40.0;

/// Ridge flow of one finger: orientation, period and where skin is.
pub(crate) struct Field {
    pub(crate) class: PatternClass,
    cores: Vec<Complex>,
    deltas: Vec<Complex>,
    bend: Lattice,
    bend_rad: f32,
    ripple: Lattice,
    ripple_rad: f32,
    stretch: Lattice,
    base_period_px: f32,
    tall: f32,
    /// Half the length of the crease in the arch term, px.
    crease_half: f32,
}

#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    fn times(self, other: Complex) -> Complex {
        Complex {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn conjugate(self) -> Complex {
        Complex {
            re: self.re,
            im: -self.im,
        }
    }

    fn minus(self, other: Complex) -> Complex {
        Complex {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }

    /// Brought from thousands of px² to about 1, so that long products do not overflow.
    fn scaled(self) -> Complex {
        const UNIT: f32 = 1.0 / 40_000.0;
        Complex {
            re: self.re * UNIT,
            im: self.im * UNIT,
        }
    }

    /// Length brought to 1.
    fn unit(self) -> Complex {
        let length = (self.re * self.re + self.im * self.im).sqrt().max(1e-20);
        Complex {
            re: self.re / length,
            im: self.im / length,
        }
    }
}

impl Field {
    /// The field of the finger with this seed.
    pub(crate) fn draw(seed: u64, position: Position) -> Field {
        let class = PatternClass::draw(seed, position);
        let mut draw = Draw::new(seed, Lane::Field);
        let (cores, deltas) = singular_points(class, &mut draw);
        let area = (MASTER_WIDTH as f32, MASTER_HEIGHT as f32);
        let digit_scale = [1.06, 1.0, 1.0, 0.98, 0.93][position.digit()];
        let base_period_px = (9.1 + 0.45 * draw.normal()).clamp(7.9, 10.4) * digit_scale;
        Field {
            class,
            cores,
            deltas,
            bend: Lattice::new(&mut draw, area, 110.0),
            bend_rad: draw.between(0.15, 0.38),
            ripple: Lattice::new(&mut draw, area, 26.0),
            ripple_rad: draw.between(0.20, 0.38),
            stretch: Lattice::new(&mut draw, area, 90.0),
            base_period_px,
            tall: draw.between(0.84, 1.06),
            crease_half: draw.between(212.0, 285.0),
        }
    }

    /// Direction of the ridge line at a point, radians in [0, π), counter-clockwise from +x.
    pub(crate) fn orientation(&self, x: f32, y: f32) -> f32 {
        let flow = self.flow(x, y);
        let folded = full_turn(atan2(flow.im, flow.re));
        if folded >= core::f32::consts::PI {
            folded - core::f32::consts::PI
        } else {
            folded
        }
    }

    /// The ridge line's direction as a unit vector with y upwards; its sign means nothing.
    fn flow(&self, x: f32, y: f32) -> Complex {
        self.bent_flow(x, y, self.bend_at(x, y))
    }

    /// The flow where the bend is known already.
    fn bent_flow(&self, x: f32, y: f32, bend: f32) -> Complex {
        let z = self.to_plane(x, y);
        // Q dz² > 0 along a ridge, so the direction is the root of conj(Q): collect its factors.
        let mut q = Complex { re: 1.0, im: 0.0 };
        for delta in &self.deltas {
            q = q.times(
                z.minus(*delta)
                    .times(z.minus(delta.conjugate()))
                    .scaled()
                    .conjugate(),
            );
        }
        for core in &self.cores {
            q = q.times(z.minus(*core).times(z.minus(core.conjugate())).scaled());
        }
        let arch = z
            .times(z)
            .minus(Complex {
                re: self.crease_half * self.crease_half,
                im: 0.0,
            })
            .scaled();
        let q = q.times(arch).times(arch).unit();
        // The root by half-angle formulas: no sine, no arc tangent.
        let cosine = (0.5 * (1.0 + q.re)).max(0.0).sqrt();
        let sine = (0.5 * (1.0 - q.re)).max(0.0).sqrt();
        let sine = if q.im < 0.0 { -sine } else { sine };
        // The plane is stretched upright; bring the direction back to the image, then bend it.
        let root = Complex {
            re: cosine,
            im: sine / self.tall,
        };
        root.times(Complex {
            re: 1.0 - 0.5 * bend * bend,
            im: bend,
        })
        .unit()
    }

    /// Distance from one ridge to the next at a point, px.
    pub(crate) fn period_px(&self, x: f32, y: f32) -> f32 {
        let low = smooth((y - 280.0) / 180.0);
        (self.base_period_px * (1.0 + 0.10 * self.stretch.at(x, y) + 0.13 * low)).clamp(6.8, 12.2)
    }

    /// The flow's direction (radians in [0, 2π), arbitrary in sign) and, relative to it, the net
    /// signed density of ridge ends that the flow forces, per px².
    ///
    /// Where neighbouring ridges fan out new ridges must begin: the curl of the wave vector
    /// `f (−sin θ, cos θ)`, here from the derivative of log Q. Positive: the added ridges lie on
    /// the side of the direction.
    pub(crate) fn fan(&self, x: f32, y: f32) -> (f32, f32) {
        const STEP: f32 = 3.0;
        let slope = self.log_derivative(self.to_plane(x, y));
        let bend = self.bend_at(x, y);
        let bend_x = (self.bend_at(x + STEP, y) - bend) / STEP;
        let bend_up = (self.bend_at(x, y - STEP) - bend) / STEP;
        let turn_x = -0.5 * slope.im + bend_x;
        let turn_up = -0.5 * slope.re * self.tall + bend_up;
        let frequency = 1.0 / self.period_px(x, y);
        let frequency_x = (1.0 / self.period_px(x + STEP, y) - frequency) / STEP;
        let frequency_up = (1.0 / self.period_px(x, y - STEP) - frequency) / STEP;
        let flow = self.bent_flow(x, y, bend);
        let density = frequency * (flow.re * turn_up - flow.im * turn_x)
            + frequency_x * flow.re
            + frequency_up * flow.im;
        (full_turn(atan2(flow.im, flow.re)), density)
    }

    /// How far the ridges are turned from the formula, radians: a broad bend and a fine ripple.
    fn bend_at(&self, x: f32, y: f32) -> f32 {
        self.bend_rad * self.bend.at(x, y) + self.ripple_rad * self.ripple.at(x, y)
    }

    /// Q'/Q at a point of the plane; poles are blunted at 6 px.
    fn log_derivative(&self, z: Complex) -> Complex {
        let mut sum = Complex { re: 0.0, im: 0.0 };
        let mut add = |from: Complex, weight: f32| {
            let d = z.minus(from);
            let scale = weight / (d.re * d.re + d.im * d.im).max(36.0);
            sum.re += scale * d.re;
            sum.im -= scale * d.im;
        };
        for (points, weight) in [(&self.deltas, 1.0), (&self.cores, -1.0)] {
            for point in points {
                add(*point, weight);
                add(point.conjugate(), weight);
            }
        }
        add(
            Complex {
                re: self.crease_half,
                im: 0.0,
            },
            -2.0,
        );
        add(
            Complex {
                re: -self.crease_half,
                im: 0.0,
            },
            -2.0,
        );
        sum
    }

    /// A bound of the density of `fan` that costs little: it is large only near singular points.
    pub(crate) fn fan_most(&self, x: f32, y: f32) -> f32 {
        let z = self.to_plane(x, y);
        let near = |point: &Complex| {
            let d = z.minus(*point);
            0.075 / (d.re * d.re + d.im * d.im).max(400.0).sqrt()
        };
        1.2e-3 + self.cores.iter().chain(&self.deltas).map(near).sum::<f32>()
    }

    /// How deep a point lies in the skin: 1 at the middle of the pad, 0 at its edge, below 0 outside.
    pub(crate) fn depth(x: f32, y: f32) -> f32 {
        let half_width = MASTER_WIDTH as f32 / 2.0;
        let u = (x - half_width) / (half_width - 2.0);
        let middle = 226.0;
        let v = if y < middle {
            (y - middle) / (middle - 2.0)
        } else {
            (y - middle) / 330.0
        };
        let square = u * u + v * v;
        1.0 - square * (0.6 + 0.4 * square)
    }

    /// Cores, px of the master.
    pub(crate) fn cores_px(&self) -> Vec<(f32, f32)> {
        self.cores.iter().map(|z| self.to_image(*z)).collect()
    }

    /// Deltas, px of the master.
    pub(crate) fn deltas_px(&self) -> Vec<(f32, f32)> {
        self.deltas.iter().map(|z| self.to_image(*z)).collect()
    }

    fn to_plane(&self, x: f32, y: f32) -> Complex {
        Complex {
            re: x - MASTER_WIDTH as f32 / 2.0,
            im: (MASTER_HEIGHT as f32 + CREASE_BELOW - y) * self.tall,
        }
    }

    fn to_image(&self, z: Complex) -> (f32, f32) {
        (
            z.re + MASTER_WIDTH as f32 / 2.0,
            MASTER_HEIGHT as f32 + CREASE_BELOW - z.im / self.tall,
        )
    }
}

/// Draws cores and deltas in the plane (origin in the middle of the crease, y upwards).
fn singular_points(class: PatternClass, draw: &mut Draw) -> (Vec<Complex>, Vec<Complex>) {
    let mut point = |x: f32, dx: f32, y: f32, dy: f32| Complex {
        re: x + dx * draw.normal(),
        im: y + dy * draw.normal(),
    };
    match class {
        PatternClass::Arch => (vec![], vec![]),
        PatternClass::TentedArch => {
            let core = point(0.0, 13.0, 262.0, 20.0);
            let drop = point(0.0, 7.0, 80.0, 18.0);
            (vec![core], vec![core.minus(drop)])
        }
        PatternClass::LeftLoop | PatternClass::RightLoop => {
            let side = if class == PatternClass::RightLoop {
                -1.0
            } else {
                1.0
            };
            let core = point(-6.0 * side, 15.0, 284.0, 21.0);
            let drop = point(-98.0 * side, 25.0, 108.0, 25.0);
            (vec![core], vec![core.minus(drop)])
        }
        PatternClass::Whorl | PatternClass::DoubleLoop => {
            let (gap, lean) = if class == PatternClass::Whorl {
                (40.0, 8.0)
            } else {
                (72.0, 24.0)
            };
            let upper = point(0.0, 14.0, 298.0, 19.0);
            let tilt = if point(0.0, 1.0, 0.0, 0.0).re < 0.0 {
                -lean
            } else {
                lean
            };
            let lower = upper.minus(point(tilt, 8.0, gap, 13.0));
            let left = point(-112.0, 22.0, 172.0, 26.0);
            let right = point(112.0, 22.0, 172.0, 26.0);
            (vec![upper, lower], vec![left, right])
        }
    }
}

#[cfg(test)]
mod tests;
