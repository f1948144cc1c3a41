//! The list beside the last election's, and the list by region, sex and age band.

use std::collections::BTreeMap;

use lexicon::ExclusionReason;
use maud::{Markup, html};
use screen::components::{Tone, tag};
use screen::format::number;
use store::{CellRow, LISTED};

use super::{Release, people_link};
use crate::desks::lists::NONE_OF_THEM;
use crate::pages::parts::empty;
use crate::visit::Visit;

/// A difference from which on a region is looked at, hundredths of a per cent of what it was.
pub(super) const LOOK: u64 = 50;
/// A difference from which on a region must be explained.
const EXPLAIN: u64 = 200;

/// `+0,25 %`, with the sign; hundredths of a per cent.
pub(super) fn change(visit: &Visit<'_>, was: u64, now: u64) -> (String, u64) {
    let apart = was.abs_diff(now);
    let hundredths = u64::try_from(
        (u128::from(apart) * 20_000 + u128::from(was)) / (u128::from(was.max(1)) * 2),
    )
    .unwrap_or(u64::MAX);
    let sign = match now.cmp(&was) {
        std::cmp::Ordering::Less => "−",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "+",
    };
    let point = match visit.language {
        lexicon::Language::Ky | lexicon::Language::Ru => ',',
        lexicon::Language::En => '.',
    };
    let text = format!(
        "{sign}{}{point}{:02}\u{00A0}%",
        hundredths / 100,
        hundredths % 100
    );
    (text, hundredths)
}

pub(super) fn verdict(visit: &Visit<'_>, hundredths: u64) -> Markup {
    let (tone, key) = match hundredths {
        EXPLAIN.. => (Tone::Stop, "compare.explain"),
        LOOK..EXPLAIN => (Tone::Warn, "compare.look"),
        0..LOOK => (Tone::Ok, "compare.usual"),
    };
    tag(tone, &visit.t(key))
}

fn listed(cells: &[CellRow]) -> impl Iterator<Item = &CellRow> {
    cells.iter().filter(|cell| cell.code == LISTED)
}

fn by<'c>(cells: &'c [CellRow], of: impl Fn(&'c CellRow) -> &'c str) -> BTreeMap<&'c str, u64> {
    let mut sums = BTreeMap::new();
    for cell in listed(cells) {
        *sums.entry(of(cell)).or_default() += cell.persons;
    }
    sums
}

/// A value of a filter in a link.
fn filter_value(value: &str) -> String {
    crate::serve::encode(if value.is_empty() {
        NONE_OF_THEM
    } else {
        value
    })
}

/// A number that leads to its persons among those on the list.
fn people(visit: &Visit<'_>, release: u32, filter: &[(&str, &str)], persons: u64) -> Markup {
    let query: Vec<String> = filter
        .iter()
        .map(|(name, value)| format!("{name}={}", filter_value(value)))
        .collect();
    people_link(
        visit,
        release,
        &format!("LISTED?{}", query.join("&")),
        persons,
    )
}

pub(crate) fn region_name(visit: &Visit<'_>, code: &str) -> String {
    match code.strip_suffix("_additional") {
        Some(plain) => visit.f(
            "statistics.additional",
            &[("r", &visit.t(&format!("region.{plain}")))],
        ),
        None if code.is_empty() => "–".to_owned(),
        None => visit.t(&format!("region.{code}")),
    }
}

/// The panel that holds the list against the last election's, by region.
pub(super) fn last_election(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let title = visit.t("compare.title");
    let Some(edition) = shown.reference else {
        let next = html! { (visit.t("compare.none_next")) " " code { "tizme office reference" } };
        return super::panel(&title, html! {}, empty(&visit.t("compare.none"), next));
    };
    let n = shown.release.number;
    let now = by(&shown.counted.cells, |cell| cell.region.as_str());
    let mut was: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &edition.values {
        // Additional precincts belong to their region here: whom they serve lives there.
        let region = row
            .region
            .strip_suffix("_additional")
            .unwrap_or(&row.region);
        *was.entry(region).or_default() += row.value;
    }
    let regions: std::collections::BTreeSet<&str> = now.keys().chain(was.keys()).copied().collect();
    let of = |sums: &BTreeMap<&str, u64>, region: &str| sums.get(region).copied().unwrap_or(0);
    let total: (u64, u64) = (was.values().sum(), now.values().sum());
    let row = |name: String, was: u64, now: Markup, count: u64| {
        // A region that was not there has no share to be of; it is looked at.
        let (text, hundredths) = match was {
            0 => ("–".to_owned(), LOOK),
            _ => change(visit, was, count),
        };
        html! { tr {
            th scope="row" { (name) } td.num { (number(was)) } td.num { (now) }
            td.num { (text) } td { (verdict(visit, hundredths)) }
        } }
    };
    super::panel(
        &title,
        html! { (edition.label) " · " a href={ "/list/" (n) "/compare" } { (visit.t("compare.by_place")) } },
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("enrolment.region")) } th.num scope="col" { (visit.t("compare.was")) }
                    th.num scope="col" { (visit.t("compare.now")) } th.num scope="col" { "Δ" } th scope="col" { (visit.t("compare.verdict")) }
                } }
                tbody { @for region in regions {
                    @let count = of(&now, region);
                    (row(region_name(visit, region), of(&was, region), people(visit, n, &[("region", region)], count), count))
                } }
                tfoot { (row(visit.t("home.total"), total.0, html! { (number(total.1)) }, total.1)) }
            }
        },
    )
}

/// The list by region and sex, and by age band and sex; both must come to the list.
pub(super) fn breakdown(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let cells = &shown.counted.cells;
    let title = visit.t("breakdown.title");
    if cells.is_empty() {
        let none = visit.t("breakdown.none");
        return super::panel(&title, html! {}, empty(&none, html! {}));
    }
    let total: u64 = listed(cells).map(|cell| cell.persons).sum();
    let agrees = total == shown.release.total;
    let aside = if agrees {
        tag(Tone::Ok, &visit.t("sums.agree"))
    } else {
        tag(Tone::Stop, &visit.t("sums.disagree"))
    };
    super::panel(
        &title,
        aside,
        html! {
            @if agrees { div.cols.even.in-panel {
                (side(visit, shown, "region", &|cell| cell.region.as_str(), &|code| region_name(visit, code)))
                (side(visit, shown, "age", &|cell| cell.band.as_str(), &|band| if band.is_empty() { "–".to_owned() } else { band.to_owned() }))
            } } @else {
                div.body role="alert" { (visit.t("waterfall.disagree_next")) }
            }
        },
    )
}

/// Who is left out, by region and reason: every number leads to its persons, and all of them come to those considered
/// and not listed.
pub(super) fn excluded(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let title = visit.t("excluded.title");
    let cells = &shown.counted.cells;
    if cells.is_empty() {
        let none = visit.t("breakdown.none");
        return super::panel(&title, html! {}, empty(&none, html! {}));
    }
    let n = shown.release.number;
    let mut sums: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.code != LISTED) {
        let row = sums.entry(cell.region.as_str()).or_default();
        *row.entry(cell.code.as_str()).or_default() += cell.persons;
    }
    let reasons: Vec<ExclusionReason> = ExclusionReason::ALL
        .iter()
        .copied()
        .filter(|reason| sums.values().any(|row| row.contains_key(reason.code())))
        .collect();
    let of = |row: &BTreeMap<&str, u64>, code: &str| row.get(code).copied().unwrap_or(0);
    let column = |code: &str| sums.values().map(|row| of(row, code)).sum::<u64>();
    let all: u64 = sums.values().flat_map(|row| row.values()).sum();
    let agrees = all == shown.release.considered.saturating_sub(shown.release.total);
    let cell = |region: &str, code: &str, persons: u64| {
        let which = format!("{code}?region={}", filter_value(region));
        people_link(visit, n, &which, persons)
    };
    let whole = |code: &str, persons: u64| people_link(visit, n, code, persons);
    let aside = if agrees {
        tag(Tone::Ok, &visit.t("sums.agree"))
    } else {
        tag(Tone::Stop, &visit.t("sums.disagree"))
    };
    super::panel(
        &title,
        aside,
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) {
                table.t.dense.tight {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("enrolment.region")) }
                        @for reason in &reasons { th.num scope="col" { (visit.short(visit.exclusion(*reason))) } }
                        th.num scope="col" { (visit.t("home.total")) }
                    } }
                    tbody { @for (region, row) in &sums { tr {
                        th scope="row" { (region_name(visit, region)) }
                        @for reason in &reasons { td.num { (cell(region, reason.code(), of(row, reason.code()))) } }
                        td.num { b { (number(row.values().sum())) } }
                    } } }
                    tfoot { tr {
                        td { (visit.t("home.total")) }
                        @for reason in &reasons { td.num { (whole(reason.code(), column(reason.code()))) } }
                        td.num { (number(all)) }
                    } }
                }
            }
        },
    )
}

/// One table: rows of one kind by sex.
fn side(
    visit: &Visit<'_>,
    shown: &Release<'_>,
    name: &str,
    of: &dyn Fn(&CellRow) -> &str,
    said: &dyn Fn(&str) -> String,
) -> Markup {
    let n = shown.release.number;
    let mut sums: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for cell in listed(&shown.counted.cells) {
        let row = sums.entry(of(cell)).or_default();
        *row.entry(cell.sex.as_str()).or_default() += cell.persons;
    }
    let count = |row: &BTreeMap<&str, u64>, sex: &str| row.get(sex).copied().unwrap_or(0);
    let column = |sex: &str| {
        let all = sums.values().map(|row| count(row, sex)).sum();
        people(visit, n, &[("sex", sex)], all)
    };
    let head = visit.t(if name == "region" {
        "enrolment.region"
    } else {
        "breakdown.age"
    });
    html! {
        table.t.dense {
            caption.vh { (head) }
            thead { tr {
                th scope="col" { (head) } th.num scope="col" { (visit.t("breakdown.women")) }
                th.num scope="col" { (visit.t("breakdown.men")) } th.num scope="col" { (visit.t("home.total")) }
            } }
            tbody { @for (code, row) in &sums { tr {
                th scope="row" { (said(code)) }
                @for sex in ["F", "M"] { td.num { (people(visit, n, &[(name, *code), ("sex", sex)], count(row, sex))) } }
                td.num { (people(visit, n, &[(name, *code)], row.values().sum())) }
            } } }
            tfoot { tr {
                td { (visit.t("home.total")) } td.num { (column("F")) } td.num { (column("M")) }
                td.num { (people(visit, n, &[], sums.values().flat_map(|row| row.values()).sum())) }
            } }
        }
    }
}
