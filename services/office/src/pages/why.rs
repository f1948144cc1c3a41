//! Why (not) on the list: one sentence, the chain of rules, what next, the person in past releases.

use lexicon::{ExclusionReason, Language, PersonId};
use maud::{Markup, html};
use roll::eligibility::{remedy_until, rule_id};
use screen::components::{Tone, note};
use screen::{Icon, icon};
use store::{DecisionRow, DeltaLine, ListPlace, ReleaseRow};

use super::after;
use super::parts::document;
use super::person::{Opened, history, reads};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell, texts};
use crate::stood::{Stand, Stood};
use crate::visit::Visit;
use crate::why::{Reached, Shown, Step, chain};

/// The decision that is explained, with what changed since.
pub(crate) struct Question<'a> {
    pub release: &'a ReleaseRow,
    pub stood: Stood<'a>,
    /// Up to which delta is looked; 0: the release alone.
    pub upto: u32,
}

impl Question<'_> {
    /// The rule that keeps the person off the list now, by the release or by a change after it.
    pub fn reason(&self) -> Option<ExclusionReason> {
        match self.stood.stand()? {
            Stand::Release(ListPlace::Excluded(reason)) => Some(reason),
            Stand::Struck(change) => ExclusionReason::from_code(&change.reason),
            Stand::Release(ListPlace::Listed { .. }) | Stand::Line { .. } => None,
        }
    }

    /// Whether the person is on the list now.
    pub fn is_listed(&self) -> bool {
        match self.stood.stand() {
            Some(Stand::Release(ListPlace::Listed { .. }) | Stand::Line { .. }) => true,
            Some(Stand::Release(ListPlace::Excluded(_)) | Stand::Struck(_)) | None => false,
        }
    }
}

pub(crate) fn page(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    release: Option<&ReleaseRow>,
    question: Option<&Question<'_>>,
) -> Markup {
    let title = format!("{}: {}", visit.t("why.title"), person.title());
    let born = person
        .state
        .recorded
        .as_ref()
        .map(|(_, born, _)| visit.day(*born))
        .unwrap_or_default();
    let crumbs = html! {
        @if let Some(asked) = question {
            @let number = asked.release.number.to_string();
            a href={ "/list/" (number) } { (visit.f("list.name", &[("n", &number)])) } " · "
        }
        a href=(person.url()) { (visit.t("person.crumb")) } " · " (visit.t("why.title"))
    };
    let right = html! {
        (in_force(visit))
        span.keys { span { kbd { "/" } " " (visit.t("why.other")) } span { kbd { "Alt+L" } " " kbd { "Alt+P" } } }
        @if let Some(asked) = question {
            a.btn.sec accesskey="l" href={ (person.url()) "/letter?release=" (asked.release.number) } { (visit.t("letter.open")) }
        }
        (print_button(visit))
    };
    let body = html! {
        (heading(crumbs, html! { (person.title()) ", " (born) }, right))
        @match question {
            None => div.mt.stack {
                @match release {
                    None => (note(Tone::Wait, html! { p { (visit.t("why.no_release")) } p { (visit.t("why.no_release_next")) } })),
                    Some(release) => (note(Tone::Warn, html! {
                        p { (visit.f("why.not_considered", &[("n", &release.number.to_string())])) } p { (visit.t("why.not_considered_next")) }
                    })),
                }
                (history(visit, person))
            },
            Some(asked) => {
                div.mt { (sentence(visit, asked)) }
                @if lacks_document(visit, person, asked) {
                    div.mt { (note(Tone::Warn, html! {
                        p { (no_document(visit, visit.language)) } p { (visit.t("why.no_document_next")) }
                    })) }
                }
                div.why-cols {
                    div.stack { (after::of_person(visit, person, &asked.stood)) @if let Some(decision) = asked.stood.decision { (rules(visit, person, asked, decision)) } }
                    div.stack { (next(visit, person, asked)) (history(visit, person)) (reads(visit, person)) }
                }
            },
        }
    };
    shell(visit, Section::Search, &title, body)
}

/// The verdict in the page's language, and in the two languages that a caller may speak.
fn sentence(visit: &Visit<'_>, asked: &Question<'_>) -> Markup {
    let others: Vec<Language> = [Language::Ru, Language::Ky]
        .into_iter()
        .filter(|language| *language != visit.language)
        .collect();
    let tone = if asked.is_listed() {
        Tone::Ok
    } else {
        Tone::Stop
    };
    note(
        tone,
        html! {
            p.verdict-line { (said(visit, visit.language, asked)) }
            @for language in others { p.muted lang=(language.tag()) { (said(visit, language, asked)) } }
        },
    )
}

pub(super) fn said(visit: &Visit<'_>, language: Language, asked: &Question<'_>) -> Markup {
    let untouched = asked.upto > 0 && asked.stood.changes.is_empty();
    html! {
        (stood_said(visit, language, &asked.stood))
        @if untouched { " " (texts().fill(language, "delta.untouched", &[("k", &asked.upto.to_string())])) }
    }
}

/// Whether somebody who is listed has no document that identifies them on the day. Where the law asks for one, the
/// chain says it: then nobody like that is listed.
pub(super) fn lacks_document(visit: &Visit<'_>, person: &Opened<'_>, asked: &Question<'_>) -> bool {
    asked.is_listed() && crate::why::lacks_document(person.state, &visit.office.law)
}

/// That no document is valid on election day, in one sentence.
pub(super) fn no_document(visit: &Visit<'_>, language: Language) -> String {
    let day = screen::format::date_long(language, visit.office.law.election.day);
    texts().fill(language, "why.no_document", &[("d", &day)])
}

/// Where somebody stands, in one sentence.
pub(super) fn stood_said(visit: &Visit<'_>, language: Language, stood: &Stood<'_>) -> Markup {
    let number = stood.release.to_string();
    let place = match stood.stand() {
        None => return html! {},
        Some(Stand::Line { by, added }) => return changed_said(visit, language, by, added),
        Some(Stand::Struck(by)) => return changed_said(visit, language, by, false),
        Some(Stand::Release(place)) => place,
    };
    match place {
        ListPlace::Listed {
            precinct,
            line,
            page,
        } => {
            let values = [
                ("n", number.as_str()),
                ("p", &precinct.to_string()),
                ("line", &line.to_string()),
                ("page", &page.to_string()),
            ];
            html! { b { (texts().fill(language, "why.listed", &values)) } }
        }
        ListPlace::Excluded(reason) => {
            let head = texts().fill(language, "why.not_listed", &[("n", &number)]);
            let said = visit
                .exclusion(reason)
                .map_or("", |said| said.sentence.get(language));
            html! { b { (head) } " " (said) }
        }
    }
}

/// The line that a change wrote or struck, with the reason.
fn changed_said(visit: &Visit<'_>, language: Language, change: &DeltaLine, added: bool) -> Markup {
    let day = screen::format::date_long(language, visit.date(change.effective_at));
    let why = after::explained(&change.reason).map_or("", |said| said.sentence.get(language));
    html! { b { (after::line_said(language, change, added, &day)) } " " (why) }
}

fn rules(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    asked: &Question<'_>,
    decision: &DecisionRow,
) -> Markup {
    let steps = chain(decision, person.state, &visit.office.law);
    let stopped = match decision.place {
        ListPlace::Listed { .. } => "",
        ListPlace::Excluded(reason) => rule_id(reason),
    };
    let number = asked.release.number.to_string();
    let now = visit.moment(visit.office.now());
    panel(
        &visit.f("why.chain", &[("n", &number)]),
        html! { (visit.t("why.same_again")) },
        html! {
            div.body {
                ol.why { @for step in &steps { (rule(visit, person, step, stopped)) } }
                p.small.muted { (visit.f("why.records_now", &[("t", &now)])) }
            }
        },
    )
}

fn rule(visit: &Visit<'_>, person: &Opened<'_>, step: &Step, stopped: &str) -> Markup {
    let (class, word) = match step.reached {
        Reached::Passed => ("", "why.holds"),
        Reached::Failed => ("stop", "why.fails"),
        Reached::NotReached => ("na", "why.not_reached"),
    };
    html! {
        li {
            span class={ "dot " (class) } {
                @match step.reached {
                    Reached::Passed => (icon(Icon::Tick)),
                    Reached::Failed => (icon(Icon::Cross)),
                    Reached::NotReached => svg.i viewBox="0 0 24 24" aria-hidden="true" { path d="M6 12h12" {} },
                }
                span.vh { (visit.t(word)) }
            }
            b { (step.rule) " " (visit.t(&format!("rule.{}", step.reason.code()))) }
            br;
            span.muted {
                @match step.reached {
                    Reached::NotReached => (visit.f("why.stopped", &[("r", stopped)])),
                    Reached::Passed | Reached::Failed => (shown(visit, person, &step.shown)),
                }
            }
        }
    }
}

/// The rule that decided, with what the register shows for it.
pub(super) fn deciding(visit: &Visit<'_>, person: &Opened<'_>, asked: &Question<'_>) -> Markup {
    let decision = asked
        .stood
        .decision
        .filter(|_| asked.stood.changes.is_empty());
    let steps = decision.map(|decision| chain(decision, person.state, &visit.office.law));
    let failed = steps
        .iter()
        .flatten()
        .find(|step| step.reached == Reached::Failed);
    html! {
        @if let Some(step) = failed {
            (step.rule) " " (visit.t(&format!("rule.{}", step.reason.code()))) ": " (shown(visit, person, &step.shown))
        }
    }
}

/// What the register shows for a rule, in words with the record's id and date.
fn shown(visit: &Visit<'_>, person: &Opened<'_>, shown: &Shown) -> Markup {
    let record = |id: &str| visit.f("shown.record", &[("id", id)]);
    html! {
        @match shown {
            Shown::Nothing => (visit.t("shown.nothing")),
            Shown::NoAct(kind) => (visit.t(&format!("shown.no_{}", kind.code()))),
            Shown::Act { kind, number, day, record: id } => {
                (visit.t(&format!("event.{}", kind.code()))) ", " (visit.day(*day)) ", "
                (visit.f("timeline.act", &[("a", number)])) " · " (record(id))
            },
            Shown::Citizenship { code, document: found } => {
                (code)
                @if let Some((number, issued)) = found { ", " (visit.f("shown.document", &[("n", &document(visit, number)), ("d", &visit.day(*issued))])) }
            },
            Shown::Age { years, born } => { (visit.n("person.years", u64::try_from(*years).unwrap_or(0))) ", " (visit.f("shown.born", &[("d", &visit.day(*born))])) },
            Shown::ComesOfAge(day) => (visit.f("shown.of_age", &[("d", &visit.day_if(*day))])),
            Shown::OneRecord => (visit.t("shown.one_record")),
            Shown::Distinct(_) => (visit.t("shown.distinct")),
            Shown::CountedElsewhere(other) => { (visit.t("shown.counted_elsewhere")) " " (other_record(visit, *other)) },
            Shown::NotRequired => (visit.t("shown.not_required")),
            Shown::Captured { record: id, day, region, kit } => {
                (visit.f("shown.captured", &[("d", &visit.day(*day)), ("r", &visit.t(&format!("region.{}", region.code())))]))
                @if !kit.is_empty() { ", " (kit) }
                " · " (record(id))
            },
            Shown::NoCapture(until) => (visit.f("shown.no_capture", &[("d", &visit.day(*until))])),
            Shown::Checked { record: id, day } => { (visit.f("shown.checked", &[("d", &visit.day(*day))])) " · " (record(id)) },
            Shown::Waiting { record: id, since } => { (visit.f("shown.waiting", &[("d", &visit.day_if(*since))])) " · " (record(id)) },
            Shown::OwnPin => (visit.t("shown.own_pin")),
            Shown::SharedPin(_) => (visit.t("shown.shared_pin")),
            Shown::Home { address, from } => {
                (person.address(address)) ", " (visit.f("person.from", &[("d", &visit.day_if(*from))])) " · " (record(address))
            },
            Shown::Claim(id) => { (visit.t("shown.claim")) " " a href={ "/claim/" (id) } { (id) } },
            Shown::NoHome(day) => (visit.f("shown.no_home", &[("d", &visit.day(*day))])),
            Shown::HomeInNoPrecinct(id) => { (person.address(id)) ": " (visit.t("shown.no_precinct")) " · " (record(id)) },
            Shown::Abroad { record: id } => { (visit.t("shown.abroad")) " · " (record(id)) },
            Shown::NoDocument(_) => (visit.t("shown.no_document")),
            Shown::InCountry => (visit.t("shown.in_country")),
        }
    }
}

fn other_record(visit: &Visit<'_>, other: PersonId) -> Markup {
    html! { @if let Some(url) = visit.person_url(other) { a href=(url) { (visit.t("case.other_record")) } } }
}

/// What the person does next, until when, and what the clerk can open.
fn next(visit: &Visit<'_>, person: &Opened<'_>, asked: &Question<'_>) -> Markup {
    let title = visit.t("why.next");
    let Some(reason) = asked.reason() else {
        let list = format!("/list/{}/precinct", asked.release.number);
        let line = match asked.stood.stand() {
            Some(Stand::Release(ListPlace::Listed { precinct, line, .. })) => Some(format!(
                "{list}/{precinct}?after={}",
                line.saturating_sub(1)
            )),
            Some(Stand::Line { by, .. }) => Some(format!("{list}/{}#changes", by.precinct)),
            Some(Stand::Release(ListPlace::Excluded(_)) | Stand::Struck(_)) | None => None,
        };
        return panel(
            &title,
            html! {},
            html! {
                div.body.stack {
                    @if asked.is_listed() { p { (visit.t("why.next_listed")) } }
                    @if let Some(change) = asked.stood.changes.last() && let Some(said) = after::explained(&change.reason) { p { (said.next.get(visit.language)) } }
                    @if let Some(line) = line { p { a.btn.sec href=(line) { (visit.t("why.open_precinct")) } } }
                }
            },
        );
    };
    let law = &visit.office.law;
    let until = remedy_until(law, reason);
    let today = visit.date(visit.office.now());
    let step = |language: Language| {
        visit
            .exclusion(reason)
            .map_or("", |said| said.next.get(language))
    };
    let other = if visit.language == Language::Ky {
        Language::Ru
    } else {
        Language::Ky
    };
    panel(
        &title,
        html! {},
        html! {
            div.body.stack {
                p { (step(visit.language)) }
                p.muted lang=(other.tag()) { (step(other)) }
                p {
                    (visit.t("why.deadline")) " " b { (visit.long_day(until)) }
                    @if until < today { " " (screen::components::tag(Tone::Warn, &visit.t("why.deadline_passed"))) }
                }
                @if until < today { p.small { (visit.t("why.after_deadline")) } }
                (open_case(visit, person, reason))
            }
        },
    )
}

fn open_case(visit: &Visit<'_>, person: &Opened<'_>, reason: ExclusionReason) -> Markup {
    let wanted = match reason {
        ExclusionReason::Duplicate => register::CaseKind::Duplicate,
        ExclusionReason::PinConflict => register::CaseKind::SharedPin,
        ExclusionReason::Dead
        | ExclusionReason::NotCitizen
        | ExclusionReason::UnderAge
        | ExclusionReason::Court
        | ExclusionReason::NoBiometrics
        | ExclusionReason::NotYetProcessed
        | ExclusionReason::NoAddress
        | ExclusionReason::AbroadNotRegistered
        | ExclusionReason::NoValidDocument => return html! {},
    };
    let found = person.state.cases.iter().find(|case| case.kind == wanted);
    html! {
        @if let Some(case) = found && visit.may(crate::role::Right::OverseeCases) {
            p { a.btn.sec href={ "/case/" (case.case) "/verdict" } { (visit.t("why.open_case")) } }
        }
    }
}
