//! Pictures of voters whom two officers identified: how many came in, the steps of one, and the picture while two people
//! have it open.

use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{PictureRow, PictureStep};

use super::parts::{empty, error_summary, photo};
use super::{Section, heading, panel, print_button, shell};
use crate::pictures::{Opening, REASONS};
use crate::visit::Visit;

/// What to correct.
#[derive(Clone, Copy)]
pub(crate) enum Wrong {
    /// No reason was chosen.
    Reason,
    /// No decision was named.
    Basis,
    /// The office's key does not open it.
    Sealed,
}

/// One picture.
pub(crate) struct Shown<'a> {
    pub row: &'a PictureRow,
    pub steps: &'a [PictureStep],
    pub standing: Opening,
    /// Opened by this request, whose look is recorded.
    pub picture: Option<&'a [u8]>,
    pub wrong: Option<Wrong>,
    pub has_key: bool,
}

pub(crate) fn overview(visit: &Visit<'_>, counts: &[(u16, u64, u64)]) -> Markup {
    let title = visit.t("picture.title");
    let body = html! {
        (heading(super::day::tabs(visit), html! { (title) }, print_button(visit)))
        p.muted { (visit.t("picture.lead")) }
        div.mt { (panel(&visit.t("picture.by_precinct"), html! {}, html! {
            @if counts.is_empty() { (empty(&visit.t("picture.none"), html! { a href="/day" { (visit.t("day.form")) } })) } @else { table.t.dense.tight {
                caption.vh { (visit.t("picture.by_precinct")) }
                thead { tr { th scope="col" { (visit.t("precinct.number")) } th.num scope="col" { (visit.t("picture.kept")) } th.num scope="col" { (visit.t("picture.looked_at")) } } }
                tbody { @for (precinct, kept, looked) in counts { tr {
                    th scope="row" { a href={ "/day/pictures?precinct=" (precinct) } { (format!("{precinct:04}")) } } td.num { (number(*kept)) } td.num { (number(*looked)) }
                } } }
            } }
        })) }
    };
    shell(visit, Section::Day, &title, body)
}

pub(crate) fn precinct(visit: &Visit<'_>, precinct: u16, rows: &[PictureRow]) -> Markup {
    let title = visit.f("picture.of_precinct", &[("p", &format!("{precinct:04}"))]);
    let crumbs = html! { a href="/day/pictures" { (visit.t("picture.title")) } };
    let body = html! {
        (heading(crumbs, html! { (title) }, print_button(visit)))
        div.mt { (panel(&title, html! {}, html! {
            @if rows.is_empty() { (empty(&visit.t("picture.none"), html! { a href="/day/pictures" { (visit.t("picture.title")) } })) } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr { th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("day.kit")) } th scope="col" { (visit.t("picture.taken")) } th scope="col" { (visit.t("picture.picture")) } } }
                tbody { @for row in rows { tr {
                    th.num scope="row" { (row.line) } td { (row.kit) } td { (visit.moment(row.taken)) }
                    td { a href={ "/day/picture/" (row.sha256) } { (visit.f("picture.of_line", &[("n", &row.line.to_string())])) } }
                } } }
            } }
        })) }
    };
    shell(visit, Section::Day, &title, body)
}

pub(crate) fn one(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let row = shown.row;
    let name = visit.f(
        "picture.one",
        &[
            ("p", &format!("{:04}", row.precinct)),
            ("n", &row.line.to_string()),
        ],
    );
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { a href={ "/day/pictures?precinct=" (row.precinct) } { (visit.f("picture.of_precinct", &[("p", &format!("{:04}", row.precinct))])) } };
    let body = html! {
        (heading(crumbs, html! { (name) }, print_button(visit)))
        @if let Some(Wrong::Sealed) = shown.wrong { div.mt role="alert" { (note(Tone::Stop, html! { p { (visit.t("picture.sealed")) } })) } }
        div.cols.start.mt {
            div.stack {
                (panel(&visit.t("picture.picture"), html! {}, html! { div.body.stack {
                    @match shown.picture {
                        Some(picture) => { div role="status" { p { (visit.t("picture.now_open")) } } (photo(visit, Some(picture), "ph")) },
                        None => p { (visit.t("picture.is_sealed")) },
                    }
                    dl.kv {
                        dt { (visit.t("day.kit")) } dd { (row.kit) ", " (visit.f("picture.event", &[("n", &row.seq.to_string())])) }
                        dt { (visit.t("day.line")) } dd { (row.line) }
                        dt { (visit.t("picture.taken")) } dd { (visit.moment(row.taken)) }
                        dt { "SHA-256" } dd.mono.small { (row.sha256) }
                    }
                } }))
                (steps(visit, shown.steps))
            }
            (act(visit, shown))
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn steps(visit: &Visit<'_>, steps: &[PictureStep]) -> Markup {
    let title = visit.t("picture.steps");
    panel(
        &title,
        html! {},
        html! {
            @if steps.is_empty() { div.body { p { (visit.t("picture.no_steps")) } } } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("picture.when")) } th scope="col" { (visit.t("picture.who")) } th scope="col" { (visit.t("picture.what")) } th scope="col" { (visit.t("picture.why")) } } }
                tbody { @for step in steps { tr {
                    td { (visit.moment(step.at)) } td { (step.staff) " · " (visit.t(&format!("institution.{}", step.institution.code()))) }
                    td { (visit.t(&format!("picture_act.{}", step.act.code()))) }
                    td { @if !step.reason.is_empty() { (visit.t(&format!("picture_reason.{}", step.reason))) ", " (step.basis) } }
                } } }
            } }
        },
    )
}

fn act(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let url = format!("/day/picture/{}", shown.row.sha256);
    let button = |code: &str, key: &str| html! { form.body.stack method="post" action=(url) { button.btn.js-once type="submit" name="do" value=(code) { (visit.t(key)) } } };
    let inside = match shown.standing {
        Opening::Open(_) if !shown.has_key => {
            html! { div.body { p { (visit.t("picture.no_key")) } } }
        }
        Opening::Open(until) => html! {
            div.body { (tag(Tone::Ok, &visit.f("picture.open_until", &[("t", &visit.time(until))]))) }
            (button("look", "picture.look"))
        },
        Opening::Asked => html! {
            div.body { p { (visit.t("picture.asked_note")) } }
            (button("allow", "picture.allow"))
        },
        Opening::Waits => html! { div.body { p { (visit.t("picture.waits")) } } },
        Opening::Closed | Opening::Others => ask(visit, shown, &url),
    };
    panel(&visit.t("picture.opening"), html! {}, inside)
}

fn ask(visit: &Visit<'_>, shown: &Shown<'_>, url: &str) -> Markup {
    let wrong = match shown.wrong {
        Some(Wrong::Reason) => Some(("reason", visit.t("picture.no_reason"))),
        Some(Wrong::Basis) => Some(("basis", visit.t("picture.no_basis"))),
        Some(Wrong::Sealed) | None => None,
    };
    ask_form(visit, url, ["picture.ask_note", "picture.ask"], wrong)
}

/// Where somebody of one institution asks the other to open what is sealed: reason, decision, `[note, button]`.
pub(super) fn ask_form(
    visit: &Visit<'_>,
    url: &str,
    [note, button]: [&str; 2],
    wrong: Option<(&'static str, String)>,
) -> Markup {
    let at = |field: &str| {
        wrong
            .as_ref()
            .filter(|(name, _)| *name == field)
            .map(|(_, said)| said)
    };
    html! {
        form.body.stack method="post" action=(url) {
            @if let Some((field, said)) = &wrong { (error_summary(visit, &[(*field, said.clone())])) }
            p { (visit.t(note)) }
            div class={ "field" @if at("reason").is_some() { " err" } } {
                label for="reason" { (visit.t("picture.why")) }
                @if let Some(said) = at("reason") { p.msg { (said) } }
                select.input id="reason" name="reason" { option value="" { "–" } @for reason in REASONS { option value=(reason) selected[visit.field("reason") == reason] { (visit.t(&format!("picture_reason.{reason}"))) } } }
            }
            div class={ "field" @if at("basis").is_some() { " err" } } {
                label for="basis" { (visit.t("picture.basis")) }
                p.hint id="basis-hint" { (visit.t("picture.basis_hint")) }
                @if let Some(said) = at("basis") { p.msg { (said) } }
                input.input id="basis" name="basis" value=(visit.field("basis")) autocomplete="off" maxlength="60" aria-describedby="basis-hint";
            }
            button.btn.js-once type="submit" name="do" value="ask" { (visit.t(button)) }
        }
    }
}
