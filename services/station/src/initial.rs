//! What the initial report says of things that only the station knows: what is plugged in, the seal on the spare key.

use lexicon::handover::report::DeviceSaid;

use crate::scene::{ChairError, Station, TwoCards};

impl Station {
    /// Makes the initial report; `seal` is the number on the spare key's seal as the chair typed it, or nothing.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn initial(&self, seal: &str, cards: &TwoCards) -> Result<(), ChairError> {
        if let Some(kit) = self.kit() {
            let mut devices = vec![device("PRINTER", kit.printer_kind())];
            let scanner = self.scanner.name();
            // No driver that the kit drives tells a living finger from a copy of one.
            devices.push(device(
                "SCANNER",
                if scanner.is_empty() { "—" } else { &scanner },
            ));
            devices.extend(self.camera_kind().map(|kind| device("CAMERA", kind)));
            kit.tell_for_initial(devices, seal);
        }
        self.report(pollbook::ReportKind::Initial, cards)
    }
}

fn device(role: &str, name: &str) -> DeviceSaid {
    DeviceSaid {
        role: role.to_owned(),
        name: name.to_owned(),
        checks_life: false,
    }
}
