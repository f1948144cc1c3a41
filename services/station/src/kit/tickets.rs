//! Tickets for the support desk: an alarm that the desk must know about comes out of a kit as a paper with a number (S-19).
//!
//! A station has no internet: somebody reads the number out over the telephone, or shows the code. The number is worked
//! out from the cause alone, so that every kit gives the same and the desk opens one ticket however often it is told.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use lexicon::handover::ticket::{DIGITS, KIT_CHARS, Ticket, may_name};

use super::{Alarm, Kit};
use crate::disk::Disk;
use crate::lines::LineFile;
use crate::print::{self, TicketPaper};

/// Numbers that this kit printed: `K1.tickets`, one a line.
pub(super) struct Tickets {
    file: LineFile,
    printed: BTreeSet<String>,
}

impl Tickets {
    /// Reads what was printed before.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn read(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<Self> {
        let (file, lines) = LineFile::read(disk, path)?;
        let printed = lines
            .iter()
            .map(|line| line.trim().to_owned())
            .filter(|number| number.len() == DIGITS)
            .collect();
        Ok(Self { file, printed })
    }
}

impl Kit {
    /// The ticket of an alarm: the same on every kit, whenever it is asked.
    #[must_use]
    pub fn ticket(&self, alarm: &Alarm) -> Ticket {
        let precinct = self.charter.manifest().precinct;
        let plain = |c| if may_name(c) { c } else { '-' };
        let mut kit: String = alarm.subject().chars().map(plain).take(KIT_CHARS).collect();
        if kit.is_empty() && alarm.cause().is_of_a_kit() {
            kit.push('-');
        }
        Ticket::new(precinct, alarm.cause(), &kit)
            .expect("an alarm is of a kit exactly where its cause is, and the name was made fit")
    }

    /// The number of an alarm's ticket, 8 hexadecimal digits in capitals.
    #[must_use]
    pub fn ticket_number(&self, alarm: &Alarm) -> String {
        self.ticket(alarm).number(self.charter.manifest().election)
    }

    /// Prints a ticket for each alarm that has none yet. Of the kits in touch the first by name prints; apart, each side
    /// does, and the number tells that it is one. What did not come out is tried again at the next call.
    pub fn issue_tickets(&self) {
        self.issue_tickets_for(self.alarms());
    }

    /// The same for given alarms and for what is in doubt. What only this kit can see it prints itself.
    pub(crate) fn issue_tickets_for(&self, mut alarms: Vec<Alarm>) {
        let speaks = self.speaks_for_station();
        if speaks {
            alarms.extend(self.doubts());
        }
        // The operator sees the monitor better than the desk.
        alarms.retain(|alarm| {
            *alarm != Alarm::Monitor && (speaks || matches!(alarm, Alarm::Foreign(_)))
        });
        if alarms.is_empty() {
            return;
        }
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        for alarm in alarms {
            let number = self.ticket_number(&alarm);
            if tickets.printed.contains(&number) {
                continue;
            }
            let paper = TicketPaper {
                heading: self.heading(),
                at: self.clock.read().wall,
                text: self.ticket(&alarm).text(self.charter.manifest().election),
                number: number.clone(),
                alarm,
            };
            if let Err(error) = self.printer.print(&print::ticket(&paper)) {
                tracing::warn!(%error, "a ticket for the support desk was not printed");
                return;
            }
            if let Err(error) = tickets.file.add(&number) {
                tracing::warn!(%error, "that a ticket was printed is not on the disk");
            }
            tickets.printed.insert(number);
        }
    }

    fn speaks_for_station(&self) -> bool {
        let kits = self.kits();
        let there = kits
            .iter()
            .filter(|kit| kit.is_me || (kit.is_reachable && kit.heir.is_none()));
        there
            .map(|kit| (&kit.name, kit.is_me))
            .min()
            .is_some_and(|(_, is_me)| is_me)
    }
}
