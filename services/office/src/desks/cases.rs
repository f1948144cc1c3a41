//! Cases: the queue of an adjudicator, two records side by side, opinions; the registrar's overview.

use dedup::{OpinionError, Policy, Says, Settlement};
use lexicon::PersonId;
use register::{CaseId, CaseKind, VerdictId};
use store::{AdjudicationError, CaseView, StoreError};

use crate::pages::case::{self, Compared, Overview, Queue, Queued};
use crate::pages::parts::{PAGE_ROWS, Pager};
use crate::print_pair::pair;
use crate::role::Role;
use crate::visit::{Answer, Answered, Problem, Visit};

/// How many own opinions the queue page shows.
const OWN_SHOWN: u32 = 12;

pub(crate) fn queue(visit: &Visit<'_>) -> Answered {
    let done = visit.asked("done").map(|code| {
        visit.t(&format!(
            "case.done_{}",
            if code == "verdict" {
                "verdict"
            } else {
                "waiting"
            }
        ))
    });
    let staff = &visit.staff;
    let (rows, waiting, own) = visit.office.store.read("queue", |tx| {
        let mut rows = Vec::new();
        for queued in tx.queue_of(staff, PAGE_ROWS)? {
            if let Some(view) = tx.find_case(queued.case)? {
                rows.push(Queued {
                    case: queued,
                    kind: view.kind,
                });
            }
        }
        Ok::<_, StoreError>((
            rows,
            tx.count_queue(staff)?,
            tx.opinions_by(staff, OWN_SHOWN)?,
        ))
    })?;
    Ok(Answer::Page(case::queue(
        visit,
        &Queue {
            rows: &rows,
            waiting,
            own: &own,
            done: done.as_deref(),
        },
    )))
}

/// The words for a step of a case that was refused.
fn said(error: &AdjudicationError) -> Option<&'static str> {
    Some(match error {
        AdjudicationError::NoCase => "refused.no_case",
        AdjudicationError::NotAssigned => "refused.not_assigned",
        AdjudicationError::NotInForce => "refused.not_in_force",
        AdjudicationError::Opinion(opinion) => match opinion {
            OpinionError::NotDrawn => "refused.not_drawn",
            OpinionError::TooEarly => "refused.too_early",
            OpinionError::Twice => "refused.twice",
            OpinionError::StalePolicy => "refused.stale_policy",
            OpinionError::Misfit => "refused.misfit",
            OpinionError::Decided => "refused.decided",
        },
        AdjudicationError::Subject(_) => "refused.subject",
        AdjudicationError::Store(_) => return None,
    })
}

/// A page that tells why, or the store's own failure.
fn refusal(visit: &Visit<'_>, id: CaseId, error: AdjudicationError) -> Answered {
    if error == AdjudicationError::NoCase {
        return Err(Problem::NotFound);
    }
    match (said(&error), error) {
        (Some(key), _) => Ok(Answer::Correct(case::refused(visit, id, &visit.t(key)))),
        (None, AdjudicationError::Store(error)) => Err(error.into()),
        (None, _) => Err(Problem::Unreadable),
    }
}

pub(crate) fn compare(visit: &Visit<'_>) -> Answered {
    let id: CaseId = visit.parsed("case")?;
    let finger: Option<u8> = visit.asked_as("finger")?;
    visit.within_budget()?;
    let page = match visit.office.store.open_case(visit.look(), id) {
        Ok(page) => page,
        Err(error) => return refusal(visit, id, error),
    };
    let pairs = match &page.records[..] {
        [first, second] => pair(&first.prints, &second.prints),
        _ => Vec::new(),
    };
    let staff = &visit.staff;
    let waiting = visit
        .office
        .store
        .read("count_queue", |tx| tx.count_queue(staff))?;
    Ok(Answer::Page(case::compare(
        visit,
        &Compared {
            page: &page,
            pairs: &pairs,
            finger,
            waiting,
            policy: Policy::standard().hash(),
        },
    )))
}

pub(crate) fn opinion(visit: &Visit<'_>) -> Answered {
    let id: CaseId = visit.parsed("case")?;
    let says = match visit.field("says") {
        "same" => Says::Same,
        "distinct" => Says::Distinct,
        keeper => {
            let keeper: PersonId = keeper.parse().map_err(|_| Problem::Unreadable)?;
            Says::Keep(keeper)
        }
    };
    let seen = visit
        .field("policy")
        .parse()
        .map_err(|_| Problem::Unreadable)?;
    let policy = Policy::standard().hash();
    let settled = visit
        .office
        .store
        .give_opinion(&visit.staff, id, says, seen, policy);
    match settled {
        Ok(Settlement::Verdict(_)) => Ok(Answer::Go("/cases?done=verdict".to_owned())),
        Ok(Settlement::Waiting | Settlement::Split | Settlement::Open) => {
            Ok(Answer::Go("/cases?done=waiting".to_owned()))
        }
        Err(error) => refusal(visit, id, error),
    }
}

/// Active accounts that may be drawn for a case.
fn officers(visit: &Visit<'_>) -> Result<Vec<String>, Problem> {
    let staff = visit.office.store.read("officers", |tx| tx.all_staff())?;
    Ok(staff
        .into_iter()
        .filter(|a| a.active && Role::from_code(&a.role) == Some(Role::Adjudicator))
        .map(|a| a.staff)
        .collect())
}

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    let kind = match visit.asked("kind") {
        None => CaseKind::Duplicate,
        Some(code) => CaseKind::from_code(code).ok_or(Problem::Unreadable)?,
    };
    let after: Option<CaseId> = visit.asked_as("after")?;
    let (counts, rows) = visit.office.store.read("cases_overview", |tx| {
        let mut rows: Vec<CaseView> = Vec::new();
        for id in tx.open_cases(kind, after, PAGE_ROWS)? {
            rows.extend(tx.find_case(id)?);
        }
        Ok::<_, StoreError>((tx.case_counts()?, rows))
    })?;
    let done = match visit.asked("given") {
        Some(text) => {
            let given: u64 = text.parse().map_err(|_| Problem::Unreadable)?;
            Some(visit.n("cases.given", given))
        }
        None => visit.asked("reversed").map(|_| visit.t("reverse.done")),
    };
    let base = format!("/cases/overview?kind={}", kind.code());
    let next = rows
        .last()
        .filter(|_| rows.len() >= PAGE_ROWS as usize)
        .map(|row| format!("{base}&after={}", row.case));
    Ok(Answer::Page(case::overview(
        visit,
        &Overview {
            counts: &counts,
            kind,
            officers: officers(visit)?.len(),
            pager: Pager {
                first: after.is_some().then(|| base.clone()),
                next,
                shown: visit.n("pager.rows", rows.len() as u64),
            },
            rows: &rows,
            done: done.as_deref(),
        },
    )))
}

pub(crate) fn give_out(visit: &Visit<'_>) -> Answered {
    let officers = officers(visit)?;
    let given = visit
        .office
        .store
        .assign_cases(&visit.staff, &officers, &keys::random())?;
    Ok(Answer::Go(format!("/cases/overview?given={given}")))
}

fn view(visit: &Visit<'_>) -> Result<CaseView, Problem> {
    let id: CaseId = visit.parsed("case")?;
    visit
        .office
        .store
        .read("find_case", |tx| tx.find_case(id))?
        .ok_or(Problem::NotFound)
}

pub(crate) fn verdict(visit: &Visit<'_>) -> Answered {
    Ok(Answer::Page(case::verdict(visit, &view(visit)?, None)))
}

pub(crate) fn reverse(visit: &Visit<'_>) -> Answered {
    let view = view(visit)?;
    let why = visit.field("why").trim();
    if why.chars().count() < 10 {
        let wrong = visit.t("reverse.too_short");
        return Ok(Answer::Correct(case::verdict(visit, &view, Some(&wrong))));
    }
    let verdict: VerdictId = visit
        .field("verdict")
        .parse()
        .map_err(|_| Problem::Unreadable)?;
    match visit
        .office
        .store
        .reverse_verdict(&visit.staff, view.case, verdict, why)
    {
        Ok(()) => Ok(Answer::Go("/cases/overview?reversed=1".to_owned())),
        Err(AdjudicationError::Store(error)) => Err(error.into()),
        Err(error) => {
            let wrong = said(&error).map(|key| visit.t(key)).unwrap_or_default();
            Ok(Answer::Correct(case::verdict(visit, &view, Some(&wrong))))
        }
    }
}
