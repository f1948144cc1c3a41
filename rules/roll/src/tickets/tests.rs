#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn at(minute: i64) -> Instant {
    Instant::from_micros(minute * MINUTE_MICROS)
}

fn step(act: TicketAct, staff: &str, minute: i64) -> TicketStep {
    TicketStep {
        act,
        staff: staff.to_owned(),
        at: at(minute),
        note: String::new(),
    }
}

#[test]
fn a_cause_told_twice_is_one_ticket_and_told_after_it_was_solved_it_is_open_anew() {
    use TicketAct::{Solved, Taken, Told};
    assert_eq!(TicketState::of(&[]), None);
    assert_eq!(
        TicketState::of(&[step(Solved, "a", 1)]),
        None,
        "nobody told"
    );
    let mut steps = vec![step(Told, "a", 0), step(Told, "b", 5), step(Taken, "c", 9)];
    let state = TicketState::of(&steps).unwrap();
    assert_eq!((state.opened, state.told, state.reopened), (at(0), 2, 0));
    let by = |name: &str, minute| TicketStanding::InWork {
        by: name.to_owned(),
        since: at(minute),
    };
    assert_eq!(state.standing, by("c", 9));
    steps.push(step(Told, "a", 10));
    assert_eq!(
        TicketState::of(&steps).unwrap().standing,
        by("c", 9),
        "told again while somebody works changes nobody's work"
    );
    steps.push(step(Solved, "c", 20));
    let solved = TicketState::of(&steps).unwrap();
    assert_eq!(solved.standing, TicketStanding::Solved { at: at(20) });
    steps.push(step(Told, "a", 50));
    let again = TicketState::of(&steps).unwrap();
    assert_eq!(
        (
            again.standing.clone(),
            again.opened,
            again.told,
            again.reopened
        ),
        (TicketStanding::Open, at(50), 4, 1)
    );
}

#[test]
fn the_clock_runs_from_the_opening_and_stops_with_the_solution() {
    use TicketAct::{Solved, Told};
    let open = TicketState::of(&[step(Told, "a", 0), step(Told, "a", 25)]).unwrap();
    assert_eq!(open.minutes_left(30, at(10)), 20);
    assert!(!open.is_late(30, at(30)) && open.is_late(30, at(31)));
    assert_eq!(open.minutes_left(30, at(45)), -15);
    let done = TicketState::of(&[step(Told, "a", 0), step(Solved, "a", 12)]).unwrap();
    assert!(!done.is_late(30, at(500)));
    assert_eq!(done.minutes_left(30, at(500)), 18);
}

#[test]
fn a_step_that_does_not_follow_is_refused() {
    use TicketAct::{Solved, Taken, Told};
    let open = TicketState::of(&[step(Told, "a", 0)]).unwrap();
    assert_eq!(open.may(Taken, "a", ""), Ok(()));
    assert_eq!(open.may(Solved, "a", "  .  "), Err(TicketRefused::NoNote));
    assert_eq!(open.may(Solved, "a", "lens wiped"), Ok(()));
    let work = TicketState::of(&[step(Told, "a", 0), step(Taken, "b", 1)]).unwrap();
    assert_eq!(work.may(Taken, "b", ""), Err(TicketRefused::Taken));
    assert_eq!(
        work.may(Taken, "c", ""),
        Ok(()),
        "the next shift takes over"
    );
    let done = TicketState::of(&[step(Told, "a", 0), step(Solved, "b", 1)]).unwrap();
    for act in [Taken, Solved] {
        assert_eq!(done.may(act, "a", "lens wiped"), Err(TicketRefused::Solved));
    }
    assert_eq!(done.may(Told, "a", ""), Ok(()));
    for act in TicketAct::ALL {
        assert_eq!(TicketAct::from_code(act.code()), Some(act));
    }
}
