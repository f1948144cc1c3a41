//! Degrees to picture units, for maps drawn on the server.

use std::fmt::Write as _;

/// A point in degrees: longitude, latitude (WGS 84).
pub type Degrees = (f64, f64);

/// How far beyond the picture a line is still drawn, in units: far corners of large neighbours are pulled in.
const BEYOND: f64 = 900.0;

/// Equal scale in metres, north up, what is shown centred with a margin of 7 % on its longer side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapView {
    west: f64,
    north: f64,
    per_lon: f64,
    per_lat: f64,
    width: f64,
    height: f64,
}

impl MapView {
    /// The view of some points in a picture of `width` by `height` units; no point, no meaning.
    ///
    /// ```
    /// let view = screen::MapView::of([(74.0, 42.0), (74.2, 42.1)], 400.0, 260.0);
    /// let (x, y) = view.point((74.1, 42.05));
    /// assert!((x - 200.0).abs() < 1e-6 && (y - 130.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn of(points: impl IntoIterator<Item = Degrees>, width: f64, height: f64) -> Self {
        let (mut west, mut east, mut south, mut north) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for (lon, lat) in points {
            west = west.min(lon);
            east = east.max(lon);
            south = south.min(lat);
            north = north.max(lat);
        }
        // A degree of longitude is shorter than one of latitude by the cosine of the latitude.
        let squeeze = north.to_radians().cos().max(0.2);
        let wide = ((east - west) * squeeze).max(0.002);
        let tall = (north - south).max(0.002);
        let scale = (width * 0.86 / wide).min(height * 0.86 / tall);
        let middle = (f64::midpoint(west, east), f64::midpoint(south, north));
        Self {
            west: middle.0 - width / 2.0 / (scale * squeeze),
            north: middle.1 + height / 2.0 / scale,
            per_lon: scale * squeeze,
            per_lat: scale,
            width,
            height,
        }
    }

    /// A point in picture units, x to the right and y down.
    #[must_use]
    pub fn point(&self, (lon, lat): Degrees) -> (f64, f64) {
        (
            (lon - self.west) * self.per_lon,
            (self.north - lat) * self.per_lat,
        )
    }

    /// Picture units of one degree of latitude.
    #[must_use]
    pub fn per_latitude(&self) -> f64 {
        self.per_lat
    }

    /// The `d` of an SVG path through rings, each closed.
    #[must_use]
    pub fn path(&self, rings: &[Vec<Degrees>]) -> String {
        let mut d = String::new();
        for ring in rings {
            for (at, point) in ring.iter().enumerate() {
                let (x, y) = self.point(*point);
                let x = x.clamp(-BEYOND, self.width + BEYOND);
                let y = y.clamp(-BEYOND, self.height + BEYOND);
                let _ = write!(d, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
            }
            d.push('Z');
        }
        d
    }
}
