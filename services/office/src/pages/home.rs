//! The start page: the register in figures, the backlog, the campaign, what waits for the account.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::Instant;
use maud::{Markup, html};
use register::{CaseKind, Region};
use screen::format::{number, percent};
use store::{EnrolmentCount, RegisterCounts, ReleaseRow};

use super::{Section, heading, panel, shell};
use crate::pages::parts::empty;
use crate::role::Right;
use crate::visit::Visit;

/// What the start page shows.
pub(crate) struct Start<'a> {
    pub counts: &'a RegisterCounts,
    pub campaign: &'a [EnrolmentCount],
    pub taken: Instant,
    /// Kind, all, decided.
    pub cases: &'a [(CaseKind, u64, u64)],
    pub release: Option<&'a ReleaseRow>,
    /// Cases that wait for this account.
    pub queue: u64,
}

pub(crate) fn page(visit: &Visit<'_>, start: &Start<'_>) -> Markup {
    let counts = start.counts;
    let election = visit.long_day(visit.office.law.election.day);
    let age = visit.f("home.as_of", &[("t", &visit.moment(start.taken))]);
    let share = percent(visit.language, counts.not_processed, counts.enrolments);
    let body = html! {
        (heading(
            html! { (visit.f("home.crumb", &[("d", &election)])) },
            html! { (visit.t("home.title")) },
            html! { span.small.muted { (age) } a.btn.sec href="/calendar" { (visit.t("calendar.title")) } },
        ))
        div.stats.mt {
            (stat("good", counts.persons, &visit.t("home.persons")))
            (stat("good", counts.enrolments, &visit.t("home.enrolments")))
            div.stat.mid {
                b { (number(counts.not_processed)) " " span { (share) } }
                @match start.release {
                    Some(release) if visit.may(Right::SeePeople) =>
                        a.small href={ "/list/" (release.number) "/people/NOT_YET_PROCESSED" } { (visit.t("home.not_processed")) },
                    Some(_) | None => span { (visit.t("home.not_processed")) },
                }
            }
            (stat("", counts.deceased, &visit.t("home.deceased")))
            (stat("", counts.addresses, &visit.t("home.addresses")))
        }
        div.cols.start {
            (campaign(visit, start))
            div.stack {
                (latest(visit, start))
                (waiting(visit, start))
                (sources(visit, counts))
            }
        }
    };
    shell(visit, Section::Home, &visit.t("home.title"), body)
}

fn stat(class: &str, value: u64, label: &str) -> Markup {
    html! { div class={ "stat " (class) } { b { (number(value)) } span { (label) } } }
}

fn latest(visit: &Visit<'_>, start: &Start<'_>) -> Markup {
    let Some(release) = start.release else {
        let none = empty(&visit.t("list.none"), html! { (visit.t("list.none_next")) });
        return panel(&visit.t("home.list"), html! {}, none);
    };
    let title = visit.f("list.name", &[("n", &release.number.to_string())]);
    let stage = visit.t(&format!("stage.{}", release.stage));
    panel(
        &visit.t("home.list"),
        html! { a href={ "/list/" (release.number) } { (visit.t("home.open")) } },
        html! {
            div.body {
                dl.kv {
                    dt { (title) } dd { (stage) }
                    dt { (visit.t("list.frozen")) } dd { (visit.moment(release.frozen_at)) }
                    dt { (visit.t("list.considered")) } dd { (number(release.considered)) }
                    dt { (visit.t("list.listed")) } dd { (number(release.total)) " · " (percent(visit.language, release.total, release.considered)) }
                }
            }
        },
    )
}

fn waiting(visit: &Visit<'_>, start: &Start<'_>) -> Markup {
    let link = |right, url: &str, key: &str| {
        html! { @if visit.may(right) { a href=(url) { (visit.t(key)) } } }
    };
    let open = |kind: CaseKind| {
        start
            .cases
            .iter()
            .find(|(known, _, _)| *known == kind)
            .map_or((0, 0), |(_, all, decided)| (*all - *decided, *all))
    };
    let aside = html! {
        (link(Right::OverseeCases, "/cases/overview", "home.open"))
        (link(Right::Adjudicate, "/cases", "home.my_queue"))
    };
    let row = |kind: CaseKind| {
        let (open, all) = open(kind);
        html! {
            tr {
                td { (visit.t(&format!("case_kind.{}", kind.code()))) }
                td.num { b { (number(open)) } }
                td.num { (number(all)) }
            }
        }
    };
    panel(
        &visit.t("home.cases"),
        aside,
        html! {
            table.t.dense {
                thead { tr { th scope="col" { (visit.t("home.case_kind")) } th.num scope="col" { (visit.t("home.case_open")) } th.num scope="col" { (visit.t("home.case_all")) } } }
                tbody {
                    (row(CaseKind::Duplicate)) (row(CaseKind::SharedPin))
                    @if visit.may(Right::Adjudicate) {
                        tr.sel { td { (visit.t("home.for_you")) } td.num { b { (number(start.queue)) } } td {} }
                    }
                }
            }
        },
    )
}

fn sources(visit: &Visit<'_>, counts: &RegisterCounts) -> Markup {
    let row = |right, url: &str, key: &str, count: u64| {
        let label = visit.t(key);
        html! {
            tr { td { @if visit.may(right) { a href=(url) { (label) } } @else { (label) } } td.num { b { (number(count)) } } }
        }
    };
    panel(
        &visit.t("home.sources"),
        html! {},
        html! {
            table.t.dense { tbody {
                (row(Right::SeeFigures, "/reconciliation", "home.commission", counts.commission))
                (row(Right::SeeClaims, "/claims", "home.claims", counts.claims))
                (row(Right::SeeFigures, "/list", "home.precincts", counts.precincts))
            } }
        },
    )
}

/// Region × month: captured, and under it in grey what is collected, not yet processed.
fn campaign(visit: &Visit<'_>, start: &Start<'_>) -> Markup {
    let title = visit.t("home.campaign");
    let mut cells: BTreeMap<(Region, &str), (u64, u64)> = BTreeMap::new();
    for count in start.campaign {
        let cell = cells
            .entry((count.region, count.month.as_str()))
            .or_default();
        cell.0 += count.captured;
        cell.1 += count.captured - count.processed;
    }
    let months: BTreeSet<&str> = cells.keys().map(|(_, month)| *month).collect();
    if months.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("home.no_captures"),
                html! { (visit.t("home.no_captures_next")) },
            ),
        );
    }
    let sum = |keep: &dyn Fn(Region, &str) -> bool| {
        cells
            .iter()
            .filter(|((region, month), _)| keep(*region, month))
            .fold((0, 0), |sum, (_, cell)| (sum.0 + cell.0, sum.1 + cell.1))
    };
    let shown = |(captured, waiting): (u64, u64)| {
        html! {
            @if captured == 0 { span.muted { "–" } } @else { (number(captured)) }
            @if waiting > 0 { br; span.wait { (number(waiting)) } }
        }
    };
    panel(
        &title,
        html! { span.wait { "0" } " " (visit.t("home.campaign_legend")) },
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) {
                table.t.dense.campaign {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("home.region")) }
                        @for month in &months { th.num scope="col" { (short_month(month)) } }
                        th.num scope="col" { (visit.t("home.total")) }
                    } }
                    tbody {
                        @for region in Region::ALL {
                            tr {
                                th scope="row" { (visit.t(&format!("region.{}", region.code()))) }
                                @for month in &months { td.num { (shown(cells.get(&(*region, *month)).copied().unwrap_or_default())) } }
                                td.num { b { (shown(sum(&|r, _| r == *region))) } }
                            }
                        }
                    }
                    tfoot { tr {
                        td { (visit.t("home.total")) }
                        @for month in &months { td.num { (shown(sum(&|_, m| m == *month))) } }
                        td.num { (shown(sum(&|_, _| true))) }
                    } }
                }
            }
        },
    )
}

/// `2014-12` as `12.14`.
fn short_month(month: &str) -> String {
    match (month.get(5..), month.get(2..4)) {
        (Some(number), Some(year)) => format!("{number}.{year}"),
        (_, _) => month.to_owned(),
    }
}
