//! Lines whose number perhaps two people have: the finger that came was read well and is not the line's (S-15).

use std::collections::BTreeMap;

use lexicon::{Instant, RefusalReason};
use pollbook::Body;

use super::{ActError, Alarm, Kit};
use crate::print::{self, ProtocolPaper};

/// One refusal of such a finger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtedTry {
    /// The kit, `K1`.
    pub kit: String,
    /// When.
    pub at: Instant,
    /// Captures tried.
    pub captures: u8,
}

/// A line with such refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtedLine {
    /// The line.
    pub line: u32,
    /// Its page.
    pub page: u32,
    /// Its refusals, in the order of the events.
    pub tries: Vec<DoubtedTry>,
    /// Whether somebody was marked on it.
    pub is_marked: bool,
}

impl Kit {
    /// Lines on which a finger was read well and was not the line's, by line.
    #[must_use]
    pub fn doubted_lines(&self) -> Vec<DoubtedLine> {
        let code = RefusalReason::FingerMismatch.code();
        let mut lines: BTreeMap<u32, (Vec<DoubtedTry>, bool)> = BTreeMap::new();
        self.read(|book| {
            for act in book.events() {
                let Body::Refused(body) = &act.body else {
                    continue;
                };
                if body.reason == code && body.line > 0 {
                    let of_line = lines.entry(body.line).or_default();
                    of_line.1 = book.state(body.line).counted.is_some();
                    of_line.0.push(DoubtedTry {
                        kit: self.charter.kit_name(act.name.kit),
                        at: act.hlc.moment(),
                        captures: body.attempts,
                    });
                }
            }
        });
        let lines = lines.into_iter();
        lines
            .map(|(line, (tries, is_marked))| DoubtedLine {
                line,
                page: self.voter(line).map_or(0, |voter| voter.page),
                tries,
                is_marked,
            })
            .collect()
    }

    /// Prints the chair's protocol of such a line: the kits' facts, and room for what people say and decide.
    ///
    /// # Errors
    /// [`ActError::NoLine`] for a line without such a refusal, [`ActError::Printer`].
    pub fn print_protocol(&self, line: u32) -> Result<(), ActError> {
        let mut doubted = self.doubted_lines().into_iter();
        let doubted = doubted.find(|doubted| doubted.line == line);
        let paper = ProtocolPaper {
            heading: self.heading(),
            at: self.clock.read().wall,
            doubted: doubted.ok_or(ActError::NoLine(line))?,
            ticket: self.ticket_number(&Alarm::Mismatch),
        };
        Ok(self.printer.print(&print::protocol(&paper))?)
    }
}
