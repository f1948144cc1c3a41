//! Claims that offices took while they were cut off: the files, and what became of each claim of one.

use lexicon::handover::claim_file::ClaimFileError;
use maud::{Markup, html};
use register::door::rows::Claim;
use roll::taken::Arrival;
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{ArrivedClaim, ClaimFileRow};

use super::claims::what;
use super::parts::{Pager, empty, error_summary, pager};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::visit::Visit;

/// The page of all files.
pub(crate) struct Shown<'a> {
    pub files: &'a [ClaimFileRow],
    /// Why a file was not taken.
    pub wrong: Option<&'a str>,
}

/// What a claim that came in after a freeze is to that list.
pub(crate) struct Late {
    pub release: u32,
    /// The claim that the list follows.
    pub rival: Option<String>,
    /// Whether this one was taken after it, and so counts in its place.
    pub wins: bool,
}

/// A claim of a file.
pub(crate) struct Row {
    pub arrived: ArrivedClaim,
    /// As it stands here.
    pub claim: Option<Claim>,
    pub late: Option<Late>,
}

/// The page of one file.
pub(crate) struct List<'a> {
    pub file: &'a ClaimFileRow,
    pub rows: &'a [Row],
    pub pager: Pager,
}

/// Why a file is refused, and who mends it.
pub(crate) fn refused(visit: &Visit<'_>, why: &ClaimFileError) -> String {
    match why {
        ClaimFileError::Envelope(_) => visit.t("claim_files.wrong_signature"),
        ClaimFileError::Unknown(office) => {
            visit.f("claim_files.wrong_office", &[("office", office)])
        }
        ClaimFileError::Contradicts(_) => visit.t("claim_files.wrong_file"),
    }
}

fn state(visit: &Visit<'_>, state: Arrival) -> Markup {
    let tone = match state {
        Arrival::Taken => Tone::Ok,
        Arrival::Known => Tone::Wait,
        Arrival::Differs | Arrival::Future | Arrival::Order | Arrival::Unreadable => Tone::Stop,
    };
    tag(tone, &visit.t(&format!("claim_arrival.{}", state.code())))
}

pub(crate) fn all(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("claim_files.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let body = html! {
        (heading(html! { a href="/claims" { (visit.t("nav.claims")) } " · " (name) }, html! { (name) }, print_button(visit)))
        div.cols.wide.mt {
            (panel(&name, html! { (shown.files.len()) }, html! {
                @if shown.files.is_empty() { (empty(&visit.t("claim_files.none"), html! { (visit.t("claim_files.none_next")) })) } @else { (files(visit, shown.files)) }
            }))
            @if visit.may(Right::FileClaims) { (form(visit, shown.wrong)) }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn files(visit: &Visit<'_>, files: &[ClaimFileRow]) -> Markup {
    html! {
        div.scroll-x tabindex="0" role="region" aria-label=(visit.t("claim_files.title")) { table.t.dense {
            caption.vh { (visit.t("claim_files.title")) }
            thead { tr {
                th.num scope="col" { "№" } th scope="col" { (visit.t("claim_files.office")) } th scope="col" { (visit.t("claim_files.made")) } th scope="col" { (visit.t("claim_files.came")) }
                @for state in Arrival::ALL { th.num scope="col" { (visit.t(&format!("claim_arrival.{}", state.code()))) } }
            } }
            tbody { @for file in files { tr {
                td.num { @if visit.may(Right::SeeClaims) { a href={ "/claims/files/" (file.file) } { b { (file.file) } } } @else { (file.file) } }
                td.mono { (file.office) } td.nowrap { (visit.moment(file.made_at)) } td { (visit.moment(file.at)) br; span.small.muted { (file.staff) } }
                @for state in Arrival::ALL { td.num { (number(file.states.get(&state).copied().unwrap_or(0))) } }
            } } }
        } }
    }
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let summary: Vec<(&str, String)> = wrong
        .iter()
        .map(|said| ("file", (*said).to_owned()))
        .collect();
    panel(
        &visit.t("claim_files.take"),
        html! {},
        html! {
            form.body.stack method="post" action="/claims/files" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                p.small { (visit.t("claim_files.how")) }
                p { code { "tizme office hand-over-claims --key FILE --out claims.cose" } }
                div class={ "field" @if wrong.is_some() { " err" } } { label for="file" { (visit.t("claim_files.file")) }
                    @if let Some(said) = wrong { p.msg { (said) } }
                    input.input type="file" id="file" name="file" required; }
                button.btn type="submit" { (visit.t("claim_files.take")) }
            }
        },
    )
}

pub(crate) fn one(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let file = list.file;
    let title = visit.f(
        "claim_files.one",
        &[("n", &file.file.to_string()), ("office", &file.office)],
    );
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href="/claims/files" { (visit.t("claim_files.title")) } " · " (file.file) };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if visit.asked("taken").is_some() { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("claim_files.taken")) } })) } }
        @if visit.asked("again").is_some() { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("claim_files.again")) } })) } }
        p.mt-s { (visit.f("claim_files.lead", &[("made", &visit.moment(file.made_at)), ("came", &visit.moment(file.at))])) }
        div.mt { (panel(&title, html! { (visit.t("claim_files.order")) }, html! {
            @if list.rows.is_empty() { (empty(&visit.t("claim_files.no_claims"), html! { a href="/claims/files" { (visit.t("claim_files.title")) } })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th scope="col" { (visit.t("claim.record")) } th scope="col" { (visit.t("claim.what")) } th scope="col" { (visit.t("claim_files.moment")) } th scope="col" { (visit.t("claim_files.state")) } } }
                    tbody { @for row in list.rows { (claim_row(visit, row)) } }
                } }
                (pager(visit, &list.pager))
            }
        })) }
    };
    shell(visit, Section::Claims, &title, body)
}

fn claim_row(visit: &Visit<'_>, row: &Row) -> Markup {
    let arrived = &row.arrived;
    html! { tr {
        td.mono { @match &row.claim { Some(_) => a href={ "/claim/" (arrived.claim) } { (arrived.claim) }, None => (arrived.claim) } }
        td { @if let Some(claim) = &row.claim { (what(visit, claim)) } @else { span.muted { "–" } } }
        td.nowrap { (visit.moment(arrived.taken_at)) }
        td { (state(visit, arrived.state))
            @match arrived.state {
                Arrival::Taken | Arrival::Known => {},
                Arrival::Differs | Arrival::Future | Arrival::Order | Arrival::Unreadable => p.small { (visit.t(&format!("claim_arrival_next.{}", arrived.state.code()))) },
            }
            @if let Some(late) = &row.late { p.small { (tag(Tone::Warn, &visit.f("claim_files.late", &[("n", &late.release.to_string())]))) " " (said_of(visit, late)) } }
        }
    } }
}

/// What a late claim does to the list in force.
fn said_of(visit: &Visit<'_>, late: &Late) -> Markup {
    html! { @match &late.rival {
        None => (visit.t("claim_files.late_alone")),
        Some(rival) if late.wins => { (visit.t("claim_files.late_wins")) " " a href={ "/claim/" (rival) } { (rival) } },
        Some(rival) => { (visit.t("claim_files.late_loses")) " " a href={ "/claim/" (rival) } { (rival) } },
    } }
}
