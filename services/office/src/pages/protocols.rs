//! The commissions' protocols beside the voters identified, by cause.

use std::collections::BTreeMap;

use maud::{Markup, html};
use roll::comparison::Compared;
use roll::hours::Station;
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{ProtocolEdition, ProtocolRefused};

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::visit::Visit;

/// How many precincts with something unexplained the page shows; the file has them all.
const PRECINCTS_SHOWN: usize = 100;

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub rows: &'a [(Station, Compared)],
    pub regions: &'a BTreeMap<&'a str, Compared>,
    /// The file that was just taken.
    pub taken: Option<&'a (ProtocolEdition, Vec<ProtocolRefused>)>,
    pub wrong: Option<&'a str>,
}

/// A precinct's state, as exports name it.
pub(crate) fn state(found: &Compared) -> &'static str {
    if found.no_protocol > 0 {
        "no_protocol"
    } else if found.no_day > 0 {
        "no_day"
    } else if found.agrees() {
        "agrees"
    } else {
        "differs"
    }
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("protocols.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let right = html! { a href="/protocols/table" { (visit.t("hours.csv_precincts")) } (print_button(visit)) };
    let body = html! {
        (heading(super::day::tabs(visit), html! { (name) }, right))
        p.muted { (visit.t("protocols.lead")) }
        @if let Some((edition, refused)) = shown.taken { div.mt { (taken(visit, edition, refused)) } }
        div.cols.start.mt {
            div.stack { (regions(visit, shown)) (precincts(visit, shown.rows)) }
            @if visit.may(Right::TakeDay) { (form(visit, shown.wrong)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn taken(visit: &Visit<'_>, edition: &ProtocolEdition, refused: &[ProtocolRefused]) -> Markup {
    let tone = if refused.is_empty() {
        Tone::Ok
    } else {
        Tone::Warn
    };
    html! { div role="status" { (note(tone, html! {
        p { (visit.f("protocols.taken", &[("n", &number(edition.taken)), ("m", &number(edition.refused))])) }
        @if !refused.is_empty() && visit.may(Right::TakeDay) {
            ul.plain { @for row in refused.iter().take(10) { li {
                (visit.f("protocols.at_line", &[("n", &row.line.to_string())])) " " code { (row.field) } ": " (visit.t(&format!("protocol_refused.{}", row.reason)))
            } } }
            p { a href={ "/protocols/" (edition.edition) "/rejects" } { (visit.t("hours.rejects")) } }
        }
    })) } }
}

fn head(visit: &Visit<'_>, first: &str) -> Markup {
    html! { thead { tr {
        th scope="col" { (first) }
        @for key in ["protocols.received", "protocols.identified", "protocols.not_on_list", "protocols.finger", "protocols.fallback", "protocols.fault", "protocols.ballots", "protocols.marks"] {
            th.num scope="col" { (visit.t(key)) }
        }
    } } }
}

fn cells(found: &Compared) -> Markup {
    let said = found.said;
    let unexplained =
        |n: u64| html! { td.num { @if n > 0 { (tag(Tone::Stop, &number(n))) } @else { "0" } } };
    html! {
        td.num { (number(said.received)) } td.num { (number(found.identified)) } td.num { (number(said.not_on_list)) } td.num { (number(said.finger)) }
        td.num { (number(said.fallback)) } td.num { (number(said.fault)) } (unexplained(found.ballots_unexplained)) (unexplained(found.marks_unexplained))
    }
}

fn regions(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let title = visit.t("hours.country");
    if shown.regions.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("hours.none"),
                html! { (visit.t("hours.no_lists")) },
            ),
        );
    }
    let all = Compared::sum(shown.regions.values());
    let counts = visit.f(
        "protocols.counts",
        &[
            ("n", &number(all.compared)),
            ("m", &number(all.stations)),
            ("p", &number(all.no_protocol)),
            ("d", &number(all.no_day)),
        ],
    );
    panel(
        &title,
        html! { (counts) },
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense.tight {
                caption.vh { (title) }
                (head(visit, &visit.t("enrolment.region")))
                tbody { @for (region, found) in shown.regions { tr {
                    th scope="row" { @if region.is_empty() { (visit.t("hours.no_region")) } @else { (visit.t(&format!("region.{region}"))) } } (cells(found))
                } } }
                tfoot { tr { th scope="row" { (visit.t("hours.all")) } (cells(&all)) } }
            } }
        },
    )
}

/// Precincts in which something is unexplained, the largest first.
fn precincts(visit: &Visit<'_>, rows: &[(Station, Compared)]) -> Markup {
    let size = |found: &Compared| found.ballots_unexplained + found.marks_unexplained;
    let mut differing: Vec<&(Station, Compared)> =
        rows.iter().filter(|(_, found)| !found.agrees()).collect();
    differing.sort_by(|a, b| {
        size(&b.1)
            .cmp(&size(&a.1))
            .then(a.0.precinct.cmp(&b.0.precinct))
    });
    let title = visit.t("protocols.differing");
    if differing.is_empty() {
        let is_any = rows.iter().any(|(_, found)| found.compared > 0);
        let key = if is_any {
            "protocols.none"
        } else {
            "protocols.none_compared"
        };
        return panel(
            &title,
            html! {},
            html! { div.body { p { (visit.t(key)) } } },
        );
    }
    panel(
        &title,
        html! { (number(differing.len() as u64)) },
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense.tight {
                caption.vh { (title) }
                (head(visit, &visit.t("precinct.number")))
                tbody { @for (station, found) in differing.into_iter().take(PRECINCTS_SHOWN) { tr {
                    th scope="row" { a href={ "/day/precinct/" (station.precinct) } { (format!("{:04}", station.precinct)) } } (cells(found))
                } } }
            } }
        },
    )
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let said = wrong.map(|code| match code {
        "no_columns" => visit.t("protocols.no_columns"),
        "no_csv" => visit.t("protocols.no_csv"),
        _ => visit.t(&format!("day_refused.{code}")),
    });
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("protocols.form"),
        html! {},
        html! {
            form.body.stack method="post" action="/protocols" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("protocols.file")) }
                    p.hint id="list-hint" { (visit.t("protocols.file_hint")) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".csv,text/csv" required aria-describedby="list-hint";
                }
                button.btn.js-once type="submit" { (visit.t("day.take")) }
                p.small.muted { (visit.t("upload.columns")) " " code { "precinct, received, not_on_list, finger, fallback, fault" } }
            }
        },
    )
}
