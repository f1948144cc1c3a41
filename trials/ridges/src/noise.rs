//! Smooth random fields: values on a square lattice, joined by bilinear or smooth weights.

use crate::exact::Draw;

/// A random field with values in about [−1, 1] and features of the size of its cell.
pub(crate) struct Lattice {
    columns: usize,
    rows: usize,
    inverse_cell: f32,
    values: Vec<f32>,
}

impl Lattice {
    /// A field over `width × height` px whose features are about `cell` px large.
    pub(crate) fn new(draw: &mut Draw, (width, height): (f32, f32), cell: f32) -> Lattice {
        let columns = (width / cell) as usize + 3;
        let rows = (height / cell) as usize + 3;
        let mut bytes = vec![0_u8; columns * rows * 2];
        draw.fill(&mut bytes);
        let values = bytes
            .chunks_exact(2)
            .map(|pair| (f32::from(pair[0]) + f32::from(pair[1])) * (1.0 / 255.0) - 1.0)
            .collect();
        Lattice {
            columns,
            rows,
            inverse_cell: 1.0 / cell,
            values,
        }
    }

    /// The field at a point; outside the area the border value continues.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let u = (x * self.inverse_cell).clamp(0.0, (self.columns - 2) as f32 - 0.001);
        let v = (y * self.inverse_cell).clamp(0.0, (self.rows - 2) as f32 - 0.001);
        let (column, row) = (u as usize, v as usize);
        let (a, b) = (smooth(u - column as f32), smooth(v - row as f32));
        let start = row * self.columns + column;
        let above = &self.values[start..start + 2];
        let below = &self.values[start + self.columns..start + self.columns + 2];
        let top = above[0] + (above[1] - above[0]) * a;
        let bottom = below[0] + (below[1] - below[0]) * a;
        top + (bottom - top) * b
    }
}

/// The cubic step: 0 at 0, 1 at 1, flat at both.
pub(crate) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
