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
        let (column, a) = self.place(x, self.columns);
        let (row, b) = self.place(y, self.rows);
        let start = row * self.columns + column;
        let above = &self.values[start..start + 2];
        let below = &self.values[start + self.columns..start + self.columns + 2];
        let top = above[0] + (above[1] - above[0]) * a;
        let bottom = below[0] + (below[1] - below[0]) * a;
        top + (bottom - top) * b
    }

    /// Index of the cell that holds a coordinate, and the weight of its far side.
    fn place(&self, along: f32, count: usize) -> (usize, f32) {
        let u = (along * self.inverse_cell).clamp(0.0, (count - 2) as f32 - 0.001);
        let cell = u as i32;
        let t = u - cell as f32;
        (cell as usize, t * t * (3.0 - 2.0 * t))
    }

    /// A reader of whole rows of `width` px, several times cheaper than `at` for each of them.
    pub(crate) fn rows(&self, width: usize) -> Rows<'_> {
        let places = (0..width).map(|x| {
            let (column, weight) = self.place(x as f32, self.columns);
            (column as u32, weight)
        });
        Rows {
            field: self,
            places: places.collect(),
            line: vec![0.0; self.columns],
        }
    }
}

/// Reads a field row by row.
pub(crate) struct Rows<'a> {
    field: &'a Lattice,
    places: Vec<(u32, f32)>,
    line: Vec<f32>,
}

impl Rows<'_> {
    /// Writes row `y` of the field into `out` (as long as the reader is wide).
    pub(crate) fn read(&mut self, y: usize, out: &mut [f32]) {
        let columns = self.field.columns;
        let (row, b) = self.field.place(y as f32, self.field.rows);
        let (above, below) = self.field.values[row * columns..].split_at(columns);
        for ((value, top), bottom) in self.line.iter_mut().zip(above).zip(below) {
            *value = top + (bottom - top) * b;
        }
        for (value, &(column, a)) in out.iter_mut().zip(&self.places) {
            let pair = &self.line[column as usize..column as usize + 2];
            *value = pair[0] + (pair[1] - pair[0]) * a;
        }
    }
}

/// The cubic step: 0 at 0, 1 at 1, flat at both.
pub(crate) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
