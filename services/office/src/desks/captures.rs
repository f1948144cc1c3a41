//! Captures of the day: what came in, the consent of two people to compare them, what was found.

use lexicon::handover::capture::CapturePairs;
use lexicon::handover::envelope::{DocumentType, Subject, decode, hex, peek1, sha256};
use store::{CapturesAct, CapturesStep, StoreError};

use crate::captures::{Opening, standing};
use crate::pages::captures::{self as page, Found, Shown, Wrong};
use crate::pictures::REASONS;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most characters of the number of a decision.
const BASIS_CHARS: usize = 60;

fn shown(visit: &Visit<'_>, wrong: Option<Wrong>) -> Answered {
    let office = visit.office;
    let of = visit.role.institution().ok_or(Problem::NotFound)?;
    let (rows, steps, found) = office.store.read("captures", |tx| {
        let rows = tx.all_captures()?;
        Ok::<_, StoreError>((rows, tx.captures_steps()?, tx.captures_found()?))
    })?;
    let election = office.config.law.election.number;
    let found: Vec<Found> = found
        .iter()
        .filter_map(|row| {
            let subject = Subject {
                kind: DocumentType::CapturePairs,
                election,
            };
            // The office's own packet, as it signed it.
            let (_, payload) = peek1(subject, &row.bytes).ok()?;
            let packet: CapturePairs = decode(&payload).ok()?;
            Some(Found {
                at: row.at,
                sha256: hex(&sha256(&row.bytes)),
                packet,
            })
        })
        .collect();
    let page = page::overview(
        visit,
        &Shown {
            rows: &rows,
            steps: &steps,
            found: &found,
            standing: standing(&steps, &visit.staff, of, office.now()),
            is_lawful: office.config.law.station.captures.is_some(),
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn open(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let office = visit.office;
    let of = visit.role.institution().ok_or(Problem::NotFound)?;
    if office.config.law.station.captures.is_none() {
        return shown(visit, None);
    }
    let now = office.now();
    let basis: String = visit
        .field("basis")
        .trim()
        .chars()
        .take(BASIS_CHARS)
        .collect();
    let reason = visit.field("reason");
    let wish = visit.field("do");
    if !["ask", "allow"].contains(&wish) {
        return Err(Problem::Unreadable);
    }
    if wish == "ask" && !REASONS.contains(&reason) {
        return shown(visit, Some(Wrong::Reason));
    }
    if wish == "ask" && basis.is_empty() {
        return shown(visit, Some(Wrong::Basis));
    }
    // What stands is read and written in one transaction: two people who press at once are two steps.
    office.store.transact("captures_step", &visit.staff, |tx| {
        let steps = tx.captures_steps()?;
        let step = |act, reason: &str, basis: &str| CapturesStep {
            act,
            reason: reason.to_owned(),
            basis: basis.to_owned(),
            staff: visit.staff.clone(),
            at: now,
        };
        let step = match (wish, standing(&steps, &visit.staff, of, now)) {
            ("ask", Opening::Closed) => step(CapturesAct::Asked(of), reason, &basis),
            ("allow", Opening::Asked) => {
                let asked = steps.last().map(|asked| (&*asked.reason, &*asked.basis));
                let (reason, basis) = asked.unwrap_or_default();
                step(CapturesAct::Allowed(of), reason, basis)
            }
            // It stands otherwise than on the page that was answered: the page is shown anew.
            _ => return Ok(()),
        };
        tx.record_captures_step(&step).map(|_| ())
    })?;
    Ok(Answer::Go("/day/captures".to_owned()))
}
