//! Rows about which decisions contradict each other: what was decided, and the act that asks again.

use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;

use super::parts::empty;
use super::{Section, heading, panel, shell};
use crate::desks::contradictions::Contradiction;
use crate::role::Right;
use crate::visit::Visit;

/// `wrong`: the row whose form must be corrected, and what is said there.
pub(crate) fn list(
    visit: &Visit<'_>,
    found: &[Contradiction],
    wrong: Option<(&str, &str)>,
) -> Markup {
    let title = visit.t("contradiction.title");
    let shown_title = match wrong {
        Some(_) => format!("{} {title}", visit.t("error.title")),
        None => title.clone(),
    };
    let crumbs = html! { a href="/review" { (visit.t("nav.review")) } " · " (title) };
    let body = html! {
        (heading(crumbs, html! { (title) " " @if !found.is_empty() { (tag(Tone::Warn, &number(found.len() as u64))) } }, html! {}))
        @if visit.asked("done").is_some() { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("contradiction.done")) } })) } }
        p.mt-s.muted { (visit.t("contradiction.lead")) }
        @if found.is_empty() { div.mt { (panel(&title, html! {}, empty(&visit.t("contradiction.none"), html! { a href="/review" { (visit.t("review.back")) } }))) } }
        @for (at, one) in found.iter().enumerate() {
            div.mt { (panel(&visit.f("review.row_n", &[("id", &one.row)]), html! {}, html! {
                (decisions(visit, one))
                @if visit.may(Right::OverseeCases) {
                    (form(visit, at, one, wrong.filter(|(row, _)| *row == one.row).map(|(_, said)| said)))
                }
            })) }
        }
    };
    shell(visit, Section::Reconciliation, &shown_title, body)
}

fn decisions(visit: &Visit<'_>, one: &Contradiction) -> Markup {
    html! {
        table.t.dense {
            caption.vh { (visit.t("contradiction.decided")) }
            thead { tr { th scope="col" { (visit.t("review.in_register")) } th scope="col" { (visit.t("contradiction.decided")) } th scope="col" { (visit.t("contradiction.when")) } th scope="col" { span.vh { (visit.t("contradiction.again")) } } } }
            tbody { @for decided in &one.decisions { tr {
                td { @if let Some(person) = decided.item.person {
                    @let short: String = person.to_string().chars().take(8).collect();
                    @match visit.person_url(person) { Some(url) => a.mono href=(url) { (short) }, None => span.mono { (short) } }
                } }
                td { (tag(Tone::Warn, &visit.t(&format!("review_says.{}", decided.says.code())))) }
                td.nowrap { (visit.moment(decided.at)) }
                td { @if decided.asked_again { (tag(Tone::Stop, &visit.t("contradiction.again"))) } }
            } } }
        }
    }
}

fn form(visit: &Visit<'_>, at: usize, one: &Contradiction, wrong: Option<&str>) -> Markup {
    if !one.may_be_asked_again() {
        return html! { div.body { (note(Tone::Warn, html! { p { (visit.t("contradiction.stays")) } p { a href="/list" { (visit.t("nav.list")) } } })) } };
    }
    let id = format!("why-{at}");
    html! {
        form.body.stack method="post" action="/review/contradictions" {
            p { (visit.t("contradiction.text")) }
            input type="hidden" name="row" value=(one.row);
            div class={ "field" @if wrong.is_some() { " err" } } {
                label for=(id) { (visit.t("contradiction.reason")) }
                @if let Some(said) = wrong { p.msg { (said) } }
                textarea.input id=(id) name="why" rows="2" maxlength="400" required {}
            }
            button.btn type="submit" { (visit.t("contradiction.do")) }
        }
    }
}
