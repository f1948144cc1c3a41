//! The person page: who, by which records, what happened, where on the list, who looked.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::AddressRow;
use lexicon::{CivilName, Date};
use maud::{Markup, html};
use register::act::Document;
use register::{DocumentStatus, PersonState};
use screen::components::{Tone, note, tag};
use store::{ListPlace, PersonPage};

use super::claims::outcome_tag;
use super::parts::{address, document, empty, name, name_text, photo, pin, standing};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::place::last_place;
use crate::role::Right;
use crate::stood::{Stand, Stood};
use crate::visit::Visit;

mod timeline;

/// A person's records, opened for this visit.
pub(crate) struct Opened<'a> {
    pub page: &'a PersonPage,
    pub state: &'a PersonState,
    pub addresses: &'a BTreeMap<String, AddressRow>,
}

impl<'a> Opened<'a> {
    pub fn of(visit: &Visit<'_>, page: &'a PersonPage) -> Self {
        let purpose = visit.look().purpose;
        Self {
            page,
            state: page.state.open(purpose),
            addresses: page.addresses.open(purpose),
        }
    }

    pub fn title(&self) -> String {
        self.state.name().map(name_text).unwrap_or_default()
    }

    pub fn url(&self) -> String {
        format!("/person/{}", self.page.person)
    }

    /// An address by its id, as printed; the id when the register has no such address.
    pub fn address(&self, id: &str) -> String {
        self.addresses
            .get(id)
            .map_or_else(|| id.to_owned(), address)
    }
}

pub(crate) fn page(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = person.title();
    let body = html! {
        (heading(
            html! { a href="/search" { (visit.t("nav.search")) } " · " (visit.t("person.crumb")) },
            html! { @if let Some(found) = person.state.name() { (name(found)) } },
            html! { (in_force(visit)) @if visit.may(Right::FileClaims) { a.btn.sec href={ (person.url()) "/claim" } { (visit.t("filing.link")) } a.btn.sec href={ (person.url()) "/home-voting" } { (visit.t("home_voting.link")) } } (print_button(visit)) },
        ))
        div.mt { (verdict(visit, person)) }
        div.person {
            div.stack {
                (card(visit, person))
                (names(visit, person))
                (documents(visit, person))
                (residences(visit, person))
                (enrolments(visit, person))
                (events(visit, person))
            }
            div.stack {
                @if let Some(stood) = Stood::latest(person.page) { (super::after::of_person(visit, person, &stood)) }
                (history(visit, person))
                (cases(visit, person))
                (claims(visit, person))
                (timeline::panel(visit, person))
                (reads(visit, person))
            }
        }
    };
    shell(visit, Section::Search, &title, body)
}

/// On the list or not, in one sentence, with the way to the whole chain.
fn verdict(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let more = html! { " " a href={ (person.url()) "/why" } { (visit.t("why.link")) } };
    let Some(stood) = Stood::latest(person.page) else {
        return note(Tone::Wait, html! { p { (visit.t("why.no_release")) } });
    };
    let tone = match stood.stand() {
        Some(Stand::Release(ListPlace::Listed { .. }) | Stand::Line { .. }) => Tone::Ok,
        Some(Stand::Release(ListPlace::Excluded(_)) | Stand::Struck(_)) | None => Tone::Stop,
    };
    let said = super::why::stood_said(visit, visit.language, &stood);
    note(tone, html! { p { (said) (more) } })
}

fn card(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let purpose = visit.look().purpose;
    let image = person
        .page
        .photo
        .as_ref()
        .map(|photo| photo.open(purpose).as_slice());
    let state = person.state;
    let valid = state
        .documents
        .iter()
        .filter(|d| d.status == DocumentStatus::Valid)
        .max_by_key(|d| d.issued);
    let home = state
        .residences
        .iter()
        .filter(|r| r.until.is_none())
        .max_by_key(|r| r.from);
    html! {
        section.panel.pcard {
            (photo(visit, image, "ph"))
            div {
                p { (standing(visit, person.page.standing.as_ref()))
                    @if person.page.pin_conflict { " " (tag(Tone::Stop, &visit.t("person.pin_conflict"))) } }
                dl.kv.mt {
                    dt { (visit.t("person.pin")) }
                    dd.nowrap { @match state.pin() { Some(claim) => (pin(visit, claim.pin)), None => span.muted { (visit.t("person.no_pin")) } } }
                    @if let Some((sex, born, citizenship)) = &state.recorded {
                        dt { (visit.t("person.born")) } dd { (born_with_age(visit, *born)) }
                        dt { (visit.t("person.sex")) } dd { (visit.t(&format!("sex.{}", sex.letter()))) }
                        dt { (visit.t("person.citizenship")) } dd { (citizenship) }
                    }
                    dt { (visit.t("person.document")) }
                    dd { @match valid { Some(found) => (document(visit, &found.number)), None => span.muted { (visit.t("person.none")) } } }
                    dt { (visit.t("person.address")) }
                    dd { @match home { Some(found) => (person.address(&found.address)), None => span.muted { (visit.t("person.none")) } } }
                }
                @if !visit.may(Right::SeeNumbers) { p.small.muted.mt { (visit.t("person.masked")) } }
            }
        }
    }
}

/// Birth date, and full years on election day.
pub(crate) fn born_with_age(visit: &Visit<'_>, born: Date) -> String {
    let years = roll::statistics::age_on(born, visit.office.law.election.day);
    let count = u64::try_from(years).unwrap_or(0);
    format!("{} · {}", visit.day(born), visit.n("person.years", count))
}

fn names(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let names: &[(Option<Date>, CivilName)] = &person.state.names;
    if names.len() < 2 && person.state.pins.len() < 2 {
        return html! {};
    }
    panel(
        &visit.t("person.names"),
        html! {},
        html! {
            table.t.dense {
                caption.vh { (visit.t("person.names")) }
                tbody {
                    @for (from, known) in names.iter().rev() {
                        tr { td { (name(known)) } td { @match from { Some(day) => (visit.f("person.from", &[("d", &visit.day(*day))])), None => (visit.t("person.from_birth")) } } }
                    }
                    @for claim in person.state.pins.iter().rev() {
                        tr {
                            td.nowrap { (visit.t("person.pin")) " " b { (pin(visit, claim.pin)) } }
                            td { (visit.f("person.source", &[("s", &claim.source)])) " " (visit.day_if(claim.until)) }
                        }
                    }
                }
            }
        },
    )
}

fn documents(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("person.documents");
    let mut rows: Vec<&Document> = person.state.documents.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.issued));
    if rows.is_empty() {
        return panel(
            &title,
            html! {},
            empty(&visit.t("person.no_documents"), html! {}),
        );
    }
    let today = visit.date(visit.office.now());
    let state = |row: &Document| match row.status {
        DocumentStatus::Valid if row.expires.is_some_and(|last| last < today) => {
            tag(Tone::Warn, &visit.t("document.expired"))
        }
        DocumentStatus::Valid => tag(Tone::Ok, &visit.t("document.valid")),
        DocumentStatus::Invalid => tag(Tone::Stop, &visit.t("document.invalid")),
        DocumentStatus::Lost => tag(Tone::Stop, &visit.t("document.lost")),
        DocumentStatus::Stolen => tag(Tone::Stop, &visit.t("document.stolen")),
        DocumentStatus::Exchanged => tag(Tone::Stop, &visit.t("document.exchanged")),
        DocumentStatus::Expired => tag(Tone::Warn, &visit.t("document.expired")),
        DocumentStatus::Withdrawn => tag(Tone::Stop, &visit.t("document.withdrawn")),
    };
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("document.number")) } th scope="col" { (visit.t("document.issued")) } th scope="col" { (visit.t("document.expires")) } th scope="col" { (visit.t("document.state")) } } }
                tbody { @for row in rows {
                    tr { td { b { (document(visit, &row.number)) } } td { (visit.day(row.issued)) } td { (visit.day_if(row.expires)) } td { (state(row)) } }
                } }
            }
        },
    )
}

fn residences(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("person.residences");
    let mut rows: Vec<_> = person.state.residences.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.from));
    if rows.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("person.no_residences"),
                html! { (visit.t("person.no_residences_next")) },
            ),
        );
    }
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("residence.address")) } th scope="col" { (visit.t("residence.kind")) } th scope="col" { (visit.t("residence.from")) } th scope="col" { (visit.t("residence.until")) } } }
                tbody { @for row in rows {
                    tr { td { @if row.until.is_none() { b { (person.address(&row.address)) } } @else { (person.address(&row.address)) } }
                        td { (visit.t(&format!("residence.{}", row.kind.code()))) } td { (visit.day(row.from)) } td { (visit.day_if(row.until)) } }
                } }
            }
        },
    )
}

fn enrolments(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("person.enrolments");
    let rows = &person.state.enrolments;
    if rows.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("person.no_enrolments"),
                html! { (visit.t("person.no_enrolments_next")) },
            ),
        );
    }
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("enrolment.captured")) } th scope="col" { (visit.t("enrolment.region")) } th scope="col" { (visit.t("enrolment.kit")) } th scope="col" { (visit.t("enrolment.operator")) } th scope="col" { (visit.t("enrolment.processed")) } } }
                tbody { @for row in rows {
                    tr { td { (visit.day(row.captured)) } td { (visit.t(&format!("region.{}", row.region.code()))) } td { (row.kit) } td { (row.operator) }
                        td { @match row.processed { Some(day) => (tag(Tone::Ok, &visit.day(day))), None => (tag(Tone::Warn, &visit.t("enrolment.waiting"))) } } }
                } }
            }
        },
    )
}

fn events(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let rows = &person.state.events;
    if rows.is_empty() {
        return html! {};
    }
    let title = visit.t("person.events");
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("event.kind")) } th scope="col" { (visit.t("event.day")) } th scope="col" { (visit.t("event.act")) } } }
                tbody { @for row in rows {
                    tr { td { (visit.t(&format!("event.{}", row.kind.code()))) @if let Some(new) = &row.name { ": " (name(new)) } }
                        td { (visit.day(row.day)) } td { (row.act_number) } }
                } }
            }
        },
    )
}

fn cases(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let rows = &person.state.cases;
    if rows.is_empty() {
        return html! {};
    }
    let title = visit.t("person.cases");
    let state = |answer: Option<register::Outcome>| match answer {
        None => tag(Tone::Warn, &visit.t("case.open")),
        Some(outcome) => tag(Tone::Ok, &visit.t(&format!("outcome.{}", outcome.code()))),
    };
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody { @for row in rows {
                    tr {
                        td { (visit.t(&format!("case_kind.{}", row.kind.code())))
                            @if visit.may(Right::OverseeCases) { " · " a href={ "/case/" (row.case) "/verdict" } { (visit.t("case.number")) } } }
                        td { (state(row.answer.map(|(_, outcome)| outcome))) }
                        td { @if let Some(url) = visit.person_url(row.other) { a href=(url) { (visit.t("case.other_record")) } } }
                    }
                } }
            }
        },
    )
}

fn claims(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let rows = person.page.claims.open(visit.look().purpose);
    let title = visit.t("person.claims");
    if rows.is_empty() {
        return panel(
            &title,
            html! {},
            empty(&visit.t("person.no_claims"), html! {}),
        );
    }
    let outcome = |claim: &str| person.page.outcomes.iter().find(|o| o.claim == claim);
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("claim.filed")) } th scope="col" { (visit.t("claim.what")) } th scope="col" { (visit.t("claim.outcome")) } } }
                tbody { @for row in rows {
                    tr {
                        td { a href={ "/claim/" (row.claim) } { (visit.moment(row.filed)) } }
                        td { (super::claims::what(visit, row)) }
                        td { (outcome_tag(visit, outcome(&row.claim).map(|o| o.outcome))) }
                    }
                } }
            }
        },
    )
}

/// The person in every release.
/// The rows of who it is: name and PIN, as the register has them.
pub(super) fn who_rows(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    html! {
        dt { (visit.t("filing.person")) } dd { @if let Some(known) = person.state.name() { (name(known)) } }
        dt { (visit.t("filing.pin")) } dd.mono { @match person.state.pin() { Some(claim) => (pin(visit, claim.pin)), None => "–" } }
    }
}

/// The row of where the person stands on the last list.
pub(super) fn place_row(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    html! {
        dt { (visit.t("filing.precinct")) } dd { @match last_place(person.page) {
            (Some(precinct), _) => b { (precinct) },
            (None, Some(reason)) => (tag(Tone::Warn, &visit.short(visit.exclusion(reason)))),
            (None, None) => (visit.t("filing.no_list")),
        } }
    }
}

/// The panel of how the person stands now, with what they asked before.
pub(super) fn as_it_stands(visit: &Visit<'_>, person: &Opened<'_>, asked: Markup) -> Markup {
    panel(
        &visit.t("filing.now"),
        html! {},
        html! { div.body.stack {
            dl.kv { (who_rows(visit, person)) (place_row(visit, person)) }
            (asked)
        } },
    )
}

pub(crate) fn history(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("why.history");
    if person.page.decisions.is_empty() {
        return html! {};
    }
    panel(
        &title,
        html! {},
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody { @for (release, decision) in person.page.decisions.iter().rev() {
                    @let number = release.to_string();
                    @let is_changed = person.page.deltas.iter().any(|change| change.release == *release);
                    tr {
                        td { a href={ (person.url()) "/why?release=" (number) @if is_changed { "&after=0" } } { (visit.f("list.name", &[("n", &number)])) } }
                        td { @match decision.place {
                            ListPlace::Listed { precinct, line, page } => (visit.f("why.place", &[("p", &precinct.to_string()), ("line", &line.to_string()), ("page", &page.to_string())])),
                            ListPlace::Excluded(reason) => { (visit.t("why.no")) " " (visit.short(visit.exclusion(reason))) },
                        } }
                    }
                } }
            }
        },
    )
}

/// Who looked at the person.
pub(crate) fn reads(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("reads.title");
    let rows = &person.page.reads;
    if rows.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("reads.none"),
                html! { (visit.t("reads.none_next")) },
            ),
        );
    }
    let what = |detail: &str| {
        let (what, reason) = detail.split_once('/').unwrap_or((detail, ""));
        let key = format!("reads.{}", what.replace(' ', "_"));
        let shown = if super::texts().has(&key) {
            visit.t(&key)
        } else {
            what.to_owned()
        };
        let reason = crate::reason::Reason::from_code(reason)
            .map(|reason| visit.t(&format!("reason.{}", reason.code())));
        html! { (shown) @if let Some(reason) = reason { " · " (reason) } }
    };
    panel(
        &title,
        html! { (visit.t("reads.aside")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("reads.when")) } th scope="col" { (visit.t("reads.who")) } th scope="col" { (visit.t("reads.what")) } } }
                tbody { @for row in rows { tr { td { (visit.moment(row.at)) } td { (row.staff) } td { (what(&row.detail)) } } } }
            }
        },
    )
}
