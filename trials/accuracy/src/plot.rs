//! Score distributions as SVG, one panel a set, real above synthetic on one axis.

use std::fmt::Write as _;

/// A panel: what it is called, its line of figures, and its two lists of scores.
pub struct Panel {
    /// Name of the set.
    pub title: String,
    /// One line of figures under the name.
    pub note: String,
    /// Whether the prints are synthetic (drawn in another colour).
    pub synthetic: bool,
    /// Genuine scores.
    pub genuine: Vec<f32>,
    /// Impostor scores.
    pub impostor: Vec<f32>,
}

const WIDTH: f32 = 860.0;
const PANEL: f32 = 96.0;
const LEFT: f32 = 250.0;
const TOP: f32 = 54.0;
const BINS: usize = 80;

/// Draws all panels over the same axis from 0 to `score_max`.
pub fn svg(title: &str, score_max: f32, panels: &[Panel]) -> String {
    let height = TOP + PANEL * panels.len() as f32 + 44.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"22\" font-size=\"15\">{title}</text>\n\
         <text x=\"12\" y=\"40\" fill=\"#555\">grey: two fingers; colour: one finger \
         (blue real, orange synthetic); every curve has its own height, the last column holds all beyond</text>\n"
    );
    for (index, panel) in panels.iter().enumerate() {
        draw_panel(&mut out, TOP + PANEL * index as f32, score_max, panel);
    }
    let base = TOP + PANEL * panels.len() as f32;
    for step in 0..=8 {
        let value = score_max * step as f32 / 8.0;
        let x = LEFT + (WIDTH - LEFT - 20.0) * step as f32 / 8.0;
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value:.0}</text>",
            base + 18.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">score \
         (100 times the power of ten of the false match rate)</text>\n</svg>",
        (LEFT + WIDTH) / 2.0,
        base + 36.0
    );
    out
}

fn draw_panel(out: &mut String, top: f32, score_max: f32, panel: &Panel) {
    let floor = top + PANEL - 8.0;
    let colour = if panel.synthetic {
        "#d9730d"
    } else {
        "#1f5fa8"
    };
    let _ = writeln!(
        out,
        "<text x=\"12\" y=\"{:.1}\" font-weight=\"bold\">{}</text>",
        top + 34.0,
        panel.title
    );
    for (line, text) in panel.note.split('\n').enumerate() {
        let y = top + 50.0 + 14.0 * line as f32;
        let _ = writeln!(
            out,
            "<text x=\"12\" y=\"{y:.1}\" fill=\"#555\" font-size=\"11\">{text}</text>"
        );
    }
    for (scores, fill) in [(&panel.impostor, "#999"), (&panel.genuine, colour)] {
        let heights = histogram(scores, score_max);
        let step = (WIDTH - LEFT - 20.0) / BINS as f32;
        let mut path = format!("M{LEFT:.1} {floor:.1}");
        for (bin, height) in heights.iter().enumerate() {
            let y = floor - height * (PANEL - 20.0);
            let x = LEFT + step * bin as f32;
            let _ = write!(path, " L{x:.1} {y:.1} L{:.1} {y:.1}", x + step);
        }
        let _ = writeln!(
            out,
            "<path d=\"{path} L{:.1} {floor:.1} Z\" fill=\"{fill}\" fill-opacity=\"0.45\" \
             stroke=\"{fill}\" stroke-width=\"0.8\"/>",
            LEFT + step * BINS as f32
        );
    }
}

/// Share of scores per bin, the highest bin 1; the last bin takes everything beyond.
fn histogram(scores: &[f32], score_max: f32) -> [f32; BINS] {
    let mut bins = [0.0_f32; BINS];
    for score in scores {
        let bin = (score.max(0.0) / score_max * BINS as f32) as usize;
        bins[bin.min(BINS - 1)] += 1.0;
    }
    let highest = bins.iter().copied().fold(1.0_f32, f32::max);
    bins.map(|count| count / highest)
}
