//! Filing a claim: one form with what the law says to it, and the receipt to print.

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::law::Applicant;
use lexicon::{ClaimOutcome, Purpose};
use maud::{Markup, html};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::receipt_number;
use roll::filing::{answered_by, filed_before};
use screen::components::{Tone, note, tag};
use store::{Hit, Receipt};

use super::claims::what;
use super::parts::name;
use super::person::{Opened, as_it_stands};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::visit::Visit;

/// What was typed.
pub(crate) struct Form {
    /// The form's own random key: sent twice, it is one claim.
    pub key: String,
    pub kind: ClaimKind,
    /// Number of the precinct wanted, or words of its address.
    pub wanted: String,
    pub category: String,
    pub field: String,
    pub value: String,
    pub identified: bool,
    /// A telephone number left with a Form 2; its mark is kept.
    pub phone: String,
    pub cancels: bool,
}

/// What the law says to it.
pub(crate) enum Heard {
    /// Not asked yet.
    Nothing,
    /// Several precincts answer the words.
    Choose,
    /// Nothing stands against it.
    Fine,
    /// It cannot count.
    Refused(ClaimOutcome),
}

/// The fields that a correction may change.
const FIELDS: [&str; 5] = ["surname", "given", "patronymic", "born", "address"];

pub(crate) fn page(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    form: &Form,
    heard: &Heard,
    found: &[PrecinctRow],
) -> Markup {
    let title = visit.t("filing.title");
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href=(person.url()) { (person.title()) } };
    let shown_title = match heard {
        Heard::Refused(_) => format!("{} {title}", visit.t("error.title")),
        Heard::Nothing | Heard::Choose | Heard::Fine => title.clone(),
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) }))
        div.cols.wide.mt {
            div.stack {
                (verdict(visit, form, heard))
                (fields(visit, person, form, heard, found))
            }
            div.stack { (standing(visit, person)) (terms(visit)) }
        }
    };
    shell(visit, Section::Claims, &shown_title, body)
}

fn verdict(visit: &Visit<'_>, form: &Form, heard: &Heard) -> Markup {
    match heard {
        Heard::Nothing => html! {},
        Heard::Choose => note(Tone::Warn, html! { p { (visit.t("filing.choose")) } }),
        Heard::Fine => {
            let due = answered_by(&visit.office.law, visit.date(visit.office.now()));
            html! { div role="status" { (note(Tone::Ok, html! { p { b { (visit.t("filing.fine")) } " " (visit.f("filing.answer_by", &[("d", &visit.long_day(due))])) } })) } }
        }
        Heard::Refused(outcome) => {
            let said = sentences().claim.get(outcome.code());
            html! { div role="alert" { (note(Tone::Stop, html! {
                p { b { (visit.t(&format!("claim_kind.{}", form.kind.code()))) ": " (visit.short(said)) } " " span.mono.small { (outcome.code()) } }
                @if let Some(said) = said { p { (said.sentence.get(visit.language)) } p { b { (said.next.get(visit.language)) } } }
            })) } }
        }
    }
}

fn fields(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    form: &Form,
    heard: &Heard,
    found: &[PrecinctRow],
) -> Markup {
    let is_fine = matches!(heard, Heard::Fine);
    panel(
        &visit.t("filing.what"),
        html! {},
        html! {
            form.body.stack method="post" action={ (person.url()) "/claim" } {
                input type="hidden" name="form" value=(form.key);
                div.field { label for="kind" { (visit.t("claims.kind")) }
                    select.input id="kind" name="kind" autofocus[!is_fine] { @for kind in ClaimKind::ALL { option value=(kind.code()) selected[form.kind == *kind] { (visit.t(&format!("claim_kind.{}", kind.code()))) } } } }
                fieldset.group {
                    legend { (visit.t("claim_kind.form2")) }
                    div.field { label for="wanted" { (visit.t("filing.wanted")) } input.input id="wanted" name="wanted" value=(form.wanted) autocomplete="off"; }
                    @if !found.is_empty() { ul.plain id="found" { @for row in found { li { b { (row.precinct) } " " (address(visit, row)) } } } }
                    div.field { label for="category" { (visit.t("filing.category")) }
                        select.input id="category" name="category" { @for row in visit.office.law.form2.category.iter().filter(|row| row.enabled && row.applicant == Applicant::Identified) { option value=(row.code) selected[form.category == row.code] { (category_word(visit, &row.code)) } } } }
                    div.field { label for="phone" { (visit.t("filing.phone")) } p.hint id="phone-hint" { (visit.t("filing.phone_hint")) }
                        input.input id="phone" name="phone" value=(form.phone) inputmode="tel" autocomplete="off" aria-describedby="phone-hint"; }
                    div.row { input type="checkbox" id="cancels" name="cancels" value="1" checked[form.cancels]; label for="cancels" { (visit.t("filing.cancels")) } }
                }
                fieldset.group {
                    legend { (visit.t("claim_kind.correction")) }
                    div.field { label for="field" { (visit.t("filing.field")) }
                        select.input id="field" name="field" { @for code in FIELDS { option value=(code) selected[form.field == code] { (visit.t(&format!("field.{code}"))) } } } }
                    div.field { label for="value" { (visit.t("claim.value")) } input.input id="value" name="value" value=(form.value) autocomplete="off"; }
                }
                div.row { input type="checkbox" id="identified" name="identified" value="1" checked[form.identified]; label for="identified" { (visit.t("filing.identified")) } }
                div.row.wrap {
                    button class=(if is_fine { "btn sec" } else { "btn" }) type="submit" name="do" value="check" { (visit.t("filing.check")) }
                    button class=(if is_fine { "btn" } else { "btn sec" }) type="submit" name="do" value="file" autofocus[is_fine] { (visit.t("filing.file")) }
                }
            }
        },
    )
}

fn address<'a>(visit: &Visit<'_>, row: &'a PrecinctRow) -> &'a str {
    match visit.language {
        lexicon::Language::Ky => &row.address_ky,
        lexicon::Language::Ru | lexicon::Language::En => &row.address_ru,
    }
}

fn category_word(visit: &Visit<'_>, category: &str) -> String {
    let key = format!("form2_category.{category}");
    if super::texts().has(&key) {
        visit.t(&key)
    } else {
        category.to_owned()
    }
}

/// Where the person stands now, and what they filed.
fn standing(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let claims = person.page.claims.open(Purpose::Serve);
    let asked = html! {
        @if !claims.is_empty() { ol.timeline { @for claim in claims { li { span.small.muted { (visit.moment(claim.filed)) } br; a href={ "/claim/" (claim.claim) } { (claim.claim) } " " (what(visit, claim)) } } } }
    };
    as_it_stands(visit, person, asked)
}

/// Until when what can be filed, by the law of this election.
fn terms(visit: &Visit<'_>) -> Markup {
    let law = &visit.office.law;
    let until = |kind| {
        let last = filed_before(law, kind).plus_micros(-1);
        let is_over = visit.office.now() > last;
        html! { (visit.moment(last)) @if is_over { " " (tag(Tone::Stop, &visit.t("filing.over"))) } }
    };
    panel(
        &visit.t("filing.terms"),
        html! { (law.id) },
        html! { div.body { dl.kv {
            @for kind in ClaimKind::ALL { dt { (visit.t(&format!("claim_kind.{}", kind.code()))) } dd { (until(*kind)) } }
        } } },
    )
}

/// The receipt of a claim, for the applicant.
pub(crate) fn receipt(
    visit: &Visit<'_>,
    receipt: &Receipt,
    claim: &Claim,
    person: Option<&Hit>,
    again: bool,
) -> Markup {
    // With check digits: it is read out over the telephone and typed from paper.
    let number = receipt_number(visit.office.law.election.number, &receipt.claim);
    let title = visit.f("filing.receipt", &[("id", &number)]);
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href={ "/claim/" (receipt.claim) } { (receipt.claim) } };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if again { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("filing.again")) } })) } }
        div.narrow.mt { (panel(&title, html! { (visit.moment(receipt.filed)) }, html! { div.body.stack {
            p.big-figure { b.mono { (number) } }
            dl.kv {
                dt { (visit.t("claim.record")) } dd.mono { (receipt.claim) }
                @if let Some(hit) = person {
                    dt { (visit.t("filing.person")) } dd { (name(hit.name.open(Purpose::Serve))) }
                    @if let Some(masked) = &hit.pin_masked { dt { (visit.t("filing.pin")) } dd.mono { (masked) } }
                }
                dt { (visit.t("claim.what")) } dd { (what(visit, claim)) }
                @if claim.kind == ClaimKind::Correction { dt { (visit.t("claim.value")) } dd { (claim.value) } }
                dt { (visit.t("filing.taken_by")) } dd { (receipt.officer) }
                dt { (visit.t("filing.due")) } dd { b { (visit.long_day(receipt.due)) } }
            }
            p { (visit.t("filing.keep")) }
            @if let Some(url) = visit.person_url(receipt.person) { p { a href={ (url) "/claim" } { (visit.t("filing.another")) } } }
        } })) }
    };
    shell(visit, Section::Claims, &title, body)
}
