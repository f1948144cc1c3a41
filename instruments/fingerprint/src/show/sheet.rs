//! A picture drawn in the coordinates of a print.

use super::digits;
use crate::show::StagePicture;
use crate::trig;

/// A rectangle in the coordinates of a print, pixels at 500 dpi.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Area {
    /// The smallest that holds all points; `None` without any.
    pub fn of(points: impl Iterator<Item = (f32, f32)>) -> Option<Area> {
        points.fold(None, |area: Option<Area>, (x, y)| {
            let area = area.unwrap_or(Area {
                left: x,
                top: y,
                right: x,
                bottom: y,
            });
            Some(Area {
                left: area.left.min(x),
                top: area.top.min(y),
                right: area.right.max(x),
                bottom: area.bottom.max(y),
            })
        })
    }

    pub fn corners(&self) -> [(f32, f32); 4] {
        [
            (self.left, self.top),
            (self.right, self.top),
            (self.left, self.bottom),
            (self.right, self.bottom),
        ]
    }

    pub fn wider(&self, by: f32) -> Area {
        Area {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// Longest side of a sheet, so that no template makes a picture without end.
const SIDE_MAX_PX: f32 = 2400.0;

/// How large a print is drawn when its longest side is this: twice, or less where that is too large.
pub(super) fn scale_for(longest_px: f32) -> f32 {
    (SIDE_MAX_PX / longest_px.max(1.0)).min(2.0)
}

/// Pixels of a dot of a digit.
const DOT_PX: f32 = 2.0;

/// A part of a picture that shows an area of a print.
pub(super) struct Sheet<'p> {
    pub picture: &'p mut StagePicture,
    /// Where the area's upper left corner lies in the picture.
    pub at: (f32, f32),
    pub area: Area,
    pub scale: f32,
    /// Numbers written so far: left, top, right, bottom.
    pub written: Vec<[f32; 4]>,
}

impl Sheet<'_> {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.at.0 + (x - self.area.left) * self.scale,
            self.at.1 + (y - self.area.top) * self.scale,
        )
    }

    /// Colours every pixel of the area, given its place on the print.
    pub fn fill(&mut self, mut colour: impl FnMut(f32, f32) -> [u8; 3]) {
        let size = (
            self.area.width() * self.scale,
            self.area.height() * self.scale,
        );
        for row in 0..size.1 as usize {
            for column in 0..size.0 as usize {
                let (u, v) = (column as f32, row as f32);
                let at = (
                    self.area.left + u / self.scale,
                    self.area.top + v / self.scale,
                );
                self.picture
                    .set(self.at.0 + u, self.at.1 + v, colour(at.0, at.1));
            }
        }
    }

    /// A ring with a tail along `angle` (radians, y downwards), on a white ground.
    pub fn ring(&mut self, (x, y): (f32, f32), angle: f32, colour: [u8; 3]) {
        let centre = self.place(x, y);
        self.tail(centre, angle, colour);
        for (radii, colour) in [([3.6, 6.4], [255; 3]), ([4.6, 5.4], colour)] {
            for step in 0..64u8 {
                let (s, c) = trig::sin_cos(f32::from(step) * trig::PI / 32.0);
                for radius in radii {
                    let (x, y) = (centre.0 + radius * c, centre.1 + radius * s);
                    self.picture.set(x, y, colour);
                }
            }
        }
    }

    /// A white square with a border of two pixels and a tail.
    pub fn square(&mut self, (x, y): (f32, f32), angle: f32, colour: [u8; 3]) {
        let centre = self.place(x, y);
        self.tail(centre, angle, colour);
        for dy in -5i8..=5 {
            for dx in -5i8..=5 {
                let border = dx.abs().max(dy.abs()) >= 4;
                let ink = if border { colour } else { [255; 3] };
                let (x, y) = (centre.0 + f32::from(dx), centre.1 + f32::from(dy));
                self.picture.set(x, y, ink);
            }
        }
    }

    fn tail(&mut self, (x, y): (f32, f32), angle: f32, colour: [u8; 3]) {
        let (s, c) = trig::sin_cos(angle);
        for (aside, colour) in [
            (-1.5, [255; 3]),
            (1.5, [255; 3]),
            (-0.5, colour),
            (0.5, colour),
        ] {
            let from = (x - s * aside, y + c * aside);
            self.picture.stroke(from, angle, (5.0, 18.0), colour);
        }
    }

    /// A dot.
    pub fn dot(&mut self, (x, y): (f32, f32), colour: [u8; 3]) {
        let centre = self.place(x, y);
        for dy in -1i8..=1 {
            for dx in -1i8..=1 {
                self.picture
                    .set(centre.0 + f32::from(dx), centre.1 + f32::from(dy), colour);
            }
        }
    }

    /// A line of three pixels between two places of the print.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: [u8; 3]) {
        let (from, to) = (self.place(from.0, from.1), self.place(to.0, to.1));
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        let angle = trig::atan2(dy, dx);
        for (ox, oy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] {
            let start = (from.0 + ox, from.1 + oy);
            self.picture.stroke(start, angle, (0.0, length), colour);
        }
    }

    /// A number beside a place, with a white border, where no other number stands yet if there is room.
    pub fn number(&mut self, (x, y): (f32, f32), number: usize, colour: [u8; 3]) {
        let centre = self.place(x, y);
        let (w, h) = (
            DOT_PX * digits::width(number) as f32,
            DOT_PX * digits::HEIGHT as f32,
        );
        let places = [
            (7.0, -h - 3.0),
            (7.0, 3.0),
            (-7.0 - w, -h - 3.0),
            (-7.0 - w, 3.0),
            (-w / 2.0, -h - 8.0),
            (-w / 2.0, 8.0),
        ];
        let boxed = |(dx, dy): (f32, f32)| {
            let (left, top) = (centre.0 + dx, centre.1 + dy);
            [left - 1.0, top - 1.0, left + w + 1.0, top + h + 1.0]
        };
        let free = |b: &[f32; 4]| {
            self.written
                .iter()
                .all(|o| b[0] > o[2] || o[0] > b[2] || b[1] > o[3] || o[1] > b[3])
        };
        let boxes = places.map(boxed);
        let chosen = boxes.into_iter().find(free).unwrap_or(boxes[0]);
        self.written.push(chosen);
        let (left, top) = (chosen[0] + 1.0, chosen[1] + 1.0);
        for (grow, ink) in [(1.0, [255; 3]), (0.0, colour)] {
            for (column, row) in digits::dots(number) {
                let at = (left + DOT_PX * column as f32, top + DOT_PX * row as f32);
                self.block(at, (-grow, DOT_PX - 1.0 + grow), ink);
            }
        }
    }

    /// A square whose sides lie between two distances from a pixel.
    fn block(&mut self, (x, y): (f32, f32), (from, to): (f32, f32), colour: [u8; 3]) {
        let steps = (to - from) as usize;
        for row in 0..=steps {
            for column in 0..=steps {
                self.picture
                    .set(x + from + column as f32, y + from + row as f32, colour);
            }
        }
    }
}
