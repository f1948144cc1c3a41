//! What was counted on paper after the close, as two officers enter it.

use std::sync::Arc;

use pollbook::{Act, PaperTotals, TotalsRefused};

use super::{ActError, Card, Kit};

impl Kit {
    /// Enters signatures and ballots as two officers counted them; a correction says why, and what was entered before stays.
    ///
    /// # Errors
    /// [`ActError::Unexplained`] when a number differs and `difference` is no reason, [`ActError::Correction`],
    /// [`ActError::Refused`] before the close, [`ActError::Officers`], [`ActError::Storage`].
    pub fn enter_totals(
        &self,
        totals: PaperTotals,
        difference: &str,
        correction: &str,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .enter_totals(totals, difference, correction, reading);
        let draft = draft.map_err(|refused| match refused {
            TotalsRefused::Refused(refusal) => self.refused(&refusal),
            TotalsRefused::Unexplained(differences) => ActError::Unexplained(differences),
            TotalsRefused::Correction => ActError::Correction,
        })?;
        self.sign_and_tell(&mut desk, draft, cards)
    }
}
