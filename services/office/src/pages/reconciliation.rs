//! The commission's list against the register: counts by class, rows of a class with what shows it
//! and the act proposed, and an export with a reason.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::CommissionRow;
use lexicon::{PersonId, ReconciliationClass};
use maud::{Markup, html};
use roll::reconcile::Act;
use screen::components::{Tone, tag};
use screen::format::{number, percent};
use store::ReconciledRow;

use super::parts::{Pager, empty, pager, spaced};
use super::review::{Sampled, sample};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::reason::Reason;
use crate::role::Right;
use crate::row_evidence::{RowEvidence, ShownBy};
use crate::visit::Visit;

pub(crate) fn short(visit: &Visit<'_>, class: ReconciliationClass) -> String {
    visit.short(sentences().reconciliation.get(class.code()))
}

pub(crate) fn counts(
    visit: &Visit<'_>,
    run: Option<u32>,
    rows: u64,
    counts: &[(ReconciliationClass, u64)],
    sampled: Option<&Sampled>,
) -> Markup {
    let title = visit.t("recon.title");
    let aside = html! {
        a.btn.sec href="/lists" { (visit.t("upload.title")) } a.btn.sec href="/review" { (visit.t("review.title")) } (print_button(visit))
    };
    let body = html! {
        (heading(html! { (visit.t("nav.reconciliation")) }, html! { (title) }, aside))
        @match run {
            None => div.mt { (panel(&title, html! {}, empty(&visit.t("recon.none"), html! { (visit.t("recon.none_next")) }))) },
            Some(run) => {
                p.mt-s.muted { (visit.f("recon.lead", &[("n", &number(rows)), ("r", &run.to_string())])) }
                div.cols.wide.mt {
                    (table(visit, rows, counts))
                    div.stack {
                        @if let Some(sampled) = sampled.filter(|sampled| sampled.drawn > 0) { (sample(visit, run, sampled)) }
                        @if visit.may(Right::Export) { (export(visit, None, &[])) } @else { (who_exports(visit)) }
                    }
                }
            },
        }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

fn table(visit: &Visit<'_>, rows: u64, counts: &[(ReconciliationClass, u64)]) -> Markup {
    let top = counts.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    panel(
        &visit.t("recon.by_class"),
        html! { (visit.t("recon.several")) },
        html! {
            table.t.dense {
                caption.vh { (visit.t("recon.by_class")) }
                thead { tr {
                    th scope="col" { (visit.t("recon.class")) } th.num scope="col" { (visit.t("recon.rows")) } th.num scope="col" { (visit.t("recon.share")) }
                    th scope="col" aria-hidden="true" {} th scope="col" { (visit.t("recon.act")) }
                } }
                tbody { @for &class in ReconciliationClass::ALL {
                    @let count = counts.iter().find(|(known, _)| *known == class).map_or(0, |(_, n)| *n);
                    tr {
                        td { (short(visit, class)) }
                        td.num { b { @if count > 0 && visit.may(Right::Reconcile) { a href={ "/reconciliation/" (class.code()) } { (number(count)) } } @else { (number(count)) } } }
                        td.num { @if class == ReconciliationClass::New { "–" } @else { (percent(visit.language, count, rows)) } }
                        td.bar-cell aria-hidden="true" { (bar(count, top)) }
                        td { (proposal(visit, class)) }
                    }
                } }
            }
        },
    )
}

/// A bar of 120 units for the largest count.
fn bar(count: u64, top: u64) -> Markup {
    let width = u64::try_from(u128::from(count) * 120 / u128::from(top)).unwrap_or(0);
    html! { svg width="120" height="12" viewBox="0 0 120 12" { rect.hbar width=(width) height="12" {} } }
}

/// The act proposed, in the country's words.
fn proposal(visit: &Visit<'_>, class: ReconciliationClass) -> String {
    sentences()
        .reconciliation
        .get(class.code())
        .map_or_else(String::new, |said| said.next.get(visit.language).to_owned())
}

pub(crate) struct Rows<'a> {
    pub class: ReconciliationClass,
    pub count: u64,
    pub rows: &'a [(ReconciledRow, Option<CommissionRow>)],
    /// Names of the persons of class `new`, by place; none for rows of the list.
    pub names: &'a [Option<String>],
    /// Addresses that the evidence names, as printed.
    pub addresses: &'a BTreeMap<String, String>,
    pub pager: Pager,
}

pub(crate) fn rows(visit: &Visit<'_>, shown: &Rows<'_>) -> Markup {
    let title = format!("{}: {}", visit.t("recon.title"), short(visit, shown.class));
    let said = sentences()
        .reconciliation
        .get(shown.class.code())
        .map_or("", |said| said.sentence.get(visit.language));
    let crumbs = html! { a href="/reconciliation" { (visit.t("nav.reconciliation")) } " · " (shown.class.code()) };
    let others = html! {
        nav.classes aria-label=(visit.t("recon.by_class")) {
            @for &class in ReconciliationClass::ALL {
                a href={ "/reconciliation/" (class.code()) } aria-current=[(class == shown.class).then_some("page")] { (short(visit, class)) }
            }
        }
    };
    let body = html! {
        (heading(crumbs, html! { (short(visit, shown.class)) }, html! { (in_force(visit)) (print_button(visit)) }))
        p.mt-s { (said) " " b { (proposal(visit, shown.class)) } " " span.muted.small { (Act::of(shown.class).code()) } }
        (others)
        div.mt { (panel(&visit.n("recon.count", shown.count), html! { (visit.t("recon.as_written")) }, html! {
            @if shown.rows.is_empty() { (empty(&visit.t("recon.no_rows"), html! { a href="/reconciliation" { (visit.t("recon.back")) } })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(title) {
                    table.t.dense {
                        caption.vh { (title) }
                        thead { tr {
                            th scope="col" { (visit.t("recon.row")) } th scope="col" { (visit.t("person.name")) } th scope="col" { (visit.t("person.born")) } th scope="col" { (visit.t("person.pin")) }
                            th scope="col" { (visit.t("recon.address_precinct")) } th scope="col" { (visit.t("recon.evidence")) } th scope="col" { (visit.t("claim.person")) }
                        } }
                        tbody { @for (at, (found, list)) in shown.rows.iter().enumerate() { (row(visit, shown, at, found, list.as_ref())) } }
                    }
                }
                (pager(visit, &shown.pager))
            }
        })) }
        @if visit.may(Right::Export) && shown.count > 0 { div.mt { (export(visit, Some(shown.class), &[])) } }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

fn row(
    visit: &Visit<'_>,
    shown: &Rows<'_>,
    at: usize,
    found: &ReconciledRow,
    list: Option<&CommissionRow>,
) -> Markup {
    html! {
        tr {
            @match list {
                Some(list) => {
                    td { (list.row) }
                    td { b { (script::display_name(&list.surname, "", None)) } " " (list.given) " " (list.patronymic) }
                    td { (list.born) } td.nowrap { (masked(visit, &list.pin)) }
                    td { (list.address) @if !list.precinct.is_empty() { " · " (list.precinct) } }
                },
                None => {
                    td { span.muted { "–" } }
                    td colspan="4" { (shown.names.get(at).and_then(Option::as_deref).unwrap_or("")) }
                },
            }
            td { (evidence(visit, shown, found)) }
            td { @if let Some(url) = found.person.and_then(|p: PersonId| visit.person_url(p)) { a href=(url) { (visit.t("claim.open_person")) } } @else { span.muted { "–" } } }
        }
    }
}

/// A PIN as the list writes it: whole for those who may see numbers, else the first and last digits.
pub(super) fn masked(visit: &Visit<'_>, written: &str) -> String {
    let is_whole = written.len() == 14 && written.bytes().all(|b| b.is_ascii_digit());
    if visit.may(Right::SeeNumbers) {
        return if is_whole {
            spaced(written)
        } else {
            written.to_owned()
        };
    }
    match (written.get(..1), written.get(11..)) {
        (Some(first), Some(last)) if is_whole => format!("{first} •••••••• ••{last}"),
        (_, _) => "••••".to_owned(),
    }
}

/// One sentence: what the register holds against the row, with record and day.
fn evidence(visit: &Visit<'_>, rows: &Rows<'_>, found: &ReconciledRow) -> Markup {
    let evidence = RowEvidence::parse(&found.detail);
    let has_address = evidence.shown_by.iter().any(|s| s.table == "residences");
    let said = if found.class == ReconciliationClass::Moved && !has_address {
        visit.t("evidence.moved_away")
    } else {
        visit.t(&format!("evidence.{}", found.class.code()))
    };
    html! {
        (said)
        @for shown in &evidence.shown_by { " " (record(visit, rows, shown)) }
        @if let Some(kept) = &evidence.kept { " " (visit.f("evidence.kept", &[("row", kept)])) }
        @if let Some(precinct) = evidence.precinct { " " (visit.f("evidence.precinct", &[("p", &precinct.to_string())])) }
        @if evidence.birth_differs { " " (tag(Tone::Warn, &visit.t("evidence.birth_differs"))) }
        @if let Some(by) = &evidence.found_by {
            @let key = format!("found_by.{by}");
            @if super::texts().has(&key) { br; span.small.muted { (visit.t(&key)) } }
        }
        @for answer in &evidence.answers {
            br; span.small { (visit.t(&format!("answered.{}", answer.how)))
                @if let Some(day) = answer.by.day { ", " (visit.day(day)) }
                " " span.muted { (visit.f("answered.question", &[("id", &answer.by.record)])) } }
        }
    }
}

fn record(visit: &Visit<'_>, rows: &Rows<'_>, shown: &ShownBy) -> Markup {
    // A person's record is linked in its own column; its id is printed nowhere.
    if shown.table == "persons" {
        return html! { @if let Some(day) = shown.day { (visit.day(day)) "." } };
    }
    if let Some(address) = rows
        .addresses
        .get(&shown.record)
        .filter(|_| shown.table == "residences")
    {
        return html! { b { (address) } "." };
    }
    html! {
        (visit.f("shown.record", &[("id", &shown.record)]))
        @if let Some(day) = shown.day { ", " (visit.day(day)) }
        "."
    }
}

fn who_exports(visit: &Visit<'_>) -> Markup {
    let roles: Vec<String> = Right::Export
        .roles()
        .iter()
        .map(|role| visit.t(&format!("role.{}", role.code())))
        .collect();
    panel(
        &visit.t("export.title"),
        html! {},
        html! { div.body { p { (visit.f("problem.denied_roles", &[("roles", &roles.join(", "))])) } } },
    )
}

/// The form of an export: which class, and why.
fn export(
    visit: &Visit<'_>,
    class: Option<ReconciliationClass>,
    wrong: &[(&str, String)],
) -> Markup {
    panel(
        &visit.t("export.title"),
        html! { (visit.t("export.recorded")) },
        html! {
            form.body.stack method="post" action="/reconciliation/export" {
                @if !wrong.is_empty() { (super::parts::error_summary(visit, wrong)) }
                div.field { label for="class" { (visit.t("recon.class")) }
                    select.input id="class" name="class" {
                        @for &known in ReconciliationClass::ALL { option value=(known.code()) selected[class == Some(known)] { (short(visit, known)) } }
                    } }
                div class={ "field" @if !wrong.is_empty() { " err" } } { label for="why" { (visit.t("export.reason")) }
                    @for (_, said) in wrong { p.msg { (said) } }
                    select.input id="why" name="why" required {
                        option value="" { (visit.t("export.choose")) }
                        @for reason in [Reason::Reconciliation, Reason::Court, Reason::Quality] { option value=(reason.code()) { (visit.t(&format!("reason.{}", reason.code()))) } }
                    } }
                button.btn type="submit" { (visit.t("export.go")) }
                p.small.muted { (visit.t("export.warning")) }
            }
        },
    )
}

/// The export's form again, with what is missing.
pub(crate) fn export_again(
    visit: &Visit<'_>,
    class: Option<ReconciliationClass>,
    said: String,
) -> Markup {
    let title = format!("{} {}", visit.t("error.title"), visit.t("export.title"));
    let crumbs = html! { a href="/reconciliation" { (visit.t("nav.reconciliation")) } " · " (visit.t("export.title")) };
    let body = html! {
        (heading(crumbs, html! { (visit.t("export.title")) }, html! {}))
        div.narrow.mt { (export(visit, class, &[("why", said)])) }
    };
    shell(visit, Section::Reconciliation, &title, body)
}
