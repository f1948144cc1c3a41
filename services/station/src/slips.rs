//! A printer that is known not to print: no voter is checked in before it does, or before the chair allows that
//! slips come later (S-10).

use std::sync::atomic::Ordering;

use crate::kit::ActError;
use crate::printer::{PrinterError, Supply};
use crate::scene::{ChairError, OneCard, Station};

impl Station {
    /// Why the next slip would not come out, unless the chair allowed that slips come later. Asks a printer that
    /// was in trouble anew: its paper may have been put in a moment ago.
    pub(crate) fn printer_in_the_way(&self) -> Option<PrinterError> {
        let kit = self.kit()?;
        let told = self.heard(kit.printer().or_else(|_| kit.look_at_printer()));
        told.err().filter(|_| !self.are_slips_later())
    }

    /// A printer that prints ends the chair's leave.
    fn heard(&self, told: Result<Supply, PrinterError>) -> Result<Supply, PrinterError> {
        if told.is_ok() {
            self.slips_later.store(false, Ordering::SeqCst);
        }
        told
    }

    /// Whether the chair allowed that slips come later; ends by itself when the printer prints again.
    #[must_use]
    pub fn are_slips_later(&self) -> bool {
        self.slips_later.load(Ordering::SeqCst)
    }

    /// The chair's card allows check-ins whose slips stay pending until the printer prints.
    ///
    /// # Errors
    /// [`ChairError::Card`]; [`ChairError::Act`] for any other card; [`ChairError::Nothing`] when the printer is in order.
    pub fn allow_slips_later(&self, card: &OneCard) -> Result<(), ChairError> {
        let kit = self.kit().ok_or(ChairError::Nothing)?;
        let steady = kit.read_clock().steady_micros;
        let key = self.cards.unlock(&card.kid, &card.passphrase, steady)?;
        kit.charter()
            .approve_chair(&[key.kid()])
            .map_err(|error| ChairError::Act(ActError::Officers(error.into())))?;
        if kit.look_at_printer().is_ok() {
            return Err(ChairError::Nothing);
        }
        kit.let_slips_come_later(&*key)?;
        self.slips_later.store(true, Ordering::SeqCst);
        self.tell();
        Ok(())
    }

    /// Asks the printer how it stands; screens are told when that changed.
    pub(crate) fn watch_printer(&self) {
        let Some(kit) = self.kit() else { return };
        let before = kit.printer();
        if self.heard(kit.look_at_printer()) != before {
            self.tell();
        }
    }
}
