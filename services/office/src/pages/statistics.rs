//! The report's tables from our own data: each as a table, a chart whose axis starts at zero, and a file; with the
//! arithmetic of every sum written out.

use lexicon::ReconciliationClass;
use lexicon::{Instant, Language};
use maud::{Markup, html};
use screen::chart::{Bar, bars, columns};
use screen::components::{Tone, tag};
use screen::format::number;
use store::{LISTED, ReleaseRow};

use super::list::compare::region_name;
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::statistics::{Cell, Check, SHEETS, Sheet};
use crate::visit::Visit;

pub(crate) fn page(
    visit: &Visit<'_>,
    release: Option<&ReleaseRow>,
    sheets: &[Sheet],
    taken: Instant,
) -> Markup {
    let title = visit.t("statistics.title");
    let crumbs = html! {
        @if let Some(release) = release {
            @let n = release.number.to_string();
            a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · "
        }
        a href="/backlog" { (visit.t("backlog.title")) }
    };
    let age = visit.f("home.as_of", &[("t", &visit.moment(taken))]);
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { span.small.muted { (age) } (print_button(visit)) }))
        @for sheet in sheets { (one(visit, release, sheet)) }
    };
    shell(visit, Section::Statistics, &title, body)
}

fn one(visit: &Visit<'_>, release: Option<&ReleaseRow>, sheet: &Sheet) -> Markup {
    let title = visit.t(&format!("sheet.{}", sheet.code));
    let failing = sheet.checks.iter().filter(|check| !check.passes()).count() as u64;
    let verdict = if failing == 0 {
        tag(
            Tone::Ok,
            &visit.n("statistics.pass", sheet.checks.len() as u64),
        )
    } else {
        tag(Tone::Stop, &visit.n("statistics.fail", failing))
    };
    let query = match release {
        Some(release) if sheet.code != SHEETS[0] => format!("?release={}", release.number),
        Some(_) | None => String::new(),
    };
    html! {
        div.mt id=(sheet.code) {
            (panel(&title, html! { (verdict) " · " a href={ "/statistics/" (sheet.code) (query) } { "CSV" } }, html! {
                div.body { (chart(visit, release, sheet, &title)) }
                (table(visit, release, sheet, &title))
                (checks(visit, sheet))
            }))
        }
    }
}

/// `2014-12` as `12.14`.
fn short_month(month: &str) -> String {
    match (month.get(5..), month.get(2..4)) {
        (Some(number), Some(year)) => format!("{number}.{year}"),
        (_, _) => month.to_owned(),
    }
}

/// A column's or a row's name in words.
fn said(visit: &Visit<'_>, code: &str) -> String {
    if let Some(month) = code.strip_prefix("m_") {
        return short_month(&month.replace('_', "-"));
    }
    if code == "TOTAL" {
        return visit.t("home.total");
    }
    let plain = code.strip_suffix("_additional").unwrap_or(code);
    if register::Region::from_code(plain).is_some() {
        return region_name(visit, code);
    }
    if let Some(region) = code
        .strip_prefix("form2_")
        .filter(|r| register::Region::from_code(r).is_some())
    {
        return visit.f(
            "figure_code.form2_region",
            &[("r", &region_name(visit, region))],
        );
    }
    visit.t(&format!("figure_code.{code}"))
}

fn cell(visit: &Visit<'_>, found: &Cell) -> String {
    match found {
        Cell::Text(text) => said(visit, text),
        Cell::Count(count) => number(*count),
        Cell::Tenths(tenths) => {
            let point = match visit.language {
                Language::Ky | Language::Ru => ',',
                Language::En => '.',
            };
            format!("{}{point}{}\u{00A0}%", tenths / 10, tenths % 10)
        }
        Cell::Nothing => "–".to_owned(),
    }
}

/// Where the people behind a cell are, for who may see them; none for a share, for kits and for what the register does not
/// name person by person.
fn people_of(
    visit: &Visit<'_>,
    release: Option<&ReleaseRow>,
    sheet: &Sheet,
    row: &str,
    column: &str,
) -> Option<String> {
    let people = visit.may(Right::SeePeople);
    if sheet.code == SHEETS[0] {
        let region = (row != "TOTAL").then(|| format!("region={row}"));
        let month = column.strip_prefix("m_");
        let month = month.map(|month| format!("month={}", month.replace('_', "-")));
        let parts: Vec<String> = region.into_iter().chain(month).collect();
        let query = if parts.is_empty() { "" } else { "?" };
        return people.then(|| format!("/figure/captures{query}{}", parts.join("&")));
    }
    let release = release?;
    let n = release.number;
    if sheet.code == SHEETS[1] {
        if column != "voters" || !people {
            return None;
        }
        if row == "TOTAL" {
            return Some(format!("/list/{n}/people/{LISTED}"));
        }
        let (region, additional) = match row.strip_suffix("_additional") {
            Some(region) => (region, "&additional=1"),
            None => (row, ""),
        };
        register::Region::from_code(region)?;
        return Some(format!("/figure/{n}/voters?region={region}{additional}"));
    }
    let rows = |class: ReconciliationClass| {
        let may = visit.may(Right::Reconcile);
        may.then(|| format!("/reconciliation/{}", class.code()))
    };
    let group = |code: &str| people.then(|| format!("/figure/{n}/{code}"));
    match row {
        "dead_excluded" => rows(ReconciliationClass::Dead),
        "unrefined_records" => Some("/field".to_owned()),
        "not_found_in_register" => rows(ReconciliationClass::NotFound),
        "misallocated_to_precinct" => rows(ReconciliationClass::WrongPrecinct),
        "without_precinct" => rows(ReconciliationClass::NoPrecinct),
        "new_voters_never_in_cec_list" => rows(ReconciliationClass::New),
        "missing_from_cec_list" => group("without_row"),
        "auto_assigned_precinct" => group("residences"),
        "form2_manually_assigned" => group("overrides"),
        "processed_in_month_of_freeze" => {
            let frozen = visit.date(release.frozen_at).to_string();
            let month = frozen.get(..7)?;
            people.then(|| format!("/figure/captures?processed={month}"))
        }
        "form2_total" => visit
            .may(Right::SeeClaims)
            .then(|| "/claims?kind=form2&outcome=COUNTS".to_owned()),
        "final_voter_list" => people.then(|| format!("/list/{n}/people/{LISTED}")),
        "excluded_pin_biometric_conflicts" => people.then(|| format!("/list/{n}/people/disputed")),
        code => {
            let region = code.strip_prefix("form2_")?;
            register::Region::from_code(region)?;
            people.then(|| format!("/figure/{n}/form2?region={region}"))
        }
    }
}

fn chart(visit: &Visit<'_>, release: Option<&ReleaseRow>, sheet: &Sheet, title: &str) -> Markup {
    let count = |cell: Option<&Cell>| match cell {
        Some(Cell::Count(count)) => Some(*count),
        Some(Cell::Text(_) | Cell::Tenths(_) | Cell::Nothing) | None => None,
    };
    if sheet.code == SHEETS[0] {
        let months = sheet
            .columns
            .iter()
            .zip(sheet.rows.last().into_iter().flatten());
        let months: Vec<(String, u64)> = months
            .filter(|(name, _)| name.starts_with("m_"))
            .filter_map(|(name, cell)| Some((said(visit, name), count(Some(cell))?)))
            .collect();
        return columns(&months, title);
    }
    let shown: Vec<Bar> = sheet
        .rows
        .iter()
        .filter(|row| row.first() != Some(&Cell::Text("TOTAL".to_owned())))
        .filter_map(|row| {
            Some(Bar {
                name: cell(visit, row.first()?),
                value: count(row.get(1))?,
                href: match row.first()? {
                    Cell::Text(code) => {
                        people_of(visit, release, sheet, code, sheet.columns.get(1)?)
                    }
                    Cell::Count(_) | Cell::Tenths(_) | Cell::Nothing => None,
                },
            })
        })
        .collect();
    bars(&shown, title)
}

fn table(visit: &Visit<'_>, release: Option<&ReleaseRow>, sheet: &Sheet, title: &str) -> Markup {
    let is_number = |cell: &Cell| !matches!(cell, Cell::Text(_));
    let linked = |row: &[Cell], at: usize, found: &Cell| {
        let href = match (row.first(), found) {
            (Some(Cell::Text(code)), Cell::Count(1..)) => sheet
                .columns
                .get(at)
                .and_then(|column| people_of(visit, release, sheet, code, column)),
            (_, Cell::Count(_) | Cell::Text(_) | Cell::Tenths(_) | Cell::Nothing) => None,
        };
        html! { @match href { Some(href) => a href=(href) { (cell(visit, found)) }, None => (cell(visit, found)) } }
    };
    html! {
        div.scroll-x tabindex="0" role="region" aria-label=(title) {
            table.t.dense.campaign {
                caption.vh { (title) }
                thead { tr { @for (at, name) in sheet.columns.iter().enumerate() {
                    th.num[at > 0] scope="col" { (said(visit, name)) }
                } } }
                tbody { @for row in &sheet.rows { tr { @for (at, found) in row.iter().enumerate() {
                    @if at == 0 { th scope="row" { (cell(visit, found)) } } @else { td.num[is_number(found)] { (linked(row, at, found)) } }
                } } } }
            }
        }
    }
}

/// What a check sums, in words.
fn check_name(visit: &Visit<'_>, check: &Check) -> String {
    if check.what.starts_with("check.") {
        visit.t(&check.what)
    } else if check.what.starts_with(|c: char| c.is_ascii_digit()) {
        short_month(&check.what)
    } else {
        said(visit, &check.what)
    }
}

fn checks(visit: &Visit<'_>, sheet: &Sheet) -> Markup {
    let failing = sheet.checks.iter().any(|check| !check.passes());
    html! {
        details.body open[failing] {
            summary { (visit.t("statistics.checks")) }
            table.t.dense {
                caption.vh { (visit.t("statistics.checks")) }
                tbody { @for check in &sheet.checks { tr class=[(!check.passes()).then_some("wrong")] {
                    th scope="row" { (check_name(visit, check)) }
                    td.small.sum { (check.written()) }
                    td { @if check.passes() { (tag(Tone::Ok, &visit.t("sums.agree"))) } @else { (tag(Tone::Stop, &visit.t("sums.disagree"))) } }
                } } }
            }
        }
    }
}

/// A sheet as a file: UTF-8 with its mark, the codes of the columns and rows as they are, no groups in numbers.
pub(crate) fn file(visit: &Visit<'_>, sheet: &Sheet) -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    let mut writer = csv::Writer::from_writer(&mut out);
    let mut put = |cells: Vec<String>| {
        writer
            .write_record(cells)
            .expect("a Vec takes every record");
    };
    let named = sheet.code != SHEETS[2];
    let mut head = sheet.columns.clone();
    if named {
        head.insert(1, format!("region_{}", visit.language.tag()));
    }
    put(head);
    for row in &sheet.rows {
        let mut cells: Vec<String> = row.iter().map(Cell::plain).collect();
        if named && let Some(first) = row.first() {
            cells.insert(1, cell(visit, first));
        }
        put(cells);
    }
    drop(writer);
    out
}
