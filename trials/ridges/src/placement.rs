//! How a finger lies on the sensor: pose, and the skin's distortion under the pressing finger.
//!
//! Distortion after Cappelli, Maio and Maltoni ("Modelling plastic distortion in fingerprint
//! images", ICAPR 2001): the middle of the pad sticks to the glass, the outer skin is dragged and
//! turned by the finger, with an elastic ring between. A small linear and quadratic part stands
//! for uneven pressing. One function serves pictures and templates.

use crate::condition::{Condition, ImpressionParams};
use crate::exact::{Draw, atan2, full_turn, sin_cos};
use crate::noise::smooth;

/// The point of the master that lies at the middle of the window when nothing is shifted, px.
const AIM: (f32, f32) = (196.0, 258.0);
/// Distances in the window are measured in this unit for the distortion, px.
const PAD: f32 = 160.0;

/// Where and how the finger lies in this impression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Turn of the finger, degrees, counter-clockwise.
    pub rotation_deg: f32,
    /// Shift of the finger to the right, px.
    pub shift_x_px: f32,
    /// Shift of the finger downwards, px.
    pub shift_y_px: f32,
}

/// The map between a sensor window and a master.
pub(crate) struct Placement {
    pub(crate) pose: Pose,
    middle: (f32, f32),
    sine: f32,
    cosine: f32,
    drag: (f32, f32),
    twist: f32,
    linear: [f32; 4],
    quadratic: [f32; 6],
}

impl Placement {
    /// Draws pose and distortion.
    pub(crate) fn draw(
        params: &ImpressionParams,
        condition: &Condition,
        draw: &mut Draw,
    ) -> Placement {
        let spread = condition.spread;
        let rotation_deg = spread * params.rotation_sd_deg * draw.normal();
        let pose = Pose {
            rotation_deg,
            shift_x_px: spread * params.shift_sd_px * draw.normal(),
            shift_y_px: 1.25 * spread * params.shift_sd_px * draw.normal(),
        };
        let (sine, cosine) = sin_cos(rotation_deg.to_radians());
        // Wet and firmly pressed skin slips less than it stretches: distortion grows with pressure.
        let strength = spread.sqrt() * params.distortion * (1.0 + 0.25 * condition.pressure);
        Placement {
            pose,
            middle: (params.width as f32 / 2.0, params.height as f32 / 2.0),
            sine,
            cosine,
            drag: (
                5.0 * strength * draw.normal(),
                6.0 * strength * draw.normal(),
            ),
            twist: 0.045 * strength * draw.normal(),
            linear: core::array::from_fn(|_| 0.012 * strength * draw.normal()),
            quadratic: core::array::from_fn(|_| 1.6 * strength * draw.normal()),
        }
    }

    /// The master's point under a point of the window.
    pub(crate) fn to_master(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = self.warp(x, y);
        let rx = x + dx - self.middle.0 - self.pose.shift_x_px;
        let ry = y + dy - self.middle.1 - self.pose.shift_y_px;
        // Rotation with y down: the finger turned counter-clockwise is read turned clockwise.
        (
            AIM.0 + self.cosine * rx - self.sine * ry,
            AIM.1 + self.sine * rx + self.cosine * ry,
        )
    }

    /// The window's point over a point of the master (within 0.5 px also for strong distortions).
    pub(crate) fn to_window(&self, x: f32, y: f32) -> (f32, f32) {
        let (rx, ry) = (x - AIM.0, y - AIM.1);
        let straight = (
            self.cosine * rx + self.sine * ry + self.middle.0 + self.pose.shift_x_px,
            -self.sine * rx + self.cosine * ry + self.middle.1 + self.pose.shift_y_px,
        );
        let mut at = straight;
        for _ in 0..8 {
            let (dx, dy) = self.warp(at.0, at.1);
            let next = (straight.0 - dx, straight.1 - dy);
            if next == at {
                break;
            }
            at = next;
        }
        at
    }

    /// A direction at a point of the window that has `angle` in the master.
    pub(crate) fn turn(&self, (x, y): (f32, f32), angle: f32) -> f32 {
        const STEP: f32 = 4.0;
        let (s, c) = sin_cos(angle);
        let (px, py) = (
            self.cosine * c - self.sine * s,
            -self.sine * c - self.cosine * s,
        );
        let here = self.warp(x, y);
        let right = self.warp(x + STEP, y);
        let below = self.warp(x, y + STEP);
        // Solve (I + Dw) d = p for the direction d in the window.
        let a = 1.0 + (right.0 - here.0) / STEP;
        let b = (below.0 - here.0) / STEP;
        let e = (right.1 - here.1) / STEP;
        let f = 1.0 + (below.1 - here.1) / STEP;
        let (dx, dy) = (f * px - b * py, a * py - e * px);
        full_turn(atan2(-dy, dx))
    }

    /// How far the skin under a point of the window was moved from its relaxed place, px.
    fn warp(&self, x: f32, y: f32) -> (f32, f32) {
        let u = ((x - self.middle.0) / PAD).clamp(-1.6, 1.6);
        let v = ((y - self.middle.1) / PAD).clamp(-1.6, 1.6);
        let brake = smooth(((u * u + 0.72 * v * v).sqrt() - 0.30) / 0.95);
        let [a, b, c, d] = self.linear;
        let q = &self.quadratic;
        let dx = brake * (self.drag.0 - self.twist * v * PAD)
            + (a * u + b * v) * PAD
            + q[0] * u * u
            + q[1] * u * v
            + q[2] * v * v;
        let dy = brake * (self.drag.1 + self.twist * u * PAD)
            + (c * u + d * v) * PAD
            + q[3] * u * u
            + q[4] * u * v
            + q[5] * v * v;
        (dx, dy)
    }
}

#[cfg(test)]
mod tests;
