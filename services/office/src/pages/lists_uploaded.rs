//! Lists of the commission uploaded in the office: the form with a file, progress, figures by class, rejected rows.

use lexicon::ReconciliationClass;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{ListEdition, ListStep, ListStepKind};

use super::parts::{empty, error_summary};
use super::reconciliation::short;
use super::{Section, heading, panel, shell};
use crate::role::Right;
use crate::upload::{Failure, ListWork, Standing, UnderWay, Uploads, standing};
use crate::visit::Visit;

/// Why a file was not taken.
pub(crate) enum Wrong {
    /// A code of the texts.
    Code(&'static str),
    /// What is wrong with the file: a code with names of columns behind it.
    File(String),
}

/// Every edition.
pub(crate) struct All<'a> {
    pub editions: &'a [(ListEdition, Vec<ListStep>)],
    pub work: &'a ListWork,
    pub uploads: &'a Uploads,
    pub wrong: Option<Wrong>,
}

/// A code with names of columns behind it, in words.
fn why(visit: &Visit<'_>, code: &str) -> String {
    let (code, columns) = code.split_once(' ').unwrap_or((code, ""));
    visit.f(&format!("upload_why.{code}"), &[("c", columns)])
}

fn standing_tag(visit: &Visit<'_>, standing: Standing, failure: Option<Failure>) -> Markup {
    let (tone, code) = match standing {
        Standing::Unfinished if failure.is_some() => (Tone::Stop, "failed"),
        Standing::Unfinished => (Tone::Wait, "unfinished"),
        Standing::Refused => (Tone::Stop, "refused"),
        Standing::Superseded => (Tone::Warn, "superseded"),
        Standing::Reconciled { .. } => (Tone::Ok, "reconciled"),
    };
    tag(tone, &visit.t(&format!("upload_standing.{code}")))
}

fn mebibytes(bytes: u64) -> String {
    number(bytes.div_ceil(1 << 20))
}

pub(crate) fn all(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let name = visit.t("upload.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs =
        html! { a href="/reconciliation" { (visit.t("nav.reconciliation")) } " · " (name) };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! {}))
        div.cols.mt {
            (panel(&visit.t("upload.editions"), html! {}, editions(visit, shown)))
            @if visit.may(Right::UploadList) { (form(visit, shown)) } @else { (who_uploads(visit)) }
        }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

fn editions(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    if shown.editions.is_empty() {
        return empty(
            &visit.t("upload.none"),
            html! { (visit.t("upload.none_next")) },
        );
    }
    html! {
        table.t.dense {
            caption.vh { (visit.t("upload.editions")) }
            thead { tr {
                th.num scope="col" { (visit.t("upload.edition")) } th scope="col" { (visit.t("upload.at")) } th scope="col" { (visit.t("upload.who")) }
                th.num scope="col" { (visit.t("upload.rows")) } th.num scope="col" { (visit.t("upload.rejected")) } th scope="col" { (visit.t("upload.state")) }
            } }
            tbody { @for (edition, steps) in shown.editions {
                @let read = steps.iter().find(|step| step.step == ListStepKind::Read);
                tr {
                    td.num { a href={ "/lists/" (edition.edition) } { b { (edition.edition) } } }
                    td { (visit.moment(edition.at)) } td { (edition.staff) }
                    td.num { @match read { Some(step) => (number(step.rows)), None => "–" } }
                    td.num { @match read { Some(step) => (number(step.rejected)), None => "–" } }
                    td {
                        (standing_tag(visit, standing(shown.editions, edition.edition), shown.work.failure(edition.edition)))
                        @if shown.work.under_way(edition.edition).is_some() { " " span.small.muted { (visit.t("upload.works")) } }
                    }
                }
            } }
        }
    }
}

/// The form that takes a file.
fn form(visit: &Visit<'_>, shown: &All<'_>) -> Markup {
    let said = shown.wrong.as_ref().map(|wrong| match wrong {
        Wrong::Code(code) => visit.f(
            &format!("upload_why.{code}"),
            &[("c", &mebibytes(shown.uploads.bytes_max))],
        ),
        Wrong::File(code) => why(visit, code),
    });
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("upload.form"),
        html! {},
        html! {
            @if shown.uploads.folder.is_none() { div.body { (note(Tone::Warn, html! { p { (visit.t("upload_why.off")) } })) } } @else {
                form.body.stack method="post" action="/lists" enctype="multipart/form-data" {
                    @if !summary.is_empty() { (error_summary(visit, &summary)) }
                    div class={ "field" @if said.is_some() { " err" } } {
                        label for="list" { (visit.t("upload.file")) }
                        p.hint id="list-hint" { (visit.f("upload.hint", &[("n", &mebibytes(shown.uploads.bytes_max))])) }
                        @if let Some(said) = &said { p.msg { (said) } }
                        input.input id="list" name="list" type="file" accept=".csv,.parquet,text/csv" required aria-describedby="list-hint";
                    }
                    button.btn.js-once type="submit" data-wait=(visit.t("upload.sending")) { (visit.t("upload.send")) }
                    p.small.muted { (visit.t("upload.columns")) " " code { "row_id, pin, surname, given, patronymic, birth_date, address, precinct" } }
                }
            }
        },
    )
}

fn who_uploads(visit: &Visit<'_>) -> Markup {
    let roles: Vec<String> = Right::UploadList
        .roles()
        .iter()
        .map(|role| visit.t(&format!("role.{}", role.code())))
        .collect();
    panel(
        &visit.t("upload.form"),
        html! {},
        html! { div.body { p { (visit.f("problem.denied_roles", &[("roles", &roles.join(", "))])) } } },
    )
}

/// One edition.
pub(crate) struct One<'a> {
    pub edition: &'a ListEdition,
    pub steps: &'a [ListStep],
    pub standing: Standing,
    pub under_way: Option<UnderWay>,
    pub failure: Option<Failure>,
    pub has_rejects: bool,
    pub counts: &'a [(ReconciliationClass, u64)],
    /// Whether the reconciliation page shows this run.
    pub is_latest_run: bool,
}

pub(crate) fn one(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let edition = shown.edition;
    let title = visit.f("upload.edition_n", &[("n", &edition.edition.to_string())]);
    let crumbs = html! {
        a href="/reconciliation" { (visit.t("nav.reconciliation")) } " · " a href="/lists" { (visit.t("upload.title")) } " · " (edition.edition)
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (standing_tag(visit, shown.standing, shown.failure)) }))
        div.cols.mt {
            div.stack {
                @if shown.standing == Standing::Unfinished {
                    @if let Some(failure) = shown.failure { (failed(visit, edition.edition, failure)) } @else { (progress(visit, shown)) }
                }
                @if let Some(refused) = shown.steps.iter().find(|step| step.step == ListStepKind::Refused) {
                    (note(Tone::Stop, html! { p { b { (visit.t("upload.refused")) } } p { (why(visit, &refused.detail)) } }))
                }
                @if matches!(shown.standing, Standing::Reconciled { .. }) { (classes(visit, shown)) }
            }
            (facts(visit, shown))
        }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

/// Why the work stopped, what stands, and the way to try again.
fn failed(visit: &Visit<'_>, edition: u32, failure: Failure) -> Markup {
    note(
        Tone::Stop,
        html! {
            p { b { (visit.t("upload.failed")) } }
            p { (visit.t(&format!("upload_failed.{}", failure.code()))) }
            p { (visit.t("upload.failed_stands")) }
            @if visit.may(Right::UploadList) {
                form method="post" action={ "/lists/" (edition) "/resume" } { button.btn.sec type="submit" { (visit.t("upload.try_again")) } }
            }
        },
    )
}

/// What is under way, with a bar and the way to go on.
fn progress(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let step = shown.under_way.map_or("waits", |at| at.step);
    let steps = ["read", "arrange", "reconcile", "keep"];
    let reached = steps.iter().position(|known| *known == step);
    panel(
        &visit.t("upload.progress"),
        html! {},
        html! {
            div.body.stack.js-poll role="status" {
                ol.plain { @for (at, known) in steps.iter().enumerate() {
                    li aria-current=[(reached == Some(at)).then_some("step")] {
                        (visit.t(&format!("upload_step.{known}"))) " "
                        @match reached {
                            Some(now) if at < now => (tag(Tone::Ok, &visit.t("upload.done"))),
                            Some(now) if at == now => (tag(Tone::Wait, &visit.t("upload.now"))),
                            Some(_) | None => {},
                        }
                    }
                } }
                @if let Some(at) = shown.under_way.filter(|at| at.total > 0 && at.step == "read") {
                    progress max=(at.total) value=(at.done) aria-label=(visit.t("upload.progress")) {}
                    p.small { (percent(visit.language, at.done.min(at.total), at.total)) }
                }
                p { a href={ "/lists/" (shown.edition.edition) } { (visit.t("upload.look_again")) } }
                @if shown.under_way.is_none() && visit.may(Right::UploadList) {
                    form method="post" action={ "/lists/" (shown.edition.edition) "/resume" } { button.btn.sec type="submit" { (visit.t("upload.go_on")) } }
                }
                p.small.muted { (visit.t("upload.may_leave")) }
            }
        },
    )
}

fn classes(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let read = shown.steps.iter().find(|s| s.step == ListStepKind::Read);
    let rows = read.map_or(0, |step| step.rows - step.rejected);
    panel(
        &visit.t("recon.by_class"),
        html! { (visit.t("recon.several")) },
        html! {
            table.t.dense {
                caption.vh { (visit.t("recon.by_class")) }
                thead { tr { th scope="col" { (visit.t("recon.class")) } th.num scope="col" { (visit.t("recon.rows")) } th.num scope="col" { (visit.t("recon.share")) } } }
                tbody { @for &class in ReconciliationClass::ALL {
                    @let count = shown.counts.iter().find(|(known, _)| *known == class).map_or(0, |(_, n)| *n);
                    tr {
                        td { @if count > 0 && shown.is_latest_run && visit.may(Right::Reconcile) { a href={ "/reconciliation/" (class.code()) } { (short(visit, class)) } } @else { (short(visit, class)) } }
                        td.num { b { (number(count)) } }
                        td.num { @if class == ReconciliationClass::New { "–" } @else { (percent(visit.language, count, rows)) } }
                    }
                } }
            }
            @if !shown.is_latest_run { div.body { p.small.muted { (visit.t("upload.older_run")) } } }
            @else { div.body { p { a href="/review" { (visit.t("upload.to_review")) } } } }
        },
    )
}

fn facts(visit: &Visit<'_>, shown: &One<'_>) -> Markup {
    let edition = shown.edition;
    let read = shown
        .steps
        .iter()
        .find(|step| step.step == ListStepKind::Read);
    panel(
        &visit.t("upload.facts"),
        html! {},
        html! { div.body { dl.kv {
            dt { (visit.t("upload.at")) } dd { (visit.moment(edition.at)) }
            dt { (visit.t("upload.who")) } dd { (edition.staff) }
            dt { (visit.t("upload.size")) } dd { (number(edition.bytes)) " (" (edition.form) ")" }
            dt { "SHA-256" } dd.mono.sum { (edition.sha256) }
            @if let Some(step) = read {
                dt { (visit.t("upload.rows")) } dd { b { (number(step.rows)) } }
                dt { (visit.t("upload.taken")) } dd { b { (number(step.rows - step.rejected)) } }
                dt { (visit.t("upload.rejected")) } dd {
                    b { (number(step.rejected)) }
                    @if shown.has_rejects && visit.may(Right::UploadList) { " " a href={ "/lists/" (edition.edition) "/rejects" } { (visit.t("upload.rejects")) } }
                }
                @if !step.detail.is_empty() { dt { (visit.t("upload.unknown")) } dd { (step.detail) } }
            }
            @for step in shown.steps { dt { (visit.t(&format!("upload_done.{}", step.step.code()))) } dd { (visit.moment(step.at)) } }
        } } },
    )
}
