//! A printer that is known not to print: no voter is checked in before it does, or before the chair allows that
//! slips come later (S-10).

use std::sync::atomic::Ordering;

use crate::kit::ActError;
use crate::printer::PrinterError;
use crate::scene::{ChairError, OneCard, Station};

impl Station {
    /// Why the next slip would not come out, unless the chair allowed that slips come later. Asks a printer that
    /// was in trouble anew: its paper may have been put in a moment ago.
    pub(crate) fn printer_in_the_way(&self) -> Option<PrinterError> {
        let kit = self.kit()?;
        let known = kit.printer();
        let told = known.or_else(|_| kit.look_at_printer());
        if told.is_ok() {
            self.slips_later.store(false, Ordering::SeqCst);
        }
        told.err().filter(|_| !self.are_slips_later())
    }

    /// Whether the chair allowed that slips come later; ends by itself when the printer prints again.
    #[must_use]
    pub fn are_slips_later(&self) -> bool {
        self.slips_later.load(Ordering::SeqCst)
    }

    /// The chair's card allows check-ins whose slips stay pending until the printer prints.
    ///
    /// # Errors
    /// [`ChairError::Card`]; [`ChairError::Nothing`] when the printer is in order.
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
        tracing::warn!("slips come later, by the chair's card");
        self.slips_later.store(true, Ordering::SeqCst);
        self.tell();
        Ok(())
    }

    /// Asks the printer how it stands; screens are told when that changed.
    pub(crate) fn watch_printer(&self) {
        let Some(kit) = self.kit() else { return };
        let before = kit.printer();
        let now = kit.look_at_printer();
        if now.is_ok() {
            self.slips_later.store(false, Ordering::SeqCst);
        }
        if before != now {
            self.tell();
        }
    }
}
