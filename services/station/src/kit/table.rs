//! The scanned ballot table: a slip is read, the voter signs the line, the ballot's event is on disk, the ballot is given.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use pollbook::{Act, BallotTable, Refusal, TableRight, identified};

use super::{ActError, Card, Desk, Kit, ReceiptAnswer};

/// A slip that stands: signed by a kit of this precinct, not void, its act counted.
#[derive(Clone, Debug)]
pub struct Slip {
    /// The signed event that its QR holds.
    pub act: Arc<Act>,
    /// Line on the paper list.
    pub line: u32,
    /// Its page.
    pub page: u32,
    /// `K2-0139`.
    pub receipt: String,
}

/// What the kit says of a slip at a scanned ballot table.
#[derive(Clone, Debug)]
pub enum TableAnswer {
    /// It stands: the voter signs the line. Nothing is written yet.
    Sign(Slip),
    /// It stands, and two officers look at the line and the stubs first.
    Officers(Slip),
    /// The ballot is given: its event is on disk.
    Given(Slip),
    /// No slip to give a ballot for, each forgery with its own code (S-12).
    No(ReceiptAnswer),
    /// The slip may be good, and this table gives no ballot for it now.
    Refused {
        /// Why, and what shows it.
        refusal: Refusal,
        /// The slip.
        slip: Slip,
    },
}

impl Kit {
    /// Whether slips are scanned at the ballot table and its acts are events.
    #[must_use]
    pub fn is_table_scanned(&self) -> bool {
        self.charter.ballot_table() == BallotTable::Scanned
    }

    /// Looks at a slip: the text of its QR. Nothing is written.
    ///
    /// Cost: one signature check; a kit that is in touch with the others asks none. A check-in that is not known
    /// here is asked for at the kit that signed it, at most 3 s.
    #[must_use]
    pub fn show_slip(&self, qr: &str) -> TableAnswer {
        let act = match self.read_slip(qr) {
            Ok(act) => Arc::new(act),
            Err(answer) => return no(answer),
        };
        let is_known = |kit: &Self| kit.read(|book| book.state(act.body.line()).counted.is_some());
        if !is_known(self) && act.name.kit != self.me {
            let _ = self.sync(act.name.kit);
        }
        let slip = self.slip(act);
        let reading = self.clock.read();
        let mut desk = self.desk();
        let right = desk.book.at_table(&slip.act, reading);
        match right {
            Ok(TableRight::Clear { .. }) => TableAnswer::Sign(slip),
            Ok(TableRight::Officers) => TableAnswer::Officers(slip),
            Err(refusal) => self.table_refusal(&desk, slip, refusal),
        }
    }

    /// The voter signed the line: LINE_SIGNED, then BALLOT_ISSUED, each on disk; only then is the ballot given.
    ///
    /// INVARIANT (durable first): [`TableAnswer::Given`] is said after the sync of BALLOT_ISSUED has returned.
    ///
    /// # Errors
    /// [`ActError::Storage`]; the ballot is not given.
    pub fn sign_line(&self, slip: &Slip) -> Result<TableAnswer, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let ask = match desk.book.at_table(&slip.act, reading) {
            Ok(TableRight::Clear { ask, .. }) => ask,
            Ok(TableRight::Officers) => return Ok(TableAnswer::Officers(slip.clone())),
            Err(refusal) => return Ok(self.table_refusal(&desk, slip.clone(), refusal)),
        };
        let draft = match desk.book.sign_line(&slip.act, reading) {
            Ok(draft) => draft,
            Err(refusal) => return Ok(self.table_refusal(&desk, slip.clone(), refusal)),
        };
        let signed = self.commit(&mut desk, draft)?;
        let mut holders = Vec::new();
        if !ask.is_empty() {
            // Peers' questions are answered meanwhile.
            drop(desk);
            holders.extend(
                ask.into_iter()
                    .filter(|kit| self.holds(*kit, signed.name.seq)),
            );
            desk = self.desk();
        }
        let reading = self.clock.read();
        let given = desk.book.give_ballot(&slip.act, false, &holders, reading);
        let draft = match given {
            Ok(draft) => draft,
            Err(refusal) => {
                tracing::warn!(reason = %refusal.reason, "a line was signed and no ballot given: two officers decide");
                return Ok(TableAnswer::Officers(slip.clone()));
            }
        };
        self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(TableAnswer::Given(slip.clone()))
    }

    /// RESUME at the ballot table: two officers looked at line and stubs, no ballot was given; it is given now.
    ///
    /// # Errors
    /// [`ActError::Officers`] when the cards may not sign this together, [`ActError::Refused`] when the slip is no
    /// longer two officers' matter, [`ActError::Storage`]. The ballot is not given.
    pub fn resume_ballot(&self, slip: &Slip, cards: &[&dyn Card]) -> Result<TableAnswer, ActError> {
        let kids: Vec<Kid> = self.signers(cards).iter().map(|card| card.kid()).collect();
        self.may_sign(&kids).map_err(pollbook::DraftError::from)?;
        let reading = self.clock.read();
        let mut desk = self.desk();
        match desk.book.at_table(&slip.act, reading) {
            Ok(TableRight::Officers) => {}
            Ok(TableRight::Clear { .. }) => return Ok(TableAnswer::Sign(slip.clone())),
            Err(refusal) => return Ok(self.table_refusal(&desk, slip.clone(), refusal)),
        }
        if !desk.book.has_signed(&slip.act) {
            let draft = desk
                .book
                .sign_line(&slip.act, reading)
                .map_err(|refusal| self.refused(&refusal))?;
            self.commit(&mut desk, draft)?;
        }
        let draft = desk
            .book
            .give_ballot(&slip.act, true, &[], self.clock.read())
            .map_err(|refusal| self.refused(&refusal))?;
        let draft = self.consented(draft, cards)?;
        self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(TableAnswer::Given(slip.clone()))
    }

    /// The paper line bore a signature before the voter could sign: on record, no ballot.
    ///
    /// # Errors
    /// [`ActError::Storage`].
    pub fn refuse_at_table(&self, slip: &Slip) -> Result<TableAnswer, ActError> {
        let refused = self.refuse(slip.line, RefusalReason::LineSigned)?;
        Ok(TableAnswer::Refused {
            refusal: refused.refusal,
            slip: slip.clone(),
        })
    }

    /// Whether the act that stands against a voter is this kit's own and its ballot was given: two officers may undo
    /// it when the ballot lies before them (S-29).
    #[must_use]
    pub fn may_take_ballot_back(&self, refused: &super::Refused) -> bool {
        let evidence = refused.refusal.evidence.as_ref();
        evidence.is_some_and(|act| act.name.kit == self.me && identified(act).is_some())
            && self.read(|book| !book.state(refused.line).ballots.is_empty())
    }

    /// Has a kit take what this one wrote up to `seq`, and hears what it knows.
    fn holds(&self, kit: Kid, seq: u32) -> bool {
        if self.sync(kit).is_err() {
            return false;
        }
        let desk = self.desk();
        let held = desk.peer_heads.get(&kit);
        let mut heads = held.iter().flat_map(|held| &held.heads);
        heads.any(|head| *head.kit == self.me.0 && head.seq >= seq)
    }

    fn slip(&self, act: Arc<Act>) -> Slip {
        let line = act.body.line();
        Slip {
            line,
            page: self.voter(line).map_or(0, |voter| voter.page),
            receipt: self.receipt_name(&act),
            act,
        }
    }

    /// A refusal in the words of S-12 where it is one of its classes.
    fn table_refusal(&self, desk: &Desk, slip: Slip, refusal: Refusal) -> TableAnswer {
        let state = desk.book.state(slip.line);
        let is_other = identified(&slip.act).is_some()
            && state.counted.is_some()
            && !desk.book.is_slip_counted(&slip.act);
        if refusal.reason == RefusalReason::BallotIssued {
            let at = refusal.evidence.as_ref().map(|act| act.hlc.moment());
            return no(ReceiptAnswer::AlreadyUsed { at });
        }
        if refusal.reason == RefusalReason::NotIdentified && is_other {
            return no(ReceiptAnswer::AlreadyUsed { at: None });
        }
        tracing::warn!(reason = %refusal.reason, "no ballot is given for a slip now");
        TableAnswer::Refused { refusal, slip }
    }
}

/// Logged by its code, without what the slip says.
fn no(answer: ReceiptAnswer) -> TableAnswer {
    tracing::warn!(code = answer.code(), "a receipt was not taken");
    TableAnswer::No(answer)
}
