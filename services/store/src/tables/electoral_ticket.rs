//! Tables `electoral_ticket` and `electoral_ticket_step`: what stations told the support desk, one ticket a cause, and what
//! was done with it. Rows never change.

use std::collections::BTreeMap;

use lexicon::handover::ticket::{Cause, Ticket};
use roll::tickets::{TicketAct, TicketStep};

use crate::engine::values;
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// A ticket with everything that was done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// Precinct, cause, kit.
    pub ticket: Ticket,
    /// Its number, 8 hexadecimal digits.
    pub number: String,
    /// In the order of their recording; never empty.
    pub steps: Vec<TicketStep>,
}

impl Tx<'_> {
    /// Keeps a step of a ticket; the first one keeps the ticket as well.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_ticket_step(
        &mut self,
        ticket: &Ticket,
        number: &str,
        act: TicketAct,
        note: &str,
    ) -> Result<(), StoreError> {
        let precinct = u32::from(ticket.precinct());
        self.execute(
            "INSERT INTO electoral_ticket (precinct, number, cause, kit) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (precinct, number) DO NOTHING",
            values![precinct, number, ticket.cause().code(), ticket.kit()],
        )?;
        let step: i64 = self.next_number("SELECT MAX(step) FROM electoral_ticket_step")?;
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_ticket_step (step, precinct, number, act, note, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![step, precinct, number, act.code(), note, staff, at],
        )?;
        let body = format!(
            "{step} {precinct:04} {number} {} {} {} {note}",
            ticket.cause().code(),
            ticket.kit(),
            act.code()
        );
        self.journal_bytes(Journal::Electoral, None, "ticket_step", body.into_bytes())
            .map(|_| ())
    }

    /// Every ticket with its steps, by precinct and number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn tickets(&mut self) -> Result<Vec<TicketRow>, StoreError> {
        let mut steps: BTreeMap<(u16, String), Vec<TicketStep>> = BTreeMap::new();
        self.each(
            "SELECT precinct, number, act, note, staff, at FROM electoral_ticket_step ORDER BY step",
            Vec::new(),
            |row| {
                let of = (row.number(0)?, row.text(1)?.to_owned());
                steps.entry(of).or_default().push(TicketStep {
                    act: row.code(2, TicketAct::from_code)?,
                    note: row.text(3)?.to_owned(),
                    staff: row.text(4)?.to_owned(),
                    at: lexicon::Instant::from_micros(row.int(5)?),
                });
                Ok(())
            },
        )?;
        self.collect(
            "SELECT precinct, number, cause, kit FROM electoral_ticket ORDER BY precinct, number",
            Vec::new(),
            |row| {
                let number = row.text(1)?.to_owned();
                let precinct = row.number(0)?;
                let (cause, kit) = (row.code(2, Cause::from_code)?, row.text(3)?);
                let ticket = Ticket::new(precinct, cause, kit);
                Ok(TicketRow {
                    steps: steps
                        .remove(&(precinct, number.clone()))
                        .unwrap_or_default(),
                    ticket: ticket.map_err(|_| StoreError::Stored { column: 3 })?,
                    number,
                })
            },
        )
    }
}
