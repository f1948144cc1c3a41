//! Planes of numbers over an image or over a grid of cells, and the filters on them.

use crate::decode::{DPI_DEFAULT, GreyImage};
use crate::simd::{self, Loop};
use crate::trig;

/// A row-major plane of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Plane {
    pub fn new(width: usize, height: usize) -> Plane {
        Plane {
            width,
            height,
            data: vec![0.0; width * height],
        }
    }

    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// Linear interpolation at cell coordinates, clamped to the plane.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (ix, iy) = (x as usize, y as usize);
        let (jx, jy) = ((ix + 1).min(self.width - 1), (iy + 1).min(self.height - 1));
        let (fx, fy) = (x - ix as f32, y - iy as f32);
        let top = self.at(ix, iy) * (1.0 - fx) + self.at(jx, iy) * fx;
        let bottom = self.at(ix, jy) * (1.0 - fx) + self.at(jx, jy) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// Gaussian smoothing with `sigma` in cells; outside counts as zero (a normalised convolution
    /// divides two such planes).
    pub fn smooth(&self, sigma: f32) -> Plane {
        simd::fastest(Smooth(self, sigma))
    }
}

pub(crate) struct Smooth<'a>(pub &'a Plane, pub f32);

impl Loop for Smooth<'_> {
    type Made = Plane;

    #[inline(always)]
    fn run(self) -> Plane {
        self.0.smoothed(self.1)
    }
}

impl Plane {
    #[inline(always)]
    fn smoothed(&self, sigma: f32) -> Plane {
        let kernel = gaussian(sigma);
        let radius = kernel.len() / 2;
        let mut middle = Plane::new(self.width, self.height);
        let mut padded = vec![0.0f32; self.width + 2 * radius];
        for y in 0..self.height {
            padded[radius..radius + self.width].copy_from_slice(self.row(y));
            let out = &mut middle.data[y * self.width..(y + 1) * self.width];
            for (tap, &weight) in kernel.iter().enumerate() {
                for (o, &v) in out.iter_mut().zip(&padded[tap..]) {
                    *o += weight * v;
                }
            }
        }
        let mut result = Plane::new(self.width, self.height);
        for y in 0..self.height {
            let out = &mut result.data[y * self.width..(y + 1) * self.width];
            for (tap, &weight) in kernel.iter().enumerate() {
                let Some(source) = (y + tap).checked_sub(radius).filter(|&s| s < self.height)
                else {
                    continue;
                };
                for (o, &v) in out.iter_mut().zip(middle.row(source)) {
                    *o += weight * v;
                }
            }
        }
        result
    }
}

fn gaussian(sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil().max(1.0) as i32;
    let mut kernel: Vec<f32> = (-radius..=radius)
        .map(|i| trig::exp(-((i * i) as f32) / (2.0 * sigma * sigma)))
        .collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= sum);
    kernel
}

/// The image as numbers at 500 dpi, 0 = black.
///
/// Downscaling averages with a triangle as wide as two target pixels, so it does not alias.
pub(crate) fn at_500_dpi(image: &GreyImage) -> Plane {
    let (width, height) = (image.width as usize, image.height as usize);
    let source = Plane {
        width,
        height,
        data: image.pixels.iter().map(|&p| f32::from(p)).collect(),
    };
    if image.dpi == DPI_DEFAULT {
        return source;
    }
    let scale = |side: usize| {
        ((side * DPI_DEFAULT as usize) as f32 / image.dpi as f32)
            .round()
            .max(1.0) as usize
    };
    let (new_width, new_height) = (scale(width), scale(height));
    let columns = taps(width, new_width);
    let rows = taps(height, new_height);
    let mut middle = Plane::new(new_width, height);
    for y in 0..height {
        let row = source.row(y);
        for (x, (start, weights)) in columns.iter().enumerate() {
            middle.data[y * new_width + x] =
                weights.iter().zip(&row[*start..]).map(|(w, v)| w * v).sum();
        }
    }
    let mut result = Plane::new(new_width, new_height);
    for (y, (start, weights)) in rows.iter().enumerate() {
        let out = &mut result.data[y * new_width..(y + 1) * new_width];
        for (i, &weight) in weights.iter().enumerate() {
            for (o, &v) in out.iter_mut().zip(middle.row(start + i)) {
                *o += weight * v;
            }
        }
    }
    result
}

/// For each target position the first source position and the weights, which sum to one.
fn taps(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let step = from as f32 / to as f32;
    let reach = step.max(1.0);
    (0..to)
        .map(|i| {
            let centre = (i as f32 + 0.5) * step - 0.5;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor() as usize).min(from - 1);
            let mut weights: Vec<f32> = (first..=last)
                .map(|s| (1.0 - (s as f32 - centre).abs() / reach).max(0.0))
                .collect();
            let sum: f32 = weights.iter().sum::<f32>().max(1e-6);
            weights.iter_mut().for_each(|w| *w /= sum);
            (first, weights)
        })
        .collect()
}
