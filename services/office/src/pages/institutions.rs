//! Lists of institutions: those that came in, one with its rows and rejects, what people and precincts are told.

use std::collections::BTreeMap;

use lexicon::{ClaimOutcome, Language, PrecinctCode, Purpose};
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{Hit, InstitutionEdition, InstitutionMember, InstitutionRefused};

use super::parts::{empty, error_summary, name, name_text};
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::institutions::categories;
use crate::role::Right;
use crate::visit::Visit;

pub(crate) struct Shown<'a> {
    pub editions: &'a [InstitutionEdition],
    pub wrong: Option<&'a str>,
}

/// A list with its rows and the people in it.
pub(crate) struct List<'a> {
    pub edition: &'a InstitutionEdition,
    pub members: &'a [InstitutionMember],
    pub refused: &'a [InstitutionRefused],
    pub hits: &'a [Hit],
}

/// What is said to a refused row, and the next step.
pub(crate) fn said(visit: &Visit<'_>, reason: &str) -> [String; 2] {
    match ClaimOutcome::from_code(reason).and_then(|o| sentences().claim.get(o.code())) {
        Some(said) => [
            said.sentence.get(visit.language).to_owned(),
            said.next.get(visit.language).to_owned(),
        ],
        None => [
            visit.t(&format!("institution_refused.{reason}")),
            visit.t(&format!("institution_next.{reason}")),
        ],
    }
}

pub(crate) fn all(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("institutions.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { a href="/claims" { (visit.t("claims.title")) } };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (print_button(visit)) }))
        p.muted { (visit.t("institutions.lead")) }
        div.cols.start.mt {
            (panel(&visit.t("institutions.lists"), html! { (number(shown.editions.len() as u64)) }, html! {
                @if shown.editions.is_empty() { (empty(&visit.t("institutions.none"), html! {})) } @else {
                    table.t.dense {
                        caption.vh { (name) }
                        thead { tr {
                            th scope="col" { (visit.t("institutions.list")) } th scope="col" { (visit.t("institutions.came")) } th scope="col" { (visit.t("institutions.signed")) }
                            th.num scope="col" { (visit.t("institutions.taken")) } th.num scope="col" { (visit.t("institutions.refused")) }
                        } }
                        tbody { @for row in shown.editions { tr {
                            th scope="row" { a href={ "/institutions/" (row.edition) } { (row.edition) } } td.nowrap { (visit.moment(row.at)) }
                            td { (signed(visit, row)) } td.num { (number(row.taken)) }
                            td.num { @if row.refused > 0 { (tag(Tone::Warn, &number(row.refused))) } @else { "0" } }
                        } } }
                    }
                }
            }))
            div.stack { @if visit.may(Right::FileClaims) { (form(visit, shown.wrong)) } (rules(visit)) }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn signed(visit: &Visit<'_>, row: &InstitutionEdition) -> Markup {
    if row.signer.is_empty() {
        html! { (visit.t("institutions.by_letter")) }
    } else {
        html! { (visit.t("institutions.by_key")) " " code { (row.signer) } }
    }
}

/// The law's own table: which kinds, until when.
fn rules(visit: &Visit<'_>) -> Markup {
    let law = &visit.office.law;
    let title = visit.t("institutions.rules");
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("institutions.category")) } th scope="col" { (visit.t("institutions.kinds")) } th scope="col" { (visit.t("institutions.until")) } } }
                tbody { @for row in categories(law) { tr {
                    th scope="row" { code { (row.code) } }
                    td { @for (at, kind) in row.kinds.iter().enumerate() { @if at > 0 { ", " } (visit.t(&format!("precinct_kind.{kind}"))) } }
                    td.nowrap { (visit.long_day(law.days_before(row.until_days.unwrap_or(law.form2.until_days)))) }
                } } }
            }
        },
    )
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let said = wrong.map(|code| match code {
        "no_columns" => visit.t("institutions.no_columns"),
        "no_csv" => visit.t("protocols.no_csv"),
        _ => visit.t(&format!("day_refused.{code}")),
    });
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("institutions.form"),
        html! {},
        html! {
            form.body.stack method="post" action="/institutions" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("institutions.file")) }
                    p.hint id="list-hint" { (visit.t("institutions.file_hint")) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".csv,text/csv" required aria-describedby="list-hint";
                }
                button.btn.js-once type="submit" { (visit.t("institutions.take")) }
                p.small.muted { (visit.t("upload.columns")) " " code { "precinct, category, letter, pin, surname, birth_date" } " · " a href="/institutions/form" { (visit.t("institutions.empty_table")) } }
            }
        },
    )
}

fn hit<'a>(list: &List<'a>, member: &InstitutionMember) -> Option<&'a Hit> {
    list.hits.iter().find(|hit| hit.person == member.person)
}

fn precinct(visit: &Visit<'_>, code: Option<PrecinctCode>) -> Markup {
    match code {
        Some(code) => html! { (code) },
        None => html! { (visit.t("institutions.nowhere")) },
    }
}

pub(crate) fn one(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let n = list.edition.edition.to_string();
    let title = visit.f("institutions.of_number", &[("n", &n)]);
    let crumbs = html! { a href="/institutions" { (visit.t("institutions.title")) } " · " (n) };
    let right = html! {
        @if !list.members.is_empty() { a.btn.sec href={ "/institutions/" (n) "/notices" } { (visit.t("institutions.notices")) } }
        (print_button(visit))
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, right))
        @if visit.asked("again").is_some() { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("institutions.again")) } })) } }
        @if visit.asked("taken").is_some() { div.mt role="status" { (note(if list.refused.is_empty() { Tone::Ok } else { Tone::Warn }, html! {
            p { (visit.f("institutions.done", &[("n", &number(list.edition.taken)), ("m", &number(list.edition.refused))])) }
        })) } }
        p.muted { (visit.moment(list.edition.at)) " · " (list.edition.staff) " · " (signed(visit, list.edition)) " · SHA-256 " code.hash { (list.edition.sha256) } }
        div.stack.mt { (members(visit, list)) (refused(visit, list)) }
    };
    shell(visit, Section::Claims, &title, body)
}

fn members(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let title = visit.t("institutions.taken");
    panel(
        &title,
        html! { (number(list.edition.taken)) },
        html! {
            @if list.members.is_empty() { div.body { p { (visit.t("institutions.none_taken")) } } } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr {
                        th.num scope="col" { (visit.t("institutions.line")) } th scope="col" { (visit.t("claim.person")) } th scope="col" { (visit.t("institutions.from")) }
                        th scope="col" { (visit.t("institutions.to")) } th scope="col" { (visit.t("institutions.letter")) } th scope="col" { (visit.t("claim.number")) }
                    } }
                    tbody { @for member in list.members { tr {
                        td.num { (member.line) }
                        th scope="row" { @if let Some(hit) = hit(list, member) {
                            @if let Some(url) = visit.person_url(member.person) { a href=(url) { (name(hit.name.open(Purpose::Serve))) } } @else { (name(hit.name.open(Purpose::Serve))) }
                        } }
                        td { (precinct(visit, member.origin)) } td { b { (member.precinct) } " " code { (member.category) } } td { (member.letter) }
                        td.mono { a href={ "/claim/" (member.claim) } { (member.claim) } }
                    } } }
                }
            }
        },
    )
}

fn refused(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let title = visit.t("institutions.refused");
    panel(
        &title,
        html! { (number(list.edition.refused)) },
        html! {
            @if list.refused.is_empty() { div.body { p { (visit.t("institutions.none_refused")) } } } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th.num scope="col" { (visit.t("institutions.line")) } th scope="col" { (visit.t("institutions.column")) } th scope="col" { (visit.t("institutions.why")) } th scope="col" { (visit.t("institutions.next")) } } }
                    tbody { @for row in list.refused { @let [why, next] = said(visit, &row.reason); tr {
                        td.num { (row.line) } td { code { (row.field) } } td { code { (row.reason) } " " (why) } td { (next) }
                    } } }
                }
                div.body { a href={ "/institutions/" (list.edition.edition) "/rejects" } { (visit.t("hours.rejects")) } }
            }
        },
    )
}

/// One sheet for each person, in Kyrgyz and Russian; then, for each precinct that somebody leaves, who leaves it.
pub(crate) fn notices(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let n = list.edition.edition.to_string();
    let title = visit.f("institutions.notices_of", &[("n", &n)]);
    let crumbs = html! { a href="/institutions" { (visit.t("institutions.title")) } " · " a href={ "/institutions/" (n) } { (n) } };
    let mut leaving: BTreeMap<PrecinctCode, Vec<&InstitutionMember>> = BTreeMap::new();
    for member in list.members {
        if let Some(origin) = member.origin {
            leaving.entry(origin).or_default().push(member);
        }
    }
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (print_button(visit)) }))
        p.muted { (visit.t("institutions.notices_lead")) }
        div.stack.mt {
            @for member in list.members {
                @let who = hit(list, member).map(|hit| name_text(hit.name.open(Purpose::Serve))).unwrap_or_default();
                (panel(&who, html! { (member.claim) }, html! { div.body.stack { @for language in [Language::Ky, Language::Ru] {
                    p lang=(language.tag()) { (told(language, member)) }
                } } }))
            }
            @for (code, members) in &leaving {
                (panel(&visit.f("institutions.leaving", &[("p", &code.to_string())]), html! { (number(members.len() as u64)) }, html! {
                    table.t.dense { caption.vh { (code) } tbody { @for member in members { tr {
                        th scope="row" { @if let Some(hit) = hit(list, member) { (name(hit.name.open(Purpose::Serve))) } }
                        td { "→ " (member.precinct) } td { (member.letter) }
                    } } } }
                }))
            }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn told(language: Language, member: &InstitutionMember) -> String {
    let texts = super::texts();
    let (to, letter) = (member.precinct.to_string(), member.letter.clone());
    match member.origin.map(|code| code.to_string()) {
        Some(from) => texts.fill(
            language,
            "institutions.told",
            &[("from", &from), ("to", &to), ("letter", &letter)],
        ),
        None => texts.fill(
            language,
            "institutions.told_new",
            &[("to", &to), ("letter", &letter)],
        ),
    }
}
