//! How the kits' devices stand: what this one says to the others, and what it heard of them. Shown to people, and told to
//! the support desk; no act rests on it.

use lexicon::Instant;
use lexicon::handover::envelope::Kid;
use pollbook::{DeviceStates, Reading, identified};

use super::{Alarm, Kit};
use crate::machine::Battery;
use crate::printer::Supply;

/// A kit is told as lost after so many times the law's silence.
const LOST_TIMES: u64 = 6;
/// What the queue's estimate looks back on, microseconds.
const PACE_MICROS: i64 = 30 * 60_000_000;

/// When a peer was last heard, and what it said of its devices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// By this kit's steady clock, microseconds.
    pub steady: u64,
    /// By this kit's wall clock.
    pub wall: Instant,
    /// Of its devices; `None` from a kit of before.
    pub devices: Option<DeviceStates>,
}

impl Heard {
    pub(super) fn now(reading: Reading, devices: Option<DeviceStates>) -> Self {
        Self {
            steady: reading.steady_micros,
            wall: reading.wall,
            devices,
        }
    }
}

/// The battery that a kit said.
pub(crate) fn battery_of(devices: &DeviceStates) -> Option<Battery> {
    let is_draining = devices.is_draining;
    devices.battery.map(|percent| Battery {
        percent,
        is_draining,
    })
}

impl Kit {
    /// The battery now; `None` on a machine without one. Reads its files.
    pub(super) fn battery(&self) -> Option<Battery> {
        crate::machine::battery(self.supplies.get()?)
    }

    /// The printer's paper, as [`DeviceStates::paper`].
    fn paper_now(&self) -> u8 {
        match self.printer() {
            Ok(Supply::Enough) => 0,
            Ok(Supply::Low) => 1,
            Err(_) => 2,
        }
    }

    /// How this kit's devices stand. Reads the battery's files.
    #[must_use]
    pub fn device_states(&self) -> DeviceStates {
        let battery = self.battery();
        DeviceStates {
            paper: self.paper_now(),
            battery: battery.map(|battery| battery.percent),
            is_draining: battery.is_some_and(|battery| battery.is_draining),
            pending: u16::try_from(self.pending_receipts().len()).unwrap_or(u16::MAX),
        }
    }

    /// How a kit's devices stand, and when it was last heard; of this kit now.
    #[must_use]
    pub fn devices_of(&self, kit: Kid) -> (Option<DeviceStates>, Option<Instant>) {
        if kit == self.me {
            return (Some(self.device_states()), Some(self.clock.read().wall));
        }
        let heard = self.desk().heard.get(&kit).copied();
        (
            heard.and_then(|heard| heard.devices),
            heard.map(|heard| heard.wall),
        )
    }

    /// The number of a kit's last slip that is known here.
    #[must_use]
    pub fn last_receipt_of(&self, kit: Kid) -> u32 {
        super::medium::last_receipt(&self.desk().book, kit)
    }

    /// Voters whom all kits identified in the last half hour; `None` in the first half hour of the day.
    #[must_use]
    pub fn pace(&self) -> Option<u32> {
        let now = self.clock.read().wall.micros();
        if now < self.charter.policy().opens + PACE_MICROS {
            return None;
        }
        let desk = self.desk();
        let kits = self.charter.kits().iter();
        let acts = kits.flat_map(|kit| {
            // From the newest back: what is older is not looked at.
            let head = desk.book.head(*kit).seq;
            let rows = (1..=head).rev().map_while(|seq| desk.book.event(*kit, seq));
            rows.take_while(|act| act.hlc.moment().micros() >= now - PACE_MICROS)
                .filter(|act| identified(act).is_some())
        });
        Some(u32::try_from(acts.count()).unwrap_or(u32::MAX))
    }

    /// Alarms of the kits' devices, and of kits that fell silent.
    pub(super) fn device_alarms(&self, alarms: &mut Vec<Alarm>) {
        let now = self.clock.read().steady_micros;
        // Not all of its states: the count of pending slips goes over the whole list.
        let own = (self.paper_now(), self.battery());
        let silence = u64::from(self.charter.policy().peer_stale_seconds) * LOST_TIMES * 1_000_000;
        let desk = self.desk();
        for kit in self.charter.kits() {
            if desk.book.standing().retirement(*kit).is_some() || desk.book.closed(*kit).is_some() {
                continue;
            }
            let name = self.charter.kit_name(*kit);
            let (paper, battery) = if *kit == self.me {
                own
            } else {
                let heard = desk.heard.get(kit);
                if heard.is_some_and(|heard| now.saturating_sub(heard.steady) > silence) {
                    alarms.push(Alarm::Peer(name));
                    continue;
                }
                let Some(devices) = heard.and_then(|heard| heard.devices) else {
                    continue;
                };
                (devices.paper, battery_of(&devices))
            };
            if paper == 1 {
                alarms.push(Alarm::Paper(name.clone()));
            }
            if let Some(battery) = battery.filter(|battery| battery.is_low()) {
                alarms.push(Alarm::Battery(name, battery.percent));
            }
        }
    }
}
