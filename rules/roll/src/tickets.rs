//! Tickets of the support desk: where one stands, and until when the desk has to act (H-01, S-19).
//!
//! Nothing is overwritten: a ticket is the row of its steps. However often a station tells of one cause, it is one ticket;
//! told again after it was solved it is open anew, and its clock begins again.

use lexicon::Instant;

const MINUTE_MICROS: i64 = 60_000_000;

/// What is done with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketAct {
    /// A station told of it.
    Told,
    /// Somebody of the desk works on it.
    Taken,
    /// It is done, with a note of what was.
    Solved,
}

impl TicketAct {
    /// Every act.
    pub const ALL: [TicketAct; 3] = [TicketAct::Told, TicketAct::Taken, TicketAct::Solved];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TicketAct::Told => "told",
            TicketAct::Taken => "taken",
            TicketAct::Solved => "solved",
        }
    }

    /// The act with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }
}

/// One step, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketStep {
    /// What.
    pub act: TicketAct,
    /// Who of the desk.
    pub staff: String,
    /// When.
    pub at: Instant,
    /// What was found or done, in their words; empty where nothing was said.
    pub note: String,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketStanding {
    /// Nobody works on it.
    Open,
    /// Somebody does.
    InWork {
        /// Who.
        by: String,
        /// Since when.
        since: Instant,
    },
    /// It is done.
    Solved {
        /// When.
        at: Instant,
    },
}

impl TicketStanding {
    /// The code that pages and files show.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TicketStanding::Open => "open",
            TicketStanding::InWork { .. } => "in_work",
            TicketStanding::Solved { .. } => "solved",
        }
    }

    /// Every code.
    pub const CODES: [&'static str; 3] = ["open", "in_work", "solved"];
}

/// What the steps of a ticket come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketState {
    /// Where it stands.
    pub standing: TicketStanding,
    /// When it was told first, or first again after it had been solved: its clock runs from here.
    pub opened: Instant,
    /// How often it was told in all.
    pub told: u32,
    /// How often it was told again after it had been solved.
    pub reopened: u32,
}

/// Why a step does not follow: whoever made it looks at the ticket again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefused {
    /// Another of the desk works on it already.
    #[error("somebody works on it already")]
    Taken,
    /// It is done; the station has to tell of it again.
    #[error("the ticket is solved")]
    Solved,
    /// A ticket is solved with a note of what was done.
    #[error("a note of at least {NOTE_MIN} characters is needed")]
    NoNote,
}

impl TicketRefused {
    /// Every code.
    pub const CODES: [&'static str; 3] = ["taken", "solved", "no_note"];

    /// The code of its sentence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TicketRefused::Taken => "taken",
            TicketRefused::Solved => "solved",
            TicketRefused::NoNote => "no_note",
        }
    }
}

/// Fewest characters of the note that solves a ticket.
pub const NOTE_MIN: usize = 5;

impl TicketState {
    /// What steps in the order of their recording come to; `None` before a station has told of it.
    #[must_use]
    pub fn of(steps: &[TicketStep]) -> Option<Self> {
        let mut state: Option<TicketState> = None;
        for step in steps {
            match (&mut state, step.act) {
                (None, TicketAct::Told) => {
                    state = Some(TicketState {
                        standing: TicketStanding::Open,
                        opened: step.at,
                        told: 1,
                        reopened: 0,
                    });
                }
                (None, TicketAct::Taken | TicketAct::Solved) => {}
                (Some(state), TicketAct::Told) => {
                    state.told += 1;
                    if matches!(state.standing, TicketStanding::Solved { .. }) {
                        state.standing = TicketStanding::Open;
                        state.opened = step.at;
                        state.reopened += 1;
                    }
                }
                (Some(state), TicketAct::Taken) => {
                    state.standing = TicketStanding::InWork {
                        by: step.staff.clone(),
                        since: step.at,
                    };
                }
                (Some(state), TicketAct::Solved) => {
                    state.standing = TicketStanding::Solved { at: step.at };
                }
            }
        }
        state
    }

    /// Whether an account may take this step with this note.
    ///
    /// # Errors
    /// [`TicketRefused`].
    pub fn may(&self, act: TicketAct, staff: &str, note: &str) -> Result<(), TicketRefused> {
        match (act, &self.standing) {
            (TicketAct::Told, _) => Ok(()),
            (TicketAct::Taken | TicketAct::Solved, TicketStanding::Solved { .. }) => {
                Err(TicketRefused::Solved)
            }
            (TicketAct::Taken, TicketStanding::InWork { by, .. }) if by == staff => {
                Err(TicketRefused::Taken)
            }
            // Who goes home hands over: another may take it.
            (TicketAct::Taken, TicketStanding::InWork { .. } | TicketStanding::Open) => Ok(()),
            (TicketAct::Solved, TicketStanding::InWork { .. } | TicketStanding::Open) => {
                if note.trim().chars().count() < NOTE_MIN {
                    Err(TicketRefused::NoNote)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// When it has to be solved by, `minutes` after it was opened.
    #[must_use]
    pub fn due(&self, minutes: u32) -> Instant {
        self.opened.plus_micros(i64::from(minutes) * MINUTE_MICROS)
    }

    /// Minutes that are left, negative when its time is over; for a solved one those that were left then.
    #[must_use]
    pub fn minutes_left(&self, minutes: u32, now: Instant) -> i64 {
        let until = match self.standing {
            TicketStanding::Solved { at } => at,
            TicketStanding::Open | TicketStanding::InWork { .. } => now,
        };
        (self.due(minutes).micros() - until.micros()).div_euclid(MINUTE_MICROS)
    }

    /// Whether it is not solved and its time is over.
    #[must_use]
    pub fn is_late(&self, minutes: u32, now: Instant) -> bool {
        !matches!(self.standing, TicketStanding::Solved { .. }) && now > self.due(minutes)
    }
}

#[cfg(test)]
mod tests;
