//! What signed changes after a release did: to one person's lines, to one precinct's list.

use std::collections::BTreeMap;

use lexicon::handover::delta::ChangeKind;
use lexicon::{ExclusionReason, Explanation, Instant, Language, PersonId};
use maud::{Markup, html};
use roll::eligibility::rule_id;
use screen::components::{Tone, tag};
use screen::format::number;
use store::{DeltaLine, Hit};

use super::person::Opened;
use super::search::linked;
use super::{panel, sentences};
use crate::stood::Stood;
use crate::visit::Visit;

/// Sentences of a change's reason: of a rule that excludes, or of what changed.
pub(crate) fn explained(reason: &str) -> Option<&'static Explanation> {
    let found = sentences().exclusion.get(reason);
    found.or_else(|| sentences().change.get(reason))
}

/// `R01 Died`, or what changed.
fn reason(visit: &Visit<'_>, code: &str) -> String {
    let short = visit.short(explained(code));
    match ExclusionReason::from_code(code) {
        Some(reason) => format!("{} {short}", rule_id(reason)),
        None => short,
    }
}

/// What a change does, in a word.
pub(crate) fn act_word(visit: &Visit<'_>, kind: ChangeKind) -> String {
    match kind {
        ChangeKind::Strike => visit.t("delta.strike"),
        ChangeKind::Add => visit.t("delta.add"),
        ChangeKind::Change => visit.t("delta.change"),
    }
}

pub(crate) fn act_tag(visit: &Visit<'_>, kind: ChangeKind) -> Markup {
    let tone = match kind {
        ChangeKind::Strike => Tone::Stop,
        ChangeKind::Add => Tone::Ok,
        ChangeKind::Change => Tone::Warn,
    };
    tag(tone, &act_word(visit, kind))
}

/// The sentence of a person whose line a change wrote or struck.
pub(crate) fn line_said(language: Language, change: &DeltaLine, added: bool, day: &str) -> String {
    let key = match (change.kind, added) {
        (ChangeKind::Strike, _) => "delta.struck_said",
        (ChangeKind::Add | ChangeKind::Change, true) => "delta.added_said",
        (ChangeKind::Add | ChangeKind::Change, false) => "delta.changed_said",
    };
    let (n, k) = (change.release.to_string(), change.delta.to_string());
    let (p, line) = (change.precinct.to_string(), change.line.to_string());
    let values = [
        ("n", n.as_str()),
        ("k", &k),
        ("d", day),
        ("p", &p),
        ("line", &line),
        ("page", &change.page.to_string()),
    ];
    super::texts().fill(language, key, &values)
}

/// The changes of a person's lines; nothing when there is none.
pub(crate) fn of_person(visit: &Visit<'_>, person: &Opened<'_>, stood: &Stood<'_>) -> Markup {
    if stood.changes.is_empty() {
        return html! {};
    }
    let title = visit.f("delta.title", &[("n", &stood.release.to_string())]);
    panel(
        &title,
        html! { (visit.t("delta.signed")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("delta.which")) } th scope="col" { (visit.t("delta.act")) }
                    th scope="col" { (visit.t("precinct.number")) } th.num scope="col" { (visit.t("precinct.line")) } th scope="col" { (visit.t("delta.reason")) }
                } }
                tbody { @for change in &stood.changes { tr {
                    td { a href={ (person.url()) "/why?release=" (change.release) "&after=" (change.delta) } { (which(visit, change)) } }
                    td { (act_tag(visit, change.kind)) }
                    td { a href={ "/list/" (change.release) "/precinct/" (change.precinct) "#changes" } { (change.precinct) } }
                    td.num { (number(change.line.into())) }
                    td { (reason(visit, &change.reason)) }
                } } }
            }
            @if stood.decision.is_some() { div.body { p.small.muted { (visit.t("delta.chain_is_of_release")) } } }
        },
    )
}

fn which(visit: &Visit<'_>, change: &DeltaLine) -> String {
    name(visit, change.delta, change.effective_at)
}

/// A delta by its number and the day from which it holds.
pub(crate) fn name(visit: &Visit<'_>, delta: u32, effective_at: Instant) -> String {
    let day = visit.day(visit.date(effective_at));
    visit.f("delta.name", &[("k", &delta.to_string()), ("d", &day)])
}

/// The changes of one precinct's list; the people on them when the visit may see them.
pub(crate) fn of_precinct(
    visit: &Visit<'_>,
    changes: &[DeltaLine],
    lines: u64,
    people: Option<&BTreeMap<PersonId, Hit>>,
) -> Markup {
    let Some(first) = changes.first() else {
        return html! {};
    };
    let of = |kind| changes.iter().filter(|change| change.kind == kind).count() as u64;
    let (struck, added) = (of(ChangeKind::Strike), of(ChangeKind::Add));
    let voters = (lines + added).saturating_sub(struck);
    let title = visit.f("delta.title", &[("n", &first.release.to_string())]);
    let counts = visit.f(
        "delta.counts",
        &[
            ("a", &number(struck)),
            ("b", &number(added)),
            ("c", &number(of(ChangeKind::Change))),
            ("v", &number(voters)),
        ],
    );
    html! { div id="changes" { (panel(&title, html! { (counts) }, html! {
        table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("delta.which")) } th scope="col" { (visit.t("delta.act")) }
                th.num scope="col" { (visit.t("precinct.page")) } th.num scope="col" { (visit.t("precinct.line")) }
                th scope="col" { (visit.t("delta.reason")) }
                @if people.is_some() { th scope="col" { (visit.t("person.name")) } }
            } }
            tbody { @for change in changes { tr {
                td { (which(visit, change)) } td { (act_tag(visit, change.kind)) }
                td.num { @if change.page > 0 { (change.page) } } td.num { b { (change.line) } }
                td { (reason(visit, &change.reason)) }
                @if let Some(people) = people {
                    td { @if let Some(hit) = people.get(&change.person) { (linked(visit, hit)) } @else { span.muted { (visit.t("precinct.gone")) } } }
                }
            } } }
        }
    })) } }
}
