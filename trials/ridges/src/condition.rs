//! Severity of an impression: parameters, presets, and the state drawn for one capture.

use crate::exact::Draw;

/// How good or bad a capture is. All severities are free numbers; the presets show useful ones.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpressionParams {
    /// Columns of the sensor window, px at 500 dpi.
    pub width: usize,
    /// Rows of the sensor window, px at 500 dpi.
    pub height: usize,
    /// Standard deviation of the finger's turn, degrees.
    pub rotation_sd_deg: f32,
    /// Standard deviation of the finger's shift to the side, px; 1.25 times that up and down.
    pub shift_sd_px: f32,
    /// Distortion of the skin: 0 none, 1 an ordinary press, 2 deliberate twisting.
    pub distortion: f32,
    /// Mean pressure: −1 a light touch (thin ridges, small area), 0 normal, 1 hard (thick ridges).
    pub pressure: f32,
    /// Standard deviation of the pressure.
    pub pressure_sd: f32,
    /// Mean moisture: −1 dry (ridges break into dots), 0 normal, 1 wet (valleys fill).
    pub moisture: f32,
    /// Standard deviation of the moisture.
    pub moisture_sd: f32,
    /// Wear added to the finger's own: 0 none, 1 ridges mostly gone.
    pub wear: f32,
    /// Sensor and skin noise: 0 none, 1 strong.
    pub noise: f32,
    /// Mean number of fresh scratches.
    pub scratches: f32,
    /// Visibility of pores, 0 to 1.
    pub pores: f32,
    /// What the fingers before left on the glass, 0 to 1.
    pub residue: f32,
    /// Scale of the touching area: 1 the whole pad, 0.5 half of it in each direction.
    pub area: f32,
    /// Share of captures taken carelessly: all their deviations are twice as large.
    pub careless: f32,
}

impl ImpressionParams {
    /// Capture at enrolment: watched by an operator, repeated until good.
    pub fn enrolment() -> ImpressionParams {
        ImpressionParams {
            width: 326,
            height: 357,
            rotation_sd_deg: 4.0,
            shift_sd_px: 9.0,
            distortion: 0.5,
            pressure: 0.2,
            pressure_sd: 0.25,
            moisture: 0.0,
            moisture_sd: 0.2,
            wear: 0.0,
            noise: 0.15,
            scratches: 0.3,
            pores: 0.6,
            residue: 0.1,
            area: 1.0,
            careless: 0.02,
        }
    }

    /// Capture at a polling station: in a hurry, any weather, any age.
    pub fn election_day() -> ImpressionParams {
        ImpressionParams {
            rotation_sd_deg: 9.0,
            shift_sd_px: 15.0,
            distortion: 2.0,
            pressure: 0.1,
            pressure_sd: 0.45,
            moisture: -0.1,
            moisture_sd: 0.65,
            noise: 0.7,
            scratches: 3.0,
            residue: 0.4,
            area: 0.98,
            careless: 0.2,
            ..ImpressionParams::enrolment()
        }
    }

    /// Named bad case: ridges worn by work or age.
    pub fn worn() -> ImpressionParams {
        ImpressionParams {
            wear: 0.6,
            scratches: 4.0,
            noise: 0.5,
            ..ImpressionParams::election_day()
        }
    }

    /// Named bad case: a wet finger, valleys filled.
    pub fn wet() -> ImpressionParams {
        ImpressionParams {
            moisture: 1.0,
            pressure: 0.4,
            ..ImpressionParams::election_day()
        }
    }

    /// Named bad case: a dry finger, ridges broken into dots.
    pub fn dry() -> ImpressionParams {
        ImpressionParams {
            moisture: -1.0,
            pressure: -0.2,
            ..ImpressionParams::election_day()
        }
    }

    /// Named bad case: only a part of the pad touches, off the middle.
    pub fn partial() -> ImpressionParams {
        ImpressionParams {
            area: 0.62,
            shift_sd_px: 42.0,
            ..ImpressionParams::election_day()
        }
    }
}

/// The state of skin and sensor in one capture.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) pressure: f32,
    pub(crate) moisture: f32,
    pub(crate) wear: f32,
    pub(crate) noise: f32,
    pub(crate) area: f32,
    /// 2 in a careless capture, else 1: a factor of pose and distortion.
    pub(crate) spread: f32,
}

impl Condition {
    /// Draws the state of one capture of a finger whose own wear is `finger_wear`.
    pub(crate) fn draw(params: &ImpressionParams, finger_wear: f32, draw: &mut Draw) -> Condition {
        let spread = if draw.chance(params.careless) {
            2.0
        } else {
            1.0
        };
        let pressure = params.pressure + spread * params.pressure_sd * draw.normal();
        let moisture = params.moisture + spread * params.moisture_sd * draw.normal();
        Condition {
            pressure: pressure.clamp(-1.2, 1.2),
            moisture: moisture.clamp(-1.4, 1.4),
            wear: (params.wear + finger_wear).clamp(0.0, 1.0),
            noise: (params.noise * (1.0 + 0.4 * spread * draw.normal())).clamp(0.0, 1.5),
            area: (params.area * (1.0 + 0.05 * spread * draw.normal())).clamp(0.2, 1.2),
            spread,
        }
    }

    /// How much of the ridge detail is lost, 0 (none) to about 1.
    pub(crate) fn damage(&self) -> f32 {
        let wet = (self.moisture - 0.3).max(0.0);
        let dry = (-self.moisture - 0.3).max(0.0);
        let light = (-self.pressure - 0.5).max(0.0);
        1.2 * self.wear + 0.45 * wet + 0.45 * dry + 0.3 * light + 0.25 * self.noise
    }

    /// Quality on a scale of 0 to 100, from damage and area alone.
    pub(crate) fn quality(&self) -> u8 {
        let share = (1.0 - 0.9 * self.damage()).max(0.05) * self.area.min(1.0).sqrt();
        (share * 95.0).clamp(1.0, 100.0) as u8
    }
}

/// Where skin touches the glass, in the coordinates of the master.
pub(crate) struct Touch {
    half_width: f32,
    half_height: f32,
    middle: (f32, f32),
}

impl Touch {
    /// Draws the touching area; pressure and `area` widen it.
    pub(crate) fn draw(condition: &Condition, draw: &mut Draw) -> Touch {
        let scale = condition.area * (1.0 + 0.13 * condition.pressure);
        let spread = (1.0 - condition.area).max(0.0);
        Touch {
            half_width: (140.0 + 9.0 * draw.normal()) * scale,
            half_height: (205.0 + 9.0 * draw.normal()) * scale,
            middle: (
                196.0 + (5.0 + 40.0 * spread) * draw.normal(),
                232.0 + (8.0 + 50.0 * spread) * draw.normal(),
            ),
        }
    }

    /// 1 in the middle, 0 at the border, negative outside.
    pub(crate) fn depth(&self, x: f32, y: f32) -> f32 {
        let u = (x - self.middle.0) / self.half_width;
        let v = (y - self.middle.1) / self.half_height;
        let square = u * u + v * v;
        1.0 - square * (0.55 + 0.45 * square)
    }
}
