//! Cases: the account's own queue, two records side by side, and the registrar's overview without contents.

use dedup::{Policy, Says};
use lexicon::Instant;
use maud::{Markup, html};
use register::{CaseId, CaseKind, Outcome};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{CaseView, OwnOpinion, QueuedCase};

use super::parts::{Pager, empty, pager};
use super::{Section, heading, panel, shell};
use crate::visit::Visit;

mod compare;
pub(crate) use compare::{Compared, compare};

/// The start of a case's id, as people say it.
pub(crate) fn short_id(case: CaseId) -> String {
    case.to_string().chars().take(8).collect()
}

/// How long a case has waited, in words.
fn waited(visit: &Visit<'_>, since: Instant) -> String {
    let micros = visit.office.now().micros() - since.micros();
    let minutes = u64::try_from(micros.div_euclid(60_000_000)).unwrap_or(0);
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => visit.n("wait.minutes", minutes),
        (0, hours) => visit.n("wait.hours", hours),
        (days, _) => visit.n("wait.days", days),
    }
}

fn seat_tag(visit: &Visit<'_>, seat: u8) -> Markup {
    if seat < 3 {
        tag(Tone::Wait, &visit.t("case.blind"))
    } else {
        tag(Tone::Warn, &visit.t("case.third"))
    }
}

/// A case of the queue with its kind.
pub(crate) struct Queued {
    pub case: QueuedCase,
    pub kind: CaseKind,
}

pub(crate) struct Queue<'a> {
    pub rows: &'a [Queued],
    pub waiting: u64,
    pub own: &'a [OwnOpinion],
    /// What was just recorded.
    pub done: Option<&'a str>,
}

pub(crate) fn queue(visit: &Visit<'_>, queue: &Queue<'_>) -> Markup {
    let title = visit.t("queue.title");
    let body = html! {
        (heading(html! { (visit.t("nav.queue")) }, html! { (title) }, html! { span.small.muted { (visit.t("queue.rule")) } }))
        @if let Some(done) = queue.done { div.mt role="status" { (note(Tone::Ok, html! { p { (done) } })) } }
        div.cols.mt {
            (panel(&visit.n("queue.count", queue.waiting), html! { (visit.t("queue.order")) }, html! {
                @if queue.rows.is_empty() { (empty(&visit.t("queue.none"), html! { (visit.t("queue.none_next")) })) } @else {
                    table.t {
                        caption.vh { (title) }
                        thead { tr { th scope="col" { (visit.t("queue.case")) } th scope="col" { (visit.t("queue.kind")) } th scope="col" { (visit.t("queue.seat")) } th scope="col" { (visit.t("queue.waits")) } th scope="col" {} } }
                        tbody { @for row in queue.rows { tr {
                            td { b.mono { (short_id(row.case.case)) } }
                            td { (visit.t(&format!("case_kind.{}", row.kind.code()))) @if row.case.round > 0 { " " (tag(Tone::Warn, &visit.t("case.appeal"))) } }
                            td { (seat_tag(visit, row.case.seat)) }
                            td { (waited(visit, row.case.since)) }
                            td.num { a.btn.sec href={ "/case/" (row.case.case) } { (visit.t("queue.open")) } }
                        } } }
                    }
                }
            }))
            (own_opinions(visit, queue.own))
        }
    };
    shell(visit, Section::Queue, &title, body)
}

fn own_opinions(visit: &Visit<'_>, own: &[OwnOpinion]) -> Markup {
    let title = visit.t("queue.own");
    if own.is_empty() {
        return panel(
            &title,
            html! {},
            empty(&visit.t("queue.own_none"), html! {}),
        );
    }
    panel(
        &title,
        html! { (visit.t("queue.own_aside")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody { @for row in own { tr {
                    td { (visit.moment(row.at)) } td { span.mono { (short_id(row.case)) } } td { (says(visit, row.says)) }
                    td { @if row.is_decided { (tag(Tone::Ok, &visit.t("case.decided"))) } @else { (tag(Tone::Warn, &visit.t("case.waits"))) } }
                } } }
            }
        },
    )
}

fn says(visit: &Visit<'_>, says: Says) -> String {
    visit.t(match says {
        Says::Same => "says.same",
        Says::Distinct => "says.distinct",
        Says::Keep(_) => "says.keep",
    })
}

/// Why an opinion or a look was refused.
pub(crate) fn refused(visit: &Visit<'_>, case: CaseId, said: &str) -> Markup {
    let title = visit.f("case.title", &[("id", &short_id(case))]);
    let crumbs = html! { a href="/cases" { (visit.t("nav.queue")) } " · " (short_id(case)) };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! {}))
        div.narrow.mt role="alert" { (note(Tone::Warn, html! { p { (said) } p { (visit.t("case.nothing_written")) } })) }
        p.mt { a.btn.sec href="/cases" { (visit.t("case.back")) } }
    };
    shell(visit, Section::Queue, &title, body)
}

/// The registrar's overview.
pub(crate) struct Overview<'a> {
    pub counts: &'a [(CaseKind, u64, u64)],
    pub kind: CaseKind,
    pub rows: &'a [CaseView],
    /// Accounts that may be drawn.
    pub officers: usize,
    pub pager: Pager,
    pub done: Option<&'a str>,
}

pub(crate) fn overview(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let title = visit.t("cases.title");
    let count = |kind: CaseKind| {
        shown
            .counts
            .iter()
            .find(|(known, _, _)| *known == kind)
            .map_or((0, 0), |(_, all, decided)| (*all, *decided))
    };
    let figure = |kind: CaseKind| {
        let (all, decided) = count(kind);
        let open = all - decided;
        html! {
            div class={ "stat " (if open > 0 { "mid" } else { "good" }) } {
                b { (number(open)) } span { (visit.t(&format!("case_kind.{}", kind.code()))) " · " (visit.f("cases.of", &[("n", &number(all))])) }
            }
        }
    };
    let tab = |kind: CaseKind| {
        html! { a href={ "/cases/overview?kind=" (kind.code()) } aria-current=[(kind == shown.kind).then_some("page")] { (visit.t(&format!("case_kind.{}", kind.code()))) } }
    };
    let body = html! {
        (heading(html! { (visit.t("nav.cases")) }, html! { (title) }, html! {}))
        @if let Some(done) = shown.done { div.mt role="status" { (note(Tone::Ok, html! { p { (done) } })) } }
        div.stats.three.mt {
            (figure(CaseKind::Duplicate)) (figure(CaseKind::SharedPin))
            div.stat { b { (shown.officers) } span { (visit.t("cases.officers")) } }
        }
        div.cols.mt {
            (panel(&visit.t("cases.open"), html! { nav.classes { (tab(CaseKind::Duplicate)) (tab(CaseKind::SharedPin)) } }, html! {
                @if shown.rows.is_empty() { (empty(&visit.t("cases.none"), html! {})) } @else {
                    table.t.dense {
                        caption.vh { (title) }
                        thead { tr { th scope="col" { (visit.t("queue.case")) } th scope="col" { (visit.t("cases.opened")) } th.num scope="col" { (visit.t("cases.records")) } th.num scope="col" { (visit.t("cases.score")) } th scope="col" { (visit.t("cases.round")) } th scope="col" {} } }
                        tbody { @for row in shown.rows { tr {
                            td { b.mono { (short_id(row.case)) } } td { (visit.moment(row.opened_at)) } td.num { (row.persons.len()) }
                            td.num { @match row.persons.iter().map(|(_, score)| *score).max() { Some(score) if score > 0 => (score), Some(_) | None => "–" } }
                            td { @if row.round > 0 { (tag(Tone::Warn, &visit.t("case.appeal"))) } }
                            td { a href={ "/case/" (row.case) "/verdict" } { (visit.t("cases.show")) } }
                        } } }
                    }
                    (pager(visit, &shown.pager))
                }
            }))
            (panel(&visit.t("cases.give_out"), html! {}, html! {
                div.body.stack {
                    p { (visit.t("cases.give_out_text")) }
                    @if shown.officers < 2 { (note(Tone::Warn, html! { p { (visit.t("cases.too_few")) } })) }
                    @else { form method="post" action="/cases/give-out" { button.btn type="submit" { (visit.t("cases.give_out_do")) } } }
                }
            }))
        }
    };
    shell(visit, Section::Cases, &title, body)
}

/// One case for the registrar: its state, and a reversal on appeal when it is decided.
pub(crate) fn verdict(visit: &Visit<'_>, view: &CaseView, wrong: Option<&str>) -> Markup {
    let title = visit.f("case.title", &[("id", &short_id(view.case))]);
    let crumbs =
        html! { a href="/cases/overview" { (visit.t("nav.cases")) } " · " (short_id(view.case)) };
    let record = |person| {
        html! { @if let Some(url) = visit.person_url(person) { a href=(url) { (visit.t("case.record")) } } }
    };
    let told = |outcome: Outcome| {
        html! {
            (visit.t(&format!("outcome.{}", outcome.code())))
            @match outcome {
                Outcome::Distinct => {},
                Outcome::Duplicate { person, of } => { ": " (visit.t("case.struck")) " " (record(person)) ", " (visit.t("case.counted")) " " (record(of)) },
                Outcome::PinKept { keeper } => { ": " (visit.t("case.keeper")) " " (record(keeper)) },
            }
        }
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! {}))
        div.why-cols.mt {
            (panel(&visit.t("case.facts"), html! {}, html! { div.body { dl.kv {
                dt { (visit.t("queue.kind")) } dd { (visit.t(&format!("case_kind.{}", view.kind.code()))) }
                dt { (visit.t("cases.opened")) } dd { (visit.moment(view.opened_at)) }
                dt { (visit.t("cases.round")) } dd { (view.round + 1) }
                dt { (visit.t("cases.records")) } dd { @for (person, _) in &view.persons { (record(*person)) " " } }
                dt { (visit.t("case.answer")) } dd { @match view.verdict { Some((_, outcome)) => (told(outcome)), None => (tag(Tone::Warn, &visit.t("case.open"))) } }
            } } }))
            @if let Some((id, _)) = view.verdict {
                (panel(&visit.t("reverse.title"), html! {}, html! {
                    form.body.stack method="post" action={ "/case/" (view.case) "/reverse" } {
                        p { (visit.t("reverse.text")) }
                        input type="hidden" name="verdict" value=(id);
                        div class={ "field" @if wrong.is_some() { " err" } } {
                            label for="why" { (visit.t("reverse.reason")) }
                            @if let Some(said) = wrong { p.msg { (said) } }
                            textarea.input id="why" name="why" rows="3" maxlength="400" required {}
                        }
                        button.btn.danger type="submit" { (visit.t("reverse.do")) }
                    }
                }))
            } @else {
                (panel(&visit.t("reverse.title"), html! {}, empty(&visit.t("reverse.not_yet"), html! {})))
            }
        }
    };
    shell(visit, Section::Cases, &title, body)
}

/// The policy's two thresholds.
pub(crate) fn thresholds() -> (u16, u16) {
    let policy = Policy::standard();
    (policy.refer.value(), policy.decisive.value())
}
