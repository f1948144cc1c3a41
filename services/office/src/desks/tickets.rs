//! The support desk: tickets of stations entered from paper or a telephone, listed with their clocks, taken and solved.

use roll::tickets::{TicketAct, TicketRefused, TicketState};
use store::StoreError;

use super::hours::as_file;
use crate::pages::tickets::{self as page, All, Entry};
use crate::tickets::{EntryRefused, ShownTicket, SupportTerms, TicketDesk, shown};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most characters of a note.
const NOTE_CHARS: usize = 400;

fn all(visit: &Visit<'_>) -> Result<Vec<ShownTicket>, Problem> {
    let office = visit.office;
    let (desk, rows) = office.store.read("tickets", |tx| {
        let desk = TicketDesk::read(tx, &office.law)?;
        Ok::<_, StoreError>((desk, tx.tickets()?))
    })?;
    Ok(shown(rows, &desk, &SupportTerms::kg(), office.now()))
}

fn show(visit: &Visit<'_>, entry: Option<&Entry>) -> Answered {
    let tickets = all(visit)?;
    let page = page::all(
        visit,
        &All {
            tickets: &tickets,
            is_everything: visit.asked("show") == Some("all"),
            region: visit.asked("region"),
            entry,
        },
    );
    Ok(Answer::page(page, entry.is_some()))
}

pub(crate) fn list(visit: &Visit<'_>) -> Answered {
    show(visit, None)
}

/// Takes what a station told: a new ticket, or one more telling of a known one.
pub(crate) fn enter(visit: &Visit<'_>) -> Answered {
    let (precinct, number) = (visit.field("precinct"), visit.field("number"));
    let office = visit.office;
    let kept = office.store.transact("tell_ticket", &visit.staff, |tx| {
        let desk = TicketDesk::read(tx, &office.law)?;
        let ticket = match desk.judge(precinct, number) {
            Ok(ticket) => ticket,
            Err(refused) => return Ok::<Result<_, EntryRefused>, StoreError>(Err(refused)),
        };
        let number = ticket.number(office.law.election.number);
        tx.record_ticket_step(&ticket, &number, TicketAct::Told, "")?;
        Ok(Ok((ticket.precinct(), number)))
    })?;
    match kept {
        Ok((precinct, number)) => Ok(Answer::Go(format!("/tickets/{precinct}/{number}?told=1"))),
        Err(refused) => show(
            visit,
            Some(&Entry {
                precinct: precinct.to_owned(),
                number: number.to_owned(),
                refused,
            }),
        ),
    }
}

fn find(visit: &Visit<'_>) -> Result<ShownTicket, Problem> {
    let precinct: u16 = visit.parsed("precinct")?;
    let number = visit.part("number")?;
    let mut tickets = all(visit)?.into_iter();
    tickets
        .find(|one| one.row.ticket.precinct() == precinct && one.row.number == number)
        .ok_or(Problem::NotFound)
}

fn show_one(visit: &Visit<'_>, refused: Option<TicketRefused>) -> Answered {
    let page = page::one(visit, &find(visit)?, refused);
    Ok(Answer::page(page, refused.is_some()))
}

pub(crate) fn one(visit: &Visit<'_>) -> Answered {
    show_one(visit, None)
}

/// Takes a ticket into work, or says what was done and solves it.
pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let known = find(visit)?;
    let act = match visit.field("act") {
        "taken" => TicketAct::Taken,
        "solved" => TicketAct::Solved,
        _ => return Err(Problem::Unreadable),
    };
    let note: String = visit
        .field("note")
        .trim()
        .chars()
        .take(NOTE_CHARS)
        .collect();
    let (ticket, number) = (&known.row.ticket, known.row.number.as_str());
    let done = visit
        .office
        .store
        .transact("ticket_step", &visit.staff, |tx| {
            // Where it stands now, not when the page was drawn: two of the desk may look at one ticket.
            let rows = tx.tickets()?;
            let row = rows.iter().find(|row| row.ticket == *ticket);
            let state = row.and_then(|row| TicketState::of(&row.steps));
            if let Some(Err(refused)) = state.map(|state| state.may(act, &visit.staff, &note)) {
                return Ok::<_, StoreError>(Err(refused));
            }
            tx.record_ticket_step(ticket, number, act, &note)?;
            Ok(Ok(()))
        })?;
    match done {
        Ok(()) => Ok(Answer::Go(format!(
            "/tickets/{}/{number}?done={}",
            ticket.precinct(),
            act.code()
        ))),
        Err(refused) => show_one(visit, Some(refused)),
    }
}

/// Every ticket, as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let head = "precinct,region,number,cause,kit,standing,opened,due,minutes_left,minutes_late,told,reopened,solved,note";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for one in all(visit)? {
        let solved = match one.state.standing {
            roll::tickets::TicketStanding::Solved { at } => at.to_string(),
            roll::tickets::TicketStanding::Open | roll::tickets::TicketStanding::InWork { .. } => {
                String::new()
            }
        };
        let note = one
            .row
            .steps
            .iter()
            .rev()
            .find(|step| !step.note.is_empty());
        rows.push(vec![
            format!("{:04}", one.row.ticket.precinct()),
            one.region,
            one.row.number.clone(),
            one.row.ticket.cause().code().to_owned(),
            one.row.ticket.kit().to_owned(),
            one.state.standing.code().to_owned(),
            one.state.opened.to_string(),
            one.due.to_string(),
            one.left.max(0).to_string(),
            one.left.min(0).unsigned_abs().to_string(),
            one.state.told.to_string(),
            one.state.reopened.to_string(),
            solved,
            note.map_or_else(String::new, |step| step.note.clone()),
        ]);
    }
    Ok(as_file("tickets.csv".to_owned(), &rows))
}
