//! The plan as one page for people: `report.html`, without scripts and without anything from outside.

use std::path::Path;

use ::logistics::{Compared, Flag, Planned, Texts};
use anyhow::{Context as _, Result};
use lexicon::{Language, Sentence};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Made;
use super::tables::{COMPARED, minutes, percent, put, time};

/// Flagged precincts that the page shows; the table `flags.csv` has all.
const FLAGGED_MAX: usize = 100;

const STYLE: &str = "body{font:16px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.25rem .45rem;border-bottom:1px solid #ccc;text-align:left;\
vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}\
svg text{font:12px system-ui,sans-serif;fill:#1b1b1b}@media print{body{margin:0}}";

const DARK: &str = "#1d4e89";
const LIGHT: &str = "#9dbfe0";
const OVER: &str = "#b3261e";

/// Words in one language.
struct Words {
    texts: Texts,
    language: Language,
}

impl Words {
    fn say(&self, name: &str) -> &str {
        let known = self.texts.report.get(name);
        known.map_or("", |sentence| sentence.get(self.language))
    }
}

/// Writes `report.html`.
pub fn write(
    folder: &Path,
    made: &Made<'_>,
    compared: Option<&[Compared]>,
    language: Language,
) -> Result<()> {
    let words = Words {
        texts: Texts::kg()?,
        language,
    };
    let limit = made.ground.terms.limit_ms() / 60_000;
    let rests_on = words
        .say("rests_on")
        .replace("{rules}", &made.ground.rules_sha256[..12])
        .replace("{edition}", &made.ground.terms.edition.from.to_string())
        .replace("{seed}", &made.seed.to_string())
        .replace("{days}", &made.ground.days.to_string());
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (words.say("title")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (words.say("title")) }
                p { (rests_on) }
                h2 { (words.say("by_wait")) }
                p { (words.say("by_wait_says").replace("{limit}", &limit.to_string())) }
                (by_wait(made, &words))
                h2 { (words.say("by_hour")) }
                p { (words.say("by_hour_says")) }
                (by_hour(made, &words))
                h2 { (words.say("regions")) }
                (regions(made, &words))
                h2 { (words.say("flagged")) }
                (flagged(made, &words)?)
                @if let Some(rows) = compared {
                    h2 { (words.say("compared")) }
                    (comparison(rows, &words))
                }
                h2 { (words.say("things")) }
                (things(made, &words))
            }
        }
    };
    put(folder, "report.html", page.into_string().as_bytes())
}

/// One bar of a chart: what stands below it, and parts from the front to the back with their colours.
struct Bar {
    below: String,
    parts: Vec<(u64, &'static str)>,
    /// What stands on it.
    on: String,
}

/// Bars on a common axis from zero.
fn chart(title: &str, bars: &[Bar]) -> Markup {
    const HEIGHT: u64 = 180;
    const WIDE: usize = 60;
    let most = bars
        .iter()
        .flat_map(|bar| bar.parts.iter().map(|part| part.0));
    let most = most.max().unwrap_or(0).max(1);
    let width = WIDE * bars.len() + 20;
    html! {
        svg role="img" aria-label=(title) viewBox={ "0 0 " (width) " 230" } width=(width) height="230" {
            @for (at, bar) in bars.iter().enumerate() {
                @let left = 10 + at * WIDE;
                // The tallest first, so that the others stand before it.
                @for (many, colour) in bar.parts.iter().rev() {
                    @let tall = many * HEIGHT / most;
                    rect x=(left + 8) y=(20 + HEIGHT - tall) width=(WIDE - 16) height=(tall) fill=(colour) {}
                }
                @let tallest = bar.parts.iter().map(|part| part.0).max().unwrap_or(0);
                text x=(left + WIDE / 2) y=(14 + HEIGHT - tallest * HEIGHT / most) text-anchor="middle" { (bar.on) }
                text x=(left + WIDE / 2) y="218" text-anchor="middle" { (bar.below) }
            }
            line x1="10" x2=(width - 10) y1="200" y2="200" stroke="#1b1b1b" {}
        }
    }
}

/// How many precincts wait how long.
fn by_wait(made: &Made<'_>, words: &Words) -> Markup {
    let limit = made.ground.terms.limit_ms() / 60_000;
    let mut edges: Vec<u32> = [5, 10, 15, 20, 30, 45, 60, 120].to_vec();
    edges.retain(|edge| *edge != limit);
    edges.push(limit);
    edges.sort_unstable();
    let mut counts = vec![0_u64; edges.len() + 1];
    for planned in made.planned {
        let wait = planned.outlook.all.p95_ms;
        counts[edges.partition_point(|edge| edge * 60_000 < wait)] += 1;
    }
    let bars = counts.iter().enumerate().map(|(at, count)| {
        let below = match (at.checked_sub(1).map(|at| edges[at]), edges.get(at)) {
            (None, Some(to)) => format!("≤ {to}"),
            (Some(from), Some(to)) => format!("{from}–{to}"),
            (from, None) => format!("> {}", from.unwrap_or(0)),
        };
        let is_over = edges.get(at).is_none_or(|edge| *edge > limit);
        Bar {
            below,
            parts: vec![(*count, if is_over { OVER } else { DARK })],
            on: count.to_string(),
        }
    });
    chart(words.say("by_wait"), &bars.collect::<Vec<_>>())
}

/// The hours of the middle precinct, and of the one after which the worst five in a hundred follow.
fn by_hour(made: &Made<'_>, words: &Words) -> Markup {
    let hours = made.ground.terms.weights.len();
    let bars = (0..hours).map(|hour| {
        let of = |planned: &Planned| planned.outlook.hours.get(hour).map(|spread| spread.p95_ms);
        let mut waits: Vec<u32> = made.planned.iter().filter_map(of).collect();
        waits.sort_unstable();
        let rank = |percent: usize| {
            let at = (waits.len() * percent).div_ceil(100).saturating_sub(1);
            waits.get(at).copied().unwrap_or(0)
        };
        let (middle, worst) = (rank(50), rank(95));
        Bar {
            below: time(made.ground.terms.opens_minutes, hour),
            parts: vec![(u64::from(middle), DARK), (u64::from(worst), LIGHT)],
            on: format!("{} / {}", middle / 60_000, worst / 60_000),
        }
    });
    chart(words.say("by_hour"), &bars.collect::<Vec<_>>())
}

fn flagged(made: &Made<'_>, words: &Words) -> Result<Markup> {
    let mut worst: Vec<&Planned> = made
        .planned
        .iter()
        .filter(|p| !p.flags.is_empty())
        .collect();
    worst.sort_by_key(|p| (std::cmp::Reverse(p.outlook.all.p95_ms), p.precinct.code));
    if worst.is_empty() {
        return Ok(html! { p { (words.say("nothing_flagged")) } });
    }
    let mut said = Vec::new();
    for flag in Flag::ALL {
        let has = |planned: &&&Planned| planned.flags.contains(&flag);
        let text = words.texts.flag.get(flag.code()).context(flag.code())?;
        said.push((flag, text, worst.iter().filter(has).count()));
    }
    let shown = &worst[..worst.len().min(FLAGGED_MAX)];
    let say = |sentence: &Sentence| sentence.get(words.language).to_owned();
    Ok(html! {
        table {
            tr { th { (words.say("why")) } th.n { (words.say("precincts")) } th { (words.say("next")) } }
            @for (_, text, many) in said.iter().filter(|(_, _, many)| *many > 0) {
                tr { td { (say(&text.short)) ". " (say(&text.sentence)) } td.n { (many) } td { (say(&text.next)) } }
            }
        }
        table {
            tr {
                th { (words.say("precinct")) } th { (words.say("region")) } th.n { (words.say("voters")) }
                th.n { (words.say("kits")) } th.n { (words.say("kits_enough")) } th.n { (words.say("wait_p95")) }
                th { (words.say("why")) }
            }
            @for planned in shown {
                tr {
                    td { (planned.precinct.code) } td { (planned.precinct.region) } td.n { (planned.precinct.voters) }
                    td.n { (planned.kits) } td.n { @if let Some(kits) = planned.kits_enough { (kits) } }
                    td.n { (minutes(planned.outlook.all.p95_ms)) }
                    td {
                        @for (_, text, _) in said.iter().filter(|(flag, _, _)| planned.flags.contains(flag)) {
                            (say(&text.short)) br;
                        }
                    }
                }
            }
        }
        @if worst.len() > shown.len() {
            p { (words.say("more").replace("{n}", &(worst.len() - shown.len()).to_string())) }
        }
    })
}

fn regions(made: &Made<'_>, words: &Words) -> Markup {
    html! {
        table {
            tr {
                th { (words.say("region")) }
                @for name in ["precincts", "voters", "kits", "kits_enough", "operators", "long_waits", "wait_p95", "cost"] {
                    th.n { (words.say(name)) }
                }
            }
            @for region in made.regions {
                tr {
                    td { (region.region) } td.n { (region.precincts) } td.n { (region.voters) } td.n { (region.kits) }
                    td.n { (region.kits_enough) } td.n { (region.operators) } td.n { (region.long_waits) }
                    td.n { (minutes(region.p95_ms_max)) }
                    td.n { (region.items.iter().map(|stock| stock.cost_tyiyn).sum::<u64>() / 100) }
                }
            }
        }
    }
}

fn comparison(rows: &[Compared], words: &Words) -> Markup {
    let text = |count: Option<u64>| count.map(|n| n.to_string()).unwrap_or_default();
    html! {
        table {
            tr {
                th { (words.say("region")) }
                @for (name, _) in &COMPARED[2..] {
                    th.n { (words.say(name)) ": " (words.say("planned")) } th.n { (words.say("deployed")) }
                    th.n { (words.say("difference")) }
                }
            }
            @for row in rows {
                tr {
                    td { (row.region) }
                    @for (_, of) in &COMPARED[2..] {
                        td.n { (text(row.planned.as_ref().map(of))) } td.n { (text(row.deployed.as_ref().map(of))) }
                        td.n { @if let Some(more) = row.more_permille(*of) { (percent(more)) } }
                    }
                }
            }
        }
    }
}

fn things(made: &Made<'_>, words: &Words) -> Markup {
    let items = &made.ground.terms.edition.item;
    let total = made.regions.last().map_or(&[][..], |total| &total.items);
    html! {
        table {
            tr {
                th { (words.say("thing")) } th.n { (words.say("planned")) } th.n { (words.say("reserve")) }
                th.n { (words.say("cost")) }
            }
            @for (item, stock) in items.iter().zip(total) {
                tr {
                    td { (item.name.get(words.language)) } td.n { (stock.planned) } td.n { (stock.reserve) }
                    td.n { @if stock.cost_tyiyn > 0 { (stock.cost_tyiyn / 100) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn every_word_of_the_report_is_used_and_every_used_one_is_there() {
        let source = include_str!("report.rs");
        let quoted: Vec<&str> = source.split('"').skip(1).step_by(2).collect();
        let texts = Texts::kg().unwrap();
        for name in texts.report.keys() {
            let compared = ["kits", "operators"].contains(&name.as_str());
            assert!(
                compared || quoted.contains(&name.as_str()),
                "{name} is not used"
            );
        }
        for part in source.split("words.say(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(texts.report.contains_key(name), "{name} is not there");
        }
    }
}
