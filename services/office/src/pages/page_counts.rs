//! The paper list beside the electronic one, page by page: a form for what people count, and what differs.

use maud::{Markup, html};
use roll::page_count::CountRefused;
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::DayPrecinct;

use super::parts::error_summary;
use super::{Section, heading, panel, print_button, shell};
use crate::desks::page_counts::Page;
use crate::role::Right;
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub day: &'a DayPrecinct,
    pub pages: &'a [Page],
    /// The first page that nobody counted.
    pub next: Option<u32>,
    /// The page whose count was just taken.
    pub taken: Option<u32>,
    pub wrong: Option<CountRefused>,
}

fn name(visit: &Visit<'_>, page: u32) -> String {
    match page {
        0 => visit.t("day.supplement"),
        page => page.to_string(),
    }
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let code = shown.day.precinct.to_string();
    let head = visit.f("page_count.title", &[("p", &code)]);
    let title = match shown.wrong {
        Some(_) => format!("{} {head}", visit.t("error.title")),
        None => head.clone(),
    };
    let crumbs =
        html! { a href={ "/day/precinct/" (code) } { (visit.f("day.precinct", &[("p", &code)])) } };
    let links = html! { a href={ "/day/worksheet/" (code) } { (visit.t("day.csv_worksheet")) } (print_button(visit)) };
    let counted = shown
        .pages
        .iter()
        .filter(|page| page.typed.is_some())
        .count() as u64;
    let differing = shown
        .pages
        .iter()
        .filter(|page| page.compared.differs())
        .count() as u64;
    let all = shown.pages.len() as u64;
    let agrees = match (differing, counted == all) {
        (0, true) => "good",
        (0, false) => "",
        _ => "bad",
    };
    let stat = |class: &str, value: String, key: &str| html! { div class={ "stat " (class) } { b { (value) } span { (visit.t(key)) } } };
    let body = html! {
        (heading(crumbs, html! { (head) }, links))
        p.muted { (visit.t("page_count.lead")) }
        @if let Some(page) = shown.taken { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.f("page_count.taken", &[("n", &name(visit, page))])) } })) } }
        div.stats.three.mt {
            (stat("", format!("{} / {}", number(counted), number(all)), "page_count.counted"))
            (stat(agrees, number(differing), "page_count.differing"))
            (stat("", number(shown.pages.iter().map(|page| u64::from(page.compared.home)).sum()), "page_count.home"))
        }
        div.cols.start.mt {
            (table(visit, shown))
            @if visit.may(Right::TakeDay) { (form(visit, shown)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

/// `0`, `2`, `−1`.
fn signed(off: i64) -> String {
    let minus = if off < 0 { "\u{2212}" } else { "" };
    format!("{minus}{}", number(off.unsigned_abs()))
}

fn joined(lines: &[u32]) -> String {
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    lines.join(", ")
}

fn table(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let title = visit.t("page_count.by_page");
    panel(
        &title,
        html! {},
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th.num scope="col" { (visit.t("day.page")) } th scope="col" { (visit.t("day.lines")) } th.num scope="col" { (visit.t("page_count.marks")) } th.num scope="col" { (visit.t("page_count.at_home")) }
                th.num scope="col" { (visit.t("day.signatures")) } th.num scope="col" { (visit.t("day.difference")) } th scope="col" { (visit.t("page_count.unmarked")) } th scope="col" { (visit.t("page_count.unsigned")) }
            } }
            tbody { @for page in shown.pages { @let compared = &page.compared; tr {
                th.num scope="row" { (name(visit, page.page)) }
                td { (page.lines.from) "–" @if page.page > 0 { (page.lines.to) } }
                td.num { (compared.marks) } td.num { (compared.home) }
                td.num { @match &page.typed { Some(typed) => span title={ (typed.staff) ", " (visit.moment(typed.at)) } { (typed.signatures) }, None => "–" } }
                td.num { @if let Some(off) = compared.difference() { @if compared.differs() { (tag(Tone::Warn, &signed(off))) } @else { "0" } } @else { "–" } }
                td { (joined(&compared.unmarked)) } td { (joined(&compared.unsigned)) @if compared.count.as_ref().is_some_and(|count| count.lines.is_none()) && compared.differs() { span.muted.small { (visit.t("page_count.unknown")) } } }
            } } }
        } } },
    )
}

fn form(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let url = format!("/day/pages/{}", shown.day.precinct.number());
    let wrong = shown.wrong.map(|refused| {
        let field = match refused {
            CountRefused::NoNumber | CountRefused::TooMany(_) => "signatures",
            CountRefused::Unreadable
            | CountRefused::OtherPage(_)
            | CountRefused::NotAsMany { .. } => "lines",
        };
        (
            field,
            visit.t(&format!("page_count_refused.{}", refused.code())),
        )
    });
    let at = |field: &str| {
        wrong
            .as_ref()
            .filter(|(name, _)| *name == field)
            .map(|(_, said)| said)
    };
    let chosen = visit.field("page").parse().ok().or(shown.next);
    panel(
        &visit.t("page_count.form"),
        html! {},
        html! {
            form.body.stack method="post" action=(url) {
                @if let Some((field, said)) = &wrong { (error_summary(visit, &[(*field, said.clone())])) }
                div.field { label for="page" { (visit.t("day.page")) }
                    select.input id="page" name="page" { @for page in shown.pages { option value=(page.page) selected[chosen == Some(page.page)] { (name(visit, page.page)) " (" (page.lines.from) "–" @if page.page > 0 { (page.lines.to) } ")" } } } }
                div class={ "field" @if at("signatures").is_some() { " err" } } { label for="signatures" { (visit.t("page_count.signatures")) }
                    p.hint id="signatures-hint" { (visit.t("page_count.signatures_hint")) }
                    @if let Some(said) = at("signatures") { p.msg { (said) } }
                    input.input id="signatures" name="signatures" inputmode="numeric" autocomplete="off" value=(visit.field("signatures")) aria-describedby="signatures-hint"; }
                div class={ "field" @if at("lines").is_some() { " err" } } { label for="lines" { (visit.t("page_count.lines")) }
                    p.hint id="lines-hint" { (visit.t("page_count.lines_hint")) }
                    @if let Some(said) = at("lines") { p.msg { (said) } }
                    input.input id="lines" name="lines" autocomplete="off" value=(visit.field("lines")) aria-describedby="lines-hint"; }
                button.btn.js-once type="submit" { (visit.t("page_count.take")) }
            }
        },
    )
}
