//! Days from enrolment to the list, by region, and the captures that wait longest.

use std::collections::BTreeMap;

use maud::{Markup, html};
use register::Region;
use screen::chart::{Bar, bars};
use screen::components::{Tone, tag};
use screen::format::number;
use store::{BacklogRow, BacklogStep, ReleaseRow, WaitingCapture};

use super::parts::empty;
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct Backlog<'a> {
    pub release: Option<&'a ReleaseRow>,
    pub rows: &'a [BacklogRow],
    /// Only the oldest of this region.
    pub region: Option<Region>,
    pub oldest: &'a [WaitingCapture],
}

/// Persons by days, the fewest days first.
type Days = Vec<(u32, u64)>;

/// How many persons, and the days within which half and nine tenths of them were through.
struct Spread {
    persons: u64,
    half: u32,
    nine_tenths: u32,
    longest: u32,
}

impl Spread {
    fn of(days: &[(u32, u64)]) -> Self {
        let persons = days.iter().map(|(_, n)| n).sum();
        let within = |tenths: u64| {
            let mut sum = 0;
            days.iter()
                .find(|(_, n)| {
                    sum += n;
                    u128::from(sum) * 10 >= u128::from(persons) * u128::from(tenths)
                })
                .map_or(0, |(days, _)| *days)
        };
        Self {
            persons,
            half: within(5),
            nine_tenths: within(9),
            longest: days.last().map_or(0, |(days, _)| *days),
        }
    }
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Backlog<'_>) -> Markup {
    let title = visit.t("backlog.title");
    let crumbs = html! {
        @if let Some(release) = shown.release {
            @let n = release.number.to_string();
            a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · "
        }
        a href="/statistics" { (visit.t("statistics.title")) }
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, print_button(visit)))
        p.mt-s.muted { (visit.t("backlog.lead")) }
        div.mt { (regions(visit, shown)) }
        div.mt { (oldest(visit, shown)) }
    };
    shell(visit, Section::Statistics, &title, body)
}

fn regions(visit: &Visit<'_>, shown: &Backlog<'_>) -> Markup {
    let title = visit.t("backlog.by_region");
    if shown.rows.is_empty() {
        let next = html! { (visit.t("backlog.none_next")) };
        return panel(&title, html! {}, empty(&visit.t("backlog.none"), next));
    }
    let mut found: BTreeMap<(&str, BacklogStep), Days> = BTreeMap::new();
    for row in shown.rows {
        let region = found.entry((row.region.as_str(), row.step)).or_default();
        region.push((row.days, row.persons));
    }
    let of = |region: &str, step| {
        let days = found.get(&(region, step));
        Spread::of(days.map_or(&[], Vec::as_slice))
    };
    let all = |step| {
        let mut days: BTreeMap<u32, u64> = BTreeMap::new();
        for row in shown.rows.iter().filter(|row| row.step == step) {
            *days.entry(row.days).or_default() += row.persons;
        }
        Spread::of(&days.into_iter().collect::<Days>())
    };
    let waiting: Vec<Bar> = Region::ALL
        .iter()
        .map(|region| Bar {
            name: visit.t(&format!("region.{}", region.code())),
            value: of(region.code(), BacklogStep::Waiting).persons,
            href: Some(format!("/backlog?region={}#oldest", region.code())),
        })
        .collect();
    let t = |key: &str| visit.t(key);
    panel(
        &title,
        html! { (visit.t("backlog.days")) },
        html! {
            div.body { p.small.muted { (t("backlog.chart")) } (bars(&waiting, &t("backlog.chart"))) }
            div.scroll-x tabindex="0" role="region" aria-label=(title) {
                table.t.dense.tight {
                    caption.vh { (title) }
                    thead {
                        tr {
                            th scope="col" rowspan="2" { (t("enrolment.region")) } th.num scope="col" rowspan="2" { (t("backlog.collected")) }
                            th scope="colgroup" colspan="4" { (t("backlog.processed")) } th scope="colgroup" colspan="2" { (t("backlog.waiting")) }
                            th scope="colgroup" colspan="3" { (t("backlog.listed")) } th.num scope="col" rowspan="2" { (t("backlog.listed_before")) }
                            th.num scope="col" rowspan="2" { (t("backlog.not_listed")) } th scope="col" rowspan="2" { (t("backlog.sum")) }
                        }
                        tr {
                            th.num scope="col" { (t("backlog.persons")) } th.num scope="col" { (t("backlog.half")) } th.num scope="col" { (t("backlog.nine")) } th.num scope="col" { (t("backlog.longest")) }
                            th.num scope="col" { (t("backlog.persons")) } th.num scope="col" { (t("backlog.longest")) }
                            th.num scope="col" { (t("backlog.persons")) } th.num scope="col" { (t("backlog.half")) } th.num scope="col" { (t("backlog.nine")) }
                        }
                    }
                    tbody { @for region in Region::ALL {
                        (row(visit, shown.release, Some(*region), &|step| of(region.code(), step)))
                    } }
                    tfoot { (row(visit, shown.release, None, &all)) }
                }
            }
        },
    )
}

/// One region: everybody who was captured is on the list, waits, or is out for another reason. Each number leads to its
/// people.
fn row(
    visit: &Visit<'_>,
    release: Option<&ReleaseRow>,
    region: Option<Region>,
    of: &dyn Fn(BacklogStep) -> Spread,
) -> Markup {
    let [processed, waiting, listed, before, out] = BacklogStep::ALL.map(of);
    let collected = waiting.persons + listed.persons + before.persons + out.persons;
    // The check ended for all but those who wait; a list without biometrics may hold some of these.
    let agrees = processed.persons + waiting.persons <= collected;
    let name = match region {
        Some(region) => visit.t(&format!("region.{}", region.code())),
        None => visit.t("home.total"),
    };
    let query = region.map_or_else(String::new, |region| format!("?region={}", region.code()));
    let people = |code: &str, count: u64| {
        let release = release.filter(|_| count > 0 && visit.may(Right::SeePeople));
        html! { @match release {
            Some(release) => a href={ "/figure/" (release.number) "/" (code) (query) } { (number(count)) },
            None => (number(count)),
        } }
    };
    let step = |step: BacklogStep, spread: &Spread| people(step.code(), spread.persons);
    html! { tr {
        th scope="row" { (name) } td.num { (people("collected", collected)) }
        td.num { (step(BacklogStep::Processed, &processed)) } td.num { (processed.half) } td.num { (processed.nine_tenths) } td.num { (processed.longest) }
        td.num { @if waiting.persons > 0 { span.wait { (step(BacklogStep::Waiting, &waiting)) } } @else { "0" } } td.num { (waiting.longest) }
        td.num { (step(BacklogStep::Listed, &listed)) } td.num { (listed.half) } td.num { (listed.nine_tenths) }
        td.num { (step(BacklogStep::ListedBefore, &before)) } td.num { (step(BacklogStep::NotListed, &out)) }
        td { @if agrees { (tag(Tone::Ok, &visit.t("sums.agree"))) } @else { (tag(Tone::Stop, &visit.t("sums.disagree"))) } }
    } }
}

/// The captures that wait longest; each leads to its record for those who may open it.
fn oldest(visit: &Visit<'_>, shown: &Backlog<'_>) -> Markup {
    let title = visit.t("backlog.oldest");
    let today = visit.date(visit.office.now());
    let aside = match shown.region {
        Some(region) => html! {
            (visit.t(&format!("region.{}", region.code()))) " · " a href="/backlog#oldest" { (visit.t("backlog.all_regions")) }
        },
        None => html! {},
    };
    if shown.oldest.is_empty() {
        return panel(&title, aside, empty(&visit.t("backlog.nobody"), html! {}));
    }
    let waited = |row: &WaitingCapture| {
        let span = today.since(row.captured);
        span.map_or(0, |span| u64::try_from(span.get_days()).unwrap_or(0))
    };
    html! {
        div id="oldest" {
            (panel(&title, aside, html! {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("backlog.captured")) } th scope="col" { (visit.t("enrolment.region")) }
                        th.num scope="col" { (visit.t("backlog.waits_days")) } th scope="col" { (visit.t("person.crumb")) }
                    } }
                    tbody { @for row in shown.oldest { tr {
                        td { (visit.day(row.captured)) } td { (visit.t(&format!("region.{}", row.region.code()))) }
                        td.num { (number(waited(row))) }
                        td { @match visit.person_url(row.person).filter(|_| visit.may(Right::SeePeople)) {
                            Some(url) => a href=(url) { (visit.t("backlog.open")) },
                            None => "–",
                        } }
                    } } }
                }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_tenths_are_counted_in_persons_not_in_days() {
        let spread = Spread::of(&[(1, 4), (3, 1), (10, 4), (40, 1)]);
        let found = (
            spread.persons,
            spread.half,
            spread.nine_tenths,
            spread.longest,
        );
        assert_eq!(found, (10, 3, 10, 40));
        let none = Spread::of(&[]);
        assert_eq!((none.persons, none.half, none.longest), (0, 0, 0));
    }
}
