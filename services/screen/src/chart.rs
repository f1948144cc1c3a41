//! Server-made charts: SVG without script, readable without colour.

use maud::{Markup, html};

use crate::format::number;

/// One step of a waterfall.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the bar is.
    pub label: String,
    /// Its size.
    pub value: u64,
    /// What kind of bar.
    pub kind: StepKind,
    /// Where the bar leads, if it is a link.
    pub href: Option<String>,
}

/// The kinds of waterfall bars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// A running total.
    Total,
    /// The last total.
    Result,
    /// Taken off by law, with a source.
    ByLaw,
    /// Taken off until a human decides.
    Waiting,
}

/// A waterfall from the first total to the result; `label` describes it to readers.
///
/// Totals start at zero unless they are far larger than the steps: then the axis is cut
/// and the cut is drawn in each total. Widths are integers of a 1000-unit scale.
#[must_use]
pub fn waterfall(steps: &[Step], label: &str) -> Markup {
    let top = steps.iter().map(|s| s.value).max().unwrap_or(1).max(1);
    let lowest = steps
        .iter()
        .filter(|s| matches!(s.kind, StepKind::Total | StepKind::Result))
        .map(|s| s.value)
        .min()
        .unwrap_or(0);
    let base = if lowest * 2 > top {
        lowest - (top - lowest).min(lowest) / 2
    } else {
        0
    };
    let scale = |v: u64| -> u64 {
        u64::try_from(u128::from(v.saturating_sub(base)) * 370 / u128::from((top - base).max(1)))
            .unwrap_or(0)
    };
    let height = steps.len() * 25 + 10;
    let mut right = top;
    let bars: Vec<(u64, u64, &Step)> = steps
        .iter()
        .map(|step| match step.kind {
            StepKind::Total | StepKind::Result => {
                right = step.value;
                (0, scale(step.value), step)
            }
            StepKind::ByLaw | StepKind::Waiting => {
                let from = right.saturating_sub(step.value);
                let left = scale(from);
                let width = scale(right).saturating_sub(left).max(2);
                right = from;
                (left, width, step)
            }
        })
        .collect();
    html! {
        svg.chart viewBox={ "0 0 800 " (height) } role="img" aria-label=(label) {
            @for (row, (left, width, step)) in bars.iter().enumerate() {
                @let y = 8 + row * 25;
                @let class = match step.kind { StepKind::Total => "c-brand", StepKind::Result => "c-ok", StepKind::ByLaw => "c-grey", StepKind::Waiting => "c-warn" };
                @let total = matches!(step.kind, StepKind::Total | StepKind::Result);
                rect class=(class) x=(292 + left) y=(y) width=(width) height="21" {}
                @if total && base > 0 { path.s-paper d={ "M306 " (y - 2) "l-6 25" } {} }
                text class={ "c-ink" (if total { " f-b" } else { "" }) } x="282" y=(y + 16) text-anchor="end" font-size="14.5" {
                    @if let Some(href) = &step.href { a href=(href) { (step.label) } } @else { (step.label) }
                }
                text class={ "c-ink" (if total { " f-b" } else { "" }) } x=(292 + left + width + 7) y=(y + 16) font-size="14.5" {
                    (if total { number(step.value) } else { format!("−{}", number(step.value)) })
                }
            }
        }
    }
}

/// Columns, for example check-ins by hour; the axis starts at zero.
#[must_use]
pub fn columns(values: &[(String, u64)], label: &str) -> Markup {
    let top = values.iter().map(|(_, v)| *v).max().unwrap_or(1).max(1);
    let count = values.len().max(1);
    let step = 760 / count;
    html! {
        svg.chart viewBox="0 0 800 260" role="img" aria-label=(label) {
            path.s-line d="M20 220H790" {}
            @for (at, (name, value)) in values.iter().enumerate() {
                @let tall = usize::try_from(u128::from(*value) * 180 / u128::from(top)).unwrap_or(0);
                @let x = 24 + at * step;
                rect.c-brand x=(x) y=(220 - tall) width=(step * 7 / 10) height=(tall) {}
                text.c-ink x=(x + step * 35 / 100) y=(212 - tall) text-anchor="middle" font-size="13" { (number(*value)) }
                text.c-muted x=(x + step * 35 / 100) y="240" text-anchor="middle" font-size="13" { (name) }
            }
        }
    }
}
