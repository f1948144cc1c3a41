//! Field verification: how far it is, lots handed out and taken back, answers that a clerk decides between.

use lexicon::{Purpose, ReconciliationClass};
use roll::field::{Merged, Progress};
use roll::reconcile::Act;
use screen::components::Tone;
use store::field::{Choice, DecideError, FieldError, FieldReport, FieldTerms};

use super::hours::as_file;
use crate::pages::field::{self, HandOut};
use crate::pages::field_answers::{self, Shown};
use crate::pages::lot_report::{Taken, wrong_file, wrong_lot};
use crate::visit::{Answer, Answered, Problem, Visit};

pub(crate) mod entries;

/// Entries of a lot unless the clerk says otherwise: a day's walk of one member.
const ENTRIES: &str = "100";

/// Most entries of one lot.
const ENTRIES_MAX: usize = 5_000;

/// Largest file that the page takes back.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Entries of each kind that wait for a decision and are shown at once.
const WAITING_SHOWN: usize = 25;

/// Fewest characters of a reason.
const REASON_MIN: usize = 10;

/// The classes of the commission's rows whose proposed act is that the local commission verifies.
#[must_use]
pub fn field_classes() -> Vec<ReconciliationClass> {
    let verifies = |class: &ReconciliationClass| Act::of(*class) == Act::Verify;
    ReconciliationClass::ALL
        .iter()
        .copied()
        .filter(verifies)
        .collect()
}

fn shown(visit: &Visit<'_>, typed: &HandOut<'_>) -> Answered {
    let shown = visit.office.store.field_progress(&field_classes())?;
    let page = field::progress(visit, &shown, visit.office.today(), typed);
    Ok(Answer::page(page, typed.wrong.is_some()))
}

pub(crate) fn progress(visit: &Visit<'_>) -> Answered {
    let typed = HandOut {
        entries: ENTRIES,
        ..HandOut::default()
    };
    shown(visit, &typed)
}

/// Makes lots of everything that is in none yet.
pub(crate) fn hand_out(visit: &Visit<'_>) -> Answered {
    let (due_text, entries_text) = (visit.field("due").trim(), visit.field("entries").trim());
    let typed = |wrong| HandOut {
        due: due_text,
        entries: entries_text,
        wrong,
    };
    let today = visit.office.today();
    let due = roll::claim::parse_date(due_text).filter(|due| *due >= today);
    let Some(due) = due else {
        return shown(visit, &typed(Some(("due", visit.t("conflict.due_wrong")))));
    };
    let entries: Option<usize> = entries_text.parse().ok();
    let Some(entries_max) = entries.filter(|n| (1..=ENTRIES_MAX).contains(n)) else {
        let said = visit.t("fieldwork.entries_wrong");
        return shown(visit, &typed(Some(("entries", said))));
    };
    let terms = FieldTerms {
        verify: field_classes(),
        due,
        entries_max,
    };
    let made = visit.office.store.make_field_lots(visit.look(), &terms)?;
    Ok(Answer::Go(match made.len() {
        0 => "/field?nothing=1".to_owned(),
        lots => format!("/field?made={lots}"),
    }))
}

/// The lots with deadline and progress, as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let shown = visit.office.store.field_progress(&field_classes())?;
    let head = [
        "lot", "precinct", "aimak", "made", "due", "entries", "open", "late", "conflict", "done",
        "sha256",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (lot, counts) in &shown.lots {
        let of = |progress| counts.get(&progress).copied().unwrap_or(0).to_string();
        rows.push(vec![
            lot.lot.to_string(),
            lot.precinct.map_or_else(String::new, |p| p.to_string()),
            lot.aimak.clone(),
            visit.date(lot.made_at).to_string(),
            lot.due.to_string(),
            lot.entries.to_string(),
            of(Progress::Open),
            of(Progress::Late),
            of(Progress::Conflict),
            of(Progress::Done),
            lot.sha256.clone(),
        ]);
    }
    Ok(as_file("field-lots.csv".to_owned(), &rows))
}

pub(crate) fn lot(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("lot")?;
    visit.within_budget()?;
    let page = visit.office.store.open_field_lot(visit.look(), number)?;
    let page = page.ok_or(Problem::NotFound)?;
    let only = match visit.asked("progress") {
        None => None,
        Some(code) => {
            let all = [
                Progress::Open,
                Progress::Late,
                Progress::Conflict,
                Progress::Done,
            ];
            let known = all
                .into_iter()
                .find(|progress| field::progress_code(*progress) == code);
            Some(known.ok_or(Problem::Unreadable)?)
        }
    };
    Ok(Answer::Page(field::lot(visit, &page, only)))
}

/// The file of a lot, byte for byte as it was handed out.
pub(crate) fn lot_file(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("lot")?;
    visit.within_budget()?;
    let file = visit.office.store.open_field_file(visit.look(), number)?;
    let mut once = Some(
        file.ok_or(Problem::NotFound)?
            .open(Purpose::Reconcile)
            .clone(),
    );
    Ok(Answer::Table {
        name: format!("field-lot-{number:05}.csv"),
        next: Box::new(move || Ok(once.take())),
    })
}

/// What the page of answers says beside what waits.
#[derive(Default)]
struct Said {
    taken: Option<Taken>,
    wrong_file: Option<String>,
    wrong: Option<((u32, u32), String)>,
}

fn answers_page(visit: &Visit<'_>, said: &Said) -> Answered {
    visit.within_budget()?;
    let store = &visit.office.store;
    let progress = store.field_progress(&field_classes())?;
    let waiting = store.open_field_disputes(visit.look(), WAITING_SHOWN)?;
    let today = visit.office.today();
    let overdue: Vec<(u32, u64, i32)> = progress
        .lots
        .iter()
        .filter(|(lot, _)| lot.due < today)
        .filter_map(|(lot, counts)| {
            let open = counts.get(&Progress::Open).copied().unwrap_or(0);
            let days = today.since(lot.due).map_or(0, |span| span.get_days());
            (open > 0).then_some((lot.lot, open, days))
        })
        .collect();
    let wrong = said.wrong.as_ref();
    let page = field_answers::page(
        visit,
        &Shown {
            waiting: &waiting,
            all: (progress.at(Progress::Conflict), progress.at(Progress::Late)),
            overdue: &overdue,
            taken: said.taken.as_ref(),
            wrong_file: said.wrong_file.as_deref(),
            wrong: wrong.map(|(entry, text)| (*entry, text.as_str())),
        },
    );
    Ok(Answer::page(
        page,
        said.wrong.is_some() || said.wrong_file.is_some(),
    ))
}

pub(crate) fn answers(visit: &Visit<'_>) -> Answered {
    answers_page(visit, &Said::default())
}

fn tone(state: Merged) -> Tone {
    match state {
        Merged::Taken => Tone::Ok,
        Merged::Repeated => Tone::Wait,
        Merged::Late => Tone::Warn,
        Merged::Contradicts | Merged::ChangedSince | Merged::Unknown => Tone::Stop,
    }
}

fn taken(visit: &Visit<'_>, report: FieldReport) -> Taken {
    let state = |(state, n): (&Merged, &u64)| {
        let words = visit.t(&format!("field_merged.{}", state.code()));
        (tone(*state), words, *n)
    };
    Taken {
        states: report.answers.iter().map(state).collect(),
        blank: report.left_blank,
        known: report.known,
        rejected: report.rejected,
        file: report.file,
    }
}

/// Takes a lot back, filled in.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let wrong = |text| Said {
        wrong_file: Some(text),
        ..Said::default()
    };
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(why) => return answers_page(visit, &wrong(wrong_file(visit, why))),
    };
    let today = visit.office.today();
    let said = match visit
        .office
        .store
        .take_field_answers(&visit.staff, &bytes, today)
    {
        Ok(report) => Said {
            taken: Some(taken(visit, report)),
            ..Said::default()
        },
        Err(FieldError::File(why)) => wrong(wrong_lot(visit, &why)),
        Err(FieldError::Store(error)) => return Err(error.into()),
    };
    answers_page(visit, &said)
}

/// Lets one of the answers about an entry stand.
pub(crate) fn decide(visit: &Visit<'_>) -> Answered {
    let number = |name: &str| -> Result<u32, Problem> {
        visit.field(name).parse().map_err(|_| Problem::Unreadable)
    };
    let entry = (number("lot")?, number("place")?);
    let wrong = |text| {
        let said = Said {
            wrong: Some((entry, text)),
            ..Said::default()
        };
        answers_page(visit, &said)
    };
    let Ok(chosen) = visit.field("chosen").parse::<u32>() else {
        return wrong(visit.t("field_decide.no_answer"));
    };
    let reason = visit.field("why").trim();
    if reason.chars().count() < REASON_MIN {
        return wrong(visit.t("field_decide.reason"));
    }
    let choice = Choice {
        entry,
        seen: number("seen")?,
        chosen,
        reason,
    };
    match visit.office.store.decide_field_entry(&visit.staff, choice) {
        Ok(()) => Ok(Answer::Go("/field/answers?done=1".to_owned())),
        Err(DecideError::NoEntry) => Err(Problem::NotFound),
        Err(DecideError::Store(error)) => Err(error.into()),
        Err(
            why @ (DecideError::NothingToDecide | DecideError::Changed | DecideError::NoSuchAnswer),
        ) => wrong(visit.t(&format!("field_decide.{}", why.code()))),
    }
}
