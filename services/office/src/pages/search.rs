//! Search: one field for a PIN, a document number or a name. What is typed travels in the body only.

use maud::{Markup, html};
use screen::components::{Tone, tag};
use screen::format::number;
use store::Hit;

use super::parts::{PAGE_ROWS, empty, error_summary, name, standing};
use super::staff::{choices, in_force};
use super::{Section, heading, panel, shell};
use crate::role::Right;
use crate::visit::Visit;

/// What kind of thing was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Pin,
    Document,
    Name,
}

/// What the search page shows.
pub(crate) enum State {
    /// Nothing was asked yet.
    Empty,
    /// The field cannot be read; what is wrong with it.
    Wrong(String),
    /// Found: persons from `skip` on; one more than a page when there are more.
    Found {
        kind: Kind,
        hits: Vec<Hit>,
        skip: usize,
    },
}

pub(crate) fn page(visit: &Visit<'_>, typed: &str, state: &State) -> Markup {
    let title = visit.t("search.title");
    let shown = match state {
        State::Wrong(_) => format!("{} {title}", visit.t("error.title")),
        State::Empty | State::Found { .. } => title.clone(),
    };
    let body = html! {
        (heading(html! { (visit.t("nav.search")) }, html! { (title) }, in_force(visit)))
        div.searching.mt {
            div.stack {
                @if let State::Wrong(said) = state { (error_summary(visit, &[("q", said.clone())])) }
                (form(visit, typed, state))
            }
            @match state {
                State::Empty | State::Wrong(_) => (how(visit)),
                State::Found { kind, hits, skip } => (found(visit, typed, *kind, hits, *skip)),
            }
        }
    };
    shell(visit, Section::Search, &shown, body)
}

fn form(visit: &Visit<'_>, typed: &str, state: &State) -> Markup {
    let wrong = match state {
        State::Wrong(said) => Some(said),
        State::Empty | State::Found { .. } => None,
    };
    html! {
        form.panel method="post" action="/search" {
            div.body.stack {
                div class={ "field" @if wrong.is_some() { " err" } } {
                    label for="q" { (visit.t("search.field")) }
                    p.hint id="q-hint" { (visit.t("search.hint")) }
                    @if let Some(said) = wrong { p.msg id="q-error" { (said) } }
                    input.input.id id="q" name="q" value=(typed) autocomplete="off" autocapitalize="none" spellcheck="false"
                        aria-describedby={ "q-hint" @if wrong.is_some() { " q-error" } } autofocus[wrong.is_none()];
                }
                @if visit.reason.is_none() { (choices(visit)) }
                button.btn.big type="submit" { (visit.t("search.find")) }
            }
        }
    }
}

fn how(visit: &Visit<'_>) -> Markup {
    panel(
        &visit.t("search.how"),
        html! {},
        html! {
            div.body { ul.plain {
                li { (visit.t("search.how_pin")) }
                li { (visit.t("search.how_document")) }
                li { (visit.t("search.how_name")) }
                li { (visit.t("search.how_recorded")) }
            } }
        },
    )
}

fn found(visit: &Visit<'_>, typed: &str, kind: Kind, hits: &[Hit], skip: usize) -> Markup {
    let rows = PAGE_ROWS as usize;
    let has_more = hits.len() > rows;
    let hits = &hits[..hits.len().min(rows)];
    let by = visit.t(match kind {
        Kind::Pin => "search.by_pin",
        Kind::Document => "search.by_document",
        Kind::Name => "search.by_name",
    });
    if hits.is_empty() {
        let next = visit.t(match kind {
            Kind::Name => "search.none_next_name",
            Kind::Pin | Kind::Document => "search.none_next_number",
        });
        return panel(
            &visit.t("search.found"),
            html! { (by) },
            empty(&visit.t("search.none"), html! { (next) }),
        );
    }
    let from = number(skip as u64 + 1);
    let to = number((skip + hits.len()) as u64);
    let aside = html! { (by) " · " (visit.f("search.shown", &[("a", &from), ("b", &to)])) };
    panel(
        &visit.t("search.found"),
        aside,
        html! {
            @if kind == Kind::Pin && hits.len() > 1 {
                div.body { (tag(Tone::Warn, &visit.t("search.shared"))) }
            }
            table.t {
                caption.vh { (visit.t("search.found")) }
                thead { tr {
                    th scope="col" { (visit.t("person.name")) } th scope="col" { (visit.t("person.born")) }
                    th scope="col" { (visit.t("person.pin")) } th scope="col" { (visit.t("person.standing")) }
                    @if kind == Kind::Name { th.num scope="col" { (visit.t("search.fit")) } }
                } }
                tbody { @for hit in hits { (row(visit, kind, hit)) } }
            }
            @if has_more || skip > 0 {
                div.pager {
                    @if skip > 0 { (again(visit, typed, 0, "pager.first")) }
                    span.grow {}
                    @if has_more { (again(visit, typed, skip + rows, "pager.next")) }
                }
            }
        },
    )
}

/// The next part of the ranking: a form, because what was typed stays out of the URL.
fn again(visit: &Visit<'_>, typed: &str, skip: usize, key: &str) -> Markup {
    html! {
        form.inline method="post" action="/search" {
            input type="hidden" name="q" value=(typed);
            input type="hidden" name="skip" value=(skip);
            button.btn.quiet type="submit" { (visit.t(key)) }
        }
    }
}

/// One person found; only the name and what is masked.
pub(crate) fn row(visit: &Visit<'_>, kind: Kind, hit: &Hit) -> Markup {
    let purpose = visit.look().purpose;
    html! {
        tr {
            td { (linked(visit, hit)) }
            td { (visit.day(*hit.born.open(purpose))) }
            td.nowrap { @match &hit.pin_masked { Some(pin) => (pin), None => span.muted { (visit.t("person.no_pin")) } } }
            td { (standing(visit, hit.standing.as_ref())) }
            @if kind == Kind::Name { td.num { (hit.score / 10) " %" } }
        }
    }
}

/// The name, a link for roles that may open the record.
pub(crate) fn linked(visit: &Visit<'_>, hit: &Hit) -> Markup {
    let shown = name(hit.name.open(visit.look().purpose));
    html! {
        @match visit.person_url(hit.person) {
            Some(url) if visit.may(Right::FindPersons) => a href=(url) { (shown) },
            Some(_) | None => (shown),
        }
    }
}
