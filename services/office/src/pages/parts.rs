//! Parts that pages share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lexicon::handover::snapshot::AddressRow;
use lexicon::{CivilName, DocumentNumber, Pin};
use maud::{Markup, html};
use register::Standing;
use screen::components::{Tone, tag};
use screen::{Icon, icon};

use crate::role::Right;
use crate::visit::Visit;

/// How many rows a page of a table has.
pub(crate) const PAGE_ROWS: u32 = 50;

/// `АСАНОВ Үсөн Бакытович`: the surname in capitals, the rest as written.
pub(crate) fn name(name: &CivilName) -> Markup {
    let rest = [name.given(), name.patronymic()].join(" ");
    html! { b { (script::display_name(name.surname(), "", None)) } " " (rest.trim()) }
}

/// The same as plain text.
pub(crate) fn name_text(name: &CivilName) -> String {
    let parts = [
        script::display_name(name.surname(), "", None),
        name.given().to_owned(),
        name.patronymic().to_owned(),
    ];
    parts.join(" ").trim().to_owned()
}

/// `2 15041985 00471`, or masked for a role that may not see it.
pub(crate) fn pin(visit: &Visit<'_>, pin: Pin) -> String {
    if !visit.may(Right::SeeNumbers) {
        return pin.masked();
    }
    spaced(&pin.digits())
}

/// The groups of a PIN that anyone may see.
pub(crate) fn spaced(digits: &str) -> String {
    match (digits.get(..1), digits.get(1..9), digits.get(9..)) {
        (Some(sex), Some(day), Some(serial)) => format!("{sex} {day} {serial}"),
        (_, _, _) => digits.to_owned(),
    }
}

/// `AN1234567`, or `AN•••••67`.
pub(crate) fn document(visit: &Visit<'_>, number: &DocumentNumber) -> String {
    let text = number.as_str();
    match (text.get(..2), text.get(7..)) {
        (Some(series), Some(last)) if !visit.may(Right::SeeNumbers) => {
            format!("{series}•••••{last}")
        }
        (_, _) => text.to_owned(),
    }
}

/// `Манас көчөсү, 12`.
pub(crate) fn address(row: &AddressRow) -> String {
    format!("{}, {}", row.street_name, row.house)
}

/// Where a record stands, as icon and word.
pub(crate) fn standing(visit: &Visit<'_>, standing: Option<&Standing>) -> Markup {
    let (tone, code) = match standing {
        Some(Standing::Unique { .. }) => (Tone::Ok, "unique"),
        Some(Standing::Pending { .. }) => (Tone::Warn, "pending"),
        Some(Standing::Duplicate { .. }) => (Tone::Stop, "duplicate"),
        Some(Standing::Deceased { .. }) => (Tone::Stop, "deceased"),
        None => (Tone::Warn, "none"),
    };
    tag(tone, &visit.t(&format!("standing.{code}")))
}

/// A photograph inside the page, or a drawn head. It never has an address of its own: whoever sees it
/// has looked at the person, and that is recorded.
pub(crate) fn photo(visit: &Visit<'_>, image: Option<&[u8]>, class: &str) -> Markup {
    let Some(image) = image else {
        return html! {
            svg class={ (class) " face" } viewBox="0 0 200 250" role="img" aria-label=(visit.t("person.no_photo")) {
                path.c-head d="M10 250c6-44 38-58 90-58s84 14 90 58z" {}
                ellipse.c-head cx="100" cy="124" rx="44" ry="58" {}
            }
        };
    };
    let kind = if image.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "image/jpeg"
    };
    html! { img class=(class) src={ "data:" (kind) ";base64," (STANDARD.encode(image)) } alt=(visit.t("person.photo")); }
}

/// Links to the first and the next page of a table.
pub(crate) struct Pager {
    /// The first page, when this is not it.
    pub first: Option<String>,
    /// The next page, when there is one.
    pub next: Option<String>,
    /// What is shown, in words.
    pub shown: String,
}

pub(crate) fn pager(visit: &Visit<'_>, pager: &Pager) -> Markup {
    html! {
        nav.pager aria-label=(visit.t("pager.label")) {
            span.muted { (pager.shown) }
            span.grow {}
            @if let Some(url) = &pager.first { a href=(url) { (visit.t("pager.first")) } }
            @if let Some(url) = &pager.next { a href=(url) rel="next" { (visit.t("pager.next")) } }
        }
    }
}

/// Nothing to show: a sentence and the next action.
pub(crate) fn empty(said: &str, next: Markup) -> Markup {
    html! { div.body.empty { p { (icon(Icon::Info)) " " (said) } p { (next) } } }
}

/// What is wrong, at the top of a page; gets the focus.
pub(crate) fn error_summary(visit: &Visit<'_>, said: &[(&str, String)]) -> Markup {
    html! {
        div.errsum role="alert" tabindex="-1" autofocus {
            h2 { (visit.t("error.head")) }
            @for (field, text) in said { p.mt-s { a href={ "#" (field) } { (text) } } }
        }
    }
}
