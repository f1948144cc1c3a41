//! The alarm of mass transfer: every precinct that Form 2 fills by its score, one with its signs and its days. Counts only:
//! no name and no telephone number stands here.

use maud::{Markup, html};
use roll::transfers::{AlarmPolicy, Inflow};
use screen::chart::columns;
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::transfers::{Transfers, Watched};
use crate::visit::Visit;

/// Precincts without an alarm that are shown: those nearest to one.
const QUIET_SHOWN: usize = 20;

/// All precincts.
pub(crate) struct All<'a> {
    pub transfers: &'a Transfers,
    pub policy: AlarmPolicy,
    /// The name of a place.
    pub names: &'a dyn Fn(u64) -> String,
    /// Why the file of numbers was not taken.
    pub wrong: Option<&'a str>,
}

/// One precinct.
pub(crate) struct One<'a> {
    pub watched: &'a Watched,
    pub policy: AlarmPolicy,
    /// The name of a place.
    pub names: &'a dyn Fn(u64) -> String,
    /// Why the note was not taken.
    pub wrong: Option<&'a str>,
}

fn state(visit: &Visit<'_>, one: &Watched, policy: AlarmPolicy) -> Markup {
    if one.waits(policy) {
        tag(Tone::Stop, &visit.t("transfers.alarm"))
    } else if one.inflow.alarm {
        tag(Tone::Warn, &visit.t("transfers.seen"))
    } else {
        tag(Tone::Wait, &visit.t("transfers.quiet"))
    }
}

pub(crate) fn all(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let name = visit.t("transfers.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let transfers = shown.transfers;
    let alarms = transfers.precincts.iter().filter(|one| one.inflow.alarm);
    let waiting = transfers
        .precincts
        .iter()
        .filter(|one| one.waits(shown.policy))
        .count() as u64;
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } };
    let stat = |class: &str, value: u64, key: &str| html! { div class={ "stat " (class) } { b { (number(value)) } span { (visit.t(key)) } } };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { a.btn.sec href="/claims/transfers/series" { (visit.t("transfers.series")) } (print_button(visit)) }))
        p.muted { (visit.t("transfers.lead")) }
        @if let Some(new) = visit.asked("new") { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.f("transfers.phones_taken", &[("n", new), ("m", visit.asked("bad").unwrap_or("0"))])) } })) } }
        div.stats.three.mt {
            (stat(if waiting > 0 { "bad" } else { "good" }, waiting, "transfers.waiting"))
            (stat("", alarms.count() as u64, "transfers.alarms"))
            (stat("", transfers.filings, "transfers.applications"))
        }
        div.cols.wide.mt {
            (precincts(visit, shown))
            div.stack { (rule(visit, shown.policy)) @if visit.may(Right::FileClaims) { (phones(visit, shown)) } }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn precincts(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let title = visit.t("transfers.by_score");
    let (raised, quiet): (Vec<&Watched>, Vec<&Watched>) = shown
        .transfers
        .precincts
        .iter()
        .partition(|one| one.inflow.alarm);
    panel(
        &title,
        html! { (number(shown.transfers.precincts.len() as u64)) },
        html! {
            @if raised.is_empty() && quiet.is_empty() { (empty(&visit.t("transfers.none"), html! {})) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("transfers.precinct")) } th scope="col" { (visit.t("transfers.state")) } th.num scope="col" { (visit.t("transfers.score")) } th.num scope="col" { (visit.t("transfers.applications")) }
                        th.num scope="col" { (visit.t("transfers.residents")) } th scope="col" { (visit.t("transfers.from")) } th.num scope="col" { (visit.t("transfers.one_phone")) }
                    } }
                    tbody { @for one in raised.into_iter().chain(quiet.into_iter().take(QUIET_SHOWN)) { tr {
                        th scope="row" { a href={ "/claims/transfers/" (one.inflow.precinct) } { (one.inflow.precinct) } }
                        td { (state(visit, one, shown.policy)) }
                        td.num { b { (one.inflow.score.total()) } }
                        td.num { (number(u64::from(one.inflow.filings))) }
                        td.num { @match one.inflow.residents { Some(n) => (number(u64::from(n))), None => "–" } }
                        td { (from(visit, one, shown.names)) }
                        td.num { (number(u64::from(one.inflow.with_one_phone))) }
                    } } }
                } }
            }
        },
    )
}

/// The place most come from, with its share.
fn from(visit: &Visit<'_>, one: &Watched, names: &dyn Fn(u64) -> String) -> Markup {
    match one.place {
        Some((place, n)) => html! {
            (names(place)) " · " (percent(visit.language, u64::from(n), u64::from(one.inflow.filings)))
        },
        None => html! { "–" },
    }
}

/// From when an alarm is raised.
fn rule(visit: &Visit<'_>, policy: AlarmPolicy) -> Markup {
    panel(
        &visit.t("transfers.rule"),
        html! {},
        html! { div.body.stack {
            p { (visit.f("transfers.rule_text", &[("n", &policy.filings_min.to_string()), ("a", &policy.alarm.to_string()), ("d", &policy.burst_days.to_string())])) }
            p { b { (visit.t("transfers.refuses_nobody")) } }
        } },
    )
}

/// Takes numbers that desks noted.
fn phones(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let summary: Vec<(&str, String)> = shown
        .wrong
        .iter()
        .map(|said| ("list", (*said).to_owned()))
        .collect();
    panel(
        &visit.t("transfers.phones"),
        html! { (visit.n("transfers.have_phone", shown.transfers.with_phone)) },
        html! {
            form.body.stack method="post" action="/claims/transfers" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if shown.wrong.is_some() { " err" } } {
                    label for="list" { (visit.t("lot_file.file")) }
                    p.hint id="list-hint" { (visit.t("transfers.phones_hint")) " " code { "claim_id, phone" } }
                    @if let Some(said) = shown.wrong { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".csv,text/csv" required aria-describedby="list-hint";
                }
                button.btn.sec type="submit" { (visit.t("lot_file.take")) }
            }
        },
    )
}

/// What the signs say, in one paragraph.
fn sentence(visit: &Visit<'_>, one: &Watched, shown: &One<'_>) -> String {
    let inflow = &one.inflow;
    let precinct = inflow.precinct.to_string();
    let n = number(u64::from(inflow.filings));
    let mut said = vec![match inflow.residents {
        Some(residents) => visit.f(
            "transfers.say_size",
            &[
                ("n", &n),
                ("p", &precinct),
                ("r", &number(u64::from(residents))),
            ],
        ),
        None => visit.f("transfers.say_no_land", &[("n", &n), ("p", &precinct)]),
    }];
    let share = |part: u32| {
        percent(
            visit.language,
            u64::from(part),
            u64::from(inflow.filings.max(1)),
        )
    };
    said.push(visit.f(
        "transfers.say_burst",
        &[
            ("s", &share(inflow.within_burst)),
            ("d", &shown.policy.burst_days.to_string()),
        ],
    ));
    if let Some((place, n)) = one.place {
        said.push(visit.f(
            "transfers.say_place",
            &[("s", &share(n)), ("v", &(shown.names)(place))],
        ));
    }
    if inflow.with_one_phone > 1 {
        let n = number(u64::from(inflow.with_one_phone));
        said.push(visit.f("transfers.say_phone", &[("n", &n)]));
    }
    said.join(" ")
}

pub(crate) fn one(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let watched = shown.watched;
    let inflow = &watched.inflow;
    let name = visit.f(
        "transfers.of_precinct",
        &[("p", &inflow.precinct.to_string())],
    );
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href="/claims/transfers" { (visit.t("transfers.title")) } " · " (inflow.precinct) };
    let tone = if watched.waits(shown.policy) {
        Tone::Stop
    } else if inflow.alarm {
        Tone::Warn
    } else {
        Tone::Wait
    };
    let score = visit.f(
        "transfers.say_score",
        &[
            ("n", &inflow.score.total().to_string()),
            ("a", &shown.policy.alarm.to_string()),
        ],
    );
    let body = html! {
        (heading(crumbs, html! { (name) }, html! {
            @if visit.may(Right::SeeClaims) { a.btn.sec href={ "/claims?kind=form2&precinct=" (inflow.precinct) } { (visit.t("transfers.to_claims")) } }
            (print_button(visit))
        }))
        @if visit.asked("done").is_some() { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("transfers.seen_now")) } })) } }
        div.mt { (note(tone, html! { p { b { (sentence(visit, watched, shown)) } } p { (score) " " (visit.t("transfers.refuses_nobody")) } })) }
        div.cols.wide.mt {
            div.stack { (days(visit, inflow)) }
            div.stack { (signs(visit, inflow)) (seen(visit, shown)) }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

/// Applications by day: columns, and the same as a table.
fn days(visit: &Visit<'_>, inflow: &Inflow) -> Markup {
    let title = visit.t("transfers.by_day");
    let drawn: Vec<(String, u64)> = inflow
        .by_day
        .iter()
        .map(|(day, n)| (visit.day(*day).chars().take(5).collect(), u64::from(*n)))
        .collect();
    panel(
        &title,
        html! { (number(u64::from(inflow.filings))) },
        html! {
            div.body { (columns(&drawn, &title)) }
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("transfers.day")) } th.num scope="col" { (visit.t("transfers.applications")) } } }
                tbody { @for (day, n) in &inflow.by_day { tr { td { (visit.day(*day)) } td.num { (number(u64::from(*n))) } } } }
            }
        },
    )
}

/// The four signs in points.
fn signs(visit: &Visit<'_>, inflow: &Inflow) -> Markup {
    let title = visit.t("transfers.signs");
    let score = inflow.score;
    let rows = [
        ("transfers.sign_size", score.size),
        ("transfers.sign_burst", score.burst),
        ("transfers.sign_origin", score.origin),
        ("transfers.sign_phone", score.phone),
    ];
    panel(
        &title,
        html! { (visit.t("transfers.points")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody {
                    @for (key, points) in rows { tr { td { (visit.t(key)) } td.num { (points) } } }
                    tr { td { b { (visit.t("transfers.score")) } } td.num { b { (score.total()) } } }
                }
            }
        },
    )
}

/// Who saw the alarm, and the form of who sees it now.
fn seen(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let inflow = &shown.watched.inflow;
    let summary: Vec<(&str, String)> = shown
        .wrong
        .iter()
        .map(|said| ("note", (*said).to_owned()))
        .collect();
    panel(
        &visit.t("transfers.who_saw"),
        html! {},
        html! { div.body.stack {
            @if shown.watched.seen.is_empty() { p { (visit.t("transfers.nobody_saw")) } } @else {
                ol.timeline { @for one in &shown.watched.seen { li {
                    span.small.muted { (visit.moment(one.at)) } " " b { (one.staff) } br; (one.note) br;
                    span.small.muted { (visit.f("transfers.stood", &[("n", &number(u64::from(one.filings))), ("s", &one.score.to_string())])) }
                } } }
            }
            @if inflow.alarm && visit.may(Right::FileClaims) {
                form.stack method="post" action={ "/claims/transfers/" (inflow.precinct) } {
                    @if !summary.is_empty() { (error_summary(visit, &summary)) }
                    input type="hidden" name="filings" value=(inflow.filings);
                    div class={ "field" @if shown.wrong.is_some() { " err" } } {
                        label for="note" { (visit.t("transfers.note")) }
                        @if let Some(said) = shown.wrong { p.msg { (said) } }
                        textarea.input id="note" name="note" rows="2" maxlength="400" required {}
                    }
                    button.btn type="submit" { (visit.f("transfers.see", &[("who", &visit.display)])) }
                }
            }
        } },
    )
}
