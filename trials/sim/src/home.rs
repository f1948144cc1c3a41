//! Voting at home in the simulated hall (S-22, S-23): Saturday's visits, and the chair's release on Sunday.

use lexicon::{FingerPosition, Method, RefusalReason};
use pollbook::{CheckIn, Step};

use crate::desk::TWO;
use crate::plan::At;
use crate::world::{Halt, World};

/// The chair's card.
const CHAIR: &[usize] = &[0];

impl World<'_> {
    /// Two members with the mobile kit at a voter's door.
    pub(crate) fn visit_home(&mut self, line: u32, found: At) -> Result<(), Halt> {
        let Some(mobile) = self.precinct.mobile() else {
            return Ok(());
        };
        if !self.is_working(mobile) {
            return Ok(());
        }
        let reading = self.reading(mobile);
        if found == At::NobodyThere {
            let book = &mut self.devices[mobile].book;
            let draft = book.refuse(line, RefusalReason::HomeNotFound, None, reading);
            self.commit(mobile, draft, &[])?;
            return Ok(());
        }
        if !self.is_signed(line)
            && let Some(person) = self.person_mut(line)
        {
            person.is_waiting = true;
        }
        let fits = found == At::Finger;
        let check_in = CheckIn {
            line,
            method: Method::Home,
            finger: fits.then(|| FingerPosition::new(2)).flatten(),
            attempts: u8::from(fits),
            score_class: 2,
            reason: if fits {
                String::new()
            } else {
                "NO_FINGERS".to_owned()
            },
        };
        match self
            .rules
            .check_in(&mut self.devices[mobile].book, &check_in, reading)
        {
            Ok(Step::Commit(draft)) => {
                let act = self.commit(mobile, draft, TWO)?;
                self.tell(|| "identified at home".to_owned());
                self.print(mobile, line, &act)
            }
            Ok(_) => Ok(()),
            Err(refusal) => {
                self.tell(|| format!("refused at home: {}", refusal.reason));
                self.tally.refusals += 1;
                Ok(())
            }
        }
    }

    /// The mobile kit comes back: it closes, tells the hall what it did, and is switched off.
    pub(crate) fn end_visits(&mut self) -> Result<(), Halt> {
        let Some(mobile) = self.precinct.mobile() else {
            return Ok(());
        };
        if !self.is_working(mobile) {
            return Ok(());
        }
        self.print_pending(mobile)?;
        self.close_mobile()?;
        self.heartbeat(mobile)?;
        self.go_down(mobile, true);
        Ok(())
    }

    pub(crate) fn close_mobile(&mut self) -> Result<(), Halt> {
        let Some(mobile) = self.precinct.mobile() else {
            return Ok(());
        };
        if !self.is_working(mobile) || self.devices[mobile].book.block().is_some() {
            return Ok(());
        }
        let reading = self.reading(mobile);
        if let Ok(draft) = self.devices[mobile].book.close(0, reading) {
            self.commit(mobile, draft, TWO)?;
        }
        Ok(())
    }

    /// The chair releases a line of the home list for the hall; says whether to try again.
    pub(crate) fn release_home(&mut self, at: usize, line: u32) -> Result<bool, Halt> {
        let reading = self.reading(at);
        let Ok(draft) = self.devices[at].book.release_home(line, reading) else {
            return Ok(false);
        };
        self.commit(at, draft, CHAIR)?;
        self.tell(|| "the chair releases the line for the hall".to_owned());
        Ok(true)
    }
}
