//! Officers' cards during the day: who holds the operator's screen, a card that was lost, the chair's leave for slips.

use std::sync::Arc;

use lexicon::handover::envelope::{Kid, Signer};
use pollbook::{Act, Draft, OfficersError};

use super::{ActError, Card, Kit};

/// Why a card is withdrawn, as codes.
pub const REASONS_CARD: &[&str] = &["CARD_LOST", "CARD_STOLEN", "PIN_KNOWN"];

/// An officer's card as the chair sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// The card's key id.
    pub kid: Kid,
    /// The holder as on reports.
    pub holder: String,
    /// Nominating body.
    pub body: String,
    /// When it was withdrawn, and by which kit; `None` while it is in force.
    pub withdrawn: Option<(lexicon::Instant, String)>,
}

impl Kit {
    /// The day, for dates inside numbers: that of the opening.
    pub(crate) fn today(&self) -> lexicon::Date {
        let policy = self.charter.policy();
        lexicon::Instant::from_micros(policy.opens).local_date(i64::from(policy.offset_minutes))
    }

    /// The officers' cards of the package, in its order, then those admitted since; those that it revokes are left out.
    #[must_use]
    pub fn cards(&self) -> Vec<CardView> {
        let desk = self.desk();
        let officers = self.charter.officers();
        officers
            .filter_map(|officer| {
                let kid = lexicon::handover::envelope::PublicKey(*officer.point).kid();
                self.charter.officer(kid)?;
                let withdrawn = desk.book.withdrawal(kid).map(|act| {
                    let by = self.charter.kit_name(act.name.kit);
                    (act.hlc.moment(), by)
                });
                Some(CardView {
                    kid,
                    holder: officer.name.clone(),
                    body: officer.body.clone(),
                    withdrawn,
                })
            })
            .collect()
    }

    /// Who holds the operator's screen; `None` before a card took it.
    #[must_use]
    pub fn operator(&self) -> Option<String> {
        let card = self.desk().book.shift(self.me)?;
        self.charter
            .officer(card)
            .map(|officer| officer.name.clone())
    }

    /// A card takes the operator's screen; one that holds it already only comes back. A kit that is stopped writes
    /// nothing: its screen says only that it is stopped.
    ///
    /// # Errors
    /// [`ActError::Officers`] for a card that is unknown or withdrawn.
    pub fn take_shift(&self, card: &dyn Card) -> Result<(), ActError> {
        let mut desk = self.desk();
        let kid = card.kid();
        let may = self
            .charter
            .approve_one(&[kid])
            .and_then(|()| desk.book.are_in_force(&[kid]));
        may.map_err(|error| ActError::Officers(error.into()))?;
        let is_new = desk.book.shift(self.me) != Some(kid);
        if !is_new || desk.book.block().is_some() || desk.is_storage_lost {
            return Ok(());
        }
        let draft = desk.book.take_shift(self.clock.read());
        self.sign_with(&mut desk, draft, &[card])?;
        Ok(())
    }

    /// Withdraws a card that was lost; two officers with other cards sign, and every kit refuses it once it knows.
    ///
    /// # Errors
    /// [`ActError::Reason`] for a reason outside [`REASONS_CARD`]; [`ActError::Officers`] when these two may not sign, the
    /// card is unknown or withdrawn, or those that are left could sign nothing more.
    pub fn withdraw_card(
        &self,
        card: Kid,
        reason: &str,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        if !REASONS_CARD.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let mut desk = self.desk();
        let left: Vec<Kid> = self
            .charter
            .officers()
            .map(|officer| lexicon::handover::envelope::PublicKey(*officer.point).kid())
            .filter(|kid| *kid != card && self.charter.officer(*kid).is_some())
            .filter(|kid| desk.book.withdrawal(*kid).is_none())
            .collect();
        let known = self.charter.officer(card).map(|_| ());
        let may = known
            .ok_or(OfficersError::Unknown(card))
            .and_then(|()| desk.book.are_in_force(&[card]))
            .and_then(|()| self.charter.approve(&left));
        may.map_err(|error| ActError::Officers(error.into()))?;
        let draft = desk.book.withdraw_card(card, reason, self.clock.read());
        self.sign_with(&mut desk, draft, cards)
    }

    /// The chair lets slips come later while the printer does not print.
    ///
    /// # Errors
    /// [`ActError::Officers`] for any other card.
    pub fn let_slips_come_later(&self, chair: &dyn Card) -> Result<Arc<Act>, ActError> {
        let mut desk = self.desk();
        let draft = desk.book.let_slips_come_later(self.clock.read());
        self.sign_with(&mut desk, draft, &[chair])
    }

    fn sign_with(
        &self,
        desk: &mut super::Desk,
        draft: Result<Draft, pollbook::Refusal>,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        let draft = draft.map_err(|refusal| self.refused(&refusal))?;
        let signers: Vec<&dyn Signer> = cards.iter().map(|card| *card as &dyn Signer).collect();
        let act = self.commit(desk, draft.consented(&signers)?)?;
        self.push();
        Ok(act)
    }

    /// Writes down the kits that fell silent or are heard again.
    ///
    /// # Errors
    /// [`ActError::Storage`].
    pub fn note_links(&self) -> Result<(), ActError> {
        let mut desk = self.desk();
        if desk.is_storage_lost {
            return Ok(());
        }
        while let Some(draft) = desk.book.link_change(self.clock.read()) {
            self.commit(&mut desk, draft)?;
        }
        Ok(())
    }
}
