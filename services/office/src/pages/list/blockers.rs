//! What stops the signing, and what waits for a human without stopping it.

use lexicon::ExclusionReason;
use maud::{Markup, html};
use screen::components::{Tone, tag};
use screen::format::number;

use super::{Release, waits};
use crate::blockers::Blocker;
use crate::pages::parts::empty;
use crate::role::Right;
use crate::visit::Visit;

/// The panel of the release page.
pub(super) fn panel(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let n = shown.release.number;
    let stops = shown.blockers.iter().filter(|b| b.stops()).count();
    let aside = if stops == 0 {
        tag(Tone::Ok, "0")
    } else {
        tag(Tone::Stop, &stops.to_string())
    };
    let count = &shown.counted.sums.counted;
    let reasons: Vec<ExclusionReason> = ExclusionReason::ALL
        .iter()
        .copied()
        .filter(|r| waits(*r) && count.by(*r) > 0)
        .collect();
    super::panel(
        &visit.t("blocker.title"),
        aside,
        html! {
            (table(visit, shown.blockers))
            @if !reasons.is_empty() || !shown.findings.is_empty() {
                table.t.dense {
                    caption.small.muted { (visit.t("blockers.title")) }
                    tbody {
                        @for reason in &reasons { tr {
                            td { b { (number(count.by(*reason))) } " " (visit.short(visit.exclusion(*reason))) }
                            td.num { @if visit.may(Right::SeePeople) { a href={ "/list/" (n) "/people/" (reason.code()) } { (visit.t("blockers.people")) } } }
                        } }
                        @for (code, blocks, found) in shown.findings { tr {
                            td { b { (number(*found)) } " " (visit.t(&format!("finding.{code}"))) " " @if *blocks { (tag(Tone::Stop, &visit.t("blockers.blocks"))) } }
                            td.num { a href={ "/list/" (n) "/findings" } { (visit.t("blockers.show")) } }
                        } }
                    }
                }
            }
        },
    )
}

/// Each blocker with its number and the way to where it is settled.
pub(crate) fn table(visit: &Visit<'_>, blockers: &[Blocker]) -> Markup {
    if blockers.is_empty() {
        return empty(&visit.t("blocker.none"), html! {});
    }
    html! {
        table.t.dense {
            caption.vh { (visit.t("blocker.title")) }
            tbody { @for blocker in blockers { tr {
                td {
                    (visit.n(&format!("blocker.{}", blocker.code), blocker.count)) " "
                    span.small.muted { (visit.t(&format!("owner.{}", blocker.owner.code()))) } " "
                    @if blocker.stops() { (tag(Tone::Stop, &visit.t("blockers.blocks"))) } @else { (tag(Tone::Ok, &visit.t("blocker.answered"))) }
                }
                td.num { @if visit.may(blocker.right) { a href=(blocker.href) { (visit.t("blocker.settle")) } } }
            } } }
        }
    }
}

/// What stops, in one sentence beside a button that is off.
pub(crate) fn sentence(visit: &Visit<'_>, blockers: &[Blocker]) -> String {
    let names: Vec<String> = blockers
        .iter()
        .filter(|blocker| blocker.stops())
        .map(|b| visit.n(&format!("blocker.{}", b.code), b.count))
        .collect();
    visit.f("blocker.because", &[("what", &names.join("; "))])
}
