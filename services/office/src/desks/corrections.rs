//! The desk of corrections that wait for a person: one is opened, and becomes a claim, is refused, or goes to the registrar.

use lexicon::ClaimOutcome;
use lexicon::handover::correction::CorrectionText;
use store::Decided;

use crate::pages::corrections::{self as page, Shown, Wrong};
use crate::pages::person::Opened;
use crate::rehearsal::Terms;
use crate::rehearsal::waiting::{self, REFUSALS, Waiting, suggested};
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most characters of a value.
const VALUE_CHARS: usize = 120;

fn terms<'a>(visit: &Visit<'a>) -> Terms<'a> {
    let office = visit.office;
    Terms {
        law: &office.law,
        verifier: office.config.publishers.ring.as_ref(),
        publishers: &office.config.publishers.required,
        key: office.config.corrections_key.as_deref(),
    }
}

fn find(visit: &Visit<'_>) -> Result<Waiting, Problem> {
    let id = visit.part("correction")?;
    let found = visit
        .office
        .store
        .read("correction", |tx| waiting::find(tx, id))?;
    found.ok_or(Problem::NotFound)
}

/// Opens what was said, for somebody who may decide about it; the look was recorded by [`shown`].
fn said(visit: &Visit<'_>, waiting: &Waiting) -> Option<CorrectionText> {
    let may = !waiting.is_with_registrar() || visit.may(Right::OverseeCases);
    if !waiting.waits() || !may {
        return None;
    }
    let key = visit.office.config.corrections_key.as_deref()?;
    waiting.correction.open(key).ok()
}

fn shown(visit: &Visit<'_>, wrong: Option<Wrong>) -> Answered {
    let waiting = find(visit)?;
    visit.within_budget()?;
    let office = visit.office;
    let said = said(visit, &waiting);
    let mut person = None;
    if let Some(said) = &said {
        office
            .store
            .record_look(visit.look(), "rehearsal_correction")?;
        if let Some(subject) = waiting::subject(&office.store, terms(visit), &waiting, said)? {
            person = office.store.open_person(visit.look(), subject)?;
        }
    }
    let opened = person.as_ref().map(|page| Opened::of(visit, page));
    let right = said.as_ref().map_or("", |said| said.right.as_str());
    let typed = |name: &str, or: &str| match visit.form.get(name) {
        Some(typed) => typed.chars().take(VALUE_CHARS).collect(),
        None => or.to_owned(),
    };
    let is_wrong = wrong.is_some();
    let page = page::page(
        visit,
        &Shown {
            waiting: &waiting,
            said: said.as_ref(),
            person: opened.as_ref(),
            wish: typed("wish", suggested(waiting.correction.kind)),
            value: typed("value", right),
            wrong,
            has_key: office.config.corrections_key.is_some(),
        },
    );
    Ok(Answer::page(page, is_wrong))
}

pub(crate) fn open(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

pub(crate) fn decide(visit: &Visit<'_>) -> Answered {
    let waiting = find(visit)?;
    let office = visit.office;
    let url = format!("/rehearsal/correction/{}", waiting.row.id);
    if !waiting.waits() {
        return Ok(Answer::Go(url));
    }
    if waiting.is_with_registrar() && !visit.may(Right::OverseeCases) {
        return Err(Problem::Denied(Right::OverseeCases));
    }
    match visit.field("do") {
        "claim" => {
            visit.within_budget()?;
            office
                .store
                .record_look(visit.look(), "rehearsal_correction")?;
            let Some(said) = said(visit, &waiting) else {
                return shown(visit, None);
            };
            let value: String = visit
                .field("value")
                .trim()
                .chars()
                .take(VALUE_CHARS)
                .collect();
            let wanted = (visit.field("wish"), value.as_str());
            let look = visit.look();
            let filed = waiting::file(&office.store, terms(visit), look, &waiting, &said, wanted)?;
            if let Err(outcome) = filed {
                return shown(visit, Some(Wrong::Claim(outcome)));
            }
        }
        "refuse" => {
            let reason = ClaimOutcome::from_code(visit.field("reason"));
            let Some(reason) = reason.filter(|reason| REFUSALS.contains(reason)) else {
                return shown(visit, Some(Wrong::NoReason));
            };
            let decided = Decided::Refused(reason.code().to_owned());
            waiting::decide(&office.store, &visit.staff, &waiting, &decided)?;
        }
        "registrar" => {
            waiting::decide(&office.store, &visit.staff, &waiting, &Decided::Registrar)?;
        }
        _ => return Err(Problem::Unreadable),
    }
    Ok(Answer::Go(url))
}
