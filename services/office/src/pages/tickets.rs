//! The support desk's tickets: one form for what a station tells, the list with its clocks, one ticket with its steps. No
//! personal data stands here: a ticket names a precinct, a cause and a kit.

use maud::{Markup, html};
use roll::tickets::{NOTE_MIN, TicketRefused, TicketStanding};
use screen::components::{Tone, note, tag};
use screen::format::number;

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::tickets::{EntryRefused, ShownTicket};
use crate::visit::Visit;

/// Every ticket, or those that wait.
pub(crate) struct All<'a> {
    pub tickets: &'a [ShownTicket],
    /// Solved ones as well.
    pub is_everything: bool,
    /// Of one region alone.
    pub region: Option<&'a str>,
    /// What was entered and refused.
    pub entry: Option<&'a Entry>,
}

/// What was entered and is no ticket; it stays in the form.
pub(crate) struct Entry {
    pub precinct: String,
    pub number: String,
    pub refused: EntryRefused,
}

/// `7C1E 90AB`, as it is read aloud.
fn spaced(digits: &str) -> String {
    match digits.split_at_checked(4) {
        Some((first, second)) => format!("{first} {second}"),
        None => digits.to_owned(),
    }
}

/// What is wrong, with the kit.
fn what(visit: &Visit<'_>, one: &ShownTicket) -> String {
    let cause = one.row.ticket.cause();
    let said = visit.t(&format!("ticket_cause.{}", cause.code().to_lowercase()));
    match one.row.ticket.kit() {
        "" => said,
        kit => format!("{said} · {kit}"),
    }
}

fn standing(visit: &Visit<'_>, one: &ShownTicket) -> Markup {
    let tone = match &one.state.standing {
        TicketStanding::Solved { .. } => Tone::Ok,
        TicketStanding::InWork { .. } => Tone::Wait,
        TicketStanding::Open => Tone::Warn,
    };
    let code = one.state.standing.code();
    html! {
        (tag(tone, &visit.t(&format!("ticket_standing.{code}"))))
        @if let TicketStanding::InWork { by, .. } = &one.state.standing { " " span.small { (by) } }
    }
}

/// The clock in words.
fn clock(visit: &Visit<'_>, one: &ShownTicket) -> Markup {
    let minutes = |n: i64| duration(visit, n.unsigned_abs());
    match &one.state.standing {
        TicketStanding::Solved { .. } if one.left < 0 => {
            html! { (visit.f("tickets.solved_late", &[("n", &minutes(one.left))])) }
        }
        TicketStanding::Solved { .. } => html! { (visit.t("tickets.in_time")) },
        TicketStanding::Open | TicketStanding::InWork { .. } if one.is_late => tag(
            Tone::Stop,
            &visit.f("tickets.late", &[("n", &minutes(one.left))]),
        ),
        TicketStanding::Open | TicketStanding::InWork { .. } => {
            html! { (visit.f("tickets.left", &[("n", &minutes(one.left))])) }
        }
    }
}

/// `45 min`, `2 h 5 min`.
fn duration(visit: &Visit<'_>, minutes: u64) -> String {
    let (hours, rest) = (minutes / 60, (minutes % 60).to_string());
    if hours == 0 {
        visit.f("tickets.minutes", &[("n", &rest)])
    } else {
        visit.f("tickets.hours", &[("h", &hours.to_string()), ("n", &rest)])
    }
}

pub(crate) fn all(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let name = visit.t("tickets.title");
    let title = match shown.entry {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let waits = |one: &&ShownTicket| !matches!(one.state.standing, TicketStanding::Solved { .. });
    let waiting = shown.tickets.iter().filter(waits).count() as u64;
    let late = shown.tickets.iter().filter(|one| one.is_late).count() as u64;
    let solved = shown.tickets.len() as u64 - waiting;
    let stat = |class: &str, value: u64, key: &str| html! { div class={ "stat " (class) } { b { (number(value)) } span { (visit.t(key)) } } };
    let right =
        html! { a href="/tickets/table" { (visit.t("tickets.csv")) } (print_button(visit)) };
    let body = html! {
        (heading(super::day::tabs(visit), html! { (name) }, right))
        p.muted { (visit.f("tickets.lead", &[("t", &visit.moment(visit.office.now()))])) }
        div.stats.three.mt {
            (stat(if late > 0 { "bad" } else { "good" }, late, "tickets.are_late"))
            (stat("", waiting, "tickets.wait"))
            (stat("", solved, "tickets.are_solved"))
        }
        div.cols.start.mt {
            (table(visit, shown))
            @if visit.may(Right::TakeHours) { (entry(visit, shown.entry)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn table(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let title = visit.t(if shown.is_everything {
        "tickets.all"
    } else {
        "tickets.waiting"
    });
    let is_shown = |one: &&ShownTicket| {
        let waits = !matches!(one.state.standing, TicketStanding::Solved { .. });
        (waits || shown.is_everything) && shown.region.is_none_or(|region| region == one.region)
    };
    let rows: Vec<&ShownTicket> = shown.tickets.iter().filter(is_shown).collect();
    let aside = html! {
        @if shown.is_everything { a href="/tickets" { (visit.t("tickets.only_waiting")) } }
        @else { a href="/tickets?show=all" { (visit.t("tickets.show_all")) } }
    };
    let body = if rows.is_empty() {
        empty(
            &visit.t("tickets.none"),
            html! { (visit.t("tickets.none_next")) },
        )
    } else {
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("tickets.number")) } th scope="col" { (visit.t("tickets.precinct")) } th scope="col" { (visit.t("tickets.what")) }
                th scope="col" { (visit.t("tickets.state")) } th scope="col" { (visit.t("tickets.clock")) } th scope="col" { (visit.t("tickets.opened")) } th.num scope="col" { (visit.t("tickets.told")) }
            } }
            tbody { @for one in rows { tr {
                th.nowrap scope="row" { a.mono href={ "/tickets/" (one.row.ticket.precinct()) "/" (one.row.number) } { (spaced(&one.row.number)) } }
                td { (format!("{:04}", one.row.ticket.precinct())) @if !one.region.is_empty() { br; span.small.muted { (super::day::region_name(visit, &one.region)) } } }
                td { (what(visit, one)) } td { (standing(visit, one)) } td { (clock(visit, one)) } td.nowrap { (visit.moment(one.state.opened)) } td.num { (one.state.told) }
            } } }
        } } }
    };
    panel(&title, aside, body)
}

/// What a station tells: from the paper's code, or read out over a telephone.
fn entry(visit: &Visit<'_>, last: Option<&Entry>) -> Markup {
    let said = last.map(|entry| {
        let code = entry.refused.code();
        let why = visit.f(
            &format!("ticket_refused.{code}"),
            &[("n", &entry.refused.detail())],
        );
        let next = visit.t(&format!("ticket_next.{code}"));
        (entry.refused.field(), why, next)
    });
    let summary: Vec<(&str, String)> = said
        .iter()
        .map(|(field, why, _)| (*field, why.clone()))
        .collect();
    let wrong = |name: &str| said.as_ref().filter(|(field, _, _)| *field == name);
    let typed = |of: fn(&Entry) -> &str| last.map_or("", of);
    panel(
        &visit.t("tickets.enter"),
        html! {},
        html! {
            form.body.stack method="post" action="/tickets" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if wrong("precinct").is_some() { " err" } } {
                    label for="precinct" { (visit.t("tickets.precinct")) }
                    @if let Some((_, why, next)) = wrong("precinct") { p.msg { (why) " " (next) } }
                    input.input.w-doc id="precinct" name="precinct" inputmode="numeric" maxlength="6" autocomplete="off" value=(typed(|entry| &entry.precinct)) autofocus[last.is_none()];
                }
                div class={ "field" @if wrong("number").is_some() { " err" } } {
                    label for="number" { (visit.t("tickets.number_or_code")) }
                    p.hint id="number-hint" { (visit.t("tickets.number_hint")) }
                    @if let Some((_, why, next)) = wrong("number") { p.msg { (why) " " (next) } }
                    input.input.mono id="number" name="number" required maxlength="120" autocomplete="off" spellcheck="false" aria-describedby="number-hint" value=(typed(|entry| &entry.number));
                }
                button.btn.js-once type="submit" { (visit.t("tickets.take_in")) }
            }
        },
    )
}

pub(crate) fn one(visit: &Visit<'_>, one: &ShownTicket, refused: Option<TicketRefused>) -> Markup {
    let (precinct, digits) = (one.row.ticket.precinct(), spaced(&one.row.number));
    let name = visit.f("tickets.one", &[("n", &digits)]);
    let title = match refused {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs =
        html! { a href="/tickets" { (visit.t("tickets.title")) } " · " (format!("{precinct:04}")) };
    let done = match visit.asked("done") {
        Some("taken") => Some("tickets.now_taken"),
        Some("solved") => Some("tickets.now_solved"),
        Some(_) | None => None,
    };
    let told = visit.asked("told").map(|_| match one.state.told {
        1 => "tickets.now_told",
        _ => "tickets.now_told_again",
    });
    let advice = format!(
        "ticket_advice.{}",
        one.row.ticket.cause().code().to_lowercase()
    );
    let body = html! {
        (heading(crumbs, html! { (name) }, print_button(visit)))
        @for key in told.into_iter().chain(done) { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t(key)) } })) } }
        div.cols.start.mt {
            div.stack {
                (panel(&what(visit, one), html! {}, html! { div.body.stack {
                    dl.kv {
                        dt { (visit.t("tickets.precinct")) } dd { (format!("{precinct:04}")) @if !one.region.is_empty() { " · " (super::day::region_name(visit, &one.region)) } " · " a href={ "/hours/precinct/" (precinct) } { (visit.t("tickets.to_precinct")) } }
                        dt { (visit.t("tickets.state")) } dd { (standing(visit, one)) }
                        dt { (visit.t("tickets.clock")) } dd { (clock(visit, one)) " · " (visit.f("tickets.due", &[("t", &visit.moment(one.due))])) }
                        dt { (visit.t("tickets.told")) } dd { (one.state.told) @if one.state.reopened > 0 { " · " (visit.f("tickets.reopened", &[("n", &one.state.reopened.to_string())])) } }
                    }
                    p { (visit.t(&advice)) }
                } }))
                (steps(visit, one))
            }
            @if visit.may(Right::TakeHours) { (acts(visit, one, refused)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn steps(visit: &Visit<'_>, one: &ShownTicket) -> Markup {
    panel(
        &visit.t("tickets.steps"),
        html! { (visit.t("tickets.kept")) },
        html! { div.body { ol.timeline { @for step in &one.row.steps { li {
            span.small.muted { (visit.moment(step.at)) } " " b { (visit.t(&format!("ticket_act.{}", step.act.code()))) } " · " (step.staff)
            @if !step.note.is_empty() { br; (step.note) }
        } } } } },
    )
}

fn acts(visit: &Visit<'_>, one: &ShownTicket, refused: Option<TicketRefused>) -> Markup {
    let to = format!("/tickets/{}/{}", one.row.ticket.precinct(), one.row.number);
    let said = refused.map(|refused| visit.t(&format!("ticket_step_refused.{}", refused.code())));
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("note", said.clone())).collect();
    if matches!(one.state.standing, TicketStanding::Solved { .. }) {
        return panel(
            &visit.t("tickets.acts"),
            html! {},
            html! { div.body.stack #note tabindex="-1" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                p { (visit.t("tickets.solved_stands")) }
            } },
        );
    }
    let is_mine =
        matches!(&one.state.standing, TicketStanding::InWork { by, .. } if *by == visit.staff);
    panel(
        &visit.t("tickets.acts"),
        html! {},
        html! { div.body.stack {
            @if !summary.is_empty() { (error_summary(visit, &summary)) }
            @if !is_mine {
                form method="post" action=(to) {
                    input type="hidden" name="act" value="taken";
                    button.btn.sec.js-once type="submit" { (visit.f("tickets.take", &[("who", &visit.display)])) }
                }
            }
            form.stack method="post" action=(to) {
                input type="hidden" name="act" value="solved";
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="note" { (visit.f("tickets.note", &[("n", &NOTE_MIN.to_string())])) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    textarea.input id="note" name="note" rows="3" maxlength="400" required {}
                }
                button.btn.js-once type="submit" { (visit.t("tickets.solve")) }
            }
        } },
    )
}
