//! The block of minutiae that all records of ISO and ANSI share, with what differs as values.

use super::bytes::Bytes;
use super::{RecordError, View};
use crate::prepared::STEPS;
use crate::template::{MINUTIAE_MAX, Minutia, MinutiaKind, Template};

/// 500 dpi in pixels per centimetre, rounded as the standards do.
pub(super) const PER_CM: u16 = 197;
/// Coordinates have 14 bits.
const COORDINATE_MAX: u16 = 0x3FFF;

/// The unit of an angle; all are counter-clockwise from the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AngleUnit {
    /// 1/256 turn, 1.40625°.
    Step,
    /// 2°, 0 to 179.
    TwoDegrees,
}

/// How reliability is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reliability {
    /// 1–100, 0 not reported.
    ZeroUnknown,
    /// 0–100, 254 not reported, 255 failed.
    From254,
    /// No byte at all.
    Absent,
}

/// Where the point of a ridge ending lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndingAt {
    /// Where the valley in front of the ridge forks.
    ValleyFork,
    /// Where the ridge's middle line ends, as in [`Template`].
    RidgeTip,
}

/// What distinguishes the minutiae of one format from another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub angle: AngleUnit,
    pub reliability: Reliability,
    pub ending_at: EndingAt,
}

/// The image that coordinates refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub width: u16,
    pub height: u16,
    /// Pixels per centimetre across and down.
    pub per_cm: (u16, u16),
}

impl Frame {
    /// Size and resolution, in the order in which every format states them; refuses resolutions
    /// outside 250–1200 dpi.
    pub fn new(size: (u16, u16), per_cm: (u16, u16), at: usize) -> Result<Frame, RecordError> {
        for (per_cm, at) in [(per_cm.0, at), (per_cm.1, at + 2)] {
            if !(98..=473).contains(&per_cm) {
                return Err(RecordError::Resolution { per_cm, at });
            }
        }
        let (width, height) = size;
        Ok(Frame {
            width,
            height,
            per_cm,
        })
    }

    /// The frame of a view to be written: at least as large as its minutiae need.
    pub fn of(template: &Template) -> Frame {
        let far = |at: fn(&Minutia) -> u16| template.minutiae.iter().map(at).max().unwrap_or(0);
        Frame {
            width: template.width.max(far(|m| m.x)),
            height: template.height.max(far(|m| m.y)),
            per_cm: (PER_CM, PER_CM),
        }
    }

    /// The frame of several views.
    pub fn of_all(views: &[View]) -> Frame {
        let mut frame = Frame {
            width: 0,
            height: 0,
            per_cm: (PER_CM, PER_CM),
        };
        for one in views.iter().map(|v| Frame::of(&v.template)) {
            frame.width = frame.width.max(one.width);
            frame.height = frame.height.max(one.height);
        }
        frame
    }

    /// Width and height at 500 dpi.
    pub fn at_500(&self) -> (u16, u16) {
        (
            scaled(self.width, self.per_cm.0),
            scaled(self.height, self.per_cm.1),
        )
    }
}

impl Style {
    /// Bytes of one minutia.
    pub fn bytes(&self) -> usize {
        match self.reliability {
            Reliability::ZeroUnknown | Reliability::From254 => 6,
            Reliability::Absent => 5,
        }
    }

    /// Reads `count` minutiae and brings them to 500 dpi and to our conventions.
    pub fn read(
        &self,
        input: &mut Bytes<'_>,
        count: u8,
        frame: &Frame,
        view: usize,
    ) -> Result<Vec<Minutia>, RecordError> {
        let start = input.at();
        let body = input.take(usize::from(count) * self.bytes(), "minutiae")?;
        let one = |(index, m): (usize, &[u8])| {
            let at = start + index * self.bytes();
            let (x, y) = (be14(&m[0..2]), be14(&m[2..4]));
            if x > frame.width || y > frame.height {
                return Err(RecordError::OutsideImage { view, index, at });
            }
            let angle = match self.angle {
                AngleUnit::Step => m[4],
                AngleUnit::TwoDegrees if m[4] > 179 => {
                    return Err(RecordError::Angle {
                        angle: m[4],
                        view,
                        index,
                        at: at + 4,
                    });
                }
                AngleUnit::TwoDegrees => step_of_two_degrees(m[4]),
            };
            let minutia = Minutia {
                x: scaled(x, frame.per_cm.0),
                y: scaled(y, frame.per_cm.1),
                angle,
                kind: kind_of_code(m[0] >> 6),
                quality: match self.reliability {
                    Reliability::ZeroUnknown => m[5].min(100),
                    Reliability::From254 => from_254(m[5]),
                    Reliability::Absent => 0,
                },
            };
            Ok(self.ending_at.at_tip(minutia, frame.at_500()))
        };
        body.chunks_exact(self.bytes())
            .enumerate()
            .map(one)
            .collect()
    }

    /// Writes the minutiae behind their count of one byte, and that no extended data follow.
    pub fn write(&self, template: &Template, frame: &Frame, out: &mut Vec<u8>) {
        let minutiae = &template.minutiae[..template.minutiae.len().min(MINUTIAE_MAX)];
        out.push(minutiae.len() as u8);
        let edge = (
            frame.width.min(COORDINATE_MAX),
            frame.height.min(COORDINATE_MAX),
        );
        for m in minutiae {
            let (angle, written) = match self.angle {
                AngleUnit::Step => (m.angle, m.angle),
                AngleUnit::TwoDegrees => {
                    let written = two_degrees_of_step(m.angle);
                    (step_of_two_degrees(written), written)
                }
            };
            let m = self.ending_at.as_written(Minutia { angle, ..*m }, edge);
            let x = (u16::from(code_of_kind(m.kind)) << 14) | m.x;
            out.extend_from_slice(&x.to_be_bytes());
            out.extend_from_slice(&m.y.to_be_bytes());
            out.push(written);
            match self.reliability {
                Reliability::ZeroUnknown => out.push(m.quality.min(100)),
                Reliability::From254 => out.push(to_254(m.quality)),
                Reliability::Absent => {}
            }
        }
        out.extend_from_slice(&[0, 0]);
    }
}

/// Pixels at 500 dpi from the tip of a ridge's middle line to the fork of the valley's in front of
/// it.
///
/// Measured with this extractor on 6,531 endings of the five shared sets, each against the fork that
/// the same image shows with black and white exchanged: median 4.0 to 4.2 on every set, 80 % within
/// 2.7 to 6.0, and 0.7 to the side.
const TIP_TO_FORK_PX: f32 = 4.0;

impl EndingAt {
    /// From where the format puts a minutia to where we do.
    pub fn at_tip(self, m: Minutia, edge: (u16, u16)) -> Minutia {
        self.moved(m, edge, 1)
    }

    /// From where we put a minutia to where the format does.
    pub fn as_written(self, m: Minutia, edge: (u16, u16)) -> Minutia {
        self.moved(m, edge, -1)
    }

    /// Moves an ending along its ridge by whole pixels that depend on its angle alone, so that
    /// reading what was written gives the same place.
    fn moved(self, m: Minutia, edge: (u16, u16), sign: i32) -> Minutia {
        let (mut dx, mut dy) = (0, 0);
        if self == EndingAt::ValleyFork && m.kind == MinutiaKind::Ending {
            let (cosine, sine) = STEPS[m.angle as usize];
            dx = (TIP_TO_FORK_PX * cosine).round() as i32;
            dy = -(TIP_TO_FORK_PX * sine).round() as i32;
        }
        let within = |place: u16, by: i32, edge: u16| {
            (i32::from(place) + sign * by).clamp(0, i32::from(edge)) as u16
        };
        Minutia {
            x: within(m.x, dx, edge.0),
            y: within(m.y, dy, edge.1),
            ..m
        }
    }
}

fn be14(two: &[u8]) -> u16 {
    u16::from_be_bytes([two[0], two[1]]) & COORDINATE_MAX
}

/// The two bits of a minutia's type: 1 ending, 2 bifurcation, 0 (and the reserved 3) other.
pub(super) fn kind_of_code(code: u8) -> MinutiaKind {
    match code {
        1 => MinutiaKind::Ending,
        2 => MinutiaKind::Bifurcation,
        _ => MinutiaKind::Other,
    }
}

/// See [`kind_of_code`].
pub(super) fn code_of_kind(kind: MinutiaKind) -> u8 {
    match kind {
        MinutiaKind::Ending => 1,
        MinutiaKind::Bifurcation => 2,
        MinutiaKind::Other => 0,
    }
}

/// A quality of 0–100 where 254 and 255 say that there is none; the worst is 1 with us.
pub(super) fn from_254(written: u8) -> u8 {
    if written >= 254 {
        0
    } else {
        written.clamp(1, 100)
    }
}

/// See [`from_254`].
pub(super) fn to_254(quality: u8) -> u8 {
    if quality == 0 { 254 } else { quality.min(100) }
}

/// The nearest step of 1/256 turn to `units` of 2°; exact ties do not occur.
pub(super) fn step_of_two_degrees(units: u8) -> u8 {
    ((u16::from(units) * 128 + 45) / 90) as u8
}

/// The nearest multiple of 2° to a step of 1/256 turn.
pub(super) fn two_degrees_of_step(step: u8) -> u8 {
    ((u16::from(step) * 90 + 64) / 128 % 180) as u8
}

/// From pixels at `per_cm` to pixels at 500 dpi. 196 and 197 both stand for 500 dpi in the field.
pub(super) fn scaled(value: u16, per_cm: u16) -> u16 {
    if (196..=197).contains(&per_cm) {
        return value;
    }
    let at_500 =
        (u32::from(value) * 50_000 + u32::from(per_cm) * 127) / (u32::from(per_cm) * 254).max(1);
    at_500.min(u32::from(u16::MAX)) as u16
}
