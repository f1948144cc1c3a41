//! The monitors that show this kit: how many listen now, and an address of their own for one on another device (S-33).
//!
//! The address of its own is read only and names nobody: neither photograph nor name leaves the kit over the cable.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::kit::{Alarm, Kit};
use crate::scene::Station;

/// How many monitors listen.
#[derive(Debug, Default)]
pub(crate) struct Monitors {
    listening: AtomicUsize,
    /// Whether one was there since the start.
    was_there: AtomicBool,
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
    /// Whether a monitor was there since the start and none is now.
    #[must_use]
    pub fn is_monitor_lost(&self) -> bool {
        self.monitors.was_there.load(Ordering::SeqCst)
            && self.monitors.listening.load(Ordering::SeqCst) == 0
    }

    /// The kit's alarms and those of its devices.
    pub(crate) fn alarms(&self, kit: &Kit) -> Vec<Alarm> {
        let mut alarms = kit.alarms();
        if self.is_monitor_lost() {
            alarms.push(Alarm::Monitor);
        }
        alarms
    }
}
