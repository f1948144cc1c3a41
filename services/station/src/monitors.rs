//! The monitors that show this kit: how many listen now, and an address of their own for one on another device (S-33).
//!
//! The address of its own is read only and names nobody: neither photograph nor name leaves the kit over the cable.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use lexicon::handover::package::DeviceRules;

use crate::kit::{Alarm, Kit};
use crate::scene::Station;

/// How many monitors listen.
#[derive(Debug, Default)]
pub(crate) struct Monitors {
    listening: AtomicUsize,
    /// Whether one was there since the start.
    was_there: AtomicBool,
    /// Looks in a row that found it lost: a page that is loaded anew is away for a moment.
    lost_looks: AtomicUsize,
}

/// One monitor's stream; it is counted until this is dropped.
pub(crate) struct Listening(Arc<Monitors>);

impl Monitors {
    pub(crate) fn listen(self: &Arc<Self>) -> Listening {
        self.listening.fetch_add(1, Ordering::SeqCst);
        self.was_there.store(true, Ordering::SeqCst);
        Listening(Arc::clone(self))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.listening.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Station {
    /// Whether a monitor was there since the start and none is now: its page does not listen, or its cable was pulled.
    #[must_use]
    pub fn is_monitor_lost(&self) -> bool {
        let is_page_lost = self.monitors.was_there.load(Ordering::SeqCst)
            && self.monitors.listening.load(Ordering::SeqCst) == 0;
        is_page_lost || self.attached.is_screen_lost()
    }

    /// Whether the law lets nobody be identified while the monitor is lost, and it is.
    pub(crate) fn is_monitor_in_the_way(&self) -> bool {
        let Some(kit) = self.kit() else { return false };
        let rules = kit.charter().policy().devices;
        rules.unwrap_or(DeviceRules::BEFORE).monitor_blocks && self.is_monitor_lost()
    }

    /// Looks at what is attached, once a second: a monitor that stays lost and a keyboard that may not be there are
    /// recorded, once each time.
    pub(crate) fn watch_attached(&self) {
        let kit = self.kit();
        let settings = kit
            .as_ref()
            .and_then(|kit| kit.charter().manifest().settings.as_ref());
        let allowed = settings.map_or(&[][..], |told| &told.devices);
        let change = self.attached.look(kit.is_some(), allowed);
        let Some(kit) = kit else { return };
        for keyboard in &change.foreign {
            tracing::warn!(
                vendor = keyboard.vendor,
                product = keyboard.product,
                "a keyboard that was not handed out was attached"
            );
            note(&kit, "FOREIGN_DEVICE");
        }
        if !self.is_monitor_lost() {
            self.monitors.lost_looks.store(0, Ordering::SeqCst);
        } else if self.monitors.lost_looks.fetch_add(1, Ordering::SeqCst) == LOST_LOOKS {
            tracing::warn!("the monitor is lost");
            note(&kit, "MONITOR_LOST");
        }
    }

    /// The kit's alarms and those of its devices.
    pub(crate) fn alarms(&self, kit: &Kit) -> Vec<Alarm> {
        let mut alarms = kit.alarms();
        if self.is_monitor_lost() {
            alarms.push(Alarm::Monitor);
        }
        if !self.attached.foreign().is_empty() {
            alarms.push(Alarm::Foreign(kit.name()));
        }
        alarms
    }
}

/// Looks after which a monitor that is lost is recorded.
const LOST_LOOKS: usize = 3;

/// Records what a device did, while the kit works.
fn note(kit: &Kit, code: &str) {
    let is_closed = kit.read(|book| book.closed(book.me()).is_some());
    if is_closed {
        return;
    }
    if let Err(error) = kit.note_device(code) {
        tracing::error!(code, %error, "what a device did was not recorded");
    }
}
