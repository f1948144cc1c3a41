//! PIN conflicts: counts by kind and state, the cases, one case with its records, and notices to print.

use lexicon::{Language, Purpose, Sealed};
use maud::{Markup, html};
use register::PersonState;
use register::conflict::{AnswerState, ConflictKind, letter};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::conflicts::{ConflictCounts, ConflictState, ConflictView, PersonNotice};
use store::{ConflictLot, Notice};

use super::case::short_id;
use super::lot_report::{Taken, form, report};
use super::parts::{Pager, empty, name, pager, pin};
use super::staff::in_force;
use super::{Section, desk_sentences, heading, panel, print_button, shell};
use crate::reason::Reason;
use crate::role::Right;
use crate::visit::Visit;

/// What the list shows.
pub(crate) struct List<'a> {
    pub counts: &'a ConflictCounts,
    pub kind: Option<ConflictKind>,
    pub state: Option<ConflictState>,
    pub rows: &'a [ConflictView],
    pub pager: Pager,
    pub lots: &'a [ConflictLot],
    /// Field and words of what is wrong in the form for a lot.
    pub wrong: Option<(&'a str, &'a str)>,
    /// The day typed.
    pub due: &'a str,
}

fn kind_word(visit: &Visit<'_>, kind: ConflictKind) -> String {
    visit.t(&format!("conflict_kind.{}", kind.code()))
}

fn state_tag(visit: &Visit<'_>, state: ConflictState) -> Markup {
    let tone = match state {
        ConflictState::Settled => Tone::Ok,
        ConflictState::SignedOff | ConflictState::Waiting => Tone::Wait,
        ConflictState::New | ConflictState::Referred => Tone::Warn,
        ConflictState::Overdue | ConflictState::Unusable => Tone::Stop,
    };
    tag(tone, &visit.t(&format!("conflict_state.{}", state.code())))
}

pub(crate) fn list(visit: &Visit<'_>, shown: &List<'_>) -> Markup {
    let title = visit.t("conflict.title");
    let shown_title = match shown.wrong {
        Some(_) => format!("{} {title}", visit.t("error.title")),
        None => title.clone(),
    };
    let blocking = shown.counts.blocking();
    let stat = |class: &str, value: u64, key: &str| html! { div class={ "stat " (class) } { b { (number(value)) } span { (visit.t(key)) } } };
    let body = html! {
        (heading(html! { (visit.t("nav.conflicts")) }, html! { (title) }, html! {
            @if visit.may(Right::Export) { a.btn.sec href="/conflicts/answers" { (visit.t("conflict.answers_of_agency")) } }
            (print_button(visit))
        }))
        div.stats.three.mt {
            (stat(if blocking > 0 { "mid" } else { "good" }, blocking, "conflict.blocking"))
            (stat("", shown.counts.at(ConflictState::SignedOff), "conflict.signed_off"))
            (stat("good", shown.counts.at(ConflictState::Settled), "conflict.settled"))
        }
        @if blocking > 0 { div.mt { (note(Tone::Warn, html! { p { (visit.t("conflict.blocks")) } })) } }
        div.cols.wide.mt {
            div.stack {
                (matrix(visit, shown))
                (cases(visit, shown))
            }
            div.stack {
                (lots(visit, shown.lots))
                @if visit.may(Right::Export) { (export(visit, shown)) }
            }
        }
    };
    shell(visit, Section::Conflicts, &shown_title, body)
}

/// Counts by state and kind; each figure leads to its cases.
fn matrix(visit: &Visit<'_>, shown: &List<'_>) -> Markup {
    let title = visit.t("conflict.by_state");
    let cell = |kind: ConflictKind, state: ConflictState| {
        let n = shown.counts.of(kind, state);
        let is_shown = shown.kind == Some(kind) && shown.state == Some(state);
        html! { td.num { @if n > 0 { a href={ "/conflicts?kind=" (kind.code()) "&state=" (state.code()) } aria-current=[is_shown.then_some("page")] { (number(n)) } } @else { "0" } } }
    };
    panel(
        &title,
        html! { a href="/conflicts" { (visit.t("conflict.all")) } },
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("conflict.state")) } @for kind in ConflictKind::ALL { th.num scope="col" { (kind_word(visit, kind)) } } } }
                tbody { @for state in ConflictState::ALL { tr {
                    td { (state_tag(visit, state)) }
                    @for kind in ConflictKind::ALL { (cell(kind, state)) }
                } } }
            }
        },
    )
}

fn cases(visit: &Visit<'_>, shown: &List<'_>) -> Markup {
    let title = visit.t("conflict.cases");
    panel(
        &title,
        html! {},
        html! {
            @if shown.rows.is_empty() { (empty(&visit.t("conflict.none"), html! { (visit.t("conflict.none_next")) })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th scope="col" { (visit.t("conflict.case")) } th scope="col" { (visit.t("conflict.kind")) } th scope="col" { (visit.t("conflict.state")) } th.num scope="col" { (visit.t("conflict.records")) } th scope="col" { (visit.t("conflict.opened")) } th scope="col" { (visit.t("conflict.lot")) } } }
                    tbody { @for view in shown.rows { tr {
                        td { (link(visit, view)) }
                        td { (kind_word(visit, view.conflict.kind)) }
                        td { (state_tag(visit, view.state)) }
                        td.num { (view.conflict.records.len()) }
                        td.nowrap { (visit.moment(view.conflict.opened_at)) }
                        td { @match view.sent.last() { Some(sent) => { (sent.lot) " · " (visit.f("conflict.due", &[("d", &visit.day(sent.due))])) }, None => "–" } }
                    } } }
                } }
                (pager(visit, &shown.pager))
            }
        },
    )
}

fn link(visit: &Visit<'_>, view: &ConflictView) -> Markup {
    let short = short_id(view.conflict.case);
    html! { @if visit.may(Right::Reconcile) { a.mono href={ "/conflict/" (view.conflict.case) } { (short) } } @else { span.mono { (short) } } }
}

fn lots(visit: &Visit<'_>, lots: &[ConflictLot]) -> Markup {
    let title = visit.t("conflict.lots");
    panel(
        &title,
        html! {},
        html! {
            @if lots.is_empty() { (empty(&visit.t("conflict.no_lots"), html! { (visit.t("conflict.no_lots_next")) })) } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th.num scope="col" { (visit.t("conflict.lot")) } th scope="col" { (visit.t("conflict.made")) } th scope="col" { (visit.t("conflict.due_day")) } th.num scope="col" { (visit.t("conflict.cases")) } } }
                    tbody { @for lot in lots { tr {
                        td.num { @if visit.may(Right::Export) { a href={ "/conflicts/lot/" (lot.lot) } { (lot.lot) } } @else { (lot.lot) } }
                        td.nowrap { (visit.moment(lot.made_at)) } td.nowrap { (visit.day(lot.due)) } td.num { (number(lot.cases)) }
                    } } }
                }
            }
        },
    )
}

fn export(visit: &Visit<'_>, shown: &List<'_>) -> Markup {
    let wrong = |field: &str| {
        shown
            .wrong
            .filter(|(at, _)| *at == field)
            .map(|(_, said)| said.to_owned())
    };
    let waits = [
        ConflictState::New,
        ConflictState::Overdue,
        ConflictState::Unusable,
    ];
    let waiting: u64 = waits.iter().map(|state| shown.counts.at(*state)).sum();
    panel(
        &visit.t("conflict.export"),
        html! {},
        html! {
            form.body.stack method="post" action="/conflicts/export" {
                p { (visit.n("conflict.to_send", waiting)) }
                p.small.muted { (visit.t("conflict.export_text")) }
                div class={ "field" @if wrong("due").is_some() { " err" } } {
                    label for="due" { (visit.t("conflict.due_field")) }
                    @if let Some(said) = wrong("due") { p.msg { (said) } }
                    input.input id="due" name="due" value=(shown.due) inputmode="numeric" autocomplete="off";
                }
                div class={ "field" @if wrong("why").is_some() { " err" } } {
                    label for="why" { (visit.t("export.reason")) }
                    @if let Some(said) = wrong("why") { p.msg { (said) } }
                    select.input id="why" name="why" {
                        option value="" { "–" }
                        @for reason in Reason::of_role(visit.role) { option value=(reason.code()) { (visit.t(&format!("reason.{}", reason.code()))) } }
                    }
                }
                button.btn type="submit" { (visit.t("conflict.export_do")) }
            }
        },
    )
}

/// One conflict: its records, what was asked and answered, who was told, and the acceptance by two.
pub(crate) fn one(
    visit: &Visit<'_>,
    view: &ConflictView,
    states: &[Sealed<PersonState>],
    notices: &[Notice],
    wrong: Option<&str>,
) -> Markup {
    let id = short_id(view.conflict.case);
    let title = visit.f("conflict.case_n", &[("id", &id)]);
    let crumbs = html! { a href="/conflicts" { (visit.t("nav.conflicts")) } " · " (id) };
    let shown_title = match wrong {
        Some(_) => format!("{} {title}", visit.t("error.title")),
        None => title.clone(),
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        p.mt-s { (kind_word(visit, view.conflict.kind)) " " (state_tag(visit, view.state)) " " span.muted { (visit.moment(view.conflict.opened_at)) } }
        div.mt { (records(visit, view, states)) }
        div.cols.even.mt {
            (answers(visit, view))
            div.stack { (told(visit, view, notices)) (acceptance(visit, view, wrong)) }
        }
    };
    shell(visit, Section::Conflicts, &shown_title, body)
}

fn records(visit: &Visit<'_>, view: &ConflictView, states: &[Sealed<PersonState>]) -> Markup {
    let title = visit.t("conflict.records");
    let purpose = Purpose::Reconcile;
    panel(
        &title,
        html! { (visit.t("conflict.now")) },
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("conflict.record")) } th scope="col" { (visit.t("conflict.pin")) } th scope="col" { (visit.t("conflict.person")) } th scope="col" { (visit.t("conflict.born")) } th scope="col" { (visit.t("conflict.pin_now")) } } }
                tbody { @for (place, (record, state)) in view.conflict.records.iter().zip(states).enumerate() {
                    @let state = state.open(purpose);
                    tr {
                        td { b { (letter(place)) } }
                        td.mono.nowrap { (pin(visit, record.pin)) }
                        td { @match visit.person_url(record.person) {
                            Some(url) => a href=(url) { @match state.name() { Some(known) => (name(known)), None => "–" } },
                            None => { @match state.name() { Some(known) => (name(known)), None => "–" } },
                        } }
                        td.nowrap { @if let Some((_, born, _)) = &state.recorded { (visit.day(*born)) } }
                        td.mono.nowrap { @match state.pin() { Some(claim) => (pin(visit, claim.pin)), None => (tag(Tone::Warn, &visit.t("conflict.no_pin"))) } }
                    }
                } }
            } }
        },
    )
}

pub(crate) fn answer_tone(state: AnswerState) -> Tone {
    match state {
        AnswerState::Applied | AnswerState::Repeated => Tone::Ok,
        AnswerState::Referred => Tone::Wait,
        AnswerState::CannotSay | AnswerState::Late | AnswerState::ChangedSince => Tone::Warn,
        AnswerState::Contradicts | AnswerState::UnknownCase | AnswerState::NotInLot => Tone::Stop,
    }
}

fn answers(visit: &Visit<'_>, view: &ConflictView) -> Markup {
    panel(
        &visit.t("conflict.answers"),
        html! {},
        html! {
            @if view.sent.is_empty() { (empty(&visit.t("conflict.not_sent"), html! { a href="/conflicts" { (visit.t("conflict.export")) } })) } @else {
                ol.timeline {
                    @for sent in &view.sent { li { b { (visit.f("conflict.sent", &[("n", &sent.lot.to_string())])) } " " span.muted { (visit.f("conflict.due", &[("d", &visit.day(sent.due))])) } } }
                    @for answer in &view.answers {
                        @let said = desk_sentences().answer.get(answer.state.code());
                        li {
                            span.small.muted { (visit.moment(answer.received_at)) } " " (tag(answer_tone(answer.state), &visit.short(said))) br;
                            span.mono { (masked(visit, &answer.words)) } @if !answer.act.is_empty() { " · " (visit.f("conflict.act", &[("a", &answer.act)])) " " (visit.day_if(answer.act_day)) }
                            @if let Some(said) = said { br; span.small { (said.sentence.get(visit.language)) " " b { (said.next.get(visit.language)) } } }
                        }
                    }
                }
            }
        },
    )
}

/// The words of an answer; new PINs are left out for roles that may not see numbers.
fn masked(visit: &Visit<'_>, words: &str) -> String {
    if visit.may(Right::SeeNumbers) {
        return words.to_owned();
    }
    let heads = words
        .split(' ')
        .map(|word| word.split(':').next().unwrap_or(""));
    heads.collect::<Vec<_>>().join(" ")
}

fn told(visit: &Visit<'_>, view: &ConflictView, notices: &[Notice]) -> Markup {
    let title = visit.t("conflict.notices");
    panel(
        &title,
        html! { a href={ "/conflict/" (view.conflict.case) "/notices" } { (visit.t("conflict.print_notices")) } },
        html! {
            @if notices.is_empty() { (empty(&visit.t("conflict.nobody_told"), html! {})) } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th scope="col" { (visit.t("conflict.record")) } th scope="col" { (visit.t("conflict.what")) } th scope="col" { (visit.t("conflict.handed")) } } }
                    tbody { @for notice in notices {
                        @let place = view.conflict.records.iter().position(|r| r.person == notice.person);
                        tr {
                            td { (place.map_or_else(|| "–".to_owned(), letter)) }
                            td { (visit.short(desk_sentences().notice.get(notice.kind.code()))) }
                            td { @match &notice.handed { Some((at, who)) => { (visit.moment(*at)) " · " (who) }, None => (tag(Tone::Warn, &visit.t("conflict.not_handed"))) } }
                        }
                    } }
                }
            }
        },
    )
}

fn acceptance(visit: &Visit<'_>, view: &ConflictView, wrong: Option<&str>) -> Markup {
    panel(
        &visit.t("conflict.accept"),
        html! { (visit.f("conflict.signed_of", &[("n", &view.sign_offs.len().to_string())])) },
        html! {
            div.body.stack {
                p.small { (visit.t("conflict.accept_text")) }
                @for one in &view.sign_offs { p { b { (one.officer) } " · " (visit.moment(one.signed_at)) " · " (one.reason) } }
                @if view.state != ConflictState::Settled && visit.may(Right::OverseeCases) {
                    form.stack method="post" action={ "/conflict/" (view.conflict.case) "/sign" } {
                        div class={ "field" @if wrong.is_some() { " err" } } {
                            label for="why" { (visit.t("conflict.reason")) }
                            @if let Some(said) = wrong { p.msg { (said) } }
                            textarea.input id="why" name="why" rows="2" maxlength="400" required {}
                        }
                        button.btn.sec type="submit" { (visit.t("conflict.accept_do")) }
                    }
                }
            }
        },
    )
}

/// The notices of a case, one sheet a person, in the three languages.
pub(crate) fn notices(visit: &Visit<'_>, view: &ConflictView, told: &[PersonNotice]) -> Markup {
    let id = short_id(view.conflict.case);
    let title = visit.f("conflict.notices_of", &[("id", &id)]);
    let crumbs = html! { a href="/conflicts" { (visit.t("nav.conflicts")) } " · " a href={ "/conflict/" (view.conflict.case) } { (id) } };
    let purpose = Purpose::Reconcile;
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if told.is_empty() { div.mt { (panel(&title, html! {}, empty(&visit.t("conflict.nobody_told"), html! {}))) } }
        @for one in told {
            @let state = one.state.open(purpose);
            @let said = desk_sentences().notice.get(one.notice.kind.code());
            section.panel.notice-sheet.mt {
                header { h2 { @match state.name() { Some(known) => (name(known)), None => "–" } } span.small.muted { (visit.f("conflict.notice_no", &[("n", &one.notice.notice.to_string())])) " · " (visit.moment(one.notice.written_at)) } }
                div.body.stack {
                    p.muted { (one.address.open(purpose)) }
                    @if let Some(said) = said { @for language in Language::ALL { p lang=(language.tag()) { b { (said.sentence.get(language)) } " " (said.next.get(language)) } } }
                }
            }
        }
    };
    shell(visit, Section::Conflicts, &title, body)
}

/// The agency's answers taken back: the file, what came of it, and which lots are still out.
pub(crate) fn answers_page(
    visit: &Visit<'_>,
    views: &[ConflictView],
    lots: &[ConflictLot],
    taken: Option<&Taken>,
    wrong: Option<&str>,
) -> Markup {
    let name = visit.t("conflict.answers_of_agency");
    let title = match wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { a href="/conflicts" { (visit.t("nav.conflicts")) } };
    let out = visit.t("conflict.lots_out");
    let also = html! { button.btn.sec type="submit" formaction="/conflicts/answers?late=1" { (visit.t("conflict.take_late")) } };
    // A case stands in the row of the lot that it was sent with last.
    let of = |lot: &ConflictLot, state: ConflictState| {
        let is_it = |view: &&ConflictView| {
            view.state == state && view.sent.last().is_some_and(|sent| sent.lot == lot.lot)
        };
        views.iter().filter(is_it).count() as u64
    };
    let states = [
        ConflictState::Waiting,
        ConflictState::Overdue,
        ConflictState::Unusable,
        ConflictState::Referred,
        ConflictState::Settled,
    ];
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (in_force(visit)) (print_button(visit)) }))
        p.muted { (visit.t("conflict.answers_lead")) }
        @if let Some(taken) = taken { (report(visit, taken)) }
        div.cols.wide.mt {
            (panel(&out, html! { (number(lots.len() as u64)) }, html! {
                @if lots.is_empty() { (empty(&visit.t("conflict.no_lots"), html! { a href="/conflicts" { (visit.t("conflict.export")) } })) } @else {
                    div.scroll-x tabindex="0" role="region" aria-label=(out) { table.t.dense {
                        caption.vh { (out) }
                        thead { tr { th.num scope="col" { (visit.t("conflict.lot")) } th scope="col" { (visit.t("conflict.due_day")) } th.num scope="col" { (visit.t("conflict.cases")) }
                            @for state in states { th.num scope="col" { (visit.t(&format!("conflict_state.{}", state.code()))) } } } }
                        tbody { @for lot in lots { tr {
                            td.num { a href={ "/conflicts/lot/" (lot.lot) } { (lot.lot) } } td.nowrap { (visit.day(lot.due)) } td.num { (number(lot.cases)) }
                            @for state in states { td.num { (number(of(lot, state))) } }
                        } } }
                    } }
                }
            }))
            (form(visit, "/conflicts/answers", &visit.t("conflict.file_hint"), wrong, &also))
        }
    };
    shell(visit, Section::Conflicts, &title, body)
}
