//! The hour's turnout: the chair reads digits aloud, sends a text, or shows a QR.

use lexicon::handover::turnout::Scope;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::{Icon, format, icon};

use super::View;
use super::chair::wrong;
use super::parts::{clock, document};
use super::trouble;
use crate::kit::{HourRow, Kit, SaidHour};
use crate::scene::ChairError;

/// The page; `asked` is the hour whose message is shown, the latest when none.
pub(super) fn page(view: &View, asked: Option<u8>, problem: Option<&ChairError>) -> Markup {
    let title = view.t("hours.title");
    let Some(kit) = view.kit() else {
        let body = html! { main.shell #main {
        (super::lesson::strip(view)) h1 { (title) } p { (view.t("closed.next")) } p { a href="/chair" { (view.t("chair.open")) } } } };
        return document(view, &title, "", body);
    };
    let rows = kit.hours();
    let shown = match asked {
        Some(hour) => rows.iter().find(|row| row.hour == hour),
        None => rows.last(),
    };
    let precinct = kit.charter().manifest().precinct.to_string();
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            span.sep {}
            span { (view.f("chair.title", &[("p", &precinct)])) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, &path(shown), &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" data-back { (view.t("hours.back")) }
            span.sep {}
            b.clock { (clock(&kit, kit.read_clock().wall)) }
        }
        main.shell #main {
            (wrong(view, problem))
            div.hourcols {
                (day(view, &kit, &rows, shown))
                @match shown {
                    Some(row) => (hour(view, &kit, row)),
                    None => (note(Tone::Wait, html! { (view.t("hours.none")) })),
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn path(shown: Option<&HourRow>) -> String {
    shown.map_or_else(
        || "/chair/turnout".to_owned(),
        |row| format!("/chair/turnout/{}", row.hour),
    )
}

/// `10:00`, with the day after when the hour is not of the opening day.
fn by(kit: &Kit, row: &HourRow) -> String {
    let days = row.hour.saturating_sub(1) / 24;
    let time = clock(kit, row.until);
    if days == 0 {
        time
    } else {
        format!("{time} (+{days})")
    }
}

fn day(view: &View, kit: &Kit, rows: &[HourRow], shown: Option<&HourRow>) -> Markup {
    let lines = u64::from(kit.charter().lines());
    html! {
        section.panel {
            header { h2 { (view.t("hours.day")) } span.small.muted { (view.f("hours.lines", &[("n", &format::number(lines))])) } }
            table.t.dense.hours {
                caption.vh { (view.t("hours.day")) }
                thead { tr {
                    th scope="col" { (view.t("hours.by")) } th.num scope="col" { (view.t("hours.voters")) } th.num scope="col" { (view.t("hours.share")) }
                    th scope="col" { (view.t("hours.said")) }
                } }
                tbody { @for row in rows.iter().rev() {
                    tr {
                        th scope="row" { a href=(path(Some(row))) aria-current=[(shown.map(|s| s.hour) == Some(row.hour)).then_some("true")] { (by(kit, row)) } }
                        td.num { (format::number(u64::from(row.count))) }
                        td.num { (format::percent(view.language, u64::from(row.count), lines)) }
                        td { @match row.last() {
                            None => (tag(Tone::Warn, &view.t("hours.not_said"))),
                            Some(_) if row.is_stale() => (tag(Tone::Warn, &view.t("hours.changed"))),
                            Some(last) => (tag(Tone::Ok, &view.f("hours.said_at", &[("t", &clock(kit, last.at))]))),
                        } }
                    }
                } }
            }
        }
    }
}

fn hour(view: &View, kit: &Kit, row: &HourRow) -> Markup {
    let at = by(kit, row);
    let is_new = row.last().is_none() || row.is_stale();
    html! {
        section.panel.needed {
            header {
                h2 { (view.f("hours.message", &[("t", &at)])) }
                @if row.scope == Scope::Kit { (tag(Tone::Warn, &view.t("hours.own_only"))) }
            }
            div.body.stack {
                @if let Some(last) = row.last() { (said(view, kit, last)) }
                @if row.is_stale() { p { (view.f("hours.now", &[("n", &format::number(u64::from(row.count)))])) } }
                div.actions {
                    form.inline method="post" action=(path(Some(row))) {
                        button class={ "btn" @if !is_new { " sec" } } autofocus[is_new] {
                            (view.f(if row.is_stale() { "hours.correct" } else if is_new { "hours.make" } else { "hours.again" }, &[("t", &at)]))
                        }
                    }
                    @if row.last().is_some() {
                        form.inline method="post" action={ (path(Some(row))) "/print" } { button.btn.sec { (icon(Icon::Printer)) (view.t("hours.print")) } }
                    }
                }
                @if row.said.len() > 1 { (earlier(view, kit, row)) }
            }
        }
    }
}

/// The message: what to say, what to send, what to scan.
fn said(view: &View, kit: &Kit, last: &SaidHour) -> Markup {
    let count = format::number(u64::from(last.said.count));
    let whose = match last.said.scope {
        Scope::Precinct => "hours.of_precinct",
        Scope::Kit => "hours.of_kit",
    };
    html! {
        div.hoursaid {
            div.stack {
                p.hourcount { b { (count) } " " (view.t(whose)) " · " (view.f("hours.number", &[("n", &last.said.number.to_string())])) }
                @match kit.hour_digits(&last.said) {
                    Ok(Some(groups)) => {
                        h3 { (view.t("hours.read")) }
                        ol.digits { @for group in &groups { li { (group) } } }
                        p.small.muted { (view.t(if kit.has_turnout_desk() { "hours.read_hint" } else { "hours.no_desk" })) }
                    },
                    Ok(None) => p { (view.t("hours.no_digits")) },
                    Err(error) => p.err { (trouble::engineer(view, &error.to_string())) },
                }
                div.field {
                    label for="sms" { (view.t("hours.sms")) }
                    textarea #sms .input.mono rows="4" readonly spellcheck="false" { (last.text) }
                }
            }
            figure.hourcode {
                img src={ "/paper/hour/" (last.said.hour) ".png" } alt=(view.t("hours.qr"));
                figcaption.small.muted { (view.t("hours.qr")) }
            }
        }
    }
}

fn earlier(view: &View, kit: &Kit, row: &HourRow) -> Markup {
    let before = row.said.iter().rev().skip(1);
    html! {
        details {
            summary { (view.t("hours.earlier")) }
            ul.plain.small { @for known in before {
                li { (view.f("hours.number", &[("n", &known.said.number.to_string())])) " · " b { (format::number(u64::from(known.said.count))) } " · " (clock(kit, known.at)) }
            } }
        }
    }
}
