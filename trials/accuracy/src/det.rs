//! Detection error trade-off: how the two kinds of error pay for each other, as a curve and as SVG.

use std::fmt::Write as _;

use crate::rates::{Scores, sorted};

/// One engine's curve: false match rate and false non-match rate, the strictest threshold first.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the engine is called.
    pub name: String,
    /// Points (false match rate, false non-match rate), shares from 0 to 1.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// All operating points of a list of scores; both kinds of pairs must be there.
    ///
    /// ```
    /// use accuracy::det::Curve;
    /// use accuracy::rates::Scores;
    /// let scores = Scores { genuine: vec![(0, 5.0), (0, 2.0)], impostor: vec![1.0, 3.0] };
    /// let curve = Curve::of("x", &scores);
    /// assert_eq!(curve.points, [(0.0, 1.0), (0.0, 0.5), (0.5, 0.5), (0.5, 0.0), (1.0, 0.0)]);
    /// ```
    #[must_use]
    pub fn of(name: &str, scores: &Scores) -> Curve {
        let genuine = sorted(scores.genuine.iter().map(|g| g.1));
        let impostor = sorted(scores.impostor.iter().copied());
        let mut thresholds: Vec<f32> = genuine.iter().chain(&impostor).copied().collect();
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds.dedup();
        let mut points = vec![(0.0, 1.0)];
        points.extend(thresholds.into_iter().map(|threshold| {
            let missed = genuine.partition_point(|&s| s < threshold);
            let kept_out = impostor.partition_point(|&s| s < threshold);
            (
                1.0 - kept_out as f64 / impostor.len() as f64,
                missed as f64 / genuine.len() as f64,
            )
        }));
        Curve {
            name: name.to_owned(),
            points,
        }
    }
}

/// A drawing: its title, a line under it, the least false match rate that the pairs can show (one
/// impostor in so many), and the curves, the most important first.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Title.
    pub title: String,
    /// What was compared.
    pub note: String,
    /// Curves.
    pub curves: Vec<Curve>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 600.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 500.0;
/// Rates at the ends of both axes.
const X_RANGE: (f64, f64) = (1e-4, 0.5);
const Y_RANGE: (f64, f64) = (1e-3, 0.5);
const X_TICKS: [f64; 9] = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.2, 0.5];
const Y_TICKS: [f64; 9] = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/// Colour and dash of each curve in turn; told apart without colour too.
const PENS: [(&str, &str, f64); 5] = [
    ("#0b5cad", "", 2.6),
    ("#c2410c", "7 4", 1.8),
    ("#15803d", "2 3", 1.8),
    ("#7e22ce", "9 3 2 3", 1.8),
    ("#525252", "4 2", 1.8),
];

fn x_of(rate: f64) -> f64 {
    let share = (rate / X_RANGE.0).ln() / (X_RANGE.1 / X_RANGE.0).ln();
    LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
}

fn y_of(rate: f64) -> f64 {
    let share = (rate / Y_RANGE.0).ln() / (Y_RANGE.1 / Y_RANGE.0).ln();
    BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
}

fn percent(rate: f64) -> String {
    let text = format!("{:.2}", 100.0 * rate);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Draws curves on logarithmic axes: false match rate 0.01 to 50 %, false non-match rate 0.1 to 50 %;
/// what lies beyond is drawn on the edge.
#[must_use]
pub fn svg(plot: &Plot) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"17\" font-weight=\"bold\">{}</text>\n\
         <text x=\"{LEFT}\" y=\"48\" fill=\"#555\">{}</text>\n",
        plot.title, plot.note
    );
    grid(&mut out);
    // The most important curve lies on top.
    for (index, curve) in plot.curves.iter().enumerate().rev() {
        draw(&mut out, curve, PENS[index % PENS.len()]);
    }
    legend(&mut out, plot);
    out.push_str("</svg>\n");
    out
}

fn grid(out: &mut String) {
    for tick in X_TICKS {
        let x = x_of(tick);
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {TOP} V{BOTTOM}\" stroke=\"#e2e2e2\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
            BOTTOM + 18.0,
            percent(tick)
        );
    }
    for tick in Y_TICKS {
        let y = y_of(tick);
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {y:.1} H{RIGHT}\" stroke=\"#e2e2e2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{}</text>",
            LEFT - 8.0,
            y + 4.0,
            percent(tick)
        );
    }
    // Equal errors: from the lowest rate both axes show to the highest.
    let (from, to) = (Y_RANGE.0.max(X_RANGE.0), Y_RANGE.1.min(X_RANGE.1));
    let _ = writeln!(
        out,
        "<path d=\"M{:.1} {:.1} L{:.1} {:.1}\" stroke=\"#bbb\" stroke-dasharray=\"2 4\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#777\" font-size=\"11\" text-anchor=\"end\">equal errors</text>",
        x_of(from),
        y_of(from),
        x_of(to),
        y_of(to),
        x_of(to) - 6.0,
        y_of(to) + 14.0
    );
    let middle = (TOP + BOTTOM) / 2.0;
    let _ = writeln!(
        out,
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#999\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">two fingers taken for one (false match rate)</text>\n\
         <text transform=\"translate(20 {middle}) rotate(-90)\" text-anchor=\"middle\">\
         one finger taken for two (false non-match rate)</text>",
        RIGHT - LEFT,
        BOTTOM - TOP,
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 42.0
    );
}

fn draw(out: &mut String, curve: &Curve, (colour, dash, width): (&str, &str, f64)) {
    // Steps, as a rate changes only where a pair passes. The curve enters at the left edge with the rate of the last
    // threshold beyond it and leaves at the lowest rate shown or at the right edge.
    let beyond = curve.points.iter().rev().find(|p| p.0 <= X_RANGE.0);
    let mut last = (LEFT, y_of(beyond.map_or(1.0, |p| p.1)));
    let mut path = format!("M{:.1} {:.1}", last.0, last.1);
    let shown = curve
        .points
        .iter()
        .filter(|p| p.0 > X_RANGE.0 && p.0 <= X_RANGE.1);
    for at in shown.map(|&(fmr, fnmr)| (x_of(fmr), y_of(fnmr))) {
        if at.0 != last.0 {
            let _ = write!(path, " H{:.1}", at.0);
        }
        if at.1 != last.1 {
            let _ = write!(path, " V{:.1}", at.1);
        }
        last = at;
    }
    let _ = write!(path, " H{RIGHT}");
    let _ = writeln!(
        out,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
         stroke-dasharray=\"{dash}\" stroke-linejoin=\"round\"/>"
    );
}

fn legend(out: &mut String, plot: &Plot) {
    for (index, curve) in plot.curves.iter().enumerate() {
        let (colour, dash, width) = PENS[index % PENS.len()];
        let y = TOP + 16.0 + 46.0 * index as f64;
        let x = RIGHT + 16.0;
        let _ = writeln!(
            out,
            "<path d=\"M{x} {y:.1} h28\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-weight=\"bold\" fill=\"{colour}\">{}</text>\
             <text x=\"{x}\" y=\"{:.1}\" fill=\"#555\" font-size=\"11\">{} at 0.1 % FMR</text>",
            x + 36.0,
            y + 4.0,
            curve.name,
            y + 20.0,
            percent(fnmr_at(curve, 1e-3))
        );
    }
}

/// The lowest false non-match rate of a curve where the false match rate is at most this.
#[must_use]
pub fn fnmr_at(curve: &Curve, fmr: f64) -> f64 {
    let allowed = curve.points.iter().filter(|p| p.0 <= fmr + 1e-12);
    allowed.map(|p| p.1).fold(1.0, f64::min)
}

#[cfg(test)]
mod tests;
