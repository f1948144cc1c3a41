//! Where two persons of two institutions approve exactly one root, and what stops them.

use lexicon::ExclusionReason;
use maud::{Markup, html};
use roll::eligibility::rule_id;
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{ApprovalRow, Institution, PublishedRow, ReleaseRow, SignOffRow};

use super::list::blockers;
use super::{Section, heading, panel, print_button, shell};
use crate::blockers::{Blocker, Progress};
use crate::office::{Counted, Document};
use crate::role::Right;
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct Approval<'a> {
    pub release: &'a ReleaseRow,
    pub counted: &'a Counted,
    pub document: &'a Document,
    pub blockers: &'a [Blocker],
    pub progress: Progress,
    pub approvals: &'a [ApprovalRow],
    pub sign_offs: &'a [SignOffRow],
    pub published: Option<PublishedRow>,
    pub precincts: u64,
    /// What was wrong with the last act.
    pub wrong: Option<&'a str>,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Approval<'_>) -> Markup {
    let n = shown.release.number.to_string();
    let title = visit.f("approve.title", &[("n", &n)]);
    let page_title = match shown.wrong {
        Some(_) => format!("{} {title}", visit.t("error.title")),
        None => title.clone(),
    };
    let crumbs = html! { a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · " (visit.t("approve.crumb")) };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (progress_tag(visit, shown.progress)) (print_button(visit)) }))
        @if let Some(wrong) = shown.wrong { div.mt { (super::parts::error_summary(visit, &[("approve", wrong.to_owned())])) } }
        div.cols.even {
            (facts(visit, shown))
            div.stack id="approve" { (blocking(visit, shown)) (persons(visit, shown)) (act(visit, shown)) }
        }
    };
    shell(visit, Section::List, &page_title, body)
}

/// How far a release is, as icon and words.
pub(crate) fn progress_tag(visit: &Visit<'_>, progress: Progress) -> Markup {
    let tone = match progress {
        Progress::Formed | Progress::ApprovedByOne => Tone::Wait,
        Progress::Approved | Progress::Published => Tone::Ok,
    };
    tag(tone, &visit.t(&format!("progress.{}", progress.code())))
}

/// A root in groups that two people can read to each other.
fn grouped(root: &[u8; 32]) -> String {
    let groups: Vec<String> = root.chunks(4).map(crate::serve::hex).collect();
    groups.join(" ")
}

fn facts(visit: &Visit<'_>, shown: &Approval<'_>) -> Markup {
    let count = &shown.counted.sums.counted;
    let release = shown.release;
    panel(
        &visit.t("approve.facts"),
        html! { (visit.t(&format!("stage.{}", release.stage))) },
        html! {
            div.body.stack {
                div { p.small.muted { (visit.t("signed.root")) } p.hash.big-hash { (grouped(&release.root)) } }
                @if let Some(id) = &shown.document.id {
                    div { p.small.muted { (visit.t("signed.document")) } p.hash { (crate::serve::hex(&id.0)) } }
                }
                p { (visit.t("list.frozen")) ": " b { (visit.moment(release.frozen_at)) } }
            }
            table.t.dense {
                caption.vh { (visit.t("approve.facts")) }
                tbody {
                    tr { th scope="row" { (visit.t("waterfall.considered")) } td.num { (number(count.considered)) } }
                    @for &reason in ExclusionReason::ALL {
                        tr { th scope="row" { (rule_id(reason)) " " (visit.short(visit.exclusion(reason))) } td.num { @if count.by(reason) > 0 { "−" } (number(count.by(reason))) } }
                    }
                    tr { th scope="row" { b { (visit.t("list.listed")) } } td.num { b { (number(count.listed)) } } }
                    tr { th scope="row" { (visit.t("precinct.crumb")) } td.num { (number(shown.precincts)) } }
                }
            }
        },
    )
}

fn blocking(visit: &Visit<'_>, shown: &Approval<'_>) -> Markup {
    let title = visit.t("blocker.title");
    let stops = shown.blockers.iter().filter(|b| b.stops()).count();
    let aside = if stops == 0 {
        tag(Tone::Ok, "0")
    } else {
        tag(Tone::Stop, &stops.to_string())
    };
    panel(
        &title,
        aside,
        html! {
            (blockers::table(visit, shown.blockers))
            @for row in shown.sign_offs {
                div.body.small {
                    b { (visit.n(&format!("blocker.{}", row.blocker), row.waiting)) } " · "
                    (visit.t(&format!("institution.{}", row.institution.code()))) ", " (row.staff) ", " (visit.moment(row.at))
                    br; (row.reason)
                }
            }
            @if let Some(institution) = visit.role.institution() {
                @for blocker in shown.blockers.iter().filter(|b| b.may_be_signed_off && !b.signed_off.contains(&institution)) {
                    (sign_off(visit, shown, blocker))
                }
            }
        },
    )
}

/// The form with which an institution answers for what is not settled.
fn sign_off(visit: &Visit<'_>, shown: &Approval<'_>, blocker: &Blocker) -> Markup {
    let id = format!("reason-{}", blocker.code);
    html! {
        form.body.stack method="post" action={ "/list/" (shown.release.number) "/sign-off" } {
            label for=(id) {
                (visit.f("approve.answer_for", &[("what", &visit.n(&format!("blocker.{}", blocker.code), blocker.count))]))
            }
            input.input id=(id) name="reason" required minlength="10" maxlength="300" autocomplete="off";
            input type="hidden" name="blocker" value=(blocker.code);
            input type="hidden" name="waiting" value=(blocker.count);
            div { button.btn.sec type="submit" { (visit.t("approve.answer")) } }
        }
    }
}

fn persons(visit: &Visit<'_>, shown: &Approval<'_>) -> Markup {
    let of = |institution: Institution| {
        shown
            .approvals
            .iter()
            .find(|row| row.institution == institution)
    };
    panel(
        &visit.t("approve.persons"),
        html! { (visit.t("approve.rule")) },
        html! {
            table.t.dense {
                caption.vh { (visit.t("approve.persons")) }
                thead { tr {
                    th scope="col" { (visit.t("approve.institution")) } th scope="col" { (visit.t("approve.person")) }
                    th scope="col" { (visit.t("approve.time")) } th scope="col" { (visit.t("approve.state")) }
                } }
                tbody { @for institution in Institution::ALL { tr {
                    th scope="row" { (visit.t(&format!("institution.{}", institution.code()))) }
                    @match of(institution) {
                        Some(row) => {
                            td { (row.staff) } td.nowrap { (visit.moment(row.at)) }
                            td { @if row.root == shown.release.root { (tag(Tone::Ok, &visit.t("approve.done"))) } @else { (tag(Tone::Stop, &visit.t("approve.other_root"))) } }
                        },
                        None => { td { "–" } td { "–" } td { (tag(Tone::Wait, &visit.t("approve.waits"))) } },
                    }
                } } }
            }
            @if let Some(published) = shown.published {
                div.body { (visit.f("approve.published", &[("t", &visit.moment(published.at))])) }
            }
            @if visit.may(Right::Approve) && shown.progress >= Progress::Approved {
                @if visit.office.config.statement_key.is_some() {
                    div.body.row.wrap {
                        a.btn.sec href={ "/list/" (shown.release.number) "/approvals" } { (visit.t("approve.statement")) }
                        span.small.muted { (visit.t("approve.statement_for")) }
                    }
                } @else {
                    div.body { (note(Tone::Wait, html! { p { (visit.t("approve.no_statement")) } })) }
                }
            }
        },
    )
}

/// The act itself, when the account may do it and nothing stops it; otherwise why not.
fn act(visit: &Visit<'_>, shown: &Approval<'_>) -> Markup {
    let keys = html! { p.small.muted { (visit.t("approve.keys")) } };
    let roles: Vec<String> = Right::Approve
        .roles()
        .iter()
        .map(|role| visit.t(&format!("role.{}", role.code())))
        .collect();
    let Some(institution) = visit.role.institution() else {
        let said = visit.f("approve.who", &[("roles", &roles.join(", "))]);
        return html! { (note(Tone::Wait, html! { p { (said) } })) (keys) };
    };
    if shown
        .approvals
        .iter()
        .any(|row| row.institution == institution)
    {
        return html! { (note(Tone::Ok, html! { p { (visit.t("approve.own_done")) } })) (keys) };
    }
    if shown.blockers.iter().any(Blocker::stops) {
        return html! {
            div.row.wrap {
                button.btn.off type="button" aria-disabled="true" aria-describedby="why-off" { (visit.t("approve.act")) }
                span.small id="why-off" { (blockers::sentence(visit, shown.blockers)) }
            }
            (keys)
        };
    }
    let n = shown.release.number.to_string();
    let name = visit.t(&format!("institution.{}", institution.code()));
    panel(
        &visit.t("approve.act"),
        html! { (name) },
        html! {
            form.body.stack method="post" action={ "/list/" (n) "/approve" } {
                p { (visit.f("approve.says", &[("n", &n), ("who", &name)])) }
                label.choice { input type="checkbox" name="seen" value="yes" required; " " (visit.t("approve.seen")) }
                input type="hidden" name="root" value=(crate::serve::hex(&shown.release.root));
                div { button.btn type="submit" { (visit.f("approve.button", &[("n", &n)])) } }
                (keys)
            }
        },
    )
}
