//! Voting at home (S-22, S-23): visits with the mobile kit, the register that equals the events, the chair's release.

use std::sync::Arc;

use lexicon::handover::envelope::Signer;
use lexicon::{Instant, Method, RefusalReason};
use pollbook::{Act, Book, CheckIn, identified};

use super::acts::{REASONS_TWO, Seen};
use super::{ActError, Card, Kit, Outcome, Verdict};
use crate::capture::Capture;
use crate::print::{self, HomeMark, HomePaper, HomeRow};

/// What a visit came to.
#[derive(Clone, Copy, Debug)]
pub enum Visit<'a> {
    /// A finger on the glass; two officers witness.
    Finger(&'a Capture),
    /// No finger can be read: two officers witness by photograph and document; a reason of the station's list.
    Witness(&'a str),
    /// Nobody there, or no wish to vote.
    NotFound,
}

/// How a line of the home list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeState {
    /// Reserved: not visited yet.
    Reserved,
    /// Visited, and not found.
    NotFound,
    /// Voted at home: the receipt and the moment.
    Voted(String, Instant),
    /// The chair released it for the hall.
    Released,
    /// Voted in the hall after the release.
    Hall(String, Instant),
}

/// A line of the home list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeLine {
    /// Line on the list.
    pub line: u32,
    /// Page.
    pub page: u32,
    /// The mobile kit in whose share it lies.
    pub kit: String,
    /// How it stands.
    pub state: HomeState,
}

impl Kit {
    /// Whether this is a mobile kit: it serves the home list and nobody else.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.charter.is_mobile(self.me)
    }

    /// The frozen home list with how each line stands.
    #[must_use]
    pub fn home_list(&self) -> Vec<HomeLine> {
        let rows: Vec<(u32, HomeState, String)> = self.read(|book| {
            let lines = book.home_lines().iter();
            lines
                .map(|line| {
                    let kit = book.mobile_owner(*line);
                    let kit = kit.map_or_else(String::new, |kit| self.charter.kit_name(kit));
                    (*line, self.home_state(book, *line), kit)
                })
                .collect()
        });
        rows.into_iter()
            .map(|(line, state, kit)| HomeLine {
                line,
                page: self.voter(line).map_or(0, |voter| voter.page),
                kit,
                state,
            })
            .collect()
    }

    fn home_state(&self, book: &Book, line: u32) -> HomeState {
        let state = book.state(line);
        match &state.counted {
            Some(act) => {
                let (receipt, at) = (self.slip_name(act), act.hlc.moment());
                let method = identified(act).map_or(Method::Home.number(), |body| body.method);
                if method == Method::Home.number() {
                    HomeState::Voted(receipt, at)
                } else {
                    HomeState::Hall(receipt, at)
                }
            }
            None if state.home_release.is_some() => HomeState::Released,
            None if state.not_found > 0 => HomeState::NotFound,
            None => HomeState::Reserved,
        }
    }

    /// The receipt's name, also of an act that was entered from paper.
    pub(crate) fn slip_name(&self, act: &Act) -> String {
        if let pollbook::Body::Reconstructed(body) = &act.body {
            let kit = lexicon::handover::envelope::Kid(*body.kit);
            return format!("{}-{:04}", self.charter.kit_name(kit), body.receipt);
        }
        self.receipt_name(act)
    }

    /// A visit with the mobile kit; two officers witness every act, with or without a finger.
    ///
    /// # Errors
    /// [`ActError::Officers`] when the cards may not sign this together, [`ActError::Refused`] on a kit that is not
    /// mobile; a refusal of the voter is a [`Verdict`].
    pub fn visit(
        &self,
        line: u32,
        visit: Visit<'_>,
        cards: &[&dyn Card],
    ) -> Result<Verdict, ActError> {
        self.voter(line).ok_or(ActError::NoLine(line))?;
        if !self.is_mobile() {
            return Err(ActError::Refused {
                reason: RefusalReason::HomeReserved,
                kit: None,
            });
        }
        self.approve(cards)?;
        if let Some(refused) = self.gate(line)? {
            return Ok(Verdict::Red(Box::new(refused)));
        }
        match visit {
            Visit::Finger(capture) => self.present_by(line, capture, Method::Home, cards),
            Visit::NotFound => {
                let refused = self.refuse(line, RefusalReason::HomeNotFound)?;
                Ok(Verdict::Red(Box::new(refused)))
            }
            Visit::Witness(reason) => {
                if !REASONS_TWO.contains(&reason) {
                    return Err(ActError::Reason(reason.to_owned()));
                }
                let check_in = CheckIn {
                    line,
                    method: Method::Home,
                    finger: None,
                    attempts: 0,
                    score_class: 0,
                    reason: reason.to_owned(),
                };
                Ok(match self.check_in(&check_in, Seen::Nothing, cards)? {
                    Outcome::Green(done) => Verdict::Green(done),
                    Outcome::Red(refused) => Verdict::Red(refused),
                })
            }
        }
    }

    /// Releases a line of the home list for the hall; the chair's card signs.
    ///
    /// # Errors
    /// [`ActError::Refused`] when the line is not reserved or voted already, [`ActError::Officers`] without the chair.
    pub fn release_home(&self, line: u32, chair: &dyn Card) -> Result<Arc<Act>, ActError> {
        self.voter(line).ok_or(ActError::NoLine(line))?;
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .release_home(line, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        let draft = draft.consented(&[chair as &dyn Signer])?;
        let act = self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(act)
    }

    /// Prints the home register: every line of the home list as the events have it.
    ///
    /// # Errors
    /// [`ActError::Printer`].
    pub fn print_home_register(&self) -> Result<(), ActError> {
        let rows = self.home_list().into_iter().map(|row| {
            let (mark, receipt, at) = match row.state {
                HomeState::Reserved => (HomeMark::Reserved, String::new(), None),
                HomeState::NotFound => (HomeMark::NotFound, String::new(), None),
                HomeState::Released => (HomeMark::Released, String::new(), None),
                HomeState::Voted(receipt, at) => (HomeMark::Voted, receipt, Some(at)),
                HomeState::Hall(receipt, at) => (HomeMark::Hall, receipt, Some(at)),
            };
            HomeRow {
                line: row.line,
                page: row.page,
                kit: row.kit,
                mark,
                receipt,
                at,
            }
        });
        let job = print::home_register(&HomePaper {
            heading: self.heading(),
            rows: rows.collect(),
        });
        Ok(self.printer.print(&job)?)
    }
}
