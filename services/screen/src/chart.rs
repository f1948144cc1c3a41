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
    // Nothing was taken off: there is no step that a cut axis could show.
    let base = if lowest < top && lowest * 2 > top {
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
    // A picture has no parts for a reader; bars that are links are parts.
    let has_links = steps.iter().any(|step| step.href.is_some());
    let role = if has_links { "group" } else { "img" };
    html! {
        svg.chart viewBox={ "0 0 800 " (height) } role=(role) aria-label=(label) {
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
                    (if total || step.value == 0 { number(step.value) } else { format!("−{}", number(step.value)) })
                }
            }
        }
    }
}

/// Columns, for example check-ins by hour; the axis starts at zero.
#[must_use]
pub fn columns(values: &[(String, u64)], label: &str) -> Markup {
    let shown: Vec<Column> = values
        .iter()
        .map(|(name, value)| Column {
            name: name.clone(),
            value: Ok(*value),
        })
        .collect();
    columns_partly_hidden(&shown, label)
}

/// One column of [`columns_partly_hidden`].
#[derive(Clone, Debug)]
pub struct Column {
    /// What stands below it.
    pub name: String,
    /// Its value; or what is said instead of a small count that is hidden, as `<10`.
    pub value: Result<u64, String>,
}

/// Columns of which some are hidden: those have a grey foot and their words, and no height that
/// could be read as a number.
#[must_use]
pub fn columns_partly_hidden(columns: &[Column], label: &str) -> Markup {
    let known = columns
        .iter()
        .filter_map(|column| column.value.as_ref().ok());
    let top = known.copied().max().unwrap_or(1).max(1);
    let step = 384 / columns.len().max(1);
    // Numbers of a whole country stand beside each other without touching.
    let longest = columns
        .iter()
        .filter_map(|column| column.value.as_ref().ok())
        .map(|n| number(*n).chars().count());
    let size = match longest.max().unwrap_or(1) {
        0..=4 => "12",
        5 | 6 => "9",
        _ => "7.5",
    };
    // So do the names below them.
    let below = if columns.len() > 9 { "8.5" } else { "12" };
    html! {
        svg.chart.columns viewBox="0 0 400 200" role="img" aria-label=(label) {
            path.s-line d="M4 170H396" {}
            @for (at, Column { name, value }) in columns.iter().enumerate() {
                @let (tall, class, said) = match value {
                    Ok(value) => (usize::try_from(u128::from(*value) * 140 / u128::from(top)).unwrap_or(0), "c-brand", number(*value)),
                    Err(said) => (4, "c-grey", said.clone()),
                };
                @let x = 10 + at * step;
                rect class=(class) x=(x) y=(170 - tall) width=(step * 7 / 10) height=(tall) {}
                text.c-ink x=(x + step * 35 / 100) y=(164 - tall) text-anchor="middle" font-size=(size) { (said) }
                text.c-muted x=(x + step * 35 / 100) y="188" text-anchor="middle" font-size=(below) { (name) }
            }
        }
    }
}

/// One bar of [`bars`].
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is.
    pub name: String,
    /// Its size.
    pub value: u64,
    /// Where its name leads, if it is a link.
    pub href: Option<String>,
}

/// Lying bars, for example voters by region; the axis starts at zero, each bar bears its number.
#[must_use]
pub fn bars(bars: &[Bar], label: &str) -> Markup {
    let top = bars.iter().map(|bar| bar.value).max().unwrap_or(1).max(1);
    let height = bars.len() * 25 + 10;
    let has_links = bars.iter().any(|bar| bar.href.is_some());
    let role = if has_links { "group" } else { "img" };
    html! {
        svg.chart.bars viewBox={ "0 0 800 " (height) } role=(role) aria-label=(label) {
            path.s-line d={ "M292 4V" (height - 4) } {}
            @for (row, bar) in bars.iter().enumerate() {
                @let y = 8 + row * 25;
                @let width = usize::try_from(u128::from(bar.value) * 400 / u128::from(top)).unwrap_or(0);
                rect.c-brand x="292" y=(y) width=(width) height="19" {}
                text.c-ink x="282" y=(y + 15) text-anchor="end" font-size="14.5" {
                    @if let Some(href) = &bar.href { a href=(href) { (bar.name) } } @else { (bar.name) }
                }
                text.c-ink x=(292 + width + 7) y=(y + 15) font-size="14.5" { (number(bar.value)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_start_at_zero_and_the_longest_fills_the_axis() {
        let bar = |name: &str, value| Bar {
            name: name.to_owned(),
            value,
            href: None,
        };
        let drawn = bars(&[bar("а", 200), bar("б", 50), bar("в", 0)], "х").into_string();
        let widths: Vec<&str> = drawn
            .split("<rect")
            .skip(1)
            .filter_map(|rest| rest.split("width=\"").nth(1)?.split('"').next())
            .collect();
        assert_eq!(widths, ["400", "100", "0"]);
    }

    #[test]
    fn a_waterfall_from_which_nothing_was_taken_shows_its_totals_whole() {
        let step = |value, kind| Step {
            label: "х".to_owned(),
            value,
            kind,
            href: None,
        };
        let steps = [
            step(120, StepKind::Total),
            step(0, StepKind::ByLaw),
            step(120, StepKind::Result),
        ];
        let drawn = waterfall(&steps, "х").into_string();
        assert_eq!(drawn.matches("width=\"370\"").count(), 2, "{drawn}");
        // Where little was taken off a lot, the axis is cut and the totals say so.
        let steps = [
            step(1_000, StepKind::Total),
            step(10, StepKind::ByLaw),
            step(990, StepKind::Result),
        ];
        let cut = waterfall(&steps, "х").into_string();
        assert_eq!(cut.matches("s-paper").count(), 2, "{cut}");
    }
}
