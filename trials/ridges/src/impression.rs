//! Impressions of a master: what an optical sensor would see, with its truth.

use crate::condition::{Condition, ImpressionParams, Touch};
use crate::exact::{Draw, Lane};
use crate::field::{Field, MASTER_HEIGHT, MASTER_WIDTH};
use crate::master::Master;
use crate::minutia::TrueMinutia;
use crate::noise::{Lattice, smooth};
use crate::picture::Grey;
use crate::placement::{Placement, Pose};
use crate::template::carry;

/// One capture of a finger with everything that is known about it.
#[derive(Clone, Debug)]
pub struct Impression {
    /// The picture, ridges dark, 500 dpi.
    pub image: Grey,
    /// The finger's minutiae that lie in the touching area, px of the picture.
    pub minutiae: Vec<TrueMinutia>,
    /// How the finger lay.
    pub pose: Pose,
    /// 255 where skin touched, 0 elsewhere; same size as the picture.
    pub foreground: Grey,
    /// Quality by the severities drawn, 1 to 100: a statement about the making, not a measure.
    pub quality: u8,
}

impl Master {
    /// Takes an impression; same master, parameters and seed give the same bytes.
    /// Cost: about 10 ms for 326 × 357 px.
    pub fn impression(&self, params: &ImpressionParams, seed: u64) -> Impression {
        let mut draw = Draw::new(seed, Lane::Pose);
        let condition = Condition::draw(params, self.wear, &mut draw);
        let placement = Placement::draw(params, &condition, &mut draw);
        let touch = Touch::draw(&condition, &mut draw);
        let minutiae = carry(&self.minutiae, &placement, &touch, params)
            .into_iter()
            .map(|(m, _)| m)
            .collect();
        let mut surface = Surface {
            master: self,
            params,
            condition: &condition,
            placement: &placement,
            touch: &touch,
            draw: Draw::new(seed, Lane::Surface),
        };
        let (image, foreground) = surface.render();
        Impression {
            image,
            minutiae,
            pose: placement.pose,
            foreground,
            quality: condition.quality(),
        }
    }

    /// The ridges that lie under the picture of [`Master::impression`] with the same parameters and
    /// seed, without skin, ink or noise: 128 ± height, 255 a ridge's top; 0 where no skin touched.
    ///
    /// From it every local truth can be measured: direction, period, ridge or valley.
    /// Cost: about 3 ms for 326 × 357 px.
    pub fn ridges_under(&self, params: &ImpressionParams, seed: u64) -> Grey {
        // The same draws in the same order as in `impression`.
        let mut draw = Draw::new(seed, Lane::Pose);
        let condition = Condition::draw(params, self.wear, &mut draw);
        let placement = Placement::draw(params, &condition, &mut draw);
        let touch = Touch::draw(&condition, &mut draw);
        let (width, height) = (params.width, params.height);
        let map = WindowMap::new(&placement, width, height);
        let mut pixels = vec![0_u8; width * height];
        for y in 0..height {
            let inset = glass_inset(y, width, height);
            for x in inset..width - inset {
                let (mx, my) = map.at(x, y);
                if touch.depth(mx, my).min(Field::depth(mx, my) * 2.0) > 0.0 {
                    let height = height_at(&self.pattern, mx, my);
                    pixels[y * width + x] = (128.0 + 127.0 * height).clamp(1.0, 255.0) as u8;
                }
            }
        }
        Grey {
            width,
            height,
            pixels,
        }
    }
}

/// All that decides the look of one capture.
struct Surface<'a> {
    master: &'a Master,
    params: &'a ImpressionParams,
    condition: &'a Condition,
    placement: &'a Placement,
    touch: &'a Touch,
    draw: Draw,
}

/// Smooth and rough random fields of a capture; `patch` and `edge` stay with the finger.
struct Texture {
    fine: Lattice,
    grain: Lattice,
    blotch: Lattice,
    broad: Lattice,
    patch: Lattice,
    edge: Lattice,
    speckle: Vec<u8>,
}

/// What decides one pixel.
struct Spot {
    mx: f32,
    my: f32,
    depth: f32,
    lift: f32,
    fine: f32,
    grain: f32,
    blotch: f32,
    broad: f32,
    speckle: f32,
}

impl Surface<'_> {
    fn render(&mut self) -> (Grey, Grey) {
        let (width, height) = (self.params.width, self.params.height);
        let lift = self.lift();
        let texture = self.texture();
        let map = WindowMap::new(self.placement, width, height);
        let mut pixels = vec![255_u8; width * height];
        let mut skin = vec![0_u8; width * height];
        let fields = [
            &texture.fine,
            &texture.grain,
            &texture.blotch,
            &texture.broad,
        ];
        let mut readers = fields.map(|field| field.rows(width));
        let mut rows = [(); 4].map(|()| vec![0.0_f32; width]);
        for y in 0..height {
            for (reader, row) in readers.iter_mut().zip(&mut rows) {
                reader.read(y, row);
            }
            let inset = glass_inset(y, width, height);
            let glass = y * width + inset..(y + 1) * width - inset;
            for (at, x) in glass.zip(inset..) {
                let (mx, my) = map.at(x, y);
                let depth = self.touch.depth(mx, my).min(Field::depth(mx, my) * 2.0);
                if depth > 0.0 {
                    skin[at] = 255;
                }
                let spot = Spot {
                    mx,
                    my,
                    depth,
                    lift: lift[at],
                    fine: rows[0][x],
                    grain: rows[1][x],
                    blotch: rows[2][x],
                    broad: rows[3][x],
                    speckle: (f32::from(texture.speckle[at]) - 127.5) * (1.0 / 127.5),
                };
                pixels[at] = self.shade(&spot, &texture);
            }
        }
        let image = Grey {
            width,
            height,
            pixels: soften(&pixels, width, height),
        };
        (
            image,
            Grey {
                width,
                height,
                pixels: skin,
            },
        )
    }

    fn texture(&mut self) -> Texture {
        let area = (self.params.width as f32, self.params.height as f32);
        let mut speckle = vec![0_u8; self.params.width * self.params.height];
        let master_area = (MASTER_WIDTH as f32, MASTER_HEIGHT as f32);
        let mut own = Draw::new(self.master.seed, Lane::Skin);
        let draw = &mut self.draw;
        draw.fill(&mut speckle);
        Texture {
            fine: Lattice::new(draw, area, 2.1),
            grain: Lattice::new(draw, area, 4.3),
            blotch: Lattice::new(draw, area, 17.0),
            broad: Lattice::new(draw, area, 75.0),
            patch: Lattice::new(&mut own, master_area, 28.0),
            edge: Lattice::new(&mut own, master_area, 4.6),
            speckle,
        }
    }

    /// The grey value of one pixel. `lift` is how far pores and creases keep the skin off the glass.
    fn shade(&self, spot: &Spot, texture: &Texture) -> u8 {
        let state = self.condition;
        let &Spot {
            mx,
            my,
            depth,
            lift,
            fine,
            grain,
            blotch,
            broad,
            speckle,
        } = spot;
        let paper = 246.0 + speckle * (3.0 + 10.0 * state.noise) + 3.0 * grain;
        let stain = self.params.residue * (blotch + fine - 0.75).max(0.0) * 120.0;
        if depth < -0.25 {
            return (paper - stain).clamp(0.0, 255.0) as u8;
        }
        let firm = smooth(depth * 2.6 + 0.18 + 0.12 * blotch) * (1.0 + 0.10 * broad);
        // No finger is evenly moist: patches differ by more than captures do.
        let wet = (state.moisture + 0.9 * broad).max(0.0);
        let dry = (-state.moisture - 0.9 * broad + 0.4 * blotch).max(0.0);
        let worn = if state.wear > 0.005 {
            state.wear * (0.75 + 0.9 * texture.patch.at(mx, my)).max(0.0)
        } else {
            0.0
        };
        let rough = 0.20 + 0.45 * state.noise + 1.0 * dry + 1.2 * worn;
        // The edges of a ridge are never smooth, and their shape stays with the finger.
        let skin = self.height(mx, my) * (1.0 - 0.7 * worn.min(1.0))
            + self.master.roughness * texture.edge.at(mx, my);
        let height = skin + rough * (fine * 0.75 + grain * 0.45) - lift;
        // The glass meets the skin where it is higher than this.
        let level = 0.08 - 0.30 * state.pressure - 0.5 * wet + 0.42 * dry + 1.5 * (1.0 - firm);
        let contact = smooth((height - level) * 0.80 + 0.5);
        let mottle = 16.0 * grain + 14.0 * blotch + 22.0 * broad;
        let ink = 165.0 + 52.0 * firm + 15.0 * state.pressure + mottle - 38.0 * dry;
        let haze = 70.0 * wet * firm * (0.6 + 0.5 * blotch).max(0.0) + 16.0 * firm * smooth(depth);
        let dark = contact * ink + (1.0 - contact) * haze;
        let value = paper - stain - dark + speckle * 7.0 * (1.0 + state.noise);
        value.clamp(0.0, 255.0) as u8
    }

    /// The height of the skin at a point of the master, −1 to 1.
    fn height(&self, x: f32, y: f32) -> f32 {
        height_at(&self.master.pattern, x, y)
    }

    /// Pores, creases and scratches as a height that is missing, per pixel of the window.
    fn lift(&mut self) -> Vec<f32> {
        let (width, height) = (self.params.width, self.params.height);
        let mut lift = vec![0.0_f32; width * height];
        let mut stamp = |x: f32, y: f32, radius: f32, depth: f32| {
            let reach = radius * 2.2;
            let (x0, x1) = (
                (x - reach).max(0.0) as usize,
                ((x + reach).max(0.0) as usize + 1).min(width),
            );
            let (y0, y1) = (
                (y - reach).max(0.0) as usize,
                ((y + reach).max(0.0) as usize + 1).min(height),
            );
            for row in y0..y1 {
                for column in x0..x1 {
                    let (dx, dy) = (column as f32 - x, row as f32 - y);
                    let fall = 1.0 - (dx * dx + dy * dy) / (reach * reach);
                    if fall > 0.0 {
                        let cell = &mut lift[row * width + column];
                        *cell = cell.max(depth * fall * fall);
                    }
                }
            }
        };
        let open = self.params.pores * (1.0 - 0.5 * self.condition.moisture.max(0.0));
        for pore in &self.master.pores {
            if self.draw.chance(0.75) {
                let (x, y) = self.placement.to_window(pore.x, pore.y);
                stamp(x, y, 0.5 + 0.6 * pore.size, 1.7 * open * pore.size);
            }
        }
        for crease in &self.master.creases {
            let depth = crease.depth * self.draw.between(0.5, 1.3);
            let points: Vec<(f32, f32)> = crease
                .points
                .iter()
                .map(|&(x, y)| self.placement.to_window(x, y))
                .collect();
            for pair in points.windows(2) {
                stroke(&mut stamp, pair[0], pair[1], (crease.half_width, depth));
            }
        }
        for _ in 0..self.draw.poisson(self.params.scratches) {
            let from = (
                self.draw.between(30.0, width as f32 - 30.0),
                self.draw.between(30.0, height as f32 - 30.0),
            );
            let length = self.draw.between(15.0, 70.0);
            let (rise, run) = crate::exact::sin_cos(self.draw.between(0.0, 6.2));
            let to = (from.0 + length * run, from.1 + length * rise);
            let shape = (self.draw.between(0.5, 1.3), self.draw.between(0.6, 1.8));
            stroke(&mut stamp, from, to, shape);
        }
        lift
    }
}

/// The height of a grown pattern at a point of the master, −1 to 1.
fn height_at(pattern: &[i8], x: f32, y: f32) -> f32 {
    let x = x.clamp(0.0, MASTER_WIDTH as f32 - 1.01);
    let y = y.clamp(0.0, MASTER_HEIGHT as f32 - 1.01);
    let (column, row) = (x as usize, y as usize);
    let (a, b) = (x - column as f32, y - row as f32);
    let start = row * MASTER_WIDTH + column;
    let above = &pattern[start..start + 2];
    let below = &pattern[start + MASTER_WIDTH..start + MASTER_WIDTH + 2];
    let top = f32::from(above[0]) * (1.0 - a) + f32::from(above[1]) * a;
    let bottom = f32::from(below[0]) * (1.0 - a) + f32::from(below[1]) * a;
    (top * (1.0 - b) + bottom * b) * (1.0 / 127.0)
}

/// Stamps along a straight line; thinner and shallower to both ends is left to the stamps' overlap.
fn stroke(
    stamp: &mut impl FnMut(f32, f32, f32, f32),
    from: (f32, f32),
    to: (f32, f32),
    (half_width, depth): (f32, f32),
) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let steps = ((dx * dx + dy * dy).sqrt() + 1.0) as usize;
    for step in 0..=steps {
        let t = step as f32 / steps as f32;
        stamp(from.0 + t * dx, from.1 + t * dy, half_width, depth);
    }
}

/// The glass of the sensor seen from below is a trapezium, narrower at the top: how many pixels
/// of a row lie outside on either side.
fn glass_inset(y: usize, width: usize, height: usize) -> usize {
    (0.115 * width as f32 * (1.0 - y as f32 / height as f32) + 3.0) as usize
}

/// The lens: a light three by three filter, 1 to 6 to 1 in both directions.
fn soften(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut out = pixels.to_vec();
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let row = |dy: usize| {
                let at = (y + dy - 1) * width + x;
                u32::from(pixels[at - 1]) + 6 * u32::from(pixels[at]) + u32::from(pixels[at + 1])
            };
            out[y * width + x] = ((row(0) + 6 * row(1) + row(2) + 32) / 64) as u8;
        }
    }
    out
}

/// The window-to-master map, computed on a grid of 8 px and joined linearly between.
struct WindowMap {
    columns: usize,
    points: Vec<(f32, f32)>,
}

impl WindowMap {
    const CELL: usize = 8;

    fn new(placement: &Placement, width: usize, height: usize) -> WindowMap {
        let (columns, rows) = (width / Self::CELL + 2, height / Self::CELL + 2);
        let points = (0..columns * rows)
            .map(|at| {
                let (column, row) = (at % columns, at / columns);
                placement.to_master((column * Self::CELL) as f32, (row * Self::CELL) as f32)
            })
            .collect();
        WindowMap { columns, points }
    }

    fn at(&self, x: usize, y: usize) -> (f32, f32) {
        let (column, row) = (x / Self::CELL, y / Self::CELL);
        let unit = 1.0 / Self::CELL as f32;
        let (a, b) = (
            (x % Self::CELL) as f32 * unit,
            (y % Self::CELL) as f32 * unit,
        );
        let start = row * self.columns + column;
        let (p, q) = (self.points[start], self.points[start + 1]);
        let (r, s) = (
            self.points[start + self.columns],
            self.points[start + self.columns + 1],
        );
        let mix =
            |p: f32, q: f32, r: f32, s: f32| (p + (q - p) * a) * (1.0 - b) + (r + (s - r) * a) * b;
        (mix(p.0, q.0, r.0, s.0), mix(p.1, q.1, r.1, s.1))
    }
}
