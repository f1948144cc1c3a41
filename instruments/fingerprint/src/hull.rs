//! The area that minutiae span.

use crate::prepared::Point;

/// The convex hull of points.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Hull {
    edges: Vec<Edge>,
    /// A circle inside the hull: middle and radius. Most points are judged by it alone.
    round: (f32, f32, f32),
}

/// From one corner to the next, counter-clockwise; the area lies on the left.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    x: f32,
    y: f32,
    /// Unit vector along the edge; zero when the hull is a point.
    along: (f32, f32),
    length: f32,
}

impl Edge {
    /// How far to the left of the edge's line a point lies, px.
    #[inline]
    fn depth(&self, x: f32, y: f32) -> f32 {
        self.along.0 * (y - self.y) - self.along.1 * (x - self.x)
    }
}

impl Hull {
    /// The hull of points.
    pub fn of(points: &[Point]) -> Hull {
        let corners = corners(points);
        let edges = (0..corners.len())
            .map(|i| {
                let ((ax, ay), (bx, by)) = (corners[i], corners[(i + 1) % corners.len()]);
                let (dx, dy) = (bx - ax, by - ay);
                let length = (dx * dx + dy * dy).sqrt();
                let along = if length > 0.0 {
                    (dx / length, dy / length)
                } else {
                    (0.0, 0.0)
                };
                Edge {
                    x: ax,
                    y: ay,
                    along,
                    length,
                }
            })
            .collect();
        let mut hull = Hull {
            edges,
            round: (0.0, 0.0, 0.0),
        };
        hull.round = hull.circle(&corners);
        hull
    }

    /// The largest circle around the mean of the corners.
    fn circle(&self, corners: &[(f32, f32)]) -> (f32, f32, f32) {
        let n = corners.len().max(1) as f32;
        let x = corners.iter().map(|c| c.0).sum::<f32>() / n;
        let y = corners.iter().map(|c| c.1).sum::<f32>() / n;
        let depths = self.edges.iter().map(|e| e.depth(x, y));
        let radius = depths.fold(f32::MAX, f32::min);
        (x, y, if radius < f32::MAX { radius } else { 0.0 })
    }

    /// Whether a point lies in the hull or within `margin` of it.
    pub fn within(&self, x: f32, y: f32, margin: f32) -> bool {
        if self.edges.is_empty() {
            return false;
        }
        let mut inside = self.edges.len() >= 3;
        let mut nearest = f32::MAX;
        for e in &self.edges {
            let (dx, dy) = (x - e.x, y - e.y);
            inside &= e.depth(x, y) >= 0.0;
            let t = (dx * e.along.0 + dy * e.along.1).clamp(0.0, e.length);
            let (ex, ey) = (dx - t * e.along.0, dy - t * e.along.1);
            nearest = nearest.min(ex * ex + ey * ey);
        }
        inside || nearest <= margin * margin
    }

    /// As [`Hull::within`] with pointed corners in place of round ones: three operations an edge.
    pub fn reaches(&self, x: f32, y: f32, margin: f32) -> bool {
        let (mx, my, radius) = self.round;
        // Half a pixel less than the circle reaches, which is more than any rounding.
        let sure = radius + margin - 0.5;
        if sure > 0.0 && (x - mx) * (x - mx) + (y - my) * (y - my) <= sure * sure {
            return !self.edges.is_empty();
        }
        !self.edges.is_empty() && self.edges.iter().all(|e| e.depth(x, y) >= -margin)
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        self.edges.len() * size_of::<Edge>()
    }
}

/// Corners counter-clockwise (Andrew's monotone chain).
fn corners(points: &[Point]) -> Vec<(f32, f32)> {
    let mut sorted: Vec<(f32, f32)> = points.iter().map(|p| (p.x, p.y)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let cross = |o: (f32, f32), a: (f32, f32), b: (f32, f32)| {
        (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0)
    };
    let mut result: Vec<(f32, f32)> = Vec::with_capacity(16);
    let forward: Vec<(f32, f32)> = sorted
        .iter()
        .copied()
        .chain(sorted.iter().rev().skip(1).copied())
        .collect();
    let mut floor = 1;
    for (i, &p) in forward.iter().enumerate() {
        while result.len() > floor
            && cross(result[result.len() - 2], result[result.len() - 1], p) <= 0.0
        {
            result.pop();
        }
        result.push(p);
        if i + 1 == sorted.len() {
            floor = result.len();
        }
    }
    result.pop();
    result
}
