//! PIN conflicts: where they stand, one case with its records, notices, acceptance by two, lots for the agency.

use lexicon::{Date, Purpose};
use register::CaseId;
use register::conflict::ConflictKind;
use store::StoreError;
use store::conflicts::{
    AnswerReport, AnswerTerms, ConflictCounts, ConflictError, ConflictState, ConflictView,
};

use crate::pages::conflicts::{self, List};
use crate::pages::lot_report::{Taken, wrong_file, wrong_lot};
use crate::pages::parts::{PAGE_ROWS, Pager};
use crate::reason::Reason;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Fewest characters of a reason.
const REASON_MIN: usize = 10;

fn today(visit: &Visit<'_>) -> Date {
    visit.date(visit.office.now())
}

/// What the address asks for: kind and state.
fn filter(visit: &Visit<'_>) -> Result<(Option<ConflictKind>, Option<ConflictState>), Problem> {
    let kind = visit
        .asked("kind")
        .map(|code| ConflictKind::from_code(code).ok_or(Problem::Unreadable))
        .transpose()?;
    let state = visit
        .asked("state")
        .map(|code| ConflictState::from_code(code).ok_or(Problem::Unreadable))
        .transpose()?;
    Ok((kind, state))
}

pub(crate) fn list(visit: &Visit<'_>) -> Answered {
    shown(visit, None).map(Answer::Page)
}

/// The page, with what to correct in the form for a lot.
fn shown(visit: &Visit<'_>, wrong: Option<(&str, String)>) -> Result<maud::Markup, Problem> {
    let (kind, state) = filter(visit)?;
    let after: Option<CaseId> = visit.asked_as("after")?;
    let today = today(visit);
    let (counts, views, lots) = visit.office.store.read("conflicts", |tx| {
        let views = tx.conflict_views(today)?;
        let counts = ConflictCounts::of_views(&views);
        Ok::<_, StoreError>((counts, views, tx.conflict_lots()?))
    })?;
    let wanted = |view: &ConflictView| {
        kind.is_none_or(|k| k == view.conflict.kind)
            && state.is_none_or(|s| s == view.state)
            && after.is_none_or(|id| view.conflict.case.to_string() > id.to_string())
    };
    let mut rows: Vec<ConflictView> = views.into_iter().filter(wanted).collect();
    let is_more = rows.len() > PAGE_ROWS as usize;
    rows.truncate(PAGE_ROWS as usize);
    let kept: Vec<String> = ["kind", "state"]
        .into_iter()
        .filter_map(|name| visit.asked(name).map(|value| format!("{name}={value}")))
        .collect();
    let base = format!("/conflicts?{}", kept.join("&"));
    let next = rows
        .last()
        .filter(|_| is_more)
        .map(|row| format!("{base}&after={}", row.conflict.case));
    Ok(conflicts::list(
        visit,
        &List {
            counts: &counts,
            kind,
            state,
            pager: Pager {
                first: after.is_some().then(|| base.clone()),
                next,
                shown: visit.n("pager.rows", rows.len() as u64),
            },
            rows: &rows,
            lots: &lots,
            wrong: wrong.as_ref().map(|(field, said)| (*field, said.as_str())),
            due: visit.field("due"),
        },
    ))
}

fn view(visit: &Visit<'_>) -> Result<ConflictView, Problem> {
    let case: CaseId = visit.parsed("conflict")?;
    let today = today(visit);
    visit
        .office
        .store
        .read("conflict", |tx| tx.conflict_view(case, today))?
        .ok_or(Problem::NotFound)
}

/// The page of one conflict; `wrong` says what to correct in the acceptance.
fn one(visit: &Visit<'_>, wrong: Option<&str>) -> Result<maud::Markup, Problem> {
    visit.within_budget()?;
    let view = view(visit)?;
    let store = &visit.office.store;
    let states = store.open_conflict_records(visit.look(), &view.conflict.records)?;
    let case = view.conflict.case;
    let notices = store.read("notices", |tx| tx.notices(Some(case)))?;
    Ok(conflicts::one(visit, &view, &states, &notices, wrong))
}

pub(crate) fn card(visit: &Visit<'_>) -> Answered {
    one(visit, None).map(Answer::Page)
}

pub(crate) fn notices(visit: &Visit<'_>) -> Answered {
    visit.within_budget()?;
    let view = view(visit)?;
    let case = Some(view.conflict.case);
    let told = visit.office.store.open_notices(visit.look(), case, false)?;
    Ok(Answer::Page(conflicts::notices(visit, &view, &told)))
}

pub(crate) fn sign(visit: &Visit<'_>) -> Answered {
    let case: CaseId = visit.parsed("conflict")?;
    let reason = visit.field("why").trim();
    if reason.chars().count() < REASON_MIN {
        let said = visit.t("conflict.reason_short");
        return one(visit, Some(&said)).map(Answer::Correct);
    }
    let signed = visit
        .office
        .store
        .sign_off_conflict(&visit.staff, case, reason, today(visit));
    let said = match signed {
        Ok(_) => return Ok(Answer::Go(format!("/conflict/{case}"))),
        Err(ConflictError::NoCase) => return Err(Problem::NotFound),
        Err(ConflictError::Store(error)) => return Err(error.into()),
        Err(ConflictError::Settled) => visit.t("conflict.is_settled"),
        Err(ConflictError::SignedAlready) => visit.t("conflict.signed_already"),
        Err(ConflictError::File(_)) => return Err(Problem::Unreadable),
    };
    one(visit, Some(&said)).map(Answer::Correct)
}

/// Makes a lot and sends its file.
pub(crate) fn export(visit: &Visit<'_>) -> Answered {
    let today = today(visit);
    let correct = |field, key: &str| shown(visit, Some((field, visit.t(key)))).map(Answer::Correct);
    let Some(reason) = Reason::from_code(visit.field("why"))
        .filter(|reason| Reason::of_role(visit.role).contains(reason))
    else {
        return correct("why", "export.needs_reason");
    };
    let due = roll::claim::parse_date(visit.field("due")).filter(|due| *due >= today);
    let Some(due) = due else {
        return correct("due", "conflict.due_wrong");
    };
    let look = store::Look {
        staff: &visit.staff,
        purpose: Purpose::Reconcile,
        reason: reason.code(),
    };
    let Some(made) = visit.office.store.make_conflict_lot(look, due, today)? else {
        return correct("due", "conflict.nothing");
    };
    Ok(file(
        made.lot.lot,
        made.file.open(Purpose::Reconcile).clone(),
    ))
}

/// The file of an earlier lot once more, byte for byte.
pub(crate) fn lot(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("lot")?;
    let found = visit.office.store.open_conflict_lot(visit.look(), number)?;
    let found = found.ok_or(Problem::NotFound)?;
    Ok(file(number, found.open(Purpose::Reconcile).clone()))
}

fn file(lot: u32, bytes: Vec<u8>) -> Answer {
    let mut once = Some(bytes);
    Answer::Table {
        name: format!("conflicts-lot-{lot:04}.csv"),
        next: Box::new(move || Ok(once.take())),
    }
}

/// Largest file that the page takes back.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// The page where the agency's answers are taken back: what came of a file, or why it was not taken.
fn answers_page(visit: &Visit<'_>, taken: Option<&Taken>, wrong: Option<&str>) -> Answered {
    let today = today(visit);
    let (views, lots) = visit.office.store.read("conflict_answers", |tx| {
        Ok::<_, StoreError>((tx.conflict_views(today)?, tx.conflict_lots()?))
    })?;
    let page = conflicts::answers_page(visit, &views, &lots, taken, wrong);
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn answers(visit: &Visit<'_>) -> Answered {
    answers_page(visit, None, None)
}

fn taken(visit: &Visit<'_>, report: AnswerReport) -> Taken {
    let state = |(state, n): (&register::conflict::AnswerState, &u64)| {
        let said = crate::pages::desk_sentences().answer.get(state.code());
        (conflicts::answer_tone(*state), visit.short(said), *n)
    };
    Taken {
        states: report.cases.iter().map(state).collect(),
        blank: report.left_blank,
        known: report.known,
        rejected: report.rejected,
        file: report.file,
    }
}

/// Takes the agency's answers. `late=1`: answers that came after their day are applied as well.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return answers_page(visit, None, Some(&wrong_file(visit, wrong))),
    };
    let terms = AnswerTerms {
        today: today(visit),
        accept_late: visit.asked("late").is_some(),
    };
    let store = &visit.office.store;
    match store.take_conflict_answers(&visit.staff, &bytes, terms) {
        Ok(report) => answers_page(visit, Some(&taken(visit, report)), None),
        Err(ConflictError::File(why)) => answers_page(visit, None, Some(&wrong_lot(visit, &why))),
        Err(ConflictError::Store(error)) => Err(error.into()),
        Err(ConflictError::NoCase | ConflictError::Settled | ConflictError::SignedAlready) => {
            Err(Problem::Unreadable)
        }
    }
}
