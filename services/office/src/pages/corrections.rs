//! A correction of a rehearsal's list that waits for a person: what was said, as the register has it, the decision.

use lexicon::ClaimOutcome;
use lexicon::handover::correction::CorrectionText;
use maud::{Markup, html};
use screen::components::{Tone, note};
use store::Decided;

use super::person::{Opened, place_row, who_rows};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::rehearsal::day_of;
use crate::rehearsal::waiting::{REFUSALS, WISHES, Waiting};
use crate::role::Right;
use crate::visit::Visit;

/// Why nothing was decided.
pub(crate) enum Wrong {
    /// The claim would be certain to get this outcome.
    Claim(ClaimOutcome),
    /// No reason was chosen.
    NoReason,
}

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub waiting: &'a Waiting,
    /// What was said; none: it stays sealed.
    pub said: Option<&'a CorrectionText>,
    pub person: Option<&'a Opened<'a>>,
    pub wish: String,
    pub value: String,
    pub wrong: Option<Wrong>,
    pub has_key: bool,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let row = &shown.waiting.row;
    let name = visit.f(
        "correction.title",
        &[
            ("p", &format!("{:04}", row.precinct)),
            ("n", &format!("{} {}", row.kit, row.number)),
        ],
    );
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { a href="/rehearsal" { (visit.t("rehearsal.title")) } " · " (format!("{:04}", row.precinct)) };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (in_force(visit)) (print_button(visit)) }))
        (wrong(visit, shown.wrong.as_ref()))
        (decisions(visit, shown.waiting))
        div.cols.wide.mt {
            div.stack { (told(visit, shown)) @if shown.said.is_some() { (forms(visit, shown)) } }
            div.stack { (register(visit, shown)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn outcome(visit: &Visit<'_>, outcome: ClaimOutcome) -> Markup {
    let said = sentences().claim.get(outcome.code());
    html! {
        @if let Some(said) = said { p { b { (said.sentence.get(visit.language)) } " " span.mono.small { (outcome.code()) } } p { b { (said.next.get(visit.language)) } } }
        @else { p { (outcome.code()) } }
    }
}

fn wrong(visit: &Visit<'_>, wrong: Option<&Wrong>) -> Markup {
    let body = match wrong {
        None => return html! {},
        Some(Wrong::Claim(why)) => outcome(visit, *why),
        Some(Wrong::NoReason) => html! { p { (visit.t("correction.no_reason")) } },
    };
    html! { div.mt role="alert" { (note(Tone::Stop, body)) } }
}

/// What was decided, by whom and when.
fn decisions(visit: &Visit<'_>, waiting: &Waiting) -> Markup {
    html! { @for one in &waiting.decisions { div.mt {
        @match &one.decided {
            Decided::Claim(claims) => (note(Tone::Ok, html! { p { b { (visit.t("correction.is_claim")) } @for claim in claims.split_whitespace() { " " a href={ "/claim/" (claim) "/receipt" } { (claim) } } } p.small { (visit.moment(one.at)) ", " (one.staff) } })),
            Decided::Refused(code) => (note(Tone::Stop, html! { @if let Some(why) = ClaimOutcome::from_code(code) { (outcome(visit, why)) } p.small { (visit.moment(one.at)) ", " (one.staff) } })),
            Decided::Registrar => (note(Tone::Wait, html! { p { b { (visit.t("correction.is_registrar")) } } p.small { (visit.moment(one.at)) ", " (one.staff) } })),
        }
    } } }
}

fn told(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let row = &shown.waiting.row;
    let day = day_of(row.day).map_or_else(|| row.day.to_string(), |day| visit.day(day));
    panel(
        &visit.t("correction.told"),
        html! { (day) },
        html! { div.body.stack {
            dl.kv {
                dt { (visit.t("rehearsal.wrong")) } dd { (visit.t(&format!("rehearsal_kind.{}", row.kind))) }
                dt { (visit.t("precinct.number")) } dd { (format!("{:04}", row.precinct)) ", " (visit.t("day.line")) " " @if row.line > 0 { (row.line) } @else { "–" } }
                dt { (visit.t("correction.when")) } dd { (visit.moment(lexicon::Instant::from_micros(shown.waiting.correction.at))) }
                @if let Some(said) = shown.said { dt { (visit.t("correction.said")) } dd { b { (said.right) } } }
            }
            @if shown.said.is_none() { (sealed(visit, shown)) }
        } },
    )
}

/// Why nothing is opened here.
fn sealed(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let key = if !shown.waiting.waits() {
        "correction.sealed_decided"
    } else if !shown.has_key {
        "correction.sealed_no_key"
    } else if shown.waiting.is_with_registrar() && !visit.may(Right::OverseeCases) {
        "correction.sealed_registrar"
    } else {
        "correction.sealed_unreadable"
    };
    note(Tone::Wait, html! { p { (visit.t(key)) } })
}

/// The line's person, as the register has them.
fn register(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let Some(person) = shown.person else {
        return html! { @if shown.said.is_some() { (panel(&visit.t("correction.register"), html! {}, html! { div.body { p { (visit.t("rehearsal_outcome.unknown_person")) } } })) } };
    };
    let residence = person.state.residences.last();
    panel(
        &visit.t("correction.register"),
        html! { a href=(person.url()) { (visit.t("claim.open_person")) } },
        html! { div.body { dl.kv {
            (who_rows(visit, person))
            dt { (visit.t("field.address")) } dd { @match residence { Some(residence) => (person.address(&residence.address)), None => "–" } }
            (place_row(visit, person))
        } } },
    )
}

fn forms(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let url = format!("/rehearsal/correction/{}", shown.waiting.row.id);
    html! {
        (panel(&visit.t("correction.to_claim"), html! {}, html! {
            form.body.stack method="post" action=(url) {
                div.field { label for="wish" { (visit.t("claims.kind")) }
                    select.input id="wish" name="wish" { @for (code, ..) in WISHES { option value=(code) selected[shown.wish == code] { (wish_word(visit, code)) } } } }
                div.field { label for="value" { (visit.t("claim.value")) }
                    p.hint id="value-hint" { (visit.t("correction.value_hint")) }
                    input.input id="value" name="value" value=(shown.value) autocomplete="off" aria-describedby="value-hint"; }
                button.btn.js-once type="submit" name="do" value="claim" { (visit.t("correction.claim")) }
            }
        }))
        (panel(&visit.t("correction.to_refuse"), html! {}, html! {
            form.body.stack method="post" action=(url) {
                div.field { label for="reason" { (visit.t("correction.reason")) }
                    select.input id="reason" name="reason" { option value="" { "–" } @for reason in REFUSALS { option value=(reason.code()) { (visit.short(sentences().claim.get(reason.code()))) } } } }
                button.btn.sec.js-once type="submit" name="do" value="refuse" { (visit.t("correction.refuse")) }
            }
        }))
        @if !shown.waiting.is_with_registrar() {
            form method="post" action=(url) { button.btn.quiet.js-once type="submit" name="do" value="registrar" { (visit.t("correction.registrar")) } }
        }
    }
}

fn wish_word(visit: &Visit<'_>, code: &str) -> String {
    if code == "exclusion" {
        return visit.t("claim_kind.exclusion");
    }
    format!(
        "{}: {}",
        visit.t("claim_kind.correction"),
        visit.t(&format!("field.{code}"))
    )
}
