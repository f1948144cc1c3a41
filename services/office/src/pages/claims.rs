//! Claims: by date, with outcome and reason; a claim that was replaced shows what replaced it.

use lexicon::{ClaimOutcome, PersonId};
use maud::{Markup, html};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::{receipt_number, receipt_number_holds};
use roll::filing::answered_by;
use screen::components::{Tone, note, tag};
use store::{ClaimFilter, ClaimOrigin, ClaimOutcomeRow, FiledClaim, Hit, OutcomeFilter};

use super::parts::{Pager, empty, pager};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::desks::filing::drafts::Begun;
use crate::role::Right;
use crate::visit::Visit;

/// A claim of the list, with the claims of the same person and kind around it.
pub(crate) struct Row {
    pub filed: FiledClaim,
    /// Ids of the whole chain, the earliest first; one when nothing was replaced.
    pub chain: Vec<String>,
    /// A Form 2 that the applicant took back.
    pub taken_back: bool,
}

/// Who files a new claim.
pub(crate) enum Applicant {
    /// Asked for.
    Asked,
    /// What was typed, and why it leads to nobody.
    Wrong(String, String),
    /// Several persons answer what was typed.
    Several(String, Vec<Hit>),
}

pub(crate) struct List<'a> {
    pub rows: &'a [Row],
    pub only: ClaimFilter,
    /// What was typed for the precinct, when it is no number of one.
    pub wrong_precinct: Option<&'a str>,
    /// What was typed as the number of a receipt, when there is none of it.
    pub wrong_receipt: Option<&'a str>,
    /// Kind, outcome, how many.
    pub counts: &'a [(ClaimKind, ClaimOutcome, u64)],
    /// How many wait: all, and those whose day of answer has passed.
    pub waiting: (u64, u64),
    pub applicant: &'a Applicant,
    /// What this clerk began and did not file.
    pub begun: &'a [Begun],
    pub pager: Pager,
}

pub(crate) fn page(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let title = visit.t("claims.title");
    let files = visit.may(Right::FileClaims);
    let shown = match list.applicant {
        Applicant::Wrong(..) => format!("{} {title}", visit.t("error.title")),
        Applicant::Asked | Applicant::Several(..) => title.clone(),
    };
    let body = html! {
        (heading(html! { (visit.t("nav.claims")) }, html! { (title) }, html! { (in_force(visit)) a.btn.sec href="/claims/transfers" { (visit.t("transfers.title")) } a.btn.sec href="/claims/files" { (visit.t("claim_files.title")) } a.btn.sec href="/institutions" { (visit.t("institutions.title")) } a.btn.sec href="/home-voting" { (visit.t("home_voting.title")) } (print_button(visit)) }))
        div.desk.queue.mt {
            div.stack {
                (panel(&visit.t("claims.list"), html! { (visit.t("claims.order")) }, html! {
                    (waiting(visit, list))
                    div.in-panel { (filter(visit, list)) }
                    @if list.rows.is_empty() { (empty(&visit.t("claims.none"), html! { a href="/claims" { (visit.t("claims.all")) } })) } @else {
                        table.t.dense {
                            caption.vh { (title) }
                            thead { tr {
                                th scope="col" { (visit.t("claim.due")) } th scope="col" { (visit.t("claim.what")) }
                                th scope="col" { (visit.t("claim.outcome")) } th scope="col" { (visit.t("claim.person")) }
                            } }
                            tbody { @for row in list.rows { (claim_row(visit, row)) } }
                        }
                        (pager(visit, &list.pager))
                    }
                }))
            }
            div.stack {
                @if files { (new_claim(visit, list.applicant)) }
                @if !list.begun.is_empty() { (begun(visit, list.begun)) }
                (panel(&visit.t("claims.by_receipt"), html! {}, html! { div.in-panel { (seek(visit, list)) } }))
                (totals(visit, list.counts))
            }
        }
    };
    shell(visit, Section::Claims, &shown, body)
}

/// How many wait, and how many of them too long.
fn waiting(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let (all, overdue) = list.waiting;
    html! {
        p.in-panel.row.wrap {
            a href="/claims?outcome=open" { (visit.n("claims.waiting", all)) }
            @if overdue > 0 { (tag(Tone::Stop, &visit.n("claims.overdue", overdue))) }
            @else if all > 0 { (tag(Tone::Ok, &visit.t("claims.none_overdue"))) }
        }
    }
}

/// The first field of a new claim: who files it. One person found opens the form at once.
fn new_claim(visit: &Visit<'_>, applicant: &Applicant) -> Markup {
    let (typed, wrong) = match applicant {
        Applicant::Asked => ("", None),
        Applicant::Wrong(typed, said) => (typed.as_str(), Some(said)),
        Applicant::Several(typed, _) => (typed.as_str(), None),
    };
    panel(
        &visit.t("claims.new"),
        html! { kbd { "Alt+N" } },
        html! {
            form.body.stack method="post" action="/claims" {
                div class={ "field" @if wrong.is_some() { " err" } } {
                    label for="who" { (visit.t("search.field")) }
                    p.hint id="who-hint" { (visit.t("search.hint")) }
                    @if let Some(said) = wrong { p.msg id="who-error" role="alert" { (said) } }
                    input.input.id id="who" name="who" value=(typed) accesskey="n" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus
                        aria-describedby={ "who-hint" @if wrong.is_some() { " who-error" } };
                }
                div.row.wrap { button.btn type="submit" { (visit.t("claims.begin")) } (super::filing::keys(visit)) }
            }
            @if let Applicant::Several(_, hits) = applicant {
                table.t.dense {
                    caption.small { (visit.t("claims.several")) }
                    tbody { @for hit in hits { tr {
                        td { a href={ "/person/" (hit.person) "/claim" } { (super::parts::name(hit.name.open(visit.look().purpose))) } }
                        td { (visit.day(*hit.born.open(visit.look().purpose))) }
                        td.nowrap { @match &hit.pin_masked { Some(pin) => (pin), None => span.muted { (visit.t("person.no_pin")) } } }
                    } } }
                }
            }
        },
    )
}

/// Forms that this clerk began, to go on with.
fn begun(visit: &Visit<'_>, begun: &[Begun]) -> Markup {
    let title = visit.t("draft.begun");
    panel(
        &title,
        html! { (begun.len()) },
        html! {
            p.in-panel.small.muted { (visit.t("draft.lead")) }
            table.t.dense {
                caption.vh { (title) }
                tbody { @for draft in begun { tr {
                    td { (super::parts::name(draft.person.name.open(visit.look().purpose))) br; span.small.muted { (visit.t(&format!("claim_kind.{}", draft.kind.code()))) @if !draft.wanted.is_empty() { ": " (draft.wanted) } } }
                    td.nowrap { (visit.moment(draft.saved_at)) }
                    td { a href={ "/person/" (draft.person.person) "/claim" } aria-label={ (visit.t("draft.continue")) ": " (super::parts::name_text(draft.person.name.open(visit.look().purpose))) } { (visit.t("draft.continue")) } }
                } } }
            }
        },
    )
}

/// A receipt's number leads to its claim.
fn seek(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let wrong = list.wrong_receipt;
    let said = wrong.map(|typed| {
        let holds = receipt_number_holds(typed);
        visit.t(if holds {
            "claims.receipt_unknown"
        } else {
            "claims.receipt_slip"
        })
    });
    html! {
        form.filters method="get" action="/claims" role="search" {
            div class={ "field" @if said.is_some() { " err" } } { label for="receipt" { (visit.t("claims.receipt")) }
                @if let Some(said) = &said { p.msg role="alert" { (said) } }
                input.input id="receipt" name="receipt" value=(wrong.unwrap_or_default()) autocomplete="off" spellcheck="false"; }
            button.btn.sec type="submit" { (visit.t("claims.find")) }
        }
    }
}

fn filter(visit: &Visit<'_>, list: &List<'_>) -> Markup {
    let any = || html! { option value="" { (visit.t("claims.any")) } };
    let precinct = list
        .only
        .precinct
        .map(|p| p.to_string())
        .or(list.wrong_precinct.map(str::to_owned))
        .unwrap_or_default();
    html! {
        form.filters method="get" action="/claims" {
            div.field { label for="kind" { (visit.t("claims.kind")) }
                select.input id="kind" name="kind" { (any()) @for kind in ClaimKind::ALL { option value=(kind.code()) selected[list.only.kind == Some(*kind)] { (visit.t(&format!("claim_kind.{}", kind.code()))) } } } }
            div class={ "field" @if list.wrong_precinct.is_some() { " err" } } { label for="precinct" { (visit.t("claims.precinct")) }
                @if list.wrong_precinct.is_some() { p.msg { (visit.t("claims.precinct_wrong")) } }
                input.input.w-4 id="precinct" name="precinct" value=(precinct) inputmode="numeric" autocomplete="off"; }
            div.field { label for="outcome" { (visit.t("claim.outcome")) }
                select.input id="outcome" name="outcome" { (any())
                    @for outcome in ClaimOutcome::ALL { option value=(outcome.code()) selected[list.only.outcome == Some(OutcomeFilter::Is(*outcome))] { (outcome_word(visit, *outcome)) } }
                    option value="open" selected[list.only.outcome == Some(OutcomeFilter::NotSettled)] { (visit.t("claims.not_settled")) }
                } }
            button.btn.sec type="submit" { (visit.t("claims.show")) }
            a.btn.quiet href="/claims" { (visit.t("claims.all")) }
        }
    }
}

fn claim_row(visit: &Visit<'_>, row: &Row) -> Markup {
    let claim = &row.filed.claim;
    let outcome = row.filed.outcome.as_ref();
    html! {
        tr id={ "claim-" (claim.claim) } {
            td.nowrap {
                @if outcome.is_none() { (due(visit, claim)) br; }
                span.small.muted { (visit.f("claim.filed_at", &[("t", &visit.moment(claim.filed))])) }
            }
            td { a href={ "/claim/" (claim.claim) } { (claim.claim) } " " (what(visit, claim)) (chain_line(visit, row)) }
            td { (outcome_tag_of(visit, outcome.map(|o| o.outcome), row.taken_back)) (reason(visit, outcome)) }
            td { (person(visit, outcome.and_then(|o| o.person))) }
        }
    }
}

/// The day by which a claim that waits is answered, red when it has passed, amber on the day itself.
fn due(visit: &Visit<'_>, claim: &Claim) -> Markup {
    let day = answered_by(&visit.office.law, visit.date(claim.filed));
    let words = visit.f("filing.answer_by", &[("d", &visit.long_day(day))]);
    let today = visit.date(visit.office.now());
    html! {
        @match day.cmp(&today) {
            std::cmp::Ordering::Less => (tag(Tone::Stop, &format!("{words} · {}", visit.t("claim.overdue")))),
            std::cmp::Ordering::Equal => (tag(Tone::Warn, &format!("{words} · {}", visit.t("claim.due_today")))),
            std::cmp::Ordering::Greater => b { (words) },
        }
    }
}

fn person(visit: &Visit<'_>, person: Option<PersonId>) -> Markup {
    match person.and_then(|person| visit.person_url(person)) {
        Some(url) => html! { a href=(url) { (visit.t("claim.open_person")) } },
        None => html! { span.muted { (visit.t("claim.no_person")) } },
    }
}

/// `1001 → 1002 → 1003 ✓`: the last of the chain is in force.
fn chain_line(visit: &Visit<'_>, row: &Row) -> Markup {
    let (chain, own) = (&row.chain, &row.filed.claim.claim);
    if chain.len() < 2 {
        return html! {};
    }
    html! {
        br; span.chain.small {
            @for (at, id) in chain.iter().enumerate() {
                @if at > 0 { " → " }
                @if id == own { b { (id) } } @else { a href={ "/claim/" (id) } { (id) } }
            }
            " " (screen::icon(screen::Icon::Tick)) span.vh { (visit.t("claim.last_in_force")) }
        }
    }
}

/// What a claim asks for.
pub(crate) fn what(visit: &Visit<'_>, claim: &Claim) -> Markup {
    let kind = visit.t(&format!("claim_kind.{}", claim.kind.code()));
    html! {
        (kind)
        @if let Some(target) = claim.target { ": " (visit.f("claim.to", &[("p", &target.to_string())])) }
        @if claim.kind == ClaimKind::Form2 && claim.target.is_none() { ": " (visit.t("claim.cancel")) }
        @if !claim.field.is_empty() { ": " (field(visit, &claim.field)) }
        @if !claim.identified { " " (tag(Tone::Warn, &visit.t("claim.not_identified"))) }
    }
}

fn field(visit: &Visit<'_>, code: &str) -> String {
    field_in(visit.language, code)
}

/// The word of a field that a correction puts right; its code where there is none.
fn field_in(language: lexicon::Language, code: &str) -> String {
    let key = format!("field.{code}");
    if super::texts().has(&key) {
        super::texts().text(language, &key)
    } else {
        code.to_owned()
    }
}

fn outcome_word(visit: &Visit<'_>, outcome: ClaimOutcome) -> String {
    visit.short(sentences().claim.get(outcome.code()))
}

pub(crate) fn outcome_tag(visit: &Visit<'_>, outcome: Option<ClaimOutcome>) -> Markup {
    let Some(outcome) = outcome else {
        return tag(Tone::Warn, &visit.t("claims.not_settled"));
    };
    tag(outcome_tone(outcome), &outcome_word(visit, outcome))
}

/// The same, with the word for a Form 2 that its applicant took back.
fn outcome_tag_of(visit: &Visit<'_>, outcome: Option<ClaimOutcome>, taken_back: bool) -> Markup {
    if taken_back {
        return tag(Tone::Wait, &visit.t("claim.taken_back"));
    }
    outcome_tag(visit, outcome)
}

fn outcome_tone(outcome: ClaimOutcome) -> Tone {
    match outcome {
        ClaimOutcome::Counts | ClaimOutcome::AlreadySo => Tone::Ok,
        ClaimOutcome::Superseded => Tone::Wait,
        ClaimOutcome::AfterDeadline
        | ClaimOutcome::NotIdentified
        | ClaimOutcome::UnknownPerson
        | ClaimOutcome::NotEnabled
        | ClaimOutcome::NotInCategory
        | ClaimOutcome::NoSuchPrecinct
        | ClaimOutcome::PrecinctKind
        | ClaimOutcome::LateList
        | ClaimOutcome::ApplicantDead
        | ClaimOutcome::ApplicantUnderAge
        | ClaimOutcome::SamePrecinct
        | ClaimOutcome::UnreadableValue
        | ClaimOutcome::NotEligible
        | ClaimOutcome::NoGround => Tone::Stop,
    }
}

/// The reason in a sentence, for a claim that does not count.
fn reason(visit: &Visit<'_>, outcome: Option<&ClaimOutcomeRow>) -> Markup {
    let Some(outcome) = outcome.filter(|o| o.outcome != ClaimOutcome::Counts) else {
        return html! {};
    };
    let said = sentences()
        .claim
        .get(outcome.outcome.code())
        .map_or("", |said| said.sentence.get(visit.language));
    html! { br; span.small.muted { (said) } }
}

fn totals(visit: &Visit<'_>, counts: &[(ClaimKind, ClaimOutcome, u64)]) -> Markup {
    let title = visit.t("claims.totals");
    if counts.is_empty() {
        return html! {};
    }
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody { @for (kind, outcome, count) in counts { tr {
                    td { a href={ "/claims?kind=" (kind.code()) "&outcome=" (outcome.code()) } { (visit.t(&format!("claim_kind.{}", kind.code()))) } br; span.small.muted { (outcome_word(visit, *outcome)) } }
                    td.num { b { (screen::format::number(*count)) } }
                } } }
            }
        },
    )
}

/// One claim with the whole chain of its person and kind.
pub(crate) fn one(
    visit: &Visit<'_>,
    own: &FiledClaim,
    taken_back: bool,
    (chain, origin): (&[FiledClaim], Option<&ClaimOrigin>),
    release: Option<u32>,
) -> Markup {
    let title = visit.f("claim.title", &[("id", &own.claim.claim)]);
    let outcome = own.outcome.as_ref();
    let explained = outcome.and_then(|o| sentences().claim.get(o.outcome.code()));
    let tone = outcome.map_or(Tone::Wait, |o| outcome_tone(o.outcome));
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " (own.claim.claim) };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        div.mt { (note(tone, html! {
            @match explained {
                Some(said) => { p { b { (said.sentence.get(visit.language)) } } p { (said.next.get(visit.language)) } },
                None => p { b { (visit.t("claims.not_settled")) } " " (visit.t("claim.not_settled_next")) },
            }
            @if let Some(winner) = outcome.and_then(|o| o.superseded_by.as_ref()) { p { (visit.t("claim.replaced_by")) " " a href={ "/claim/" (winner) } { (winner) } @if visit.may(Right::FileClaims) { " · " a href={ "/claim/" (own.claim.claim) "/notice" } { (visit.t("claim.notice")) } } } }
        })) }
        div.why-cols {
            (panel(&visit.t("claim.record"), html! {}, html! { div.body { dl.kv {
                dt { (visit.t("claim.filed")) } dd { (visit.moment(own.claim.filed)) }
                @if let Some(origin) = origin { dt { (visit.t("claim_files.office")) } dd { (origin.office) ", " a href={ "/claims/files/" (origin.file) } { (visit.f("claim_files.came_at", &[("t", &visit.moment(origin.at))])) } } }
                @if outcome.is_none() { dt { (visit.t("claim.due")) } dd { (due(visit, &own.claim)) } }
                @if taken_back { dt { (visit.t("claim.outcome")) } dd { (outcome_tag_of(visit, outcome.map(|o| o.outcome), taken_back)) } }
                dt { (visit.t("claim.receipt")) } dd.mono { (receipt_number(visit.office.law.election.number, &own.claim.claim)) }
                dt { (visit.t("claim.what")) } dd { (what(visit, &own.claim)) }
                @if !own.claim.value.is_empty() && own.claim.kind == ClaimKind::Correction { dt { (visit.t("claim.value")) } dd { (own.claim.value) } }
                dt { (visit.t("claim.identified")) } dd { (visit.t(if own.claim.identified { "claim.identified_yes" } else { "claim.not_identified" })) }
                dt { (visit.t("claim.person")) } dd { (person(visit, outcome.and_then(|o| o.person))) }
                @if let Some(release) = release { dt { (visit.t("claim.settled_in")) } dd { a href={ "/list/" (release) } { (visit.f("list.name", &[("n", &release.to_string())])) } } }
            } } }))
            (panel(&visit.t("claim.chain"), html! { (visit.t("claim.chain_rule")) }, html! {
                ol.timeline { @for link in chain {
                    li { span.small.muted { (visit.moment(link.claim.filed)) } br;
                        @if link.claim.claim == own.claim.claim { b { (link.claim.claim) } } @else { a href={ "/claim/" (link.claim.claim) } { (link.claim.claim) } }
                        " " (what(visit, &link.claim)) " " (outcome_tag(visit, link.outcome.as_ref().map(|o| o.outcome))) }
                } }
            }))
        }
    };
    shell(visit, Section::Claims, &title, body)
}

/// A sheet for the applicant: what was replaced, by what, and what to do when that was not meant.
pub(crate) fn notice(
    visit: &Visit<'_>,
    own: &Claim,
    winner: &Claim,
    person: Option<&Hit>,
) -> Markup {
    let title = visit.t("claim.notice");
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href={ "/claim/" (own.claim) } { (own.claim) } };
    let number = |claim: &Claim| receipt_number(visit.office.law.election.number, &claim.claim);
    let until = super::filing::last_moment(visit, own.kind);
    let wish = |language: lexicon::Language, claim: &Claim| match claim.target {
        Some(target) => {
            let target = target.to_string();
            super::texts().fill(language, "claim.to", &[("p", &target)])
        }
        None if claim.kind == ClaimKind::Form2 => super::texts().text(language, "claim.cancel"),
        None => field_in(language, &claim.field),
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        article.panel.letter.mt { div.body.stack {
            p { (visit.long_day(visit.date(visit.office.now()))) }
            @if let Some(hit) = person {
                p.verdict-line { (super::parts::name(hit.name.open(visit.look().purpose))) @if let Some(masked) = &hit.pin_masked { " " span.mono.small { (masked) } } }
            }
            // The law's two languages, whatever language the office's page is in.
            @for language in [lexicon::Language::Ky, lexicon::Language::Ru] {
                @let t = |key: &str| super::texts().text(language, key);
                @let told = |key: &str, claim: &Claim| super::texts().fill(language, key, &[("n", &number(claim)), ("t", &visit.moment(claim.filed)), ("what", &wish(language, claim))]);
                section lang=(language.tag()) {
                    p { b { (t("notice_claim.replaced")) } }
                    p { (told("notice_claim.earlier", own)) }
                    p { (told("notice_claim.later", winner)) }
                    p { (super::texts().fill(language, "notice_claim.next", &[("t", &until)])) }
                }
            }
            p.letter-sign { (visit.display) " ______________" }
        } }
    };
    shell(visit, Section::Claims, &title, body)
}
